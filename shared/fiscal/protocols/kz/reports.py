"""The figures of a shift on the wire: counters <-> ZXReport, and the end of a shift as a document.

The rule: a report has exactly one row for each operation, kind of payment and kind of cash movement, also where nothing
happened; a figure that is zero on the wire is one that the counters leave out. So counters -> ZXReport -> counters is the
identity, but for what the wire has no place for: corrections, advance payments, and figures below zero (revenue has its
own mark), which are written as nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from fiscal.domain.counters import CASH_SUM, REVENUE, Counters, fold, sections_of
from fiscal.domain.document import COUNTERS_MAX, ONLINE, CloseShift, Delivery
from fiscal.domain.receipt import TaxKind
from fiscal.domain.shift import Report, ReportKind
from fiscal.domain.taxes import RATE_ONE
from fiscal.protocols.kz.codes import MoneyPlacementType, OperationType, PaymentType, ReportType, TaxType
from fiscal.protocols.kz.given import Given
from fiscal.protocols.kz.reading import cashier_of, code_of, instant_of, money_of
from fiscal.protocols.kz.rules import Finding, Unfit
from fiscal.protocols.kz.writing import Fields, date_time_fields, money_fields, operator_fields
from fiscal.time import Instant

_OPERATIONS: Final[Mapping[int, str]] = {int(kind): kind.name.lower() for kind in OperationType}
_PAYMENTS: Final[Mapping[int, str]] = {int(kind): kind.name.lower() for kind in PaymentType}
_PLACEMENTS: Final[Mapping[int, str]] = {int(kind): kind.name.lower() for kind in MoneyPlacementType}
_BY_OPERATION: Final = ("operations", "discounts", "markups", "total_result")
_TAX: Final = "taxes."
_PRINTED_NUMBER_UNTIL: Final = 202


# -------------------------------------------------------------------------------------------------------- writing


def report_fields(report: Report, zone: str) -> Fields:
    """The ZXReport of a report, without a checksum; a Z-report is closed when it was taken."""
    figures = report.counters
    fields: Fields = {
        "date_time": date_time_fields(report.taken_at, zone),
        "shift_number": report.shift,
        "sections": [
            {"section_code": section, "operations": _rows(figures, f"sections.{section}")}
            for section in sorted(sections_of(figures))
        ],
        **{name: _rows(figures, name) for name in _BY_OPERATION},
        "taxes": [
            {"tax_type": TaxType.VAT.value, "percent": rate, "operations": _tax_rows(figures, rate)}
            for rate in sorted(_rates(figures))
        ],
        "start_shift_non_nullable_sums": _sums(figures, "start_non_nullable"),
        "ticket_operations": [_tickets(figures, code, word) for code, word in _OPERATIONS.items()],
        "money_placements": [_placements(figures, code, word) for code, word in _PLACEMENTS.items()],
        "cash_sum": _money(figures, CASH_SUM),
        "revenue": {
            "sum": money_fields(abs(figures.get(REVENUE, 0))),
            "is_negative": figures.get(REVENUE, 0) < 0,
        },
        "non_nullable_sums": _sums(figures, "non_nullable"),
    }
    if report.opened_at is not None:
        fields["open_shift_time"] = date_time_fields(report.opened_at, zone)
    if report.kind is ReportKind.Z:
        fields["close_shift_time"] = date_time_fields(report.taken_at, zone)
    return fields


def empty_report_fields(date_time: Fields, shift: int) -> Fields:
    """The ZXReport of a register that closed no shift yet: what the schema requires and nothing else.

    ``shift`` is 0 in the answer to a REPORT, whose date is the one asked with (2.0.2, 3.8), and 1 in that to an INFO.
    """
    nothing = money_fields(0)
    return {
        "date_time": date_time,
        "shift_number": shift,
        "cash_sum": nothing,
        "revenue": {"sum": nothing, "is_negative": False},
    }


def report_block(kind: ReportKind, zx_report: Fields) -> Fields:
    """The ReportResponse with these figures."""
    return {"report": int(ReportType.X if kind is ReportKind.X else ReportType.Z), "zx_report": zx_report}


def report_request(report: Report, zone: str, is_offline: bool) -> Fields:
    """The ReportRequest of a register that has these figures itself."""
    return {
        **report_block(report.kind, report_fields(report, zone)),
        "date_time": date_time_fields(report.taken_at, zone),
        "is_offline": is_offline,
    }


def close_shift_fields(document: CloseShift, delivery: Delivery, zone: str, version: int) -> Fields:
    """The CloseShiftRequest of a document; ``version`` is that of the header."""
    report = Report(ReportKind.Z, document.shift, document.opened_at, document.issued_at, document.counters)
    fields: Fields = {
        "close_time": date_time_fields(document.issued_at, zone),
        "is_offline": delivery.autonomous,
        "fr_shift_number": document.shift,
        "withdraw_money": document.withdraw_cash,
        "z_report": report_fields(report, zone),
        "operator": operator_fields(document.cashier),
    }
    if version <= _PRINTED_NUMBER_UNTIL:
        fields["printed_document_number"] = document.number
    return fields


def _money(figures: Mapping[str, int], name: str) -> Fields:
    return money_fields(figures.get(name, 0))


def _rows(figures: Mapping[str, int], prefix: str) -> list[Fields]:
    return [
        {
            "operation": code,
            "count": figures.get(f"{prefix}.{word}.count", 0),
            "sum": _money(figures, f"{prefix}.{word}.sum"),
        }
        for code, word in _OPERATIONS.items()
    ]


def _sums(figures: Mapping[str, int], prefix: str) -> list[Fields]:
    return [{"operation": code, "sum": _money(figures, f"{prefix}.{word}")} for code, word in _OPERATIONS.items()]


def _rates(figures: Mapping[str, int]) -> set[int]:
    return {int(name.split(".", 3)[2]) for name in figures if name.startswith(_TAX)}


def _tax_rows(figures: Mapping[str, int], rate: int) -> list[Fields]:
    rows = []
    for code, word in _OPERATIONS.items():
        prefix = f"{_TAX}{TaxKind.VAT.value}.{rate}.{word}"
        rows.append(
            {
                "operation": code,
                "turnover": _money(figures, f"{prefix}.turnover"),
                "sum": _money(figures, f"{prefix}.sum"),
                "turnover_without_tax": _money(figures, f"{prefix}.turnover_without_tax"),
            }
        )
    return rows


def _tickets(figures: Mapping[str, int], code: int, word: str) -> Fields:
    prefix = f"tickets.{word}"
    return {
        "operation": code,
        "tickets_total_count": figures.get(f"{prefix}.total_count", 0),
        "tickets_count": figures.get(f"{prefix}.count", 0),
        "tickets_sum": _money(figures, f"{prefix}.sum"),
        "payments": [
            {
                "payment": payment,
                "sum": _money(figures, f"{prefix}.payments.{kind}.sum"),
                "count": figures.get(f"{prefix}.payments.{kind}.count", 0),
            }
            for payment, kind in _PAYMENTS.items()
        ],
        "offline_count": figures.get(f"{prefix}.offline_count", 0),
        "discount_sum": _money(figures, f"{prefix}.discount_sum"),
        "markup_sum": _money(figures, f"{prefix}.markup_sum"),
        "change_sum": _money(figures, f"{prefix}.change_sum"),
    }


def _placements(figures: Mapping[str, int], code: int, word: str) -> Fields:
    prefix = f"placements.{word}"
    return {
        "operation": code,
        "operations_total_count": figures.get(f"{prefix}.total_count", 0),
        "operations_count": figures.get(f"{prefix}.count", 0),
        "operations_sum": _money(figures, f"{prefix}.sum"),
        "offline_count": figures.get(f"{prefix}.offline_count", 0),
    }


# -------------------------------------------------------------------------------------------------------- reading


def close_shift_of(request: Any, given: Given, opened_at: Instant, counters: Mapping[str, int]) -> CloseShift | Finding:
    """The document in a CloseShiftRequest, or the first rule that it breaks. Raises nothing.

    ``opened_at`` and ``counters`` are what the operator itself has of the shift. They stand in the document where the
    request brings no z_report; a withdrawal of the drawer that the request asks for is then folded in.
    """
    if not request.HasField("operator"):
        return Finding("operator_missing", "close_shift.operator", "is missing")
    try:
        document = CloseShift(
            id=given.id,
            number=given.number,
            shift=given.shift,
            issued_at=instant_of(request.close_time, given.zone, "close_time"),
            cashier=cashier_of(request.operator, "operator"),
            opened_at=opened_at,
            counters={},
            withdraw_cash=request.withdraw_money,
        )
        if not request.HasField("z_report"):
            return replace(document, counters=fold(counters, document, ONLINE))
        report = request.z_report
        if report.HasField("open_shift_time"):
            opened_at = instant_of(report.open_shift_time, given.zone, "z_report.open_shift_time")
        return replace(document, opened_at=opened_at, counters=_counters(report))
    except Unfit as unfit:
        return unfit.within("close_shift").finding


def counters_of(zx_report: Any) -> Counters | Finding:
    """The figures in a ZXReport, or what of them no counters can hold. Raises nothing.

    Of two rows for the same thing the last one counts.
    """
    try:
        return _counters(zx_report)
    except Unfit as unfit:
        return unfit.finding


def _counters(zx_report: Any) -> Counters:
    figures: Counters = {}
    for section in zx_report.sections:
        code = code_of(section.section_code, "sections.section_code")
        if code is None:
            raise Unfit("limit", "sections.section_code", "must not be empty")
        _read_rows(figures, f"sections.{code}", section.operations)
    for name in _BY_OPERATION:
        _read_rows(figures, name, getattr(zx_report, name))
    for tax in zx_report.taxes:
        _read_tax(figures, tax)
    for row in zx_report.ticket_operations:
        _read_tickets(figures, row)
    for row in zx_report.money_placements:
        prefix = f"placements.{_PLACEMENTS[row.operation]}."
        figures[prefix + "total_count"] = row.operations_total_count
        figures[prefix + "count"] = row.operations_count
        figures[prefix + "sum"] = money_of(row.operations_sum, "money_placements.operations_sum")
        figures[prefix + "offline_count"] = row.offline_count
    for name in ("non_nullable", "start_non_nullable"):
        field = f"{'start_shift_' if name.startswith('start') else ''}non_nullable_sums"
        for row in getattr(zx_report, field):
            figures[f"{name}.{_OPERATIONS[row.operation]}"] = money_of(row.sum, f"{field}.sum")
    figures[CASH_SUM] = money_of(zx_report.cash_sum, "cash_sum")
    revenue = money_of(zx_report.revenue.sum, "revenue.sum")
    figures[REVENUE] = -revenue if zx_report.revenue.is_negative else revenue
    kept = {name: value for name, value in figures.items() if value}
    if len(kept) > COUNTERS_MAX:
        raise Unfit("limit", "sections", f"there are more than {COUNTERS_MAX} figures")
    return kept


def _read_rows(figures: Counters, prefix: str, rows: Any) -> None:
    for row in rows:
        name = f"{prefix}.{_OPERATIONS[row.operation]}"
        figures[f"{name}.count"] = row.count
        figures[f"{name}.sum"] = money_of(row.sum, f"{prefix}.sum")


def _read_tax(figures: Counters, tax: Any) -> None:
    if tax.tax_type != TaxType.VAT or tax.percent > RATE_ONE:
        raise Unfit("unknown_value", "taxes", f"must be VAT of at most {RATE_ONE}, is {tax.tax_type} of {tax.percent}")
    for row in tax.operations:
        prefix = f"{_TAX}{TaxKind.VAT.value}.{tax.percent}.{_OPERATIONS[row.operation]}."
        turnover = money_of(row.turnover, "taxes.operations.turnover")
        amount = money_of(row.sum, "taxes.operations.sum")
        figures[prefix + "turnover"] = turnover
        figures[prefix + "sum"] = amount
        without = max(turnover - amount, 0)
        if row.HasField("turnover_without_tax"):
            without = money_of(row.turnover_without_tax, "taxes.operations.turnover_without_tax")
        figures[prefix + "turnover_without_tax"] = without


def _read_tickets(figures: Counters, row: Any) -> None:
    prefix = f"tickets.{_OPERATIONS[row.operation]}."
    figures[prefix + "total_count"] = row.tickets_total_count
    figures[prefix + "count"] = row.tickets_count
    figures[prefix + "sum"] = money_of(row.tickets_sum, "ticket_operations.tickets_sum")
    for payment in row.payments:
        name = f"{prefix}payments.{_PAYMENTS[payment.payment]}."
        figures[name + "sum"] = money_of(payment.sum, "ticket_operations.payments.sum")
        figures[name + "count"] = payment.count
    figures[prefix + "offline_count"] = row.offline_count
    for name in ("discount_sum", "markup_sum", "change_sum"):
        figures[prefix + name] = money_of(getattr(row, name), f"ticket_operations.{name}")
