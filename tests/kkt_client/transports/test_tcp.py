"""The native protocol over a socket: limits without a socket and with a clock in the hand, the rest over loopback."""

import asyncio
from typing import Any

import pytest

from fiscal.domain.messages import Accepted, Hello, Noted, Ping, SubmitDocument, Welcome
from fiscal.protocols.native.codec import NATIVE
from fiscal.session.connection import Connection
from fiscal.session.limits import SessionLimits
from fiscal.session.state import Role
from kkt_client.app import SystemClock
from kkt_client.ports import AnswerLate, NoConnection
from kkt_client.transports.tcp import TcpLink, TcpTransport
from tests.kkt_client.shop import LoopClock, Operator, play
from tests.kkt_client.transports.speaking import Listening

HELLO = Hello(register="kkt-1", token="secret", software="test")


class Wire(asyncio.Transport):
    """The transport of a link under test: what was written, and whether it was thrown away."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.ended = False
        self.aborted = False

    def write(self, data: Any) -> None:
        self.written += data

    def close(self) -> None:
        self.ended = True

    def abort(self) -> None:
        self.aborted = True


class Ends:
    """A link and, at the other end of its wire, an operator's session."""

    def __init__(self, limit_s: float = 5.0) -> None:
        self.clock = LoopClock()
        now = self.clock.monotonic()
        self.operator = Connection(Role.OPERATOR, NATIVE, now)
        self.link = TcpLink(Connection(Role.REGISTER, NATIVE, now, SessionLimits(answer_limit_s=limit_s)), self.clock)
        self.wire = Wire()
        self.link.connection_made(self.wire)

    async def ask(self, request: Any, answer: Any, after: float, pieces: int = 1) -> Any:
        asking = asyncio.ensure_future(self.link.request(request))
        await asyncio.sleep(0)
        self.operator.receive_data(self.wire.written, self.clock.monotonic())
        self.wire.written = b""
        event = self.operator.next_event()
        assert event is not None
        self.operator.send_answer(event.number, answer, self.clock.monotonic())  # type: ignore[union-attr]
        data = b"".join(self.operator.data_to_send())
        for place in range(pieces):
            await asyncio.sleep(after / pieces)
            size = -(-len(data) // pieces)
            self.link.data_received(data[place * size : (place + 1) * size])
        return await asking


WELCOME = Welcome(at=1, operator="o")


@pytest.mark.requirement("S3-13")
@pytest.mark.parametrize(("seconds", "in_time"), [(4.9375, True), (5.0, True), (5.0625, False)])
@pytest.mark.parametrize("pieces", [1, 4])
def test_the_whole_answer_has_to_be_there_in_five_seconds(seconds, in_time, pieces):
    async def scene():
        ends = Ends()
        if in_time:
            return await ends.ask(HELLO, WELCOME, seconds, pieces)
        with pytest.raises(AnswerLate):
            await ends.ask(HELLO, WELCOME, seconds, pieces)
        assert not ends.link.is_open
        assert ends.wire.aborted
        return None

    assert play(scene) == (WELCOME if in_time else None)


def test_the_limit_runs_from_when_the_request_was_handed_over():
    async def scene():
        ends = Ends()
        await asyncio.sleep(100)
        assert await ends.ask(HELLO, WELCOME, 4.0) == WELCOME
        await asyncio.sleep(100)
        assert await ends.ask(Ping(), Noted(at=1), 5.0) == Noted(at=1)

    play(scene)


def test_what_the_session_does_not_allow_closes_the_link():
    async def scene():
        ends = Ends()
        with pytest.raises(NoConnection, match="does not allow"):
            await ends.link.request(SubmitDocument(content=b""))
        return ends.link.is_open

    assert play(scene) is False


@pytest.mark.parametrize(
    ("happen", "why"),
    [
        (lambda ends: ends.link.data_received(b"HTTP/1.1 400 Bad Request\r\n"), "does not keep to the protocol"),
        (lambda ends: ends.link.eof_received(), "closed the connection"),
        (lambda ends: ends.link.connection_lost(None), "the connection is closed"),
        (lambda ends: ends.link.connection_lost(OSError("reset")), "broke: reset"),
        (lambda ends: ends.link.close(), "was closed"),
    ],
)
def test_a_link_that_breaks_says_so_at_once(happen, why):
    async def scene():
        ends = Ends()
        asking = asyncio.ensure_future(ends.link.request(HELLO))
        await asyncio.sleep(1.0)
        happen(ends)
        with pytest.raises(NoConnection, match=why):
            await asking
        with pytest.raises(NoConnection, match=why):
            await ends.link.request(HELLO)
        happen(ends)  # a second time changes nothing
        return ends.link.is_open, ends.clock.monotonic()

    assert play(scene) == (False, 1.0)


def test_a_link_that_breaks_while_nobody_asks_is_closed():
    async def scene():
        ends = Ends()
        ends.link.eof_received()
        return ends.link.is_open, ends.wire.ended, ends.wire.aborted

    assert play(scene) == (False, True, False)


def test_a_request_that_is_cancelled_closes_the_link():
    async def scene():
        ends = Ends()
        asking = asyncio.ensure_future(ends.link.request(HELLO))
        await asyncio.sleep(1.0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        return ends.wire.aborted

    assert play(scene) is True


def test_an_alarm_that_rings_too_early_is_set_again():
    async def scene():
        ends = Ends()
        asking = asyncio.ensure_future(ends.link.request(HELLO))
        await asyncio.sleep(1.0)
        ends.link._ring()
        with pytest.raises(AnswerLate):
            await asking
        return ends.clock.monotonic()

    assert play(scene) == pytest.approx(5.0, abs=0.01)


def test_a_link_that_is_not_made_yet_is_closed():
    async def scene():
        clock = LoopClock()
        link = TcpLink(Connection(Role.REGISTER, NATIVE, 0.0), clock)
        with pytest.raises(NoConnection, match="not open yet"):
            await link.request(HELLO)
        link.close()

    play(scene)


# ------------------------------------------------------------------------------------------------- over loopback


async def test_a_conversation_over_a_socket():
    operator = Operator()
    async with Listening(operator) as port:
        transport = TcpTransport("127.0.0.1", port, SystemClock(), 5.0)
        link = await transport.connect()
        welcome = await link.request(HELLO)
        noted = await link.request(Ping())
        link.close()
        await transport.close()

    assert isinstance(welcome, Welcome)
    assert isinstance(noted, Noted)
    assert (transport.protocol, transport.content_size_max) == ("native", 255 * 1024)


async def test_a_late_answer_over_a_socket():
    operator = Operator()
    operator.deaf = {Ping}
    async with Listening(operator) as port:
        link = await TcpTransport("127.0.0.1", port, SystemClock(), 0.05).connect()
        await link.request(HELLO)
        with pytest.raises(AnswerLate):
            await link.request(Ping())


async def test_a_lost_answer_over_a_socket():
    operator = Operator()
    operator.lose = {Hello}
    async with Listening(operator) as port:
        link = await TcpTransport("127.0.0.1", port, SystemClock(), 5.0).connect()
        with pytest.raises(NoConnection) as found:
            await link.request(HELLO)

    assert found.value.was_open


async def test_nobody_listens():
    async with Listening(Operator()) as port:
        pass
    with pytest.raises(NoConnection, match=f"127.0.0.1:{port}") as found:
        await TcpTransport("127.0.0.1", port, SystemClock(), 5.0).connect()

    assert not found.value.was_open


def test_an_accepted_document_is_an_answer_like_any_other():
    async def scene():
        ends = Ends()
        await ends.ask(HELLO, WELCOME, 0.0)
        return await ends.ask(SubmitDocument(content=b"c"), Accepted(number=1, at=1), 0.5)

    assert play(scene) == Accepted(number=1, at=1)
