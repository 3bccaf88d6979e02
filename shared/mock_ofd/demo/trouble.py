"""What goes wrong on the shop's day, as one fault plan, and who is killed.

The rule: everything is arranged beforehand in the shop's time and by document numbers, nothing is drawn; so the same
things happen in every run, however fast the machine is. The operator's gateway carries the plan out
(:mod:`fiscal.faults`); the one thing that a plan of the operator cannot do, killing a register, is asked for by the
answer that it holds back.

In the morning the answers go wrong, one register at a time; in the afternoon and in the evening the link of the whole
shop is cut, each time while shifts are being closed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final

from fiscal.faults.effects import Delay, LateBy, LoseAnswer, Point, Reset
from fiscal.faults.plan import Fault, FaultPlan, Selection, Situation
from fiscal.faults.run import Applied, FaultRun
from fiscal.time import Instant, from_datetime, zone
from mock_ofd.demo.shop import DAY, ZONE_NAME

SHOP_OPENS: Final = time(8, 0)
SHOP_CLOSES: Final = time(22, 30)

LATE: Final = "answer-late"
LOST: Final = "answer-lost"
HELD: Final = "answer-held-back"
CUT: Final = "link-cut"

LATE_BY_MS: Final = 150
"""How much over the limit the late answer comes: it is on its way when the register gives up waiting for it."""
HELD_MS: Final = 20_000
"""How long the answer is held back from the register that is killed meanwhile: longer than anybody waits for it."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The link of the whole shop is down from ``since`` until ``until``, local time."""

    since: time
    until: time


CUTS: Final = (Cut(time(14, 5), time(16, 35)), Cut(time(19, 5), time(21, 40)))
"""The first spans the change of shift of register 3 at 15:00, the second the closing of registers 4 and 5."""

AT: Final = {LATE: (2, 6), LOST: (1, 12), HELD: (3, 9)}
"""Which register it happens to, at which of its documents: each between half past nine and half past ten."""

KILLED: Final = AT[HELD][0]
"""The register that is killed while its answer is held back."""


def at(moment: time) -> Instant:
    """A local time of the shop's day as an instant."""
    return from_datetime(datetime.combine(DAY, moment, zone(ZONE_NAME)))


OPENS_AT: Final = at(SHOP_OPENS)
CLOSES_AT: Final = at(SHOP_CLOSES)


def register_id(number: int) -> str:
    """The id of a register with the operator, by its number in the shop."""
    return f"alma-bazar-{number}"


def _one_answer(name: str) -> Selection:
    number, document = AT[name]
    return Selection(register=register_id(number), command="document", nth=document)


def _cut(place: int, cut: Cut) -> tuple[Fault, ...]:
    """Whoever calls is hung up on, and so is whoever says something on a connection that was open before."""
    while_it_lasts = Selection(since=at(cut.since), until=at(cut.until))
    return tuple(
        Fault(name=f"{CUT}-{place}-{point}", at=point, effects=(Reset(),), when=while_it_lasts)
        for point in (Point.ON_CONNECT, Point.BEFORE_PARSE)
    )


def plan() -> FaultPlan:
    """The whole trouble of the day."""
    after = Point.AFTER_COMMIT
    return FaultPlan(
        (
            Fault(name=LATE, at=after, effects=(LateBy(LATE_BY_MS),), when=_one_answer(LATE)),
            Fault(name=LOST, at=after, effects=(LoseAnswer(), Reset()), when=_one_answer(LOST)),
            Fault(name=HELD, at=after, effects=(Delay(HELD_MS),), when=_one_answer(HELD)),
            *(fault for place, cut in enumerate(CUTS, 1) for fault in _cut(place, cut)),
        ),
        description="the shop's day of the demonstration",
    )


def cut_at(now: Instant) -> Cut | None:
    """The cut that lasts now."""
    return next((cut for cut in CUTS if at(cut.since) <= now < at(cut.until)), None)


class ToldFaults(FaultRun):
    """The plan at work, which tells of every fault that it applies."""

    __slots__ = ("_tell",)

    def __init__(self, plan: FaultPlan, tell: Callable[[Applied], None]) -> None:
        super().__init__(plan)
        self._tell = tell

    def decide(self, point: Point, situation: Situation) -> tuple[Applied, ...]:
        found = super().decide(point, situation)
        for applied in found:
            self._tell(applied)
        return found


TEXTS: Final = {
    LATE: "the answer to register {register} is on its way, and comes after the 5 seconds that it has",
    LOST: "the answer to register {register} was lost after the commit, and the connection with it",
    HELD: "the answer to register {register} is held back after the commit: its process is about to be killed",
}


def told(applied: Applied) -> str | None:
    """A fault that was applied, in words; ``None`` for the many little ones that a cut is made of."""
    text = TEXTS.get(applied.fault.name)
    return None if text is None else text.format(register=AT[applied.fault.name][0])
