"""From what the cashier asks for to a document with its number: everything that is judged before a number is given.

The rule: a number that was given is never taken back, so whatever can be refused is refused here, before it: figures
that do not agree, cash that is not in the drawer, an expired shift, and what the protocol cannot carry
(semantics 4.2). What comes out is the record that makes the document exist; nothing exists until that is durable.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from fiscal.domain.counters import outgrown, sections_of
from fiscal.domain.document import (
    CARRIED_DOCUMENTS,
    CARRIED_PAYMENTS,
    ONLINE,
    CloseShift,
    Correction,
    Deposit,
    Document,
    Void,
    Withdrawal,
    kind_of,
)
from fiscal.domain.limits import NUMBER_MAX, SECTIONS_MAX
from fiscal.domain.money import MONEY_MAX
from fiscal.domain.receipt import Cashier, Payment, PaymentKind, Receipt, check_receipt
from fiscal.domain.register import RegisterProfile
from fiscal.domain.shift import Shift, advance, cash_in_drawer, cash_needed
from fiscal.errors import InvalidValue, RemoteProtocolError
from fiscal.protocols.content import decode_content, encode_content
from fiscal.time import Instant, iso
from kkt_client.core import records
from kkt_client.core.basket import (
    NOT_PLAIN,
    Amendment,
    CashIn,
    CashOut,
    Closing,
    Order,
    Sale,
    Standard,
    compute,
    settle,
    taxes_of,
    whole,
)
from kkt_client.core.errors import NotEnoughCash, ShiftExpired, ShiftNotOpen
from kkt_client.core.records import AnomalyCode
from kkt_client.core.state import RegisterState

ID_STEP: Final = 1 << 16
"""Ids rise by at least so much, so that a void finds room between the document whose place it takes and the next one."""

_ID_SIZE: Final = 16


@dataclass(frozen=True, slots=True)
class Carriage:
    """What the protocol can carry: its word in the tables of the domain, the most bytes of a document, and a check that
    raises :class:`InvalidValue` for a document that its messages have no place for.
    """

    protocol: str
    content_size_max: int
    check: Callable[[Document, RegisterProfile], None] | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A document that may be issued: ``records`` make it exist, the first of them is the :class:`records.Issued`.

    ``shifts`` are the one before it and what it makes of that, where this had to be computed to know that it may.
    """

    document: Document
    records: tuple[records.Record, ...]
    shifts: tuple[Shift, Shift] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where and by whom a document is issued: what is the same for every kind."""

    id: bytes
    number: int
    shift: int
    issued_at: Instant
    cashier: Cashier


def id_after(last: bytes, fresh: bytes) -> bytes:
    """The id of the next document: ``fresh`` if it is far enough above the last one, else the last one and a step."""
    if not last:
        return fresh
    least = int.from_bytes(last, "big") + ID_STEP
    return max(least.to_bytes(_ID_SIZE, "big"), fresh)


def id_in_place_of(given_up: bytes) -> bytes:
    """The id of a void: just above the document whose number it takes, so below the one behind it."""
    return (int.from_bytes(given_up, "big") + 1).to_bytes(_ID_SIZE, "big")


def issue(
    state: RegisterState,
    order: Order,
    cashier: Cashier,
    now: Instant,
    fresh_id: bytes,
    profile: RegisterProfile,
    carriage: Carriage,
    key: str | None = None,
    basket: bytes | None = None,
) -> Draft:
    """The next document of the register; ``fresh_id`` is 16 bytes that rise with time.

    :class:`InvalidValue`, :class:`ShiftExpired`, :class:`ShiftNotOpen` or :class:`NotEnoughCash` when it may not be.
    """
    shift = state.shift
    if shift.is_expired(now) and not isinstance(order, Closing):
        raise ShiftExpired(shift.opened_at or 0, now)
    if state.last_number >= NUMBER_MAX:
        raise InvalidValue("number", f"the range 1 .. {NUMBER_MAX} is used up", "numbers_exhausted")
    place = Place(id_after(state.last_id, fresh_id), state.last_number + 1, shift.next_number, now, cashier)
    document = _document(order, place, shift, profile)
    after = _check(document, shift, profile, carriage)
    content = _content(document, carriage)
    issued = records.Issued(number=place.number, content=content, key=key, basket=basket)
    if now >= state.last_issued_at:
        return Draft(document, (issued,), (shift, after))
    text = f"issued at {iso(now)}, the document before it at {iso(state.last_issued_at)}"
    anomaly = records.Anomaly(code=AnomalyCode.CLOCK_WENT_BACK, at=now, text=text, number=place.number)
    return Draft(document, (issued, anomaly), (shift, after))


def void(given_up: Document, refusal: str, by: str, why: str, cashier: Cashier, now: Instant) -> Draft:
    """The void that takes the place of a document that was given up."""
    document = Void(
        id=id_in_place_of(given_up.id),
        number=given_up.number,
        shift=given_up.shift,
        issued_at=now,
        cashier=cashier,
        voids=given_up.id,
        by=by,
        why=why,
        refusal=refusal,
    )
    return Draft(document, (records.Issued(number=document.number, content=encode_content(document)),))


def _document(order: Order, place: Place, shift: Shift, profile: RegisterProfile) -> Document:
    if isinstance(order, Sale):
        return receipt_of(order, place, profile)
    if isinstance(order, Amendment):
        return _correction(order, place, profile)
    if isinstance(order, Closing):
        return _closing(order, place, shift)
    return _cash_move(order, place)


def receipt_of(order: Sale, place: Place, profile: RegisterProfile) -> Receipt:
    """The receipt of this sale, with every figure of it; :class:`InvalidValue` for a basket that makes no sense."""
    basket = order.basket
    figures = compute(basket, profile.country, profile.zone, place.issued_at)
    return Receipt(
        id=place.id,
        number=place.number,
        shift=place.shift,
        issued_at=place.issued_at,
        cashier=place.cashier,
        operation=order.operation,
        items=figures.items,
        payments=figures.payments,
        total=figures.total,
        taken=figures.taken,
        change=figures.change,
        discount=basket.discount,
        markup=basket.markup,
        taxes=figures.taxes,
        customer=basket.customer,
        domain=basket.domain,
        parent=basket.parent,
    )


def _correction(order: Amendment, place: Place, profile: RegisterProfile) -> Correction:
    total = whole("total", order.total, 0, MONEY_MAX)
    payments, _, _ = settle(order.payments, total)
    standard = Standard(profile.country, profile.zone, order.corrected_at)
    return Correction(
        id=place.id,
        number=place.number,
        shift=place.shift,
        issued_at=place.issued_at,
        cashier=place.cashier,
        operation=order.operation,
        payments=payments,
        total=total,
        reason=order.reason,
        corrected_at=order.corrected_at,
        basis=order.basis,
        taxes=taxes_of(order.vat, True, total, "vat", standard),
    )


def _cash_move(order: CashIn | CashOut, place: Place) -> Deposit | Withdrawal:
    kind = Deposit if isinstance(order, CashIn) else Withdrawal
    return kind(
        id=place.id,
        number=place.number,
        shift=place.shift,
        issued_at=place.issued_at,
        cashier=place.cashier,
        sum=whole("sum", order.sum, 1, MONEY_MAX),
    )


def _closing(order: Closing, place: Place, shift: Shift) -> CloseShift:
    """The Z-report: its figures are those after it, a withdrawal of the whole drawer included (S3-22)."""
    if shift.opened_at is None:
        raise ShiftNotOpen("nothing was issued since the last Z-report")

    def closing(counters: dict[str, int]) -> CloseShift:
        return CloseShift(
            id=place.id,
            number=place.number,
            shift=place.shift,
            issued_at=place.issued_at,
            cashier=place.cashier,
            opened_at=opened_at,
            counters=counters,
            withdraw_cash=order.withdraw_cash,
        )

    opened_at = shift.opened_at
    return closing(dict(advance(shift, closing({}), ONLINE).counters))


def _check(document: Document, shift: Shift, profile: RegisterProfile, carriage: Carriage) -> Shift:
    """The shift after it; :class:`InvalidValue` or :class:`NotEnoughCash` when it may not be issued."""
    kind = kind_of(document)
    if kind not in CARRIED_DOCUMENTS[carriage.protocol]:
        raise InvalidValue("document", f"the protocol {carriage.protocol} carries no {kind}", "not_carried")
    if isinstance(document, Receipt | Correction):
        _check_payments(document.payments, carriage)
    if isinstance(document, Receipt):
        _check_receipt(document, shift, profile)
    if carriage.check is not None:
        carriage.check(document, profile)
    needed, held = cash_needed(document), cash_in_drawer(shift)
    if needed > held:
        raise NotEnoughCash(needed, held)
    after = advance(shift, document, ONLINE)
    too_large = outgrown(after.counters)
    if too_large is not None:
        raise InvalidValue(*too_large, "too_large")
    return after


def _check_payments(payments: tuple[Payment, ...], carriage: Carriage) -> None:
    carried: frozenset[PaymentKind] = CARRIED_PAYMENTS[carriage.protocol]
    for payment in payments:
        if payment.kind not in carried:
            rule = f"the protocol {carriage.protocol} carries no such payment"
            raise InvalidValue(f"payments.{payment.kind}", rule, "not_carried")


def _check_receipt(receipt: Receipt, shift: Shift, profile: RegisterProfile) -> None:
    fault = check_receipt(receipt)
    if fault is not None:
        raise InvalidValue(fault.field, fault.text, fault.code)
    if receipt.customer is not None and receipt.customer.tax_id == profile.taxpayer.tax_id:
        raise InvalidValue("customer.tax_id", "the buyer and the seller are the same taxpayer", "same_taxpayer")
    sections = {item.section for item in receipt.items}
    if len(shift.counters) + len(sections) <= SECTIONS_MAX:
        return  # a section has at least one figure, so there is room
    if shift.is_open:
        sections |= sections_of(shift.counters)
    if len(sections) > SECTIONS_MAX:
        raise InvalidValue("items", f"a shift has at most {SECTIONS_MAX} sections", "too_many_sections")


def _content(document: Document, carriage: Carriage) -> bytes:
    """The bytes that are kept and sent; read back at once, as the operator will read them."""
    try:
        content = encode_content(document)
        decode_content(content)
    except RemoteProtocolError as error:
        raise InvalidValue(error.field, error.text) from None
    except NOT_PLAIN as error:
        raise InvalidValue("document", f"has a value that is none: {error}") from None
    if len(content) > carriage.content_size_max:
        rule = f"{len(content)} bytes do not fit into a message, which has room for {carriage.content_size_max}"
        raise InvalidValue("document", rule, "too_large")
    return content
