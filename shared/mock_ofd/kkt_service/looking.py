"""Requests that only look: status, documents, papers, the X-report, the proof of the memory.

The rule: they issue nothing and wait for nobody; a sale that is being served is not held up by them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Final

from aiohttp import web
from pydantic import Field, TypeAdapter

from fiscal.domain.limits import NUMBER_MAX
from kkt_client.core.receipts import FiscalPaper
from kkt_client.core.records import KEY_MAX
from kkt_client.core.rendering import printed
from kkt_client.core.views import paper_json, status_json, verdict_json
from kkt_client.register import Register
from mock_ofd.kkt_service.answers import Papers
from ofd_server.gateways.http.answers import HttpError, json_response
from ofd_server.gateways.http.papers import DRAWN_MAX, PaperQuery, ReportQuery, file_response
from ofd_server.gateways.http.routes import Call, Model, parse_value

PAGE: Final = 50
"""Documents of a page when nobody says how many."""
PAGE_MAX: Final = 500
"""Documents of a page: a megabyte or two."""

Place = Annotated[int, Field(ge=0, le=NUMBER_MAX + 1)]
_NUMBER: Final[TypeAdapter[int]] = TypeAdapter(Annotated[int, Field(ge=1, le=NUMBER_MAX)])


class DocumentsQuery(Model):
    """Which documents: those below a number, newest first, or those above one, oldest first; or that of a key."""

    limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = PAGE
    before: Place | None = Field(None, description="documents with lower numbers, newest first")
    after: Place | None = Field(None, description="documents with higher numbers, oldest first")
    key: Annotated[str, Field(min_length=1, max_length=KEY_MAX)] | None = Field(
        None, description="the document that was issued under this key, if there is one"
    )


async def document_of(register: Register, call: Call) -> FiscalPaper:
    """The document that the path names; :class:`HttpError` 404."""
    number = parse_value(_NUMBER, call.path["number"], "number")
    paper = await register.document(number)
    if paper is None:
        raise HttpError(404, "unknown_document", "number", f"the memory has no document {number}")
    return paper


class Looking:
    """Handlers that read."""

    def __init__(self, register: Register, operator: str) -> None:
        self._register = register
        self._operator = operator
        self._drawing = asyncio.Semaphore(DRAWN_MAX)

    async def status(self, _call: Call) -> web.StreamResponse:
        """How the register is doing."""
        return json_response(status_json(self._register.status(), self._operator))

    async def documents(self, call: Call) -> web.StreamResponse:
        """A page of documents."""
        query: DocumentsQuery = call.query
        if sum(part is not None for part in (query.before, query.after, query.key)) > 1:
            raise HttpError(400, "bad_request", "after", "only one of before, after and key can be meant")
        if query.key is not None:
            found = await self._register.find(query.key)
            return json_response(Papers(items=[] if found is None else [paper_json(found)], next=None))
        last = self._register.status().last_number
        if query.after is not None:
            papers = self._register.documents(first=query.after + 1, last=last)
        else:
            newest = last if query.before is None else min(last, query.before - 1)
            papers = self._register.documents(last=newest, newest_first=True)
        return json_response(await _page(papers, query.limit))

    async def document(self, call: Call) -> web.StreamResponse:
        """One document as it is now."""
        return json_response(paper_json(await document_of(self._register, call)))

    async def receipt(self, call: Call) -> web.StreamResponse:
        """One document as it is printed."""
        query: PaperQuery = call.query
        paper = await document_of(self._register, call)
        sheet = printed(paper, copy=query.copied, operator=self._operator_name)
        return await file_response(sheet, query, f"document-{paper.number}", self._drawing)

    async def x(self, _call: Call) -> web.StreamResponse:
        """The figures of the shift so far."""
        return json_response(paper_json(await self._register.x_report()))

    async def x_receipt(self, call: Call) -> web.StreamResponse:
        """The same as it is printed."""
        query: ReportQuery = call.query
        sheet = printed(await self._register.x_report(), operator=self._operator_name)
        return await file_response(sheet, query, "x-report", self._drawing)

    async def verify(self, _call: Call) -> web.StreamResponse:
        """The proof of the whole memory."""
        return json_response(verdict_json(await self._register.verify()))

    @property
    def _operator_name(self) -> str:
        return self._register.status().operator


async def _page(papers: AsyncIterator[FiscalPaper], limit: int) -> Papers:
    """The next documents, and where the page behind them begins. A void and what it stands for stay together."""
    items: list[FiscalPaper] = []
    async for paper in papers:
        if len(items) >= limit and paper.number != items[-1].number:
            return Papers(items=[paper_json(each) for each in items], next=items[-1].number)
        items.append(paper)
    return Papers(items=[paper_json(each) for each in items], next=None)
