"""Plain sales of a shift, added up before they are written into its figures.

A sale moves some eighteen figures, and nearly every sale of a register moves the same ones: one section, one tax, one
payment. So those that are :class:`Alike` are kept as five sums, and the figures are made of them when somebody asks. A
sale from several sections, with something taken off a line or paid in two ways is one of its own kind: its lines, its
discounts and its payments are added up each by themselves.

The rule: :func:`look` knows what is right and plain at a glance, and says nothing of anything else; what it lets pass
has no fault (:func:`~fiscal.domain.receipt.check_receipt`), and its sums give what
:func:`~fiscal.domain.counters.fold` gives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from msgspec import Struct

from fiscal.domain.counters import (
    Counters,
    add_figure,
    names_of_discounts,
    names_of_lines,
    names_of_payment,
    names_of_receipt,
    names_of_sales,
)
from fiscal.domain.money import MONEY_MAX, THOUSANDTHS
from fiscal.domain.receipt import Item, Operation, Payment, PaymentKind, Receipt, TaxKind
from fiscal.domain.taxes import RATE_ONE

ALIKE_MAX: Final = 32
"""Kinds of plain sales, and of their parts, that a shift keeps apart: ways to pay, and some sections with their taxes and
discounts. One more has all of them written into the figures first, which takes longer the more there are."""
BROUGHT_MAX: Final = 14 + 7 * ALIKE_MAX
"""Figures that all of them bring: fourteen that any sale moves, and of each kind two of its section, three of its tax and
two of its payment."""

_SELL: Final = Operation.SELL
_CASH: Final = PaymentKind.CASH
_HALF_THOUSAND: Final = THOUSANDTHS // 2


class Alike(Struct, frozen=True, eq=False, gc=False):
    """Sales that move the same figures: which of them move by how much.

    ``once`` rise by one with each receipt, ``positions``, ``totals``, ``taxes`` and ``changes`` by its number of lines,
    its total, the tax in it and the change given; ``without_tax`` by the total less the tax.
    """

    once: tuple[str, ...]
    positions: tuple[str, ...]
    totals: tuple[str, ...]
    taxes: tuple[str, ...]
    without_tax: tuple[str, ...]
    changes: tuple[str, ...]

    def are_known(self, counters: Mapping[str, int]) -> bool:
        """Whether all these figures are there already, so that no sale of this kind brings a new one."""
        groups = (self.once, self.positions, self.totals, self.taxes, self.without_tax, self.changes)
        return all(name in counters for names in groups for name in names)


Tally = tuple[int, int, int, int, int]
"""Receipts, positions, the sum of their totals, of the tax in them, of the change given."""


Moved = tuple[tuple[Alike, Tally], ...]
"""What a sale moves by how much."""


@lru_cache(maxsize=1024)
def _of_lines(section: str, tax: TaxKind | None, rate: int) -> Alike:
    return Alike(*names_of_lines(section, tax, rate))


@lru_cache(maxsize=1024)
def _of_discounts(section: str) -> Alike:
    return Alike(*names_of_discounts(section))


@lru_cache(maxsize=1024)
def _of_receipt(payment: PaymentKind | None, has_change: bool, autonomous: bool) -> Alike:
    return Alike(*names_of_receipt(payment, has_change=has_change, autonomous=autonomous))


@lru_cache(maxsize=1024)
def _of_payment(payment: PaymentKind) -> Alike:
    return Alike(*names_of_payment(payment))


@lru_cache(maxsize=1024)
def _alike(
    section: str, tax: TaxKind | None, rate: int, payment: PaymentKind, has_change: bool, autonomous: bool
) -> Alike:
    return Alike(*names_of_sales(section, tax, rate, payment, has_change=has_change, autonomous=autonomous))


def look(receipt: Receipt, autonomous: bool = False) -> Moved | None:
    """What a plain sale without any fault moves; ``None`` for what has to be looked at closely."""
    if (
        receipt.operation is not _SELL
        or receipt.taxes
        or receipt.modifiers
        or receipt.discount
        or receipt.markup
        or receipt.parent is not None
    ):
        return None
    payments, total = receipt.payments, receipt.total
    if len(payments) == 1:
        one: PaymentKind | None = payments[0].kind
        cash = total if one is _CASH else None
        if payments[0].sum != total:
            return None
    else:
        one = None
        cash = _cash_of_two(payments, total)
        if cash == _WRONG:
            return None
    given = _given(receipt, cash)
    if given is None:
        return None
    lines = None if one is None else _lines_alike(receipt.items)
    if one is None or lines is None:
        return _parts(receipt, one, given, autonomous)
    section, kind, rate, nets, tax = lines
    if nets != total:
        return None
    return ((_alike(section, kind, rate, one, given > 0, autonomous), (1, len(receipt.items), total, tax, given)),)


def _parts(receipt: Receipt, one: PaymentKind | None, given: int, autonomous: bool) -> Moved | None:
    """What the lines of a sale, its discounts and its payments move each by themselves."""
    items, total = receipt.items, receipt.total
    groups = _lines(items)
    if groups is None or sum([group[4] for group in groups]) != total:
        return None
    moved = [(_of_receipt(one, given > 0, autonomous), (1, len(items), total, 0, given))]
    if one is None:
        moved += [(_of_payment(payment.kind), (1, 0, payment.sum, 0, 0)) for payment in receipt.payments]
    gross = total
    for section, kind, rate, many, net, tax, discounts, discounted in groups:
        moved.append((_of_lines(section, kind, rate), (0, many, net, tax, 0)))
        if discounts:
            gross += discounted
            moved.append((_of_discounts(section), (0, discounts, discounted, 0, 0)))
    return tuple(moved) if gross <= MONEY_MAX else None


_WRONG: Final = -1


def _given(receipt: Receipt, cash: int | None) -> int | None:
    """The change given when that goes with what was paid in cash."""
    taken, change = receipt.taken, receipt.change
    if cash is None:
        return 0 if taken is None and change is None else None
    return change if taken is not None and change is not None and taken - change == cash else None


def _cash_of_two(payments: Sequence[Payment], total: int) -> int | None:
    """What is paid in cash of two payments that make the total, if anything is; -1 when they do not."""
    if len(payments) != 2:  # noqa: PLR2004 - in cash and by card, mostly
        return _WRONG
    one, other = payments
    if one.kind is other.kind or one.sum + other.sum != total:
        return _WRONG
    if one.kind is _CASH:
        return one.sum
    return other.sum if other.kind is _CASH else None


def _lines_alike(items: Sequence[Item]) -> tuple[str, TaxKind | None, int, int, int] | None:
    """Section, tax and rate of these lines when all have the same, and nothing off, then what they cost and the tax in it.

    Nothing but the commonest case of :func:`_lines`, in two thirds of its time; for a sale from a whole shop that is lost.
    """
    section = items[0].section
    of_first = items[0].taxes
    kind: TaxKind | None = None
    rate, whole = 0, RATE_ONE
    if of_first:
        kind, rate = of_first[0].kind, of_first[0].rate
        whole = RATE_ONE + rate
    nets = amount = 0
    for item in items:
        net = item.sum
        if (
            item.section != section
            or item.discount
            or (item.price * item.quantity + _HALF_THOUSAND) // THOUSANDTHS != net
            or item.markup
            or item.storno
        ):
            return None
        taxes = item.taxes
        if kind is not None and len(taxes) == 1:
            tax = taxes[0]
            of = tax.sum
            # As tax_inside() does it, spelled out: every line of every receipt comes by here.
            is_like = tax.rate == rate and tax.inside and tax.kind is kind
            if (2 * net * rate + whole) // (2 * whole) != of or tax.base != net or not is_like:
                return None
            amount += of
        elif taxes or kind is not None:
            return None
        nets += net
    return section, kind, rate, nets, amount


_Lines = tuple[str, TaxKind | None, int, int, int, int, int, int]
"""Lines that follow each other with the same section, tax and rate: how many, their net and the tax in it, how many of
them have a discount, and the sum of those."""


def _lines(items: Sequence[Item]) -> list[_Lines] | None:
    """The lines of a sale in groups; ``None`` when one of them is not plain, or not right."""
    groups: list[_Lines] = []
    section: str | None = None
    kind: TaxKind | None = None
    rate, whole = 0, RATE_ONE
    many = nets = amount = discounts = discounted = 0
    for item in items:
        net = item.sum
        if (item.price * item.quantity + _HALF_THOUSAND) // THOUSANDTHS != net or item.markup or item.storno:
            return None
        off = item.discount
        if off:
            if off > net:
                return None
            net -= off
        taxes = item.taxes
        if taxes:
            if len(taxes) != 1:
                return None
            tax = taxes[0]
            of, its_rate, its_kind = tax.sum, tax.rate, tax.kind
            # As tax_inside() does it, spelled out: every line of every receipt comes by here.
            its_whole = whole if its_rate == rate else RATE_ONE + its_rate
            if (2 * net * its_rate + its_whole) // (2 * its_whole) != of or tax.base != net or not tax.inside:
                return None
        else:
            of = its_rate = 0
            its_kind, its_whole = None, RATE_ONE
        if its_rate != rate or its_kind is not kind or item.section != section:
            if section is not None:
                groups.append((section, kind, rate, many, nets, amount, discounts, discounted))
                many = nets = amount = discounts = discounted = 0
            section, kind, rate, whole = item.section, its_kind, its_rate, its_whole
        many += 1
        nets += net
        amount += of
        if off:
            discounts += 1
            discounted += off
    assert section is not None, "a receipt has a line"
    groups.append((section, kind, rate, many, nets, amount, discounts, discounted))
    return groups


def settle(counters: Mapping[str, int], tallies: Mapping[Alike, Tally]) -> Counters:
    """The figures with all these sales in them."""
    after = dict(counters)
    for alike, (receipts, positions, total, tax, change) in tallies.items():
        for names, amount in (
            (alike.once, receipts),
            (alike.positions, positions),
            (alike.totals, total),
            (alike.taxes, tax),
            (alike.without_tax, total - tax),
            (alike.changes, change),
        ):
            for name in names:
                add_figure(after, name, amount)
    return after
