"""Who may control an operator, and what it says of itself."""

import pytest

from ofd_server.config import ControlAccess
from tests.ofd_server.site import Site

TOKEN = "a-token-of-eight"
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}


async def test_it_says_where_everything_is():
    async with Site(kz="127.0.0.1:0") as site:
        await site.registered()
        told = (await site.get("/control")).json
        assert told["native"] == f"native://{site.ofd.native_address}"
        assert told["http"] == site.url
        assert told["kz"] == f"kz://{site.ofd.kz_address}"
        assert (told["durable"], told["registers"], told["faults"]) == (False, 1, [])
        assert told["now"] == site.clock.wall


async def test_what_is_not_served_has_no_address():
    async with Site(native="off", kz="off") as site:
        told = (await site.get("/control")).json
        assert (told["native"], told["kz"]) == (None, None)


async def test_an_operator_that_listens_everywhere_goes_by_the_name_that_was_asked():
    async with Site(http="0.0.0.0:0", native="0.0.0.0:0", control="on") as site:
        asked = f"127.0.0.1:{site.port}"
        told = (await site.get("/control", headers={"Host": asked})).json
        assert told["http"] == f"http://{asked}"
        assert told["native"].startswith("native://127.0.0.1:")
        told = (await site.get("/control", headers={"Host": "[::1]:80"})).json
        assert told["native"].startswith("native://[::1]:")
        for odd in ("[::1", "", "x" * 300):
            assert (await site.get("/control", headers={"Host": odd})).status == 200


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"http": "127.0.0.1:0"}, 200),
        ({"http": "127.0.0.1:0", "control": "off"}, 403),
        ({"http": "0.0.0.0:0"}, 403),
        ({"http": "0.0.0.0:0", "control": "on"}, 200),
        ({"http": "127.0.0.1:0", "control": "off", "api_token": TOKEN}, 403),
        ({"http": "0.0.0.0:0", "api_token": TOKEN}, 200),
    ],
)
async def test_where_it_is_served(given, status):
    async with Site(**given) as site:
        reply = await site.get("/control", headers=AUTHORIZED)
        assert reply.status == status
        if status == 403:
            assert reply.error["code"] == "control_off"


@pytest.mark.parametrize("access", ["auto", "on"])
async def test_a_token_that_is_set_is_wanted_for_every_address_of_it(access):
    async with Site(api_token=TOKEN, control=access) as site:
        rows = [route for route in site.ofd._http.router.routes if route.path.startswith("/control")]
        assert len(rows) > 7
        for route in rows:
            reply = await site.ask(route.method, route.path)
            assert (reply.status, route.path) == (401, route.path)
        assert (await site.get("/control", headers=AUTHORIZED)).status == 200


async def test_a_page_of_another_site_controls_nothing():
    async with Site() as site:
        reply = await site.ask("DELETE", "/control/faults", headers={"Origin": "http://elsewhere.example"})
        assert (reply.status, reply.error["code"]) == (403, "cross_site")


def test_the_default_is_the_careful_one():
    assert Site().ofd.settings.control is ControlAccess.AUTO
