"""Two operators on one ledger: what each of them says was true when it was asked, and the newest session wins."""

from __future__ import annotations

import pytest

from fiscal.domain.lifecycle import RegisterMode
from fiscal.domain.messages import (
    AskInformation,
    Blocked,
    Information,
    Noted,
    Ping,
    RefusalCode,
    ReportStatus,
    TryLater,
    Welcome,
)
from fiscal.errors import StorageError
from fiscal.protocols.kz.codes import ResultCode
from fiscal.protocols.kz.header import Header
from fiscal.protocols.kz.messages import parse_response
from ofd_server.core.administration import add, lift, reset_token, set_standing
from ofd_server.core.entries import DocumentRecorded, Registered, Standing, TakenOver
from ofd_server.core.kz import KzExchange
from ofd_server.core.kz_answers import KzAnswer
from ofd_server.core.kz_desk import Desk
from ofd_server.core.rules import Rules
from ofd_server.ports import OutcomeUnknown, Unreachable
from tests.documents import receipt
from tests.ofd_server.kz_device import DEVICE, TOKEN, Answer, Device
from tests.ofd_server.twins import SIGNER, Conversation, Operator, SharedMemory, Unknown, code_of, idle

LATER = TryLater(delay_ms=1_000)


class Nodes:
    """Two operators, ``a`` and ``b``, that write to the same ledger."""

    def __init__(self) -> None:
        self.memory = SharedMemory()
        self.a = self.start("a")
        self.b = self.start("b")

    def start(self, name: str) -> Operator:
        return Operator(self.memory.node(name), Rules(node=name))

    def kinds(self, register_id: str = "kkm-1") -> list[str]:
        everything = self.memory.ledger.everything()
        return [type(stored.entry).__name__ for stored in everything if stored.register_id == register_id]

    def numbers(self, register_id: str = "kkm-1") -> list[int]:
        entries = [stored.entry for stored in self.memory.ledger.everything() if stored.register_id == register_id]
        return [entry.number for entry in entries if isinstance(entry, DocumentRecorded)]


@pytest.fixture
def nodes() -> Nodes:
    return Nodes()


async def blocked(operator: Operator, register_id: str = "kkm-1") -> None:
    await operator.service.administer(register_id, set_standing(Standing.BLOCKED, "debt"))


# ------------------------------------------------------------------------------------- the newest session wins (2.1)


async def test_a_register_that_stays_is_taken_over_once(nodes: Nodes):
    first = await nodes.a.welcome()
    await nodes.a.sold(first, receipt(1))
    first.end()
    second = await nodes.a.welcome()
    await nodes.a.sold(second, receipt(2))
    assert nodes.kinds() == ["Registered", "TakenOver", "DocumentRecorded", "DocumentRecorded"]


async def test_an_operator_alone_takes_nothing_over():
    operator = Operator()
    await operator.sold(await operator.welcome(), receipt(1))
    kinds = [type(stored.entry) for stored in operator.journal.everything()]
    assert kinds == [Registered, DocumentRecorded]


async def test_a_session_cannot_commit_after_the_register_was_welcomed_elsewhere(nodes: Nodes):
    older = await nodes.a.welcome()
    await nodes.a.sold(older, receipt(1))
    newer = await nodes.b.welcome()
    late = older.submit(receipt(2))
    await idle()
    assert late.is_open, "it is dropped"
    assert older.closed == ["superseded"]
    assert nodes.numbers() == [1]
    await nodes.b.sold(newer, receipt(2))
    assert nodes.numbers() == [1, 2]
    assert newer.closed == []


@pytest.mark.parametrize("request_", [Ping(), AskInformation(), ReportStatus(mode=RegisterMode.ONLINE, unsent=0)])
async def test_a_session_that_only_asks_hears_that_it_is_superseded(nodes: Nodes, request_: object):
    older = await nodes.a.welcome()
    await nodes.b.welcome()
    asked = older.ask(request_)  # type: ignore[arg-type]
    await idle()
    assert asked.is_open
    assert older.closed == ["superseded"]


async def test_what_was_handed_over_before_the_takeover_is_kept_and_welcome_tells_of_it(nodes: Nodes):
    older = await nodes.a.welcome()
    nodes.b.journal.hold_commits()
    newer = Conversation(nodes.b.service)
    hello = newer.hello()
    await idle()
    assert hello.is_open
    [accepted] = await nodes.a.sold(older, receipt(1))  # it was faster
    nodes.b.journal.let_commits_go()
    await idle()
    welcome = hello.answer
    assert isinstance(welcome, Welcome)
    assert welcome.last_number == accepted.number == 1
    assert nodes.kinds() == ["Registered", "TakenOver", "DocumentRecorded", "TakenOver"]


async def test_two_that_say_hello_at_once_are_both_welcomed_and_the_later_commit_wins(nodes: Nodes):
    await nodes.a.service.administer("kkm-1", add("kkm-1", "t", None))
    nodes.a.journal.hold_commits()
    nodes.b.journal.hold_commits()
    one, two = Conversation(nodes.a.service), Conversation(nodes.b.service)
    hellos = [one.hello(), two.hello()]
    await idle()
    nodes.b.journal.let_commits_go()
    await idle()
    nodes.a.journal.let_commits_go()
    await idle()
    assert all(isinstance(hello.answer, Welcome) for hello in hellos)
    assert one.closed == [], "it was just saying hello"
    await nodes.a.sold(one, receipt(1))
    late = two.submit(receipt(1))
    await idle()
    assert late.is_open
    assert two.closed == ["superseded"]


async def test_a_register_comes_back_to_a_node_that_it_left(nodes: Nodes):
    older = await nodes.a.welcome()
    newer = await nodes.b.welcome()
    await nodes.b.sold(newer, receipt(1))
    again = await nodes.a.welcome()
    assert older.closed == ["superseded"]
    await nodes.a.sold(again, receipt(2))
    gone = newer.submit(receipt(3))
    await idle()
    assert gone.is_open
    assert newer.closed == ["superseded"]
    assert nodes.kinds().count("TakenOver") == 3


async def test_a_blocked_register_is_taken_over_too(nodes: Nodes):
    older = await nodes.a.welcome()
    await blocked(nodes.a)
    newer = Conversation(nodes.b.service)
    hello = newer.hello()
    await idle()
    assert hello.answer == Blocked(reason="debt")
    await nodes.b.service.administer("kkm-1", lift(Standing.BLOCKED))
    late = older.submit(receipt(1))
    await nodes.b.sold(newer, receipt(1))
    await idle()
    assert late.is_open
    assert older.closed == ["superseded"]


async def test_a_session_whose_registration_was_not_kept_yields_too(nodes: Nodes):
    nodes.a.journal.plans.append(Unreachable("no route"))
    older = Conversation(nodes.a.service)
    hello = older.hello()
    await idle()
    assert hello.answer == LATER
    older.ask(Ping())
    await idle()
    newer = await nodes.b.welcome()
    late = older.submit(receipt(1))
    await idle()
    assert late.is_open
    assert older.closed == ["superseded"]
    await nodes.b.sold(newer, receipt(1))


async def test_such_a_session_costs_memory_until_it_ends(nodes: Nodes):
    nodes.a.journal.plans.append(Unreachable("no route"))
    conversation = Conversation(nodes.a.service)
    conversation.hello()
    await idle()
    conversation.ask(Ping())
    await idle()
    assert set(nodes.a.service._lanes) == {"kkm-1"}
    conversation.end()
    assert nodes.a.service._lanes == {}


async def test_a_wrong_token_takes_nothing_over(nodes: Nodes):
    older = await nodes.a.welcome()
    stranger = Conversation(nodes.b.service, token="guess")
    hello = stranger.hello()
    await idle()
    assert code_of(hello) is RefusalCode.WRONG_TOKEN
    await nodes.a.sold(older, receipt(1))
    assert older.closed == []


async def test_a_node_that_begins_anew_is_another_node(nodes: Nodes):
    older = await nodes.a.welcome()
    again = nodes.start("a2")
    newer = await again.welcome()
    await again.sold(newer, receipt(1))
    late = older.submit(receipt(2))
    await idle()
    assert late.is_open


# ------------------------------------------------------------------------------- what is said was true when asked


async def test_a_gap_that_another_node_has_closed_is_none(nodes: Nodes):
    """Over HTTP every request is a session that takes nothing over: documents come by any node."""
    here = await nodes.a.welcome(protocol="http")
    await nodes.a.sold(here, receipt(1))
    there = Conversation(nodes.b.service, protocol="http")
    there.session.register_id = "kkm-1"
    await nodes.b.sold(there, receipt(2), receipt(3))
    [accepted] = await nodes.a.sold(here, receipt(4))
    assert accepted.number == 4
    assert nodes.numbers() == [1, 2, 3, 4]


async def test_a_gap_that_is_one_is_refused_after_one_look(nodes: Nodes):
    here = await nodes.a.welcome()
    nodes.a.journal.reads.clear()
    asked = here.submit(receipt(5))
    await idle()
    assert code_of(asked) is RefusalCode.NUMBER_GAP
    assert asked.answer.expected == 1  # type: ignore[union-attr]
    assert nodes.a.journal.reads == ["version"]


async def test_documents_that_are_accepted_cost_no_look(nodes: Nodes):
    here = await nodes.a.welcome()
    nodes.a.journal.reads.clear()
    await nodes.a.sold(here, *(receipt(number) for number in range(1, 20)))
    assert nodes.a.journal.reads == []


async def test_one_look_answers_everybody_who_came_before_it(nodes: Nodes):
    here = await nodes.a.welcome()
    nodes.a.journal.reads.clear()
    nodes.a.journal.hold_reads()
    asked = [here.submit(receipt(number)) for number in (5, 6, 7)] + [here.ask(Ping())]
    await idle()
    nodes.a.journal.let_reads_go()
    await idle()
    assert [code_of(one) for one in asked[:3]] == [RefusalCode.NUMBER_GAP] * 3
    assert isinstance(asked[3].answer, Noted)
    assert nodes.a.journal.reads == ["version"]


async def test_what_came_while_somebody_looked_has_a_look_of_its_own(nodes: Nodes):
    here = await nodes.a.welcome()
    nodes.a.journal.hold_reads()
    first = here.ask(Ping())
    await idle()
    second = here.ask(Ping())
    nodes.a.journal.reads.clear()
    nodes.a.journal.let_reads_go()
    await idle()
    assert isinstance(first.answer, Noted)
    assert isinstance(second.answer, Noted)
    assert nodes.a.journal.reads == ["version"]


async def test_a_register_blocked_elsewhere_is_told_so_at_its_next_word(nodes: Nodes):
    here = await nodes.a.welcome()
    await blocked(nodes.b)
    asked = [here.ask(Ping()), here.submit(receipt(1)), here.ask(AskInformation())]
    await idle()
    assert [one.answer for one in asked] == [Blocked(reason="debt")] * 3
    assert nodes.numbers() == []


async def test_a_register_unblocked_elsewhere_goes_on(nodes: Nodes):
    here = await nodes.a.welcome()
    await blocked(nodes.a)
    await idle()
    asked = here.ask(Ping())
    await idle()
    assert asked.answer == Blocked(reason="debt")
    await nodes.b.service.administer("kkm-1", lift(Standing.BLOCKED))
    await nodes.a.sold(here, receipt(1))


async def test_one_who_has_paid_elsewhere_is_answered(nodes: Nodes):
    here = await nodes.a.welcome()
    await nodes.a.service.administer("kkm-1", set_standing(Standing.UNPAID))
    unpaid = here.ask(Ping())
    await idle()
    assert unpaid.answer is None
    await nodes.b.service.administer("kkm-1", lift(Standing.UNPAID))
    asked = here.ask(Ping())
    await idle()
    assert isinstance(asked.answer, Noted)


async def test_what_the_register_asks_for_is_what_the_ledger_holds(nodes: Nodes):
    here = await nodes.a.welcome()
    there = Conversation(nodes.b.service, protocol="http")
    there.session.register_id = "kkm-1"
    await nodes.b.sold(there, receipt(1), receipt(2))
    asked = here.ask(AskInformation())
    await idle()
    assert isinstance(asked.answer, Information)
    assert asked.answer.last_number == 2


async def test_a_copy_of_what_another_node_has_taken_is_answered_as_there(nodes: Nodes):
    here = await nodes.a.welcome(protocol="http")
    there = Conversation(nodes.b.service, protocol="http")
    there.session.register_id = "kkm-1"
    first = await nodes.b.sold(there, receipt(1), receipt(2))
    again = await nodes.a.sold(here, receipt(1), receipt(2))
    assert again == first
    assert nodes.numbers() == [1, 2]


async def test_a_look_into_the_ledger_begins_with_the_register(nodes: Nodes):
    """So whatever is said of what was found rests on what the register is now."""
    here = await nodes.a.welcome()
    await nodes.a.sold(here, receipt(1))
    nodes.a.journal.reads.clear()
    await nodes.a.sold(here, receipt(1))
    assert nodes.a.journal.reads == ["version", "document"]
    await blocked(nodes.b)
    copy = here.submit(receipt(1))
    await idle()
    assert copy.answer == Blocked(reason="debt")


async def test_a_person_hears_what_is_so_now(nodes: Nodes):
    await nodes.a.welcome()
    await blocked(nodes.b)
    decision = await nodes.a.service.administer("kkm-1", set_standing(Standing.BLOCKED, "debt"))
    assert decision.entries == (), "it is blocked already"
    assert decision.state is not None
    assert decision.state.standing is Standing.BLOCKED
    await nodes.b.service.administer("kkm-1", lift(Standing.BLOCKED))
    again = await nodes.a.service.administer("kkm-1", lift(Standing.BLOCKED))
    assert again.entries == ()


async def test_a_register_removed_elsewhere_is_unknown(nodes: Nodes):
    here = await nodes.a.welcome()
    await nodes.b.service.administer("kkm-1", set_standing(Standing.REMOVED))
    asked = here.submit(receipt(1))
    await idle()
    assert code_of(asked) is RefusalCode.UNKNOWN_REGISTER


async def test_a_new_token_counts_at_the_next_hello_of_any_node(nodes: Nodes):
    await nodes.a.welcome()
    await nodes.b.service.administer("kkm-1", reset_token("new"))
    old = Conversation(nodes.a.service).hello()
    new = Conversation(nodes.a.service, token="new").hello()
    await idle()
    assert code_of(old) is RefusalCode.WRONG_TOKEN
    assert isinstance(new.answer, Welcome)


async def test_the_state_of_a_register_is_that_of_the_ledger(nodes: Nodes):
    here = await nodes.a.welcome()
    known = await nodes.a.service.state_of("kkm-1")
    there = Conversation(nodes.b.service, protocol="http")
    there.session.register_id = "kkm-1"
    await nodes.b.sold(there, receipt(1))
    state = await nodes.a.service.state_of("kkm-1")
    assert known is not None
    assert state == await nodes.b.service.state_of("kkm-1")
    assert state is not None
    assert (known.tape.last_number, state.tape.last_number) == (0, 1)
    assert nodes.a.service.state_at_hand("kkm-1") == known, "looking on moves nobody's lane"
    await nodes.a.sold(here, receipt(2))
    assert await nodes.a.service.state_of("kkm-9") is None


async def test_a_status_that_is_decided_twice_is_told_once(nodes: Nodes):
    here = await nodes.a.welcome()
    await nodes.b.service.administer("kkm-1", set_standing(Standing.UNPAID))
    await nodes.b.service.administer("kkm-1", lift(Standing.UNPAID))
    asked = here.ask(ReportStatus(mode=RegisterMode.ONLINE, unsent=3))
    await idle()
    assert isinstance(asked.answer, Noted)
    assert [told.what for told in nodes.a.happened].count("status_reported") == 1
    last = nodes.a.service.last_report("kkm-1")
    assert last is not None
    assert last.report.unsent == 3


async def test_who_asks_of_a_register_that_nobody_knows_is_told_to_say_hello(nodes: Nodes):
    stranger = Conversation(nodes.a.service)
    stranger.session.register_id = "kkm-1"
    asked = [stranger.ask(Ping()), stranger.submit(receipt(1))]
    await idle()
    assert [code_of(one) for one in asked] == [RefusalCode.HELLO_FIRST] * 2


async def test_content_that_cannot_be_read_is_refused_unless_the_register_is_blocked(nodes: Nodes):
    here = await nodes.a.welcome()
    request = here.submit(receipt(1)).request
    await idle()
    bad = type(request)(content=b"\xc1", delivery=request.delivery)
    refused = here.ask(bad)
    await idle()
    assert code_of(refused) is RefusalCode.BAD_REQUEST
    await blocked(nodes.b)
    again = here.ask(bad)
    await idle()
    assert again.answer == Blocked(reason="debt")


# ------------------------------------------------------------------------------------------------ other protocols


class KzNode:
    """A device of Kazakhstan at one node; :meth:`ask` leaves its answer to whoever waits."""

    def __init__(self, operator: Operator) -> None:
        self._service = operator.service
        self._desk = Desk(rules=operator.service.rules, signer=SIGNER)
        self.session = operator.service.session("kz", "peer", lambda _reason: None)

    async def ask(self, device: Device, body: bytes) -> Answer:
        answers: list[KzAnswer] = []
        header = Header(device.version, device.id, device.token, device.number, len(body))
        self._service.handle(self.session, KzExchange(self._desk, header, body), answers.append)
        await idle()
        [said] = answers
        answer = Answer(said.token, parse_response(device.version, said.body))
        return answer if answer.code else device.take(answer)


def as_it_is(device: Device) -> Device:
    """The same device, before it goes on."""
    return Device(device.id, device.token, device.number)


async def test_a_device_of_kazakhstan_hops_with_its_token(nodes: Nodes):
    device = Device()
    counters = [KzNode(nodes.a), KzNode(nodes.b)]
    for number in range(1, 9):
        answer = await counters[number % 2].ask(device, device.document(receipt(number)))
        assert answer.code == ResultCode.OK, answer.text
    assert nodes.numbers(str(DEVICE)) == list(range(1, 9))


async def test_a_repeat_at_the_other_node_gets_the_first_ticket(nodes: Nodes):
    device = Device()
    here, there = KzNode(nodes.a), KzNode(nodes.b)
    await here.ask(device, device.document(receipt(1)))
    await there.ask(device, device.document(receipt(2)))
    again = as_it_is(device)
    first = await there.ask(device, device.document(receipt(3)))
    repeat = await here.ask(again, again.document(receipt(3)))
    assert repeat.sign == first.sign
    assert nodes.numbers(str(DEVICE)) == [1, 2, 3]


async def test_a_token_that_was_used_at_the_other_node_is_refused(nodes: Nodes):
    device = Device()
    here, there = KzNode(nodes.a), KzNode(nodes.b)
    await here.ask(device, device.document(receipt(1)))
    copy = as_it_is(device)
    await there.ask(device, device.document(receipt(2)))
    await there.ask(device, device.document(receipt(3)))
    refused = await here.ask(copy, copy.document(receipt(2)))
    assert refused.code == ResultCode.INVALID_TOKEN
    assert nodes.numbers(str(DEVICE)) == [1, 2, 3]


async def test_an_exchange_ends_the_session_that_is_open_at_the_other_node(nodes: Nodes):
    device = Device()
    open_session = await nodes.a.welcome(str(DEVICE), token=str(TOKEN))
    await nodes.a.sold(open_session, receipt(1))
    answer = await KzNode(nodes.b).ask(device, device.document(receipt(2)))
    assert answer.code == ResultCode.OK, answer.text
    late = open_session.submit(receipt(3))
    await idle()
    assert late.is_open
    assert open_session.closed == ["superseded"]
    again = await nodes.a.welcome(str(DEVICE), token=str(TOKEN))
    assert nodes.numbers(str(DEVICE)) == [1, 2]
    assert again.closed == []


# ---------------------------------------------------------------------------------------------------- the trouble


async def test_a_look_that_fails_says_nothing_and_puts_off(nodes: Nodes):
    here = await nodes.a.welcome()
    nodes.a.journal.reading_fails["version"] = StorageError("the database is away")
    asked = [here.submit(receipt(7)), here.ask(Ping())]
    await idle()
    assert [one.answer for one in asked] == [LATER, LATER]
    await nodes.a.sold(here, receipt(1))


@pytest.mark.parametrize("kept", [False, True])
async def test_an_outcome_that_stays_unknown_puts_off_and_breaks_nothing(nodes: Nodes, kept: bool):
    here = await nodes.a.welcome()
    nodes.a.journal.plans.append(Unknown(kept))
    nodes.a.journal.reading_fails["is_committed"] = StorageError("the database is away")
    asked = [here.submit(receipt(1)), here.submit(receipt(2))]
    await idle()
    assert LATER in [one.answer for one in asked if not one.is_open]
    assert nodes.a.service.broken is None
    again = await nodes.a.sold(here, receipt(1), receipt(2))
    assert [accepted.number for accepted in again] == [1, 2]
    assert nodes.numbers() == [1, 2]


async def test_an_outcome_that_stays_unknown_ends_an_operator_that_writes_alone():
    operator = Operator()
    here = await operator.welcome()
    operator.journal.plans.append(OutcomeUnknown("the link broke"))
    operator.journal.reading_fails["is_committed"] = StorageError("gone")
    asked = here.submit(receipt(1))
    await idle()
    assert asked.answer == LATER
    assert operator.service.broken is not None


async def test_a_database_that_cannot_be_reached_is_not_asked_for_every_half_of_a_batch(nodes: Nodes):
    tills = [await nodes.a.welcome(f"kkm-{n}") for n in range(16)]
    nodes.a.journal.batches.clear()
    nodes.a.journal.plans.append(Unreachable("no route"))
    asked = [till.submit(receipt(1)) for till in tills]
    await idle()
    assert [one.answer for one in asked] == [LATER] * 16
    assert len(nodes.a.journal.batches) == 1
    await nodes.a.sold(tills[0], receipt(1))


async def test_takeovers_stand_in_the_ledger_with_the_name_of_the_node(nodes: Nodes):
    await nodes.a.welcome()
    await nodes.b.welcome()
    taken = [s.entry.node for s in nodes.memory.ledger.everything() if isinstance(s.entry, TakenOver)]
    assert taken == ["a", "b"]
    assert [nodes.memory.writers["kkm-1", version] for version in (1, 2, 3)] == ["a", "a", "b"]
