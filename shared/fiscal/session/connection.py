"""A session without its socket: bytes and the time go in, events and bytes come out.

The calling discipline, for both roles:

* after :meth:`~Connection.receive_data`, :meth:`~Connection.receive_eof`, :meth:`~Connection.handle_deadline` and
  :meth:`~Connection.send_answer`, take events with :meth:`~Connection.next_event` until it returns ``None``;
* then write everything that :meth:`~Connection.data_to_send` returns, in its order; ``b""`` means: close our half;
* a register calls :meth:`~Connection.sent` when the last of those bytes was handed to the transport: there the answer
  limit begins (semantics 3.2);
* wake up at :meth:`~Connection.deadline` and call :meth:`~Connection.handle_deadline`.

After :class:`ProtocolBroken` or :class:`IdleTimedOut` no other event follows; the connection is to be closed.

The rule: whatever bytes come, a peer's error comes out as an event. The methods raise :class:`LocalProtocolError`
only, when the shell asks for what the table does not allow; then nothing was sent and nothing has changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, nextafter
from typing import Any, Final

from fiscal.domain.messages import (
    Accepted,
    Answer,
    AskInformation,
    Blocked,
    Hello,
    Information,
    Noted,
    Ping,
    Refused,
    ReportOfflinePeriod,
    ReportStatus,
    Request,
    SubmitDocument,
    TryLater,
    Welcome,
)
from fiscal.errors import LocalProtocolError, RemoteProtocolError
from fiscal.protocols.base import AnyProtocol, ErrorCode, FrameHeader, refusal_of
from fiscal.session.events import (
    AnswerOverdue,
    AnswerReceived,
    Event,
    IdleTimedOut,
    PeerClosed,
    ProtocolBroken,
    Quiet,
    RequestReceived,
    RequestRejected,
)
from fiscal.session.limits import DEFAULT_LIMITS, SessionLimits
from fiscal.session.state import (
    REFUSALS,
    TABLE,
    Passage,
    Role,
    State,
    passage_of_answer,
    passage_of_request,
)
from fiscal.time import Moment
from fiscal.wire.reading import FrameReader


class Rejected:
    """Stands in the place of a request that was rejected: it is answered with a refusal."""


_ANY: Final = (Refused, TryLater, Blocked)
ANSWERS: Final[Mapping[type, frozenset[type]]] = {
    Hello: frozenset((Welcome, *_ANY)),
    SubmitDocument: frozenset((Accepted, *_ANY)),
    ReportOfflinePeriod: frozenset((Noted, *_ANY)),
    AskInformation: frozenset((Information, *_ANY)),
    Ping: frozenset((Noted, *_ANY)),
    ReportStatus: frozenset((Noted, *_ANY)),
    Rejected: frozenset((Refused,)),
}
"""Which answers fit a request."""

_QUIET: Final[Mapping[State, Quiet]] = {
    State.GREETING: Quiet.HELLO,
    State.WELCOMING: Quiet.REQUEST,
    State.OPEN: Quiet.REQUEST,
    State.FINISHING: Quiet.END,
}


class _Asked:
    """A request of ours that has no answer yet. ``sent_at`` is ``None`` until the shell has handed it over."""

    __slots__ = ("class_", "overdue", "sent_at")

    def __init__(self, class_: type) -> None:
        self.class_ = class_
        self.sent_at: Moment | None = None
        self.overdue = False


# In CPython 3.11 a look-up in an enumeration costs as much as a call, and these are needed for every frame.
_GREETING: Final = State.GREETING
_WELCOMING: Final = State.WELCOMING
_OPEN: Final = State.OPEN
_FINISHING: Final = State.FINISHING
_CLOSED: Final = State.CLOSED


class Connection:
    """One end of a session, ``Role.REGISTER`` or ``Role.OPERATOR``; ``now`` is when the connection was made."""

    __slots__ = (
        "_alarm",
        "_asked",
        "_events",
        "_frame_since",
        "_handed",
        "_held",
        "_is_register",
        "_last_number",
        "_limits",
        "_out",
        "_protocol",
        "_reader",
        "_state",
        "_unanswered",
        "_unanswered_size",
    )

    def __init__(self, role: Role, protocol: AnyProtocol, now: Moment, limits: SessionLimits = DEFAULT_LIMITS) -> None:
        self._is_register = role is Role.REGISTER
        self._protocol = protocol
        self._limits = limits
        self._state = _GREETING
        self._reader: FrameReader[Any] = FrameReader(protocol.header_size, protocol.parse_header)
        self._events: list[Event] = []
        self._out: list[bytes] = []
        self._last_number = 0
        # The register's end: what it has asked, and which of it was given to the shell but not reported as sent.
        self._asked: dict[int, _Asked] = {}
        self._handed: list[_Asked] = []
        # The operator's end: what it owes an answer, and what came behind a hello that it has not answered yet.
        self._unanswered: dict[int, tuple[type, int]] = {}
        self._unanswered_size = 0
        self._held: list[tuple[FrameHeader, bytes, Moment]] = []
        self._frame_since: Moment | None = None
        self._alarm: Moment = now + limits.greeting_limit_s

    @property
    def state(self) -> State:
        """How far the conversation has come."""
        return self._state

    @property
    def unanswered(self) -> int:
        """Requests without an answer: at the operator's end those it owes one, at the register's those it waits for."""
        return len(self._asked) if self._is_register else len(self._unanswered) + len(self._held)

    # ------------------------------------------------------------------------------------------------ what comes in

    def receive_data(self, data: bytes, now: Moment) -> None:
        """Bytes were read. What comes after the end of a session is ignored."""
        if self._is_register:
            self.handle_deadline(now)  # so that an answer that comes late is known to be late
            take = Connection._take_answer
        else:
            take = Connection._take_request
        reader = self._reader
        if self._state is _CLOSED or (self._state is _FINISHING and not self._is_register):
            return
        reader.feed(data)
        try:
            while (frame := reader.next_frame()) is not None:
                self._frame_since = None
                take(self, frame[0], frame[1], now)
        except RemoteProtocolError as error:
            refused = reader.refused_header
            self._break(error, None if refused is None else self._protocol.number_in(refused))
            return
        if not reader.is_amid_frame:
            self._frame_since = None
        elif self._frame_since is None:
            self._frame_since = now

    def receive_document(self, data: bytes, now: Moment) -> tuple[int, SubmitDocument] | None:
        """Operator: the same as ``receive_data`` and ``next_event`` for a read that is one whole document, and no more.

        Its number and the document; ``None``, and nothing was taken, for every other read.
        """
        if self._state is not _OPEN or self._events or self._is_register or not self._reader.is_empty:
            return None
        protocol, limits, unanswered = self._protocol, self._limits, self._unanswered
        number = protocol.number_after(self._last_number)
        request = protocol.document_in(data, number)
        size = len(data) - protocol.header_size
        if (
            request is None
            or len(unanswered) >= limits.unanswered_max
            or self._unanswered_size + size > limits.unanswered_size_max
        ):
            return None
        self._last_number = number
        self._unanswered_size += size
        unanswered[number] = (SubmitDocument, size)
        self._alarm = now + limits.idle_limit_s
        return number, request

    def receive_eof(self, now: Moment) -> None:
        """The peer has closed its half, or the connection is gone."""
        if self._state is _CLOSED or (self._state is _FINISHING and not self._is_register):
            return
        if self._is_register:
            self.handle_deadline(now)
        if self._reader.is_amid_frame:
            rule = "the connection ended within a frame"
            self._break(RemoteProtocolError(ErrorCode.TRUNCATED, "frame", rule), None)
        elif self._is_register:
            self._events.append(PeerClosed())
            self._end(Passage.OPERATOR_END)
        else:
            # Nobody has taken what was held, and nobody will: the register goes before it was welcomed.
            self._held.clear()
            self._move(Passage.REGISTER_END)
            self._alarm = now + self._limits.finish_limit_s
            self._events.append(PeerClosed())
            self._finish()

    @property
    def has_events(self) -> bool:
        """Whether :meth:`next_event` has one."""
        return bool(self._events)

    def next_event(self) -> Event | None:
        """The next thing that happened, ``None`` when there is no more."""
        return self._events.pop(0) if self._events else None

    # ------------------------------------------------------------------------------------------------ what goes out

    def send_request(self, request: Request, now: Moment) -> int:
        """Register: ask; returns the request's number.

        :class:`LocalProtocolError` when the table does not allow it now, when as many requests are in flight as the
        limit allows (one whose answer is overdue is not counted), or when it does not fit into a frame.
        """
        if not self._is_register:
            raise LocalProtocolError("an operator does not ask")
        self.handle_deadline(now)
        passage = passage_of_request(request)
        state = self._allowed(passage)
        if self._asked:
            in_flight = sum(not asked.overdue for asked in self._asked.values())
            if in_flight >= self._limits.in_flight_max or len(self._asked) >= self._limits.unanswered_max:
                text = f"{len(self._asked)} requests wait for their answers, {in_flight} of them in time"
                raise LocalProtocolError(text)
        number = self._protocol.number_after(self._last_number)
        self._out.append(self._protocol.serialize(request, number))
        self._last_number = number
        self._state = state
        self._asked[number] = _Asked(type(request))
        return number

    def sent(self, now: Moment) -> None:
        """Register: the last byte of what ``data_to_send`` returned was handed to the transport."""
        for asked in self._handed:
            asked.sent_at = now
        self._handed.clear()

    def send_answer(self, number: int, answer: Answer, now: Moment) -> bool:
        """Operator: answer this request, in whatever order. ``False`` when the session has ended: nobody reads it.

        :class:`LocalProtocolError` when the request does not wait for an answer, when the answer does not fit it, or
        does not fit into a frame. What came behind a hello is taken now that the hello is answered.
        """
        if self._is_register:
            raise LocalProtocolError("a register does not answer")
        if self._state is _CLOSED:
            return False
        waiting = self._unanswered.get(number)
        if waiting is None:
            raise LocalProtocolError(f"request {number} does not wait for an answer")
        class_, size = waiting
        if (
            class_ is SubmitDocument and type(answer) is Accepted and self._state is _OPEN
        ):  # as below, without a question
            self._out.append(self._protocol.serialize(answer, number))
            del self._unanswered[number]
            self._unanswered_size -= size
            self._alarm = now + self._limits.idle_limit_s
            return True
        if type(answer) not in ANSWERS[class_]:
            raise LocalProtocolError(f"{type(answer).__name__} is no answer to {class_.__name__}")
        passage = passage_of_answer(class_, answer)
        state = TABLE[self._state, passage]
        self._out.append(self._protocol.serialize(answer, number))
        del self._unanswered[number]
        self._unanswered_size -= size
        self._state = state
        if state is _OPEN:
            self._alarm = now + self._limits.idle_limit_s
        elif passage is Passage.REJECTION and state is _GREETING:
            self._alarm = now + self._limits.greeting_limit_s
        if self._held and state is not _WELCOMING:
            self._take_held()
        if state is _FINISHING:
            self._finish()
        return True

    def close(self) -> None:
        """We send no more. A register still reads the answers that it waits for; an operator owes none any more."""
        if not self._is_register:
            if self._state is not _CLOSED:
                self._end(Passage.OPERATOR_END)
        elif (self._state, Passage.REGISTER_END) in TABLE:
            self._move(Passage.REGISTER_END)
            self._out.append(b"")

    def data_to_send(self) -> list[bytes]:
        """What to write now, in this order; ``b""``: close our half after what stands before it."""
        out = self._out
        if out:
            self._out = []
            if self._is_register:
                self._handed = [asked for asked in self._asked.values() if asked.sent_at is None]
        return out

    # ------------------------------------------------------------------------------------------------------ the time

    def deadline(self) -> Moment | None:
        """When to call :meth:`handle_deadline`, ``None`` for not at all.

        What happens exactly at a limit is in time, so this is the first moment after it.
        """
        if self._is_register:
            for asked in self._asked.values():
                if asked.sent_at is not None and not asked.overdue:
                    return nextafter(asked.sent_at + self._limits.answer_limit_s, inf)
            return None
        if self._state is _CLOSED:
            return None
        alarm = self._alarm
        if self._frame_since is not None:
            alarm = min(alarm, self._frame_since + self._limits.frame_limit_s)
        return nextafter(alarm, inf)

    def handle_deadline(self, now: Moment) -> None:
        """It is ``now``: whatever limit has passed becomes an event. Too early a call does nothing."""
        if self._is_register:
            for number, asked in self._asked.items():
                if asked.overdue:
                    continue
                if asked.sent_at is None or now <= asked.sent_at + self._limits.answer_limit_s:
                    break  # those behind it were sent later
                asked.overdue = True
                self._events.append(AnswerOverdue(number))
        elif self._state is not _CLOSED:
            if self._frame_since is not None and now > self._frame_since + self._limits.frame_limit_s:
                self._events.append(IdleTimedOut(Quiet.FRAME))
                self._end(Passage.OPERATOR_END)
            elif now > self._alarm:
                self._events.append(IdleTimedOut(_QUIET[self._state]))
                self._end(Passage.OPERATOR_END)

    # -------------------------------------------------------------------------------------------------- the operator

    def _take_request(self, header: FrameHeader, body: bytes, now: Moment) -> None:
        number = header.number
        if header.is_answer:
            self._break(
                _wrong("header.flags", ErrorCode.WRONG_DIRECTION, "a register sends no answers"),
                number,
            )
        elif number != (expected := self._protocol.number_after(self._last_number)):
            rule = f"must be {expected}, is {number}"
            self._break(_wrong("header.number", ErrorCode.REQUEST_NUMBER, rule), number)
        elif len(self._unanswered) + len(self._held) >= self._limits.unanswered_max:
            rule = f"{self.unanswered} requests wait for their answers already"
            self._break(_wrong("session", ErrorCode.TOO_MANY_REQUESTS, rule), number)
        elif self._unanswered_size + len(body) > self._limits.unanswered_size_max:
            rule = f"requests of {self._unanswered_size} bytes wait for their answers already"
            self._break(_wrong("session", ErrorCode.TOO_MANY_REQUESTS, rule), number)
        else:
            self._last_number = number
            self._unanswered_size += len(body)
            if self._state is _WELCOMING:
                self._held.append((header, body, now))
            else:
                self._open_request(header, body, now)

    def _open_request(self, header: FrameHeader, body: bytes, now: Moment) -> None:
        number = header.number
        try:
            message: Request = self._protocol.parse(header, body)  # type: ignore[assignment]  # no answer: see above
        except RemoteProtocolError as error:
            self._reject(number, error, len(body), now)
            return
        passage = passage_of_request(message)
        state = TABLE.get((self._state, passage))
        if state is None:
            code, rule = REFUSALS[self._state, passage]
            self._reject(number, _wrong("session", code, rule), len(body), now)
            return
        self._state = state
        self._unanswered[number] = (type(message), len(body))
        if state is not _GREETING:
            self._alarm = now + self._limits.idle_limit_s
        self._events.append(RequestReceived(number, message, now))

    def _reject(self, number: int, error: RemoteProtocolError, size: int, now: Moment) -> None:
        self._unanswered[number] = (Rejected, size)
        self._events.append(RequestRejected(number, error.with_traceback(None), now))

    def _take_held(self) -> None:
        held, self._held = self._held, []
        for index, frame in enumerate(held):
            if self._state is _WELCOMING:
                self._held = held[index:]
                break
            self._open_request(*frame)

    def _finish(self) -> None:
        if not self._unanswered:
            self._end(Passage.OPERATOR_END)

    # -------------------------------------------------------------------------------------------------- the register

    def _take_answer(self, header: FrameHeader, body: bytes, now: Moment) -> None:
        number = header.number
        if not header.is_answer:
            self._break(
                _wrong("header.flags", ErrorCode.WRONG_DIRECTION, "an operator sends no requests"),
                None,
            )
            return
        asked = self._asked.get(number)
        if asked is None:
            rule = f"no request {number} waits for an answer"
            self._break(_wrong("header.number", ErrorCode.UNEXPECTED_ANSWER, rule), None)
            return
        try:
            answer: Answer = self._protocol.parse(header, body)  # type: ignore[assignment]  # no request: see above
        except RemoteProtocolError as error:
            self._break(_wrong(error.field, ErrorCode.BAD_ANSWER, error.text), None)
            return
        if type(answer) not in ANSWERS[asked.class_]:
            rule = f"{type(answer).__name__} is no answer to {asked.class_.__name__}"
            self._break(_wrong("header.kind", ErrorCode.UNEXPECTED_ANSWER, rule), None)
            return
        del self._asked[number]
        passage = passage_of_answer(asked.class_, answer)
        self._move(passage)
        self._events.append(AnswerReceived(number, answer, now, asked.overdue))

    # ------------------------------------------------------------------------------------------------------ the state

    def _allowed(self, passage: Passage) -> State:
        state = TABLE.get((self._state, passage))
        if state is None:
            raise LocalProtocolError(f"no {passage} can be sent while the session is {self._state}")
        return state

    def _move(self, passage: Passage) -> None:
        self._state = TABLE[self._state, passage]

    def _end(self, passage: Passage) -> None:
        """Nothing is read and nothing is owed any more; what waits to be written is still written."""
        self._move(passage)
        self._reader.clear()
        self._asked.clear()
        self._handed.clear()
        self._held.clear()
        self._unanswered.clear()
        self._frame_since = None
        self._out.append(b"")

    def _break(self, error: RemoteProtocolError, number: int | None) -> None:
        """The peer's error ends the session; an operator that knows the request says why with its last frame.

        Not under the number of a request that waits: the register would take it for that one's answer.
        """
        self._events.append(ProtocolBroken(error.with_traceback(None)))
        waits = number in self._unanswered or any(held[0].number == number for held in self._held)
        if number is not None and not self._is_register and not waits:
            self._out.append(self._protocol.serialize(refusal_of(error), number))
        self._end(Passage.BREAK)


def _wrong(field: str, code: ErrorCode, rule: str) -> RemoteProtocolError:
    return RemoteProtocolError(code, field, rule)
