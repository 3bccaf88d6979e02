"""What only a file on a disk can suffer: kill -9, a full disk, a failed flush, damage, a second process."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from fiscal.domain.document import Annulment
from fiscal.errors import StorageBusy, StorageCorrupt, StorageError
from ofd_server.core.entries import DocumentRecorded, Entry, TakenOver
from ofd_server.ports import CommitFailed, Committed, DocumentFilter, JournalBroken, Stale
from ofd_server.storage import migrating, sqlite
from ofd_server.storage.sqlite import FILE_NAME, SCHEMA_VERSION, SqliteJournal
from tests.contract.books import Book, anomaly, note, times
from tests.contract.test_journal import everything, shop
from tests.documents import T0, close_shift, deposit, receipt

ROOT = Path(__file__).parents[3]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "shared")])}


class Seam:
    """The writer's connection, between the adapter and SQLite: it fails, or waits, where a test says so."""

    def __init__(self, db: sqlite3.Connection, before_commit: Callable[[], None]) -> None:
        self._db = db
        self._before_commit = before_commit
        self.statements: list[str] = []

    def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
        self.statements.append(sql)
        if sql == "commit":
            self._before_commit()
        return self._db.execute(sql, *args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)


def failing_with(code: int | None, *, times: int = 1) -> Callable[[], None]:
    left = [times]

    def fail() -> None:
        if left[0]:
            left[0] -= 1
            error = sqlite3.OperationalError("disk I/O error")
            if code is not None:
                error.sqlite_errorcode = code
            raise error

    return fail


def through_seam(journal: SqliteJournal, before_commit: Callable[[], None]) -> Seam:
    seam = Seam(journal._db, before_commit)
    journal._db = seam  # type: ignore[assignment]  # it answers like a connection
    return seam


@contextmanager
def child(script: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A process of our own that runs this script; whatever happens, it is gone afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


# ------------------------------------------------------------------------------------------------------ kill -9

COMMITS_FOR_EVER = """
import asyncio, sys
from pathlib import Path
from ofd_server.core.replay import replay
from ofd_server.storage.sqlite import SqliteJournal
from tests.contract.books import Book, note
from tests.documents import receipt

async def main():
    journal = SqliteJournal.open(Path(sys.argv[1]))
    books = [Book(f"kkm-{n}") for n in range(5)]
    for book in books:
        loaded = await journal.load(book.id)
        if loaded is None:
            await journal.commit([book.register()])
        else:
            book.append(*loaded.entries)
    print("ready", flush=True)
    while True:
        batch = []
        for book in books:
            for _ in range(3):
                batch.append(book.add(receipt(book.state.tape.last_number + 1)))
        notes = [note(append.register_id, append.after.tape.last_number) for append in batch]
        await journal.commit(batch, notes)
        print(books[0].state.tape.last_number, flush=True)

asyncio.run(main())
"""


async def test_what_was_acknowledged_before_a_kill_is_there_exactly_once(tmp_path: Path):
    acknowledged = 0
    for round_ in range(4):
        with child(COMMITS_FOR_EVER, str(tmp_path)) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            for _ in range(5 + 7 * round_):
                acknowledged = int(process.stdout.readline())
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            # What it had said before it died counts as acknowledged too.
            for line in process.stdout.read().splitlines():
                acknowledged = int(line)
        journal = SqliteJournal.open(tmp_path)
        try:
            kept = []
            for n in range(5):
                loaded = await journal.load(f"kkm-{n}")
                assert loaded is not None
                numbers = [entry.number for entry in loaded.entries[1:]]  # type: ignore[union-attr]  # all are receipts
                assert numbers == list(range(1, len(numbers) + 1))
                kept.append(len(numbers))
                last = await journal.history(f"kkm-{n}", acknowledged)
                assert len(last.notes) == 1
            # A batch is there whole or not at all.
            assert set(kept) in ({acknowledged}, {acknowledged + 3})
            feed = await journal.entries(None, 0, 100_000)
            assert [stored.seq for stored in feed] == list(range(1, sum(kept) + 6))
        finally:
            await journal.close()


# ---------------------------------------------------------------------------------------------------- full disk


async def fill(journal: SqliteJournal, book: Book) -> None:
    """Commit until there is no room; the last append was not kept."""
    for number in range(1, 1_000):
        append = book.add(receipt(number))
        try:
            await journal.commit([append], [note(book.id, number)], [times(number + 1, number + 1)])
        except CommitFailed:
            return
    pytest.fail("there was room for everything")


async def check_that_nothing_is_half_written(journal: SqliteJournal, book: Book) -> int:
    loaded = await journal.load(book.id)
    assert loaded is not None
    assert list(loaded.entries) == book.entries[:-1]
    lost = len(book.entries) - 1
    assert await journal.document(book.id, lost) is None
    history = await journal.history(book.id, lost)
    assert (history.times, history.notes) == (None, ())
    assert await journal.last_seq() == lost
    assert await journal.is_writable(), "it may be tried again"
    return lost


async def test_a_full_disk_loses_nothing_and_is_forgiven_when_there_is_room(tmp_path: Path):
    journal = SqliteJournal.open(tmp_path)
    book = Book()
    await journal.commit([book.register()])
    (pages,) = journal._db.execute("pragma page_count").fetchone()
    journal._db.execute(f"pragma max_page_count = {pages + 12}")
    await fill(journal, book)
    lost = await check_that_nothing_is_half_written(journal, book)
    with pytest.raises(CommitFailed, match="full"):
        await journal.commit([Book(f"kkm-{n}").register() for n in range(2_000)])
    assert list(await journal.registers()) == ["kkm-1"]
    journal._db.execute("pragma max_page_count = 1000000")
    again = Book()
    again.append(*book.entries[:-1])
    assert list(await journal.commit([again.add(deposit(lost)), Book("kkm-2").register()])) == [
        Committed(lost + 1),
        Committed(lost + 2),
    ]
    before = await everything(journal)
    await journal.close()
    reopened = SqliteJournal.open(tmp_path)
    assert await everything(reopened) == before
    await reopened.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(tmp_path)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a small file system can be mounted by root on Linux only")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


async def test_a_disk_that_is_really_full(small_disk: Path):
    journal = SqliteJournal.open(small_disk)
    book = Book()
    await journal.commit([book.register()])
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(600_000))
    await fill(journal, book)
    lost = await check_that_nothing_is_half_written(journal, book)
    ballast.unlink()
    again = Book()
    again.append(*book.entries[:-1])
    assert list(await journal.commit([again.add(deposit(lost))])) == [Committed(lost + 1)]
    await journal.close()
    reopened = SqliteJournal.open(small_disk)
    loaded = await reopened.load("kkm-1")
    assert loaded is not None
    assert list(loaded.entries) == again.entries
    await reopened.close()


async def test_a_row_that_cannot_be_kept_fails_its_batch_only(tmp_path: Path):
    journal = SqliteJournal.open(tmp_path)
    book = Book()
    await journal.commit([book.register()])
    before = await everything(journal)
    poison = anomaly()
    object.__setattr__(poison, "at", 2**64)
    with pytest.raises(CommitFailed):
        await journal.commit([book.add(receipt(1)), Book("kkm-2").register(), book.append(poison)], [note("kkm-1", 1)])
    assert await everything(journal) == before
    good = Book()
    good.register()
    assert list(await journal.commit([good.add(receipt(1)), Book("kkm-2").register()])) == [Committed(2), Committed(3)]
    await journal.close()


# ------------------------------------------------------------------------------------------------- failed flush


@pytest.mark.parametrize("code", sorted(sqlite._BROKEN))
async def test_a_failed_flush_is_never_tried_again(tmp_path: Path, code: int):
    journal = SqliteJournal.open(tmp_path)
    book = Book()
    await journal.commit([book.register()])
    seam = through_seam(journal, failing_with(code))
    with pytest.raises(JournalBroken, match="disk I/O error"):
        await journal.commit([book.add(receipt(1))])
    assert not await journal.is_writable()
    touched = len(seam.statements)
    for _ in range(3):
        with pytest.raises(JournalBroken):
            await journal.commit([Book("kkm-2").register()])
        with pytest.raises(JournalBroken):
            await journal.commit([])
    assert len(seam.statements) == touched, "the handle was used again"
    await journal.close()
    reopened = SqliteJournal.open(tmp_path)
    assert await reopened.is_writable()
    assert await reopened.last_seq() == 1
    assert list(await reopened.commit([structs.replace(book.add(receipt(2)), expected=1)])) == [Committed(2)]
    await reopened.close()


@pytest.mark.parametrize("code", [sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_BUSY, None])
async def test_other_errors_end_the_batch_and_not_the_journal(tmp_path: Path, code: int | None):
    journal = SqliteJournal.open(tmp_path)
    book = Book()
    await journal.commit([book.register()])
    seam = through_seam(journal, failing_with(code))
    with pytest.raises(CommitFailed, match="disk I/O error"):
        await journal.commit([book.add(receipt(1))])
    assert seam.statements[-1] == "rollback"
    assert await journal.is_writable()
    assert await journal.last_seq() == 1
    assert list(await journal.commit([structs.replace(book.add(receipt(1)), expected=1)])) == [Committed(2)]
    await journal.close()


async def test_nothing_is_visible_before_it_is_durable(tmp_path: Path):
    journal = SqliteJournal.open(tmp_path)
    book = Book()
    await journal.commit([book.register()])
    before = await everything(journal)
    reached, may_go_on = threading.Event(), threading.Event()

    def wait() -> None:
        reached.set()
        assert may_go_on.wait(60)

    through_seam(journal, wait)
    committing = asyncio.ensure_future(journal.commit([book.add(receipt(1)), Book("kkm-2").register()]))
    try:
        assert await asyncio.to_thread(reached.wait, 60)
        assert await everything(journal) == before
        assert not committing.done()
    finally:
        may_go_on.set()
    assert list(await committing) == [Committed(2), Committed(3)]
    assert await journal.document("kkm-1", 1) is not None
    await journal.close()


# ------------------------------------------------------------------------------------------------------- damage


@pytest.mark.parametrize(
    "content",
    [b"", b"garbage " * 1_000, b"SQLite format 3\x00" + b"\xff" * 4_080, b"x", b"x" * 99, b"x" * 100, b"x" * 600],
    ids=["empty", "text", "header", "1 byte", "99 bytes", "100 bytes", "600 bytes"],
)
async def test_a_file_that_is_no_ledger(tmp_path: Path, content: bytes):
    (tmp_path / FILE_NAME).write_bytes(content)
    for _ in range(2):  # the lock is free again
        with pytest.raises(StorageCorrupt, match=FILE_NAME):
            SqliteJournal.open(tmp_path)
    assert (tmp_path / FILE_NAME).read_bytes() == content, "it was not touched"


def names_in(folder: Path) -> list[str]:
    """The files of a ledger, those of its founding among them."""
    return sorted(path.name for path in folder.glob(f"{FILE_NAME}*"))


async def test_a_founding_that_was_interrupted_leaves_nothing_in_the_way(tmp_path: Path):
    (tmp_path / f"{FILE_NAME}.new").write_bytes(b"half a header")
    await SqliteJournal.open(tmp_path).close()
    assert names_in(tmp_path) == [FILE_NAME]


async def test_a_ledger_that_lost_its_end(tmp_path: Path):
    journal = SqliteJournal.open(tmp_path)
    await shop(journal)
    await journal.close()
    path = tmp_path / FILE_NAME
    path.write_bytes(path.read_bytes()[:8_192])
    with pytest.raises(StorageCorrupt):
        SqliteJournal.open(tmp_path)


async def test_whatever_is_damaged_only_storage_errors_come_out(tmp_path: Path):
    origin = SqliteJournal.open(tmp_path / "origin")
    await shop(origin)
    await origin.commit([Book("kkm-9").register()], [note("kkm-1", 1)], [times(3, 12)])
    await origin.close()
    content = (tmp_path / "origin" / FILE_NAME).read_bytes()
    chance = random.Random(20260101)
    errors = 0
    folder = tmp_path / "damaged"
    folder.mkdir()
    for _ in range(150):
        damaged = bytearray(content)
        for _ in range(chance.choice((1, 4, 16))):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        (folder / FILE_NAME).write_bytes(damaged)
        try:
            journal = SqliteJournal.open(folder)
        except StorageError:
            errors += 1
            continue
        try:
            await everything(journal)
            await journal.commit([Book("kkm-10").register()])
        except StorageError:
            errors += 1
        finally:
            await journal.close()
    assert errors > 10


# ------------------------------------------------------------------------------------------------------- schema


async def test_a_newer_schema_is_left_alone(tmp_path: Path):
    journal = SqliteJournal.open(tmp_path)
    await shop(journal)
    await journal.close()
    db = sqlite3.connect(tmp_path / FILE_NAME)
    db.execute(f"pragma user_version = {SCHEMA_VERSION + 1}")
    db.close()
    for _ in range(2):
        with pytest.raises(StorageError, match=rf"version {SCHEMA_VERSION + 1}.*up to {SCHEMA_VERSION}.*newer"):
            SqliteJournal.open(tmp_path)


async def test_a_ledger_of_the_first_version_can_be_read(tmp_path: Path):
    """``ledger_0001.sql`` is such a ledger as text, with every kind of entry; it is never written again."""
    db = sqlite3.connect(tmp_path / FILE_NAME)
    db.executescript((Path(__file__).parent / "ledger_0001.sql").read_text("utf-8"))
    db.close()
    old = SqliteJournal.open(tmp_path)
    fresh = SqliteJournal.open(tmp_path / "fresh")
    await first_version(fresh)
    assert await everything(old) == await everything(fresh)
    assert list(await old.commit([Book("kkm-7").register()])) == [Committed(await fresh.last_seq() + 1)]
    assert list(await fresh.commit([Book("kkm-7").register()])) == [Committed(await old.last_seq())]
    for table, columns in (("register", "id, since"), ("snapshot", "register_no, number, version, seq")):
        query = f"select {columns} from {table} order by 1"
        assert old._db.execute(query).fetchall() == fresh._db.execute(query).fetchall() != []
    await old.close()
    await fresh.close()


async def first_version(journal: SqliteJournal) -> None:
    """What lies in ``ledger_0001.sql``."""
    from tests.contract.books import EVERY_KIND  # noqa: PLC0415 - the table of this test

    await shop(journal)
    book = Book("касса 9")
    known = [entry for entry in EVERY_KIND if not is_later(entry)]
    await journal.commit([book.append(entry) for entry in known], [note("касса 9", 1)], [times(1, 12)])
    await journal.commit([structs.replace(book.append(anomaly()), snapshot=True)], [], [times(13, 13 + len(known) - 1)])


def is_later(entry: Entry) -> bool:
    """Whether the first version of the ledger knew nothing of such an entry."""
    if not isinstance(entry, DocumentRecorded):
        return isinstance(entry, TakenOver)
    return isinstance(entry.document, Annulment) or entry.exchange is not None


NEXT_VERSION = SCHEMA_VERSION + 1


class Scripts:
    """Stands for the package's files: its own schema, and one step more that a test brings."""

    def __init__(self, folder: Path, step: str) -> None:
        self.folder = folder
        shutil.copytree(Path(sqlite.__file__).parent / "sql", folder / "sql")
        (folder / "sql" / f"sqlite_{NEXT_VERSION:04}.sql").write_text(step, "utf-8")

    def files(self, package: str) -> Path:
        assert package == "ofd_server.storage"
        return self.folder


async def test_an_older_schema_is_brought_forward_step_by_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    journal = SqliteJournal.open(tmp_path / "data")
    await shop(journal)
    before = await everything(journal)
    await journal.close()
    second = "create table colour (name text) strict;\ninsert into colour select id from register;"
    monkeypatch.setattr(migrating, "resources", Scripts(tmp_path / "scripts", second))
    monkeypatch.setattr(sqlite, "SCHEMA_VERSION", NEXT_VERSION)
    for folder in ("data", "new"):
        journal = SqliteJournal.open(tmp_path / folder)
        assert journal._db.execute("pragma user_version").fetchone() == (NEXT_VERSION,)
        assert journal._db.execute("select count(*) from colour").fetchone() == ((2 if folder == "data" else 0),)
        if folder == "data":
            assert await everything(journal) == before
        await journal.close()
        again = SqliteJournal.open(tmp_path / folder)  # nothing is done twice
        await again.close()


async def test_a_step_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    journal = SqliteJournal.open(tmp_path / "data")
    await shop(journal)
    before = await everything(journal)
    await journal.close()
    with monkeypatch.context() as patched:
        second = "create table colour (name text) strict;\ndrop table entry;\ninsert into no_such_table values (1);"
        patched.setattr(migrating, "resources", Scripts(tmp_path / "scripts", second))
        patched.setattr(sqlite, "SCHEMA_VERSION", NEXT_VERSION)
        with pytest.raises(StorageError, match="no_such_table"):
            SqliteJournal.open(tmp_path / "data")
    journal = SqliteJournal.open(tmp_path / "data")
    assert await everything(journal) == before
    assert journal._db.execute("pragma user_version").fetchone() == (SCHEMA_VERSION,)
    assert journal._db.execute("select count(*) from sqlite_schema where name = 'colour'").fetchone() == (0,)
    await journal.close()


# -------------------------------------------------------------------------------------------------- the folder

HOLDS_THE_FOLDER = """
import sys, threading
from pathlib import Path
from ofd_server.storage.sqlite import SqliteJournal
journal = SqliteJournal.open(Path(sys.argv[1]))
print("held", flush=True)
threading.Event().wait(600)
"""


async def test_one_process_at_a_time(tmp_path: Path):
    with child(HOLDS_THE_FOLDER, str(tmp_path)) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(StorageBusy, match=str(tmp_path)):
            SqliteJournal.open(tmp_path)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        journal = SqliteJournal.open(tmp_path)
        with pytest.raises(StorageBusy):
            SqliteJournal.open(tmp_path)
        await journal.close()
    again = SqliteJournal.open(tmp_path)
    await again.close()


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without the power of root, which may write everywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_folder_that_cannot_be_written(tmp_path: Path):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    for folder in (locked, locked / "data"):
        with as_nobody(), pytest.raises(StorageError, match="cannot be used as a data folder: Permission denied"):
            SqliteJournal.open(folder)


def test_a_folder_that_is_a_file(tmp_path: Path):
    (tmp_path / "data").write_text("")
    with pytest.raises(StorageError, match="cannot be used as a data folder"):
        SqliteJournal.open(tmp_path / "data")
    with pytest.raises(StorageError, match="cannot be used as a data folder"):
        SqliteJournal.open(tmp_path / "data" / "below")


def test_a_ledger_that_is_a_folder(tmp_path: Path):
    (tmp_path / FILE_NAME).mkdir()
    for _ in range(2):
        with pytest.raises(StorageError, match="cannot be opened"):
            SqliteJournal.open(tmp_path)


async def test_the_folder_is_made_when_it_is_not_there(tmp_path: Path):
    journal = SqliteJournal.open(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b" / FILE_NAME).exists()
    await journal.close()


# --------------------------------------------------------------------------------------------------- and the rest


async def test_a_commit_is_flushed_to_the_disk(tmp_path: Path):
    journal = SqliteJournal.open(tmp_path)
    for connection in (journal._db, journal._reader):
        assert connection.execute("pragma journal_mode").fetchone() == ("wal",)
        assert connection.execute("pragma synchronous").fetchone() == (2,), "2 is FULL: a flush for each commit"
    await journal.close()


async def test_a_long_list_of_documents_is_searched_to_its_end(tmp_path: Path):
    journal = SqliteJournal.open(tmp_path)
    book = Book()
    await journal.commit([book.register(), book.add(receipt(1), autonomous=True, autonomous_sign=7)])
    await journal.commit([book.add(receipt(number)) for number in range(2, 10)])
    found = await journal.documents(DocumentFilter(autonomous_sign=7))
    assert [stored.seq for stored in found] == [2]
    assert len(await journal.documents(DocumentFilter(autonomous=False, limit=5))) == 5
    await journal.close()


async def test_a_version_is_known_again_after_a_start(tmp_path: Path):
    journal = SqliteJournal.open(tmp_path)
    book = Book()
    await journal.commit([book.register(), book.add(receipt(1)), book.append(anomaly(), anomaly())])
    await journal.commit([book.add(close_shift(2, issued_at=T0 + 1)), book.append(anomaly())])
    await journal.close()
    journal = SqliteJournal.open(tmp_path)
    assert list(await journal.commit([structs.replace(book.append(anomaly()), expected=5)])) == [Stale(6)]
    assert list(await journal.commit([structs.replace(book.append(anomaly()), expected=6)])) == [Committed(7)]
    await journal.close()
