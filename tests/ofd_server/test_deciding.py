"""Every kind of request, decided in its lane: copies, conflicts, documents of a day, and what registers ask."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from fiscal.domain.document import Delivery, Document
from fiscal.domain.lifecycle import AutonomousReason, RegisterMode
from fiscal.domain.messages import (
    TEXT_MAX,
    Accepted,
    AskInformation,
    Information,
    Noted,
    Ping,
    RefusalCode,
    Refused,
    ReportOfflinePeriod,
    ReportStatus,
    SubmitDocument,
    Welcome,
)
from fiscal.domain.receipt import Payment, PaymentKind
from fiscal.protocols.content import encode_content
from fiscal.time import HOUR, MINUTE
from ofd_server.core.entries import AnomalyCode, MadeAutonomous
from ofd_server.ports import NoteKind
from tests.documents import T0, close_shift, deposit, document_id, item, receipt, void, withdrawal
from tests.ofd_server.twins import Conversation, Operator, Till, anomalies, code_of, idle, numbers

AUTONOMOUS = Delivery(autonomous=True, autonomous_sign=7, period=1)
MARKED = Delivery(autonomous=True, period=1)
PERIOD = ReportOfflinePeriod(number=1, begin=T0, end=T0 + HOUR, reason=AutonomousReason.NO_CONNECTION)
CARD = (Payment(kind=PaymentKind.CARD, sum=10_000),)


# ---------------------------------------------------------------------------------------------------- copies


async def test_a_copy_of_a_pending_document_waits_and_gets_the_same_sign():
    operator = Operator()
    conversation = await operator.welcome()
    operator.journal.hold_commits()
    asked = [conversation.submit(receipt(1)) for _ in range(4)]
    await idle()
    assert all(one.is_open for one in asked)
    assert len(operator.journal.batches) == 2, "it was decided once"
    operator.journal.let_commits_go()
    await idle()
    assert {one.accepted for one in asked} == {asked[0].accepted}
    assert await numbers(operator) == [1]


async def test_a_copy_gets_the_first_answer_as_long_as_the_ledger_lives():
    operator = Operator()
    conversation = await operator.welcome()
    (first,) = await operator.sold(conversation, receipt(1))
    operator.clock.pass_(3_600)
    await operator.sold(conversation, receipt(2), receipt(3))
    again = conversation.submit(receipt(1))
    other = await operator.welcome()
    later = other.submit(receipt(1))
    await idle()
    assert again.accepted == later.accepted == first
    assert await numbers(operator) == [1, 2, 3]
    history = await operator.service.history("kkm-1", 1)
    assert [note.kind for note in history.notes] == [NoteKind.RESENT] * 2
    assert await anomalies(operator) == []


async def test_other_bytes_with_the_same_meaning_are_the_same_document():
    operator = Operator()
    conversation = await operator.welcome()
    (first,) = await operator.sold(conversation, receipt(1))
    content = encode_content(receipt(1))
    entries = len(content)
    padded = content.replace(b"\xa5shift\x01", b"\xa5shift\xcc\x01")
    assert len(padded) == entries + 1
    again = conversation.ask(SubmitDocument(content=padded))
    await idle()
    assert again.accepted == first


async def test_a_conflict_is_answered_with_the_difference_and_changes_nothing():
    operator = Operator()
    conversation = await operator.welcome()
    (first,) = await operator.sold(conversation, receipt(1))
    conflict = conversation.submit(receipt(1, issued_at=T0 + 1))
    await idle()
    assert isinstance(conflict.answer, Refused)
    assert (conflict.answer.code, conflict.answer.text) == (
        RefusalCode.CONFLICT,
        f"issued_at: {T0} != {T0 + 1}",
    )
    assert await anomalies(operator) == [AnomalyCode.CONFLICT]
    again = conversation.submit(receipt(1))
    await idle()
    assert again.accepted == first


async def test_a_large_difference_fits_into_an_answer():
    operator = Operator()
    conversation = await operator.welcome()
    await operator.sold(conversation, receipt(1, items=tuple(item(n) for n in range(1, 200))))
    conflict = conversation.submit(receipt(1, items=tuple(item(n + 1) for n in range(1, 200))))
    await idle()
    assert isinstance(conflict.answer, Refused)
    assert conflict.answer.code is RefusalCode.CONFLICT
    assert len(conflict.answer.text) <= TEXT_MAX


async def test_a_conflict_with_a_pending_document_is_one_when_that_is_durable():
    operator = Operator()
    conversation = await operator.welcome()
    operator.journal.hold_commits()
    first = conversation.submit(receipt(1))
    conflict = conversation.submit(receipt(1, issued_at=T0 + 1))
    other = conversation.submit(receipt(1, id=document_id(1, 1)))
    await idle()
    operator.journal.let_commits_go()
    await idle()
    assert first.is_accepted
    assert code_of(conflict) is RefusalCode.CONFLICT
    assert code_of(other) is RefusalCode.NUMBER_TAKEN


async def test_a_second_autonomous_sign_is_a_conflict():
    operator = Operator()
    conversation = await operator.welcome()
    conversation.ask(PERIOD)
    first = conversation.submit(receipt(1), AUTONOMOUS)
    await idle()
    second = conversation.submit(receipt(1), replace(AUTONOMOUS, autonomous_sign=8))
    await idle()
    assert code_of(second) is RefusalCode.CONFLICT
    assert await anomalies(operator) == [AnomalyCode.SECOND_AUTONOMOUS_SIGN]
    again = conversation.submit(receipt(1), AUTONOMOUS)
    await idle()
    assert again.accepted == first.accepted
    stored = await operator.journal.document("kkm-1", 1)
    assert stored.entry.autonomous_sign == 7


@pytest.mark.requirement("S3-25")
async def test_made_autonomous_after_the_commit():
    """Semantics 4.1: the sign given first stays, the mark is recorded, and the shift counts it in the same commit."""
    operator = Operator()
    conversation = await operator.welcome()
    (first,) = await operator.sold(conversation, receipt(1))
    conversation.ask(PERIOD)
    marked = conversation.submit(receipt(1), AUTONOMOUS)
    await idle()
    assert marked.accepted == first
    batch = operator.journal.batches[-1]
    assert [type(entry) for append in batch for entry in append.entries] == [MadeAutonomous]
    assert batch[0].after.tape.shift.counters["tickets.sell.offline_count"] == 1
    state = await operator.service.state_of("kkm-1")
    assert state is not None
    assert state.tape.shift.counters["tickets.sell.offline_count"] == 1
    assert state.tape.last_autonomous_sign == 7
    stored = await operator.journal.document("kkm-1", 1)
    assert (stored.entry.sign, stored.entry.autonomous_sign, stored.entry.period) == (first.sign, 7, 1)
    again = conversation.submit(receipt(1), AUTONOMOUS)
    await idle()
    assert again.accepted == first
    assert len(operator.journal.batches) == 4, "hello, document, period, mark: nothing is recorded twice"


async def test_a_mark_that_comes_while_the_document_is_pending():
    operator = Operator()
    conversation = await operator.welcome()
    operator.journal.hold_commits()
    first = conversation.submit(receipt(1))
    marked = conversation.submit(receipt(1), AUTONOMOUS)
    await idle()
    operator.journal.let_commits_go()
    await idle()
    assert marked.accepted == first.accepted
    state = await operator.service.state_of("kkm-1")
    assert state is not None
    assert state.tape.shift.counters["tickets.sell.offline_count"] == 1


@pytest.mark.parametrize("late", [False, True])
async def test_an_autonomous_sign_that_was_used_before_is_noticed(late: bool):
    operator = Operator()
    conversation = await operator.welcome()
    conversation.ask(PERIOD)
    conversation.submit(receipt(1), AUTONOMOUS)
    await idle()
    if late:
        conversation.submit(receipt(2))
        await idle()
    second = conversation.submit(receipt(2), AUTONOMOUS)
    lower = conversation.submit(receipt(3), replace(AUTONOMOUS, autonomous_sign=6))
    await idle()
    assert second.accepted.number == 2
    assert lower.accepted.number == 3
    assert await anomalies(operator) == [AnomalyCode.AUTONOMOUS_SIGN_REUSED]


# ------------------------------------------------------------------------------------------------- a day's work


async def test_a_day_of_a_register_is_counted_alike_on_both_sides():
    operator = Operator()
    conversation = await operator.welcome()
    till = Till()
    documents: list[Document] = [
        till.sale(),
        till.sale(items=(item(333, 1_500, rate=12_000),), change=5),
        till.write(deposit(3)),
        till.write(withdrawal(4)),
        till.z_report(withdraw_cash=True),
        till.sale(payments=CARD),
        till.z_report(),
    ]
    accepted = await operator.sold(conversation, *documents)
    assert [one.sign is not None for one in accepted] == [True, True, False, False, False, True, False]
    assert await anomalies(operator) == []
    state = await operator.service.state_of("kkm-1")
    assert state is not None
    assert state.tape.shift == till.shift
    reloaded = await Operator(operator.journal).service.state_of("kkm-1")
    assert reloaded == state


async def test_a_z_report_that_differs_is_an_anomaly_and_is_accepted():
    operator = Operator()
    conversation = await operator.welcome()
    await operator.sold(conversation, receipt(1), close_shift(2, counters={"cash_sum": 10_001}))
    (found,) = await operator.journal.anomalies("kkm-1", None, None, 10)
    (noticed,) = found.entry.anomalies
    assert noticed.code is AnomalyCode.Z_TOTALS_DIFFER
    assert "cash_sum: ours 10000, the register's 10001" in noticed.text
    following = await operator.sold(conversation, receipt(3, 2))
    assert following[0].sign


async def test_a_z_report_closes_with_a_snapshot_and_nothing_else_does():
    operator = Operator()
    conversation = await operator.welcome()
    await operator.sold(conversation, receipt(1), close_shift(2), void(3, 1))
    kept = [(append.entries[0], append.snapshot) for batch in operator.journal.batches for append in batch]
    assert [snapshot for _, snapshot in kept] == [False, False, True, False]


async def test_a_document_that_was_given_up_takes_a_number_and_counts_nothing():
    operator = Operator()
    conversation = await operator.welcome()
    (voided,) = await operator.sold(conversation, void(1))
    assert voided.sign is None
    state = await operator.service.state_of("kkm-1")
    assert state is not None
    assert state.tape.shift.counters == {}
    (following,) = await operator.sold(conversation, receipt(2))
    assert following.number == 2


async def test_a_shift_that_ended_while_the_register_was_alone():
    """Receipts and Z-reports of several days come one by one; none is refused because its shift is over."""
    operator = Operator()
    conversation = await operator.welcome()
    operator.clock.pass_(74 * 3_600)
    conversation.ask(replace(PERIOD, end=T0 + 74 * HOUR))
    asked = []
    till = Till()
    for day in range(3):
        at = T0 + day * 24 * HOUR - HOUR
        facts = replace(AUTONOMOUS, autonomous_sign=10 + 3 * day)
        asked.append(conversation.submit(till.sale(facts, issued_at=at), facts))
        facts = replace(facts, autonomous_sign=11 + 3 * day)
        asked.append(conversation.submit(till.sale(facts, issued_at=at + 25 * HOUR), facts))
        asked.append(conversation.submit(till.z_report(issued_at=at + 26 * HOUR), MARKED))
    await idle(300)
    assert [one.accepted.number for one in asked] == list(range(1, 10))
    assert AnomalyCode.Z_TOTALS_DIFFER not in await anomalies(operator)
    assert operator.figures.autonomous_documents == 9


async def test_a_register_that_came_with_history():
    operator = Operator()
    conversation = Conversation(operator.service)
    asked = conversation.hello(last_number=41, last_shift=7, accepted_number=41, accepted_shift=7)
    await idle()
    assert isinstance(asked.answer, Welcome)
    assert (asked.answer.last_number, asked.answer.last_shift) == (41, 7)
    assert await anomalies(operator) == [AnomalyCode.CAME_WITH_HISTORY]
    joined = conversation.submit(receipt(42, 7))
    closed = conversation.submit(close_shift(43, 7, counters={"cash_sum": 123, "tickets.sell.total_count": 40}))
    opened = conversation.submit(receipt(44, 8))
    old = conversation.submit(receipt(12, 3))
    await idle()
    assert joined.is_accepted
    assert closed.is_accepted
    assert opened.is_accepted
    assert isinstance(old.answer, Refused)
    assert (old.answer.code, old.answer.expected) == (RefusalCode.NUMBER_TAKEN, 45)
    assert await anomalies(operator) == [AnomalyCode.CAME_WITH_HISTORY]
    state = await operator.service.state_of("kkm-1")
    assert state is not None
    assert state.tape.shift.counters["cash_sum"] == 10_123
    assert (await Operator(operator.journal).service.state_of("kkm-1")) == state


@pytest.mark.parametrize(
    ("document", "delivery", "code"),
    [
        (receipt(3), Delivery(), RefusalCode.NUMBER_GAP),
        (receipt(2, id=document_id(1)), Delivery(), RefusalCode.ID_ORDER),
        (receipt(1, id=document_id(9)), Delivery(), RefusalCode.NUMBER_TAKEN),
        (receipt(2, 2), Delivery(), RefusalCode.WRONG_SHIFT),
        (receipt(2, total=1), Delivery(), RefusalCode.BAD_TOTALS),
        (withdrawal(2, sum=10_001), Delivery(), RefusalCode.NOT_ENOUGH_CASH),
        (receipt(2), MARKED, RefusalCode.AUTONOMOUS_SIGN_MISSING),
        (receipt(2, issued_at=T0 + 5 * MINUTE + 1), Delivery(), RefusalCode.CLOCK_AHEAD),
        (receipt(2, issued_at=T0 - 96 * HOUR - 1), Delivery(), RefusalCode.TOO_OLD),
    ],
)
async def test_what_is_refused_leaves_no_trace(document: Document, delivery: Delivery, code: RefusalCode):
    operator = Operator()
    conversation = await operator.welcome()
    await operator.sold(conversation, receipt(1))
    before = await operator.service.state_of("kkm-1")
    refused = conversation.submit(document, delivery)
    await idle()
    assert code_of(refused) is code
    assert await operator.service.state_of("kkm-1") == before
    assert len(operator.journal.batches) == 2
    (following,) = await operator.sold(conversation, receipt(2))
    assert following.number == 2


@pytest.mark.parametrize(
    ("issued_at", "taken"),
    [
        (T0 + 5 * MINUTE, True),
        (T0 + 5 * MINUTE + 1, False),
        (T0 - 96 * HOUR, True),
        (T0 - 96 * HOUR - 1, False),
    ],
)
async def test_exactly_at_the_edge_of_time_is_in_time(issued_at: int, taken: bool):
    """Semantics 6.1, judged at the moment when the last byte was in."""
    operator = Operator()
    conversation = await operator.welcome()
    operator.journal.hold_reads()
    asked = conversation.submit(receipt(1, issued_at=issued_at))
    operator.clock.wall += 10 * MINUTE
    operator.journal.let_reads_go()
    await idle()
    assert isinstance(asked.answer, Accepted if taken else Refused)


async def test_what_is_no_document_is_refused_with_its_field():
    operator = Operator()
    conversation = await operator.welcome()
    garbage = conversation.ask(SubmitDocument(content=b"\xc1"))
    negative = conversation.ask(SubmitDocument(content=encode_content(deposit(1, sum=-1))))
    await idle()
    assert code_of(garbage) is RefusalCode.BAD_REQUEST
    assert isinstance(negative.answer, Refused)
    assert (negative.answer.code, negative.answer.field) == (RefusalCode.BAD_REQUEST, "sum")


# ------------------------------------------------------------------------------------------------ other requests


async def test_a_ping_is_answered_with_the_operators_time():
    operator = Operator()
    conversation = await operator.welcome()
    operator.clock.pass_(1)
    asked = conversation.ask(Ping())
    assert asked.answer == Noted(at=T0 + 1_000)


async def test_what_a_register_says_of_itself_is_remembered_with_the_time():
    operator = Operator()
    conversation = await operator.welcome()
    assert operator.service.last_report("kkm-1") is None
    assert operator.service.last_report("kkm-2") is None
    report = ReportStatus(unsent=3, mode=RegisterMode.AUTONOMOUS, oldest_unsent_at=T0 - 1)
    asked = conversation.ask(report)
    assert asked.answer == Noted(at=T0)
    found = operator.service.last_report("kkm-1")
    assert found is not None
    assert (found.at, found.report) == (T0, report)
    assert operator.happened[-1].what == "status_reported"


async def test_information_says_what_the_ledger_holds():
    operator = Operator()
    conversation = await operator.welcome()
    await operator.sold(conversation, receipt(1))
    asked = conversation.ask(AskInformation())
    assert isinstance(asked.answer, Information)
    assert (asked.answer.last_number, asked.answer.last_shift, asked.answer.shift_opened_at) == (1, 1, T0)
    assert asked.answer.counters["cash_sum"] == 10_000


async def test_periods_of_autonomous_work_are_kept():
    operator = Operator()
    conversation = await operator.welcome()
    first = conversation.ask(PERIOD)
    assert "period" not in operator.journal.reads, "a number above all others needs no look into the ledger"
    again = conversation.ask(PERIOD)
    longer = conversation.ask(replace(PERIOD, end=T0 + 2 * HOUR))
    moved = conversation.ask(replace(PERIOD, begin=T0 + 1, end=T0 + 2 * HOUR))
    wrong = conversation.ask(replace(PERIOD, number=2, end=T0 - 1))
    await idle(200)
    assert [type(asked.answer) for asked in (first, again, longer, moved)] == [Noted] * 4
    assert code_of(wrong) is RefusalCode.BAD_REQUEST
    kept = await operator.journal.period("kkm-1", 1)
    assert (kept.begin, kept.end, kept.reason) == (T0 + 1, T0 + 2 * HOUR, AutonomousReason.NO_CONNECTION)
    assert await anomalies(operator) == [AnomalyCode.PERIOD_CHANGED]
    assert await operator.journal.period("kkm-1", 2) is None
    assert await operator.journal.last_seq() == 1 + 1 + 1 + 2
