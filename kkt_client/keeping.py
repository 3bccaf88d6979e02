"""The only way into the fiscal memory: decide on the newest state, make it durable, then let it be true.

The rule is the body of :meth:`Keeper.commit`: a decision is made from a state that is durable, its records are durable
before the state moves, and the state has moved before anybody is told or anything is sent. One commit at a time, so a
decision never rests on a state that another one is about to change.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from fiscal.domain.limits import Count
from fiscal.errors import ConfigurationError, DiskFull, FiscalError, RemoteProtocolError, StorageCorrupt, StorageError
from fiscal.protocols.values import from_map, pack, unpack
from kkt_client.core import records, registration, snapshot
from kkt_client.core.dossier import Dossier, dossiers
from kkt_client.core.errors import MemoryStopped
from kkt_client.core.events import Event
from kkt_client.core.issuing import Draft
from kkt_client.core.records import GENESIS, Damaged, Record, Sealed, opened, seal, unseal
from kkt_client.core.registration import Registration
from kkt_client.core.state import RegisterState
from kkt_client.core.verifying import Verdict, Walk
from kkt_client.ports import EXCHANGE, MARKS, REGISTRATION, SNAPSHOT, Clock, FiscalMemory, Kept, Notebook

PAGE: Final = 512
"""Records that are read at once: half a megabyte of receipts."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What shall become true. ``draft`` is the document that the records issue, to save the fold from reading it;
    ``notes`` are what the protocol must not forget, ``None`` when that is nothing new.
    """

    records: Sequence[Record]
    draft: Draft | None = None
    notes: bytes | None = None


NOTHING: Final = Intent(())

Decide = Callable[[RegisterState], Intent]


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What is kept beside the chain with every commit: how far it goes, and what is owed to callers.

    ``unfinished`` are documents whose call has not returned; a call that returns is forgotten with the next commit
    and costs none of its own. ``attempts`` counts how often the head of the queue was sent.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    seq: Count
    hash: bytes
    unfinished: tuple[Count, ...] = ()
    head: Count = 0
    attempts: Count = 0


class Keeper:
    """The memory of one register, with the state that follows from it.

    Call :meth:`open` first and :meth:`close` last. ``tell`` gets every event, and ``notebook`` its notes, after they
    have become durable.
    """

    def __init__(
        self, memory: FiscalMemory, clock: Clock, tell: Callable[[Event], None], notebook: Notebook | None = None
    ) -> None:
        self.memory = memory
        self.clock = clock
        self.state = RegisterState()
        self.unfinished: dict[int, None] = {}
        self.attempts = (0, 0)
        """The head of the queue and how often it was sent."""
        self.moved = asyncio.Event()
        """Set, and replaced by a new one, whenever the state has moved."""
        self._tell = tell
        self._notebook = notebook
        self.notes = b""
        """What the protocol had noted when the memory was opened."""
        self._lock = asyncio.Lock()
        self._seq = 0
        self._hash = GENESIS
        self._snapshot_seq = 0
        self._written = b""
        self._stopped: str | None = None
        self._registration: Registration | None = None

    # ------------------------------------------------------------------------------------------------- opening

    async def open(self) -> Registration | None:
        """Read the memory; the registration that it holds, ``None`` for a memory that has to be founded yet."""
        kept = await self.memory.open()
        if kept.last_seq == 0:
            return None
        data = kept.beside.get(REGISTRATION)
        if data is None:
            raise StorageCorrupt("the fiscal memory does not say whose it is")
        self._registration = registration.read(data)
        self.notes = kept.beside.get(EXCHANGE, b"")
        marks = read_marks(kept)
        await self._restore(kept)
        try:
            async for page in _pages(self.memory, self._seq):
                for sealed, record in opened(page, self._seq, self._hash):
                    self._take(sealed, record)
        except Damaged as found:
            raise StorageCorrupt(str(found)) from None
        except FiscalError as error:
            if isinstance(error, StorageError):
                raise
            raise StorageCorrupt(f"record {self._seq + 1} cannot follow: {error}") from None
        if (self._seq, self._hash) != (marks.seq, marks.hash):
            raise StorageCorrupt(f"record {marks.seq} was written last, record {self._seq} is the last one here")
        self.unfinished = dict.fromkeys(marks.unfinished)
        self.attempts = (marks.head, marks.attempts)
        self._written = kept.beside[MARKS]
        return self._registration

    async def _restore(self, kept: Kept) -> None:
        """Begin with the snapshot, if the chain proves it."""
        taken = snapshot.read(kept.beside.get(SNAPSHOT, b""))
        if taken is None:
            return
        found = await self.memory.records(taken.seq - 1, 1)
        if found and found[0].seq == taken.seq and found[0].hash == taken.hash:
            self.state = snapshot.restore(taken)
            self._seq, self._hash, self._snapshot_seq = taken.seq, taken.hash, taken.seq

    async def found(self, whose: Registration) -> None:
        """Begin a memory: the first record, and who the register is."""
        self._registration = whose
        founded = records.Founded(register=whose.register, at=self.clock.now())
        await self.commit(lambda _state: Intent([founded]), beside={REGISTRATION: registration.write(whose)})

    def open_notebook(self) -> None:
        """Let the protocol remember; :class:`StorageCorrupt`, or :class:`ConfigurationError` for a wrong token."""
        if self._notebook is not None:
            self._notebook.opened(self.notes, self.registration.token)

    async def note(self, notes: bytes | None) -> None:
        """Make notes durable by themselves; errors as :meth:`commit` has them."""
        if notes is not None:
            async with self._lock:
                await self._append((), {EXCHANGE: notes})

    async def register(self, whose: Registration, notes: bytes | None = None) -> None:
        """Keep another registration of the same register, and with it these notes."""
        if self.registration.register != whose.register:
            raise ConfigurationError(f"this memory belongs to {self.registration.register}, not to {whose.register}")
        if whose != self.registration or notes is not None:
            async with self._lock:
                beside = {REGISTRATION: registration.write(whose)}
                await self._append((), beside if notes is None else {**beside, EXCHANGE: notes})
                self._registration = whose

    @property
    def registration(self) -> Registration:
        """Whose memory this is."""
        assert self._registration is not None, "open() or found() comes first"
        return self._registration

    # ---------------------------------------------------------------------------------------------- committing

    async def commit(
        self, decide: Decide, *, owed: bool = False, beside: Mapping[str, bytes] | None = None
    ) -> Sequence[Record]:
        """Make true what ``decide`` decides on the newest state; returns its records once they are durable.

        ``decide`` may decide :data:`NOTHING`, or raise: then nothing is written. ``owed`` says that a caller waits for
        the document that is issued. :class:`DiskFull` and any other :class:`StorageError`: nothing became true; after
        all but the first the memory has stopped.
        """
        told: list[Event] = []
        async with self._lock:
            intent = decide(self.state)
            made = intent.records
            if not made and intent.notes is None:
                return made
            issued = [record.number for record in made if owed and isinstance(record, records.Issued)]
            sealed = self._sealed(made)
            written = {} if beside is None else dict(beside)
            if intent.notes is not None:
                written[EXCHANGE] = intent.notes
            await self._append(sealed, written, issued)
            self.unfinished.update(dict.fromkeys(issued))
            try:
                for one, record in zip(sealed, made, strict=True):
                    told += self._take(one, record, intent.draft)
            except BaseException as error:
                self._stopped = f"nothing more is written after a record that cannot follow: {error}"
                raise
        self.stir()
        for event in told:
            self._tell(event)
        return made

    def stir(self) -> None:
        """Wake everybody who waits for the state to move, to look again."""
        moved, self.moved = self.moved, asyncio.Event()
        moved.set()

    def _sealed(self, made: Sequence[Record]) -> list[Sealed]:
        previous, sealed = self._hash, []
        for seq, record in enumerate(made, self._seq + 1):
            sealed.append(seal(previous, seq, record))
            previous = sealed[-1].hash
        return sealed

    async def _append(self, sealed: Sequence[Sealed], beside: dict[str, bytes], issued: Sequence[int] = ()) -> None:
        if self._stopped is not None:
            raise MemoryStopped(self._stopped)
        if self._seq - self._snapshot_seq >= snapshot.EVERY and self.state.is_quiet:
            beside[SNAPSHOT] = snapshot.take(self.state, self._seq, self._hash)
        marks = beside[MARKS] = self._marks(sealed, issued)
        try:
            await self.memory.append(sealed, beside)
        except DiskFull:
            raise
        except BaseException as error:
            # Cancelled, or failed in a way that leaves open what the disk has: only opening it again can tell.
            self._stopped = f"nothing more is written after: {str(error) or type(error).__name__}"
            raise
        self._written = marks
        if SNAPSHOT in beside:
            self._snapshot_seq = self._seq
        if self._notebook is not None and EXCHANGE in beside:
            self._notebook.kept(beside[EXCHANGE])

    def _marks(self, sealed: Sequence[Sealed], issued: Sequence[int]) -> bytes:
        seq, hash_ = (sealed[-1].seq, sealed[-1].hash) if sealed else (self._seq, self._hash)
        head, attempts = self.attempts
        return pack(Marks(seq=seq, hash=hash_, unfinished=(*self.unfinished, *issued), head=head, attempts=attempts))

    def _take(self, sealed: Sealed, record: Record, draft: Draft | None = None) -> list[Event]:
        if draft is None or record is not draft.records[0]:
            told = self.state.apply(record)
        else:
            told = self.state.apply(record, draft.document, draft.shifts)
        self._seq, self._hash = sealed.seq, sealed.hash
        return told

    # ------------------------------------------------------------------------------------------------- reading

    async def of_document(self, number: int) -> list[Dossier]:
        """What is known of the document; a voided one stands before the void that took its number."""
        return await self.of_documents(number, number)

    async def of_documents(self, first: int, last: int) -> list[Dossier]:
        """The same for every number from ``first`` to ``last``."""
        try:
            return dossiers([unseal(sealed) for sealed in await self.memory.of_documents(first, last)])
        except Damaged as found:
            raise StorageCorrupt(str(found)) from None

    async def of_key(self, key: str) -> Dossier | None:
        """The document that was issued under the caller's key."""
        number = await self.memory.of_key(key)
        if number is None:
            return None
        return next(dossier for dossier in await self.of_document(number) if dossier.key == key)

    async def verify(self) -> Verdict:
        """Walk the whole chain and compute everything anew."""
        async with self._lock:
            last, hash_ = self._seq, self._hash
        return await walk(self.memory, last, hash_)

    def finished(self, number: int) -> None:
        """The caller has got what he asked for; kept with the next commit, or when the memory is closed."""
        self.unfinished.pop(number, None)

    async def close(self) -> None:
        """Write what has not been written beside the chain, and let go of the memory."""
        async with self._lock:
            try:
                if self._stopped is None and self._registration and self._marks((), ()) != self._written:
                    await self._append((), {})
            except StorageError as error:
                # What is lost is which calls have returned; their receipts will be listed as unfinished.
                self._stopped = str(error)
            await self.memory.close()
            self._stopped = self._stopped or "the register was closed"


async def walk(memory: FiscalMemory, last_seq: int, last_hash: bytes) -> Verdict:
    """Prove a memory that is open, given which record was written last."""
    steps = Walk()
    async for page in _pages(memory, 0):
        if not steps.take(page[: last_seq - steps.seq]) or steps.seq >= last_seq:
            break
        await asyncio.sleep(0)  # a long life must not stop the sales
    return steps.finish(last_seq, last_hash)


async def prove(memory: FiscalMemory) -> Verdict:
    """Open a memory, prove it and let go of it: also one that is too damaged to be opened by a register."""
    kept = await memory.open()
    try:
        marks = read_marks(kept)
    except StorageCorrupt:
        marks = Marks(seq=kept.last_seq, hash=b"")
    try:
        return await walk(memory, marks.seq, marks.hash)
    finally:
        await memory.close()


async def _pages(memory: FiscalMemory, after: int) -> AsyncIterator[Sequence[Sealed]]:
    while page := await memory.records(after, PAGE):
        yield page
        after = page[-1].seq


def read_marks(kept: Kept) -> Marks:
    """What was kept beside the last record; :class:`StorageCorrupt` when it is missing or something else."""
    try:
        return from_map(Marks, unpack(kept.beside.get(MARKS, b""), "marks"))
    except RemoteProtocolError as error:
        raise StorageCorrupt(f"the marks beside the chain are damaged: {error.field}: {error.text}") from None
