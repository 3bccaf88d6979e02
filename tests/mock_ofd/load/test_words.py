"""The words of the page: every language has all of them, and nobody is without a number's form."""

import re
from string import Formatter

import pytest

from mock_ofd.load.words import LANGUAGES, WORDS, Tongue
from tests.docs.pages import ROOT

SOURCES = [ROOT / "shared/mock_ofd/load" / name for name in ("html.py", "charts.py", "thresholds.py", "words.py")]
NARROW = "\u202f"


def places(text):
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name)


@pytest.mark.parametrize("english", WORDS)
def test_every_word_is_there_with_its_places(english):
    for text in WORDS[english]:
        assert text.strip()
        assert places(text) == places(english)


def test_every_word_is_asked_for():
    """Strings that stand in two lines of the source are put together first."""
    sources = "\n".join(path.read_text("utf-8") for path in SOURCES[:-1])
    sources += SOURCES[-1].read_text("utf-8").partition("class Tongue")[2]
    joined = re.sub(r'"\s*\n\s*"', "", sources)
    verdicts = {"proven", "delivered", "stopped", "failed"}
    missing = {english for english in WORDS if f'"{english}"' not in joined and f"'{english}'" not in joined}
    assert missing - verdicts == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_with_what_is_given(language):
    tongue = Tongue(language)
    assert "17" in tongue.text("and {count} more", count=17)
    assert tongue.text("Scenario")


@pytest.mark.parametrize(
    ("language", "method", "value", "told"),
    [
        ("en", "number", 1_234_567, "1,234,567"),
        ("ru", "number", 1_234_567, f"1{NARROW}234{NARROW}567"),
        ("en", "number", None, "–"),
        ("en", "ms", 0, "0 ms"),
        ("en", "ms", 0.4123, "0.412 ms"),
        ("ru", "ms", 0.4123, "0,412 мс"),
        ("en", "ms", 8.765, "8.77 ms"),
        ("en", "ms", 87.65, "87.7 ms"),
        ("en", "ms", 876.5, "876 ms"),
        ("en", "ms", 1_240, "1.24 s"),
        ("kk", "ms", 12_400, "12,4 с"),
        ("en", "ms", 1_240_000, "1,240 s"),
        ("en", "ms", None, "–"),
        ("en", "seconds", 59.7, "59.7 s"),
        ("en", "seconds", None, "–"),
        ("en", "mb", 212.46, "212 MB"),
        ("ru", "mb", 99.96, "100,0 МБ"),
        ("en", "mb", None, "–"),
        ("en", "ms_mark", 0.1, "0.1 ms"),
        ("ru", "ms_mark", 0.1, "0,1 мс"),
        ("en", "ms_mark", 100, "100 ms"),
        ("en", "ms_mark", 10_000, "10 s"),
    ],
)
def test_numbers(language, method, value, told):
    assert getattr(Tongue(language), method)(value) == told


def test_digits_behind_the_point():
    assert Tongue("ru").number(1234.5, 2) == f"1{NARROW}234,50"
