"""Links in the forms that are known from receipts."""

import pytest

from fiscal.errors import ConfigurationError
from fiscal.protocols.kz.qr import PROFILES, profile_named, qr_text
from fiscal.time import HOUR
from tests.documents import T0

AT = T0 - 7 * HOUR + 12 * HOUR - 5 * HOUR  # noon in Almaty


@pytest.mark.parametrize(
    ("name", "total", "text"),
    [
        ("own", 240_000, "http://here/r?i=123&f=010100487302&s=2400.00&t=20260101T120000"),
        ("kazakhtelecom", 69_690, "http://consumer.oofd.kz?i=123&f=010100487302&s=696.90&t=20260101T120000"),
        ("transtelecom", 182_000, "http://ofd1.kz/t/?i=123&f=010100487302&s=1820.0&t=20260101T120000"),
        ("transtelecom", 182_055, "http://ofd1.kz/t/?i=123&f=010100487302&s=1820.55&t=20260101T120000"),
        ("transtelecom", 182_050, "http://ofd1.kz/t/?i=123&f=010100487302&s=1820.5&t=20260101T120000"),
        ("kar-tel", 1_000_000, "http://consumer.kofd.kz?i=123&f=010100487302&s=10000.00&t=20260101T120000"),
    ],
)
def test_each_form(name, total, text):
    assert qr_text(profile_named(name), "http://here/r", "123", "010100487302", total, AT, "Asia/Almaty") == text


def test_the_length_of_the_sign():
    assert {name: profile.layout.digits for name, profile in PROFILES.items()} == {
        "own": 12,
        "kazakhtelecom": 10,
        "transtelecom": 12,
        "kar-tel": 12,
    }


def test_an_unknown_operator():
    with pytest.raises(ConfigurationError, match="'wofd': known are own, kazakhtelecom, transtelecom, kar-tel"):
        profile_named("wofd")
