import pytest
from msgspec.structs import replace

from fiscal.domain.lifecycle import DocumentState
from fiscal.domain.receipt import Customer, Operation, ParentReceipt, Payment, PaymentKind
from fiscal.domain.register import Country
from fiscal.errors import InvalidValue
from kkt_client.app import SAMPLE_PROFILE
from kkt_client.core.basket import Basket, Line, compute
from kkt_client.core.receipts import FiscalReceipt
from kkt_client.core.returns import as_asked_before, return_of
from tests.documents import T0, deposit, item, receipt, tax_of

BREAD = item(10_000, 2_000, 12_000, section="2", barcode="487", unit="796")
"""2 x 100.00"""
APPLES = item(79_990, 1_375, None, name="Яблоки", discount=986, marking_code="01")
"""1.375 kg for 1099.86, with 9.86 off"""


def paper(document, **given):
    given = {"state": DocumentState.DELIVERED, "sign": "252284304235", **given}
    return FiscalReceipt(document=document, profile=SAMPLE_PROFILE, register_id="till-1", **given)


def sold(**given):
    return receipt(number=7, **given)


def figures(basket: Basket):
    return compute(basket, Country.KZ, "Asia/Almaty", T0)


def test_the_whole_receipt_comes_back_as_it_was_sold():
    parent = sold(items=(BREAD, APPLES), customer=Customer(phone="+7"), discount=100, change=5)

    operation, basket = return_of(paper(parent))

    assert operation is Operation.SELL_RETURN
    back = figures(basket)
    assert back.items == parent.items
    assert back.total == parent.total
    assert back.payments == parent.payments
    assert basket.customer == Customer(phone="+7")
    assert basket.parent == ParentReceipt(sign="252284304235", issued_at=T0, total=parent.total, rnm=SAMPLE_PROFILE.rnm)


def test_a_purchase_comes_back_as_a_return_of_a_purchase():
    operation, _ = return_of(paper(sold(operation=Operation.BUY)))
    assert operation is Operation.BUY_RETURN


def test_the_money_goes_back_the_ways_it_came():
    payments = (Payment(kind=PaymentKind.CARD, sum=15_000), Payment(kind=PaymentKind.CASH, sum=5_000))
    _, basket = return_of(paper(sold(items=(BREAD,), payments=payments, taken=10_000, change=5_000)))
    assert basket.payments == {PaymentKind.CARD: 15_000, PaymentKind.CASH: 5_000}


def test_one_line_comes_back():
    _, basket = return_of(paper(sold(items=(BREAD, APPLES))), [(1, None)])
    assert basket.lines == (Line(name="Хлеб", price=10_000, quantity=2_000, section="2", barcode="487", vat=12_000),)
    assert basket.payments == {PaymentKind.CASH: 20_000}


def test_a_part_of_a_line_brings_its_part_of_the_discount():
    _, basket = return_of(paper(sold(items=(BREAD, APPLES))), [(2, 500)])
    (line,) = basket.lines
    assert (line.quantity, line.marking_code, line.vat) == (500, "01", None)
    assert line.discount == 359  # 9.86 x 0.5 / 1.375 = 3.5854
    assert figures(basket).total == 39_995 - 359


def test_a_part_of_the_goods_brings_its_part_of_the_receipts_discount():
    _, basket = return_of(paper(sold(items=(BREAD, item(10_000, 1_000)), discount=1_000)), [(1, 1_000)])
    assert basket.discount == 333  # a third of 10.00
    assert basket.payments == {PaymentKind.CASH: 9_667}


def test_all_lines_named_one_by_one_are_the_whole_receipt():
    parent = sold(items=(BREAD, APPLES), markup=77)
    assert return_of(paper(parent), [(1, 2_000), (2, None)]) == return_of(paper(parent))


def test_a_tax_on_the_whole_receipt_comes_back_with_the_goods():
    tax = tax_of(10_000, 12_000, inside=False)
    parent = sold(items=(item(10_000),), taxes=(tax,))
    _, basket = return_of(paper(parent))
    assert (basket.vat, basket.vat_inside) == (12_000, False)
    assert figures(basket).taxes == (tax,)
    assert figures(basket).total == parent.total == 11_200


def test_a_tax_on_top_of_a_line_comes_back_on_top():
    line = replace(item(10_000), taxes=(tax_of(10_000, 12_000, inside=False),))
    _, basket = return_of(paper(sold(items=(line,))))
    assert figures(basket).items == (line,)


def test_goods_that_cost_nothing_come_back_for_nothing():
    _, basket = return_of(paper(sold(items=(item(0), item(0)))), [(1, None)])
    assert figures(basket).total == 0


def test_an_autonomous_receipt_is_named_by_its_own_sign():
    own = paper(sold(), sign=None, autonomous_sign=59_536_679, state=DocumentState.SAVED_AUTONOMOUS)
    _, basket = return_of(own)
    assert basket.parent is not None
    assert (basket.parent.sign, basket.parent.autonomous) == ("59536679", True)


def test_the_payments_may_be_said():
    _, basket = return_of(paper(sold()), payments={PaymentKind.CARD: 10_000})
    assert basket.payments == {PaymentKind.CARD: 10_000}


CARD_AND_CASH = (Payment(kind=PaymentKind.CARD, sum=15_000), Payment(kind=PaymentKind.CASH, sum=5_000))


@pytest.mark.parametrize(
    ("document", "parts", "field", "rule"),
    [
        (deposit(number=7), [], "receipt", "document 7 is a deposit, only a receipt can be returned"),
        (sold(operation=Operation.SELL_RETURN), [], "receipt", "document 7 is a return itself"),
        (sold(operation=Operation.BUY_RETURN), [], "receipt", "document 7 is a return itself"),
        (sold(), [(0, None)], "line", "the receipt has lines 1 .. 1, not 0"),
        (sold(), [(2, None)], "line", "the receipt has lines 1 .. 1, not 2"),
        (sold(), [(1, None), (1, 500)], "line", "a line stands twice"),
        (sold(), [(1, 1_001)], "line", "line 1 has a quantity of 1.000"),
        (
            sold(items=(BREAD,), payments=CARD_AND_CASH),
            [(1, 1_000)],
            "payments",
            "the receipt was paid by card and cash: say how the money goes back",
        ),
        (
            sold(taxes=(tax_of(5_000, 12_000), tax_of(5_000, 0))),
            [],
            "receipt",
            "has several taxes on the whole",
        ),
        (
            sold(items=(replace(item(), taxes=(tax_of(10_000, 12_000), tax_of(10_000, 0))),)),
            [],
            "receipt",
            "'Хлеб' has several taxes",
        ),
    ],
)
def test_what_cannot_be_returned(document, parts, field, rule):
    with pytest.raises(InvalidValue) as caught:
        return_of(paper(document), parts)
    assert caught.value.field == field
    assert rule in caught.value.rule


def returned(parent, **given):
    """A return under a key that was used before, which named its receipt so."""
    return paper(sold(operation=Operation.SELL_RETURN, parent=parent, **given))


FIRST = ParentReceipt(sign="59558197", issued_at=T0, total=25_000, rnm="1", autonomous=True)
NOW = replace(FIRST, sign="252284304235", autonomous=False)
BACK = Basket(lines=(Line(name="Хлеб", price=25_000),), parent=NOW)


def test_a_return_asked_for_again_names_its_receipt_as_it_did_the_first_time():
    assert as_asked_before(returned(FIRST), BACK).parent == FIRST


@pytest.mark.parametrize(
    "known",
    [
        None,
        paper(deposit()),
        returned(None),
        returned(replace(FIRST, total=1)),
        returned(replace(FIRST, issued_at=T0 + 1)),
    ],
)
def test_what_was_asked_before_and_is_no_return_of_this_receipt_changes_nothing(known):
    assert as_asked_before(known, BACK) is BACK


def test_a_return_that_names_no_receipt_stays_as_it_is():
    back = Basket(lines=BACK.lines)
    assert as_asked_before(returned(FIRST), back) is back
