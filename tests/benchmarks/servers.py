"""The servers of a benchmark, each a process of its own on the server's core: the product, and what it is measured
against.
"""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.machine import Process, cores


def operator(data: Path | None, protocol: str = "native", *, storage: str | None = None) -> Process:
    """``mock-ofd serve`` as a shop would run it, one protocol only; ``None`` keeps the ledger in memory, ``storage`` in
    a database.
    """
    # The registers of a benchmark send as fast as they are answered, and none of them can be asked to come later.
    options = ["--log-level", "error", "--admission", "none"]
    for name in ("native", "kz", "http"):
        options += [f"--{name}", "127.0.0.1:0" if name == protocol else "off"]
    if data is not None:
        options += ["--data", str(data)]
    env = {} if storage is None else {"MOCK_OFD_STORAGE": storage}
    return Process(["-m", "mock_ofd", "serve", *options], cores()[0], env)


def echo() -> Process:
    """What comes goes back."""
    return Process(["-m", "tests.benchmarks.echo"], cores()[0])


def bare_http() -> Process:
    """aiohttp with a handler that reads the body and gives a fixed answer."""
    return Process(["-m", "tests.benchmarks.bare_http"], cores()[0])
