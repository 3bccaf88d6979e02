"""An operator and registers in this process, for the tests of what the demonstration is made of."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import time as clock_time
from pathlib import Path
from typing import Any, Final

from kkt_client import CashRegister, RegisterSettings
from mock_ofd.demo.clock import Pace, ShopClock
from mock_ofd.demo.notebook import Notebook
from mock_ofd.demo.script import AnyStep, read_script
from mock_ofd.demo.shop import PROFILES
from mock_ofd.demo.till import Till
from mock_ofd.demo.trouble import CLOSES_AT, OPENS_AT, register_id
from ofd_server import OfdServer

NUMBER: Final = 1
SETTINGS: Final = RegisterSettings(retry_in_sale_s=0.0)

_CASHIER: Final = {"code": 1, "name": "Айгерім"}
_BREAD: Final = {"name": "Нан", "price": 18_000, "quantity": 2_000, "section": "2", "vat": "standard"}


def line(do: str, minute: int, **facts: Any) -> str:
    """A line of a script at so many minutes after nine."""
    at = clock_time(9 + minute // 60, minute % 60)
    return json.dumps({"at": f"{at:%H:%M:%S}", "register": NUMBER, "do": do, "cashier": _CASHIER} | facts)


def sale(key: str, minute: int, **facts: Any) -> str:
    return line("sell", minute, key=key, items=[_BREAD], payments={"cash": 40_000}, **facts)


LINES: Final = (
    line("deposit", 0, sum=500_000),
    sale("1-001", 1),
    sale("1-002", 2),
    line("x", 3),
    line("sell_return", 4, key="1-003", of="1-001", items=[_BREAD], payments={"cash": 36_000}),
    line("buy", 5, key="1-004", items=[_BREAD], payments={"cash": 36_000}),
    sale("1-005", 6),
    line("withdraw", 7, sum=100_000),
    line("z", 8),
    sale("1-006", 9),
    line("z", 10),
)
"""A day in eleven lines, with everything that a till can do: ten documents and an X-report."""


def steps(lines: Sequence[str] = LINES) -> tuple[AnyStep, ...]:
    return read_script(lines)


def hurried(clock: ShopClock) -> ShopClock:
    """The clock of a day that goes by in a second."""
    clock.start(Pace(opens_at=OPENS_AT, closes_at=CLOSES_AT, begins=clock.monotonic(), day_s=1.0))
    return clock


@asynccontextmanager
async def operator(folder: Path, clock: ShopClock) -> AsyncIterator[OfdServer]:
    async with OfdServer(http="off", native="127.0.0.1:0", data=folder / "operator", clock=clock) as server:
        yield server


@asynccontextmanager
async def register(folder: Path, clock: ShopClock, address: str | None) -> AsyncIterator[CashRegister]:
    """The register; without an address its operator cannot be reached."""
    opening = CashRegister.open(
        folder / "register",
        f"native://{address or '127.0.0.1:1'}?id={register_id(NUMBER)}&token=token",
        profile=PROFILES[NUMBER],
        settings=SETTINGS,
        clock=clock,
    )
    async with opening as opened:
        yield opened


def till(opened: CashRegister, folder: Path, clock: ShopClock, lines: Sequence[str] = LINES) -> Till:
    return Till(opened, steps(lines), clock, Notebook(folder / "register"))
