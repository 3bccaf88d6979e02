"""The judge: says of any register and any operator what went wrong between them, each finding with its shortest proof.

Pure but for the readers: :mod:`mock_ofd.judge.ledger` reads the operator's ledger, :mod:`mock_ofd.judge.memory` a fiscal
memory of ours, :mod:`mock_ofd.judge.journal` what any other register has written down. All of them give
:class:`~mock_ofd.judge.events.Event`, which is all that :class:`~mock_ofd.judge.judgement.Judge` knows.
"""
