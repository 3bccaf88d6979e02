"""What a protocol must be able to do so that a session can speak it, and what may be wrong with what a peer sent.

The rule: a session knows messages and frames, a protocol knows bytes. Everything that a peer can do wrong has a code
in :class:`ErrorCode`; some errors are answered and the session goes on, others end it (:data:`FATAL`), because nobody
can tell any more where the next frame begins or which answer belongs to which request.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final, Protocol, TypeVar

from fiscal.domain.messages import Answer, RefusalCode, Refused, Request, SubmitDocument
from fiscal.errors import RemoteProtocolError

Message = Request | Answer


class ErrorCode(StrEnum):
    """What a peer did wrong: the ``code`` of every :class:`RemoteProtocolError` that parsing or a session raises."""

    BAD_MAGIC = "bad_magic"
    UNSUPPORTED_VERSION = "unsupported_version"
    BAD_FLAGS = "bad_flags"
    TOO_LARGE = "too_large"
    TRUNCATED = "truncated"
    WRONG_DIRECTION = "wrong_direction"
    REQUEST_NUMBER = "request_number"
    TOO_MANY_REQUESTS = "too_many_requests"
    UNEXPECTED_ANSWER = "unexpected_answer"
    BAD_ANSWER = "bad_answer"
    BAD_REQUEST = "bad_request"
    UNKNOWN_COMMAND = "unknown_command"
    HELLO_FIRST = "hello_first"
    SECOND_HELLO = "second_hello"
    BAD_MEDIA_TYPE = "bad_media_type"


ANSWERED: Final = frozenset(
    (
        ErrorCode.BAD_REQUEST,
        ErrorCode.UNKNOWN_COMMAND,
        ErrorCode.HELLO_FIRST,
        ErrorCode.SECOND_HELLO,
        ErrorCode.BAD_MEDIA_TYPE,
    )
)
"""Errors of one request: it is refused, and the session goes on."""
FATAL: Final = frozenset(ErrorCode) - ANSWERED
"""Errors of the session: it ends."""


def refusal_of(error: RemoteProtocolError) -> Refused:
    """How an operator tells a register what was wrong with its request, cut to the limits of an answer."""
    try:
        code = RefusalCode(error.code)
    except ValueError:
        code = RefusalCode.BAD_REQUEST
    return Refused(code=code, field=error.field[:1024], text=error.text[:1024])


class FrameHeader(Protocol):
    """What a session wants to know of a frame's header."""

    @property
    def body_size(self) -> int: ...
    @property
    def number(self) -> int:
        """The request that the frame is, or answers."""
        ...

    @property
    def is_answer(self) -> bool:
        """Whether the frame goes from the operator to the register."""
        ...


HeaderT = TypeVar("HeaderT", bound=FrameHeader)


class WireProtocol(Protocol[HeaderT]):
    """A protocol over a byte stream, one frame for each request and one for its answer. Stateless."""

    @property
    def name(self) -> str:
        """The word for it in addresses, tables and records."""
        ...

    @property
    def header_size(self) -> int:
        """Bytes of every frame's header."""
        ...

    def parse_header(self, data: bytes) -> HeaderT:
        """The header, from exactly ``header_size`` bytes; a :class:`RemoteProtocolError` of :data:`FATAL`."""
        ...

    def number_in(self, data: bytes) -> int | None:
        """The request number in a header that ``parse_header`` refused, so that it can be answered; ``None``: unknown."""
        ...

    def document_in(self, data: bytes, number: int) -> SubmitDocument | None:
        """The document in ``data`` when that is one whole frame with this number and nothing else; ``None``: look closer.

        Nearly everything that an operator reads is such a frame. What comes back is what ``parse`` would give.
        """
        ...

    def parse(self, header: HeaderT, body: bytes) -> Message:
        """The message; :class:`RemoteProtocolError` ``bad_request`` or ``unknown_command``, nothing else."""
        ...

    def serialize(self, message: Message, number: int) -> bytes:
        """The whole frame; :class:`LocalProtocolError` when the message does not fit into one."""
        ...

    @property
    def request_number_max(self) -> int:
        """The last request number of a session; after it comes 1 again."""
        ...

    def number_after(self, number: int) -> int:
        """The request number that follows ``number`` in a session; 0 stands before the first."""
        ...


AnyProtocol = WireProtocol[Any]
"""A protocol, when it does not matter which."""
