"""The dots are those of the strip: letters in their columns, marks reversed, a code that can be read."""

from dataclasses import replace

import pytest

from fiscal.errors import InvalidValue
from fiscal.rendering.png import _LINE, _MARGIN, DOTS, DPI, SIDE, _height, render_png
from fiscal.rendering.qr import BORDER
from fiscal.rendering.strip import Drawing, Letters, Stroke, strip_of
from fiscal.rendering.text import WIDTHS
from tests.fiscal.rendering.papers import Dots, sell
from tests.fiscal.rendering.samples import FORMS

KAZAKH = "ӘҒҚҢӨҰҮҺІәғқңөұүһі₸ЁёЪъ№«»×"
MISSING = "\U000f0000"


def places(form, width):
    """Every part with the line of dots where it begins."""
    top = _MARGIN
    for part in strip_of(form, width):
        yield part, top
        top += _height(part, width * DOTS)


@pytest.mark.parametrize(("name", "width"), [*((name, 48) for name in FORMS), ("z", 32), ("sell-autonomous", 42)])
def test_there_is_ink_where_the_text_has_a_letter_and_nowhere_else(name, width):
    dots = Dots(render_png(FORMS[name], width))
    assert dots.image.width == width * DOTS + 2 * SIDE
    for part, top in places(FORMS[name], width):
        if isinstance(part, Letters):
            line = ""
            for run in part.runs:
                line = line.ljust(run.column) + run.text
            for column, letter in enumerate(line.ljust(width)):
                inked = dots.has_ink(SIDE + column * DOTS, top, _LINE, dark=not part.reversed)
                assert inked == (letter != " "), (line, column)


def test_a_rule_goes_across_and_a_heavy_one_is_thicker():
    form = FORMS["sell"]
    dots = Dots(render_png(form))
    thick = {}
    for part, top in places(form, 48):
        if isinstance(part, Stroke):
            rows = [y for y in range(top, top + _height(part, 48 * DOTS)) if dots.is_dark(SIDE, y)]
            assert all(dots.is_dark(SIDE + x, rows[0]) for x in range(48 * DOTS))
            thick[part.heavy] = len(rows)
    assert thick[True] == 3 * thick[False] > 0


@pytest.mark.parametrize("width", WIDTHS)
def test_the_code_can_be_read(width):
    form = FORMS["sell"]
    dots = Dots(render_png(form, width))
    ((drawing, top),) = ((part, top) for part, top in places(form, width) if isinstance(part, Drawing))
    size = len(drawing.code)
    side = _height(drawing, width * DOTS) // (size + 2 * BORDER)
    assert side >= 3, "a module of less than 0.4 mm is too small for a telephone"
    left = SIDE + (width * DOTS - side * size) // 2
    read = tuple(
        tuple(
            dots.is_dark(left + across * side + side // 2, top + (down + BORDER) * side + side // 2)
            for across in range(size)
        )
        for down in range(size)
    )
    assert read == drawing.code


def test_every_letter_of_both_languages_is_there():
    form = sell()
    drawn = {render_png(replace(form, operator=letter)) for letter in (*KAZAKH, MISSING)}
    assert len(drawn) == len(KAZAKH) + 1, "a letter looks like one that is missing"


def test_the_same_form_is_the_same_file():
    assert render_png(FORMS["z"]) == render_png(FORMS["z"])
    assert round(Dots(render_png(FORMS["z"])).image.info["dpi"][0]) == DPI


def test_another_width_is_refused():
    with pytest.raises(InvalidValue):
        render_png(FORMS["z"], 80)
