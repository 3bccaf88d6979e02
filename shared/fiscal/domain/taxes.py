"""Value added tax: which rates the law knows on a day, and the tax of an amount.

The rule: rates are data, in thousandths of a percent (12 % is 12000, as in the KZ wire format); a new law is one more
row of :data:`VAT`, never a branch in code. The day that counts is the day of the sale in the register's local time.
The rows start where a mock needs them: days before the second row, however early, are answered by the first one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from fiscal.domain.money import round_half_up_div
from fiscal.domain.register import Country

RATE_ONE: Final = 100_000
"""One hundred percent in thousandths of a percent."""


@dataclass(frozen=True, slots=True)
class VatRates:
    """The rates in force from ``since`` on, in thousandths of a percent; ``others`` are the reduced and zero rates."""

    since: date
    standard: int
    others: frozenset[int]
    source: str


VAT: Final[Mapping[Country, tuple[VatRates, ...]]] = {
    Country.KZ: (
        VatRates(date.min, 12_000, frozenset({0}), "Tax Code of Kazakhstan, No. 120-VI of 2017-12-25"),
        VatRates(
            date(2026, 1, 1),
            16_000,
            frozenset({0, 5_000, 10_000}),  # medicine 5 %, the periodical press 10 %
            "Tax Code of Kazakhstan, No. 214-VIII of 2025-07-18",
        ),
        VatRates(
            date(2027, 1, 1),
            16_000,
            frozenset({0, 10_000}),  # medicine goes up to the 10 % of the press
            "Tax Code of Kazakhstan, No. 214-VIII of 2025-07-18",
        ),
    ),
    Country.RU: (
        VatRates(date.min, 20_000, frozenset({0, 10_000}), "Federal Law 303-FZ of 2018-08-03"),
        VatRates(
            date(2025, 1, 1),
            20_000,
            frozenset({0, 5_000, 7_000, 10_000}),  # 5 % and 7 %: payers under the simplified system
            "Federal Law 176-FZ of 2024-07-12",
        ),
        VatRates(
            date(2026, 1, 1),
            22_000,
            frozenset({0, 5_000, 7_000, 10_000}),
            "Federal Law 425-FZ of 2025-11-28",
        ),
    ),
}
"""Every change of the rates, oldest first."""


def vat_in_force(country: Country, day: date) -> VatRates:
    """The row of :data:`VAT` that rules in the country on ``day``. Raises nothing: every day has one."""
    return max((row for row in VAT[country] if row.since <= day), key=lambda row: row.since)


def legal_rates(country: Country, day: date) -> frozenset[int]:
    """Every VAT rate, in thousandths of a percent, that may stand on a receipt of that day; 0 among them."""
    row = vat_in_force(country, day)
    return row.others | {row.standard}


def standard_vat(country: Country, day: date) -> int:
    """The standard VAT rate of that day in thousandths of a percent."""
    return vat_in_force(country, day).standard


def tax_inside(base: int, rate: int) -> int:
    """The tax already contained in ``base`` minor units: base * rate / (100 % + rate), rounded half up, once.

    500.00 at 12 %, ``tax_inside(50000, 12000)``, contain 53.57. A negative base (a refund) mirrors the positive one.
    The rate is 0 .. RATE_ONE, checked where it came in; :class:`InvalidValue` only for -100 % and below.
    """
    if base >= 0 <= rate:
        whole = RATE_ONE + rate
        return (2 * base * rate + whole) // (2 * whole)  # the same, spelled out: it stands in every line of a receipt
    return round_half_up_div(base * rate, RATE_ONE + rate)


def tax_on_top(base: int, rate: int) -> int:
    """The tax to add to ``base`` minor units: base * rate / 100 %, rounded half up, once.

    500.00 at 12 %, ``tax_on_top(50000, 12000)``, get 60.00 on top. The rate is 0 .. RATE_ONE, checked where it came
    in. Raises nothing.
    """
    return round_half_up_div(base * rate, RATE_ONE)
