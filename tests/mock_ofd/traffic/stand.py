"""A proxy on the loopback with whatever stands behind it, and what it has written."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from fiscal.protocols.catalogue import transcript_named
from mock_ofd.traffic.proxy import Proxy
from mock_ofd.traffic.recording import Recorder
from tests.documents import T0

LIMIT_S: Final = 10.0
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(serve: Serve) -> AsyncIterator[tuple[str, int]]:
    """Something that is connected to."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[:2]
    finally:
        server.close()


class Stand:
    """What a proxy wrote so far, as lines."""

    def __init__(self, proxy: Proxy, file: io.StringIO, address: tuple[str, int]) -> None:
        self.proxy = proxy
        self.file = file
        self.address = address

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.file.getvalue().splitlines()[1:]]

    @property
    def events(self) -> list[tuple[int, str, str]]:
        return [(line["connection"], line["event"], line["from"]) for line in self.lines if "event" in line]

    def raw(self, side: str) -> bytes:
        return b"".join(bytes.fromhex(line["raw"]) for line in self.lines if "raw" in line and line["from"] == side)

    async def until(self, *event: Any) -> None:
        """Wait for an event."""
        async with asyncio.timeout(LIMIT_S):
            while event not in self.events:  # noqa: ASYNC110 - what is written calls nobody
                await asyncio.sleep(0.005)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(*self.address)


@asynccontextmanager
async def between(to: tuple[str, int], protocol: str = "native", *, secrets: bool = True) -> AsyncIterator[Stand]:
    """A proxy before this address."""
    file = io.StringIO()
    transcript = transcript_named(protocol)
    recorder = Recorder(file, transcript, to=f"{to[0]}:{to[1]}", at=T0, secrets=secrets)
    proxy = Proxy(transcript, recorder, to, lambda: T0)
    address = await proxy.start("127.0.0.1", 0)
    try:
        async with asyncio.timeout(LIMIT_S):
            yield Stand(proxy, file, address)
    finally:
        await proxy.stop()
