"""Expectations, waiting and verdicts over the control API."""

import asyncio

import pytest

from fiscal.domain.document import Delivery
from ofd_server.defects import Defect, tell
from ofd_server.gateways.http import control_waiting
from tests.ofd_server.site import TOKEN, WAIT_S, Site

EXPECT, WAIT, CHECK, RESET = "/control/expect", "/control/wait", "/control/check", "/control/reset"


async def post(site, path, **body):
    reply = await site.post(path, json=body)
    assert reply.status == 200, reply.body
    return reply.json


async def test_what_is_there_is_found_with_all_its_fields():
    async with Site() as site:
        await site.registered()
        accepted = await site.sold()
        outcome = await post(site, EXPECT, expected={"kind": "receipt", "items[0].name": {"$like": "?*"}})
        assert (outcome["met"], outcome["count"], outcome["text"]) == (True, 1, "")
        assert outcome["found"][0]["sign"] == accepted["sign"]
        assert outcome["misses"] == []


async def test_what_is_not_there_is_explained_by_the_closest():
    async with Site() as site:
        await site.registered()
        await site.sold()
        outcome = await post(site, EXPECT, expected={"kind": "receipt", "total": {"$at_most": 1}})
        assert (outcome["met"], outcome["count"], outcome["found"]) == (False, 0, [])
        assert "the closest differs in total: " in outcome["text"]
        (miss,) = outcome["misses"]
        assert (miss["register"], miss["number"], miss["kind"]) == ("kkm-1", 1, "receipt")
        (difference,) = miss["differences"]
        assert (difference["path"], difference["expected"]) == ("total", {"$at_most": 1})
        assert difference["found"] > 1
        missing = await post(site, EXPECT, expected={"customer": "x"})
        assert missing["misses"][0]["differences"][0]["found"] is None


@pytest.mark.parametrize(
    ("body", "is_met"),
    [
        ({}, True),
        ({"count": 2}, True),
        ({"count": 1}, False),
        ({"count": 1, "at_least": True}, True),
        ({"count": 0}, False),
        ({"expected": {"kind": "deposit"}, "count": 0}, True),
        ({"expected": {"register": "kkm-2"}}, False),
    ],
)
async def test_how_many(body, is_met):
    async with Site() as site:
        await site.registered()
        await site.sold()
        await site.sold()
        assert (await post(site, EXPECT, **body))["met"] is is_met


@pytest.mark.parametrize("path", [EXPECT, WAIT])
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"expected": {"totl": 1}}, "totl"),
        ({"expected": {"total": {"$more": 1}}}, "total.$more"),
        ({"count": -1}, "count"),
        ({"expected": []}, "expected"),
    ],
)
async def test_what_cannot_be_meant_is_refused_before_anybody_waits(path, body, field):
    async with Site() as site:
        reply = await site.post(path, json=body)
        assert (reply.status, reply.error["field"]) == (400, field)


async def test_waiting_ends_when_it_comes():
    async with Site() as site:
        await site.registered()
        waiting = asyncio.create_task(post(site, WAIT, expected={"register": "kkm-1"}, count=2, within_s=WAIT_S))
        await site.sold()
        await asyncio.sleep(0.05)
        assert not waiting.done()
        await site.sold()
        outcome = await waiting
        assert (outcome["met"], outcome["count"]) == (True, 2)


async def test_a_document_that_changes_while_somebody_waits_is_looked_at_again():
    async with Site() as site:
        sale = (await site.registered()).sale()
        await site.submit("kkm-1", sale)
        waiting = asyncio.create_task(post(site, WAIT, expected={"autonomous_sign": 77}, within_s=WAIT_S))
        await asyncio.sleep(0.05)
        delivery = Delivery(autonomous=True, autonomous_sign=77, period=1)
        assert (await site.submit("kkm-1", sale, delivery)).json["result"] == "accepted"
        assert (await waiting)["met"] is True


async def test_waiting_ends_when_the_time_is_over():
    async with Site() as site:
        outcome = await post(site, WAIT, expected={"kind": "receipt"}, within_s=0.05)
        assert outcome["met"] is False
        assert "no document came" in outcome["text"]


async def test_waiting_ends_with_the_client_and_with_the_server(monkeypatch):
    monkeypatch.setattr(control_waiting, "WAITS_MAX", 1)
    async with Site() as site:
        waiting = asyncio.create_task(post(site, WAIT, within_s=60))
        await asyncio.sleep(0.05)
        full = await site.post(WAIT, json={"within_s": 0})
        assert (full.status, full.error["code"]) == (503, "too_many_waits")
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        for _ in range(100):
            if (await site.post(WAIT, json={"within_s": 0})).status == 200:
                break
            await asyncio.sleep(0.01)
        last = asyncio.create_task(post(site, WAIT, within_s=60))
        await asyncio.sleep(0.05)
        await site.ofd.stop()
        assert (await last)["met"] is False


async def test_everything_is_right():
    async with Site() as site:
        await site.registered()
        await site.sold()
        told = (await site.get(CHECK)).json
        assert (told["right"], told["defects"]) == (True, [])
        assert told["text"].endswith("right: nothing was found")
        assert told["judgement"]["verdict"] == "right"
        assert told["judgement"]["documents"] == 1


async def test_an_error_inside_the_operator_is_not_right():
    async with Site() as site:
        await site.registered()
        error = RuntimeError("a defect of ours")
        tell(Defect("a request could not be decided", error, {"register": "kkm-1"}))
        told = (await site.get(CHECK)).json
        assert told["right"] is False
        assert "a defect of ours" in told["defects"][0]
        assert told["text"].startswith("the operator failed: ")
        await site.post(RESET)
        assert (await site.get(CHECK)).json["right"] is True


async def test_a_reset_forgets_everything():
    async with Site(strict=True) as site:
        await site.post("/control/registers", json={"id": "kkm-1", "token": TOKEN})
        await site.registered()
        await site.sold()
        await site.ask("PUT", "/control/faults/x", json={"at": "on_connect", "effects": [{"kind": "reset"}]})
        await site.post("/control/clock/move", json={"hours": 1})
        told = (await site.post(RESET)).json
        assert (told["registers"], told["faults"], told["now"]) == (0, [], site.clock.wall)
        assert (await site.get("/api/v1/documents")).json["items"] == []
        assert (await site.get("/control/traffic")).json["items"] == []
        assert (await site.get("/control/clock")).json["ahead_ms"] == 0
        assert (await site.hello("kkm-1")).status == 404
        # It is at work like a new one.
        await site.post("/control/registers", json={"id": "kkm-1", "token": TOKEN})
        await site.registered()
        assert (await site.sold())["number"] == 1


async def test_a_ledger_in_a_folder_is_not_thrown_away(tmp_path):
    async with Site(data=tmp_path) as site:
        await site.registered()
        await site.sold()
        reply = await site.post(RESET)
        assert (reply.status, reply.error["code"]) == (409, "not_in_memory")
        assert len((await site.get("/api/v1/documents")).json["items"]) == 1
