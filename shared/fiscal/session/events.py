"""What a session tells its shell. Every event has happened; what follows from it is the shell's business."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from fiscal.domain.messages import Answer, Request
from fiscal.errors import RemoteProtocolError
from fiscal.time import Moment


class RequestReceived(Struct, frozen=True):
    """Operator: a request came whole, its last byte at ``received_at``. Answer it with ``send_answer(number, ...)``."""

    number: int
    message: Request
    received_at: Moment


class RequestRejected(Struct, frozen=True):
    """Operator: a request came that is none, or not now. Answer it with a refusal; the session goes on."""

    number: int
    error: RemoteProtocolError
    received_at: Moment


class AnswerReceived(Struct, frozen=True):
    """Register: the answer to request ``number`` came whole; ``late`` when it was reported overdue before."""

    number: int
    message: Answer
    received_at: Moment
    late: bool = False


class AnswerOverdue(Struct, frozen=True):
    """Register: the answer limit of request ``number`` has passed (S3-13). The answer may still come, and is late."""

    number: int


class ProtocolBroken(Struct, frozen=True):
    """The peer made an error after which the session cannot go on. Write what ``data_to_send`` has, then close."""

    error: RemoteProtocolError


class PeerClosed(Struct, frozen=True):
    """The peer sends no more. A register that closed its half still reads answers; an operator that closed is gone."""


class Quiet(StrEnum):
    """For what the operator waited in vain."""

    HELLO = "hello"
    REQUEST = "request"
    FRAME = "frame"
    END = "end"


class IdleTimedOut(Struct, frozen=True):
    """Operator: what had to come did not come in time. Write what ``data_to_send`` has, then close."""

    awaited: Quiet


Event = RequestReceived | RequestRejected | AnswerReceived | AnswerOverdue | ProtocolBroken | PeerClosed | IdleTimedOut
