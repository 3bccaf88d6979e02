"""What a register of a fleet says and hears over one connection, without the connection: a wire for each protocol.

The rule: one request at a time. Whatever ends the conversation comes out as a :class:`Setback`, which says as what a
register has to take it, exactly as its shell in a shop would.
"""

from __future__ import annotations

from typing import Protocol

from fiscal.domain.lifecycle import AutonomousReason
from fiscal.domain.messages import Answer, Hello, Request
from fiscal.errors import LocalProtocolError
from fiscal.protocols.native.codec import NATIVE
from fiscal.session.connection import Connection
from fiscal.session.events import AnswerOverdue, AnswerReceived, Event, PeerClosed, ProtocolBroken
from fiscal.session.limits import SessionLimits
from fiscal.session.state import Role
from fiscal.time import Moment
from kkt_client.core.saying import Cause, Said
from kkt_client.core.setbacks import Kind, Setback


class Wire(Protocol):
    """One register's end of its conversations, one after the other."""

    limit_s: float
    """How long an answer may take."""

    @property
    def keeps_talking(self) -> bool:
        """Whether a conversation outlives its connection, when that ends while nothing is asked."""
        ...

    def opened(self, now: Moment) -> None:
        """There is a new connection."""
        ...

    def ask(self, request: Request, now: Moment) -> bytes:
        """What to write, at once; nothing where the wire itself has the answer. :class:`Setback` when it cannot be said."""
        ...

    def own_answer(self) -> Answer:
        """The answer to what was asked last, when there was nothing to write."""
        ...

    def received(self, data: bytes, now: Moment) -> Answer | None:
        """The answer, when it is whole. :class:`Setback` when it is late, or none that fits."""
        ...

    def look(self, now: Moment) -> None:
        """:class:`Setback` when the time for the answer has passed."""
        ...


class NativeWire:
    """The native protocol, by the session of every register."""

    __slots__ = ("_connection", "_last_asked", "_limits", "limit_s")

    keeps_talking = False

    def __init__(self, limits: SessionLimits) -> None:
        """``limits`` are shared by the fleet."""
        self._limits = limits
        self._connection: Connection | None = None
        self._last_asked: type = Hello
        self.limit_s = limits.answer_limit_s

    def opened(self, now: Moment) -> None:
        self._connection = Connection(Role.REGISTER, NATIVE, now, self._limits)

    def ask(self, request: Request, now: Moment) -> bytes:
        connection = self._connection
        assert connection is not None, "connecting comes first"
        self._last_asked = type(request)
        try:
            connection.send_request(request, now)
        except LocalProtocolError as error:
            cause = Cause(Said.CANNOT_BE_SENT, f"the session does not allow it: {error}")
            raise Setback(Kind.LOST, AutonomousReason.NO_CONNECTION, cause) from None
        (data,) = connection.data_to_send()
        connection.sent(now)
        return data

    def own_answer(self) -> Answer:
        """Everything is a message of this protocol."""
        raise AssertionError("nothing is answered without asking")

    def received(self, data: bytes, now: Moment) -> Answer | None:
        connection = self._connection
        if connection is None:
            return None
        connection.receive_data(data, now)
        event = connection.next_event()
        if type(event) is AnswerReceived:
            return event.message
        if event is None:
            return None
        raise self._ended(event)

    def look(self, now: Moment) -> None:
        connection = self._connection
        if connection is None:
            return
        connection.handle_deadline(now)
        event = connection.next_event()
        if event is not None:
            raise self._ended(event)

    def _ended(self, event: Event) -> Setback:
        match event:
            case AnswerOverdue():
                return too_late(self._last_asked)
            case ProtocolBroken(error):
                text = f"the operator does not keep to the protocol: {error}"
                return lost(Cause(Said.PROTOCOL_BROKEN, text))
            case PeerClosed():
                return lost(Cause(Said.CONNECTION_LOST, "the operator closed the connection"))
            case _:
                raise AssertionError(f"a register gets no {type(event).__name__}")


def too_late(asked: type) -> Setback:
    """There is no answer within the limit; to a hello that means that the operator is not paid (S3-02)."""
    reason = AutonomousReason.UNPAID if asked is Hello else AutonomousReason.LATE_ANSWER
    return Setback(Kind.LATE, reason, Cause(Said.NO_ANSWER, f"no answer in time: {asked.__name__}"))


def lost(cause: Cause) -> Setback:
    """The conversation is over."""
    return Setback(Kind.LOST, AutonomousReason.NO_CONNECTION, cause)


__all__ = ["NativeWire", "Wire", "lost", "too_late"]
