import os
import subprocess
import sys
from collections import Counter
from datetime import time
from importlib import resources

import pytest

from fiscal.domain.identifiers import tax_id_problem
from fiscal.domain.receipt import PaymentKind
from fiscal.domain.register import Country
from mock_ofd.demo.generate import Dice, generate
from mock_ofd.demo.script import SHOP_DAY, CashMove, TakeReport, Trade, read_script, shop_day
from mock_ofd.demo.shop import KILOGRAM, PROFILES, ean13

STEPS = shop_day()
TRADES = [step for step in STEPS if isinstance(step, Trade)]


def test_the_committed_script_is_what_the_generator_prints():
    committed = resources.files("mock_ofd.demo").joinpath(SHOP_DAY).read_bytes()
    printed = subprocess.run(
        [sys.executable, "-m", "mock_ofd.demo.generate"],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "PYTHONHASHSEED": "1",
            "PYTHONIOENCODING": "ascii",
        },
        capture_output=True,
        check=True,
    ).stdout
    assert printed == committed


@pytest.mark.parametrize("seed", range(20))
def test_every_seed_makes_a_possible_day(seed):
    steps = read_script(generate(seed).splitlines())
    drawers = Counter[int]()
    for step in steps:
        match step:
            case Trade():
                drawers[step.register] += step.cash if step.do == "sell" else -step.cash
            case CashMove():
                drawers[step.register] += step.sum if step.do == "deposit" else -step.sum
            case _:
                pass
        assert drawers[step.register] >= 0, step


def test_other_seeds_make_other_days():
    assert generate(1) != generate(2)


def test_about_three_hundred_receipts_of_five_registers_between_eight_and_half_past_ten():
    assert 290 <= len(TRADES) <= 320
    assert {step.register for step in STEPS} == set(PROFILES) == {1, 2, 3, 4, 5}
    assert time(8) <= STEPS[0].at
    assert STEPS[-1].at <= time(22, 30)


def test_the_day_has_all_that_a_day_can_have():
    ways = {frozenset(trade.payments) for trade in TRADES}
    assert {
        frozenset({PaymentKind.CASH}),
        frozenset({PaymentKind.CARD}),
        frozenset({PaymentKind.MOBILE}),
        frozenset({PaymentKind.CASH, PaymentKind.CARD}),
    } <= ways
    assert {trade.do for trade in TRADES} == {"sell", "sell_return", "buy"}
    assert any(trade.change for trade in TRADES)
    assert any(trade.discount for trade in TRADES)
    assert any(item.discount for trade in TRADES for item in trade.items)
    assert {item.vat for trade in TRADES for item in trade.items} == {"standard", 10_000, None}
    assert {item.section for trade in TRADES for item in trade.items} == set("1234567")
    customers = [trade.customer for trade in TRADES if trade.customer]
    assert all(any(getattr(customer, name) for customer in customers) for name in ("email", "phone", "tax_id"))
    assert len({step.cashier.name for step in STEPS}) == 8


def test_every_register_reports_at_noon_and_closes_in_the_evening():
    reports = [step for step in STEPS if isinstance(step, TakeReport)]
    assert sorted(step.register for step in reports if step.do == "x") == [1, 2, 3, 4, 5]
    assert all(step.at.hour == 12 for step in reports if step.do == "x")
    closings = Counter(step.register for step in reports if step.do == "z")
    assert closings == {1: 1, 2: 1, 3: 2, 4: 1, 5: 1}
    last = {step.register: step for step in STEPS}
    assert all(isinstance(step, TakeReport) and step.do == "z" and step.at.hour >= 21 for step in last.values())


def test_every_shift_begins_with_a_deposit():
    opened: set[int] = set()
    for step in STEPS:
        if step.register not in opened:
            assert isinstance(step, CashMove)
            assert step.do == "deposit"
            opened.add(step.register)
        if isinstance(step, TakeReport) and step.do == "z":
            opened.remove(step.register)
    assert not opened


def test_a_sale_of_the_first_shift_is_returned_in_the_second():
    shift_end = next(step.at for step in STEPS if step.register == 3 and step.do == "z")
    sold = {trade.key: trade.at for trade in TRADES}
    assert any(trade.of and sold[trade.of] < shift_end < trade.at for trade in TRADES if trade.register == 3)


def test_nobody_returns_more_than_was_bought_or_gets_it_paid_another_way():
    by_key = {trade.key: trade for trade in TRADES}
    returns = [trade for trade in TRADES if trade.of is not None]
    assert len({trade.of for trade in returns}) == len(returns)
    for trade in returns:
        assert trade.of is not None
        parent = by_key[trade.of]
        assert set(trade.items) <= set(parent.items)
        assert set(trade.payments) == set(parent.payments)


def test_numbers_that_have_check_digits_have_right_ones():
    for trade in TRADES:
        for item in trade.items:
            assert item.barcode is not None
            assert item.barcode == ean13(item.barcode[:12])
        if trade.customer and trade.customer.tax_id:
            assert tax_id_problem(Country.KZ, trade.customer.tax_id) is None


def test_a_weighed_good_carries_its_weight_in_its_barcode():
    weighed = [item for trade in TRADES for item in trade.items if item.unit == KILOGRAM]
    assert len(weighed) > 100
    assert all(item.barcode and item.barcode[7:12] == f"{item.quantity:05d}" for item in weighed)
    assert all(item.quantity % 1_000 == 0 for trade in TRADES for item in trade.items if item.unit != KILOGRAM)


def test_chance_is_spread_as_its_weights():
    dice = Dice(7)
    drawn = Counter(dice.weighted((("a", 1), ("b", 3))) for _ in range(4_000))
    assert set(drawn) == {"a", "b"}
    assert 2.5 < drawn["b"] / drawn["a"] < 3.5
    assert {dice.below(3) for _ in range(100)} == {0, 1, 2}
