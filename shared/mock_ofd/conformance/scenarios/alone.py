"""Alone: what a register does when the operator is not there, and how it comes back."""

from __future__ import annotations

import asyncio
from typing import Final

from fiscal.faults.effects import Point, Refuse
from fiscal.judging.findings import Rule
from fiscal.time import MINUTE
from mock_ofd.conformance.front import name_of
from mock_ofd.conformance.ledger import findings, periods
from mock_ofd.conformance.scenario import (
    Scenario,
    always,
    check_in_time,
    check_once_in_order,
    check_online_again,
    check_own_sign,
    seen,
    sells_again,
    slow_answers,
)
from mock_ofd.conformance.stage import Stage, check
from mock_ofd.conformance.tongue import Z
from ofd_server.core.entries import Standing

ATTEMPTS_MAX: Final = 20
"""Requests of a register that was turned away, in :data:`LOOK_S`."""
LOOK_S: Final = 2.0
FLAPS: Final = 3


async def autonomous_receipt(stage: Stage) -> None:
    till = await stage.register()
    await till.sells_online()
    till.front.cut()
    first = check_own_sign(till, await till.sells_alone())
    second = check_own_sign(till, await till.sells_alone())
    check(first != second, f"two receipts have the autonomous sign {first}")
    status = await till.status()
    check(status.is_autonomous, "status does not say that the register is autonomous")
    check(status.unsent == 2, f"two documents wait, status says {status.unsent}")  # noqa: PLR2004 - sold above


async def both_signs(stage: Stage) -> None:
    till = await stage.register()
    till.needs("receipt")
    await till.sells_online()
    till.front.cut()
    said = await till.sells_alone()
    paper, own = till.sold[-1], check_own_sign(till, said)
    await till.comes_back()
    held = next(each for each in till.recorded() if each.paper == paper)
    text = f"the receipt has the autonomous sign {own}, the ledger {held.autonomous_sign}"
    check(held.is_autonomous and held.autonomous_sign == own, text)
    now = await till.receipt(paper)
    for _ in range(round(stage.options.patience_s / 0.1)):
        if now.sign is not None:
            break
        await asyncio.sleep(0.1)
        now = await till.receipt(paper)
    await till.is_signed(now, paper)
    check(now.autonomous_sign == own, f"the autonomous sign was {own}, with the operator's it is {now.autonomous_sign}")
    check(now.is_autonomous, "the receipt was autonomous, and is not any more")


async def duration_told(stage: Stage) -> None:
    till = await stage.register()
    await till.sells_online()
    till.front.cut()
    await till.sells_alone()
    await stage.rest(1)
    await till.comes_back()
    found = findings(stage.entries(till.id), Rule.MISSING_DURATION)
    check(not found, found[0].text if found else "")
    told = periods(stage.entries(till.id))
    first = next(each for each in till.recorded() if each.paper == till.sold[-1])
    check(told, "the operator was not told how long the register was alone")
    text = "the operator was told how long the register was alone after its first autonomous document, not before"
    check(told[0].at <= first.received_at, text)
    text = "the time that the register says it was alone does not cover its autonomous receipt"
    check(told[0].begin - MINUTE <= first.issued_at <= told[0].end + MINUTE, text)


async def z_alone(stage: Stage) -> None:
    till = await stage.register()
    await till.sells_online()
    till.front.cut()
    await till.sells_alone()
    report = await till.z()
    check(report.is_autonomous, "the Z-report is said to be online, though nobody took it")
    await till.sells_alone()
    await stage.rest(1.5)
    back_at = stage.clock.now()
    await till.comes_back()
    check_once_in_order(stage, till)
    taken = next(each for each in till.recorded() if each.paper == Z)
    text = "the Z-report carries the time of its delivery, not the time when it was taken"
    check(taken.issued_at < back_at - 1_000, text)
    check(taken.is_autonomous, "the Z-report came without the mark of autonomous work")


async def alone_until_sent(stage: Stage) -> None:
    till = await stage.register()
    await till.sells_online()
    till.front.cut()
    for _ in range(5):
        await till.sells_alone()
    till.suffers(slow_answers(stage))
    before = len(till.front.passed)
    till.front.mend()
    await till.hurry()
    await seen(stage, till, "the first document of the queue", lambda passed: passed.paper is not None, before)
    status = await till.status()
    check(status.is_autonomous, f"{status.unsent} documents wait, and the register says that it is online")
    check(status.unsent > 0, "documents wait, and the register says that none does")
    said = await till.sells()
    text = f"the {name_of(till.sold[-1])} is online, though documents of before it were still waiting"
    check(said.is_autonomous, text)
    await till.delivers()
    till.suffers()
    await check_online_again(stage, till)


async def flapping_link(stage: Stage) -> None:
    till = await stage.register()
    await till.sells_online()
    given: dict[int, int | str] = {}
    for _ in range(FLAPS):
        till.front.cut()
        for _ in range(2):
            sign = check_own_sign(till, await till.sells_alone())
            check(sign not in given, f"the autonomous sign {sign} stands on two receipts")
            given[sign] = till.sold[-1]
        await till.comes_back()
        await check_online_again(stage, till)
    check_once_in_order(stage, till)
    signs = {each.paper: each.autonomous_sign for each in till.recorded() if each.is_autonomous}
    for sign, paper in given.items():
        text = f"the {name_of(paper)} has the autonomous sign {sign}, the ledger {signs.get(paper)}"
        check(signs.get(paper) in (None, sign), text)  # one that is not there at all is the matter of both-signs


async def unpaid(stage: Stage) -> None:
    till = await stage.register()
    await till.sells_online()
    await stage.stand(till, Standing.UNPAID)
    said = await till.sells_alone()
    check_in_time(stage, said)
    await stage.lift(till, Standing.UNPAID)
    await till.hurry()
    await till.delivers()
    await check_online_again(stage, till)
    check_once_in_order(stage, till)


async def blocked(stage: Stage) -> None:
    till = await stage.register()
    await till.sells_online()
    await stage.stand(till, Standing.BLOCKED)
    for _ in range(2):
        said = await till.sell()
        check(not said.is_ok, "the operator has blocked the register, and it sells")
    check((await till.status()).is_blocked, "the operator has blocked the register, and status does not say so")
    await stage.lift(till, Standing.BLOCKED)
    await till.hurry()
    await sells_again(stage, till)
    await till.hurry()
    await till.delivers()
    check_once_in_order(stage, till)


async def wrong_token(stage: Stage) -> None:
    till = await stage.register()
    await till.sells_online()
    text = "the operator does not take the register's token"
    till.suffers(always(text, Point.BEFORE_COMMIT, Refuse(stage.tongue.words.wrong_token)))
    before = len(till.front.passed)
    said = await till.sell()
    check(not said.is_ok or said.is_autonomous, "the operator turned the register away, and the receipt is online")
    await stage.rest(LOOK_S)
    count = sum(not passed.is_answer for passed in till.front.passed[before:])
    text = f"a register that was turned away asked {count} times within {said.took_s + LOOK_S:.0f} s"
    check(count <= ATTEMPTS_MAX, text)
    till.suffers()
    await till.hurry()
    await sells_again(stage, till)
    await till.hurry()
    await till.delivers()
    check_once_in_order(stage, till)


SCENARIOS: Final = (
    Scenario(
        "autonomous-receipt",
        "without the operator a receipt is marked autonomous and has a sign of the register's own, and status says so",
        "hands out a receipt without a mark, or without a sign, or refuses to sell",
        "S3-01, S3-15, S3-16, S3-18",
        autonomous_receipt,
    ),
    Scenario(
        "both-signs",
        "a delivered autonomous receipt has the operator's sign beside its own, and the operator knows both",
        "forgets its own sign, never asks for the operator's, or sends the receipt without its mark",
        "S3-25, S3-26, S3-30",
        both_signs,
        needs=("receipt",),
    ),
    Scenario(
        "duration-told",
        "the operator is told how long the register was alone, before or with its first autonomous document",
        "says nothing of it, or afterwards",
        "S3-23",
        duration_told,
    ),
    Scenario(
        "z-alone",
        "the Z-report is taken without the operator, and delivered in its place with the time when it was taken",
        "refuses it, sends it at once when the link is back, or with the time of its delivery",
        "S3-19, S3-20, S3-21",
        z_alone,
    ),
    Scenario(
        "alone-until-sent",
        "a register is autonomous until its queue is empty, not until it is connected",
        "is online as soon as somebody answers",
        "S3-06",
        alone_until_sent,
    ),
    Scenario(
        "flapping-link",
        "a link that comes and goes costs nothing but time",
        "loses, doubles or renumbers a document at one of the turns",
        "S3-17, S3-24",
        flapping_link,
    ),
    Scenario(
        "unpaid",
        "an operator that is not paid answers nothing: the register goes on alone, and comes back by itself",
        "waits longer than the limit, or gives the operator up for good",
        "S3-02",
        unpaid,
    ),
    Scenario(
        "blocked",
        "a register that the operator has blocked sells nothing, says so, and sells again when the block is lifted",
        "takes a block for a lost link and goes on selling",
        "semantics 2.7",
        blocked,
    ),
    Scenario(
        "wrong-token",
        "a register whose token is refused knocks patiently, loses nothing, and goes on when it is known again",
        "asks without a pause, guesses tokens, or throws the document away",
        "semantics 3.3",
        wrong_token,
    ),
)
