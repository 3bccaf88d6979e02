"""What the registers of a load have sold: documents drawn from a seed.

The rule: the same seed, register and moment give the same bytes. A register's documents are right ones: numbers and
shifts without gaps, a Z-report with the figures of its shift before the shift is a day old, nothing paid out that is not
in the drawer. What is in the baskets is drawn once for a fleet; which of them are sold, when, and as what, for each
register.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from random import Random
from typing import Final, NamedTuple

from msgspec.structs import replace

from fiscal.domain.document import ONLINE, CloseShift, Delivery, Deposit, Document, DocumentKind, Withdrawal, kind_of
from fiscal.domain.receipt import Cashier, Operation, ParentReceipt, PaymentKind, Receipt
from fiscal.domain.register import RegisterProfile, Taxpayer
from fiscal.domain.shift import Shift, advance, cash_in_drawer
from fiscal.protocols.content import decode_content, encode_content
from fiscal.time import DAY, HOUR, Instant, to_local
from kkt_client.core.basket import Basket, Line, compute
from mock_ofd.load.scenario import ZONE, Scenario

PROFILE: Final = RegisterProfile(
    taxpayer=Taxpayer(name="ТОО «Нагрузка»", tax_id="240140000011"),
    place="г. Алматы, ул. Абая, 1",
    rnm="010203040506",
    serial="LOAD-1",
    zone=ZONE,
)
BASKETS: Final = 256
"""Different baskets of a fleet: enough that no cache of an operator knows all of their lines by heart."""
LINES_MOST: Final = 12
STEP: Final = HOUR // 4
"""The rate of sales changes at most so often."""
SHIFT_MOST_MS: Final = DAY - HOUR
"""A shift ends an hour before it has to."""

_GOODS: Final = tuple(
    (name, price)
    for name, price in (
        ("Хлеб бородинский нарезной", 29_000),
        ("Молоко 3,2 % 1 л", 59_000),
        ("Яблоки «Апорт», кг", 98_500),
        ("Айран 2 % 0,5 л", 37_500),
        ("Сметана 20 % 400 г", 98_000),
        ("Масло сливочное «Крестьянское» 180 г", 134_000),
        ("Яйцо куриное С1, 10 шт.", 72_000),
        ("Тандыр нан", 18_000),
        ("Говядина, мякоть охлаждённая", 389_000),
        ("Қазы қақталған", 950_000),
        ("Чай чёрный байховый 250 г", 145_000),
        ("Сахар-песок 1 кг", 46_000),
        ("Рис «Ақмаржан» 800 г", 61_500),
        ("Вода питьевая негазированная 1,5 л", 25_000),
        ("Порошок стиральный 3 кг", 289_000),
        ("Пакет-майка", 3_000),
    )
)
_CASHIERS: Final = tuple(
    Cashier(code=code, name=name) for code, name in enumerate(("Айгерім", "Наталья Ким", "Ерлан", "Ольга П."), 1)
)
_RETURNS: Final = 0.03
_CASH_IN: Final = 0.01
_CASH_OUT: Final = 0.01
_OTHERS: Final = _RETURNS + _CASH_IN + _CASH_OUT
"""Of a hundred documents three take goods back, one brings change into the drawer, one takes cash to the bank."""
_CHANGE: Final = 5_000_00
"""What is brought into the drawer, in tiyn."""


class Sold(NamedTuple):
    """One document, as the register's memory holds it."""

    number: int
    kind: DocumentKind
    shift: int
    issued_at: Instant
    content: bytes


@lru_cache(maxsize=4)
def baskets(seed: int) -> tuple[Receipt, ...]:
    """The baskets of a fleet, as receipts without a number."""
    chance = Random(f"baskets {seed}")
    return tuple(_basket(chance, place) for place in range(BASKETS))


def _basket(chance: Random, place: int) -> Receipt:
    many = min(LINES_MOST, 1 + int(chance.expovariate(0.4)))
    lines = tuple(_line(chance) for _ in range(many))
    due = compute(Basket(lines=lines), PROFILE.country, PROFILE.zone, 0).total
    match place % 8:
        case 0 | 1:
            payments = {PaymentKind.CARD: due}
        case 2:
            payments = {PaymentKind.MOBILE: due}
        case 3:
            payments = {PaymentKind.CARD: due // 2, PaymentKind.CASH: due - due // 2}
        case 4:
            payments = {}
        case _:
            payments = {PaymentKind.CASH: -(-due // 100_000) * 100_000}
    found = compute(Basket(lines=lines, payments=payments), PROFILE.country, PROFILE.zone, 0)
    receipt = Receipt(
        id=bytes(16),
        number=1,
        shift=1,
        issued_at=0,
        cashier=_CASHIERS[0],
        operation=Operation.SELL,
        items=found.items,
        payments=found.payments,
        total=found.total,
        taken=found.taken,
        change=found.change,
    )
    # Read back, a text that is a default is the default itself, and that is written in a sixth of the time.
    read = decode_content(encode_content(receipt))
    assert isinstance(read, Receipt), "a receipt was written"
    return read


def _line(chance: Random) -> Line:
    name, price = chance.choice(_GOODS)
    weighed = chance.random() < 0.2  # noqa: PLR2004 - every fifth good lies on the scales
    quantity = chance.randrange(50, 2_500) if weighed else 1_000 * chance.choice((1, 1, 1, 2, 3))
    discount = price // 10 * (quantity // 1_000) if chance.random() < 0.1 else 0  # noqa: PLR2004 - a tenth off
    return Line(
        name=name,
        price=price,
        quantity=quantity,
        discount=discount,
        unit="166" if weighed else "796",
        section=str(1 + len(name) % 4),
        vat=16_000,
    )


def sold(scenario: Scenario, place: int, begin: Instant, end: Instant) -> Iterator[Sold]:
    """What the register at this place has sold from ``begin`` until ``end``, in the order of its numbers."""
    chance = Random(f"register {scenario.seed} {place}")
    till = _Till(chance, place, baskets(scenario.seed), is_autonomous=not scenario.is_steady)
    for number, at in enumerate(_moments(scenario, chance, begin, end), 1):
        document = till.next(number, at)
        yield Sold(number, kind_of(document), document.shift, at, encode_content(document))


class _Till:
    """One register as it sells: its shift, its drawer, and the last thing that somebody may bring back."""

    def __init__(self, chance: Random, place: int, known: Sequence[Receipt], *, is_autonomous: bool) -> None:
        self._chance = chance
        self._place = place
        self._known = known
        self._is_autonomous = is_autonomous
        self._delivery = Delivery(autonomous=True) if is_autonomous else ONLINE
        self._cashier = chance.choice(_CASHIERS)
        self._shift = Shift()
        self._last: Receipt | None = None

    def next(self, number: int, at: Instant) -> Document:
        """The document with this number."""
        shift = self._shift
        id_ = at.to_bytes(6, "big") + number.to_bytes(4, "big") + self._place.to_bytes(4, "big") + b"\x00\x00"
        document = self._closing(id_, number, at) if _is_over(shift, at) else self._drawn(id_, number, at)
        self._shift = advance(shift, document, self._delivery)
        return document

    def _closing(self, id_: bytes, number: int, at: Instant) -> CloseShift:
        shift = self._shift
        assert shift.opened_at is not None, "a shift that is over was opened"
        empty = CloseShift(
            id=id_,
            number=number,
            shift=shift.number,
            issued_at=at,
            cashier=self._cashier,
            opened_at=shift.opened_at,
            counters={},
        )
        return replace(empty, counters=dict(advance(shift, empty, ONLINE).counters))

    def _drawn(self, id_: bytes, number: int, at: Instant) -> Document:
        draw, shift = self._chance.random(), self._shift
        if draw >= _OTHERS:
            basket = self._known[int(self._chance.random() * BASKETS)]
            receipt = self._receipt(id_, number, at, basket, Operation.SELL)
            self._last = receipt
            return receipt
        held, last = cash_in_drawer(shift), self._last
        if draw < _RETURNS and last is not None and last.cash <= held:
            self._last = None
            parent = ParentReceipt(
                sign=str(last.number),
                issued_at=last.issued_at,
                total=last.total,
                rnm=PROFILE.rnm,
                autonomous=self._is_autonomous,
            )
            return self._receipt(id_, number, at, last, Operation.SELL_RETURN, parent)
        if draw < _RETURNS + _CASH_OUT and held > _CHANGE:
            amount = held - held % _CHANGE
            return Withdrawal(
                id=id_, number=number, shift=shift.next_number, issued_at=at, cashier=self._cashier, sum=amount
            )
        return Deposit(id=id_, number=number, shift=shift.next_number, issued_at=at, cashier=self._cashier, sum=_CHANGE)

    def _receipt(
        self,
        id_: bytes,
        number: int,
        at: Instant,
        basket: Receipt,
        operation: Operation,
        parent: ParentReceipt | None = None,
    ) -> Receipt:
        """A basket that goes over the counter, or comes back; for what comes back in cash nothing is changed."""
        back = parent is not None
        return Receipt(
            id=id_,
            number=number,
            shift=self._shift.next_number,
            issued_at=at,
            cashier=self._cashier,
            operation=operation,
            items=basket.items,
            payments=basket.payments,
            total=basket.total,
            taken=(basket.cash or None) if back else basket.taken,
            change=(0 if basket.cash else None) if back else basket.change,
            parent=parent,
        )


def _is_over(shift: Shift, at: Instant) -> bool:
    """Whether the day of the shop has passed, or nearly as much as a shift may last."""
    if shift.opened_at is None:
        return False
    return at - shift.opened_at > SHIFT_MOST_MS or _day_of(at) != _day_of(shift.opened_at)


@lru_cache(maxsize=1024)
def _day_of_hour(hour: int) -> int:
    return to_local(hour * HOUR, ZONE).toordinal()


def _day_of(at: Instant) -> int:
    return _day_of_hour(at // HOUR)


def _moments(scenario: Scenario, chance: Random, begin: Instant, end: Instant) -> list[Instant]:
    """When the register sells, in order: by chance, as often as the hour has it."""
    edges = [begin, *range(begin - begin % STEP + STEP, end, STEP), end]
    weights = [scenario.weight_at(left) * (right - left) for left, right in pairwise(edges)]
    sums = [0.0, *accumulate(weights)]
    whole = sums[-1]
    if scenario.documents is None:
        expected = scenario.sales_per_hour * whole / HOUR
        many = int(expected) + (chance.random() < expected % 1)
    else:
        many = scenario.documents
    if not whole:  # nobody sells at this hour, and yet it was said how many there are
        return sorted(begin + int(chance.random() * (end - begin)) for _ in range(many))
    found = []
    for draw in sorted(chance.random() * whole for _ in range(many)):
        at = bisect_right(sums, draw) - 1
        found.append(edges[at] + int((draw - sums[at]) / weights[at] * (edges[at + 1] - edges[at])))
    return found


__all__ = ["PROFILE", "Sold", "baskets", "sold"]
