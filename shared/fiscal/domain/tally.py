"""Plain sales of a shift, added up before they are written into its figures.

A sale moves some eighteen figures, and nearly every sale of a register moves the same ones: one section, one tax, one
payment. So those that are :class:`Alike` are kept as five sums, and the figures are made of them when somebody asks. A
sale from several sections is one of its own kind, and its lines are added up section by section.

The rule: :func:`look` knows what is right and plain at a glance, and says nothing of anything else; what it lets pass
has no fault (:func:`~fiscal.domain.receipt.check_receipt`), and its sums give what
:func:`~fiscal.domain.counters.fold` gives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from msgspec import Struct

from fiscal.domain.counters import Counters, add_figure, names_of_lines, names_of_receipt, names_of_sales
from fiscal.domain.money import THOUSANDTHS
from fiscal.domain.receipt import Item, Operation, PaymentKind, Receipt, TaxKind
from fiscal.domain.taxes import RATE_ONE

ALIKE_MAX: Final = 32
"""Kinds of plain sales, and of their lines, that a shift keeps apart: eight ways to pay and some sections with their taxes.
One more has all of them written into the figures first, which takes longer the more there are."""

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
def _of_receipt(payment: PaymentKind, has_change: bool, autonomous: bool) -> Alike:
    return Alike(*names_of_receipt(payment, has_change=has_change, autonomous=autonomous))


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
    if len(payments) != 1 or payments[0].sum != total:
        return None
    payment = payments[0].kind
    taken, change = receipt.taken, receipt.change
    if payment is _CASH:
        if taken is None or change is None or taken - change != total:
            return None
    elif taken is not None or change is not None:
        return None
    items = receipt.items
    given = change or 0
    lines = _lines(items)
    if lines is not None:
        section, tax, rate, nets, amount = lines
        if nets != total:
            return None
        alike = _alike(section, tax, rate, payment, given > 0, autonomous)
        return ((alike, (1, len(items), total, amount, given)),)
    groups = _groups(items)
    if groups is None or sum(group[1] for group in groups.values()) != total:
        return None
    return (
        (_of_receipt(payment, given > 0, autonomous), (1, len(items), total, 0, given)),
        *((_of_lines(*key), (0, many, nets, amount, 0)) for key, (many, nets, amount) in groups.items()),
    )


def _lines(items: Sequence[Item]) -> tuple[str, TaxKind | None, int, int, int] | None:
    """Section, tax and rate of these lines when all have the same, then what they cost and the tax in it."""
    section = items[0].section
    of_first = items[0].taxes
    kind: TaxKind | None = None
    rate = whole = nets = amount = 0
    if of_first:
        kind, rate = of_first[0].kind, of_first[0].rate
        whole = RATE_ONE + rate
    for item in items:
        net = item.sum
        if (
            (item.price * item.quantity + _HALF_THOUSAND) // THOUSANDTHS != net
            or item.section != section
            or item.discount
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


def _groups(items: Sequence[Item]) -> dict[tuple[str, TaxKind | None, int], tuple[int, int, int]] | None:
    """By section, tax and rate: how many lines, what they cost and the tax in it."""
    groups: dict[tuple[str, TaxKind | None, int], tuple[int, int, int]] = {}
    for item in items:
        found = _lines((item,))
        if found is None:
            return None
        section, kind, rate, net, tax = found
        many, nets, amount = groups.get((section, kind, rate), (0, 0, 0))
        groups[section, kind, rate] = many + 1, nets + net, amount + tax
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
