"""A request over HTTP under a plan: an answer instead, an answer altered, a wait, and none at all."""

import aiohttp
import pytest

from fiscal.faults.effects import AskToWait, Delay, LoseRequest, Point, Refuse, Reset, Stall, WrongToken
from fiscal.faults.plan import Fault, FaultPlan, Selection
from tests.ofd_server.site import Site

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
