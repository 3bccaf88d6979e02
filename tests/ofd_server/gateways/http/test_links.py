"""Links bent over HTTP: what is asked for holds at once, on connections that are open, over both protocols."""

import asyncio
from contextlib import asynccontextmanager

import aiohttp
import pytest

from fiscal.domain.messages import Accepted, Welcome
from tests.documents import receipt
from tests.ofd_server.gateways.test_tcp import Client, submit
from tests.ofd_server.site import TOKEN, WAIT_S, Site

GONE = (ConnectionError, asyncio.IncompleteReadError)
LINK = "/api/v1/registers/kkm-1/link"


@asynccontextmanager
async def connected(site):
    """A native connection."""
    host, port = site.ofd.native_address.split(":")
    client = Client(*await asyncio.open_connection(host, int(port)))
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def native(site, register="kkm-1"):
    """A register that is connected natively."""
    async with connected(site) as client:
        assert isinstance(await client.hello(register, TOKEN), Welcome)
        yield client


async def put(site, **body):
    reply = await site.ask("PUT", LINK, json=body)
    assert reply.status == 200, reply.body
    return reply.json


async def test_a_link_is_up_until_somebody_bends_it():
    async with Site() as site:
        await site.registered()
        up = {"register": "kkm-1", "state": "up", "delay_ms": None, "lose_next_answer": False, "paid": True}
        assert (await site.get(LINK)).json == up
        assert await put(site, state="up") == up
        assert site.ofd.interference.run is None
        assert (await put(site, state="slow"))["delay_ms"] == 6_000
        assert (await put(site, state="slow", delay_ms=70))["delay_ms"] == 70
        assert (await put(site, state="cut")) == {**up, "state": "cut"}
        assert await put(site, state="up") == up
        await site.post("/api/v1/registers/kkm-1/unpaid")
        assert (await site.get(LINK)).json == {**up, "paid": False}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("PUT", "/api/v1/registers/nobody/link", {"state": "cut"}, 404, "unknown_register"),
        ("GET", "/api/v1/registers/nobody/link", None, 404, "unknown_register"),
        ("POST", "/api/v1/registers/nobody/link/lose-answer", None, 404, "unknown_register"),
        ("PUT", LINK, {"state": "bent"}, 400, "bad_request"),
        ("PUT", LINK, {}, 400, "bad_request"),
        ("PUT", LINK, {"state": "slow", "delay_ms": 0}, 400, "bad_request"),
    ],
)
async def test_what_is_refused(method, path, body, status, code):
    async with Site() as site:
        await site.registered()
        reply = await site.ask(method, path, json=body)
        assert (reply.status, reply.error["code"]) == (status, code)


async def test_whoever_bends_needs_the_token():
    async with Site(api_token="a-token-of-eight") as site:
        await site.registered()
        assert (await site.ask("PUT", LINK, json={"state": "cut"})).status == 401
        assert (await site.post(f"{LINK}/lose-answer")).status == 401
        assert (await site.get(LINK)).status == 200


async def test_a_plan_without_room(monkeypatch):
    monkeypatch.setattr("fiscal.faults.plan.FAULTS_MAX", 1)
    async with Site() as site:
        await site.registered()
        reply = await site.ask("PUT", LINK, json={"state": "cut"})
        assert (reply.status, reply.error["code"]) == (409, "too_many_faults")
        monkeypatch.setattr("fiscal.faults.plan.FAULTS_MAX", 0)
        assert (await site.post(f"{LINK}/lose-answer")).error["code"] == "too_many_faults"


async def test_a_cut_reaches_a_connection_that_is_open_and_nobody_elses():
    async with Site() as site:
        await site.registered("kkm-1")
        await site.registered("kkm-2")
        async with native(site, "kkm-1") as mine, native(site, "kkm-2") as other:
            await put(site, state="cut")
            with pytest.raises(GONE):
                await mine.sell(1)
            assert isinstance(await other.sell(1), Accepted)
        async with connected(site) as again:
            with pytest.raises(GONE):
                await again.hello("kkm-1", TOKEN)
        await put(site, state="up")
        async with native(site) as again:
            assert isinstance(await again.sell(1), Accepted)


async def test_a_connection_that_was_open_before_obeys_like_a_new_one():
    async with Site() as site:
        await site.registered()
        async with native(site) as client:
            assert isinstance(await client.sell(1), Accepted)
            assert (await site.post(f"{LINK}/lose-answer")).json["lose_next_answer"] is True
            client.write(submit(receipt(2)))
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await client.reader.readexactly(1)
            assert (await site.get(LINK)).json["lose_next_answer"] is False
            # It is in the ledger all the same, and the same document gets its first answer.
            answer = await client.sell(2)
        assert isinstance(answer, Accepted)
        (document,) = (await site.get("/api/v1/documents?number=2")).json["items"]
        assert document["sign"] == answer.sign


async def test_a_session_that_was_taken_over_is_superseded_like_any_other():
    async with Site() as site:
        await site.registered()
        async with native(site) as older:
            await put(site, state="slow", delay_ms=1)
            async with native(site) as newer:
                assert await older.rest() == b""
                assert isinstance(await newer.sell(1), Accepted)
        assert len(site.ofd._native.connections) <= 1


async def test_over_http_a_cut_hangs_up():
    async with Site() as site:
        sale = (await site.registered()).sale()
        await put(site, state="cut")
        with pytest.raises(aiohttp.ClientError):
            await site.submit("kkm-1", sale)
        await put(site, state="up")
        assert (await site.submit("kkm-1", sale)).json["result"] == "accepted"


async def test_over_http_an_answer_is_lost_and_the_document_is_there():
    async with Site(silence_max=1.0) as site:
        till = await site.registered()
        await site.post(f"{LINK}/lose-answer")
        first = till.sale()
        with pytest.raises(aiohttp.ClientError):
            await site.submit("kkm-1", first)
        again = await site.submit("kkm-1", first)
        assert again.json["result"] == "accepted"
        assert len((await site.get("/api/v1/documents")).json["items"]) == 1


async def test_over_http_a_slow_link_is_slow_for_every_answer():
    async with Site() as site:
        await site.registered()
        await put(site, state="slow", delay_ms=150)
        loop = asyncio.get_running_loop()
        before = loop.time()
        async with asyncio.timeout(WAIT_S):
            await site.sold()
        assert loop.time() - before >= 0.15
