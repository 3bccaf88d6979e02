"""What both sides have written about a register, and each side read by itself.

The rule: a document is known by its id, whatever number or place it has. Each side is read as it was written, record by
record, and believed in nothing: what stands there twice is told and left out, so that both sides can be compared one
document with one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from msgspec import structs

from fiscal.domain.lifecycle import AutonomousReason, DocumentState, IllegalTransition
from fiscal.errors import RemoteProtocolError
from kkt_client.core import records
from kkt_client.core.dossier import Dossier
from kkt_client.core.records import Record
from ofd_server.core.entries import DocumentRecorded, Entry, MadeAutonomous, PeriodRecorded, Registered


class Figure(StrEnum):
    """What can be wrong with a document."""

    LOST = "lost"
    DOUBLED = "doubled"
    OUT_OF_ORDER = "out_of_order"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Finding:
    """One document, or period, that is wrong: ``number`` is its own, 0 for the register as a whole."""

    figure: Figure
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Slip:
    """What a customer has in his hands: the receipt under the till's key, with the signs that were printed on it."""

    key: str
    number: int
    sign: str | None
    autonomous_sign: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """One register as both sides have it, in the order in which each was written.

    ``chain`` are the records of its fiscal memory, ``ledger`` the operator's entries. ``remembered`` and ``held`` are
    the counters of the current shift as each side says itself, ``None`` for one that cannot tell. ``resent`` are the
    documents that the ledger notes to have been sent again. ``damage`` names the first record of the memory that is
    not what was written.
    """

    register_id: str
    chain: Sequence[Record]
    ledger: Sequence[Entry]
    remembered: Mapping[str, int] | None = None
    held: Mapping[str, int] | None = None
    resent: frozenset[int] = frozenset()
    slips: Sequence[Slip] = ()
    damage: str | None = None


@dataclass(slots=True)
class RegisterSide:
    """The register's side: its documents in the order of the chain, each once, and what repeats."""

    documents: dict[bytes, Dossier] = field(default_factory=dict)
    wrong: list[Finding] = field(default_factory=list)
    periods: dict[int, tuple[int, int | None, AutonomousReason]] = field(default_factory=dict)
    reported: set[int] = field(default_factory=set)


@dataclass(slots=True)
class OperatorSide:
    """The operator's side: its documents in the order of the ledger, each once with its later mark, and what repeats."""

    documents: dict[bytes, DocumentRecorded] = field(default_factory=dict)
    wrong: list[Finding] = field(default_factory=list)
    marked: set[int] = field(default_factory=set)
    periods: dict[int, tuple[int, int, AutonomousReason]] = field(default_factory=dict)
    first_number: int = 1


def register_side(chain: Sequence[Record]) -> RegisterSide:
    """The register's documents, each with all that its memory says of it, also when its records are out of order."""
    side = RegisterSide()
    issued = _issued(side, chain)
    by_number: dict[int, list[Dossier]] = {}
    for dossier in issued.values():
        by_number.setdefault(dossier.number, []).append(dossier)
    current = {number: dossiers[0] for number, dossiers in by_number.items()}
    for place, record in enumerate(chain):
        if place in issued:
            current[issued[place].number] = issued[place]
        else:
            _follow(side, current, record)
    for dossiers in by_number.values():
        for earlier in dossiers[:-1]:
            if earlier.state in (DocumentState.VOIDED, DocumentState.VOIDED_AUTONOMOUS):
                del side.documents[earlier.document.id]  # the void behind it took its number
            else:
                side.wrong.append(doubled(earlier.number, "shares its number with another one in the fiscal memory"))
    return side


def _issued(side: RegisterSide, chain: Sequence[Record]) -> dict[int, Dossier]:
    """Every document that was issued, by its place in the chain; what cannot be read, or repeats, is told."""
    issued: dict[int, Dossier] = {}
    keys: set[str] = set()
    for place, record in enumerate(chain):
        if not isinstance(record, records.Issued):
            continue
        try:
            dossier = Dossier(record)
        except RemoteProtocolError as error:
            side.wrong.append(Finding(Figure.DIFFERENT, record.number, f"document {record.number}: {error}"))
            continue
        if dossier.document.id in side.documents:
            side.wrong.append(doubled(dossier.number, "stands twice in the fiscal memory"))
            continue
        if dossier.key is not None and dossier.key in keys:
            side.wrong.append(doubled(dossier.number, f"was issued under the key {dossier.key} of another one"))
        elif dossier.key is not None:
            keys.add(dossier.key)
        side.documents[dossier.document.id] = issued[place] = dossier
    return issued


def _follow(side: RegisterSide, current: Mapping[int, Dossier], record: Record) -> None:
    """What happened to a document, or to the channel, after it was issued."""
    match record:
        case records.PeriodBegan():
            side.periods[record.period] = (record.at, None, record.reason)
        case records.PeriodEnded():
            begin, _, reason = side.periods.get(record.period, (0, None, AutonomousReason.NO_CONNECTION))
            side.periods[record.period] = (begin, record.at, reason)
        case records.PeriodReported():
            side.reported.add(record.period)
        case records.Issued():
            pass  # one that was told of already
        case _:
            dossier = current.get(getattr(record, "number", None) or 0)
            if dossier is not None:
                _apply(side, dossier, record)


def _apply(side: RegisterSide, dossier: Dossier, record: Record) -> None:
    try:
        dossier.apply(record)
    except IllegalTransition:
        what = type(record).__name__
        side.wrong.append(doubled(dossier.number, f"has the record {what} twice in the fiscal memory"))


def operator_side(ledger: Sequence[Entry]) -> OperatorSide:
    side = OperatorSide()
    by_number: dict[int, bytes] = {}
    for entry in ledger:
        match entry:
            case DocumentRecorded():
                if entry.document.id in side.documents:
                    side.wrong.append(doubled(entry.number, "stands twice in the ledger"))
                    continue
                if entry.number in by_number:
                    side.wrong.append(doubled(entry.number, "shares its number with another one in the ledger"))
                side.documents[entry.document.id] = entry
                by_number[entry.number] = entry.document.id
            case PeriodRecorded():
                side.periods[entry.period] = (entry.begin, entry.end, entry.reason)
            case Registered():
                side.first_number = entry.last_number + 1
            case _:
                pass
    for entry in ledger:
        if isinstance(entry, MadeAutonomous) and entry.number in by_number:
            _mark(side, by_number[entry.number], entry)
    return side


def _mark(side: OperatorSide, document_id: bytes, mark: MadeAutonomous) -> None:
    recorded = side.documents[document_id]
    side.marked.add(mark.number)
    if recorded.autonomous:
        side.wrong.append(doubled(mark.number, "got its autonomous mark twice in the ledger"))
    side.documents[document_id] = structs.replace(
        recorded, autonomous=True, autonomous_sign=mark.autonomous_sign, period=mark.period
    )


def doubled(number: int, text: str) -> Finding:
    return Finding(Figure.DOUBLED, number, f"document {number} {text}")
