"""What a request says becomes what the register is asked for, and nothing is converted on the way."""

import pytest

from fiscal.domain.receipt import Customer, ParentReceipt, PaymentKind, TradeDomain
from kkt_client.core.basket import Basket, Line
from mock_ofd.kkt_service.bodies import BasketBody, CashBody, LineBody, SyncBody
from ofd_server.gateways.http.answers import HttpError
from ofd_server.gateways.http.routes import parse_body

LINE = '{"name": "Хлеб", "price": 25000}'


def parsed(model, text):
    return parse_body(model, text.encode(), "application/json")


def test_a_line_has_the_defaults_of_the_register():
    assert parsed(LineBody, LINE).as_line() == Line(name="Хлеб", price=25_000)


def test_a_basket_has_them_too():
    assert parsed(BasketBody, f'{{"items": [{LINE}]}}').as_basket() == Basket(lines=(Line(name="Хлеб", price=25_000),))


def test_everything_that_a_basket_can_say():
    text = """{
        "items": [{"name": "Хлеб", "price": 25000, "quantity": 2500, "section": "2", "unit": "166", "barcode": "4",
                   "marking_code": "01;2", "markup": 7, "vat": null, "vat_inside": false}],
        "payments": {"cash": 1, "card": 2}, "discount": 3, "vat": 12000, "vat_inside": false,
        "customer": {"email": "a@b"}, "domain": "services",
        "parent": {"sign": "7", "issued_at": 5, "total": 9, "rnm": "1", "autonomous": true}
    }"""
    assert parsed(BasketBody, text).as_basket() == Basket(
        lines=(
            Line(
                name="Хлеб",
                price=25_000,
                quantity=2_500,
                section="2",
                unit="166",
                barcode="4",
                marking_code="01;2",
                markup=7,
                vat=None,
                vat_inside=False,
            ),
        ),
        payments={PaymentKind.CASH: 1, PaymentKind.CARD: 2},
        discount=3,
        vat=12_000,
        vat_inside=False,
        customer=Customer(email="a@b"),
        domain=TradeDomain.SERVICES,
        parent=ParentReceipt(sign="7", issued_at=5, total=9, rnm="1", autonomous=True),
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("{}", "items"),
        ('{"items": []}', "items"),
        (f'{{"items": [{",".join([LINE] * 501)}]}}', "items"),
        ('{"items": [{"name": "Хлеб"}]}', "items[0].price"),
        ('{"items": [{"name": "", "price": 1}]}', "items[0].name"),
        ('{"items": [{"name": "Хлеб", "price": "1"}]}', "items[0].price"),
        ('{"items": [{"name": "Хлеб", "price": 1.0}]}', "items[0].price"),
        ('{"items": [{"name": "Хлеб", "price": -1}]}', "items[0].price"),
        ('{"items": [{"name": "Хлеб", "price": 1, "quantity": 0}]}', "items[0].quantity"),
        ('{"items": [{"name": "Хлеб", "price": 1, "vat": "12"}]}', "items[0].vat"),
        ('{"items": [{"name": "Хлеб", "price": 1, "vat": 100001}]}', "items[0].vat"),
        ('{"items": [{"name": "Хлеб", "price": 1, "vat": true}]}', "items[0].vat"),
        ('{"items": [{"name": "Хлеб", "price": 1, "vat_inside": 1}]}', "items[0].vat_inside"),
        ('{"items": [{"name": "Хлеб", "price": 1, "sum": 1}]}', "items[0].sum"),
        (f'{{"items": [{LINE}], "payments": {{"card": "1"}}}}', "payments.card"),
        (f'{{"items": [{LINE}], "customer": {{"name": "x"}}}}', "customer.name"),
        (f'{{"items": [{LINE}], "domain": "x"}}', "domain"),
        (f'{{"items": [{LINE}], "key": "x"}}', "key"),
    ],
)
def test_what_is_not_right_is_named_by_its_path(body, field):
    with pytest.raises(HttpError) as error:
        parsed(BasketBody, body)
    assert (error.value.status, error.value.field) == (400, field)


@pytest.mark.parametrize("timeout", ["0", "-1", "601", '"5"', "true"])
def test_a_time_that_nobody_waits(timeout):
    with pytest.raises(HttpError):
        parsed(SyncBody, f'{{"timeout_s": {timeout}}}')
    assert parsed(SyncBody, '{"timeout_s": 5}').timeout_s == 5


def test_no_cash_is_no_move_of_cash():
    with pytest.raises(HttpError):
        parsed(CashBody, '{"sum": 0}')
