"""The sums of a receipt: one right receipt, and every single way to make it wrong."""

import re
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import fields, replace

from fiscal.domain.money import MONEY_MAX, format_minor, parse_minor
from fiscal.domain.receipt import (
    CASH_SIGN,
    Modifier,
    ModifierKind,
    Operation,
    ParentReceipt,
    Payment,
    PaymentKind,
    Receipt,
    check_receipt,
    parent_of,
    receipt_faults,
)
from tests.documents import T0, due, item, net_of, receipt, receipts, tax_of

CASH, CARD, MOBILE = PaymentKind.CASH, PaymentKind.CARD, PaymentKind.MOBILE
OFF, UP = ModifierKind.DISCOUNT, ModifierKind.MARKUP
TAKEN_BACK = item(taxes=(tax_of(10_000, 12_000, inside=False),), storno=True)
PARENT = ParentReceipt(sign="123456789012", issued_at=T0, total=10_000, rnm="010100000013")


def codes(wrong: Receipt) -> list[tuple[str, str]]:
    return [(fault.code, fault.field) for fault in receipt_faults(wrong)]


def pay(kind: PaymentKind, amount: int) -> Payment:
    return Payment(kind=kind, sum=amount)


@pytest.mark.parametrize(
    "right",
    [
        receipt(),
        receipt(items=(item(333, 1_500),)),  # 499.5 goes up
        receipt(items=(item(1, 499),), payments=()),  # 0.499 is nothing, and nothing is paid
        receipt(items=(item(10_000, discount=10_000),)),
        receipt(items=(item(10_000, markup=1),)),
        receipt(discount=10_000),
        receipt(markup=1),
        receipt(items=(item(rate=12_000), item(5_000, rate=0))),
        receipt(items=(item(taxes=(tax_of(10_000, 12_000, inside=False),)),)),
        receipt(taxes=(tax_of(10_000, 12_000),)),
        receipt(taxes=(tax_of(4_000, 12_000), tax_of(6_000, 0))),
        receipt(taxes=(tax_of(10_000, 16_000, inside=False),)),
        receipt(payments=(pay(CASH, 4_000), pay(CARD, 6_000)), taken=5_000, change=1_000),
        receipt(payments=(pay(CARD, 10_000),)),
        receipt(operation=Operation.SELL_RETURN, parent=PARENT),
        receipt(operation=Operation.BUY_RETURN, parent=PARENT),
        receipt(items=(item(MONEY_MAX),)),
        receipt(items=(item(), item(5_000), item(5_000, storno=True))),
        receipt(items=(item(storno=True), item())),
        receipt(items=(item(rate=12_000), item(rate=12_000, storno=True))),
        receipt(items=(*(item(taxes=(tax_of(10_000, 12_000, inside=False),)),) * 2, TAKEN_BACK)),
        receipt(modifiers=(Modifier(kind=OFF, sum=10_000),)),
        receipt(modifiers=(Modifier(kind=UP, sum=1), Modifier(kind=UP, sum=1, storno=True))),
        receipt(items=(item(discount=5),), modifiers=(Modifier(kind=OFF, sum=5, storno=True),)),
        receipt(markup=5, modifiers=(Modifier(kind=UP, sum=5, storno=True),)),
        receipt(taxes=(tax_of(9_000, 12_000),), modifiers=(Modifier(kind=OFF, sum=1_000),)),
    ],
)
def test_a_right_receipt_has_no_fault(right: Receipt):
    assert check_receipt(right) is None


@pytest.mark.parametrize(
    ("wrong", "faults"),
    [
        (receipt(items=(item(sum=9_999),)), [("item_sum", "items[0].sum")]),
        (
            receipt(items=(item(), item(10_000, discount=1, markup=1))),
            [("discount_and_markup", "items[1].markup")],
        ),
        (
            receipt(items=(item(10_000, discount=10_001), item())),
            [("discount_too_large", "items[0].discount")],
        ),
        (
            receipt(items=(item(taxes=(tax_of(10_000, 12_000),) * 2),)),
            [("tax_repeated", "items[0].taxes")],
        ),
        (
            receipt(items=(item(taxes=(tax_of(9_999, 12_000),)),)),
            [("tax_base", "items[0].taxes[0].base")],
        ),
        (
            receipt(items=(item(taxes=(replace(tax_of(10_000, 12_000), sum=1_072),)),)),
            [("tax_sum", "items[0].taxes[0].sum")],
        ),
        (receipt(discount=1, markup=1), [("discount_and_markup", "markup")]),
        (receipt(items=(item(), item(storno=True, discount=1)), total=0), [("storno", "items[1]")]),
        (receipt(items=(item(), item(storno=True, markup=1)), total=0), [("storno", "items[1]")]),
        (receipt(items=(item(), item(section="2", storno=True))), [("storno", "items")]),
        (receipt(items=(item(), item(rate=12_000, storno=True))), [("storno", "items"), ("storno", "items")]),
        (receipt(modifiers=(Modifier(kind=OFF, sum=1, storno=True),)), [("storno", "items")]),
        (receipt(markup=4, modifiers=(Modifier(kind=UP, sum=5, storno=True),)), [("storno", "items")]),
        (receipt(modifiers=(Modifier(kind=OFF, sum=1),), total=10_000), [("total", "total")]),
        (
            receipt(modifiers=(Modifier(kind=OFF, sum=10_001),), total=0, payments=()),
            [("discount_too_large", "discount"), ("total", "total")],
        ),
        (
            receipt(discount=10_001, total=0, payments=()),
            [("discount_too_large", "discount"), ("total", "total")],
        ),
        (
            receipt(items=(item(rate=12_000),), taxes=(tax_of(10_000, 12_000),)),
            [("taxes_twice", "taxes")],
        ),
        (receipt(taxes=(tax_of(5_000, 12_000),) * 2), [("tax_repeated", "taxes")]),
        (receipt(taxes=(replace(tax_of(10_000, 12_000), sum=1),)), [("tax_sum", "taxes[0].sum")]),
        (receipt(taxes=(tax_of(10_001, 0),)), [("tax_base", "taxes")]),
        (receipt(total=9_999, payments=(pay(CARD, 9_999),)), [("total", "total")]),
        (receipt(payments=(pay(CARD, 9_999),)), [("payments_total", "payments")]),
        (receipt(payments=()), [("payments_total", "payments")]),
        (
            receipt(payments=(pay(CARD, 5_000), pay(CARD, 5_000))),
            [("payment_repeated", "payments")],
        ),
        (
            receipt(payments=(pay(CARD, 10_000),), taken=10_000),
            [("taken_without_cash", "taken")],
        ),
        (receipt(payments=(pay(CARD, 10_000),), change=0), [("taken_without_cash", "taken")]),
        (receipt(taken=None), [("taken_missing", "taken")]),
        (receipt(change=None, taken=10_000), [("taken_missing", "taken")]),
        (receipt(taken=10_001), [("change", "change")]),
        (receipt(parent=PARENT), [("parent_without_return", "parent")]),
        (
            receipt(operation=Operation.BUY, parent=PARENT),
            [("parent_without_return", "parent")],
        ),
        (
            receipt(items=(item(MONEY_MAX), item(1)), total=MONEY_MAX),
            [("total_too_large", "total"), ("total", "total")],
        ),
    ],
)
def test_each_rule_names_its_field(wrong: Receipt, faults: list[tuple[str, str]]):
    assert codes(wrong) == faults
    first = check_receipt(wrong)
    assert first is not None
    assert (first.code, first.field) == faults[0]
    assert first.text


def test_goods_that_only_a_discount_makes_payable_are_too_large_all_the_same():
    """No counter may outgrow the largest amount: the goods are counted before the discount."""
    lines = (item(MONEY_MAX, discount=MONEY_MAX), item(MONEY_MAX, discount=MONEY_MAX))
    assert codes(receipt(items=lines)) == [("total_too_large", "total")]


@given(receipts())
def test_a_receipt_right_by_construction_is_accepted(right: Receipt):
    assert list(receipt_faults(right)) == []


def figure(name: str, right: Receipt, index: int, by: int) -> Receipt | None:
    """The receipt with one figure changed by so much; ``None`` when there is no such figure, or it would be negative."""
    steps = name.split(".")
    value: Any = right
    path: list[tuple[Any, Any]] = []
    for step in steps:
        if isinstance(value, tuple):
            if not value:
                return None
            path.append((value, index % len(value)))
            value = value[index % len(value)]
        path.append((value, step))
        value = getattr(value, step)
    if value is None or value + by < 0:
        return None
    value += by
    for holder, step in reversed(path):
        if isinstance(holder, tuple):
            value = (*holder[:step], value, *holder[step + 1 :])
        else:
            value = replace(holder, **{step: value})
    changed: Receipt = value
    return changed


LINE_CHANGES = {
    ("discount_and_markup", "items.markup"),
    ("discount_too_large", "items.discount"),
    ("tax_base", "items.taxes.base"),
}
CHANGES = {("discount_and_markup", "markup"), ("discount_too_large", "discount")}
WHOLE_CHANGES = {("tax_base", "taxes"), ("total", "total"), ("discount_too_large", "discount")}
NAMED_BY: dict[str, set[tuple[str, str]]] = {
    "total": {("total", "total")},
    "taken": {("change", "change")},
    "change": {("change", "change")},
    "items.sum": {("item_sum", "items.sum")},
    "items.discount": LINE_CHANGES | WHOLE_CHANGES,
    "items.markup": LINE_CHANGES | WHOLE_CHANGES,
    "items.taxes.sum": {("tax_sum", "items.taxes.sum")},
    "items.taxes.base": {("tax_base", "items.taxes.base")},
    "taxes.sum": {("tax_sum", "taxes.sum")},
    "discount": CHANGES | WHOLE_CHANGES,
    "markup": CHANGES | WHOLE_CHANGES,
    "payments.sum": {("payments_total", "payments")},
}
"""Which fault the change of a figure may be named by: where it stands, or the sum that it goes into."""


@given(
    receipts(),
    st.sampled_from(sorted(NAMED_BY)),
    st.integers(0, 11),
    st.integers(-100_000, 100_000).filter(bool),
)
def test_any_single_changed_figure_is_refused_with_both_figures(right: Receipt, name: str, index: int, by: int):
    wrong = figure(name, right, index, by)
    assume(wrong is not None)
    assert wrong is not None
    fault = check_receipt(wrong)
    assert fault is not None
    assert (fault.code, re.sub(r"\[\d+\]", "", fault.field)) in NAMED_BY[name]
    both = re.search(r"(\d+\.\d\d) given, (-?\d+\.\d\d) computed", fault.text)
    if both is not None:
        assert both[1] != both[2]
        if name in ("total", "items.sum", "payments.sum"):
            figures = parse_minor(both[1]), parse_minor(both[2])
            assert figures[0] - figures[1] == by
    else:
        assert fault.code in ("discount_and_markup", "discount_too_large")


def test_the_text_tells_both_figures():
    fault = check_receipt(receipt(total=9_999, payments=(pay(CARD, 9_999),)))
    assert fault is not None
    assert "99.99 given" in fault.text
    assert "100.00 computed" in fault.text
    excess = check_receipt(receipt(discount=10_001, total=0, payments=()))
    assert excess is not None
    assert format_minor(1) in excess.text


@given(receipts())
def test_net_and_cash_are_what_the_plain_arithmetic_says(right: Receipt):
    assert [line.net for line in right.items] == [net_of(line) for line in right.items]
    assert right.total == due(right.items, right.taxes, right.discount, right.markup)
    cash = [payment.sum for payment in right.payments if payment.kind is CASH]
    assert right.cash == sum(cash)


def test_cash_goes_in_with_a_sale_and_out_with_its_return():
    assert CASH_SIGN == {
        Operation.SELL: 1,
        Operation.SELL_RETURN: -1,
        Operation.BUY: -1,
        Operation.BUY_RETURN: 1,
    }


def test_a_parent_says_what_a_return_needs():
    sold = receipt(total=10_000)
    assert parent_of(sold, "123456789012", "010100000013", None) == PARENT
    assert parent_of(sold, "77", "010100000013", 77) == ParentReceipt(
        sign="77", issued_at=T0, total=10_000, rnm="010100000013", autonomous=True
    )


def test_values_are_frozen():
    right = receipt()
    for entry in fields(right):
        with pytest.raises(AttributeError):
            setattr(right, entry.name, None)
