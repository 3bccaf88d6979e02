"""Registers, as people see and administer them.

The rule: whatever changes a register goes through its lane as a decision and is durable before it is answered; a token
is shown once, in the answer that made it, and never again.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Annotated, Final

from aiohttp import web
from pydantic import Field, StringConstraints, TypeAdapter
from typing_extensions import TypedDict

from fiscal.domain.limits import RegisterId, Token
from fiscal.domain.register import RegisterProfile
from ofd_server.core.administration import Order, add, lift, reset_token, set_standing
from ofd_server.core.entries import PeriodRecorded, Standing
from ofd_server.core.state import RegisterState
from ofd_server.core.views import RegisterPage, RegisterSummary, RegisterView, register_summary, register_view
from ofd_server.gateways.http.answers import HttpError, json_response
from ofd_server.gateways.http.routes import Call, Handler, Model, NoQuery, Right, Route, parse_value
from ofd_server.service import Service

TOKEN_BYTES: Final = 24
"""Of chance in a generated token: 192 bits, 32 characters."""
KZ_TOKEN_MAX: Final = 2**32 - 1
"""The largest token of the Kazakhstan protocol: its header has 32 bits for it."""
PAGE_MAX: Final = 200
"""Registers on one page: each may have to be read from the ledger."""
PERIODS_MAX: Final = 20
"""The last offline periods that are shown of a register."""

_ID: Final[TypeAdapter[str]] = TypeAdapter(RegisterId)
Reason = Annotated[str, StringConstraints(max_length=256)]


class RegistersQuery(Model):
    """A page of registers."""

    after: int = Field(0, ge=0, le=2**31 - 1, description="how many registers to leave out: next of the page before")
    limit: int = Field(50, ge=1, le=PAGE_MAX)


class NewRegister(Model):
    """A register to add; without a token one is made and shown once."""

    id: RegisterId
    token: Token | None = None
    profile: RegisterProfile | None = None


class NewToken(Model):
    """Another token; without one it is made and shown once."""

    token: Token | None = None


class Because(Model):
    """Why, in words that the register's cashier is told."""

    reason: Reason = ""


class Changed(TypedDict):
    """The register as it is now; ``token`` only when it was made here."""

    register: RegisterSummary
    token: str | None


class KzView(TypedDict):
    """What the next request of a register over the Kazakhstan protocol has to come with, as its owner's cabinet shows it.

    ``token`` is ``null`` until the operator has issued one: the first is known to whoever set it. The others are of the
    last document: its token, its request number, its command, and its number in the ledger; ``null`` before there is one.
    """

    token: int | None
    last_token: int | None
    last_request_number: int | None
    last_command: int | None
    last_number: int | None


class Administration:
    """Handlers about registers."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def page(self, call: Call) -> web.StreamResponse:
        """A page of registers, removed ones included."""
        query: RegistersQuery = call.query
        ids = await self._service.journal.registers()
        chosen = ids[query.after : query.after + query.limit]
        items = [self._summary(state) for name in chosen if (state := await self._service.state_of(name)) is not None]
        end = query.after + len(chosen)
        return json_response(RegisterPage(items=items, next=end if end < len(ids) else None))

    async def show(self, call: Call) -> web.StreamResponse:
        """One register with its counters and its offline periods."""
        state = await self._known(register_of(call))
        periods = await self._periods(state)
        return json_response(register_view(self._summary(state), state, periods))

    async def add(self, call: Call) -> web.StreamResponse:
        """Make a register known."""
        body: NewRegister = call.body
        token = body.token or secrets.token_urlsafe(TOKEN_BYTES)
        decision = await self._service.administer(body.id, add(body.id, token, body.profile))
        if not decision.entries:
            raise HttpError(409, "register_exists", "id", f"there is a register {body.id!r} already")
        assert decision.state is not None
        return self._changed(decision.state, None if body.token else token, 201)

    async def reset_token(self, call: Call) -> web.StreamResponse:
        """Give a register another token."""
        body: NewToken = call.body
        token = body.token or self._token_for(await self._service.state_of(register_of(call)))
        state = await self._ordered(call, reset_token(token))
        return self._changed(state, None if body.token else token)

    @staticmethod
    def _token_for(state: RegisterState | None) -> str:
        """A new token: a number for a register that speaks the Kazakhstan protocol, whose header has room for no more."""
        if state is not None and state.tape.exchange is not None:
            return str(1 + secrets.randbelow(KZ_TOKEN_MAX))
        return secrets.token_urlsafe(TOKEN_BYTES)

    async def kz(self, call: Call) -> web.StreamResponse:
        """The token that a register over the Kazakhstan protocol has to come with next."""
        exchange = (await self._known(register_of(call))).tape.exchange
        if exchange is None:
            return json_response(
                KzView(token=None, last_token=None, last_request_number=None, last_command=None, last_number=None)
            )
        return json_response(
            KzView(
                token=exchange.issued,
                last_token=exchange.token,
                last_request_number=exchange.reqnum,
                last_command=exchange.command,
                last_number=exchange.number,
            )
        )

    async def block(self, call: Call) -> web.StreamResponse:
        """Block: the register is told so and stops selling."""
        body: Because = call.body
        return self._changed(await self._ordered(call, set_standing(Standing.BLOCKED, body.reason)))

    async def unblock(self, call: Call) -> web.StreamResponse:
        """Unblock; a register that is unpaid stays so."""
        return self._changed(await self._ordered(call, lift(Standing.BLOCKED)))

    async def unpaid(self, call: Call) -> web.StreamResponse:
        """Answer the register no more, so that it goes autonomous (S3-02)."""
        body: Because = call.body
        return self._changed(await self._ordered(call, set_standing(Standing.UNPAID, body.reason)))

    async def paid(self, call: Call) -> web.StreamResponse:
        """Answer it again; a register that is blocked stays so."""
        return self._changed(await self._ordered(call, lift(Standing.UNPAID)))

    async def remove(self, call: Call) -> web.StreamResponse:
        """Know the register no more; its documents stay."""
        return self._changed(await self._ordered(call, set_standing(Standing.REMOVED)))

    async def _ordered(self, call: Call, order: Order) -> RegisterState:
        register_id = register_of(call)
        decision = await self._service.administer(register_id, order)
        if decision.state is None:
            raise unknown_register(register_id)
        return decision.state

    async def _known(self, register_id: str) -> RegisterState:
        state = await self._service.state_of(register_id)
        if state is None:
            raise unknown_register(register_id)
        return state

    async def _periods(self, state: RegisterState) -> list[PeriodRecorded]:
        last = 0 if state.last_period is None else state.last_period.number
        journal = self._service.journal
        numbers = range(last, max(0, last - PERIODS_MAX), -1)
        return [period for number in numbers if (period := await journal.period(state.id, number)) is not None]

    def _summary(self, state: RegisterState) -> RegisterSummary:
        service = self._service
        last = service.last_report(state.id)
        return register_summary(
            state,
            connected=service.is_connected(state.id),
            report=None if last is None else last.report,
            reported_at=0 if last is None else last.at,
            now=service.clock.now(),
        )

    def _changed(self, state: RegisterState, token: str | None = None, status: int = 200) -> web.StreamResponse:
        return json_response(Changed(register=self._summary(state), token=token), status)


def register_of(call: Call) -> str:
    """The register that the path names; :class:`HttpError` 400 when it cannot be one."""
    name: str = parse_value(_ID, call.path["register"], "register")
    return name


def unknown_register(register_id: str) -> HttpError:
    return HttpError(404, "unknown_register", "register", f"no register {register_id!r} is known here")


def admin_routes(service: Service) -> Iterable[Route]:
    """All addresses about registers that people use."""
    at = Administration(service)
    registers = "/api/v1/registers"
    one = registers + "/{register}"

    def order(path: str, handle: Handler, summary: str, body: type[Model] | None = None) -> Route:
        return Route(
            method="POST",
            path=one + path,
            handle=handle,
            summary=summary,
            tag="registers",
            body=body,
            right=Right.PERSON,
            answers={200: Changed},
        )

    return (
        Route(
            method="GET",
            path=registers,
            handle=at.page,
            summary="Registers, a page at a time",
            tag="registers",
            query=RegistersQuery,
            answers={200: RegisterPage},
        ),
        Route(
            method="POST",
            path=registers,
            handle=at.add,
            summary="Add a register",
            tag="registers",
            body=NewRegister,
            right=Right.PERSON,
            answers={201: Changed},
        ),
        Route(
            method="GET",
            path=one,
            handle=at.show,
            summary="One register: mode, shift, counters, periods, and why it is stuck",
            tag="registers",
            answers={200: RegisterView},
        ),
        Route(
            method="DELETE",
            path=one,
            handle=at.remove,
            summary="Remove a register; its documents stay",
            tag="registers",
            query=NoQuery,
            right=Right.PERSON,
            answers={200: Changed},
        ),
        Route(
            method="GET",
            path=one + "/kz",
            handle=at.kz,
            summary="The token that a register over the Kazakhstan protocol has to use next",
            tag="registers",
            right=Right.PERSON,
            answers={200: KzView},
        ),
        order("/reset-token", at.reset_token, "Give a register another token", NewToken),
        order("/block", at.block, "Block a register: it is told so and stops selling", Because),
        order("/unblock", at.unblock, "Unblock a register"),
        order("/unpaid", at.unpaid, "Answer a register no more: it goes autonomous", Because),
        order("/paid", at.paid, "Answer a register again"),
    )
