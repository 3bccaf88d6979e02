"""A fiscal document: business content that is frozen for ever, and the delivery facts that are added to it.

The rule (what makes two messages the same document): same register, same id, same content. The content is everything
in the classes of :data:`Document`; a sign, a mark or a period that the document gets on its way lies outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final

from annotated_types import MaxLen
from msgspec import Meta

from fiscal.domain.limits import (
    PAYMENTS_MAX,
    STRICT,
    TAXES_MAX,
    AutonomousSign,
    Code,
    DocumentId,
    Flag,
    InstantMs,
    Money,
    Name,
    Number,
    SignedMoney,
)
from fiscal.domain.receipt import Cashier, Operation, Payment, PaymentKind, Receipt, Tax
from fiscal.domain.value import Value

COUNTERS_MAX: Final = 12_000
"""Figures of one report: 100 sections and 8 taxes in four operations stay far below."""
FigureName = Annotated[str, MaxLen(128), STRICT, Meta(max_length=128)]
"""The name of a figure in a report."""


class DocumentKind(StrEnum):
    """What kind of document it is; the word on the wire and in every table."""

    RECEIPT = "receipt"
    CORRECTION = "correction"
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    CLOSE_SHIFT = "close_shift"
    VOID = "void"
    ANNULMENT = "annulment"


class CorrectionReason(StrEnum):
    """Why a correction is made (RU tag 1173)."""

    OWN = "own"
    ORDER = "order"


class Correction(Value, frozen=True, kw_only=True, tag_field="kind", tag="correction"):
    """A correction of what was not, or wrongly, put through the register. It has counters of its own."""

    id: DocumentId
    number: Number
    shift: Number
    issued_at: InstantMs
    cashier: Cashier
    operation: Operation
    payments: Annotated[tuple[Payment, ...], MaxLen(PAYMENTS_MAX), Meta(max_length=PAYMENTS_MAX)]
    total: Money
    reason: CorrectionReason
    corrected_at: InstantMs
    basis: Name
    taxes: Annotated[tuple[Tax, ...], MaxLen(TAXES_MAX), Meta(max_length=TAXES_MAX)] = ()


class Deposit(Value, frozen=True, kw_only=True, tag_field="kind", tag="deposit"):
    """Cash put into the drawer."""

    id: DocumentId
    number: Number
    shift: Number
    issued_at: InstantMs
    cashier: Cashier
    sum: Money


class Withdrawal(Value, frozen=True, kw_only=True, tag_field="kind", tag="withdrawal"):
    """Cash taken out of the drawer."""

    id: DocumentId
    number: Number
    shift: Number
    issued_at: InstantMs
    cashier: Cashier
    sum: Money


class CloseShift(Value, frozen=True, kw_only=True, tag_field="kind", tag="close_shift"):
    """The end of a shift with its Z-report: ``counters`` are the figures that the register computed itself."""

    id: DocumentId
    number: Number
    shift: Number
    issued_at: InstantMs
    cashier: Cashier
    opened_at: InstantMs
    counters: Annotated[dict[FigureName, SignedMoney], MaxLen(COUNTERS_MAX), Meta(max_length=COUNTERS_MAX)]
    withdraw_cash: Flag = False


class Void(Value, frozen=True, kw_only=True, tag_field="kind", tag="void"):
    """Takes the place of a document that the operator refused for good and a person gave up."""

    id: DocumentId
    number: Number
    shift: Number
    issued_at: InstantMs
    cashier: Cashier
    voids: DocumentId
    by: Name
    why: Name
    refusal: Code


class Annulment(Value, frozen=True, kw_only=True, tag_field="kind", tag="annulment"):
    """Takes the last receipt back (KZ COMMAND_CANCEL_TICKET, until 2.0.2). The receipt itself stays in the ledger.

    ``annuls`` is the receipt's number, ``total`` its sum, ``counters`` what it had added to the figures of the shift and
    what is taken off again; the receipts since registration go on counting it. An operator makes one by
    :func:`~fiscal.domain.counters.annulment_of`; no register of ours issues it.
    """

    id: DocumentId
    number: Number
    shift: Number
    issued_at: InstantMs
    cashier: Cashier
    annuls: Number
    total: Money
    counters: Annotated[dict[FigureName, SignedMoney], MaxLen(COUNTERS_MAX), Meta(max_length=COUNTERS_MAX)]


Document = Receipt | Correction | Deposit | Withdrawal | CloseShift | Void | Annulment

KIND_OF: Final[Mapping[type, DocumentKind]] = {
    Receipt: DocumentKind.RECEIPT,
    Correction: DocumentKind.CORRECTION,
    Deposit: DocumentKind.DEPOSIT,
    Withdrawal: DocumentKind.WITHDRAWAL,
    CloseShift: DocumentKind.CLOSE_SHIFT,
    Void: DocumentKind.VOID,
    Annulment: DocumentKind.ANNULMENT,
}
TYPE_OF: Final[Mapping[DocumentKind, type[Document]]] = {
    DocumentKind.RECEIPT: Receipt,
    DocumentKind.CORRECTION: Correction,
    DocumentKind.DEPOSIT: Deposit,
    DocumentKind.WITHDRAWAL: Withdrawal,
    DocumentKind.CLOSE_SHIFT: CloseShift,
    DocumentKind.VOID: Void,
    DocumentKind.ANNULMENT: Annulment,
}


def kind_of(document: Document) -> DocumentKind:
    """Which kind of document this is."""
    return KIND_OF[type(document)]


def total_of(document: Document) -> int:
    """The sum that identifies the document to people and in a QR code; 0 for one that has none."""
    match document:
        case Receipt() | Correction() | Annulment():
            return document.total
        case Deposit() | Withdrawal():
            return document.sum
        case _:
            return 0


class Delivery(Value, frozen=True, kw_only=True):
    """Delivery facts of a document: outside its digest, each added at most once, never changed.

    A receipt or correction that the register issued without the operator carries ``autonomous_sign`` (S3-26), any
    other document only the mark ``autonomous`` (S3-27). ``period`` is the number of the offline period it belongs to.
    """

    autonomous: Flag = False
    autonomous_sign: AutonomousSign | None = None
    period: Number | None = None


ONLINE: Final = Delivery()
"""Nothing to add: the document was sent when it was issued."""


_SIGNED: Final = frozenset((DocumentKind.RECEIPT, DocumentKind.CORRECTION))


def carries_sign(kind: DocumentKind) -> bool:
    """Whether the operator answers this kind with a fiscal sign (2.6 of the semantics: receipts, and corrections)."""
    return kind in _SIGNED


CARRIED_PAYMENTS: Final[Mapping[str, frozenset[PaymentKind]]] = {
    "native": frozenset(PaymentKind),
    "http": frozenset(PaymentKind),
    "kz": frozenset((PaymentKind.CASH, PaymentKind.CARD, PaymentKind.MOBILE, PaymentKind.CREDIT, PaymentKind.TARE)),
}
"""Which protocol carries which payment. Kazakhstan's schema has no advance (PaymentTypeEnum of 2.0.2 and 2.0.3)."""

_ISSUED: Final = frozenset(DocumentKind) - {DocumentKind.ANNULMENT}

CARRIED_DOCUMENTS: Final[Mapping[str, frozenset[DocumentKind]]] = {
    "native": _ISSUED,
    "http": _ISSUED,
    "kz": frozenset((DocumentKind.RECEIPT, DocumentKind.DEPOSIT, DocumentKind.WITHDRAWAL, DocumentKind.CLOSE_SHIFT)),
}
"""Which protocol carries which document of a register of ours. Corrections never travel over the Kazakhstan protocol; an
annulment comes over its version 2.0.2 only, from registers that are not ours."""
