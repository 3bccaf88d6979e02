"""What happens to the register, as server-sent events.

The rule: an event has a place, and the newest are kept; a listener only remembers how far it has read. So nobody who
listens costs a sale anything, a listener that comes back with ``Last-Event-ID`` reads on where it was, and one who was
away for too long, or since before the process began, is told of a ``gap`` and asks for the status.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Sequence
from typing import Annotated, Any, Final, NamedTuple

from aiohttp import web
from pydantic import Field

from kkt_client.core.events import Event
from kkt_client.core.views import event_json
from ofd_server.gateways.http.answers import HttpError, to_json
from ofd_server.gateways.http.events import HEARTBEAT_S, RETRY_MS
from ofd_server.gateways.http.fleet import STREAM_HEADERS
from ofd_server.gateways.http.gateway import gone
from ofd_server.gateways.http.routes import Call, Model

KEPT_MAX: Final = 1_000
"""Events that are kept for those who come back: a busy till's quarter of an hour."""
LISTENERS_MAX: Final = 32
"""Open streams: a till has a few programs that listen."""

_GAP: Final = b'event: gap\ndata: {"text":"events were lost; ask for the status"}\n\n'
_PLACE: Final = re.compile(r"([0-9a-f]{1,16})-([0-9]{1,18})")


class EventsQuery(Model):
    """From where: the id of an event, as ``Last-Event-ID`` is; without it from now."""

    after: Annotated[str, Field(min_length=1, max_length=64)] | None = None


class _Told(NamedTuple):
    seq: int
    data: bytes


class Feed:
    """The events of one life of the process; ``life`` is a hexadecimal word that no other life has."""

    def __init__(self, life: str, stopping: asyncio.Event) -> None:
        self.listening = 0
        self._life = life
        self._stopping = stopping
        self._kept: deque[_Told] = deque(maxlen=KEPT_MAX)
        self._seq = 0
        self._news = asyncio.Event()

    def hear(self, event: Event) -> None:
        """It has happened."""
        self._seq += 1
        facts = event_json(event)
        name: str = facts["event"]
        place = f"id: {self._life}-{self._seq}\nevent: {name}\ndata: ".encode()
        self._kept.append(_Told(self._seq, place + to_json(facts) + b"\n\n"))
        self._wake()

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def stream(self, call: Call) -> web.StreamResponse:
        """Serve one listener until it goes or the process stops."""
        place = self._place(call)
        if self.listening >= LISTENERS_MAX:
            text = f"{LISTENERS_MAX} streams are open, and no more are allowed"
            raise HttpError(503, "too_many_viewers", "", text, headers={"Retry-After": "5"})
        self.listening += 1
        response = web.StreamResponse(headers=STREAM_HEADERS)
        ends = [asyncio.ensure_future(event.wait()) for event in (gone(call.request), self._stopping)]
        try:
            await response.prepare(call.request)
            await response.write(b"retry: %d\n\n" % RETRY_MS)
            while not any(end.done() for end in ends):
                news = self._news
                told, place = self._behind(place)
                if told:
                    await response.write(told)
                    continue
                await self._wait(response, news, ends)
        except ConnectionError:
            pass  # the listener went
        finally:
            for end in ends:
                end.cancel()
            self.listening -= 1
        return response

    async def _wait(
        self, response: web.StreamResponse, news: asyncio.Event, ends: Sequence[asyncio.Future[Any]]
    ) -> None:
        heard: asyncio.Future[Any] = asyncio.ensure_future(news.wait())
        try:
            done, _ = await asyncio.wait({heard, *ends}, timeout=HEARTBEAT_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            heard.cancel()
        if not done:
            await response.write(b": still here\n\n")

    def _behind(self, place: int) -> tuple[bytes, int]:
        """What lies behind this place, with a gap where something is not kept any more; and the newest place."""
        first = self._seq - len(self._kept)
        lost = place < first
        told = b"".join(each.data for each in self._kept if each.seq > place)
        return (_GAP if lost else b"") + told, self._seq

    def _place(self, call: Call) -> int:
        """How far the listener has read; -1 when that cannot be told any more, which makes a gap."""
        query: EventsQuery = call.query
        given = call.request.headers.get("Last-Event-ID") or query.after
        if given is None:
            return self._seq
        found = _PLACE.fullmatch(given)
        if found is None:
            field = "after" if given == query.after else "last-event-id"
            raise HttpError(400, "bad_request", field, "must be the id of an event of ours")
        life, seq = found[1], int(found[2])
        return seq if life == self._life and seq <= self._seq else -1
