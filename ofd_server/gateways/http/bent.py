"""A request over HTTP under a fault plan: what a register meets that has no connection of its own.

The rule: as everywhere the plan decides and the shell carries out; only the requests of registers pass here, so whoever
administers the operator is never harmed. The bytes of a request are those of its body, because a library reads the rest;
the bytes of an answer are all of them, from the status line on. ``on_connect`` falls together with ``before_parse``: the
register and the command can be read in the address. Answers of one connection cannot change places, so one that is to
let others go first leaves when it need not wait any longer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any, Final, cast

from aiohttp import web

from fiscal.domain.messages import Answer
from fiscal.faults.answers import ForeignRefusal, alter, host_effects, instead
from fiscal.faults.effects import Duplicate, Effect, Point
from fiscal.faults.plan import Situation
from fiscal.faults.run import FaultRun
from fiscal.faults.wire import Chunk, End, Ending, Hold, Step, bend, passage
from fiscal.time import Moment
from ofd_server.gateways.bending import MS, Host, reset
from ofd_server.gateways.http.gateway import gone, hang_up
from ofd_server.service import Service

PROTOCOL: Final = "http"


@dataclass(frozen=True, slots=True)
class Lost:
    """There is no answer: the connection ends like this, or, with ``None``, nothing more is ever heard."""

    ending: Ending | None


@dataclass(frozen=True, slots=True)
class Arrived:
    """A body that came after all, and how often more."""

    body: bytes
    copies: int


class BentRequest:
    """One request of a register on its way: :meth:`arrive`, :meth:`before`, :meth:`after`, and :meth:`send` at its end.

    ``patience_s`` is how long a request without an answer is held at most.
    """

    def __init__(
        self,
        run: FaultRun,
        host: Host,
        service: Service,
        request: web.BaseRequest,
        register_id: str,
        command: str,
        stopping: asyncio.Event,
        patience_s: float,
    ) -> None:
        self._run = run
        self._host = host
        self._service = service
        self._request = request
        self._register_id = register_id
        self._command = command
        self._stopping = stopping
        self._patience_s = patience_s
        self._began: Moment = 0.0
        self._effects: tuple[Effect, ...] = ()
        self._half: tuple[Effect, ...] = ()
        self._after: tuple[Effect, ...] = ()

    async def arrive(self, body: bytes) -> Arrived | Lost:
        """The body, whose last byte has just come, as it gets past ``on_connect`` and ``before_parse``."""
        self._began = self._service.clock.monotonic()
        effects = self._applied(Point.ON_CONNECT) + self._applied(Point.BEFORE_PARSE)
        copies = sum(effect.copies for effect in effects if isinstance(effect, Duplicate))
        steps = bend(body, [effect for effect in effects if not isinstance(effect, Duplicate)])
        came = b""
        for step in steps:
            if isinstance(step, Hold) or not await self._sleep(step.delay_ms):
                return Lost(None)
            if isinstance(step, End):
                return Lost(step.how)
            came += step.data
        # What is cut off never comes, and a request that is not whole is never handled.
        return Lost(None) if len(came) < len(body) or not steps else Arrived(came, copies)

    async def before(self) -> Answer | Lost | None:
        """What happens before the service is asked: an answer instead of its own, none at all, or nothing special."""
        effects = self._applied(Point.BEFORE_COMMIT)
        way = passage(effects)
        if not await self._sleep(way.delay_ms) or not way.goes_on:
            return Lost(way.ending)
        self._hand_on(effects)
        other = instead(effects)
        return other.plain if isinstance(other, ForeignRefusal) else other

    def after(self, answer: Answer) -> Answer:
        """The answer as the plan wants it; what becomes of its bytes is for :meth:`send`."""
        self._host.relieve(self._register_id)
        self._effects = self._applied(Point.AFTER_COMMIT)
        self._half = self._applied(Point.HALF_ANSWER)
        self._after = self._applied(Point.AFTER_ANSWER)
        self._hand_on((*self._effects, *self._after))
        reply = alter(answer, self._effects).reply
        return reply.plain if isinstance(reply, ForeignRefusal) else reply

    async def send(self, response: web.Response) -> web.StreamResponse:
        """Write the response, bent; what comes back satisfies aiohttp."""
        if not self._effects and not self._half and not self._after:
            return response
        # The time that a library writes is not the operator's, and the same plan shall make the same bytes.
        now = datetime.fromtimestamp(self._service.clock.now() // MS, UTC)
        response.headers["Date"] = format_datetime(now, usegmt=True)
        steps = bend(await _written(self._request, response), self._effects, self._half)
        for step in (*steps, *bend(b"", self._after)):
            if not await self._take(step):
                return await self.lose(Lost(step.how if isinstance(step, End) else None))
        return response if steps else await self.lose(Lost(None))

    async def lose(self, lost: Lost) -> web.StreamResponse:
        """Give no answer, or no more of it, and end as the plan wants it."""
        self._host.relieve(self._register_id)
        transport = self._request.protocol.transport
        if transport is not None:
            if lost.ending is Ending.CRASH:
                self._host.crash()
            if lost.ending in (Ending.RESET, Ending.CRASH):
                reset(transport)
                self._request.protocol.force_close()
                return web.Response(status=HTTPStatus.NO_CONTENT)  # nobody reads it
            if lost.ending is Ending.HALF_CLOSE and transport.can_write_eof():
                transport.write_eof()
        return await hang_up(self._request, self._stopping, self._patience_s)

    # --------------------------------------------------------------------------------------------------- single steps

    async def _take(self, step: Step) -> bool:
        """Take a step; whether anything can follow."""
        match step:
            case Hold(_, ms):
                return await self._sleep(ms)
            case Chunk(delay_ms, data):
                if not await self._sleep(delay_ms):
                    return False
                transport = self._request.protocol.transport
                if transport is not None and data:
                    transport.write(data)
                return transport is not None
            case End(delay_ms):
                await self._sleep(delay_ms)
                return False

    async def _sleep(self, ms: int) -> bool:
        """Let the time pass; ``False`` when the client goes meanwhile, or the server stops."""
        if not ms:
            return True
        waiting = {asyncio.ensure_future(event.wait()) for event in (gone(self._request), self._stopping)}
        try:
            done, _ = await asyncio.wait(waiting, timeout=ms / MS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
        return not done

    def _applied(self, point: Point) -> tuple[Effect, ...]:
        if not self._run.watches(point):
            return ()
        clock = self._service.clock
        situation = Situation(
            self._register_id,
            PROTOCOL,
            self._command,
            clock.now(),
            round((clock.monotonic() - self._began) * MS),
            answer_limit_ms=round(self._service.answer_timeout_s * MS),
            peer=str(self._request.protocol.peername),
        )
        return self._run.applied(point, situation)

    def _hand_on(self, effects: Iterable[Effect]) -> None:
        for effect in host_effects(effects):
            self._host.suffer(effect, self._register_id)


class _Catcher:
    """Stands in the place of a transport while a response is written, and keeps what would have gone out."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.data = b""
        self._transport = transport

    def write(self, data: bytes) -> None:
        self.data += bytes(data)

    def writelines(self, chunks: Iterable[bytes]) -> None:
        self.write(b"".join(chunks))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


async def _written(request: web.BaseRequest, response: web.Response) -> bytes:
    """The bytes of a response, none of them out yet; afterwards aiohttp takes it for written."""
    protocol = request.protocol
    transport = protocol.transport
    if transport is None:
        return b""
    catcher = _Catcher(transport)
    protocol.transport = cast(asyncio.Transport, catcher)
    try:
        await response.prepare(request)
        await response.write_eof()
    finally:
        if protocol.transport is not None:  # the client may have gone meanwhile
            protocol.transport = transport
    return catcher.data
