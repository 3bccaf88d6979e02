"""The control API: what a test in any language does to a running operator, and asks of it.

The rule: everything here belongs to the test and nothing to the register under test, so it is served only where tests
are meant to be: on the loopback, behind the API token, or where the setting ``control`` says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from aiohttp import web
from typing_extensions import TypedDict

from fiscal.errors import ConfigurationError
from ofd_server.config import VERSION
from ofd_server.gateways.http.answers import HttpError, json_response
from ofd_server.gateways.http.control_clock import clock_routes
from ofd_server.gateways.http.control_faults import fault_routes
from ofd_server.gateways.http.control_misfortunes import misfortune_routes
from ofd_server.gateways.http.control_registers import Addresses, reachable, register_routes
from ofd_server.gateways.http.control_traffic import traffic_routes
from ofd_server.gateways.http.control_verdicts import verdict_routes
from ofd_server.gateways.http.control_waiting import Waits
from ofd_server.gateways.http.routes import Call, Right, Route
from ofd_server.interference import Interference
from ofd_server.service import Service

if TYPE_CHECKING:
    from ofd_server.harness.harness import Harness


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


def control_routes(
    service: Service,
    interference: Interference,
    addresses: Addresses,
    harness: Callable[[], Harness],
    stopping: asyncio.Event,
    kz_zone: str,
) -> Iterable[Route]:
    """All addresses of the control API. ``addresses`` says where the operator listens, ``harness`` is what it is for a
    test, made when it is first needed; ``stopping`` is set when the operator ends; ``kz_zone`` is that of registers over the
    Kazakhstan protocol of which nothing is told.
    """
    waits = Waits(stopping)

    async def overview(call: Call) -> web.StreamResponse:
        return await told(call)

    async def reset(call: Call) -> web.StreamResponse:
        try:
            await harness().reset()
        except ConfigurationError as error:
            raise HttpError(409, "not_in_memory", "", str(error)) from None
        return await told(call)

    async def told(call: Call) -> web.StreamResponse:
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
        Route(
            method="POST",
            path="/control/reset",
            handle=reset,
            summary="Forget everything, as if the operator had just been started",
            tag="control",
            right=Right.CONTROL,
            answers={200: OverviewView},
        ),
        *register_routes(service, addresses, kz_zone),
        *fault_routes(interference, service),
        *misfortune_routes(interference, service),
        *clock_routes(lambda: harness().clock),
        *traffic_routes(harness, waits),
        *verdict_routes(harness, waits),
    )
