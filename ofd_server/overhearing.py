"""Whether traffic is recorded: from the start, or switched on and off while the operator runs.

The rule: an operator that nobody overhears pays nothing for it and loads nothing of it. Connections are heard from their
opening on, so one that is open when it is switched on is not heard; what was recorded stays when it is switched off.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from fiscal.errors import InvalidValue
from ofd_server.config import RECORDABLE_MAX

if TYPE_CHECKING:
    from fiscal.faults.run import Applied
    from ofd_server.ports import Clock
    from ofd_server.traffic import Traffic


class Overhearing:
    """The switch. ``tune`` is told who hears connections that are opened from now on, ``None``: nobody."""

    def __init__(self, clock: Clock, limit: int, tune: Callable[[Traffic | None], None]) -> None:
        self._clock = clock
        self._limit = limit
        self._tune = tune
        self.traffic: Traffic | None = None
        """What is kept; ``None`` when nothing was recorded since the start or the last reset."""
        self.reset()

    @property
    def limit(self) -> int:
        """How many records are kept; 0 while nothing is recorded."""
        return 0 if self.traffic is None else self.traffic.limit

    @property
    def ear(self) -> Traffic | None:
        """Who hears now."""
        return self.traffic if self.limit else None

    def switch(self, limit: int) -> None:
        """Keep so many records from now on, the oldest are forgotten first; 0 records nothing more, and keeps what there is.

        :class:`InvalidValue` for more than :data:`RECORDABLE_MAX`.
        """
        if not 0 <= limit <= RECORDABLE_MAX:
            raise InvalidValue("record", f"must be 0 to {RECORDABLE_MAX}, is {limit}")
        if self.traffic is not None:
            self.traffic.keep(limit)
        elif limit:
            from ofd_server.traffic import Traffic  # noqa: PLC0415 - a server that nobody overhears does not load it

            self.traffic = Traffic(self._clock, limit)
        self._tune(self.ear)

    def reset(self) -> None:
        """Forget everything, and record what the setting says."""
        if self.traffic is not None:
            self.traffic.clear()
            self.switch(self._limit)
            if not self._limit:
                self.traffic = None
        elif self._limit:
            self.switch(self._limit)

    def struck(self, applied: Applied) -> None:
        """A fault was applied."""
        if (traffic := self.ear) is not None:
            traffic.struck(applied)
