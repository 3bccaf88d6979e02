"""What is written reads as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.domain.money import MONEY_MAX
from fiscal.domain.receipt import Cashier
from fiscal.errors import InvalidValue
from fiscal.protocols.kz.reading import cashier_of, instant_of, money_of
from fiscal.protocols.kz.schema.v202 import kkm_pb2 as v202
from fiscal.protocols.kz.schema.v203 import kkm_pb2 as v203
from fiscal.protocols.kz.writing import date_time_fields, money_fields, operator_fields
from fiscal.time import INSTANT_MAX

ALMATY = "Asia/Almaty"


def test_written_is_the_second_that_has_begun():
    assert date_time_fields(1_763_615_107_999, ALMATY) == {
        "date": {"year": 2025, "month": 11, "day": 20},
        "time": {"hour": 10, "minute": 5, "second": 7},
    }


def test_no_zone():
    with pytest.raises(InvalidValue):
        date_time_fields(0, "Asia/Nowhere")


@given(st.integers(86_400, INSTANT_MAX // 1000), st.sampled_from(["UTC", "Asia/Kathmandu", "Pacific/Honolulu"]))
def test_there_and_back(second, zone):
    message = v202.DateTime(**date_time_fields(second * 1000, zone))
    assert message.IsInitialized()
    if (message.date.year, message.date.month, message.date.day) != (9999, 12, 31):
        assert instant_of(message, zone, "date_time") // 1000 in {second, second - 1800, second - 3600}


@given(st.integers(1_262_304_000, 1_709_000_000))
def test_there_and_back_where_clocks_stand(second):
    # Almaty left its clocks alone from 2010 to the end of February 2024.
    message = v203.DateTime(**date_time_fields(second * 1000, ALMATY))
    assert instant_of(message, ALMATY, "date_time") == second * 1000


@given(st.integers(0, MONEY_MAX))
def test_a_sum_there_and_back(minor):
    message = v203.Money(**money_fields(minor))
    assert message.IsInitialized()
    assert money_of(message, "sum") == minor


def test_less_than_nothing_is_nothing():
    assert money_fields(-1) == {"bills": 0, "coins": 0}


def test_who_sits_there():
    cashier = Cashier(code=7, name="Айгуль")
    assert cashier_of(v203.Operator(**operator_fields(cashier)), "operator") == cashier
