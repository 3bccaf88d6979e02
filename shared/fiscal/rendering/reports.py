"""What stands on an X or Z report, from top to bottom.

The rule: every figure is one of the counters (:mod:`fiscal.domain.counters`), printed and not computed again. What
is zero is left out, except where a reader looks for it: each operation, cash in and out, the drawer, the revenue.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fiscal.domain.counters import CASH_SUM, REVENUE
from fiscal.domain.receipt import Operation, PaymentKind
from fiscal.domain.shift import ReportKind
from fiscal.domain.status import marks
from fiscal.rendering.forms import foot, head
from fiscal.rendering.sheet import Line, Pair, Row, Rule, Sheet, Title
from fiscal.rendering.values import PrintedReport
from fiscal.rendering.words import MEANINGS, PAYMENTS, WORDS, Words, amount, rate
from fiscal.time import printed as printed_time

Counters = Mapping[str, int]


def report_sheet(form: PrintedReport) -> Sheet:
    """The form of an X or Z report."""
    words = WORDS[form.profile.country]
    counters = form.report.counters
    is_x = form.report.kind is ReportKind.X
    title = "X-ОТЧЁТ (БЕЗ ГАШЕНИЯ)" if is_x else "Z-ОТЧЁТ (С ГАШЕНИЕМ)"
    rows = (
        *head(form),
        Rule(heavy=True),
        Title(title),
        *_when(form),
        *_operations(counters, words),
        *_sections(counters, words),
        *_taxes(counters, words),
        *_placements(counters),
        *_corrections(counters, words),
        *_running_totals(counters, words),
        Rule(heavy=True),
        *foot(form.profile, form.operator),
    )
    if form.state is None:
        return Sheet(title, rows)
    return Sheet(title, rows, str(marks(form.state)), MEANINGS[form.state])


def _when(form: PrintedReport) -> Iterator[Row]:
    report, zone = form.report, form.profile.zone
    shift = f"Смена № {report.shift}"
    yield Line(shift) if form.number is None else Pair(f"Документ № {form.number}", shift)
    if report.opened_at is not None:
        yield Pair("Открыта", printed_time(report.opened_at, zone))
    yield Pair("Снят" if report.kind is ReportKind.X else "Закрыта", printed_time(report.taken_at, zone))
    if form.cashier is not None:
        yield Line(f"Кассир: {form.cashier.name}")
    if form.unsent:
        yield Pair("Не передано оператору", str(form.unsent))


def _money(label: str, counters: Counters, name: str, indent: int = 1) -> Iterator[Row]:
    if value := counters.get(name):
        yield Pair(label, amount(value), indent=indent)


def _operations(counters: Counters, words: Words) -> Iterator[Row]:
    for operation, title in words.operations.items():
        prefix = f"tickets.{operation.value}."
        yield Rule()
        count = counters.get(prefix + "count", 0)
        yield Pair(title, f"чеков: {count}", strong=True)
        if count == 0:
            continue
        if offline := counters.get(prefix + "offline_count"):
            yield Pair("из них автономных", str(offline), indent=1)
        yield Pair("сумма", amount(counters.get(prefix + "sum", 0)), indent=1)
        for kind in PaymentKind:
            yield from _money(PAYMENTS[kind].lower(), counters, f"{prefix}payments.{kind.value}.sum", 2)
        yield from _money("сдача", counters, prefix + "change_sum")
        yield from _money("скидки", counters, f"discounts.{operation.value}.sum")
        yield from _money("наценки", counters, f"markups.{operation.value}.sum")


def _by_operation(counters: Counters, words: Words, prefix: str, suffix: str) -> Iterator[tuple[str, str, str]]:
    """Every name ``<prefix><what>.<operation><suffix>`` as (what, word of the operation, name without the suffix).

    What stands in the middle is the caller's, a section's code may have points in it.
    """
    for name in counters:
        if name.startswith(prefix) and name.endswith(suffix):
            stem = name.removesuffix(suffix)
            what, _, operation = stem.removeprefix(prefix).rpartition(".")
            yield what, words.operations[Operation(operation)].lower(), stem


def _natural(code: str) -> tuple[int, str]:
    """Sections 2 and 10 in this order."""
    return len(code), code


def _sections(counters: Counters, words: Words) -> Iterator[Row]:
    found = sorted(_by_operation(counters, words, "sections.", ".count"), key=lambda row: _natural(row[0]))
    if found:
        yield Rule()
        yield Line("СЕКЦИИ (до скидок и наценок)", strong=True)
    for code, operation, stem in found:
        yield Line(f"Секция {code}, {operation}")
        positions = f"позиций: {counters[stem + '.count']}"
        yield Pair(positions, amount(counters.get(stem + ".sum", 0)), indent=1)


def _taxes(counters: Counters, words: Words) -> Iterator[Row]:
    found = sorted(
        _by_operation(counters, words, "taxes.vat.", ".turnover"),
        key=lambda row: int(row[0]),
        reverse=True,
    )
    if found:
        yield Rule()
        yield Line("НАЛОГИ", strong=True)
    for thousandths, operation, stem in found:
        yield Line(f"НДС {rate(int(thousandths))}, {operation}")
        yield Pair("оборот", amount(counters[stem + ".turnover"]), indent=1)
        without = counters.get(stem + ".turnover_without_tax", 0)
        yield Pair("оборот без налога", amount(without), indent=1)
        yield Pair("налог", amount(counters.get(stem + ".sum", 0)), indent=1)


def _placements(counters: Counters) -> Iterator[Row]:
    yield Rule()
    for word, title in (("deposit", "ВНЕСЕНИЯ"), ("withdrawal", "ИЗЪЯТИЯ")):
        prefix = f"placements.{word}."
        yield Pair(f"{title}: {counters.get(prefix + 'count', 0)}", amount(counters.get(prefix + "sum", 0)))
        if offline := counters.get(prefix + "offline_count"):
            yield Pair("из них автономных", str(offline), indent=1)
    yield Pair("НАЛИЧНЫХ В КАССЕ", amount(counters.get(CASH_SUM, 0)), strong=True)
    yield Pair("ВЫРУЧКА", amount(counters.get(REVENUE, 0)), strong=True)


def _corrections(counters: Counters, words: Words) -> Iterator[Row]:
    prefix = "corrections."
    names = [name for name in counters if name.startswith(prefix) and name.endswith(".count")]
    if names:
        yield Rule()
        yield Line("ЧЕКИ КОРРЕКЦИИ", strong=True)
    for operation, title in words.operations.items():
        if count := counters.get(f"{prefix}{operation.value}.count"):
            total = counters.get(f"{prefix}{operation.value}.sum", 0)
            yield Pair(f"{title.lower()}: {count}", amount(total), indent=1)


def _running_totals(counters: Counters, words: Words) -> Iterator[Row]:
    for title, prefix in (
        ("на начало смены", "start_non_nullable."),
        ("на конец смены", "non_nullable."),
    ):
        yield Rule()
        yield Line(f"НЕОБНУЛЯЕМЫЕ СУММЫ {title}", strong=True)
        for operation, word in words.operations.items():
            yield Pair(word.lower(), amount(counters.get(prefix + operation.value, 0)), indent=1)
