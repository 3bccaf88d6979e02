"""What ends a conversation of a fleet's register, over each protocol, and as what it has to be taken."""

import pytest

from fiscal.domain.document import Delivery
from fiscal.domain.lifecycle import AutonomousReason, RegisterMode
from fiscal.domain.messages import (
    Accepted,
    AskInformation,
    Hello,
    Noted,
    ReportOfflinePeriod,
    ReportStatus,
    SubmitDocument,
    TryLater,
    Welcome,
)
from fiscal.protocols.native.codec import NATIVE
from fiscal.protocols.rest.codec import MediaType, parse_request, serialize_answer
from fiscal.session.limits import SessionLimits
from kkt_client.core.saying import Said
from kkt_client.core.setbacks import Kind, Setback
from kkt_client.fleet.http_wire import HEAD_SIZE_MAX, HttpWire
from kkt_client.fleet.wires import NativeWire
from tests.kkt_client.fleet.desk import AT, PROFILE, content

HELLO = Hello(register="desk/1", token="secret", software="s", profile=PROFILE)
DOCUMENT = SubmitDocument(content=content(1), delivery=Delivery(autonomous=True, period=1))


def native() -> NativeWire:
    return NativeWire(SessionLimits(answer_limit_s=5.0))


def http() -> HttpWire:
    return HttpWire("ofd:8080", 5.0)


def over_http(answer: Welcome | Accepted | TryLater | Noted, status: str = "200 OK") -> bytes:
    body = serialize_answer(answer, MediaType.MSGPACK)
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/msgpack\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@pytest.fixture(params=[native, http])
def wire(request):
    found = request.param()
    found.opened(0.0)
    assert found.ask(HELLO, 0.0)
    return found


def test_an_answer_that_does_not_come_to_hello_means_that_the_operator_is_not_paid(wire):
    wire.look(5.0)
    with pytest.raises(Setback) as caught:
        wire.look(5.1)
    assert (caught.value.kind, caught.value.reason) == (Kind.LATE, AutonomousReason.UNPAID)
    assert caught.value.cause.code is Said.NO_ANSWER


def test_every_answer_is_one_of_the_wire_and_none_is_its_own(wire):
    with pytest.raises(AssertionError):
        wire.own_answer()


def test_before_there_is_a_connection_nothing_is_heard():
    assert native().received(b"x", 0.0) is None
    native().look(1e9)


def test_what_the_session_does_not_allow_is_a_setback():
    wire = native()
    wire.opened(0.0)
    with pytest.raises(Setback) as caught:
        wire.ask(DOCUMENT, 0.0)
    assert caught.value.cause.code is Said.CANNOT_BE_SENT


def test_the_end_of_the_operators_half_ends_a_native_conversation():
    wire = native()
    wire.opened(0.0)
    wire.ask(HELLO, 0.0)
    connection = wire._connection
    assert connection is not None
    connection.receive_eof(0.1)
    with pytest.raises(Setback) as caught:
        wire.look(0.2)
    assert caught.value.kind is Kind.LOST


def test_a_late_native_answer_is_late():
    wire = native()
    wire.opened(0.0)
    wire.ask(HELLO, 0.0)
    with pytest.raises(Setback) as caught:
        wire.received(NATIVE.serialize(Welcome(at=AT, operator="o"), 1), 5.1)
    assert caught.value.kind is Kind.LATE


# --------------------------------------------------------------------------------------------------------------- HTTP


@pytest.mark.parametrize(
    ("request_", "line", "command"),
    [
        (HELLO, b"POST /api/v1/registers/desk%2F1/hello HTTP/1.1", "hello"),
        (DOCUMENT, b"POST /api/v1/registers/desk%2F1/documents HTTP/1.1", "document"),
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
    wire = http()
    wire.ask(HELLO, 0.0)
    head, _, body = wire.ask(request_, 0.0).partition(b"\r\n\r\n")
    first, *headers = head.split(b"\r\n")
    assert first == line
    assert b"Authorization: Bearer secret" in headers
    assert b"Host: ofd:8080" in headers
    assert f"Content-Length: {len(body)}".encode() in headers
    assert parse_request(command, body, "application/msgpack") == request_


def test_a_question_has_no_body():
    wire = http()
    wire.ask(HELLO, 0.0)
    asked = wire.ask(AskInformation(), 0.0)
    assert asked.startswith(b"GET /api/v1/registers/desk%2F1/information HTTP/1.1\r\n")
    assert asked.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_an_answer_is_whole_when_its_last_byte_is_there(size):
    wire = http()
    wire.ask(HELLO, 0.0)
    answer = Welcome(at=AT, operator="o", last_number=3)
    data = over_http(answer)
    found = [wire.received(data[at : at + size], 1.0) for at in range(0, len(data), size)]
    assert [each for each in found if each is not None] == [answer]


def test_the_body_counts_and_not_the_status():
    wire = http()
    wire.ask(HELLO, 0.0)
    wire.ask(DOCUMENT, 0.0)
    assert wire.received(over_http(TryLater(delay_ms=70), "503 Service Unavailable"), 1.0) == TryLater(delay_ms=70)


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/msgpack\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\noops",
        over_http(Noted(at=AT)),
        over_http(Welcome(at=AT, operator="o")) + b"more",
        b"x" * (HEAD_SIZE_MAX + 1),
    ],
)
def test_what_is_no_answer_of_an_operator_ends_the_conversation(data):
    wire = http()
    wire.ask(HELLO, 0.0)
    with pytest.raises(Setback) as caught:
        wire.received(data, 1.0)
    assert (caught.value.kind, caught.value.cause.code) == (Kind.LOST, Said.UNEXPECTED_ANSWER)


def test_an_answer_that_nobody_asked_for_ends_it_too():
    wire = http()
    with pytest.raises(Setback):
        wire.received(over_http(Noted(at=AT)), 0.0)


def test_a_late_answer_over_http_is_late():
    wire = http()
    wire.ask(HELLO, 0.0)
    wire.ask(DOCUMENT, 0.0)
    with pytest.raises(Setback) as caught:
        wire.received(over_http(Accepted(number=1, at=AT)), 5.1)
    assert caught.value.reason is AutonomousReason.LATE_ANSWER


def test_another_connection_begins_anew():
    wire = http()
    wire.ask(HELLO, 0.0)
    assert wire.received(b"HTTP/1.1 200", 0.1) is None
    wire.opened(1.0)
    wire.ask(HELLO, 1.0)
    assert wire.received(over_http(Welcome(at=AT, operator="o")), 1.1) == Welcome(at=AT, operator="o")
