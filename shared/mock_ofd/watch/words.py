"""Figures, times and lamps as words and signs for a terminal.

The rule: nothing is told by colour alone; every lamp has a shape and a word.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from fiscal.domain.money import MINOR_PER_MAJOR
from fiscal.time import DAY, HOUR, MINUTE, SECOND
from mock_ofd.watch.tongues import say
from ofd_server.core.fleet import Lamp

NOTHING: Final = "–"
UNKNOWN: Final = "unknown"
BLOCKS: Final = " ▁▂▃▄▅▆▇█"


class Look(NamedTuple):
    """How a lamp looks: its shape, its colour, its word."""

    shape: str
    colour: str
    word: str


LOOKS: Final[Mapping[Lamp, Look]] = {
    Lamp.ONLINE: Look("●", "green", "online"),
    Lamp.AUTONOMOUS: Look("▲", "yellow", "autonomous"),
    Lamp.SENDING: Look("►", "cyan", "sending"),
    Lamp.BLOCKED: Look("×", "red", "blocked"),
    Lamp.SILENT: Look("○", "bright_black", "silent"),
    Lamp.REMOVED: Look(" ", "bright_black", "removed"),
}


def figure(number: int | None) -> str:
    """1234567 is "1 234 567"; nothing is said of ``None``."""
    return NOTHING if number is None else f"{number:,}".replace(",", " ")


def money(minor: int | None) -> str:
    """Minor units as people write them."""
    if minor is None:
        return NOTHING
    major, rest = divmod(abs(minor), MINOR_PER_MAJOR)
    return f"{'-' if minor < 0 else ''}{figure(major)},{rest:02d}"


def duration(ms: int) -> str:
    """How long, in the two largest units at most."""
    if ms < SECOND:
        return f"{max(0, ms)} {say('ms')}"
    if ms < MINUTE:
        return f"{ms / SECOND:.1f} {say('s')}"
    for unit, below, names in ((DAY, HOUR, "d h"), (HOUR, MINUTE, "h min"), (MINUTE, SECOND, "min s")):
        if ms >= unit:
            large, small = names.split()
            return f"{ms // unit} {say(large)} {ms % unit // below} {say(small)}"
    raise AssertionError("a minute is the smallest unit here")


def line(values: Sequence[float], width: int) -> str:
    """The last ``width`` values as a line of blocks; nothing is a blank, the largest a whole one."""
    last = list(values)[-width:] if width > 0 else []
    largest = max(last, default=0) or 1
    return "".join(BLOCKS[math.ceil(value / largest * (len(BLOCKS) - 1))] for value in last).rjust(width)


def moment(at: int | None, now: int) -> str:
    """An instant on this machine's clock; with its day when that is another one."""
    if at is None:
        return NOTHING
    when, today = (datetime.fromtimestamp(each / SECOND).astimezone() for each in (at, now))
    return when.strftime("%H:%M:%S" if when.date() == today.date() else "%Y-%m-%d %H:%M:%S")
