"""What a register asks, decided in its lane on top of what was decided before it.

The rule: a decision needs nothing but the lane's state ahead, or says what it has to read first
(:mod:`ofd_server.looking`). Whose session is the newest one decides whom the register is (semantics 2.1).
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final, Protocol

from fiscal.domain.document import Document
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
    SubmitDocument,
)
from fiscal.domain.signs import Signer
from fiscal.errors import RemoteProtocolError
from fiscal.protocols.content import content_difference, same_content
from ofd_server.committing import Committer, askers
from ofd_server.core.decide import (
    Decision,
    OwnAnswer,
    answer_of_standing,
    decide_hello,
    decide_information,
    decide_period,
    is_token,
    let_go,
)
from ofd_server.core.documents import Submission, decide_copy, decide_documents
from ofd_server.core.entries import DocumentRecorded
from ofd_server.core.exchange import Exchange, Found, Need
from ofd_server.core.rules import Rules
from ofd_server.core.state import RegisterState
from ofd_server.defects import WatchedLog
from ofd_server.intake import read_document
from ofd_server.lane import Administration, Lane, Session, Waiting
from ofd_server.looking import LookUps
from ofd_server.ports import Happened, Journal, LastReport, NoteKind

HELLO_FIRST: Final = Refused(code=RefusalCode.HELLO_FIRST, text="say hello before anything else")

log = WatchedLog(__name__)


class Counter(Protocol):
    """What deciding needs of the service in front of it."""

    rules: Rules
    signer: Signer

    def answer(self, asked: Waiting, answer: Answer | OwnAnswer | None) -> None:
        """Give somebody his answer."""
        ...

    def take(self, lane: Lane, asked: Waiting, decision: Decision) -> None:
        """A decision was made; see to it."""
        ...

    def say(self, lane: Lane, asked: Waiting, answer: Answer | OwnAnswer | None) -> None:
        """Answer at once, as far as what is known of the register is sure."""
        ...

    def supersede(self, lane: Lane, session: Session) -> None:
        """The register speaks over this session from now on."""
        ...

    def tell(self, happened: Happened) -> None:
        """Tell whoever watches."""
        ...

    def go_on(self, lane: Lane) -> None:
        """A lane can take its next requests."""
        ...


class Deciding:
    """Every kind of request, and how it is decided."""

    def __init__(
        self,
        office: Counter,
        journal: Journal,
        committer: Committer,
        lookups: LookUps,
    ) -> None:
        self._office = office
        self._journal = journal
        self._committer = committer
        self._lookups = lookups

    def decide(self, lane: Lane, asked: Waiting) -> None:
        """Decide a request whose turn it is; the office hears what came of it."""
        request = asked.request
        if asked.session.superseded:
            return
        state = lane.ahead
        if isinstance(request, SubmitDocument):
            self._decide_document(lane, asked, request)
            return
        if isinstance(request, Administration):
            self._office.take(lane, asked, request.decide(state, asked.at))
            return
        if isinstance(request, Exchange):
            self._decide_exchange(lane, asked, request)
            return
        if isinstance(request, Hello):
            self._greet(lane, asked, request)
            return
        if state is None:
            self._office.say(lane, asked, HELLO_FIRST)
            return
        standing = answer_of_standing(state)
        if standing is not None:
            self._office.take(lane, asked, standing)
            return
        match request:
            case Ping():
                self._office.say(lane, asked, Noted(at=asked.at))
            case ReportStatus():
                self._hear(lane, asked, request, state)
                self._office.say(lane, asked, Noted(at=asked.at))
            case AskInformation():
                self._office.take(lane, asked, Decision(decide_information(state, asked.at), (), state))
            case ReportOfflinePeriod():
                self._hear_of_period(lane, asked, request, state)

    def _hear(self, lane: Lane, asked: Waiting, report: ReportStatus, state: RegisterState) -> None:
        told = lane.last_report
        if told is None or told.report is not report:  # it may be decided twice, and is told once
            lane.last_report = LastReport(asked.at, report, state.tape.last_number)
            self._office.tell(Happened("status_reported", lane.register_id, asked.at))

    def _hear_of_period(self, lane: Lane, asked: Waiting, report: ReportOfflinePeriod, state: RegisterState) -> None:
        if state.last_period is None or report.number > state.last_period.number:
            self._office.take(lane, asked, decide_period(state, report, None, asked.at))  # none is known under it
        else:
            self._lookups.start(lane, self._decide_period(lane, asked, report), asked)

    def _greet(self, lane: Lane, asked: Waiting, hello: Hello) -> None:
        """Who knows the token takes the register over, and what an older session had asked is taken back first."""
        decision = decide_hello(lane.ahead, hello, asked.at, self._office.rules)
        if decision.state is not None and is_token(decision.state, hello.token):
            self._office.supersede(lane, asked.session)
            decision = decide_hello(lane.ahead, hello, asked.at, self._office.rules)
        self._office.take(lane, asked, decision)

    def _decide_exchange(self, lane: Lane, asked: Waiting, exchange: Exchange) -> None:
        decision = self._judge(lane, asked, exchange)
        if isinstance(decision, Need):
            self._lookups.start(lane, self._decide_with_ledger(lane, asked, exchange), asked)
        elif decision.entries and lane.session is not None and self._yield_to_exchange(lane, asked):
            return  # what it was decided on was taken back with the session
        else:
            self._office.take(lane, asked, decision)

    def _judge(self, lane: Lane, asked: Waiting, exchange: Exchange, found: Found | None = None) -> Decision | Need:
        try:
            decision = exchange.decide(lane.ahead, asked.at, found)
            return decision if isinstance(decision, Need) else let_go(decision, asked.at)
        except Exception:  # a defect of ours in one register's exchange: its protocol has a word for that
            log.exception("an exchange could not be decided", register=lane.register_id)
            return Decision(exchange.failed(), (), lane.ahead)

    async def _decide_with_ledger(self, lane: Lane, asked: Waiting, exchange: Exchange) -> None:
        """What an exchange needs may change until everything before it is committed, so it says it again then."""
        if await self._lookups.settled(lane, asked) is None:
            return
        decision = self._judge(lane, asked, exchange)
        if isinstance(decision, Need):
            if decision.resent and decision.document is not None:
                self._committer.note(lane.register_id, decision.document, NoteKind.RESENT)
            decision = self._judge(lane, asked, exchange, await self._lookups.found(lane.register_id, decision))
            assert not isinstance(decision, Need), "what was needed was found"
        if decision.entries and lane.session is not None and self._yield_to_exchange(lane, asked):
            return
        self._office.take(lane, asked, decision)

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
            asyncio.get_running_loop().call_soon(self._office.go_on, lane)
        else:
            lane.waiting = deque(waiting for waiting in lane.waiting if waiting.session is not older)
        older.close("superseded")
        return bool(dropped)

    async def _decide_period(self, lane: Lane, asked: Waiting, report: ReportOfflinePeriod) -> None:
        state = await self._lookups.settled(lane, asked)
        if state is not None:
            known = await self._journal.period(lane.register_id, report.number)
            self._office.take(lane, asked, decide_period(state, report, known, asked.at))

    def _decide_document(self, lane: Lane, asked: Waiting, request: SubmitDocument) -> None:
        state = lane.ahead
        if state is None:
            self._office.say(lane, asked, HELLO_FIRST)
            return
        standing = answer_of_standing(state)
        if standing is not None:
            self._office.take(lane, asked, standing)
            return
        document = asked.document or read_document(request)
        if isinstance(document, RemoteProtocolError):
            refused = Refused(code=RefusalCode.BAD_REQUEST, field=document.field, text=document.text)
            self._office.say(lane, asked, refused)
            return
        delivery = request.delivery
        tape = state.tape
        if document.number <= tape.last_number:
            pending = lane.pending(document.number)
            if pending is not None:
                pending.copies.append(asked)
            else:
                self._lookups.start(lane, self._decide_copy(lane, asked, document, request), asked)
            return
        sign = delivery.autonomous_sign
        if sign is not None and sign <= tape.last_autonomous_sign:
            self._lookups.start(lane, self._decide_with_old_sign(lane, asked, document, request, sign), asked)
            return
        self._office.take(lane, asked, self._decision(state, document, request, asked))

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
        return decide_documents((submission,), self._office.rules, self._office.signer)[0]

    async def _decide_with_old_sign(
        self, lane: Lane, asked: Waiting, document: Document, request: SubmitDocument, sign: int
    ) -> None:
        """An autonomous sign that does not rise may have been used before; the journal knows."""
        state = await self._lookups.settled(lane, asked)
        if state is not None:
            used = await self._journal.is_autonomous_sign_used(lane.register_id, sign, document.number)
            self._office.take(lane, asked, self._decision(state, document, request, asked, sign_known=used))

    async def _decide_copy(self, lane: Lane, asked: Waiting, document: Document, request: SubmitDocument) -> None:
        """The ledger holds this number: the same document again, or a conflict (1.2)."""
        state = await self._lookups.settled(lane, asked)
        if state is None:
            return
        stored = await self._journal.document(lane.register_id, document.number)
        if stored is None:
            text = f"document {document.number} belongs to the register's history elsewhere"
            refused = Refused(
                code=RefusalCode.NUMBER_TAKEN, field="number", text=text, expected=state.tape.last_number + 1
            )
            self._office.take(lane, asked, Decision(refused, (), state))
            return
        entry = stored.entry
        assert isinstance(entry, DocumentRecorded)
        same = entry.content == request.content or same_content(entry.content, request.content)
        difference = "" if same else "; ".join(content_difference(entry.content, request.content))[:TEXT_MAX]
        sign = request.delivery.autonomous_sign
        sign_known = False
        if sign is not None and not entry.autonomous and sign <= state.tape.last_autonomous_sign:
            sign_known = await self._journal.is_autonomous_sign_used(lane.register_id, sign, document.number)
        decision = decide_copy(
            state, entry, same, difference, document, request.delivery, asked.at, self._office.rules, sign_known
        )
        self._committer.note(lane.register_id, document.number, NoteKind.RESENT)
        self._office.take(lane, asked, decision)
