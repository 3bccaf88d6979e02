"""The driver of our own cash register: ``mock-ofd conformance --protocol native -- python -m mock_ofd.conformance.own_client``.

The rule: it adds nothing to the register. Each line is one call of :class:`kkt_client.CashRegister`; what the call returned
or raised is the answer. Whoever writes a driver for another register may begin here.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, suppress
from typing import Any, Final

from fiscal.domain.lifecycle import RegisterMode
from fiscal.errors import FiscalError, NotDelivered, Undeliverable
from fiscal.retry import Backoff
from fiscal.time import Instant, Moment
from kkt_client import (
    CashRegister,
    Decision,
    DocumentRefused,
    FiscalReceipt,
    FiscalReport,
    KeyReused,
    Line,
    RegisterBlocked,
    RegisterSettings,
    ShiftExpired,
)
from kkt_client.core.receipts import FiscalPaper

NAME: Final = "mock-ofd kkt_client"
OFFERS: Final = ("receipt", "sync", "clock", "open", "decide")
BACKOFF_CAP_MS: Final = 60_000
SYNC_S: Final = 0.001
"""`sync` begins to send at once; the scenario does not wait for its end here."""
MS: Final = 1_000

Fields = dict[str, Any]


class MovableClock:
    """The clock of the register: a scenario may set it, and it goes on from there."""

    def __init__(self) -> None:
        self._ahead_ms = 0

    def now(self) -> Instant:
        return _machine_now() + self._ahead_ms

    def monotonic(self) -> Moment:
        return time.monotonic()

    def set(self, now: Instant) -> None:
        """It is this moment from now on."""
        self._ahead_ms = now - _machine_now()


def _machine_now() -> Instant:
    return time.time_ns() // 1_000_000


class Driver:
    """The registers of this process, and what they are asked."""

    def __init__(self, environment: Mapping[str, str], registers: AsyncExitStack) -> None:
        self._environment = environment
        self._registers = registers
        self._clock = MovableClock()
        self._open: dict[str, CashRegister] = {}
        self._first = environment["OFD_REGISTER"]
        self._does: Mapping[str, Callable[[CashRegister, Fields], Awaitable[Fields]]] = {
            "sell": self._sell,
            "z": self._close_shift,
            "receipt": self._receipt,
            "status": self._status,
            "sync": self._sync,
            "clock": self._set_clock,
            "decide": self._decide,
        }

    async def begin(self) -> None:
        """Open the register that the environment names."""
        given = self._environment
        await self._join(
            {
                "register": self._first,
                "token": given["OFD_TOKEN"],
                "host": given["OFD_HOST"],
                "port": given["OFD_PORT"],
                "folder": given["OFD_FOLDER"],
            }
        )

    async def answer(self, line: bytes) -> Fields:
        """What one line asks for."""
        try:
            asked = json.loads(line)
            what = str(asked["do"])
        except (ValueError, KeyError, TypeError):
            return _unknown("a line is an object with the word of a request in do")
        try:
            if what == "about":
                return {"ok": True, "client": NAME, "offers": list(OFFERS)}
            if what == "open":
                return await self._join(asked)
            does, whose = self._does.get(what), asked.get("register", self._first)
            if does is None or whose not in self._open:
                return _unknown(f"there is no request {what!r}, or no register {whose!r}")
            return await does(self._open[whose], asked)
        except KeyError as error:
            return _unknown(f"{what} needs {error}")
        except FiscalError as error:
            return {"ok": False, "error": _error_of(error), "text": str(error)}

    async def _join(self, asked: Fields) -> Fields:
        given = self._environment
        limit_s = int(given.get("OFD_ANSWER_LIMIT_MS", "5000")) / MS
        retry_ms = int(given.get("OFD_RETRY_MS", "1000"))
        settings = RegisterSettings(
            answer_limit_s=limit_s,
            sale_budget_s=limit_s,
            backoff=Backoff(base_ms=retry_ms, cap_ms=max(retry_ms, BACKOFF_CAP_MS)),
            kz_reconnect_s=retry_ms / MS,
        )
        address = f"{given['OFD_PROTOCOL']}://{asked['host']}:{asked['port']}"
        if "OFD_KZ_VERSION" in given:  # nobody but a person sets it
            address += f"?version={given['OFD_KZ_VERSION']}"
        opening = CashRegister.open(
            asked["folder"],
            address,
            register_id=asked["register"],
            token=asked["token"],
            settings=settings,
            clock=self._clock,
        )
        self._open[asked["register"]] = await self._registers.enter_async_context(opening)
        return {"ok": True}

    # ------------------------------------------------------------------------------------------------ requests

    async def _sell(self, register: CashRegister, asked: Fields) -> Fields:
        line = Line(name=asked["name"], price=asked["price"])
        return _told(await register.sell([line], key=asked["key"]))

    async def _close_shift(self, register: CashRegister, asked: Fields) -> Fields:  # noqa: ARG002 - one signature
        return _told(await register.close_shift())

    async def _receipt(self, register: CashRegister, asked: Fields) -> Fields:
        found = await register.find(asked["key"])
        if found is None:
            return {"ok": False, "error": "not_found", "text": f"there is no receipt under {asked['key']!r}"}
        return _told(found)

    async def _status(self, register: CashRegister, asked: Fields) -> Fields:  # noqa: ARG002
        status = register.status()
        return {
            "ok": True,
            "autonomous": status.mode in (RegisterMode.AUTONOMOUS, RegisterMode.BLOCKED_AUTONOMOUS),
            "blocked": bool(status.blocks),
            "unsent": status.unsent,
        }

    async def _sync(self, register: CashRegister, asked: Fields) -> Fields:  # noqa: ARG002
        with suppress(NotDelivered, Undeliverable):  # what waits is told by status
            await register.sync(SYNC_S)
        return {"ok": True}

    async def _set_clock(self, register: CashRegister, asked: Fields) -> Fields:  # noqa: ARG002
        self._clock.set(asked["now"])
        return {"ok": True}

    async def _decide(self, register: CashRegister, asked: Fields) -> Fields:
        await register.resolve(Decision(asked["what"]), by="a person", why="as the scenario has it")
        return {"ok": True}


def _unknown(text: str) -> Fields:
    return {"ok": False, "error": "unknown", "text": text}


def _told(paper: FiscalPaper) -> Fields:
    told: Fields = {"ok": True, "number": paper.number, "autonomous": paper.autonomous}
    if isinstance(paper, FiscalReceipt):
        told |= {"sign": paper.sign, "autonomous_sign": paper.autonomous_sign}
    else:
        assert isinstance(paper, FiscalReport), "there are no other papers"
    return told


def _error_of(error: FiscalError) -> str:
    match error:
        case ShiftExpired():
            return "shift_expired"
        case RegisterBlocked():
            return "blocked"
        case DocumentRefused():
            return "refused"
        case KeyReused():
            return "key_reused"
        case _:
            return "failed"


async def drive(environment: Mapping[str, str]) -> None:
    """Answer every line of standard input until it ends."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with AsyncExitStack() as registers:
        driver = Driver(environment, registers)
        await driver.begin()
        while line := await reader.readline():
            answer = await driver.answer(line)
            sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(drive(os.environ))
