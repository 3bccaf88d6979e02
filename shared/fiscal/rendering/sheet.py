"""Rows: the few things that a form is made of, before anybody knows how wide it is or what shows it.

The rule: the text of a row is clean. Whatever a name held that could move a cursor, turn the direction of reading or
end a line is gone when the row exists, so neither a terminal nor a page can be told to show what is not there.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

NBSP: Final = "\N{NO-BREAK SPACE}"

_BLANK: Final = frozenset(("Cc", "Zl", "Zp"))
_NOTHING: Final = frozenset(("Cf",))
_BROKEN: Final = "\N{REPLACEMENT CHARACTER}"


def clean(text: str) -> str:
    """The text with controls and line ends as spaces, invisible format characters left out, half characters marked."""
    if text.isprintable():
        return text
    return "".join(_clean(character) for character in text)


def _clean(character: str) -> str:
    category = unicodedata.category(character)
    if category in _BLANK:
        return " "
    if category in _NOTHING:
        return ""
    return _BROKEN if category == "Cs" else character


@dataclass(frozen=True, slots=True)
class Title:
    """What kind of form it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A text of any length; ``indent`` counts steps to the right, as in :class:`Pair`."""

    text: str
    centred: bool = False
    strong: bool = False
    indent: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean(self.text))


@dataclass(frozen=True, slots=True)
class Pair:
    """What it is on the left, how much on the right; figures below each other align."""

    left: str
    right: str
    strong: bool = False
    indent: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "left", clean(self.left))
        object.__setattr__(self, "right", clean(self.right))


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the form."""

    heavy: bool = False


@dataclass(frozen=True, slots=True)
class Banner:
    """A word that nobody may overlook: АВТОНОМНЫЙ, ДУБЛИКАТ."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code."""

    text: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean(self.text))


Row = Title | Line | Pair | Rule | Banner | Code


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole form. ``marks`` are the cashier's ticks and cloud, for screens only, and ``marks_meaning`` says them."""

    title: str
    rows: tuple[Row, ...]
    marks: str = ""
    marks_meaning: str = ""
