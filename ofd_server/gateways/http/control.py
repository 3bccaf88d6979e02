"""The control API: what a test in any language does to a running operator, and asks of it.

The rule: everything here belongs to the test and nothing to the register under test, so it is served only where tests
are meant to be: on the loopback, behind the API token, or where the setting ``control`` says so.
"""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web
from typing_extensions import TypedDict

from ofd_server.config import VERSION
from ofd_server.gateways.http.answers import json_response
from ofd_server.gateways.http.control_faults import fault_routes
from ofd_server.gateways.http.control_registers import Addresses, reachable, register_routes
from ofd_server.gateways.http.routes import Call, Right, Route
from ofd_server.interference import Interference
from ofd_server.service import Service


class OverviewView(TypedDict):
    """Where the operator listens, and what of it was changed; ``faults`` are the names of those at work."""

    version: str
    native: str | None
    http: str | None
    kz: str | None
    durable: bool
    now: int
    registers: int
    faults: list[str]


def control_routes(service: Service, interference: Interference, addresses: Addresses) -> Iterable[Route]:
    """All addresses of the control API. ``addresses`` says where the operator listens."""

    async def overview(call: Call) -> web.StreamResponse:
        at = reachable(addresses(), call.request)
        view = OverviewView(
            version=VERSION,
            native=at.get("native"),
            http=at.get("http"),
            kz=at.get("kz"),
            durable=service.journal.durable,
            now=service.clock.now(),
            registers=len(await service.journal.registers()),
            faults=[fault.name for fault in interference.plan],
        )
        return json_response(view)

    return (
        Route(
            method="GET",
            path="/control",
            handle=overview,
            summary="Where the operator listens, and what of it was changed",
            tag="control",
            right=Right.CONTROL,
            answers={200: OverviewView},
        ),
        *register_routes(service, addresses),
        *fault_routes(interference, service),
    )
