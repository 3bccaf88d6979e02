"""The registers of a benchmark over the Kazakhstan protocol: as those of :mod:`tests.benchmarks.traffic`, with tickets.

The rule: a device composes each ticket from plain values when it sends it, with the token that the answer before gave
it; an answer is good when its result code is 0. No hello: the first ticket registers the device.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import datetime
from random import Random
from struct import Struct
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from fiscal.protocols.kz.header import APPCODE, HEADER_SIZE
from fiscal.protocols.kz.messages import request_type
from tests.benchmarks.frames import GOODS, PRICE, TAKEN, TAX, VAT
from tests.benchmarks.ingest import CONNECTIONS
from tests.benchmarks.loops import run
from tests.benchmarks.traffic import Order, Register, Run, main

VERSION: Final = 203
GOOD: Final = b"\x08\x01\x12\x02\x08\x00"
"""How the body of every good answer to a ticket begins: the command, and the result code 0."""
TICKET_COMMAND: Final = 1
SALE: Final = 2
COMMODITY: Final = 1
CASH: Final = 0
ZONE: Final = ZoneInfo("Asia/Almaty")
REQUEST: Final[Any] = request_type(VERSION)

ASSORTMENT: Final = 10_000
"""Goods of the whole chain."""
SOLD: Final = Random(1).choices(range(ASSORTMENT), [1 / (rank + 1) for rank in range(ASSORTMENT)], k=300_000)
"""Which of them are sold, one after the other."""

_HEADER: Final = Struct("<HHIIIH")
_TOKEN: Final = Struct("<I")


def _money(value: int) -> dict[str, int]:
    return {"bills": value // 100, "coins": value % 100}


def ticket(now: datetime, first: int = 0) -> bytes:
    """The body of a ticket of three items with tax, paid in cash, from plain values; ``first`` is where their goods begin
    among :data:`SOLD`.
    """
    total = PRICE * len(GOODS)
    when = {
        "date": {"year": now.year, "month": now.month, "day": now.day},
        "time": {"hour": now.hour, "minute": now.minute, "second": now.second},
    }
    tax = {"tax_type": 100, "percent": VAT, "sum": _money(TAX), "is_in_total_sum": True}
    price = _money(PRICE)
    items = [
        {
            "type": COMMODITY,
            "commodity": {
                "name": f"{GOODS[good % len(GOODS)]} {good}",
                "section_code": "1",
                "quantity": 1_000,
                "price": price,
                "sum": price,
                "taxes": [tax],
                "measure_unit_code": "796",
            },
        }
        for good in SOLD[first : first + len(GOODS)]
    ]
    block = {
        "operation": SALE,
        "date_time": when,
        "operator": {"code": 1, "name": "Айгуль"},
        "domain": {"type": 0},
        "items": items,
        "payments": [{"type": CASH, "sum": _money(total)}],
        "amounts": {"total": _money(total), "taken": _money(TAKEN), "change": _money(TAKEN - total)},
    }
    written: bytes = REQUEST(command=TICKET_COMMAND, ticket=block).SerializeToString()
    return written


class Device(Register):
    """One connection of one device."""

    __slots__ = ("token",)

    def __init__(self, run: Run, place: int) -> None:
        super().__init__(run, place)
        self.token = place + 1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        assert self.greeted is not None
        self.greeted.set_result(None)

    def data_received(self, data: bytes) -> None:
        if self.rest:
            data = self.rest + data
            self.rest = b""
        if len(data) < HEADER_SIZE or len(data) < int.from_bytes(data[4:8], "little"):
            self.rest = data
            return
        run = self.run
        run.latencies.append(time.perf_counter() - self.asked_at)
        run.answers += 1
        (self.token,) = _TOKEN.unpack_from(data, 12)
        if not run.order.is_echo and data[HEADER_SIZE : HEADER_SIZE + len(GOOD)] != GOOD:
            run.wrong += 1
        if not run.ended:
            self.go_on()

    def send(self) -> None:
        self.number = (self.number + 1) % 65_536
        body = ticket(datetime.now(ZONE), len(GOODS) * (self.place + CONNECTIONS * self.number) % len(SOLD))
        size = HEADER_SIZE + len(body)
        header = _HEADER.pack(APPCODE, VERSION, size, self.place + 1, self.token, self.number)
        self.transport.write(header + body)


if __name__ == "__main__":
    run(main(Order(**json.loads(sys.argv[1])), Device))
