"""What stands on a command line, or in a basket file, as the basket that the register is asked to sell.

The rule: an amount is decimal text in tenge or roubles (``"1234.50"``), a quantity decimal text with at most three
places, a rate decimal text in percent. A number of JSON is refused in their place: nobody could tell whether 200 is
meant in tenge or in tiyn, and 0.1 would come as a fraction that is not a tenth. Items of options and items of a file
go through the same check, so what is wrong is named the same way: ``items[2].price``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Final, TypeVar

from annotated_types import MaxLen, MinLen
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from fiscal.domain.limits import ITEMS_MAX, Code, Flag, MarkingCode, Name
from fiscal.domain.money import QUANTITY_MAX, THOUSANDTHS, parse_minor
from fiscal.domain.receipt import Cashier, Customer, ParentReceipt, PaymentKind, TradeDomain
from fiscal.domain.taxes import RATE_ONE
from fiscal.errors import InvalidValue, RemoteProtocolError
from fiscal.protocols.values import from_map
from fiscal.time import Instant, from_datetime
from kkt_client.core.basket import Basket, Line, VatRate
from kkt_client.core.records import Key

T = TypeVar("T")

BASKET_SIZE_MAX: Final = 1024 * 1024
"""Bytes of a basket file: 500 items with names and marking codes of full length have half of it."""

POSITIONS: Final = ("name", "price", "quantity", "vat", "section")
"""What the parts of ``--item`` are when they have no name of their own."""

_FORBID: Final[Mapping[str, Any]] = {"extra": "forbid"}
_THREE_PLACES = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,3}))?")
_NAMED = re.compile(r"\s*([a-z_]+)=(.*)", re.DOTALL)


# ------------------------------------------------------------------------------------------------------ plain values


def _as_text(value: object, example: str) -> str:
    if not isinstance(value, str):
        raise PydanticCustomError("not_text", f'must be decimal text like "{example}"')
    return value.strip()


def _amount(value: object) -> int:
    try:
        amount = parse_minor(_as_text(value, "1234.50"))
    except InvalidValue as error:
        raise PydanticCustomError("amount", error.rule) from None
    if amount < 0:
        raise PydanticCustomError("amount", "must not be negative")
    return amount


def _three_places(text: str) -> int | None:
    found = _THREE_PLACES.fullmatch(text)
    if found is None:
        return None
    whole, places = found.groups(default="")
    return int(whole) * THOUSANDTHS + int(f"{places:0<3}")


def _quantity(value: object) -> int:
    quantity = _three_places(_as_text(value, "2.5"))
    if quantity is None or not 1 <= quantity <= QUANTITY_MAX:
        most = f"{QUANTITY_MAX // THOUSANDTHS}.{QUANTITY_MAX % THOUSANDTHS}"
        raise PydanticCustomError(
            "quantity", "must be 0.001 .. {most} with at most three places after a point", {"most": most}
        )
    return quantity


@dataclass(frozen=True, slots=True)
class Vat:
    """A rate, and whether the price contains the tax."""

    rate: VatRate
    inside: bool = True


def _vat(value: object) -> Vat:
    """``standard``, ``none``, or percent; a plus before it puts the tax on top of the price."""
    if value is None:
        return Vat(None)
    text = _as_text(value, "12")
    on_top = text.startswith("+")
    word = text.removeprefix("+").removesuffix("%").strip()
    if word == "none" and not on_top:
        return Vat(None)
    if word == "standard":
        return Vat("standard", not on_top)
    rate = _three_places(word)
    if rate is None or rate > RATE_ONE:
        raise PydanticCustomError("vat", "must be standard, none or 0 .. 100 percent, with a plus for a tax on top")
    return Vat(rate, not on_top)


def _instant(value: object) -> Instant:
    from datetime import datetime  # noqa: PLC0415 - few baskets have a parent

    try:
        return from_datetime(datetime.fromisoformat(value if isinstance(value, str) else ""))
    except ValueError:
        example = "2026-03-14T09:30:00+05:00"
        raise PydanticCustomError(
            "instant", "must be a time with its zone, like {example}", {"example": example}
        ) from None


Amount = Annotated[int, BeforeValidator(_amount)]
Quantity = Annotated[int, BeforeValidator(_quantity)]
GivenVat = Annotated[Vat, BeforeValidator(_vat)]
GivenInstant = Annotated[int, BeforeValidator(_instant)]


# ------------------------------------------------------------------------------------------------------------ baskets


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenLine:
    """One position: what of :class:`kkt_client.core.basket.Line` a person writes."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    name: Name
    price: Amount
    quantity: Quantity = THOUSANDTHS
    vat: GivenVat = Vat("standard")
    section: Code = "1"
    unit: Code = "796"
    barcode: Code | None = None
    marking_code: MarkingCode | None = None
    discount: Amount = 0
    markup: Amount = 0

    def as_line(self) -> Line:
        return Line(
            name=self.name,
            price=self.price,
            quantity=self.quantity,
            section=self.section,
            unit=self.unit,
            barcode=self.barcode,
            marking_code=self.marking_code,
            discount=self.discount,
            markup=self.markup,
            vat=self.vat.rate,
            vat_inside=self.vat.inside,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenParent:
    """The receipt that a return takes back, when it is not one of this register."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    sign: Code
    issued_at: GivenInstant
    total: Amount
    rnm: Code
    autonomous: Flag = False

    def as_parent(self) -> ParentReceipt:
        return ParentReceipt(
            sign=self.sign, issued_at=self.issued_at, total=self.total, rnm=self.rnm, autonomous=self.autonomous
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBasket:
    """A receipt to be, with everything that is said about it at the counter."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    items: Annotated[tuple[GivenLine, ...], MinLen(1), MaxLen(ITEMS_MAX)]
    payments: dict[PaymentKind, Amount] = field(default_factory=dict)
    discount: Amount = 0
    markup: Amount = 0
    vat: GivenVat = Vat(None)
    customer: Customer | None = None
    cashier: Cashier | None = None
    domain: TradeDomain = TradeDomain.TRADING
    parent: GivenParent | None = None
    key: Key | None = None

    def as_basket(self) -> Basket:
        return Basket(
            lines=tuple(item.as_line() for item in self.items),
            payments=self.payments,
            discount=self.discount,
            markup=self.markup,
            vat=self.vat.rate,
            vat_inside=self.vat.inside,
            customer=self.customer,
            domain=self.domain,
            parent=None if self.parent is None else self.parent.as_parent(),
        )


def checked(type_: type[T], entries: Mapping[str, Any], prefix: str = "") -> T:
    """The value of this class; :class:`InvalidValue` with the path of the first wrong field and its rule."""
    try:
        return from_map(type_, entries, prefix)
    except RemoteProtocolError as error:
        raise InvalidValue(error.field, error.text) from None


def read_basket(data: bytes) -> dict[str, Any]:
    """The JSON object in a basket file, its fields not looked at yet; :class:`InvalidValue` (field ``basket``) else."""
    if len(data) > BASKET_SIZE_MAX:
        raise InvalidValue("basket", f"must be at most {BASKET_SIZE_MAX} bytes", "too_large")
    try:
        value = json.loads(data.decode(), object_pairs_hook=_without_repetition)
    except UnicodeDecodeError:
        raise InvalidValue("basket", "is no UTF-8 text", "not_text") from None
    except ValueError as error:
        raise InvalidValue("basket", f"is no JSON: {error}", "not_json") from None
    except RecursionError:
        raise InvalidValue("basket", "is nested too deep", "not_json") from None
    if not isinstance(value, dict):
        raise InvalidValue("basket", "must be a JSON object", "not_json")
    return value


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        raise ValueError("a name stands twice in an object")
    return entries


def read_item(text: str, where: str) -> dict[str, Any]:
    """The parts of ``--item``: ``NAME;PRICE;QUANTITY;VAT;SECTION``, or ``field=value`` for any field.

    An empty part keeps its default. :class:`InvalidValue` for more parts than there are places, and for a field that
    is said twice. A text with a semicolon inside needs a basket file.
    """
    entries: dict[str, Any] = {}
    positions = list(POSITIONS)
    for part in text.split(";"):
        named = _NAMED.fullmatch(part)
        if named is not None:
            name, value = named.groups()
        elif positions:
            name, value = positions.pop(0), part
        else:
            raise InvalidValue(where, f"has more parts than {';'.join(POSITIONS).upper()}: {part!r}", "too_many_parts")
        if name in entries:
            raise InvalidValue(f"{where}.{name}", "is said twice", "repeated")
        if value.strip():
            entries[name] = value.strip()
    return entries


def amount_of(text: str, where: str) -> int:
    """Decimal text as minor units, not negative; :class:`InvalidValue` for ``where`` else."""
    try:
        amount = parse_minor(text.strip())
    except InvalidValue as error:
        raise InvalidValue(where, f"{error.rule}, is {text!r}", error.code) from None
    if amount < 0:
        raise InvalidValue(where, f"must not be negative, is {text!r}", "negative")
    return amount


_LINE = re.compile(r"([0-9]{1,4})(?::(.*))?")


def read_part(text: str, where: str = "line") -> tuple[int, int | None]:
    """``3`` or ``3:1.5``: the place of a line on a receipt, counted from 1, and how much of it, in thousandths."""
    found = _LINE.fullmatch(text.strip())
    if found is None:
        raise InvalidValue(where, f"must be the number of a line, or number:quantity, is {text!r}", "not_a_line")
    place, quantity = found.groups()
    if quantity is None:
        return int(place), None
    thousandths = _three_places(quantity.strip())
    if not thousandths:
        raise InvalidValue(where, f"{quantity!r} is no quantity", "not_a_quantity")
    return int(place), thousandths


def cashier_of(text: str) -> Cashier:
    """``CODE:NAME`` as a cashier; :class:`InvalidValue` (field ``cashier``) else."""
    code, colon, name = text.partition(":")
    if not colon or not code.strip().isdecimal() or not code.isascii():
        raise InvalidValue("cashier", f"must be CODE:NAME like 7:Айгуль, is {text!r}", "not_a_cashier")
    return checked(Cashier, {"code": int(code.strip()[:20]), "name": name.strip()}, "cashier")


def basket_of(entries: Mapping[str, Any], items: Sequence[str], over: Mapping[str, Any]) -> GivenBasket:
    """The basket of a file, of ``--item`` options, or of the file with what the other options say ``over`` it.

    :class:`InvalidValue` with the field for whatever is wrong, also when both have items.
    """
    if items and "items" in entries:
        raise InvalidValue("items", "stand in the basket file and in --item: say them once", "items_twice")
    together = {**entries, **over}
    if items:
        together["items"] = [read_item(text, f"items[{place}]") for place, text in enumerate(items)]
    return checked(GivenBasket, together)
