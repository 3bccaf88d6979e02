"""Registers in the operator's own process, for a person who sells on the operator's page.

The rule: the registers are whole ones, with their memories in folders and their sockets to the operator; that both live
in one process changes nothing between them. It only lets the page hear a register's own word at the moment when it is
said, so that ✔ can be seen becoming ✔✔. Baskets come from a seed.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

from typing_extensions import TypedDict

from fiscal.domain.document import DocumentKind
from fiscal.domain.receipt import Operation, Receipt
from fiscal.errors import FiscalError
from fiscal.rendering.text import render_text
from fiscal.retry import Backoff
from kkt_client.app import CashRegister
from kkt_client.config import RegisterSettings
from kkt_client.core.basket import Basket, Line
from kkt_client.core.events import (
    AnomalyNoted,
    CameBack,
    DocumentMoved,
    Event,
    PersonNeeded,
    WasBlocked,
    WasUnblocked,
    WentAutonomous,
)
from kkt_client.core.receipts import FiscalPaper, FiscalReceipt, FiscalReport
from kkt_client.core.rendering import printed
from kkt_client.core.saying import Said
from kkt_client.ports import Clock
from mock_ofd.demo.generate import Dice, purchase
from mock_ofd.demo.script import Trade, read_script
from mock_ofd.demo.shop import CASHIERS, PROFILES
from mock_ofd.demo.till import basket_of
from mock_ofd.demo.trouble import register_id

DOCUMENTS_SHOWN: Final = 100
"""The newest documents of a register that are told at once; what the operator holds of the older ones, it tells."""
WAITING_SHOWN: Final = 2_000
"""Documents that wait for the operator and are told, too, because nobody else holds them: more than a day's sales."""
ITEMS_MAX: Final = 4
"""Lines of a basket: it shall fit on the screen beside the buttons."""
CASH_MOVE: Final = 1_000_000
"""What is put into the drawer or taken out of it when nobody says how much: 10,000 tenge."""
PHONE: Final = "1702"
"""Whom the cashier is told to call when nobody pays the operator."""
STATUS_S: Final = 1.0
"""How often a register is asked how it does, although nothing has happened: its attempts to come back are no events."""

_TOLD: Final = (WentAutonomous, CameBack, WasBlocked, WasUnblocked, PersonNeeded, AnomalyNoted)


class NothingToReturn(FiscalError):
    """There is no sale left that could be returned."""


class LiveStatus(TypedDict):
    """How the register is doing, by its own word. ``head`` is the document that has to go next."""

    register: str
    mode: str
    since: int
    connected: bool
    unsent: int
    oldest_unsent_at: int | None
    head: int | None
    attempts: int
    last_error: str
    last_error_code: str | None
    next_attempt_s: float | None
    last_number: int
    shift: int
    shift_opened_at: int | None
    cash: int
    blocks: list[dict[str, str]]


class LiveDocument(TypedDict):
    """A document as its register shows it: ``ticks`` and ``cloud`` are its marks. An X-report has no number."""

    register: str
    number: int | None
    kind: str
    operation: str | None
    total: int
    issued_at: int
    state: str | None
    ticks: int
    cloud: bool
    sign: str | None
    autonomous_sign: int | None
    accepted_at: int | None
    answered_at: int | None


class LivePaper(LiveDocument):
    """A document with its paper, in 48 columns."""

    text: str


Hear = Callable[[str, str, Mapping[str, Any]], None]
"""Takes the name of what a register said, the register, and the facts."""


class LiveRegister:
    """One register with its till. Enter it as an asynchronous context; ``hear`` is told whatever it says."""

    def __init__(self, number: int, folder: Path, operator: str, seed: int, clock: Clock | None, hear: Hear) -> None:
        self.id = register_id(number)
        self._number = number
        self._folder = folder
        self._operator = operator
        self._clock = clock
        self._dice = Dice(seed + number)
        self._hear = hear
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._told: LiveStatus | None = None
        self._stack = AsyncExitStack()
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self.register: CashRegister

    async def open(self, receipt_url: str) -> None:
        """Open its memory, and begin to listen to it."""
        settings = RegisterSettings(
            retry_in_sale_s=0.4,
            backoff=Backoff(base_ms=500, cap_ms=4_000),
            operator_phone=PHONE,
            qr_base_url=receipt_url,
            cashier=CASHIERS[self._number][0],
        )
        opening = CashRegister.open(
            self._folder,
            self._operator,
            register_id=self.id,
            profile=PROFILES[self._number],
            settings=settings,
            on_event=self._events.put_nowait,
            clock=self._clock,
        )
        self.register = await self._stack.enter_async_context(opening)
        self.register.greet()
        self._tasks = (asyncio.create_task(self._tell_events()), asyncio.create_task(self._tell_status()))

    async def close(self) -> None:
        """Close it; what it has begun is finished."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._stack.aclose()

    # ------------------------------------------------------------------------------------------------ what it says

    def status(self) -> LiveStatus:
        """How it is doing now."""
        now = self.register.status()
        return LiveStatus(
            register=self.id,
            mode=now.mode.value,
            since=now.since,
            connected=now.connected,
            unsent=now.unsent,
            oldest_unsent_at=now.oldest_unsent_at,
            head=now.head,
            attempts=now.attempts,
            last_error=now.last_error,
            last_error_code=now.last_error_code,
            next_attempt_s=None if now.next_attempt_s is None else round(now.next_attempt_s, 1),
            last_number=now.last_number,
            shift=now.shift,
            shift_opened_at=now.shift_opened_at,
            cash=now.cash,
            blocks=[
                {"reason": block.reason.value, "code": code.value, "text": block.text}
                for block, code in zip(now.blocks, now.block_codes, strict=True)
            ],
        )

    async def documents(self) -> list[LiveDocument]:
        """The newest documents, newest first, and all that wait for the operator."""
        now = self.register.status()
        count = max(DOCUMENTS_SHOWN, min(now.unsent, WAITING_SHOWN))
        first = max(1, now.last_number - count + 1)
        return [self.view(paper) async for paper in self.register.documents(first=first, newest_first=True)]

    async def document(self, number: int) -> LivePaper | None:
        """One document with its paper."""
        paper = await self.register.document(number)
        return None if paper is None else self.paper(paper)

    def view(self, paper: FiscalPaper) -> LiveDocument:
        """A paper of the register as the page shows it."""
        marks = paper.marks
        receipt = paper if isinstance(paper, FiscalReceipt) else None
        operation = getattr(receipt.document, "operation", None) if receipt is not None else None
        return LiveDocument(
            register=self.id,
            number=paper.number,
            kind=(DocumentKind.CLOSE_SHIFT if receipt is None else receipt.kind).value,
            operation=None if operation is None else operation.value,
            total=0 if receipt is None else receipt.total,
            issued_at=paper.issued_at,
            state=None if paper.state is None else paper.state.value,
            ticks=0 if marks is None else marks.ticks,
            cloud=marks is not None and marks.cloud,
            sign=None if receipt is None else receipt.sign,
            autonomous_sign=None if receipt is None else receipt.autonomous_sign,
            accepted_at=paper.accepted_at,
            answered_at=paper.answered_at,
        )

    def paper(self, paper: FiscalPaper) -> LivePaper:
        """The same with what the printer prints."""
        return LivePaper(**self.view(paper), text=render_text(printed(paper)))

    async def _tell_events(self) -> None:
        while True:
            event = await self._events.get()
            if isinstance(event, DocumentMoved):
                paper = await self.register.document(event.number)
                if paper is not None:
                    # What it was when it was said: by now it may have moved on, which the next event tells.
                    then = {"state": event.state.value, "ticks": event.marks.ticks, "cloud": event.marks.cloud}
                    self._hear("document", self.id, {**self.view(paper), **then, "sign": event.sign})
            elif isinstance(event, _TOLD):
                needs = isinstance(event, PersonNeeded)
                detail = getattr(event, "detail", "")
                told: dict[str, Any] = {
                    "code": event.said,
                    "text": event.text,
                    "detail": detail,
                    "person_needed": needs,
                }
                if event.said is Said.AUTONOMOUS_UNPAID:  # whom to call (S3-03)
                    now = self.register.status()
                    told |= {"operator": now.operator, "phone": now.operator_phone}
                self._hear("said", self.id, {"register": self.id, "at": event.at, **told})
            self._tell_if_changed()

    async def _tell_status(self) -> None:
        while True:
            await asyncio.sleep(STATUS_S)
            self._tell_if_changed()

    def _tell_if_changed(self) -> None:
        status = self.status()
        if status != self._told:
            self._told = status
            self._hear("status", self.id, status)

    # ---------------------------------------------------------------------------------------------- what is done to it

    async def sell(self) -> FiscalReceipt:
        """Sell the next buyer's basket."""
        facts = {"at": "09:00:00", "register": self._number, "do": "sell", "key": "live", "cashier": self._cashier}
        (trade,) = read_script([json.dumps({**facts, **purchase(self._dice, ITEMS_MAX)})])
        assert isinstance(trade, Trade)
        return await self.register.sell(basket_of(trade))

    @property
    def _cashier(self) -> dict[str, Any]:
        cashier = CASHIERS[self._number][0]
        return {"code": cashier.code, "name": cashier.name}

    async def take_back(self) -> FiscalReceipt:
        """Take the last sale back that was not taken back yet; :class:`NothingToReturn` when there is none."""
        returned: set[str] = set()
        async for paper in self.register.documents(newest_first=True):
            if not isinstance(paper, FiscalReceipt) or not isinstance(paper.document, Receipt):
                continue
            receipt = paper.document
            if receipt.operation is Operation.SELL_RETURN and receipt.parent is not None:
                returned.add(receipt.parent.sign)
            elif receipt.operation is Operation.SELL and not self._is_returned(paper, returned):
                return await self.register.sell_return(returned_basket(receipt, paper))
        raise NothingToReturn("there is no sale that could be returned")

    @staticmethod
    def _is_returned(paper: FiscalReceipt, returned: set[str]) -> bool:
        return not returned.isdisjoint({str(paper.number), paper.sign or "", str(paper.autonomous_sign or "")} - {""})

    async def deposit(self, amount: int | None) -> FiscalReceipt:
        """Put cash into the drawer."""
        return await self.register.deposit(amount or CASH_MOVE)

    async def withdraw(self, amount: int | None) -> FiscalReceipt:
        """Take cash out of the drawer: what is asked for, else at most what is there."""
        return await self.register.withdraw(amount or min(CASH_MOVE, self.register.status().cash) or CASH_MOVE)

    async def report(self) -> FiscalReport:
        """The figures so far."""
        return await self.register.x_report()

    async def close_shift(self) -> FiscalReport:
        """The Z-report."""
        return await self.register.close_shift()


def returned_basket(receipt: Receipt, paper: FiscalReceipt) -> Basket:
    """What was sold, as it comes back, and paid back the way it was paid."""
    lines = tuple(
        Line(
            name=item.name,
            price=item.price,
            quantity=item.quantity,
            section=item.section,
            unit=item.unit,
            barcode=item.barcode,
            discount=item.discount,
            markup=item.markup,
            vat=item.taxes[0].rate if item.taxes else None,
        )
        for item in receipt.items
    )
    payments = {payment.kind: payment.sum for payment in receipt.payments}
    return Basket(lines=lines, payments=payments, discount=receipt.discount, parent=paper.as_parent())


class LiveRegisters:
    """All registers of the demonstration in this process; none before :meth:`open`. ``hear`` is set by who listens."""

    def __init__(self, folder: Path, seed: int, clock: Clock | None = None) -> None:
        self.hear: Hear = lambda _name, _register, _facts: None
        self._folder = folder
        self._seed = seed
        self._clock = clock
        self._registers: dict[str, LiveRegister] = {}

    async def open(self, http_address: str, native_address: str) -> None:
        """Open every register, each with its own folder: one that is there already goes on with its memory."""
        for number in PROFILES:
            folder = self._folder / f"register-{number}"
            operator = f"native://{native_address}"
            live = LiveRegister(number, folder, operator, self._seed, self._clock, self._tell)
            await live.open(f"http://{http_address}/r")
            self._registers[live.id] = live

    def _tell(self, name: str, register: str, facts: Mapping[str, Any]) -> None:
        self.hear(name, register, facts)

    def all(self) -> list[LiveRegister]:
        """Those that are open."""
        return list(self._registers.values())

    def find(self, register: str) -> LiveRegister | None:
        """One of them."""
        return self._registers.get(register)

    async def close(self) -> None:
        """Close all of them."""
        registers, self._registers = self._registers, {}
        for live in registers.values():
            await live.close()
