"""What a register of a fleet says over HTTP, what it takes for an answer, and that an operator understands it."""

import asyncio
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import NamedTuple

import pytest

from fiscal.domain.document import ONLINE, Delivery
from fiscal.domain.lifecycle import AutonomousReason, RegisterMode
from fiscal.domain.messages import (
    Accepted,
    AskInformation,
    Hello,
    Information,
    Noted,
    RefusalCode,
    Refused,
    ReportOfflinePeriod,
    ReportStatus,
    SubmitDocument,
    TryLater,
    Welcome,
)
from fiscal.protocols.rest.codec import MediaType, parse_request, serialize_answer
from fiscal.protocols.rest.limits import BODY_SIZE_MAX
from fiscal.retry import Backoff, Jitter
from kkt_client.core.saying import Said
from kkt_client.core.setbacks import Kind, Setback
from kkt_client.fleet.driver import Driver
from kkt_client.fleet.http_wire import HEAD_SIZE_MAX, HttpWire
from tests.kkt_client.fleet.desk import AT, PROFILE, content, fleet_register
from tests.kkt_client.shop import Operator
from tests.kkt_client.transports.test_http import Site

LIMIT_S = 5.0
WITHIN_S = 20.0
HELLO = Hello(register="desk/1", token="secret", software="s", profile=PROFILE)
DOCUMENT = SubmitDocument(content=content(1), delivery=Delivery(autonomous=True, period=1))
WELCOME = Welcome(at=AT, operator="o", last_number=3)


def wire(*asked) -> HttpWire:
    """One that has a connection, has asked this at 0.0, and has heard nothing."""
    found = HttpWire("ofd:8080", LIMIT_S)
    found.opened(0.0)
    for request in asked:
        found.ask(request, 0.0)
    return found


def over_http(answer, head: str = "HTTP/1.1 200 OK", form: MediaType = MediaType.MSGPACK, **headers) -> bytes:
    body = serialize_answer(answer, form)
    named = {"Content_Type": form.value, "Content_Length": len(body)} | headers
    lines = [head, *(f"{name.replace('_', '-')}: {value}" for name, value in named.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


# ---------------------------------------------------------------------------------------------------- what it says


@pytest.mark.parametrize(
    ("request_", "line", "command"),
    [
        (HELLO, b"POST /api/v1/registers/desk%2F1/hello HTTP/1.1", "hello"),
        (DOCUMENT, b"POST /api/v1/registers/desk%2F1/documents HTTP/1.1", "document"),
        (
            SubmitDocument(content=content(2), delivery=ONLINE),
            b"POST /api/v1/registers/desk%2F1/documents HTTP/1.1",
            "document",
        ),
        (
            ReportStatus(unsent=1, mode=RegisterMode.ONLINE),
            b"POST /api/v1/registers/desk%2F1/status HTTP/1.1",
            "status",
        ),
        (
            ReportOfflinePeriod(number=1, begin=AT, end=AT, reason=AutonomousReason.NO_CONNECTION),
            b"POST /api/v1/registers/desk%2F1/offline-periods HTTP/1.1",
            "offline-period",
        ),
    ],
)
def test_a_request_is_what_an_operator_reads(request_, line, command):
    head, _, body = wire(HELLO).ask(request_, 0.0).partition(b"\r\n\r\n")
    first, *headers = head.split(b"\r\n")
    assert first == line
    assert sorted(headers) == [
        b"Accept: application/msgpack",
        b"Authorization: Bearer secret",
        b"Content-Length: %d" % len(body),
        b"Content-Type: application/msgpack",
        b"Host: ofd:8080",
    ]
    assert parse_request(command, body, "application/msgpack") == request_


def test_a_question_has_no_body():
    asked = wire(HELLO).ask(AskInformation(), 0.0)
    assert asked.startswith(b"GET /api/v1/registers/desk%2F1/information HTTP/1.1\r\n")
    assert asked.endswith(b"\r\n\r\n")
    assert asked.count(b"\r\n\r\n") == 1
    assert b"Content-Length" not in asked


def test_what_hello_said_last_holds_from_then_on():
    found = wire(HELLO)
    found.ask(Hello(register="desk 2", token="other", software="s", profile=PROFILE), 1.0)
    asked = found.ask(DOCUMENT, 2.0)
    assert asked.startswith(b"POST /api/v1/registers/desk%202/documents ")
    assert b"\r\nAuthorization: Bearer other\r\n" in asked


# ---------------------------------------------------------------------------------------------------- what it hears


@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_an_answer_is_whole_when_its_last_byte_is_there(size):
    found, data = wire(HELLO), over_http(WELCOME)
    heard = [found.received(data[at : at + size], 1.0) for at in range(0, len(data), size)]
    assert heard == [None] * (len(heard) - 1) + [WELCOME]


@pytest.mark.parametrize(
    ("request_", "data", "expected"),
    [
        (HELLO, over_http(WELCOME, "HTTP/1.0 200"), WELCOME),
        (HELLO, over_http(WELCOME, Server="a proxy: of sorts", X_Note="Content-Length: 3"), WELCOME),
        (HELLO, over_http(WELCOME).replace(b"Content-", b"CONTENT-"), WELCOME),
        (HELLO, over_http(WELCOME).replace(b"Length: ", b"length:\t "), WELCOME),
        (HELLO, over_http(WELCOME, form=MediaType.JSON), WELCOME),
        (HELLO, over_http(WELCOME, Content_Type="application/vnd.msgpack; at=12:30"), WELCOME),
        (DOCUMENT, over_http(TryLater(delay_ms=70), "HTTP/1.1 503 Service Unavailable"), TryLater(delay_ms=70)),
        (
            DOCUMENT,
            over_http(Refused(code=RefusalCode.CONFLICT, text="другой"), "HTTP/1.1 200 OK"),
            Refused(code=RefusalCode.CONFLICT, text="другой"),
        ),
        (ReportStatus(unsent=1, mode=RegisterMode.ONLINE), over_http(Noted(at=AT), "HTTP/1.1 500 Oh"), Noted(at=AT)),
    ],
)
def test_an_answer_is_what_its_body_says(request_, data, expected):
    assert wire(HELLO, request_).received(data, LIMIT_S) == expected


def test_one_after_the_other_over_one_connection():
    found = wire(HELLO)
    assert found.received(over_http(WELCOME), 0.1) == WELCOME
    information = Information(at=AT, last_number=3, last_shift=1, shift_opened_at=None, last_autonomous_sign=0)
    for asked, answer in ((DOCUMENT, Accepted(number=1, at=AT)), (AskInformation(), information)):
        found.ask(asked, 1.0)
        data = over_http(answer)
        assert (found.received(data[:30], 1.1), found.received(data[30:], 1.2)) == (None, answer)


def test_another_connection_begins_anew():
    found = wire(HELLO)
    assert found.received(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", 0.1) is None
    found.opened(1.0)
    found.ask(HELLO, 1.0)
    assert found.received(over_http(WELCOME), 1.1) == WELCOME


# ------------------------------------------------------------------------------------------------- what ends it


def with_length(text: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Length: {text}\r\n\r\n".encode("latin-1")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"SSH-2.0-OpenSSH\r\n\r\n", "no HTTP/1.1"),
        (over_http(WELCOME, "HTTP/2 200"), "no HTTP/1.1"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/msgpack\r\n\r\n", "without a Content-Length"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "without a Content-Length"),
        (with_length("-1"), "without a Content-Length"),
        (with_length("²"), "without a Content-Length"),
        (with_length("0x10"), "without a Content-Length"),
        (with_length(str(BODY_SIZE_MAX + 1)), f"without a Content-Length up to {BODY_SIZE_MAX}"),
        (with_length("9" * 5_000), "without a Content-Length"),
        (
            b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\noops",
            "HTTP/1.1 502 is no answer of an operator: .*text/html",
        ),
        (with_length("0"), "HTTP/1.1 200 is no answer of an operator: .*result"),
        (over_http(Noted(at=AT)), "Noted is no answer to Hello"),
        (over_http(WELCOME) + b"H", "nobody has asked"),
        (b"x" * (HEAD_SIZE_MAX + 1), f"more than {HEAD_SIZE_MAX} bytes before its body"),
    ],
)
def test_what_is_no_answer_of_an_operator_ends_the_conversation(data, words):
    with pytest.raises(Setback, match=words) as caught:
        wire(HELLO).received(data, 1.0)
    assert (caught.value.kind, caught.value.cause.code) == (Kind.LOST, Said.UNEXPECTED_ANSWER)
    assert caught.value.reason is AutonomousReason.NO_CONNECTION


def test_as_much_as_is_allowed_is_waited_for():
    head = b"HTTP/1.1 200 OK\r\nX-Note: "
    assert wire(HELLO).received(head + b"x" * (HEAD_SIZE_MAX - len(head)), 1.0) is None
    assert wire(HELLO).received(with_length(str(BODY_SIZE_MAX)) + bytes(BODY_SIZE_MAX - 1), 1.0) is None


@pytest.mark.parametrize("asked", [(), (HELLO,)], ids=["nothing", "and was answered"])
def test_an_answer_that_nobody_asked_for_ends_it_too(asked):
    found = wire(*asked)
    if asked:
        found.received(over_http(WELCOME), 0.1)
    with pytest.raises(Setback, match="nobody has asked"):
        found.received(over_http(WELCOME), 0.2)


@pytest.mark.parametrize(
    ("asked", "reason"), [(HELLO, AutonomousReason.UNPAID), (DOCUMENT, AutonomousReason.LATE_ANSWER)]
)
@pytest.mark.parametrize("data", [b"", over_http(Accepted(number=1, at=AT))], ids=["none comes", "it comes late"])
def test_after_the_limit_there_is_no_answer_any_more(asked, reason, data):
    found = wire(HELLO, asked)
    found.look(LIMIT_S)
    with pytest.raises(Setback) as caught:
        found.received(data, LIMIT_S + 0.1) if data else found.look(LIMIT_S + 0.1)
    assert (caught.value.kind, caught.value.reason) == (Kind.LATE, reason)
    assert caught.value.cause.code is Said.NO_ANSWER
    found.look(1e9)  # it is told once


def test_every_answer_is_one_of_the_wire_and_none_is_its_own():
    with pytest.raises(AssertionError):
        wire(HELLO).own_answer()


# ------------------------------------------------------------------------------------------- over real connections

THREE = ["document 1", "document 2", "document 3"]


class Closing(Site):
    """Hangs up after an answer that puts off."""

    async def _handle(self, request):
        response = await super()._handle(request)
        if response.status == HTTPStatus.SERVICE_UNAVAILABLE:
            response.force_close()
        return response


class Trouble(NamedTuple):
    """What becomes of the first document; what the operator hears, and what the register takes for a setback."""

    begin: Callable[[Operator], None]
    heard: list[str]
    setbacks: list[Said]
    connects: int
    site: type[Site] = Site


LATER = TryLater(delay_ms=200)
TROUBLES = {
    "it is accepted": Trouble(lambda _: None, ["hello", "period 1", *THREE], [], 1),
    "it is put off": Trouble(
        lambda operator: operator.answers.append((SubmitDocument, LATER)),
        ["hello", "period 1", "document 1", *THREE],
        [],
        1,
    ),
    "it is put off, and the connection closed: the conversation goes on over another": Trouble(
        lambda operator: operator.answers.append((SubmitDocument, LATER)),
        ["hello", "period 1", "document 1", *THREE],
        [],
        2,
        Closing,
    ),
    "it is lost": Trouble(
        lambda operator: operator.lose.add(SubmitDocument),
        ["hello", "period 1", "hello", "period 2", *THREE],
        [Said.CONNECTION_LOST],
        2,
    ),
    "the answer is that to something else": Trouble(
        lambda operator: operator.answers.append((SubmitDocument, Noted(at=AT))),
        ["hello", "period 1", "document 1", "hello", "period 2", *THREE],
        [Said.UNEXPECTED_ANSWER],
        2,
    ),
}


@pytest.mark.parametrize("name", TROUBLES)
async def test_a_register_delivers_everything_once_whatever_happens(name):
    trouble = TROUBLES[name]
    operator = Operator()
    operator.token = "t"
    trouble.begin(operator)
    async with trouble.site(operator) as url:
        host, _, port = url.removeprefix("http://").rpartition(":")
        spoken = HttpWire(f"{host}:{port}", LIMIT_S)
        register, tally = fleet_register(3, backoff=Backoff(10, 20, Jitter.NONE), wire=spoken)
        register.begin(time.monotonic())
        driver = Driver(host, int(port), [register])
        driver.start()
        async with asyncio.timeout(WITHIN_S):
            while not tally.idles:  # noqa: ASYNC110 - what is waited for is anything
                await asyncio.sleep(0.005)
        await driver.close()
    assert operator.words() == trouble.heard
    assert (operator.numbers(), tally.accepted_numbers) == ([1, 2, 3], [1, 2, 3])
    assert [setback.cause.code for setback in tally.setbacks] == trouble.setbacks
    assert driver.connects == trouble.connects
