"""The letters of forms that are drawn: DejaVu Sans Mono, which has the Russian and the Kazakh ones.

The rule: the files are those of DejaVu 2.37, unchanged, and their licence lies beside them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Final

REGULAR: Final = "DejaVuSansMono.ttf"
STRONG: Final = "DejaVuSansMono-Bold.ttf"

ADVANCE: Final = 1_233 / 2_048
"""How far every letter reaches, in sizes of the font."""
ASCENT: Final = 1_901 / 2_048
DESCENT: Final = 483 / 2_048


@contextmanager
def font_file(name: str) -> Iterator[Path]:
    """The path of a font, wherever the package lies."""
    with resources.as_file(resources.files(__name__).joinpath(name)) as path:
        yield path
