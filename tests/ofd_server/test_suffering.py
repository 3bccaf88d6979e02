"""What a plan does to the whole server: each host effect by itself, and nothing to a server that suffers nothing."""

from __future__ import annotations

import pytest

from fiscal.domain.messages import Accepted, Blocked, TryLater
from fiscal.faults.effects import Block, DiskFull, SlowFsync, Unblock
from ofd_server.suffering import BLOCKED, Suffering
from tests.documents import receipt
from tests.ofd_server.twins import Operator, idle, numbers


async def sell(operator, conversation, number):
    asked = conversation.submit(receipt(number))
    await idle()
    return asked


async def test_a_block_comes_before_the_request_that_is_at_hand():
    operator = Operator()
    host = Suffering(operator.service)
    register, other = await operator.welcome(), await operator.welcome("kkm-2")
    host.suffer(Block(), "kkm-1")
    assert (await sell(operator, register, 1)).answer == Blocked(reason=BLOCKED)
    assert (await sell(operator, other, 1)).is_accepted
    host.suffer(Unblock(), "kkm-1")
    assert (await sell(operator, register, 1)).is_accepted


async def test_a_full_disk_fails_the_commit_of_its_register_only():
    operator = Operator()
    host = Suffering(operator.service)
    register, other = await operator.welcome(), await operator.welcome("kkm-2")
    host.suffer(DiskFull(), "kkm-1")
    operator.journal.hold_commits()
    await sell(operator, other, 1)  # the writer is at work, so that the next two share a commit
    asked = [register.submit(receipt(1)), other.submit(receipt(2))]
    operator.journal.let_commits_go()
    await idle()
    assert isinstance(asked[0].answer, TryLater)
    assert asked[1].is_accepted
    assert await numbers(operator, "kkm-1") == []
    assert (await sell(operator, register, 1)).is_accepted, "once is once"


async def test_a_slow_disk_is_slow_for_everybody_in_the_commit_and_fast_when_the_server_ends():
    operator = Operator()
    host = Suffering(operator.service)
    register = await operator.welcome()
    host.suffer(SlowFsync(60_000), "kkm-1")
    asked = await sell(operator, register, 1)
    assert asked.is_open
    host.end()
    await idle()
    assert isinstance(asked.answer, Accepted)


async def test_a_slow_disk_goes_on_by_itself():
    operator = Operator()
    host = Suffering(operator.service)
    register = await operator.welcome()
    host.suffer(SlowFsync(1), "kkm-1")
    asked = register.submit(receipt(1))
    await operator.service.drain()
    assert asked.is_accepted


@pytest.mark.parametrize("effect", [DiskFull(), SlowFsync(60_000)])
async def test_what_did_not_happen_to_a_request_does_not_happen_to_the_next(effect):
    operator = Operator()
    host = Suffering(operator.service)
    register = await operator.welcome()
    host.suffer(effect, "kkm-1")
    host.relieve("kkm-1")
    assert (await sell(operator, register, 1)).is_accepted


@pytest.mark.parametrize("effect", [DiskFull(), SlowFsync(60_000)])
async def test_after_a_new_beginning_nothing_happens_that_was_to_happen(effect):
    operator = Operator()
    host = Suffering(operator.service)
    host.calm()
    register = await operator.welcome()
    host.suffer(effect, "kkm-1")
    host.calm()
    assert (await sell(operator, register, 1)).is_accepted


async def test_a_new_beginning_waits_for_no_slow_disk_and_the_next_one_is_slow_again():
    operator = Operator()
    host = Suffering(operator.service)
    register = await operator.welcome()
    for number in (1, 2):
        host.suffer(SlowFsync(60_000), "kkm-1")
        asked = await sell(operator, register, number)
        assert asked.is_open
        host.calm()
        await idle()
        assert asked.is_accepted


async def test_without_trouble_the_journal_has_no_layer():
    operator = Operator()
    host = Suffering(operator.service)
    host.relieve("kkm-1")
    host.end()
    await operator.welcome()
    assert operator.service._committer._journal is operator.journal
    host.suffer(DiskFull(), "kkm-1")
    layer = operator.service._committer._journal
    host.suffer(SlowFsync(1), "kkm-2")
    assert operator.service._committer._journal is layer, "one layer is enough"
    assert layer.durable is operator.journal.durable, "what it does not do itself, the journal does"


async def test_a_fault_about_nobody_harms_nobody():
    operator = Operator()
    Suffering(operator.service).suffer(Block(), "")
    await idle()
    assert not await operator.journal.registers()


async def test_a_process_dies_where_it_may():
    operator, dead = Operator(), []
    Suffering(operator.service).crash()
    Suffering(operator.service, lambda: dead.append(1)).crash()
    assert dead == [1]
