"""Writes the script of the shop's day: ``python -m mock_ofd.demo.generate > shop-day.jsonl``.

The rule: the same bytes on every machine and every Python. All chance comes from one seeded generator, and of its
methods only ``random()`` is used, the one whose sequence Python promises to keep; the figures made of it are whole
numbers. What a shop cannot do does not happen: a drawer never pays out what it does not hold, a weighed good carries
its weight in its barcode, nobody is served twice within a minute at the same register.

What happens, register by register, is in :data:`HOURS`: the first two work all day, the third closes its shift in the
afternoon and opens another, the fourth helps out from ten, the fifth is the express till for small baskets.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from fiscal.domain.identifiers import bin_with_check, iin_with_check
from fiscal.domain.money import line_sum
from fiscal.domain.receipt import Cashier
from mock_ofd.demo.shop import CASHIERS, GOODS, KILOGRAM, PIECE, Good, barcode_of, ean13

SEED: Final = 20_260_314

TENGE: Final = 100
HOUR: Final = 3_600
GAP: Final = 45
"""Seconds between two things that happen at one register."""

FLOAT: Final = 30_000 * TENGE
"""Change money put into an empty drawer; as much stays in it when the cash is collected."""
COLLECT_ABOVE: Final = 120_000 * TENGE
"""A drawer with more than this is emptied down to the float."""

NOTES: Final = tuple(note * TENGE for note in (200, 500, 1_000, 2_000, 5_000, 10_000, 20_000))

BUSY: Final[Mapping[int, int]] = {
    8: 5, 9: 5, 10: 6, 11: 7, 12: 9, 13: 9, 14: 7, 15: 6, 16: 7, 17: 10, 18: 13, 19: 12, 20: 9, 21: 6, 22: 4,
}  # fmt: skip
"""How many buyers come in each hour, as a proportion."""

BOTTLE: Final = Good(799, "Бутылка стеклянная 0,5 л, возвратная", 2_000, "7", 0)

BUYERS: Final = (
    *({"tax_id": bin_with_check(body)} for body in ("99064000112", "14114002533", "21034001947")),
    *({"tax_id": iin_with_check(body)} for body in ("85041740021", "91120845017")),
    *({"email": f"{name}@post.example"} for name in ("a.nurlan", "dinara85", "office", "kim.n", "zhanna")),
    *({"phone": f"+7700000{tail}"} for tail in ("1204", "4517", "7788", "3092")),
)

Line = dict[str, Any]
T = TypeVar("T")


class Dice:
    """Chance that repeats itself: see the rule of this module."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random

    def below(self, limit: int) -> int:
        """One of 0 .. limit - 1."""
        return int(self._random() * limit)

    def percent(self, chance: int) -> bool:
        """True so many times in a hundred."""
        return self.below(100) < chance

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.below(len(choices))]

    def weighted(self, choices: Iterable[tuple[T, int]]) -> T:
        """One of the choices, each as likely as its weight."""
        pairs = list(choices)
        left = self.below(sum(weight for _, weight in pairs))
        for choice, weight in pairs:
            left -= weight
            if left < 0:
                return choice
        raise AssertionError("the weights do not make their own sum")


@dataclass(frozen=True, slots=True)
class Hours:
    """When a register works and what it does. Times are seconds since midnight."""

    first: int
    last: int
    buyers: int
    items_max: int = 14
    change_of_shift: int | None = None
    returns: tuple[int, ...] = ()
    purchases: tuple[int, ...] = ()


def _at(hour: int, minute: int = 0) -> int:
    return hour * HOUR + minute * 60


HOURS: Final[Mapping[int, Hours]] = {
    1: Hours(_at(8), _at(22, 22), 78, returns=(_at(11, 20), _at(18, 40)), purchases=(_at(9, 35),)),
    2: Hours(_at(8, 5), _at(22, 18), 72, returns=(_at(13, 15), _at(20, 5))),
    3: Hours(
        _at(8, 15), _at(22, 14), 64, change_of_shift=_at(15), returns=(_at(15, 26),), purchases=(_at(10, 50),)
    ),
    4: Hours(_at(10), _at(21, 30), 48, returns=(_at(17, 10),), purchases=(_at(16, 25),)),
    5: Hours(_at(11), _at(21, 5), 36, items_max=4, returns=(_at(14, 45),)),
}  # fmt: skip


@dataclass(slots=True)
class Till:
    """One register while its day is written: the drawer, the clock, and the lines so far."""

    number: int
    dice: Dice
    cash: int = 0
    clock: int = 0
    receipts: int = 0
    cashier: Cashier = field(init=False)
    lines: list[tuple[int, Line]] = field(default_factory=list)
    returnable: list[tuple[int, Line]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cashier = CASHIERS[self.number][0]

    def do(self, at: int, what: str, **facts: object) -> Line:
        """Write a line at this time, or as soon as the register is free."""
        self.clock = max(at, self.clock + GAP if self.lines else at)
        hours, rest = divmod(self.clock, HOUR)
        line: Line = {
            "at": f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}",
            "register": self.number,
            "do": what,
            "cashier": {"code": self.cashier.code, "name": self.cashier.name},
        } | facts
        self.lines.append((self.clock, line))
        return line

    def key(self) -> str:
        self.receipts += 1
        return f"{self.number}-{self.receipts:03d}"

    def deposit(self, at: int) -> None:
        self.do(at, "deposit", sum=FLOAT)
        self.cash += FLOAT

    def collect(self, at: int, left: int) -> None:
        """Take the cash out, whole tenge, down to what is left in the drawer."""
        amount = (self.cash - left) // TENGE * TENGE
        if amount > 0:
            self.do(at, "withdraw", sum=amount)
            self.cash -= amount


def _quantity(dice: Dice, good: Good) -> int:
    if good.unit == KILOGRAM:
        dear = good.price > 3_000 * TENGE
        return 150 + 2 * dice.below(350) if dear else 300 + 2 * dice.below(1_150)
    return 1_000 * dice.weighted(((1, 80), (2, 14), (3, 4), (6, 2)))


def _item(good: Good, quantity: int, vat: object, discount: int = 0) -> Line:
    item: Line = {"name": good.name, "price": good.price, "quantity": quantity}
    if good.unit != PIECE:
        item["unit"] = good.unit
    item |= {"section": good.section, "barcode": barcode_of(good, quantity), "vat": vat}
    return item | {"discount": discount} if discount else item


def _net(items: Iterable[Line]) -> int:
    return sum(line_sum(item["price"], item["quantity"]) - item.get("discount", 0) for item in items)


def _basket(dice: Dice, items_max: int) -> list[Line]:
    wanted = 1 + dice.below(4) + dice.below(4) + (dice.below(8) if dice.percent(15) else 0)
    basket: dict[int, Line] = {}
    while len(basket) < min(wanted, items_max):
        good = dice.weighted((good, good.weight) for good in GOODS)
        if good.code in basket:
            continue
        quantity = _quantity(dice, good)
        discount = 0
        if dice.percent(11):  # a yellow price tag
            share = dice.pick((10, 15, 20, 30))
            discount = line_sum(good.price, quantity) * share // (100 * TENGE) * TENGE
        basket[good.code] = _item(good, quantity, good.vat, discount)
    return list(basket.values())


def _handed_over(dice: Dice, total: int) -> int:
    """What a buyer with notes in his hand gives for the total."""
    if dice.percent(15):
        return total
    note = dice.pick([note for note in NOTES if note < max(total * 3, NOTES[1])])
    return -(-total // note) * note


def _payments(dice: Dice, total: int) -> tuple[dict[str, int], int]:
    """How the total is paid, and how much of it the cashier forgives: there are no coins below one tenge."""
    how = dice.weighted((("card", 33), ("mobile", 29), ("cash", 29), ("cash+card", 6), ("cash+mobile", 3)))
    if how == "cash":
        forgiven = total % TENGE
        return {"cash": _handed_over(dice, total - forgiven)}, forgiven
    cash, _, rest = how.rpartition("+")
    part = total // 2 // NOTES[1] * NOTES[1]
    return ({cash: part, rest: total - part} if cash and part else {rest: total}), 0


def purchase(dice: Dice, items_max: int) -> Line:
    """What a buyer puts on the counter and how he pays: everything of a sale but its key and his name."""
    items = _basket(dice, items_max)
    goods = _net(items)
    loyal = goods * 3 // (100 * TENGE) * TENGE if dice.percent(8) else 0
    payments, forgiven = _payments(dice, goods - loyal)
    facts: Line = {"items": items}
    if loyal + forgiven:
        facts["discount"] = loyal + forgiven
    return facts | {"payments": payments}


def _sell(till: Till, at: int, items_max: int) -> None:
    dice = till.dice
    bought = purchase(dice, items_max)
    items, payments, discount = bought["items"], bought["payments"], bought.get("discount", 0)
    facts: Line = {"key": till.key()} | bought
    if dice.percent(14):
        facts["customer"] = dice.pick(BUYERS)
    line = till.do(at, "sell", **facts)
    if "cash" in payments:
        without_cash = sum(payments.values()) - payments["cash"]
        till.cash += _net(items) - discount - without_cash
    if len(payments) == 1 and not discount:
        till.returnable.append((till.clock, line))
    if till.cash > COLLECT_ABOVE:
        till.collect(till.clock + 2 * GAP, FLOAT)


def _sell_return(till: Till, at: int) -> None:
    """Take back one line of an earlier sale, paid out the way it was paid."""
    earlier = [line for when, line in till.returnable if when < at - 15 * 60]
    sale = till.dice.pick(earlier)
    item = till.dice.pick(sale["items"])
    (kind,) = sale["payments"]
    amount = _net([item])
    if kind == "cash":
        assert amount <= till.cash, "the drawer cannot pay this back"
        till.cash -= amount
    till.returnable = [(when, line) for when, line in till.returnable if line is not sale]
    till.do(at, "sell_return", key=till.key(), of=sale["key"], items=[item], payments={kind: amount})


def _buy(till: Till, at: int) -> None:
    """Take empty bottles in, from people, who owe no VAT, for cash."""
    item = _item(BOTTLE, 1_000 * (4 + till.dice.below(17)), None)
    item["barcode"] = ean13("487000000799")
    amount = _net([item])
    assert amount <= till.cash, "the drawer cannot pay for this"
    till.cash -= amount
    till.do(at, "buy", key=till.key(), items=[item], payments={"cash": amount})


def _close(till: Till, at: int, left: int) -> None:
    till.collect(at, left)
    till.do(at + GAP, "z")


def _change_shift(till: Till, at: int) -> None:
    _close(till, at, 0)
    till.cashier = CASHIERS[till.number][1]
    till.deposit(at + 5 * 60)


def _buyers(dice: Dice, hours: Hours) -> Iterator[int]:
    """When buyers come: more of them when the shop is busy, none while the cashiers change."""
    pause = hours.change_of_shift
    open_hours = [(hour, share) for hour, share in BUSY.items() if hours.first // HOUR <= hour <= hours.last // HOUR]
    found = 0
    while found < hours.buyers:
        at = dice.weighted(open_hours) * HOUR + dice.below(HOUR)
        if not hours.first + 150 <= at <= hours.last:
            continue
        if pause is not None and pause - 180 <= at <= pause + 360:
            continue
        found += 1
        yield at


def _day_of(number: int, hours: Hours, dice: Dice) -> Till:
    till = Till(number, dice)
    till.deposit(hours.first + 3 + dice.below(40))
    plan = [(at, "sell") for at in _buyers(dice, hours)]
    plan += [(at, "return") for at in hours.returns] + [(at, "buy") for at in hours.purchases]
    plan.append((_at(12) + 60 * number, "x"))
    if hours.change_of_shift is not None:
        plan.append((hours.change_of_shift, "shift"))
    for at, what in sorted(plan):
        if till.cashier is CASHIERS[number][0] and hours.change_of_shift is None and at >= _at(15):
            till.cashier = CASHIERS[number][1]
        match what:
            case "sell":
                _sell(till, at, hours.items_max)
            case "return":
                _sell_return(till, at)
            case "buy":
                _buy(till, at)
            case "x":
                till.do(at, "x")
            case _:
                _change_shift(till, at)
    _close(till, hours.last + 3 * 60, FLOAT)
    return till


def generate(seed: int = SEED) -> str:
    """The whole script: lines in the order of time, each ending in a line feed."""
    lines = []
    for number, hours in HOURS.items():
        lines += _day_of(number, hours, Dice(seed + number)).lines
    lines.sort(key=lambda timed: (timed[0], timed[1]["register"]))
    return "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for _, line in lines)


if __name__ == "__main__":
    sys.stdout.buffer.write(generate().encode())
