"""The operator's decisions over the Kazakhstan protocol: one exchange in, its answer and what becomes of the ledger out.

The order of judgement (semantics 8): the header, which the gateway has checked; the body, whose faults are answered
whatever the device; the device; the token and the request number (:mod:`fiscal.protocols.kz.numbers`); how the operator
stands to the register; the content. An unpaid register gets no answer to anything.

The rule: what is answered with a code other than 0 leaves nothing in the ledger but what was noticed of a repeat; a
device that nobody knows is not registered by a message that is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fiscal.errors import RemoteProtocolError
from fiscal.protocols.base import ErrorCode
from fiscal.protocols.kz.codes import ROTATES, Command, ResultCode, result_of
from fiscal.protocols.kz.glance import Glanced, glance
from fiscal.protocols.kz.header import Header
from fiscal.protocols.kz.messages import parse_request
from fiscal.protocols.kz.numbers import RESULT_OF, Verdict, judge
from fiscal.protocols.kz.numbers import Exchange as Order
from fiscal.time import Instant
from ofd_server.core.decide import Decision, is_token
from ofd_server.core.documents import Submission
from ofd_server.core.entries import Standing
from ofd_server.core.exchange import Exchange, Found, Need
from ofd_server.core.kz_answers import KzAnswer, blocked, refusal, unavailable
from ofd_server.core.kz_desk import BLOCKS, Desk
from ofd_server.core.kz_documents import (
    Prepared,
    conclude,
    decide_new,
    decide_repeat,
    prepare,
    prepare_glanced,
)
from ofd_server.core.kz_questions import decide_question
from ofd_server.core.kz_registering import register
from ofd_server.core.state import RegisterState

_WORDS: Final[Mapping[Verdict, str]] = {
    Verdict.INVALID_TOKEN: "this is not the token that was issued last",
    Verdict.INVALID_NUMBER: "the request number is that of the request before",
    Verdict.INVALID_RETRY: "token and request number belong to another command",
}
"""What the token table refuses, in words."""
_NO_TOKEN: Final = 0
"""Stands for a token that nobody knows; no request can come with it."""

_OPEN_SHIFT: Final = "is 9, "
"""How the words for an unknown command begin when it is OPEN_SHIFT, which was one until 2.0.1."""
_GONE: Final = frozenset((203,))
"""Versions in which CANCEL_TICKET is not served: it is deprecated since 2.0.3."""


_SUBMITTED: Final = ROTATES - {Command.CANCEL_TICKET}
"""Commands whose documents may be decided together with those of other registers."""


def _order(state: RegisterState, issued: int) -> Order:
    """What the token table judges by."""
    last = state.tape.exchange
    return Order(issued) if last is None else Order(issued, last.token, last.reqnum, last.command)


class KzExchange(Exchange):
    """One request: its header and its body, read at a glance, and parsed when that is not enough."""

    __slots__ = ("body", "command", "desk", "fault", "glanced", "header", "prepared", "request")

    def __init__(self, desk: Desk, header: Header, body: bytes) -> None:
        self.register_id = str(header.device_id)
        self.desk = desk
        self.header = header
        self.body: bytes | None = body
        self.request: Any = None
        self.fault: RemoteProtocolError | None = None
        self.command: int | None = None
        self.glanced: Glanced | None = None
        self.prepared: Prepared | None = None

    def read(self) -> None:
        """Look at the body, once; ``command`` and ``fault`` are true then."""
        body = self.body
        if body is None or self.glanced is not None:
            return
        self.glanced = glance(self.header.version, body)
        if self.glanced is None:
            self._parse()
        else:
            self.command = Command.TICKET

    def _parse(self) -> None:
        """Parse the body, once: ``request`` is what is in it."""
        body, self.body = self.body, None
        if body is None:
            return
        try:
            request = parse_request(self.header.version, body)
            self.command = command = request.command
            block = BLOCKS.get(command)
            if block is not None and not request.HasField(block):
                self.fault = RemoteProtocolError(ErrorCode.BAD_REQUEST, block, "the block of the command is missing")
            self.request = request
        except RemoteProtocolError as error:
            self.fault = error.with_traceback(None)

    def later(self) -> KzAnswer:
        """Nothing was taken: the register is to send the same packet again (254)."""
        self.read()
        return unavailable(self.header, self.command)

    def failed(self) -> KzAnswer:
        """A defect of ours (255)."""
        self.read()
        command = Command.RESERVED if self.command is None else self.command
        return refusal(self.header, command, ResultCode.UNKNOWN_ERROR, "an error of the operator")

    # ------------------------------------------------------------------------------------------------ judgement

    def decide(self, state: RegisterState | None, at: Instant, found: Found | None) -> Decision | Need:
        """The order of judgement, as the head of this file tells it."""
        if state is not None and state.standing is Standing.UNPAID:
            return Decision(None, (), state)
        self._parse()
        if self.fault is not None:
            code = result_of(self.fault)
            if code == ResultCode.UNKNOWN_COMMAND and self.fault.text.startswith(_OPEN_SHIFT):
                code = ResultCode.UNSUPPORTED_COMMAND
            return self._refuse(state, code, f"{self.fault.field}: {self.fault.text}")
        command: int = self.request.command
        if command == Command.RESERVED or (command == Command.CANCEL_TICKET and self.header.version in _GONE):
            return self._refuse(state, ResultCode.UNSUPPORTED_COMMAND, "this command is not served")
        if state is None or state.standing is Standing.REMOVED:
            return self._decide_of_unknown(state, at)
        return self._decide_of_known(state, at, found, self._issued(state))

    def submit(self, state: RegisterState, at: Instant) -> Submission | None:
        """A document that is new, of a register in good standing, and needs nothing of the ledger."""
        self.read()
        header = self.header
        command = self.command
        if self.fault is not None or command not in _SUBMITTED or state.standing is not Standing.GOOD:
            return None
        issued = self._issued(state)
        if judge(_order(state, issued), command, header.token, header.number) is not Verdict.NEW:
            return None
        prepared: Prepared | Decision | Need | None
        if self.glanced is not None:
            prepared = prepare_glanced(self.desk, header, self.glanced, state, at, issued)
        else:
            prepared = prepare(self.desk, header, self.request, state, at, None, issued)
        if not isinstance(prepared, Prepared):
            return None
        self.prepared = prepared
        return prepared.submission

    def conclude(self, decision: Decision) -> Decision:
        """The document was decided like this."""
        prepared, self.prepared = self.prepared, None
        assert prepared is not None, "it was submitted"
        return conclude(self.desk, self.header, self.request, prepared, decision)

    def _decide_of_unknown(self, state: RegisterState | None, at: Instant) -> Decision:
        """In open mode an unknown device is registered with the token of its first message, if that is a good one."""
        if state is not None or self.desk.rules.strict:
            return self._refuse(state, ResultCode.UNKNOWN_ID, f"no device {self.register_id} is known here")
        token = self.header.token
        if not token:
            return self._refuse(state, ResultCode.INVALID_TOKEN, "a token is never 0")
        first, registered = register(self.register_id, self.header, self.request, at, self.desk)
        decision = self._decide_of_known(registered, at, None, token)
        assert not isinstance(decision, Need), "of a register without a past there is nothing to look up"
        answer = decision.answer
        assert isinstance(answer, KzAnswer)
        if answer.code:
            return Decision(answer, (), None)
        return Decision(answer, (*first, *decision.entries), decision.state)

    def _issued(self, state: RegisterState) -> int:
        """The token that has to come; of a first one the ledger keeps a digest only, so it is known when it comes."""
        exchange = state.tape.exchange
        if exchange is not None and exchange.issued is not None:
            return exchange.issued
        token = self.header.token
        return token if is_token(state, str(token)) else _NO_TOKEN

    def _decide_of_known(self, state: RegisterState, at: Instant, found: Found | None, issued: int) -> Decision | Need:
        header, command = self.header, self.request.command
        verdict = judge(_order(state, issued), command, header.token, header.number)
        refused = RESULT_OF.get(verdict)
        if refused is not None:
            return self._refuse(state, refused, _WORDS[verdict])
        if state.standing is Standing.BLOCKED:
            return Decision(blocked(header, command, state), (), state)
        if verdict is Verdict.REPLAY:
            return decide_repeat(self.desk, header, self.request, state, at, found)
        if command in ROTATES:
            return decide_new(self.desk, header, self.request, state, at, found, issued)
        return decide_question(self.desk, header, self.request, state, at, found, issued or header.token)

    def _refuse(self, state: RegisterState | None, code: int, text: str) -> Decision:
        command = Command.RESERVED if self.command is None else self.command
        return Decision(refusal(self.header, command, code, text), (), state)
