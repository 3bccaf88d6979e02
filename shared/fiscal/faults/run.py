"""A plan at work: it counts what it is asked about, and says what goes wrong this time, and why.

The rule: the answer depends only on the plan and on the situations asked about before, never on a clock, a generator or
the order in which registers take turns (unless a fault counts globally). A chance is drawn from (seed, name of the
fault, register, occurrence). One run belongs to one shell; it is not made for several threads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from fiscal.faults import chance
from fiscal.faults.effects import (
    DELAY_MS_MAX,
    AnswerOfAnother,
    Corrupt,
    Delay,
    Effect,
    LateBy,
    Normal,
    Point,
    Uniform,
)
from fiscal.faults.plan import NO_FAULTS, Fault, FaultPlan, Scope, Situation


@dataclass(frozen=True, slots=True)
class Applied:
    """That a fault was applied, and why: what the recorded traffic keeps.

    ``occurrence`` is the how-manieth situation of its kind it was, ``application`` the how-manieth time that the fault
    was applied, both from 1 and counted as the fault's selection says. ``draw`` is the number below the probability
    that decided, None when nothing was left to chance. ``effects`` have every chance already drawn.
    """

    fault: Fault
    situation: Situation
    occurrence: int
    application: int
    draw: float | None
    effects: tuple[Effect, ...]

    @property
    def why(self) -> str:
        """The reason in words: "lost-answer, after_commit of document: occurrence 3 for register 'R1', applied 1"."""
        when = self.fault.when
        known = self.situation.register
        one = f"for register {known!r}" if known else "for registers not known yet"
        whose = one if when.count is Scope.REGISTER else "for all registers"
        asked = ", ".join(
            f"{word} {value}" for word in ("nth", "every", "times") if (value := getattr(when, word)) is not None
        )
        return (
            f"{self.fault.name}, {self.fault.at} of {self.situation.command or 'a connection'}: "
            f"occurrence {self.occurrence} {whose}, applied {self.application}"
            + (f" ({asked})" if asked else "")
            + (f", drew {self.draw:.6f} below {when.probability}" if self.draw is not None else "")
        )


Watcher = Callable[[Applied], None]
"""Hears of each fault that was applied, when it is decided and before anything of it happens."""


@dataclass(slots=True)
class _Count:
    seen: int = 0
    applied: int = 0


class FaultRun:
    """The counters of a plan at work. Ask with :meth:`applied` or, to know why, with :meth:`decide`: each call counts
    the situation once, so call one of them, once, for each point that a message passes.
    """

    __slots__ = ("_at", "_counts", "_plan", "_watchers")

    def __init__(self, plan: FaultPlan = NO_FAULTS) -> None:
        self._counts: dict[tuple[str, str | None], _Count] = {}
        self._watchers: tuple[Watcher, ...] = ()
        self._take(plan)

    @property
    def plan(self) -> FaultPlan:
        """The plan in force."""
        return self._plan

    def watches(self, point: Point) -> bool:
        """Whether any fault waits at this point: when not, a shell need not make a situation."""
        return point in self._at

    def applied(self, point: Point, situation: Situation) -> tuple[Effect, ...]:
        """What goes wrong here, in order; nothing for most. Every chance in it is drawn, every lateness a delay."""
        return effects_of(self.decide(point, situation)) if point in self._at else ()

    def decide(self, point: Point, situation: Situation) -> tuple[Applied, ...]:
        """The same with the reasons: which faults apply here, in the order of the plan."""
        judged = [self._judge(fault, situation) for fault in self._at.get(point, ())]
        found = tuple(applied for applied in judged if applied is not None)
        for watcher in self._watchers:
            for applied in found:
                watcher(applied)
        return found

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Tell ``watcher`` of every fault that is applied from now on; call what comes back to stop."""
        self._watchers = (*self._watchers, watcher)

        def stop() -> None:
            self._watchers = tuple(other for other in self._watchers if other is not watcher)

        return stop

    def switch_to(self, plan: FaultPlan) -> None:
        """Go on with another plan. Faults that stay exactly as they were keep their counters, all others start anew."""
        stay = {fault.name for fault in plan if fault in self._plan.faults}
        self._counts = {key: count for key, count in self._counts.items() if key[0] in stay}
        self._take(plan)

    def times_applied(self, fault: Fault, register: str) -> int:
        """How often a fault of the plan was applied, to this register or, when it counts globally, to all."""
        count = self._counts.get((fault.name, register if fault.when.count is Scope.REGISTER else None))
        return 0 if count is None else count.applied

    def reset(self) -> None:
        """Forget everything that was counted; the next situation is the first."""
        self._counts.clear()

    def _take(self, plan: FaultPlan) -> None:
        self._plan = plan
        self._at: dict[Point, tuple[Fault, ...]] = {}
        for fault in plan:
            self._at[fault.at] = (*self._at.get(fault.at, ()), fault)

    def _judge(self, fault: Fault, situation: Situation) -> Applied | None:
        when = fault.when
        if not when.concerns(situation):
            return None
        whose = situation.register if when.count is Scope.REGISTER else None
        count = self._counts.setdefault((fault.name, whose), _Count())
        count.seen += 1
        if not when.chooses(count.seen) or (when.times is not None and count.applied >= when.times):
            return None
        drawn: float | None = None
        if when.probability < 1:
            drawn = chance.draw(self._plan.seed, fault.name, whose, count.seen) / chance.DRAW_END
            if drawn >= when.probability:
                return None
        count.applied += 1
        effects = tuple(
            settle(effect, situation, (self._plan.seed, fault.name, whose, count.seen, index))
            for index, effect in enumerate(fault.effects)
        )
        return Applied(fault, situation, count.seen, count.applied, drawn, effects)


def effects_of(applied: tuple[Applied, ...]) -> tuple[Effect, ...]:
    """All the effects of these records, in order."""
    return tuple(effect for record in applied for effect in record.effects)


def settle(effect: Effect, situation: Situation, purpose: tuple[str | int | None, ...]) -> Effect:
    """The effect with its chance drawn for this purpose, and a lateness turned into the delay that brings it about."""
    match effect:
        case Delay(Uniform(low, high)):
            return Delay(low + chance.below(high - low + 1, *purpose))
        case Delay(Normal(mean, spread)):
            return Delay(min(max(chance.bell(mean, spread, *purpose), 0), DELAY_MS_MAX))
        case LateBy(over):
            return Delay(min(max(situation.answer_limit_ms + over - situation.elapsed_ms, 0), DELAY_MS_MAX))
        case Corrupt() | AnswerOfAnother():
            return replace(effect, draw=chance.draw(*purpose))
        case _:
            return effect
