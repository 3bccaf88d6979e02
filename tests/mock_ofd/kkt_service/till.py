"""A register as a service on a real socket, its operator in memory, and a client that speaks HTTP to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import aiohttp

from kkt_client.config import RegisterSettings
from kkt_client.register import Register
from mock_ofd.kkt_service.app import KktService
from tests.kkt_client.shop import Shop

WAIT_S: Final = 20.0
"""For a machine that is busy with other things; nothing here takes a tenth of it."""
IMPATIENT: Final = RegisterSettings(answer_limit_s=0.2, sale_budget_s=0.4, retry_in_sale_s=0.0)
BREAD: Final[Mapping[str, Any]] = {"items": [{"name": "Хлеб", "price": 25_000}]}
"""A basket of 250.00."""


@dataclass(frozen=True)
class Reply:
    """An answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def paper(self) -> Any:
        """The paper of an order that was served."""
        assert self.status == 200, self.body
        return self.json["paper"]

    @property
    def error(self) -> Any:
        """The error in the one form that all have."""
        ((name, error),) = self.json.items()
        assert name == "error", self.body
        return error

    @property
    def failed(self) -> tuple[int, str]:
        """The status and the code of an error."""
        return self.status, self.error["code"]


class Till:
    """Use it as an async context manager. ``given`` goes to :class:`KktService`."""

    register: Register
    service: KktService

    def __init__(self, shop: Shop | None = None, **given: Any) -> None:
        self.shop = shop or Shop(IMPATIENT)
        self._given = given

    async def __aenter__(self) -> Self:
        self.register = self.shop.register()
        await self.shop.start(self.register)
        self.service = KktService(self.register, **self._given)
        await self.service.start()
        timeout = aiohttp.ClientTimeout(total=WAIT_S)
        self.session = aiohttp.ClientSession(timeout=timeout, auto_decompress=False)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.session.close()
        await self.service.stop()
        await self.register.close()

    async def ask(self, method: str, path: str, **given: Any) -> Reply:
        if not path.startswith(("/healthz", "/readyz")):
            path = f"/api/v1{path}"
        async with self.session.request(method, self.service.url + path, **given) as response:
            return Reply(response.status, dict(response.headers), await response.read())

    async def get(self, path: str, **given: Any) -> Reply:
        return await self.ask("GET", path, **given)

    async def post(self, path: str, body: Any = None, key: str | None = None, **headers: str) -> Reply:
        if key is not None:
            headers["Idempotency-Key"] = key
        return await self.ask("POST", path, json={} if body is None else body, headers=headers)

    async def sell(self, key: str | None = None, **more: Any) -> Reply:
        """A loaf of bread."""
        return await self.post("/sell", {**BREAD, **more}, key)


async def until(condition: Any) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(WAIT_S):
        while not condition():  # noqa: ASYNC110 - what is waited for is anything
            await asyncio.sleep(0.005)
