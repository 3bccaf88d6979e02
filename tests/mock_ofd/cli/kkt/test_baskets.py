import json

import pytest

from fiscal.domain.receipt import Cashier, Customer, ParentReceipt, PaymentKind, TradeDomain
from fiscal.errors import InvalidValue
from kkt_client.core.basket import Basket, Line
from mock_ofd.cli.kkt.baskets import (
    BASKET_SIZE_MAX,
    Vat,
    amount_of,
    basket_of,
    cashier_of,
    read_basket,
    read_item,
    read_part,
)

BREAD = {"name": "Хлеб", "price": "250.00"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Хлеб;250", Line(name="Хлеб", price=25_000)),
        ("Хлеб; 250.5 ;2", Line(name="Хлеб", price=25_050, quantity=2_000)),
        ("Яблоки;799.90;1.375;12;3", Line(name="Яблоки", price=79_990, quantity=1_375, vat=12_000, section="3")),
        ("Хлеб;250.00;;none", Line(name="Хлеб", price=25_000, vat=None)),
        ("Хлеб;250.00;;;2", Line(name="Хлеб", price=25_000, section="2")),
        ("Хлеб;250.00;;standard", Line(name="Хлеб", price=25_000, vat="standard")),
        ("Хлеб;250.00;;+standard", Line(name="Хлеб", price=25_000, vat="standard", vat_inside=False)),
        ("Хлеб;250.00;;+5.5%", Line(name="Хлеб", price=25_000, vat=5_500, vat_inside=False)),
        ("Хлеб;250.00;;0", Line(name="Хлеб", price=25_000, vat=0)),
        ("price=250.00;name=Хлеб", Line(name="Хлеб", price=25_000)),
        (
            "Хлеб;250.00;barcode=4870001;unit=166;marking_code=01Ab=x;discount=10;markup=0.01",
            Line(
                name="Хлеб",
                price=25_000,
                barcode="4870001",
                unit="166",
                marking_code="01Ab=x",
                discount=1_000,
                markup=1,
            ),
        ),
    ],
)
def test_an_item_option_is_a_line(text, line):
    assert basket_of({}, [text], {}).as_basket() == Basket(lines=(line,))


@pytest.mark.parametrize(
    ("text", "field", "rule"),
    [
        ("", "items[0].name", "is missing"),
        ("Хлеб", "items[0].price", "is missing"),
        ("Хлеб;2,50", "items[0].price", "must be digits"),
        ("Хлеб;2.505", "items[0].price", "at most two places"),
        ("Хлеб;-1", "items[0].price", "must not be negative"),
        ("Хлеб;1e3", "items[0].price", "must be digits"),
        ("Хлеб;90071992547409.92", "items[0].price", "must not be larger than 90071992547409.91"),
        ("Хлеб;1;0", "items[0].quantity", "must be 0.001 .. 2147483.647"),
        ("Хлеб;1;-1", "items[0].quantity", "must be 0.001"),
        ("Хлеб;1;2147483.648", "items[0].quantity", "must be 0.001"),
        ("Хлеб;1;1.2345", "items[0].quantity", "at most three places"),
        ("Хлеб;1;1;much", "items[0].vat", "must be standard, none or 0 .. 100 percent"),
        ("Хлеб;1;1;100.001", "items[0].vat", "must be standard, none or"),
        ("Хлеб;1;1;+none", "items[0].vat", "must be standard, none or"),
        ("Хлеб;1;1;0;1;1", "items[0]", "has more parts than NAME;PRICE;QUANTITY;VAT;SECTION: '1'"),
        ("Хлеб;1;price=2", "items[0].price", "is said twice"),
        ("Хлеб;1;colour=red", "items[0].colour", "is no field"),
        (f"{'Х' * 257};1", "items[0].name", "at most 256 characters"),
    ],
)
def test_a_wrong_item_is_named_by_its_field_and_its_rule(text, field, rule):
    with pytest.raises(InvalidValue) as caught:
        basket_of({}, [text], {})
    assert caught.value.field == field
    assert rule in caught.value.rule


def test_the_place_of_a_wrong_item_is_told():
    with pytest.raises(InvalidValue) as caught:
        basket_of({}, ["Хлеб;1", "Соль;x"], {})
    assert caught.value.field == "items[1].price"


def test_a_file_says_everything_that_a_basket_may_have():
    given = basket_of(
        read_basket(
            json.dumps(
                {
                    "items": [BREAD | {"quantity": "2.5", "vat": None, "barcode": "487"}],
                    "payments": {"cash": "500.00", "card": "125"},
                    "discount": "0.50",
                    "markup": "0",
                    "customer": {"email": "a@b.kz", "phone": "+7700", "tax_id": "180340008219"},
                    "cashier": {"code": 7, "name": "Айгуль"},
                    "domain": "services",
                    "parent": {
                        "sign": "123",
                        "issued_at": "2026-03-14T09:30:00+05:00",
                        "total": "625.00",
                        "rnm": "010102345678",
                        "autonomous": True,
                    },
                    "key": "order-17",
                }
            ).encode()
        ),
        [],
        {},
    )

    assert given.as_basket() == Basket(
        lines=(Line(name="Хлеб", price=25_000, quantity=2_500, vat=None, barcode="487"),),
        payments={PaymentKind.CASH: 50_000, PaymentKind.CARD: 12_500},
        discount=50,
        customer=Customer(email="a@b.kz", phone="+7700", tax_id="180340008219"),
        domain=TradeDomain.SERVICES,
        parent=ParentReceipt(
            sign="123", issued_at=1_773_462_600_000, total=62_500, rnm="010102345678", autonomous=True
        ),
    )
    assert given.cashier == Cashier(code=7, name="Айгуль")
    assert given.key == "order-17"


def test_one_tax_on_the_whole_receipt():
    given = basket_of({"items": [BREAD]}, [], {"vat": "+12"})
    assert given.vat == Vat(12_000, inside=False)
    assert (given.as_basket().vat, given.as_basket().vat_inside) == (12_000, False)


def test_an_option_goes_before_the_file():
    given = basket_of(
        {"items": [BREAD], "key": "a", "payments": {"card": "1"}}, [], {"key": "b", "payments": {"cash": "2"}}
    )
    assert given.key == "b"
    assert given.payments == {PaymentKind.CASH: 200}


@pytest.mark.parametrize(
    ("basket", "field", "rule"),
    [
        ({}, "items", "is missing"),
        ({"items": []}, "items", "at least 1 entries"),
        ({"items": "Хлеб"}, "items", "must be an array"),
        ({"items": [BREAD] * 501}, "items", "at most 500 entries"),
        ({"items": ["Хлеб"]}, "items[0]", "must be a map"),
        ({"items": [BREAD | {"price": 250}]}, "items[0].price", 'must be decimal text like "1234.50"'),
        ({"items": [BREAD | {"price": 250.5}]}, "items[0].price", "must be decimal text"),
        ({"items": [BREAD | {"price": None}]}, "items[0].price", "must be decimal text"),
        ({"items": [BREAD | {"quantity": 1}]}, "items[0].quantity", 'must be decimal text like "2.5"'),
        ({"items": [BREAD | {"vat": 12}]}, "items[0].vat", "must be decimal text"),
        ({"items": [BREAD | {"sum": "1"}]}, "items[0].sum", "is no field"),
        ({"items": [BREAD], "payments": {"gold": "1"}}, "payments.gold.[key]", "must be one of 'cash'"),
        ({"items": [BREAD], "payments": {"cash": "-1"}}, "payments.cash", "must not be negative"),
        ({"items": [BREAD], "payments": []}, "payments", "must be a map"),
        ({"items": [BREAD], "customer": {"name": "x"}}, "customer.name", "is no field"),
        ({"items": [BREAD], "cashier": {"code": "7", "name": "x"}}, "cashier.code", "must be an integer"),
        ({"items": [BREAD], "domain": "war"}, "domain", "must be one of 'trading'"),
        ({"items": [BREAD], "key": "k" * 129}, "key", "at most 128 characters"),
        ({"items": [BREAD], "parent": {"sign": "1", "rnm": "1", "total": "1"}}, "parent.issued_at", "is missing"),
        (
            {"items": [BREAD], "parent": {"sign": "1", "rnm": "1", "total": "1", "issued_at": "2026-03-14T09:30:00"}},
            "parent.issued_at",
            "must be a time with its zone",
        ),
        (
            {"items": [BREAD], "parent": {"sign": "1", "rnm": "1", "total": "1", "issued_at": 5}},
            "parent.issued_at",
            "must be a time with its zone",
        ),
        ({"items": [BREAD], "colour": "red"}, "colour", "is no field"),
    ],
)
def test_a_wrong_basket_is_named_by_its_field_and_its_rule(basket, field, rule):
    with pytest.raises(InvalidValue) as caught:
        basket_of(basket, [], {})
    assert caught.value.field == field
    assert rule in caught.value.rule


def test_items_are_said_once():
    with pytest.raises(InvalidValue, match="items: stand in the basket file and in --item"):
        basket_of({"items": [BREAD]}, ["Хлеб;1"], {})


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "is no JSON"),
        (b"{", "is no JSON"),
        (b"\xff{}", "is no UTF-8 text"),
        (b"[]", "must be a JSON object"),
        (b'"x"', "must be a JSON object"),
        (b'{"items": 1, "items": 2}', "a name stands twice in an object"),
        (b"[" * 100_000, "is nested too deep"),
        (b"9" * 5_000, "is no JSON"),
        (b" " * (BASKET_SIZE_MAX + 1), f"must be at most {BASKET_SIZE_MAX} bytes"),
    ],
)
def test_what_is_no_basket_file(data, rule):
    with pytest.raises(InvalidValue) as caught:
        read_basket(data)
    assert caught.value.field == "basket"
    assert rule in caught.value.rule


def test_a_surrogate_in_a_name_is_refused_and_not_a_traceback():
    with pytest.raises(InvalidValue) as caught:
        basket_of(read_basket(b'{"items": [{"name": "\\ud800", "price": "1"}]}'), [], {})
    assert caught.value.field == "items[0].name"


def test_the_parts_of_an_item_are_kept_as_text():
    assert read_item(" Хлеб ;1;;;2;unit=166", "items[0]") == {
        "name": "Хлеб",
        "price": "1",
        "section": "2",
        "unit": "166",
    }


@pytest.mark.parametrize(("text", "amount"), [("0", 0), ("15000.00", 1_500_000), (" 7.5 ", 750)])
def test_an_amount_is_minor_units(text, amount):
    assert amount_of(text, "sum") == amount


@pytest.mark.parametrize("text", ["", "x", "-1", "1.234", "1,5", "१", "1" * 30])
def test_a_wrong_amount_is_named_by_its_field(text):
    with pytest.raises(InvalidValue) as caught:
        amount_of(text, "payments.cash")
    assert caught.value.field == "payments.cash"
    assert repr(text) in caught.value.rule


@pytest.mark.parametrize(("text", "part"), [("3", (3, None)), ("3:1.5", (3, 1_500)), (" 12 : 2", None)])
def test_a_part_of_a_receipt(text, part):
    if part is None:
        with pytest.raises(InvalidValue, match="line: "):
            read_part(text)
    else:
        assert read_part(text) == part


@pytest.mark.parametrize("text", ["", "x", "0x1", "1:", "1:0", "1:x", "1:1.2345", "-1", "12345"])
def test_a_wrong_part_of_a_receipt(text):
    with pytest.raises(InvalidValue) as caught:
        read_part(text)
    assert caught.value.field == "line"


def test_a_cashier():
    assert cashier_of("7:Айгуль") == Cashier(code=7, name="Айгуль")
    assert cashier_of(" 7 : Айгуль Ж. ") == Cashier(code=7, name="Айгуль Ж.")


@pytest.mark.parametrize("text", ["", "7", "Айгуль", "x:Айгуль", "7:", "-7:Айгуль", "²:Айгуль", f"{'9' * 30}:A"])
def test_a_wrong_cashier(text):
    with pytest.raises(InvalidValue, match="cashier"):
        cashier_of(text)
