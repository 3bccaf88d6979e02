"""Asking the operator: answers, refusals, streams, and an operator that is not there."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from mock_ofd.watch.source import Event, Gone, Refused, Source, part
from tests.ofd_server.site import Site


@asynccontextmanager
async def strange(handle):
    """A server that answers as it likes."""
    server = web.Server(handle)
    runner = web.ServerRunner(server, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0]
    try:
        async with Source(f"http://{host}:{port}/", "the-token") as source:
            yield source
    finally:
        await runner.cleanup()


def answering(status, body, **headers):
    async def handle(_request):
        return web.Response(status=status, body=body, headers=headers)

    return handle


async def test_reads_and_changes():
    async with Site(api_token="secret-of-the-operator") as site:
        await site.registered("касса 1")
        async with Source(site.url, "secret-of-the-operator") as source:
            one = f"registers/{part('касса 1')}"
            assert (await source.get(one))["id"] == "касса 1"
            assert (await source.change("POST", f"{one}/block", {"reason": "x"}))["register"]["standing"] == "blocked"
            assert "X-ОТЧЁТ" in await source.text(f"{one}/x-report", format="text", width=32, copy=None)
        async with Source(site.url) as source:
            with pytest.raises(Refused) as refused:
                await source.change("POST", f"{one}/unblock")
            assert refused.value.status == 401


async def test_what_is_refused_says_why():
    async with Site() as site, Source(site.url) as source:
        with pytest.raises(Refused, match="register: no register 'nobody' is known") as refused:
            await source.get("registers/nobody")
        assert refused.value.status == 404
        with pytest.raises(Refused):
            async for _ in source.events("events", after="x"):
                pass


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b"<html>"), (200, b"[]"), (404, b"<html>"), (500, b"{}"), (302, b""), (200, b'{"a":"\xff"}')],
)
async def test_what_is_no_operator(status, body):
    async with strange(answering(status, body, Location="http://127.0.0.1:1/")) as source:
        with pytest.raises(Gone, match="no mock-ofd"):
            await source.get("fleet")


async def test_the_token_goes_along():
    async def handle(request):
        return web.json_response({"said": request.headers["Authorization"], "path": request.path})

    async with strange(handle) as source:
        assert await source.get("fleet") == {"said": "Bearer the-token", "path": "/api/v1/fleet"}


async def test_an_operator_that_is_not_there():
    async with Source("http://127.0.0.1:1") as source:
        with pytest.raises(Gone, match=r"http://127\.0\.0\.1:1"):
            await source.get("fleet")
        with pytest.raises(Gone):
            async for _ in source.events("events"):
                pass


async def test_an_operator_that_does_not_answer(monkeypatch):
    monkeypatch.setattr("mock_ofd.watch.source.READ_S", 0.05)

    async def handle(_request):
        await asyncio.sleep(30)

    async with strange(handle) as source:
        with pytest.raises(Gone, match="does not answer"):
            await source.get("fleet")


def streaming(*chunks, wait=False):
    async def handle(request):
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for chunk in chunks:
            await response.write(chunk)
        if wait:
            await asyncio.sleep(30)
        return response

    return handle


async def told(source):
    return [event async for event in source.events("events")]


async def test_a_stream():
    chunks = (
        b"retry: 2000\n\n: still here\n\n",
        b'id: 7\nevent: document\ndata: {"a"',
        b':1}\r\n\r\ndata: {"b":\ndata: 2}\n\nevent: nothing\n\n',
        b'event: cut\ndata: {"c":3}\n',
    )
    async with strange(streaming(*chunks)) as source:
        assert await told(source) == [
            Event("open", "", {}),
            Event("document", "7", {"a": 1}),
            Event("message", "", {"b": 2}),
        ]


async def test_a_stream_that_tells_nonsense():
    async with strange(streaming(b"data: {\n\n")) as source:
        with pytest.raises(Gone, match="no mock-ofd"):
            await told(source)


async def test_a_stream_that_falls_silent(monkeypatch):
    monkeypatch.setattr("mock_ofd.watch.source.SILENCE_S", 0.05)
    async with strange(streaming(b"data: {}\n\n", wait=True)) as source:
        with pytest.raises(Gone, match="does not answer"):
            await told(source)


async def test_events_of_the_operator():
    async with Site() as site, Source(site.url) as source:
        await site.registered()
        stream = source.events("events", after=0)
        assert (await anext(stream)).name == "open"
        event = await anext(stream)
        assert (event.name, event.data["register"]) == ("registered", "kkm-1")
        await site.sold()
        while event.name != "document":
            event = await anext(stream)
        assert event.id == str(event.data["seq"])
        await stream.aclose()
