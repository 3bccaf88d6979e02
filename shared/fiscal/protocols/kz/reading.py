"""How one value on the wire becomes one of the domain: within the limits of the domain, or refused by name.

The rule: what passes here can be kept and read again; nothing that is too long, too large or no date gets through.
Each function raises :class:`~fiscal.protocols.kz.rules.Unfit`, which the public functions of this package turn into the
finding that it carries.

The wire shows date and time of the register's clock, whole seconds, no zone; the zone is the register's and comes from
configuration. Where clocks were set back, an hour stands twice on the wire and the first of the two is meant, so that no
document is dated into the future by reading it. Where they were set forward, an hour that no clock showed is read as if
they had not been, so 02:30 is what then is called 03:30. A sum is ``bills * 100 + coins``, and ``coins`` stays below a
hundred (Kazakhstan protocol 2.0.2, Money).
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from fiscal.domain.limits import CODE_MAX, NAME_MAX, NUMBER_MAX
from fiscal.domain.money import MINOR_PER_MAJOR, MONEY_MAX, format_minor
from fiscal.domain.receipt import Cashier
from fiscal.protocols.kz.rules import Unfit
from fiscal.time import INSTANT_MAX, Instant, from_datetime, zone

Time = tuple[int, int, int, int, int, int]
"""Year to second, as a register's clock shows them."""


@lru_cache(maxsize=8192)
def instant_at(year: int, month: int, day: int, hour: int, minute: int, second: int, zone_name: str) -> Instant:
    """The moment of a local time; :class:`ValueError` or :class:`OverflowError` when it is none of the calendar."""
    instant = from_datetime(datetime(year, month, day, hour, minute, second, tzinfo=zone(zone_name)))
    if not 0 <= instant <= INSTANT_MAX:
        raise ValueError
    return instant


def time_of(date_time: Any) -> Time:
    """What stands in a DateTime."""
    date, time = date_time.date, date_time.time
    return date.year, date.month, date.day, time.hour, time.minute, time.second


def instant_of(date_time: Any, zone_name: str, field: str) -> Instant:
    """The moment of a DateTime, local time of the zone; from 1970 on. The zone is one that there is."""
    try:
        return instant_at(*time_of(date_time), zone_name)
    except (ValueError, OverflowError):
        raise Unfit("date", field, "is no date and time of the calendar") from None


def money_of(money: Any, field: str) -> int:
    """A Money in minor units."""
    coins = money.coins
    value: int = money.bills * MINOR_PER_MAJOR + coins
    if coins >= MINOR_PER_MAJOR:
        raise Unfit("coins", field, f"{coins} tiyn are a tenge or more")
    if value > MONEY_MAX:
        raise Unfit("limit", field, f"is larger than {format_minor(MONEY_MAX)}")
    return value


def code_of(text: str, field: str) -> str | None:
    """A short text; an empty one is none."""
    if len(text) > CODE_MAX:
        raise Unfit("limit", field, f"has more than {CODE_MAX} characters")
    return text or None


def number_of(number: int, field: str, least: int = 0) -> int:
    """A number of the domain."""
    if not least <= number <= NUMBER_MAX:
        raise Unfit("limit", field, f"must be {least} to {NUMBER_MAX}, is {number}")
    return number


def cashier_of(operator: Any, field: str) -> Cashier:
    """Who sits at the register; one without a name is called by the code."""
    code = operator.code
    name = operator.name or str(code)
    if code > NUMBER_MAX or len(name) > NAME_MAX:
        number_of(code, f"{field}.code")
        raise Unfit("limit", f"{field}.name", f"has more than {NAME_MAX} characters")
    return Cashier(code=code, name=name)
