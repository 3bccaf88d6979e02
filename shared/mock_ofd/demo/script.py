"""Reads the script of a shop's day: one JSON object a line, each one thing that a cashier does.

The rule: a script says what happened at the counter and nothing about how it is registered. ``at`` is local time of
the shop, ``register`` its number there, ``do`` what is done:

* ``sell``, ``sell_return``, ``buy``: ``key`` names the receipt for ever, ``items``, ``payments``, and where they
  apply ``discount``, ``customer``, and, on a return, ``of``: the key of the sale that it takes back, made earlier on
  the same register;
* ``deposit``, ``withdraw``: ``sum``;
* ``x``, ``z``: the reports.

Money is in tiyn, quantity in thousandths, prices contain the tax. ``vat`` is "standard", a rate in thousandths of a
percent, or null for what is not taxed. ``payments`` maps a kind to what the buyer handed over: in cash that may be
more than he owes, the rest is his change.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from importlib import resources
from typing import Annotated, Any, ClassVar, Final, Literal

from annotated_types import Ge, MaxLen, MinLen
from pydantic import BeforeValidator, Discriminator, Tag, TypeAdapter, ValidationError

from fiscal.domain.limits import ITEMS_MAX, STRICT, Code, Money, Name, Quantity, Rate
from fiscal.domain.money import line_sum
from fiscal.domain.receipt import Cashier, Customer, Operation, PaymentKind
from fiscal.errors import InvalidValue
from fiscal.time import Instant, from_datetime, zone

_FORBID: Final[Mapping[str, Any]] = {"extra": "forbid"}
_AT = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]")

SHOP_DAY: Final = "shop-day.jsonl"
"""The script that comes with the package."""


class ScriptError(InvalidValue):
    """A line of a script breaks a rule: ``line`` counts from 1, ``field`` is a path such as ``items[2].price``."""

    def __init__(self, line: int, path: str, rule: str, code: str = "invalid_value") -> None:
        super().__init__(path, rule, code)
        self.args = (f"line {line}: {path}: {rule}",)
        self.line = line


def _clock_time(value: object) -> object:
    if not isinstance(value, str) or _AT.fullmatch(value) is None:
        raise ValueError("must be local time as HH:MM:SS")
    return value


At = Annotated[time, BeforeValidator(_clock_time)]
RegisterNumber = Annotated[int, Ge(1), STRICT]
Amount = Annotated[Money, Ge(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Good:
    """A line of a basket: ``price`` in tiyn for one unit, ``quantity`` in thousandths, ``discount`` of the whole line."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    name: Name
    price: Money
    quantity: Quantity
    section: Code
    vat: Literal["standard"] | Rate | None
    barcode: Code | None = None
    unit: Code = "796"
    discount: Money = 0

    @property
    def net(self) -> int:
        """What the line costs after its discount."""
        return line_sum(self.price, self.quantity) - self.discount


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that a cashier does, and when: ``at`` is local time of the shop's day."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    at: At
    register: RegisterNumber
    cashier: Cashier

    def instant(self, day: date, zone_name: str) -> Instant:
        """When it happens if the script is played on this day in this time zone."""
        return from_datetime(datetime.combine(day, self.at, zone(zone_name)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade(Step):
    """A receipt. ``payments`` is what was handed over; :attr:`total`, :attr:`cash` and :attr:`change` follow."""

    do: Literal["sell", "sell_return", "buy"]
    key: Code
    items: Annotated[tuple[Good, ...], MinLen(1), MaxLen(ITEMS_MAX)]
    payments: Annotated[dict[PaymentKind, Amount], MinLen(1)] = field(hash=False)
    discount: Money = 0
    customer: Customer | None = None
    of: Code | None = None

    @property
    def operation(self) -> Operation:
        """Which settlement it is."""
        return Operation(self.do)

    @property
    def total(self) -> int:
        """What has to be paid: the lines after their discounts, less the discount of the receipt."""
        return sum(item.net for item in self.items) - self.discount

    @property
    def cash(self) -> int:
        """What stays in the drawer, or on a return and a purchase leaves it."""
        return self.total - sum(amount for kind, amount in self.payments.items() if kind is not PaymentKind.CASH)

    @property
    def change(self) -> int:
        """What the buyer gets back of the cash that he gave."""
        return self.payments.get(PaymentKind.CASH, 0) - self.cash


@dataclass(frozen=True, slots=True, kw_only=True)
class CashMove(Step):
    """Cash put into the drawer or taken out of it."""

    do: Literal["deposit", "withdraw"]
    sum: Annotated[Money, Ge(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeReport(Step):
    """An X-report, or the Z-report that closes the shift."""

    do: Literal["x", "z"]


AnyStep = Trade | CashMove | TakeReport

_CLASSES: Final[Mapping[str, type[Step]]] = {
    **dict.fromkeys(("sell", "sell_return", "buy"), Trade),
    **dict.fromkeys(("deposit", "withdraw"), CashMove),
    **dict.fromkeys(("x", "z"), TakeReport),
}


def _class_of(value: Any) -> str | None:
    do = value.get("do") if isinstance(value, dict) else None
    found = _CLASSES.get(do) if isinstance(do, str) else None
    return found.__name__ if found else None


_STEP: TypeAdapter[AnyStep] = TypeAdapter(
    Annotated[
        Annotated[Trade, Tag("Trade")]
        | Annotated[CashMove, Tag("CashMove")]
        | Annotated[TakeReport, Tag("TakeReport")],
        Discriminator(_class_of),
    ]
)


def _path(location: tuple[int | str, ...]) -> str:
    """The location as pydantic tells it, less the class that heads it and the branch of a union, as a path."""
    text = ""
    for part in location[1:]:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part.isidentifier():
            text += f".{part}" if text else part
    return text or "line"


def _parse(number: int, line: str) -> AnyStep:
    try:
        return _STEP.validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        if first["type"] == "union_tag_not_found":
            rule = f"must be one of {', '.join(_CLASSES)}"
            raise ScriptError(number, "do", rule, "unknown_step") from None
        raise ScriptError(number, _path(first["loc"]), first["msg"], first["type"]) from None


def _check_sums(number: int, trade: Trade) -> None:
    for index, item in enumerate(trade.items):
        if item.net < 0:
            raise ScriptError(number, f"items[{index}].discount", "larger than the line", "discount")
    if trade.total < 0:
        raise ScriptError(number, "discount", "larger than the goods", "discount")
    if trade.cash < 0:
        raise ScriptError(number, "payments", f"{-trade.cash} more than the total without cash", "payments")
    if trade.change < 0:
        raise ScriptError(number, "payments", f"{-trade.change} less than the total", "payments")
    if trade.change and trade.do != "sell":
        raise ScriptError(number, "payments", "only a buyer gets change", "payments")


def _check_parent(number: int, trade: Trade, earlier: Mapping[str, Trade]) -> None:
    if trade.do != "sell_return":
        if trade.of is not None:
            raise ScriptError(number, "of", "only a return takes a sale back", "of")
        return
    sale = earlier.get(trade.of) if trade.of is not None else None
    if sale is None or sale.do != "sell" or sale.register != trade.register:
        rule = "must be the key of an earlier sale of this register"
        raise ScriptError(number, "of", rule, "of")


def read_script(lines: Iterable[str]) -> tuple[AnyStep, ...]:
    """Every step of a script, in order; :class:`ScriptError` names the first line and field that break a rule.

    Beyond the form of each line: time never goes backwards, a key stands once, the payments suffice, and a return
    names an earlier sale of its register. Whether a drawer holds enough cash is the register's business.
    """
    steps: list[AnyStep] = []
    trades: dict[str, Trade] = {}
    for number, line in enumerate(lines, 1):
        step = _parse(number, line)
        if steps and step.at < steps[-1].at:
            rule = f"{step.at} is before {steps[-1].at}, the time of the line above"
            raise ScriptError(number, "at", rule, "order")
        if isinstance(step, Trade):
            if step.key in trades:
                raise ScriptError(number, "key", f"{step.key!r} stands further up", "key_repeated")
            _check_sums(number, step)
            _check_parent(number, step, trades)
            trades[step.key] = step
        steps.append(step)
    return tuple(steps)


def shop_day() -> tuple[AnyStep, ...]:
    """The script that comes with the package."""
    with resources.files(__package__).joinpath(SHOP_DAY).open(encoding="utf-8") as lines:
        return read_script(lines)
