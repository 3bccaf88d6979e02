"""Where a dialogue is played: a real operator on a real socket, with a clock that stands still until a step moves it.

The rule: the author's scripts, whose answers are recorded, and the test that plays what was recorded use the same stage,
so the recording is all that can differ.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from unittest.mock import AsyncMock, patch

from fiscal.domain.register import RegisterProfile, Taxpayer
from ofd_server import OfdServer, app
from ofd_server.core.administration import Order, add, lift, reset_token, set_standing
from ofd_server.core.entries import Standing
from ofd_server.core.kz import KzExchange
from tests.ofd_server.twins import ManualClock, ScriptedJournal

FILES: Final = Path(__file__).with_name("dialogues") / "files"
FILE_SETTINGS: Final = ("kz_catalogue", "kz_cashiers")
"""Settings of a dialogue that name a file beside it."""
LISTENERS: Final = {"kz": "127.0.0.1:0", "http": "off", "native": "off"}
PATIENCE_S: Final = 20
"""How long an answer may take on a machine that does much else; nothing is judged by it."""
HEADER_SIZE: Final = 18


class Stage:
    """One operator, its clock, and the connections that a dialogue has opened, by their names."""

    def __init__(self, server: OfdServer, clock: ManualClock, journal: ScriptedJournal, defects: list[bool]) -> None:
        self._server = server
        self._clock = clock
        self._journal = journal
        self._defects = defects
        self._open: dict[str, tuple[asyncio.StreamReader, asyncio.StreamWriter]] = {}

    async def _connection(self, name: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if name not in self._open:
            assert self._server.kz_address is not None
            host, _, port = self._server.kz_address.rpartition(":")
            self._open[name] = await asyncio.open_connection(host, int(port))
        return self._open[name]

    async def send(self, name: str, data: bytes, piece: int = 0) -> None:
        """All at once, or in pieces of so many bytes, each given time to arrive by itself."""
        _, writer = await self._connection(name)
        size = piece or len(data) or 1
        for begin in range(0, len(data), size):
            writer.write(data[begin : begin + size])
            await writer.drain()
            if piece:
                await asyncio.sleep(0)

    async def receive(self, name: str) -> bytes:
        """The next frame whole; :class:`EOFError` when the operator closes instead."""
        reader, _ = await self._connection(name)
        async with asyncio.timeout(PATIENCE_S):
            header = await reader.readexactly(HEADER_SIZE)
            return header + await reader.readexactly(int.from_bytes(header[4:8], "little") - HEADER_SIZE)

    async def rest(self, name: str, *, end_first: bool) -> bytes:
        """All that still comes until the operator closes, after the end of our half or without it."""
        reader, writer = self._open.pop(name)
        try:
            if end_first:
                writer.write_eof()
            async with asyncio.timeout(PATIENCE_S):
                return await reader.read()
        finally:
            writer.close()

    async def cut(self, name: str) -> None:
        """The register is gone, whatever was on its way."""
        _, writer = self._open.pop(name)
        writer.transport.abort()
        await asyncio.sleep(0)

    def wait(self, seconds: int) -> None:
        self._clock.pass_(seconds)

    async def do(self, what: Mapping[str, Any]) -> None:
        """What a person at the operator does, or what goes wrong there: one of the steps of :data:`DEEDS`."""
        ((deed, arguments),) = what.items()
        await DEEDS[deed](self, arguments)

    async def _administer(self, register: str, order: Order) -> None:
        await self._server.service.administer(register, order)

    async def _block(self, given: Mapping[str, str]) -> None:
        await self._administer(given["device"], set_standing(Standing.BLOCKED, given["text"]))

    async def _unblock(self, given: Mapping[str, str]) -> None:
        await self._administer(given["device"], lift(Standing.BLOCKED))

    async def _unpaid(self, given: Mapping[str, str]) -> None:
        await self._administer(given["device"], set_standing(Standing.UNPAID))

    async def _paid(self, given: Mapping[str, str]) -> None:
        await self._administer(given["device"], lift(Standing.UNPAID))

    async def _remove(self, given: Mapping[str, str]) -> None:
        await self._administer(given["device"], set_standing(Standing.REMOVED))

    async def _reset_token(self, given: Mapping[str, str]) -> None:
        await self._administer(given["device"], reset_token(given["token"]))

    async def _add(self, given: Mapping[str, Any]) -> None:
        owner = Taxpayer(name=given["taxpayer"], tax_id=given["bin"])
        profile = RegisterProfile(taxpayer=owner, place=given["place"], rnm=given["rnm"], serial=given["serial"])
        await self._administer(given["device"], add(given["device"], given["token"], profile))

    async def _storage_fails(self, given: Mapping[str, str]) -> None:
        self._journal.poisoned.add(given["device"])

    async def _storage_recovers(self, given: Mapping[str, str]) -> None:
        self._journal.poisoned.discard(given["device"])

    async def _defect(self, _given: Mapping[str, str]) -> None:
        self._defects.append(True)


DEEDS: Final[Mapping[str, Callable[[Stage, Any], Any]]] = {
    "add": Stage._add,
    "block": Stage._block,
    "unblock": Stage._unblock,
    "unpaid": Stage._unpaid,
    "paid": Stage._paid,
    "remove": Stage._remove,
    "reset_token": Stage._reset_token,
    "storage_fails": Stage._storage_fails,
    "storage_recovers": Stage._storage_recovers,
    "defect": Stage._defect,
}
"""What a step ``do`` can name; README.md tells each."""


@asynccontextmanager
async def stage(settings: Mapping[str, Any], clock: str) -> AsyncIterator[Stage]:
    """An operator with these settings at this time; it ends with the block, and nothing that was not read may be left."""
    manual = ManualClock(wall=round(datetime.fromisoformat(clock).timestamp() * 1000))
    journal = ScriptedJournal()
    defects: list[bool] = []
    decide = KzExchange.decide

    def decide_or_fail(self: KzExchange, *arguments: Any) -> Any:
        if defects:
            self.read()
            defects.pop()
            raise RuntimeError("a defect that a dialogue asked for")
        return decide(self, *arguments)

    submit = KzExchange.submit

    def submit_unless_it_fails(self: KzExchange, *arguments: Any) -> Any:
        return None if defects else submit(self, *arguments)  # what is submitted is decided with others

    files = {name: FILES / value for name, value in settings.items() if name in FILE_SETTINGS}
    named: dict[str, Any] = {**LISTENERS, **settings, **files}
    with ExitStack() as patches:
        patches.enter_context(patch.object(app, "open_journal", AsyncMock(return_value=journal)))
        patches.enter_context(patch.object(KzExchange, "decide", decide_or_fail))
        patches.enter_context(patch.object(KzExchange, "submit", submit_unless_it_fails))
        async with OfdServer(clock=manual, **named) as server:
            here = Stage(server, manual, journal, defects)
            yield here
            for name in tuple(here._open):
                left = await here.rest(name, end_first=True)
                assert not left, f"connection {name}: nobody asked for {left.hex()}"
