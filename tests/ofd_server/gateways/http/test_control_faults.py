"""The plan of faults over the control API: read back as it was given, refused whole, switched while registers sell."""

import aiohttp
import pytest

from fiscal.faults.notation import plan_from_dict, plan_from_toml
from fiscal.faults.plan import NO_FAULTS
from tests.ofd_server.site import Site

FAULTS = "/control/faults"
LOST = {"name": "lost", "at": "after_commit", "effects": [{"kind": "lose_answer"}], "when": {"nth": 2}}
SLOW = {"name": "slow", "at": "before_commit", "effects": [{"kind": "delay", "ms": {"uniform": [1, 2]}}]}
PLAN = {"seed": 7, "description": "two", "faults": [LOST, SLOW]}
IN_TOML = """
seed = 7
description = "two"

[[faults]]
name = "lost"
at = "after_commit"
effects = [{ kind = "lose_answer" }]
when = { nth = 2 }

[[faults]]
name = "slow"
at = "before_commit"
effects = [{ kind = "delay", ms = { uniform = [1, 2] } }]
"""
TOML = {"Content-Type": "application/toml"}


async def put(site, path=FAULTS, **given):
    return await site.ask("PUT", path, **given)


async def test_everything_goes_well_until_somebody_says_otherwise():
    async with Site() as site:
        assert (await site.get(FAULTS)).json == {"seed": 0, "description": "", "faults": []}
        assert (await site.ask("DELETE", FAULTS)).status == 200
        assert site.ofd.interference.run is None


async def test_a_plan_is_what_it_is_in_a_file():
    async with Site() as site:
        as_json = await put(site, json=PLAN)
        assert as_json.json == PLAN
        assert site.ofd.interference.plan == plan_from_dict(PLAN)
        await site.ask("DELETE", FAULTS)
        assert site.ofd.interference.plan == NO_FAULTS
        assert (await put(site, data=IN_TOML, headers=TOML)).json == PLAN
        assert site.ofd.interference.plan == plan_from_toml(IN_TOML)
        # What is read can be given back.
        assert (await put(site, json=(await site.get(FAULTS)).json)).json == PLAN


async def test_times_count_from_the_moment_of_the_operators_clock():
    async with Site() as site:
        plan = {"faults": [{**SLOW, "when": {"until": "+90s"}}]}
        (fault,) = (await put(site, json=plan)).json["faults"]
        assert fault["when"] == {"until": site.clock.wall + 90_000}


async def test_single_faults_are_switched_on_and_off():
    async with Site() as site:
        nameless = {key: value for key, value in LOST.items() if key != "name"}
        assert (await put(site, f"{FAULTS}/lost", json=nameless)).json["faults"] == [LOST]
        assert (await put(site, f"{FAULTS}/lost", json={**nameless, "when": {"nth": 3}})).json["faults"] == [
            {**LOST, "when": {"nth": 3}}
        ]
        assert (await put(site, f"{FAULTS}/lost", json={**nameless, "when": None})).json["faults"] == [
            {key: value for key, value in LOST.items() if key != "when"}
        ]
        assert (await site.get("/control")).json["faults"] == ["lost"]
        assert (await site.ask("DELETE", f"{FAULTS}/other")).json["faults"] != []
        assert (await site.ask("DELETE", f"{FAULTS}/lost")).json["faults"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"faults": [{**LOST, "at": "nowhere"}]}, "faults[0].at"),
        ({"faults": [{**LOST, "effects": []}]}, "faults[0].effects"),
        ({"faults": [{**LOST, "effects": [{"kind": "delay"}]}]}, "faults[0].effects[0].ms"),
        ({"faults": [{**LOST, "effects": [{"kind": "magic"}]}]}, "faults[0].effects[0].kind"),
        ({"faults": [{**LOST, "effects": [{"kind": "lose_answer", "ms": 1}]}]}, "faults[0].effects[0].ms"),
        ({"faults": [{**LOST, "when": {"often": True}}]}, "faults[0].when.often"),
        ({"faults": [{**LOST, "when": {"nth": 0}}]}, "faults[0].when.nth"),
        ({"faults": [LOST, LOST]}, "faults[1].name"),
        ({"seed": -1}, "seed"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_a_plan_that_is_not_understood_changes_nothing(body, field):
    async with Site() as site:
        await put(site, json=PLAN)
        reply = await put(site, json=body)
        assert (reply.status, reply.error["code"], reply.error["field"]) == (400, "bad_request", field)
        assert (await site.get(FAULTS)).json == PLAN


@pytest.mark.parametrize(
    ("data", "headers", "status", "code"),
    [
        ("seed = ", TOML, 400, "bad_request"),
        (b"\xff", TOML, 400, "bad_request"),
        ("seed = 1", {"Content-Type": "text/plain"}, 415, "bad_media_type"),
        ("seed = 1", {"Content-Type": "application/json"}, 400, "bad_request"),
        ('{"faults": ' + "[" * 9_000 + "]" * 9_000 + "}", {"Content-Type": "application/json"}, 400, "bad_request"),
        ("x = " + "[" * 9_000 + "]" * 9_000, TOML, 400, "bad_request"),
    ],
)
async def test_a_body_that_is_no_plan(data, headers, status, code):
    async with Site() as site:
        reply = await put(site, data=data, headers=headers)
        assert (reply.status, reply.error["code"]) == (status, code)


async def test_a_name_that_can_be_none():
    async with Site() as site:
        reply = await put(site, f"{FAULTS}/{'x' * 65}", json={"at": "on_connect", "effects": [{"kind": "reset"}]})
        assert (reply.status, reply.error["field"]) == (400, "name")


async def test_it_is_at_work_at_once():
    async with Site(silence_max=1.0) as site:
        till = await site.registered()
        await site.sold()
        await put(site, json={"faults": [{**LOST, "when": {"command": "document", "times": 1}}]})
        lost = till.sale()
        with pytest.raises(aiohttp.ClientError):
            await site.submit("kkm-1", lost)
        assert (await site.submit("kkm-1", lost)).json["result"] == "accepted"
        assert len((await site.get("/api/v1/documents")).json["items"]) == 2
