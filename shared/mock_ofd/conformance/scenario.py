"""What a scenario is, and what scenarios have in common when they look at the wire and the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from fiscal.faults.effects import Delay, Effect, Point
from fiscal.faults.plan import ANY, Fault, Selection
from fiscal.judging.findings import Rule
from mock_ofd.conformance.client import Said
from mock_ofd.conformance.front import DOCUMENT, Passed, name_of
from mock_ofd.conformance.ledger import findings
from mock_ofd.conformance.stage import Failed, Register, Stage, check
from mock_ofd.conformance.tongue import Paper

ALL: Final = frozenset(("native", "kz"))
GRACE_S: Final = 1.0
"""A sale may take so much longer than the limit: for printing, the disk, and a busy machine."""
AUTONOMOUS_SIGN_MAX: Final = 2**31 - 1
SLOW_S: Final = 0.4
SLOW_SHARE: Final = 0.25
"""An answer that is slow takes so much of the limit at the most: also a client that gives up too early takes it."""
MS: Final = 1_000

Play = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A named trial. ``proves`` is what a client that passes does, ``wrong`` what one that fails does instead, ``source``
    the requirement; ``needs`` what the client must offer beyond the line protocol's first requests.
    """

    name: str
    proves: str
    wrong: str
    source: str
    play: Play
    needs: tuple[str, ...] = ()
    protocols: frozenset[str] = ALL


# ------------------------------------------------------------------------------------------------------------- faults


def fault(name: str, at: Point, *effects: Effect, times: int | None = None, command: str = DOCUMENT) -> Fault:
    """A fault of the requests that carry papers, every time or the first so many times."""
    return Fault(name=name, at=at, effects=effects, when=Selection(command=command, times=times))


def always(name: str, at: Point, *effects: Effect) -> Fault:
    """A fault of every request."""
    return fault(name, at, *effects, command=ANY)


def slow_answers(stage: Stage) -> Fault:
    """Every answer takes its time, and is clearly in time: what waits behind it can be seen to wait."""
    takes_s = min(SLOW_S, stage.options.answer_limit_s * SLOW_SHARE)
    return fault(f"every answer takes {takes_s:g} s", Point.AFTER_COMMIT, Delay(round(takes_s * MS)))


# ----------------------------------------------------------------------------------------------------------- the wire


async def seen(stage: Stage, register: Register, what: str, holds: Callable[[Passed], bool], after: int = 0) -> Passed:
    """Wait until a frame passes for which it holds, behind the first ``after`` ones."""
    limit_s = stage.options.patience_s
    try:
        async with asyncio.timeout(limit_s):
            while True:
                for passed in register.front.passed[after:]:
                    if holds(passed):
                        return passed
                await register.front.moved.wait()
    except TimeoutError:
        raise Failed(f"{register.name}{what} was not seen within {limit_s:g} s") from None


def requests(register: Register, paper: Paper) -> list[Passed]:
    """Every time that this paper was sent."""
    return [passed for passed in register.front.passed if not passed.is_answer and passed.paper == paper]


def was_answered(register: Register, paper: Paper) -> bool:
    """Whether an acceptance of this paper reached the client unharmed."""
    answers = [passed for passed in register.front.passed if passed.is_answer and passed.paper == paper]
    return any(passed.is_accepted and passed.arrives for passed in answers)


def check_nothing_overtakes(register: Register) -> None:
    """Each paper was sent when all that were issued before it had been accepted, and not before (S3-24)."""
    accepted: set[Paper] = set()
    for passed in register.front.passed:
        if passed.paper not in register.sold:
            continue
        assert passed.paper is not None, "None was not sold"
        if passed.is_answer:
            if passed.is_accepted and passed.arrives:
                accepted.add(passed.paper)
            continue
        before = register.sold[: register.sold.index(passed.paper)]
        passes_by = [paper for paper in before if paper not in accepted]
        if passes_by:
            text = f"the {name_of(passed.paper)} was sent while the {name_of(passes_by[0])}, issued before it, waited"
            raise Failed(f"{register.name}{text}")


# --------------------------------------------------------------------------------------------------------- the ledger


def check_once_in_order(stage: Stage, register: Register) -> None:
    """The ledger holds what was issued, each paper once, in the order of issue; what is in doubt may be there or not."""
    held = [each.paper for each in register.recorded()]
    for paper in held:
        if paper not in register.sold and paper not in register.in_doubt:
            raise Failed(f"{register.name}the ledger holds a {name_of(paper)} that nobody issued")
    for paper in (*register.sold, *register.in_doubt):
        if held.count(paper) > register.sold.count(paper) + register.in_doubt.count(paper):
            raise Failed(f"{register.name}the {name_of(paper)} is in the ledger {held.count(paper)} times")
    for paper in register.sold:
        check(paper in held, f"{register.name}the {name_of(paper)} is not in the ledger")
    known = [paper for paper in held if paper in register.sold]
    if known != register.sold:
        place = next(i for i, pair in enumerate(zip(known, register.sold, strict=True)) if pair[0] != pair[1])
        text = f"the ledger has the {name_of(known[place])} where the {name_of(register.sold[place])} should be"
        raise Failed(f"{register.name}{text}")
    found = findings(stage.entries(register.id), Rule.GAP, Rule.DUPLICATE, Rule.OVERTAKE, Rule.NEW_CONTENT)
    if found:
        raise Failed(f"{register.name}{found[0].rule}: {found[0].text}")


# --------------------------------------------------------------------------------------------------------- the client


def check_in_time(stage: Stage, said: Said) -> None:
    """The cashier did not wait longer than the limit allows (S3-13)."""
    limit_s = stage.options.answer_limit_s
    text = f"the sale took {said.took_s:.1f} s; without an answer it is autonomous after {limit_s:g} s"
    check(said.took_s <= limit_s + GRACE_S, text)


def check_own_sign(register: Register, said: Said) -> int:
    """An autonomous receipt has a sign of the register's own (S3-16); the sign."""
    sign = said.autonomous_sign
    check(sign is not None, f"{register.name}the autonomous receipt has no autonomous sign")
    assert sign is not None, "checked"
    text = f"{register.name}the autonomous sign {sign} is not one of 1 to {AUTONOMOUS_SIGN_MAX}"
    check(1 <= sign <= AUTONOMOUS_SIGN_MAX, text)
    return sign


async def check_online_again(stage: Stage, register: Register) -> None:
    """The register says that it is online again, and its next receipt is."""
    limit_s = stage.options.patience_s
    try:
        async with asyncio.timeout(limit_s):
            while True:
                if not (await register.status()).is_autonomous:
                    break
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise Failed(f"{register.name}everything is sent, and the register still says that it is autonomous") from None
    await register.sells_online()


async def sells_again(stage: Stage, register: Register) -> Said:
    """Try to sell until the register does; it has to within the time that is waited for it."""
    limit_s = stage.options.patience_s
    said: Said | None = None
    try:
        async with asyncio.timeout(limit_s):
            while True:
                said = await register.sell()
                if said.is_ok:
                    return said
                await asyncio.sleep(0.3)
    except TimeoutError:
        why = "" if said is None else f": {said.error}: {said.text}"
        raise Failed(f"{register.name}the register does not sell again within {limit_s:g} s{why}") from None


async def check_settled(stage: Stage, register: Register, paper: Paper) -> None:
    """The receipt has a sign: what became of it is known. A client that does not offer to look is asked to sell it again."""
    limit_s = stage.options.patience_s
    try:
        async with asyncio.timeout(limit_s):
            while True:
                said = await (register.receipt if "receipt" in register.client.offers else register.again)(paper)
                check(said.is_ok, f"{register.name}the same order again was answered with {said.error}: {said.text}")
                if said.sign is not None or said.autonomous_sign is not None:
                    break
                await asyncio.sleep(0.2)
    except TimeoutError:
        text = f"the {name_of(paper)} was issued before the process died, and its receipt has no sign"
        raise Failed(f"{register.name}{text}") from None
    if not said.is_autonomous:
        await register.is_signed(said, paper)
