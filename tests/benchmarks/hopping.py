"""Registers that hop between nodes: after so many documents each closes its connection and greets the next node.

The addresses stand in the order one behind the other, with commas. What is counted is documents; the time that a hop
takes (connect, greet, be looked up) is time in which its register sends none.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Final

from tests.benchmarks.frames import composed
from tests.benchmarks.loops import run
from tests.benchmarks.traffic import CONNECTING, Order, Register, Run, main

STAY: Final = 20
"""Documents of a register on one node before it goes to the next."""


REQUEST_NUMBER: Final = (12, 16)
"""Where the number of a request stands in a frame."""


class Hopper(Register):
    """One register, which is at one node at a time."""

    __slots__ = ("addresses", "asked", "left", "opening")

    def __init__(self, run: Run, place: int) -> None:
        super().__init__(run, place)
        self.addresses = [address.rpartition(":") for address in run.order.address.split(",")]
        self.left = STAY
        self.asked = 0
        self.opening: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Go to the next node and greet it."""
        host, _, port = self.addresses[self.place % len(self.addresses)]
        self.addresses.append(self.addresses.pop(0))
        self.greeted = asyncio.get_running_loop().create_future()
        self.asked = 1  # the greeting
        await asyncio.get_running_loop().create_connection(lambda: self, host, int(port))
        await self.greeted

    def connection_lost(self, exc: Exception | None) -> None:
        if self.opening is None:
            super().connection_lost(exc)

    def go_on(self) -> None:
        if self.left:
            self.left -= 1
            super().go_on()
        else:
            self.left = STAY
            self.opening = asyncio.get_running_loop().create_task(self._hop())

    def send(self) -> None:
        """The next document: its number goes on at the next node, that of the request begins anew."""
        self.number += 1
        self.asked += 1
        frame = composed(self.number, time.time_ns() // 1_000_000)
        begin, end = REQUEST_NUMBER
        self.transport.write(frame[:begin] + self.asked.to_bytes(end - begin, "big") + frame[end:])

    async def _hop(self) -> None:
        self.transport.abort()
        await asyncio.sleep(0)  # the end of the old connection is heard before the new one begins
        await self.open()
        self.opening = None
        self.go_on()


async def connect(run: Run, kind: type[Hopper]) -> list[Register]:
    """All registers, half of them at each of two nodes."""
    found: list[Register] = []
    while len(found) < run.order.connections:
        places = range(len(found), min(len(found) + CONNECTING, run.order.connections))
        hoppers = [kind(run, place) for place in places]
        await asyncio.gather(*(hopper.open() for hopper in hoppers))
        found.extend(hoppers)
    return found


if __name__ == "__main__":
    run(main(Order(**json.loads(sys.argv[1])), Hopper, connect))
