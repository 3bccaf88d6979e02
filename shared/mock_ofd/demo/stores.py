"""Reads what both sides have written: fiscal memories in their folders, and the operator's ledger.

The rule: only the readers are used that everybody may use (the ports of both sides, ``read_memory``, ``verify_memory``),
and nothing is changed. A memory that is damaged is read as far as its records can be read, because the reconciliation
has to say what is missing, not that something is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fiscal.errors import FiscalError, StorageError
from kkt_client import read_memory, verify_memory
from kkt_client.core.records import Damaged, Record, unseal
from kkt_client.storage.sqlite import SqliteFiscalMemory
from mock_ofd.demo.books import Books, Slip
from mock_ofd.demo.notebook import Notebook
from mock_ofd.demo.reconcile import Reconciliation, reconcile
from ofd_server.core.entries import DocumentRecorded, Entry
from ofd_server.core.replay import replay
from ofd_server.ports import Journal, NoteKind

PAGE: Final = 500
"""Records or entries that are read at once."""


@dataclass(frozen=True, slots=True)
class Memory:
    """A fiscal memory as it was read."""

    chain: tuple[Record, ...]
    counters: Mapping[str, int] | None
    damage: str | None


async def read_chain(folder: Path) -> Memory:
    """Everything that can be read of the memory in this folder; none at all is a damage, too."""
    damage: str | None = None
    chain: list[Record] = []
    try:
        async for record in _records(folder):
            chain.append(record)  # noqa: PERF401 - what was read before a damage is kept
        verdict = await verify_memory(folder)
        if verdict.damage is not None:
            found = verdict.damage
            damage = f"record {found.seq} ({found.kind}): {found.why}"
    except Damaged as found_early:
        damage = str(found_early)
    except StorageError as error:
        damage = str(error)
    counters: Mapping[str, int] | None = None
    if damage is None:
        async with read_memory(folder) as reader:
            counters = reader.shift.counters
    return Memory(tuple(chain), counters, damage)


async def _records(folder: Path) -> AsyncIterator[Record]:
    memory = SqliteFiscalMemory(folder, read_only=True)
    await memory.open()
    try:
        after = 0
        while page := await memory.records(after, PAGE):
            for sealed in page:
                yield unseal(sealed)
            after = page[-1].seq
    finally:
        await memory.close()


async def read_ledger(journal: Journal) -> dict[str, list[Entry]]:
    """Every register's entries, in the order of the whole ledger."""
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    after = 0
    while page := await journal.entries(None, after, PAGE):
        for stored in page:
            found[stored.register_id].append(stored.entry)
        after = page[-1].seq
    return dict(found)


async def _resent(journal: Journal, register_id: str, ledger: Sequence[Entry]) -> frozenset[int]:
    """Numbers of the documents that came more than once."""
    numbers = {entry.number for entry in ledger if isinstance(entry, DocumentRecorded)}
    found = set()
    for number in numbers:
        history = await journal.history(register_id, number)
        if any(note.kind is NoteKind.RESENT for note in history.notes):
            found.add(number)
    return frozenset(found)


def _held(register_id: str, ledger: Sequence[Entry]) -> Mapping[str, int] | None:
    """The operator's own counters; ``None`` when its entries make no register any more."""
    try:
        return replay(register_id, None, ledger).tape.shift.counters
    except (AssertionError, FiscalError):
        return None


async def reconcile_stores(folders: Mapping[str, Path], journal: Journal) -> Reconciliation:
    """Compare the fiscal memory in each register's folder, by the register's id, with the operator's ledger.

    A till's notebook that lies beside the memory is a third witness: it tells what the customers were given.
    """
    ledger = await read_ledger(journal)
    accounts = []
    for register_id, folder in folders.items():
        memory = await read_chain(folder)
        entries = ledger.get(register_id, [])
        books = Books(
            register_id=register_id,
            chain=memory.chain,
            ledger=entries,
            remembered=memory.counters,
            held=_held(register_id, entries) if entries else {},
            resent=await _resent(journal, register_id, entries),
            slips=_slips(folder),
            damage=memory.damage,
        )
        accounts.append(reconcile(books))
    return Reconciliation(tuple(accounts))


def _slips(folder: Path) -> list[Slip]:
    return list(Notebook(folder).slips())


__all__ = ["Memory", "read_chain", "read_ledger", "reconcile_stores"]
