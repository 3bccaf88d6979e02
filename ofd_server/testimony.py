"""The operator's ledger as events.

The rule: whatever an entry says becomes an event of its own, those that were noticed together with a document right
behind it. Two documents are the same sale when they are equal in everything but id and number, the moment of issue
included: nobody sells the same twice within a millisecond (over the Kazakhstan protocol: within a second).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from fiscal.domain.document import Correction, Deposit, Document, Withdrawal
from fiscal.domain.receipt import Receipt
from fiscal.judging.events import Event, What
from fiscal.time import Instant
from ofd_server.core.entries import (
    Anomaly,
    AnomalyCode,
    DocumentRecorded,
    Entry,
    MadeAutonomous,
    PeriodRecorded,
    Registered,
)
from ofd_server.ports import StoredEntry

_NO_ID: Final = bytes(16)
_JUDGED: Final = {AnomalyCode.CONFLICT: What.CONFLICT, AnomalyCode.SECOND_AUTONOMOUS_SIGN: What.SECOND_SIGN}
"""What the operator noticed and the judge finds; a reused autonomous sign it sees by itself."""


def events_of(source: str, stored: StoredEntry, answered_at: Instant | None = None) -> Iterator[Event]:
    """What one entry says, whichever journal it is from."""
    seq, register, entry = stored.seq, stored.register_id, stored.entry
    if isinstance(entry, DocumentRecorded):
        yield _recorded(source, seq, register, entry, answered_at)
        for anomaly in entry.anomalies:
            yield from _noticed(source, seq, register, anomaly)
    else:
        yield from _other(source, seq, register, entry)


def _recorded(source: str, seq: int, register: str, entry: DocumentRecorded, answered_at: Instant | None) -> Event:
    document = entry.document
    return Event(
        What.RECORDED,
        register,
        source,
        seq,
        entry.received_at,
        document.number,
        document.id.hex(),
        entry.digest.hex(),
        entry.sign or "",
        entry.autonomous,
        entry.autonomous_sign,
        entry.period,
        same_sale(document),
        document.issued_at,
        answered_at,
        protocol=entry.protocol,
    )


def same_sale(document: Document) -> int | None:
    """Equal for documents that differ in id and number alone; ``None`` for those that nobody issues twice by mistake."""
    if isinstance(document, Receipt | Correction | Deposit | Withdrawal):
        return hash(replace(document, id=_NO_ID, number=1))
    return None


def _other(source: str, seq: int, register: str, entry: Entry) -> Iterator[Event]:
    match entry:
        case Registered():
            yield Event(What.REGISTERED, register, source, seq, entry.at, entry.last_number)
        case MadeAutonomous():
            yield Event(
                What.MARKED,
                register,
                source,
                seq,
                entry.at,
                entry.number,
                autonomous_sign=entry.autonomous_sign,
                period=entry.period,
            )
        case PeriodRecorded():
            yield Event(
                What.PERIOD_RECORDED,
                register,
                source,
                seq,
                entry.at,
                period=entry.period,
                begin=entry.begin,
                end=entry.end,
            )
        case Anomaly():
            yield from _noticed(source, seq, register, entry)
        case _:
            pass


def _noticed(source: str, seq: int, register: str, anomaly: Anomaly) -> Iterator[Event]:
    if anomaly.code is AnomalyCode.AUTONOMOUS_SIGN_REUSED:
        return
    what = _JUDGED.get(anomaly.code, What.NOTED)
    text = anomaly.code.value if what is What.NOTED else anomaly.text
    yield Event(what, register, source, seq, anomaly.at, anomaly.number, text=text)
