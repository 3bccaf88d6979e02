"""The operator of the shop behind a real socket: the session of the other role, and nothing else."""

from __future__ import annotations

import asyncio
import time

from fiscal.domain.messages import Answer, Request
from fiscal.protocols.native.codec import NATIVE
from fiscal.session.connection import Connection
from fiscal.session.events import RequestReceived
from fiscal.session.state import Role
from tests.kkt_client.shop import Operator


class SpeakingOperator(asyncio.Protocol):
    """One connection of :class:`Operator`; requests of the kinds in ``operator.deaf`` get no answer."""

    def __init__(self, operator: Operator) -> None:
        self._operator = operator
        self._connection = Connection(Role.OPERATOR, NATIVE, time.monotonic())
        self._transport: asyncio.Transport | None = None
        operator.connections += 1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        self._connection.receive_data(data, now)
        while (event := self._connection.next_event()) is not None:
            if isinstance(event, RequestReceived) and type(event.message) not in self._operator.deaf:
                self._answer(event.number, event.message)

    def _answer(self, number: int, request: Request) -> None:
        assert self._transport is not None
        answer: Answer = self._operator.answer(request, time.time_ns() // 1_000_000)
        if type(request) in self._operator.lose:
            self._operator.lose.discard(type(request))
            self._transport.abort()
            return
        self._connection.send_answer(number, answer, time.monotonic())
        for part in self._connection.data_to_send():
            self._transport.write(part)


class Listening:
    """``async with Listening(operator) as port``."""

    def __init__(self, operator: Operator) -> None:
        self._operator = operator
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> int:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: SpeakingOperator(self._operator), "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
