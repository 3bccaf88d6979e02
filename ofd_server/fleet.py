"""All registers at a glance, kept up to date for whoever watches.

The rule: watching costs a register nothing. While nobody watches nothing is followed; while somebody does, a commit puts
the register's id into a set and goes on, and ten times a second the rows of that set are made anew. Every row that has
changed carries a higher stamp than all others, so a viewer is told what is newer than the last stamp it read: one who
reads slowly is told less often, never more, and never waits in anybody's memory.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from fiscal.time import Instant
from ofd_server.core.entries import DocumentRecorded, Registered, Standing, StandingChanged
from ofd_server.core.fleet import Heard, Lamp, is_heard, lamp_of
from ofd_server.core.state import RegisterState, register_from
from ofd_server.ports import Happened
from ofd_server.service import Service

FRAME_S: Final = 0.1
"""How often rows are made anew: ten times a second is live to an eye, and a hundred rows at once are cheaper than one
by one."""
SECOND_S: Final = 1.0
"""How often the figures are taken, and silent registers are noticed."""
HISTORY_MAX: Final = 300
"""Seconds of figures that are kept for the chart: five minutes. So long the fleet is followed after its last viewer
went, so that a page that is loaded again has its chart."""
OPENING_STEP: Final = 100
"""Registers that are read from the ledger before the loop gets a turn again."""


class Counts(NamedTuple):
    """What was answered since the start of the process, and how many of these answers were late."""

    answers: int = 0
    late: int = 0


class Second(NamedTuple):
    """The figures at the end of one second; ``waiting`` is what registers have reported."""

    at: Instant
    answers: int
    late: int
    waiting: int
    documents: int


class Row:
    """One register. ``place`` is its own for ever, counted from 1 in the order of registration."""

    __slots__ = ("_json", "base", "heard", "id", "lamp", "last_number", "place", "stamp", "standing")

    def __init__(self, place: int, state: RegisterState, base: int) -> None:
        self.place = place
        self.id = state.id
        self.base = base
        """The number of the last document before the operator knew the register."""
        self.follow(state)
        self.heard = Heard()
        self.lamp = Lamp.SILENT
        self.stamp = 0
        self._json: bytes | None = None

    def follow(self, state: RegisterState) -> None:
        """Take over what a lamp needs of the state; the state itself is a hundred times larger."""
        self.standing = state.standing
        self.last_number = state.tape.last_number

    @property
    def documents(self) -> int:
        """How many documents of it the ledger holds."""
        return max(0, self.last_number - self.base)

    @property
    def waiting(self) -> int:
        """How many documents wait in it, by its own word; 0 when it never said."""
        return 0 if self.heard.report is None else self.heard.report.unsent

    @property
    def oldest_at(self) -> Instant | None:
        """Since when the oldest of them waits."""
        return None if self.heard.report is None else self.heard.report.oldest_unsent_at

    def changed(self, stamp: int, now: Instant) -> None:
        """Something about it is new."""
        self.stamp = stamp
        self.lamp = lamp_of(self.standing, self.heard, now)
        self._json = None

    @property
    def json(self) -> bytes:
        """The row for a viewer, made once: place, id, lamp, documents, waiting (``null``: it never said), since when the
        oldest waits, when it was last heard of.
        """
        if self._json is None:
            waiting = None if self.heard.report is None else self.heard.report.unsent
            values = (self.place, self.id, self.lamp, self.documents, waiting, self.oldest_at, self.heard.at or None)
            self._json = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
        return self._json


class _Noticed:
    """What happened to a register since its row was made: its registration, its last ``document``, and when it was last
    heard of; what a person did to it (``standing``) is no word of its.
    """

    __slots__ = ("document", "heard_at", "registered", "standing")

    def __init__(self) -> None:
        self.registered: Registered | None = None
        self.document: DocumentRecorded | None = None
        self.standing: Standing | None = None
        self.heard_at: Instant = 0


class Fleet:
    """The rows of all registers. ``counts`` tells what was answered so far.

    Call :meth:`join` before anything is read, and :meth:`leave` when the reader goes; :meth:`close` ends the following.
    """

    def __init__(self, service: Service, counts: Callable[[], Counts]) -> None:
        self.epoch = secrets.token_hex(4)
        """Stamps of another epoch mean nothing here."""
        self.stamp = 0
        self.history: deque[Second] = deque(maxlen=HISTORY_MAX)
        self.documents = 0
        self.waiting = 0
        self.oldest_at: Instant | None = None
        self.lamps: dict[Lamp, int] = dict.fromkeys(Lamp, 0)
        self._service = service
        self._counts = counts
        self._rows: dict[str, Row] = {}
        """By id; what changed last stands last."""
        self._places: list[Row] = []
        self._touched: dict[str, _Noticed] = {}
        self._viewers: set[asyncio.Event] = set()
        self._opening = asyncio.Lock()
        self._is_open = False
        self._stop_following: Callable[[], None] | None = None
        self._ticking: asyncio.Task[None] | None = None

    # -------------------------------------------------------------------------------------------------- the viewers

    async def join(self) -> asyncio.Event:
        """A viewer, who is woken when there is something new. :class:`StorageError` when the ledger cannot be asked."""
        news = asyncio.Event()
        self._viewers.add(news)
        try:
            await self._open()
        except BaseException:
            self._viewers.discard(news)
            raise
        return news

    async def begin_anew(self) -> None:
        """The ledger was emptied: viewers read all of it again."""
        self.close()
        if self._viewers:
            await self._open()
            self.wake()

    def leave(self, viewer: asyncio.Event) -> None:
        """The viewer is gone."""
        self._viewers.discard(viewer)

    def wake(self) -> None:
        """Let every viewer look again."""
        for viewer in self._viewers:
            viewer.set()

    async def _open(self) -> None:
        async with self._opening:
            if self._is_open:
                return
            # Followed first, read then: what changes in between is made anew, never missed.
            if self._stop_following is None:
                self._stop_following = self._service.observe(self._notice)
            await self._service.following()
            for count, register_id in enumerate(await self._service.journal.registers()):
                if register_id not in self._rows:
                    await self._read(register_id)
                if count % OPENING_STEP == 0:
                    await asyncio.sleep(0)
            self._is_open = True
            self._take_second()
            self._ticking = asyncio.get_running_loop().create_task(self._tick())

    async def _read(self, register_id: str) -> None:
        state = await self._service.state_of(register_id)
        if state is None:
            return
        first = await self._service.journal.entries(register_id, 0, 1)
        entry = first[0].entry if first else None
        base = entry.last_number if isinstance(entry, Registered) else 0
        self._add(Row(len(self._places) + 1, state, base), state.tape.last_issued_at)

    def _add(self, row: Row, last_issued_at: Instant = 0) -> None:
        self._places.append(row)
        self._rows[row.id] = row
        report = self._service.last_report(row.id)
        now = self._service.clock.now()
        # What the ledger holds was heard when it was issued, or later.
        issued_at = min(now, last_issued_at) if row.documents else 0
        row.heard = Heard(
            connected=self._service.is_connected(row.id),
            at=issued_at if report is None else max(issued_at, report.at),
            report=None if report is None else report.report,
            reported_at=0 if report is None else report.at,
        )
        self.lamps[row.lamp] += 1
        self.documents += row.documents
        self.waiting += row.waiting
        self._move(row, now)

    def close(self) -> None:
        """Follow nothing any more; forget everything."""
        if self._ticking is not None:
            self._ticking.cancel()
            self._ticking = None
        if self._stop_following is not None:
            self._stop_following()
            self._stop_following = None
        self._rows.clear()
        self._places.clear()
        self._touched.clear()
        self.history.clear()
        self.lamps = dict.fromkeys(Lamp, 0)
        self.documents = self.waiting = 0
        self.epoch = secrets.token_hex(4)
        self._is_open = False

    # -------------------------------------------------------------------------------------------------- what happens

    def _notice(self, happened: Happened) -> None:
        """Called by the service between a commit and its answers: put it down and go."""
        noticed = self._touched.get(happened.register_id)
        if noticed is None:
            noticed = self._touched[happened.register_id] = _Noticed()
        entry = happened.entry
        if isinstance(entry, DocumentRecorded):
            noticed.document = entry
        elif isinstance(entry, Registered):
            noticed.registered = entry
        elif isinstance(entry, StandingChanged):
            noticed.standing = entry.standing
        if entry is None or noticed.document is entry:
            noticed.heard_at = happened.at

    def refresh(self) -> None:
        """Make the rows anew of which something was noticed."""
        touched, self._touched = self._touched, {}
        now = self._service.clock.now()
        for register_id, noticed in touched.items():
            row = self._rows.get(register_id)
            state = self._state_at_hand(register_id, noticed)
            if row is None:
                entry = noticed.registered
                if state is None or entry is None:
                    continue  # it is not committed yet, or is being read just now
                row = Row(len(self._places) + 1, state, entry.last_number)
                self._add(row)
            self._hear(row, state, noticed, now)

    def _state_at_hand(self, register_id: str, noticed: _Noticed) -> RegisterState | None:
        """What is known of the register here; where other nodes work on it, that may be less than they have told."""
        if not self._service.journal.shared:
            return self._service.state_at_hand(register_id)
        return None if noticed.registered is None else register_from(register_id, noticed.registered)

    def _hear(self, row: Row, state: RegisterState | None, noticed: _Noticed, now: Instant) -> None:
        service = self._service
        heard = row.heard
        document = noticed.document
        self.documents -= row.documents
        self.waiting -= row.waiting
        if state is not None:
            row.follow(state)
        if document is not None:
            row.last_number = max(row.last_number, document.number)
        if noticed.standing is not None:
            row.standing = noticed.standing
        report = service.last_report(row.id)
        if report is not None:
            heard = heard._replace(report=report.report, reported_at=report.at)
        if document is not None:
            heard = heard._replace(document_at=document.received_at, document_autonomous=document.autonomous)
        row.heard = heard._replace(connected=service.is_connected(row.id), at=max(heard.at, noticed.heard_at))
        self.documents += row.documents
        self.waiting += row.waiting
        self._move(row, now)

    def _move(self, row: Row, now: Instant) -> None:
        """To the end of the rows: it has changed last."""
        self.stamp += 1
        self.lamps[row.lamp] -= 1
        row.changed(self.stamp, now)
        self.lamps[row.lamp] += 1
        del self._rows[row.id]
        self._rows[row.id] = row

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        second = loop.time() + SECOND_S
        unwatched = 0
        while True:
            await asyncio.sleep(FRAME_S)
            before = self.stamp
            self.refresh()
            if loop.time() >= second:
                second = max(second + SECOND_S, loop.time())
                self._take_second()
                unwatched = 0 if self._viewers else unwatched + 1
                if unwatched > HISTORY_MAX:
                    self._ticking = None
                    self.close()
                    return
                self.wake()
            elif self.stamp != before:
                self.wake()

    def _take_second(self) -> None:
        """Take the figures, and see who is silent by now."""
        now = self._service.clock.now()
        for row in self._places:
            heard = row.heard
            may_end = heard.at and not heard.connected and not is_heard(heard, now)
            if may_end and lamp_of(row.standing, heard, now) is not row.lamp:
                self._move(row, now)
        self.oldest_at = min((row.oldest_at for row in self._places if row.oldest_at is not None), default=None)
        answers, late = self._counts()
        self.history.append(Second(now, answers, late, self.waiting, self.documents))

    # ------------------------------------------------------------------------------------------------------ reading

    def rows(self, after_place: int, limit: int) -> list[Row]:
        """Rows in the order of their places, without removed registers' ones."""
        self.refresh()
        return [row for row in self._places[after_place : after_place + limit] if row.lamp is not Lamp.REMOVED]

    @property
    def size(self) -> int:
        """How many places there are."""
        return len(self._places)

    def newer(self, stamp: int) -> Iterator[Row]:
        """Rows that have changed since this stamp, the newest first."""
        for row in reversed(self._rows.values()):
            if row.stamp <= stamp:
                return
            yield row
