"""Which ledger the settings ask for: on PostgreSQL, in a folder, or in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fiscal.errors import ConfigurationError
from ofd_server.ports import Journal
from ofd_server.storage.addresses import SCHEMES
from ofd_server.storage.memory import MemoryJournal

if TYPE_CHECKING:
    from ofd_server.storage.postgresql_ledger import PostgresLedgerReader
    from ofd_server.storage.reading import LedgerReader


class ExtraMissing(ConfigurationError):
    """What was asked for needs an extra of the distribution that is not installed; the text says which."""


def is_storage(text: str) -> bool:
    """Whether this is the address of a ledger in a database, and no path."""
    return text.startswith(tuple(f"{scheme}://" for scheme in SCHEMES))


def ledger_reader(where: Path | str) -> LedgerReader | PostgresLedgerReader:
    """A reader for the ledger in this folder or file, or at this address; raises what :func:`open_journal` does."""
    if isinstance(where, Path):
        from ofd_server.storage.reading import LedgerReader  # noqa: PLC0415 - likewise needs sqlite3

        return LedgerReader(where)
    with _asyncpg():
        from ofd_server.storage.postgresql_ledger import PostgresLedgerReader  # noqa: PLC0415 - needs asyncpg
    return PostgresLedgerReader(where)


@contextmanager
def _asyncpg() -> Iterator[None]:
    """Around an import that needs it: only who asks for PostgreSQL has to have it."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != "asyncpg":
            raise
        text = "storage: this needs asyncpg, which is not installed: pip install 'mock-ofd[postgresql]'"
        raise ExtraMissing(text) from None


async def open_journal(storage: str | None, data: Path | None) -> Journal:
    """The ledger at the address ``storage``; without one the ledger in the folder ``data``; else one in memory.

    Raises :class:`ExtraMissing` when asyncpg is not installed, :class:`ConfigurationError` for an address that is not
    right, :class:`Unreachable` when nobody answers there, and :class:`StorageError` for whatever cannot be opened.
    """
    if storage is not None:
        with _asyncpg():
            from ofd_server.storage.postgresql import PostgresJournal  # noqa: PLC0415 - needs asyncpg
        return await PostgresJournal.open(storage)
    if data is None:
        return MemoryJournal()
    from ofd_server.storage.sqlite import SqliteJournal  # noqa: PLC0415 - a ledger in memory does without

    return SqliteJournal.open(data)


def ledger_of(journal: Journal, data: Path | None) -> dict[str, Any]:
    """How and where this ledger is kept, for the ready line: never with a password."""
    if journal.shared:
        return {"storage": "postgresql", "data": None, "database": str(journal)}
    return {
        "storage": "memory" if data is None else "sqlite",
        "data": None if data is None else str(data.absolute()),
    }


__all__ = ["ExtraMissing", "is_storage", "ledger_of", "ledger_reader", "open_journal"]
