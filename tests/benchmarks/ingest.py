"""Ingest: receipts of three items over 1,000 and 5,000 native connections, against a bare echo of the same frames.

The server has one core, the client the other. Each round runs the echo, the durable ledger (SQLite, every answer after
its fsync) and the ledger in memory, each in a new process and, where it has one, a new folder. The client is the same
for all of them and composes each document when it sends it. A second echo gets frames that were made beforehand: what
sockets alone can carry when the client does next to nothing.

Measured is from when each has sold twice: the first document of a shift is decided more slowly than those behind it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from tests.benchmarks.figures import Aim, Figure, Rounds
from tests.benchmarks.machine import Process, cores, folder
from tests.benchmarks.servers import echo, operator

CONNECTIONS: Final = 1_000
MANY: Final = 5_000
RATE_AIM: Final = 22_000
RATIO_AIM: Final = 0.45
BEFOREHAND: Final = 1_200
"""Frames that are made beforehand; an echo gets them again and again."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one server did in one round."""

    rate: float
    p50_ms: float
    p99_ms: float
    server_busy: float
    client_busy: float


def measure(server: Process, address: str, **order: Any) -> Round:
    """Let the registers of ``order`` talk to the server; :class:`RuntimeError` when an answer was wrong."""
    client_module = order.pop("client", "traffic")
    asked = {"address": address, **order}
    with Process(["-m", f"tests.benchmarks.{client_module}", json.dumps(asked)], cores()[1]) as client:
        client.line()
        before = server.cpu_seconds()
        result = client.line()
        used = server.cpu_seconds() - before
    if result["wrong"] or result["used_up"]:
        raise RuntimeError(f"the round is not valid: {result}")
    return Round(result["rate"], result["p50_ms"], result["p99_ms"], used / result["seconds"], result["busy"])


def run(quick: bool) -> list[Figure]:
    """The figures of ingest."""
    load = {"connections": CONNECTIONS, "warmup_s": 1.0, "seconds": 2.0 if quick else 6.0}
    load["warmup_answers"] = 2 * CONNECTIONS
    more = {**load, "connections": MANY, "warmup_answers": 2 * MANY}
    echoes: list[Round] = []
    light: list[Round] = []
    durable: list[Round] = []
    memory: list[Round] = []
    many_echoes: list[Round] = []
    many: list[Round] = []
    for _ in range(1 if quick else 3):
        with echo() as server:
            address = server.line()["native"]
            echoes.append(measure(server, address, **load, is_echo=True))
            light.append(measure(server, address, **load, is_echo=True, beforehand=True, documents=BEFOREHAND))
            many_echoes.append(measure(server, address, **more, is_echo=True))
        with folder() as data, operator(data) as server:
            durable.append(measure(server, server.line()["native"], **load))
        with folder() as data, operator(data) as server:
            many.append(measure(server, server.line()["native"], **more))
        with operator(None) as server:
            memory.append(measure(server, server.line()["native"], **load))
    reference = Rounds(tuple(each.rate for each in echoes))
    aims = (Aim("at least", RATE_AIM, "figure"), Aim("at least", RATIO_AIM, "ratio"))
    against = "bare echo of the same frames from the same client"
    return [
        Figure(
            name="ingest, durable (SQLite, fsync before every answer)",
            unit="documents/s",
            measured=Rounds(tuple(each.rate for each in durable)),
            against=against,
            reference=reference,
            aims=aims,
            notes=notes(durable, echoes),
        ),
        Figure(
            name=f"ingest, durable, {MANY:,} connections",
            unit="documents/s",
            measured=Rounds(tuple(each.rate for each in many)),
            against=against,
            reference=Rounds(tuple(each.rate for each in many_echoes)),
            aims=aims,
            notes=notes(many, many_echoes),
        ),
        Figure(
            name="ingest, ledger in memory (what storage costs is the difference)",
            unit="documents/s",
            measured=Rounds(tuple(each.rate for each in memory)),
            against=against,
            reference=reference,
            notes=notes(memory, echoes),
        ),
        Figure(
            name="echo of frames made beforehand",
            unit="documents/s",
            measured=Rounds(tuple(each.rate for each in light)),
        ),
    ]


def notes(rounds: list[Round], references: list[Round], reference: str = "the echo") -> list[str]:
    """Latency, load and cost of these rounds, beside those of the reference."""

    def busy(of: list[Round]) -> str:
        server = Rounds(tuple(each.server_busy * 100 for each in of)).text()
        client = Rounds(tuple(each.client_busy * 100 for each in of)).text()
        return f"server core {server} %, client core {client} %"

    def cost(of: list[Round]) -> str:
        return Rounds(tuple(each.server_busy / each.rate * 1e6 for each in of)).text()

    p50 = Rounds(tuple(each.p50_ms for each in rounds)).text()
    p99 = Rounds(tuple(each.p99_ms for each in rounds)).text()
    return [
        f"latency   p50 {p50} ms, p99 {p99} ms",
        f"busy      {busy(rounds)}; with {reference}: {busy(references)}",
        f"cost      {cost(rounds)} us of the server's processor a document; with {reference}: {cost(references)}",
    ]
