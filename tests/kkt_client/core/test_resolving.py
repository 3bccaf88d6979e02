"""A person's decisions."""

from typing import Any

import pytest

from fiscal.domain.document import Void
from fiscal.domain.lifecycle import BlockReason
from fiscal.domain.messages import Information
from kkt_client.core import records, resolving
from kkt_client.core.errors import NothingToResolve
from kkt_client.core.records import Decision
from tests.documents import T0
from tests.kkt_client.core.till import CASHIER, Till


def refused(alone=False):
    till = Till()
    if alone:
        till.issue_alone()
        till.welcome()
    else:
        till.issue()
    till.refuse()
    return till


def behind(reason):
    till = Till()
    till.sell()
    till.write([records.BlockBegan(reason=reason, at=T0, text="")])
    return till


def held(number):
    return Information(
        at=T0, last_number=number, last_shift=1, shift_opened_at=T0, last_autonomous_sign=3, counters={"cash_sum": 4}
    )


@pytest.mark.parametrize("number", [None, 1])
def test_retrying_names_the_document(number):
    (made,) = resolving.retry(refused().state, "Айгуль", "оператор исправил", T0, number)

    assert made == records.Resolved(decision=Decision.RETRY, at=T0, by="Айгуль", why="оператор исправил", number=1)


@pytest.mark.parametrize("reason", [BlockReason.MEMORY_BEHIND, BlockReason.OPERATOR_BEHIND])
def test_retrying_without_a_document_looks_again_at_both_memories(reason):
    made: Any
    (made,) = resolving.retry(behind(reason).state, "a", "b", T0)

    assert made.number is None


@pytest.mark.parametrize(
    ("till", "number", "why"),
    [
        (Till(), None, "no document waits"),
        (refused(), 2, "document 2 does not wait"),
        (behind(BlockReason.BY_OPERATOR), None, "no document waits"),
        (behind(BlockReason.MEMORY_BEHIND), 1, "document 1 does not wait"),
    ],
)
def test_there_must_be_something_to_retry(till, number, why):
    with pytest.raises(NothingToResolve, match=why):
        resolving.retry(till.state, "a", "b", T0, number)


@pytest.mark.parametrize(("alone", "kinds"), [(False, 2), (True, 3)])
def test_a_void_is_issued_together_with_the_decision(alone, kinds):
    till = refused(alone)
    given_up = till.state.head

    made, draft = resolving.give_up(till.state, "Айгуль", "ошибка", T0 + 9, CASHIER)

    assert len(made) == kinds
    assert isinstance(draft.document, Void)
    assert (draft.document.number, draft.document.shift, draft.document.issued_at) == (1, 1, T0 + 9)
    assert (draft.document.voids, draft.document.refusal) == (given_up.document.id, "bad_totals")
    assert (draft.document.by, draft.document.why) == ("Айгуль", "ошибка")
    if alone:
        assert made[2] == records.MadeAutonomous(number=1, period=1, reason=given_up.reason, at=T0 + 9)


def test_adopting_keeps_what_the_operator_said():
    made: Any
    (made,) = resolving.adopt(behind(BlockReason.MEMORY_BEHIND).state, held(7), "a", "b", T0)

    assert made.adopted == records.Adopted(
        last_number=7, last_shift=1, shift_opened_at=T0, last_autonomous_sign=3, counters={"cash_sum": 4}
    )


@pytest.mark.parametrize(
    ("till", "number", "why"),
    [
        (Till(), 7, "not behind"),
        (behind(BlockReason.MEMORY_BEHIND), 0, "nothing to go on from"),
    ],
)
def test_there_must_be_something_to_adopt(till, number, why):
    with pytest.raises(NothingToResolve, match=why):
        resolving.adopt(till.state, held(number), "a", "b", T0)


def test_resending_is_for_an_operator_that_lost_something():
    made: Any
    (made,) = resolving.resend(behind(BlockReason.OPERATOR_BEHIND).state, "a", "b", T0)

    assert made.decision is Decision.RESEND
    with pytest.raises(NothingToResolve, match="not behind"):
        resolving.resend(Till().state, "a", "b", T0)
