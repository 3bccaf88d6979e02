"""The link of a register, bent by hand: cut it, slow it down, lose an answer, mend it.

The rule: what is asked for is a state, so asking twice is asking once. It holds for the connections that are open, over
whatever protocol, and until somebody says otherwise or the process ends; nothing of it is in the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field
from typing_extensions import TypedDict

from fiscal.errors import InvalidValue
from fiscal.faults.effects import DELAY_MS_MAX
from ofd_server.core.entries import Standing
from ofd_server.core.link import SLOW_MS, Link, LinkState
from ofd_server.core.state import RegisterState
from ofd_server.gateways.http.admin import register_of, unknown_register
from ofd_server.gateways.http.answers import HttpError, json_response
from ofd_server.gateways.http.routes import Call, Model, Right, Route
from ofd_server.interference import Interference
from ofd_server.service import Service


class NewLink(Model):
    """How the link shall be; ``delay_ms`` is how much later answers come on a slow one."""

    state: LinkState
    delay_ms: Annotated[int, Field(ge=1, le=DELAY_MS_MAX)] | None = None


class LinkView(TypedDict):
    """How the link is. ``paid`` is false while the register gets no answer because nobody pays for it."""

    register: str
    state: str
    delay_ms: int | None
    lose_next_answer: bool
    paid: bool


class Links:
    """Handlers about links."""

    def __init__(self, service: Service, interference: Interference) -> None:
        self._service = service
        self._interference = interference

    async def show(self, call: Call) -> web.StreamResponse:
        """How it is."""
        return self._view(await self._known(call))

    async def put(self, call: Call) -> web.StreamResponse:
        """Cut it, slow it down, or mend it."""
        body: NewLink = call.body
        state = await self._known(call)
        delay = (body.delay_ms or SLOW_MS) if body.state is LinkState.SLOW else None
        try:
            self._interference.set_link(state.id, Link(body.state, delay))
        except InvalidValue as error:
            raise _no_room(error) from None
        return self._view(state)

    async def lose_answer(self, call: Call) -> web.StreamResponse:
        """Let the next answer to a document be lost."""
        state = await self._known(call)
        try:
            self._interference.lose_next_answer(state.id)
        except InvalidValue as error:
            raise _no_room(error) from None
        return self._view(state)

    async def _known(self, call: Call) -> RegisterState:
        register_id = register_of(call)
        state = await self._service.state_of(register_id)
        if state is None:
            raise unknown_register(register_id)
        return state

    def _view(self, state: RegisterState) -> web.StreamResponse:
        link = self._interference.link(state.id)
        view = LinkView(
            register=state.id,
            state=link.state.value,
            delay_ms=link.delay_ms,
            lose_next_answer=self._interference.is_answer_to_be_lost(state.id),
            paid=state.standing is not Standing.UNPAID,
        )
        return json_response(view)


def _no_room(error: InvalidValue) -> HttpError:
    return HttpError(409, "too_many_faults", "", f"the plan of faults has no room for more: {error.rule}")


def link_routes(service: Service, interference: Interference) -> Iterable[Route]:
    """The addresses about links."""
    at = Links(service, interference)
    link = "/api/v1/registers/{register}/link"

    def route(method: str, path: str, handle: Any, summary: str, **more: Any) -> Route:
        return Route(
            method=method, path=path, handle=handle, summary=summary, tag="links", answers={200: LinkView}, **more
        )

    return (
        route("GET", link, at.show, "How the link of a register is bent"),
        route(
            "PUT",
            link,
            at.put,
            "Cut the link of a register, slow it down, or mend it",
            body=NewLink,
            right=Right.PERSON,
        ),
        route(
            "POST",
            link + "/lose-answer",
            at.lose_answer,
            "Lose the answer to the register's next document after its commit",
            right=Right.PERSON,
        ),
    )
