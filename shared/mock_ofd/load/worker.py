"""One generator: a process with many registers. ``python -P -m mock_ofd.load.worker``, told over its standard input.

The rule: first everything is made that can be made beforehand, then the collector of garbage is switched off, then
nothing happens but sending. Each second it says what it counted; at the end, everything.
"""

from __future__ import annotations

import asyncio
import gc
import ipaddress
import os
import sys
import threading
import time
from collections.abc import Coroutine
from pathlib import Path
from random import Random
from typing import Any, Final

from fiscal.errors import FiscalError
from fiscal.time import SECOND
from kkt_client.core.registration import Registration
from kkt_client.fleet.driver import SOURCE_MAX, Driver
from kkt_client.fleet.register import FleetRegister, Habits
from kkt_client.fleet.state import FleetState
from mock_ofd.load.book import Book
from mock_ofd.load.limits import allow_connections
from mock_ofd.load.protocols import Address, Speech, speech_of
from mock_ofd.load.sales import PROFILE, sold
from mock_ofd.load.scenario import Scenario, scenario_of
from mock_ofd.load.store import Store
from mock_ofd.load.talk import Failed, Go, Made, Message, Order, Stop, decode, encode
from mock_ofd.load.tally import Counts

TELL_S: Final = 0.25
"""While documents are made, how many there are is told so often."""
LOOK_S: Final = 0.02
"""Whether everybody is done is looked at so often: the end of a run is told to this exactness of waiting, its figures to
the microsecond."""
ORPHAN_S: Final = 3.0
"""How long a generator whose run is gone may take to end."""


class Worker:
    """The process."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._inbox: asyncio.Queue[Message | None] = asyncio.Queue()
        self._stopped = asyncio.Event()
        self._loop.set_exception_handler(self._broke)
        threading.Thread(target=self._listen, name="run", daemon=True).start()

    def _listen(self) -> None:
        """Hand over what the run says; at the end of it see to it that this process ends, too."""
        with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as run:
            for line in run:
                self._loop.call_soon_threadsafe(self._take, decode(line))
        self._loop.call_soon_threadsafe(self._take, None)
        time.sleep(ORPHAN_S)
        os._exit(1)

    def _take(self, message: Message | None) -> None:
        if message is None or isinstance(message, Stop):
            self._stopped.set()
        self._inbox.put_nowait(message)

    def _broke(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What nobody caught is a defect of the generator: the run must not go on as if it were load."""
        error = context.get("exception")
        text = context["message"] if error is None else f"{type(error).__name__}: {error}"
        tell(Failed(text=f"a generator broke: {text}"))
        self._stopped.set()

    async def run(self) -> None:
        order = await self._inbox.get()
        if not isinstance(order, Order):
            return
        scenario = scenario_of(order.scenario)
        folder = Path(order.folder)
        speech = speech_of(scenario, order.run)
        store = Store(folder / f"{order.name}.contents")
        try:
            if not await self._make(order, scenario, store):
                return
            with Book(folder / f"{order.name}.book", store.counts(), create=True) as book:
                tell(Made(done=store.documents, documents=store.counts()))
                go = await self._inbox.get()
                if isinstance(go, Go):
                    await self._storm(order, scenario, speech, store, book, go)
        finally:
            store.close()

    async def _make(self, order: Order, scenario: Scenario, store: Store) -> bool:
        told = time.monotonic()
        for place in range(order.first, order.until):
            store.add(sold(scenario, place, order.begin, order.end))
            if time.monotonic() - told > TELL_S:
                told = time.monotonic()
                tell(Made(done=store.documents))
                await asyncio.sleep(0)
                if self._stopped.is_set():
                    return False
        store.seal()
        return True

    async def _storm(self, order: Order, scenario: Scenario, speech: Speech, store: Store, book: Book, go: Go) -> None:
        counts = Counts(book, store, scenario.answer_limit_s)
        counts.restored = go.at
        wall = time.time() - time.monotonic()
        if scenario.is_steady:
            store.begin = order.begin
            begin = go.at - order.begin / SECOND
            issued = store.issued
            store.due_at = lambda at: begin + issued[at] / SECOND
        chance = Random(f"returns {scenario.seed} {order.first}")
        habits = Habits(store, scenario.backoff, chance, counts, wall)
        address = (go.host, go.port)
        registers = [
            _register(place, order, scenario, speech, store, habits, address) for place in range(book.registers)
        ]
        allow_connections(len(registers))
        driver = Driver(go.host, go.port, registers, sources_for(go.host, len(registers)))
        gc.collect()
        gc.freeze()
        gc.disable()
        used = time.process_time()
        for register in registers:
            register.begin(go.at + (0.0 if scenario.is_steady else scenario.knock_s(chance.random())))
        driver.start()
        complete = await self._watch(scenario, counts, driver, len(registers))
        used = time.process_time() - used
        for place, register in enumerate(registers):
            book.sent[place] = register.sent
        sent = sum(book.sent)
        await driver.close()
        counts.first_connect = driver.first_connect
        tell(counts.end(complete=complete, sent=sent, connects=driver.connects, cpu_s=used))

    async def _watch(self, scenario: Scenario, counts: Counts, driver: Driver, registers: int) -> bool:
        """Tell each second until everybody rests; whether they did."""
        at_s, until = 0, counts.restored + scenario.end_after_s
        while True:
            now = time.monotonic()
            resting = counts.resting == registers
            if now >= counts.restored + at_s + 1 or resting or self._stopped.is_set() or now > until:
                tell(counts.second(at_s, driver.connects, driver.connected))
                at_s += 1
                if resting or self._stopped.is_set() or now > until:
                    return resting
            await asyncio.sleep(LOOK_S)


def _register(
    place: int, order: Order, scenario: Scenario, speech: Speech, store: Store, habits: Habits, address: Address
) -> FleetRegister:
    name = speech.register_id(order.first + place)
    state = FleetState(name, order.begin)
    if not scenario.is_steady:
        count, shift = store.last(place)
        state.came_offline(count, shift, count, order.begin)
    whose = Registration(register=name, token=speech.token, profile=PROFILE, protocol=scenario.protocol.value)
    return FleetRegister(place, whose, state, speech.make(state, habits, address), habits)


def sources_for(host: str, registers: int) -> tuple[str, ...]:
    """Addresses of our own to connect from: those of the loopback, where one has too few ports."""
    try:
        is_loopback = ipaddress.ip_address(host) in ipaddress.ip_network("127.0.0.0/8")
    except ValueError:
        is_loopback = False
    if registers <= SOURCE_MAX or not is_loopback or sys.platform != "linux":
        return ()
    return tuple(f"127.0.0.{place}" for place in range(1, -(-registers // SOURCE_MAX) + 1))


def tell(message: Message) -> None:
    """Say it, whole and at once."""
    sys.stdout.buffer.write(encode(message))
    sys.stdout.buffer.flush()


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run on uvloop where there is one."""
    try:
        import uvloop  # noqa: PLC0415 - there is none on every system
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)


async def main() -> None:
    try:
        await Worker().run()
    except (FiscalError, OSError) as error:
        tell(Failed(text=str(error)))


if __name__ == "__main__":
    run(main())
    sys.stdout.flush()
    os._exit(0)  # the thread that listens would wait for the run
