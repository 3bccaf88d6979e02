"""Documents that are right by construction, for the tests of both sides.

The rule: every figure here is computed by arithmetic of its own, written once more in the plainest way. What the domain
computes is compared with it, never copied from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor
from typing import Any, Final

from hypothesis import strategies as st
from msgspec.structs import replace

from fiscal.domain.counters import annulment_of
from fiscal.domain.document import (
    ONLINE,
    Annulment,
    CloseShift,
    Correction,
    CorrectionReason,
    Deposit,
    Document,
    Void,
    Withdrawal,
)
from fiscal.domain.receipt import (
    Cashier,
    Item,
    Modifier,
    ModifierKind,
    Operation,
    Payment,
    PaymentKind,
    Receipt,
    Tax,
)
from fiscal.time import HOUR, Instant

T0: Final[Instant] = 1_767_250_800_000
"""2026-01-01T07:00Z: a morning, far from every edge of the calendar."""
CASHIER: Final = Cashier(code=1, name="Айгуль")


def document_id(number: int, attempt: int = 0) -> bytes:
    """An id that rises with the number, and within a number with the attempt."""
    return number.to_bytes(8, "big") + attempt.to_bytes(8, "big")


def half_up(value: Fraction) -> int:
    """The nearest integer of a value that is not negative, a half goes up."""
    return floor(value + Fraction(1, 2))


def tax_of(base: int, rate: int, *, inside: bool = True) -> Tax:
    """A tax as its base and rate give it."""
    part = Fraction(rate, 100_000 + rate) if inside else Fraction(rate, 100_000)
    return Tax(rate=rate, base=base, sum=half_up(base * part), inside=inside)


def item(price: int = 10_000, quantity: int = 1_000, rate: int | None = None, **given: Any) -> Item:
    """A line; its sum follows, and with ``rate`` a tax inside its net."""
    given = {"name": "Хлеб", "sum": half_up(Fraction(price * quantity, 1_000)), **given}
    line = Item(price=price, quantity=quantity, **given)
    return line if rate is None else replace(line, taxes=(tax_of(net_of(line), rate),))


def net_of(line: Item) -> int:
    return line.sum - line.discount + line.markup


def due(
    items: Sequence[Item], taxes: Sequence[Tax], discount: int, markup: int, modifiers: Sequence[Modifier] = ()
) -> int:
    """What a receipt of these costs."""
    nets = on_top = 0
    for line in items:
        sign = -1 if line.storno else 1
        nets += sign * net_of(line)
        on_top += sign * sum(tax.sum for tax in line.taxes if not tax.inside)
    on_top += sum(tax.sum for tax in taxes if not tax.inside)
    for modifier in modifiers:
        sign = 1 if modifier.kind is ModifierKind.MARKUP else -1
        nets += -sign * modifier.sum if modifier.storno else sign * modifier.sum
    return nets - discount + markup + on_top


def receipt(number: int = 1, shift: int = 1, issued_at: Instant = T0, **given: Any) -> Receipt:
    """A receipt; what is not given follows: it is paid in cash with nothing over."""
    lines = given.setdefault("items", (item(),))
    changed = given.get("discount", 0), given.get("markup", 0), given.get("modifiers", ())
    total = due(lines, given.get("taxes", ()), *changed)
    total = given.setdefault("total", total)
    payments = given.setdefault("payments", (Payment(kind=PaymentKind.CASH, sum=total),))
    cash = [payment.sum for payment in payments if payment.kind is PaymentKind.CASH]
    if cash:
        change = given.setdefault("change", 0)
        given.setdefault("taken", cash[0] + (change or 0))
    given = {"id": document_id(number), "cashier": CASHIER, "operation": Operation.SELL, **given}
    return Receipt(number=number, shift=shift, issued_at=issued_at, **given)


def correction(number: int = 1, shift: int = 1, issued_at: Instant = T0, **given: Any) -> Correction:
    total = given.setdefault("total", 25_000)
    given = {
        "id": document_id(number),
        "cashier": CASHIER,
        "operation": Operation.SELL,
        "payments": (Payment(kind=PaymentKind.CASH, sum=total),),
        "reason": CorrectionReason.OWN,
        "corrected_at": issued_at - HOUR,
        "basis": "Акт № 1",
        **given,
    }
    return Correction(number=number, shift=shift, issued_at=issued_at, **given)


def deposit(number: int = 1, shift: int = 1, issued_at: Instant = T0, **given: Any) -> Deposit:
    given = {"id": document_id(number), "cashier": CASHIER, "sum": 50_000, **given}
    return Deposit(number=number, shift=shift, issued_at=issued_at, **given)


def withdrawal(number: int = 1, shift: int = 1, issued_at: Instant = T0, **given: Any) -> Withdrawal:
    given = {"id": document_id(number), "cashier": CASHIER, "sum": 20_000, **given}
    return Withdrawal(number=number, shift=shift, issued_at=issued_at, **given)


def close_shift(number: int = 1, shift: int = 1, issued_at: Instant = T0, **given: Any) -> CloseShift:
    given = {
        "id": document_id(number),
        "cashier": CASHIER,
        "opened_at": T0,
        "counters": {},
        **given,
    }
    return CloseShift(number=number, shift=shift, issued_at=issued_at, **given)


def void(number: int = 1, shift: int = 1, issued_at: Instant = T0, **given: Any) -> Void:
    given = {
        "id": document_id(number, 1),
        "cashier": CASHIER,
        "voids": document_id(number),
        "by": "Старший кассир",
        "why": "пробит дважды",
        "refusal": "bad_totals",
        **given,
    }
    return Void(number=number, shift=shift, issued_at=issued_at, **given)


def annulment(number: int = 1, issued_at: Instant = T0, of: Receipt | None = None) -> Annulment:
    return annulment_of(of or receipt(), ONLINE, id=document_id(number), number=number, issued_at=issued_at)


ONE_OF_EACH: Final[tuple[Document, ...]] = (
    receipt(),
    correction(),
    deposit(),
    withdrawal(),
    close_shift(),
    void(),
    annulment(),
)


# -------------------------------------------------------------------------------------------------- by chance

rates: Final = st.sampled_from((0, 5_000, 10_000, 12_000, 16_000, 20_000, 22_000))


@st.composite
def items(draw: st.DrawFn, *, taxed: bool = False) -> Item:
    """A line with a discount, a markup or neither, and, where ``taxed``, up to three rates."""
    line = item(
        draw(st.integers(0, 1_000_000)),
        draw(st.integers(1, 20_000)),
        section=draw(st.sampled_from(("1", "2", "хлеб", "1.5"))),
    )
    match draw(st.integers(0, 2)):
        case 1:
            line = replace(line, discount=draw(st.integers(0, line.sum)))
        case 2:
            line = replace(line, markup=draw(st.integers(0, 100_000)))
    if taxed:
        chosen = draw(st.lists(rates, max_size=3, unique=True))
        taxes = tuple(tax_of(net_of(line), rate, inside=draw(st.booleans())) for rate in chosen)
        line = replace(line, taxes=taxes)
    return line


@st.composite
def receipts(draw: st.DrawFn, /, number: int = 1, shift: int = 1, issued_at: Instant = T0, **given: Any) -> Receipt:
    """Any right receipt: taxes on its items or on itself, discount or markup, paid in parts, with change."""
    taxed_items = draw(st.booleans())
    lines = tuple(draw(st.lists(items(taxed=taxed_items), min_size=1, max_size=4)))
    nets = sum(net_of(line) for line in lines)
    discount = markup = 0
    match draw(st.integers(0, 2)):
        case 1:
            discount = draw(st.integers(0, nets))
        case 2:
            markup = draw(st.integers(0, 100_000))
    taxes: tuple[Tax, ...] = ()
    if not any(line.taxes for line in lines):
        room = nets - discount + markup
        for rate in draw(st.lists(rates, max_size=3, unique=True)):
            base = draw(st.integers(0, room))
            room -= base
            taxes += (tax_of(base, rate, inside=draw(st.booleans())),)
    total = due(lines, taxes, discount, markup)
    payments = draw(parts_of(total))
    extra: dict[str, Any] = {}
    if any(payment.kind is PaymentKind.CASH for payment in payments):
        extra["change"] = draw(st.integers(0, 50_000))
    operation = given.pop("operation", None) or draw(st.sampled_from(Operation))
    return receipt(
        number,
        shift,
        issued_at,
        operation=operation,
        items=lines,
        taxes=taxes,
        discount=discount,
        markup=markup,
        payments=payments,
        **extra,
        **given,
    )


@st.composite
def parts_of(draw: st.DrawFn, total: int) -> tuple[Payment, ...]:
    """The total in up to three kinds of payment."""
    kinds = draw(st.lists(st.sampled_from(PaymentKind), min_size=1, max_size=3, unique=True))
    parts = []
    for kind in kinds[:-1]:
        part = draw(st.integers(0, total))
        total -= part
        parts.append(Payment(kind=kind, sum=part))
    return (*parts, Payment(kind=kinds[-1], sum=total))
