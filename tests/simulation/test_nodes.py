"""Two nodes on one ledger, registers that hop between them at random, and everything that can go wrong with commits.

Every answer is held against the ledger as it was while its question was open: a gap was one, who was told to be blocked
was blocked. No document is committed by a node that the register has left. In the end, when all trouble is over,
everything has arrived once, in its order, and the figures are the fold of the documents.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from fiscal.domain.document import ONLINE, Document
from fiscal.domain.messages import Accepted, Blocked, Noted, Ping, RefusalCode, Refused, TryLater, Welcome
from fiscal.domain.shift import Shift, advance
from fiscal.errors import StorageError
from ofd_server.core.administration import lift, set_standing
from ofd_server.core.entries import DocumentRecorded, Standing, StandingChanged, TakenOver
from ofd_server.core.replay import replay
from ofd_server.core.rules import Rules
from ofd_server.ports import CommitFailed, Unreachable, Version
from tests.documents import deposit, receipt
from tests.ofd_server.twins import Asked, Conversation, Operator, SharedMemory, Unknown, idle

SEEDS = range(150)
NODES = ("a", "b")
STEPS = 60
SKIPPED = 0.2
"""How often a register in disorder leaves a document out."""
REGISTERS = ("kkm-1", "kkm-2", "kkm-3")


@dataclass
class Question:
    """Something asked, and where the register stood in the ledger at that moment."""

    asked: Asked
    version: Version
    document: Document | None = None


@dataclass
class Till:
    """A register: what it has issued, what of that has an answer, and its sessions, the newest last."""

    id: str
    issued: list[Document] = field(default_factory=list)
    answers: dict[int, Accepted] = field(default_factory=dict)
    shift: Shift = field(default_factory=Shift)
    sessions: list[Conversation] = field(default_factory=list)
    open: list[Question] = field(default_factory=list)


class World:
    """One run, whose chance comes from a seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.memory = SharedMemory()
        self.nodes = [Operator(self.memory.node(name), Rules(node=name)) for name in NODES]
        self.tills = [Till(id_) for id_ in REGISTERS]
        self.heard: dict[str, int] = {}

    async def run(self) -> None:
        steps: list[Callable[[Till], object]] = [
            self.hop, self.hop, self.sell, self.sell, self.sell, self.send, self.send, self.send, self.send,
            self.ping, self.haunt, self.haunt, self.block, self.unblock, self.unblock, self.trouble, self.hold, self.let_go,
            self.lose_sight, self.let_go,
        ]  # fmt: skip
        for _ in range(STEPS):
            self.chance.choice(steps)(self.chance.choice(self.tills))
            await idle(self.chance.choice((0, 1, 3, 10, 40)))
            self.listen()
        await self.end_well()

    # ------------------------------------------------------------------------------------------------ what happens

    def hop(self, till: Till) -> None:
        """A new session at any node; the older one is not closed: its end may be on the way for hours."""
        node = self.chance.choice(self.nodes)
        conversation = Conversation(node.service, till.id)
        till.sessions.append(conversation)
        self.ask(till, conversation.hello(last_number=0))

    def sell(self, till: Till) -> None:
        number = len(till.issued) + 1
        shift = till.shift.next_number
        document = receipt(number, shift) if self.chance.random() < 0.8 else deposit(number, shift)
        till.shift = advance(till.shift, document, ONLINE)
        till.issued.append(document)

    def send(self, till: Till) -> None:
        """What has no answer yet, in order, over the newest session."""
        if till.sessions:
            self.deliver(till, till.sessions[-1])

    def haunt(self, till: Till) -> None:
        """What was written to an older session arrives: it may be all, or begin with what was accepted long ago."""
        if len(till.sessions) > 1:
            self.deliver(till, self.chance.choice(till.sessions[:-1]), again=True)

    def deliver(self, till: Till, over: Conversation, *, again: bool = False) -> None:
        if over.session.superseded:
            return
        pending = [one for one in till.issued if one.number not in till.answers]
        if again and till.issued:
            pending = till.issued[self.chance.randrange(len(till.issued)) :]
        if self.chance.random() < SKIPPED:
            pending = pending[1:]
        for document in pending[: self.chance.randint(1, 6)]:
            self.ask(till, over.submit(document), document)

    def ping(self, till: Till) -> None:
        """Who has not been greeted yet is nobody: a ping of nobody is answered whoever it is."""
        if till.sessions and till.sessions[-1].session.register_id and not till.sessions[-1].session.superseded:
            self.ask(till, till.sessions[-1].ask(Ping()))

    def block(self, till: Till) -> None:
        self.order(till, set_standing(Standing.BLOCKED, "debt"))

    def unblock(self, till: Till) -> None:
        self.order(till, lift(Standing.BLOCKED))

    def order(self, till: Till, order: object) -> None:
        """A person at any node; what becomes of it is a matter of the ledger."""
        node = self.chance.choice(self.nodes)
        task = asyncio.get_running_loop().create_task(node.service.administer(till.id, order))  # type: ignore[arg-type]
        task.add_done_callback(lambda done: done.cancelled() or done.exception())

    def trouble(self, _till: Till) -> None:
        plans = (CommitFailed("planned"), Unreachable("planned"), Unknown(kept=True), Unknown(kept=False))
        self.chance.choice(self.nodes).journal.plans.append(self.chance.choice(plans))

    def lose_sight(self, _till: Till) -> None:
        """The next look of one kind fails."""
        what = self.chance.choice(("version", "load", "document", "is_committed"))
        self.chance.choice(self.nodes).journal.reading_fails[what] = StorageError("planned")

    def hold(self, _till: Till) -> None:
        journal = self.chance.choice(self.nodes).journal
        self.chance.choice((journal.hold_commits, journal.hold_reads))()

    def let_go(self, _till: Till) -> None:
        for node in self.nodes:
            node.journal.let_commits_go()
            node.journal.let_reads_go()

    # ---------------------------------------------------------------------------------------------- what is checked

    def version(self, till: Till) -> Version:
        return sum(stored.register_id == till.id for stored in self.memory.ledger.everything())

    def states(self, till: Till, since: Version) -> list[tuple[int, bool]]:
        """The last document's number, and whether it was blocked, at every version since then."""
        entries = [s.entry for s in self.memory.ledger.everything() if s.register_id == till.id]
        number, is_blocked = 0, False
        found = [(number, is_blocked)] if since == 0 else []
        for version, entry in enumerate(entries, 1):
            if isinstance(entry, DocumentRecorded):
                number = entry.number
            elif isinstance(entry, StandingChanged):
                is_blocked = entry.standing is Standing.BLOCKED
            if version >= since:
                found.append((number, is_blocked))
        return found

    def ask(self, till: Till, asked: Asked, document: Document | None = None) -> None:
        till.open.append(Question(asked, self.version(till), document))

    def listen(self) -> None:
        for till in self.tills:
            for question in till.open:
                if not question.asked.is_open:
                    self.judge(till, question)
            till.open = [question for question in till.open if question.asked.is_open]

    def judge(self, till: Till, question: Question) -> None:
        answer = question.asked.answer
        name = answer.code.value if isinstance(answer, Refused) else type(answer).__name__
        self.heard[name] = self.heard.get(name, 0) + 1
        states = self.states(till, question.version)
        match answer:
            case Accepted():
                assert question.document is not None
                assert answer.number == question.document.number
                assert till.answers.setdefault(answer.number, answer) == answer, "a document got two answers"
            case Refused(code=RefusalCode.NUMBER_GAP):
                assert answer.expected in [number + 1 for number, _ in states], (answer, states)
            case Refused():
                assert answer.code in (RefusalCode.HELLO_FIRST, RefusalCode.SUPERSEDED), answer
            case Blocked():
                assert any(is_blocked for _, is_blocked in states)
            case Noted():
                assert not all(is_blocked for _, is_blocked in states)
            case Welcome():
                assert answer.last_number in [number for number, _ in states]
            case _:
                assert isinstance(answer, TryLater), answer

    async def end_well(self) -> None:
        """All trouble ends, nobody is blocked any more, and each register says hello once more and sends what is left."""
        for node in self.nodes:
            node.journal.plans.clear()
            node.journal.reading_fails.clear()
            node.journal.let_commits_go()
            node.journal.let_reads_go()
        await idle(400)
        for till in self.tills:
            await self.nodes[0].service.administer(till.id, lift(Standing.BLOCKED))
            conversation = Conversation(self.chance.choice(self.nodes).service, till.id)
            till.sessions.append(conversation)
            self.ask(till, conversation.hello(last_number=0))
            await idle(40)
            for document in till.issued:
                self.ask(till, conversation.submit(document), document)
            await idle(400)
            self.listen()
            assert all(question.asked.conversation.session.superseded for question in till.open), "nobody answers"
            self.judge_ledger(till)
        for node in self.nodes:
            assert node.service.broken is None

    def judge_ledger(self, till: Till) -> None:
        stored = [one for one in self.memory.ledger.everything() if one.register_id == till.id]
        held = [one.entry for one in stored if isinstance(one.entry, DocumentRecorded)]
        assert [entry.document for entry in held] == till.issued, "lost, doubled or overtaken"
        assert {entry.number: entry.sign for entry in held} == {n: said.sign for n, said in till.answers.items()}
        state = replay(till.id, None, [one.entry for one in stored])
        assert state.tape.shift == till.shift
        assert state.version == len(stored)
        holder = ""
        for one in stored:
            if isinstance(one.entry, TakenOver):
                holder = one.entry.node
            elif isinstance(one.entry, DocumentRecorded):
                assert self.memory.writers[till.id, one.version] == holder, "a node wrote that was not the holder"


def run(seed: int) -> World:
    async def go() -> World:
        world = World(seed)
        await world.run()
        return world

    return asyncio.run(go())


@pytest.mark.parametrize("seed", SEEDS)
def test_every_answer_is_true_and_nothing_is_lost_or_doubled(seed: int) -> None:
    run(seed)


def test_the_worlds_have_seen_what_they_are_for() -> None:
    heard: dict[str, int] = {}
    for seed in SEEDS[:40]:
        for name, count in run(seed).heard.items():
            heard[name] = heard.get(name, 0) + count
    for name in ("Accepted", "Blocked", "Noted", "Welcome", "TryLater", "number_gap", "hello_first"):
        assert heard.get(name, 0) > 4, heard
