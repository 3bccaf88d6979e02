"""Numbers that have to rise by one: what is skipped, and what comes behind a later one.

The rule: a number that is missing when the next one comes may still arrive; then it was overtaken. What has not arrived
at the end is a gap.
"""

from __future__ import annotations

from bisect import bisect_right

from fiscal.judging.events import Event, name_of
from fiscal.judging.findings import Finding, Rule


class _Hole:
    """Numbers ``first`` to ``last`` are missing between two events."""

    __slots__ = ("after", "before", "first", "last")

    def __init__(self, first: int, last: int, before: Event | None, after: Event) -> None:
        self.first = first
        self.last = last
        self.before = before
        self.after = after


def _first(hole: _Hole) -> int:
    return hole.first


class Order:
    """The numbers of one side of one register. ``after`` is the number behind which they begin, ``None``: anywhere."""

    __slots__ = ("_holes", "_last", "_next", "_went_back")

    def __init__(self) -> None:
        self._next: int | None = None
        self._last: Event | None = None
        self._holes: list[_Hole] = []
        self._went_back = False

    def goes_on_behind(self, number: int, event: Event) -> None:
        """Everything up to this number is somewhere else."""
        self._went_back = self._went_back or (self._next is not None and number + 1 < self._next)
        self._next = number + 1
        self._last = event

    def take(self, event: Event) -> Finding | None:
        """The next document; a finding when it was overtaken."""
        number, expected = event.number, self._next
        if number == expected or expected is None:
            self._next, self._last = number + 1, event
            return None
        if number > expected:
            self._holes.append(_Hole(expected, number - 1, self._last, event))
            self._next, self._last = number + 1, event
            return None
        return self._overtaken(event)

    def _overtaken(self, event: Event) -> Finding | None:
        by = self._last
        assert by is not None, "a number cannot be behind the first one before there is a first one"
        place = self._place_of(event.number)
        if place is not None:
            hole = self._holes[place]
            by = hole.after
            rest = [
                _Hole(hole.first, event.number - 1, hole.before, event),
                _Hole(event.number + 1, hole.last, event, hole.after),
            ]
            self._holes[place : place + 1] = [part for part in rest if part.first <= part.last]
        text = f"{name_of(by)} went past {name_of(event)}"
        return Finding(Rule.OVERTAKE, event.register, event.number, text, (by, event))

    def _place_of(self, number: int) -> int | None:
        """The hole with this number; they lie in order, but for a register that went back."""
        if self._went_back:
            return next((place for place, hole in enumerate(self._holes) if hole.first <= number <= hole.last), None)
        place = bisect_right(self._holes, number, key=_first) - 1
        return place if place >= 0 and number <= self._holes[place].last else None

    def gaps(self) -> list[Finding]:
        """What never came."""
        return [_gap(hole) for hole in self._holes]


def _gap(hole: _Hole) -> Finding:
    if hole.first == hole.last:
        text = f"number {hole.first} is missing"
    else:
        text = f"numbers {hole.first} to {hole.last} are missing"
    proof = (hole.after,) if hole.before is None else (hole.before, hole.after)
    return Finding(Rule.GAP, hole.after.register, hole.first, text, proof)
