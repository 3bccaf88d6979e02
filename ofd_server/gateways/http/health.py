"""Is it alive, can it work, what does it count.

The rule: ``/healthz`` asks nothing but the event loop; ``/readyz`` is green only when a document could be accepted now;
``/metrics`` costs the hot path nothing, its text is made when somebody asks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping

from aiohttp import web
from typing_extensions import TypedDict

from fiscal.errors import StorageError
from ofd_server.gateways.http.answers import body_response, json_response
from ofd_server.gateways.http.routes import Call, Route
from ofd_server.service import Service


class Health(TypedDict):
    """Alive."""

    status: str


class Readiness(TypedDict):
    """``status`` is ready or unready; ``reasons`` say why not."""

    status: str
    reasons: list[str]


def signs_of_life(question: str, reasons: Callable[[], Awaitable[list[str]]], tag: str) -> tuple[Route, ...]:
    """``/healthz`` and ``/readyz`` of a service, which is ready while there are no ``reasons`` against it."""

    async def healthz(_call: Call) -> web.StreamResponse:
        return json_response(Health(status="alive"))

    async def readyz(_call: Call) -> web.StreamResponse:
        against = await reasons()
        ready = Readiness(status="unready" if against else "ready", reasons=against)
        return json_response(ready, 503 if against else 200)

    return (
        Route(
            method="GET",
            path="/healthz",
            handle=healthz,
            summary="Is the process alive?",
            tag=tag,
            answers={200: Health},
        ),
        Route(
            method="GET",
            path="/readyz",
            handle=readyz,
            summary=question,
            tag=tag,
            answers={200: Readiness, 503: Readiness},
        ),
    )


def health_routes(
    service: Service,
    listeners: Callable[[], Mapping[str, bool]],
    stopping: asyncio.Event,
    exposition: Callable[[], tuple[str, bytes] | Awaitable[tuple[str, bytes]]],
) -> Iterable[Route]:
    """The three addresses. ``listeners`` says which are bound, ``exposition`` makes the text of the metrics."""

    async def against() -> list[str]:
        reasons = [f"{name} is not listening" for name, bound in listeners().items() if not bound]
        if stopping.is_set():
            reasons.append("the server is stopping")
        if service.broken is not None:
            reasons.append("the ledger is broken")
        else:
            try:
                if not await service.journal.is_writable():
                    reasons.append("the ledger cannot be written")
            except StorageError:
                reasons.append("the ledger cannot be asked")
        return reasons

    async def metrics(_call: Call) -> web.StreamResponse:
        told = exposition()
        content_type, text = told if isinstance(told, tuple) else await told
        return body_response(text, content_type)

    return (
        *signs_of_life("Could a document be accepted now?", against, "health"),
        Route(
            method="GET",
            path="/metrics",
            handle=metrics,
            summary="Figures for Prometheus",
            tag="health",
            answers={200: None},
            media="text/plain",
        ),
    )
