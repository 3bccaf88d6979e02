"""What a register says of itself as codes, so that whoever shows it can say it in the reader's language.

The rule: every text that a register makes for people has a code beside it: why an exchange did not succeed, why it sells
nothing, what it tells the cashier, why it refuses an order. The code names the case, the text keeps the details. A code
that the reader does not know is shown as its text; so a code may be added at any time, and is never given another
meaning. A code with a colon belongs to a family, whose members are those of an enumeration of the domain.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from fiscal.domain.lifecycle import AutonomousReason, BlockReason
from fiscal.domain.messages import RefusalCode
from fiscal.errors import (
    ConfigurationError,
    DeliveryError,
    DiskFull,
    FiscalError,
    InvalidValue,
    LocalProtocolError,
    NotDelivered,
    ProtocolError,
    RemoteProtocolError,
    StorageBusy,
    StorageCorrupt,
    StorageError,
    Undeliverable,
)
from kkt_client.core.errors import (
    DocumentRefused,
    KeyReused,
    MemoryStopped,
    NotEnoughCash,
    NothingToResolve,
    RegisterBlocked,
    RegisterClosed,
    ShiftExpired,
    ShiftNotOpen,
)
from kkt_client.core.records import AnomalyCode


class Said(StrEnum):
    """Every code."""

    # Why an exchange with the operator did not succeed.
    CONNECTION_REFUSED = "connection_refused"
    CONNECTION_LOST = "connection_lost"
    CONNECT_FAILED = "connect_failed"
    CONNECT_TIMEOUT = "connect_timeout"
    HOST_UNKNOWN = "host_unknown"
    HOST_UNREACHABLE = "host_unreachable"
    NO_ANSWER = "no_answer"
    ANSWER_TOO_LATE = "answer_too_late"
    ASKED_TO_WAIT = "asked_to_wait"
    OPERATOR_ERROR = "operator_error"
    PROTOCOL_BROKEN = "protocol_broken"
    UNEXPECTED_ANSWER = "unexpected_answer"
    CANNOT_BE_SENT = "cannot_be_sent"
    STILL_BLOCKED = "still_blocked"
    NO_POWER = "no_power"

    # What the register tells the cashier.
    CAME_BACK = "came_back"
    UNBLOCKED = "unblocked"
    EVENTS_MISSED = "events_missed"
    DOCUMENT_MOVED = "document_moved"

    # Why an order is refused.
    INVALID_VALUE = "invalid_value"
    SHIFT_EXPIRED = "shift_expired"
    SHIFT_NOT_OPEN = "shift_not_open"
    NOT_ENOUGH_CASH = "not_enough_cash"
    NOTHING_TO_RETURN = "nothing_to_return"
    KEY_REUSED = "key_reused"
    NOTHING_TO_RESOLVE = "nothing_to_resolve"
    NOT_DELIVERED = "not_delivered"
    REGISTER_CLOSED = "register_closed"
    CONFIGURATION = "configuration"
    DISK_FULL = "disk_full"
    MEMORY_FAILED = "memory_failed"
    FAILED = "failed"

    # Why a register works without its operator.
    AUTONOMOUS_NO_CONNECTION = "autonomous:no_connection"
    AUTONOMOUS_LATE_ANSWER = "autonomous:late_answer"
    AUTONOMOUS_LOW_POWER = "autonomous:low_power"
    AUTONOMOUS_UNPAID = "autonomous:unpaid"
    AUTONOMOUS_QUEUE_NOT_EMPTY = "autonomous:queue_not_empty"

    # Why a register sells nothing.
    BLOCKED_BY_OPERATOR = "blocked:by_operator"
    BLOCKED_REFUSED_DOCUMENT = "blocked:refused_document"
    BLOCKED_TOO_LONG_AUTONOMOUS = "blocked:too_long_autonomous"
    BLOCKED_MEMORY_BEHIND = "blocked:memory_behind"
    BLOCKED_OPERATOR_BEHIND = "blocked:operator_behind"
    BLOCKED_REJECTED_CREDENTIALS = "blocked:rejected_credentials"

    # Why the operator refused what it was asked.
    REFUSED_BAD_REQUEST = "refused:bad_request"
    REFUSED_BAD_TOTALS = "refused:bad_totals"
    REFUSED_UNKNOWN_REGISTER = "refused:unknown_register"
    REFUSED_WRONG_TOKEN = "refused:wrong_token"  # noqa: S105 - the name of a code, no secret
    REFUSED_HELLO_FIRST = "refused:hello_first"
    REFUSED_SUPERSEDED = "refused:superseded"
    REFUSED_CONFLICT = "refused:conflict"
    REFUSED_NUMBER_GAP = "refused:number_gap"
    REFUSED_NUMBER_TAKEN = "refused:number_taken"
    REFUSED_ID_ORDER = "refused:id_order"
    REFUSED_WRONG_SHIFT = "refused:wrong_shift"
    REFUSED_SHIFT_EXPIRED = "refused:shift_expired"
    REFUSED_SHIFT_NOT_OPEN = "refused:shift_not_open"
    REFUSED_NOT_ENOUGH_CASH = "refused:not_enough_cash"
    REFUSED_CLOCK_AHEAD = "refused:clock_ahead"
    REFUSED_TOO_OLD = "refused:too_old"
    REFUSED_AUTONOMOUS_SIGN_MISSING = "refused:autonomous_sign_missing"
    REFUSED_SAME_TAXPAYER_AND_CUSTOMER = "refused:same_taxpayer_and_customer"
    REFUSED_TOO_MANY_SECTIONS = "refused:too_many_sections"
    REFUSED_NUMBERS_EXHAUSTED = "refused:numbers_exhausted"
    REFUSED_UNKNOWN_COMMAND = "refused:unknown_command"
    REFUSED_TOO_LARGE = "refused:too_large"

    # What was noticed and stopped nothing.
    NOTICED_CLOCK_WENT_BACK = "noticed:clock_went_back"
    NOTICED_SECOND_SIGN = "noticed:second_sign"
    NOTICED_PERIOD_REFUSED = "noticed:period_refused"
    NOTICED_RESEND_REFUSED = "noticed:resend_refused"


FAMILIES: Final[Mapping[str, type[StrEnum]]] = {
    "autonomous": AutonomousReason,
    "blocked": BlockReason,
    "refused": RefusalCode,
    "noticed": AnomalyCode,
}
"""The families of codes, and whose members they have; a test compares."""


def about(reason: AutonomousReason | BlockReason | RefusalCode | AnomalyCode) -> Said:
    """The code of a member of a family."""
    family = next(name for name, members in FAMILIES.items() if isinstance(reason, members))
    return Said(f"{family}:{reason.value}")


def about_refusal(code: str) -> Said:
    """The code of a refusal as a memory keeps it; one that a newer program wrote is a refused document and no more."""
    return about(RefusalCode(code)) if code in set(RefusalCode) else Said.BLOCKED_REFUSED_DOCUMENT


class Cause(NamedTuple):
    """Why something is so: the code for whoever translates, the text with the details."""

    code: Said
    text: str


class Told(NamedTuple):
    """Why an order was refused. ``facts`` are figures for the words of a translation: instants, minor units, numbers."""

    code: Said
    text: str
    facts: Mapping[str, int]


_ERRORS: Final[Mapping[type[FiscalError], Said]] = {
    FiscalError: Said.FAILED,
    InvalidValue: Said.INVALID_VALUE,
    ShiftExpired: Said.SHIFT_EXPIRED,
    ShiftNotOpen: Said.SHIFT_NOT_OPEN,
    NotEnoughCash: Said.NOT_ENOUGH_CASH,
    KeyReused: Said.KEY_REUSED,
    NothingToResolve: Said.NOTHING_TO_RESOLVE,
    RegisterClosed: Said.REGISTER_CLOSED,
    ConfigurationError: Said.CONFIGURATION,
    ProtocolError: Said.PROTOCOL_BROKEN,
    LocalProtocolError: Said.CANNOT_BE_SENT,
    RemoteProtocolError: Said.PROTOCOL_BROKEN,
    DeliveryError: Said.NOT_DELIVERED,
    NotDelivered: Said.NOT_DELIVERED,
    Undeliverable: Said.NOT_DELIVERED,
    StorageError: Said.MEMORY_FAILED,
    StorageCorrupt: Said.MEMORY_FAILED,
    StorageBusy: Said.MEMORY_FAILED,
    MemoryStopped: Said.MEMORY_FAILED,
    DiskFull: Said.DISK_FULL,
}
"""The code of each exception whose code does not depend on what it carries; a child without a row has its parent's."""


def told_of(error: FiscalError) -> Told:
    """What an exception says, as a code, a text, and figures."""
    match error:
        case RegisterBlocked():
            return Told(about(error.reason), error.text, {})
        case DocumentRefused():
            text = f"{error.field}: {error.text}" if error.field else error.text
            return Told(about_refusal(error.code), text, {"number": error.number})
        case NotEnoughCash():
            facts = {"needed": error.needed, "available": error.available}
        case ShiftExpired():
            facts = {"opened_at": error.opened_at}
        case KeyReused():
            facts = {"number": error.number}
        case _:
            facts = {}
    code = next(_ERRORS[each] for each in type(error).__mro__ if each in _ERRORS)
    return Told(code, str(error), facts)
