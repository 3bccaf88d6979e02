"""A clock without a zone, read and written in one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.errors import InvalidValue, RemoteProtocolError
from fiscal.protocols.kz.schema.v202 import kkm_pb2 as v202
from fiscal.protocols.kz.schema.v203 import kkm_pb2 as v203
from fiscal.protocols.kz.times import instant_of, put_instant
from fiscal.time import INSTANT_MAX, iso

ALMATY = "Asia/Almaty"


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
        ((1899, 12, 30, 0, 0, 0), "UTC", "1899-12-30T00:00:00.000Z"),
        ((9999, 12, 30, 23, 59, 59), "UTC", "9999-12-30T23:59:59.000Z"),
    ],
)
@pytest.mark.parametrize("schema", [v202, v203], ids=["2.0.2", "2.0.3"])
def test_the_moment(parts, zone, instant, schema):
    message = schema.DateTime.FromString(shown(*parts).SerializeToString())
    assert iso(instant_of(message, zone, "date_time")) == instant


@pytest.mark.parametrize(
    ("parts", "field", "rule"),
    [
        ((0, 1, 1, 0, 0, 0), "date.year", "must be 1000 to 9999, is 0"),
        ((999, 1, 1, 0, 0, 0), "date.year", "must be 1000 to 9999 and before its last day, is 999"),
        ((10000, 1, 1, 0, 0, 0), "date.year", "must be 1000 to 9999, is 10000"),
        ((2**31 - 1, 1, 1, 0, 0, 0), "date.year", "must be 1000 to 9999, is 2147483647"),
        ((2**32 - 1, 1, 1, 0, 0, 0), "date.year", "must be 1000 to 9999, is 4294967295"),
        ((9999, 12, 31, 0, 0, 0), "date.year", "must be 1000 to 9999 and before its last day, is 9999"),
        ((2025, 0, 1, 0, 0, 0), "date.month", "must be 1 to 12, is 0"),
        ((2025, 13, 1, 0, 0, 0), "date.month", "must be 1 to 12, is 13"),
        ((2025, 1, 0, 0, 0, 0), "date.day", "must be 1 to 31 in month 1 of 2025, is 0"),
        ((2025, 2, 29, 0, 0, 0), "date.day", "must be 1 to 28 in month 2 of 2025, is 29"),
        ((2024, 2, 30, 0, 0, 0), "date.day", "must be 1 to 29 in month 2 of 2024, is 30"),
        ((2025, 1, 1, 24, 0, 0), "time.hour", "must be 0 to 23, is 24"),
        ((2025, 1, 1, 0, 60, 0), "time.minute", "must be 0 to 59, is 60"),
        ((2025, 1, 1, 0, 0, 60), "time.second", "must be 0 to 59, is 60"),
        ((2025, 13, 32, 24, 60, 60), "date.month", "must be 1 to 12, is 13"),
    ],
)
def test_no_moment(parts, field, rule):
    with pytest.raises(RemoteProtocolError) as caught:
        instant_of(shown(*parts), "UTC", "ticket.date_time")
    assert (caught.value.code, caught.value.field) == ("bad_request", f"ticket.date_time.{field}")
    assert caught.value.text == rule


def test_no_zone():
    with pytest.raises(InvalidValue):
        instant_of(shown(2025, 1, 1, 0, 0, 0), "Asia/Nowhere", "date_time")
    with pytest.raises(InvalidValue):
        put_instant(v203.DateTime(), 0, "Asia/Nowhere")


def test_written_is_the_second_that_has_begun():
    message = v203.DateTime()
    put_instant(message, 1_763_615_107_999, ALMATY)
    assert message == shown(2025, 11, 20, 10, 5, 7)
    assert message.IsInitialized()


@given(st.integers(0, INSTANT_MAX // 1000), st.sampled_from(["UTC", "Asia/Kathmandu", "Pacific/Honolulu"]))
def test_there_and_back(second, zone):
    message = v202.DateTime()
    put_instant(message, second * 1000, zone)
    if (message.date.year, message.date.month, message.date.day) != (9999, 12, 31):
        assert instant_of(message, zone, "date_time") // 1000 in {second, second - 1800, second - 3600}


@given(st.integers(1_262_304_000, 1_709_000_000))
def test_there_and_back_where_clocks_stand(second):
    # Almaty left its clocks alone from 2010 to the end of February 2024.
    message = v203.DateTime()
    put_instant(message, second * 1000, ALMATY)
    assert instant_of(message, ALMATY, "date_time") == second * 1000


numbers = st.integers(0, 2**32 - 1) | st.integers(0, 70)


@given(numbers, numbers, numbers, numbers, numbers, numbers)
def test_any_numbers(year, month, day, hour, minute, second):
    message = shown(year, month, day, hour, minute, second)
    try:
        instant = instant_of(message, ALMATY, "date_time")
    except RemoteProtocolError as error:
        field = error.field
    else:
        field = "date_time."
        assert instant <= INSTANT_MAX
    assert field.startswith("date_time.")
