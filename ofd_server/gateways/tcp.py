"""Registers over TCP: sockets on one side, :class:`fiscal.session.Connection` on the other.

The rule: this file decides nothing. It feeds bytes to the connection, hands requests to the service, and writes what
the connection wants written. A bad client costs its own connection and nothing else.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from functools import partial
from typing import Final, cast

from fiscal.domain.messages import Answer, RefusalCode, Refused, Request, SubmitDocument
from fiscal.errors import LocalProtocolError
from fiscal.protocols.base import AnyProtocol, refusal_of
from fiscal.session.connection import Connection
from fiscal.session.events import IdleTimedOut, PeerClosed, ProtocolBroken, RequestReceived, RequestRejected
from fiscal.session.limits import DEFAULT_LIMITS, SessionLimits
from fiscal.session.state import Role
from fiscal.time import Moment
from ofd_server.accepting import Listener, listen
from ofd_server.defects import WatchedLog
from ofd_server.lane import Reply, Session
from ofd_server.ports import Clock
from ofd_server.service import Service

CONNECTIONS_MAX: Final = 20_000
"""Open connections of one listener; one more is closed at once. Ten thousand registers may hold two each for a while."""
BACKLOG: Final = 4_096
"""Connections that the kernel holds for us: a whole fleet that returns within a second must not be refused."""
SWEEP_S: Final = 1.0
"""How often limits of time are looked at: one timer for all connections instead of one for each."""

_TOO_LARGE: Final = Refused(code=RefusalCode.TOO_LARGE, text="the answer does not fit into a frame")

log = WatchedLog(__name__)


class TcpGateway:
    """One listener of one protocol. :meth:`start`, then :meth:`stop_accepting`, then :meth:`close`."""

    def __init__(
        self,
        service: Service,
        protocol: AnyProtocol,
        clock: Clock,
        limits: SessionLimits = DEFAULT_LIMITS,
        connections_max: int = CONNECTIONS_MAX,
        conversation: Callable[[TcpGateway], Conversation] | None = None,
    ) -> None:
        self.service = service
        self.protocol = protocol
        self.clock = clock
        self.limits = limits
        self.connections_max = connections_max
        self._conversation = conversation or Conversation
        self.overhear: Callable[[asyncio.Protocol], asyncio.Protocol] | None = None
        """Puts somebody between a conversation and its socket who hears what passes."""
        self.connections: set[Conversation] = set()
        self._server: Listener | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self.is_closed = False
        """Whether every connection was closed, and whoever still comes goes."""
        self._read: list[tuple[Conversation, bytes]] = []
        self._answered: list[Conversation] = []

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

    def put_by(self, conversation: Conversation, data: bytes) -> None:
        """Keep what was read until everything is read that came in this turn of the loop.

        Between two reads lies the kernel; without it the same few steps for each frame take a sixth less time.
        """
        if not self._read:
            asyncio.get_running_loop().call_soon(self.take_in)
        self._read.append((conversation, data))

    def take_in(self) -> None:
        """Take everything that was read: one step for all, then the next."""
        read, self._read = self._read, []
        now = self.clock.monotonic()
        documents: list[tuple[Session, SubmitDocument, Reply]] = []
        others: list[Conversation] = []
        for conversation, data in read:
            connection = conversation.connection
            found = connection.receive_document(data, now)
            if found is None:
                connection.receive_data(data, now)
                others.append(conversation)
            else:
                session = conversation.session
                assert session is not None, "what it says is put by from then on"
                documents.append((session, found[1], partial(conversation.reply, found[0])))
        if documents:
            self.service.handle_documents(documents)
        for conversation in others:
            try:
                conversation.take_events()
            except Exception:  # whatever is wrong with one connection, the others of this turn are served
                log.exception("a connection failed", protocol=self.protocol.name)
                conversation.transport.abort()

    def write_soon(self, conversation: Conversation) -> None:
        """Let it write its answer when every answer of this turn is packed."""
        if not self._answered:
            asyncio.get_running_loop().call_soon(self._write_out)
        self._answered.append(conversation)

    def _write_out(self) -> None:
        answered, self._answered = self._answered, []
        for conversation in answered:
            if conversation.connection.has_events:
                conversation.take_events()
            else:
                conversation.write()

    def _sweep(self) -> None:
        self.take_in()
        now = self.clock.monotonic()
        for conversation in tuple(self.connections):
            conversation.look_at_limits(now)
        self._sweeper = asyncio.get_running_loop().call_later(SWEEP_S, self._sweep)

    @property
    def is_listening(self) -> bool:
        """Whether new connections are taken."""
        return self._server is not None and self._server.is_serving()

    def converse_by(self, conversation: Callable[[TcpGateway], Conversation]) -> None:
        """Have conversations of another kind from now on; those that are open go on as such."""
        self._conversation = conversation
        for older in tuple(self.connections):
            conversation(self).take_over(older)

    def sever(self, register_id: str) -> None:
        """Abort the connections of a register, as if its cable was pulled."""
        for conversation in tuple(self.connections):
            session = conversation.session
            if session is not None and session.register_id == register_id:
                conversation.transport.abort()

    def abandon(self) -> None:
        """Abort every connection, and hear nothing more of what was asked over it."""
        for conversation in tuple(self.connections):
            if conversation.session is not None:
                conversation.session.forgotten = True
            conversation.transport.abort()

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
        self.take_in()
        for conversation in tuple(self.connections):
            conversation.hang_up()
        await asyncio.sleep(0)


class Conversation(asyncio.Protocol):
    """One connection of a register."""

    __slots__ = ("closing_since", "connection", "gateway", "is_taking", "service", "session", "transport")

    transport: asyncio.Transport
    connection: Connection
    session: Session | None
    closing_since: Moment | None
    """When we wanted to close: what the register does not read by then keeps the connection for a while."""
    is_taking: bool
    """Whether events are being taken: an answer that is there at once is written behind the others, without a call for
    each on top of the last."""

    def __init__(self, gateway: TcpGateway) -> None:
        self.gateway = gateway
        self.service = gateway.service
        self.session = None
        self.closing_since = None
        self.is_taking = False

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
        self.connection = Connection(Role.OPERATOR, gateway.protocol, gateway.clock.monotonic(), gateway.limits)
        peer = transport.get_extra_info("peername")
        self.session = self.service.session(gateway.protocol.name, str(peer), self._superseded)

    def take_over(self, older: Conversation) -> None:
        """Go on in the place of another conversation; answers that it still waits for, it writes itself."""
        self.gateway.take_in()
        self.transport, self.session, self.connection = older.transport, older.session, older.connection
        self.closing_since = older.closing_since
        if self.session is not None:
            self.session.close = self._superseded
        self.transport.set_protocol(self)
        self.gateway.connections.discard(older)
        self.gateway.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the name is asyncio's
        self.gateway.take_in()
        if self.session is not None:
            self.gateway.connections.discard(self)
            self.service.end(self.session)

    def data_received(self, data: bytes) -> None:
        if self.session is not None:
            self.gateway.put_by(self, data)

    def take_in(self, data: bytes) -> None:
        """Take what was read, at once."""
        if self.session is not None:
            self.connection.receive_data(data, self.gateway.clock.monotonic())
            self.take_events()

    def eof_received(self) -> bool:
        self.gateway.take_in()
        if self.session is not None:
            self.connection.receive_eof(self.gateway.clock.monotonic())
            self.take_events()
        return True

    def pause_writing(self) -> None:
        """The register does not read its answers: read no more of its requests until it does."""
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        self.transport.resume_reading()

    def look_at_limits(self, now: Moment) -> None:
        """Close a conversation that has been silent, or halfway through a frame, or does not end, for too long."""
        if self.closing_since is not None:
            if now - self.closing_since > self.gateway.limits.finish_limit_s:
                self.transport.abort()
            return
        deadline = self.connection.deadline()
        if deadline is not None and deadline <= now:
            self.connection.handle_deadline(now)
            self.take_events()

    def hang_up(self) -> None:
        """Write what is to be written and close."""
        if self.session is not None:
            self.connection.close()
            self.write()

    def _superseded(self, reason: str) -> None:
        log.info("session superseded", peer=self.session.peer if self.session else "", reason=reason)
        self.hang_up()

    def take_events(self) -> None:
        connection = self.connection
        session = self.session
        assert session is not None
        self.is_taking = True
        while (event := connection.next_event()) is not None:
            match event:
                case RequestReceived():
                    self._ask(session, event.number, event.message)
                case RequestRejected():
                    connection.send_answer(event.number, refusal_of(event.error), event.received_at)
                case ProtocolBroken():
                    log.info("protocol broken", peer=session.peer, error=str(event.error))
                case IdleTimedOut():
                    log.info("connection timed out", peer=session.peer, awaited=event.awaited)
                case PeerClosed():
                    pass
        self.is_taking = False
        self.write()

    def _ask(self, session: Session, number: int, request: Request) -> None:
        self.service.handle(session, request, partial(self.reply, number))

    def reply(self, number: int, answer: Answer | None) -> None:
        """Answer a request; what is answered is written when every answer of this turn is packed."""
        if answer is None or self.transport.is_closing():
            return
        now = self.gateway.clock.monotonic()
        try:
            sent = self.connection.send_answer(number, answer, now)
        except LocalProtocolError as error:
            log.warning("an answer was too large", error=str(error))
            sent = self.connection.send_answer(number, _TOO_LARGE, now)
        if sent and not self.is_taking:
            self.gateway.write_soon(self)

    def write(self) -> None:
        """Write what the connection wants written."""
        chunks = self.connection.data_to_send()
        if not chunks or self.transport.is_closing():
            return
        ends = chunks[-1] == b""
        data = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        if data:
            self.transport.write(data)
        if ends:
            self.closing_since = self.gateway.clock.monotonic()
            self.transport.close()
