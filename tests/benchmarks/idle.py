"""Idle: what a connected register that says nothing costs the operator in memory.

The resident memory of the server with a first few registers (so that everything is imported and warm) is taken from
that with all of them; nothing is sent but their hellos. The ledger is a durable one, as in production.
"""

from __future__ import annotations

import json
import time
from typing import Final

from tests.benchmarks.figures import Aim, Figure, Rounds
from tests.benchmarks.machine import Process, cores, folder
from tests.benchmarks.servers import operator

CONNECTIONS: Final = 5_000
FIRST: Final = 100
AIM_BYTES: Final = 10_000
QUIET_S: Final = 1.0
"""After the last hello: its commit has long returned."""


def run(quick: bool) -> list[Figure]:
    """The figure of idle connections."""
    found = [_bytes_per_register() for _ in range(1 if quick else 3)]
    return [
        Figure(
            name=f"memory of an idle connected register, at {CONNECTIONS:,}",
            unit="bytes",
            measured=Rounds(tuple(found)),
            aims=(Aim("at most", AIM_BYTES, "figure"),),
        )
    ]


def _bytes_per_register() -> float:
    with folder() as data, operator(data) as server:
        address = server.line()["native"]
        with _crowd(address, FIRST, "first") as first:
            first.line()
            time.sleep(QUIET_S)
            before = server.resident_bytes()
            with _crowd(address, CONNECTIONS, "idle") as crowd:
                crowd.line()
                time.sleep(QUIET_S)
                return (server.resident_bytes() - before) / CONNECTIONS


def _crowd(address: str, connections: int, prefix: str) -> Process:
    order = {
        "address": address,
        "connections": connections,
        "prefix": prefix,
        "warmup_s": 0,
        "seconds": 0,
        "idle": True,
    }
    return Process(["-m", "tests.benchmarks.traffic", json.dumps(order)], cores()[1])
