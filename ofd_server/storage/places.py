"""Places in the order of a ledger that many write at once, without a counter that all of them would wait for.

The rule: a place is a time, a writer and a number: ``slot << 18 | writer << 12 | n``. A slot is 1/64 s of the database's
clock, at most 64 transactions write at the same moment, and each has 4,096 places in a slot. A writer's places only
rise (its *floor* is the highest that it ever took), and so do those of a register, whoever writes it: where a clock
stands, or is behind what was taken before, the slots run ahead of it. Places fit into 53 bits, so that JavaScript reads
them as they are.
"""

from __future__ import annotations

from typing import Final

from fiscal.time import Instant

EPOCH: Final[Instant] = 1_767_225_600_000
"""Slots are counted from 2026-01-01T00:00:00Z."""
SLOTS_PER_S: Final = 64
"""Short enough that a ledger reads in the order of time; 35 bits of them last 17 years."""
WRITERS: Final = 64
"""Transactions that write to one ledger at the same moment; more of them wait for each other."""
PLACES: Final = 4_096
"""Entries of one transaction, and of one writer within a slot: a batch of 512 decisions has room eight times over."""

_WRITER_SHIFT: Final = PLACES.bit_length() - 1
_SLOT_SHIFT: Final = _WRITER_SHIFT + WRITERS.bit_length() - 1


def first_place(floor: int, now: Instant, writer: int, count: int) -> int:
    """The first of ``count`` places in a row for this writer: above ``floor``, and not before ``now`` where that is so.

    ``floor`` is the highest place that the writer, or any register of the batch, has. ``count`` is at most
    :data:`PLACES`: places in a row never lie in two slots, where another writer's would stand between them.
    """
    assert 0 < count <= PLACES, "a batch has at most as many places as a writer has in a slot"
    slot = max(floor >> _SLOT_SHIFT, (now - EPOCH) * SLOTS_PER_S // 1_000, 1)
    begin = slot << _SLOT_SHIFT | writer << _WRITER_SHIFT
    if floor < begin:
        return begin
    if floor + count < begin + PLACES:
        return floor + 1
    return (slot + 1) << _SLOT_SHIFT | writer << _WRITER_SHIFT


def instant_of(place: int) -> Instant:
    """About when this place was taken; later than the truth where slots ran ahead of the clock."""
    return EPOCH + (place >> _SLOT_SHIFT) * 1_000 // SLOTS_PER_S


__all__ = ["EPOCH", "PLACES", "SLOTS_PER_S", "WRITERS", "first_place", "instant_of"]
