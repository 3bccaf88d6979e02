"""Plans as dictionaries: what is written reads back, what is not understood is refused with its path."""

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.errors import InvalidValue
from fiscal.faults import effects as e
from fiscal.faults.effects import POINTS, Corrupt, Delay, LoseAnswer, Normal, Point, Reset, Uniform
from fiscal.faults.notation import (
    KINDS,
    applied_to_dict,
    effect_from_dict,
    effect_to_dict,
    fault_from_dict,
    fault_to_dict,
    plan_from_dict,
    plan_from_toml,
    plan_to_dict,
)
from fiscal.faults.plan import Fault, FaultPlan, Scope, Selection, Situation
from fiscal.faults.run import FaultRun

TOML = """
seed = 7
description = "A bad night."

[[faults]]
name = "lost-answer"
at = "after_commit"
effects = [{ kind = "lose_answer" }]
when = { register = "till-*", command = "document", nth = 3, times = 1 }

[[faults]]
at = "before_parse"
effects = [{ kind = "delay", ms = { normal = [200, 50] } }, { kind = "corrupt", offset = -1 }]
when = { from = 2026-01-01T00:00:00Z, until = "+90m", probability = 0.25, count = "global" }
"""
NEW_YEAR = 1_767_225_600_000
PLAN = FaultPlan(
    (
        Fault(
            name="lost-answer",
            at=Point.AFTER_COMMIT,
            effects=(LoseAnswer(),),
            when=Selection(register="till-*", command="document", nth=3, times=1),
        ),
        Fault(
            name="fault-2",
            at=Point.BEFORE_PARSE,
            effects=(Delay(Normal(200, 50)), Corrupt(offset=-1)),
            when=Selection(since=NEW_YEAR, until=NEW_YEAR + 5_400_000, probability=0.25, count=Scope.GLOBAL),
        ),
    ),
    seed=7,
    description="A bad night.",
)


def test_a_plan_in_toml():
    assert plan_from_toml(TOML, start=NEW_YEAR) == PLAN


def test_a_plan_as_it_is_written():
    assert plan_to_dict(PLAN) == {
        "faults": [
            {
                "name": "lost-answer",
                "at": "after_commit",
                "effects": [{"kind": "lose_answer"}],
                "when": {"register": "till-*", "command": "document", "nth": 3, "times": 1},
            },
            {
                "name": "fault-2",
                "at": "before_parse",
                "effects": [
                    {"kind": "delay", "ms": {"normal": [200, 50]}},
                    {"kind": "corrupt", "offset": -1},
                ],
                "when": {"from": NEW_YEAR, "until": NEW_YEAR + 5_400_000, "probability": 0.25, "count": "global"},
            },
        ],
        "seed": 7,
        "description": "A bad night.",
    }


def test_the_empty_plan_is_an_empty_table():
    assert plan_from_dict({}) == FaultPlan()
    assert plan_to_dict(FaultPlan()) == {}


@pytest.mark.parametrize(
    ("given", "instant"),
    [
        (5, 5),
        ("1970-01-01T00:00:05Z", 5_000),
        ("1970-01-01T05:00:05+05:00", 5_000),
        (datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC), 5_000),
        ("+250ms", 10_250),
        ("+9s", 19_000),
        ("+2m", 130_000),
        ("+1h", 3_610_000),
        ("+1d", 86_410_000),
    ],
)
def test_every_way_to_write_an_instant(given, instant):
    fault = {"name": "x", "at": "on_connect", "effects": [{"kind": "reset"}], "when": {"until": given}}
    assert fault_from_dict(fault, start=10_000).when.until == instant


FAULT = {"name": "x", "at": "on_connect", "effects": [{"kind": "reset"}]}


def with_when(**when):
    return {"faults": [FAULT | {"when": when}]}


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ([], "plan"),
        ({"fault": []}, "fault"),
        ({1: []}, "1"),
        ({"seed": "7"}, "seed"),
        ({"seed": -7}, "seed"),
        ({"description": 7}, "description"),
        ({"faults": {}}, "faults"),
        ({"faults": [7]}, "faults[0]"),
        ({"faults": [{"effects": []}]}, "faults[0].at"),
        ({"faults": [{"at": "on_connect"}]}, "faults[0].effects"),
        ({"faults": [FAULT | {"effects": []}]}, "faults[0].effects"),
        ({"faults": [FAULT | {"effects": "reset"}]}, "faults[0].effects"),
        ({"faults": [FAULT | {"effects": ["reset"]}]}, "faults[0].effects[0].kind"),
        ({"faults": [FAULT | {"effects": [{"kind": ["reset"]}]}]}, "faults[0].effects[0].kind"),
        ({"faults": [FAULT | {"effects": [{"kind": "explode"}]}]}, "faults[0].effects[0].kind"),
        ({"faults": [FAULT | {"effects": [{"kind": "delay"}]}]}, "faults[0].effects[0].ms"),
        ({"faults": [FAULT | {"effects": [{"kind": "delay", "ms": -1}]}]}, "faults[0].effects[0].ms"),
        ({"faults": [FAULT | {"effects": [{"kind": "delay", "ms": {}}]}]}, "faults[0].effects[0].ms"),
        (
            {"faults": [FAULT | {"effects": [{"kind": "delay", "ms": {"uniform": 5}}]}]},
            "faults[0].effects[0].ms.uniform",
        ),
        (
            {"faults": [FAULT | {"effects": [{"kind": "delay", "ms": {"normal": [5]}}]}]},
            "faults[0].effects[0].ms.normal",
        ),
        (
            {"faults": [FAULT | {"effects": [{"kind": "delay", "ms": {"uniform": [5, 4]}}]}]},
            "faults[0].effects[0].ms.uniform.high_ms",
        ),
        (
            {"faults": [FAULT | {"effects": [{"kind": "delay", "ms": {"pareto": [5, 4]}}]}]},
            "faults[0].effects[0].ms.pareto",
        ),
        ({"faults": [FAULT | {"effects": [{"kind": "delay", "s": 4}]}]}, "faults[0].effects[0].s"),
        ({"faults": [FAULT | {"effects": [{"kind": "lose_answer"}]}]}, "faults[0].effects[0]"),
        ({"faults": [FAULT | {"at": "sometimes"}]}, "faults[0].at"),
        ({"faults": [FAULT | {"at": ["on_connect"]}]}, "faults[0].at"),
        ({"faults": [FAULT | {"name": 5}]}, "faults[0].name"),
        ({"faults": [FAULT, FAULT]}, "faults[1].name"),
        ({"faults": [FAULT | {"when": []}]}, "faults[0].when"),
        (with_when(regster="x"), "faults[0].when.regster"),
        (with_when(since=5), "faults[0].when.since"),
        (with_when(nth="third"), "faults[0].when.nth"),
        (with_when(probability=2), "faults[0].when.probability"),
        (with_when(count="each"), "faults[0].when.count"),
        (with_when(until="tomorrow"), "faults[0].when.until"),
        (with_when(until="1970-01-01T00:00:05"), "faults[0].when.until"),
        (with_when(until=date(2026, 1, 1)), "faults[0].when.until"),
        (with_when(**{"from": -5}), "faults[0].when.from"),
        (with_when(**{"from": 5, "until": 5}), "faults[0].when.until"),
        (with_when(until="+999999999999d"), "faults[0].when.until"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_path(data, field):
    with pytest.raises(InvalidValue) as caught:
        plan_from_dict(data)
    assert caught.value.field == field


def test_a_fault_by_itself_needs_its_name():
    assert fault_to_dict(fault_from_dict(FAULT)) == FAULT
    with pytest.raises(InvalidValue, match="name: is missing"):
        fault_from_dict({"at": "on_connect", "effects": [{"kind": "reset"}]})


@pytest.mark.parametrize("text", ["seed = ", "seed = " + "[" * 5_000 + "]" * 5_000], ids=["cut off", "deep"])
def test_text_that_is_no_toml(text):
    with pytest.raises(InvalidValue) as caught:
        plan_from_toml(text)
    assert (caught.value.field, caught.value.code) == ("toml", "not_toml")


def test_every_kind_has_its_word():
    assert set(KINDS.values()) == set(POINTS)
    assert KINDS["wrong_request_number"] is e.WrongRequestNumber


def test_a_record_of_what_was_applied_is_plain_and_reads_back():
    plan = FaultPlan((Fault(name="x", at=Point.AFTER_COMMIT, effects=(Corrupt(2), Delay(Uniform(5, 5)))),))
    (applied,) = FaultRun(plan).decide(Point.AFTER_COMMIT, Situation("till-1", "kz", "ticket", 99))
    record = applied_to_dict(applied)
    assert json.loads(json.dumps(record)) == record
    assert tuple(effect_from_dict(effect) for effect in record["effects"]) == applied.effects
    del record["effects"]
    assert record == {
        "fault": "x",
        "at": "after_commit",
        "register": "till-1",
        "protocol": "kz",
        "command": "ticket",
        "peer": "",
        "request": None,
        "now": 99,
        "occurrence": 1,
        "application": 1,
        "draw": None,
        "why": "x, after_commit of ticket: occurrence 1 for register 'till-1', applied 1",
    }


# ----------------------------------------------------------------------------------------------------- round trip

small = st.integers(0, 500)
distributions = st.builds(lambda a, b: Uniform(min(a, b), max(a, b)), small, small) | st.builds(Normal, small, small)
effects = st.one_of(
    st.builds(Delay, small | distributions),
    st.builds(e.LateBy, st.integers(-500, 500)),
    st.builds(e.Slice, st.integers(1, 9)),
    st.builds(e.Dribble, st.integers(1, 9), small),
    st.builds(e.Truncate, small),
    st.builds(Corrupt, st.integers(1, 8), st.none() | st.integers(-9, 9), st.integers(0, 2**53 - 1)),
    st.builds(e.Duplicate, st.integers(1, 9)),
    st.builds(e.Reorder, st.integers(1, 9), small),
    st.builds(e.Stall, small),
    st.builds(Reset, small),
    st.builds(e.HalfClose, small),
    st.builds(e.Refuse, st.text(min_size=1, max_size=9), st.text(max_size=9)),
    st.builds(e.AskToWait, small),
    st.builds(e.WrongRequestNumber, st.integers(1, 9)),
    st.builds(e.AnswerOfAnother, small),
    st.builds(e.SlowFsync, small),
    st.sampled_from([e.LoseRequest(), LoseAnswer(), e.Crash(), e.WrongToken(), e.Block(), e.Unblock(), e.DiskFull()]),
)
selections = st.builds(
    Selection,
    register=st.text(min_size=1, max_size=9),
    protocol=st.sampled_from(["*", "kz"]),
    command=st.sampled_from(["*", "document"]),
    nth=st.none() | st.integers(1, 9),
    every=st.none() | st.integers(1, 9),
    times=st.none() | st.integers(1, 9),
    since=st.none() | small,
    until=st.none() | st.integers(501, 999),
    probability=st.floats(0, 1),
    count=st.sampled_from(Scope),
)
plans = st.builds(
    lambda rows, seed, text: FaultPlan(
        tuple(
            Fault(name=f"f{i}", at=min(POINTS[type(effect)]), effects=(effect,), when=when)
            for i, (effect, when) in enumerate(rows)
            if not getattr(effect, "after_bytes", 0)
        ),
        seed,
        text,
    ),
    st.lists(st.tuples(effects, selections), max_size=5),
    st.integers(0, 2**63 - 1),
    st.text(max_size=20),
)


@given(effects)
def test_an_effect_that_is_written_reads_back(effect):
    assert effect_from_dict(effect_to_dict(effect)) == effect


@given(plans)
def test_a_plan_that_is_written_as_json_reads_back(plan):
    assert plan_from_dict(json.loads(json.dumps(plan_to_dict(plan)))) == plan
