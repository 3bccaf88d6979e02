"""The Kazakhstan protocol under a fault plan: lost, late, cut, told to wait, for one device and on open connections."""

import asyncio
from functools import partial

import pytest

from fiscal.domain.messages import Welcome
from fiscal.faults.effects import AskToWait, Delay, Effect, LoseAnswer, LoseRequest, Point, Refuse, Reset, Stall
from fiscal.faults.plan import Fault, FaultPlan, Selection
from fiscal.faults.run import FaultRun
from fiscal.protocols.kz.codes import Command, ResultCode
from ofd_server.gateways.kz_bent import FaultyKzConversation
from tests.documents import receipt
from tests.ofd_server.gateways.test_kz import office
from tests.ofd_server.kz_device import DEVICE, Device, Line
from tests.ofd_server.site import Site
from tests.ofd_server.twin_host import TwinHost

GONE = (ConnectionError, EOFError)


@pytest.fixture(autouse=True)
async def _lines_are_closed():
    yield
    await Line.close_all()


def bend(at, point: Point, *effects: Effect, **when):
    selection = Selection(**{"command": "document", "times": 1, **when})
    run = FaultRun(FaultPlan((Fault(name="it", at=point, effects=effects, when=selection),)))
    host = TwinHost()
    at.gateway.converse_by(partial(FaultyKzConversation, run, host))
    return host


async def silent(line):
    try:
        async with asyncio.timeout(0.2):
            await line.frame()
    except TimeoutError:
        return True
    return False


@pytest.mark.parametrize(
    ("point", "effect", "held"),
    [
        (Point.BEFORE_COMMIT, LoseRequest(), 0),
        (Point.BEFORE_COMMIT, Stall(), 0),
        (Point.AFTER_COMMIT, LoseAnswer(), 1),
        (Point.AFTER_COMMIT, Stall(), 1),
    ],
)
async def test_what_is_lost_and_what_is_kept(point, effect, held):
    async with office() as at:
        device = Device()
        line = await at.line()
        assert (await line.ask(device, device.body(Command.INFO))).code == 0
        bend(at, point, effect)
        line.send(device.frame(device.document(receipt())))
        assert await silent(line)
        state = await at.service.state_of(str(DEVICE))
        assert state.tape.last_number == held


@pytest.mark.parametrize("point", [Point.ON_CONNECT, Point.BEFORE_PARSE, Point.BEFORE_COMMIT, Point.AFTER_COMMIT])
async def test_a_reset_hangs_up(point):
    async with office() as at:
        device = Device()
        bend(at, point, Reset())
        line = await at.line()
        line.send(device.frame(device.document(receipt())))
        with pytest.raises(GONE):
            await line.frame()


async def test_a_delay_is_only_a_delay():
    async with office() as at:
        device = Device()
        bend(at, Point.AFTER_COMMIT, Delay(30), times=None)
        line = await at.line()
        assert (await line.ask(device, device.document(receipt()))).code == 0


async def test_come_later_is_said_in_the_words_of_the_protocol():
    async with office() as at:
        device = Device()
        bend(at, Point.BEFORE_COMMIT, AskToWait(500))
        line = await at.line()
        answer = await line.ask(device, device.document(receipt()))
        assert answer.code == ResultCode.SERVICE_TEMPORARILY_UNAVAILABLE


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("not_enough_cash", ResultCode.NOT_ENOUGH_CASH),
        ("conflict", ResultCode.INCORRECT_REQUEST_DATA),
        ("wrong_token", ResultCode.INVALID_TOKEN),
        ("blocked", ResultCode.BLOCKED),
        ("255", ResultCode.UNKNOWN_ERROR),
        ("service_temporarily_unavailable", ResultCode.SERVICE_TEMPORARILY_UNAVAILABLE),
        ("something of nobody", ResultCode.INCORRECT_REQUEST_DATA),
    ],
)
@pytest.mark.parametrize("point", [Point.BEFORE_COMMIT, Point.AFTER_COMMIT])
async def test_a_refusal_has_the_protocols_own_code(point, code, expected):
    async with office() as at:
        device = Device()
        bend(at, point, Refuse(code, "because"))
        line = await at.line()
        answer = await line.ask(device, device.document(receipt()))
        assert answer.code == expected
        assert "because" in answer.message.result.result_text
        assert (await line.ask(device, device.document(receipt()))).code == ResultCode.OK, "the same again is taken"


async def test_bytes_that_are_no_message_have_no_command():
    async with office() as at:
        device = Device()
        bend(at, Point.BEFORE_COMMIT, Refuse("255"), command="document", times=None)
        line = await at.line()
        line.send(device.frame(b"\xff", number=2))
        assert (await line.answer()).code == ResultCode.PROTOCOL_ERROR


async def test_a_link_is_cut_by_hand_for_a_device_of_the_protocol():
    async with Site(kz="127.0.0.1:0") as site:
        device = Device()
        line = await Line.to(site.ofd.kz_address)
        assert (await line.ask(device, device.document(receipt()))).code == 0
        path = f"/api/v1/registers/{DEVICE}/link"
        assert (await site.ask("PUT", path, json={"state": "cut"})).status == 200
        with pytest.raises(GONE):
            await line.ask(device, device.document(receipt(2)))
        await site.ask("PUT", path, json={"state": "up"})
        line = await Line.to(site.ofd.kz_address)
        assert (await line.ask(device, device.document(receipt(2)))).code == 0


async def test_a_plan_from_the_start_holds_for_all_protocols():
    run = FaultRun()
    started = Site(kz="127.0.0.1:0")
    started.ofd.faults = run
    async with started as site:
        await Line.to(site.ofd.kz_address)
        assert isinstance(next(iter(site.ofd._kz.connections)), FaultyKzConversation)
        assert (await site.hello("kkm-1")).json["result"] == Welcome.__name__.lower()
