"""A sale, whatever the link does: every limit with both sides of its edge, in virtual time."""

import asyncio
from typing import Any

import pytest

from fiscal.domain.document import Delivery
from fiscal.domain.lifecycle import AutonomousReason, BlockReason, DocumentState, RegisterMode
from fiscal.domain.messages import (
    AskInformation,
    Blocked,
    Hello,
    RefusalCode,
    Refused,
    ReportOfflinePeriod,
    ReportStatus,
    SubmitDocument,
    TryLater,
)
from fiscal.errors import DiskFull, InvalidValue
from fiscal.time import HOUR, MINUTE
from kkt_client.config import RegisterSettings
from kkt_client.core import records
from kkt_client.core.basket import Basket, Line
from kkt_client.core.errors import DocumentRefused, KeyReused, RegisterBlocked, RegisterClosed, ShiftExpired
from kkt_client.core.events import PersonNeeded, WentAutonomous
from kkt_client.core.records import Decision, unseal
from tests.kkt_client.shop import BASKET, BREAD, Shop, play

S = DocumentState


def written(shop: Shop) -> list[str]:
    return [type(unseal(sealed)).__name__ for sealed in shop.disk.records]


def went(shop: Shop) -> list[AutonomousReason]:
    return [event.reason for event in shop.events if isinstance(event, WentAutonomous)]


# ----------------------------------------------------------------------------------------------------------- online


def test_persist_then_send_persist_the_answer_then_return():
    shop = Shop()
    seen: list[tuple[str, list[str]]] = []
    answer = shop.operator.answer

    def answer_and_look(request: Any, now: int) -> Any:
        seen.append((type(request).__name__, written(shop)))
        return answer(request, now)

    shop.operator.answer = answer_and_look  # type: ignore[method-assign]  # a look over its shoulder

    async def scene():
        async with shop.opened() as register:
            receipt = await register.sell(BASKET)
            return receipt, written(shop)

    receipt, after = play(scene)

    assert seen[:2] == [("Hello", ["Founded"]), ("SubmitDocument", ["Founded", "Issued"])]
    assert after == ["Founded", "Issued", "Accepted"]
    assert (receipt.state, receipt.sign, receipt.qr) == (S.DELIVERED, "700000000001", "qr:700000000001")


def test_one_hello_for_many_sales():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            for _ in range(3):
                await register.sell(BASKET)

    play(scene)

    assert shop.operator.words() == ["hello", "document 1", "document 2", "document 3"]


@pytest.mark.requirement("S3-13")
@pytest.mark.parametrize(
    ("delay", "state"), [(5.0, S.DELIVERED), (5.0001, S.SAVED_AUTONOMOUS)], ids=["5.0 s is in time", "later is not"]
)
def test_the_answer_has_five_seconds(delay, state):
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.operator.delays[SubmitDocument] = delay
            return await register.sell(BASKET)

    receipt = play(scene)

    assert receipt.state is state
    assert went(shop) == ([] if state is S.DELIVERED else [AutonomousReason.LATE_ANSWER])


@pytest.mark.requirement("S3-13")
@pytest.mark.parametrize(
    ("connecting", "answering", "state"),
    [
        (2.0, 3.0, S.DELIVERED),
        (2.0, 3.0625, S.SAVED_AUTONOMOUS),
        (2.0625, 3.0, S.SAVED_AUTONOMOUS),
        (5.0, 0.0, S.DELIVERED),
        (5.0625, 0.0, S.SAVED_AUTONOMOUS),
    ],
)
def test_the_sale_has_five_seconds_from_the_first_attempt_to_connect(connecting, answering, state):
    shop = Shop()
    shop.operator.connect_s = connecting
    shop.operator.delays[SubmitDocument] = answering

    async def scene():
        async with shop.opened() as register:
            receipt = await register.sell(BASKET)
            return receipt, shop.clock.monotonic()

    receipt, at = play(scene)

    assert receipt.state is state
    assert at <= 5.001


def test_limits_are_settings():
    shop = Shop(RegisterSettings(answer_limit_s=1.0, sale_budget_s=2.0))

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.operator.deaf = {SubmitDocument}
            receipt = await register.sell(BASKET)
            return receipt, shop.clock.monotonic()

    receipt, at = play(scene)

    assert receipt.autonomous
    assert at == pytest.approx(1.0)


@pytest.mark.requirement("S3-24", "S3-26")
def test_a_document_in_doubt_is_sent_again_in_its_place_with_its_sign_and_the_same_bytes():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.operator.delays[SubmitDocument] = 6.0  # the operator keeps it, and answers too late
            late = await register.sell(BASKET)
            alone = await register.sell(BASKET)
            del shop.operator.delays[SubmitDocument]
            shop.operator.forget()
            await register.sync()
            return late, alone, await register.document(2)

    late, alone, after = play(scene)

    assert shop.operator.words() == ["hello", "period 1", "document 2", "document 3"]
    assert shop.operator.numbers() == [1, 2, 3]
    assert (after.state, after.sign) == (S.DELIVERED_AUTONOMOUS, "700000000002")
    assert after.autonomous_sign == late.autonomous_sign < alone.autonomous_sign
    assert shop.operator.deliveries[1] == Delivery(autonomous=True, autonomous_sign=late.autonomous_sign, period=1)


def test_a_lost_answer_is_asked_for_again_and_the_receipt_is_an_online_one():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            shop.operator.lose = {SubmitDocument}
            return await register.sell(BASKET)

    receipt = play(scene)

    assert receipt.state is S.DELIVERED
    assert shop.operator.words() == ["hello", "document 1", "hello", "document 1"]
    sent = [request for request in shop.operator.heard if isinstance(request, SubmitDocument)]
    assert sent[0] == sent[1]
    assert shop.operator.numbers() == [1]


@pytest.mark.parametrize(("later_ms", "state"), [(2_000, S.DELIVERED), (60_000, S.SAVED_AUTONOMOUS)])
def test_an_operator_that_asks_to_come_back_is_obeyed_as_long_as_the_sale_lasts(later_ms, state):
    shop = Shop()
    shop.operator.answers = [(SubmitDocument, TryLater(delay_ms=later_ms))]

    async def scene():
        async with shop.opened() as register:
            receipt = await register.sell(BASKET)
            at = shop.clock.monotonic()
            if receipt.autonomous:
                await register.sync(120.0)
            return receipt, at, shop.clock.monotonic()

    receipt, at, synced = play(scene)

    assert receipt.state is state
    if state is S.DELIVERED:
        assert 2.0 <= at <= 2.2
        assert shop.operator.words() == ["hello", "document 1", "document 1"]
    else:
        assert at < 0.1
        assert 60.0 <= synced <= 66.1
        assert went(shop) == [AutonomousReason.LATE_ANSWER]


def test_an_operator_that_says_come_back_at_once_is_not_spun_with():
    shop = Shop()
    shop.operator.answers = [(SubmitDocument, TryLater(delay_ms=0))] * 1_000

    async def scene():
        async with shop.opened() as register:
            return await register.sell(BASKET)

    assert play(scene).autonomous
    assert len(shop.operator.words()) < 150


@pytest.mark.requirement("S3-01", "S3-12")
@pytest.mark.parametrize(("knocking", "seconds"), [(1.0, 1.0), (0.0, 0.0), (3.0, 3.0)])
def test_a_shut_door_is_knocked_at_and_then_the_register_works_alone(knocking, seconds):
    shop = Shop(RegisterSettings(retry_in_sale_s=knocking))
    shop.operator.down = True

    async def scene():
        async with shop.opened() as register:
            receipt = await register.sell(BASKET)
            first = shop.clock.monotonic()
            await register.sell(BASKET)
            return receipt, first, shop.clock.monotonic() - first, register.status().mode

    receipt, first, second, mode = play(scene)

    assert receipt.state is S.SAVED_AUTONOMOUS
    assert seconds - 0.4 <= first <= seconds
    assert second == 0.0
    assert mode is RegisterMode.AUTONOMOUS
    assert went(shop) == [AutonomousReason.NO_CONNECTION]


def test_a_door_that_opens_while_it_is_knocked_at():
    shop = Shop()
    shop.operator.down = True

    async def scene():
        async with shop.opened() as register:
            sale = asyncio.ensure_future(register.sell(BASKET))
            await asyncio.sleep(0.3)
            shop.operator.down = False
            return await sale

    assert play(scene).state is S.DELIVERED


@pytest.mark.requirement("S3-02", "S3-03", "S3-15")
def test_an_unpaid_operator_answers_nothing_and_the_cashier_is_told_whom_to_call():
    shop = Shop(RegisterSettings(operator_name="Транстелеком", operator_phone="1702"))
    shop.operator.deaf = {Hello}

    async def scene():
        async with shop.opened() as register:
            receipt = await register.sell(BASKET)
            await register.sell(BASKET)
            return receipt

    receipt = play(scene)

    assert receipt.autonomous
    (event,) = [event for event in shop.events if isinstance(event, WentAutonomous)]
    assert event.reason is AutonomousReason.UNPAID
    assert "ОФД Транстелеком, телефон 1702." in event.text


@pytest.mark.requirement("S3-03")
def test_an_operator_that_falls_silent_later_is_recognised_as_unpaid_once():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.operator.deaf = {Hello, SubmitDocument, ReportStatus}
            await register.sell(BASKET)
            await asyncio.sleep(300)

    play(scene)

    assert went(shop) == [AutonomousReason.LATE_ANSWER]
    silent = [event.text for event in shop.events if isinstance(event, PersonNeeded)]
    assert len(silent) == 1
    assert "ОФД Транстелеком, телефон 1702." in silent[0]


def test_nothing_is_given_a_number_before_the_operator_was_reached():
    shop = Shop()
    shop.operator.connect_s = 3.0

    async def scene():
        async with shop.opened() as register:
            sale = asyncio.ensure_future(register.sell(BASKET))
            await asyncio.sleep(1.0)
            before = written(shop)
            await sale
            return before

    assert play(scene) == ["Founded"]


def test_a_basket_that_cannot_be_sold_is_refused_at_once():
    shop = Shop()
    shop.operator.connect_s = 3.0

    async def scene():
        async with shop.opened() as register:
            with pytest.raises(InvalidValue, match="price"):
                await register.sell([Line(name="Хлеб", price=-1)])
            return shop.clock.monotonic()

    assert play(scene) == 0.0
    assert written(shop) == ["Founded"]


# ------------------------------------------------------------------------------------------------------- refusals


REFUSED = Refused(code=RefusalCode.BAD_TOTALS, field="total", text="100 != 200")


def test_a_refusal_for_good_blocks_until_a_person_decides():
    shop = Shop()
    shop.operator.answers = [(SubmitDocument, REFUSED)]

    async def scene():
        async with shop.opened() as register:
            with pytest.raises(DocumentRefused) as refused:
                await register.sell(BASKET, key="k")
            with pytest.raises(RegisterBlocked) as blocked:
                await register.sell(BASKET)
            with pytest.raises(DocumentRefused):
                await register.sell(BASKET, key="k")
            with pytest.raises(RegisterBlocked):
                await register.sync()
            status = register.status()
            await register.resolve(Decision.RETRY, by="Айгуль", why="исправлено")
            again = await register.sell(BASKET, key="k")
            return refused.value, blocked.value, status, again, register.status()

    refused, blocked, status, again, after = play(scene)

    assert (refused.number, refused.code, refused.field, refused.text) == (1, "bad_totals", "total", "100 != 200")
    assert (blocked.reason, blocked.number) == (BlockReason.REFUSED_DOCUMENT, None)
    assert (status.mode, status.unsent, status.head) == (RegisterMode.BLOCKED, 1, 1)
    assert (again.number, again.state) == (1, S.DELIVERED)
    assert (after.mode, after.unfinished) == (RegisterMode.ONLINE, ())
    assert [event for event in shop.told() if event == "PersonNeeded"] == ["PersonNeeded"]


def test_a_void_takes_the_place_of_what_is_given_up():
    shop = Shop()
    shop.operator.answers = [(SubmitDocument, REFUSED)]

    async def scene():
        async with shop.opened() as register:
            with pytest.raises(DocumentRefused):
                await register.sell(BASKET, key="k")
            await register.resolve(Decision.VOID, by="Айгуль", why="ошибка кассира", number=1)
            with pytest.raises(DocumentRefused):
                await register.sell(BASKET, key="k")
            after = await register.sell(BASKET)
            papers = [paper async for paper in register.documents()]
            return after, papers, await register.unfinished(), await register.verify()

    after, papers, unfinished, verdict = play(scene)

    assert after.number == 2
    assert [(paper.number, paper.state) for paper in papers] == [(1, S.VOIDED), (1, S.DELIVERED), (2, S.DELIVERED)]
    assert shop.operator.numbers() == [1, 2]
    assert shop.operator.shift.counters["tickets.sell.count"] == 1
    assert unfinished == []
    assert verdict.is_whole


def test_a_document_that_is_refused_among_autonomous_ones_holds_them_all():
    shop = Shop()
    shop.operator.down = True

    async def scene():
        async with shop.opened() as register:
            for _ in range(3):
                await register.sell(BASKET)
            shop.operator.down = False
            shop.operator.answers = [(SubmitDocument, REFUSED)]
            with pytest.raises(RegisterBlocked):
                await register.sync()
            await asyncio.sleep(600)
            held = shop.operator.words()
            await register.resolve(Decision.VOID, by="Айгуль", why="ошибка")
            await register.sync()
            return held, register.status()

    held, status = play(scene)

    assert held == ["hello", "period 1", "document 1"]
    assert shop.operator.numbers() == [1, 2, 3]
    assert status.mode is RegisterMode.ONLINE
    assert status.cash == 50_000


def test_a_blocked_register_sells_nothing_and_asks_again_with_the_next_sale():
    shop = Shop()
    shop.operator.blocked = "долг"

    async def scene():
        async with shop.opened() as register:
            for _ in range(2):
                with pytest.raises(RegisterBlocked) as found:
                    await register.sell(BASKET)
                blocked.append(found.value)
            mode = register.status().mode
            shop.operator.blocked = ""
            return mode, await register.sell(BASKET)

    blocked: list[RegisterBlocked] = []
    mode, after = play(scene)

    assert [(one.reason, one.text, one.number) for one in blocked] == [(BlockReason.BY_OPERATOR, "долг", None)] * 2
    assert mode is RegisterMode.BLOCKED
    assert (after.number, after.state) == (1, S.DELIVERED)


def test_a_document_that_is_answered_with_a_block_is_kept_and_sent_when_the_block_ends():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.operator.blocked = "долг"
            with pytest.raises(RegisterBlocked) as found:
                await register.sell(BASKET, key="k")
            shop.operator.blocked = ""
            unfinished = await register.unfinished()
            await asyncio.sleep(120)
            return found.value, unfinished, await register.sell(BASKET, key="k"), register.status()

    blocked, unfinished, again, status = play(scene)

    assert blocked.number == 2
    assert [(paper.number, paper.state) for paper in unfinished] == [(2, S.SAVED)]
    assert (again.number, again.state) == (2, S.DELIVERED)
    assert status.mode is RegisterMode.ONLINE
    assert shop.operator.numbers() == [1, 2]


def test_a_wrong_token_stops_the_register_until_it_has_another():
    shop = Shop()
    shop.operator.token = "new"

    async def scene():
        async with shop.opened() as register:
            with pytest.raises(RegisterBlocked) as found:
                await register.sell(BASKET)
            await register.set_token("new")
            return found.value, await register.sell(BASKET), register.registration.token

    blocked, after, token = play(scene)

    assert blocked.reason is BlockReason.REJECTED_CREDENTIALS
    assert (after.state, token) == (S.DELIVERED, "new")


@pytest.mark.parametrize("code", [RefusalCode.SUPERSEDED, RefusalCode.HELLO_FIRST])
def test_a_session_that_ended_is_begun_again(code):
    shop = Shop()
    shop.operator.answers = [(SubmitDocument, Refused(code=code))]

    async def scene():
        async with shop.opened() as register:
            return await register.sell(BASKET)

    assert play(scene).state is S.DELIVERED
    assert shop.operator.words() == ["hello", "document 1", "hello", "document 1"]


# ------------------------------------------------------------------------------------------------------- autonomous


@pytest.mark.requirement("S3-05", "S3-07", "S3-16")
def test_a_receipt_without_the_operator_is_one_commit():
    shop = Shop()
    shop.operator.down = True
    commits = 0

    async def sync() -> None:
        nonlocal commits
        commits += 1

    async def scene():
        async with shop.opened(sync=sync) as register:
            await register.sell(BASKET)
            before = commits
            receipt = await register.sell(BASKET)
            return receipt, commits - before

    receipt, spent = play(scene)

    assert spent == 1
    assert receipt.autonomous_sign is not None
    assert written(shop)[-2:] == ["Issued", "MadeAutonomous"]


@pytest.mark.requirement("S3-06", "S3-23", "S3-24", "S3-25", "S3-27")
def test_the_return_after_autonomous_work_in_its_order():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.operator.down = True
            await register.sell(BASKET)
            await register.deposit(5_000)
            await asyncio.sleep(3_600)
            await register.close_shift()
            await register.sell(BASKET)
            shop.operator.down = False
            shop.operator.forget()
            shop.events.clear()
            await register.sync()
            papers = [paper async for paper in register.documents(first=2)]
            await asyncio.sleep(0)
            return papers, register.status()

    papers, status = play(scene)

    assert shop.operator.words() == ["hello", "period 1", "document 2", "document 3", "document 4", "document 5"]
    (period,) = [request for request in shop.operator.heard if isinstance(request, ReportOfflinePeriod)]
    assert period.end - period.begin == pytest.approx(HOUR, abs=MINUTE)
    assert period.reason is AutonomousReason.NO_CONNECTION
    assert all(paper.delivered and paper.autonomous for paper in papers)
    assert [getattr(paper, "sign", None) for paper in papers] == ["700000000002", None, None, "700000000005"]
    receipt, deposit, z_report, _ = shop.operator.deliveries[1:]
    assert receipt.autonomous_sign is not None
    assert deposit == z_report == Delivery(autonomous=True, period=1)
    assert shop.told()[-1] == "CameBack"
    assert status.mode is RegisterMode.ONLINE


@pytest.mark.requirement("S3-19", "S3-20", "S3-21", "S3-22")
def test_a_z_report_is_taken_alone_queued_with_its_own_time_and_agrees_with_the_operator():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.operator.down = True
            await register.sell(BASKET)
            await asyncio.sleep(7_200)
            report = await register.close_shift()
            queued = register.status().unsent
            shop.operator.down = False
            await asyncio.sleep(600)
            return report, queued

    report, queued = play(scene)

    assert report.autonomous
    assert queued == 2
    assert shop.operator.contents[2] == next(
        unseal(one).content  # type: ignore[union-attr]  # it is the one that was issued
        for one in shop.disk.records
        if one.kind == 2 and one.number == 3
    )
    assert report.report.taken_at == report.document.issued_at
    assert report.report.counters == shop.operator.shift.counters
    assert report.report.counters["tickets.sell.offline_count"] == 1


def test_new_documents_join_the_queue_while_it_is_sent():
    shop = Shop()
    shop.operator.down = True

    async def scene():
        async with shop.opened() as register:
            for _ in range(3):
                await register.sell(BASKET)
            shop.operator.down = False
            shop.operator.delays[SubmitDocument] = 1.0
            syncing = asyncio.ensure_future(register.sync())
            await asyncio.sleep(1.5)
            joined = await register.sell(BASKET)
            await syncing
            after = await register.sell(BASKET)
            return joined, after

    joined, after = play(scene)

    assert (joined.state, joined.period) == (S.SAVED_AUTONOMOUS, 1)
    assert after.state is S.DELIVERED
    assert shop.operator.numbers() == [1, 2, 3, 4, 5]
    assert went(shop) == [AutonomousReason.NO_CONNECTION]


@pytest.mark.requirement("S3-23")
def test_a_link_that_breaks_again_makes_another_period():
    shop = Shop()
    shop.operator.down = True

    async def scene():
        async with shop.opened() as register:
            for _ in range(3):
                await register.sell(BASKET)
            shop.operator.down = False
            shop.operator.delays[SubmitDocument] = 1.0
            await asyncio.sleep(0)
            await shop.until(lambda: len(shop.operator.contents) >= 2)
            shop.operator.down = True
            await asyncio.sleep(60)
            late = await register.sell(BASKET)
            shop.operator.down = False
            shop.operator.delays.clear()
            await register.sync()
            return late

    late = play(scene)

    periods = [request for request in shop.operator.heard if isinstance(request, ReportOfflinePeriod)]
    assert [period.number for period in periods] == [1, 2]
    assert late.period == 2
    assert went(shop) == [AutonomousReason.NO_CONNECTION]


@pytest.mark.requirement("S3-14")
def test_without_power_nothing_is_sent_and_every_sale_is_autonomous_at_once():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            await register.low_power(True)
            heard = len(shop.operator.heard)
            receipt = await register.sell(BASKET)
            await asyncio.sleep(600)
            silent = len(shop.operator.heard) == heard
            await register.low_power(False)
            await register.sync()
            return receipt, silent, shop.clock.monotonic()

    receipt, silent, _ = play(scene)

    assert receipt.autonomous
    assert silent
    assert went(shop) == [AutonomousReason.LOW_POWER]
    assert shop.operator.words()[-3:] == ["hello", "period 1", "document 2"]


@pytest.mark.requirement("S3-14")
def test_the_power_goes_while_the_operator_is_asked():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.operator.delays[SubmitDocument] = 3.0
            sale = asyncio.ensure_future(register.sell(BASKET))
            await asyncio.sleep(1.0)
            await register.low_power(True)
            return await sale, shop.clock.monotonic()

    receipt, at = play(scene)

    assert receipt.autonomous
    assert at < 1.1
    assert went(shop) == [AutonomousReason.LOW_POWER]


def test_the_power_goes_while_the_queue_is_sent():
    shop = Shop()
    shop.operator.down = True

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            await register.sell(BASKET)
            shop.operator.down = False
            shop.operator.delays[SubmitDocument] = 2.0
            await shop.until(lambda: shop.operator.contents)
            await register.low_power(True)
            await asyncio.sleep(60)
            await register.low_power(False)
            await register.sync()

    play(scene)

    periods = [request.reason for request in shop.operator.heard if isinstance(request, ReportOfflinePeriod)]
    assert periods == [AutonomousReason.NO_CONNECTION, AutonomousReason.LOW_POWER]
    assert shop.operator.numbers() == [1, 2]


@pytest.mark.parametrize(("hours", "more_ms", "sells"), [(72, 0, True), (72, 1, False)])
def test_72_hours_alone_and_then_nothing_until_the_queue_is_sent(hours, more_ms, sells):
    shop = Shop()
    shop.operator.down = True

    async def scene():
        async with shop.opened() as register:
            first = await register.deposit(100)
            await register.close_shift()
            shop.clock.skew_ms += first.issued_at + hours * HOUR + more_ms - shop.clock.now()
            if sells:
                return (await register.sell(BASKET)).autonomous
            with pytest.raises(RegisterBlocked) as found:
                await register.sell(BASKET)
            mode = register.status().mode
            shop.operator.down = False
            await register.sync()
            after = await register.sell(BASKET)
            return found.value.reason, mode, after.state, register.status().mode

    found = play(scene)

    if sells:
        assert found is True
    else:
        reason = BlockReason.TOO_LONG_AUTONOMOUS
        assert found == (reason, RegisterMode.BLOCKED_AUTONOMOUS, S.DELIVERED, RegisterMode.ONLINE)


def test_the_background_notices_the_three_days_by_itself():
    shop = Shop()
    shop.operator.down = True

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            await asyncio.sleep(72 * 3_600 + 120)
            return register.status().mode

    assert play(scene) is RegisterMode.BLOCKED_AUTONOMOUS


@pytest.mark.parametrize(("ms", "sells"), [(24 * HOUR, True), (24 * HOUR + 1, False)])
def test_a_shift_lasts_24_hours(ms, sells):
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            first = await register.sell(BASKET)
            shop.clock.skew_ms += first.issued_at + ms - shop.clock.now()
            if sells:
                return await register.sell(BASKET)
            with pytest.raises(ShiftExpired):
                await register.sell(BASKET)
            await register.close_shift()
            return await register.sell(BASKET)

    receipt = play(scene)

    assert receipt.document.shift == (1 if sells else 2)


def test_a_clock_that_goes_back_is_told_and_changes_no_order():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            first = await register.sell(BASKET)
            shop.clock.skew_ms = -HOUR
            second = await register.sell(BASKET)
            await asyncio.sleep(0)
            return first, second

    first, second = play(scene)

    assert second.number == first.number + 1
    assert second.issued_at == first.issued_at - HOUR
    assert shop.told() == ["AnomalyNoted"]


def test_signs_rise_when_the_clock_goes_back():
    shop = Shop()
    shop.operator.down = True

    async def scene():
        async with shop.opened() as register:
            first = await register.sell(BASKET)
            shop.clock.skew_ms = -HOUR
            return first, await register.sell(BASKET)

    first, second = play(scene)

    assert second.autonomous_sign == first.autonomous_sign + 1


# --------------------------------------------------------------------------------------------- keys, callers, disks


def test_the_same_key_is_the_same_receipt():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            first = await register.sell(BASKET, key="k")
            again = await register.sell(list(BASKET), key="k")
            with pytest.raises(KeyReused) as found:
                await register.sell([BREAD, BREAD], key="k")
            with pytest.raises(KeyReused):
                await register.sell_return(BASKET, key="k")
            with pytest.raises(InvalidValue):
                await register.sell(BASKET, key="")
            return first, again, found.value.number, await register.find("k"), await register.find("other")

    first, again, number, found, nothing = play(scene)

    assert first == again == found
    assert (number, nothing) == (1, None)
    assert shop.operator.numbers() == [1]


def test_an_autonomous_receipt_that_was_delivered_since_has_both_signs_under_its_key():
    shop = Shop()
    shop.operator.down = True

    async def scene():
        async with shop.opened() as register:
            first = await register.sell(BASKET, key="k")
            same = await register.sell(BASKET, key="k")
            shop.operator.down = False
            await register.sync()
            return first, same, await register.sell(BASKET, key="k")

    first, same, after = play(scene)

    assert first == same
    assert (after.autonomous_sign, after.sign) == (first.autonomous_sign, "700000000001")


def test_a_caller_that_goes_away_does_not_take_the_sale_with_him():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.operator.delays[SubmitDocument] = 1.0
            sale = asyncio.ensure_future(register.sell(BASKET, key="k"))
            await asyncio.sleep(0.5)
            sale.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sale
            await asyncio.sleep(1.0)
            left = await register.unfinished()
            again = await register.sell(BASKET, key="k")
            return left, again, await register.unfinished()

    left, again, after = play(scene)

    assert [(paper.number, paper.state) for paper in left] == [(2, S.DELIVERED)]
    assert again.number == 2
    assert after == []
    assert shop.operator.numbers() == [1, 2]


def test_an_unfinished_receipt_can_be_acknowledged():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            sale = asyncio.ensure_future(register.sell(BASKET))
            await asyncio.sleep(0)
            sale.cancel()
            await asyncio.sleep(1.0)
            (left,) = await register.unfinished()
            assert left.number == 1
            register.acknowledge(1)
            return await register.unfinished()

    assert play(scene) == []


def test_calls_at_once_are_served_one_after_the_other():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            return await asyncio.gather(*(register.sell(BASKET) for _ in range(5)))

    receipts = play(scene)

    assert [receipt.number for receipt in receipts] == [1, 2, 3, 4, 5]
    assert shop.operator.numbers() == [1, 2, 3, 4, 5]


def test_a_full_disk_refuses_the_sale_before_it_begins():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.disk.full = True
            with pytest.raises(DiskFull, match="nothing is sold"):
                await register.sell(BASKET)
            shop.disk.full = False
            return await register.sell(BASKET)

    assert play(scene).number == 2


@pytest.mark.parametrize("down", [False, True])
def test_a_disk_that_fills_up_in_the_middle_loses_nothing(down):
    shop = Shop(RegisterSettings(free_space_min=0))

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.operator.down = down
            shop.disk.full = True
            with pytest.raises(DiskFull):
                await register.sell(BASKET, key="k")
            before = written(shop)
            shop.disk.full = False
            shop.operator.down = False
            receipt = await register.sell(BASKET, key="k")
            return before, receipt, await register.verify()

    before, receipt, verdict = play(scene)

    assert before == ["Founded", "Issued", "Accepted"]
    assert receipt.number == 2
    assert verdict.is_whole


def test_a_disk_that_fills_up_before_the_answer_is_kept():
    shop = Shop(RegisterSettings(free_space_min=0))

    async def scene():
        async with shop.opened() as register:
            await register.sell(BASKET)
            shop.operator.delays[SubmitDocument] = 1.0
            sale = asyncio.ensure_future(register.sell(BASKET, key="k"))
            await asyncio.sleep(0.5)
            shop.disk.full = True
            with pytest.raises(DiskFull):
                await sale
            await asyncio.sleep(5)
            shop.disk.full = False
            return await register.sell(BASKET, key="k")

    receipt = play(scene)

    assert (receipt.number, receipt.sign) == (2, "700000000002")
    assert shop.operator.numbers() == [1, 2]


def test_a_closed_register_does_nothing():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            sale = asyncio.ensure_future(register.sell(BASKET))
            await asyncio.sleep(0)
        with pytest.raises(RegisterClosed):
            await register.sell(BASKET)
        return await sale

    assert play(scene).state is S.DELIVERED


def test_somebody_else_waits_for_the_operator_all_the_time_that_the_sale_has():
    shop = Shop(RegisterSettings(answer_limit_s=8.0))

    async def scene():
        async with shop.opened() as register:
            shop.operator.deaf = {ReportStatus}
            await register.sell(BASKET)
            await asyncio.sleep(0.5)  # the background tells its status meanwhile, and gets no answer
            receipt = await register.sell(BASKET)
            at = shop.clock.monotonic()
            shop.operator.deaf = set()
            await register.sync()
            return receipt, at

    receipt, at = play(scene)

    assert (receipt.number, receipt.state, at) == (2, S.SAVED_AUTONOMOUS, 5.5)
    assert shop.operator.words()[-3:] == ["hello", "period 1", "document 2"]


def test_what_is_in_doubt_turns_autonomous_in_the_same_breath_and_both_are_counted():
    """The figures of a sale are those behind what happened in its own commit, not those that it was drafted on."""
    shop = Shop()

    async def scene():
        first = shop.register()
        await shop.start(first)
        await first.sell(BASKET)
        shop.operator.delays[SubmitDocument] = 100.0
        in_doubt = asyncio.create_task(first.sell(BASKET))
        await asyncio.sleep(1)
        await shop.kill()
        assert in_doubt.cancelled()
        before = len(written(shop))
        shop.operator.connect_s = 100.0  # the background asks for the document in doubt, and keeps the sale from asking
        second = shop.register()
        await shop.start(second)
        receipt = await second.sell(BASKET)
        counted, together = second._keeper.state.shift, written(shop)[before:]
        await shop.kill()
        shop.operator.down = True
        third = shop.register()
        await shop.start(third)
        read_back = third._keeper.state.shift
        await third.close()
        return receipt, together, counted, read_back

    receipt, together, counted, read_back = play(scene)

    assert (receipt.number, receipt.state) == (3, S.SAVED_AUTONOMOUS)
    assert together == ["PeriodBegan", "MadeAutonomous", "Issued", "MadeAutonomous"]
    assert (counted.number, counted.opened_at) == (read_back.number, read_back.opened_at)
    assert dict(counted.counters) == dict(read_back.counters)


def test_a_return_names_its_receipt():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            sold = await register.sell(BASKET)
            back = await register.sell_return(Basket(lines=(BREAD,), parent=sold.as_parent()))
            return sold, back

    sold, back = play(scene)

    assert back.document.parent.sign == sold.sign


def test_records_of_a_decision_stay():
    shop = Shop()
    shop.operator.answers = [(SubmitDocument, REFUSED)]

    async def scene():
        async with shop.opened() as register:
            with pytest.raises(DocumentRefused):
                await register.sell(BASKET)
            await register.resolve(Decision.VOID, by="Айгуль", why="ошибка кассира")

    play(scene)

    (resolved,) = [record for record in map(unseal, shop.disk.records) if isinstance(record, records.Resolved)]
    assert (resolved.by, resolved.why, resolved.decision) == ("Айгуль", "ошибка кассира", Decision.VOID)


def test_the_queue_has_been_sent_before_an_autonomous_sale_is_decided():
    """The last answer is being written when the sale begins: the operator is asked after all."""
    shop = Shop()
    shop.operator.down = True
    slow = False

    async def sync() -> None:
        if slow:
            await asyncio.sleep(1.0)

    async def scene():
        nonlocal slow
        async with shop.opened(sync=sync) as register:
            await register.sell(BASKET)
            shop.operator.down, slow = False, True
            await shop.until(lambda: shop.operator.contents)
            mode = register.status().mode
            return mode, await register.sell(BASKET), await register.verify()

    mode, receipt, verdict = play(scene)

    assert mode is RegisterMode.AUTONOMOUS
    assert (receipt.number, receipt.state) == (2, S.DELIVERED)
    assert verdict.is_whole


def test_the_background_gives_up_while_a_sale_waits_for_its_turn():
    """A document in doubt is being sent when the sale begins; when that fails, the sale works alone as well."""
    shop = Shop(RegisterSettings(answer_limit_s=2.0))

    async def scene():
        async with shop.opened() as register:
            shop.operator.answers = [(SubmitDocument, Refused(code=RefusalCode.BAD_TOTALS))]
            with pytest.raises(DocumentRefused):
                await register.sell(BASKET)
            shop.operator.deaf = {SubmitDocument}
            begun = shop.clock.monotonic()
            await register.resolve(Decision.RETRY, by="a", why="b")
            await asyncio.sleep(0.5)
            receipt = await register.sell(BASKET)
            return receipt, shop.clock.monotonic() - begun, await register.document(1)

    receipt, seconds, first = play(scene)

    assert (receipt.number, receipt.state) == (2, S.SAVED_AUTONOMOUS)
    assert first is not None
    assert first.state is S.SAVED_AUTONOMOUS
    assert seconds == pytest.approx(2.0, abs=0.01)


def test_a_key_is_finished_by_the_background_while_it_waits_for_its_turn():
    shop = Shop()

    async def scene():
        async with shop.opened() as register:
            shop.operator.answers = [(SubmitDocument, Refused(code=RefusalCode.BAD_TOTALS))]
            with pytest.raises(DocumentRefused):
                await register.sell(BASKET, key="k")
            shop.operator.delays[SubmitDocument] = 2.0
            await register.resolve(Decision.RETRY, by="a", why="b")
            await asyncio.sleep(0.5)
            return await register.sell(BASKET, key="k")

    assert play(scene).state is S.DELIVERED
    assert shop.operator.words() == ["hello", "document 1", "hello", "document 1"]


def test_a_key_in_doubt_while_somebody_else_waits_for_the_operator():
    shop = Shop(RegisterSettings(answer_limit_s=20.0))

    async def scene():
        async with shop.opened() as register:
            shop.operator.answers = [(SubmitDocument, Blocked(reason="долг"))]
            with pytest.raises(RegisterBlocked):
                await register.sell(BASKET, key="k")
            shop.operator.deaf = {AskInformation}
            await asyncio.sleep(3)  # the background asks whether the block has ended, and gets no answer
            return await register.sell(BASKET, key="k"), shop.clock.monotonic()

    receipt, at = play(scene)

    assert (receipt.number, receipt.state) == (1, S.SAVED_AUTONOMOUS)
    assert at == pytest.approx(8.0, abs=0.1)
