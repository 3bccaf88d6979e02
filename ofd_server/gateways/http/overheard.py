"""Requests of registers over HTTP, told to whoever listens; a server without a listener does not load this file.

The rule: the body of a request is told as it came, before anything is done with it, the body of an answer as it was
handed to the library that writes it. A request that gets no answer has none in what is told either; pieces of bytes that
a fault bends behind that point are told by the fault alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import replace
from http import HTTPStatus
from typing import Final, Protocol

from aiohttp import web

from fiscal.domain.messages import Answer, AskInformation, Request
from fiscal.errors import RemoteProtocolError
from fiscal.protocols.rest.codec import parse_answer, parse_request
from ofd_server.gateways.http.admin import register_of
from ofd_server.gateways.http.gateway import read_body
from ofd_server.gateways.http.routes import Call, Route

PROTOCOL: Final = "http"


class Ear(Protocol):
    """Hears requests and answers; ``asked`` gives what stands for a request."""

    def asked(
        self, protocol: str, peer: str, register_id: str, request: Request | RemoteProtocolError, raw: bytes
    ) -> object: ...
    def answered(self, request: object, answer: Answer, raw: bytes) -> None: ...


def overheard(routes: Iterable[Route], ear: Ear | None) -> Iterator[Route]:
    """The same addresses, with somebody who hears; nobody asks who a ping is from, so none is told."""
    for route in routes:
        if ear is None or "{register}" not in route.path:
            yield route
        else:
            yield replace(route, handle=_told(route, ear))


def _told(route: Route, ear: Ear) -> Callable[[Call], Awaitable[web.StreamResponse]]:
    async def handle(call: Call) -> web.StreamResponse:
        try:
            body = await read_body(call.request)  # aiohttp keeps it for the next who reads
        except web.HTTPRequestEntityTooLarge as error:
            _refuse_again(call.request, error)
            return await route.handle(call)
        asked = ear.asked(PROTOCOL, str(call.request.protocol.peername), register_of(call), _request(call, body), body)
        response = await route.handle(call)
        if isinstance(response, web.Response) and response.status != HTTPStatus.NO_CONTENT:
            said = response.body
            if isinstance(said, bytes):
                ear.answered(asked, parse_answer(said, response.content_type), said)
        return response

    return handle


def _refuse_again(request: web.BaseRequest, error: web.HTTPRequestEntityTooLarge) -> None:
    """Who reads next has to find the body too large as well, and not what is left of it."""

    async def read() -> bytes:
        raise error

    request.read = read  # type: ignore[method-assign]


def _request(call: Call, body: bytes) -> Request | RemoteProtocolError:
    if call.route.command is None:
        return AskInformation()
    try:
        return parse_request(call.route.command, body, call.request.headers.get("Content-Type", ""))
    except RemoteProtocolError as error:
        return error
