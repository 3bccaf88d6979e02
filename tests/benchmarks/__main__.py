"""``python -m tests.benchmarks [NAME...] [--json | --markdown] [--quick]``: how fast it is, each figure beside its reference.

Nothing here is a test: a figure that misses its aim is told, and the command succeeds. A round that is not valid (an answer
was wrong, a verdict not clean) is told, the others are measured, and the command ends with 1. All traffic stays on the
loopback, everything is bounded in number and time.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from fiscal.errors import FiscalError
from tests.benchmarks import (
    fleet,
    half_open,
    harness,
    http,
    idle,
    ingest,
    judge,
    kz,
    kz_backlog,
    page,
    peers,
    postgresql,
    ready,
    sell,
    stages,
    storm,
)
from tests.benchmarks.figures import HEAD, Absent, Figure
from tests.benchmarks.machine import allow_many_files, describe

BENCHMARKS: Final[Mapping[str, Callable[[bool], Sequence[Figure | Absent]]]] = {
    "ingest": ingest.run,
    "fleet": fleet.run,
    "storm": storm.run,
    "curve": storm.curve,
    "http": http.run,
    "peers": peers.run,
    "kz": kz.run,
    "kz-backlog": kz_backlog.run,
    "sell": sell.run,
    "ready": ready.run,
    "idle": idle.run,
    "half-open": half_open.run,
    "stages": stages.run,
    "page": page.run,
    "judge": judge.run,
    "postgresql": postgresql.run,
    "harness": harness.run,
}

WHY_MAX: Final = 300
"""Characters of the reason why a round is not valid."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure speed.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; all without one")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--quick", action="store_true", help="one short round of each: to see that it runs")
    parser.add_argument("--markdown", action="store_true", help="a table, as docs/reference/performance.md has them")
    asked = parser.parse_args()
    unknown = [name for name in asked.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark {unknown[0]!r}: there are {', '.join(BENCHMARKS)}")
    allow_many_files()
    machine = describe()
    if not asked.json:
        _tell_machine(machine)
    if asked.markdown:
        print("\n".join(HEAD), flush=True)
    found: list[Figure | Absent] = []
    failed = False
    for name in asked.names or BENCHMARKS:
        try:
            figures = BENCHMARKS[name](asked.quick)
        except (RuntimeError, FiscalError, OSError) as error:
            figures, failed = [Absent(name=name, why=str(error)[:WHY_MAX])], True
        found.extend(figures)
        if not asked.json:
            for figure in figures:
                print(figure.row() if asked.markdown else "\n".join(figure.lines()), flush=True)
    if asked.json:
        print(json.dumps({"machine": machine, "figures": [figure.plain() for figure in found]}, ensure_ascii=False))
    return int(failed)


def _tell_machine(machine: Mapping[str, Any]) -> None:
    libraries = ", ".join(f"{name} {number}" for name, number in machine["libraries"].items())
    print(f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}, disk {machine['disk']}")
    print(f"Python {machine['python']}, {libraries}; load before {machine['load_before']:.2f}\n", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:  # `python -m tests.benchmarks | head`
        sys.stderr.close()
        sys.exit(1)
