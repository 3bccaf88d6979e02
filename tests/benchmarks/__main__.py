"""``python -m tests.benchmarks [NAME...] [--json] [--quick]``: how fast it is, each figure beside its reference.

Nothing here is a test: a figure that misses its aim is told, and the command succeeds. All traffic stays on the
loopback, everything is bounded in number and time.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from tests.benchmarks import (
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
)
from tests.benchmarks.figures import Absent, Figure
from tests.benchmarks.machine import allow_many_files, describe

BENCHMARKS: Final[Mapping[str, Callable[[bool], Sequence[Figure | Absent]]]] = {
    "ingest": ingest.run,
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


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure speed.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; all without one")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--quick", action="store_true", help="one short round of each: to see that it runs")
    asked = parser.parse_args()
    unknown = [name for name in asked.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark {unknown[0]!r}: there are {', '.join(BENCHMARKS)}")
    allow_many_files()
    machine = describe()
    if not asked.json:
        libraries = ", ".join(f"{name} {number}" for name, number in machine["libraries"].items())
        print(f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}, disk {machine['disk']}")
        print(f"Python {machine['python']}, {libraries}; load before {machine['load_before']:.2f}\n", flush=True)
    found: list[Figure | Absent] = []
    for name in asked.names or BENCHMARKS:
        figures = BENCHMARKS[name](asked.quick)
        found.extend(figures)
        if not asked.json:
            for figure in figures:
                print("\n".join(figure.lines()), flush=True)
    if asked.json:
        print(json.dumps({"machine": machine, "figures": [figure.plain() for figure in found]}, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
