"""A register that speaks the Kazakhstan protocol, and an operator that has one: for tests of the operator's side.

The rule: the device keeps its token and its request number as an honest one does, unless a test says otherwise; what the
operator decided is written as rows, read back, and folded again after each exchange, and must give the same state.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from msgspec import structs

from fiscal.domain.document import ONLINE, CloseShift, Delivery, Deposit, Document, Withdrawal
from fiscal.domain.receipt import Receipt
from fiscal.protocols.kz.codes import Command, ResultCode
from fiscal.protocols.kz.frames import frame_reader, serialize_frame
from fiscal.protocols.kz.header import Header
from fiscal.protocols.kz.messages import parse_response, request_type
from fiscal.protocols.kz.placements import placement_fields
from fiscal.protocols.kz.reports import close_shift_fields
from fiscal.protocols.kz.service_block import generated_profile, service_request_fields
from fiscal.protocols.kz.tickets import ticket_fields
from fiscal.protocols.kz.writing import Fields
from fiscal.time import Instant
from ofd_server.core.administration import Order
from ofd_server.core.entries import Anomaly, AnomalyCode, DocumentRecorded, MadeAutonomous
from ofd_server.core.exchange import Found, Need
from ofd_server.core.kz import KzExchange
from ofd_server.core.kz_answers import KzAnswer
from ofd_server.core.kz_desk import Desk
from ofd_server.core.replay import replay
from ofd_server.core.rules import Rules
from ofd_server.storage.rows import entry_of, pack_state, row_of, unpack_state
from tests.documents import T0
from tests.ofd_server.twins import SIGNER

ZONE: Final = "Asia/Almaty"
DEVICE: Final = 100500
TOKEN: Final = 123456789
PATIENCE_S: Final = 10.0
"""How long a test waits for what has to come."""

_BLOCKS: Final = {
    Receipt: "ticket",
    Deposit: "money_placement",
    Withdrawal: "money_placement",
    CloseShift: "close_shift",
}
_COMMANDS: Final = {
    Receipt: Command.TICKET,
    Deposit: Command.MONEY_PLACEMENT,
    Withdrawal: Command.MONEY_PLACEMENT,
    CloseShift: Command.CLOSE_SHIFT,
}


@dataclass
class Answer:
    """What came back: the token of the header, and the message."""

    token: int
    message: Any
    outcome: str = ""

    @property
    def code(self) -> int:
        code: int = self.message.result.result_code
        return code

    @property
    def text(self) -> str:
        text: str = self.message.result.result_text
        return text

    @property
    def sign(self) -> str:
        sign: str = self.message.ticket.ticket_number
        return sign


@dataclass
class Device:
    """Composes what a register sends. ``token`` and ``number`` are those of the next request."""

    id: int = DEVICE
    token: int = TOKEN
    number: int = 1
    version: int = 203

    def body(self, command: int, **blocks: Any) -> bytes:
        """A request with these blocks, and a service block that lacks nothing unless one is given, or ``None``."""
        service = blocks.pop("service", self.service())
        if service is not None:
            blocks["service"] = service
        written: bytes = request_type(self.version)(command=command, **blocks).SerializeToString()
        return written

    def service(self, now: Instant = T0, period: tuple[Instant, Instant] | None = None, **more: Any) -> Fields:
        profile = generated_profile(self.id, ZONE)
        return {**service_request_fields(profile, self.id, self.version, now, period), **more}

    def document(self, document: Document, delivery: Delivery = ONLINE, **more: Any) -> bytes:
        """The request that carries a document; ``more`` are further blocks of it."""
        return self.body(_COMMANDS[type(document)], **{_BLOCKS[type(document)]: self.block(document, delivery), **more})

    def block(self, document: Document, delivery: Delivery = ONLINE) -> Fields:
        """The block of a document, for a test that makes it wrong."""
        match document:
            case Receipt():
                return ticket_fields(document, delivery, ZONE, self.version)
            case Deposit() | Withdrawal():
                return placement_fields(document, delivery, ZONE, self.version)
            case CloseShift():
                return close_shift_fields(document, delivery, ZONE, self.version)
            case _:
                raise AssertionError(document)

    def frame(self, body: bytes, token: int | None = None, number: int | None = None) -> bytes:
        chosen = self.token if token is None else token
        return serialize_frame(self.version, self.id, chosen, self.number if number is None else number, body)

    def take(self, answer: Answer) -> Answer:
        """Go on as the answer says: its token, and the next number; after 65535 comes 0."""
        self.token = answer.token
        self.number = (self.number + 1) % 65_536
        return answer


@dataclass
class Counter:
    """The operator of one register, without a lane: what it decides is true at once."""

    desk: Desk = field(default_factory=lambda: Desk(rules=Rules(), signer=SIGNER))
    device: Device = field(default_factory=Device)
    now: Instant = T0
    state: Any = None
    entries: list[Any] = field(default_factory=list)

    def ask(self, body: bytes, token: int | None = None, number: int | None = None) -> Answer:
        """Send, and go on with the token of the answer when everything in the request was the device's own."""
        answer = self.said(body, token, number)
        assert answer is not None
        return answer

    def said(self, body: bytes, token: int | None = None, number: int | None = None) -> Answer | None:
        """The same, where there may be no answer."""
        device = self.device
        own = token is None and number is None
        exchange = KzExchange(self.desk, self.header(body, token, number), body)
        decision = exchange.decide(self.state, self.now, None)
        if isinstance(decision, Need):
            decision = exchange.decide(self.state, self.now, self.find(decision))
        assert not isinstance(decision, Need)
        if decision.entries:
            self.entries += decision.entries
            self.state = decision.state
            assert self.state == replay(str(device.id), None, self.entries)
            assert unpack_state(pack_state(self.state)) == self.state
            for entry in decision.entries:
                assert entry_of(row_of(entry, 1, 1, 1, 1)) == entry
        else:
            assert decision.state == self.state
        said = decision.answer
        if said is None:
            return None
        assert isinstance(said, KzAnswer)
        answer = Answer(said.token, parse_response(device.version, said.body), said.outcome)
        assert answer.code == said.code
        return device.take(answer) if own and not answer.code else answer

    def header(self, body: bytes, token: int | None = None, number: int | None = None) -> Header:
        device = self.device
        chosen = device.token if token is None else token
        return Header(device.version, device.id, chosen, device.number if number is None else number, len(body))

    def good(self, body: bytes, **given: Any) -> Answer:
        answer = self.ask(body, **given)
        assert answer.code == ResultCode.OK, answer.text
        return answer

    def find(self, need: Need) -> Found:
        """What a journal would find."""
        kept = {entry.number: entry for entry in self.documents}
        for entry in self.entries:
            if isinstance(entry, MadeAutonomous):
                kept[entry.number] = structs.replace(
                    kept[entry.number], autonomous=True, autonomous_sign=entry.autonomous_sign, period=entry.period
                )
        closes = [entry for entry in kept.values() if isinstance(entry.document, CloseShift)]
        signs = {entry.autonomous_sign for entry in kept.values() if entry.number != need.document}
        document = None if need.document is None else kept.get(need.document)
        return Found(document, closes[-1] if need.last_close and closes else None, need.sign in signs)

    @property
    def documents(self) -> list[Any]:
        """Those that were recorded, as entries."""
        return [entry for entry in self.entries if isinstance(entry, DocumentRecorded)]

    @property
    def anomalies(self) -> list[AnomalyCode]:
        found = [entry for entry in self.entries if isinstance(entry, Anomaly)]
        return [one.code for one in (*found, *(inner for entry in self.documents for inner in entry.anomalies))]


def at_counter(version: int = 203, **desk: Any) -> Counter:
    """The operator of one device of this version; ``desk`` are its settings."""
    return Counter(Desk(**{"rules": Rules(), "signer": SIGNER, **desk}), Device(version=version))


def order(at: Counter, decide: Order) -> None:
    """What a person decides about the register."""
    decision = decide(at.state, at.now)
    at.entries += decision.entries
    at.state = decision.state


class Line:
    """A connection of a device to an operator on the loopback; :meth:`close_all` at the end of a test."""

    opened: ClassVar[list[Line]] = []

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._frames = frame_reader()
        self.opened.append(self)

    @classmethod
    async def close_all(cls) -> None:
        for line in cls.opened:
            line.close()
        await asyncio.gather(*(line.writer.wait_closed() for line in cls.opened), return_exceptions=True)
        cls.opened.clear()

    @classmethod
    async def to(cls, address: str | None) -> Line:
        assert address is not None, "nobody listens"
        host, _, port = address.rpartition(":")
        return cls(*await asyncio.open_connection(host, int(port)))

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def frame(self) -> tuple[Header, bytes]:
        """The next frame; :class:`EOFError` when the operator closes instead."""
        async with asyncio.timeout(PATIENCE_S):
            while (frame := self._frames.next_frame()) is None:
                data = await self.reader.read(65_536)
                if not data:
                    raise EOFError
                self._frames.feed(data)
        return frame

    async def answer(self) -> Answer:
        header, body = await self.frame()
        return Answer(header.token, parse_response(header.version, body))

    async def ask(self, device: Device, body: bytes, **given: Any) -> Answer:
        """One request and its answer; the device goes on as it says."""
        self.send(device.frame(body, **given))
        answer = await self.answer()
        return device.take(answer) if not given and not answer.code else answer

    async def closed(self) -> bytes:
        """Everything that comes until the operator closes."""
        async with asyncio.timeout(PATIENCE_S):
            return await self.reader.read()

    def close(self) -> None:
        self.writer.close()
