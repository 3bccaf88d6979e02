"""Registers over real sockets on the loopback: whatever one of them does, it is its own affair."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any
from unittest.mock import Mock

import pytest
from msgspec import structs

from fiscal.domain.document import Document
from fiscal.domain.messages import (
    Accepted,
    Answer,
    AskInformation,
    Hello,
    Information,
    Noted,
    Ping,
    RefusalCode,
    Refused,
    Request,
    SubmitDocument,
    TryLater,
    Welcome,
)
from fiscal.protocols.content import encode_content
from fiscal.protocols.native.codec import NATIVE
from fiscal.protocols.native.header import BODY_SIZE_MAX, HEADER_SIZE
from fiscal.session.limits import UNANSWERED_MAX, SessionLimits
from fiscal.session.state import State
from ofd_server.core.administration import set_standing
from ofd_server.core.entries import Standing
from ofd_server.gateways.tcp import Conversation, TcpGateway
from tests.documents import item, receipt
from tests.ofd_server.twins import Operator, idle

WAIT_S = 30.0
"""How long a test waits for what must come: it fails then; nothing is measured."""


class Client:
    """A register that writes bytes and reads frames."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.number = 0

    def frame(self, request: Request) -> bytes:
        self.number += 1
        return NATIVE.serialize(request, self.number)

    def write(self, *requests: Request) -> None:
        self.writer.write(b"".join(map(self.frame, requests)))

    async def answer(self) -> Answer:
        async with asyncio.timeout(WAIT_S):
            header = NATIVE.parse_header(await self.reader.readexactly(HEADER_SIZE))
            answer = NATIVE.parse(header, await self.reader.readexactly(header.body_size))
        assert isinstance(answer, Answer)
        return answer

    async def ask(self, request: Request) -> Answer:
        self.write(request)
        return await self.answer()

    async def hello(self, register: str = "kkm-1", token: str = "t") -> Answer:
        return await self.ask(Hello(register=register, token=token, software="test", last_number=10**6))

    async def sell(self, number: int, **given: Any) -> Answer:
        return await self.ask(submit(receipt(number, **given)))

    async def rest(self) -> bytes:
        """Everything until the server closes."""
        async with asyncio.timeout(WAIT_S):
            return await self.reader.read()

    async def close(self) -> None:
        self.writer.close()
        with suppress(OSError):
            await self.writer.wait_closed()


def submit(document: Document) -> SubmitDocument:
    return SubmitDocument(content=encode_content(document))


class Listening:
    """An operator with a gateway that listens, and the clients of a test."""

    def __init__(self, operator: Operator, gateway: TcpGateway, port: int) -> None:
        self.operator = operator
        self.gateway = gateway
        self.port = port
        self.clients: list[Client] = []

    async def connect(self) -> Client:
        client = Client(*await asyncio.open_connection("127.0.0.1", self.port))
        self.clients.append(client)
        return client

    async def welcome(self, register: str = "kkm-1") -> Client:
        client = await self.connect()
        assert isinstance(await client.hello(register), Welcome)
        return client

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(WAIT_S):
            while not condition():  # noqa: ASYNC110 - what happens at a socket sets no event
                await asyncio.sleep(0.001)

    def look_at_limits(self) -> None:
        for conversation in tuple(self.gateway.connections):
            conversation.look_at_limits(self.operator.clock.monotonic())


@asynccontextmanager
async def listening(limits: SessionLimits | None = None, **given: Any) -> AsyncIterator[Listening]:
    operator = Operator()
    gateway = TcpGateway(operator.service, NATIVE, operator.clock, limits or SessionLimits(), **given)
    _, port = await gateway.start("127.0.0.1", 0)
    server = Listening(operator, gateway, port)
    try:
        yield server
    finally:
        operator.journal.let_commits_go()
        for client in server.clients:
            await client.close()
        await gateway.close()
        await server.until(lambda: not gateway.connections)


# ---------------------------------------------------------------------------------------------------- good clients


async def test_a_register_says_hello_and_sells():
    async with listening() as server:
        client = await server.welcome()
        first = await client.sell(1)
        assert isinstance(first, Accepted)
        assert await client.sell(1) == first
        assert isinstance(await client.ask(Ping()), Noted)
        told = await client.ask(AskInformation())
        assert isinstance(told, Information)
        assert told.last_number == 1
        state = await server.operator.service.state_of("kkm-1")
        assert state is not None
        assert state.tape.last_number == 1


async def test_byte_by_byte_and_all_at_once_are_the_same():
    async with listening() as server:
        slow, fast = await server.connect(), await server.connect()
        answers = []
        for client, register in ((slow, "kkm-1"), (fast, "kkm-2")):
            hello = Hello(register=register, token="t", software="test")
            requests: list[Request] = [hello, submit(receipt(1)), Ping(), submit(receipt(2)), submit(receipt(1))]
            data = b"".join(client.frame(request) for request in requests)
            if client is slow:
                for n in range(len(data)):
                    client.writer.write(data[n : n + 1])
                    await client.writer.drain()
                    if n % 50 == 0:
                        await asyncio.sleep(0)
            else:
                client.writer.write(data)
            answers.append([type(await client.answer()).__name__ for _ in requests])
        assert sorted(answers[0]) == sorted(answers[1]) == ["Accepted"] * 3 + ["Noted", "Welcome"]


async def test_two_hundred_registers_at_once():
    async with listening() as server:

        async def work(n: int) -> list[str | None]:
            client = await server.welcome(f"kkm-{n}")
            answers = [await client.sell(number) for number in range(1, 4)]
            assert all(isinstance(answer, Accepted) for answer in answers)
            return [answer.sign for answer in answers if isinstance(answer, Accepted)]

        signs = await asyncio.gather(*map(work, range(200)))
        assert len(server.gateway.connections) == 200
        assert server.operator.figures.open_sessions == 200
        assert len({sign for some in signs for sign in some}) > 590, "each register has an order of its own"
        for n in range(200):
            state = await server.operator.service.state_of(f"kkm-{n}")
            assert state is not None
            assert state.tape.last_number == 3
    assert server.operator.figures.open_sessions == 0


async def test_a_register_that_closes_its_half_gets_its_answers_first():
    async with listening() as server:
        client = await server.welcome()
        server.operator.journal.hold_commits()
        client.write(submit(receipt(1)), submit(receipt(2)))
        client.writer.write_eof()
        await server.until(lambda: len(server.operator.journal.batches) > 1)
        server.operator.journal.let_commits_go()
        assert [type(await client.answer()) for _ in range(2)] == [Accepted] * 2
        assert await client.rest() == b""


async def test_a_register_that_leaves_has_sold_all_the_same():
    async with listening() as server:
        client = await server.welcome()
        server.operator.journal.hold_commits()
        client.write(submit(receipt(1)))
        await server.until(lambda: len(server.operator.journal.batches) > 1)
        # Not a word more, not even goodbye: the kernel resets the connection.
        raw = client.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.writer.transport.abort()
        await server.until(lambda: not server.gateway.connections)
        server.operator.journal.let_commits_go()
        again = await server.welcome()
        assert isinstance(await again.sell(1), Accepted)
        assert await server.operator.journal.last_seq() == 2


async def test_an_unpaid_register_hears_nothing():
    async with listening() as server:
        client, other = await server.welcome("kkm-1"), await server.welcome("kkm-2")
        await server.operator.service.administer("kkm-1", set_standing(Standing.UNPAID))
        client.write(submit(receipt(1)), Ping())
        silent = [("silent", 0.0)] * 2
        await server.until(lambda: server.operator.figures.answers[-2:] == silent)
        assert isinstance(await other.sell(1), Accepted)
        assert await server.operator.journal.document("kkm-1", 1) is None
        client.writer.write_eof()
        await server.until(lambda: any(c.connection.state is State.FINISHING for c in server.gateway.connections))
        server.operator.clock.pass_(10.1)
        server.look_at_limits()
        assert await client.rest() == b""


async def test_the_newest_connection_of_a_register_wins():
    async with listening() as server:
        older = await server.welcome()
        newer = await server.welcome()
        assert await older.rest() == b""
        assert isinstance(await newer.sell(1), Accepted)
        await server.until(lambda: len(server.gateway.connections) == 1)


async def test_many_requests_at_once_are_answered_with_one_write():
    async with listening() as server:
        client = await server.welcome()
        (conversation,) = server.gateway.connections
        writes: list[bytes] = []
        transport = conversation.transport
        conversation.transport = Written(transport, writes)  # type: ignore[assignment]  # it writes like one
        client.write(*[Ping()] * UNANSWERED_MAX)
        answers = [await client.answer() for _ in range(UNANSWERED_MAX)]
        assert {type(answer) for answer in answers} == {Noted}
        assert len(writes) == 1
        conversation.transport = transport


class Written:
    """A transport that keeps a copy of what is written to it."""

    def __init__(self, transport: asyncio.Transport, writes: list[bytes]) -> None:
        self._transport = transport
        self._writes = writes

    def write(self, data: bytes) -> None:
        self._writes.append(data)
        self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


async def test_more_requests_than_anybody_needs_at_once_end_the_session():
    async with listening() as server:
        client, good = await server.welcome(), await server.welcome("good")
        server.operator.journal.hold_commits()
        client.write(*[submit(receipt(number)) for number in range(1, UNANSWERED_MAX + 2)])
        assert refusals(await client.rest()) == [("bad_request", "session")]
        server.operator.journal.let_commits_go()
        assert isinstance(await good.sell(1), Accepted)


# ----------------------------------------------------------------------------------------------------- bad clients


def header(
    magic: bytes = b"MOFD", version: int = 1, flags: int = 0, kind: int = 5, size: int = 0, number: int = 1
) -> bytes:
    return struct.pack(">4sBBHII", magic, version, flags, kind, size, number)


def refusals(data: bytes) -> list[tuple[str, str]]:
    """The refusals in what a server wrote before it closed."""
    found = []
    while data:
        head = NATIVE.parse_header(data[:HEADER_SIZE])
        answer = NATIVE.parse(head, data[HEADER_SIZE : HEADER_SIZE + head.body_size])
        assert isinstance(answer, Refused)
        found.append((answer.code.value, answer.field))
        data = data[HEADER_SIZE + head.body_size :]
    return found


FATAL: list[tuple[str, bytes, list[tuple[str, str]]]] = [
    ("garbage", b"\x00garbage \xff" * 40, []),
    ("http", b"GET / HTTP/1.1\r\nHost: ofd\r\n\r\n", []),
    ("tls", bytes.fromhex("16030100f5010000f10303") + bytes(200), []),
    ("version", header(version=2), [("bad_request", "header.version")]),
    ("flags", header(flags=0x80), []),
    ("answer", header(flags=1, kind=0x87), [("bad_request", "header.flags")]),
    ("oversized", header(size=BODY_SIZE_MAX + 1), [("too_large", "header.length")]),
    ("huge", header(size=2**32 - 1), [("too_large", "header.length")]),
    ("number", header(number=7), [("bad_request", "header.number")]),
]


@pytest.mark.parametrize(("data", "told"), [row[1:] for row in FATAL], ids=[row[0] for row in FATAL])
async def test_what_ends_a_connection_ends_no_other(data: bytes, told: list[tuple[str, str]]):
    async with listening() as server:
        good = await server.welcome("good")
        bad = await server.connect()
        bad.writer.write(data)
        assert refusals(await bad.rest()) == told
        assert isinstance(await good.sell(1), Accepted)
        await server.until(lambda: len(server.gateway.connections) == 1)


ANSWERED: list[tuple[str, bytes, str, str]] = [
    ("unknown", header(kind=0x44, number=2), "unknown_command", "header.kind"),
    ("no msgpack", header(size=1, number=2) + b"\xc1", "bad_request", "body"),
    ("no map", header(size=1, number=2) + b"\x07", "bad_request", "body"),
    ("no text", header(kind=1, size=12, number=2) + b"\x81\xa8register\xa1\xff", "bad_request", "body"),
    ("extra field", header(size=4, number=2) + b"\x81\xa1x\x00", "bad_request", "x"),
    ("no document", header(kind=2, size=12, number=2) + b"\x81\xa7content\xc4\x01\xc1", "bad_request", "content"),
]


@pytest.mark.parametrize(("data", "code", "field"), [row[1:] for row in ANSWERED], ids=[row[0] for row in ANSWERED])
async def test_what_is_wrong_with_one_request_is_answered_and_the_session_goes_on(data: bytes, code: str, field: str):
    async with listening() as server:
        client = await server.welcome()
        client.writer.write(data)
        client.number = 2
        answer = await client.answer()
        assert isinstance(answer, Refused)
        assert (answer.code.value, answer.field) == (code, field)
        assert isinstance(await client.sell(1), Accepted)


@pytest.mark.parametrize("cut", [1, 4, 15, 16, 17, 40])
async def test_a_frame_that_ends_in_the_middle(cut: int):
    async with listening() as server:
        good, bad = await server.welcome("good"), await server.connect()
        frame = bad.frame(Hello(register="kkm-1", token="t", software="test"))
        bad.writer.write(frame[:cut])
        bad.writer.write_eof()
        assert await bad.rest() == b""
        assert isinstance(await good.sell(1), Accepted)
        assert await server.operator.journal.load("kkm-1") is None


async def test_before_hello_nothing_else_is_taken():
    async with listening() as server:
        client = await server.connect()
        answer = await client.sell(1)
        assert isinstance(answer, Refused)
        assert answer.code is RefusalCode.HELLO_FIRST
        assert isinstance(await client.hello(), Welcome)


async def test_a_wrong_token_does_not_close_the_owner():
    async with listening() as server:
        owner, thief = await server.welcome(), await server.connect()
        answer = await thief.hello(token="other")
        assert isinstance(answer, Refused)
        assert answer.code is RefusalCode.WRONG_TOKEN
        assert isinstance(await owner.sell(1), Accepted)


async def test_fifty_bad_clients_and_a_good_one():
    async with listening() as server:
        good = await server.welcome("good")
        for number in range(1, 6):
            for n in range(10):
                bad = await server.connect()
                bad.writer.write(FATAL[(n + number) % len(FATAL)][1])
            assert isinstance(await good.sell(number), Accepted)
        await server.until(lambda: len(server.gateway.connections) == 1)


# ------------------------------------------------------------------------------------------------ silent and slow


@pytest.mark.parametrize("sent", [b"", b"M", header(kind=1, size=100)[:15], header(kind=1, size=100) + b"\x81"])
async def test_a_connection_that_never_says_hello_is_closed_in_time(sent: bytes):
    async with listening() as server:
        clock = server.operator.clock
        silent = await server.connect()
        silent.writer.write(sent)
        await server.until(lambda: bool(server.gateway.connections))
        (conversation,) = server.gateway.connections
        await server.until(lambda: conversation.connection._reader.is_amid_frame is bool(sent))
        clock.pass_(10.0)
        server.look_at_limits()
        assert len(server.gateway.connections) == 1, "exactly at the limit is in time"
        clock.pass_(0.1)
        server.look_at_limits()
        assert await silent.rest() == b""


async def test_a_frame_must_come_to_its_end_in_time_although_the_session_is_young():
    async with listening() as server:
        client = await server.welcome()
        client.writer.write(client.frame(submit(receipt(1)))[:50])
        conversation = next(iter(server.gateway.connections))
        await server.until(lambda: conversation.connection._reader.is_amid_frame)
        server.operator.clock.pass_(10.1)
        server.look_at_limits()
        assert await client.rest() == b""
        assert (await server.operator.journal.document("kkm-1", 1)) is None


async def test_a_session_may_be_quiet_for_a_quarter_of_an_hour():
    async with listening() as server:
        client = await server.welcome()
        server.operator.clock.pass_(900.0)
        server.look_at_limits()
        assert isinstance(await client.ask(Ping()), Noted)
        server.operator.clock.pass_(900.1)
        server.look_at_limits()
        assert await client.rest() == b""


async def test_a_register_that_does_not_read_is_not_read_either():
    async with listening() as server:
        good, slow = await server.welcome("good"), await server.welcome("slow")
        conversation, asked, size = await choke(server, slow)
        held = conversation.transport.get_write_buffer_size()
        assert held < UNANSWERED_MAX * size + 2**17, "what is not read is not heaped up"
        assert isinstance(await good.sell(1), Accepted)
        slow.reader._transport.resume_reading()  # type: ignore[attr-defined]  # it has one
        answers = [await slow.answer() for _ in range(asked)]
        assert {type(answer) for answer in answers} == {Information}
        assert isinstance(await slow.sell(2), Accepted)


async def choke(server: Listening, slow: Client) -> tuple[Conversation, int, int]:
    """Ask for long answers and read none, until the server reads no more: its end, the questions, an answer's size."""
    sections = tuple(item(100, section=f"section-{n:02}") for n in range(90))
    assert isinstance(await slow.sell(1, items=sections), Accepted)
    size = len(NATIVE.serialize(await slow.ask(AskInformation()), 1))
    (conversation,) = (c for c in server.gateway.connections if c.session and c.session.register_id == "slow")
    slow.reader._transport.pause_reading()  # type: ignore[attr-defined]  # it has one
    asked = 0
    answered = server.operator.figures.answers
    while conversation.transport.is_reading():
        before = len(answered)
        slow.write(*[AskInformation()] * UNANSWERED_MAX)
        asked += UNANSWERED_MAX
        await server.until(lambda: len(answered) == before + UNANSWERED_MAX)  # noqa: B023 - it is used at once
        assert asked < 10_000, "the server heaps up what nobody reads"
    return conversation, asked, size


async def test_a_closed_connection_that_does_not_read_is_dropped_in_the_end():
    async with listening() as server:
        slow = await server.welcome("slow")
        await choke(server, slow)
        newer = await server.welcome("slow")
        assert len(server.gateway.connections) == 2, "it may still read"
        server.operator.clock.pass_(10.0)
        server.look_at_limits()
        assert len(server.gateway.connections) == 2
        server.operator.clock.pass_(0.1)
        server.look_at_limits()
        await server.until(lambda: len(server.gateway.connections) == 1)
        assert isinstance(await newer.sell(2), Accepted)


# ------------------------------------------------------------------------------------------------------- the edges


async def test_one_connection_too_many_is_closed_at_once():
    async with listening(connections_max=2) as server:
        one, two = await server.welcome("kkm-1"), await server.welcome("kkm-2")
        third = await server.connect()
        with suppress(ConnectionError):
            assert await third.rest() == b""
        assert isinstance(await one.sell(1), Accepted)
        assert isinstance(await two.sell(1), Accepted)
        await one.close()
        await server.until(lambda: len(server.gateway.connections) == 1)
        assert isinstance(await (await server.connect()).hello("kkm-3"), Welcome)


async def test_who_comes_in_the_last_moment_is_not_left_in_the_door():
    async with listening() as server:
        await server.gateway.close()
        comes = server.gateway._converse()
        door = Mock(spec=asyncio.Transport)
        comes.connection_made(door)
        door.abort.assert_called_once_with()
        comes.connection_lost(None)
        assert not server.gateway.connections


async def test_an_address_in_use_is_said_to_be():
    async with listening() as server:
        other = TcpGateway(server.operator.service, NATIVE, server.operator.clock)
        with pytest.raises(OSError):  # noqa: PT011 - the kernel's words differ
            await other.start("127.0.0.1", server.port)
        assert not other.is_listening


async def test_stopping_finishes_what_is_being_committed():
    async with listening() as server:
        clients = [await server.welcome(f"kkm-{n}") for n in range(5)]
        server.operator.journal.hold_commits()
        for client in clients:
            client.write(submit(receipt(1)))
        lanes = server.operator.service._lanes.values()
        await server.until(lambda: sum(len(lane.in_flight) + len(lane.queued) for lane in lanes) == 5)
        server.gateway.stop_accepting()
        assert not server.gateway.is_listening
        draining = asyncio.ensure_future(server.operator.service.drain())
        await idle()
        late = clients[0]
        late.write(submit(receipt(2)))
        with pytest.raises(OSError):  # noqa: PT011 - refused or reset
            await asyncio.open_connection("127.0.0.1", server.port)
        server.operator.journal.let_commits_go()
        await draining
        # What came after the end began was answered at once, before what it stands behind.
        told = [await client.answer() for client in (late, *clients)]
        await server.gateway.close()
        assert [type(answer) for answer in told] == [TryLater] + [Accepted] * 5
        assert [await client.rest() for client in clients] == [b""] * 5
        for n in range(5):
            assert await server.operator.journal.document(f"kkm-{n}", 1) is not None


async def test_an_answer_that_fits_into_no_frame_is_refused_instead():
    async with listening() as server:
        client = await server.welcome()
        lane = server.operator.service._lanes["kkm-1"]
        assert lane.ahead is not None
        figures = {f"sections.{'x' * 60}{n:05}.sell.count": n for n in range(5_000)}
        shift = lane.ahead.tape.shift
        large = type(shift)(1, 1, figures)
        lane.ahead = structs.replace(lane.ahead, tape=structs.replace(lane.ahead.tape, shift=large))
        answer = await client.ask(AskInformation())
        assert isinstance(answer, Refused)
        assert answer.code is RefusalCode.TOO_LARGE
        assert isinstance(await client.ask(Ping()), Noted)
