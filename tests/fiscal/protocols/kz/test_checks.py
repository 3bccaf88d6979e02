"""Whether the figures of a ticket agree, and what is only noted."""

import pytest
from msgspec.structs import replace

from fiscal.domain.money import MONEY_MAX
from fiscal.domain.receipt import Item, Modifier, ModifierKind, Payment, PaymentKind, Receipt
from fiscal.protocols.kz.checks import sums_finding, warnings_of
from fiscal.protocols.kz.rules import RULES, Level
from fiscal.protocols.kz.service_block import generated_profile, service_request_fields
from fiscal.protocols.kz.tickets import receipt_of
from tests.documents import T0, deposit, item, receipt, tax_of
from tests.fiscal.protocols.kz.mapped import MORNING, ZONE, given_of, loaf, sent, tenge, vat

CASH = PaymentKind.CASH
DISCOUNT = ModifierKind.DISCOUNT


def broken(made: Receipt) -> str | None:
    finding = sums_finding(made)
    return None if finding is None else finding.rule


def paid(total: int, **given) -> Receipt:
    """Goods for 100.00 and 50.00, paid in cash to the last tiyn."""
    return receipt(**{"items": (item(10_000), item(5_000)), "total": total, **given})


@pytest.mark.parametrize(("off", "rule"), [(-2, "item_sum"), (-1, None), (0, None), (1, None), (2, "item_sum")])
def test_a_line_may_be_a_tiyn_off(off, rule):
    assert broken(receipt(items=(item(10_000, sum=10_000 + off),))) == rule


def test_the_line_is_named():
    finding = sums_finding(receipt(items=(item(), item(sum=5))))
    assert finding is not None
    assert finding.field == "ticket.items of commodity 2.sum"
    assert finding.text == "0.05 given, 100.00 computed"


@pytest.mark.parametrize(
    ("total", "given", "rule"),
    [
        (15_000, {}, None),
        (15_003, {}, None),  # a tiyn for each line and one for the ticket
        (14_997, {}, None),
        (15_004, {}, "total"),
        (14_996, {}, "total"),
        (14_000, {"discount": 1_000}, None),
        (16_000, {"markup": 1_000}, None),
        (15_000, {"discount": 1_000}, "total"),
        (-1 + 1, {"discount": 15_000}, None),
        (0, {"discount": 15_001}, "discount_too_large"),
        # on top of the goods, or in them already
        (15_600, {"taxes": (tax_of(5_000, 12_000, inside=False),)}, None),
        (15_000, {"taxes": (tax_of(5_000, 12_000, inside=False),)}, None),
        (15_300, {"taxes": (tax_of(5_000, 12_000, inside=False),)}, "total"),
        (
            16_200,
            {"items": (item(10_000), item(5_000, taxes=(tax_of(5_000, 12_000, inside=False),))), "markup": 600},
            None,
        ),
        # a discount of items, said once more for the ticket
        (13_000, {"items": (item(10_000, discount=1_000), item(5_000)), "discount": 1_000}, None),
        (14_000, {"items": (item(10_000, discount=1_000), item(5_000)), "discount": 1_000}, None),
        (14_000, {"items": (item(10_000, discount=1_000), item(5_000)), "discount": 500}, "total"),
        (13_500, {"items": (item(10_000, discount=1_000), item(5_000)), "discount": 500}, None),
        (14_000, {"items": (item(10_000), item(5_000)), "modifiers": (Modifier(kind=DISCOUNT, sum=1_000),)}, None),
        (15_000, {"items": (item(10_000), item(5_000)), "modifiers": (Modifier(kind=DISCOUNT, sum=1_000),)}, "total"),
        (10_000, {"items": (item(10_000), item(5_000), item(5_000, storno=True))}, None),
        (15_000, {"items": (item(10_000), item(5_000), item(5_000, storno=True))}, "total"),
        (
            11_200,
            {
                "items": (
                    item(10_000, taxes=(tax_of(10_000, 12_000, inside=False),)),
                    item(5_000, taxes=(tax_of(5_000, 12_000, inside=False),)),
                    item(5_000, taxes=(tax_of(5_000, 12_000, inside=False),), storno=True),
                )
            },
            None,
        ),
        (0, {"items": (item(5_000), item(10_000, storno=True))}, "storno"),
        (9_000, {"items": (item(10_000, discount=10_001),)}, "discount_too_large"),
    ],
)
def test_the_total(total, given, rule):
    assert broken(paid(total, **given)) == rule


def test_goods_that_no_counter_can_hold():
    line = Item(name="a", price=MONEY_MAX, quantity=1000, sum=MONEY_MAX)
    made = receipt(items=(line, line), discount=MONEY_MAX, total=MONEY_MAX)
    assert broken(made) == "limit"


@pytest.mark.parametrize(
    ("payments", "taken", "change", "rule"),
    [
        ((), None, None, None),
        ((), 15_000, 0, None),
        (((CASH, 15_000),), 15_000, 0, None),
        (((CASH, 15_000),), 15_000, None, None),
        (((CASH, 15_000),), 20_000, 5_000, None),
        (((CASH, 15_000),), 20_000, 5_004, "change"),
        (((CASH, 14_996),), 15_000, 0, "payments_total"),
        (((CASH, 14_997),), 15_000, 0, None),
        (((CASH, 5_000), (PaymentKind.CARD, 10_000)), 6_000, 1_000, None),
        (((CASH, 5_000), (PaymentKind.CARD, 10_000)), 16_000, 1_000, None),  # taken of all payments
        (((CASH, 5_000), (PaymentKind.CARD, 10_000)), 8_000, 1_000, "change"),
        (((PaymentKind.CARD, 15_000),), 15_000, 0, None),
        (((PaymentKind.CARD, 15_000),), None, None, None),
    ],
)
def test_the_payments(payments, taken, change, rule):
    parts = tuple(Payment(kind=kind, sum=amount) for kind, amount in payments)
    assert broken(replace(paid(15_000), payments=parts, taken=taken, change=change)) == rule


# ----------------------------------------------------------------------------------------------------------- warnings

SERVICE = service_request_fields(generated_profile(1, ZONE), 1, 203, T0)


def noted(version: int = 203, **fields) -> list[str]:
    ticket = {
        "operation": 2,
        "date_time": MORNING,
        "operator": {"code": 1},
        "items": [loaf(taxes=[vat(2_759, percent=16_000)])],
        "amounts": {"total": tenge(200)},
        "domain": {"type": 0},
    }
    service = fields.pop("service", SERVICE)
    request = sent(1, version, ticket={**ticket, **fields}, **({} if service is None else {"service": service}))
    document = receipt_of(request.ticket, given_of(version=version))
    assert isinstance(document, Receipt)
    found = warnings_of(request, version, document, ZONE)
    assert all(not finding.is_refusal for finding in found)
    assert [RULES[finding.rule].level for finding in found] == [Level.WARN] * len(found)
    return [finding.rule for finding in found]


@pytest.mark.parametrize(
    ("fields", "rules"),
    [
        ({}, []),
        ({"domain": {}}, ["domain_missing"]),
        ({"amounts": {"total": tenge(200), "taken": tenge(200)}}, ["change_missing"]),
        ({"extension_options": {"customer_iin_or_bin": "123"}}, ["tax_id"]),
        ({"extension_options": {"customer_iin_or_bin": "240140000011"}}, []),
        ({"extension_options": {"customer_phone": "1"}}, []),
        ({"items": [loaf(taxes=[vat(2_143)])]}, ["vat_rate"]),
        ({"items": [loaf()], "taxes": [vat(2_143)]}, ["vat_rate"]),
        ({"items": [loaf()], "taxes": [vat(2_759, percent=16_000)]}, []),
        ({"service": None}, ["service_missing"]),
        (
            {"service": {}},
            ["offline_period_missing", "get_reg_info_missing", "geo_position_missing", "reg_info_missing"],
        ),
        (
            {"service": {**SERVICE, "reg_info": {"kkm": {}, "org": {"inn": "123456789012"}}}},
            ["reg_info_field"] * 7 + ["tax_id"],
        ),
    ],
)
def test_what_is_noted_of_a_ticket(fields, rules):
    assert noted(**fields) == rules


def test_what_version_202_does_not_ask_for():
    service = service_request_fields(generated_profile(1, ZONE), 1, 202, T0)
    assert noted(202, domain={}, service=service) == []
    assert noted(202, service={**service, "security_stats": {}}) == []


def test_a_rate_is_judged_by_the_day_of_the_register():
    """New Year in Almaty comes five hours before that of UTC."""
    last = {"date": {"year": 2025, "month": 12, "day": 31}, "time": {"hour": 23, "minute": 59, "second": 59}}
    first = {"date": {"year": 2026, "month": 1, "day": 1}, "time": {"hour": 0, "minute": 0, "second": 0}}
    assert noted(date_time=last, items=[loaf(taxes=[vat(2_143)])]) == []
    assert noted(date_time=first, items=[loaf(taxes=[vat(2_143)])]) == ["vat_rate"]


@pytest.mark.parametrize(
    ("command", "fields", "rules"),
    [
        (0, {}, []),
        (2, {"close_shift": {"close_time": MORNING}}, ["z_report_missing"]),
        (3, {"report": {"report": 1, "date_time": MORNING}}, ["report_missing"]),
        (6, {"money_placement": {"datetime": MORNING, "operation": 0, "sum": tenge(1)}}, []),
    ],
)
def test_what_is_noted_of_the_other_commands(command, fields, rules):
    request = sent(command, 203, service=SERVICE, **fields)
    document = deposit() if command == 6 else None
    assert [finding.rule for finding in warnings_of(request, 203, document, ZONE)] == rules
