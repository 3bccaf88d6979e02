"""Entries of every node, in the ledger's order, told to whoever watches; and no question while nobody does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from fiscal.errors import StorageError
from ofd_server import following
from ofd_server.core.administration import set_standing
from ofd_server.core.entries import DocumentRecorded, Standing
from ofd_server.core.fleet import Lamp
from ofd_server.core.rules import Rules
from ofd_server.fleet import Counts, Fleet
from ofd_server.following import Follower
from ofd_server.ports import Happened, StoredEntry
from ofd_server.receipts import Directory
from tests.contract.books import PROFILE
from tests.documents import receipt
from tests.ofd_server.twins import NodeJournal, Operator, SharedMemory

WAIT_S = 10.0


async def until(so: Callable[[], object]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not so():  # noqa: ASYNC110 - whatever is waited for has no event
            await asyncio.sleep(0.005)


class Asked(NodeJournal):
    """Counts the questions, and fails as often as it is told."""

    questions = 0
    failures = 0

    async def _question(self) -> None:
        self.questions += 1
        await asyncio.sleep(0)
        if self.failures:
            self.failures -= 1
            raise StorageError("the database is away")

    async def last_seq(self) -> int:
        await self._question()
        return await super().last_seq()

    async def entries(self, register_id: str | None, after_seq: int, limit: int) -> Sequence[StoredEntry]:
        await self._question()
        return await super().entries(register_id, after_seq, limit)


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "POLL_S", 0.02)
    monkeypatch.setattr(following, "REST_S", 0.001)
    monkeypatch.setattr(following, "AWAY_S", 0.005)


@pytest.fixture
async def nodes() -> AsyncIterator[tuple[Operator, Operator]]:
    memory = SharedMemory()
    operators = tuple(Operator(Asked(memory, name), Rules(node=name)) for name in "ab")
    for operator in operators:
        operator.service._observers.clear()
        assert operator.service._follower is not None
    yield operators[0], operators[1]
    for operator in operators:
        await operator.service.drain()


async def test_what_every_node_writes_in_the_order_of_the_ledger(nodes: tuple[Operator, Operator]):
    here, there = nodes
    told: list[Happened] = []
    here.service.observe(told.append)
    await here.service.following()
    tills = [(here, await here.welcome("kkm-a")), (there, await there.welcome("kkm-b"))]
    for number in range(1, 6):
        for operator, till in tills:
            await operator.sold(till, receipt(number))
    written = here.journal.everything()
    await until(lambda: sum(one.what == "committed" for one in told) == len(written))
    entries = [one for one in told if one.what == "committed"]
    assert [one.seq for one in entries] == [stored.seq for stored in written], "its own as well, each once"
    assert [one.entry for one in entries] == [stored.entry for stored in written]
    assert [one.number for one in entries if isinstance(one.entry, DocumentRecorded)] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert "session_opened" in {one.what for one in told}, "what passes is told where it happens"


async def test_a_look_that_changes_nothing_tells_nothing(nodes: tuple[Operator, Operator]):
    here, _ = nodes
    told: list[Happened] = []
    here.service.observe(told.append)
    await here.service.following()
    asked = here.journal.questions
    await until(lambda: here.journal.questions > asked + 3)
    assert told == []


async def test_nothing_is_asked_while_nobody_watches(nodes: tuple[Operator, Operator]):
    here, there = nodes
    await there.sold(await there.welcome(), receipt(1))
    await asyncio.sleep(0.05)
    assert here.journal.questions == 0
    stop = here.service.observe(lambda _happened: None)
    await here.service.following()
    assert here.journal.questions >= 1
    stop()
    await asyncio.sleep(0.01)
    asked = here.journal.questions
    await there.sold(await there.welcome("kkm-2"), receipt(1))
    await asyncio.sleep(0.05)
    assert here.journal.questions == asked


async def test_who_comes_later_is_told_from_then_on(nodes: tuple[Operator, Operator]):
    here, there = nodes
    await there.sold(await there.welcome(), receipt(1))
    told: list[Happened] = []
    here.service.observe(told.append)
    await here.service.following()
    await there.welcome("kkm-2")
    await until(lambda: told)
    assert {one.register_id for one in told} == {"kkm-2"}


async def test_a_ledger_that_cannot_be_asked_is_followed_on_from_the_same_place(nodes: tuple[Operator, Operator]):
    here, there = nodes
    told: list[Happened] = []
    here.service.observe(told.append)
    await here.service.following()
    conversation = await there.welcome()
    await until(lambda: len(told) == 2)
    here.journal.failures = 3
    await there.sold(conversation, *(receipt(number) for number in range(1, 4)))
    await until(lambda: len(told) == 5)
    assert here.journal.failures == 0
    assert [one.number for one in told[2:]] == [1, 2, 3]


async def test_who_wants_to_follow_meanwhile_hears_why_he_cannot_and_is_followed_for_later(
    nodes: tuple[Operator, Operator],
):
    here, there = nodes
    here.journal.failures = 1
    told: list[Happened] = []
    here.service.observe(told.append)
    with pytest.raises(StorageError, match="away"):
        await here.service.following()
    await until(lambda: here.journal.questions > 2)
    await here.service.following()
    await there.welcome()
    await until(lambda: told)


async def test_many_pages_are_read_without_a_rest(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(following, "PAGE", 3)
    monkeypatch.setattr(following, "POLL_S", WAIT_S)
    memory = SharedMemory()
    journal = memory.node("a")
    rows: list[int] = []
    follower = Follower(journal, lambda page: rows.extend(stored.seq for stored in page))
    follower.start()
    follower.start()
    await follower.following()
    writer = Operator(memory.node("b"), Rules(node="b"))
    writer.service._observers.clear()
    await writer.sold(await writer.welcome(), *(receipt(number) for number in range(1, 20)))
    follower.wake()
    await until(lambda: len(rows) == 21)
    assert rows == list(range(1, 22))
    follower.stop()
    follower.stop()
    await follower.following()


async def test_an_operator_alone_has_nobody_to_follow():
    operator = Operator()
    assert operator.service._follower is None
    await operator.service.following()


# ------------------------------------------------------------------------------------------------------ the viewers


async def test_the_fleet_is_that_of_all_nodes(nodes: tuple[Operator, Operator]):
    here, there = nodes
    known = await there.welcome("kkm-1")
    await there.sold(known, receipt(1))
    mine = await here.welcome("kkm-0")
    fleet = Fleet(here.service, Counts)
    await fleet.join()

    def shown() -> dict[str, tuple[Lamp, int]]:
        return {row.id: (row.lamp, row.documents) for row in fleet.rows(0, 100)}

    assert shown()["kkm-1"][1] == 1
    new = await there.welcome("kkm-2")
    await there.sold(new, receipt(1), receipt(2))
    await there.sold(known, receipt(2))
    await here.sold(mine, receipt(1))
    await until(lambda: {name: row[1] for name, row in shown().items()} == {"kkm-0": 1, "kkm-1": 2, "kkm-2": 2})
    await there.service.administer("kkm-0", set_standing(Standing.BLOCKED))
    await until(lambda: shown()["kkm-0"][0] is Lamp.BLOCKED)
    await there.sold(known, receipt(3))
    await until(lambda: shown()["kkm-1"][1] == 3)
    assert shown()["kkm-0"] == (Lamp.BLOCKED, 1)
    fleet.close()


async def test_names_on_receipts_are_learnt_from_all_nodes(nodes: tuple[Operator, Operator]):
    here, there = nodes
    directory = Directory(here.service)
    assert list(await directory.ids_of(PROFILE.rnm)) == [PROFILE.rnm]
    conversation = await there.welcome()
    again = conversation.hello(profile=PROFILE)
    await until(lambda: not again.is_open)
    found: set[str] = set()
    while "kkm-1" not in found:
        await asyncio.sleep(0.005)
        found = set(await directory.ids_of(PROFILE.rnm))
