"""Bytes that came and were not used yet.

The rule: what comes whole is never collected. A frame that arrives in one read is cut straight out of that read; only
the rest of a frame that comes in pieces is gathered, in a ``bytearray``, so that a peer who sends byte by byte costs
us its bytes and not their square.
"""

from __future__ import annotations


class ReceiveBuffer:
    """The bytes ``data[at:]``. Whoever uses some moves ``at``, then calls :meth:`compact` before waiting for more.

    After that it holds no reference to used bytes: an idle connection costs nothing but this object.
    """

    __slots__ = ("at", "data")

    def __init__(self) -> None:
        self.data: bytes | bytearray = b""
        self.at = 0

    def append(self, data: bytes) -> None:
        """Add what was read. ``data`` must not change afterwards, which ``bytes`` promise."""
        if not self.data:
            self.data = data
            return
        if not isinstance(self.data, bytearray):
            self.data = bytearray(self.data)
        self.data += data

    def compact(self) -> None:
        """Let go of the used bytes."""
        if self.at == len(self.data):
            self.data = b""
        elif self.at:
            self.data = self.data[self.at :]
        self.at = 0
