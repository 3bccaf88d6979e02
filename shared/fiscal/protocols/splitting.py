"""Frames in one direction of a connection, and whatever else is there.

The rule: no byte is lost. What cannot be a frame, and all that follows it, is given as it comes; what is cut off at the end
is given then.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from fiscal.errors import RemoteProtocolError
from fiscal.wire.reading import Header


class Framing(Protocol):
    """What a protocol has to tell of its frames, so that a stream can be cut into them."""

    @property
    def header_size(self) -> int:
        """Bytes of every frame's header."""
        ...

    def parse_header(self, data: bytes) -> Header:
        """The header in exactly ``header_size`` bytes; :class:`RemoteProtocolError` when no frame can begin so."""
        ...


class Frame(NamedTuple):
    """A whole frame."""

    header: Any
    body: bytes
    data: bytes
    """Header and body as they came."""


class Rest(NamedTuple):
    """Bytes that are no frame, and why, if it was only found out here."""

    data: bytes
    error: RemoteProtocolError | None = None


Piece = Frame | Rest

CUT_OFF = "cut_off"
"""The code of the error of a frame that has no end."""


class Splitter:
    """Feed it with what was read; it gives what has become whole."""

    __slots__ = ("_buffer", "_framing", "_header", "_is_lost")

    def __init__(self, framing: Framing) -> None:
        self._framing = framing
        self._buffer = bytearray()
        self._header: Any = None
        self._is_lost = False

    @property
    def is_amid_frame(self) -> bool:
        """Whether a frame has begun and is not whole."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[Piece]:
        """The pieces that end in these bytes."""
        if self._is_lost:
            return [Rest(data)]
        self._buffer += data
        found: list[Piece] = []
        size = self._framing.header_size
        while len(self._buffer) >= size:
            if self._header is None:
                try:
                    self._header = self._framing.parse_header(bytes(self._buffer[:size]))
                except RemoteProtocolError as error:
                    self._is_lost = True
                    found.append(Rest(self._take(len(self._buffer)), error))
                    break
            end = size + self._header.body_size
            if len(self._buffer) < end:
                break
            frame = self._take(end)
            found.append(Frame(self._header, frame[size:], frame))
            self._header = None
        return found

    def end(self) -> list[Piece]:
        """What is left when nothing more comes."""
        if not self._buffer:
            return []
        text = f"{len(self._buffer)} bytes of a frame that did not end"
        return [Rest(self._take(len(self._buffer)), RemoteProtocolError(CUT_OFF, "frame", text))]

    def _take(self, size: int) -> bytes:
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data
