"""Lanes that wait for the ledger: order is kept, nobody else waits, whoever fails is told."""

from __future__ import annotations

import pytest
import structlog
from msgspec.structs import replace

from fiscal.domain.document import Delivery
from fiscal.domain.lifecycle import AutonomousReason
from fiscal.domain.messages import (
    Noted,
    Ping,
    ReportOfflinePeriod,
    SubmitDocument,
    TryLater,
    Welcome,
)
from fiscal.domain.receipt import Payment, PaymentKind
from fiscal.errors import StorageError
from fiscal.time import HOUR
from ofd_server.ports import Unreachable
from ofd_server.service import LANE_WAITING_MAX
from tests.documents import T0, receipt
from tests.ofd_server.twins import Conversation, Operator, idle

AUTONOMOUS = Delivery(autonomous=True, autonomous_sign=7, period=1)
PERIOD = ReportOfflinePeriod(number=1, begin=T0, end=T0 + HOUR, reason=AutonomousReason.NO_CONNECTION)
CARD = (Payment(kind=PaymentKind.CARD, sum=10_000),)
LATER = TryLater(delay_ms=1_000)


# --------------------------------------------------------------------------------------- what is asked, in order


async def test_look_ups_keep_the_order():
    """A copy is looked up in the journal; what came behind it is decided behind it."""
    operator = Operator()
    conversation = await operator.welcome()
    await operator.sold(conversation, receipt(1))
    operator.journal.hold_reads()
    asked = [
        conversation.submit(receipt(1)),
        conversation.submit(receipt(2)),
        conversation.ask(PERIOD),
        conversation.submit(receipt(3), AUTONOMOUS),
        conversation.submit(receipt(4), replace(AUTONOMOUS, autonomous_sign=5)),
        conversation.submit(receipt(5)),
        conversation.ask(Ping()),
    ]
    await idle()
    assert all(one.is_open for one in asked)
    operator.journal.let_reads_go()
    await idle(200)
    assert [one.accepted.number for one in asked if isinstance(one.request, SubmitDocument)] == [1, 2, 3, 4, 5]
    assert [type(asked[2].answer), type(asked[6].answer)] == [Noted, Noted]
    feed = await operator.journal.entries("kkm-1", 0, 100)
    kinds = [type(stored.entry).__name__ for stored in feed]
    assert kinds == ["Registered", "DocumentRecorded", "DocumentRecorded", "PeriodRecorded"] + ["DocumentRecorded"] * 3
    assert operator.journal.reads == ["load", "document", "sign"]


async def test_a_copy_does_not_wait_for_another_register():
    operator = Operator()
    one, two = await operator.welcome("kkm-1"), await operator.welcome("kkm-2")
    await operator.sold(one, receipt(1))
    operator.journal.hold_reads()
    copy = one.submit(receipt(1))
    asked = two.submit(receipt(1))
    await idle()
    assert copy.is_open
    assert asked.is_accepted
    operator.journal.let_reads_go()
    await idle()
    assert copy.is_accepted


async def test_a_register_is_loaded_once_for_all_who_wait():
    operator = Operator()
    first = await operator.welcome()
    await operator.sold(first, receipt(1))
    again = Operator(operator.journal)
    operator.journal.reads.clear()
    operator.journal.hold_reads()
    conversation = Conversation(again.service)
    asked = [conversation.hello(), conversation.ask(Ping())]
    await idle()
    assert asked[0].is_open
    operator.journal.let_reads_go()
    await idle()
    welcome = asked[0].answer
    assert isinstance(welcome, Welcome)
    assert (welcome.last_number, welcome.last_shift) == (1, 1)
    copy = conversation.submit(receipt(1))
    new = conversation.submit(receipt(2))
    await idle()
    assert copy.accepted.number == 1
    assert new.accepted.number == 2
    assert operator.journal.reads == ["load", "document"]


@pytest.mark.parametrize(("error", "told"), [(Unreachable("away"), []), (StorageError("damaged"), ["look-up failed"])])
async def test_a_look_that_fails_is_answered_with_come_later(error, told, monkeypatch):
    """That a database is away, the ledger says once; it is not said again for each of a thousand registers."""
    operator = Operator()

    async def load(register_id: str) -> None:
        raise error

    monkeypatch.setattr(operator.journal, "load", load)
    conversation = Conversation(operator.service)
    with structlog.testing.capture_logs() as lines:
        asked = conversation.hello()
        await idle()
    assert asked.answer == LATER
    assert [line["event"] for line in lines] == told


async def test_a_register_that_sends_more_than_it_may_is_told_to_come_later():
    operator = Operator()
    conversation = await operator.welcome()
    await operator.sold(conversation, receipt(1))
    operator.journal.hold_reads()
    copy = conversation.submit(receipt(1))
    waiting = [conversation.ask(Ping()) for _ in range(LANE_WAITING_MAX)]
    refused = [conversation.ask(Ping()) for _ in range(3)]
    await idle()
    assert [one.answer for one in refused] == [LATER] * 3
    assert all(one.is_open for one in waiting)
    operator.journal.let_reads_go()
    await idle(LANE_WAITING_MAX)
    assert copy.is_accepted
    assert all(isinstance(one.answer, Noted) for one in waiting)
