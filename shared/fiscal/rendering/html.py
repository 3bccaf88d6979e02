"""Forms as HTML: a whole page, or the part of one.

The rule: every text is escaped in one place, :func:`_text`; the page holds all that it needs, its style and the QR
code as a drawing, runs no script and loads nothing. It follows the reader's choice of light or dark and the width of
his telephone.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final, assert_never

from fiscal.domain.status import CLOUD
from fiscal.rendering.qr import svg
from fiscal.rendering.sheet import Banner, Code, Line, Pair, Row, Rule, Sheet, Title
from fiscal.rendering.sheets import sheet_of
from fiscal.rendering.values import Printed

STYLE: Final = """\
.slip { --ink: #1a1d21; --soft: #5c646d; --paper: #fff; --rule: #c4cad1; --alarm: #a32400;
  box-sizing: border-box; width: 100%; max-width: 28rem; margin: 0 auto; padding: 1.25rem 1rem;
  background: var(--paper); color: var(--ink); border-radius: .5rem; overflow-wrap: anywhere;
  font: 1rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
.slip p, .slip h1 { margin: .15rem 0; }
.slip h1 { font-size: 1.1rem; text-align: center; text-wrap: balance; }
.slip hr { border: 0; border-top: 1px dashed var(--rule); margin: .6rem 0; }
.slip hr.heavy { border-top: 2px solid var(--ink); }
.slip .centred { text-align: center; }
.slip .strong { font-weight: 650; }
.slip .in1 { padding-inline-start: 1rem; color: var(--soft); }
.slip .in2 { padding-inline-start: 2rem; color: var(--soft); }
.slip .pair.in1 > :last-child, .slip .pair.in2 > :last-child { color: var(--ink); }
.slip .pair { display: flex; flex-wrap: wrap; justify-content: space-between; column-gap: 1rem; }
.slip .pair > :last-child { margin-inline-start: auto; text-align: end; font-variant-numeric: tabular-nums; }
.slip .banner { margin: .5rem 0; padding: .2rem; border: 2px solid var(--alarm); border-radius: .25rem;
  color: var(--alarm); font-weight: 700; letter-spacing: .08em; text-align: center; }
.slip .marks { margin: -.5rem 0 0; color: #12803c; font-size: 1.25rem; line-height: 1; text-align: end; }
.slip .cloud { width: 1.3em; height: 1.3em; margin-inline-start: .2em; vertical-align: -.3em; fill: none; stroke: #b45500;
  stroke-width: 2.2; stroke-linejoin: round; }
.slip figure { margin: 1rem 0 0; text-align: center; }
.slip .qr { width: min(100%, 14rem); height: auto; border-radius: .25rem; }
.slip figcaption { font-size: .8rem; color: var(--soft); }
.slip a { color: inherit; }
@media (prefers-color-scheme: dark) {
  .slip { --ink: #e8eaed; --soft: #a3abb5; --paper: #1d2126; --rule: #4a525c; --alarm: #ff9d7a; }
  .slip .marks { color: #58d08a; }
  .slip .cloud { stroke: #ffb067; } }
@media print { .slip { --ink: #000; --soft: #000; --paper: #fff; --rule: #000; --alarm: #000; padding: 0; } }
"""
"""The style of a form, for a page that shows :func:`html_fragment`. It touches nothing outside ``.slip``."""

_PAGE_STYLE: Final = """\
:root { color-scheme: light dark; }
body { margin: 0; padding: 1rem .5rem; background: #eceff2; }
@media (prefers-color-scheme: dark) { body { background: #121519; } }
@media print { body { padding: 0; background: #fff; } }
"""

PAGE_STYLE: Final = _PAGE_STYLE + STYLE
"""The whole style of :func:`render_html`: whoever serves the page can name its hash and allow nothing else."""


def render_html(form: Printed) -> str:
    """The form as a page of its own, UTF-8. Raises nothing."""
    sheet = sheet_of(form)
    return (
        '<!DOCTYPE html>\n<html lang="ru">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{_text(sheet.title)}</title>\n<style>\n{PAGE_STYLE}</style>\n</head>\n"
        f"<body>\n{_article(sheet)}</body>\n</html>\n"
    )


_CLOUD: Final = (
    '<svg class="cloud" viewBox="0 0 24 24">'
    '<path d="M6 17a4 4 0 0 1-.4-8 6 6 0 0 1 11.3-1.3A4.7 4.7 0 0 1 17.5 17Z"/><path d="M4 21 20 3"/></svg>'
)
"""The crossed cloud, drawn: few fonts have it in one piece."""


def html_fragment(form: Printed) -> str:
    """The form as one ``<article class="slip">``; the page around it includes :data:`STYLE`. Raises nothing."""
    return _article(sheet_of(form))


def _article(sheet: Sheet) -> str:
    marks = ""
    if sheet.marks:
        meaning = _text(sheet.marks_meaning)
        shown = _text(sheet.marks).replace(CLOUD, _CLOUD)
        marks = f'<p class="marks" role="img" aria-label="{meaning}" title="{meaning}">{shown}</p>\n'
    rows = "".join(f"{markup}\n" for row in sheet.rows for markup in _row(row))
    return f'<article class="slip" lang="ru">\n{marks}{rows}</article>\n'


def _text(text: str) -> str:
    return escape(text, quote=True)


def _row(row: Row) -> Iterator[str]:
    match row:
        case Title():
            yield f"<h1>{_text(row.text)}</h1>"
        case Line():
            classes = _classes(row.indent, centred=row.centred, strong=row.strong)
            yield f"<p{classes}>{_text(row.text)}</p>"
        case Pair():
            classes = _classes(row.indent, pair=True, strong=row.strong)
            yield f"<p{classes}><span>{_text(row.left)}</span> <span>{_text(row.right)}</span></p>"
        case Rule():
            yield '<hr class="heavy">' if row.heavy else "<hr>"
        case Banner():
            yield f'<p class="banner">{_text(row.text)}</p>'
        case Code():
            yield _figure(row.text)
        case _:
            assert_never(row)


def _classes(indent: int, **wanted: bool) -> str:
    names = [name for name, given in wanted.items() if given]
    if indent:
        names.append(f"in{indent}")
    return f' class="{" ".join(names)}"' if names else ""


def _figure(text: str) -> str:
    caption = _text(text)
    if text.startswith(("https://", "http://")):
        caption = f'<a href="{caption}" rel="noreferrer">{caption}</a>'
    drawing = svg(text)
    shown = f'<div role="img" aria-label="QR-код">{drawing}</div>' if drawing else ""
    return f"<figure>{shown}<figcaption>{caption}</figcaption></figure>"
