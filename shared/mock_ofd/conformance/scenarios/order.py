"""Order: what was issued first reaches the operator first, whatever holds it up."""

from __future__ import annotations

import asyncio
from typing import Final

from fiscal.faults.effects import Point, Refuse
from mock_ofd.conformance.front import Passed, name_of
from mock_ofd.conformance.scenario import (
    Scenario,
    check_nothing_overtakes,
    check_once_in_order,
    fault,
    requests,
    seen,
    slow_answers,
)
from mock_ofd.conformance.stage import Failed, Register, Stage, check

PAGE: Final = 120
"""More than what a queue that is read by pages reads at once: a hundred is common."""
LOOK_S: Final = 2.5
"""How long is watched that nothing happens."""
REACHES_S: Final = 0.03
"""What was seen to pass has reached the client then: it is in its pause, and amid no exchange."""
MISLEADING_FINAL: Final = "connection timed out, please try again later"
MISLEADING_PASSING: Final = "permanent error: the document is rejected for good"


async def _alone_with(stage: Stage, count: int) -> Register:
    """A register that has sold so many receipts without the operator; its link is still cut."""
    till = await stage.register()
    await till.sells_online()
    till.front.cut()
    for _ in range(count):
        await till.sells_alone()
    return till


def _is_refused(passed: Passed) -> bool:
    return passed.is_answer and passed.paper is not None and not passed.is_accepted


async def head_in_backoff(stage: Stage) -> None:
    till = await _alone_with(stage, 3)
    text = "the head of the line is told to come again, three times"
    till.suffers(fault(text, Point.BEFORE_COMMIT, Refuse(stage.tongue.words.passing), times=3))
    before = len(till.front.passed)
    till.front.mend()
    await till.hurry()
    await seen(stage, till, "the head of the line", _is_refused, before)
    await asyncio.sleep(REACHES_S)
    await till.sells()
    await till.sells()
    await till.delivers()
    check_nothing_overtakes(till)
    check_once_in_order(stage, till)


async def _new_sale_in_backlog(stage: Stage) -> Register:
    """A sale that is made while a backlog is on its way."""
    till = await _alone_with(stage, 5)
    till.suffers(slow_answers(stage))
    before = len(till.front.passed)
    till.front.mend()
    await till.hurry()
    await seen(stage, till, "the first document of the queue", lambda passed: passed.paper is not None, before)
    return till


async def new_sale_behind_backlog(stage: Stage) -> None:
    till = await _new_sale_in_backlog(stage)
    await till.sells()
    paper = till.sold[-1]
    await till.delivers()
    first = requests(till, paper)[0]
    accepted = [each.paper for each in till.front.passed if each.is_answer and each.is_accepted and each.at <= first.at]
    for earlier in till.sold[:-1]:
        if earlier not in accepted:
            raise Failed(f"the new {name_of(paper)} was sent while the {name_of(earlier)} waited in the queue")
    check_once_in_order(stage, till)


async def one_at_a_time(stage: Stage) -> None:
    till = await _new_sale_in_backlog(stage)
    await till.delivers()
    check_nothing_overtakes(till)
    check_once_in_order(stage, till)


async def long_queue(stage: Stage) -> None:
    till = await _alone_with(stage, PAGE)
    await till.comes_back()
    check_once_in_order(stage, till)


async def refused_head(stage: Stage) -> None:
    till = await _alone_with(stage, 2)
    head, second = till.sold[-2:]
    till.suffers(fault("documents are refused for good", Point.BEFORE_COMMIT, Refuse(stage.tongue.words.final)))
    before = len(till.front.passed)
    till.front.mend()
    await till.hurry()
    await seen(stage, till, "the head of the line", _is_refused, before)
    await stage.rest(LOOK_S)
    text = f"the {name_of(head)} was refused, and the {name_of(second)} behind it was sent: a person decides first"
    check(not requests(till, second), text)
    status = await till.status()
    check(status.is_blocked, "a document was refused for good, and status does not say that somebody has to look")
    if "decide" in till.client.offers:
        till.suffers()
        await till.decide()
        await till.hurry()
        await till.delivers()
        check_once_in_order(stage, till)


async def final_by_code(stage: Stage) -> None:
    till = await stage.register()
    await till.sells_online()
    refuse = Refuse(stage.tongue.words.final, MISLEADING_FINAL)
    till.suffers(fault("refused for good, with a misleading text", Point.BEFORE_COMMIT, refuse))
    said = await till.sell()
    paper = (*till.sold, *till.in_doubt)[-1]
    await stage.rest(LOOK_S)
    count = len(requests(till, paper))
    check(
        count == 1, f"the {name_of(paper)} was refused for good, and was sent {count} times: by the text of the error"
    )
    status = await till.status()
    check(not said.is_ok or status.is_blocked, "a document was refused for good, and nobody was told")


async def passing_by_code(stage: Stage) -> None:
    till = await stage.register()
    await till.sells_online()
    refuse = Refuse(stage.tongue.words.passing, MISLEADING_PASSING)
    text = "told to come again, with a misleading text"
    till.suffers(fault(text, Point.BEFORE_COMMIT, refuse, times=2))
    await till.sells()
    await till.hurry()
    await till.delivers()
    check_once_in_order(stage, till)
    check(not (await till.status()).is_blocked, "the register waits for a person, though nothing was refused for good")


SCENARIOS: Final = (
    Scenario(
        "head-in-backoff",
        "while the head of the line waits for its next attempt, everything behind it waits",
        "takes the next document that is due: the second overtakes the first",
        "S3-24",
        head_in_backoff,
    ),
    Scenario(
        "new-sale-behind-backlog",
        "a sale that is made while a backlog is sent goes behind it",
        "sends new sales at once, past the queue",
        "S3-24",
        new_sale_behind_backlog,
    ),
    Scenario(
        "one-at-a-time",
        "a document is sent when the one before it is accepted",
        "sends the queue without waiting for answers",
        "S3-24",
        one_at_a_time,
    ),
    Scenario(
        "long-queue",
        f"a queue of {PAGE} documents is delivered to its end",
        "reads one page of its queue and forgets the rest",
        "S3-24",
        long_queue,
    ),
    Scenario(
        "refused-head",
        "a document that is refused for good stays at the head until a person has decided, and says so",
        "drops it, or goes on with what is behind it",
        "S3-24, semantics 3.1",
        refused_head,
    ),
    Scenario(
        "final-by-code",
        "a refusal for good is known by its code, whatever its text says: it is sent once, and somebody is told",
        "tries again because the text has the words timed out, or drops it without a word",
        "seen in the field",
        final_by_code,
    ),
    Scenario(
        "passing-by-code",
        "a refusal that will pass is known by its code, whatever its text says",
        "gives a document up because the text has the word permanent",
        "seen in the field",
        passing_by_code,
    ),
)
