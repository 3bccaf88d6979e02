"""The service in dialogues: registers ask, the journal is held back or let go, and the answers are looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from fiscal.domain.document import Delivery, Document
from fiscal.domain.lifecycle import AutonomousReason, RegisterMode
from fiscal.domain.messages import (
    TEXT_MAX,
    Accepted,
    AskInformation,
    Blocked,
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
from fiscal.domain.receipt import Payment, PaymentKind
from fiscal.errors import StorageError
from fiscal.protocols.content import encode_content
from fiscal.time import HOUR, MINUTE
from ofd_server import service
from ofd_server.core.administration import add, lift, reset_token, set_standing
from ofd_server.core.decide import Decision
from ofd_server.core.documents import Submission, decide_documents
from ofd_server.core.entries import AnomalyCode, DocumentRecorded, MadeAutonomous, Standing
from ofd_server.core.rules import Rules
from ofd_server.ports import DocumentFilter, NoteKind
from ofd_server.service import LANE_WAITING_MAX
from tests.documents import T0, close_shift, deposit, document_id, item, receipt, void, withdrawal
from tests.ofd_server.twins import SIGNER, Asked, Conversation, Operator, Till, idle

AUTONOMOUS = Delivery(autonomous=True, autonomous_sign=7, period=1)
MARKED = Delivery(autonomous=True, period=1)
PERIOD = ReportOfflinePeriod(number=1, begin=T0, end=T0 + HOUR, reason=AutonomousReason.NO_CONNECTION)
CARD = (Payment(kind=PaymentKind.CARD, sum=10_000),)
LATER = TryLater(delay_ms=1_000)


def code_of(asked: Asked) -> RefusalCode:
    assert isinstance(asked.answer, Refused), asked.answer
    return asked.answer.code


async def anomalies(operator: Operator) -> list[AnomalyCode]:
    found: list[AnomalyCode] = []
    for stored in await operator.journal.anomalies(None, None, None, 100):
        entry = stored.entry
        noticed = entry.anomalies if isinstance(entry, DocumentRecorded) else (entry,)
        found.extend(anomaly.code for anomaly in noticed)
    return found


async def numbers(operator: Operator, register_id: str = "kkm-1") -> list[int]:
    wanted = DocumentFilter(register_id=register_id, after_seq=0, limit=1_000)
    return [stored.entry.number for stored in await operator.journal.documents(wanted)]


# -------------------------------------------------------------------------------------- commit, then answer (2)


async def test_nothing_leaves_before_the_commit_has_returned():
    operator = Operator()
    conversation = await operator.welcome()
    operator.journal.hold_commits()
    asked = conversation.submit(receipt(1))
    await idle()
    assert asked.is_open
    assert len(operator.journal.batches) == 2, "it was handed to the journal"
    assert await numbers(operator) == []
    assert [told.what for told in operator.happened].count("committed") == 1, "viewers are not told of it either"
    operator.journal.let_commits_go()
    await idle()
    assert asked.accepted.sign is not None
    assert await numbers(operator) == [1]
    assert operator.happened[-1].what == "committed"


async def test_a_registration_is_durable_before_the_welcome():
    operator = Operator()
    operator.journal.hold_commits()
    asked = Conversation(operator.service).hello()
    await idle()
    assert asked.is_open
    operator.journal.let_commits_go()
    await idle()
    assert isinstance(asked.answer, Welcome)


async def test_decisions_run_ahead_of_the_commit_and_are_answered_in_order():
    operator = Operator()
    conversation = await operator.welcome()
    operator.journal.hold_commits()
    asked = [conversation.submit(receipt(number)) for number in range(1, 6)]
    await idle()
    assert all(one.is_open for one in asked)
    operator.journal.let_commits_go()
    await idle()
    assert [one.accepted.number for one in asked] == [1, 2, 3, 4, 5]
    assert len({one.accepted.sign for one in asked}) == 5
    assert await numbers(operator) == [1, 2, 3, 4, 5]


async def test_many_registers_share_a_commit():
    operator = Operator()
    conversations = [await operator.welcome(f"kkm-{n}") for n in range(20)]
    operator.journal.batches.clear()
    operator.journal.hold_commits()
    asked = [conversation.submit(receipt(1)) for conversation in conversations]
    await idle()
    operator.journal.let_commits_go()
    await idle()
    assert all(one.is_accepted for one in asked)
    assert len(operator.journal.batches) <= 2, "one that was free at once, and one for everything that waited"
    assert sum(operator.figures.commits[-2:]) >= 20


async def test_an_answer_that_rests_on_what_is_not_durable_waits_for_it():
    """Also a refusal: what it says of the number is true only if the document before it is kept."""
    operator = Operator()
    conversation = await operator.welcome()
    operator.journal.hold_commits()
    first = conversation.submit(receipt(1))
    gap = conversation.submit(receipt(3))
    told = conversation.ask(AskInformation())
    await idle()
    assert first.is_open
    assert gap.is_open
    assert told.is_open
    operator.journal.let_commits_go()
    await idle()
    assert first.accepted.number == 1
    assert isinstance(gap.answer, Refused)
    assert (gap.answer.code, gap.answer.expected) == (RefusalCode.NUMBER_GAP, 2)
    assert isinstance(told.answer, Information)
    assert told.answer.last_number == 1


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


# --------------------------------------------------------------------------------------- what is asked, in order


async def test_look_ups_keep_the_order():
    """A copy is looked up in the journal; what came behind it is decided behind it."""
    operator = Operator()
    conversation = await operator.welcome()
    await operator.sold(conversation, receipt(1))
    operator.journal.hold_reads()
    asked = [
        conversation.submit(receipt(1)),
        conversation.submit(receipt(2)),
        conversation.ask(PERIOD),
        conversation.submit(receipt(3), AUTONOMOUS),
        conversation.submit(receipt(4), replace(AUTONOMOUS, autonomous_sign=5)),
        conversation.submit(receipt(5)),
        conversation.ask(Ping()),
    ]
    await idle()
    assert all(one.is_open for one in asked)
    operator.journal.let_reads_go()
    await idle(200)
    assert [one.accepted.number for one in asked if isinstance(one.request, SubmitDocument)] == [1, 2, 3, 4, 5]
    assert [type(asked[2].answer), type(asked[6].answer)] == [Noted, Noted]
    feed = await operator.journal.entries("kkm-1", 0, 100)
    kinds = [type(stored.entry).__name__ for stored in feed]
    assert kinds == ["Registered", "DocumentRecorded", "DocumentRecorded", "PeriodRecorded"] + ["DocumentRecorded"] * 3
    assert operator.journal.reads == ["load", "document", "period", "sign"]


async def test_a_copy_does_not_wait_for_another_register():
    operator = Operator()
    one, two = await operator.welcome("kkm-1"), await operator.welcome("kkm-2")
    await operator.sold(one, receipt(1))
    operator.journal.hold_reads()
    copy = one.submit(receipt(1))
    asked = two.submit(receipt(1))
    await idle()
    assert copy.is_open
    assert asked.is_accepted
    operator.journal.let_reads_go()
    await idle()
    assert copy.is_accepted


async def test_a_register_is_loaded_once_for_all_who_wait():
    operator = Operator()
    first = await operator.welcome()
    await operator.sold(first, receipt(1))
    again = Operator(operator.journal)
    operator.journal.reads.clear()
    operator.journal.hold_reads()
    conversation = Conversation(again.service)
    asked = [conversation.hello(), conversation.ask(Ping())]
    await idle()
    assert asked[0].is_open
    operator.journal.let_reads_go()
    await idle()
    welcome = asked[0].answer
    assert isinstance(welcome, Welcome)
    assert (welcome.last_number, welcome.last_shift) == (1, 1)
    copy = conversation.submit(receipt(1))
    new = conversation.submit(receipt(2))
    await idle()
    assert copy.accepted.number == 1
    assert new.accepted.number == 2
    assert operator.journal.reads == ["load", "document"]


async def test_a_register_that_sends_more_than_it_may_is_told_to_come_later():
    operator = Operator()
    conversation = await operator.welcome()
    await operator.sold(conversation, receipt(1))
    operator.journal.hold_reads()
    copy = conversation.submit(receipt(1))
    waiting = [conversation.ask(Ping()) for _ in range(LANE_WAITING_MAX)]
    refused = [conversation.ask(Ping()) for _ in range(3)]
    await idle()
    assert [one.answer for one in refused] == [LATER] * 3
    assert all(one.is_open for one in waiting)
    operator.journal.let_reads_go()
    await idle(LANE_WAITING_MAX)
    assert copy.is_accepted
    assert all(isinstance(one.answer, Noted) for one in waiting)


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


# ------------------------------------------------------------------------------------------------------ sessions


async def test_before_hello_nothing_is_answered_but_that():
    operator = Operator()
    conversation = Conversation(operator.service)
    asked = [conversation.submit(receipt(1)), conversation.ask(AskInformation()), conversation.ask(PERIOD)]
    await idle()
    assert [code_of(one) for one in asked] == [RefusalCode.HELLO_FIRST] * 3
    assert operator.journal.reads == []


async def test_a_wrong_token_is_refused_and_supersedes_nobody():
    operator = Operator()
    conversation = await operator.welcome()
    thief = Conversation(operator.service, token="other")
    refused = thief.hello()
    await idle()
    assert code_of(refused) is RefusalCode.WRONG_TOKEN
    assert conversation.closed == []
    assert thief.session.register_id is None
    behind = thief.submit(receipt(1))
    await idle()
    assert code_of(behind) is RefusalCode.HELLO_FIRST
    assert (await operator.sold(conversation, receipt(1)))[0].number == 1


async def test_the_newest_session_wins():
    operator = Operator()
    older = await operator.welcome()
    newer = await operator.welcome()
    assert older.closed == ["superseded"]
    assert newer.closed == []
    refused = older.submit(receipt(1))
    hello = older.hello()
    await idle()
    assert code_of(refused) is RefusalCode.SUPERSEDED
    assert code_of(hello) is RefusalCode.SUPERSEDED
    assert newer.closed == [], "the older one cannot come back"
    assert (await operator.sold(newer, receipt(1)))[0].number == 1


async def test_what_a_superseded_session_had_handed_over_finishes_and_the_rest_is_dropped():
    """Semantics 2.1."""
    operator = Operator()
    older = await operator.welcome()
    operator.journal.hold_commits()
    handed_over = older.submit(receipt(1))
    await idle()
    dropped = [older.submit(receipt(2)), older.submit(receipt(3)), older.submit(receipt(2))]
    newer = Conversation(operator.service)
    welcome = newer.hello()
    await idle()
    assert older.closed == ["superseded"]
    assert welcome.is_open, "it is told of document 1 only when that is durable"
    operator.journal.let_commits_go()
    await idle()
    assert handed_over.accepted.number == 1
    assert isinstance(welcome.answer, Welcome)
    assert welcome.answer.last_number == 1
    assert all(one.is_open for one in dropped), "their session is closed; nobody waits for an answer"
    (other,) = await operator.sold(newer, receipt(2, issued_at=T0 + 1))
    assert other.number == 2
    assert await numbers(operator) == [1, 2]
    assert await anomalies(operator) == []


async def test_copies_of_a_superseded_session_are_dropped_too():
    operator = Operator()
    older = await operator.welcome()
    operator.journal.hold_commits()
    first = older.submit(receipt(1))
    await idle()
    copy = older.submit(receipt(1), AUTONOMOUS)
    newer = Conversation(operator.service)
    newer.hello()
    await idle()
    operator.journal.let_commits_go()
    await idle()
    assert first.is_accepted
    assert copy.is_open
    stored = await operator.journal.document("kkm-1", 1)
    assert not stored.entry.autonomous


async def test_what_waited_for_a_look_up_is_dropped_with_its_session():
    operator = Operator()
    older = await operator.welcome()
    await operator.sold(older, receipt(1))
    operator.journal.hold_reads()
    copy = older.submit(receipt(1))
    waits = older.submit(receipt(2))
    newer = Conversation(operator.service)
    welcome = newer.hello()
    await idle()
    operator.journal.let_reads_go()
    await idle()
    assert copy.accepted.number == 1
    assert waits.is_open
    assert isinstance(welcome.answer, Welcome)
    assert welcome.answer.last_number == 1
    (other,) = await operator.sold(newer, receipt(2, issued_at=T0 + 1))
    assert other.number == 2


async def test_hello_twice_in_a_session_supersedes_nobody():
    operator = Operator()
    conversation = await operator.welcome()
    again = conversation.hello()
    await idle()
    assert isinstance(again.answer, Welcome)
    assert conversation.closed == []
    assert [told.what for told in operator.happened].count("session_opened") == 1


async def test_sessions_are_counted_and_their_end_is_told():
    operator = Operator()
    assert not operator.service.is_connected("kkm-1")
    older = await operator.welcome()
    newer = await operator.welcome()
    assert operator.figures.open_sessions == 2
    assert operator.service.is_connected("kkm-1")
    older.end()
    assert operator.service.is_connected("kkm-1")
    newer.end()
    assert not operator.service.is_connected("kkm-1")
    Conversation(operator.service).end()
    assert operator.figures.open_sessions == 0
    told = [told.what for told in operator.happened if told.what.startswith("session")]
    assert told == ["session_opened", "session_opened", "session_closed"]


@pytest.mark.parametrize(("last_number", "behind"), [(0, True), (1, False), (2, False)])
async def test_a_memory_that_is_behind_the_ledger_is_noticed(last_number: int, behind: bool):
    operator = Operator()
    await operator.sold(await operator.welcome(), receipt(1))
    again = Conversation(operator.service)
    asked = again.hello(last_number=last_number)
    await idle()
    assert isinstance(asked.answer, Welcome)
    assert asked.answer.last_number == 1
    assert await anomalies(operator) == [AnomalyCode.MEMORY_BEHIND] * behind


async def test_what_was_asked_over_a_connection_that_is_gone_is_decided_all_the_same():
    operator = Operator()
    conversation = await operator.welcome()
    operator.journal.hold_commits()
    asked = conversation.submit(receipt(1))
    conversation.end()
    operator.journal.let_commits_go()
    await idle()
    assert asked.is_accepted
    assert await numbers(operator) == [1]


async def test_strict_and_open():
    strict = Operator(rules=Rules(strict=True))
    refused = Conversation(strict.service).hello()
    await idle()
    assert code_of(refused) is RefusalCode.UNKNOWN_REGISTER
    assert await strict.journal.last_seq() == 0
    await strict.service.administer("kkm-1", add("kkm-1", "t", None))
    await strict.welcome()
    assert (await Operator().welcome("kkm-7")).register_id == "kkm-7"


async def test_unknown_registers_cost_no_memory():
    operator = Operator(rules=Rules(strict=True))
    for n in range(500):
        conversation = Conversation(operator.service, f"kkm-{n}")
        asked = conversation.hello()
        await idle(10)
        assert code_of(asked) is RefusalCode.UNKNOWN_REGISTER
        conversation.end()
    assert operator.service._lanes == {}
    assert operator.service._lookups == set()


# ------------------------------------------------------------------------------------------------------ standing


async def test_an_unpaid_register_gets_no_answer_at_all():
    """Semantics 2.7: so that it goes autonomous. When it is paid, it is answered again."""
    operator = Operator()
    conversation = await operator.welcome()
    await operator.sold(conversation, receipt(1))
    await operator.service.administer("kkm-1", set_standing(Standing.UNPAID))
    requests = [
        conversation.submit(receipt(2)),
        conversation.submit(receipt(1)),
        conversation.ask(Ping()),
        conversation.ask(AskInformation()),
        conversation.ask(PERIOD),
        conversation.ask(ReportStatus(unsent=0, mode=RegisterMode.ONLINE)),
        Conversation(operator.service).hello(),
    ]
    await idle()
    assert [asked.answer for asked in requests] == [None] * 7
    assert await numbers(operator) == [1]
    assert [outcome for outcome, _ in operator.figures.answers[-7:]] == ["silent"] * 7
    await operator.service.administer("kkm-1", lift(Standing.UNPAID))
    again = await operator.welcome()
    assert (await operator.sold(again, receipt(2)))[0].number == 2


async def test_a_blocked_register_is_answered_as_blocked():
    operator = Operator()
    conversation = await operator.welcome()
    await operator.sold(conversation, receipt(1))
    await operator.service.administer("kkm-1", set_standing(Standing.BLOCKED, "no contract"))
    requests = [
        conversation.submit(receipt(2)),
        conversation.submit(receipt(1)),
        conversation.ask(Ping()),
        conversation.ask(PERIOD),
        Conversation(operator.service).hello(),
    ]
    await idle()
    assert [asked.answer for asked in requests] == [Blocked(reason="no contract")] * 5
    assert await numbers(operator) == [1]
    await operator.service.administer("kkm-1", lift(Standing.BLOCKED))
    again = await operator.welcome()
    assert (await operator.sold(again, receipt(2)))[0].number == 2


async def test_a_removed_register_is_unknown_until_it_is_added_again():
    operator = Operator()
    conversation = await operator.welcome()
    await operator.sold(conversation, receipt(1))
    await operator.service.administer("kkm-1", set_standing(Standing.REMOVED))
    document, hello = conversation.submit(receipt(2)), Conversation(operator.service).hello()
    await idle()
    assert code_of(document) is code_of(hello) is RefusalCode.UNKNOWN_REGISTER
    await operator.service.administer("kkm-1", add("kkm-1", "new token", None))
    again = await operator.welcome(token="new token")
    assert (await operator.sold(again, receipt(2)))[0].number == 2


async def test_a_change_of_standing_takes_its_turn():
    """What was decided before it is accepted, what comes behind it is not."""
    operator = Operator()
    conversation = await operator.welcome()
    operator.journal.hold_commits()
    before = conversation.submit(receipt(1))
    changing = asyncio.ensure_future(operator.service.administer("kkm-1", set_standing(Standing.BLOCKED, "why")))
    await idle()
    behind = conversation.submit(receipt(2))
    copy = conversation.submit(receipt(1))
    await idle()
    assert not changing.done()
    operator.journal.let_commits_go()
    await idle()
    assert changing.done()
    assert before.is_accepted
    assert behind.answer == copy.answer == Blocked(reason="why")


async def test_a_look_up_that_a_block_overtakes_is_answered_as_blocked():
    operator = Operator()
    conversation = await operator.welcome()
    await operator.sold(conversation, receipt(1))
    operator.journal.hold_commits()
    asyncio.ensure_future(operator.service.administer("kkm-1", set_standing(Standing.BLOCKED, "why")))  # noqa: RUF006
    await idle()
    period = conversation.ask(PERIOD)
    await idle()
    operator.journal.let_commits_go()
    await idle()
    assert period.answer == Blocked(reason="why")
    assert await operator.journal.period("kkm-1", 1) is None


async def test_a_token_can_be_reset():
    operator = Operator()
    await operator.welcome()
    await operator.service.administer("kkm-1", reset_token("new"))
    old = Conversation(operator.service).hello()
    await idle()
    assert code_of(old) is RefusalCode.WRONG_TOKEN
    await operator.welcome(token="new")


async def test_a_persons_decision_is_durable_when_it_is_reported():
    operator = Operator()
    operator.journal.hold_commits()
    adding = asyncio.ensure_future(operator.service.administer("kkm-1", add("kkm-1", "t", None)))
    await idle()
    assert not adding.done()
    operator.journal.let_commits_go()
    decision = await adding
    assert decision.state is not None
    assert decision.state.version == 1
    assert list(await operator.journal.registers()) == ["kkm-1"]


async def test_a_decision_that_changes_nothing_is_none():
    operator = Operator()
    decision = await operator.service.administer("kkm-1", set_standing(Standing.BLOCKED))
    assert decision == Decision(None, (), None)
    assert await operator.journal.last_seq() == 0
    assert operator.service._lanes == {}


async def test_a_persons_decision_survives_a_new_session_of_the_register():
    operator = Operator()
    older = await operator.welcome()
    operator.journal.hold_commits()
    first = older.submit(receipt(1))
    await idle()
    dropped = older.submit(receipt(2))
    blocking = asyncio.ensure_future(operator.service.administer("kkm-1", set_standing(Standing.BLOCKED, "why")))
    await idle()
    newer = Conversation(operator.service)
    hello = newer.hello()
    await idle()
    operator.journal.let_commits_go()
    await idle(200)
    assert first.is_accepted
    assert dropped.is_open
    assert blocking.done()
    assert blocking.result().state is not None
    assert hello.answer == Blocked(reason="why") or isinstance(hello.answer, Welcome)
    state = await operator.service.state_of("kkm-1")
    assert state is not None
    assert (state.standing, state.tape.last_number) == (Standing.BLOCKED, 1)


async def test_whoever_stops_waiting_disturbs_nobody():
    operator = Operator()
    conversations = [await operator.welcome(f"kkm-{n}") for n in range(3)]
    operator.journal.hold_commits()
    first = conversations[0].submit(receipt(1))
    await idle()
    changing = asyncio.ensure_future(operator.service.administer("kkm-1", set_standing(Standing.BLOCKED, "why")))
    asked = [conversation.submit(receipt(1)) for conversation in conversations[1:]]
    await idle()
    changing.cancel()
    await idle()
    operator.journal.let_commits_go()
    await idle()
    assert first.is_accepted
    assert asked[1].is_accepted
    assert len(asked[0].answers) == 1
    state = await operator.service.state_of("kkm-1")
    assert state is not None
    assert state.standing is Standing.BLOCKED, "it had been decided"


async def test_a_gateway_that_fails_at_one_answer_disturbs_nobody():
    operator = Operator()
    conversations = [await operator.welcome(f"kkm-{n}") for n in range(3)]
    operator.journal.hold_commits()

    def fail(answer: Any) -> None:
        raise RuntimeError("the socket is gone")

    asked = [conversations[0].submit(receipt(1))]
    await idle()
    request = SubmitDocument(content=encode_content(receipt(1)))
    operator.service.handle(conversations[1].session, request, fail)
    asked.append(conversations[2].submit(receipt(1)))
    operator.journal.let_commits_go()
    await idle()
    assert [one.accepted.number for one in asked] == [1, 1]
    assert await numbers(operator, "kkm-1") == [1]
    assert (await operator.sold(conversations[0], receipt(2)))[0].number == 2


async def test_an_observer_that_fails_disturbs_nobody():
    operator = Operator()
    conversation = await operator.welcome()

    def fail(happened: Any) -> None:
        raise RuntimeError("the viewer is gone")

    operator.service.observe(fail)
    assert (await operator.sold(conversation, receipt(1)))[0].number == 1
    assert (await operator.sold(conversation, receipt(2)))[0].number == 2


# ------------------------------------------------------------------------------------------------------- viewers


async def test_whoever_watches_is_told_everything_once_it_is_durable():
    operator = Operator()
    conversation = await operator.welcome()
    await operator.sold(conversation, receipt(1))
    conversation.submit(receipt(1, issued_at=T0 + 1))
    await idle()
    told = [(one.what, one.seq, one.number) for one in operator.happened]
    assert told == [
        ("session_opened", None, None),
        ("committed", 1, None),
        ("committed", 2, 1),
        ("committed", 3, 1),
    ]
    assert {one.register_id for one in operator.happened} == {"kkm-1"}


async def test_whoever_stops_watching_is_told_nothing_more():
    operator = Operator()
    seen: list[Any] = []
    stop = operator.service.observe(seen.append)
    conversation = await operator.welcome()
    before = len(seen)
    stop()
    await operator.sold(conversation, receipt(1))
    assert len(seen) == before > 0


async def test_the_history_of_a_document():
    operator = Operator()
    conversation = await operator.welcome()
    operator.journal.hold_commits()
    conversation.submit(receipt(1))
    await idle()
    operator.clock.pass_(2)
    operator.journal.let_commits_go()
    await idle()
    history = await operator.service.history("kkm-1", 1)
    assert history.times is not None, "what still rides with the next batch is told too"
    assert (history.times.taken_at, history.times.committed_at, history.times.answered_at) == (
        T0,
        T0 + 2_000,
        T0 + 2_000,
    )
    conversation.submit(receipt(1), AUTONOMOUS)
    await idle()
    await operator.service.flush()
    kept = await operator.journal.history("kkm-1", 1)
    assert kept.times == history.times
    assert [note.kind for note in kept.notes] == [NoteKind.RESENT]
    assert [type(stored.entry) for stored in kept.later] == [MadeAutonomous]
    assert await operator.service.history("kkm-1", 1) == kept
    unknown = await operator.service.history("kkm-1", 99)
    assert (unknown.times, unknown.notes, unknown.later) == (None, (), ())


async def test_the_state_of_a_register_can_be_read_whether_or_not_it_is_at_work():
    operator = Operator()
    assert await operator.service.state_of("kkm-1") is None
    conversation = await operator.welcome()
    operator.journal.hold_commits()
    conversation.submit(receipt(1))
    await idle()
    state = await operator.service.state_of("kkm-1")
    assert state is not None
    assert state.tape.last_number == 0, "what is not durable is not true"
    operator.journal.let_commits_go()
    await idle()
    fresh = Operator(operator.journal)
    state = await fresh.service.state_of("kkm-1")
    assert state is not None
    assert state.tape.last_number == 1
    assert fresh.service._lanes == {}


async def test_signs_can_be_verified_without_the_ledger():
    operator = Operator()
    conversation = await operator.welcome()
    (accepted,) = await operator.sold(conversation, receipt(1))
    stored = await operator.journal.document("kkm-1", 1)
    assert accepted.sign is not None
    assert SIGNER.verify(accepted.sign, "kkm-1", 1, stored.entry.digest, accepted.key or "")


# ----------------------------------------------------------------------------------------------------- the end


async def test_draining_finishes_what_was_begun_and_takes_nothing_more():
    operator = Operator()
    conversation = await operator.welcome()
    other = await operator.welcome("kkm-2")
    await operator.sold(other, receipt(1))
    operator.journal.hold_commits()
    operator.journal.hold_reads()
    asked = [conversation.submit(receipt(1)), conversation.submit(receipt(2)), other.submit(receipt(1))]
    behind = other.submit(receipt(2))
    await idle()
    draining = asyncio.ensure_future(operator.service.drain())
    await idle()
    refused = [conversation.submit(receipt(3)), Conversation(operator.service, "kkm-3").hello()]
    assert [one.answer for one in refused] == [LATER] * 2
    assert not draining.done()
    operator.journal.let_commits_go()
    operator.journal.let_reads_go()
    await draining
    assert [one.accepted.number for one in asked] == [1, 2, 1]
    assert behind.accepted.number == 2
    history = await operator.journal.history("kkm-2", 1)
    assert [note.kind for note in history.notes] == [NoteKind.RESENT], "the history is written"
    with pytest.raises(StorageError):
        await operator.service.administer("kkm-1", set_standing(Standing.BLOCKED))


async def test_draining_an_idle_service_is_done_at_once():
    operator = Operator()
    await operator.service.drain()
    assert operator.journal.batches == []


# ------------------------------------------------------------------------------------------------- one turn of the loop


async def test_what_comes_behind_a_document_is_taken_behind_it():
    operator = Operator()
    conversation = await operator.welcome()
    other = await operator.welcome("kkm-2")
    came = [conversation.submit(receipt(1)), conversation.ask(AskInformation()), other.ask(Ping())]
    assert all(one.is_open for one in came), "a document is read when everybody in this turn was heard"
    await idle()
    assert came[0].accepted.number == 1
    assert isinstance(came[1].answer, Information)
    assert came[1].answer.last_number == 1
    assert isinstance(came[2].answer, Noted)


async def test_a_request_that_cannot_be_decided_disturbs_nobody_of_its_turn(monkeypatch: pytest.MonkeyPatch):
    operator = Operator()
    conversations = [await operator.welcome(f"kkm-{n}") for n in range(3)]

    def fail(submissions: Sequence[Submission], *given: Any) -> list[Decision]:
        if any(submission.state.id == "kkm-1" for submission in submissions):
            raise RuntimeError("a defect")
        return decide_documents(submissions, *given)

    monkeypatch.setattr(service, "decide_documents", fail)
    asked = [conversation.submit(receipt(1)) for conversation in conversations]
    await idle()
    assert [type(one.answer) for one in asked] == [Accepted, TryLater, Accepted]


async def test_draining_finishes_what_came_in_the_same_turn():
    operator = Operator()
    conversation = await operator.welcome()
    asked = conversation.submit(receipt(1))
    await operator.service.drain()
    assert asked.accepted.number == 1


async def test_of_a_session_that_is_replaced_in_the_same_turn_nothing_is_taken_any_more():
    operator = Operator()
    older = await operator.welcome()
    newer = Conversation(operator.service, "kkm-1")
    asked = [older.submit(receipt(1)), newer.hello(), older.submit(receipt(2))]
    await idle()
    assert asked[0].is_open
    assert asked[2].is_open
    assert older.closed == ["superseded"]
    assert await numbers(operator, "kkm-1") == []
