"""A look at a ledger without holding it: for whoever judges, counts or exports while an operator may be writing.

The rule: nothing is written and no lock is taken; what is seen is the moment at which the reader was opened. It reads
from the first entry to the last, once, and keeps nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from fiscal.errors import FiscalError, StorageCorrupt, StorageError
from fiscal.time import Instant
from ofd_server.ports import Note, NoteKind, StoredEntry
from ofd_server.storage.rows import COLUMNS, KIND_DOCUMENT, Row, entry_of
from ofd_server.storage.sqlite import FILE_NAME, SCHEMA_VERSION

_ENTRIES: Final = f"select {', '.join(COLUMNS)} from entry order by seq"  # noqa: S608 - names that are constants here
_SIGNS: Final = f"select register_no, number, sign from entry where kind = {KIND_DOCUMENT} order by seq"  # noqa: S608
_BATCHES: Final = "select first_seq, last_seq, answered_at from batch order by first_seq"
_NOTES: Final = "select register_no, number, kind, at from note order by rowid"
_DAMAGED: Final = frozenset((sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB))


class Line(NamedTuple):
    """An entry, and when the batch that it was committed with had been answered, if that is known."""

    stored: StoredEntry
    answered_at: Instant | None


class LedgerReader:
    """The ledger in this folder, or in this file. Use as a context manager.

    :class:`StorageError` when there is none or it is of a newer schema, :class:`StorageCorrupt` for a damaged one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path / FILE_NAME if path.is_dir() else path
        self._db: sqlite3.Connection | None = None
        self._names: dict[int, str] = {}

    @property
    def name(self) -> str:
        """What stands for the ledger in a verdict: the file's own name."""
        return self.path.name

    def __enter__(self) -> Self:
        if not self.path.is_file():
            raise StorageError(f"{self.path}: there is no ledger")
        try:
            self._db = self._opened()
            self._names = dict(self._db.execute("select no, id from register"))
        except sqlite3.Error as error:
            self.__exit__()
            raise self._translated(error) from error
        return self

    def __exit__(self, *_failure: object) -> None:
        db, self._db = self._db, None
        if db is not None:
            db.close()

    def _opened(self) -> sqlite3.Connection:
        """A ledger on a disk that cannot be written has nothing in its log, and is read as it lies there."""
        try:
            return self._connected("mode=ro")
        except sqlite3.OperationalError:
            log = self.path.with_name(self.path.name + "-wal")
            if log.exists() and log.stat().st_size:
                raise
            return self._connected("immutable=1")

    def _connected(self, how: str) -> sqlite3.Connection:
        db = sqlite3.connect(f"{self.path.absolute().as_uri()}?{how}", uri=True, isolation_level=None)
        try:
            db.execute("begin")  # every read sees the same moment
            (version,) = db.execute("pragma user_version").fetchone()
            db.execute("select 1 from entry limit 1").fetchone()
        except BaseException:
            db.close()
            raise
        if version > SCHEMA_VERSION:
            db.close()
            raise StorageError(f"{self.path} has schema version {version}; this program knows up to {SCHEMA_VERSION}")
        return db

    def lines(self) -> Iterator[Line]:
        """Every entry of every register, in the order of the ledger."""
        batches = self._rows(_BATCHES)
        first, last, answered = next(batches, (0, 0, None))
        for row in self._rows(_ENTRIES):
            seq = row[0]
            while seq > last and answered is not None:
                first, last, answered = next(batches, (0, 0, None))
            stored = StoredEntry(seq, self._names[row[1]], row[3], self._entry(row))
            yield Line(stored, answered if first <= seq <= last else None)

    def signs(self) -> Iterator[tuple[str, int, str | None]]:
        """Register, number and sign of every document, in the order of the ledger, without reading what they say."""
        names = self._names
        for no, number, sign in self._rows(_SIGNS):
            yield names[no], number, sign

    def notes(self) -> Iterator[Note]:
        """What was noted on the way of documents, in the order in which it was written."""
        for no, number, kind, at in self._rows(_NOTES):
            yield Note(self._names[no], number, NoteKind(kind), at)

    def _rows(self, query: str) -> Iterator[Row]:
        assert self._db is not None, "a reader is used inside `with`"
        try:
            yield from self._db.execute(query)
        except sqlite3.Error as error:
            raise self._translated(error) from error

    def _entry(self, row: Row) -> Any:
        try:
            return entry_of(row)
        except (FiscalError, ValueError, TypeError, LookupError) as error:
            raise StorageCorrupt(f"{self.path}: entry {row[0]} cannot be read back: {error}") from error

    def _translated(self, error: sqlite3.Error) -> StorageError:
        if getattr(error, "sqlite_errorcode", None) in _DAMAGED:
            return StorageCorrupt(f"{self.path} is damaged or no ledger: {error}")
        return StorageError(f"{self.path}: {error}")


__all__ = ["LedgerReader", "Line"]
