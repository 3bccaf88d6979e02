"""Dialogues of a register of a fleet with an operator in a list."""

from math import inf

import pytest

from fiscal.domain.lifecycle import AutonomousReason, RegisterMode
from fiscal.domain.messages import (
    Accepted,
    AskInformation,
    Blocked,
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
from fiscal.domain.signs import digest_of
from kkt_client.core.saying import Cause, Said
from kkt_client.core.setbacks import Kind
from kkt_client.fleet.register import FleetRegister, Wish
from tests.kkt_client.fleet.desk import AT, LIMIT_S, Desk, content, fleet_register, usual

BROKEN = Cause(Said.CONNECTION_LOST, "broken")


def connect(register: FleetRegister, now: float) -> bytes:
    assert register.wake(now) == b""
    assert register.take_wish() is Wish.CONNECT
    return register.connected(now)


def talk(register: FleetRegister, desk: Desk, said: bytes, now: float = 0.0) -> None:
    """Until nobody says anything more."""
    while said:
        heard = desk.take(said, now)
        said = register.received(heard, now) if heard else b""


def kinds(desk: Desk) -> list[type]:
    return [type(request) for request in desk.heard]


def test_a_queue_is_delivered_in_order_after_hello_period_and_status():
    register, tally = fleet_register(3)
    desk = Desk()
    register.begin(1.0)

    assert register.wake(0.5) == b""
    assert register.take_wish() is None
    talk(register, desk, connect(register, 1.0), 1.0)

    assert kinds(desk) == [Hello, ReportOfflinePeriod, ReportStatus, *[SubmitDocument] * 3]
    hello, _, status, first, *_ = desk.heard
    assert isinstance(hello, Hello)
    assert (hello.last_number, hello.last_shift, hello.accepted_number) == (3, 1, 0)
    assert isinstance(status, ReportStatus)
    assert status.unsent == 3
    assert isinstance(first, SubmitDocument)
    assert (first.delivery.autonomous, first.delivery.period) == (True, 1)
    assert tally.accepted_numbers == [1, 2, 3]
    assert (tally.idles, register.wake_at, register.sent) == (1, inf, 3)
    assert register.state.mode is RegisterMode.ONLINE


def test_a_time_that_the_operator_names_is_kept_on_the_open_link():
    register, tally = fleet_register(2)
    put_off = iter([TryLater(delay_ms=200)])
    desk = Desk(
        lambda request: next(put_off, None) or usual(request) if isinstance(request, SubmitDocument) else usual(request)
    )
    register.begin(0.0)
    talk(register, desk, connect(register, 0.0))

    assert tally.put_offs == 1
    assert 0.2 <= register.wake_at <= 0.22
    assert register.wake(0.1) == b""
    talk(register, desk, register.wake(register.wake_at), 0.25)
    assert tally.accepted_numbers == [1, 2]
    assert register.take_wish() is None
    assert tally.setbacks == []


def test_who_is_asked_to_come_later_at_the_door_says_hello_again_over_the_same_link():
    register, tally = fleet_register(1)
    answers = iter([TryLater(delay_ms=10)])
    desk = Desk(lambda request: next(answers, None) or usual(request))
    register.begin(0.0)
    talk(register, desk, connect(register, 0.0))
    assert 0.05 <= register.wake_at <= 0.06  # no sooner than LATER_MIN_MS
    talk(register, desk, register.wake(register.wake_at), 0.1)
    assert kinds(desk)[:2] == [Hello, Hello]
    assert tally.accepted_numbers == [1]


def test_a_link_that_ends_while_a_time_is_waited_for_is_no_setback():
    register, tally = fleet_register(1)
    answers = iter([TryLater(delay_ms=20_000)])
    desk = Desk(lambda request: next(answers, None) or usual(request))
    register.begin(0.0)
    talk(register, desk, connect(register, 0.0))
    until = register.wake_at

    register.lost(BROKEN, 10.0)

    assert (tally.setbacks, register.wake_at, register.take_wish()) == ([], until, None)
    talk(register, Desk(), connect(register, until), until)
    assert tally.accepted_numbers == [1]


def test_without_an_answer_it_leaves_and_comes_back_with_the_same_document():
    register, tally = fleet_register(2)
    deaf = Desk(lambda request: None if isinstance(request, SubmitDocument) else usual(request))
    register.begin(0.0)
    talk(register, deaf, connect(register, 0.0))
    assert register.wake(LIMIT_S) == b""
    assert tally.setbacks == []

    assert register.wake(LIMIT_S + 0.002) == b""
    assert register.take_wish() is Wish.DISCONNECT
    assert [(setback.kind, setback.reason) for setback in tally.setbacks] == [(Kind.LATE, AutonomousReason.LATE_ANSWER)]
    assert register.wake_at == pytest.approx(LIMIT_S + 1.002)
    assert (register.sent, register.received(b"late", 5.5)) == (0, b"")

    desk = Desk()
    talk(register, desk, connect(register, 7.0), 7.0)
    assert tally.accepted_numbers == [1, 2]
    assert [request.content for request in desk.heard if isinstance(request, SubmitDocument)] == [
        content(1),
        content(2),
    ]


def test_an_answer_lost_on_the_way_is_asked_for_again():
    register, tally = fleet_register(1)
    deaf = Desk(lambda request: None if isinstance(request, SubmitDocument) else usual(request))
    register.begin(0.0)
    talk(register, deaf, connect(register, 0.0))
    assert register.sent == 1

    register.lost(BROKEN, 1.0)
    register.lost(BROKEN, 1.0)  # told twice is told once

    def knows_it(request):
        if isinstance(request, Hello):
            return Welcome(at=AT, operator="desk", last_number=1, last_digest=digest_of(content(1)))
        return usual(request)

    talk(register, Desk(knows_it), connect(register, 2.0), 2.0)
    assert len(tally.setbacks) == 1
    assert tally.accepted_numbers == [1]


def test_a_shut_door_is_knocked_at_after_the_back_off_which_grows():
    register, tally = fleet_register(1)
    register.begin(0.0)
    now, waited = 0.0, []
    for _ in range(5):
        assert register.wake(now) == b""
        assert register.take_wish() is Wish.CONNECT
        assert register.wake_at == inf
        register.not_connected(Cause(Said.CONNECTION_REFUSED, "shut"), now)
        waited.append(register.wake_at - now)
        now = register.wake_at
    assert waited == [1.0, 2.0, 4.0, 8.0, 8.0]
    assert {setback.kind for setback in tally.setbacks} == {Kind.SHUT}


@pytest.mark.parametrize("code", [RefusalCode.SUPERSEDED, RefusalCode.HELLO_FIRST])
def test_what_is_refused_because_of_the_session_is_said_again_over_another(code):
    register, tally = fleet_register(1)
    refusing = Desk(lambda request: Refused(code=code) if isinstance(request, SubmitDocument) else usual(request))
    register.begin(0.0)
    talk(register, refusing, connect(register, 0.0))
    assert register.take_wish() is Wish.DISCONNECT
    talk(register, Desk(), connect(register, 1.5), 1.5)
    assert tally.accepted_numbers == [1]


def test_a_document_that_is_refused_for_good_stops_the_register():
    register, tally = fleet_register(2)
    refusing = Desk(
        lambda request: Refused(code=RefusalCode.BAD_TOTALS) if isinstance(request, SubmitDocument) else usual(request)
    )
    register.begin(0.0)
    talk(register, refusing, connect(register, 0.0))
    assert len(tally.stucks) == 1
    assert "bad_totals" in tally.stucks[0]
    assert register.wake_at == inf


def test_an_operator_that_knows_more_stops_the_register():
    register, tally = fleet_register(1)
    ahead = Desk(
        lambda request: Welcome(at=AT, operator="desk", last_number=7) if isinstance(request, Hello) else usual(request)
    )
    register.begin(0.0)
    talk(register, ahead, connect(register, 0.0))
    assert "memory_behind" in tally.stucks[0]


def test_who_is_not_known_asks_again_over_another_link():
    register, tally = fleet_register(1)
    stranger = Desk(lambda _request: Refused(code=RefusalCode.WRONG_TOKEN))
    register.begin(0.0)
    talk(register, stranger, connect(register, 0.0))
    assert register.take_wish() is Wish.DISCONNECT
    assert [setback.kind for setback in tally.setbacks] == [Kind.BLOCKED]
    talk(register, Desk(), connect(register, 2.0), 2.0)
    assert tally.accepted_numbers == [1]


def test_who_is_blocked_asks_until_the_block_has_ended():
    register, tally = fleet_register(1)
    information = Information(at=AT, last_number=0, last_shift=0, shift_opened_at=None, last_autonomous_sign=0)
    blocked = Information(
        at=AT, last_number=0, last_shift=0, shift_opened_at=None, last_autonomous_sign=0, blocked=True
    )
    states = iter([blocked, information])
    once = iter([Blocked(reason="unpaid")])

    def answer(request):
        if isinstance(request, AskInformation):
            return next(states)
        if isinstance(request, SubmitDocument):
            return next(once, None) or usual(request)
        return usual(request)

    desk = Desk(answer)
    register.begin(0.0)
    talk(register, desk, connect(register, 0.0))
    for _ in range(2):
        assert register.take_wish() is None  # over the same link
        now = register.wake_at
        talk(register, desk, register.wake(now), now)
    assert [request for request in desk.heard if isinstance(request, AskInformation)] == [AskInformation()] * 2
    assert tally.accepted_numbers == [1]


def test_who_is_blocked_at_the_door_comes_back_later():
    register, tally = fleet_register(1)
    register.begin(0.0)
    talk(register, Desk(lambda _request: Blocked(reason="unpaid")), connect(register, 0.0))
    assert register.take_wish() is Wish.DISCONNECT
    assert [setback.kind for setback in tally.setbacks] == [Kind.BLOCKED]


@pytest.mark.parametrize(
    "answer",
    [
        lambda request: Accepted(number=2, at=AT) if isinstance(request, SubmitDocument) else usual(request),
        lambda request: Noted(at=AT) if isinstance(request, AskInformation) else usual(request),
    ],
)
def test_an_acceptance_of_something_else_is_none(answer):
    register, tally = fleet_register(2)
    register.begin(0.0)
    talk(register, Desk(answer), connect(register, 0.0))
    if tally.setbacks:
        assert tally.setbacks[0].kind is Kind.LATE
        assert tally.accepted_numbers == []


def test_nonsense_ends_the_conversation():
    register, tally = fleet_register(1)
    register.begin(0.0)
    connect(register, 0.0)
    assert register.received(b"HTTP/1.1 400 Bad Request\r\n\r\n", 0.1) == b""
    assert register.take_wish() is Wish.DISCONNECT
    assert tally.setbacks[0].cause.code is Said.PROTOCOL_BROKEN


# ------------------------------------------------------------------------------------------------- with the link up


def test_with_the_link_up_it_is_connected_before_it_sells_and_sells_when_it_is_due():
    register, tally = fleet_register(3, {1: 10.0, 2: 11.0, 3: 12.0})
    desk = Desk()
    register.begin(0.0)
    talk(register, desk, connect(register, 0.0))
    assert kinds(desk) == [Hello, ReportStatus]
    assert register.wake_at == 10.0
    for now in (10.0, 11.0, 12.0):
        talk(register, desk, register.wake(now), now)
    assert tally.accepted_numbers == [1, 2, 3]
    assert tally.idles == 1
    assert not any(request.delivery.autonomous for request in desk.heard if isinstance(request, SubmitDocument))


def test_what_becomes_due_while_an_answer_is_awaited_waits_for_it():
    register, tally = fleet_register(2, {1: 1.0, 2: 1.1})
    desk = Desk()
    register.begin(0.0)
    talk(register, desk, connect(register, 0.0))
    said = register.wake(1.0)
    assert register.wake(1.1) == b""
    talk(register, desk, said, 2.0)
    assert tally.accepted_numbers == [1, 2]


def test_what_is_sold_while_the_operator_is_away_is_autonomous():
    register, tally = fleet_register(2, {1: 1.0, 2: 1.2})
    deaf = Desk(lambda request: None if isinstance(request, SubmitDocument) else usual(request))
    register.begin(0.0)
    talk(register, deaf, connect(register, 0.0))
    register.wake(1.0)
    register.lost(BROKEN, 1.1)
    assert register.state.is_autonomous
    assert register.wake(1.2) == b""
    desk = Desk()
    talk(register, desk, connect(register, 2.5), 2.5)
    assert tally.accepted_numbers == [1, 2]
    sent = [request for request in desk.heard if isinstance(request, SubmitDocument)]
    assert [request.delivery.period for request in sent] == [1, 1]
    assert ReportOfflinePeriod in kinds(desk)


@pytest.mark.parametrize("due", [{6: 1.0, 7: 1.1}, {6: 1.0, 7: 9.0}, {6: 0.0, 7: 0.0}])
def test_what_is_sold_while_a_queue_is_sent_stands_behind_all_of_it(due):
    """Most of the queue is in the memory still, and so is what is sold behind it."""
    register, tally = fleet_register(7, due, alone=5)
    times = iter(range(1, 100))
    desk, now = Desk(), 1.0
    register.begin(0.0)
    said = connect(register, now)
    while said:
        said = register.received(desk.take(said, now), now)
        now += 0.05 * next(times)
    talk(register, desk, register.wake(9.0), 9.0)

    assert tally.accepted_numbers == [1, 2, 3, 4, 5, 6, 7]
    sent = [request for request in desk.heard if isinstance(request, SubmitDocument)]
    alone = 7 if due[7] < 2 else 6
    assert [request.delivery.period for request in sent] == [1] * alone + [None] * (7 - alone)
    assert (register.state.last_number, register.state.mode) == (7, RegisterMode.ONLINE)
    assert register.sent == 7
