"""Forms as PDF: a page as wide as the paper and as long as the form, with letters that can be searched and copied.

The rule: the same form is the same bytes; the file's date is that of the form. Needs fpdf2, which the extra ``files``
brings. The fonts go into the file, as far as their letters are used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Final, assert_never

from fpdf import FPDF
from fpdf.fonts import TTFFont

from fiscal.rendering import strip
from fiscal.rendering.fonts import ADVANCE, ASCENT, DESCENT, REGULAR, STRONG, font_file
from fiscal.rendering.qr import BORDER
from fiscal.rendering.sheets import sheet_of
from fiscal.rendering.strip import Drawing, Letters, Part, Stroke, strip_of
from fiscal.rendering.values import Printed, PrintedReport

NARROW_MM: Final = 57.0
"""Width of narrow paper; a head prints 48 mm of it."""
WIDE_MM: Final = 80.0
"""Width of wide paper; a head prints 72 mm of it."""
SIDE_MM: Final = (4.5, 4.0)
"""Left and right of what is printed, on narrow and on wide paper."""
NARROW: Final = 32
"""Columns of narrow paper."""
LENGTH_MM_MAX: Final = 5_000.0
"""Length of a page: viewers promise 14,400 points. What is longer, a receipt of 300 items, goes on on another page."""
POINTS_IN_MM: Final = 72 / 25.4
UNKNOWN: Final = "\N{REPLACEMENT CHARACTER}"
"""Stands for a letter that the font does not have."""

_FAMILY: Final = "dejavu-mono"


def render_pdf(form: Printed, width: int = 48) -> bytes:
    """The form as a PDF on paper for ``width`` columns, as in :func:`fiscal.rendering.text.render_text`."""
    page = _Page(width, strip_of(form, width))
    page.set_title(sheet_of(form).title)
    page.set_lang("ru")
    page.set_creator("mock-ofd")
    page.set_creation_date(datetime.fromtimestamp(_made_at(form) // 1_000, UTC))
    return bytes(page.output())


def _made_at(form: Printed) -> int:
    return form.report.taken_at if isinstance(form, PrintedReport) else form.document.issued_at


class _Page(FPDF):
    """The strip on its page. Lengths are millimetres."""

    def __init__(self, width: int, parts: tuple[Part, ...]) -> None:
        paper, self._side = (NARROW_MM, SIDE_MM[0]) if width == NARROW else (WIDE_MM, SIDE_MM[1])
        self._inside = paper - 2 * self._side
        self._column = self._inside / width
        super().__init__(unit="mm")
        self.set_auto_page_break(False)
        self.set_margin(0)
        with ExitStack() as files:
            for style, name in (("", REGULAR), ("B", STRONG)):
                self.add_font(_FAMILY, style, files.enter_context(font_file(name)))
        end = strip.MARGIN * self._column
        for page in self._pages(parts):
            height = sum(map(self._height, page)) + 2 * end
            self.add_page(orientation="P", format=(paper, height))
            top = end
            for part in page:
                self._draw(part, top)
                top += self._height(part)

    def _pages(self, parts: Iterable[Part]) -> Iterator[list[Part]]:
        page: list[Part] = []
        length = 0.0
        for part in parts:
            height = self._height(part)
            if length + height > LENGTH_MM_MAX:
                yield page
                page, length = [], 0.0
            page.append(part)
            length += height
        yield page

    def _height(self, part: Part) -> float:
        match part:
            case Letters():
                return strip.LINE * self._column
            case Stroke():
                return strip.RULE * self._column
            case Drawing():
                return strip.CODE_SHARE * self._inside
            case _:
                assert_never(part)

    def _draw(self, part: Part, top: float) -> None:
        match part:
            case Letters():
                self._letters(part, top)
            case Stroke():
                thick = strip.RULE_THICK * (strip.HEAVY if part.heavy else 1) * self._column
                above = top + (strip.RULE * self._column - thick) / 2
                self.rect(self._side, above, self._inside, thick, style="F")
            case Drawing():
                self._code(part, top)
            case _:
                assert_never(part)

    def _letters(self, part: Letters, top: float) -> None:
        size = self._column / ADVANCE
        line = strip.LINE * self._column
        base = top + (line - (ASCENT + DESCENT) * size) / 2 + ASCENT * size
        if part.reversed:
            self.rect(self._side, top, self._inside, line, style="F")
        self.set_text_color(255 if part.reversed else 0)
        self.set_font(_FAMILY, "B" if part.strong else "", size * POINTS_IN_MM)
        font = self.current_font
        assert isinstance(font, TTFFont)
        for run in part.runs:
            text = "".join(letter if ord(letter) in font.cmap else UNKNOWN for letter in run.text)
            self.text(self._side + run.column * self._column, base, text)

    def _code(self, part: Drawing, top: float) -> None:
        side = strip.CODE_SHARE * self._inside
        module = side / (len(part.code) + 2 * BORDER)
        left = self._side + (self._inside - side) / 2
        for down, row in enumerate(part.code):
            across = 0
            while across < len(row):
                begin = across
                while across < len(row) and row[across]:
                    across += 1
                if across > begin:
                    x, y = left + (begin + BORDER) * module, top + (down + BORDER) * module
                    self.rect(x, y, (across - begin) * module, module, style="F")
                across += 1
        if part.text.startswith(("https://", "http://")):
            self.link(left, top, side, side, part.text)
