"""The ways to say what shall go wrong."""

import pytest

from fiscal.errors import ConfigurationError, InvalidValue
from fiscal.faults.effects import LoseAnswer, Point
from fiscal.faults.misfortunes import misfortune
from fiscal.faults.notation import plan_to_dict
from fiscal.faults.plan import NO_FAULTS, Fault, FaultPlan
from ofd_server.harness.plans import plan_of, plan_of_setting
from tests.documents import T0

FAULT = Fault(name="lost", at=Point.AFTER_COMMIT, effects=(LoseAnswer(),))
PLAN = FaultPlan((FAULT,))
TOML = '[[faults]]\nname = "lost"\nat = "after_commit"\neffects = [{ kind = "lose_answer" }]\n'


@pytest.mark.parametrize("said", [PLAN, FAULT, [FAULT], (FAULT,), iter((FAULT,)), plan_to_dict(PLAN), TOML])
def test_one_plan_said_in_many_ways(said):
    assert plan_of(said, T0) == PLAN


def test_nothing_goes_wrong():
    assert plan_of(None, T0) == NO_FAULTS
    assert plan_of([], T0) == NO_FAULTS


def test_a_seed_is_put_into_the_plan():
    assert plan_of(FAULT, T0, seed=7).seed == 7
    assert plan_of(FaultPlan((FAULT,), seed=3), T0).seed == 3


def test_a_misfortune_is_said_by_its_name():
    assert plan_of("lost-answer", T0) == misfortune("lost-answer").plan(T0)
    with pytest.raises(InvalidValue, match=r"there is no misfortune 'lost-answr', only .*lost-answer"):
        plan_of("lost-answr", T0)


def test_a_plan_of_a_file(tmp_path):
    file = tmp_path / "plan.toml"
    file.write_text(TOML, encoding="utf-8")
    assert plan_of(file, T0) == plan_of_setting(str(file), T0) == PLAN
    with pytest.raises(ConfigurationError, match="cannot be read"):
        plan_of(tmp_path / "none.toml", T0)


def test_a_file_that_is_no_plan(tmp_path):
    file = tmp_path / "plan.toml"
    file.write_bytes(b"# " + b"x" * (1 << 20))
    with pytest.raises(ConfigurationError, match=r"plan\.toml: file: is larger than 1,048,576 bytes"):
        plan_of_setting(str(file), T0)
    file.write_bytes(b"\xff")
    with pytest.raises(ConfigurationError, match=r"plan\.toml: toml: is no UTF-8: invalid start byte"):
        plan_of_setting(str(file), T0)
    with pytest.raises(ConfigurationError, match="/dev/zero: file: is larger"):
        plan_of_setting("/dev/zero", T0)


def test_times_in_a_plan_count_from_now():
    plan = plan_of(TOML + 'when = { until = "+90s" }\n', T0)
    assert plan.faults[0].when.until == T0 + 90_000
