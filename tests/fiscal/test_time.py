"""Instants and what is printed of them."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.errors import InvalidValue
from fiscal.time import (
    DAY,
    HOUR,
    INSTANT_MAX,
    MINUTE,
    SECOND,
    compact,
    from_datetime,
    is_zone,
    iso,
    printed,
    to_local,
    zone,
)
from tests.documents import T0

instants = st.integers(0, INSTANT_MAX)
zones = st.sampled_from(sorted(available_timezones()))


def test_units_are_milliseconds():
    assert (SECOND, MINUTE, HOUR, DAY) == (1_000, 60_000, 3_600_000, 86_400_000)


@pytest.mark.parametrize(
    ("instant", "zone_name", "in_iso", "in_qr", "on_paper"),
    [
        (0, "UTC", "1970-01-01T00:00:00.000Z", "19700101T000000", "01.01.1970 00:00:00"),
        (T0, "Asia/Almaty", "2026-01-01T07:00:00.000Z", "20260101T120000", "01.01.2026 12:00:00"),
        (T0 + 1, "Europe/Moscow", "2026-01-01T07:00:00.001Z", "20260101T100000", "01.01.2026 10:00:00"),
        # Almaty went from UTC+6 to UTC+5 at midnight of 1 March 2024.
        (1_709_228_399_000, "Asia/Almaty", "2024-02-29T17:39:59.000Z", "20240229T233959", "29.02.2024 23:39:59"),
        (1_709_229_600_000, "Asia/Almaty", "2024-02-29T18:00:00.000Z", "20240229T230000", "29.02.2024 23:00:00"),
        (INSTANT_MAX, "UTC", "9999-12-30T23:59:59.999Z", "99991230T235959", "30.12.9999 23:59:59"),
    ],
)
def test_the_forms_of_an_instant(instant: int, zone_name: str, in_iso: str, in_qr: str, on_paper: str):
    assert iso(instant) == in_iso
    assert compact(instant, zone_name) == in_qr
    assert printed(instant, zone_name) == on_paper


@given(instants, zones)
def test_every_legal_instant_can_be_printed_in_every_zone(instant: int, zone_name: str):
    local = to_local(instant, zone_name)
    assert local.tzinfo is not None
    assert from_datetime(local) == instant
    assert len(compact(instant, zone_name)) == 15
    assert len(printed(instant, zone_name)) == 19


@pytest.mark.parametrize(
    ("zone_name", "changed"),
    [
        ("Asia/Almaty", datetime(2024, 2, 29, 18, tzinfo=UTC)),
        ("Europe/Moscow", datetime(2014, 10, 25, 22, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
        ("Africa/Monrovia", datetime(1972, 1, 7, 0, 44, 30, tzinfo=UTC)),
    ],
)
def test_the_form_in_a_qr_is_local_time_also_around_a_change_of_clocks(zone_name: str, changed: datetime):
    for after in range(-HOUR, HOUR, 7_001):
        instant = from_datetime(changed) + after
        assert compact(instant, zone_name) == to_local(instant, zone_name).strftime("%Y%m%dT%H%M%S")


@given(instants, zones)
def test_the_form_in_a_qr_is_local_time_in_every_zone(instant: int, zone_name: str):
    assert compact(instant, zone_name) == to_local(instant, zone_name).strftime("%Y%m%dT%H%M%S")


@given(instants)
def test_iso_can_be_read_back(instant: int):
    assert from_datetime(datetime.fromisoformat(iso(instant))) == instant


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(1970, 1, 1, 5, tzinfo=timezone(timedelta(hours=5))), 0),
        (datetime(1970, 1, 1, 0, 0, 0, 1_999, tzinfo=UTC), 1),
        (datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), -1_000),
    ],
)
def test_a_datetime_is_an_instant_when_it_has_a_zone(value: datetime, instant: int):
    assert from_datetime(value) == instant


def test_a_naive_datetime_names_no_moment():
    with pytest.raises(InvalidValue) as raised:
        from_datetime(datetime(2026, 1, 1))  # noqa: DTZ001 - the naive one is the case
    assert raised.value.code == "naive_time"


@pytest.mark.parametrize(
    "name", ["", "Nowhere/City", "Asia", "../etc/passwd", "/etc/passwd", "a" * 300, "a\0b", "UTC+5"]
)
def test_what_is_no_zone(name: str):
    with pytest.raises(InvalidValue) as raised:
        zone(name)
    assert raised.value.code == "unknown_zone"
    assert raised.value.field == "zone"
    assert not is_zone(name)


@given(zones)
def test_every_zone_is_one(name: str):
    assert str(zone(name)) == name
    assert is_zone(name)
