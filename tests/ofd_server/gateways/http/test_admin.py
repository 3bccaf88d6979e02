"""Registers, as people see and administer them over HTTP."""

from urllib.parse import quote

import pytest
import yarl

from fiscal.protocols.values import as_map
from ofd_server.core.views import plain_map
from tests.documents import T0, receipt
from tests.ofd_server.site import PROFILE, TOKEN, Site


async def change(site, path, status=200, **given):
    reply = await site.post(f"/api/v1/registers{path}", **given)
    assert reply.status == status, reply.body
    return reply.json


async def test_a_register_is_added_and_its_token_shown_once():
    async with Site(strict=True) as site:
        changed = await change(site, "", 201, json={"id": "kkm-1", "profile": plain_map(PROFILE)})
        token = changed["token"]
        assert len(token) == 32
        assert (await site.hello(token=token)).status == 200

        shown = await site.get("/api/v1/registers/kkm-1")
        assert shown.json["profile"] == plain_map(as_map(PROFILE))
        everything = shown.body + (await site.get("/api/v1/registers")).body
        assert token.encode() not in everything

        other = await change(site, "", 201, json={"id": "kkm-2"})
        assert other["token"] != token


async def test_a_given_token_is_not_shown():
    async with Site() as site:
        assert (await change(site, "", 201, json={"id": "kkm-1", "token": "given-token"}))["token"] is None
        assert (await site.hello(token="given-token")).status == 200


async def test_a_register_is_added_once():
    async with Site() as site:
        await change(site, "", 201, json={"id": "kkm-1"})
        reply = await site.post("/api/v1/registers", json={"id": "kkm-1"})
        assert (reply.status, reply.error["code"], reply.error["field"]) == (409, "register_exists", "id")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "id"),
        ({"id": ""}, "id"),
        ({"id": "x" * 65}, "id"),
        ({"id": 7}, "id"),
        ({"id": "x", "token": ""}, "token"),
        ({"id": "x", "profile": {"place": "y"}}, "profile.taxpayer"),
        ({"id": "x", "standing": "good"}, "standing"),
    ],
)
async def test_a_wrong_register_is_refused_by_its_field(body, field):
    async with Site() as site:
        reply = await site.post("/api/v1/registers", json=body)
        assert (reply.status, reply.error["code"], reply.error["field"]) == (400, "bad_request", field)


async def test_a_new_token_makes_the_old_one_worthless():
    async with Site() as site:
        await site.registered()
        token = (await change(site, "/kkm-1/reset-token"))["token"]
        assert (await site.hello(token=TOKEN)).status == 401
        assert (await site.hello(token=token)).status == 200
        assert (await change(site, "/kkm-1/reset-token", json={"token": "chosen"}))["token"] is None
        assert (await site.hello(token="chosen")).status == 200


async def test_every_order_and_what_it_leaves():
    async with Site() as site:
        await site.registered()
        for order, body, standing, reason in (
            ("block", {"reason": "stolen"}, "blocked", "stolen"),
            ("block", {"reason": "stolen"}, "blocked", "stolen"),
            ("paid", None, "blocked", "stolen"),
            ("unblock", None, "good", ""),
            ("unblock", None, "good", ""),
            ("unpaid", {}, "unpaid", ""),
            ("unblock", None, "unpaid", ""),
            ("paid", None, "good", ""),
        ):
            given = {} if body is None else {"json": body}
            register = (await change(site, f"/kkm-1/{order}", **given))["register"]
            assert (register["standing"], register["reason"]) == (standing, reason)


async def test_an_order_about_nobody():
    async with Site() as site:
        for order in ("block", "unblock", "unpaid", "paid", "reset-token"):
            reply = await site.post(f"/api/v1/registers/nobody/{order}")
            assert (reply.status, reply.error["code"]) == (404, "unknown_register")
        assert (await site.ask("DELETE", "/api/v1/registers/nobody")).status == 404
        assert (await site.get("/api/v1/registers/nobody")).status == 404
        assert (await site.get("/api/v1/registers/" + "x" * 65)).status == 400


async def test_a_removed_register_keeps_its_documents_and_may_come_back():
    async with Site() as site:
        await site.registered()
        await site.sold()
        assert (await site.ask("DELETE", "/api/v1/registers/kkm-1")).json["register"]["standing"] == "removed"
        assert (await site.ask("DELETE", "/api/v1/registers/kkm-1")).status == 404
        assert (await site.get("/api/v1/registers/kkm-1/documents/1")).status == 200
        changed = await change(site, "", 201, json={"id": "kkm-1", "token": TOKEN})
        assert changed["register"]["last_number"] == 1
        assert (await site.sold())["number"] == 2


async def test_registers_by_the_page():
    async with Site() as site:
        names = [f"kkm-{number}" for number in range(5)]
        for name in names:
            await site.registered(name)
        found, after = [], 0
        while after is not None:
            page = (await site.get(f"/api/v1/registers?limit=2&after={after}")).json
            found += [item["id"] for item in page["items"]]
            after = page["next"]
        assert found == names
        assert (await site.get("/api/v1/registers?after=99")).json == {"items": [], "next": None}
        for query in ("limit=0", "limit=201", "after=-1", "page=1"):
            assert (await site.get(f"/api/v1/registers?{query}")).status == 400


async def test_a_register_with_a_name_of_its_own():
    async with Site() as site:
        name = "касса № 1/2 «Б»"
        await change(site, "", 201, json={"id": name})
        assert (await site.get("/api/v1/registers/" + "%D0%BA")).status == 404
        path = yarl.URL(f"{site.url}/api/v1/registers/{quote(name, safe='')}", encoded=True)
        async with site.session.get(path) as response:
            assert (await response.json())["id"] == name


async def test_one_register_in_full():
    async with Site() as site:
        till = await site.registered()
        await site.sold()
        shown = (await site.get("/api/v1/registers/kkm-1")).json
        assert shown["shift"] == {
            "number": 1,
            "open": True,
            "opened_at": T0,
            "expires_at": T0 + 24 * 3_600_000,
        }
        assert shown["counters"] == dict(sorted(till.shift.counters.items()))
        assert (shown["last_number"], shown["last_issued_at"], shown["registered_at"]) == (1, T0, T0)
        assert (shown["connected"], shown["reported"], shown["stuck"], shown["periods"]) == (False, None, [], [])
        assert (shown["version"], shown["complete"], shown["last_autonomous_sign"]) == (2, True, 0)


async def test_a_shift_that_is_too_old_is_why_it_is_stuck():
    async with Site() as site:
        await site.registered()
        await site.sold()
        site.clock.pass_(24 * 3600 + 1)
        shown = (await site.get("/api/v1/registers/kkm-1")).json
        assert [reason["code"] for reason in shown["stuck"]] == ["shift_expired"]


async def test_administration_waits_for_the_ledger():
    async with Site() as site:
        await site.registered()
        await site.ofd.service.drain()
        reply = await site.post("/api/v1/registers/kkm-1/block")
        assert (reply.status, reply.error["code"]) == (503, "unavailable")
        assert reply.headers["Retry-After"] == "1"
        assert (await site.submit("kkm-1", receipt())).status == 503
