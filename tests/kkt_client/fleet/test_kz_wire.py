"""A register of a fleet over the Kazakhstan protocol: its numbers, its token, and what it answers itself."""

import pytest

from fiscal.domain.document import Delivery
from fiscal.domain.lifecycle import AutonomousReason, BlockReason, RegisterMode
from fiscal.domain.messages import (
    Accepted,
    AskInformation,
    Blocked,
    Hello,
    Information,
    Noted,
    Refused,
    ReportOfflinePeriod,
    ReportStatus,
    SubmitDocument,
    Welcome,
)
from fiscal.protocols.kz.codes import Command, ResultCode
from fiscal.protocols.kz.frames import frame_reader, serialize_answer
from fiscal.protocols.kz.header import Header
from fiscal.protocols.kz.messages import request_type, response_type
from kkt_client.core import records
from kkt_client.core.saying import Said
from kkt_client.core.setbacks import Kind, Setback
from kkt_client.fleet.kz_wire import KzWire
from kkt_client.fleet.state import FleetState
from tests.kkt_client.fleet.desk import AT, PROFILE, content

HELLO = Hello(register="77", token="5", software="s", profile=PROFILE)
DOCUMENT = SubmitDocument(content=content(1), delivery=Delivery(autonomous=True, period=1))


def wire(*, offline: int = 0) -> tuple[KzWire, FleetState]:
    state = FleetState("77", AT)
    if offline:
        state.came_offline(offline, 1, 0, AT)
    found = KzWire(state, "5", lambda now: AT + int(now * 1_000), 5.0)
    found.opened(0.0)
    return found, state


def read(frame: bytes) -> tuple[Header, int]:
    reader = frame_reader()
    reader.feed(frame)
    found = reader.next_frame()
    assert found is not None
    header, body = found
    return header, request_type(203).FromString(body).command


def answer(frame: bytes, code: ResultCode = ResultCode.OK, token: int = 6, number: int | None = None) -> bytes:
    header, command = read(frame)
    if number is not None:
        header = header._replace(number=number)
    body = response_type(203)(command=command, result={"result_code": int(code)}).SerializeToString()
    return serialize_answer(header, token, body)


def test_who_was_never_away_is_welcome_without_asking():
    found, _ = wire()
    assert found.ask(HELLO, 0.0) == b""
    assert isinstance(found.own_answer(), Welcome)
    with pytest.raises(AssertionError):
        found.own_answer()


def test_who_comes_back_asks_first_whether_somebody_is_there():
    found, _ = wire(offline=1)
    asked = found.ask(HELLO, 0.0)
    header, command = read(asked)
    assert (header.device_id, header.token, header.number, command) == (77, 5, 1, Command.SYSTEM)
    assert found.received(answer(asked), 0.1) == Welcome(at=AT + 100, operator="", last_number=0)


def test_periods_and_states_are_no_messages():
    found, _ = wire()
    found.ask(HELLO, 0.0)
    found.own_answer()
    for request in (
        ReportOfflinePeriod(number=1, begin=AT, end=AT + 5, reason=AutonomousReason.NO_CONNECTION),
        ReportStatus(unsent=0, mode=RegisterMode.ONLINE),
    ):
        assert found.ask(request, 1.0) == b""
        assert found.own_answer() == Noted(at=AT + 1_000)


def test_a_document_keeps_its_numbers_until_it_is_answered_and_the_next_one_gets_the_next_token():
    found, state = wire(offline=2)
    found.received(answer(found.ask(HELLO, 0.0), token=5), 0.1)
    first = found.ask(DOCUMENT, 1.0)
    found.opened(2.0)
    assert found.ask(HELLO, 2.0) == b""  # something is in doubt: that comes first
    found.own_answer()
    assert found.ask(DOCUMENT, 2.0) == first

    assert found.received(answer(first, token=9), 2.1) == Accepted(number=1, at=AT + 2_100)
    second = SubmitDocument(content=content(2), delivery=DOCUMENT.delivery)
    header, command = read(found.ask(second, 3.0))
    assert (header.token, header.number, command) == (9, 3, Command.MONEY_PLACEMENT)
    assert state.last_number == 2


def test_an_answer_to_another_request_is_waited_past():
    found, _ = wire(offline=1)
    asked = found.ask(HELLO, 0.0)
    assert found.received(answer(asked, number=99), 0.1) is None
    assert found.received(answer(asked), 0.2) is not None
    assert found.received(answer(asked), 0.3) is None  # once is enough


@pytest.mark.parametrize(
    ("code", "kind"),
    [(ResultCode.SERVICE_TEMPORARILY_UNAVAILABLE, Kind.LOST)],
)
def test_a_code_that_is_no_answer_is_a_setback(code, kind):
    found, _ = wire(offline=1)
    found.received(answer(found.ask(HELLO, 0.0)), 0.1)
    with pytest.raises(Setback) as caught:
        found.received(answer(found.ask(DOCUMENT, 1.0), code), 1.1)
    assert caught.value.kind is kind


def test_a_refused_document_frees_its_number():
    found, _ = wire(offline=1)
    found.received(answer(found.ask(HELLO, 0.0)), 0.1)
    asked = found.ask(DOCUMENT, 1.0)
    refused = found.received(answer(asked, ResultCode.INVALID_REQUEST_NUMBER, token=6), 1.1)
    assert isinstance(refused, Refused | Blocked)


def test_an_acceptance_without_a_token_is_none():
    found, _ = wire(offline=1)
    found.received(answer(found.ask(HELLO, 0.0)), 0.1)
    with pytest.raises(Setback) as caught:
        found.received(answer(found.ask(DOCUMENT, 1.0), token=0), 1.1)
    assert caught.value.cause.code is Said.UNEXPECTED_ANSWER


def test_who_is_blocked_asks_again():
    found, state = wire()
    found.ask(HELLO, 0.0)
    state.apply(records.BlockBegan(reason=BlockReason.BY_OPERATOR, at=AT, text="unpaid"))
    asked = found.ask(AskInformation(), 1.0)
    assert read(asked)[1] == Command.SYSTEM
    assert isinstance(found.received(answer(asked), 1.1), Information)


def test_late_is_late():
    found, _ = wire(offline=1)
    asked = found.ask(HELLO, 0.0)
    found.look(5.0)
    with pytest.raises(Setback) as caught:
        found.received(answer(asked), 5.1)
    assert (caught.value.kind, caught.value.reason) == (Kind.LATE, AutonomousReason.UNPAID)
    found.look(9.0)  # nothing is asked any more


def test_nonsense_ends_the_conversation():
    found, _ = wire(offline=1)
    found.ask(HELLO, 0.0)
    with pytest.raises(Setback) as caught:
        found.received(bytes(18), 0.1)
    assert caught.value.cause.code is Said.PROTOCOL_BROKEN


def test_what_does_not_fit_cannot_be_sent(monkeypatch):
    found, _ = wire(offline=1)
    found.received(answer(found.ask(HELLO, 0.0)), 0.1)
    monkeypatch.setattr("fiscal.protocols.kz.header.BODY_SIZE_MAX", 1)
    with pytest.raises(Setback) as caught:
        found.ask(DOCUMENT, 1.0)
    assert caught.value.cause.code is Said.CANNOT_BE_SENT
