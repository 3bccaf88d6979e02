"""Pages for browsers: who makes them is none of this file's business."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aiohttp import web

from ofd_server.gateways.http.answers import body_response
from ofd_server.gateways.http.routes import HTML, AnyQuery, Call, Handler, Route
from ofd_server.ports import PageSource


def page_routes(sources: Mapping[str, tuple[str, PageSource]]) -> Iterable[Route]:
    """A route for each page: by its path, a summary and what makes it."""

    def handler(source: PageSource) -> Handler:
        async def handle(call: Call) -> web.StreamResponse:
            page = await source(dict(call.request.rel_url.query))
            return body_response(page.body, page.content_type, page.status, page.headers)

        return handle

    return [
        Route(
            method="GET",
            path=path,
            handle=handler(source),
            summary=summary,
            tag="pages",
            query=AnyQuery,
            answers={200: None, 400: None, 404: None, 503: None},
            media=HTML,
        )
        for path, (summary, source) in sources.items()
    ]
