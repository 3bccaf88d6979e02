"""The real clocks, and the wall that can be moved."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from fiscal.errors import InvalidValue
from fiscal.time import DAY, HOUR
from ofd_server.clock import SYSTEM, MovableClock
from tests.documents import T0
from tests.ofd_server.twins import ManualClock


def test_it_shows_the_time_of_its_base():
    clock = MovableClock(ManualClock())
    assert (clock.now(), clock.monotonic(), clock.ahead_ms) == (T0, 1_000.0, 0)
    assert abs(MovableClock().now() - SYSTEM.now()) < 60_000


def test_the_wall_is_moved_and_goes_on_from_there():
    base = ManualClock()
    clock = MovableClock(base)
    assert clock.move(hours=24, minutes=1, seconds=2, ms=3) == T0 + DAY + 62_003
    base.pass_(1.0)
    assert clock.now() == T0 + DAY + 63_003
    assert clock.move(days=-1) == T0 + 63_003
    assert clock.monotonic() == 1_001.0, "limits run in real time"
    clock.reset()
    assert clock.now() == T0 + 1_000


@pytest.mark.parametrize(
    ("to", "shown"),
    [
        (T0 + HOUR, T0 + HOUR),
        (datetime(2026, 1, 1, 7, tzinfo=UTC), T0),
        (datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=5))), T0),
    ],
)
def test_it_is_put_to_a_time(to, shown):
    clock = MovableClock(ManualClock(wall=1_000))
    assert clock.set(to) == clock.now() == shown


def test_a_time_that_is_none():
    clock = MovableClock(ManualClock())
    with pytest.raises(InvalidValue, match="names no moment"):
        clock.set(datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point
    with pytest.raises(InvalidValue, match="from 1970 to 9999"):
        clock.move(days=-100_000)
    assert clock.ahead_ms == 0
