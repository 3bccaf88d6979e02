"""What a journal keeps of a register, as its state.

The rule: a state that was kept beside the entries saves reading those before it. One of them may be needed all the same: a
mark that came later speaks of a document before it, and changes the counters of a shift that is still open.
"""

from __future__ import annotations

from fiscal.domain.document import Document
from ofd_server.core.entries import DocumentRecorded, MadeAutonomous
from ofd_server.core.replay import replay
from ofd_server.core.state import RegisterState
from ofd_server.ports import Journal, Loaded


async def load_state(journal: Journal, register_id: str) -> RegisterState | None:
    """The state of a register, ``None`` for one never heard of; :class:`StorageError` when the journal cannot be asked."""
    loaded = await journal.load(register_id)
    if loaded is None:
        return None
    return replay(register_id, loaded.snapshot, loaded.entries, await _spoken_of(journal, loaded))


async def _spoken_of(journal: Journal, loaded: Loaded) -> dict[int, Document]:
    """Documents before the snapshot that marks after it speak of; none when no shift was open there."""
    found: dict[int, Document] = {}
    if loaded.snapshot is None or not loaded.snapshot.tape.shift.is_open:
        return found
    later = {entry.number for entry in loaded.entries if isinstance(entry, DocumentRecorded)}
    for entry in loaded.entries:
        if isinstance(entry, MadeAutonomous) and entry.number not in later:
            stored = await journal.document(loaded.register_id, entry.number)
            if stored is not None and isinstance(stored.entry, DocumentRecorded):
                found[entry.number] = stored.entry.document
    return found


__all__ = ["load_state"]
