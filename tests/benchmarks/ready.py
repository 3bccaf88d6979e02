"""Ready: from the start of ``mock-ofd serve`` to its ready line, against importing its four large libraries alone.

Both are timed to their first line of output, the compiled modules of both lie ready (a first start of each is not
counted), and both have a core to themselves.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from tests.benchmarks.figures import Aim, Figure, Rounds
from tests.benchmarks.machine import Process, cores, folder

ROUNDS: Final = 9
RATIO_AIM: Final = 2.5
IMPORTS: Final = "import aiohttp.web, pydantic, uvloop, msgpack; print('{}')"
SERVE: Final = ("-m", "mock_ofd", "serve", "--native", "127.0.0.1:0", "--http", "127.0.0.1:0")


def run(quick: bool) -> list[Figure]:
    """The figure of the start."""
    serve: list[float] = []
    imports: list[float] = []
    with folder() as compiled:
        env = {"PYTHONPYCACHEPREFIX": str(compiled), "PYTHONDONTWRITEBYTECODE": ""}
        for args in (SERVE, ("-c", IMPORTS)):
            _start(args, env)
        for _ in range(1 if quick else ROUNDS):
            imports.append(_start(("-c", IMPORTS), env))
            serve.append(_start(SERVE, env))
    return [
        Figure(
            name="start of mock-ofd serve to its ready line",
            unit="ms",
            measured=Rounds(tuple(serve)),
            against="import aiohttp.web, pydantic, uvloop, msgpack",
            reference=Rounds(tuple(imports)),
            aims=(Aim("at most", RATIO_AIM, "ratio"),),
        )
    ]


def _start(args: Sequence[str], env: dict[str, str]) -> float:
    """Milliseconds from the start of a process to its first line."""
    begun = time.perf_counter()
    with Process(args, cores()[0], env) as process:
        process.line()
        return (time.perf_counter() - begun) * 1e3
