"""The link between the operator and one register, as a person bends it: cut, slow, one answer lost.

The rule: a link is nothing of its own, it is a handful of named faults in the plan at work; so whatever else a plan does
goes on, and everything that shows a plan shows the links. The names of a register's faults are made from its id.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final

from fiscal.faults.effects import Delay, Effect, LoseAnswer, Point, Reset
from fiscal.faults.plan import Fault, FaultPlan, Selection

SLOW_MS: Final = 6_000
"""How slow a link is when nobody says: a second over the answer limit of S3-13, so the receipt turns autonomous."""
DIGEST_LENGTH: Final = 32
"""Hexadecimal digits of a register's id in the name of a fault: ids may be longer than a name, and two never meet."""


class LinkState(StrEnum):
    """How a link is."""

    UP = "up"
    CUT = "cut"
    SLOW = "slow"


@dataclass(frozen=True, slots=True)
class Link:
    """A register's link; ``delay_ms`` is how much later answers come when it is slow, else ``None``."""

    state: LinkState = LinkState.UP
    delay_ms: int | None = None


def with_link(plan: FaultPlan, register_id: str, link: Link) -> FaultPlan:
    """The plan with the register's link like this; :class:`InvalidValue` when it has no room, or the delay is none."""
    for name in (*_cut_names(register_id).values(), _name("slow", register_id)):
        plan = without(plan, name)
    if link.state is LinkState.CUT:
        for point, name in _cut_names(register_id).items():
            plan = plan.with_fault(_fault(name, point, (Reset(),), register_id))
    elif link.state is LinkState.SLOW:
        delay = Delay(SLOW_MS if link.delay_ms is None else link.delay_ms)
        plan = plan.with_fault(_fault(_name("slow", register_id), Point.AFTER_COMMIT, (delay,), register_id))
    return plan


def link_in(plan: FaultPlan, register_id: str) -> Link:
    """How the register's link is under this plan."""
    faults = {fault.name: fault for fault in plan}
    if not faults.keys().isdisjoint(_cut_names(register_id).values()):
        return Link(LinkState.CUT)
    slow = faults.get(_name("slow", register_id))
    if slow is None:
        return Link()
    delays = [effect.ms for effect in slow.effects if isinstance(effect, Delay) and isinstance(effect.ms, int)]
    return Link(LinkState.SLOW, sum(delays))


def lost_answer(register_id: str) -> Fault:
    """The fault by which the answer to the register's next document is lost after its commit, once."""
    when = Selection(register=exactly(register_id), command="document", times=1)
    return Fault(name=_name("lost", register_id), at=Point.AFTER_COMMIT, effects=(LoseAnswer(),), when=when)


def exactly(register_id: str) -> str:
    """The pattern that only this register's id matches."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in register_id)


def without(plan: FaultPlan, name: str) -> FaultPlan:
    """The plan without the fault of this name, if it has one."""
    return plan.without(name) if any(fault.name == name for fault in plan) else plan


def _name(what: str, register_id: str) -> str:
    return f"link-{what}-{sha256(register_id.encode()).hexdigest()[:DIGEST_LENGTH]}"


def _cut_names(register_id: str) -> dict[Point, str]:
    """A connection is known by its register from its hello on; a new one is cut when its hello is understood."""
    points = (Point.BEFORE_PARSE, Point.BEFORE_COMMIT)
    return {point: _name(f"cut-{number}", register_id) for number, point in enumerate(points, 1)}


def _fault(name: str, at: Point, effects: tuple[Effect, ...], register_id: str) -> Fault:
    return Fault(name=name, at=at, effects=effects, when=Selection(register=exactly(register_id)))
