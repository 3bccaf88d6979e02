"""Twins of everything that the service needs: clocks that stand still, a journal that fails on demand, registers."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fiscal.domain.document import ONLINE, Delivery, Document
from fiscal.domain.messages import Accepted, Answer, Hello, RefusalCode, Refused, Request, SubmitDocument, Welcome
from fiscal.domain.shift import Shift, advance
from fiscal.domain.signs import Signer, SigningKey
from fiscal.protocols.content import encode_content
from fiscal.time import Instant, Moment
from ofd_server.core.entries import AnomalyCode, DocumentRecorded
from ofd_server.core.rules import Rules
from ofd_server.lane import Session
from ofd_server.ports import (
    Append,
    BatchTimes,
    CommitFailed,
    DocumentFilter,
    Happened,
    Journal,
    JournalBroken,
    Loaded,
    Note,
    Outcome,
    OutcomeUnknown,
    StoredEntry,
    Version,
)
from ofd_server.service import Service
from ofd_server.storage.memory import MemoryJournal
from tests.documents import T0, close_shift, receipt

SIGNER = Signer(SigningKey("k1", b"secret"))


async def idle(turns: int = 60) -> None:
    """Let everything happen that can happen without the passing of time."""
    for _ in range(turns):
        await asyncio.sleep(0)


class ManualClock:
    """Both clocks stand still until somebody moves them."""

    def __init__(self, wall: Instant = T0, moment: Moment = 1_000.0) -> None:
        self.wall = wall
        self.moment = moment

    def now(self) -> Instant:
        return self.wall

    def monotonic(self) -> Moment:
        return self.moment

    def pass_(self, seconds: float) -> None:
        self.moment += seconds
        self.wall += round(seconds * 1_000)


class Figures:
    """Metrics that keep what they are told."""

    def __init__(self) -> None:
        self.answers: list[tuple[str, float]] = []
        self.commits: list[int] = []
        self.late_answers = 0
        self.autonomous_documents = 0
        self.open_sessions = 0

    def answered(self, outcome: str, seconds: float, answers: int = 1) -> None:
        self.answers += [(outcome, seconds)] * answers

    def committed(self, documents: int, seconds: float) -> None:
        self.commits.append(documents)

    def late(self) -> None:
        self.late_answers += 1

    def autonomous(self) -> None:
        self.autonomous_documents += 1

    def sessions(self, change: int) -> None:
        self.open_sessions += change


@dataclass
class Unknown:
    """The link breaks during COMMIT: whether the database had kept the batch is ``kept``."""

    kept: bool


@dataclass
class Overtaken:
    """Before the commit another node appends this."""

    by: Append


Plan = Exception | Unknown | Overtaken


class ScriptedJournal(MemoryJournal):
    """A journal in memory in which everything can be held back, and whose commits go as ``plans`` say.

    ``plans`` are used up one for each commit that brings entries; without one a commit succeeds. A batch that holds an
    append of a register in ``poisoned`` always fails.
    """

    def __init__(self) -> None:
        super().__init__()
        self.plans: deque[Plan] = deque()
        self.broken: JournalBroken | None = None
        self.poisoned: set[str] = set()
        self.batches: list[list[Append]] = []
        self.reads: list[str] = []
        self.reading_fails: dict[str, Exception] = {}
        self._may_commit = asyncio.Event()
        self._may_commit.set()
        self._may_read = asyncio.Event()
        self._may_read.set()

    def hold_commits(self) -> None:
        self._may_commit.clear()

    def let_commits_go(self) -> None:
        self._may_commit.set()

    def hold_reads(self) -> None:
        self._may_read.clear()

    def let_reads_go(self) -> None:
        self._may_read.set()

    @property
    def committed_registers(self) -> list[list[str]]:
        return [[append.register_id for append in batch] for batch in self.batches]

    async def commit(
        self, batch: Sequence[Append], notes: Sequence[Note] = (), times: Sequence[BatchTimes] = ()
    ) -> Sequence[Outcome]:
        if batch:
            self.batches.append(list(batch))
        await self._may_commit.wait()
        if self.broken is not None:
            raise self.broken
        plan = self.plans.popleft() if batch and self.plans else None
        if not self.poisoned.isdisjoint(append.register_id for append in batch):
            raise CommitFailed("a row that cannot be kept")
        match plan:
            case None:
                return await super().commit(batch, notes, times)
            case Unknown(kept):
                if kept:
                    await super().commit(batch, notes, times)
                raise OutcomeUnknown("the link broke during COMMIT")
            case Overtaken(by):
                await super().commit([by])
                return await super().commit(batch, notes, times)
            case error:
                if isinstance(error, JournalBroken):
                    self.broken = error
                raise error

    async def _read(self, what: str) -> None:
        self.reads.append(what)
        await self._may_read.wait()
        error = self.reading_fails.pop(what, None)
        if error is not None:
            raise error

    async def load(self, register_id: str) -> Loaded | None:
        await self._read("load")
        return await super().load(register_id)

    async def version(self, register_id: str) -> Version:
        await self._read("version")
        return await super().version(register_id)

    async def document(self, register_id: str, number: int) -> StoredEntry | None:
        await self._read("document")
        return await super().document(register_id, number)

    async def is_autonomous_sign_used(self, register_id: str, sign: int, besides_number: int) -> bool:
        await self._read("sign")
        return await super().is_autonomous_sign_used(register_id, sign, besides_number)

    async def period(self, register_id: str, number: int) -> Any:
        await self._read("period")
        return await super().period(register_id, number)

    async def is_committed(self, append: Append) -> Any:
        await self._read("is_committed")
        return await super().is_committed(append)


class SharedMemory:
    """One ledger in memory that several nodes write to; ``writers`` says who wrote which version of a register."""

    def __init__(self) -> None:
        self.ledger = MemoryJournal()
        self.writers: dict[tuple[str, Version], str] = {}

    def node(self, name: str) -> NodeJournal:
        """The ledger as one node reaches it: what is held back, and what fails, is the node's own."""
        return NodeJournal(self, name)


class NodeJournal(ScriptedJournal):
    """See :meth:`SharedMemory.node`."""

    shared = True

    def __init__(self, memory: SharedMemory, name: str) -> None:
        super().__init__()
        self.name = name
        self._writers = memory.writers
        vars(self).update(vars(memory.ledger))

    def _append(self, append: Append) -> None:
        for version in range(append.expected + 1, append.after.version + 1):
            self._writers[append.register_id, version] = self.name
        super()._append(append)


@dataclass(eq=False)
class Asked:
    """A request and what came back: nothing yet, or exactly one answer."""

    conversation: Conversation
    request: Any
    answers: list[Answer | None] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        assert len(self.answers) <= 1, f"answered {len(self.answers)} times: {self.answers}"
        return not self.answers

    @property
    def answer(self) -> Answer | None:
        assert len(self.answers) == 1, f"answered {len(self.answers)} times: {self.answers}"
        return self.answers[0]

    @property
    def is_accepted(self) -> bool:
        return isinstance(self.answer, Accepted)

    @property
    def accepted(self) -> Accepted:
        assert isinstance(self.answer, Accepted), self.answer
        return self.answer


class Conversation:
    """One session of a register with the service. ``closed`` are the reasons for which the service closed it."""

    def __init__(
        self, service: Service, register_id: str = "kkm-1", token: str = "t", protocol: str = "native"
    ) -> None:
        self.service = service
        self.register_id = register_id
        self.token = token
        self.closed: list[str] = []
        self.session: Session = service.session(protocol, "peer", self.closed.append)

    def ask(self, request: Request) -> Asked:
        asked = Asked(self, request)
        self.service.handle(self.session, request, asked.answers.append)
        return asked

    def hello(self, **given: Any) -> Asked:
        # A memory that is never behind, unless a test says so.
        told = {"register": self.register_id, "token": self.token, "software": "test", "last_number": 10**6, **given}
        return self.ask(Hello(**told))

    def submit(self, document: Document, delivery: Delivery = ONLINE) -> Asked:
        request = SubmitDocument(content=encode_content(document), delivery=delivery)
        asked = Asked(self, request)
        self.service.handle_documents([(self.session, request, asked.answers.append)])
        return asked

    def end(self) -> None:
        self.service.end(self.session)


class Operator:
    """A service with all its twins, and a word for everything that a test does to it."""

    def __init__(self, journal: Journal | None = None, rules: Rules | None = None, **given: Any) -> None:
        self.journal: Any = journal or ScriptedJournal()
        self.clock = ManualClock()
        self.figures = Figures()
        self.broken: list[BaseException] = []
        self.happened: list[Happened] = []
        self.service = Service(
            self.journal,
            self.clock,
            SIGNER,
            rules or Rules(),
            self.figures,
            on_broken=self.broken.append,
            **given,
        )
        # Not by observe(): where nodes share a ledger that would read it on, for which there is no loop yet.
        self.service._observers.append(self.happened.append)

    async def welcome(self, register_id: str = "kkm-1", **given: Any) -> Conversation:
        """A register that has said hello and was welcomed."""
        conversation = Conversation(self.service, register_id, **given)
        asked = conversation.hello()
        await idle()
        assert isinstance(asked.answer, Welcome), asked.answer
        return conversation

    async def sold(self, conversation: Conversation, *documents: Document) -> list[Accepted]:
        """These documents, each accepted."""
        asked = [conversation.submit(document) for document in documents]
        await idle()
        return [one.accepted for one in asked]


class Till:
    """Writes the documents of one register, one after the other, and counts as the register does."""

    def __init__(self, number: int = 0, shift: Shift | None = None) -> None:
        self.number = number
        self.shift = shift or Shift()

    def write(self, document: Document, delivery: Delivery = ONLINE) -> Document:
        self.number = document.number
        self.shift = advance(self.shift, document, delivery)
        return document

    def sale(self, delivery: Delivery = ONLINE, **given: Any) -> Document:
        return self.write(receipt(self.number + 1, self.shift.next_number, **given), delivery)

    def z_report(self, **given: Any) -> Document:
        draft = close_shift(self.number + 1, self.shift.next_number, opened_at=self.shift.opened_at or T0, **given)
        counters = advance(self.shift, draft, ONLINE).counters
        return self.write(close_shift(draft.number, draft.shift, opened_at=draft.opened_at, counters=counters, **given))


def code_of(asked: Asked) -> RefusalCode:
    assert isinstance(asked.answer, Refused), asked.answer
    return asked.answer.code


async def anomalies(operator: Operator) -> list[AnomalyCode]:
    found: list[AnomalyCode] = []
    for stored in await operator.journal.anomalies(None, None, None, 100):
        entry = stored.entry
        noticed = entry.anomalies if isinstance(entry, DocumentRecorded) else (entry,)
        found.extend(anomaly.code for anomaly in noticed)
    return found


async def numbers(operator: Operator, register_id: str = "kkm-1") -> list[int]:
    wanted = DocumentFilter(register_id=register_id, after_seq=0, limit=1_000)
    return [stored.entry.number for stored in await operator.journal.documents(wanted)]
