"""Dialogues of a register and an operator, and every way in which one of them may be wrong."""

import gc
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from math import inf, nextafter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.domain.messages import (
    Answer,
    AskInformation,
    Blocked,
    Ping,
    RefusalCode,
    Refused,
    Request,
    SubmitDocument,
    TryLater,
)
from fiscal.errors import LocalProtocolError
from fiscal.protocols.base import ANSWERED, refusal_of
from fiscal.protocols.native.codec import NativeProtocol
from fiscal.protocols.native.header import serialize_header
from fiscal.session.connection import Connection
from fiscal.session.events import (
    AnswerOverdue,
    AnswerReceived,
    IdleTimedOut,
    PeerClosed,
    ProtocolBroken,
    Quiet,
    RequestReceived,
    RequestRejected,
)
from fiscal.session.limits import DEFAULT_LIMITS, SessionLimits
from fiscal.session.state import REFUSALS, TABLE, Passage, State
from tests.fiscal.protocols.samples import (
    ACCEPTED,
    ANSWERS,
    HELLO,
    NOTED,
    PERIOD,
    REFUSED,
    REQUESTS,
    SUBMIT,
    SUBMIT_AUTONOMOUS,
    WELCOME,
)
from tests.fiscal.session.pair import (
    NOW,
    answered,
    asked,
    code_of,
    events,
    open_operator,
    open_register,
    operator,
    plain_events,
    register,
)

JUST_AFTER = nextafter(NOW + 5.0, inf)


def carry(source: Connection, target: Connection, now: float) -> None:
    """What one end has to say reaches the other; a pure end of the stream closes it."""
    for data in source.data_to_send():
        if data:
            target.receive_data(data, now)
        else:
            target.receive_eof(now)


# ------------------------------------------------------------------------------------------------------- dialogues


def test_a_session_from_hello_to_the_end():
    till, ofd = register(), operator()
    assert till.send_request(HELLO, NOW) == 1
    carry(till, ofd, NOW)
    till.sent(NOW)
    assert events(ofd) == [RequestReceived(1, HELLO, NOW)]
    assert (till.state, ofd.state) == (State.WELCOMING, State.WELCOMING)

    assert ofd.send_answer(1, WELCOME, NOW + 1)
    carry(ofd, till, NOW + 1)
    assert events(till) == [AnswerReceived(1, WELCOME, NOW + 1)]
    assert (till.state, ofd.state) == (State.OPEN, State.OPEN)

    exchanges: list[tuple[Request, Answer]] = [
        (SUBMIT, ACCEPTED),
        (SUBMIT_AUTONOMOUS, ACCEPTED),
        (PERIOD, NOTED),
        (Ping(), NOTED),
        (SUBMIT, REFUSED),
    ]
    for number, (request, answer) in enumerate(exchanges, 2):
        assert till.send_request(request, NOW + number) == number
        assert till.unanswered == 1
        carry(till, ofd, NOW + number)
        till.sent(NOW + number)
        assert events(ofd) == [RequestReceived(number, request, NOW + number)]
        assert ofd.unanswered == 1
        assert ofd.send_answer(number, answer, NOW + number)
        carry(ofd, till, NOW + number)
        assert events(till) == [AnswerReceived(number, answer, NOW + number)]
        assert till.unanswered == ofd.unanswered == 0

    till.close()
    carry(till, ofd, NOW + 9)
    assert events(ofd) == [PeerClosed()]
    carry(ofd, till, NOW + 9)
    assert events(till) == [PeerClosed()]
    assert (till.state, ofd.state) == (State.CLOSED, State.CLOSED)
    assert till.data_to_send() == [b""]


@pytest.mark.parametrize("answer", [REFUSED, TryLater(delay_ms=5), Blocked(reason="unpaid")])
def test_a_register_that_was_turned_away_may_say_hello_again(answer):
    till, ofd = register(), operator()
    for number, reply in ((1, answer), (2, WELCOME)):
        assert till.send_request(HELLO, NOW) == number
        carry(till, ofd, NOW)
        assert ofd.send_answer(number, reply, NOW)
        carry(ofd, till, NOW)
    assert (till.state, ofd.state) == (State.OPEN, State.OPEN)


def test_a_ping_needs_no_hello():
    till, ofd = register(), operator()
    till.send_request(Ping(), NOW)
    carry(till, ofd, NOW)
    assert events(ofd) == [RequestReceived(1, Ping(), NOW)]
    ofd.send_answer(1, NOTED, NOW)
    carry(ofd, till, NOW)
    assert events(till) == [AnswerReceived(1, NOTED, NOW)]
    assert (till.state, ofd.state) == (State.GREETING, State.GREETING)


def test_a_half_closed_register_still_gets_its_answers():
    ofd = open_operator()
    ofd.receive_data(asked(2, SUBMIT, SUBMIT), NOW)
    ofd.receive_eof(NOW)
    assert events(ofd)[-1] == PeerClosed()
    assert ofd.data_to_send() == []
    assert ofd.send_answer(3, REFUSED, NOW)
    assert ofd.data_to_send() == [answered(3, REFUSED)]
    assert ofd.send_answer(2, ACCEPTED, NOW)
    assert ofd.data_to_send() == [answered(2, ACCEPTED), b""]
    assert ofd.state is State.CLOSED


def test_a_closing_register_still_reads_its_answers():
    till = open_register()
    till.send_request(SUBMIT, NOW)
    till.close()
    assert till.data_to_send() == [asked(2, SUBMIT), b""]
    till.receive_data(answered(2, ACCEPTED), NOW)
    till.receive_eof(NOW)
    assert events(till) == [AnswerReceived(2, ACCEPTED, NOW), PeerClosed()]


def test_an_operator_that_closes_owes_nothing_any_more():
    ofd = open_operator()
    ofd.receive_data(asked(2, SUBMIT), NOW)
    ofd.close()
    assert ofd.data_to_send() == [b""]
    assert ofd.send_answer(2, ACCEPTED, NOW) is False
    ofd.close()
    assert ofd.data_to_send() == []
    assert ofd.deadline() is None


def test_closing_twice_is_closing_once():
    till = open_register()
    till.close()
    till.close()
    assert till.data_to_send() == [b""]


def test_answers_may_come_in_any_order():
    till = open_register(SessionLimits(in_flight_max=3))
    assert [till.send_request(request, NOW) for request in (SUBMIT, AskInformation(), Ping())] == [2, 3, 4]
    till.receive_data(answered(4, NOTED) + answered(2, ACCEPTED), NOW)
    assert events(till) == [AnswerReceived(4, NOTED, NOW), AnswerReceived(2, ACCEPTED, NOW)]
    assert till.unanswered == 1


# ------------------------------------------------------------------------------------- behind a hello, and before it


def test_what_a_fast_register_sends_behind_hello_waits_for_the_welcome():
    ofd = operator()
    ofd.receive_data(asked(1, HELLO, SUBMIT), NOW)
    ofd.receive_data(asked(3, Ping()), NOW + 1)
    assert events(ofd) == [RequestReceived(1, HELLO, NOW)]
    assert ofd.unanswered == 3
    ofd.send_answer(1, WELCOME, NOW + 2)
    assert events(ofd) == [RequestReceived(2, SUBMIT, NOW), RequestReceived(3, Ping(), NOW + 1)]


def test_behind_a_hello_that_was_refused_nothing_is_taken():
    ofd = operator()
    ofd.receive_data(asked(1, HELLO, SUBMIT, HELLO, SUBMIT), NOW)
    ofd.send_answer(1, REFUSED, NOW)
    assert plain_events(ofd) == [
        RequestReceived(1, HELLO, NOW),
        ("rejected", 2, "hello_first", "session", NOW),
        RequestReceived(3, HELLO, NOW),
    ]
    assert ofd.unanswered == 3
    ofd.send_answer(2, Refused(code=RefusalCode.HELLO_FIRST), NOW)
    assert events(ofd) == []
    ofd.send_answer(3, WELCOME, NOW)
    assert events(ofd) == [RequestReceived(4, SUBMIT, NOW)]


def test_who_goes_before_the_welcome_takes_what_it_sent_with_it():
    ofd = operator()
    ofd.receive_data(asked(1, HELLO, SUBMIT), NOW)
    ofd.receive_eof(NOW)
    assert events(ofd) == [RequestReceived(1, HELLO, NOW), PeerClosed()]
    assert ofd.unanswered == 1
    ofd.send_answer(1, WELCOME, NOW)
    assert events(ofd) == []
    assert ofd.data_to_send() == [answered(1, WELCOME), b""]


def test_without_hello_a_document_is_refused_and_the_session_goes_on():
    ofd = operator()
    ofd.receive_data(asked(1, SUBMIT), NOW)
    assert plain_events(ofd) == [("rejected", 1, "hello_first", "session", NOW)]
    ofd.send_answer(1, Refused(code=RefusalCode.HELLO_FIRST), NOW)
    ofd.receive_data(asked(2, HELLO), NOW)
    assert events(ofd) == [RequestReceived(2, HELLO, NOW)]


# --------------------------------------------------------------------------------------------- the cells of the table


def at_operator(state: State) -> Connection:
    ofd = operator() if state in (State.GREETING, State.WELCOMING) else open_operator()
    match state:
        case State.WELCOMING:
            ofd.receive_data(asked(1, HELLO), NOW)
        case State.FINISHING:
            ofd.receive_data(asked(2, SUBMIT), NOW)
            ofd.receive_eof(NOW)
        case State.CLOSED:
            ofd.close()
    events(ofd)
    ofd.data_to_send()
    assert ofd.state is state
    return ofd


def at_register(state: State) -> Connection:
    till = register() if state in (State.GREETING, State.WELCOMING) else open_register()
    match state:
        case State.WELCOMING:
            till.send_request(HELLO, NOW)
        case State.FINISHING:
            till.close()
        case State.CLOSED:
            till.receive_eof(NOW)
    events(till)
    till.data_to_send()
    assert till.state is state
    return till


ASKING: dict[Passage, Request] = {Passage.HELLO: HELLO, Passage.PING: Ping(), Passage.REQUEST: SUBMIT}
LAST_NUMBER = {
    State.GREETING: 0,
    State.WELCOMING: 1,
    State.OPEN: 1,
    State.FINISHING: 2,
    State.CLOSED: 1,
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("passage", ASKING)
def test_a_register_asks_what_the_table_allows(state, passage):
    till = at_register(state)
    if (state, passage) in TABLE:
        till.send_request(ASKING[passage], NOW)
        assert till.state is TABLE[state, passage]
        return
    with pytest.raises(LocalProtocolError, match="can be sent while the session is"):
        till.send_request(ASKING[passage], NOW)
    assert till.state is state
    assert till.data_to_send() == []


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("passage", ASKING)
def test_an_operator_takes_what_the_table_allows(state, passage):
    ofd = at_operator(state)
    number = LAST_NUMBER[state] + 1
    ofd.receive_data(asked(number, ASKING[passage]), NOW)
    found = plain_events(ofd)
    if (state, passage) in TABLE:
        assert found == [RequestReceived(number, ASKING[passage], NOW)]
        assert ofd.state is TABLE[state, passage]
    elif (state, passage) in REFUSALS:
        code, _ = REFUSALS[state, passage]
        assert found == [("rejected", number, code, "session", NOW)]
        assert code in ANSWERED
        assert ofd.state is state
    else:
        # Behind an unanswered hello it waits; behind the register's end, or ours, nothing is read.
        assert found == []
        assert ofd.state is state


@pytest.mark.parametrize("state", State)
def test_an_operator_answers_only_what_was_asked(state):
    ofd = at_operator(state)
    if state is State.CLOSED:
        assert ofd.send_answer(9, NOTED, NOW) is False
    else:
        with pytest.raises(LocalProtocolError, match="request 9 does not wait for an answer"):
            ofd.send_answer(9, NOTED, NOW)
    assert ofd.data_to_send() == []


@pytest.mark.parametrize("state", State)
def test_an_answer_that_nobody_asked_for_ends_the_session(state):
    till = at_register(state)
    till.receive_data(answered(9, NOTED), NOW)
    if state is State.CLOSED:
        assert events(till) == []
    else:
        assert plain_events(till) == [("broken", "unexpected_answer", "header.number")]
        assert till.data_to_send() == [b""]


@pytest.mark.parametrize("state", State)
def test_the_end_of_the_stream_in_every_state(state):
    ofd = at_operator(state)
    ofd.receive_eof(NOW)
    over = state in (State.FINISHING, State.CLOSED)
    assert events(ofd) == ([] if over else [PeerClosed()])
    till = at_register(state)
    till.receive_eof(NOW)
    assert events(till) == ([] if state is State.CLOSED else [PeerClosed()])
    assert till.state is State.CLOSED


ANSWER_TO = {
    "Hello": {"Welcome"},
    "SubmitDocument": {"Accepted"},
    "ReportOfflinePeriod": {"Noted"},
    "AskInformation": {"Information"},
    "Ping": {"Noted"},
    "ReportStatus": {"Noted"},
}


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: type(request).__name__)
@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: type(answer).__name__)
def test_which_answers_fit_a_request(request_, answer):
    fits = type(answer).__name__ in ANSWER_TO[type(request_).__name__] | {"Refused", "TryLater", "Blocked"}
    greeting = request_.__class__ is HELLO.__class__
    ofd = operator() if greeting else open_operator()
    till = register() if greeting else open_register()
    number = till.send_request(request_, NOW)
    ofd.receive_data(asked(number, request_), NOW)
    till.receive_data(answered(number, answer), NOW)
    if fits:
        assert ofd.send_answer(number, answer, NOW)
        assert ofd.data_to_send() == [answered(number, answer)]
        assert events(till) == [AnswerReceived(number, answer, NOW)]
    else:
        with pytest.raises(LocalProtocolError, match="is no answer to"):
            ofd.send_answer(number, answer, NOW)
        assert ofd.data_to_send() == []
        assert plain_events(till) == [("broken", "unexpected_answer", "header.kind")]


def test_a_rejected_request_is_answered_with_a_refusal_only():
    ofd = operator()
    ofd.receive_data(asked(1, SUBMIT), NOW)
    with pytest.raises(LocalProtocolError, match="Accepted is no answer to Rejected"):
        ofd.send_answer(1, ACCEPTED, NOW)
    assert ofd.send_answer(1, REFUSED, NOW)
    with pytest.raises(LocalProtocolError, match="does not wait"):
        ofd.send_answer(1, REFUSED, NOW)


def test_each_role_has_its_own_verbs():
    with pytest.raises(LocalProtocolError, match="an operator does not ask"):
        operator().send_request(Ping(), NOW)
    with pytest.raises(LocalProtocolError, match="a register does not answer"):
        register().send_answer(1, NOTED, NOW)


# ------------------------------------------------------------------------------------------ what a register may do


def test_one_request_in_flight():
    till = open_register()
    till.send_request(SUBMIT, NOW)
    with pytest.raises(LocalProtocolError, match="1 requests wait for their answers, 1 of them in time"):
        till.send_request(Ping(), NOW)
    till.receive_data(answered(2, ACCEPTED), NOW)
    assert till.send_request(Ping(), NOW) == 3


def test_what_does_not_fit_into_a_frame_is_not_sent():
    till, ofd = open_register(), open_operator()
    with pytest.raises(LocalProtocolError, match="does not fit"):
        till.send_request(SubmitDocument(content=bytes(300_000)), NOW)
    assert till.send_request(Ping(), NOW) == 2
    ofd.receive_data(asked(2, Ping()), NOW)
    ofd.receive_eof(NOW)
    assert ofd.unanswered == 1


def test_request_numbers_wrap():
    protocol = NativeProtocol(request_number_max=3)
    till, ofd = register(protocol=protocol), operator(protocol=protocol)
    numbers = []
    for _ in range(7):
        numbers.append(till.send_request(Ping(), NOW))
        carry(till, ofd, NOW)
        ofd.send_answer(numbers[-1], NOTED, NOW)
        carry(ofd, till, NOW)
    assert numbers == [1, 2, 3, 1, 2, 3, 1]
    assert [event.number for event in events(ofd) if isinstance(event, RequestReceived)] == numbers


# --------------------------------------------------------------------------------------------- the limit of 5 seconds


def waiting_register() -> Connection:
    till = open_register()
    till.send_request(SUBMIT, NOW)
    till.data_to_send()
    till.sent(NOW)
    return till


@pytest.mark.requirement("S3-13")
def test_an_answer_at_exactly_five_seconds_is_in_time():
    till = waiting_register()
    till.handle_deadline(NOW + 5.0)
    till.receive_data(answered(2, ACCEPTED), NOW + 5.0)
    assert events(till) == [AnswerReceived(2, ACCEPTED, NOW + 5.0, late=False)]


@pytest.mark.requirement("S3-13")
def test_an_answer_after_five_seconds_is_late():
    till = waiting_register()
    assert till.deadline() == JUST_AFTER
    till.handle_deadline(JUST_AFTER)
    assert events(till) == [AnswerOverdue(2)]
    assert till.deadline() is None
    till.receive_data(answered(2, ACCEPTED), NOW + 6)
    assert events(till) == [AnswerReceived(2, ACCEPTED, NOW + 6, late=True)]


@pytest.mark.requirement("S3-13")
def test_a_late_answer_is_late_also_when_nobody_woke_up_in_between():
    till = waiting_register()
    till.receive_data(answered(2, ACCEPTED), JUST_AFTER)
    assert events(till) == [AnswerOverdue(2), AnswerReceived(2, ACCEPTED, JUST_AFTER, late=True)]


@pytest.mark.requirement("S3-13")
def test_the_whole_answer_has_to_come_in_time():
    till = waiting_register()
    frame = answered(2, ACCEPTED)
    till.receive_data(frame[:-1], NOW + 5.0)
    assert events(till) == []
    till.receive_data(frame[-1:], JUST_AFTER)
    assert events(till) == [AnswerOverdue(2), AnswerReceived(2, ACCEPTED, JUST_AFTER, late=True)]


def test_the_end_of_the_connection_does_not_hide_an_overdue_answer():
    till = waiting_register()
    till.receive_eof(JUST_AFTER)
    assert events(till) == [AnswerOverdue(2), PeerClosed()]


def test_the_limit_begins_when_the_last_byte_was_handed_over():
    till = open_register()
    till.send_request(SUBMIT, NOW)
    assert till.deadline() is None
    till.sent(NOW)  # of what went before
    assert till.deadline() is None
    till.data_to_send()
    assert till.deadline() is None
    till.sent(NOW + 2)
    assert till.deadline() == nextafter(NOW + 7, inf)
    till.sent(NOW + 3)
    assert till.deadline() == nextafter(NOW + 7, inf)
    till.handle_deadline(NOW + 7)
    assert events(till) == []


def test_a_request_whose_answer_is_overdue_makes_room_for_the_next():
    till = waiting_register()
    assert till.send_request(SUBMIT_AUTONOMOUS, JUST_AFTER) == 3
    assert events(till) == [AnswerOverdue(2)]
    till.data_to_send()
    till.sent(JUST_AFTER)
    assert till.deadline() == nextafter(JUST_AFTER + 5.0, inf)
    till.receive_data(answered(3, ACCEPTED) + answered(2, ACCEPTED), JUST_AFTER + 1)
    assert events(till) == [
        AnswerReceived(3, ACCEPTED, JUST_AFTER + 1, late=False),
        AnswerReceived(2, ACCEPTED, JUST_AFTER + 1, late=True),
    ]


def test_overdue_requests_do_not_pile_up_for_ever():
    till = open_register(SessionLimits(unanswered_max=3))
    now = NOW
    for _ in range(3):
        till.send_request(Ping(), now)
        till.data_to_send()
        till.sent(now)
        now += 6
    with pytest.raises(LocalProtocolError, match="3 requests wait for their answers, 0 of them in time"):
        till.send_request(Ping(), now)


def test_several_requests_have_a_limit_each():
    till = open_register(SessionLimits(in_flight_max=2))
    for at in (NOW, NOW + 1):
        till.send_request(Ping(), at)
        till.data_to_send()
        till.sent(at)
    till.handle_deadline(JUST_AFTER)
    assert events(till) == [AnswerOverdue(2)]
    assert till.deadline() == nextafter(NOW + 6.0, inf)
    till.handle_deadline(NOW + 7)
    assert events(till) == [AnswerOverdue(3)]


# ------------------------------------------------------------------------------------------- the operator's patience


@pytest.mark.parametrize(
    ("end", "limit_s", "awaited"),
    [
        (operator, DEFAULT_LIMITS.greeting_limit_s, Quiet.HELLO),
        (open_operator, DEFAULT_LIMITS.idle_limit_s, Quiet.REQUEST),
        (lambda: at_operator(State.WELCOMING), DEFAULT_LIMITS.idle_limit_s, Quiet.REQUEST),
        (lambda: at_operator(State.FINISHING), DEFAULT_LIMITS.finish_limit_s, Quiet.END),
    ],
)
def test_an_operator_does_not_wait_for_ever(end: Callable[[], Connection], limit_s, awaited):
    ofd = end()
    assert ofd.deadline() == nextafter(NOW + limit_s, inf)
    ofd.handle_deadline(NOW + limit_s)
    assert events(ofd) == []
    ofd.handle_deadline(nextafter(NOW + limit_s, inf))
    assert events(ofd) == [IdleTimedOut(awaited)]
    assert ofd.data_to_send() == [b""]
    assert ofd.deadline() is None
    ofd.handle_deadline(NOW + 1e6)
    assert events(ofd) == []


def test_requests_and_answers_are_signs_of_life():
    ofd = open_operator()
    ofd.receive_data(asked(2, Ping()), NOW + 800)
    assert ofd.deadline() == nextafter(NOW + 1_700, inf)
    ofd.send_answer(2, NOTED, NOW + 801)
    assert ofd.deadline() == nextafter(NOW + 1_701, inf)


def test_pings_alone_do_not_keep_a_stranger():
    ofd = operator()
    ofd.receive_data(asked(1, Ping()), NOW + 9)
    ofd.send_answer(1, NOTED, NOW + 9)
    assert ofd.deadline() == nextafter(NOW + 10, inf)


def test_a_hello_that_was_refused_gives_time_for_another():
    ofd = operator()
    ofd.receive_data(asked(1, HELLO), NOW + 9)
    ofd.send_answer(1, REFUSED, NOW + 9)
    assert ofd.deadline() == nextafter(NOW + 19, inf)


def test_half_a_frame_is_waited_for_ten_seconds_however_it_trickles():
    ofd = open_operator()
    frame = asked(2, SUBMIT)
    ofd.receive_data(frame[:1], NOW + 1)
    assert ofd.deadline() == nextafter(NOW + 11, inf)
    for at in range(1, 10):
        ofd.receive_data(frame[at : at + 1], NOW + 1 + at)
        assert ofd.deadline() == nextafter(NOW + 11, inf)
    ofd.handle_deadline(NOW + 11)
    assert events(ofd) == []
    ofd.handle_deadline(NOW + 11.5)
    assert events(ofd) == [IdleTimedOut(Quiet.FRAME)]
    assert ofd.data_to_send() == [b""]


def test_a_whole_frame_ends_the_wait_and_the_next_half_begins_its_own():
    ofd = open_operator()
    frame = asked(2, SUBMIT)
    ofd.receive_data(frame[:5], NOW + 1)
    ofd.receive_data(frame[5:], NOW + 3)
    assert ofd.deadline() == nextafter(NOW + 903, inf)
    ofd.receive_data(asked(3, SUBMIT)[:5], NOW + 4)
    ofd.receive_data(asked(3, SUBMIT)[5:] + asked(4, SUBMIT)[:5], NOW + 6)
    assert ofd.deadline() == nextafter(NOW + 16, inf)


# --------------------------------------------------------------------------------------------------- wrong requests


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (serialize_header(2, 1, 2) + b"\x80", "bad_request"),
        (serialize_header(2, 0, 2), "bad_request"),
        (serialize_header(0x7F, 3, 2) + b"abc", "unknown_command"),
    ],
)
def test_a_request_that_is_none_is_rejected_and_the_session_goes_on(frame, code):
    ofd = open_operator()
    ofd.receive_data(frame + asked(3, SUBMIT), NOW)
    rejected, received = events(ofd)
    assert isinstance(rejected, RequestRejected)
    assert (rejected.number, rejected.error.code) == (2, code)
    assert received == RequestReceived(3, SUBMIT, NOW)
    assert ofd.send_answer(2, refusal_of(rejected.error), NOW)
    assert ofd.send_answer(3, ACCEPTED, NOW)


@pytest.mark.parametrize(
    ("frame", "code", "number"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "bad_magic", None),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(9), "bad_magic", None),
        (b"MOFD\x02" + asked(2, SUBMIT)[5:], "unsupported_version", 2),
        (b"MOFD\x01\x40" + asked(2, SUBMIT)[6:], "bad_flags", None),
        (serialize_header(2, 300_000, 2), "too_large", 2),
        (serialize_header(2, 2**32 - 1, 2), "too_large", 2),
        (answered(2, NOTED), "wrong_direction", 2),
        (asked(1, SUBMIT), "request_number", 1),
        (asked(3, SUBMIT), "request_number", 3),
        (asked(0, SUBMIT), "request_number", 0),
    ],
)
def test_an_error_that_ends_the_session(frame, code, number):
    ofd = open_operator()
    ofd.receive_data(frame + asked(3, SUBMIT), NOW)
    (broken,) = events(ofd)
    assert isinstance(broken, ProtocolBroken)
    assert broken.error.code == code
    last_words = [] if number is None else [answered(number, refusal_of(broken.error))]
    assert ofd.data_to_send() == [*last_words, b""]
    assert ofd.state is State.CLOSED
    assert ofd.deadline() is None
    ofd.receive_data(asked(2, SUBMIT), NOW)
    ofd.receive_eof(NOW)
    assert events(ofd) == []


def test_an_error_is_not_told_under_the_number_of_a_request_that_waits():
    """Its register would take the refusal for the answer to a document that is being committed."""
    ofd = open_operator()
    ofd.receive_data(asked(2, SUBMIT) * 2, NOW)
    received, broken = events(ofd)
    assert received == RequestReceived(2, SUBMIT, NOW)
    assert code_of(broken) == "request_number"
    assert ofd.data_to_send() == [b""]


def test_nor_under_the_number_of_one_that_stands_behind_a_hello():
    ofd = operator()
    ofd.receive_data(asked(1, HELLO) + asked(2, SUBMIT) + serialize_header(2, 300_000, 2), NOW)
    assert [code_of(event) for event in events(ofd) if isinstance(event, ProtocolBroken)] == ["too_large"]
    assert ofd.data_to_send() == [b""]


def test_what_came_before_an_error_is_still_told_but_cannot_be_answered():
    ofd = open_operator()
    ofd.receive_data(asked(2, SUBMIT) + b"garbage that is no header", NOW)
    received, broken = events(ofd)
    assert received == RequestReceived(2, SUBMIT, NOW)
    assert code_of(broken) == "bad_magic"
    assert ofd.data_to_send() == [b""]
    assert ofd.send_answer(2, ACCEPTED, NOW) is False
    assert ofd.data_to_send() == []


def test_a_stream_that_ends_within_a_frame():
    ofd, till = open_operator(), waiting_register()
    for size in range(1, len(asked(2, SUBMIT))):
        ofd = open_operator()
        ofd.receive_data(asked(2, SUBMIT)[:size], NOW)
        ofd.receive_eof(NOW)
        assert plain_events(ofd) == [("broken", "truncated", "frame")]
        assert ofd.data_to_send() == [b""]
    till.receive_data(answered(2, ACCEPTED)[:-1], NOW)
    till.receive_eof(NOW)
    assert plain_events(till) == [("broken", "truncated", "frame")]


def test_more_requests_than_an_operator_holds():
    ofd = open_operator()
    ofd.receive_data(asked(2, *[Ping()] * 64), NOW)
    assert len(events(ofd)) == ofd.unanswered == 64
    ofd.receive_data(asked(66, Ping()), NOW)
    assert plain_events(ofd) == [("broken", "too_many_requests", "session")]
    (last_words, end) = ofd.data_to_send()
    assert last_words.startswith(serialize_header(0x83, len(last_words) - 16, 66))
    assert end == b""


def test_answers_make_room():
    ofd = open_operator()
    ofd.receive_data(asked(2, *[Ping()] * 64), NOW)
    for number in range(2, 66):
        ofd.send_answer(number, NOTED, NOW)
    ofd.receive_data(asked(66, *[Ping()] * 64), NOW)
    assert len(events(ofd)) == 128


def test_more_bytes_than_an_operator_holds():
    large = SubmitDocument(content=bytes(255 * 1024))
    size = len(asked(2, large)) - 16
    ofd = open_operator(SessionLimits(unanswered_size_max=2 * size))
    ofd.receive_data(asked(2, large, large), NOW)
    ofd.send_answer(3, ACCEPTED, NOW)
    ofd.receive_data(asked(4, large), NOW)
    assert len(events(ofd)) == 3
    ofd.receive_data(asked(5, Ping()), NOW)
    assert plain_events(ofd) == [("broken", "too_many_requests", "session")]


def test_what_waits_behind_hello_counts():
    ofd = operator(SessionLimits(unanswered_max=3))
    ofd.receive_data(asked(1, HELLO, SUBMIT, SUBMIT, SUBMIT), NOW)
    assert plain_events(ofd)[-1] == ("broken", "too_many_requests", "session")
    assert ofd.unanswered == 0


# ----------------------------------------------------------------------------------------------------- wrong answers


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (asked(2, Ping()), "wrong_direction"),
        (answered(3, ACCEPTED), "unexpected_answer"),
        (answered(2, WELCOME), "unexpected_answer"),
        (serialize_header(0x82, 1, 2) + b"\x90", "bad_answer"),
        (serialize_header(0x88, 1, 2) + b"\x80", "bad_answer"),
        (b"SSH-2.0-OpenSSH_9.2", "bad_magic"),
        (b"MOFD\x07" + answered(2, ACCEPTED)[5:], "unsupported_version"),
        (serialize_header(0x82, 2**20, 2), "too_large"),
    ],
)
def test_an_answer_that_is_none_ends_the_session(frame, code):
    till = waiting_register()
    till.receive_data(frame, NOW)
    (broken,) = events(till)
    assert code_of(broken) == code
    assert till.data_to_send() == [b""]
    assert till.state is State.CLOSED
    till.receive_data(answered(2, ACCEPTED), NOW)
    assert events(till) == []
    with pytest.raises(LocalProtocolError):
        till.send_request(Ping(), NOW)


def test_the_same_answer_twice():
    till = waiting_register()
    till.receive_data(answered(2, ACCEPTED) * 2, NOW)
    assert plain_events(till) == [
        AnswerReceived(2, ACCEPTED, NOW),
        ("broken", "unexpected_answer", "header.number"),
    ]


def test_after_the_session_broke_an_overdue_answer_is_not_told():
    till = waiting_register()
    till.receive_data(b"garbage that is no header", NOW)
    events(till)
    assert till.deadline() is None
    till.handle_deadline(NOW + 100)
    assert events(till) == []


# ------------------------------------------------------------------------------------------- however the stream is cut


DIALOGUE = asked(1, HELLO, SUBMIT, Ping()) + serialize_header(9, 4, 4) + b"what" + asked(5, SUBMIT_AUTONOMOUS)


def listened(pieces: list[bytes]) -> list[object]:
    """What an operator hears that answers hello at once."""
    ofd = operator()
    heard = []
    for piece in pieces:
        ofd.receive_data(piece, NOW)
        while (found := plain_events(ofd)) != []:
            heard += found
            if RequestReceived(1, HELLO, NOW) in found:
                ofd.send_answer(1, WELCOME, NOW)
    return heard


EXPECTED = [
    RequestReceived(1, HELLO, NOW),
    RequestReceived(2, SUBMIT, NOW),
    RequestReceived(3, Ping(), NOW),
    ("rejected", 4, "unknown_command", "header.kind", NOW),
    RequestReceived(5, SUBMIT_AUTONOMOUS, NOW),
]


def test_whole():
    assert listened([DIALOGUE]) == EXPECTED


LONG = SubmitDocument(content=bytes(300))


def both(data: bytes, limits: SessionLimits = DEFAULT_LIMITS) -> tuple[Connection, Connection, list[Any]]:
    """An operator that looks for a whole document first and one that does not, after the same read."""
    quick, slow = open_operator(limits), open_operator(limits)
    heard: list[Any] = []
    found = quick.receive_document(data, NOW + 1)
    if found is None:
        quick.receive_data(data, NOW + 1)
    else:
        heard.append(RequestReceived(*found, NOW + 1))
    slow.receive_data(data, NOW + 1)
    heard += plain_events(quick)
    assert heard == plain_events(slow)
    assert quick.unanswered == slow.unanswered
    assert quick.deadline() == slow.deadline()
    assert quick.state is slow.state
    return quick, slow, heard


def test_a_read_that_is_one_document_is_taken_without_an_event():
    quick, slow, heard = both(asked(2, LONG))
    assert heard == [RequestReceived(2, LONG, NOW + 1)]
    for end in (quick, slow):
        assert end.send_answer(2, ACCEPTED, NOW + 2)
        with pytest.raises(LocalProtocolError):
            end.send_answer(2, ACCEPTED, NOW + 2)
    assert quick.data_to_send() == slow.data_to_send() == [answered(2, ACCEPTED)]
    assert quick.deadline() == slow.deadline()
    assert quick.receive_document(asked(3, LONG), NOW) == (3, LONG)


@pytest.mark.parametrize(
    "data",
    [asked(2, LONG, LONG), asked(2, Ping()), asked(3, LONG), asked(2, LONG)[:-1], asked(2, HELLO), b"", b"garbage!"],
)
def test_every_other_read_goes_the_usual_way(data):
    assert open_operator().receive_document(data, NOW) is None
    both(data)


def test_the_limits_hold_for_a_document_that_is_taken_at_once():
    assert open_operator(SessionLimits(unanswered_size_max=313)).receive_document(asked(2, LONG), NOW) is not None
    both(asked(2, LONG), SessionLimits(unanswered_size_max=300))
    end = open_operator(SessionLimits(unanswered_max=1))
    assert end.receive_document(asked(2, LONG), NOW) is not None
    assert end.receive_document(asked(3, LONG), NOW) is None


def test_nothing_overtakes_what_came_before_it():
    end = open_operator()
    end.receive_data(asked(2, Ping()), NOW)
    assert end.receive_document(asked(3, LONG), NOW) is None, "the ping was not taken yet"
    assert end.has_events
    events(end)
    assert not end.has_events
    half = asked(3, LONG)
    end.receive_data(half[:20], NOW)
    assert end.receive_document(half[20:], NOW) is None
    assert operator().receive_document(asked(1, LONG), NOW) is None, "nobody has said hello"
    assert open_register().receive_document(asked(1, LONG), NOW) is None


def test_byte_by_byte():
    assert listened([DIALOGUE[at : at + 1] for at in range(len(DIALOGUE))]) == EXPECTED


def test_with_trailing_bytes():
    assert listened([DIALOGUE + asked(6, SUBMIT)[:-1]]) == EXPECTED


@given(st.lists(st.integers(1, len(DIALOGUE) - 1), max_size=12))
def test_in_random_slices(cuts):
    places = [0, *sorted(cuts), len(DIALOGUE)]
    assert listened([DIALOGUE[a:b] for a, b in pairwise(places)]) == EXPECTED


@given(st.lists(st.integers(1, 200), max_size=6), st.booleans())
def test_answers_in_random_slices(cuts, whole):
    stream = b"".join(answered(number, answer) for number, answer in ((2, ACCEPTED), (3, NOTED), (4, REFUSED)))
    till = open_register(SessionLimits(in_flight_max=3))
    for request in (SUBMIT, Ping(), SUBMIT):
        till.send_request(request, NOW)
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts if not whole), len(stream)]
    for begin, end in pairwise(places):
        till.receive_data(stream[begin:end], NOW)
    assert events(till) == [
        AnswerReceived(2, ACCEPTED, NOW),
        AnswerReceived(3, NOTED, NOW),
        AnswerReceived(4, REFUSED, NOW),
    ]


# ------------------------------------------------------------------------------------------------------------ memory


def test_an_idle_session_is_small():
    connections = []
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(100):
        ofd = open_operator()
        ofd.receive_data(asked(2, SUBMIT), NOW)
        events(ofd)
        ofd.send_answer(2, ACCEPTED, NOW)
        ofd.data_to_send()
        connections.append(ofd)
    size = (tracemalloc.get_traced_memory()[0] - before) / len(connections)
    tracemalloc.stop()
    assert size < 3_000


def test_a_session_has_no_cycles_that_would_wait_for_the_collector():
    gc.collect()
    gc.disable()
    try:
        for end in (open_operator, waiting_register, operator, register):
            connection = end()
            connection.receive_data(b"garbage that is no header", NOW)
            del connection
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_limits_can_be_set():
    limits = replace(DEFAULT_LIMITS, answer_limit_s=1.0)
    till = open_register(limits)
    till.send_request(Ping(), NOW)
    till.data_to_send()
    till.sent(NOW)
    assert till.deadline() == nextafter(NOW + 1.0, inf)
