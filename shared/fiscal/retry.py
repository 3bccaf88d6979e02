"""How long to wait before the next attempt.

The rule: many registers that lost the same operator at the same moment must not come back at the same moment. So a
delay grows with the attempts up to a cap, and is spread by chance; an operator that names a time knows its own load
better than we do, so its word wins, within a limit.

The formulas are those of the AWS Architecture Blog, "Exponential Backoff And Jitter" (Marc Brooker, 2015). Chance
comes in as a number that was already drawn: the same draw gives the same delay, in production and in a simulation.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fiscal.errors import InvalidValue

CAP_MS_MAX: Final = 24 * 60 * 60 * 1_000
"""The longest cap, one day: a register that waits longer than a shift may last is not retrying any more."""

SILENCE_MS_MAX: Final = 10 * 60 * 1_000
"""The longest that an operator's hint can silence a register, spread included. Ten minutes let an operator restart
and drain its queue, and leave a register some four hundred attempts inside the 72 hours that it may stay autonomous,
so that a lying or broken operator cannot talk it into being blocked."""

SPREAD_DIVISOR: Final = 10
"""A hint is stretched by up to a tenth: one hint given to a whole fleet would otherwise bring it back as one."""

HINT_MS_MAX: Final = SILENCE_MS_MAX * SPREAD_DIVISOR // (SPREAD_DIVISOR + 1)
"""The longest hint that is obeyed in full: with its spread it just reaches SILENCE_MS_MAX. Longer ones count as this,
and are spread like any other."""


class Jitter(StrEnum):
    """How chance enters a delay whose ceiling is c = min(cap, base * 2**attempt)."""

    NONE = "none"
    """c itself: only to show the herd, or where one register is alone."""
    EQUAL = "equal"
    """Half of c for sure, the other half by chance: never almost zero."""
    FULL = "full"
    """Anything below c: the flattest peak for the same wait."""
    DECORRELATED = "decorrelated"
    """Between base and three times the previous delay, below the cap; the attempt does not count."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """A back-off policy; both times in milliseconds, 1 <= base_ms <= cap_ms <= CAP_MS_MAX, else `InvalidValue`."""

    base_ms: int
    cap_ms: int
    jitter: Jitter = Jitter.FULL

    def __post_init__(self) -> None:
        if not 1 <= self.base_ms <= self.cap_ms <= CAP_MS_MAX:
            rule = f"1 <= base_ms <= cap_ms <= {CAP_MS_MAX} must hold, got {self.base_ms} and {self.cap_ms}"
            raise InvalidValue("backoff", rule)
        if self.jitter not in list(Jitter):
            raise InvalidValue("backoff.jitter", f"must be one of {', '.join(Jitter)}")

    def ceiling_ms(self, attempt: int) -> int:
        """min(cap, base * 2**attempt) in milliseconds, without making the power for a huge attempt.

        ``attempt`` counts from 0, the wait after the first failure; :class:`InvalidValue` when it is negative.
        """
        if attempt < 0:
            raise InvalidValue("attempt", f"must not be negative, is {attempt}")
        return min(self.cap_ms, self.base_ms << min(attempt, self.cap_ms.bit_length()))

    def delay_ms(self, attempt: int, draw: float, previous_ms: int = 0) -> int:
        """How long to wait after failure number ``attempt`` (from 0), in whole milliseconds, 0 .. cap_ms.

        ``draw`` is a fresh random number in [0, 1). ``previous_ms`` is what this method returned last time, 0 the
        first time; only decorrelated jitter looks at it. :class:`InvalidValue` for a negative attempt or a draw
        outside its range.
        """
        _check_draw(draw)
        ceiling = self.ceiling_ms(attempt)
        if self.jitter == Jitter.NONE:
            return ceiling
        if self.jitter == Jitter.EQUAL:
            return ceiling // 2 + int(draw * (ceiling - ceiling // 2))
        if self.jitter == Jitter.FULL:
            return int(draw * ceiling)
        widest = 3 * min(max(previous_ms, self.base_ms), self.cap_ms)
        return min(self.cap_ms, self.base_ms + int(draw * (widest - self.base_ms)))


def obey(hint_ms: int | None, own_ms: int, draw: float) -> int:
    """The delay to keep when the operator said "come back in ``hint_ms``"; ``None`` means it said nothing.

    Without a hint the own delay stands. With one the hint wins, be it shorter or longer than the own delay: never
    earlier than the hint, later by up to a tenth of it (``draw`` is a fresh number in [0, 1)), and never more than
    SILENCE_MS_MAX altogether. A negative hint counts as 0. :class:`InvalidValue` for a draw outside its range.
    """
    _check_draw(draw)
    if hint_ms is None:
        return own_ms
    wait = min(max(hint_ms, 0), HINT_MS_MAX)
    return wait + int(draw * (wait // SPREAD_DIVISOR))


def _check_draw(draw: float) -> None:
    if not 0 <= draw < 1:  # also refuses NaN
        raise InvalidValue("draw", f"must be at least 0 and below 1, is {draw}")
