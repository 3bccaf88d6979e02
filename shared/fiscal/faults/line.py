"""One direction of one connection: what leaves it, and when.

The rule: bytes never overtake bytes. A delay counts from the moment a frame was put, so that a slow link is slow for
each and not the slower the more there is; but no step happens before the one that was put before it. Only a frame that
is held (:class:`~fiscal.faults.effects.Reorder`) lets others by, whole frames, never inside one.

Calling discipline: ``put`` the steps that :func:`~fiscal.faults.wire.bend` made; then, and whenever ``deadline`` comes,
``take`` what is due and do it. A timer that fires early is no harm: nothing is due, and the deadline stands.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from fiscal.faults.wire import Chunk, Ending, Hold, Step
from fiscal.time import Moment


@dataclass(slots=True)
class _Held:
    frames: int
    until: Moment
    steps: Sequence[Step]


class Line:
    """A queue of steps with their moments. After an ending was put, nothing more is taken in."""

    __slots__ = ("_ending", "_free_at", "_held", "_queue")

    def __init__(self) -> None:
        self._queue: deque[tuple[Moment, bytes | Ending]] = deque()
        self._held: list[_Held] = []
        self._free_at: Moment = float("-inf")
        self._ending = False

    def put(self, steps: Sequence[Step], now: Moment) -> None:
        """One frame's steps, in the order in which frames are sent; no steps at all are a lost frame."""
        if self._ending or not steps:
            return
        if isinstance(steps[0], Hold):
            self._held.append(_Held(steps[0].frames, now + steps[0].ms / 1000, steps[1:]))
            return
        self._release_overdue(now)
        self._schedule(steps, now)
        if any(isinstance(step, Chunk) and step.data for step in steps):
            for held in self._held:
                held.frames -= 1
            self._release([held for held in self._held if held.frames == 0], now)

    def take(self, now: Moment) -> list[bytes | Ending]:
        """What is due by ``now``, in order: bytes to write, each by itself, and at most one ending, the last."""
        self._release_overdue(now)
        due: list[bytes | Ending] = []
        while self._queue and self._queue[0][0] <= now:
            due.append(self._queue.popleft()[1])
        return due

    def is_free(self, now: Moment) -> bool:
        """Whether nothing waits and nothing has to: bytes that come now would leave at once."""
        return not self._queue and not self._held and not self._ending and self._free_at <= now

    def deadline(self) -> Moment | None:
        """When to ``take`` next; None when nothing waits."""
        moments = [held.until for held in self._held]
        if self._queue:
            moments.append(self._queue[0][0])
        return min(moments, default=None)

    def _release_overdue(self, now: Moment) -> None:
        overdue = sorted((held for held in self._held if held.until <= now), key=lambda held: held.until)
        for held in overdue:
            self._release([held], held.until)

    def _release(self, frames: list[_Held], now: Moment) -> None:
        for held in frames:
            if not self._ending:
                self._held.remove(held)
                self._schedule(held.steps, now)

    def _schedule(self, steps: Sequence[Step], now: Moment) -> None:
        for step in steps:
            assert not isinstance(step, Hold), "a hold is the first step or none"
            now = self._free_at = max(now + step.delay_ms / 1000, self._free_at)
            if isinstance(step, Chunk):
                if step.data:
                    self._queue.append((now, step.data))
                continue
            self._queue.append((now, step.how))
            self._ending = True
            self._held.clear()
            return
