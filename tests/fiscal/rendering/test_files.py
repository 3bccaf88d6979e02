"""Forms as files: four kinds, two of which need libraries that may not be there."""

import sys

import pytest

from fiscal.errors import InvalidValue
from fiscal.rendering import files
from fiscal.rendering.files import ExtraMissing, FileKind, check_installed, kind_of, render_file
from fiscal.rendering.html import render_html
from fiscal.rendering.text import render_text
from tests.fiscal.rendering.samples import FORMS

SELL = FORMS["sell"]
MAGIC = {FileKind.PNG: b"\x89PNG\r\n\x1a\n", FileKind.PDF: b"%PDF-"}


@pytest.mark.parametrize("width", [32, 48])
def test_text_is_the_text_with_its_code_drawn(width):
    assert render_file(SELL, FileKind.TEXT, width).decode() == render_text(SELL, width, qr=True)


def test_html_is_the_page():
    assert render_file(SELL, FileKind.HTML).decode() == render_html(SELL)


@pytest.mark.parametrize("kind", MAGIC)
def test_drawn_kinds(kind):
    assert render_file(SELL, kind).startswith(MAGIC[kind])
    assert render_file(SELL, kind, 32) != render_file(SELL, kind)


@pytest.mark.parametrize("kind", FileKind)
def test_another_width_is_refused(kind):
    with pytest.raises(InvalidValue):
        render_file(SELL, kind, 40)


@pytest.mark.parametrize(("kind", "library"), [(FileKind.PNG, "PIL"), (FileKind.PDF, "fpdf")])
def test_without_the_libraries_the_extra_is_named(kind, library, monkeypatch):
    monkeypatch.delitem(sys.modules, f"fiscal.rendering.{kind}", raising=False)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ExtraMissing, match=rf"{kind} needs {library}.*pip install 'mock-ofd\[files\]'"):
        render_file(SELL, kind)


@pytest.mark.parametrize("kind", FileKind)
def test_every_kind_has_a_type_and_an_end(kind):
    assert kind.media_type == files._MEDIA[kind]
    assert kind.suffix == {FileKind.TEXT: ".txt"}.get(kind, f".{kind.value}")


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.txt", FileKind.TEXT), ("чек.HTML", FileKind.HTML), ("a.pdf.png", FileKind.PNG), (".pdf", FileKind.PDF)],
)
def test_the_ending_says_the_kind(name, kind):
    assert kind_of(name) is kind


@pytest.mark.parametrize("name", ["a", "a.docx", "png", ""])
def test_an_ending_that_says_nothing(name):
    with pytest.raises(InvalidValue, match=r"file: must end in one of \.txt, \.html, \.png, \.pdf"):
        kind_of(name)


def test_whether_the_library_is_there(monkeypatch):
    for kind in FileKind:
        check_installed(kind)
    monkeypatch.setattr(files, "find_spec", lambda _name: None)
    check_installed(FileKind.TEXT)
    check_installed(FileKind.HTML)
    for kind in MAGIC:
        with pytest.raises(ExtraMissing, match="mock-ofd"):
            check_installed(kind)
