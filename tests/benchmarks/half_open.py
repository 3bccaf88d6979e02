"""Half-open: the answer time of 100 good registers with and without 500 connections that never finish a frame.

The good registers send at a steady pace, and an answer's time counts from when its request was due, so that a server
that stands still for a moment is seen. Both halves of a round talk to a new server with a durable ledger.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Final

from tests.benchmarks.figures import Aim, Figure, Rounds
from tests.benchmarks.ingest import measure
from tests.benchmarks.machine import Process, cores, folder
from tests.benchmarks.servers import operator

GOOD: Final = 100
HALF_OPEN: Final = 500
PERIOD_S: Final = 0.1
"""A document of each good register every 100 ms: 1,000 a second, far from what the server can do."""
RATIO_AIM: Final = 1.2


def run(quick: bool) -> list[Figure]:
    """The figure of half-open connections."""
    alone: list[float] = []
    beside: list[float] = []
    for _ in range(1 if quick else 5):
        alone.append(_p99_ms(0, quick=quick))
        beside.append(_p99_ms(HALF_OPEN, quick=quick))
    return [
        Figure(
            name=f"p99 of {GOOD} good registers beside {HALF_OPEN} half-open connections",
            unit="ms",
            measured=Rounds(tuple(beside)),
            against="the same without them",
            reference=Rounds(tuple(alone)),
            aims=(Aim("at most", RATIO_AIM, "ratio"),),
        )
    ]


def _p99_ms(half_open: int, *, quick: bool) -> float:
    with folder() as data, operator(data) as server, ExitStack() as crowd:
        address = server.line()["native"]
        if half_open:
            held = Process(["-m", "tests.benchmarks.crowd", address, str(half_open)], cores()[1])
            crowd.enter_context(held).line()
        load = {"connections": GOOD, "period_s": PERIOD_S, "warmup_s": 1.0, "seconds": 2.0 if quick else 6.0}
        return measure(server, address, **load).p99_ms
