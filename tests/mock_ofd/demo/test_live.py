"""Registers in the operator's process: whole ones, whose own word can be heard, with the keys of a till."""

import asyncio
import json
from contextlib import asynccontextmanager

import aiohttp
import pytest

from fiscal.domain.receipt import Operation
from kkt_client.core.receipts import FiscalReceipt
from mock_ofd.demo import live, live_routes
from mock_ofd.demo.live import LiveRegister, LiveRegisters, NothingToReturn
from mock_ofd.demo.live_shop import live_shop
from ofd_server import OfdServer
from tests.ofd_server.site import WAIT_S

ONE = "/api/v1/live/registers/alma-bazar-1"


@asynccontextmanager
async def shop(folder, **settings):
    """A client of a shop in this folder."""
    async with (
        live_shop(folder, kz="off", **settings) as addresses,
        aiohttp.ClientSession(addresses["http"], timeout=aiohttp.ClientTimeout(total=WAIT_S * 4)) as client,
    ):
        yield client


async def ask(client, method, path, status=200, **given):
    async with client.request(method, path, **given) as response:
        assert response.status == status, await response.text()
        return await response.json()


async def test_every_key_makes_its_paper(tmp_path):
    async with shop(tmp_path) as client:
        expected = {
            "deposit": ("deposit", None, "ВНЕСЕНИЕ"),
            "sell": ("receipt", "sell", "ПРОДАЖА"),
            "return": ("receipt", "sell_return", "ВОЗВРАТ"),
            "withdraw": ("withdrawal", None, "ИЗЪЯТИЕ"),
            "x": ("close_shift", None, "X-ОТЧЁТ"),
            "z": ("close_shift", None, "Z-ОТЧЁТ"),
        }
        for key, (kind, operation, printed) in expected.items():
            paper = await ask(client, "POST", f"{ONE}/{key}")
            assert (paper["kind"], paper["operation"]) == (kind, operation)
            assert printed in paper["text"]
            assert paper["number"] is None if key == "x" else paper["number"] > 0
        shown = await ask(client, "GET", ONE)
        assert [document["number"] for document in shown["documents"]] == [5, 4, 3, 2, 1]
        assert all(document["ticks"] == 2 and not document["cloud"] for document in shown["documents"])
        assert shown["status"]["unsent"] == 0
        held = await ask(client, "GET", "/api/v1/documents?register=alma-bazar-1")
        assert len(held["items"]) == 5
        one = await ask(client, "GET", f"{ONE}/documents/2")
        assert one["sign"] == held["items"][-2]["sign"]
        assert one["text"].startswith(" ")


async def test_what_waits_is_told_however_much_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(live, "DOCUMENTS_SHOWN", 2)
    async with shop(tmp_path) as client:
        for _ in range(4):
            await ask(client, "POST", f"{ONE}/deposit")
        shown = await ask(client, "GET", ONE)
        assert [document["number"] for document in shown["documents"]] == [4, 3]
        await ask(client, "PUT", "/api/v1/registers/alma-bazar-1/link", json={"state": "cut"})
        for _ in range(3):
            await ask(client, "POST", f"{ONE}/deposit")
        shown = await ask(client, "GET", ONE)
        assert [document["number"] for document in shown["documents"]] == [7, 6, 5]
        assert {document["ticks"] for document in shown["documents"]} == {1}


async def test_cash_moves_take_what_is_said_or_what_there_is(tmp_path):
    async with shop(tmp_path) as client:
        assert (await ask(client, "POST", f"{ONE}/deposit", json={"sum": 4_200}))["total"] == 4_200
        assert (await ask(client, "POST", f"{ONE}/withdraw", json={"sum": 200}))["total"] == 200
        assert (await ask(client, "POST", f"{ONE}/withdraw"))["total"] == 4_000
        refused = await ask(client, "POST", f"{ONE}/withdraw", status=409)
        assert refused["error"]["code"] == "register_refused"
        await ask(client, "POST", f"{ONE}/withdraw", status=400, json={"sum": 0})


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/api/v1/live/registers/nobody", "unknown_register"),
        ("POST", "/api/v1/live/registers/nobody/sell", "unknown_register"),
        ("GET", f"{ONE}/documents/99", "unknown_document"),
    ],
)
async def test_what_is_not_there(tmp_path, method, path, code):
    async with shop(tmp_path) as client:
        assert (await ask(client, method, path, status=404))["error"]["code"] == code


async def test_a_key_needs_the_token(tmp_path):
    async with shop(tmp_path, api_token="a-token-of-eight") as client:
        await ask(client, "POST", f"{ONE}/sell", status=401)
        await ask(client, "GET", ONE)


async def test_everybody_is_known_before_the_first_sale(tmp_path):
    async with shop(tmp_path) as client:
        async with asyncio.timeout(WAIT_S):
            while len((await ask(client, "GET", "/api/v1/registers"))["items"]) < 5:  # noqa: ASYNC110 - a hello is no event of the interface
                await asyncio.sleep(0.01)
        assert len((await ask(client, "GET", "/api/v1/live/registers"))["items"]) == 5


async def test_a_return_takes_each_sale_back_once(tmp_path):
    async with shop(tmp_path) as client:
        await ask(client, "POST", f"{ONE}/deposit")
        first = await ask(client, "POST", f"{ONE}/sell")
        second = await ask(client, "POST", f"{ONE}/sell")
        assert (await ask(client, "POST", f"{ONE}/return"))["total"] == second["total"]
        assert (await ask(client, "POST", f"{ONE}/return"))["total"] == first["total"]
        await ask(client, "POST", f"{ONE}/return", status=409)


async def test_the_same_seed_sells_the_same(tmp_path):
    sold = []
    for name in ("one", "two"):
        async with shop(tmp_path / name) as client:
            sold.append([(await ask(client, "POST", f"{ONE}/sell"))["total"] for _ in range(3)])
    assert sold[0] == sold[1]


async def test_memories_go_on_where_they_ended(tmp_path):
    async with shop(tmp_path) as client:
        await ask(client, "POST", f"{ONE}/sell")
    async with shop(tmp_path) as client:
        assert (await ask(client, "POST", f"{ONE}/sell"))["number"] == 2


# ------------------------------------------------------------------------------------------------------------- stream


@asynccontextmanager
async def listening(client, query=""):
    async with client.get(f"/api/v1/live/events{query}") as response:
        assert response.status == 200
        assert await response.content.readline() == b"retry: 2000\n"

        async def following(wanted):
            name = ""
            while True:
                async with asyncio.timeout(WAIT_S):
                    line = (await response.content.readline()).decode()
                assert line, "the stream ended"
                field, _, value = line.rstrip("\n").partition(": ")
                if field == "event":
                    name = value
                elif field == "data" and name == wanted:
                    return json.loads(value)

        yield following


async def test_a_register_is_heard_when_one_tick_becomes_two(tmp_path):
    async with shop(tmp_path) as client, listening(client, "?register=alma-bazar-1") as following:
        await ask(client, "POST", "/api/v1/live/registers/alma-bazar-2/sell")
        paper = await ask(client, "POST", f"{ONE}/sell")
        moves = [await following("document") for _ in range(2)]
        assert [(move["number"], move["ticks"], move["cloud"]) for move in moves] == [(1, 1, False), (1, 2, False)]
        assert [move["sign"] for move in moves] == [None, paper["sign"]]
        assert (await following("status"))["last_number"] == 1


async def test_a_register_says_why_it_went_autonomous_and_that_it_came_back(tmp_path):
    async with shop(tmp_path) as client, listening(client) as following:
        await ask(client, "POST", f"{ONE}/sell")
        await ask(client, "PUT", "/api/v1/registers/alma-bazar-1/link", json={"state": "cut"})
        paper = await ask(client, "POST", f"{ONE}/sell")
        assert (paper["ticks"], paper["cloud"]) == (1, True)
        assert "автономный режим" in (await following("said"))["text"]
        await ask(client, "PUT", "/api/v1/registers/alma-bazar-1/link", json={"state": "up"})
        assert "Автономный режим окончен" in (await following("said"))["text"]
        (newest, *_) = (await ask(client, "GET", ONE))["documents"]
        assert (newest["ticks"], newest["cloud"], newest["autonomous_sign"] > 0) == (2, True, True)


async def test_who_listens_too_slowly_is_told_of_a_gap(tmp_path, monkeypatch):
    monkeypatch.setattr(live_routes, "WAITING_MAX", 2)
    stopping = asyncio.Event()
    registers = LiveRegisters(tmp_path, 1)
    live = live_routes.Live(registers, stopping)
    listener = live_routes._Listener(None)
    other = live_routes._Listener("elsewhere")
    live._listeners |= {listener, other}
    for number in range(3):
        registers.hear("status", "r1", {"number": number})
    assert listener.lost
    assert len(listener.waiting) == 1
    assert not other.waiting


async def test_so_many_listeners_and_no_more(tmp_path, monkeypatch):
    monkeypatch.setattr(live_routes, "LISTENERS_MAX", 1)
    async with shop(tmp_path) as client, listening(client):
        told = await ask(client, "GET", "/api/v1/live/events", status=503)
        assert told["error"]["code"] == "too_many_viewers"


async def test_an_operator_of_its_own_has_no_such_addresses():
    async with (
        OfdServer(http="127.0.0.1:0", native="off", kz="off") as server,
        aiohttp.ClientSession(f"http://{server.http_address}") as client,
    ):
        assert (await ask(client, "GET", ONE, status=404))["error"]["code"] == "not_found"
        described = await ask(client, "GET", "/api/v1/openapi.json")
        assert not [path for path in described["paths"] if "/live/" in path]


async def test_a_return_of_a_receipt_in_two_payments_is_paid_back_in_both(tmp_path):
    async with OfdServer(http="off", native="127.0.0.1:0", kz="off") as server:
        told: list[tuple[str, str]] = []
        live = LiveRegister(
            1,
            tmp_path,
            f"native://{server.native_address}",
            3,
            None,
            lambda name, register, _: told.append((name, register)),
        )
        await live.open("http://127.0.0.1/r")
        try:
            with pytest.raises(NothingToReturn):
                await live.take_back()
            await live.deposit(9_000_000)
            for _ in range(4):
                sold = await live.sell()
                back = await live.take_back()
                assert isinstance(back, FiscalReceipt)
                assert back.document.operation is Operation.SELL_RETURN  # type: ignore[union-attr]
                assert {p.kind: p.sum for p in back.document.payments} == {  # type: ignore[union-attr]
                    p.kind: p.sum
                    for p in sold.document.payments  # type: ignore[union-attr]
                }
        finally:
            await live.close()
        assert ("document", live.id) in told
