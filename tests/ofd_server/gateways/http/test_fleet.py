"""The fleet over HTTP: whole, in parts, as a stream that goes on where it ended, and for a viewer who does not read."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from fiscal.domain.lifecycle import RegisterMode
from fiscal.domain.messages import ReportStatus
from fiscal.protocols.rest.codec import MediaType, serialize_request
from ofd_server.core.administration import add
from ofd_server.gateways.http import fleet as module
from ofd_server.gateways.http.fleet import COLUMNS
from tests.ofd_server.site import WAIT_S, Site


class Stream:
    """A viewer's side: events as (name, id, data)."""

    def __init__(self, response):
        self.response = response

    async def next(self):
        name, place, data = "", None, None
        async with asyncio.timeout(WAIT_S):
            while True:
                line = (await self.response.content.readline()).decode()
                field, _, value = line.rstrip("\n").partition(": ")
                match field:
                    case "event":
                        name = value
                    case "id":
                        place = value
                    case "data":
                        data = json.loads(value)
                    case "" if name:
                        return name, place, data
                    case "" if not line:
                        return None

    async def rows(self):
        """The next event that has rows, as a map of lamps by register."""
        while True:
            event = await self.next()
            assert event is not None
            if event[2]["rows"]:
                return {row[1]: row[2] for row in event[2]["rows"]}


@asynccontextmanager
async def watching(site, query="", **given):
    async with site.session.get(f"{site.url}/api/v1/fleet/events{query}", **given) as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/event-stream"
        yield Stream(response)


async def whole(site, query=""):
    reply = await site.get(f"/api/v1/fleet{query}")
    assert reply.status == 200, reply.body
    return reply.json


async def test_an_empty_fleet():
    async with Site() as site:
        told = await whole(site)
        assert told["columns"] == list(COLUMNS)
        assert (told["rows"], told["next"]) == ([], None)
        assert told["figures"]["lamps"] == dict.fromkeys(("online", "autonomous", "sending", "blocked", "silent"), 0)


async def test_a_row_has_what_its_columns_say():
    async with Site() as site:
        await site.registered("kkm-1")
        await site.sold("kkm-1")
        body = serialize_request(
            ReportStatus(unsent=2, mode=RegisterMode.AUTONOMOUS, oldest_unsent_at=11), MediaType.JSON
        )
        await site.command("kkm-1", "status", body)
        told = await whole(site)
        row = dict(zip(told["columns"], told["rows"][0], strict=True))
        assert row == {
            "place": 1,
            "id": "kkm-1",
            "lamp": "sending",
            "documents": 1,
            "waiting": 2,
            "oldest_at": 11,
            "heard_at": site.clock.now(),
        }
        assert told["figures"]["documents"] == 1
        assert told["figures"]["waiting"] == 2


async def test_a_large_fleet_comes_in_parts():
    async with Site() as site:
        for number in range(5):
            await site.ofd.service.administer(f"kkm-{number}", add(f"kkm-{number}", "token-of-it", None))
        first = await whole(site, "?limit=2")
        second = await whole(site, f"?limit=2&after={first['next']}")
        third = await whole(site, f"?limit=2&after={second['next']}")
        assert [row[1] for part in (first, second, third) for row in part["rows"]] == [f"kkm-{n}" for n in range(5)]
        assert third["next"] is None


async def test_what_changes_is_told_and_nothing_else():
    async with Site() as site:
        await site.registered("kkm-1")
        await site.registered("kkm-2")
        cursor = (await whole(site))["cursor"]
        async with watching(site, f"?after={cursor}") as stream:
            await site.sold("kkm-2")
            assert await stream.rows() == {"kkm-2": "online"}
            await site.post("/api/v1/registers/kkm-1/block")
            assert await stream.rows() == {"kkm-1": "blocked"}


async def test_who_comes_back_gets_what_has_changed():
    async with Site() as site:
        await site.registered("kkm-1")
        await site.registered("kkm-2")
        async with watching(site) as stream:
            _, place, _ = await stream.next()
        await site.post("/api/v1/registers/kkm-2/block")
        async with watching(site, headers={"Last-Event-ID": place}) as stream:
            assert await stream.rows() == {"kkm-2": "blocked"}


@pytest.mark.parametrize("wrong", ["00000000-1", "{epoch}-999999"])
async def test_a_cursor_of_another_process_is_a_gap(wrong):
    async with Site() as site:
        epoch = (await whole(site))["cursor"].partition("-")[0]
        async with watching(site, f"?after={wrong.format(epoch=epoch)}") as stream:
            assert (await stream.next())[0] == "gap"
            assert (await stream.next())[0] == "fleet"


async def test_who_missed_most_of_the_fleet_reads_it_anew(monkeypatch):
    monkeypatch.setattr(module, "FEW", 2)
    async with Site() as site:
        cursor = (await whole(site))["cursor"]
        for number in range(4):
            await site.ofd.service.administer(f"kkm-{number}", add(f"kkm-{number}", "token-of-it", None))
        await whole(site)
        async with watching(site, f"?after={cursor}") as stream:
            assert (await stream.next())[0] == "gap"


@pytest.mark.parametrize(
    ("query", "headers"),
    [("?after=x", {}), ("", {"Last-Event-ID": "17"}), ("", {"Last-Event-ID": "abc-x"}), ("?what=1", {})],
)
async def test_what_is_no_cursor_is_refused(query, headers):
    async with Site() as site:
        reply = await site.get(f"/api/v1/fleet/events{query}", headers=headers)
        assert (reply.status, reply.error["code"]) == (400, "bad_request")


async def test_so_many_streams_and_no_more(monkeypatch):
    monkeypatch.setattr(module, "STREAMS_MAX", 1)
    async with Site() as site, watching(site) as stream:
        await stream.next()
        reply = await site.get("/api/v1/fleet/events")
        assert (reply.status, reply.error["code"]) == (503, "too_many_viewers")
        assert reply.headers["Retry-After"] == "5"


async def test_a_viewer_who_does_not_read_slows_nobody_and_catches_up_in_one_step():
    """He reads nothing while every lamp changes again and again; what waits for him is never more than a step or two."""
    async with Site() as site:
        await site.registered("kkm-1")
        for number in range(2_000):
            await site.ofd.service.administer(f"till-{number:04d}", add(f"till-{number:04d}", "token-of-it", None))
        await whole(site)
        fleet = site.ofd._fleet
        whole_size = sum(len(row.json) for row in fleet.rows(0, 5_000))
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port, limit=2**12)
        writer.write(b"GET /api/v1/fleet/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await writer.drain()
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        for _ in range(60):
            for row in fleet.rows(0, 5_000):
                fleet._move(row, site.clock.now())
            fleet.wake()
            await asyncio.sleep(0.005)
        assert (await site.sold("kkm-1"))["result"] == "accepted"
        waiting = [each.transport.get_write_buffer_size() for each in site.ofd._http.connections if each.transport]
        assert max(waiting) > 0, "he was no slow reader"
        assert max(waiting) < 3 * whole_size
        fleet.refresh()
        newest = f"{fleet.epoch}-{fleet.stamp}".encode()
        seen = b""
        async with asyncio.timeout(WAIT_S * 4):
            while newest not in seen:
                seen = seen[-len(newest) :] + await reader.read(2**16)
        writer.close()
        await writer.wait_closed()


async def test_a_stream_ends_with_the_server():
    async with Site() as site, watching(site) as stream:
        await stream.next()
        await site.ofd.stop()
        while await stream.next() is not None:
            pass


async def test_the_stream_goes_on_in_another_epoch():
    async with Site() as site, watching(site) as stream:
        await stream.next()
        site.ofd._fleet.close()
        await whole(site)
        site.ofd._fleet.wake()
        names = [(await stream.next())[0] for _ in range(3)]
        assert "gap" in names
