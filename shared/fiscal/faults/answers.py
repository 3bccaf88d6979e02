"""What answer effects do to messages: an answer instead of the service's, or another address on the envelope.

The rule: messages in, messages out; nothing here knows bytes. What belongs to a protocol's envelope (the request number,
the token, the id of the register) is told as a wish in :class:`Outgoing`, because only the protocol's codec can write
it; a protocol that has no such field ignores the wish.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from msgspec import structs

from fiscal.domain.limits import NUMBER_MAX
from fiscal.domain.messages import (
    Accepted,
    Answer,
    AskInformation,
    Blocked,
    Hello,
    Information,
    Ping,
    RefusalCode,
    Refused,
    ReportOfflinePeriod,
    ReportStatus,
    Request,
    SubmitDocument,
    TryLater,
    Welcome,
)
from fiscal.faults.effects import (
    AnswerOfAnother,
    AskToWait,
    Block,
    DiskFull,
    Effect,
    HostEffect,
    Refuse,
    SlowFsync,
    Unblock,
    WrongRequestNumber,
    WrongToken,
)

COMMANDS: Final[Mapping[type[Request], str]] = {
    Hello: "hello",
    SubmitDocument: "document",
    ReportOfflinePeriod: "offline_period",
    AskInformation: "information",
    Ping: "ping",
    ReportStatus: "status",
}
"""The words by which a selection names requests, whatever the wire format."""

BLOCKED_CODE: Final = "blocked"
"""The code of a :class:`Refuse` that says "the operator has blocked you" instead of refusing one request."""


def command_of(request: Request) -> str:
    """The word for this request in :class:`~fiscal.faults.plan.Selection` and Situation."""
    return COMMANDS[type(request)]


@dataclass(frozen=True, slots=True)
class ForeignRefusal:
    """A refusal with a code that only the protocol in question knows (a result code of the Kazakhstan protocol ...).

    Its gateway writes the code as it is; one that has no such codes sends :attr:`plain`.
    """

    code: str
    text: str = ""

    @property
    def plain(self) -> Refused:
        """The same in our own words."""
        return Refused(code=RefusalCode.BAD_REQUEST, text=f"{self.code}: {self.text}"[:1_024])


Reply = Answer | ForeignRefusal


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An answer on its way to its frame, with what is wrong about the envelope.

    ``number_offset`` is added to the request number (modulo the range of the protocol's field). ``wrong_token``: a token
    in the answer is not the right one. ``of_another``: an id of a register in the envelope is that of another one.
    """

    reply: Reply
    number_offset: int = 0
    wrong_token: bool = False
    of_another: bool = False


def instead(effects: Iterable[Effect]) -> Reply | None:
    """Before the commit: the reply to give without asking the service; None when no effect wants one, else the first."""
    for effect in effects:
        match effect:
            case Refuse() | AskToWait():
                return refusal(effect)
            case WrongToken():
                return Refused(code=RefusalCode.WRONG_TOKEN, field="token", text="the token is not the register's")
            case _:
                continue
    return None


def alter(reply: Reply, effects: Iterable[Effect]) -> Outgoing:
    """After the commit: the reply and its envelope, bent by the effects in their order."""
    outgoing = Outgoing(reply)
    for effect in effects:
        match effect:
            case Refuse() | AskToWait():
                outgoing = replace(outgoing, reply=refusal(effect))
            case WrongToken():
                outgoing = replace(outgoing, wrong_token=True)
            case WrongRequestNumber(offset):
                outgoing = replace(outgoing, number_offset=outgoing.number_offset + offset)
            case AnswerOfAnother(draw):
                outgoing = replace(outgoing, reply=of_another(outgoing.reply, draw), of_another=True)
            case _:
                continue
    return outgoing


def refusal(effect: Refuse | AskToWait) -> Reply:
    """The reply that this effect stands for: "blocked", a word of :class:`RefusalCode`, or a foreign code."""
    if isinstance(effect, AskToWait):
        return TryLater(delay_ms=effect.ms)
    if effect.code == BLOCKED_CODE:
        return Blocked(reason=effect.text)
    try:
        return Refused(code=RefusalCode(effect.code), text=effect.text)
    except ValueError:
        return ForeignRefusal(effect.code, effect.text)


def shifted(number: int, offset: int, first: int, last: int) -> int:
    """A request number so far from the right one, in ``first`` .. ``last``, where the first follows the last."""
    return (number - first + offset) % (last - first + 1) + first


def of_another(reply: Reply, draw: int) -> Reply:
    """The answer as another register might get it: another document number, sign, code and digest.

    Made up from the answer itself, so that it is the same in every run, also with a single register. What says nothing
    about a register (a refusal, "noted") stays as it is.
    """
    match reply:
        case Accepted():
            sign = reply.sign and other_sign(reply.sign, draw)
            qr = reply.qr and (reply.qr.replace(reply.sign, sign) if reply.sign and sign else reply.qr)
            return structs.replace(reply, number=_other_number(reply.number, draw), sign=sign, qr=qr)
        case Welcome():
            digest = reply.last_digest and hashlib.sha256(reply.last_digest).digest()
            return structs.replace(reply, last_number=_other_number(reply.last_number, draw), last_digest=digest)
        case Information():
            return structs.replace(reply, last_number=_other_number(reply.last_number, draw))
        case _:
            return reply


def host_effects(effects: Iterable[Effect]) -> tuple[HostEffect, ...]:
    """What the shell has to do itself, in order, before it takes the steps of :mod:`fiscal.faults.wire`."""
    return tuple(effect for effect in effects if isinstance(effect, Block | Unblock | DiskFull | SlowFsync))


def _other_number(number: int, draw: int) -> int:
    """Another number, near enough to be believed, in 1 .. NUMBER_MAX."""
    return (number + draw % 1_000) % NUMBER_MAX + 1


def other_sign(sign: str, draw: int) -> str:
    """A sign of the same length that differs in its last digit."""
    digits = "0123456789".replace(sign[-1], "")
    return sign[:-1] + digits[draw % len(digits)]
