"""The real clocks."""

from __future__ import annotations

import time
from collections.abc import Callable

from fiscal.time import Instant, Moment


class SystemClock:
    """Implements :class:`ofd_server.ports.Clock` with the machine's clocks."""

    def now(self) -> Instant:
        """Wall time in milliseconds UTC."""
        return time.time_ns() // 1_000_000

    # The function itself: it is asked four times for every document.
    monotonic: Callable[[], Moment] = staticmethod(time.monotonic)
    """Seconds of the monotonic clock."""
