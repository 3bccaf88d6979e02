"""From what a journal kept back to the state of a register."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from fiscal.domain.document import Document
from ofd_server.core.entries import DocumentRecorded, Entry, MadeAutonomous, Registered
from ofd_server.core.state import RegisterState, apply, register_from


def replay(
    register_id: str,
    snapshot: RegisterState | None,
    entries: Iterable[Entry],
    before: Mapping[int, Document] = MappingProxyType({}),
) -> RegisterState:
    """The state after these entries, which follow the snapshot, or begin with the registration when there is none.

    A mark that came later looks up its document among the entries, and among those ``before`` the snapshot that are given;
    one of a shift closed by then changes no counters any more, so its document is not needed.
    """
    state = snapshot
    documents: dict[int, Document] = dict(before)
    for entry in entries:
        if state is None:
            assert isinstance(entry, Registered), "the entries of a register begin with its registration"
            state = register_from(register_id, entry)
            continue
        if isinstance(entry, DocumentRecorded):
            documents[entry.number] = entry.document
        about = documents.get(entry.number) if isinstance(entry, MadeAutonomous) else None
        state = apply(state, entry, about)
    assert state is not None, "a register without entries is not a register"
    return state
