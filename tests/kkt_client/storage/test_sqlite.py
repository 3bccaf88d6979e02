"""What only a real file can do wrong."""

import sqlite3

import pytest

from fiscal.errors import ConfigurationError, DiskFull, StorageBusy, StorageCorrupt, StorageError
from kkt_client.core.errors import MemoryStopped
from kkt_client.core.records import GENESIS, Issued, seal
from kkt_client.storage import sqlite as adapter
from kkt_client.storage.sqlite import FILE, MIGRATIONS, SqliteFiscalMemory

FIRST = seal(GENESIS, 1, Issued(number=1, content=b"c", key="k"))
SECOND = seal(FIRST.hash, 2, Issued(number=2, content=b"c"))


async def written(folder) -> None:
    memory = SqliteFiscalMemory(folder)
    await memory.open()
    await memory.append([FIRST], {"marks": b"m"})
    await memory.close()


def change(folder, statement: str) -> None:
    connection = sqlite3.connect(folder / FILE)
    with connection:
        connection.execute(statement)
    connection.close()


@pytest.mark.requirement("S3-08")
@pytest.mark.parametrize("statement", ["UPDATE record SET body = x'00'", "DELETE FROM record"])
async def test_the_file_itself_refuses_to_change_a_record(tmp_path, statement):
    await written(tmp_path)

    with pytest.raises(sqlite3.IntegrityError, match="never"):
        change(tmp_path, statement)

    memory = SqliteFiscalMemory(tmp_path)
    assert (await memory.open()).last_seq == 1
    await memory.close()


async def test_every_commit_is_durable(tmp_path):
    memory = SqliteFiscalMemory(tmp_path)
    await memory.open()
    connection = memory._connection
    assert connection is not None
    names = ("journal_mode", "synchronous", "user_version")
    pragmas = await memory._do(lambda: [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names])
    await memory.close()

    assert pragmas == ["wal", 2, len(MIGRATIONS)]


async def test_a_file_of_a_newer_program_is_not_touched(tmp_path):
    await written(tmp_path)
    change(tmp_path, "PRAGMA user_version = 99")

    with pytest.raises(
        StorageError, match=f"layout 99, written by a newer program; this one knows up to {len(MIGRATIONS)}"
    ):
        await SqliteFiscalMemory(tmp_path).open()


async def test_an_older_file_is_brought_up_to_date(tmp_path, monkeypatch):
    await written(tmp_path)
    script = tmp_path / "next.sql"
    script.write_text("CREATE TABLE later (n INTEGER) STRICT;", encoding="utf-8")
    monkeypatch.setattr(adapter, "MIGRATIONS", (*MIGRATIONS, str(script)))
    with pytest.raises(ConfigurationError, match="open it for writing once"):
        await SqliteFiscalMemory(tmp_path, read_only=True).open()

    memory = SqliteFiscalMemory(tmp_path)
    kept = await memory.open()
    await memory.close()

    assert kept.last_seq == 1
    change(tmp_path, "INSERT INTO later VALUES (1)")


async def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    await written(tmp_path)
    script = tmp_path / "next.sql"
    script.write_text("CREATE TABLE later (n INTEGER); CREATE TABLE record (n INTEGER);", encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(adapter, "MIGRATIONS", (*MIGRATIONS, str(script)))
        with pytest.raises(StorageError, match="already exists"):
            await SqliteFiscalMemory(tmp_path).open()

    memory = SqliteFiscalMemory(tmp_path)
    assert (await memory.open()).last_seq == 1
    await memory.close()


@pytest.mark.parametrize("data", [b"this is no database" * 100, b"SQLite format 3\x00" + b"\xff" * 4_096])
async def test_a_file_that_is_no_database_is_named(tmp_path, data):
    (tmp_path / FILE).write_bytes(data)

    with pytest.raises(StorageCorrupt, match=FILE):
        await SqliteFiscalMemory(tmp_path).open()

    # and it lets go of the folder
    (tmp_path / FILE).unlink()
    memory = SqliteFiscalMemory(tmp_path)
    await memory.open()
    await memory.close()


async def test_damage_behind_the_first_page_is_found_when_it_is_read(tmp_path):
    memory = SqliteFiscalMemory(tmp_path)
    await memory.open()
    await memory.append([seal(GENESIS, 1, Issued(number=1, content=b"c" * 50_000))], {})
    await memory.close()
    data = bytearray((tmp_path / FILE).read_bytes())
    data[4_096:16_384] = b"\xff" * 12_288
    (tmp_path / FILE).write_bytes(data)
    memory = SqliteFiscalMemory(tmp_path)

    async def read() -> None:
        await memory.open()
        await memory.records(0, 10)

    with pytest.raises(StorageCorrupt):
        await read()
    await memory.close()


async def test_a_memory_that_lost_all_its_bytes_is_no_new_one(tmp_path):
    (tmp_path / FILE).write_bytes(b"")

    with pytest.raises(StorageCorrupt, match="empty"):
        await SqliteFiscalMemory(tmp_path).open()
    assert (tmp_path / FILE).read_bytes() == b""


async def test_a_founding_that_was_interrupted_leaves_nothing_in_the_way(tmp_path):
    (tmp_path / f"{FILE}.new").write_bytes(b"half a header")
    memory = SqliteFiscalMemory(tmp_path)
    await memory.open()
    await memory.close()

    assert [path.name for path in tmp_path.glob(f"{FILE}*")] == [FILE]


async def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(StorageError, match="file"):
        await SqliteFiscalMemory(tmp_path / "file" / "register").open()


async def test_a_failure_of_unknown_outcome_stops_the_memory(tmp_path):
    memory = SqliteFiscalMemory(tmp_path)
    await memory.open()
    await memory.append([FIRST], {})

    with pytest.raises(StorageError, match="UNIQUE"):
        await memory.append([FIRST], {})
    with pytest.raises(MemoryStopped, match="nothing more is written after"):
        await memory.append([SECOND], {})

    assert list(await memory.records(0, 10)) == [FIRST]
    await memory.close()
    again = SqliteFiscalMemory(tmp_path)
    await again.open()
    await again.append([SECOND], {})
    await again.close()


async def test_a_full_disk_does_not_stop_it(tmp_path):
    memory = SqliteFiscalMemory(tmp_path, page_count_max=14)
    await memory.open()

    with pytest.raises(DiskFull):
        await memory.append([seal(GENESIS, 1, Issued(number=1, content=b"c" * 100_000))], {})

    await memory.append([FIRST], {})
    assert list(await memory.records(0, 10)) == [FIRST]
    await memory.close()


async def test_a_rollback_that_fails_stops_it(tmp_path, monkeypatch):
    memory = SqliteFiscalMemory(tmp_path, page_count_max=14)
    await memory.open()
    monkeypatch.setattr(memory, "_rolled_back", lambda connection: False)

    with pytest.raises(DiskFull):
        await memory.append([seal(GENESIS, 1, Issued(number=1, content=b"c" * 100_000))], {})
    with pytest.raises(MemoryStopped):
        await memory.append([FIRST], {})
    await memory.close()


async def test_a_reader_looks_at_a_memory_that_is_in_use_and_changes_nothing(tmp_path):
    with pytest.raises(StorageError, match="there is no fiscal memory here"):
        await SqliteFiscalMemory(tmp_path / "nothing", read_only=True).open()
    assert not (tmp_path / "nothing").exists()
    memory = SqliteFiscalMemory(tmp_path)
    await memory.open()
    await memory.append([FIRST], {})
    reader = SqliteFiscalMemory(tmp_path, read_only=True)

    assert (await reader.open()).last_seq == 1
    await memory.append([SECOND], {})
    assert list(await reader.records(0, 10)) == [FIRST], "a reader sees one moment"
    with pytest.raises(StorageError, match="reading only"):
        await reader.append([SECOND], {})
    await reader.close()
    await memory.close()


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (sqlite3.SQLITE_FULL, DiskFull),
        (sqlite3.SQLITE_CORRUPT, StorageCorrupt),
        (sqlite3.SQLITE_CORRUPT_INDEX, StorageCorrupt),
        (sqlite3.SQLITE_NOTADB, StorageCorrupt),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, StorageBusy),
        (sqlite3.SQLITE_LOCKED, StorageBusy),
        (sqlite3.SQLITE_IOERR_FSYNC, StorageError),
        (None, StorageError),
    ],
)
def test_errors_of_the_driver_have_one_meaning(tmp_path, code, error):
    failure = sqlite3.OperationalError("why")
    if code is not None:
        failure.sqlite_errorcode = code

    assert type(adapter._translated(failure, tmp_path)) is error


async def test_reading_and_writing_fail_as_the_port_says(tmp_path):
    memory = SqliteFiscalMemory(tmp_path)
    await memory.open()
    await memory.append([FIRST], {})
    connection = memory._connection
    assert connection is not None
    await memory._do(lambda: connection.execute("DROP TABLE record"))

    with pytest.raises(StorageError, match="no such table"):
        await memory.records(0, 1)
    with pytest.raises(StorageError, match="no such table"):
        await memory.of_key("k")
    await memory.close()


async def test_a_rollback_of_nothing_is_done(tmp_path):
    memory = SqliteFiscalMemory(tmp_path)
    closed = sqlite3.connect(":memory:", isolation_level=None)

    assert memory._rolled_back(closed)
    closed.execute("BEGIN")
    assert memory._rolled_back(closed)
    closed.close()
    assert not memory._rolled_back(closed)
