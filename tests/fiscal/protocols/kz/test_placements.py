"""Cash in and out over the wire and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.domain.document import ONLINE, Delivery, Deposit, Withdrawal
from fiscal.domain.limits import NUMBER_MAX
from fiscal.domain.money import MONEY_MAX
from fiscal.domain.receipt import Cashier
from fiscal.protocols.kz.given import delivery_of
from fiscal.protocols.kz.placements import placement_fields, placement_of
from fiscal.protocols.kz.rules import Finding
from tests.documents import T0, deposit, withdrawal
from tests.fiscal.protocols.kz.mapped import MORNING, VERSIONS, ZONE, given_of, sent, tenge


def message(version=203, **fields):
    made = {"datetime": MORNING, "operation": 0, "sum": tenge(500), "operator": {"code": 1, "name": "Айгуль"}}
    made = {name: value for name, value in {**made, **fields}.items() if value is not None}
    return sent(6, version, money_placement=made).money_placement


@pytest.mark.parametrize("version", VERSIONS)
@given(
    amount=st.integers(0, MONEY_MAX),
    code=st.integers(0, NUMBER_MAX),
    second=st.integers(0, 10**9),
    out=st.booleans(),
    autonomous=st.booleans(),
)
def test_there_and_back(version, amount, code, second, out, autonomous):
    made = withdrawal if out else deposit
    document = made(sum=amount, issued_at=T0 + second * 1000, cashier=Cashier(code=code, name="Айгуль"))
    delivery = Delivery(autonomous=True, period=2) if autonomous else ONLINE
    back = sent(6, version, money_placement=placement_fields(document, delivery, ZONE, version)).money_placement
    assert placement_of(back, given_of(version=version)) == document
    assert delivery_of(back, 2) == delivery
    assert back.fr_shift_number == 1
    assert back.printed_document_number == (1 if version == 202 else 0)


def test_both_kinds():
    assert isinstance(placement_of(message(operation=0), given_of()), Deposit)
    assert isinstance(placement_of(message(operation=1), given_of()), Withdrawal)


@pytest.mark.parametrize(
    ("fields", "rule", "field", "code"),
    [
        ({"operator": None}, "operator_missing", "operator", 15),
        ({"operator": {"code": 1, "name": "я" * 257}}, "limit", "operator.name", 13),
        ({"sum": tenge(2**60)}, "limit", "sum", 13),
        ({"sum": tenge(1, 100)}, "coins", "sum", 13),
        ({"datetime": MORNING | {"time": {"hour": 25, "minute": 0}}}, "date", "datetime", 13),
    ],
)
def test_what_is_refused(fields, rule, field, code):
    finding = placement_of(message(**fields), given_of())
    assert isinstance(finding, Finding)
    assert (finding.rule, finding.field, finding.code) == (rule, f"money_placement.{field}", code)


def test_a_cashiers_number_out_of_range():
    block = message()
    block.operator.code = 2**31
    finding = placement_of(block, given_of())
    assert isinstance(finding, Finding)
    assert finding.field == "money_placement.operator.code"
