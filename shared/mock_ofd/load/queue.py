"""What waited ahead of the operator's commit, as the operator itself has counted it.

The rule: it is asked once, when the storm is over, so that looking changes nothing. An operator that does not tell (a
foreign one, or one whose HTTP interface is off) leaves ``None`` behind, and never zero.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from msgspec.structs import replace

from fiscal.time import SECOND
from mock_ofd.load.result import Tick

ASK_S: Final = 5.0
"""How long the operator may take to tell: it has just been under a storm."""
ANSWER_MAX: Final = 1_024 * 1_024
"""Bytes of the answer: a quarter of an hour takes some 50 KB."""

Peaks = Mapping[int, int]
"""The most documents ahead of a commit by the second since the epoch; seconds without a commit are not in it."""


async def ask(address: str) -> Peaks | None:
    """What the operator whose HTTP interface is at ``HOST:PORT`` has counted; ``None`` when it does not tell."""
    host, _, port = address.rpartition(":")
    with suppress(OSError, EOFError, TimeoutError, ValueError, LookupError, TypeError, asyncio.LimitOverrunError):
        async with asyncio.timeout(ASK_S):
            body = await _get(host.strip("[]"), int(port))
        return {int(second["at"]) // SECOND: int(second["queue_peak"]) for second in _table(body)["seconds"]}
    return None


async def _get(host: str, port: int) -> bytes:
    """The body of ``/api/v1/load``: one request over HTTP/1.0, whose end is the end of the connection."""
    reader, writer = await asyncio.open_connection(host, port, limit=ANSWER_MAX)
    try:
        writer.write(f"GET /api/v1/load HTTP/1.0\r\nHost: {host}:{port}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head.partition(b"\r\n")[0]:
            raise ValueError("this operator does not tell")
        return await reader.read(ANSWER_MAX) if b"content-length" not in head.lower() else await _whole(reader, head)
    finally:
        writer.close()


async def _whole(reader: asyncio.StreamReader, head: bytes) -> bytes:
    lines = [line.partition(b":") for line in head.lower().split(b"\r\n")]
    (size,) = [int(value) for name, _, value in lines if name == b"content-length"]
    return await reader.readexactly(min(size, ANSWER_MAX))


def _table(body: bytes) -> dict[str, Any]:
    found = json.loads(body)
    if not isinstance(found, dict):
        raise TypeError("an object was expected")
    return found


def with_queue(ticks: Sequence[Tick], peaks: Peaks, restored_at: float) -> tuple[Tick, ...]:
    """The seconds of a run with what was ahead of the commit in each: 0 where nothing was committed.

    ``restored_at`` is when the link came back, in seconds since the epoch. The operator counts whole seconds of its
    clock, so a peak may stand in the second before its own.
    """
    begin = int(restored_at)
    return tuple(replace(tick, queued=peaks.get(begin + tick.at_s, 0)) for tick in ticks)


def peak_of(peaks: Peaks, restored_at: float) -> int:
    """The most of all since the link came back."""
    return max((peak for second, peak in peaks.items() if second >= int(restored_at)), default=0)


__all__ = ["ASK_S", "Peaks", "ask", "peak_of", "with_queue"]
