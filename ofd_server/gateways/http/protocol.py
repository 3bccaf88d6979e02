"""Registers that speak over HTTP: each request is a session of its own, and takes its turn in the register's lane.

The rule (semantics 2.1 for a protocol without connections): hello is a new authenticated session, so it supersedes an
open one, as over any protocol. Every other request carries the token, is checked against the committed state, and joins
the lane without taking it over: it neither ends a native session of the register nor is ended by one; the order of
numbers decides between them. A request that gets no answer (unpaid, semantics 2.7) is held until its client goes, and
at the longest for ``silence_max``; then its connection is closed without a byte.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from hmac import compare_digest
from typing import Final

from aiohttp import web

from fiscal.domain.messages import (
    Accepted,
    Answer,
    AskInformation,
    Hello,
    Noted,
    RefusalCode,
    Refused,
    Request,
    SubmitDocument,
    TryLater,
)
from fiscal.errors import RemoteProtocolError
from fiscal.protocols.base import ErrorCode, refusal_of
from fiscal.protocols.rest.codec import MediaType, media_type, parse_document, parse_request, serialize_answer
from fiscal.protocols.rest.messages import status_of
from ofd_server.core.administration import is_known
from ofd_server.core.decide import is_token
from ofd_server.core.state import RegisterState
from ofd_server.gateways.http.admin import register_of
from ofd_server.gateways.http.answers import body_response, ok_bytes, response_bytes
from ofd_server.gateways.http.bent import BentRequest, Lost
from ofd_server.gateways.http.express import Asker
from ofd_server.gateways.http.gateway import bearer, hang_up, learn, read_body
from ofd_server.gateways.http.routes import Call, Right, Route
from ofd_server.interference import Interference
from ofd_server.service import Service

_STATUS_OF_ERROR: Final = {ErrorCode.TOO_LARGE: 413, ErrorCode.BAD_MEDIA_TYPE: 415, ErrorCode.UNKNOWN_COMMAND: 404}
MS_PER_S: Final = 1_000

_UNKNOWN: Final = Refused(
    code=RefusalCode.UNKNOWN_REGISTER, field="register", text="no such register is known here; hello makes it known"
)
_WRONG_TOKEN: Final = Refused(
    code=RefusalCode.WRONG_TOKEN,
    field="authorization",
    text="this needs the register's token as 'Authorization: Bearer'",
)
_SUPERSEDED: Final = Refused(code=RefusalCode.SUPERSEDED, text="a newer session of the register took over")


class RegisterProtocol:
    """Handlers of the commands of registers."""

    def __init__(
        self,
        service: Service,
        stopping: asyncio.Event,
        silence_max_s: float,
        interference: Interference | None = None,
        is_heard: Callable[[], bool] | None = None,
    ) -> None:
        self._service = service
        self._interference = interference
        self._is_heard = is_heard
        self._stopping = stopping
        self._silence_max_s = silence_max_s

    async def command(self, call: Call) -> web.StreamResponse:
        """A command with a body."""
        assert call.route.command is not None
        form = MediaType.JSON
        register_id = register_of(call)
        content_type = call.request.headers.get("Content-Type", "")
        bent = self._bent(call, call.route.command)
        copies = 0
        try:
            body = await read_body(call.request)
            if bent is not None:
                arrived = await bent.arrive(body)
                if isinstance(arrived, Lost):
                    return await bent.lose(arrived)
                body, copies = arrived.body, arrived.copies
            form = media_type(content_type)
            request = parse_request(call.route.command, body, content_type)
        except web.HTTPRequestEntityTooLarge:
            return _refused(RemoteProtocolError(ErrorCode.TOO_LARGE, "body", "is larger than this server takes"), form)
        except RemoteProtocolError as error:
            return _refused(error, form)
        if bent is None and isinstance(request, SubmitDocument):
            peer, token = str(call.request.remote), bearer(call.request)
            learn(call.request, partial(self._express, register_id, token, content_type, peer), self._silence_max_s)
        return await self._ask(call, register_id, request, form, bent, copies)

    def _express(
        self, register_id: str, token: str | None, content_type: str, peer: str, body: bytes, asker: Asker
    ) -> _Express | None:
        """A document in a request like an earlier one; ``None`` when there is more to it than to commit and answer it."""
        is_bent = self._interference is not None and self._interference.run is not None
        if is_bent or (self._is_heard is not None and self._is_heard()):
            return None
        state = self._service.state_at_hand(register_id)
        if state is None or _judged(state, token) is not None:
            return None
        try:
            request = parse_document(body, content_type)
        except RemoteProtocolError:
            return None
        return _Express(self._service, register_id, request, media_type(content_type), peer, asker)

    async def information(self, call: Call) -> web.StreamResponse:
        """What the operator holds of the register; msgpack when that is what the client accepts."""
        bent = self._bent(call, "information")
        copies = 0
        if bent is not None:
            arrived = await bent.arrive(b"")
            if isinstance(arrived, Lost):
                return await bent.lose(arrived)
            copies = arrived.copies
        return await self._ask(call, register_of(call), AskInformation(), _accepted_form(call), bent, copies)

    async def ping(self, call: Call) -> web.StreamResponse:
        """Are you there? Asked by nobody in particular."""
        return _response(Noted(at=self._service.clock.now()), _accepted_form(call))

    # -------------------------------------------------------------------------------------------------- answers

    def _bent(self, call: Call, command: str) -> BentRequest | None:
        """How this request goes wrong, when there is a plan at all."""
        interference = self._interference
        if interference is None or interference.run is None:
            return None
        return BentRequest(
            interference.run,
            interference.host,
            self._service,
            call.request,
            register_of(call),
            command.replace("-", "_"),
            self._stopping,
            self._silence_max_s,
        )

    async def _ask(
        self,
        call: Call,
        register_id: str,
        request: Request,
        form: MediaType,
        bent: BentRequest | None,
        copies: int,
    ) -> web.StreamResponse:
        refused = await self._refusal(call, register_id, request)
        if refused is not None:
            return _response(refused, form)
        answer: Answer | Lost | None = None if bent is None else await bent.before()
        if answer is None:
            for _ in range(copies):  # the same request once more; its sender reads one answer
                await self._answer_to(call, register_id, request)
            answer = await self._answer_to(call, register_id, request)
        if bent is None:
            assert not isinstance(answer, Lost), "nothing is lost without a plan"
            if answer is None:
                return await hang_up(call.request, self._stopping, self._silence_max_s)
            return _response(answer, form)
        if answer is None or isinstance(answer, Lost):
            return await bent.lose(answer or Lost(None))
        return await bent.send(_response(bent.after(answer), form))

    async def _answer_to(self, call: Call, register_id: str, request: Request) -> Answer | None:
        """What the service says; ``None`` when it gives no answer."""
        service = self._service
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[Answer | None] = loop.create_future()

        def reply(answer: Answer | None) -> None:
            if not answered.done():
                answered.set_result(answer)

        def superseded(_reason: str) -> None:
            reply(_SUPERSEDED)

        session = service.session("http", str(call.request.remote), superseded)
        if not isinstance(request, Hello):
            session.register_id = register_id
        # It may never come: a request that was dropped because a newer session took over has no answer.
        patience = loop.call_later(self._silence_max_s, reply, None)
        try:
            service.handle(session, request, reply)
            return await answered
        finally:
            patience.cancel()
            service.end(session)

    async def _refusal(self, call: Call, register_id: str, request: Request) -> Refused | None:
        """Whether it is the register that the path names, by its token; hello brings its own."""
        token = bearer(call.request)
        if isinstance(request, Hello):
            if request.register != register_id:
                text = f"the path names {register_id!r}, the body {request.register!r}"
                return Refused(code=RefusalCode.BAD_REQUEST, field="register", text=text)
            if token is not None and not compare_digest(token.encode(), request.token.encode()):
                return _WRONG_TOKEN
            return None
        service = self._service
        state = service.state_at_hand(register_id)
        if state is not None and _judged(state, token) is None:
            return None
        return _judged(await service.state_of(register_id), token)  # as another node knows it


class _Express:
    """A document that came past the library: a session of its own, as of every request."""

    __slots__ = ("_asker", "_form", "_request", "_service", "_session")

    def __init__(
        self,
        service: Service,
        register_id: str,
        request: SubmitDocument,
        form: MediaType,
        peer: str,
        asker: Asker,
    ) -> None:
        self._service = service
        self._request = request
        self._form = form
        self._asker: Asker | None = asker
        self._session = service.session("http", peer, self._superseded)
        self._session.register_id = register_id

    def begin(self) -> None:
        self._service.handle(self._session, self._request, self._reply)

    def leave(self) -> None:
        """Nobody waits any more; also for whom no answer is meant, until his patience ends."""
        if self._asker is not None:
            self._asker = None
            self._service.end(self._session)

    def _superseded(self, _reason: str) -> None:
        self._reply(_SUPERSEDED)

    def _reply(self, answer: Answer | None) -> None:
        asker = self._asker
        if asker is not None and answer is not None:
            self.leave()
            asker.tell(_written(answer, self._form))


def _judged(state: RegisterState | None, token: str | None) -> Refused | None:
    if state is None or not is_known(state):
        return _UNKNOWN
    return None if token is not None and is_token(state, token) else _WRONG_TOKEN


def _accepted_form(call: Call) -> MediaType:
    """The form of an answer to a request that has no body of its own."""
    return MediaType.MSGPACK if "msgpack" in call.request.headers.get("Accept", "") else MediaType.JSON


def _refused(error: RemoteProtocolError, form: MediaType) -> web.Response:
    response = _response(refusal_of(error), form)
    response.set_status(_STATUS_OF_ERROR.get(ErrorCode(error.code), 400))
    if response.status == 413:  # noqa: PLR2004 - the rest of the body is not worth reading
        response.force_close()
    return response


def _response(answer: Answer, form: MediaType) -> web.Response:
    headers: dict[str, str] = {}
    if isinstance(answer, TryLater):
        headers["Retry-After"] = str(-(-answer.delay_ms // MS_PER_S))
    elif isinstance(answer, Refused) and answer.code is RefusalCode.WRONG_TOKEN:
        headers["WWW-Authenticate"] = "Bearer"
    return body_response(serialize_answer(answer, form), form.value, status_of(answer), headers)


def _written(answer: Answer, form: MediaType) -> bytes:
    """The whole response; nearly all are acceptances, with a status and headers that are known."""
    if type(answer) is Accepted:
        return ok_bytes(serialize_answer(answer, form), form.value)
    return response_bytes(_response(answer, form))


def protocol_routes(
    service: Service,
    stopping: asyncio.Event,
    silence_max_s: float,
    interference: Interference | None = None,
    is_heard: Callable[[], bool] | None = None,
) -> Iterable[Route]:
    """All addresses that registers use; ``interference`` is asked whether their requests shall go wrong, ``is_heard``
    whether somebody wants to hear each of them.
    """
    at = RegisterProtocol(service, stopping, silence_max_s, interference, is_heard)
    one = "/api/v1/registers/{register}"

    def command(path: str, word: str, summary: str, right: Right = Right.REGISTER) -> Route:
        return Route(
            method="POST",
            path=one + path,
            handle=at.command,
            summary=summary,
            tag="register protocol",
            command=word,
            right=right,
            speaks_protocol=True,
            answers={200: "Answer"},
        )

    return (
        command("/hello", "hello", "Who the register is and how far its memory goes", Right.NONE),
        command("/documents", "document", "Submit a document"),
        command("/offline-periods", "offline-period", "Report a period of autonomous work"),
        command("/status", "status", "Report how the register is doing"),
        Route(
            method="GET",
            path=one + "/information",
            handle=at.information,
            summary="What the operator holds of the register",
            tag="register protocol",
            right=Right.REGISTER,
            speaks_protocol=True,
            answers={200: "Answer"},
        ),
        *(
            Route(
                method=method,
                path="/api/v1/ping",
                handle=at.ping,
                summary="Is the operator there?",
                tag="register protocol",
                speaks_protocol=True,
                answers={200: "Noted"},
            )
            for method in ("GET", "POST")
        ),
    )
