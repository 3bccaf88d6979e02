"""What runs in another thread, as a coroutine sees it: awaited where it takes its time, at hand where it is there at once."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fiscal.errors import ConfigurationError
from kkt_client import CashRegister, Line, RegisterBlocked
from mock_ofd.harness.beside import OfdServerBeside, RegisterBeside, there
from mock_ofd.harness.stage import IMPATIENT
from ofd_server.app import OfdServer
from ofd_server.harness.harness import NotAsExpected
from ofd_server.threaded import LoopThread, OfdServerThread

BREAD = [Line(name="Хлеб", price=250_00)]
LOST = {"faults": [{"at": "after_commit", "effects": [{"kind": "lose_answer"}], "when": {"command": "document"}}]}


@pytest.fixture(scope="module")
def thread() -> Iterator[LoopThread]:
    thread = LoopThread()
    yield thread
    thread.stop()


@pytest.fixture
def ofd(thread: LoopThread) -> Iterator[OfdServerBeside]:
    server = OfdServerThread(OfdServer, thread)
    server.start()
    yield OfdServerBeside(server)
    server.stop()


@pytest.fixture
def till(ofd: OfdServerBeside, thread: LoopThread, tmp_path: Path) -> Iterator[RegisterBeside]:
    opening = CashRegister.open(tmp_path, ofd.url(register="till-1"), settings=IMPATIENT, clock=ofd.clock)

    async def opened() -> CashRegister:
        return await opening

    register = thread.run(opened())
    yield RegisterBeside(register, thread)
    thread.run(register.close())


async def test_work_is_done_in_the_other_thread_while_the_loop_here_goes_on(thread: LoopThread) -> None:
    may_end = threading.Event()

    async def work() -> str:
        await asyncio.to_thread(may_end.wait, 5)
        return threading.current_thread().name

    waiting = asyncio.create_task(there(thread, work()))
    await asyncio.sleep(0)
    assert not waiting.done()
    may_end.set()
    assert await waiting != threading.current_thread().name


@pytest.mark.parametrize("error", [ConfigurationError("a wrong setting"), AssertionError("not as it should be")])
async def test_what_is_raised_there_is_raised_here_without_the_way_there(thread: LoopThread, error: Exception) -> None:
    async def fails() -> None:
        raise error

    with pytest.raises(type(error), match=str(error)) as raised:
        await there(thread, fails())
    assert raised.value is error
    assert raised.value.__cause__ is None
    frames = raised.traceback
    assert "fails" not in [frame.name for frame in frames]


async def test_an_error_of_another_kind_keeps_the_place_where_it_happened(thread: LoopThread) -> None:
    async def fails() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as raised:
        await there(thread, fails())
    assert "fails" in [frame.name for frame in raised.traceback]


def test_an_operator_beside_has_the_names_of_the_one_that_blocks() -> None:
    """Whoever changes a test into a coroutine adds ``await``, and nothing else."""
    ways_in = {"start", "server"}
    blocking = {name for name in vars(OfdServerThread) if not name.startswith("_")} - ways_in
    assert blocking - set(vars(OfdServerBeside)) - {"thread"} == set()


@pytest.mark.parametrize("name", sorted(name for name in vars(OfdServerBeside) if not name.startswith("_")))
def test_and_takes_what_it_takes(name: str) -> None:
    there_is, here = getattr(OfdServerThread, name), getattr(OfdServerBeside, name)
    if not callable(here):
        return
    assert list(inspect.signature(here).parameters.values()) == list(inspect.signature(there_is).parameters.values())


async def test_a_sale_from_the_loop_of_a_test(ofd: OfdServerBeside, till: RegisterBeside) -> None:
    receipt = await till.sell(BREAD)
    [held] = await ofd.wait_for(kind="receipt")
    assert held.sign == receipt.fiscal_sign
    assert await ofd.documents("till-1") == await ofd.expect(total=250_00)
    assert (await ofd.check()).is_right
    assert (await ofd.verdict()).is_right
    assert "till-1 --> document" in ofd.dialogue()
    assert ofd.received[0].what == "hello"
    assert ofd.defects == ()
    assert ofd.harness is ofd.thread.harness
    assert repr(till) == "<RegisterBeside till-1>"
    assert str(ofd.native_address) in repr(ofd)
    assert ofd.http_address != ofd.kz_address


async def test_an_expectation_that_fails_says_why_in_the_line_of_the_test(ofd: OfdServerBeside) -> None:
    with pytest.raises(NotAsExpected, match="does the register connect") as raised:
        await ofd.expect(kind="receipt")
    assert Path(str(raised.traceback[0].path)).name == Path(__file__).name
    with pytest.raises(NotAsExpected):
        await ofd.wait_for(kind="receipt", within_s=0.01)


async def test_misfortune_and_its_end(ofd: OfdServerBeside, till: RegisterBeside, tmp_path: Path) -> None:
    ofd.record()
    with ofd.inflicted(LOST, seed=7):
        assert (await till.sell(BREAD)).autonomous
    await till.sync()
    ofd.inflict("lost-answer")
    ofd.heal()
    ofd.cut("till-1")
    assert (await till.sell(BREAD)).autonomous
    ofd.restore("till-1")
    await till.sync()
    ofd.slow_down("till-1", 1)
    ofd.lose_next_answer("till-1")
    ofd.restore("till-1")
    ofd.save_recording(tmp_path / "recording.jsonl", "native")
    assert (tmp_path / "recording.jsonl").stat().st_size


async def test_what_the_operator_is_told_of_a_register(ofd: OfdServerBeside, till: RegisterBeside) -> None:
    await till.sell(BREAD)
    await ofd.block("till-1", "why not")
    with pytest.raises(RegisterBlocked, match="why not"):
        await till.sell(BREAD)
    await ofd.unblock("till-1")
    await ofd.stop_paying("till-1")
    await ofd.pay("till-1")
    await ofd.add_register("till-2", "secret")
    ofd.clock.move(days=1)
    await ofd.reset()
    assert (await ofd.documents(), ofd.clock.ahead_ms) == ([], 0)


async def test_what_a_register_has_at_once_is_called_and_what_it_lists_is_iterated(till: RegisterBeside) -> None:
    await till.sell(BREAD)
    await till.sell(BREAD)
    assert till.status().unsent == 0
    assert till.registration.register == "till-1"
    papers: list[Any] = [paper async for paper in till.documents()]
    assert [paper.number for paper in papers] == [1, 2]
    assert (await till.close_shift()).number == 3


async def test_what_a_register_does_not_have_it_does_not_have_here(till: RegisterBeside) -> None:
    with pytest.raises(AttributeError, match="sel"):
        await till.sel(BREAD)


async def test_an_operator_that_was_stopped_says_nothing_more(thread: LoopThread) -> None:
    server = OfdServerThread(OfdServer, thread)
    server.start()
    beside = OfdServerBeside(server)
    await beside.stop()
    await beside.stop()
    assert beside.thread is server
