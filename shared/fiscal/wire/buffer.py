"""Bytes that came and were not used yet.

The rule: what comes whole is never copied. A frame that arrives in one read is cut straight out of that read; only
the rest of a frame that comes in pieces is collected, in a ``bytearray``, so that a peer who sends byte by byte
costs us its bytes and not their square.
"""

from __future__ import annotations


class ReceiveBuffer:
    """A queue of bytes: :meth:`append` at the end, :meth:`take` from the front.

    Holds no reference to used bytes: an idle connection costs nothing but this object.
    """

    __slots__ = ("_at", "_data")

    def __init__(self) -> None:
        self._data: bytes | bytearray = b""
        self._at = 0

    def __len__(self) -> int:
        return len(self._data) - self._at

    def append(self, data: bytes) -> None:
        """Add what was read. ``data`` must not change afterwards, which ``bytes`` promise."""
        if self._at == len(self._data):
            self._data, self._at = data, 0
            return
        if not isinstance(self._data, bytearray):
            self._data = bytearray(memoryview(self._data)[self._at :])
        elif self._at:
            del self._data[: self._at]
        self._at = 0
        self._data += data

    def take(self, size: int) -> bytes:
        """The next ``size`` bytes; there must be as many."""
        begin = self._at
        end = begin + size
        data = self._data
        assert end <= len(data), "more was taken than came"
        taken = data[begin:end]
        if end == len(data):
            self._data, self._at = b"", 0
        else:
            self._at = end
        return bytes(taken)

    def compact(self) -> None:
        """Let go of used bytes: after this the buffer keeps alive only what is still to be taken."""
        if self._at:
            self._data = bytearray(memoryview(self._data)[self._at :])
            self._at = 0

    def clear(self) -> None:
        """Forget everything."""
        self._data, self._at = b"", 0
