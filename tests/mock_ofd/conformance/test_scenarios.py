"""A client that is right passes every scenario, and one with a defect fails those that it should, and only those."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from mock_ofd.conformance.catalogue import SCENARIOS
from mock_ofd.conformance.running import Outcome, Verdict
from tests.mock_ofd.conformance.players import OWN, PLANTED, SHAKY, Part, play_all, story_of

DEFECTS: dict[str, str] = {
    # defect of shaky_client.py: scenarios that it fails, and behind the bar neighbours that it passes
    "counts-everything": "online-sale autonomous-receipt | both-signs",
    "waits-longer": "just-too-late | just-in-time",
    "gives-up-early": "just-in-time | just-too-late",
    "any-answer": "foreign-answer | garbled-answer",
    "next-answer": "answer-twice foreign-answer | half-an-answer",
    "forgets-unanswered": "lost-request queue-survives | lost-answer",
    "new-number": "lost-answer same-again killed-after-commit | online-sale just-in-time",
    "new-time": "lost-answer reset-after-commit same-again | lost-request",
    "half-is-enough": "half-an-answer | reset-after-commit garbled-answer",
    "reset-is-sent": "reset-after-commit | online-sale lost-answer",
    "dies-of-garbage": "garbled-answer | half-an-answer foreign-answer",
    "ignores-keys": "same-key | same-again",
    "overtakes-in-backoff": "head-in-backoff | new-sale-behind-backlog one-at-a-time",
    "new-sales-first": "new-sale-behind-backlog | one-at-a-time",
    "pipelines": "one-at-a-time | new-sale-behind-backlog",
    "one-page": "long-queue | one-at-a-time",
    "drops-refused": "refused-head | passing-by-code",
    "reads-error-text": "final-by-code passing-by-code | refused-head",
    "stays-in-progress": "killed-before-commit killed-after-commit | goes-on-after-restart",
    "queue-in-memory": "queue-survives signs-after-crash | goes-on-after-restart",
    "signs-from-one": "signs-after-crash | queue-survives flapping-link",
    "numbers-from-one": "goes-on-after-restart | signs-after-crash",
    "first-read": "in-pieces | just-in-time",
    "limit-per-read": "dribbled | in-pieces just-too-late",
    "waits-for-greeting": "silent-operator | nobody-listens",
    "fails-when-refused": "nobody-listens | silent-operator unpaid",
    "stale-connection": "broken-while-idle | goes-on-after-restart",
    "no-own-sign": "autonomous-receipt both-signs | queue-survives",
    "forgets-own-sign": "both-signs | autonomous-receipt",
    "without-mark": "both-signs z-alone | duration-told",
    "no-duration": "duration-told | both-signs",
    "z-at-delivery": "z-alone | duration-told",
    "no-z-alone": "z-alone | autonomous-receipt",
    "online-when-connected": "alone-until-sent | one-at-a-time",
    "gives-up-for-good": "unpaid flapping-link | blocked",
    "sells-when-blocked": "blocked | unpaid",
    "drops-when-denied": "wrong-token | blocked",
    "no-jitter": "jitter | no-hammering",
    "hammers": "no-hammering wrong-token | come-back-later",
    "ignores-hints": "come-back-later | no-hammering",
    "one-breaker": "one-register-away | queue-survives",
    "signs-of-the-clock": "clock-back | signs-after-crash",
    "sells-on": "day-old-shift | three-days-alone",
    "never-too-long": "three-days-alone | day-old-shift",
}
PLANTED_DEFECTS = {
    "new-request-number": "same-again | online-sale",
    "no-period": "duration-told | both-signs",
    "overtaking": "one-at-a-time | lost-answer",
    "any-answer": "foreign-answer | in-pieces",
}


BEYOND = {"S3-15", "S3-18", "S3-30", "S4-14"}
"""What is told to the cashier, printed, or another system's: a scenario sees the half of it."""

Row = tuple[Part, Verdict]


def rows_of(protocol: str, command: tuple[str, ...], table: dict[str, str]) -> list[Row]:
    """Each scenario of a row with the verdict that it has to end with."""
    rows: list[Row] = []
    for defect, row in table.items():
        fails, _, passes = row.partition("|")
        rows += [((protocol, (*command, defect), name), Verdict.FAILED) for name in fails.split()]
        rows += [((protocol, (*command, defect), name), Verdict.PASSED) for name in passes.split()]
    return rows


def right_ones(protocol: str, command: tuple[str, ...]) -> list[Row]:
    """A client that is right passes whatever there is in its protocol."""
    return [
        ((protocol, command, each.name), Verdict.PASSED if protocol in each.protocols else Verdict.NOT_RUN)
        for each in SCENARIOS.values()
    ]


MODEST = [
    (("native", (*SHAKY, "offers-nothing"), name), Verdict.NOT_RUN if SCENARIOS[name].needs else Verdict.PASSED)
    for name in ("queue-survives", "refused-head", "unpaid", "both-signs", "one-register-away", "clock-back")
]
"""What a client does not offer is not run, and what it does by itself is waited for."""
RIGHT = [*right_ones("native", OWN), *right_ones("kz", OWN), *right_ones("native", SHAKY), *MODEST]
WRONG = [*rows_of("native", SHAKY, DEFECTS), *rows_of("kz", PLANTED, PLANTED_DEFECTS)]


def names_of(rows: list[Row]) -> list[str]:
    return [f"{protocol}-{Path(command[-1]).stem}-{name}" for (protocol, command, name), _ in rows]


@pytest.fixture(scope="module")
def played() -> dict[Part, Outcome]:
    return play_all(part for part, _ in (*RIGHT, *WRONG))


def marked(row: Row) -> ParameterSet:
    """A scenario that our own register passes proves what the scenario demands of it."""
    (_, command, name), _ = row
    ids = set(re.findall(r"S\d-\d\d", SCENARIOS[name].source)) - BEYOND if command == OWN else set()
    return pytest.param(*row, marks=[pytest.mark.requirement(*sorted(ids))] if ids else [])


@pytest.mark.parametrize(("part", "verdict"), [marked(row) for row in RIGHT], ids=names_of(RIGHT))
def test_a_client_that_is_right_passes(part: Part, verdict: Verdict, played: dict[Part, Outcome]) -> None:
    assert played[part].verdict is verdict, story_of(played[part])


@pytest.mark.parametrize(("part", "verdict"), WRONG, ids=names_of(WRONG))
def test_a_defect_fails_what_it_should_and_only_that(part: Part, verdict: Verdict, played: dict[Part, Outcome]) -> None:
    assert played[part].verdict is verdict, story_of(played[part])


def test_every_scenario_is_failed_by_a_defect() -> None:
    failed = {name for (_, _, name), verdict in WRONG if verdict is Verdict.FAILED}
    assert set(SCENARIOS) - failed == set()


def test_there_are_thirty_scenarios_at_the_least() -> None:
    assert len(SCENARIOS) >= 30
