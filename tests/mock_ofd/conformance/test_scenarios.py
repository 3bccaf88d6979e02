"""A client that is right passes every scenario, and one with a defect fails those that it should, and only those."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from random import Random

import pytest
from _pytest.mark import ParameterSet

from mock_ofd.conformance.catalogue import SCENARIOS
from mock_ofd.conformance.running import Outcome, Verdict
from tests.mock_ofd.conformance.defects import NATIVE, TABLES, expected
from tests.mock_ofd.conformance.players import CLIENTS, OWN, SHAKY, Part, play_all, story_of

FAILS = {"native": 4, "kz": 2}
"""Scenarios that a defect fails and that are played in one run of the suite."""
PASSES_EVERY = {"native": 1, "kz": 3}
"""Of so many defects one also plays one that it passes: a process of our own register takes a second to start."""
TURN = int(os.environ.get("CONFORMANCE_TURN", date.today().toordinal()))  # noqa: DTZ011 - any number that goes on
"""Which of them: every day others. The whole matrix is played by ``python -m tests.mock_ofd.conformance.matrix``."""

BEYOND = {"S3-15", "S3-18", "S3-30", "S4-14"}
"""What is told to the cashier, printed, or another system's: a scenario sees the half of it."""

Row = tuple[Part, Verdict]


def some(names: Sequence[str], count: int, defect: str) -> list[str]:
    """So many of them, others for each turn and each defect; all of them when there are no more."""
    return Random(f"{TURN} {defect}").sample(names, min(count, len(names)))


def rows_of(protocol: str) -> list[Row]:
    """Of each defect some scenarios, with the verdict that each has to end with."""
    rows: list[Row] = []
    for place, (defect, fails) in enumerate(TABLES[protocol].items(), TURN):
        passes = [name for name in SCENARIOS if expected(protocol, defect, name) is Verdict.PASSED]
        played = int(place % PASSES_EVERY[protocol] == 0)
        names = (*some(fails, FAILS[protocol], defect), *some(passes, played, defect))
        command = (*CLIENTS[protocol], defect)
        rows += [((protocol, command, name), expected(protocol, defect, name)) for name in names]
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
WRONG = [*rows_of("native"), *rows_of("kz")]


def names_of(rows: list[Row]) -> list[str]:
    return [f"{protocol}-{Path(command[-1]).stem}-{name}" for (protocol, command, name), _ in rows]


@pytest.fixture(scope="module")
def played() -> dict[Part, Outcome]:
    return play_all(dict([*RIGHT, *WRONG]))


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
    failed = {name for table in TABLES.values() for fails in table.values() for name in fails}
    assert set(SCENARIOS) - failed == set()


@pytest.mark.parametrize("protocol", TABLES)
def test_every_defect_is_found(protocol: str) -> None:
    assert [defect for defect, fails in TABLES[protocol].items() if not fails] == []


@pytest.mark.parametrize("protocol", TABLES)
def test_a_table_names_scenarios_of_its_protocol(protocol: str) -> None:
    for defect, fails in TABLES[protocol].items():
        strange = [name for name in fails if expected(protocol, defect, name) is not Verdict.FAILED]
        assert strange == [], defect


def test_every_turn_plays_others(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = 10
    seen = set[Part]()
    for turn in range(turns):
        monkeypatch.setitem(globals(), "TURN", turn)
        seen |= {part for part, _ in rows_of("native")}
    in_a_turn = len(rows_of("native"))
    failed = {(name, command[-1]) for _, command, name in seen if name in NATIVE[command[-1]]}
    assert len(seen) > 3 * in_a_turn
    assert len(failed) > 0.8 * sum(map(len, NATIVE.values()))


def test_there_are_thirty_scenarios_at_the_least() -> None:
    assert len(SCENARIOS) >= 30
