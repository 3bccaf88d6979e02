"""The Kazakhstan protocol on a wire: limits with a clock in the hand, what breaks, and what was not noted before."""

import asyncio
import socket
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiscal.domain.document import DocumentKind
from fiscal.domain.lifecycle import AutonomousReason, RegisterMode
from fiscal.domain.messages import (
    Accepted,
    AskInformation,
    Blocked,
    Hello,
    Noted,
    Ping,
    Refused,
    ReportOfflinePeriod,
    ReportStatus,
    SubmitDocument,
    Welcome,
)
from fiscal.protocols.content import encode_content
from fiscal.protocols.kz.codes import Command
from fiscal.protocols.kz.frames import serialize_answer, serialize_frame
from fiscal.protocols.kz.header import Header
from kkt_client.app import SystemClock
from kkt_client.config import RegisterSettings
from kkt_client.core.saying import Cause, Said
from kkt_client.ports import AnswerLate, NoConnection, Standing
from kkt_client.transports.kz import KzLink, KzTransport, KzWire
from tests.documents import deposit, receipt, void
from tests.kkt_client.kz_shop import DEVICE, TOKEN, KzOperator, PipedTransport
from tests.kkt_client.shop import PROFILE, LoopClock, play
from tests.kkt_client.transports.test_tcp import Wire

HEAD = Header(203, DEVICE, TOKEN, 1, 0)
REQUEST = serialize_frame(203, DEVICE, TOKEN, 1, b"")
ANSWER = serialize_answer(HEAD, 5, b"body")
HELLO = Hello(register=str(DEVICE), token=str(TOKEN), software="test", accepted_number=4, profile=PROFILE)


class Ends:
    """A connection under test and its other end."""

    def __init__(self) -> None:
        self.pipe = Wire()
        self.wire = KzWire(LoopClock())
        self.wire.connection_made(self.pipe)


@pytest.mark.requirement("S3-13")
@pytest.mark.parametrize(("seconds", "in_time"), [(4.9375, True), (5.0, True), (5.0625, False)])
@pytest.mark.parametrize("pieces", [1, 4])
def test_the_whole_answer_has_to_be_there_in_five_seconds(seconds, in_time, pieces):
    async def scene():
        ends = Ends()
        await asyncio.sleep(100)
        asking = asyncio.ensure_future(ends.wire.ask(REQUEST, HEAD, 5.0))
        await asyncio.sleep(0)
        assert ends.pipe.written == REQUEST
        size = -(-len(ANSWER) // pieces)
        for place in range(pieces):
            await asyncio.sleep(seconds / pieces)
            ends.wire.data_received(ANSWER[place * size : (place + 1) * size])
        if in_time:
            return await asking
        with pytest.raises(AnswerLate):
            await asking
        assert ends.pipe.aborted
        return None

    reply = play(scene)
    assert reply is None if not in_time else (reply.token, reply.body) == (5, b"body")


def test_what_comes_when_the_timer_is_behind_is_judged_by_the_clock():
    async def scene():
        ends = Ends()
        asking = asyncio.ensure_future(ends.wire.ask(REQUEST, HEAD, 5.0))
        await asyncio.sleep(0)
        ends.wire.data_received(ANSWER)
        asyncio.get_running_loop().seconds += 6.0  # type: ignore[attr-defined]
        return await asking

    assert play(scene).token == 5


@pytest.mark.parametrize(
    ("happen", "why"),
    [
        (lambda wire: wire.data_received(b"HTTP/1.1 400 Bad Request\r\n"), "does not keep to the protocol"),
        (lambda wire: wire.eof_received(), "closed the connection"),
        (lambda wire: wire.connection_lost(None), "the connection is closed"),
        (lambda wire: wire.connection_lost(OSError("reset")), "broke: reset"),
        (lambda wire: wire.end(Cause(Said.CONNECTION_LOST, "enough")), "enough"),
    ],
)
def test_a_wire_that_breaks_says_so_at_once(happen, why):
    async def scene():
        ends = Ends()
        asking = asyncio.ensure_future(ends.wire.ask(REQUEST, HEAD, 5.0))
        await asyncio.sleep(0)
        happen(ends.wire)
        with pytest.raises(NoConnection, match=why) as broken:
            await asking
        assert broken.value.was_open
        with pytest.raises(NoConnection, match=why):
            await ends.wire.ask(REQUEST, HEAD, 5.0)
        ends.wire.end(Cause(Said.CONNECTION_LOST, "twice"))
        return ends

    ends = play(scene)
    assert why in ends.wire.gone.text
    assert ends.pipe.aborted


def test_an_idle_wire_is_closed_politely():
    async def scene():
        ends = Ends()
        ends.wire.data_received(ANSWER)  # nobody has asked
        ends.wire.end(Cause(Said.CONNECTION_LOST, "enough"))
        return ends.pipe.ended, ends.pipe.aborted

    assert play(scene) == (True, False)


async def test_a_door_that_is_shut():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        transport = KzTransport("127.0.0.1", taken.getsockname()[1], SystemClock(), 5.0)
        with pytest.raises(NoConnection) as shut:
            await transport.connect()
    assert not shut.value.was_open
    await transport.close()


# --------------------------------------------------------------------------------------------------------- the link


async def linked() -> tuple[PipedTransport, KzLink, KzOperator]:
    operator = KzOperator()
    transport = PipedTransport(operator, LoopClock(), RegisterSettings(), 203)
    transport.notebook.opened(b"", str(TOKEN))
    return transport, await transport.connect(), operator


def noted(transport: KzTransport, notes: bytes | None) -> None:
    assert notes is not None
    transport.notebook.kept(notes)


@pytest.mark.parametrize(
    "request_",
    [
        Ping(),
        ReportStatus(unsent=1, mode=RegisterMode.AUTONOMOUS),
        ReportOfflinePeriod(number=1, begin=1, end=2, reason=AutonomousReason.NO_CONNECTION),
    ],
)
def test_what_is_no_message_is_answered_here(request_):
    async def scene():
        _, link, operator = await linked()
        return await link.request(request_), operator.heard

    answer, heard = play(scene)
    assert isinstance(answer, Noted)
    assert not heard


def test_to_connect_is_to_be_welcome():
    async def scene():
        transport, link, operator = await linked()
        assert transport.notebook.greeting(Standing()) is None
        return await link.request(HELLO), operator.heard

    welcome, heard = play(scene)
    assert isinstance(welcome, Welcome)
    assert (welcome.operator, welcome.last_number, welcome.last_digest) == ("Транстелеком", 4, None)
    assert not heard


@pytest.mark.parametrize("standing", [Standing(away_since=1), Standing(is_rejected=True)])
def test_a_register_that_comes_back_or_is_not_trusted_asks_first(standing):
    async def scene():
        transport, link, operator = await linked()
        noted(transport, transport.notebook.greeting(standing))
        assert isinstance(await link.request(HELLO), Welcome)
        return operator.words()

    assert play(scene) == ["SYSTEM"]


def test_a_document_in_doubt_is_the_question_itself():
    async def scene():
        transport, _, _ = await linked()
        noted(transport, transport.notebook.sending(5, DocumentKind.RECEIPT))
        assert transport.notebook.greeting(Standing(away_since=1)) is None
        return transport.notebook.greeting(Standing(away_since=1, is_rejected=True))

    assert play(scene) is not None


NOT_NOTED: list[tuple[Any, str]] = [
    (SubmitDocument(content=encode_content(receipt())), "has no request number"),
    (AskInformation(), "has no request number"),
]


@pytest.mark.parametrize(("request_", "why"), NOT_NOTED)
def test_what_was_not_noted_is_not_sent(request_, why):
    async def scene():
        transport, link, operator = await linked()
        transport.notebook.greeting(Standing())
        await link.request(HELLO)
        with pytest.raises(NoConnection, match=why) as refused:
            await link.request(request_)
        assert not link.is_open
        with pytest.raises(NoConnection):
            await link.request(Ping())
        return refused.value.is_final, operator.heard

    assert play(scene) == (True, [])


def test_hello_comes_first():
    async def scene():
        transport, link, _ = await linked()
        noted(transport, transport.notebook.sending(1, DocumentKind.RECEIPT))
        with pytest.raises(NoConnection, match="hello comes first"):
            await link.request(SubmitDocument(content=encode_content(receipt())))

    play(scene)


def test_a_void_is_accepted_without_a_word():
    async def scene():
        transport, link, operator = await linked()
        assert transport.notebook.sending(3, DocumentKind.VOID) is None
        answer = await link.request(SubmitDocument(content=encode_content(void(3))))
        return answer, operator.heard

    answer, heard = play(scene)
    assert isinstance(answer, Accepted)
    assert (answer.number, answer.sign) == (3, None)
    assert not heard


def test_a_request_that_is_given_up_closes_the_link():
    async def scene():
        transport, link, operator = await linked()
        operator.deaf = {Command.MONEY_PLACEMENT}
        transport.notebook.greeting(Standing())
        await link.request(HELLO)
        noted(transport, transport.notebook.sending(1, DocumentKind.DEPOSIT))
        asking = asyncio.ensure_future(link.request(SubmitDocument(content=encode_content(deposit()))))
        await asyncio.sleep(1)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        return link.is_open

    assert play(scene) is False


def test_a_token_is_not_shown():
    async def scene():
        transport, _, _ = await linked()
        return repr(transport.notebook.book)

    assert str(TOKEN) not in play(scene)


# ------------------------------------------------------------------------------------------------- whatever comes


@settings(max_examples=200)
@given(st.lists(st.binary(max_size=60), max_size=6), st.booleans())
def test_any_bytes_end_in_an_answer_or_a_connection_that_is_gone(pieces, begins_well):
    async def scene():
        ends = Ends()
        asking = asyncio.ensure_future(ends.wire.ask(REQUEST, HEAD, 5.0))
        await asyncio.sleep(0)
        for data in (ANSWER[:18], *pieces) if begins_well else pieces:
            ends.wire.data_received(data)
        with suppress(NoConnection, AnswerLate):
            assert (await asking).token == 5

    play(scene)


@settings(max_examples=200)
@given(st.binary(max_size=80))
def test_any_body_is_an_answer_or_none(body):
    async def scene():
        transport, link, operator = await linked()
        operator.raw = [lambda header, _frame: serialize_answer(header, 9, body)]
        transport.notebook.greeting(Standing())
        await link.request(HELLO)
        noted(transport, transport.notebook.sending(1, DocumentKind.RECEIPT))
        with suppress(NoConnection):
            answer = await link.request(SubmitDocument(content=encode_content(receipt())))
            assert isinstance(answer, Accepted | Refused | Blocked)

    play(scene)
