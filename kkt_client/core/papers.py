"""From what is known of a document to what is handed to the caller.

The rule: the QR code of an autonomous receipt carries the autonomous sign (S3-16) until the operator has answered;
from then on a copy carries the operator's own text, word for word.
"""

from __future__ import annotations

from dataclasses import dataclass

from fiscal.domain.counters import begin_shift
from fiscal.domain.document import CloseShift, Correction, total_of
from fiscal.domain.receipt import Cashier, Receipt
from fiscal.domain.register import Country, RegisterProfile
from fiscal.domain.shift import Report, ReportKind
from fiscal.domain.signs import qr_kz, qr_ru
from fiscal.time import Instant
from kkt_client.core.dossier import Dossier
from kkt_client.core.receipts import FiscalPaper, FiscalReceipt, FiscalReport
from kkt_client.core.state import RegisterState


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What stands on every paper of a register, and where its QR codes lead to."""

    register_id: str
    profile: RegisterProfile
    qr_base_url: str


def paper(dossier: Dossier, head: Letterhead, unsent: int | None = None) -> FiscalPaper:
    """The document as its caller gets it; ``unsent`` for a Z-report that has just been taken."""
    document = dossier.document
    refusal = None
    if dossier.refusal is not None:
        refusal = f"{dossier.refusal.code}: {dossier.refusal.text}"
    if isinstance(document, CloseShift):
        counters = dict(document.counters)
        report = Report(ReportKind.Z, document.shift, document.opened_at, document.issued_at, counters)
        return FiscalReport(
            report=report,
            profile=head.profile,
            register_id=head.register_id,
            cashier=document.cashier,
            document=document,
            state=dossier.state,
            period=dossier.period,
            accepted_at=dossier.operator_at,
            answered_at=dossier.accepted_at,
            refusal=refusal,
            unsent=unsent,
        )
    return FiscalReceipt(
        document=document,
        profile=head.profile,
        register_id=head.register_id,
        state=dossier.state,
        sign=dossier.sign,
        key_id=dossier.key_id,
        autonomous_sign=dossier.autonomous_sign,
        period=dossier.period,
        qr=_qr(dossier, head),
        accepted_at=dossier.operator_at,
        answered_at=dossier.accepted_at,
        refusal=refusal,
    )


def _qr(dossier: Dossier, head: Letterhead) -> str:
    if dossier.qr is not None:
        return dossier.qr
    document = dossier.document
    if dossier.autonomous_sign is None or not isinstance(document, Receipt | Correction):
        return ""
    profile, sign, total = head.profile, str(dossier.autonomous_sign), total_of(document)
    if profile.country is Country.RU:
        serial = profile.fn_serial or head.register_id
        return qr_ru(serial, document.number, sign, total, document.issued_at, profile.zone, document.operation)
    return qr_kz(head.qr_base_url, sign, profile.rnm, total, document.issued_at, profile.zone)


def x_report(state: RegisterState, head: Letterhead, cashier: Cashier, now: Instant) -> FiscalReport:
    """The figures of the shift so far; between two shifts those that the next one will begin with."""
    shift = state.shift
    counters = dict(shift.counters) if shift.is_open else begin_shift(shift.counters)
    report = Report(ReportKind.X, shift.number, shift.opened_at, now, counters)
    return FiscalReport(
        report=report,
        profile=head.profile,
        register_id=head.register_id,
        cashier=cashier,
        unsent=len(state.queue),
    )
