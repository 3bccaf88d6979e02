"""The promises, checked by somebody who sees both stores and every paper that was handed out.

Safety, at every moment: what was acknowledged is in the ledger, once, with the same sign, for ever; ✔✔ is shown only
for a document that the ledger holds. Safety, at the end: the ledger's documents of a register are the register's, byte
for byte, in its order, without gaps; no autonomous sign was given twice; the Z-reports and the counters agree.
Liveness: some time after the trouble stopped, every queue is empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from fiscal.domain.counters import differences
from fiscal.domain.lifecycle import DocumentState
from fiscal.domain.register import RegisterProfile
from kkt_client.core.dossier import Dossier, dossiers
from kkt_client.core.receipts import FiscalPaper, FiscalReceipt
from kkt_client.core.records import unseal
from kkt_client.core.state import RegisterState
from kkt_client.core.verifying import Walk
from kkt_client.storage.memory import MemoryDisk
from mock_ofd.simulation.kz import carried
from ofd_server.core.entries import Anomaly, AnomalyCode, DocumentRecorded, Entry, MadeAutonomous
from ofd_server.core.replay import replay
from ofd_server.ports import StoredEntry
from ofd_server.storage.memory import MemoryJournal

TOLERATED = frozenset((AnomalyCode.CLOCK_BACKWARDS, AnomalyCode.VERY_OLD))
"""What honest registers with bad clocks bring about; every other anomaly is a broken promise."""


@dataclass(slots=True)
class Papers:
    """What one till handed to its customers, by the caller's key: it outlives every crash.

    ``profile`` is that of a register over the Kazakhstan protocol, which carries documents in a form of its own.
    """

    register_id: str
    profile: RegisterProfile | None = None
    handed: dict[str, FiscalPaper] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def hand_out(self, key: str, paper: FiscalPaper) -> None:
        """A call has returned. The same key must give the same paper again, whatever happened in between."""
        before = self.handed.get(key)
        self.handed[key] = paper
        if before is None:
            return
        if before.number != paper.number:
            self.broken.append(f"key {key} was document {before.number}, now {paper.number}")
        if isinstance(before, FiscalReceipt) and isinstance(paper, FiscalReceipt):
            for name in ("autonomous_sign", "sign"):
                then, now = getattr(before, name), getattr(paper, name)
                if then is not None and then != now:
                    self.broken.append(f"the {name} of key {key} was {then}, now {now}")


@dataclass(frozen=True, slots=True)
class Side:
    """One register as both stores have it at the end."""

    papers: Papers
    dossiers: Sequence[Dossier]
    state: RegisterState
    entries: Sequence[StoredEntry]

    @property
    def register_id(self) -> str:
        return self.papers.register_id


def side_of(papers: Papers, disk: MemoryDisk, ledger: Sequence[StoredEntry]) -> Side:
    """Read a register's memory and its part of the ledger."""
    unsealed = [unseal(sealed) for sealed in disk.records]
    walk = Walk()
    walk.take(disk.records)
    if walk.damage is not None:
        papers.broken.append(f"record {walk.damage.seq} is damaged: {walk.damage.why}")
    entries = [stored for stored in ledger if stored.register_id == papers.register_id]
    return Side(papers, dossiers(unsealed), walk.state, entries)


def check(papers: Iterable[Papers], disks: Iterable[MemoryDisk], ledger: Sequence[StoredEntry]) -> list[str]:
    """Every broken promise, in words; nothing for a world in which all were kept."""
    found: list[str] = []
    for one, disk in zip(papers, disks, strict=True):
        side = side_of(one, disk, ledger)
        found += [f"{one.register_id}: {text}" for text in one.broken]
        found += [f"{one.register_id}: {text}" for text in _check_side(side)]
    return found


def _check_side(side: Side) -> list[str]:
    documents = [stored.entry for stored in side.entries if isinstance(stored.entry, DocumentRecorded)]
    marks = {entry.number: entry for entry in _entries(side) if isinstance(entry, MadeAutonomous)}
    found = _check_order(documents)
    held = {entry.number: entry for entry in documents}
    signs: dict[int, int] = {}
    for dossier in side.dossiers:
        if dossier.state in (DocumentState.VOIDED, DocumentState.VOIDED_AUTONOMOUS):
            found.append(f"document {dossier.number} was given up, and nobody decided so")
            continue
        entry = held.pop(dossier.number, None)
        if entry is None:
            found.append(f"document {dossier.number} is lost: the ledger does not hold it")
            continue
        found += _check_document(dossier, entry, marks.get(dossier.number), side.papers.profile)
        sign = dossier.autonomous_sign
        if sign is not None:
            if sign in signs:
                found.append(f"the autonomous sign {sign} stands on documents {signs[sign]} and {dossier.number}")
            signs[sign] = dossier.number
    found += [f"document {number} is in the ledger, and the register never issued it" for number in held]
    found += _check_papers(side)
    found += _check_anomalies(side)
    if documents:
        state = replay(side.register_id, None, _entries(side))
        differ = differences(state.tape.shift.counters, side.state.shift.counters)
        found += [f"{name}: the ledger counts {ours}, the register {its}" for name, (ours, its) in differ.items()]
    if side.state.queue:
        found.append(f"{len(side.state.queue)} documents still wait, the first is {side.state.queue[0].number}")
    if side.state.is_autonomous or side.state.blocks:
        found.append(f"the register is still {side.state.mode}: {list(side.state.blocks)}")
    return found


def _entries(side: Side) -> list[Entry]:
    return [stored.entry for stored in side.entries]


def _check_order(documents: Sequence[DocumentRecorded]) -> list[str]:
    numbers = [entry.number for entry in documents]
    if numbers != list(range(1, len(numbers) + 1)):
        return [f"the ledger's numbers have gaps, doubles or overtakes: {numbers}"]
    contents = [entry.document.id for entry in documents]
    if len(set(contents)) != len(contents):
        return ["an id stands on two documents of the ledger"]
    return []


def _check_document(
    dossier: Dossier, entry: DocumentRecorded, mark: MadeAutonomous | None, profile: RegisterProfile | None
) -> list[str]:
    found = []
    number = dossier.number
    if profile is None:
        content: bytes | None = dossier.content
    else:
        content = carried(dossier.document, profile, entry) if dossier.kind == entry.kind else None
    if content != entry.content:
        found.append(f"document {number} is another one in the ledger")
    if dossier.sign is not None and dossier.sign != entry.sign:
        found.append(f"document {number} was acknowledged with {dossier.sign}, the ledger has {entry.sign}")
    autonomous = entry.autonomous or mark is not None
    sign = entry.autonomous_sign if mark is None else mark.autonomous_sign
    if dossier.accepted_at is not None and (dossier.autonomous, dossier.autonomous_sign) != (autonomous, sign):
        found.append(
            f"document {number} is autonomous={dossier.autonomous} {dossier.autonomous_sign} in the register, "
            f"autonomous={autonomous} {sign} in the ledger"
        )
    return found


def _check_papers(side: Side) -> list[str]:
    found = []
    by_number = {dossier.number: dossier for dossier in side.dossiers}
    by_key: dict[str, int] = {}
    for dossier in side.dossiers:
        if dossier.key is not None:
            if dossier.key in by_key:
                found.append(f"key {dossier.key} was sold twice: {by_key[dossier.key]} and {dossier.number}")
            by_key[dossier.key] = dossier.number
    signs: dict[int, str] = {}
    for key, paper in side.papers.handed.items():
        dossier_ = by_number.get(paper.number or 0)
        if dossier_ is None or dossier_.key != key:
            found.append(f"the paper of key {key} says document {paper.number}, the memory does not")
            continue
        if not isinstance(paper, FiscalReceipt):
            continue
        if paper.sign is not None and paper.sign != dossier_.sign:
            found.append(f"the paper of key {key} shows the sign {paper.sign}, the memory {dossier_.sign}")
        own = paper.autonomous_sign
        if own is not None:
            if own != dossier_.autonomous_sign:
                found.append(f"the paper of key {key} shows {own}, the memory {dossier_.autonomous_sign}")
            if own in signs:
                found.append(f"the autonomous sign {own} stands on the papers of {signs[own]} and {key}")
            signs[own] = key
    return found


def _check_anomalies(side: Side) -> list[str]:
    found = []
    for entry in _entries(side):
        noticed: Sequence[Anomaly] = ()
        if isinstance(entry, DocumentRecorded):
            noticed = entry.anomalies
        elif isinstance(entry, Anomaly):
            noticed = (entry,)
        found += [f"anomaly {one.code}: {one.text}" for one in noticed if one.code not in TOLERATED]
    return found


def digest(disks: Iterable[MemoryDisk], ledger: MemoryJournal, story: Iterable[str]) -> str:
    """A fingerprint of everything that came of a world: equal for equal seeds."""
    hasher = sha256()
    for disk in disks:
        for sealed in disk.records:
            hasher.update(sealed.hash)
    for stored in ledger.everything():
        entry = stored.entry
        hasher.update(repr((stored.seq, stored.register_id, stored.version, type(entry).__name__)).encode())
        if isinstance(entry, DocumentRecorded):
            hasher.update(entry.content + (entry.sign or "").encode() + entry.received_at.to_bytes(8, "big"))
    for line in story:
        hasher.update(line.encode())
    return hasher.hexdigest()


__all__ = ["Papers", "check", "digest"]
