"""Bringing documents to the operator: the shell around the outbox.

The rule: one lane. Whoever talks to the operator, a sale that waits for its sign or the background that drains the
queue, holds :attr:`Delivery.lane` meanwhile; what is said next is decided by :func:`kkt_client.core.outbox.next_action`
alone, so nothing overtakes. Before a document's first byte leaves, its record is durable; before an answer is believed,
its record is.

All waiting is done on the running loop, all moments come from the clock, all chance from ``chance``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from fiscal.domain.document import DocumentKind
from fiscal.domain.lifecycle import AutonomousReason, BlockReason
from fiscal.domain.messages import (
    Accepted,
    Answer,
    AskInformation,
    Blocked,
    Hello,
    Information,
    Refused,
    ReportStatus,
    Request,
    TryLater,
    Welcome,
)
from fiscal.domain.signs import digest_of
from fiscal.errors import DiskFull, NotDelivered, StorageError
from fiscal.retry import obey
from fiscal.time import Moment
from kkt_client.config import RegisterSettings
from kkt_client.core import outbox, records
from kkt_client.core.autonomous import block_if_too_long, lose_channel
from kkt_client.core.dossier import DELIVERED_STATES, SAVED_STATES, Dossier
from kkt_client.core.events import Event, PersonNeeded, cashier_text
from kkt_client.core.outbox import Action, Course, Idle, LinkView, Send, Stuck, Wait, next_action
from kkt_client.core.records import AnomalyCode, Record
from kkt_client.core.resolving import BETWEEN_MEMORIES
from kkt_client.core.saying import Cause, Said, about
from kkt_client.core.setbacks import Kind, Knocking, Setback
from kkt_client.core.state import RegisterState
from kkt_client.keeping import Intent, Keeper
from kkt_client.ports import AnswerLate, Clock, Link, NoConnection, Standing, Transport

if TYPE_CHECKING:
    from random import Random

GRACE_S: Final = 0.001
"""A timer ends the waiting so much after a limit: what came exactly at the limit is in time, and the moment judges."""

LATER_MIN_MS: Final = 50
"""An operator that says "come back at once" is taken at its word this much later, so that two do not spin together."""


class Delivery:
    """The register's conversation with its operator.

    Call :meth:`start` once and :meth:`close` at the end. A sale holds :attr:`lane` and calls :meth:`reach`, then
    :meth:`deliver`; when one of them returns a setback it records what follows from it, and calls :meth:`set_back`.
    """

    def __init__(
        self,
        keeper: Keeper,
        transport: Transport,
        clock: Clock,
        settings: RegisterSettings,
        chance: Random,
        tell: Callable[[Event], None],
    ) -> None:
        self.lane = asyncio.Lock()
        self.last_error: Cause | None = None
        """Why the last exchange that failed did."""
        self.failure: BaseException | None = None
        """Why the background stopped for good; only a failed memory stops it."""
        self.welcome: Welcome | None = None
        """What the operator last said of itself."""
        self.compared = asyncio.Event()
        """Not set between a person's decision and the moment when both memories have been compared after it."""
        self.compared.set()
        self._keeper = keeper
        self._transport = transport
        self._notebook = transport.terms.notebook
        self._clock = clock
        self._settings = settings
        self._chance = chance
        self._tell = tell
        self._link: Link | None = None
        self._was_of_use = False
        """Whether anything but greetings was answered over the link."""
        self._greeted = False
        self._told: ReportStatus | None = None
        self._told_at: Moment = 0.0
        self._resend_from = 0
        self._attempt = 0
        self._not_before: Moment | None = None
        self._hint_until: Moment | None = None
        self._suspended = False
        self._stopping = False
        self._silence_told = False
        self._waiting: asyncio.Timeout | None = None
        self._woken = asyncio.Event()
        self._background: asyncio.Task[None] | None = None

    @property
    def is_connected(self) -> bool:
        """Whether the operator has welcomed the register over a link that is open now."""
        return self._greeted and self._link is not None and self._link.is_open

    @property
    def operator(self) -> tuple[str, str | None]:
        """Whom to call: name and telephone, as the operator said itself, else as they were set (S3-03)."""
        said = self.welcome
        name = said.operator if said is not None else self._settings.operator_name
        phone = said.phone if said is not None else None
        return name, phone or self._settings.operator_phone

    @property
    def next_attempt(self) -> Moment | None:
        """Before which moment the background sends nothing; ``None`` when it need not wait."""
        moments = [moment for moment in (self._hint_until, self._not_before) if moment is not None]
        latest = max(moments, default=None)
        return latest if latest is not None and latest > self._clock.monotonic() else None

    # --------------------------------------------------------------------------------------------- the background

    def start(self) -> None:
        """Begin to deliver what waits."""
        self._background = asyncio.get_running_loop().create_task(self._run(), name="delivery")
        self._background.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            self.failure = task.exception()
            self.last_error = Cause(Said.MEMORY_FAILED, str(self.failure))
            self._keeper.stir()

    async def close(self) -> None:
        """Stop; what is being written is written, what is being waited for is given up."""
        self._stopping = True
        self._interrupt()
        self.wake()
        if self._background is not None:
            await asyncio.wait([self._background])
        self._drop()

    def wake(self, *, now: bool = False) -> None:
        """Look again whether there is something to do; with ``now`` without waiting for the own back-off to end."""
        if now:
            self._not_before = None
            self._attempt = 0
        self._woken.set()

    def link_restored(self) -> None:
        """The link is said to be back: try it soon, but not in the same moment as everybody who had lost it.

        What the operator said last about when to come still holds.
        """
        self._attempt = 0
        self._not_before = self._clock.monotonic() + self._settings.first_knock_s * self._chance.random()
        self.wake()

    def suspend(self, suspended: bool) -> None:
        """There is no power for talking to the operator (S3-14), or there is again."""
        self._suspended = suspended
        if suspended:
            self._interrupt()
            self._drop()
        self.wake(now=not suspended)

    @asynccontextmanager
    async def quiet(self) -> AsyncIterator[None]:
        """Have nothing on its way meanwhile; what is takes no longer than an answer may, then it is given up."""
        try:
            async with asyncio.timeout(self._settings.answer_limit_s):
                await self.lane.acquire()
        except TimeoutError:
            self._interrupt()
            await self.lane.acquire()
        try:
            yield
        finally:
            self.lane.release()

    def greet_again(self) -> None:
        """Compare memories anew: the next exchange begins with hello, and it comes although nothing else waits."""
        self.compared.clear()
        self._drop()
        self.wake(now=True)

    async def _run(self) -> None:
        while not self._stopping:
            self._woken.clear()
            match self._next():
                case Wait(until):
                    await self._rest(until)
                case Idle() | Stuck():
                    await self._woken.wait()
                case _:
                    await self._take_turn()

    async def _take_turn(self) -> None:
        async with self.lane:
            action = self._next()  # while we waited for the lane, a sale may have done it
            if self._stopping or isinstance(action, Wait | Idle | Stuck):
                return
            try:
                try:
                    await self._perform(action, None)
                except Setback as setback:
                    if not self._stopping:
                        await self._lose(setback)
                        self.set_back(setback)
            except DiskFull as error:
                cause = Cause(Said.DISK_FULL, str(error))
                self.set_back(Setback(Kind.LATE, AutonomousReason.NO_CONNECTION, cause))

    async def _rest(self, until: Moment) -> None:
        try:
            async with asyncio.timeout(max(0.0, until - self._clock.monotonic())):
                await self._woken.wait()
        except TimeoutError:
            pass

    async def _lose(self, setback: Setback) -> None:
        """What the memory has to know of a setback in the background: the document in doubt turns autonomous."""
        if setback.kind in (Kind.LATER, Kind.BLOCKED):
            return
        known = self._keeper.state.is_autonomous
        limit = self._settings.autonomous_max_ms

        def decide(state: RegisterState) -> list[Record]:
            now = self._clock.now()
            return lose_channel(state, setback.reason, now) or block_if_too_long(state, now, limit)

        await self._commit(decide)
        if known and setback.reason is AutonomousReason.UNPAID and not self._silence_told:
            self._silence_told = True
            detail = cashier_text(AutonomousReason.UNPAID, *self.operator)
            self._tell(PersonNeeded(self._clock.now(), about(AutonomousReason.UNPAID), detail))

    def set_back(self, setback: Setback) -> None:
        """Come back later: after the own back-off, or when the operator said."""
        self.last_error = setback.cause
        if setback.kind is not Kind.LATER:
            self._pause()
        self.wake()

    def _pause(self) -> None:
        self._not_before = self._clock.monotonic() + self._own_pause_s()
        self._attempt += 1

    def _own_pause_s(self) -> float:
        """Until the next attempt of the background: what the protocol demands, else what is set."""
        least_s, chance = self._transport.terms.reconnect_s, self._chance.random()
        if least_s is not None:
            return least_s * (1 + chance / 10)
        return self._settings.backoff.delay_ms(self._attempt, chance) / 1_000

    # -------------------------------------------------------------------------------------------------- for a sale

    async def reach(self, until: Moment) -> Setback | None:
        """Be connected, with nothing before the next document; ``None`` also when the register is blocked now."""
        return await self._drive(lambda: self.is_clear, until)

    async def deliver(self, dossier: Dossier, until: Moment) -> Setback | None:
        """Have the operator's answer to this document recorded; ``None`` also when the register is blocked now."""
        return await self._drive(lambda: dossier.state not in SAVED_STATES, until)

    @property
    def is_clear(self) -> bool:
        """Connected and welcomed, with nothing to be sent and nobody to be asked before the next document."""
        link, state = self._link, self._keeper.state
        asked = any(reason in state.blocks for reason in outbox.DECIDED_BY_OPERATOR)
        return bool(self._greeted and link and link.is_open and state.is_quiet and not self._resend_from and not asked)

    async def _drive(self, done: Callable[[], bool], until: Moment) -> Setback | None:
        knocks_s = self._settings.retry_in_sale_s
        if self._transport.terms.knocks_on:
            knocks_s = max(knocks_s, self._settings.sale_budget_s)
        knocking = Knocking(knocks_s, until)
        while not done():
            if self._suspended:
                cause = Cause(Said.NO_POWER, "there is no power for talking to the operator")
                return Setback(Kind.LATE, AutonomousReason.LOW_POWER, cause)
            action = self._next(in_sale=True)
            if isinstance(action, Stuck | Idle):
                return None
            if isinstance(action, Wait):
                if action.until > until:
                    cause = Cause(Said.ASKED_TO_WAIT, "the operator asked to come back too late")
                    return Setback(Kind.LATER, AutonomousReason.LATE_ANSWER, cause)
                await asyncio.sleep(max(0.0, action.until - self._clock.monotonic()))
                continue
            try:
                await self._perform(action, until)
            except Setback as setback:
                if setback.kind is Kind.BLOCKED:
                    self.set_back(setback)
                    return None
                pause = knocking.pause(setback, self._clock.monotonic())
                if pause is None:
                    return setback
                await asyncio.sleep(pause)
        return None

    async def information(self, until: Moment) -> Information:
        """What the operator holds of this register; :class:`NotDelivered` when it cannot be asked."""
        async with self.lane:
            if not self._greeted:
                await self._perform(outbox.SayHello(), until)
            if self._notebook is not None:
                await self._note(self._notebook.asking(is_blocked=False))
            answer = await self._ask(AskInformation(), until)
            if not isinstance(answer, Information):
                raise NotDelivered(f"the operator does not tell what it holds: {answer}")
            return answer

    # -------------------------------------------------------------------------------------------------- one exchange

    def _next(self, *, in_sale: bool = False) -> Action:
        """What the outbox wants; a sale heeds the operator's word but not the own back-off, and tells no status."""
        state, now = self._keeper.state, self._clock.monotonic()
        stays = any(reason in state.blocks for reason in BETWEEN_MEMORIES)  # a welcome cannot end the period then
        if self._link is not None and (not self._link.is_open or (self._greeted and state.open_period and not stays)):
            if not (self._link.is_open or self._was_of_use or state.is_quiet):
                self._pause()  # an operator that welcomes and hangs up would be called again at once, for ever
            self._drop()  # an offline period ends with a welcome, and a link knows only one
        moments = (self._hint_until,) if in_sale else (self._hint_until, self._not_before)
        view = LinkView(
            is_greeted=self._greeted,
            status_due=self._greeted and not in_sale and outbox.is_status_due(self._told, state, now - self._told_at),
            comparing=not self.compared.is_set(),
            resend_from=self._resend_from,
            not_before=max((moment for moment in moments if moment is not None), default=None),
            suspended=self._suspended,
            last_error=self.last_error,
        )
        action = next_action(state, view, now)
        if in_sale and isinstance(action, Idle) and not self._greeted and not self._suspended:
            if self._hint_until is not None and now < self._hint_until:
                return Wait(self._hint_until)
            return outbox.SayHello()  # nothing waits yet, but a document is about to
        return action

    async def _perform(self, action: Send, until: Moment | None) -> None:
        match action:
            case outbox.SayHello():
                await self._say_hello(until)
            case outbox.SendPeriod(period):
                answer = await self._ask(period, until)
                notes = None if self._notebook is None else self._notebook.told(period)
                now = self._clock.now()
                await self._decide(lambda _state: Intent(outbox.period_told(period, answer, now), notes=notes))
            case outbox.SendDocument(dossier):
                await self._send(dossier, until)
            case outbox.Resend(number):
                await self._resend(number, until)
            case outbox.Ask(message):
                await self._ask_for_block(message, until)
            case outbox.SendStatus(report):
                await self._ask(report, until)
                self._told, self._told_at = report, self._clock.monotonic()
        if not isinstance(action, outbox.SayHello | outbox.SendPeriod):
            self._was_of_use = True
        if self._keeper.state.is_quiet or not isinstance(action, outbox.SayHello):
            self._attempt = 0  # a welcome alone is no progress while something waits

    async def _ask_for_block(self, message: AskInformation, until: Moment | None) -> None:
        """The operator blocked the register; it says whether it still does, or is asked again later."""
        if self._notebook is not None:
            await self._note(self._notebook.asking(is_blocked=True))
        answer = await self._ask(message, until)
        if isinstance(answer, Information) and not answer.blocked:
            await self._commit(lambda state: outbox.unblocked(state, self._clock.now()))
            return
        cause = Cause(Said.STILL_BLOCKED, f"the operator does not say that the block has ended: {answer}")
        raise Setback(Kind.BLOCKED, AutonomousReason.NO_CONNECTION, cause)

    async def _say_hello(self, until: Moment | None) -> None:
        state, whose = self._keeper.state, self._keeper.registration
        hello = Hello(
            register=whose.register,
            token=whose.token,
            software=self._settings.software,
            last_number=state.last_number,
            last_shift=state.shift.number,
            accepted_number=state.accepted_number,
            accepted_shift=state.accepted_shift,
            profile=whose.profile,
        )
        if self._link is None:
            await self._connect(until)
        if self._notebook is not None:
            period = state.open_period
            standing = Standing(
                away_since=None if period is None else period.begin,
                is_rejected=BlockReason.REJECTED_CREDENTIALS in state.blocks,
            )
            await self._note(self._notebook.greeting(standing))
        answer = await self._ask(hello, until)
        if not isinstance(answer, Welcome):
            self._drop()
            cause = Cause(Said.UNEXPECTED_ANSWER, f"hello was answered with {answer}")
            raise Setback(Kind.LOST, AutonomousReason.NO_CONNECTION, cause)
        digest = await self._our_digest(answer.last_number)
        found = outbox.compare(state, answer, digest)
        self.welcome = answer
        self._resend_from = found.resend_from
        if not found.resend_from:
            self.compared.set()
        self._silence_told = False
        await self._commit(lambda state: outbox.welcomed(state, found, self._clock.now()))
        self._greeted = True
        self._told = None
        self.wake()

    async def _connect(self, until: Moment | None) -> None:
        try:
            async with self._within(until):
                self._link = await self._transport.connect()
                self._was_of_use = False
        except TimeoutError:
            cause = Cause(Said.CONNECT_TIMEOUT, "there is no connection")
            raise self._too_late(cause, AutonomousReason.NO_CONNECTION, Kind.LATE) from None
        except NoConnection as error:
            raise Setback(Kind.SHUT, AutonomousReason.NO_CONNECTION, error.cause) from None

    async def _our_digest(self, number: int) -> bytes | None:
        """The digest of our document with this number, if we have it."""
        state = self._keeper.state
        if number <= self._keeper.registration.translated_through:
            return None  # the operator has it in words of its own
        if number == state.last_number:
            return state.last_digest or None
        found = await self._keeper.of_document(number)
        return digest_of(found[-1].content) if found else None

    async def _send(self, dossier: Dossier, until: Moment | None) -> None:
        head, attempts = self._keeper.attempts
        self._keeper.attempts = (dossier.number, attempts + 1 if head == dossier.number else 1)
        await self._note(self.notes_before(dossier.number, dossier.kind))
        if self._notebook is not None:
            self._notebook.foresees(self._behind(self._keeper.state))
        answer = await self._ask(outbox.SendDocument(dossier).message, until)
        if isinstance(answer, Accepted):
            wrong = outbox.fits(dossier, answer)
            if wrong is not None:
                self._drop()
                raise Setback(Kind.LATE, AutonomousReason.LATE_ANSWER, Cause(Said.UNEXPECTED_ANSWER, wrong))
            await self._decide(
                lambda state: self._answered(
                    state, dossier, answer, outbox.accepted(state, dossier, answer, self._clock.now())
                )
            )
        else:
            assert isinstance(answer, Refused), "a link gives no other answers to a document"
            await self._decide(
                lambda state: self._answered(
                    state, dossier, answer, outbox.refused(state, dossier, answer, self._clock.now())
                )
            )

    def _answered(self, state: RegisterState, dossier: Dossier, answer: Answer, made: Sequence[Record]) -> Intent:
        """The records that follow from an answer, and what the protocol notes with them."""
        if self._notebook is None or not made:
            return Intent(made)
        return Intent(made, notes=self._notebook.answered(dossier.number, answer, self._behind(state)))

    @staticmethod
    def _behind(state: RegisterState) -> Dossier | None:
        """The document that waits behind the one that is sent."""
        return state.queue[1] if len(state.queue) > 1 else None

    def notes_before(self, number: int, kind: DocumentKind) -> bytes | None:
        """What the protocol has to have noted before the first byte of this document leaves."""
        return None if self._notebook is None else self._notebook.sending(number, kind)

    async def _resend(self, number: int, until: Moment | None) -> None:
        """The operator gets back what it has lost (``resolve(resend)``); the signs that we have stay."""
        state = self._keeper.state
        found = [dossier for dossier in await self._keeper.of_document(number) if dossier.state in DELIVERED_STATES]
        answer: Answer | None = None
        if found:
            answer = await self._ask(outbox.SendDocument(found[-1]).message, until)
        now = self._clock.now()
        if isinstance(answer, Accepted):
            await self._commit(lambda _state: outbox.accepted_again(found[-1], answer, now))
            self._resend_from = number + 1 if number < state.accepted_number else 0
            if not self._resend_from:
                self.compared.set()
            return
        text = f"document {number}: {answer}" if found else f"document {number} is not in this memory"
        self._resend_from = 0
        self.compared.set()
        anomaly = records.Anomaly(code=AnomalyCode.RESEND_REFUSED, at=now, text=text[:1024], number=number)
        await self._commit(lambda state: [anomaly, *outbox.blocked(state, BlockReason.OPERATOR_BEHIND, text, now)])

    def _open_link(self) -> Link:
        """The link; it may have been lost while something was being kept, and that is a setback like any other."""
        if self._link is None:
            raise NoConnection(Cause(Said.CONNECTION_LOST, "the connection was lost"), was_open=True)
        return self._link

    async def _ask(self, request: Request, until: Moment | None) -> Answer:
        """One exchange. :class:`Setback` for everything that is not an answer to the question."""
        is_hello = isinstance(request, Hello)
        silence = AutonomousReason.UNPAID if is_hello else AutonomousReason.LATE_ANSWER
        try:
            async with self._within(until):
                answer = await self._open_link().request(request)
        except TimeoutError:
            raise self._too_late(Cause(Said.NO_ANSWER, "there is no answer"), silence, Kind.LATE) from None
        except AnswerLate as error:
            raise self._too_late(error.cause, silence, Kind.LATE) from None
        except NoConnection as error:
            kind = Kind.LATE if error.is_final else Kind.LOST if error.was_open else Kind.SHUT
            raise self._too_late(error.cause, AutonomousReason.NO_CONNECTION, kind) from None
        if until is not None and self._clock.monotonic() > until:
            cause = Cause(Said.ANSWER_TOO_LATE, "the answer came after the sale's time was over")
            raise self._too_late(cause, silence, Kind.LATE)
        match answer:
            case TryLater():
                await self._obey(answer)
            case Blocked():
                await self._blocked(BlockReason.BY_OPERATOR, answer.reason, is_hello)
            case Refused() if outbox.REFUSALS[answer.code] is Course.CREDENTIALS:
                await self._blocked(BlockReason.REJECTED_CREDENTIALS, f"{answer.code}: {answer.text}", True)
            case Refused() if outbox.REFUSALS[answer.code] is Course.AGAIN:
                cause = Cause(about(answer.code), f"{answer.code}: {answer.text}")
                raise self._too_late(cause, AutonomousReason.NO_CONNECTION, Kind.LOST)
        return answer

    async def _obey(self, answer: TryLater) -> None:
        delay_ms = obey(max(answer.delay_ms, LATER_MIN_MS), 0, self._chance.random())
        self._hint_until = self._clock.monotonic() + delay_ms / 1_000
        cause = Cause(Said.ASKED_TO_WAIT, f"the operator asked to come back in {answer.delay_ms} ms")
        raise Setback(Kind.LATER, AutonomousReason.LATE_ANSWER, cause)

    async def _blocked(self, reason: BlockReason, text: str, drop: bool) -> None:
        if drop:
            self._drop()
        await self._commit(lambda state: outbox.blocked(state, reason, text, self._clock.now()))
        raise Setback(Kind.BLOCKED, AutonomousReason.NO_CONNECTION, Cause(about(reason), f"{reason}: {text}"))

    # ---------------------------------------------------------------------------------------------------- small parts

    async def _commit(self, decide: Callable[[RegisterState], Sequence[Record]]) -> Sequence[Record]:
        return await self._decide(lambda state: Intent(decide(state)))

    async def _decide(self, decide: Callable[[RegisterState], Intent]) -> Sequence[Record]:
        try:
            return await self._keeper.commit(decide)
        except StorageError:
            self._drop()  # what the operator said could not be kept, so it will be asked again
            raise

    async def _note(self, notes: bytes | None) -> None:
        try:
            await self._keeper.note(notes)
        except StorageError:
            self._drop()
            raise

    @asynccontextmanager
    async def _within(self, until: Moment | None) -> AsyncIterator[None]:
        """Wait on the network not much longer than this moment; interrupted when there is no power, or at the end."""
        wait = None if until is None else max(0.0, until - self._clock.monotonic()) + GRACE_S
        async with asyncio.timeout(0 if self._stopping or self._suspended else wait) as waiting:
            self._waiting = waiting
            try:
                yield
            finally:
                self._waiting = None

    def _interrupt(self) -> None:
        if self._waiting is not None:
            self._waiting.reschedule(asyncio.get_running_loop().time())

    def _too_late(self, cause: Cause, reason: AutonomousReason, kind: Kind) -> Setback:
        self._drop()
        if self._suspended:
            cause = Cause(Said.NO_POWER, "the power went while the operator was asked")
            return Setback(Kind.LATE, AutonomousReason.LOW_POWER, cause)
        return Setback(kind, reason, cause)

    def _drop(self) -> None:
        link, self._link = self._link, None
        self._greeted = False
        self._resend_from = 0
        if link is not None:
            link.close()
