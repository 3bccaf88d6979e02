"""From what the cashier knows to every figure of the receipt."""

from typing import cast

import pytest

from fiscal.domain.document import CorrectionReason
from fiscal.domain.money import MONEY_MAX
from fiscal.domain.receipt import Operation, Payment, PaymentKind, Tax
from fiscal.domain.register import Country
from fiscal.errors import InvalidValue
from kkt_client.core.basket import (
    Amendment,
    Basket,
    CashIn,
    CashOut,
    Closing,
    Line,
    Sale,
    compute,
    digest_of_order,
    settle,
)
from tests.documents import T0

CASH, CARD, MOBILE = PaymentKind.CASH, PaymentKind.CARD, PaymentKind.MOBILE


def figures(*lines: Line, **basket):
    return compute(Basket(lines=lines, **basket), Country.KZ, "Asia/Almaty", T0)


def line(price=10_000, **given):
    return Line(name="Хлеб", price=price, **{"vat": None, **given})


@pytest.mark.parametrize(
    ("lines", "basket", "total"),
    [
        ([line(20_000, quantity=2_500)], {}, 50_000),
        ([line(333, quantity=1_500)], {}, 500),  # 499.5 goes up
        ([line(discount=500), line(markup=700)], {}, 20_200),
        ([line(), line()], {"discount": 1_000}, 19_000),
        ([line()], {"markup": 1_000}, 11_000),
        ([line(vat=12_000)], {}, 10_000),
        ([line(vat=12_000, vat_inside=False)], {}, 11_200),
        ([line(), line()], {"vat": 12_000, "vat_inside": False, "discount": 10_000}, 11_200),
        ([line(0)], {}, 0),
    ],
)
def test_the_total_follows_from_the_lines(lines, basket, total):
    found = figures(*lines, **basket)

    assert found.total == total
    assert found.payments == (Payment(kind=CASH, sum=total),)
    assert (found.taken, found.change) == (total, 0)


def test_the_standard_rate_is_that_of_the_day_in_the_registers_zone():
    # 2025-12-31T20:00Z is the new year in Almaty (UTC+5), where the new rate is in force.
    new_year = 1_767_211_200_000
    almaty = compute(Basket(lines=(line(vat="standard"), line(vat="standard"))), Country.KZ, "Asia/Almaty", new_year)
    london = compute(Basket(lines=(line(vat="standard"),)), Country.KZ, "Europe/London", new_year)

    assert (almaty.items[0].taxes[0].rate, london.items[0].taxes[0].rate) == (16_000, 12_000)


def test_a_tax_stands_on_the_items_or_on_the_receipt():
    per_item = figures(line(vat=12_000, discount=500))
    per_receipt = figures(line(vat="standard"), line(vat=None), vat=12_000)

    assert per_item.items[0].taxes == (Tax(rate=12_000, base=9_500, sum=1_018),)
    assert per_item.taxes == ()
    assert [item.taxes for item in per_receipt.items] == [(), ()]
    assert per_receipt.taxes == (Tax(rate=12_000, base=20_000, sum=2_143),)


@pytest.mark.parametrize(
    ("given", "rows", "taken", "change"),
    [
        ({CASH: 10_000}, [(CASH, 10_000)], 10_000, 0),
        ({CASH: 20_000}, [(CASH, 10_000)], 20_000, 10_000),
        ({CARD: 10_000}, [(CARD, 10_000)], None, None),
        ({CARD: 4_000, CASH: 7_000}, [(CARD, 4_000), (CASH, 6_000)], 7_000, 1_000),
        ({"card": 10_000, "cash": 500}, [(CARD, 10_000), (CASH, 0)], 500, 500),
        ({MOBILE: 1, CARD: 9_999}, [(MOBILE, 1), (CARD, 9_999)], None, None),
    ],
)
def test_cash_that_is_handed_over_makes_the_change(given, rows, taken, change):
    assert settle(given, 10_000) == (tuple(Payment(kind=kind, sum=sum_) for kind, sum_ in rows), taken, change)


@pytest.mark.parametrize(
    ("make", "field", "code"),
    [
        (figures, "items", "no_items"),
        (lambda: figures(line(1.5)), "items[0].price", "not_whole"),
        (lambda: figures(line(True)), "items[0].price", "not_whole"),
        (lambda: figures(line(), line(-1)), "items[1].price", "out_of_range"),
        (lambda: figures(line(quantity=0)), "items[0].quantity", "out_of_range"),
        (lambda: figures(line(MONEY_MAX, quantity=2_000)), "items[0].sum", "total_too_large"),
        (lambda: figures(line(MONEY_MAX), line(1)), "total", "total_too_large"),
        (lambda: figures(line(discount=10_001)), "items[0].discount", "discount_too_large"),
        (lambda: figures(line(), discount=10_001), "discount", "discount_too_large"),
        (lambda: figures(line(vat=100_001)), "items[0].vat", "out_of_range"),
        (lambda: figures(line(vat="12%")), "items[0].vat", "not_whole"),
        (lambda: figures(line(vat=12_000), vat=12_000), "vat", "taxes_twice"),
        (lambda: figures(line(), payments={CARD: 9_999}), "payments", "payments_total"),
        (lambda: figures(line(), payments={CARD: 10_001}), "payments", "payments_total"),
        (lambda: figures(line(), payments={CASH: 9_999}), "payments", "payments_total"),
        (lambda: figures(line(), payments={"gold": 1}), "payments", "unknown_payment"),
        (lambda: figures(line(), payments={CARD: "1"}), "payments.card", "not_whole"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_field(make, field, code):
    with pytest.raises(InvalidValue) as found:
        make()

    assert (found.value.field, found.value.code) == (field, code)


def sale(*lines, **basket):
    return Sale(operation=Operation.SELL, basket=Basket(lines=lines, **basket))


def test_the_same_order_has_the_same_digest():
    assert digest_of_order(sale(line(), payments={CASH: 1, CARD: 2})) == digest_of_order(
        sale(line(), payments={CARD: 2, CASH: 1})
    )


def test_every_other_order_has_another_digest():
    orders = [
        sale(line()),
        sale(line(), line()),
        sale(line(vat=0)),
        sale(line(), payments={CASH: 10_000}),
        sale(line(), payments={CARD: 10_000}),
        Sale(operation=Operation.BUY, basket=Basket(lines=(line(),))),
        CashIn(sum=5),
        CashIn(sum=6),
        CashOut(sum=5),
        Closing(),
        Closing(withdraw_cash=True),
        Amendment(
            operation=Operation.SELL, total=5, reason=CorrectionReason.OWN, corrected_at=T0, basis="акт", payments={}
        ),
    ]

    assert len({digest_of_order(order) for order in orders}) == len(orders)


def test_what_is_no_value_at_all_has_no_digest():
    with pytest.raises(InvalidValue, match="basket"):
        digest_of_order(sale(Line(name="Хлеб", price=1, barcode=cast("str", object()))))
