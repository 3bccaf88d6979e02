"""What the register hands to its caller: finished receipts and reports, as frozen values that can be printed.

The rule: such a value says all that stands on the paper and nothing about how it got there. It is made from the
records of one document (:mod:`kkt_client.core.records`), so a receipt that was returned by ``sell``, one that is read
back years later and one that is asked for again by its key are made by the same function.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fiscal.domain.document import CloseShift, Correction, Document, DocumentKind, kind_of, total_of
from fiscal.domain.lifecycle import DocumentState
from fiscal.domain.receipt import Cashier, ParentReceipt, Receipt, parent_of
from fiscal.domain.register import RegisterProfile
from fiscal.domain.shift import Report
from fiscal.domain.status import Marks, marks
from fiscal.errors import InvalidValue
from fiscal.time import Instant

AUTONOMOUS_STATES: Final = frozenset(
    (
        DocumentState.SAVED_AUTONOMOUS,
        DocumentState.DELIVERED_AUTONOMOUS,
        DocumentState.REFUSED_AUTONOMOUS,
        DocumentState.VOIDED_AUTONOMOUS,
    )
)
"""The states of a document that was issued without the operator; it bears «АВТОНОМНЫЙ» for ever (S3-18, S3-30)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FiscalReceipt:
    """A document on paper: a receipt, a correction, cash in or out, or the void that took a refused one's place.

    ``sign`` is the operator's, ``None`` until it has answered (and always for a document that gets no sign);
    ``autonomous_sign`` is the register's own, kept beside it. ``qr`` is the text of the QR code: the operator's own
    once it has answered, before that one with the autonomous sign; empty for a document that bears none.
    ``accepted_at`` is the operator's time, ``answered_at`` when the register had kept the answer, by its own clock. ``refusal`` is why the operator refused it for good, if it did.
    """

    document: Document
    profile: RegisterProfile
    register_id: str
    state: DocumentState
    sign: str | None = None
    key_id: str | None = None
    autonomous_sign: int | None = None
    period: int | None = None
    qr: str = ""
    accepted_at: Instant | None = None
    answered_at: Instant | None = None
    refusal: str | None = None

    @property
    def kind(self) -> DocumentKind:
        return kind_of(self.document)

    @property
    def number(self) -> int:
        """The number of the document in the life of the register."""
        return self.document.number

    @property
    def total(self) -> int:
        """The sum in minor units; 0 for a document without one."""
        return total_of(self.document)

    @property
    def cashier(self) -> Cashier:
        return self.document.cashier

    @property
    def issued_at(self) -> Instant:
        return self.document.issued_at

    @property
    def autonomous(self) -> bool:
        """Whether «АВТОНОМНЫЙ» stands on it (S3-18): it was issued without the operator, delivered since or not."""
        return self.state in AUTONOMOUS_STATES

    @property
    def delivered(self) -> bool:
        return self.state in (DocumentState.DELIVERED, DocumentState.DELIVERED_AUTONOMOUS)

    @property
    def marks(self) -> Marks:
        """✔, ✔✔ and the crossed cloud (S3-28 to S3-30)."""
        return marks(self.state)

    @property
    def fiscal_sign(self) -> str:
        """The sign that is valid now: the operator's, else the autonomous one, else nothing."""
        return self.sign or ("" if self.autonomous_sign is None else str(self.autonomous_sign))

    def as_parent(self) -> ParentReceipt:
        """How a return names this receipt; :class:`InvalidValue` for a document that is no receipt."""
        if not isinstance(self.document, Receipt):
            raise InvalidValue("parent", f"a {self.kind} cannot be returned, only a receipt can")
        own = self.autonomous_sign if self.sign is None else None
        return parent_of(self.document, self.fiscal_sign or str(self.number), self.profile.rnm, own)


@dataclass(frozen=True, slots=True, kw_only=True)
class FiscalReport:
    """An X or Z report on paper. An X report is no document: it has no number, no state and goes nowhere.

    ``document``, ``state``, ``accepted_at`` and ``answered_at`` belong to a Z report only; they are ``None`` for an X report.
    ``unsent`` is how many documents waited for the operator at that moment, the Z report itself among them; ``None``
    when the report is read back later.
    """

    report: Report
    profile: RegisterProfile
    register_id: str
    cashier: Cashier
    document: CloseShift | None = None
    state: DocumentState | None = None
    period: int | None = None
    accepted_at: Instant | None = None
    answered_at: Instant | None = None
    refusal: str | None = None
    unsent: int | None = None

    @property
    def number(self) -> int | None:
        """The number of the Z report's document; ``None`` for an X report."""
        return None if self.document is None else self.document.number

    @property
    def issued_at(self) -> Instant:
        return self.report.taken_at

    @property
    def autonomous(self) -> bool:
        """Whether the register took this Z report without the operator (S3-19)."""
        return self.state in AUTONOMOUS_STATES

    @property
    def delivered(self) -> bool:
        return self.state in (DocumentState.DELIVERED, DocumentState.DELIVERED_AUTONOMOUS)

    @property
    def marks(self) -> Marks | None:
        """The marks of a Z report; an X report has none."""
        return None if self.state is None else marks(self.state)


FiscalPaper = FiscalReceipt | FiscalReport
"""Everything that a register can hand to its caller."""

SIGNED = (Receipt, Correction)
"""The documents that get a sign, and with it a QR code."""
