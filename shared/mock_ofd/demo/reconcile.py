"""The reconciliation: what a register remembers, document by document, against what the operator holds of it.

The rule: pure, and trusting nobody. A document is known by its id, whatever number or place it has; each side is read in
the order in which it was written. A document that is wrong in some way counts once, in the first figure that fits:

* **doubled**: it stands there twice, or shares a number, a caller's key or an autonomous sign with another one;
* **lost**: one side holds it and the other does not, or its number is missing on both;
* **different**: both hold it, and content, sign, mark or period are not the same, or the figures of a Z-report do not
  follow from the documents that the ledger holds;
* **out of order**: so many documents would have to be moved for the numbers to rise.

What follows from something that was counted is not counted again: a Z-report is judged only when the documents of its
shift are right, the counters only when everything is. A document that the register still has to deliver is none of
these: it *waits*.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fiscal.domain.counters import differences
from fiscal.domain.document import CloseShift, Delivery, DocumentKind
from fiscal.domain.lifecycle import AutonomousReason
from fiscal.domain.shift import Shift, advance
from fiscal.protocols.content import content_difference
from kkt_client.core.dossier import DELIVERED_STATES, Dossier
from mock_ofd.demo.books import (
    Books,
    Figure,
    Finding,
    OperatorSide,
    RegisterSide,
    Slip,
    doubled,
    operator_side,
    register_side,
)
from ofd_server.core.entries import DocumentRecorded

SHOWN_MAX: Final = 3
"""Differences of one document that a finding spells out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is true of a register's day, as the stores tell it; ``total`` in minor units, ``offline_ms`` of shop time.

    ``late`` are documents that the operator held already when the register stopped waiting for its answer,
    ``replayed`` those that were sent again and got their first answer again (``replayed_online``: within the same
    sale, or after a crash, so that they never turned autonomous), ``waiting`` those that are still to be accepted.
    """

    documents: int
    receipts: int
    total: int
    autonomous: int
    autonomous_receipts: int
    z_reports: int
    z_autonomous: int
    late: int
    replayed: int
    replayed_online: int
    periods: int
    offline_ms: int
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The outcome for one register."""

    register_id: str
    facts: Facts
    findings: tuple[Finding, ...]
    damage: str | None = None

    def count(self, figure: Figure) -> int:
        return sum(finding.figure is figure for finding in self.findings)

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong, be it that something still waits."""
        return not (self.findings or self.damage)


# --------------------------------------------------------------------------------------------------- comparing


def reconcile(books: Books) -> Account:
    """Compare both sides of one register; total: whatever the stores hold, there is an account of it."""
    ours, theirs = register_side(books.chain), operator_side(books.ledger)
    findings = [*ours.wrong, *theirs.wrong]
    findings += _lost(ours, theirs)
    findings += _different(ours, theirs)
    findings += _shared_signs(ours, findings)
    findings += _out_of_order(ours, theirs)
    findings += _periods(ours, theirs)
    findings += _slips(books.slips, ours, theirs)
    findings = _each_once(findings)
    findings += _z_reports(theirs, findings)
    facts = _facts(books, ours, theirs)
    if not findings and not facts.waiting and books.remembered is not None and books.held is not None:
        findings += _counters(books.held, books.remembered)
    return Account(
        register_id=books.register_id,
        facts=facts,
        findings=tuple(findings),
        damage=books.damage,
    )


def _each_once(findings: Iterable[Finding]) -> list[Finding]:
    """The first finding about each document; one about the register as a whole stands for itself."""
    seen: set[int] = set()
    kept = []
    for finding in findings:
        if finding.number not in seen or not finding.number:
            kept.append(finding)
        seen.add(finding.number)
    return kept


def _lost(ours: RegisterSide, theirs: OperatorSide) -> Iterator[Finding]:
    for document_id, dossier in ours.documents.items():
        if document_id not in theirs.documents and dossier.state in DELIVERED_STATES:
            text = f"document {dossier.number} was accepted, and is not in the ledger"
            yield Finding(Figure.LOST, dossier.number, text)
    for document_id, entry in theirs.documents.items():
        if document_id not in ours.documents:
            text = f"document {entry.number} is in the ledger, and not in the fiscal memory"
            yield Finding(Figure.LOST, entry.number, text)
    numbers = {dossier.number for dossier in ours.documents.values()}
    numbers |= {entry.number for entry in theirs.documents.values()}
    for number in range(theirs.first_number, max(numbers, default=0)):
        if number not in numbers:
            yield Finding(Figure.LOST, number, f"document {number} is on neither side")


def _different(ours: RegisterSide, theirs: OperatorSide) -> Iterator[Finding]:
    for document_id, dossier in ours.documents.items():
        entry = theirs.documents.get(document_id)
        differing = [] if entry is None else list(_differing(dossier, entry))
        if differing:
            text = "; ".join(differing[:SHOWN_MAX])
            yield Finding(Figure.DIFFERENT, dossier.number, f"document {dossier.number}: {text}")


def _differing(dossier: Dossier, entry: DocumentRecorded) -> Iterator[str]:
    """Every difference, as "what: the register's != the ledger's"."""
    if dossier.content != entry.content:
        yield from content_difference(dossier.content, entry.content)
    if dossier.state in DELIVERED_STATES:
        yield from _unequal("sign", dossier.sign, entry.sign)
        yield from _unequal("key", dossier.key_id, entry.key_id)
        yield from _unequal("autonomous", dossier.autonomous, entry.autonomous)
    if entry.autonomous:
        yield from _unequal("autonomous sign", dossier.autonomous_sign, entry.autonomous_sign)
        yield from _unequal("period", dossier.period, entry.period)


def _unequal(what: str, mine: object, its: object) -> Iterator[str]:
    if mine != its:
        yield f"{what}: {mine} != {its}"


def _shared_signs(ours: RegisterSide, findings: Sequence[Finding]) -> Iterator[Finding]:
    """An autonomous sign is unique for the register's life (S3-17)."""
    wrong = {finding.number for finding in findings}
    bearers: dict[int, int] = {}
    for dossier in ours.documents.values():
        sign = dossier.autonomous_sign
        if sign is None or dossier.number in wrong:
            continue
        other = bearers.setdefault(sign, dossier.number)
        if other != dossier.number:
            yield doubled(dossier.number, f"bears the autonomous sign {sign} of document {other}")


def _out_of_order(ours: RegisterSide, theirs: OperatorSide) -> Iterator[Finding]:
    memory = [dossier.number for dossier in ours.documents.values() if dossier.kind is not DocumentKind.VOID]
    ledger = [entry.number for entry in theirs.documents.values()]
    for side, numbers in (("fiscal memory", memory), ("ledger", ledger)):
        for number in misplaced(numbers):
            text = f"document {number} is not in its place in the {side}"
            yield Finding(Figure.OUT_OF_ORDER, number, text)


def misplaced(numbers: Sequence[int]) -> list[int]:
    """The fewest of these that have to be moved for all to rise: what a longest rising row leaves over."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int | None] = []
    for place, number in enumerate(numbers):
        length = bisect_left(tails, number)
        before.append(ends[length - 1] if length else None)
        tails[length : length + 1] = [number]
        ends[length : length + 1] = [place]
    kept: set[int] = set()
    step = ends[-1] if ends else None
    while step is not None:
        kept.add(step)
        step = before[step]
    return [number for place, number in enumerate(numbers) if place not in kept]


def _periods(ours: RegisterSide, theirs: OperatorSide) -> Iterator[Finding]:
    """What the operator was told of the time without it (S3-23)."""
    for period in sorted(ours.reported | theirs.periods.keys()):
        mine, its = ours.periods.get(period), theirs.periods.get(period)
        if its is None:
            yield Finding(Figure.LOST, 0, f"offline period {period} was reported, and is not in the ledger")
        elif mine != its:
            yield Finding(Figure.DIFFERENT, 0, f"offline period {period}: {mine} != {its}")


def _slips(slips: Sequence[Slip], ours: RegisterSide, theirs: OperatorSide) -> Iterator[Finding]:
    """What customers took home has to be what the operator will tell them when they ask, once it has everything."""
    kept = {dossier.number: dossier for dossier in ours.documents.values()}
    held = {entry.number: entry for entry in theirs.documents.values()}
    for slip in slips:
        entry, dossier = held.get(slip.number), kept.get(slip.number)
        if dossier is not None and dossier.state not in DELIVERED_STATES:
            continue
        if entry is None:
            if dossier is None:
                text = f"document {slip.number} was handed out, and is on neither side"
                yield Finding(Figure.LOST, slip.number, text)
            continue
        differing = [
            f"document {slip.number}: {what} {printed} was printed, the ledger holds {recorded}"
            for what, printed, recorded in (
                ("sign", slip.sign, entry.sign),
                ("autonomous sign", slip.autonomous_sign, entry.autonomous_sign),
            )
            if printed is not None and printed != recorded
        ]
        if differing:
            yield Finding(Figure.DIFFERENT, slip.number, differing[0])


def _z_reports(theirs: OperatorSide, findings: Sequence[Finding]) -> Iterator[Finding]:
    """The figures of each Z-report, counted anew from the documents that the ledger holds, by their numbers."""
    wrong = {finding.number for finding in findings}
    shift = Shift()
    first = 1
    for entry in sorted(theirs.documents.values(), key=lambda entry: entry.number):
        document = entry.document
        shift = advance(shift, document, Delivery(autonomous=entry.autonomous))
        if isinstance(document, CloseShift):
            if wrong.isdisjoint(range(first, document.number + 1)):
                yield from _z_differs(document, shift.counters)
            # What the report says is what the next shift began with, right or wrong.
            shift = Shift(document.shift, None, dict(document.counters))
            first = document.number + 1


def _z_differs(document: CloseShift, counted: Mapping[str, int]) -> Iterator[Finding]:
    differ = differences(counted, document.counters)
    if differ:
        text = f"document {document.number}: the Z-report of shift {document.shift} is not the sum of its documents: "
        yield Finding(Figure.DIFFERENT, document.number, text + _figures(differ))


def _counters(held: Mapping[str, int], remembered: Mapping[str, int]) -> Iterator[Finding]:
    differ = differences(held, remembered)
    if differ:
        yield Finding(Figure.DIFFERENT, 0, "the counters differ: " + _figures(differ))


def _figures(differ: Mapping[str, tuple[int, int]]) -> str:
    shown = [f"{name}: the ledger {held}, the register {its}" for name, (held, its) in differ.items()]
    more = [f"and {len(shown) - SHOWN_MAX} more"] if len(shown) > SHOWN_MAX else []
    return "; ".join([*shown[:SHOWN_MAX], *more])


# -------------------------------------------------------------------------------------------------------- facts


def _facts(books: Books, ours: RegisterSide, theirs: OperatorSide) -> Facts:
    dossiers = list(ours.documents.values())
    receipts = [dossier for dossier in dossiers if dossier.kind is DocumentKind.RECEIPT]
    z_reports = [dossier for dossier in dossiers if dossier.kind is DocumentKind.CLOSE_SHIFT]
    replayed = [dossier for dossier in dossiers if dossier.number in books.resent]
    ended = [(begin, end) for begin, end, _ in ours.periods.values() if end is not None]
    return Facts(
        documents=len(ours.documents.keys() | theirs.documents.keys()),
        receipts=len(receipts),
        total=sum(getattr(dossier.document, "total", 0) for dossier in receipts),
        autonomous=sum(dossier.autonomous for dossier in dossiers),
        autonomous_receipts=sum(dossier.autonomous for dossier in receipts),
        z_reports=len(z_reports),
        z_autonomous=sum(dossier.autonomous for dossier in z_reports),
        late=sum(_is_late(dossier, theirs) for dossier in dossiers),
        replayed=len(replayed),
        replayed_online=sum(not dossier.autonomous for dossier in replayed),
        periods=len(ours.periods),
        offline_ms=sum(end - begin for begin, end in ended),
        waiting=sum(dossier.state not in DELIVERED_STATES for dossier in dossiers),
    )


def _is_late(dossier: Dossier, theirs: OperatorSide) -> bool:
    return dossier.reason is AutonomousReason.LATE_ANSWER and dossier.number in theirs.marked


# ------------------------------------------------------------------------------------------------------ altogether


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """All registers. ``verdict`` is "clean" when nothing is wrong, nothing waits and no memory is damaged."""

    accounts: tuple[Account, ...]

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong, be it that something still waits."""
        return all(account.is_right for account in self.accounts)

    @property
    def verdict(self) -> str:
        """``clean`` or ``broken``: where something still waits, or there is nothing at all, nothing is proved."""
        is_whole = bool(self.accounts) and not any(account.facts.waiting for account in self.accounts)
        return "clean" if is_whole and self.is_right else "broken"

    def count(self, figure: Figure) -> int:
        return sum(account.count(figure) for account in self.accounts)

    @property
    def figures(self) -> Mapping[str, int]:
        """The sum of every fact over all registers, by its name."""
        total: Counter[str] = Counter()
        for account in self.accounts:
            total.update({name: getattr(account.facts, name) for name in Facts.__slots__})
        return dict(total)

    @property
    def damaged(self) -> int:
        return sum(account.damage is not None for account in self.accounts)

    def as_plain(self) -> dict[str, object]:
        """The verdict for machines."""
        return {
            "verdict": self.verdict,
            "registers": len(self.accounts),
            **self.figures,
            **{figure.value: self.count(figure) for figure in Figure},
            "damaged": self.damaged,
            "per_register": [_plain(account) for account in self.accounts],
        }


def _plain(account: Account) -> dict[str, object]:
    return {
        "register": account.register_id,
        **{name: getattr(account.facts, name) for name in Facts.__slots__},
        **{figure.value: account.count(figure) for figure in Figure},
        "damage": account.damage,
        "findings": [{"figure": f.figure.value, "number": f.number, "text": f.text} for f in account.findings],
    }
