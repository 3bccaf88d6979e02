"""The strip says what the text says, and where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.errors import InvalidValue
from fiscal.rendering.qr import modules
from fiscal.rendering.sheet import Banner, Code, Line, Pair, Rule, Title
from fiscal.rendering.sheets import sheet_of
from fiscal.rendering.strip import Drawing, Letters, Run, Stroke, runs, strip_of
from fiscal.rendering.text import WIDTHS, columns, render_text
from tests.fiscal.rendering.papers import sell
from tests.fiscal.rendering.samples import AUTONOMOUS, FORMS

SELL = sell()


def written(part, width):
    """A part as text again."""
    match part:
        case Letters():
            line = ""
            for run in part.runs:
                line += " " * (run.column - columns(line)) + run.text
            return [line]
        case Stroke():
            return [("=" if part.heavy else "-") * width]
        case _:
            return []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", FORMS)
def test_the_words_are_those_of_the_text(name, width):
    form = FORMS[name]
    codes = {row.text for row in sheet_of(form).rows if isinstance(row, Code)}
    lines = [line for part in strip_of(form, width) for line in written(part, width)]
    text = render_text(form, width).splitlines()
    if codes:  # the text of the code stands at the end
        text = text[: len(lines)]
    assert lines == text


@pytest.mark.requirement("S3-18")
def test_a_mark_is_white_on_black():
    for name, form in FORMS.items():
        marked = [part for part in strip_of(form, 48) if isinstance(part, Letters) and part.reversed]
        assert len(marked) == sum(isinstance(row, Banner) for row in sheet_of(form).rows), name
    (mark,) = (part for part in strip_of(AUTONOMOUS, 48) if isinstance(part, Letters) and part.reversed)
    assert mark.runs == (Run(15, "*** АВТОНОМНЫЙ ***"),)
    assert mark.strong


def test_strong_is_what_the_sheet_says():
    rows = [row for row in sheet_of(SELL).rows if not isinstance(row, Rule | Code)]
    parts = [part for part in strip_of(SELL, 48) if isinstance(part, Letters)]
    strong = {run.text for part in parts if part.strong for run in part.runs}
    for row in rows:
        first = row.left if isinstance(row, Pair) else row.text
        wanted = row.strong if isinstance(row, Line | Pair) else isinstance(row, Title | Banner)
        assert any(text.startswith(first) for text in strong) == wanted, row


def test_the_code_is_drawn():
    (drawing,) = (part for part in strip_of(SELL, 32) if isinstance(part, Drawing))
    assert drawing.text == SELL.qr
    assert drawing.code == modules(drawing.text)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("", []),
        ("   ", []),
        ("abc", [Run(0, "abc")]),
        ("  a  b ", [Run(2, "a  b")]),
        ("a漢b", [Run(0, "a"), Run(1, "漢"), Run(3, "b")]),
        ("漢字", [Run(0, "漢"), Run(2, "字")]),
        ("ae\u0301 b", [Run(0, "a"), Run(1, "e\u0301"), Run(3, "b")]),
        ("\u0301a", [Run(0, "\u0301"), Run(0, "a")]),
    ],
)
def test_runs(line, found):
    assert list(runs(line)) == found


@given(st.text("ab жқ 漢\u0301", max_size=30))
def test_every_character_keeps_its_column(line):
    assert "".join(written(Letters(tuple(runs(line))), 0)) == line.rstrip(" ")


def test_another_width_is_refused():
    with pytest.raises(InvalidValue, match=r"width: must be one of 32, 42, 48, is 40"):
        strip_of(SELL, 40)
