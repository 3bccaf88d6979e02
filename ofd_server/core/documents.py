"""The operator's decisions on documents: new ones, and those whose number the ledger holds already.

The rule: :func:`decide_documents` takes one step for all documents that came together, of different registers, and then
the next: refuse, sign, record, answer. A step that follows itself finds the processor's caches full of what it needs.
:func:`decide_copy` compares a document with the one that the ledger holds under its number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from fiscal.domain.counters import differences, outgrown, sections_of
from fiscal.domain.document import (
    ONLINE,
    CloseShift,
    Correction,
    Delivery,
    Document,
    DocumentKind,
    Void,
    carries_sign,
    kind_of,
    total_of,
)
from fiscal.domain.limits import SECTIONS_MAX
from fiscal.domain.messages import Accepted, RefusalCode, Refused
from fiscal.domain.money import format_minor
from fiscal.domain.receipt import Receipt, check_receipt
from fiscal.domain.register import Country, RegisterProfile
from fiscal.domain.shift import advance, cash_in_drawer, cash_needed
from fiscal.domain.signs import Signer, digest_of, qr_kz, qr_ru
from fiscal.errors import InvalidValue
from fiscal.protocols.kz.qr import qr_text as qr_of
from fiscal.time import SECOND, Instant, iso
from ofd_server.core.decide import Decision, refuse
from ofd_server.core.entries import Anomaly, AnomalyCode, DocumentRecorded, Entry, MadeAutonomous
from ofd_server.core.plain import decide_plain
from ofd_server.core.rules import Rules
from ofd_server.core.state import RegisterState, apply

FIGURES_SHOWN: Final = 8
"""Figures of a Z-report that an anomaly names; a person needs the first ones, not all."""

# In CPython 3.11 a look-up in an enumeration costs as much as a call, and these are needed for every document.
_RUSSIA: Final = Country.RU
_ANNULMENT: Final = DocumentKind.ANNULMENT

# ---------------------------------------------------------------------------------------------------- new documents


class Submission(Struct, frozen=True, gc=False):
    """A document whose number is above the last one of its register, and what a decision on it rests on.

    ``sign_known``: its autonomous sign was seen before. ``checked``: its sums were judged by its protocol's own rules.
    ``resent``: it was issued in an offline period that its own message tells of, and does not say that it is autonomous.
    ``whole_seconds``: its protocol has no times below a second.
    """

    state: RegisterState
    document: Document
    content: bytes
    delivery: Delivery
    received_at: Instant
    protocol: str
    sign_known: bool = False
    checked: bool = False
    resent: bool = False
    whole_seconds: bool = False


def decide_documents(submissions: Sequence[Submission], rules: Rules, signer: Signer) -> list[Decision]:
    """A decision on each of these, which are of different registers."""
    plain = [
        decide_plain(
            each.state, each.document, each.content, each.delivery, each.received_at, each.protocol, rules, signer
        )
        if not each.sign_known and (each.delivery.autonomous or not each.resent)
        else None
        for each in submissions
    ]
    closely = iter(
        decide_closely([each for each, found in zip(submissions, plain, strict=True) if found is None], rules, signer)
    )
    return [found or next(closely) for found in plain]


def decide_closely(submissions: Sequence[Submission], rules: Rules, signer: Signer) -> list[Decision]:
    """The same by every rule, one after the other: what :func:`ofd_server.core.plain.decide_plain` has to agree with."""
    refusals = [_refusal(each, rules) for each in submissions]
    signed = [refused or _signed(each, signer) for each, refused in zip(submissions, refusals, strict=True)]
    entries = [
        found if isinstance(found, Refused) else _recorded(each, found, rules)
        for each, found in zip(submissions, signed, strict=True)
    ]
    states = [
        each.state if isinstance(entry, Refused) else apply(each.state, entry)
        for each, entry in zip(submissions, entries, strict=True)
    ]
    return [
        Decision(entry, (), after) if isinstance(entry, Refused) else _concluded(each.state, entry, after, rules)
        for each, entry, after in zip(submissions, entries, states, strict=True)
    ]


def decide_document(
    state: RegisterState,
    document: Document,
    content: bytes,
    delivery: Delivery,
    received_at: Instant,
    rules: Rules,
    signer: Signer,
    protocol: str,
    sign_known: bool = False,
    checked: bool = False,
) -> Decision:
    """:func:`decide_documents` for one."""
    submission = Submission(state, document, content, delivery, received_at, protocol, sign_known, checked)
    return decide_documents((submission,), rules, signer)[0]


_Signature = tuple[bytes, str | None, str | None]
"""The digest, and for a document that gets one the sign and the id of its key."""


def _signed(submission: Submission, signer: Signer) -> _Signature | Refused:
    document = submission.document
    digest = digest_of(submission.content)
    if not carries_sign(kind_of(document)):
        return digest, None, None
    try:
        return digest, signer.sign(submission.state.id, document.number, digest), signer.key.id
    except InvalidValue as error:
        return Refused(code=RefusalCode.NUMBERS_EXHAUSTED, field=error.field, text=error.rule)


def _recorded(submission: Submission, signature: _Signature, rules: Rules) -> DocumentRecorded:
    document, delivery = submission.document, submission.delivery
    digest, sign, key_id = signature
    return DocumentRecorded(
        submission.received_at,
        submission.content,
        document,
        kind_of(document),
        digest,
        submission.protocol,
        sign,
        key_id,
        delivery.autonomous,
        delivery.autonomous_sign,
        delivery.period,
        _noticed(submission, rules),
    )


def _concluded(state: RegisterState, entry: DocumentRecorded, after: RegisterState, rules: Rules) -> Decision:
    too_large = outgrown(after.tape.shift.counters)
    if too_large is not None:
        return refuse(state, RefusalCode.BAD_TOTALS, *too_large)
    return Decision(accepted(entry, state, rules), (entry,), after)


def accepted(entry: DocumentRecorded, state: RegisterState, rules: Rules) -> Accepted:
    """The answer to a document that the ledger holds; the same again for every copy of it."""
    sign = entry.sign
    return Accepted(
        number=entry.document.number,
        at=entry.received_at,
        sign=sign,
        qr=None if sign is None else qr_text(state.id, state.profile, entry.document, sign, rules),
        key=entry.key_id,
    )


def qr_text(register_id: str, profile: RegisterProfile | None, document: Document, sign: str, rules: Rules) -> str:
    """What the QR code of the receipt says, in the form of the register's country."""
    total = total_of(document)
    if profile is None:
        return qr_kz(rules.receipt_url, sign, register_id, total, document.issued_at, "UTC")
    if profile.country is _RUSSIA and isinstance(document, Receipt | Correction):
        fn_serial = profile.fn_serial or register_id
        return qr_ru(fn_serial, document.number, sign, total, document.issued_at, profile.zone, document.operation)
    if rules.qr.address:
        return qr_of(rules.qr, rules.receipt_url, sign, profile.rnm, total, document.issued_at, profile.zone)
    return qr_kz(rules.receipt_url, sign, profile.rnm, total, document.issued_at, profile.zone)


def _refusal(submission: Submission, rules: Rules) -> Refused | None:
    state, document, delivery = submission.state, submission.document, submission.delivery
    late = delivery.autonomous or submission.resent
    tape = state.tape
    if document.number != tape.last_number + 1:
        text = f"number {document.number} came, {tape.last_number + 1} is the next"
        return Refused(code=RefusalCode.NUMBER_GAP, field="number", text=text, expected=tape.last_number + 1)
    if document.id <= tape.last_id:
        text = "the ids of a register's documents must rise; this one is not above the last one"
        return Refused(code=RefusalCode.ID_ORDER, field="id", text=text)
    return (
        _refusal_of_time(document, late, submission.received_at, rules)
        or _refusal_of_shift(state, document, late)
        or _refusal_of_content(state, document, delivery, submission.checked)
    )


def _refusal_of_time(document: Document, late: bool, received_at: Instant, rules: Rules) -> Refused | None:
    age = received_at - document.issued_at
    if -age > rules.ahead_max_ms:
        text = f"{iso(document.issued_at)} is {-age // SECOND} s ahead of the operator's clock, {rules.ahead_max_ms // SECOND} s are allowed"
        return Refused(code=RefusalCode.CLOCK_AHEAD, field="issued_at", text=text)
    if age > rules.past_max_ms and not late:
        text = f"{iso(document.issued_at)} is {age // SECOND} s ago, {rules.past_max_ms // SECOND} s are allowed online"
        return Refused(code=RefusalCode.TOO_OLD, field="issued_at", text=text)
    return None


def _refusal_of_shift(state: RegisterState, document: Document, late: bool) -> Refused | None:
    if isinstance(document, Void):
        return None
    shift = state.tape.shift
    joined = not state.tape.complete and not shift.is_open and document.shift == shift.number > 0
    if document.shift != shift.next_number and not joined:
        text = f"shift {document.shift} came, {shift.next_number} is the current one"
        return Refused(code=RefusalCode.WRONG_SHIFT, field="shift", text=text, expected=shift.next_number)
    if isinstance(document, CloseShift):
        if not shift.is_open and not joined:
            text = "there is no open shift to close"
            return Refused(code=RefusalCode.SHIFT_NOT_OPEN, field="shift", text=text)
    elif not late and shift.is_expired(document.issued_at):
        text = f"the shift was opened at {iso(shift.opened_at or 0)}, more than 24 hours before this document"
        return Refused(code=RefusalCode.SHIFT_EXPIRED, field="shift", text=text)
    return None


def _refusal_of_content(state: RegisterState, document: Document, delivery: Delivery, checked: bool) -> Refused | None:
    kind = kind_of(document)
    if kind is _ANNULMENT and not checked:
        return Refused(code=RefusalCode.BAD_REQUEST, field="kind", text="no register sends an annulment this way")
    refusal = None if delivery is ONLINE else _refusal_of_delivery(kind, delivery)
    if refusal is not None:
        return refusal
    if isinstance(document, Receipt):
        fault = None if checked else check_receipt(document)
        if fault is not None:
            return Refused(code=RefusalCode.BAD_TOTALS, field=fault.field, text=fault.text)
        refusal = _refusal_of_parties(state, document) or _refusal_of_sections(state, document)
        if refusal is not None:
            return refusal
    needed = cash_needed(document)
    if needed and state.tape.complete and needed > cash_in_drawer(state.tape.shift):
        held = format_minor(cash_in_drawer(state.tape.shift))
        text = f"{format_minor(needed)} would be paid out, {held} lie in the drawer"
        return Refused(code=RefusalCode.NOT_ENOUGH_CASH, field="payments", text=text)
    return None


def _refusal_of_delivery(kind: DocumentKind, delivery: Delivery) -> Refused | None:
    signed = carries_sign(kind)
    if delivery.autonomous and signed and delivery.autonomous_sign is None:
        text = "an autonomous receipt carries its autonomous fiscal sign"
        return Refused(code=RefusalCode.AUTONOMOUS_SIGN_MISSING, field="delivery.autonomous_sign", text=text)
    if delivery.autonomous_sign is not None and not (delivery.autonomous and signed):
        text = "only autonomous receipts and corrections carry an autonomous sign"
        return Refused(code=RefusalCode.BAD_REQUEST, field="delivery.autonomous_sign", text=text)
    return None


def _refusal_of_parties(state: RegisterState, receipt: Receipt) -> Refused | None:
    if receipt.customer is None or state.profile is None or receipt.customer.tax_id is None:
        return None
    if receipt.customer.tax_id != state.profile.taxpayer.tax_id:
        return None
    text = "the buyer and the seller are the same taxpayer"
    return Refused(code=RefusalCode.SAME_TAXPAYER_AND_CUSTOMER, field="customer.tax_id", text=text)


def _refusal_of_sections(state: RegisterState, receipt: Receipt) -> Refused | None:
    shift = state.tape.shift
    counters = shift.counters if shift.is_open else {}
    if len(counters) + len(receipt.items) <= SECTIONS_MAX:
        return None  # a section has one figure at least, and at most every item brings a new one
    end = f".{receipt.operation.value}.count"
    sections = {item.section for item in receipt.items if f"sections.{item.section}{end}" not in counters}
    if not sections or len(counters) + len(sections) <= SECTIONS_MAX:
        return None
    sections |= sections_of(counters)
    if len(sections) <= SECTIONS_MAX:
        return None
    text = f"a shift has at most {SECTIONS_MAX} sections"
    return Refused(code=RefusalCode.TOO_MANY_SECTIONS, field="items", text=text)


def _noticed(submission: Submission, rules: Rules) -> tuple[Anomaly, ...]:
    state, document, delivery = submission.state, submission.document, submission.delivery
    received_at = submission.received_at
    tape = state.tape
    noticed: list[tuple[AnomalyCode, str]] = []
    before = tape.last_issued_at
    if document.issued_at < (before - before % SECOND if submission.whole_seconds else before):
        text = f"issued at {iso(document.issued_at)}, the document before it at {iso(before)}"
        noticed.append((AnomalyCode.CLOCK_BACKWARDS, text))
    if (delivery.autonomous or submission.resent) and received_at - document.issued_at > rules.past_max_ms:
        noticed.append((AnomalyCode.VERY_OLD, f"issued at {iso(document.issued_at)}"))
    if submission.sign_known:
        noticed.append((AnomalyCode.AUTONOMOUS_SIGN_REUSED, f"the sign {delivery.autonomous_sign} was used before"))
    period = state.last_period
    if delivery.period is not None and (period is None or delivery.period > period.number):
        noticed.append((AnomalyCode.PERIOD_UNKNOWN, f"period {delivery.period} was not reported"))
    if isinstance(document, CloseShift) and tape.complete:
        # What the fold gives is compared before the shift is closed; the withdrawal of the drawer is part of it.
        noticed.extend(_z_differs(state, document, delivery))
    if not noticed:
        return ()
    return tuple(Anomaly(at=received_at, code=code, text=text, number=document.number) for code, text in noticed)


def _z_differs(state: RegisterState, document: CloseShift, delivery: Delivery) -> Sequence[tuple[AnomalyCode, str]]:
    ours = advance(state.tape.shift, document, delivery).counters
    differ = differences(ours, document.counters)
    if not differ:
        return ()
    shown = ", ".join(
        f"{name}: ours {mine}, the register's {its}" for name, (mine, its) in list(differ.items())[:FIGURES_SHOWN]
    )
    more = f", and {len(differ) - FIGURES_SHOWN} more" if len(differ) > FIGURES_SHOWN else ""
    return [(AnomalyCode.Z_TOTALS_DIFFER, shown + more)]


# ------------------------------------------------------------------------------------------------------ known ones


def decide_copy(
    state: RegisterState,
    stored: DocumentRecorded,
    same: bool,
    difference: str,
    document: Document,
    delivery: Delivery,
    now: Instant,
    rules: Rules,
    sign_known: bool = False,
) -> Decision:
    """A document whose number is taken: the same one again, or a conflict.

    ``stored`` is what the ledger holds under the number, with the delivery facts that were added since; ``same`` and
    ``difference`` compare the two contents (semantics 1.2).
    """
    if stored.document.id != document.id:
        text = f"number {document.number} belongs to another document"
        return refuse(state, RefusalCode.NUMBER_TAKEN, "number", text, state.tape.last_number + 1)
    if not same:
        return _conflict(state, AnomalyCode.CONFLICT, document.number, difference, now)
    refusal = _refusal_of_delivery(stored.kind, delivery)
    if refusal is not None:
        return Decision(refusal, (), state)
    if not delivery.autonomous or stored.autonomous:
        if (
            delivery.autonomous_sign is not None
            and stored.autonomous_sign is not None
            and delivery.autonomous_sign != stored.autonomous_sign
        ):
            text = f"autonomous sign: {stored.autonomous_sign} recorded, {delivery.autonomous_sign} came"
            return _conflict(state, AnomalyCode.SECOND_AUTONOMOUS_SIGN, document.number, text, now)
        return Decision(accepted(stored, state, rules), (), state)
    return _made_autonomous(state, stored, delivery, now, rules, sign_known)


def _conflict(state: RegisterState, code: AnomalyCode, number: int, text: str, now: Instant) -> Decision:
    anomaly = Anomaly(at=now, code=code, text=text, number=number)
    answer = Refused(code=RefusalCode.CONFLICT, field="content", text=text)
    return Decision(answer, (anomaly,), apply(state, anomaly))


def _made_autonomous(
    state: RegisterState, stored: DocumentRecorded, delivery: Delivery, now: Instant, rules: Rules, sign_known: bool
) -> Decision:
    number = stored.number
    entries: list[Entry] = [
        MadeAutonomous(at=now, number=number, autonomous_sign=delivery.autonomous_sign, period=delivery.period)
    ]
    shift = state.tape.shift
    if not (shift.is_open and shift.number == stored.document.shift) and not isinstance(stored.document, CloseShift):
        text = "the mark came after the shift was closed; its Z-report does not count the document as autonomous"
        entries.append(Anomaly(at=now, code=AnomalyCode.MARK_AFTER_CLOSE, text=text, number=number))
    if sign_known:
        text = f"the sign {delivery.autonomous_sign} was used before"
        entries.append(Anomaly(at=now, code=AnomalyCode.AUTONOMOUS_SIGN_REUSED, text=text, number=number))
    after = state
    for entry in entries:
        after = apply(after, entry, stored.document)
    return Decision(accepted(stored, state, rules), tuple(entries), after)
