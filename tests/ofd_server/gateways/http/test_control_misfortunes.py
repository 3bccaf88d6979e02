"""The catalogue of misfortunes over the control API."""

import aiohttp
import pytest

from fiscal.faults.misfortunes import MISFORTUNES
from tests.ofd_server.site import Site

CATALOGUE = "/control/misfortunes"


async def names(site):
    return [fault["name"] for fault in (await site.get("/control/faults")).json["faults"]]


async def test_the_whole_catalogue_is_shown():
    async with Site() as site:
        items = (await site.get(CATALOGUE)).json["items"]
        assert [item["name"] for item in items] == list(MISFORTUNES)
        assert not any(item["on"] for item in items)
        assert all(item["happens"] and item["register"] and item["faults"] for item in items)


@pytest.mark.parametrize("name", MISFORTUNES)
async def test_each_is_switched_on_and_off_beside_what_is_at_work(name):
    async with Site() as site:
        await site.ask("PUT", "/control/faults/mine", json={"at": "on_connect", "effects": [{"kind": "reset"}]})
        plan = (await site.ask("PUT", f"{CATALOGUE}/{name}")).json
        assert plan["faults"][0]["name"] == "mine"
        assert len(plan["faults"]) == 1 + len(list(MISFORTUNES[name].plan()))
        on = {item["name"]: item["on"] for item in (await site.get(CATALOGUE)).json["items"]}
        assert on[name]
        await site.ask("DELETE", f"{CATALOGUE}/{name}")
        assert await names(site) == ["mine"]
        await site.ask("DELETE", f"{CATALOGUE}/{name}")
        assert await names(site) == ["mine"]


async def test_all_of_them_together_are_one_plan():
    async with Site() as site:
        for name in MISFORTUNES:
            await site.ask("PUT", f"{CATALOGUE}/{name}", json={})
        on = {item["name"] for item in (await site.get(CATALOGUE)).json["items"] if item["on"]}
        assert on == set(MISFORTUNES)
        assert len(await names(site)) == sum(len(list(one.plan())) for one in MISFORTUNES.values())


async def test_whom_it_befalls_and_with_which_luck():
    async with Site() as site:
        plan = (await site.ask("PUT", f"{CATALOGUE}/flaky-3g", json={"register": "till-*", "seed": 7})).json
        assert plan["seed"] == 7
        assert {fault["when"]["register"] for fault in plan["faults"]} == {"till-*"}


async def test_a_plan_without_room_for_it_stays_as_it_is(monkeypatch):
    async with Site() as site:
        await site.ask("PUT", f"{CATALOGUE}/flaky-3g", json={})
        before = await names(site)
        monkeypatch.setattr("fiscal.faults.plan.FAULTS_MAX", len(before))
        reply = await site.ask("PUT", f"{CATALOGUE}/tunnel", json={})
        assert (reply.status, reply.error["code"]) == (400, "bad_request")
        assert await names(site) == before


async def test_one_that_is_switched_on_again_counts_anew():
    async with Site(silence_max=1.0) as site:
        till = await site.registered()
        for _ in range(2):
            await site.ask("PUT", f"{CATALOGUE}/lost-request", json={})
            await site.sold()
            await site.sold()
        with pytest.raises(aiohttp.ClientError):
            await site.submit("kkm-1", till.sale())


async def test_its_times_count_from_now_on_the_operators_clock():
    timed = [name for name, one in MISFORTUNES.items() if "+" in one.faults]
    assert timed
    async with Site() as site:
        plan = (await site.ask("PUT", f"{CATALOGUE}/{timed[0]}", json={})).json
        moments = [
            fault["when"][word] for fault in plan["faults"] for word in ("from", "until") if word in fault["when"]
        ]
        assert all(moment > site.clock.wall for moment in moments)


async def test_it_befalls_those_and_no_others():
    async with Site(silence_max=1.0) as site:
        for register in ("till-1", "desk-1"):
            await site.registered(register)
        await site.ask("PUT", f"{CATALOGUE}/lost-request", json={"register": "till-*"})
        for _ in range(3):
            await site.sold("desk-1")
        await site.sold("till-1")
        await site.sold("till-1")
        with pytest.raises(aiohttp.ClientError):
            await site.submit("till-1", site.tills["till-1"].sale())


async def test_one_that_is_not_there():
    async with Site() as site:
        for method in ("PUT", "DELETE"):
            reply = await site.ask(method, f"{CATALOGUE}/sunshine")
            assert (reply.status, reply.error["code"]) == (404, "unknown_misfortune")
        reply = await site.ask("PUT", f"{CATALOGUE}/flaky-3g", json={"register": ""})
        assert (reply.status, reply.error["field"]) == (400, "register")
