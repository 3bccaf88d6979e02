"""What people and programs get to see of the ledger: states and entries as plain maps.

The rule: instants are milliseconds UTC, money is minor units, binary is hexadecimal text, and a name means the same
everywhere. Nothing secret is in a view: of a token not even its digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from typing_extensions import TypedDict

from fiscal.domain.document import total_of
from fiscal.domain.lifecycle import RegisterMode
from fiscal.domain.messages import ReportStatus
from fiscal.domain.register import RegisterProfile
from fiscal.domain.shift import SHIFT_MAX_MS, Shift
from fiscal.protocols.values import as_map, is_value
from fiscal.time import Instant, iso
from ofd_server.core.entries import (
    Anomaly,
    DocumentRecorded,
    Entry,
    MadeAutonomous,
    PeriodRecorded,
    ProfileChanged,
    Registered,
    Standing,
    TakenOver,
    TokenReset,
)
from ofd_server.core.state import RegisterState


def plain(value: Any) -> Any:
    """A value that JSON does not know: a value of the domain becomes a map, binary becomes text."""
    if isinstance(value, bytes):
        return value.hex()
    if is_value(value):
        return as_map(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def plain_map(value: Any) -> Any:
    """A value of the domain as maps, lists and plain values all the way down."""
    if isinstance(value, bytes) or is_value(value):
        return plain_map(plain(value))
    if isinstance(value, Mapping):
        return {name: plain_map(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain_map(part) for part in value]
    return value


# ------------------------------------------------------------------------------------------------------ registers


class ShiftView(TypedDict):
    """The open shift, or the last closed one."""

    number: int
    open: bool
    opened_at: int | None
    expires_at: int | None


class PeriodView(TypedDict):
    """A period of autonomous work as the register reported it."""

    number: int
    begin: int
    end: int
    duration_ms: int
    reason: str


class ReportView(TypedDict):
    """What the register last said about itself, and when."""

    at: int
    mode: str
    unsent: int
    oldest_unsent_at: int | None
    stuck: str | None
    stuck_code: str | None
    since: int | None
    head: int | None
    last_error: str | None
    last_error_code: str | None


class StuckView(TypedDict):
    """A reason why the register does not get on."""

    code: str
    text: str


class RegisterSummary(TypedDict):
    """A register in a list."""

    id: str
    standing: str
    reason: str
    connected: bool
    registered_at: int
    last_number: int
    last_issued_at: int | None
    shift: ShiftView
    reported: ReportView | None
    stuck: list[StuckView]


class RegisterView(RegisterSummary):
    """A register with everything that the operator knows of it; ``counters`` are those of its shift."""

    version: int
    last_autonomous_sign: int
    complete: bool
    profile: RegisterProfile | None
    counters: dict[str, int]
    periods: list[PeriodView]


class RegisterPage(TypedDict):
    """Registers in the order of their registration; ``next`` goes into ``after`` for the next page."""

    items: list[RegisterSummary]
    next: int | None


def register_summary(
    state: RegisterState, *, connected: bool, report: ReportStatus | None, reported_at: Instant, now: Instant
) -> RegisterSummary:
    """A register for a list. ``report`` is what it last said about itself, at ``reported_at``."""
    return RegisterSummary(
        id=state.id,
        standing=state.standing.value,
        reason=state.reason,
        connected=connected,
        registered_at=state.registered_at,
        last_number=state.tape.last_number,
        last_issued_at=state.tape.last_issued_at or None,
        shift=_shift(state.tape.shift),
        reported=None if report is None else _report(report, reported_at),
        stuck=list(why_stuck(state, report, now)),
    )


def register_view(summary: RegisterSummary, state: RegisterState, periods: Iterable[PeriodRecorded]) -> RegisterView:
    """A register with all that is known of it."""
    return RegisterView(
        **summary,
        version=state.version,
        last_autonomous_sign=state.tape.last_autonomous_sign,
        complete=state.tape.complete,
        profile=state.profile,
        counters=dict(sorted(state.tape.shift.counters.items())),
        periods=[period_view(period) for period in periods],
    )


def _shift(shift: Shift) -> ShiftView:
    opened = shift.opened_at
    expires = None if opened is None else opened + SHIFT_MAX_MS
    return ShiftView(number=shift.number, open=shift.is_open, opened_at=opened, expires_at=expires)


def _report(report: ReportStatus, at: Instant) -> ReportView:
    return ReportView(
        at=at,
        mode=report.mode.value,
        unsent=report.unsent,
        oldest_unsent_at=report.oldest_unsent_at,
        stuck=report.stuck,
        stuck_code=report.stuck_code,
        since=report.since,
        head=report.head,
        last_error=report.last_error,
        last_error_code=report.last_error_code,
    )


def period_view(period: PeriodRecorded) -> PeriodView:
    """A period of autonomous work."""
    return PeriodView(
        number=period.period,
        begin=period.begin,
        end=period.end,
        duration_ms=period.end - period.begin,
        reason=period.reason.value,
    )


_BLOCKED_MODES = frozenset((RegisterMode.BLOCKED, RegisterMode.BLOCKED_AUTONOMOUS))


def why_stuck(state: RegisterState, report: ReportStatus | None, now: Instant) -> Iterable[StuckView]:
    """Every reason that is known for a register not getting on: ours first, then what it says itself."""
    match state.standing:
        case Standing.BLOCKED:
            yield StuckView(code="blocked", text=f"blocked by a person: {state.reason}")
        case Standing.UNPAID:
            yield StuckView(code="unpaid", text="not paid: it gets no answer and works autonomously")
        case Standing.REMOVED:
            yield StuckView(code="removed", text="removed by a person")
        case _:
            pass
    shift = state.tape.shift
    if shift.is_expired(now):
        text = (
            f"its shift was opened at {iso(shift.opened_at or 0)}, more than 24 hours ago: only a Z-report may follow"
        )
        yield StuckView(code="shift_expired", text=text)
    if report is None:
        return
    if report.stuck:
        yield StuckView(code="reported", text=report.stuck)
    elif report.mode in _BLOCKED_MODES:
        yield StuckView(code="reported", text="it says that it is blocked")
    if report.unsent and report.oldest_unsent_at is not None:
        text = f"{report.unsent} documents wait, the oldest since {iso(report.oldest_unsent_at)}"
        if report.last_error:
            text += f"; the last error was: {report.last_error}"
        yield StuckView(code="unsent", text=text)


# ------------------------------------------------------------------------------------------------------ documents


class AnomalyView(TypedDict):
    """Something that was noticed; ``number`` is the document's, 0 for the register itself."""

    at: int
    code: str
    text: str
    number: int


class DocumentSummary(TypedDict):
    """A document in a list. ``sign`` is the operator's, ``autonomous_sign`` the register's own."""

    seq: int
    register: str
    number: int
    kind: str
    operation: str | None
    shift: int
    issued_at: int
    received_at: int
    total: int
    protocol: str
    sign: str | None
    key: str | None
    autonomous: bool
    autonomous_sign: int | None
    period: int | None
    late_ms: int | None
    anomalies: list[AnomalyView]


class HistoryLine(TypedDict):
    """Something that happened to a document."""

    what: str
    at: int
    text: str


class DocumentView(DocumentSummary):
    """A document with its content and its whole history, oldest line first."""

    id: str
    digest: str
    version: int
    qr: str | None
    content: dict[str, Any]
    history: list[HistoryLine]


class DocumentPage(TypedDict):
    """Documents; ``next`` goes into ``before`` (newest first) or ``after`` (oldest first) for the next page."""

    items: list[DocumentSummary]
    next: int | None


class AnomalyRow(AnomalyView):
    """An anomaly in a list, with its place in the ledger."""

    seq: int
    register: str


class AnomalyPage(TypedDict):
    """Anomalies, newest first; ``next`` goes into ``before`` for the next page."""

    items: list[AnomalyRow]
    next: int | None


class Export(TypedDict):
    """A document that proves itself: with the signing key it can be verified where there is no ledger."""

    format: str
    register: str
    number: int
    content: str
    digest: str
    sign: str | None
    key: str | None
    protocol: str
    received_at: int
    autonomous: bool
    autonomous_sign: int | None
    period: int | None


EXPORT_FORMAT = "mock-ofd-document-1"


def anomaly_view(anomaly: Anomaly) -> AnomalyView:
    """What was noticed."""
    return AnomalyView(at=anomaly.at, code=anomaly.code.value, text=anomaly.text, number=anomaly.number)


def document_summary(seq: int, register_id: str, entry: DocumentRecorded) -> DocumentSummary:
    """A document for a list. ``late_ms``: how long after its issue an autonomous document came."""
    document = entry.document
    operation = getattr(document, "operation", None)
    return DocumentSummary(
        seq=seq,
        register=register_id,
        number=document.number,
        kind=entry.kind.value,
        operation=None if operation is None else operation.value,
        shift=document.shift,
        issued_at=document.issued_at,
        received_at=entry.received_at,
        total=total_of(document),
        protocol=entry.protocol,
        sign=entry.sign,
        key=entry.key_id,
        autonomous=entry.autonomous,
        autonomous_sign=entry.autonomous_sign,
        period=entry.period,
        late_ms=max(0, entry.received_at - document.issued_at) if entry.autonomous else None,
        anomalies=[anomaly_view(anomaly) for anomaly in entry.anomalies],
    )


def document_view(
    summary: DocumentSummary, entry: DocumentRecorded, version: int, qr: str | None, history: Sequence[HistoryLine]
) -> DocumentView:
    """A document with all that is known of it."""
    return DocumentView(
        **summary,
        id=entry.document.id.hex(),
        digest=entry.digest.hex(),
        version=version,
        qr=qr,
        content=plain_map(entry.document),
        history=list(history),
    )


def export_view(register_id: str, entry: DocumentRecorded) -> Export:
    """A document to take away."""
    return Export(
        format=EXPORT_FORMAT,
        register=register_id,
        number=entry.number,
        content=entry.content.hex(),
        digest=entry.digest.hex(),
        sign=entry.sign,
        key=entry.key_id,
        protocol=entry.protocol,
        received_at=entry.received_at,
        autonomous=entry.autonomous,
        autonomous_sign=entry.autonomous_sign,
        period=entry.period,
    )


def history_lines(
    entry: DocumentRecorded,
    times: tuple[Instant, Instant, Instant] | None,
    notes: Iterable[tuple[str, Instant]],
    later: Iterable[Entry],
) -> list[HistoryLine]:
    """A document's life with the operator, oldest first.

    ``times`` are those of its batch: handed to the writer, durable, answered. ``notes`` are words with their time,
    ``later`` the entries about the document that followed it.
    """
    lines = [HistoryLine(what="received", at=entry.received_at, text=f"came by {entry.protocol}")]
    if times is not None:
        for what, at in zip(("decided", "committed", "answered"), times, strict=True):
            lines.append(HistoryLine(what=what, at=at, text=""))
    lines.extend(
        HistoryLine(what="anomaly", at=anomaly.at, text=f"{anomaly.code.value}: {anomaly.text}")
        for anomaly in entry.anomalies
    )
    lines.extend(HistoryLine(what=what, at=at, text="") for what, at in notes)
    for added in later:
        match added:
            case MadeAutonomous():
                sign = "" if added.autonomous_sign is None else f"autonomous sign {added.autonomous_sign}"
                lines.append(HistoryLine(what="made_autonomous", at=added.at, text=sign))
            case Anomaly():
                lines.append(HistoryLine(what="anomaly", at=added.at, text=f"{added.code.value}: {added.text}"))
            case _:
                pass
    return sorted(lines, key=lambda line: line["at"])


# --------------------------------------------------------------------------------------------------------- events


def entry_view(seq: int, register_id: str, version: int | None, entry: Entry) -> dict[str, Any]:
    """An entry of the ledger as an event tells it: ``type`` is the word for it."""
    head: dict[str, Any] = {"seq": seq, "register": register_id}
    if version is not None:
        head["version"] = version
    match entry:
        case DocumentRecorded():
            return {"type": "document", **document_summary(seq, register_id, entry), **head}
        case MadeAutonomous():
            facts = {"number": entry.number, "autonomous_sign": entry.autonomous_sign, "period": entry.period}
            return {"type": "made_autonomous", **head, "at": entry.at, **facts}
        case PeriodRecorded():
            return {"type": "period", **head, "at": entry.at, **period_view(entry)}
        case Anomaly():
            return {"type": "anomaly", **head, **anomaly_view(entry)}
        case Registered():
            return {"type": "registered", **head, "at": entry.at, "profile": plain_map(entry.profile)}
        case TokenReset():
            return {"type": "token_reset", **head, "at": entry.at}
        case ProfileChanged():
            return {"type": "profile_changed", **head, "at": entry.at, "profile": plain_map(entry.profile)}
        case TakenOver():
            return {"type": "taken_over", **head, "at": entry.at, "node": entry.node}
        case _:
            return {
                "type": "standing_changed",
                **head,
                "at": entry.at,
                "standing": entry.standing.value,
                "reason": entry.reason,
            }
