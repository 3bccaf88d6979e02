"""Registers over the Kazakhstan protocol: sockets on one side, exchanges on the other.

The rule: this file decides nothing. It cuts the stream into frames, hands each to the service as an exchange of the
device that its header names, and writes the answers in the order of the requests, whatever order they are ready in. One
connection may bring one request or many, of one device or of several. A header that cannot be right ends the
connection without a word: nothing after it can be trusted, and nobody knows whom to answer.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final, cast

import structlog

from fiscal.domain.messages import TryLater
from fiscal.errors import LocalProtocolError, RemoteProtocolError
from fiscal.protocols.kz.frames import frame_reader, serialize_answer
from fiscal.protocols.kz.header import Header
from fiscal.time import Moment
from ofd_server.accepting import Listener, listen
from ofd_server.core.kz import KzExchange
from ofd_server.core.kz_answers import KzAnswer
from ofd_server.core.kz_desk import Desk
from ofd_server.lane import Session
from ofd_server.ports import Clock
from ofd_server.service import Service

CONNECTIONS_MAX: Final = 20_000
"""Open connections; one more is closed at once. A fleet of ten thousand that reconnects for each request fits twice."""
BACKLOG: Final = 4_096
"""Connections that the kernel holds for us: a whole fleet that returns within a second must not be refused."""
SWEEP_S: Final = 1.0
"""How often limits of time are looked at: one timer for all connections instead of one for each."""
FRAME_LIMIT_S: Final = 10.0
"""From the first byte of a frame to its last; clients give up after 5 to 10 seconds themselves."""
IDLE_LIMIT_S: Final = 900.0
"""Without a whole request: real clients close after each answer, so whoever stays has time, and not for ever."""
FINISH_LIMIT_S: Final = 10.0
"""From the end of the register's half, or a header that cannot be right, to our last answer."""
UNANSWERED_MAX: Final = 64
"""Requests of one connection that wait for their answers; the token of each stands in the answer before it, so an honest
register has one."""
UNANSWERED_SIZE_MAX: Final = 1024 * 1024
"""Bytes of their bodies."""

log = structlog.get_logger(__name__)


class KzGateway:
    """One listener. :meth:`start`, then :meth:`stop_accepting`, then :meth:`close`."""

    def __init__(
        self,
        service: Service,
        desk: Desk,
        clock: Clock,
        connections_max: int = CONNECTIONS_MAX,
        idle_limit_s: float = IDLE_LIMIT_S,
        frame_limit_s: float = FRAME_LIMIT_S,
        conversation: Callable[[KzGateway], KzConversation] | None = None,
    ) -> None:
        self.service = service
        self.desk = desk
        self.clock = clock
        self.connections_max = connections_max
        self.idle_limit_s = idle_limit_s
        self.frame_limit_s = frame_limit_s
        self._conversation = conversation or KzConversation
        self.overhear: Callable[[asyncio.Protocol], asyncio.Protocol] | None = None
        """Puts somebody between a conversation and its socket who hears what passes."""
        self.connections: set[KzConversation] = set()
        self._server: Listener | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self.is_closed = False
        """Whether every connection was closed, and whoever still comes goes."""

    async def start(
        self, host: str, port: int, tls: ssl.SSLContext | None = None, *, together: bool = False
    ) -> tuple[str, int]:
        """Listen, ``together`` with other processes; returns the address in use. :class:`OSError` when it cannot be had."""
        share = True if together else None
        self._server = await listen(self._converse, tls, host=host, port=port, backlog=BACKLOG, reuse_port=share)
        self._sweep()
        bound = self._server.sockets[0].getsockname()
        return bound[0], bound[1]

    def _converse(self) -> asyncio.Protocol:
        conversation = self._conversation(self)
        return conversation if self.overhear is None else self.overhear(conversation)

    def abandon(self) -> None:
        """Abort every connection, and hear nothing more of what was asked over it."""
        for conversation in tuple(self.connections):
            if conversation.session is not None:
                conversation.session.forgotten = True
            conversation.transport.abort()

    def _sweep(self) -> None:
        now = self.clock.monotonic()
        for conversation in tuple(self.connections):
            conversation.look_at_limits(now)
        self._sweeper = asyncio.get_running_loop().call_later(SWEEP_S, self._sweep)

    @property
    def is_listening(self) -> bool:
        """Whether new connections are taken."""
        return self._server is not None and self._server.is_serving()

    def converse_by(self, conversation: Callable[[KzGateway], KzConversation]) -> None:
        """Have conversations of another kind from now on; those that are open go on as such."""
        self._conversation = conversation
        for older in tuple(self.connections):
            conversation(self).take_over(older)

    def stop_accepting(self) -> None:
        """Take no new connection; the open ones go on."""
        if self._server is not None:
            self._server.close()

    async def close(self) -> None:
        """Close every connection after what is waiting to be written."""
        self.is_closed = True
        self.stop_accepting()
        if self._sweeper is not None:
            self._sweeper.cancel()
        for conversation in tuple(self.connections):
            conversation.hang_up()
        await asyncio.sleep(0)


class Owed:
    """A place in the row of answers: what stands before it goes out first."""

    __slots__ = ("data", "exchange", "size")

    def __init__(self, exchange: KzExchange, size: int) -> None:
        self.exchange = exchange
        self.size = size
        self.data: bytes | None = None
        """The frame to write, empty for no answer at all; ``None`` until that is known."""


class KzConversation(asyncio.Protocol):
    """One connection, of whatever devices its frames name."""

    __slots__ = (
        "closing_since",
        "frame_since",
        "gateway",
        "heard_at",
        "owed",
        "reader",
        "service",
        "session",
        "size",
        "transport",
    )

    transport: asyncio.Transport
    session: Session | None
    owed: deque[Owed]
    closing_since: Moment | None
    """When there was nothing more to expect from the register: what it does not read by then is given up."""
    frame_since: Moment | None
    """Since when a frame has begun and is not whole."""

    def __init__(self, gateway: KzGateway) -> None:
        self.gateway = gateway
        self.service = gateway.service
        self.session = None
        self.closing_since = None
        self.frame_since = None
        self.heard_at = gateway.clock.monotonic()
        self.reader = frame_reader()
        self.owed = deque()
        self.size = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        gateway = self.gateway
        if gateway.is_closed:  # it was taken in the last moment
            self.transport.abort()
            return
        if len(gateway.connections) >= gateway.connections_max:
            log.warning("too many connections", limit=gateway.connections_max)
            self.transport.abort()
            return
        gateway.connections.add(self)
        peer = transport.get_extra_info("peername")
        self.session = self.service.session("kz", str(peer), self._superseded)

    def take_over(self, older: KzConversation) -> None:
        """Go on in the place of another conversation; answers that it still waits for, it writes itself."""
        self.transport, self.session, self.reader, self.owed = older.transport, older.session, older.reader, older.owed
        self.closing_since, self.frame_since, self.heard_at = older.closing_since, older.frame_since, older.heard_at
        self.transport.set_protocol(self)
        self.gateway.connections.discard(older)
        self.gateway.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the name is asyncio's
        if self.session is not None:
            self.gateway.connections.discard(self)
            self.service.end(self.session)

    def data_received(self, data: bytes) -> None:
        session = self.session
        if session is None or self.closing_since is not None:
            return
        reader = self.reader
        reader.feed(data)
        try:
            while (frame := reader.next_frame()) is not None:
                self.frame_since = None
                self.heard_at = self.gateway.clock.monotonic()
                self._take(session, *frame)
                if self.closing_since is not None:
                    return
        except RemoteProtocolError as error:
            log.info("protocol broken", peer=session.peer, error=str(error))
            self._finish()
            return
        if not reader.is_amid_frame:
            self.frame_since = None
        elif self.frame_since is None:
            self.frame_since = self.gateway.clock.monotonic()

    def eof_received(self) -> bool:
        if self.session is not None:
            self._finish()
        return True

    def pause_writing(self) -> None:
        """The register does not read its answers: read no more of its requests until it does."""
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        self.transport.resume_reading()

    def look_at_limits(self, now: Moment) -> None:
        """Close a conversation that has been silent, or halfway through a frame, or does not end, for too long."""
        gateway = self.gateway
        if self.closing_since is not None:
            if now - self.closing_since > FINISH_LIMIT_S:
                self.transport.abort()
        elif self.frame_since is not None and now - self.frame_since > gateway.frame_limit_s:
            log.info("connection timed out", awaited="the rest of a frame")
            self._finish()
        elif now - self.heard_at > gateway.idle_limit_s:
            log.info("connection timed out", awaited="a request")
            self._finish()

    def hang_up(self) -> None:
        """Write what is ready and close."""
        self.owed.clear()
        self._finish()

    def _superseded(self, reason: str) -> None:
        """A connection belongs to no register, so none takes it over."""
        raise AssertionError(reason)

    # ------------------------------------------------------------------------------------------------ requests

    def _take(self, session: Session, header: Header, body: bytes) -> None:
        if len(self.owed) >= UNANSWERED_MAX or self.size + len(body) > UNANSWERED_SIZE_MAX:
            log.info("too many requests wait for their answers", peer=session.peer, requests=len(self.owed))
            self._finish()
            return
        owed = Owed(KzExchange(self.gateway.desk, header, body), len(body))
        self.owed.append(owed)
        self.size += owed.size
        self._ask(session, owed)

    def _ask(self, session: Session, owed: Owed) -> None:
        self.service.handle(session, owed.exchange, partial(self.reply, owed))

    def reply(self, owed: Owed, answer: KzAnswer | TryLater | None) -> None:
        """Write the answer in its turn; ``None`` is none at all."""
        if answer is None:
            owed.data = b""
        else:
            exchange = owed.exchange
            said = exchange.later() if isinstance(answer, TryLater) else answer
            try:
                owed.data = serialize_answer(exchange.header, said.token, said.body)
            except LocalProtocolError as error:
                log.warning("an answer was too large", error=str(error))
                said = exchange.failed()
                owed.data = serialize_answer(exchange.header, said.token, said.body)
        self._write()

    def _write(self) -> None:
        """Everything that is ready and has nothing before it that is not."""
        owed = self.owed
        ready = b""
        while owed and (data := owed[0].data) is not None:
            self.size -= owed.popleft().size
            ready = ready + data if ready else data
        if ready and not self.transport.is_closing():
            self.transport.write(ready)
        if self.closing_since is not None and not owed:
            self.transport.close()

    def _finish(self) -> None:
        """Take nothing more; close when everything that came was answered."""
        if self.closing_since is None:
            self.closing_since = self.gateway.clock.monotonic()
        self._write()
