"""The life of a document and of a register, as two tables.

The rule: nothing else in the software moves a document or a register from one state to another. A cell that is not in
a table is a move that does not exist; asking for it raises :class:`IllegalTransition`, which is a defect of the caller.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from fiscal.errors import LocalProtocolError


class IllegalTransition(LocalProtocolError):
    """The table has no such move."""


class DocumentState(StrEnum):
    """Where a document stands. The word after the underscore says that it was issued autonomously, which never ends."""

    SAVED = "saved"
    SAVED_AUTONOMOUS = "saved_autonomous"
    DELIVERED = "delivered"
    DELIVERED_AUTONOMOUS = "delivered_autonomous"
    REFUSED = "refused"
    REFUSED_AUTONOMOUS = "refused_autonomous"
    VOIDED = "voided"
    VOIDED_AUTONOMOUS = "voided_autonomous"


class DocumentEvent(StrEnum):
    """What may happen to a document after it was saved."""

    MADE_AUTONOMOUS = "made_autonomous"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    RETRIED = "retried"
    VOIDED = "voided"


_D, _E = DocumentState, DocumentEvent
DOCUMENT_TABLE: Final[Mapping[tuple[DocumentState, DocumentEvent], DocumentState]] = {
    (_D.SAVED, _E.MADE_AUTONOMOUS): _D.SAVED_AUTONOMOUS,
    (_D.SAVED, _E.ACCEPTED): _D.DELIVERED,
    (_D.SAVED, _E.REFUSED): _D.REFUSED,
    (_D.SAVED_AUTONOMOUS, _E.ACCEPTED): _D.DELIVERED_AUTONOMOUS,
    (_D.SAVED_AUTONOMOUS, _E.REFUSED): _D.REFUSED_AUTONOMOUS,
    (_D.REFUSED, _E.RETRIED): _D.SAVED,
    (_D.REFUSED, _E.VOIDED): _D.VOIDED,
    (_D.REFUSED_AUTONOMOUS, _E.RETRIED): _D.SAVED_AUTONOMOUS,
    (_D.REFUSED_AUTONOMOUS, _E.VOIDED): _D.VOIDED_AUTONOMOUS,
}


class RegisterMode(StrEnum):
    """How a register works (S3-01). A blocked register sells nothing; an autonomous one goes on sending its queue."""

    ONLINE = "online"
    AUTONOMOUS = "autonomous"
    BLOCKED = "blocked"
    BLOCKED_AUTONOMOUS = "blocked_autonomous"


class RegisterEvent(StrEnum):
    """What moves a register from mode to mode."""

    WENT_AUTONOMOUS = "went_autonomous"
    QUEUE_EMPTIED = "queue_emptied"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"


_M, _R = RegisterMode, RegisterEvent
REGISTER_TABLE: Final[Mapping[tuple[RegisterMode, RegisterEvent], RegisterMode]] = {
    (_M.ONLINE, _R.WENT_AUTONOMOUS): _M.AUTONOMOUS,
    (_M.ONLINE, _R.BLOCKED): _M.BLOCKED,
    (_M.AUTONOMOUS, _R.QUEUE_EMPTIED): _M.ONLINE,
    (_M.AUTONOMOUS, _R.BLOCKED): _M.BLOCKED_AUTONOMOUS,
    (_M.BLOCKED, _R.UNBLOCKED): _M.ONLINE,
    (_M.BLOCKED, _R.WENT_AUTONOMOUS): _M.BLOCKED_AUTONOMOUS,
    (_M.BLOCKED_AUTONOMOUS, _R.QUEUE_EMPTIED): _M.BLOCKED,
    (_M.BLOCKED_AUTONOMOUS, _R.UNBLOCKED): _M.AUTONOMOUS,
}


class BlockReason(StrEnum):
    """Why a register sells nothing."""

    BY_OPERATOR = "by_operator"
    REFUSED_DOCUMENT = "refused_document"
    TOO_LONG_AUTONOMOUS = "too_long_autonomous"
    MEMORY_BEHIND = "memory_behind"
    OPERATOR_BEHIND = "operator_behind"
    REJECTED_CREDENTIALS = "rejected_credentials"


class AutonomousReason(StrEnum):
    """Why a register went autonomous: the three triggers of S3-12 to S3-14, and the unpaid operator (S3-02)."""

    NO_CONNECTION = "no_connection"
    LATE_ANSWER = "late_answer"
    LOW_POWER = "low_power"
    UNPAID = "unpaid"
    QUEUE_NOT_EMPTY = "queue_not_empty"


def move_document(state: DocumentState, event: DocumentEvent) -> DocumentState:
    """Where the event takes the document; :class:`IllegalTransition` when the table has no such move."""
    try:
        return DOCUMENT_TABLE[state, event]
    except KeyError:
        raise IllegalTransition(f"a document that is {state} cannot be {event}") from None


def move_register(mode: RegisterMode, event: RegisterEvent) -> RegisterMode:
    """Where the event takes the register; :class:`IllegalTransition` when the table has no such move."""
    try:
        return REGISTER_TABLE[mode, event]
    except KeyError:
        raise IllegalTransition(f"a register that is {mode} knows no {event}") from None
