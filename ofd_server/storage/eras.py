"""Where the entries of one register are, in a ledger whose index does not scatter over the registers.

The rule: the index begins with the era of an entry, its place in the ledger by 2,048s. What is committed now lies together
in the index, whichever registers it is of, and a commit changes a few pages of it where it would change one for each of its
entries. Who looks for the entries of one register looks into each era: a few at first, the newest or the oldest, then more
at once, and no more than he needs.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Final

ERA_BITS: Final = 11
"""2,048 entries in an era, as ``sqlite_0002.sql`` says: their part of the index are ten pages. More would make a
commit change more pages, fewer would make every look longer: a million entries are 488 eras, some milliseconds."""
FIRST_LOOK: Final = 8
"""Eras in the first statement: what is asked for is among the newest, nearly always."""
LOOK_MAX: Final = 512
"""Eras in one statement, a million entries: it tells what it has found, in order, when it has looked into all of them."""

_ERAS: Final = "with recursive era(no) as (values (?) union all select no + 1 from era where no < ?) "
_FROM: Final = f" from era cross join entry on (entry.seq >> {ERA_BITS}) = era.no and entry.register_no = ?"
_BOUNDS: Final = (
    "select max(since, ?), coalesce((select max(seq) from entry), 0) from register where no = ?"  # one row, or none
)


def looks(first_seq: int, last_seq: int, *, newest_first: bool) -> Iterator[tuple[int, int]]:
    """Ranges of eras, both ends included, that hold all entries from one place in the ledger to another."""
    first, last, many = first_seq >> ERA_BITS, last_seq >> ERA_BITS, FIRST_LOOK
    while first <= last:
        if newest_first:
            yield max(first, last - many + 1), last
            last -= many
        else:
            yield first, min(last, first + many - 1)
            first += many
        many = min(many * 4, LOOK_MAX)


def entries_of(
    db: sqlite3.Connection,
    register_no: int,
    columns: str,
    where: str = "",
    values: Sequence[Any] = (),
    *,
    since: int = 1,
    until: int | None = None,
    newest_first: bool = False,
    limit: int | None = None,
) -> Iterator[Any]:
    """Rows of one register in the order of the ledger, or against it, from one place in the ledger to another.

    ``where`` is one more condition, with its ``values``; it and ``columns`` are texts of this program.
    """
    bounds = db.execute(_BOUNDS, (since, register_no)).fetchone()
    if bounds is None:
        return
    first, last = bounds
    order = "desc" if newest_first else "asc"
    condition = f" where {where}" if where else ""
    query = f"{_ERAS}select {columns}{_FROM}{condition} order by entry.seq {order} limit ?"
    left = sys.maxsize if limit is None else limit
    for low, high in looks(first, last if until is None else min(last, until), newest_first=newest_first):
        for row in db.execute(query, (low, high, register_no, *values, left)):
            yield row
            left -= 1
        if not left:
            return


__all__ = ["ERA_BITS", "FIRST_LOOK", "LOOK_MAX", "entries_of", "looks"]
