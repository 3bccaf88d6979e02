"""What a test asks of a running operator, and does to it.

The rule: everything here is asked of the operator that is there, through the doors that everybody has: its ledger, its
traffic, its faults. What is expected and did not come is an :class:`AssertionError` with the reason in it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from fiscal.errors import ConfigurationError
from fiscal.faults.plan import NO_FAULTS
from fiscal.judging.findings import Verdict
from fiscal.judging.judgement import Judge
from fiscal.judging.report import as_text
from ofd_server.clock import MovableClock
from ofd_server.config import RECORDS_MAX
from ofd_server.core.administration import add, lift, set_standing
from ofd_server.core.entries import Standing
from ofd_server.core.expecting import Match, Matching, explain
from ofd_server.core.link import Link, LinkState
from ofd_server.defects import Defect
from ofd_server.harness.dialogue import dialogue
from ofd_server.harness.documents import HeldDocument
from ofd_server.harness.harnessed import WITHIN_S
from ofd_server.harness.pacing import Pace
from ofd_server.harness.plans import Faults, plan_of
from ofd_server.interference import Interference
from ofd_server.overhearing import Overhearing
from ofd_server.ports import DocumentFilter
from ofd_server.service import Service
from ofd_server.testimony import events_of
from ofd_server.traffic import Frame, Record, Traffic

PAGE: Final = 250
"""Entries of the ledger that are read at a time: between two pages others have their turn."""
REFUSALS_SHOWN: Final = 3
"""Answers of that kind that an explanation shows, the last ones."""
_NOTHING_ACCEPTED: Final = frozenset(("refused", "blocked", "try_later"))
"""Answers by which nothing gets into the ledger."""
REST: Final = 4
"""Whoever waits rests so many times as long as his last look at the ledger took: documents go on being answered in time."""


class NotAsExpected(AssertionError):
    """What was expected did not come, or something else came."""


class NotRight(AssertionError):
    """The judge found something, or the operator itself failed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What looking for documents gave. ``text`` says it to people."""

    found: tuple[HeldDocument, ...]
    missed: tuple[HeldDocument, ...]
    """The others, the closest first, as the misses of ``match``."""
    match: Match
    is_met: bool
    text: str


class Harness:
    """The operator as a test has it in its hands. ``reset`` brings the whole operator into its first state again."""

    def __init__(
        self,
        service: Service,
        interference: Interference,
        clock: MovableClock,
        overhearing: Overhearing,
        defects: list[Defect],
        addresses: Callable[[], Mapping[str, str]],
        empty: Callable[[], Awaitable[None]],
    ) -> None:
        self.clock = clock
        """The clock that documents are judged by; a test moves it."""
        self.defects = defects
        """Errors inside the operator since the last reset."""
        self._service = service
        self._interference = interference
        self._overhearing = overhearing
        self._addresses = addresses
        self._empty = empty

    def url(self, protocol: str = "native", register: str | None = None, token: str | None = None) -> str:
        """Where a register connects: ``native://127.0.0.1:4711?id=till-1``, as ``CashRegister.open`` takes it.

        ``protocol`` is ``native``, ``http`` or ``kz``; :class:`ConfigurationError` for one that is not listened for.
        """
        addresses = self._addresses()
        if protocol not in addresses:
            raise ConfigurationError(f"nobody listens for {protocol!r} here, only for {', '.join(addresses)}")
        given = {"id": register, "token": token}
        query = urlencode({name: value for name, value in given.items() if value is not None})
        return addresses[protocol] + (f"?{query}" if query else "")

    # ----------------------------------------------------------------------------------------------------- traffic

    @property
    def traffic(self) -> Traffic:
        """What was overheard; :class:`ConfigurationError` when nobody listens."""
        traffic = self._overhearing.traffic
        if traffic is None:
            raise ConfigurationError("nothing is recorded: start the operator with record=True, or call record()")
        return traffic

    @property
    def recording(self) -> int:
        """How many records are kept; 0 while nothing is recorded."""
        return self._overhearing.limit

    def record(self, limit: int = RECORDS_MAX) -> None:
        """Record from now on what passes over connections that are opened from now on, and over HTTP; the oldest of
        ``limit`` records are forgotten first. 0 records nothing more, and keeps what there is.

        :class:`InvalidValue` for more than 1,000,000. A reset goes back to what the setting says.
        """
        self._overhearing.switch(limit)

    def save_recording(self, path: str | PathLike[str], protocol: str | None = None, *, secrets: bool = False) -> None:
        """Write what was overheard into a file that ``mock-ofd judge`` and ``mock-ofd replay`` read.

        ``protocol`` is ``native`` or ``kz``, and need not be said when there is traffic of one alone; HTTP has no frames
        that could be written. Tokens and passwords are in it with ``secrets``. :class:`ConfigurationError` says what
        cannot be recorded, :class:`OSError` why the file cannot be written.
        """
        lines = self.recording_lines(self.traffic.records, protocol, secrets=secrets)
        with Path(path).open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)

    def recording_lines(
        self, records: Sequence[Record], protocol: str | None, *, secrets: bool
    ) -> Iterator[dict[str, Any]]:
        """The lines of such a file, of these records."""
        from ofd_server.harness.recording import lines_of, recorded_protocol  # noqa: PLC0415 - it loads every protocol

        name = recorded_protocol(records, protocol)
        to = self._addresses().get(name, "").partition("://")[2]
        return lines_of(records, name, to=to, at=self.clock.now(), secrets=secrets, forgotten=self.traffic.forgotten)

    @property
    def received(self) -> Sequence[Frame]:
        """Every frame that passed, in both directions; :class:`ConfigurationError` when nobody listens."""
        return self.traffic.frames

    def dialogue(self, shown: int = 60) -> str:
        """The last records as text."""
        return dialogue(self.traffic, shown)

    # --------------------------------------------------------------------------------------------------- documents

    async def documents(self, register: str | None = None) -> list[HeldDocument]:
        """Every document of the ledger, or those of one register, in the order of their commits."""
        return await self._documents(register, {})

    async def _documents(self, register: str | None, known: dict[int, HeldDocument]) -> list[HeldDocument]:
        """The same; what is ``known`` by its place and has not changed is not made anew."""
        pace = Pace()
        found: list[HeldDocument] = []
        seq, last = 0, await self._service.journal.last_seq()  # who sells faster than we look is not run after
        while True:
            page = await self._service.journal.documents(
                DocumentFilter(register_id=register, after_seq=seq, limit=PAGE)
            )
            if pace.is_over:
                await pace.rest()
            for stored in page:
                if stored.seq > last:
                    return found
                held = known.get(stored.seq)
                if held is None or held.entry is not stored.entry:
                    held = known[stored.seq] = HeldDocument.of(stored)
                found.append(held)
            if len(page) < PAGE:
                return found
            seq = page[-1].seq

    async def look_for(
        self,
        expected: Mapping[str, Any],
        count: int | None = None,
        *,
        more: bool = False,
        known: dict[int, HeldDocument] | None = None,
    ) -> Outcome:
        """Whether the ledger holds ``count`` documents like this now (``more``: or more; ``None``: one or more).

        Whoever looks again and again gives the same ``known``. :class:`InvalidValue` for a field that no document has.
        """
        matching = Matching(expected)
        held = await self._documents(None, {} if known is None else known)
        async for document in Pace().over(held):
            matching.take(document.fields)
        result = matching.result()
        found = tuple(held[place] for place in result.matched)
        if count is None:
            is_met, wanted = bool(found), "at least 1"
        elif more:
            is_met, wanted = len(found) >= count, f"at least {count}"
        else:
            is_met, wanted = len(found) == count, str(count) if count else "none"
        missed = tuple(held[miss.place] for miss in result.misses)
        if is_met:
            return Outcome(found, missed, result, is_met, "")
        too_many = count is not None and len(found) > count
        told = explain(result, held, wanted, too_many=too_many)
        text = told if too_many else "\n".join((told, *await self._hints(held)))
        return Outcome(found, missed, result, is_met, text)

    async def expect(
        self, expected: Mapping[str, Any] | None = None, /, *, count: int | None = None, **fields: Any
    ) -> list[HeldDocument]:
        """The documents like this that the ledger holds now: exactly ``count``, or at least one.

        :class:`NotAsExpected` says what came instead. What may be expected is told in :mod:`ofd_server.core.expecting`.
        """
        __tracebackhide__ = True
        outcome = await self.look_for({**(expected or {}), **fields}, count)
        if not outcome.is_met:
            raise NotAsExpected(outcome.text)
        return list(outcome.found)

    async def wait_for(
        self,
        expected: Mapping[str, Any] | None = None,
        /,
        *,
        count: int = 1,
        within_s: float = WITHIN_S,
        **fields: Any,
    ) -> list[HeldDocument]:
        """Wait until the ledger holds ``count`` documents like this, or more; :class:`NotAsExpected` when it is too late."""
        __tracebackhide__ = True
        outcome = await self.await_outcome({**(expected or {}), **fields}, count, within_s)
        if not outcome.is_met:
            raise NotAsExpected(f"{outcome.text}\nwaited {within_s:g} s for it")
        return list(outcome.found)

    async def await_outcome(self, expected: Mapping[str, Any], count: int, within_s: float) -> Outcome:
        """The same as a value."""
        news = asyncio.Event()
        stop = self._service.observe(lambda _happened: news.set())
        loop = asyncio.get_running_loop()
        end = loop.time() + within_s
        known: dict[int, HeldDocument] = {}
        try:
            while True:
                news.clear()
                began = loop.time()
                outcome = await self.look_for(expected, count, more=True, known=known)
                looked = loop.time()
                left = end - looked
                if outcome.is_met or left <= 0:
                    return outcome
                await asyncio.sleep(min(left, REST * (looked - began)))
                left = max(0.0, end - loop.time())
                try:
                    await asyncio.wait_for(news.wait(), left)
                except TimeoutError:
                    continue  # one last look
        finally:
            stop()

    async def _hints(self, held: Sequence[HeldDocument]) -> list[str]:
        """What else a person would look at."""
        traffic = self._overhearing.traffic
        if traffic is None:
            return []
        if not traffic.seq and not held:
            return ["nothing was received at all: does the register connect to this operator?"]
        refused = [told async for record in Pace().over(traffic.records) if (told := _refusal(record))]
        lines = refused[-REFUSALS_SHOWN:]
        if len(refused) > REFUSALS_SHOWN:
            lines.append(f"and {len(refused) - REFUSALS_SHOWN} earlier answers of that kind")
        return lines

    # ----------------------------------------------------------------------------------------------------- verdict

    async def verdict(self) -> Verdict:
        """What the judge says of every register, from the ledger."""
        judge = Judge()
        pace = Pace()
        seq, last = 0, await self._service.journal.last_seq()  # who sells faster than we look is not run after
        while True:
            page = await self._service.journal.entries(None, seq, PAGE)
            for stored in page:
                if stored.seq > last:
                    break
                for event in events_of("ledger", stored):
                    judge.take(event)
                if pace.is_over:
                    await pace.rest()
            if len(page) < PAGE or page[-1].seq >= last:
                break
            seq = page[-1].seq
        return Verdict(tuple([account async for account in pace.over(judge.accounts())]))

    async def check(self) -> Verdict:
        """The verdict when all is right; :class:`NotRight` with the proof of everything that is not."""
        __tracebackhide__ = True
        self.raise_defects()
        verdict = await self.verdict()
        if not verdict.is_right:
            raise NotRight("\n".join(as_text(verdict)))
        return verdict

    def raise_defects(self) -> None:
        """:class:`NotRight` with the errors that happened inside the operator since the last reset, if there were any."""
        __tracebackhide__ = True
        if self.defects:
            first = self.defects[0]
            lines = [f"the operator failed: {defect}" for defect in self.defects]
            raise NotRight("\n".join((*lines, first.trace.rstrip()))) from first.error

    # ---------------------------------------------------------------------------------------------------- to it

    async def reset(self) -> None:
        """As if it had just been started: an empty ledger, nobody connected, no faults, the clock of the machine.

        Connections of registers are cut off. :class:`ConfigurationError` for a ledger in a folder, which nobody throws
        away by a word.
        """
        await self._empty()
        self.heal()
        self.clock.reset()
        self._overhearing.reset()
        self.defects.clear()

    def inflict(self, faults: Faults, seed: int | None = None) -> None:
        """Let go wrong from now on what this plan says, and nothing else; see :func:`plan_of`."""
        self._interference.switch_to(NO_FAULTS)  # what is inflicted twice counts anew
        self._interference.switch_to(plan_of(faults, self.clock.now(), seed))

    def heal(self) -> None:
        """Let nothing go wrong any more, links included."""
        if self._interference.run is not None:
            self._interference.switch_to(NO_FAULTS)

    def cut(self, register: str) -> None:
        """Cut the register's link until :meth:`restore`; its connections are severed."""
        self._interference.set_link(register, Link(LinkState.CUT))

    def slow_down(self, register: str, delay_ms: int | None = None) -> None:
        """Let answers to the register come later, by six seconds if nothing is said."""
        self._interference.set_link(register, Link(LinkState.SLOW, delay_ms))

    def restore(self, register: str) -> None:
        """Let the register's link be as it should be."""
        self._interference.set_link(register, Link())

    def lose_next_answer(self, register: str) -> None:
        """Commit the register's next document, and lose the answer."""
        self._interference.lose_next_answer(register)

    async def add_register(self, register: str, token: str) -> None:
        """Make a register known, as a strict operator demands it."""
        await self._service.administer(register, add(register, token, None))

    async def block(self, register: str, reason: str = "") -> None:
        """Answer the register that it is blocked, until :meth:`unblock`."""
        await self._service.administer(register, set_standing(Standing.BLOCKED, reason))

    async def unblock(self, register: str) -> None:
        await self._service.administer(register, lift(Standing.BLOCKED))

    async def stop_paying(self, register: str) -> None:
        """Give the register no answer any more, as one that nobody pays for (until :meth:`pay`)."""
        await self._service.administer(register, set_standing(Standing.UNPAID))

    async def pay(self, register: str) -> None:
        await self._service.administer(register, lift(Standing.UNPAID))


def _refusal(record: Record) -> str:
    """What an answer says that accepts nothing; empty for any other frame."""
    if not isinstance(record, Frame) or record.is_request:
        return ""
    frame, fields = record, record.fields
    if frame.what in _NOTHING_ACCEPTED:
        said = " ".join(str(fields[name]) for name in ("code", "field", "text") if fields.get(name))
        return f"{frame.register_id or '?'} was answered {frame.what}" + (f": {said}" if said else "")
    result = fields.get("result")
    if isinstance(result, Mapping) and result.get("code") != "ok":
        text = result.get("result_text", "")
        return f"{frame.register_id} was answered {result.get('code')}" + (f": {text}" if text else "")
    return ""
