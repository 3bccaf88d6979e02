"""Requests of registers over HTTP, as they are told to whoever listens."""

import json

import pytest

from tests.ofd_server.site import Site


@pytest.fixture
async def site():
    async with Site() as site:
        yield site


async def test_what_a_register_asks_and_is_answered(site):
    await site.registered()
    await site.sold()
    frames = site.ofd.received
    assert [(frame.direction.value, frame.what) for frame in frames] == [
        ("in", "hello"),
        ("out", "welcome"),
        ("in", "document"),
        ("out", "accepted"),
    ]
    assert {frame.register_id for frame in frames} == {"kkm-1"}
    assert [frame.number for frame in frames] == [1, 1, 2, 2]
    assert json.loads(frames[3].raw)["sign"] == frames[3].fields["sign"]


async def test_what_is_no_request_is_told_with_what_is_wrong(site):
    await site.registered()
    reply = await site.command("kkm-1", "documents", b'{"content": 7}')
    assert reply.status == 400
    *_, asked, answered = site.ofd.received
    assert (asked.what, bool(asked.error)) == ("", True)
    assert (answered.what, answered.number) == ("refused", asked.number)


async def test_what_nobody_is_named_in_is_not_told(site):
    await site.get("/api/v1/ping")
    assert site.ofd.received == ()


async def test_what_is_too_large_is_refused_as_ever_and_not_told():
    async with Site(http_body_max=2_000) as site:
        await site.registered()
        told = len(site.ofd.received)
        reply = await site.command("kkm-1", "documents", b"[" + b"1," * 3_000 + b"1]")
        assert (reply.status, reply.json["result"], reply.json["code"]) == (413, "refused", "too_large")
        assert len(site.ofd.received) == told
