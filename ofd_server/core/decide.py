"""The operator's decisions: (state, command, now) into (answer, entries).

The rule: a decision touches nothing. Its entries become true when the journal has committed them, and its answer leaves
only then. ``answer`` is ``None`` when the register gets no answer at all (unpaid, semantics 2.7).

Decisions on documents come in two: :func:`decide_document` for one that is new by its number, :func:`decide_copy` for
one whose number the ledger holds already.
"""

from __future__ import annotations

from collections.abc import Sequence
from hmac import compare_digest
from typing import Final, NamedTuple

from fiscal.domain.counters import differences, outgrown, sections_of
from fiscal.domain.document import (
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
from fiscal.domain.messages import (
    Accepted,
    Answer,
    Blocked,
    Hello,
    Information,
    Noted,
    RefusalCode,
    Refused,
    ReportOfflinePeriod,
    Welcome,
)
from fiscal.domain.money import format_minor
from fiscal.domain.receipt import Receipt, check_receipt
from fiscal.domain.register import Country, RegisterProfile
from fiscal.domain.shift import advance, cash_in_drawer, cash_needed
from fiscal.domain.signs import Signer, digest_of, qr_kz, qr_ru
from fiscal.errors import InvalidValue
from fiscal.time import SECOND, Instant, iso
from ofd_server.core.entries import (
    Anomaly,
    AnomalyCode,
    DocumentRecorded,
    Entry,
    MadeAutonomous,
    PeriodRecorded,
    ProfileChanged,
    Registered,
    Standing,
)
from ofd_server.core.rules import Rules
from ofd_server.core.state import RegisterState, apply, register_from

FIGURES_SHOWN: Final = 8
"""Figures of a Z-report that an anomaly names; a person needs the first ones, not all."""


class OwnAnswer:
    """An answer in a protocol's own form, which only its gateway understands; ``outcome`` is its word in the figures."""

    __slots__ = ("outcome",)

    outcome: str


class Decision(NamedTuple):
    """What to answer once ``entries`` are durable, and the state that follows."""

    answer: Answer | OwnAnswer | None
    entries: tuple[Entry, ...]
    state: RegisterState | None


def refuse(
    state: RegisterState | None, code: RefusalCode, field: str, text: str, expected: int | None = None
) -> Decision:
    """A refusal: nothing is recorded."""
    return Decision(Refused(code=code, field=field, text=text, expected=expected), (), state)


def token_digest(token: str) -> bytes:
    """What the ledger keeps of a token: never the token itself."""
    return digest_of(b"token\x00" + token.encode())


def is_token(state: RegisterState, token: str) -> bool:
    """Whether this is the register's token, compared in constant time."""
    return compare_digest(state.token_digest, token_digest(token))


# ---------------------------------------------------------------------------------------------------------- hello


def decide_hello(state: RegisterState | None, hello: Hello, now: Instant, rules: Rules) -> Decision:
    """Who is it? In open mode an unknown register is registered with the token that it brings."""
    if state is None or state.standing is Standing.REMOVED:
        if rules.strict or state is not None:
            return refuse(
                None, RefusalCode.UNKNOWN_REGISTER, "register", f"no register {hello.register!r} is known here"
            )
        return _register(hello, now, rules)
    if not is_token(state, hello.token):
        return refuse(state, RefusalCode.WRONG_TOKEN, "token", "this is not the token of the register")
    standing = answer_of_standing(state)
    if standing is not None:
        return standing
    entries: list[Entry] = []
    if hello.profile is not None and hello.profile != state.profile:
        entries.append(ProfileChanged(at=now, profile=hello.profile))
    if hello.last_number < state.tape.last_number:
        text = f"the register remembers {hello.last_number} documents, the ledger holds {state.tape.last_number}"
        entries.append(Anomaly(at=now, code=AnomalyCode.MEMORY_BEHIND, text=text))
    after = state
    for entry in entries:
        after = apply(after, entry)
    return Decision(welcome(after, now, rules), tuple(entries), after)


def answer_of_standing(state: RegisterState) -> Decision | None:
    """The answer that a blocked or unpaid register gets to everything; ``None`` for one in good standing."""
    match state.standing:
        case Standing.GOOD:
            return None
        case Standing.BLOCKED:
            return Decision(Blocked(reason=state.reason), (), state)
        case Standing.UNPAID:
            return Decision(None, (), state)
        case _:
            return refuse(state, RefusalCode.UNKNOWN_REGISTER, "register", "the register was removed")


def _register(hello: Hello, now: Instant, rules: Rules) -> Decision:
    registered = Registered(
        at=now,
        token_digest=token_digest(hello.token),
        profile=hello.profile,
        last_number=hello.accepted_number,
        last_shift=hello.accepted_shift,
    )
    state = register_from(hello.register, registered)
    entries: list[Entry] = [registered]
    if hello.accepted_number:
        text = f"documents 1 to {hello.accepted_number} were accepted by another operator and are not held here"
        anomaly = Anomaly(at=now, code=AnomalyCode.CAME_WITH_HISTORY, text=text)
        entries.append(anomaly)
        state = apply(state, anomaly)
    return Decision(welcome(state, now, rules), tuple(entries), state)


def welcome(state: RegisterState, now: Instant, rules: Rules) -> Welcome:
    """What a register is told when it has said who it is."""
    tape = state.tape
    return Welcome(
        at=now,
        operator=rules.operator_name,
        last_number=tape.last_number,
        last_digest=tape.last_digest or None,
        last_shift=tape.shift.number,
        last_autonomous_sign=tape.last_autonomous_sign,
        phone=rules.phone,
    )


def decide_information(state: RegisterState, now: Instant) -> Information:
    """Everything that a register needs to go on after its memory was lost."""
    tape = state.tape
    return Information(
        at=now,
        last_number=tape.last_number,
        last_shift=tape.shift.number,
        shift_opened_at=tape.shift.opened_at,
        last_autonomous_sign=tape.last_autonomous_sign,
        counters=tape.shift.counters,
        profile=state.profile,
        blocked=state.standing is Standing.BLOCKED,
    )


# ------------------------------------------------------------------------------------------------------ documents


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
    """A document whose number is above the last one.

    ``sign_known``: its autonomous sign was seen before. ``checked``: its sums were judged by its protocol's own rules.
    """
    refusal = _refusal(state, document, delivery, received_at, rules, checked)
    if refusal is not None:
        return Decision(refusal, (), state)
    kind = kind_of(document)
    digest = digest_of(content)
    sign = key_id = None
    if carries_sign(kind):
        try:
            sign = signer.sign(state.id, document.number, digest)
        except InvalidValue as error:
            return refuse(state, RefusalCode.NUMBERS_EXHAUSTED, error.field, error.rule)
        key_id = signer.key.id
    anomalies = _noticed(state, document, delivery, received_at, rules, sign_known)
    how = (delivery.autonomous, delivery.autonomous_sign, delivery.period)
    entry = DocumentRecorded(received_at, content, document, kind, digest, protocol, sign, key_id, *how, anomalies)
    after = apply(state, entry)
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
    if profile.country is Country.RU and isinstance(document, Receipt | Correction):
        fn_serial = profile.fn_serial or register_id
        return qr_ru(fn_serial, document.number, sign, total, document.issued_at, profile.zone, document.operation)
    return qr_kz(rules.receipt_url, sign, profile.rnm, total, document.issued_at, profile.zone)


def _refusal(
    state: RegisterState, document: Document, delivery: Delivery, received_at: Instant, rules: Rules, checked: bool
) -> Refused | None:
    tape = state.tape
    if document.number != tape.last_number + 1:
        text = f"number {document.number} came, {tape.last_number + 1} is the next"
        return Refused(code=RefusalCode.NUMBER_GAP, field="number", text=text, expected=tape.last_number + 1)
    if document.id <= tape.last_id:
        text = "the ids of a register's documents must rise; this one is not above the last one"
        return Refused(code=RefusalCode.ID_ORDER, field="id", text=text)
    return (
        _refusal_of_time(document, delivery, received_at, rules)
        or _refusal_of_shift(state, document, delivery)
        or _refusal_of_content(state, document, delivery, checked)
    )


def _refusal_of_time(document: Document, delivery: Delivery, received_at: Instant, rules: Rules) -> Refused | None:
    age = received_at - document.issued_at
    if -age > rules.ahead_max_ms:
        text = f"{iso(document.issued_at)} is {-age // SECOND} s ahead of the operator's clock, {rules.ahead_max_ms // SECOND} s are allowed"
        return Refused(code=RefusalCode.CLOCK_AHEAD, field="issued_at", text=text)
    if age > rules.past_max_ms and not delivery.autonomous:
        text = f"{iso(document.issued_at)} is {age // SECOND} s ago, {rules.past_max_ms // SECOND} s are allowed online"
        return Refused(code=RefusalCode.TOO_OLD, field="issued_at", text=text)
    return None


def _refusal_of_shift(state: RegisterState, document: Document, delivery: Delivery) -> Refused | None:
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
    elif not delivery.autonomous and shift.is_expired(document.issued_at):
        text = f"the shift was opened at {iso(shift.opened_at or 0)}, more than 24 hours before this document"
        return Refused(code=RefusalCode.SHIFT_EXPIRED, field="shift", text=text)
    return None


def _refusal_of_content(state: RegisterState, document: Document, delivery: Delivery, checked: bool) -> Refused | None:
    refusal = _refusal_of_delivery(kind_of(document), delivery)
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


def _noticed(
    state: RegisterState,
    document: Document,
    delivery: Delivery,
    received_at: Instant,
    rules: Rules,
    sign_known: bool,
) -> tuple[Anomaly, ...]:
    tape = state.tape
    noticed: list[tuple[AnomalyCode, str]] = []
    if document.issued_at < tape.last_issued_at:
        text = f"issued at {iso(document.issued_at)}, the document before it at {iso(tape.last_issued_at)}"
        noticed.append((AnomalyCode.CLOCK_BACKWARDS, text))
    if delivery.autonomous and received_at - document.issued_at > rules.past_max_ms:
        noticed.append((AnomalyCode.VERY_OLD, f"issued at {iso(document.issued_at)}"))
    if sign_known:
        noticed.append((AnomalyCode.AUTONOMOUS_SIGN_REUSED, f"the sign {delivery.autonomous_sign} was used before"))
    period = state.last_period
    if delivery.period is not None and (period is None or delivery.period > period.number):
        noticed.append((AnomalyCode.PERIOD_UNKNOWN, f"period {delivery.period} was not reported"))
    if isinstance(document, CloseShift) and tape.complete:
        # What the fold gives is compared before the shift is closed; the withdrawal of the drawer is part of it.
        noticed.extend(_z_differs(state, document, delivery))
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


# -------------------------------------------------------------------------------------------------------- periods


def decide_period(
    state: RegisterState, report: ReportOfflinePeriod, known: PeriodRecorded | None, now: Instant
) -> Decision:
    """A report of autonomous work. ``known`` is what was recorded under its number before.

    A period whose end moved is recorded anew: the register reports it at each attempt to come back.
    """
    if report.end < report.begin:
        return refuse(state, RefusalCode.BAD_REQUEST, "end", "a period ends after it begins")
    entry = PeriodRecorded(at=now, period=report.number, begin=report.begin, end=report.end, reason=report.reason)
    if known is not None:
        if (known.begin, known.end, known.reason) == (report.begin, report.end, report.reason):
            return Decision(Noted(at=now), (), state)
        if known.begin != report.begin:
            text = f"period {report.number} began at {iso(known.begin)}, now it is said to begin at {iso(report.begin)}"
            anomaly = Anomaly(at=now, code=AnomalyCode.PERIOD_CHANGED, text=text)
            return Decision(Noted(at=now), (anomaly, entry), apply(apply(state, anomaly), entry))
    return Decision(Noted(at=now), (entry,), apply(state, entry))
