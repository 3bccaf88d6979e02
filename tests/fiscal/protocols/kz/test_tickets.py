"""Receipts over the wire and back, and what no message can smuggle in."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiscal.domain.document import Delivery
from fiscal.domain.money import MONEY_MAX
from fiscal.domain.receipt import (
    Customer,
    Item,
    Modifier,
    ModifierKind,
    Operation,
    ParentReceipt,
    Payment,
    PaymentKind,
    Receipt,
    Tax,
    TradeDomain,
    check_receipt,
)
from fiscal.errors import RemoteProtocolError
from fiscal.protocols.content import decode_content, encode_content
from fiscal.protocols.kz.checks import sums_finding, warnings_of
from fiscal.protocols.kz.given import delivery_of
from fiscal.protocols.kz.messages import parse_request, request_type
from fiscal.protocols.kz.rules import Finding
from fiscal.protocols.kz.tickets import bases_of, receipt_of, uncarried
from tests.documents import item, receipt, receipts, tax_of
from tests.fiscal.protocols.kz.mapped import (
    MORNING,
    VERSIONS,
    ZONE,
    carried_receipts,
    changed,
    given_of,
    loaf,
    over_the_wire,
    storno,
    tenge,
    ticket,
    vat,
)


def read(version: int = 203, **fields: Any) -> Receipt:
    made = receipt_of(ticket(version, **fields), given_of(version=version))
    assert isinstance(made, Receipt)
    return made


def refused(version: int = 203, **fields: Any) -> tuple[str, str]:
    finding = receipt_of(ticket(version, **fields), given_of(version=version))
    assert isinstance(finding, Finding)
    assert finding.is_refusal
    return finding.rule, finding.field


# ------------------------------------------------------------------------------------------------------ there and back


@pytest.mark.parametrize("version", VERSIONS)
@given(data=st.data())
def test_a_receipt_comes_back_as_it_went(version, data):
    sold = data.draw(carried_receipts(version))
    back = receipt_of(over_the_wire(sold, version), given_of(version=version))
    assert (back == sold) is (uncarried(sold, version) is None)


@pytest.mark.parametrize("version", VERSIONS)
@given(data=st.data())
def test_a_right_receipt_stays_right(version, data):
    """What the exact rules of the domain let pass, those of this wire let pass as well."""
    sold = data.draw(receipts(operation=Operation.SELL))
    if uncarried(sold, version) is None:
        back = receipt_of(over_the_wire(sold, version), given_of(version=version))
        assert isinstance(back, Receipt)
        assert check_receipt(back) is None
        assert sums_finding(back) is None


def test_everything_at_once():
    made = read(
        operation=3,
        domain={"type": 4},
        items=[
            loaf(
                barcode="4870000000012",
                taxes=[vat(2_036)],
                list_excise_stamp=["A", "B", "A"],
                excise_stamp="old",
                ntin="0200000000001",
            ),
            changed(5, 10),
            loaf(name="Соль", section_code="2.1"),
            changed(3, 5),
            changed(3, 7, name="Доставка"),
            storno(name=None, measure_unit_code=None, section_code="2.1"),
            changed(5, 1, name="После сторно"),
        ],
        payments=[{"type": 0, "sum": tenge(100)}, {"type": 4, "sum": tenge(101)}],
        amounts={
            "total": tenge(201),
            "taken": tenge(150),
            "change": tenge(50),
            "discount": {"name": "Карта", "sum": tenge(3)},
        },
        extension_options={"customer_email": "a@b.kz", "customer_iin_or_bin": "240140000011"},
        parent_ticket={
            "parent_ticket_number": "717148297551",
            "parent_ticket_data_time": MORNING,
            "kgd_kkm_id": "010100000001",
            "parent_ticket_total": tenge(1, 5),
            "parent_ticket_is_offline": True,
        },
    )
    at = 1_767_250_807_000  # 12:00:07 in Almaty, five hours ahead of UTC
    assert made.issued_at == at
    assert made.operation is Operation.SELL_RETURN
    assert made.domain is TradeDomain.TAXI
    assert made.items == (
        Item(
            name="Хлеб",
            price=20_000,
            quantity=1000,
            sum=20_000,
            barcode="4870000000012",
            discount=1_000,
            taxes=(Tax(rate=12_000, base=19_000, sum=2_036),),
            marking_code="old",
            further_codes=("A", "B"),
            ntin="0200000000001",
        ),
        Item(name="Соль", price=20_000, quantity=1000, sum=20_000, section="2.1", markup=500),
        Item(name="Сторно", price=20_000, quantity=1000, sum=20_000, section="2.1", storno=True),
    )
    assert made.modifiers == (
        Modifier(kind=ModifierKind.MARKUP, sum=700, name="Доставка"),
        Modifier(kind=ModifierKind.DISCOUNT, sum=100, name="После сторно"),
    )
    assert made.payments == (Payment(kind=PaymentKind.CASH, sum=10_000), Payment(kind=PaymentKind.MOBILE, sum=10_100))
    assert (made.total, made.taken, made.change, made.discount, made.markup) == (20_100, 15_000, 5_000, 300, 0)
    assert made.customer == Customer(email="a@b.kz", tax_id="240140000011")
    assert made.parent == ParentReceipt(
        sign="717148297551", issued_at=at, total=105, rnm="010100000001", autonomous=True
    )


def test_version_202_has_one_marking_code_and_no_parent():
    made = read(202, operation=1, items=[loaf(excise_stamp="CODE")])
    assert made.items[0].marking_code == "CODE"
    assert made.parent is None
    sold = receipt(items=(item(marking_code="CODE", further_codes=("NEXT",), ntin="1"),))
    assert receipt_of(over_the_wire(sold, 202), given_of(version=202)) == receipt(items=(item(marking_code="CODE"),))


def test_the_plainest_message():
    made = read(operator={"code": 7}, payments=[], amounts={"total": tenge(200)})
    assert made.cashier.name == "7"
    assert (made.payments, made.taken, made.change, made.customer) == ((), None, None, None)
    assert made.domain is TradeDomain.TRADING
    assert made.items[0].marking_code is None
    assert sums_finding(made) is None


def test_a_commodity_without_a_name_is_called_by_its_code():
    assert read(items=[loaf(name=None, code=4711)]).items[0].name == "4711"


def test_a_discount_of_nothing_is_counted_and_no_items_own():
    """An item cannot hold it; a counter of discounts shall see it all the same."""
    made = read(items=[loaf(), changed(5, 0)])
    assert made.items[0].discount == 0
    assert made.modifiers == (Modifier(kind=ModifierKind.DISCOUNT, sum=0, name="Акция"),)


def test_only_the_first_one_behind_a_commodity_is_its_own():
    made = read(items=[changed(3, 1), loaf(), changed(5, 2), changed(5, 3), loaf(), changed(6, 4), loaf(), loaf()])
    assert [one.discount for one in made.items] == [200, 0, 0, 0]
    assert [one.sum for one in made.modifiers] == [100, 300, 400]
    assert [one.storno for one in made.modifiers] == [False, False, True]


def test_a_ticket_that_ends_with_a_storno():
    assert [one.storno for one in read(items=[loaf(), storno()]).items] == [False, True]


def test_an_empty_list_of_codes_holds_none():
    assert read(items=[loaf(list_excise_stamp=["", ""])]).items[0].further_codes == ()


@pytest.mark.parametrize("version", [202, 203])
def test_a_line_that_was_read_before_is_the_same_again(version):
    first, second = (read(version, items=[loaf(), loaf(price=tenge(7), sum=tenge(7))]).items for _ in range(2))
    assert first == second
    assert [one is other for one, other in zip(first, second, strict=True)] == [True, True]
    assert first[0] != first[1]


def test_a_large_line_and_one_with_a_discount_are_read_anew():
    large = loaf(name="x" * 256, barcode="y" * 64, excise_stamp="z" * 200)
    first, second = (read(items=[large, loaf(), changed(5, 10)]).items for _ in range(2))
    assert first == second
    assert not any(one is other for one, other in zip(first, second, strict=True))


def test_a_line_that_is_refused_names_its_place_each_time():
    for _ in range(2):
        for before in range(3):
            fault = refused(items=[*[loaf()] * before, loaf(quantity=0)])
            assert fault == ("limit", f"ticket.items[{before}].commodity.quantity")


# -------------------------------------------------------------------------------------------------------------- taxes


@pytest.mark.parametrize(
    ("row", "base"),
    [
        (vat(2_036), 19_000),  # inside the net, 190.00
        (vat(2_037), 19_000),  # a tiyn off
        (vat(2_143), 20_000),  # inside the line before its discount
        (vat(2_280, inside=False), 19_000),  # on top of the net
        (vat(2_400, inside=False), 20_000),  # on top of the line
        (vat(2_036, inside=False), 16_964),  # said to be on top, but the net has it inside
        (vat(0, percent=0), 19_000),
    ],
)
def test_what_the_tax_of_an_item_is_taken_of(row, base):
    (sold,) = read(items=[loaf(taxes=[row]), changed(5, 10)]).items
    assert sold.taxes[0].base == base


@pytest.mark.parametrize("row", [vat(2_100), vat(2_100, inside=False), vat(1_999, percent=0)])
def test_a_tax_that_fits_nothing(row):
    assert refused(items=[loaf(taxes=[row]), changed(5, 10)]) == ("tax_sum", "ticket.items[0].commodity.taxes.sum")


def test_a_discount_larger_than_its_line_leaves_no_base():
    assert refused(items=[loaf(taxes=[vat(1)]), changed(5, 300)])[0] == "tax_sum"


@pytest.mark.parametrize(
    ("taxes", "nets", "bases"),
    [
        ([(12_000, 5_357, True)], 50_000, (50_000,)),
        ([(12_000, 6_000, False)], 50_000, (50_000,)),
        ([(12_000, 1_071, True)], 50_000, (9_996,)),
        ([(12_000, 1_071, True), (0, 0, True)], 50_000, (9_996, 40_004)),
        ([(0, 0, True), (12_000, 1_200, False)], 50_000, (40_000, 10_000)),
        ([(0, 0, True)], 50_000, (50_000,)),
        ([(0, 0, True)], -1, None),
        ([(0, 0, True), (0, 0, False)], 50_000, (50_000, 0)),
        ([(0, 1, True)], 50_000, (50_000,)),
        ([(0, 5, True)], 50_000, None),
        ([(12_000, 9_000, True)], 50_000, None),
        ([(1, MONEY_MAX, True)], 50_000, None),
    ],
)
def test_what_the_taxes_of_a_ticket_are_taken_of(taxes, nets, bases):
    assert bases_of(taxes, nets) == bases


def test_taxes_of_a_ticket():
    made = read(taxes=[vat(2_143)], items=[loaf(), storno(), loaf(), changed(6, 0)])
    assert made.taxes == (Tax(rate=12_000, base=20_000, sum=2_143),)


# ------------------------------------------------------------------------------------------------------------ refused

LONG = "я" * 257
SALE: dict[str, Any] = {"total": tenge(200), "taken": tenge(200), "change": tenge(0)}


@pytest.mark.parametrize(
    ("fields", "rule", "field"),
    [
        ({"items": []}, "items_missing", "items"),
        ({"items": [changed(5, 1)]}, "items_missing", "items"),
        ({"items": [{"type": 1}]}, "item_block", "items[0].commodity"),
        ({"items": [loaf(), {"type": 2}]}, "item_block", "items[1].storno_commodity"),
        ({"items": [loaf(), {"type": 5, "markup": {"name": "x", "sum": tenge(1)}}]}, "item_block", "items[1].discount"),
        ({"items": [loaf(name=None)]}, "commodity_name", "items[0].commodity.name"),
        ({"items": [loaf(name="")]}, "commodity_name", "items[0].commodity.name"),
        ({"items": [loaf(name=LONG)]}, "limit", "items[0].commodity.name"),
        ({"items": [loaf(), storno(name=LONG)]}, "limit", "items[1].storno_commodity.name"),
        ({"items": [loaf(measure_unit_code=None)]}, "unit_missing", "items[0].commodity.measure_unit_code"),
        ({"items": [loaf(measure_unit_code=LONG)]}, "limit", "items[0].commodity.measure_unit_code"),
        ({"items": [loaf(section_code="")]}, "limit", "items[0].commodity.section_code"),
        ({"items": [loaf(section_code=LONG)]}, "limit", "items[0].commodity.section_code"),
        ({"items": [loaf(barcode=LONG)]}, "limit", "items[0].commodity.barcode"),
        ({"items": [loaf(ntin=LONG)]}, "limit", "items[0].commodity.ntin"),
        ({"items": [loaf(excise_stamp=LONG)]}, "limit", "items[0].commodity.excise_stamp"),
        ({"items": [loaf(list_excise_stamp=[LONG])]}, "limit", "items[0].commodity.list_excise_stamp"),
        (
            {"items": [loaf(list_excise_stamp=list(map(str, range(102))))]},
            "limit",
            "items[0].commodity.list_excise_stamp",
        ),
        ({"items": [loaf(quantity=0)]}, "limit", "items[0].commodity.quantity"),
        ({"items": [loaf(quantity=2**31)]}, "limit", "items[0].commodity.quantity"),
        ({"items": [loaf(price=tenge(2**60))]}, "limit", "items[0].commodity.price"),
        ({"items": [loaf(sum=tenge(2**60))]}, "limit", "items[0].commodity.sum"),
        ({"items": [loaf(sum=tenge(0, 100))]}, "coins", "items[0].commodity.sum"),
        ({"items": [loaf(taxes=[vat(100) | {"sum": tenge(0, 100)}])]}, "coins", "items[0].commodity.taxes.sum"),
        ({"items": [loaf(taxes=[vat(100) | {"sum": tenge(2**60)}])]}, "limit", "items[0].commodity.taxes.sum"),
        ({"items": [loaf()] * 501}, "limit", "items"),
        ({"items": [loaf(), *[changed(6, 1)] * 501]}, "limit", "items"),
        ({"items": [loaf(), changed(5, 1, name=None)]}, "modifier_name", "items[1].discount.name"),
        ({"items": [loaf(), changed(5, 1, name=LONG)]}, "limit", "items[1].discount.name"),
        ({"items": [loaf(), changed(5, 2**60)]}, "limit", "items[1].discount.sum"),
        ({"items": [loaf(taxes=[vat(1, percent=100_001)])]}, "limit", "items[0].commodity.taxes[0].percent"),
        ({"items": [loaf(taxes=[vat(1) | {"tax_type": 1}])]}, "unknown_value", "items[0].commodity.taxes[0].tax_type"),
        ({"items": [loaf(taxes=[vat(2_143), vat(2_143)])]}, "tax_repeated", "items[0].commodity.taxes"),
        ({"taxes": [vat(2_143), vat(2_143)]}, "tax_repeated", "taxes"),
        ({"taxes": [vat(9_000)]}, "tax_sum", "taxes"),
        ({"taxes": [vat(2_143)], "items": [loaf(taxes=[vat(2_143)])]}, "taxes_twice", "taxes"),
        ({"amounts": SALE | {"total": tenge(2**60)}}, "limit", "amounts.total"),
        ({"amounts": SALE | {"discount": {"sum": tenge(1)}}}, "modifier_name", "amounts.discount.name"),
        (
            {"amounts": SALE | {"discount": {"name": "a", "sum": tenge(1)}, "markup": {"name": "b", "sum": tenge(1)}}},
            "discount_and_markup",
            "amounts.markup",
        ),
        ({"amounts": {"total": tenge(200)}}, "taken_missing", "amounts.taken"),
        ({"payments": [{"type": 1, "sum": tenge(100)}] * 2}, "payment_repeated", "payments"),
        ({"operation": 3}, "parent_missing", "parent_ticket"),
        ({"operator": {"code": 2**31 - 1, "name": LONG}}, "limit", "operator.name"),
        ({"date_time": MORNING | {"date": {"year": 2026, "month": 2, "day": 30}}}, "date", "date_time"),
        ({"date_time": MORNING | {"date": {"year": 1960, "month": 2, "day": 3}}}, "date", "date_time"),
        ({"extension_options": {"customer_email": "a"}}, "limit", "extension_options.customer_email"),
        ({"extension_options": {"customer_phone": LONG}}, "limit", "extension_options.customer_phone"),
    ],
)
def test_what_is_refused(fields, rule, field):
    assert refused(**fields) == (rule, f"ticket.{field}")


@pytest.mark.parametrize("missing", ["parent_ticket_number", "kgd_kkm_id"])
def test_a_parent_that_names_nothing(missing):
    parent = {
        "parent_ticket_number": "1",
        "parent_ticket_data_time": MORNING,
        "kgd_kkm_id": "2",
        "parent_ticket_total": tenge(1),
        "parent_ticket_is_offline": False,
    }
    assert refused(operation=3, parent_ticket=parent | {missing: ""}) == ("parent_missing", "ticket.parent_ticket")


def test_too_many_rates():
    rows = [vat(0, percent=rate) for rate in range(9)]
    assert refused(items=[loaf(price=tenge(0), sum=tenge(0), taxes=rows)])[0] == "limit"


def test_what_no_receipt_may_take_along():
    sold = receipt(payments=(Payment(kind=PaymentKind.ADVANCE, sum=10_000),))
    assert uncarried(sold, 203) == Finding(
        "unknown_value", "payments", "a kind of payment is among them that the protocol does not have"
    )
    back = receipt(operation=Operation.SELL_RETURN)
    finding = uncarried(back, 203)
    assert finding is not None
    assert finding.rule == "parent_missing"
    assert uncarried(back, 202) is None
    split = receipt(items=(item(50_000),), taxes=(tax_of(10_000, 12_000), tax_of(20_000, 0)))
    finding = uncarried(split, 203)
    assert finding is not None
    assert finding.rule == "tax_sum"


# ----------------------------------------------------------------------------------------------------------- delivery


def test_an_autonomous_ticket_carries_its_sign():
    went = Delivery(autonomous=True, autonomous_sign=7, period=3)
    assert delivery_of(over_the_wire(receipt(), 203, went), 3) == went
    assert delivery_of(over_the_wire(receipt(), 203), 3) == Delivery()


@pytest.mark.parametrize("sign", [0, 2**31])
def test_an_autonomous_sign_out_of_range(sign):
    message = request_type(203)(command=1, ticket={"offline_ticket_number": sign})
    finding = delivery_of(message.ticket, None)
    assert isinstance(finding, Finding)
    assert (finding.rule, finding.field) == ("limit", "ticket.offline_ticket_number")


# ----------------------------------------------------------------------------------------------------------- whatever


def fuzzed(version: int, draw: st.DrawFn, descriptor: Any, depth: int = 0) -> Any:
    """Any message of this type whose required fields are there."""
    fields = {}
    for field in descriptor.fields:
        if not field.is_required and (depth > 4 or not draw(st.integers(0, 3))):
            continue
        if field.message_type is not None:
            one = lambda: fuzzed(version, draw, field.message_type, depth + 1)  # noqa: B023, E731
        elif field.enum_type is not None:
            one = lambda: draw(st.sampled_from([value.number for value in field.enum_type.values]))  # noqa: B023, E731
        else:
            one = lambda: draw(_PLAIN[field.type])  # noqa: B023, E731
        fields[field.name] = [one() for _ in range(draw(st.integers(0, 3)))] if field.is_repeated else one()
    return fields


_WHOLE = st.sampled_from((0, 1, 12, 100, 2026, 12_000, 2**31 - 1)) | st.integers(0, 2**31 - 1)
_PLAIN = {
    4: _WHOLE | st.integers(0, 2**63 - 1),
    5: st.integers(-(2**31), 2**31 - 1),
    8: st.booleans(),
    9: st.text(max_size=5) | st.sampled_from(("", LONG)),
    12: st.binary(max_size=4),
    13: _WHOLE,
}


@pytest.mark.parametrize("version", VERSIONS)
@given(data=st.data())
@settings(max_examples=150)
def test_no_ticket_raises_anything(version, data):
    """Whatever a ticket says, it becomes a receipt that can be kept and read again, or a finding."""
    type_ = request_type(version)
    descriptor = type_.DESCRIPTOR.fields_by_name["ticket"].message_type
    request = type_(command=1, ticket=fuzzed(version, data.draw, descriptor))
    try:
        request = parse_request(version, request.SerializeToString())
    except RemoteProtocolError:
        return
    made = receipt_of(request.ticket, given_of(version=version))
    delivery_of(request.ticket, None)
    if isinstance(made, Receipt):
        assert decode_content(encode_content(made)) == made
        sums_finding(made)
        warnings_of(request, version, made, ZONE)
    else:
        assert made.field.startswith("ticket.")


@pytest.mark.parametrize("version", VERSIONS)
@given(data=st.data())
def test_a_ticket_that_is_nearly_right_raises_nothing_either(version, data):
    """The same from a right ticket with some of its parts changed, which gets further."""
    sold = data.draw(carried_receipts(version))
    request = request_type(version)(command=1)
    request.ticket.CopyFrom(over_the_wire(sold, version))
    line = data.draw(st.sampled_from(list(request.ticket.items)))
    for money in (request.ticket.amounts.total, *(payment.sum for payment in request.ticket.payments)):
        money.bills = data.draw(_PLAIN[4])
    line.type = data.draw(st.integers(1, 6))
    made = receipt_of(request.ticket, given_of(version=version))
    if isinstance(made, Receipt):
        assert decode_content(encode_content(made)) == made
        sums_finding(made)
