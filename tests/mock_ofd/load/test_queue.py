"""What waited ahead of the commit, read from an operator: from ours, from a foreign one, and from none."""

import asyncio
from typing import Any

import pytest

from mock_ofd.load import queue
from mock_ofd.load.result import Percentiles, Tick
from ofd_server import OfdServer

NOTHING = Percentiles(count=0, p50=0, p90=0, p99=0, p999=0, max=0)


def tick(at_s: int) -> Tick:
    return Tick(at_s=at_s, backlog=0, acknowledged=0, connects=0, put_off=0, connected=0, queued=None, latency=NOTHING)


async def told(answer: bytes) -> Any:
    """What is read from somebody who answers this."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()[:2]
        return await queue.ask(f"{host}:{port}")


async def test_our_own_operator_tells():
    async with OfdServer(http="127.0.0.1:0", native="off", kz="off") as server:
        assert server.service.admission is not None
        server.service.admission.peaks.note(1_700_000_000, 9)
        server.service.admission.peaks.note(1_700_000_002, 4)
        assert server.http_address is not None
        assert await queue.ask(server.http_address) == {1_700_000_000: 9, 1_700_000_002: 4}


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n\r\nno JSON",
        b"something else",
        b"",
    ],
)
async def test_whoever_does_not_tell_leaves_nothing_behind(answer):
    assert await told(answer) is None


async def test_an_answer_that_ends_with_the_connection_is_read():
    assert await told(b'HTTP/1.0 200 OK\r\n\r\n{"seconds": [{"at": 5000, "queue_peak": 7}]}') == {5: 7}


async def test_nobody_is_there():
    assert await queue.ask("127.0.0.1:1") is None


def test_each_second_of_the_run_gets_its_peak():
    peaks = {100: 5, 102: 9, 50: 1_000}
    found = queue.with_queue([tick(0), tick(1), tick(2)], peaks, 100.7)
    assert [one.queued for one in found] == [5, 0, 9]
    assert queue.peak_of(peaks, 100.7) == 9, "what was before the link came back is not of this run"
    assert queue.peak_of({}, 100.7) == 0
