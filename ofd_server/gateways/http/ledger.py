"""What the ledger holds, for reading: documents, anomalies, verification.

The rule: everything here reads committed entries through the journal, page by page; a cursor is a place in the ledger,
so pages neither repeat nor miss anything while documents keep coming.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final

from aiohttp import web
from pydantic import Field, StringConstraints, TypeAdapter
from typing_extensions import TypedDict

from fiscal.domain.document import DocumentKind
from fiscal.domain.limits import NUMBER_MAX, RegisterId
from fiscal.domain.receipt import Operation
from fiscal.errors import InvalidValue
from fiscal.time import INSTANT_MAX
from ofd_server.core.documents import qr_text
from ofd_server.core.entries import Anomaly, AnomalyCode, DocumentRecorded
from ofd_server.core.verify import Claim, Reason, Verification, claim_of, parse_qr, verify_export
from ofd_server.core.views import (
    AnomalyPage,
    AnomalyRow,
    AnomalyView,
    DocumentPage,
    DocumentView,
    Export,
    anomaly_view,
    document_summary,
    document_view,
    export_view,
    history_lines,
)
from ofd_server.gateways.http.admin import register_of
from ofd_server.gateways.http.answers import HttpError, json_response
from ofd_server.gateways.http.routes import Call, Model, Route, parse_value
from ofd_server.ports import DocumentFilter, StoredEntry
from ofd_server.receipts import Receipts
from ofd_server.service import Service

PAGE_MAX: Final = 500
"""Documents on one page: about half a megabyte."""
SEQ_MAX: Final = 2**63 - 1
"""The largest place in a ledger."""

_NUMBER: Final[TypeAdapter[int]] = TypeAdapter(Annotated[int, Field(ge=1, le=NUMBER_MAX)])
Seq = Annotated[int, Field(ge=0, le=SEQ_MAX)]
Instant = Annotated[int, Field(ge=0, le=INSTANT_MAX)]
Number = Annotated[int, Field(ge=1, le=NUMBER_MAX)]
Digits = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,64}$")]
Hex = Annotated[str, StringConstraints(pattern=r"^(?:[0-9a-fA-F]{2})*$", max_length=1_048_576)]


class DocumentsQuery(Model):
    """Which documents. Newest first, below ``before``; with ``after`` oldest first, above it."""

    register_id: RegisterId | None = Field(None, alias="register")
    kind: DocumentKind | None = None
    operation: Operation | None = None
    autonomous: bool | None = None
    shift: Number | None = None
    number: Number | None = None
    sign: Digits | None = None
    autonomous_sign: Number | None = None
    issued_from: Instant | None = None
    issued_until: Instant | None = None
    before: Seq | None = None
    after: Seq | None = None
    limit: int = Field(100, ge=1, le=PAGE_MAX)


class AnomaliesQuery(Model):
    """Which anomalies, newest first, below ``before``."""

    register_id: RegisterId | None = Field(None, alias="register")
    code: AnomalyCode | None = None
    before: Seq | None = None
    limit: int = Field(100, ge=1, le=PAGE_MAX)


class VerifyQuery(Model):
    """What a QR code carries: the Kazakh names i, f, s, t, the Russian ones t, s, fn, i, fp, or all of it as ``qr``."""

    qr: Annotated[str, StringConstraints(max_length=1024)] | None = None
    i: Digits | None = None
    f: Annotated[str, StringConstraints(max_length=64)] | None = None
    s: Annotated[str, StringConstraints(max_length=32)] | None = None
    t: Annotated[str, StringConstraints(max_length=15)] | None = None
    fn: Annotated[str, StringConstraints(max_length=64)] | None = None
    fp: Digits | None = None
    n: Digits | None = None


class ExportBody(Model):
    """An export as it was taken away; only what the proof needs has to be there."""

    register_id: RegisterId = Field(alias="register")
    content: Hex
    sign: Digits
    key: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    format: str | None = None
    number: int | None = None
    digest: str | None = None
    protocol: str | None = None
    received_at: int | None = None
    autonomous: bool | None = None
    autonomous_sign: int | None = None
    period: int | None = None


class ReasonView(TypedDict):
    """Why the verdict is what it is."""

    code: str
    field: str
    text: str
    claimed: str
    recorded: str


class VerdictView(TypedDict):
    """``verdict`` is genuine, altered or unknown; register and number are set when the receipt was found."""

    verdict: str
    reasons: list[ReasonView]
    register: str | None
    number: int | None


class Ledger:
    """Handlers that read."""

    def __init__(self, service: Service, receipts: Receipts) -> None:
        self._service = service
        self._receipts = receipts

    async def documents(self, call: Call) -> web.StreamResponse:
        """A page of documents."""
        query: DocumentsQuery = call.query
        wanted = DocumentFilter(
            register_id=query.register_id,
            kind=query.kind,
            operation=query.operation,
            autonomous=query.autonomous,
            shift=query.shift,
            number=query.number,
            sign=query.sign,
            autonomous_sign=query.autonomous_sign,
            issued_from=query.issued_from,
            issued_until=query.issued_until,
            before_seq=query.before,
            after_seq=query.after,
            limit=query.limit,
        )
        found = await self._service.journal.documents(wanted)
        items = [document_summary(row.seq, row.register_id, _document(row)) for row in found]
        return json_response(DocumentPage(items=items, next=_next(found, query.limit)))

    async def document(self, call: Call) -> web.StreamResponse:
        """One document with its content and its history."""
        stored, entry = await stored_document(self._service, call)
        state = await self._service.state_of(stored.register_id)
        profile = None if state is None else state.profile
        qr = (
            None
            if entry.sign is None
            else qr_text(stored.register_id, profile, entry.document, entry.sign, self._service.rules)
        )
        history = await self._service.history(stored.register_id, entry.number)
        times = history.times
        lines = history_lines(
            entry,
            None if times is None else (times.taken_at, times.committed_at, times.answered_at),
            [(note.kind.value, note.at) for note in history.notes],
            [row.entry for row in history.later],
        )
        summary = document_summary(stored.seq, stored.register_id, entry)
        return json_response(document_view(summary, entry, stored.version, qr, lines))

    async def export(self, call: Call) -> web.StreamResponse:
        """One document to take away."""
        stored, entry = await stored_document(self._service, call)
        return json_response(export_view(stored.register_id, entry))

    async def anomalies(self, call: Call) -> web.StreamResponse:
        """A page of anomalies."""
        query: AnomaliesQuery = call.query
        found = await self._service.journal.anomalies(query.register_id, query.code, query.before, query.limit)
        items = [
            AnomalyRow(**view, seq=row.seq, register=row.register_id)
            for row in found
            for view in _noticed(row, query.code)
        ]
        return json_response(AnomalyPage(items=items, next=_next(found, query.limit)))

    async def verify(self, call: Call) -> web.StreamResponse:
        """What the ledger says of a QR code."""
        query: VerifyQuery = call.query
        try:
            claim = parse_qr(query.qr) if query.qr is not None else _claim(query)
        except InvalidValue as error:
            raise HttpError(400, "bad_request", error.field, error.rule) from None
        found = await self._receipts.find(claim)
        return json_response(verdict_view(found.verification))

    async def verify_export(self, call: Call) -> web.StreamResponse:
        """What the signing key says of an export; the ledger is not asked."""
        body: ExportBody = call.body
        verification = verify_export(
            body.register_id, bytes.fromhex(body.content), body.sign, body.key, self._service.signer
        )
        return json_response(verdict_view(verification))


async def stored_document(service: Service, call: Call) -> tuple[StoredEntry, DocumentRecorded]:
    """The document that the path names; :class:`HttpError` 404 when the ledger holds none."""
    register_id = register_of(call)
    number = parse_value(_NUMBER, call.path["number"], "number")
    stored = await service.journal.document(register_id, number)
    if stored is None:
        text = f"the ledger holds no document {number} of register {register_id!r}"
        raise HttpError(404, "unknown_document", "number", text)
    return stored, _document(stored)


def _document(stored: StoredEntry) -> DocumentRecorded:
    assert isinstance(stored.entry, DocumentRecorded)
    return stored.entry


def _noticed(stored: StoredEntry, code: AnomalyCode | None) -> Iterable[AnomalyView]:
    entry = stored.entry
    all_of_them = entry.anomalies if isinstance(entry, DocumentRecorded) else (entry,)
    return [anomaly_view(each) for each in all_of_them if isinstance(each, Anomaly) and code in (None, each.code)]


def _next(found: Iterable[StoredEntry], limit: int) -> int | None:
    """The cursor of the next page: the last place of this one, if it is full."""
    rows = list(found)
    return rows[-1].seq if len(rows) == limit else None


def _claim(query: VerifyQuery) -> Claim:
    names = ("fp", "fn", "s", "t", "i") if query.fn is not None or query.fp is not None else ("i", "f", "s", "t")
    values: list[str] = []
    for name in names:
        value = getattr(query, name)
        if value is None:
            raise InvalidValue(name, "is missing")
        values.append(value)
    return claim_of(*values)


def _reason(reason: Reason) -> ReasonView:
    return ReasonView(
        code=reason.code, field=reason.field, text=reason.text, claimed=reason.claimed, recorded=reason.recorded
    )


def verdict_view(verification: Verification) -> VerdictView:
    """A verdict as JSON tells it."""
    return VerdictView(
        verdict=verification.verdict.value,
        reasons=[_reason(each) for each in verification.reasons],
        register=verification.register,
        number=verification.number,
    )


def ledger_routes(service: Service, receipts: Receipts) -> Iterable[Route]:
    """All addresses that read the ledger."""
    at = Ledger(service, receipts)
    return (
        Route(
            method="GET",
            path="/api/v1/documents",
            handle=at.documents,
            summary="Documents, filtered, a page at a time",
            tag="documents",
            query=DocumentsQuery,
            answers={200: DocumentPage},
        ),
        Route(
            method="GET",
            path="/api/v1/registers/{register}/documents/{number}",
            handle=at.document,
            summary="One document with its content and its whole history",
            tag="documents",
            answers={200: DocumentView},
        ),
        Route(
            method="GET",
            path="/api/v1/documents/{register}/{number}/export",
            handle=at.export,
            summary="One document to take away, with all that proves it",
            tag="documents",
            answers={200: Export},
        ),
        Route(
            method="GET",
            path="/api/v1/anomalies",
            handle=at.anomalies,
            summary="What was noticed, newest first",
            tag="documents",
            query=AnomaliesQuery,
            answers={200: AnomalyPage},
        ),
        Route(
            method="GET",
            path="/api/v1/verify",
            handle=at.verify,
            summary="Is the receipt behind a QR code genuine, altered or unknown?",
            tag="verification",
            query=VerifyQuery,
            answers={200: VerdictView},
        ),
        Route(
            method="POST",
            path="/api/v1/verify",
            handle=at.verify_export,
            summary="Is an exported document genuine? Needs no ledger",
            tag="verification",
            body=ExportBody,
            answers={200: VerdictView},
        ),
    )
