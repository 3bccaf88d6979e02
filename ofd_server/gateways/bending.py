"""What gateways under a fault plan have in common: lines that bend, turns that wait, and endings.

The rule: the plan decides (:mod:`fiscal.faults`), a gateway carries out. What it cannot do itself (block a register, fill
the disk, die) it asks of a :class:`Host`.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, Protocol

from fiscal.faults.answers import host_effects
from fiscal.faults.effects import Effect, HostEffect
from fiscal.faults.line import Line
from fiscal.faults.wire import Ending, Step, bend
from fiscal.protocols.splitting import Framing, Piece, Splitter
from fiscal.time import Moment

MS: Final = 1_000
"""Milliseconds of a second: a plan counts in these, a loop in seconds."""

_LINGER_NOT: Final = struct.pack("ii", 1, 0)
"""SO_LINGER of no time at all: closing sends a reset instead of a farewell."""


class Host(Protocol):
    """The server around a gateway, as far as a plan can harm it."""

    def suffer(self, effect: HostEffect, register_id: str) -> None:
        """Let this happen to the server, about the request of this register that is at hand."""
        ...

    def relieve(self, register_id: str) -> None:
        """The request has its answer: what was to happen to its commit, and has not, happens no more."""
        ...

    def crash(self) -> None:
        """Die. Returns where no process may."""
        ...


class Bent:
    """One direction of a connection: hands on what its line lets through, when it lets it through.

    ``idle`` is called whenever nothing waits any more.
    """

    def __init__(self, deliver: Callable[[bytes | Ending], None], idle: Callable[[], None] = lambda: None) -> None:
        self._deliver = deliver
        self._idle = idle
        self._line = Line()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_free(self) -> bool:
        """Whether what is put now leaves now."""
        return self._line.is_free(asyncio.get_running_loop().time())

    @property
    def is_waiting(self) -> bool:
        """Whether something was put that has not left."""
        return self._timer is not None

    def put(self, steps: Iterable[Step]) -> None:
        """One frame's steps."""
        self._line.put(tuple(steps), asyncio.get_running_loop().time())
        self._pump()

    def _pump(self) -> None:
        loop = asyncio.get_running_loop()
        self.cancel()
        for thing in self._line.take(loop.time()):
            self._deliver(thing)
        moment = self._line.deadline()
        if moment is None:
            self._idle()
        elif self._timer is None:  # a delivery may have put something of its own
            self._timer = loop.call_at(moment, self._pump)

    def cancel(self) -> None:
        """Nothing more leaves by itself."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Arrivals:
    """What comes over a connection, frame by frame, and then its end: each as late and as bent as a plan has it.

    ``take`` gets what has come through, ``ended`` is called when the other side has ended and all before it is through.
    """

    def __init__(self, framing: Framing, take: Callable[[bytes | Ending], None], ended: Callable[[], object]) -> None:
        self._frames = Splitter(framing)
        self._line = Bent(take, self._all_through)
        self._ended = ended
        self._has_ended = False
        self._partial_since: Moment | None = None

    @property
    def is_amid_frame(self) -> bool:
        """Whether a frame has begun and is not whole, and its limit runs."""
        return self._partial_since is not None

    @property
    def is_plain(self) -> bool:
        """Whether nothing stands before what comes now: it need not be looked at."""
        return not self._frames.is_amid_frame and self._line.is_free

    def feed(self, data: bytes, now: Moment, arrive: Callable[[Piece], None]) -> None:
        """Cut what was read into pieces; ``arrive`` puts each on the line, bent."""
        for piece in self._frames.feed(data):
            arrive(piece)
        self._partial_since = now if self._frames.is_amid_frame else None

    def put(self, steps: Iterable[Step]) -> None:
        """One piece's steps."""
        self._line.put(steps)

    def end(self) -> None:
        """The other side has no more to say."""
        self._has_ended = True
        self._give_up()
        self._line.put(bend(b""))

    def look_at_limit(self, now: Moment, limit_s: float) -> None:
        """Let a frame go on that will never be whole: who reads it looks at its limit."""
        since = self._partial_since
        if since is not None and now - since > limit_s:
            self._partial_since = None
            self._give_up()

    def cancel(self) -> None:
        """Nothing more comes through by itself."""
        self._line.cancel()

    def _give_up(self) -> None:
        for piece in self._frames.end():
            self._line.put(bend(piece.data))

    def _all_through(self) -> None:
        if self._has_ended:
            self._has_ended = False
            self._ended()


class Turns:
    """What a connection asks, one after the other: a delay of one holds up all that come behind it."""

    def __init__(self) -> None:
        self._queue: deque[tuple[float, Callable[[], None]]] = deque()

    def put(self, delay_ms: int, act: Callable[[], None]) -> None:
        """``act`` so much later, and not before what was put before it."""
        if not delay_ms and not self._queue:
            act()
            return
        loop = asyncio.get_running_loop()
        before = self._queue[-1][0] if self._queue else 0.0
        self._queue.append((max(loop.time() + delay_ms / MS, before), act))
        if len(self._queue) == 1:
            loop.call_at(self._queue[0][0], self._go_on)

    def _go_on(self) -> None:
        loop = asyncio.get_running_loop()
        act = self._queue.popleft()[1]
        if self._queue:
            loop.call_at(self._queue[0][0], self._go_on)
        act()


def pass_on(transport: asyncio.Transport, thing: bytes | Ending, host: Host, take: Callable[[bytes], None]) -> None:
    """What a line has let go: bytes to ``take``, an ending to the connection; nothing any more when that is closing."""
    if transport.is_closing():
        return
    if isinstance(thing, Ending):
        end(transport, thing, host)
    else:
        take(thing)


def hand_on(host: Host, effects: Iterable[Effect], register_id: str) -> None:
    """What of these effects befalls the server itself."""
    for effect in host_effects(effects):
        host.suffer(effect, register_id)


def reset(transport: asyncio.Transport) -> None:
    """End a connection by TCP RST."""
    raw = transport.get_extra_info("socket")
    if raw is not None:  # a simulated connection has none
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    transport.abort()


def end(transport: asyncio.Transport, ending: Ending, host: Host) -> None:
    """End a connection, or more, as a step says."""
    match ending:
        case Ending.STALL:
            transport.pause_reading()
        case Ending.HALF_CLOSE if transport.can_write_eof():
            transport.write_eof()
        case Ending.HALF_CLOSE:  # TLS has no halves
            transport.close()
        case Ending.RESET:
            reset(transport)
        case Ending.CRASH:
            host.crash()
            reset(transport)
