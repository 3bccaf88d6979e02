"""What only a database that others use, and that may be away, can suffer."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Self

import asyncpg
import pytest
from msgspec import structs

from fiscal.errors import ConfigurationError, StorageCorrupt, StorageError
from ofd_server.core.entries import AnomalyCode, DocumentRecorded
from ofd_server.ports import (
    CommitFailed,
    Committed,
    DocumentFilter,
    JournalBroken,
    OutcomeUnknown,
    Stale,
    Unreachable,
)
from ofd_server.storage import postgresql, postgresql_links, postgresql_reading
from ofd_server.storage.migrating import SchemaTooNew
from ofd_server.storage.places import PLACES, WRITERS
from ofd_server.storage.postgresql import SCHEMA_VERSION, TRIES, PostgresJournal
from tests.contract.books import Book, anomaly, mark, note, times
from tests.documents import close_shift, receipt
from tests.postgres import Postgres, running_postgres

WAIT_S = 20.0
"""How long something may take that has to happen, on a machine that has other things to do."""


@pytest.fixture
async def journal(postgres_dsn: str) -> AsyncIterator[PostgresJournal]:
    opened = await PostgresJournal.open(postgres_dsn)
    yield opened
    await opened.close()


@asynccontextmanager
async def nodes(dsn: str, count: int) -> AsyncIterator[list[PostgresJournal]]:
    """So many journals of one ledger, as that many processes have them."""
    opened = [await PostgresJournal.open(dsn) for _ in range(count)]
    try:
        yield opened
    finally:
        for each in opened:
            await each.close()


@asynccontextmanager
async def asking(dsn: str) -> AsyncIterator[Any]:
    """A connection of the test's own."""
    connection = await asyncpg.connect(dsn)
    try:
        yield connection
    finally:
        await connection.close()


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Wait for what has to come."""
    end = asyncio.get_running_loop().time() + WAIT_S
    while not await is_so():
        await asyncio.sleep(0.01)
        assert asyncio.get_running_loop().time() < end


async def kept(journal: PostgresJournal, register_id: str) -> list[Any]:
    loaded = await journal.load(register_id)
    return [] if loaded is None else [stored.entry for stored in await journal.entries(register_id, 0, 10_000)]


# ------------------------------------------------------------------------------------------------- many nodes


async def test_nodes_that_write_the_same_registers_keep_each_version_once(postgres_dsn: str):
    ids = [f"kkm-{number}" for number in range(12)]
    async with nodes(postgres_dsn, 3) as journals:
        first = {id_: Book(id_) for id_ in ids}
        await journals[0].commit([book.register() for book in first.values()])

        async def write(place: int, journal: PostgresJournal) -> int:
            """Each in an order of its own, each going on from what it finds."""
            won = 0
            order = ids[place:] + ids[:place] if place % 2 else ids[::-1]
            for turn in range(8):
                batch = []
                for id_ in order:
                    book = Book(id_)
                    book.append(*await kept(journal, id_))
                    assert book.state is not None
                    batch.append(book.append(anomaly(text=f"{place} {turn}")))
                outcomes = await journal.commit(batch)
                won += sum(isinstance(outcome, Committed) for outcome in outcomes)
            return won

        won = await asyncio.gather(*(write(place * 5, journal) for place, journal in enumerate(journals)))
        everything = await journals[0].entries(None, 0, 10_000)
        assert len(everything) == len(ids) + sum(won)
        for id_ in ids:
            mine = [stored for stored in everything if stored.register_id == id_]
            assert [stored.version for stored in mine] == list(range(1, len(mine) + 1)), "in its order, without gaps"
            texts = [getattr(stored.entry, "text", "") for stored in mine]
            assert len(set(texts)) == len(texts)


async def test_who_registers_second_is_told_so(postgres_dsn: str):
    async with nodes(postgres_dsn, 2) as (one, other):
        ids = [f"new-{number}" for number in range(20)]
        batches = [[Book(id_).register() for id_ in order] for order in (ids, ids[::-1])]
        outcomes = await asyncio.gather(one.commit(batches[0]), other.commit(batches[1]))
        for ours, theirs in zip(outcomes[0], outcomes[1][::-1], strict=True):
            assert sorted(type(outcome).__name__ for outcome in (ours, theirs)) == ["Committed", "Stale"]
            assert Stale(1) in (ours, theirs)
        assert sorted(await one.registers()) == sorted(ids)


class Slow(PostgresJournal):
    """Stops before COMMIT until it is let go: its entries have their places, and nobody sees them yet."""

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.reached = asyncio.Event()
        self.go = asyncio.Event()

    async def _end(self, connection: Any) -> None:
        self.reached.set()
        await self.go.wait()
        await super()._end(connection)


async def slow_node(dsn: str) -> Slow:
    opened = await Slow.open(dsn)
    assert isinstance(opened, Slow)
    return opened


async def test_who_reads_in_the_order_of_the_ledger_misses_nothing_that_is_committed_later(postgres_dsn: str):
    slow = await slow_node(postgres_dsn)
    async with nodes(postgres_dsn, 1) as (quick,):
        try:
            early = asyncio.create_task(slow.commit([Book("early").register()]))
            await slow.reached.wait()
            await quick.commit([Book("late").register()])
            assert await quick.version("late") == 1
            reading = asyncio.create_task(quick.entries(None, 0, 10))
            newest = asyncio.create_task(quick.last_seq())
            found = asyncio.create_task(quick.documents(DocumentFilter(after_seq=0)))
            done, _ = await asyncio.wait({reading, newest, found}, timeout=0.3)
            assert not done, "the place below is taken, so nobody reads past it"
            slow.go.set()
            await early
            assert [stored.register_id for stored in await reading] == ["early", "late"]
            assert await newest == (await reading)[-1].seq
            await found
        finally:
            slow.go.set()
            await slow.close()


async def test_what_is_written_after_a_look_lies_behind_it(postgres_dsn: str):
    """Also where a clock stands, and whichever writer is free: the floors of all are lifted."""
    async with nodes(postgres_dsn, 2) as (one, other):
        await asyncio.gather(*(one.commit([Book(f"a-{number}").register()]) for number in range(6)))
        for number in range(20):
            seen = await one.last_seq()
            await other.commit([Book(f"b-{number}").register()])
            assert [stored.register_id for stored in await one.entries(None, seen, 10)] == [f"b-{number}"]


async def test_a_reader_that_goes_on_from_where_it_was_reads_everything_once(postgres_dsn: str):
    ended = asyncio.Event()
    async with nodes(postgres_dsn, 4) as (reader, *writers):

        async def write(place: int, journal: PostgresJournal) -> None:
            books = [Book(f"{place}-{number}") for number in range(3)]
            await journal.commit([book.register() for book in books])
            for turn in range(15):
                await journal.commit([book.append(anomaly(text=f"{turn}")) for book in books])

        async def read() -> list[Any]:
            found: list[Any] = []
            while True:
                last = ended.is_set()
                page = await reader.entries(None, found[-1].seq if found else 0, 7)
                found.extend(page)
                if not page and last:
                    return found

        reading = asyncio.create_task(read())
        await asyncio.gather(*(write(place, journal) for place, journal in enumerate(writers)))
        ended.set()
        found = await reading
    assert len(found) == len(writers) * 3 * 16
    places = [stored.seq for stored in found]
    assert places == sorted(set(places))


async def test_a_register_that_moves_keeps_its_order(postgres_dsn: str):
    """A node whose writer's places are higher has it first; the one after takes places above those all the same."""
    async with nodes(postgres_dsn, 3) as journals:
        book = Book()
        await journals[0].commit([book.register()])
        for turn in range(30):
            (outcome,) = await journals[turn % 3].commit([book.append(anomaly(text=f"{turn}"))])
            assert isinstance(outcome, Committed)
        for journal in journals:
            for found in (await journal.entries(None, 0, 100), await journal.entries("kkm-1", 0, 100)):
                assert [stored.version for stored in found] == list(range(1, 32))


async def test_when_all_writers_are_at_work_one_more_waits(postgres_dsn: str, journal: PostgresJournal):
    async with asking(postgres_dsn) as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.fetch("select no from writer for update")
        late = asyncio.create_task(journal.commit([Book().register()]))
        done, _ = await asyncio.wait({late}, timeout=0.3)
        assert not done
        await transaction.rollback()
        assert isinstance((await late)[0], Committed)


async def test_the_schema_has_the_writers_that_places_have_room_for(postgres_dsn: str, journal: PostgresJournal):
    async with asking(postgres_dsn) as connection:
        found = await connection.fetch("select no from writer order by no")
    assert [row[0] for row in found] == list(range(WRITERS))


# ------------------------------------------------------------------------------------------------ the batch itself


async def test_a_batch_with_more_than_a_writer_has_places_is_to_be_split(journal: PostgresJournal):
    book = Book()
    await journal.commit([book.register()])
    large = [structs.replace(book.append(anomaly()), entries=(anomaly(),) * (PLACES + 1))]
    with pytest.raises(CommitFailed, match=f"at most {PLACES} entries and notes, this one {PLACES + 1}"):
        await journal.commit(large)
    assert await journal.version("kkm-1") == 1


async def test_a_value_that_no_row_can_hold_fails_its_batch_alone(journal: PostgresJournal):
    good, bad = Book("good"), Book("bad\0id")
    for _ in range(3):
        with pytest.raises(CommitFailed):
            await journal.commit([good.register(), bad.register()])
        good, bad = Book("good"), Book("bad\0id")
    assert await journal.load("good") is None
    assert isinstance((await journal.commit([good.register()]))[0], Committed)


async def test_notes_and_times_may_come_alone(journal: PostgresJournal):
    book = Book()
    await journal.commit([book.register(), book.add(receipt(1))])
    seq = await journal.last_seq()
    await journal.commit([], [note("kkm-1", 1)], [times(seq - 1, seq)])
    await journal.commit([], [], [times(seq - 1, seq)])
    history = await journal.history("kkm-1", 1)
    assert (history.times, history.notes) == (times(seq - 1, seq), (note("kkm-1", 1),))


async def test_anomalies_by_code_are_looked_for_page_by_page(journal: PostgresJournal, monkeypatch):
    monkeypatch.setattr(postgresql_reading, "PAGE", 2)
    book = Book()
    codes = [
        AnomalyCode.CONFLICT,
        AnomalyCode.VERY_OLD,
        AnomalyCode.VERY_OLD,
        AnomalyCode.VERY_OLD,
        AnomalyCode.CONFLICT,
    ]
    await journal.commit([book.register(), *(book.append(anomaly(code)) for code in codes)])
    found = await journal.anomalies(None, AnomalyCode.CONFLICT, None, 10)
    assert [stored.version for stored in found] == [6, 2]
    assert [stored.version for stored in await journal.anomalies(None, AnomalyCode.CONFLICT, None, 1)] == [6]
    assert len(await journal.anomalies("kkm-1", None, None, 3)) == 3


# ------------------------------------------------------------------------------------- engines that can do less


async def test_an_engine_that_cannot_lock_several_registers_at_once_is_asked_one_by_one(journal: PostgresJournal):
    begun = failing(journal, asyncpg.FeatureNotSupportedError("could not run distributed query with FOR UPDATE"))
    books = [Book(f"kkm-{number}") for number in range(4)]
    outcomes = await journal.commit([book.register() for book in books])
    assert [type(outcome) for outcome in outcomes] == [Committed] * 4
    assert begun == [2]
    behind = Book("kkm-1")
    behind.register()
    batch = [
        *(book.add(receipt(1)) for book in books[1:]),
        books[2].append(anomaly(), mark(1)),
        behind.append(anomaly()),
        Book("new").register(),
        structs.replace(Book("gone").register(), expected=3),
    ]
    outcomes = await journal.commit(batch, [note("kkm-2", 1)])
    assert [type(outcome) for outcome in outcomes] == [Committed] * 4 + [Stale, Committed, Stale]
    assert (outcomes[4], outcomes[6]) == (Stale(2), Stale(0))
    assert begun == [3], "once is enough to learn it"
    for book in books:
        assert await kept(journal, book.id) == book.entries
        assert await journal.version(book.id) == book.version
    feed = await journal.entries(None, 0, 100)
    assert [stored.seq for stored in feed] == sorted({stored.seq for stored in feed})
    assert sorted(await journal.registers()) == ["kkm-0", "kkm-1", "kkm-2", "kkm-3", "new"]
    assert (await journal.history("kkm-2", 1)).notes == (note("kkm-2", 1),)


async def test_and_one_that_cannot_do_that_either_fails_its_batches(journal: PostgresJournal):
    failing(journal, *[asyncpg.FeatureNotSupportedError("no")] * 2)
    with pytest.raises(CommitFailed, match="no"):
        await journal.commit([Book().register()])


# --------------------------------------------------------------------------------------------------- refused for now


def failing(journal: PostgresJournal, *errors: BaseException) -> list[int]:
    """The next transactions fail with these, after they have written; how often one was begun comes back."""
    left, begun = list(errors), [0]
    write = journal._write

    async def written(*args: Any) -> Any:
        begun[0] += 1
        outcomes = await write(*args)
        if left:
            raise left.pop(0)
        return outcomes

    journal._write = written  # type: ignore[method-assign, assignment]
    return begun


async def test_what_is_refused_for_the_moment_is_tried_again(journal: PostgresJournal):
    begun = failing(journal, asyncpg.DeadlockDetectedError("met"), asyncpg.SerializationError("met"))
    book = Book()
    assert isinstance((await journal.commit([book.register()]))[0], Committed)
    assert begun == [3]
    assert await kept(journal, "kkm-1") == book.entries


async def test_and_not_for_ever(journal: PostgresJournal, monkeypatch):
    monkeypatch.setattr(postgresql, "PAUSE_S", 0.0)
    begun = failing(journal, *[asyncpg.DeadlockDetectedError("met")] * TRIES)
    with pytest.raises(CommitFailed, match=f"refused {TRIES} times: met"):
        await journal.commit([Book().register()])
    assert begun == [TRIES]
    assert await journal.load("kkm-1") is None
    assert isinstance((await journal.commit([Book().register()]))[0], Committed)


async def test_two_that_lock_each_other_out_are_parted(postgres_dsn: str, journal: PostgresJournal):
    """Somebody else's transaction takes the registers in the other order, as only an administrator's would."""
    await journal.commit([Book("a").register(), Book("b").register()])
    books = [Book("a"), Book("b")]
    for book in books:
        book.register()
    async with asking(postgres_dsn) as connection:
        await connection.execute("set deadlock_timeout = '10s'")
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("select 1 from register where id = 'b' for update")
        writing = asyncio.create_task(journal.commit([book.append(anomaly()) for book in books]))
        await until(lambda: connection.fetchval("select count(*) > 0 from pg_locks where not granted"))
        await connection.execute("select 1 from register where id = 'a' for update")
        await transaction.rollback()
        assert [type(outcome) for outcome in await writing] == [Committed, Committed]


async def test_a_register_that_somebody_holds_keeps_nobody_else_from_committing(postgres_dsn: str, monkeypatch):
    monkeypatch.setattr(postgresql_links, "LOCK_S", 0.2)
    async with nodes(postgres_dsn, 1) as (journal,), asking(postgres_dsn) as connection:
        held, free = Book("held"), Book("free")
        await journal.commit([held.register(), free.register()])
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("select 1 from register where id = 'held' for update")
        both = [held.append(anomaly()), free.append(anomaly())]
        with pytest.raises(CommitFailed, match="lock timeout") as failed:
            await journal.commit(both)
        assert not isinstance(failed.value, Unreachable), "a part of the batch may fare better"
        assert isinstance((await journal.commit(both[1:]))[0], Committed)
        await transaction.rollback()
        assert isinstance((await journal.commit(both[:1]))[0], Committed)


async def test_what_takes_too_long_is_not_split(journal: PostgresJournal):
    failing(journal, asyncpg.QueryCanceledError("canceling statement due to statement timeout"))
    with pytest.raises(Unreachable, match="statement timeout"):
        await journal.commit([Book().register()])


# -------------------------------------------------------------------------------------------- COMMIT, and what it says


class Answers:
    """A connection whose COMMIT ends as a test says."""

    def __init__(self, end: str | BaseException) -> None:
        self.end = end

    async def execute(self, _query: str) -> str:
        if isinstance(self.end, BaseException):
            raise self.end
        return self.end


@pytest.mark.parametrize(
    ("end", "kind"),
    [
        ("ROLLBACK", CommitFailed),
        (asyncpg.SerializationError("x"), asyncpg.SerializationError),
        (asyncpg.UniqueViolationError("x"), asyncpg.UniqueViolationError),
        (asyncpg.StatementCompletionUnknownError("x"), OutcomeUnknown),
        (asyncpg.AdminShutdownError("x"), OutcomeUnknown),
        (asyncpg.QueryCanceledError("x"), OutcomeUnknown),
        (asyncpg.InternalServerError("x"), OutcomeUnknown),
        (asyncpg.ConnectionDoesNotExistError("x"), OutcomeUnknown),
        (ConnectionResetError(104, "reset"), OutcomeUnknown),
        (TimeoutError(), OutcomeUnknown),
    ],
)
async def test_only_what_is_sure_is_said_of_a_commit(journal: PostgresJournal, end: str | BaseException, kind: type):
    with pytest.raises(kind) as found:
        await journal._end(Answers(end))  # type: ignore[arg-type]
    if not isinstance(end, str) and kind is not OutcomeUnknown:
        assert found.value is end


async def test_a_damaged_page_breaks_the_journal_for_good(journal: PostgresJournal):
    failing(journal, asyncpg.DataCorruptedError("page 7"))
    for _ in range(2):
        with pytest.raises(JournalBroken, match="is damaged: page 7"):
            await journal.commit([Book().register()])
    assert not await journal.is_writable()


class Between:
    """Somebody between the operator and its database: passes everything on until it cuts."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.cut: str | None = None
        """``request``: the next COMMIT is not passed on; ``answer``: its answer is not."""
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._met, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self.sever()
        self._server.close()
        await self._server.wait_closed()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def sever(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        self._open |= {writer, back}
        silent = asyncio.Event()
        ways = [
            self._pass(source, sink, silent, is_request=is_request)
            for source, sink, is_request in ((reader, back, True), (there, writer, False))
        ]
        self._tasks |= {asyncio.create_task(way) for way in ways}

    async def _pass(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, silent: asyncio.Event, *, is_request: bool
    ) -> None:
        try:
            while data := await source.read(65_536):
                if is_request and b"commit\0" in data and self.cut is not None:
                    if self.cut == "request":
                        break
                    silent.set()
                elif not is_request and silent.is_set():
                    break
                sink.write(data)
                await sink.drain()
        except OSError:
            pass
        sink.transport.abort()


@pytest.mark.parametrize("cut", ["request", "answer"])
async def test_a_link_that_breaks_in_commit_leaves_the_outcome_to_be_read_back(
    postgres: Postgres, postgres_dsn: str, cut: str
):
    name = postgres_dsn.rpartition("/")[2]
    async with Between(postgres.port) as between:
        journal = await PostgresJournal.open(postgres.dsn(name, port=between.port))
        try:
            book, other = Book("kkm-1"), Book("kkm-2")
            await journal.commit([book.register(), other.register()])
            batch = [book.add(receipt(1)), other.add(receipt(1)), book.append(anomaly(number=1), mark(1))]
            between.cut = cut
            with pytest.raises(OutcomeUnknown):
                await journal.commit(batch)
            between.cut = None
            found = [await journal.is_committed(append) for append in batch]
            if cut == "request":
                assert found == [None, None, None]
                assert [type(outcome) for outcome in await journal.commit(batch)] == [Committed] * 3
            else:
                feed = await journal.entries(None, 0, 10)
                places = {(stored.register_id, stored.version): stored.seq for stored in feed}
                assert found == [
                    Committed(places["kkm-1", 2]),
                    Committed(places["kkm-2", 2]),
                    Committed(places["kkm-1", 3]),
                ]
                assert await journal.commit(batch[:1]) == [Stale(4)]
            assert await kept(journal, "kkm-1") == book.entries
        finally:
            await journal.close()


async def test_what_is_in_doubt_is_waited_for(postgres_dsn: str):
    """The transaction is still on its way when somebody reads back."""
    slow = await slow_node(postgres_dsn)
    async with nodes(postgres_dsn, 1) as (other,):
        try:
            book = Book()
            await other.commit([book.register()])
            append = book.add(receipt(1))
            writing = asyncio.create_task(slow.commit([append]))
            await slow.reached.wait()
            asked = asyncio.create_task(other.is_committed(append))
            done, _ = await asyncio.wait({asked}, timeout=0.3)
            assert not done
            slow.go.set()
            assert [await asked] == await writing
        finally:
            slow.go.set()
            await slow.close()


# ----------------------------------------------------------------------------------------------- away, and back again


async def test_connections_that_the_server_ended_are_made_anew_unnoticed(postgres_dsn: str, journal: PostgresJournal):
    book = Book()
    await journal.commit([book.register()])
    async with asking(postgres_dsn) as connection:
        ending = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'mock-ofd' and datname = current_database()"
        for number in range(1, 4):
            await connection.execute(ending)
            assert isinstance((await journal.commit([book.add(receipt(number))]))[0], Committed)
    assert await kept(journal, "kkm-1") == book.entries


async def test_a_database_that_is_away_is_no_broken_ledger():
    with running_postgres() as server:
        dsn = await server.new_database()
        journal = await PostgresJournal.open(dsn)
        try:
            book = Book()
            await journal.commit([book.register()])
            server.stop()
            append = book.add(receipt(1))
            for _ in range(3):
                with pytest.raises(Unreachable, match="cannot be reached"):
                    await journal.commit([append])
            with pytest.raises(StorageError):
                await journal.is_writable()
            with pytest.raises(StorageError):
                await journal.load("kkm-1")
            with pytest.raises(StorageError):
                await journal.is_committed(append)
            await asyncio.to_thread(server.start)

            async def is_back() -> bool:
                try:
                    return await journal.is_writable()
                except StorageError:
                    return False

            await until(is_back)
            assert isinstance((await journal.commit([append]))[0], Committed)
            assert await kept(journal, "kkm-1") == book.entries
        finally:
            await journal.close()


async def test_what_was_acknowledged_before_a_crash_of_the_database_is_there_exactly_once():
    with running_postgres() as server:
        dsn = await server.new_database()
        acknowledged: list[int] = []
        books = [Book(f"kkm-{number}") for number in range(4)]
        for _ in range(2):
            journal = await PostgresJournal.open(dsn)
            for place, book in enumerate(books):
                books[place] = Book(book.id)
                books[place].append(*(await kept(journal, book.id) or Book(book.id).register().entries))
                if await journal.version(book.id) == 0:
                    await journal.commit([Book(book.id).register()])

            async def write(journal: PostgresJournal) -> None:
                while True:
                    batch = [book.add(receipt(book.state.tape.last_number + 1)) for book in books]  # type: ignore[union-attr]
                    try:
                        await journal.commit(batch)
                    except StorageError:
                        return
                    acknowledged.append(batch[0].after.tape.last_number)

            writing = asyncio.create_task(write(journal))
            enough = len(acknowledged) + 5
            await until(lambda enough=enough: asyncio.sleep(0, len(acknowledged) >= enough))  # type: ignore[misc]
            await asyncio.to_thread(server.stop, signal.SIGQUIT)
            await writing
            await journal.close()
            await asyncio.to_thread(server.start)
        journal = await PostgresJournal.open(dsn)
        try:
            for book in books:
                numbers = [
                    entry.number for entry in await kept(journal, book.id) if isinstance(entry, DocumentRecorded)
                ]
                assert numbers == list(range(1, len(numbers) + 1)), "each once, in order, without gaps"
                assert len(numbers) >= acknowledged[-1]
        finally:
            await journal.close()


async def test_a_database_that_is_set_to_be_read_only_is_told_as_such(postgres: Postgres, postgres_dsn: str):
    name = postgres_dsn.rpartition("/")[2]
    async with nodes(postgres_dsn, 1) as (journal,):
        assert await journal.is_writable()
    async with asking(postgres_dsn) as connection:
        await connection.execute(f"alter database {name} set default_transaction_read_only = on")
    async with nodes(postgres_dsn, 1) as (journal,):
        assert not await journal.is_writable()
        with pytest.raises(CommitFailed, match="read-only"):
            await journal.commit([Book().register()])


async def test_a_database_that_does_not_flush_is_not_called_durable():
    with running_postgres("fsync=off") as server:
        journal = await PostgresJournal.open(await server.new_database())
        try:
            assert not journal.durable
        finally:
            await journal.close()


async def test_a_session_that_does_not_wait_for_the_disk_is_made_to(postgres_dsn: str):
    async with nodes(f"{postgres_dsn}?synchronous_commit=off", 1) as (journal,):
        assert journal.durable
        async with journal._links.borrowed(writes=True) as connection:
            assert await connection.fetchval("show synchronous_commit") == "on"


# -------------------------------------------------------------------------------------------------------- schema


async def test_nodes_that_start_together_make_the_tables_once(postgres_dsn: str):
    journals = await asyncio.gather(*(PostgresJournal.open(postgres_dsn) for _ in range(6)))
    for number, journal in enumerate(journals):
        await journal.commit([Book(f"kkm-{number}").register()])
    assert len(await journals[0].registers()) == 6
    for journal in journals:
        await journal.close()
    async with asking(postgres_dsn) as connection:
        found = await connection.fetch("select version from ledger_schema")
    assert [row[0] for row in found] == list(range(1, SCHEMA_VERSION + 1))


async def test_a_newer_schema_is_refused(postgres_dsn: str, journal: PostgresJournal):
    async with asking(postgres_dsn) as connection:
        await connection.execute("insert into ledger_schema values (99)")
    with pytest.raises(SchemaTooNew, match="schema version 99; this program knows up to 1") as found:
        await PostgresJournal.open(postgres_dsn)
    assert "s3cret" not in str(found.value)


async def test_a_step_that_fails_leaves_nothing(postgres_dsn: str):
    async with asking(postgres_dsn) as connection:
        await connection.execute("create table snapshot (other int)")
    with pytest.raises(StorageError, match="already exists"):
        await PostgresJournal.open(postgres_dsn)
    async with asking(postgres_dsn) as connection:
        assert await connection.fetchval("select to_regclass('entry')") is None
        assert await connection.fetchval("select to_regclass('ledger_schema')") is None
        await connection.execute("drop table snapshot")
    async with nodes(postgres_dsn, 1) as (journal,):
        assert await journal.last_seq() == 0


async def test_who_may_not_make_tables_can_use_them(postgres: Postgres, postgres_dsn: str):
    name = postgres_dsn.rpartition("/")[2]
    async with asking(postgres_dsn) as connection:
        await connection.execute(f"create role clerk_{name} login password 'x'")
    clerk = f"postgresql://clerk_{name}:x@127.0.0.1:{postgres.port}/{name}"
    with pytest.raises(ConfigurationError, match="its user must own the tables of the ledger, or be allowed to make"):
        await PostgresJournal.open(clerk)
    async with nodes(postgres_dsn, 1), asking(postgres_dsn) as connection:
        await connection.execute(f"grant select, insert, update on all tables in schema public to clerk_{name}")
    async with nodes(clerk, 1) as (journal,):
        assert isinstance((await journal.commit([Book().register()]))[0], Committed)
        assert await journal.last_seq() > 0


# -------------------------------------------------------------------------------------------------------- damage


async def test_a_row_that_cannot_be_read_back_is_damage(postgres_dsn: str, journal: PostgresJournal):
    book = Book()
    await journal.commit([book.register(), book.add(receipt(1)), book.add(close_shift(2))])
    async with asking(postgres_dsn) as connection:
        await connection.execute("update entry set content = '\\x00'::bytea where number = 1")
        with pytest.raises(StorageCorrupt, match=r"entry .* of 'kkm-1' cannot be read back"):
            await journal.entries("kkm-1", 0, 10)
        await connection.execute("update snapshot set state = '\\x00'::bytea")
        with pytest.raises(StorageCorrupt, match="the snapshot of 'kkm-1' cannot be read back"):
            await journal.load("kkm-1")


async def test_the_address_of_a_journal_has_no_password(journal: PostgresJournal):
    assert str(journal).startswith("postgresql://operator@127.0.0.1:")
    assert "s3cret" not in str(journal)
