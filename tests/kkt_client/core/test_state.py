"""The register as a fold of its records."""

import pytest
from msgspec.structs import replace

from fiscal.domain.document import ONLINE, CloseShift, Delivery
from fiscal.domain.lifecycle import AutonomousReason, BlockReason, DocumentState, IllegalTransition, RegisterMode
from fiscal.domain.shift import Shift, advance, cash_in_drawer
from fiscal.domain.signs import digest_of
from fiscal.protocols.content import encode_content
from kkt_client.core import records, resolving
from kkt_client.core.basket import CashIn, Closing
from kkt_client.core.events import (
    AnomalyNoted,
    CameBack,
    DocumentMoved,
    PersonNeeded,
    WasBlocked,
    WasUnblocked,
    WentAutonomous,
)
from kkt_client.core.records import Adopted, AnomalyCode, Decision
from kkt_client.core.state import RegisterState, refused_head
from tests.documents import T0
from tests.kkt_client.core.till import CASHIER, Till

M = RegisterMode


def mode_of(till: Till) -> RegisterMode:
    return till.state.mode


def told(till: Till) -> list[type]:
    found = [type(event) for event in till.events if not isinstance(event, DocumentMoved)]
    till.events.clear()
    return found


def block(reason: BlockReason) -> records.BlockBegan:
    return records.BlockBegan(reason=reason, at=T0, text="why")


def unblock(reason: BlockReason) -> records.BlockEnded:
    return records.BlockEnded(reason=reason, at=T0)


def decided(decision: Decision, number: int | None = None, adopted: Adopted | None = None) -> records.Resolved:
    return records.Resolved(decision=decision, at=T0, by="a", why="b", number=number, adopted=adopted)


def test_documents_follow_each_other_and_fold_into_the_shift():
    till = Till()
    first = till.sell()
    second = till.issue(CashIn(sum=500))

    state = till.state
    assert (state.last_number, state.accepted_number, state.accepted_shift) == (2, 1, 1)
    assert state.last_id == second.document.id
    assert state.last_digest == digest_of(second.content)
    assert state.in_doubt is state.head is second
    assert cash_in_drawer(state.shift) == 25_500
    assert cash_in_drawer(state.confirmed) == 25_000
    assert first.state is DocumentState.DELIVERED
    assert state.mode is M.ONLINE


@pytest.mark.requirement("S3-06", "S3-15")
def test_the_mode_lasts_from_the_lost_channel_until_everything_is_sent_and_each_change_is_told_once():
    till = Till()
    till.issue()
    till.lose(AutonomousReason.LATE_ANSWER)
    assert told(till) == [WentAutonomous]
    till.issue_alone()
    till.issue_alone()
    assert till.state.is_autonomous
    till.welcome()
    till.accept()
    till.accept()
    assert (till.state.mode, told(till)) == (M.AUTONOMOUS, [])

    till.accept()

    assert till.state.mode == M.ONLINE
    assert told(till) == [CameBack]


def test_a_period_that_nobody_has_heard_of_keeps_the_register_autonomous():
    till = Till()
    till.issue()
    till.lose()
    till.write([records.PeriodEnded(period=1, at=T0)])
    till.accept()
    assert mode_of(till) is M.AUTONOMOUS

    till.write([records.PeriodReported(period=1, at=T0)])

    assert till.state.mode == M.ONLINE


@pytest.mark.requirement("S3-23")
def test_a_link_that_breaks_while_the_queue_is_sent_begins_another_period():
    till = Till()
    till.issue()
    till.lose()
    till.issue_alone()
    till.welcome()
    till.accept()
    joined = till.issue_alone()
    till.lose(AutonomousReason.LATE_ANSWER)
    apart = till.issue_alone()

    assert (joined.period, apart.period) == (1, 2)
    assert till.state.open_period is not None
    assert till.state.open_period.reason is AutonomousReason.LATE_ANSWER


def test_figures_count_what_turned_autonomous_in_its_own_shift():
    till = Till()
    till.sell()
    till.issue()
    till.lose()

    assert till.state.shift.counters["tickets.sell.offline_count"] == 1


def test_a_z_report_that_turned_autonomous_changes_no_figure():
    till = Till()
    till.sell()
    till.issue(Closing())
    before = till.state.shift

    till.lose()

    assert till.state.shift == before


@pytest.mark.parametrize("alone", [1, 2, 5])
def test_both_sides_fold_the_same_documents_into_the_same_figures(alone):
    till = Till()
    first = till.sell(CashIn(sum=100))
    orders = [till.issue_alone() for _ in range(alone)]
    orders.append(till.issue_alone(Closing()))
    orders.append(till.issue_alone())
    till.welcome()
    operator = advance(Shift(), first.document, ONLINE)
    for dossier in orders:
        till.accept()
        operator = advance(operator, dossier.document, Delivery(autonomous=True))

    assert till.state.confirmed == till.state.shift == operator


def test_a_refused_document_blocks_until_it_is_retried():
    till = Till()
    till.issue()
    told(till)
    till.refuse()
    assert (till.state.mode, told(till)) == (M.BLOCKED, [WasBlocked, PersonNeeded])
    assert refused_head(till.state) is till.state.head

    till.write([decided(Decision.RETRY, 1)])

    assert (till.state.mode, told(till)) == (M.ONLINE, [WasUnblocked])
    assert till.state.in_doubt is till.state.head
    assert refused_head(till.state) is None


def test_a_void_takes_number_and_place_and_nothing_was_ever_counted():
    till = Till()
    till.sell()
    first = till.issue_alone()
    behind = till.issue_alone()
    till.welcome()
    till.refuse()
    made, draft = resolving.give_up(till.state, "a", "b", till.now, CASHIER)
    till.write(made)

    state = till.state
    assert [dossier.number for dossier in state.queue] == [2, 3]
    assert first.document.id < draft.document.id < behind.document.id
    assert first.state is DocumentState.VOIDED_AUTONOMOUS
    assert state.queue[0].delivery == Delivery(autonomous=True, period=1)
    assert cash_in_drawer(state.shift) == 50_000
    assert state.shift.counters["tickets.sell.count"] == 2
    assert (state.mode, state.last_number) == (M.AUTONOMOUS, 3)
    till.accept()
    till.accept()
    assert state.confirmed == state.shift
    assert state.mode is M.ONLINE


def test_a_void_of_the_last_document_is_the_last_document():
    till = Till()
    till.issue()
    till.refuse()
    made, draft = resolving.give_up(till.state, "a", "b", till.now + 5_000, CASHIER)
    till.write(made)

    state = till.state
    assert (state.last_id, state.last_issued_at) == (draft.document.id, till.now + 5_000)
    assert state.in_doubt is state.head
    assert not state.shift.is_open
    assert till.issue_alone(CashIn(sum=5)).document.shift == 1


def test_a_voided_z_report_leaves_its_shift_open():
    till = Till()
    till.sell()
    till.issue(Closing())
    till.refuse()
    till.write(resolving.give_up(till.state, "a", "b", till.now, CASHIER)[0])

    assert till.state.shift.is_open
    assert isinstance(till.issue_alone(Closing()).document, CloseShift)


def test_blocks_add_up_and_the_last_one_counts():
    till = Till()
    till.write([block(BlockReason.BY_OPERATOR), block(BlockReason.MEMORY_BEHIND), block(BlockReason.BY_OPERATOR)])
    assert (till.state.mode, told(till)) == (M.BLOCKED, [WasBlocked, WasBlocked, PersonNeeded])

    till.write([unblock(BlockReason.BY_OPERATOR), unblock(BlockReason.BY_OPERATOR)])
    assert (till.state.mode, told(till)) == (M.BLOCKED, [])

    till.write([unblock(BlockReason.MEMORY_BEHIND)])
    assert (till.state.mode, told(till)) == (M.ONLINE, [WasUnblocked])


def test_the_block_of_three_days_ends_with_the_queue():
    till = Till()
    till.issue_alone()
    till.write([block(BlockReason.TOO_LONG_AUTONOMOUS)])
    assert till.state.mode == M.BLOCKED_AUTONOMOUS
    till.welcome()
    told(till)

    till.accept()

    assert (till.state.mode, told(till)) == (M.ONLINE, [WasUnblocked, CameBack])


def test_a_welcome_proves_that_the_operator_knows_the_register_again():
    till = Till()
    till.issue_alone()
    till.write([block(BlockReason.REJECTED_CREDENTIALS)])
    assert mode_of(till) is M.BLOCKED_AUTONOMOUS

    till.welcome()

    assert till.state.mode == M.AUTONOMOUS


def test_adopting_goes_on_from_what_the_operator_holds():
    till = Till()
    till.sell()
    till.write([block(BlockReason.MEMORY_BEHIND)])
    took = Adopted(last_number=9, last_shift=3, shift_opened_at=T0, last_autonomous_sign=77, counters={"cash_sum": 5})
    till.write([decided(Decision.ADOPT, adopted=took)])

    state = till.state
    assert (state.last_number, state.accepted_number, state.adopted_number) == (9, 9, 9)
    assert (state.accepted_shift, state.autonomous_sign, state.last_digest) == (3, 77, b"")
    assert (cash_in_drawer(state.shift), state.shift.next_number) == (5, 3)
    assert state.mode is M.ONLINE
    assert (till.issue_alone().autonomous_sign or 0) > 77


def test_what_was_unsent_when_the_memory_was_adopted_is_sent_and_counted_once():
    till = Till()
    till.sell()
    known, unknown = till.issue_alone(), till.issue_alone()
    counters = dict(advance(till.state.confirmed, known.document, known.delivery).counters)
    till.write([block(BlockReason.MEMORY_BEHIND)])
    took = Adopted(last_number=2, last_shift=1, shift_opened_at=T0, counters=counters)
    till.write([decided(Decision.ADOPT, adopted=took)])
    till.welcome()

    assert cash_in_drawer(till.state.shift) == 75_000
    assert till.accept() is known
    assert cash_in_drawer(till.state.confirmed) == 50_000
    assert till.accept() is unknown
    assert cash_in_drawer(till.state.confirmed) == 75_000
    assert till.state.last_digest == digest_of(unknown.content)


def test_a_document_that_the_adoption_settled_needs_no_void():
    till = Till()
    till.sell()
    given_up = till.issue_alone()
    till.write([block(BlockReason.MEMORY_BEHIND)])
    till.write([decided(Decision.ADOPT, adopted=Adopted(last_number=2, last_shift=1, shift_opened_at=T0))])
    till.welcome()
    till.refuse("conflict")
    till.write([decided(Decision.ADOPT, 2)])

    assert given_up.state is DocumentState.VOIDED_AUTONOMOUS
    assert till.state.mode == M.ONLINE
    assert not till.state.queue


@pytest.mark.parametrize("reason", [BlockReason.MEMORY_BEHIND, BlockReason.OPERATOR_BEHIND])
def test_looking_again_lifts_what_stood_between_the_memories(reason):
    till = Till()
    till.write([block(reason), decided(Decision.RETRY)])

    assert till.state.mode == M.ONLINE


def test_resending_is_allowed_up_to_what_was_accepted():
    till = Till()
    till.sell()
    till.sell()
    till.write([block(BlockReason.OPERATOR_BEHIND), decided(Decision.RESEND)])

    assert (till.state.resend_through, till.state.mode) == (2, M.ONLINE)


def test_an_anomaly_is_told_and_changes_nothing():
    till = Till()
    till.write([records.Anomaly(code=AnomalyCode.SECOND_SIGN, at=T0, text="t", number=1)])

    assert told(till) == [AnomalyNoted]


def wrong_place(till):
    return records.Issued(number=1, content=till.issue().content)


def wrong_number(till):
    return records.Issued(number=2, content=till.issue().content)


def other_number(till):
    return records.Issued(number=5, content=till.issue().content)


def void_of_nothing(till):
    till.issue()
    till.refuse()
    made, _ = resolving.give_up(till.state, "a", "b", till.now, CASHIER)
    return made[1]


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda till: records.Founded(register="r", at=T0), "founded once"),
        (wrong_place, "cannot follow 1"),
        (wrong_number, "says 1"),
        (other_number, "says 1"),
        (void_of_nothing, "was not given up"),
        (lambda till: records.Accepted(number=1, at=T0, operator_at=T0), "not the head"),
        (lambda till: decided(Decision.VOID, 1), "not the head"),
        (lambda till: records.PeriodEnded(period=1, at=T0), "does not last"),
        (lambda till: records.PeriodReported(period=1, at=T0), "not the next"),
        (lambda till: records.PeriodBegan(period=2, at=T0, reason=AutonomousReason.UNPAID), "cannot begin"),
        (lambda till: decided(Decision.ADOPT), "less than what it accepted"),
        (
            lambda till: records.MadeAutonomous(number=1, period=1, reason=AutonomousReason.UNPAID, at=T0),
            "does not wait",
        ),
    ],
)
def test_a_record_that_cannot_follow_is_refused(make, why):
    till = Till()

    with pytest.raises(IllegalTransition, match=why):
        till.write([make(till)])


@pytest.mark.requirement("S3-17")
def test_a_sign_that_does_not_rise_is_refused():
    till = Till()
    first = till.issue_alone()
    till.issue()

    with pytest.raises(IllegalTransition, match="not above"):
        till.write(
            [
                records.MadeAutonomous(
                    number=2, period=1, reason=AutonomousReason.LATE_ANSWER, at=T0, sign=first.autonomous_sign
                )
            ]
        )


def test_the_ids_of_documents_rise():
    till = Till()
    first = till.issue()
    till.accept()
    same_id = replace(first.document, number=2)
    with pytest.raises(IllegalTransition, match="cannot follow"):
        till.write([records.Issued(number=2, content=encode_content(same_id))])


def test_reading_the_state():
    state = RegisterState()

    assert state.head is None
    assert state.in_doubt is None
    assert state.oldest_autonomous_at is None
    assert state.is_quiet
    assert not state.is_autonomous
    till = Till()
    oldest = till.issue_alone()
    till.issue_alone()
    assert till.state.oldest_autonomous_at == oldest.issued_at
    assert not till.state.is_quiet
