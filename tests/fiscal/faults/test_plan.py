"""Plans are values: who is selected, which occurrence, and how a plan changes into another."""

import pytest

from fiscal.errors import InvalidValue
from fiscal.faults.effects import Crash, LoseAnswer, Point
from fiscal.faults.plan import ALWAYS, NO_FAULTS, Fault, FaultPlan, Scope, Selection, Situation

LOST = Fault(name="lost", at=Point.AFTER_COMMIT, effects=(LoseAnswer(),))
DEAD = Fault(name="dead", at=Point.ON_CONNECT, effects=(Crash(),))


@pytest.mark.parametrize(
    ("selection", "concerned"),
    [
        (ALWAYS, True),
        (Selection(register="till-1"), True),
        (Selection(register="till-2"), False),
        (Selection(register="TILL-1"), False),
        (Selection(register="till-*"), True),
        (Selection(register="till-[2-9]"), False),
        (Selection(protocol="native"), True),
        (Selection(protocol="kz"), False),
        (Selection(command="doc*"), True),
        (Selection(command="hello"), False),
        (Selection(since=1_000), True),
        (Selection(since=1_001), False),
        (Selection(until=1_001), True),
        (Selection(until=1_000), False),
        (Selection(since=1_000, until=1_001, register="till-?", protocol="native", command="document"), True),
    ],
)
def test_whom_a_selection_concerns(selection, concerned):
    assert selection.concerns(Situation("till-1", "native", "document", 1_000)) is concerned


def test_only_the_pattern_for_all_matches_a_register_that_is_not_known_yet():
    unknown = Situation("", "native", "", 0)
    assert ALWAYS.concerns(unknown)
    assert not Selection(register="till-*").concerns(unknown)


@pytest.mark.parametrize(
    ("nth", "every", "chosen"),
    [
        (None, None, [1, 2, 3, 4, 5, 6, 7, 8]),
        (3, None, [3]),
        (None, 3, [3, 6]),
        (2, 3, [2, 5, 8]),
        (5, 1, [5, 6, 7, 8]),
    ],
)
def test_which_occurrences_are_chosen(nth, every, chosen):
    selection = Selection(nth=nth, every=every)
    assert [n for n in range(1, 9) if selection.chooses(n)] == chosen


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"register": ""}, "register"),
        ({"protocol": 5}, "protocol"),
        ({"command": "x" * 257}, "command"),
        ({"nth": 0}, "nth"),
        ({"every": 0}, "every"),
        ({"times": True}, "times"),
        ({"since": -1}, "since"),
        ({"until": 0}, "until"),
        ({"since": 5, "until": 5}, "until"),
        ({"probability": 1.1}, "probability"),
        ({"probability": -0.1}, "probability"),
        ({"probability": float("nan")}, "probability"),
        ({"probability": True}, "probability"),
        ({"probability": "1"}, "probability"),
        ({"count": "global"}, "count"),
    ],
)
def test_a_wrong_selection_names_its_field(given, field):
    with pytest.raises(InvalidValue) as caught:
        Selection(**given)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"at": "after_commit"}, "at"),
        ({"effects": ()}, "effects"),
        ({"effects": (LoseAnswer(),) * 17}, "effects"),
    ],
)
def test_a_wrong_fault_names_its_field(given, field):
    with pytest.raises(InvalidValue) as caught:
        Fault(**{"name": "x", "at": Point.AFTER_COMMIT, "effects": (LoseAnswer(),), **given})
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"seed": -1}, "seed"),
        ({"seed": 2**63}, "seed"),
        ({"description": "x" * 8_193}, "description"),
        ({"faults": (LOST, DEAD, LOST)}, "faults[2].name"),
        ({"faults": (LOST,) * 1_001}, "faults"),
    ],
)
def test_a_wrong_plan_names_its_field(given, field):
    with pytest.raises(InvalidValue) as caught:
        FaultPlan(**given)
    assert caught.value.field == field


def test_a_fault_is_switched_on_replaced_in_its_place_and_switched_off():
    plan = FaultPlan((LOST,), seed=7)
    both = plan.with_fault(DEAD)
    once = Fault(name="lost", at=Point.AFTER_COMMIT, effects=(LoseAnswer(),), when=Selection(times=1))

    assert list(plan) == [LOST]
    assert both == FaultPlan((LOST, DEAD), seed=7)
    assert both.with_fault(once) == FaultPlan((once, DEAD), seed=7)
    assert both.without("lost") == FaultPlan((DEAD,), seed=7)


def test_a_fault_that_is_not_there_cannot_be_switched_off():
    with pytest.raises(InvalidValue, match="no fault 'lost'"):
        NO_FAULTS.without("lost")


def test_plans_are_equal_by_value_and_can_be_keys():
    assert {FaultPlan((LOST,), 1): "a"}[FaultPlan((LOST,), 1)] == "a"
    assert Scope("global") is Scope.GLOBAL
