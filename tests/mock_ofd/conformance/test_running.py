"""Whatever a scenario does, it ends with a verdict, and nobody is blamed for what we did ourselves."""

from __future__ import annotations

import asyncio
import time

import pytest

from mock_ofd.conformance import running
from mock_ofd.conformance.client import ClientFailed
from mock_ofd.conformance.running import Outcome, Verdict, play, run
from mock_ofd.conformance.scenario import Play, Scenario
from mock_ofd.conformance.stage import Failed, NotRun, Options, Stage
from mock_ofd.conformance.tongue import NATIVE_TONGUE

OPTIONS = Options(command=["none"])


def scenario(do: Play, protocols: frozenset[str] = frozenset(("native",))) -> Scenario:
    return Scenario("a-test", "passes", "fails", "S3-13", do, protocols=protocols)


def raising(error: Exception) -> Play:
    async def do(stage: Stage) -> None:
        stage.tell("so far so good")
        raise error

    return do


@pytest.mark.parametrize(
    ("error", "verdict", "text"),
    [
        (Failed("lost"), Verdict.FAILED, "lost"),
        (ClientFailed("ended"), Verdict.FAILED, "ended"),
        (NotRun("not offered"), Verdict.NOT_RUN, "not offered"),
        (ZeroDivisionError("ours"), Verdict.BROKEN, "ZeroDivisionError: ours"),
    ],
)
async def test_every_end_has_its_verdict(error: Exception, verdict: Verdict, text: str) -> None:
    outcome = await play(scenario(raising(error)), NATIVE_TONGUE, OPTIONS)
    assert outcome.verdict is verdict
    assert text in outcome.text
    assert outcome.story[0].endswith("so far so good")


async def test_a_scenario_of_another_protocol_is_not_run() -> None:
    outcome = await play(scenario(raising(Failed("")), frozenset(("kz",))), NATIVE_TONGUE, OPTIONS)
    assert outcome.verdict is Verdict.NOT_RUN


async def test_a_scenario_that_does_not_end_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "SCENARIO_S", 0.1)
    monkeypatch.setattr(running, "SCENARIO_PATIENCES", 0)

    async def waits(_stage: Stage) -> None:
        await asyncio.sleep(60)

    outcome = await play(scenario(waits), NATIVE_TONGUE, OPTIONS)
    assert (outcome.verdict, outcome.text) == (Verdict.FAILED, "the scenario did not end within 0.1 s")


@pytest.mark.parametrize(("busy_s", "times", "verdict"), [(0.5, 2, Verdict.PASSED), (0.0, 1, Verdict.FAILED)])
async def test_what_failed_while_we_were_late_is_played_again(busy_s: float, times: int, verdict: Verdict) -> None:
    played: list[Stage] = []

    async def fails_once(stage: Stage) -> None:
        played.append(stage)
        if len(played) == 1:
            await asyncio.sleep(0.06)
            time.sleep(busy_s)  # noqa: ASYNC251 - this is what a machine with too much to do looks like
            await asyncio.sleep(0.06)
            raise Failed("late")

    outcome = await play(scenario(fails_once), NATIVE_TONGUE, OPTIONS)
    assert (len(played), outcome.verdict) == (times, verdict)


async def test_outcomes_come_in_the_order_of_the_scenarios_and_are_told_as_they_end() -> None:
    def after(seconds: float) -> Play:
        async def do(_stage: Stage) -> None:
            await asyncio.sleep(seconds)

        return do

    told: list[Outcome] = []
    slow, fast = scenario(after(0.4)), scenario(after(0.0))
    outcomes = await run([slow, fast], NATIVE_TONGUE, OPTIONS, jobs=2, tell=told.append)
    assert [outcome.scenario for outcome in outcomes] == [slow, fast]
    assert [outcome.scenario for outcome in told] == [fast, slow]
