import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.errors import InvalidValue
from fiscal.retry import CAP_MS_MAX, HINT_MS_MAX, SILENCE_MS_MAX, Backoff, Jitter, obey

LAST_DRAW = math.nextafter(1.0, 0.0)

draws = st.floats(0, 1, exclude_max=True)
attempts = st.integers(0) | st.integers(0, 40)
policies = st.builds(
    lambda times, jitter: Backoff(min(times), max(times), jitter),
    st.tuples(st.integers(1, CAP_MS_MAX), st.integers(1, CAP_MS_MAX)),
    st.sampled_from(Jitter),
)


@pytest.mark.parametrize(
    ("jitter", "attempt", "draw", "previous_ms", "delay_ms"),
    [
        (Jitter.NONE, 0, 0.0, 0, 1_000),
        (Jitter.NONE, 1, 0.9, 0, 2_000),
        (Jitter.NONE, 5, 0.0, 0, 32_000),
        (Jitter.NONE, 6, 0.0, 0, 60_000),
        (Jitter.NONE, 10**18, 0.0, 0, 60_000),
        (Jitter.EQUAL, 0, 0.0, 0, 500),
        (Jitter.EQUAL, 0, 0.5, 0, 750),
        (Jitter.EQUAL, 99, LAST_DRAW, 0, 59_999),
        (Jitter.FULL, 0, 0.0, 0, 0),
        (Jitter.FULL, 3, 0.25, 0, 2_000),
        (Jitter.FULL, 99, LAST_DRAW, 0, 59_999),
        (Jitter.DECORRELATED, 0, 0.0, 0, 1_000),
        (Jitter.DECORRELATED, 0, 0.5, 0, 2_000),  # between 1 s and 3 s
        (Jitter.DECORRELATED, 0, 0.5, 3_000, 5_000),  # between 1 s and 9 s
        (Jitter.DECORRELATED, 0, LAST_DRAW, 50_000, 60_000),
        (Jitter.DECORRELATED, 0, 0.0, 10**30, 1_000),
        (Jitter.DECORRELATED, 0, LAST_DRAW, 10**400, 60_000),
        (Jitter.DECORRELATED, 0, 0.5, -7, 2_000),
    ],
)
def test_a_second_doubled_up_to_a_minute(jitter: Jitter, attempt: int, draw: float, previous_ms: int, delay_ms: int):
    assert Backoff(1_000, 60_000, jitter).delay_ms(attempt, draw, previous_ms) == delay_ms


def test_full_jitter_unless_told_otherwise():
    assert Backoff(1_000, 60_000) == Backoff(1_000, 60_000, Jitter.FULL)


@given(policies, attempts, draws, st.integers())
def test_a_delay_is_whole_milliseconds_within_the_cap(policy: Backoff, attempt: int, draw: float, previous_ms: int):
    delay = policy.delay_ms(attempt, draw, previous_ms)
    assert type(delay) is int
    assert 0 <= delay <= policy.cap_ms


@given(policies, attempts, draws)
def test_each_jitter_keeps_to_its_part_of_the_ceiling(policy: Backoff, attempt: int, draw: float):
    ceiling = policy.ceiling_ms(attempt)

    def delay(jitter: Jitter) -> int:
        return dataclasses.replace(policy, jitter=jitter).delay_ms(attempt, draw)

    assert delay(Jitter.NONE) == ceiling
    assert ceiling // 2 <= delay(Jitter.EQUAL) <= ceiling
    assert 0 <= delay(Jitter.FULL) < ceiling
    assert policy.base_ms <= delay(Jitter.DECORRELATED) <= min(policy.cap_ms, 3 * policy.base_ms)


@given(policies, st.integers(0, 200))
def test_the_ceiling_is_the_power_cut_at_the_cap(policy: Backoff, attempt: int):
    assert policy.ceiling_ms(attempt) == min(policy.cap_ms, policy.base_ms * 2**attempt)


@pytest.mark.parametrize(("base_ms", "cap_ms"), [(0, 1), (-1, 1), (2, 1), (1, CAP_MS_MAX + 1), (10**400, 10**400)])
def test_a_policy_that_makes_no_sense_is_refused(base_ms: int, cap_ms: int):
    with pytest.raises(InvalidValue, match="1 <= base_ms <= cap_ms") as caught:
        Backoff(base_ms, cap_ms)
    assert caught.value.field == "backoff"


def test_an_unknown_jitter_is_refused():
    with pytest.raises(InvalidValue, match="none, equal, full, decorrelated"):
        Backoff(1, 2, "some")  # type: ignore[arg-type]  # what a configuration file may hold


def test_an_attempt_is_not_negative():
    with pytest.raises(InvalidValue, match="attempt: must not be negative, is -1"):
        Backoff(1, 2).delay_ms(-1, 0.5)


@pytest.mark.parametrize("draw", [-0.001, 1.0, math.nan, math.inf, -math.inf])
def test_a_draw_is_at_least_0_and_below_1(draw: float):
    with pytest.raises(InvalidValue, match="draw: must be at least 0 and below 1"):
        Backoff(1, 2).delay_ms(0, draw)
    with pytest.raises(InvalidValue, match="draw: must be at least 0 and below 1"):
        obey(1, 1, draw)


@pytest.mark.parametrize(
    ("hint_ms", "own_ms", "draw", "delay_ms"),
    [
        (None, 700, 0.9, 700),
        (5_000, 700, 0.0, 5_000),
        (5_000, 700, 0.5, 5_250),
        (5_000, 60_000, 0.5, 5_250),  # the operator knows better, also when it says "earlier"
        (0, 60_000, 0.9, 0),
        (-1, 60_000, 0.9, 0),
        (9, 0, 0.9, 9),  # a tenth of it is less than a millisecond
        (HINT_MS_MAX, 0, 0.0, HINT_MS_MAX),
        (HINT_MS_MAX + 1, 0, 0.0, HINT_MS_MAX),
        (10**400, 0, 0.0, HINT_MS_MAX),
    ],
)
def test_the_word_of_the_operator_wins(hint_ms: int | None, own_ms: int, draw: float, delay_ms: int):
    assert obey(hint_ms, own_ms, draw) == delay_ms


@given(st.integers(0, HINT_MS_MAX), st.integers(0), draws)
def test_never_earlier_than_the_hint_and_at_most_a_tenth_later(hint_ms: int, own_ms: int, draw: float):
    assert hint_ms <= obey(hint_ms, own_ms, draw) <= hint_ms + hint_ms // 10


@given(st.integers(), st.integers(0), draws)
def test_no_hint_silences_a_register_for_longer_than_the_limit(hint_ms: int, own_ms: int, draw: float):
    assert 0 <= obey(hint_ms, own_ms, draw) <= SILENCE_MS_MAX


def test_a_lying_hint_is_spread_like_any_other():
    assert obey(10**9, 0, LAST_DRAW) - obey(10**9, 0, 0.0) > HINT_MS_MAX // 11
    assert SILENCE_MS_MAX - obey(10**9, 0, LAST_DRAW) <= 2
