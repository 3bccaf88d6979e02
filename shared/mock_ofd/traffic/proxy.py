"""Between any register and any operator: every byte goes on as it came, and is written down.

The rule: bytes are passed on before anybody looks at them, in both directions, and nothing that is in them can stop
them. An end of one side is passed on as an end, a reset as a reset. One slow reader slows its own connection alone.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from fiscal.protocols.recording import Happening, Side
from fiscal.protocols.splitting import Splitter
from fiscal.protocols.transcript import Transcript
from fiscal.time import Instant
from mock_ofd.traffic.recording import Recorder
from ofd_server.accepting import Listener, listen

CHUNK: Final = 65_536
"""Bytes that are read at once."""
BACKLOG: Final = 1_024
"""Registers that may knock at once; a fleet comes back through one proxy."""
_RESET: Final = struct.pack("ii", 1, 0)
"""Lingering for no time at all: the kernel ends the connection with a reset."""


class Proxy:
    """One listener. :meth:`start`, and :meth:`stop` ends it with all its connections."""

    def __init__(
        self, transcript: Transcript, recorder: Recorder, to: tuple[str, int], now: Callable[[], Instant]
    ) -> None:
        self._transcript = transcript
        self._recorder = recorder
        self._to = to
        self._now = now
        self._listener: Listener | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._count = 0

    async def start(self, host: str, port: int) -> tuple[str, int]:
        """Listen; the address in use. :class:`OSError` when it cannot be had."""
        self._listener = await listen(self._protocol, None, host=host, port=port, backlog=BACKLOG)
        bound = self._listener.sockets[0].getsockname()
        return bound[0], bound[1]

    async def stop(self) -> None:
        """Take nothing more, and let go of every connection."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _protocol(self) -> asyncio.StreamReaderProtocol:
        return asyncio.StreamReaderProtocol(asyncio.StreamReader(), self._serve)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._listener is None:  # it was taken in the last moment
            writer.transport.abort()
            return
        self._count += 1
        number = self._count
        task = asyncio.current_task()
        assert task is not None, "a connection is served by a task"
        self._tasks.add(task)
        try:
            await self._connect(number, reader, writer)
        except asyncio.CancelledError:
            pass  # stop() lets go of it, and nobody else: a task of the streams that ends so is an error to Python 3.11
        finally:
            self._tasks.discard(task)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _connect(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._happened(number, Happening.OPENED, Side.REGISTER)
        try:
            operator_reader, operator_writer = await asyncio.open_connection(*self._to)
        except OSError:
            self._happened(number, Happening.UNREACHABLE, Side.OPERATOR)
            _reset(writer)
            return
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(number, Side.REGISTER, reader, operator_writer))
                both.create_task(self._pump(number, Side.OPERATOR, operator_reader, writer))
        except* _Gone:
            _reset(writer)
            _reset(operator_writer)
        finally:
            operator_writer.close()
            with suppress(OSError):
                await operator_writer.wait_closed()

    async def _pump(self, number: int, side: Side, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        """One direction, until its end; :class:`_Gone` when either peer is no more."""
        splitter = Splitter(self._transcript)
        try:
            while data := await _read(source):
                target.write(data)
                at = self._now()
                for piece in splitter.feed(data):
                    self._recorder.passed(at, number, side, piece)
                with suppress(ConnectionError):  # whoever is gone is told of by the other direction
                    await target.drain()
        except ConnectionError as error:
            self._end(number, side, splitter, Happening.RESET)
            raise _Gone from error
        self._end(number, side, splitter, Happening.ENDED)
        if target.can_write_eof():
            with suppress(OSError):  # gone already
                target.write_eof()

    def _end(self, number: int, side: Side, splitter: Splitter, how: Happening) -> None:
        at = self._now()
        for piece in splitter.end():
            self._recorder.passed(at, number, side, piece)
        self._recorder.happened(at, number, how, side)

    def _happened(self, number: int, what: Happening, side: Side) -> None:
        self._recorder.happened(self._now(), number, what, side)


class _Gone(Exception):
    """A peer has reset its connection."""


async def _read(source: asyncio.StreamReader) -> bytes:
    return await source.read(CHUNK)


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection as a peer does that is no more."""
    raw = writer.get_extra_info("socket")
    if raw is not None:
        with suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()
