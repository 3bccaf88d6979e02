"""What can go wrong between the register and its operator, and how long a sale keeps trying.

The rule: a sale tries again only where the same bytes may still get their answer in time. A shut door is knocked at
for ``retry_in_sale_s``; a connection that broke is made anew at once, and once for free, because an operator that was
restarted breaks connections that were idle; a limit that has passed is final; a time that the operator names is kept.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from fiscal.domain.lifecycle import AutonomousReason
from fiscal.errors import NotDelivered
from fiscal.time import Moment
from kkt_client.core.saying import Cause

PAUSE_FIRST_S: Final = 0.05
"""A sale that finds the door shut knocks again after so long, then after twice as long, and so on."""
PAUSE_MAX_S: Final = 0.4
"""The longest pause between two knocks: a tenth of the time that a cashier is ready to wait."""


class Kind(StrEnum):
    """What kind of setback it is, which says how a sale goes on."""

    SHUT = "shut"
    """No connection was to be had."""
    LOST = "lost"
    """The connection broke, or the operator does not want to go on with it."""
    LATE = "late"
    """A limit has passed."""
    LATER = "later"
    """The operator named a time, before which nothing is sent."""
    BLOCKED = "blocked"
    """The register is blocked from here on."""


class Setback(NotDelivered):
    """An exchange did not succeed, and why; ``reason`` is why the register is autonomous if it gives up now."""

    def __init__(self, kind: Kind, reason: AutonomousReason, cause: Cause) -> None:
        super().__init__(cause.text)
        self.kind = kind
        self.reason = reason
        self.cause = cause


class Knocking:
    """How long one sale, whose time ends at ``until``, pauses after each of its setbacks."""

    def __init__(self, limit_s: float, until: Moment) -> None:
        self._limit_s = limit_s
        self._until = until
        self._since: Moment | None = None
        self._pause_s = PAUSE_FIRST_S
        self._connected_anew = False

    def pause(self, setback: Setback, now: Moment) -> float | None:
        """Seconds until the next attempt; ``None`` when there is to be none."""
        match setback.kind:
            case Kind.LATER:
                return 0.0  # the outbox waits for the time that was named
            case Kind.LATE | Kind.BLOCKED:
                return None
            case Kind.LOST if not self._connected_anew:
                self._connected_anew = True
                return 0.0
            case _:
                return self._next_pause(now)

    def _next_pause(self, now: Moment) -> float | None:
        if self._since is None:
            self._since = now
        pause, self._pause_s = self._pause_s, min(2 * self._pause_s, PAUSE_MAX_S)
        return pause if now + pause <= min(self._until, self._since + self._limit_s) else None
