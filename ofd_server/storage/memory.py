"""A ledger in memory: for tests and quick trials. It promises nothing after the process ends, and says so."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace

from msgspec import structs

from ofd_server.core.entries import Anomaly, AnomalyCode, DocumentRecorded, MadeAutonomous, PeriodRecorded
from ofd_server.core.state import RegisterState
from ofd_server.ports import (
    Append,
    BatchTimes,
    Committed,
    DocumentFilter,
    History,
    Loaded,
    Note,
    Outcome,
    Stale,
    StoredEntry,
    Version,
)


class MemoryJournal:
    """Implements :class:`ofd_server.ports.Journal` with lists."""

    durable = False
    shared = False

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Be empty, as a new one."""
        self._all: list[StoredEntry] = []
        self._of: dict[str, list[StoredEntry]] = {}
        self._documents: dict[tuple[str, int], StoredEntry] = {}
        self._marks: dict[tuple[str, int], MadeAutonomous] = {}
        self._snapshots: dict[str, RegisterState] = {}
        self._notes: list[Note] = []
        self._times: list[BatchTimes] = []

    def everything(self) -> Sequence[StoredEntry]:
        """The whole ledger in its order, for whoever holds it in the same process."""
        return self._all

    def holds(self, register_id: str, number: int) -> bool:
        """Whether the ledger has this document."""
        return (register_id, number) in self._documents

    async def load(self, register_id: str) -> Loaded | None:
        entries = self._of.get(register_id)
        if entries is None:
            return None
        snapshot = self._snapshots.get(register_id)
        after = 0 if snapshot is None else snapshot.version
        return Loaded(register_id, snapshot, tuple(stored.entry for stored in entries[after:]))

    async def version(self, register_id: str) -> Version:
        return len(self._of.get(register_id, ()))

    async def commit(
        self, batch: Sequence[Append], notes: Sequence[Note] = (), times: Sequence[BatchTimes] = ()
    ) -> Sequence[Outcome]:
        outcomes: list[Outcome] = []
        stale: set[str] = set()
        for append in batch:
            entries = self._of.get(append.register_id, [])
            if len(entries) != append.expected or append.register_id in stale:
                stale.add(append.register_id)
                outcomes.append(Stale(len(entries)))
                continue
            outcomes.append(Committed(len(self._all) + 1))
            self._append(append)
        self._notes.extend(notes)
        self._times.extend(times)
        return outcomes

    def _append(self, append: Append) -> None:
        entries = self._of.setdefault(append.register_id, [])
        for entry in append.entries:
            stored = StoredEntry(len(self._all) + 1, append.register_id, len(entries) + 1, entry)
            entries.append(stored)
            self._all.append(stored)
            if isinstance(entry, DocumentRecorded):
                self._documents[append.register_id, entry.number] = stored
            elif isinstance(entry, MadeAutonomous):
                self._marks[append.register_id, entry.number] = entry
        if append.snapshot:
            self._snapshots[append.register_id] = append.after

    async def is_committed(self, append: Append) -> Committed | None:
        entries = self._of.get(append.register_id, [])[append.expected :]
        kept = tuple(stored.entry for stored in entries[: len(append.entries)])
        return Committed(entries[0].seq) if kept == append.entries else None

    def _with_facts(self, stored: StoredEntry) -> StoredEntry:
        """The document with the delivery facts that were added to it later."""
        entry = stored.entry
        assert isinstance(entry, DocumentRecorded)
        added = self._marks.get((stored.register_id, entry.number))
        if added is None:
            return stored
        changed = structs.replace(entry, autonomous=True, autonomous_sign=added.autonomous_sign, period=added.period)
        return replace(stored, entry=changed)

    async def document(self, register_id: str, number: int) -> StoredEntry | None:
        stored = self._documents.get((register_id, number))
        return None if stored is None else self._with_facts(stored)

    async def is_autonomous_sign_used(self, register_id: str, sign: int, besides_number: int) -> bool:
        return any(
            stored.entry.autonomous_sign == sign and stored.entry.number != besides_number
            for stored in self._of.get(register_id, ())
            if isinstance(stored.entry, DocumentRecorded | MadeAutonomous)
        )

    async def period(self, register_id: str, number: int) -> PeriodRecorded | None:
        for stored in reversed(self._of.get(register_id, [])):
            if isinstance(stored.entry, PeriodRecorded) and stored.entry.period == number:
                return stored.entry
        return None

    async def registers(self) -> Sequence[str]:
        return tuple(self._of)

    async def documents(self, wanted: DocumentFilter) -> Sequence[StoredEntry]:
        source = self._all if wanted.register_id is None else self._of.get(wanted.register_id, [])
        ordered: Iterable[StoredEntry] = reversed(source)
        if wanted.after_seq is not None:
            begin = bisect_right(source, wanted.after_seq, key=_seq)
            ordered = map(source.__getitem__, range(begin, len(source)))
        found: list[StoredEntry] = []
        for stored in ordered:
            if len(found) == wanted.limit:
                break
            if isinstance(stored.entry, DocumentRecorded):
                whole = self._with_facts(stored)
                if _matches(whole, wanted):
                    found.append(whole)
        return found

    async def entries(self, register_id: str | None, after_seq: int, limit: int) -> Sequence[StoredEntry]:
        if register_id is None:
            return self._all[after_seq : after_seq + limit]
        return [stored for stored in self._of.get(register_id, ()) if stored.seq > after_seq][:limit]

    async def anomalies(
        self, register_id: str | None, code: AnomalyCode | None, before_seq: int | None, limit: int
    ) -> Sequence[StoredEntry]:
        source = self._all if register_id is None else self._of.get(register_id, [])
        found = (
            stored
            for stored in reversed(source)
            if (before_seq is None or stored.seq < before_seq) and _has_anomaly(stored, code)
        )
        return [stored for stored, _ in zip(found, range(limit), strict=False)]

    async def history(self, register_id: str, number: int) -> History:
        stored = self._documents.get((register_id, number))
        seq = 0 if stored is None else stored.seq
        times = next((batch for batch in self._times if batch.first_seq <= seq <= batch.last_seq), None)
        notes = tuple(note for note in self._notes if note.register_id == register_id and note.number == number)
        later = tuple(
            entry
            for entry in self._of.get(register_id, ())
            if isinstance(entry.entry, MadeAutonomous | Anomaly) and entry.entry.number == number
        )
        return History(times, notes, later)

    async def last_seq(self) -> int:
        return len(self._all)

    async def is_writable(self) -> bool:
        return True

    async def close(self) -> None:
        return None


def _seq(stored: StoredEntry) -> int:
    return stored.seq


def _has_anomaly(stored: StoredEntry, code: AnomalyCode | None) -> bool:
    match stored.entry:
        case Anomaly() as anomaly:
            return code is None or anomaly.code is code
        case DocumentRecorded() as document:
            return any(code is None or anomaly.code is code for anomaly in document.anomalies)
        case _:
            return False


def _matches(stored: StoredEntry, wanted: DocumentFilter) -> bool:
    entry = stored.entry
    assert isinstance(entry, DocumentRecorded)
    document = entry.document
    pairs = (
        (wanted.kind, entry.kind),
        (wanted.operation, getattr(document, "operation", None)),
        (wanted.autonomous, entry.autonomous),
        (wanted.shift, document.shift),
        (wanted.number, document.number),
        (wanted.sign, entry.sign),
        (wanted.autonomous_sign, entry.autonomous_sign),
    )
    if any(asked is not None and asked != held for asked, held in pairs):
        return False
    if wanted.issued_from is not None and document.issued_at < wanted.issued_from:
        return False
    if wanted.issued_until is not None and document.issued_at > wanted.issued_until:
        return False
    if wanted.before_seq is not None and stored.seq >= wanted.before_seq:
        return False
    return wanted.after_seq is None or stored.seq > wanted.after_seq
