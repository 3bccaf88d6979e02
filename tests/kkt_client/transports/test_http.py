"""The same commands over HTTP, against an operator of a few lines."""

import asyncio
import time

import pytest
from aiohttp import web

from fiscal.domain.lifecycle import AutonomousReason, RegisterMode
from fiscal.domain.messages import (
    Accepted,
    AskInformation,
    Blocked,
    Hello,
    Information,
    Noted,
    Ping,
    RefusalCode,
    Refused,
    ReportOfflinePeriod,
    ReportStatus,
    SubmitDocument,
    TryLater,
    Welcome,
)
from fiscal.protocols.rest.codec import MediaType, parse_request, serialize_answer
from fiscal.protocols.rest.messages import COMMANDS, status_of
from kkt_client.app import SystemClock
from kkt_client.ports import AnswerLate, NoConnection
from kkt_client.transports.http import PATHS, HttpTransport
from tests.kkt_client.shop import Operator

HELLO = Hello(register="kkt/1", token="secret", software="test")
COMMAND_AT = {
    "hello": "hello",
    "documents": "document",
    "offline-periods": "offline-period",
    "status": "status",
    "information": "information",
}


class Site:
    """An operator behind HTTP; ``raw`` is what it answers instead."""

    def __init__(self, operator: Operator) -> None:
        self.operator = operator
        self.raw: web.Response | None = None
        self.seen: list[tuple[str, str, str]] = []
        self._runner: web.ServerRunner | None = None

    async def __aenter__(self) -> str:
        self._runner = web.ServerRunner(web.Server(self._handle), shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.seen.append((request.method, request.raw_path, request.headers.get("Authorization", "")))
        body = await request.read()
        if self.raw is not None:
            return self.raw
        word = request.path.rsplit("/", 1)[-1]
        asked = parse_request(COMMAND_AT.get(word, word), body, request.headers.get("Content-Type", MediaType.MSGPACK))
        if type(asked) in self.operator.deaf:
            await asyncio.sleep(1.0)
        if type(asked) in self.operator.lose:
            self.operator.lose.clear()
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        answer = self.operator.answer(asked, time.time_ns() // 1_000_000)
        return web.Response(
            body=serialize_answer(answer, MediaType.MSGPACK),
            status=status_of(answer),
            content_type=MediaType.MSGPACK.value,
        )


@pytest.fixture
def site() -> Site:
    return Site(Operator())


async def test_every_command_has_its_address_and_the_token_is_not_in_it(site):
    async with site as url:
        transport = HttpTransport(url, SystemClock(), 5.0)
        link = await transport.connect()
        answers = [
            await link.request(HELLO),
            await link.request(ReportOfflinePeriod(number=1, begin=1, end=2, reason=AutonomousReason.UNPAID)),
            await link.request(ReportStatus(unsent=0, mode=RegisterMode.ONLINE)),
            await link.request(AskInformation()),
            await link.request(Ping()),
        ]
        await transport.close()
        await transport.close()

    assert [type(answer) for answer in answers] == [Welcome, Noted, Noted, Information, Noted]
    assert [(method, path) for method, path, _ in site.seen] == [
        ("POST", "/api/v1/registers/kkt%2F1/hello"),
        ("POST", "/api/v1/registers/kkt%2F1/offline-periods"),
        ("POST", "/api/v1/registers/kkt%2F1/status"),
        ("GET", "/api/v1/registers/kkt%2F1/information"),
        ("GET", "/api/v1/ping"),
    ]
    assert {token for _, _, token in site.seen} == {"Bearer secret"}
    assert (transport.protocol, transport.content_size_max) == ("http", 255 * 1024)


def test_no_command_is_forgotten():
    assert set(PATHS) == set(COMMANDS.values())


@pytest.mark.parametrize(
    "answer", [TryLater(delay_ms=5), Blocked(reason="долг"), Refused(code=RefusalCode.BAD_TOTALS, text="t")]
)
async def test_an_answer_is_what_the_body_says_whatever_the_status(site, answer):
    site.operator.answers = [(Hello, answer)]
    async with site as url:
        transport = HttpTransport(url, SystemClock(), 5.0)
        link = await transport.connect()
        assert await link.request(HELLO) == answer
        assert link.is_open
        await transport.close()


@pytest.mark.parametrize(
    ("status", "text", "content_type"),
    [(502, "<html>Bad Gateway</html>", "text/html"), (200, "\x80", "application/msgpack"), (302, "", "text/plain")],
)
async def test_what_stands_between_is_no_operator(site, status, text, content_type):
    site.raw = web.Response(status=status, text=text, content_type=content_type, headers={"Location": "/"})
    async with site as url:
        transport = HttpTransport(url, SystemClock(), 5.0)
        link = await transport.connect()
        with pytest.raises(NoConnection, match=f"HTTP {status} is no answer of an operator"):
            await link.request(HELLO)
        assert not link.is_open
        with pytest.raises(NoConnection, match="over"):
            await link.request(HELLO)
        await transport.close()


async def test_a_body_without_end_is_not_read_to_its_end(site):
    site.raw = web.Response(body=b"x" * 3_000_000, content_type="application/msgpack")
    async with site as url:
        transport = HttpTransport(url, SystemClock(), 5.0)
        link = await transport.connect()
        with pytest.raises(NoConnection, match="too_large"):
            await link.request(HELLO)
        await transport.close()


async def test_nobody_listens(site):
    async with site as url:
        pass
    transport = HttpTransport(url, SystemClock(), 5.0)
    link = await transport.connect()
    with pytest.raises(NoConnection) as found:
        await link.request(HELLO)
    await transport.close()

    assert not found.value.was_open


async def test_an_answer_that_is_late(site):
    site.operator.deaf = {Hello}
    async with site as url:
        transport = HttpTransport(url, SystemClock(), 0.05)
        link = await transport.connect()
        with pytest.raises(AnswerLate):
            await link.request(HELLO)
        assert not link.is_open
        await transport.close()


async def test_an_answer_that_came_when_the_limit_had_passed(site):
    class Jumping:
        """A clock that jumps while the answer is under way."""

        def __init__(self) -> None:
            self.moments = [0.0, 5.0625]

        def now(self) -> int:
            return 0

        def monotonic(self) -> float:
            return self.moments.pop(0)

    async with site as url:
        transport = HttpTransport(url, Jumping(), 5.0)
        link = await transport.connect()
        with pytest.raises(AnswerLate):
            await link.request(HELLO)
        await transport.close()


async def test_an_answer_that_is_lost(site):
    site.operator.lose = {Hello}
    async with site as url:
        transport = HttpTransport(url, SystemClock(), 5.0)
        link = await transport.connect()
        with pytest.raises(NoConnection) as found:
            await link.request(HELLO)
        await transport.close()

    assert found.value.was_open


async def test_a_link_that_is_closed_while_it_asks(site):
    site.operator.deaf = {Hello}
    async with site as url:
        transport = HttpTransport(url, SystemClock(), 5.0)
        link = await transport.connect()
        asking = asyncio.ensure_future(link.request(HELLO))
        await asyncio.sleep(0.05)
        link.close()
        with pytest.raises(NoConnection, match="ended"):
            await asking
        await transport.close()


async def test_a_request_that_is_cancelled_closes_the_link(site):
    site.operator.deaf = {Hello}
    async with site as url:
        transport = HttpTransport(url, SystemClock(), 5.0)
        link = await transport.connect()
        asking = asyncio.ensure_future(link.request(HELLO))
        await asyncio.sleep(0.05)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert not link.is_open
        await transport.close()


async def test_a_document_travels_as_its_bytes(site):
    content = b"\x81\xa4kind\xa3abc"
    site.operator.answers = [(SubmitDocument, Accepted(number=1, at=1)), (SubmitDocument, Noted(at=1))]
    async with site as url:
        transport = HttpTransport(url, SystemClock(), 5.0)
        link = await transport.connect()
        await link.request(HELLO)
        await link.request(SubmitDocument(content=content))
        with pytest.raises(NoConnection, match="Noted is no answer to SubmitDocument"):
            await link.request(SubmitDocument(content=content))
        assert not link.is_open
        again = await transport.connect()
        assert again.is_open
        await transport.close()

    sent = site.operator.heard[-1]
    assert isinstance(sent, SubmitDocument)
    assert sent.content == content
