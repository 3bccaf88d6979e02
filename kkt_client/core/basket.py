"""What a cashier asks for, before it is a document: baskets, corrections, cash moves.

The rule: the caller gives what he knows (prices, quantities, what the buyer handed over), the register computes every
other figure: line sums, taxes, the total, the cash that stays and the change. Money is in minor units, quantity in
thousandths, rates in thousandths of a percent. A figure that is no whole number is refused, never rounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Literal

from fiscal.domain.document import CorrectionReason
from fiscal.domain.money import MONEY_MAX, QUANTITY_MAX, THOUSANDTHS, format_minor, line_sum
from fiscal.domain.receipt import (
    Customer,
    Item,
    Operation,
    ParentReceipt,
    Payment,
    PaymentKind,
    Tax,
    TradeDomain,
)
from fiscal.domain.register import Country
from fiscal.domain.taxes import RATE_ONE, standard_vat, tax_inside, tax_on_top
from fiscal.errors import InvalidValue
from fiscal.protocols.values import pack
from fiscal.time import Instant, to_local

VatRate = Literal["standard"] | int | None
"""``"standard"`` is the standard rate of the country and the day, a number a rate in thousandths of a percent (12 % is
12000), ``None`` no tax at all, which is something else than 0."""


NOT_PLAIN: Final = (TypeError, ValueError, OverflowError, AttributeError)
"""What comes out of packing something that is no value at all, such as an open file in the place of a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One position: ``price`` for one unit, ``quantity`` in thousandths, ``discount`` and ``markup`` of the whole line.

    ``vat_inside`` tells whether the price contains the tax; a tax on top is added to the total.
    """

    name: str
    price: int
    quantity: int = THOUSANDTHS
    section: str = "1"
    unit: str = "796"
    barcode: str | None = None
    marking_code: str | None = None
    discount: int = 0
    markup: int = 0
    vat: VatRate = "standard"
    vat_inside: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """A receipt to be. ``payments`` says what the buyer handed over, by kind; in cash it may be more than he owes.

    Without payments everything is paid in cash, exactly. With :attr:`vat` the tax stands on the whole receipt, and no
    line has its own.
    """

    lines: tuple[Line, ...]
    payments: Mapping[PaymentKind, int] = field(default_factory=dict)
    discount: int = 0
    markup: int = 0
    vat: VatRate = None
    vat_inside: bool = True
    customer: Customer | None = None
    domain: TradeDomain = TradeDomain.TRADING
    parent: ParentReceipt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """A receipt of one of the four operations."""

    operation: Operation
    basket: Basket


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """A correction: ``total`` of what was not, or wrongly, put through on ``corrected_at``; ``basis`` says why."""

    operation: Operation
    total: int
    reason: CorrectionReason
    corrected_at: Instant
    basis: str
    payments: Mapping[PaymentKind, int] = field(default_factory=dict)
    vat: VatRate = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CashIn:
    """Cash put into the drawer."""

    sum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CashOut:
    """Cash taken out of the drawer."""

    sum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """The end of the shift; ``withdraw_cash`` empties the drawer with it."""

    withdraw_cash: bool = False


Order = Sale | Amendment | CashIn | CashOut | Closing
"""Everything that becomes a document."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What follows from a basket."""

    items: tuple[Item, ...]
    taxes: tuple[Tax, ...]
    payments: tuple[Payment, ...]
    total: int
    taken: int | None
    change: int | None


def digest_of_order(order: Order) -> bytes:
    """What two calls with one key are compared by (semantics 1.6): what was asked for, not when and by whom.

    :class:`InvalidValue` when something in it is no value at all.
    """
    try:
        return sha256(pack({"order": type(order).__name__, "of": order})).digest()
    except NOT_PLAIN as error:
        raise InvalidValue("basket", f"has a value that is none: {error}") from None


def compute(basket: Basket, country: Country, zone: str, now: Instant) -> Figures:
    """Every figure of the receipt; :class:`InvalidValue` with the field for what makes no sense."""
    if not basket.lines:
        raise InvalidValue("items", "a receipt has at least one item", "no_items")
    if basket.vat is not None and any(line.vat not in (None, "standard") for line in basket.lines):
        raise InvalidValue("vat", "taxes stand on the items or on the receipt, not both", "taxes_twice")
    standard = Standard(country, zone, now)
    per_item = basket.vat is None
    items = tuple(_item(line, f"items[{index}]", per_item, standard) for index, line in enumerate(basket.lines))
    nets = sum(item.net for item in items)
    nets += whole("markup", basket.markup, 0, MONEY_MAX) - whole("discount", basket.discount, 0, MONEY_MAX)
    if nets < 0:
        raise InvalidValue("discount", f"larger than the goods by {format_minor(-nets)}", "discount_too_large")
    taxes = () if per_item else taxes_of(basket.vat, basket.vat_inside, nets, "vat", standard)
    on_top = sum(tax.sum for item in items for tax in item.taxes if not tax.inside)
    total = nets + on_top + sum(tax.sum for tax in taxes if not tax.inside)
    if total > MONEY_MAX:
        raise InvalidValue("total", f"more than {format_minor(MONEY_MAX)}", "total_too_large")
    payments, taken, change = settle(basket.payments, total)
    return Figures(items, taxes, payments, total, taken, change)


class Standard:
    """The standard rate of a register's day, looked up when it is first needed."""

    def __init__(self, country: Country, zone: str, now: Instant) -> None:
        self._where = (country, zone, now)
        self._rate: int | None = None

    @property
    def rate(self) -> int:
        if self._rate is None:
            country, zone, now = self._where
            self._rate = standard_vat(country, to_local(now, zone).date())
        return self._rate


def _item(line: Line, where: str, taxed: bool, standard: Standard) -> Item:
    price = whole(f"{where}.price", line.price, 0, MONEY_MAX)
    quantity = whole(f"{where}.quantity", line.quantity, 1, QUANTITY_MAX)
    total = line_sum(price, quantity)
    if total > MONEY_MAX:
        raise InvalidValue(f"{where}.sum", f"more than {format_minor(MONEY_MAX)}", "total_too_large")
    discount = whole(f"{where}.discount", line.discount, 0, MONEY_MAX)
    markup = whole(f"{where}.markup", line.markup, 0, MONEY_MAX)
    if discount > total:
        rule = f"larger than the line: {format_minor(discount)} given, {format_minor(total)} computed"
        raise InvalidValue(f"{where}.discount", rule, "discount_too_large")
    net = total - discount + markup
    return Item(
        name=line.name,
        price=price,
        quantity=quantity,
        sum=total,
        section=line.section,
        unit=line.unit,
        barcode=line.barcode,
        marking_code=line.marking_code,
        discount=discount,
        markup=markup,
        taxes=taxes_of(line.vat, line.vat_inside, net, f"{where}.vat", standard) if taxed else (),
    )


def taxes_of(vat: VatRate, inside: bool, base: int, where: str, standard: Standard) -> tuple[Tax, ...]:
    if vat is None:
        return ()
    rate = standard.rate if vat == "standard" else whole(where, vat, 0, RATE_ONE)
    tax = (tax_inside if inside else tax_on_top)(base, rate)
    return (Tax(rate=rate, base=base, sum=tax, inside=inside),)


def settle(payments: Mapping[PaymentKind, int], total: int) -> tuple[tuple[Payment, ...], int | None, int | None]:
    """The payments that make up the total, what was taken in cash and the change; :class:`InvalidValue` otherwise."""
    if not payments:
        return (Payment(kind=PaymentKind.CASH, sum=total),), total, 0
    given = {_kind(kind): whole(f"payments.{kind}", amount, 0, MONEY_MAX) for kind, amount in payments.items()}
    others = sum(amount for kind, amount in given.items() if kind is not PaymentKind.CASH)
    taken = given.get(PaymentKind.CASH)
    cash = total - others
    if cash < 0 or (taken or 0) < cash:
        figures = f"{format_minor(others + (taken or 0))} given, {format_minor(total)} computed"
        raise InvalidValue("payments", f"the payments do not make the total: {figures}", "payments_total")
    rows = tuple(Payment(kind=kind, sum=cash if kind is PaymentKind.CASH else amount) for kind, amount in given.items())
    return rows, taken, None if taken is None else taken - cash


_KINDS: Final = ", ".join(PaymentKind)


def _kind(kind: str) -> PaymentKind:
    try:
        return PaymentKind(kind)
    except ValueError:
        raise InvalidValue("payments", f"there is no payment {kind!r}, only {_KINDS}", "unknown_payment") from None


def whole(where: str, value: object, least: int, most: int) -> int:
    """The value, if it is a whole number in this range; :class:`InvalidValue` otherwise."""
    if type(value) is not int:
        raise InvalidValue(where, f"must be a whole number, is {value!r}", "not_whole")
    if not least <= value <= most:
        raise InvalidValue(where, f"must be {least} .. {most}, is {value}", "out_of_range")
    return value
