"""The proxy on real sockets: every byte goes on as it came, whatever it is, and however it ends."""

import asyncio
import random
import socket
import struct

import pytest

from fiscal.protocols.native.codec import NATIVE
from ofd_server.app import OfdServer
from tests.fiscal.protocols.samples import ACCEPTED, HELLO, SUBMIT
from tests.mock_ofd.traffic.stand import between, listening


async def swallow(reader, writer):
    """Answers the length of everything, when everything has come."""
    data = await reader.read()
    writer.write(b"%d" % len(data))
    writer.write_eof()
    await reader.read()
    writer.close()


async def echo(reader, writer):
    while data := await reader.read(1000):
        writer.write(data)
        await writer.drain()
    writer.close()


def reset(writer):
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def test_frames_pass_and_are_written_down():
    async def operator(reader, writer):
        await reader.readexactly(len(NATIVE.serialize(HELLO, 1)))
        writer.write(NATIVE.serialize(ACCEPTED, 1))
        await reader.read()
        writer.close()

    async with listening(operator) as to, between(to, secrets=False) as stand:
        reader, writer = await stand.connect()
        writer.write(NATIVE.serialize(HELLO, 1))
        assert await reader.readexactly(len(NATIVE.serialize(ACCEPTED, 1))) == NATIVE.serialize(ACCEPTED, 1)
        writer.close()
        await stand.until(1, "ended", "operator")
    told = [(line["from"], line["what"], line["register"]) for line in stand.lines if "what" in line]
    assert told == [("register", "hello", "KZ-0001"), ("operator", "accepted", "KZ-0001")]
    assert stand.events == [(1, "opened", "register"), (1, "ended", "register"), (1, "ended", "operator")]


@pytest.mark.parametrize("seed", range(3))
async def test_garbage_of_any_kind_passes_byte_by_byte(seed):
    chance = random.Random(seed)
    sent = b"".join(
        chance.choice([NATIVE.serialize(SUBMIT, 2), chance.randbytes(3000), b"MOFD", NATIVE.serialize(HELLO, 1)[:-3]])
        for _ in range(200)
    )
    async with listening(echo) as to, between(to) as stand:
        reader, writer = await stand.connect()

        async def send():
            for at in range(0, len(sent), 777):
                writer.write(sent[at : at + 777])
                await writer.drain()
            writer.write_eof()

        sending = asyncio.create_task(send())
        assert await reader.read(-1) == sent
        await sending
        await stand.until(1, "ended", "operator")
        writer.close()
    assert stand.raw("register") == stand.raw("operator") == sent


async def test_half_a_connection_is_passed_on_as_half():
    async with listening(swallow) as to, between(to) as stand:
        reader, writer = await stand.connect()
        writer.write(b"x" * 100_000)
        writer.write_eof()
        assert await reader.read() == b"100000"
        writer.close()


async def test_a_reset_of_the_operator_reaches_the_register():
    async def operator(reader, writer):
        await reader.readexactly(1)
        reset(writer)

    async with listening(operator) as to, between(to) as stand:
        reader, writer = await stand.connect()
        writer.write(b"M")
        with pytest.raises(ConnectionError):
            await reader.readexactly(1)
        await stand.until(1, "reset", "operator")
        writer.close()
    cut = [line for line in stand.lines if "raw" in line]
    assert [(line["raw"], line["error"]["code"]) for line in cut] in ([], [("4d", "cut_off")])


async def test_a_reset_of_the_register_reaches_the_operator():
    gone = asyncio.Event()

    async def operator(reader, writer):
        with pytest.raises(ConnectionError):
            await reader.readexactly(10)
        gone.set()
        writer.close()

    async with listening(operator) as to, between(to) as stand:
        _, writer = await stand.connect()
        writer.write(b"M")
        await writer.drain()
        await stand.until(1, "opened", "register")
        await asyncio.sleep(0.05)
        reset(writer)
        await stand.until(1, "reset", "register")
        await gone.wait()


async def test_without_an_operator_the_register_is_let_go():
    with socket.socket() as shut:
        shut.bind(("127.0.0.1", 0))
        async with between(shut.getsockname()) as stand:
            reader, writer = await stand.connect()
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await reader.readexactly(1)
            writer.close()
    assert stand.events == [(1, "opened", "register"), (1, "unreachable", "operator")]


async def test_stopping_lets_go_of_everybody():
    async with listening(echo) as to, between(to) as stand:
        reader, writer = await stand.connect()
        writer.write(b"here")
        assert await reader.readexactly(4) == b"here"
        await stand.proxy.stop()
        assert await reader.read() == b""
        writer.close()


async def test_many_connections_are_kept_apart():
    async with OfdServer(native="127.0.0.1:0", http="off") as server:
        host, _, port = (server.native_address or "").rpartition(":")
        async with between((host, int(port))) as stand:

            async def greet(name):
                reader, writer = await stand.connect()
                writer.write(NATIVE.serialize(HELLO.__class__(register=name, token=name, software="t"), 1))
                await reader.readexactly(16)
                writer.close()

            names = [f"till-{number}" for number in range(20)]
            await asyncio.gather(*map(greet, names))
            for number in range(1, 21):
                await stand.until(number, "ended", "operator")
    answered = {line["connection"]: line["register"] for line in stand.lines if line.get("what") == "welcome"}
    asked = {line["connection"]: line["fields"]["register"] for line in stand.lines if line.get("what") == "hello"}
    assert answered == asked
    assert sorted(asked.values()) == sorted(names)
