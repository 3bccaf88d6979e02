"""Everything that happens, as server-sent events.

The rule: a viewer never costs the ledger anything. What happens is put into a bounded list and told later, many at a
time, made into bytes once for all viewers; a viewer who reads too slowly loses events, is told so (``gap``), and reads
the ledger anew. A committed entry carries its place in the ledger as its id, so a viewer that comes back with
``Last-Event-ID`` gets what it missed from the ledger.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import Field

from fiscal.domain.limits import RegisterId
from ofd_server.core.views import entry_view
from ofd_server.gateways.http.answers import HttpError, to_json
from ofd_server.gateways.http.gateway import gone
from ofd_server.gateways.http.routes import EVENT_STREAM, Call, Model, Route
from ofd_server.ports import Happened
from ofd_server.service import Service

TELL_S: Final = 0.05
"""Events are gathered for so long and told together."""
TELL_MAX: Final = 200
"""Events told at a time; with :data:`TELL_S` that is 4,000 a second, more than any eye or page can follow."""
BACKLOG_MAX: Final = 20_000
"""Events that wait to be told; more, and everybody is told of a gap."""
HEARTBEAT_S: Final = 15.0
"""A comment after so much silence: proxies close what is silent for a minute."""
RESUME_PAGE: Final = 500
RESUME_MAX: Final = 10_000
"""Entries that a viewer who comes back is given from the ledger; one who missed more reads pages of documents faster."""
RETRY_MS: Final = 2_000
"""How long a browser waits before it comes back."""

GAP: Final = b'event: gap\ndata: {"text":"events were lost; read the ledger anew"}\n\n'
_HEARTBEAT: Final = b": still here\n\n"


class EventsQuery(Model):
    """Which events, and from where: ``after`` is a place in the ledger, as ``Last-Event-ID`` is."""

    register_id: RegisterId | None = Field(None, alias="register")
    after: Annotated[int, Field(ge=0, le=2**63 - 1)] | None = None


class _Told:
    """An event made into bytes, once."""

    __slots__ = ("data", "register_id", "seq")

    def __init__(self, seq: int | None, register_id: str, name: str, data: dict[str, Any]) -> None:
        self.seq = seq
        self.register_id = register_id
        place = b"" if seq is None else b"id: %d\n" % seq
        self.data = b"%sevent: %s\ndata: %s\n\n" % (place, name.encode(), to_json(data))


class Viewer:
    """One stream: what waits to be written to it."""

    def __init__(self, register_id: str | None, events_max: int) -> None:
        self.register_id = register_id
        self.waiting: deque[_Told] = deque()
        self.lost = False
        self.ready = asyncio.Event()
        self._events_max = events_max

    def tell(self, told: Iterable[_Told]) -> None:
        """More to write. Too much of it is thrown away: the viewer does not read."""
        for each in told:
            if self.register_id is None or each.register_id == self.register_id:
                self.waiting.append(each)
        if len(self.waiting) > self._events_max:
            self.waiting.clear()
            self.lost = True
        self.ready.set()

    def lose(self) -> None:
        """What waits is not complete any more."""
        self.waiting.clear()
        self.lost = True
        self.ready.set()


class EventFeed:
    """What happens, for all viewers. While there is none, the service is not listened to."""

    def __init__(self, service: Service, stopping: asyncio.Event, viewers_max: int, events_max: int) -> None:
        self.viewers: set[Viewer] = set()
        self._service = service
        self._stopping = stopping
        self._viewers_max = viewers_max
        self._events_max = events_max
        self._happened: deque[Happened] = deque()
        self._overrun = False
        self._telling: asyncio.Task[None] | None = None
        self._stop_listening: Callable[[], None] | None = None

    def join(self, register_id: str | None) -> Viewer:
        """A new viewer; call :meth:`leave` when it goes. :class:`HttpError` 503 when there are too many."""
        if len(self.viewers) >= self._viewers_max:
            text = f"{self._viewers_max} streams are open, and no more are allowed"
            raise HttpError(503, "too_many_viewers", "", text, headers={"Retry-After": "5"})
        viewer = Viewer(register_id, self._events_max)
        self.viewers.add(viewer)
        if self._stop_listening is None:
            self._stop_listening = self._service.observe(self._notice)
        return viewer

    def leave(self, viewer: Viewer) -> None:
        """The viewer is gone."""
        self.viewers.discard(viewer)
        if not self.viewers and self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None
            self._happened.clear()

    def _notice(self, happened: Happened) -> None:
        """Called by the service between a commit and its answers: put it down and go."""
        if len(self._happened) >= BACKLOG_MAX:
            self._happened.clear()
            self._overrun = True
        self._happened.append(happened)
        if self._telling is None:
            self._telling = asyncio.get_running_loop().create_task(self._tell())

    async def _tell(self) -> None:
        while self._happened and not self._stopping.is_set():
            await asyncio.sleep(TELL_S)
            if self._overrun:
                self._overrun = False
                for viewer in self.viewers:
                    viewer.lose()
            # Never more than one who reads at once can hold.
            count = min(TELL_MAX, self._events_max, len(self._happened))
            told = [_told(self._happened.popleft()) for _ in range(count)]
            for viewer in self.viewers:
                viewer.tell(told)
        self._telling = None

    # --------------------------------------------------------------------------------------------------- stream

    async def stream(self, call: Call) -> web.StreamResponse:
        """Serve one viewer until it goes or the server stops."""
        query: EventsQuery = call.query
        after = _resume_from(call, query)
        viewer = self.join(query.register_id)
        response = web.StreamResponse(
            headers={
                "Server": "mock-ofd",
                "Content-Type": "text/event-stream",
                "Cache-Control": "no-store",
                "X-Accel-Buffering": "no",
                "X-Content-Type-Options": "nosniff",
            }
        )
        left = gone(call.request)
        waiting = asyncio.ensure_future(left.wait())
        waiting.add_done_callback(lambda _: viewer.ready.set())
        try:
            await self._service.following()
            await response.prepare(call.request)
            await response.write(b"retry: %d\n\n" % RETRY_MS)
            last = 0 if after is None else await self._catch_up(response, after, query.register_id)
            await self._follow(response, viewer, last, left)
        except ConnectionError:
            pass  # the viewer went
        finally:
            waiting.cancel()
            self.leave(viewer)
        return response

    async def _catch_up(self, response: web.StreamResponse, after: int, register_id: str | None) -> int:
        """What was missed, from the ledger; the place of the last entry that was written."""
        journal = self._service.journal
        newest, left = await journal.last_seq(), RESUME_MAX
        while after < newest:  # places do not tell how many entries lie between them
            rows = await journal.entries(register_id, after, min(RESUME_PAGE, left + 1))
            if len(rows) > left:
                await response.write(GAP)
                break
            left -= len(rows)
            for row in rows:
                view = entry_view(row.seq, row.register_id, row.version, row.entry)
                await response.write(_Told(row.seq, row.register_id, view["type"], view).data)
            if len(rows) < RESUME_PAGE:
                break
            after = rows[-1].seq
        return newest

    async def _follow(self, response: web.StreamResponse, viewer: Viewer, last: int, left: asyncio.Event) -> None:
        while not self._stopping.is_set() and not left.is_set():
            try:
                async with asyncio.timeout(HEARTBEAT_S):
                    await viewer.ready.wait()
            except TimeoutError:
                await response.write(_HEARTBEAT)
                continue
            viewer.ready.clear()
            if viewer.lost:
                viewer.lost = False
                last = 0  # the places of another ledger mean nothing here
                await response.write(GAP)
            told, viewer.waiting = viewer.waiting, deque()
            chunk = b"".join(each.data for each in told if each.seq is None or each.seq > last)
            if chunk:
                await response.write(chunk)

    def lose(self) -> None:
        """What was told is not true any more: let every viewer read anew."""
        self._happened.clear()
        for viewer in self.viewers:
            viewer.lose()

    def wake(self) -> None:
        """Let every stream look at ``stopping``."""
        for viewer in self.viewers:
            viewer.ready.set()


def _told(happened: Happened) -> _Told:
    if happened.entry is not None and happened.seq is not None:
        view = entry_view(happened.seq, happened.register_id, None, happened.entry)
        return _Told(happened.seq, happened.register_id, view["type"], view)
    data = {"type": happened.what, "register": happened.register_id, "at": happened.at, "text": happened.detail}
    return _Told(None, happened.register_id, happened.what, data)


def _resume_from(call: Call, query: EventsQuery) -> int | None:
    given = call.request.headers.get("Last-Event-ID")
    if not given:
        return query.after
    if not (given.isascii() and given.isdigit() and len(given) < 19):  # noqa: PLR2004 - fits 63 bits
        raise HttpError(400, "bad_request", "last-event-id", "must be the id of an event of ours")
    return int(given)


def event_routes(feed: EventFeed) -> Iterable[Route]:
    """The address of the stream."""
    return (
        Route(
            method="GET",
            path="/api/v1/events",
            handle=feed.stream,
            summary="Everything that happens, as server-sent events",
            tag="events",
            query=EventsQuery,
            answers={200: None},
            media=EVENT_STREAM,
        ),
    )
