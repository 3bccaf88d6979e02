"""How one value of the domain is written into a message: as the plain map that protobuf's constructors take.

The rule: this package's writers return maps of field names, nothing of protobuf itself, so that whoever holds the
classes of the version makes the message: ``Request(command=1, ticket=ticket_fields(...))``.
"""

from __future__ import annotations

from typing import Any

from fiscal.domain.receipt import Cashier
from fiscal.time import Instant, to_local

Fields = dict[str, Any]
"""The fields of one message, by name; blocks inside are maps again."""


def date_time_fields(instant: Instant, zone_name: str) -> Fields:
    """A DateTime: local time of the zone, whole seconds, what is below is cut off."""
    local = to_local(instant, zone_name)
    return {
        "date": {"year": local.year, "month": local.month, "day": local.day},
        "time": {"hour": local.hour, "minute": local.minute, "second": local.second},
    }


def money_fields(value: int) -> Fields:
    """A Money; what is below zero cannot be said on this wire and is written as nothing."""
    bills, coins = divmod(max(value, 0), 100)
    return {"bills": bills, "coins": coins}


def operator_fields(cashier: Cashier) -> Fields:
    """An Operator."""
    return {"code": cashier.code, "name": cashier.name}
