"""Times keep three significant digits, one by one, many together, and over the border of a process."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_ofd.load.histogram import LONGEST_US, Times


def test_nothing_was_recorded():
    found = Times().percentiles()
    assert (found.count, found.p50, found.max) == (0, 0.0, 0.0)


@given(st.lists(st.integers(0, LONGEST_US), min_size=1, max_size=200))
def test_every_percentile_is_right_to_three_digits(values):
    times = Times()
    times.add(values)
    found = times.percentiles()
    assert found.count == len(values)
    assert found.max * 1_000 == pytest.approx(max(1, *values, 1), rel=2e-3)
    exact = sorted(values)[max(0, -(-len(values) // 2) - 1)]
    assert found.p50 * 1_000 == pytest.approx(max(exact, 1), rel=2e-3)


@given(st.lists(st.integers(1, 10**7)), st.lists(st.integers(1, 10**7)))
def test_what_processes_sent_adds_up(ours, theirs):
    together, left, right = Times(), Times(), Times()
    together.add([*ours, *theirs])
    left.add(ours)
    right.add(theirs)
    left.merge(right.encoded())
    assert left.percentiles() == together.percentiles()


def test_what_is_longer_than_a_day_counts_as_a_day():
    times = Times()
    times.add([LONGEST_US * 3])
    assert times.percentiles().max == pytest.approx(LONGEST_US / 1_000, rel=1e-3)
