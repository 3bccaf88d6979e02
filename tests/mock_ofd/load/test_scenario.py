"""A scenario is checked whole, and says by field and rule what is wrong."""

import pytest

from fiscal.errors import ConfigurationError, InvalidValue
from fiscal.retry import Jitter
from mock_ofd.load.scenario import (
    FIRST_KNOCK_S,
    FLAT,
    HOURS,
    SHOP_DAY,
    Policy,
    Scenario,
    Wire,
    read_scenario,
    scenario_of,
)


def test_the_defaults_are_a_storm_at_once_paced_by_an_operator_of_its_own():
    found = Scenario()
    assert (found.policy, found.protocol, found.returns, found.target) == (
        Policy.PACED,
        Wire.NATIVE,
        "at_once",
        None,
    )
    assert found.expected_documents == 100
    assert not found.is_steady


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"registers": 0}, "registers", "1 to 1,000,000"),
        ({"registers": True}, "registers", "whole number"),
        ({"registers": 10.0}, "registers", "whole number"),
        ({"documents": 0}, "documents", "1 to"),
        ({"registers": 1_000_000, "documents": 1_000}, "documents", "100,000,000 are possible"),
        ({"outage_s": 0.5}, "outage_s", "1 to 259200"),
        ({"outage_s": float("nan")}, "outage_s", "is nan"),
        ({"sales_per_hour": 0}, "sales_per_hour", "from 0.01"),
        ({"steady_s": -1}, "steady_s", "from 0"),
        ({"answer_limit_s": 0}, "answer_limit_s", "from 0.001"),
        ({"end_after_s": 0}, "end_after_s", "from 1"),
        ({"seed": -1}, "seed", "from 0"),
        ({"processes": -1}, "processes", "from 0"),
        ({"backoff_base_ms": 2, "backoff_cap_ms": 1}, "backoff_base_ms", "from 1 to 1"),
        ({"backoff_cap_ms": 0}, "backoff_cap_ms", "from 1"),
        ({"policy": "hopeful"}, "policy", "none, equal, full, decorrelated, paced"),
        ({"protocol": "smtp"}, "protocol", "native, kz, http"),
        ({"protocol": "mqtt"}, "protocol", "mqtt is not there yet"),
        ({"protocol": "ru"}, "protocol", "ru is not there yet"),
        ({"returns": "someday"}, "returns", "at_once, backoff or window:SECONDS"),
        ({"returns": "window:"}, "returns", "window:SECONDS"),
        ({"returns": "window:-1"}, "returns", "window:SECONDS"),
        ({"target": "here"}, "target", "HOST:PORT"),
        ({"target": "here:0"}, "target", "HOST:PORT"),
        ({"target": ":1"}, "target", "HOST:PORT"),
        ({"target": "here:1", "storage": "x"}, "storage", "is for an operator that is started"),
        ({"storage": "sqlite"}, "storage", "must be postgresql://"),
        ({"day": "long"}, "day", "flat, shop, 24 weights"),
        ({"day": (1.0,) * 23}, "day", "24 weights"),
        ({"day": (-1.0,) * HOURS}, "day", "from 0 to 1000"),
        ({"day": (0.0,) * HOURS}, "day", "above 0"),
        ({"day": {"24": 1.0}}, "day", "0 to 23, not '24'"),
        ({"registres": 1}, "registres", "did you mean registers?"),
        ({"xyzzy": 1}, "xyzzy", "there are registers"),
    ],
)
def test_what_is_wrong_is_named(given, field, words):
    with pytest.raises(InvalidValue) as caught:
        scenario_of(given)
    assert caught.value.field == field
    assert words in caught.value.rule


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("flat", FLAT),
        ("shop", SHOP_DAY),
        ([2] * HOURS, (2.0,) * HOURS),
        ({9: 1.0, "18": 2}, tuple(1.0 if hour == 9 else 2.0 if hour == 18 else 0.0 for hour in range(HOURS))),
    ],
)
def test_a_day_is_a_word_weights_or_a_table_of_hours(given, expected):
    assert scenario_of({"day": given}).day == expected


@pytest.mark.parametrize(
    ("given", "draw", "expected"),
    [
        ({"policy": "none"}, 0.5, 0.0),
        ({"policy": "paced"}, 0.5, FIRST_KNOCK_S / 2),
        ({"policy": "full"}, 0.5, 0.5),
        ({"policy": "equal"}, 0.5, 0.75),
        ({"policy": "full", "returns": "window:60"}, 0.5, 30.0),
        ({"policy": "none", "returns": "backoff"}, 0.5, 60.0),
        ({"policy": "full", "returns": "backoff"}, 0.5, 30.0),
        ({"policy": "paced", "returns": "backoff"}, 0.5, FIRST_KNOCK_S / 2),
    ],
)
def test_when_a_register_knocks_first(given, draw, expected):
    assert scenario_of(given).knock_s(draw) == expected


def test_over_the_kazakhstan_protocol_a_paced_register_keeps_the_interval_of_the_protocol():
    backoff = Scenario(protocol=Wire.KZ).backoff
    assert [backoff.delay_ms(attempt, draw) for attempt, draw in ((0, 0.0), (5, 0.5))] == [60_000, 63_000]
    assert Scenario(protocol=Wire.KZ, policy=Policy.EQUAL).backoff.jitter is Jitter.EQUAL


@pytest.mark.parametrize(
    ("target", "expected"), [("127.0.0.1:7790", ("127.0.0.1", 7790)), ("[::1]:80", ("::1", 80)), ("ofd:1", ("ofd", 1))]
)
def test_a_target_is_a_host_and_a_port(target, expected):
    assert Scenario(target=target).address == expected


def test_generators_are_as_many_as_asked_for_and_no_more_than_registers():
    assert Scenario(registers=3, processes=8).generators == 3
    assert Scenario(registers=30, processes=8).generators == 8
    assert Scenario(registers=30).generators >= 1


def test_a_file_holds_a_scenario_and_options_go_before_it(tmp_path):
    file = tmp_path / "storm.toml"
    file.write_text('registers = 7\npolicy = "none"\n[day]\n12 = 1.5\n', "utf-8")
    found = read_scenario(file, {"registers": 8})
    assert (found.registers, found.policy, found.day[12], found.day[13]) == (8, Policy.NONE, 1.5, 0.0)
    assert scenario_of(found.plain()) == found


def test_a_report_has_no_password():
    found = Scenario(storage="postgresql://ofd:geheim@db/ledger")
    assert found.told() == {**found.plain(), "storage": "postgresql://ofd@db/ledger"}
    assert Scenario().told() == Scenario().plain()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"registers = ", "is no TOML"),
        (b"\xff", "is no TOML"),
        (b"registers = " + b"[" * 5_000, "is no TOML"),
        (b"registers = 0", "registers: must be"),
        (b"# " + b"x" * 65_535, "is larger than 65,536 bytes"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_is_none_is_named(tmp_path, content, words):
    file = tmp_path / "storm.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=words) as caught:
        read_scenario(file)
    assert str(file) in str(caught.value)
