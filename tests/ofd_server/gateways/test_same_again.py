"""The same plan, the same seed, the same requests: the same bytes again, at real sockets, over every protocol.

Plans are drawn from a seed of their own. The clock of the operator stands still, so that nothing but the plan differs
from one answer to the next; what a client reads is compared to the byte.
"""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from fiscal.domain.messages import Hello, SubmitDocument
from fiscal.faults.effects import (
    POINTS,
    AnswerOfAnother,
    AskToWait,
    Corrupt,
    Delay,
    Dribble,
    Duplicate,
    Effect,
    LoseAnswer,
    LoseRequest,
    Point,
    Refuse,
    Reorder,
    Slice,
    Truncate,
    Uniform,
    WrongRequestNumber,
    WrongToken,
)
from fiscal.faults.plan import Fault, FaultPlan, Selection
from fiscal.faults.run import FaultRun
from fiscal.protocols.content import encode_content
from fiscal.protocols.kz.codes import Command
from fiscal.protocols.native.codec import NATIVE
from ofd_server.app import OfdServer
from tests.documents import receipt
from tests.ofd_server.kz_device import Device
from tests.ofd_server.site import TOKEN, sale
from tests.ofd_server.twins import ManualClock

PATIENCE_S = 0.8
PLANS = range(5)
"""Seeds of plans; each has some six faults and meets six requests, twice."""
DOCUMENTS = 3


def drawn(random: Random) -> Effect:
    """Any effect that leaves it to the plan, and not to TCP, how many bytes arrive, and when a client has heard all."""
    effects: list[Effect] = [
        Delay(Uniform(0, 9)),
        Slice(random.randint(1, 40)),
        Dribble(random.randint(10, 60), random.randint(0, 2)),
        Truncate(random.randint(0, 60)),
        Corrupt(random.randint(1, 20)),
        Corrupt(1, random.randint(-8, 8)),
        Duplicate(random.randint(1, 2)),
        Reorder(1, random.randint(0, 9)),
        LoseAnswer(),
        LoseRequest(),
        Refuse(random.choice(["conflict", "254", "blocked"])),
        AskToWait(random.randint(0, 9)),
        WrongToken(),
        WrongRequestNumber(random.choice([-3, 1, 70_000])),
        AnswerOfAnother(),
    ]
    return random.choice(effects)


def plan(seed: int) -> FaultPlan:
    random = Random(seed)
    faults: list[Fault] = []
    while len(faults) < 6:
        effect = drawn(random)
        at = random.choice(sorted(POINTS[type(effect)] - {Point.ON_CONNECT}))
        when = Selection(probability=random.choice([0.3, 0.6, 1]), every=random.choice([None, 2]))
        faults.append(Fault(name=f"f{len(faults)}", at=at, effects=(effect,), when=when))
    return FaultPlan(tuple(faults), seed=seed)


async def heard(address: str, *sent: bytes, end: bool = True) -> bytes:
    """Everything that comes back until the operator closes, or, when it never does, for as long as we have patience."""
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    data = b""
    try:
        writer.write(b"".join(sent))
        if end:
            writer.write_eof()
        async with asyncio.timeout(PATIENCE_S):
            while piece := await reader.read(65_536):
                data += piece
    except TimeoutError:
        pass  # what was lost is answered by nobody, and its connection stays open
    finally:
        writer.close()
    return data


async def native(server: OfdServer) -> list[bytes]:
    hello = Hello(register="kkm-1", token=TOKEN, software="test", last_number=10**6)
    return [
        await heard(
            str(server.native_address),
            NATIVE.serialize(hello, 1),
            NATIVE.serialize(SubmitDocument(content=encode_content(receipt(number))), 2),
        )
        for number in range(1, DOCUMENTS + 1)
    ]


async def kz(server: OfdServer) -> list[bytes]:
    device = Device()
    found = []
    for number in range(1, DOCUMENTS + 1):
        found.append(await heard(str(server.kz_address), device.frame(device.document(receipt(number)))))
        found.append(await heard(str(server.kz_address), device.frame(device.body(Command.INFO), number=number + 1)))
    return found


async def http(server: OfdServer) -> list[bytes]:
    found = []
    hello = b'{"register": "kkm-1", "token": "%s", "software": "test", "last_number": 1000000}' % TOKEN.encode()
    for number in range(1, DOCUMENTS + 1):
        for path, body in (("hello", hello), ("documents", sale(number))):
            head = (
                f"POST /api/v1/registers/kkm-1/{path} HTTP/1.1\r\nHost: {server.http_address}\r\nConnection: close\r\n"
                f"Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            found.append(await heard(str(server.http_address), head.encode() + body, end=False))
    return found


@pytest.mark.parametrize("seed", PLANS)
@pytest.mark.parametrize("speak", [native, kz, http], ids=lambda speak: speak.__name__)
async def test_the_same_bytes_again(speak, seed):
    async def once() -> tuple[list[bytes], list[str]]:
        run = FaultRun(plan(seed))
        told: list[str] = []
        run.watch(lambda applied: told.append(f"{applied.why} {applied.effects}"))
        async with OfdServer(faults=run, clock=ManualClock(), receipt_url="http://ofd.test/r") as server:
            return await speak(server), told

    first, why = await once()
    again, why_again = await once()
    assert why, "something has to go wrong"
    assert why_again == why
    if speak is http:
        first, again = [dated(data) for data in first], [dated(data) for data in again]
    assert again == first


def dated(data: bytes) -> bytes:
    """Without the time that the library writes into an answer that no fault has bent."""
    lines = data.split(b"\r\n")
    return b"\r\n".join(line for line in lines if not line.startswith(b"Date: "))
