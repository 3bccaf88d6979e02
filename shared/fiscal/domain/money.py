"""Money is a whole number of minor units (tiyn, kopeck), quantity a whole number of thousandths.

The rule: no floats, anywhere. A fraction of a minor unit exists only inside one expression and leaves it rounded half
up, by :func:`round_half_up_div`; nothing is rounded twice.
"""

from __future__ import annotations

import re
from typing import Final

from fiscal.errors import InvalidValue

MINOR_PER_MAJOR: Final = 100
"""Minor units in one tenge or rouble: both countries divide by a hundred."""

MONEY_MAX: Final = 2**53 - 1
"""The largest amount: JSON clients that keep numbers as doubles (every browser) still read it exactly."""

THOUSANDTHS: Final = 1_000
"""Thousandths in one piece, kilogram, litre: 2.5 kg is 2500."""

QUANTITY_MAX: Final = 2**31 - 1
"""The largest quantity in thousandths: it fits a signed 32-bit field, the narrowest that any of our wires offers."""

_HALF_THOUSAND = THOUSANDTHS // 2

_AMOUNT = re.compile(r"(-?)([0-9]+)(?:\.([0-9]{1,2}))?")
_WHOLE_DIGITS_MAX = len(str(MONEY_MAX // MINOR_PER_MAJOR))


def round_half_up_div(numerator: int, denominator: int) -> int:
    """``numerator / denominator`` as the nearest integer; a half goes away from zero, so 5/2 is 3 and -5/2 is -3.

    Away from zero, and not towards plus infinity, because a refund must mirror its sale to the minor unit. The
    numerator may be any integer; :class:`InvalidValue` when the denominator is not positive.
    """
    if denominator <= 0:
        raise InvalidValue("denominator", f"must be positive, is {denominator}")
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


def line_sum(price: int, quantity_thousandths: int) -> int:
    """What one line of a receipt costs: price (minor units) times quantity (thousandths), rounded half up, once.

    A price of 200.00 and 2.5 pieces, ``line_sum(20000, 2500)``, make 500.00. Raises nothing: the product of two legal
    factors may lie beyond MONEY_MAX, and whoever compares or keeps it says so.
    """
    product = price * quantity_thousandths
    if product >= 0:
        return (product + _HALF_THOUSAND) // THOUSANDTHS  # the same, spelled out: it stands in every line of a receipt
    return round_half_up_div(product, THOUSANDTHS)


def format_minor(value: int) -> str:
    """Minor units as decimal text with a point and always two places: 123450 is ``"1234.50"``, -5 is ``"-0.05"``.

    Any integer; raises nothing. No grouping and no currency: those belong to the paper.
    """
    major, minor = divmod(abs(value), MINOR_PER_MAJOR)
    return f"{'-' if value < 0 else ''}{major}.{minor // 10}{minor % 10}"  # quicker than a width: every QR code has one


def parse_minor(text: str) -> int:
    """Decimal text as minor units, the opposite of :func:`format_minor`.

    ASCII digits, an optional minus before them, an optional point and one or two places: ``"1234.50"``, ``"1234.5"``
    and ``"1234"`` are the same kind of thing. :class:`InvalidValue` (field ``amount``) for every other form, code
    ``not_an_amount`` (also for a third place: whoever has one must say how it is rounded), and for an amount
    beyond MONEY_MAX, code ``amount_too_large``.
    """
    found = _AMOUNT.fullmatch(text)
    if found is None:
        rule = "must be digits with at most two places after a point, like 1234.50"
        raise InvalidValue("amount", rule, "not_an_amount")
    sign, whole, places = found.groups(default="")
    whole = whole.lstrip("0")
    # The length first: int() refuses thousands of digits with an error of its own.
    value = MONEY_MAX + 1 if len(whole) > _WHOLE_DIGITS_MAX else int(f"{whole}{places:0<2}")
    if value > MONEY_MAX:
        rule = f"must not be larger than {format_minor(MONEY_MAX)}"
        raise InvalidValue("amount", rule, "amount_too_large")
    return -value if sign else value
