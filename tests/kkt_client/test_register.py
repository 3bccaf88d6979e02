"""What a cashier can do with a register, apart from what the link does meanwhile."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from fiscal.domain.document import CorrectionReason, DocumentKind
from fiscal.domain.lifecycle import BlockReason, DocumentState, RegisterMode
from fiscal.domain.messages import SubmitDocument
from fiscal.domain.receipt import Cashier, Operation, PaymentKind
from fiscal.domain.shift import ReportKind
from fiscal.errors import ConfigurationError, StorageBusy
from kkt_client import register as module
from kkt_client.core.basket import Basket, Line
from kkt_client.core.errors import NotEnoughCash, NothingToResolve, RegisterClosed, ShiftNotOpen
from kkt_client.core.events import CameBack, DocumentMoved, WentAutonomous
from kkt_client.core.receipts import FiscalReceipt, FiscalReport
from kkt_client.core.records import Decision
from tests.documents import T0
from tests.kkt_client.shop import BASKET, BREAD, WHOSE, Shop, play


def test_every_order_has_its_document():
    shop = Shop()
    night = Cashier(code=2, name="Ерлан")

    async def scene():
        async with shop.opened() as register:
            papers: list[Any] = [
                await register.deposit(500_00),
                await register.sell(Basket(lines=(BREAD,), payments={PaymentKind.CARD: 250_00}), cashier=night),
                await register.sell_return(BASKET),
                await register.buy(BASKET),
                await register.buy_return(BASKET),
                await register.correct(
                    Operation.SELL,
                    100_00,
                    reason=CorrectionReason.OWN,
                    corrected_at=T0,
                    basis="акт 1",
                    payments={PaymentKind.CARD: 100_00},
                    vat=12_000,
                ),
                await register.withdraw(100_00),
                await register.close_shift(withdraw_cash=True),
            ]
            return papers, register.status()

    papers, status = play(scene)

    assert [paper.document.number for paper in papers] == list(range(1, 9))
    assert [paper.kind for paper in papers[:-1]] == [
        DocumentKind.DEPOSIT,
        *[DocumentKind.RECEIPT] * 4,
        DocumentKind.CORRECTION,
        DocumentKind.WITHDRAWAL,
    ]
    assert [paper.document.operation for paper in papers[1:5]] == list(Operation)
    assert (papers[1].cashier, papers[2].cashier) == (night, shop.settings.cashier)
    assert papers[5].sign is not None
    assert papers[7].report.counters == {**shop.operator.shift.counters}
    assert status.cash == 0


def test_an_x_report_is_no_document():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            report = await register.x_report()
            return report, register.status().last_number

    report, last = play(scene)

    assert (report.report.kind, report.report.counters["tickets.sell.count"], report.unsent) == (ReportKind.X, 1, 0)
    assert (report.number, last) == (None, 1)
    assert len(shop.disk.records) == 3


def test_documents_are_read_page_by_page_in_both_directions(monkeypatch):
    monkeypatch.setattr(module, "PAGE", 3)
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            for _ in range(7):
                await register.sell(BASKET)
            await register.close_shift()
            return (
                [paper.number async for paper in register.documents()],
                [paper.number async for paper in register.documents(newest_first=True)],
                [paper.number async for paper in register.documents(first=3, last=5)],
                [paper.number async for paper in register.documents(first=9)],
                await register.document(8),
                await register.document(9),
                await register.document(1),
            )

    up, down, some, none, report, nothing, receipt = play(scene)

    assert (up, down) == (list(range(1, 9)), list(range(8, 0, -1)))
    assert (some, none, nothing) == ([3, 4, 5], [], None)
    assert isinstance(report, FiscalReport)
    assert isinstance(receipt, FiscalReceipt)
    assert report.unsent is None


def test_the_status_of_a_register_in_trouble():
    shop = Shop()
    shop.operator.down = True

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            await register.sell(BASKET)
            await asyncio.sleep(100)
            return register.status()

    status = play(scene)

    assert (status.register_id, status.mode, status.connected) == ("kkt-1", RegisterMode.AUTONOMOUS, False)
    assert (status.unsent, status.head, status.last_number, status.accepted_number) == (2, 1, 2, 0)
    assert (status.shift, status.cash, status.shift_expired) == (1, 50_000, False)
    assert status.last_error == "connection refused"
    assert status.next_attempt_s is not None
    assert status.period is not None
    assert status.unfinished == ()


def test_events_are_read_as_they_happen_and_end_with_the_register():
    shop = Shop()

    async def scene():
        register = shop.register()
        await shop.start(register)
        events = register.events()
        shop.operator.down = True
        await register.sell(BASKET)
        shop.operator.down = False
        await register.sync()
        await register.close()
        return [event async for event in events]

    told = play(scene)

    moved = [event.state for event in told if isinstance(event, DocumentMoved)]
    assert moved == [DocumentState.SAVED, DocumentState.SAVED_AUTONOMOUS, DocumentState.DELIVERED_AUTONOMOUS]
    assert [type(event) for event in told if not isinstance(event, DocumentMoved)] == [WentAutonomous, CameBack]


def test_a_memory_has_one_register_at_a_time_and_one_for_ever():
    shop = Shop()

    async def scene():
        async with shop.opened():
            with pytest.raises(StorageBusy):
                async with shop.opened():
                    pass
        shop.whose = replace(WHOSE, register="kkt-2")
        with pytest.raises(ConfigurationError, match="belongs to kkt-1"):
            async with shop.opened():
                pass
        shop.whose = WHOSE
        async with shop.opened() as register:
            return (await register.sell(BASKET)).number

    assert play(scene) == 1


def test_particulars_can_change():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
        shop.whose = replace(WHOSE, profile=replace(WHOSE.profile, place="Астана"))
        async with shop.opened() as register:
            return await register.sell(BASKET)

    assert play(scene).profile.place == "Астана"


def test_what_is_refused_costs_no_number():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            for order in (register.withdraw(1), register.buy(BASKET), register.close_shift()):
                with pytest.raises((NotEnoughCash, ShiftNotOpen)):
                    await order
            return (await register.sell(BASKET)).number

    assert play(scene) == 1


@pytest.mark.parametrize("decision", Decision)
def test_there_must_be_something_to_decide(decision):
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            with pytest.raises(NothingToResolve):
                await register.resolve(decision, by="a", why="b")

    play(scene)


def test_a_closed_register_answers_nothing_and_can_be_closed_again():
    shop = Shop()

    async def scene():
        register = shop.register()
        with pytest.raises(RegisterClosed):
            await register.sell(BASKET)
        await shop.start(register)
        await register.sell(BASKET)
        await register.close()
        await register.close()
        for call in (
            register.x_report(),
            register.document(1),
            register.find("k"),
            register.unfinished(),
            register.verify(),
            register.sync(),
            register.resolve(Decision.RETRY, by="a", why="b"),
            register.set_token("t"),
            register.low_power(True),
        ):
            with pytest.raises(RegisterClosed):
                await call
        with pytest.raises(RegisterClosed):
            _ = [paper async for paper in register.documents()]

    play(scene)


def test_a_token_can_be_changed_without_any_trouble():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.operator.token = "new"
            await register.set_token("new")
            return await register.sell(BASKET)

    assert play(scene).state is DocumentState.DELIVERED
    assert shop.operator.words() == ["hello", "document 1", "hello", "document 2"]


def test_a_register_that_is_closed_while_it_sends_goes_on_when_it_is_opened():
    shop = Shop()
    shop.operator.down = True

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            await register.sell(BASKET)
            shop.operator.down = False
            shop.operator.delays[SubmitDocument] = 3.0
            await shop.until(lambda: shop.operator.contents)
            begun = shop.clock.monotonic()
        closing = shop.clock.monotonic() - begun
        shop.operator.delays.clear()
        async with shop.opened() as register:
            await register.sync()
            return closing, register.status()

    closing, status = play(scene)

    assert closing < 0.01
    assert (status.mode, status.unsent) == (RegisterMode.ONLINE, 0)
    assert shop.operator.numbers() == [1, 2]


def test_a_block_outlives_the_process():
    shop = Shop()
    shop.operator.blocked = "долг"

    async def scene():
        async with shop.opened() as register:
            with pytest.raises(Exception, match="долг"):
                await register.sell(BASKET)
        shop.operator.down = True
        async with shop.opened() as register:
            with pytest.raises(Exception, match="долг"):
                await register.sell(BASKET)
            return [block.reason for block in register.status().blocks]

    assert play(scene) == [BlockReason.BY_OPERATOR]


def test_a_line_is_all_that_a_sale_needs():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            return await register.sell([Line(name="Молоко", price=450_00, quantity=2_000)])

    receipt = play(scene)

    assert receipt.total == 900_00
    assert receipt.document.items[0].taxes[0].rate == 16_000
