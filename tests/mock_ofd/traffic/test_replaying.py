"""A recording played again: to an operator that does the same, and to one that does not."""

import asyncio
import socket
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from fiscal.errors import ConfigurationError
from fiscal.protocols.native.codec import NATIVE
from kkt_client import CashRegister
from mock_ofd.traffic.recording import read_recording
from mock_ofd.traffic.replaying import Replay, Unreachable
from ofd_server.app import OfdServer
from tests.fiscal.protocols.samples import ACCEPTED, HELLO, REFUSED, SUBMIT
from tests.kkt_client.shop import BASKET, PROFILE
from tests.mock_ofd.traffic.stand import LIMIT_S, between, listening

IGNORED = frozenset(("at", "sign", "qr", "key", "ticket_number", "qr_code", "date_time"))


@asynccontextmanager
async def operator(protocol):
    off: dict[str, Any] = dict.fromkeys(("native", "http", "kz"), "off")
    async with OfdServer(**off | {protocol: "127.0.0.1:0"}) as server:
        host, _, port = getattr(server, f"{protocol}_address").rpartition(":")
        yield host, int(port)


async def trade(folder: Path, protocol, port):
    """Two sales and a Z-report, each in a session of its own."""
    for place in range(3):
        address = f"{protocol}://127.0.0.1:{port}?id=100500&token=123456789"
        async with CashRegister.open(folder, address, profile=PROFILE) as till:
            await (till.sell(BASKET) if place < 2 else till.close_shift())


async def recorded(tmp_path, protocol, *, secrets=False):
    async with operator(protocol) as to, between(to, protocol, secrets=secrets) as stand:
        await trade(tmp_path / "till", protocol, stand.address[1])
    path = tmp_path / "recording.jsonl"
    path.write_text(stand.file.getvalue())
    return read_recording(path)


def replay(recording, to, tokens=None, ignored=IGNORED, wait_s=5.0):
    return Replay(recording, to, tokens or {}, ignored, wait_s).run()


@pytest.mark.parametrize("protocol", ["native", "kz"])
@pytest.mark.parametrize("secrets", [True, False], ids=["with secrets", "without"])
async def test_a_new_operator_answers_the_same(tmp_path, protocol, secrets):
    recording = await recorded(tmp_path, protocol, secrets=secrets)
    tokens = {} if secrets else {"": "123456789"}
    async with operator(protocol) as to:
        exchanges = await replay(recording, to, tokens)
    assert len(exchanges) >= 3
    assert [exchange for exchange in exchanges if not exchange.is_same] == []
    assert {exchange.register for exchange in exchanges} == {"100500"}
    assert {exchange.request.what for exchange in exchanges} >= {"document"} if protocol == "native" else {"ticket"}


async def test_the_same_operator_has_everything_already(tmp_path):
    async with operator("native") as to:
        async with between(to) as stand:
            await trade(tmp_path / "till", "native", stand.address[1])
        path = tmp_path / "recording.jsonl"
        path.write_text(stand.file.getvalue())
        exchanges = await replay(read_recording(path), to)
    hellos = [exchange for exchange in exchanges if exchange.request.what == "hello"]
    documents = [exchange for exchange in exchanges if exchange.request.what == "document"]
    assert all(exchange.is_same for exchange in documents), "the same document gets the same answer"
    assert {each.field for exchange in hellos for each in exchange.differences} == {
        "last_number",
        "last_digest",
        "last_shift",
    }


async def test_times_and_signs_are_compared_on_request(tmp_path):
    recording = await recorded(tmp_path, "native", secrets=True)
    async with operator("native") as to:
        exchanges = await replay(recording, to, ignored=frozenset())
    fields = {each.field for exchange in exchanges for each in exchange.differences}
    assert "at" in fields


async def test_without_a_token_nothing_is_played(tmp_path):
    recording = await recorded(tmp_path, "native")
    async with operator("native") as to:
        with pytest.raises(ConfigurationError, match="token of register 100500 is not in the recording"):
            await replay(recording, to)
        with pytest.raises(ConfigurationError, match="--token: token: must have 1 to 256"):
            await replay(recording, to, {"": "x" * 257})


async def test_a_wrong_token_is_a_difference(tmp_path):
    recording = await recorded(tmp_path, "native")
    async with operator("native") as to:
        await replay(recording, to, {"100500": "123456789"})
        exchanges = await replay(recording, to, {"": "wrong"})
    (difference,) = exchanges[0].differences
    assert (difference.field, difference.recorded, difference.came) == ("", "welcome", "refused")


async def test_nobody_is_there(tmp_path):
    recording = await recorded(tmp_path, "native", secrets=True)
    with socket.socket() as shut:
        shut.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable, match="cannot be reached"):
            await replay(recording, shut.getsockname())


# --------------------------------------------------------------------------------------------- operators of our making


def answering(*frames, then_close=False):
    """An operator that answers each read with the next of these."""

    async def serve(reader, writer):
        for frame in frames:
            if not await reader.read(100_000):
                break
            writer.write(frame)
        if then_close:
            await reader.read(100_000)
        else:
            await reader.read()
        writer.close()

    return serve


async def conversation(tmp_path, serve, *sent):
    """What is recorded when these bytes are sent one after the other."""
    async with listening(serve) as to, between(to) as stand:
        reader, writer = await stand.connect()
        for data in sent:
            writer.write(data)
            await writer.drain()
            await asyncio.sleep(0.05)
        writer.close()
        await stand.until(1, "ended", "operator")
        del reader
    path = tmp_path / "recording.jsonl"
    path.write_text(stand.file.getvalue())
    return read_recording(path)


SENT = NATIVE.serialize(SUBMIT, 2)
GOOD, OTHER = NATIVE.serialize(ACCEPTED, 2), NATIVE.serialize(REFUSED, 2)


async def test_an_answer_that_does_not_come_any_more(tmp_path):
    recording = await conversation(tmp_path, answering(GOOD), SENT)
    for silent, wait_s in ((answering(), 0.2), (answering(then_close=True), 5.0)):
        async with listening(silent) as to:
            (exchange,) = await replay(recording, to, wait_s=wait_s)
        assert (exchange.is_same, exchange.came, exchange.recorded and exchange.recorded.what) == (
            False,
            None,
            "accepted",
        )


async def test_an_answer_that_did_not_come_then(tmp_path):
    recording = await conversation(tmp_path, answering(), SENT)
    async with listening(answering(GOOD)) as to:
        (exchange,) = await replay(recording, to)
    assert (exchange.is_same, exchange.recorded, exchange.came and exchange.came.what) == (False, None, "accepted")
    async with listening(answering()) as to:
        (exchange,) = await replay(recording, to)
    assert exchange.is_same


async def test_answers_to_other_requests_are_passed_over(tmp_path):
    recording = await conversation(tmp_path, answering(GOOD), SENT)
    stray = NATIVE.serialize(ACCEPTED, 77)
    async with listening(answering(stray + GOOD)) as to:
        (exchange,) = await replay(recording, to)
    assert exchange.is_same
    async with listening(answering(OTHER)) as to:
        (exchange,) = await replay(recording, to)
    assert [each.field for each in exchange.differences] == [""]


async def test_an_answer_that_nobody_can_read(tmp_path):
    recording = await conversation(tmp_path, answering(GOOD), SENT)
    broken = GOOD[:16] + b"\xc1" * (len(GOOD) - 16)
    async with listening(answering(broken)) as to:
        (exchange,) = await replay(recording, to)
    assert exchange.came is not None
    assert exchange.came.what == "unreadable"


async def test_garbage_is_sent_as_it_was(tmp_path):
    taken: asyncio.Queue[bytes] = asyncio.Queue()

    async def serve(reader, writer):
        taken.put_nowait(await reader.read())
        writer.close()

    sent = [NATIVE.serialize(HELLO, 1), SENT[:30] + b"\xc1" * (len(SENT) - 30), b"short", b"GET / HTTP/1.1\r\n\r\n"]
    recording = await conversation(tmp_path, serve, *sent)
    async with listening(serve) as to:
        await replay(recording, to, wait_s=0.1)
        async with asyncio.timeout(LIMIT_S):
            assert await taken.get() == await taken.get() == b"".join(sent)
