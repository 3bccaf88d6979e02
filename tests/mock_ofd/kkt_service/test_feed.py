"""Events over HTTP: told once, in order, to everybody who listens, also to those who come back."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from mock_ofd.kkt_service import feed
from tests.mock_ofd.kkt_service.till import WAIT_S, Till, until


class Listener:
    def __init__(self, content):
        self._content = content

    async def next(self):
        """The id, the name and the facts of the next event."""
        told: dict[str, str] = {}
        async with asyncio.timeout(WAIT_S):
            while True:
                line = (await self._content.readline()).decode()
                if not line:
                    raise EOFError
                if line == "\n":
                    if "event" in told:
                        return told.get("id"), told["event"], json.loads(told["data"])
                    told = {}
                elif not line.startswith(":"):
                    name, _, value = line.rstrip("\n").partition(": ")
                    told[name] = value


@asynccontextmanager
async def listening(till, query="", **headers):
    async with till.session.get(f"{till.service.url}/api/v1/events{query}", headers=headers) as response:
        assert response.status == 200, await response.read()
        assert response.headers["Content-Type"] == "text/event-stream"
        yield Listener(response.content)


async def test_what_happens_is_told_in_its_order_to_everybody():
    async with Till() as till:
        await till.sell()
        async with listening(till) as one, listening(till) as other:
            till.shop.operator.down = True
            await till.sell()
            first = [await one.next() for _ in range(3)]
            assert [await other.next() for _ in range(3)] == first
    names = [name for _, name, _ in first]
    assert names[0] == "went_autonomous"
    assert names[1:] == ["document_moved"] * 2
    assert first[0][2]["reason"] == "no_connection"
    assert first[-1][2]["state"] == "saved_autonomous"
    places = [int(place.partition("-")[2]) for place, _, _ in first]
    assert places == list(range(places[0], places[0] + 3))


@pytest.mark.parametrize("how", ["header", "query"])
async def test_who_comes_back_reads_on_where_he_was(how):
    async with Till() as till:
        async with listening(till) as stream:
            await till.sell()
            place, _, told = await stream.next()
        given = {"Last-Event-ID": place} if how == "header" else {}
        async with listening(till, f"?after={place}" if how == "query" else "", **given) as stream:
            _, name, later = await stream.next()
    assert (told["state"], name, later["state"]) == ("saved", "document_moved", "delivered")


@pytest.mark.parametrize("place", ["0-1", "ffffffffffffffff-7"])
async def test_who_comes_from_another_life_is_told_of_a_gap(place):
    async with Till() as till:
        await till.sell()
        async with listening(till, f"?after={place}") as stream:
            assert (await stream.next())[1] == "gap"
            assert (await stream.next())[2]["number"] == 1


async def test_who_was_away_for_too_long_is_told_of_a_gap(monkeypatch):
    monkeypatch.setattr(feed, "KEPT_MAX", 3)
    async with Till() as till:
        async with listening(till) as stream:
            await till.sell()
            place, _, _ = await stream.next()
        for _ in range(3):
            await till.sell()
        async with listening(till, f"?after={place}") as stream:
            assert (await stream.next())[1] == "gap"
            told = [(await stream.next())[2]["number"] for _ in range(3)]
    assert told == [3, 4, 4]


@pytest.mark.parametrize("place", ["x", "12", "abc-", "g-1", "1-1-1", "a-" + "9" * 19])
async def test_a_place_that_is_none(place):
    async with Till() as till:
        for reply in (
            await till.get(f"/events?after={place}"),
            await till.ask("GET", "/events", headers={"Last-Event-ID": place}),
        ):
            assert reply.failed == (400, "bad_request")


async def test_a_silence_is_filled(monkeypatch):
    monkeypatch.setattr(feed, "HEARTBEAT_S", 0.02)
    async with Till() as till, till.session.get(f"{till.service.url}/api/v1/events") as response:
        async with asyncio.timeout(WAIT_S):
            assert await response.content.readline() == b"retry: 2000\n"
            await response.content.readline()
            assert await response.content.readline() == b": still here\n"


async def test_there_are_only_so_many_listeners_and_one_who_goes_makes_room(monkeypatch):
    monkeypatch.setattr(feed, "LISTENERS_MAX", 1)
    async with Till() as till:
        async with listening(till):
            reply = await till.get("/events")
            assert reply.failed == (503, "too_many_viewers")
        await until(lambda: till.service._feed.listening == 0)
        async with listening(till):
            pass


async def test_a_stream_ends_when_the_service_does():
    async with Till() as till, listening(till) as stream:
        await till.service.stop()
        with pytest.raises(EOFError):
            await stream.next()
