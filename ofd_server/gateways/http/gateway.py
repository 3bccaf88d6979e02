"""The HTTP listener: connections and their limits, requests and the errors that every address shares.

The rule: whatever comes, the answer is a typed one, and a client's mistake is one line in the log, never a traceback.
Requests of other sites' pages are refused, because a browser sends them without asking its user.
"""

from __future__ import annotations

import asyncio
import hmac
import socket
import ssl
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from hashlib import sha256
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any, Final, cast
from urllib.parse import urlsplit

from aiohttp import web

from fiscal.errors import StorageError
from ofd_server.accepting import Listener, listen
from ofd_server.config import ControlAccess
from ofd_server.defects import WatchedLog
from ofd_server.gateways.http.answers import HttpError, error_response
from ofd_server.gateways.http.express import Asked, Asker, Express, behind, head_of, known_by, length_of
from ofd_server.gateways.http.routes import JSON, Call, Model, Right, Route, Router, parse_body, parse_query

BACKLOG: Final = 1_024
"""Connections that the kernel holds for us."""
HEADER_LINE_MAX: Final = 8_190
"""Bytes of a request line or a header: what the usual servers and proxies take."""
HEADERS_MAX: Final = 64
"""Headers of a request: browsers send about twenty."""
IDLE_S: Final = 75.0
"""Seconds until a request's header must be there, on a new connection or after an answer."""
BODY_S: Final = 30.0
"""Seconds until a request's body must be there: a slow telephone sends 1 MiB in this time."""
REMEMBERED_MAX: Final = 256
"""Bytes of an address of a register's that its connection remembers: the longest id, every letter of it escaped."""
FOLLOWED_MAX: Final = 65_536
"""Bytes of a request in pieces that are kept to see where it ends; a larger one gains nothing past the library."""
LINGER_S: Final = 2.0
"""Seconds in which the rest of a refused body is read and thrown away, so that the client reads the refusal."""
PART_S: Final = 1.0
"""Seconds in which the rest of a request may come that would go past the library; then the library waits for it."""
SWEEP_S: Final = 1.0
"""Seconds between two looks for connections past their limits whose requests go past the library."""
CLOSE_S: Final = 1.0
"""Seconds that requests get to end when the listener closes; the whole process has five."""

log = WatchedLog(__name__)


class HttpGateway:
    """One listener. :meth:`start`, then :meth:`stop_accepting`, then :meth:`close`.

    ``stopping`` is set when it ends, for handlers that would wait.
    """

    def __init__(
        self,
        routes: Iterable[Route],
        stopping: asyncio.Event,
        *,
        connections_max: int = 10_000,
        body_max: int = 1_048_576,
        api_token: str | None = None,
        hosts: Iterable[str] = (),
        control: ControlAccess = ControlAccess.AUTO,
    ) -> None:
        self.router = Router(routes)
        self.stopping = stopping
        self.connections: set[_Conversation] = set()
        self._connections_max = connections_max
        self.body_max = body_max
        self._api_token = None if api_token is None else _digest(api_token)
        self._hosts = frozenset(name.lower() for name in hosts)
        self._control = control
        self._only_loopback = False
        self._listener: Listener | None = None
        self._http: _Server | None = None
        self._sweeper: asyncio.TimerHandle | None = None

    async def start(self, listening: socket.socket, tls: ssl.SSLContext | None = None) -> None:
        """Serve on this bound socket."""
        self._only_loopback = _is_loopback(listening)
        self._http = _Server(self)
        self._listener = await listen(self._http, tls, sock=listening, backlog=BACKLOG)
        self._sweep()

    @property
    def is_listening(self) -> bool:
        """Whether new connections are taken."""
        return self._listener is not None and self._listener.is_serving()

    @property
    def is_full(self) -> bool:
        """Whether one more connection would be one too many."""
        return len(self.connections) >= self._connections_max

    def stop_accepting(self) -> None:
        """Take no new connection and no new request; what is being answered is finished, streams of events end."""
        self.stopping.set()
        if self._listener is not None:
            self._listener.close()
        if self._http is not None:
            self._http.pre_shutdown()

    async def close(self) -> None:
        """Close every connection; requests that wait get a moment to be answered."""
        self.stop_accepting()
        if self._sweeper is not None:
            self._sweeper.cancel()
        if self._http is not None:
            await self._http.shutdown(CLOSE_S)

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        self._sweeper = loop.call_later(SWEEP_S, self._sweep)  # first: whatever one connection fails at, it goes on
        now = loop.time()
        for conversation in tuple(self.connections):
            if conversation.express is not None:
                conversation.look_at_limits(now)

    # ------------------------------------------------------------------------------------------------- requests

    def make_request(self, message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
        """What aiohttp asks for each request: one that knows how large its body may be."""
        loop = asyncio.get_running_loop()
        return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=self.body_max)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request, whatever it is."""
        try:
            return await self._answer(request)
        except HttpError as error:
            return error.response()
        except web.HTTPRequestEntityTooLarge:
            response = error_response(413, "too_large", "body", f"a body may have {self.body_max} bytes")
            response.force_close()
            return response
        except StorageError as error:
            log.warning("the ledger could not be asked", path=request.path, error=str(error))
            return error_response(503, "unavailable", "", "the ledger cannot be asked now", {"Retry-After": "1"})

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        conversation = _conversation(request)
        conversation.leave_to_library()
        asked = _asked(request)
        if asked == conversation.asked:
            assert conversation.found is not None
            route, path, query = conversation.found
            return await route.handle(Call(request, route, path, query))
        self._refuse_strangers(request)
        route, path = self.router.find(request.method, request.rel_url.raw_path)
        if route.right is Right.CONTROL:
            self._refuse_without_control()
        if route.right in (Right.PERSON, Right.CONTROL):
            self._refuse_without_token(request)
        call = Call(request, route, path)
        call.query = parse_query(route, request)
        if route.speaks_protocol and len(request.raw_path) <= REMEMBERED_MAX:
            assert route.body is None, "a command's handler reads its body itself"
            conversation.asked, conversation.found = asked, (route, path, call.query)
        if route.body is not None:
            call.body = await self._body(request, route, route.body)
        return await route.handle(call)

    async def _body(self, request: web.BaseRequest, route: Route, model: type[Model]) -> Model | str:
        body = await read_body(request)
        if route.text is not None and request.content_type == route.text:
            try:
                return body.decode()
            except UnicodeDecodeError:
                raise HttpError(400, "bad_request", "body", "is no UTF-8") from None
        if route.text is not None and body and request.content_type != JSON:
            raise HttpError(415, "bad_media_type", "content-type", f"must be {JSON} or {route.text}")
        return parse_body(model, body, request.content_type if body else JSON)

    def _refuse_strangers(self, request: web.BaseRequest) -> None:
        """A page of another site must not act through its reader's browser.

        The name in ``Host`` is looked at when only this machine can connect: a foreign name that leads to the loopback
        (DNS rebinding) would make a page there one of ours. ``Origin`` is sent by browsers with every request that
        may change something.
        """
        host = request.headers.get("Host", "")
        if self._only_loopback and host and not self._is_ours(_name_in(host)):
            text = "this listener answers to loopback names, and to those in the setting hosts"
            raise HttpError(421, "wrong_host", "host", text)
        origin = request.headers.get("Origin")
        if origin is not None and request.method not in ("GET", "HEAD", "OPTIONS") and urlsplit(origin).netloc != host:
            raise HttpError(403, "cross_site", "origin", "pages of other sites may not change anything here")

    def _is_ours(self, name: str) -> bool:
        if name in self._hosts or name == "localhost" or name.endswith(".localhost"):
            return True
        try:
            return ip_address(name).is_loopback
        except ValueError:
            return False

    def _refuse_without_control(self) -> None:
        """What tests do to an operator nobody else may: not even whoever can reach it, unless it was meant so."""
        if self._control is ControlAccess.ON:
            return
        if self._control is ControlAccess.OFF or not (self._only_loopback or self._api_token is not None):
            text = "the control API is not served here: listen on the loopback, set api_token, or set control to on"
            raise HttpError(403, "control_off", "", text)

    def _refuse_without_token(self, request: web.BaseRequest) -> None:
        if self._api_token is None:
            return
        given = bearer(request)
        if given is None or not hmac.compare_digest(_digest(given), self._api_token):
            text = "this needs the API token as 'Authorization: Bearer'"
            raise HttpError(401, "unauthorized", "authorization", text, headers={"WWW-Authenticate": "Bearer"})


def bearer(request: web.BaseRequest) -> str | None:
    """The token in ``Authorization: Bearer``, if there is one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


async def read_body(request: web.BaseRequest) -> bytes:
    """The whole body, in time and not too large; :class:`HttpError` or aiohttp's own for what is too large."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise HttpError(415, "bad_media_type", "content-encoding", "bodies are taken as they are, not compressed")
    try:
        if (
            request.content.is_eof() and "Expect" not in request.headers
        ):  # it has come together with its header: there is nothing to wait for
            return await request.read()
        async with asyncio.timeout(BODY_S):
            await _expected(request)
            return await request.read()
    except TimeoutError:
        raise HttpError(408, "body_timeout", "body", f"the body did not come within {BODY_S:.0f} s") from None
    except (web.RequestPayloadError, ConnectionResetError) as error:
        raise HttpError(400, "bad_request", "body", f"cannot be read: {error}") from None


async def _expected(request: web.BaseRequest) -> None:
    """A client that asks first (``Expect: 100-continue``) is told to go on."""
    expect = request.headers.get("Expect")
    if expect is None or request.version < (1, 1):
        return
    if expect.lower() != "100-continue":
        raise HttpError(417, "bad_expectation", "expect", "must be 100-continue")
    await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    request.writer.output_size = 0


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogateescape")).digest()


def _name_in(host: str) -> str:
    with suppress(ValueError):
        return (urlsplit(f"//{host}").hostname or "").lower()
    return ""


def _is_loopback(listening: socket.socket) -> bool:
    return ip_address(listening.getsockname()[0]).is_loopback


class _Server(web.Server):
    """aiohttp's server with conversations of our kind."""

    def __init__(self, gateway: HttpGateway) -> None:
        super().__init__(gateway.handle, request_factory=gateway.make_request)
        self.gateway = gateway

    def __call__(self) -> web.RequestHandler:
        return _Conversation(self)


_Found = tuple[Route, Mapping[str, str], Model]
"""The row of a request, what stands in its path, and its query."""


_Alike = tuple[str, str, str | None, str | None]
"""All that decides whether a request of a register is let in, and which row is its own: method, address, ``Host`` and
``Origin``.
"""


def _asked(request: web.BaseRequest) -> _Alike:
    headers = request.headers
    return request.method, request.raw_path, headers.get("Host"), headers.get("Origin")


class _Conversation(web.RequestHandler):
    """One connection. A register sends every document to the same address, so what was found for its last request is
    remembered: ``found`` is true of every request that is ``asked`` in the same way. And it sends them with the same
    header, so that they need not be read by the library at all: see :mod:`ofd_server.gateways.http.express`.

    ``_library`` is what was given to the library since it had nothing under way: ``None`` for nothing, no bytes for what
    is not followed any more. It gets nothing while a request past it waits for its answer, and nothing goes past it
    until it has answered all that it got, so answers keep the order of their requests.
    """

    __slots__ = (
        "_awaited",
        "_held",
        "_is_ending",
        "_library",
        "_part",
        "_since",
        "asked",
        "express",
        "found",
        "gateway",
        "gone",
    )

    def __init__(self, server: _Server) -> None:
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            access_log=None,  # type: ignore[arg-type]  # aiohttp's own way to say that there is none
            keepalive_timeout=IDLE_S,
            max_line_size=HEADER_LINE_MAX,
            max_field_size=HEADER_LINE_MAX,
            max_headers=HEADERS_MAX,
            lingering_time=LINGER_S,
            auto_decompress=False,
        )
        self.gateway = server.gateway
        self.gone = asyncio.Event()
        self.asked: _Alike | None = None
        self.found: _Found | None = None
        self.express: Express | None = None
        self._library: bytes | None = None
        self._awaited: Asked | None = None
        self._held = b""
        self._part = b""
        self._is_ending = False
        self._since: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self.gateway.is_full:
            log.warning("too many connections", limit=len(self.gateway.connections))
            transport.close()
            return
        self.gateway.connections.add(self)
        super().connection_made(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        if self in self.gateway.connections:
            self.gateway.connections.discard(self)
            self.gone.set()
            if self._awaited is not None:
                self._awaited.leave()
                self._awaited = None
            super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not data:  # the library asks itself to go on with what it has
            super().data_received(data)
            return
        if self._awaited is not None:
            self._held += data
            if len(self._held) > FOLLOWED_MAX and self.transport is not None:
                self.transport.pause_reading()
            return
        if self._library is None:
            part, self._part = self._part, b""
            if self.express is not None and self._ask(self.express, part + data, is_more=bool(part)):
                return
            if part:  # it gets what it would have got: a fault behind a request that is whole is told behind its answer
                super().data_received(part)
            self._library = part + data
        elif self._library:
            self._library = self._library + data if len(self._library) <= FOLLOWED_MAX else b""
        super().data_received(data)

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Write the answer; the library may have nothing under way any more."""
        resp, is_lost = await super().finish_response(request, resp, start_time)
        if self._library:
            # To the library a CONNECT has no body, whatever its header says.
            ends = request.method == "CONNECT" or not resp.keep_alive
            length = 0 if ends else length_of(self._library)
            self._library = (behind(self._library, length) or None) if length else b""
        return resp, is_lost

    def close(self) -> None:
        """Take no more requests. The library does not know of one that went past it, which is answered first."""
        self._is_ending = True
        if self._awaited is None:
            super().close()

    # ----------------------------------------------------------------------------------------- past the library

    def learn(self, ask: Callable[[bytes, Asker], Asked | None], patience_s: float) -> None:
        """The request that is being answered may be asked again by its bytes, once the library has nothing else."""
        head = head_of(self._library) if self._library else None
        if head is not None:
            self.express = Express(head, ask, patience_s)

    def _ask(self, express: Express, data: bytes, *, is_more: bool) -> bool:
        """Ask it past the library, when it is the same request with another body and the client reads its answers; or
        wait for the rest of it.
        """
        known = known_by(data, express.head)
        if known is None or known.size > self.gateway.body_max or self.writing_paused or self._is_ending:
            return False
        if not known.is_whole:
            if known.size > FOLLOWED_MAX:
                return False
            self._part = data
            if not is_more:
                self._since = asyncio.get_running_loop().time()
            return True
        asked = express.ask(known.body, self)
        if asked is None:
            return False
        self._awaited = asked
        self._since = asyncio.get_running_loop().time()
        self.keep_alive(True)  # stops the library's own timer, which knows nothing of this
        asked.begin()
        return True

    def tell(self, data: bytes) -> None:
        """Write the answer to what was asked past the library, then take what came meanwhile."""
        self._awaited = None
        self._since = asyncio.get_running_loop().time()
        transport, held = self.transport, self._held
        if transport is None or transport.is_closing():
            return
        transport.write(data)
        if self._is_ending:
            super().close()
        elif held:
            self._held = b""
            transport.resume_reading()
            self.data_received(held)

    def leave_to_library(self) -> None:
        """The library has a whole header: from here on its own limits are in force."""
        self._since = None

    def look_at_limits(self, now: float) -> None:
        """Close a connection over which no request came for too long, or whose last one gets no answer; leave one to the
        library that does not come to its end.
        """
        if self._since is None or self.express is None:
            return
        self.keep_alive(True)  # the library may have set its timer just behind the request that went past it
        waited = now - self._since
        if self._part:
            if waited > PART_S:
                self._library, self._part = self._part, b""
                super().data_received(self._library)
        elif waited > (IDLE_S if self._awaited is None else self.express.patience_s):
            self.force_close()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what is no HTTP, or to a defect of ours. The connection ends."""
        if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            log.info("bad request", peer=str(self.peername), error=message)
            response = error_response(status, "bad_http", "", (message or "is no HTTP request")[:400])
        else:
            log.error("a request failed", method=request.method, path=request.path, exc_info=exc)
            response = error_response(status, "internal", "", "the server failed; its log says why")
        response.force_close()
        return response


def _conversation(request: web.BaseRequest) -> _Conversation:
    return cast("_Conversation", request.protocol)


def gone(request: web.BaseRequest) -> asyncio.Event:
    """Set when the client's connection is gone."""
    return _conversation(request).gone


def learn(request: web.BaseRequest, ask: Callable[[bytes, Asker], Asked | None], patience_s: float) -> None:
    """Have the next request with this header asked by ``ask``, if this one was of the common kind.

    An answer to one is awaited for ``patience_s``, then the connection is closed.
    """
    if request.version == (1, 1) and "Expect" not in request.headers:
        _conversation(request).learn(ask, patience_s)


async def hang_up(request: web.BaseRequest, stopping: asyncio.Event, seconds: float) -> web.StreamResponse:
    """Give no answer: wait until the client goes, the server stops or the time is over, then close without a byte.

    What is returned satisfies aiohttp and is never written.
    """
    waiting = {asyncio.ensure_future(event.wait()) for event in (gone(request), stopping)}
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
    request.protocol.force_close()
    return web.Response(status=HTTPStatus.NO_CONTENT)
