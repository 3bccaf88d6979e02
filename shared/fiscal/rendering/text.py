"""Forms as plain text for a printer of 32, 42 or 48 columns.

The rule: no line is ever wider than the paper, whatever a name consists of; figures end at the right edge; a text
breaks between words, and inside a word only when the word alone is wider than the paper. Widths are counted in
columns: an ideograph takes two, an accent none.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final, assert_never

from fiscal.errors import InvalidValue
from fiscal.rendering.qr import half_blocks
from fiscal.rendering.sheet import NBSP, Banner, Code, Line, Pair, Row, Rule, Title
from fiscal.rendering.sheets import sheet_of
from fiscal.rendering.values import Printed

WIDTHS: Final = (32, 42, 48)
"""Columns of paper 57 mm wide, of 80 mm with the large and with the small letters."""

STEP: Final = "  "
"""One step to the right."""


def columns(text: str) -> int:
    """How many columns the text takes."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def wrap(text: str, width: int) -> list[str]:
    """The text as lines of at most ``width`` columns (2 or more); one empty line for an empty text."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if columns(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *full, line = _pieces(word, width)
        lines += full
    return [*lines, line] if line or not lines else lines


def _pieces(word: str, width: int) -> Iterator[str]:
    piece, taken = "", 0
    for character in word:
        step = _columns(character)
        if taken + step > width:
            yield piece
            piece, taken = "", 0
        piece += character
        taken += step
    yield piece


def render_text(form: Printed, width: int = 48, *, qr: bool = False, inverted: bool = False) -> str:
    """The form as lines of at most ``width`` columns, each ending in a line feed.

    ``qr`` draws the code with half blocks, ``inverted`` for a screen that writes light on dark; where it is not
    wanted, or the paper is too narrow for it, its text is printed instead. :class:`InvalidValue` for a width that
    is not one of :data:`WIDTHS`.
    """
    check_width(width)
    lines: list[str] = []
    for row in sheet_of(form).rows:
        drawn = None
        if qr and isinstance(row, Code):
            drawn = half_blocks(row.text, width, inverted=inverted)
        lines += drawn or laid_out(row, width)
    return "".join(f"{line.rstrip(' ')}\n" for line in lines).replace(NBSP, " ")


def check_width(width: int) -> None:
    """:class:`InvalidValue` for a width that is not one of :data:`WIDTHS`."""
    if width not in WIDTHS:
        raise InvalidValue("width", f"must be one of {', '.join(map(str, WIDTHS))}, is {width}")


def laid_out(row: Row, width: int) -> Iterator[str]:
    """The lines of one row; a code is its text."""
    match row:
        case Title() | Line(centred=True):
            yield from _centred(row.text, width)
        case Line():
            yield from _indented(row.text, row.indent, width)
        case Pair():
            yield from _pair(row, width)
        case Rule():
            yield ("=" if row.heavy else "-") * width
        case Banner():
            yield from _centred(f"*** {row.text} ***", width)
        case Code():
            yield from wrap(row.text, width)
        case _:
            assert_never(row)


def _centred(text: str, width: int) -> list[str]:
    return [" " * ((width - columns(line)) // 2) + line for line in wrap(text, width)]


def _indented(text: str, steps: int, width: int) -> list[str]:
    indent = STEP * steps
    return [indent + line for line in wrap(text, width - len(indent))]


def _pair(row: Pair, width: int) -> Iterator[str]:
    """The right side ends at the right edge, on the last line of the left side if there is room."""
    *above, last = _indented(row.left, row.indent, width)
    yield from above
    *more, right = wrap(row.right, width)
    if more or columns(last) + 1 + columns(right) > width:
        yield last
        yield from (_right(line, width) for line in more)
        yield _right(right, width)
    else:
        yield last + " " * (width - columns(last) - columns(right)) + right


def _right(text: str, width: int) -> str:
    return " " * (width - columns(text)) + text
