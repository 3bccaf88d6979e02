"""What can go wrong: one small value for each kind of misfortune, and the table of where each may happen.

The rule: an effect says *what* happens. To whom, when and how often is a :class:`~fiscal.faults.plan.Selection`. Three
families, by who carries them out: wire effects know bytes only (:mod:`fiscal.faults.wire`), answer effects know
messages only (:mod:`fiscal.faults.answers`), host effects are done by the shell itself.

Every class raises :class:`InvalidValue`, which names the field, for a value outside its range.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fiscal.domain.limits import CODE_MAX
from fiscal.domain.messages import TEXT_MAX, TRY_LATER_MAX_MS
from fiscal.errors import InvalidValue
from fiscal.faults.chance import DRAW_END
from fiscal.time import DAY

DELAY_MS_MAX: Final = DAY
"""The longest delay: a register that waits longer than a shift may last has long given up."""
SIZE_MAX: Final = 1 << 20
"""Bytes of a slice, an offset, a cut: above the largest frame of every protocol."""
COPIES_MAX: Final = 100
"""Copies of one message: enough to fill a peer's limit on unanswered requests."""
FLIPS_MAX: Final = 1_024
"""Bits that one effect turns over: beyond that, all that a peer can see is noise."""
BEHIND_MAX: Final = 100
"""Answers that may overtake one answer; more are never outstanding on a connection."""
REQUEST_OFFSET_MAX: Final = 2**31 - 1
"""How far a wrong request number may be from the right one: half of a 32-bit range, either way."""


class Point(StrEnum):
    """Where in the life of a connection or a request a fault may happen, in this order."""

    ON_CONNECT = "on_connect"
    """The connection is there, nothing has been read; the register is not known yet."""
    BEFORE_PARSE = "before_parse"
    """Bytes of a request have come; the register is known when an earlier message of the connection named it."""
    BEFORE_COMMIT = "before_commit"
    """The request is understood, the service has not seen it; a commit that it causes has not begun."""
    AFTER_COMMIT = "after_commit"
    """What the request changes is durable, its answer is ready, and not one byte of it is out."""
    HALF_ANSWER = "half_answer"
    """The first half of the answer's bytes is out."""
    AFTER_ANSWER = "after_answer"
    """The last byte of the answer is out."""


# ------------------------------------------------------------------------------------------------- distributions


@dataclass(frozen=True, slots=True)
class Uniform:
    """Any whole number of milliseconds from ``low_ms`` to ``high_ms``, both included, equally likely."""

    low_ms: int
    high_ms: int

    def __post_init__(self) -> None:
        check_whole("low_ms", self.low_ms, 0, DELAY_MS_MAX)
        check_whole("high_ms", self.high_ms, self.low_ms, DELAY_MS_MAX)


@dataclass(frozen=True, slots=True)
class Normal:
    """A bell curve around ``mean_ms`` with the standard deviation ``spread_ms``, never below 0 or above DELAY_MS_MAX."""

    mean_ms: int
    spread_ms: int

    def __post_init__(self) -> None:
        check_whole("mean_ms", self.mean_ms, 0, DELAY_MS_MAX)
        check_whole("spread_ms", self.spread_ms, 0, DELAY_MS_MAX)


# -------------------------------------------------------------------------------------------------- wire effects


@dataclass(frozen=True, slots=True)
class Delay:
    """Everything at this point happens ``ms`` later; what comes behind it on the same connection waits too."""

    ms: int | Uniform | Normal

    def __post_init__(self) -> None:
        if not isinstance(self.ms, Uniform | Normal):
            check_whole("ms", self.ms, 0, DELAY_MS_MAX)


@dataclass(frozen=True, slots=True)
class LateBy:
    """Happens ``over_ms`` after the answer limit; a negative figure means just in time.

    Counted on the operator's clock from the last byte of the request, so the way to the register and back is not in it.
    """

    over_ms: int

    def __post_init__(self) -> None:
        check_whole("over_ms", self.over_ms, -DELAY_MS_MAX, DELAY_MS_MAX)


@dataclass(frozen=True, slots=True)
class Slice:
    """The bytes leave in pieces of ``size``, each written by itself, at once one after the other."""

    size: int

    def __post_init__(self) -> None:
        check_whole("size", self.size, 1, SIZE_MAX)


@dataclass(frozen=True, slots=True)
class Dribble:
    """The bytes leave in pieces of ``size`` with a pause of ``gap_ms`` between them."""

    size: int
    gap_ms: int

    def __post_init__(self) -> None:
        check_whole("size", self.size, 1, SIZE_MAX)
        check_whole("gap_ms", self.gap_ms, 0, DELAY_MS_MAX)


@dataclass(frozen=True, slots=True)
class Truncate:
    """Only the first ``keep`` bytes leave. The connection stays open, so what follows is taken for the rest."""

    keep: int

    def __post_init__(self) -> None:
        check_whole("keep", self.keep, 0, SIZE_MAX)


@dataclass(frozen=True, slots=True)
class Corrupt:
    """So many different ``bits`` are turned over: anywhere, or within the byte at ``offset`` (negative: from the end).

    ``draw`` chooses which. A run puts a fresh one there. An offset outside the bytes changes nothing.
    """

    bits: int = 1
    offset: int | None = None
    draw: int = 0

    def __post_init__(self) -> None:
        if self.offset is not None:
            check_whole("offset", self.offset, -SIZE_MAX, SIZE_MAX)
        check_whole("bits", self.bits, 1, FLIPS_MAX if self.offset is None else 8)
        check_whole("draw", self.draw, 0, DRAW_END - 1)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The same bytes leave once more, ``copies`` times."""

    copies: int = 1

    def __post_init__(self) -> None:
        check_whole("copies", self.copies, 1, COPIES_MAX)


@dataclass(frozen=True, slots=True)
class Reorder:
    """The answer leaves after the next ``behind`` answers of its connection, after ``ms_max`` at the latest."""

    behind: int = 1
    ms_max: int = 1_000

    def __post_init__(self) -> None:
        check_whole("behind", self.behind, 1, BEHIND_MAX)
        check_whole("ms_max", self.ms_max, 0, DELAY_MS_MAX)


@dataclass(frozen=True, slots=True)
class Stall:
    """After so many bytes nothing moves any more, and the connection stays open."""

    after_bytes: int = 0

    def __post_init__(self) -> None:
        check_whole("after_bytes", self.after_bytes, 0, SIZE_MAX)


@dataclass(frozen=True, slots=True)
class Reset:
    """After so many bytes the connection is reset (TCP RST), with no farewell of any protocol."""

    after_bytes: int = 0

    def __post_init__(self) -> None:
        check_whole("after_bytes", self.after_bytes, 0, SIZE_MAX)


@dataclass(frozen=True, slots=True)
class HalfClose:
    """After so many bytes our sending half is closed (TCP FIN); what the peer sends is still read and handled."""

    after_bytes: int = 0

    def __post_init__(self) -> None:
        check_whole("after_bytes", self.after_bytes, 0, SIZE_MAX)


@dataclass(frozen=True, slots=True)
class LoseRequest:
    """The request vanishes: nobody handles it, nobody answers."""


@dataclass(frozen=True, slots=True)
class LoseAnswer:
    """The answer vanishes after the commit. The most valuable single fault: it tests "exactly once"."""


@dataclass(frozen=True, slots=True)
class Crash:
    """The process of the operator dies here, as by SIGKILL: no farewell, no clean-up."""


# ------------------------------------------------------------------------------------------------ answer effects


@dataclass(frozen=True, slots=True)
class Refuse:
    """The answer is a refusal with this code and text, instead of asking the service or instead of its answer.

    ``code`` is a word of the protocol in question; see :func:`fiscal.faults.answers.refusal` for those that are known.
    """

    code: str
    text: str = ""

    def __post_init__(self) -> None:
        check_text("code", self.code, 1, CODE_MAX)
        check_text("text", self.text, 0, TEXT_MAX)


@dataclass(frozen=True, slots=True)
class AskToWait:
    """The answer is "come back in ``ms``", instead of asking the service or instead of its answer."""

    ms: int

    def __post_init__(self) -> None:
        check_whole("ms", self.ms, 0, TRY_LATER_MAX_MS)


@dataclass(frozen=True, slots=True)
class WrongToken:
    """Before the commit: the request's token counts as wrong. After it: the answer carries a token that is wrong."""


@dataclass(frozen=True, slots=True)
class WrongRequestNumber:
    """The answer carries the number of another request: the right one plus ``offset``, which is not 0."""

    offset: int = 1

    def __post_init__(self) -> None:
        check_whole("offset", self.offset, -REQUEST_OFFSET_MAX, REQUEST_OFFSET_MAX)
        if self.offset == 0:
            raise InvalidValue("offset", "must not be 0, or the number would be right")


@dataclass(frozen=True, slots=True)
class AnswerOfAnother:
    """The answer is that of another register. ``draw`` chooses its figures; a run puts a fresh one there."""

    draw: int = 0

    def __post_init__(self) -> None:
        check_whole("draw", self.draw, 0, DRAW_END - 1)


# -------------------------------------------------------------------------------------------------- host effects


@dataclass(frozen=True, slots=True)
class Block:
    """The operator blocks the register from here on."""


@dataclass(frozen=True, slots=True)
class Unblock:
    """The operator lifts the block of the register."""


@dataclass(frozen=True, slots=True)
class DiskFull:
    """The commit that this request is part of finds no room on the disk."""


@dataclass(frozen=True, slots=True)
class SlowFsync:
    """The commit that this request is part of takes ``ms`` longer to become durable."""

    ms: int

    def __post_init__(self) -> None:
        check_whole("ms", self.ms, 0, DELAY_MS_MAX)


WireEffect = (
    Delay
    | LateBy
    | Slice
    | Dribble
    | Truncate
    | Corrupt
    | Duplicate
    | Reorder
    | Stall
    | Reset
    | HalfClose
    | LoseRequest
    | LoseAnswer
    | Crash
)
AnswerEffect = Refuse | AskToWait | WrongToken | WrongRequestNumber | AnswerOfAnother
HostEffect = Block | Unblock | DiskFull | SlowFsync
Effect = WireEffect | AnswerEffect | HostEffect

_ALL: Final = frozenset(Point)
_BYTES: Final = frozenset({Point.BEFORE_PARSE, Point.AFTER_COMMIT, Point.HALF_ANSWER})
_MESSAGE: Final = frozenset({Point.BEFORE_COMMIT, Point.AFTER_COMMIT})

POINTS: Final[Mapping[type[Effect], frozenset[Point]]] = {
    Delay: _ALL,
    LateBy: frozenset({Point.BEFORE_COMMIT, Point.AFTER_COMMIT, Point.HALF_ANSWER}),
    Slice: _BYTES,
    Dribble: _BYTES,
    Truncate: _BYTES,
    Corrupt: _BYTES,
    Duplicate: frozenset({Point.BEFORE_PARSE, Point.AFTER_COMMIT}),
    Reorder: frozenset({Point.AFTER_COMMIT}),
    Stall: _ALL,
    Reset: _ALL,
    HalfClose: _ALL - {Point.BEFORE_PARSE, Point.BEFORE_COMMIT},
    LoseRequest: frozenset({Point.BEFORE_PARSE, Point.BEFORE_COMMIT}),
    LoseAnswer: frozenset({Point.AFTER_COMMIT}),
    Crash: _ALL,
    Refuse: _MESSAGE,
    AskToWait: _MESSAGE,
    WrongToken: _MESSAGE,
    WrongRequestNumber: frozenset({Point.AFTER_COMMIT}),
    AnswerOfAnother: frozenset({Point.AFTER_COMMIT}),
    Block: _MESSAGE | {Point.AFTER_ANSWER},
    Unblock: _MESSAGE | {Point.AFTER_ANSWER},
    DiskFull: frozenset({Point.BEFORE_COMMIT}),
    SlowFsync: frozenset({Point.BEFORE_COMMIT}),
}
"""Where each kind may happen; every other cell is refused when a fault is made."""


def check_place(field: str, effect: Effect, at: Point) -> None:
    """:class:`InvalidValue` when this effect cannot happen at this point, or counts bytes where there are none."""
    allowed = POINTS[type(effect)]
    if at not in allowed:
        words = ", ".join(point for point in Point if point in allowed)
        raise InvalidValue(field, f"{type(effect).__name__} cannot happen {at}, only {words}", "wrong_point")
    if at not in _BYTES and isinstance(effect, Stall | Reset | HalfClose) and effect.after_bytes:
        raise InvalidValue(f"{field}.after_bytes", f"must be 0 {at}: no bytes move there", "wrong_point")


def check_whole(field: str, value: object, low: int, high: int) -> None:
    if type(value) is not int or not low <= value <= high:
        raise InvalidValue(field, f"must be a whole number from {low} to {high}, is {shown(value)}")


def check_text(field: str, value: object, shortest: int, longest: int) -> None:
    if not isinstance(value, str) or not shortest <= len(value) <= longest:
        raise InvalidValue(field, f"must be a text of {shortest} to {longest} characters, is {shown(value)}")


SHOWN_MAX: Final = 60
"""Characters of a wrong value that an error repeats."""


def shown(value: object) -> str:
    """A wrong value as an error text repeats it."""
    text = repr(value)
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}..."
