"""The counters of a register: one fold of documents, computed alike on both sides.

A state is a flat mapping from a dotted name to an integer; a name that is not there is zero. The names:

=============================================  =================================================================
``sections.<code>.<op>.count`` / ``.sum``      positions of a section, before discounts and markups; a storno lowers
                                               the sums, here and everywhere, and no count
``operations.<op>.count`` / ``.sum``           the same over all sections (``count`` counts positions)
``discounts.<op>.count`` / ``.sum``            discounts of items and of receipts; ``markups`` likewise
``total_result.<op>.count`` / ``.sum``         positions, and goods - discounts + markups
``taxes.<kind>.<rate>.<op>.turnover``          what the tax was taken of; ``.sum`` the tax; ``.turnover_without_tax``
``tickets.<op>.total_count``                   receipts since registration
``tickets.<op>.count`` / ``.sum``              receipts of the shift
``tickets.<op>.payments.<kind>.count``/.sum``  by payment
``tickets.<op>.offline_count``                 of them autonomous
``tickets.<op>.discount_sum`` / ``.markup_sum``  of whole receipts only
``tickets.<op>.change_sum``                    change given
``non_nullable.<op>``                          running total since registration
``start_non_nullable.<op>``                    the same when the shift began
``placements.<deposit|withdrawal>.total_count``  since registration; ``.count``, ``.sum``, ``.offline_count`` of the shift
``cash_sum``                                   cash in the drawer; ``revenue`` of the shift, with its sign
``corrections.<op>.count`` / ``.sum``          corrections, apart from everything else
=============================================  =================================================================

Source: the ZXReport of the Kazakhstan protocol 2.0.3 and the rules of a production operator's calculator.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from fiscal.domain.document import (
    COUNTERS_MAX,
    Annulment,
    CloseShift,
    Correction,
    Delivery,
    Deposit,
    Document,
    Withdrawal,
)
from fiscal.domain.money import MONEY_MAX, format_minor
from fiscal.domain.receipt import CASH_SIGN, Item, ModifierKind, Operation, PaymentKind, Receipt, Tax, TaxKind
from fiscal.time import Instant

Counters = dict[str, int]
"""Never changed in place once handed out: every function here returns a new one."""

CASH_SUM: Final = "cash_sum"
REVENUE: Final = "revenue"
FIGURES_SIZE_MAX: Final = 240 * 1024
"""Bytes of the figures of a shift: a Z-report holds them all and stays below 255 KiB, and what takes a receipt back
holds some of them."""

FIGURES_MANY: Final = 800
"""So many figures never take more, however long their names are: the longest, of a section, has 294 bytes."""
_BESIDE_NAME: Final = 12
"""Bytes of a figure beside its name: the number itself and both their lengths."""
_SECTION: Final = "sections."
_CASH: Final = PaymentKind.CASH


@dataclass(frozen=True, slots=True)
class _Names:
    """The names of one operation, spelled once, because they are needed for every document."""

    prefix: str
    discounts_count: str
    discounts_sum: str
    markups_count: str
    markups_sum: str
    total_count: str
    offline_count: str
    discount_sum: str
    markup_sum: str
    change_sum: str
    non_nullable: str
    start_non_nullable: str
    payments: Mapping[PaymentKind, tuple[str, str]]
    always: tuple[str, ...]
    sign: int


def _names(operation: Operation) -> _Names:
    op = operation.value
    return _Names(
        prefix=op,
        discounts_count=f"discounts.{op}.count",
        discounts_sum=f"discounts.{op}.sum",
        markups_count=f"markups.{op}.count",
        markups_sum=f"markups.{op}.sum",
        total_count=f"tickets.{op}.total_count",
        offline_count=f"tickets.{op}.offline_count",
        discount_sum=f"tickets.{op}.discount_sum",
        markup_sum=f"tickets.{op}.markup_sum",
        change_sum=f"tickets.{op}.change_sum",
        non_nullable=f"non_nullable.{op}",
        start_non_nullable=f"start_non_nullable.{op}",
        payments={
            kind: (f"tickets.{op}.payments.{kind.value}.count", f"tickets.{op}.payments.{kind.value}.sum")
            for kind in PaymentKind
        },
        always=(
            f"operations.{op}.count",
            f"operations.{op}.sum",
            f"total_result.{op}.count",
            f"total_result.{op}.sum",
            f"tickets.{op}.total_count",
            f"tickets.{op}.count",
            f"tickets.{op}.sum",
            f"non_nullable.{op}",
            CASH_SUM,
            REVENUE,
        ),
        sign=CASH_SIGN[operation],
    )


_NAMES: Final[Mapping[Operation, _Names]] = {operation: _names(operation) for operation in Operation}

CARRIED_OVER: Final[frozenset[str]] = frozenset(
    [CASH_SUM, "placements.deposit.total_count", "placements.withdrawal.total_count"]
    + [names.total_count for names in _NAMES.values()]
    + [names.non_nullable for names in _NAMES.values()]
)
"""What the next shift begins with; everything else begins at zero."""


def _add(counters: Counters, name: str, amount: int) -> None:
    """Add to a figure; one that becomes zero is left out, so that equal states are equal mappings."""
    if amount:
        value = counters.get(name, 0) + amount
        if value:
            counters[name] = value
        else:
            del counters[name]


def add_figure(counters: Counters, name: str, amount: int) -> None:
    """Add to a figure of counters that are being made."""
    _add(counters, name, amount)


def names_of_sales(
    section: str, tax: TaxKind | None, rate: int, payment: PaymentKind, *, has_change: bool, autonomous: bool
) -> tuple[tuple[str, ...], ...]:
    """What sales from one section move that have one tax inside (or none), one payment, and nothing special.

    In this order: the figures that rise by one with each receipt, by the number of its lines, by its total, by the tax in
    it, by the rest, and by the change.
    """
    of_receipt = names_of_receipt(payment, has_change=has_change, autonomous=autonomous)
    of_lines = names_of_lines(section, tax, rate)
    return tuple(one + other for one, other in zip(of_receipt, of_lines, strict=True))


def names_of_receipt(payment: PaymentKind | None, *, has_change: bool, autonomous: bool) -> tuple[tuple[str, ...], ...]:
    """What a sale moves wherever its lines come from, in the order of :func:`names_of_sales`.

    With ``None`` for the payment, what it moves however it was paid: see :func:`names_of_payment`.
    """
    names = _NAMES[Operation.SELL]
    count, amount, lines, result, all_tickets, tickets, tickets_sum, running, _, revenue = names.always
    once: tuple[str, ...] = (all_tickets, tickets, names.offline_count) if autonomous else (all_tickets, tickets)
    totals: tuple[str, ...] = (amount, result, tickets_sum, running, revenue)
    if payment is not None:
        paid = names_of_payment(payment)
        once, totals = once + paid[0], totals + paid[2]
    return once, (count, lines), totals, (), (), (names.change_sum,) if has_change else ()


def names_of_payment(payment: PaymentKind) -> tuple[tuple[str, ...], ...]:
    """What a part of a sale's total moves by how it was paid, in the same order."""
    names = _NAMES[Operation.SELL]
    count, amount = names.payments[payment]
    return (count,), (), (amount, CASH_SUM) if payment is _CASH else (amount,), (), (), ()


def names_of_discounts(section: str) -> tuple[tuple[str, ...], ...]:
    """What is taken off lines of a section moves, by its number and its sum: the goods count in full (same order)."""
    names = _NAMES[Operation.SELL]
    goods = (_section_names(section, names.prefix)[1], names.always[1])
    return (), (names.discounts_count,), (names.discounts_sum, *goods), (), (), ()


def names_of_lines(section: str, tax: TaxKind | None, rate: int) -> tuple[tuple[str, ...], ...]:
    """What lines of a sale move that have one section and one tax inside (or none), in the same order."""
    prefix = _NAMES[Operation.SELL].prefix
    section_count, section_sum = _section_names(section, prefix)
    if tax is None:
        return (), (section_count,), (section_sum,), (), (), ()
    turnover, tax_sum, without = _tax_names(tax, rate, prefix)
    return (), (section_count,), (section_sum, turnover), (tax_sum,) if rate else (), (without,), ()


def begin_shift(counters: Mapping[str, int]) -> Counters:
    """The counters of a new shift: what is carried over, and the running totals at its start."""
    begun = {name: value for name, value in counters.items() if name in CARRIED_OVER}
    for names in _NAMES.values():
        if names.non_nullable in begun:
            begun[names.start_non_nullable] = begun[names.non_nullable]
    return begun


@lru_cache(maxsize=1024)
def _section_names(section: str, op: str) -> tuple[str, str]:
    return f"sections.{section}.{op}.count", f"sections.{section}.{op}.sum"


@lru_cache(maxsize=1024)
def _tax_names(kind: TaxKind, rate: int, op: str) -> tuple[str, str, str]:
    prefix = f"taxes.{kind.value}.{rate}.{op}."
    return prefix + "turnover", prefix + "sum", prefix + "turnover_without_tax"


def _fold_taxes(counters: Counters, taxes: Sequence[Tax], op: str, sign: int = 1) -> None:
    """All of these; equal rates that follow each other at once: most receipts have one rate on every line."""
    kind: TaxKind | None = None
    rate = turnover = amount = 0
    for tax in taxes:
        if tax.rate != rate or tax.kind is not kind:
            if kind is not None:
                _fold_tax(counters, _tax_names(kind, rate, op), sign * turnover, sign * amount)
            kind, rate, turnover, amount = tax.kind, tax.rate, 0, 0
        of = tax.sum
        amount += of
        turnover += tax.base if tax.inside else tax.base + of
    if kind is not None:
        _fold_tax(counters, _tax_names(kind, rate, op), sign * turnover, sign * amount)


def _fold_tax(counters: Counters, names: tuple[str, str, str], turnover: int, amount: int) -> None:
    turnover_name, amount_name, without_name = names
    _add(counters, turnover_name, turnover)
    _add(counters, amount_name, amount)
    _add(counters, without_name, turnover - amount)


def _fold_section(counters: Counters, section: str, op: str, count: int, amount: int) -> None:
    if count:
        count_name, sum_name = _section_names(section, op)
        _add(counters, count_name, count)
        _add(counters, sum_name, amount)


def _fold_items(counters: Counters, items: Sequence[Item], names: _Names) -> tuple[int, int, int]:
    """Sections, taxes, discounts and markups of the items; returns their number, the goods and what is left of those.

    What is taken back comes last, so that no figure is below zero on the way.
    """
    goods = discounts = discounted = markups = marked = count = amount = 0
    stornos: list[Item] = []
    taxes: list[Tax] = []
    op = names.prefix
    section = ""
    for item in items:
        if item.storno:
            stornos.append(item)
            continue
        if item.section != section:
            _fold_section(counters, section, op, count, amount)
            section, count, amount = item.section, 0, 0
        of = item.sum
        count += 1
        amount += of
        goods += of
        if item.discount:
            discounts, discounted = discounts + 1, discounted + item.discount
        elif item.markup:
            markups, marked = markups + 1, marked + item.markup
        taxes += item.taxes
    _fold_section(counters, section, op, count, amount)
    _fold_taxes(counters, taxes, op)
    if discounts:
        _add(counters, names.discounts_count, discounts)
        _add(counters, names.discounts_sum, discounted)
    if markups:
        _add(counters, names.markups_count, markups)
        _add(counters, names.markups_sum, marked)
    for item in stornos:
        goods -= item.sum
        _add(counters, _section_names(item.section, op)[1], -item.sum)
        _fold_taxes(counters, item.taxes, op, -1)
    return len(items) - len(stornos), goods, goods - discounted + marked


def _fold_modifiers(counters: Counters, receipt: Receipt, names: _Names) -> None:
    """The discount or the markup of a whole receipt, which has one of them, and those that belong to no item."""
    for modifier in sorted(receipt.modifiers, key=lambda modifier: modifier.storno):
        discount = modifier.kind is ModifierKind.DISCOUNT
        if not modifier.storno:
            _add(counters, names.discounts_count if discount else names.markups_count, 1)
        amount = -modifier.sum if modifier.storno else modifier.sum
        _add(counters, names.discounts_sum if discount else names.markups_sum, amount)
    if receipt.discount:
        _add(counters, names.discounts_count, 1)
        _add(counters, names.discounts_sum, receipt.discount)
        _add(counters, names.discount_sum, receipt.discount)
    elif receipt.markup:
        _add(counters, names.markups_count, 1)
        _add(counters, names.markups_sum, receipt.markup)
        _add(counters, names.markup_sum, receipt.markup)


def _fold_receipt(counters: Counters, receipt: Receipt, autonomous: bool) -> None:
    names = _NAMES[receipt.operation]
    positions, goods, result = _fold_items(counters, receipt.items, names)
    if receipt.discount or receipt.markup or receipt.modifiers:
        result += receipt.markup - receipt.discount + sum(modifier.amount for modifier in receipt.modifiers)
        _fold_modifiers(counters, receipt, names)
    if receipt.taxes:
        _fold_taxes(counters, receipt.taxes, names.prefix)
    cash = 0
    for payment in receipt.payments:
        kind, amount = payment.kind, payment.sum
        count_name, sum_name = names.payments[kind]
        _add(counters, count_name, 1)
        _add(counters, sum_name, amount)
        if kind is _CASH:
            cash = amount
    if receipt.change:
        _add(counters, names.change_sum, receipt.change)
    if autonomous:
        _add(counters, names.offline_count, 1)
    total = receipt.total
    sign = names.sign
    amounts = (positions, goods, positions, result, 1, 1, total, total, sign * cash, sign * total)
    for name, amount in zip(names.always, amounts, strict=True):
        if amount:  # as _add, spelled out: these change with every receipt
            value = counters.get(name, 0) + amount
            if value:
                counters[name] = value
            else:
                del counters[name]


def _fold_placement(counters: Counters, word: str, amount: int, autonomous: bool) -> None:
    prefix = f"placements.{word}."
    _add(counters, prefix + "total_count", 1)
    _add(counters, prefix + "count", 1)
    _add(counters, prefix + "sum", amount)
    if autonomous:
        _add(counters, prefix + "offline_count", 1)
    _add(counters, CASH_SUM, amount if word == "deposit" else -amount)


def fold(counters: Mapping[str, int], document: Document, delivery: Delivery) -> Counters:
    """The counters after this document, within its shift.

    The Z-report itself changes nothing but a withdrawal of the whole drawer when it asks for one (its figures are
    those after it); the next shift starts with :func:`begin_shift`. A void changes nothing: what it replaces was never counted here.
    """
    after = dict(counters)
    match document:
        case Receipt():
            _fold_receipt(after, document, delivery.autonomous)
        case Deposit():
            _fold_placement(after, "deposit", document.sum, delivery.autonomous)
        case Withdrawal():
            _fold_placement(after, "withdrawal", document.sum, delivery.autonomous)
        case Correction():
            _add(after, f"corrections.{document.operation.value}.count", 1)
            _add(after, f"corrections.{document.operation.value}.sum", document.total)
        case Annulment():
            for name, amount in document.counters.items():
                _add(after, name, -amount)
        case CloseShift():
            # Never counted as offline: the figures of the Z-report are frozen before its own delivery is known.
            if document.withdraw_cash and after.get(CASH_SUM, 0) > 0:
                _fold_placement(after, "withdrawal", after[CASH_SUM], autonomous=False)
        case _:
            pass
    return after


def annulment_of(
    receipt: Receipt,
    delivery: Delivery,
    *,
    id: bytes,  # noqa: A002 - the name of the document's field
    number: int,
    issued_at: Instant,
) -> Annulment:
    """The document that takes this receipt back; ``delivery`` is how the receipt had been delivered when it was counted.

    Everything that the receipt added is taken off, but not itself from the receipts since registration. It belongs to
    the receipt's own shift: only the last document of a register is annulled.
    """
    added = fold({}, receipt, delivery)
    del added[_NAMES[receipt.operation].total_count]
    return Annulment(
        id=id,
        number=number,
        shift=receipt.shift,
        issued_at=issued_at,
        cashier=receipt.cashier,
        annuls=receipt.number,
        total=receipt.total,
        counters=added,
    )


def turned_autonomous(counters: Mapping[str, int], document: Document) -> Counters:
    """The counters of a shift after one of its documents, counted as online, turned out to be autonomous."""
    after = dict(counters)
    match document:
        case Receipt():
            _add(after, _NAMES[document.operation].offline_count, 1)
        case Deposit():
            _add(after, "placements.deposit.offline_count", 1)
        case Withdrawal():
            _add(after, "placements.withdrawal.offline_count", 1)
        case _:
            pass
    return after


def sections_of(counters: Mapping[str, int]) -> set[str]:
    """The codes of the sections that have figures; a code may have points in it."""
    return {name[len(_SECTION) :].rsplit(".", 2)[0] for name in counters if name.startswith(_SECTION)}


def outgrown(counters: Mapping[str, int]) -> tuple[str, str] | None:
    """Field and rule of what no Z-report could say of these figures any more; ``None`` while it can.

    A document that leads there must not be issued, nor accepted: its shift could never be closed.
    """
    if len(counters) > COUNTERS_MAX:
        return "taxes", f"a shift has at most {COUNTERS_MAX} figures"
    if len(counters) > FIGURES_MANY and _size_of(counters) > FIGURES_SIZE_MAX:
        return "taxes", f"the figures of a shift take at most {FIGURES_SIZE_MAX} bytes"
    if (counters and max(counters.values()) > MONEY_MAX) or counters.get(REVENUE, 0) < -MONEY_MAX:
        return "total", f"a figure of the shift would be larger than {format_minor(MONEY_MAX)}"
    return None


def _size_of(counters: Mapping[str, int]) -> int:
    """Bytes that these figures take in a document, or a few more."""
    return sum(len(name.encode()) for name in counters) + _BESIDE_NAME * len(counters)


def differences(ours: Mapping[str, int], theirs: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Every figure that is not the same on both sides, by name: (ours, theirs)."""
    return {
        name: (ours.get(name, 0), theirs.get(name, 0))
        for name in sorted(ours.keys() | theirs.keys())
        if ours.get(name, 0) != theirs.get(name, 0)
    }
