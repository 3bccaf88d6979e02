"""A fiscal memory in one SQLite file, made durable record by record.

The rule: what :meth:`SqliteFiscalMemory.append` has returned from survives a power cut (WAL, ``synchronous=FULL``), and
after a failure of unknown outcome nothing more is written until the file was opened anew. The file is touched by one
thread of its own, so a slow disk never stops the event loop.

Errors of the driver become errors of the port in one place, :func:`_translated`.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from fiscal.aside import Aside
from fiscal.errors import ConfigurationError, DiskFull, StorageBusy, StorageCorrupt, StorageError
from kkt_client.core.errors import MemoryStopped
from kkt_client.core.records import Sealed
from kkt_client.ports import Kept
from kkt_client.storage.lock import FileLock

FILE: Final = "fiscal-memory.db"
LOCK: Final = "fiscal-memory.lock"

MIGRATIONS: Final = ("sqlite_0001.sql",)
"""Each brings the file from layout n to n + 1; the layout is the file's ``user_version``."""

P = ParamSpec("P")
T = TypeVar("T")

_BEHIND: Final = "SELECT seq, kind, number, key, body, hash FROM record WHERE seq > ? ORDER BY seq LIMIT ?"
_BETWEEN: Final = "SELECT seq, kind, number, key, body, hash FROM record WHERE number BETWEEN ? AND ? ORDER BY seq"
_INSERT: Final = "INSERT INTO record (seq, kind, number, key, body, hash) VALUES (?, ?, ?, ?, ?, ?)"


class SqliteFiscalMemory:
    """The memory in ``folder``, which is made if need be.

    ``read_only`` looks at a memory that may be in use: it takes no lock, changes nothing and refuses to write.
    ``page_count_max`` makes the file full at so many pages of 4096 bytes, to try out what happens then.
    """

    def __init__(self, folder: Path, *, read_only: bool = False, page_count_max: int | None = None) -> None:
        self.folder = folder
        self.path = folder / FILE
        self._read_only = read_only
        self._page_count_max = page_count_max
        self._lock = FileLock(folder / LOCK)
        self._aside: Aside | None = None
        self._connection: sqlite3.Connection | None = None
        self._stopped: str | None = None

    # ------------------------------------------------------------------------------------------------- the port

    async def open(self) -> Kept:
        assert self._aside is None, "a memory is opened once"
        self._aside = Aside("fiscal-memory")
        try:
            return await self._do(self._open)
        except BaseException:
            await self.close()
            raise

    async def append(self, records: Sequence[Sealed], beside: Mapping[str, bytes]) -> None:
        if self._stopped is not None:
            raise MemoryStopped(self._stopped)
        await self._do(self._append, records, beside)

    async def records(self, after: int, limit: int) -> Sequence[Sealed]:
        return await self._do(self._read, _BEHIND, (after, limit))

    async def of_documents(self, first: int, last: int) -> Sequence[Sealed]:
        return await self._do(self._read, _BETWEEN, (first, last))

    async def of_key(self, key: str) -> int | None:
        return await self._do(self._of_key, key)

    async def close(self) -> None:
        aside, self._aside = self._aside, None
        if aside is not None:
            await aside.do(self._close)
            aside.close(wait=False)

    # ------------------------------------------------------------------------------------------- in the thread

    async def _do(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        if self._aside is None:
            raise StorageError(f"{self.path} is closed")
        return await self._aside.do(work, *args, **named)

    def _open(self) -> Kept:
        if not self._read_only:
            self._make_folder()
            self._lock.take()
        try:
            if not self._read_only and not self.path.exists():
                self._found()
            if self.path.is_file() and self.path.stat().st_size == 0:
                raise StorageCorrupt(f"{self.path} is damaged: it is empty")
            self._connection = self._connect(self.path)
            self._migrate(self._connection)
            (last,) = self._connection.execute("SELECT coalesce(max(seq), 0) FROM record").fetchone()
            return Kept(last, dict(self._connection.execute("SELECT name, value FROM beside")))
        except sqlite3.Error as error:
            raise _translated(error, self.path) from error
        except OSError as error:
            raise StorageError(f"{self.path}: {error.strerror}") from error

    def _found(self) -> None:
        """Make an empty memory under another name first, so that a file with the right name and nothing in it is damage."""
        new = self.path.with_name(self.path.name + ".new")
        for left_over in (new, new.with_name(new.name + "-wal"), new.with_name(new.name + "-shm")):
            left_over.unlink(missing_ok=True)
        connection = self._connect(new)
        try:
            self._migrate(connection)
        finally:
            connection.close()
        new.replace(self.path)
        _sync_folder(self.folder)

    def _make_folder(self) -> None:
        """Make the folder, so that it is still there after a power cut."""
        try:
            if not self.folder.is_dir():
                self.folder.mkdir(parents=True)
                _sync_folder(self.folder.parent)
        except OSError as error:
            raise StorageError(f"{self.folder}: {error.strerror}") from error

    def _connect(self, path: Path) -> sqlite3.Connection:
        if self._read_only and not path.is_file():
            raise StorageError(f"{path}: there is no fiscal memory here")
        uri = f"{path.absolute().as_uri()}?mode={'ro' if self._read_only else 'rwc'}"
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        if self._read_only:
            connection.execute("BEGIN")  # every read sees the same moment, while a register goes on writing
            return connection
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "fullfsync = ON", "checkpoint_fullfsync = ON"):
            connection.execute(f"PRAGMA {pragma}")
        if self._page_count_max is not None:
            connection.execute(f"PRAGMA max_page_count = {self._page_count_max}")
        return connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        (layout,) = connection.execute("PRAGMA user_version").fetchone()
        newest = len(MIGRATIONS)
        if layout > newest:
            text = f"{self.path} has layout {layout}, written by a newer program; this one knows up to {newest}"
            raise StorageError(text)
        if layout < newest and self._read_only:
            raise ConfigurationError(
                f"{self.path} has layout {layout}; open it for writing once to bring it to {newest}"
            )
        for number, name in enumerate(MIGRATIONS[layout:], layout + 1):
            script = resources.files("kkt_client.storage").joinpath("sql", name).read_text(encoding="utf-8")
            connection.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")
        if layout < newest:
            _sync_folder(self.folder)

    def _append(self, records: Sequence[Sealed], beside: Mapping[str, bytes]) -> None:
        connection = self._opened()
        if self._read_only:
            raise StorageError(f"{self.path} was opened for reading only")
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                _INSERT,
                [(row.seq, row.kind, row.number, row.key, row.body, row.hash) for row in records],
            )
            if beside:
                connection.executemany("REPLACE INTO beside (name, value) VALUES (?, ?)", list(beside.items()))
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            failure = _translated(error, self.path)
            if not isinstance(failure, DiskFull) or not self._rolled_back(connection):
                self._stopped = f"nothing more is written after: {failure}"
            raise failure from error

    def _rolled_back(self, connection: sqlite3.Connection) -> bool:
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            return False
        return True

    def _read(self, query: str, values: tuple[int, ...]) -> list[Sealed]:
        try:
            return [Sealed(*row) for row in self._opened().execute(query, values)]
        except sqlite3.Error as error:
            raise _translated(error, self.path) from error

    def _of_key(self, key: str) -> int | None:
        try:
            row = self._opened().execute("SELECT number FROM record WHERE key = ?", (key,)).fetchone()
        except sqlite3.Error as error:
            raise _translated(error, self.path) from error
        return None if row is None else int(row[0])

    def _opened(self) -> sqlite3.Connection:
        assert self._connection is not None, "open() comes first"
        return self._connection

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        try:
            if connection is not None:
                connection.close()
        finally:
            self._lock.release()


def _translated(error: sqlite3.Error, path: Path) -> StorageError:
    """What the port calls this failure."""
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_FULL:
            return DiskFull(f"{path}: there is no room for another record")
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return StorageCorrupt(f"{path} is damaged: {error}")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StorageBusy(f"{path} is in use: {error}")
        case _:
            return StorageError(f"{path}: {error}")


def _sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system can (Windows does it by itself)."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
