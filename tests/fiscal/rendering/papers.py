"""A form to draw, and reading back what was drawn: the letters of a PDF, the dots of a PNG."""

from __future__ import annotations

import re
import zlib
from io import BytesIO
from typing import NamedTuple

from PIL import Image

from fiscal.rendering.png import DOTS
from fiscal.rendering.values import PrintedReceipt
from tests.fiscal.rendering.samples import FORMS

_OBJECT = re.compile(rb"^(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL | re.MULTILINE)
_STREAM = re.compile(rb"stream\n(.*)\nendstream", re.DOTALL)
_SHOWN = re.compile(rb"/(F\d+) [\d.]+ Tf|BT ([\d.]+) ([\d.]+) Td \(((?:\\.|[^\\)])*)\) Tj", re.DOTALL)
_ESCAPED = {b"r": b"\r", b"n": b"\n"}


def sell() -> PrintedReceipt:
    """The sale of the samples."""
    form = FORMS["sell"]
    assert isinstance(form, PrintedReceipt)
    return form


class Shown(NamedTuple):
    """Letters at a place, in points from the lower left corner."""

    x: float
    y: float
    text: str
    font: str


class Pdf:
    """As much of a file as fpdf2 writes of one."""

    def __init__(self, data: bytes) -> None:
        self._objects = {int(found[1]): found[2] for found in _OBJECT.finditer(data)}
        self.info = next(body for body in self._objects.values() if b"/CreationDate" in body)
        self._pages = [body for body in self._objects.values() if b"/Type /Page\n" in body]
        self.sizes = [tuple(map(float, found)) for found in self._all(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]")]
        self.links = re.findall(rb"/URI \((.*?)\)", data)

    def _all(self, pattern: bytes) -> list[tuple[bytes, ...]]:
        return [found.groups() for page in self._pages if (found := re.search(pattern, page)) is not None]

    def _stream(self, number: int) -> bytes:
        body = self._objects[number]
        found = _STREAM.search(body)
        assert found is not None
        return zlib.decompress(found[1]) if b"/FlateDecode" in body else found[1]

    def _fonts(self) -> dict[bytes, tuple[str, dict[int, str]]]:
        fonts = {}
        for body in self._objects.values():
            for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", body):
                font = self._objects[int(number)]
                base, letters = re.search(rb"\+(\S+)", font), re.search(rb"/ToUnicode (\d+)", font)
                assert base is not None
                assert letters is not None
                pairs = re.findall(rb"^<(\w{4})> <(\w+)>$", self._stream(int(letters[1])), re.MULTILINE)
                fonts[name] = (
                    base[1].decode(),
                    {int(glyph, 16): bytes.fromhex(code.decode()).decode("utf-16-be") for glyph, code in pairs},
                )
        return fonts

    @property
    def shown(self) -> list[Shown]:
        """All that is written, page after page."""
        fonts = self._fonts()
        made = []
        for (contents,) in self._all(rb"/Contents (\d+)"):
            name, letters = "", dict[int, str]()
            for found in _SHOWN.finditer(self._stream(int(contents))):
                if found[1]:
                    name, letters = fonts[found[1]]
                    continue
                glyphs = re.sub(rb"\\(.)", lambda escape: _ESCAPED.get(escape[1], escape[1]), found[4], flags=re.DOTALL)
                codes = [int.from_bytes(glyphs[at : at + 2]) for at in range(0, len(glyphs), 2)]
                made.append(Shown(float(found[2]), float(found[3]), "".join(letters[code] for code in codes), name))
        return made

    @property
    def lines(self) -> list[str]:
        """What stands on each line, with blanks where there is nothing."""
        rows: dict[float, str] = {}
        left = min(each.x for each in self.shown)
        column = 204.09 / 48
        for each in self.shown:
            row = rows.get(each.y, "")
            rows[each.y] = row.ljust(round((each.x - left) / column)) + each.text
        return list(rows.values())


class Dots:
    """A picture, looked at a column and a line at a time."""

    def __init__(self, data: bytes) -> None:
        self.image = Image.open(BytesIO(data))
        assert self.image.mode == "L"

    def is_dark(self, x: int, y: int) -> bool:
        value = self.image.getpixel((x, y))
        assert isinstance(value, int)
        return value < 128

    def has_ink(self, left: int, top: int, height: int, *, dark: bool = True) -> bool:
        """Whether anything of that colour is drawn in a column."""
        darkest, lightest = self.image.crop((left, top, left + DOTS, top + height)).getextrema()
        assert isinstance(darkest, int)
        assert isinstance(lightest, int)
        return darkest < 128 if dark else lightest >= 128
