"""Documents over the Kazakhstan protocol: tickets, cash in and out, the end of a shift, a ticket taken back.

The rule (semantics 1.4): a document has no number and no id on this wire, so it gets the next ones of its register's
tape; what makes a repeat the same document is its token, its request number and its command. A repeat is mapped once
more with the number and the id that were given first: equal content adds what the register tells of its delivery, other
content is noted as a conflict, and the first answer goes out either way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from fiscal.domain.counters import annulment_of
from fiscal.domain.document import ONLINE, Delivery, Document
from fiscal.domain.limits import DOCUMENT_ID_SIZE
from fiscal.domain.messages import TEXT_MAX, Accepted, Refused
from fiscal.domain.receipt import Receipt
from fiscal.protocols.content import CONTENT_SIZE_MAX, content_difference, encode_content, same_content
from fiscal.protocols.kz.checks import sums_finding, warnings_of
from fiscal.protocols.kz.codes import Command, ResultCode
from fiscal.protocols.kz.given import Given, delivery_of
from fiscal.protocols.kz.glance import Glanced, moment
from fiscal.protocols.kz.header import Header
from fiscal.protocols.kz.numbers import new_token
from fiscal.protocols.kz.placements import placement_of
from fiscal.protocols.kz.reports import close_shift_of
from fiscal.protocols.kz.rules import Finding
from fiscal.protocols.kz.tickets import receipt_of
from fiscal.time import Instant
from ofd_server.core.decide import Decision
from ofd_server.core.documents import Submission, decide_copy, decide_documents
from ofd_server.core.entries import DocumentRecorded, Exchanged
from ofd_server.core.exchange import Found, Need
from ofd_server.core.kz_answers import KzAnswer, answer, of_refused, refusal, ticket_answer
from ofd_server.core.kz_desk import BLOCKS, Desk
from ofd_server.core.kz_reports import block, closing
from ofd_server.core.kz_service import (
    NOTHING_TOLD,
    Told,
    anomalies_of,
    checksum_findings,
    refused_by,
    service_of,
    shift_findings,
    told,
    told_period,
    worst_of,
    zone_of,
)
from ofd_server.core.state import RegisterState, apply


class Mapped(NamedTuple):
    """A document out of a message, and how it says that it came."""

    document: Document
    delivery: Delivery


# ------------------------------------------------------------------------------------------------------------- new


class Prepared(NamedTuple):
    """A document that is to be decided, and what its answer needs besides."""

    submission: Submission
    state: RegisterState
    period: Told
    findings: Sequence[Finding]
    issued: int


def decide_new(
    desk: Desk, header: Header, request: Any, state: RegisterState, at: Instant, found: Found | None, issued: int
) -> Decision | Need:
    """A message that the token table lets through: its document is taken, or refused with a code."""
    if request.command == Command.CANCEL_TICKET:
        return _cancel(desk, header, request, state, at, found, issued)
    prepared = prepare(desk, header, request, state, at, found, issued)
    if not isinstance(prepared, Prepared):
        return prepared
    (decision,) = decide_documents((prepared.submission,), desk.rules, desk.signer)
    return conclude(desk, header, request, prepared, decision)


def prepare(
    desk: Desk, header: Header, request: Any, state: RegisterState, at: Instant, found: Found | None, issued: int
) -> Prepared | Decision | Need:
    """The document of a message, judged by everything but the operator's own rules."""
    command = request.command
    tape = state.tape
    period = told_period(state, request, at, desk)
    number = tape.last_number + 1
    zone = zone_of(state, desk)
    given = Given(_next_id(tape.last_id), number, _shift_of(request, state), zone, header.version)
    mapped = _mapped(request, state, given, period.number, at)
    if isinstance(mapped, Finding):
        return refused_by(header, command, state, mapped)
    document, delivery = mapped
    findings = warnings_of(request, header.version, document, zone)
    findings += shift_findings(request, document.shift)
    if command == Command.CLOSE_SHIFT:
        findings += checksum_findings(request, desk)
    refused = worst_of(findings, desk)
    if refused is not None:
        return refused_by(header, command, state, refused)
    sign = delivery.autonomous_sign
    if sign is not None and found is None and sign <= tape.last_autonomous_sign:
        return Need(document=number, sign=sign)
    known = found is not None and found.sign_used
    content = encode_content(document)
    if len(content) > CONTENT_SIZE_MAX:
        text = f"the document would take {len(content)} bytes of the ledger, {CONTENT_SIZE_MAX} are the limit"
        return refused_by(header, command, state, Finding("limit", BLOCKS[command], text))
    before = state if period.entry is None else apply(state, period.entry)
    resent = period.covers(document.issued_at)
    submission = Submission(before, document, content, delivery, at, "kz", known, True, resent, True)
    return Prepared(submission, state, period, findings, issued)


def prepare_glanced(
    desk: Desk, header: Header, glanced: Glanced, state: RegisterState, at: Instant, issued: int
) -> Prepared | None:
    """As :func:`prepare` of a new ticket that was read at a glance; ``None``: look closer."""
    tape = state.tape
    zone = zone_of(state, desk)
    period = NOTHING_TOLD
    if glanced.period is not None:
        begin, end = moment(glanced.period[0], zone), moment(glanced.period[1], zone)
        if begin is not None and end is not None and begin < end:
            period = told(state, (begin, end), at)
    shift = tape.shift.next_number
    sign = glanced.sign
    if (
        period.entry is not None
        or (sign is not None and sign <= tape.last_autonomous_sign)
        or glanced.shift not in {0, shift}
        or (desk.full and glanced.findings)
    ):
        return None
    read = glanced.receipt(Given(_next_id(tape.last_id), tape.last_number + 1, shift, zone, header.version))
    if read is None:
        return None
    receipt, content = read
    delivery = ONLINE if sign is None else Delivery(autonomous=True, autonomous_sign=sign, period=period.number)
    resent = period.times is not None and period.covers(receipt.issued_at)
    submission = Submission(state, receipt, content, delivery, at, "kz", False, True, resent, True)
    return Prepared(submission, state, period, glanced.findings, issued)


def conclude(desk: Desk, header: Header, request: Any, prepared: Prepared, decision: Decision) -> Decision:
    """The answer of a document that was decided, and the entries with what a repeat of it is known by.

    Without a ``request`` it is one that was prepared at a glance.
    """
    said, entries, state = decision.answer, decision.entries, decision.state
    command: int = Command.TICKET if request is None else request.command
    if isinstance(said, Refused):
        return Decision(of_refused(header, command, said), (), prepared.state)
    entry = entries[0]
    assert isinstance(said, Accepted)
    assert isinstance(entry, DocumentRecorded)
    assert state is not None
    _, _, period, findings, issued = prepared
    tape = state.tape
    fields = {} if request is None else service_of(desk, header, request, state, entry.received_at)
    token = new_token(desk.signer.key.secret, state.id, state.version, issued)
    sign, qr = said.sign, said.qr
    if sign is not None and qr is not None and not fields:
        good = ticket_answer(token, sign, qr)
    else:
        if sign is not None and qr is not None:
            fields["ticket"] = {"ticket_number": sign, "qr_code": qr.encode()}
        elif command == Command.CLOSE_SHIFT:
            fields |= block(closing(state, entry), zone_of(state, desk))
        good = answer(header, command, token, fields, "accepted")
    exchange = Exchanged(token, header.token, header.number, command, said.number, good.body)
    warned = tape.warned
    for finding in findings:
        if finding.rule not in warned:  # of most the register was warned before
            anomalies = anomalies_of(findings, warned, said.number, entry.received_at)
            warned += tuple(anomaly.text.partition(":")[0] for anomaly in anomalies)
            entry = replace(entry, anomalies=entry.anomalies + anomalies)
            break
    entry = replace(entry, exchange=exchange)
    after = replace(state, tape=replace(tape, exchange=exchange, warned=warned))
    return Decision(good, (entry,) if period.entry is None else (entry, period.entry), after)


def _cancel(
    desk: Desk, header: Header, request: Any, state: RegisterState, at: Instant, found: Found | None, issued: int
) -> Decision | Need:
    """The last ticket is taken back by a document of its own; nothing is deleted. Only the very last one can be."""
    tape = state.tape
    if found is None and tape.last_number:
        return Need(document=tape.last_number)
    last = None if found is None else found.document
    if last is None or not isinstance(last.document, Receipt):
        text = "the last document is no ticket that could be cancelled"
        return Decision(refusal(header, request.command, ResultCode.CANT_CANCEL_TICKET, text), (), state)
    findings = warnings_of(request, header.version, None, zone_of(state, desk))
    refused = worst_of(findings, desk)
    if refused is not None:
        return refused_by(header, request.command, state, refused)
    receipt = last.document
    delivery = Delivery(autonomous=last.autonomous, autonomous_sign=last.autonomous_sign, period=last.period)
    when = max(at, receipt.issued_at)
    document = annulment_of(receipt, delivery, id=_next_id(tape.last_id), number=tape.last_number + 1, issued_at=when)
    content = encode_content(document)
    period = told_period(state, request, at, desk)
    before = state if period.entry is None else apply(state, period.entry)
    resent = period.times is not None and period.times[1] >= receipt.issued_at
    submission = Submission(before, document, content, ONLINE, at, "kz", False, True, resent, True)
    (decision,) = decide_documents((submission,), desk.rules, desk.signer)
    return conclude(desk, header, request, Prepared(submission, state, period, findings, issued), decision)


# ---------------------------------------------------------------------------------------------------------- repeat


def decide_repeat(
    desk: Desk, header: Header, request: Any, state: RegisterState, at: Instant, found: Found | None
) -> Decision | Need:
    """A message that was answered before: the first answer again, and what it adds to its document's delivery."""
    last = state.tape.exchange
    assert last is not None, "the table knows the exchange that this repeats"
    command = request.command
    token = header.token if last.issued is None else last.issued
    again = KzAnswer(ResultCode.OK, token, last.answer, "accepted")
    if found is None:
        sign = request.ticket.offline_ticket_number if command == Command.TICKET else 0
        return Need(document=last.number, sign=sign or None, resent=True)
    stored = found.document
    if stored is None or command == Command.CANCEL_TICKET:
        return Decision(again, (), state)
    told = told_period(state, request, at, desk)
    original = stored.document
    given = Given(original.id, original.number, original.shift, zone_of(state, desk), header.version)
    mapped = _mapped(request, state, given, told.number, at)
    if isinstance(mapped, Finding):
        difference = f"{mapped.field}: {mapped.text}"
        decision = decide_copy(state, stored, False, difference, original, Delivery(), at, desk.rules)
        return Decision(again, decision.entries, decision.state)
    content = encode_content(mapped.document)
    same = content == stored.content or same_content(stored.content, content)
    difference = "" if same else "; ".join(content_difference(stored.content, content))[:TEXT_MAX]
    known = found.sign_used and not stored.autonomous
    decision = decide_copy(state, stored, same, difference, mapped.document, mapped.delivery, at, desk.rules, known)
    if told.entry is None or not same:
        return Decision(again, decision.entries, decision.state)
    assert decision.state is not None
    return Decision(again, (*decision.entries, told.entry), apply(decision.state, told.entry))


# --------------------------------------------------------------------------------------------------------- mapping


def _mapped(request: Any, state: RegisterState, given: Given, period: int | None, at: Instant) -> Mapped | Finding:
    """The document in a message, or the first rule that it breaks."""
    message = getattr(request, BLOCKS[request.command])
    delivery = delivery_of(message, period)
    if isinstance(delivery, Finding):
        return delivery
    document: Document | Finding
    if request.command == Command.TICKET:
        document = receipt_of(message, given)
        if isinstance(document, Receipt):
            document = sums_finding(document) or document
    elif request.command == Command.MONEY_PLACEMENT:
        document = placement_of(message, given)
    else:
        shift = state.tape.shift
        opened_at = at if shift.opened_at is None else shift.opened_at
        document = close_shift_of(message, given, opened_at, shift.counters)
    return document if isinstance(document, Finding) else Mapped(document, delivery)


def _shift_of(request: Any, state: RegisterState) -> int:
    """The shift that a new document belongs to: of a register that came with an open one, its end belongs to that."""
    tape = state.tape
    shift = tape.shift
    if request.command == Command.CLOSE_SHIFT and not tape.complete and not shift.is_open:
        return shift.number
    return shift.next_number


def _next_id(last: bytes) -> bytes:
    """The id after this one. The register's own ids, if it comes from another protocol, lie above those given here."""
    return (int.from_bytes(last, "big") + 1).to_bytes(DOCUMENT_ID_SIZE, "big")
