"""Forms as files: what each kind is called, and the bytes of it.

The rule: text and HTML need nothing that is not there; a picture and a PDF need the extra ``files``, and whoever asks
for one without it is told which.
"""

from __future__ import annotations

from enum import StrEnum
from importlib.util import find_spec
from typing import Final

from fiscal.errors import FiscalError, InvalidValue
from fiscal.rendering.html import render_html
from fiscal.rendering.text import check_width, render_text
from fiscal.rendering.values import Printed

EXTRA: Final = "files"


class FileKind(StrEnum):
    """A kind of file; its value is also the usual end of its name, but for text."""

    TEXT = "text"
    HTML = "html"
    PNG = "png"
    PDF = "pdf"

    @property
    def media_type(self) -> str:
        return _MEDIA[self]

    @property
    def suffix(self) -> str:
        return ".txt" if self is FileKind.TEXT else f".{self}"


_MEDIA: Final = {
    FileKind.TEXT: "text/plain; charset=utf-8",
    FileKind.HTML: "text/html; charset=utf-8",
    FileKind.PNG: "image/png",
    FileKind.PDF: "application/pdf",
}
_LIBRARIES: Final = {FileKind.PNG: "PIL", FileKind.PDF: "fpdf"}


class ExtraMissing(FiscalError):
    """What this needs is not installed."""

    def __init__(self, kind: FileKind, missing: str | None) -> None:
        super().__init__(f"{kind} needs {missing}, which is not installed: pip install 'mock-ofd[{EXTRA}]'")


def kind_of(name: str) -> FileKind:
    """What a file of this name is to be, by its ending; ``InvalidValue`` for an ending that says nothing."""
    for kind in FileKind:
        if name.lower().endswith(kind.suffix):
            return kind
    endings = ", ".join(kind.suffix for kind in FileKind)
    raise InvalidValue("file", f"must end in one of {endings}, is {name!r}")


def check_installed(kind: FileKind) -> None:
    """:class:`ExtraMissing` when the library for files of this kind is not there; loads nothing."""
    library = _LIBRARIES.get(kind)
    if library is not None and find_spec(library) is None:
        raise ExtraMissing(kind, library)


def render_file(form: Printed, kind: FileKind, width: int = 48) -> bytes:
    """The form as a file. ``width`` is that of :func:`fiscal.rendering.text.render_text`; HTML has none.

    :class:`ExtraMissing` when the libraries for it are not there, ``InvalidValue`` for another width.
    """
    check_width(width)
    match kind:
        case FileKind.TEXT:
            return render_text(form, width, qr=True).encode()
        case FileKind.HTML:
            return render_html(form).encode()
        case _:
            return _drawn(form, kind, width)


def _drawn(form: Printed, kind: FileKind, width: int) -> bytes:
    """Loaded only when a picture is wanted: the libraries take longer to load than the rest of a server to start."""
    try:
        if kind is FileKind.PNG:
            from fiscal.rendering.png import render_png  # noqa: PLC0415

            return render_png(form, width)
        from fiscal.rendering.pdf import render_pdf  # noqa: PLC0415

        return render_pdf(form, width)
    except ModuleNotFoundError as error:
        raise ExtraMissing(kind, error.name) from None
