"""Forms as a strip of paper, before anybody knows whether it is dots or a page: what stands in which column.

The rule: words, their order and their lines are those of :mod:`.text`. A strip only says what text cannot: which lines
are strong, that a mark is white on black, that a rule is a line and a code a drawing. Every character stands in its
column, so figures align in whatever font draws them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fiscal.rendering.qr import Modules, modules
from fiscal.rendering.sheet import NBSP, Banner, Code, Line, Pair, Row, Rule, Title
from fiscal.rendering.sheets import sheet_of
from fiscal.rendering.text import check_width, columns, laid_out
from fiscal.rendering.values import Printed

LINE: Final = 2.0
"""Height of a line of letters, in columns."""
RULE: Final = 1.0
"""Height that a rule takes, in columns."""
MARGIN: Final = 2.0
"""Empty paper above and below, in columns; a print head leaves the sides empty by itself."""
CODE_SHARE: Final = 0.6
"""Of the paper's width for the code: a telephone reads it from a hand's distance."""
RULE_THICK: Final = 0.1
"""Thickness of a rule, in columns; a heavy one has :data:`HEAVY` times as much."""
HEAVY: Final = 3


@dataclass(frozen=True, slots=True)
class Run:
    """Characters that follow each other, one in a column; a wide one, or one with accents, is a run of its own."""

    column: int
    text: str


@dataclass(frozen=True, slots=True)
class Letters:
    """A line. ``reversed`` is white on black, as wide as the paper."""

    runs: tuple[Run, ...]
    strong: bool = False
    reversed: bool = False


@dataclass(frozen=True, slots=True)
class Stroke:
    """A rule across the paper."""

    heavy: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """A QR code in the middle of the paper, and the text that it holds."""

    code: Modules
    text: str


Part = Letters | Stroke | Drawing


def strip_of(form: Printed, width: int) -> tuple[Part, ...]:
    """What the paper shows, from top to bottom; ``width`` as in :func:`fiscal.rendering.text.render_text`."""
    check_width(width)
    return tuple(part for row in sheet_of(form).rows for part in _parts(row, width))


def _parts(row: Row, width: int) -> Iterator[Part]:
    if isinstance(row, Rule):
        yield Stroke(row.heavy)
        return
    if isinstance(row, Code) and (code := modules(row.text)) is not None:
        yield Drawing(code, row.text)
        return
    strong = isinstance(row, Title | Banner) or (isinstance(row, Line | Pair) and row.strong)
    for line in laid_out(row, width):
        yield Letters(tuple(runs(line.replace(NBSP, " "))), strong, isinstance(row, Banner))


def runs(line: str) -> Iterator[Run]:
    """The line as runs."""
    column = start = 0
    text = ""
    for cluster in _clusters(line):
        step = columns(cluster)
        if step == len(cluster) == 1:
            text += cluster
        else:
            yield from _run(start, text)
            yield Run(column, cluster)
            text, start = "", column + step
        column += step
    yield from _run(start, text)


def _run(column: int, text: str) -> Iterator[Run]:
    """The characters without the blanks around them, if there are any."""
    letters = text.lstrip(" ")
    if letters:
        yield Run(column + len(text) - len(letters), letters.rstrip(" "))


def _clusters(line: str) -> Iterator[str]:
    """Each character with the accents that follow it."""
    cluster = ""
    for character in line:
        if cluster and columns(character):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster
