"""Pages for browsers: who makes them is none of this file's business."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from aiohttp import web

from ofd_server.gateways.http.answers import HttpError, body_response
from ofd_server.gateways.http.routes import HTML, AnyQuery, Call, Handler, Route
from ofd_server.ports import Asset, PageSource


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


def asset_routes(app: Callable[[], Asset], find: Callable[[str], Asset | None]) -> Iterable[Route]:
    """The page of the fleet at the root, and the files that it consists of by their names."""

    async def root(call: Call) -> web.StreamResponse:
        return _kept(call, app())

    async def file(call: Call) -> web.StreamResponse:
        found = find(call.path["file"])
        if found is None:
            raise HttpError(404, "not_found", "path", "nothing is served under this address")
        return _kept(call, found)

    statuses: Mapping[int, None] = {200: None, 304: None}
    return (
        Route(
            method="GET",
            path="/",
            handle=root,
            summary="The page of the fleet",
            tag="pages",
            query=AnyQuery,
            answers=statuses,
            media=HTML,
        ),
        Route(
            method="GET",
            path="/web/{file}",
            handle=file,
            summary="A file that the page of the fleet consists of",
            tag="pages",
            query=AnyQuery,
            answers=statuses,
            media="*/*",
        ),
    )


def _kept(call: Call, asset: Asset) -> web.StreamResponse:
    """The file, or 304 for a browser that has it; it asks each time, so a new version is there at once."""
    headers = {**asset.headers, "ETag": asset.etag, "Cache-Control": "no-cache"}
    known = {each.strip().removeprefix("W/") for each in call.request.headers.get("If-None-Match", "").split(",")}
    if asset.etag in known or "*" in known:
        return body_response(b"", asset.content_type, 304, headers)
    return body_response(asset.body, asset.content_type, 200, headers)
