"""Autonomous work, as either side tells of it: signs of the register's own, and how long it was alone.

The rule: an autonomous sign belongs to one document for the register's whole life, and a document has one (S3-16, S3-17).
Whoever delivers autonomous documents has told, or tells beside them, how long the register was alone (S3-23); a document
that names no period is covered by any report of the time in which it was issued.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from fiscal.judging.events import Event, name_of
from fiscal.judging.findings import Finding, Rule
from fiscal.time import MINUTE

BEFORE: Final = MINUTE
"""So long before a period its first document may have been issued: the one whose answer did not come."""


@dataclass(slots=True)
class _Stretch:
    """Autonomous documents that were delivered and name the same period."""

    first: Event
    count: int = 1


class Alone:
    """What one side says of a register's autonomous work."""

    __slots__ = ("_bearers", "_documents", "_reports", "_unnamed", "count")

    def __init__(self) -> None:
        self._bearers: dict[int, Event] = {}
        self._reports: dict[int | None, Event] = {}
        self._documents: dict[int, _Stretch] = {}
        self._unnamed: list[Event] = []
        self.count = 0

    def mark(self, event: Event, before: Event | None) -> Finding | None:
        """A document became autonomous; ``before`` is when it was said to be so already."""
        sign = event.autonomous_sign
        if before is not None:
            if sign is None or before.autonomous_sign in (None, sign):
                return None
            text = f"{name_of(event)} has two autonomous signs: {before.autonomous_sign} and {sign}"
            return Finding(Rule.SECOND_SIGN, event.register, event.number, text, (before, event))
        self.count += 1
        if sign is None:
            return None
        bearer = self._bearers.setdefault(sign, event)
        if bearer is event:
            return None
        text = f"the autonomous sign {sign} stands on {name_of(bearer)} and {name_of(event)}"
        return Finding(Rule.REUSED_SIGN, event.register, event.number, text, (bearer, event))

    def delivered(self, event: Event) -> None:
        """The operator has an autonomous document; ``event`` names its period."""
        if event.period is None:
            self._unnamed.append(event)
        elif (stretch := self._documents.get(event.period)) is None:
            self._documents[event.period] = _Stretch(event)
        else:
            stretch.count += 1

    def report(self, event: Event) -> None:
        """The operator was told how long the register was alone; told again, the later report counts."""
        self._reports[event.period] = event

    def missing(self) -> list[Finding]:
        """Periods that nobody told of, each with its first document."""
        found = []
        for period, stretch in self._documents.items():
            if period not in self._reports:
                text = f"period {period} was never reported; {_documents(stretch.count)} of it came"
                found.append(_missing(stretch.first, text))
        reported = _Reported(self._reports.values())
        unnamed = [event for event in self._unnamed if not reported.covers(event)]
        if unnamed:
            text = f"{_documents(len(unnamed))} came, and no report of a period covers the time"
            found.append(_missing(unnamed[0], text))
        return found


class _Reported:
    """The times that reports cover, in the order of their begins, each with the latest end until there."""

    def __init__(self, reports: Iterable[Event]) -> None:
        given = list(reports)
        spans = sorted((report.begin, report.end or report.begin) for report in given if report.begin is not None)
        self._is_empty = not given
        self._is_open = len(spans) < len(given)
        self._begins = [begin - BEFORE for begin, _ in spans]
        self._ends = list(accumulate((end for _, end in spans), max))

    def covers(self, event: Event) -> bool:
        """Whether a report is of the time of this document; of one without a time any is, and one without a time is of any."""
        at = event.issued_at
        if at is None or self._is_open:
            return not self._is_empty
        place = bisect_right(self._begins, at)
        return place > 0 and at <= self._ends[place - 1]


def _documents(count: int) -> str:
    return "an autonomous document" if count == 1 else f"{count} autonomous documents"


def _missing(first: Event, text: str) -> Finding:
    return Finding(Rule.MISSING_DURATION, first.register, first.number, text, (first,))
