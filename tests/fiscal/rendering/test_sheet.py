import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.rendering.sheet import Code, Line, Pair, clean


@pytest.mark.parametrize(
    ("dirty", "text"),
    [
        ("Нан, құрт «№ 1»", "Нан, құрт «№ 1»"),
        ("a\x1b[2Jb", "a [2Jb"),
        ("a\r\nb\tc\x00d\x85e", "a  b c d e"),
        ("a\u2028b\u2029c", "a b c"),
        ("abc\u202edef\u200b\ufeff", "abcdef"),
        ("a\ud800b", "a\ufffdb"),
        ("e\u0301", "e\u0301"),
        ("1\xa0234", "1\xa0234"),
    ],
)
def test_nothing_that_moves_a_cursor_is_left(dirty, text):
    assert clean(dirty) == text


@given(st.text(st.characters()))
def test_what_is_clean_stays_as_it_is(text):
    once = clean(text)
    assert clean(once) == once
    assert not {unicodedata.category(character) for character in once} & {
        "Cc",
        "Cf",
        "Cs",
        "Zl",
        "Zp",
    }


def test_rows_are_clean():
    assert Line("a\nb").text == "a b"
    assert Pair("a\nb", "c\nd") == Pair("a b", "c d")
    assert Code("a\nb").text == "a b"
