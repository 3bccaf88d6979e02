"""The report of a run: the form in which programs, people and thresholds get its figures.

The rule: every figure has one name, one unit and one place; what was not measured is ``null``, never zero. The schema in
docs/reference/load-report.schema.json is made from these models, and a test compares both. Keys may be added; those that
are there keep their names and meanings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Literal

import msgspec
from pydantic import BaseModel, ConfigDict

from mock_ofd.load.machine import Machine
from mock_ofd.load.result import Percentiles, Result, Tick


class Verdict(StrEnum):
    """What can be said of a whole run."""

    PROVEN = "proven"
    """Every document is in the operator's ledger once, in its order, and was answered in time."""
    DELIVERED = "delivered"
    """Every document was acknowledged in time; the operator's ledger could not be read."""
    STOPPED = "stopped"
    """The run was stopped; nothing was wrong until then."""
    FAILED = "failed"
    """Something was lost, doubled, overtaken, late, or not delivered."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Spread(_Part):
    """Milliseconds, of three significant digits; null when nothing was recorded."""

    count: int
    """How many were recorded."""
    p50: float | None
    """Half were faster."""
    p90: float | None
    """Nine of ten were faster."""
    p99: float | None
    """All but one of a hundred were faster."""
    p999: float | None
    """All but one of a thousand were faster."""
    max: float | None
    """The slowest."""


class Second(_Part):
    """One second of the run."""

    at_s: int
    """0 is the second in which the link came back."""
    backlog: int
    """Documents not acknowledged at its end."""
    acknowledged: int
    """Documents acknowledged in it."""
    connects: int
    """Connections that registers opened in it."""
    put_off: int
    """Answers "come back in N ms" in it."""
    connected: int
    """Registers with an open connection at its end."""
    queued: int | None
    """Most documents ahead of the operator's commit in it; null for a foreign operator."""
    latency_ms: Spread
    """Of the answers of this second."""


class Faulty(_Part):
    """What became of one register's documents, where something is wrong."""

    register_id: str
    """The register."""
    sent: int
    """Documents that left it at least once."""
    acknowledged: int
    """Documents that it got an answer to."""
    lost: int
    """Acknowledged, and not in the ledger."""
    doubled: int
    """More than once in the ledger."""
    out_of_order: int
    """In the ledger before one that was issued earlier."""
    late: int
    """Answered after more than the answer limit."""
    first: str
    """The first thing that is wrong, in words."""


class Server(_Part):
    """What the operator's process used from the first connection to the last answer."""

    cpu_s: float
    """Processor time, of user and system."""
    rss_max_mb: float
    """The most memory that it held."""


class Generator(_Part):
    """What the processes that made the load used."""

    cpu_s: float
    """Processor time, of user and system, from the first connection to the last answer, of all of them."""


class Echo(_Part):
    """A bare echo of the same frames, measured in the same run."""

    echo_per_s: float
    """Messages per second."""
    ratio: float
    """documents_per_s over echo_per_s."""


class Judged(_Part):
    """A threshold of `--fail-if` and what came of it."""

    expression: str
    """As it was given."""
    measured: float | None
    """The figure, in the unit of its key; null when it was not measured."""
    exceeded: bool
    """Whether the run fails by it; what was not measured fails."""


class Host(_Part):
    """The machine, as far as it tells."""

    cpu: str | None
    """The model of the processor."""
    cores: int | None
    """Cores that the run could use."""
    memory_mb: int | None
    """The machine's memory."""
    system: str
    """The operating system."""
    python: str
    """The interpreter."""
    libraries: dict[str, str]
    """Versions of what the figures depend on."""
    load: float | None
    """The load average of the last minute, when the report was made."""


class Report(_Part):
    """A run of `mock-ofd load`."""

    report: Literal["mock-ofd load"] = "mock-ofd load"
    """What this is."""
    version: str
    """The version of the program."""
    verdict: Verdict
    """`proven`, `delivered` (the ledger could not be read), `stopped` or `failed`."""
    complete: bool
    """False when the run was stopped or its time was over; what stands here was proven until then."""
    scenario: dict[str, Any]
    """What was played: every option, with its default where none was given."""
    registers: int
    """Registers of the fleet."""
    documents_planned: int
    """Documents that all of them had to deliver."""
    documents_sent: int
    """Documents that left their register at least once."""
    documents_acknowledged: int
    """Documents whose register got an answer."""
    lost: int | None
    """Acknowledged, and not in the operator's ledger; null when that cannot be read."""
    doubled: int | None
    """More than once in the ledger; null likewise."""
    out_of_order: int | None
    """In the ledger before one that the register issued earlier; null likewise."""
    late: int
    """Answered after more than the answer limit, by the register's clock."""
    drain_s: float | None
    """From the link restored to the last answer; null when there was none."""
    documents_per_s: float | None
    """Acknowledged documents over the time from the first connection to the last answer; null likewise."""
    latency_ms: Spread
    """From handing over the request to the answer parsed; in steady load from the planned time."""
    delay_ms: Spread
    """From the document due, or the link restored if that was later, to its answer."""
    wait_ms: Spread
    """From the link restored to a register's first sign."""
    queue_peak: int | None
    """Most documents that were ever ahead of the operator's commit; null for a foreign operator."""
    connects: int
    """Connections that registers opened."""
    put_off: int
    """Answers "come back in N ms"."""
    server: Server | None
    """null for a foreign operator."""
    generator: Generator | None = None
    """null when no process of it came to its end."""
    reference: Echo | None
    """null for a foreign operator, or when it was not asked for."""
    thresholds: list[Judged]
    """What `--fail-if` asked for."""
    faulty: list[Faulty]
    """Registers with which something is wrong."""
    errors: dict[str, int]
    """What went wrong on the way and was tried again, and how often."""
    ticks: list[Second]
    """Second by second, from the link restored on."""
    machine: Host
    """What the run was made on."""


class Comparison(_Part):
    """The same storm under several policies: `mock-ofd load --compare`."""

    report: Literal["mock-ofd load comparison"] = "mock-ofd load comparison"
    """What this is."""
    version: str
    """The version of the program."""
    complete: bool
    """False when it was stopped before the last policy was through."""
    runs: dict[str, Report]
    """A report for each policy, in the order in which they were played."""


def verdict_of(result: Result, *, is_stopped: bool) -> Verdict:
    """The verdict of a run; one that somebody has stopped fails only by what is known to be wrong.

    One that was not stopped, and yet has documents left when its time is over, has failed.
    """
    if result.is_proven:
        return Verdict.DELIVERED if result.lost is None else Verdict.PROVEN
    is_wrong = bool(result.faulty or result.lost or result.doubled or result.out_of_order or result.late)
    return Verdict.STOPPED if is_stopped and not is_wrong else Verdict.FAILED


def is_sound(report: Report) -> bool:
    """Whether nothing was lost, doubled or overtaken and everything was delivered, though perhaps late.

    By this a comparison is judged: how late the answers are under each policy is what it compares.
    """
    wrong = report.lost or report.doubled or report.out_of_order
    return not wrong and report.documents_acknowledged == report.documents_planned


def report_of(result: Result, *, version: str, machine: Machine, is_stopped: bool = False) -> Report:
    """The report of a run, which somebody has stopped or not, with no thresholds judged yet."""
    return Report(
        version=version,
        verdict=verdict_of(result, is_stopped=is_stopped),
        complete=result.complete,
        scenario=dict(msgspec.to_builtins(result.scenario)),
        registers=result.registers,
        documents_planned=result.documents_planned,
        documents_sent=result.documents_sent,
        documents_acknowledged=result.documents_acknowledged,
        lost=result.lost,
        doubled=result.doubled,
        out_of_order=result.out_of_order,
        late=result.late,
        drain_s=round(result.drain_s, 3) if result.documents_acknowledged else None,
        documents_per_s=round(result.documents_per_s, 1) if result.documents_acknowledged else None,
        latency_ms=_spread(result.latency_ms),
        delay_ms=_spread(result.delay_ms),
        wait_ms=_spread(result.wait_ms),
        queue_peak=result.queue_peak,
        connects=result.connects,
        put_off=result.put_off,
        server=None if result.server is None else Server(**_rounded(msgspec.structs.asdict(result.server))),
        generator=None if result.generator_cpu_s is None else Generator(cpu_s=round(result.generator_cpu_s, 3)),
        reference=None if result.reference is None else Echo(**_rounded(msgspec.structs.asdict(result.reference))),
        thresholds=[],
        faulty=[Faulty(**msgspec.structs.asdict(each)) for each in result.faulty],
        errors=dict(sorted(result.errors.items())),
        ticks=[_second(tick) for tick in result.ticks],
        machine=Host(**msgspec.structs.asdict(machine)),
    )


def _second(tick: Tick) -> Second:
    plain = msgspec.structs.asdict(tick)
    del plain["latency"]
    return Second(**plain, latency_ms=_spread(tick.latency))


def _spread(measured: Percentiles) -> Spread:
    plain = _rounded(msgspec.structs.asdict(measured))
    return Spread(**(plain if measured.count else dict.fromkeys(plain) | {"count": 0}))


def _rounded(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {name: round(value, 3) for name, value in figures.items()}


def as_json(report: Report | Comparison) -> str:
    """The report as one JSON object on one line, without a line's end."""
    return report.model_dump_json()


def read_json(text: str | bytes) -> Report | Comparison:
    """A report that was written before; :class:`pydantic.ValidationError` says what is wrong with any other text."""
    plain = msgspec.json.decode(text, type=dict[str, Any])
    model = Comparison if plain.get("report") == "mock-ofd load comparison" else Report
    return model.model_validate(plain)


def schemas() -> dict[str, Any]:
    """The JSON schema of both reports, as it is published."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Reports of mock-ofd load",
        "oneOf": [{"$ref": f"#/$defs/{model.__name__}"} for model in (Report, Comparison)],
        "$defs": _definitions(Report, Comparison),
    }


def _definitions(*models: type[BaseModel]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for model in models:
        schema = model.model_json_schema(mode="serialization")
        found |= schema.pop("$defs", {})
        found[model.__name__] = schema
    return dict(sorted(found.items()))


def runs_of(report: Report | Comparison) -> Sequence[tuple[str, Report]]:
    """The runs of a report with their names; a single run has none."""
    return list(report.runs.items()) if isinstance(report, Comparison) else [("", report)]
