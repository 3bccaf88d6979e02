"""A look at a fiscal memory without using it: for whoever compares, lists, prints or proves.

The rule: nothing is written, nothing is sent, and no lock is taken; what is seen is the state behind the last record
that was durable when the reader was opened.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import TracebackType
from typing import Final, Self

from fiscal.domain.shift import Shift
from fiscal.errors import StorageError
from fiscal.time import Instant
from kkt_client.core.dossier import Dossier
from kkt_client.core.papers import Letterhead, paper
from kkt_client.core.receipts import FiscalPaper
from kkt_client.core.records import Record, unseal
from kkt_client.core.registration import Registration
from kkt_client.core.state import RegisterState
from kkt_client.core.status import RegisterStatus, status_of
from kkt_client.core.verifying import Verdict
from kkt_client.keeping import Keeper
from kkt_client.ports import FiscalMemory

PAGE: Final = 100
"""Documents that are read at once."""


class _NoClock:
    """Nothing is issued here, so nobody asks the time."""

    def now(self) -> Instant:
        raise AssertionError("a reader has no time")

    def monotonic(self) -> float:
        raise AssertionError("a reader has no time")


class MemoryReader:
    """Use as an asynchronous context manager. :class:`StorageError` when there is no memory, or a damaged one."""

    def __init__(self, memory: FiscalMemory, qr_base_url: str = "") -> None:
        self._keeper = Keeper(memory, _NoClock(), lambda _event: None)
        self._memory = memory
        self._qr_base_url = qr_base_url

    async def __aenter__(self) -> Self:
        try:
            found = await self._keeper.open()
        except BaseException:
            await self._memory.close()
            raise
        if found is None:
            await self._memory.close()
            raise StorageError("the fiscal memory is empty")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._memory.close()

    @property
    def registration(self) -> Registration:
        """Whose memory it is."""
        return self._keeper.registration

    @property
    def state(self) -> RegisterState:
        """What follows from all records."""
        return self._keeper.state

    @property
    def shift(self) -> Shift:
        """The shift, with its counters, behind the last document."""
        return self._keeper.state.shift

    def status(self, now: Instant) -> RegisterStatus:
        """How the register is doing, as far as its memory knows."""
        return status_of(self._keeper.state, now, unfinished=tuple(self._keeper.unfinished))

    async def dossiers(self, *, first: int = 1, last: int | None = None) -> AsyncIterator[Dossier]:
        """Everything that is known of every document, by number; a voided one stands before its void."""
        end = self._keeper.state.last_number if last is None else last
        for begin in range(first, end + 1, PAGE):
            for dossier in await self._keeper.of_documents(begin, min(begin + PAGE - 1, end)):
                yield dossier

    async def documents(self, *, first: int = 1, last: int | None = None) -> AsyncIterator[FiscalPaper]:
        """The same as papers."""
        head = Letterhead(self.registration.register, self.registration.profile, self._qr_base_url)
        async for dossier in self.dossiers(first=first, last=last):
            yield paper(dossier, head)

    async def records(self) -> AsyncIterator[Record]:
        """Every record of the memory, in its order."""
        after = 0
        while page := await self._memory.records(after, PAGE):
            for sealed in page:
                yield unseal(sealed)
            after = page[-1].seq

    async def verify(self) -> Verdict:
        """Prove the whole memory."""
        return await self._keeper.verify()
