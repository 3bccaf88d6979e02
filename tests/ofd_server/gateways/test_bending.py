"""What gateways under a plan share: lines that let go in time, turns that wait for each other, endings."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from fiscal.errors import RemoteProtocolError
from fiscal.faults.effects import Delay, DiskFull, Reset, Slice
from fiscal.faults.wire import Ending, bend
from fiscal.protocols.base import ErrorCode
from ofd_server.gateways.bending import Arrivals, Bent, Turns, end, hand_on, pass_on
from tests.ofd_server.twin_host import TwinHost


class Wire:
    """A transport that remembers what was done to it."""

    def __init__(self, halves=True, raw=None, is_closing=False):
        self.is_closing = lambda: is_closing
        self.done = []
        self.halves = halves
        self.raw = raw

    def can_write_eof(self):
        return self.halves

    def get_extra_info(self, name):
        return self.raw if name == "socket" else None

    def __getattr__(self, name):
        return lambda: self.done.append(name)


@pytest.mark.parametrize(
    ("ending", "halves", "done"),
    [
        (Ending.STALL, True, ["pause_reading"]),
        (Ending.HALF_CLOSE, True, ["write_eof"]),
        (Ending.HALF_CLOSE, False, ["close"]),
        (Ending.RESET, True, ["abort"]),
        (Ending.CRASH, True, ["abort"]),
    ],
)
def test_endings(ending, halves, done):
    wire, host = Wire(halves), TwinHost()
    end(wire, ending, host)  # type: ignore[arg-type]
    assert wire.done == done
    assert host.crashes == (ending is Ending.CRASH)


async def test_a_line_lets_go_in_time_and_says_when_it_is_empty():
    out: list[bytes | Ending] = []
    idle = asyncio.Event()
    line = Bent(out.append, idle.set)
    line.put(bend(b"now"))
    assert out == [b"now"]
    assert idle.is_set()
    assert line.is_free
    idle.clear()
    line.put(bend(b"later", [Slice(3), Delay(5)]))
    assert not line.is_free
    assert line.is_waiting
    line.put(bend(b"behind"))
    assert out == [b"now"], "what comes behind it waits too"
    await asyncio.wait_for(idle.wait(), 5)
    assert out == [b"now", b"lat", b"er", b"behind"]
    assert not line.is_waiting


async def test_what_is_given_up_never_leaves():
    out: list[bytes | Ending] = []
    line = Bent(out.append)
    line.put(bend(b"later", [Delay(1)]))
    line.cancel()
    await asyncio.sleep(0.01)
    assert out == []


async def test_a_delivery_may_put_something_of_its_own():
    out: list[bytes | Ending] = []

    def deliver(thing):
        out.append(thing)
        if thing == b"ask":
            line.put(bend(b"answer", [Delay(1)]))

    line = Bent(deliver)
    line.put(bend(b"ask"))
    line.put(bend(b"", [Delay(2), Reset()]))
    async with asyncio.timeout(5):
        while len(out) < 3:  # noqa: ASYNC110 - a timer sets no event
            await asyncio.sleep(0.001)
    assert out == [b"ask", b"answer", Ending.RESET]


async def test_turns_wait_for_each_other():
    done: list[int] = []
    turns = Turns()
    turns.put(0, lambda: done.append(1))
    assert done == [1]
    turns.put(5, lambda: done.append(2))
    turns.put(0, lambda: done.append(3))
    turns.put(1, lambda: done.append(4))
    assert done == [1]
    async with asyncio.timeout(5):
        while len(done) < 4:  # noqa: ASYNC110 - a timer sets no event
            await asyncio.sleep(0.001)
    assert done == [1, 2, 3, 4]
    turns.put(0, lambda: done.append(5))
    assert done[-1] == 5


async def test_a_turn_that_fails_does_not_hold_up_the_next():
    done: list[int] = []
    turns = Turns()
    loop = asyncio.get_running_loop()
    failed: list[str] = []
    loop.set_exception_handler(lambda _loop, context: failed.append(str(context.get("exception"))))

    def fail():
        raise RuntimeError("a defect")

    turns.put(1, fail)
    turns.put(0, lambda: done.append(1))
    async with asyncio.timeout(5):
        while not done:  # noqa: ASYNC110 - a timer sets no event
            await asyncio.sleep(0.001)
    assert failed == ["a defect"]


class Letters:
    """Frames of one byte that tells how many follow; 0 begins none."""

    header_size = 1

    def parse_header(self, data):
        if data[0] == 0:
            raise RemoteProtocolError(ErrorCode.BAD_MAGIC, "size", "must not be 0")
        return SimpleNamespace(body_size=data[0])


class Reader:
    """What came through, and what happened, in its order."""

    def __init__(self):
        self.came: list[bytes | Ending | str] = []
        self.over = asyncio.Event()
        self.arrivals = Arrivals(Letters(), self.came.append, self.end)

    def end(self):
        self.came.append("end")
        self.over.set()

    def feed(self, data, now=0.0, effects=()):
        self.arrivals.feed(data, now, lambda piece: self.arrivals.put(bend(piece.data, effects)))


async def test_what_comes_goes_on_frame_by_frame_and_then_it_ends():
    reader = Reader()
    reader.feed(b"\x02a")
    assert (reader.came, reader.arrivals.is_amid_frame, reader.arrivals.is_plain) == ([], True, False)
    reader.feed(b"b\x01c")
    assert (reader.came, reader.arrivals.is_amid_frame, reader.arrivals.is_plain) == (
        [b"\x02ab", b"\x01c"],
        False,
        True,
    )
    reader.arrivals.end()
    assert reader.came == [b"\x02ab", b"\x01c", "end"]


async def test_an_end_waits_for_what_was_held_up_before_it_and_takes_along_what_is_cut_off():
    reader = Reader()
    reader.feed(b"\x01c", effects=[Delay(5)])
    reader.feed(b"\x03d")
    reader.arrivals.end()
    assert reader.came == []
    async with asyncio.timeout(5):
        await reader.over.wait()
    assert reader.came == [b"\x01c", b"\x03d", "end"]


@pytest.mark.parametrize(("now", "came"), [(10.0, []), (10.1, [b"\x02a"])])
async def test_a_frame_that_is_not_whole_at_its_limit_goes_on_as_it_is(now, came):
    reader = Reader()
    reader.feed(b"\x02a", now=5.0)
    reader.arrivals.look_at_limit(now, 5.0)
    reader.arrivals.look_at_limit(now + 100, 200.0)
    assert reader.came == came
    assert reader.arrivals.is_amid_frame is not bool(came)


async def test_nothing_comes_through_after_cancelling():
    reader = Reader()
    reader.feed(b"\x01c", effects=[Delay(1)])
    reader.arrivals.cancel()
    await asyncio.sleep(0.01)
    assert reader.came == []


@pytest.mark.parametrize(
    ("thing", "is_closing", "done", "taken"),
    [
        (b"bytes", False, [], [b"bytes"]),
        (Ending.RESET, False, ["abort"], []),
        (b"bytes", True, [], []),
        (Ending.RESET, True, [], []),
    ],
)
def test_what_a_line_lets_go(thing, is_closing, done, taken):
    wire, came = Wire(is_closing=is_closing), list[bytes]()
    pass_on(wire, thing, TwinHost(), came.append)  # type: ignore[arg-type]
    assert (wire.done, came) == (done, taken)


def test_what_befalls_the_server_is_handed_on_and_nothing_else():
    suffered = []
    host = SimpleNamespace(suffer=lambda effect, register: suffered.append((effect, register)))
    hand_on(host, [Delay(5), DiskFull(), Reset()], "till-1")
    assert suffered == [(DiskFull(), "till-1")]
