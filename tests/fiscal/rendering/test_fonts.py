"""The fonts: their letters, their measures, their licence."""

from hashlib import sha256
from importlib import resources

import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # it comes without types

from fiscal.rendering.fonts import ADVANCE, ASCENT, DESCENT, REGULAR, STRONG, font_file

LETTERS = "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдеёжзийклмнопрстуфхцчшщъыьэюяӘҒҚҢӨҰҮҺІәғқңөұүһі₸₽№«»×—–²✔"


@pytest.mark.parametrize("name", [REGULAR, STRONG])
def test_the_letters_of_both_languages_are_there_and_equally_wide(name):
    with font_file(name) as path, TTFont(path) as font:
        known, widths, units = font.getBestCmap(), font["hmtx"], font["head"].unitsPerEm
        assert {letter for letter in LETTERS if ord(letter) not in known} == set()
        assert {widths[known[ord(letter)]][0] / units for letter in LETTERS} == {ADVANCE}
        assert (font["hhea"].ascent / units, -font["hhea"].descent / units) == (ASCENT, DESCENT)


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        (REGULAR, "0f5db4f1749979d961019838b160bec74abdf7f9eca69553fe1aa856bbff49a4"),
        (STRONG, "2964f6dac8e6e9d71613928340f17bf868e9ea51692cca333c79e74962f02233"),
    ],
)
def test_the_files_are_unchanged(name, digest):
    with font_file(name) as path:
        assert sha256(path.read_bytes()).hexdigest() == digest


def test_the_licence_lies_beside_them():
    text = resources.files("fiscal.rendering.fonts").joinpath("LICENSE").read_text("utf-8")
    assert all(name in text for name in (REGULAR, STRONG, "Bitstream Vera Fonts Copyright"))
