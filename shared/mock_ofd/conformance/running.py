"""The scenarios at work: several at a time, each with an operator, a folder and a client of its own.

The rule: a scenario ends with one verdict and its story, whatever the client does; only a defect of ours comes out as an
exception, and it is told as one.
"""

from __future__ import annotations

import asyncio
import tempfile
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

from mock_ofd.conformance.client import ClientFailed
from mock_ofd.conformance.scenario import Scenario
from mock_ofd.conformance.stage import Failed, NotRun, Options, Stage
from mock_ofd.conformance.tongue import Tongue

SCENARIO_S: Final = 300.0
"""The longest that a scenario may take; what a client may take for each of its steps is limited much sooner."""
SCENARIO_PATIENCES: Final = 12
"""Or so many times the patience that was asked for, if that is longer: no scenario waits for a client more often."""
JOBS: Final = 6
"""Scenarios at a time: most of them wait most of the time."""


TICK_S: Final = 0.05
LAG_MAX_S: Final = 0.1
"""When this process was late by so much, an answer may have been too late because of us, and no client is to blame."""


class Verdict(StrEnum):
    """How a scenario ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not run"
    BROKEN = "broken"
    """Our own fault."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One scenario. ``text`` says why it did not pass; ``story`` is what happened, line by line; ``client`` who played."""

    scenario: Scenario
    verdict: Verdict
    seconds: float
    text: str = ""
    story: tuple[str, ...] = ()
    client: str = ""


class _Meter:
    """How late this process has been at doing what it wanted to do; enter it."""

    def __init__(self) -> None:
        self.worst_s = 0.0
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.get_running_loop().create_task(self._measure())
        return self

    async def __aexit__(self, *_how: object) -> None:
        assert self._task is not None, "entered"
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _measure(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + TICK_S
            await asyncio.sleep(TICK_S)
            self.worst_s = max(self.worst_s, loop.time() - due)


async def run(
    scenarios: Iterable[Scenario],
    tongue: Tongue,
    options: Options,
    *,
    jobs: int = JOBS,
    tell: Callable[[Outcome], None] = lambda _outcome: None,
) -> list[Outcome]:
    """Play them; the outcomes in the order of the scenarios. ``tell`` hears each as it ends."""
    places = asyncio.Semaphore(jobs)

    async def one(scenario: Scenario) -> Outcome:
        async with places:
            outcome = await play(scenario, tongue, options)
        tell(outcome)
        return outcome

    async with asyncio.TaskGroup() as all_of_them:
        tasks = [all_of_them.create_task(one(scenario)) for scenario in scenarios]
    return [task.result() for task in tasks]


async def play(scenario: Scenario, tongue: Tongue, options: Options) -> Outcome:
    """One scenario, from its start to its verdict; once more when it failed while this process was late itself."""
    if tongue.name not in scenario.protocols:
        text = f"there is nothing of it in the protocol {tongue.name!r}"
        return Outcome(scenario, Verdict.NOT_RUN, 0.0, text)
    async with _Meter() as meter:
        outcome = await _play(scenario, tongue, options)
    if outcome.verdict is Verdict.FAILED and meter.worst_s > LAG_MAX_S:
        outcome = await _play(scenario, tongue, options)
    return outcome


async def _play(scenario: Scenario, tongue: Tongue, options: Options) -> Outcome:
    loop = asyncio.get_running_loop()
    begun = loop.time()
    limit_s = max(SCENARIO_S, SCENARIO_PATIENCES * options.patience_s)
    with tempfile.TemporaryDirectory(prefix="conformance-", ignore_cleanup_errors=True) as folder:
        stage = Stage(tongue, options, Path(folder))
        verdict, text = Verdict.PASSED, ""
        try:
            async with stage, asyncio.timeout(limit_s):
                await scenario.play(stage)
        except (Failed, ClientFailed) as error:
            verdict, text = Verdict.FAILED, str(error)
        except NotRun as error:
            verdict, text = Verdict.NOT_RUN, str(error)
        except TimeoutError:
            verdict, text = Verdict.FAILED, f"the scenario did not end within {limit_s:g} s"
        except Exception:  # noqa: BLE001 - whatever it is, the other scenarios go on, and the report says it
            verdict, text = Verdict.BROKEN, traceback.format_exc()
        who = next((each.client.name for each in stage.registers if each.client_is_known), "")
    return Outcome(scenario, verdict, loop.time() - begun, text, tuple(stage.story), who)
