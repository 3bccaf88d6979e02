"""The real clocks, and a wall clock that a test can move.

The rule: only the wall is ever moved. Limits run on the monotonic clock, so a day that passes in a millisecond lets no
connection time out and makes no answer late.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from fiscal.errors import InvalidValue
from fiscal.time import DAY, HOUR, INSTANT_MAX, MINUTE, SECOND, Instant, Moment, from_datetime
from ofd_server.ports import Clock


class SystemClock:
    """Implements :class:`ofd_server.ports.Clock` with the machine's clocks."""

    def now(self) -> Instant:
        """Wall time in milliseconds UTC."""
        return time.time_ns() // 1_000_000

    # The function itself: it is asked four times for every document.
    monotonic: Callable[[], Moment] = staticmethod(time.monotonic)
    """Seconds of the monotonic clock."""


SYSTEM: Final = SystemClock()


class MovableClock:
    """A clock whose wall can be put forward, back, or to any time; it goes on from there. ``base`` is what is moved.

    Give the same one to an operator and to registers of ours, and time passes for both.
    """

    def __init__(self, base: Clock = SYSTEM) -> None:
        self._base = base
        self._ahead_ms = 0
        self.monotonic: Callable[[], Moment] = base.monotonic
        """Seconds of the monotonic clock, which nobody moves."""

    def now(self) -> Instant:
        """Wall time in milliseconds UTC."""
        return self._base.now() + self._ahead_ms

    @property
    def ahead_ms(self) -> int:
        """By how many milliseconds it is ahead of its base; negative when it was put back."""
        return self._ahead_ms

    def move(
        self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0, ms: int = 0
    ) -> Instant:
        """Put it forward by so much (back, when negative); the time that it shows then. :class:`InvalidValue`."""
        return self._set(self.now() + round(days * DAY + hours * HOUR + minutes * MINUTE + seconds * SECOND) + ms)

    def set(self, to: Instant | datetime) -> Instant:
        """Put it to a time: milliseconds UTC, or a ``datetime`` with a zone. :class:`InvalidValue`."""
        if isinstance(to, datetime):
            if to.tzinfo is None:
                raise InvalidValue("to", "a time without a zone names no moment", "naive_time")
            to = from_datetime(to)
        return self._set(to)

    def reset(self) -> None:
        """Back to the time of its base."""
        self._ahead_ms = 0

    def _set(self, to: Instant) -> Instant:
        if not 0 <= to <= INSTANT_MAX:
            raise InvalidValue("to", f"must be a time from 1970 to 9999, is {to} ms")
        self._ahead_ms = to - self._base.now()
        return to
