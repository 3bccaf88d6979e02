"""What became of every document: what the registers were told, held against what the operator's ledger holds.

The rule: a document is *lost* when its acceptance was told and the ledger does not hold it with that sign; *doubled* when
the ledger holds its number twice, or its register was told two signs; *overtaken* (out of order) when a higher number of
its register stands before it in the ledger. *Late* is what came after the limit, by the register's own clock. A document
that the ledger holds and nobody was told of is none of these: it was on its way when the run ended.

The ledger is read once, from its first entry to its last, in memory of a byte for each document.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from mock_ofd.load.book import UNTOLD, WITHOUT_SIGN, Book, mark_of
from mock_ofd.load.result import RegisterVerdict

FAULTY_MAX: Final = 1_000
"""Registers that are listed one by one; all of them are counted."""
TELL_EVERY: Final = 50_000
"""Documents between two words of progress."""

_SEEN: Final = 1
_RIGHT: Final = 2


class Kept(NamedTuple):
    """A document in the operator's ledger."""

    register_id: str
    number: int
    sign: str | None


class Verdict(NamedTuple):
    """Counts of documents; the registers with a fault, the first :data:`FAULTY_MAX` of them."""

    lost: int
    doubled: int
    out_of_order: int
    faulty: tuple[RegisterVerdict, ...]


class Side(NamedTuple):
    """What the registers of one generator were told, and their names in the order of their places."""

    book: Book
    names: Sequence[str]


def judge(
    sides: Sequence[Side], ledger: Iterable[Kept] | None, tell: Callable[[int], bool] = lambda _done: True
) -> Verdict | None:
    """Compare; ``tell`` hears how many documents of the ledger were read, and says whether to go on.

    Without a ledger only what the registers saw themselves is judged: second signs, and what was late. ``None`` when
    ``tell`` did not want to go on.
    """
    bench = _Bench(sides)
    if ledger is not None:
        for done, kept in enumerate(ledger, 1):
            bench.take(kept)
            if not done % TELL_EVERY and not tell(done):
                return None
    return bench.verdict(with_ledger=ledger is not None)


class _Bench:
    def __init__(self, sides: Sequence[Side]) -> None:
        self._sides = sides
        self._places = {name: (at, place) for at, side in enumerate(sides) for place, name in enumerate(side.names)}
        self._seen = [bytearray(len(side.book.marks)) for side in sides]
        self._last = [[0] * side.book.registers for side in sides]
        self._doubled: Counter[tuple[int, int]] = Counter()
        self._overtaken: Counter[tuple[int, int]] = Counter()
        self._first: dict[tuple[int, int], str] = {}

    def take(self, kept: Kept) -> None:
        where = self._places.get(kept.register_id)
        if where is None:
            return
        at, place = where
        book = self._sides[at].book
        index = book.first[place] + kept.number - 1
        if not book.first[place] <= index < book.first[place + 1]:
            self._note(self._doubled, where, f"document {kept.number} is in the ledger, and was never issued")
            return
        seen = self._seen[at]
        last = self._last[at]
        if seen[index]:
            self._note(self._doubled, where, f"document {kept.number} is in the ledger twice")
        elif kept.number < last[place]:
            self._note(self._overtaken, where, f"document {kept.number} stands behind {last[place]} in the ledger")
        last[place] = max(last[place], kept.number)
        told = book.marks[index]
        seen[index] |= _SEEN | (_RIGHT if told == mark_of(kept.sign) else 0)

    def _note(self, counter: Counter[tuple[int, int]], where: tuple[int, int], words: str) -> None:
        counter[where] += 1
        self._first.setdefault(where, words)

    def verdict(self, *, with_ledger: bool) -> Verdict:
        lost = 0
        faulty: list[RegisterVerdict] = []
        doubled = sum(self._doubled.values())
        for at, side in enumerate(self._sides):
            for place in range(side.book.registers):
                found = self._register(at, place, with_ledger=with_ledger)
                lost += found.lost
                doubled += side.book.second[place]
                if (found.lost or found.doubled or found.out_of_order or found.late) and len(faulty) < FAULTY_MAX:
                    faulty.append(found)
        return Verdict(lost, doubled, sum(self._overtaken.values()), tuple(faulty))

    def _register(self, at: int, place: int, *, with_ledger: bool) -> RegisterVerdict:
        book, where = self._sides[at].book, (at, place)
        begin, end = book.first[place], book.first[place + 1]
        marks = book.marks[begin:end].tolist()
        acknowledged = len(marks) - marks.count(UNTOLD)
        lost = 0
        if with_ledger:
            seen = self._seen[at][begin:end]
            if acknowledged != seen.count(_SEEN | _RIGHT):
                wrong = [index for index, mark in enumerate(marks) if mark != UNTOLD and not seen[index] & _RIGHT]
                lost = len(wrong)
                if wrong:
                    self._first.setdefault(where, _lost(wrong[0] + 1, marks[wrong[0]], seen[wrong[0]]))
        second = book.second[place]
        if second:
            self._first.setdefault(where, f"{second} documents were accepted under two signs")
        late = book.late[place]
        if late:
            self._first.setdefault(where, f"{late} answers came after the limit, or not at all")
        return RegisterVerdict(
            register_id=self._sides[at].names[place],
            sent=book.sent[place],
            acknowledged=acknowledged,
            lost=lost,
            doubled=self._doubled[where] + second,
            out_of_order=self._overtaken[where],
            late=late,
            first=self._first.get(where, ""),
        )


def _lost(number: int, mark: int, seen: int) -> str:
    told = "accepted" if mark == WITHOUT_SIGN else f"accepted with the sign {str(mark)[1:]}"
    there = "is in the ledger with another sign" if seen else "is not in the ledger"
    return f"document {number} was {told}, and {there}"


__all__ = ["Kept", "Side", "Verdict", "judge"]
