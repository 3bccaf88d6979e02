"""Reading a ledger on PostgreSQL.

The rule: what is read in the order of the whole ledger is read up to a place below which nothing comes any more. Nodes
commit at the same time, so an entry may become visible after one with a higher place. Whoever reads on from a place
therefore first lifts the floors of all writers to the newest place that he sees: that waits for those who are writing
below it, a few milliseconds, and whoever writes later writes above it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

from fiscal.errors import FiscalError, StorageCorrupt
from ofd_server.core.entries import AnomalyCode, PeriodRecorded
from ofd_server.ports import BatchTimes, DocumentFilter, History, Loaded, Note, NoteKind, StoredEntry, Version
from ofd_server.storage import rows
from ofd_server.storage.asking import conditions_of, is_noticed, made_autonomous
from ofd_server.storage.postgresql_links import AWAY, GONE, Connection, Links, told
from ofd_server.storage.rows import (
    KIND_ANOMALY,
    KIND_DOCUMENT,
    KIND_MADE_AUTONOMOUS,
    KIND_PERIOD,
    entry_of,
    unpack_state,
)

COLUMNS: Final = tuple("register_id" if column == "register_no" else column for column in rows.COLUMNS)
PAGE: Final = 1_000
"""Rows of one question when conditions are judged here and not by the database."""

# The names of columns are constants of this program; every value is a parameter.
_SELECT: Final = f"select {', '.join('entry.' + column for column in COLUMNS)} from entry "  # noqa: S608 - see above
_MARKED: Final = f"""
select {", ".join("entry." + column for column in COLUMNS)}, mark.autonomous_sign, mark.period, mark.version is not null
from entry left join lateral (
    select version, autonomous_sign, period from entry as later
    where later.register_id = entry.register_id and later.about = entry.number and later.kind = {KIND_MADE_AUTONOMOUS}
    and entry.autonomous = 0 order by later.version limit 1
) as mark on true
"""  # noqa: S608 - see above
_KEPT: Final = "select number, version, state from snapshot where register_id = $1"
_AFTER: Final = _SELECT + "where register_id = $1 and number >= $2 and version > $3 order by number, version"
_LIFT: Final = """
with below as (select no from writer where floor < $1 order by no for update)
update writer set floor = $1 from below where writer.no = below.no
"""
_TIMES: Final = f"""
select batch.first_seq, batch.last_seq, batch.taken_at, batch.committed_at, batch.answered_at
from entry, lateral (select * from batch where first_seq <= entry.seq order by first_seq desc limit 1) as batch
where entry.register_id = $1 and entry.number = $2 and entry.kind = {KIND_DOCUMENT} and entry.seq <= batch.last_seq
"""  # noqa: S608 - see above


class PostgresReading:
    """Everything of a journal that only reads, over the connections of its ledger."""

    def __init__(self, links: Links) -> None:
        self._links = links
        self._settled = 0
        """The highest place that is known to have nothing coming below it."""

    @asynccontextmanager
    async def _asked(self) -> AsyncIterator[Connection]:
        """A connection to read by; whatever fails is told in our words."""
        try:
            async with self._links.borrowed() as connection:
                yield connection
        except AWAY as error:
            if isinstance(error, GONE):
                await self._links.forget()
            raise self._links.away(error) from error
        except asyncpg.PostgresError as error:
            raise told(self._links.address, error) from error

    async def _query(self, query: str, *values: Any) -> list[Any]:
        async with self._asked() as connection:
            found: list[Any] = await connection.fetch(query, *values)
            return found

    def _stored(self, row: Any) -> StoredEntry:
        try:
            return StoredEntry(row[0], row[1], row[3], entry_of(row))
        except (FiscalError, ValueError, TypeError, LookupError, ArithmeticError) as error:
            where = f"{self._links.address}: entry {row[0]} of {row[1]!r}"
            raise StorageCorrupt(f"{where} cannot be read back: {error}") from error

    async def _entries(self, where: str, *values: Any) -> list[StoredEntry]:
        return [self._stored(row) for row in await self._query(_SELECT + where, *values)]

    async def _marked(self, where: str, *values: Any) -> list[StoredEntry]:
        """Documents, with the mark that was added to them later, if one was."""
        found: list[StoredEntry] = []
        for row in await self._query(_MARKED + where, *values):
            *columns, sign, period, is_marked = row
            stored = self._stored(tuple(columns))
            found.append(made_autonomous(stored, sign, period) if is_marked else stored)
        return found

    # ------------------------------------------------------------------------------------------------ a register

    async def _entries_after(self, register_id: str, number: int, version: int) -> list[StoredEntry]:
        return [self._stored(row) for row in await self._query(_AFTER, register_id, number, version)]

    async def load(self, register_id: str) -> Loaded | None:
        number, version, state, packed = 0, 0, None, None
        async with self._asked() as connection:
            kept = await connection.fetchrow(_KEPT, register_id)
            if kept is not None:
                number, version, packed = kept
            later = await connection.fetch(_AFTER, register_id, number, version)
        if packed is not None:
            try:
                state = unpack_state(packed)
            except ValueError as error:
                text = f"the snapshot of {register_id!r} cannot be read back: {error}"
                raise StorageCorrupt(f"{self._links.address}: {text}") from error
        if state is None and not later:
            return None
        return Loaded(register_id, state, tuple(self._stored(row).entry for row in later))

    async def version(self, register_id: str) -> Version:
        found = await self._query("select version from register where id = $1", register_id)
        return int(found[0][0]) if found else 0

    async def document(self, register_id: str, number: int) -> StoredEntry | None:
        found = await self._marked(
            f"where entry.register_id = $1 and entry.number = $2 and entry.kind = {KIND_DOCUMENT}", register_id, number
        )
        return found[0] if found else None

    async def is_autonomous_sign_used(self, register_id: str, sign: int, besides_number: int) -> bool:
        found = await self._query(
            "select 1 from entry where register_id = $1 and autonomous_sign = $2 and coalesce(about, number) <> $3 limit 1",
            register_id,
            sign,
            besides_number,
        )
        return bool(found)

    async def period(self, register_id: str, number: int) -> PeriodRecorded | None:
        found = await self._entries(
            f"where register_id = $1 and about = $2 and kind = {KIND_PERIOD} order by version desc limit 1",
            register_id,
            number,
        )
        if not found:
            return None
        entry = found[0].entry
        assert isinstance(entry, PeriodRecorded)
        return entry

    async def history(self, register_id: str, number: int) -> History:
        batches = await self._query(_TIMES, register_id, number)
        notes = await self._query(
            "select kind, at from note where register_id = $1 and number = $2 order by place", register_id, number
        )
        later = await self._entries(
            "where register_id = $1 and about = $2 "
            f"and kind in ({KIND_MADE_AUTONOMOUS}, {KIND_ANOMALY}) order by version",
            register_id,
            number,
        )
        return History(
            BatchTimes(*batches[0]) if batches else None,
            tuple(Note(register_id, number, NoteKind(kind), at) for kind, at in notes),
            tuple(later),
        )

    # ------------------------------------------------------------------------------------------ the whole ledger

    async def _settle(self, place: int) -> None:
        """Return when nothing can be committed any more at this place or below it."""
        if place > self._settled:
            await self._query(_LIFT, place)
            self._settled = max(self._settled, place)

    async def last_seq(self) -> int:
        ((newest,),) = await self._query("select coalesce(max(seq), 0) from entry")
        await self._settle(newest)
        return int(newest)

    async def registers(self) -> Sequence[str]:
        return tuple(id_ for (id_,) in await self._query("select id from register where born > 0 order by born"))

    async def entries(self, register_id: str | None, after_seq: int, limit: int) -> Sequence[StoredEntry]:
        if register_id is not None:  # its places rise with its versions, whoever writes it
            where = "where register_id = $1 and seq > $2 order by number, version limit $3"
            return await self._entries(where, register_id, after_seq, limit)
        where = "where seq > $1 order by seq limit $2"
        found = await self._entries(where, after_seq, limit)
        if not found or found[-1].seq <= self._settled:
            return found
        newest = found[-1].seq
        await self._settle(newest)
        return await self._entries("where seq > $1 and seq <= $3 order by seq limit $2", after_seq, limit, newest)

    async def documents(self, wanted: DocumentFilter) -> Sequence[StoredEntry]:
        if wanted.after_seq is not None and wanted.register_id is None:
            await self.last_seq()
            bound = self._settled
        else:
            bound = None
        conditions, values = _conditions(wanted, bound)
        order = "desc" if wanted.after_seq is None else "asc"
        values.append(wanted.limit)
        return await self._marked(f"where {conditions} order by entry.seq {order} limit ${len(values)}", *values)

    async def anomalies(
        self, register_id: str | None, code: AnomalyCode | None, before_seq: int | None, limit: int
    ) -> Sequence[StoredEntry]:
        chosen: list[StoredEntry] = []
        while len(chosen) < limit:
            found = await self._entries(
                "where flagged = 1 and ($1::text is null or register_id = $1) and ($2::bigint is null or seq < $2) "
                "order by seq desc limit $3",
                register_id,
                before_seq,
                PAGE if code is not None else limit,
            )
            chosen += [stored for stored in found if is_noticed(stored, code)]
            if code is None or len(found) < PAGE:
                break
            before_seq = found[-1].seq
        return chosen[:limit]

    async def close(self) -> None:
        await self._links.close()


def _conditions(wanted: DocumentFilter, bound: int | None) -> tuple[str, list[Any]]:
    conditions = [f"entry.kind = {KIND_DOCUMENT}"]
    values: list[Any] = []
    autonomous = None if wanted.autonomous is None else int(wanted.autonomous)
    for expression, comparison, value in (
        ("entry.register_id", "=", wanted.register_id),
        ("greatest(entry.autonomous, (mark.version is not null)::int)", "=", autonomous),
        ("coalesce(entry.autonomous_sign, mark.autonomous_sign)", "=", wanted.autonomous_sign),
        ("entry.seq", "<=", bound),
        *((f"entry.{column}", comparison, value) for column, comparison, value in conditions_of(wanted)),
    ):
        if value is not None:
            values.append(value)
            conditions.append(f"{expression} {comparison} ${len(values)}")
    return " and ".join(conditions), values


__all__ = ["COLUMNS", "PostgresReading"]
