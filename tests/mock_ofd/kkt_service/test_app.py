"""The service as a whole: who may ask, how it begins and ends, and what it does when the memory fails."""

import asyncio
import io
import socket

import aiohttp
import pytest

from fiscal.domain.messages import SubmitDocument
from mock_ofd.kkt_service.app import BODY_MAX, KktService
from tests.docs.kkt_tables import routes, unprotected
from tests.kkt_client.shop import Shop
from tests.mock_ofd.kkt_service.till import IMPATIENT, Till, until

TOKEN = "a-long-secret"


async def test_the_ready_line_tells_where_and_how_it_is():
    async with Till() as till:
        line = till.service.ready_line()
        till.shop.operator.down = True
        await till.sell()
        later = till.service.ready_line()
    assert line["event"] == "ready"
    assert line["http"] == till.service.address
    assert (line["register"], line["mode"], line["unsent"], line["unfinished"]) == ("kkt-1", "online", 0, [])
    assert (later["mode"], later["unsent"]) == ("autonomous", 1)


async def test_it_serves_on_the_socket_that_it_is_given():
    listening = socket.create_server(("127.0.0.1", 0))
    async with Till(listening=listening) as till:
        assert till.service.address == f"127.0.0.1:{listening.getsockname()[1]}"
        assert (await till.get("/healthz")).json == {"status": "alive"}


# ------------------------------------------------------------------------------------------------------- who may ask


async def test_without_a_token_everything_is_open_on_the_loopback():
    async with Till() as till:
        assert (await till.get("/status")).status == 200


async def test_with_a_token_everything_but_the_signs_of_life_wants_it():
    async with Till(api_token=TOKEN) as till:
        for route in routes():
            path = route.path.replace("{number}", "1").removeprefix("/api/v1")
            reply = await till.ask(route.method, path)
            if f"{route.method} {route.path}" in unprotected():
                assert reply.status == 200
            else:
                assert reply.failed == (401, "unauthorized"), path
                assert reply.headers["WWW-Authenticate"] == "Bearer"
        wrong = await till.ask("GET", "/status", headers={"Authorization": f"Bearer {TOKEN}x"})
        right = await till.ask("GET", "/status", headers={"Authorization": f"Bearer {TOKEN}"})
        assert till.register.status().last_number == 0
    assert wrong.status == 401
    assert right.status == 200
    assert unprotected() == ["GET /healthz", "GET /readyz", "GET /api/v1/openapi.json"]


@pytest.mark.parametrize(
    ("headers", "failed"),
    [
        ({"Host": "evil.example"}, (421, "wrong_host")),
        ({"Origin": "https://evil.example"}, (403, "cross_site")),
        ({"Content-Type": "text/plain"}, (415, "bad_media_type")),
        ({"Content-Type": "application/x-www-form-urlencoded"}, (415, "bad_media_type")),
    ],
)
async def test_a_page_of_another_site_sells_nothing(headers, failed):
    async with Till() as till:
        headers = {"Content-Type": "application/json", **headers}
        reply = await till.ask("POST", "/deposit", data=b'{"sum": 5}', headers=headers)
        assert till.register.status().last_number == 0
    assert reply.failed == failed


@pytest.mark.parametrize(
    ("body", "failed"),
    [
        (b"", (400, "bad_request")),
        (b"[]", (400, "bad_request")),
        (b"{", (400, "bad_request")),
        (b'{"sum": 5, "sum": 6}', (400, "bad_request")),
        (b'{"sum": NaN}', (400, "bad_request")),
        (b'{"sum": 5.0}', (400, "bad_request")),
        (b'{"sum": "5"}', (400, "bad_request")),
        (b'{"sum": true}', (400, "bad_request")),
        (b'{"sum": 0}', (400, "bad_request")),
        (b'{"sum": 5, "colour": "red"}', (400, "bad_request")),
        (b'{"sum": 5, "cashier": {"code": 1, "name": "\\ud800"}}', (400, "bad_request")),
        (b"[" * 100_000, (400, "bad_request")),
        (b" " * (BODY_MAX + 1), (413, "too_large")),
    ],
)
async def test_a_body_that_is_not_right_issues_nothing(body, failed):
    async with Till() as till:
        reply = await till.ask("POST", "/deposit", data=io.BytesIO(body), headers={"Content-Type": "application/json"})
        assert (await till.post("/deposit", {"sum": 5})).paper["number"] == 1
    assert reply.failed == failed


async def test_what_is_not_served():
    async with Till() as till:
        assert (await till.get("/sell")).failed == (405, "method_not_allowed")
        assert (await till.get("/nothing")).failed == (404, "not_found")


# -------------------------------------------------------------------------------------------------------------- ends


async def test_at_the_end_an_order_that_has_begun_is_finished_and_answered():
    async with Till() as till:
        await till.sell()
        till.shop.operator.delays[SubmitDocument] = 0.15
        selling = asyncio.create_task(till.sell())
        await until(lambda: till.register.status().last_number == 2)
        await till.service.stop()
        reply = await selling
        with pytest.raises(aiohttp.ClientConnectionError):
            await till.sell()
    assert reply.paper["delivered"]


async def test_orders_that_wait_behind_it_are_finished_too():
    async with Till() as till:
        await till.sell()
        till.shop.operator.delays[SubmitDocument] = 0.05
        selling = [asyncio.create_task(till.sell()) for _ in range(3)]
        await until(lambda: len(till.service._desk.serving) == 3)
        await till.service.stop()
        numbers = sorted([(await each).paper["number"] for each in selling])
    assert numbers == [2, 3, 4]


async def test_stopping_twice_is_stopping_once():
    async with Till() as till:
        await till.service.stop()


async def test_it_is_ready_until_it_stops():
    async with Till() as till:
        assert (await till.get("/readyz")).json == {"status": "ready", "reasons": []}
        till.service._stopping.set()
        reply = await till.get("/readyz")
    assert reply.status == 503
    assert reply.json["reasons"] == ["the register is being closed"]


@pytest.mark.parametrize("steps", range(6))
async def test_when_the_memory_fails_the_process_has_to_go_and_the_next_one_knows(steps):
    """The memory dies at one step after the other; what a caller was answered is there, and nothing twice."""
    shop = Shop(IMPATIENT)
    async with Till(shop) as till:  # founds it
        assert not till.service.failed.is_set()
    register = shop.register(crash_after=steps)
    answered = []
    try:
        await shop.start(register)
        async with KktService(register) as service:
            dying = Till(shop)
            dying.register, dying.service, dying.session = register, service, aiohttp.ClientSession()
            async with dying.session:
                for key in ("a", "b"):
                    reply = await dying.sell(key)
                    if reply.status == 200:
                        answered.append(reply.paper["number"])
                    else:
                        assert reply.status == 503
                        assert reply.error["code"] in ("memory_stopped", "storage_error", "crashed")
                        assert service.failed.is_set()
                        ready = await dying.get("/readyz")
                        assert (ready.status, ready.json["status"]) == (503, "unready")
    finally:
        await shop.kill()
    async with Till(shop) as again:
        papers = [(await again.sell(key)).paper["number"] for key in ("a", "b")]
        await again.register.sync()
    assert papers == [1, 2]
    assert papers[: len(answered)] == answered
    assert shop.operator.numbers() == [1, 2]
