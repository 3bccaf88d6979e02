"""A fleet on an event loop: a protocol for each connection, one alarm for all registers.

The rule: on the way of a document there is no task and no future. The loop calls a line with what came, the register
says what to write, and that is written at once. Alarms lie in one heap, and a register that is only waiting for its
next answer does not touch it: its old alarm rings, and is set anew then.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from functools import partial
from heapq import heappop, heappush
from math import inf
from typing import Final, cast

from fiscal.time import Moment
from kkt_client.core.saying import Cause, Said
from kkt_client.fleet.register import FleetRegister, Wish
from kkt_client.ports import cause_of_connecting

DIALLING_MAX: Final = 512
"""Connections that are being made at a time: an operator's queue of them has room for some thousand from everybody, and
what falls off it is tried again by the kernel a second later."""
CONNECT_LIMIT_S: Final = 5.0
"""How long a connection may take: as long as a sale would wait for it."""
SOURCE_MAX: Final = 20_000
"""Connections from one address of our own: the kernel has some 28,000 ports for them."""


class Driver:
    """The registers of a process and their connections to the operator at ``host``:``port``.

    ``sources`` are addresses of our own to connect from, each used by :data:`SOURCE_MAX` registers; none: whatever the
    system takes.
    """

    def __init__(self, host: str, port: int, registers: Sequence[FleetRegister], sources: Sequence[str] = ()) -> None:
        self.connects = 0
        """Connections that were made so far."""
        self.connected = 0
        """Connections that are open now."""
        self.first_connect: Moment = 0.0
        """When the first of them was made, 0 before that."""
        self._host = host
        self._port = port
        self._registers = registers
        self._sources = sources
        self._loop = asyncio.get_running_loop()
        self._alarms: list[tuple[Moment, int]] = []
        self._ringing: asyncio.TimerHandle | None = None
        self._rings_at: Moment = inf
        self._lines: list[Line | None] = [None] * len(registers)
        self._callers: deque[int] = deque()
        self._dialling: set[asyncio.Task[None]] = set()
        self._closed = False

    def start(self) -> None:
        """Let the registers begin, whose first moment is set."""
        for at in range(len(self._registers)):
            self.look_after(at)

    async def close(self) -> None:
        """Break every connection off, and wait until nothing of it is left."""
        self._closed = True
        if self._ringing is not None:
            self._ringing.cancel()
        for task in tuple(self._dialling):
            task.cancel()
        if self._dialling:
            await asyncio.wait(tuple(self._dialling))
        for line in self._lines:
            if line is not None:
                line.hang_up()
        await asyncio.sleep(0)

    # ------------------------------------------------------------------------------------------------- what they want

    def look_after(self, at: int) -> None:
        """Do what a register wants, and see to it that it is woken in time."""
        register = self._registers[at]
        if register.wants is not None:
            self._grant(at, register)
        if register.wake_at < register.scheduled:
            register.scheduled = register.wake_at
            heappush(self._alarms, (register.wake_at, at))
            self._set_alarm()

    def _grant(self, at: int, register: FleetRegister) -> None:
        match register.take_wish():
            case Wish.CONNECT:
                self._callers.append(at)
                self._dial()
            case Wish.DISCONNECT:
                line, self._lines[at] = self._lines[at], None
                if line is not None:
                    line.hang_up()

    def _set_alarm(self) -> None:
        first = self._alarms[0][0]
        if first >= self._rings_at or self._closed:
            return
        if self._ringing is not None:
            self._ringing.cancel()
        self._rings_at = first
        self._ringing = self._loop.call_later(max(0.0, first - time.monotonic()), self._ring)

    def _ring(self) -> None:
        self._ringing, self._rings_at = None, inf
        alarms, now = self._alarms, time.monotonic()
        while alarms and alarms[0][0] <= now:
            moment, at = heappop(alarms)
            register = self._registers[at]
            if moment != register.scheduled:
                continue  # it was woken earlier, or is woken by another alarm
            register.scheduled = inf
            data = register.wake(now)
            line = self._lines[at]
            if data and line is not None:
                line.write(data)
            self.look_after(at)
        if alarms:
            self._set_alarm()

    # --------------------------------------------------------------------------------------------------- connecting

    def _dial(self) -> None:
        while self._callers and len(self._dialling) < DIALLING_MAX and not self._closed:
            task = self._loop.create_task(self._connect(self._callers.popleft()))
            self._dialling.add(task)
            task.add_done_callback(self._dialled)

    def _dialled(self, task: asyncio.Task[None]) -> None:
        self._dialling.discard(task)
        if not task.cancelled():
            task.result()
        self._dial()

    async def _connect(self, at: int) -> None:
        source = (self._sources[at // SOURCE_MAX % len(self._sources)], 0) if self._sources else None
        try:
            async with asyncio.timeout(CONNECT_LIMIT_S):
                await self._loop.create_connection(partial(Line, self, at), self._host, self._port, local_addr=source)
        except TimeoutError:
            self._not_connected(at, Cause(Said.CONNECT_TIMEOUT, "there is no connection"))
        except OSError as error:
            why = error.strerror or str(error)
            self._not_connected(at, cause_of_connecting(error, f"{self._host}:{self._port}: {why}"))

    def _not_connected(self, at: int, cause: Cause) -> None:
        self._registers[at].not_connected(cause, time.monotonic())
        self.look_after(at)

    # ------------------------------------------------------------------------------------------------- of the lines

    def opened(self, at: int, line: Line) -> FleetRegister:
        """There is a connection."""
        if not self.connects:
            self.first_connect = time.monotonic()
        self.connects += 1
        self.connected += 1
        self._lines[at] = line
        return self._registers[at]

    def closed(self, at: int, line: Line, cause: Cause) -> None:
        """There is none any more."""
        self.connected -= 1
        if self._lines[at] is not line:
            return  # the register has left it
        self._lines[at] = None
        if not self._closed:
            self._registers[at].lost(cause, time.monotonic())
            self.look_after(at)


class Line(asyncio.Protocol):
    """One connection of one register."""

    __slots__ = ("_at", "_driver", "_register", "_transport")

    def __init__(self, driver: Driver, at: int) -> None:
        self._driver = driver
        self._at = at
        self._register: FleetRegister | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's transport is one without being its child
        register = self._register = self._driver.opened(self._at, self)
        self.write(register.connected(time.monotonic()))
        self._driver.look_after(self._at)

    def data_received(self, data: bytes) -> None:
        register = self._register
        if register is None:
            return
        answer = register.received(data, time.monotonic())
        if answer:
            self._transport.write(answer)  # type: ignore[union-attr]  # bytes come after the connection
        if register.wants is not None or register.wake_at < register.scheduled:
            self._driver.look_after(self._at)

    def connection_lost(self, error: Exception | None) -> None:
        self._register = None
        why = f"the connection broke: {error}" if error else "the operator closed the connection"
        self._driver.closed(self._at, self, Cause(Said.CONNECTION_LOST, why))

    def write(self, data: bytes) -> None:
        """Hand this over, if it is anything."""
        if data and self._transport is not None:
            self._transport.write(data)

    def hang_up(self) -> None:
        """Nothing more is said or heard."""
        self._register = None
        if self._transport is not None:
            self._transport.abort()


__all__ = ["CONNECT_LIMIT_S", "DIALLING_MAX", "SOURCE_MAX", "Driver", "Line"]
