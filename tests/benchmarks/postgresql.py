"""The ledger on PostgreSQL, on this machine: registers that stay on their node, and registers that hop between two.

The operator has one core, its registers the other; the database runs where the system puts it, beside both, and flushes
every commit (``fsync``). Each round runs SQLite, PostgreSQL with one node, and PostgreSQL with two nodes between which
every register hops, each with a new ledger. The way of writing is measured by itself, in this process: batches of so
many documents by COPY, as the product does it, and by one INSERT over arrays.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Final, NamedTuple

from ofd_server.ports import Append
from ofd_server.storage.postgresql import PostgresJournal
from ofd_server.storage.postgresql_links import Connection
from ofd_server.storage.postgresql_reading import COLUMNS
from ofd_server.storage.rows import PLAIN, Row
from tests.benchmarks.figures import Aim, Figure, Rounds
from tests.benchmarks.hopping import STAY
from tests.benchmarks.ingest import CONNECTIONS, Round, measure
from tests.benchmarks.machine import folder
from tests.benchmarks.servers import operator
from tests.contract.books import Book
from tests.documents import receipt
from tests.postgres import Postgres, installed_programs, running_postgres

RATE_AIM: Final = 10_000
BATCH: Final = 128
"""Documents of a batch that is written by itself; about what gathers behind a commit at the rate that is aimed at."""
REGISTERS: Final = 1_000
WARM_UP: Final = 100
MEASURED: Final = 200
"""Batches that are written before the measurement, and in it."""


def run(quick: bool) -> list[Figure]:
    """The figures of the ledger on PostgreSQL; none where it is not installed."""
    if installed_programs() is None:
        print("PostgreSQL is not installed: nothing is measured")
        return []
    load = {"connections": CONNECTIONS, "warmup_s": 1.5, "seconds": 2.0 if quick else 6.0}
    sqlite: list[Round] = []
    staying: list[Round] = []
    hopping: list[Round] = []
    costs: list[float] = []
    hops: list[float] = []
    with running_postgres("max_connections=100") as database:
        for _ in range(1 if quick else 3):
            with folder() as data, operator(data) as server:
                sqlite.append(measure(server, server.line()["native"], **load))
            with operator(None, storage=database.database()) as server:
                address = server.line()["native"]
                before, begun = database.cpu_seconds(), time.perf_counter()
                staying.append(measure(server, address, **load))
                share = (database.cpu_seconds() - before) / (time.perf_counter() - begun)
                costs.append(share / staying[-1].rate * 1e6)
            storage = database.database()
            with operator(None, storage=storage) as one, operator(None, storage=storage) as other:
                both = f"{one.line()['native']},{other.line()['native']}"
                hopping.append(measure(one, both, **load, client="hopping"))
                hops.append(2 * hopping[-1].server_busy / hopping[-1].rate * 1e6)
        writing = [_writing(database, kind, 1 if quick else 3) for kind in (PostgresJournal, Unnesting)]
    reference = Rounds(tuple(each.rate for each in sqlite))
    return [
        Figure(
            name="ingest on PostgreSQL, registers that stay on their node",
            unit="documents/s",
            measured=Rounds(tuple(each.rate for each in staying)),
            against="the same on SQLite",
            reference=reference,
            aims=(Aim("at least", RATE_AIM, "figure"),),
            notes=[
                *_notes(staying, "one node"),
                f"database  {Rounds(tuple(costs)).text()} us of processor a document, roughly (warm-up included)",
                *_notes(sqlite, "SQLite"),
            ],
        ),
        Figure(
            name="ingest on PostgreSQL, registers that hop between two nodes",
            unit="documents/s",
            measured=Rounds(tuple(each.rate for each in hopping)),
            against="the same on SQLite, where nobody can hop",
            reference=reference,
            notes=[
                f"latency   p50 {_middle(hopping, 'p50_ms')} ms, p99 {_middle(hopping, 'p99_ms')} ms",
                f"cost      {Rounds(tuple(hops)).text()} us of both operators' processor a document (twice that of one), a hop after every {STAY}",
            ],
        ),
        Figure(
            name=f"a batch of {BATCH} documents by COPY, ours and the database's processor",
            unit="us a document",
            measured=writing[0].cost,
            against="by one INSERT over arrays",
            reference=writing[1].cost,
            notes=[f"alone     {writing[0].rate.text()} documents/s by COPY, {writing[1].rate.text()} by INSERT"],
        ),
    ]


def _middle(rounds: list[Round], name: str) -> str:
    return Rounds(tuple(getattr(each, name) for each in rounds)).text()


def _notes(rounds: list[Round], name: str) -> list[str]:
    cost = Rounds(tuple(each.server_busy / each.rate * 1e6 for each in rounds)).text()
    p50, p99 = _middle(rounds, "p50_ms"), _middle(rounds, "p99_ms")
    return [f"{name}: latency p50 {p50} ms, p99 {p99} ms; {cost} us of the operator's processor a document"]


class Unnesting(PostgresJournal):
    """The way of writing that was not taken."""

    async def _insert(self, connection: Connection, rows: list[Row]) -> None:
        for width in (PLAIN, len(COLUMNS)):
            chosen = [row for row in rows if len(row) == width]
            if chosen:
                await connection.execute(_UNNEST[width], *zip(*chosen, strict=True))


_TYPES: Final = {
    "content": "bytea",
    "detail": "bytea",
    **dict.fromkeys(("kind", "flagged", "autonomous"), "smallint"),
    **dict.fromkeys(("register_id", "document_kind", "operation", "protocol", "sign", "key_id"), "text"),
}
_UNNEST: Final = {
    width: f"insert into entry ({', '.join(COLUMNS[:width])}) select * from unnest("
    + ", ".join(f"${place}::{_TYPES.get(name, 'bigint')}[]" for place, name in enumerate(COLUMNS[:width], 1))
    + ")"
    for width in (PLAIN, len(COLUMNS))
}


class Written(NamedTuple):
    """What batches cost, one after the other over one connection, with nothing else to do."""

    cost: Rounds
    rate: Rounds


def _writing(database: Postgres, kind: type[PostgresJournal], rounds: int) -> Written:
    databases = [database.database() for _ in range(rounds)]
    costs, rates = zip(*(asyncio.run(_write(database, dsn, kind)) for dsn in databases), strict=True)
    return Written(Rounds(costs), Rounds(rates))


async def _write(database: Postgres, dsn: str, kind: type[PostgresJournal]) -> tuple[float, float]:
    """Microseconds of processor time a document, of this process and of the database, and documents a second."""
    journal = await kind.open(dsn)
    try:
        books = [Book(f"kkm-{number}") for number in range(REGISTERS)]
        for begin in range(0, REGISTERS, BATCH):
            await journal.commit([book.register() for book in books[begin : begin + BATCH]])
        batches = _batches(books, WARM_UP + MEASURED)
        for batch in batches[:WARM_UP]:
            await journal.commit(batch)
        used, begun = time.process_time() + database.cpu_seconds(), time.perf_counter()
        for batch in batches[WARM_UP:]:
            await journal.commit(batch)
        seconds = time.perf_counter() - begun
        used = time.process_time() + database.cpu_seconds() - used
        return used / MEASURED / BATCH * 1e6, MEASURED * BATCH / seconds
    finally:
        await journal.close()


def _batches(books: Sequence[Book], count: int) -> list[list[Append]]:
    turns = (books[number % len(books)] for number in range(count * BATCH))
    return [[_next(next(turns)) for _ in range(BATCH)] for _ in range(count)]


def _next(book: Book) -> Append:
    assert book.state is not None
    return book.add(receipt(book.state.tape.last_number + 1))


__all__ = ["run"]
