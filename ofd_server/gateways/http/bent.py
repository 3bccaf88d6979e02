"""A request over HTTP under a fault plan: what a register meets that has no connection of its own.

The rule: as everywhere the plan decides and the shell carries out. Over HTTP a request has three points: when it has come
(``on_connect`` and ``before_parse`` fall together with it), before the commit and after it. Pieces of bytes cannot be
bent here, because a library writes them: such effects are passed over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from fiscal.domain.messages import Answer, Request
from fiscal.faults.answers import ForeignRefusal, alter, command_of, instead
from fiscal.faults.effects import Effect, Point
from fiscal.faults.plan import Situation
from fiscal.faults.run import FaultRun
from fiscal.faults.wire import Ending, Passage, passage
from fiscal.time import Moment
from ofd_server.service import Service

PROTOCOL: Final = "http"
MS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Lost:
    """There is no answer; ``hung_up`` when the connection ends at once, otherwise nothing more is ever heard."""

    hung_up: bool


class BentRequest:
    """One request of a register on its way. Call :meth:`before`, then :meth:`after` with the service's answer."""

    def __init__(self, run: FaultRun, service: Service, register_id: str, request: Request) -> None:
        self._run = run
        self._service = service
        self._register_id = register_id
        self._command = command_of(request)
        self._began: Moment = service.clock.monotonic()

    async def before(self) -> Answer | Lost | None:
        """What happens before the service is asked: an answer instead of its own, none at all, or nothing special."""
        effects: list[Effect] = []
        for point in (Point.ON_CONNECT, Point.BEFORE_PARSE, Point.BEFORE_COMMIT):
            effects += self._run.applied(point, self._situation())
        lost = await _pass(effects)
        return lost if lost is not None else _plain(instead(effects))

    async def after(self, answer: Answer) -> Answer | Lost:
        """What becomes of the answer."""
        effects = self._run.applied(Point.AFTER_COMMIT, self._situation())
        lost = await _pass(effects)
        changed = _plain(alter(answer, effects).reply)
        assert changed is not None, "an answer is altered into an answer"
        return changed if lost is None else lost

    def _situation(self) -> Situation:
        clock = self._service.clock
        elapsed_ms = round((clock.monotonic() - self._began) * MS)
        limit_ms = round(self._service.answer_timeout_s * MS)
        return Situation(self._register_id, PROTOCOL, self._command, clock.now(), elapsed_ms, answer_limit_ms=limit_ms)


async def _pass(effects: Iterable[Effect]) -> Lost | None:
    """Wait as long as these effects want it; what ends or vanishes is lost."""
    way: Passage = passage(effects)
    if way.delay_ms:
        await asyncio.sleep(way.delay_ms / MS)
    if way.ending is not None:
        return Lost(hung_up=way.ending is not Ending.STALL)
    return None if way.goes_on else Lost(hung_up=False)


def _plain(reply: Answer | ForeignRefusal | None) -> Answer | None:
    return reply.plain if isinstance(reply, ForeignRefusal) else reply
