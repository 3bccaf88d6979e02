"""What a test asks of a running operator: what came, what was expected, a verdict, a clean state, misfortune."""

import asyncio
import re

import pytest

from fiscal.errors import ConfigurationError, InvalidValue
from fiscal.faults.effects import AskToWait, LoseAnswer, Point, Reset
from fiscal.faults.plan import Fault, Selection
from fiscal.time import DAY, HOUR
from kkt_client import CashRegister, DocumentRefused, Line, RegisterBlocked, RegisterSettings
from ofd_server import OfdServer
from ofd_server.defects import Defect, tell
from ofd_server.harness.harness import NotAsExpected, NotRight

BREAD = [Line(name="Хлеб", price=250_00)]
MILK = [Line(name="Молоко", price=480_00)]
IMPATIENT = RegisterSettings(answer_limit_s=0.3, sale_budget_s=0.5, retry_in_sale_s=0.1)
LOST = Fault(name="lost", at=Point.AFTER_COMMIT, effects=(LoseAnswer(),), when=Selection(command="document", times=1))


@pytest.fixture
async def ofd():
    async with OfdServer() as server:
        yield server


@pytest.fixture
async def till(ofd, tmp_path):
    async with CashRegister.open(tmp_path / "till", ofd.url(register="till-1"), settings=IMPATIENT) as register:
        yield register


# ---------------------------------------------------------------------------------------------------------- looking


async def test_documents_are_held_with_what_the_ledger_knows(ofd, till):
    await till.deposit(1_000_00)
    receipt = await till.sell(BREAD)
    deposit, sale = await ofd.documents()
    assert (deposit.kind, deposit.number, deposit.total, deposit.operation) == ("deposit", 1, 1_000_00, None)
    assert (sale.register, sale.sign, sale.autonomous, sale.autonomous_sign) == (
        "till-1",
        receipt.fiscal_sign,
        False,
        None,
    )
    assert (sale.protocol, sale.document.items[0].name) == ("native", "Хлеб")
    assert sale["payments[0].sum"] == 250_00
    assert sale.received_at >= sale.document.issued_at
    with pytest.raises(KeyError):
        sale["payments[7].sum"]
    assert str(sale) == "receipt 2 of till-1, sell, 250.00"
    assert await ofd.documents("till-2") == []


async def test_many_documents_are_read_in_pages(ofd, till, monkeypatch):
    monkeypatch.setattr("ofd_server.harness.harness.PAGE", 2)
    for _ in range(4):
        await till.sell(BREAD)
    assert [held.number for held in await ofd.documents()] == [1, 2, 3, 4]
    assert (await ofd.check()).documents == 4


async def test_what_was_expected_came(ofd, till):
    await till.sell(BREAD)
    await till.sell(MILK)
    [milk] = await ofd.expect(total=480_00)
    assert milk.number == 2
    assert len(await ofd.expect(kind="receipt", register="till-1", count=2)) == 2
    assert await ofd.expect({"items[0].name": re.compile("хлеб", re.IGNORECASE)}, shift=1)
    assert await ofd.expect(kind="deposit", count=0) == []


async def test_what_came_instead_is_explained(ofd, till):
    await till.sell(BREAD)
    with pytest.raises(NotAsExpected) as told:
        await ofd.expect(kind="receipt", payments=[{"kind": "cash", "sum": 450_00}])
    assert "1 document came; the closest differs in payments[0].sum: 25000, expected 45000" in str(told.value)
    with pytest.raises(NotAsExpected, match="1 document is like total=25000; expected 2"):
        await ofd.expect(total=250_00, count=2)
    with pytest.raises(NotAsExpected, match="expected none"):
        await ofd.expect(total=250_00, count=0)


async def test_nothing_came_at_all(ofd):
    with pytest.raises(NotAsExpected, match="does the register connect to this operator"):
        await ofd.expect(kind="receipt")


async def test_a_refusal_is_part_of_the_explanation(ofd, till):
    await till.sell(BREAD)
    ofd.inflict({"faults": [{"at": "before_commit", "effects": [{"kind": "refuse", "code": "bad_totals"}]}]})
    with pytest.raises(DocumentRefused, match="bad_totals"):
        await till.sell(BREAD)
    with pytest.raises(NotAsExpected, match="till-1 was answered refused: bad_totals"):
        await ofd.expect(number=2)


async def test_few_of_many_refusals_are_shown(ofd, till):
    await till.sell(BREAD)
    ofd.inflict(
        Fault(name="busy", at=Point.BEFORE_COMMIT, effects=(AskToWait(50),), when=Selection(command="document"))
    )
    assert (await till.sell(BREAD)).autonomous
    for _ in range(50):
        if sum(frame.what == "try_later" for frame in ofd.received) > 3:
            break
        till.greet()
        await asyncio.sleep(0.1)
    with pytest.raises(NotAsExpected, match=r"till-1 was answered try_later(.|\n)*earlier answers of that kind"):
        await ofd.expect(number=2)


async def test_a_refusal_of_the_kazakhstan_protocol_is_told_by_its_code(ofd, tmp_path):
    async with CashRegister.open(tmp_path, ofd.url("kz", "1", "7")) as till:
        await till.sell(BREAD)
        await ofd.block("1")
        with pytest.raises(RegisterBlocked):
            await till.sell(BREAD)
    with pytest.raises(NotAsExpected, match="1 was answered blocked"):
        await ofd.expect(number=2)


async def test_waiting_ends_when_it_comes(ofd, till):
    waiting = asyncio.create_task(ofd.wait_for(kind="receipt", count=2, within_s=10))
    await till.sell(BREAD)
    await asyncio.sleep(0.01)
    assert not waiting.done()
    await till.sell(BREAD)
    assert [held.number for held in await waiting] == [1, 2]


async def test_waiting_ends_when_it_does_not_come(ofd, till):
    await till.sell(BREAD)
    with pytest.raises(NotAsExpected, match=r"total: 25000, expected 1(.|\n)*waited 0.05 s for it"):
        await ofd.wait_for(total=1, within_s=0.05)


async def test_a_wrong_field_is_told_at_once(ofd):
    with pytest.raises(InvalidValue, match="did you mean 'total'"):
        await ofd.wait_for(totl=1, within_s=60)


# ---------------------------------------------------------------------------------------------------------- traffic


@pytest.mark.parametrize("protocol", ["native", "http", "kz"])
async def test_what_passed_is_there_in_every_protocol(ofd, tmp_path, protocol):
    number = "1" if protocol == "kz" else "till-1"
    async with CashRegister.open(tmp_path / protocol, ofd.url(protocol, number, "7")) as till:
        await till.sell(BREAD)
    words = [(frame.direction.value, frame.what, frame.register_id) for frame in ofd.received]
    what, answer = ("ticket", "ticket") if protocol == "kz" else ("document", "accepted")
    assert ("in", what, number) in words
    assert ("out", answer, number) in words
    assert all(frame.protocol == protocol for frame in ofd.received)
    assert f"{number} --> {what}" in ofd.dialogue()


async def test_a_lost_answer_is_seen_in_the_dialogue(ofd, till):
    await till.sell(BREAD)
    ofd.inflict(LOST)
    assert (await till.sell(BREAD)).autonomous
    [asked] = [frame for frame in ofd.received if frame.faults]
    assert asked.fields["document"]["number"] == 2
    assert [fault.name for fault in asked.faults] == ["lost"]
    assert "!  lose_answer: lost, after_commit of document" in ofd.dialogue()
    assert "token=***" in ofd.dialogue()


async def test_a_dialogue_is_cut(ofd, till):
    await till.sell(BREAD)
    lines = ofd.dialogue(shown=2).splitlines()
    assert len(lines) == 3
    assert "earlier records are left out" in lines[0]


async def test_who_does_not_record_is_told_how():
    async with OfdServer(record=False) as ofd:
        with pytest.raises(ConfigurationError, match="record=True"):
            assert ofd.received
        with pytest.raises(NotAsExpected, match="no document came"):
            await ofd.expect(kind="receipt")
    async with OfdServer(record=5) as ofd:
        assert ofd.received == ()


# ------------------------------------------------------------------------------------------------------ the verdict


async def test_all_is_right(ofd, till):
    await till.sell(BREAD)
    verdict = await ofd.check()
    assert (verdict.is_right, verdict.documents) == (True, 1)


async def test_what_is_not_right_comes_with_its_proof(ofd, till):
    """A document that is in the ledger twice: the operator would never do that, so the test does it."""
    await till.sell(BREAD)
    ofd.journal.everything().append(ofd.journal.everything()[-1])
    assert not (await ofd.verdict()).is_right
    with pytest.raises(NotRight, match="document 1"):
        await ofd.check()


async def test_an_error_inside_the_operator_is_not_right(ofd):
    tell(Defect("a request could not be decided", ValueError("something of ours"), {"register": "till-1"}))
    with pytest.raises(
        NotRight, match=r"a request could not be decided: register=till-1 ValueError: something of ours"
    ):
        await ofd.check()
    await ofd.reset()
    await ofd.check()


# ---------------------------------------------------------------------------------------------------------- a reset


async def test_after_a_reset_everything_is_as_it_was(ofd, till):
    await till.sell(BREAD)
    ofd.inflict(LOST)
    ofd.cut("till-9")
    ofd.clock.move(hours=1)
    await ofd.reset()
    assert (await ofd.documents(), ofd.received, ofd.clock.ahead_ms) == ([], (), 0)
    assert ofd.interference.plan.faults == ()
    assert await ofd.service.state_of("till-1") is None
    assert not ofd.service.is_connected("till-1")


async def test_a_register_of_before_goes_on_after_a_reset(ofd, till):
    """Its connection is gone and its number counts on, as with an operator that meets it for the first time."""
    await till.sell(BREAD)
    await ofd.reset()
    receipt = await till.sell(BREAD)
    await till.sync()
    [held] = await ofd.wait_for(kind="receipt")
    assert held.number == receipt.number == 2


async def test_what_is_held_back_before_a_reset_never_arrives(ofd, till):
    ofd.inflict(
        {
            "faults": [
                {"at": "before_commit", "when": {"command": "document"}, "effects": [{"kind": "delay", "ms": 400}]}
            ]
        }
    )
    selling = asyncio.create_task(till.sell(BREAD))
    await asyncio.sleep(0.1)
    await ofd.reset()
    ofd.cut("till-1")
    assert (await selling).autonomous
    await asyncio.sleep(0.5)
    assert await ofd.documents() == []


async def test_viewers_are_told_to_read_anew(ofd, till):
    viewer = ofd._feed.join(None)
    news = await ofd._fleet.join()
    await till.sell(BREAD)
    ofd._fleet.refresh()
    assert ofd._fleet.size == 1
    epoch = ofd._fleet.epoch
    await ofd.reset()
    assert viewer.lost
    assert not viewer.waiting
    assert (ofd._fleet.size, ofd._fleet.epoch != epoch, news.is_set()) == (0, True, True)
    ofd._feed.leave(viewer)
    ofd._fleet.leave(news)


async def test_a_ledger_in_a_folder_is_not_thrown_away(tmp_path):
    async with OfdServer(data=tmp_path) as ofd:
        with pytest.raises(ConfigurationError, match="is not thrown away"):
            await ofd.reset()


# ------------------------------------------------------------------------------------------------------ misfortune


async def test_faults_come_and_go(ofd, till):
    await till.sell(BREAD)
    with ofd.inflicted(Fault(name="cut", at=Point.BEFORE_COMMIT, effects=(Reset(),)), seed=7):
        assert ofd.interference.plan.seed == 7
        assert (await till.sell(BREAD)).autonomous
    await till.sync()
    assert not (await till.sell(BREAD)).autonomous
    await ofd.expect(kind="receipt", count=3)


async def test_healing_what_never_was_ill_does_nothing(ofd):
    ofd.heal()
    assert ofd.interference.run is None


async def test_links_are_cut_slowed_down_and_restored(ofd, till):
    await till.sell(BREAD)
    ofd.cut("till-1")
    assert (await till.sell(BREAD)).autonomous
    ofd.restore("till-1")
    await till.sync()
    ofd.slow_down("till-1", 400)
    assert (await till.sell(BREAD)).autonomous
    ofd.restore("till-1")
    await till.sync()
    ofd.lose_next_answer("till-1")
    assert (await till.sell(BREAD)).autonomous
    await till.sync()
    await ofd.expect(autonomous=True, count=3)
    await ofd.check()


async def test_a_person_blocks_and_does_not_pay(ofd, till):
    await till.sell(BREAD)
    await ofd.block("till-1", "инвентаризация")
    with pytest.raises(RegisterBlocked, match="инвентаризация"):
        await till.sell(BREAD)
    await ofd.unblock("till-1")
    assert not (await till.sell(BREAD)).autonomous
    await ofd.stop_paying("till-1")
    assert (await till.sell(BREAD)).autonomous
    await ofd.pay("till-1")
    await till.sync()
    assert not (await till.sell(BREAD)).autonomous


async def test_a_strict_operator_is_told_who_may_come(tmp_path):
    async with OfdServer(strict=True) as ofd:
        await ofd.add_register("till-1", "secret")
        where = ofd.url(register="till-1", token="secret")
        async with CashRegister.open(tmp_path, where, settings=IMPATIENT) as till:
            assert not (await till.sell(BREAD)).autonomous


async def test_time_passes_for_both_sides(ofd, tmp_path):
    async with CashRegister.open(tmp_path, ofd.url(), clock=ofd.clock, settings=IMPATIENT) as till:
        await till.sell(BREAD)
        ofd.clock.move(hours=23)
        await till.sell(BREAD)
        first, second = await ofd.documents()
        assert second.document.issued_at - first.document.issued_at >= 23 * HOUR
        assert second.received_at < first.received_at + DAY


# ------------------------------------------------------------------------------------------------------- addresses


async def test_where_a_register_connects():
    async with OfdServer(kz="off") as ofd:
        assert ofd.url() == f"native://{ofd.native_address}"
        assert ofd.url("http", "till 1", "s&t") == f"http://{ofd.http_address}?id=till+1&token=s%26t"
        with pytest.raises(ConfigurationError, match="only for native, http"):
            ofd.url("kz")
