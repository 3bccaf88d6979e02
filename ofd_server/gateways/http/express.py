"""Requests that are known by their bytes: a register sends every document with the same header, but for its length.

The rule: only one whole request at a time goes past the library, and only when its header is, the digits of its length
aside, byte for byte one that the library has read over the same connection, and handed to its handler. What the library
made of the one is then true of the other. Everything else is the library's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from msgspec import Struct

_END: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"\r\ncontent-length[ \t]*:[ \t]*([^\r\n]*?)[ \t]*(?=\r\n)", re.IGNORECASE)
_TRANSFER: Final = re.compile(rb"\r\ntransfer-encoding[ \t]*:", re.IGNORECASE)
_LINE_ENDS: Final = b"\r\n"
_DIGITS_MAX: Final = 8
"""Digits of a length: the largest body that a listener may take has as many."""


class Head(NamedTuple):
    """A header around the digits of its length."""

    before: bytes
    after: bytes


def length_of(data: bytes) -> int:
    """How many of these bytes are the first request; 0 when it is not all there, or cannot be told."""
    end = data.find(_END)
    if end < 0 or data[:1] in _LINE_ENDS:
        return 0
    head = data[: end + 2]
    stated = _LENGTH.findall(head) or [b"0"]
    if len(stated) > 1 or not stated[0].isdigit() or len(stated[0]) > _DIGITS_MAX or _TRANSFER.search(head) is not None:
        return 0
    length = end + len(_END) + int(stated[0])
    return length if length <= len(data) else 0


def behind(data: bytes, length: int) -> bytes:
    """What is left behind a request of this length; line ends between two requests are nothing."""
    return data[length:].lstrip(_LINE_ENDS)


def head_of(data: bytes) -> Head | None:
    """The header of the request with a body that these bytes begin with; ``None`` without one."""
    head = data[: data.find(_END) + len(_END)]
    found = _LENGTH.search(head)
    return None if found is None else Head(head[: found.start(1)], head[found.end(1) :])


class Known(NamedTuple):
    """A request with a known header: how long its body is said to be, and what is there of it."""

    size: int
    body: bytes

    @property
    def is_whole(self) -> bool:
        """Whether the body is all there."""
        return len(self.body) == self.size


def known_by(data: bytes, head: Head) -> Known | None:
    """The one request with this header that these bytes are, or begin; ``None`` for anything else."""
    before, after = head
    if not data.startswith(before):
        return None
    begin = len(before)
    end = data.find(after, begin, begin + _DIGITS_MAX + len(after))
    if end < 0 or not data[begin:end].isdigit():
        return None
    found = Known(int(data[begin:end]), data[end + len(after) :])
    return found if len(found.body) <= found.size else None


class Asker(Protocol):
    """A connection with a request under way."""

    def tell(self, data: bytes) -> None:
        """The whole answer, to be written."""
        ...


class Asked(Protocol):
    """A request past the library."""

    def begin(self) -> None:
        """Ask; the answer may be told before this returns."""
        ...

    def leave(self) -> None:
        """Nobody waits for its answer any more."""
        ...


class Express(Struct, frozen=True):
    """How a connection asks once more what it has asked before: ``ask`` gives what is to be asked, or ``None`` when the
    library has to ask. ``patience_s`` is how long an answer is awaited that may never come.
    """

    head: Head
    ask: Callable[[bytes, Asker], Asked | None]
    patience_s: float


__all__ = ["Asked", "Asker", "Express", "Head", "Known", "behind", "head_of", "known_by", "length_of"]
