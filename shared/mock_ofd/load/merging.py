"""What the generators of a run have counted, put together.

The rule: a second of the run is told when every generator has told it; one that has ended adds nothing to later seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from mock_ofd.load.histogram import Times
from mock_ofd.load.result import Reference, Result, ServerCost, Tick
from mock_ofd.load.scenario import Scenario
from mock_ofd.load.talk import End, Second
from mock_ofd.load.verdict import Verdict


class Sums:
    """The counts of ``generators``; ``tell`` gets each second that is whole."""

    def __init__(self, generators: int, tell: Callable[[Tick], None]) -> None:
        self.planned = 0
        self.acknowledged = 0
        self.restored = 0.0
        self.latency = Times()
        self._generators = generators
        self._tell = tell
        self._seconds: dict[int, dict[str, Second]] = {}
        self._ended: set[str] = set()
        self._next = 0
        self._ticks: list[Tick] = []

    def take(self, name: str, second: Second) -> None:
        """What this generator counted in this second."""
        self._seconds.setdefault(second.at_s, {})[name] = second
        self._go_on()

    def ended(self, name: str) -> None:
        """The generator says no more."""
        self._ended.add(name)
        self._go_on()

    def _go_on(self) -> None:
        while self._next in self._seconds:
            found = self._seconds[self._next]
            if len(self._ended | found.keys()) < self._generators:
                return
            del self._seconds[self._next]
            self._put_together(list(found.values()))
            self._next += 1

    def _put_together(self, found: Sequence[Second]) -> None:
        times = Times()
        for second in found:
            times.merge(second.latency)
            self.latency.merge(second.latency)
        self.acknowledged += sum(second.acknowledged for second in found)
        tick = Tick(
            at_s=self._next,
            backlog=sum(second.backlog for second in found),
            acknowledged=sum(second.acknowledged for second in found),
            connects=sum(second.connects for second in found),
            put_off=sum(second.put_off for second in found),
            connected=sum(second.connected for second in found),
            queued=None,
            latency=times.percentiles(),
        )
        self._ticks.append(tick)
        self._tell(tick)

    def result(
        self,
        scenario: Scenario,
        ends: Sequence[End],
        verdict: Verdict | None,
        *,
        complete: bool,
        has_ledger: bool,
        echo: float | None,
        cost: ServerCost | None,
    ) -> Result:
        """Everything; without a verdict nothing is known of the ledger."""
        delays, waits = Times(), Times()
        errors: Counter[str] = Counter()
        for end in ends:
            delays.merge(end.delay)
            waits.merge(end.wait)
            errors.update(end.errors)
        acknowledged = sum(end.acknowledged for end in ends)
        last = max((end.last_answer for end in ends), default=0.0)
        first = min((end.first_connect for end in ends if end.first_connect), default=0.0)
        rate = acknowledged / (last - first) if last > first else 0.0
        known = verdict if has_ledger else None
        return Result(
            scenario=scenario.told(),
            complete=complete,
            registers=scenario.registers,
            documents_planned=self.planned,
            documents_sent=sum(end.sent for end in ends),
            documents_acknowledged=acknowledged,
            lost=None if known is None else known.lost,
            doubled=None if known is None else known.doubled,
            out_of_order=None if known is None else known.out_of_order,
            late=sum(end.late for end in ends),
            drain_s=max(0.0, last - self.restored),
            documents_per_s=rate,
            latency_ms=self.latency.percentiles(),
            delay_ms=delays.percentiles(),
            wait_ms=waits.percentiles(),
            queue_peak=None,
            connects=sum(end.connects for end in ends),
            put_off=sum(end.put_off for end in ends),
            faulty=() if verdict is None else verdict.faulty,
            ticks=tuple(self._ticks),
            server=cost,
            reference=None if not echo else Reference(echo_per_s=echo, ratio=rate / echo),
            errors=dict(errors.most_common()),
            generator_cpu_s=sum(end.cpu_s for end in ends) if ends else None,
        )


__all__ = ["Sums"]
