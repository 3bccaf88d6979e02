"""``mock-ofd demo --live``: an operator with registers in its own process, and nobody but the person at the page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from mock_ofd.demo.live import PHONE, LiveRegisters
from mock_ofd.demo.live_routes import live_routes
from ofd_server.app import OfdServer

SEED: Final = 1
"""Of the baskets, when nobody says another."""


@asynccontextmanager
async def live_shop(folder: Path, seed: int | None = None, **settings: Any) -> AsyncIterator[Mapping[str, str]]:
    """An operator and all registers of the shop, in this folder; its addresses. ``settings`` are the operator's."""
    registers = LiveRegisters(folder, SEED if seed is None else seed)
    own = {"http": "127.0.0.1:0", "native": "127.0.0.1:0", "kz": "off", "data": folder / "operator"}
    named = {"operator_name": "mock-ofd", "operator_phone": PHONE, "record": False}
    more = partial(live_routes, registers)
    async with OfdServer(more_routes=more, **{**own, **named, **settings}) as operator:
        assert operator.http_address is not None
        assert operator.native_address is not None
        try:
            await registers.open(operator.http_address, operator.native_address)
            yield {
                "page": f"http://{operator.http_address}/",
                "http": f"http://{operator.http_address}",
                "native": f"native://{operator.native_address}",
            }
        finally:
            await registers.close()
