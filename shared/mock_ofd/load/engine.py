"""A run of load from its beginning to its result.

The rule: everything that is started is ended, whatever happens; and a run that is stopped says what it has proven so
far. What a run needs of the disk lies in one folder, which goes with it.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from fiscal.time import SECOND
from mock_ofd.load import queue, reference
from mock_ofd.load.book import Book
from mock_ofd.load.crew import Generator
from mock_ofd.load.ledger import ledger_of
from mock_ofd.load.limits import allow_connections
from mock_ofd.load.merging import Sums
from mock_ofd.load.operator import Operator
from mock_ofd.load.protocols import speech_of
from mock_ofd.load.result import LoadFailed, Phase, Progress, Result, ServerCost, Tick
from mock_ofd.load.scenario import Scenario
from mock_ofd.load.talk import Failed, Go, Made, Message, Order, Second
from mock_ofd.load.verdict import Kept, Side, Verdict, judge

COUNTDOWN_S: Final = 0.5
"""From the word to the moment when the link is back: every generator has heard it by then."""

Tell = Callable[[Progress], None]


async def run(scenario: Scenario, *, tell: Tell, stop: asyncio.Event) -> Result:
    """Run the scenario; ``stop`` ends it early and in order. :class:`LoadFailed` when it cannot begin or go on."""
    with tempfile.TemporaryDirectory(prefix="mock-ofd-load-", ignore_cleanup_errors=True) as folder:
        return await _Run(scenario, Path(folder), tell, stop).run()


class _Run:
    def __init__(self, scenario: Scenario, folder: Path, tell: Tell, stop: asyncio.Event) -> None:
        self._scenario = scenario
        self._folder = folder
        self._tell = tell
        self._stop = stop
        self._name = f"{int(time.time() * SECOND):x}"
        self._made: dict[str, int] = {}
        self._documents: dict[str, list[int]] = {}
        self._changed = asyncio.Event()
        self._sums = Sums(scenario.generators, self._told)
        self._phase = Phase.PREPARING
        self._peaks: queue.Peaks | None = None
        self._restored_at = 0.0
        data = self._folder / "ledger" if scenario.data is None else Path(scenario.data)
        self._data = data
        self._operator = (
            None if scenario.target is not None else Operator(scenario, data, self._folder / "operator.log")
        )
        self._crew: list[Generator] = []

    async def run(self) -> Result:
        allow_connections(self._scenario.registers if self._operator is not None else 0)
        now = int(time.time() * SECOND)
        sells_ms = int(self._scenario.sells_s * SECOND)
        begin = now if self._scenario.is_steady else now - sells_ms
        try:
            self._crew = [
                Generator(order, self._folder, self._hear, self._changed.set)
                for order in self._orders(begin, begin + sells_ms)
            ]
            for generator in self._crew:
                await generator.start()
            await self._until(lambda: len(self._documents) == len(self._crew))
            if self._stop.is_set():
                return await self._conclude(None, None, None)
            echo = await self._reference(begin + sells_ms)
            host, port = await self._operator_at()
            await self._storm(host, port)
            if self._operator is not None:
                self._peaks = await queue.ask(self._operator.http)
            cost = None if self._operator is None else self._operator.cost()
            return await self._conclude(echo, cost, self._folder)
        finally:
            await asyncio.gather(*(generator.stop() for generator in self._crew))
            if self._operator is not None:
                await self._operator.stop()

    def _orders(self, begin: int, end: int) -> list[Order]:
        scenario = self._scenario
        share, rest = divmod(scenario.registers, scenario.generators)
        orders, first = [], 0
        for place in range(scenario.generators):
            until = first + share + (place < rest)
            orders.append(
                Order(
                    scenario=scenario.plain(),
                    first=first,
                    until=until,
                    folder=str(self._folder),
                    name=f"generator-{place}",
                    run=self._name,
                    begin=begin,
                    end=end,
                )
            )
            first = until
        return orders

    # ------------------------------------------------------------------------------------------------------- phases

    async def _reference(self, end: int) -> float | None:
        if self._operator is None or not self._scenario.reference:
            return None
        self._enter(Phase.REFERENCE, 0)
        return await reference.measure(self._scenario, end)

    async def _operator_at(self) -> tuple[str, int]:
        if self._operator is None:
            return self._scenario.address
        await self._operator.start()
        self._operator.mark()
        return self._operator.host, self._operator.port

    async def _storm(self, host: str, port: int) -> None:
        planned = sum(map(sum, self._documents.values()))
        self._sums.planned = planned
        self._sums.restored = time.monotonic() + COUNTDOWN_S
        self._restored_at = time.time() + COUNTDOWN_S
        self._enter(Phase.STEADY if self._scenario.is_steady else Phase.STORM, planned)
        for generator in self._crew:
            generator.say(Go(at=self._sums.restored, host=host, port=port))
        await self._until(lambda: all(generator.end is not None for generator in self._crew))
        await asyncio.gather(*(generator.stop() for generator in self._crew))

    async def _until(self, done: Callable[[], bool]) -> None:
        """Wait for this, or for the word to stop; :class:`LoadFailed` when a generator cannot go on."""
        stopping = asyncio.create_task(self._stop.wait())
        try:
            while not done() and not stopping.done():
                self._changed.clear()
                waiting = asyncio.create_task(self._changed.wait())
                await asyncio.wait([waiting, stopping], return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                for generator in self._crew:
                    generator.check()
        finally:
            stopping.cancel()

    async def _conclude(self, echo: float | None, cost: ServerCost | None, folder: Path | None) -> Result:
        verdict: Verdict | None = None
        if folder is not None:
            if self._operator is not None:
                await self._operator.stop()
            verdict = await self._judge()
        ends = [generator.end for generator in self._crew if generator.end is not None]
        complete = len(ends) == len(self._crew) and all(end.complete for end in ends) and verdict is not None
        result = self._sums.result(
            self._scenario,
            ends,
            verdict,
            complete=complete and not self._stop.is_set(),
            has_ledger=self._has_ledger,
            echo=echo,
            cost=cost,
        )
        peaks = self._peaks
        if peaks is None:
            return result
        ticks = queue.with_queue(result.ticks, peaks, self._restored_at)
        return replace(result, ticks=ticks, queue_peak=queue.peak_of(peaks, self._restored_at))

    @property
    def _has_ledger(self) -> bool:
        return self._operator is not None or self._scenario.data is not None

    async def _judge(self) -> Verdict | None:
        """In a thread: the run still hears that it is to stop."""
        was_stopped = self._stop.is_set()  # then what was acknowledged until then is judged all the same
        self._enter(Phase.JUDGING, self._sums.planned)
        loop = asyncio.get_running_loop()

        def heard(done: int) -> bool:
            loop.call_soon_threadsafe(self._tell_done, done)
            return was_stopped or not self._stop.is_set()

        with ExitStack() as stack:
            sides = []
            for generator in self._crew:
                order = generator.order
                path = self._folder / f"{order.name}.book"
                if not path.exists():
                    continue
                book = stack.enter_context(Book(path, self._documents[order.name]))
                speech = speech_of(self._scenario, order.run)
                sides.append(Side(book, [speech.register_id(place) for place in range(order.first, order.until)]))
            ledger = ledger_of(self._data, self._scenario.storage) if self._has_ledger else None
            return await loop.run_in_executor(None, _judged, sides, ledger, heard)

    # ------------------------------------------------------------------------------------------------ what is heard

    def _hear(self, generator: Generator, message: Message) -> None:
        match message:
            case Made(done=done, documents=documents):
                self._made[generator.order.name] = done
                if documents is not None:
                    self._documents[generator.order.name] = documents
                self._tell_made()
            case Second():
                self._sums.take(generator.order.name, message)
            case Failed():
                pass
        if generator.end is not None:
            self._sums.ended(generator.order.name)
        self._changed.set()

    def _enter(self, phase: Phase, of: int) -> None:
        self._phase = phase
        self._tell(Progress(phase=phase, done=0, of=of))

    def _tell_made(self) -> None:
        scenario = self._scenario
        of = 0 if scenario.documents is None else scenario.documents * scenario.registers
        self._tell(Progress(phase=Phase.PREPARING, done=sum(self._made.values()), of=of))

    def _tell_done(self, done: int) -> None:
        self._tell(Progress(phase=self._phase, done=done, of=self._sums.planned))

    def _told(self, tick: Tick) -> None:
        self._tell(
            Progress(
                phase=self._phase,
                done=self._sums.acknowledged,
                of=self._sums.planned,
                tick=tick,
                latency=self._sums.latency.percentiles(),
            )
        )


def _judged(sides: list[Side], ledger: Iterator[Kept] | None, heard: Callable[[int], bool]) -> Verdict | None:
    """The verdict; the ledger is closed by the thread that has opened it."""
    try:
        return judge(sides, ledger, heard)
    finally:
        close = getattr(ledger, "close", None)
        if close is not None:
            close()


__all__ = ["LoadFailed", "run"]
