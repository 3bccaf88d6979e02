"""The registers of a benchmark: a process with many connections, each with one request on its way at a time.

The rule: a register composes each document when it sends it, as a till does, and reads whole frames by their length;
with ``beforehand`` its frames were made before the measurement, and it does as little as a client can. An answer is
known by its kind; answers that are no acceptance are counted.

It prints ``{"event": "begin"}`` when the measured time begins, and its result when that has ended.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, cast

from fiscal.protocols.native.messages import Kind
from tests.benchmarks.frames import composed, hello, receipts
from tests.benchmarks.loops import run

HEADER_SIZE: Final = 16
WARMING_S: Final = 60.0
"""The longest that a server is warmed up."""
CONNECTING: Final = 50
"""Connections that are made at the same time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked of the process; ``period_s`` 0 sends the next document as soon as the last was answered.

    The measurement begins after ``warmup_s``, and not before ``warmup_answers`` have come or :data:`WARMING_S` is over.
    ``documents`` is how many frames there are ``beforehand``; who composes its frames never runs out of them.
    """

    address: str
    connections: int
    warmup_s: float
    seconds: float
    warmup_answers: int = 0
    documents: int = 0
    beforehand: bool = False
    prefix: str = "bench"
    period_s: float = 0.0
    is_echo: bool = False
    idle: bool = False


class Run:
    """What all connections share."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.frames = receipts(order.documents) if order.beforehand else []
        self.accepted = int(Kind.DOCUMENT if order.is_echo else Kind.ACCEPTED)
        self.answers = 0
        self.wrong = 0
        self.latencies: list[float] = []
        self.ended = False
        self.used_up = False


class Register(asyncio.Protocol):
    """One connection."""

    __slots__ = ("asked_at", "due", "greeted", "number", "place", "rest", "run", "transport")

    def __init__(self, run: Run, place: int) -> None:
        self.run = run
        self.place = place
        self.number = 0
        self.rest = b""
        self.asked_at = 0.0
        self.due = 0.0
        self.greeted: asyncio.Future[None] | None = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(hello(f"{self.run.order.prefix}-{self.place}"))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.run.ended:
            self.run.wrong += 1

    def data_received(self, data: bytes) -> None:
        if self.rest:
            data = self.rest + data
            self.rest = b""
        size = len(data)
        if size < HEADER_SIZE or size < HEADER_SIZE + int.from_bytes(data[8:12], "big"):
            self.rest = data
            return
        run = self.run
        if self.greeted is not None:
            self.greeted.set_result(None)
            self.greeted = None
            return
        run.latencies.append(time.perf_counter() - self.asked_at)
        run.answers += 1
        if data[7] != run.accepted:
            run.wrong += 1
        if not run.ended:
            self.go_on()

    def go_on(self) -> None:
        period = self.run.order.period_s
        if not period:
            self.asked_at = time.perf_counter()
            self.send()
            return
        self.due += period
        wait = self.due - time.perf_counter()
        self.asked_at = self.due
        if wait > 0:
            asyncio.get_running_loop().call_later(wait, self.send)
        else:
            self.send()

    def send(self) -> None:
        run = self.run
        if not run.order.beforehand:
            self.number += 1
            self.transport.write(composed(self.number, time.time_ns() // 1_000_000))
            return
        if self.number == len(run.frames):
            if not run.order.is_echo:
                run.used_up = True
                return
            self.number = 0
        frame = run.frames[self.number]
        self.number += 1
        self.transport.write(frame)


async def connect(run: Run, kind: type[Register]) -> list[Register]:
    """All connections, greeted."""
    loop = asyncio.get_running_loop()
    host, _, port = run.order.address.rpartition(":")
    found: list[Register] = []
    while len(found) < run.order.connections:
        places = range(len(found), min(len(found) + CONNECTING, run.order.connections))
        made = await asyncio.gather(
            *(loop.create_connection(partial(kind, run, place), host, int(port)) for place in places)
        )
        batch = [protocol for _, protocol in made]
        await asyncio.gather(*(register.greeted for register in batch if register.greeted is not None))
        found.extend(batch)
    return found


def start(registers: Sequence[Register], period_s: float) -> None:
    """Let everybody send; those with a period begin evenly spread over it."""
    now = time.perf_counter()
    for place, register in enumerate(registers):
        register.due = now + period_s * place / len(registers)
        register.go_on()


def percentile(values: Sequence[float], part: float) -> float:
    """The value below which this part of the sorted values lies."""
    return values[min(len(values) - 1, int(len(values) * part))]


async def main(
    order: Order,
    kind: type[Register] = Register,
    connected: Callable[[Run, type[Any]], Awaitable[Sequence[Register]]] = connect,
) -> None:
    run = Run(order)
    registers = await connected(run, kind)
    gc.collect()
    gc.freeze()
    gc.disable()
    if order.idle:
        print(json.dumps({"event": "begin"}), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
        return
    start(registers, order.period_s)
    await asyncio.sleep(order.warmup_s)
    warm_at_last = time.perf_counter() + WARMING_S
    while run.answers < order.warmup_answers and time.perf_counter() < warm_at_last:  # noqa: ASYNC110 - answers come all the time
        await asyncio.sleep(0.05)
    print(json.dumps({"event": "begin"}), flush=True)
    run.latencies.clear()
    run.answers = 0
    begun, used = time.perf_counter(), time.process_time()
    await asyncio.sleep(order.seconds)
    seconds, used = time.perf_counter() - begun, time.process_time() - used
    answers, latencies = run.answers, sorted(run.latencies)
    run.ended = True
    result: dict[str, Any] = {
        "event": "end",
        "answers": answers,
        "seconds": seconds,
        "rate": answers / seconds,
        "wrong": run.wrong,
        "used_up": run.used_up,
        "busy": used / seconds,
        "p50_ms": percentile(latencies, 0.5) * 1e3,
        "p99_ms": percentile(latencies, 0.99) * 1e3,
    }
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    run(main(Order(**json.loads(sys.argv[1]))))
