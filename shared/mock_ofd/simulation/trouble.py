"""What goes wrong in a simulated world, drawn from its seed: how often, how long, whom.

Every figure is a mean or a probability of its own, in one flat list, so that a failing seed can be read at a glance.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from random import Random
from typing import Final

from fiscal.faults.effects import AskToWait, Delay, LateBy, LoseAnswer, LoseRequest, Point, Reset, Uniform
from fiscal.faults.plan import Fault, FaultPlan, Selection


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One draw of misfortune. Probabilities are per event, means in seconds of virtual time."""

    cut_every_s: float
    cut_s: float
    cut_all: float
    slow_every_s: float
    slow_s: float
    slow_extra_s: float
    operator_crash_every_s: float
    register_crash_every_s: float
    down_s: float
    operator_doom: float
    register_doom: float
    commit_slow: float
    commit_fail: float
    commit_unknown: float
    lose_answer: float
    lose_request: float
    late_answer: float
    half_answer: float
    ask_to_wait: float
    clock_back: float

    def __str__(self) -> str:
        return ", ".join(f"{field.name}={getattr(self, field.name):.4g}" for field in fields(self))


NO_TROUBLE: Final = Trouble(**{**{field.name: 0.0 for field in fields(Trouble)}, "down_s": 5.0})
"""The trouble of a world in which only a plan of faults is at work; a process that it kills comes back."""


def draw_trouble(random: Random) -> Trouble:
    """A mixture: most worlds have some kinds of trouble and not others, so that each kind is also seen alone."""

    def sometimes(low: float, high: float) -> float:
        return random.uniform(low, high) if random.random() < 0.4 else 0.0

    return Trouble(
        cut_every_s=sometimes(30, 200),
        cut_s=random.uniform(1, 30),
        cut_all=random.uniform(0, 0.5),
        slow_every_s=sometimes(30, 200),
        slow_s=random.uniform(1, 30),
        slow_extra_s=random.uniform(1, 6),
        operator_crash_every_s=sometimes(60, 300),
        register_crash_every_s=sometimes(20, 200),
        down_s=random.uniform(0.1, 20),
        operator_doom=sometimes(0.001, 0.02),
        register_doom=sometimes(0.001, 0.02),
        commit_slow=sometimes(0.001, 0.02),
        commit_fail=sometimes(0.001, 0.05),
        commit_unknown=sometimes(0.001, 0.05),
        lose_answer=sometimes(0.01, 0.2),
        lose_request=sometimes(0.01, 0.2),
        late_answer=sometimes(0.01, 0.2),
        half_answer=sometimes(0.01, 0.1),
        ask_to_wait=sometimes(0.01, 0.1),
        clock_back=sometimes(0.0, 0.5),
    )


def plan_of(trouble: Trouble, seed: int) -> FaultPlan:
    """The part of the trouble that the gateway brings about, as a fault plan."""
    faults = [
        Fault(name=name, at=at, effects=effects, when=Selection(probability=chance))
        for name, at, effects, chance in (
            ("lose-request", Point.BEFORE_COMMIT, (LoseRequest(),), trouble.lose_request),
            ("ask-to-wait", Point.BEFORE_COMMIT, (AskToWait(700),), trouble.ask_to_wait),
            ("lose-answer", Point.AFTER_COMMIT, (LoseAnswer(),), trouble.lose_answer),
            ("late-answer", Point.AFTER_COMMIT, (LateBy(50),), trouble.late_answer),
            ("slow-answer", Point.AFTER_COMMIT, (Delay(Uniform(100, 4_500)),), trouble.late_answer),
            ("half-answer", Point.HALF_ANSWER, (Reset(),), trouble.half_answer),
        )
        if chance
    ]
    return FaultPlan(tuple(faults), seed=seed)
