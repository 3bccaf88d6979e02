"""What the service needs from the world, in verbs of the domain.

Adapters live in ``storage`` and ``gateways``; the simulation has twins of its own. The contract suite in
``tests/contract`` holds every journal to what is written here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from fiscal.domain.document import DocumentKind
from fiscal.domain.messages import ReportStatus
from fiscal.domain.receipt import Operation
from fiscal.errors import StorageError
from fiscal.time import Instant, Moment
from ofd_server.core.entries import AnomalyCode, DocumentRecorded, Entry, PeriodRecorded
from ofd_server.core.state import RegisterState

Version = int


class Clock(Protocol):
    """Both clocks. ``now`` is for documents, ``monotonic`` for limits; neither is for the other's purpose."""

    def now(self) -> Instant: ...
    def monotonic(self) -> Moment: ...


class Append(Struct, frozen=True, gc=False):
    """Entries to add to one register that was at version ``expected``; ``after`` is the state that follows.

    ``snapshot`` asks the journal to keep ``after`` beside the entries, so that a later load starts from it.
    """

    register_id: str
    expected: Version
    entries: tuple[Entry, ...]
    after: RegisterState
    snapshot: bool = False


class Committed(Struct, frozen=True, gc=False):
    """The entries are durable. ``first_seq`` is the place of the first of them in the order of the whole ledger."""

    first_seq: int


@dataclass(frozen=True, slots=True)
class Stale:
    """Another writer has moved the register to version ``current``; nothing of this append was kept."""

    current: Version


Outcome = Committed | Stale


class CommitFailed(StorageError):
    """Nothing of the batch was kept; the journal can go on."""


class Unreachable(CommitFailed):
    """Nothing of the batch was kept, because the database cannot be reached: a part of it would fare no better."""


class JournalBroken(StorageError):
    """A flush to disk failed: what the journal holds is unknown from here on. It takes nothing more (2.4)."""


class OutcomeUnknown(StorageError):
    """The link to the database broke during COMMIT: each register must be read back before any answer (2.4)."""


class NoteKind(StrEnum):
    """What happened on the way of a document that decides nothing, but belongs to its history."""

    RESENT = "resent"
    LATE = "late"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Note:
    """A line of a document's history. It rides with the next batch; a crash before that may lose it."""

    register_id: str
    number: int
    kind: NoteKind
    at: Instant


@dataclass(frozen=True, slots=True)
class BatchTimes:
    """When an earlier batch was taken, committed and answered; written with a later one."""

    first_seq: int
    last_seq: int
    taken_at: Instant
    committed_at: Instant
    answered_at: Instant


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is needed to fold a register: the latest snapshot, and every entry after it (all of them without one)."""

    register_id: str
    snapshot: RegisterState | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry with its places: ``seq`` in the whole ledger, ``version`` in its register."""

    seq: int
    register_id: str
    version: Version
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFilter:
    """Which documents; ``None`` is any. Newest first from ``before_seq``, or oldest first from ``after_seq``."""

    register_id: str | None = None
    kind: DocumentKind | None = None
    operation: Operation | None = None
    autonomous: bool | None = None
    shift: int | None = None
    number: int | None = None
    sign: str | None = None
    autonomous_sign: int | None = None
    issued_from: Instant | None = None
    issued_until: Instant | None = None
    before_seq: int | None = None
    after_seq: int | None = None
    limit: int = 100


class Journal(Protocol):
    """The ledger's storage: everything it returns as committed survives a power cut. One process writes, unless it is
    ``shared``.
    """

    @property
    def durable(self) -> bool:
        """False for a journal in memory, which says so instead of pretending."""
        ...

    @property
    def shared(self) -> bool:
        """Whether another process may write to it at the same time: then nothing is said of a register that was not
        looked up since it was asked (:mod:`ofd_server.looking`).
        """
        ...

    async def load(self, register_id: str) -> Loaded | None:
        """The register's latest snapshot and later entries, or ``None`` for one never heard of."""
        ...

    async def version(self, register_id: str) -> Version:
        """The version of the register, whoever moved it there; 0 for one never heard of. One cheap look."""
        ...

    async def commit(
        self, batch: Sequence[Append], notes: Sequence[Note] = (), times: Sequence[BatchTimes] = ()
    ) -> Sequence[Outcome]:
        """Make the batch durable, all in one flush, and say of each append what became of it.

        A register appears at most once for each version it moves through, in order. An append whose ``expected`` is
        not the register's version is left out and comes back :class:`Stale`, and so does every later append of that
        register in the batch, whatever it expects: it was decided on top of the first. The others are committed all
        the same.
        Raises :class:`CommitFailed`, :class:`JournalBroken` or :class:`OutcomeUnknown`.
        """
        ...

    async def is_committed(self, append: Append) -> Committed | None:
        """After an unknown outcome: whether this very append was kept, read back by register and document id."""
        ...

    async def document(self, register_id: str, number: int) -> StoredEntry | None:
        """The document under this number, with the delivery facts that were added to it since."""
        ...

    async def is_autonomous_sign_used(self, register_id: str, sign: int, besides_number: int) -> bool:
        """Whether another document of the register carries this autonomous sign."""
        ...

    async def period(self, register_id: str, number: int) -> PeriodRecorded | None:
        """What was last recorded of this offline period."""
        ...

    async def registers(self) -> Sequence[str]:
        """Ids of all registers that were ever registered, in the order of their registration."""
        ...

    async def documents(self, wanted: DocumentFilter) -> Sequence[StoredEntry]:
        """Documents that match, at most ``limit``."""
        ...

    async def entries(self, register_id: str | None, after_seq: int, limit: int) -> Sequence[StoredEntry]:
        """Entries of one register or of all, oldest first, after a place in the ledger: the feed of everything."""
        ...

    async def anomalies(
        self, register_id: str | None, code: AnomalyCode | None, before_seq: int | None, limit: int
    ) -> Sequence[StoredEntry]:
        """Anomalies, newest first: entries that are one, and documents that carry some."""
        ...

    async def history(self, register_id: str, number: int) -> History:
        """When the document was taken, committed, answered, and everything noted about it."""
        ...

    async def last_seq(self) -> int:
        """The place of the newest entry, 0 for an empty ledger."""
        ...

    async def is_writable(self) -> bool:
        """Whether a commit would be tried at all (readyz)."""
        ...

    async def close(self) -> None:
        """Let go of everything; what was committed stays."""
        ...


@dataclass(frozen=True, slots=True)
class History:
    """The times of a document that are not in its entry, and the notes about it, oldest first."""

    times: BatchTimes | None
    notes: tuple[Note, ...]
    later: tuple[StoredEntry, ...]
    """Entries about the document that came after it: made autonomous, anomalies."""


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that viewers are told: a committed entry has its ``seq``, a passing event has none."""

    what: str
    register_id: str
    at: Instant
    seq: int | None = None
    entry: Entry | None = None
    number: int | None = None
    detail: str = ""


Observer = Callable[[Happened], None]


class Metrics(Protocol):
    """What the service counts. An adapter for Prometheus implements it; tests use one that keeps numbers."""

    def answered(self, outcome: str, seconds: float, answers: int = 1) -> None: ...
    def committed(self, documents: int, seconds: float) -> None: ...
    def late(self) -> None: ...
    def autonomous(self) -> None: ...
    def sessions(self, change: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Page:
    """A page for a browser, whole: a gateway sends it as it is."""

    status: int
    body: bytes
    content_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that a browser may keep: ``etag`` is another one whenever its bytes are."""

    body: bytes
    content_type: str
    etag: str
    headers: Mapping[str, str] = field(default_factory=dict)


PageSource = Callable[[Mapping[str, str]], Awaitable[Page]]
"""Makes a page from the query behind its address."""


@dataclass(frozen=True, slots=True)
class LastReport:
    """What a register last said about itself, and when: behind the document ``number``."""

    at: Instant
    report: ReportStatus
    number: int


__all__ = [
    "Append",
    "Asset",
    "BatchTimes",
    "Clock",
    "CommitFailed",
    "Committed",
    "DocumentFilter",
    "DocumentRecorded",
    "Happened",
    "History",
    "Journal",
    "JournalBroken",
    "LastReport",
    "Loaded",
    "Metrics",
    "Note",
    "NoteKind",
    "Observer",
    "Outcome",
    "OutcomeUnknown",
    "Page",
    "PageSource",
    "Stale",
    "StoredEntry",
    "Unreachable",
    "Version",
]
