"""Requests of registers over HTTP, told to whoever listens at that moment.

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


def overheard(routes: Iterable[Route], heard_by: Callable[[], Ear | None]) -> Iterator[Route]:
    """The same addresses, with somebody who hears; nobody asks who a ping is from, so none is told.

    ``heard_by`` says at every request who hears it.
    """
    for route in routes:
        yield replace(route, handle=_told(route, heard_by)) if "{register}" in route.path else route


def _told(route: Route, heard_by: Callable[[], Ear | None]) -> Callable[[Call], Awaitable[web.StreamResponse]]:
    async def handle(call: Call) -> web.StreamResponse:
        if (ear := heard_by()) is None:
            return await route.handle(call)
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
