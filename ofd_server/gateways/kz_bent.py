"""A conversation of the Kazakhstan protocol in which things go wrong on purpose.

The rule: as everywhere the plan decides and the shell carries out. Real clients open a connection for each request, so
``on_connect`` and ``before_parse`` fall together with the request: it has come as a whole, and its device and its command
can be read, before anything of it is bent. Its command is ``document`` when it makes one, else the protocol's own name
in small letters.
"""

from __future__ import annotations

from functools import partial
from typing import Final

import structlog

from fiscal.domain.messages import TryLater
from fiscal.errors import LocalProtocolError
from fiscal.faults.answers import alter, instead
from fiscal.faults.effects import AnswerOfAnother, Effect, Point
from fiscal.faults.plan import Situation
from fiscal.faults.run import FaultRun
from fiscal.faults.wire import End, Ending, Step, bend, passage
from fiscal.protocols.kz.codes import ROTATES, Command
from fiscal.protocols.kz.transcript import KZ_TRANSCRIPT
from fiscal.protocols.splitting import Frame, Piece
from fiscal.time import Moment
from ofd_server.core.kz import KzExchange
from ofd_server.core.kz_answers import KzAnswer
from ofd_server.core.kz_faults import answer_for, frame_for
from ofd_server.gateways.bending import MS, Arrivals, Bent, Host, Turns, hand_on, pass_on
from ofd_server.gateways.kz import KzConversation, KzGateway, Owed
from ofd_server.lane import Session

_ARRIVING: Final = (Point.ON_CONNECT, Point.BEFORE_PARSE)

log = structlog.get_logger(__name__)


class FaultyKzConversation(KzConversation):
    """A connection under a fault plan. Pass ``partial(FaultyKzConversation, run, host)`` to a gateway."""

    def __init__(self, run: FaultRun, host: Host, gateway: KzGateway) -> None:
        super().__init__(gateway)
        self._run = run
        self._host = host
        self._inbound = Arrivals(KZ_TRANSCRIPT, self._come_in, super().eof_received)
        self._outbound = Bent(self._go_out, self._all_out)
        self._turns = Turns()
        self._steps: dict[Owed, list[tuple[Step, ...]]] = {}

    def connection_lost(self, exc: Exception | None) -> None:
        self._inbound.cancel()
        self._outbound.cancel()
        super().connection_lost(exc)

    def hang_up(self) -> None:
        """Write what is ready and close; what is held back is not."""
        self._outbound.cancel()
        super().hang_up()

    def look_at_limits(self, now: Moment) -> None:
        self._inbound.look_at_limit(now, self.gateway.frame_limit_s)
        super().look_at_limits(now)

    # -------------------------------------------------------------------------------------------------- what comes

    def data_received(self, data: bytes) -> None:
        if not any(map(self._run.watches, _ARRIVING)) and self._inbound.is_plain:
            self._come_in(data)
        else:
            self._inbound.feed(data, self.gateway.clock.monotonic(), self._arrive)

    def _arrive(self, piece: Piece) -> None:
        if not isinstance(piece, Frame):
            self._inbound.put(bend(piece.data))
            return
        exchange = KzExchange(self.gateway.desk, piece.header, piece.body)
        situation = self._situation(exchange)
        connect = bend(b"", self._run.applied(Point.ON_CONNECT, situation))
        for step in connect:
            if isinstance(step, End) and step.how is Ending.HALF_CLOSE:
                self._outbound.put((step,))
            else:
                self._inbound.put((step,))
        self._inbound.put(bend(piece.data, self._run.applied(Point.BEFORE_PARSE, situation)))

    def eof_received(self) -> bool:
        self._inbound.end()
        return True

    def _come_in(self, thing: bytes | Ending) -> None:
        pass_on(self.transport, thing, self._host, super().data_received)

    # ----------------------------------------------------------------------------------------------- what is asked

    def _ask(self, session: Session, owed: Owed) -> None:
        began = self.gateway.clock.monotonic()
        situation = self._situation(owed.exchange)
        effects = self._run.applied(Point.BEFORE_COMMIT, situation)
        way = passage(effects)
        if not way.goes_on:
            self.reply(owed, None)
            self._outbound.put(bend(b"", effects))
            return
        self._turns.put(way.delay_ms, partial(self._decide, session, owed, effects, situation, began))

    def _decide(
        self, session: Session, owed: Owed, effects: tuple[Effect, ...], situation: Situation, began: Moment
    ) -> None:
        hand_on(self._host, effects, situation.register)
        other = instead(effects)
        if other is not None:
            self._answered(owed, began, answer_for(owed.exchange, other))
        else:
            self.service.handle(session, owed.exchange, partial(self._answered, owed, began))

    def _answered(self, owed: Owed, began: Moment, answer: KzAnswer | TryLater | None) -> None:
        exchange = owed.exchange
        self._host.relieve(exchange.register_id)
        if answer is None or self.transport.is_closing():
            self.reply(owed, None)
            return
        elapsed_ms = round((self.gateway.clock.monotonic() - began) * MS)
        situation = self._situation(exchange, elapsed_ms)
        effects = self._run.applied(Point.AFTER_COMMIT, situation)
        half = self._run.applied(Point.HALF_ANSWER, situation)
        after = self._run.applied(Point.AFTER_ANSWER, situation)
        hand_on(self._host, (*effects, *after), situation.register)
        if not effects and not half and not after:
            self.reply(owed, answer)
            return
        owed.data = data = self._frame(exchange, answer, effects)
        self._steps[owed] = [bend(data, effects, half), bend(b"", after)]
        self._write()

    def _frame(self, exchange: KzExchange, answer: KzAnswer | TryLater, effects: tuple[Effect, ...]) -> bytes:
        said = answer_for(exchange, answer) if isinstance(answer, TryLater) else answer
        outgoing = alter(said, effects)  # type: ignore[arg-type]  # an answer of an exchange passes as it is
        reply = outgoing.reply
        if not isinstance(reply, KzAnswer):
            said = answer_for(exchange, reply)
        draws = [effect.draw for effect in effects if isinstance(effect, AnswerOfAnother)]
        bent = partial(
            frame_for,
            exchange,
            number_offset=outgoing.number_offset,
            wrong_token=outgoing.wrong_token,
            another=draws[-1] if draws else None,
        )
        try:
            return bent(said)
        except LocalProtocolError as error:
            log.warning("an answer was too large", error=str(error))
            return bent(exchange.failed())

    # --------------------------------------------------------------------------------------------------- what goes

    def _write(self) -> None:
        """Everything that is ready and has nothing before it that is not, each frame bent for itself."""
        owed = self.owed
        while owed and (data := owed[0].data) is not None:
            one = owed.popleft()
            self.size -= one.size
            for steps in self._steps.pop(one, (bend(data),) if data else ()):
                self._outbound.put(steps)
        self._all_out()

    def _go_out(self, thing: bytes | Ending) -> None:
        pass_on(self.transport, thing, self._host, self.transport.write)

    def _all_out(self) -> None:
        if self.closing_since is not None and not self.owed and not self._outbound.is_waiting:
            self.transport.close()

    def _situation(self, exchange: KzExchange, elapsed_ms: int = 0) -> Situation:
        exchange.read()
        return Situation(
            exchange.register_id,
            "kz",
            _word(exchange.command),
            self.gateway.clock.now(),
            elapsed_ms,
            answer_limit_ms=round(self.service.answer_timeout_s * MS),
            peer="" if self.session is None else self.session.peer,
            request=exchange.header.number,
        )


def _word(command: int | None) -> str:
    if command is None:
        return ""
    return "document" if command in ROTATES else Command(command).name.lower()
