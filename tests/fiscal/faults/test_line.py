"""Dialogues with a line: what is put, and what leaves at which moment."""

from hypothesis import given
from hypothesis import strategies as st

from fiscal.faults.effects import Delay, Dribble, LoseAnswer, Reorder, Reset, Slice
from fiscal.faults.line import Line
from fiscal.faults.wire import Ending, bend


def drained(line):
    """Everything that leaves, each with its moment in milliseconds."""
    left = []
    while (moment := line.deadline()) is not None:
        left += [(round(moment * 1000), thing) for thing in line.take(moment)]
    return left


def test_an_empty_line_waits_for_nothing():
    line = Line()
    assert line.deadline() is None
    assert line.take(0.0) == []


def test_what_is_not_bent_leaves_at_once():
    line = Line()
    line.put(bend(b"abc"), 5.0)
    assert line.deadline() == 5.0
    assert line.take(5.0) == [b"abc"]
    assert line.deadline() is None


def test_a_timer_that_fires_early_is_no_harm():
    line = Line()
    line.put(bend(b"abc", [Delay(100)]), 5.0)
    assert line.take(5.05) == []
    assert line.take(5.1) == [b"abc"]


def test_a_delay_counts_from_the_moment_a_frame_was_put():
    line = Line()
    line.put(bend(b"a", [Delay(300)]), 0.0)
    line.put(bend(b"b", [Delay(300)]), 0.01)
    assert drained(line) == [(300, b"a"), (310, b"b")]


def test_bytes_never_overtake_bytes():
    line = Line()
    line.put(bend(b"abc", [Dribble(1, 100)]), 0.0)
    line.put(bend(b"def"), 0.05)
    assert drained(line) == [(0, b"a"), (100, b"b"), (200, b"c"), (200, b"def")]


def test_pieces_leave_each_by_itself():
    line = Line()
    line.put(bend(b"abc", [Slice(1)]), 0.0)
    assert line.take(0.0) == [b"a", b"b", b"c"]


def test_a_held_frame_leaves_after_so_many_others():
    line = Line()
    line.put(bend(b"1", [Reorder(2, 10_000)]), 0.0)
    line.put(bend(b"2"), 0.0)
    line.put(bend(b"lost", [LoseAnswer()]), 0.0)
    assert line.take(0.0) == [b"2"]
    line.put(bend(b"3"), 1.0)
    line.put(bend(b"4"), 1.0)
    assert line.take(1.0) == [b"3", b"1", b"4"]
    assert line.deadline() is None


def test_a_held_frame_waits_no_longer_than_it_may():
    line = Line()
    line.put(bend(b"1", [Reorder(1, 700)]), 0.0)
    assert line.take(0.6) == []
    assert drained(line) == [(700, b"1")]


def test_a_frame_that_comes_too_late_does_not_overtake_any_more():
    line = Line()
    line.put(bend(b"1", [Reorder(1, 700)]), 0.0)
    line.put(bend(b"2"), 0.8)
    assert line.take(0.8) == [b"1", b"2"]


def test_two_held_frames_leave_by_their_own_time():
    line = Line()
    line.put(bend(b"1", [Reorder(5, 900)]), 0.0)
    line.put(bend(b"2", [Reorder(5, 300)]), 0.0)
    assert line.take(2.0) == [b"2", b"1"]


def test_nothing_leaves_after_an_end():
    line = Line()
    line.put(bend(b"1", [Reorder(1, 100)]), 0.0)
    line.put(bend(b"abc", [Delay(50), Reset(2)]), 0.0)
    line.put(bend(b"def"), 0.0)
    assert drained(line) == [(50, b"ab"), (50, Ending.RESET)]


def test_an_end_in_a_held_frame_drops_what_is_held_behind_it():
    line = Line()
    line.put(bend(b"1", [Reorder(1, 100), Reset()]), 0.0)
    line.put(bend(b"2", [Reorder(1, 200)]), 0.0)
    line.put(bend(b"3"), 0.0)
    assert drained(line) == [(0, b"3"), (0, Ending.RESET)]


def test_only_frames_with_bytes_in_them_let_a_held_one_go():
    line = Line()
    line.put(bend(b"1", [Reorder(1, 900)]), 0.0)
    line.put(bend(b""), 0.0)
    assert line.take(0.5) == []
    line.put(bend(b"2"), 0.5)
    assert line.take(0.5) == [b"2", b"1"]


def test_empty_bytes_are_nothing_to_write():
    line = Line()
    line.put(bend(b""), 0.0)
    assert line.deadline() is None


frames = st.lists(
    st.tuples(
        st.binary(min_size=1, max_size=8),
        st.lists(
            st.builds(Delay, st.integers(0, 500))
            | st.builds(Slice, st.integers(1, 4))
            | st.builds(Dribble, st.integers(1, 4), st.integers(0, 90)),
            max_size=3,
        ),
        st.integers(0, 200),
    ),
    max_size=8,
)


@given(frames)
def test_without_reordering_and_endings_all_bytes_leave_in_order_and_time_rises(frames):
    line = Line()
    now_ms = 0
    for data, effects, wait_ms in frames:
        now_ms += wait_ms
        line.put(bend(data, effects), now_ms / 1000)
    left = drained(line)
    assert b"".join(data for _, data in left) == b"".join(data for data, _, _ in frames)
    assert [moment for moment, _ in left] == sorted(moment for moment, _ in left)


def test_a_line_is_free_when_what_comes_now_leaves_now():
    line = Line()
    assert line.is_free(5.0)
    line.put(bend(b"", [Delay(100)]), 5.0)
    assert line.deadline() is None, "nothing waits, but what comes has to"
    assert not line.is_free(5.05)
    assert line.is_free(5.2)
    line.put(bend(b"a", [Delay(100)]), 5.2)
    assert not line.is_free(5.4), "it was not taken yet"
    line.take(5.4)
    assert line.is_free(5.4)
    line.put(bend(b"a", [Reorder()]), 5.4)
    assert not line.is_free(5.4)
