"""What goes past the library is what the library would have made of it; everything else is the library's."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.domain.lifecycle import RegisterMode
from fiscal.domain.messages import Hello, ReportStatus, SubmitDocument
from fiscal.protocols.content import encode_content
from fiscal.protocols.rest.codec import MediaType, serialize_request
from ofd_server.gateways.http import gateway
from ofd_server.gateways.http.express import Head, Known, behind, head_of, known_by, length_of
from tests.documents import receipt
from tests.ofd_server.site import PROFILE, TOKEN, WAIT_S, Site

HEAD = b"POST /d HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\nX: y\r\n\r\n"
KNOWN = Head(b"POST /d HTTP/1.1\r\nHost: a\r\nContent-Length: ", b"\r\nX: y\r\n\r\n")

# ------------------------------------------------------------------------------------------------- known by its bytes


@pytest.mark.parametrize(
    ("data", "length"),
    [
        (HEAD % 3 + b"abc", len(HEAD % 3 + b"abc")),
        (HEAD % 0, len(HEAD % 0)),
        (HEAD % 3 + b"ab", 0),
        (HEAD % 3 + b"abcd", len(HEAD % 3) + 3),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", len(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET", 27),
        (b"\r\nGET / HTTP/1.1\r\n\r\n", 0),
        (b"GET / HTTP/1.1\r\nHost: a\r\n", 0),
        (b"", 0),
        (b"POST / HTTP/1.1\r\ncontent-LENGTH:\t2 \r\n\r\n{}", len(b"POST / HTTP/1.1\r\ncontent-LENGTH:\t2 \r\n\r\n{}")),
        (b"POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 0),
        (b"POST / HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", 0),
        (b"POST / HTTP/1.1\r\ntransfer-encoding : chunked\r\n\r\n", 0),
        (b"POST / HTTP/1.1\r\nContent-Length: 123456789\r\n\r\n", 0),
        (b"POST / HTTP/1.1\r\nContent-Length: +2\r\n\r\n{}", 0),
        (b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n", 0),
        (b"POST / HTTP/1.1\r\nContent-Length:\r\n\r\n", 0),
        (b"POST / HTTP/1.1\r\nContent-Length: %s\r\n\r\n" % (b"9" * 5_000), 0),
    ],
)
def test_how_long_the_first_request_is(data, length):
    assert length_of(data) == length


@pytest.mark.parametrize(("rest", "left"), [(b"", b""), (b"\r\n", b""), (b"\r\n\nPOST", b"POST"), (b" POST", b" POST")])
def test_line_ends_between_requests_are_nothing(rest, left):
    data = HEAD % 3 + b"abc" + rest
    assert behind(data, length_of(data)) == left


def test_a_header_is_known_around_the_digits_of_its_length():
    assert head_of(HEAD % 12 + b"x" * 12) == KNOWN
    assert head_of(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n") is None


def test_a_length_within_a_body_is_none():
    assert head_of(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n\r\nContent-Length: 2\r\n") is None


@pytest.mark.parametrize(
    ("data", "known"),
    [
        (HEAD % 3 + b"abc", Known(3, b"abc")),
        (HEAD % 0, Known(0, b"")),
        (b"%b003%babc" % KNOWN, Known(3, b"abc")),
        (HEAD % 3 + b"ab", Known(3, b"ab")),
        (HEAD % 3, Known(3, b"")),
        (HEAD % 3 + b"abcd", None),
        ((HEAD % 3 + b"abc") * 2, None),
        (b"%b%b" % KNOWN, None),
        (b"%b-3%babc" % KNOWN, None),
        (b"%b 3%babc" % KNOWN, None),
        (b"%b3 %babc" % KNOWN, None),
        (b"%b000000003%babc" % KNOWN, None),
        (HEAD.replace(b"X: y", b"X: z") % 3 + b"abc", None),
        (HEAD.replace(b"/d", b"/e") % 3 + b"abc", None),
        (HEAD.replace(b"X: y\r\n", b"") % 3 + b"abc", None),
        (HEAD.replace(b"\r\n\r\n", b"\r\nZ: 1\r\n\r\n") % 3 + b"abc", None),
        ((HEAD % 3)[:-3], None),
    ],
)
def test_the_same_request_with_another_body(data, known):
    assert known_by(data, KNOWN) == known


@given(st.binary(max_size=300), st.binary(max_size=300), st.integers(min_value=0, max_value=400))
def test_a_request_is_found_again_by_its_header_and_whole_when_it_is(body, other, cut):
    head = head_of(HEAD % len(body) + body)
    assert head is not None
    again = HEAD % len(other) + other
    assert length_of(again) == len(again)
    found = known_by(again[:cut], head)
    missing = max(0, len(again) - cut)
    if missing > len(other):
        assert found is None
    else:
        assert found == Known(len(other), other[: len(other) - missing])
        assert found.is_whole is (not missing)


# ---------------------------------------------------------------------------------------------------------- dialogues

STATUS = ReportStatus(unsent=0, mode=RegisterMode.ONLINE)


class Wire:
    """A register that writes its requests itself, every document with the same header."""

    def __init__(self, site: Site, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, media: str) -> None:
        self.site = site
        self.reader = reader
        self.writer = writer
        self.media = media

    def request(self, path: str, body: bytes, token: str = TOKEN, *more: str) -> bytes:
        lines = (
            f"POST /api/v1/registers/kkm-1/{path} HTTP/1.1",
            "Host: localhost",
            f"Authorization: Bearer {token}",
            f"Content-Type: {self.media}",
            f"Content-Length: {len(body)}",
            *more,
            "",
            "",
        )
        return "\r\n".join(lines).encode() + body

    def document(self, number: int, token: str = TOKEN, *more: str, **given: Any) -> bytes:
        request = SubmitDocument(content=encode_content(receipt(number, **given)))
        return self.request("documents", serialize_request(request, MediaType(self.media)), token, *more)

    def send(self, *data: bytes) -> None:
        self.writer.write(b"".join(data))

    async def answer(self) -> tuple[int, bytes]:
        """The next answer: its status, and all its bytes but for the time in it."""
        async with asyncio.timeout(WAIT_S):
            head = await self.reader.readuntil(b"\r\n\r\n")
            size = re.search(rb"Content-Length: (\d+)\r\n", head)
            assert size is not None, head
            body = await self.reader.readexactly(int(size[1]))
        return int(head[9:12]), re.sub(rb"Date: [^\r]+", b"Date: now", head) + body

    async def ask(self, data: bytes) -> tuple[int, bytes]:
        self.send(data)
        return await self.answer()

    async def sold(self, *numbers: int) -> list[tuple[int, bytes]]:
        """The answers to these documents, one after the other."""
        return [await self.ask(self.document(number)) for number in numbers]

    @property
    def read(self) -> int:
        """Requests that the library has read, of all connections."""
        count: int = self.site.ofd._http._http.requests_count
        return count

    @asynccontextmanager
    async def past_the_library(self, requests: int = 0) -> AsyncIterator[None]:
        """So many requests meanwhile are the library's, and no more."""
        before = self.read
        yield
        assert self.read - before == requests


@asynccontextmanager
async def wired(media: str = "application/msgpack", **given: Any) -> AsyncIterator[Wire]:
    """A register that has said hello and sold once: from here on its header is known."""
    async with Site(**{"record": 0, **given}) as site:
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        wire = Wire(site, reader, writer, media)
        try:
            hello = Hello(register="kkm-1", token=TOKEN, software="test", profile=PROFILE)
            assert (await wire.ask(wire.request("hello", serialize_request(hello, MediaType(media)))))[0] == 200
            assert (await wire.sold(1))[0][0] == 200
            yield wire
        finally:
            writer.close()


@pytest.mark.parametrize("media", ["application/msgpack", "application/json"])
async def test_the_answer_past_the_library_is_that_of_the_library_byte_for_byte(media):
    async with wired(media) as wire:
        async with wire.past_the_library():
            answers = await wire.sold(2, 3, 4, 3)
        assert [status for status, _ in answers] == [200] * 4
        assert answers[1] == answers[3]
        for number, answer in zip((2, 3, 4), answers, strict=False):
            async with wire.past_the_library(1):
                assert await wire.ask(wire.document(number, TOKEN, f"X-Other: {number}")) == answer


class Gate:
    """Commits of an operator, each of which waits until it may go."""

    def __init__(self, site: Site) -> None:
        self._may_go = asyncio.Semaphore(0)
        commit = site.ofd.journal.commit

        async def slow(*given: Any) -> Any:
            await self._may_go.acquire()
            return await commit(*given)

        site.ofd.journal.commit = slow

    def open(self, commits: int = 1_000) -> None:
        for _ in range(commits):
            self._may_go.release()


async def a_moment() -> None:
    """Long enough for what was sent to be read."""
    await asyncio.sleep(0.05)


REFUSED: dict[str, tuple[dict[str, Any], int]] = {
    "a gap": ({"number": 9}, 409),
    "another total": ({"number": 2, "total": 1}, 422),
    "a used number": ({"number": 1, "id": bytes(16)}, 409),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_a_refusal_past_the_library_is_that_of_the_library(case):
    given, status = REFUSED[case]
    async with wired() as wire:
        async with wire.past_the_library():
            answer = await wire.ask(wire.document(**given))
        assert answer[0] == status
        assert await wire.ask(other(wire.document(**given))) == answer


def other(data: bytes) -> bytes:
    """The same request with a header that is not known yet."""
    return data.replace(b"\r\n\r\n", b"\r\nX-Other: header\r\n\r\n", 1)


async def test_who_shall_come_later_is_told_so_past_the_library():
    async with wired() as wire:
        wire.site.ofd.service._stopping = True
        async with wire.past_the_library():
            status, answer = await wire.ask(wire.document(2))
        assert status == 503
        by_library = (await wire.ask(other(wire.document(2))))[1]
        begin, found, _ = answer.partition(b"\r\nRetry-After: ")  # for how long is chance
        assert by_library.startswith(begin + found)
        assert found


async def test_what_is_wrong_with_a_request_is_said_by_the_library():
    async with wired() as wire:
        for data, status in (
            (wire.request("documents", b"\xc1"), 400),
            (wire.document(2, "another-token-of-the-register"), 401),
        ):
            async with wire.past_the_library(1):
                assert (await wire.ask(data))[0] == status


async def test_a_body_over_the_limit_is_refused_by_the_library():
    async with wired() as wire:
        wire.site.ofd._http.body_max = 100
        async with wire.past_the_library(1):
            assert (await wire.ask(wire.document(2)))[0] == 413


async def test_a_token_that_was_reset_is_not_taken_past_the_library():
    async with wired() as wire:
        await wire.sold(2)
        assert (
            await wire.site.post("/api/v1/registers/kkm-1/reset-token", json={"token": "new-token-of-it"})
        ).status == 200
        async with wire.past_the_library(1):
            assert (await wire.sold(3))[0][0] == 401


# ------------------------------------------------------------------------------------------- whatever comes, in pieces

ODD: tuple[tuple[bytes, bytes], ...] = (
    (b"\r\n\r\n", b"\r\nX-Other: header\r\n\r\n"),
    (b"Content-Length: ", b"Content-Length:   000"),
    (b"Content-Length: ", b"Content-Length: 1"),
    (b"Content-Length: ", b"X-Length: "),
    (b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\n"),
    (b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n"),
    (b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
    (b"\r\n\r\n", b"\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n"),
    (b"POST ", b"\r\n\r\nPOST "),
    (b"POST ", b"CONNECT "),
    (b"POST ", b"GET "),
    (b"/documents", b"/documents?a=b"),
    (b"/documents", b"/status"),
    (b"HTTP/1.1", b"HTTP/1.0"),
    (TOKEN.encode(), b"a-token-of-somebody-else"),
    (b"\xa7content", b"\xa7contend"),
    (b"", b""),
)
"""What becomes of a request: the first of these bytes in it are replaced by the second."""


def stream(wire: Wire, chance: random.Random) -> list[bytes]:
    """Requests, most of them alike, some odd, in pieces as they may come."""
    data = b""
    for number in range(2, chance.randint(4, 12)):
        request = wire.document(number)
        if chance.random() < 0.25:
            request = request.replace(*chance.choice(ODD), 1)
        if chance.random() < 0.05:
            request = request[:-1]
        if chance.random() < 0.1:
            request += chance.choice((b"\r\n", b" ", b"x"))
        data += request if chance.random() < 0.3 else request + MARK
    pieces = []
    for part in data.split(MARK):
        cuts = sorted(chance.sample(range(len(part)), chance.choice((0, 0, 0, 1, 3)))) if len(part) > 3 else []
        pieces += [part[first:last] for first, last in pairwise((0, *cuts, len(part)))]
    return [piece for piece in pieces if piece]


MARK = b"<a moment>"


async def settled(seconds: float) -> None:
    """So long, and until all that was there by then has been taken: both sides share a loop, however slow it is."""
    await asyncio.sleep(seconds)
    for _ in range(50):
        await asyncio.sleep(0)


class Sink(asyncio.Protocol):
    """Takes all that comes at once: who closes a connection with something unread takes back what is under way."""

    def __init__(self) -> None:
        self.came = b""
        self.is_ended = False

    def data_received(self, data: bytes) -> None:
        self.came += data

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_ended = True


async def played(seed: int) -> tuple[bytes, bool]:
    """What comes back, without what differs from run to run, and whether the connection ends then."""
    async with wired() as wire:
        port = wire.site.port
        transport, sink = await asyncio.get_running_loop().create_connection(Sink, "127.0.0.1", port)
        for piece in (wire.document(1), *stream(wire, random.Random(seed))):
            if not sink.is_ended:
                transport.write(piece)
            await settled(0.01)
        before = -1
        while not sink.is_ended and before < len(sink.came):
            before = len(sink.came)
            await settled(0.2)
        transport.close()
        return re.sub(rb"Date: [^\r]+", b"Date: now", sink.came).replace(b"%d" % port, b"PORT"), sink.is_ended


@pytest.mark.parametrize("seed", range(30))
async def test_whatever_comes_is_answered_as_by_the_library_alone(seed, monkeypatch):
    past = await played(seed)
    monkeypatch.setattr(gateway._Conversation, "_ask", lambda *_given, **_named: False)
    assert await played(seed) == past


# ------------------------------------------------------------------------------------- pieces, and several at a time


async def test_a_header_in_pieces_is_the_librarys_and_the_next_request_is_not():
    async with wired() as wire:
        data = wire.document(2)
        for cut in (1, 40, data.index(b"\r\n\r\n") + 2):
            async with wire.past_the_library(1):
                wire.send(data[:cut])
                await a_moment()
                wire.send(data[cut:])
                assert (await wire.answer())[0] == 200
            async with wire.past_the_library():
                assert (await wire.ask(data))[0] == 200


async def test_a_body_behind_its_header_in_pieces_is_waited_for():
    async with wired() as wire:
        data = wire.document(2)
        begin = data.index(b"\r\n\r\n") + 4
        for cuts in ((begin,), (begin + 1,), (len(data) - 1,), (begin, begin + 9, begin + 10)):
            async with wire.past_the_library():
                for first, last in pairwise((0, *cuts, len(data))):
                    wire.send(data[first:last])
                    await asyncio.sleep(0.02)
                assert (await wire.answer())[0] == 200


async def test_a_body_with_more_behind_it_than_was_said_is_the_librarys():
    async with wired() as wire:
        data = wire.document(2)
        async with wire.past_the_library(2):
            wire.send(data[:-5])
            await a_moment()
            wire.send(data[-5:], wire.document(3))
            assert [(await wire.answer())[0] for _ in range(2)] == [200, 200]


async def test_a_fault_behind_a_request_that_was_waited_for_is_told_behind_its_answer():
    async with wired() as wire, wire.past_the_library(2):
        wire.send(wire.document(2)[:-5])
        await a_moment()
        wire.send(wire.document(2)[-5:], b"\x00 no request\r\n\r\n")
        assert [(await wire.answer())[0] for _ in range(2)] == [200, 400]


async def test_a_body_that_takes_long_is_awaited_by_the_library(monkeypatch):
    monkeypatch.setattr(gateway, "PART_S", 0.1)
    monkeypatch.setattr(gateway, "SWEEP_S", 0.05)
    monkeypatch.setattr(gateway, "BODY_S", 0.5)
    async with wired() as wire:
        data = wire.document(2)
        async with wire.past_the_library(1):
            wire.send(data[:-5])
            for byte in (data[-5:-4], data[-4:-3], data[-3:]):
                await asyncio.sleep(0.09)
                wire.send(byte)
            assert (await wire.answer())[0] == 200
        async with wire.past_the_library(1):
            wire.send(wire.document(3)[:-5])
            assert (await wire.answer())[0] == 408


@pytest.mark.parametrize("together", [True, False])
async def test_requests_before_the_answer_to_the_last_keep_their_order(together):
    async with wired() as wire:
        documents = [wire.document(number) for number in range(2, 30)]
        if together:
            wire.send(*documents)
        else:
            for data in documents:
                wire.send(data)
                await asyncio.sleep(0)
        answers = [await wire.answer() for _ in documents]
        assert [status for status, _ in answers] == [200] * len(documents)
        for data, answer in zip(documents, answers, strict=True):
            assert await wire.ask(other(data)) == answer


async def test_a_request_that_comes_while_one_past_the_library_is_answered_waits():
    async with wired() as wire:
        gate = Gate(wire.site)
        wire.send(wire.document(2))
        await a_moment()
        wire.send(wire.request("status", serialize_request(STATUS, MediaType.MSGPACK)))
        wire.send(wire.document(3)[:50])
        await a_moment()
        gate.open()
        sold, status = await wire.answer(), await wire.answer()
        wire.send(wire.document(3)[50:])
        third = await wire.answer()
        assert [status_of for status_of, _ in (sold, status, third)] == [200, 200, 200]
        assert await wire.ask(other(wire.document(2))) == sold
        assert await wire.ask(other(wire.document(3))) == third


async def test_an_answer_of_the_library_is_never_overtaken():
    async with wired() as wire:
        gate = Gate(wire.site)
        wire.send(other(wire.document(2)), other(wire.document(3)))
        await a_moment()
        gate.open(1)
        second = await wire.answer()
        await a_moment()
        wire.send(other(wire.document(9)))  # a gap: the operator says so as soon as number 3 is committed
        await a_moment()
        gate.open()
        third, ninth = await wire.answer(), await wire.answer()
        for number, answer in ((9, ninth), (2, second), (3, third)):
            assert await wire.ask(wire.document(number, TOKEN, f"X-Again: {number}")) == answer


async def test_the_header_of_another_request_in_the_same_read_is_not_taken_for_that_of_the_document():
    async with wired() as wire:
        status = wire.request("status", serialize_request(STATUS, MediaType.MSGPACK))
        wire.send(status, other(wire.document(2)))
        assert [(await wire.answer())[0] for _ in range(2)] == [200, 200]
        assert (await wire.ask(wire.document(3).replace(b"/documents ", b"/status ", 1)))[0] == 400


async def test_reading_goes_on_after_a_request_that_waited():
    async with wired() as wire:
        gate = Gate(wire.site)
        wire.send(wire.document(2))
        await a_moment()
        wire.send(wire.document(3))
        await a_moment()
        gate.open()
        async with wire.past_the_library():
            assert [(await wire.answer())[0] for _ in range(2)] == [200, 200]
            assert [status for status, _ in await wire.sold(4, 5)] == [200, 200]


async def test_what_waits_for_an_answer_takes_a_bounded_part_of_the_memory():
    async with wired() as wire:
        gate = Gate(wire.site)
        wire.send(wire.document(2))
        await a_moment()
        (conversation,) = wire.site.ofd._http.connections
        for _ in range(100):
            wire.send(b"x" * 65_536)
            await asyncio.sleep(0.002)
        assert 0 < len(conversation._held) <= 2**20
        gate.open()


@pytest.mark.parametrize("more", [b"\r\n", b"NEXT"])
async def test_behind_what_was_not_alone_the_next_request_goes_past_the_library_again(more):
    async with wired() as wire:
        both = more.replace(b"NEXT", wire.document(3))
        async with wire.past_the_library(2 if both != more else 1):
            wire.send(wire.document(2) + both)
            assert (await wire.answer())[0] == 200
            if both != more:
                assert (await wire.answer())[0] == 200
        async with wire.past_the_library():
            await wire.sold(2, 3)


async def test_who_leaves_is_noticed_although_something_waits():
    async with wired() as wire:
        assert (await wire.site.post("/api/v1/registers/kkm-1/unpaid")).status == 200
        wire.send(wire.document(2))
        await a_moment()
        wire.send(wire.document(3)[:10])
        await a_moment()
        wire.writer.close()
        await a_moment()
        assert wire.site.ofd.metrics.open_sessions == 0


async def test_a_request_to_connect_ends_at_its_header():
    async with wired() as wire:
        wire.send(b"CONNECT a:1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nPOST ")
        assert (await wire.answer())[0] == 404
        wire.send(wire.document(2))
        async with asyncio.timeout(WAIT_S):
            assert b" 200 " not in await wire.reader.read()


@asynccontextmanager
async def right_behind(wire: Wire, data: bytes, then: Callable[[Any], None]) -> AsyncIterator[None]:
    """This is read when the library has written its next answer, and before it is back from that."""
    finish, left = gateway._Conversation.finish_response, [data]

    async def finished(self: Any, *given: Any) -> Any:
        result = await finish(self, *given)
        if left:
            self.data_received(left.pop())
            then(self)
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gateway._Conversation, "finish_response", finished)
        yield
    assert not left


async def test_who_is_answered_past_the_library_is_answered_although_the_library_ends():
    async with wired() as wire:
        (conversation,) = wire.site.ofd._http.connections
        async with right_behind(wire, wire.document(2), lambda conversation: conversation.close()):
            wire.send(wire.request("status", serialize_request(STATUS, MediaType.MSGPACK)))
            assert [(await wire.answer())[0] for _ in range(2)] == [200, 200]
        assert not conversation._ask(conversation.express, wire.document(3), is_more=False)
        async with wire.past_the_library():
            wire.send(other(wire.document(3)))
            await a_moment()


async def test_a_timer_that_the_library_sets_right_behind_does_not_end_the_connection(monkeypatch):
    monkeypatch.setattr(gateway, "IDLE_S", 0.3)
    monkeypatch.setattr(gateway, "SWEEP_S", 0.05)
    async with wired(silence_max=5) as wire:
        await wire.sold(2)
        gate = Gate(wire.site)
        async with right_behind(wire, wire.document(3), lambda _conversation: None):
            wire.send(wire.request("status", serialize_request(STATUS, MediaType.MSGPACK)))
            assert (await wire.answer())[0] == 200
            await asyncio.sleep(0.6)
            gate.open()
            assert (await wire.answer())[0] == 200


async def test_who_does_not_read_his_answers_is_left_to_the_library():
    async with wired() as wire:
        (conversation,) = wire.site.ofd._http.connections
        conversation.pause_writing()
        async with wire.past_the_library(1):
            wire.send(wire.document(2))
            await a_moment()
            conversation.resume_writing()
            assert (await wire.answer())[0] == 200
        async with wire.past_the_library():
            await wire.sold(3)


async def test_of_a_large_request_only_the_begin_is_looked_at(monkeypatch):
    monkeypatch.setattr(gateway, "FOLLOWED_MAX", 2_000)
    async with wired() as wire:
        data = wire.request("documents", b"x" * 9_000)
        (conversation,) = wire.site.ofd._http.connections
        for begin in range(0, 8_000, 1_000):
            wire.send(data[begin : begin + 1_000])
            await asyncio.sleep(0.01)
        assert (conversation._library, conversation._part) == (b"", b"")
        wire.send(data[8_000:])
        assert (await wire.answer())[0] == 400
        async with wire.past_the_library(1):
            await wire.sold(2)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"HTTP/1.1\r\n", b"HTTP/1.0\r\nConnection: keep-alive\r\n"),
        (b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"),
    ],
)
async def test_uncommon_requests_are_the_librarys(old, new):
    async with wired() as wire:
        for number in (2, 3):
            async with wire.past_the_library(1):
                wire.send(wire.document(number).replace(old, new, 1))
                if b"Expect" in new:
                    assert await wire.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
                assert (await wire.answer())[0] == 200


async def test_nothing_goes_past_a_library_that_closes_the_connection():
    async with wired() as wire:
        (conversation,) = wire.site.ofd._http.connections
        assert (await wire.ask(wire.document(2, TOKEN, "Connection: close")))[0] == 200
        assert conversation._library is not None
        assert await wire.reader.read() == b""


async def test_an_answer_for_a_connection_that_was_just_closed_is_dropped():
    async with wired() as wire:
        await wire.sold(2)
        (conversation,) = wire.site.ofd._http.connections
        conversation.force_close()
        conversation.tell(b"nobody reads this")
        assert await wire.reader.read() == b""


# -------------------------------------------------------------------------------------------- faults, ears, no answer


async def test_a_fault_that_is_switched_on_strikes_the_next_request():
    async with wired() as wire:
        await wire.sold(2)
        plan = {"faults": [{"name": "no", "at": "before_commit", "effects": [{"kind": "refuse", "code": "blocked"}]}]}
        assert (await wire.site.ask("PUT", "/control/faults", json=plan)).status == 200
        async with wire.past_the_library(1):
            assert (await wire.sold(3))[0][0] == 423


async def test_who_begins_to_listen_hears_the_next_request():
    async with wired() as wire:
        await wire.sold(2)
        wire.site.ofd._overhearing.switch(10)
        async with wire.past_the_library(1):
            await wire.sold(3)
        assert [frame.what for frame in wire.site.ofd.received] == ["document", "accepted"]
        wire.site.ofd._overhearing.switch(0)
        async with wire.past_the_library():
            await wire.sold(4)


async def test_an_unpaid_register_gets_no_answer_and_its_connection_ends(monkeypatch, capsys):
    monkeypatch.setattr(gateway, "SWEEP_S", 0.05)
    async with wired(silence_max=1) as wire:
        await wire.sold(2)
        assert (await wire.site.post("/api/v1/registers/kkm-1/unpaid")).status == 200
        await asyncio.sleep(0.3)
        begun = asyncio.get_running_loop().time()
        async with wire.past_the_library(), asyncio.timeout(WAIT_S):
            wire.send(wire.document(3))
            assert await wire.reader.read() == b""
        assert asyncio.get_running_loop().time() - begun > 0.9
        assert wire.site.ofd.metrics.open_sessions == 0
    assert "error" not in "".join(capsys.readouterr())


async def test_a_client_that_goes_before_its_answer_leaves_nothing_behind():
    async with wired() as wire:
        gate = Gate(wire.site)
        wire.send(wire.document(2))
        await a_moment()
        wire.writer.transport.abort()
        await a_moment()
        assert wire.site.ofd.metrics.open_sessions == 0
        gate.open()
        await wire.site.ofd.service.drain()
        assert (await wire.site.get("/api/v1/registers/kkm-1")).json["last_number"] == 2
        assert wire.site.ofd.metrics.open_sessions == 0


async def test_a_newer_session_takes_over():
    async with wired() as wire:
        gate = Gate(wire.site)
        wire.send(wire.document(2))
        await a_moment()
        (conversation,) = wire.site.ofd._http.connections
        conversation._awaited._superseded("a newer session")
        status, answer = await wire.answer()
        assert (status, b"superseded" in answer) == (409, True)
        gate.open()
        assert (await wire.sold(2, 3))[1][0] == 200


# -------------------------------------------------------------------------------------------------------- their limits


async def test_a_connection_past_the_library_is_kept_as_long_as_it_is_used_and_no_longer(monkeypatch):
    monkeypatch.setattr(gateway, "IDLE_S", 0.4)
    monkeypatch.setattr(gateway, "SWEEP_S", 0.05)
    async with wired() as wire:
        loop = asyncio.get_running_loop()
        async with wire.past_the_library():
            for number in range(2, 8):
                assert (await wire.sold(number))[0][0] == 200
                await asyncio.sleep(0.15)
            begun = loop.time()
            async with asyncio.timeout(WAIT_S):
                assert await wire.reader.read() == b""
        assert loop.time() - begun > 0.15


async def test_a_header_that_never_ends_behind_requests_past_the_library_is_given_up(monkeypatch):
    monkeypatch.setattr(gateway, "IDLE_S", 0.3)
    monkeypatch.setattr(gateway, "SWEEP_S", 0.05)
    async with wired() as wire:
        await wire.sold(2)
        wire.send(wire.document(3)[:30])
        async with asyncio.timeout(WAIT_S):
            assert await wire.reader.read() == b""


async def test_the_time_of_a_slow_answer_is_not_the_clients(monkeypatch):
    monkeypatch.setattr(gateway, "IDLE_S", 0.4)
    monkeypatch.setattr(gateway, "SWEEP_S", 0.05)
    async with wired(silence_max=5) as wire:
        gate = Gate(wire.site)
        wire.send(wire.document(2))
        await asyncio.sleep(0.6)
        gate.open()
        assert (await wire.answer())[0] == 200
        await asyncio.sleep(0.2)
        async with wire.past_the_library():
            assert (await wire.sold(3))[0][0] == 200


async def test_behind_the_library_its_own_limit_is_in_force_again(monkeypatch):
    monkeypatch.setattr(gateway, "IDLE_S", 0.4)
    monkeypatch.setattr(gateway, "SWEEP_S", 0.05)
    async with wired() as wire:
        await wire.sold(2)
        await asyncio.sleep(0.25)
        assert (await wire.ask(other(wire.document(2))))[0] == 200
        await asyncio.sleep(0.25)
        assert (await wire.ask(other(wire.document(2))))[0] == 200
        async with asyncio.timeout(WAIT_S):
            assert await wire.reader.read() == b""


async def test_whatever_one_connection_fails_at_the_looks_go_on(monkeypatch):
    monkeypatch.setattr(gateway, "SWEEP_S", 0.02)
    looks = []

    def fail(_self: Any, now: float) -> None:
        looks.append(now)
        raise RuntimeError("a defect")

    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    monkeypatch.setattr(gateway._Conversation, "look_at_limits", fail)
    async with wired() as wire:
        await wire.sold(2)
        await asyncio.sleep(0.2)
    assert len(looks) > 1


async def test_a_closed_listener_looks_at_nothing_any_more():
    async with wired() as wire:
        listener = wire.site.ofd._http
    assert listener._sweeper.cancelled()


async def test_stopping_lets_a_request_past_the_library_end():
    async with wired() as wire:
        gate = Gate(wire.site)
        wire.send(wire.document(2))
        await a_moment()
        stopping = asyncio.create_task(wire.site.ofd.stop())
        await a_moment()
        gate.open()
        assert (await wire.answer())[0] == 200
        await stopping
        assert await wire.reader.read() == b""


async def test_stopping_does_not_wait_for_who_gets_no_answer(capsys):
    async with wired() as wire:
        assert (await wire.site.post("/api/v1/registers/kkm-1/unpaid")).status == 200
        wire.send(wire.document(2))
        await a_moment()
        await wire.site.ofd.stop()
        assert await wire.reader.read() == b""
    assert "did not end in time" not in "".join(capsys.readouterr())
