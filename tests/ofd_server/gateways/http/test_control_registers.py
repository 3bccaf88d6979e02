"""Registers for tests: what comes back is enough to sell, over every protocol."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from kkt_client import CashRegister, Line
from ofd_server.clock import SystemClock
from tests.ofd_server.gateways.http.test_links import connected
from tests.ofd_server.site import PROFILE, Site

REGISTERS = "/control/registers"
BREAD = [Line(name="Хлеб", price=250_00)]


async def make(site, **body):
    reply = await site.post(REGISTERS, json=body)
    assert reply.status == 201, reply.body
    return reply.json["items"]


async def test_ids_that_are_made_up_are_never_given_twice():
    async with Site(strict=True) as site:
        await site.post("/api/v1/registers", json={"id": "till-2"})
        made = [*await make(site, count=2), *await make(site)]
        assert [one["id"] for one in made] == ["till-1", "till-3", "till-4"]
        assert len({one["token"] for one in made}) == 3
        assert (await make(site, prefix="desk "))[0]["id"] == "desk 5"


async def test_the_address_is_all_that_a_client_needs():
    async with Site(strict=True, kz="127.0.0.1:0") as site:
        (made,) = await make(site, prefix="касса №")
        query = parse_qs(urlsplit(made["native"]).query)
        assert query == {"id": [made["id"]], "token": [made["token"]]}
        assert made["native"].startswith(f"native://{site.ofd.native_address}?")
        assert made["http"].startswith(f"{site.url}?")
        assert made["kz"] is None
        async with connected(site) as client:
            welcome = await client.hello(made["id"], made["token"])
        assert type(welcome).__name__ == "Welcome"


async def test_a_register_of_ours_sells_under_each_of_them(tmp_path):
    async with Site(strict=True, kz="127.0.0.1:0", clock=SystemClock()) as site:
        (native,) = await make(site)
        (http,) = await make(site, protocol="http")
        (kz,) = await make(site, protocol="kz")
        assert kz["id"] == "900001"
        for number, address in enumerate((native["native"], http["http"], kz["kz"])):
            async with CashRegister.open(str(tmp_path / str(number)), address) as till:
                assert (await till.sell(BREAD)).marks.ticks == 2


async def test_one_for_the_kazakhstan_protocol_has_particulars_and_the_zone_of_the_operator():
    async with Site(kz="off", kz_zone="Asia/Aqtobe") as site:
        await make(site, protocol="kz")
        await make(site, protocol="kz", id="till", token="t")
        await make(site)
        shown = [(await site.get(f"/api/v1/registers/{name}")).json["profile"] for name in ("900001", "till", "till-1")]
        assert shown[0]["serial"] == "MOCK0000900001"
        assert shown[0]["zone"] == "Asia/Aqtobe"
        assert shown[1:] == [None, None]


async def test_one_of_a_given_name():
    async with Site(kz="off") as site:
        profile = {
            "taxpayer": {"name": "ТОО", "tax_id": "123456789012"},
            "place": "Алматы",
            "rnm": PROFILE.rnm,
            "serial": PROFILE.serial,
        }
        (made,) = await make(site, id="100501", token="987654321", profile=profile)
        assert (made["id"], made["token"], made["kz"]) == ("100501", "987654321", None)
        shown = (await site.get("/api/v1/registers/100501")).json
        assert shown["profile"]["place"] == "Алматы"
        again = await site.post(REGISTERS, json={"id": "100501"})
        assert (again.status, again.error["code"]) == (409, "register_exists")


@pytest.mark.parametrize(
    ("body", "field"),
    [({"id": "a", "count": 2}, "count"), ({"count": 0}, "count"), ({"count": 1_001}, "count"), ({"id": ""}, "id")],
)
async def test_what_is_refused(body, field):
    async with Site() as site:
        reply = await site.post(REGISTERS, data=json.dumps(body), headers={"Content-Type": "application/json"})
        assert (reply.status, reply.error["field"]) == (400, field)


async def test_a_register_that_was_removed_is_unknown():
    async with Site(strict=True) as site:
        (made,) = await make(site)
        assert (await site.ask("DELETE", f"{REGISTERS}/till-1")).json == {"id": "till-1"}
        assert (await site.hello("till-1", made["token"])).status == 404
        assert (await site.ask("DELETE", f"{REGISTERS}/nobody")).error["code"] == "unknown_register"
