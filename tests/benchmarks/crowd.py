"""Connections that are half open: a process of its own that holds them, and opens anew what the operator closes.

A third says nothing at all, a third stops in the middle of its hello, a third greets and stops in the middle of its
first document.
"""

from __future__ import annotations

import asyncio
import json
import sys
from functools import partial
from typing import cast

from tests.benchmarks.frames import hello, receipts
from tests.benchmarks.loops import run


class HalfOpen(asyncio.Protocol):
    """One of them."""

    def __init__(self, crowd: Crowd, place: int) -> None:
        self.crowd = crowd
        self.place = place

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        greeting = hello(f"half-open-{self.place}")
        match self.place % 3:
            case 1:
                self.transport.write(greeting[: len(greeting) // 2])
            case 2:
                self.transport.write(greeting + self.crowd.half_document)

    def connection_lost(self, exc: Exception | None) -> None:
        self.crowd.open(self.place)


class Crowd:
    """All of them."""

    def __init__(self, address: str) -> None:
        self.host, _, port = address.rpartition(":")
        self.port = int(port)
        document = receipts(1)[0]
        self.half_document = document[: len(document) // 2]
        self.opening: set[asyncio.Task[object]] = set()

    def open(self, place: int) -> None:
        loop = asyncio.get_running_loop()
        made = loop.create_connection(partial(HalfOpen, self, place), self.host, self.port)
        task: asyncio.Task[object] = loop.create_task(made)
        self.opening.add(task)
        task.add_done_callback(self.opening.discard)


async def main(address: str, connections: int) -> None:
    crowd = Crowd(address)
    for place in range(connections):
        crowd.open(place)
    while crowd.opening:
        await asyncio.wait(tuple(crowd.opening))
    print(json.dumps({"event": "begin"}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)


if __name__ == "__main__":
    run(main(sys.argv[1], int(sys.argv[2])))
