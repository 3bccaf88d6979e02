"""Sales that are added up first give the figures that a fold gives."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from msgspec import structs

from fiscal.domain.document import ONLINE, Delivery
from fiscal.domain.money import MONEY_MAX
from fiscal.domain.receipt import Payment, PaymentKind, Receipt, check_receipt
from fiscal.domain.shift import Shift, advance, tally
from fiscal.domain.tally import ALIKE_MAX, BROUGHT_MAX, Alike, Moved, look, settle
from tests.documents import T0, item, receipt, receipts

SALE: Final = receipt(2, items=(item(rate=12_000), item(333, rate=12_000)), change=7)

PARTED: Final = (Payment(kind=PaymentKind.CASH, sum=4_000), Payment(kind=PaymentKind.CARD, sum=6_000))


def seen(document: Receipt, autonomous: bool = False) -> Moved:
    found = look(document, autonomous)
    assert found is not None
    return found


def add(shift: Shift, document: Receipt, autonomous: bool = False) -> Shift | None:
    return tally(shift, seen(document, autonomous))


def test_equal_sales_are_alike():
    ((alike, sums),) = seen(SALE)
    assert seen(receipt(3, items=(item(5, rate=12_000),), change=1))[0][0] is alike
    assert seen(receipt(3, items=(item(5, rate=12_000),)))[0][0] is not alike, "no change was given"
    assert sums == (1, 2, SALE.total, sum(tax.sum for line in SALE.items for tax in line.taxes), 7)


def test_lines_of_several_sections_are_added_up_as_they_follow_each_other():
    lines = (item(rate=12_000), item(7, rate=12_000), item(333), item(5, section="2"), item(5, section="2", discount=2))
    (_, sums), *groups = seen(receipt(2, items=lines, change=7))
    assert sums == (1, 5, sum(line.sum for line in lines) - 2, 0, 7)
    assert [group[1][1:3] for group in groups] == [
        (2, lines[0].sum + lines[1].sum),
        (1, lines[2].sum),
        (2, 8),
        (1, 2),
    ]
    assert groups[0][0] is seen(receipt(3, items=(lines[3], lines[0])))[2][0]


def test_payments_in_two_ways_are_added_up_each():
    (_, sums), (_, cash), (_, card), _ = seen(receipt(2, payments=PARTED, change=7))
    assert sums == (1, 1, 10_000, 0, 7)
    assert (cash, card) == ((1, 0, 4_000, 0, 0), (1, 0, 6_000, 0, 0))


def test_goods_are_below_the_limit_before_anything_is_taken_off():
    lines = (item(MONEY_MAX, discount=5), item(6))
    assert check_receipt(receipt(2, items=lines, total=MONEY_MAX)) is not None
    assert look(receipt(2, items=lines, total=MONEY_MAX)) is None


def test_a_figure_that_becomes_zero_is_none():
    figures = settle({"revenue": -10_000, "cash_sum": 3}, {seen(receipt())[0][0]: (1, 1, 10_000, 0, 0)})
    assert "revenue" not in figures
    assert figures["cash_sum"] == 10_003


@pytest.mark.parametrize("rate", [None, 0, 12_000])
def test_many_sales_in_sum(rate):
    folded = shift = advance(Shift(), receipt(items=(item(rate=rate),), change=1), ONLINE)
    for number in range(2, 6):
        document = receipt(number, items=(item(700 * number, rate=rate),) * number, change=number)
        after = add(shift, document)
        assert after is not None
        folded, shift = advance(folded, document, ONLINE), after
    assert shift == folded
    assert shift.counters == folded.counters
    assert shift.figures != folded.figures
    assert shift.settled().figures == folded.figures
    assert folded.settled() is folded


def test_shifts_with_other_figures_are_others():
    shift = advance(Shift(), SALE, ONLINE)
    after = add(shift, SALE)
    assert after is not None
    assert after != shift
    assert after != Shift(2, T0, after.counters)
    assert shift != "a shift"


def test_a_sale_of_another_kind_needs_figures_that_are_there_or_room_for_them():
    shift = advance(Shift(), SALE, ONLINE)
    card = receipt(3, payments=(Payment(kind=PaymentKind.CARD, sum=10_000),))
    assert add(shift, card) == advance(shift, card, ONLINE)
    many = advance(shift, receipt(2, items=tuple(item(section=str(place)) for place in range(2, 71))), ONLINE)
    assert add(many, card) is None, "one more section could be one too many"
    long = advance(shift, receipt(2, items=tuple(item(rate=place) for place in range(1, 191))), ONLINE)
    assert add(long, card) is None, "their names may take too much"
    assert add(long, SALE) == advance(long, SALE, ONLINE)


def test_all_kinds_of_a_shift_bring_no_more_figures_than_is_said():
    brought: set[str] = set()
    kinds: set[Alike] = set()
    for place in range(9):
        lines = (item(2, rate=place, section=str(place)), item(2, rate=place, section=f"{place}.", discount=1))
        for payments in (PARTED, (Payment(kind=PaymentKind.MOBILE, sum=10_000),)):
            document = receipt(
                2, items=(*lines, item(9_997)), payments=payments, change=7 if len(payments) > 1 else None
            )
            for alike, _ in seen(document, autonomous=place > 0):
                kinds.add(alike)
                brought |= {name for names in structs.astuple(alike) for name in names}
    assert len(kinds) >= ALIKE_MAX
    assert len(brought) - 7 * len(kinds) <= BROUGHT_MAX - 7 * ALIKE_MAX


def test_no_figure_outgrows_its_limit():
    shift = advance(Shift(), receipt(items=(item(MONEY_MAX // 2),)), ONLINE)
    after = add(shift, receipt(2, items=(item(MONEY_MAX // 2 - 10),)))
    assert after is not None
    assert add(after, receipt(3, items=(item(),))) is None


def test_sales_that_were_made_alone_are_counted_as_such():
    alone = Delivery(autonomous=True, autonomous_sign=7)
    shift = advance(Shift(), SALE, ONLINE)
    assert add(shift, SALE, autonomous=True) == advance(shift, SALE, alone)
    shift = advance(shift, SALE, alone)
    assert add(shift, SALE, autonomous=True) == advance(shift, SALE, alone)
    assert add(shift, SALE) == advance(shift, SALE, ONLINE)


@given(receipts())
def test_what_is_plain_is_right_and_counted_as_a_fold_counts(document):
    found = look(document)
    if found is None:
        return
    assert check_receipt(document) is None
    before = advance(Shift(), document, ONLINE)
    after = add(before, document)
    assert after in (None, advance(before, document, ONLINE))
