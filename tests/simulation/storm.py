"""A storm in numbers: registers with a backlog come back to an operator, and nothing is real but the pacing.

The rule: the operator is a loop that reads everything that has come, one turn after the other, and a writer that commits
what was read while the loop goes on; every message costs the loop some time. A register sends one document after the
other, and the next one when it has the answer. ``python -m tests.simulation.storm`` prints every policy beside the others.
"""

from __future__ import annotations

import sys
from collections import deque
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from itertools import takewhile
from math import inf
from random import Random
from statistics import median
from typing import Final

from fiscal.retry import Backoff, obey
from ofd_server.core.admission import Measure, Pacer

LATER_MIN_S: Final = 0.05
"""What a register waits at the least when it is put off (kkt_client.delivery)."""
READ_MAX: Final = 1_024
"""Messages that the loop reads in a turn."""
OUTAGE_S: Final = 900.0
"""So long the registers have knocked in vain: their back-off has reached its cap."""
BACKOFF: Final = Backoff(base_ms=1_000, cap_ms=60_000)
"""That of a register that nobody told anything else (kkt_client.config)."""


@dataclass(frozen=True, kw_only=True)
class Storm:
    """Registers, their documents, and what everything costs in seconds."""

    registers: int = 10_000
    documents: int = 100
    batch: int = 512
    hello_s: float = 100e-6
    document_s: float = 50e-6
    refusal_s: float = 20e-6
    commit_s: float = 2e-3
    row_s: float = 10e-6
    way_s: float = 1e-3
    seed: int = 1
    answer_limit_s: float = 5.0

    @property
    def capacity(self) -> float:
        """Documents a second that the slower of loop and writer does."""
        return min(1 / self.document_s, self.batch / (self.commit_s + self.batch * self.row_s))


@dataclass(kw_only=True)
class Outcome:
    """What came of it: ``peak`` documents were sent and not durable yet; ``first`` is when each had its first sign."""

    peak: int = 0
    first: list[float] = field(default_factory=list)
    drained_s: float = 0.0
    slowest_s: float = 0.0
    put_off: int = 0
    order_kept: bool = True

    @property
    def wait_s(self) -> float:
        """The median register's, from the link restored to its first sign."""
        return median(self.first)


def knocks(policy: str, count: int, chance: Random) -> list[float]:
    """When each register knocks first: ``none`` together, ``full`` as its back-off has it, ``paced`` within a second."""
    if policy != "full":
        return [0.0 if policy == "none" else chance.random() for _ in range(count)]
    first = []
    for _ in range(count):
        at, attempt = chance.random() - OUTAGE_S, 0
        while at < 0:
            at += BACKOFF.delay_ms(attempt, chance.random()) / 1_000
            attempt += 1
        first.append(at)
    return first


class World:
    """One storm under one policy."""

    def __init__(self, storm: Storm, policy: str) -> None:
        self.storm = storm
        self.chance = Random(storm.seed)
        self.pacer = Pacer(Measure(batch=storm.batch)) if policy == "paced" else None
        self.found = Outcome(first=[inf] * storm.registers)
        self.left = [storm.documents] * storm.registers
        self.greeted = [False] * storm.registers
        self.asleep = [(at, place) for place, at in enumerate(knocks(policy, storm.registers, self.chance))]
        heapify(self.asleep)
        self.coming: deque[tuple[float, int]] = deque()
        self.queue: list[tuple[float, int]] = []
        self.taken: list[tuple[float, int]] = []
        self.begun = self.ends = self.now = 0.0

    def run(self) -> Outcome:
        """Until everything is delivered."""
        remaining = self.storm.registers * self.storm.documents
        while remaining:
            self._wait()
            for came, place in self._read():
                self._hear(came, place)
            unread = sum(1 for _ in takewhile(lambda item: item[0] <= self.now, self.coming))
            self.found.peak = max(self.found.peak, len(self.queue) + len(self.taken) + unread)
            if self.taken and self.ends <= self.now:
                remaining -= self._commit()
            if self.queue and not self.taken:
                size = self.storm.batch
                self.taken, self.queue = self.queue[:size], self.queue[size:]
                self.begun = self.now
                self.ends = self.now + self.storm.commit_s + self.storm.row_s * len(self.taken)
        self.found.drained_s = self.now
        return self.found

    def _wait(self) -> None:
        moments = [line[0][0] for line in (self.coming, self.asleep) if line]
        if self.taken:
            moments.append(self.ends)
        self.now = max(self.now, min(moments))

    def _read(self) -> list[tuple[float, int]]:
        """Everything that has come, in the order in which it came."""
        here: list[tuple[float, int]] = []
        while len(here) < READ_MAX:
            first = self.coming[0][0] if self.coming else inf
            woken = self.asleep[0][0] if self.asleep else inf
            if min(first, woken) > self.now:
                break
            here.append(heappop(self.asleep) if woken < first else self.coming.popleft())
        return here

    def _hear(self, came: float, place: int) -> None:
        storm, pacer, name = self.storm, self.pacer, str(place)
        ahead = len(self.queue) + len(self.taken)
        delay_ms = None
        if pacer is not None and self.greeted[place]:
            delay_ms = pacer.put_off(name, self.now, ahead, is_live=False, unsent=self.left[place])
        elif pacer is not None:
            delay_ms = pacer.greet(name, self.now, ahead)
        if delay_ms is not None:
            self.found.put_off += 1
            self.now += storm.refusal_s
            wait = max(LATER_MIN_S, obey(delay_ms, 0, self.chance.random()) / 1_000)
            heappush(self.asleep, (self.now + storm.way_s + wait, place))
        elif self.greeted[place]:
            self.now += storm.document_s
            self.queue.append((came, place))
        else:
            self.greeted[place] = True
            self.now += storm.hello_s
            self.coming.append((self.now + storm.way_s, place))

    def _commit(self) -> int:
        """What was being written is durable: its registers have their signs, and send on."""
        taken, self.taken = self.taken, []
        for came, place in taken:
            self.left[place] -= 1
            self.found.slowest_s = max(self.found.slowest_s, self.now - came)
            self.found.first[place] = min(self.found.first[place], self.now)
            if self.left[place]:
                self.coming.append((self.now + self.storm.way_s, place))
        if self.pacer is not None:
            self.pacer.committed(len(taken), self.begun, self.now, len(taken) + len(self.queue))
        return len(taken)


def main(words: list[str]) -> None:
    """``name=value`` of a :class:`Storm`, as many as there are."""
    given = {name: float(value) for name, _, value in (word.partition("=") for word in words)}
    storm = Storm(**{name: type(getattr(Storm(), name))(value) for name, value in given.items()})
    say = sys.stdout.write
    say(f"{storm.capacity:,.0f} documents/s can be done\n")
    for policy in ("none", "full", "paced"):
        found = World(storm, policy).run()
        rate = storm.registers * storm.documents / found.drained_s
        say(
            f"{policy:6} peak {found.peak:6,} wait {found.wait_s:6.2f} s (last {max(found.first):5.1f} s) "
            f"drained {found.drained_s:6.1f} s, {rate:7,.0f}/s, slowest {found.slowest_s:5.2f} s, put off {found.put_off:,}\n"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
