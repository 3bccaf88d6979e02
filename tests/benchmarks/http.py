"""HTTP: receipts of three items in msgpack over 1,000 kept connections, against aiohttp with a handler that reads the
same bodies and gives a fixed answer.

As :mod:`tests.benchmarks.ingest` does it: one core for the server, one for the client, everything in a new process. The
operator looks at every document, signs it, and has it durable before it answers; the bare handler does nothing with it.
"""

from __future__ import annotations

from typing import Final

from tests.benchmarks.figures import Aim, Figure, Rounds
from tests.benchmarks.ingest import CONNECTIONS, Round, measure, notes
from tests.benchmarks.machine import folder
from tests.benchmarks.servers import bare_http, operator

RATIO_AIM: Final = 0.5


def run(quick: bool) -> list[Figure]:
    """The figures of ingest over HTTP."""
    load = {"connections": CONNECTIONS, "warmup_s": 1.0, "seconds": 2.0 if quick else 6.0, "client": "http_traffic"}
    bare: list[Round] = []
    durable: list[Round] = []
    memory: list[Round] = []
    for _ in range(1 if quick else 3):
        with bare_http() as server:
            bare.append(measure(server, server.line()["http"], **load))
        with folder() as data, operator(data, "http") as server:
            durable.append(measure(server, server.line()["http"], **load))
        with operator(None, "http") as server:
            memory.append(measure(server, server.line()["http"], **load))
    reference = Rounds(tuple(each.rate for each in bare))
    against = "aiohttp with a handler that reads the same bodies"
    return [
        Figure(
            name="ingest over HTTP, durable (SQLite, fsync before every answer)",
            unit="documents/s",
            measured=Rounds(tuple(each.rate for each in durable)),
            against=against,
            reference=reference,
            aims=(Aim("at least", RATIO_AIM, "ratio"),),
            notes=notes(durable, bare, "bare aiohttp"),
        ),
        Figure(
            name="ingest over HTTP, ledger in memory",
            unit="documents/s",
            measured=Rounds(tuple(each.rate for each in memory)),
            against=against,
            reference=reference,
            notes=notes(memory, bare, "bare aiohttp"),
        ),
        cost_of("ingest over HTTP, durable, by the server's processor", durable, bare, against, 1 / RATIO_AIM),
    ]


def cost_of(name: str, rounds: list[Round], references: list[Round], against: str, bound: float) -> Figure:
    """Processor time a document, which a machine with other work on it falsifies less than a rate."""
    return Figure(
        name=name,
        unit="us",
        measured=Rounds(tuple(each.server_busy / each.rate * 1e6 for each in rounds)),
        against=against,
        reference=Rounds(tuple(each.server_busy / each.rate * 1e6 for each in references)),
        aims=(Aim("at most", bound, "ratio"),),
    )
