"""The clocks of a simulated world: one true time, and what each process believes."""

from __future__ import annotations

from typing import Final

from fiscal.time import Instant, Moment
from mock_ofd.simulation.loop import VirtualLoop

WORLD_BEGINS: Final[Instant] = 1_773_450_000_000
"""2026-03-14T01:00Z, early morning in Almaty."""


class SimulatedClock:
    """Wall and monotonic time of one process; ``offset_ms`` is how far its wall clock is from the truth."""

    def __init__(self, loop: VirtualLoop, offset_ms: int = 0) -> None:
        self._loop = loop
        self.offset_ms = offset_ms

    def now(self) -> Instant:
        """Wall time as this process believes it."""
        return WORLD_BEGINS + round(self._loop.time() * 1000) + self.offset_ms

    def monotonic(self) -> Moment:
        """Seconds since the world began."""
        return self._loop.time()
