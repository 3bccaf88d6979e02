"""A look at a ledger on PostgreSQL for whoever judges, counts or exports, while operators may be writing.

The rule: nothing is written and nothing is locked; everything is read in one transaction that sees the moment at which
it began, from the first entry to the last, in pages. It is for callers without an event loop, in a thread of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Self, TypeVar

import asyncpg

from fiscal.errors import FiscalError, StorageCorrupt, StorageError
from ofd_server.ports import Note, NoteKind, StoredEntry
from ofd_server.storage.addresses import Address
from ofd_server.storage.migrating import SchemaTooNew
from ofd_server.storage.postgresql import SCHEMA_VERSION, version_of
from ofd_server.storage.postgresql_links import AWAY, CONNECT_S, READ_S, Connection, told, told_at_start
from ofd_server.storage.postgresql_reading import COLUMNS
from ofd_server.storage.reading import Line
from ofd_server.storage.rows import KIND_DOCUMENT, entry_of

PAGE: Final = 2_000
"""Rows that are asked for at a time: the way there and back is nothing beside reading them."""

_ENTRIES: Final = f"select {', '.join(COLUMNS)} from entry order by seq"  # noqa: S608 - names that are constants here
_BATCHES: Final = "select first_seq, last_seq, answered_at from batch order by first_seq"
_NOTES: Final = "select register_id, number, kind, at from note order by place"
_SIGNS: Final = f"select register_id, number, sign from entry where kind = {KIND_DOCUMENT} order by seq"  # noqa: S608 - likewise

T = TypeVar("T")


class PostgresLedgerReader:
    """The ledger at this address, as :class:`ofd_server.storage.reading.LedgerReader` is one in a folder.

    Use as a context manager. :class:`ConfigurationError` for an address that is not right, :class:`Unreachable` when
    nobody answers, :class:`StorageError` when there is no ledger or it is of a newer schema.
    """

    def __init__(self, dsn: str) -> None:
        self.address = Address(dsn)
        self._thread: ThreadPoolExecutor | None = None
        self._loop = asyncio.new_event_loop()
        self._connection: Any = None

    @property
    def name(self) -> str:
        """What stands for the ledger where a file would be named."""
        return str(self.address)

    def __enter__(self) -> Self:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ledger-at-hand")
        try:
            self._run(self._open())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_failure: object) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.submit(self._close).result()
            thread.shutdown()

    def _run(self, asked: Coroutine[Any, Any, T]) -> T:
        assert self._thread is not None, "a reader is used inside `with`"
        return self._thread.submit(self._loop.run_until_complete, asked).result()

    async def _open(self) -> None:
        try:
            self._connection = await asyncpg.connect(
                self.address.dsn,
                timeout=CONNECT_S,
                command_timeout=READ_S,
                server_settings={"application_name": "mock-ofd judge"},
            )
            connection: Connection = self._connection
            await connection.execute("begin isolation level repeatable read read only")
            version = await version_of(connection)
        except (*AWAY, asyncpg.PostgresError, ValueError) as error:
            raise told_at_start(self.address, error) from error
        if version == 0:
            raise StorageError(f"{self.address}: there is no ledger")
        if version > SCHEMA_VERSION:
            raise SchemaTooNew(self.address, version, SCHEMA_VERSION)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def lines(self) -> Iterator[Line]:
        """Every entry of every register, in the order of the ledger."""
        batches = self._rows(_BATCHES)
        first, last, answered = next(batches, (0, 0, None))
        for row in self._rows(_ENTRIES):
            seq = row[0]
            while seq > last and answered is not None:
                first, last, answered = next(batches, (0, 0, None))
            yield Line(self._stored(row), answered if first <= seq <= last else None)

    def notes(self) -> Iterator[Note]:
        """What was noted on the way of documents, in the order in which it was written."""
        for register_id, number, kind, at in self._rows(_NOTES):
            yield Note(register_id, number, NoteKind(kind), at)

    def signs(self) -> Iterator[tuple[str, int, str | None]]:
        """Register, number and sign of every document, in the order of the ledger, without reading what they say."""
        for row in self._rows(_SIGNS):
            yield row[0], row[1], row[2]

    def _rows(self, query: str) -> Iterator[Any]:
        """All rows; pages of several queries may be asked for in turns."""
        cursor = self._run(self._asked(self._cursor(query)))
        while page := self._run(self._asked(cursor.fetch(PAGE))):
            yield from page

    async def _cursor(self, query: str) -> Any:
        return await self._connection.cursor(query)

    async def _asked(self, question: Coroutine[Any, Any, T]) -> T:
        try:
            return await question
        except (*AWAY, asyncpg.PostgresError) as error:
            raise told(self.address, error) from error

    def _stored(self, row: Any) -> StoredEntry:
        try:
            return StoredEntry(row[0], row[1], row[3], entry_of(row))
        except (FiscalError, ValueError, TypeError, LookupError) as error:
            raise StorageCorrupt(f"{self.address}: entry {row[0]} cannot be read back: {error}") from error


__all__ = ["PostgresLedgerReader"]
