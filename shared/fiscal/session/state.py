"""The conversation as one table for both roles.

The rule: requests go from the register to the operator, answers back, so the same passage moves both ends: one has
sent what the other has received. A cell that is not in the table is a passage that is not allowed in that state. At
the end that sends, it raises :class:`LocalProtocolError` and nothing is sent; at the end that receives, the operator
refuses the request (:data:`REFUSALS`), and an answer that fits no request ends the session.

::

             HELLO                WELCOME
    GREETING ------> WELCOMING ------------> OPEN      requests and their answers
        ^                |                     |
        +---- REJECTION -+                     |   the register closes its half
                         +------ FINISHING <---+   (answers may still go)
                                     |
       BREAK, OPERATOR_END  -->   CLOSED

While a hello is unanswered the operator takes nothing else: what a fast register sends behind it waits, and is taken
when the hello was answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from fiscal.domain.messages import Answer, Hello, Ping, Request, Welcome
from fiscal.protocols.base import ErrorCode


class Role(StrEnum):
    """Which end of the connection this is."""

    REGISTER = "register"
    OPERATOR = "operator"


class State(StrEnum):
    """How far the conversation has come."""

    GREETING = "greeting"
    WELCOMING = "welcoming"
    OPEN = "open"
    FINISHING = "finishing"
    CLOSED = "closed"


class Passage(StrEnum):
    """What passes the connection and moves the conversation."""

    HELLO = "hello"
    PING = "ping"
    REQUEST = "request"
    WELCOME = "welcome"
    REJECTION = "rejection"
    ANSWER = "answer"
    REGISTER_END = "register_end"
    OPERATOR_END = "operator_end"
    BREAK = "break"


_S, _P = State, Passage
TABLE: Final[Mapping[tuple[State, Passage], State]] = {
    (_S.GREETING, _P.HELLO): _S.WELCOMING,
    (_S.GREETING, _P.PING): _S.GREETING,
    (_S.GREETING, _P.ANSWER): _S.GREETING,
    (_S.WELCOMING, _P.WELCOME): _S.OPEN,
    (_S.WELCOMING, _P.REJECTION): _S.GREETING,
    (_S.WELCOMING, _P.ANSWER): _S.WELCOMING,
    (_S.OPEN, _P.PING): _S.OPEN,
    (_S.OPEN, _P.REQUEST): _S.OPEN,
    (_S.OPEN, _P.ANSWER): _S.OPEN,
    (_S.FINISHING, _P.WELCOME): _S.FINISHING,
    (_S.FINISHING, _P.REJECTION): _S.FINISHING,
    (_S.FINISHING, _P.ANSWER): _S.FINISHING,
    (_S.GREETING, _P.REGISTER_END): _S.FINISHING,
    (_S.WELCOMING, _P.REGISTER_END): _S.FINISHING,
    (_S.OPEN, _P.REGISTER_END): _S.FINISHING,
    (_S.GREETING, _P.OPERATOR_END): _S.CLOSED,
    (_S.WELCOMING, _P.OPERATOR_END): _S.CLOSED,
    (_S.OPEN, _P.OPERATOR_END): _S.CLOSED,
    (_S.FINISHING, _P.OPERATOR_END): _S.CLOSED,
    (_S.GREETING, _P.BREAK): _S.CLOSED,
    (_S.WELCOMING, _P.BREAK): _S.CLOSED,
    (_S.OPEN, _P.BREAK): _S.CLOSED,
    (_S.FINISHING, _P.BREAK): _S.CLOSED,
}

REFUSALS: Final[Mapping[tuple[State, Passage], tuple[ErrorCode, str]]] = {
    (_S.GREETING, _P.REQUEST): (ErrorCode.HELLO_FIRST, "a session begins with hello"),
    (_S.OPEN, _P.HELLO): (
        ErrorCode.SECOND_HELLO,
        "a session has one register: open another for another one",
    ),
}
"""How the operator refuses a request that is not allowed now; the session goes on."""


_OF_REQUEST: Final[Mapping[type, Passage]] = {Hello: _P.HELLO, Ping: _P.PING}
_ANY_REQUEST: Final = _P.REQUEST
_ANY_ANSWER: Final = _P.ANSWER


def passage_of_request(request: Request) -> Passage:
    """What a request is to the table."""
    return _OF_REQUEST.get(type(request), _ANY_REQUEST)


def passage_of_answer(asked: type, answer: Answer) -> Passage:
    """What an answer is to the table, given the class of what was asked."""
    if asked is not Hello:
        return _ANY_ANSWER
    return Passage.WELCOME if isinstance(answer, Welcome) else Passage.REJECTION
