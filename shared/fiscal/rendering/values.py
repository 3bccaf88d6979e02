"""What can be printed: a document or a report together with the facts that its paper needs.

The rule: whoever has a document, on either side, can print it. The register knows the state itself; the operator
takes :func:`delivered_state`, because what is in its ledger has arrived.
"""

from __future__ import annotations

from dataclasses import dataclass

from fiscal.domain.document import Annulment, CloseShift, Correction, Deposit, Document, Void, Withdrawal
from fiscal.domain.lifecycle import DocumentState
from fiscal.domain.receipt import Cashier, Receipt
from fiscal.domain.register import RegisterProfile
from fiscal.domain.shift import Report, ReportKind
from fiscal.domain.status import marks

Slip = Receipt | Correction | Deposit | Withdrawal | Void | Annulment
"""Every document but the Z-report, which is printed as a report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedReceipt:
    """A receipt, a correction, cash in or out, or an annulment, as it is printed.

    ``sign`` is the operator's, ``autonomous_sign`` the register's own; a delivered autonomous receipt has both and
    shows both (S3-16, S3-25). ``qr`` is the text of the QR code. ``copy`` says that it was printed before.
    ``operator`` is the operator's name, if it is known.
    """

    document: Slip
    profile: RegisterProfile
    state: DocumentState
    sign: str | None = None
    autonomous_sign: int | None = None
    qr: str | None = None
    copy: bool = False
    operator: str | None = None

    @property
    def autonomous(self) -> bool:
        """Whether it was issued without the operator, which no delivery changes."""
        return marks(self.state).cloud


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedReport:
    """An X or Z report as it is printed.

    ``number`` is that of the Z-report's document; an X-report is no document and has none, nor a ``state``.
    ``autonomous`` says that the register had no operator when the report was taken (S3-19, S3-22), ``unsent`` how
    many of its documents waited for the operator then.
    """

    report: Report
    profile: RegisterProfile
    cashier: Cashier | None = None
    number: int | None = None
    state: DocumentState | None = None
    autonomous: bool = False
    unsent: int = 0
    copy: bool = False
    operator: str | None = None


Printed = PrintedReceipt | PrintedReport


def delivered_state(*, autonomous: bool) -> DocumentState:
    """The state of a document that is in the operator's ledger."""
    return DocumentState.DELIVERED_AUTONOMOUS if autonomous else DocumentState.DELIVERED


def report_of(document: CloseShift) -> Report:
    """The Z-report inside the document that closed the shift."""
    return Report(ReportKind.Z, document.shift, document.opened_at, document.issued_at, document.counters)


def printed(
    document: Document,
    profile: RegisterProfile,
    state: DocumentState,
    *,
    sign: str | None = None,
    autonomous_sign: int | None = None,
    qr: str | None = None,
    copy: bool = False,
    operator: str | None = None,
) -> Printed:
    """The printed form of any document; the facts are those of :class:`PrintedReceipt`. Raises nothing."""
    if isinstance(document, CloseShift):
        return PrintedReport(
            report=report_of(document),
            profile=profile,
            cashier=document.cashier,
            number=document.number,
            state=state,
            autonomous=marks(state).cloud,
            copy=copy,
            operator=operator,
        )
    return PrintedReceipt(
        document=document,
        profile=profile,
        state=state,
        sign=sign,
        autonomous_sign=autonomous_sign,
        qr=qr,
        copy=copy,
        operator=operator,
    )
