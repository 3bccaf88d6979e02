"""What came in one turn of the loop: one step for all of it, and nobody disturbs the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from fiscal.domain.messages import (
    Accepted,
    AskInformation,
    Information,
    Noted,
    Ping,
    Refused,
    TryLater,
)
from fiscal.domain.receipt import Payment, PaymentKind
from ofd_server import deciding, intake
from ofd_server.core.decide import Decision
from ofd_server.core.documents import Submission, decide_documents
from tests.documents import receipt
from tests.ofd_server.twins import Conversation, Operator, idle, numbers

CARD = (Payment(kind=PaymentKind.CARD, sum=10_000),)


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

    for module in (intake, deciding):
        monkeypatch.setattr(module, "decide_documents", fail)
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


# ------------------------------------------------------------------------------------------------------- plain sales


async def selling(operator: Operator, register_id: str = "kkm-1") -> Conversation:
    """A register whose first sale has opened its shift."""
    conversation = await operator.welcome(register_id)
    await operator.sold(conversation, receipt(1))
    return conversation


async def test_several_plain_sales_of_a_register_in_one_turn_go_on_top_of_each_other():
    operator = Operator()
    conversation, other = await selling(operator), await selling(operator, "kkm-2")
    await operator.sold(conversation, *(receipt(number) for number in range(2, 6)))
    await operator.sold(other, receipt(2))
    assert await numbers(operator, "kkm-1") == [1, 2, 3, 4, 5]
    assert operator.figures.answers.count(("accepted", 0.0)) == 7


async def test_a_plain_sale_behind_something_that_is_not_plain_waits_for_it():
    operator = Operator()
    conversation = await selling(operator)
    asked = [
        conversation.submit(receipt(2)),
        conversation.submit(receipt(3, payments=CARD)),
        conversation.submit(receipt(4)),
        conversation.ask(AskInformation()),
        conversation.submit(receipt(5)),
    ]
    await idle()
    assert [one.accepted.number for one in (*asked[:3], asked[4])] == [2, 3, 4, 5]
    assert isinstance(asked[3].answer, Information)
    assert await numbers(operator, "kkm-1") == [1, 2, 3, 4, 5]


async def test_a_defect_in_the_quick_look_leaves_the_document_to_a_close_one(monkeypatch: pytest.MonkeyPatch):
    operator = Operator()
    conversation = await selling(operator)

    def fail(*given: Any) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(intake, "decide_plain", fail)
    await operator.sold(conversation, receipt(2))
    assert await numbers(operator, "kkm-1") == [1, 2]


async def test_documents_that_come_together_are_answered_as_those_that_come_alone():
    operator = Operator()
    conversation = await selling(operator)
    stranger = Conversation(operator.service, "kkm-9")
    assert isinstance(stranger.submit(receipt(1)).answer, Refused), "it has not said hello"
    newer = await operator.welcome("kkm-1")
    assert isinstance(conversation.submit(receipt(2)).answer, Refused), "it was superseded"
    newer.session.forgotten = True
    assert newer.submit(receipt(2)).is_open
    await idle()
    assert await numbers(operator, "kkm-1") == [1]


async def test_a_stopping_operator_puts_off_documents_that_come_together():
    operator = Operator()
    conversation = await selling(operator)
    await operator.service.drain()
    assert isinstance(conversation.submit(receipt(2)).answer, TryLater)
