"""Clocks: a day, three days, and a clock that goes back, without waiting for them."""

from __future__ import annotations

from typing import Final

from fiscal.time import HOUR, MINUTE, Instant
from mock_ofd.conformance.front import name_of
from mock_ofd.conformance.scenario import Scenario, check_once_in_order, check_own_sign, requests, sells_again
from mock_ofd.conformance.stage import Register, Stage, check
from mock_ofd.conformance.tongue import Z


async def _passes(stage: Stage, till: Register, ms: int) -> Instant:
    """So much time passes, for the register and the operator alike; the moment that it is then."""
    stage.tell(f"{ms / HOUR:.2f} hours pass")
    stage.clock.ahead_ms += ms
    await till.set_clock(stage.clock.now())
    return stage.clock.now()


async def clock_back(stage: Stage) -> None:
    till = await stage.register()
    till.needs("clock")
    await till.sells_online()
    till.front.cut()
    begun, given = stage.clock.now(), set[int]()
    for now in (begun, begun - HOUR, begun, begun):
        await till.set_clock(now)
        sign = check_own_sign(till, await till.sells_alone())
        check(sign not in given, f"the autonomous sign {sign} was given twice: the clock had gone back")
        given.add(sign)
    await till.comes_back()
    await till.sells()
    await till.hurry()
    await till.delivers()
    check_once_in_order(stage, till)


async def day_old_shift(stage: Stage) -> None:
    till = await stage.register()
    till.needs("clock")
    await till.sells_online()
    await _passes(stage, till, 24 * HOUR + MINUTE)
    said = await till.sell()
    paper = (*till.sold, *till.in_doubt)[-1]
    if said.is_ok:
        await till.delivers()
        check(Z in [each.paper for each in till.recorded()], "the shift is older than 24 hours, and the register sells")
        return
    text = f"the {name_of(paper)} was sent, though the shift is older than 24 hours"
    check(not requests(till, paper), text)
    await till.z()
    await till.sells_online()
    check_once_in_order(stage, till)


async def three_days_alone(stage: Stage) -> None:
    till = await stage.register()
    till.needs("clock")
    await till.sells_online()
    till.front.cut()
    await till.sells_alone()
    await _passes(stage, till, 71 * HOUR)
    await till.z()
    await till.sells_alone()
    await _passes(stage, till, 2 * HOUR)
    said = await till.sell()
    check(not said.is_ok, "the oldest receipt has waited for 73 hours, and the register sells")
    await till.comes_back()
    await sells_again(stage, till)
    await till.hurry()
    await till.delivers()
    check_once_in_order(stage, till)


SCENARIOS: Final = (
    Scenario(
        "clock-back",
        "a clock that goes back doubles no sign and changes no order",
        "makes autonomous signs of the time, or sorts its queue by it",
        "S3-17, semantics 6.1",
        clock_back,
        needs=("clock",),
    ),
    Scenario(
        "day-old-shift",
        "a shift that is older than 24 hours is closed before anything more is sold",
        "goes on selling, and lets the operator refuse it",
        "semantics 3.5",
        day_old_shift,
        needs=("clock",),
    ),
    Scenario(
        "three-days-alone",
        "a register that was alone for more than 72 hours, its shift closed meanwhile, sells nothing until its queue is sent",
        "goes on for as long as nobody comes, or cannot close its shift alone",
        "autonomous mode: 72 hours",
        three_days_alone,
        needs=("clock",),
    ),
)
