"""Chance without a generator: a draw is a hash of what it is drawn for.

The rule: no draw depends on an earlier one. So the draws of one register are the same whatever other registers do in
between, and a run can be continued, or looked at from the middle, without replaying what came before.
"""

from __future__ import annotations

import hashlib
from typing import Final

DRAW_BITS: Final = 53
"""Bits of a draw: what a float holds exactly and JavaScript's JSON carries, so that a recorded draw can be read back."""
DRAW_END: Final = 1 << DRAW_BITS
"""Draws lie in 0 .. DRAW_END - 1."""

_BELL_DRAWS: Final = 12
"""The sum of twelve uniform numbers has variance one (Irwin-Hall): bell-shaped without a platform's libm."""


def draw(*purpose: str | int | None) -> int:
    """A number in 0 .. DRAW_END - 1 that is always the same for the same purpose."""
    data = b"".join(map(_written, purpose))
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big") % DRAW_END


def _written(part: str | int | None) -> bytes:
    """One part with its type and length, so that different purposes never make the same bytes."""
    kind = "text" if isinstance(part, str) else "number" if isinstance(part, int) else "nothing"
    text = str(part).encode("utf-8", "surrogatepass")
    return b"%s:%d:%s" % (kind.encode(), len(text), text)


def below(end: int, *purpose: str | int | None) -> int:
    """A number in 0 .. end - 1; ``end`` at least 1 and far below DRAW_END, or the lower numbers are favoured."""
    return draw(*purpose) % end


def bell(mean: int, spread: int, *purpose: str | int | None) -> int:
    """A number from a bell curve with this mean and standard deviation, never farther off than six of the latter."""
    total = sum(draw(*purpose, i) for i in range(_BELL_DRAWS))
    return mean + spread * (total - DRAW_END * _BELL_DRAWS // 2) // DRAW_END
