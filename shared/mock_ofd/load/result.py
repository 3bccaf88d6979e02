"""What a run of load has found: the one value that the verdict, the reports and the thresholds are made of.

The rule: counts are whole numbers of documents or registers, times are milliseconds or seconds as their names say, and
``None`` is what could not be measured (a foreign operator's memory), never what was zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from fiscal.errors import FiscalError


class LoadFailed(FiscalError):
    """The run could not begin, or could not go on; the message says why."""


class Phase(StrEnum):
    """What a run is at, in this order; a run leaves out what it does not need."""

    PREPARING = "preparing"
    """Documents are made and written to the registers' memories."""
    REFERENCE = "reference"
    """The bare echo is measured."""
    OUTAGE = "outage"
    """The link is down."""
    STORM = "storm"
    """The link is back: from here on there are ticks."""
    STEADY = "steady"
    """Documents are sent as they become due: likewise."""
    JUDGING = "judging"
    """Both sides are compared."""


class Percentiles(Struct, frozen=True, kw_only=True):
    """Milliseconds, from a histogram of three significant digits; all zero when nothing was recorded."""

    count: int
    p50: float
    p90: float
    p99: float
    p999: float
    max: float


class Tick(Struct, frozen=True, kw_only=True):
    """One second of the run; ``at_s`` is 0 for the second in which the link came back."""

    at_s: int
    backlog: int
    """Documents not acknowledged at the end of this second."""
    acknowledged: int
    connects: int
    put_off: int
    """Answers "come back in N ms"."""
    connected: int
    queued: int | None
    """Most documents ahead of the operator's commit in this second; ``None`` for a foreign operator."""
    latency: Percentiles


class Progress(Struct, frozen=True, kw_only=True):
    """What is told while a run goes on: at the beginning of a phase, and then about once a second."""

    phase: Phase
    done: int
    """Of the phase: documents made, acknowledged or compared; messages echoed; milliseconds waited."""
    of: int
    """How many there will be; 0 when nobody knows."""
    tick: Tick | None = None
    """The second that has just ended; ``None`` before the link is back."""
    latency: Percentiles | None = None
    """Of the whole run so far."""


class RegisterVerdict(Struct, frozen=True, kw_only=True):
    """What became of one register's documents; only registers with a fault are listed one by one."""

    register_id: str
    sent: int
    acknowledged: int
    lost: int
    doubled: int
    out_of_order: int
    late: int
    first: str = ""
    """The first thing that is wrong, in words."""


class ServerCost(Struct, frozen=True, kw_only=True):
    """What the operator's process used during the drain."""

    cpu_s: float
    rss_max_mb: float


class Reference(Struct, frozen=True, kw_only=True):
    """A bare echo of the same frames in the same run, and our rate over its rate."""

    echo_per_s: float
    ratio: float


class Result(Struct, frozen=True, kw_only=True):
    """A whole run, or what was proven of one that was stopped (``complete`` is false then)."""

    scenario: Mapping[str, object]
    complete: bool
    registers: int
    documents_planned: int
    documents_sent: int
    documents_acknowledged: int
    lost: int | None
    """``None`` where the operator's ledger cannot be read."""
    doubled: int | None
    out_of_order: int | None
    late: int
    drain_s: float
    documents_per_s: float
    latency_ms: Percentiles
    delay_ms: Percentiles
    wait_ms: Percentiles
    """From the link restored to a register's first sign."""
    queue_peak: int | None
    connects: int
    put_off: int
    faulty: tuple[RegisterVerdict, ...]
    ticks: tuple[Tick, ...]
    server: ServerCost | None
    reference: Reference | None
    errors: Mapping[str, int]
    """What went wrong on the way and was tried again, by its words."""
    generator_cpu_s: float | None = None
    """Processor time of the processes that made the load, from the first knock to the last answer."""

    @property
    def is_proven(self) -> bool:
        """Whether nothing is known to be lost, doubled, overtaken or late, and everything was delivered."""
        return (
            self.complete
            and not self.faulty
            and not (self.lost or self.doubled or self.out_of_order or self.late)
            and self.documents_acknowledged == self.documents_planned
        )


__all__ = [
    "LoadFailed",
    "Percentiles",
    "Phase",
    "Progress",
    "Reference",
    "RegisterVerdict",
    "Result",
    "ServerCost",
    "Tick",
]
