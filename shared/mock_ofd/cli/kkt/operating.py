"""The commands that look after a register: ``setup``, ``sync``, ``unfinished``, ``resolve``, ``token set``, ``events``."""

from __future__ import annotations

import asyncio
import getpass
import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, Final

from fiscal.domain.limits import TOKEN_MAX
from fiscal.errors import InvalidValue
from kkt_client.app import CashRegister
from kkt_client.core.errors import RegisterBlocked
from kkt_client.core.events import DocumentMoved
from kkt_client.core.records import Decision
from kkt_client.core.views import event_json, paper_json, status_json
from mock_ofd.cli.exits import Exit
from mock_ofd.cli.kkt.call import WAIT_MAX_S, Call
from mock_ofd.cli.kkt.options import SYNC_S
from mock_ofd.cli.kkt.views import (
    LIST_HEAD,
    aligned,
    event_line,
    list_row,
    status_rows,
    table,
)

_TEXT_MAX: Final = 256
"""Characters of a name and of a reason, as a void carries them to the operator."""


async def setup(call: Call) -> None:
    """Found the register, or keep what is new about it."""
    async with call.register() as register:
        show_status(call, register)


def show_status(call: Call, register: CashRegister, **facts: Any) -> None:
    """How the register is doing now, with these facts beside it."""
    found, zone = register.status(), register.registration.profile.zone
    rows = status_rows(found, zone, call.address)
    call.output.show({**facts, **status_json(found, call.address)}, aligned(rows))


async def sync(call: Call) -> None:
    """Send everything; what could not be sent is an error behind the figures."""
    timeout = call.seconds("timeout", SYNC_S)
    async with call.register() as register:
        before = register.status().last_number - register.status().unsent
        try:
            async with _progress(call, register):
                await register.sync(timeout)
        finally:
            told = await call.told()
            found = register.status()
            sent = found.last_number - found.unsent - before
            facts = {"sent": sent, "unsent": found.unsent, "mode": found.mode.value, "events": told}
            call.output.show(facts, f"передано: {sent}, осталось: {found.unsent}\n")


@asynccontextmanager
async def _progress(call: Call, register: CashRegister) -> AsyncIterator[None]:
    """A bar on the terminal of whoever waits for it."""
    total = register.status().unsent
    if not call.output.is_watched or not total:
        yield
        return
    from rich.console import Console  # noqa: PLC0415 - only for a terminal
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("передача", total=total)

        async def follow() -> None:
            async for event in register.events():
                if isinstance(event, DocumentMoved):
                    bar.update(task, completed=total - register.status().unsent)

        following = asyncio.create_task(follow())
        try:
            yield
        finally:
            following.cancel()


async def unfinished(call: Call) -> None:
    """Documents that were issued and never handed out; ``--acknowledge`` takes them off the list."""
    async with call.register() as register:
        found = await register.unfinished()
        numbers = [paper.number for paper in found if paper.number is not None]
        text = table(LIST_HEAD, map(list_row, found)) if found else "таких документов нет\n"
        acknowledged = numbers if call.option("acknowledge") else []
        call.output.show({"documents": list(map(paper_json, found)), "acknowledged": acknowledged}, text)
        register.acknowledge(*acknowledged)


async def resolve(call: Call) -> None:
    """Record a person's decision, then go on sending."""
    by, why = call.option("by"), call.option("why")
    for name, text in (("by", by), ("why", why)):
        if not 0 < len(text.strip()) <= _TEXT_MAX:
            raise InvalidValue(name, f"must have 1 .. {_TEXT_MAX} characters, has {len(text.strip())}")
    async with call.register() as register:
        decision = Decision(call.option("decision"))
        await register.resolve(decision, by=by.strip(), why=why.strip(), number=call.option("number"))
        await call.drain(register)
        show_status(call, register, decision=decision.value, events=await call.told())


def set_token(call: Call) -> Awaitable[None]:
    """A new token, and a look whether the operator takes it; it is read where nobody sees it, before any loop runs."""
    return _set_token(call, read_token())


async def _set_token(call: Call, token: str) -> None:
    async with call.register() as register:
        await register.set_token(token)
        await call.drain(register)
        for block in register.status().blocks:
            raise RegisterBlocked(block.reason, block.text)
        show_status(call, register)


def read_token() -> str:
    """From a terminal without showing it, else the first line of standard input; never from the command line."""
    line = getpass.getpass("token: ") if sys.stdin.isatty() else sys.stdin.readline(TOKEN_MAX + 2)
    token = line.rstrip("\r\n")
    if not 0 < len(token) <= TOKEN_MAX:
        raise InvalidValue("token", f"must have 1 .. {TOKEN_MAX} characters, has {len(token)}")
    return token


async def events(call: Call) -> Exit:
    """Stay as a register that is always on; an interrupt or the end of ``--seconds`` is the way to leave."""
    seconds = call.seconds("seconds", WAIT_MAX_S) if call.option("seconds") is not None else None
    async with call.register() as register:
        zone = register.registration.profile.zone
        stream = register.events()
        try:
            async with asyncio.timeout(seconds):
                async for event in stream:
                    call.output.show(event_json(event), event_line(event, zone) + "\n")
        except (TimeoutError, asyncio.CancelledError):
            return Exit.OK
    return Exit.OK
