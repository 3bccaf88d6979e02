"""The writer: many registers, one flush, and only then the answers.

The rule: whatever is decided when the writer is free goes into the next batch (group commit). What is overdue by then
is dropped with all that was decided on top of it; what has been taken commits, and is answered when the journal has
said that it is durable (semantics 2.4, 2.5). Whatever goes wrong, everybody in the batch hears of it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol

from fiscal.domain.messages import Answer, TryLater
from fiscal.errors import StorageError
from fiscal.time import Moment
from ofd_server.core.decide import OwnAnswer
from ofd_server.defects import WatchedLog
from ofd_server.lane import Administration, Lane, Waiting, Work
from ofd_server.ports import (
    BatchTimes,
    Clock,
    Committed,
    Journal,
    JournalBroken,
    Metrics,
    Note,
    NoteKind,
    Outcome,
    OutcomeUnknown,
    Stale,
    Unreachable,
)

BATCH_MAX: Final = 512
"""Decisions in one commit: at 20 us a row some 10 ms, so that what waits behind it stays far from the answer limit."""
TRY_LATER_MS: Final = 1_000
"""What an overdue or failed request is told: long enough for a commit, short enough for a sale."""

LATER: Final = TryLater(delay_ms=TRY_LATER_MS)

log = WatchedLog(__name__)


def askers(works: Iterable[Work]) -> list[Waiting]:
    """Everybody who waits for one of these, in the order in which they came."""
    found = [asked for work in works for asked in (work.asked, *work.copies)]
    found.sort(key=lambda asked: asked.turn)  # a copy waits with its original, before others that came earlier
    return found


class Office(Protocol):
    """What the writer needs of the service in front of it."""

    def answer(self, asked: Waiting, answer: Answer | OwnAnswer | None) -> None:
        """Give somebody his answer."""
        ...

    def answer_all(self, works: Sequence[Work]) -> None:
        """Give everybody the answer of his work."""
        ...

    def go_on(self, lane: Lane) -> None:
        """A lane can take its next requests."""
        ...

    def tell_committed(self, work: Work, outcome: Committed) -> None:
        """These entries are durable now."""
        ...


class Committer:
    """The queue to the journal, and the task that works it off."""

    def __init__(
        self,
        office: Office,
        journal: Journal,
        clock: Clock,
        metrics: Metrics,
        answer_timeout_s: float,
        *,
        silent_when_overdue: bool,
        withhold_late: bool,
        on_broken: Callable[[BaseException], None],
    ) -> None:
        self.broken: BaseException | None = None
        """Why nothing more is taken."""
        self.notes: list[Note] = []
        self.times: list[BatchTimes] = []
        self.writer: asyncio.Task[None] | None = None
        self._office = office
        self._journal = journal
        self._clock = clock
        self._metrics = metrics
        self._answer_timeout_s = answer_timeout_s
        self._silent_when_overdue = silent_when_overdue
        self._withhold_late = withhold_late
        self._on_broken = on_broken
        self._queue: list[Work] = []
        self._taken = 0
        self.measure: Callable[[int, Moment, Moment, int], None] | None = None
        """Hears of every commit: how many decisions, from when to when, and how many were ahead of it at its end."""

    @property
    def ahead(self) -> int:
        """Decisions that are not durable yet."""
        return self._taken + len(self._queue)

    # -------------------------------------------------------------------------------------------------- the queue

    def submit(self, work: Work) -> None:
        """Put a decision behind those of its lane; it is committed as soon as the writer is free."""
        if self.broken is not None:
            self.put_off(askers([work]))
            return
        work.lane.ahead = work.append.after
        work.lane.queued.append(work)
        self._queue.append(work)
        if self.writer is None:
            self.writer = asyncio.get_running_loop().create_task(self._write())

    def commit_through(self, layer: Callable[[Journal], Journal]) -> None:
        """Commit from now on through a layer on the journal that is there."""
        self._journal = layer(self._journal)

    def take_back(self, lane: Lane) -> list[Work]:
        """Drop every decision of this lane that was not handed over yet; the caller answers those who asked."""
        dropped = lane.drop_queued()
        if dropped:
            gone = set(map(id, dropped))
            self._queue = [work for work in self._queue if id(work) not in gone]
        lane.settle()
        return dropped

    def put_off(self, waiting: Iterable[Waiting]) -> None:
        """Tell all of these to come later."""
        for asked in waiting:
            self._office.answer(asked, LATER)

    def note(self, register_id: str, number: int, kind: NoteKind) -> None:
        """A line of a document's history; it rides with the next batch."""
        self.notes.append(Note(register_id, number, kind, self._clock.now()))

    # ------------------------------------------------------------------------------------------------- the writer

    async def _write(self) -> None:
        """One writer: take what waits, commit it, answer; again until nothing waits."""
        try:
            while self._queue and self.broken is None:
                batch = self._next_batch()
                if batch:
                    self._taken = len(batch)
                    await self._commit(batch)
                    self._taken = 0
        finally:
            self._taken = 0
            self.writer = None

    def _next_batch(self) -> list[Work]:
        """What goes into the next commit; what is overdue is dropped with all that was decided on top of it (2.5)."""
        moment = self._clock.monotonic()
        limit = self._answer_timeout_s
        for work in self._queue:
            if moment - work.asked.moment > limit and work in work.lane.queued:
                self._drop_overdue(work.lane)
        batch, self._queue = self._queue[:BATCH_MAX], self._queue[BATCH_MAX:]
        for work in batch:
            work.lane.queued.remove(work)
            work.lane.in_flight.append(work)
        return batch

    def _drop_overdue(self, lane: Lane) -> None:
        for asked in askers(self.take_back(lane)):
            silent = self._silent_when_overdue and not isinstance(asked.request, Administration)
            self._office.answer(asked, None if silent else LATER)
        if not lane.busy:
            self._office.go_on(lane)

    async def _commit(self, batch: list[Work]) -> None:
        notes, self.notes = self.notes, []
        times, self.times = self.times, []
        taken = self._clock.now()
        begun = self._clock.monotonic()
        outcomes = await self._outcomes(batch, notes, times)
        if outcomes is None:
            self.notes[:0], self.times[:0] = notes, times
            return
        ended = self._clock.monotonic()
        self._metrics.committed(len(batch), ended - begun)
        if self.measure is not None:
            self.measure(len(batch), begun, ended, self.ahead)
        committed_at = self._clock.now()
        first = last = 0
        stale: list[Work] = []
        kept: list[Work] = []
        for work, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Committed):
                first = first or outcome.first_seq
                last = outcome.first_seq + len(work.append.entries) - 1
                self._keep(work, outcome, ended)
                kept.append(work)
            else:
                stale.append(work)
        self._answer(kept)
        if stale:
            await self._again(stale)
        if first:
            self.times.append(BatchTimes(first, last, taken, committed_at, self._clock.now()))

    async def _outcomes(
        self, batch: list[Work], notes: Sequence[Note], times: Sequence[BatchTimes]
    ) -> Sequence[Outcome] | None:
        """Commit, and settle what goes wrong; ``None`` when nothing of the batch is left to answer (2.4)."""
        try:
            return await self._journal.commit([work.append for work in batch], notes, times)
        except JournalBroken as error:
            self._break(batch, error)
            return None
        except OutcomeUnknown as error:
            log.warning("the outcome of a commit is unknown, reading back", error=str(error))
            return await self._read_back(batch)
        except Unreachable as error:
            log.warning("the database cannot be reached", decisions=len(batch), error=str(error))
            await self._fail(batch)
            return None
        except StorageError as error:
            return await self._split(batch, error)
        except Exception as error:  # no journal says such a thing: nobody knows what became of the batch
            log.exception("a commit ended in an unknown error")
            self._break(batch, error)
            return None

    async def _split(self, batch: list[Work], error: StorageError) -> Sequence[Outcome] | None:
        """A failed batch: halve it until the row that fails is alone; its register is told to come later."""
        log.warning("a commit failed", documents=len(batch), error=str(error))
        if len(batch) == 1:
            await self._fail(batch)
            return None
        middle = len(batch) // 2
        for half in (batch[:middle], batch[middle:]):
            alive = [work for work in half if work in work.lane.in_flight]
            if alive and self.broken is not None:
                self._break(alive, self.broken)
            elif alive:
                await self._commit(alive)
        return None

    async def _fail(self, batch: list[Work]) -> None:
        """Nothing of these was kept: everything decided on them is taken back, and they are told to come later."""
        for lane in dict.fromkeys(work.lane for work in batch):
            gone = self._unload(lane)
            self.put_off(askers(gone))
            if not lane.busy:
                self._office.go_on(lane)

    async def _again(self, stale: list[Work]) -> None:
        """Another node moved these registers: reload, and decide everything again in the same order (2.3)."""
        for lane in dict.fromkeys(work.lane for work in stale):
            gone = self._unload(lane)
            lane.waiting.extendleft(reversed(askers(gone)))
            if not lane.busy:
                self._office.go_on(lane)

    def _unload(self, lane: Lane) -> list[Work]:
        """Forget everything that was decided for this lane: only the journal knows what is true now."""
        gone, lane.in_flight = lane.in_flight, []
        lane.loaded = False
        return gone + self.take_back(lane)

    async def _read_back(self, batch: list[Work]) -> Sequence[Outcome] | None:
        """The database alone knows whether the batch was committed: ask it for each register before any answer."""
        outcomes: list[Outcome] = []
        try:
            for work in batch:
                kept = await self._journal.is_committed(work.append)
                outcomes.append(kept if kept is not None else Stale(work.append.expected))
        except StorageError as error:
            if not self._journal.shared:
                self._break(batch, error)
                return None
            # Nobody is told anything of it: what was kept is found as a copy when it comes again (2.4).
            log.warning("the outcome of a commit stays unknown for now", decisions=len(batch), error=str(error))
            await self._fail(batch)
            return None
        return outcomes

    def _break(self, batch: list[Work], error: BaseException) -> None:
        """The journal is gone: answer "try later" to everybody who waits, and end (readyz is red from here on)."""
        known, self.broken = self.broken, error
        lanes = dict.fromkeys(work.lane for work in (*batch, *self._queue))
        for lane in lanes:
            gone = self._unload(lane)
            waiting, lane.waiting = lane.waiting, deque()
            self.put_off((*askers(gone), *waiting))
        if known is None:
            log.error("the journal is broken; nothing more is accepted", error=str(error))
            self._on_broken(error)

    def _keep(self, work: Work, outcome: Committed, ended: Moment) -> None:
        """The entries are durable: their register is so far now, and whoever watches hears of it."""
        lane = work.lane
        lane.in_flight.remove(work)
        lane.committed = work.append.after
        document = work.document
        if document is not None and document.autonomous:
            self._metrics.autonomous()
        if ended - work.asked.moment > self._answer_timeout_s:
            work.late = True
            self._metrics.late()
            if document is not None:
                self.note(lane.register_id, document.number, NoteKind.LATE)
            if self._withhold_late:
                if document is not None:
                    self.note(lane.register_id, document.number, NoteKind.WITHHELD)
                work.answer = None
        self._office.tell_committed(work, outcome)

    def _answer(self, kept: list[Work]) -> None:
        """Now the answers may leave, and then everybody has his turn who asked the same meanwhile."""
        self._office.answer_all(kept)
        for work in kept:
            lane = work.lane
            if work.copies:
                lane.waiting.extendleft(reversed(work.copies))
            if lane.waiters:
                lane.settle()
            if lane.waiting and not lane.busy:
                self._office.go_on(lane)

    async def flush(self) -> None:
        """Write the lines of history that no batch has taken along yet; they are many seconds old at the most."""
        if not (self.notes or self.times) or self.writer is not None or self.broken is not None:
            return
        notes, self.notes = self.notes, []
        times, self.times = self.times, []
        try:
            await self._journal.commit([], notes, times)
        except JournalBroken as error:
            self._break([], error)
        except StorageError as error:
            self.notes[:0], self.times[:0] = notes, times
            log.warning("the history could not be written", error=str(error))
