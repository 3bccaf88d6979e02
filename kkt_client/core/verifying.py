"""The proof that nothing in a memory was changed: the whole chain, walked from its first record.

The rule: everything is computed anew and nothing is believed: hashes, bodies, the content of every document, and the
fold, which refuses a record that cannot follow the one before it. The first damaged record is named; what stands
behind it proves nothing any more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fiscal.errors import FiscalError
from kkt_client.core import records
from kkt_client.core.records import GENESIS, Damaged, Sealed, opened
from kkt_client.core.state import RegisterState


@dataclass(frozen=True, slots=True)
class Damage:
    """The first record that is not what was written: its place, its kind, and what is wrong with it."""

    seq: int
    kind: str
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk along the chain has found; ``damage`` is ``None`` for a memory that is whole."""

    records: int
    documents: int
    damage: Damage | None = None

    @property
    def is_whole(self) -> bool:
        return self.damage is None


class Walk:
    """A walk along the chain, page by page: :meth:`take` each page in turn, then :meth:`finish`."""

    def __init__(self) -> None:
        self.state = RegisterState()
        self.seq = 0
        self.hash = GENESIS
        self.documents = 0
        self.damage: Damage | None = None

    def take(self, page: Iterable[Sealed]) -> bool:
        """Look at the next records; whether the walk may go on."""
        try:
            for sealed, record in opened(page, self.seq, self.hash):
                self._take(sealed, record)
        except Damaged as found:
            self.damage = Damage(found.seq, found.kind, found.why)
        return self.damage is None

    def _take(self, sealed: Sealed, record: records.Record) -> None:
        if sealed.seq == 1 and not isinstance(record, records.Founded):
            raise Damaged(sealed.seq, sealed.kind, "a memory begins with the record that founds it")
        try:
            self.state.apply(record)
        except FiscalError as error:
            raise Damaged(sealed.seq, sealed.kind, str(error)) from None
        self.seq, self.hash = sealed.seq, sealed.hash
        self.documents += isinstance(record, records.Issued)

    def finish(self, last_seq: int, last_hash: bytes) -> Verdict:
        """The verdict, given which record was the last to be written; so a tail that was cut off is missed, too."""
        if self.damage is None and self.seq < last_seq:
            self.damage = Damage(self.seq + 1, "unknown", f"is missing; {last_seq} records were written")
        if self.damage is None and self.seq == last_seq and self.hash != last_hash:
            self.damage = Damage(self.seq, "unknown", "the last record is not the one that was written last")
        return Verdict(self.seq, self.documents, self.damage)
