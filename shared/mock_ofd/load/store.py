"""The documents of the registers of one generator, made before the storm: their contents in a file, particulars beside it.

The rule: a document is made once and read when its turn has come, so a fleet needs memory for its registers and a file
for their documents.
"""

from __future__ import annotations

import mmap
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO, Final

from fiscal.domain.document import DocumentKind, carries_sign
from fiscal.time import SECOND, Instant, Moment
from kkt_client.fleet.state import Slot
from mock_ofd.load.sales import Sold

KINDS: Final = tuple(DocumentKind)
_PLACE_OF: Final = {kind: place for place, kind in enumerate(KINDS)}
_SIGNED: Final = tuple(carries_sign(kind) for kind in KINDS)
PERIOD: Final = 1
"""The offline period of everything that was sold before the storm."""


class Store:
    """The documents. Implements :class:`kkt_client.fleet.state.Memory`.

    ``due_at`` makes a moment of when a document is sold, in a run in which the link is up; ``None``: everything was sold
    while it was down.
    """

    def __init__(self, path: Path) -> None:
        self.first = array("Q", [0])
        """Where the documents of a register begin; one more says where those of the last end."""
        self.issued = array("q")
        self.begin: Instant = 0
        self.due_at: Callable[[int], Moment] | None = None
        self._rising: array[int] | None = None
        self._kinds = array("B")
        self._shifts = array("I")
        self._ends = array("Q", [0])
        self._path = path
        self._file: BinaryIO | None = path.open("wb", buffering=1 << 20)
        self._map: mmap.mmap | None = None

    @property
    def documents(self) -> int:
        """How many there are."""
        return len(self._kinds)

    def counts(self) -> list[int]:
        """How many documents each register has."""
        return [right - left for left, right in zip(self.first, self.first[1:], strict=False)]

    # ------------------------------------------------------------------------------------------------------- writing

    def add(self, sold: Iterable[Sold]) -> int:
        """The documents of the next register; how many they are."""
        assert self._file is not None, "what is sealed is not written"
        before, end = len(self._kinds), self._ends[-1]
        for each in sold:
            self._file.write(each.content)
            end += len(each.content)
            self._ends.append(end)
            self._kinds.append(_PLACE_OF[each.kind])
            self._shifts.append(each.shift)
            self.issued.append(each.issued_at)
        self.first.append(len(self._kinds))
        return len(self._kinds) - before

    def seal(self) -> None:
        """Everything is there: from here on it is read."""
        assert self._file is not None, "a store is sealed once"
        self._file.close()
        self._file = None
        if self._ends[-1]:
            with self._path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
        if self._map is not None:
            self._map.close()

    # ------------------------------------------------------------------------------------------------------- reading

    def dossier(self, place: int, number: int) -> Slot:
        """The document as it was issued."""
        at = self.first[place] + number - 1
        kind = self._kinds[at]
        content = self._read(at)
        if self.due_at is not None:
            return Slot(number, content, KINDS[kind], self._shifts[at], self.issued[at])
        sign = number if _SIGNED[kind] else None
        return Slot(number, content, KINDS[kind], self._shifts[at], self.issued[at], PERIOD, sign)

    def content(self, place: int, number: int) -> bytes | None:
        """The content of a document; ``None`` for one that is not there."""
        at = self.first[place] + number - 1
        return self._read(at) if number >= 1 and at < self.first[place + 1] else None

    def due(self, place: int, number: int) -> Moment | None:
        """When this document is to be sold."""
        at = self.first[place] + number - 1
        if self.due_at is None or at >= self.first[place + 1]:
            return None
        return self.due_at(at)

    def due_until(self, second: int) -> int:
        """How many documents are due so many seconds after the first could be."""
        if self.due_at is None:
            return self.documents
        if self._rising is None:
            self._rising = array("q", sorted(self.issued))
        return bisect_right(self._rising, self.begin + second * SECOND)

    def last(self, place: int) -> tuple[int, int]:
        """How many documents the register has, and the shift of the last one."""
        at = self.first[place + 1] - 1
        count = at + 1 - self.first[place]
        return count, self._shifts[at] if count else 0

    def _read(self, at: int) -> bytes:
        assert self._map is not None, "a store is sealed before it is read"
        return self._map[self._ends[at] : self._ends[at + 1]]


__all__ = ["KINDS", "PERIOD", "Store"]
