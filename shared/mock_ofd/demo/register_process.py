"""One register of the demonstration in a process of its own: ``python -P -m mock_ofd.demo.register_process``.

The rule: everything it needs comes over standard input (:mod:`mock_ofd.demo.wire`), everything it has to say goes to
standard output. When standard input ends, its parent is gone, and so is this process, a moment later at the latest.
It imports little, because five of these start at once.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from fiscal.domain.lifecycle import DocumentState
from fiscal.domain.status import marks
from fiscal.errors import FiscalError
from fiscal.retry import Backoff
from kkt_client.app import CashRegister
from kkt_client.config import RegisterSettings
from kkt_client.core.events import (
    AnomalyNoted,
    CameBack,
    DocumentMoved,
    Event,
    PersonNeeded,
    WasBlocked,
    WentAutonomous,
)
from mock_ofd.demo.clock import ShopClock
from mock_ofd.demo.notebook import Notebook
from mock_ofd.demo.script import read_script
from mock_ofd.demo.shop import PROFILES
from mock_ofd.demo.till import PaperChanged, Till
from mock_ofd.demo.wire import Assignment, Begin, Finished, Message, Progress, Ready, Said, decode, encode

REPORT_S: Final = 0.1
"""The shortest time between two reports of progress: nobody reads a table faster."""
IDLE_REPORT_S: Final = 0.5
"""The longest: the oldest document grows older although nothing happens."""
SYNC_S: Final = 3_600.0
"""How long it waits after the last line for its queue to empty: the parent decides when it is enough."""
ORPHAN_S: Final = 3.0
"""How long a process whose parent is gone may take to close its register before it is ended where it stands."""

SETTINGS: Final = RegisterSettings(
    retry_in_sale_s=0.4,
    backoff=Backoff(base_ms=200, cap_ms=1_200),
    operator_phone="1702",
)
"""Both limits of a sale are the product's own 5.0 s. Only the pauses between attempts to come back are shorter than a
shop would set them, because the day is."""

_TOLD: Final = (WentAutonomous, CameBack, WasBlocked, PersonNeeded, AnomalyNoted)
_GRAVE: Final = (WasBlocked, PersonNeeded)


class RegisterProcess:
    """The register with its till, and the line to the parent."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._inbox: asyncio.Queue[Message | None] = asyncio.Queue()
        self._states: dict[int, DocumentState] = {}
        self._changed = asyncio.Event()
        self._out = sys.stdout.fileno()
        threading.Thread(target=self._listen, name="parent", daemon=True).start()

    def _listen(self) -> None:
        """Hand over what the parent says; at the end of it see to it that this process ends, too."""
        # Without a buffer: a thread that waits in a buffered reader holds a lock that the end of Python needs.
        with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as parent:
            for line in parent:
                self._hand_over(decode(line))
        self._hand_over(None)
        time.sleep(ORPHAN_S)
        os._exit(1)

    def _hand_over(self, message: Message | None) -> None:
        with suppress(RuntimeError):  # the loop has ended already
            self._loop.call_soon_threadsafe(self._inbox.put_nowait, message)

    def _say(self, message: Message) -> None:
        with suppress(OSError):  # a parent that is gone hears nothing
            os.write(self._out, encode(message))

    async def run(self) -> None:
        """Work until the parent says stop, or is gone."""
        assignment = await self._inbox.get()
        if not isinstance(assignment, Assignment):
            return
        clock = ShopClock(assignment.opens_at)
        if assignment.pace is not None:
            clock.start(assignment.pace)
        folder = Path(assignment.folder)
        opening = CashRegister.open(
            folder,
            assignment.operator,
            profile=PROFILES[assignment.number],
            settings=SETTINGS,
            on_event=self._happened,
            clock=clock,
        )
        async with opening as register:
            async for paper in register.documents():
                if paper.number is not None and paper.state is not None:  # as it is for all but X-reports
                    self._states[paper.number] = paper.state
            till = Till(register, read_script(assignment.lines), clock, Notebook(folder), self._changed.set)
            self._say(Ready())
            if clock.pace is None:
                begin = await self._inbox.get()
                if not isinstance(begin, Begin):
                    return
                clock.start(begin.pace)

            def report() -> None:
                self._say(self._progress(register, till, len(assignment.lines), clock))

            working = asyncio.create_task(self._work(register, till, report))
            reporting = asyncio.create_task(self._report(report))
            working.add_done_callback(self._worked)
            await self._inbox.get()  # whatever it is: there is nothing to be said any more but stop
            for task in (working, reporting):
                task.cancel()
            await asyncio.wait([working, reporting])
            if not working.cancelled():
                working.result()

    def _worked(self, task: asyncio.Task[None]) -> None:
        """A defect ends the process, with a traceback for its parent."""
        if not task.cancelled() and task.exception() is not None:
            self._inbox.put_nowait(None)

    async def _work(self, register: CashRegister, till: Till, report: Callable[[], None]) -> None:
        """Play the script, then wait until the operator has everything."""
        try:
            await till.play()
            await register.sync(SYNC_S)
        except (FiscalError, PaperChanged) as error:
            finished = Finished(f"{type(error).__name__}: {error}")
        else:
            finished = Finished()
        await asyncio.sleep(0)  # what the last record has brought about is told first
        report()
        self._say(finished)

    async def _report(self, report: Callable[[], None]) -> None:
        """Tell how it goes whenever something has changed, and now and then although nothing has."""
        while True:
            self._changed.clear()
            report()
            await asyncio.sleep(REPORT_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(IDLE_REPORT_S):
                    await self._changed.wait()

    def _progress(self, register: CashRegister, till: Till, steps: int, clock: ShopClock) -> Progress:
        status = register.status()
        shown = [marks(state) for state in self._states.values()]
        oldest = status.oldest_unsent_at
        return Progress(
            mode=status.mode.value,
            saved=sum(mark.ticks == 1 for mark in shown),
            delivered=sum(mark.ticks == 2 for mark in shown),  # noqa: PLR2004 - two ticks
            clouds=sum(mark.cloud for mark in shown),
            queue=status.unsent,
            oldest_ms=None if oldest is None else max(0, clock.now() - oldest),
            done=till.done,
            steps=steps,
            asked_again=till.asked_again,
            waits_ms=0 if till.asks_since is None else round((clock.monotonic() - till.asks_since) * 1_000),
        )

    def _happened(self, event: Event) -> None:
        if isinstance(event, DocumentMoved):
            self._states[event.number] = event.state
        if isinstance(event, _TOLD):
            self._say(Said(event.text, isinstance(event, _GRAVE)))
        self._changed.set()


async def _main() -> None:
    await RegisterProcess().run()


if __name__ == "__main__":
    asyncio.run(_main())
