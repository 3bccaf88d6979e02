"""Answers that a plan wants in the words of the Kazakhstan protocol: codes, and what is wrong about an envelope."""

import pytest

from fiscal.domain.messages import Blocked, Noted, RefusalCode, Refused, TryLater
from fiscal.errors import LocalProtocolError
from fiscal.faults.answers import ForeignRefusal
from fiscal.protocols.kz.codes import Command, ResultCode
from fiscal.protocols.kz.frames import frame_reader
from fiscal.protocols.kz.header import BODY_SIZE_MAX, Header
from fiscal.protocols.kz.messages import parse_response
from ofd_server.core.kz import KzExchange
from ofd_server.core.kz_answers import KzAnswer
from ofd_server.core.kz_faults import answer_for, frame_for
from tests.documents import receipt
from tests.ofd_server.kz_device import Device, at_counter


def exchange(body=None, number=7):
    device = Device()
    body = device.document(receipt()) if body is None else body
    return KzExchange(at_counter().desk, Header(203, 9, 4711, number, len(body)), body)


def frame(data):
    reader = frame_reader()
    reader.feed(data)
    found = reader.next_frame()
    assert found is not None
    header, body = found
    return header, parse_response(header.version, body)


@pytest.mark.parametrize(
    ("reply", "code", "text"),
    [
        (TryLater(delay_ms=5), ResultCode.SERVICE_TEMPORARILY_UNAVAILABLE, "come again in a moment"),
        (Blocked(reason="rent"), ResultCode.BLOCKED, "rent"),
        (Blocked(reason=""), ResultCode.BLOCKED, "Касса заблокирована оператором"),
        (Refused(code=RefusalCode.WRONG_TOKEN, text="no"), ResultCode.INVALID_TOKEN, "no"),
        (Refused(code=RefusalCode.UNKNOWN_REGISTER, text="no"), ResultCode.UNKNOWN_ID, "no"),
        (Refused(code=RefusalCode.NOT_ENOUGH_CASH, text="no"), ResultCode.NOT_ENOUGH_CASH, "no"),
        (Refused(code=RefusalCode.CONFLICT, text="no"), ResultCode.INCORRECT_REQUEST_DATA, "no"),
        (ForeignRefusal("0", "fine"), ResultCode.OK, "fine"),
        (ForeignRefusal("99", "what?"), 99, "what?"),
        (ForeignRefusal("256", "no"), ResultCode.INCORRECT_REQUEST_DATA, "256: no"),
        (ForeignRefusal("Shift_Already_Opened", "no"), ResultCode.SHIFT_ALREADY_OPENED, "no"),
        (ForeignRefusal("rain", "no"), ResultCode.INCORRECT_REQUEST_DATA, "rain: no"),
    ],
)
def test_every_reply_of_a_plan_has_its_code(reply, code, text):
    answer = answer_for(exchange(), reply)
    assert (answer.code, answer.token) == (code, 4711)
    response = parse_response(203, answer.body)
    assert (response.command, response.result.result_code, response.result.result_text) == (Command.TICKET, code, text)


def test_a_body_that_is_no_message_can_be_refused_too():
    answer = answer_for(exchange(b"\xff"), Blocked(reason="x"))
    assert parse_response(203, answer.body).command == Command.RESERVED


def test_what_no_plan_makes_is_a_defect():
    with pytest.raises(AssertionError, match="no plan makes"):
        answer_for(exchange(), Noted(at=1))


def sold(**_given):
    counter = at_counter()
    body = counter.device.document(receipt())
    said = counter.good(body)
    return KzAnswer(0, 815, said.message.SerializeToString(), "accepted"), said.message.ticket


def test_an_envelope_without_fault():
    answer, ticket = sold()
    header, response = frame(frame_for(exchange(), answer))
    assert (header.device_id, header.token, header.number) == (9, 815, 7)
    assert response.ticket == ticket


@pytest.mark.parametrize(
    ("number", "offset", "expected"), [(7, 1, 8), (65_535, 1, 0), (0, -1, 65_535), (7, 65_536 * 3, 7)]
)
def test_a_wrong_number(number, offset, expected):
    answer, _ = sold()
    assert frame(frame_for(exchange(number=number), answer, number_offset=offset))[0].number == expected


def test_a_wrong_token():
    answer, _ = sold()
    assert frame(frame_for(exchange(), answer, wrong_token=True))[0].token == 816


@pytest.mark.parametrize("draw", [0, 1, 123_456])
def test_the_answer_of_another_device(draw):
    answer, ticket = sold()
    header, response = frame(frame_for(exchange(), answer, another=draw))
    assert header.device_id == 10 + draw % 1_000
    other = response.ticket
    assert other.ticket_number != ticket.ticket_number
    assert len(other.ticket_number) == len(ticket.ticket_number)
    assert other.qr_code == ticket.qr_code.replace(ticket.ticket_number.encode(), other.ticket_number.encode())
    assert other.qr_code != ticket.qr_code


def test_of_another_device_without_a_code_and_without_a_ticket():
    answer, ticket = sold()
    response = parse_response(203, answer.body)
    response.ticket.ClearField("qr_code")
    bare = KzAnswer(0, 815, response.SerializeToString(), "accepted")
    assert frame(frame_for(exchange(), bare, another=5))[1].ticket.ticket_number != ticket.ticket_number
    refused = answer_for(exchange(), TryLater(delay_ms=1))
    header, told = frame(frame_for(exchange(), refused, another=5))
    assert header.device_id == 15
    assert told.SerializeToString() == refused.body


def test_an_answer_that_fits_into_no_frame():
    with pytest.raises(LocalProtocolError):
        frame_for(exchange(), KzAnswer(0, 1, bytes(BODY_SIZE_MAX + 1), "accepted"))
