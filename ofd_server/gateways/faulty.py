"""A conversation in which things go wrong on purpose: the shell that obeys a fault plan.

The rule: the plan decides (:mod:`fiscal.faults`), this file only carries out. It asks the run once at each point that a
message passes, and what it cannot do itself (block a register, fill the disk) it hands to ``suffer``.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import struct
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from fiscal.domain.messages import Answer, Hello, Request
from fiscal.errors import LocalProtocolError
from fiscal.faults.answers import ForeignRefusal, alter, command_of, host_effects, instead
from fiscal.faults.effects import Effect, HostEffect, Point
from fiscal.faults.line import Line
from fiscal.faults.plan import Situation
from fiscal.faults.run import FaultRun
from fiscal.faults.wire import Ending, Step, bend, passage
from fiscal.time import Instant
from ofd_server.gateways.tcp import Conversation, TcpGateway
from ofd_server.lane import Session

Suffer = Callable[[HostEffect, str], None]
"""Carries out what a fault does to the whole server, about a register."""

MS: Final = 1000


class _Bent:
    """One direction of the connection: what a line lets through, when it lets it through."""

    def __init__(self, deliver: Callable[[bytes | Ending], None]) -> None:
        self._deliver = deliver
        self._line = Line()
        self._timer: asyncio.TimerHandle | None = None

    def put(self, steps: Iterable[Step]) -> None:
        self._line.put(tuple(steps), asyncio.get_running_loop().time())
        self._pump()

    def _pump(self) -> None:
        loop = asyncio.get_running_loop()
        self.cancel()
        for thing in self._line.take(loop.time()):
            self._deliver(thing)
        moment = self._line.deadline()
        if moment is not None:
            self._timer = loop.call_at(moment, self._pump)

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class FaultyConversation(Conversation):
    """A connection of a register under a fault plan. Pass ``partial(FaultyConversation, run, suffer)`` to a gateway."""

    def __init__(self, run: FaultRun, suffer: Suffer, gateway: TcpGateway) -> None:
        super().__init__(gateway)
        self._run = run
        self._suffer = suffer
        self._inbound = _Bent(self._come_in)
        self._outbound = _Bent(self._go_out)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self.session is not None:
            way = passage(self._run.applied(Point.ON_CONNECT, self._situation("", 0)))
            if not way.goes_on:
                self._outbound.put(way.steps)

    def connection_lost(self, exc: Exception | None) -> None:
        self._inbound.cancel()
        self._outbound.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._run.watches(Point.BEFORE_PARSE):
            self._come_in(data)
            return
        self._inbound.put(bend(data, self._run.applied(Point.BEFORE_PARSE, self._situation("", 0))))

    def _come_in(self, thing: bytes | Ending) -> None:
        if isinstance(thing, Ending):
            self._end(thing)
        else:
            self.take_in(thing)

    def _ask(self, session: Session, number: int, request: Request) -> None:
        began = asyncio.get_running_loop().time()
        register = request.register if isinstance(request, Hello) else None
        situation = self._situation(command_of(request), 0, register)
        effects = self._run.applied(Point.BEFORE_COMMIT, situation)
        self._hand_on(effects, situation.register)
        way = passage(effects)
        reply = partial(self._reply_to, request, began)
        if not way.goes_on:
            self._outbound.put(way.steps)
            return
        other = instead(effects)
        decide: Callable[[], None]
        if other is not None:
            decide = partial(reply, number, other.plain if isinstance(other, ForeignRefusal) else other)
        else:
            decide = partial(self.service.handle, session, request, partial(reply, number))
        if way.delay_ms:
            asyncio.get_running_loop().call_later(way.delay_ms / MS, decide)
        else:
            decide()

    def _reply_to(self, request: Request, began: float, number: int, answer: Answer | None) -> None:
        if answer is None or self.transport.is_closing():
            return
        elapsed_ms = round((asyncio.get_running_loop().time() - began) * MS)
        situation = self._situation(command_of(request), elapsed_ms)
        effects = self._run.applied(Point.AFTER_COMMIT, situation)
        half = self._run.applied(Point.HALF_ANSWER, situation)
        after = self._run.applied(Point.AFTER_ANSWER, situation)
        self._hand_on((*effects, *after), situation.register)
        outgoing = alter(answer, effects)
        changed = outgoing.reply.plain if isinstance(outgoing.reply, ForeignRefusal) else outgoing.reply
        try:
            sent = self.connection.send_answer(number, changed, self.gateway.clock.monotonic())
        except LocalProtocolError:
            return  # the session ended while the answer was held back
        if not sent:
            return
        chunks = self.connection.data_to_send()
        if outgoing.number_offset and chunks:
            protocol = self.gateway.protocol
            wrong = number
            for _ in range(outgoing.number_offset):
                wrong = protocol.number_after(wrong)
            chunks[0] = protocol.serialize(changed, wrong)
        self._outbound.put(bend(b"".join(chunks), effects, half))
        self._outbound.put(bend(b"", after))
        if chunks and chunks[-1] == b"":
            self._close()
        elif not self.is_taking:
            self.take_events()

    def _write(self) -> None:
        """What the connection says by itself (a refusal of garbage, its end) passes the line too, in its order."""
        chunks = self.connection.data_to_send()
        if not chunks or self.transport.is_closing():
            return
        data = b"".join(chunks)
        if data:
            self._outbound.put(bend(data))
        if chunks[-1] == b"":
            self._close()

    def _close(self) -> None:
        self.closing_since = self.gateway.clock.monotonic()
        self.transport.close()

    def _go_out(self, thing: bytes | Ending) -> None:
        if self.transport.is_closing():
            return
        if isinstance(thing, Ending):
            self._end(thing)
        else:
            self.transport.write(thing)

    def _end(self, ending: Ending) -> None:
        match ending:
            case Ending.STALL:
                self.transport.pause_reading()
            case Ending.HALF_CLOSE:
                self.transport.write_eof()
            case Ending.RESET:
                raw = self.transport.get_extra_info("socket")
                if raw is not None:
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.transport.abort()
            case Ending.CRASH:
                os.kill(os.getpid(), signal.SIGKILL)

    def _hand_on(self, effects: Iterable[Effect], register: str) -> None:
        for effect in host_effects(effects):
            self._suffer(effect, register)

    def _situation(self, command: str, elapsed_ms: int, register: str | None = None) -> Situation:
        known = self.session.register_id if self.session is not None else None
        now: Instant = self.gateway.clock.now()
        limit_ms = round(self.service.answer_timeout_s * MS)
        return Situation(
            register or known or "", self.gateway.protocol.name, command, now, elapsed_ms, answer_limit_ms=limit_ms
        )
