"""The storm: a link of a whole chain is back, on two cores that also carry those who return; and how its cost grows.

Everything is `mock-ofd load`'s own engine: an operator of its own on SQLite, registers with the real outbox and session
in other processes, the echo of the same frames beforehand, and a verdict that compares every document of both sides. A
round whose verdict is not clean is no round.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from fiscal.domain.document import DocumentKind
from fiscal.domain.signs import digest_of
from fiscal.protocols.content import encode_content
from mock_ofd.load.engine import run as run_load
from mock_ofd.load.result import Progress, Result
from mock_ofd.load.scenario import Scenario
from ofd_server.core.entries import DocumentRecorded
from ofd_server.storage.rows import COLUMNS, PLAIN, row_of
from ofd_server.storage.sqlite import FILE_NAME, SqliteJournal
from tests.benchmarks.figures import Aim, Figure, Rounds
from tests.benchmarks.frames import receipt
from tests.benchmarks.machine import folder

DRAIN_AIM_S: Final = 60.0
P99_AIM_MS: Final = 1_000.0
MEMORY_AIM_MB: Final = 500.0
LEDGER_RATIO_AIM: Final = 0.8
FLEETS: Final = (100, 1_000, 5_000, 10_000)
LEDGERS: Final = (0, 1_000_000, 10_000_000)
OF_A_FILLER: Final = 1_000
"""Documents of each register that a ledger is filled with."""
AT: Final = 1_760_000_000_000


class Unclean(RuntimeError):
    """The verdict of a round: what it measured is not what was meant."""


def storm(scenario: Scenario) -> Result:
    """One round, told on standard error."""

    def tell(progress: Progress) -> None:
        tick = progress.tick
        if tick is not None and not tick.at_s % 5:
            sys.stderr.write(f"  {tick.at_s:>4} s  {progress.done:>9,} of {progress.of:,}\n")

    found = asyncio.run(run_load(scenario, tell=tell, stop=asyncio.Event()))
    if not found.is_proven and not (found.late and not (found.lost or found.doubled or found.out_of_order)):
        raise Unclean(f"the round is not valid: {found.errors or found.faulty[:3]}")
    return found


def run(quick: bool) -> list[Figure]:
    """The figures of the storm: 10,000 registers with 100 documents each, or 1,000."""
    registers, documents = (1_000, 100) if quick else (10_000, 100)
    rounds = [storm(Scenario(registers=registers, documents=documents)) for _ in range(1 if quick else 3)]
    echoes = [each.reference.echo_per_s for each in rounds if each.reference is not None]
    return [
        Figure(
            name=f"storm, {registers:,} registers x {documents}, durable, on two cores with those who return",
            unit="documents/s",
            measured=Rounds(tuple(each.documents_per_s for each in rounds)),
            against="bare echo of the same frames, over 1,000 connections",
            reference=Rounds(tuple(echoes)) if len(echoes) == len(rounds) else None,
            notes=_notes(rounds),
        ),
        Figure(
            name="  drained",
            unit="s",
            measured=Rounds(tuple(each.drain_s for each in rounds)),
            aims=() if quick else (Aim("at most", DRAIN_AIM_S, "figure"),),
        ),
        Figure(
            name="  p99 of an answer",
            unit="ms",
            measured=Rounds(tuple(each.latency_ms.p99 for each in rounds)),
            aims=(Aim("at most", P99_AIM_MS, "figure"),),
        ),
        *_memory(rounds),
    ]


def _memory(rounds: list[Result]) -> Iterator[Figure]:
    most = [each.server.rss_max_mb for each in rounds if each.server is not None]
    if most:
        aims = (Aim("at most", MEMORY_AIM_MB, "figure"),)
        yield Figure(name="  memory of the operator, the most", unit="MB", measured=Rounds(tuple(most)), aims=aims)


def _notes(rounds: list[Result]) -> list[str]:
    def per_document(seconds: list[float | None]) -> str:
        known = [
            used / each.documents_acknowledged * 1e6
            for used, each in zip(seconds, rounds, strict=True)
            if used is not None
        ]
        return Rounds(tuple(known)).text() if known else "unknown"

    server = per_document([None if each.server is None else each.server.cpu_s for each in rounds])
    fleet = per_document([each.generator_cpu_s for each in rounds])
    counts = [(each.lost, each.doubled, each.out_of_order, each.late) for each in rounds]
    put_off = ", ".join(f"{each.put_off:,}" for each in rounds)
    errors = {words: many for each in rounds for words, many in each.errors.items()}
    return [
        f"cost      {server} us of the operator's processor a document, {fleet} us of the registers'",
        f"verdict   lost, doubled, overtaken, late: {counts}; asked to come later: {put_off}",
        *([f"errors    {errors}"] if errors else []),
    ]


# -------------------------------------------------------------------------------------------------------------- the curve


def curve(quick: bool) -> list[Figure]:
    """What it costs with more registers, and with a longer ledger."""
    fleets: Sequence[int] = FLEETS[:2] if quick else FLEETS
    ledgers: Sequence[int] = LEDGERS[:2] if quick else LEDGERS
    documents = 20_000 if quick else 200_000
    found = []
    for registers in fleets:
        wanted = Scenario(registers=registers, documents=documents // registers, reference=False)
        result = storm(wanted)
        name = f"cost curve, {registers:,} registers x {documents // registers}"
        found.append(_point(name, result))
    return [*found, *_lengths(ledgers, 20 if quick else 100)]


def _point(name: str, result: Result, reference: float | None = None) -> Figure:
    memory = "" if result.server is None else f"; memory of the operator {result.server.rss_max_mb:.0f} MB"
    known = None if reference is None else Rounds((reference,))
    return Figure(
        name=name,
        unit="documents/s",
        measured=Rounds((result.documents_per_s,)),
        against="" if known is None else "the same with an empty ledger, before it",
        reference=known,
        aims=() if known is None else (Aim("at least", LEDGER_RATIO_AIM, "ratio"),),
        notes=[*_notes([result])[:1], f"p99       {result.latency_ms.p99:.0f} ms{memory}"],
    )


def _lengths(ledgers: Sequence[int], documents: int) -> list[Figure]:
    """The same storm on ledgers of these lengths, each beside one on an empty ledger."""
    found = []
    for length in ledgers:
        with folder() as data:
            took = fill(data, length)
            sys.stderr.write(f"  a ledger of {length:,} documents was made in {took:.0f} s\n")
            wanted: dict[str, Any] = {"registers": 1_000, "documents": documents, "reference": False}
            empty = storm(Scenario(**wanted)) if length else None
            result = storm(Scenario(**wanted, data=str(data)))
        rate = None if empty is None else empty.documents_per_s
        found.append(_point(f"cost curve, a ledger of {length:,} documents", result, rate))
    return found


def fill(data: Path, documents: int) -> float:
    """A ledger with so many documents of registers that are gone, in seconds: its own tables and rows, without decisions."""
    begun = time.perf_counter()
    asyncio.run(SqliteJournal.open(data).close())
    sample = receipt(1, AT)
    content = encode_content(sample)
    digest = digest_of(content)
    entry = DocumentRecorded(
        AT, content, sample, DocumentKind.RECEIPT, digest, "native", "123456789012", "key", False, None, None, ()
    )
    _seq, _no, _number, _version, *rest = row_of(entry, 1, 1, 1, 1)[:PLAIN]
    names = COLUMNS[:PLAIN]
    # One statement writes all documents of a register: nothing but the ledger's own pages takes time here.
    insert = (
        "with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < :rows) "
        f"insert into entry ({', '.join(names)}) "
        f"select :first + n, :no, n, n, {', '.join(f':v{place}' for place in range(len(rest)))} from numbers"
    )
    values = {f"v{place}": value for place, value in enumerate(rest)}
    with closing(sqlite3.connect(data / FILE_NAME)) as db:
        db.execute("pragma synchronous = off")
        many = -(-documents // OF_A_FILLER)
        db.executemany("insert into register (no, id) values (?, ?)", ((no, f"gone-{no}") for no in range(1, many + 1)))
        for no in range(1, many + 1):
            first = (no - 1) * OF_A_FILLER
            rows = min(OF_A_FILLER, documents - first)
            db.execute(insert, {"first": first, "no": no, "rows": rows, **values})
            if not no % 100:
                db.commit()
        db.commit()
        db.execute("pragma wal_checkpoint(truncate)")
    return time.perf_counter() - begun


__all__ = ["curve", "fill", "run", "storm"]
