from dataclasses import replace

from fiscal.domain.shift import Report, ReportKind
from fiscal.rendering.reports import report_sheet
from fiscal.rendering.sheet import Banner, Line, Pair, Title
from fiscal.rendering.values import PrintedReport, report_of
from fiscal.rendering.words import amount
from tests.fiscal.rendering.samples import AT, KZ, Z, report

FORM = report("z")


def x_report(counters):
    return PrintedReport(report=Report(ReportKind.X, 1, AT, AT, counters), profile=KZ)


def rows_of(form, kind):
    return [row for row in report_sheet(form).rows if isinstance(row, kind)]


def test_every_sum_of_the_shift_is_printed():
    shown = {row.right for row in rows_of(FORM, Pair)}
    # What the others already say: positions of all sections, and discounts that `discounts` has in it.
    parts = ("operations.", "total_result.", "tickets.sell.discount_sum", "tickets.sell.markup_sum")
    for name, value in Z.counters.items():
        if name.endswith("sum") and not name.startswith(parts):
            assert amount(value) in shown, name


def test_a_z_report_taken_without_the_operator_is_marked():
    assert Banner("АВТОНОМНЫЙ") not in report_sheet(FORM).rows
    assert Banner("АВТОНОМНЫЙ") in report_sheet(replace(FORM, autonomous=True)).rows


def test_x_and_z_say_what_they_do_to_the_shift():
    assert rows_of(FORM, Title) == [Title("Z-ОТЧЁТ (С ГАШЕНИЕМ)")]
    assert rows_of(x_report({}), Title) == [Title("X-ОТЧЁТ (БЕЗ ГАШЕНИЯ)")]
    assert report_of(Z).kind is ReportKind.Z


def test_an_x_report_has_no_number_and_no_marks():
    sheet = report_sheet(x_report({}))
    assert sheet.marks == sheet.marks_meaning == ""
    assert Line("Смена № 1") in sheet.rows
    assert not any("Документ" in row.left for row in rows_of(x_report({}), Pair))


def test_documents_that_wait_are_counted():
    assert Pair("Не передано оператору", "2") in report_sheet(replace(FORM, unsent=2)).rows
    assert not any("Не передано" in row.left for row in rows_of(FORM, Pair))


def test_sections_stand_in_their_natural_order_whatever_their_code():
    counters = {
        f"sections.{code}.sell.{figure}": 1 for code in ("10", "2", "a.sell.b", "1") for figure in ("count", "sum")
    }
    titles = [row.text for row in rows_of(x_report(counters), Line) if row.text.startswith("Секция")]
    assert titles == [
        "Секция 1, продажа",
        "Секция 2, продажа",
        "Секция 10, продажа",
        "Секция a.sell.b, продажа",
    ]


def test_offline_cash_is_counted():
    form = x_report(
        {
            "placements.deposit.count": 2,
            "placements.deposit.sum": 500,
            "placements.deposit.offline_count": 1,
        }
    )
    assert Pair("ВНЕСЕНИЯ: 2", "5,00") in report_sheet(form).rows
    assert Pair("из них автономных", "1", indent=1) in report_sheet(form).rows
