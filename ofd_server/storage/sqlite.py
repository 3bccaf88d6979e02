"""The ledger in one SQLite file: WAL, synchronous=FULL, one writer thread, one transaction for each batch.

The rule: :meth:`SqliteJournal.commit` returns when the operating system has said that the batch is on the disk. Before
that nothing is visible as committed, after it nothing can be lost. A failed flush is never tried again on the same
handle, because the kernel may have thrown the dirty pages away.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final, TypeVar

from filelock import FileLock, Timeout

from fiscal.aside import Aside
from fiscal.errors import FiscalError, StorageBusy, StorageCorrupt, StorageError
from ofd_server.core.entries import AnomalyCode, DocumentRecorded, PeriodRecorded
from ofd_server.ports import (
    Append,
    BatchTimes,
    CommitFailed,
    Committed,
    DocumentFilter,
    History,
    JournalBroken,
    Loaded,
    Note,
    NoteKind,
    Outcome,
    Stale,
    StoredEntry,
    Version,
)
from ofd_server.storage.asking import conditions_of, is_noticed, made_autonomous
from ofd_server.storage.eras import entries_of
from ofd_server.storage.migrating import steps
from ofd_server.storage.rows import (
    COLUMNS,
    KIND_ANOMALY,
    KIND_DOCUMENT,
    KIND_MADE_AUTONOMOUS,
    KIND_PERIOD,
    PLAIN,
    WITH_DETAIL,
    Row,
    entry_of,
    pack_state,
    row_of,
    unpack_state,
)

SCHEMA_VERSION: Final = 2
FILE_NAME: Final = "ledger.sqlite"
LOCK_NAME: Final = "ledger.lock"
PID_NAME: Final = "ledger.pid"

CACHE_KIB: Final = 32 * 1024
"""Page cache of the writer: what commits change stays in memory, and what they change once more in a while."""
CHECKPOINT_PAGES: Final = 8_000
"""Pages of the log before it is folded into the file: 32 MiB, so that a checkpoint is rare and still short."""
ROWS_AT_ONCE: Final = 40
"""Entries in one statement where there are so many: each statement is begun anew, and lets the loop's thread in. 40 have
840 values; no SQLite refuses 999."""

_BROKEN: Final = frozenset(
    (
        sqlite3.SQLITE_IOERR_FSYNC,
        sqlite3.SQLITE_IOERR_DIR_FSYNC,
        sqlite3.SQLITE_IOERR_TRUNCATE,
        sqlite3.SQLITE_IOERR_READ,
        sqlite3.SQLITE_IOERR_SHORT_READ,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
    )
)
"""Errors after which nobody knows what the file holds."""

_DAMAGED: Final = frozenset((sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB))
_HEADER_SIZE: Final = 100
"""Bytes of an SQLite header: what is shorter, but not empty, SQLite itself would take for an empty file."""

# The names of columns are constants of this program; every value is a parameter.
_INSERT: Final = {
    values: {
        rows: f"insert into entry ({', '.join(COLUMNS[:values])}) values "  # noqa: S608 - see above
        + ", ".join([f"({', '.join('?' * values)})"] * rows)
        for rows in (ROWS_AT_ONCE, ROWS_AT_ONCE // 5, 1)
    }
    for values in (PLAIN, WITH_DETAIL, len(COLUMNS))
}
"""Statements by the values of a row and the rows that they take: with each one the writer gives up the interpreter, and
has to get it back."""
_SELECT: Final = f"select {', '.join('entry.' + column for column in COLUMNS)}, register.id from entry"  # noqa: S608 - see above
_JOIN: Final = " join register on register.no = entry.register_no "
_COLUMNS: Final = ", ".join("entry." + column for column in COLUMNS)

_OPTIONS: Final[Mapping[str, Any]] = {"isolation_level": None, "check_same_thread": False, "cached_statements": 64}

T = TypeVar("T")


def _set_up(db: sqlite3.Connection) -> None:
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = full")
    db.execute(f"pragma wal_autocheckpoint = {CHECKPOINT_PAGES}")
    db.execute("pragma foreign_keys = on")
    db.execute("pragma temp_store = memory")


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    (found,) = db.execute("pragma user_version").fetchone()
    for version, script in steps("sqlite", found, SCHEMA_VERSION, path):
        db.executescript(f"begin immediate;\n{script}\npragma user_version = {version};\ncommit;")


def _found(path: Path) -> None:
    """Make an empty ledger under another name first, so that a file with the right name and nothing in it is damage."""
    new = path.with_name(path.name + ".new")
    for left_over in (new, new.with_name(new.name + "-wal"), new.with_name(new.name + "-shm")):
        left_over.unlink(missing_ok=True)
    with closing(sqlite3.connect(new, **_OPTIONS)) as db:
        _set_up(db)
        _migrate(db, new)
    new.replace(path)
    if os.name == "posix":  # the new name has to survive a power cut, too; Windows sees to that by itself
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class SqliteJournal:
    """Implements :class:`ofd_server.ports.Journal`. Make one with :meth:`open`; one process at a time holds a folder."""

    durable = True
    shared = False

    def __init__(self, folder: Path, lock: FileLock, writer: sqlite3.Connection, reader: sqlite3.Connection) -> None:
        self._folder = folder
        self._lock = lock
        self._db = writer
        self._reader = reader
        self._writing = Aside("ledger-writer")
        self._reading = Aside("ledger-reader")
        self._numbers: dict[str, int] = dict(writer.execute("select id, no from register order by no"))
        self._versions: dict[int, int] = {}
        self._seq: int = writer.execute("select coalesce(max(seq), 0) from entry").fetchone()[0]
        self._broken: str | None = None

    @classmethod
    def open(cls, folder: Path) -> SqliteJournal:
        """Open or create the ledger in this folder.

        Raises :class:`StorageBusy` when another process holds it, :class:`StorageCorrupt` when the file is no ledger,
        :class:`StorageError` when it is of a newer schema or cannot be opened.
        """
        path = folder / FILE_NAME
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(folder / LOCK_NAME)
            lock.acquire(timeout=0)
            (folder / PID_NAME).write_text(str(os.getpid()), "ascii")
        except Timeout:
            who = "another process"
            with suppress(OSError, ValueError):
                who = f"process {int((folder / PID_NAME).read_text('ascii'))}"
            raise StorageBusy(f"{folder} is held by {who}") from None
        except OSError as error:
            raise StorageError(f"{folder} cannot be used as a data folder: {error.strerror}") from error
        with ExitStack() as undo:
            undo.callback(lock.release)
            if path.is_file() and path.stat().st_size < _HEADER_SIZE:
                raise StorageCorrupt(f"{path} is damaged or no ledger: it is shorter than a header")
            try:
                if not path.exists():
                    _found(path)
                writer = undo.enter_context(closing(sqlite3.connect(path, **_OPTIONS)))
                reader = undo.enter_context(closing(sqlite3.connect(path, **_OPTIONS)))
                _set_up(writer)
                writer.execute(f"pragma cache_size = -{CACHE_KIB}")
                _migrate(writer, path)
                _set_up(reader)
                journal = cls(folder, lock, writer, reader)
            except (sqlite3.Error, UnicodeDecodeError) as error:  # the latter of a damaged schema's own words
                if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) in _DAMAGED:
                    raise StorageCorrupt(f"{path} is damaged or no ledger: {error}") from error
                raise StorageError(f"{path} cannot be opened: {error}") from error
            except OSError as error:
                raise StorageError(f"{path} cannot be made: {error.strerror}") from error
            undo.pop_all()
        return journal

    # --------------------------------------------------------------------------------------------------- writing

    async def commit(
        self, batch: Sequence[Append], notes: Sequence[Note] = (), times: Sequence[BatchTimes] = ()
    ) -> Sequence[Outcome]:
        return await self._writing.do(self._commit, batch, notes, times)

    def _commit(self, batch: Sequence[Append], notes: Sequence[Note], times: Sequence[BatchTimes]) -> Sequence[Outcome]:
        if self._broken is not None:
            raise JournalBroken(self._broken)
        db = self._db
        numbers, versions = self._numbers, self._versions
        new_numbers: dict[str, int] = {}
        new_versions: dict[int, int] = {}
        seq = self._seq
        rows: dict[int, list[Row]] = {values: [] for values in _INSERT}
        snapshots: list[tuple[int, int, int, bytes, int]] = []
        outcomes: list[Outcome] = []
        stale: set[str] = set()
        try:
            db.execute("begin immediate")
            for append in batch:
                register_id = append.register_id
                no = numbers.get(register_id) or new_numbers.get(register_id, 0)
                version = new_versions.get(no) or versions.get(no)
                if version is None:
                    version = self._version_of(no)
                if version != append.expected or (stale and register_id in stale):
                    stale.add(register_id)
                    outcomes.append(Stale(version))
                    continue
                if not no:
                    no = self._add_register(register_id, new_numbers, seq + 1)
                outcomes.append(Committed(seq + 1))
                last_number = append.after.tape.last_number
                for entry in append.entries:
                    seq += 1
                    version += 1
                    row = row_of(entry, seq, no, last_number, version)
                    rows[len(row)].append(row)
                new_versions[no] = version
                if append.snapshot:
                    snapshots.append((no, last_number, version, pack_state(append.after), seq))
            self._insert(rows)
            if snapshots:
                db.executemany("insert or replace into snapshot values (?, ?, ?, ?, ?)", snapshots)
            if notes:
                self._write_notes(notes, new_numbers)
            if times:
                db.executemany(
                    "insert or replace into batch values (?, ?, ?, ?, ?)",
                    [(t.first_seq, t.last_seq, t.taken_at, t.committed_at, t.answered_at) for t in times],
                )
            db.execute("commit")
        except (sqlite3.Error, ValueError, TypeError, OverflowError) as error:
            raise self._failed(error) from error
        self._numbers.update(new_numbers)
        self._versions.update(new_versions)
        self._seq = seq
        return outcomes

    def _failed(self, error: Exception) -> StorageError:
        """What an error means for those who wait: of the database, or of a value that no row can hold."""
        code = getattr(error, "sqlite_errorcode", None)
        if code in _BROKEN:
            self._broken = f"{self._folder / FILE_NAME}: {error}"
            return JournalBroken(self._broken)
        with suppress(sqlite3.Error):
            if self._db.in_transaction:
                self._db.execute("rollback")
        return CommitFailed(f"{self._folder / FILE_NAME}: {error}")

    def _insert(self, rows: Mapping[int, list[Row]]) -> None:
        for values, some in rows.items():
            begin = 0
            for size, statement in _INSERT[values].items():
                while len(some) - begin >= size:
                    self._db.execute(statement, tuple(chain.from_iterable(some[begin : begin + size])))
                    begin += size

    def _add_register(self, register_id: str, new: dict[str, int], since: int) -> int:
        no = new[register_id] = len(self._numbers) + len(new) + 1
        self._db.execute("insert into register (no, id, since) values (?, ?, ?)", (no, register_id, since))
        return no

    def _version_of(self, no: int) -> int:
        """The version of the register with this number; 0 is the number, and the version, of one that is not there."""
        version = self._versions.get(no) if no else 0
        if version is None:
            version = self._versions[no] = _newest(self._db, no)
        return version

    def _write_notes(self, notes: Sequence[Note], new: dict[str, int]) -> None:
        self._db.executemany(
            "insert into note values (?, ?, ?, ?)",
            [
                (no, note.number, note.kind.value, note.at)
                for note in notes
                if (no := self._numbers.get(note.register_id) or new.get(note.register_id)) is not None
            ],
        )

    async def is_committed(self, append: Append) -> Committed | None:
        loaded = await self._read(self._entries_after, append.register_id, 0, append.expected)
        kept = loaded[: len(append.entries)]
        same = tuple(stored.entry for stored in kept) == append.entries
        return Committed(kept[0].seq) if same else None

    async def is_writable(self) -> bool:
        return self._broken is None

    async def close(self) -> None:
        await self._reading.do(self._reader.close)
        await self._writing.do(self._close_writer)
        self._reading.close()
        self._writing.close()
        self._lock.release()

    def _close_writer(self) -> None:
        with suppress(sqlite3.Error):
            self._db.close()

    # --------------------------------------------------------------------------------------------------- reading

    async def _read(self, function: Callable[..., T], *args: Any) -> T:
        def run() -> T:
            try:
                return function(*args)
            except sqlite3.Error as error:
                raise StorageError(f"{self._folder / FILE_NAME}: {error}") from error
            except StorageError:
                raise
            except (FiscalError, ValueError, TypeError, LookupError, ArithmeticError) as error:
                raise StorageCorrupt(f"{self._folder / FILE_NAME}: cannot be read back: {error}") from error

        return await self._reading.do(run)

    def _stored(self, row: Row) -> StoredEntry:
        return StoredEntry(row[0], row[-1], row[3], entry_of(row[:-1]))

    def _query(self, where: str, *values: Any) -> list[StoredEntry]:
        return [self._stored(row) for row in self._reader.execute(_SELECT + _JOIN + where, values)]

    def _of(self, register_id: str, where: str, *values: Any, **bounds: Any) -> Iterator[StoredEntry]:
        """Entries of one register; bounds as :func:`entries_of` has them."""
        for row in entries_of(self._reader, self._numbers.get(register_id, 0), _COLUMNS, where, values, **bounds):
            yield StoredEntry(row[0], register_id, row[3], entry_of(row))

    def _entries_after(self, register_id: str, number: int, version: int, since: int = 1) -> list[StoredEntry]:
        where = "entry.number >= ? and entry.version > ?"
        return list(self._of(register_id, where, number, version, since=since))

    async def load(self, register_id: str) -> Loaded | None:
        if register_id not in self._numbers:
            return None  # known without a way to the thread that reads, which takes long while thousands say hello
        return await self._read(self._load, register_id)

    def _load(self, register_id: str) -> Loaded | None:
        no = self._numbers.get(register_id)
        if no is None:
            return None
        kept = self._reader.execute("select number, version, state, seq from snapshot where register_no = ?", (no,))
        row = kept.fetchone()
        number, version, state, since = (
            (0, 0, None, 1) if row is None else (row[0], row[1], unpack_state(row[2]), row[3])
        )
        later = self._entries_after(register_id, number, version, since)
        # The writer need not look for it once more. If it has written since, it knows already.
        self._versions.setdefault(no, later[-1].version if later else version)
        return Loaded(register_id, state, tuple(stored.entry for stored in later))

    async def version(self, register_id: str) -> Version:
        return await self._read(self._version, register_id)

    def _version(self, register_id: str) -> Version:
        return _newest(self._reader, self._numbers.get(register_id, 0))

    async def document(self, register_id: str, number: int) -> StoredEntry | None:
        return await self._read(self._document, register_id, number)

    def _document(self, register_id: str, number: int) -> StoredEntry | None:
        found = self._as_it_came(register_id, number)
        return None if found is None else self._with_facts(found)

    def _as_it_came(self, register_id: str, number: int) -> StoredEntry | None:
        where = "entry.number = ? and entry.kind = ?"
        return next(self._of(register_id, where, number, KIND_DOCUMENT, newest_first=True, limit=1), None)

    def _with_facts(self, stored: StoredEntry) -> StoredEntry:
        """The document with the mark that was added to it later, if one was."""
        entry = stored.entry
        assert isinstance(entry, DocumentRecorded)
        if entry.autonomous:
            return stored
        row = self._reader.execute(
            "select autonomous_sign, period from entry where register_no = ? and about = ? and kind = ?",
            (self._numbers[stored.register_id], entry.number, KIND_MADE_AUTONOMOUS),
        ).fetchone()
        if row is None:
            return stored
        return made_autonomous(stored, *row)

    async def is_autonomous_sign_used(self, register_id: str, sign: int, besides_number: int) -> bool:
        return await self._read(self._is_sign_used, register_id, sign, besides_number)

    def _is_sign_used(self, register_id: str, sign: int, besides_number: int) -> bool:
        columns, no = "coalesce(entry.about, entry.number)", self._numbers.get(register_id, 0)
        rows = entries_of(self._reader, no, columns, "entry.autonomous_sign = ?", (sign,), newest_first=True)
        return any(number != besides_number for (number,) in rows)

    async def period(self, register_id: str, number: int) -> PeriodRecorded | None:
        return await self._read(self._period, register_id, number)

    def _period(self, register_id: str, number: int) -> PeriodRecorded | None:
        found = self._query(
            "where register.id = ? and entry.about = ? and entry.kind = ? order by entry.version desc limit 1",
            register_id,
            number,
            KIND_PERIOD,
        )
        if not found:
            return None
        entry = found[0].entry
        assert isinstance(entry, PeriodRecorded)
        return entry

    async def registers(self) -> Sequence[str]:
        return tuple(self._numbers)

    async def documents(self, wanted: DocumentFilter) -> Sequence[StoredEntry]:
        return await self._read(self._documents, wanted)

    def _documents(self, wanted: DocumentFilter) -> list[StoredEntry]:
        where, values = _conditions(wanted)
        newest_first = wanted.after_seq is None
        # A mark may have come later than its document: those two conditions are judged on the document with its facts.
        limit = wanted.limit if wanted.autonomous is None and wanted.autonomous_sign is None else None
        found: Iterator[StoredEntry]
        if wanted.register_id is None:
            order = "desc" if newest_first else "asc"
            query = f"{_SELECT}{_JOIN}where {where} order by entry.seq {order} limit ?"
            found = map(self._stored, self._reader.execute(query, (*values, -1 if limit is None else limit)))
        else:
            found = self._of(
                wanted.register_id,
                where,
                *values,
                since=(wanted.after_seq or 0) + 1,
                until=wanted.before_seq,
                newest_first=newest_first,
                limit=limit,
            )
        return list(islice(filter(partial(_is_wanted, wanted), map(self._with_facts, found)), wanted.limit))

    async def entries(self, register_id: str | None, after_seq: int, limit: int) -> Sequence[StoredEntry]:
        if register_id is None:
            return await self._read(self._query, "where entry.seq > ? order by entry.seq limit ?", after_seq, limit)
        return await self._read(self._entries_behind, register_id, after_seq, limit)

    def _entries_behind(self, register_id: str, after_seq: int, limit: int) -> list[StoredEntry]:
        return list(self._of(register_id, "entry.seq > ?", after_seq, since=after_seq + 1, limit=limit))

    async def anomalies(
        self, register_id: str | None, code: AnomalyCode | None, before_seq: int | None, limit: int
    ) -> Sequence[StoredEntry]:
        return await self._read(self._anomalies, register_id, code, before_seq, limit)

    def _anomalies(
        self, register_id: str | None, code: AnomalyCode | None, before_seq: int | None, limit: int
    ) -> list[StoredEntry]:
        where = "where entry.flagged = 1"
        values: list[Any] = []
        if register_id is not None:
            where, values = where + " and register.id = ?", [*values, register_id]
        if before_seq is not None:
            where, values = where + " and entry.seq < ?", [*values, before_seq]
        chosen: list[StoredEntry] = []
        for row in self._reader.execute(_SELECT + _JOIN + where + " order by entry.seq desc", values):
            stored = self._stored(row)
            if is_noticed(stored, code):
                chosen.append(stored)
                if len(chosen) == limit:
                    break
        return chosen

    async def history(self, register_id: str, number: int) -> History:
        return await self._read(self._history, register_id, number)

    def _history(self, register_id: str, number: int) -> History:
        no = self._numbers.get(register_id, 0)
        found = self._as_it_came(register_id, number)
        seq = 0 if found is None else found.seq
        row = self._reader.execute(
            "select first_seq, last_seq, taken_at, committed_at, answered_at from batch where first_seq <= ? "
            "order by first_seq desc limit 1",
            (seq,),
        ).fetchone()
        times = None if row is None or not row[0] <= seq <= row[1] else BatchTimes(*row)
        notes = self._reader.execute(
            "select kind, at from note where register_no = ? and number = ? order by rowid", (no, number)
        )
        later = self._query(
            "where register.id = ? and entry.about = ? and entry.kind in (?, ?) order by entry.version",
            register_id,
            number,
            KIND_MADE_AUTONOMOUS,
            KIND_ANOMALY,
        )
        return History(times, tuple(Note(register_id, number, NoteKind(k), at) for k, at in notes), tuple(later))

    async def last_seq(self) -> int:
        return self._seq


def _newest(db: sqlite3.Connection, register_no: int) -> int:
    """The version of the newest entry of a register, 0 without one."""
    version: int
    for (version,) in entries_of(db, register_no, "entry.version", newest_first=True, limit=1):
        return version
    return 0


def _is_wanted(wanted: DocumentFilter, stored: StoredEntry) -> bool:
    """Whether a document with its facts is autonomous as it is wanted, and under the sign."""
    entry = stored.entry
    assert isinstance(entry, DocumentRecorded)
    if wanted.autonomous is not None and entry.autonomous is not wanted.autonomous:
        return False
    return wanted.autonomous_sign is None or entry.autonomous_sign == wanted.autonomous_sign


def _conditions(wanted: DocumentFilter) -> tuple[str, list[Any]]:
    conditions = ["entry.kind = ?"]
    values: list[Any] = [KIND_DOCUMENT]
    for column, comparison, value in conditions_of(wanted):
        conditions.append(f"entry.{column} {comparison} ?")
        values.append(value)
    return " and ".join(conditions), values


__all__ = ["SqliteJournal"]
