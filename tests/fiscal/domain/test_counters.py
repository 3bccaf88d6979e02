"""The counters: worked figures by hand, and the properties that make both sides agree."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.domain.counters import (
    CARRIED_OVER,
    Counters,
    annulment_of,
    begin_shift,
    differences,
    fold,
    outgrown,
    sections_of,
    turned_autonomous,
)
from fiscal.domain.document import COUNTERS_MAX, ONLINE, Delivery, Document
from fiscal.domain.money import MONEY_MAX
from fiscal.domain.receipt import Modifier, ModifierKind, Operation, Payment, PaymentKind, Receipt
from tests.documents import (
    annulment,
    close_shift,
    correction,
    deposit,
    item,
    receipt,
    receipts,
    tax_of,
    void,
    withdrawal,
)

AUTONOMOUS = Delivery(autonomous=True, autonomous_sign=7, period=1)


def folded(documents: Iterable[Document], counters: Counters | None = None) -> Counters:
    after = counters or {}
    for document in documents:
        after = fold(after, document, ONLINE)
    return after


def test_one_receipt_with_everything_by_hand():
    """Two sections, a discount and a markup on items, a discount on the receipt, tax on top, two payments, change."""
    sold = receipt(
        items=(
            item(10_000, 2_000, section="1", discount=1_000),  # 200.00 - 10.00
            item(5_000, 1_000, section="2", markup=500),  # 50.00 + 5.00
            item(333, 1_500, section="2"),  # 4.995 is 5.00
        ),
        discount=2_000,
        taxes=(tax_of(10_000, 12_000, inside=False), tax_of(12_000, 16_000)),
        payments=(
            Payment(kind=PaymentKind.CASH, sum=4_200),
            Payment(kind=PaymentKind.CARD, sum=20_000),
        ),
        taken=5_000,
        change=800,
    )
    assert sold.total == 19_000 + 5_500 + 500 - 2_000 + 1_200 == 24_200
    assert fold({}, sold, AUTONOMOUS) == {
        "sections.1.sell.count": 1,
        "sections.1.sell.sum": 20_000,
        "sections.2.sell.count": 2,
        "sections.2.sell.sum": 5_500,
        "operations.sell.count": 3,
        "operations.sell.sum": 25_500,
        "discounts.sell.count": 2,
        "discounts.sell.sum": 3_000,
        "markups.sell.count": 1,
        "markups.sell.sum": 500,
        "total_result.sell.count": 3,
        "total_result.sell.sum": 23_000,
        "taxes.vat.12000.sell.turnover": 11_200,
        "taxes.vat.12000.sell.sum": 1_200,
        "taxes.vat.12000.sell.turnover_without_tax": 10_000,
        "taxes.vat.16000.sell.turnover": 12_000,
        "taxes.vat.16000.sell.sum": 1_655,
        "taxes.vat.16000.sell.turnover_without_tax": 10_345,
        "tickets.sell.total_count": 1,
        "tickets.sell.count": 1,
        "tickets.sell.sum": 24_200,
        "tickets.sell.payments.cash.count": 1,
        "tickets.sell.payments.cash.sum": 4_200,
        "tickets.sell.payments.card.count": 1,
        "tickets.sell.payments.card.sum": 20_000,
        "tickets.sell.offline_count": 1,
        "tickets.sell.discount_sum": 2_000,
        "tickets.sell.change_sum": 800,
        "non_nullable.sell": 24_200,
        "cash_sum": 4_200,
        "revenue": 24_200,
    }


def test_a_receipt_with_a_markup_and_taxes_on_its_items():
    bought = receipt(operation=Operation.BUY_RETURN, items=(item(10_000, rate=12_000), item(500)), markup=100)
    after = fold({}, bought, ONLINE)
    assert after["markups.buy_return.count"] == 1
    assert after["markups.buy_return.sum"] == after["tickets.buy_return.markup_sum"] == 100
    assert after["total_result.buy_return.sum"] == 10_600
    assert after["taxes.vat.12000.buy_return.sum"] == 1_071
    assert "tickets.buy_return.offline_count" not in after


@pytest.mark.parametrize(
    ("operation", "sign"),
    [
        (Operation.SELL, 1),
        (Operation.SELL_RETURN, -1),
        (Operation.BUY, -1),
        (Operation.BUY_RETURN, 1),
    ],
)
def test_cash_and_revenue_have_the_sign_of_the_operation(operation: Operation, sign: int):
    after = fold({"cash_sum": 50_000, "revenue": 50_000}, receipt(operation=operation), ONLINE)
    assert after["cash_sum"] == after["revenue"] == 50_000 + sign * 10_000


def test_what_is_not_paid_in_cash_leaves_the_drawer_alone():
    paid = receipt(payments=(Payment(kind=PaymentKind.MOBILE, sum=10_000),))
    after = fold({}, paid, ONLINE)
    assert "cash_sum" not in after
    assert after["revenue"] == 10_000


@pytest.mark.parametrize(
    ("document", "before", "after"),
    [
        (
            deposit(sum=300),
            {},
            {
                "placements.deposit.total_count": 1,
                "placements.deposit.count": 1,
                "placements.deposit.sum": 300,
                "cash_sum": 300,
            },
        ),
        (
            withdrawal(sum=300),
            {"cash_sum": 300},
            {
                "placements.withdrawal.total_count": 1,
                "placements.withdrawal.count": 1,
                "placements.withdrawal.sum": 300,
            },
        ),
        (
            correction(total=25_000, operation=Operation.BUY),
            {"cash_sum": 1},
            {"cash_sum": 1, "corrections.buy.count": 1, "corrections.buy.sum": 25_000},
        ),
        (void(), {"cash_sum": 1}, {"cash_sum": 1}),
        (close_shift(), {"cash_sum": 1}, {"cash_sum": 1}),
        (close_shift(withdraw_cash=True), {"revenue": 1}, {"revenue": 1}),
        (
            close_shift(withdraw_cash=True),
            {"cash_sum": 700, "placements.withdrawal.total_count": 4},
            {
                "placements.withdrawal.total_count": 5,
                "placements.withdrawal.count": 1,
                "placements.withdrawal.sum": 700,
            },
        ),
    ],
)
def test_the_other_documents(document: Document, before: Counters, after: Counters):
    assert fold(before, document, ONLINE) == after


@pytest.mark.parametrize(
    ("document", "name"),
    [
        (receipt(operation=Operation.SELL_RETURN), "tickets.sell_return.offline_count"),
        (deposit(), "placements.deposit.offline_count"),
        (withdrawal(), "placements.withdrawal.offline_count"),
        (correction(), None),
        (close_shift(withdraw_cash=True), None),
        (void(), None),
    ],
)
def test_an_autonomous_document_is_counted_as_such(document: Document, name: str | None):
    before = {"cash_sum": 900_000}
    online = fold(before, document, ONLINE)
    assert "offline" not in "".join(online)
    autonomous = fold(before, document, AUTONOMOUS)
    assert differences(autonomous, online) == ({} if name is None else {name: (1, 0)})


any_documents: st.SearchStrategy[Document] = st.one_of(
    receipts(),
    st.builds(lambda amount: deposit(sum=amount), st.integers(0, 10**6)),
    st.builds(lambda amount: withdrawal(sum=amount), st.integers(0, 10**6)),
    st.builds(lambda amount: correction(total=amount), st.integers(0, 10**6)),
    st.just(void()),
)
deliveries = st.sampled_from((ONLINE, AUTONOMOUS))


@given(st.lists(st.tuples(any_documents, deliveries), max_size=8), st.randoms())
def test_within_a_shift_the_figures_do_not_depend_on_the_order(documents: list[tuple[Document, Delivery]], chance: Any):
    shuffled = documents[:]
    chance.shuffle(shuffled)
    results: list[Counters] = [{}, {}]
    for document, delivery in documents:
        results[0] = fold(results[0], document, delivery)
    for document, delivery in shuffled:
        results[1] = fold(results[1], document, delivery)
    assert results[0] == results[1]


@given(st.lists(any_documents, max_size=5), any_documents | st.just(close_shift(withdraw_cash=True)))
def test_a_mark_that_comes_later_counts_as_one_that_came_at_once(documents: list[Document], document: Document):
    before = folded(documents)
    assert turned_autonomous(fold(before, document, ONLINE), document) == fold(before, document, AUTONOMOUS)


@given(st.lists(receipts(), max_size=6))
def test_sums_are_sums_of_the_receipts(sold: list[Receipt]):
    after = folded(sold)

    def total(amount: Callable[[Receipt], int], operation: Operation) -> int:
        return sum(amount(one) for one in sold if one.operation is operation)

    for op in Operation:
        assert after.get(f"tickets.{op}.count", 0) == total(lambda one: 1, op)
        assert after.get(f"tickets.{op}.sum", 0) == total(lambda one: one.total, op)
        assert after.get(f"non_nullable.{op}", 0) == total(lambda one: one.total, op)
        assert after.get(f"operations.{op}.count", 0) == total(lambda one: len(one.items), op)
        sections = {line.section for one in sold for line in one.items}
        for figure in ("count", "sum"):
            assert after.get(f"operations.{op}.{figure}", 0) == sum(
                after.get(f"sections.{section}.{op}.{figure}", 0) for section in sections
            )
        paid = sum(after.get(f"tickets.{op}.payments.{kind}.sum", 0) for kind in PaymentKind)
        assert paid == after.get(f"tickets.{op}.sum", 0)
        assert after.get(f"total_result.{op}.sum", 0) == (
            after.get(f"operations.{op}.sum", 0)
            - after.get(f"discounts.{op}.sum", 0)
            + after.get(f"markups.{op}.sum", 0)
        )
    for name, value in after.items():
        if name.startswith("taxes.") and name.endswith(".turnover"):
            stem = name.removesuffix("turnover")
            assert value == after.get(stem + "sum", 0) + after.get(stem + "turnover_without_tax", 0)


@given(st.lists(any_documents, max_size=5), any_documents, deliveries)
def test_nothing_is_changed_in_place_and_no_zero_is_kept(
    documents: list[Document], document: Document, delivery: Delivery
):
    before = folded(documents)
    kept = dict(before)
    after = fold(before, document, delivery)
    turned = turned_autonomous(before, document)
    assert before == kept
    assert turned is not before
    assert all(after.values())


def test_a_shift_begins_with_what_is_carried_over():
    before = folded([receipt(), receipt(operation=Operation.BUY), deposit(), withdrawal()])
    before = fold(before, correction(), ONLINE)
    assert begin_shift(before) == {
        "tickets.sell.total_count": 1,
        "tickets.buy.total_count": 1,
        "non_nullable.sell": 10_000,
        "non_nullable.buy": 10_000,
        "start_non_nullable.sell": 10_000,
        "start_non_nullable.buy": 10_000,
        "placements.deposit.total_count": 1,
        "placements.withdrawal.total_count": 1,
        "cash_sum": 30_000,
    }
    assert begin_shift({}) == {}


@given(st.lists(any_documents, max_size=6))
def test_beginning_twice_is_beginning_once(documents: list[Document]):
    begun = begin_shift(folded(documents))
    assert begin_shift(begun) == begun
    assert {name for name in begun if not name.startswith("start_")} <= CARRIED_OVER


def test_sections_by_their_whole_code():
    counters = folded([receipt(items=tuple(item(section=code) for code in ("1", "1.5", "a.b.c", "sell", "sections.")))])
    counters |= folded([receipt(operation=Operation.BUY, items=(item(0, section="bought"),), payments=())])
    assert sections_of(counters) == {"1", "1.5", "a.b.c", "sell", "sections.", "bought"}
    assert sections_of({"cash_sum": 1}) == set()


@pytest.mark.parametrize(
    ("counters", "field"),
    [
        ({}, None),
        ({"cash_sum": MONEY_MAX, "revenue": -MONEY_MAX}, None),
        ({"cash_sum": MONEY_MAX + 1}, "total"),
        ({"revenue": -MONEY_MAX - 1}, "total"),
        ({str(n): 1 for n in range(COUNTERS_MAX)}, None),
        ({str(n): 1 for n in range(COUNTERS_MAX + 1)}, "taxes"),
        ({f"sections.{n:064}.buy_return.count".replace("0", "\U0001f35e"): MONEY_MAX for n in range(800)}, None),
        ({f"{n:0233}": MONEY_MAX for n in range(1_003)}, None),
        ({f"{n:0234}": MONEY_MAX for n in range(1_003)}, "taxes"),
    ],
)
def test_what_no_z_report_could_say(counters: Counters, field: str | None):
    found = outgrown(counters)
    assert found is None if field is None else found is not None and found[0] == field


@pytest.mark.parametrize(
    ("ours", "theirs", "differ"),
    [
        ({}, {}, {}),
        ({"a": 1}, {"a": 1}, {}),
        ({"a": 0}, {}, {}),
        ({}, {"a": 0}, {}),
        ({"b": 1, "a": 2}, {"a": 3}, {"a": (2, 3), "b": (1, 0)}),
    ],
)
def test_differences_by_name(ours: Counters, theirs: Counters, differ: dict[str, tuple[int, int]]):
    found = differences(ours, theirs)
    assert found == differ
    assert list(found) == sorted(found)
    assert differences(theirs, ours) == {name: pair[::-1] for name, pair in differ.items()}


# ----------------------------------------------------------------------- storno, modifiers, annulment (fact by fact)


def moved(*documents: Document, delivery: Delivery = ONLINE) -> Counters:
    """The figures of goods, discounts and markups alone."""
    after: Counters = {}
    for document in documents:
        after = fold(after, document, delivery)
    groups = ("sections", "operations", "discounts", "markups", "total_result", "taxes")
    return {name: value for name, value in after.items() if name.split(".", 1)[0] in groups}


def goods(count: int, amount: int, left: int | None = None) -> Counters:
    figures = {
        "sections.1.sell.count": count,
        "sections.1.sell.sum": amount,
        "operations.sell.count": count,
        "operations.sell.sum": amount,
        "total_result.sell.count": count,
        "total_result.sell.sum": amount if left is None else left,
    }
    return {name: value for name, value in figures.items() if value}


def changes(name: str, count: int, amount: int) -> Counters:
    return {key: value for key, value in ((f"{name}.sell.count", count), (f"{name}.sell.sum", amount)) if value}


OFF = ModifierKind.DISCOUNT
UP = ModifierKind.MARKUP


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        # a storno: +0 and -sum, wherever it stands
        ({"items": (item(), item(), item(storno=True))}, goods(2, 10_000)),
        ({"items": (item(storno=True), item(), item())}, goods(2, 10_000)),
        ({"items": (item(), item(4_000, storno=True))}, goods(1, 6_000)),
        ({"items": (item(), item(storno=True))}, goods(1, 0)),
        # a discount or markup that is nobody's: +1 and +sum
        ({"modifiers": (Modifier(kind=OFF, sum=700),)}, goods(1, 10_000, 9_300) | changes("discounts", 1, 700)),
        ({"modifiers": (Modifier(kind=UP, sum=700),)}, goods(1, 10_000, 10_700) | changes("markups", 1, 700)),
        ({"modifiers": (Modifier(kind=OFF, sum=0),)}, goods(1, 10_000) | changes("discounts", 1, 0)),
        # its storno: +0 and -sum
        (
            {"modifiers": (Modifier(kind=OFF, sum=200, storno=True), Modifier(kind=OFF, sum=700))},
            goods(1, 10_000, 9_500) | changes("discounts", 1, 500),
        ),
        (
            {"modifiers": (Modifier(kind=UP, sum=700), Modifier(kind=UP, sum=700, storno=True))},
            goods(1, 10_000) | changes("markups", 1, 0),
        ),
        # one of the item, one of nobody, one of the ticket: each counts
        (
            {"items": (item(discount=100),), "modifiers": (Modifier(kind=OFF, sum=20),), "discount": 3},
            goods(1, 10_000, 9_877) | changes("discounts", 3, 123),
        ),
        (
            {"items": (item(discount=100),), "modifiers": (Modifier(kind=OFF, sum=40, storno=True),), "markup": 3},
            goods(1, 10_000, 9_943) | changes("discounts", 1, 60) | changes("markups", 1, 3),
        ),
    ],
)
def test_what_storno_and_modifiers_move(given: dict[str, Any], expected: Counters):
    assert moved(receipt(**given, total=0)) == expected


def test_a_storno_takes_its_taxes_back():
    lines = (item(rate=12_000), item(5_000, rate=12_000), item(5_000, rate=12_000, storno=True))
    assert moved(receipt(items=lines, total=10_000)) == goods(2, 10_000) | {
        "taxes.vat.12000.sell.turnover": 10_000,
        "taxes.vat.12000.sell.sum": tax_of(10_000, 12_000).sum + 536 - 536,
        "taxes.vat.12000.sell.turnover_without_tax": 10_000 - tax_of(10_000, 12_000).sum,
    }


def test_only_what_belongs_to_the_whole_receipt_is_its_discount_sum():
    sold = receipt(items=(item(discount=100),), modifiers=(Modifier(kind=OFF, sum=20),), discount=3, total=9_877)
    assert fold({}, sold, ONLINE)["tickets.sell.discount_sum"] == 3


@given(sold=receipts(), before=receipts(), autonomous=st.booleans())
def test_an_annulment_takes_everything_off_but_the_number_of_receipts(sold, before, autonomous):
    delivery = AUTONOMOUS if autonomous else ONLINE
    first = fold(folded([deposit()]), before, ONLINE)
    annulled = annulment_of(sold, delivery, id=bytes(16), number=9, issued_at=5)
    after = fold(fold(first, sold, delivery), annulled, ONLINE)
    name = f"tickets.{sold.operation.value}.total_count"
    assert after == {**first, name: first.get(name, 0) + 1}


def test_an_annulment_of_a_receipt_that_turned_out_to_be_autonomous():
    sold = receipt()
    counted = turned_autonomous(folded([sold]), sold)
    annulled = annulment_of(sold, AUTONOMOUS, id=bytes(16), number=2, issued_at=5)
    assert fold(counted, annulled, ONLINE) == {"tickets.sell.total_count": 1}
    assert (annulled.annuls, annulled.total, annulled.shift) == (sold.number, sold.total, sold.shift)
    assert annulled.cashier == sold.cashier


def test_an_annulment_is_in_no_count_of_autonomous_documents():
    counted = folded([receipt()])
    assert turned_autonomous(counted, annulment()) == counted
