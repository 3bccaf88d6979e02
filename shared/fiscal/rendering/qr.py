"""QR codes as dark and light modules, as half blocks for text, and as a drawing for a page.

The rule: the code is made once, by segno, at the smallest version that holds the text, with as much error correction
as fits into that version; text and drawing show the same modules.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import segno
from segno.encoder import DataOverflowError

BORDER: Final = 4
"""Light modules around the code, as ISO/IEC 18004 demands them."""
BORDER_MIN: Final = 2
"""What cameras of telephones still read, and where paper is narrow."""

Modules = tuple[tuple[bool, ...], ...]

_HALVES: Final = {
    (False, False): " ",
    (True, False): "▀",
    (False, True): "▄",
    (True, True): "█",
}


def _make(text: str) -> segno.QRCode | None:
    try:
        return segno.make_qr(text, error="l")
    except DataOverflowError:
        return None


def modules(text: str) -> Modules | None:
    """The code of the text, ``True`` is dark, without a border; ``None`` when no code can hold so much."""
    code = _make(text)
    return None if code is None else tuple(tuple(map(bool, row)) for row in code.matrix)


def half_blocks(text: str, width: int, *, inverted: bool = False) -> list[str] | None:
    """The code as lines of block characters, two modules in each, or ``None`` when it is wider than ``width``.

    Ink is dark, as on paper; ``inverted`` is for a screen that writes light on dark. The border is as wide as there
    is room for, :data:`BORDER_MIN` at least.
    """
    code = modules(text)
    if code is None:
        return None
    border = min(BORDER, (width - len(code)) // 2)
    if border < BORDER_MIN:
        return None
    rows = _with_border(code, border)
    rows.append((False,) * len(rows[0]))  # the side of a code is odd, so one half of the last line is left
    return [
        "".join(_HALVES[upper != inverted, lower != inverted] for upper, lower in zip(*pair, strict=True))
        for pair in zip(rows[::2], rows[1::2], strict=True)
    ]


def _with_border(code: Modules, border: int) -> list[Sequence[bool]]:
    side = (False,) * border
    empty: list[Sequence[bool]] = [(False,) * (len(code) + 2 * border)] * border
    return [*empty, *(side + row + side for row in code), *empty]


def svg(text: str) -> str | None:
    """The code as an inline SVG element of class ``qr`` that scales with its place; ``None`` as in :func:`modules`.

    Always dark on light: a code in the colours of a dark page is not read by every camera.
    """
    code = _make(text)
    if code is None:
        return None
    return code.svg_inline(omitsize=True, border=BORDER, dark="#000", light="#fff", svgclass="qr", lineclass=None)
