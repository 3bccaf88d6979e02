"""A shop over the Kazakhstan protocol: the register as it is, and a small operator that speaks in frames.

The operator keeps the token table of the protocol and nothing else of a ledger: what it counted, in order, and with
which numbers it came. Bytes go through memory, so time is virtual, as in :mod:`tests.kkt_client.shop`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Final, NamedTuple

from fiscal.protocols.kz.codes import ROTATES, Command, ResultCode
from fiscal.protocols.kz.frames import frame_reader, serialize_answer
from fiscal.protocols.kz.header import Header
from fiscal.protocols.kz.messages import parse_request, response_type, serialize
from fiscal.protocols.kz.numbers import RESULT_OF, Exchange, Verdict, accepted, judge, new_token
from fiscal.protocols.kz.service_block import ad, offline_period_of
from fiscal.time import Instant
from kkt_client.config import RegisterSettings
from kkt_client.core import kz_book
from kkt_client.core.kz_book import Book
from kkt_client.core.registration import Registration
from kkt_client.core.saying import Cause, Said
from kkt_client.ports import EXCHANGE, NoConnection
from kkt_client.register import Ports, Register
from kkt_client.storage.memory import InMemoryFiscalMemory, MemoryDisk
from kkt_client.transports.kz import KzTransport, KzWire
from tests.kkt_client.shop import PROFILE, LoopClock, Shop

TOKEN: Final = 123456789
DEVICE: Final = 100500
WHOSE: Final = Registration(register=str(DEVICE), token=str(TOKEN), profile=PROFILE, protocol="kz")


class Heard(NamedTuple):
    """One request, as it reached the operator."""

    command: Command
    token: int
    number: int
    body: bytes
    request: Any


@dataclass
class Say:
    """A result code for the next request of a command."""

    command: Command
    code: int
    text: str = ""
    shown: str | None = None


class KzOperator:
    """Counts documents by the token table, and fails as it is told. It outlives every connection."""

    def __init__(self) -> None:
        self.exchange = Exchange(TOKEN)
        self.counted: list[Heard] = []
        """Documents, each once."""
        self.heard: list[Heard] = []
        """Everything."""
        self.replays = 0
        self.down = False
        self.wires: list[KzWire] = []
        """Every connection, the newest last."""
        self.connections = 0
        self.connected_at: list[float] = []
        self.lose: set[Command] = set()
        """Served, and the connection breaks before the answer; once each."""
        self.drop: set[Command] = set()
        """The connection breaks before it is served; once each."""
        self.deaf: set[Command] = set()
        self.says: list[Say] = []
        self.raw: list[Callable[[Header, bytes], bytes]] = []
        """What goes out instead of the next answers to documents."""
        self.closes_after_answer = False
        self.slow_s = 0.0
        """How much longer every answer takes."""
        self.blocked = ""
        self.suffix = ""
        self._answer = b""

    def words(self) -> list[str]:
        return [heard.command.name for heard in self.heard]

    def numbers(self) -> list[tuple[int, int]]:
        return [(heard.token, heard.number) for heard in self.heard]

    def periods(self) -> list[tuple[Instant, Instant] | None]:
        """The offline period of every message."""
        return [offline_period_of(heard.request.service, PROFILE.zone) for heard in self.heard]

    def reset_token(self, token: int) -> None:
        self.exchange = self.exchange._replace(issued_token=token)

    # ------------------------------------------------------------------------------------------------- one request

    def take(self, header: Header, body: bytes) -> bytes | None:
        """The frame of the answer; ``None`` for none."""
        request = parse_request(header.version, body)
        command = Command(request.command)
        if command in self.deaf:
            return None
        if command in self.drop:
            self.drop.discard(command)
            raise ConnectionResetError
        heard = Heard(command, header.token, header.number, body, request)
        self.heard.append(heard)
        frame = self._judged(header, heard)
        if command in ROTATES and self.raw:
            frame = self.raw.pop(0)(header, frame)
        if command in self.lose:
            self.lose.discard(command)
            raise ConnectionResetError
        return frame

    def _judged(self, header: Header, heard: Heard) -> bytes:
        for say in self.says:
            if say.command == heard.command:
                self.says.remove(say)
                return self._refusal(header, heard.command, say)
        verdict = judge(self.exchange, heard.command, header.token, header.number)
        if verdict in RESULT_OF:
            return self._refusal(header, heard.command, Say(heard.command, RESULT_OF[verdict], verdict.value))
        if self.blocked:
            say = Say(heard.command, ResultCode.BLOCKED, "blocked", self.blocked)
            return self._refusal(header, heard.command, say)
        if verdict is Verdict.REPLAY:
            self.replays += 1
        elif heard.command in ROTATES:
            self.counted.append(heard)
            token = new_token(b"test", str(header.device_id), len(self.counted), header.token)
            self.exchange = accepted(heard.command, header.token, header.number, token)
            self._answer = self._good(header, heard.command)
        if heard.command in ROTATES:
            return serialize_answer(header, self.exchange.issued_token, self._answer)
        return serialize_answer(header, self.exchange.issued_token, self._good(header, heard.command))

    def _good(self, header: Header, command: Command) -> bytes:
        blocks: dict[str, Any] = {}
        if command == Command.TICKET:
            sign = f"{700_000_000_000 + len(self.counted)}{self.suffix}"
            blocks["ticket"] = {"ticket_number": sign, "qr_code": f"qr:{sign}".encode()}
        return serialize(response_type(header.version)(command=int(command), result={"result_code": 0}, **blocks))

    def _refusal(self, header: Header, command: Command, say: Say) -> bytes:
        blocks: dict[str, Any] = {}
        if say.shown is not None:
            from fiscal.protocols.kz.codes import AdType  # noqa: PLC0415

            blocks["service"] = {"ticket_ads": [ad(AdType.INFO, say.shown)]}
        result: dict[str, Any] = {"result_code": say.code}
        if say.text:
            result["result_text"] = say.text
        return serialize_answer(
            header,
            header.token,
            serialize(response_type(header.version)(command=int(command), result=result, **blocks)),
        )


class Pipe(asyncio.Transport):
    """The register's end of a connection to :class:`KzOperator`."""

    def __init__(self, operator: KzOperator, wire: KzWire) -> None:
        super().__init__()
        self._operator = operator
        self._wire = wire
        self._reader = frame_reader()
        self._closed = False

    def write(self, data: Any) -> None:
        asyncio.get_running_loop().call_later(0.01, self._arrive, bytes(data))

    def _arrive(self, data: bytes) -> None:
        if self._closed:
            return
        if self._operator.down:
            self._wire.connection_lost(ConnectionResetError("reset"))
            return
        self._reader.feed(data)
        while (frame := self._reader.next_frame()) is not None:
            try:
                answer = self._operator.take(*frame)
            except ConnectionResetError as error:
                self._wire.connection_lost(error)
                return
            if answer is not None:
                asyncio.get_running_loop().call_later(0.01 + self._operator.slow_s, self._deliver, answer)

    def _deliver(self, answer: bytes) -> None:
        if self._closed:
            return
        half = len(answer) // 2
        self._wire.data_received(answer[:half])
        self._wire.data_received(answer[half:])
        if self._operator.closes_after_answer:
            asyncio.get_running_loop().call_later(0.001, self._wire.eof_received)

    def close(self) -> None:
        self._closed = True

    abort = close


class PipedTransport(KzTransport):
    """The product's transport but for the socket."""

    def __init__(self, operator: KzOperator, clock: LoopClock, settings: RegisterSettings, version: int) -> None:
        super().__init__(
            "operator", 7777, clock, settings.answer_limit_s, version=version, operator_name="Транстелеком"
        )
        self._operator = operator

    async def dial(self) -> KzWire:
        operator = self._operator
        operator.connected_at.append(self.clock.monotonic())
        await asyncio.sleep(0.01)
        if operator.down:
            raise NoConnection(Cause(Said.CONNECTION_REFUSED, "connection refused"), was_open=False)
        operator.connections += 1
        wire = KzWire(self.clock)
        wire.connection_made(Pipe(operator, wire))
        operator.wires.append(wire)
        return wire


class KzShop(Shop):
    """A register over the Kazakhstan protocol, its disk, its operator and its clock."""

    def __init__(self, settings: RegisterSettings | None = None, version: int = 203) -> None:
        super().__init__(settings, MemoryDisk())
        self.kz = KzOperator()
        self.whose = WHOSE
        self.version = version

    def register(
        self, *, crash_after: int | None = None, sync: Callable[[], Awaitable[None]] | None = None
    ) -> Register:
        self.memory = InMemoryFiscalMemory(self.disk, crash_after=crash_after, sync=sync)
        ports = Ports(
            memory=self.memory,
            transport=PipedTransport(self.kz, self.clock, self.settings, self.version),
            clock=self.clock,
            ids=self.ids,
            disk=self.disk,
            chance=Random(1),
        )
        return Register(ports, self.settings, self.events.append)

    @property
    def book(self) -> Book:
        """The book as the disk has it."""
        return kz_book.read(self.disk.beside[EXCHANGE])
