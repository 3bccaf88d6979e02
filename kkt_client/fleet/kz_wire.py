"""The Kazakhstan protocol of a register of a fleet: its token, its request numbers, one question at a time.

The rule: what has a number was given it by the same book as in a shop (:mod:`kkt_client.core.kz_book`), so a document
that is sent again is sent with the same; the book lies in memory. Hello, offline periods and status reports are no
messages of this protocol: what there is to say of them goes along with the others, and they are answered here.
"""

from __future__ import annotations

from collections.abc import Callable

from fiscal.domain.document import Document
from fiscal.domain.lifecycle import AutonomousReason, BlockReason
from fiscal.domain.messages import (
    Accepted,
    Answer,
    AskInformation,
    Hello,
    Noted,
    ReportOfflinePeriod,
    Request,
    SubmitDocument,
    Welcome,
)
from fiscal.errors import LocalProtocolError, RemoteProtocolError
from fiscal.protocols.content import decode_content
from fiscal.protocols.kz.codes import Command
from fiscal.protocols.kz.frames import answers, frame_reader, serialize_frame
from fiscal.protocols.kz.header import Header, Version
from fiscal.protocols.kz.messages import Response, parse_response
from fiscal.time import Instant, Moment
from kkt_client.core import kz_book
from kkt_client.core.kz_book import Book
from kkt_client.core.kz_messages import (
    Caller,
    Sent,
    Unanswered,
    document_answer,
    document_request,
    greeting_refusal_in,
    information_in,
    question,
    refusal_in,
)
from kkt_client.core.saying import Cause, Said
from kkt_client.core.setbacks import Kind, Setback
from kkt_client.fleet.state import FleetState
from kkt_client.fleet.wires import lost, too_late


class KzWire:
    """Over one connection after the other; ``instant`` tells the wall clock, ``token`` is the register's first."""

    keeps_talking = True

    def __init__(
        self,
        state: FleetState,
        token: str,
        instant: Callable[[Moment], Instant],
        limit_s: float,
        version: int = Version.V203,
    ) -> None:
        self.limit_s = limit_s
        self._state = state
        self._instant = instant
        self._version = version
        self._book: Book = kz_book.first_book(token)
        self._caller: Caller | None = None
        self._reader = frame_reader()
        self._head: Header | None = None
        self._asked: Request | None = None
        self._asked_at: Moment = 0.0
        self._sent: Sent | None = None
        self._document: Document | None = None
        self._own: Answer | None = None

    def opened(self, now: Moment) -> None:  # noqa: ARG002 - as the protocol says
        self._reader = frame_reader()

    def ask(self, request: Request, now: Moment) -> bytes:
        self._asked, self._asked_at, self._document = request, now, None
        try:
            match request:
                case Hello():
                    return self._greet(request, now)
                case SubmitDocument():
                    return self._submit(request)
                case AskInformation():
                    return self._question(Command.SYSTEM, now)
                case ReportOfflinePeriod():
                    self._book = self._book.told(request.begin, request.end)
        except LocalProtocolError as error:
            cause = Cause(Said.CANNOT_BE_SENT, f"it cannot be sent: {error}")
            raise Setback(Kind.LATE, AutonomousReason.NO_CONNECTION, cause) from None
        self._own = Noted(at=self._instant(now))
        return b""

    def own_answer(self) -> Answer:
        """What is answered without asking anybody."""
        answer, self._own = self._own, None
        assert answer is not None, "something was asked that is no message"
        return answer

    def received(self, data: bytes, now: Moment) -> Answer | None:
        self._reader.feed(data)
        try:
            while (frame := self._reader.next_frame()) is not None:
                header, body = frame
                if self._head is not None and answers(header, self._head):
                    self.look(now)
                    return self._answered(header.token, body, now)
        except RemoteProtocolError as error:
            text = f"the operator does not keep to the protocol: {error}"
            raise lost(Cause(Said.PROTOCOL_BROKEN, text)) from None
        return None

    def look(self, now: Moment) -> None:
        if self._head is not None and now - self._asked_at > self.limit_s:
            self._head = None
            raise too_late(type(self._asked))

    # ----------------------------------------------------------------------------------------------------- questions

    def _greet(self, hello: Hello, now: Moment) -> bytes:
        assert hello.profile is not None, "a register of a fleet has particulars"
        self._caller = Caller(self._version, kz_book.device_id_of(hello.register), hello.profile)
        rejected = BlockReason.REJECTED_CREDENTIALS in self._state.blocks
        if not rejected and (self._book.document or self._state.open_period is None):
            self._own = self._welcome(now)
            return b""
        return self._question(Command.SYSTEM, now)

    def _welcome(self, now: Moment) -> Welcome:
        """What a welcome says of memories, this protocol does not say: both are taken to agree."""
        return Welcome(at=self._instant(now), operator="", last_number=self._state.accepted_number)

    def _question(self, command: Command, now: Moment) -> bytes:
        self._book = self._book.asking()
        period = self._state.open_period
        away = self._book.away
        if period is not None:
            away = self._book.told(period.begin, max(period.begin, self._instant(now))).away
        return self._frame(question(self._who, command, self._instant(now), away), self._book.number)

    def _submit(self, request: SubmitDocument) -> bytes:
        document = decode_content(request.content)
        self._document = document
        self._book = self._book.sending(document.number)
        sent = document_request(self._who, document, request.delivery, self._book.away)
        return self._frame(sent, self._book.document_number)

    def _frame(self, sent: Sent, number: int) -> bytes:
        who, token = self._who, self._book.token
        self._sent = sent
        self._head = Header(who.version, who.device_id, token, number, len(sent.body))
        return serialize_frame(who.version, who.device_id, token, number, sent.body)

    @property
    def _who(self) -> Caller:
        assert self._caller is not None, "hello comes first"
        return self._caller

    # ------------------------------------------------------------------------------------------------------- answers

    def _answered(self, token: int, body: bytes, now: Moment) -> Answer:
        self._head = None
        try:
            response = parse_response(self._version, body)
            return self._meaning(response, token, now)
        except Unanswered as error:
            kind = Kind.LATE if error.is_final else Kind.LOST
            raise Setback(kind, AutonomousReason.NO_CONNECTION, error.cause) from None

    def _meaning(self, response: Response, token: int, now: Moment) -> Answer:
        request, instant = self._asked, self._instant(now)
        assert self._sent is not None, "what is answered was asked"
        if isinstance(request, Hello):
            return greeting_refusal_in(response) or self._welcome(now)
        if not isinstance(request, SubmitDocument):
            return refusal_in(response, self._sent.command) or information_in(response, instant)
        document = self._document
        assert document is not None, "what is answered was asked"
        answer = document_answer(response, self._sent.command, document, request.delivery.autonomous, instant)
        if isinstance(answer, Accepted):
            if not token:
                text = "the document was accepted with no token for the next one"
                raise Unanswered(Said.UNEXPECTED_ANSWER, text)
            waits = self._state.last_number > document.number
            self._book = self._book.accepted(document.number, token, 0 if waits else None)
        else:
            self._book = self._book.refused(document.number)
        return answer


__all__ = ["KzWire"]
