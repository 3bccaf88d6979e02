"""A register's way back over the Kazakhstan protocol: a backlog of autonomous tickets over one connection, in order, each
kept on both sides before the next one leaves, against the commits and the echo that nobody can save.

The register has its fiscal memory and the operator its ledger in SQLite on the same disk, each on a core of its own.
"""

from __future__ import annotations

import socket
from contextlib import ExitStack
from typing import Any, Final

from tests.benchmarks.figures import Aim, Figure, Rounds
from tests.benchmarks.machine import Process, cores, folder
from tests.benchmarks.servers import echo, operator

TICKETS: Final = 1_000
RATIO_AIM: Final = 0.4


def run(quick: bool) -> list[Figure]:
    """The figure of a backlog."""
    rounds = [_drain(TICKETS) for _ in range(1 if quick else 5)]
    commits = Rounds(tuple(each["commits"] for each in rounds)).text()
    return [
        Figure(
            name=f"backlog of {TICKETS:,} tickets over the Kazakhstan protocol",
            unit="tickets/s",
            measured=Rounds(tuple(each["rate"] for each in rounds)),
            against="2 commits of one row + 1 echo, in sequence",
            reference=Rounds(tuple(each["turns"] for each in rounds)),
            aims=(Aim("at least", RATIO_AIM, "ratio"),),
            notes=[f"commits   {commits} of the register a ticket, and one of the operator"],
        )
    ]


def _drain(tickets: int) -> dict[str, Any]:
    with folder() as data, operator(data / "ledger", "kz") as server, echo() as mirror, ExitStack() as held:
        # Bound and not listening: nobody else gets the port, and every connection is refused.
        shut = held.enter_context(socket.socket())
        shut.bind(("127.0.0.1", 0))
        addresses = [f"kz://127.0.0.1:{shut.getsockname()[1]}", f"kz://{server.line()['kz']}", mirror.line()["native"]]
        order = ["-m", "tests.benchmarks.kz_drainer", str(data), *addresses, str(tickets)]
        with Process(order, cores()[1]) as drainer:
            result = drainer.line()
    if result["unsent"] != tickets or result["delivered"] != tickets or not result["in_order"]:
        raise RuntimeError(f"the round is not valid: {result}")
    return result
