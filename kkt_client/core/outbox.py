"""What to send next, and what an answer means: the order of delivery as two pure functions.

The rule: strict head of line. After hello comes the duration of every offline period that ended (S3-23), oldest first;
then the documents, one by one, in the order of their numbers (S3-24). What the head waits for, all wait for. A
document is sent as the same bytes every time; the sign, the mark and the period that it got meanwhile stand beside
them (semantics 1.3).

What a register does with a refusal (:data:`REFUSALS`):

* *again*: connect and say hello anew, then send the same bytes; nothing is wrong with the document;
* *credentials*: the register sells nothing until the operator knows it again, or ``set_token`` was called;
* *gap*: the operator misses documents that it once accepted; a person decides (``resolve``);
* *person*: the document is refused for good and blocks the lane until a person decides (``resolve``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fiscal.domain.lifecycle import BlockReason
from fiscal.domain.messages import (
    TEXT_MAX,
    Accepted,
    Answer,
    AskInformation,
    RefusalCode,
    Refused,
    ReportOfflinePeriod,
    ReportStatus,
    SubmitDocument,
    Welcome,
)
from fiscal.time import Instant, Moment
from kkt_client.core import records
from kkt_client.core.dossier import Dossier
from kkt_client.core.records import AnomalyCode, Decision, Record
from kkt_client.core.saying import Cause
from kkt_client.core.state import RegisterState, code_of_block


class Course(StrEnum):
    """What a refusal leads to."""

    AGAIN = "again"
    CREDENTIALS = "credentials"
    GAP = "gap"
    PERSON = "person"


_C, _R = Course, RefusalCode
REFUSALS: Final[Mapping[RefusalCode, Course]] = {
    _R.HELLO_FIRST: _C.AGAIN,
    _R.SUPERSEDED: _C.AGAIN,
    _R.UNKNOWN_REGISTER: _C.CREDENTIALS,
    _R.WRONG_TOKEN: _C.CREDENTIALS,
    _R.NUMBER_GAP: _C.GAP,
    _R.BAD_REQUEST: _C.PERSON,
    _R.BAD_TOTALS: _C.PERSON,
    _R.CONFLICT: _C.PERSON,
    _R.NUMBER_TAKEN: _C.PERSON,
    _R.ID_ORDER: _C.PERSON,
    _R.WRONG_SHIFT: _C.PERSON,
    _R.SHIFT_EXPIRED: _C.PERSON,
    _R.SHIFT_NOT_OPEN: _C.PERSON,
    _R.NOT_ENOUGH_CASH: _C.PERSON,
    _R.CLOCK_AHEAD: _C.PERSON,
    _R.TOO_OLD: _C.PERSON,
    _R.AUTONOMOUS_SIGN_MISSING: _C.PERSON,
    _R.SAME_TAXPAYER_AND_CUSTOMER: _C.PERSON,
    _R.TOO_MANY_SECTIONS: _C.PERSON,
    _R.NUMBERS_EXHAUSTED: _C.PERSON,
    _R.UNKNOWN_COMMAND: _C.PERSON,
    _R.TOO_LARGE: _C.PERSON,
}
"""Every code has its row; a test compares."""


# ------------------------------------------------------------------------------------------------- what to send next


@dataclass(frozen=True, slots=True)
class LinkView:
    """What delivery knows of the link, for a decision.

    ``comparing`` is whether both memories have to be compared although nothing waits (a person has decided something);
    ``resend_from`` is the first document that the operator has lost and may be sent again, 0 for none;
    ``status_due`` whether the operator has not heard yet how the register is doing; ``not_before`` the moment before
    which nothing is sent, ``None`` for at once; ``suspended`` whether there is no power to talk (S3-14); ``last_error``
    why the attempt before failed, for people.
    """

    is_greeted: bool
    status_due: bool = False
    comparing: bool = False
    resend_from: int = 0
    not_before: Moment | None = None
    suspended: bool = False
    last_error: Cause | None = None


@dataclass(frozen=True, slots=True)
class SayHello:
    """Connect if need be, and say who we are."""


@dataclass(frozen=True, slots=True)
class SendPeriod:
    """Tell how long the register worked autonomously."""

    report: ReportOfflinePeriod


@dataclass(frozen=True, slots=True)
class SendDocument:
    """Send the head of the queue."""

    dossier: Dossier

    @property
    def message(self) -> SubmitDocument:
        return SubmitDocument(content=self.dossier.content, delivery=self.dossier.delivery)


@dataclass(frozen=True, slots=True)
class Resend:
    """Send the operator again a document that it had accepted and lost."""

    number: int


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask what the operator holds of us: whether it still blocks the register."""

    message: AskInformation


@dataclass(frozen=True, slots=True)
class SendStatus:
    """Tell how the register is doing."""

    report: ReportStatus


Send = SayHello | SendPeriod | SendDocument | Resend | Ask | SendStatus


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing may be sent before this moment."""

    until: Moment


@dataclass(frozen=True, slots=True)
class Stuck:
    """Something waits, and nothing can be sent, until a person has decided."""

    reason: BlockReason


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing waits, or there is no power to send it."""


Action = Send | Wait | Stuck | Idle

DECIDED_BY_PERSON: Final = (BlockReason.MEMORY_BEHIND, BlockReason.OPERATOR_BEHIND, BlockReason.REFUSED_DOCUMENT)
"""Blocks that stay until somebody calls ``resolve``."""
DECIDED_BY_OPERATOR: Final = (BlockReason.BY_OPERATOR, BlockReason.REJECTED_CREDENTIALS)
"""Blocks that the operator can lift at any time, so it is worth asking."""


def next_action(state: RegisterState, link: LinkView, now: Moment) -> Action:
    """What to do now; total, and never anything that would overtake the head of the line."""
    if link.suspended:
        return Idle()
    action = _wanted(state, link)
    if link.not_before is not None and now < link.not_before and not isinstance(action, Idle | Stuck):
        return Wait(link.not_before)
    return action


def _wanted(state: RegisterState, link: LinkView) -> Action:
    stuck = _stuck(state)
    if not link.is_greeted:
        if stuck is not None:
            return Stuck(stuck)
        asks = any(reason in state.blocks for reason in DECIDED_BY_OPERATOR)
        return Idle() if state.is_quiet and not asks and not link.comparing else SayHello()
    if stuck is None:
        if BlockReason.BY_OPERATOR in state.blocks:
            return Ask(AskInformation())
        if link.resend_from:
            return Resend(link.resend_from)
        if state.unreported:
            return SendPeriod(period_report(state))
    if link.status_due:
        return SendStatus(status_report(state, link.last_error))
    if stuck is not None:
        return Stuck(stuck)
    return SendDocument(state.queue[0]) if state.queue else Idle()


def _stuck(state: RegisterState) -> BlockReason | None:
    if not state.blocks:
        return None
    return next((reason for reason in DECIDED_BY_PERSON if reason in state.blocks), None)


def period_report(state: RegisterState) -> ReportOfflinePeriod:
    """The message about the oldest period that the operator has not heard of."""
    period = state.unreported[0]
    assert period.end is not None, "only a period that ended waits to be reported"
    return ReportOfflinePeriod(number=period.number, begin=period.begin, end=period.end, reason=period.reason)


STATUS_EVERY_S: Final = 2.0
"""While a backlog is sent, the operator hears this often how much is left: live to an eye, one message in thousands."""


def status_report(state: RegisterState, last_error: Cause | None = None) -> ReportStatus:
    """How the register is doing; ``last_error`` is why the head of the queue is still there."""
    head, why = state.head, _why(state)
    failed = None if head is None else last_error
    return ReportStatus(
        unsent=len(state.queue),
        mode=state.mode,
        oldest_unsent_at=None if head is None else head.issued_at,
        stuck=None if why is None else why.text,
        stuck_code=None if why is None else why.code.value,
        since=state.mode_since,
        head=None if head is None else head.number,
        last_error=None if failed is None else failed.text[:TEXT_MAX],
        last_error_code=None if failed is None else failed.code.value,
    )


def _why(state: RegisterState) -> Cause | None:
    block = next(iter(state.blocks.values()), None)
    if block is None:
        return None
    return Cause(code_of_block(state, block), f"{block.reason}: {block.text}"[:TEXT_MAX])


def is_status_due(told: ReportStatus | None, state: RegisterState, waited_s: float) -> bool:
    """Whether the operator should hear how the register is doing. ``told`` is what it heard ``waited_s`` ago.

    At once when the mode or the reason for being stuck is another one; how much waits only while a backlog is sent, every
    :data:`STATUS_EVERY_S`, because each document that is sold online waits for a moment.
    """
    why = _why(state)
    if told is None or told.mode is not state.mode or told.stuck != (None if why is None else why.text):
        return True
    return state.is_autonomous and told.unsent != len(state.queue) and waited_s >= STATUS_EVERY_S


# --------------------------------------------------------------------------------------------- what an answer means


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a welcome says about both memories: why the register must stop, if it must, in words."""

    block: BlockReason | None = None
    text: str = ""
    resend_from: int = 0


def compare(state: RegisterState, welcome: Welcome, our_digest: bytes | None) -> Comparison:
    """Whether the operator's memory and ours fit together (semantics 3.4).

    ``our_digest`` is that of our document ``welcome.last_number``, ``None`` when we do not have it.
    """
    known = welcome.last_number
    if known > state.last_number:
        text = f"у оператора документ {known}, в памяти последний {state.last_number}"
        return Comparison(BlockReason.MEMORY_BEHIND, text)
    ours = our_digest if known > state.adopted_number else None
    if welcome.last_digest is not None and ours is not None and welcome.last_digest != ours:
        text = f"у оператора под номером {known} другой документ"
        return Comparison(BlockReason.MEMORY_BEHIND, text)
    if welcome.last_autonomous_sign > state.autonomous_sign:
        text = f"оператор знает автономный признак {welcome.last_autonomous_sign}, память до {state.autonomous_sign}"
        return Comparison(BlockReason.MEMORY_BEHIND, text)
    if known < state.accepted_number:
        if state.accepted_number <= state.resend_through:
            return Comparison(resend_from=known + 1)
        text = f"у оператора документ {known}, он уже подтверждал {state.accepted_number}"
        return Comparison(BlockReason.OPERATOR_BEHIND, text)
    return Comparison()


def welcomed(state: RegisterState, found: Comparison, now: Instant) -> list[Record]:
    """The records that follow from a welcome: the period ends, blocks begin or end."""
    made: list[Record] = []
    period = state.open_period
    if found.block is not None and found.block not in state.blocks:
        made.append(records.BlockBegan(reason=found.block, at=now, text=found.text))
    if BlockReason.REJECTED_CREDENTIALS in state.blocks:
        made.append(records.BlockEnded(reason=BlockReason.REJECTED_CREDENTIALS, at=now))
    if period is not None and found.block is None:
        made.append(records.PeriodEnded(period=period.number, at=max(period.begin, now)))
    return made


def accepted(state: RegisterState, dossier: Dossier, answer: Accepted, now: Instant) -> list[Record]:
    """The records that follow from the operator's acceptance of the head of the queue; none if it is not the head.

    An acceptance also proves that the operator does not block the register any more.
    """
    if state.head is not dossier:
        return []
    made: list[Record] = [
        records.Accepted(
            number=dossier.number,
            at=now,
            operator_at=answer.at,
            sign=answer.sign,
            qr=answer.qr,
            key_id=answer.key,
        )
    ]
    return [*made, *unblocked(state, now)]


def fits(dossier: Dossier, answer: Accepted) -> str | None:
    """What is wrong with an acceptance of this document; ``None`` for a right one (S3-25)."""
    if answer.number != dossier.number:
        return f"document {answer.number} was accepted, {dossier.number} was sent"
    if dossier.carries_sign and answer.sign is None:
        return f"document {dossier.number} was accepted without a fiscal sign"
    return None


def accepted_again(dossier: Dossier, answer: Accepted, now: Instant) -> list[Record]:
    """A document that was accepted before is accepted again: the first sign is kept, another one is an anomaly."""
    if answer.sign == dossier.sign:
        return []
    text = f"the sign was {dossier.sign}, now it is {answer.sign}; the first one is kept"
    return [records.Anomaly(code=AnomalyCode.SECOND_SIGN, at=now, text=text, number=dossier.number)]


def refused(state: RegisterState, dossier: Dossier, answer: Refused, now: Instant) -> list[Record]:
    """The records that follow from a refusal of the head, for good or because of a gap; none if it is not the head.

    The other courses (:data:`REFUSALS`) are taken before, whatever was asked.
    """
    course = REFUSALS[answer.code]
    if state.head is not dossier:
        return []
    if course is Course.GAP and answer.expected is not None and answer.expected < dossier.number:
        text = f"оператор ждёт документ {answer.expected}, отправлен {dossier.number}"
        return blocked(state, BlockReason.OPERATOR_BEHIND, text, now)
    refusal = records.Refused(
        number=dossier.number, at=now, code=answer.code, field=answer.field, text=answer.text or answer.code
    )
    if dossier.number > state.adopted_number:
        return [refusal]
    given_up = records.Resolved(
        decision=Decision.ADOPT,
        at=now,
        by="register",
        why="the operator holds another document under this number, as was adopted",
        number=dossier.number,
    )
    return [refusal, given_up]


def blocked(state: RegisterState, reason: BlockReason, text: str, now: Instant) -> list[Record]:
    """The record that begins this block, if it does not last already."""
    return [] if reason in state.blocks else [records.BlockBegan(reason=reason, at=now, text=text[:1024])]


def unblocked(state: RegisterState, now: Instant) -> list[Record]:
    """The operator says that it does not block the register any more."""
    if BlockReason.BY_OPERATOR not in state.blocks:
        return []
    return [records.BlockEnded(reason=BlockReason.BY_OPERATOR, at=now)]


def period_told(report: ReportOfflinePeriod, answer: Answer, now: Instant) -> list[Record]:
    """The operator took note of a period, or refused to: then the documents matter more, and an anomaly says so."""
    made: list[Record] = [records.PeriodReported(period=report.number, at=now)]
    if isinstance(answer, Refused):
        text = f"period {report.number}: {answer.code}: {answer.field}: {answer.text}"[:1024]
        made.insert(0, records.Anomaly(code=AnomalyCode.PERIOD_REFUSED, at=now, text=text))
    return made


def credentials_changed(state: RegisterState, now: Instant) -> list[Record]:
    """The record that lifts the block of rejected credentials, when others are to be tried."""
    if BlockReason.REJECTED_CREDENTIALS not in state.blocks:
        return []
    return [records.BlockEnded(reason=BlockReason.REJECTED_CREDENTIALS, at=now)]
