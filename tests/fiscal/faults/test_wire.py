"""Bytes on one side, steps on the other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.errors import InvalidValue
from fiscal.faults.effects import (
    AskToWait,
    Block,
    Corrupt,
    Crash,
    Delay,
    Dribble,
    Duplicate,
    HalfClose,
    LateBy,
    LoseAnswer,
    LoseRequest,
    Normal,
    Reorder,
    Reset,
    Slice,
    Stall,
    Truncate,
    Uniform,
)
from fiscal.faults.wire import FREE, Chunk, End, Ending, Hold, Passage, bend, passage


@pytest.mark.parametrize(
    ("effects", "steps"),
    [
        ([], [Chunk(0, b"abcdef")]),
        ([Block(), AskToWait(5)], [Chunk(0, b"abcdef")]),
        ([Delay(300)], [Chunk(300, b"abcdef")]),
        ([Delay(300), Delay(20)], [Chunk(320, b"abcdef")]),
        ([Slice(4)], [Chunk(0, b"abcd"), Chunk(0, b"ef")]),
        ([Slice(6)], [Chunk(0, b"abcdef")]),
        ([Delay(9), Slice(4)], [Chunk(9, b"abcd"), Chunk(0, b"ef")]),
        ([Dribble(2, 50)], [Chunk(0, b"ab"), Chunk(50, b"cd"), Chunk(50, b"ef")]),
        ([Dribble(4, 50), Slice(3)], [Chunk(0, b"abc"), Chunk(0, b"d"), Chunk(50, b"ef")]),
        ([Truncate(4)], [Chunk(0, b"abcd")]),
        ([Truncate(6)], [Chunk(0, b"abcdef")]),
        ([Truncate(0)], []),
        ([Dribble(2, 50), Truncate(3)], [Chunk(0, b"ab"), Chunk(50, b"c")]),
        ([Dribble(2, 50), Truncate(2)], [Chunk(0, b"ab")]),
        ([Duplicate()], [Chunk(0, b"abcdef"), Chunk(0, b"abcdef")]),
        ([Truncate(1), Duplicate(3)], [Chunk(0, b"a")] * 4),
        ([Reset()], [End(0, Ending.RESET)]),
        ([Reset(4)], [Chunk(0, b"abcd"), End(0, Ending.RESET)]),
        ([Reset(6)], [Chunk(0, b"abcdef"), End(0, Ending.RESET)]),
        ([Reset(99)], [Chunk(0, b"abcdef"), End(0, Ending.RESET)]),
        ([Stall(1)], [Chunk(0, b"a"), End(0, Ending.STALL)]),
        ([HalfClose(1)], [Chunk(0, b"a"), End(0, Ending.HALF_CLOSE)]),
        ([Crash()], [End(0, Ending.CRASH)]),
        ([Delay(30), Crash()], [End(30, Ending.CRASH)]),
        ([Crash(), Delay(30)], [End(30, Ending.CRASH)]),
        ([Reset(4), Slice(3)], [Chunk(0, b"abc"), Chunk(0, b"d"), End(0, Ending.RESET)]),
        ([Reset(4), Truncate(1)], [Chunk(0, b"a"), End(0, Ending.RESET)]),
        ([Reset(4), Duplicate()], [Chunk(0, b"abcd"), End(0, Ending.RESET)]),
        ([Reset(4), Stall(2)], [Chunk(0, b"ab"), End(0, Ending.STALL)]),
        ([Reset(2), Stall(4)], [Chunk(0, b"ab"), End(0, Ending.RESET)]),
        ([Reset(2), Stall(2)], [Chunk(0, b"ab"), End(0, Ending.RESET)]),
        ([LoseAnswer()], []),
        ([LoseRequest()], []),
        ([LoseAnswer(), Delay(5)], []),
        ([LoseAnswer(), Slice(1), Duplicate(), Corrupt()], []),
        ([LoseAnswer(), Reset()], [End(0, Ending.RESET)]),
        ([Reset(3), LoseAnswer()], [End(0, Ending.RESET)]),
        ([Reorder(2, 700)], [Hold(2, 700), Chunk(0, b"abcdef")]),
        ([Delay(5), Reorder(2, 700), Reorder(3, 800)], [Hold(3, 800), Chunk(5, b"abcdef")]),
        ([Reorder(), LoseAnswer()], []),
    ],
)
def test_effects_turn_bytes_into_steps(effects, steps):
    assert list(bend(b"abcdef", effects)) == steps


@pytest.mark.parametrize(
    ("data", "effects", "half", "steps"),
    [
        (b"abcde", [], [Reset()], [Chunk(0, b"abc"), End(0, Ending.RESET)]),
        (b"abcde", [], [Delay(70)], [Chunk(0, b"abc"), Chunk(70, b"de")]),
        (b"abcde", [], [Crash()], [Chunk(0, b"abc"), End(0, Ending.CRASH)]),
        (b"abcde", [], [Truncate(1)], [Chunk(0, b"abc"), Chunk(0, b"d")]),
        (b"abcde", [Delay(9), Slice(2)], [Delay(70)], [Chunk(9, b"ab"), Chunk(0, b"c"), Chunk(70, b"de")]),
        (b"abcde", [Reset(4)], [Delay(70)], [Chunk(0, b"abc"), Chunk(70, b"d"), End(0, Ending.RESET)]),
        (b"a", [], [Stall()], [Chunk(0, b"a"), End(0, Ending.STALL)]),
    ],
)
def test_half_an_answer(data, effects, half, steps):
    assert list(bend(data, effects, half)) == steps


@pytest.mark.parametrize("effect", [LateBy(5), Delay(Uniform(1, 2)), Delay(Normal(1, 2))])
def test_an_effect_that_no_run_has_settled_is_refused(effect):
    with pytest.raises(InvalidValue, match="settled by a run first"):
        bend(b"abc", [effect])


@pytest.mark.parametrize(
    ("effects", "result"),
    [
        ([], FREE),
        ([Delay(30), Delay(5)], Passage(35, True, None)),
        ([LoseRequest()], Passage(0, False, None)),
        ([Stall()], Passage(0, False, Ending.STALL)),
        ([Delay(30), Reset()], Passage(30, False, Ending.RESET)),
        ([HalfClose()], Passage(0, False, Ending.HALF_CLOSE)),
        ([Crash()], Passage(0, False, Ending.CRASH)),
    ],
)
def test_how_something_without_bytes_gets_past_a_point(effects, result):
    assert passage(effects) == result


def test_after_the_wait_only_the_ending_is_left_for_the_line():
    assert passage([Delay(30), Reset()]).steps == (End(0, Ending.RESET),)
    assert passage([Delay(30)]).steps == passage([LoseRequest()]).steps == ()


# --------------------------------------------------------------------------------------------------- corruption


def flipped(before, after):
    return sum((a ^ b).bit_count() for a, b in zip(before, after, strict=True))


def joined(steps):
    return b"".join(step.data for step in steps if isinstance(step, Chunk))


@given(st.binary(max_size=60), st.integers(1, 1_024), st.integers(0, 2**53 - 1))
def test_so_many_different_bits_are_turned_over(data, bits, draw):
    damaged = joined(bend(data, [Corrupt(bits, draw=draw)]))
    assert flipped(data, damaged) == min(bits, len(data) * 8)
    assert damaged == joined(bend(data, [Corrupt(bits, draw=draw)]))


@given(st.binary(min_size=1, max_size=60), st.integers(1, 8), st.integers(0, 2**53 - 1), st.data())
def test_within_one_byte_when_it_is_named(data, bits, draw, more):
    offset = more.draw(st.integers(-len(data), len(data) - 1))
    damaged = joined(bend(data, [Corrupt(bits, offset, draw)]))
    assert flipped(data[offset : offset + 1 or None], damaged[offset : offset + 1 or None]) == bits
    assert flipped(data, damaged) == bits


@pytest.mark.parametrize("offset", [3, -4])
def test_a_byte_that_is_not_there_cannot_be_damaged(offset):
    assert bend(b"abc", [Corrupt(8, offset)]) == (Chunk(0, b"abc"),)


def test_damage_keeps_pieces_delays_and_endings():
    steps = bend(b"abcd", [Dribble(2, 50), Reset(3), Corrupt(8, -1)])
    assert steps == (Chunk(0, b"ab"), Chunk(50, bytes([ord("c") ^ 0xFF])), End(0, Ending.RESET))


# --------------------------------------------------------------------------------------------------- properties

pieces = st.builds(Slice, st.integers(1, 50)) | st.builds(Dribble, st.integers(1, 50), st.integers(0, 999))


@given(st.binary(max_size=200), st.lists(pieces, max_size=3), st.lists(pieces, max_size=2))
def test_pieces_together_are_what_went_in(data, effects, half):
    steps = bend(data, effects, half)
    assert joined(steps) == data
    assert all(isinstance(step, Chunk) for step in steps)


@given(st.binary(max_size=200), st.integers(1, 50), st.integers(0, 999))
def test_no_piece_is_larger_than_asked_and_only_gaps_are_waited_for(data, size, gap_ms):
    steps = [step for step in bend(data, [Dribble(size, gap_ms)]) if isinstance(step, Chunk)]
    assert all(len(step.data) <= size for step in steps)
    assert [step.delay_ms for step in steps] == [0] + [gap_ms] * (len(steps) - 1)


anything = st.one_of(
    pieces,
    st.builds(Truncate, st.integers(0, 50)),
    st.builds(Corrupt, st.integers(1, 20)),
    st.builds(Duplicate, st.integers(1, 3)),
    st.builds(Stall, st.integers(0, 50)),
    st.builds(Reset, st.integers(0, 50)),
    st.builds(HalfClose, st.integers(0, 50)),
    st.builds(Delay, st.integers(0, 500)),
    st.just(Reorder()),
    st.just(LoseAnswer()),
    st.just(Crash()),
)


@given(st.binary(max_size=60), st.lists(anything, max_size=5), st.lists(anything, max_size=2))
def test_a_hold_comes_first_and_nothing_follows_an_end(data, effects, half):
    steps = bend(data, effects, half)
    assert not any(isinstance(step, Hold) for step in steps[1:])
    assert not any(isinstance(step, End) for step in steps[:-1])
