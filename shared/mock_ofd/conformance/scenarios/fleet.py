"""Fleets: many registers at one operator, and an operator that is away."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from statistics import median
from typing import Final

from fiscal.faults.effects import AskToWait, Point
from fiscal.time import Moment
from mock_ofd.conformance.front import DOCUMENT
from mock_ofd.conformance.scenario import Scenario, check_once_in_order, fault, requests
from mock_ofd.conformance.stage import Failed, Register, Stage, check

FLEET: Final = 4
ATTEMPTS: Final = 4
"""Attempts of each register whose pauses are compared."""
SPREAD_MIN: Final = 0.025
"""Pauses of a fleet that differ by less than so much of themselves are the same pause."""
LOOK_S: Final = 3.0
ATTEMPTS_MAX: Final = 20
"""Attempts to connect within :data:`LOOK_S`: a client that pauses for half a second first needs a third of that."""
HINT_MS: Final = 1_500


async def jitter(stage: Stage) -> None:
    tills = [stage.actor() for _ in range(FLEET)]
    for till in tills:
        await till.start()
        await till.sells_online()
    for till in tills:
        till.front.cut()
    await asyncio.gather(*(till.sells_alone() for till in tills))
    begun = [len(till.front.attempts) for till in tills]
    for till, begin in zip(tills, begun, strict=True):
        while len(_behind(till, begin)) < ATTEMPTS:
            await _tries_again(stage, till)
    pauses = [
        [later - earlier for earlier, later in pairwise(_behind(till, begin)[:ATTEMPTS])]
        for till, begin in zip(tills, begun, strict=True)
    ]
    for till, each in zip(tills, pauses, strict=True):
        stage.tell(f"{till.id} pauses {', '.join(f'{pause:.3f}' for pause in each)} s")
    spreads = [(max(each) - min(each)) / max(each) for each in zip(*pauses, strict=True)]
    text = f"the pauses of {FLEET} registers differ by {median(spreads):.1%}: a fleet would come back at one moment"
    check(median(spreads) >= SPREAD_MIN, text)


async def _tries_again(stage: Stage, till: Register) -> None:
    """Wait for the next attempt to connect."""
    limit_s, before = stage.options.patience_s, len(till.front.attempts)
    try:
        async with asyncio.timeout(limit_s):
            while len(till.front.attempts) == before:
                await till.front.moved.wait()
    except TimeoutError:
        raise Failed(f"{till.name}the register did not try to connect again within {limit_s:g} s") from None


def _behind(till: Register, begin: int) -> list[Moment]:
    """The attempts of the register's own, after the sale."""
    return till.front.attempts[begin:]


async def no_hammering(stage: Stage) -> None:
    till = await stage.register()
    await till.sells_online()
    till.front.cut()
    await till.sells_alone()
    before = len(till.front.attempts)
    await stage.rest(LOOK_S)
    count = len(till.front.attempts) - before
    check(count <= ATTEMPTS_MAX, f"the register tried to connect {count} times within {LOOK_S:g} s")
    await till.comes_back()
    check_once_in_order(stage, till)


async def come_back_later(stage: Stage) -> None:
    till = await stage.register()
    await till.sells_online()
    till.suffers(fault(f"come back in {HINT_MS} ms", Point.BEFORE_COMMIT, AskToWait(HINT_MS), times=1))
    await till.sells()
    await till.delivers()
    paper = till.sold[-1]
    first, *more = requests(till, paper)
    check(more, f"the {DOCUMENT} was not sent again")
    waited_ms = round((more[0].at - first.at) * 1_000)
    text = f"the operator asked to come back in {HINT_MS} ms, and the document came again after {waited_ms} ms"
    check(waited_ms >= HINT_MS, text)
    check_once_in_order(stage, till)


async def one_register_away(stage: Stage) -> None:
    till = await stage.register()
    till.needs("open")
    other = stage.actor()
    await other.join(till)
    await till.sells_online()
    await other.sells_online()
    till.front.cut()
    for _ in range(3):
        await till.sells_alone()
        await other.sells_online()
    await till.comes_back()
    check_once_in_order(stage, till)
    check_once_in_order(stage, other)


SCENARIOS: Final = (
    Scenario(
        "jitter",
        "registers that lost the operator at one moment do not come back at one moment",
        "pauses for the same time in every register",
        "seen in the field",
        jitter,
    ),
    Scenario(
        "no-hammering",
        "a register whose operator is away pauses between its attempts",
        "connects again as fast as it can",
        "seen in the field",
        no_hammering,
    ),
    Scenario(
        "come-back-later",
        "an operator that says when to come back is obeyed",
        "comes back when its own pause is over",
        "native protocol, TryLater",
        come_back_later,
        protocols=frozenset(("native",)),
    ),
    Scenario(
        "one-register-away",
        "a register that lost its operator does not take the others of its process along",
        "has one breaker for all registers",
        "seen in the field",
        one_register_away,
        needs=("open",),
    ),
)
