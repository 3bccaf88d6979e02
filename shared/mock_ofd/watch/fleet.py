"""The fleet as the watcher knows it: rows, figures, the last minutes, and which rows are wanted.

The rule: the whole is taken once, then what changes; whoever shows it looks at :attr:`FleetModel.changes` to see whether
there is anything new, so a thousand changes a second cost one drawing.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from fiscal.domain.lifecycle import RegisterMode
from ofd_server.core.fleet import Lamp
from ofd_server.fleet import HISTORY_MAX

LAMPS: Final = tuple(lamp for lamp in Lamp if lamp is not Lamp.REMOVED)
"""The lamps that are shown, in the order of their keys."""


class Row(NamedTuple):
    """A register at a glance, as ``GET /api/v1/fleet`` tells it. ``waiting`` is ``None`` while it never said."""

    place: int
    id: str
    lamp: Lamp
    documents: int
    waiting: int | None
    oldest_at: int | None
    heard_at: int | None


class Figures(NamedTuple):
    """Those of the whole fleet, by the operator's clock; ``rate`` is answers a second."""

    at: int = 0
    documents: int = 0
    waiting: int = 0
    oldest_at: int | None = None
    late: int = 0
    rate: float = 0.0


class FleetModel:
    """Everything that is known. ``wanted`` is the lamp that is asked for, ``needle`` a part of an id."""

    def __init__(self) -> None:
        self.changes = 0
        self._figures = Figures()
        self._lamps: dict[str, int] = {}
        self.rates: deque[float] = deque(maxlen=HISTORY_MAX)
        self.waiting: deque[float] = deque(maxlen=HISTORY_MAX)
        self.wanted: Lamp | None = None
        self.needle = ""
        self._told: dict[str, Row] = {}
        """As the operator tells them."""
        self._words: dict[str, Mapping[str, Any]] = {}
        """Of registers that live in the operator's process: they are heard although their link is cut."""
        self._rows: dict[str, Row] = {}
        """As they are shown."""
        self._columns: Sequence[str] = Row._fields
        self._last: tuple[int, int] | None = None
        self._shown: tuple[tuple[int, Lamp | None, str], list[Row]] | None = None

    @property
    def size(self) -> int:
        """How many registers there are."""
        return len(self._rows)

    @property
    def lamps(self) -> Mapping[str, int]:
        """How many lamps of each kind are lit."""
        return Counter(row.lamp for row in self._rows.values()) if self._words else self._lamps

    @property
    def figures(self) -> Figures:
        """Those of the whole fleet, with the own words of the registers that can be heard."""
        if not self._words:
            return self._figures
        rows = self._rows.values()
        oldest = min((row.oldest_at for row in rows if row.oldest_at is not None), default=None)
        return self._figures._replace(waiting=sum(row.waiting or 0 for row in rows), oldest_at=oldest)

    # ----------------------------------------------------------------------------------------------------- taking in

    def begin(self, parts: Sequence[Mapping[str, Any]]) -> None:
        """Take the whole, in the parts in which it came."""
        self._told.clear()
        self._words.clear()
        self._rows.clear()
        self.rates.clear()
        self.waiting.clear()
        self._last = None
        first = parts[0]
        self._columns = first["columns"]
        for at, answers, _, waiting, _ in first["history"]:
            self._count(at, answers)
            self.waiting.append(waiting)
        for each in parts:
            self._put(each["rows"])
        self._figure(first["figures"])
        self.changes += 1

    def take(self, news: Mapping[str, Any]) -> None:
        """Take what has changed."""
        self._put(news["rows"])
        figures = news["figures"]
        if self._last is None or figures["at"] > self._last[0]:
            self.waiting.append(figures["waiting"])
        self._figure(figures)
        self.changes += 1

    def hear(self, word: Mapping[str, Any]) -> None:
        """Take what a register says of itself now."""
        self._words[word["register"]] = word
        row = self._told.get(word["register"])
        if row is not None:
            self._rows[row.id] = self._by_word(row)
            self.changes += 1

    def _by_word(self, row: Row) -> Row:
        """The row by the register's own word, but for what only the operator knows."""
        word = self._words.get(row.id)
        if word is None:
            return row
        mode = RegisterMode(word["mode"])
        if row.lamp is Lamp.BLOCKED or mode in (RegisterMode.BLOCKED, RegisterMode.BLOCKED_AUTONOMOUS):
            lamp = Lamp.BLOCKED
        elif mode is RegisterMode.AUTONOMOUS:
            lamp = Lamp.SENDING if word["connected"] else Lamp.AUTONOMOUS
        else:
            lamp = Lamp.ONLINE
        return row._replace(lamp=lamp, waiting=word["unsent"], oldest_at=word["oldest_unsent_at"])

    def _put(self, rows: Sequence[Sequence[Any]]) -> None:
        for values in rows:
            facts = dict(zip(self._columns, values, strict=False))
            lamp = Lamp(facts["lamp"])
            if lamp is Lamp.REMOVED:
                self._told.pop(facts["id"], None)
                self._rows.pop(facts["id"], None)
                continue
            facts["lamp"] = lamp
            row = Row(**{name: facts[name] for name in Row._fields})
            self._told[row.id] = row
            self._rows[row.id] = self._by_word(row)

    def _figure(self, figures: Mapping[str, Any]) -> None:
        self._count(figures["at"], figures["answers"])
        self._lamps = dict(figures["lamps"])
        rate = self.rates[-1] if self.rates else 0.0
        told = {name: figures[name] for name in ("at", "documents", "waiting", "oldest_at", "late")}
        self._figures = Figures(**told, rate=rate)

    def _count(self, at: int, answers: int) -> None:
        """Answers a second since the figures before; of the same second nothing new is known."""
        if self._last is not None and at > self._last[0]:
            seconds = (at - self._last[0]) / 1_000
            self.rates.append(max(0, answers - self._last[1]) / seconds)
        if self._last is None or at > self._last[0]:
            self._last = at, answers

    # ------------------------------------------------------------------------------------------------------- showing

    def rows(self) -> list[Row]:
        """The wanted rows, in the order of their places."""
        key = self.changes, self.wanted, self.needle
        if self._shown is None or self._shown[0] != key:
            chosen = [row for row in self._rows.values() if self._is_wanted(row)]
            self._shown = key, sorted(chosen)
        return self._shown[1]

    def _is_wanted(self, row: Row) -> bool:
        return (self.wanted is None or row.lamp is self.wanted) and self.needle.lower() in row.id.lower()
