"""The settings choose the ledger, and what is missing is said."""

import sys
from pathlib import Path

import pytest

from fiscal.errors import ConfigurationError
from ofd_server.storage.memory import MemoryJournal
from ofd_server.storage.opening import ExtraMissing, is_storage, ledger_of, ledger_reader, open_journal
from ofd_server.storage.sqlite import SqliteJournal
from tests.contract.books import Book

MODULES = ("postgresql", "postgresql_ledger", "postgresql_links", "postgresql_reading")


async def test_without_an_address_or_a_folder_the_ledger_is_in_memory():
    journal = await open_journal(None, None)
    assert isinstance(journal, MemoryJournal)
    assert ledger_of(journal, None) == {"storage": "memory", "data": None}


async def test_a_folder_holds_a_file(tmp_path: Path):
    journal = await open_journal(None, tmp_path / "new")
    assert isinstance(journal, SqliteJournal)
    assert ledger_of(journal, tmp_path / "new") == {"storage": "sqlite", "data": str(tmp_path / "new")}
    await journal.commit([Book().register()])
    await journal.close()
    with ledger_reader(tmp_path / "new") as reader:
        assert [line.stored.register_id for line in reader.lines()] == ["kkm-1"]


async def test_an_address_leads_to_a_database(postgres_dsn: str):
    journal = await open_journal(postgres_dsn, None)
    try:
        assert (journal.durable, journal.shared) == (True, True)
        told = ledger_of(journal, None)
        assert (told["storage"], told["data"]) == ("postgresql", None)
        assert told["database"].startswith("postgresql://operator@127.0.0.1:")
        assert "s3cret" not in told["database"]
    finally:
        await journal.close()


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("postgresql://db/l", True), ("postgres://db/l", True), ("/var/lib/ofd", False), ("postgresql", False)],
)
def test_what_is_an_address(text: str, is_one: bool):
    assert is_storage(text) is is_one


async def test_without_asyncpg_the_extra_is_named(monkeypatch: pytest.MonkeyPatch):
    for name in MODULES:
        monkeypatch.delitem(sys.modules, f"ofd_server.storage.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(ExtraMissing, match=r"pip install 'mock-ofd\[postgresql\]'") as found:
        await open_journal("postgresql://kassa:geheim@db/l", None)
    assert isinstance(found.value, ConfigurationError)
    assert "geheim" not in str(found.value)
    with pytest.raises(ExtraMissing):
        ledger_reader("postgresql://kassa:geheim@db/l")


async def test_another_module_that_is_missing_is_a_defect(monkeypatch: pytest.MonkeyPatch):
    for name in MODULES:
        monkeypatch.delitem(sys.modules, f"ofd_server.storage.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "ofd_server.storage.postgresql_links", None)
    with pytest.raises(ModuleNotFoundError):
        await open_journal("postgresql://db/l", None)
