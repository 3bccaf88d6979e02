"""One register of a fleet without its socket: bytes and the time go in, bytes and the next moment to wake come out.

The calling discipline, for every shell:

* :meth:`~FleetRegister.begin` once; then :meth:`~FleetRegister.wake` whenever ``wake_at`` has come;
* :attr:`~FleetRegister.wants` is looked at after each call, and taken with :meth:`~FleetRegister.take_wish`: to connect
  (then :meth:`~FleetRegister.connected` or :meth:`~FleetRegister.not_connected` follows), or to end the connection;
* what comes in goes to :meth:`~FleetRegister.received`, the end of the connection to :meth:`~FleetRegister.lost`;
* what a method returns is written at once.

The rule: what is said next the outbox decides, as in every register (:func:`kkt_client.core.outbox.next_action`); a
time that the operator names is kept on the open link; whatever breaks is followed by the own back-off. How a register is
doing it says once after each welcome, so that an operator can plan; a till repeats it, for eyes that watch one.
"""

from __future__ import annotations

from enum import Enum
from math import inf
from typing import TYPE_CHECKING, Final, Protocol

from msgspec.structs import replace

from fiscal.domain.lifecycle import AutonomousReason, BlockReason
from fiscal.domain.messages import Accepted, Answer, Blocked, Hello, Information, Refused, Request, TryLater, Welcome
from fiscal.domain.signs import digest_of
from fiscal.retry import Backoff, obey
from fiscal.time import SECOND, Instant, Moment
from kkt_client.core import outbox
from kkt_client.core.autonomous import lose_channel, make_autonomous
from kkt_client.core.dossier import Dossier
from kkt_client.core.outbox import Course, Idle, LinkView, SendDocument, Stuck, Wait, next_action
from kkt_client.core.records import Record
from kkt_client.core.registration import Registration
from kkt_client.core.saying import Cause, Said, about
from kkt_client.core.setbacks import Kind, Setback
from kkt_client.delivery import LATER_MIN_MS
from kkt_client.fleet.state import FleetState, Memory
from kkt_client.fleet.wires import Wire, lost

if TYPE_CHECKING:
    from random import Random

SOFTWARE: Final = "mock-ofd fleet"
"""What a register of a fleet says that it runs."""


class Wish(Enum):
    """What a register wants of its shell."""

    CONNECT = "connect"
    DISCONNECT = "disconnect"


class Tally(Protocol):
    """Who counts what the registers live to see; ``place`` is that of the register in its fleet."""

    def accepted(self, place: int, number: int, sign: str | None, asked_at: Moment, now: Moment) -> None:
        """The operator has this document, and has given it this sign."""
        ...

    def put_off(self, place: int) -> None:
        """The operator has asked to come back later."""
        ...

    def set_back(self, place: int, setback: Setback) -> None:
        """An exchange did not succeed; the register will try again."""
        ...

    def idle(self, place: int) -> None:
        """Nothing waits any more."""
        ...

    def stuck(self, place: int, why: str) -> None:
        """Something waits, and a person would have to decide."""
        ...


class Habits:
    """What all registers of a fleet have in common. ``wall`` is what to add to the seconds of the monotonic clock."""

    __slots__ = ("backoff", "chance", "memory", "tally", "wall")

    def __init__(self, memory: Memory, backoff: Backoff, chance: Random, tally: Tally, wall: float) -> None:
        self.memory = memory
        self.backoff = backoff
        self.chance = chance
        self.tally = tally
        self.wall = wall

    def instant(self, now: Moment) -> Instant:
        """The same moment on the wall clock."""
        return int((now + self.wall) * SECOND)


_STRANGER: Final = LinkView(is_greeted=False)
_GREETED: Final = LinkView(is_greeted=True)


class FleetRegister:
    """One register; see the module for how to call it."""

    __slots__ = (
        "_action",
        "_asked_at",
        "_attempt",
        "_greeted",
        "_habits",
        "_is_open",
        "_next_due",
        "_not_before",
        "_previous_ms",
        "_status_due",
        "_view",
        "_whose",
        "_wire",
        "place",
        "scheduled",
        "state",
        "wake_at",
        "wants",
    )

    def __init__(self, place: int, whose: Registration, state: FleetState, wire: Wire, habits: Habits) -> None:
        self.place = place
        self.state = state
        self.wake_at: Moment = inf
        """When to call :meth:`wake`; later calls of any method may move it."""
        self.scheduled: Moment = inf
        """The shell's: for when it has set its alarm."""
        self.wants: Wish | None = None
        self._whose = whose
        self._wire = wire
        self._habits = habits
        self._is_open = False
        self._greeted = False
        self._action: outbox.Send | None = None
        self._asked_at: Moment = 0.0
        self._attempt = 0
        self._previous_ms = 0
        self._not_before: Moment | None = None
        self._status_due = False
        self._next_due: Moment = inf
        self._view = _STRANGER

    @property
    def sent(self) -> int:
        """The highest number that has left the register."""
        action, accepted = self._action, self.state.accepted_number
        return max(accepted, action.dossier.number) if isinstance(action, SendDocument) else accepted

    # ---------------------------------------------------------------------------------------------------- the shell

    def begin(self, at: Moment) -> None:
        """The link is there from ``at`` on, for whoever tries it."""
        self._supply(at)
        self._look_ahead()
        self._not_before = at
        self._set_view()
        self.wake_at = min(at, self._next_due)

    def take_wish(self) -> Wish | None:
        """What the register wants; it wants it once."""
        wish, self.wants = self.wants, None
        return wish

    def wake(self, now: Moment) -> bytes:
        """It is ``now``. Too early a call does nothing."""
        if now < self.wake_at:
            return b""
        if now >= self._next_due:
            self._sell(now)
        if self._action is None:
            return self._go_on(now)
        try:
            self._wire.look(now)
        except Setback as setback:
            return self._fall_back(setback, now)
        self.wake_at = min(self._asked_at + self._wire.limit_s + _TICK_S, self._next_sale)
        return b""

    def connected(self, now: Moment) -> bytes:
        """There is a connection."""
        self._is_open = True
        self._wire.opened(now)
        return self._go_on(now)

    def not_connected(self, cause: Cause, now: Moment) -> None:
        """There is none to be had."""
        self._fall_back(Setback(Kind.SHUT, AutonomousReason.NO_CONNECTION, cause), now)

    def lost(self, cause: Cause, now: Moment) -> None:
        """The connection has ended, and the register had not wanted that.

        Where nothing was on its way, nothing has failed: an operator closes a link over which it has named a time. The
        register makes another one when it has something to say, and no sooner than it was told.
        """
        if not self._is_open:
            return
        self._is_open = False
        if self._action is not None:
            self._fall_back(lost(cause), now)
        elif not self._wire.keeps_talking:
            self._greeted = False
            self._set_view()

    def received(self, data: bytes, now: Moment) -> bytes:
        """Bytes came."""
        try:
            answer = self._wire.received(data, now)
        except Setback as setback:
            return self._fall_back(setback, now)
        return b"" if answer is None else self._answered(answer, now)

    # -------------------------------------------------------------------------------------------------- what follows

    def _answered(self, answer: Answer, now: Moment) -> bytes:
        action = self._action
        if type(answer) is Accepted and type(action) is SendDocument:
            return self._take_acceptance(action.dossier, answer, now)
        self._action = None
        try:
            self._take(action, answer, now)
        except Setback as setback:
            return self._fall_back(setback, now)
        return self._go_on(now)

    def _take_acceptance(self, dossier: Dossier, answer: Accepted, now: Moment) -> bytes:
        wrong = outbox.fits(dossier, answer)
        if wrong is not None:
            cause = Cause(Said.UNEXPECTED_ANSWER, wrong)
            return self._fall_back(Setback(Kind.LATE, AutonomousReason.LATE_ANSWER, cause), now)
        self._action = None
        self._supply(now)
        habits, state = self._habits, self.state
        for record in outbox.accepted(state, dossier, answer, habits.instant(now)):
            state.apply(record)
        habits.tally.accepted(self.place, dossier.number, answer.sign, self._asked_at, now)
        if self._attempt:
            self._attempt = self._previous_ms = 0
        if now >= self._next_due:
            self._sell(now)
        return self._go_on(now)

    def _go_on(self, now: Moment) -> bytes:
        """Say what the outbox wants to be said, or arrange to be woken."""
        action = next_action(self.state, self._view, now)
        if type(action) is SendDocument and self._is_open:
            return self._ask(action, action.message, now)
        match action:
            case Wait(until):
                self.wake_at = min(until, self._next_sale)
            case Idle():
                self.wake_at = self._next_due
                if self._next_due == inf:
                    self._habits.tally.idle(self.place)
            case Stuck(reason):
                self.wake_at = self._next_due = inf
                block = self.state.blocks[reason]
                self._habits.tally.stuck(self.place, f"{reason}: {block.text}")
            case _ if not self._is_open:
                self.wants = Wish.CONNECT
                self.wake_at = inf
            case outbox.SayHello():
                return self._greet(action, now)
            case outbox.SendPeriod(report):
                return self._ask(action, report, now)
            case outbox.SendStatus(report):
                unsent = self.state.last_number - self.state.accepted_number  # most of them are in the memory still
                return self._ask(action, replace(report, unsent=unsent), now)
            case outbox.Ask(message):
                return self._ask(action, message, now)
            case _:
                raise AssertionError(f"nobody asked for {action}")
        return b""

    def _greet(self, action: outbox.SayHello, now: Moment) -> bytes:
        state, whose = self.state, self._whose
        hello = Hello(
            register=whose.register,
            token=whose.token,
            software=SOFTWARE,
            last_number=state.last_number,
            last_shift=state.shift.number,
            accepted_number=state.accepted_number,
            accepted_shift=state.accepted_shift,
            profile=whose.profile,
        )
        return self._ask(action, hello, now)

    def _ask(self, action: outbox.Send, request: Request, now: Moment) -> bytes:
        try:
            data = self._wire.ask(request, now)
        except Setback as setback:
            return self._fall_back(setback, now)
        self._action = action
        self._asked_at = now
        self.wake_at = min(now + self._wire.limit_s + _TICK_S, self._next_sale)
        return data or self._answered(self._wire.own_answer(), now)

    def _take(self, action: outbox.Send | None, answer: Answer, now: Moment) -> None:
        """What an answer means that is no acceptance of the head of the line; :class:`Setback` for no answer to it."""
        state, instant = self.state, self._habits.instant(now)
        match answer:
            case TryLater():
                self._obey(answer, now)
                return
            case Blocked():
                is_hello = isinstance(action, outbox.SayHello)
                self._block(BlockReason.BY_OPERATOR, answer.reason, now, drop=is_hello)
                return
            case Refused() if outbox.REFUSALS[answer.code] is Course.CREDENTIALS:
                self._block(BlockReason.REJECTED_CREDENTIALS, f"{answer.code}: {answer.text}", now, drop=True)
                return
            case Refused() if outbox.REFUSALS[answer.code] is Course.AGAIN:
                raise lost(Cause(about(answer.code), f"{answer.code}: {answer.text}"))
        made: list[Record] = []
        match action, answer:
            case outbox.SayHello(), Welcome():
                made = self._compare(answer, instant)
            case outbox.SendStatus(), _:
                self._status_due = False
                self._set_view()
            case outbox.SendPeriod(report), _:
                made = outbox.period_told(report, answer, instant)
            case SendDocument(dossier), Refused():
                made = outbox.refused(state, dossier, answer, instant)
            case outbox.Ask(), Information():
                if answer.blocked:
                    self._rest(now)
                else:
                    made = outbox.unblocked(state, instant)
            case _:
                raise lost(Cause(Said.UNEXPECTED_ANSWER, f"{action} was answered with {answer}"[:1024]))
        self._apply(made)

    def _compare(self, welcome: Welcome, instant: Instant) -> list[Record]:
        content = self._habits.memory.content(self.place, welcome.last_number)
        found = outbox.compare(self.state, welcome, None if content is None else digest_of(content))
        self._greeted = self._status_due = True
        self._not_before = None
        self._set_view()
        return outbox.welcomed(self.state, found, instant)

    def _obey(self, answer: TryLater, now: Moment) -> None:
        """The link stays open: the operator knows best when it has room."""
        self._habits.tally.put_off(self.place)
        delay_ms = obey(max(answer.delay_ms, LATER_MIN_MS), 0, self._habits.chance.random())
        self._not_before = now + delay_ms / SECOND
        self._set_view()

    def _block(self, reason: BlockReason, text: str, now: Moment, *, drop: bool) -> None:
        """The register sells nothing, and asks again later; ``drop``: over another link."""
        self._apply(outbox.blocked(self.state, reason, text, self._habits.instant(now)))
        if drop:
            cause = Cause(about(reason), f"{reason}: {text}")
            raise Setback(Kind.BLOCKED, AutonomousReason.NO_CONNECTION, cause)
        self._rest(now)

    def _fall_back(self, setback: Setback, now: Moment) -> bytes:
        """Leave, and come back after the own back-off; the document in doubt turns autonomous (3.3)."""
        habits = self._habits
        habits.tally.set_back(self.place, setback)
        if self._is_open:
            self.wants = Wish.DISCONNECT
        self._is_open = self._greeted = False
        self._action = None
        if setback.kind is not Kind.BLOCKED:
            self._apply(lose_channel(self.state, setback.reason, habits.instant(now)))
        self._rest(now)
        return b""

    def _rest(self, now: Moment) -> None:
        """Send nothing until the own back-off is over."""
        habits = self._habits
        delay_ms = habits.backoff.delay_ms(self._attempt, habits.chance.random(), self._previous_ms)
        self._attempt, self._previous_ms = self._attempt + 1, delay_ms
        self._not_before = now + delay_ms / SECOND
        self._set_view()
        self.wake_at = min(self._not_before, self._next_sale)

    # ---------------------------------------------------------------------------------------------------- documents

    def _supply(self, now: Moment) -> None:
        """Have the document behind the head at hand, before the head leaves; what was sold behind others is autonomous."""
        state = self.state
        queue = state.queue
        last = queue[-1].number if queue else state.accepted_number
        if last < state.last_number:
            habits = self._habits
            dossier = habits.memory.dossier(self.place, last + 1)
            queue.append(dossier)
            if not dossier.autonomous:
                reason = AutonomousReason.QUEUE_NOT_EMPTY
                self._apply(make_autonomous(state, reason, habits.instant(now), channel_lost=False))

    def _sell(self, now: Moment) -> None:
        """Issue what is due: at most one document that is neither answered nor autonomous, as at every till."""
        state, habits = self.state, self._habits
        while now >= self._next_due and (state.is_autonomous or not state.queue):
            state.put(habits.memory.dossier(self.place, state.last_number + 1))
            if state.is_autonomous:
                reason = AutonomousReason.QUEUE_NOT_EMPTY
                self._apply(make_autonomous(state, reason, habits.instant(now), channel_lost=False))
            self._look_ahead()

    @property
    def _next_sale(self) -> Moment:
        """When the next document can be issued at the earliest; not before the head is answered, or autonomous."""
        return self._next_due if self.state.is_autonomous or not self.state.queue else inf

    def _look_ahead(self) -> None:
        due = self._habits.memory.due(self.place, self.state.last_number + 1)
        self._next_due = inf if due is None else due

    # --------------------------------------------------------------------------------------------------- small parts

    def _apply(self, made: list[Record]) -> None:
        for record in made:
            self.state.apply(record)

    def _set_view(self) -> None:
        if self._greeted and self._not_before is None and not self._status_due:
            self._view = _GREETED
            return
        comes = not self._greeted and self._next_due < inf  # a register that will sell keeps its link
        self._view = LinkView(
            is_greeted=self._greeted,
            status_due=self._greeted and self._status_due,
            comparing=comes,
            not_before=self._not_before,
        )


_TICK_S: Final = 0.001
"""A limit is looked at so much after it: no earlier than the clock can tell that it has passed."""

__all__ = ["SOFTWARE", "FleetRegister", "Habits", "Tally", "Wish"]
