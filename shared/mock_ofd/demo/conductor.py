"""The demonstration itself: starts the operator and five registers, lets the day go by, and compares what is left.

The rule: it ends by itself. Whatever happens, the registers are stopped :data:`END_BY_S` after the start, and what the
stores hold by then is compared. Nothing that is told at the end comes from here: the figures are those of the stores.

The processes of the registers are started first of all, and only then is imported what the operator needs, so that all
get ready at the same time.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fiscal.faults.plan import NO_FAULTS
from fiscal.faults.run import Applied
from fiscal.time import Moment
from mock_ofd.demo.board import Board, Row, Story, hours, shop_time
from mock_ofd.demo.clock import Pace, ShopClock
from mock_ofd.demo.crew import Crewman
from mock_ofd.demo.shop import PROFILES
from mock_ofd.demo.trouble import CLOSES_AT, HELD, KILLED, OPENS_AT, ToldFaults, cut_at, plan, register_id, told
from mock_ofd.demo.wire import Assignment, Begin, Finished, Message, Progress, Ready, Said

if TYPE_CHECKING:
    from mock_ofd.demo.live import LiveRegisters
    from mock_ofd.demo.reconcile import Reconciliation
    from ofd_server.app import OfdServer

DAY_S: Final = 20.0
"""How long the shop's day lasts, in seconds, at speed 1."""
DAY_END_BY_S: Final = 28.0
"""When the day has to be over, counted from the start: a machine that was slow to start gets a shorter day."""
DAY_MIN_S: Final = 12.0
"""The shortest day: a cut has to last longer than a sale tries."""
END_BY_S: Final = 33.0
"""When the registers are stopped, ready or not; what is left of forty seconds is for comparing and going home."""
READY_S: Final = 15.0
"""How long a process may take to start: ten times what it takes on a slow machine."""
TICK_S: Final = 0.1
"""How often the clock and the link are looked at."""
KILL_AFTER_S: Final = 0.25
"""How long a register has been waiting for the answer that is held back when it is killed."""
STOP_S: Final = 2.0
"""How long a process may take to finish what it has begun, when it is told to stop."""

OPERATOR_FOLDER: Final = "operator"
SEED: Final = 1
"""Of the baskets that a person sells when the day is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the demonstration came to. ``errors`` are what registers could not do, by their number."""

    reconciliation: Reconciliation
    seconds: float
    is_interrupted: bool
    errors: Mapping[int, str]
    killed: Mapping[int, int]
    """How often each register's process was killed, of those that were."""
    asked_again: int
    """Papers that a killed register's till asked for once more under the same keys, and that were the same."""

    @property
    def verdict(self) -> str:
        """``clean`` or ``broken``; ``interrupted`` when somebody did not wait for it, and nothing is wrong so far."""
        judged = self.reconciliation
        if self.errors or not judged.is_right:
            return "broken"
        return "interrupted" if self.is_interrupted else judged.verdict

    def as_plain(self) -> dict[str, object]:
        """The verdict for machines."""
        return {
            **self.reconciliation.as_plain(),
            "verdict": self.verdict,
            "killed": sum(self.killed.values()),
            "asked_again": self.asked_again,
            "errors": [f"register {number}: {text}" for number, text in sorted(self.errors.items())],
            "seconds": round(self.seconds, 1),
        }


class Conductor:
    """One demonstration in an empty ``folder``. Call :meth:`run`, then :meth:`keep` if the operator shall go on, then
    :meth:`close` in any case. ``lines`` are those of the script. ``changed`` is called when :attr:`board` has. ``began``
    is the moment from which its time is counted.
    """

    def __init__(
        self,
        folder: Path,
        lines: Sequence[str],
        speed: float = 1.0,
        changed: Callable[[Board], None] = lambda _board: None,
        began: Moment | None = None,
    ) -> None:
        self.board = Board({number: Row() for number in PROFILES}, OPENS_AT)
        self._began = time.monotonic() if began is None else began
        self._folder = folder
        self._speed = speed
        self._changed = changed
        self._clock = ShopClock(OPENS_AT)
        self._faults = ToldFaults(plan(), self._applied)
        self._operator: OfdServer | None = None
        self._live: LiveRegisters | None = None
        self._crew = {number: Crewman(number, folder / f"register-{number}.log", self._heard) for number in PROFILES}
        self._lines = {number: tuple(line for line in lines if _register_of(line) == number) for number in PROFILES}
        self._tokens = {number: secrets.token_urlsafe(18) for number in PROFILES}
        self._ready: set[int] = set()
        self._finished: set[int] = set()
        self._errors: dict[int, str] = {}
        self._moved = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    # ------------------------------------------------------------------------------------------------- the whole

    async def run(self, interrupted: asyncio.Event) -> Outcome:
        """The day, and the reconciliation at its end, or when somebody interrupts it."""
        over = asyncio.create_task(interrupted.wait())
        day = asyncio.create_task(self._day())
        try:
            left = self._left(END_BY_S if self._speed >= 1 else END_BY_S + DAY_S / self._speed)
            await asyncio.wait([over, day], timeout=left, return_when=asyncio.FIRST_COMPLETED)
            is_interrupted = over.done()
            if day.done():
                day.result()
        finally:
            await self._end([day, over, *self._tasks])
        if is_interrupted:
            self._tell("interrupted: what is known so far is compared")
        elif self._finished >= self._crew.keys():
            self._tell("the shop is closed and every queue is empty: both sides are compared")
        else:
            self._tell("not every register came to its end: what they have is compared")
        return await self._compare(is_interrupted)

    async def _end(self, tasks: Sequence[asyncio.Task[None] | asyncio.Task[bool]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(crewman.stop(STOP_S) for crewman in self._crew.values()))

    def _left(self, until_s: float) -> float:
        return max(0.0, self._began + until_s - time.monotonic())

    async def _day(self) -> None:
        await self._start_crew()
        # See the rule. The stores are read at the end only, when there is less time than now.
        from mock_ofd.demo import stores  # noqa: F401, PLC0415
        from mock_ofd.demo.live import LiveRegisters  # noqa: PLC0415
        from mock_ofd.demo.live_routes import live_routes  # noqa: PLC0415
        from ofd_server.app import OfdServer  # noqa: PLC0415

        self._live = LiveRegisters(self._folder, SEED)
        operator = OfdServer(
            http="127.0.0.1:0",
            native="127.0.0.1:0",
            kz="off",
            data=self._folder / OPERATOR_FOLDER,
            operator_name="mock-ofd",
            operator_phone="1702",
            clock=self._clock,
            faults=self._faults,
            more_routes=partial(live_routes, self._live),
            record=False,
        )
        await operator.start()
        self._operator = operator
        self.board.operator = f"http://{operator.http_address}/  native://{operator.native_address}"
        self._tell(f"watch it in a browser: http://{operator.http_address}/")
        for crewman in self._crew.values():
            self._assign(crewman)
        await self._until(lambda: self._ready | self._errors.keys() >= self._crew.keys(), READY_S)
        self._open_shop()
        await self._watch()

    async def _start_crew(self) -> None:
        """Start all processes at once; none is left half started, also when this is cancelled."""
        starting = [asyncio.create_task(crewman.start()) for crewman in self._crew.values()]
        try:
            await asyncio.wait(starting)
        finally:
            for task in starting:
                task.cancel()
            await asyncio.gather(*starting, return_exceptions=True)
        for task in starting:
            task.result()

    def _open_shop(self) -> None:
        day_s = DAY_S / self._speed
        if self._speed >= 1:
            day_s = max(DAY_MIN_S / self._speed, min(day_s, self._left(DAY_END_BY_S)))
        pace = Pace(opens_at=OPENS_AT, closes_at=CLOSES_AT, begins=time.monotonic() + TICK_S, day_s=day_s)
        self._clock.start(pace)
        for crewman in self._crew.values():
            crewman.say(Begin(pace))
        self._tell(f"the shop opens; an hour of its day takes {3_600 / pace.factor:.1f} s")

    async def _watch(self) -> None:
        """Until every register has played its part; meanwhile tell how the link is."""
        while not self._finished | self._errors.keys() >= self._crew.keys():
            now = self._clock.now()
            before, self.board.cut = self.board.cut, cut_at(now)
            self.board.now = now
            if before != self.board.cut:
                self._tell_link(before is None)
            self._changed(self.board)
            await asyncio.sleep(TICK_S)

    def _tell_link(self, is_cut: bool) -> None:
        cut = self.board.cut
        if is_cut and cut is not None:
            self._tell(f"the link of the shop is cut until {hours(cut.until)}: whoever calls is hung up on")
        else:
            self._tell("the link of the shop is back")

    async def _until(self, done: Callable[[], bool], limit_s: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                while not done():
                    self._moved.clear()
                    await self._moved.wait()

    # ---------------------------------------------------------------------------------------------- the registers

    def folder_of(self, number: int) -> Path:
        """Where the register keeps its memory."""
        return self._folder / f"register-{number}"

    def _assign(self, crewman: Crewman) -> None:
        assert self._operator is not None, "the operator is there first"
        number = crewman.number
        address = f"native://{self._operator.native_address}"
        crewman.assign(
            Assignment(
                number=number,
                folder=str(self.folder_of(number)),
                operator=f"{address}?id={register_id(number)}&token={self._tokens[number]}",
                opens_at=OPENS_AT,
                lines=self._lines[number],
                pace=self._clock.pace,
            )
        )

    def _heard(self, number: int, message: Message) -> None:
        row = self.board.rows[number]
        match message:
            case Ready():
                self._ready.add(number)
                row.life = "open"
            case Progress():
                row.progress = message
            case Said(text, is_grave):
                row.said, row.is_grave = text, is_grave
                self._tell(f"register {number}: {text}")
            case Finished(None):
                self._finished.add(number)
                row.life = "done"
            case Finished(str() as error):
                self._errors[number] = error
                row.life = "failed"
                self._tell(f"register {number} failed: {error}")
            case _:
                raise AssertionError(f"a register says no {type(message).__name__}")
        self._moved.set()

    def _applied(self, applied: Applied) -> None:
        text = told(applied)
        if text is not None:
            self._tell(text)
        if applied.fault.name == HELD:
            task = asyncio.get_running_loop().create_task(self._kill(self._crew[KILLED]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _kill(self, crewman: Crewman) -> None:
        """SIGKILL in the middle of a sale; then the same folder, the same script, another process."""
        await asyncio.sleep(KILL_AFTER_S)
        row = self.board.rows[crewman.number]
        row.life = "killed"
        await crewman.kill()
        self._tell(f"register {crewman.number}: its process was killed in the middle of a sale, and is started again")
        await crewman.start()
        self._assign(crewman)

    # --------------------------------------------------------------------------------------------------- the end

    async def _compare(self, is_interrupted: bool) -> Outcome:
        from mock_ofd.demo.reconcile import Reconciliation  # noqa: PLC0415 - see the rule
        from mock_ofd.demo.stores import reconcile_stores  # noqa: PLC0415

        operator = self._operator
        if operator is None:
            reconciliation = Reconciliation(())
        else:
            await operator.service.flush()
            folders = {
                register_id(number): self.folder_of(number) for number in self._crew if self.folder_of(number).exists()
            }
            reconciliation = await reconcile_stores(folders, operator.journal)
        rows = self.board.rows.values()
        return Outcome(
            reconciliation=reconciliation,
            seconds=time.monotonic() - self._began,
            is_interrupted=is_interrupted,
            errors=dict(self._errors),
            killed={number: crewman.lives - 1 for number, crewman in self._crew.items() if crewman.lives > 1},
            asked_again=sum(row.progress.asked_again for row in rows if row.progress is not None),
        )

    def _tell(self, text: str) -> None:
        at_s = time.monotonic() - self._began
        self.board.story.append(Story(at_s, shop_time(self._clock.now()), text))
        self._changed(self.board)

    def keep(self) -> Mapping[str, str]:
        """Let the operator go on as any other: with the machine's clock and without trouble. Its addresses."""
        assert self._operator is not None, "there is no operator to keep"
        self._clock.release()
        self._faults.switch_to(NO_FAULTS)
        return {"http": f"http://{self._operator.http_address}", "native": f"native://{self._operator.native_address}"}

    async def go_live(self) -> None:
        """Open the registers in this process, with the memories that the day has left, for a person at the page."""
        assert self._operator is not None, "there is no operator to sell with"
        assert self._live is not None, "it came with the operator"
        assert self._operator.http_address is not None
        assert self._operator.native_address is not None
        await self._live.open(self._operator.http_address, self._operator.native_address)

    async def close(self) -> None:
        """Stop the registers that went live, and the operator."""
        if self._live is not None:
            await self._live.close()
        if self._operator is not None:
            await self._operator.stop()


def _register_of(line: str) -> int:
    number: int = json.loads(line)["register"]
    return number
