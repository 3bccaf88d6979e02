"""What every node writes, told to the viewers of this one.

The rule: where several nodes share a ledger, viewers hear of entries as the ledger holds them: in its order, whoever wrote
them, each once. So a place that a viewer has seen says that it has seen everything before it, at any node. While nobody
watches nothing is read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from fiscal.errors import StorageError
from ofd_server.defects import WatchedLog
from ofd_server.ports import Journal, StoredEntry

POLL_S: Final = 0.25
"""How often the ledger is asked for what others have written: live to an eye, and four small questions a second."""
REST_S: Final = 0.05
"""Between two questions, also when this node has just written: many commits are told together."""
AWAY_S: Final = 1.0
"""How long a ledger that could not be asked is left alone."""
PAGE: Final = 500
"""Entries that are read at a time."""

log = WatchedLog(__name__)


class Follower:
    """Reads the ledger on while somebody watches; ``tell`` is given what was read."""

    def __init__(self, journal: Journal, tell: Callable[[Sequence[StoredEntry]], None]) -> None:
        self._journal = journal
        self._tell = tell
        self._written = asyncio.Event()
        self._follows = asyncio.Event()
        self._away: StorageError | None = None
        self._reading: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Follow from now on."""
        if self._reading is None:
            self._follows = asyncio.Event()
            self._reading = asyncio.get_running_loop().create_task(self._follow())

    def stop(self) -> None:
        """Nobody watches any more."""
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
            self._follows.set()

    def wake(self) -> None:
        """There is something new for sure."""
        self._written.set()

    async def following(self) -> None:
        """Return when everything that is committed from now on will be told; :class:`StorageError` when nobody knows
        from where.
        """
        await self._follows.wait()
        if self._away is not None:
            raise self._away

    async def _follow(self) -> None:
        place: int | None = None
        lost = False
        while True:
            try:
                if place is None:
                    place = await self._journal.last_seq()
                    self._away = None
                    self._follows.set()
                place = await self._read_on(place)
                lost = False
            except StorageError as error:
                if not lost:
                    log.warning("the ledger cannot be followed now", error=str(error))
                lost = True
                if place is None:
                    self._away = error
                    self._follows.set()
                await asyncio.sleep(AWAY_S)
            await self._rest()

    async def _read_on(self, place: int) -> int:
        while True:
            rows = await self._journal.entries(None, place, PAGE)
            if rows:
                place = rows[-1].seq
                self._tell(rows)
            if len(rows) < PAGE:
                return place

    async def _rest(self) -> None:
        await asyncio.sleep(REST_S)
        try:
            async with asyncio.timeout(POLL_S - REST_S):
                await self._written.wait()
        except TimeoutError:
            return
        self._written.clear()
