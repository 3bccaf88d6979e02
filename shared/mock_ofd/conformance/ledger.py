"""What the operator's ledger holds of a register, and what the judge makes of it.

The rule: a scenario asks by paper (:data:`mock_ofd.conformance.tongue.Paper`), and lets the judge decide about order, loss
and doubling: :mod:`mock_ofd.judge` knows those rules, and a scenario none of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fiscal.domain.document import CloseShift
from fiscal.domain.receipt import Receipt
from fiscal.judging.findings import Finding, Rule
from fiscal.judging.judgement import Judge
from fiscal.time import Instant
from mock_ofd.conformance.tongue import Paper, Z
from ofd_server.core.entries import Anomaly, AnomalyCode, DocumentRecorded, MadeAutonomous, PeriodRecorded
from ofd_server.ports import StoredEntry
from ofd_server.testimony import events_of


@dataclass(frozen=True, slots=True)
class Recorded:
    """A document of the ledger; its autonomous mark and sign may have come later than itself."""

    paper: Paper
    number: int
    sign: str | None
    is_autonomous: bool
    autonomous_sign: int | None
    issued_at: Instant
    received_at: Instant


def recorded_in(entries: Iterable[StoredEntry]) -> list[Recorded]:
    """The documents, in the order of their commits."""
    documents: list[DocumentRecorded] = []
    marks: dict[int, MadeAutonomous] = {}
    for stored in entries:
        if isinstance(stored.entry, DocumentRecorded):
            documents.append(stored.entry)
        elif isinstance(stored.entry, MadeAutonomous):
            marks[stored.entry.number] = stored.entry
    found = []
    for entry in documents:
        document, mark = entry.document, marks.get(entry.number)
        found.append(
            Recorded(
                paper=_paper(entry),
                number=document.number,
                sign=entry.sign,
                is_autonomous=entry.autonomous or mark is not None,
                autonomous_sign=entry.autonomous_sign if mark is None else mark.autonomous_sign,
                issued_at=document.issued_at,
                received_at=entry.received_at,
            )
        )
    return found


def _paper(entry: DocumentRecorded) -> Paper:
    match entry.document:
        case Receipt(total=total):
            return total
        case CloseShift():
            return Z
        case _:
            return entry.kind.value


def findings(entries: Iterable[StoredEntry], *rules: Rule) -> list[Finding]:
    """What the judge finds in the ledger, of these rules."""
    judge = Judge()
    for stored in entries:
        for event in events_of("ledger", stored):
            judge.take(event)
    return [finding for finding in judge.verdict().findings if finding.rule in rules]


def periods(entries: Iterable[StoredEntry]) -> list[PeriodRecorded]:
    """How long the register was alone, as it told, in the order in which it told."""
    return [stored.entry for stored in entries if isinstance(stored.entry, PeriodRecorded)]


def anomalies(entries: Iterable[StoredEntry]) -> list[AnomalyCode]:
    """What the operator noticed."""
    found: list[AnomalyCode] = []
    for stored in entries:
        if isinstance(stored.entry, DocumentRecorded):
            found += [anomaly.code for anomaly in stored.entry.anomalies]
        elif isinstance(stored.entry, Anomaly):
            found.append(stored.entry.code)
    return found
