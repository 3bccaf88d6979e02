"""The bare echo: it gets the frames of the scenario, and a measure that fails is none."""

import asyncio
import sys
from typing import Any

import msgpack
import pytest

from fiscal.protocols.content import decode_content
from fiscal.protocols.native.header import HEADER_SIZE
from mock_ofd.load import reference
from mock_ofd.load.reference import FRAMES, _Sender, frames_of, measure
from mock_ofd.load.scenario import Scenario
from tests.documents import T0


def heard(frames: list[bytes]) -> list[dict[str, Any]]:
    """What an operator reads in them."""
    assert all(frame.startswith(b"MOFD") for frame in frames)
    return [msgpack.unpackb(frame[HEADER_SIZE:]) for frame in frames]


def test_the_frames_are_those_of_registers_that_sold_alone():
    told = heard(frames_of(Scenario(registers=3, documents=400), T0))
    assert len(told) == FRAMES
    alone = [{"autonomous": True, "autonomous_sign": number, "period": 1} for number in range(1, FRAMES + 1)]
    assert [each["delivery"] for each in told] == alone
    assert [decode_content(each["content"]).number for each in told] == list(range(1, FRAMES + 1))


def test_in_steady_load_they_are_online():
    told = heard(frames_of(Scenario(registers=3, steady_s=60.0, sales_per_hour=600.0), T0))
    assert told
    assert not any("delivery" in each for each in told)


class Transport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.is_aborted = False

    def write(self, data) -> None:
        self.written.append(bytes(data))

    def abort(self) -> None:
        self.is_aborted = True


def test_the_next_frame_leaves_when_the_last_has_come_back_whole():
    transport, sender = Transport(), _Sender([b"first", b"no"])
    sender.connection_made(transport)
    sender.begin()
    sender.data_received(b"fir")
    assert (sender.answers, transport.written) == (0, [b"first"])
    sender.data_received(b"st")
    sender.data_received(b"no")
    assert (sender.answers, transport.written) == (2, [b"first", b"no", b"first"])
    sender.close()
    assert transport.is_aborted


async def test_it_is_measured_with_processes_of_its_own(monkeypatch):
    started: list[asyncio.subprocess.Process] = []
    start = reference._started

    async def watched(*words: str) -> asyncio.subprocess.Process:
        started.append(await start(*words))
        return started[-1]

    monkeypatch.setattr(reference, "_started", watched)
    rate = await measure(Scenario(registers=5, documents=10, processes=2), T0)
    assert rate is not None
    assert rate > 0
    assert len(started) == 3
    assert all(process.returncode is not None for process in started)


@pytest.mark.parametrize("words", ["", "print('none')", "print('{}')"], ids=["dies", "nonsense", "no address"])
async def test_what_cannot_be_measured_is_none(monkeypatch, words):
    async def broken(*_words: str) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(sys.executable, "-c", words, stdin=pipe, stdout=pipe)

    monkeypatch.setattr(reference, "_started", broken)
    assert await measure(Scenario(registers=5, documents=10), T0) is None
