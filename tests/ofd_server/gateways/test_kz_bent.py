"""The Kazakhstan protocol under a fault plan: lost, late, cut, told to wait, for one device and on open connections."""

import asyncio
from functools import partial

import pytest

from fiscal.domain.messages import Welcome
from fiscal.errors import LocalProtocolError, RemoteProtocolError
from fiscal.faults.effects import (
    AnswerOfAnother,
    AskToWait,
    Block,
    Corrupt,
    Crash,
    Delay,
    Dribble,
    Duplicate,
    Effect,
    HalfClose,
    LoseAnswer,
    LoseRequest,
    Point,
    Refuse,
    Reorder,
    Reset,
    Slice,
    Stall,
    Truncate,
    WrongRequestNumber,
    WrongToken,
)
from fiscal.faults.plan import Fault, FaultPlan, Scope, Selection
from fiscal.faults.run import FaultRun
from fiscal.protocols.kz.codes import Command, ResultCode
from fiscal.protocols.kz.messages import parse_response
from ofd_server.core.kz_faults import frame_for
from ofd_server.gateways import kz_bent
from ofd_server.gateways.kz_bent import FaultyKzConversation
from tests.documents import receipt
from tests.ofd_server.gateways.test_kz import office
from tests.ofd_server.kz_device import DEVICE, Answer, Device, Line
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


# -------------------------------------------------------------------------------------------- bytes and envelopes


@pytest.mark.parametrize(
    ("point", "effect"),
    [
        (Point.BEFORE_PARSE, Slice(1)),
        (Point.BEFORE_PARSE, Dribble(30, 1)),
        (Point.BEFORE_PARSE, Delay(20)),
        (Point.ON_CONNECT, Delay(20)),
        (Point.BEFORE_COMMIT, Delay(20)),
        (Point.AFTER_COMMIT, Slice(1)),
        (Point.AFTER_COMMIT, Duplicate()),
        (Point.HALF_ANSWER, Delay(20)),
        (Point.AFTER_ANSWER, Delay(20)),
    ],
)
async def test_what_is_whole_in_the_end_is_taken(point, effect):
    async with office() as at:
        device = Device()
        bend(at, point, effect)
        line = await at.line()
        assert (await line.ask(device, device.document(receipt()))).code == 0


async def test_answers_twice_cut_short_and_garbled():
    async with office() as at:
        device = Device()
        bend(at, Point.AFTER_COMMIT, Duplicate(2))
        line = await at.line()
        line.send(device.frame(device.document(receipt())))
        frames = [await line.frame() for _ in range(3)]
        assert frames[0] == frames[1] == frames[2]
        device.take(Answer(frames[0][0].token, None))
        bend(at, Point.AFTER_COMMIT, Truncate(9), HalfClose(9))
        line = await at.line()
        line.send(device.frame(device.document(receipt(2))))
        assert len(await line.closed()) == 9
        bend(at, Point.AFTER_COMMIT, Corrupt(1, 0))
        line = await at.line()
        line.send(device.frame(device.document(receipt(2))))
        with pytest.raises(RemoteProtocolError):
            await line.frame()


async def test_half_an_answer():
    async with office() as at:
        device = Device()
        bend(at, Point.HALF_ANSWER, HalfClose())
        line = await at.line()
        line.send(device.frame(device.document(receipt())))
        half = await line.closed()
        line = await at.line()
        line.send(device.frame(device.document(receipt())))
        line.writer.write_eof()
        whole = await line.closed()
        assert whole.startswith(half)
        assert len(half) == (len(whole) + 1) // 2


async def test_requests_that_come_twice_or_not_whole():
    async with office() as at:
        device = Device()
        bend(at, Point.BEFORE_PARSE, Duplicate())
        line = await at.line()
        line.send(device.frame(device.document(receipt())))
        assert await line.frame() == await line.frame(), "the second is a repeat, and gets the same answer"
        bend(at, Point.BEFORE_PARSE, Truncate(20))
        device.token, device.number = 1, 2
        line = await at.line()
        line.send(device.frame(device.document(receipt(2))))
        assert await silent(line)
        line.writer.write_eof()
        assert await line.closed() == b""
        state = await at.service.state_of(str(DEVICE))
        assert state.tape.last_number == 1


async def test_an_envelope_that_is_not_the_requests():
    async with office() as at:
        device = Device()
        bend(at, Point.AFTER_COMMIT, WrongRequestNumber(-2), WrongToken(), AnswerOfAnother())
        line = await at.line()
        frame = device.frame(device.document(receipt()))
        line.send(frame)
        wrong, _ = await line.frame()
        line.send(frame)
        right, _ = await line.frame()
        assert wrong.number == 65_535
        assert wrong.token == right.token + 1
        assert wrong.device_id != right.device_id == DEVICE


async def test_answers_that_change_places():
    async with office() as at:
        device, other = Device(), Device(id=DEVICE + 1)
        bend(at, Point.AFTER_COMMIT, Reorder(ms_max=5_000), count=Scope.GLOBAL)
        line = await at.line()
        line.send(device.frame(device.document(receipt())) + other.frame(other.document(receipt())))
        assert [(await line.frame())[0].device_id for _ in range(2)] == [DEVICE + 1, DEVICE]


@pytest.mark.parametrize("point", [Point.ON_CONNECT, Point.AFTER_ANSWER])
async def test_the_operators_half_is_closed_and_the_other_is_read(point):
    async with office() as at:
        device = Device()
        bend(at, point, HalfClose())
        line = await at.line()
        line.send(device.frame(device.document(receipt())))
        assert bool(await line.closed()) == (point is Point.AFTER_ANSWER)
        async with asyncio.timeout(5):
            while await at.service.state_of(str(DEVICE)) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.001)


@pytest.mark.parametrize("point", [Point.BEFORE_COMMIT, Point.AFTER_COMMIT, Point.AFTER_ANSWER])
async def test_what_a_gateway_cannot_do_is_asked_of_the_host(point):
    async with office() as at:
        device = Device()
        host = bend(at, point, Block())
        line = await at.line()
        assert (await line.ask(device, device.document(receipt()))).code == 0
        assert host.suffered == [(Block(), str(DEVICE))]
        assert host.relieved == [str(DEVICE)]


async def test_a_crash_is_asked_for_and_where_none_may_die_the_connection_is_reset():
    async with office() as at:
        device = Device()
        host = bend(at, Point.AFTER_COMMIT, Crash())
        line = await at.line()
        line.send(device.frame(device.document(receipt())))
        with pytest.raises(GONE):
            await line.frame()
        assert host.crashes == 1


async def test_bytes_that_are_no_frame_pass_as_they_are():
    async with office() as at:
        bend(at, Point.BEFORE_PARSE, LoseRequest(), times=None, command="*")
        line = await at.line()
        line.send(b"GET / HTTP/1.1\r\n\r\n")
        assert await line.closed() == b""


async def test_a_frame_that_never_becomes_whole_runs_into_the_limit():
    async with office() as at:
        device = Device()
        bend(at, Point.BEFORE_PARSE, LoseRequest(), nth=99)
        line = await at.line()
        line.send(device.frame(device.document(receipt()))[:30])
        (conversation,) = await connected(at)
        async with asyncio.timeout(5):
            while not conversation._inbound.is_amid_frame:  # noqa: ASYNC110 - a socket sets no event
                await asyncio.sleep(0.001)
        for _ in range(2):
            at.clock.pass_(60)
            conversation.look_at_limits(at.clock.monotonic())
        assert await line.closed() == b""


async def connected(at):
    async with asyncio.timeout(5):
        while not at.gateway.connections:  # noqa: ASYNC110 - a socket sets no event
            await asyncio.sleep(0.001)
    return at.gateway.connections


async def test_a_server_that_stops_waits_for_no_late_answer():
    async with office() as at:
        device = Device()
        bend(at, Point.AFTER_COMMIT, Delay(60_000))
        line = await at.line()
        line.send(device.frame(device.document(receipt())))
        assert await silent(line)
        await at.gateway.close()
        assert await line.closed() == b""


async def test_an_open_connection_obeys_a_plan_from_its_next_request_on_also_amid_a_frame():
    async with office() as at:
        device = Device()
        line = await at.line()
        assert (await line.ask(device, device.document(receipt()))).code == 0
        frame = device.frame(device.document(receipt(2)))
        line.send(frame[:40])
        (conversation,) = at.gateway.connections
        async with asyncio.timeout(5):
            while conversation.frame_since is None:  # noqa: ASYNC110 - a socket sets no event
                await asyncio.sleep(0.001)
        bend(at, Point.BEFORE_COMMIT, Refuse("255"))
        line.send(frame[40:])
        assert (await line.answer()).code == 255


async def test_an_answer_that_is_on_its_way_when_a_plan_comes_arrives_before_the_next():
    async with office() as at:
        device = Device()
        line = await at.line()
        at.journal.hold_commits()
        line.send(device.frame(device.document(receipt())))
        async with asyncio.timeout(5):
            while not at.journal.batches:  # noqa: ASYNC110 - a socket sets no event
                await asyncio.sleep(0.001)
        bend(at, Point.AFTER_COMMIT, Slice(7))
        line.send(device.frame(device.body(Command.INFO), number=2))
        at.journal.let_commits_go()
        first, second = await line.frame(), await line.frame()
        assert [first[0].number, second[0].number] == [1, 2]
        assert parse_response(203, first[1]).HasField("ticket")


async def test_an_answer_that_fits_into_no_frame_is_an_error_of_the_operator(monkeypatch):
    def too_large(exchange, said, **_given):
        if said.code == 0:
            raise LocalProtocolError("too large")
        return frame_for(exchange, said)

    monkeypatch.setattr(kz_bent, "frame_for", too_large)
    async with office() as at:
        device = Device()
        bend(at, Point.AFTER_COMMIT, Delay(1))
        line = await at.line()
        assert (await line.ask(device, device.document(receipt()))).code == ResultCode.UNKNOWN_ERROR
