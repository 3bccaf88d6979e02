"""Selling: how long ``CashRegister.sell`` takes, online and with the link known to be down.

Everything durable is on the same disk. Online the sale is put beside the work that nobody can save: three commits of
one row, one after the other, and one echo. Autonomous it is put beside one such commit.
"""

from __future__ import annotations

import socket
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from tests.benchmarks.figures import Aim, Figure, Rounds
from tests.benchmarks.machine import Process, cores, folder
from tests.benchmarks.seller import NO_ECHO
from tests.benchmarks.servers import echo, operator
from tests.benchmarks.traffic import percentile

SALES: Final = 300
ONLINE_AIM: Final = 4.0
ALONE_AIM: Final = 5.0


@dataclass(frozen=True, slots=True)
class Round:
    """Milliseconds of the sales of one round and of its reference."""

    p50: float
    p99: float
    reference_p50: float
    reference_p99: float


def run(quick: bool) -> list[Figure]:
    """The figures of selling."""
    online: list[Round] = []
    alone: list[Round] = []
    sales = SALES // 5 if quick else SALES
    for _ in range(1 if quick else 5):
        online.append(_online(sales))
        alone.append(_alone(sales))
    return [
        *_figures("sell online", online, "3 commits of one row + 1 echo, in sequence", ONLINE_AIM),
        *_figures("sell with the link known to be down", alone, "1 commit of one row", ALONE_AIM),
    ]


def _figures(name: str, rounds: list[Round], against: str, aim: float) -> list[Figure]:
    return [
        Figure(
            name=f"{name}, p50",
            unit="ms",
            measured=Rounds(tuple(each.p50 for each in rounds)),
            against=against,
            reference=Rounds(tuple(each.reference_p50 for each in rounds)),
            aims=(Aim("at most", aim, "ratio"),),
        ),
        Figure(
            name=f"{name}, p99",
            unit="ms",
            measured=Rounds(tuple(each.p99 for each in rounds)),
            against=against,
            reference=Rounds(tuple(each.reference_p99 for each in rounds)),
        ),
    ]


def _online(sales: int) -> Round:
    with folder() as data, operator(data / "ledger") as server, echo() as mirror:
        addresses = (f"native://{server.line()['native']}", mirror.line()["native"])
        return _sell(str(data), *addresses, sales, autonomous=False)


def _alone(sales: int) -> Round:
    with folder() as data, ExitStack() as held:
        # Bound and not listening: nobody else gets the port, and every connection is refused.
        shut = held.enter_context(socket.socket())
        shut.bind(("127.0.0.1", 0))
        return _sell(str(data), f"native://127.0.0.1:{shut.getsockname()[1]}", NO_ECHO, sales, autonomous=True)


def _sell(data: str, address: str, mirror: str, sales: int, *, autonomous: bool) -> Round:
    with Process(["-m", "tests.benchmarks.seller", data, address, mirror, str(sales)], cores()[1]) as seller:
        result = seller.line()
    sold, turns = sorted(result["sold"]), sorted(result["turns"])
    if result["autonomous"] != (len(sold) if autonomous else 0):
        raise RuntimeError(f"{result['autonomous']} of {len(sold)} receipts were autonomous")
    return Round(percentile(sold, 0.5), percentile(sold, 0.99), percentile(turns, 0.5), percentile(turns, 0.99))
