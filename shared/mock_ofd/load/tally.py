"""What one generator counts while its registers send: seconds for the plots, times for the percentiles.

The rule: what happens for every document is a mark in the book and two numbers in a list; everything else is done once
a second.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from fiscal.time import Moment
from kkt_client.core.saying import Said
from kkt_client.core.setbacks import Setback
from mock_ofd.load.book import UNTOLD, Book, mark_of
from mock_ofd.load.histogram import Times
from mock_ofd.load.store import Store
from mock_ofd.load.talk import End, Second

MICROSECONDS: Final = 1_000_000
ERRORS_MAX: Final = 100
"""Different words of errors that are told; more are an operator that names something else in each."""
OTHERS: Final = "others"
_DIGITS: Final = re.compile(r"\d+")


class Counts:
    """Implements :class:`kkt_client.fleet.register.Tally`."""

    def __init__(self, book: Book, store: Store, answer_limit_s: float) -> None:
        """A request without an answer within the limit counts as one that took so long: it took no less."""
        self._limit_us = int(answer_limit_s * MICROSECONDS)
        self.acknowledged = 0
        self.put_offs = 0
        self.late = 0
        self.resting = 0
        """Registers that have nothing left to send, or cannot send it."""
        self.first_connect: Moment = 0.0
        self.last_answer: Moment = 0.0
        self.restored: Moment = 0.0
        self.errors: Counter[str] = Counter()
        self._book = book
        self._store = store
        self._marks = book.marks
        self._first = book.first
        self._latency: list[int] = []
        self._delay: list[int] = []
        self._wait: list[int] = []
        self._delays = Times()
        self._waits = Times()
        self._rests = bytearray(book.registers)
        self._before = (0, 0, 0)

    # ------------------------------------------------------------------------------------------------- the registers

    def accepted(self, place: int, number: int, sign: str | None, asked_at: Moment, now: Moment) -> None:
        at = self._first[place] + number - 1
        mark, before = mark_of(sign), self._marks[at]
        if before == UNTOLD:
            self._marks[at] = mark
            self.acknowledged += 1
        elif before != mark:
            self._book.second[place] += 1
        due = self.restored
        if self._store.due_at is not None:
            due = asked_at = self._store.due_at(at)
        self._latency.append(int((now - asked_at) * MICROSECONDS))
        self._delay.append(int((now - due) * MICROSECONDS))
        self.last_answer = now
        if number == 1:
            self._wait.append(int((now - self.restored) * MICROSECONDS))

    def put_off(self, place: int) -> None:  # noqa: ARG002 - of the whole fleet
        self.put_offs += 1

    def set_back(self, place: int, setback: Setback) -> None:
        if setback.cause.code is Said.NO_ANSWER:
            self.late += 1
            self._book.late[place] += 1
            if self._store.due_at is None:  # where documents have a moment, the wait is in the one that is answered
                self._latency.append(self._limit_us)
        self._count(setback.cause.text)

    def idle(self, place: int) -> None:
        if not self._rests[place]:
            self._rests[place] = 1
            self.resting += 1

    def stuck(self, place: int, why: str) -> None:
        self._count(why)
        self.idle(place)

    def _count(self, words: str) -> None:
        words = _DIGITS.sub("N", words)  # the same trouble with another document is the same trouble
        if words not in self.errors and len(self.errors) >= ERRORS_MAX:
            words = OTHERS
        self.errors[words] += 1

    # --------------------------------------------------------------------------------------------------- the seconds

    def second(self, at_s: int, connects: int, connected: int) -> Second:
        """What happened since the last time that this was asked."""
        latency = Times()
        latency.add(self._latency)
        self._latency.clear()
        self._gather()
        now = (self.acknowledged, connects, self.put_offs)
        acknowledged, connects, put_off = (new - old for new, old in zip(now, self._before, strict=True))
        self._before = now
        return Second(
            at_s=at_s,
            backlog=self._store.due_until(at_s + 1) - self.acknowledged,
            acknowledged=acknowledged,
            connects=connects,
            put_off=put_off,
            connected=connected,
            latency=latency.encoded(),
        )

    def _gather(self) -> None:
        for times, values in ((self._delays, self._delay), (self._waits, self._wait)):
            times.add(values)
            values.clear()

    def end(self, *, complete: bool, sent: int, connects: int, cpu_s: float) -> End:
        """Everything, after the last second."""
        self._gather()
        return End(
            complete=complete,
            sent=sent,
            acknowledged=self.acknowledged,
            connects=connects,
            put_off=self.put_offs,
            late=self.late,
            first_connect=self.first_connect,
            last_answer=self.last_answer,
            delay=self._delays.encoded(),
            wait=self._waits.encoded(),
            errors=dict(self.errors),
            cpu_s=cpu_s,
        )


__all__ = ["Counts"]
