"""A generator as the run meets it: a process that is told lines, tells lines, and never outlives the run."""

import asyncio
import sys
import time
from collections.abc import Callable
from contextlib import asynccontextmanager

import pytest

from mock_ofd.load.scenario import Scenario
from mock_ofd.load.talk import End, Failed, Go, Made, Message, Order, Second, Stop, decode, encode
from mock_ofd.load.worker import sources_for
from tests.documents import T0
from tests.mock_ofd.load.false_operator import FalseOperator
from tests.ports import free_port

WITHIN_S = 60
HOUR_MS = 3_600_000


def order(folder, **given) -> Order:
    usual = {"registers": 4, "documents": 3, "policy": "none", "end_after_s": 30.0}
    return Order(
        scenario=Scenario(**{**usual, **given}).plain(), first=0, until=4, folder=str(folder), name="generator-0",
        run="run", begin=T0 - HOUR_MS, end=T0,
    )  # fmt: skip


class Told:
    """The process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    def say(self, message: Message) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(encode(message))

    async def hears(self, wanted: Callable[[Message], bool]) -> Message:
        """The first message of this kind; the others before it are passed over."""
        assert self.process.stdout is not None
        async with asyncio.timeout(WITHIN_S):
            while line := await self.process.stdout.readline():
                message = decode(line)
                if wanted(message):
                    return message
        raise AssertionError("it ended without that")

    async def ends(self) -> int:
        async with asyncio.timeout(WITHIN_S):
            return await self.process.wait()


@asynccontextmanager
async def worker():
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "mock_ofd.load.worker", stdin=pipe, stdout=pipe
    )
    try:
        yield Told(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def is_made(message: Message) -> bool:
    return isinstance(message, Made) and message.documents is not None


async def test_it_makes_waits_for_the_word_sends_and_tells(tmp_path):
    async with FalseOperator("") as operator, worker() as told:
        told.say(order(tmp_path))
        assert await told.hears(is_made) == Made(done=12, documents=[3, 3, 3, 3])
        assert operator.ledger == []
        host, _, port = operator.address.rpartition(":")
        told.say(Go(at=time.monotonic(), host=host, port=int(port)))
        second = await told.hears(lambda message: isinstance(message, Second))
        end = await told.hears(lambda message: isinstance(message, End))
        assert await told.ends() == 0
    assert isinstance(second, Second)
    assert isinstance(end, End)
    assert second.at_s == 0
    assert (end.complete, end.sent, end.acknowledged, end.errors) == (True, 12, 12, {})
    assert end.cpu_s > 0
    assert len(operator.ledger) == 12
    assert {kept.register_id for kept in operator.ledger} == {f"load-run-{place}" for place in range(4)}


async def test_one_that_is_stopped_says_what_it_has(tmp_path):
    async with worker() as told:
        told.say(order(tmp_path))
        await told.hears(is_made)
        told.say(Go(at=time.monotonic(), host="127.0.0.1", port=free_port()))
        told.say(Stop())
        end = await told.hears(lambda message: isinstance(message, End))
        assert await told.ends() == 0
    assert isinstance(end, End)
    assert (end.complete, end.acknowledged) == (False, 0)


async def test_it_goes_with_the_run(tmp_path):
    """Before it was told anything, and when it waits for the word."""
    async with worker() as told:
        assert told.process.stdin is not None
        told.process.stdin.close()
        await told.ends()
    async with worker() as told:
        told.say(order(tmp_path))
        await told.hears(is_made)
        assert told.process.stdin is not None
        told.process.stdin.close()
        await told.ends()


async def test_what_it_cannot_do_it_says(tmp_path):
    async with worker() as told:
        told.say(order(tmp_path / "nowhere"))
        failed = await told.hears(lambda message: isinstance(message, Failed))
        assert isinstance(failed, Failed)
        assert "nowhere" in failed.text
        assert await told.ends() == 0


@pytest.mark.parametrize(
    ("host", "registers", "expected"),
    [
        ("127.0.0.1", 20_000, ()),
        ("127.0.0.1", 20_001, ("127.0.0.1", "127.0.0.2")),
        ("127.0.0.1", 50_000, ("127.0.0.1", "127.0.0.2", "127.0.0.3")),
        ("192.0.2.1", 50_000, ()),
        ("ofd.example", 50_000, ()),
        ("::1", 50_000, ()),
    ],
)
def test_a_large_fleet_comes_from_several_addresses_of_the_loopback(monkeypatch, host, registers, expected):
    monkeypatch.setattr("sys.platform", "linux")
    assert sources_for(host, registers) == expected
