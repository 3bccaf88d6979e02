"""The stream of events: nothing is missed, nothing is repeated, and nobody is slowed down by who does not read."""

import asyncio
import json
from contextlib import asynccontextmanager
from typing import Any

import pytest

from fiscal.domain.document import Delivery
from ofd_server.gateways.http import events
from ofd_server.gateways.http.events import EventFeed, Viewer, _Told
from ofd_server.ports import Happened
from tests.documents import T0, receipt
from tests.ofd_server.site import WAIT_S, Site


class Stream:
    """A viewer's side: events as (name, id, data)."""

    def __init__(self, response):
        self.response = response

    async def line(self):
        async with asyncio.timeout(WAIT_S):
            return (await self.response.content.readline()).decode().rstrip("\n")

    async def next(self):
        name, place, data = "", None, None
        while True:
            line = await self.line()
            field, _, value = line.partition(": ")
            match field:
                case "event":
                    name = value
                case "id":
                    place = int(value)
                case "data":
                    data = json.loads(value)
                case "" if name:
                    return name, place, data
                case "" if self.response.content.at_eof():
                    return None


@asynccontextmanager
async def watching(site, query="", **given):
    async with site.session.get(f"{site.url}/api/v1/events{query}", **given) as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/event-stream"
        stream = Stream(response)
        assert await stream.line() == "retry: 2000"
        yield stream


async def test_everything_that_happens_is_told_with_its_place():
    async with Site() as site, watching(site) as stream:
        await site.registered()
        await site.sold()
        await site.command("kkm-1", "status", b'{"unsent": 0, "mode": "online"}')
        await site.submit("kkm-1", receipt(), Delivery(autonomous=True, autonomous_sign=7))
        await site.submit("kkm-1", receipt(total=1, payments=()))
        period = b'{"number": 1, "begin": 1, "end": 2, "reason": "low_power"}'
        await site.command("kkm-1", "offline-periods", period)
        await site.post("/api/v1/registers/kkm-1/block", json={"reason": "so"})
        await site.post("/api/v1/registers/kkm-1/reset-token")
        seen = [await stream.next() for _ in range(10)]
        told = [(name, place) for name, place, _ in seen]
        assert [row for row in told if row[1] is not None] == [
            ("registered", 1),
            ("document", 2),
            ("made_autonomous", 3),
            ("anomaly", 4),
            ("period", 5),
            ("standing_changed", 6),
            ("token_reset", 7),
        ]
        assert {"session_opened", "session_closed", "status_reported"} <= {name for name, _ in told}
        assert all(data["type"] == name and data["register"] == "kkm-1" for name, _, data in seen)
        document = next(data for name, _, data in seen if name == "document")
        assert (document["number"], document["total"]) == (1, 10_000)


async def test_only_the_events_of_one_register():
    async with Site() as site, watching(site, "?register=kkm-2") as stream:
        await site.registered("kkm-1")
        await site.registered("kkm-2")
        assert (await stream.next())[2]["register"] == "kkm-2"


@pytest.mark.parametrize("by", ["header", "query"])
async def test_who_comes_back_gets_what_he_missed(by):
    async with Site() as site:
        await site.registered()
        for _ in range(3):
            await site.sold()
        given = {"headers": {"Last-Event-ID": "2"}} if by == "header" else {}
        async with watching(site, "" if by == "header" else "?after=2", **given) as stream:
            await site.sold()
            places = [place for _, place, _ in [await stream.next() for _ in range(3)]]
            assert places == [3, 4, 5]


async def test_what_is_committed_while_somebody_catches_up_comes_once(monkeypatch):
    monkeypatch.setattr(events, "RESUME_PAGE", 2)
    async with Site() as site:
        await site.registered()
        for _ in range(5):
            await site.sold()
        entries = site.ofd.journal.entries

        async def meanwhile(*given):
            await site.sold()
            return await entries(*given)

        site.ofd.journal.entries = meanwhile
        async with watching(site, "?after=0") as stream:
            places: list[int] = []
            while len(places) < 9:
                _, place, _ = await stream.next()
                if place is not None:
                    places.append(place)
            assert places == list(range(1, 10))


async def test_one_register_is_caught_up_to_its_end():
    async with Site() as site:
        await site.registered("kkm-1")
        await site.registered("kkm-2")
        async with watching(site, "?after=0&register=kkm-1") as stream:
            assert (await stream.next())[1] == 1
            await site.sold("kkm-1")
            assert (await stream.next())[1] == 3


async def test_who_missed_too_much_is_told_to_read_anew(monkeypatch):
    monkeypatch.setattr(events, "RESUME_MAX", 1)
    async with Site() as site:
        await site.registered()
        await site.sold()
        async with watching(site, "?after=0") as stream:
            assert (await stream.next())[0] == "gap"
            await site.sold()
            assert (await stream.next())[1] == 3


@pytest.mark.parametrize("last", ["x", "-1", "9" * 19, "1.5"])
async def test_an_id_that_is_none_of_ours(last):
    async with Site() as site:
        reply = await site.get("/api/v1/events", headers={"Last-Event-ID": last})
        assert (reply.status, reply.error["field"]) == (400, "last-event-id")


async def test_one_viewer_too_many():
    async with Site(viewers=1) as site, watching(site):
        reply = await site.get("/api/v1/events")
        assert (reply.status, reply.error["code"], reply.headers["Retry-After"]) == (503, "too_many_viewers", "5")


async def test_silence_is_broken_by_a_sign_of_life(monkeypatch):
    monkeypatch.setattr(events, "HEARTBEAT_S", 0.05)
    async with Site() as site, watching(site) as stream:
        assert await stream.line() == ""
        assert await stream.line() == ": still here"


async def test_streams_end_with_the_server():
    site = Site()
    async with site, watching(site) as stream:
        await site.ofd.stop()
        assert await stream.next() is None


async def test_nobody_listens_when_nobody_watches():
    async with Site() as site:
        service = site.ofd.service
        before = len(service._observers)
        async with watching(site):
            assert len(service._observers) == before + 1
        async with asyncio.timeout(WAIT_S):
            while len(service._observers) > before:  # noqa: ASYNC110 - nobody tells who has gone
                await asyncio.sleep(0.01)


# ----------------------------------------------------------------------------------------------- who does not read


def told(seq):
    return _Told(seq, "kkm-1", "document", {"seq": seq})


def test_a_viewer_that_does_not_read_loses_events_and_learns_it():
    viewer = Viewer(None, 10)
    viewer.tell([told(seq) for seq in range(10)])
    assert (len(viewer.waiting), viewer.lost) == (10, False)
    viewer.tell([told(10)])
    assert (len(viewer.waiting), viewer.lost) == (0, True)
    viewer.tell([told(11)])
    assert len(viewer.waiting) == 1


class Listened:
    """A service that only tells."""

    def __init__(self):
        self.observers = []

    def observe(self, observer):
        self.observers.append(observer)
        return lambda: self.observers.remove(observer)


async def test_a_flood_is_cut_for_everybody_and_the_ledger_waits_for_nobody(monkeypatch):
    monkeypatch.setattr(events, "BACKLOG_MAX", 100)
    service: Any = Listened()
    feed = EventFeed(service, asyncio.Event(), viewers_max=5, events_max=1_000)
    viewer = feed.join(None)
    (notice,) = service.observers
    for number in range(150):
        notice(Happened("status_reported", "kkm-1", T0, number=number))
    async with asyncio.timeout(WAIT_S):
        await viewer.ready.wait()
    assert viewer.lost
    assert len(viewer.waiting) == 50
    feed.leave(viewer)
    assert service.observers == []


async def test_a_viewer_that_stops_reading_does_not_disturb_another(monkeypatch):
    async with Site(viewer_events=10) as site:
        await site.registered()
        async with watching(site) as stream:
            feed = site.ofd._feed
            lazy = feed.join(None)
            for _ in range(30):
                await site.sold()
            places: list[int] = []
            while len(places) < 30:
                name, place, _ = await stream.next()
                assert name != "gap"
                if place is not None:
                    places.append(place)
            assert lazy.lost
            feed.leave(lazy)
