"""A cash register: what a cashier can do with it, on top of a memory, a way to the operator, and a clock.

The rule: a document is returned when all that stands on it is durable: with the operator's sign, or as autonomous when
the answer was not there in time (semantics 3; :mod:`kkt_client.selling`). Orders are served one after the other, and an
order that has begun is finished, also when its caller has gone (1.6).

This module knows no adapter: :mod:`kkt_client.app` joins it with files and sockets, a simulation with its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from fiscal.domain.document import CorrectionReason
from fiscal.domain.lifecycle import AutonomousReason
from fiscal.domain.receipt import Cashier, Operation, PaymentKind
from fiscal.errors import ConfigurationError, InvalidValue, NotDelivered
from fiscal.time import Instant
from kkt_client.config import RegisterSettings
from kkt_client.core import kz_book, outbox, records, resolving
from kkt_client.core.autonomous import lose_channel
from kkt_client.core.basket import (
    Amendment,
    Basket,
    CashIn,
    CashOut,
    Closing,
    Line,
    Order,
    Sale,
    VatRate,
)
from kkt_client.core.dossier import Dossier
from kkt_client.core.errors import RegisterBlocked, RegisterClosed
from kkt_client.core.events import Event, WentAutonomous
from kkt_client.core.issuing import Carriage
from kkt_client.core.papers import Letterhead, paper, x_report
from kkt_client.core.receipts import FiscalPaper, FiscalReceipt, FiscalReport
from kkt_client.core.records import KEY_MAX, Decision, Record
from kkt_client.core.registration import Registration, carried_over
from kkt_client.core.state import RegisterState
from kkt_client.core.status import RegisterStatus, status_of
from kkt_client.core.verifying import Verdict
from kkt_client.delivery import Delivery
from kkt_client.keeping import Intent, Keeper
from kkt_client.ports import Clock, DiskSpace, FiscalMemory, Ids, Transport
from kkt_client.selling import Selling, refuse_blocked
from kkt_client.telling import EventStream, Teller

if TYPE_CHECKING:
    from random import Random

PAGE: Final = 100
"""Documents that :meth:`Register.documents` reads at once."""

Enrol = Callable[[Registration | None], Registration]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Everything from the outside that a register needs."""

    memory: FiscalMemory
    transport: Transport
    clock: Clock
    ids: Ids
    disk: DiskSpace
    chance: Random


class Register:
    """A cash register. Call :meth:`start` first and :meth:`close` last; between them everything may be called at once.

    Calls that issue a document raise, before anything is issued: :class:`InvalidValue` (the field, the rule, both
    figures), :class:`ShiftExpired`, :class:`ShiftNotOpen`, :class:`NotEnoughCash`, :class:`KeyReused`,
    :class:`RegisterBlocked`, :class:`DiskFull`, :class:`MemoryStopped`, :class:`RegisterClosed`; and when the operator
    has refused the document itself, :class:`DocumentRefused`.

    ``key`` is the caller's own name for an order: the same key with the same basket returns the same receipt, now and
    after any crash (semantics 1.6).
    """

    def __init__(
        self,
        ports: Ports,
        settings: RegisterSettings | None = None,
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        self.settings = settings or RegisterSettings()
        self._ports = ports
        self._clock = ports.clock
        self._teller = Teller(self.settings.events_buffer, on_event)
        terms = ports.transport.terms
        self._keeper = Keeper(ports.memory, ports.clock, self._tell, terms.notebook)
        self._delivery = Delivery(
            self._keeper, ports.transport, ports.clock, self.settings, ports.chance, self._teller.tell
        )
        self._carriage = Carriage(ports.transport.protocol, ports.transport.content_size_max, terms.check)
        self._selling = Selling(
            self._keeper, self._delivery, ports.clock, ports.ids, ports.disk, self._carriage, self.settings
        )
        self._calls: set[asyncio.Task[Dossier]] = set()
        self._open = False

    # --------------------------------------------------------------------------------------------- begin and end

    async def start(self, enrol: Enrol) -> None:
        """Open the memory, and begin to deliver what waits in it.

        ``enrol`` says who the register is, given what the memory says (``None`` when it is new). Raises
        :class:`ConfigurationError` when the memory belongs to another register, or when the protocol was changed while
        something is unsent (semantics 1.5), and any :class:`StorageError` of a memory that cannot be opened.
        """
        try:
            kept = await self._keeper.open()
            wanted = enrol(kept)
            if kept is None:
                await self._keeper.found(wanted)
            else:
                self._check_protocol(kept, wanted)
                await self._keeper.register(carried_over(kept, wanted, self._keeper.state.last_number))
            self._keeper.open_notebook()
        except BaseException:
            await self._ports.memory.close()
            raise
        self._open = True
        self._delivery.start()

    def _check_protocol(self, kept: Registration, wanted: Registration) -> None:
        if kept.protocol == wanted.protocol:
            return
        if kept.protocol == "kz":
            kz_book.check_leaving(self._keeper.notes)
        if not self._keeper.state.is_quiet:
            unsent = len(self._keeper.state.queue)
            text = f"{unsent} documents wait to be sent over {kept.protocol}; send them before going over"
            raise ConfigurationError(f"{text} to {wanted.protocol}")

    async def close(self) -> None:
        """Finish the order that has begun, stop delivering, let go of the memory. Further calls do nothing."""
        if not self._open:
            return
        self._open = False
        if self._calls:
            await asyncio.wait(self._calls)
        await self._delivery.close()
        await self._keeper.close()
        await self._ports.transport.close()
        self._teller.end()

    # -------------------------------------------------------------------------------------------------- documents

    async def sell(
        self, basket: Basket | Sequence[Line], *, key: str | None = None, cashier: Cashier | None = None
    ) -> FiscalReceipt:
        """A sale: the goods go to the buyer, the money comes."""
        return await self._trade(Operation.SELL, basket, key, cashier)

    async def sell_return(
        self, basket: Basket | Sequence[Line], *, key: str | None = None, cashier: Cashier | None = None
    ) -> FiscalReceipt:
        """The goods come back, the money goes; ``Basket.parent`` names the receipt that is taken back."""
        return await self._trade(Operation.SELL_RETURN, basket, key, cashier)

    async def buy(
        self, basket: Basket | Sequence[Line], *, key: str | None = None, cashier: Cashier | None = None
    ) -> FiscalReceipt:
        """A purchase: the goods come from a seller, the money goes."""
        return await self._trade(Operation.BUY, basket, key, cashier)

    async def buy_return(
        self, basket: Basket | Sequence[Line], *, key: str | None = None, cashier: Cashier | None = None
    ) -> FiscalReceipt:
        """The goods go back to their seller, the money comes."""
        return await self._trade(Operation.BUY_RETURN, basket, key, cashier)

    async def _trade(
        self, operation: Operation, basket: Basket | Sequence[Line], key: str | None, cashier: Cashier | None
    ) -> FiscalReceipt:
        if not isinstance(basket, Basket):
            basket = Basket(lines=tuple(basket))
        return await self._receipt(Sale(operation=operation, basket=basket), key, cashier)

    async def correct(
        self,
        operation: Operation,
        total: int,
        *,
        reason: CorrectionReason,
        corrected_at: Instant,
        basis: str,
        payments: Mapping[PaymentKind, int] | None = None,
        vat: VatRate = None,
        key: str | None = None,
        cashier: Cashier | None = None,
    ) -> FiscalReceipt:
        """A correction of what was not, or wrongly, put through on ``corrected_at``."""
        order = Amendment(
            operation=operation,
            total=total,
            reason=reason,
            corrected_at=corrected_at,
            basis=basis,
            payments=dict(payments or {}),
            vat=vat,
        )
        return await self._receipt(order, key, cashier)

    async def deposit(self, amount: int, *, key: str | None = None, cashier: Cashier | None = None) -> FiscalReceipt:
        """Cash is put into the drawer."""
        return await self._receipt(CashIn(sum=amount), key, cashier)

    async def withdraw(self, amount: int, *, key: str | None = None, cashier: Cashier | None = None) -> FiscalReceipt:
        """Cash is taken out of the drawer."""
        return await self._receipt(CashOut(sum=amount), key, cashier)

    async def close_shift(
        self, *, withdraw_cash: bool = False, key: str | None = None, cashier: Cashier | None = None
    ) -> FiscalReport:
        """Take the Z-report, with the operator or without (S3-19 to S3-22); the next document opens a new shift."""
        taken = await self._order(Closing(withdraw_cash=withdraw_cash), key, cashier)
        assert isinstance(taken, FiscalReport), "a closing makes a Z-report"
        return taken

    async def x_report(self, *, cashier: Cashier | None = None) -> FiscalReport:
        """The figures of the shift so far. It is no document: it has no number and goes nowhere."""
        self._check_open()
        return x_report(self._keeper.state, self._letterhead, cashier or self.settings.cashier, self._clock.now())

    async def _receipt(self, order: Order, key: str | None, cashier: Cashier | None) -> FiscalReceipt:
        issued = await self._order(order, key, cashier)
        assert isinstance(issued, FiscalReceipt), "only a closing makes a report"
        return issued

    # -------------------------------------------------------------------------------------------------- one order

    async def _order(self, order: Order, key: str | None, cashier: Cashier | None) -> FiscalPaper:
        """Serve an order in a task of its own, so that a caller who goes away does not take the sale with him."""
        self._check_open()
        if key is not None and not 0 < len(key) <= KEY_MAX:
            raise InvalidValue("key", f"must have 1 .. {KEY_MAX} characters, has {len(key)}")
        task = asyncio.get_running_loop().create_task(self._selling.serve(order, key, cashier or self.settings.cashier))
        self._calls.add(task)
        waiting = asyncio.shield(task)
        task.add_done_callback(self._served)  # behind the shield's own, so that the caller goes on first
        dossier = await waiting
        self._keeper.finished(dossier.number)
        return paper(dossier, self._letterhead, len(self._keeper.state.queue))

    def _served(self, task: asyncio.Task[Dossier]) -> None:
        self._calls.discard(task)
        self._delivery.wake()
        if not task.cancelled():
            task.exception()  # looked at, for the case that nobody waits for it any more

    # ---------------------------------------------------------------------------------------------------- reading

    async def documents(
        self, *, first: int = 1, last: int | None = None, newest_first: bool = False
    ) -> AsyncIterator[FiscalPaper]:
        """Every document with a number from ``first`` to ``last``, read from the memory page by page.

        A document that was given up stands beside the void that took its number.
        """
        end = self._keeper.state.last_number if last is None else last
        pages = range(first, end + 1, PAGE)
        for begin in reversed(pages) if newest_first else pages:
            self._check_open()
            found = await self._keeper.of_documents(begin, min(begin + PAGE - 1, end))
            for dossier in reversed(found) if newest_first else found:
                yield paper(dossier, self._letterhead)

    async def document(self, number: int) -> FiscalPaper | None:
        """The document with this number (the void, where one took its place); ``None`` when there is none."""
        self._check_open()
        found = await self._keeper.of_document(number)
        return paper(found[-1], self._letterhead) if found else None

    async def find(self, key: str) -> FiscalPaper | None:
        """The document that was issued under the caller's key; ``None`` when there is none."""
        self._check_open()
        found = await self._keeper.of_key(key)
        return None if found is None else paper(found, self._letterhead)

    async def unfinished(self) -> list[FiscalPaper]:
        """Documents that were issued and whose caller never got them, oldest first: ask when the register was opened.

        A receipt that was returned just before a crash may be listed again. Say :meth:`acknowledge` when it is dealt
        with (printed, or given up with a return).
        """
        self._check_open()
        found = [await self._keeper.of_document(number) for number in sorted(self._keeper.unfinished)]
        return [paper(dossiers[-1], self._letterhead) for dossiers in found]

    def acknowledge(self, *numbers: int) -> None:
        """These documents are finished; :meth:`unfinished` lists them no more."""
        for number in numbers:
            self._keeper.finished(number)

    def status(self) -> RegisterStatus:
        """How the register is doing now."""
        keeper, delivery = self._keeper, self._delivery
        head, attempts = keeper.attempts
        later = delivery.next_attempt
        operator, phone = delivery.operator
        return status_of(
            keeper.state,
            self._clock.now(),
            connected=delivery.is_connected,
            attempts=attempts if keeper.state.head is not None and keeper.state.head.number == head else 0,
            last_error=delivery.last_error,
            next_attempt_s=None if later is None else later - self._clock.monotonic(),
            unfinished=tuple(keeper.unfinished),
            operator=operator,
            operator_phone=phone,
        )

    @property
    def registration(self) -> Registration:
        """Who this register is."""
        return self._keeper.registration

    async def verify(self) -> Verdict:
        """Prove the whole memory, from its first record."""
        self._check_open()
        return await self._keeper.verify()

    def events(self) -> EventStream:
        """Everything that happens from now on, as an asynchronous iterator that ends when the register is closed."""
        return self._teller.stream()

    # ------------------------------------------------------------------------------------------------ the operator

    def greet(self) -> None:
        """Say hello to the operator although nothing waits to be sent, so that it knows that the register is there."""
        self._check_open()
        self._delivery.greet_again()

    def link_restored(self) -> None:
        """Say that the link is back (the network came up), so that nothing waits for the back-off any more.

        The register tries it within ``first_knock_s``, at random, because others hear the same; and not before the time
        that the operator named last.
        """
        self._check_open()
        self._delivery.link_restored()

    async def sync(self, timeout_s: float = 60.0) -> None:
        """Send everything that waits, now; returns when the operator has it.

        :class:`RegisterBlocked` when a person, or the operator, has to lift a block first; :class:`NotDelivered` with
        the last error when the time is over.
        """
        self._check_open()
        self._delivery.wake(now=True)
        try:
            async with asyncio.timeout(timeout_s):
                self._refuse_when_stuck()
                await self._delivery.compared.wait()
                while not self._keeper.state.is_quiet:
                    moved = self._keeper.moved
                    self._refuse_when_stuck()
                    await moved.wait()
        except TimeoutError:
            refuse_blocked(self._keeper.state)
            unsent = len(self._keeper.state.queue)
            why = self._delivery.last_error
            raise NotDelivered(f"{unsent} documents wait: {'' if why is None else why.text}") from None

    def _refuse_when_stuck(self) -> None:
        if self._delivery.failure is not None:
            raise self._delivery.failure
        for block in self._keeper.state.blocks.values():
            if block.reason in outbox.DECIDED_BY_PERSON:
                raise RegisterBlocked(block.reason, block.text)

    async def resolve(self, decision: Decision, *, by: str, why: str, number: int | None = None) -> None:
        """A person decides about what stands still; the decision stays in the memory.

        ``RETRY`` and ``VOID`` are about the refused head of the queue (``number``, if it is given, must be its own);
        ``RETRY`` also looks again whether memory and operator agree; ``ADOPT`` is for a memory that is behind,
        ``RESEND`` for an operator that is. :class:`NothingToResolve` when nothing of the kind is waited for,
        :class:`NotDelivered` when the operator, that has to be asked for ``ADOPT``, does not answer.
        """
        self._check_open()
        async with self._selling.turn:
            match decision:
                case Decision.RETRY:
                    await self._record(lambda state, now: resolving.retry(state, by, why, now, number))
                case Decision.VOID:
                    await self._void(by, why, number)
                case Decision.ADOPT:
                    until = self._clock.monotonic() + self.settings.answer_limit_s
                    held = await self._delivery.information(until)
                    await self._record(lambda state, now: resolving.adopt(state, held, by, why, now))
                case Decision.RESEND:
                    await self._record(lambda state, now: resolving.resend(state, by, why, now))
        self._delivery.greet_again()

    async def _record(self, decide: Callable[[RegisterState, Instant], Sequence[Record]]) -> None:
        await self._keeper.commit(lambda state: Intent(decide(state, self._clock.now())))

    async def _void(self, by: str, why: str, number: int | None) -> None:
        def decide(state: RegisterState) -> Intent:
            now, cashier = self._clock.now(), self.settings.cashier
            made, draft = resolving.give_up(state, by, why, now, cashier, number)
            return Intent(made, draft)

        for record in await self._keeper.commit(decide):
            if isinstance(record, records.Issued):
                self._keeper.finished(record.number)

    async def set_token(self, token: str) -> None:
        """Use another token from now on, and try it at once; :class:`ConfigurationError` when the protocol has no such.

        Over the Kazakhstan protocol a document that may be on its way keeps its request number, so that an operator
        which has counted it says so (code 8) instead of counting it twice.
        """
        self._check_open()
        notebook = self._ports.transport.terms.notebook
        async with self._delivery.quiet():  # an answer to the old token must not come behind the new one
            notes = None if notebook is None else notebook.entrusted(token)
            await self._keeper.register(replace(self._keeper.registration, token=token), notes)
            await self._record(outbox.credentials_changed)
            self._delivery.greet_again()

    async def low_power(self, low: bool) -> None:
        """There is not enough power for talking to the operator (S3-14), or there is again.

        Documents that are issued meanwhile are autonomous; nothing is sent.
        """
        self._check_open()
        self._selling.low_power = low
        self._delivery.suspend(low)
        if low:
            await self._record(lambda state, now: lose_channel(state, AutonomousReason.LOW_POWER, now))

    # ------------------------------------------------------------------------------------------------ small parts

    @property
    def _letterhead(self) -> Letterhead:
        whose = self._keeper.registration
        return Letterhead(whose.register, whose.profile, self.settings.qr_base_url)

    def _tell(self, event: Event) -> None:
        if isinstance(event, WentAutonomous):
            operator, phone = self._delivery.operator
            event = replace(event, operator=operator, phone=phone)
        self._teller.tell(event)

    def _check_open(self) -> None:
        if not self._open:
            raise RegisterClosed("the register is not open")
