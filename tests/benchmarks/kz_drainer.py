"""One register that has sold without its operator and comes back, and what its way is measured against: a process of a
benchmark.

``python -m tests.benchmarks.kz_drainer FOLDER SHUT OPERATOR ECHO TICKETS`` sells as many tickets to an address where nobody
listens, then opens the same memory with the operator's address and waits until everything is delivered. A turn of the
reference is what one ticket cannot do without: a one-row commit on each side and an echo of its frame, one after the
other. Half of the turns come before the way and half behind it, so that a slower moment of the machine hits both.

It prints the tickets and the turns that a second had, how many commits the register made for them, and whether they went
out in the order in which they were issued.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Final

from fiscal.domain.lifecycle import DocumentState
from kkt_client import Basket, CashRegister, Line
from kkt_client.config import RegisterSettings
from kkt_client.core.events import DocumentMoved, Event
from kkt_client.storage.sqlite import SqliteFiscalMemory
from tests.benchmarks.frames import GOODS, PRICE
from tests.benchmarks.kz_traffic import ZONE, ticket
from tests.benchmarks.loops import run
from tests.benchmarks.seller import Reference

COMMITS: Final = 2
"""Of a ticket that is delivered: the operator keeps it, the register keeps the answer and what the next one goes with."""
BASKET: Final = Basket(lines=tuple(Line(name=name, price=PRICE) for name in GOODS))
SETTINGS: Final = RegisterSettings(sale_budget_s=1.0)
LIMIT_S: Final = 300.0


class Counted:
    """What happens on the way: when each ticket was delivered, and the commits of the register until then."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.moments: list[float] = []
        self.commits: list[int] = []
        self.made = 0

    def take(self, event: Event) -> None:
        """An event of the register; a document is delivered once."""
        if isinstance(event, DocumentMoved) and event.state is DocumentState.DELIVERED_AUTONOMOUS:
            self.numbers.append(event.number)
            self.moments.append(time.perf_counter())
            self.commits.append(self.made)


def count_commits(counted: Counted) -> None:
    """Have every commit of a fiscal memory of this process counted."""
    append = SqliteFiscalMemory.append

    async def counting(self: SqliteFiscalMemory, *args: object) -> None:
        counted.made += 1
        await append(self, *args)  # type: ignore[arg-type]

    SqliteFiscalMemory.append = counting  # type: ignore[method-assign, assignment]


async def turns(reference: Reference, count: int) -> float:
    """Seconds of so many turns."""
    begun = time.perf_counter()
    for _ in range(count):
        await reference.turn()
    return time.perf_counter() - begun


async def main(folder: Path, shut: str, operator: str, echo: str, tickets: int) -> None:
    reference = Reference(folder, ticket(datetime.now(ZONE)), COMMITS)
    await reference.connect(echo)
    async with CashRegister.open(folder / "register", operator=shut, settings=SETTINGS) as register:
        for _ in range(tickets):
            await register.sell(BASKET)
        unsent = register.status().unsent
    counted = Counted()
    count_commits(counted)
    gc.collect()
    await turns(reference, tickets // 10)
    before = await turns(reference, tickets // 2)
    opening = CashRegister.open(folder / "register", operator=operator, settings=SETTINGS, on_event=counted.take)
    async with opening as register:
        await register.sync(LIMIT_S)
    after = await turns(reference, tickets // 2)
    delivered = len(counted.moments) - 1  # from the first one on: who connects, and how long that takes, is not asked
    result = {
        "unsent": unsent,
        "delivered": len(counted.numbers),
        "in_order": counted.numbers == sorted(set(counted.numbers)),
        "rate": delivered / (counted.moments[-1] - counted.moments[0]),
        "turns": (tickets // 2) * 2 / (before + after),
        "commits": (counted.commits[-1] - counted.commits[0]) / delivered,
    }
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5])))
