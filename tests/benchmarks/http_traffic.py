"""The registers of a benchmark over HTTP: as those of :mod:`tests.benchmarks.traffic`, each with a connection that it
keeps and one request on its way at a time.

The rule: a register composes each document from plain values when it sends it, in msgpack and with the headers that our
own register sends; an answer is read by its ``Content-Length``, and is good when its status is 200.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Final, cast

from fiscal.domain.messages import Hello
from fiscal.protocols.rest.codec import MediaType, serialize_request
from tests.benchmarks.frames import PROFILE, composed_body
from tests.benchmarks.loops import run
from tests.benchmarks.traffic import Order, Register, Run, main

TOKEN: Final = "t"
GOOD: Final = b"HTTP/1.1 200 "
_LENGTH: Final = b"content-length: "


class HttpRegister(Register):
    """One connection of one register."""

    __slots__ = ("head",)

    def __init__(self, run: Run, place: int) -> None:
        super().__init__(run, place)
        self.head = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        name = f"{self.run.order.prefix}-{self.place}"
        self.head = (
            f"POST /api/v1/registers/{name}/{{}} HTTP/1.1\r\nHost: {self.run.order.address}\r\n"
            f"Authorization: Bearer {TOKEN}\r\nAccept: {MediaType.MSGPACK}\r\nAccept-Encoding: gzip, deflate\r\n"
            f"User-Agent: bench\r\nContent-Type: {MediaType.MSGPACK}\r\nContent-Length: {{}}\r\n\r\n"
        )
        hello = Hello(register=name, token=TOKEN, software="bench", profile=PROFILE)
        self._post("hello", serialize_request(hello, MediaType.MSGPACK))

    def data_received(self, data: bytes) -> None:
        if self.rest:
            data = self.rest + data
            self.rest = b""
        if not _is_whole(data):
            self.rest = data
            return
        run = self.run
        good = data.startswith(GOOD)
        if self.greeted is not None:
            run.wrong += not good
            self.greeted.set_result(None)
            self.greeted = None
            return
        run.latencies.append(time.perf_counter() - self.asked_at)
        run.answers += 1
        run.wrong += not good
        if not run.ended:
            self.go_on()

    def send(self) -> None:
        self.number += 1
        self._post("documents", composed_body(self.number, time.time_ns() // 1_000_000))

    def _post(self, path: str, body: bytes) -> None:
        self.transport.write(self.head.format(path, len(body)).encode() + body)


def _is_whole(data: bytes) -> bool:
    """Whether this is an answer with all of its body; a body in chunks ends with an empty one."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = data[:end].lower() + b"\r\n"
    place = head.find(_LENGTH)
    if place < 0:
        return data.endswith(b"0\r\n\r\n")
    place += len(_LENGTH)
    return len(data) >= end + 4 + int(head[place : head.index(b"\r\n", place)])


if __name__ == "__main__":
    run(main(Order(**json.loads(sys.argv[1])), HttpRegister))
