"""What can go wrong between a decision and its answer, one case at a time (semantics 2.3 to 2.5)."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from fiscal.domain.document import Delivery
from fiscal.domain.lifecycle import AutonomousReason
from fiscal.domain.messages import (
    Accepted,
    AskInformation,
    Blocked,
    Information,
    Noted,
    Ping,
    RefusalCode,
    Refused,
    ReportOfflinePeriod,
    TryLater,
    Welcome,
)
from fiscal.domain.signs import digest_of
from fiscal.errors import StorageCorrupt, StorageError
from fiscal.protocols.content import encode_content
from fiscal.time import HOUR
from ofd_server.committing import BATCH_MAX, TRY_LATER_MS
from ofd_server.core.administration import set_standing
from ofd_server.core.decide import token_digest
from ofd_server.core.documents import decide_document
from ofd_server.core.entries import DocumentRecorded, Entry, Registered, Standing, StandingChanged
from ofd_server.core.replay import replay
from ofd_server.core.rules import Rules
from ofd_server.core.state import apply, register_from
from ofd_server.ports import Append, CommitFailed, DocumentFilter, JournalBroken, NoteKind
from tests.documents import T0, close_shift, receipt
from tests.ofd_server.twins import SIGNER, Asked, Conversation, Operator, Overtaken, Unknown, idle

LATER = TryLater(delay_ms=TRY_LATER_MS)
AUTONOMOUS = Delivery(autonomous=True, autonomous_sign=7, period=1)
PERIOD = ReportOfflinePeriod(number=1, begin=T0, end=T0 + HOUR, reason=AutonomousReason.NO_CONNECTION)


async def numbers(operator: Operator, register_id: str = "kkm-1") -> list[int]:
    wanted = DocumentFilter(register_id=register_id, after_seq=0, limit=10_000)
    return [stored.entry.number for stored in await operator.journal.documents(wanted)]


async def held(operator: Operator, *register_ids: str) -> list[Conversation]:
    """Registers that were welcomed; from now on a first document of a stranger holds the writer."""
    conversations = [await operator.welcome(register_id) for register_id in register_ids]
    stranger = await operator.welcome("stranger")
    operator.journal.batches.clear()
    operator.journal.hold_commits()
    stranger.submit(receipt(1))
    await idle()
    return conversations


async def agrees(operator: Operator, register_id: str = "kkm-1") -> None:
    """What the service believes of a register is what the journal has."""
    believed = await operator.service.state_of(register_id)
    loaded = await operator.journal.load(register_id)
    assert believed == replay(register_id, loaded.snapshot, loaded.entries)


# ------------------------------------------------------------------------------------------------ failed commits


async def test_a_failed_commit_puts_off_its_register_and_keeps_nothing():
    operator = Operator()
    conversation = await operator.welcome()
    operator.journal.plans.append(CommitFailed("full"))
    failed = conversation.submit(receipt(1))
    await idle()
    assert failed.answer == LATER
    assert await numbers(operator) == []
    await agrees(operator)
    again = conversation.submit(receipt(1))
    await idle()
    assert again.accepted.number == 1


async def test_all_that_was_decided_on_top_of_it_is_put_off_too():
    operator = Operator()
    (conversation,) = await held(operator, "kkm-1")
    first = conversation.submit(receipt(1))
    copy = conversation.submit(receipt(1))
    operator.journal.plans.extend([CommitFailed("full")] * 3)
    on_top = [conversation.submit(receipt(2)), conversation.ask(AskInformation())]
    operator.journal.plans.appendleft(CommitFailed("the stranger's"))
    operator.journal.let_commits_go()
    await idle(200)
    assert first.answer == LATER
    assert copy.answer == LATER
    assert [asked.answer for asked in on_top] == [LATER, LATER]
    assert await numbers(operator) == []
    await agrees(operator)


async def test_a_row_that_cannot_be_kept_is_found_and_the_others_are_kept():
    operator = Operator()
    ids = [f"kkm-{n}" for n in range(13)]
    conversations = await held(operator, *ids)
    asked = [conversation.submit(receipt(1)) for conversation in conversations]
    operator.journal.poisoned.add("kkm-7")
    operator.journal.let_commits_go()
    await idle(300)
    assert [one.answer == LATER for one in asked] == [register_id == "kkm-7" for register_id in ids]
    assert all(one.is_accepted for one in asked if one is not asked[7])
    for register_id in ids:
        assert await numbers(operator, register_id) == ([] if register_id == "kkm-7" else [1])
        await agrees(operator, register_id)
    assert len(operator.journal.batches) < 13, "it is looked for by halves"
    operator.journal.poisoned.clear()
    again = conversations[7].submit(receipt(1))
    await idle()
    assert again.is_accepted


async def test_a_register_with_several_decisions_in_the_batch_loses_them_all():
    operator = Operator()
    good, bad = await held(operator, "kkm-1", "kkm-2")
    asked = [bad.submit(receipt(1)), good.submit(receipt(1)), bad.submit(receipt(2)), good.submit(receipt(2))]
    asked.append(bad.submit(receipt(3)))
    operator.journal.poisoned.add("kkm-2")
    operator.journal.let_commits_go()
    await idle(300)
    assert [one.answer == LATER for one in asked] == [True, False, True, False, True]
    assert await numbers(operator, "kkm-1") == [1, 2]
    assert await numbers(operator, "kkm-2") == []
    assert operator.service.broken is None


async def test_notes_of_a_failed_batch_are_written_with_a_later_one():
    operator = Operator()
    conversation = await operator.welcome()
    await operator.sold(conversation, receipt(1))
    conversation.submit(receipt(1))
    await idle()
    operator.journal.plans.append(CommitFailed("full"))
    conversation.submit(receipt(2))
    await idle()
    assert (await operator.journal.history("kkm-1", 1)).notes == ()
    await operator.sold(conversation, receipt(2))
    kept = await operator.journal.history("kkm-1", 1)
    assert [note.kind for note in kept.notes] == [NoteKind.RESENT]
    assert kept.times is not None


async def test_a_failed_registration_leaves_a_stranger():
    operator = Operator()
    operator.journal.plans.append(CommitFailed("full"))
    conversation = Conversation(operator.service)
    hello = conversation.hello()
    document, period = conversation.submit(receipt(1)), conversation.ask(PERIOD)
    await idle()
    assert hello.answer == LATER
    for asked in (document, period):
        assert asked.answer == LATER or isinstance(asked.answer, Refused)
    assert list(await operator.journal.registers()) == []
    behind = conversation.submit(receipt(1))
    await idle()
    assert isinstance(behind.answer, Refused)
    assert behind.answer.code is RefusalCode.HELLO_FIRST
    assert isinstance((await operator.welcome()).session.register_id, str)


async def test_a_look_up_behind_a_failed_registration_is_answered():
    operator = Operator()
    operator.journal.hold_commits()
    conversation = Conversation(operator.service)
    hello = conversation.hello()
    await idle()
    operator.journal.plans.append(CommitFailed("full"))
    conversation.ask(PERIOD)
    period = conversation.ask(PERIOD)  # known or not: that has to be looked up
    old_sign = conversation.submit(receipt(1), AUTONOMOUS)
    await idle()
    operator.journal.let_commits_go()
    await idle()
    assert hello.answer == LATER
    for asked in (period, old_sign):
        assert isinstance(asked.answer, Refused)
        assert asked.answer.code is RefusalCode.HELLO_FIRST


# --------------------------------------------------------------------------------------------- a broken journal


async def test_a_broken_journal_answers_everybody_and_ends():
    operator = Operator()
    conversations = await held(operator, "kkm-1", "kkm-2", "kkm-3")
    await idle()
    one, two, three = conversations
    asked = [one.submit(receipt(1)), one.submit(receipt(1)), one.submit(receipt(2)), two.submit(receipt(1))]
    asked += [three.submit(receipt(1)), three.ask(PERIOD), three.ask(Ping())]
    await idle()
    operator.journal.plans.append(JournalBroken("fsync failed"))
    operator.journal.let_commits_go()
    await idle(200)
    assert [asked_.answer for asked_ in asked[:5]] == [LATER] * 5
    assert [len(asked_.answers) for asked_ in asked] == [1] * 7
    assert isinstance(operator.service.broken, JournalBroken), "readyz is red"
    assert operator.broken == [operator.service.broken], "the process is told to end, once"
    commits = len(operator.journal.batches)
    later = [conversation.submit(receipt(1)) for conversation in conversations]
    later.append(Conversation(operator.service, "kkm-4").hello())
    await idle()
    assert [one_.answer for one_ in later] == [LATER] * 4
    assert len(operator.journal.batches) == commits, "it is never tried again"
    async with asyncio.timeout(60):
        await operator.service.drain()


@pytest.mark.parametrize("held_back", ["reads", "commits"])
async def test_a_look_up_that_the_end_of_the_journal_overtakes_is_answered(held_back: str):
    operator = Operator()
    conversation = await operator.welcome()
    await operator.sold(conversation, receipt(1))
    if held_back == "reads":
        operator.journal.hold_reads()
        asked = [conversation.submit(receipt(1), AUTONOMOUS), conversation.submit(receipt(2))]
        operator.journal.plans.append(JournalBroken("fsync failed"))
        await idle()
        operator.journal.let_reads_go()
    else:
        operator.journal.hold_commits()
        asked = [conversation.submit(receipt(2)), conversation.submit(receipt(1), AUTONOMOUS), conversation.ask(PERIOD)]
        operator.journal.plans.append(JournalBroken("fsync failed"))
        await idle()
        operator.journal.let_commits_go()
    await idle(200)
    assert [one.answer for one in asked] == [LATER] * len(asked)
    async with asyncio.timeout(60):
        await operator.service.drain()
    with pytest.raises(StorageError):
        await operator.service.administer("kkm-1", set_standing(Standing.BLOCKED))


async def test_a_look_up_that_ends_after_the_journal_broke_is_put_off():
    operator = Operator()
    conversation, other = await operator.welcome(), await operator.welcome("kkm-2")
    await operator.sold(conversation, receipt(1))
    operator.journal.hold_reads()
    marked = conversation.submit(receipt(1), AUTONOMOUS)
    await idle()
    operator.journal.plans.append(JournalBroken("fsync failed"))
    other.submit(receipt(1))
    await idle()
    assert operator.service.broken is not None
    operator.journal.let_reads_go()
    await idle()
    assert marked.answer == LATER


async def test_a_journal_that_breaks_while_a_failed_batch_is_halved():
    operator = Operator()
    conversations = await held(operator, *(f"kkm-{n}" for n in range(8)))
    asked = [conversation.submit(receipt(1)) for conversation in conversations]
    # The stranger's own commit, the batch of eight, the first half of it.
    await idle()
    operator.journal.plans.extend([CommitFailed("x"), CommitFailed("x"), JournalBroken("fsync failed")])
    operator.journal.let_commits_go()
    await idle(300)
    assert [one.answer for one in asked] == [LATER] * 8
    assert operator.service.broken is not None
    assert len(operator.broken) == 1


async def test_an_error_that_no_journal_may_raise_ends_the_service_too():
    operator = Operator()
    one, two = await held(operator, "kkm-1", "kkm-2")
    asked = [one.submit(receipt(1)), two.submit(receipt(1)), two.submit(receipt(2))]
    await idle()
    operator.journal.plans.append(ValueError("nobody thought of it"))
    operator.journal.let_commits_go()
    await idle()
    assert [one_.answer for one_ in asked] == [LATER] * 3
    assert isinstance(operator.service.broken, ValueError)
    assert len(operator.broken) == 1


async def test_a_person_is_told_that_a_decision_was_not_kept():
    operator = Operator()
    await operator.welcome()
    operator.journal.plans.append(CommitFailed("full"))
    with pytest.raises(StorageError, match="try again"):
        await operator.service.administer("kkm-1", set_standing(Standing.BLOCKED))
    await agrees(operator)
    decision = await operator.service.administer("kkm-1", set_standing(Standing.BLOCKED))
    assert [type(entry) for entry in decision.entries] == [StandingChanged]


async def test_a_flush_that_breaks_the_journal_ends_the_service():
    operator = Operator()
    conversation = await operator.welcome()
    await operator.sold(conversation, receipt(1))
    operator.journal.broken = JournalBroken("fsync failed")
    await operator.service.flush()
    assert isinstance(operator.service.broken, JournalBroken)
    assert operator.broken == [operator.service.broken]
    asked = conversation.submit(receipt(2))
    assert asked.answer == LATER


async def test_a_flush_that_fails_is_tried_again():
    operator = Operator()
    conversation = await operator.welcome()
    await operator.sold(conversation, receipt(1))
    conversation.submit(receipt(1))
    await idle()
    commit = operator.journal.commit

    async def fail(*given: object) -> None:
        raise CommitFailed("full")

    operator.journal.commit = fail
    await operator.service.flush()
    assert operator.service.broken is None
    operator.journal.commit = commit
    await operator.service.flush()
    kept = await operator.journal.history("kkm-1", 1)
    assert kept.times is not None
    assert len(kept.notes) == 1
    await operator.service.flush()
    assert await operator.journal.history("kkm-1", 1) == kept, "and only once"


# ----------------------------------------------------------------------------------------------- failed look-ups


@pytest.mark.parametrize("error", [StorageError("gone"), StorageCorrupt("damaged"), ValueError("nobody thought of it")])
@pytest.mark.parametrize("what", ["load", "document", "sign", "period"])
async def test_a_look_up_that_fails_is_answered_and_can_be_tried_again(what: str, error: Exception):
    operator = Operator()
    conversation = await operator.welcome()
    conversation.ask(PERIOD)
    await idle()
    conversation.submit(receipt(1), AUTONOMOUS)
    await idle()
    fresh = Operator(operator.journal)
    again = Conversation(fresh.service)
    operator.journal.reading_fails[what] = error

    def ask() -> Asked:
        match what:
            case "load":
                return again.hello()
            case "document":
                return again.submit(receipt(1))
            case "sign":
                return again.submit(receipt(2), replace(AUTONOMOUS, autonomous_sign=6))
            case _:
                return again.ask(PERIOD)

    if what != "load":
        again.hello()
        await idle()
    failed, behind = ask(), again.ask(Ping())
    await idle()
    assert failed.answer == LATER
    assert len(behind.answers) == 1, "who waits behind it is answered too"
    assert fresh.service._lookups.running == set()
    second = ask()
    await idle()
    assert isinstance(second.answer, Welcome | Accepted | Noted)
    assert (await fresh.welcome("kkm-2")).closed == [], "another register notices nothing"


# ---------------------------------------------------------------------------------------------- unknown outcomes


@pytest.mark.parametrize("kept", [True, False])
async def test_an_unknown_outcome_is_read_back_before_any_answer(kept: bool):
    operator = Operator()
    conversations = await held(operator, "kkm-1", "kkm-2")
    asked = [
        conversations[0].submit(receipt(1)),
        conversations[0].submit(receipt(2)),
        conversations[1].submit(receipt(1)),
    ]
    copy = conversations[0].submit(receipt(1))
    await idle()
    operator.journal.plans.extend([CommitFailed("the stranger's"), Unknown(kept)])
    operator.journal.let_commits_go()
    await idle()
    operator.journal.hold_reads()
    await idle(300)
    operator.journal.let_reads_go()
    await idle(300)
    assert [one.accepted.number for one in asked] == [1, 2, 1]
    assert copy.accepted == asked[0].accepted
    assert await numbers(operator, "kkm-1") == [1, 2]
    assert await numbers(operator, "kkm-2") == [1]
    assert operator.journal.reads.count("is_committed") == 3
    for register_id in ("kkm-1", "kkm-2"):
        await agrees(operator, register_id)


@pytest.mark.parametrize("kept", [True, False])
async def test_nobody_is_answered_while_the_outcome_is_unknown(kept: bool):
    operator = Operator()
    conversation = await operator.welcome()
    operator.journal.plans.append(Unknown(kept))
    operator.journal.hold_reads()
    asked = conversation.submit(receipt(1))
    await idle()
    assert asked.is_open
    assert operator.journal.reads[-1] == "is_committed"
    operator.journal.let_reads_go()
    await idle()
    assert asked.accepted.number == 1
    assert await numbers(operator) == [1]


async def test_an_outcome_that_cannot_be_read_back_ends_the_service():
    operator = Operator()
    conversation = await operator.welcome()
    operator.journal.plans.append(Unknown(kept=True))
    operator.journal.reading_fails["is_committed"] = StorageError("the link is down")
    asked = conversation.submit(receipt(1))
    await idle()
    assert asked.answer == LATER
    assert operator.service.broken is not None
    assert len(operator.broken) == 1


# -------------------------------------------------------------------------------------------------- another node


def of_another_node(*entries: Entry, number: int = 0) -> Append:
    """What another node appends to kkm-1 that stands at version 1, registered by the same hello."""
    state = register_from("kkm-1", Registered(at=T0, token_digest=token_digest("t")))
    before = state.version
    for entry in entries:
        state = apply(state, entry)
    return Append("kkm-1", before, entries, state)


def taken_elsewhere(number: int, **given: object) -> Append:
    """Documents up to this number, as another node with the same key takes them."""
    state = register_from("kkm-1", Registered(at=T0, token_digest=token_digest("t")))
    entries: list[Entry] = []
    for n in range(1, number + 1):
        document = receipt(n, **given)  # type: ignore[arg-type]  # fields of a receipt
        content = encode_content(document)
        decision = decide_document(state, document, content, Delivery(), T0, Rules(), SIGNER, "native")
        entries.extend(decision.entries)
        assert decision.state is not None
        state = decision.state
    return Append("kkm-1", 1, tuple(entries), state)


async def test_what_another_node_has_overtaken_is_decided_again():
    operator = Operator()
    conversation = await operator.welcome()
    operator.journal.plans.append(
        Overtaken(of_another_node(StandingChanged(at=T0, standing=Standing.BLOCKED, reason="x")))
    )
    asked = conversation.submit(receipt(1))
    await idle()
    assert asked.answer == Blocked(reason="x")
    await agrees(operator)


async def test_a_document_that_another_node_has_taken_meanwhile_is_the_same_document():
    operator = Operator()
    conversation = await operator.welcome()
    elsewhere = taken_elsewhere(2)
    operator.journal.plans.append(Overtaken(elsewhere))
    operator.journal.hold_commits()
    asked = [conversation.submit(receipt(1)), conversation.submit(receipt(2)), conversation.submit(receipt(1))]
    last = conversation.submit(receipt(3))
    await idle()
    operator.journal.let_commits_go()
    await idle(300)
    entries = [entry for entry in elsewhere.entries if isinstance(entry, DocumentRecorded)]
    assert [one.accepted.sign for one in asked] == [entries[0].sign, entries[1].sign, entries[0].sign]
    assert last.accepted.number == 3
    assert await numbers(operator) == [1, 2, 3]
    await agrees(operator)


async def test_another_document_that_another_node_has_taken_meanwhile_is_a_conflict():
    operator = Operator()
    conversation = await operator.welcome()
    operator.journal.plans.append(Overtaken(taken_elsewhere(1, issued_at=T0 + 1)))
    asked = conversation.submit(receipt(1))
    await idle()
    assert isinstance(asked.answer, Refused)
    assert asked.answer.code is RefusalCode.CONFLICT
    await agrees(operator)


async def test_what_was_decided_for_others_in_the_batch_is_not_touched():
    operator = Operator()
    one, two = await held(operator, "kkm-1", "kkm-2")
    asked = [two.submit(receipt(1)), one.submit(receipt(1)), two.submit(receipt(2))]
    await idle()
    operator.journal.plans.extend([CommitFailed("the stranger's"), Overtaken(taken_elsewhere(1))])
    operator.journal.let_commits_go()
    await idle(300)
    assert [asked_.accepted.number for asked_ in asked] == [1, 1, 2]
    assert await numbers(operator, "kkm-2") == [1, 2]


async def test_order_is_kept_when_a_look_up_waits_behind_what_was_overtaken():
    """Document 3 waits in a look-up for documents 1 and 2, which are decided again: it must not overtake them."""
    operator = Operator()
    conversation = await operator.welcome()
    block = StandingChanged(at=T0, standing=Standing.GOOD, reason="")
    operator.journal.plans.append(Overtaken(of_another_node(block)))
    operator.journal.hold_commits()
    facts = replace(AUTONOMOUS, autonomous_sign=9)
    asked = [conversation.submit(receipt(1), facts), conversation.submit(receipt(2))]
    asked.append(conversation.submit(receipt(3), AUTONOMOUS))
    asked.append(conversation.submit(receipt(4)))
    await idle()
    operator.journal.let_commits_go()
    await idle(300)
    assert [one.accepted.number for one in asked] == [1, 2, 3, 4]
    assert await numbers(operator) == [1, 2, 3, 4]
    await agrees(operator)


async def test_an_old_sign_on_a_document_that_another_node_has_taken():
    operator = Operator()
    conversation = await operator.welcome()
    state = register_from("kkm-1", Registered(at=T0, token_digest=token_digest("t")))
    first = decide_document(
        state, receipt(1), encode_content(receipt(1)), replace(AUTONOMOUS, autonomous_sign=9), T0, Rules(), SIGNER, "x"
    )
    assert first.state is not None
    second = decide_document(first.state, receipt(2), encode_content(receipt(2)), AUTONOMOUS, T0, Rules(), SIGNER, "x")
    assert second.state is not None
    operator.journal.plans.append(Overtaken(Append("kkm-1", 1, (*first.entries, *second.entries), second.state)))
    operator.journal.hold_commits()
    asked = [
        conversation.submit(receipt(1), replace(AUTONOMOUS, autonomous_sign=9)),
        conversation.submit(receipt(2), AUTONOMOUS),
    ]
    await idle()
    operator.journal.let_commits_go()
    await idle(300)
    assert [one.accepted.number for one in asked] == [1, 2]


# --------------------------------------------------------------------------------------------- the 5-second limit


@pytest.mark.parametrize(("waited", "dropped"), [(5.0, False), (5.001, True)])
@pytest.mark.parametrize("silent", [False, True])
async def test_what_is_overdue_when_the_writer_takes_it_is_dropped(waited: float, dropped: bool, silent: bool):
    """Semantics 2.5: exactly 5 seconds is in time."""
    operator = Operator(silent_when_overdue=silent)
    (conversation,) = await held(operator, "kkm-1")
    asked = conversation.submit(receipt(1))
    operator.clock.pass_(waited)
    operator.journal.let_commits_go()
    await idle()
    if dropped:
        assert asked.answer == (None if silent else LATER)
        assert await numbers(operator) == []
        again = conversation.submit(receipt(1))
        await idle()
        assert again.accepted.number == 1
    else:
        assert asked.accepted.number == 1
    await agrees(operator)


async def test_all_that_was_decided_on_top_of_what_is_overdue_is_dropped_with_it():
    operator = Operator()
    one, two = await held(operator, "kkm-1", "kkm-2")
    first = one.submit(receipt(1))
    operator.clock.pass_(4)
    on_top = [one.submit(receipt(2)), one.submit(receipt(1)), one.ask(AskInformation())]
    other = two.submit(receipt(1))
    operator.clock.pass_(1.5)
    operator.journal.let_commits_go()
    await idle()
    assert first.answer == LATER
    assert [asked.answer for asked in on_top] == [LATER] * 3
    assert other.accepted.number == 1
    assert await numbers(operator, "kkm-1") == []
    state = await operator.service.state_of("kkm-1")
    assert state is not None
    assert state.tape.last_number == 0


async def test_a_look_up_that_waits_for_what_is_overdue():
    operator = Operator()
    (conversation,) = await held(operator, "kkm-1")
    first = conversation.submit(receipt(1))
    told = conversation.ask(PERIOD)
    operator.clock.pass_(4)
    period = conversation.ask(PERIOD)  # known or not: that has to be looked up
    behind = conversation.submit(receipt(1))
    operator.clock.pass_(2)
    operator.journal.let_commits_go()
    await idle(200)
    assert (first.answer, told.answer) == (LATER, LATER)
    assert period.answer == Noted(at=T0 + 4_000)
    assert behind.accepted.number == 1
    await agrees(operator)


async def test_a_person_hears_of_an_overdue_decision_even_where_registers_hear_nothing():
    operator = Operator(silent_when_overdue=True)
    await held(operator, "kkm-1")
    changing = asyncio.ensure_future(operator.service.administer("kkm-1", set_standing(Standing.BLOCKED)))
    await idle()
    operator.clock.pass_(6)
    operator.journal.let_commits_go()
    with pytest.raises(StorageError):
        await changing
    state = await operator.service.state_of("kkm-1")
    assert state is not None
    assert state.standing is Standing.GOOD


@pytest.mark.parametrize(("took", "late"), [(5.0, False), (5.001, True)])
@pytest.mark.parametrize("withhold", [False, True])
async def test_a_commit_that_ends_late_is_kept_and_counted(took: float, late: bool, withhold: bool):
    operator = Operator(withhold_late=withhold)
    conversation = await operator.welcome()
    operator.journal.hold_commits()
    asked = conversation.submit(receipt(1))
    await idle()
    operator.clock.pass_(took)
    operator.journal.let_commits_go()
    await idle()
    assert await numbers(operator) == [1]
    assert operator.figures.late_answers == late
    if late and withhold:
        assert asked.answer is None
    else:
        assert asked.accepted.number == 1
    history = await operator.service.history("kkm-1", 1)
    expected = [NoteKind.LATE, NoteKind.WITHHELD] if withhold else [NoteKind.LATE]
    assert [note.kind for note in history.notes] == (expected if late else [])
    again = conversation.submit(receipt(1))
    await idle()
    assert again.accepted.number == 1
    assert operator.figures.answers[-1][1] == 0.0


async def test_the_limit_can_be_set():
    operator = Operator(answer_timeout_s=0.5)
    (conversation,) = await held(operator, "kkm-1")
    asked = conversation.submit(receipt(1))
    operator.clock.pass_(0.6)
    operator.journal.let_commits_go()
    await idle()
    assert asked.answer == LATER


@pytest.mark.parametrize("withhold", [False, True])
async def test_a_late_decision_that_is_no_document_is_counted(withhold: bool):
    operator = Operator(withhold_late=withhold)
    conversation = await operator.welcome()
    operator.journal.hold_commits()
    asked = conversation.ask(PERIOD)
    await idle()
    operator.clock.pass_(6)
    operator.journal.let_commits_go()
    await idle()
    assert asked.answer == (None if withhold else Noted(at=T0))
    assert operator.figures.late_answers == 1
    assert await operator.journal.period("kkm-1", 1) is not None


# ---------------------------------------------------------------------------------------------------- the batches


async def test_a_batch_has_a_limit_and_nothing_is_left_behind():
    operator = Operator()
    ids = [f"kkm-{n}" for n in range(BATCH_MAX // 50 + 3)]
    conversations = await held(operator, *ids)
    asked = [conversation.submit(receipt(n)) for n in range(1, 51) for conversation in conversations]
    operator.journal.let_commits_go()
    await idle(500)
    assert all(one.is_accepted for one in asked)
    sizes = [len(batch) for batch in operator.journal.batches]
    assert max(sizes) == BATCH_MAX
    assert sum(sizes) == len(asked) + 1
    for register_id in ids:
        assert await numbers(operator, register_id) == list(range(1, 51))


async def test_times_of_a_batch_are_written_with_a_later_one():
    operator = Operator()
    conversation = await operator.welcome()
    await operator.sold(conversation, receipt(1))
    assert (await operator.journal.history("kkm-1", 1)).times is None
    operator.clock.pass_(1)
    await operator.sold(conversation, close_shift(2))
    kept = (await operator.journal.history("kkm-1", 1)).times
    assert kept is not None
    assert (kept.taken_at, kept.committed_at, kept.answered_at) == (T0, T0, T0)
    assert operator.figures.commits == [1, 1, 1]


async def test_a_decision_between_two_ticks_does_not_forget_what_is_on_its_way():
    """A newer session, and in the same moment somebody else: what is not durable yet still counts."""
    operator = Operator()
    older = await operator.welcome()
    operator.journal.hold_commits()
    first = older.submit(receipt(1))
    await idle()
    changing = asyncio.ensure_future(operator.service.administer("kkm-1", set_standing(Standing.GOOD, "asked")))
    await idle()
    newer = Conversation(operator.service)
    hello = newer.hello()
    third = Conversation(operator.service, protocol="http")
    third.session.register_id = "kkm-1"
    second = third.submit(receipt(2))
    information = third.ask(AskInformation())
    await idle()
    operator.journal.let_commits_go()
    await idle(300)
    assert first.accepted.number == 1
    assert second.accepted.number == 2
    assert isinstance(hello.answer, Welcome)
    assert isinstance(information.answer, Information)
    assert information.answer.last_number == 2
    assert changing.done()
    await agrees(operator)


def test_the_digest_is_of_the_content():
    assert digest_of(encode_content(receipt(1))) == taken_elsewhere(1).after.tape.last_digest
