"""The clock of the shop's day: it runs fast, and the operator and all registers read the same one.

The rule: documents carry the shop's time, limits run in real time. The shop's time is a function of the monotonic
clock, which all processes of a machine share, and of a :class:`Pace` that everybody is told; so no two of them ever
disagree. Before the shop opens its clock stands still, and when the shop has closed it goes on as fast as any other:
whoever is late with his work still works on that evening, not on the next day.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from fiscal.time import Instant, Moment

MS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast the day goes by. ``begins`` is the moment when the shop opens, ``day_s`` how long it is open, in seconds.

    ``opens_at`` and ``closes_at`` are the same two on the shop's own clock, in milliseconds.
    """

    opens_at: Instant
    closes_at: Instant
    begins: Moment
    day_s: float

    @property
    def factor(self) -> float:
        """Seconds of the shop in one real second."""
        return (self.closes_at - self.opens_at) / MS / self.day_s

    def instant(self, moment: Moment) -> Instant:
        """What the shop's clock shows at this moment."""
        passed = moment - self.begins
        if passed <= 0:
            return self.opens_at
        if passed >= self.day_s:
            return self.closes_at + round((passed - self.day_s) * MS)
        return self.opens_at + round(passed * self.factor * MS)

    def moment(self, instant: Instant) -> Moment:
        """When the shop's clock shows this; the opposite of :meth:`instant` between opening and closing."""
        if instant <= self.opens_at:
            return self.begins
        if instant >= self.closes_at:
            return self.begins + self.day_s + (instant - self.closes_at) / MS
        return self.begins + (instant - self.opens_at) / MS / self.factor


class ShopClock:
    """Both clocks, as the ports of the operator and of the register ask for them.

    Until :meth:`start` is called the shop's clock stands at ``opens_at``; after :meth:`release` it is the machine's.
    """

    def __init__(self, opens_at: Instant, monotonic: Callable[[], Moment] = time.monotonic) -> None:
        self._opens_at = opens_at
        self._monotonic = monotonic
        self.pace: Pace | None = None
        self._is_released = False

    def start(self, pace: Pace) -> None:
        """The shop opens at ``pace.begins``."""
        self.pace = pace

    def release(self) -> None:
        """The shop's day is over; from here on the clock shows what every other clock shows."""
        self._is_released = True

    def now(self) -> Instant:
        """The shop's time, in milliseconds UTC."""
        if self._is_released:
            return time.time_ns() // 1_000_000
        return self._opens_at if self.pace is None else self.pace.instant(self._monotonic())

    def monotonic(self) -> Moment:
        """Real time, in seconds."""
        return self._monotonic()

    def seconds_until(self, instant: Instant) -> float:
        """How long to wait, in real seconds, until the shop's clock shows this; 0 when it has been."""
        if self.pace is None:
            return 0.0
        return max(0.0, self.pace.moment(instant) - self._monotonic())
