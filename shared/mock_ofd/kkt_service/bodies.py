"""What a request may say, checked before the register is asked: baskets, corrections, cash, decisions.

The rule: the names and units are those of the register itself and of every answer: money is whole minor units, quantity
thousandths, a rate thousandths of a percent, an instant milliseconds UTC. Nothing is converted: ``"250"`` is no sum, and
neither is ``250.0``. What was wrong is named by its path, ``items[2].price``.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from fiscal.domain.document import CorrectionReason
from fiscal.domain.limits import (
    ITEMS_MAX,
    Code,
    Flag,
    InstantMs,
    MarkingCode,
    Money,
    Name,
    Number,
    Quantity,
    Token,
)
from fiscal.domain.money import MONEY_MAX, THOUSANDTHS
from fiscal.domain.receipt import Cashier, Customer, Operation, ParentReceipt, PaymentKind, TradeDomain
from fiscal.domain.taxes import RATE_ONE
from kkt_client.core.basket import Basket, Line, VatRate
from kkt_client.core.records import Decision
from ofd_server.gateways.http.routes import Model

SYNC_S: Final = 60.0
"""Seconds that sending what waits may take when nobody says: an operator that is restarted, and a day's queue."""
SYNC_MAX_S: Final = 600.0
"""The longest time that a request may wait for it; no proxy holds a connection for longer."""
ACKNOWLEDGED_MAX: Final = 1_000
"""Numbers in one request: more documents than any crash leaves behind."""

_STANDARD: Final = "standard"


def _rate(value: Any) -> Any:
    if value is None or value == _STANDARD or (type(value) is int and 0 <= value <= RATE_ONE):
        return value
    raise PydanticCustomError("vat", "must be standard, null or 0 .. 100000 thousandths of a percent")


Vat = Annotated[
    Any,
    BeforeValidator(_rate),
    WithJsonSchema(
        {
            "anyOf": [{"const": _STANDARD}, {"type": "integer", "minimum": 0, "maximum": RATE_ONE}, {"type": "null"}],
            "description": "a rate in thousandths of a percent, the standard one of the day, or null for no tax",
        }
    ),
]
Cash = Annotated[int, Field(ge=1, le=MONEY_MAX, strict=True)]
Words = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=256)]
"""A name or a reason, as a void carries them to the operator."""


class ByCashier(Model):
    """What every order may say: who sits at the register, where it is not the one that is set up."""

    cashier: Cashier | None = None


class LineBody(Model):
    """One position: ``price`` for one unit, ``discount`` and ``markup`` of the whole line."""

    name: Name
    price: Money
    quantity: Quantity = THOUSANDTHS
    section: Code = "1"
    unit: Code = "796"
    barcode: Code | None = None
    marking_code: MarkingCode | None = None
    discount: Money = 0
    markup: Money = 0
    vat: Vat = _STANDARD
    vat_inside: Flag = True

    def as_line(self) -> Line:
        """For the register."""
        return Line(**dict(self))


class BasketBody(ByCashier):
    """A receipt to be. Without ``payments`` all is paid in cash, exactly; with ``vat`` the tax is on the whole receipt."""

    items: Annotated[tuple[LineBody, ...], Field(min_length=1, max_length=ITEMS_MAX)]
    payments: dict[PaymentKind, Money] = Field(default_factory=dict)
    discount: Money = 0
    markup: Money = 0
    vat: Vat = None
    vat_inside: Flag = True
    customer: Customer | None = None
    domain: TradeDomain = TradeDomain.TRADING
    parent: ParentReceipt | None = Field(None, description="on a return: the receipt that is taken back")

    def as_basket(self) -> Basket:
        """For the register."""
        rate: VatRate = self.vat
        return Basket(
            lines=tuple(item.as_line() for item in self.items),
            payments=self.payments,
            discount=self.discount,
            markup=self.markup,
            vat=rate,
            vat_inside=self.vat_inside,
            customer=self.customer,
            domain=self.domain,
            parent=self.parent,
        )


class PartBody(Model):
    """A line of an earlier receipt, counted from 1, and how much of it; without ``quantity`` all of it."""

    line: Annotated[int, Field(ge=1, le=ITEMS_MAX, strict=True)]
    quantity: Quantity | None = None


class ReturnBody(ByCashier):
    """An earlier receipt comes back: all of it, or these ``lines``; ``payments`` say how the money goes back."""

    lines: Annotated[tuple[PartBody, ...], Field(max_length=ITEMS_MAX)] = ()
    payments: dict[PaymentKind, Money] = Field(default_factory=dict)
    customer: Customer | None = None


class CorrectionBody(ByCashier):
    """``total`` of what was not, or wrongly, put through on ``corrected_at``; ``basis`` says why."""

    operation: Operation
    total: Money
    reason: CorrectionReason
    corrected_at: InstantMs
    basis: Name
    payments: dict[PaymentKind, Money] = Field(default_factory=dict)
    vat: Vat = None


class CashBody(ByCashier):
    """Cash that is put into the drawer or taken out."""

    sum: Cash


class ClosingBody(ByCashier):
    """The Z-report; ``withdraw_cash`` empties the drawer with it."""

    withdraw_cash: Flag = False


class DecisionBody(Model):
    """What a person decided about something that stands still; ``by`` and ``why`` stay in the memory."""

    decision: Decision
    by: Words
    why: Words
    number: Number | None = Field(None, description="the document, to be sure that it is this one")


class TokenBody(Model):
    """The register's new token."""

    token: Token


class SyncBody(Model):
    """How many seconds to try."""

    timeout_s: Annotated[float, Field(gt=0, le=SYNC_MAX_S, strict=True, allow_inf_nan=False)] = SYNC_S


class AcknowledgedBody(Model):
    """Numbers of documents that were issued and never handed out, and that are dealt with now."""

    numbers: Annotated[tuple[Number, ...], Field(min_length=1, max_length=ACKNOWLEDGED_MAX)]


class PowerBody(Model):
    """Whether there is too little power for talking to the operator."""

    low: Flag
