import time
from functools import partial

import pytest

from fiscal.time import HOUR, MINUTE
from mock_ofd.demo.clock import Pace, ShopClock

OPENS = 1_773_457_200_000
PACE = Pace(opens_at=OPENS, closes_at=OPENS + 14 * HOUR, begins=100.0, day_s=20.0)


@pytest.mark.parametrize(
    ("moment", "since_opening"),
    [
        (0.0, 0),
        (100.0, 0),
        (105.0, 14 * HOUR // 4),
        (110.0, 7 * HOUR),
        (120.0, 14 * HOUR),
        (150.0, 14 * HOUR + 30_000),
    ],
)
def test_the_day_stands_runs_and_then_goes_on_like_any_other(moment, since_opening):
    assert PACE.instant(moment) == OPENS + since_opening


@pytest.mark.parametrize("since_opening", [0, 1, MINUTE, 7 * HOUR + 1, 14 * HOUR, 14 * HOUR + 30_000])
def test_a_moment_and_its_instant_belong_together(since_opening):
    instant = OPENS + since_opening
    assert PACE.instant(PACE.moment(instant)) == instant


def test_before_the_opening_there_is_only_one_moment():
    assert PACE.moment(OPENS - HOUR) == PACE.begins


def test_two_clocks_with_one_pace_show_the_same():
    readings = [99.0, 107.5, 121.0]
    shown = []
    for _ in range(2):
        moments = iter(readings)
        clock = ShopClock(OPENS, monotonic=partial(next, moments))
        assert clock.now() == OPENS
        clock.start(PACE)
        shown.append([clock.now() for _ in readings])
    assert shown[0] == shown[1] == sorted(shown[0])


def test_how_long_to_wait():
    moment = 104.0
    clock = ShopClock(OPENS, monotonic=lambda: moment)
    assert clock.seconds_until(OPENS + 7 * HOUR) == 0.0
    clock.start(PACE)
    assert clock.seconds_until(OPENS + 7 * HOUR) == pytest.approx(6.0)
    assert clock.seconds_until(OPENS) == 0.0
    assert clock.monotonic() == 104.0


def test_time_never_goes_back():
    moments = [90 + n / 7 for n in range(400)]
    shown = [PACE.instant(moment) for moment in moments]
    assert shown == sorted(shown)


def test_a_clock_that_is_released_is_like_any_other():
    clock = ShopClock(OPENS)
    clock.start(PACE)
    clock.release()
    before = time.time_ns() // 1_000_000
    assert before <= clock.now() <= time.time_ns() // 1_000_000
