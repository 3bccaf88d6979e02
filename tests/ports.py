"""Ports for servers that are told their port before they start.

A port that the system gave and took back is soon given to the next connection that goes out, of another test that runs
beside this one. So these are taken from below the range that systems give by themselves, and each process of a test run
has a thousand of its own.
"""

from __future__ import annotations

import os
import socket
from itertools import count
from typing import Final

FIRST: Final = 15_000
"""Above what services have by habit."""
ROOM: Final = 1_000
"""For one process of a test run, over and over."""
ROOMS: Final = 17
"""The last ends before 32,768, where Linux begins to give; Windows and macOS begin at 49,152."""

_taken = count(os.getpid())


def room_of(worker: str) -> int:
    """The first port of a process of pytest-xdist (``gw0``, ``gw1``, …); one that runs alone is as the first."""
    return FIRST + int(worker.removeprefix("gw") or 0) % ROOMS * ROOM


def free_port() -> int:
    """A port of the loopback that nobody has, and that nobody is given before it is used."""
    first = room_of(os.environ.get("PYTEST_XDIST_WORKER", ""))
    for _ in range(ROOM):
        port = first + next(_taken) % ROOM
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            continue
    raise RuntimeError(f"none of the ports from {first} to {first + ROOM - 1} is free")
