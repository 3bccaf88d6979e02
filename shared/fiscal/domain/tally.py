"""Plain sales of a shift, added up before they are written into its figures.

A sale moves some eighteen figures, and nearly every sale of a register moves the same ones: one section, one tax, one
payment. So those that are :class:`Alike` are kept as five sums, and the figures are made of them when somebody asks.

The rule: :func:`look` knows what is right and plain at a glance, and says nothing of anything else; what it lets pass
has no fault (:func:`~fiscal.domain.receipt.check_receipt`), and its sums give what
:func:`~fiscal.domain.counters.fold` gives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from msgspec import Struct

from fiscal.domain.counters import Counters, add_figure, names_of_sales
from fiscal.domain.money import THOUSANDTHS
from fiscal.domain.receipt import Item, Operation, PaymentKind, Receipt, TaxKind
from fiscal.domain.taxes import RATE_ONE

ALIKE_MAX: Final = 8
"""Kinds of plain sales that a shift keeps apart; one more has all of them written into the figures first."""

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


@lru_cache(maxsize=1024)
def _alike(
    section: str, tax: TaxKind | None, rate: int, payment: PaymentKind, has_change: bool, autonomous: bool
) -> Alike:
    return Alike(*names_of_sales(section, tax, rate, payment, has_change=has_change, autonomous=autonomous))


def look(receipt: Receipt, autonomous: bool = False) -> tuple[Alike, int] | None:
    """What a plain sale without any fault is like, and the tax in it; ``None`` for what has to be looked at closely."""
    if (
        receipt.operation is not _SELL
        or receipt.taxes
        or receipt.modifiers
        or receipt.discount
        or receipt.markup
        or receipt.parent is not None
    ):
        return None
    lines = _lines(receipt.items)
    payments, total = receipt.payments, receipt.total
    if lines is None or lines[3] != total or len(payments) != 1 or payments[0].sum != total:
        return None
    payment = payments[0].kind
    taken, change = receipt.taken, receipt.change
    if payment is _CASH:
        if taken is None or change is None or taken - change != total:
            return None
    elif taken is not None or change is not None:
        return None
    section, tax, rate, _, amount = lines
    return _alike(section, tax, rate, payment, bool(change), autonomous), amount


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
            if (2 * net * rate + whole) // (2 * whole) != of or tax.base != net or tax.rate != rate or not tax.inside:
                return None
            if tax.kind != kind:
                return None
            amount += of
        elif taxes or kind is not None:
            return None
        nets += net
    return section, kind, rate, nets, amount


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
