"""An operator that speaks the native protocol over real sockets and makes one mistake on purpose.

The rule: everything but the planted mistake is right, so a verdict that finds anything else is wrong itself.
"""

import asyncio
import time
from typing import Self, cast

from fiscal.domain.document import carries_sign, kind_of
from fiscal.domain.messages import Accepted, Hello, Noted, SubmitDocument, Welcome
from fiscal.protocols.content import decode_content
from fiscal.protocols.native.codec import NATIVE
from fiscal.session.connection import Connection
from fiscal.session.events import RequestReceived
from fiscal.session.state import Role
from mock_ofd.load.verdict import Kept

LATE_S = 1.2
VICTIM = 3
"""The number of the document that the mistake is made with; of the first register that sends it."""


class FalseOperator:
    def __init__(self, mistake: str) -> None:
        self.ledger: list[Kept] = []
        self.address = ""
        self._mistake = mistake
        self._made = False
        self._held: Kept | None = None
        self._known: dict[tuple[str, int], str | None] = {}

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Desk(self), "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        self.address = f"{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    def last_of(self, register: str) -> int:
        return max((number for name, number in self._known if name == register), default=0)

    def keep(self, register: str, number: int, signed: bool) -> tuple[str | None, float]:
        """The sign that is told, and after how many seconds."""
        sign = f"{len(self._known) + 1:012d}" if signed else None
        if (register, number) in self._known:
            return self._known[register, number], 0.0
        self._known[register, number] = sign
        kept, plant = Kept(register, number, sign), number == VICTIM and not self._made
        if self._held is not None and self._held.register_id == register:
            self.ledger += [kept, self._held]
            self._held = None
            return sign, 0.0
        self._made = self._made or plant
        match self._mistake if plant else "":
            case "loses":
                pass
            case "signs otherwise":
                self.ledger.append(kept._replace(sign="999999999999"))
            case "doubles":
                self.ledger += [kept, kept]
            case "swaps":
                self._held = kept
            case "answers late":
                self.ledger.append(kept)
                return sign, LATE_S
            case _:
                self.ledger.append(kept)
        return sign, 0.0


class _Desk(asyncio.Protocol):
    def __init__(self, operator: FalseOperator) -> None:
        self._operator = operator
        self._register = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._connection = Connection(Role.OPERATOR, NATIVE, time.monotonic())

    def data_received(self, data: bytes) -> None:
        self._connection.receive_data(data, time.monotonic())
        while (event := self._connection.next_event()) is not None:
            if isinstance(event, RequestReceived):
                self._answer(event)
        self._write()

    def _answer(self, event: RequestReceived) -> None:
        at, operator, request = int(time.time() * 1_000), self._operator, event.message
        if isinstance(request, Hello):
            self._register = request.register
            answer = Welcome(at=at, operator="false", last_number=operator.last_of(self._register))
            self._connection.send_answer(event.number, answer, time.monotonic())
            return
        if not isinstance(request, SubmitDocument):
            self._connection.send_answer(event.number, Noted(at=at), time.monotonic())
            return
        document = decode_content(request.content)
        sign, after_s = operator.keep(self._register, document.number, carries_sign(kind_of(document)))
        accepted = Accepted(number=document.number, at=at, sign=sign)

        def send() -> None:
            self._connection.send_answer(event.number, accepted, time.monotonic())
            self._write()

        asyncio.get_running_loop().call_later(after_s, send) if after_s else send()

    def _write(self) -> None:
        for data in self._connection.data_to_send():
            if data and not self._transport.is_closing():
                self._transport.write(data)
