"""Whole frames out of a stream: a header of fixed size that tells the size of the body, then the body.

The rule, in three ways: :meth:`FrameReader.next_frame` returns a frame, or ``None`` for "need more bytes", or raises
:class:`RemoteProtocolError` because the header cannot be right. After an error the reader is of no more use: where the
next frame would begin is not known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from fiscal.errors import RemoteProtocolError
from fiscal.wire.buffer import ReceiveBuffer


class Header(Protocol):
    """What the reader wants to know of a header."""

    @property
    def body_size(self) -> int:
        """Bytes of the body that follows, 0 for none."""
        ...


HeaderT = TypeVar("HeaderT", bound=Header)


class FrameReader(Generic[HeaderT]):
    """Cuts a stream into frames. ``parse_header`` gets ``header_size`` bytes and checks the size of the body that they
    announce against the protocol's limit, so the reader never waits for more than that.

    After :meth:`feed`, call :meth:`next_frame` until it returns ``None``.
    """

    __slots__ = ("_buffer", "_header", "_header_size", "_parse_header", "refused_header")

    def __init__(self, header_size: int, parse_header: Callable[[bytes], HeaderT]) -> None:
        self._header_size = header_size
        self._parse_header = parse_header
        self._buffer = ReceiveBuffer()
        self._header: HeaderT | None = None
        self.refused_header: bytes | None = None
        """The header that ``parse_header`` refused: the last thing that could be read."""

    def feed(self, data: bytes) -> None:
        """Add what was read."""
        self._buffer.append(data)

    def next_frame(self) -> tuple[HeaderT, bytes] | None:
        """The next header and its body; ``None`` when more bytes are needed; :class:`RemoteProtocolError`."""
        buffer = self._buffer
        data, at = buffer.data, buffer.at
        if not data:
            return None
        header = self._header
        if header is None:
            begin = at + self._header_size
            if begin > len(data):
                buffer.compact()
                return None
            raw = data[at:begin]
            if type(raw) is not bytes:
                raw = bytes(raw)
            try:
                header = self._parse_header(raw)
            except RemoteProtocolError:
                self.refused_header = raw
                raise
            buffer.at = at = begin
        end = at + header.body_size
        if end > len(data):
            self._header = header
            buffer.compact()
            return None
        self._header = None
        buffer.at = end
        body = data[at:end]
        if type(body) is not bytes:
            body = bytes(body)
        if end == len(data):
            buffer.data, buffer.at = b"", 0  # as compact() would
        return header, body

    @property
    def is_amid_frame(self) -> bool:
        """Whether a frame has begun and is not whole yet; meant to be asked when ``next_frame`` returned ``None``."""
        return self._header is not None or len(self._buffer.data) > 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing is kept of what was read: what comes next begins a frame."""
        return not self._buffer.data and self._header is None

    def clear(self) -> None:
        """Forget everything that came."""
        self._buffer = ReceiveBuffer()
        self._header = None
