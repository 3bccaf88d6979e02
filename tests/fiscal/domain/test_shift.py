"""A shift opens with its first document, lasts 24 hours, and ends with a Z-report."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.domain.counters import fold
from fiscal.domain.document import ONLINE, Document
from fiscal.domain.receipt import Operation, Payment, PaymentKind
from fiscal.domain.shift import (
    SHIFT_MAX_MS,
    Report,
    ReportKind,
    Shift,
    advance,
    cash_in_drawer,
    cash_needed,
)
from fiscal.time import HOUR
from tests.documents import T0, close_shift, correction, deposit, receipt, void, withdrawal

CARD = (Payment(kind=PaymentKind.CARD, sum=10_000),)


@pytest.mark.parametrize("first", [receipt(), correction(), deposit(), withdrawal()])
def test_the_first_document_opens_the_shift(first: Document):
    before = Shift()
    assert (before.is_open, before.number, before.next_number) == (False, 0, 1)
    opened = advance(before, first, ONLINE)
    assert (opened.is_open, opened.number, opened.next_number) == (True, 1, 1)
    assert opened.opened_at == first.issued_at
    assert opened.counters == fold({}, first, ONLINE)


def test_a_later_document_does_not_open_it_again():
    opened = advance(Shift(), receipt(), ONLINE)
    later = advance(opened, deposit(2, issued_at=T0 + HOUR), ONLINE)
    assert later.opened_at == T0
    assert cash_in_drawer(later) == 60_000


def test_a_z_report_closes_it_and_the_next_document_opens_the_next():
    closed = advance(advance(Shift(), receipt(), ONLINE), close_shift(2), ONLINE)
    assert (closed.is_open, closed.number, closed.next_number) == (False, 1, 2)
    assert closed.counters["tickets.sell.count"] == 1, "the figures of a closed shift can be read"
    following = advance(closed, receipt(3, 2, T0 + HOUR), ONLINE)
    assert (following.number, following.opened_at) == (2, T0 + HOUR)
    assert following.counters["tickets.sell.count"] == 1
    assert following.counters["tickets.sell.total_count"] == 2
    assert following.counters["start_non_nullable.sell"] == 10_000
    assert cash_in_drawer(following) == 20_000


def test_a_z_report_may_empty_the_drawer():
    opened = advance(Shift(), deposit(sum=300), ONLINE)
    closed = advance(opened, close_shift(2, withdraw_cash=True), ONLINE)
    assert cash_in_drawer(closed) == 0
    assert closed.counters["placements.withdrawal.sum"] == 300


def test_a_void_opens_nothing_and_closes_nothing():
    for shift in (Shift(), Shift(3, None, {"cash_sum": 1}), Shift(3, T0, {"cash_sum": 1})):
        assert advance(shift, void(shift=shift.next_number), ONLINE) == shift


@pytest.mark.parametrize(
    ("opened_at", "now", "expired"),
    [
        (None, T0, False),
        (T0, T0 - 1, False),
        (T0, T0, False),
        (T0, T0 + 24 * HOUR, False),
        (T0, T0 + 24 * HOUR + 1, True),
    ],
)
def test_exactly_24_hours_are_in_time(opened_at: int | None, now: int, expired: bool):
    assert SHIFT_MAX_MS == 24 * HOUR
    assert Shift(1, opened_at).is_expired(now) is expired


@pytest.mark.parametrize(
    ("document", "needed"),
    [
        (receipt(), 0),
        (receipt(operation=Operation.SELL_RETURN), 10_000),
        (receipt(operation=Operation.SELL_RETURN, payments=CARD), 0),
        (receipt(operation=Operation.BUY), 10_000),
        (receipt(operation=Operation.BUY_RETURN), 0),
        (withdrawal(sum=5), 5),
        (deposit(), 0),
        (correction(operation=Operation.BUY), 0),
        (close_shift(withdraw_cash=True), 0),
        (void(), 0),
    ],
)
def test_cash_that_must_be_there(document: Document, needed: int):
    assert cash_needed(document) == needed


def test_the_drawer_of_a_new_register_is_empty():
    assert cash_in_drawer(Shift()) == 0


@given(st.lists(st.sampled_from((receipt(), deposit(), withdrawal(), void(), close_shift())), max_size=12))
def test_shift_numbers_follow_each_other_and_cash_survives(documents: list[Document]):
    shift = Shift()
    for document in documents:
        before = shift
        shift = advance(before, document, ONLINE)
        assert shift.number in (before.number, before.number + 1)
        assert shift.number == before.next_number or document == void()
        cash = {"Receipt": 10_000, "Deposit": 50_000, "Withdrawal": -20_000}
        moved = cash.get(type(document).__name__, 0)
        assert cash_in_drawer(shift) == cash_in_drawer(before) + moved


def test_a_report_says_what_it_was_taken_of():
    report = Report(ReportKind.X, 1, T0, T0 + 1, {"cash_sum": 1})
    assert (report.kind, report.shift, report.taken_at) == ("x", 1, T0 + 1)
    assert ReportKind("z") is ReportKind.Z
