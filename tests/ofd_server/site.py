"""A whole operator on the loopback and a client of its HTTP interface, with a clock that stands still."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import aiohttp

from fiscal.domain.document import ONLINE, Delivery, Document
from fiscal.domain.messages import Hello, SubmitDocument
from fiscal.domain.register import RegisterProfile, Taxpayer
from fiscal.protocols.content import encode_content
from fiscal.protocols.rest.codec import MediaType, serialize_request
from ofd_server.app import OfdServer
from tests.documents import receipt
from tests.ofd_server.twins import ManualClock, Till

PROFILE: Final = RegisterProfile(
    taxpayer=Taxpayer(name="ТОО «Ромашка»", tax_id="123456789012"),
    place="Алматы, Абая 1",
    rnm="010101010101",
    serial="SWK00001",
)
TOKEN: Final = "token-of-the-register"
T = TypeVar("T")
WAIT_S: Final = 5.0
"""How long a test waits for what has to come."""


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
    def error(self) -> Any:
        """The error in the one form that all have."""
        ((name, error),) = self.json.items()
        assert name == "error", self.body
        assert error.keys() == {"code", "field", "text"}, self.body
        return error

    @property
    def text(self) -> str:
        return self.body.decode()


class Site:
    """Use it as an async context manager. ``given`` are settings of the operator."""

    def __init__(self, **given: Any) -> None:
        self.clock = given.pop("clock", None) or ManualClock()
        # Tests look inside and put twins in the place of methods.
        self.ofd: Any = OfdServer(clock=self.clock, **{"http": "127.0.0.1:0", "native": "127.0.0.1:0", **given})
        self.tills: dict[str, Till] = {}

    async def __aenter__(self) -> Self:
        await self.ofd.start()
        timeout = aiohttp.ClientTimeout(total=WAIT_S)
        self.session = aiohttp.ClientSession(timeout=timeout, auto_decompress=False)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.session.close()
        await self.ofd.stop()

    @property
    def url(self) -> str:
        return f"http://{self.ofd.http_address}"

    @property
    def port(self) -> int:
        assert self.ofd.http_address is not None
        return int(self.ofd.http_address.rpartition(":")[2])

    async def ask(self, method: str, path: str, **given: Any) -> Reply:
        async with self.session.request(method, self.url + path, **given) as response:
            return Reply(response.status, dict(response.headers), await response.read())

    async def get(self, path: str, **given: Any) -> Reply:
        return await self.ask("GET", path, **given)

    async def post(self, path: str, **given: Any) -> Reply:
        return await self.ask("POST", path, **given)

    async def raw(self, *chunks: bytes, close: bool = False) -> bytes:
        """What comes back, until the server closes, to bytes that are sent as they are."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for chunk in chunks:
                writer.write(chunk)
                await writer.drain()
            if close:
                writer.write_eof()
            async with asyncio.timeout(WAIT_S):
                return await reader.read()
        finally:
            writer.close()

    # -------------------------------------------------------------------------------------------------- registers

    async def hello(self, register_id: str = "kkm-1", token: str = TOKEN, **given: Any) -> Reply:
        told = {"register": register_id, "token": token, "software": "test", "last_number": 10**6, **given}
        return await self.command(register_id, "hello", serialize_request(Hello(**told), MediaType.JSON), token=None)

    async def command(
        self,
        register_id: str,
        path: str,
        body: bytes,
        token: str | None = TOKEN,
        media: str = "application/json",
    ) -> Reply:
        headers = {"Content-Type": media}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return await self.post(f"/api/v1/registers/{register_id}/{path}", data=io.BytesIO(body), headers=headers)

    async def submit(
        self, register_id: str, document: Document, delivery: Delivery = ONLINE, form: MediaType = MediaType.JSON
    ) -> Reply:
        request = SubmitDocument(content=encode_content(document), delivery=delivery)
        return await self.command(register_id, "documents", serialize_request(request, form), media=form.value)

    async def registered(self, register_id: str = "kkm-1", **given: Any) -> Till:
        """A register that has said hello, and its till."""
        reply = await self.hello(register_id, **{"profile": PROFILE, **given})
        assert reply.json["result"] == "welcome", reply.body
        till = self.tills[register_id] = Till()
        return till

    async def sold(self, register_id: str = "kkm-1", **given: Any) -> Any:
        """A sale of a register that is known; the answer to it."""
        till = self.tills[register_id]
        delivery = given.pop("delivery", ONLINE)
        reply = await self.submit(register_id, till.sale(delivery, **given), delivery)
        assert reply.json["result"] == "accepted", reply.body
        return reply.json


def sale(number: int = 1, **given: Any) -> bytes:
    """The body that submits a receipt."""
    return serialize_request(SubmitDocument(content=encode_content(receipt(number, **given))), MediaType.JSON)


class Running:
    """A site in a thread of its own, for clients that are not asynchronous. ``begin`` is run when it is ready."""

    def __init__(self, begin: Callable[[Site], Awaitable[None]] | None = None, **given: Any) -> None:
        self._begin = begin
        self._given = given
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(WAIT_S * 2)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(WAIT_S * 2)

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        async with Site(**self._given) as self.site:
            self.url = self.site.url
            if self._begin is not None:
                await self._begin(self.site)
            self._ready.set()
            await self._stop.wait()

    def do(self, doing: Coroutine[Any, Any, T]) -> T:
        """Have the site do something, and wait for it."""
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(WAIT_S)
