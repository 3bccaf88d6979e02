import pytest

from fiscal.domain.receipt import Operation, Receipt
from kkt_client import DocumentRefused, FiscalReceipt
from mock_ofd.demo.clock import ShopClock
from mock_ofd.demo.notebook import Notebook
from mock_ofd.demo.script import Trade, shop_day
from mock_ofd.demo.shop import DAY, ZONE_NAME
from mock_ofd.demo.till import PaperChanged, Till, basket_of, key_of
from mock_ofd.demo.trouble import OPENS_AT
from tests.mock_ofd.demo.shop_floor import LINES, hurried, operator, register, steps, till


@pytest.fixture
def clock():
    return hurried(ShopClock(OPENS_AT))


async def test_a_till_plays_its_script_on_its_register(tmp_path, clock):
    progress = []
    async with operator(tmp_path, clock) as server, register(tmp_path, clock, server.native_address) as opened:
        playing = Till(opened, steps(), clock, Notebook(tmp_path / "register"), lambda: progress.append(playing.done))
        await playing.play()
        papers = [paper async for paper in opened.documents()]
        assert all(paper.delivered for paper in papers)
    assert progress == list(range(1, len(LINES) + 1))
    assert [paper.kind.value for paper in papers if isinstance(paper, FiscalReceipt)] == [
        "deposit",
        "receipt",
        "receipt",
        "receipt",
        "receipt",
        "receipt",
        "withdrawal",
        "receipt",
    ]
    assert [slip.number for slip in Notebook(tmp_path / "register").slips()] == list(range(1, 11))
    assert playing.asked_again == 0
    assert playing.asks_since is None


async def test_documents_carry_the_times_of_the_script(tmp_path, clock):
    async with register(tmp_path, clock, None) as opened:
        playing = till(opened, tmp_path, clock)
        await playing.play()
        issued = [paper.issued_at async for paper in opened.documents()]
    planned = [step.instant(DAY, ZONE_NAME) for step in steps() if step.do != "x"]
    assert all(at >= plan for at, plan in zip(issued, planned, strict=True))


async def test_a_till_that_comes_back_asks_again_and_gets_the_same_papers(tmp_path, clock):
    async with register(tmp_path, clock, None) as opened:
        await till(opened, tmp_path, clock, LINES[:5]).play()
    async with operator(tmp_path, clock) as server, register(tmp_path, clock, server.native_address) as opened:
        await opened.sync()  # so that the sale has another sign than when it was first taken back
        playing = till(opened, tmp_path, clock)
        await playing.play()
        assert opened.status().last_number == 10
    assert playing.asked_again == 4
    assert playing.done == len(LINES)


async def test_a_return_that_was_asked_for_and_not_answered_names_its_receipt_as_it_did_then(tmp_path, clock):
    async with register(tmp_path, clock, None) as opened:
        await till(opened, tmp_path, clock, LINES[:4]).play()
        sale = await opened.find("1-001")
        assert isinstance(sale, FiscalReceipt)
        then = sale.as_parent()
        Notebook(tmp_path / "register").begins("1-003", then)  # and then the process was killed
    async with operator(tmp_path, clock) as server, register(tmp_path, clock, server.native_address) as opened:
        await opened.sync()
        await till(opened, tmp_path, clock, LINES[:5]).play()
        returned = await opened.find("1-003")
        assert isinstance(returned, FiscalReceipt)
        assert isinstance(returned.document, Receipt)
        assert returned.document.parent == then
        assert then.autonomous


async def test_another_paper_under_the_same_key_is_a_broken_promise(tmp_path, clock):
    async with register(tmp_path, clock, None) as opened:
        await till(opened, tmp_path, clock, LINES[:2]).play()
        (first, second) = [paper async for paper in opened.documents()]
        notebook = Notebook(tmp_path / "register")
        notebook.handed_out("1-002", first)
        with pytest.raises(PaperChanged, match="1-002"):
            await Till(opened, steps(LINES[:3]), clock, notebook).play()
        assert second.number == 2


async def test_what_a_register_raises_is_the_tills_end(tmp_path, clock, monkeypatch):
    async with register(tmp_path, clock, None) as opened:

        async def refuse(*args, **kwargs):
            raise DocumentRefused(1, "too_old", "issued_at", "")

        monkeypatch.setattr(opened, "deposit", refuse)
        playing = till(opened, tmp_path, clock)
        with pytest.raises(DocumentRefused):
            await playing.play()
        assert playing.done == 0


def test_every_thing_has_a_key_of_its_own():
    day = shop_day()
    for number in range(1, 6):
        mine = [step for step in day if step.register == number]
        keys = [key_of(place, step) for place, step in enumerate(mine, 1)]
        assert len(set(keys)) == len(keys)


def test_a_basket_is_what_the_script_says():
    trade = next(step for step in shop_day() if isinstance(step, Trade) and step.customer and step.discount)
    basket = basket_of(trade)
    assert (basket.discount, basket.customer, dict(basket.payments)) == (
        trade.discount,
        trade.customer,
        trade.payments,
    )
    for line, good in zip(basket.lines, trade.items, strict=True):
        for name in ("name", "price", "quantity", "section", "unit", "barcode", "discount", "vat"):
            assert getattr(line, name) == getattr(good, name)
    assert trade.operation is Operation.SELL
