"""What a register and an operator say to each other, whatever the wire format.

Requests are imperatives of the register, answers are adjectives of the operator. A refusal is an answer, not an error.
Every protocol translates between these values and its own bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final

from annotated_types import Ge, Le, MaxLen
from msgspec import Meta, field

from fiscal.domain.document import ONLINE, Delivery
from fiscal.domain.lifecycle import AutonomousReason, RegisterMode
from fiscal.domain.limits import (
    AUTONOMOUS_SIGN_MAX,
    STRICT,
    Code,
    Count,
    Digest,
    Flag,
    InstantMs,
    Name,
    Number,
    RegisterId,
    SignedMoney,
    Token,
)
from fiscal.domain.register import RegisterProfile
from fiscal.domain.value import Value

TRY_LATER_MAX_MS: Final = 600_000
"""The longest "come back later" an operator may ask for: a register must not be silenced for more than ten minutes."""
TEXT_MAX: Final = 1024
"""Characters of an explanation."""

Text = Annotated[str, MaxLen(TEXT_MAX), STRICT, Meta(max_length=TEXT_MAX)]
LastSign = Annotated[int, Ge(0), Le(AUTONOMOUS_SIGN_MAX), STRICT, Meta(ge=0, le=AUTONOMOUS_SIGN_MAX)]


# ------------------------------------------------------------------------------------------------------- requests


class Hello(Value, frozen=True, kw_only=True):
    """The first message of a session: who I am, and how far my memory goes (0 for none).

    ``last_number`` and ``last_shift`` are of the last document issued, ``accepted_number`` and ``accepted_shift`` of the
    last one that an operator accepted; an operator that meets the register for the first time counts on from those.
    """

    register: RegisterId
    token: Token
    software: Name
    last_number: Count = 0
    last_shift: Count = 0
    accepted_number: Count = 0
    accepted_shift: Count = 0
    profile: RegisterProfile | None = None


class SubmitDocument(Value, frozen=True, kw_only=True):
    """A document: its content as bytes in the canonical form, and the delivery facts beside it."""

    content: bytes
    delivery: Delivery = ONLINE


class ReportOfflinePeriod(Value, frozen=True, kw_only=True):
    """How long the register worked autonomously (S3-23): one message for each period, before its documents."""

    number: Number
    begin: InstantMs
    end: InstantMs
    reason: AutonomousReason


class AskInformation(Value, frozen=True, kw_only=True):
    """What does the operator hold of me?"""


class Ping(Value, frozen=True, kw_only=True):
    """Are you there?"""


class ReportStatus(Value, frozen=True, kw_only=True):
    """How the register is doing: how many documents wait, since when, and in which mode it works since when.

    ``head`` is the document that has to go next, ``last_error`` why that did not succeed so far, ``stuck`` why it does not
    go on at all; each has a code beside it, so that it can be told in any language. An unknown code is no error: the text
    says the same.
    """

    unsent: Count
    mode: RegisterMode
    oldest_unsent_at: InstantMs | None = None
    stuck: Text | None = None
    since: InstantMs | None = None
    head: Number | None = None
    last_error: Text | None = None
    stuck_code: Code | None = None
    last_error_code: Code | None = None


Request = Hello | SubmitDocument | ReportOfflinePeriod | AskInformation | Ping | ReportStatus


# -------------------------------------------------------------------------------------------------------- answers


class RefusalCode(StrEnum):
    """Why a request was refused. The table in docs/reference/native-protocol.md says what a register does with each."""

    BAD_REQUEST = "bad_request"
    BAD_TOTALS = "bad_totals"
    UNKNOWN_REGISTER = "unknown_register"
    WRONG_TOKEN = "wrong_token"  # noqa: S105 - the name of a code, no secret
    HELLO_FIRST = "hello_first"
    SUPERSEDED = "superseded"
    CONFLICT = "conflict"
    NUMBER_GAP = "number_gap"
    NUMBER_TAKEN = "number_taken"
    ID_ORDER = "id_order"
    WRONG_SHIFT = "wrong_shift"
    SHIFT_EXPIRED = "shift_expired"
    SHIFT_NOT_OPEN = "shift_not_open"
    NOT_ENOUGH_CASH = "not_enough_cash"
    CLOCK_AHEAD = "clock_ahead"
    TOO_OLD = "too_old"
    AUTONOMOUS_SIGN_MISSING = "autonomous_sign_missing"
    SAME_TAXPAYER_AND_CUSTOMER = "same_taxpayer_and_customer"
    TOO_MANY_SECTIONS = "too_many_sections"
    NUMBERS_EXHAUSTED = "numbers_exhausted"
    UNKNOWN_COMMAND = "unknown_command"
    TOO_LARGE = "too_large"


class Welcome(Value, frozen=True, kw_only=True):
    """Answer to hello: the highest document number that the operator knows, its digest, the highest autonomous sign."""

    at: InstantMs
    operator: Name
    last_number: Count = 0
    last_digest: Digest | None = None
    last_shift: Count = 0
    last_autonomous_sign: LastSign = 0
    phone: Name | None = None


class Accepted(Value, frozen=True, kw_only=True):
    """The document is in the ledger for ever. ``sign`` and ``qr`` are set for receipts and corrections (2.6)."""

    number: Count
    at: InstantMs
    sign: Code | None = None
    qr: Text | None = None
    key: Code | None = None


class Refused(Value, frozen=True, kw_only=True):
    """Not taken, and it will not be taken unless something changes; ``expected`` is the number that would be right."""

    code: RefusalCode
    field: Text = ""
    text: Text = ""
    expected: Count | None = None


class TryLater(Value, frozen=True, kw_only=True):
    """Not taken now; come back in ``delay_ms``."""

    delay_ms: Annotated[int, Ge(0), Le(TRY_LATER_MAX_MS), STRICT, Meta(ge=0, le=TRY_LATER_MAX_MS)]


class Blocked(Value, frozen=True, kw_only=True):
    """The operator has blocked the register; it must stop selling (2.7)."""

    reason: Text


class Information(Value, frozen=True, kw_only=True):
    """What the operator holds of the register: enough to go on after a memory was lost."""

    at: InstantMs
    last_number: Count
    last_shift: Count
    shift_opened_at: InstantMs | None
    last_autonomous_sign: LastSign
    counters: Mapping[str, SignedMoney] = field(default_factory=dict)
    profile: RegisterProfile | None = None
    blocked: Flag = False


class Noted(Value, frozen=True, kw_only=True):
    """Taken note of: the answer to an offline period, a status report, a ping. ``at`` is the operator's time."""

    at: InstantMs


Answer = Welcome | Accepted | Refused | TryLater | Blocked | Information | Noted
