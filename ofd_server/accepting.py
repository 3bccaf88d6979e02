"""Connections that come together are taken together.

The rule: who has knocked is let in before anybody inside is served again. uvloop takes one connection in each turn of its
loop (500 that wait at once take 500 turns; asyncio's own loop takes them in one). Under load a turn serves everybody who
is inside and may last 50 ms, so a storm of registers would stand at the door for longer than it waits for an answer. So
when the loop has taken one, all the others that wait are taken in the same turn.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from asyncio import base_events
from collections.abc import Callable, Sequence
from typing import Any, Final

ACCEPTS_MAX: Final = 128
"""Connections of one listener that are taken in a turn: some 10 ms of work with what they ask first. Ten thousand registers
are in within eighty turns."""


class Listener:
    """What listens on one address; it is made by :func:`listen`, and closed by its owner."""

    def __init__(self, factory: Callable[[], asyncio.BaseProtocol], tls: ssl.SSLContext | None) -> None:
        self._factory = factory
        self._tls = tls
        self._loop = asyncio.get_running_loop()
        self._server: asyncio.Server | None = None
        self._doors: list[socket.socket] = []
        self._is_due = False
        self._arriving: set[asyncio.Task[None]] = set()

    async def open(self, **where: Any) -> None:
        """Listen where :meth:`asyncio.loop.create_server` is told to; :class:`OSError` when that cannot be had."""
        takes_all = isinstance(self._loop, base_events.BaseEventLoop)
        factory = self._factory if takes_all else self._take
        self._server = await self._loop.create_server(factory, ssl=self._tls, **where)
        if not takes_all:
            self._doors = [socket.socket(fileno=os.dup(each.fileno())) for each in self._server.sockets]

    @property
    def sockets(self) -> Sequence[Any]:
        """What is listened on."""
        return () if self._server is None else self._server.sockets

    def is_serving(self) -> bool:
        """Whether connections are taken."""
        return self._server is not None and self._server.is_serving()

    def close(self) -> None:
        """Take no more connections; those that were taken stay."""
        if self._server is not None:
            self._server.close()
        while self._doors:
            self._doors.pop().close()

    def _take(self) -> asyncio.BaseProtocol:
        """The loop has taken a connection: see who else is there."""
        if not self._is_due:
            self._is_due = True
            self._loop.call_soon(self._take_more)
        return self._factory()

    def _take_more(self) -> None:
        self._is_due = False
        for door in self._doors:
            for _ in range(ACCEPTS_MAX):
                try:
                    came, _address = door.accept()
                except OSError:  # nobody else waits; or no more files, which the loop finds out by itself
                    break
                arriving = self._loop.create_task(self._let_in(came))
                self._arriving.add(arriving)
                arriving.add_done_callback(self._arriving.discard)

    async def _let_in(self, came: socket.socket) -> None:
        came.setblocking(False)
        try:
            came.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self._loop.connect_accepted_socket(self._factory, came, ssl=self._tls)
        except OSError:  # who has come is gone, or does not speak TLS
            came.close()


async def listen(factory: Callable[[], asyncio.BaseProtocol], tls: ssl.SSLContext | None, **where: Any) -> Listener:
    """Listen with a protocol for each connection; ``where`` as for :meth:`asyncio.loop.create_server`, whose errors come out."""
    listener = Listener(factory, tls)
    await listener.open(**where)
    return listener


__all__ = ["ACCEPTS_MAX", "Listener", "listen"]
