"""What ends a conversation of a fleet's register, over each protocol, and as what it has to be taken."""

import pytest

from fiscal.domain.document import Delivery
from fiscal.domain.lifecycle import AutonomousReason
from fiscal.domain.messages import (
    Hello,
    SubmitDocument,
    Welcome,
)
from fiscal.protocols.native.codec import NATIVE
from fiscal.session.limits import SessionLimits
from kkt_client.core.saying import Said
from kkt_client.core.setbacks import Kind, Setback
from kkt_client.fleet.http_wire import HttpWire
from kkt_client.fleet.wires import NativeWire
from tests.kkt_client.fleet.desk import AT, PROFILE, content

HELLO = Hello(register="desk/1", token="secret", software="s", profile=PROFILE)
DOCUMENT = SubmitDocument(content=content(1), delivery=Delivery(autonomous=True, period=1))


def native() -> NativeWire:
    return NativeWire(SessionLimits(answer_limit_s=5.0))


def http() -> HttpWire:
    return HttpWire("ofd:8080", 5.0)


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
