"""A shop for tests: a register in virtual time, and an operator that does what the test says.

The rule: nothing sleeps and nothing is a mock. The register, its delivery and its keeper are the real ones; the memory
is the in-memory adapter; the operator is a few lines that keep what they accept and compare what comes twice.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from math import inf, nextafter
from random import Random
from typing import Any, Final, TypeVar

from fiscal.domain.document import Correction, Delivery
from fiscal.domain.messages import (
    Accepted,
    Answer,
    AskInformation,
    Blocked,
    Hello,
    Information,
    Noted,
    RefusalCode,
    Refused,
    ReportOfflinePeriod,
    ReportStatus,
    Request,
    SubmitDocument,
    Welcome,
)
from fiscal.domain.receipt import Receipt
from fiscal.domain.register import RegisterProfile, Taxpayer
from fiscal.domain.shift import Shift, advance
from fiscal.domain.signs import digest_of
from fiscal.protocols.content import decode_content
from fiscal.time import SECOND, Instant, Moment
from kkt_client.config import RegisterSettings
from kkt_client.core.basket import Line
from kkt_client.core.events import DocumentMoved, Event
from kkt_client.core.registration import Registration
from kkt_client.core.saying import Cause, Said
from kkt_client.ports import PLAIN, AnswerLate, NoConnection
from kkt_client.register import Ports, Register
from kkt_client.storage.memory import InMemoryFiscalMemory, MemoryDisk
from tests.documents import T0

T = TypeVar("T")

PROFILE: Final = RegisterProfile(
    taxpayer=Taxpayer(name="ТОО «Нива»", tax_id="180340008219"),
    place="Алматы, Абая 1",
    rnm="010620250300",
    serial="SWK00000001",
)
WHOSE: Final = Registration(register="kkt-1", token="secret", profile=PROFILE, protocol="native")
BREAD: Final = Line(name="Хлеб", price=250_00)
BASKET: Final = [BREAD]


# ------------------------------------------------------------------------------------------------------------- time


class Stuck(AssertionError):
    """Every task waits and no timer is set."""


class _Jump(selectors.DefaultSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise Stuck("every task waits and no timer is set")
            if timeout > 0:
                later = self._loop.seconds + timeout
                self._loop.seconds = max(later, nextafter(self._loop.seconds, inf))  # a float must not stand still
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """When nothing is ready, the clock jumps to the next timer."""

    def __init__(self) -> None:
        self.seconds = 0.0
        super().__init__(_Jump(self))

    def time(self) -> float:
        return self.seconds


class LoopClock:
    """Both clocks of the register, from the loop's time; ``skew_ms`` is how wrong the wall clock is."""

    def __init__(self) -> None:
        self.skew_ms = 0

    def now(self) -> Instant:
        return T0 + round(self.monotonic() * SECOND) + self.skew_ms

    def monotonic(self) -> Moment:
        return asyncio.get_running_loop().time()


def play(scene: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a scene to its end, however many days it takes."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(scene())


# --------------------------------------------------------------------------------------------------------- operator


class Operator:
    """Keeps documents, answers what it is asked, and fails as it is told. It outlives every connection."""

    def __init__(self) -> None:
        self.heard: list[Request] = []
        """Every request that reached it, in order."""
        self.contents: list[bytes] = []
        self.deliveries: list[Delivery] = []
        self.connections = 0
        self.down = False
        """Nobody can connect, and whoever is connected is thrown out."""
        self.delays: dict[type, float] = {}
        """How long an answer to requests of a kind takes."""
        self.connect_s = 0.0
        """How long connecting takes."""
        self.deaf: set[type] = set()
        """Requests of these kinds get no answer, and are not heard either."""
        self.lose: set[type] = set()
        """Requests of these kinds are served, but the connection breaks before the answer; once each."""
        self.answers: list[tuple[type, Answer]] = []
        """What to answer to the next request of that kind, once."""
        self.blocked = ""
        self.token = "secret"
        self.name = "Транстелеком"
        self.phone: str | None = "1702"
        self.sign_suffix = ""

    # ---------------------------------------------------------------------------------------------- what it knows

    def words(self) -> list[str]:
        """What it heard, in short: ``document 3`` and the like, without the status reports."""
        told = []
        for request in self.heard:
            match request:
                case SubmitDocument():
                    told.append(f"document {decode_content(request.content).number}")
                case ReportOfflinePeriod():
                    told.append(f"period {request.number}")
                case ReportStatus():
                    pass
                case _:
                    told.append(type(request).__name__.lower())
        return told

    def forget(self) -> None:
        self.heard.clear()

    def numbers(self) -> list[int]:
        return [decode_content(content).number for content in self.contents]

    def sign(self, number: int) -> str:
        return f"{700_000_000_000 + number}{self.sign_suffix}"

    @property
    def shift(self) -> Shift:
        shift = Shift()
        for content, delivery in zip(self.contents, self.deliveries, strict=True):
            shift = advance(shift, decode_content(content), delivery)
        return shift

    # -------------------------------------------------------------------------------------------- what it answers

    def answer(self, request: Request, now: Instant) -> Answer:
        self.heard.append(request)
        for place, (kind, answer) in enumerate(self.answers):
            if isinstance(request, kind):
                del self.answers[place]
                return answer
        if self.blocked:
            return Blocked(reason=self.blocked)
        match request:
            case Hello():
                return self._hello(request, now)
            case SubmitDocument():
                return self._document(request, now)
            case AskInformation():
                return self._information(now)
            case _:
                return Noted(at=now)

    def _hello(self, hello: Hello, now: Instant) -> Answer:
        if hello.token != self.token:
            return Refused(code=RefusalCode.WRONG_TOKEN, field="token", text="not this one")
        return Welcome(
            at=now,
            operator=self.name,
            last_number=len(self.contents),
            last_digest=digest_of(self.contents[-1]) if self.contents else None,
            last_autonomous_sign=max((one.autonomous_sign or 0 for one in self.deliveries), default=0),
            phone=self.phone,
        )

    def _document(self, sent: SubmitDocument, now: Instant) -> Answer:
        document = decode_content(sent.content)
        place = document.number - 1
        if place > len(self.contents):
            return Refused(code=RefusalCode.NUMBER_GAP, text="a gap", expected=len(self.contents) + 1)
        if place < len(self.contents):
            if self.contents[place] != sent.content:
                return Refused(code=RefusalCode.CONFLICT, text="another content")
            if sent.delivery.autonomous:
                assert self.deliveries[place] in (Delivery(), sent.delivery), "delivery facts never change"
                self.deliveries[place] = sent.delivery
        else:
            self.contents.append(sent.content)
            self.deliveries.append(sent.delivery)
        signed = isinstance(document, Receipt | Correction)
        sign = self.sign(document.number) if signed else None
        return Accepted(number=document.number, at=now, sign=sign, qr=f"qr:{sign}" if sign else None, key="public-1")

    def _information(self, now: Instant) -> Information:
        shift = self.shift
        return Information(
            at=now,
            last_number=len(self.contents),
            last_shift=shift.number,
            shift_opened_at=shift.opened_at,
            last_autonomous_sign=max((one.autonomous_sign or 0 for one in self.deliveries), default=0),
            counters=shift.counters,
        )


class OperatorLink:
    """A connection to :class:`Operator` without bytes; the answer limit is kept as the port demands."""

    def __init__(self, operator: Operator, limit_s: float, now: Callable[[], Instant]) -> None:
        self._operator = operator
        self._limit_s = limit_s
        self._now = now
        self._open = True
        self._welcomed = False
        self._broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def is_open(self) -> bool:
        return self._open and not self._operator.down

    async def request(self, request: Request) -> Answer:
        operator = self._operator
        if not self.is_open:
            self.close()
            raise NoConnection(Cause(Said.CONNECTION_LOST, "gone"), was_open=True)
        try:
            return await self._exchange(operator, request)
        except BaseException:
            self.close()
            raise

    async def _exchange(self, operator: Operator, request: Request) -> Answer:
        if type(request) in operator.deaf:
            await self._pause(self._limit_s)
            raise AnswerLate
        answer = operator.answer(request, self._now())
        assert not (self._welcomed and isinstance(request, Hello)), "a connection has one hello"
        self._welcomed = self._welcomed or isinstance(answer, Welcome)
        if type(request) in operator.lose:
            operator.lose.discard(type(request))
            raise NoConnection(Cause(Said.CONNECTION_LOST, "broken"), was_open=True)
        delay_s = operator.delays.get(type(request), 0.0)
        await self._pause(min(delay_s, self._limit_s))
        if delay_s > self._limit_s:
            raise AnswerLate
        return answer

    async def _pause(self, seconds: float) -> None:
        if seconds:
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._broken), seconds)
        if not self.is_open:
            raise NoConnection(Cause(Said.CONNECTION_LOST, "broken"), was_open=True)

    def close(self) -> None:
        self._open = False
        if not self._broken.done():
            self._broken.set_result(None)


class OperatorTransport:
    """The way to :class:`Operator`."""

    protocol = "native"
    content_size_max = 255 * 1024
    terms = PLAIN

    def __init__(self, operator: Operator, clock: LoopClock, limit_s: float) -> None:
        self._operator = operator
        self._clock = clock
        self._limit_s = limit_s

    async def connect(self) -> OperatorLink:
        await asyncio.sleep(self._operator.connect_s)
        if self._operator.down:
            raise NoConnection(Cause(Said.CONNECTION_REFUSED, "connection refused"), was_open=False)
        self._operator.connections += 1
        return OperatorLink(self._operator, self._limit_s, self._clock.now)

    async def close(self) -> None:
        pass


# ------------------------------------------------------------------------------------------------------------- shop


class SeededIds:
    """Ids that rise with time and repeat from run to run."""

    def __init__(self) -> None:
        self._random = Random(7)

    def fresh(self, now: Instant) -> bytes:
        return now.to_bytes(6, "big") + self._random.randbytes(10)


class Shop:
    """A register, its disk, its operator and its clock. ``async with shop.opened() as register``."""

    def __init__(self, settings: RegisterSettings | None = None, disk: MemoryDisk | None = None) -> None:
        self.settings = settings or RegisterSettings()
        self.disk = disk or MemoryDisk()
        self.operator = Operator()
        self.clock = LoopClock()
        self.events: list[Event] = []
        self.whose = WHOSE
        self.ids = SeededIds()
        self.memory: InMemoryFiscalMemory | None = None

    def register(
        self, *, crash_after: int | None = None, sync: Callable[[], Awaitable[None]] | None = None
    ) -> Register:
        """A register on the shop's disk that is not started yet."""
        self.memory = InMemoryFiscalMemory(self.disk, crash_after=crash_after, sync=sync)
        ports = Ports(
            memory=self.memory,
            transport=OperatorTransport(self.operator, self.clock, self.settings.answer_limit_s),
            clock=self.clock,
            ids=self.ids,
            disk=self.disk,
            chance=Random(1),
        )
        return Register(ports, self.settings, self.events.append)

    def opened(self, **options: Any) -> Opened:
        return Opened(self, options)

    async def start(self, register: Register) -> None:
        await register.start(lambda kept: self.whose)

    async def kill(self) -> None:
        """The process dies: nothing of it goes on, and what its memory had is what survives."""
        assert self.memory is not None
        self.memory.crash()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def until(self, happened: Callable[[], object]) -> None:
        """Let time pass until something is so."""
        while not happened():  # noqa: ASYNC110 - what is waited for is anything, and time is virtual
            await asyncio.sleep(0.25)

    def told(self) -> list[str]:
        """What the cashier was told, without the marks of documents."""
        return [type(event).__name__ for event in self.events if not isinstance(event, DocumentMoved)]


class Opened:
    """The register of a shop while it is open."""

    def __init__(self, shop: Shop, options: dict[str, Any]) -> None:
        self._shop = shop
        self._register = shop.register(**options)

    async def __aenter__(self) -> Register:
        await self._shop.start(self._register)
        return self._register

    async def __aexit__(self, *_: object) -> None:
        await self._register.close()
