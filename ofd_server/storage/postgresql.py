"""The ledger on PostgreSQL, for any number of nodes: one transaction for each batch, versions checked in it.

The rule: a transaction locks the registers of its batch, in the order of their ids, and reads where they stand; what was
decided on another version is left out, everything else is written and committed at once. What is not known after a lost
connection is said to be unknown; what the database refused for the moment (a deadlock, a serialization failure) is tried
again, a few times.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import asyncpg

from ofd_server.defects import WatchedLog
from ofd_server.ports import (
    Append,
    BatchTimes,
    CommitFailed,
    Committed,
    JournalBroken,
    Note,
    Outcome,
    OutcomeUnknown,
    Stale,
)
from ofd_server.storage.addresses import Address
from ofd_server.storage.migrating import steps
from ofd_server.storage.places import PLACES, WRITERS, first_place
from ofd_server.storage.postgresql_links import AWAY, GONE, Connection, Links, told, told_at_start
from ofd_server.storage.postgresql_reading import COLUMNS, PostgresReading
from ofd_server.storage.rows import PLAIN, WITH_DETAIL, Row, pack_state, row_of

SCHEMA_VERSION: Final = 1
TRIES: Final = 6
"""How often a batch is tried that the database refuses for the moment; two nodes that keep meeting part by then."""
PAUSE_S: Final = 0.01
"""Before the second try, at the longest, and twice as long each time; drawn, so that two do not meet again."""
MIGRATION_LOCK: Final = 0x6D6F636B5F6F6664
"""The advisory lock under which a schema is brought up to date; any number that nobody else takes."""

_AGAIN: Final = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
_DAMAGED: Final = (asyncpg.DataCorruptedError, asyncpg.IndexCorruptedError)
_REFUSED: Final = ("23", "25", "40")
"""Classes of what COMMIT itself may say after which nothing was kept; 40003 says the opposite of its class."""
_STATEMENT_COMPLETION_UNKNOWN: Final = "40003"

_NOW: Final = "(extract(epoch from clock_timestamp()) * 1000)::bigint"
_NEW: Final = """
insert into register (id, version, seq, born)
select id, 0, 0, 0 from unnest($1::text[]) as id order by id on conflict do nothing
"""
_LOCK: Final = f"""
with stood as materialized (
    select id, version, seq from register where id = any($1::text[]) order by id for update
), free as materialized (
    select no, floor from writer order by no limit 1 for update skip locked
)
select id, version, seq, 0::bigint from stood
union all
select null, no, floor, {_NOW} from free
"""  # noqa: S608 - text that is constant here
_FREE: Final = f"select no, floor, {_NOW} from writer order by no limit 1 for update skip locked"  # noqa: S608 - likewise
_WAIT: Final = f"select no, floor, {_NOW} from writer where no = $1 for update"  # noqa: S608 - likewise
_MOVE: Final = """
with lifted as (update writer set floor = $2 where no = $1)
update register set version = moved.version, seq = moved.seq,
    born = case when register.born = 0 then moved.born else register.born end
from unnest($3::text[], $4::bigint[], $5::bigint[], $6::bigint[]) as moved (id, version, seq, born)
where register.id = moved.id
"""
_NEW_ONE: Final = "insert into register (id, version, seq, born) values ($1, 0, 0, 0) on conflict do nothing"
_LOCK_ONE: Final = "select id, version, seq from register where id = $1 for update"
_LIFT_ONE: Final = "update writer set floor = $2 where no = $1"
_MOVE_ONE: Final = """
update register set version = $2, seq = $3, born = case when born = 0 then $4 else born end where id = $1
"""
_SNAPSHOT: Final = """
insert into snapshot (register_id, number, version, state) values ($1, $2, $3, $4)
on conflict (register_id) do update set number = excluded.number, version = excluded.version, state = excluded.state
"""
_NOTE: Final = "insert into note (register_id, number, place, kind, at) values ($1, $2, $3, $4, $5)"
_TIMES: Final = """
insert into batch (first_seq, last_seq, taken_at, committed_at, answered_at) values ($1, $2, $3, $4, $5)
on conflict (first_seq) do nothing
"""

log = WatchedLog(__name__)


class PostgresJournal(PostgresReading):
    """Implements :class:`ofd_server.ports.Journal`. Make one with :meth:`open`; any number of processes may."""

    shared = True

    def __init__(self, links: Links, *, durable: bool) -> None:
        super().__init__(links)
        self.durable = durable
        self._broken: str | None = None
        self._singly = False
        """Whether every statement names one register: an engine may not lock rows of several shards by one."""

    def __str__(self) -> str:
        """The address, without a password."""
        return str(self._links.address)

    @classmethod
    async def open(cls, dsn: str) -> PostgresJournal:
        """Connect, and make the tables or bring them up to date.

        Raises :class:`ConfigurationError` for an address, user, password or database that is not right,
        :class:`StorageError` when nobody answers there or the schema is of a newer program.
        """
        address = Address(dsn)
        links = await Links.open(address)
        try:
            async with links.borrowed(writes=True) as connection:
                durable = await connection.fetchval("select current_setting('fsync') = 'on'")
                await migrate(connection, address)
        except BaseException as error:
            await links.close()
            if isinstance(error, (*AWAY, asyncpg.PostgresError)):
                raise told_at_start(address, error) from error
            raise
        return cls(links, durable=durable)

    async def commit(
        self, batch: Sequence[Append], notes: Sequence[Note] = (), times: Sequence[BatchTimes] = ()
    ) -> Sequence[Outcome]:
        if self._broken is not None:
            raise JournalBroken(self._broken)
        if not (batch or notes or times):
            return ()
        count = sum(len(append.entries) for append in batch) + len(notes)
        if count > PLACES:
            raise CommitFailed(f"a batch has at most {PLACES} entries and notes, this one {count}")
        last: BaseException | None = None
        for number in range(TRIES):
            if number:
                await asyncio.sleep(random.uniform(0, PAUSE_S * 2**number))
            try:
                return await self._transaction(batch, notes, times, count)
            except (*AWAY, asyncpg.PostgresError, ValueError, TypeError, OverflowError) as error:
                await self._judge(error, number)
                last = error
        raise CommitFailed(f"{self._links.address}: refused {TRIES} times: {last}") from last

    async def _judge(self, error: BaseException, number: int) -> None:
        """What happened before COMMIT, so that nothing is kept: raise what it means, unless another try is worth it."""
        match error:
            case _ if isinstance(error, _AGAIN):
                log.info("the database refused a batch for the moment", error=str(error), tries=number + 1)
            case _ if isinstance(error, AWAY):
                await self._links.forget()  # another connection may do better, once
                if number or isinstance(error, TimeoutError):
                    raise self._links.away(error) from error
            case asyncpg.QueryCanceledError():  # it took too long, and a part of it would not take less
                raise self._links.away(error) from error
            case asyncpg.FeatureNotSupportedError() if not self._singly:
                log.warning("the database takes one register in a statement, and more of them", error=str(error))
                self._singly = True
            case _ if isinstance(error, _DAMAGED):
                self._broken = str(told(self._links.address, error))
                raise JournalBroken(self._broken) from error
            case _:
                raise CommitFailed(f"{self._links.address}: {error}") from error

    async def _transaction(
        self, batch: Sequence[Append], notes: Sequence[Note], times: Sequence[BatchTimes], count: int
    ) -> Sequence[Outcome]:
        async with self._links.borrowed(writes=True) as connection:
            await connection.execute("begin isolation level read committed")
            try:
                outcomes = await self._write(connection, batch, notes, times, count)
            except asyncpg.PostgresError:
                if not connection.is_closed():
                    await connection.execute("rollback")
                raise
            await self._end(connection)
        return outcomes

    async def _end(self, connection: Connection) -> None:
        """COMMIT: only a few errors say for sure that nothing was kept."""
        try:
            said = await connection.execute("commit")
        except asyncpg.PostgresError as error:
            state = error.sqlstate or ""
            if state[:2] in _REFUSED and state != _STATEMENT_COMPLETION_UNKNOWN:
                raise
            raise OutcomeUnknown(f"{self._links.address}: {error}") from error
        except GONE as error:
            await self._links.forget()
            raise OutcomeUnknown(f"{self._links.address}: {error or 'no answer in time'}") from error
        if said != "COMMIT":
            raise CommitFailed(f"{self._links.address}: the database said {said} to COMMIT")

    async def _write(
        self,
        connection: Connection,
        batch: Sequence[Append],
        notes: Sequence[Note],
        times: Sequence[BatchTimes],
        count: int,
    ) -> Sequence[Outcome]:
        *stood, (writer, floor, now) = await self._locked(connection, batch)
        versions: dict[str, int] = {id_: version for id_, version, _ in stood}
        seq = first_place(max(floor, *(place for _, _, place in stood), 0), now, writer, max(count, 1)) - 1
        outcomes: list[Outcome] = []
        stale: set[str] = set()
        rows: list[Row] = []
        born: dict[str, int] = {}
        last: dict[str, int] = {}
        snapshots: dict[str, tuple[str, int, int, bytes]] = {}
        for append in batch:
            register_id = append.register_id
            version = versions.get(register_id, 0)
            if version != append.expected or register_id in stale:
                stale.add(register_id)
                outcomes.append(Stale(version))
                continue
            outcomes.append(Committed(seq + 1))
            born.setdefault(register_id, seq + 1)
            last_number = append.after.tape.last_number
            for entry in append.entries:
                seq += 1
                version += 1
                rows.append(row_of(entry, seq, register_id, last_number, version))
            versions[register_id], last[register_id] = version, seq
            if append.snapshot:
                snapshots[register_id] = (register_id, last_number, version, pack_state(append.after))
        if rows:
            await self._insert(connection, rows)
        if snapshots:
            await connection.executemany(_SNAPSHOT, list(snapshots.values()))
        if notes:
            lines = [
                (note.register_id, note.number, place, note.kind.value, note.at)
                for place, note in enumerate(notes, seq + 1)
            ]
            await connection.executemany(_NOTE, lines)
            seq += len(notes)
        if times:
            await connection.executemany(
                _TIMES, [(t.first_seq, t.last_seq, t.taken_at, t.committed_at, t.answered_at) for t in times]
            )
        moved = [(id_, versions[id_], place, born[id_]) for id_, place in last.items()]
        if self._singly:
            await connection.execute(_LIFT_ONE, writer, seq)
            await connection.executemany(_MOVE_ONE, moved)
        else:
            await connection.execute(_MOVE, writer, seq, *([row[column] for row in moved] for column in range(4)))
        return outcomes

    async def _locked(self, connection: Connection, batch: Sequence[Append]) -> list[tuple[Any, ...]]:
        """Where the registers stand, as (id, version, place); at the end a writer, its floor, and the time."""
        new = sorted({append.register_id for append in batch if append.expected == 0})
        ids = sorted({append.register_id for append in batch})
        if self._singly:
            if new:
                await connection.executemany(_NEW_ONE, [(id_,) for id_ in new])
            one_by_one = [await connection.fetchrow(_LOCK_ONE, id_) for id_ in ids]
            stood = [tuple(row) for row in one_by_one if row is not None]
            mine = await connection.fetchrow(_FREE)
        else:
            if new:
                await connection.execute(_NEW, new)
            found = [tuple(row) for row in await connection.fetch(_LOCK, ids)]
            stood = [row[:3] for row in found if row[0] is not None]
            mine = next((row[1:] for row in found if row[0] is None), None)
        if mine is None:  # all of them write at this moment
            mine = await connection.fetchrow(_WAIT, random.randrange(WRITERS))
        return [*stood, tuple(mine)]

    async def _insert(self, connection: Connection, rows: list[Row]) -> None:
        """COPY: half of the processor time of one INSERT over arrays, on both sides."""
        for values in (PLAIN, WITH_DETAIL, len(COLUMNS)):
            some = [row for row in rows if len(row) == values]
            if some:
                await connection.copy_records_to_table("entry", records=some, columns=COLUMNS[:values])

    async def is_committed(self, append: Append) -> Committed | None:
        """Waits for whoever holds the register: the transaction in doubt may still be on its way."""
        async with self._asked() as connection:
            await connection.fetchval("select 1 from register where id = $1 for share", append.register_id)
        kept = (await self._entries_after(append.register_id, 0, append.expected))[: len(append.entries)]
        same = tuple(stored.entry for stored in kept) == append.entries
        return Committed(kept[0].seq) if same else None

    async def is_writable(self) -> bool:
        """False for a standby, or a database that was set to be read only; raises when it is away."""
        if self._broken is not None:
            return False
        async with self._asked() as connection:
            return bool(await connection.fetchval("select current_setting('transaction_read_only') = 'off'"))


async def migrate(connection: Connection, address: Address) -> None:
    """Bring the schema up to date; nodes that start together wait for the first of them."""
    async with connection.transaction():
        if await version_of(connection) == SCHEMA_VERSION:  # who may not make tables can still use them
            return
        with suppress(asyncpg.FeatureNotSupportedError):  # then the first of the rows below decides who was first
            async with connection.transaction():
                await connection.execute("select pg_advisory_xact_lock($1)", MIGRATION_LOCK)
        await connection.execute("create table if not exists ledger_schema (version bigint primary key)")
        for version, script in steps("postgresql", await version_of(connection), SCHEMA_VERSION, address):
            await connection.execute(script)
            await connection.execute("insert into ledger_schema values ($1)", version)


async def version_of(connection: Connection) -> int:
    """The version of the schema; 0 where there is none."""
    if await connection.fetchval("select to_regclass('ledger_schema')") is None:
        return 0
    found: int = await connection.fetchval("select coalesce(max(version), 0) from ledger_schema")
    return found


__all__ = ["SCHEMA_VERSION", "PostgresJournal", "migrate", "version_of"]
