"""Local time on the wire: date and time of the register's clock, whole seconds, no zone.

The rule: the zone is the register's and comes from configuration. Where clocks were set back, an hour stands twice on
the wire and the first of the two is meant, so that no document is dated into the future by reading it. Where they were
set forward, an hour that no clock showed is read as if they had not been, so 02:30 is what then is called 03:30.
Milliseconds do not travel: what is written is the second that has begun.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime
from typing import TYPE_CHECKING, Final

from fiscal.errors import InvalidValue, RemoteProtocolError
from fiscal.protocols.base import ErrorCode
from fiscal.time import INSTANT_MAX, Instant, from_datetime, to_local, zone

if TYPE_CHECKING:
    from fiscal.protocols.kz.messages import DateTime

YEAR_MIN: Final = 1000
"""The first year of four digits (Kazakhstan protocol 2.0.2, Date). Registers send years before 1970 where they mean
"never"; who reads the field knows whether that may be."""
YEAR_MAX: Final = 9999
"""The last year of four digits."""


def instant_of(date_time: DateTime, zone_name: str, field: str) -> Instant:
    """The moment that a register's clock showed so; before 1970 it is negative.

    ``field`` is the path of the message. :class:`RemoteProtocolError` bad_request with the path of the part that is out
    of range; :class:`InvalidValue` when there is no such zone.
    """
    date, time = date_time.date, date_time.time
    try:
        local = datetime(date.year, date.month, date.day, time.hour, time.minute, time.second, tzinfo=zone(zone_name))
    except (ValueError, OverflowError) as error:
        if isinstance(error, InvalidValue):
            raise
        raise _out_of_range(date_time, field) from None
    if local.year < YEAR_MIN or (instant := from_datetime(local)) > INSTANT_MAX:
        raise _wrong(f"{field}.date.year", f"must be {YEAR_MIN} to {YEAR_MAX} and before its last day, is {date.year}")
    return instant


def put_instant(target: DateTime, instant: Instant, zone_name: str) -> None:
    """Write the moment into a message as the register's clock shows it; :class:`InvalidValue` when there is no such zone.

    The instant is within the limits of :mod:`fiscal.time`; the caller saw to it.
    """
    local = to_local(instant, zone_name)
    date, time = target.date, target.time
    date.year, date.month, date.day = local.year, local.month, local.day
    time.hour, time.minute, time.second = local.hour, local.minute, local.second


def _out_of_range(date_time: DateTime, field: str) -> RemoteProtocolError:
    """Which part is wrong; the caller knows that one is."""
    date, time = date_time.date, date_time.time
    for part, value, least, most in (
        ("date.year", date.year, YEAR_MIN, YEAR_MAX),
        ("date.month", date.month, 1, 12),
        ("time.hour", time.hour, 0, 23),
        ("time.minute", time.minute, 0, 59),
        ("time.second", time.second, 0, 59),
    ):
        if not least <= value <= most:
            return _wrong(f"{field}.{part}", f"must be {least} to {most}, is {value}")
    last = monthrange(date.year, date.month)[1]
    return _wrong(f"{field}.date.day", f"must be 1 to {last} in month {date.month} of {date.year}, is {date.day}")


def _wrong(field: str, rule: str) -> RemoteProtocolError:
    return RemoteProtocolError(ErrorCode.BAD_REQUEST, field, rule)
