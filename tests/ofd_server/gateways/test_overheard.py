"""Somebody between a conversation and its socket, who hears every byte and changes none."""

import asyncio
from typing import Any

import pytest

from fiscal.domain.messages import Hello
from fiscal.faults.plan import FaultPlan
from fiscal.faults.run import FaultRun
from fiscal.protocols.native.codec import NATIVE
from ofd_server import OfdServer

HELLO = NATIVE.serialize(Hello(register="till-1", token="secret", software="x"), 1)


async def connected(ofd):
    host, _, port = ofd.native_address.rpartition(":")
    return await asyncio.open_connection(host, int(port))


async def test_bytes_go_through_as_they_are_whoever_listens():
    answers = []
    for record in (False, True):
        async with OfdServer(http="off", kz="off", record=record, receipt_url="http://x/r") as ofd:
            reader, writer = await connected(ofd)
            for byte in HELLO:
                writer.write(bytes((byte,)))
                await writer.drain()
            answers.append(len(await asyncio.wait_for(reader.readexactly(16), 5)))
            writer.close()
            await writer.wait_closed()
            if record:
                assert next(frame.raw for frame in ofd.received) == HELLO
    assert answers == [16, 16]


async def test_a_half_closed_connection_is_answered_and_closed():
    async with OfdServer(http="off", kz="off") as ofd:
        reader, writer = await connected(ofd)
        writer.write(HELLO)
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()
        await writer.wait_closed()
        frames = ofd.received
        assert [frame.what for frame in frames] == ["hello", "welcome"]
        assert frames[1].raw == answer
        assert "closed" in ofd.dialogue()


@pytest.mark.parametrize("answered_before", [True, False])
async def test_a_conversation_that_is_taken_over_is_overheard_too(answered_before):
    """The first fault makes conversations of another kind out of those that are open."""
    async with OfdServer(http="off", kz="off") as ofd:
        reader, writer = await connected(ofd)
        if answered_before:
            writer.write(HELLO)
            await asyncio.wait_for(reader.readexactly(16), 5)
        ofd.inflict(FaultPlan(FaultRun().plan.faults, description="nothing"))
        writer.write(NATIVE.serialize(Hello(register="till-1", token="secret", software="x"), 2))
        await asyncio.wait_for(reader.readexactly(16), 5)
        assert [frame.number for frame in ofd.received if frame.is_request][-1] == 2
        assert [frame.number for frame in ofd.received if not frame.is_request][-1] == 2
        writer.close()
        await writer.wait_closed()


async def test_who_does_not_read_is_not_written_to_for_ever():
    """Pauses of writing go through to the conversation: it stops reading until its answers are taken."""
    async with OfdServer(http="off", kz="off") as ofd:
        _, writer = await connected(ofd)
        writer.write(HELLO)
        await ofd.harness.await_outcome({}, 1, 0.05)
        inside: Any = ofd  # a look at what stands between the two
        [conversation] = inside._native.connections
        overheard = conversation.transport._overheard
        overheard.pause_writing()
        assert not conversation.transport.is_reading()
        overheard.resume_writing()
        assert conversation.transport.is_reading()
        writer.close()
        await writer.wait_closed()
