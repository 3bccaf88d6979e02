"""Traffic between registers and an operator, written down, and played again.

:mod:`~fiscal.protocols.splitting` finds frames in bytes, :mod:`~mock_ofd.traffic.recording` is the file that they are
written to, :mod:`~mock_ofd.traffic.proxy` stands between both sides and writes it, :mod:`~mock_ofd.traffic.replaying`
plays the registers' side of it, :mod:`~mock_ofd.traffic.differing` compares answers. What a frame says is told by
:mod:`fiscal.protocols.transcript`, so that nothing here knows any protocol.
"""
