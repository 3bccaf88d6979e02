"""What stands between client and operator passes on what it should, and does what a plan says with the rest."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from unittest.mock import Mock

import pytest

from fiscal.domain.messages import Answer, Hello, Noted, Ping, RefusalCode, Request, Welcome
from fiscal.faults.effects import (
    AskToWait,
    Delay,
    Duplicate,
    Effect,
    HalfClose,
    LoseAnswer,
    LoseRequest,
    Point,
    Refuse,
    Reset,
    WrongRequestNumber,
)
from fiscal.protocols.kz.codes import Command
from fiscal.protocols.kz.frames import serialize_frame
from fiscal.protocols.kz.messages import request_type, serialize
from fiscal.protocols.native.codec import NATIVE
from fiscal.protocols.native.header import HEADER_SIZE, parse_header
from mock_ofd.conformance.front import Front
from mock_ofd.conformance.scenario import always
from mock_ofd.conformance.stage import Options, Stage
from mock_ofd.conformance.tongue import TONGUES

Speak = Callable[[], AbstractAsyncContextManager["Line"]]
HELLO = Hello(register="till-1", token="secret", software="a test")


class Line:
    """A client's connection, frame by frame."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def say(self, request: Request, number: int) -> None:
        self.writer.write(NATIVE.serialize(request, number))

    async def hear(self) -> tuple[int, Answer]:
        async with asyncio.timeout(5):
            header = parse_header(await self.reader.readexactly(HEADER_SIZE))
            answer = NATIVE.parse(header, await self.reader.readexactly(header.body_size))
        return header.number, answer  # type: ignore[return-value]  # an operator gives answers only

    async def greet(self) -> None:
        self.say(HELLO, 1)
        assert isinstance((await self.hear())[1], Welcome)


@asynccontextmanager
async def fronted(folder: Path, protocol: str = "native") -> AsyncIterator[tuple[Front, Speak]]:
    stage = Stage(TONGUES[protocol](), Options(command=["none"]), folder)
    async with stage:
        front = stage.actor().front
        host, port = await front.start()

        @asynccontextmanager
        async def speak() -> AsyncIterator[Line]:
            reader, writer = await asyncio.open_connection(host, port)
            try:
                yield Line(reader, writer)
            finally:
                writer.transport.abort()

        yield front, speak


async def test_what_is_said_passes_and_is_written_down(tmp_path: Path) -> None:
    async with fronted(tmp_path) as (front, speak), speak() as line:
        line.say(HELLO, 1)
        number, answer = await line.hear()
        assert number == 1
        assert isinstance(answer, Welcome)
        assert [(passed.is_answer, passed.told.what) for passed in front.passed] == [
            (False, "hello"),
            (True, "welcome"),
        ]
        assert len(front.attempts) == 1


async def test_bytes_that_are_no_frame_pass_too(tmp_path: Path) -> None:
    async with fronted(tmp_path) as (_, speak), speak() as line:
        line.writer.write(b"GET / HTTP/1.1\r\n\r\n")
        async with asyncio.timeout(5):
            assert await line.reader.read() == b""  # as the operator has it


async def test_a_link_that_is_cut_resets_and_counts_the_attempts(tmp_path: Path) -> None:
    async with fronted(tmp_path) as (front, speak):
        async with speak() as line:
            line.say(HELLO, 1)
            await line.hear()
            front.cut()
            with pytest.raises(ConnectionError):
                await line.reader.read(1)
        for _ in range(2):
            async with speak() as line:
                line.say(HELLO, 1)
                with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                    await line.hear()
        assert len(front.attempts) == 3
        front.mend()
        async with speak() as line:
            line.say(HELLO, 1)
            assert isinstance((await line.hear())[1], Welcome)


async def test_nobody_listens_until_somebody_does_again(tmp_path: Path) -> None:
    async with fronted(tmp_path) as (front, speak):
        await front.shut()
        with pytest.raises(ConnectionRefusedError):
            async with speak():
                pass
        await front.listen_again()
        async with speak() as line:
            await line.greet()


@pytest.mark.parametrize("turns", range(6))
async def test_whoever_is_at_the_door_when_it_closes_hears_of_it(tmp_path: Path, turns: int) -> None:
    async with fronted(tmp_path) as (front, _):
        with socket.create_connection(("127.0.0.1", front._port)) as comes:
            for _ in range(turns):
                await asyncio.sleep(0)
            await front.stop()
            comes.setblocking(False)
            with suppress(ConnectionError):
                assert await asyncio.wait_for(asyncio.get_running_loop().sock_recv(comes, 1), 5) == b""


async def test_who_comes_in_the_last_moment_is_not_left_in_the_door(tmp_path: Path) -> None:
    async with fronted(tmp_path) as (front, _):
        await front.stop()
        door = Mock(spec=asyncio.StreamWriter)
        front._accept(asyncio.StreamReader(), door)
        door.transport.abort.assert_called_once_with()
        assert not front.attempts


@pytest.mark.parametrize("effect", [LoseRequest(), AskToWait(10), Refuse("wrong_token", "by the front")])
async def test_the_operator_counts_on_behind_a_request_that_it_did_not_get(tmp_path: Path, effect: Effect) -> None:
    async with fronted(tmp_path) as (front, speak), speak() as line:
        await line.greet()
        front.suffer(always("once", Point.BEFORE_COMMIT, effect))
        line.say(Ping(), 2)
        if not isinstance(effect, LoseRequest):
            number, answer = await line.hear()
            assert number == 2
            assert not isinstance(answer, Noted)
        else:
            await front.moved.wait()
        front.suffer()
        line.say(Ping(), 3)
        number, answer = await line.hear()
        assert (number, type(answer)) == (3, Noted)


async def test_an_answer_is_late_doubled_lost_or_anothers(tmp_path: Path) -> None:
    async with fronted(tmp_path) as (front, speak), speak() as line:
        await line.greet()
        loop = asyncio.get_running_loop()
        front.suffer(always("late", Point.AFTER_COMMIT, Delay(150)))
        begun = loop.time()
        line.say(Ping(), 2)
        await line.hear()
        assert loop.time() - begun >= 0.15
        front.suffer(always("twice", Point.AFTER_COMMIT, Duplicate()))
        line.say(Ping(), 3)
        assert [(await line.hear())[0] for _ in range(2)] == [3, 3]
        front.suffer(always("lost", Point.AFTER_COMMIT, LoseAnswer()))
        line.say(Ping(), 4)
        while front.passed[-1].told.number != 4 or not front.passed[-1].is_answer:
            await front.moved.wait()
        assert not front.passed[-1].arrives
        front.suffer(always("another's", Point.AFTER_COMMIT, WrongRequestNumber(7)))
        line.say(Ping(), 5)
        assert (await line.hear())[0] == 12
        assert not front.passed[-1].arrives


@pytest.mark.parametrize("effect", [Reset(), HalfClose()])
async def test_a_connection_ends_amid_the_answer(tmp_path: Path, effect: Effect) -> None:
    async with fronted(tmp_path) as (front, speak), speak() as line:
        front.suffer(always("half", Point.HALF_ANSWER, effect))
        line.say(Ping(), 1)
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await line.hear()


@pytest.mark.parametrize(("effect", "code"), [(Refuse("13"), 13), (AskToWait(5), 254), (Refuse("blocked", "no"), 15)])
async def test_the_front_refuses_in_the_words_of_kazakhstan(tmp_path: Path, effect: Effect, code: int) -> None:
    async with fronted(tmp_path, "kz") as (front, speak), speak() as line:
        front.suffer(always("refused", Point.BEFORE_COMMIT, effect))
        request = request_type(203)(command=int(Command.SYSTEM))
        line.writer.write(serialize_frame(203, 900_001, 1001, 5, serialize(request)))
        while not front.passed or not front.passed[-1].is_answer:
            await front.moved.wait()
        assert int(front.passed[-1].told.number) == 5
        said = front.passed[-1].told.fields["result"]["code"]
        assert said == {13: "incorrect_request_data", 254: "service_temporarily_unavailable", 15: "blocked"}[code]


def test_every_word_of_a_protocol_is_one_of_its_own() -> None:
    words = TONGUES["native"]().words
    assert {RefusalCode(word) for word in words} == {
        RefusalCode.BAD_TOTALS,
        RefusalCode.SUPERSEDED,
        RefusalCode.WRONG_TOKEN,
    }
