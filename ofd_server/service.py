"""The operator at work: ask for a decision, make it durable, and only then answer.

The rule of this file is the order of :meth:`Service.handle` and :meth:`Service._commit`: decide, commit, answer. Many
registers share one commit (group commit): whatever is waiting when the writer is free goes into the next batch, and
the answers leave when it is durable. Everything here runs on one event loop and touches no socket and no file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Final

import structlog

from fiscal.domain.document import CloseShift, Document
from fiscal.domain.messages import (
    TEXT_MAX,
    Answer,
    AskInformation,
    Hello,
    Noted,
    Ping,
    RefusalCode,
    Refused,
    ReportOfflinePeriod,
    ReportStatus,
    Request,
    SubmitDocument,
    TryLater,
)
from fiscal.domain.signs import Signer
from fiscal.errors import RemoteProtocolError, StorageError
from fiscal.protocols.content import content_difference, decode_content, same_content
from fiscal.time import Instant, Moment
from ofd_server.core.decide import (
    Decision,
    answer_of_standing,
    decide_copy,
    decide_document,
    decide_hello,
    decide_information,
    decide_period,
    is_token,
)
from ofd_server.core.entries import DocumentRecorded, Entry
from ofd_server.core.replay import replay
from ofd_server.core.rules import Rules
from ofd_server.core.state import RegisterState
from ofd_server.lane import Administer, Administration, Lane, Reply, Session, Waiting, Work
from ofd_server.ports import (
    Append,
    BatchTimes,
    Clock,
    Committed,
    Happened,
    History,
    Journal,
    JournalBroken,
    LastReport,
    Metrics,
    Note,
    NoteKind,
    Observer,
    Outcome,
    OutcomeUnknown,
    Stale,
)

BATCH_MAX: Final = 512
"""Decisions in one commit: at 20 us a row some 10 ms, so that what waits behind it stays far from the answer limit."""
LANE_WAITING_MAX: Final = 256
"""Requests of one register that wait for their turn; a register that sends more without reading is told to come later."""
TRY_LATER_MS: Final = 1_000
"""What an overdue or failed request is told: long enough for a commit, short enough for a sale."""

_HELLO_FIRST: Final = Refused(code=RefusalCode.HELLO_FIRST, text="say hello before anything else")

log = structlog.get_logger(__name__)


def _ignore(_told: object) -> None:
    """For what nobody wants to hear."""


class Service:
    """The operator's logic behind every gateway.

    Call :meth:`session` for each connection, then :meth:`handle` for each request; ``reply`` is called exactly once,
    with ``None`` when the register gets no answer. Call :meth:`drain` before closing the journal.
    """

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        signer: Signer,
        rules: Rules,
        metrics: Metrics,
        answer_timeout_s: float = 5.0,
        *,
        silent_when_overdue: bool = False,
        withhold_late: bool = False,
        on_broken: Callable[[BaseException], None] = _ignore,
    ) -> None:
        self.journal = journal
        self.clock = clock
        self.signer = signer
        self.rules = rules
        self.metrics = metrics
        self.answer_timeout_s = answer_timeout_s
        self.silent_when_overdue = silent_when_overdue
        self.withhold_late = withhold_late
        self.broken: BaseException | None = None
        self._on_broken = on_broken
        self._lanes: dict[str, Lane] = {}
        self._queue: list[Work] = []
        self._notes: list[Note] = []
        self._times: list[BatchTimes] = []
        self._observers: list[Observer] = []
        self._writer: asyncio.Task[None] | None = None
        self._lookups: set[asyncio.Task[None]] = set()
        self._stopping = False

    # ------------------------------------------------------------------------------------------------- sessions

    def session(self, protocol: str, peer: str, close: Callable[[str], None]) -> Session:
        """A new conversation; it belongs to a register from its hello on."""
        self.metrics.sessions(1)
        return Session(protocol, peer, close)

    def end(self, session: Session) -> None:
        """The connection is gone; what was asked over it is decided all the same."""
        self.metrics.sessions(-1)
        lane = self._lanes.get(session.register_id or "")
        if lane is not None and lane.session is session:
            lane.session = None
            self._tell(Happened("session_closed", lane.register_id, self.clock.now()))

    def _supersede(self, lane: Lane, session: Session) -> None:
        """The newest authenticated session wins; what the older one asked and was not handed over is dropped (2.1)."""
        older, lane.session = lane.session, session
        session.register_id = lane.register_id
        if older is None or older is session:
            return
        older.superseded = True
        self._discard(lane.drop_queued())
        lane.settle()
        lane.waiting = type(lane.waiting)(item for item in lane.waiting if item.session is not older)
        older.close("superseded")

    def _discard(self, dropped: Iterable[Work]) -> None:
        gone = set(map(id, dropped))
        if gone:
            self._queue = [work for work in self._queue if id(work) not in gone]

    # ------------------------------------------------------------------------------------------------- requests

    def handle(self, session: Session, request: Request | Administration, reply: Reply) -> None:
        """Take a request whose last byte has just come in. Never blocks; the reply may come before this returns."""
        asked = Waiting(session, request, reply, self.clock.now(), self.clock.monotonic())
        if isinstance(request, Hello):
            register_id = request.register
        elif session.register_id is None:
            self._answer(asked, _HELLO_FIRST)
            return
        else:
            register_id = session.register_id
        if session.superseded:
            self._answer(asked, Refused(code=RefusalCode.SUPERSEDED, text="a newer session of the register took over"))
            return
        if self._stopping or self.broken is not None:
            self._answer(asked, TryLater(delay_ms=TRY_LATER_MS))
            return
        lane = self._lanes.get(register_id)
        if lane is None:
            lane = self._lanes[register_id] = Lane(register_id)
        if lane.busy or lane.waiting or not lane.loaded:
            if len(lane.waiting) >= LANE_WAITING_MAX:
                self._answer(asked, TryLater(delay_ms=TRY_LATER_MS))
                return
            lane.waiting.append(asked)
            if not lane.busy:
                self._look_up(lane, self._load(lane))
            return
        self._decide(lane, asked)

    def _go_on(self, lane: Lane) -> None:
        """Work off what waited while the lane was busy."""
        while lane.waiting and not lane.busy:
            if not lane.loaded:
                self._look_up(lane, self._load(lane))
                return
            self._decide(lane, lane.waiting.popleft())
        self._forget_if_idle(lane)

    def _forget_if_idle(self, lane: Lane) -> None:
        """An id that was never registered must not cost memory: a scanner may try millions of them."""
        if lane.loaded and lane.ahead is None and not lane.waiting and not lane.queued and not lane.in_flight:
            self._lanes.pop(lane.register_id, None)

    def _look_up(self, lane: Lane, task: Coroutine[None, None, None]) -> None:
        lane.busy = True

        async def run() -> None:
            try:
                await task
            except StorageError as error:
                log.warning("look-up failed", register=lane.register_id, error=str(error))
                waiting, lane.waiting = list(lane.waiting), type(lane.waiting)()
                for asked in waiting:
                    self._answer(asked, TryLater(delay_ms=TRY_LATER_MS))
            finally:
                lane.busy = False
            self._go_on(lane)

        running = asyncio.get_running_loop().create_task(run())
        self._lookups.add(running)
        running.add_done_callback(self._lookups.discard)

    async def _load(self, lane: Lane) -> None:
        loaded = await self.journal.load(lane.register_id)
        lane.committed = None if loaded is None else replay(lane.register_id, loaded.snapshot, loaded.entries)
        lane.ahead = lane.committed
        lane.loaded = True

    def _decide(self, lane: Lane, asked: Waiting) -> None:
        request = asked.request
        if asked.session.superseded:
            return
        state = lane.ahead
        if isinstance(request, SubmitDocument):
            self._decide_document(lane, asked, request)
            return
        if isinstance(request, Administration):
            self._take(lane, asked, request.decide(state, asked.at))
            return
        if isinstance(request, Hello):
            self._greet(lane, asked, request)
            return
        if state is None:
            self._answer(asked, _HELLO_FIRST)
            return
        standing = answer_of_standing(state)
        if standing is not None:
            self._take(lane, asked, standing)
            return
        match request:
            case Ping():
                self._answer(asked, Noted(at=asked.at))
            case ReportStatus():
                lane.last_report = LastReport(asked.at, request)
                self._tell(Happened("status_reported", lane.register_id, asked.at))
                self._answer(asked, Noted(at=asked.at))
            case AskInformation():
                self._take(lane, asked, Decision(decide_information(state, asked.at), (), state))
            case ReportOfflinePeriod():
                self._look_up(lane, self._decide_period(lane, asked, request))

    def _greet(self, lane: Lane, asked: Waiting, hello: Hello) -> None:
        """Who knows the token takes the register over, and what an older session had asked is taken back first."""
        decision = decide_hello(lane.ahead, hello, asked.at, self.rules)
        if decision.state is not None and is_token(decision.state, hello.token):
            self._supersede(lane, asked.session)
            decision = decide_hello(lane.ahead, hello, asked.at, self.rules)
            self._tell(Happened("session_opened", lane.register_id, asked.at, detail=asked.session.protocol))
        self._take(lane, asked, decision)

    async def _decide_period(self, lane: Lane, asked: Waiting, report: ReportOfflinePeriod) -> None:
        await self._settled(lane)
        known = await self.journal.period(lane.register_id, report.number)
        assert lane.ahead is not None
        self._take(lane, asked, decide_period(lane.ahead, report, known, asked.at))

    def _decide_document(self, lane: Lane, asked: Waiting, request: SubmitDocument) -> None:
        state = lane.ahead
        if state is None:
            self._answer(asked, _HELLO_FIRST)
            return
        standing = answer_of_standing(state)
        if standing is not None:
            self._take(lane, asked, standing)
            return
        try:
            document = decode_content(request.content)
        except RemoteProtocolError as error:
            self._answer(asked, Refused(code=RefusalCode.BAD_REQUEST, field=error.field, text=error.text))
            return
        delivery = request.delivery
        tape = state.tape
        if document.number <= tape.last_number:
            pending = lane.pending(document.number)
            if pending is not None:
                pending.copies.append(asked)
            else:
                self._look_up(lane, self._decide_copy(lane, asked, document, request))
            return
        sign = delivery.autonomous_sign
        if sign is not None and sign <= tape.last_autonomous_sign:
            self._look_up(lane, self._decide_with_old_sign(lane, asked, document, request, sign))
            return
        self._take(lane, asked, self._decision(state, document, request, asked))

    def _decision(
        self,
        state: RegisterState,
        document: Document,
        request: SubmitDocument,
        asked: Waiting,
        sign_known: bool = False,
    ) -> Decision:
        return decide_document(
            state,
            document,
            request.content,
            request.delivery,
            asked.at,
            self.rules,
            self.signer,
            asked.session.protocol,
            sign_known,
        )

    async def _decide_with_old_sign(
        self, lane: Lane, asked: Waiting, document: Document, request: SubmitDocument, sign: int
    ) -> None:
        """An autonomous sign that does not rise may have been used before; the journal knows."""
        await self._settled(lane)
        used = await self.journal.is_autonomous_sign_used(lane.register_id, sign, document.number)
        assert lane.ahead is not None
        self._take(lane, asked, self._decision(lane.ahead, document, request, asked, sign_known=used))

    async def _decide_copy(self, lane: Lane, asked: Waiting, document: Document, request: SubmitDocument) -> None:
        """The ledger holds this number: the same document again, or a conflict (1.2)."""
        await self._settled(lane)
        stored = await self.journal.document(lane.register_id, document.number)
        state = lane.ahead
        assert state is not None
        if stored is None:
            text = f"document {document.number} belongs to the register's history elsewhere"
            refused = Refused(
                code=RefusalCode.NUMBER_TAKEN, field="number", text=text, expected=state.tape.last_number + 1
            )
            self._answer(asked, refused)
            return
        entry = stored.entry
        assert isinstance(entry, DocumentRecorded)
        same = entry.content == request.content or same_content(entry.content, request.content)
        difference = "" if same else "; ".join(content_difference(entry.content, request.content))[:TEXT_MAX]
        sign = request.delivery.autonomous_sign
        sign_known = False
        if sign is not None and not entry.autonomous and sign <= state.tape.last_autonomous_sign:
            sign_known = await self.journal.is_autonomous_sign_used(lane.register_id, sign, document.number)
        decision = decide_copy(
            state, entry, same, difference, document, request.delivery, asked.at, self.rules, sign_known
        )
        self._note(lane.register_id, document.number, NoteKind.RESENT)
        self._take(lane, asked, decision)

    async def _settled(self, lane: Lane) -> None:
        """Wait until everything of this lane that was handed to the journal, or waits for it, has its outcome."""
        while lane.in_flight or lane.queued:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            lane.waiters.append(waiter)
            await waiter
        if not lane.loaded:
            await self._load(lane)

    # --------------------------------------------------------------------------------------------------- commit

    def _take(self, lane: Lane, asked: Waiting, decision: Decision) -> None:
        """Hand a decision on: without entries it is answered when what it rests on is durable, else committed."""
        if not decision.entries:
            self._answer_in_turn(lane, asked, decision.answer)
            return
        after = decision.state
        assert after is not None
        before = 0 if lane.ahead is None else lane.ahead.version
        first = decision.entries[0]
        closes = isinstance(first, DocumentRecorded) and isinstance(first.document, CloseShift)
        append = Append(lane.register_id, before, decision.entries, after, snapshot=closes)
        work = Work(lane, append, decision.answer, asked)
        lane.ahead = after
        lane.queued.append(work)
        self._queue.append(work)
        if self._writer is None:
            self._writer = asyncio.get_running_loop().create_task(self._write())

    def _answer_in_turn(self, lane: Lane, asked: Waiting, answer: Answer | None) -> None:
        """An answer may rest on what is decided and not committed yet: then it is decided again after that commit."""
        if lane.queued:
            lane.queued[-1].copies.append(asked)
        elif lane.in_flight:
            lane.in_flight[-1].copies.append(asked)
        else:
            self._answer(asked, answer)

    async def _write(self) -> None:
        """One writer: take what waits, commit it, answer; again until nothing waits."""
        try:
            while self._queue and self.broken is None:
                batch = self._next_batch()
                if batch:
                    await self._commit(batch)
        finally:
            self._writer = None
        if self._queue and self.broken is None:
            self._writer = asyncio.get_running_loop().create_task(self._write())

    def _next_batch(self) -> list[Work]:
        """What goes into the next commit; what is overdue is dropped with all that was decided on top of it (2.5)."""
        moment = self.clock.monotonic()
        limit = self.answer_timeout_s
        for work in self._queue:
            if moment - work.asked.moment > limit and work in work.lane.queued:
                self._drop_overdue(work.lane)
        batch, self._queue = self._queue[:BATCH_MAX], self._queue[BATCH_MAX:]
        for work in batch:
            work.lane.queued.remove(work)
            work.lane.in_flight.append(work)
        return batch

    def _drop_overdue(self, lane: Lane) -> None:
        dropped = lane.drop_queued()
        self._discard(dropped)
        lane.settle()
        for work in dropped:
            for asked in (work.asked, *work.copies):
                self._answer(asked, None if self.silent_when_overdue else TryLater(delay_ms=TRY_LATER_MS))
        self._forget_if_idle(lane)

    async def _commit(self, batch: list[Work]) -> None:
        notes, self._notes = self._notes, []
        times, self._times = self._times, []
        taken = self.clock.now()
        begun = self.clock.monotonic()
        outcomes = await self._outcomes(batch, notes, times)
        if outcomes is None:
            self._notes[:0], self._times[:0] = notes, times
            return
        ended = self.clock.monotonic()
        self.metrics.committed(len(batch), ended - begun)
        committed_at = self.clock.now()
        first = last = 0
        stale: list[Work] = []
        for work, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Committed):
                first = first or outcome.first_seq
                last = outcome.first_seq + len(work.append.entries) - 1
                self._committed(work, outcome, ended)
            else:
                stale.append(work)
        if stale:
            await self._again(stale)
        if first:
            self._times.append(BatchTimes(first, last, taken, committed_at, self.clock.now()))

    async def _outcomes(
        self, batch: list[Work], notes: Sequence[Note], times: Sequence[BatchTimes]
    ) -> Sequence[Outcome] | None:
        """Commit, and settle what goes wrong; ``None`` when nothing of the batch is left to answer (2.4)."""
        try:
            return await self.journal.commit([work.append for work in batch], notes, times)
        except JournalBroken as error:
            self._break(error)
            return None
        except OutcomeUnknown as error:
            log.warning("the outcome of a commit is unknown, reading back", error=str(error))
            return await self._read_back(batch)
        except StorageError as error:
            return await self._split(batch, error)

    async def _split(self, batch: list[Work], error: StorageError) -> Sequence[Outcome] | None:
        """A failed batch: halve it until the row that fails is alone; its register is told to come later."""
        log.warning("a commit failed", documents=len(batch), error=str(error))
        if len(batch) == 1:
            await self._fail(batch)
            return None
        middle = len(batch) // 2
        for half in (batch[:middle], batch[middle:]):
            alive = [work for work in half if work in work.lane.in_flight]
            if alive:
                await self._commit(alive)
        return None

    async def _fail(self, batch: list[Work]) -> None:
        """Nothing of these was kept: everything decided on them is taken back, and they are told to come later."""
        for lane in dict.fromkeys(work.lane for work in batch):
            gone = lane.in_flight + lane.drop_queued()
            self._discard(gone)
            lane.in_flight = []
            lane.loaded = False
            lane.settle()
            for work in gone:
                for asked in (work.asked, *work.copies):
                    self._answer(asked, TryLater(delay_ms=TRY_LATER_MS))
            if not lane.busy:
                self._go_on(lane)

    async def _again(self, stale: list[Work]) -> None:
        """Another node moved these registers: reload, and decide everything again in the same order (2.3)."""
        for lane in dict.fromkeys(work.lane for work in stale):
            gone = lane.in_flight + lane.drop_queued()
            self._discard(gone)
            lane.in_flight = []
            lane.loaded = False
            lane.settle()
            again = [asked for work in gone for asked in (work.asked, *work.copies)]
            lane.waiting.extendleft(reversed(again))
            if not lane.busy:
                self._go_on(lane)

    async def _read_back(self, batch: list[Work]) -> Sequence[Outcome] | None:
        """The database alone knows whether the batch was committed: ask it for each register before any answer."""
        outcomes: list[Outcome] = []
        try:
            for work in batch:
                kept = await self.journal.is_committed(work.append)
                outcomes.append(kept if kept is not None else Stale(work.append.expected))
        except StorageError as error:
            self._break(error)
            return None
        return outcomes

    def _break(self, error: BaseException) -> None:
        """The journal is gone: answer "try later" to everybody who waits, and end (readyz is red from here on)."""
        self.broken = error
        log.error("the journal is broken; nothing more is accepted", error=str(error))
        for lane in self._lanes.values():
            gone = lane.in_flight + lane.queued
            lane.in_flight, lane.queued = [], []
            for work in gone:
                for asked in (work.asked, *work.copies):
                    self._answer(asked, TryLater(delay_ms=TRY_LATER_MS))
            waiting, lane.waiting = list(lane.waiting), type(lane.waiting)()
            for asked in waiting:
                self._answer(asked, TryLater(delay_ms=TRY_LATER_MS))
        self._queue = []
        self._on_broken(error)

    def _committed(self, work: Work, outcome: Committed, ended: Moment) -> None:
        """The entries are durable: now the answer may leave, and with it everybody who asked the same meanwhile."""
        lane = work.lane
        lane.in_flight.remove(work)
        lane.committed = work.append.after
        asked = work.asked
        document = work.document
        if ended - asked.moment > self.answer_timeout_s:
            work.late = True
            self.metrics.late()
            if document is not None:
                self._note(lane.register_id, document.number, NoteKind.LATE)
        if document is not None and document.autonomous:
            self.metrics.autonomous()
        if self._observers:
            self._tell_committed(work.append.entries, lane.register_id, outcome.first_seq)
        if work.late and self.withhold_late:
            if document is not None:
                self._note(lane.register_id, document.number, NoteKind.WITHHELD)
            self._answer(asked, None)
        else:
            self._answer(asked, work.answer)
        if work.copies:
            lane.waiting.extendleft(reversed(work.copies))
        lane.settle()
        if lane.waiting and not lane.busy:
            self._go_on(lane)

    # ------------------------------------------------------------------------------------------- answers, events

    def _answer(self, asked: Waiting, answer: Answer | None) -> None:
        seconds = self.clock.monotonic() - asked.moment
        self.metrics.answered("silent" if answer is None else type(answer).__name__.lower(), seconds)
        asked.reply(answer)

    def _note(self, register_id: str, number: int, kind: NoteKind) -> None:
        self._notes.append(Note(register_id, number, kind, self.clock.now()))

    def observe(self, observer: Observer) -> Callable[[], None]:
        """Tell ``observer`` everything that happens from now on; call what comes back to stop."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    def _tell(self, happened: Happened) -> None:
        for observer in tuple(self._observers):
            observer(happened)

    def _tell_committed(self, entries: Sequence[Entry], register_id: str, first_seq: int) -> None:
        now = self.clock.now()
        for offset, entry in enumerate(entries):
            number = getattr(entry, "number", None)
            self._tell(Happened("committed", register_id, now, first_seq + offset, entry, number))

    # ------------------------------------------------------------------------------------------------- the person

    async def administer(self, register_id: str, decide: Administer) -> Decision:
        """Decide something about a register on a person's behalf, in its lane, and return when it is durable.

        ``decide`` gets the state (``None`` for an unknown register) and the time, and is asked again if another node
        was faster. Raises :class:`StorageError` when the decision could not be kept.
        """
        done: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        made: list[Decision] = []

        def remember(state: RegisterState | None, now: Instant) -> Decision:
            made[:] = [decide(state, now)]
            return made[0]

        session = Session("person", "", _ignore, register_id)
        self.handle(session, Administration(remember), done.set_result)
        answer = await done
        if isinstance(answer, TryLater):
            raise StorageError("the decision could not be kept; try again")
        return made[0]

    async def state_of(self, register_id: str) -> RegisterState | None:
        """The committed state of a register, or ``None``."""
        lane = self._lanes.get(register_id)
        if lane is not None and lane.loaded:
            return lane.committed
        loaded = await self.journal.load(register_id)
        return None if loaded is None else replay(register_id, loaded.snapshot, loaded.entries)

    def is_connected(self, register_id: str) -> bool:
        """Whether a session of the register is open now."""
        lane = self._lanes.get(register_id)
        return lane is not None and lane.session is not None

    def last_report(self, register_id: str) -> LastReport | None:
        """What the register last said of itself since this process began."""
        lane = self._lanes.get(register_id)
        return None if lane is None else lane.last_report

    async def history(self, register_id: str, number: int) -> History:
        """A document's history: what the journal holds, and what still rides with the next batch."""
        kept = await self.journal.history(register_id, number)
        notes = tuple(note for note in self._notes if note.register_id == register_id and note.number == number)
        times = kept.times
        if times is None:
            stored = await self.journal.document(register_id, number)
            seq = 0 if stored is None else stored.seq
            times = next((batch for batch in self._times if batch.first_seq <= seq <= batch.last_seq), None)
        return History(times, (*kept.notes, *notes), kept.later)

    # ---------------------------------------------------------------------------------------------------- the end

    async def flush(self) -> None:
        """Write the lines of history that no batch has taken along yet; they are many seconds old at the most."""
        if not (self._notes or self._times) or self._writer is not None or self.broken is not None:
            return
        notes, self._notes = self._notes, []
        times, self._times = self._times, []
        try:
            await self.journal.commit([], notes, times)
        except StorageError as error:
            self._notes[:0], self._times[:0] = notes, times
            log.warning("the history could not be written", error=str(error))

    async def drain(self) -> None:
        """Accept nothing more, finish what is being decided and committed, and answer it."""
        self._stopping = True
        while self._writer is not None or self._lookups:
            await asyncio.wait([task for task in (self._writer, *self._lookups) if task is not None])
        await self.flush()
