"""A return made of the receipt that it takes back: all of it, or some lines, or a part of a line.

The rule: what was paid for a thing comes back for it. A line keeps its price, section, barcode and rate of tax; its
own discount or markup, and that of the receipt, come back in the proportion in which the goods do, rounded half up to
a minor unit. The money goes back the way it came, as long as there was one way only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from fiscal.domain.money import THOUSANDTHS, round_half_up_div
from fiscal.domain.receipt import Item, Operation, PaymentKind, Receipt
from fiscal.domain.register import Country
from fiscal.errors import InvalidValue
from kkt_client.core.basket import Basket, Line, compute
from kkt_client.core.receipts import FiscalPaper, FiscalReceipt

RETURN_OF: Final[Mapping[Operation, Operation]] = {
    Operation.SELL: Operation.SELL_RETURN,
    Operation.BUY: Operation.BUY_RETURN,
}
"""What takes back what."""

Part = tuple[int, int | None]
"""The place of a line, from 1, and how much of it comes back in thousandths; ``None`` for all of it."""


def return_of(
    paper: FiscalReceipt, parts: Sequence[Part] = (), payments: Mapping[PaymentKind, int] | None = None
) -> tuple[Operation, Basket]:
    """The operation and the basket that take this receipt back, or the ``parts`` of it.

    :class:`InvalidValue` (field ``receipt``, ``line`` or ``payments``) for a document that cannot be returned, for a
    part that the receipt does not have, and when it has to be said how the money goes back.
    """
    receipt = paper.document
    if not isinstance(receipt, Receipt):
        raise InvalidValue("receipt", f"document {paper.number} is a {paper.kind}, only a receipt can be returned")
    operation = RETURN_OF.get(receipt.operation)
    if operation is None:
        raise InvalidValue("receipt", f"document {paper.number} is a return itself", "is_a_return")
    lines, share = _lines(receipt, parts)
    rate, inside = _tax_of(receipt)
    basket = Basket(
        lines=tuple(lines),
        discount=_part(receipt.discount, *share),
        markup=_part(receipt.markup, *share),
        customer=receipt.customer,
        domain=receipt.domain,
        parent=paper.as_parent(),
        vat=rate,
        vat_inside=inside,
    )
    if payments:
        return operation, replace(basket, payments=dict(payments))
    return operation, replace(basket, payments=_way_back(receipt, basket))


def _lines(receipt: Receipt, parts: Sequence[Part]) -> tuple[list[Line], tuple[int, int]]:
    """The lines that come back, and which part of the goods they are: numerator and denominator."""
    wanted = dict(parts) if parts else dict.fromkeys(range(1, len(receipt.items) + 1))
    if len(wanted) < len(parts):
        raise InvalidValue("line", "a line stands twice", "repeated")
    lines, back = [], 0
    for place, asked in wanted.items():
        if not 1 <= place <= len(receipt.items):
            raise InvalidValue("line", f"the receipt has lines 1 .. {len(receipt.items)}, not {place}", "no_such_line")
        item = receipt.items[place - 1]
        quantity = asked or item.quantity
        if quantity > item.quantity:
            had = f"{item.quantity // THOUSANDTHS}.{item.quantity % THOUSANDTHS:03d}"
            raise InvalidValue("line", f"line {place} has a quantity of {had}", "more_than_sold")
        lines.append(_line(item, quantity))
        back += _part(item.net, quantity, item.quantity)
    whole = sum(item.net for item in receipt.items)
    return lines, (1, 1) if back == whole else (back, whole)


def _part(amount: int, numerator: int, denominator: int) -> int:
    return round_half_up_div(amount * numerator, denominator)


def _line(item: Item, quantity: int) -> Line:
    if len(item.taxes) > 1:
        raise InvalidValue(
            "receipt", f"{item.name!r} has several taxes; give what comes back with --basket", "several_taxes"
        )
    tax = item.taxes[0] if item.taxes else None
    return Line(
        name=item.name,
        price=item.price,
        quantity=quantity,
        section=item.section,
        unit=item.unit,
        barcode=item.barcode,
        marking_code=item.marking_code,
        discount=_part(item.discount, quantity, item.quantity),
        markup=_part(item.markup, quantity, item.quantity),
        vat=None if tax is None else tax.rate,
        vat_inside=tax is None or tax.inside,
    )


def _tax_of(receipt: Receipt) -> tuple[int | None, bool]:
    """The tax that stands on the whole receipt, if there is one, and whether it is inside the prices."""
    if len(receipt.taxes) > 1:
        rule = "has several taxes on the whole; give what comes back with --basket"
        raise InvalidValue("receipt", rule, "several_taxes")
    for tax in receipt.taxes:
        return tax.rate, tax.inside
    return None, True


def _way_back(receipt: Receipt, basket: Basket) -> dict[PaymentKind, int]:
    """The money goes back as it came."""
    # The lines name their rates, so no table of rates is asked and neither country nor day matters.
    total = compute(basket, Country.KZ, "UTC", receipt.issued_at).total
    if total == receipt.total:
        return {payment.kind: payment.sum for payment in receipt.payments}
    kinds = [payment.kind for payment in receipt.payments]
    if len(kinds) != 1:
        rule = f"the receipt was paid by {' and '.join(kinds)}: say how the money goes back"
        raise InvalidValue("payments", rule, "payments_unclear")
    return {kinds[0]: total}


def as_asked_before(known: FiscalPaper | None, back: Basket) -> Basket:
    """The same return as the one that was ``known`` under its key: it names its receipt as it did the first time.

    An autonomous receipt gets the operator's sign later; without this the second call would name it by that, and be
    another order.
    """
    if not isinstance(known, FiscalReceipt) or not isinstance(known.document, Receipt):
        return back
    first, now = known.document.parent, back.parent
    if first is None or now is None or (first.issued_at, first.total) != (now.issued_at, now.total):
        return back
    return replace(back, parent=first)
