"""Limits of time: five seconds for an answer, to the fifth of a second, and no waiting where nobody is."""

from __future__ import annotations

from typing import Final

from fiscal.faults.effects import Delay, Dribble, LoseRequest, Point
from mock_ofd.conformance.front import name_of
from mock_ofd.conformance.scenario import (
    Scenario,
    always,
    check_in_time,
    check_once_in_order,
    fault,
)
from mock_ofd.conformance.stage import Register, Stage, check

MS: Final = 1_000
IDLE_S: Final = 0.2
PIECE: Final = 7
"""Bytes of a piece of an answer: no field of a header ends where a piece does."""
DRIBBLE_SHARE: Final = 0.125
"""A pause between two pieces, as a part of the limit: after twelve of them an answer of a hundred bytes is too late."""


async def _warm(stage: Stage) -> Register:
    till = await stage.register()
    await till.sells_online()
    return till


async def just_in_time(stage: Stage) -> None:
    till = await _warm(stage)
    takes_s = stage.options.answer_limit_s - stage.options.edge_s
    till.suffers(fault(f"the answer takes {takes_s:g} s", Point.AFTER_COMMIT, Delay(round(takes_s * MS)), times=1))
    await till.sells_online()
    check_once_in_order(stage, till)


async def just_too_late(stage: Stage) -> None:
    till = await _warm(stage)
    takes_s = stage.options.answer_limit_s + stage.options.edge_s
    till.suffers(fault(f"the answer takes {takes_s:g} s", Point.AFTER_COMMIT, Delay(round(takes_s * MS)), times=1))
    said = await till.sells_alone()
    check_in_time(stage, said)
    paper = till.sold[-1]
    await stage.rest(2 * stage.options.edge_s)
    till.suffers()
    await till.hurry()
    await till.delivers()
    await till.sells()
    await till.delivers()
    check_once_in_order(stage, till)
    held = next(each for each in till.recorded() if each.paper == paper)
    text = f"the receipt over the {name_of(paper)} was handed out as autonomous, and the ledger holds it as online"
    check(held.is_autonomous, text)


async def in_pieces(stage: Stage) -> None:
    till = await _warm(stage)
    till.suffers(fault(f"answers come in pieces of {PIECE} bytes", Point.AFTER_COMMIT, Dribble(PIECE, 2)))
    await till.sells_online()
    await till.sells_online()
    check_once_in_order(stage, till)


async def dribbled(stage: Stage) -> None:
    till = await _warm(stage)
    gap_ms = round(stage.options.answer_limit_s * DRIBBLE_SHARE * MS)
    text = f"the answer comes by {PIECE} bytes every {gap_ms} ms"
    till.suffers(fault(text, Point.AFTER_COMMIT, Dribble(PIECE, gap_ms)))  # also when it asks once more within the sale
    said = await till.sells_alone()
    check_in_time(stage, said)
    till.suffers()
    await till.hurry()
    await till.delivers()
    await till.sells()
    await till.delivers()
    check_once_in_order(stage, till)


async def silent_operator(stage: Stage) -> None:
    till = await _warm(stage)
    till.suffers(always("the operator takes every request and says nothing", Point.BEFORE_COMMIT, LoseRequest()))
    till.front.break_connections()
    said = await till.sells_alone()
    check_in_time(stage, said)
    till.suffers()
    till.front.break_connections()
    await till.hurry()
    await till.delivers()
    check_once_in_order(stage, till)


async def nobody_listens(stage: Stage) -> None:
    till = await _warm(stage)
    await till.front.shut()
    said = await till.sells_alone()
    check_in_time(stage, said)
    await till.front.listen_again()
    await till.hurry()
    await till.delivers()
    check_once_in_order(stage, till)


async def broken_while_idle(stage: Stage) -> None:
    till = await _warm(stage)
    for _ in range(2):
        till.front.break_connections()
        await stage.rest(IDLE_S)
        await till.sells_online()
    check_once_in_order(stage, till)


SCENARIOS: Final = (
    Scenario(
        "just-in-time",
        "an answer after 4.8 s is in time",
        "gives up before the limit",
        "S3-13",
        just_in_time,
    ),
    Scenario(
        "just-too-late",
        "an answer after 5.2 s is too late: the receipt is autonomous and stays so, with the operator too",
        "waits longer than the limit, makes an online receipt of a late answer, or never tells the operator",
        "S3-13, semantics 3.2",
        just_too_late,
    ),
    Scenario(
        "in-pieces",
        "an answer may come in any number of pieces",
        "takes the first read for the whole answer",
        "Kazakhstan protocol 2.0.2, 2.2; native protocol",
        in_pieces,
    ),
    Scenario(
        "dribbled",
        "the limit is that of the whole answer, however lively its bytes come",
        "begins to count anew with every byte",
        "S3-13, semantics 3.2",
        dribbled,
    ),
    Scenario(
        "silent-operator",
        "an operator that accepts connections and says nothing costs a sale the limit, and no more",
        "waits for the greeting without a limit, or for each of its steps anew",
        "S3-02, S3-13",
        silent_operator,
    ),
    Scenario(
        "nobody-listens",
        "a sale goes on without the operator, and in time, when nobody listens at its address",
        "fails instead of going on autonomously",
        "S3-01, S3-12",
        nobody_listens,
    ),
    Scenario(
        "broken-while-idle",
        "a connection that broke while nothing was on it is made anew",
        "finds out by the next sale, and goes autonomous or fails",
        "semantics 3.2",
        broken_while_idle,
    ),
)
