"""A look at a ledger on PostgreSQL sees one moment, all of it, and says what is wrong with it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import asyncpg
import pytest

from fiscal.errors import ConfigurationError, StorageCorrupt, StorageError
from mock_ofd.cli import judge
from mock_ofd.cli.exits import Exit
from mock_ofd.load.ledger import ledger_of
from ofd_server.ports import Note, NoteKind, StoredEntry, Unreachable
from ofd_server.storage import postgresql_ledger
from ofd_server.storage.migrating import SchemaTooNew
from ofd_server.storage.postgresql import PostgresJournal
from ofd_server.storage.postgresql_ledger import PostgresLedgerReader
from tests.contract.books import Book, anomaly, note, times
from tests.documents import T0, close_shift, receipt
from tests.ports import free_port
from tests.postgres import Postgres


async def filled(dsn: str) -> list[StoredEntry]:
    """Two registers, four documents, notes, and the times of the first batch alone."""
    journal = await PostgresJournal.open(dsn)
    try:
        one, two = Book("kkm-1"), Book("kkm-2")
        await journal.commit([one.register(), two.register(), one.add(receipt(1))])
        last = await journal.last_seq()
        notes = [note("kkm-1", 1, NoteKind.RESENT, T0 + 9), note("kkm-1", 1, NoteKind.LATE, T0 + 1)]
        await journal.commit([two.add(receipt(1)), one.append(anomaly(number=1))], notes, [times(last - 2, last)])
        await journal.commit([one.add(receipt(2)), one.add(close_shift(3))], [note("kkm-2", 1)])
        return list(await journal.entries(None, 0, 100))
    finally:
        await journal.close()


async def execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.mark.parametrize("page", [1, 2, 1_000])
def test_everything_is_read_in_the_order_of_the_ledger(postgres_dsn: str, page: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(postgresql_ledger, "PAGE", page)
    entries = asyncio.run(filled(postgres_dsn))
    with PostgresLedgerReader(postgres_dsn) as reader:
        lines = list(reader.lines())
        assert [line.stored for line in lines] == entries
        assert [line.answered_at for line in lines] == [T0 + 2] * 3 + [None] * 4
        assert list(reader.notes()) == [
            Note("kkm-1", 1, NoteKind.RESENT, T0 + 9),
            Note("kkm-1", 1, NoteKind.LATE, T0 + 1),
            Note("kkm-2", 1, NoteKind.RESENT, T0),
        ]
        assert [(id_, number) for id_, number, _ in reader.signs()] == [
            ("kkm-1", 1),
            ("kkm-2", 1),
            ("kkm-1", 2),
            ("kkm-1", 3),
        ]


def test_what_is_written_meanwhile_is_not_seen(postgres_dsn: str):
    entries = asyncio.run(filled(postgres_dsn))
    with PostgresLedgerReader(postgres_dsn) as reader:
        half = iter(reader.lines())
        seen = [next(half).stored]

        async def write() -> None:
            journal = await PostgresJournal.open(postgres_dsn)
            await journal.commit([Book("kkm-3").register()])
            await journal.close()

        asyncio.run(write())
        seen += [line.stored for line in half]
        assert seen == entries


def test_an_address_without_a_ledger(postgres_dsn: str):
    with pytest.raises(StorageError, match="there is no ledger"):
        PostgresLedgerReader(postgres_dsn).__enter__()


def test_a_newer_ledger_is_refused(postgres_dsn: str):
    asyncio.run(filled(postgres_dsn))
    asyncio.run(execute(postgres_dsn, "insert into ledger_schema values (9)"))
    with pytest.raises(SchemaTooNew, match="schema version 9"):
        PostgresLedgerReader(postgres_dsn).__enter__()


def test_nobody_listens(postgres: Postgres):
    with pytest.raises(Unreachable):
        PostgresLedgerReader(postgres.dsn("ledger", port=free_port())).__enter__()


def test_a_wrong_address():
    with pytest.raises(ConfigurationError):
        PostgresLedgerReader("mysql://db/ledger")


def test_a_damaged_entry_is_named(postgres_dsn: str):
    asyncio.run(filled(postgres_dsn))
    asyncio.run(execute(postgres_dsn, "update entry set content = '' where number = 2"))
    with PostgresLedgerReader(postgres_dsn) as reader, pytest.raises(StorageCorrupt, match="cannot be read back"):
        list(reader.lines())


def test_a_server_that_goes_away_while_it_is_read(postgres_dsn: str):
    asyncio.run(filled(postgres_dsn))
    with PostgresLedgerReader(postgres_dsn) as reader:
        ending = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'mock-ofd judge'"
        asyncio.run(execute(postgres_dsn, ending))
        with pytest.raises(StorageError):
            list(reader.lines())


def test_the_judge_reads_it_by_its_address(postgres_dsn: str, capsys: pytest.CaptureFixture[str]):
    asyncio.run(filled(postgres_dsn))
    assert judge.main([postgres_dsn, "--json"]) == Exit.FOUND
    told = capsys.readouterr()
    verdict = json.loads(told.out)
    assert (verdict["documents"], verdict["counts"]) == (4, {"duplicate": 1, "new_content": 1})
    assert "s3cret" not in told.out + told.err


def test_the_judge_says_what_is_wrong_with_an_address(
    postgres: Postgres, postgres_dsn: str, capsys: pytest.CaptureFixture[str]
):
    nowhere = postgres.dsn("ledger", port=free_port())
    wrong = postgres_dsn.replace("s3cret", "wrong")
    for address, code in ((nowhere, Exit.UNREACHABLE), (wrong, Exit.USAGE), (postgres_dsn, Exit.DATA_UNUSABLE)):
        assert judge.main([address]) == code
        told = capsys.readouterr().err
        assert told.startswith("mock-ofd judge: ")
        assert told.count("\n") == 1
        assert "s3cret" not in told


def test_the_verdict_of_a_load_reads_it(postgres_dsn: str, tmp_path: Path):
    asyncio.run(filled(postgres_dsn))
    found = [(kept.register_id, kept.number) for kept in ledger_of(tmp_path, postgres_dsn)]
    assert found == [("kkm-1", 1), ("kkm-2", 1), ("kkm-1", 2), ("kkm-1", 3)]
