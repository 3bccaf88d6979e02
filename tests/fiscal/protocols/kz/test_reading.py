"""A clock without a zone, tenge beside tiyn, and who sits at the register."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.domain.limits import CODE_MAX, NAME_MAX, NUMBER_MAX
from fiscal.domain.money import MONEY_MAX
from fiscal.domain.receipt import Cashier
from fiscal.protocols.kz.reading import cashier_of, code_of, instant_of, money_of, number_of
from fiscal.protocols.kz.rules import Unfit
from fiscal.protocols.kz.schema.v202 import kkm_pb2 as v202
from fiscal.protocols.kz.schema.v203 import kkm_pb2 as v203
from fiscal.time import INSTANT_MAX, iso

ALMATY = "Asia/Almaty"
SCHEMAS = pytest.mark.parametrize("schema", [v202, v203], ids=["2.0.2", "2.0.3"])


def shown(year, month, day, hour, minute, second=None):
    message = v203.DateTime()
    message.date.year, message.date.month, message.date.day = year, month, day
    message.time.hour, message.time.minute = hour, minute
    if second is not None:
        message.time.second = second
    return message


@pytest.mark.parametrize(
    ("parts", "zone", "instant"),
    [
        ((2025, 11, 20, 10, 5, 7), "UTC", "2025-11-20T10:05:07.000Z"),
        ((2025, 11, 20, 10, 5, 7), ALMATY, "2025-11-20T05:05:07.000Z"),
        ((2025, 11, 20, 10, 5), ALMATY, "2025-11-20T05:05:00.000Z"),
        ((2004, 3, 28, 1, 59, 59), ALMATY, "2004-03-27T19:59:59.000Z"),
        # no clock showed it: as if it had not been set forward
        ((2004, 3, 28, 2, 30, 0), ALMATY, "2004-03-27T20:30:00.000Z"),
        ((2004, 3, 28, 3, 30, 0), ALMATY, "2004-03-27T20:30:00.000Z"),
        # shown twice: the first of the two
        ((2004, 10, 31, 2, 30, 0), ALMATY, "2004-10-30T19:30:00.000Z"),
        ((2004, 10, 31, 3, 0, 0), ALMATY, "2004-10-30T21:00:00.000Z"),
        ((1970, 1, 1, 0, 0, 0), "UTC", "1970-01-01T00:00:00.000Z"),
        ((9999, 12, 30, 23, 59, 59), "UTC", "9999-12-30T23:59:59.000Z"),
    ],
)
@SCHEMAS
def test_the_moment(parts, zone, instant, schema):
    message = schema.DateTime.FromString(shown(*parts).SerializeToString())
    assert iso(instant_of(message, zone, "date_time")) == instant


@pytest.mark.parametrize(
    "parts",
    [
        (0, 1, 1, 0, 0, 0),
        (1899, 12, 30, 0, 0, 0),
        (1969, 12, 31, 23, 59, 59),
        (9999, 12, 31, 0, 0, 0),
        (10000, 1, 1, 0, 0, 0),
        (2**31 - 1, 1, 1, 0, 0, 0),
        (2**32 - 1, 1, 1, 0, 0, 0),
        (2025, 0, 1, 0, 0, 0),
        (2025, 13, 1, 0, 0, 0),
        (2025, 1, 0, 0, 0, 0),
        (2025, 2, 29, 0, 0, 0),
        (2024, 2, 30, 0, 0, 0),
        (2025, 1, 1, 24, 0, 0),
        (2025, 1, 1, 0, 60, 0),
        (2025, 1, 1, 0, 0, 60),
    ],
)
def test_no_moment(parts):
    with pytest.raises(Unfit) as caught:
        instant_of(shown(*parts), "UTC", "ticket.date_time")
    assert (caught.value.finding.rule, caught.value.finding.field) == ("date", "ticket.date_time")


numbers = st.integers(0, 2**32 - 1) | st.integers(0, 70)


@given(numbers, numbers, numbers, numbers, numbers, numbers)
def test_any_numbers(year, month, day, hour, minute, second):
    try:
        instant = instant_of(shown(year, month, day, hour, minute, second), ALMATY, "date_time")
    except Unfit:
        return
    assert 0 <= instant <= INSTANT_MAX


@pytest.mark.parametrize(
    ("bills", "coins", "minor"),
    [(0, 0, 0), (0, 1, 1), (0, 99, 99), (1, 0, 100), (53, 57, 5_357), (90071992547409, 91, MONEY_MAX)],
)
@SCHEMAS
def test_a_sum(bills, coins, minor, schema):
    assert money_of(schema.Money(bills=bills, coins=coins), "sum") == minor


@pytest.mark.parametrize(
    ("bills", "coins", "rule"),
    [
        (1, 100, "coins"),
        (0, 2**32 - 1, "coins"),
        (2**63 - 1, 100, "coins"),
        (90071992547409, 92, "limit"),
        (2**63 - 1, 0, "limit"),
    ],
)
def test_no_sum(bills, coins, rule):
    with pytest.raises(Unfit) as caught:
        money_of(v203.Money(bills=bills, coins=coins), "ticket.amounts.total")
    assert (caught.value.finding.rule, caught.value.finding.field) == (rule, "ticket.amounts.total")


def test_a_short_text():
    assert code_of("", "section_code") is None
    assert code_of("x" * CODE_MAX, "section_code") == "x" * CODE_MAX
    with pytest.raises(Unfit):
        code_of("x" * (CODE_MAX + 1), "section_code")


def test_a_number():
    assert number_of(0, "number") == 0
    assert number_of(NUMBER_MAX, "number", 1) == NUMBER_MAX
    for number in (0, NUMBER_MAX + 1):
        with pytest.raises(Unfit) as caught:
            number_of(number, "number", 1)
        assert caught.value.finding.text == f"must be 1 to {NUMBER_MAX}, is {number}"


@pytest.mark.parametrize(("name", "called"), [("Айгуль", "Айгуль"), ("", "7"), ("x" * NAME_MAX, "x" * NAME_MAX)])
def test_who_sits_there(name, called):
    assert cashier_of(v203.Operator(code=7, name=name), "operator") == Cashier(code=7, name=called)


@pytest.mark.parametrize(
    ("code", "name", "field"), [(NUMBER_MAX + 1, "a", "operator.code"), (1, "x" * (NAME_MAX + 1), "operator.name")]
)
def test_nobody_sits_there(code, name, field):
    with pytest.raises(Unfit) as caught:
        cashier_of(v203.Operator(code=code, name=name), "operator")
    assert caught.value.finding.field == field
