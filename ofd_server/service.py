"""The operator at work: ask for a decision, make it durable, and only then answer.

The rule: a request waits for its turn in its register's lane, is decided on top of what was decided before it, and is
handed to the writer (:mod:`ofd_server.committing`), which answers when it is durable. What cannot be decided without a
look into the ledger lets its lane wait, and no other. Everything here runs on one event loop and touches no socket and
no file.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from typing import Final, get_args

import structlog

from fiscal.domain.document import CloseShift, Document, DocumentKind
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
from fiscal.time import Instant
from ofd_server.committing import LATER, Committer, askers
from ofd_server.core.decide import (
    Decision,
    OwnAnswer,
    answer_of_standing,
    decide_hello,
    decide_information,
    decide_period,
    is_token,
)
from ofd_server.core.documents import Submission, decide_copy, decide_documents
from ofd_server.core.entries import DocumentRecorded, Entry, Standing
from ofd_server.core.exchange import Exchange, Found, Need
from ofd_server.core.replay import replay
from ofd_server.core.rules import Rules
from ofd_server.core.state import RegisterState
from ofd_server.lane import Administer, Administration, Lane, Reply, Session, Waiting, Work
from ofd_server.ports import (
    Append,
    Clock,
    Committed,
    DocumentFilter,
    Happened,
    History,
    Journal,
    LastReport,
    Metrics,
    NoteKind,
    Observer,
)

LANE_WAITING_MAX: Final = 256
"""Requests of one register that wait for their turn; a register that sends more without reading is told to come later."""

_OUTCOMES: Final[Mapping[type, str]] = {type(None): "silent"} | {
    class_: class_.__name__.lower() for class_ in get_args(Answer)
}
"""What an answer is called in the figures."""

_INTRODUCED: Final = (Hello, Exchange)
"""Requests that say themselves whose they are."""
_BATCHED: Final = (SubmitDocument, Exchange)
"""Requests that have something to read."""

_HELLO_FIRST: Final = Refused(code=RefusalCode.HELLO_FIRST, text="say hello before anything else")

log = structlog.get_logger(__name__)


def _ignore(_told: object) -> None:
    """For what nobody wants to hear."""


def _read(request: SubmitDocument) -> Document | RemoteProtocolError:
    """The document in a request, or what is wrong with it."""
    try:
        return decode_content(request.content)
    except RemoteProtocolError as error:
        return error.with_traceback(None)


def _register_of(asked: Waiting) -> str | None:
    """Whose request it is; ``None`` for a session that has not said hello."""
    request = asked.request
    if isinstance(request, Exchange):
        return request.register_id
    return request.register if isinstance(request, Hello) else asked.session.register_id


def _unhindered(lane: Lane, asked: Waiting) -> Submission | None:
    """A document that can be decided at once; ``None`` for what has to wait, or to be looked at more closely."""
    request, document, state = asked.request, asked.document, lane.ahead
    if isinstance(request, Exchange):
        is_free = lane.loaded and not lane.busy and not lane.waiting and lane.session is None
        return _submitted(request, state, asked.at) if is_free and state is not None else None
    if (
        state is None
        or not isinstance(request, SubmitDocument)
        or document is None
        or isinstance(document, RemoteProtocolError)
        or asked.session.superseded
        or lane.busy
        or lane.waiting
        or not lane.loaded
        or state.standing is not Standing.GOOD
        or document.number <= state.tape.last_number
    ):
        return None
    delivery = request.delivery
    sign = delivery.autonomous_sign
    if sign is not None and sign <= state.tape.last_autonomous_sign:
        return None
    return Submission(state, document, request.content, delivery, asked.at, asked.session.protocol)


def _open(exchange: Exchange) -> None:
    """Read it; what a defect of ours prevents is answered when it is decided."""
    try:
        exchange.read()
    except Exception:  # whatever is wrong with one request, the others of this turn are served
        log.exception("an exchange could not be read", register=exchange.register_id)


def _submitted(exchange: Exchange, state: RegisterState, at: Instant) -> Submission | None:
    """Its document; what a defect of ours prevents is answered when it is decided."""
    try:
        return exchange.submit(state, at)
    except Exception:  # whatever is wrong with one request, the others of this turn are served
        log.exception("an exchange could not be submitted", register=exchange.register_id)
        return None


def _concluded(exchange: Exchange, decision: Decision, state: RegisterState | None) -> Decision:
    try:
        return exchange.conclude(decision)
    except Exception:  # a defect of ours in one register's exchange: its protocol has a word for that
        log.exception("an exchange could not be concluded", register=exchange.register_id)
        return Decision(exchange.failed(), (), state)


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
        self._lanes: dict[str, Lane] = {}
        self._observers: list[Observer] = []
        self._lookups: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._turn = 0
        self._arrived: list[Waiting] = []

    @property
    def broken(self) -> BaseException | None:
        """Why nothing more is accepted; ``None`` while all is well."""
        return self._committer.broken

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
        """The newest authenticated session wins; what the older one asked and was not handed over is dropped (2.1).

        What somebody else asked meanwhile (a person, say) was decided on top of that, and is decided again.
        """
        older, lane.session = lane.session, session
        session.register_id = lane.register_id
        if older is session:
            return
        self._tell(Happened("session_opened", lane.register_id, self.clock.now(), detail=session.protocol))
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
            self.answer(asked, _HELLO_FIRST)
        elif session.superseded:
            self.answer(asked, Refused(code=RefusalCode.SUPERSEDED, text="a newer session of the register took over"))
        elif self._stopping or self.broken is not None:
            self.answer(asked, LATER)
        elif self._arrived:
            self._arrived.append(asked)
        elif isinstance(request, _BATCHED):
            asyncio.get_running_loop().call_soon(self._work_off)
            self._arrived.append(asked)
        else:
            self._enter(asked)

    def _work_off(self) -> None:
        """The documents that came in this turn of the loop, and what came behind them: one step for all, then the next.

        A step that follows itself finds the processor's caches full of what it needs: reading every document, then
        judging every document, takes a sixth less time than reading and judging one after the other.
        """
        arrived, self._arrived = self._arrived, []
        for asked in arrived:
            if isinstance(asked.request, SubmitDocument):
                asked.document = _read(asked.request)
            elif isinstance(asked.request, Exchange):
                _open(asked.request)
        for asked in self._decide_together(arrived):
            try:
                self._enter(asked)
            except Exception:  # whatever is wrong with one request, the others of this turn are served
                log.exception("a request could not be decided", protocol=asked.session.protocol)
                self.answer(asked, LATER)

    def _decide_together(self, arrived: list[Waiting]) -> list[Waiting]:
        """Decide the first document of each register at once, where nothing stands in its way; returns all the rest."""
        together: dict[str, tuple[Lane, Waiting, Submission]] = {}
        rest: list[Waiting] = []
        ordered: set[str | None] = set()
        for asked in arrived:
            register_id = _register_of(asked)
            if register_id not in together and register_id not in ordered:
                lane = self._lanes.get(register_id or "")
                submission = None if lane is None else _unhindered(lane, asked)
                if lane is not None and submission is not None:
                    together[lane.register_id] = lane, asked, submission
                    continue
                ordered.add(register_id)  # what comes behind it in this turn has to wait for it
            rest.append(asked)
        try:
            decisions = decide_documents([found[2] for found in together.values()], self.rules, self.signer)
        except Exception:  # whatever is wrong with one request, the others of this turn are served
            log.exception("documents could not be decided together", documents=len(together))
            return arrived
        concluded = [
            _concluded(asked.request, decision, submission.state) if isinstance(asked.request, Exchange) else decision
            for (_, asked, submission), decision in zip(together.values(), decisions, strict=True)
        ]
        for (lane, asked, _), decision in zip(together.values(), concluded, strict=True):
            self._take(lane, asked, decision)
        return rest

    def _enter(self, asked: Waiting) -> None:
        """Let a request into the lane of its register."""
        request = asked.request
        register_id = _register_of(asked)
        assert register_id is not None, "who has not said hello was told so"
        lane = self._lanes.get(register_id)
        if lane is None:
            lane = self._lanes[register_id] = Lane(register_id)
        if isinstance(request, _INTRODUCED) and self.journal.shared and not (lane.queued or lane.in_flight):
            lane.loaded = False  # the register may come from another node, which has moved it
        if lane.busy or lane.waiting or not lane.loaded:
            if len(lane.waiting) >= LANE_WAITING_MAX:
                self.answer(asked, LATER)
                return
            lane.waiting.append(asked)
            if not lane.busy:
                self.go_on(lane)
            return
        self._decide(lane, asked)

    def go_on(self, lane: Lane) -> None:
        """Work off what waited while the lane was busy."""
        if self.broken is not None:
            waiting, lane.waiting = lane.waiting, deque()
            self._committer.put_off(waiting)
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

    def _look_up(self, lane: Lane, task: Coroutine[None, None, None], asked: Waiting | None = None) -> None:
        """Let the lane wait until something was read; ``asked`` is who is to hear of it when that fails."""
        lane.busy = True

        async def run() -> None:
            try:
                await task
            except StorageError as error:
                log.warning("look-up failed", register=lane.register_id, error=str(error))
                self._give_up(lane, asked)
            except Exception:  # what a damaged ledger holds may surprise us; nobody waits for ever because of it
                log.exception("look-up failed", register=lane.register_id)
                self._give_up(lane, asked)
            finally:
                lane.busy = False
            self.go_on(lane)

        running = asyncio.get_running_loop().create_task(run())
        self._lookups.add(running)
        running.add_done_callback(self._lookups.discard)

    def _give_up(self, lane: Lane, asked: Waiting | None) -> None:
        waiting, lane.waiting = lane.waiting, deque()
        if asked is not None:
            waiting.appendleft(asked)
        self._committer.put_off(waiting)

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
        if isinstance(request, Exchange):
            self._decide_exchange(lane, asked, request)
            return
        if isinstance(request, Hello):
            self._greet(lane, asked, request)
            return
        if state is None:
            self.answer(asked, _HELLO_FIRST)
            return
        standing = answer_of_standing(state)
        if standing is not None:
            self._take(lane, asked, standing)
            return
        match request:
            case Ping():
                self.answer(asked, Noted(at=asked.at))
            case ReportStatus():
                lane.last_report = LastReport(asked.at, request)
                self._tell(Happened("status_reported", lane.register_id, asked.at))
                self.answer(asked, Noted(at=asked.at))
            case AskInformation():
                self._take(lane, asked, Decision(decide_information(state, asked.at), (), state))
            case ReportOfflinePeriod():
                self._look_up(lane, self._decide_period(lane, asked, request), asked)

    def _greet(self, lane: Lane, asked: Waiting, hello: Hello) -> None:
        """Who knows the token takes the register over, and what an older session had asked is taken back first."""
        decision = decide_hello(lane.ahead, hello, asked.at, self.rules)
        if decision.state is not None and is_token(decision.state, hello.token):
            self._supersede(lane, asked.session)
            decision = decide_hello(lane.ahead, hello, asked.at, self.rules)
        self._take(lane, asked, decision)

    # ------------------------------------------------------------------------------------------------- exchanges

    def _decide_exchange(self, lane: Lane, asked: Waiting, exchange: Exchange) -> None:
        decision = self._judge(lane, asked, exchange)
        if isinstance(decision, Need):
            self._look_up(lane, self._decide_with_ledger(lane, asked, exchange), asked)
        elif decision.entries and lane.session is not None and self._yield_to_exchange(lane, asked):
            return  # what it was decided on was taken back with the session
        else:
            self._take(lane, asked, decision)

    def _judge(self, lane: Lane, asked: Waiting, exchange: Exchange, found: Found | None = None) -> Decision | Need:
        try:
            return exchange.decide(lane.ahead, asked.at, found)
        except Exception:  # a defect of ours in one register's exchange: its protocol has a word for that
            log.exception("an exchange could not be decided", register=lane.register_id)
            return Decision(exchange.failed(), (), lane.ahead)

    async def _decide_with_ledger(self, lane: Lane, asked: Waiting, exchange: Exchange) -> None:
        """What an exchange needs may change until everything before it is committed, so it says it again then."""
        if await self._settled(lane, asked) is None:
            return
        decision = self._judge(lane, asked, exchange)
        if isinstance(decision, Need):
            if decision.resent and decision.document is not None:
                self._committer.note(lane.register_id, decision.document, NoteKind.RESENT)
            decision = self._judge(lane, asked, exchange, await self._found(lane.register_id, decision))
            assert not isinstance(decision, Need), "what was needed was found"
        if decision.entries and lane.session is not None and self._yield_to_exchange(lane, asked):
            return
        self._take(lane, asked, decision)

    async def _found(self, register_id: str, need: Need) -> Found:
        journal = self.journal
        used = False
        stored: dict[str, Entry] = {}
        if need.document is not None and (kept := await journal.document(register_id, need.document)) is not None:
            stored["document"] = kept.entry
        if need.last_close:
            closes = DocumentFilter(register_id=register_id, kind=DocumentKind.CLOSE_SHIFT, limit=1)
            for closed in await journal.documents(closes):
                stored["last_close"] = closed.entry
        if need.sign is not None:
            used = await journal.is_autonomous_sign_used(register_id, need.sign, need.document or 0)
        return Found(**stored, sign_used=used)  # type: ignore[arg-type]  # documents are asked for, and documents come

    def _yield_to_exchange(self, lane: Lane, asked: Waiting) -> bool:
        """The register speaks another protocol now: its open session ends, as when a newer one takes over (2.1).

        True when something was taken back, so that the exchange, which waits again, is to be decided anew.
        """
        older, lane.session = lane.session, None
        assert older is not None
        older.superseded = True
        dropped = self._committer.take_back(lane)
        if dropped:
            again = sorted((*askers(dropped), asked, *lane.waiting), key=lambda waiting: waiting.turn)
            lane.waiting = deque(waiting for waiting in again if waiting.session is not older)
            asyncio.get_running_loop().call_soon(self.go_on, lane)
        else:
            lane.waiting = deque(waiting for waiting in lane.waiting if waiting.session is not older)
        older.close("superseded")
        return bool(dropped)

    async def _decide_period(self, lane: Lane, asked: Waiting, report: ReportOfflinePeriod) -> None:
        state = await self._settled(lane, asked)
        if state is not None:
            known = await self.journal.period(lane.register_id, report.number)
            self._take(lane, asked, decide_period(state, report, known, asked.at))

    def _decide_document(self, lane: Lane, asked: Waiting, request: SubmitDocument) -> None:
        state = lane.ahead
        if state is None:
            self.answer(asked, _HELLO_FIRST)
            return
        standing = answer_of_standing(state)
        if standing is not None:
            self._take(lane, asked, standing)
            return
        document = asked.document or _read(request)
        if isinstance(document, RemoteProtocolError):
            self.answer(asked, Refused(code=RefusalCode.BAD_REQUEST, field=document.field, text=document.text))
            return
        delivery = request.delivery
        tape = state.tape
        if document.number <= tape.last_number:
            pending = lane.pending(document.number)
            if pending is not None:
                pending.copies.append(asked)
            else:
                self._look_up(lane, self._decide_copy(lane, asked, document, request), asked)
            return
        sign = delivery.autonomous_sign
        if sign is not None and sign <= tape.last_autonomous_sign:
            self._look_up(lane, self._decide_with_old_sign(lane, asked, document, request, sign), asked)
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
        content, delivery, protocol = request.content, request.delivery, asked.session.protocol
        submission = Submission(state, document, content, delivery, asked.at, protocol, sign_known)
        return decide_documents((submission,), self.rules, self.signer)[0]

    async def _decide_with_old_sign(
        self, lane: Lane, asked: Waiting, document: Document, request: SubmitDocument, sign: int
    ) -> None:
        """An autonomous sign that does not rise may have been used before; the journal knows."""
        state = await self._settled(lane, asked)
        if state is not None:
            used = await self.journal.is_autonomous_sign_used(lane.register_id, sign, document.number)
            self._take(lane, asked, self._decision(state, document, request, asked, sign_known=used))

    async def _decide_copy(self, lane: Lane, asked: Waiting, document: Document, request: SubmitDocument) -> None:
        """The ledger holds this number: the same document again, or a conflict (1.2)."""
        state = await self._settled(lane, asked)
        if state is None:
            return
        stored = await self.journal.document(lane.register_id, document.number)
        if stored is None:
            text = f"document {document.number} belongs to the register's history elsewhere"
            refused = Refused(
                code=RefusalCode.NUMBER_TAKEN, field="number", text=text, expected=state.tape.last_number + 1
            )
            self.answer(asked, refused)
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
        self._committer.note(lane.register_id, document.number, NoteKind.RESENT)
        self._take(lane, asked, decision)

    async def _settled(self, lane: Lane, asked: Waiting) -> RegisterState | None:
        """The state when everything of this lane that was on its way to the journal has its outcome.

        ``None`` when that was taken back: then this waits again, behind it.
        """
        while lane.in_flight or lane.queued:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            lane.waiters.append(waiter)
            await waiter
        state = lane.ahead
        if not lane.loaded or state is None:
            earlier = sum(waiting.turn < asked.turn for waiting in lane.waiting)
            lane.waiting.insert(earlier, asked)
            return None
        return state

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
        self._committer.submit(Work(lane, append, decision.answer, asked))

    def _answer_in_turn(self, lane: Lane, asked: Waiting, answer: Answer | OwnAnswer | None) -> None:
        """An answer may rest on what is decided and not committed yet: then it is decided again after that commit."""
        if lane.queued:
            lane.queued[-1].copies.append(asked)
        elif lane.in_flight:
            lane.in_flight[-1].copies.append(asked)
        else:
            self.answer(asked, answer)

    # ------------------------------------------------------------------------------------------- answers, events

    def answer(self, asked: Waiting, answer: Answer | OwnAnswer | None) -> None:
        outcome = answer.outcome if isinstance(answer, OwnAnswer) else _OUTCOMES[type(answer)]
        self.metrics.answered(outcome, self.clock.monotonic() - asked.moment)
        try:
            asked.reply(answer)
        except Exception:  # whatever one gateway fails at, the others in this batch get their answers
            log.exception("an answer could not be handed over", protocol=asked.session.protocol)

    def observe(self, observer: Observer) -> Callable[[], None]:
        """Tell ``observer`` everything that happens from now on; call what comes back to stop."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    def _tell(self, happened: Happened) -> None:
        for observer in tuple(self._observers):
            try:
                observer(happened)
            except Exception:  # whatever a viewer fails at, registers get their answers
                log.exception("a viewer could not be told", what=happened.what)

    def tell_committed(self, work: Work, outcome: Committed) -> None:
        """Tell the viewers what has just become durable."""
        if not self._observers:
            return
        now = self.clock.now()
        for seq, entry in enumerate(work.append.entries, outcome.first_seq):
            number = getattr(entry, "number", None)
            self._tell(Happened("committed", work.lane.register_id, now, seq, entry, number))

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
        """The committed state of a register, or ``None``."""
        lane = self._lanes.get(register_id)
        if lane is not None and lane.loaded:
            return lane.committed
        loaded = await self.journal.load(register_id)
        return None if loaded is None else replay(register_id, loaded.snapshot, loaded.entries)

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
        while self._committer.writer is not None or self._lookups:
            await asyncio.wait([task for task in (self._committer.writer, *self._lookups) if task is not None])
        await self.flush()
