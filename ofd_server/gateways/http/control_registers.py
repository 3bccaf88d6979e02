"""Registers for a test, over the control API: one call makes them known and says how to reach the operator as each.

The rule: what comes back is all that a client needs; ids that are made up are never given twice by one process, so two
tests at the same operator do not meet.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from itertools import count
from typing import Annotated, Any, Final
from urllib.parse import quote, urlsplit

from aiohttp import web
from pydantic import Field, StringConstraints
from typing_extensions import TypedDict

from fiscal.domain.limits import REGISTER_ID_MAX, RegisterId, Token
from fiscal.domain.register import RegisterProfile
from ofd_server.config import LOOPBACK
from ofd_server.core.administration import add, set_standing
from ofd_server.core.entries import Standing
from ofd_server.gateways.http.admin import KZ_TOKEN_MAX, TOKEN_BYTES, register_of, unknown_register
from ofd_server.gateways.http.answers import HttpError, json_response
from ofd_server.gateways.http.routes import Call, Model, Right, Route
from ofd_server.service import Service

REGISTERS: Final = "/control/registers"
MADE_MAX: Final = 1_000
"""Registers of one call: their commits share a flush, and the answer stays below a megabyte."""
PREFIX_MAX: Final = REGISTER_ID_MAX - 12
"""Characters of a prefix: the number behind it needs the rest."""
KZ_FIRST: Final = 900_001
"""The first device id that is made up: real ones of test stands are below."""
KZ_DEVICE_MAX: Final = 2**32 - 1
"""The largest device id of the Kazakhstan protocol."""

Addresses = Callable[[], Mapping[str, str]]
"""Where the operator listens, as ``native://HOST:PORT``, ``http://``, ``https://``, ``kz://``, by the protocol's word."""
EVERYWHERE: Final = ("0.0.0.0", "[::]")  # noqa: S104 - seen in an address, not listened on


class Speaks(StrEnum):
    """Which protocol the registers are made for."""

    NATIVE = "native"
    HTTP = "http"
    KZ = "kz"


class Wanted(Model):
    """Registers to make. With ``id`` one of this name, else ``count`` of made-up ones; ids and tokens of registers that
    shall speak ``kz`` are numbers.
    """

    id: RegisterId | None = None
    token: Token | None = None
    profile: RegisterProfile | None = None
    count: Annotated[int, Field(ge=1, le=MADE_MAX)] = 1
    prefix: Annotated[str, StringConstraints(min_length=1, max_length=PREFIX_MAX)] = "till-"
    protocol: Speaks = Speaks.NATIVE


class Made(TypedDict):
    """A register, its token, and where its client has to go: addresses as ``mock-ofd kkt --operator`` takes them."""

    id: str
    token: str
    native: str | None
    http: str | None
    kz: str | None


class MadeList(TypedDict):
    """The registers that were made."""

    items: list[Made]


class Removed(TypedDict):
    """The register that is known no more."""

    id: str


class Registers:
    """Handlers about registers for tests."""

    def __init__(self, service: Service, addresses: Addresses, kz_zone: str) -> None:
        self._service = service
        self._addresses = addresses
        self._kz_zone = kz_zone
        self._numbers = count(1)
        self._devices = count(KZ_FIRST)

    async def make(self, call: Call) -> web.StreamResponse:
        """Make registers known."""
        body: Wanted = call.body
        if body.id is not None and body.count != 1:
            raise HttpError(400, "bad_request", "count", "must be 1 where the id is given")
        at = reachable(self._addresses(), call.request)
        items = await asyncio.gather(*(self._make(body, at) for _ in range(body.count)))
        return json_response(MadeList(items=list(items)), 201)

    async def _make(self, wanted: Wanted, at: Mapping[str, str]) -> Made:
        numeric = wanted.protocol is Speaks.KZ
        token = wanted.token or (
            str(1 + secrets.randbelow(KZ_TOKEN_MAX)) if numeric else secrets.token_urlsafe(TOKEN_BYTES)
        )
        while True:
            name = wanted.id or self._made_up(wanted.prefix, numeric=numeric)
            decision = await self._service.administer(name, add(name, token, self._profile(wanted, name)))
            if decision.entries:
                return _told(name, token, at)
            if wanted.id is not None:
                raise HttpError(409, "register_exists", "id", f"there is a register {name!r} already")

    def _profile(self, wanted: Wanted, name: str) -> RegisterProfile | None:
        """A register over the Kazakhstan protocol has one from the beginning, also where it is met unknown."""
        if wanted.profile is not None or wanted.protocol is not Speaks.KZ or not _is_number(name, KZ_DEVICE_MAX):
            return wanted.profile
        from fiscal.protocols.kz.service_block import generated_profile  # noqa: PLC0415 - others do not load protobuf

        return generated_profile(int(name), self._kz_zone)

    def _made_up(self, prefix: str, *, numeric: bool) -> str:
        return str(next(self._devices)) if numeric else f"{prefix}{next(self._numbers)}"

    async def remove(self, call: Call) -> web.StreamResponse:
        """Know a register no more."""
        name = register_of(call)
        decision = await self._service.administer(name, set_standing(Standing.REMOVED))
        if decision.state is None:
            raise unknown_register(name)
        return json_response(Removed(id=name))


def _told(name: str, token: str, at: Mapping[str, str]) -> Made:
    query = f"?id={quote(name, safe='')}&token={quote(token, safe='')}"
    reached = {word: address + query for word, address in at.items()}
    is_device = _is_number(name, KZ_DEVICE_MAX) and _is_number(token, KZ_TOKEN_MAX)
    kz = reached.get("kz") if is_device else None
    return Made(id=name, token=token, native=reached.get("native"), http=reached.get("http"), kz=kz)


def reachable(addresses: Mapping[str, str], request: web.BaseRequest) -> dict[str, str]:
    """The addresses as whoever asks can use them: one that listens everywhere goes by the name that was asked."""
    try:
        host = urlsplit(f"//{request.host}").hostname or LOOPBACK
    except ValueError:
        host = LOOPBACK
    name = f"[{host}]" if ":" in host else host
    return {
        word: address.replace(everywhere, name, 1)
        for word, address in addresses.items()
        for everywhere in [next((each for each in EVERYWHERE if f"//{each}:" in address), name)]
    }


def _is_number(text: str, maximum: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= len(str(maximum)) and 1 <= int(text) <= maximum


def register_routes(service: Service, addresses: Addresses, kz_zone: str) -> Iterable[Route]:
    """The addresses about registers for tests."""
    at = Registers(service, addresses, kz_zone)

    def route(method: str, path: str, handle: Any, summary: str, **more: Any) -> Route:
        return Route(
            method=method, path=path, handle=handle, summary=summary, tag="control", right=Right.CONTROL, **more
        )

    return (
        route("POST", REGISTERS, at.make, "Make registers for a test", body=Wanted, answers={201: MadeList}),
        route("DELETE", REGISTERS + "/{register}", at.remove, "Know a register no more", answers={200: Removed}),
    )
