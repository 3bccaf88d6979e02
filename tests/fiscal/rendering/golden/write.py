"""Writes the golden files anew: ``python -m tests.fiscal.rendering.golden.write``, then read what has changed."""

from pathlib import Path

from fiscal.rendering.text import WIDTHS, render_text
from tests.fiscal.rendering.samples import FORMS

if __name__ == "__main__":
    for name, form in FORMS.items():
        for width in WIDTHS:
            path = Path(__file__).with_name(f"{name}-{width}.txt")
            path.write_text(render_text(form, width), encoding="utf-8", newline="\n")
