"""The walk of a receipt is the real one: every function that the page names is passed, in the page's order.

Both sides run in this process, on a loopback socket and on real files; a profiler listens to every call.
"""

import asyncio
import sys
import threading
from contextlib import contextmanager

import pytest

from fiscal.faults.effects import LoseAnswer, Point
from fiscal.faults.plan import NO_FAULTS, Fault, FaultPlan, Selection
from fiscal.faults.run import FaultRun
from fiscal.retry import Backoff, Jitter
from kkt_client import CashRegister, Line, RegisterSettings
from ofd_server import OfdServer
from tests.docs.pages import Page

PAGE = Page("docs/explanation/walk-of-a-receipt.md")
PACKAGES = ("fiscal", "kkt_client", "ofd_server")

BREAD = [Line(name="Хлеб", price=250_00)]
IMPATIENT = RegisterSettings(
    answer_limit_s=2.0, retry_in_sale_s=0.0, backoff=Backoff(base_ms=200, cap_ms=200, jitter=Jitter.NONE)
)
LOSE_ONE_ANSWER = FaultPlan(
    (Fault(name="lost", at=Point.AFTER_COMMIT, effects=(LoseAnswer(),), when=Selection(command="document", times=1)),)
)


class Listener:
    """Every call of our own code while it listens, by its full name."""

    def __init__(self):
        self.calls: list[str] = []
        self._on = False

    def hear(self, frame, event, _argument):
        if self._on and event == "call":
            module = frame.f_globals.get("__name__", "")
            if module.partition(".")[0] in PACKAGES:
                self.calls.append(f"{module}.{frame.f_code.co_qualname}")

    @contextmanager
    def listening(self):
        self.calls, self._on = [], True
        try:
            yield
        finally:
            self._on = False


@pytest.fixture
def listener():
    made = Listener()
    threading.setprofile(made.hear)  # for the threads of both stores, which are not there yet
    sys.setprofile(made.hear)
    yield made
    sys.setprofile(None)
    threading.setprofile(None)


def walk(heading):
    """The functions of a section, in their order."""
    return [row[0].strip("`") for row in PAGE.rows(heading)]


def first_missing(names, calls):
    """The first name that is not called behind the one before it."""
    ahead = iter(calls)
    return next((name for name in names if name not in ahead), None)


@pytest.fixture
async def register(tmp_path, listener):
    """A register that has sold once, so that its next sale is an ordinary one; and its operator."""
    faults = FaultRun(NO_FAULTS)
    folder = tmp_path / "operator"
    async with OfdServer(data=folder, http="off", native="127.0.0.1:0", faults=faults) as operator:
        address = f"native://{operator.native_address}?id=till&token=t"
        async with CashRegister.open(tmp_path / "till", address, settings=IMPATIENT) as opened:
            await opened.sell(BREAD)
            yield opened, operator, faults


async def test_online(register, listener):
    till, _, _ = register
    with listener.listening():
        receipt = await till.sell(BREAD)
    assert str(receipt.marks) == "✔✔"
    assert first_missing(walk("Online"), listener.calls) is None


async def test_late(register, listener):
    till, _, faults = register
    faults.switch_to(LOSE_ONE_ANSWER)
    with listener.listening():
        receipt = await till.sell(BREAD)
        assert receipt.autonomous
        assert receipt.sign is None
        await till.sync(10.0)
    delivered = await till.document(receipt.number)
    assert (delivered.marks.ticks, delivered.marks.cloud) == (2, True)
    assert delivered.autonomous_sign == receipt.autonomous_sign
    assert delivered.sign is not None
    assert first_missing(walk("Late"), listener.calls) is None


async def test_alone_and_back(register, listener, tmp_path):
    till, operator, _ = register
    address = operator.native_address
    await operator.stop()
    await till.sell(BREAD)  # finds out that nobody is there
    with listener.listening():
        receipt = await till.sell(BREAD)
    assert (receipt.marks.ticks, receipt.marks.cloud) == (1, True)
    assert first_missing(walk("Alone"), listener.calls) is None

    with listener.listening():
        async with OfdServer(data=tmp_path / "operator", http="off", native=address) as again, asyncio.timeout(10):
            await till.sync()
            while again.service.last_report("till") is None:  # noqa: ASYNC110 - nobody tells when it was told
                await asyncio.sleep(0.01)
    delivered = await till.document(receipt.number)
    assert (delivered.marks.ticks, delivered.marks.cloud) == (2, True)
    assert first_missing(walk("The way back"), listener.calls) is None


def test_a_function_that_is_not_passed_is_noticed():
    assert first_missing(["a", "b"], ["b", "a"]) == "b"
    assert first_missing(["a", "b"], ["a", "c", "b"]) is None
