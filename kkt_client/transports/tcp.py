"""The native protocol over TCP: bytes between a socket and a :class:`fiscal.session.connection.Connection`.

The rule: this shell moves bytes and wakes up when it is told to; what an answer is, and whether it is late, the session
decides.
"""

from __future__ import annotations

import asyncio
from typing import Final, cast

from fiscal.domain.messages import Answer, Request
from fiscal.errors import LocalProtocolError
from fiscal.protocols.base import AnyProtocol
from fiscal.protocols.content import CONTENT_SIZE_MAX
from fiscal.protocols.native.codec import NATIVE
from fiscal.session.connection import Connection
from fiscal.session.events import AnswerOverdue, AnswerReceived, Event, PeerClosed, ProtocolBroken
from fiscal.session.limits import SessionLimits
from fiscal.session.state import Role
from kkt_client.core.saying import Cause, Said
from kkt_client.ports import PLAIN, UNOPENED, AnswerLate, Clock, NoConnection, cause_of_connecting

TICK_S: Final = 0.001
"""A limit is looked at so much after it: no earlier than the clock can tell that it has passed."""


class TcpTransport:
    """The way to the operator at ``host``:``port``."""

    terms = PLAIN

    def __init__(
        self, host: str, port: int, clock: Clock, answer_limit_s: float, protocol: AnyProtocol = NATIVE
    ) -> None:
        self.protocol = protocol.name
        self.content_size_max = CONTENT_SIZE_MAX
        self._host = host
        self._port = port
        self._clock = clock
        self._wire = protocol
        self._limits = SessionLimits(answer_limit_s=answer_limit_s)

    async def connect(self) -> TcpLink:
        loop = asyncio.get_running_loop()
        try:
            _, link = await loop.create_connection(self._link, self._host, self._port)
        except OSError as error:
            why = error.strerror or str(error)
            cause = cause_of_connecting(error, f"{self._host}:{self._port}: {why}")
            raise NoConnection(cause, was_open=False) from None
        return link

    def _link(self) -> TcpLink:
        return TcpLink(Connection(Role.REGISTER, self._wire, self._clock.monotonic(), self._limits), self._clock)

    async def close(self) -> None:
        """Links share nothing."""


class TcpLink(asyncio.Protocol):
    """One connection. One request at a time."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._gone: Cause | None = UNOPENED

    # ------------------------------------------------------------------------------------------------- the port

    @property
    def is_open(self) -> bool:
        return self._gone is None

    async def request(self, request: Request) -> Answer:
        if self._gone is not None or self._transport is None:
            raise NoConnection(self._gone or UNOPENED, was_open=True)
        self._answer = asyncio.get_running_loop().create_future()
        try:
            self._connection.send_request(request, self._clock.monotonic())
            self._write()
            self._set_alarm()
            return await self._answer
        except LocalProtocolError as error:
            self.close()
            cause = Cause(Said.CANNOT_BE_SENT, f"the session does not allow it: {error}")
            raise NoConnection(cause, was_open=True) from None
        except BaseException:
            self.close()
            raise
        finally:
            self._answer = None
            self._stop_alarm()

    def close(self) -> None:
        self._end(Said.CONNECTION_LOST, "the connection was closed")

    # ------------------------------------------------------------------------------------------- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's transport is one without being its child
        self._gone = None

    def data_received(self, data: bytes) -> None:
        self._connection.receive_data(data, self._clock.monotonic())
        self._take_events()

    def eof_received(self) -> None:
        self._connection.receive_eof(self._clock.monotonic())
        self._take_events()
        self._end(Said.CONNECTION_LOST, "the operator closed the connection")

    def connection_lost(self, error: Exception | None) -> None:
        why = f"the connection broke: {error}" if error else "the connection is closed"
        self._end(Said.CONNECTION_LOST, why)

    # ------------------------------------------------------------------------------------------------ small parts

    def _write(self) -> None:
        assert self._transport is not None
        for data in self._connection.data_to_send():
            self._transport.write(data)
        self._connection.sent(self._clock.monotonic())

    def _take_events(self) -> None:
        while (event := self._connection.next_event()) is not None:
            self._take(event)

    def _take(self, event: Event) -> None:
        match event:
            case AnswerReceived(message=answer):
                # One request at a time, and a late one has closed the link: the answer can only be to this one.
                if self._answer is not None and not self._answer.done():
                    self._answer.set_result(answer)
            case AnswerOverdue():
                self._fail(AnswerLate())
            case ProtocolBroken(error):
                self._end(Said.PROTOCOL_BROKEN, f"the operator does not keep to the protocol: {error}")
            case PeerClosed():
                self._end(Said.CONNECTION_LOST, "the operator closed the connection")
            case _:
                raise AssertionError(f"a register gets no {type(event).__name__}")

    def _set_alarm(self) -> None:
        deadline = self._connection.deadline()
        if deadline is not None:
            delay = max(0.0, deadline - self._clock.monotonic()) + TICK_S
            self._alarm = asyncio.get_running_loop().call_later(delay, self._ring)

    def _stop_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _ring(self) -> None:
        self._connection.handle_deadline(self._clock.monotonic())
        self._take_events()
        if self._answer is not None and not self._answer.done():
            self._set_alarm()

    def _fail(self, error: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)

    def _end(self, said: Said, why: str) -> None:
        if self._gone is not None:
            return
        self._gone = Cause(said, why)
        asking = self._answer is not None
        self._fail(NoConnection(self._gone, was_open=True))
        if self._transport is not None:
            # Nobody waits for a farewell that may never be read; where nothing is on its way, it is said politely.
            if asking:
                self._transport.abort()
            else:
                self._transport.close()
