"""The records of the fiscal memory, and the chain that makes every later change of them visible.

The rule: a record is added and never changed, and each carries the hash of all that stands before it:

    hash(n) = sha256( hash(n-1) || n as 8 bytes || kind as 1 byte || body ),  hash(0) = 32 zero bytes

``body`` is the record as a msgpack map in the canonical form. What a record says, ``Issued`` before all, is never said
anywhere else: every counter, queue and mode of the register is a fold of its records
(:mod:`kkt_client.core.state`). Semantics 3.1; S3-08.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Any, ClassVar, Final

from annotated_types import MaxLen

from fiscal.domain.lifecycle import AutonomousReason, BlockReason
from fiscal.domain.limits import (
    STRICT,
    AutonomousSign,
    Code,
    Count,
    Digest,
    InstantMs,
    Name,
    Number,
    RegisterId,
    SignedMoney,
)
from fiscal.errors import RemoteProtocolError
from fiscal.protocols.values import from_map, pack, unpack

_FORBID: Final[Mapping[str, Any]] = {"extra": "forbid"}

KEY_MAX: Final = 128
"""Characters of a caller's key: two UUIDs and a word."""

Key = Annotated[str, MaxLen(KEY_MAX), STRICT]
Text = Annotated[str, MaxLen(1024), STRICT]
Content = Annotated[bytes, STRICT]


class Decision(StrEnum):
    """What a person decided about something that stood still."""

    RETRY = "retry"
    """Send the refused document again as it is; or look again whether memory and operator agree."""
    VOID = "void"
    """Give the refused document up: a void takes its number."""
    ADOPT = "adopt"
    """The memory is behind: take over what the operator holds, and go on from there."""
    RESEND = "resend"
    """The operator is behind: send it again what it has lost."""


class AnomalyCode(StrEnum):
    """What was noticed, is worth a person's eye, and stopped nothing."""

    CLOCK_WENT_BACK = "clock_went_back"
    SECOND_SIGN = "second_sign"
    PERIOD_REFUSED = "period_refused"
    RESEND_REFUSED = "resend_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Founded:
    """The first record: whose memory this is. ``layout`` counts the versions of these records."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    register: RegisterId
    at: InstantMs
    layout: Number = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A document was given its number. ``key`` and ``basket`` (a digest) are the caller's, to know him again (1.6)."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    number: Number
    content: Content
    key: Key | None = None
    basket: Digest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeAutonomous:
    """The document was handed out without the operator; ``sign`` for receipts and corrections only (S3-16)."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    number: Number
    period: Number
    reason: AutonomousReason
    at: InstantMs
    sign: AutonomousSign | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The operator's answer, word for word; ``operator_at`` is its time, ``at`` ours."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    number: Number
    at: InstantMs
    operator_at: InstantMs
    sign: Code | None = None
    qr: Text | None = None
    key_id: Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The operator refused the document for good."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    number: Number
    at: InstantMs
    code: Code
    field: Text = ""
    text: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """What the register took over from the operator's ledger."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    last_number: Count
    last_shift: Count
    shift_opened_at: InstantMs | None = None
    last_autonomous_sign: Count = 0
    counters: Annotated[dict[Annotated[str, MaxLen(128), STRICT], SignedMoney], MaxLen(12_000)] = field(
        default_factory=dict
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A person's decision, which stays: who, why, and about which document (``None``: about the register)."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    decision: Decision
    at: InstantMs
    by: Name
    why: Name
    number: Number | None = None
    adopted: Adopted | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodBegan:
    """The channel was lost (S3-06)."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    period: Number
    at: InstantMs
    reason: AutonomousReason


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodEnded:
    """The operator welcomed the register again."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    period: Number
    at: InstantMs


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodReported:
    """The operator has taken note of the period (S3-23), or refused to (an anomaly stands beside it then)."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    period: Number
    at: InstantMs


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockBegan:
    """The register stopped selling. A refused document blocks by itself, without this record."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    reason: BlockReason
    at: InstantMs
    text: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockEnded:
    """A reason to stop selling is gone."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    reason: BlockReason
    at: InstantMs


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly:
    """Something odd, about a document or about the register (``number`` is ``None``)."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    code: AnomalyCode
    at: InstantMs
    text: Text
    number: Number | None = None


Record = (
    Founded
    | Issued
    | MadeAutonomous
    | Accepted
    | Refused
    | Resolved
    | PeriodBegan
    | PeriodEnded
    | PeriodReported
    | BlockBegan
    | BlockEnded
    | Anomaly
)

CLASS_OF: Final[Mapping[int, type[Record]]] = {
    1: Founded,
    2: Issued,
    3: MadeAutonomous,
    4: Accepted,
    5: Refused,
    6: Resolved,
    7: PeriodBegan,
    8: PeriodEnded,
    9: PeriodReported,
    10: BlockBegan,
    11: BlockEnded,
    12: Anomaly,
}
"""The numbers stand in the memory for ever: a new kind takes a new number, an old one is never given again."""
KIND_OF: Final[Mapping[type[Record], int]] = {class_: kind for kind, class_ in CLASS_OF.items()}

GENESIS: Final = bytes(32)
"""The hash before the first record."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A record in its place in the chain, as storage keeps it. ``number`` and ``key`` repeat what the body says."""

    seq: int
    kind: int
    number: int | None
    key: str | None
    body: bytes
    hash: bytes


def hash_of(previous: bytes, seq: int, kind: int, body: bytes) -> bytes:
    """The hash of the record in this place."""
    return sha256(previous + seq.to_bytes(8, "big") + kind.to_bytes(1, "big") + body).digest()


def seal(previous: bytes, seq: int, record: Record) -> Sealed:
    """The record as number ``seq`` of the chain that ``previous`` is the hash of."""
    kind = KIND_OF[type(record)]
    body = pack(record)
    number, key = _indexed(record)
    return Sealed(seq, kind, number, key, body, hash_of(previous, seq, kind, body))


def _indexed(record: Record) -> tuple[int | None, str | None]:
    if isinstance(record, Issued):
        return record.number, record.key
    return getattr(record, "number", None), None


def unseal(sealed: Sealed) -> Record:
    """What the record says; :class:`Damaged` when the body is none of ours. The hash is not looked at."""
    class_ = CLASS_OF.get(sealed.kind)
    if class_ is None:
        raise Damaged(sealed.seq, sealed.kind, f"there is no kind {sealed.kind} of record")
    try:
        record: Record = from_map(class_, unpack(sealed.body, "body"))
    except RemoteProtocolError as error:
        raise Damaged(sealed.seq, sealed.kind, f"{error.field}: {error.text}") from None
    if _indexed(record) != (sealed.number, sealed.key):
        raise Damaged(sealed.seq, sealed.kind, "the number or key beside the record is not the one inside")
    return record


class Damaged(Exception):
    """A record is not what was written: its place, its kind, and what is wrong."""

    def __init__(self, seq: int, kind: int, why: str) -> None:
        class_ = CLASS_OF.get(kind)
        self.seq = seq
        self.kind = class_.__name__ if class_ else f"kind {kind}"
        self.why = why
        super().__init__(f"record {seq} ({self.kind}): {why}")


def opened(chain: Iterable[Sealed], after: int, previous: bytes) -> Iterable[tuple[Sealed, Record]]:
    """The records behind number ``after``, each checked against the chain; :class:`Damaged` at the first wrong one."""
    for sealed in chain:
        if sealed.seq != after + 1:
            raise Damaged(after + 1, 0, f"is missing; the next one that is there is {sealed.seq}")
        if hash_of(previous, sealed.seq, sealed.kind, sealed.body) != sealed.hash:
            raise Damaged(sealed.seq, sealed.kind, "the hash does not belong to it and all that stands before")
        yield sealed, unseal(sealed)
        after, previous = sealed.seq, sealed.hash
