"""Counts once more: every report in the dialogues against a second bookkeeping, made of the requests alone.

The rule: no import of the product. The requests are read by the stranger; what was accepted is folded by the rules of the
protocol's counters, written here a second time; every figure of every X and Z report has to be what comes out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.vectors.kz.meaning import RESULT, Look
from tests.vectors.kz.stranger import Reader, Schema, frame

TICKET, CLOSE_SHIFT, REPORT, INFO, PLACEMENT, CANCEL = 1, 2, 3, 5, 6, 7
DOCUMENTS: Final = (TICKET, CLOSE_SHIFT, PLACEMENT, CANCEL)
BUY, BUY_RETURN, SELL, SELL_RETURN = range(4)
INTO_THE_DRAWER: Final = {SELL: 1, BUY_RETURN: 1, SELL_RETURN: -1, BUY: -1}
GOODS: Final = {1: ("commodity", 1), 2: ("storno_commodity", -1)}
MODIFIERS: Final = {
    3: ("markup", "markups", 1),
    4: ("storno_markup", "markups", -1),
    5: ("discount", "discounts", 1),
    6: ("storno_discount", "discounts", -1),
}
KEPT: Final = ("cash", "total", "non_nullable", "placed_total")
"""What goes over into the next shift."""

Figures = Counter[tuple[Any, ...]]


def money(look: Look, path: str) -> int:
    bills = look(f"{path}.bills")
    return 0 if bills is None else int(bills) * 100 + int(look(f"{path}.coins"))


@dataclass
class Books:
    """What one device has done, by this bookkeeping."""

    figures: Figures = field(default_factory=Counter)
    start: Figures = field(default_factory=Counter)
    last_z: Figures | None = None
    before_ticket: Figures = field(default_factory=Counter)
    offline: bool = False
    last: tuple[int, int, int] | None = None

    def ticket(self, look: Look) -> None:
        self.before_ticket = Counter(self.figures)
        figures, op = self.figures, look("ticket.operation")
        for index in range(look("ticket.items#")):
            self._item(look, f"ticket.items[{index}]", op)
        for kind in ("discount", "markup"):
            if look(f"ticket.amounts.{kind}.sum.bills") is not None:
                extra = money(look, f"ticket.amounts.{kind}.sum")
                self._modify(op, f"{kind}s", 1, extra)
                figures[f"{kind}_sum", op] += extra
        total = money(look, "ticket.amounts.total")
        figures["total", op] += 1
        figures["count", op] += 1
        figures["sum", op] += total
        figures["change", op] += money(look, "ticket.amounts.change")
        figures["non_nullable", op] += total
        figures[("revenue",)] += INTO_THE_DRAWER[op] * total
        for index in range(look("ticket.payments#")):
            path = f"ticket.payments[{index}]"
            kind, paid = look(f"{path}.type"), money(look, f"{path}.sum")
            figures["paid", op, kind] += paid
            figures["payments", op, kind] += 1
            figures[("cash",)] += INTO_THE_DRAWER[op] * paid * (kind == 0)
        for index in range(look("ticket.taxes#")):
            self._tax(look, f"ticket.taxes[{index}]", op, total)
        self.offline = look("ticket.offline_ticket_number") is not None
        figures["offline", op] += self.offline

    def _item(self, look: Look, item: str, op: int) -> None:
        kind = look(f"{item}.type")
        if kind in GOODS:
            name, sign = GOODS[kind]
            worth = money(look, f"{item}.{name}.sum")
            for place in (
                ("operations", op),
                ("total_result", op),
                ("section", look(f"{item}.{name}.section_code"), op),
            ):
                self.figures[*place, "count"] += sign > 0
                self.figures[*place, "sum"] += sign * worth
            for index in range(look(f"{item}.{name}.taxes#")):
                self._tax(look, f"{item}.{name}.taxes[{index}]", op, worth)
        else:
            name, rows, sign = MODIFIERS[kind]
            self._modify(op, rows, sign, money(look, f"{item}.{name}.sum"))

    def _modify(self, op: int, rows: str, sign: int, worth: int) -> None:
        self.figures[rows, op, "count"] += sign > 0
        self.figures[rows, op, "sum"] += sign * worth
        self.figures["total_result", op, "sum"] += sign * worth * (1 if rows == "markups" else -1)

    def _tax(self, look: Look, path: str, op: int, turnover: int) -> None:
        percent = look(f"{path}.percent")
        self.figures["turnover", percent, op] += turnover
        self.figures["tax", percent, op] += money(look, f"{path}.sum")

    def sent_again(self, look: Look) -> None:
        """A repeat counts nothing; one that has become autonomous says so once."""
        if look("command") == TICKET and look("ticket.offline_ticket_number") is not None and not self.offline:
            self.offline = True
            self.figures["offline", look("ticket.operation")] += 1

    def placed(self, kind: int, worth: int, *, offline: bool) -> None:
        for name, more in (
            ("placed_total", 1),
            ("placed_count", 1),
            ("placed_sum", worth),
            ("placed_offline", offline),
        ):
            self.figures[name, kind] += more
        self.figures[("cash",)] += worth if kind == 0 else -worth

    def cancelled(self) -> None:
        """The last ticket is taken back; only that it once was stays counted."""
        totals = {key: count for key, count in self.figures.items() if key[0] == "total"}
        self.figures = Counter({**self.before_ticket, **totals})

    def closed(self, look: Look) -> None:
        if look("close_shift.withdraw_money") and self.figures[("cash",)]:
            self.placed(1, self.figures[("cash",)], offline=bool(look("close_shift.is_offline")))
        self.last_z = self.now()
        self.figures = Counter({key: value for key, value in self.figures.items() if key[0] in KEPT})
        self.start = Counter(self.figures)

    def now(self) -> Figures:
        """What an X-report has to tell."""
        begun = {("start", op): self.start["non_nullable", op] for op in range(4)}
        return Counter({**self.figures, **begun})


def told(look: Look) -> dict[tuple[Any, ...], int]:
    """Every figure of the report in an answer, under the names of :class:`Books`."""
    zx = "report.zx_report"
    found: dict[tuple[Any, ...], int] = {("cash",): money(look, f"{zx}.cash_sum")}
    found[("revenue",)] = money(look, f"{zx}.revenue.sum") * (-1 if look(f"{zx}.revenue.is_negative") else 1)
    for name in ("operations", "discounts", "markups", "total_result"):
        found |= _operations(look, f"{zx}.{name}", (name,))
    for index in range(look(f"{zx}.sections#")):
        path = f"{zx}.sections[{index}]"
        found |= _operations(look, f"{path}.operations", ("section", look(f"{path}.section_code")))
    for name, rows in (("non_nullable", "non_nullable_sums"), ("start", "start_shift_non_nullable_sums")):
        for index in range(look(f"{zx}.{rows}#")):
            found[name, look(f"{zx}.{rows}[{index}].operation")] = money(look, f"{zx}.{rows}[{index}].sum")
    for index in range(look(f"{zx}.ticket_operations#")):
        found |= _tickets(look, f"{zx}.ticket_operations[{index}]")
    for index in range(look(f"{zx}.money_placements#")):
        row = f"{zx}.money_placements[{index}]"
        kind = look(f"{row}.operation")
        found["placed_total", kind] = look(f"{row}.operations_total_count")
        found["placed_count", kind] = look(f"{row}.operations_count")
        found["placed_sum", kind] = money(look, f"{row}.operations_sum")
        found["placed_offline", kind] = look(f"{row}.offline_count")
    for index in range(look(f"{zx}.taxes#")):
        tax = f"{zx}.taxes[{index}]"
        for place in range(look(f"{tax}.operations#")):
            key = (look(f"{tax}.percent"), look(f"{tax}.operations[{place}].operation"))
            found["turnover", *key] = money(look, f"{tax}.operations[{place}].turnover")
            found["tax", *key] = money(look, f"{tax}.operations[{place}].sum")
    return found


def _operations(look: Look, rows: str, name: tuple[Any, ...]) -> dict[tuple[Any, ...], int]:
    found: dict[tuple[Any, ...], int] = {}
    for index in range(look(f"{rows}#")):
        op = look(f"{rows}[{index}].operation")
        found[*name, op, "count"] = look(f"{rows}[{index}].count")
        found[*name, op, "sum"] = money(look, f"{rows}[{index}].sum")
    return found


def _tickets(look: Look, row: str) -> dict[tuple[Any, ...], int]:
    op = look(f"{row}.operation")
    found: dict[tuple[Any, ...], int] = {
        ("total", op): look(f"{row}.tickets_total_count"),
        ("count", op): look(f"{row}.tickets_count"),
        ("sum", op): money(look, f"{row}.tickets_sum"),
        ("offline", op): look(f"{row}.offline_count"),
        ("discount_sum", op): money(look, f"{row}.discount_sum"),
        ("markup_sum", op): money(look, f"{row}.markup_sum"),
        ("change", op): money(look, f"{row}.change_sum"),
    }
    for index in range(look(f"{row}.payments#")):
        path = f"{row}.payments[{index}]"
        kind = look(f"{path}.payment")
        found["paid", op, kind] = money(look, f"{path}.sum")
        found["payments", op, kind] = look(f"{path}.count")
    return found


def check(dialogue: Mapping[str, Any]) -> int:
    """How many reports of a dialogue were compared; :class:`AssertionError` at the first wrong figure."""
    books: dict[int, Books] = {}
    compared = 0
    for step in dialogue["steps"]:
        for request, answer in zip(step.get("send", ()), step.get("receive", ()), strict=False):
            (asked, body), (said, reply) = frame(bytes.fromhex(request)), frame(bytes.fromhex(answer))
            schema = Schema(asked["version"])
            look, answered = Reader(schema, body, "Request"), Reader(schema, reply)
            if answered(RESULT):
                continue
            own = books.setdefault(said["device"], Books())
            _account(own, (asked["token"], asked["number"], look("command")), look)
            if answered("report.zx_report.shift_number") is not None:
                compared += 1
                kind = answered("report.report")
                _compare(told(answered), own.now() if kind == 1 else own.last_z or Counter(), dialogue["name"])
    return compared


def _account(own: Books, key: tuple[int, int, int], look: Look) -> None:
    command = key[2]
    if command not in DOCUMENTS:
        return
    if key == own.last:
        own.sent_again(look)
        return
    own.last = key
    if command == TICKET:
        own.ticket(look)
    elif command == PLACEMENT:
        worth, offline = money(look, "money_placement.sum"), bool(look("money_placement.is_offline"))
        own.placed(look("money_placement.operation"), worth, offline=offline)
    elif command == CLOSE_SHIFT:
        own.closed(look)
    else:
        own.cancelled()


def _compare(told_figures: Mapping[tuple[Any, ...], int], own: Mapping[tuple[Any, ...], int], name: str) -> None:
    wrong = {key: (value, own.get(key, 0)) for key, value in told_figures.items() if value != own.get(key, 0)}
    silent = {key: value for key, value in own.items() if value and key not in told_figures}
    assert not wrong, f"{name}: told and counted differ: {wrong}"
    assert not silent, f"{name}: counted and not told: {silent}"
