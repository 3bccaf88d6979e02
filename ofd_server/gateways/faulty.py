"""A conversation in which things go wrong on purpose: the shell that obeys a fault plan.

The rule: the plan decides (:mod:`fiscal.faults`), this file only carries out. It asks the run once at each point that a
message passes, and what it cannot do itself (block a register, fill the disk, die) it asks of its host.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial

from fiscal.domain.messages import Answer, Hello, Request
from fiscal.errors import LocalProtocolError
from fiscal.faults.answers import ForeignRefusal, alter, command_of, instead, shifted
from fiscal.faults.effects import Effect, Point
from fiscal.faults.plan import Situation
from fiscal.faults.run import FaultRun
from fiscal.faults.wire import Chunk, Ending, bend, passage
from fiscal.protocols.splitting import Piece
from fiscal.time import Instant, Moment
from ofd_server.gateways.bending import MS, Arrivals, Bent, Host, Turns, hand_on, pass_on
from ofd_server.gateways.tcp import Conversation, TcpGateway
from ofd_server.lane import Session


class FaultyConversation(Conversation):
    """A connection of a register under a fault plan. Pass ``partial(FaultyConversation, run, host)`` to a gateway."""

    def __init__(self, run: FaultRun, host: Host, gateway: TcpGateway) -> None:
        super().__init__(gateway)
        self._run = run
        self._host = host
        self._inbound = Arrivals(gateway.protocol, self._come_in, super().eof_received)
        self._outbound = Bent(self._go_out, self._all_out)
        self._turns = Turns()
        self._closes = False

    # ---------------------------------------------------------------------------------------------- the connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self.session is not None and self._run.watches(Point.ON_CONNECT):
            effects = self._run.applied(Point.ON_CONNECT, self._situation("", 0))
            self._inbound.put((Chunk(passage(effects).delay_ms, b""),))  # what comes waits too
            self._outbound.put(bend(b"", effects))

    def connection_lost(self, exc: Exception | None) -> None:
        self._inbound.cancel()
        self._outbound.cancel()
        super().connection_lost(exc)

    def hang_up(self) -> None:
        """Write what is ready and close; what is held back is not."""
        self._outbound.cancel()
        super().hang_up()
        self._all_out()

    def look_at_limits(self, now: Moment) -> None:
        self._inbound.look_at_limit(now, self.gateway.limits.frame_limit_s)
        super().look_at_limits(now)

    # -------------------------------------------------------------------------------------------------- what comes

    def data_received(self, data: bytes) -> None:
        if not self._run.watches(Point.BEFORE_PARSE) and self._inbound.is_plain:
            self._come_in(data)
        else:
            self._inbound.feed(data, self.gateway.clock.monotonic(), self._arrive)

    def _arrive(self, piece: Piece) -> None:
        self._inbound.put(bend(piece.data, self._run.applied(Point.BEFORE_PARSE, self._situation("", 0))))

    def eof_received(self) -> bool:
        self._inbound.end()
        return True

    def _come_in(self, thing: bytes | Ending) -> None:
        pass_on(self.transport, thing, self._host, self.take_in)

    # ----------------------------------------------------------------------------------------------- what is asked

    def _ask(self, session: Session, number: int, request: Request) -> None:
        began = asyncio.get_running_loop().time()
        register = request.register if isinstance(request, Hello) else None
        situation = self._situation(command_of(request), 0, register, number)
        effects = self._run.applied(Point.BEFORE_COMMIT, situation)
        way = passage(effects)
        if not way.goes_on:
            self._outbound.put(bend(b"", effects))
            return
        reply = partial(self._reply_to, request, situation.register, began)
        other = instead(effects)
        decide: Callable[[], None]
        if other is not None:
            decide = partial(reply, number, other.plain if isinstance(other, ForeignRefusal) else other)
        else:
            decide = partial(self.service.handle, session, request, partial(reply, number))
        self._turns.put(way.delay_ms, partial(self._decide, effects, situation, decide))

    def _decide(self, effects: Iterable[Effect], situation: Situation, decide: Callable[[], None]) -> None:
        hand_on(self._host, effects, situation.register)
        decide()

    def _reply_to(self, request: Request, register: str, began: float, number: int, answer: Answer | None) -> None:
        self._host.relieve(register)
        if answer is None or self.transport.is_closing():
            return
        elapsed_ms = round((asyncio.get_running_loop().time() - began) * MS)
        situation = self._situation(command_of(request), elapsed_ms, register, number)
        effects = self._run.applied(Point.AFTER_COMMIT, situation)
        half = self._run.applied(Point.HALF_ANSWER, situation)
        after = self._run.applied(Point.AFTER_ANSWER, situation)
        hand_on(self._host, (*effects, *after), situation.register)
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
            wrong = shifted(number, outgoing.number_offset, 1, protocol.request_number_max)
            chunks[0] = protocol.serialize(changed, wrong)
        self._outbound.put(bend(b"".join(chunks), effects, half))
        self._outbound.put(bend(b"", after))
        if chunks and chunks[-1] == b"":
            self._close()
        elif not self.is_taking:
            self.take_events()

    # --------------------------------------------------------------------------------------------------- what goes

    def write(self) -> None:
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
        """Close when everything is out that is held back."""
        self.closing_since = self.gateway.clock.monotonic()
        self._closes = True
        if not self._outbound.is_waiting:
            self.transport.close()

    def _go_out(self, thing: bytes | Ending) -> None:
        pass_on(self.transport, thing, self._host, self.transport.write)

    def _all_out(self) -> None:
        if self._closes:
            self.transport.close()

    def _situation(
        self, command: str, elapsed_ms: int, register: str | None = None, number: int | None = None
    ) -> Situation:
        session = self.session
        known = session.register_id if session is not None else None
        now: Instant = self.gateway.clock.now()
        return Situation(
            register or known or "",
            self.gateway.protocol.name,
            command,
            now,
            elapsed_ms,
            answer_limit_ms=round(self.service.answer_timeout_s * MS),
            peer="" if session is None else session.peer,
            request=number,
        )
