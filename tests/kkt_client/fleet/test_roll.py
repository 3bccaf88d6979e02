"""The documents of a register that sells when it is told to."""

from random import Random
from typing import Any

import pytest

from fiscal.domain.lifecycle import DocumentState
from fiscal.domain.receipt import Receipt, check_receipt
from fiscal.domain.register import RegisterProfile, Taxpayer
from fiscal.errors import InvalidValue
from fiscal.protocols.content import decode_content
from fiscal.retry import Backoff
from fiscal.session.limits import SessionLimits
from fiscal.time import HOUR
from kkt_client.core.basket import Basket, Line
from kkt_client.core.registration import Registration
from kkt_client.fleet.register import FleetRegister, Habits
from kkt_client.fleet.roll import STRANGER, Known, Roll
from kkt_client.fleet.wires import NativeWire
from tests.documents import T0

PROFILE = RegisterProfile(taxpayer=Taxpayer(name="A", tax_id="240140000011"), place="B", rnm="1", serial="2")
BASKET = Basket(lines=(Line(name="Хлеб", price=250_00),))
KNOWN = Known(number=40, sign=9, shift=3, period=700)


def roll(known: Known = STRANGER) -> Roll:
    return Roll("shop", PROFILE, known, T0)


def documents(of: Roll, *numbers: int) -> list[Any]:
    return [decode_content(of.dossier(0, number).content) for number in numbers]


@pytest.mark.parametrize(("known", "first", "shift"), [(STRANGER, 1, 1), (KNOWN, 41, 3)])
def test_it_goes_on_behind_what_the_operator_has(known, first, shift):
    sold = roll(known)
    assert [sold.sell(BASKET, T0 + step, 5.0 + step) for step in range(3)] == [first, first + 1, first + 2]
    receipts = documents(sold, first, first + 1, first + 2)
    assert all(isinstance(receipt, Receipt) and check_receipt(receipt) is None for receipt in receipts)
    assert [(receipt.number, receipt.shift, receipt.issued_at) for receipt in receipts] == [
        (first + step, shift, T0 + step) for step in range(3)
    ]
    assert sorted(receipt.id for receipt in receipts) == [receipt.id for receipt in receipts]
    assert [sold.due(0, first + step) for step in range(4)] == [5.0, 6.0, 7.0, None]
    assert sold.issued == first + 2


@pytest.mark.parametrize("known", [STRANGER, KNOWN])
def test_what_it_comes_back_with_is_autonomous_and_of_the_past(known):
    sold = roll(known)
    sold.come_back_with([BASKET] * 3, T0 - 4 * HOUR, T0)
    state, first = sold.state, known.number + 1
    assert state.is_autonomous
    assert state.last_number == first + 2
    assert [(slot.number, slot.autonomous_sign, slot.period, slot.state) for slot in state.queue] == [
        (first + step, known.sign + 1 + step, known.period + 1, DocumentState.SAVED_AUTONOMOUS) for step in range(3)
    ]
    receipts = documents(sold, first, first + 1, first + 2)
    assert [receipt.issued_at for receipt in receipts] == [T0 - 3 * HOUR, T0 - 2 * HOUR, T0 - HOUR]
    # The operator may have ids of an hour ago, of a run before this one.
    assert all(int.from_bytes(receipt.id[:6], "big") == T0 for receipt in receipts)
    sold.sell(BASKET, T0, 1.0)
    assert documents(sold, first + 3)[0].id > receipts[-1].id


def test_what_the_operator_has_is_forgotten_but_for_the_last():
    sold = roll()
    for step in range(3):
        sold.sell(BASKET, T0 + step, 1.0)
    content = sold.content(0, 2)
    sold.accepted(1)
    sold.accepted(2)
    assert (sold.content(0, 1), sold.content(0, 2)) == (None, content)
    assert sold.content(0, 3) is not None
    assert sold.content(0, 4) is None


def test_a_basket_that_makes_no_sense_takes_no_number():
    sold = roll()
    with pytest.raises(InvalidValue, match="items"):
        sold.sell(Basket(lines=()), T0, 1.0)
    assert sold.sell(BASKET, T0, 1.0) == 1


def test_what_is_sold_during_the_return_stands_behind_what_came_back():
    sold = roll()
    sold.come_back_with([BASKET] * 4, T0 - HOUR, T0)
    whose = Registration(register="shop", token="t", profile=PROFILE, protocol="native")
    habits = Habits(sold, Backoff(1_000, 60_000), Random(1), Silent(), T0 / 1_000)
    register = FleetRegister(0, whose, sold.state, NativeWire(SessionLimits()), habits)
    sold.sell(BASKET, T0, 0.0)
    register.begin(0.0)
    register.wake(0.0)
    assert [slot.number for slot in sold.state.queue] == [1, 2, 3, 4, 5]
    assert sold.state.queue[-1].autonomous_sign is not None


class Silent:
    """Hears nothing."""

    def accepted(self, *_: Any) -> None: ...
    def put_off(self, *_: Any) -> None: ...
    def set_back(self, *_: Any) -> None: ...
    def idle(self, *_: Any) -> None: ...
    def stuck(self, *_: Any) -> None: ...
