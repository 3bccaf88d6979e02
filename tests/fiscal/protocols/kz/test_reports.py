"""Figures over the wire and back, and the end of a shift."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.domain.counters import Counters, fold, turned_autonomous
from fiscal.domain.document import CARRIED_PAYMENTS, ONLINE, CloseShift, Delivery
from fiscal.domain.shift import Report, ReportKind, Shift, advance
from fiscal.protocols.kz.given import delivery_of
from fiscal.protocols.kz.messages import request_type
from fiscal.protocols.kz.reports import (
    close_shift_fields,
    close_shift_of,
    counters_of,
    empty_report_fields,
    report_block,
    report_fields,
    report_request,
)
from fiscal.protocols.kz.rules import Finding
from tests.documents import T0, close_shift, deposit, item, receipt, receipts, withdrawal
from tests.fiscal.protocols.kz.mapped import MORNING, VERSIONS, ZONE, given_of, sent, tenge


def sent_report(report: Report, version: int):
    return sent(3, version, report=report_request(report, ZONE, False)).report.zx_report


@st.composite
def shifts(draw):
    """A shift of anything that this wire carries, after another one."""
    shift = Shift()
    count = draw(st.integers(0, 6))
    for number in range(1, count + 1):
        at = T0 + number * 1000
        document = draw(
            st.one_of(
                receipts(number, shift.next_number, at).filter(
                    lambda sold: all(part.kind in CARRIED_PAYMENTS["kz"] for part in sold.payments)
                ),
                st.just(deposit(number, shift.next_number, at, sum=10**9)),
                st.just(withdrawal(number, shift.next_number, at, sum=0)),
                st.just(close_shift(number, shift.next_number, at)),
            )
        )
        shift = advance(shift, document, ONLINE)
        if draw(st.booleans()) and shift.is_open:
            shift = Shift(shift.number, shift.opened_at, turned_autonomous(shift.counters, document))
    return shift


@pytest.mark.parametrize("version", VERSIONS)
@given(shift=shifts(), kind=st.sampled_from(ReportKind))
def test_figures_come_back_as_they_went(version, shift, kind):
    report = Report(kind, shift.next_number, shift.opened_at, T0, shift.counters)
    back = counters_of(sent_report(report, version))
    assert isinstance(back, dict)
    if shift.counters.get("cash_sum", 0) < 0:  # below zero, which the wire cannot say
        assert back == {name: value for name, value in shift.counters.items() if name != "cash_sum"}
    else:
        assert back == shift.counters


def test_every_list_has_a_row_for_everything():
    report = sent_report(Report(ReportKind.X, 3, None, T0, {}), 203)
    for name in ("operations", "discounts", "markups", "total_result", "non_nullable_sums"):
        assert [row.operation for row in getattr(report, name)] == [0, 1, 2, 3]
    assert [row.operation for row in report.start_shift_non_nullable_sums] == [0, 1, 2, 3]
    assert [row.operation for row in report.ticket_operations] == [0, 1, 2, 3]
    assert [[part.payment for part in row.payments] for row in report.ticket_operations] == [[0, 1, 2, 3, 4]] * 4
    assert [row.operation for row in report.money_placements] == [0, 1]
    assert not report.sections
    assert not report.taxes
    assert not report.HasField("open_shift_time")
    assert not report.HasField("close_shift_time")
    assert report.shift_number == 3


def test_a_report_by_hand():
    counters = fold({}, receipt(items=(item(20_000, 2_500, rate=12_000),), change=5_000), Delivery(autonomous=True))
    counters["revenue"] = -7
    report = sent_report(Report(ReportKind.Z, 2, T0, T0 + 1000, counters), 202)
    (section,) = report.sections
    assert (section.section_code, section.operations[2].count, section.operations[2].sum.bills) == ("1", 1, 500)
    (tax,) = report.taxes
    row = tax.operations[2]
    assert (tax.tax_type, tax.percent, row.turnover.bills, row.sum.bills, row.sum.coins) == (100, 12_000, 500, 53, 57)
    assert (row.turnover_without_tax.bills, row.turnover_without_tax.coins) == (446, 43)
    tickets = report.ticket_operations[2]
    assert (tickets.tickets_total_count, tickets.tickets_count, tickets.offline_count) == (1, 1, 1)
    assert (tickets.payments[0].count, tickets.payments[0].sum.bills, tickets.change_sum.bills) == (1, 500, 50)
    assert (report.revenue.is_negative, report.revenue.sum.coins) == (True, 7)
    assert report.cash_sum.bills == 500
    assert report.HasField("open_shift_time")
    assert report.close_shift_time.time.second == report.date_time.time.second == 1


def test_what_the_wire_has_no_place_for_is_left_out():
    counters = {
        "corrections.sell.sum": 5,
        "tickets.sell.payments.advance.sum": 5,
        "tickets.sell.payments.advance.count": 1,
        "cash_sum": -5,
        "tickets.sell.total_count": 9,
    }
    assert counters_of(sent_report(Report(ReportKind.X, 1, T0, T0, counters), 203)) == {"tickets.sell.total_count": 9}


def test_an_empty_report():
    fields = report_block(ReportKind.Z, empty_report_fields(MORNING, 0))
    report = sent(3, 203, report={**fields, "date_time": MORNING}).report
    assert report.report == 0
    assert counters_of(report.zx_report) == {}
    assert report.zx_report.shift_number == 0
    assert report_block(ReportKind.X, {})["report"] == 1


# ------------------------------------------------------------------------------------------------------ foreign ones


def zx(**fields):
    made = {**empty_report_fields(MORNING, 1), **fields}
    return sent(3, 203, report={"report": 1, "date_time": MORNING, "zx_report": made}).report.zx_report


def rows(count: int, amount: int) -> list[dict[str, object]]:
    return [{"operation": 2, "count": count, "sum": tenge(amount)}]


def test_a_tax_without_its_turnover_without_tax():
    tax = {
        "tax_type": 100,
        "percent": 12_000,
        "operations": [{"operation": 2, "turnover": tenge(500), "sum": tenge(53, 57)}],
    }
    assert counters_of(zx(taxes=[tax])) == {
        "taxes.vat.12000.sell.turnover": 50_000,
        "taxes.vat.12000.sell.sum": 5_357,
        "taxes.vat.12000.sell.turnover_without_tax": 44_643,
    }


def test_of_two_rows_the_last_one_counts():
    assert counters_of(zx(operations=rows(1, 1) + rows(2, 3))) == {
        "operations.sell.count": 2,
        "operations.sell.sum": 300,
    }


@pytest.mark.parametrize(
    ("fields", "rule", "field"),
    [
        ({"sections": [{"section_code": "", "operations": []}]}, "limit", "sections.section_code"),
        ({"sections": [{"section_code": "я" * 65, "operations": []}]}, "limit", "sections.section_code"),
        ({"taxes": [{"tax_type": 1, "percent": 0}]}, "unknown_value", "taxes"),
        ({"taxes": [{"tax_type": 100, "percent": 100_001}]}, "unknown_value", "taxes"),
        ({"cash_sum": tenge(2**60)}, "limit", "cash_sum"),
        ({"operations": rows(1, 2**60)}, "limit", "operations.sum"),
        (
            {"sections": [{"section_code": str(code), "operations": rows(1, 1)} for code in range(6_001)]},
            "limit",
            "sections",
        ),
    ],
)
def test_what_no_counters_can_hold(fields, rule, field):
    finding = counters_of(zx(**fields))
    assert isinstance(finding, Finding)
    assert (finding.rule, finding.field) == (rule, field)


# ---------------------------------------------------------------------------------------------------- close of a shift


def closed(version: int, opened_at: int = T0, counters: Counters | None = None, **fields):
    made = {"close_time": MORNING, "operator": {"code": 1, "name": "Айгуль"}, **fields}
    made = {name: value for name, value in made.items() if value is not None}
    block = sent(2, version, close_shift=made).close_shift
    return close_shift_of(block, given_of(version=version), opened_at, counters or {})


@pytest.mark.parametrize("version", VERSIONS)
@given(shift=shifts(), withdraw=st.booleans(), autonomous=st.booleans())
def test_a_close_comes_back_as_it_went(version, shift, withdraw, autonomous):
    counters = {name: max(value, 0) if name == "cash_sum" else value for name, value in shift.counters.items()}
    counters = {name: value for name, value in counters.items() if value}
    document = close_shift(opened_at=T0, counters=counters, withdraw_cash=withdraw)
    delivery = Delivery(autonomous=True, period=1) if autonomous else ONLINE
    fields = close_shift_fields(document, delivery, ZONE, version)
    block = sent(2, version, close_shift=fields).close_shift
    assert close_shift_of(block, given_of(version=version), 5, {"cash_sum": 1}) == document
    assert delivery_of(block, 1) == delivery
    assert block.printed_document_number == (1 if version == 202 else 0)


def test_without_a_report_the_operators_own_figures_stand_in_it():
    made = closed(203, 7, {"cash_sum": 500, "revenue": 3})
    assert isinstance(made, CloseShift)
    assert (made.opened_at, made.counters, made.withdraw_cash) == (7, {"cash_sum": 500, "revenue": 3}, False)


def test_a_withdrawal_of_the_drawer_is_folded_in():
    made = closed(203, 7, {"cash_sum": 500}, withdraw_money=True)
    assert isinstance(made, CloseShift)
    assert made.withdraw_cash
    assert made.counters == {
        "placements.withdrawal.total_count": 1,
        "placements.withdrawal.count": 1,
        "placements.withdrawal.sum": 500,
    }


def test_a_report_without_its_begin():
    made = closed(203, 7, {}, z_report=empty_report_fields(MORNING, 1))
    assert isinstance(made, CloseShift)
    assert made.opened_at == 7


@pytest.mark.parametrize(
    ("fields", "rule", "field"),
    [
        ({"operator": None}, "operator_missing", "operator"),
        ({"z_report": {**empty_report_fields(MORNING, 1), "cash_sum": tenge(2**60)}}, "limit", "cash_sum"),
        ({"close_time": {"date": {"year": 0, "month": 0, "day": 0}, "time": MORNING["time"]}}, "date", "close_time"),
    ],
)
def test_what_is_refused(fields, rule, field):
    finding = closed(203, **fields)
    assert isinstance(finding, Finding)
    assert (finding.rule, finding.field) == (rule, f"close_shift.{field}")


def test_fields_for_a_report_make_one_in_both_versions():
    for version in VERSIONS:
        assert request_type(version)(
            command=3, report=report_request(Report(ReportKind.X, 1, T0, T0, {}), ZONE, True)
        ).report.is_offline
    assert report_fields(Report(ReportKind.X, 1, None, T0, {}), ZONE)["shift_number"] == 1
