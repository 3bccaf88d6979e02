"""What is drawn of a run: the plots of one report, and those that hold several side by side. Pure.

The rule: a second is a point as long as there is room; then several seconds are one, of which queues and times are told by
their worst second and rates by their mean, so that no peak is smoothed away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from mock_ofd.load.plots import Line, Plot
from mock_ofd.load.report import Report, Second, Spread
from mock_ofd.load.words import Tongue

POINTS_MAX: Final = 240
"""Points along a plot: it is 400 units wide."""
POINTS: Final = ("p50", "p90", "p99", "p999", "max")
PARTS: Final = {"p50": "50 %", "p90": "90 %", "p99": "99 %", "p999": "99.9 %", "max": "100 %"}


@dataclass(frozen=True, slots=True)
class Moment:
    """One or several seconds, as a point of every plot."""

    at_s: int
    backlog: float | None
    answers: float | None
    connects: float | None
    put_off: float | None
    connected: float | None
    queued: float | None
    p50: float | None
    p99: float | None
    max: float | None


def limit_of(report: Report) -> float | None:
    """What an answer could take, in milliseconds; ``None`` when the scenario does not say."""
    told = report.scenario.get("answer_limit_s")
    return told * 1000 if isinstance(told, int | float) else None


def every(ticks: Sequence[Second]) -> int:
    """How many seconds one point stands for."""
    return max(1, ceil(len(ticks) / POINTS_MAX))


def moments(ticks: Sequence[Second], seconds: int) -> list[Moment]:
    """The points of a run, each of so many seconds."""
    return [_moment(ticks[first : first + seconds]) for first in range(0, len(ticks), seconds)]


def _moment(ticks: Sequence[Second]) -> Moment:
    def worst(value: Callable[[Second], float | None]) -> float | None:
        return max((found for tick in ticks if (found := value(tick)) is not None), default=None)

    def mean(value: Callable[[Second], float]) -> float:
        return sum(map(value, ticks)) / len(ticks)

    return Moment(
        at_s=ticks[0].at_s,
        backlog=ticks[-1].backlog,
        answers=mean(lambda tick: tick.acknowledged),
        connects=mean(lambda tick: tick.connects),
        put_off=mean(lambda tick: tick.put_off),
        connected=ticks[-1].connected,
        queued=worst(lambda tick: tick.queued),
        p50=worst(lambda tick: tick.latency_ms.p50),
        p99=worst(lambda tick: tick.latency_ms.p99),
        max=worst(lambda tick: tick.latency_ms.max),
    )


def _values(points: Sequence[Moment], name: str) -> list[float | None]:
    return [getattr(point, name) for point in points]


def told(tongue: Tongue, lines: Sequence[Line], number: Callable[[float], str]) -> str:
    """The lines in words: how far each goes up, and where it ends."""
    return "; ".join(_told(tongue, line, number) for line in lines) + "."


def _told(tongue: Tongue, line: Line, number: Callable[[float], str]) -> str:
    measured = [value for value in line.values if value is not None]
    if not measured:
        return tongue.text("{name}: not measured", name=line.name)
    most, last = number(max(measured)), number(measured[-1])
    return tongue.text("{name}: at most {most}, at the end {last}", name=line.name, most=most, last=last)


class Drawing:
    """Makes the plots of a page in one language."""

    def __init__(self, tongue: Tongue) -> None:
        self._tongue = tongue
        self._text = tongue.text

    def of_run(self, report: Report) -> Iterator[Plot]:
        """Every plot of one run; one that nothing was measured for is left out."""
        text = self._text
        points = moments(report.ticks, every(report.ticks))
        places = [str(point.at_s) for point in points]

        def plot(name: str, title: str, *lines: tuple[str, str]) -> Plot:
            drawn = [
                Line(text(word), _values(points, key), kind, is_area=len(lines) == 1)
                for kind, (word, key) in enumerate(lines)
            ]
            return self._plot(name, title, places, drawn)

        if points:
            yield plot("backlog", "Backlog", ("documents that wait", "backlog"))
            yield plot("answers", "Answers per second", ("answers", "answers"))
            times = [
                Line(name, _values(points, key), kind)
                for kind, (name, key) in enumerate((("p50", "p50"), ("p99", "p99"), (text("slowest"), "max")))
            ]
            yield self._times("latency", "Time of an answer, second by second", places, times, limit=limit_of(report))
        spreads = (
            ("time of an answer", report.latency_ms),
            ("delay of a document", report.delay_ms),
            ("wait for the first sign", report.wait_ms),
        )
        curves = [Line(text(word), _curve(spread), kind) for kind, (word, spread) in enumerate(spreads) if spread.count]
        if curves:
            yield self._times("parts", "Times by their part", list(PARTS.values()), curves, below="part of all")
        if points:
            yield plot("connects", "Connections per second", ("connections", "connects"), ("put off", "put_off"))
        if report.queue_peak is not None and points:
            yield plot("queue", "Queue ahead of the commit", ("documents ahead", "queued"))

    def of_runs(self, runs: Sequence[tuple[str, Report]]) -> Iterator[Plot]:
        """Several runs over the same seconds."""
        seconds = max((every(report.ticks) for _, report in runs), default=1)
        points = [(name, moments(report.ticks, seconds)) for name, report in runs]
        longest = max((found for _, found in points), key=len, default=[])
        places = [str(point.at_s) for point in longest]
        if not places:
            return
        for name, title, key in (
            ("backlog", "Backlog", "backlog"),
            ("queue", "Queue ahead of the commit", "queued"),
            ("answers", "Answers per second", "answers"),
            ("connects", "Connections per second", "connects"),
        ):
            lines = [
                Line(policy, _padded(_values(found, key), len(places)), kind)
                for kind, (policy, found) in enumerate(points)
            ]
            if any(value is not None for line in lines for value in line.values):
                yield self._plot(name, title, places, lines)
        slow = [
            Line(policy, _padded(_values(found, "p99"), len(places)), kind)
            for kind, (policy, found) in enumerate(points)
        ]
        yield self._times("latency", "99 % of the answers of each second", places, slow, limit=limit_of(runs[0][1]))
        waits = [
            Line(policy, _curve(report.wait_ms), kind)
            for kind, (policy, report) in enumerate(runs)
            if report.wait_ms.count
        ]
        if waits:
            yield self._times("waits", "Wait for the first sign", list(PARTS.values()), waits, below="part of all")

    def _plot(self, name: str, title: str, places: Sequence[str], lines: Sequence[Line]) -> Plot:
        return Plot(
            name=name,
            title=self._text(title),
            told=told(self._tongue, lines, self._count),
            places=places,
            below=self._text("seconds since the link is back"),
            lines=lines,
            number=self._count,
            mark=self._count,
        )

    def _times(
        self,
        name: str,
        title: str,
        places: Sequence[str],
        lines: Sequence[Line],
        below: str = "seconds since the link is back",
        limit: float | None = None,
    ) -> Plot:
        is_by_second = below == "seconds since the link is back"
        return Plot(
            name=name,
            title=self._text(title),
            told=told(self._tongue, lines, self._tongue.ms),
            places=places,
            below=self._text(below),
            lines=lines,
            number=self._tongue.ms,
            mark=self._tongue.ms_mark,
            is_log=True,
            limit=limit,
            limit_name=self._text("answer limit"),
            has_dots=not is_by_second,
        )

    def _count(self, value: float) -> str:
        return self._tongue.number(value, 0 if value == int(value) else 1)


def _curve(spread: Spread) -> list[float | None]:
    return [getattr(spread, point) for point in POINTS]


def _padded(values: list[float | None], count: int) -> list[float | None]:
    return values + [None] * (count - len(values))
