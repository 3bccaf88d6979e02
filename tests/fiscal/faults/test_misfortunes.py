"""The catalogue of misfortunes: each is a plan that can be read, is told in sentences, and is found by its name."""

import tomllib

import pytest

from fiscal.errors import InvalidValue
from fiscal.faults.effects import Point
from fiscal.faults.misfortunes import MISFORTUNES, misfortune
from fiscal.faults.notation import plan_from_toml
from fiscal.faults.plan import Situation
from fiscal.faults.run import FaultRun

ALL = pytest.mark.parametrize("one", MISFORTUNES.values(), ids=MISFORTUNES)


@ALL
def test_a_misfortune_is_a_plan_and_two_sentences(one):
    plan = one.plan(start=1_000, seed=7)
    assert plan.faults
    assert plan.seed == 7
    assert plan.description == one.happens == tomllib.loads(one.toml)["description"]
    assert one.happens.endswith(".")
    assert one.register.endswith(".")
    assert plan_from_toml(one.toml, 1_000).faults == plan.faults


@ALL
def test_a_misfortune_befalls_registers_of_every_protocol(one):
    for protocol in ("native", "http", "kz"):
        run = FaultRun(one.plan())
        fell = [
            run.applied(point, Situation("till-1", protocol, "document", now))
            for now in range(0, 60_000, 1_000)
            for point in Point
        ]
        assert any(fell), protocol


def test_times_count_from_the_start():
    (fault,) = misfortune("full-disk").plan(start=1_000_000).faults
    assert (fault.when.since, fault.when.until) == (1_005_000, 1_025_000)


def test_a_name_that_nobody_has():
    with pytest.raises(InvalidValue, match=r"there is no misfortune 'rain', only lost-answer, .*power-cut"):
        misfortune("rain")
