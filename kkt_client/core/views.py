"""What programs get to see of a register: papers, status, events and errors as plain maps, ready for JSON.

The rule is that of the operator's interface: instants are milliseconds UTC, money is minor units, quantity thousandths,
binary hexadecimal text, and a name means the same everywhere, so that a document of the register can be compared with
the operator's as it stands. ``None`` is what a thing does not have. Nothing secret is in a view.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from typing import Any, NotRequired

from typing_extensions import TypedDict

from fiscal.domain.document import DocumentKind
from fiscal.errors import FiscalError
from fiscal.protocols.values import as_map, is_value
from kkt_client.core.events import Event
from kkt_client.core.receipts import FiscalPaper, FiscalReceipt
from kkt_client.core.status import RegisterStatus
from kkt_client.core.verifying import Verdict

Json = dict[str, Any]

X_REPORT = "x_report"
"""The kind of a paper that is no document."""


def plain(value: Any) -> Any:
    """A value of the domain as JSON knows it, all the way down; of a document, fields with their default are left out."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Enum):
        return value.value
    if is_value(value):
        return plain(as_map(value))
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value


# -------------------------------------------------------------------------------------------------------------- papers


class ReceiptView(TypedDict):
    """Every paper that is no report: a receipt, a correction, cash in or out, a void."""

    register: str
    number: int
    kind: str
    shift: int
    issued_at: int
    total: int
    state: str
    marks: str
    autonomous: bool
    delivered: bool
    sign: str | None
    autonomous_sign: int | None
    period: int | None
    qr: str | None
    accepted_at: int | None
    refusal: str | None
    document: dict[str, Any]


class ReportView(TypedDict):
    """An X or Z report; what belongs to a document is ``None`` in an X report."""

    register: str
    number: int | None
    kind: str
    shift: int
    issued_at: int
    opened_at: int | None
    counters: dict[str, int]
    state: str | None
    marks: str | None
    autonomous: bool
    delivered: bool
    period: int | None
    accepted_at: int | None
    refusal: str | None
    unsent: int | None
    document: dict[str, Any] | None


PaperView = ReceiptView | ReportView


def paper_json(paper: FiscalPaper) -> PaperView:
    """A receipt or report: the same names for all, ``None`` for what a paper does not have."""
    if isinstance(paper, FiscalReceipt):
        return {
            "register": paper.register_id,
            "number": paper.number,
            "kind": paper.kind.value,
            "shift": paper.document.shift,
            "issued_at": paper.issued_at,
            "total": paper.total,
            "state": paper.state.value,
            "marks": str(paper.marks),
            "autonomous": paper.autonomous,
            "delivered": paper.delivered,
            "sign": paper.sign,
            "autonomous_sign": paper.autonomous_sign,
            "period": paper.period,
            "qr": paper.qr or None,
            "accepted_at": paper.accepted_at,
            "refusal": paper.refusal,
            "document": plain(paper.document),
        }
    return {
        "register": paper.register_id,
        "number": paper.number,
        "kind": DocumentKind.CLOSE_SHIFT.value if paper.document else X_REPORT,
        "shift": paper.report.shift,
        "issued_at": paper.issued_at,
        "opened_at": paper.report.opened_at,
        "counters": dict(sorted(paper.report.counters.items())),
        "state": None if paper.state is None else paper.state.value,
        "marks": None if paper.marks is None else str(paper.marks),
        "autonomous": paper.autonomous,
        "delivered": paper.delivered,
        "period": paper.period,
        "accepted_at": paper.accepted_at,
        "refusal": paper.refusal,
        "unsent": paper.unsent,
        "document": None if paper.document is None else plain(paper.document),
    }


# -------------------------------------------------------------------------------------------------------------- status


class BlockView(TypedDict):
    """Why the register sells nothing."""

    reason: str
    since: int
    text: str


class PeriodView(TypedDict):
    """An offline period; one that lasts has no ``end``."""

    number: int
    begin: int
    reason: str
    end: NotRequired[int]


class StatusView(TypedDict):
    """How the register is doing; ``next_attempt_ms`` is from now."""

    register: str
    operator: str
    operator_name: str
    operator_phone: str | None
    mode: str
    since: int
    unsent: int
    oldest_unsent_at: int | None
    head: int | None
    attempts: int
    last_error: str
    next_attempt_ms: int | None
    last_number: int
    accepted_number: int
    autonomous_sign: int
    shift: int
    shift_opened_at: int | None
    shift_expired: bool
    cash: int
    blocks: list[BlockView]
    period: PeriodView | None
    unreported: list[PeriodView]
    unfinished: list[int]


def status_json(status: RegisterStatus, operator_address: str) -> StatusView:
    """How the register is doing; ``operator_address`` is shown as it is, so it carries no token."""
    wait = status.next_attempt_s
    return {
        "register": status.register_id,
        "operator": operator_address,
        "operator_name": status.operator,
        "operator_phone": status.operator_phone,
        "mode": status.mode.value,
        "since": status.since,
        "unsent": status.unsent,
        "oldest_unsent_at": status.oldest_unsent_at,
        "head": status.head,
        "attempts": status.attempts,
        "last_error": status.last_error,
        "next_attempt_ms": None if wait is None else max(0, round(wait * 1_000)),
        "last_number": status.last_number,
        "accepted_number": status.accepted_number,
        "autonomous_sign": status.autonomous_sign,
        "shift": status.shift,
        "shift_opened_at": status.shift_opened_at,
        "shift_expired": status.shift_expired,
        "cash": status.cash,
        "blocks": [{"reason": b.reason.value, "since": b.since, "text": b.text} for b in status.blocks],
        "period": None if status.period is None else plain(status.period),
        "unreported": [plain(period) for period in status.unreported],
        "unfinished": list(status.unfinished),
    }


# -------------------------------------------------------------------------------------------------------- all the rest


def snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def event_json(event: Event) -> Json:
    """An event: its name as a word, when, its facts, and the sentence that the cashier reads."""
    facts = {part.name: plain(getattr(event, part.name)) for part in fields(event)}
    return {"event": snake(type(event).__name__), **facts, "text": event.text}


class DamageView(TypedDict):
    """The first record that is not what was written."""

    record: int
    kind: str
    why: str


class VerdictView(TypedDict):
    """What a walk along the whole memory has found."""

    whole: bool
    records: int
    documents: int
    damage: DamageView | None


def verdict_json(verdict: Verdict) -> VerdictView:
    damage = verdict.damage
    return {
        "whole": verdict.is_whole,
        "records": verdict.records,
        "documents": verdict.documents,
        "damage": None if damage is None else {"record": damage.seq, "kind": damage.kind, "why": damage.why},
    }


def word_of(error: FiscalError) -> str:
    """The stable word of an error in JSON: what the error says itself, else the name of its class."""
    return getattr(error, "code", None) or snake(type(error).__name__)


def error_json(error: FiscalError, code: str) -> Json:
    """An error in the form of the operator's interface, with everything else that it carries."""
    facts = {
        name: plain(value)
        for name in ("number", "needed", "available", "reason", "key")
        if (value := getattr(error, name, None)) is not None
    }
    text = getattr(error, "rule", None) or str(error)
    return {"error": {"code": code, "field": getattr(error, "field", ""), "text": text, **facts}}
