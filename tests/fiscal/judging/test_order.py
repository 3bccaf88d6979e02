"""Numbers that have to rise by one: holes, what closes them, and what is left of them."""

from __future__ import annotations

import pytest

from fiscal.judging.events import Event, What
from fiscal.judging.findings import Rule
from fiscal.judging.order import Order


def event(number: int) -> Event:
    return Event(What.ISSUED, "kkm-1", "till", number, number=number)


@pytest.mark.parametrize(
    ("numbers", "overtaken", "missing"),
    [
        ((), [], []),
        ((1, 2, 3), [], []),
        ((7, 8), [], []),
        ((1, 3), [], ["number 2 is missing"]),
        ((1, 5), [], ["numbers 2 to 4 are missing"]),
        ((1, 3, 2), [2], []),
        ((1, 5, 3), [3], ["number 2 is missing", "number 4 is missing"]),
        ((1, 5, 2, 4, 3), [2, 4, 3], []),
        ((1, 3, 6, 5), [5], ["number 2 is missing", "number 4 is missing"]),
        ((5, 3), [3], []),
    ],
)
def test_holes(numbers, overtaken, missing):
    order = Order()
    found = [finding for number in numbers if (finding := order.take(event(number))) is not None]
    assert [(finding.rule, finding.number) for finding in found] == [(Rule.OVERTAKE, number) for number in overtaken]
    assert [gap.text for gap in order.gaps()] == missing


def test_whoever_goes_on_elsewhere_has_no_hole():
    order = Order()
    order.goes_on_behind(10, event(10))
    assert order.take(event(11)) is None
    assert order.gaps() == []


def test_the_holes_of_a_register_that_went_back_may_lie_in_any_order():
    order = Order()
    for number in (1, 3, 9):
        order.take(event(number))
    order.goes_on_behind(3, event(3))
    assert order.take(event(8)) is None
    found = [order.take(event(number)) for number in (2, 5, 1)]
    assert [finding is not None for finding in found] == [True, True, True]
    assert [gap.text for gap in order.gaps()] == [
        "number 4 is missing",
        "numbers 6 to 8 are missing",
        "numbers 4 to 7 are missing",
    ]
