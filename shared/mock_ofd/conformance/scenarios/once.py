"""Exactly once: whatever becomes of a request or its answer, a sale is in the ledger, and it is there once."""

from __future__ import annotations

from typing import Final

from fiscal.faults.effects import Corrupt, Duplicate, LoseAnswer, LoseRequest, Point, Reset, WrongRequestNumber
from fiscal.faults.plan import Fault
from mock_ofd.conformance.front import name_of
from mock_ofd.conformance.scenario import (
    Scenario,
    check_in_time,
    check_once_in_order,
    fault,
    requests,
    was_answered,
)
from mock_ofd.conformance.stage import Register, Stage, check
from mock_ofd.conformance.tongue import Paper


async def online_sale(stage: Stage) -> None:
    till = await stage.register()
    for _ in range(3):
        await till.sells_online()
    status = await till.status()
    check(not status.is_autonomous, "the register says that it is autonomous")
    check(status.unsent == 0, f"the register says that {status.unsent} documents wait")
    check_once_in_order(stage, till)


async def _sells_through(stage: Stage, trouble: Fault) -> tuple[Register, Paper]:
    """A sale that the trouble befalls, signed by another attempt or autonomous; then all goes well again."""
    till = await stage.register()
    await till.sells_online()
    till.suffers(trouble)
    said = await till.sells()
    paper = till.sold[-1]
    if not said.is_autonomous:
        text = f"the receipt over the {name_of(paper)} is online, and no answer to it had reached the client"
        check(was_answered(till, paper), text)
        await till.is_signed(said, paper)
    till.suffers()
    await till.hurry()
    await till.delivers()
    await till.sells()
    await till.delivers()
    check_once_in_order(stage, till)
    return till, paper


async def lost_answer(stage: Stage) -> None:
    trouble = fault("the answer is lost after the commit", Point.AFTER_COMMIT, LoseAnswer(), times=1)
    till, paper = await _sells_through(stage, trouble)
    check_in_time(stage, till.papers[paper])
    text = f"the answer to the {name_of(paper)} was lost, and it was not sent again: nobody knows what became of it"
    check(len(requests(till, paper)) > 1, text)


async def lost_request(stage: Stage) -> None:
    await _sells_through(stage, fault("the request is lost", Point.BEFORE_COMMIT, LoseRequest(), times=1))


async def reset_after_commit(stage: Stage) -> None:
    await _sells_through(stage, fault("a reset instead of the answer", Point.AFTER_COMMIT, Reset(), times=1))


async def half_an_answer(stage: Stage) -> None:
    await _sells_through(stage, fault("a reset amid the answer", Point.HALF_ANSWER, Reset(), times=1))


async def garbled_answer(stage: Stage) -> None:
    await _sells_through(
        stage, fault("the answer begins with a wrong byte", Point.AFTER_COMMIT, Corrupt(8, 0), times=1)
    )


async def foreign_answer(stage: Stage) -> None:
    wrong = fault("the answer has another request's number", Point.AFTER_COMMIT, WrongRequestNumber(7), times=1)
    await _sells_through(stage, wrong)


async def same_again(stage: Stage) -> None:
    trouble = fault("a reset instead of the answer, three times", Point.AFTER_COMMIT, Reset(), times=3)
    till, paper = await _sells_through(stage, trouble)
    sent = requests(till, paper)
    check(len(sent) > 1, "the sale was not sent again")
    identities = list(dict.fromkeys(each.identity for each in sent))
    check(len(identities) == 1, f"the {name_of(paper)} was sent as other documents: {'; then '.join(identities)}")


async def answer_twice(stage: Stage) -> None:
    till = await stage.register()
    await till.sells_online()
    till.suffers(fault("every answer comes twice", Point.AFTER_COMMIT, Duplicate()))
    for _ in range(3):
        await till.sells()
        await till.delivers()
        said = till.papers[till.sold[-1]]
        if not said.is_autonomous:
            await till.is_signed(said, till.sold[-1])
    till.suffers()
    await till.hurry()
    await till.delivers()
    check_once_in_order(stage, till)


async def same_key(stage: Stage) -> None:
    till = await stage.register()
    first = await till.sells_online()
    paper = till.sold[-1]
    for when in ("at once", "after a restart"):
        again = await till.again(paper)
        text = f"the same order {when} was answered with {again.error or again.sign}, first with {first.sign}"
        check(again.is_ok and again.sign == first.sign, text)
        if when == "at once":
            await till.restart()
    till.front.cut()
    alone = await till.sells_alone()
    again = await till.again(till.sold[-1])
    text = f"the same order was answered with {again.error or again.autonomous_sign}, first {alone.autonomous_sign}"
    check(again.is_ok and again.autonomous_sign == alone.autonomous_sign, text)
    await till.comes_back()
    await till.sells()
    await till.delivers()
    check_once_in_order(stage, till)


SCENARIOS: Final = (
    Scenario(
        "online-sale",
        "a receipt has the operator's sign, and the ledger the receipt",
        "hands out a receipt before the operator has answered, or with a sign of its own making",
        "semantics 2.6",
        online_sale,
    ),
    Scenario(
        "lost-answer",
        "a sale whose answer is lost is in the ledger once, and the cashier does not wait",
        "sells it anew under another number, forgets it, or waits longer than the limit",
        "S3-13, semantics 1.2",
        lost_answer,
    ),
    Scenario(
        "lost-request",
        "a sale whose request never arrived is delivered later",
        "takes it for sent",
        "S3-05, S3-24",
        lost_request,
    ),
    Scenario(
        "reset-after-commit",
        "a connection that breaks instead of the answer loses and doubles nothing",
        "forgets the sale, or makes another of it",
        "semantics 1.2",
        reset_after_commit,
    ),
    Scenario(
        "half-an-answer",
        "a part of an answer is none",
        "takes what it has read for the answer",
        "semantics 3.2",
        half_an_answer,
    ),
    Scenario(
        "garbled-answer",
        "bytes that are no answer are not believed, and the client lives on",
        "ends, or takes the sale for accepted",
        "semantics 3.2",
        garbled_answer,
    ),
    Scenario(
        "foreign-answer",
        "an answer to another request is not believed",
        "takes the next answer that comes for the one that it waits for",
        "Kazakhstan protocol 2.0.2, 2.2; native protocol",
        foreign_answer,
    ),
    Scenario(
        "same-again",
        "a document that is sent again is the same document",
        "gives a document that is sent again another number, id, token or time",
        "semantics 1.3, 3.3",
        same_again,
    ),
    Scenario(
        "answer-twice",
        "an answer that comes twice is the answer to one document",
        "takes the second copy for the answer to the next sale",
        "semantics 1.2",
        answer_twice,
    ),
    Scenario(
        "same-key",
        "the same order again gives the same receipt, after a restart and without the operator too",
        "sells again what the cash desk asks for again",
        "semantics 1.6, S4-14",
        same_key,
    ),
)
