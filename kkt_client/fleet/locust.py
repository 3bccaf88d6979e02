"""Registers as users of Locust: load from one machine or from many, with Locust's own figures and page.

The rule: a user is one register. It has the outbox and the session of every register of ours, over gevent's sockets;
each exchange is a request in Locust's figures (type ``native``, named after what was asked), and so is what the register
finds at its end: whether the operator has every document that it accepted, and no other.

Locust replaces parts of the standard library when it is imported; so nothing of ours imports this module, only a
locustfile does.
"""

from __future__ import annotations

import logging
from math import inf
from random import Random
from time import monotonic, time
from typing import Any, Final
from zlib import crc32

from fiscal.domain.document import kind_of
from fiscal.domain.messages import (
    Answer,
    AskInformation,
    Blocked,
    Hello,
    Information,
    Refused,
    ReportOfflinePeriod,
    ReportStatus,
    Request,
    SubmitDocument,
    TryLater,
    Welcome,
)
from fiscal.domain.register import RegisterProfile, Taxpayer
from fiscal.domain.signs import digest_of
from fiscal.errors import ConfigurationError, NotDelivered, Undeliverable
from fiscal.protocols.content import decode_content
from fiscal.retry import Backoff, obey
from fiscal.session.limits import SessionLimits
from fiscal.time import SECOND, Instant, Moment
from kkt_client.config import ANSWER_LIMIT_S, SALE_BUDGET_S, OperatorAddress, parse_address
from kkt_client.core.basket import Basket, Line
from kkt_client.core.outbox import status_report
from kkt_client.core.registration import Registration
from kkt_client.core.setbacks import Kind, Setback
from kkt_client.fleet.allotment import Named
from kkt_client.fleet.limits import CHECK_LIMIT_S, DRAIN_LIMIT_S, LINES_MAX
from kkt_client.fleet.register import SOFTWARE, FleetRegister, Habits
from kkt_client.fleet.roll import STRANGER, Known, Roll
from kkt_client.fleet.wires import NativeWire

try:
    import gevent  # type: ignore[import-untyped]  # it comes without types
    from gevent.event import Event  # type: ignore[import-untyped]
    from locust import User, constant, task
    from locust.exception import StopUser

    from kkt_client.fleet.green import GreenLine, ask
    from kkt_client.fleet.locust_run import allotment_of, attend, backlog_of
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] not in ("locust", "gevent"):
        raise
    text = f"kkt_client.fleet.locust needs {error.name}, which is not installed: pip install 'mock-ofd[locust]'"
    raise ConfigurationError(text) from None

log = logging.getLogger(__name__)

PROTOCOL: Final = "native"
GOODS: Final = ("Хлеб", "Молоко 1 л", "Яблоки, кг", "Сыр, кг", "Чай зелёный", "Сахар, кг", "Кофе молотый", "Рис, кг")
_PERIODS_SINCE: Final[Instant] = 1_767_225_600_000
"""2026: a register that the operator knows counts its periods from the seconds since then, so above those it had."""
_NAMES: Final[dict[type[Request], str]] = {
    Hello: "hello",
    AskInformation: "information",
    ReportOfflinePeriod: "offline period",
    ReportStatus: "status",
}


attend()


class RegisterUser(User):
    """A register. Write a class of your own with a task that calls :meth:`sell`, or use :class:`Till` as it is.

    ``host`` (``--host``) is the operator: ``native://HOST:PORT``. ``backlog`` is how many autonomous receipts it comes
    back with, sold during the last ``outage_s`` seconds. ``backoff`` is how long it stays away when it was not heard,
    ``answer_limit_s`` and ``sale_budget_s`` are the two limits of a sale, ``drain_limit_s`` is how long it goes on
    delivering at the end. A class with an ``on_start`` or ``on_stop`` of its own calls that of this class, too.
    """

    abstract = True

    backlog: int = 0
    outage_s: float = 3_600.0
    answer_limit_s: float = ANSWER_LIMIT_S
    sale_budget_s: float = SALE_BUDGET_S
    drain_limit_s: float = DRAIN_LIMIT_S
    backoff: Backoff = Backoff(base_ms=1_000, cap_ms=60_000)

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        self._named: Named | None = None
        self._register: _Register | None = None
        self._line: GreenLine | None = None
        self._settled = Event()
        self._idle = False
        self._stuck: str | None = None
        self._limits = SessionLimits(answer_limit_s=self.answer_limit_s)

    # ------------------------------------------------------------------------------------------------- what tasks use

    @property
    def register_id(self) -> str:
        """Which register it is."""
        assert self._named is not None, "a user is a register from its start on"
        return self._named.register

    @property
    def unsent(self) -> int:
        """Documents that the operator does not have yet."""
        return self._roll.issued - self._roll.state.accepted_number

    def basket(self) -> Basket:
        """What the next buyer takes: a few goods of a grocery by chance, the same in every run of the same register."""
        chance = self.random
        lines = (
            Line(name=chance.choice(GOODS), price=chance.randrange(50_00, 5_000_00, 5_00), quantity=1_000)
            for _ in range(chance.randint(1, LINES_MAX))
        )
        return Basket(lines=tuple(lines))

    def sell(self, basket: Basket | None = None) -> int:
        """Sell, and wait until the buyer may go: the operator has answered, the receipt is autonomous, or the budget of
        the sale is over; what is not delivered then stays in the line. Returns the number of the receipt.

        Ends the user when a person would have to decide something about the register.
        """
        register, roll = self._register, self._roll
        assert register is not None
        if self._stuck is not None:
            raise StopUser
        now = monotonic()
        number = roll.sell(self.basket() if basket is None else basket, _instant(now), now)
        register.sold()
        self._idle = False
        self._line_to_ring.ring()
        self._wait(lambda: roll.state.accepted_number >= number or roll.state.is_autonomous, self.sale_budget_s)
        return number

    def drain(self, limit_s: float = DRAIN_LIMIT_S) -> bool:
        """Wait until the operator has every document, at the longest so many seconds; whether it has."""
        return self._wait(lambda: not self.unsent, limit_s)

    # ---------------------------------------------------------------------------------------------- begin and end

    def on_start(self) -> None:
        """Become a register, learn what the operator has of it, and connect."""
        try:
            self._address = _address(self.host or self.environment.host)
            self._named = named = allotment_of(self.environment).take()
            self.random = Random(named.register)
            self._whose = Registration(
                register=named.register, token=named.token, profile=_profile(named.register), protocol=PROTOCOL
            )
            known = self._known()
        except (ConfigurationError, Undeliverable) as failure:
            log.error("no register: %s", failure)  # noqa: TRY400 - its text says all
            self.report("start", 0.0, 0, failure)
            raise gevent.GreenletExit from None  # Locust would print the traceback of any other end of a start
        self._begin(Roll(named.register, self._whose.profile, known, _instant(monotonic())))

    def _begin(self, roll: Roll) -> None:
        self._roll = roll
        now = monotonic()
        instant = _instant(now)
        backlog = backlog_of(self.environment, self.backlog)
        if backlog:
            baskets = [self.basket() for _ in range(backlog)]
            roll.come_back_with(baskets, instant - round(self.outage_s * SECOND), instant)
        habits = Habits(roll, self.backoff, self.random, self, time() - monotonic())
        self._wire = _Wire(self._limits, self)
        self._register = _Register(0, self._whose, roll.state, self._wire, habits)
        self._register.begin(now)
        self._line = GreenLine(self._address.host, self._address.port, self._register)
        self._line.start()

    def on_stop(self) -> None:
        """Deliver what waits, leave, and compare with the operator."""
        named, self._named = self._named, None
        if named is None:
            return
        try:
            if self._register is not None:
                self._end()
        finally:
            if self._line is not None:
                self._line.stop()
            allotment_of(self.environment).give_back(named)

    def _end(self) -> None:
        begun = monotonic()
        wrong: str | None = "not known: the register was stopped before the operator was asked"
        try:
            self._wait(lambda: self._idle, self.drain_limit_s)
            self._line_to_ring.stop()
            begun = monotonic()
            wrong = self._compared()
        except NotDelivered as failure:
            wrong = f"not known: {failure}"
        except Undeliverable as failure:
            wrong = str(failure)
        finally:
            self.report("check", monotonic() - begun, 0, None if wrong is None else Undeliverable(wrong))

    def _compared(self) -> str | None:
        """What is wrong with what the operator has, in words; ``None`` when it has what it acknowledged, and all of it."""
        state, roll = self._roll.state, self._roll
        if self._stuck is not None:
            return f"stuck: {self._stuck}"
        # The operator also hears how the register leaves: nobody shall take it for one that still has a backlog.
        welcome = self._ask(self._hello(), status_report(state), limit_s=CHECK_LIMIT_S)[0]
        assert isinstance(welcome, Welcome)
        if welcome.last_number < state.accepted_number:
            return "lost: the operator does not have a document that it acknowledged"
        if self.unsent:
            return "not delivered: documents still wait"
        if welcome.last_number > state.accepted_number:
            return "doubled: the operator has a document that was never issued"
        content = roll.content(0, welcome.last_number)
        if content is not None and welcome.last_digest != digest_of(content):
            return "altered: the operator has another document under the last number"
        return None

    # --------------------------------------------------------------------------------- the first look, and the last

    def _known(self) -> Known:
        """How far the operator knows the register. Asks until it is told."""
        welcome, *more = self._ask(self._hello(), AskInformation())
        assert isinstance(welcome, Welcome)
        if not welcome.last_number:
            return STRANGER
        (found,) = more
        assert isinstance(found, Information)
        return Known(
            number=found.last_number,
            sign=found.last_autonomous_sign,
            shift=found.last_shift + (found.shift_opened_at is None),
            period=(_instant(monotonic()) - _PERIODS_SINCE) // SECOND,
        )

    def _hello(self) -> Hello:
        whose = self._whose
        last = 0 if self._register is None else self._roll.state.last_number
        return Hello(
            register=whose.register, token=whose.token, software=SOFTWARE, profile=whose.profile, last_number=last
        )

    def _ask(self, *requests: Request, limit_s: float = inf) -> list[Answer]:
        """Ask over a connection of its own, again by the back-off until all was answered.

        :class:`Undeliverable` when it is refused, :class:`NotDelivered` when there is no answer within the limit.
        """
        attempt, end = 0, monotonic() + limit_s
        while True:
            begun = monotonic()
            delay_ms = self.backoff.delay_ms(attempt, self.random.random())
            attempt += 1
            try:
                answers = ask(self._address.host, self._address.port, self._limits, requests)
            except Setback as setback:
                failure = _failure_of(setback)
                if self._register is None:  # at the end, the check itself says what became of it
                    name = "connect" if setback.kind is Kind.SHUT else "first look"
                    self.report(name, monotonic() - begun, 0, failure)
                if monotonic() > end:
                    raise failure from None
            else:
                last = answers[-1]
                if not isinstance(last, TryLater):
                    if (refusal := _refusal_in(last)) is not None:
                        raise refusal
                    return answers
                delay_ms = obey(last.delay_ms, delay_ms, self.random.random())
            gevent.sleep(delay_ms / SECOND)

    # ----------------------------------------------------------------------------------------------- what is counted

    def report(self, name: str, seconds: float, length: int = 0, exception: Exception | None = None) -> None:
        """One exchange, for Locust's figures."""
        self.environment.events.request.fire(
            request_type=PROTOCOL,
            name=name,
            response_time=seconds * 1e3,
            response_length=length,
            exception=exception,
            context=self.context(),
        )

    def accepted(self, _place: int, number: int, _sign: str | None, _asked_at: Moment, _now: Moment) -> None:
        """See :class:`kkt_client.fleet.register.Tally`."""
        self._roll.accepted(number)
        self._settled.set()

    def put_off(self, _place: int) -> None:
        """Nothing: the answer was reported."""

    def set_back(self, _place: int, setback: Setback) -> None:
        """What was asked, if anything, has no answer."""
        if setback.kind is Kind.SHUT:
            self.report("connect", 0.0, 0, _failure_of(setback))
        else:
            self._wire.unanswered(_failure_of(setback), monotonic())
        self._settled.set()

    def idle(self, _place: int) -> None:
        """Nothing waits, and the operator has been told so."""
        self._idle = True
        self._settled.set()

    def stuck(self, _place: int, why: str) -> None:
        """The register does nothing any more."""
        self._stuck = why
        self._settled.set()

    # ----------------------------------------------------------------------------------------------------- small parts

    @property
    def _line_to_ring(self) -> GreenLine:
        assert self._line is not None, "on_start of RegisterUser was not called"
        return self._line

    def _wait(self, until: Any, limit_s: float) -> bool:
        """Wait for this, for a register that is stuck, or for the end of the time; whether it came true."""
        end = monotonic() + limit_s
        while not until() and self._stuck is None and (left := end - monotonic()) > 0:
            self._settled.clear()
            self._settled.wait(left)
        return bool(until())


class Till(RegisterUser):
    """A register that sells once a second; a locustfile needs no more than to import it."""

    abstract = False
    wait_time = constant(1)

    @task
    def serve(self) -> None:
        self.sell()


class _Register(FleetRegister):
    """A register that is told when it has sold."""

    __slots__ = ()

    def sold(self) -> None:
        """Learn of what was sold; its shell is to look when to wake it."""
        self._look_ahead()
        self.wake_at = min(self.wake_at, self._next_due)


class _Wire(NativeWire):
    """The native protocol, with every exchange reported."""

    __slots__ = ("_named", "_named_at", "_user")

    def __init__(self, limits: SessionLimits, user: RegisterUser) -> None:
        super().__init__(limits)
        self._user = user
        self._named: str | None = None
        self._named_at: Moment = 0.0

    def ask(self, request: Request, now: Moment) -> bytes:
        data = super().ask(request, now)
        self._named = _name_of(request)
        self._named_at = now
        return data

    def received(self, data: bytes, now: Moment) -> Answer | None:
        answer = super().received(data, now)
        if answer is not None:
            asked, self._named = self._named or "answer", None
            name = f"{asked}: come later" if isinstance(answer, TryLater) else asked
            self._user.report(name, now - self._named_at, len(data), _refusal_in(answer))
        return answer

    def unanswered(self, failure: Exception, now: Moment) -> None:
        """There is no answer to what was asked, if anything was."""
        if self._named is not None:
            asked, self._named = self._named, None
            self._user.report(asked, now - self._named_at, 0, failure)


def _name_of(request: Request) -> str:
    if isinstance(request, SubmitDocument):
        return str(kind_of(decode_content(request.content)).value).replace("_", " ")
    return _NAMES[type(request)]


def _failure_of(setback: Setback) -> Exception:
    """Locust counts failures by their text, so there is no figure in it that differs from one to the next."""
    return NotDelivered(str(setback.cause.code.value))


def _refusal_in(answer: Answer) -> Exception | None:
    match answer:
        case Refused(code=code, field=field):
            return Undeliverable(f"refused: {code.value}" + (f": {field}" if field else ""))
        case Blocked():
            return Undeliverable("blocked")
        case _:
            return None


def _address(host: str | None) -> OperatorAddress:
    if not host:
        raise ConfigurationError("host: say where the operator is: --host native://HOST:PORT")
    address = parse_address(host if "://" in host else f"{PROTOCOL}://{host}")
    if address.scheme != PROTOCOL:
        raise ConfigurationError(f"host: must begin with {PROTOCOL}://, begins with {address.scheme}://")
    return address


def _profile(register: str) -> RegisterProfile:
    taxpayer = Taxpayer(name="ТОО «Нагрузка»", tax_id="240140000011")
    number = f"{crc32(register.encode()):012d}"
    return RegisterProfile(taxpayer=taxpayer, place="Алматы, ул. Абая, 1", rnm=number, serial=number)


def _instant(now: Moment) -> Instant:
    """A moment of the monotonic clock on the wall clock."""
    return round((time() - monotonic() + now) * SECOND)


__all__ = ["RegisterUser", "Till"]
