"""An operator in a list: it answers what a register of a fleet says over the native protocol, as it is told to."""

from collections.abc import Callable
from random import Random

from fiscal.domain.document import Deposit, DocumentKind
from fiscal.domain.messages import Accepted, Answer, Hello, Noted, Request, SubmitDocument, Welcome
from fiscal.domain.receipt import Cashier
from fiscal.domain.register import RegisterProfile, Taxpayer
from fiscal.protocols.content import decode_content, encode_content
from fiscal.protocols.native.codec import NATIVE
from fiscal.retry import Backoff, Jitter
from fiscal.session.connection import Connection
from fiscal.session.events import RequestReceived
from fiscal.session.limits import SessionLimits
from fiscal.session.state import Role
from kkt_client.core.registration import Registration
from kkt_client.core.setbacks import Setback
from kkt_client.fleet.register import FleetRegister, Habits
from kkt_client.fleet.state import FleetState, Slot
from kkt_client.fleet.wires import NativeWire, Wire

AT = 1_760_000_000_000
LIMIT_S = 5.0
PROFILE = RegisterProfile(
    taxpayer=Taxpayer(name="ТОО", tax_id="240140000011"), place="Алматы", rnm="010203040506", serial="SN-1"
)


def content(number: int) -> bytes:
    """A document that needs no sign, so that its acceptance is short."""
    return encode_content(
        Deposit(
            id=number.to_bytes(16, "big"),
            number=number,
            shift=1,
            issued_at=AT + number,
            cashier=Cashier(code=1, name="А"),
            sum=100,
        )
    )


class Memory:
    """Documents 1 to ``many``, of which the first ``alone`` were sold without the operator; with ``due`` the others are
    sold at those moments.
    """

    def __init__(self, many: int, due: dict[int, float] | None = None, alone: int = 0) -> None:
        self.many = many
        self.due_at = due
        self.alone = many if due is None else alone

    def dossier(self, place: int, number: int) -> Slot:
        assert 1 <= number <= self.many
        period = 1 if number <= self.alone else None
        return Slot(number, content(number), DocumentKind.DEPOSIT, 1, AT + number, period)

    def content(self, place: int, number: int) -> bytes | None:
        return content(number) if 1 <= number <= self.many else None

    def due(self, place: int, number: int) -> float | None:
        return None if self.due_at is None else self.due_at.get(number)


class Tally:
    def __init__(self) -> None:
        self.accepted_numbers: list[int] = []
        self.put_offs = 0
        self.setbacks: list[Setback] = []
        self.idles = 0
        self.stucks: list[str] = []

    def accepted(self, place: int, number: int, sign: str | None, asked_at: float, now: float) -> None:
        assert asked_at <= now
        self.accepted_numbers.append(number)

    def put_off(self, place: int) -> None:
        self.put_offs += 1

    def set_back(self, place: int, setback: Setback) -> None:
        self.setbacks.append(setback)

    def idle(self, place: int) -> None:
        self.idles += 1

    def stuck(self, place: int, why: str) -> None:
        self.stucks.append(why)


class Desk:
    """The operator's end of one connection; ``answer`` says what to answer, ``None`` for nothing."""

    def __init__(self, answer: Callable[[Request], Answer | None] | None = None) -> None:
        self.heard: list[Request] = []
        self._answer = answer or usual
        self._connection = Connection(Role.OPERATOR, NATIVE, 0.0)

    def take(self, data: bytes, now: float) -> bytes:
        """What goes back for these bytes."""
        self._connection.receive_data(data, now)
        while (event := self._connection.next_event()) is not None:
            assert isinstance(event, RequestReceived), event
            self.heard.append(event.message)
            answer = self._answer(event.message)
            if answer is not None:
                self._connection.send_answer(event.number, answer, now)
        return b"".join(self._connection.data_to_send())


def usual(request: Request) -> Answer:
    """What an operator answers that is content."""
    match request:
        case Hello():
            return Welcome(at=AT, operator="desk", last_number=request.accepted_number)
        case SubmitDocument():
            return Accepted(number=decode_content(request.content).number, at=AT)
        case _:
            return Noted(at=AT)


def fleet_register(
    many: int,
    due: dict[int, float] | None = None,
    backoff: Backoff | None = None,
    alone: int = 0,
    wire: Wire | None = None,
) -> tuple[FleetRegister, Tally]:
    """A register with ``many`` documents that it sold without the operator, or will sell when they are due, but for the
    first ``alone`` ones. It speaks the native protocol, unless it is given another ``wire``.
    """
    tally, memory = Tally(), Memory(many, due, alone)
    habits = Habits(memory, backoff or Backoff(1_000, 8_000, Jitter.NONE), Random(1), tally, AT / 1_000)
    state = FleetState("desk-1", AT)
    if memory.alone:
        state.came_offline(memory.alone, 1, 0, AT)
    whose = Registration(register="desk-1", token="t", profile=PROFILE, protocol="native")
    wire = wire or NativeWire(SessionLimits(answer_limit_s=LIMIT_S))
    return FleetRegister(0, whose, state, wire, habits), tally
