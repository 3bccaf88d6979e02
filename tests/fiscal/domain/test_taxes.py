from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.domain.money import MONEY_MAX
from fiscal.domain.register import Country
from fiscal.domain.taxes import (
    RATE_ONE,
    VAT,
    legal_rates,
    standard_vat,
    tax_inside,
    tax_on_top,
    vat_in_force,
)
from fiscal.errors import InvalidValue

HALF = Fraction(1, 2)
amounts = st.integers(-MONEY_MAX, MONEY_MAX)
rates = st.integers(0, RATE_ONE)


@pytest.mark.parametrize(
    ("country", "day", "standard", "others"),
    [
        (Country.KZ, date.min, 12_000, {0}),
        (Country.KZ, date(2025, 12, 31), 12_000, {0}),
        (Country.KZ, date(2026, 1, 1), 16_000, {0, 5_000, 10_000}),
        (Country.KZ, date(2026, 12, 31), 16_000, {0, 5_000, 10_000}),
        (Country.KZ, date(2027, 1, 1), 16_000, {0, 10_000}),
        (Country.KZ, date.max, 16_000, {0, 10_000}),
        (Country.RU, date.min, 20_000, {0, 10_000}),
        (Country.RU, date(2024, 12, 31), 20_000, {0, 10_000}),
        (Country.RU, date(2025, 1, 1), 20_000, {0, 5_000, 7_000, 10_000}),
        (Country.RU, date(2025, 12, 31), 20_000, {0, 5_000, 7_000, 10_000}),
        (Country.RU, date(2026, 1, 1), 22_000, {0, 5_000, 7_000, 10_000}),
        (Country.RU, date.max, 22_000, {0, 5_000, 7_000, 10_000}),
    ],
)
def test_the_rates_on_both_sides_of_every_change(country: Country, day: date, standard: int, others: set[int]):
    assert standard_vat(country, day) == standard
    assert legal_rates(country, day) == others | {standard}


@pytest.mark.parametrize("country", Country)
def test_the_table_of_each_country_is_in_order_and_covers_every_day(country: Country):
    rows = VAT[country]
    assert rows[0].since == date.min
    assert all(earlier.since < later.since for earlier, later in pairwise(rows))
    assert all(0 <= rate <= RATE_ONE for row in rows for rate in row.others | {row.standard})
    assert all(row.source for row in rows)


@given(st.sampled_from(Country), st.dates())
def test_a_row_rules_until_the_day_before_the_next(country: Country, day: date):
    row = vat_in_force(country, day)
    following = [other.since for other in VAT[country] if other.since > row.since]
    last = following[0] - timedelta(days=1) if following else date.max
    assert row.since <= day <= last


@pytest.mark.parametrize(
    ("base", "rate", "inside", "on_top"),
    [
        (50_000, 12_000, 5_357, 6_000),  # 500.00 at 12 %: 53.57 inside
        (-50_000, 12_000, -5_357, -6_000),
        (50_000, 16_000, 6_897, 8_000),
        (12_200, 22_000, 2_200, 2_684),
        (11_000, 10_000, 1_000, 1_100),
        (50_000, 0, 0, 0),
        (0, 20_000, 0, 0),
        (3, 20_000, 1, 1),  # 0.5 inside goes up, 0.6 on top too
        (-3, 20_000, -1, -1),
        (2, RATE_ONE, 1, 2),
        (10, 5_000, 0, 1),  # 0.476 inside, 0.5 on top
    ],
)
def test_worked_examples(base: int, rate: int, inside: int, on_top: int):
    assert tax_inside(base, rate) == inside
    assert tax_on_top(base, rate) == on_top


@given(amounts, rates)
def test_the_tax_is_within_half_a_unit_of_the_exact_one(base: int, rate: int):
    assert abs(tax_inside(base, rate) - Fraction(base * rate, RATE_ONE + rate)) <= HALF
    assert abs(tax_on_top(base, rate) - Fraction(base * rate, RATE_ONE)) <= HALF


@given(amounts, rates)
def test_the_tax_of_a_refund_mirrors_that_of_the_sale(base: int, rate: int):
    assert tax_inside(-base, rate) == -tax_inside(base, rate)
    assert tax_on_top(-base, rate) == -tax_on_top(base, rate)


@given(amounts, rates)
def test_tax_put_on_top_is_found_inside(base: int, rate: int):
    tax = tax_on_top(base, rate)
    assert abs(tax_inside(base + tax, rate) - tax) <= 1


def test_a_rate_of_minus_a_hundred_percent_leaves_nothing_to_divide_by():
    with pytest.raises(InvalidValue):
        tax_inside(1, -RATE_ONE)
