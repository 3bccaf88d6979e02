import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.domain.money import (
    MONEY_MAX,
    QUANTITY_MAX,
    format_minor,
    line_sum,
    parse_minor,
    round_half_up_div,
)
from fiscal.errors import FiscalError, InvalidValue


def nearest(value: Fraction) -> int:
    """The definition, in exact arithmetic: the nearest integer, a half away from zero."""
    rounded = math.floor(abs(value) + Fraction(1, 2))
    return rounded if value >= 0 else -rounded


@pytest.mark.parametrize(
    ("numerator", "denominator", "quotient"),
    [
        (0, 7, 0),
        (4, 2, 2),
        (5, 2, 3),
        (-5, 2, -3),
        (1, 2, 1),
        (-1, 2, -1),
        (1, 3, 0),
        (-1, 3, 0),
        (2, 3, 1),
        (-2, 3, -1),
        (2499, 1000, 2),
        (2500, 1000, 3),
    ],
)
def test_a_half_goes_away_from_zero(numerator: int, denominator: int, quotient: int):
    assert round_half_up_div(numerator, denominator) == quotient


@given(st.integers(), st.integers(1))
def test_rounding_agrees_with_exact_fractions(numerator: int, denominator: int):
    assert round_half_up_div(numerator, denominator) == nearest(Fraction(numerator, denominator))


@given(st.integers(), st.integers(1))
def test_a_refund_mirrors_its_sale(numerator: int, denominator: int):
    assert round_half_up_div(-numerator, denominator) == -round_half_up_div(numerator, denominator)


@pytest.mark.parametrize("denominator", [0, -1])
def test_a_denominator_is_positive(denominator: int):
    with pytest.raises(InvalidValue, match="denominator: must be positive") as caught:
        round_half_up_div(1, denominator)
    assert caught.value.field == "denominator"


@pytest.mark.parametrize(
    ("price", "quantity", "total"),
    [
        (20_000, 2_500, 50_000),  # 200.00 x 2.5
        (20_000, 1_000, 20_000),
        (1, 500, 1),  # half a tiyn goes up
        (1, 499, 0),
        (333, 333, 111),  # 110.889
        (-1, 500, -1),
        (0, QUANTITY_MAX, 0),
        (MONEY_MAX, 1_000, MONEY_MAX),
    ],
)
def test_the_sum_of_a_line(price: int, quantity: int, total: int):
    assert line_sum(price, quantity) == total


@given(st.integers(-MONEY_MAX, MONEY_MAX), st.integers(0, QUANTITY_MAX))
def test_the_sum_of_a_line_agrees_with_exact_fractions(price: int, quantity: int):
    assert line_sum(price, quantity) == nearest(Fraction(price * quantity, 1000))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0.00"),
        (5, "0.05"),
        (-5, "-0.05"),
        (100, "1.00"),
        (123_450, "1234.50"),
        (-123_456, "-1234.56"),
        (MONEY_MAX, "90071992547409.91"),
    ],
)
def test_format_and_parse_are_opposites(value: int, text: str):
    assert format_minor(value) == text
    assert parse_minor(text) == value


@given(st.integers(-MONEY_MAX, MONEY_MAX))
def test_every_amount_survives_the_round_trip(value: int):
    assert parse_minor(format_minor(value)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234", 123_400),
        ("1234.5", 123_450),
        ("007.00", 700),
        ("-0.00", 0),
        ("0" * 5_000 + "1", 100),
    ],
)
def test_shorter_and_longer_forms_of_an_amount(text: str, value: int):
    assert parse_minor(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        ".",
        ".50",
        "1.",
        "1.234",
        "1,50",
        "1 000.00",
        "+1.00",
        "--1",
        " 1",
        "1\n",
        "1e3",
        "1_000",
        "0x10",
        "nan",
        "inf",
        "\u0661.00",  # an Arabic digit one
        "\uff11.00",  # a full-width one
        "\u22121.00",  # a typographer's minus
    ],
)
def test_what_is_not_an_amount(text: str):
    with pytest.raises(InvalidValue, match="at most two places") as caught:
        parse_minor(text)
    assert (caught.value.field, caught.value.code) == ("amount", "not_an_amount")
    assert isinstance(caught.value, FiscalError)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("text", ["90071992547409.92", "-90071992547409.92", "900719925474100", "9" * 5_000])
def test_an_amount_beyond_the_limit(text: str):
    with pytest.raises(InvalidValue, match=r"larger than 90071992547409\.91") as caught:
        parse_minor(text)
    assert caught.value.code == "amount_too_large"


@given(st.text())
def test_parsing_gives_an_amount_or_says_why_not(text: str):
    try:
        value = parse_minor(text)
    except InvalidValue:
        return
    assert abs(value) <= MONEY_MAX


def test_a_client_that_counts_in_doubles_reads_the_largest_amount():
    assert int(float(MONEY_MAX)) == MONEY_MAX
    assert float(MONEY_MAX + 1) == float(MONEY_MAX + 2)
