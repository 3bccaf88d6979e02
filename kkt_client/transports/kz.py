"""The Kazakhstan protocol over TCP: a question and its answer at a time, by the numbers that the notebook keeps.

The rule: what has a token and a request number was noted before it comes here, so nothing is sent that is not durable
(:class:`kkt_client.ports.Notebook`); an answer is the frame that repeats version, device and number of the request, and
any other is waited past. Hello is no message of this protocol: connecting is enough where a document is about to follow,
and only a register that comes back with nothing in doubt, or whose token was refused, asks first whether the operator is
there (COMMAND_SYSTEM). Offline periods and status reports are no messages either: the first go along with every message,
the second stay here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, NamedTuple, cast

from fiscal.domain.document import Delivery, Document, DocumentKind, Void
from fiscal.domain.messages import (
    Accepted,
    Answer,
    AskInformation,
    Blocked,
    Hello,
    Noted,
    Ping,
    RefusalCode,
    Refused,
    ReportOfflinePeriod,
    ReportStatus,
    Request,
    SubmitDocument,
    Welcome,
)
from fiscal.domain.register import RegisterProfile
from fiscal.errors import FiscalError, LocalProtocolError, RemoteProtocolError
from fiscal.protocols.content import CONTENT_SIZE_MAX, decode_content
from fiscal.protocols.kz.codes import Command
from fiscal.protocols.kz.frames import answers, frame_reader, serialize_frame
from fiscal.protocols.kz.header import Header, Version
from fiscal.protocols.kz.messages import Response, parse_response
from fiscal.time import Instant, Moment
from kkt_client.config import KZ_RECONNECT_S
from kkt_client.core import kz_book
from kkt_client.core.dossier import Dossier
from kkt_client.core.kz_book import Book
from kkt_client.core.kz_messages import (
    Caller,
    Sent,
    Unanswered,
    check_carried,
    document_answer,
    document_request,
    greeting_refusal_in,
    information_in,
    names_block,
    question,
    refusal_in,
)
from kkt_client.core.saying import Cause, Said
from kkt_client.ports import UNOPENED, AnswerLate, Clock, NoConnection, Standing, Terms, cause_of_connecting

TICK_S: Final = 0.001
"""A timer ends the waiting so much after the limit; whether the answer was in time, the clock says."""


class KzNotebook:
    """The tokens and request numbers of one register. Implements :class:`kkt_client.ports.Notebook`."""

    def __init__(self) -> None:
        self._book: Book | None = None
        self._made: tuple[bytes, Book] | None = None
        self._received: tuple[int, int] | None = None
        self._away_since: Instant | None = None
        self.asks: Command | None = None
        """What the next question is."""
        self.behind: Dossier | None = None
        """What is sent next if all goes well."""

    @property
    def book(self) -> Book:
        """What is durable."""
        assert self._book is not None, "opened() comes first"
        return self._book

    def away(self, now: Instant) -> tuple[Instant, Instant] | None:
        """How long the register has been without the operator when it comes back now."""
        if self._away_since is None:
            return self.book.away
        return self.book.told(self._away_since, max(self._away_since, now)).away

    def received(self, number: int, token: int) -> None:
        """The answer to this document brought this token."""
        self._received = (number, token)

    # ------------------------------------------------------------------------------------------------- the port

    def opened(self, notes: bytes, token: str) -> None:
        self._book = kz_book.read(notes) if notes else kz_book.first_book(token)

    def kept(self, notes: bytes) -> None:
        made = self._made
        self._book = made[1] if made is not None and made[0] == notes else kz_book.read(notes)

    def greeting(self, standing: Standing) -> bytes | None:
        self._away_since = standing.away_since
        in_doubt = self.book.document != 0
        if not standing.is_rejected and (in_doubt or standing.away_since is None):
            self.asks = None
            return None
        return self._asking(Command.SYSTEM)

    def asking(self, *, is_blocked: bool) -> bytes | None:
        return self._asking(Command.SYSTEM if is_blocked else Command.INFO)

    def _asking(self, command: Command) -> bytes:
        self.asks = command
        return self._written(self.book.asking())

    def sending(self, number: int, kind: DocumentKind) -> bytes | None:
        if kind is DocumentKind.VOID:
            return None
        return self._changed(self.book.sending(number))

    def foresees(self, behind: Dossier | None) -> None:
        self.behind = behind

    def answered(self, number: int, answer: Answer, behind: Dossier | None) -> bytes | None:
        if not isinstance(answer, Accepted):
            return self._changed(self.book.refused(number))
        token = self._received[1] if self._received is not None and self._received[0] == number else None
        following = None
        if behind is not None:
            following = 0 if behind.kind is DocumentKind.VOID else behind.number
        return self._changed(self.book.accepted(number, token, following))

    def told(self, period: ReportOfflinePeriod) -> bytes | None:
        self._away_since = None
        return self._changed(self.book.told(period.begin, period.end))

    def entrusted(self, token: str) -> bytes | None:
        return self._written(self.book.entrusted(kz_book.token_of(token)))

    def _changed(self, book: Book) -> bytes | None:
        return None if book == self._book else self._written(book)

    def _written(self, book: Book) -> bytes:
        """The book as bytes, and what they mean, for when they are kept."""
        notes = kz_book.write(book)
        self._made = notes, book
        return notes


class KzTransport:
    """The way to the operator at ``host``:``port`` in messages of ``version`` (202 or 203).

    ``operator_name`` is what the operator is called: it does not say so itself.
    """

    protocol = "kz"
    content_size_max = CONTENT_SIZE_MAX

    def __init__(
        self,
        host: str,
        port: int,
        clock: Clock,
        answer_limit_s: float,
        *,
        version: int = Version.V203,
        reconnect_s: float = KZ_RECONNECT_S,
        operator_name: str = "",
    ) -> None:
        self.clock = clock
        self.answer_limit_s = answer_limit_s
        self.version = version
        self.operator_name = operator_name
        self.notebook = KzNotebook()
        self.terms = Terms(notebook=self.notebook, check=self._check, reconnect_s=reconnect_s, knocks_on=True)
        self.unexplained_block = 0
        """The document that was answered with code 15 and no word of a block, 0 for none."""
        self._host = host
        self._port = port

    def _check(self, document: Document, profile: RegisterProfile) -> None:
        check_carried(document, profile, self.version)

    async def connect(self) -> KzLink:
        return KzLink(self, await self.dial())

    async def dial(self) -> KzWire:
        """A connection of its own; :class:`NoConnection` when there is none to be had."""
        try:
            loop = asyncio.get_running_loop()
            _, wire = await loop.create_connection(lambda: KzWire(self.clock), self._host, self._port)
        except OSError as error:
            why = error.strerror or str(error)
            cause = cause_of_connecting(error, f"{self._host}:{self._port}: {why}")
            raise NoConnection(cause, was_open=False) from None
        return wire

    async def close(self) -> None:
        """Links share nothing but the notebook."""


class KzLink:
    """A conversation. One request at a time."""

    def __init__(self, transport: KzTransport, wire: KzWire) -> None:
        self._transport = transport
        self._notebook = transport.notebook
        self._clock = transport.clock
        self._wire = wire
        self._closed = False
        self._hello: Hello | None = None
        self._ready: Ready | None = None

    @property
    def is_open(self) -> bool:
        return not self._closed and self._wire.gone is None

    def close(self) -> None:
        self._closed = True
        self._wire.end(Cause(Said.CONNECTION_LOST, "the connection was closed"))

    async def request(self, request: Request) -> Answer:
        """As the port says; what carries a number has been noted before."""
        if not self.is_open:
            over = Cause(Said.CONNECTION_LOST, "the conversation is over")
            raise NoConnection(self._wire.gone or over, was_open=True)
        try:
            return await self._answer(request)
        except Unanswered as error:
            self.close()
            raise NoConnection(error.cause, was_open=True, is_final=error.is_final) from None
        except LocalProtocolError as error:
            self.close()
            cause = Cause(Said.CANNOT_BE_SENT, f"this cannot be sent: {error}")
            raise NoConnection(cause, was_open=True, is_final=True) from None
        except BaseException:
            self.close()
            raise

    async def _answer(self, request: Request) -> Answer:
        match request:
            case Hello():
                self._hello = request
                return await self._greet(request)
            case SubmitDocument():
                return await self._submit(request)
            case AskInformation():
                return await self._inform()
            case ReportOfflinePeriod() | ReportStatus() | Ping():
                return Noted(at=self._clock.now())

    # ------------------------------------------------------------------------------------------------- requests

    @property
    def _caller(self) -> Caller:
        hello = self._hello
        if hello is None or hello.profile is None:
            raise LocalProtocolError("hello comes first")
        return Caller(self._transport.version, kz_book.device_id_of(hello.register), hello.profile)

    async def _greet(self, hello: Hello) -> Answer:
        """What a welcome says of memories, this protocol does not say: both are taken to agree."""
        if self._notebook.asks is not None:
            response = await self._ask()
            refusal = greeting_refusal_in(response)
            if refusal is not None:
                return refusal
        return Welcome(at=self._clock.now(), operator=self._transport.operator_name, last_number=hello.accepted_number)

    async def _inform(self) -> Answer:
        command = self._notebook.asks
        response = await self._ask()
        assert command is not None, "a question was noted"
        refusal = refusal_in(response, command)
        if refusal is not None:
            return refusal
        return information_in(response, self._clock.now())

    async def _ask(self) -> Response:
        """The question that was noted."""
        notebook, now = self._notebook, self._clock.now()
        command, notebook.asks = notebook.asks, None
        if command is None:
            raise LocalProtocolError("the question has no request number")
        sent = question(self._caller, command, now, notebook.away(now))
        _, response = await self._exchange(sent, notebook.book.number)
        return response

    async def _submit(self, request: SubmitDocument) -> Answer:
        book, delivery = self._notebook.book, request.delivery
        ready = self._made_ready(request.content, delivery)
        document = ready.document
        if isinstance(document, Void):
            return Accepted(number=document.number, at=self._clock.now())
        if book.document != document.number:
            raise LocalProtocolError(f"document {document.number} has no request number")
        sent = ready.sent or document_request(self._caller, document, delivery, book.away)
        meanwhile = None if self._notebook.behind is None else self._make_ready
        token, response = await self._exchange(sent, book.document_number, meanwhile)
        answer = document_answer(response, sent.command, document, delivery.autonomous, self._clock.now())
        if isinstance(answer, Accepted):
            if token == 0:
                text = "the document was accepted with no token for the next one"
                raise Unanswered(Said.UNEXPECTED_ANSWER, text)
            self._notebook.received(document.number, token)
        return self._told_apart(answer, response, document.number)

    def _make_ready(self) -> None:
        """Compose what is sent next: the operator needs its time for what was sent just now anyway."""
        behind, away = self._notebook.behind, self._notebook.book.away
        self._ready = None
        if behind is None or self._closed or behind.kind is DocumentKind.VOID:
            return  # it may have come to an end before its turn
        try:
            document = decode_content(behind.content)
            sent = document_request(self._caller, document, behind.delivery, away)
        except FiscalError:  # what is wrong with it is told when its turn has come
            return
        self._ready = Ready(behind.content, behind.delivery, away, document, sent)

    def _made_ready(self, content: bytes, delivery: Delivery) -> Ready:
        """What was composed ahead, if it is this and nothing of it has changed; else the document alone."""
        ready, away = self._ready, self._notebook.book.away
        self._ready = None
        if ready is not None and (ready.content, ready.delivery, ready.away) == (content, delivery, away):
            return ready
        return Ready(content, delivery, away, decode_content(content), None)

    def _told_apart(self, answer: Answer, response: Response, number: int) -> Answer:
        """Code 15 is a block, or a parameter that is missing in this document: the second time it must be that."""
        transport = self._transport
        if not isinstance(answer, Blocked) or names_block(response):
            transport.unexplained_block = 0
        elif transport.unexplained_block == number:
            text = "15 BLOCKED, and no block: a mandatory parameter is missing"
            return Refused(code=RefusalCode.BAD_REQUEST, text=f"{text}: {response.result.result_text}"[:1024])
        else:
            transport.unexplained_block = number
        return answer

    # ------------------------------------------------------------------------------------------------ exchanges

    async def _exchange(
        self, sent: Sent, number: int, meanwhile: Callable[[], None] | None = None
    ) -> tuple[int, Response]:
        """The token and the response to a request; ``meanwhile`` is done once it is on its way.

        A connection that was used before and dies without a word was closed by the operator meanwhile, as it may be
        after each answer: then the same bytes go over a new one.
        """
        caller = self._caller
        token = self._notebook.book.token
        frame = serialize_frame(caller.version, caller.device_id, token, number, sent.body)
        head = Header(caller.version, caller.device_id, token, number, len(sent.body))
        limit_s = self._transport.answer_limit_s
        try:
            reply = await self._wire.ask(frame, head, limit_s, meanwhile)
        except NoConnection:
            if self._closed or not self._wire.was_used or self._wire.is_amid_answer:
                raise
            self._wire = await self._transport.dial()
            reply = await self._wire.ask(frame, head, limit_s)
        try:
            return reply.token, parse_response(caller.version, reply.body)
        except RemoteProtocolError as error:
            raise Unanswered(Said.PROTOCOL_BROKEN, f"the answer cannot be read: {error}") from None


class Ready(NamedTuple):
    """A document and what was composed of it, ``None`` when nothing was yet, under these circumstances."""

    content: bytes
    delivery: Delivery
    away: tuple[Instant, Instant] | None
    document: Document
    sent: Sent | None


class Reply(NamedTuple):
    """A whole answer: the token in its header, its body, and when its last byte was there."""

    token: int
    body: bytes
    at: Moment


class KzWire(asyncio.Protocol):
    """One connection: frames out, frames in."""

    def __init__(self, clock: Clock) -> None:
        self.gone: Cause | None = UNOPENED
        """Why there is no connection; empty while there is one."""
        self.was_used = False
        """Whether a request was answered here before the one that is asked now."""
        self._clock = clock
        self._reader = frame_reader()
        self._head: Header | None = None
        self._reply: asyncio.Future[Reply] | None = None
        self._transport: asyncio.Transport | None = None

    @property
    def is_amid_answer(self) -> bool:
        """Whether a part of an answer is there."""
        return self._reader.is_amid_frame

    async def ask(
        self, frame: bytes, head: Header, limit_s: float, meanwhile: Callable[[], None] | None = None
    ) -> Reply:
        """Write, and wait for the answer to this header until the limit; exactly at its end is in time."""
        if self.gone is not None or self._transport is None:
            raise NoConnection(self.gone or UNOPENED, was_open=True)
        self._head = head
        loop = asyncio.get_running_loop()
        self._reply = loop.create_future()
        try:
            self._transport.write(frame)
            begun = self._clock.monotonic()
            if meanwhile is not None:
                loop.call_soon(meanwhile)  # some loops write at the end of their turn
            async with asyncio.timeout(limit_s + TICK_S):
                reply = await self._reply
        except TimeoutError:
            late = AnswerLate()
            self.end(late.cause)
            raise late from None
        finally:
            self._reply = None
        if reply.at - begun > limit_s:
            late = AnswerLate()
            self.end(late.cause)
            raise late
        self.was_used = True
        return reply

    def end(self, why: Cause) -> None:
        """Close at once; whoever waits for an answer learns why. May be called again."""
        if self.gone is not None:
            return
        self.gone = why
        asking = self._reply is not None
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(NoConnection(why, was_open=True))
        if self._transport is not None:
            # Nobody waits for a farewell that may never be read; where nothing is on its way, it is said politely.
            if asking:
                self._transport.abort()
            else:
                self._transport.close()

    # ------------------------------------------------------------------------------------------- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.gone = None

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        try:
            while (frame := self._reader.next_frame()) is not None:
                self._take(*frame)
        except RemoteProtocolError as error:
            self.end(Cause(Said.PROTOCOL_BROKEN, f"the operator does not keep to the protocol: {error}"))

    def eof_received(self) -> None:
        self.end(Cause(Said.CONNECTION_LOST, "the operator closed the connection"))

    def connection_lost(self, error: Exception | None) -> None:
        why = f"the connection broke: {error}" if error else "the connection is closed"
        self.end(Cause(Said.CONNECTION_LOST, why))

    def _take(self, header: Header, body: bytes) -> None:
        """An answer to another request is a stale or a foreign one: the right one may stand behind it."""
        reply, head = self._reply, self._head
        if reply is not None and head is not None and answers(header, head) and not reply.done():
            reply.set_result(Reply(header.token, body, self._clock.monotonic()))
