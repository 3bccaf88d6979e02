"""Requests over the Kazakhstan protocol under a fault plan.

The rule: as everywhere the plan decides and the shell carries out. Real clients open a connection for each request, so a
request has three points: when it has come (``on_connect`` and ``before_parse`` fall together with it), before the commit
and after it. Its command is ``document`` when it makes one, else the protocol's own name in small letters. Refusals in
the protocol's own codes and bent bytes are passed over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from fiscal.domain.messages import TryLater
from fiscal.faults.answers import instead
from fiscal.faults.effects import Effect, Point
from fiscal.faults.plan import Situation
from fiscal.faults.run import FaultRun
from fiscal.faults.wire import Ending, Passage, passage
from fiscal.protocols.kz.codes import ROTATES, Command
from fiscal.time import Moment
from ofd_server.core.kz import KzExchange
from ofd_server.gateways.kz import KzConversation, Owed
from ofd_server.lane import Session

MS: Final = 1_000


class BentKz:
    """Takes the requests of a gateway instead of the service; put :meth:`ask` into ``KzGateway.bend``."""

    def __init__(self, run: FaultRun) -> None:
        self._run = run

    def ask(self, conversation: KzConversation, session: Session, owed: Owed) -> None:
        """A request that has come."""
        began = conversation.gateway.clock.monotonic()
        situation = _situation(conversation, owed.exchange, 0)
        effects: list[Effect] = []
        for point in (Point.ON_CONNECT, Point.BEFORE_PARSE, Point.BEFORE_COMMIT):
            effects += self._run.applied(point, situation)
        other = instead(effects)
        if isinstance(other, TryLater):
            conversation.reply(owed, other)
            return
        answered = partial(self._answered, conversation, owed, began)
        _pass(
            conversation, owed, passage(effects), lambda: conversation.service.handle(session, owed.exchange, answered)
        )

    def _answered(self, conversation: KzConversation, owed: Owed, began: Moment, answer: Any) -> None:
        elapsed_ms = round((conversation.gateway.clock.monotonic() - began) * MS)
        effects = self._run.applied(Point.AFTER_COMMIT, _situation(conversation, owed.exchange, elapsed_ms))
        _pass(conversation, owed, passage(effects), lambda: conversation.reply(owed, answer))


def _pass(conversation: KzConversation, owed: Owed, way: Passage, go_on: Callable[[], None]) -> None:
    """Go on, or end, or be lost, after the wait that the plan wants."""
    if way.delay_ms:
        later = Passage(0, way.goes_on, way.ending)
        asyncio.get_running_loop().call_later(way.delay_ms / MS, _pass, conversation, owed, later, go_on)
    elif way.ending is Ending.STALL:
        conversation.transport.pause_reading()
    elif way.ending is not None:
        conversation.transport.abort()
    elif way.goes_on:
        go_on()
    else:
        conversation.reply(owed, None)


def _situation(conversation: KzConversation, exchange: KzExchange, elapsed_ms: int) -> Situation:
    exchange.read()
    limit_ms = round(conversation.service.answer_timeout_s * MS)
    now = conversation.gateway.clock.now()
    register = exchange.register_id
    return Situation(register, "kz", _word(exchange.command), now, elapsed_ms, answer_limit_ms=limit_ms)


def _word(command: int | None) -> str:
    if command is None:
        return ""
    return "document" if command in ROTATES else Command(command).name.lower()
