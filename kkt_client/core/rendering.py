"""The register's papers as text, as HTML, and as files.

The rule: the forms themselves belong to both sides (:mod:`fiscal.rendering`); here a paper of the register becomes
one of them.
"""

from __future__ import annotations

from fiscal.rendering.files import FileKind, render_file
from fiscal.rendering.html import render_html
from fiscal.rendering.text import render_text
from fiscal.rendering.values import Printed, PrintedReport
from fiscal.rendering.values import printed as printed_document
from kkt_client.core.receipts import FiscalPaper, FiscalReceipt


def printed(paper: FiscalPaper, *, copy: bool = False, operator: str | None = None) -> Printed:
    """The paper as a form; ``copy`` prints «ДУБЛИКАТ» on it, ``operator`` is the operator's name. Raises nothing."""
    if isinstance(paper, FiscalReceipt):
        return printed_document(
            paper.document,
            paper.profile,
            paper.state,
            sign=paper.sign,
            autonomous_sign=paper.autonomous_sign,
            qr=paper.qr or None,
            copy=copy,
            operator=operator,
        )
    return PrintedReport(
        report=paper.report,
        profile=paper.profile,
        cashier=paper.cashier,
        number=paper.number,
        state=paper.state,
        autonomous=paper.autonomous,
        unsent=paper.unsent or 0,
        copy=copy,
        operator=operator,
    )


def as_text(
    paper: FiscalPaper,
    width: int = 48,
    *,
    copy: bool = False,
    qr: bool = False,
    operator: str | None = None,
) -> str:
    """The paper as lines of 32, 42 or 48 columns; see :func:`fiscal.rendering.text.render_text`."""
    return render_text(printed(paper, copy=copy, operator=operator), width, qr=qr)


def as_html(paper: FiscalPaper, *, copy: bool = False, operator: str | None = None) -> str:
    """The paper as a page of its own; see :func:`fiscal.rendering.html.render_html`."""
    return render_html(printed(paper, copy=copy, operator=operator))


def as_file(
    paper: FiscalPaper, kind: FileKind, width: int = 48, *, copy: bool = False, operator: str | None = None
) -> bytes:
    """The paper as a file, a picture or a PDF too; see :func:`fiscal.rendering.files.render_file`."""
    return render_file(printed(paper, copy=copy, operator=operator), kind, width)
