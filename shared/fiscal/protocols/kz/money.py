"""Sums and quantities on the wire: tenge and tiyn beside each other, quantities in thousandths.

The rule: a sum is ``bills * 100 + coins``, and ``coins`` stays below a hundred (Kazakhstan protocol 2.0.2, Money); the
wire knows nothing below zero. Reading raises :class:`RemoteProtocolError` bad_request, writing :class:`InvalidValue`,
both with the path of the field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fiscal.domain.money import MINOR_PER_MAJOR, MONEY_MAX, QUANTITY_MAX, format_minor
from fiscal.errors import InvalidValue, RemoteProtocolError
from fiscal.protocols.base import ErrorCode

if TYPE_CHECKING:
    from fiscal.protocols.kz.messages import Money

_RANGE: Final = f"must be 0 to {format_minor(MONEY_MAX)}"


def minor_of(money: Money, field: str) -> int:
    """The sum in minor units, 0 .. MONEY_MAX."""
    coins = money.coins
    if coins >= MINOR_PER_MAJOR:
        rule = f"must be 0 to {MINOR_PER_MAJOR - 1}, is {coins}"
        raise RemoteProtocolError(ErrorCode.BAD_REQUEST, f"{field}.coins", rule)
    minor = money.bills * MINOR_PER_MAJOR + coins
    if minor > MONEY_MAX:
        raise RemoteProtocolError(ErrorCode.BAD_REQUEST, field, f"{_RANGE}, is {format_minor(minor)}")
    return minor


def put_minor(target: Money, minor: int, field: str) -> None:
    """Write a sum in minor units into a message."""
    if not 0 <= minor <= MONEY_MAX:
        raise InvalidValue(field, f"{_RANGE}, is {format_minor(minor)}")
    target.bills, target.coins = divmod(minor, MINOR_PER_MAJOR)


def quantity_of(thousandths: int, field: str) -> int:
    """A quantity in thousandths, 1 .. QUANTITY_MAX: the same on the wire and in the domain."""
    if not 1 <= thousandths <= QUANTITY_MAX:
        raise RemoteProtocolError(ErrorCode.BAD_REQUEST, field, f"must be 1 to {QUANTITY_MAX}, is {thousandths}")
    return thousandths
