"""Plots as SVG that stands inside a page: no script, no style attribute, nothing from elsewhere. Pure.

The rule: a plot is told three times: as lines, which differ by their dashes as well as by their colours; in words, for who
does not see it; and by a figure under the pointer. A value that was not measured is a gap, never a zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Final

WIDTH: Final = 480
HEIGHT: Final = 230
LEFT: Final = 58
RIGHT: Final = 20
TOP: Final = 12
BOTTOM: Final = 38
"""The room around the drawing: for the numbers at the left, and for numbers and a word below."""
MARKS: Final = 5
"""How many lines across a plot are aimed at."""
LABELS: Final = 8
"""How many numbers stand below a plot at most."""
NOTHING: Final = 1e-6
"""What is smaller is drawn as nothing: a thousandth of a microsecond, where milliseconds are drawn."""
KINDS: Final = 4
"""Kinds of lines that the style sheet tells apart: ``k0`` to ``k3``."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plot, of the kind ``k0`` .. ``k3``; its values stand at the same places as those of the others."""

    name: str
    values: Sequence[float | None]
    kind: int = 0
    is_area: bool = False


@dataclass(frozen=True, slots=True)
class Plot:
    """Lines over the same places."""

    name: str
    """What its elements are called by in the page; letters, digits and hyphens."""
    title: str
    told: str
    """What there is to see, in words."""
    places: Sequence[str]
    """What stands below each place."""
    below: str
    """What the places are."""
    lines: Sequence[Line]
    number: Callable[[float], str] = str
    """How a value is written."""
    mark: Callable[[float], str] = str
    """How the round values at the left are written."""
    is_log: bool = False
    limit: float | None = None
    """A line across the plot that should not be reached."""
    limit_name: str = ""
    has_dots: bool = False


def nice_step(span: float) -> float:
    """A step of 1, 2 or 5 times a power of ten that cuts the span into about :data:`MARKS` parts."""
    raw = span / MARKS
    power = 10.0 ** math.floor(math.log10(raw))
    return next(step * power for step in (1, 2, 5, 10) if raw <= step * power * 1.000001)


class Scale:
    """From values to heights, and where the lines across stand."""

    def __init__(self, values: Sequence[float], *, is_log: bool) -> None:
        self.is_log = is_log
        most = max(values, default=0.0)
        if is_log:
            least = min((value for value in values if value > NOTHING), default=1.0)
            self._low = math.floor(math.log10(least))
            self._high = max(math.ceil(math.log10(max(most, least))), self._low + 1)
            self.marks = [10.0**power for power in range(self._low, self._high + 1)]
        else:
            step = nice_step(most) if most > NOTHING else 1.0
            count = max(1, math.ceil(most / step - 0.000001))
            self.marks = [step * number for number in range(count + 1)]

    def at(self, value: float) -> float:
        """The height of a value in the drawing; what is below a logarithmic scale lies on its ground."""
        if self.is_log:
            power = math.log10(value) if value > NOTHING else self._low
            part = (power - self._low) / (self._high - self._low)
        else:
            part = value / self.marks[-1]
        return HEIGHT - BOTTOM - max(0.0, part) * (HEIGHT - TOP - BOTTOM)


def draw(plot: Plot) -> str:
    """The plot as an ``svg`` element."""
    measured = [value for line in plot.lines for value in line.values if value is not None]
    within = plot.limit is not None and max(measured, default=0.0) >= plot.limit / 20
    scale = Scale([*measured, *([plot.limit] if within and plot.limit is not None else [])], is_log=plot.is_log)
    parts = [
        f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" ',
        f'aria-labelledby="{plot.name}-t" aria-describedby="{plot.name}-d">',
        f'<title id="{plot.name}-t">{escape(plot.title)}</title><desc id="{plot.name}-d">{escape(plot.told)}</desc>',
        *_across(plot, scale),
        *_below(plot),
        *(_limit(plot, scale) if within else ()),
        *(shape for line in plot.lines for shape in _line(line, plot, scale)),
        *_pointed(plot),
        "</svg>",
    ]
    return "".join(parts)


def swatch(kind: int) -> str:
    """A bit of a line of this kind, for a legend."""
    return (
        f'<svg class="swatch" viewBox="0 0 28 10" aria-hidden="true" focusable="false">'
        f'<path class="line k{kind}" d="M1 5H27"/></svg>'
    )


def _x(place: int, count: int) -> float:
    room = WIDTH - LEFT - RIGHT
    return LEFT + (room * place / (count - 1) if count > 1 else room / 2)


def _across(plot: Plot, scale: Scale) -> Iterator[str]:
    for value in scale.marks:
        height = scale.at(value)
        yield f'<path class="grid" d="M{LEFT} {height:.1f}H{WIDTH - RIGHT}"/>'
        yield f'<text class="y" x="{LEFT - 6}" y="{height + 4:.1f}">{escape(plot.mark(value))}</text>'


def _below(plot: Plot) -> Iterator[str]:
    count = len(plot.places)
    every = max(1, math.ceil(count / LABELS))
    if every > 1:
        every = round(nice_step(every * MARKS))
    for place in range(0, count, every):
        x = _x(place, count)
        yield f'<text class="x" x="{x:.1f}" y="{HEIGHT - BOTTOM + 16}">{escape(plot.places[place])}</text>'
    yield f'<text class="x soft" x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 6}">{escape(plot.below)}</text>'


def _limit(plot: Plot, scale: Scale) -> Iterator[str]:
    assert plot.limit is not None
    height = scale.at(plot.limit)
    yield f'<path class="limit" d="M{LEFT} {height:.1f}H{WIDTH - RIGHT}"/>'
    yield f'<text class="limit" x="{WIDTH - RIGHT - 2}" y="{height - 4:.1f}">{escape(plot.limit_name)}</text>'


def _line(line: Line, plot: Plot, scale: Scale) -> Iterator[str]:
    count = len(line.values)
    kind = f"k{line.kind % KINDS}"
    for is_there, group in groupby(enumerate(line.values), lambda pair: pair[1] is not None):
        if not is_there:
            continue
        points = [(_x(place, count), scale.at(value)) for place, value in group if value is not None]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        if line.is_area:
            ground = HEIGHT - BOTTOM
            yield f'<path class="area {kind}" d="M{points[0][0]:.1f} {ground}L{path}L{points[-1][0]:.1f} {ground}Z"/>'
        if len(points) > 1:
            yield f'<path class="line {kind}" d="M{path}"/>'
        if plot.has_dots or len(points) == 1:
            yield from (f'<circle class="dot {kind}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in points)


def _pointed(plot: Plot) -> Iterator[str]:
    """A figure under the pointer: an unseen column for each place, with its values."""
    count = len(plot.places)
    wide = (WIDTH - LEFT - RIGHT) / max(1, count - 1)
    for place, name in enumerate(plot.places):
        values = [(line.name, line.values[place]) for line in plot.lines]
        told = ", ".join(f"{each} {plot.number(value)}" for each, value in values if value is not None)
        yield (
            f'<rect class="hit" x="{_x(place, count) - wide / 2:.1f}" y="{TOP}" width="{wide:.1f}" '
            f'height="{HEIGHT - TOP - BOTTOM}"><title>{escape(f"{name}: {told}")}</title></rect>'
        )
