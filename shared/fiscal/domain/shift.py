"""A shift: opened by its first document, closed by a Z-report, never longer than 24 hours.

Both sides keep the same :class:`Shift` by the same :func:`advance`, so their Z-reports agree to the last minor unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from msgspec import UNSET, Struct, UnsetType, field

from fiscal.domain.counters import CASH_SUM, FIGURES_MANY, Counters, begin_shift, fold, sections_of
from fiscal.domain.document import CloseShift, Delivery, Document, Void, Withdrawal
from fiscal.domain.limits import SECTIONS_MAX
from fiscal.domain.money import MONEY_MAX
from fiscal.domain.receipt import CASH_SIGN, Receipt
from fiscal.domain.tally import ALIKE_MAX, BROUGHT_MAX, Alike, Moved, Tally, settle
from fiscal.time import HOUR, Instant

SHIFT_MAX_MS: Final = 24 * HOUR
"""A shift ends at the latest 24 hours after its first document (Kazakhstan protocol, result 11; exactly 24 h is in time)."""


class Running(Struct, frozen=True, gc=False):
    """Plain sales that are not written into the figures yet; no figure is larger than ``highest`` with them."""

    tallies: dict[Alike, Tally]
    highest: int


class Shift(Struct, frozen=True, gc=False):
    """The open shift, or the last closed one: ``opened_at`` is ``None`` between a Z-report and the next document.

    ``figures`` are its counters but for the plain sales in ``running``; whoever asks for ``counters`` gets them all.
    """

    number: int = 0
    opened_at: Instant | None = None
    figures: Counters = field(default_factory=dict, name="counters")
    running: Any | UnsetType = UNSET
    """A :class:`Running`; never part of a snapshot (see :meth:`settled`)."""

    @property
    def counters(self) -> Counters:
        """All figures of the shift."""
        running = self.running
        return self.figures if running is UNSET else settle(self.figures, running.tallies)

    def settled(self) -> Shift:
        """The same with everything written into its figures."""
        return self if self.running is UNSET else Shift(self.number, self.opened_at, self.counters)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shift) and (self.number, self.opened_at, self.counters) == (
            other.number,
            other.opened_at,
            other.counters,
        )

    __hash__ = None  # type: ignore[assignment]  # its figures are a dict

    @property
    def is_open(self) -> bool:
        """Whether a document was issued since the last Z-report."""
        return self.opened_at is not None

    @property
    def next_number(self) -> int:
        """The shift that the next document belongs to."""
        return self.number if self.opened_at is not None else self.number + 1

    def is_expired(self, now: Instant) -> bool:
        """Whether the shift has lasted more than 24 hours, so that nothing but its Z-report may follow."""
        return self.opened_at is not None and now - self.opened_at > SHIFT_MAX_MS


def advance(shift: Shift, document: Document, delivery: Delivery) -> Shift:
    """The shift after this document; the document is one that belongs to it (``document.shift == next_number``).

    A void opens no shift: it only takes a number.
    """
    if shift.opened_at is None:
        if isinstance(document, Void):
            return shift
        shift = Shift(shift.number + 1, document.issued_at, begin_shift(shift.counters))
    counters = fold(shift.counters, document, delivery)
    if isinstance(document, CloseShift):
        return Shift(shift.number, None, counters)
    return Shift(shift.number, shift.opened_at, counters)


def tally(shift: Shift, moved: Moved) -> Shift | None:
    """What :func:`advance` gives for a sale that moves this in the open shift; ``None`` where only that can tell.

    Nothing needs to be asked of a shift that gets one: it brings no figure that there is no room for, and none becomes
    too large.
    """
    running = shift.running
    if running is UNSET:
        tallies: dict[Alike, Tally] = {}
        highest = max(shift.figures.values(), default=0)
    else:
        tallies = running.tallies.copy()
        highest = running.highest
    for alike, more in moved:
        receipts, lines, totals, taxes, changes = more
        # What is moved twice, the goods by lines and by what is taken off, is counted twice: no figure grows by more.
        highest += receipts + lines + totals + changes
        before = tallies.get(alike)
        if before is None:
            if len(tallies) == ALIKE_MAX or not (alike.are_known(shift.figures) or _has_room(shift.figures)):
                return None
            tallies[alike] = more
        else:
            tallies[alike] = (
                before[0] + receipts,
                before[1] + lines,
                before[2] + totals,
                before[3] + taxes,
                before[4] + changes,
            )
    if highest > MONEY_MAX:
        return None
    return Shift(shift.number, shift.opened_at, shift.figures, Running(tallies, highest))


def _has_room(figures: Counters) -> bool:
    """Whether nobody has to ask what new figures do to this shift, whichever as many kinds of sales bring them."""
    if len(figures) + BROUGHT_MAX > FIGURES_MANY:
        return False
    return len(sections_of(figures)) + ALIKE_MAX <= SECTIONS_MAX


def cash_needed(document: Document) -> int:
    """Cash that must be in the drawer before this document: what it pays out, else 0."""
    match document:
        case Receipt() if CASH_SIGN[document.operation] < 0:
            return document.cash
        case Withdrawal():
            return document.sum
        case _:
            return 0


def cash_in_drawer(shift: Shift) -> int:
    """Cash in the drawer, in minor units."""
    return shift.counters.get(CASH_SUM, 0)


class ReportKind(StrEnum):
    """X shows the shift and changes nothing, Z closes it."""

    X = "x"
    Z = "z"


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of an X or Z report at the moment when it was taken."""

    kind: ReportKind
    shift: int
    opened_at: Instant | None
    taken_at: Instant
    counters: Mapping[str, int]
