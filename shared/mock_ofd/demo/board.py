"""What is to be seen of the demonstration at one moment: values, no terminal.

The rule: whoever shows something takes it from here, so that the table on a terminal and the lines in a log tell the
same. ``story`` is everything worth a line, in the order in which it happened.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time

from fiscal.time import HOUR, MINUTE, Instant, to_local
from mock_ofd.demo.shop import ZONE_NAME
from mock_ofd.demo.trouble import Cut
from mock_ofd.demo.wire import Progress


@dataclass(slots=True)
class Row:
    """One register: ``life`` is what its process is doing, ``said`` what its cashier read last."""

    life: str = "starting"
    progress: Progress | None = None
    said: str = ""
    is_grave: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """A line of the story: seconds since the beginning, the shop's time, what happened."""

    at_s: float
    shop_time: str
    text: str


@dataclass(slots=True)
class Board:
    """The whole shop."""

    rows: dict[int, Row]
    now: Instant
    cut: Cut | None = None
    operator: str = ""
    story: list[Story] = field(default_factory=list)

    @property
    def link(self) -> str:
        """How the link of the shop is, in words."""
        if self.cut is None:
            return "the link is up"
        return f"the link is cut, {hours(self.cut.since)} to {hours(self.cut.until)}"

    def sums(self) -> tuple[int, int, int, int]:
        """Documents with one tick, with two, with the crossed cloud, and in a queue, of all registers."""
        known = [row.progress for row in self.rows.values() if row.progress is not None]
        return (
            sum(progress.saved for progress in known),
            sum(progress.delivered for progress in known),
            sum(progress.clouds for progress in known),
            sum(progress.queue for progress in known),
        )


def hours(moment: time) -> str:
    """A time of the day as people say it."""
    return f"{moment:%H:%M}"


def shop_time(instant: Instant) -> str:
    """The shop's time of an instant."""
    return hours(to_local(instant, ZONE_NAME).time())


def duration(ms: int) -> str:
    """A duration in the shop's time, as hours and minutes."""
    return f"{ms // HOUR}:{ms % HOUR // MINUTE:02d}"
