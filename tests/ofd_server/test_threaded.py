"""The same operator for callers that block."""

import asyncio
import threading
from pathlib import Path

import pytest

from fiscal.errors import ConfigurationError
from kkt_client import BlockingCashRegister, Line, RegisterBlocked, RegisterSettings
from ofd_server import OfdServer
from ofd_server.app import AddressUnavailable
from ofd_server.harness.harness import NotAsExpected, NotRight
from ofd_server.threaded import LoopThread

BREAD = [Line(name="Хлеб", price=250_00)]
IMPATIENT = RegisterSettings(answer_limit_s=0.3, sale_budget_s=0.5, retry_in_sale_s=0.1)


def till_at(ofd, folder):
    return BlockingCashRegister(folder, ofd.url(register="till-1"), settings=IMPATIENT, clock=ofd.clock)


def test_everything_that_an_operator_can_without_an_event_loop(tmp_path):
    with OfdServer.in_thread() as ofd, till_at(ofd, tmp_path) as till:
        assert str(ofd.native_address) in repr(ofd)
        assert ofd.http_address != ofd.kz_address
        receipt = till.sell(BREAD)
        [held] = ofd.wait_for(kind="receipt")
        assert held.sign == receipt.fiscal_sign
        assert ofd.expect(total=250_00) == ofd.documents("till-1")
        assert "till-1 --> document" in ofd.dialogue()
        assert ofd.received[0].what == "hello"
        assert ofd.check().is_right
        assert ofd.verdict().is_right
        assert ofd.defects == ()
        ofd.lose_next_answer("till-1")
        assert till.sell(BREAD).autonomous
        till.sync()
        ofd.cut("till-1")
        ofd.restore("till-1")
        ofd.slow_down("till-1", 1)
        ofd.heal()
        with ofd.inflicted({"faults": [{"at": "before_commit", "effects": [{"kind": "reset"}]}]}):
            assert till.sell(BREAD).autonomous
        till.sync()
        ofd.block("till-1", "why not")
        with pytest.raises(RegisterBlocked):
            till.sell(BREAD)
        ofd.unblock("till-1")
        ofd.stop_paying("till-1")
        ofd.pay("till-1")
        ofd.add_register("till-2", "secret")
        ofd.clock.move(days=1)
        ofd.reset()
        assert (ofd.documents(), ofd.clock.ahead_ms) == ([], 0)


def test_what_goes_wrong_there_is_raised_here_without_the_way_there():
    with OfdServer.in_thread() as ofd:
        with pytest.raises(NotAsExpected) as told:
            ofd.expect(kind="receipt")
        files = {Path(entry.path).name for entry in told.traceback}
        assert files == {"test_threaded.py", "threaded.py"}


def test_a_start_that_fails_leaves_nothing():
    with OfdServer.in_thread() as ofd:
        before = threading.active_count()
        with pytest.raises(AddressUnavailable):
            OfdServer.in_thread(native=ofd.native_address).start()
        with pytest.raises(ConfigurationError):
            OfdServer.in_thread(strickt=True).start()
        assert threading.active_count() == before


def test_it_may_be_started_and_stopped_twice():
    ofd = OfdServer.in_thread()
    assert repr(ofd) == "<OfdServerThread stopped>"
    ofd.stop()
    ofd.start()
    ofd.start()
    ofd.stop()
    ofd.stop()
    with pytest.raises(AssertionError, match="comes first"):
        ofd.documents()


def test_an_error_that_nobody_caught_is_a_defect_of_the_operator():
    with OfdServer.in_thread() as ofd:
        ofd.thread.call(lambda: asyncio.get_running_loop().call_soon(_fail))
        ofd.thread.call(lambda: asyncio.get_running_loop().call_soon(_lose))
        with pytest.raises(NotRight, match="nobody expected this"):
            ofd.check()
        assert len(ofd.defects) == 1, "a peer that is gone is none"


def _fail():
    raise ValueError("nobody expected this")


def _lose():
    raise ConnectionResetError


def test_the_thread_does_not_wait_for_itself():
    thread = LoopThread()

    async def inside():
        thread.run(asyncio.sleep(0))

    with pytest.raises(RuntimeError, match="cannot wait for itself"):
        thread.run(inside())
    thread.stop()
    thread.stop()
