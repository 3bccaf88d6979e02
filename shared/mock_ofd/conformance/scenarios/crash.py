"""Crashes: the process dies at the worst moment, and what was issued is neither lost nor doubled."""

from __future__ import annotations

from typing import Final

from fiscal.faults.effects import LoseAnswer, LoseRequest, Point
from fiscal.faults.plan import Fault
from mock_ofd.conformance.front import name_of
from mock_ofd.conformance.scenario import (
    Scenario,
    check_once_in_order,
    check_own_sign,
    check_settled,
    fault,
    seen,
)
from mock_ofd.conformance.stage import Stage, check


async def _killed_while(stage: Stage, trouble: Fault, *, is_answer: bool) -> None:
    """The client dies while a sale is on its way, and is started again."""
    till = await stage.register()
    await till.sells_online()
    till.suffers(trouble)
    paper, request = till.next_sale()
    await till.client.say(request)
    await seen(stage, till, "the sale", lambda passed: passed.paper == paper and passed.is_answer == is_answer)
    await till.kill()
    till.suffers()
    await till.start()
    till.sold.append(paper)  # its bytes have left: a register that persists first has it
    await till.hurry()
    await till.delivers("the sale that was on its way when the client died")
    await check_settled(stage, till, paper)
    await till.sells()
    await till.hurry()
    await till.delivers()
    check_once_in_order(stage, till)


async def killed_before_commit(stage: Stage) -> None:
    trouble = fault("the request does not arrive", Point.BEFORE_COMMIT, LoseRequest())
    await _killed_while(stage, trouble, is_answer=False)


async def killed_after_commit(stage: Stage) -> None:
    trouble = fault("the answer does not arrive", Point.AFTER_COMMIT, LoseAnswer())
    await _killed_while(stage, trouble, is_answer=True)


async def queue_survives(stage: Stage) -> None:
    till = await stage.register()
    await till.sells_online()
    till.front.cut()
    for _ in range(4):
        await till.sells_alone()
    await till.kill()
    await till.start()
    await till.comes_back()
    check_once_in_order(stage, till)


async def signs_after_crash(stage: Stage) -> None:
    till = await stage.register()
    await till.sells_online()
    till.front.cut()
    given: dict[int, int | str] = {}
    for _ in range(3):
        for _ in range(2):
            said = await till.sells_alone()
            sign, paper = check_own_sign(till, said), till.sold[-1]
            text = f"the autonomous sign {sign} stands on the {name_of(given.get(sign, ''))} and the {name_of(paper)}"
            check(sign not in given, text)
            given[sign] = paper
        await till.kill()
        await till.start()


async def goes_on_after_restart(stage: Stage) -> None:
    till = await stage.register()
    await till.sells_online()
    await till.sells_online()
    await till.restart()
    await till.sells_online()
    await till.kill()
    await till.start()
    await till.sells_online()
    check_once_in_order(stage, till)


SCENARIOS: Final = (
    Scenario(
        "killed-before-commit",
        "a sale that was on its way when the process died is delivered when it is started again",
        "leaves the document in progress for ever",
        "S3-09, semantics 3.1",
        killed_before_commit,
    ),
    Scenario(
        "killed-after-commit",
        "a sale that the operator took while the process died is in the ledger once",
        "sends it again as another document, or never asks for its sign",
        "S3-09, semantics 3.3",
        killed_after_commit,
    ),
    Scenario(
        "queue-survives",
        "receipts that were handed out without the operator outlive a power cut",
        "keeps its queue in memory, or writes it down too late",
        "S3-05, S3-09",
        queue_survives,
    ),
    Scenario(
        "signs-after-crash",
        "no autonomous sign is given twice in the life of a register, however often its process dies",
        "counts its signs from the beginning, or from what it had saved some time ago",
        "S3-16, S3-17",
        signs_after_crash,
    ),
    Scenario(
        "goes-on-after-restart",
        "a register goes on with its numbers where it was",
        "begins with the first number, token or request number again",
        "semantics 3.1, 3.3",
        goes_on_after_restart,
    ),
)
