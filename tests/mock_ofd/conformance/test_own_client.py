"""The driver of our own register says what it cannot do, and goes on."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from mock_ofd.conformance.own_client import OFFERS, Driver
from ofd_server.app import OfdServer
from ofd_server.config import OFF


@pytest.fixture
async def driver(tmp_path: Path) -> AsyncIterator[Driver]:
    async with OfdServer(http=OFF, native="127.0.0.1:0", kz=OFF) as ofd, AsyncExitStack() as registers:
        assert ofd.native_address is not None
        host, _, port = ofd.native_address.rpartition(":")
        environment = {
            "OFD_PROTOCOL": "native",
            "OFD_HOST": host,
            "OFD_PORT": port,
            "OFD_REGISTER": "till-1",
            "OFD_TOKEN": "secret",
            "OFD_FOLDER": str(tmp_path / "till"),
        }
        made = Driver(environment, registers)
        await made.begin()
        yield made


async def ask(driver: Driver, **asked: Any) -> dict[str, Any]:
    return await driver.answer(json.dumps(asked).encode())


async def test_it_tells_what_it_can(driver: Driver) -> None:
    assert (await ask(driver, do="about"))["offers"] == list(OFFERS)


@pytest.mark.parametrize("line", [b"sell", b"[]", b"{}", b'{"do": "dance"}', b'{"do": ["sell"]}', b'{"do": "sell"}'])
async def test_what_it_does_not_know_it_says(driver: Driver, line: bytes) -> None:
    answer = await driver.answer(line)
    assert (answer["ok"], answer["error"]) == (False, "unknown")


async def test_a_sale_a_receipt_and_a_report(driver: Driver) -> None:
    sold = await ask(driver, do="sell", key="order-1", name="Хлеб", price=10_001)
    assert (sold["ok"], sold["autonomous"], sold["autonomous_sign"]) == (True, False, None)
    assert (await ask(driver, do="receipt", key="order-1"))["sign"] == sold["sign"]
    assert (await ask(driver, do="receipt", key="order-2"))["error"] == "not_found"
    assert (await ask(driver, do="sell", key="order-1", name="Хлеб", price=1))["error"] == "key_reused"
    assert await ask(driver, do="status") == {"ok": True, "autonomous": False, "blocked": False, "unsent": 0}
    assert (await ask(driver, do="z"))["autonomous"] is False
    assert (await ask(driver, do="z"))["error"] == "failed"
    assert (await ask(driver, do="decide", what="retry"))["ok"] is False


async def test_a_register_that_was_not_opened_is_told(driver: Driver) -> None:
    answer = await ask(driver, do="status", register="till-9")
    assert (answer["ok"], answer["error"]) == (False, "unknown")
