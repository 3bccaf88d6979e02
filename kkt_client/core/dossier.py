"""All that is known of one document: a fold of its records.

The rule: there is one way from records to a document's state, for the one that is being sold this moment, for the
queue, and for a receipt that is read back after years; and only the table in :mod:`fiscal.domain.lifecycle` moves it.
"""

from __future__ import annotations

from collections.abc import Iterable

from fiscal.domain.document import ONLINE, Delivery, Document, DocumentKind, carries_sign, kind_of
from fiscal.domain.lifecycle import AutonomousReason, DocumentEvent, DocumentState, move_document
from fiscal.protocols.content import decode_content
from fiscal.time import Instant
from kkt_client.core import records
from kkt_client.core.receipts import AUTONOMOUS_STATES
from kkt_client.core.records import Decision, Record

SAVED_STATES = (DocumentState.SAVED, DocumentState.SAVED_AUTONOMOUS)
REFUSED_STATES = (DocumentState.REFUSED, DocumentState.REFUSED_AUTONOMOUS)
DELIVERED_STATES = (DocumentState.DELIVERED, DocumentState.DELIVERED_AUTONOMOUS)


class Dossier:
    """One document with everything that happened to it. It moves with :meth:`apply`; all else is for reading."""

    __slots__ = (
        "_document",
        "accepted_at",
        "autonomous_sign",
        "basket",
        "content",
        "issued_at",
        "key",
        "key_id",
        "kind",
        "number",
        "operator_at",
        "period",
        "qr",
        "reason",
        "refusal",
        "resolved",
        "shift",
        "sign",
        "state",
    )

    def __init__(self, issued: records.Issued, document: Document | None = None) -> None:
        """``document`` is what the content says, for whoever has it at hand already."""
        if document is None:
            document = decode_content(issued.content)
        self._document: Document | None = document
        self.content = issued.content
        self.kind: DocumentKind = kind_of(document)
        self.number = issued.number
        self.shift = document.shift
        self.issued_at: Instant = document.issued_at
        self.key = issued.key
        self.basket = issued.basket
        self.state = DocumentState.SAVED
        self.autonomous_sign: int | None = None
        self.period: int | None = None
        self.reason: AutonomousReason | None = None
        self.sign: str | None = None
        self.qr: str | None = None
        self.key_id: str | None = None
        self.operator_at: Instant | None = None
        self.accepted_at: Instant | None = None
        self.refusal: records.Refused | None = None
        self.resolved: records.Resolved | None = None

    def apply(self, record: Record) -> None:
        """What happened next; :class:`IllegalTransition` when it cannot have."""
        match record:
            case records.MadeAutonomous():
                self.state = move_document(self.state, DocumentEvent.MADE_AUTONOMOUS)
                self.autonomous_sign, self.period, self.reason = record.sign, record.period, record.reason
            case records.Accepted():
                self.state = move_document(self.state, DocumentEvent.ACCEPTED)
                self.sign, self.qr, self.key_id = record.sign, record.qr, record.key_id
                self.operator_at, self.accepted_at = record.operator_at, record.at
            case records.Refused():
                self.state = move_document(self.state, DocumentEvent.REFUSED)
                self.refusal = record
            case records.Resolved(decision=Decision.RETRY):
                self.state = move_document(self.state, DocumentEvent.RETRIED)
                self.resolved, self.refusal = record, None
            case records.Resolved():
                self.state = move_document(self.state, DocumentEvent.VOIDED)
                self.resolved = record
            case _:
                pass

    @property
    def document(self) -> Document:
        """What was issued, read from the content when it is not at hand."""
        return decode_content(self.content) if self._document is None else self._document

    def rest(self) -> None:
        """Keep the content only: a queue of three days must not fill the memory of the machine."""
        self._document = None

    @property
    def autonomous(self) -> bool:
        return self.state in AUTONOMOUS_STATES

    @property
    def carries_sign(self) -> bool:
        return carries_sign(self.kind)

    @property
    def delivery(self) -> Delivery:
        """What travels beside the content: nothing, or the mark, the sign and the period (S3-26, S3-27)."""
        if not self.autonomous:
            return ONLINE
        return Delivery(autonomous=True, autonomous_sign=self.autonomous_sign, period=self.period)


def dossiers(history: Iterable[Record]) -> list[Dossier]:
    """The documents in these records, by number; a voided one stands before the void that took its number."""
    found: dict[int, list[Dossier]] = {}
    for record in history:
        if isinstance(record, records.Issued):
            found.setdefault(record.number, []).append(Dossier(record))
        else:
            number = getattr(record, "number", None)
            if number in found:
                found[number][-1].apply(record)
    return [dossier for number in sorted(found) for dossier in found[number]]
