"""Forms as pictures: the dots that a thermal printer would burn.

The rule: a column is :data:`DOTS` wide, as in font A of the usual printers, so 48 columns are the 576 dots of a head for
80 mm and 32 columns the 384 dots of one for 57 mm; left and right is the paper that no head reaches. Needs Pillow, which the extra ``files`` brings.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from io import BytesIO
from typing import Final, assert_never

from PIL import Image, ImageDraw, ImageFont

from fiscal.rendering import strip
from fiscal.rendering.fonts import ASCENT, DESCENT, REGULAR, STRONG, font_file
from fiscal.rendering.qr import BORDER, Modules
from fiscal.rendering.strip import Drawing, Letters, Part, Stroke, strip_of
from fiscal.rendering.values import Printed

DOTS: Final = 12
"""Dots in a column."""
DPI: Final = 203
"""Dots in an inch of a print head: eight in a millimetre."""
SIZE: Final = 20
"""Of the font, in dots: the largest whose letters are :data:`DOTS` wide."""
SIDE: Final = 32
"""Dots of empty paper left and right: 4 mm."""

_BLACK: Final = 0
_WHITE: Final = 255
_LINE: Final = round(strip.LINE * DOTS)
_BASE: Final = round((_LINE - (ASCENT + DESCENT) * SIZE) / 2 + ASCENT * SIZE)
_RULE: Final = round(strip.RULE * DOTS)
_MARGIN: Final = round(strip.MARGIN * DOTS)


def render_png(form: Printed, width: int = 48) -> bytes:
    """The form as a PNG of ``width`` columns, as in :func:`fiscal.rendering.text.render_text`."""
    parts = strip_of(form, width)
    dots = width * DOTS
    image = Image.new("L", (dots + 2 * SIDE, 2 * _MARGIN + sum(_height(part, dots) for part in parts)), _WHITE)
    with ExitStack() as files:
        letters = [
            ImageFont.truetype(files.enter_context(font_file(name)), SIZE, layout_engine=ImageFont.Layout.BASIC)
            for name in (REGULAR, STRONG)
        ]
        _draw(ImageDraw.Draw(image), parts, dots, letters)
    made = BytesIO()
    image.save(made, "PNG", optimize=True, dpi=(DPI, DPI))
    return made.getvalue()


def _draw(
    canvas: ImageDraw.ImageDraw, parts: Sequence[Part], dots: int, letters: Sequence[ImageFont.FreeTypeFont]
) -> None:
    top = _MARGIN
    for part in parts:
        match part:
            case Letters():
                if part.reversed:
                    canvas.rectangle((SIDE, top, SIDE + dots - 1, top + _LINE - 1), _BLACK)
                for run in part.runs:
                    place = SIDE + run.column * DOTS, top + _BASE
                    canvas.text(place, run.text, _WHITE if part.reversed else _BLACK, letters[part.strong], anchor="ls")
            case Stroke():
                thick = max(1, round(strip.RULE_THICK * DOTS)) * (strip.HEAVY if part.heavy else 1)
                above = top + (_RULE - thick) // 2
                canvas.rectangle((SIDE, above, SIDE + dots - 1, above + thick - 1), _BLACK)
            case Drawing():
                _draw_code(canvas, part.code, top, dots)
            case _:
                assert_never(part)
        top += _height(part, dots)


def _height(part: Part, dots: int) -> int:
    match part:
        case Letters():
            return _LINE
        case Stroke():
            return _RULE
        case Drawing():
            return _module(part.code, dots) * (len(part.code) + 2 * BORDER)
        case _:
            assert_never(part)


def _module(code: Modules, dots: int) -> int:
    """Dots of a module's side; whole ones, or cameras see a pattern that is not there."""
    return max(1, int(strip.CODE_SHARE * dots) // (len(code) + 2 * BORDER))


def _draw_code(canvas: ImageDraw.ImageDraw, code: Modules, top: int, dots: int) -> None:
    side = _module(code, dots)
    left = SIDE + (dots - side * len(code)) // 2
    for down, row in enumerate(code):
        for across, dark in enumerate(row):
            if dark:
                x, y = left + across * side, top + (down + BORDER) * side
                canvas.rectangle((x, y, x + side - 1, y + side - 1), _BLACK)
