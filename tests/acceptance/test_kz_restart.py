"""An operator that is killed between its commit and whatever comes next, as a register of the Kazakhstan protocol sees it."""

import asyncio
import json
import sys
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fiscal.protocols.kz.codes import Command
from fiscal.time import SECOND, Instant, from_datetime
from tests.documents import close_shift, deposit, receipt
from tests.ofd_server.kz_device import Device, Line

PATIENCE_S = 30.0


@pytest.fixture(autouse=True)
async def _lines_are_closed():
    yield
    await Line.close_all()


@asynccontextmanager
async def serving(data: Path):
    """``mock-ofd serve`` as a process of its own; it is killed at the end, never stopped."""
    options = ["serve", "--data", str(data), "--http", "off", "--native", "off", "--kz", "127.0.0.1:0"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "mock_ofd", *options, "--log-level", "error", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE_S):
            ready: dict[str, Any] = json.loads(await process.stdout.readline())
        assert ready.keys() >= {"event", "kz"}
        yield str(ready["kz"])
    finally:
        process.kill()
        await process.wait()


@pytest.mark.parametrize("kind", ["ticket", "cash", "close"])
@pytest.mark.parametrize("version", [202, 203])
async def test_a_repeat_after_the_operator_was_killed_gets_the_same_bytes_and_counts_nothing(tmp_path, kind, version):
    device = Device(version=version)
    now: Instant = second_now()
    bodies = {
        "ticket": device.document(receipt(2, issued_at=now)),
        "cash": device.document(deposit(2, issued_at=now)),
        "close": device.document(close_shift(2, issued_at=now, opened_at=now)),
    }
    async with serving(tmp_path) as address:
        line = await Line.to(address)
        assert (await line.ask(device, device.document(receipt(issued_at=now)))).code == 0
        frame = device.frame(bodies[kind])
        line.send(frame)
        first = await line.frame()
    async with serving(tmp_path) as address:
        line = await Line.to(address)
        for _ in range(2):
            line.send(frame)
            assert await line.frame() == first
        device.token = first[0].token
        device.number += 1
        assert (await line.ask(device, device.document(deposit(3, issued_at=now)))).code == 0
        told = (await line.ask(device, device.body(Command.INFO))).message.service.last_document_info
        assert told.printed_document_number == 3


def second_now() -> Instant:
    """This second, by the clock that the operator has as well."""
    return from_datetime(datetime.now(UTC)) // SECOND * SECOND
