"""A fiscal memory without a disk: for tests, for the simulation, for registers that nobody has to trust.

The rule: it behaves as a disk does. What a :class:`MemoryDisk` has is what would survive; an append becomes part of it at
one point, and a crash can be ordered for before or behind every such point. So "lost before it was written" and
"written, but nobody was told" both happen.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from fiscal.errors import DiskFull, StorageBusy, StorageError
from kkt_client.core.records import Sealed
from kkt_client.ports import Kept


class Crashed(StorageError):
    """The crash that was ordered has happened: this handle is dead, what the disk has is what survived."""


class MemoryDisk:
    """What survives: hand it to one :class:`InMemoryFiscalMemory` after the other."""

    def __init__(self) -> None:
        self.records: list[Sealed] = []
        self.beside: dict[str, bytes] = {}
        self.keys: dict[str, int] = {}
        self.holder: InMemoryFiscalMemory | None = None
        self.full = False
        """Whether there is no room left."""

    def free(self) -> int:
        """Bytes left, as far as anybody asks."""
        return 0 if self.full else 1 << 40


class InMemoryFiscalMemory:
    """A memory on a :class:`MemoryDisk`.

    ``sync`` is awaited where a real disk would take its time, before the data is durable. ``crash_after`` counts
    steps: every append has two, becoming durable and saying so; the step that would be the next one after so many
    does not happen, and the handle is dead. ``None`` means never.
    """

    def __init__(
        self,
        disk: MemoryDisk | None = None,
        *,
        sync: Callable[[], Awaitable[None]] | None = None,
        crash_after: int | None = None,
    ) -> None:
        self.disk = MemoryDisk() if disk is None else disk
        self.crash_after = crash_after
        self.steps = 0
        self.crashed = False
        """Whether the crash that was ordered has happened."""
        self._sync = sync
        self._dead = False

    async def open(self) -> Kept:
        if self.disk.holder is not None:
            raise StorageBusy("another register holds this memory")
        self.disk.holder = self
        return Kept(len(self.disk.records), dict(self.disk.beside))

    async def append(self, records: Sequence[Sealed], beside: Mapping[str, bytes]) -> None:
        self._check()
        if self.disk.full:
            raise DiskFull("the memory is full")
        if self._sync is not None:
            await self._sync()
        self._step()
        assert all(sealed.seq == len(self.disk.records) + place for place, sealed in enumerate(records, 1))
        self.disk.records.extend(records)
        self.disk.keys.update((sealed.key, sealed.number) for sealed in records if sealed.key and sealed.number)
        self.disk.beside.update(beside)
        self._step()

    async def records(self, after: int, limit: int) -> Sequence[Sealed]:
        self._check()
        return self.disk.records[after : after + limit]

    async def of_documents(self, first: int, last: int) -> Sequence[Sealed]:
        self._check()
        return [sealed for sealed in self.disk.records if sealed.number is not None and first <= sealed.number <= last]

    async def of_key(self, key: str) -> int | None:
        self._check()
        return self.disk.keys.get(key)

    async def close(self) -> None:
        self.crash()

    def crash(self) -> None:
        """Be gone at once, as after a power cut; the disk can be opened again."""
        self._dead = True
        if self.disk.holder is self:
            self.disk.holder = None

    def _step(self) -> None:
        self._check()
        if self.crash_after is not None and self.steps >= self.crash_after:
            self.crashed = True
            self.crash()
            raise Crashed(f"crashed at step {self.steps + 1}")
        self.steps += 1

    def _check(self) -> None:
        if self._dead:
            raise Crashed("this handle is dead")
