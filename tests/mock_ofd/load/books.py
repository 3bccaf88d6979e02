"""Runs of load as values, made from a seed: what the reports are tried on without a run."""

from __future__ import annotations

from random import Random
from typing import Any

from mock_ofd.load.machine import Machine
from mock_ofd.load.report import Comparison, Report, report_of
from mock_ofd.load.result import Percentiles, Reference, RegisterVerdict, Result, ServerCost, Tick

MACHINE = Machine(
    cpu="Example 3000",
    cores=2,
    memory_mb=4096,
    system="Linux 6.1",
    python="CPython 3.11.7",
    libraries={"msgspec": "0.22.0"},
    load=1.5,
)
NOTHING = Percentiles(count=0, p50=0.0, p90=0.0, p99=0.0, p999=0.0, max=0.0)


def percentiles(chance: Random, middle: float, count: int) -> Percentiles:
    """Times that grow with their part."""
    values = [middle]
    for _ in range(4):
        values.append(values[-1] * chance.uniform(1.2, 2.5))
    p50, p90, p99, p999, most = (round(value, 2) for value in values)
    return Percentiles(count=count, p50=p50, p90=p90, p99=p99, p999=p999, max=most)


def storm(seed: int = 1, registers: int = 1_000, documents: int = 100, seconds: int = 12, **given: Any) -> Result:
    """A storm that ended well, but for what is ``given`` otherwise."""
    chance = Random(seed)
    planned = registers * documents
    ticks, left = [], planned
    for second in range(seconds):
        part = left if second == seconds - 1 else min(left, round(planned / seconds * chance.uniform(0.8, 1.3)))
        left -= part
        ticks.append(
            Tick(
                at_s=second,
                backlog=left,
                acknowledged=part,
                connects=round(registers * 0.6**second * 0.4),
                put_off=round(registers * 0.6**second * 0.3),
                connected=round(registers * (1 - 0.6 ** (second + 1))),
                queued=chance.randrange(200, 2_000),
                latency=percentiles(chance, chance.uniform(20, 60), part) if part else NOTHING,
            )
        )
    plain: dict[str, Any] = {
        "scenario": {
            "registers": registers,
            "documents": documents,
            "policy": "paced",
            "seed": seed,
            "target": None,
            "day": [1.0] * 24,
            "answer_limit_s": 5.0,
        },
        "complete": True,
        "registers": registers,
        "documents_planned": planned,
        "documents_sent": planned,
        "documents_acknowledged": planned,
        "lost": 0,
        "doubled": 0,
        "out_of_order": 0,
        "late": 0,
        "drain_s": seconds - 0.25,
        "documents_per_s": planned / (seconds - 0.25),
        "latency_ms": percentiles(chance, 42.0, planned),
        "delay_ms": percentiles(chance, 3_100.0, planned),
        "wait_ms": percentiles(chance, 480.0, registers),
        "queue_peak": max((tick.queued or 0 for tick in ticks), default=0),
        "connects": registers + 17,
        "put_off": 300,
        "faulty": (),
        "ticks": tuple(ticks),
        "server": ServerCost(cpu_s=9.51, rss_max_mb=212.5),
        "generator_cpu_s": 2.34567,
        "reference": Reference(echo_per_s=52_000.0, ratio=0.41),
        "errors": {"the connection broke": 3},
    }
    return Result(**(plain | given))


def foreign(**given: Any) -> Result:
    """A storm against an operator of somebody else: what cannot be seen from outside was not measured."""
    return storm(lost=None, doubled=None, out_of_order=None, queue_peak=None, server=None, reference=None, **given)


def faulty(count: int = 2, **given: Any) -> Result:
    """A storm that something went wrong in."""
    verdicts = tuple(
        RegisterVerdict(
            register_id=f"load-{number:05d}",
            sent=100,
            acknowledged=100,
            lost=1,
            doubled=0,
            out_of_order=0,
            late=0,
            first=f"document {number + 1} was acknowledged and is <not> in the ledger",
        )
        for number in range(count)
    )
    return storm(faulty=verdicts, lost=count, **given)


def report(result: Result | None = None) -> Report:
    """The report of a run, which was stopped if it is not complete."""
    made = result or storm()
    return report_of(made, version="0.1.0", machine=MACHINE, is_stopped=not made.complete)


def comparison(complete: bool = True) -> Comparison:
    """Three policies, the first the worst."""
    runs = {
        name: report(
            storm(
                seed,
                seconds=seconds,
                queue_peak=peak,
                scenario={"policy": name, "seed": 7, "answer_limit_s": 5.0},
                late=late,
            )
        )
        for seed, (name, seconds, peak, late) in enumerate(
            (("none", 18, 91_000, 4_312), ("full", 15, 24_000, 0), ("paced", 12, 1_900, 0))
        )
    }
    return Comparison(version="0.1.0", complete=complete, runs=runs)
