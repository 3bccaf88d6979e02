"""What the judge (:mod:`fiscal.judging`) reads: the journals of both sides, each as events.

:mod:`mock_ofd.judge.ledger` reads the operator's ledger, :mod:`mock_ofd.judge.memory` a fiscal memory of ours,
:mod:`mock_ofd.judge.journal` what any other register has written down, :mod:`mock_ofd.judge.traffic` recorded traffic.
All of them give :class:`~fiscal.judging.events.Event`, which is all that :class:`~fiscal.judging.judgement.Judge` knows.
"""
