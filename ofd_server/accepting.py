"""Connections that come together are taken together, and none is forgotten.

Two rules. Who has knocked is let in before anybody inside is served again: uvloop takes one connection in each turn of its
loop (500 that wait at once take 500 turns). Under load a turn serves everybody who is inside and may last 50 ms, so a
storm of registers would stand at the door for longer than it waits for an answer. And who was let in has a connection until
it ends: asyncio's own server forgets whom it has half taken when it closes, and the other side is left with a connection
that nobody has. So we take them ourselves, on either loop.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import structlog

ACCEPTS_MAX: Final = 128
"""Connections of one listener that are taken in a turn: some 10 ms of work with what they ask first. Ten thousand registers
are in within eighty turns."""
REST_S: Final = 1.0
"""After it was told that there are no more files, a listener waits so long; who knocks meanwhile waits in the backlog."""
OUT_OF: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
"""What a system says that has no room for a connection, and keeps saying."""

log = structlog.get_logger(__name__)


class Listener:
    """What listens on one address; it is made by :func:`listen`, and closed by its owner."""

    def __init__(self, factory: Callable[[], asyncio.BaseProtocol], tls: ssl.SSLContext | None) -> None:
        self._factory = factory
        self._tls = tls
        self._loop = asyncio.get_running_loop()
        self._server: asyncio.Server | None = None
        self._doors: list[socket.socket] = []
        self._arriving: set[asyncio.Task[None]] = set()

    async def open(self, *, backlog: int, **where: Any) -> None:
        """Listen where :meth:`asyncio.loop.create_server` is told to; :class:`OSError` when that cannot be had."""
        by_ourselves = has_readers(self._loop)
        self._server = await self._loop.create_server(
            self._factory, ssl=self._tls, backlog=backlog, start_serving=not by_ourselves, **where
        )
        if by_ourselves:
            try:
                for each in self._server.sockets:
                    door = socket.socket(fileno=os.dup(each.fileno()))
                    self._doors.append(door)
                    door.setblocking(False)
                    door.listen(backlog)
                    self._loop.add_reader(door, self._take, door)
            except BaseException:
                self.close()
                raise

    @property
    def sockets(self) -> Sequence[Any]:
        """What is listened on."""
        return () if self._server is None else self._server.sockets

    def is_serving(self) -> bool:
        """Whether connections are taken."""
        return bool(self._doors) or (self._server is not None and self._server.is_serving())

    def close(self) -> None:
        """Take no more connections; those that were taken stay."""
        while self._doors:
            door = self._doors.pop()
            self._loop.remove_reader(door)
            door.close()
        if self._server is not None:
            self._server.close()

    def _take(self, door: socket.socket) -> None:
        """Somebody has knocked."""
        for _ in range(ACCEPTS_MAX):
            try:
                came, _address = door.accept()
            except OSError as error:
                if error.errno in OUT_OF:
                    log.warning("connections cannot be taken", error=error.strerror, rest_s=REST_S)
                    self._loop.remove_reader(door)
                    self._loop.call_later(REST_S, self._take_again, door)
                return  # nobody else waits, or who waited is gone
            arriving = self._loop.create_task(self._let_in(came))
            self._arriving.add(arriving)
            arriving.add_done_callback(partial(self._arrived, came))

    def _take_again(self, door: socket.socket) -> None:
        if door in self._doors:
            self._loop.add_reader(door, self._take, door)

    async def _let_in(self, came: socket.socket) -> None:
        if not self.is_serving():
            came.close()
            return
        try:
            came.setblocking(False)
            came.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self._loop.connect_accepted_socket(self._factory, came, ssl=self._tls)
        except OSError:  # who has come is gone, or does not speak TLS
            came.close()

    def _arrived(self, came: socket.socket, arriving: asyncio.Task[None]) -> None:
        self._arriving.discard(arriving)
        if arriving.cancelled():  # the loop ends
            came.close()


def has_readers(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether a loop tells of sockets that somebody knocks at; Windows' own does not, nor does one without sockets."""
    with socket.socket() as some:
        try:
            loop.remove_reader(some)
        except NotImplementedError:
            return False
    return True


async def listen(
    factory: Callable[[], asyncio.BaseProtocol], tls: ssl.SSLContext | None, *, backlog: int, **where: Any
) -> Listener:
    """Listen with a protocol for each connection; ``where`` as for :meth:`asyncio.loop.create_server`, whose errors come out."""
    listener = Listener(factory, tls)
    await listener.open(backlog=backlog, **where)
    return listener


__all__ = ["ACCEPTS_MAX", "REST_S", "Listener", "listen"]
