"""One register's books as both sides would have written them, for the tests of the reconciliation.

Two shifts: a deposit, receipts, a Z-report; then again. Document 3 was late (committed as online, marked afterwards),
4 and 5 were issued without the operator, 5 is the Z-report; everything was delivered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from msgspec import structs

from fiscal.domain.document import CloseShift, Delivery, Document, carries_sign, kind_of
from fiscal.domain.lifecycle import AutonomousReason
from fiscal.domain.shift import Shift, advance
from fiscal.domain.signs import digest_of
from fiscal.protocols.content import encode_content
from fiscal.time import MINUTE
from kkt_client.core import records
from kkt_client.core.records import Record
from mock_ofd.demo.books import Books, Slip
from ofd_server.core.entries import DocumentRecorded, Entry, MadeAutonomous, PeriodRecorded, Registered
from tests.documents import T0, close_shift, deposit, receipt, withdrawal

REGISTER: Final = "till-1"
LATE: Final = 3
ALONE: Final = (4, 5)
LAST: Final = 9
PERIOD: Final = (T0 + 3 * MINUTE, T0 + 6 * MINUTE, AutonomousReason.LATE_ANSWER)


def delivery_of(number: int) -> Delivery:
    if number not in (LATE, *ALONE):
        return Delivery()
    sign = None if number == 5 else 1_000 + number
    return Delivery(autonomous=True, autonomous_sign=sign, period=1)


def documents() -> list[Document]:
    """The day's documents; each Z-report has the figures that its shift makes."""
    made: list[Document] = [
        deposit(1, 1, T0),
        receipt(2, 1, T0 + 2 * MINUTE),
        receipt(3, 1, T0 + 3 * MINUTE),
        receipt(4, 1, T0 + 4 * MINUTE),
        close_shift(5, 1, T0 + 5 * MINUTE),
        deposit(6, 2, T0 + 6 * MINUTE),
        receipt(7, 2, T0 + 7 * MINUTE),
        withdrawal(8, 2, T0 + 8 * MINUTE),
        close_shift(9, 2, T0 + 9 * MINUTE, opened_at=T0 + 6 * MINUTE),
    ]
    shift = Shift()
    for place, document in enumerate(made):
        shift = advance(shift, document, delivery_of(document.number))
        if isinstance(document, CloseShift):
            made[place] = structs.replace(document, counters=dict(shift.counters))
    return made


def sign_of(document: Document) -> str | None:
    return f"5000{document.number}" if carries_sign(kind_of(document)) else None


def chain(day: Sequence[Document]) -> list[Record]:
    """What the register wrote."""
    made: list[Record] = [records.Founded(register=REGISTER, at=T0)]
    begin, end, reason = PERIOD
    for document in day:
        number = document.number
        key = f"key-{number}"
        made.append(records.Issued(number=number, content=encode_content(document), key=key))
        delivery = delivery_of(number)
        if number == LATE:
            made.append(records.PeriodBegan(period=1, at=begin, reason=reason))
        if delivery.autonomous:
            made.append(
                records.MadeAutonomous(
                    number=number, period=1, reason=reason, at=document.issued_at, sign=delivery.autonomous_sign
                )
            )
        else:
            made.append(acceptance(document))
        if number == ALONE[-1]:
            made += [records.PeriodEnded(period=1, at=end), records.PeriodReported(period=1, at=end)]
            made += [acceptance(day[late - 1]) for late in (LATE, *ALONE)]
    return made


def acceptance(document: Document) -> records.Accepted:
    at = document.issued_at + 1
    sign = sign_of(document)
    key_id = None if sign is None else "k1"
    return records.Accepted(number=document.number, at=at, operator_at=at, sign=sign, key_id=key_id)


def ledger(day: Sequence[Document]) -> list[Entry]:
    """What the operator wrote."""
    made: list[Entry] = [Registered(at=T0, token_digest=bytes(32))]
    begin, end, reason = PERIOD
    for document in day:
        if document.number == ALONE[0]:
            made.append(PeriodRecorded(at=end, period=1, begin=begin, end=end, reason=reason))
            made.append(
                MadeAutonomous(at=end, number=LATE, autonomous_sign=delivery_of(LATE).autonomous_sign, period=1)
            )
        delivery = Delivery() if document.number == LATE else delivery_of(document.number)
        made.append(recorded(document, delivery))
    return made


def recorded(document: Document, delivery: Delivery) -> DocumentRecorded:
    content = encode_content(document)
    sign = sign_of(document)
    return DocumentRecorded(
        received_at=document.issued_at + 1,
        content=content,
        document=document,
        kind=kind_of(document),
        digest=digest_of(content),
        protocol="native",
        sign=sign,
        key_id=None if sign is None else "k1",
        autonomous=delivery.autonomous,
        autonomous_sign=delivery.autonomous_sign,
        period=delivery.period,
    )


def books(**changed: Any) -> Books:
    """Both sides, which agree."""
    day = documents()
    last = day[-1]
    assert isinstance(last, CloseShift)
    slips = [
        Slip(f"key-{document.number}", document.number, sign_of(document), delivery_of(document.number).autonomous_sign)
        for document in day
    ]
    whole = Books(
        register_id=REGISTER,
        chain=chain(day),
        ledger=ledger(day),
        remembered=last.counters,
        held=last.counters,
        resent=frozenset((LATE,)),
        slips=slips,
    )
    return replace(whole, **changed)
