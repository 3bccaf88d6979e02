"""The two stores of a simulated world: what a disk keeps, and the steps between which a process can die.

The rule: a write has two steps, becoming durable and saying so. Time passes before each, so a crash at any moment may
fall before, between or after them; :class:`Doom` makes some crashes fall exactly there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, Final

from kkt_client.core.records import Sealed
from kkt_client.storage.memory import InMemoryFiscalMemory, MemoryDisk
from mock_ofd.simulation.loop import current_process
from ofd_server.ports import Append, BatchTimes, CommitFailed, Note, Outcome, OutcomeUnknown
from ofd_server.storage.memory import MemoryJournal

FLUSH_S: Final = (0.0002, 0.004)
"""A flush of a solid state disk; each of the two steps takes a part of it."""
SLOW_FLUSH_S: Final = (1.0, 7.0)
"""A flush of a disk that is about to fail."""


class Doom:
    """At which of its storage steps a process dies: ``chance`` for each step while ``armed``."""

    def __init__(self, random: Random, chance: float, kill: Callable[[], None]) -> None:
        self._random = random
        self._kill = kill
        self.chance = chance
        self.armed = True

    async def step(self) -> None:
        """Perhaps die here: then this never returns, because its process runs no more."""
        if self.armed and self._random.random() < self.chance:
            self._kill()
            await asyncio.get_running_loop().create_future()


class SimulatedJournal:
    """The operator's ledger: ``disk`` outlives the process. Implements :class:`ofd_server.ports.Journal`."""

    durable = True
    shared = False

    def __init__(self, disk: MemoryJournal, random: Random, doom: Doom, trouble: JournalTrouble) -> None:
        self._disk = disk
        self._random = random
        self._doom = doom
        self._trouble = trouble
        self._process = current_process()

    async def commit(
        self, batch: Sequence[Append], notes: Sequence[Note] = (), times: Sequence[BatchTimes] = ()
    ) -> Sequence[Outcome]:
        trouble, random = self._trouble, self._random
        slow = trouble.armed and random.random() < trouble.slow
        await asyncio.sleep(random.uniform(*(SLOW_FLUSH_S if slow else FLUSH_S)))
        await self._doom.step()
        if trouble.armed and random.random() < trouble.fail:
            raise CommitFailed("simulated: nothing of the batch was kept")
        unknown = trouble.armed and random.random() < trouble.unknown
        if unknown and random.random() < 0.5:
            raise OutcomeUnknown("simulated: the link broke before the commit")
        outcomes = await self._disk.commit(batch, notes, times)
        await self._doom.step()
        await asyncio.sleep(random.uniform(*FLUSH_S))
        if unknown:
            raise OutcomeUnknown("simulated: the link broke after the commit")
        return outcomes

    async def close(self) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        """Reading takes no step that matters."""
        return getattr(self._disk, name)


class JournalTrouble:
    """How often a commit is slow, fails, or ends in an unknown outcome."""

    def __init__(self, slow: float, fail: float, unknown: float) -> None:
        self.slow = slow
        self.fail = fail
        self.unknown = unknown
        self.armed = True


class SimulatedFiscalMemory(InMemoryFiscalMemory):
    """A register's fiscal memory; ``disk`` outlives the process."""

    def __init__(self, disk: MemoryDisk, random: Random, doom: Doom) -> None:
        super().__init__(disk)
        self._random = random
        self._doom = doom

    async def append(self, records: Sequence[Sealed], beside: Mapping[str, bytes]) -> None:
        await asyncio.sleep(self._random.uniform(*FLUSH_S))
        await self._doom.step()
        await super().append(records, beside)
        await self._doom.step()
        await asyncio.sleep(self._random.uniform(*FLUSH_S))
