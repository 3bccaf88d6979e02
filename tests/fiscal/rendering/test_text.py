from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from fiscal.domain.lifecycle import DocumentState
from fiscal.errors import InvalidValue
from fiscal.rendering.qr import half_blocks
from fiscal.rendering.sheet import NBSP, Code, Pair
from fiscal.rendering.sheets import sheet_of
from fiscal.rendering.text import WIDTHS, columns, render_text, wrap
from fiscal.rendering.values import PrintedReceipt
from tests.fiscal.rendering.samples import AUTONOMOUS, DELIVERED_COPY, FORMS, OWN_SIGN, SELL, SIGN

GOLDEN = Path(__file__).with_name("golden")

hostile = st.text(
    st.one_of(st.characters(), st.sampled_from("漢字かな ́\u200d\u202e\t\n\r\x1b\x00<&\"'жқ 0")),
    min_size=1,
    max_size=120,
)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", FORMS)
def test_the_form_is_the_golden_one(name, width):
    golden = (GOLDEN / f"{name}-{width}.txt").read_text(encoding="utf-8")
    assert render_text(FORMS[name], width) == golden


def test_every_golden_file_belongs_to_a_form():
    assert {path.stem.rpartition("-")[0] for path in GOLDEN.glob("*.txt")} == set(FORMS)


@pytest.mark.requirement("S3-18")
@pytest.mark.parametrize("width", WIDTHS)
def test_an_autonomous_form_is_marked_and_no_other(width):
    for form in FORMS.values():
        assert ("АВТОНОМНЫЙ" in render_text(form, width)) == form.autonomous


@pytest.mark.requirement("S3-16")
@pytest.mark.parametrize("width", WIDTHS)
def test_an_autonomous_receipt_shows_its_own_sign_for_ever(width):
    assert str(OWN_SIGN) in render_text(AUTONOMOUS, width)
    assert SIGN not in render_text(AUTONOMOUS, width)
    delivered = [line.split()[-1] for line in render_text(DELIVERED_COPY, width).splitlines()]
    assert str(OWN_SIGN) in delivered
    assert SIGN in delivered


def test_a_copy_says_so():
    for form in FORMS.values():
        assert "ДУБЛИКАТ" in render_text(replace(form, copy=True))
        assert "ДУБЛИКАТ" not in render_text(replace(form, copy=False))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", FORMS)
def test_figures_end_at_the_right_edge(name, width):
    lines = render_text(FORMS[name], width).splitlines()
    ends = {line.split("  ")[-1].strip() for line in lines if columns(line) == width}
    for row in sheet_of(FORMS[name]).rows:
        if isinstance(row, Pair):
            figure = row.right.replace(NBSP, " ")
            assert any(end.endswith(figure) for end in ends), figure


@given(hostile, hostile, hostile, st.sampled_from(WIDTHS), st.booleans())
def test_no_name_makes_a_line_wider_than_the_paper(name, cashier, link, width, qr):
    items = (structs.replace(SELL.items[0], name=name), *SELL.items[1:])
    profile = replace(AUTONOMOUS.profile, place=name, serial=cashier)
    document = structs.replace(SELL, items=items, cashier=structs.replace(SELL.cashier, name=cashier))
    form = PrintedReceipt(document=document, profile=profile, state=DocumentState.SAVED, qr=link, operator=name)
    text = render_text(form, width, qr=qr)
    assert text.endswith("\n")
    for line in text.split("\n"):
        assert columns(line) <= width
        assert not set(line) & set("\x00\x1b\t\r\u202e\u200d")


def test_all_of_a_long_name_is_printed():
    name = "Шоколад " * 20 + "Ѫ" * 100
    items = (structs.replace(SELL.items[0], name=name),)
    text = render_text(replace(AUTONOMOUS, document=structs.replace(SELL, items=items)), 32)
    assert text.count("Шоколад") == 20
    assert text.count("Ѫ") == 100


@pytest.mark.parametrize("width", [0, 31, 33, 80])
def test_paper_of_another_width_is_refused(width):
    with pytest.raises(InvalidValue, match="width: must be one of 32, 42, 48"):
        render_text(AUTONOMOUS, width)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 4, [""]),
        ("aa bb", 5, ["aa bb"]),
        ("aa bb", 4, ["aa", "bb"]),
        ("aaaa", 4, ["aaaa"]),
        ("aaaaa", 4, ["aaaa", "a"]),
        ("a bbbbb c", 4, ["a", "bbbb", "b c"]),
        ("漢字漢", 4, ["漢字", "漢"]),
        ("漢字漢", 5, ["漢字", "漢"]),
        ("e\u0301e\u0301", 2, ["e\u0301e\u0301"]),
    ],
)
def test_words_are_wrapped(text, width, lines):
    assert wrap(text, width) == lines


@given(st.text(max_size=80), st.integers(2, 20))
def test_wrapping_loses_nothing_but_spaces(text, width):
    lines = wrap(text, width)
    assert all(columns(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_the_code_is_drawn_where_the_paper_is_wide_enough():
    (link,) = [row.text for row in sheet_of(AUTONOMOUS).rows if isinstance(row, Code)]
    for width in (42, 48):
        drawn = half_blocks(link, width)
        assert drawn is not None
        text = render_text(AUTONOMOUS, width, qr=True)
        assert "\n".join(line.rstrip() for line in drawn) in text
        assert "http" not in text
        assert "█" * 20 in render_text(AUTONOMOUS, width, qr=True, inverted=True)
    assert render_text(AUTONOMOUS, 32, qr=True) == render_text(AUTONOMOUS, 32)
