"""Two ends that talk, and what a test says to one of them."""

from __future__ import annotations

from typing import Any, Final

from fiscal.domain.messages import Answer, Request
from fiscal.protocols.base import AnyProtocol
from fiscal.protocols.native.codec import NATIVE
from fiscal.session.connection import Connection
from fiscal.session.events import Event, ProtocolBroken, RequestRejected
from fiscal.session.limits import DEFAULT_LIMITS, SessionLimits
from fiscal.session.state import Role, State
from fiscal.time import Moment
from tests.fiscal.protocols.samples import HELLO, WELCOME

NOW: Final[Moment] = 100.0


def events(connection: Connection) -> list[Event]:
    """Everything that happened since the last look."""
    found = []
    while (event := connection.next_event()) is not None:
        found.append(event)
    return found


def plain(event: Event) -> Any:
    """The event as something that can be compared: errors are only equal to themselves."""
    if isinstance(event, RequestRejected):
        return ("rejected", event.number, event.error.code, event.error.field, event.received_at)
    if isinstance(event, ProtocolBroken):
        return ("broken", event.error.code, event.error.field)
    return event


def plain_events(connection: Connection) -> list[Any]:
    return [plain(event) for event in events(connection)]


def code_of(event: Event | None) -> str:
    assert isinstance(event, (RequestRejected, ProtocolBroken))
    return event.error.code


def operator(limits: SessionLimits = DEFAULT_LIMITS, protocol: AnyProtocol = NATIVE) -> Connection:
    return Connection(Role.OPERATOR, protocol, NOW, limits)


def register(limits: SessionLimits = DEFAULT_LIMITS, protocol: AnyProtocol = NATIVE) -> Connection:
    return Connection(Role.REGISTER, protocol, NOW, limits)


def asked(number: int, *requests: Request) -> bytes:
    """The frames of these requests, numbered from ``number``."""
    return b"".join(NATIVE.serialize(request, number + place) for place, request in enumerate(requests))


def answered(number: int, answer: Answer) -> bytes:
    return NATIVE.serialize(answer, number)


def open_operator(limits: SessionLimits = DEFAULT_LIMITS, protocol: AnyProtocol = NATIVE) -> Connection:
    """An operator's end whose register was welcomed; the next request is number 2."""
    end = operator(limits, protocol)
    end.receive_data(asked(1, HELLO), NOW)
    events(end)
    assert end.send_answer(1, WELCOME, NOW)
    end.data_to_send()
    assert end.state is State.OPEN
    return end


def open_register(limits: SessionLimits = DEFAULT_LIMITS, protocol: AnyProtocol = NATIVE) -> Connection:
    """A register's end that was welcomed; the next request is number 2."""
    end = register(limits, protocol)
    end.send_request(HELLO, NOW)
    end.data_to_send()
    end.sent(NOW)
    end.receive_data(answered(1, WELCOME), NOW)
    events(end)
    assert end.state is State.OPEN
    return end
