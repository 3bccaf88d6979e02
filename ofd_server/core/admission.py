"""Who may send documents now, and when the others are to come back: the storm after an outage, in turns.

The rule: a document is taken when what waits ahead of the commit is answered soon, and never more than can be answered
within the limit. Whoever has to wait is told when, so that registers come back neither together nor after the queue has
run empty: they stand in a line, and who has so much work before him comes back when it will be done, at the rate at
which documents become durable here. First everybody gets a first sign; then each has a turn of some documents, and the
next turn behind those of all others; what nobody needs, whoever is there may use. A document that a cashier waits for
goes before the backlog.

Everything here is numbers: time comes in, and a decision goes out. ``ahead`` is always the number of documents that
came in and are not durable yet.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import inf
from typing import Final

from fiscal.domain.messages import TRY_LATER_MAX_MS
from fiscal.retry import SPREAD_DIVISOR
from fiscal.time import Moment

RATE_FIRST: Final = 5_000.0
"""Documents per second that are thought to become durable until it is known: a small machine with a slow disk. A wrong
guess is corrected within a second, and no promise that rests on it reaches further than three (:data:`TRUST_MIN_S`)."""
RATE_MIN: Final = 10.0
"""The lowest rate that is reckoned with: a journal that hangs must not send registers away for hours."""
GAP_S: Final = 0.02
"""A writer that rests longer than this between two commits has nothing to do, and that time says nothing."""
TELLING_DIVISOR: Final = 8
"""Commits of less than an eighth of a batch say nothing about what could be done: nobody waited for them."""
MEMORY: Final = 0.8
"""What all earlier windows count against a new one: five windows back, a third."""
WINDOW_S: Final = 0.1
"""After so long a new window begins."""
FLOW_WINDOW_S: Final = 0.5
"""How long it is counted what comes through: some commits on any disk."""
FLOW_REST_S: Final = 2.0
"""A writer that rested so long has no window that could go on."""
FLOW_MEMORY: Final = 0.6
"""What was known counts against a new window: two seconds back, an eighth."""
FLOW_GROWTH: Final = 1.15
"""A window that was not full: more would have come through, so registers are told to come sooner until it is."""
STEEP_MAX: Final = 4.0
"""The rate is thought to be at most so many times what was seen: a straight line through two small commits may point
anywhere."""

LIVE_DIVISOR: Final = 5
"""What a cashier waits for is taken while it is answered within a fifth of the limit: the rest is for the way there and
back, for a disk that hesitates, and for an estimate that is wrong by the factor two."""
HARD_FACTOR: Final = 2
"""Registers that come back at the time they were told are taken at up to twice the queue that stops all others, while
that is still answered soon: a promise is kept unless the estimate behind it was wrong."""
TURN: Final = 32
"""Documents of a turn. Fewer, and much of the talk is about coming later (one message a turn); more, and it takes longer
until the line follows a rate that has changed."""
TRUST_MIN_S: Final = 3.0
"""A promise reaches no further into the future than the storm is old, and this far at the least: an estimate is as good
as what it was made from. Who has to wait longer comes to ask once more; that is a few messages for each register, because
the storm is twice as old each time."""
WELCOME: Final = 4
"""What a hello is worth in documents: it is looked up, an offline period and a status report come behind it, and then a
first document that nobody wants to put off."""
GOLDEN: Final = 0.618_033_988_75
"""Steps of this size, modulo 1, spread any number of visitors evenly."""
EARLY_S: Final = 0.02
"""A register that comes so much before its time is in time: clocks tick, and messages are bundled."""
LATE_S: Final = 5.0
"""How late a register may come, besides the spread of its own, and still have its turn: it may have to connect anew."""
IDLE_S: Final = 2.0
"""A turn in which no document came for so long is over."""
ON_ITS_WAY_S: Final = 1.0
"""What comes so soon after its register was put off was sent before the register knew: it costs no place."""
PUT_OFF_MIN_S: Final = 0.05
"""The shortest time for which a register is sent away: less than this is not worth two messages."""
SWEEP_S: Final = 0.5
"""How often promises that nobody came for are given up."""
CALM_S: Final = 1.0
"""A storm is over when for so long nobody waits for a turn, and the queue is short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What the queue may be: ``batch`` documents go into a commit, an answer has to be there after ``answer_limit_s``,
    and what waits of the backlog is to be durable within ``target_s``.
    """

    batch: int
    answer_limit_s: float = 5.0
    target_s: float = 0.05


class DurableRate:
    """Documents per second that become durable when there are enough for full commits.

    Tell it of every commit. A commit takes some time whatever is in it, and some for each document; both are found by
    the straight line through the commits of the last second, so that a disk that is slow but takes many is not thought
    to be as slow as its small commits.
    """

    __slots__ = ("_batch", "_ended", "_sums", "_window", "is_known", "per_s")

    def __init__(self, batch: int) -> None:
        self.per_s = RATE_FIRST
        self.is_known = False
        self._batch = batch
        self._ended: Moment = 0.0
        self._window: Moment = 0.0
        self._sums = (0.0, 0.0, 0.0, 0.0, 0.0)
        """Of 1, documents, seconds, documents squared, documents times seconds."""

    def committed(self, documents: int, begun: Moment, ended: Moment) -> None:
        """So many documents became durable between these moments."""
        since = self._ended if begun - self._ended <= GAP_S else begun
        self._ended = ended
        if documents * TELLING_DIVISOR < self._batch:
            return
        took = ended - since
        count, n, s, nn, ns = self._sums
        self._sums = count + 1, n + documents, s + took, nn + documents * documents, ns + documents * took
        if ended - self._window < WINDOW_S:
            return
        self._window = ended
        self.per_s = self._reckoned()
        self.is_known = True
        self._sums = tuple(MEMORY * value for value in self._sums)  # type: ignore[assignment]  # as many as before

    def _reckoned(self) -> float:
        count, n, s, nn, ns = self._sums
        seen = n / s if s > 0 else STEEP_MAX * self.per_s
        width = count * nn - n * n
        if width > 0.01 * n * n:  # commits of one size lie on every line
            each = max(0.0, (count * ns - n * s) / width)
            fixed = max(0.0, (s - each * n) / count)
            full = fixed + each * self._batch
            if full > 0:
                seen = min(max(seen, self._batch / full), STEEP_MAX * seen)
        return max(RATE_MIN, seen)


class Flow:
    """Documents per second that come through when there are more than enough, the whole way and not the commit alone.

    Where the processor is busier with talking than the disk with writing, commits are fast and yet not many.
    ``per_s`` is infinite until a window was full from its begin to its end.
    """

    __slots__ = ("_began", "_documents", "_is_full", "per_s")

    def __init__(self) -> None:
        self.per_s = inf
        self._began: Moment = 0.0
        self._documents = 0
        self._is_full = False

    def committed(self, documents: int, ended: Moment, *, is_full: bool) -> None:
        """So many became durable; ``is_full``: enough others were there meanwhile."""
        if ended - self._began > FLOW_REST_S:
            self._began, self._documents, self._is_full = ended, 0, True
            return
        self._documents += documents
        self._is_full = self._is_full and is_full
        took = ended - self._began
        if took < FLOW_WINDOW_S:
            return
        seen = self._documents / took
        if self._is_full:
            self.per_s = seen if self.per_s == inf else FLOW_MEMORY * self.per_s + (1 - FLOW_MEMORY) * seen
        else:
            self.per_s = max(self.per_s * FLOW_GROWTH, seen)
        self._began, self._documents, self._is_full = ended, 0, True


SECONDS_KEPT: Final = 900
"""Peaks that are remembered, a quarter of an hour: longer than a storm that anybody looks at afterwards."""


class Peaks:
    """The most documents ahead of the commit, second by second."""

    def __init__(self) -> None:
        self.seconds: deque[tuple[int, int]] = deque(maxlen=SECONDS_KEPT)
        """Second and peak, oldest first; seconds without a commit are left out."""

    def note(self, second: int, ahead: int) -> None:
        """So many were ahead in this second."""
        seconds = self.seconds
        if not seconds or seconds[-1][0] < second:
            seconds.append((second, ahead))
        elif ahead > seconds[-1][1]:
            seconds[-1] = seconds[-1][0], ahead

    def latest(self, second: int) -> int:
        """The most of this second and the one before."""
        return max((peak for at, peak in list(self.seconds)[-2:] if at >= second - 1), default=0)


class _Turn:
    """A place in the line, or a turn: ``left`` documents between ``opens`` and ``closes``."""

    __slots__ = ("closes", "is_firm", "is_late", "left", "opens", "place", "told", "waits")

    def __init__(self, left: int, place: int) -> None:
        self.left = left
        self.place = place
        """Documents that were promised to others when this was, in all."""
        self.waits = True
        """Whether no document of it has come yet."""
        self.is_late = False
        """Whether it came in its time, and there was no room."""
        self.is_firm = False
        """Whether the time is a promise; otherwise the register comes to ask again."""
        self.opens: Moment = 0.0
        self.closes: Moment = 0.0
        self.told: Moment = 0.0


_NEVER: Final = (float("-inf"), float("-inf"))
"""The time of a register that was told none."""


class Pacer:
    """Decides for every document in a storm: :meth:`put_off` returns ``None`` to take it, or when to come back."""

    def __init__(self, measure: Measure) -> None:
        self.measure = measure
        self.rate = DurableRate(measure.batch)
        self.flow = Flow()
        self.pace = self.rate.per_s
        """Documents per second that come through: what promises are reckoned with."""
        self.is_storm = False
        self.low = self.room = self.hard = self.live = 0
        self._turns: dict[str, _Turn] = {}
        self._served: set[str] = set()
        self._doors: dict[str, tuple[Moment, Moment]] = {}
        self._door: Moment = 0.0
        self._inside: dict[str, Moment] = {}
        self._active = 0
        """Turns that have begun and are not over: as many documents can be on their way at the same time."""
        self._late = 0
        """Documents of the turns that came in their time and found no room."""
        self._firsts = 0
        """First documents that are waited for."""
        self._promised = 0
        """Documents that were promised, in all."""
        self._begun = 0
        """Documents of those turns that have begun, or were given up."""
        self._visits = 0
        self._since: Moment = 0.0
        self._swept: Moment = 0.0
        self._restless: Moment = 0.0
        self._fit()

    def _fit(self) -> None:
        """How long the queue may be follows from the rate."""
        measure = self.measure
        self.pace = rate = max(RATE_MIN, min(self.rate.per_s, self.flow.per_s))
        # Two batches keep the writer busy: one is written while the next one gathers. Where two of them take half the
        # limit, nothing may wait but what is answered in that time.
        least = min(2 * measure.batch, int(rate * measure.answer_limit_s / 2))
        self.room = max(least, int(rate * measure.target_s), 2)
        self.low = self.room * 3 // 4
        soon = int(rate * measure.answer_limit_s / LIVE_DIVISOR)
        self.hard = max(self.room, min(self.room * HARD_FACTOR, soon))
        self.live = max(self.hard, soon)

    def committed(self, documents: int, begun: Moment, ended: Moment, ahead: int) -> None:
        """A commit of so many documents has ended; so many, its own included, were ahead of it then."""
        self.rate.committed(documents, begun, ended)
        self.flow.committed(documents, ended, is_full=ahead >= self.low)
        self._fit()

    def put_off(self, register_id: str, now: Moment, ahead: int, *, is_live: bool, unsent: int | None) -> int | None:
        """``None`` to take this document, else in how many milliseconds the register shall come back.

        ``is_live``: somebody waits for the answer. ``unsent`` is how many documents the register has, if it said so.
        """
        if not self.is_storm:
            if ahead < (self.live if is_live else self.low):
                return None
            self.is_storm = True
            self._since = self._restless = self._swept = now
        if now - self._swept >= SWEEP_S:
            self._sweep(now, ahead)
        if self._inside:
            self._inside.pop(register_id, None)
        turn = self._turns.get(register_id)
        if turn is not None and now > turn.closes:
            self._give_up(register_id, turn)
            turn = None
        if turn is None:
            if ahead < (self.live if is_live else self.low) or (ahead < self.room and register_id not in self._served):
                self._served.add(register_id)
                return None
            return self._promise(register_id, now, ahead, 1 if is_live else unsent)
        if now < turn.opens - EARLY_S:
            return self._too_early(turn, now)
        if turn.waits and not turn.is_firm and ahead >= self.low:
            return self._tell(turn, now, self._wait(turn, now))
        if ahead >= (self.live if is_live else self.hard):
            return self._tell(turn, now, self._until_room(turn, ahead))
        if turn.waits and turn.left and not is_live and ahead >= self.low and self._active >= self.room:
            return self._tell(turn, now, self._until_room(turn, ahead))
        self._serve(register_id, turn, now)
        return None

    @property
    def waiting(self) -> int:
        """Registers that were told when to come."""
        return len(self._turns) + len(self._doors)

    def farewell(self, now: Moment, least_ms: int) -> int:
        """When to come back to an operator that stops now: no sooner than ``least_ms``, and one after the other."""
        self._door = max(self._door, now) + WELCOME / self.pace
        return min(TRY_LATER_MAX_MS, least_ms + _ms(self._door - now))

    def greet(self, register_id: str, now: Moment, ahead: int) -> int | None:
        """``None`` to let a register in that says hello, else in how many milliseconds it shall come back.

        In a storm they come in one by one: whoever is in sends a document, and nobody can hold back what was sent.
        """
        if self.is_storm and now - self._swept >= SWEEP_S:
            self._sweep(now, ahead)
        if not self.is_storm:
            return None
        each = WELCOME / self.pace
        opens, last = self._doors.get(register_id, _NEVER)
        if now < opens - EARLY_S:
            return _ms(opens - now)
        self._doors.pop(register_id, None)
        wait = max(0.0, self._door - now) + len(self._doors) * each
        inside = self._inside
        while inside and now - next(iter(inside.values())) > IDLE_S:
            del inside[next(iter(inside))]
        if len(inside) < self.low and (wait < PUT_OFF_MIN_S or now <= last):
            self._door = max(self._door, now) + each
            if register_id not in self._served:
                inside[register_id] = now
            return None
        delay_ms = _hint(min(wait, max(TRUST_MIN_S, now - self._since)))
        opens = now + delay_ms / 1_000
        self._doors[register_id] = opens, opens + delay_ms / 1_000 / SPREAD_DIVISOR + LATE_S
        return delay_ms

    # ------------------------------------------------------------------------------------------------- the line

    def _promise(self, register_id: str, now: Moment, ahead: int, unsent: int | None) -> int:
        """A turn behind all that was promised before; a first document goes before all turns."""
        if register_id not in self._served:
            turn = self._turns[register_id] = _Turn(0, self._begun)
            self._firsts += 1
            return self._tell(turn, now, (self._firsts + ahead) / self.pace)
        turn = self._turns[register_id] = _Turn(max(1, min(TURN, unsent or TURN)), self._promised)
        self._promised += turn.left
        return self._tell(turn, now, self._wait(turn, now))

    def _wait(self, turn: _Turn, now: Moment) -> float:
        """Until what was promised before is done; and those who are not in yet get their first sign before that."""
        each = WELCOME / self.pace
        return (turn.place - self._begun) / self.pace + max(0.0, self._door - now) + len(self._doors) * each

    def _until_room(self, turn: _Turn, ahead: int) -> float:
        """Until the queue is as long as it should be; turns that are late begin one after the other, as others end."""
        wait = (ahead - self.room) / self.pace
        if not turn.waits:
            return wait
        if not turn.is_late:
            turn.is_late = True
            self._late += turn.left
        return max(wait, self._late / self.pace)

    def _serve(self, register_id: str, turn: _Turn, now: Moment) -> None:
        if turn.waits:
            self._begin(turn)
            self._active += 1
        turn.left -= 1
        turn.closes = now + IDLE_S
        if register_id not in self._served:
            self._served.add(register_id)
            self._firsts -= 1
        if turn.left <= 0:
            del self._turns[register_id]
            self._active -= 1

    def _begin(self, turn: _Turn) -> None:
        """Nobody waits for this turn any more."""
        turn.waits = False
        self._begun += turn.left
        if turn.is_late:
            self._late -= turn.left

    def _too_early(self, turn: _Turn, now: Moment) -> int:
        """It came before its time: what it sent before it knew costs nothing, whoever hammers goes to the end."""
        if now - turn.told <= ON_ITS_WAY_S:
            return _ms(turn.opens - now)
        return self._tell(turn, now, max(turn.opens - now, (self._promised - self._begun) / self.pace))

    def _tell(self, turn: _Turn, now: Moment, wait: float) -> int:
        """Say when to come."""
        trust = max(TRUST_MIN_S, now - self._since)
        turn.is_firm = wait <= trust
        if not turn.is_firm:
            self._visits += 1
            wait = trust * (1 + self._visits * GOLDEN % 1) / 2
        wait = max(PUT_OFF_MIN_S, wait)
        delay_ms = _hint(wait)
        turn.told = now
        turn.opens = now + delay_ms / 1_000
        turn.closes = turn.opens + delay_ms / 1_000 / SPREAD_DIVISOR + LATE_S
        return delay_ms

    def _give_up(self, register_id: str, turn: _Turn) -> None:
        if turn.waits:
            self._begin(turn)
        else:
            self._active -= 1
        if register_id not in self._served:
            self._firsts -= 1
        del self._turns[register_id]

    def _sweep(self, now: Moment, ahead: int) -> None:
        self._swept = now
        for register_id, turn in [(name, turn) for name, turn in self._turns.items() if now > turn.closes]:
            self._give_up(register_id, turn)
        for register_id in [name for name, (_, last) in self._doors.items() if now > last]:
            del self._doors[register_id]
        if self.waiting or ahead >= self.low:
            self._restless = now
        elif now - self._restless >= CALM_S:
            self.is_storm = False
            self._served.clear()


def _hint(wait: float) -> int:
    """What to say: a register adds up to a tenth by chance, so half of that is left out."""
    return min(TRY_LATER_MAX_MS, _ms(wait * 2 * SPREAD_DIVISOR / (2 * SPREAD_DIVISOR + 1)))


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1_000))
