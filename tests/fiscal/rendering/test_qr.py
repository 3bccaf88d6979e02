import re

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from fiscal.rendering.qr import BORDER, BORDER_MIN, half_blocks, modules, svg

LINK = "http://127.0.0.1:8080/r?i=384129077154&f=010620250301&s=15940.00&t=20260314T112012"


def read_blocks(lines, *, inverted=False):
    upper, lower = ("▀█", "▄█") if not inverted else ("▄ ", "▀ ")
    rows = []
    for line in lines:
        rows.append(tuple(character in upper for character in line))
        rows.append(tuple(character in lower for character in line))
    return rows


def read_svg(drawing):
    """Put the strokes of the drawing back onto a grid."""
    found = re.search(r'viewBox="0 0 (\d+) \1".* stroke="#000" d="([^"]+)"', drawing)
    assert found is not None
    size = int(found[1])
    grid = [[False] * size for _ in range(size)]
    x, y = 0.0, 0.0
    for command, figures in re.findall(r"([Mmh])([-\d. ]+)", found[2]):
        numbers = [float(figure) for figure in figures.split()]
        match command:
            case "M":
                x, y = numbers
            case "m":
                x, y = x + numbers[0], y + numbers[1]
            case _:
                for column in range(int(x), int(x + numbers[0])):
                    grid[int(y)][column] = True
                x += numbers[0]
    return [tuple(row) for row in grid]


def bordered(code, border):
    empty = [(False,) * (len(code) + 2 * border)] * border
    side = (False,) * border
    return [*empty, *(side + row + side for row in code), *empty]


def test_the_modules_are_those_of_the_text():
    code = segno.make(LINK, error="l", micro=False)
    assert modules(LINK) == tuple(tuple(bool(module) for module in row) for row in code.matrix)
    assert modules(LINK) != modules(LINK + "1")


@given(st.text(max_size=60))
def test_the_drawing_has_the_modules_of_the_code(text):
    drawing, code = svg(text), modules(text)
    assert drawing is not None
    assert code is not None
    assert read_svg(drawing) == bordered(code, BORDER)


@pytest.mark.parametrize(("width", "border"), [(41, 2), (42, 2), (43, 3), (44, 3), (45, 4), (200, 4)])
def test_half_blocks_have_the_modules_of_the_code(width, border):
    code, lines = modules(LINK), half_blocks(LINK, width)
    assert code is not None
    assert lines is not None
    assert len(code) == 37
    rows = bordered(code, border)
    read = read_blocks(lines)
    assert read[: len(rows)] == rows
    assert not any(map(any, read[len(rows) :]))
    inverted = half_blocks(LINK, width, inverted=True)
    assert inverted is not None
    assert read_blocks(inverted, inverted=True) == read


def test_half_blocks_need_a_border():
    assert half_blocks(LINK, 37 + 2 * BORDER_MIN - 1) is None


def test_what_fits_into_no_code_has_none():
    text = "x" * 2_954
    assert modules(text[:-1]) is not None
    assert modules(text) is None
    assert half_blocks(text, 500) is None
    assert svg(text) is None
