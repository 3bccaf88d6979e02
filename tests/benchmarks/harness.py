"""The harness: how long a test waits for an operator, and what the plugin costs who does not use it.

The start is that of an operator with all three listeners and a ledger in memory, everything imported, against three bare
listeners of asyncio. The cleaning is a ``reset`` behind a small test (two connected registers, six documents), against
the way to the thread and back alone, which everything in that thread takes. The plugin is a run of pytest that only
collects, with the plugin and without it.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from kkt_client import BlockingCashRegister, Line
from ofd_server import OfdServer
from ofd_server.threaded import LoopThread, OfdServerThread
from tests.benchmarks.figures import Aim, Figure, Rounds

ROUNDS: Final = 15
COLLECTIONS: Final = 7
START_MS: Final = 50
CLEAN_MS: Final = 2
COLLECT_RATIO: Final = 1.05
REGISTERS: Final = 2
SALES: Final = 3
BREAD: Final = [Line(name="Хлеб", price=250_00)]
COLLECT: Final = ("-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider")
ALONE: Final = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""Other plugins of this environment would only add to both sides."""


def run(quick: bool) -> list[Figure]:
    """The figures of the harness."""
    rounds = 2 if quick else ROUNDS
    thread = LoopThread()
    try:
        _start(thread).stop()  # everything is imported by now
        return [_starting(thread, rounds), _cleaning(thread, rounds), _collecting(1 if quick else COLLECTIONS)]
    finally:
        thread.stop()


def _starting(thread: LoopThread, rounds: int) -> Figure:
    starts: list[float] = []
    listeners: list[float] = []
    for _ in range(rounds):
        begun = time.perf_counter()
        thread.run(_listen_and_close())
        listeners.append(_ms_since(begun))
        begun = time.perf_counter()
        ofd = _start(thread)
        starts.append(_ms_since(begun))
        ofd.stop()
    return Figure(
        name="start of an operator for tests",
        unit="ms",
        measured=Rounds(tuple(starts)),
        against="three bare listeners of asyncio, opened and closed",
        reference=Rounds(tuple(listeners)),
        aims=(Aim("at most", START_MS, "figure"),),
    )


def _cleaning(thread: LoopThread, rounds: int) -> Figure:
    cleanings: list[float] = []
    ways: list[float] = []
    ofd = _start(thread)
    with TemporaryDirectory() as folder:
        for number in range(rounds):
            tills = [_till(ofd, Path(folder) / f"{number}-{register}") for register in range(REGISTERS)]
            begun = time.perf_counter()
            thread.run(asyncio.sleep(0))
            ways.append(_ms_since(begun))
            begun = time.perf_counter()
            ofd.reset()
            cleanings.append(_ms_since(begun))
            for till in tills:
                till.close()
    ofd.stop()
    return Figure(
        name="cleaning an operator behind a test",
        unit="ms",
        measured=Rounds(tuple(cleanings)),
        against="the way to its thread and back",
        reference=Rounds(tuple(ways)),
        aims=(Aim("at most", CLEAN_MS, "figure"),),
    )


def _collecting(rounds: int) -> Figure:
    with_it: list[float] = []
    without: list[float] = []
    with TemporaryDirectory() as folder:
        (Path(folder) / "test_nothing.py").write_text("def test_nothing():\n    pass\n", encoding="utf-8")
        (Path(folder) / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        for _ in range(rounds + 1):
            without.append(_collect(folder))
            with_it.append(_collect(folder, "-p", "mock_ofd.pytest_plugin"))
    return Figure(
        name="pytest that collects, with the plugin and no test that asks for it",
        unit="ms",
        measured=Rounds(tuple(with_it[1:])),
        against="without the plugin",
        reference=Rounds(tuple(without[1:])),
        aims=(Aim("at most", COLLECT_RATIO, "ratio"),),
    )


def _start(thread: LoopThread) -> OfdServerThread:
    ofd = OfdServerThread(OfdServer, thread)
    ofd.start()
    return ofd


def _till(ofd: OfdServerThread, folder: Path) -> BlockingCashRegister:
    till = BlockingCashRegister(folder, ofd.url())
    for _ in range(SALES):
        till.sell(BREAD)
    return till


async def _listen_and_close() -> None:
    loop = asyncio.get_running_loop()
    servers = [await loop.create_server(asyncio.Protocol, "127.0.0.1", 0) for _ in range(3)]
    for server in servers:
        server.close()
        await server.wait_closed()


def _collect(folder: str, *more: str) -> float:
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, *COLLECT, *more],
        cwd=folder,
        env={**os.environ, **ALONE},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return _ms_since(begun)


def _ms_since(begun: float) -> float:
    return (time.perf_counter() - begun) * 1e3
