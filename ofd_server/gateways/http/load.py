"""How much waits ahead of the commit, second by second: for whoever made the load, and wants to know what it did.

The rule: looking costs nothing but the answer; nobody is counted who did not ask.
"""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web
from typing_extensions import TypedDict

from ofd_server.admission import MS
from ofd_server.gateways.http.answers import json_response
from ofd_server.gateways.http.routes import Call, Route
from ofd_server.service import Service


class SecondView(TypedDict):
    """A second in which something was committed: when it began, and the most documents that were ahead of a commit."""

    at: int
    queue_peak: int


class LoadView(TypedDict):
    """``queue`` documents wait for their commit now; ``rate`` become durable in a second when there are enough, null
    until that is known; ``waiting`` registers were told when to come; ``put_off`` is how often somebody was, in all.
    ``seconds`` are those of the last quarter of an hour, oldest first.
    """

    paced: bool
    storm: bool
    queue: int
    rate: float | None
    waiting: int
    put_off: int
    seconds: list[SecondView]


def load_routes(service: Service) -> Iterable[Route]:
    """The one address."""

    async def load(_call: Call) -> web.StreamResponse:
        admission = service.admission
        assert admission is not None, "an operator that listens has one"
        pacer = admission.pacer
        return json_response(
            LoadView(
                paced=pacer is not None,
                storm=pacer is not None and pacer.is_storm,
                queue=admission.ahead(),
                rate=None if admission.rate is None else round(admission.rate, 1),
                waiting=0 if pacer is None else pacer.waiting,
                put_off=admission.put_off,
                seconds=[SecondView(at=at * MS, queue_peak=peak) for at, peak in admission.peaks.seconds],
            )
        )

    return (
        Route(
            method="GET",
            path="/api/v1/load",
            handle=load,
            summary="What waits ahead of the commit, and who was asked to come later",
            tag="health",
            answers={200: LoadView},
        ),
    )
