"""The fleet for a page that shows thousands of lamps: whole once, and from then on what changes, in few bytes.

The rule: a row is an array, because there are thousands of them; ``columns`` says what stands where. The stream is told
by stamps (:mod:`ofd_server.fleet`): a viewer who comes back with ``Last-Event-ID`` gets what has changed since, one who
comes back to another process is told to read the fleet anew (``gap``), and one who reads slowly gets fewer, larger
steps.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import Field, StringConstraints
from typing_extensions import TypedDict

from ofd_server.core.fleet import Lamp
from ofd_server.fleet import Fleet, Second
from ofd_server.gateways.http.answers import HttpError, body_response, to_json
from ofd_server.gateways.http.events import GAP, HEARTBEAT_S, RETRY_MS
from ofd_server.gateways.http.gateway import gone
from ofd_server.gateways.http.routes import EVENT_STREAM, Call, Model, Route

ROWS_MAX: Final = 5_000
"""Rows of one answer: some 400 KB, made in ten milliseconds; a larger fleet comes in several."""
STREAMS_MAX: Final = 50
"""Open streams of the fleet: each writes a hundred rows ten times a second when a thousand documents a second come."""
WHOLE_SHARE: Final = 2
"""A viewer who missed more than a half of the rows is told to read all of them."""
FEW: Final = 100
"""So many rows are few in any fleet."""

COLUMNS: Final = ("place", "id", "lamp", "documents", "waiting", "oldest_at", "heard_at")

STREAM_HEADERS: Final[Mapping[str, str]] = {
    "Server": "mock-ofd",
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
}

Cursor = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9]{1,18}$")]


class FleetQuery(Model):
    """A part of the fleet."""

    after: int = Field(0, ge=0, le=2**31 - 1, description="the place behind which to begin: next of the part before")
    limit: int = Field(ROWS_MAX, ge=1, le=ROWS_MAX)


class FleetEventsQuery(Model):
    """From where: ``after`` is a cursor, as ``Last-Event-ID`` is."""

    after: Cursor | None = None


class FiguresView(TypedDict):
    """``answers`` and ``late`` since the start of the process; ``waiting`` and ``oldest_at`` as registers reported it."""

    at: int
    documents: int
    waiting: int
    oldest_at: int | None
    answers: int
    late: int
    lamps: dict[str, int]


class FleetView(TypedDict):
    """``rows`` in the order of ``columns``; ``cursor`` goes into ``after`` of the stream; ``history`` has a row for each
    of the last seconds: at, answers, late, waiting, documents.
    """

    cursor: str
    columns: list[str]
    rows: list[tuple[int, str, str, int, int | None, int | None, int | None]]
    next: int | None
    figures: FiguresView
    history: list[tuple[int, int, int, int, int]]


class FleetGateway:
    """Handlers about the whole fleet."""

    def __init__(self, fleet: Fleet, stopping: asyncio.Event) -> None:
        self._fleet = fleet
        self._stopping = stopping
        self._streams = 0

    async def whole(self, call: Call) -> web.StreamResponse:
        """The fleet, or a part of a large one."""
        query: FleetQuery = call.query
        fleet = self._fleet
        viewer = await fleet.join()
        try:
            rows = fleet.rows(query.after, query.limit)
            end = query.after + query.limit
            head = {
                "cursor": self._cursor(),
                "columns": COLUMNS,
                "next": end if end < fleet.size else None,
                "figures": self._figures(),
                "history": list(fleet.history),
            }
            body = b'%s,"rows":[%s]}' % (to_json(head)[:-1], b",".join(row.json for row in rows))
        finally:
            fleet.leave(viewer)
        return body_response(body, "application/json")

    def _cursor(self) -> str:
        return f"{self._fleet.epoch}-{self._fleet.stamp}"

    def _figures(self) -> FiguresView:
        fleet = self._fleet
        last = fleet.history[-1] if fleet.history else Second(0, 0, 0, 0, 0)
        shown = [lamp for lamp in Lamp if lamp is not Lamp.REMOVED]
        return FiguresView(
            at=last.at,
            documents=fleet.documents,
            waiting=fleet.waiting,
            oldest_at=fleet.oldest_at,
            answers=last.answers,
            late=last.late,
            lamps={lamp.value: fleet.lamps[lamp] for lamp in shown},
        )

    async def stream(self, call: Call) -> web.StreamResponse:
        """Serve one viewer until it goes or the server stops."""
        query: FleetEventsQuery = call.query
        after = _resume_from(call, query)
        if self._streams >= STREAMS_MAX:
            text = f"{STREAMS_MAX} streams of the fleet are open, and no more are allowed"
            raise HttpError(503, "too_many_viewers", "", text, headers={"Retry-After": "5"})
        self._streams += 1
        try:
            viewer = await self._fleet.join()
            try:
                return await self._serve(call, viewer, after)
            finally:
                self._fleet.leave(viewer)
        finally:
            self._streams -= 1

    async def _serve(self, call: Call, viewer: asyncio.Event, after: str | None) -> web.StreamResponse:
        response = web.StreamResponse(headers=STREAM_HEADERS)
        left = gone(call.request)
        waiting = asyncio.ensure_future(left.wait())
        waiting.add_done_callback(lambda _: viewer.set())
        try:
            await response.prepare(call.request)
            await response.write(b"retry: %d\n\n" % RETRY_MS)
            await self._follow(response, viewer, left, await self._resume(response, after))
        except ConnectionError:
            pass  # the viewer went
        finally:
            waiting.cancel()
        return response

    async def _resume(self, response: web.StreamResponse, after: str | None) -> int:
        """The stamp to go on from; ``gap`` when there is none, or the way would be longer than the whole."""
        fleet = self._fleet
        if after is None:
            return fleet.stamp
        epoch, _, stamp = after.partition("-")
        changed = sum(1 for _ in fleet.newer(int(stamp)))
        if epoch == fleet.epoch and int(stamp) <= fleet.stamp and changed * WHOLE_SHARE <= max(fleet.size, FEW):
            return int(stamp)
        await response.write(GAP)
        return fleet.stamp

    async def _follow(
        self, response: web.StreamResponse, viewer: asyncio.Event, left: asyncio.Event, stamp: int
    ) -> None:
        fleet = self._fleet
        epoch = fleet.epoch
        viewer.set()
        while not self._stopping.is_set() and not left.is_set():
            try:
                async with asyncio.timeout(HEARTBEAT_S):
                    await viewer.wait()
            except TimeoutError:
                await response.write(b": still here\n\n")
                continue
            viewer.clear()
            if epoch != fleet.epoch:
                epoch, stamp = fleet.epoch, fleet.stamp
                await response.write(GAP)
            rows = b",".join(row.json for row in fleet.newer(stamp))
            stamp = fleet.stamp
            figures = to_json(self._figures())
            event = b'id: %s\nevent: fleet\ndata: {"rows":[%s],"figures":%s}\n\n'
            await response.write(event % (self._cursor().encode(), rows, figures))


def _resume_from(call: Call, query: FleetEventsQuery) -> str | None:
    given: str | None = call.request.headers.get("Last-Event-ID") or query.after
    if given is None:
        return None
    epoch, dash, stamp = given.partition("-")
    if not (dash and epoch.isalnum() and stamp.isascii() and stamp.isdigit() and len(stamp) < 19):  # noqa: PLR2004
        raise HttpError(400, "bad_request", "last-event-id", "must be the id of an event of this stream")
    return given


def fleet_routes(fleet: Fleet, stopping: asyncio.Event) -> Iterable[Route]:
    """The addresses about the whole fleet."""
    at = FleetGateway(fleet, stopping)

    def get(path: str, handle: Any, summary: str, **more: Any) -> Route:
        return Route(method="GET", path=path, handle=handle, summary=summary, tag="fleet", **more)

    return (
        get("/api/v1/fleet", at.whole, "All registers at a glance", query=FleetQuery, answers={200: FleetView}),
        get(
            "/api/v1/fleet/events",
            at.stream,
            "What changes in the fleet, as server-sent events, ten times a second at most",
            query=FleetEventsQuery,
            answers={200: None},
            media=EVENT_STREAM,
        ),
    )
