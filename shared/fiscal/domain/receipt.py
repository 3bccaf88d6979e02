"""A receipt: what was sold, how it was paid, and the sums that must agree.

The rule of the sums, which both sides check with the same code (:func:`check_receipt`):

* an item's ``sum`` is ``price`` x ``quantity`` rounded half-up to a minor unit; its net is ``sum - discount + markup``;
* ``total`` is the nets of all items (those of a storno taken off), less the receipt's discount, plus its markup, with
  its modifiers, plus every tax that lies on top;
* a tax is computed from its ``base`` with its rate, half-up; an item's tax has the item's net as base;
* the payments add up to ``total`` exactly; a cash payment is ``taken - change``.

Source of the shape: the TicketRequest of the Kazakhstan protocol 2.0.3, whose conditional rules are kept (discount
excludes markup, taxes stand per item or per receipt, one payment row per kind).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

from annotated_types import MaxLen, MinLen
from msgspec import Meta

from fiscal.domain.limits import (
    ITEMS_MAX,
    MARKING_CODES_MAX,
    MODIFIERS_MAX,
    NAME_MAX,
    PAYMENTS_MAX,
    STRICT,
    TAXES_MAX,
    AutonomousSign,
    Code,
    Count,
    DocumentId,
    Email,
    Flag,
    InstantMs,
    MarkingCode,
    Money,
    Name,
    Number,
    Quantity,
    Rate,
)
from fiscal.domain.money import MONEY_MAX, format_minor, line_sum
from fiscal.domain.taxes import tax_inside, tax_on_top
from fiscal.domain.value import Value


class Operation(StrEnum):
    """The four settlements of both countries (KZ OperationTypeEnum; RU tag 1054)."""

    SELL = "sell"
    SELL_RETURN = "sell_return"
    BUY = "buy"
    BUY_RETURN = "buy_return"


CASH_SIGN: Final[Mapping[Operation, int]] = {
    Operation.SELL: 1,
    Operation.SELL_RETURN: -1,
    Operation.BUY: -1,
    Operation.BUY_RETURN: 1,
}
"""Which way cash goes through the drawer, and revenue with it."""


class PaymentKind(StrEnum):
    """What the buyer pays with."""

    CASH = "cash"
    CARD = "card"
    MOBILE = "mobile"
    CREDIT = "credit"
    TARE = "tare"
    ADVANCE = "advance"


_CASH: Final = PaymentKind.CASH


class TaxKind(StrEnum):
    """Which tax; value added tax is the only one that both countries print on a receipt."""

    VAT = "vat"


class ModifierKind(StrEnum):
    """Which way a modifier changes the price."""

    DISCOUNT = "discount"
    MARKUP = "markup"


class TradeDomain(StrEnum):
    """Field of trade (KZ DomainTypeEnum)."""

    TRADING = "trading"
    SERVICES = "services"
    GASOIL = "gasoil"
    HOTELS = "hotels"
    TAXI = "taxi"
    PARKING = "parking"


class Tax(Value, frozen=True, kw_only=True):
    """A tax on an item or on a receipt: ``rate`` in thousandths of a percent, ``base`` the turnover it is taken of."""

    rate: Rate
    base: Money
    sum: Money
    inside: Flag = True
    kind: TaxKind = TaxKind.VAT


class Item(Value, frozen=True, kw_only=True):
    """A line of a receipt. ``quantity`` in thousandths, ``sum`` before discount and markup, ``unit`` an ESF unit code.

    A ``storno`` line takes goods back that stand on the same receipt: it lowers every sum, counts nowhere, and has no
    discount or markup of its own. ``further_codes`` are marking codes beside the first one, ``ntin`` the number of the
    national catalogue (both since version 2.0.3 of the Kazakhstan protocol).
    """

    name: Name
    price: Money
    quantity: Quantity
    sum: Money
    section: Code = "1"
    unit: Code = "796"
    barcode: Code | None = None
    marking_code: MarkingCode | None = None
    discount: Money = 0
    markup: Money = 0
    taxes: Annotated[tuple[Tax, ...], MaxLen(TAXES_MAX), Meta(max_length=TAXES_MAX)] = ()
    storno: Flag = False
    ntin: Code | None = None
    further_codes: Annotated[
        tuple[MarkingCode, ...], MaxLen(MARKING_CODES_MAX), Meta(max_length=MARKING_CODES_MAX)
    ] = ()

    @property
    def net(self) -> int:
        """What the item costs after its own discount or markup, taxes on top not counted; no sign tells a storno."""
        return self.sum - self.discount + self.markup


class Modifier(Value, frozen=True, kw_only=True):
    """A discount or markup that belongs to no single item; a ``storno`` takes such a one back.

    Apart from the receipt's own ``discount`` and ``markup``, of which there is one: these stand among the items of a
    ticket (KZ TicketRequest.Item of the types 3 to 6), any number of them.
    """

    kind: ModifierKind
    sum: Money
    name: Annotated[str, MaxLen(NAME_MAX), STRICT, Meta(max_length=NAME_MAX)] = ""
    storno: Flag = False

    @property
    def amount(self) -> int:
        """What it adds to the price, with its sign."""
        return self.sum if (self.kind is ModifierKind.MARKUP) is not self.storno else -self.sum


class Payment(Value, frozen=True, kw_only=True):
    """A part of the total, by its kind."""

    kind: PaymentKind
    sum: Money


class Cashier(Value, frozen=True, kw_only=True):
    """Who sits at the register."""

    code: Count
    name: Name


class Customer(Value, frozen=True, kw_only=True):
    """The buyer, as far as he told: ``tax_id`` is his BIN/IIN or INN."""

    email: Email | None = None
    phone: Code | None = None
    tax_id: Code | None = None


class ParentReceipt(Value, frozen=True, kw_only=True):
    """The receipt that a return takes back (KZ ParentTicket, required for returns since 2.0.3)."""

    sign: Code
    issued_at: InstantMs
    total: Money
    rnm: Code
    autonomous: Flag = False


class Receipt(Value, frozen=True, kw_only=True, tag_field="kind", tag="receipt"):
    """A receipt as the register wrote it: the business content, all that the digest covers."""

    id: DocumentId
    number: Number
    shift: Number
    issued_at: InstantMs
    cashier: Cashier
    operation: Operation
    items: Annotated[tuple[Item, ...], MinLen(1), MaxLen(ITEMS_MAX), Meta(min_length=1, max_length=ITEMS_MAX)]
    payments: Annotated[tuple[Payment, ...], MaxLen(PAYMENTS_MAX), Meta(max_length=PAYMENTS_MAX)]
    total: Money
    taken: Money | None = None
    change: Money | None = None
    discount: Money = 0
    markup: Money = 0
    taxes: Annotated[tuple[Tax, ...], MaxLen(TAXES_MAX), Meta(max_length=TAXES_MAX)] = ()
    customer: Customer | None = None
    domain: TradeDomain = TradeDomain.TRADING
    parent: ParentReceipt | None = None
    modifiers: Annotated[tuple[Modifier, ...], MaxLen(MODIFIERS_MAX), Meta(max_length=MODIFIERS_MAX)] = ()

    @property
    def cash(self) -> int:
        """What stays in the drawer, or leaves it: the cash payment."""
        for payment in self.payments:
            if payment.kind is PaymentKind.CASH:
                return payment.sum
        return 0


@dataclass(frozen=True, slots=True)
class Fault:
    """A figure or field that breaks a rule: where, which rule (``code``), and both figures in words."""

    code: str
    field: str
    text: str


def _figures(given: int, computed: int) -> str:
    return f"{format_minor(given)} given, {format_minor(computed)} computed"


def _check_tax(tax: Tax, base: int, where: str) -> Iterator[Fault]:
    if tax.base != base:
        yield Fault("tax_base", f"{where}.base", f"the tax is taken of another sum: {_figures(tax.base, base)}")
    computed = (tax_inside if tax.inside else tax_on_top)(tax.base, tax.rate)
    if tax.sum != computed:
        yield Fault(
            "tax_sum", f"{where}.sum", f"the tax does not follow from base and rate: {_figures(tax.sum, computed)}"
        )


def _right_net(item: Item) -> int:
    """The item's net when nothing is wrong with it, else -1: the rules of :func:`_item_faults` without the words."""
    net = item.sum
    if net != line_sum(item.price, item.quantity):
        return -1
    discount, markup = item.discount, item.markup
    if discount or markup:
        if (discount and markup) or discount > net:
            return -1
        net += markup - discount
    taxes = item.taxes
    for tax in taxes:
        if tax.base != net or tax.sum != (tax_inside if tax.inside else tax_on_top)(net, tax.rate):
            return -1
    return net if len(taxes) <= 1 or len({(tax.kind, tax.rate) for tax in taxes}) == len(taxes) else -1


def _item_faults(item: Item, where: str) -> Iterator[Fault]:
    computed = line_sum(item.price, item.quantity)
    if item.sum != computed:
        yield Fault("item_sum", f"{where}.sum", f"price x quantity differs: {_figures(item.sum, computed)}")
    if item.discount and item.markup:
        yield Fault("discount_and_markup", f"{where}.markup", "an item has a discount or a markup, not both")
    if item.discount > item.sum:
        yield Fault(
            "discount_too_large", f"{where}.discount", f"larger than the line: {_figures(item.discount, item.sum)}"
        )
    rates = [(tax.kind, tax.rate) for tax in item.taxes]
    if len(set(rates)) != len(rates):
        yield Fault("tax_repeated", f"{where}.taxes", "a rate stands at most once in a list")
    for index, tax in enumerate(item.taxes):
        yield from _check_tax(tax, item.net, f"{where}.taxes[{index}]")


def _check_receipt_taxes(receipt: Receipt, nets: int) -> Iterator[Fault]:
    if any(item.taxes for item in receipt.items):
        yield Fault("taxes_twice", "taxes", "taxes stand on the items or on the receipt, not both")
    rates = [(tax.kind, tax.rate) for tax in receipt.taxes]
    if len(set(rates)) != len(rates):
        yield Fault("tax_repeated", "taxes", "a rate stands at most once in a list")
    for index, tax in enumerate(receipt.taxes):
        yield from _check_tax(tax, tax.base, f"taxes[{index}]")
    bases = sum(tax.base for tax in receipt.taxes)
    if bases > nets:
        yield Fault("tax_base", "taxes", f"the bases exceed the goods: {_figures(bases, nets)}")


def _check_total(receipt: Receipt, gross: int, computed: int) -> Iterator[Fault]:
    if computed < 0:
        yield Fault("discount_too_large", "discount", f"larger than the goods by {format_minor(-computed)}")
    if gross > MONEY_MAX or computed > MONEY_MAX:  # the goods have a counter of their own, before any discount
        yield Fault("total_too_large", "total", f"more than {format_minor(MONEY_MAX)}")
    if receipt.total != computed:
        yield Fault("total", "total", f"the items do not make the total: {_figures(receipt.total, computed)}")


def _check_payments(receipt: Receipt) -> Iterator[Fault]:
    paid = 0
    cash: int | None = None
    kinds = set()
    for payment in receipt.payments:
        paid += payment.sum
        kinds.add(payment.kind)
        if payment.kind is _CASH:
            cash = payment.sum
    if len(kinds) != len(receipt.payments):
        yield Fault("payment_repeated", "payments", "a kind of payment stands at most once")
    if paid != receipt.total:
        yield Fault(
            "payments_total", "payments", f"the payments do not make the total: {_figures(paid, receipt.total)}"
        )
    if cash is None:
        if receipt.taken is not None or receipt.change is not None:
            yield Fault("taken_without_cash", "taken", "taken and change go with a cash payment only")
    elif receipt.taken is None or receipt.change is None:
        yield Fault("taken_missing", "taken", "a cash payment needs taken and change")
    elif receipt.taken - receipt.change != cash:
        computed = receipt.taken - receipt.change
        yield Fault("change", "change", f"taken - change is not the cash payment: {_figures(cash, computed)}")


def storno_faults(receipt: Receipt) -> Iterator[Fault]:
    """What the receipt takes back without having it: no report can say a sum below zero."""
    sums: dict[str, int] = {}
    for index, item in enumerate(receipt.items):
        if item.storno and (item.discount or item.markup):
            yield Fault("storno", f"items[{index}]", "what is taken back has no discount or markup of its own")
        sign = -1 if item.storno else 1
        where = f"the section {item.section}"
        sums[where] = sums.get(where, 0) + sign * item.sum
        for tax in item.taxes:
            for where, amount in ((f"the tax of {tax.rate}", tax.sum), (f"the turnover of {tax.rate}", tax.base)):
                sums[where] = sums.get(where, 0) + sign * amount
    sums["the discounts"] = sum(item.discount for item in receipt.items) + receipt.discount
    sums["the markups"] = sum(item.markup for item in receipt.items) + receipt.markup
    for modifier in receipt.modifiers:
        where = f"the {modifier.kind.value}s"
        sums[where] += -modifier.sum if modifier.storno else modifier.sum
    for where, left in sums.items():
        if left < 0:
            yield Fault("storno", "items", f"more is taken back than there is, {format_minor(-left)} of {where}")


def receipt_faults(receipt: Receipt) -> Iterator[Fault]:
    """Every broken rule of the sums, in the order of the fields; nothing for a right receipt."""
    gross = 0
    discounts = 0
    on_top = 0
    stornos: list[Item] = []
    for index, item in enumerate(receipt.items):
        if _right_net(item) < 0:
            yield from _item_faults(item, f"items[{index}]")
        if item.storno:
            stornos.append(item)
            continue
        gross += item.sum + item.markup
        discounts += item.discount
        for tax in item.taxes:
            if not tax.inside:
                on_top += tax.sum
    for item in stornos:
        gross -= item.sum
        on_top -= sum(tax.sum for tax in item.taxes if not tax.inside)
    if receipt.discount and receipt.markup:
        yield Fault("discount_and_markup", "markup", "a receipt has a discount or a markup, not both")
    nets = gross - discounts + receipt.markup - receipt.discount
    if stornos or receipt.modifiers:
        nets += sum(modifier.amount for modifier in receipt.modifiers)
        yield from storno_faults(receipt)
    if receipt.taxes:
        yield from _check_receipt_taxes(receipt, nets)
        on_top += sum(tax.sum for tax in receipt.taxes if not tax.inside)
    computed = nets + on_top
    yield from _check_total(receipt, gross, computed)
    yield from _check_payments(receipt)
    if receipt.parent is not None and receipt.operation in (Operation.SELL, Operation.BUY):
        yield Fault("parent_without_return", "parent", "only a return names the receipt that it takes back")


def _is_right_at_a_glance(receipt: Receipt) -> bool:
    """Whether it is a plain receipt, paid at once, without any fault: the rules of :func:`receipt_faults` in one look.

    Nearly every receipt is one; of all others this says nothing.
    """
    discount, markup = receipt.discount, receipt.markup
    if receipt.taxes or receipt.modifiers or receipt.parent is not None or (discount and markup):
        return False
    nets = discounts = on_top = 0
    for item in receipt.items:
        net = _right_net(item)
        if net < 0 or item.storno:
            return False
        nets += net
        discounts += item.discount
        for tax in item.taxes:
            if not tax.inside:
                on_top += tax.sum
    total = receipt.total
    if total != nets + markup - discount + on_top or not 0 <= total <= MONEY_MAX or nets + discounts > MONEY_MAX:
        return False
    if len(receipt.payments) != 1:
        return False
    (payment,) = receipt.payments
    taken, change = receipt.taken, receipt.change
    if payment.sum != total:
        return False
    if payment.kind is not _CASH:
        return taken is None and change is None
    return taken is not None and change is not None and taken - change == total


def check_receipt(receipt: Receipt) -> Fault | None:
    """The first broken rule of the sums, or ``None`` when everything agrees."""
    return None if _is_right_at_a_glance(receipt) else next(receipt_faults(receipt), None)


def parent_of(receipt: Receipt, sign: str, rnm: str, autonomous_sign: AutonomousSign | None) -> ParentReceipt:
    """How a return of this receipt names it; ``sign`` is the operator's, or the autonomous one while there is none."""
    return ParentReceipt(
        sign=sign, issued_at=receipt.issued_at, total=receipt.total, rnm=rnm, autonomous=autonomous_sign is not None
    )
