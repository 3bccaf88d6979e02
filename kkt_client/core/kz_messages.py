"""The messages of the Kazakhstan protocol, as a register writes and understands them.

The rule: what a result code means for the register is the table of 2.2 and 5.2 of the protocol, as the words that
delivery knows: an acceptance, a refusal with its course (:data:`kkt_client.core.outbox.REFUSALS`), a block; and
:class:`Unanswered` for what is no answer at all, so that the same bytes are sent again.

A message says the same every time it is sent. What it tells of the time without the operator stands beside the
document, as does the autonomous sign (semantics 1.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from fiscal.domain.document import CloseShift, Delivery, Deposit, Document, Withdrawal
from fiscal.domain.limits import CODE_MAX
from fiscal.domain.messages import TEXT_MAX, Accepted, Answer, Blocked, Information, RefusalCode, Refused
from fiscal.domain.receipt import Receipt
from fiscal.domain.register import RegisterProfile
from fiscal.errors import InvalidValue, LocalProtocolError, NotDelivered
from fiscal.protocols.kz.checks import sums_finding
from fiscal.protocols.kz.codes import Command, Reaction, ResultCode, reaction_to
from fiscal.protocols.kz.frames import serialize_frame
from fiscal.protocols.kz.given import Given
from fiscal.protocols.kz.messages import Response, request_type, serialize
from fiscal.protocols.kz.placements import placement_fields
from fiscal.protocols.kz.reports import close_shift_fields, counters_of
from fiscal.protocols.kz.rules import Finding
from fiscal.protocols.kz.service_block import ad_text, service_request_fields
from fiscal.protocols.kz.tickets import receipt_of, ticket_fields, uncarried
from fiscal.protocols.kz.writing import Fields
from fiscal.time import SECOND, Instant
from kkt_client.core.saying import Cause, Said

_ID: Final = bytes(16)

REFUSALS: Final[Mapping[int, RefusalCode]] = {
    ResultCode.UNKNOWN_ID: RefusalCode.UNKNOWN_REGISTER,
    ResultCode.INVALID_TOKEN: RefusalCode.WRONG_TOKEN,
    ResultCode.UNKNOWN_COMMAND: RefusalCode.UNKNOWN_COMMAND,
    ResultCode.UNSUPPORTED_COMMAND: RefusalCode.UNKNOWN_COMMAND,
    ResultCode.INVALID_REQUEST_NUMBER: RefusalCode.CONFLICT,
    ResultCode.INVALID_RETRY_REQUEST: RefusalCode.CONFLICT,
    ResultCode.OPEN_SHIFT_TIMEOUT_EXPIRED: RefusalCode.SHIFT_EXPIRED,
    ResultCode.NOT_ENOUGH_CASH: RefusalCode.NOT_ENOUGH_CASH,
    ResultCode.SAME_TAXPAYER_AND_CUSTOMER: RefusalCode.SAME_TAXPAYER_AND_CUSTOMER,
}
"""Result codes in the words of the register; every other code that refuses is ``bad_request`` with its number."""

_NAMES: Final[Mapping[int, str]] = {int(code): f"{code:d} {code.name}" for code in ResultCode}
"""What a result code is called in words for people."""


REFUSED_CALLERS: Final = frozenset((ResultCode.UNKNOWN_ID, ResultCode.INVALID_TOKEN))
"""Codes that say that the register is not known, whatever it asked."""


class Unanswered(NotDelivered):
    """The operator has not answered the question, whatever it said; ``is_final``: asking again at once is no use."""

    def __init__(self, said: Said, text: str, *, is_final: bool = False) -> None:
        super().__init__(text)
        self.cause = Cause(said, text)
        self.is_final = is_final


class Caller(NamedTuple):
    """Who speaks: the version of the messages, and the register that they are of."""

    version: int
    device_id: int
    profile: RegisterProfile


class Sent(NamedTuple):
    """A request that can be sent: its command and its body."""

    command: Command
    body: bytes


# ------------------------------------------------------------------------------------------------------------ writing


def document_request(
    caller: Caller, document: Document, delivery: Delivery, away: tuple[Instant, Instant] | None
) -> Sent:
    """The request that carries this document; :class:`LocalProtocolError` when its figures do not fit into one.

    While the queue is sent, what is sold stands behind it and is autonomous, too: the period that is told goes on to it.
    """
    zone, version = caller.profile.zone, caller.version
    if away is not None and delivery.autonomous:
        away = away[0], max(away[1], document.issued_at)
    match document:
        case Receipt():
            command, block = Command.TICKET, {"ticket": ticket_fields(document, delivery, zone, version)}
        case Deposit() | Withdrawal():
            fields = placement_fields(document, delivery, zone, version)
            command, block = Command.MONEY_PLACEMENT, {"money_placement": fields}
        case CloseShift():
            fields = close_shift_fields(document, delivery, zone, version)
            command, block = Command.CLOSE_SHIFT, {"close_shift": fields}
        case _:
            raise LocalProtocolError(f"the Kazakhstan protocol carries no {type(document).__name__}")
    return _sent(caller, command, block, document.issued_at, away)


def question(caller: Caller, command: Command, now: Instant, away: tuple[Instant, Instant] | None) -> Sent:
    """A request that makes no document; SYSTEM says who the register is, and asks whether the operator is there."""
    return _sent(caller, command, {}, now, away)


def _sent(caller: Caller, command: Command, block: Fields, now: Instant, away: tuple[Instant, Instant] | None) -> Sent:
    period = None
    if away is not None:  # whole seconds travel, and a period of none of them would say that there was none
        begin, end = away
        period = begin, max(end, begin // SECOND * SECOND + SECOND)
    service = _service(caller, *(period or (now, now)))
    return Sent(command, serialize(request_type(caller.version)(command=int(command), service=service, **block)))


@lru_cache(maxsize=256)
def _service(caller: Caller, begin: Instant, end: Instant) -> Any:
    """The service block, which is the same in every message of a return."""
    request = request_type(caller.version)()
    fields = service_request_fields(caller.profile, caller.device_id, caller.version, begin, (begin, end))
    return type(request.service)(**fields)


def check_carried(document: Document, profile: RegisterProfile, version: int) -> None:
    """:class:`InvalidValue` when the operator would refuse this document, or read other figures than it has.

    A register asks before the document gets its number: what nobody can send must not stand in the queue for ever.
    """
    caller = Caller(version, 1, profile)
    if isinstance(document, Receipt):
        finding = uncarried(document, version)
        if finding is not None:
            raise _invalid(finding)
    try:
        sent = document_request(caller, document, Delivery(), None)
        serialize_frame(version, 1, 1, 1, sent.body)
    except (LocalProtocolError, ValueError) as error:
        raise InvalidValue("document", f"does not fit into a message: {error}", "not_carried") from None
    if isinstance(document, Receipt):
        found = _read_back(sent.body, document, profile.zone, version)
        if found is not None:
            raise _invalid(found)


def _read_back(body: bytes, receipt: Receipt, zone: str, version: int) -> Finding | None:
    """What the operator would find wrong with the ticket in this body."""
    ticket = request_type(version).FromString(body).ticket
    read = receipt_of(ticket, Given(_ID, receipt.number, receipt.shift, zone, version))
    return read if isinstance(read, Finding) else sums_finding(read)


def _invalid(finding: Finding) -> InvalidValue:
    return InvalidValue(finding.field, finding.text, finding.rule)


# ------------------------------------------------------------------------------------------------------ understanding


def document_answer(response: Response, command: Command, document: Document, returning: bool, now: Instant) -> Answer:
    """What the operator says to this document; :class:`Unanswered` when that is no answer to it.

    ``returning``: the document was issued without the operator, and then every code but 0, 254 and 255 is for a person
    (2.0.2, 5.2).
    """
    refusal = refusal_in(response, command, returning=returning)
    if refusal is not None:
        return refusal
    if not isinstance(document, Receipt):
        return Accepted(number=document.number, at=now)
    if not response.HasField("ticket"):
        raise Unanswered(Said.UNEXPECTED_ANSWER, "the ticket was accepted without a fiscal sign")
    sign = response.ticket.ticket_number
    try:
        qr = response.ticket.qr_code.decode()
    except UnicodeDecodeError:
        raise Unanswered(Said.UNEXPECTED_ANSWER, "the QR code in the answer is no text") from None
    if not (0 < len(sign) <= CODE_MAX and len(qr) <= TEXT_MAX):
        raise Unanswered(Said.UNEXPECTED_ANSWER, "the fiscal sign or the QR code in the answer is empty or too long")
    return Accepted(number=document.number, at=now, sign=sign, qr=qr or None)


def refusal_in(response: Response, command: Command, *, returning: bool = False) -> Refused | Blocked | None:
    """What stands against a request; ``None`` when it was taken, :class:`Unanswered` when nobody knows that yet."""
    code, text = response.result.result_code, response.result.result_text
    named = _NAMES.get(code, f"{code}")
    said = f"{named}: {text}" if text else named
    if response.command != command and (code == ResultCode.OK or response.command != Command.RESERVED):
        raise Unanswered(Said.UNEXPECTED_ANSWER, f"command {response.command} was answered, {command:d} was asked")
    match reaction_to(code, is_returning=returning):
        case Reaction.GO_ON:
            return None
        case Reaction.RETRY:
            raise Unanswered(Said.OPERATOR_ERROR, f"the operator answered {said}")
        case Reaction.GO_OFFLINE:
            raise Unanswered(Said.OPERATOR_ERROR, f"the operator answered {said}", is_final=True)
        case _:
            pass
    if code == ResultCode.BLOCKED:
        shown = ad_text(response.service) or text or named
        return Blocked(reason=shown[:TEXT_MAX])
    return Refused(code=REFUSALS.get(code, RefusalCode.BAD_REQUEST), text=said[:TEXT_MAX])


def greeting_refusal_in(response: Response) -> Refused | Blocked | None:
    """What stands against the register's COMMAND_SYSTEM, as :func:`refusal_in`.

    A code that blocks the register is no outage although no document was refused with it: 3, 4, 5 and those that nobody
    knows stand until the operator takes the question, so a person has to look (2.0.2, 2.4).
    """
    refusal, code = refusal_in(response, Command.SYSTEM), response.result.result_code
    if isinstance(refusal, Refused) and code not in REFUSED_CALLERS and reaction_to(code) is Reaction.BLOCK:
        return Blocked(reason=refusal.text)
    return refusal


def information_in(response: Response, now: Instant) -> Information:
    """What the operator holds, as far as its answer says; it counts documents by its own numbers."""
    last = response.service.last_document_info
    figures = counters_of(response.report.zx_report) if response.HasField("report") else {}
    return Information(
        at=now,
        last_number=last.printed_document_number,
        last_shift=response.report.zx_report.shift_number if figures else last.fr_shift_number,
        shift_opened_at=None,
        last_autonomous_sign=0,
        counters={} if isinstance(figures, Finding) else figures,
    )


def names_block(response: Response) -> bool:
    """Whether a block was explained as one; without that, code 15 may mean a parameter that is missing (2.4)."""
    return ad_text(response.service) is not None
