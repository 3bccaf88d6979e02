"""The reader of a ledger: everything, in order, without holding it, and never a broken thing."""

import sqlite3
from contextlib import closing

import pytest

from fiscal.errors import StorageCorrupt, StorageError
from ofd_server.ports import BatchTimes, Note, NoteKind
from ofd_server.storage.reading import LedgerReader
from ofd_server.storage.sqlite import FILE_NAME, SCHEMA_VERSION, SqliteJournal
from tests.contract.books import EVERY_KIND, Book, recorded, registered
from tests.contract.test_journal import shop
from tests.documents import T0, receipt


def read(path):
    with LedgerReader(path) as reader:
        return [line.stored for line in reader.lines()]


async def test_it_sees_what_the_journal_holds_while_the_journal_is_open(tmp_path):
    journal = SqliteJournal.open(tmp_path)
    await shop(journal)
    there = list(await journal.entries(None, 0, 1000))
    assert read(tmp_path) == read(tmp_path / FILE_NAME) == there
    assert there
    await journal.close()
    assert read(tmp_path) == there


async def test_every_kind_of_entry(tmp_path):
    journal = SqliteJournal.open(tmp_path)
    book = Book()
    await journal.commit([book.append(*EVERY_KIND)])
    await journal.close()
    assert [stored.entry for stored in read(tmp_path)] == list(EVERY_KIND)
    assert {stored.register_id for stored in read(tmp_path)} == {book.id}


async def test_what_is_written_meanwhile_is_not_seen(tmp_path):
    journal = SqliteJournal.open(tmp_path)
    book = Book()
    await journal.commit([book.append(registered(), recorded(receipt(1)))])
    with LedgerReader(tmp_path) as reader:
        await journal.commit([book.add(receipt(2))])
        assert len(list(reader.lines())) == 2
    assert len(read(tmp_path)) == 3
    await journal.close()


async def test_when_a_batch_was_answered_and_what_was_noted(tmp_path):
    journal = SqliteJournal.open(tmp_path)
    book = Book()
    await journal.commit([book.append(registered(), *(recorded(receipt(number)) for number in range(1, 6)))])
    times = [BatchTimes(2, 3, T0, T0, T0 + 23), BatchTimes(5, 5, T0, T0, T0 + 55)]
    notes = [Note("kkm-1", 2, NoteKind.RESENT, T0), Note("kkm-1", 1, NoteKind.LATE, T0 + 1)]
    await journal.commit([book.add(receipt(6))], notes, times)
    await journal.close()
    with LedgerReader(tmp_path) as reader:
        assert [line.answered_at for line in reader.lines()] == [None, T0 + 23, T0 + 23, None, T0 + 55, None, None]
        assert list(reader.notes()) == notes


async def test_a_disk_that_cannot_be_written(tmp_path, monkeypatch):
    journal = SqliteJournal.open(tmp_path)
    await shop(journal)
    await journal.close()
    there, connect = read(tmp_path), sqlite3.connect

    def no_log(address, **options):
        """SQLite on such a disk: without its log it opens only what is promised not to change."""
        if "immutable" not in address:
            raise sqlite3.OperationalError("unable to open database file")
        return connect(address, **options)

    monkeypatch.setattr(sqlite3, "connect", no_log)
    assert read(tmp_path) == there
    (tmp_path / (FILE_NAME + "-wal")).write_bytes(b"something that is not in the ledger yet")
    with pytest.raises(StorageError, match="unable to open"):
        read(tmp_path)


async def test_what_is_no_ledger(tmp_path):
    with pytest.raises(StorageError, match="there is no ledger"):
        read(tmp_path)
    (tmp_path / FILE_NAME).write_bytes(b"something else, long enough to be taken for a database" * 50)
    with pytest.raises(StorageCorrupt, match="damaged or no ledger"):
        read(tmp_path)
    with closing(sqlite3.connect(tmp_path / "other.sqlite")) as db:
        db.execute("create table goods (name text)")
    with pytest.raises(StorageError, match="no such table"):
        read(tmp_path / "other.sqlite")


async def test_a_newer_ledger(tmp_path):
    journal = SqliteJournal.open(tmp_path)
    await journal.close()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as db:
        db.execute(f"pragma user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(StorageError, match=f"schema version {SCHEMA_VERSION + 1}"):
        read(tmp_path)


async def test_an_entry_that_cannot_be_read_back(tmp_path):
    journal = SqliteJournal.open(tmp_path)
    await shop(journal)
    await journal.close()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as db:
        db.execute("update entry set content = x'c1' where kind = 1")
        db.commit()
    with pytest.raises(StorageCorrupt, match=r"entry \d+ cannot be read back"):
        read(tmp_path)
