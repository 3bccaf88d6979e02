"""A journal whose places are counted from 1, whatever they are inside: so one suite can say what it expects of each.

The rule: places that only rise are as good as 1, 2, 3. What is asked for and what comes back is translated; nothing else
is touched.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from ofd_server.core.entries import AnomalyCode
from ofd_server.ports import (
    Append,
    BatchTimes,
    Committed,
    DocumentFilter,
    History,
    Journal,
    Note,
    Outcome,
    StoredEntry,
)

ALL: Final = 100_000
BEYOND: Final = 2**62


class Ranked:
    """The journal that is given, with ranks for places."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    def __getattr__(self, name: str) -> Any:
        return getattr(self.journal, name)

    async def _places(self) -> list[int]:
        return [stored.seq for stored in await self.journal.entries(None, 0, ALL)]

    async def _ranked(self, found: Sequence[StoredEntry]) -> list[StoredEntry]:
        places = await self._places()
        return [replace(stored, seq=_rank(places, stored.seq)) for stored in found]

    async def commit(
        self, batch: Sequence[Append], notes: Sequence[Note] = (), times: Sequence[BatchTimes] = ()
    ) -> Sequence[Outcome]:
        places = await self._places() if times else []
        placed = [
            replace(span, first_seq=_place(places, span.first_seq), last_seq=_place(places, span.last_seq))
            for span in times
        ]
        outcomes = await self.journal.commit(batch, notes, placed)
        places = await self._places()
        return [
            Committed(_rank(places, outcome.first_seq)) if isinstance(outcome, Committed) else outcome
            for outcome in outcomes
        ]

    async def is_committed(self, append: Append) -> Committed | None:
        found = await self.journal.is_committed(append)
        return None if found is None else Committed(_rank(await self._places(), found.first_seq))

    async def document(self, register_id: str, number: int) -> StoredEntry | None:
        found = await self.journal.document(register_id, number)
        return None if found is None else (await self._ranked([found]))[0]

    async def documents(self, wanted: DocumentFilter) -> Sequence[StoredEntry]:
        places = await self._places()
        before, after = wanted.before_seq, wanted.after_seq
        wanted = replace(
            wanted,
            before_seq=None if before is None else _place(places, before),
            after_seq=None if after is None else _place(places, after),
        )
        return await self._ranked(await self.journal.documents(wanted))

    async def entries(self, register_id: str | None, after_seq: int, limit: int) -> Sequence[StoredEntry]:
        places = await self._places()
        return await self._ranked(await self.journal.entries(register_id, _place(places, after_seq), limit))

    async def anomalies(
        self, register_id: str | None, code: AnomalyCode | None, before_seq: int | None, limit: int
    ) -> Sequence[StoredEntry]:
        before = None if before_seq is None else _place(await self._places(), before_seq)
        return await self._ranked(await self.journal.anomalies(register_id, code, before, limit))

    async def history(self, register_id: str, number: int) -> History:
        found = await self.journal.history(register_id, number)
        span = found.times
        if span is not None:
            places = await self._places()
            span = replace(span, first_seq=_rank(places, span.first_seq), last_seq=_rank(places, span.last_seq))
        return replace(found, times=span, later=tuple(await self._ranked(found.later)))

    async def last_seq(self) -> int:
        newest = await self.journal.last_seq()
        return _rank(await self._places(), newest) if newest else 0


def _rank(places: list[int], place: int) -> int:
    """The place among those that are there; it is one of them."""
    found = bisect_left(places, place)
    assert places[found] == place
    return found + 1


def _place(places: list[int], rank: int) -> int:
    if rank == 0:
        return 0
    return places[rank - 1] if rank <= len(places) else BEYOND
