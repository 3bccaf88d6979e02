"""Simulated links: order, latency, cuts, death of an end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

import pytest

from mock_ofd.simulation.loop import Process
from mock_ofd.simulation.network import SimulatedLoop


class End(asyncio.Protocol):
    def __init__(self) -> None:
        self.got = b""
        self.ended = False
        self.lost: Exception | str | None = "no"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.got += data

    def eof_received(self) -> bool:
        self.ended = True
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = exc


Play = Callable[[SimulatedLoop, End, End, Process], Awaitable[None]]


def play(scene: Play) -> None:
    """Connect a register's process to a server and let the scene go on between them."""
    loop = SimulatedLoop(Random(5))
    accepted: list[End] = []
    server_process, register = Process("operator", 1), Process("R1", 1)

    def factory() -> End:
        accepted.append(End())
        return accepted[-1]

    async def serve() -> None:
        await loop.create_server(factory, "operator", 1)

    async def call(answer: asyncio.Future[End]) -> None:
        _, near = await loop.create_connection(End, "operator", 1)
        answer.set_result(near)

    async def main() -> None:
        loop.start(server_process, serve)
        await asyncio.sleep(0.1)
        answer: asyncio.Future[End] = loop.create_future()
        loop.start(register, lambda: call(answer))
        near = await answer
        await asyncio.sleep(0.1)
        await scene(loop, near, accepted[0], register)

    loop.run_until_complete(main())
    loop.close()


def test_bytes_arrive_whole_and_in_order() -> None:
    async def scene(loop: SimulatedLoop, near: End, far: End, register: Process) -> None:
        for number in range(50):
            near.transport.write(b"%d," % number)
        assert far.got == b"", "nothing arrives at once"
        await asyncio.sleep(1)
        assert far.got == b"".join(b"%d," % number for number in range(50))
        far.transport.write(b"answer")
        await asyncio.sleep(1)
        assert near.got == b"answer"

    play(scene)


def test_a_cut_link_carries_nothing_and_both_ends_learn_of_it() -> None:
    async def scene(loop: SimulatedLoop, near: End, far: End, register: Process) -> None:
        loop.network.cut.add("R1")
        near.transport.write(b"lost")
        await asyncio.sleep(10)
        assert far.got == b""
        assert isinstance(near.lost, ConnectionResetError)
        assert isinstance(far.lost, ConnectionResetError)
        with pytest.raises(OSError, match="nobody listens"):
            await loop.create_connection(End, "elsewhere", 1)

    play(scene)


def test_a_slow_link_is_slow() -> None:
    async def scene(loop: SimulatedLoop, near: End, far: End, register: Process) -> None:
        loop.network.slow_s["R1"] = 6.0
        near.transport.write(b"late")
        await asyncio.sleep(5.9)
        assert far.got == b""
        await asyncio.sleep(0.2)
        assert far.got == b"late"

    play(scene)


def test_the_peer_of_a_killed_process_hears_a_reset() -> None:
    async def scene(loop: SimulatedLoop, near: End, far: End, register: Process) -> None:
        register.alive = False
        loop.network.killed(register)
        await asyncio.sleep(5)
        assert isinstance(far.lost, ConnectionResetError)
        assert near.lost == "no", "the dead hear nothing"

    play(scene)


def test_half_close_and_close() -> None:
    async def scene(loop: SimulatedLoop, near: End, far: End, register: Process) -> None:
        near.transport.write_eof()
        await asyncio.sleep(1)
        assert far.ended
        far.transport.write(b"still there")
        far.transport.close()
        await asyncio.sleep(1)
        assert near.got == b"still there"
        assert near.ended
        assert far.lost is None

    play(scene)


def test_a_reader_that_pauses_gets_everything_later() -> None:
    async def scene(loop: SimulatedLoop, near: End, far: End, register: Process) -> None:
        far.transport.pause_reading()
        near.transport.write(b"wait")
        await asyncio.sleep(1)
        assert far.got == b""
        far.transport.resume_reading()
        assert far.got == b"wait"

    play(scene)
