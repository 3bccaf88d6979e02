"""What the ledger holds: entries that are added and never changed.

Everything that is true of a register is a fold of its entries in the order of their versions
(:func:`ofd_server.core.state.apply`). An entry that carries money is a :class:`DocumentRecorded`; the others say what
happened to the register, or to one of its documents, afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Final, NamedTuple

from msgspec import Struct

from fiscal.domain.document import Document, DocumentKind
from fiscal.domain.lifecycle import AutonomousReason
from fiscal.domain.register import RegisterProfile
from fiscal.time import Instant

_FORBID: Final[Mapping[str, Any]] = {"extra": "forbid"}


class AnomalyCode(StrEnum):
    """What was noticed and is worth a person's eye; nothing was refused because of it unless the code says so."""

    CONFLICT = "conflict"
    SECOND_AUTONOMOUS_SIGN = "second_autonomous_sign"
    AUTONOMOUS_SIGN_REUSED = "autonomous_sign_reused"
    Z_TOTALS_DIFFER = "z_totals_differ"
    CLOCK_BACKWARDS = "clock_backwards"
    VERY_OLD = "very_old"
    PERIOD_CHANGED = "period_changed"
    PERIOD_UNKNOWN = "period_unknown"
    CAME_WITH_HISTORY = "came_with_history"
    MEMORY_BEHIND = "memory_behind"
    MARK_AFTER_CLOSE = "mark_after_close"
    KZ_WARNING = "kz_warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A register became known. ``last_number`` and ``last_shift`` are its history elsewhere, which we do not hold."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    at: Instant
    token_digest: bytes
    profile: RegisterProfile | None = None
    last_number: int = 0
    last_shift: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenReset:
    """A new token was set by a person; the old one is worth nothing."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    at: Instant
    token_digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChanged:
    """The register, or a person, told other particulars."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    at: Instant
    profile: RegisterProfile


class Standing(StrEnum):
    """How the operator stands to a register: blocked is answered as blocked, unpaid gets no answer at all (2.7)."""

    GOOD = "good"
    BLOCKED = "blocked"
    UNPAID = "unpaid"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingChanged:
    """A person blocked, unblocked, stopped or resumed serving, or removed the register."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    at: Instant
    standing: Standing
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    """The register speaks over a session at this node from now on; ``node`` is empty when it does so over none.

    Only where several nodes share a ledger: it moves the register's version, so that nobody who has not read it commits
    anything for the register (semantics 2.1).
    """

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    at: Instant
    node: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly:
    """Something worth a look, about a document (``number``) or about the register (0)."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    at: Instant
    code: AnomalyCode
    text: str
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodRecorded:
    """The register reported how long it worked autonomously (S3-23)."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    at: Instant
    period: int
    begin: Instant
    end: Instant
    reason: AutonomousReason


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeAutonomous:
    """A document that was committed as online turned out to have been made autonomous meanwhile (2.2, 4.1)."""

    at: Instant
    number: int
    autonomous_sign: int | None
    period: int | None


class Exchanged(NamedTuple):
    """How a document came over a protocol that numbers its exchanges, so that a repeat is known by that (1.4).

    ``token``, ``reqnum`` and ``command`` are what it came with, ``number`` the document it became, ``answer`` the bytes
    that a repeat is answered with. ``issued`` is the token that the register has to use next; ``None`` after a person
    has reset it.
    """

    issued: int | None
    token: int
    reqnum: int
    command: int
    number: int
    answer: bytes


class DocumentRecorded(Struct, frozen=True, gc=False):
    """A document, with everything that its answer consists of.

    ``content`` are the bytes as they came, ``document`` the same as a value. ``received_at`` is when its last byte was
    in, ``anomalies`` are noticed together with it. ``protocol`` is the word for how it came.
    """

    received_at: Instant
    content: bytes
    document: Document
    kind: DocumentKind
    digest: bytes
    protocol: str
    sign: str | None
    key_id: str | None
    autonomous: bool
    autonomous_sign: int | None
    period: int | None
    anomalies: tuple[Anomaly, ...] = ()
    exchange: Exchanged | None = None

    @property
    def number(self) -> int:
        """The document number, 1 and up without gaps."""
        return self.document.number


Entry = (
    DocumentRecorded
    | MadeAutonomous
    | PeriodRecorded
    | Anomaly
    | Registered
    | TokenReset
    | ProfileChanged
    | StandingChanged
    | TakenOver
)
