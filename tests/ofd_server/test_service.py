"""The service in dialogues: registers ask, the journal is held back or let go, and the answers are looked at."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fiscal.domain.document import Delivery
from fiscal.domain.lifecycle import AutonomousReason, RegisterMode
from fiscal.domain.messages import (
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
from fiscal.time import HOUR
from ofd_server.core.administration import add, lift, reset_token, set_standing
from ofd_server.core.decide import Decision
from ofd_server.core.entries import AnomalyCode, MadeAutonomous, Standing
from ofd_server.core.rules import Rules
from ofd_server.ports import NoteKind
from tests.documents import T0, receipt
from tests.ofd_server.twins import SIGNER, Conversation, Operator, anomalies, code_of, idle, numbers

AUTONOMOUS = Delivery(autonomous=True, autonomous_sign=7, period=1)
PERIOD = ReportOfflinePeriod(number=1, begin=T0, end=T0 + HOUR, reason=AutonomousReason.NO_CONNECTION)
CARD = (Payment(kind=PaymentKind.CARD, sum=10_000),)
LATER = TryLater(delay_ms=1_000)


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


# ------------------------------------------------------------------------------------------------------ sessions


async def test_before_hello_nothing_is_answered_but_that():
    operator = Operator()
    conversation = Conversation(operator.service)
    asked = [conversation.submit(receipt(1)), conversation.ask(AskInformation()), conversation.ask(PERIOD)]
    await idle()
    assert [code_of(one) for one in asked] == [RefusalCode.HELLO_FIRST] * 3
    assert operator.journal.reads == []


async def test_whether_the_operator_is_there_is_told_to_strangers_too():
    operator = Operator()
    asked = Conversation(operator.service).ask(Ping())
    await idle()
    assert asked.answer == Noted(at=T0)


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
    assert operator.service._lookups.running == set()


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
