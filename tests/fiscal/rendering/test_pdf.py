"""The page holds the lines of the text, as letters that can be searched, and says nothing of when it was made."""

from dataclasses import replace

import pytest

from fiscal.errors import InvalidValue
from fiscal.rendering.pdf import LENGTH_MM_MAX, NARROW_MM, POINTS_IN_MM, UNKNOWN, WIDE_MM, render_pdf
from fiscal.rendering.sheet import Code
from fiscal.rendering.sheets import sheet_of
from fiscal.rendering.strip import Letters, strip_of
from fiscal.rendering.text import WIDTHS
from fiscal.rendering.values import PrintedReceipt
from tests.fiscal.rendering.papers import Pdf, sell
from tests.fiscal.rendering.samples import FORMS, KZ, item, receipt

SELL = sell()


def runs_of(form, width):
    return [(run.text, part.strong) for part in strip_of(form, width) if isinstance(part, Letters) for run in part.runs]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", FORMS)
def test_the_letters_are_those_of_the_strip(name, width):
    shown = Pdf(render_pdf(FORMS[name], width)).shown
    assert [(each.text, each.font.endswith("Bold")) for each in shown] == runs_of(FORMS[name], width)


@pytest.mark.parametrize(("width", "paper"), [(32, NARROW_MM), (42, WIDE_MM), (48, WIDE_MM)])
def test_the_page_is_as_wide_as_the_paper_and_as_long_as_the_form(width, paper):
    long, short = (Pdf(render_pdf(FORMS[name], width)).sizes for name in ("z", "deposit"))
    assert len(long) == len(short) == 1
    assert long[0][0] == short[0][0] == pytest.approx(paper * POINTS_IN_MM, abs=0.01)
    assert long[0][1] > 2 * short[0][1]


def test_lines_go_down_and_figures_end_at_the_right_edge():
    made = Pdf(render_pdf(SELL))
    assert [each.y for each in made.shown] == sorted((each.y for each in made.shown), reverse=True)
    widest = max(len(line) for line in made.lines)
    assert widest == 48
    assert all(0 < each.x < made.sizes[0][0] for each in made.shown)


def test_the_code_leads_to_the_receipt_page():
    (code,) = (row.text for row in sheet_of(SELL).rows if isinstance(row, Code))
    assert Pdf(render_pdf(SELL)).links == [code.encode()]
    assert Pdf(render_pdf(FORMS["sell-russia"])).links == [], "the code of Russia is no address"


def test_a_code_that_is_too_long_for_a_drawing_is_written():
    form = replace(SELL, qr="x" * 3_000)
    assert sum(len(each.text) for each in Pdf(render_pdf(form)).shown if set(each.text) == {"x"}) == 3_000


def test_a_letter_that_the_font_does_not_have_is_marked(caplog):
    shown = Pdf(render_pdf(replace(SELL, operator="A漢B\U0001f600"))).shown
    assert [each.text for each in shown[-4:]] == ["ОФД" + " " * 39 + "A", UNKNOWN, "B", UNKNOWN]
    assert not caplog.records


def test_what_is_longer_than_a_page_goes_on_on_the_next():
    goods = receipt(1, *(item(f"Товар {number} " + "очень " * 40, 100) for number in range(500)))
    form = PrintedReceipt(document=goods, profile=KZ, state=SELL.state)
    made = Pdf(render_pdf(form, 32))
    assert len(made.sizes) > 1
    assert max(height for _, height in made.sizes) < (LENGTH_MM_MAX + 10) * POINTS_IN_MM
    assert [each.text for each in made.shown] == [text for text, _ in runs_of(form, 32)]


def test_the_same_form_is_the_same_file_with_the_date_of_the_form():
    for name, date in (("sell", b"D:20260314082012Z"), ("z", b"D:20260314215632Z"), ("x", b"D:")):
        first, again = render_pdf(FORMS[name]), render_pdf(FORMS[name])
        assert first == again
        assert b"/CreationDate (" + date in Pdf(first).info


def test_another_width_is_refused():
    with pytest.raises(InvalidValue):
        render_pdf(SELL, 40)
