"""What is judged before a number is given, and what a document looks like that passes."""

from dataclasses import replace
from typing import cast

import pytest

from fiscal.domain.document import CARRIED_PAYMENTS, CloseShift, Correction, CorrectionReason, Deposit, Withdrawal
from fiscal.domain.limits import NUMBER_MAX, SECTIONS_MAX
from fiscal.domain.money import MONEY_MAX
from fiscal.domain.receipt import Customer, Operation, PaymentKind, Receipt
from fiscal.errors import InvalidValue
from fiscal.protocols.content import decode_content
from fiscal.time import HOUR
from kkt_client.core import issuing, records
from kkt_client.core.basket import Amendment, Basket, CashIn, CashOut, Closing, Line, Sale
from kkt_client.core.errors import NotEnoughCash, ShiftExpired, ShiftNotOpen
from kkt_client.core.issuing import Carriage, id_after, id_in_place_of, issue
from tests.documents import T0
from tests.kkt_client.core.till import BREAD, CASHIER, NATIVE, Till
from tests.kkt_client.shop import PROFILE

KZ = Carriage("kz", 1 << 20)


def draft(till, order, *, now=None, carriage=NATIVE, profile=PROFILE, **named):
    now = till.now if now is None else now
    return issue(till.state, order, CASHIER, now, now.to_bytes(6, "big") + bytes(10), profile, carriage, **named)


def sale(*lines, operation=Operation.SELL, **basket):
    return Sale(operation=operation, basket=Basket(lines=lines or (Line(name="Хлеб", price=25_000),), **basket))


def amendment(**given):
    values = {"operation": Operation.SELL, "total": 11_200, "reason": CorrectionReason.OWN, "basis": "акт 1"}
    return Amendment(corrected_at=T0 - HOUR, **{**values, **given})


def test_a_sale_becomes_the_next_document_of_the_shift():
    till = Till()
    till.sell()

    made = draft(till, sale(customer=Customer(email="a@b.kz")), now=T0 + 5_000, key="k", basket=bytes(32))

    assert isinstance(made.document, Receipt)
    assert (made.document.number, made.document.shift, made.document.issued_at) == (2, 1, T0 + 5_000)
    assert made.document.cashier == CASHIER
    assert made.document.customer == Customer(email="a@b.kz")
    (issued,) = made.records
    assert issued == records.Issued(number=2, content=issued.content, key="k", basket=bytes(32))
    assert decode_content(issued.content) == made.document


def test_every_order_has_its_document():
    till = Till()
    till.sell(CashIn(sum=100_000))

    correction = draft(till, amendment(vat=12_000, payments={PaymentKind.CARD: 11_200})).document
    deposit = draft(till, CashIn(sum=500)).document
    withdrawal = draft(till, CashOut(sum=100_000)).document

    assert isinstance(correction, Correction)
    assert (correction.total, correction.taxes[0].sum, correction.basis) == (11_200, 1_200, "акт 1")
    assert isinstance(deposit, Deposit)
    assert isinstance(withdrawal, Withdrawal)
    assert (deposit.sum, withdrawal.sum) == (500, 100_000)


@pytest.mark.requirement("S3-22")
@pytest.mark.parametrize(("withdraw", "left"), [(False, 75_000), (True, 0)])
def test_a_z_report_is_made_of_the_registers_own_figures(withdraw, left):
    till = Till()
    till.sell(CashIn(sum=50_000))
    till.sell()

    closing = draft(till, Closing(withdraw_cash=withdraw)).document

    assert isinstance(closing, CloseShift)
    assert closing.opened_at == T0 + 1_000
    assert closing.counters["tickets.sell.sum"] == 25_000
    assert closing.counters.get("cash_sum", 0) == left
    till.sell(Closing(withdraw_cash=withdraw))
    assert till.state.shift.counters == dict(closing.counters)


@pytest.mark.parametrize(
    ("order", "error"),
    [
        (Closing(), ShiftNotOpen),
        (CashOut(sum=1), NotEnoughCash),
        (sale(operation=Operation.SELL_RETURN), NotEnoughCash),
        (sale(operation=Operation.BUY), NotEnoughCash),
    ],
)
def test_an_empty_register_has_no_shift_and_no_cash(order, error):
    with pytest.raises(error):
        draft(Till(), order)


def test_what_is_not_paid_in_cash_needs_none():
    made = draft(Till(), sale(operation=Operation.BUY, payments={PaymentKind.CARD: 25_000}))

    assert made.document.cash == 0


def test_not_enough_cash_names_both_figures():
    till = Till()
    till.sell()

    with pytest.raises(NotEnoughCash) as found:
        draft(till, CashOut(sum=25_001))

    assert (found.value.needed, found.value.available) == (25_001, 25_000)
    assert draft(till, CashOut(sum=25_000)).document.sum == 25_000


@pytest.mark.parametrize(("age", "expired"), [(24 * HOUR, False), (24 * HOUR + 1, True)])
def test_a_shift_lasts_24_hours_to_the_millisecond(age, expired):
    till = Till()
    opened_at = till.sell().issued_at

    if not expired:
        assert draft(till, BREAD, now=opened_at + age).document.shift == 1
        return
    with pytest.raises(ShiftExpired) as found:
        draft(till, BREAD, now=opened_at + age)
    assert found.value.opened_at == opened_at
    assert isinstance(draft(till, Closing(), now=opened_at + age).document, CloseShift)


@pytest.mark.parametrize(
    ("order", "carriage", "field", "code"),
    [
        (amendment(), KZ, "document", "not_carried"),
        (sale(payments={PaymentKind.ADVANCE: 25_000}), KZ, "payments.advance", "not_carried"),
        (sale(customer=Customer(tax_id=PROFILE.taxpayer.tax_id)), NATIVE, "customer.tax_id", "same_taxpayer"),
        (sale(Line(name="", price=1)), NATIVE, "items[0].name", "invalid_value"),
        (sale(Line(name="Хлеб", price=1, section=cast("str", 1))), NATIVE, "items[0].section", "invalid_value"),
        (sale(Line(name="Хлеб", price=1, barcode=cast("str", object()))), NATIVE, "document", "invalid_value"),
        (sale(discount=100, markup=100), NATIVE, "markup", "discount_and_markup"),
        (sale(), Carriage("native", 100), "document", "too_large"),
        (CashIn(sum=0), NATIVE, "sum", "out_of_range"),
        (amendment(total=-1), NATIVE, "total", "out_of_range"),
    ],
)
def test_what_cannot_be_is_refused_before_it_gets_a_number(order, carriage, field, code):
    till = Till()

    with pytest.raises(InvalidValue) as found:
        draft(till, order, carriage=carriage)

    assert (found.value.field, found.value.code) == (field, code)
    assert till.state.last_number == 0


def test_a_protocol_may_have_no_place_for_a_document():
    def check(document, profile):
        assert profile is PROFILE
        raise InvalidValue("document", f"no place for number {document.number}", "not_carried")

    till = Till()
    with pytest.raises(InvalidValue, match="no place for number 1"):
        draft(till, BREAD, carriage=Carriage("kz", 100_000, check))
    assert till.state.last_number == 0
    assert draft(till, BREAD, carriage=Carriage("kz", 100_000, lambda document, profile: None)).document.number == 1


def test_every_payment_that_a_protocol_carries_can_be_used():
    for kind in CARRIED_PAYMENTS["kz"]:
        assert draft(Till(), sale(payments={kind: 25_000}), carriage=KZ).document.payments[0].kind is kind


def test_a_shift_has_room_for_so_many_sections_and_no_more():
    till = Till()
    lines = [Line(name="Хлеб", price=100, section=f"s{number}", vat=None) for number in range(SECTIONS_MAX)]
    till.sell(sale(*lines[:60]))
    till.sell(sale(*lines[40:]))

    assert draft(till, sale(*lines)).document.total == 10_000
    with pytest.raises(InvalidValue, match="at most 100 sections"):
        draft(till, sale(replace(lines[0], section="one too many")))
    till.sell(Closing())
    assert draft(till, sale(replace(lines[0], section="one too many"))).document.shift == 2


def test_sections_are_told_apart_by_their_whole_code():
    till = Till()
    lines = [Line(name="Хлеб", price=100, section=f"1.{number}", vat=None) for number in range(SECTIONS_MAX)]
    till.sell(sale(*lines))

    with pytest.raises(InvalidValue, match="at most 100 sections"):
        draft(till, sale(replace(lines[0], section="1.x")))


def test_nothing_is_counted_that_a_z_report_could_not_say():
    till = Till()
    till.sell(CashIn(sum=MONEY_MAX - 25_000))

    assert draft(till, BREAD).document.total == 25_000
    with pytest.raises(InvalidValue, match=r"larger than 90071992547409\.91") as raised:
        draft(till, CashIn(sum=25_001))
    assert (raised.value.field, raised.value.code) == ("total", "too_large")


def test_numbers_end():
    till = Till()
    till.state.last_number = NUMBER_MAX

    with pytest.raises(InvalidValue, match="used up"):
        draft(till, BREAD)


def test_a_clock_that_went_back_is_noticed_and_believed():
    till = Till()
    before = till.sell()

    made = draft(till, BREAD, now=before.issued_at - 1)

    assert made.document.issued_at == before.issued_at - 1
    assert made.document.number == 2
    assert [type(record).__name__ for record in made.records] == ["Issued", "Anomaly"]
    assert draft(till, BREAD, now=before.issued_at).records[1:] == ()


def test_ids_rise_and_leave_room_for_voids():
    first = id_after(b"", b"\x05" * 16)
    second = id_after(first, b"\x04" * 16)
    third = id_after(second, b"\x06" * 16)

    assert first == b"\x05" * 16
    assert int.from_bytes(second, "big") == int.from_bytes(first, "big") + issuing.ID_STEP
    assert third == b"\x06" * 16
    assert first < id_in_place_of(first) < id_in_place_of(id_in_place_of(first)) < second
