"""The reference of a run: a bare echo that gets the same frames over as many connections, on the same machine, in the same
minute.

The rule: neither side does anything with what it gets. The echo sends it back; the sender waits until as many bytes have
come back as it sent, and sends the next frame. What an operator does in a second is told as a part of that.
``python -P -m mock_ofd.load.reference echo`` and ``... send JSON`` are the two processes.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final, cast

from fiscal.domain.document import Delivery
from fiscal.domain.messages import SubmitDocument
from fiscal.protocols.native.codec import NATIVE
from fiscal.time import Instant
from mock_ofd.load.sales import sold
from mock_ofd.load.scenario import Scenario, scenario_of

CONNECTIONS_MAX: Final = 1_000
"""Connections of the reference at most: with more of them an echo gets slower by the kernel's doing alone, and the
reference would flatter."""
WARM_S: Final = 0.5
MEASURED_S: Final = 2.0
FRAMES: Final = 100
"""Frames that go round: some fifty kilobytes, more than a processor's nearest cache."""
GONE_S: Final = 10.0
CONNECTING: Final = 100


class Echo(asyncio.Protocol):
    """A connection that sends back what it reads."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


class _Sender(asyncio.Protocol):
    """A connection that waits for its bytes to come back."""

    def __init__(self, frames: Sequence[bytes]) -> None:
        self.answers = 0
        self._frames = frames
        self._due = 0
        self._at = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def begin(self) -> None:
        """Send the next frame."""
        frame = self._frames[self._at]
        self._at = (self._at + 1) % len(self._frames)
        self._due = len(frame)
        self._transport.write(frame)

    def data_received(self, data: bytes) -> None:
        self._due -= len(data)
        if not self._due:
            self.answers += 1
            self.begin()

    def close(self) -> None:
        self._transport.abort()


def frames_of(scenario: Scenario, end: Instant) -> list[bytes]:
    """Frames as the registers of this scenario send them, over the native protocol."""
    autonomous = not scenario.is_steady
    found: list[bytes] = []
    for place in range(FRAMES):
        for each in sold(scenario, place, end - int(scenario.sells_s * 1_000), end):
            delivery = Delivery(autonomous=True, autonomous_sign=each.number, period=1) if autonomous else Delivery()
            found.append(NATIVE.serialize(SubmitDocument(content=each.content, delivery=delivery), each.number + 1))
            if len(found) == FRAMES:
                return found
    return found


async def _echo() -> None:
    server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", 0, backlog=4_096)
    host, port = server.sockets[0].getsockname()
    say({"host": host, "port": port})
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)


async def _send(order: dict[str, Any]) -> None:
    frames = frames_of(scenario_of(order["scenario"]), order["end"])
    loop = asyncio.get_running_loop()
    senders: list[_Sender] = []
    while len(senders) < order["connections"]:
        many = min(CONNECTING, order["connections"] - len(senders))
        made = await asyncio.gather(
            *(loop.create_connection(partial(_Sender, frames), order["host"], order["port"]) for _ in range(many))
        )
        senders += [sender for _, sender in made]
    for sender in senders:
        sender.begin()
    await asyncio.sleep(WARM_S)
    before, begun = sum(sender.answers for sender in senders), time.perf_counter()
    await asyncio.sleep(MEASURED_S)
    answers = sum(sender.answers for sender in senders) - before
    say({"rate": answers / (time.perf_counter() - begun)})
    for sender in senders:
        sender.close()


def say(words: dict[str, Any]) -> None:
    """A line of JSON on standard output."""
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


# ------------------------------------------------------------------------------------------------------- for the run


async def measure(scenario: Scenario, end: Instant) -> float | None:
    """Echoes in a second; ``None`` when it could not be measured, or nothing would be sent."""
    if not frames_of(scenario, end):
        return None
    connections = min(CONNECTIONS_MAX, scenario.registers)
    echo = await _started("echo")
    senders: list[asyncio.subprocess.Process] = []
    try:
        where = await _said(echo)
        share, rest = divmod(connections, min(scenario.generators, connections))
        for place in range(min(scenario.generators, connections)):
            order = {"scenario": scenario.plain(), "end": end, "connections": share + (place < rest), **where}
            senders.append(await _started("send", json.dumps(order)))
        return float(sum([(await _said(sender))["rate"] for sender in senders]))
    except (LookupError, ValueError):  # one of them ended before its word
        return None
    finally:
        for process in (*senders, echo):
            await _ended(process)


async def _started(*words: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "mock_ofd.load.reference", *words),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )


async def _said(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None, "a pipe was asked for"
    found: dict[str, Any] = json.loads(await process.stdout.readline())
    return found


async def _ended(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None, "a pipe was asked for"
    process.stdin.close()
    try:
        async with asyncio.timeout(GONE_S):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _main(words: Sequence[str]) -> None:
    await (_echo() if words[0] == "echo" else _send(json.loads(words[1])))


if __name__ == "__main__":
    from mock_ofd.load.worker import run

    run(_main(sys.argv[1:]))
