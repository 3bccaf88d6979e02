"""A register's state for tests, moved by records alone: what the shell does, without a disk and without a wire."""

from __future__ import annotations

from collections.abc import Sequence

from fiscal.domain.lifecycle import AutonomousReason
from fiscal.domain.messages import Accepted as AcceptedAnswer
from fiscal.domain.receipt import Cashier, Operation
from fiscal.time import Instant
from kkt_client.core import outbox, records
from kkt_client.core.autonomous import lose_channel, make_autonomous
from kkt_client.core.basket import Basket, Line, Order, Sale
from kkt_client.core.dossier import Dossier
from kkt_client.core.events import Event
from kkt_client.core.issuing import Carriage, issue
from kkt_client.core.records import GENESIS, Record, Sealed, seal
from kkt_client.core.state import RegisterState
from tests.documents import T0
from tests.kkt_client.shop import PROFILE

CASHIER = Cashier(code=1, name="Айгуль")
NATIVE = Carriage("native", 255 * 1024)
BREAD = Sale(operation=Operation.SELL, basket=Basket(lines=(Line(name="Хлеб", price=250_00),)))


class Till:
    """``now`` moves by a second with every document."""

    def __init__(self) -> None:
        self.state = RegisterState()
        self.written: list[Record] = []
        self.events: list[Event] = []
        self.now: Instant = T0
        self.write([records.Founded(register="kkt-1", at=T0)])

    def write(self, made: Sequence[Record]) -> None:
        for record in made:
            self.events += self.state.apply(record)
            self.written.append(record)

    def chain(self) -> list[Sealed]:
        sealed: list[Sealed] = []
        for seq, record in enumerate(self.written, 1):
            sealed.append(seal(sealed[-1].hash if sealed else GENESIS, seq, record))
        return sealed

    def issue(self, order: Order = BREAD) -> Dossier:
        """A document that is on its way to the operator."""
        self.now += 1_000
        draft = issue(self.state, order, CASHIER, self.now, self.id(), PROFILE, NATIVE)
        self.write(draft.records)
        return self.state.queue[-1]

    def issue_alone(self, order: Order = BREAD, reason: AutonomousReason = AutonomousReason.NO_CONNECTION) -> Dossier:
        """An autonomous document."""
        self.now += 1_000
        draft = issue(self.state, order, CASHIER, self.now, self.id(), PROFILE, NATIVE)
        self.write(make_autonomous(self.state, reason, self.now, [draft], channel_lost=False))
        return self.state.queue[-1]

    def lose(self, reason: AutonomousReason = AutonomousReason.NO_CONNECTION) -> None:
        self.write(lose_channel(self.state, reason, self.now))

    def welcome(self) -> None:
        """The operator is back: the period ends, and is reported."""
        self.write(outbox.welcomed(self.state, outbox.Comparison(), self.now))
        while self.state.unreported:
            self.write([records.PeriodReported(period=self.state.unreported[0].number, at=self.now)])

    def accept(self, sign: str | None = None) -> Dossier:
        """The operator takes the head of the queue."""
        head = self.state.queue[0]
        if sign is None and head.carries_sign:
            sign = f"{700_000_000_000 + head.number}"
        answer = AcceptedAnswer(number=head.number, at=self.now, sign=sign, qr=sign and f"qr:{sign}")
        self.write(outbox.accepted(self.state, head, answer, self.now))
        return head

    def refuse(self, code: str = "bad_totals") -> Dossier:
        head = self.state.queue[0]
        self.write([records.Refused(number=head.number, at=self.now, code=code, field="total", text="wrong")])
        return head

    def sell(self, order: Order = BREAD) -> Dossier:
        """A document that is issued and accepted."""
        self.issue(order)
        return self.accept()

    def id(self) -> bytes:
        return self.now.to_bytes(6, "big") + bytes(10)
