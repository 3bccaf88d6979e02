import json
from datetime import date

import pytest

from fiscal.domain.receipt import Cashier, Customer, Operation, PaymentKind
from fiscal.errors import InvalidValue
from mock_ofd.demo.script import (
    CashMove,
    Good,
    ScriptError,
    TakeReport,
    Trade,
    read_script,
    shop_day,
)

CASHIER = {"code": 1, "name": "Айгерім"}
BREAD = {"name": "Нан", "price": 18_000, "quantity": 2_000, "section": "2", "vat": "standard"}


def line(**facts):
    return json.dumps({"at": "08:03:12", "register": 1, "cashier": CASHIER} | facts, ensure_ascii=False)


def sale(**facts):
    return line(**({"do": "sell", "key": "1-001", "items": [BREAD], "payments": {"cash": 36_000}} | facts))


def give_back(**facts):
    return sale(**({"do": "sell_return", "key": "1-002", "of": "1-001"} | facts))


def test_a_sale_is_read_with_all_that_it_may_have():
    apples = BREAD | {
        "barcode": "2200406012345",
        "unit": "166",
        "discount": 500,
        "vat": 10_000,
        "quantity": 1_234,
    }
    (step,) = read_script(
        [
            sale(
                items=[BREAD, apples],
                discount=12,
                payments={"card": 20_000, "cash": 40_000},
                customer={"phone": "+7"},
            )
        ]
    )
    assert isinstance(step, Trade)
    assert step.operation is Operation.SELL
    assert step.cashier == Cashier(code=1, name="Айгерім")
    assert step.customer == Customer(phone="+7")
    assert step.items[0] == Good(name="Нан", price=18_000, quantity=2_000, section="2", vat="standard")
    assert (step.items[1].vat, step.items[1].net) == (10_000, 22_212 - 500)
    assert step.total == 36_000 + 21_712 - 12
    assert step.payments == {PaymentKind.CARD: 20_000, PaymentKind.CASH: 40_000}
    assert (step.cash, step.change) == (37_700, 2_300)


def test_what_is_not_taxed_has_no_rate():
    (step,) = read_script([sale(do="buy", items=[BREAD | {"vat": None}])])
    assert isinstance(step, Trade)
    assert step.operation is Operation.BUY
    assert step.items[0].vat is None


def test_a_return_names_its_sale():
    steps = read_script([sale(), give_back()])
    assert isinstance(steps[1], Trade)
    assert steps[1].of == "1-001"


@pytest.mark.parametrize("do", ["deposit", "withdraw"])
def test_cash_moves(do):
    (step,) = read_script([line(do=do, sum=500)])
    assert isinstance(step, CashMove)
    assert (step.do, step.sum, step.register) == (do, 500, 1)


@pytest.mark.parametrize("do", ["x", "z"])
def test_reports(do):
    (step,) = read_script([line(do=do)])
    assert isinstance(step, TakeReport)
    assert step.do == do


def test_local_time_becomes_an_instant_where_the_script_is_played():
    (step,) = read_script([line(do="x")])
    assert step.instant(date(2026, 3, 14), "UTC") == 1_773_475_392_000
    # Moscow, because its distance to Greenwich is the same in every edition of the time zones.
    assert step.instant(date(2026, 3, 14), "Europe/Moscow") == 1_773_475_392_000 - 3 * 3_600_000


@pytest.mark.parametrize(
    ("text", "field", "rule"),
    [
        ("{", "line", "Invalid JSON"),
        ("[]", "do", "must be one of sell, sell_return, buy, deposit, withdraw, x, z"),
        (line(), "do", "must be one of"),
        (line(do="dance"), "do", "must be one of"),
        (line(do=["x"]), "do", "must be one of"),
        (line(do="x", at="8:03:12"), "at", "HH:MM:SS"),
        (line(do="x", at="24:00:00"), "at", "HH:MM:SS"),
        (line(do="x", at=5), "at", "HH:MM:SS"),
        (line(do="x", register=0), "register", "greater than or equal to 1"),
        (line(do="x", register="1"), "register", "valid integer"),
        (line(do="x", cashier={"code": 1}), "cashier.name", "required"),
        (line(do="x", sum=5), "sum", "Unexpected"),
        (line(do="deposit", sum=0), "sum", "greater than or equal to 1"),
        (line(do="deposit", sum=1.5), "sum", "valid integer"),
        (sale(items=[]), "items", "at least 1"),
        (
            sale(items=[BREAD, BREAD | {"price": -1}]),
            "items[1].price",
            "greater than or equal to 0",
        ),
        (sale(items=[BREAD | {"vat": "16 %"}]), "items[0].vat", "standard"),
        (sale(items=[BREAD | {"quantity": 0}]), "items[0].quantity", "greater than or equal to 1"),
        (sale(payments={}), "payments", "at least 1"),
        (sale(payments={"shells": 5}), "payments.shells", "'cash'"),
        (sale(items=[BREAD | {"discount": 36_001}]), "items[0].discount", "larger than the line"),
        (sale(discount=36_001), "discount", "larger than the goods"),
        (sale(payments={"card": 36_001}), "payments", "1 more than the total without cash"),
        (sale(payments={"card": 35_999}), "payments", "1 less than the total"),
        (sale(payments={"cash": 35_999}), "payments", "1 less than the total"),
        (sale(do="buy", payments={"cash": 36_001}), "payments", "only a buyer gets change"),
        (sale(of="1-000"), "of", "only a return"),
        (sale(do="sell_return"), "of", "earlier sale of this register"),
    ],
)
def test_a_wrong_line_is_named_with_its_field_and_rule(text, field, rule):
    with pytest.raises(ScriptError) as caught:
        read_script([line(do="x"), text])
    assert caught.value.line == 2
    assert caught.value.field == field
    assert rule in caught.value.rule
    assert str(caught.value) == f"line 2: {field}: {caught.value.rule}"
    assert isinstance(caught.value, InvalidValue)


@pytest.mark.parametrize(
    ("second", "field"),
    [
        (line(do="x", at="08:03:11"), "at"),
        (sale(), "key"),
        (give_back(of="1-009"), "of"),
        (give_back(register=2), "of"),
    ],
)
def test_lines_that_contradict_an_earlier_one(second, field):
    with pytest.raises(ScriptError) as caught:
        read_script([sale(), second])
    assert (caught.value.line, caught.value.field) == (2, field)


def test_a_return_takes_back_a_sale_and_nothing_else():
    with pytest.raises(ScriptError, match="line 2: of"):
        read_script([sale(do="buy"), give_back()])


def test_the_script_of_the_package_is_read():
    steps = shop_day()
    assert {type(step) for step in steps} == {Trade, CashMove, TakeReport}
    assert {Operation(step.do) for step in steps if isinstance(step, Trade)} <= set(Operation)
