"""Every kind refuses what is outside its range, and every point that it cannot happen at."""

import re

import pytest

from fiscal.errors import InvalidValue
from fiscal.faults import effects
from fiscal.faults.effects import (
    POINTS,
    AnswerOfAnother,
    AskToWait,
    Block,
    Corrupt,
    Crash,
    Delay,
    DiskFull,
    Dribble,
    Duplicate,
    HalfClose,
    LateBy,
    LoseAnswer,
    LoseRequest,
    Normal,
    Point,
    Refuse,
    Reorder,
    Reset,
    Slice,
    SlowFsync,
    Stall,
    Truncate,
    Unblock,
    Uniform,
    WrongRequestNumber,
    WrongToken,
)
from fiscal.faults.plan import Fault

DAY = 24 * 60 * 60 * 1_000
MIB = 1 << 20

EXAMPLES = [
    Delay(300),
    LateBy(-50),
    Slice(1),
    Dribble(1, 0),
    Truncate(0),
    Corrupt(),
    Duplicate(),
    Reorder(),
    Stall(),
    Reset(),
    HalfClose(),
    LoseRequest(),
    LoseAnswer(),
    Crash(),
    Refuse("number_gap"),
    AskToWait(0),
    WrongToken(),
    WrongRequestNumber(),
    AnswerOfAnother(),
    Block(),
    Unblock(),
    DiskFull(),
    SlowFsync(0),
]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Uniform, [0, DAY]),
        (Uniform, [7, 7]),
        (Normal, [DAY, DAY]),
        (Delay, [0]),
        (Delay, [DAY]),
        (Delay, [Uniform(1, 2)]),
        (Delay, [Normal(1, 2)]),
        (LateBy, [-DAY]),
        (LateBy, [DAY]),
        (Slice, [MIB]),
        (Dribble, [MIB, DAY]),
        (Truncate, [MIB]),
        (Corrupt, [1_024]),
        (Corrupt, [8, MIB]),
        (Corrupt, [1, -MIB]),
        (Duplicate, [100]),
        (Reorder, [100, DAY]),
        (Stall, [MIB]),
        (Reset, [MIB]),
        (HalfClose, [MIB]),
        (Refuse, ["x" * 64, "y" * 1_024]),
        (AskToWait, [600_000]),
        (WrongRequestNumber, [-(2**31) + 1]),
        (SlowFsync, [DAY]),
    ],
)
def test_the_edges_belong_to_the_range(kind, values):
    assert kind(*values) == kind(*values)


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        (Uniform, [-1, 5], "low_ms"),
        (Uniform, [5, 4], "high_ms"),
        (Normal, [-1, 5], "mean_ms"),
        (Normal, [5, -1], "spread_ms"),
        (Delay, [-1], "ms"),
        (Delay, [DAY + 1], "ms"),
        (Delay, [True], "ms"),
        (Delay, [1.0], "ms"),
        (Delay, ["1"], "ms"),
        (LateBy, [DAY + 1], "over_ms"),
        (Slice, [0], "size"),
        (Dribble, [0, 0], "size"),
        (Dribble, [1, -1], "gap_ms"),
        (Truncate, [-1], "keep"),
        (Corrupt, [0], "bits"),
        (Corrupt, [1_025], "bits"),
        (Corrupt, [9, 0], "bits"),
        (Corrupt, [1, MIB + 1], "offset"),
        (Corrupt, [1, None, 2**53], "draw"),
        (Duplicate, [0], "copies"),
        (Reorder, [0], "behind"),
        (Reorder, [1, -1], "ms_max"),
        (Stall, [-1], "after_bytes"),
        (Reset, [-1], "after_bytes"),
        (HalfClose, [-1], "after_bytes"),
        (Refuse, [""], "code"),
        (Refuse, [5], "code"),
        (Refuse, ["x", "y" * 1_025], "text"),
        (AskToWait, [600_001], "ms"),
        (WrongRequestNumber, [0], "offset"),
        (WrongRequestNumber, [2**31], "offset"),
        (AnswerOfAnother, [-1], "draw"),
        (SlowFsync, [-1], "ms"),
    ],
)
def test_what_is_outside_is_refused_with_its_field(kind, values, field):
    with pytest.raises(InvalidValue) as caught:
        kind(*values)
    assert caught.value.field == field


def test_a_long_wrong_value_is_not_repeated_in_full():
    with pytest.raises(InvalidValue, match=re.escape("is 'zzz")) as caught:
        Delay("z" * 1_000)  # type: ignore[arg-type]  # that is the mistake
    assert len(str(caught.value)) < 200


def test_every_kind_of_effect_has_an_example_and_a_row_in_the_table():
    assert {type(example) for example in EXAMPLES} == set(POINTS) == set(effects.Effect.__args__)


@pytest.mark.parametrize("point", Point)
@pytest.mark.parametrize("effect", EXAMPLES, ids=lambda effect: type(effect).__name__)
def test_every_empty_cell_of_the_table_refuses(effect, point):
    if point in POINTS[type(effect)]:
        assert Fault(name="x", at=point, effects=(effect,)).effects == (effect,)
        return
    with pytest.raises(InvalidValue, match=f"cannot happen {point}") as caught:
        Fault(name="x", at=point, effects=(Delay(0), effect))
    assert (caught.value.field, caught.value.code) == ("effects[1]", "wrong_point")


@pytest.mark.parametrize("kind", [Stall, Reset, HalfClose])
@pytest.mark.parametrize("point", [Point.ON_CONNECT, Point.BEFORE_COMMIT, Point.AFTER_ANSWER])
def test_bytes_are_counted_only_where_bytes_move(kind, point):
    with pytest.raises(InvalidValue) as caught:
        Fault(name="x", at=point, effects=(kind(1),))
    assert caught.value.field == ("effects[0]" if point not in POINTS[kind] else "effects[0].after_bytes")
