"""Clients that the scenarios are tried on, and one way to play many scenarios with many of them at a time."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from mock_ofd.conformance.catalogue import SCENARIOS
from mock_ofd.conformance.running import Outcome, Verdict, play
from mock_ofd.conformance.stage import Options
from mock_ofd.conformance.tongue import TONGUES
from tests.mock_ofd.conformance.nursery import nursery

HERE = Path(__file__).parent
OWN = (sys.executable, "-m", "mock_ofd.conformance.own_client")
SHAKY = (sys.executable, str(HERE / "shaky_client.py"))
PLANTED = (sys.executable, str(HERE / "planted_client.py"))
CLIENTS = {"native": SHAKY, "kz": PLANTED}
"""The clients with defects, by the protocol that they speak."""
JOBS = 20
AGAIN = 2
"""Times that what ended otherwise than it should is played again."""
AGAIN_JOBS = 2
RETRY_MS = {"no-jitter": 600}
"""Pauses that are compared must be long beside what a busy machine adds to them."""
PATIENCE_S = {"offers-nothing": 20.0}
"""Nobody can tell it to hurry."""

Part = tuple[str, tuple[str, ...], str]
"""A protocol, a command, and the name of a scenario."""


def options(command: tuple[str, ...]) -> Options:
    """Shorter limits than those of the field, so that many scenarios fit into a minute; ours takes longer to start."""
    if command[: len(SHAKY)] == SHAKY:
        retry_ms = RETRY_MS.get(command[-1], 200)
        patience_s = PATIENCE_S.get(command[-1], 5.0)
        return Options(command=command, answer_limit_s=1.0, edge_s=0.35, retry_ms=retry_ms, patience_s=patience_s)
    patience_s = 8.0 if command[: len(PLANTED)] == PLANTED else 20.0
    return Options(command=command, answer_limit_s=2.0, edge_s=0.4, retry_ms=300, patience_s=patience_s)


def play_all(right: Mapping[Part, Verdict]) -> dict[Part, Outcome]:
    """What came of each. What is not as it should be is played twice more, with little else going on: a busy machine makes
    a patient register of one that hammers. It stays as it was unless both agree.
    """
    tongues = {name: make() for name, make in TONGUES.items()}

    async def those(parts: Iterable[Part], jobs: int) -> dict[Part, Outcome]:
        places = asyncio.Semaphore(jobs)

        async def one(part: Part) -> tuple[Part, Outcome]:
            protocol, command, name = part
            async with places:
                return part, await play(SCENARIOS[name], tongues[protocol], options(command))

        return dict(await asyncio.gather(*map(one, parts)))

    async def everything() -> dict[Part, Outcome]:
        async with nursery(OWN, SHAKY, PLANTED):
            outcomes = await those(right, JOBS)
            again = {part: outcome for part, outcome in outcomes.items() if outcome.verdict is not right[part]}
            for _ in range(AGAIN):
                again = {
                    part: each for part, each in (await those(again, AGAIN_JOBS)).items() if each.verdict is right[part]
                }
        return outcomes | again

    return asyncio.run(everything())


def story_of(outcome: Outcome) -> str:
    """For a test that fails."""
    return "\n".join((f"{outcome.scenario.name}: {outcome.verdict}: {outcome.text}", *outcome.story[-40:]))
