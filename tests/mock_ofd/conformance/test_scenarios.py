"""A client that is right passes every scenario, and one with a defect fails those that it should, and only those."""

from __future__ import annotations

import pytest

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


def parts_of(command: tuple[str, ...], table: dict[str, str]) -> list[tuple[Part, Verdict]]:
    """Each scenario of a row with the verdict that it has to end with."""
    parts = []
    for defect, row in table.items():
        fails, _, passes = row.partition("|")
        parts += [(((*command, defect), name), Verdict.FAILED) for name in fails.split()]
        parts += [(((*command, defect), name), Verdict.PASSED) for name in passes.split()]
    return parts


SHAKY_PARTS = parts_of(SHAKY, DEFECTS)
PLANTED_PARTS = parts_of(PLANTED, PLANTED_DEFECTS)


def names_of(parts: list[tuple[Part, Verdict]]) -> list[str]:
    return [f"{command[-1]}-{verdict}-{name}".replace(" ", "-") for (command, name), verdict in parts]


@pytest.fixture(scope="module")
def own_native() -> dict[Part, Outcome]:
    return play_all("native", [(OWN, name) for name in SCENARIOS])


@pytest.fixture(scope="module")
def own_kz() -> dict[Part, Outcome]:
    return play_all("kz", [(OWN, name) for name in SCENARIOS])


@pytest.fixture(scope="module")
def shaky() -> dict[Part, Outcome]:
    return play_all("native", [*((SHAKY, name) for name in SCENARIOS), *(part for part, _ in SHAKY_PARTS)])


@pytest.fixture(scope="module")
def planted() -> dict[Part, Outcome]:
    return play_all("kz", [part for part, _ in PLANTED_PARTS])


@pytest.mark.parametrize("name", SCENARIOS)
def test_our_own_register_passes_over_the_native_protocol(name: str, own_native: dict[Part, Outcome]) -> None:
    outcome = own_native[OWN, name]
    assert outcome.verdict is Verdict.PASSED, story_of(outcome)


@pytest.mark.parametrize("name", SCENARIOS)
def test_our_own_register_passes_over_the_kazakhstan_protocol(name: str, own_kz: dict[Part, Outcome]) -> None:
    outcome = own_kz[OWN, name]
    expected = Verdict.PASSED if "kz" in SCENARIOS[name].protocols else Verdict.NOT_RUN
    assert outcome.verdict is expected, story_of(outcome)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_register_of_somebody_else_passes(name: str, shaky: dict[Part, Outcome]) -> None:
    outcome = shaky[SHAKY, name]
    assert outcome.verdict is Verdict.PASSED, story_of(outcome)


@pytest.mark.parametrize(("part", "verdict"), SHAKY_PARTS, ids=names_of(SHAKY_PARTS))
def test_a_defect_fails_what_it_should_and_only_that(part: Part, verdict: Verdict, shaky: dict[Part, Outcome]) -> None:
    assert shaky[part].verdict is verdict, story_of(shaky[part])


@pytest.mark.parametrize(("part", "verdict"), PLANTED_PARTS, ids=names_of(PLANTED_PARTS))
def test_a_defect_over_the_kazakhstan_protocol(part: Part, verdict: Verdict, planted: dict[Part, Outcome]) -> None:
    assert planted[part].verdict is verdict, story_of(planted[part])


def test_every_scenario_is_failed_by_a_defect() -> None:
    failed = {name for (_, name), verdict in SHAKY_PARTS if verdict is Verdict.FAILED}
    assert set(SCENARIOS) - failed == set()


def test_there_are_thirty_scenarios_at_the_least() -> None:
    assert len(SCENARIOS) >= 30
