"""Plots: what is drawn where, what is a gap, and that nothing in them comes from elsewhere."""

import math
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_ofd.load.plots import (
    BOTTOM,
    HEIGHT,
    LABELS,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Line,
    Plot,
    Scale,
    draw,
    nice_step,
    swatch,
)


def plot(*lines, places=None, **given):
    count = max((len(line.values) for line in lines), default=0)
    named = [str(place) for place in range(count)] if places is None else places
    return Plot(name="p", title="a <title>", told="in words & more", places=named, below="s", lines=lines, **given)


def drawn(*lines, **given):
    return ET.fromstring(draw(plot(*lines, **given)))


def shapes(svg, kind):
    return [each for each in svg.iter() if kind in each.get("class", "").split()]


@pytest.mark.parametrize(
    ("span", "step"), [(100, 20), (99, 20), (1, 0.2), (7, 2), (30_000, 10_000), (0.004, 0.001), (51, 20), (50, 10)]
)
def test_a_step_that_people_like(span, step):
    assert nice_step(span) == pytest.approx(step)


@given(st.floats(1e-6, 1e12))
def test_every_span_has_a_handful_of_steps(span):
    step = nice_step(span)
    assert 1.9 <= span / step <= 5.001
    digit = step / 10 ** math.floor(math.log10(step) + 1e-9)
    assert min(abs(digit - each) for each in (1, 2, 5)) < 1e-6


values = st.lists(st.none() | st.floats(0, 1e9), max_size=40)


@given(st.lists(values, max_size=4), st.booleans(), st.none() | st.floats(0.1, 1e6), st.booleans(), st.booleans())
def test_everything_lies_within_the_drawing(rows, is_log, limit, is_area, has_dots):
    count = max(map(len, rows), default=0)
    lines = [Line("x", row + [None] * (count - len(row)), kind, is_area) for kind, row in enumerate(rows)]
    svg = drawn(*lines, is_log=is_log, limit=limit, has_dots=has_dots)
    for circle in svg.iter("circle"):
        assert LEFT - 0.1 <= float(circle.get("cx")) <= WIDTH - RIGHT + 0.1
        assert TOP - 0.1 <= float(circle.get("cy")) <= HEIGHT - BOTTOM + 0.1
    for path in shapes(svg, "line"):
        for pair in path.get("d")[1:].split("L"):
            x, y = map(float, pair.split())
            assert LEFT - 0.1 <= x <= WIDTH - RIGHT + 0.1
            assert TOP - 0.1 <= y <= HEIGHT - BOTTOM + 0.1
    assert len(shapes(svg, "hit")) == count


def test_a_line_from_corner_to_corner():
    svg = drawn(Line("x", [0, 50, 100], kind=1))
    (path,) = shapes(svg, "line")
    assert path.get("class") == "line k1"
    middle = (LEFT + (WIDTH - LEFT - RIGHT) / 2, TOP + (HEIGHT - TOP - BOTTOM) / 2)
    points = [tuple(map(float, pair.split())) for pair in path.get("d")[1:].split("L")]
    assert points == [(LEFT, HEIGHT - BOTTOM), pytest.approx(middle), (WIDTH - RIGHT, TOP)]


def test_what_was_not_measured_is_a_gap():
    svg = drawn(Line("x", [1, 2, None, None, 3, None, 4, 5]))
    assert len(shapes(svg, "line")) == 2
    assert len(shapes(svg, "dot")) == 1, "a second by itself is a point"


def test_an_area_stands_on_the_ground():
    svg = drawn(Line("x", [3, 5], is_area=True))
    (area,) = shapes(svg, "area")
    assert area.get("d").startswith(f"M{LEFT:.1f} {HEIGHT - BOTTOM}L")
    assert area.get("d").endswith("Z")


def test_nothing_at_all():
    svg = drawn()
    assert shapes(svg, "line") == []
    assert [each.text for each in shapes(svg, "y")] == ["0.0", "1.0"]


@pytest.mark.parametrize("is_log", [False, True])
def test_what_is_next_to_nothing_is_drawn_as_nothing(is_log):
    scale = Scale([5e-324, 1e-7], is_log=is_log)
    assert scale.at(1e-7) == pytest.approx(HEIGHT - BOTTOM, abs=0.1)


def test_a_logarithmic_scale_has_powers_of_ten():
    scale = Scale([3.0, 420.0], is_log=True)
    assert scale.marks == [1, 10, 100, 1_000]
    assert scale.at(1) == HEIGHT - BOTTOM
    assert scale.at(1_000) == TOP
    assert scale.at(0) == HEIGHT - BOTTOM, "what has no logarithm lies on the ground"
    assert scale.at(10) - scale.at(100) == pytest.approx(scale.at(100) - scale.at(1_000))


@pytest.mark.parametrize(("most", "is_drawn"), [(1_000.0, True), (250.0, True), (249.0, False)])
def test_a_limit_is_shown_when_anything_comes_near(most, is_drawn):
    svg = drawn(Line("x", [1, most]), is_log=True, limit=5_000.0, limit_name="the limit")
    assert bool(shapes(svg, "limit")) is is_drawn
    assert ("the limit" in [each.text for each in svg.iter("text")]) is is_drawn


@pytest.mark.parametrize(("count", "labels"), [(1, 1), (5, 5), (8, 8), (12, 6), (60, 6), (240, 5)])
def test_there_is_room_for_the_labels(count, labels):
    svg = drawn(Line("x", [1.0] * count))
    told = [each.text for each in shapes(svg, "x")]
    assert len(told) - 1 == labels <= LABELS
    assert told[0] == "0"


def test_it_is_told_in_words_and_under_the_pointer():
    svg = drawn(Line("a", [1, None]), Line("b", [2, 3]), places=["0", "<1>"], number=lambda value: f"{value} ms")
    assert svg.get("role") == "img"
    names = (svg.get("aria-labelledby"), svg.get("aria-describedby"))
    assert [svg.find(f"*[@id='{name}']").text for name in names] == ["a <title>", "in words & more"]
    assert [each.find("title").text for each in shapes(svg, "hit")] == ["0: a 1 ms, b 2 ms", "<1>: b 3 ms"]


@pytest.mark.parametrize("text", [draw(plot(Line("x", [1, 2]), limit=1.0)), swatch(2)])
def test_nothing_of_it_needs_a_script_a_style_or_a_network(text):
    for forbidden in ("style=", "<script", "href", "url(", "http", " on"):
        assert forbidden not in text
