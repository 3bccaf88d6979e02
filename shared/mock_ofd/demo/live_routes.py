"""The tills of the demonstration over HTTP: how its registers are, what they say, and their keys.

The rule: these addresses exist only where registers live in the operator's process, so they are added from above; the
operator itself knows nothing of them. Who listens too slowly loses what waits for him, is told so, and reads anew.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from fiscal.domain.limits import NUMBER_MAX, RegisterId
from fiscal.domain.money import MONEY_MAX
from fiscal.errors import FiscalError
from kkt_client.core.receipts import FiscalPaper
from kkt_client.core.saying import Said, told_of
from mock_ofd.demo.live import LiveDocument, LivePaper, LiveRegister, LiveRegisters, LiveStatus, NothingToReturn
from ofd_server.gateways.http.admin import register_of
from ofd_server.gateways.http.answers import HttpError, json_response, to_json
from ofd_server.gateways.http.events import GAP, HEARTBEAT_S, RETRY_MS
from ofd_server.gateways.http.fleet import STREAM_HEADERS
from ofd_server.gateways.http.gateway import gone
from ofd_server.gateways.http.routes import EVENT_STREAM, Call, Model, Right, Route, parse_value

LISTENERS_MAX: Final = 50
"""Open streams: the demonstration is for one person, or a class."""
WAITING_MAX: Final = 500
"""Events that wait for one listener; more, and he is told to read anew."""

_NUMBER: Final[TypeAdapter[int]] = TypeAdapter(Annotated[int, Field(ge=1, le=NUMBER_MAX)])


class ListenQuery(Model):
    """Of which register."""

    register_id: RegisterId | None = Field(None, alias="register")


class CashBody(Model):
    """How much cash, in minor units; without it some."""

    sum: Annotated[int, Field(ge=1, le=MONEY_MAX)] | None = None


class LiveView(TypedDict):
    """A register and its newest documents, newest first."""

    status: LiveStatus
    documents: list[LiveDocument]


class LiveList(TypedDict):
    """All registers of this process."""

    items: list[LiveStatus]


class _Listener:
    def __init__(self, register: str | None) -> None:
        self.register = register
        self.waiting: deque[bytes] = deque()
        self.lost = False
        self.news = asyncio.Event()


class Live:
    """Handlers about the registers of this process."""

    def __init__(self, registers: LiveRegisters, stopping: asyncio.Event) -> None:
        self._registers = registers
        self._stopping = stopping
        self._listeners: set[_Listener] = set()
        registers.hear = self._hear

    async def all(self, _call: Call) -> web.StreamResponse:
        """How all of them are."""
        return json_response(LiveList(items=[live.status() for live in self._registers.all()]))

    async def show(self, call: Call) -> web.StreamResponse:
        """One of them."""
        live = self._find(call)
        return json_response(LiveView(status=live.status(), documents=await live.documents()))

    async def document(self, call: Call) -> web.StreamResponse:
        """One document as its register has it."""
        live = self._find(call)
        number = parse_value(_NUMBER, call.path["number"], "number")
        found = await live.document(number)
        if found is None:
            raise HttpError(404, "unknown_document", "number", f"register {live.id!r} has issued no document {number}")
        return json_response(found)

    def key(self, press: Callable[[LiveRegister, Call], Awaitable[FiscalPaper]]) -> Callable[[Call], Any]:
        """The handler of a key: what comes out is a paper, or the register's reason why none does."""

        async def handle(call: Call) -> web.StreamResponse:
            live = self._find(call)
            try:
                paper = await press(live, call)
            except FiscalError as error:
                told = told_of(error)
                code = Said.NOTHING_TO_RETURN if isinstance(error, NothingToReturn) else told.code
                why = {"reason": code, "facts": dict(told.facts)}
                raise HttpError(409, "register_refused", "", told.text[:400], more=why) from None
            return json_response(live.paper(paper))

        return handle

    def _find(self, call: Call) -> LiveRegister:
        register = register_of(call)
        live = self._registers.find(register)
        if live is None:
            raise HttpError(404, "unknown_register", "register", f"register {register!r} is not in this process")
        return live

    # ------------------------------------------------------------------------------------------------------- stream

    def _hear(self, name: str, register: str, facts: Mapping[str, Any]) -> None:
        """A register said something; called by its own event, which nobody holds up."""
        told = b"event: %s\ndata: %s\n\n" % (name.encode(), to_json(facts))
        for listener in self._listeners:
            if listener.register not in (None, register):
                continue
            if len(listener.waiting) >= WAITING_MAX:
                listener.waiting.clear()
                listener.lost = True
            listener.waiting.append(told)
            listener.news.set()

    async def stream(self, call: Call) -> web.StreamResponse:
        """Serve one listener until he goes or the server stops."""
        query: ListenQuery = call.query
        if len(self._listeners) >= LISTENERS_MAX:
            text = f"{LISTENERS_MAX} streams are open, and no more are allowed"
            raise HttpError(503, "too_many_viewers", "", text, headers={"Retry-After": "5"})
        listener = _Listener(query.register_id)
        self._listeners.add(listener)
        response = web.StreamResponse(headers=STREAM_HEADERS)
        ends = [asyncio.ensure_future(event.wait()) for event in (gone(call.request), self._stopping)]
        for end in ends:
            end.add_done_callback(lambda _: listener.news.set())
        try:
            await response.prepare(call.request)
            await response.write(b"retry: %d\n\n" % RETRY_MS)
            while not any(end.done() for end in ends):
                await self._tell(response, listener)
        except ConnectionError:
            pass  # the listener went
        finally:
            for end in ends:
                end.cancel()
            self._listeners.discard(listener)
        return response

    async def _tell(self, response: web.StreamResponse, listener: _Listener) -> None:
        try:
            async with asyncio.timeout(HEARTBEAT_S):
                await listener.news.wait()
        except TimeoutError:
            await response.write(b": still here\n\n")
            return
        listener.news.clear()
        told, listener.waiting = listener.waiting, deque()
        lost, listener.lost = listener.lost, False
        await response.write((GAP if lost else b"") + b"".join(told))


def live_routes(registers: LiveRegisters, stopping: asyncio.Event) -> Iterable[Route]:
    """The addresses of registers in the operator's process."""
    at = Live(registers, stopping)
    one = "/api/v1/live/registers/{register}"

    def get(path: str, handle: Any, summary: str, answer: Any, **more: Any) -> Route:
        return Route(method="GET", path=path, handle=handle, summary=summary, tag="live", answers={200: answer}, **more)

    def key(name: str, press: Callable[[LiveRegister, Call], Awaitable[FiscalPaper]], summary: str) -> Route:
        body = CashBody if name in ("deposit", "withdraw") else None
        return Route(
            method="POST",
            path=f"{one}/{name}",
            handle=at.key(press),
            summary=summary,
            tag="live",
            body=body,
            right=Right.PERSON,
            answers={200: LivePaper},
        )

    return (
        get("/api/v1/live/registers", at.all, "Registers in the operator's process", LiveList),
        get(one, at.show, "One of them, with its newest documents", LiveView),
        get(one + "/documents/{number}", at.document, "One document as its register has it, with its paper", LivePaper),
        get(
            "/api/v1/live/events",
            at.stream,
            "What these registers say, as server-sent events",
            None,
            query=ListenQuery,
            media=EVENT_STREAM,
        ),
        key("sell", lambda live, _: live.sell(), "Sell the next basket"),
        key("return", lambda live, _: live.take_back(), "Take the last sale back"),
        key("deposit", lambda live, call: live.deposit(call.body.sum), "Put cash into the drawer"),
        key("withdraw", lambda live, call: live.withdraw(call.body.sum), "Take cash out of the drawer"),
        key("x", lambda live, _: live.report(), "Print an X-report"),
        key("z", lambda live, _: live.close_shift(), "Take the Z-report, which closes the shift"),
    )
