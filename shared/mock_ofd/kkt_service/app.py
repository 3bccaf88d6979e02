"""A register as a service: joins an open register with its HTTP interface.

The rule of the end: no new order is taken, those that have begun are finished and answered, then the listener closes.
The register itself is closed by whoever opened it, last.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self

from fiscal.errors import StorageError
from kkt_client.core.receipts import FiscalPaper
from kkt_client.register import Register
from mock_ofd.kkt_service.description import description_route
from mock_ofd.kkt_service.desk import Desk
from mock_ofd.kkt_service.feed import Feed
from mock_ofd.kkt_service.listening import address_of, bind
from mock_ofd.kkt_service.looking import Looking
from mock_ofd.kkt_service.operating import Operating
from mock_ofd.kkt_service.routes import (
    event_routes,
    life_routes,
    looking_routes,
    operating_routes,
    order_routes,
)
from ofd_server.config import VERSION
from ofd_server.gateways.http.gateway import HttpGateway
from ofd_server.gateways.http.routes import Route

CONNECTIONS_MAX: Final = 256
"""Open connections: a till has a few programs, each with a few connections."""
BODY_MAX: Final = 1024 * 1024
"""Bytes of a request: 500 items with names and marking codes of full length have half of it."""
FINISH_S: Final = 15.0
"""Seconds that orders get to be finished at the end: three sales of which each waits for an answer that never comes."""


class KktService:
    """The HTTP interface of an open register. Use it as an async context manager, or :meth:`start` and :meth:`stop`.

    ``listening`` is a bound socket (:func:`mock_ofd.kkt_service.listening.bind`), without it a free port of the
    loopback is taken. ``operator`` is the operator's address as it is shown in a status, without a token. With
    ``require_key`` an order without a key is refused. ``on_paper`` gets every paper that is handed out.
    """

    def __init__(
        self,
        register: Register,
        *,
        listening: socket.socket | None = None,
        api_token: str | None = None,
        require_key: bool = False,
        operator: str = "",
        on_paper: Callable[[FiscalPaper], None] = lambda _paper: None,
    ) -> None:
        self.address = ""
        """``HOST:PORT`` of the listener, once it listens."""
        self.failed = asyncio.Event()
        """Set when the memory has failed: nothing more is issued until the register is opened again."""
        self._register = register
        self._listening = listening
        self._token = api_token
        self._stopping = asyncio.Event()
        self._failure: str | None = None
        self._following: asyncio.Task[None] | None = None
        self._feed = Feed(secrets.token_hex(4), self._stopping)
        self._desk = Desk(register, require_key=require_key, on_failed=self._fail, on_paper=on_paper)
        self._gateway = HttpGateway(
            self._routes(operator, require_key=require_key),
            self._stopping,
            connections_max=CONNECTIONS_MAX,
            body_max=BODY_MAX,
            api_token=api_token,
        )

    def _routes(self, operator: str, *, require_key: bool) -> list[Route]:
        rows = [
            *order_routes(self._desk),
            *looking_routes(Looking(self._register, operator)),
            *operating_routes(Operating(self._register, operator)),
            *event_routes(self._feed),
            *life_routes(self._stopping, lambda: self._failure),
        ]
        return [*rows, description_route(rows, require_key=require_key)]

    def _fail(self, error: StorageError) -> None:
        self._failure = str(error)
        self.failed.set()

    @property
    def url(self) -> str:
        """``http://HOST:PORT``."""
        return f"http://{self.address}"

    def ready_line(self) -> dict[str, Any]:
        """What ``mock-ofd kkt serve`` prints when it is ready."""
        status = self._register.status()
        return {
            "event": "ready",
            "http": self.address,
            "register": status.register_id,
            "mode": status.mode.value,
            "unsent": status.unsent,
            "unfinished": list(status.unfinished),
            "version": VERSION,
        }

    async def start(self) -> None:
        """Listen, and tell from here on what happens."""
        listening = self._listening or bind("127.0.0.1", 0, self._token)
        self.address = address_of(listening)
        self._following = asyncio.create_task(self._follow())
        await self._gateway.start(listening)

    async def _follow(self) -> None:
        async for event in self._register.events():
            self._feed.hear(event)

    async def stop(self) -> None:
        """Finish what has begun; further calls do nothing."""
        self._gateway.stop_accepting()
        if self._desk.serving:
            await asyncio.wait(set(self._desk.serving), timeout=FINISH_S)
        await self._gateway.close()
        if self._following is not None:
            self._following.cancel()
            self._following = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
