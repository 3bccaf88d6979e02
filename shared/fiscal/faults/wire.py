"""What wire effects do to bytes: they turn them into steps that a shell takes one after the other.

The rule: bytes in, steps out; nothing here knows a message, a register or a clock. Effects apply in their order, each
to what the one before it left: ``(Slice(4), Corrupt())`` damages one of the pieces, ``(Delay(300), Reset())`` waits,
then resets. Answer and host effects pass through unseen, so that a shell hands over all the effects it was given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from fiscal.errors import InvalidValue
from fiscal.faults import chance
from fiscal.faults.effects import (
    Corrupt,
    Crash,
    Delay,
    Dribble,
    Duplicate,
    Effect,
    HalfClose,
    LateBy,
    LoseAnswer,
    LoseRequest,
    Reorder,
    Reset,
    Slice,
    Stall,
    Truncate,
)


class Ending(StrEnum):
    """How a connection, or more, comes to an end."""

    STALL = "stall"
    """Move nothing any more, keep the connection open."""
    RESET = "reset"
    """Abort the connection (TCP RST)."""
    HALF_CLOSE = "half_close"
    """Close the sending half (TCP FIN), go on reading."""
    CRASH = "crash"
    """Kill the process of the operator."""


_ENDINGS: Final[Mapping[type[Effect], Ending]] = {
    Stall: Ending.STALL,
    Reset: Ending.RESET,
    HalfClose: Ending.HALF_CLOSE,
}


@dataclass(frozen=True, slots=True)
class Hold:
    """Only ever the first step: let ``frames`` other frames go first, but wait no longer than ``ms``."""

    frames: int
    ms: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """``delay_ms`` after the step before it: write (or feed, or deliver) these bytes by themselves."""

    delay_ms: int
    data: bytes


@dataclass(frozen=True, slots=True)
class End:
    """``delay_ms`` after the step before it: end it like this. Nothing follows."""

    delay_ms: int
    how: Ending


Step = Hold | Chunk | End
Timed = Chunk | End


def bend(data: bytes, effects: Iterable[Effect] = (), half: Iterable[Effect] = ()) -> tuple[Step, ...]:
    """The steps by which these bytes move; without effects one chunk, for lost bytes none.

    ``half`` are the effects of Point.HALF_ANSWER: they apply to the second half of the bytes (the shorter one when
    they are odd in number), ``effects`` then to the whole. :class:`InvalidValue` for an effect that has not been
    through a run: a :class:`LateBy`, or a :class:`Delay` that is still a distribution.
    """
    steps: tuple[Timed, ...] = (Chunk(0, data),)
    if half := tuple(half):
        middle = (len(data) + 1) // 2
        steps = (Chunk(0, data[:middle]), *_apply((Chunk(0, data[middle:]),), half))
    effects = tuple(effects)
    steps = _apply(steps, effects)
    holds = tuple(Hold(effect.behind, effect.ms_max) for effect in effects if isinstance(effect, Reorder))
    return (holds[-1], *steps) if holds and steps else steps


@dataclass(frozen=True, slots=True)
class Passage:
    """How something that is no bytes gets past a point: wait ``delay_ms``, then ``goes_on``, or it ends, or vanishes."""

    delay_ms: int
    goes_on: bool
    ending: Ending | None

    @property
    def steps(self) -> tuple[Step, ...]:
        """What is left for a line to do after the wait: the ending, if there is one."""
        return (End(0, self.ending),) if self.ending else ()


FREE: Final = Passage(0, True, None)
"""Nothing is in the way."""


def passage(effects: Iterable[Effect]) -> Passage:
    """What effects do at a point where no bytes move: on connect, before commit, after answer. Errors as in `bend`."""
    steps = _apply((Chunk(0, b""),), effects)
    return Passage(
        delay_ms=sum(step.delay_ms for step in steps),
        goes_on=any(isinstance(step, Chunk) for step in steps),
        ending=next((step.how for step in steps if isinstance(step, End)), None),
    )


def _apply(steps: tuple[Timed, ...], effects: Iterable[Effect]) -> tuple[Timed, ...]:
    for effect in effects:
        steps = _one(steps, effect)
    return steps


def _one(steps: tuple[Timed, ...], effect: Effect) -> tuple[Timed, ...]:
    match effect:
        case Delay(int(ms)):
            return _later(steps, ms)
        case Delay() | LateBy():
            raise InvalidValue("effects", f"{effect} has to be settled by a run first", "not_settled")
        case Slice(size):
            return _in_pieces(steps, size, 0)
        case Dribble(size, gap_ms):
            return _in_pieces(steps, size, gap_ms)
        case Truncate(keep):
            return _first(steps, keep) + tuple(step for step in steps if isinstance(step, End))
        case Corrupt():
            return _damaged(steps, effect)
        case Duplicate(copies):
            return steps if _ends(steps) else steps * (1 + copies)
        case Stall(after) | Reset(after) | HalfClose(after):
            return _cut(steps, after, _ENDINGS[type(effect)])
        case Crash():
            return _cut(steps, 0, Ending.CRASH)
        case LoseRequest() | LoseAnswer():
            return tuple(step for step in steps if isinstance(step, End))
        case _:
            return steps


def _ends(steps: tuple[Timed, ...]) -> bool:
    return bool(steps) and isinstance(steps[-1], End)


def _later(steps: tuple[Timed, ...], ms: int) -> tuple[Timed, ...]:
    return (replace(steps[0], delay_ms=steps[0].delay_ms + ms), *steps[1:]) if steps else ()


def _in_pieces(steps: tuple[Timed, ...], size: int, gap_ms: int) -> tuple[Timed, ...]:
    pieces: list[Timed] = []
    for step in steps:
        if isinstance(step, End):
            pieces.append(step)
            continue
        # The first piece keeps the delay of its chunk; empty bytes stay one empty piece.
        pieces.append(Chunk(step.delay_ms, step.data[:size]))
        pieces += [Chunk(gap_ms, step.data[at : at + size]) for at in range(size, len(step.data), size)]
    return tuple(pieces)


def _first(steps: tuple[Timed, ...], keep: int) -> tuple[Timed, ...]:
    """The first ``keep`` bytes as chunks."""
    kept: list[Timed] = []
    for step in steps:
        if keep <= 0 or isinstance(step, End):
            break
        kept.append(Chunk(step.delay_ms, step.data[:keep]))
        keep -= len(step.data)
    return tuple(kept)


def _cut(steps: tuple[Timed, ...], after: int, how: Ending) -> tuple[Timed, ...]:
    """The steps up to so many bytes, and then the end; the end that comes first stays."""
    moved = sum(len(step.data) for step in steps if isinstance(step, Chunk))
    if _ends(steps) and after >= moved:
        return steps
    delay_ms = steps[0].delay_ms if steps and not after else 0
    return (*_first(steps, after), End(delay_ms, how))


def _damaged(steps: tuple[Timed, ...], effect: Corrupt) -> tuple[Timed, ...]:
    data = bytearray(b"".join(step.data for step in steps if isinstance(step, Chunk)))
    for bit in _bits(effect, len(data)):
        data[bit // 8] ^= 1 << bit % 8
    damaged: list[Timed] = []
    at = 0
    for step in steps:
        if isinstance(step, End):
            damaged.append(step)
        else:
            damaged.append(Chunk(step.delay_ms, bytes(data[at : at + len(step.data)])))
            at += len(step.data)
    return tuple(damaged)


def _bits(effect: Corrupt, size: int) -> list[int]:
    """Different bits to turn over: the beginning of a shuffle, without making the whole of it."""
    start, total = 0, size * 8
    if effect.offset is not None:
        byte = effect.offset if effect.offset >= 0 else size + effect.offset
        if not 0 <= byte < size:
            return []
        start, total = byte * 8, 8
    moved: dict[int, int] = {}
    bits: list[int] = []
    for i in range(min(effect.bits, total)):
        j = i + chance.below(total - i, effect.draw, i)
        bits.append(start + moved.get(j, j))
        moved[j] = moved.get(i, i)
    return bits
