"""Ingest over the Kazakhstan protocol: tickets of three items over 1,000 connections, one device each, against a bare
echo of the same frames.

As :mod:`tests.benchmarks.ingest` does it: one core for the server, one for the client, everything in a new process, and
the client composes each ticket when it sends it, with the token of the answer before. Measured is from when each has sold
three times: the first ticket registers its device, and the second brings the first figures of a shift.
"""

from __future__ import annotations

from typing import Final

from tests.benchmarks.figures import Aim, Figure, Rounds
from tests.benchmarks.ingest import CONNECTIONS, Round, measure, notes
from tests.benchmarks.machine import folder
from tests.benchmarks.servers import echo, operator

RATE_AIM: Final = 12_000
RATIO_AIM: Final = 0.3


def run(quick: bool) -> list[Figure]:
    """The figures of tickets."""
    load = {"connections": CONNECTIONS, "warmup_s": 1.0, "seconds": 2.0 if quick else 6.0, "client": "kz_traffic"}
    load["warmup_answers"] = 3 * CONNECTIONS
    echoes: list[Round] = []
    durable: list[Round] = []
    memory: list[Round] = []
    for _ in range(1 if quick else 3):
        with echo() as server:
            echoes.append(measure(server, server.line()["native"], **load, is_echo=True))
        with folder() as data, operator(data, "kz") as server:
            durable.append(measure(server, server.line()["kz"], **load))
        with operator(None, "kz") as server:
            memory.append(measure(server, server.line()["kz"], **load))
    reference = Rounds(tuple(each.rate for each in echoes))
    against = "bare echo of the same frames from the same client"
    return [
        Figure(
            name="tickets over the Kazakhstan protocol, durable",
            unit="tickets/s",
            measured=Rounds(tuple(each.rate for each in durable)),
            against=against,
            reference=reference,
            aims=(Aim("at least", RATE_AIM, "figure"), Aim("at least", RATIO_AIM, "ratio")),
            notes=notes(durable, echoes),
        ),
        Figure(
            name="tickets over the Kazakhstan protocol, ledger in memory",
            unit="tickets/s",
            measured=Rounds(tuple(each.rate for each in memory)),
            against=against,
            reference=reference,
            notes=notes(memory, echoes),
        ),
    ]
