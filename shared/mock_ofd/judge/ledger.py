"""The operator's ledger as events.

The rule: entry by entry (:mod:`ofd_server.testimony`); the notes on the way of documents come last. An answer that was
late and withheld is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from fiscal.judging.events import Event, What
from ofd_server.ports import NoteKind
from ofd_server.storage.opening import ledger_reader
from ofd_server.testimony import events_of


def read_ledger(where: Path | str) -> Iterator[Event]:
    """Every event of the ledger in this folder or file, or at this address of a database.

    ``StorageError`` when it cannot be read, ``ConfigurationError`` for an address that is not right.
    """
    with ledger_reader(where) as reader:
        source = reader.name
        for stored, answered_at in reader.lines():
            yield from events_of(source, stored, answered_at)
        notes = list(reader.notes())
    withheld = {(note.register_id, note.number) for note in notes if note.kind is NoteKind.WITHHELD}
    for place, note in enumerate(notes, 1):
        what = What.RESENT if note.kind is NoteKind.RESENT else What.LATE
        if what is What.RESENT or (note.register_id, note.number) not in withheld:
            yield Event(what, note.register_id, f"{source} note", place, note.at, note.number)
