"""A request over HTTP under a plan: an answer instead, an answer altered, a wait, and none at all."""

import asyncio

import aiohttp
import pytest

from fiscal.faults.effects import (
    AskToWait,
    Block,
    Corrupt,
    Crash,
    Delay,
    DiskFull,
    Dribble,
    Duplicate,
    HalfClose,
    LoseRequest,
    Point,
    Refuse,
    Reorder,
    Reset,
    Slice,
    Stall,
    Truncate,
    WrongToken,
)
from fiscal.faults.plan import Fault, FaultPlan, Selection
from tests.ofd_server.site import TOKEN, WAIT_S, Site, sale

ONCE = Selection(command="document", times=1)


def under(site, at, *effects):
    site.ofd.interference.switch_to(FaultPlan((Fault(name="it", at=at, effects=effects, when=ONCE),)))


async def sell(site):
    return (await site.submit("kkm-1", site.tills["kkm-1"].sale())).json


@pytest.mark.parametrize(
    ("at", "effect", "code"),
    [
        (Point.BEFORE_COMMIT, Refuse("conflict", "no"), "conflict"),
        (Point.BEFORE_COMMIT, Refuse("TICKET_999", "no"), "bad_request"),
        (Point.BEFORE_COMMIT, WrongToken(), "wrong_token"),
        (Point.AFTER_COMMIT, Refuse("too_old", "no"), "too_old"),
        (Point.AFTER_COMMIT, Refuse("TICKET_999", "no"), "bad_request"),
    ],
)
async def test_a_refusal_on_demand(at, effect, code):
    async with Site() as site:
        await site.registered()
        under(site, at, effect)
        assert (await sell(site))["code"] == code
        held = (await site.get("/api/v1/documents")).json["items"]
        assert len(held) == (at is Point.AFTER_COMMIT)


async def test_come_later_on_demand():
    async with Site() as site:
        await site.registered()
        under(site, Point.BEFORE_COMMIT, AskToWait(700))
        assert await sell(site) == {"result": "try_later", "delay_ms": 700}


@pytest.mark.parametrize(
    ("at", "effect", "held"),
    [
        (Point.ON_CONNECT, Reset(), 0),
        (Point.BEFORE_PARSE, Stall(), 0),
        (Point.BEFORE_COMMIT, LoseRequest(), 0),
        (Point.BEFORE_COMMIT, Reset(), 0),
        (Point.AFTER_COMMIT, Reset(), 1),
        (Point.AFTER_COMMIT, Stall(), 1),
    ],
)
async def test_no_answer_on_demand(at, effect, held):
    async with Site(silence_max=1.0) as site:
        await site.registered()
        under(site, at, effect)
        with pytest.raises(aiohttp.ClientError):
            await sell(site)
        assert len((await site.get("/api/v1/documents")).json["items"]) == held


async def test_a_delay_before_the_commit():
    async with Site() as site:
        await site.registered()
        under(site, Point.BEFORE_COMMIT, Delay(20))
        assert (await sell(site))["result"] == "accepted"


# ----------------------------------------------------------------------------------------------------------- bytes


def request(site, body, register="kkm-1", path="documents", closes=True):
    """A whole request as bytes."""
    head = (
        f"POST /api/v1/registers/{register}/{path} HTTP/1.1",
        f"Host: 127.0.0.1:{site.port}",
        f"Authorization: Bearer {TOKEN}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *(["Connection: close"] if closes else []),
    )
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


async def heard(site, number=1):
    """All bytes that come back to a sale, until the operator closes."""
    return await site.raw(request(site, sale(number)))


@pytest.mark.parametrize("effect", [Slice(3), Dribble(50, 1), Reorder(ms_max=5), Duplicate()])
async def test_the_bytes_of_an_answer_are_bent_from_the_status_line_on(effect):
    async with Site() as site:
        await site.registered()
        under(site, Point.AFTER_COMMIT, Delay(0))
        whole = await heard(site)
        under(site, Point.AFTER_COMMIT, effect)
        assert whole.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"Date: " in whole
        assert await heard(site) == whole * (2 if isinstance(effect, Duplicate) else 1)


async def test_an_answer_cut_short_garbled_and_by_half():
    async with Site() as site:
        await site.registered()
        under(site, Point.AFTER_COMMIT, Delay(0))
        whole = await heard(site)
        under(site, Point.AFTER_COMMIT, Truncate(20))
        assert await heard(site) == whole[:20]
        under(site, Point.AFTER_COMMIT, Corrupt(1, 0))
        garbled = await heard(site)
        assert garbled[1:] == whole[1:]
        assert garbled[0] != whole[0]
        under(site, Point.HALF_ANSWER, HalfClose())
        assert await heard(site) == whole[: (len(whole) + 1) // 2]
        under(site, Point.AFTER_ANSWER, HalfClose())
        assert await heard(site) == whole
        under(site, Point.AFTER_ANSWER, Delay(5))
        assert await heard(site) == whole


async def test_the_body_of_a_request_is_bent():
    async with Site(silence_max=1.0) as site:
        await site.registered()
        for effect in (Slice(5), Dribble(100, 1), Duplicate(), Delay(5)):
            under(site, Point.BEFORE_PARSE, effect)
            assert (await sell(site))["result"] == "accepted"
        under(site, Point.BEFORE_PARSE, Corrupt(8, 0))
        assert (await sell(site))["code"] == "bad_request"
        under(site, Point.BEFORE_PARSE, Truncate(10))
        with pytest.raises(aiohttp.ClientError):
            await sell(site)


async def test_a_question_without_a_body():
    async with Site(silence_max=1.0) as site:
        await site.registered()
        path, headers = "/api/v1/registers/kkm-1/information", {"Authorization": f"Bearer {TOKEN}"}
        for at, effect in ((Point.BEFORE_PARSE, Duplicate()), (Point.AFTER_COMMIT, Slice(1))):
            fault = Fault(name="it", at=at, effects=(effect,), when=Selection(command="information"))
            site.ofd.interference.switch_to(FaultPlan((fault,)))
            assert (await site.get(path, headers=headers)).json["last_number"] == 0
        fault = Fault(name="it", at=Point.BEFORE_PARSE, effects=(Reset(),), when=Selection(command="information"))
        site.ofd.interference.switch_to(FaultPlan((fault,)))
        with pytest.raises(aiohttp.ClientError):
            await site.get(path, headers=headers)


async def test_a_crash_is_asked_for_and_where_none_may_die_the_connection_is_reset():
    crashed = []
    async with Site(crash=lambda: crashed.append(1)) as site:
        await site.registered()
        for at in (Point.BEFORE_COMMIT, Point.AFTER_COMMIT):
            under(site, at, Crash())
            with pytest.raises(aiohttp.ClientError):
                await sell(site)
    assert crashed == [1, 1]


async def test_the_server_suffers_over_http_too():
    async with Site() as site:
        await site.registered()
        under(site, Point.BEFORE_COMMIT, DiskFull())
        assert (await sell(site))["result"] == "try_later"
        under(site, Point.AFTER_COMMIT, Block())
        body = sale(1)
        assert (await site.command("kkm-1", "documents", body)).json["result"] == "accepted"
        assert (await site.command("kkm-1", "documents", body)).json["result"] == "blocked"


async def test_whoever_administers_the_operator_is_never_harmed():
    async with Site() as site:
        await site.registered()
        fault = Fault(name="all", at=Point.BEFORE_COMMIT, effects=(Reset(),))
        site.ofd.interference.switch_to(FaultPlan((fault,)))
        assert (await site.get("/api/v1/registers")).status == 200
        assert (await site.post("/api/v1/ping")).status == 200


@pytest.mark.parametrize("at", [Point.BEFORE_PARSE, Point.BEFORE_COMMIT, Point.AFTER_COMMIT])
async def test_nobody_waits_for_a_client_that_has_gone(at):
    async with Site() as site:
        await site.registered()
        under(site, at, Delay(60_000), HalfClose() if at is Point.AFTER_COMMIT else Delay(0))
        _, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(request(site, sale(1)))
        async with asyncio.timeout(WAIT_S):
            while not site.ofd.faults.times_applied(site.ofd.interference.plan.faults[0], "kkm-1"):  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        writer.close()
        async with asyncio.timeout(WAIT_S):
            while len(site.ofd._http.connections) > 1:  # noqa: ASYNC110 - that of the site's own session stays
                await asyncio.sleep(0.001)
