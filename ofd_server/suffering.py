"""What a fault plan does to the whole server: blocked registers, a full disk, a slow one, the end of the process.

The rule: nothing here is in the way of a server that suffers nothing. The journal gets a layer the first time that a
plan harms a commit; a process dies only where whoever runs it has allowed it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final, cast

import structlog

from fiscal.faults.effects import Block, DiskFull, HostEffect, SlowFsync, Unblock
from ofd_server.core.administration import Order, lift, set_standing
from ofd_server.core.entries import Standing
from ofd_server.lane import Administration, Session
from ofd_server.ports import Append, BatchTimes, CommitFailed, Journal, Note, Outcome
from ofd_server.service import Service

BLOCKED: Final = "blocked by a fault plan"
"""The reason that a blocked register is told."""
MS: Final = 1_000

log = structlog.get_logger(__name__)


class Suffering:
    """Carries out what a plan does to this server. Implements the ``Host`` of the gateways.

    ``crash`` ends the process at once; without it no process dies, and the connection at hand is reset instead.
    """

    def __init__(self, service: Service, crash: Callable[[], None] | None = None) -> None:
        self._service = service
        self._crash = crash
        self._journal: TroubledJournal | None = None

    def suffer(self, effect: HostEffect, register_id: str) -> None:
        """Let this happen, about the request of this register that is at hand."""
        match effect:
            case _ if not register_id:
                log.warning("a fault needs a register, and none is known yet", effect=str(effect))
            case Block():
                self._order(register_id, set_standing(Standing.BLOCKED, BLOCKED))
            case Unblock():
                self._order(register_id, lift(Standing.BLOCKED))
            case DiskFull():
                self._troubled().full.add(register_id)
            case SlowFsync(ms):
                self._troubled().slow_ms[register_id] = ms

    def relieve(self, register_id: str) -> None:
        """The request has its answer: its commit is over, or there was none."""
        if self._journal is not None:
            self._journal.full.discard(register_id)
            self._journal.slow_ms.pop(register_id, None)

    def calm(self) -> None:
        """Nothing that was to happen to a commit happens any more, whoever it was about; a slow one is slow no longer."""
        if self._journal is not None:
            self._journal.calm()

    def crash(self) -> None:
        """Die, if that is allowed."""
        if self._crash is not None:
            self._crash()
        log.warning("this process may not die: the connection is reset instead")

    def end(self) -> None:
        """Nothing is slow any more: the server wants to stop."""
        if self._journal is not None:
            self._journal.ended.set()

    def _order(self, register_id: str, order: Order) -> None:
        """In the register's lane, before the request that is handed to the service next."""
        session = Session("plan", "", lambda _reason: None, register_id)
        self._service.handle(session, Administration(order), lambda _answer: None)

    def _troubled(self) -> TroubledJournal:
        if self._journal is None:
            self._service.commit_through(self._layer)
        assert self._journal is not None
        return self._journal

    def _layer(self, journal: Journal) -> Journal:
        self._journal = TroubledJournal(journal)
        return cast(Journal, self._journal)  # what it does not do itself, the one under it does


class TroubledJournal:
    """A layer on a journal: commits of some registers find no room, or take longer."""

    def __init__(self, journal: Journal) -> None:
        self.full: set[str] = set()
        """Registers whose next commit finds no room on the disk."""
        self.slow_ms: dict[str, int] = {}
        """Registers whose next commit takes so much longer."""
        self.ended = asyncio.Event()
        self._journal = journal

    async def commit(
        self, batch: Sequence[Append], notes: Sequence[Note] = (), times: Sequence[BatchTimes] = ()
    ) -> Sequence[Outcome]:
        """As the journal does it, after the trouble of whoever is in the batch.

        A full disk fails the whole batch, as a real one does; the writer halves it until the register is alone.
        """
        registers = {append.register_id for append in batch}
        slow_ms = max((self.slow_ms.pop(register_id, 0) for register_id in registers), default=0)
        if slow_ms:
            await _passed(self.ended, slow_ms / MS)
        if not self.full.isdisjoint(registers):
            if len(registers) == 1:
                self.full -= registers
            raise CommitFailed("a fault plan: no space left on the device")
        return await self._journal.commit(batch, notes, times)

    def calm(self) -> None:
        """No trouble is left."""
        self.full.clear()
        self.slow_ms.clear()
        ended, self.ended = self.ended, asyncio.Event()
        ended.set()

    def __getattr__(self, name: str) -> Any:
        """Reading has no trouble."""
        return getattr(self._journal, name)


async def _passed(ended: asyncio.Event, seconds: float) -> None:
    """When so much time is over, or the server ends."""
    try:
        async with asyncio.timeout(seconds):
            await ended.wait()
    except TimeoutError:
        return
