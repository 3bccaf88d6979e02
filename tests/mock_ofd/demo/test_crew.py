"""Real processes, bounded: each test starts one or two and sees them end."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from mock_ofd.demo.clock import Pace, ShopClock
from mock_ofd.demo.crew import MODULE, Crewman, last_words
from mock_ofd.demo.trouble import CLOSES_AT, OPENS_AT, register_id
from mock_ofd.demo.wire import Assignment, Begin, Finished, Progress, Ready, Said
from tests.mock_ofd.demo.shop_floor import LINES, NUMBER, operator

LIMIT_S = 60


class Heard:
    """What a process said, and a way to wait for it."""

    def __init__(self):
        self.messages = []
        self.moved = asyncio.Event()

    def __call__(self, number, message):
        assert number == NUMBER
        self.messages.append(message)
        self.moved.set()

    async def first(self, kind):
        async with asyncio.timeout(LIMIT_S):
            while True:
                for message in self.messages:
                    if isinstance(message, kind):
                        return message
                self.moved.clear()
                await self.moved.wait()


def assignment(folder, address, pace=None):
    return Assignment(
        number=NUMBER,
        folder=str(folder / "register"),
        operator=f"native://{address}?id={register_id(NUMBER)}&token=token",
        opens_at=OPENS_AT,
        lines=LINES,
        pace=pace,
    )


def pace(clock):
    return Pace(opens_at=OPENS_AT, closes_at=CLOSES_AT, begins=clock.monotonic(), day_s=1.0)


@asynccontextmanager
async def crewman(folder, heard):
    one = Crewman(NUMBER, folder / "log", heard)
    await one.start()
    try:
        yield one
    finally:
        await one.kill()


async def test_a_process_plays_its_script_and_ends_when_it_is_told(tmp_path):
    clock = ShopClock(OPENS_AT)
    heard = Heard()
    async with operator(tmp_path, clock) as server, crewman(tmp_path, heard) as one:
        one.assign(assignment(tmp_path, server.native_address))
        await heard.first(Ready)
        clock.start(pace(clock))
        assert clock.pace is not None
        one.say(Begin(clock.pace))
        assert await heard.first(Finished) == Finished()
        await one.stop(LIMIT_S)
    last = [message for message in heard.messages if isinstance(message, Progress)][-1]
    assert (last.mode, last.delivered, last.queue, last.done, last.steps) == ("online", 10, 0, 11, 11)
    assert isinstance(heard.messages[-1], Finished | Progress)
    assert (tmp_path / "log").read_text() == ""


async def test_a_process_that_is_killed_goes_on_in_the_next_one(tmp_path):
    clock = ShopClock(OPENS_AT)
    heard = Heard()
    async with operator(tmp_path, clock) as server, crewman(tmp_path, heard) as one:
        clock.start(pace(clock))
        one.assign(assignment(tmp_path, server.native_address, clock.pace))
        await heard.first(Finished)
        await one.kill()
        heard.messages.clear()
        await one.start()
        one.assign(assignment(tmp_path, server.native_address, clock.pace))
        assert await heard.first(Finished) == Finished()
        await one.stop(LIMIT_S)
    assert one.lives == 2
    last = [message for message in heard.messages if isinstance(message, Progress)][-1]
    assert (last.delivered, last.asked_again) == (10, 10)


async def test_the_cashier_of_a_process_without_an_operator_is_told(tmp_path):
    clock = ShopClock(OPENS_AT)
    clock.start(pace(clock))
    heard = Heard()
    async with crewman(tmp_path, heard) as one:
        one.assign(assignment(tmp_path, "127.0.0.1:1", clock.pace))
        said = await heard.first(Said)
        assert "Касса перешла в автономный режим" in said.text
        await one.stop(LIMIT_S)


async def test_a_process_that_ends_by_itself_leaves_its_last_words(tmp_path):
    heard = Heard()
    async with crewman(tmp_path, heard) as one:
        one.assign(replace(assignment(tmp_path, "127.0.0.1:1"), operator="nowhere"))
        finished = await heard.first(Finished)
    assert finished.error is not None
    assert "ended by itself with code 1" in finished.error
    assert "ConfigurationError" in finished.error


async def test_what_a_register_cannot_do_is_told_and_the_process_stays(tmp_path):
    clock = ShopClock(OPENS_AT)
    clock.start(pace(clock))
    too_much = tuple(line.replace('"sum": 100000', '"sum": 99999999') for line in LINES)
    heard = Heard()
    async with operator(tmp_path, clock) as server, crewman(tmp_path, heard) as one:
        one.assign(replace(assignment(tmp_path, server.native_address, clock.pace), lines=too_much))
        finished = await heard.first(Finished)
        assert finished.error is not None
        assert finished.error.startswith("NotEnoughCash: ")
        await one.stop(LIMIT_S)


async def test_saying_something_to_a_process_that_is_gone_is_no_error(tmp_path):
    heard = Heard()
    one = Crewman(NUMBER, tmp_path / "log", heard)
    await one.stop(1.0)  # it was never started
    async with crewman(tmp_path, heard) as one:
        await one.kill()
        one.say(Begin(pace(ShopClock(OPENS_AT))))
        await one.stop(1.0)
    assert heard.messages == []


async def test_a_process_that_does_not_stop_is_ended(tmp_path):
    heard = Heard()
    async with crewman(tmp_path, heard) as one:
        assert one._process is not None
        one._process.send_signal(signal.SIGSTOP)
        await one.stop(0.1)
        assert one._process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("assigned", [False, True])
def test_a_process_whose_parent_is_gone_ends(tmp_path, assigned):
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", MODULE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert child.stdin is not None
    assert child.stdout is not None
    if assigned:
        given = assignment(tmp_path, "127.0.0.1:1")
        line = {"is": "Assignment", **{name: getattr(given, name) for name in given.__slots__}}
        child.stdin.write(json.dumps(line).encode() + b"\n")
        child.stdin.flush()
        child.stdout.readline()
    child.stdin.close()
    assert child.wait(LIMIT_S) == 0
    child.stdout.close()
    assert child.stderr is not None
    assert child.stderr.read() == b""
    child.stderr.close()


def test_a_process_that_cannot_even_close_its_register_ends_all_the_same(tmp_path):
    code = f"import asyncio, {MODULE} as it; it.ORPHAN_S = 0.2; asyncio.run(it.RegisterProcess().run()) or __import__('time').sleep(60)"
    child = subprocess.Popen([sys.executable, "-P", "-c", code], stdin=subprocess.PIPE)
    assert child.stdin is not None
    child.stdin.close()
    assert child.wait(LIMIT_S) == 1
    assert os.name != "posix" or child.returncode == 1


async def test_a_defect_ends_the_process_with_its_traceback(tmp_path):
    clock = ShopClock(OPENS_AT)
    clock.start(pace(clock))
    heard = Heard()
    (tmp_path / "register").mkdir()
    (tmp_path / "register" / "till.jsonl").write_text('{"handed_out": "deposit-1-1"}\n')
    async with crewman(tmp_path, heard) as one:
        one.assign(assignment(tmp_path, "127.0.0.1:1", clock.pace))
        finished = await heard.first(Finished)
    assert finished.error is not None
    assert "KeyError: 'number'" in finished.error


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("", ""),
        ("\n  \n", ""),
        ("killed\n", "killed"),
        (
            'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g(1)\n    ^^^^\nKeyError: 1\n',
            'File "a.py", line 1, in f: g(1): KeyError: 1',
        ),
    ],
)
def test_the_last_words_of_a_process_are_one_line(log, words):
    assert last_words(log) == words
