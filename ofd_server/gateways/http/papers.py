"""Receipts and reports as files: text, a page, a picture, a PDF.

The rule: what is drawn is what the ledger holds, in the layout that registers print (:mod:`fiscal.rendering`). Drawing
takes a processor for a while, so it is done in threads, and in few at once: registers go first.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Iterable, Mapping
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from aiohttp import web
from pydantic import Field

from ofd_server.gateways.http.admin import register_of
from ofd_server.gateways.http.answers import HttpError, body_response
from ofd_server.gateways.http.ledger import stored_document
from ofd_server.gateways.http.routes import HTML, Call, Model, Route
from ofd_server.receipts import paper_of, x_report_of
from ofd_server.service import Service

if TYPE_CHECKING:
    from fiscal.rendering.values import Printed

DRAWN_MAX: Final = 2
"""Papers that are drawn at the same time: a PDF keeps a processor busy for a tenth of a second."""
WIDTHS: Final = (32, 42, 48)
MORE_MEDIA: Final = ("text/plain", "image/png", "application/pdf")
"""What comes for the other formats than a page."""


class Format(StrEnum):
    """The kinds of :class:`fiscal.rendering.files.FileKind`, which is loaded when the first is asked for."""

    TEXT = "text"
    HTML = "html"
    PNG = "png"
    PDF = "pdf"


class ReportQuery(Model):
    """As what file, and how wide."""

    format: Format = Format.HTML
    width: int = Field(48, json_schema_extra={"enum": list(WIDTHS)}, description="columns; a page has none")


class PaperQuery(ReportQuery):
    """As what file, how wide, and whether it is marked as a copy."""

    copied: bool = Field(False, alias="copy", description="mark it as a copy")


class Papers:
    """Handlers that draw."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._drawing = asyncio.Semaphore(DRAWN_MAX)

    async def receipt(self, call: Call) -> web.StreamResponse:
        """One document; a Z-report is one too."""
        query: PaperQuery = call.query
        stored, entry = await stored_document(self._service, call)
        state = await self._service.state_of(stored.register_id)
        profile = None if state is None else state.profile
        paper = paper_of(stored.register_id, profile, entry, self._service.rules, copy=query.copied)
        return await file_response(paper, query, f"document-{entry.number}", self._drawing)

    async def x_report(self, call: Call) -> web.StreamResponse:
        """The shift so far."""
        register_id = register_of(call)
        state = await self._service.state_of(register_id)
        if state is None:
            raise HttpError(404, "unknown_register", "register", f"no register {register_id!r} is known here")
        service = self._service
        report = x_report_of(state, service.rules, service.clock.now())
        return await file_response(report, call.query, "x-report", self._drawing)


async def file_response(paper: Printed, query: ReportQuery, name: str, drawing: asyncio.Semaphore) -> web.Response:
    """The paper as the file that the query asks for; ``drawing`` says how many may be drawn at once.

    :class:`HttpError` 400 for a width that no paper has, 406 for a file that an extra is needed for.
    """
    from fiscal.rendering.files import ExtraMissing, FileKind, render_file  # noqa: PLC0415 - see Format

    if query.width not in WIDTHS:
        raise HttpError(400, "bad_request", "width", f"must be one of {', '.join(map(str, WIDTHS))}")
    kind = FileKind(query.format)
    try:
        async with drawing:
            body = await asyncio.to_thread(render_file, paper, kind, query.width)
    except ExtraMissing as error:
        raise HttpError(406, "extra_missing", "format", str(error)) from None
    headers = {"Content-Disposition": f'inline; filename="{name}{kind.suffix}"', **_policy(kind)}
    return body_response(body, kind.media_type, 200, headers)


def _policy(kind: str) -> Mapping[str, str]:
    """A page may use its own style and nothing else, as the one behind a QR code."""
    if kind != Format.HTML:
        return {}
    from fiscal.rendering.html import PAGE_STYLE  # noqa: PLC0415 - see Format

    digest = b64encode(sha256(f"\n{PAGE_STYLE}".encode()).digest()).decode()
    return {
        "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    }


def paper_routes(service: Service) -> Iterable[Route]:
    """All addresses of papers."""
    at = Papers(service)
    one = "/api/v1/registers/{register}"
    return (
        Route(
            method="GET",
            path=one + "/documents/{number}/receipt",
            handle=at.receipt,
            summary="A document as it is printed: text, page, picture or PDF",
            tag="documents",
            query=PaperQuery,
            answers={200: None},
            media=HTML,
            more_media=MORE_MEDIA,
        ),
        Route(
            method="GET",
            path=one + "/x-report",
            handle=at.x_report,
            summary="The X-report of a register's shift, as the ledger knows it",
            tag="documents",
            query=ReportQuery,
            answers={200: None},
            media=HTML,
            more_media=MORE_MEDIA,
        ),
    )
