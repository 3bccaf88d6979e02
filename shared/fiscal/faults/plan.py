"""A plan of faults: which misfortune happens at which point, to whom, and how often.

The rule: a plan is a value. It is compared, kept in a file, sent to a running server, and never changes; a running plan
is changed by giving the run another one. The filters of a :class:`Selection` apply in this order: register, protocol,
command and time choose the situations that *count*; of those counted, ``nth`` and ``every`` choose some; ``times``
ends it after so many applications; ``probability`` has the last word.

Every class raises :class:`InvalidValue`, which names the field, for a value that breaks a rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final

from fiscal.domain.limits import CODE_MAX, NAME_MAX, NUMBER_MAX
from fiscal.errors import InvalidValue
from fiscal.faults.effects import Effect, Point, check_place, check_text, check_whole, shown
from fiscal.time import INSTANT_MAX, Instant

ANSWER_LIMIT_MS: Final = 5_000
"""The limit that :class:`LateBy` refers to when the shell says nothing else: five seconds (S3-13)."""
FAULTS_MAX: Final = 1_000
"""Faults of one plan: each is looked at for every message, so a plan stays far from costing more than the work."""
EFFECTS_MAX: Final = 16
"""Effects of one fault: more than there are families of them that make sense together."""
SEED_MAX: Final = 2**63 - 1
"""The largest integer that TOML carries."""
PLAN_SIZE_MAX: Final = 1024 * 1024
"""Bytes of a plan in a file: a thousand faults of a kilobyte each."""
DESCRIPTION_MAX: Final = 8_192
"""Characters of a plan's description: a page."""
ANY: Final = "*"
"""The pattern that matches everything, also a register that is not known yet."""


class Scope(StrEnum):
    """Whose situations are counted together."""

    REGISTER = "register"
    """Each register by itself: what befalls it does not depend on what others do in between."""
    GLOBAL = "global"
    """All registers together, in the order in which the run was asked."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What a shell knows when it asks a plan. A text that is not known yet is empty.

    ``protocol`` is "native", "http", "kz"; ``command`` the protocol's word for the request, see
    :func:`fiscal.faults.answers.command_of`. ``now`` is the wall clock. ``elapsed_ms`` is the time since the last byte
    of the request was in, ``answer_limit_ms`` what an answer may take: only :class:`LateBy` looks at them. ``peer`` and
    ``request`` (its number on its connection) decide nothing: they lead a record back to its frame.
    """

    register: str
    protocol: str
    command: str
    now: Instant
    elapsed_ms: int = 0
    answer_limit_ms: int = ANSWER_LIMIT_MS
    peer: str = ""
    request: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """To whom and how often. The default is everybody, always.

    ``register``, ``protocol`` and ``command`` are exact words or patterns with ``*``, ``?`` and ``[...]`` (case counts).
    ``nth`` alone: that occurrence only, counted from 1. ``every`` alone: every so-manieth. Both: the nth, and then
    every so-manieth after it. ``times``: at most so often (1 is once). ``since`` <= now < ``until`` on the wall clock.
    ``probability``: 0 to 1. ``count``: whose occurrences and applications are counted together.
    """

    register: str = ANY
    protocol: str = ANY
    command: str = ANY
    nth: int | None = None
    every: int | None = None
    times: int | None = None
    since: Instant | None = None
    until: Instant | None = None
    probability: float = 1
    count: Scope = Scope.REGISTER

    def __post_init__(self) -> None:
        for field, pattern in (("register", self.register), ("protocol", self.protocol), ("command", self.command)):
            check_text(field, pattern, 1, NAME_MAX)
        for field, number in (("nth", self.nth), ("every", self.every), ("times", self.times)):
            if number is not None:
                check_whole(field, number, 1, NUMBER_MAX)
        if self.since is not None:
            check_whole("since", self.since, 0, INSTANT_MAX)
        if self.until is not None:
            check_whole("until", self.until, (self.since or 0) + 1, INSTANT_MAX)
        if type(self.probability) not in (int, float) or not 0 <= self.probability <= 1:  # also refuses NaN
            raise InvalidValue("probability", f"must be a number from 0 to 1, is {shown(self.probability)}")
        if not isinstance(self.count, Scope):
            raise InvalidValue("count", f"must be one of {', '.join(Scope)}, is {shown(self.count)}")

    def concerns(self, situation: Situation) -> bool:
        """Whether the situation counts at all."""
        return (
            _matches(self.register, situation.register)
            and _matches(self.protocol, situation.protocol)
            and _matches(self.command, situation.command)
            and (self.since is None or self.since <= situation.now)
            and (self.until is None or situation.now < self.until)
        )

    def chooses(self, occurrence: int) -> bool:
        """Whether this occurrence (from 1) is one that ``nth`` and ``every`` ask for."""
        if self.every is None:
            return self.nth is None or occurrence == self.nth
        first = self.every if self.nth is None else self.nth
        return occurrence >= first and (occurrence - first) % self.every == 0


ALWAYS: Final = Selection()
"""Everybody, always."""


def _matches(pattern: str, text: str) -> bool:
    return pattern == ANY or fnmatchcase(text, pattern)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One named misfortune: these effects, together and in this order, at this point, for those whom ``when`` selects.

    The name (1 to 64 characters) is how the recorded traffic speaks of it, how it is taken away, and part of what its
    chance is drawn from: another name has another luck.
    """

    name: str
    at: Point
    effects: tuple[Effect, ...]
    when: Selection = ALWAYS

    def __post_init__(self) -> None:
        check_text("name", self.name, 1, CODE_MAX)
        if not isinstance(self.at, Point):
            raise InvalidValue("at", f"must be one of {', '.join(Point)}, is {shown(self.at)}")
        if not 1 <= len(self.effects) <= EFFECTS_MAX:
            raise InvalidValue("effects", f"must be 1 to {EFFECTS_MAX} effects, are {len(self.effects)}")
        for index, effect in enumerate(self.effects):
            check_place(f"effects[{index}]", effect, self.at)


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """Faults in the order in which they apply, the seed of all their chance (0 .. 2^63-1), and what it is all about."""

    faults: tuple[Fault, ...] = ()
    seed: int = 0
    description: str = ""

    def __post_init__(self) -> None:
        if len(self.faults) > FAULTS_MAX:
            raise InvalidValue("faults", f"must be at most {FAULTS_MAX}, are {len(self.faults)}")
        check_whole("seed", self.seed, 0, SEED_MAX)
        check_text("description", self.description, 0, DESCRIPTION_MAX)
        names: set[str] = set()
        for index, fault in enumerate(self.faults):
            if fault.name in names:
                raise InvalidValue(
                    f"faults[{index}].name", f"{fault.name!r} is taken by an earlier fault", "name_taken"
                )
            names.add(fault.name)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self.faults)

    def with_fault(self, fault: Fault) -> FaultPlan:
        """The plan with this fault: in the place of the one that has its name, else behind all others."""
        if all(fault.name != ours.name for ours in self.faults):
            return replace(self, faults=(*self.faults, fault))
        return replace(self, faults=tuple(fault if fault.name == ours.name else ours for ours in self.faults))

    def without(self, name: str) -> FaultPlan:
        """The plan without the fault of this name; :class:`InvalidValue` when there is none."""
        left = tuple(fault for fault in self.faults if fault.name != name)
        if len(left) == len(self.faults):
            raise InvalidValue("name", f"the plan has no fault {shown(name)}", "unknown_fault")
        return replace(self, faults=left)


NO_FAULTS: Final = FaultPlan()
"""The plan under which everything goes well."""
