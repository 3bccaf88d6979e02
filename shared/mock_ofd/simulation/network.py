"""A network under the event loop: addresses, connections with latency, cuts, half-open ends.

The product's own transports and gateways run on it unchanged, because it stands where the operating system stands:
:meth:`SimulatedLoop.create_server` and :meth:`SimulatedLoop.create_connection`. Bytes of one direction keep their order
and may arrive in pieces. A cut link delivers nothing more; its ends learn of it after a while, or when they write.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import copy_context
from random import Random
from typing import Any, Final, cast

from mock_ofd.simulation.loop import _CURRENT, Process, VirtualLoop, current_process

LATENCY_S: Final = (0.0005, 0.02)
"""From one end to the other: a wire in the shop up to a mobile network on a good day."""
NOTICE_S: Final = (0.05, 3.0)
"""How long an end takes to notice that its peer or the link is gone."""
TICK_S: Final = 1e-6
"""Between two pieces on one way: timers of one moment run in no certain order."""
CONNECT_TIMEOUT_S: Final = 30.0
"""How long a connection attempt hangs when packets vanish, if the caller does not give up before."""


class Wire(asyncio.Transport):
    """One end of a connection: what is written here arrives at ``peer`` later, in order, perhaps in pieces."""

    def __init__(self, network: Network, process: Process | None, protocol: asyncio.Protocol, label: str) -> None:
        super().__init__({"peername": (label, 0), "socket": None})
        self.network = network
        self.process = process
        self.protocol = protocol
        self.peer: Wire | None = None
        self.closing = False
        self.broken = False
        self.last_arrival = 0.0
        self._lost = False
        self._paused = False
        self._held: list[bytes] = []

    def in_process(self, callback: Callable[..., object], *args: Any) -> None:
        """Call back in the name of the process that owns this end; not at all when it was killed."""
        if self.process is not None and not self.process.alive:
            return
        context = copy_context()
        context.run(_CURRENT.set, self.process)
        context.run(callback, *args)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self.closing and data:
            self.network.carry(self, bytes(data))

    def writelines(self, list_of_data: Any) -> None:
        self.write(b"".join(list_of_data))

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.network.carry(self, b"")

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        if not self.closing:
            self.closing = True
            self.network.carry(self, b"")
            self.network.soon(0.0, self.lose, None)

    def abort(self) -> None:
        if not self.closing:
            self.closing = True
            self.network.reset_peer_of(self)
            self.network.soon(0.0, self.lose, None)

    def lose(self, error: Exception | None) -> None:
        """The connection is gone for this end."""
        if not self._lost:
            self._lost = True
            self.closing = True
            self.in_process(self.protocol.connection_lost, error)

    def arrive(self, data: bytes) -> None:
        """Bytes, or the end of the peer's half, reach this end."""
        if self._lost or self.closing:
            return
        if self._paused:
            self._held.append(data)
        elif data:
            self.in_process(self.protocol.data_received, data)
        else:
            self.in_process(self._end_of_peer)

    def _end_of_peer(self) -> None:
        if not self.protocol.eof_received():
            self.close()

    def pause_reading(self) -> None:
        self._paused = True

    def resume_reading(self) -> None:
        self._paused = False
        held, self._held = self._held, []
        for data in held:
            self.arrive(data)

    def is_reading(self) -> bool:
        return not self._paused

    def get_write_buffer_size(self) -> int:
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        del high, low  # nothing is buffered here

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self.protocol

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = cast(asyncio.Protocol, protocol)


class Listener:
    """What :meth:`SimulatedLoop.create_server` returns: as much of ``asyncio.Server`` as a gateway uses."""

    def __init__(self, network: Network, address: tuple[str, int], process: Process | None, factory: Any) -> None:
        self.network = network
        self.address = address
        self.process = process
        self.factory = factory
        self.sockets = (self,)

    def getsockname(self) -> tuple[str, int]:
        return self.address

    def is_serving(self) -> bool:
        return self.network.listeners.get(self.address) is self

    def close(self) -> None:
        if self.is_serving():
            del self.network.listeners[self.address]

    async def wait_closed(self) -> None:
        return None


class Network:
    """All links of one world. ``cut`` holds the names of processes whose link is down, ``"*"`` for all of them."""

    def __init__(self, loop: VirtualLoop, random: Random) -> None:
        self.loop = loop
        self.random = random
        self.listeners: dict[tuple[str, int], Listener] = {}
        self.wires: list[Wire] = []
        self.cut: set[str] = set()
        self.slow_s: dict[str, float] = {}

    def soon(self, delay_s: float, callback: Callable[..., object], *args: Any) -> None:
        """After a while."""
        self.at(self.loop.time() + delay_s, callback, *args)

    def at(self, moment: float, callback: Callable[..., object], *args: Any) -> None:
        """In the world's own name, not in that of the process that happens to run now."""
        context = copy_context()
        context.run(_CURRENT.set, None)
        self.loop.call_at(moment, callback, *args, context=context)

    def is_cut(self, wire: Wire) -> bool:
        """Whether packets of this connection vanish."""
        names = {end.process.name for end in (wire, wire.peer) if end is not None and end.process is not None}
        return bool(self.cut) and ("*" in self.cut or bool(names & self.cut))

    def carry(self, source: Wire, data: bytes) -> None:
        """Take bytes from one end to the other. A packet on a cut link breaks the connection for good."""
        peer = source.peer
        if peer is None:
            return
        if source.broken or self.is_cut(source):
            self.break_down(source)
            return
        name = source.process.name if source.process is not None else ""
        other = peer.process.name if peer.process is not None else ""
        extra = max(self.slow_s.get(name, 0.0), self.slow_s.get(other, 0.0))
        pieces = [data]
        if len(data) > 1 and self.random.random() < 0.1:
            at = self.random.randrange(1, len(data))
            pieces = [data[:at], data[at:]]
        for piece in pieces:
            arrival = self.loop.time() + extra + self.random.uniform(*LATENCY_S)
            arrival = source.last_arrival = max(arrival, source.last_arrival + TICK_S)
            self.at(arrival, self._deliver, source, piece)

    def _deliver(self, source: Wire, data: bytes) -> None:
        peer = source.peer
        assert peer is not None
        if source.broken or self.is_cut(source):
            self.break_down(source)
        else:
            peer.arrive(data)

    def break_down(self, wire: Wire) -> None:
        """Both ends will notice, each in its own time."""
        for end in (wire, wire.peer):
            if end is not None and not end.broken:
                end.broken = True
                self.soon(self.random.uniform(*NOTICE_S), end.lose, ConnectionResetError("link cut"))

    def reset_peer_of(self, wire: Wire) -> None:
        """The other end hears that the connection was aborted, if the link carries anything at all."""
        peer = wire.peer
        if peer is not None:
            delay = self.random.uniform(*(NOTICE_S if self.is_cut(wire) else LATENCY_S))
            self.soon(delay, peer.lose, ConnectionResetError("reset by peer"))

    def killed(self, process: Process) -> None:
        """The operating system closes what a dead process had open."""
        for address in [address for address, listener in self.listeners.items() if listener.process is process]:
            del self.listeners[address]
        for wire in self.wires:
            if wire.process is process and not wire.closing:
                wire.closing = True
                self.reset_peer_of(wire)
        self.wires = [wire for wire in self.wires if not wire.closing]


class SimulatedLoop(VirtualLoop):
    """A virtual loop whose sockets are the network's."""

    def __init__(self, random: Random) -> None:
        super().__init__()
        self.network = Network(self, random)

    def remove_reader(self, fd: Any) -> bool:
        """As a loop says it that tells of no sockets: those of the network are no files."""
        raise NotImplementedError

    async def create_server(self, protocol_factory: Any, host: Any = None, port: Any = None, **_options: Any) -> Any:
        address = (str(host), int(port))
        listener = Listener(self.network, address, current_process(), protocol_factory)
        self.network.listeners[address] = listener
        return listener

    async def create_connection(
        self, protocol_factory: Any, host: Any = None, port: Any = None, **_options: Any
    ) -> Any:
        network = self.network
        process = current_process()
        name = process.name if process is not None else ""
        await asyncio.sleep(network.random.uniform(*LATENCY_S) + network.slow_s.get(name, 0.0))
        if "*" in network.cut or name in network.cut:
            # Half of the cuts answer at once (the modem knows), half let packets vanish.
            if network.random.random() < 0.5:
                raise ConnectionRefusedError("link cut")
            await asyncio.sleep(CONNECT_TIMEOUT_S)
            raise TimeoutError("link cut")
        listener = network.listeners.get((str(host), int(port)))
        if listener is None:
            raise ConnectionRefusedError("nobody listens")
        near = Wire(network, process, protocol_factory(), "operator")
        far = Wire(network, listener.process, None, name)  # type: ignore[arg-type]  # set in the owner's name below
        near.peer, far.peer = far, near
        network.wires += [near, far]

        def accept() -> None:
            far.protocol = listener.factory()
            far.protocol.connection_made(far)

        far.in_process(accept)
        near.protocol.connection_made(near)
        return near, near.protocol
