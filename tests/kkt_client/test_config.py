"""Settings and addresses."""

import pytest

from fiscal.errors import ConfigurationError
from kkt_client.config import OperatorAddress, RegisterSettings, parse_address


@pytest.mark.parametrize(
    ("text", "address", "protocol", "base_url"),
    [
        ("native://ofd.kz:7001", OperatorAddress("native", "ofd.kz", 7001), "native", "native://ofd.kz:7001"),
        ("native://ofd.kz", OperatorAddress("native", "ofd.kz", 7790), "native", "native://ofd.kz:7790"),
        (
            "native://ofd.kz:1/?id=kkt%2F1&token=a%20b",
            OperatorAddress("native", "ofd.kz", 1, "kkt/1", "a b"),
            "native",
            "native://ofd.kz:1",
        ),
        ("http://127.0.0.1", OperatorAddress("http", "127.0.0.1", 8080), "http", "http://127.0.0.1:8080"),
        ("https://ofd.kz/", OperatorAddress("https", "ofd.kz", 443), "http", "https://ofd.kz:443"),
        ("native://[::1]:5", OperatorAddress("native", "::1", 5), "native", "native://[::1]:5"),
        ("kz://ofd.kz?id=7&token=8", OperatorAddress("kz", "ofd.kz", 7777, "7", "8"), "kz", "kz://ofd.kz:7777"),
        (
            "kz://ofd.kz:7778?id=7&version=202",
            OperatorAddress("kz", "ofd.kz", 7778, "7", version="202"),
            "kz",
            "kz://ofd.kz:7778?version=202",
        ),
    ],
)
def test_an_address(text, address, protocol, base_url):
    found = parse_address(text)

    assert found == address
    assert (found.protocol, found.base_url) == (protocol, base_url)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("ofd.kz:7001", "must begin with one of native://, http://, https://"),
        ("ftp://ofd.kz", "must begin with"),
        ("native://:7001", "names no host"),
        ("native://ofd.kz:99999", "is no address"),
        ("native://ofd.kz:port", "is no address"),
        ("native://ofd.kz?key", "is no address"),
        ("native://ofd.kz?key=1", "has more than host, port, id and token"),
        ("http://ofd.kz/api", "has more than host, port, id and token"),
        ("native://ofd.kz?version=203", "has more than host, port, id and token: version"),
        ("kz://ofd.kz?version=124", "has version 124, known are 202 and 203"),
        ("kz://ofd.kz?key=1", "has more than host, port, id, token and version: key"),
    ],
)
def test_what_is_no_address(text, why):
    with pytest.raises(ConfigurationError, match=why):
        parse_address(text)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("answer_limit_s", 0.0),
        ("sale_budget_s", -1.0),
        ("kz_reconnect_s", 0.0),
        ("autonomous_max_ms", 0),
        ("events_buffer", 0),
        ("retry_in_sale_s", -0.1),
        ("first_knock_s", -0.1),
        ("free_space_min", -1),
        ("answer_limit_s", float("nan")),
    ],
)
def test_a_setting_out_of_its_range_is_named(setting, value):
    with pytest.raises(ConfigurationError, match=setting):
        RegisterSettings(**{setting: value})


@pytest.mark.requirement("S3-13")
def test_the_defaults_are_those_of_the_requirements():
    settings = RegisterSettings()

    assert (settings.answer_limit_s, settings.sale_budget_s) == (5.0, 5.0)
    assert settings.autonomous_max_ms == 72 * 3_600_000
    assert settings.kz_reconnect_s == 60.0
