"""Registers over the Kazakhstan protocol, over real sockets: bytes in, bytes out, whatever happens to the connection."""

import asyncio
import struct
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from fiscal.domain.document import Delivery, Document
from fiscal.domain.messages import Refused, Welcome
from fiscal.errors import ConfigurationError, LocalProtocolError
from fiscal.protocols.kz.codes import AdType, Command, ResultCode
from fiscal.protocols.kz.frames import serialize_answer
from fiscal.protocols.kz.header import FRAME_SIZE_MAX, HEADER_SIZE
from fiscal.protocols.kz.messages import parse_response
from fiscal.protocols.kz.nomenclature import CATALOGUE_SIZE_MAX
from ofd_server.app import AddressUnavailable, OfdServer
from ofd_server.config import SETTINGS_SIZE_MAX, ServerSettings, settings_of
from ofd_server.core.administration import reset_token, set_standing
from ofd_server.core.documents import decide_documents
from ofd_server.core.entries import Standing
from ofd_server.core.kz_desk import Desk
from ofd_server.core.rules import Rules
from ofd_server.gateways import kz
from ofd_server.gateways.kz import KzGateway
from ofd_server.ports import CommitFailed, JournalBroken
from ofd_server.service import Service
from tests.documents import T0, close_shift, deposit, document_id, item, receipt
from tests.ofd_server.kz_device import DEVICE, TOKEN, Device, Line
from tests.ofd_server.site import Site
from tests.ofd_server.twins import SIGNER, Conversation, Figures, ManualClock, ScriptedJournal, idle

V = pytest.mark.parametrize("version", [202, 203])
TWICE = 2 * '[[cashier]]\nlogin = "a"\npassword = "b"\ncode = 1\nname = "c"\n'


@pytest.fixture(autouse=True)
async def _lines_are_closed():
    yield
    await Line.close_all()


class Office:
    """An operator whose journal, clock and figures are twins, with one listener."""

    def __init__(self, **settings: Any) -> None:
        self.journal = ScriptedJournal()
        self.clock = ManualClock()
        self.figures = Figures()
        limits = {name: settings.pop(name) for name in ("connections_max", "conversation") if name in settings}
        rules = settings.pop("rules", Rules())
        self.service = Service(self.journal, self.clock, SIGNER, rules, self.figures, **settings)
        self.gateway = KzGateway(self.service, Desk(rules=rules, signer=SIGNER), self.clock, **limits)
        self.address = ""

    async def line(self) -> Line:
        return await Line.to(self.address)

    async def order(self, decide: Any) -> None:
        await self.service.administer(str(DEVICE), decide)


@asynccontextmanager
async def office(**settings):
    made = Office(**settings)
    host, port = await made.gateway.start("127.0.0.1", 0)
    made.address = f"{host}:{port}"
    try:
        yield made
    finally:
        await made.gateway.close()
        await made.service.drain()


# ------------------------------------------------------------------------------------------------------- conversations


@V
async def test_several_requests_of_one_connection_and_one_connection_for_each(version):
    async with office() as at:
        device = Device(version=version)
        line = await at.line()
        for number in range(1, 4):
            assert (await line.ask(device, device.document(receipt(number)))).code == 0
        line.close()
        for number in range(4, 7):
            line = await at.line()
            assert (await line.ask(device, device.document(receipt(number)))).code == 0
            line.close()
        state = await at.service.state_of(str(DEVICE))
        assert state.tape.last_number == 6


async def test_a_header_comes_back_with_everything_but_the_token():
    async with office() as at:
        device = Device(id=0xFFFFFFFF, token=0xFFFFFFFE, number=65_535, version=202)
        line = await at.line()
        line.send(device.frame(device.document(receipt())))
        header, _ = await line.frame()
        assert (header.version, header.device_id, header.number) == (202, 0xFFFFFFFF, 65_535)
        assert header.token not in (0, 0xFFFFFFFE)


async def test_what_is_sent_at_once_is_answered_in_its_order():
    async with office() as at:
        device = Device()
        line = await at.line()
        info, sale = device.body(Command.INFO), device.document(receipt())
        line.send(
            b"".join(device.frame(body, number=number) for number, body in enumerate((info, sale, b"\xff", sale)))
        )
        seen = [await line.frame() for _ in range(4)]
        assert [header.number for header, _ in seen] == [0, 1, 2, 3]
        codes = [parse_response(203, body).result.result_code for _, body in seen]
        assert codes == [0, 0, ResultCode.PROTOCOL_ERROR, ResultCode.INVALID_TOKEN]


async def test_devices_on_one_connection_do_not_mix():
    async with office() as at:
        line = await at.line()
        devices = [Device(id=number, token=number) for number in (1, 2, 3)]
        for _ in range(2):
            for number, device in enumerate(devices):
                answer = await line.ask(device, device.document(receipt(items=(item(10_000 + number),))))
                assert answer.code == 0
        totals = [(await at.service.state_of(str(number))).tape.shift.counters["revenue"] for number in (1, 2, 3)]
        assert totals == [20_000, 20_002, 20_004]


@V
async def test_a_request_byte_by_byte(version):
    async with office() as at:
        device = Device(version=version)
        line = await at.line()
        for byte in device.frame(device.document(receipt())):
            line.send(bytes([byte]))
            await asyncio.sleep(0)
        assert (await line.answer()).code == 0


async def test_an_answer_of_many_segments_arrives_whole():
    async with office() as at:
        device = Device()
        line = await at.line()
        lines = tuple(item(section=f"отдел {number}") for number in range(60))
        await line.ask(device, device.document(receipt(items=lines)))
        line.writer.transport.get_extra_info("socket").setsockopt(1, 8, 2_048)  # SO_RCVBUF
        answer = await line.ask(device, device.body(Command.INFO))
        assert len(answer.message.SerializeToString()) > 4_096
        assert len(answer.message.report.zx_report.sections) == 60


async def test_the_end_of_the_registers_half_comes_before_the_answer():
    async with office() as at:
        device = Device()
        line = await at.line()
        line.send(device.frame(device.document(receipt())))
        line.writer.write_eof()
        assert (await line.answer()).code == 0
        assert await line.closed() == b""


# ------------------------------------------------------------------------------------------------------------- repeats


def mixed(device: Device) -> dict[str, bytes]:
    return {
        "ticket": device.document(receipt(2)),
        "cash": device.document(deposit(2)),
        "close": device.document(close_shift(2)),
    }


@pytest.mark.parametrize("kind", ["ticket", "cash", "close"])
async def test_a_lost_answer_and_another_connection_make_one_document(kind):
    async with office() as at:
        device = Device()
        lost, other = await at.line(), await at.line()
        await lost.ask(device, device.document(receipt()))
        frame = device.frame(mixed(device)[kind])
        lost.send(frame)
        _, first = await lost.frame()
        lost.close()
        for _ in range(2):
            other.send(frame)
            assert (await other.frame())[1] == first
        assert (await at.service.state_of(str(DEVICE))).tape.last_number == 2


async def test_an_original_that_arrives_behind_its_repeat_makes_no_second_document():
    async with office() as at:
        device = Device()
        slow, quick = await at.line(), await at.line()
        await quick.ask(device, device.document(receipt()))
        at.journal.hold_commits()
        frame = device.frame(device.document(receipt(2)))
        quick.send(frame)
        await idle()
        slow.send(frame)
        await idle()
        at.journal.let_commits_go()
        quick_answer, slow_answer = await quick.answer(), await slow.answer()
        assert quick_answer == slow_answer
        assert (await at.service.state_of(str(DEVICE))).tape.last_number == 2
        # One that arrives when everything has gone on comes with a token that is worth nothing any more.
        device.token, device.number = quick_answer.token, 3
        assert (await quick.ask(device, device.document(receipt(3)))).code == 0
        slow.send(frame)
        assert (await slow.answer()).code == ResultCode.INVALID_TOKEN


async def test_of_what_comes_over_many_connections_at_once_one_document_is_made():
    async with office() as at:
        device = Device()
        lines = [await at.line() for _ in range(20)]
        frame = device.frame(device.document(receipt()))
        for line in lines:
            line.send(frame)
        answers = [await line.answer() for line in lines]
        assert answers == answers[:1] * 20, "the same request, the same answer"
        token = answers[0].token
        for number, line in enumerate(lines, 2):
            line.send(device.frame(device.document(receipt(2, items=(item(100 * number),))), token, number))
        codes = sorted([(await line.answer()).code for line in lines])
        assert codes == [ResultCode.OK] + [ResultCode.INVALID_TOKEN] * 19, "a token is good for one document"
        assert (await at.service.state_of(str(DEVICE))).tape.last_number == 2


async def test_a_repeat_while_its_original_is_refused_is_judged_by_itself():
    async with office() as at:
        device = Device()
        first, second = await at.line(), await at.line()
        frame = device.frame(device.document(receipt(total=1)))
        first.send(frame)
        second.send(frame)
        for line in (first, second):
            assert (await line.answer()).code == ResultCode.INCORRECT_REQUEST_DATA


# ----------------------------------------------------------------------------------------------------------- bad input


GOOD_HEADER = struct.Struct("<HHIIIH")


def header(appcode=0x81A2, version=203, size=HEADER_SIZE, device=DEVICE, token=TOKEN, number=1) -> bytes:
    return GOOD_HEADER.pack(appcode, version, size, device, token, number)


BAD = [
    b"GET / HTTP/1.1\r\n\r\n",
    bytes(40),
    header(appcode=0xA281),
    header(size=0),
    header(size=HEADER_SIZE - 1),
    header(size=FRAME_SIZE_MAX + 1),
    header(size=0xFFFFFFFF),
    header(version=0),
    header(version=124),
    header(version=204),
    header(version=65_535),
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(20),
]


@pytest.mark.parametrize("data", BAD)
async def test_a_header_that_cannot_be_right_ends_the_connection_without_a_word(data):
    async with office() as at:
        line = await at.line()
        line.send(data)
        assert await line.closed() == b""
        device = Device()
        assert (await (await at.line()).ask(device, device.document(receipt()))).code == 0, "others are served"


@pytest.mark.parametrize("data", BAD)
async def test_what_came_before_a_bad_header_is_answered(data):
    async with office() as at:
        device = Device()
        line = await at.line()
        line.send(device.frame(device.document(receipt())) + data)
        assert (await line.answer()).code == 0
        assert await line.closed() == b""


async def test_a_frame_that_is_cut_off_leaves_nothing():
    async with office() as at:
        device = Device()
        line = await at.line()
        line.send(device.frame(device.document(receipt()))[:-1])
        line.writer.write_eof()
        assert await line.closed() == b""
        assert await at.service.state_of(str(DEVICE)) is None


@V
@pytest.mark.parametrize("body", [b"", b"\xff", b"\x08", b"\x0a\x00", bytes(3_000), b"\x08\x01"])
async def test_a_body_that_is_no_message_is_answered_and_the_connection_goes_on(version, body):
    async with office() as at:
        device = Device(version=version)
        line = await at.line()
        assert (await line.ask(device, body)).code == ResultCode.PROTOCOL_ERROR
        assert (await line.ask(device, device.document(receipt()))).code == 0


async def test_a_body_of_the_other_version_is_not_read_by_the_wrong_schema():
    async with office() as at:
        older, newer = Device(version=202), Device(version=203)
        line = await at.line()
        # 2.0.3 writes a text where 2.0.2 has a number: to 2.0.2 that is an unknown field, and no number.
        body = newer.body(Command.SYSTEM)
        assert (await line.ask(older, body)).code == 0
        answer = await line.ask(older, older.body(Command.INFO))
        assert not answer.message.service.reg_info.org.HasField("tenantId")
        answer = await line.ask(newer, newer.body(Command.INFO), token=older.token, number=9)
        assert answer.message.service.reg_info.org.address_kz == "Алматы"


# ----------------------------------------------------------------------------------------- standing, trouble, time limits


async def test_an_unpaid_register_is_not_answered_and_its_connection_stays():
    async with office() as at:
        device = Device()
        line = await at.line()
        await line.ask(device, device.document(receipt()))
        await at.order(set_standing(Standing.UNPAID))
        at.figures.answers.clear()
        line.send(device.frame(device.document(receipt(2))))
        line.send(device.frame(device.body(Command.INFO)))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await line.frame()
        assert [outcome for outcome, _ in at.figures.answers] == ["silent", "silent"]
        await at.order(set_standing(Standing.GOOD))
        assert (await line.ask(device, device.document(receipt(2)))).code == 0


async def test_a_blocked_register_is_shown_why():
    async with office() as at:
        device = Device()
        line = await at.line()
        await line.ask(device, device.document(receipt()))
        await at.order(set_standing(Standing.BLOCKED, "Долг"))
        answer = await line.ask(device, device.body(Command.SYSTEM))
        assert (answer.code, answer.message.service.ticket_ads[0].text) == (ResultCode.BLOCKED, "Долг")
        assert answer.message.service.ticket_ads[0].info.type == AdType.INFO


async def test_what_waits_too_long_is_told_to_come_again():
    async with office(answer_timeout_s=5.0) as at:
        device, other = Device(), Device(id=7)
        line, busy = await at.line(), await at.line()
        at.journal.hold_commits()
        busy.send(other.frame(other.document(receipt())))
        await idle()
        body = device.document(receipt())
        line.send(device.frame(body))
        await idle()
        at.clock.pass_(5.1)
        at.journal.let_commits_go()
        assert (await line.answer()).code == ResultCode.SERVICE_TEMPORARILY_UNAVAILABLE
        device_again = await line.ask(device, device.document(receipt(issued_at=T0)))
        assert device_again.code == 0, "the same packet again is taken"


async def test_silence_when_overdue_is_silence_here_too():
    async with office(silent_when_overdue=True) as at:
        device, other = Device(), Device(id=7)
        line, busy = await at.line(), await at.line()
        at.journal.hold_commits()
        busy.send(other.frame(other.document(receipt())))
        await idle()
        line.send(device.frame(device.document(receipt())))
        await idle()
        at.clock.pass_(5.1)
        at.journal.let_commits_go()
        line.writer.write_eof()
        assert await line.closed() == b""


async def test_a_failed_commit_is_told_to_come_again_and_a_broken_ledger_likewise():
    async with office() as at:
        device = Device()
        line = await at.line()
        at.journal.plans.append(CommitFailed("full"))
        assert (await line.ask(device, device.document(receipt()))).code == ResultCode.SERVICE_TEMPORARILY_UNAVAILABLE
        assert (await line.ask(device, device.document(receipt()))).code == 0
        at.journal.plans.append(JournalBroken("gone"))
        for _ in range(2):
            answer = await line.ask(device, device.document(receipt(2)))
            assert answer.code == ResultCode.SERVICE_TEMPORARILY_UNAVAILABLE
            assert answer.token == device.token


async def test_a_look_up_that_fails_is_told_to_come_again():
    async with office() as at:
        device = Device()
        line = await at.line()
        await line.ask(device, device.document(receipt()))
        at.journal.reading_fails["document"] = CommitFailed("unreadable")
        again = await line.ask(device, device.document(receipt()), token=TOKEN, number=1)
        assert again.code == ResultCode.SERVICE_TEMPORARILY_UNAVAILABLE
        assert (await line.ask(device, device.document(receipt()), token=TOKEN, number=1)).code == 0


@pytest.mark.parametrize("where", ["decide_new", "decide_question"])
async def test_a_defect_of_ours_is_an_unknown_error_of_one_exchange(monkeypatch, where):
    def fail(*_given):
        raise ZeroDivisionError

    async with office() as at:
        device = Device()
        line = await at.line()
        body = device.document(receipt()) if where == "decide_new" else device.body(Command.SYSTEM)
        with monkeypatch.context() as patched:
            patched.setattr(f"ofd_server.core.kz.{where}", fail)
            assert (await line.ask(device, body)).code == ResultCode.UNKNOWN_ERROR
        assert (await line.ask(device, body)).code == 0


async def test_a_defect_in_what_is_done_together_is_one_of_one_exchange(monkeypatch):
    def fail(*_given):
        raise ZeroDivisionError

    async with office() as at:
        device, other = Device(), Device(id=7)
        line = await at.line()
        for one in (device, other):
            await line.ask(one, one.document(receipt()))
        with monkeypatch.context() as patched:
            patched.setattr("ofd_server.core.kz.conclude", fail)
            assert (await line.ask(device, device.document(receipt(2)))).code == ResultCode.UNKNOWN_ERROR
            patched.setattr("ofd_server.core.kz.prepare_glanced", fail)
            assert (await line.ask(device, device.document(receipt(2)))).code == 0, "decided by itself"
            patched.setattr("ofd_server.intake.decide_documents", fail)
            patched.setattr("ofd_server.deciding.decide_documents", fail)
        line.send(device.frame(device.document(deposit(3))) + other.frame(other.document(deposit(2))))
        assert [(await line.answer()).code for _ in range(2)] == [0, 0]


async def test_documents_of_many_devices_are_decided_together(monkeypatch):
    seen = []

    def together(submissions, rules, signer):
        seen.append(len(submissions))
        return decide_documents(submissions, rules, signer)

    monkeypatch.setattr("ofd_server.intake.decide_documents", together)
    async with office() as at:
        line = await at.line()
        devices = [Device(id=number, token=number) for number in range(1, 21)]
        for device in devices:
            await line.ask(device, device.document(receipt()))
        seen.clear()
        bodies: list[Document] = [receipt(2), deposit(2), receipt(2, total=1), close_shift(2)] * 5
        line.send(b"".join(one.frame(one.document(body)) for one, body in zip(devices, bodies, strict=True)))
        codes = [(await line.answer()).code for _ in devices]
        assert codes == [0, 0, ResultCode.INCORRECT_REQUEST_DATA, 0] * 5
        assert max(seen) == 15


async def test_a_defect_in_reading_is_an_unknown_error_as_well(monkeypatch):
    def fail(*_given):
        raise ZeroDivisionError

    async with office() as at:
        device = Device()
        line = await at.line()
        with monkeypatch.context() as patched:
            patched.setattr("ofd_server.core.kz.parse_request", fail)
            assert (await line.ask(device, device.body(Command.SYSTEM))).code == ResultCode.UNKNOWN_ERROR
        assert (await line.ask(device, device.body(Command.SYSTEM))).code == 0


async def test_an_answer_that_fits_into_no_frame_is_an_unknown_error(monkeypatch):
    calls = []

    def small(header, token, body):
        calls.append(body)
        if len(calls) == 1:
            raise LocalProtocolError("too large")
        return serialize_answer(header, token, body)

    monkeypatch.setattr("ofd_server.gateways.kz.serialize_answer", small)
    async with office() as at:
        device = Device()
        line = await at.line()
        assert (await line.ask(device, device.body(Command.INFO))).code == ResultCode.UNKNOWN_ERROR


async def test_an_operator_that_stops_tells_to_come_again():
    async with office() as at:
        device = Device()
        line = await at.line()
        await line.ask(device, device.document(receipt()))
        await at.service.drain()
        answer = await line.ask(device, device.document(receipt(2)))
        assert answer.code == ResultCode.SERVICE_TEMPORARILY_UNAVAILABLE


@pytest.mark.parametrize(("data", "seconds"), [(b"", 900.5), (b"\xa2\x81", 10.5)])
async def test_a_silent_connection_and_one_that_is_halfway_end(data, seconds):
    async with office() as at:
        line = await at.line()
        line.send(data or b"")
        await wait_for(lambda: len(at.gateway.connections) == 1)
        (conversation,) = at.gateway.connections
        await wait_for(lambda: not data or conversation.frame_since is not None)
        conversation.look_at_limits(at.clock.monotonic() + seconds - 1)
        assert conversation.closing_since is None
        conversation.look_at_limits(at.clock.monotonic() + seconds)
        assert await line.closed() == b""


async def wait_for(what):
    for _ in range(5_000):
        if what():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("it did not happen")


async def test_a_register_that_does_not_read_its_last_answer_is_given_up():
    async with office() as at:
        device = Device()
        line = await at.line()
        at.journal.hold_commits()
        line.send(device.frame(device.document(receipt())))
        line.writer.write_eof()
        await wait_for(lambda: any(one.closing_since is not None for one in at.gateway.connections))
        (conversation,) = at.gateway.connections
        conversation.look_at_limits(at.clock.monotonic() + kz.FINISH_LIMIT_S)
        assert at.gateway.connections
        conversation.look_at_limits(at.clock.monotonic() + kz.FINISH_LIMIT_S + 1)
        await wait_for(lambda: not at.gateway.connections)
        at.journal.let_commits_go()


async def test_whoever_asks_without_reading_is_cut_off():
    async with office() as at:
        device = Device()
        line = await at.line()
        at.journal.hold_commits()
        frames = [device.frame(device.body(Command.INFO), number=number) for number in range(kz.UNANSWERED_MAX + 5)]
        line.send(device.frame(device.document(receipt())) + b"".join(frames))
        await wait_for(lambda: any(one.closing_since is not None for one in at.gateway.connections))
        at.journal.let_commits_go()
        assert (await line.answer()).code == 0
        rest = [await line.answer() for _ in range(kz.UNANSWERED_MAX - 1)]
        assert {answer.code for answer in rest} == {ResultCode.INVALID_TOKEN}
        assert await line.closed() == b""


async def test_bodies_that_are_too_much_together_are_cut_off_likewise():
    async with office() as at:
        device = Device()
        line = await at.line()
        at.journal.hold_commits()
        line.send(device.frame(device.document(receipt())))
        line.send(device.frame(bytes(600_000)) * 2)
        await wait_for(lambda: any(one.closing_since is not None for one in at.gateway.connections))
        at.journal.let_commits_go()
        assert [(await line.answer()).code for _ in range(2)] == [0, ResultCode.PROTOCOL_ERROR]
        assert await line.closed() == b""


async def test_one_connection_too_many_is_closed_at_once():
    async with office(connections_max=1) as at:
        first = await at.line()
        await wait_for(lambda: len(at.gateway.connections) == 1)
        second = await at.line()
        second.send(b"\xa2")
        with pytest.raises((ConnectionError, EOFError)):
            await second.frame()
        device = Device()
        assert (await first.ask(device, device.document(receipt()))).code == 0
        assert at.figures.open_sessions == 1


async def test_who_comes_in_the_last_moment_is_not_left_in_the_door():
    async with office() as at:
        await at.gateway.close()
        comes = at.gateway._converse()
        door = Mock(spec=asyncio.Transport)
        comes.connection_made(door)
        door.abort.assert_called_once_with()
        comes.connection_lost(None)
        assert not at.gateway.connections


async def test_who_does_not_read_is_not_read_either():
    async with office() as at:
        await at.line()
        await wait_for(lambda: len(at.gateway.connections) == 1)
        (conversation,) = at.gateway.connections
        conversation.pause_writing()
        assert not conversation.transport.is_reading()
        conversation.resume_writing()
        assert conversation.transport.is_reading()


# ------------------------------------------------------------------------------------------- the other protocols, one ledger


async def over_native(at: Office) -> Conversation:
    """A native session of the same register."""
    conversation = Conversation(at.service, str(DEVICE), str(TOKEN))
    asked = conversation.hello()
    await idle()
    assert isinstance(asked.answer, Welcome), asked.answer
    return conversation


async def test_a_register_changes_its_protocol_and_back_and_keeps_one_ledger():
    async with office() as at:
        device = Device()
        line = await at.line()
        await line.ask(device, device.document(receipt()))
        native = await over_native(at)
        submitted = native.submit(receipt(2, id=document_id(2)))
        await idle()
        assert submitted.accepted.number == 2
        # The token that was issued over this protocol is the one to go on with.
        assert (await line.ask(device, device.document(deposit(3)))).code == 0
        assert native.closed == ["superseded"]
        late = native.submit(receipt(4, id=document_id(4)))
        await idle()
        assert isinstance(late.answer, Refused)
        again = await over_native(at)
        submitted = again.submit(receipt(4, id=document_id(4)))
        await idle()
        assert submitted.accepted.number == 4
        state = await at.service.state_of(str(DEVICE))
        assert state.tape.last_number == 4
        assert state.tape.shift.counters["tickets.sell.count"] == 3
        assert [(await at.journal.document(str(DEVICE), number)).entry.protocol for number in range(1, 5)] == [
            "kz",
            "native",
            "kz",
            "native",
        ]


async def test_a_repeat_after_another_protocol_took_over_is_a_repeat_still():
    async with office() as at:
        device = Device()
        line = await at.line()
        first = await line.ask(device, device.document(receipt()))
        native = await over_native(at)
        native.submit(receipt(2, id=document_id(2)))
        await idle()
        again = await line.ask(device, device.document(receipt()), token=TOKEN, number=1)
        assert again.message == first.message
        assert native.closed == [], "a repeat changes nothing, so it takes nothing over"


async def test_what_an_open_session_had_asked_is_dropped_when_the_register_comes_this_way():
    async with office() as at:
        device = Device()
        line = await at.line()
        await line.ask(device, device.document(receipt()))
        native = await over_native(at)
        at.journal.hold_commits()
        in_flight = native.submit(receipt(2, id=document_id(2)))
        await idle()
        queued = native.submit(receipt(3, id=document_id(3)))
        await idle()
        line.send(device.frame(device.document(receipt(3))))
        await wait_for(lambda: native.closed)
        at.journal.let_commits_go()
        assert (await line.answer()).code == 0
        assert in_flight.is_accepted
        assert queued.is_open
        kept = [(await at.journal.document(str(DEVICE), number)).entry.protocol for number in (1, 2, 3)]
        assert kept == ["kz", "native", "kz"]


async def test_what_a_person_asked_meanwhile_is_decided_all_the_same():
    async with office() as at:
        device = Device()
        line = await at.line()
        await line.ask(device, device.document(receipt()))
        native = await over_native(at)
        at.journal.hold_commits()
        native.submit(receipt(2, id=document_id(2)))
        await idle()
        native.submit(receipt(3, id=document_id(3)))
        await idle()
        resetting = asyncio.ensure_future(at.order(reset_token(str(TOKEN))))
        await idle()
        line.send(device.frame(device.document(deposit(3)), token=TOKEN))
        await wait_for(lambda: native.closed)
        at.journal.let_commits_go()
        assert (await line.answer()).code == 0
        await resetting
        kept = [(await at.journal.document(str(DEVICE), number)).entry.protocol for number in (1, 2, 3)]
        assert kept == ["kz", "native", "kz"]


# ------------------------------------------------------------------------------------------------------ the whole server


LISTENERS: Any = {"http": "127.0.0.1:0", "native": "off", "kz": "127.0.0.1:0"}


async def test_a_repeat_after_a_restart_gets_the_same_bytes(tmp_path):
    clock = ManualClock()
    device = Device()
    async with OfdServer(data=tmp_path, clock=clock, **LISTENERS) as ofd:
        line = await Line.to(ofd.kz_address)
        await line.ask(device, device.document(receipt()))
        frame = device.frame(device.document(receipt(2)))
        line.send(frame)
        first = await line.frame()
    async with OfdServer(data=tmp_path, clock=clock, **LISTENERS) as ofd:
        line = await Line.to(ofd.kz_address)
        line.send(frame)
        assert await line.frame() == first
        device.token = first[0].token
        device.number = 3
        state: Any = await ofd.service.state_of(str(DEVICE))
        closing = device.document(close_shift(3, counters=dict(state.tape.shift.counters)))
        frame = device.frame(closing)
        line.send(frame)
        closed = await line.frame()
    async with OfdServer(data=tmp_path, clock=clock, **LISTENERS) as ofd:  # from a snapshot
        line = await Line.to(ofd.kz_address)
        line.send(frame)
        assert await line.frame() == closed
        device.token = closed[0].token
        device.number = 4
        assert (await line.ask(device, device.document(receipt(4, 2)))).code == 0


async def test_the_settings_reach_the_counter(tmp_path):
    cashiers = tmp_path / "cashiers.toml"
    cashiers.write_text(
        '[[cashier]]\nlogin = "olga"\npassword = "12345"\ncode = 7\nname = "Ольга"\nroles = ["administrator"]\n',
        encoding="utf-8",
    )
    catalogue = tmp_path / "goods.json"
    catalogue.write_text('{"version": 9, "created": "2026-01-01T00:00:00Z"}', encoding="utf-8")
    settings: Any = {
        "kz_strictness": "full",
        "kz_profile": "kazakhtelecom",
        "kz_cashiers": cashiers,
        "kz_catalogue": catalogue,
        "kz_z_checksum": "refuse",
    }
    async with OfdServer(clock=ManualClock(), **LISTENERS, **settings) as ofd:
        device = Device()
        line = await Line.to(ofd.kz_address)
        assert (await line.ask(device, device.body(Command.SYSTEM, service=None))).code == ResultCode.BLOCKED
        auth = await line.ask(device, device.body(Command.AUTH, auth={"login": "olga", "password": "12345"}))
        assert (auth.message.auth.operator_name, list(auth.message.auth.roles)) == ("Ольга", [3])
        goods = await line.ask(device, device.body(Command.NOMENCLATURE, nomenclature={"current_version": 0}))
        assert goods.message.nomenclature.version == 9
        sold = await line.ask(device, device.document(receipt()))
        assert len(sold.sign) == 10
        assert sold.message.ticket.qr_code.startswith(b"http://consumer.oofd.kz?i=")
        closing = device.document(close_shift(2))
        assert (await line.ask(device, closing)).code == ResultCode.INCORRECT_REQUEST_DATA


async def test_registers_of_this_protocol_are_registers_like_any_other():
    async with Site(kz="127.0.0.1:0", native="off", strict=True) as site:
        device = Device()
        line = await Line.to(site.ofd.kz_address)
        assert (await line.ask(device, device.document(receipt()))).code == ResultCode.UNKNOWN_ID
        at = f"/api/v1/registers/{DEVICE}"
        assert (await site.post("/api/v1/registers", json={"id": str(DEVICE), "token": str(TOKEN)})).status == 201
        assert (await site.get(f"{at}/kz")).json == {
            "token": None,
            "last_token": None,
            "last_request_number": None,
            "last_command": None,
            "last_number": None,
        }
        sold = await line.ask(device, device.document(receipt(), Delivery(autonomous=True, autonomous_sign=77)))
        shown = (await site.get(at)).json
        assert (shown["last_number"], shown["last_autonomous_sign"], shown["shift"]["open"]) == (1, 77, True)
        document = (await site.get(f"{at}/documents/1")).json
        assert (document["protocol"], document["sign"]) == ("kz", sold.sign)
        assert (await site.get(f"{at}/kz")).json == {
            "token": device.token,
            "last_token": TOKEN,
            "last_request_number": 1,
            "last_command": Command.TICKET,
            "last_number": 1,
        }
        token = (await site.post(f"{at}/reset-token")).json["token"]
        assert (await site.get(f"{at}/kz")).json["token"] is None
        device.token = int(token)
        assert (await line.ask(device, device.document(receipt(2)))).code == 0
        verified = (await site.get("/api/v1/verify", params={"qr": sold.message.ticket.qr_code.decode()})).json
        assert verified["verdict"] == "genuine"


async def test_a_default_address_that_is_taken_is_left_out_and_one_that_was_asked_for_is_not(monkeypatch):
    listeners: Any = {"http": "off", "native": "off"}
    async with OfdServer(**listeners, kz="127.0.0.1:0") as other:
        with pytest.raises(AddressUnavailable, match=r"kz: .* cannot be listened on"):
            await OfdServer(**listeners, kz=other.kz_address).start()
        monkeypatch.setattr(ServerSettings.model_fields["kz"], "default", other.kz_address)
        ServerSettings.model_rebuild(force=True)
        try:
            async with OfdServer(settings_of(**listeners)) as ofd:
                assert ofd.kz_address is None
                assert "kz" not in ofd.ready_line()
        finally:
            monkeypatch.undo()
            ServerSettings.model_rebuild(force=True)
        assert other.ready_line()["kz"] == other.kz_address


LARGEST = {"kz_catalogue": CATALOGUE_SIZE_MAX, "kz_cashiers": SETTINGS_SIZE_MAX}


@pytest.mark.parametrize(
    ("setting", "text", "told"),
    [
        ("kz_catalogue", None, "cannot be read"),
        ("kz_catalogue", "{", "kz_catalogue: .*the catalogue cannot be read"),
        ("kz_cashiers", None, "cannot be read"),
        ("kz_cashiers", "[[cashier]]", "kz_cashiers: .*cashier.0.login: field required"),
        ("kz_cashiers", "x = 1", "kz_cashiers: .*x: there is no such setting"),
        ("kz_cashiers", TWICE, "a login stands twice"),
    ],
)
async def test_files_that_are_not_right_stop_the_start(tmp_path, setting, text, told):
    path = tmp_path / "file"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConfigurationError, match=told):
        await OfdServer(**LISTENERS, **{setting: path}).start()


@pytest.mark.parametrize("setting", ["kz_catalogue", "kz_cashiers"])
async def test_files_without_an_end_stop_the_start(setting):
    given: Any = {setting: Path("/dev/zero")}
    with pytest.raises(ConfigurationError, match=f"/dev/zero: .*is larger than {LARGEST[setting]:,} bytes"):
        await OfdServer(**LISTENERS, **given).start()
