"""The two kinds of time, and the only place where they turn into something printed.

* :data:`Instant` is a moment on the wall clock: whole milliseconds since 1970-01-01T00:00Z. Documents carry it.
* :data:`Moment` is a reading of a monotonic clock in seconds. Deadlines are made of it; it never leaves a process.

Both come in from outside (see the ``Clock`` ports); local time of a register exists only at the edges: on paper, in
a QR code, and in wire formats that carry no zone.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fiscal.errors import InvalidValue

Instant = int
Moment = float

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

INSTANT_MAX = 253_402_214_399_999
"""The last millisecond of 30 December 9999: what is later has no calendar date in some zone of the world."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def zone(name: str) -> tzinfo:
    """The time zone with this IANA name; :class:`InvalidValue` when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidValue("zone", f"{name!r} is not the name of an IANA time zone", "unknown_zone") from error


def is_zone(name: str) -> bool:
    """Whether there is a time zone with this IANA name."""
    try:
        zone(name)
    except InvalidValue:
        return False
    return True


def to_local(instant: Instant, zone_name: str) -> datetime:
    """The instant as aware local time of a register."""
    return (_EPOCH + timedelta(milliseconds=instant)).astimezone(zone(zone_name))


def from_datetime(value: datetime) -> Instant:
    """An aware ``datetime`` as an instant; :class:`InvalidValue` for a naive one, which names no moment."""
    if value.tzinfo is None:
        raise InvalidValue("instant", "a time without a zone names no moment", "naive_time")
    return (value - _EPOCH) // timedelta(milliseconds=1)


def iso(instant: Instant) -> str:
    """RFC 3339 in UTC with milliseconds, as the HTTP interface and the logs print it."""
    return (_EPOCH + timedelta(milliseconds=instant)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


QUARTER = HOUR // 4
"""The clocks of the world differ by whole quarters of an hour since 1972, and are changed at such."""

_MINUTE_AND_SECOND = tuple(f"{minute:02}{second:02}" for minute in range(60) for second in range(60))


@lru_cache(maxsize=4096)
def _hour_of(quarter: int, zone_name: str) -> tuple[str, int] | None:
    """``YYYYMMDDThh`` of all of this quarter of an hour, and its first second in that hour; ``None`` where it has no one
    such.
    """
    first, last = (to_local(quarter * QUARTER + after, zone_name) for after in (0, QUARTER - SECOND))
    if first.utcoffset() != last.utcoffset() or first.minute % 15 or first.second:
        return None
    return first.strftime("%Y%m%dT%H"), first.minute * 60


def compact(instant: Instant, zone_name: str) -> str:
    """``YYYYMMDDThhmmss`` in local time: the form inside QR codes of both countries."""
    hour = _hour_of(instant // QUARTER, zone_name)
    if hour is None:
        return to_local(instant, zone_name).strftime("%Y%m%dT%H%M%S")
    return hour[0] + _MINUTE_AND_SECOND[hour[1] + instant % QUARTER // SECOND]


def printed(instant: Instant, zone_name: str) -> str:
    """``DD.MM.YYYY HH:MM:SS`` in local time: the form on paper."""
    return to_local(instant, zone_name).strftime("%d.%m.%Y %H:%M:%S")
