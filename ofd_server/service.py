"""The operator at work: ask for a decision, make it durable, and only then answer.

The rule: a request waits for its turn in its register's lane, is decided on top of what was decided before it, and is
handed to the writer (:mod:`ofd_server.committing`), which answers when it is durable. What cannot be decided without a
look into the ledger lets its lane wait, and no other. Everything here runs on one event loop and touches no socket and
no file.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Final, cast, get_args

from fiscal.domain.document import CloseShift
from fiscal.domain.messages import (
    Accepted,
    Answer,
    Hello,
    Noted,
    Ping,
    RefusalCode,
    Refused,
    Request,
    SubmitDocument,
    TryLater,
)
from fiscal.domain.signs import Signer
from fiscal.errors import StorageError
from fiscal.time import Instant, Moment
from ofd_server.admission import Admission
from ofd_server.committing import LATER, Committer, askers
from ofd_server.core.decide import (
    Decision,
    OwnAnswer,
)
from ofd_server.core.entries import DocumentRecorded, TakenOver
from ofd_server.core.exchange import Exchange
from ofd_server.core.rules import Rules
from ofd_server.core.state import RegisterState
from ofd_server.deciding import HELLO_FIRST, Deciding
from ofd_server.defects import WatchedLog
from ofd_server.following import Follower
from ofd_server.intake import BATCHED, decide_together, read, register_of, take_plain
from ofd_server.lane import Administer, Administration, Lane, Reply, Session, Waiting, Work
from ofd_server.loading import load_state
from ofd_server.looking import LookUps
from ofd_server.ports import (
    Append,
    Clock,
    Committed,
    Happened,
    History,
    Journal,
    LastReport,
    Metrics,
    Observer,
    StoredEntry,
)

LANE_WAITING_MAX: Final = 256
"""Requests of one register that wait for their turn; a register that sends more without reading is told to come later."""

_OUTCOMES: Final[Mapping[type, str]] = {type(None): "silent"} | {
    class_: class_.__name__.lower() for class_ in get_args(Answer)
}
"""What an answer is called in the figures."""
_ACCEPTED: Final = _OUTCOMES[Accepted]

_INTRODUCED: Final = (Hello, Exchange)
"""Requests that say themselves whose they are."""
log = WatchedLog(__name__)


def _outcome(answer: Answer | OwnAnswer | None) -> str:
    return _OUTCOMES.get(type(answer)) or cast(OwnAnswer, answer).outcome


def _ignore(_told: object) -> None:
    """For what nobody wants to hear."""


class Service:
    """The operator's logic behind every gateway.

    Call :meth:`session` for each connection, then :meth:`handle` for each request; ``reply`` is called exactly once,
    with ``None`` when the register gets no answer, or never, when a newer session made the service drop the request:
    then the session was closed. Call :meth:`drain` before closing the journal.
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
        admission: Admission | None = None,
    ) -> None:
        self.journal = journal
        self.clock = clock
        self.signer = signer
        self.rules = rules
        self.metrics = metrics
        self.answer_timeout_s = answer_timeout_s
        self._committer = Committer(
            self,
            journal,
            clock,
            metrics,
            answer_timeout_s,
            silent_when_overdue=silent_when_overdue,
            withhold_late=withhold_late,
            on_broken=on_broken,
        )
        self.admission = admission
        if admission is not None:
            admission.ahead = lambda: self._committer.ahead
            self._committer.measure = admission.committed
        self._lanes: dict[str, Lane] = {}
        self._observers: list[Observer] = []
        self._lookups = LookUps(journal, self._committer, self.go_on, lambda: self._turn, rules.node)
        self._deciding = Deciding(self, journal, self._committer, self._lookups)
        self._follower = Follower(journal, self._tell_stored) if journal.shared else None
        self._stopping = False
        self._turn = 0
        self._arrived: list[Waiting] = []

    @property
    def broken(self) -> BaseException | None:
        """Why nothing more is accepted; ``None`` while all is well."""
        return self._committer.broken

    def commit_through(self, layer: Callable[[Journal], Journal]) -> None:
        """Commit from now on through a layer on the journal that is there; reading goes on as it was."""
        self._committer.commit_through(layer)

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
            self.tell(Happened("session_closed", lane.register_id, self.clock.now()))
            self._forget_if_idle(lane)

    def supersede(self, lane: Lane, session: Session) -> None:
        """The newest authenticated session wins; what the older one asked and was not handed over is dropped (2.1).

        What somebody else asked meanwhile (a person, say) was decided on top of that, and is decided again.
        """
        older, lane.session = lane.session, session
        session.register_id = lane.register_id
        if older is session:
            return
        self.tell(Happened("session_opened", lane.register_id, self.clock.now(), detail=session.protocol))
        if older is None:
            return
        older.superseded = True
        dropped = self._committer.take_back(lane)
        lane.waiting = deque(asked for asked in (*askers(dropped), *lane.waiting) if asked.session is not older)
        if lane.waiting:
            asyncio.get_running_loop().call_soon(self.go_on, lane)
        older.close("superseded")

    # ------------------------------------------------------------------------------------------------- requests

    def handle(self, session: Session, request: Request | Administration | Exchange, reply: Reply) -> None:
        """Take a request whose last byte has just come in. Never blocks; the reply may come before this returns."""
        self._turn += 1
        asked = Waiting(session, request, reply, self.clock.now(), self.clock.monotonic(), self._turn)
        if session.register_id is None and not isinstance(request, _INTRODUCED):
            self.answer(asked, Noted(at=asked.at) if isinstance(request, Ping) else HELLO_FIRST)
        elif session.forgotten:
            return
        elif session.superseded:
            self.answer(asked, Refused(code=RefusalCode.SUPERSEDED, text="a newer session of the register took over"))
        elif self._stopping or self._committer.broken is not None:
            self.answer(asked, LATER if self.admission is None else self.admission.farewell(asked.moment))
        elif self._arrived:
            self._arrived.append(asked)
        elif isinstance(request, BATCHED):
            asyncio.get_running_loop().call_soon(self._work_off)
            self._arrived.append(asked)
        elif self.admission is not None and (later := self.admission.keeps_out(asked)) is not None:
            self.answer(asked, later)
        else:
            self._enter(asked)

    def handle_documents(self, came: Sequence[tuple[Session, SubmitDocument, Reply]]) -> None:
        """As :meth:`handle`, for documents that came together."""
        at, moment = self.clock.now(), self.clock.monotonic()
        if self._stopping or self._committer.broken is not None:
            for session, request, reply in came:
                self.handle(session, request, reply)
            return
        arrived, turn = self._arrived, self._turn
        if not arrived:
            asyncio.get_running_loop().call_soon(self._work_off)
        for session, request, reply in came:
            turn += 1
            asked = Waiting(session, request, reply, at, moment, turn)
            if session.superseded or session.forgotten or session.register_id is None:
                self._turn = turn - 1
                self.handle(session, request, reply)
            else:
                arrived.append(asked)
        self._turn = turn

    def _work_off(self) -> None:
        """Decide what came in this turn of the loop: documents together, then whatever is left, one by one."""
        arrived, self._arrived = self._arrived, []
        if self.admission is not None:
            arrived = self.admission.sift(arrived, self._committer.ahead, self._lanes, self.answer)
        read(arrived)
        left = take_plain(arrived, self._lanes, self.rules, self.signer, self._take_plain)
        decided, rest = decide_together(left, self._lanes, self.rules, self.signer)
        for lane, asked, decision in decided:
            self.take(lane, asked, decision)
        for asked in rest:
            try:
                self._enter(asked)
            except Exception:  # whatever is wrong with one request, the others of this turn are served
                log.exception("a request could not be decided", protocol=asked.session.protocol)
                self.answer(asked, LATER)

    def _enter(self, asked: Waiting) -> None:
        """Let a request into the lane of its register."""
        request = asked.request
        register_id = register_of(asked)
        assert register_id is not None, "who has not said hello was told so"
        lane = self._lanes.get(register_id)
        if lane is None:
            lane = self._lanes[register_id] = Lane(register_id)
        if isinstance(request, Hello) and self.journal.shared and not (lane.queued or lane.in_flight):
            lane.loaded = False  # the register may come from another node, which has moved it
        if lane.busy or lane.waiting or not lane.loaded:
            if len(lane.waiting) >= LANE_WAITING_MAX:
                self.answer(asked, LATER)
                return
            lane.waiting.append(asked)
            if not lane.busy:
                self.go_on(lane)
            return
        self._deciding.decide(lane, asked)

    def go_on(self, lane: Lane) -> None:
        """Work off what waited while the lane was busy."""
        if self.broken is not None:
            waiting, lane.waiting = lane.waiting, deque()
            self._committer.put_off(waiting)
        while lane.waiting and not lane.busy:
            if not lane.loaded:
                self._lookups.start(lane, self._lookups.load(lane))
                return
            self._deciding.decide(lane, lane.waiting.popleft())
        self._forget_if_idle(lane)

    def _forget_if_idle(self, lane: Lane) -> None:
        """An id that was never registered must not cost memory: a scanner may try millions of them.

        A session whose registration could not be kept stays known, so that a newer one supersedes it.
        """
        known = lane.ahead is not None or lane.session is not None
        if lane.loaded and not known and not (lane.busy or lane.waiting or lane.queued or lane.in_flight):
            self._lanes.pop(lane.register_id, None)

    # ------------------------------------------------------------------------------------------------- exchanges

    # --------------------------------------------------------------------------------------------------- commit

    def _take_plain(self, lane: Lane, asked: Waiting, decision: Decision) -> None:
        """As :meth:`take`, for one document on top of others."""
        ahead, after = lane.ahead, decision.state
        assert ahead is not None
        assert after is not None
        append = Append(lane.register_id, ahead.version, decision.entries, after)
        self._committer.submit(Work(lane, append, decision.answer, asked))

    def take(self, lane: Lane, asked: Waiting, decision: Decision) -> None:
        """Hand a decision on: without entries it is answered when what it rests on is durable, else committed."""
        if not decision.entries:
            self._answer_in_turn(lane, asked, decision.answer)
            return
        after = decision.state
        assert after is not None
        before = 0 if lane.ahead is None else lane.ahead.version
        first = decision.entries[0]
        closes = isinstance(first, DocumentRecorded) and isinstance(first.document, CloseShift)
        keep = closes or isinstance(first, TakenOver)  # who hops is read anew at each node, and sells little between
        append = Append(lane.register_id, before, decision.entries, after, keep)
        self._committer.submit(Work(lane, append, decision.answer, asked))

    def _answer_in_turn(self, lane: Lane, asked: Waiting, answer: Answer | OwnAnswer | None) -> None:
        """An answer may rest on what is decided and not committed yet: then it is decided again after that commit."""
        if lane.queued:
            lane.queued[-1].copies.append(asked)
        elif lane.in_flight:
            lane.in_flight[-1].copies.append(asked)
        elif self._lookups.needs_look(lane, asked):
            self._lookups.start(lane, self._lookups.say(lane, asked, lambda: self.answer(asked, answer)), asked)
        else:
            self.answer(asked, answer)

    # ------------------------------------------------------------------------------------------- answers, events

    def answer(self, asked: Waiting, answer: Answer | OwnAnswer | None) -> None:
        self.metrics.answered(_outcome(answer), self.clock.monotonic() - asked.moment)
        self._reply(asked, answer)

    def say(self, lane: Lane, asked: Waiting, answer: Answer | OwnAnswer | None) -> None:
        """Answer at once; where others write to the ledger, when what this rests on is sure (:mod:`looking`)."""
        if self.journal.shared:
            self._answer_in_turn(lane, asked, answer)
        else:
            self.answer(asked, answer)

    def answer_all(self, works: Sequence[Work]) -> None:
        self._count(works)
        for work in works:
            asked = work.asked
            try:
                asked.reply(work.answer)
            except Exception:  # whatever one gateway fails at, the others in this batch get their answers
                log.exception("an answer could not be handed over", protocol=asked.session.protocol)

    def _count(self, works: Sequence[Work]) -> None:
        """Count the answers: nearly all of those that came together are of one kind, and are counted at once."""
        answered, moment = self.metrics.answered, self.clock.monotonic()
        kind: type | None = None
        came: Moment = 0.0
        many = 0
        for work in works:
            of, at = type(work.answer), work.asked.moment
            if of is kind and at == came and kind is Accepted:
                many += 1
                continue
            if many:
                answered(_ACCEPTED, moment - came, many)
                many = 0
            kind, came = of, at
            if kind is Accepted:
                many = 1
            else:
                answered(_outcome(work.answer), moment - at)
        if many:
            answered(_ACCEPTED, moment - came, many)

    def _reply(self, asked: Waiting, answer: Answer | OwnAnswer | None) -> None:
        try:
            asked.reply(answer)
        except Exception:  # whatever one gateway fails at, the others in this batch get their answers
            log.exception("an answer could not be handed over", protocol=asked.session.protocol)

    def observe(self, observer: Observer) -> Callable[[], None]:
        """Tell ``observer`` everything that happens from now on; call what comes back to stop.

        Where others write to the ledger, that is from when :meth:`following` returns.
        """
        self._observers.append(observer)
        if self._follower is not None:
            self._follower.start()

        def stop() -> None:
            self._observers.remove(observer)
            if self._follower is not None and not self._observers:
                self._follower.stop()

        return stop

    async def following(self) -> None:
        """Return when observers are told whatever is committed from now on, by whomever."""
        if self._follower is not None and self._observers:
            await self._follower.following()

    def tell(self, happened: Happened) -> None:
        for observer in tuple(self._observers):
            try:
                observer(happened)
            except Exception:  # whatever a viewer fails at, registers get their answers
                log.exception("a viewer could not be told", what=happened.what)

    def tell_committed(self, work: Work, outcome: Committed) -> None:
        """Tell the viewers what has just become durable."""
        if not self._observers:
            return
        if self._follower is not None:  # it tells what everybody has committed, in one order
            self._follower.wake()
            return
        now = self.clock.now()
        for seq, entry in enumerate(work.append.entries, outcome.first_seq):
            number = getattr(entry, "number", None)
            self.tell(Happened("committed", work.lane.register_id, now, seq, entry, number))

    def _tell_stored(self, rows: Sequence[StoredEntry]) -> None:
        now = self.clock.now()
        for row in rows:
            number = getattr(row.entry, "number", None)
            self.tell(Happened("committed", row.register_id, now, row.seq, row.entry, number))

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

        def reply(answer: Answer | None) -> None:
            if not done.done():  # whoever asked may have stopped waiting
                done.set_result(answer)

        self.handle(session, Administration(remember), reply)
        answer = await done
        if isinstance(answer, TryLater):
            raise StorageError("the decision could not be kept; try again")
        return made[0]

    async def state_of(self, register_id: str) -> RegisterState | None:
        """The committed state of a register, whichever node committed it, or ``None``."""
        lane = self._lanes.get(register_id)
        if lane is not None and lane.loaded:
            known = lane.committed
            if not self.journal.shared or await self.journal.version(register_id) == (known.version if known else 0):
                return known
        return await load_state(self.journal, register_id)

    def state_at_hand(self, register_id: str) -> RegisterState | None:
        """The committed state of a register that is at work, without asking the journal; ``None`` for any other."""
        lane = self._lanes.get(register_id)
        return lane.committed if lane is not None and lane.loaded else None

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
        notes = tuple(
            note for note in self._committer.notes if note.register_id == register_id and note.number == number
        )
        times = kept.times
        if times is None:
            stored = await self.journal.document(register_id, number)
            seq = 0 if stored is None else stored.seq
            times = next((batch for batch in self._committer.times if batch.first_seq <= seq <= batch.last_seq), None)
        return History(times, (*kept.notes, *notes), kept.later)

    # ---------------------------------------------------------------------------------------------------- the end

    async def flush(self) -> None:
        """Write the lines of history that no batch has taken along yet."""
        await self._committer.flush()

    async def drain(self) -> None:
        """Accept nothing more, finish what is being decided and committed, and answer it."""
        self._work_off()
        self._stopping = True
        while self._committer.writer is not None or self._lookups.running:
            await asyncio.wait([task for task in (self._committer.writer, *self._lookups.running) if task is not None])
        await self.flush()
        if self._follower is not None:
            self._follower.stop()

    def forget(self) -> None:
        """Know nothing any more, and accept again: for a ledger that was emptied behind :meth:`drain`."""
        self._lanes.clear()
        self._committer.notes.clear()
        self._committer.times.clear()
        self._committer.broken = None
        if self.admission is not None:
            self.admission.forget()
        self._stopping = False
        self.tell(Happened("reset", "", self.clock.now()))
