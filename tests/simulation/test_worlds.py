"""Two hundred worlds: in each of them every promise is kept, and planted defects are seen.

A failing world prints how to see it again; a seed that ever failed gets a test of its own here, with its name.
"""

from __future__ import annotations

import pytest

from mock_ofd.simulation.defects import Defect
from mock_ofd.simulation.running import run_many, run_seed, run_world
from mock_ofd.simulation.world import Outcome

SEEDS = range(200)


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return list(run_many(SEEDS))


@pytest.mark.requirement("S3-06", "S3-12", "S3-13", "S3-17", "S3-23", "S3-24", "S3-25")
def test_every_promise_is_kept_in_every_world(outcomes: list[Outcome]) -> None:
    reports = [outcome.report() for outcome in outcomes if not outcome.is_clean]
    assert not reports, "\n".join(reports)


def test_the_worlds_have_seen_what_they_are_for(outcomes: list[Outcome]) -> None:
    documents = sum(outcome.documents for outcome in outcomes)
    autonomous = sum(outcome.autonomous for outcome in outcomes)
    assert documents > 100 * len(SEEDS)
    assert documents // 4 < autonomous < 3 * documents // 4, "neither link nor trouble has the upper hand"
    for kind in ("cut_every_s", "slow_every_s", "operator_crash_every_s", "register_crash_every_s", "lose_answer",
                 "lose_request", "late_answer", "half_answer", "commit_fail", "commit_unknown", "clock_back",
                 "operator_doom", "register_doom"):  # fmt: skip
        worlds = sum(bool(getattr(outcome.trouble, kind)) for outcome in outcomes)
        assert 20 < worlds < len(SEEDS), f"{kind} in {worlds} worlds"


def test_the_same_seed_does_the_same_again(outcomes: list[Outcome]) -> None:
    for seed in (3, 7, 42):
        again, story = run_world(seed)
        assert again == outcomes[seed]
        assert story == run_world(seed)[1]
    assert len({outcome.digest for outcome in outcomes}) == len(SEEDS)


@pytest.mark.parametrize("defect", Defect)
def test_a_planted_defect_is_found(defect: Defect) -> None:
    for seed in SEEDS:
        outcome = run_seed(seed, defect)
        if not outcome.is_clean:
            assert f"--seed {seed}" in outcome.report()
            return
    pytest.fail(f"{defect} was not found in {len(SEEDS)} worlds")


def test_a_defect_does_not_outlive_its_world() -> None:
    before = run_seed(1)
    run_seed(1, Defect.ANSWER_BEFORE_COMMIT)
    assert run_seed(1) == before
