"""Two services on one ledger against a model that is a dictionary of lists.

Registers issue, re-send, mark, contradict and report; commits fail, hang, end unknown; services die and come back. What
must hold at every moment: whatever was acknowledged is in the ledger once, with the sign that was given first; numbers
have no gaps; the figures are the fold of the documents. And when all trouble ends, everything arrives.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec.structs import replace

from fiscal.domain.counters import turned_autonomous
from fiscal.domain.document import ONLINE, CloseShift, Delivery, Document, Void, carries_sign, kind_of
from fiscal.domain.lifecycle import AutonomousReason
from fiscal.domain.messages import Accepted, Noted, RefusalCode, Refused, ReportOfflinePeriod, TryLater, Welcome
from fiscal.domain.shift import Shift, advance, cash_in_drawer
from fiscal.domain.signs import digest_of
from fiscal.protocols.content import encode_content
from ofd_server.core.entries import AnomalyCode, DocumentRecorded
from ofd_server.core.replay import replay
from ofd_server.core.rules import Rules
from ofd_server.loading import load_state
from ofd_server.ports import CommitFailed
from tests.documents import T0, close_shift, correction, deposit, item, receipt, void, withdrawal
from tests.ofd_server.twins import Asked, Conversation, Operator, ScriptedJournal, Unknown, idle

T = TypeVar("T")

REGISTERS = ("kkm-1", "kkm-2", "kkm-3")
registers = st.sampled_from(REGISTERS)
PERIOD = ReportOfflinePeriod(number=1, begin=T0, end=T0 + 1_000, reason=AutonomousReason.NO_CONNECTION)
PUT_OFF = (TryLater, type(None))


@dataclass
class Issued:
    """A document of the model: what it carries now, the sign that was given first, and whether it has to be sent."""

    document: Document
    delivery: Delivery = ONLINE
    acknowledged: Accepted | None = None
    unsent: bool = True


@dataclass
class Model:
    """A register as its own memory has it."""

    issued: list[Issued] = field(default_factory=list)
    shift: Shift = field(default_factory=Shift)
    conversation: Conversation | None = None
    last_autonomous_sign: int = 0

    def issue(self, document: Document, delivery: Delivery) -> None:
        if not isinstance(document, Void):
            self.shift = advance(self.shift, document, delivery)
        self.issued.append(Issued(document, delivery))

    def facts(self, document: Document) -> Delivery:
        """The delivery facts of an autonomous document, with a sign that was never used."""
        if not carries_sign(kind_of(document)):
            return Delivery(autonomous=True, period=1)
        self.last_autonomous_sign += 1
        return Delivery(autonomous=True, autonomous_sign=self.last_autonomous_sign, period=1)


@dataclass
class Attempt:
    """A document on its way, with what it carried when it was sent."""

    register: str
    issued: Issued
    delivery: Delivery
    asked: Asked
    behind: list[Asked]
    """What was sent before it and had no answer yet."""


class Registers(RuleBasedStateMachine):
    """See the head of this file."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.journal = ScriptedJournal()
        self.journal.shared = True
        self.services = [Operator(self.journal, Rules(node="a")), Operator(self.journal, Rules(node="b"))]
        self.models = {register: Model() for register in REGISTERS}
        self.attempts: list[Attempt] = []
        self.others: list[tuple[Asked, tuple[type, ...]]] = []
        self.held = False

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(coroutine)

    def inside(self, function: Callable[[], T]) -> T:
        """Call what needs a running loop."""

        async def call() -> T:
            return function()

        return self.run(call())

    def settle(self) -> None:
        """Let happen what can happen now, and look at the answers."""
        self.run(idle(120))
        self.look_at_answers()

    def look_at_answers(self) -> None:
        for attempt in self.attempts:
            if not attempt.asked.is_open:
                self.look_at(attempt)
        self.attempts = [attempt for attempt in self.attempts if attempt.asked.is_open]
        for asked, allowed in self.others:
            if not asked.is_open:
                assert isinstance(asked.answer, (*allowed, *PUT_OFF)), asked.answer
                if isinstance(asked.answer, Refused):
                    # Hello may have been put off: then what came behind it is told to say it first.
                    assert asked.answer.code in (RefusalCode.CONFLICT, RefusalCode.HELLO_FIRST)

    def look_at(self, attempt: Attempt) -> None:
        answer, issued = attempt.asked.answer, attempt.issued
        if isinstance(answer, Accepted):
            first = issued.acknowledged = issued.acknowledged or answer
            assert answer == first, "the same document got two answers"
            assert answer.number == issued.document.number
            assert (answer.sign is not None) is carries_sign(kind_of(issued.document))
            # What comes over a connection that the register has left, nobody hears: it asks again over the new one.
            is_heard = attempt.asked.conversation is self.models[attempt.register].conversation
            if is_heard and attempt.delivery == issued.delivery:
                issued.unsent = False
        elif isinstance(answer, Refused):
            # Only what rests on something that was put off may be told of a gap, and only a latecomer of hello.
            assert answer.code in (RefusalCode.NUMBER_GAP, RefusalCode.SUPERSEDED, RefusalCode.HELLO_FIRST), answer
            if answer.code is RefusalCode.NUMBER_GAP:
                assert any(asked.is_open or not isinstance(asked.answer, Accepted) for asked in attempt.behind), answer
        else:
            assert isinstance(answer, PUT_OFF), answer

    # --------------------------------------------------------------------------------------------- the registers

    @rule(register=registers, node=st.integers(0, 1))
    def connect(self, register: str, node: int) -> None:
        """A new session, at either service."""
        model = self.models[register]
        if model.conversation is not None:
            model.conversation.end()
        model.conversation = Conversation(self.services[node].service, register)
        last = len(model.issued)
        hello = self.inside(partial(model.conversation.hello, last_number=last))
        self.others.append((hello, (Welcome,)))
        self.settle()

    @rule(
        register=registers,
        kind=st.sampled_from(("sale", "sale", "deposit", "withdrawal", "correction", "z", "void")),
        autonomous=st.booleans(),
        price=st.integers(0, 50_000),
        send=st.booleans(),
    )
    def issue(self, register: str, kind: str, autonomous: bool, price: int, send: bool) -> None:
        model = self.models[register]
        number, shift = len(model.issued) + 1, model.shift.next_number
        document: Document
        match kind:
            case "deposit":
                document = deposit(number, shift, sum=price)
            case "withdrawal":
                document = withdrawal(number, shift, sum=min(price, cash_in_drawer(model.shift)))
            case "correction":
                document = correction(number, shift, total=price)
            case "void":
                document = void(number, shift)
            case "z" if model.shift.is_open:
                draft = close_shift(number, shift, withdraw_cash=price % 2 == 0)
                document = replace(draft, counters=advance(model.shift, draft, ONLINE).counters)
            case _:
                document = receipt(number, shift, items=(item(price), item(price // 3, 1_500, rate=12_000)))
        model.issue(document, model.facts(document) if autonomous else ONLINE)
        if send:
            self.deliver(register)

    @rule(register=registers)
    def deliver(self, register: str) -> None:
        """Everything that is unsent, one behind the other, without waiting for answers."""
        model = self.models[register]
        if model.conversation is None or model.conversation.session.superseded:
            return
        behind = [attempt.asked for attempt in self.attempts if attempt.register == register]
        for issued in model.issued:
            if issued.unsent:
                asked = self.inside(partial(model.conversation.submit, issued.document, issued.delivery))
                self.attempts.append(Attempt(register, issued, issued.delivery, asked, list(behind)))
                behind.append(asked)
        self.settle()

    @rule(register=registers, index=st.integers(0, 50))
    def send_again(self, register: str, index: int) -> None:
        model = self.models[register]
        known = [issued for issued in model.issued if issued.acknowledged is not None]
        if known and model.conversation is not None:
            issued = known[index % len(known)]
            asked = self.inside(partial(model.conversation.submit, issued.document, issued.delivery))
            self.attempts.append(Attempt(register, issued, issued.delivery, asked, []))
            self.settle()

    @rule(register=registers, index=st.integers(0, 50))
    def turn_autonomous(self, register: str, index: int) -> None:
        """The answer was lost or late: the document of the open shift gets its mark and is sent again."""
        model = self.models[register]
        online = [
            issued
            for issued in model.issued
            if issued.delivery == ONLINE
            and issued.document.shift == model.shift.number
            and model.shift.is_open
            and not isinstance(issued.document, Void | CloseShift)
        ]
        if online:
            issued = online[index % len(online)]
            issued.delivery = model.facts(issued.document)
            issued.unsent = True
            counters = turned_autonomous(model.shift.counters, issued.document)
            model.shift = Shift(model.shift.number, model.shift.opened_at, counters)

    @rule(register=registers, index=st.integers(0, 50), second_sign=st.booleans())
    def contradict(self, register: str, index: int, second_sign: bool) -> None:
        """Another content, or another autonomous sign, under an id that was accepted: a conflict, and no change."""
        model = self.models[register]
        known = [issued for issued in model.issued if issued.acknowledged is not None and not issued.unsent]
        if not known or model.conversation is None:
            return
        issued = known[index % len(known)]
        document, delivery = replace(issued.document, issued_at=T0 + 7), issued.delivery
        if second_sign and delivery.autonomous_sign is not None:
            document, delivery = issued.document, replace(delivery, autonomous_sign=2**31 - 1)
        asked = self.inside(partial(model.conversation.submit, document, delivery))
        self.others.append((asked, (Refused,)))
        self.settle()

    @rule(register=registers, end=st.integers(0, 3))
    def report_period(self, register: str, end: int) -> None:
        model = self.models[register]
        if model.conversation is not None and not model.conversation.session.superseded:
            asked = self.inside(partial(model.conversation.ask, replace(PERIOD, end=T0 + 1_000 * end)))
            self.others.append((asked, (Noted, Refused)))
            self.run(idle(120))
            if not asked.is_open and isinstance(asked.answer, Refused):
                assert asked.answer.code in (RefusalCode.HELLO_FIRST, RefusalCode.SUPERSEDED)
                self.others.remove((asked, (Noted, Refused)))
            self.look_at_answers()

    # ------------------------------------------------------------------------------------------------ the trouble

    @rule(kept=st.sampled_from((None, False, True)), after=st.integers(0, 2))
    def let_a_commit_fail(self, kept: bool | None, after: int) -> None:
        plan = CommitFailed("planned") if kept is None else Unknown(kept)
        if len(self.journal.plans) < 4:
            self.journal.plans.append(plan)

    @precondition(lambda self: not self.held)
    @rule()
    def hold_commits(self) -> None:
        self.journal.hold_commits()
        self.held = True

    @precondition(lambda self: self.held)
    @rule()
    def let_commits_go(self) -> None:
        self.journal.let_commits_go()
        self.held = False
        self.settle()

    @rule(seconds=st.sampled_from((0.5, 3.0, 6.0)))
    def let_time_pass(self, seconds: float) -> None:
        for operator in self.services:
            operator.clock.pass_(seconds)

    @rule(node=st.integers(0, 1))
    def kill(self, node: int) -> None:
        """A service dies at whatever it does; what it had not committed never happened."""
        dead = self.services[node]
        tasks = [dead.service._committer.writer, *dead.service._lookups.running]
        for task in tasks:
            if task is not None:
                task.cancel()
        self.run(idle())
        self.services[node] = Operator(self.journal, Rules(node=f"{dead.service.rules.node}'"))
        self.services[node].clock.moment, self.services[node].clock.wall = dead.clock.moment, dead.clock.wall
        for model in self.models.values():
            if model.conversation is not None and model.conversation.service is dead.service:
                model.conversation = None
        # Nobody is answered by a dead service any more.
        self.attempts = [attempt for attempt in self.attempts if not self._asked_of(attempt, dead)]

    def _asked_of(self, attempt: Attempt, dead: Operator) -> bool:
        return attempt.asked.is_open and attempt.asked.conversation.service is dead.service

    # ------------------------------------------------------------------------------------------- what always holds

    def ledger(self, register: str) -> list[DocumentRecorded]:
        entries = [stored.entry for stored in self.journal.everything() if stored.register_id == register]
        return [entry for entry in entries if isinstance(entry, DocumentRecorded)]

    @invariant()
    def what_was_acknowledged_is_in_the_ledger_once(self) -> None:
        for register, model in self.models.items():
            held = self.ledger(register)
            assert [entry.number for entry in held] == list(range(1, len(held) + 1)), "numbers have a gap"
            signs = [entry.sign for entry in held if entry.sign is not None]
            assert len(set(signs)) == len(signs), "a sign was given twice"
            for issued, entry in zip(model.issued, held, strict=False):
                assert entry.digest == digest_of(encode_content(issued.document))
                if issued.acknowledged is not None:
                    assert entry.sign == issued.acknowledged.sign
            acknowledged = [issued for issued in model.issued if issued.acknowledged is not None]
            assert all(issued.document.number <= len(held) for issued in acknowledged), "an acknowledged one is missing"

    @invariant()
    def versions_have_no_gaps_and_the_state_is_the_fold(self) -> None:
        for register, model in self.models.items():
            state = self.run(load_state(MemoryLoad(self.journal, register), register))  # type: ignore[arg-type]
            if state is None:
                continue
            entries = [stored for stored in self.journal.everything() if stored.register_id == register]
            assert [stored.version for stored in entries] == list(range(1, state.version + 1))
            assert state == replay(register, None, [stored.entry for stored in entries])
            held = self.ledger(register)
            shift = Shift()
            for issued, _ in zip(model.issued, held, strict=False):
                stored = self.run(MemoryLoad(self.journal, register).entry(issued.document.number))
                facts = Delivery(autonomous=stored.autonomous, autonomous_sign=stored.autonomous_sign)
                shift = advance(shift, issued.document, facts) if not isinstance(issued.document, Void) else shift
            assert state.tape.shift == shift

    @invariant()
    def z_reports_agree(self) -> None:
        codes = {
            anomaly.code for register in REGISTERS for entry in self.ledger(register) for anomaly in entry.anomalies
        }
        assert AnomalyCode.Z_TOTALS_DIFFER not in codes
        assert AnomalyCode.AUTONOMOUS_SIGN_REUSED not in codes

    # ------------------------------------------------------------------------------------------------------ the end

    def teardown(self) -> None:
        try:
            self.end_of_trouble()
        finally:
            for task in asyncio.all_tasks(self.loop):
                task.cancel()
            self.run(idle())
            self.loop.close()

    def end_of_trouble(self) -> None:
        self.journal.plans.clear()
        self.journal.let_commits_go()
        self.settle()
        for register, model in self.models.items():
            self.connect(register, 0)
            for _ in range(4):
                self.deliver(register)
            assert not [issued for issued in model.issued if issued.unsent], "something did not arrive"
            held = self.ledger(register)
            assert [entry.document for entry in held] == [issued.document for issued in model.issued]
            state = self.run(self.services[0].service.state_of(register))
            assert state is not None
            assert state.tape.shift == model.shift
        self.what_was_acknowledged_is_in_the_ledger_once()
        self.z_reports_agree()


class MemoryLoad:
    """Reads of the ledger itself, past whatever is held back."""

    def __init__(self, journal: ScriptedJournal, register: str) -> None:
        self._journal = journal
        self._register = register

    async def load(self, register: str) -> Any:
        return await super(ScriptedJournal, self._journal).load(register)

    async def document(self, register: str, number: int) -> Any:
        return await super(ScriptedJournal, self._journal).document(register, number)

    async def entry(self, number: int) -> DocumentRecorded:
        stored = await self.document(self._register, number)
        assert stored is not None
        assert isinstance(stored.entry, DocumentRecorded)
        return stored.entry


TestRegisters = Registers.TestCase
TestRegisters.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
