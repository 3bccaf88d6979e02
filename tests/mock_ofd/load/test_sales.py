"""The documents of a load are drawn from a seed, and an operator has nothing against any of them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiscal.domain.document import Delivery, DocumentKind, carries_sign
from fiscal.domain.messages import Accepted, Hello
from fiscal.domain.receipt import Operation, Receipt
from fiscal.domain.signs import DEFAULT_KEY_ID, PUBLIC_KEY, Signer, SigningKey
from fiscal.protocols.content import decode_content
from fiscal.time import DAY, HOUR
from kkt_client.core.kz_messages import check_carried
from mock_ofd.load.sales import PROFILE, baskets, sold
from mock_ofd.load.scenario import FLAT, Scenario
from ofd_server.core.decide import decide_hello
from ofd_server.core.documents import decide_document
from ofd_server.core.entries import AnomalyCode, DocumentRecorded
from ofd_server.core.rules import Rules

NOON = int(datetime(2026, 3, 14, 7, tzinfo=UTC).timestamp() * 1_000)
"""In Almaty."""


@settings(max_examples=20)
@given(st.integers(0, 2**63 - 1), st.integers(0, 10**6))
def test_the_same_seed_register_and_moment_give_the_same_bytes(seed, place):
    scenario = Scenario(seed=seed, documents=30)
    once, again = (list(sold(scenario, place, NOON - HOUR, NOON)) for _ in range(2))
    assert once == again
    assert len(once) == 30


def test_another_seed_and_another_register_sell_other_things():
    contents = [
        tuple(each.content for each in sold(Scenario(seed=seed, documents=20), place, NOON - HOUR, NOON))
        for seed in (1, 2)
        for place in (0, 1)
    ]
    assert len(set(contents)) == 4


@pytest.mark.parametrize("begin", [NOON - HOUR, NOON - 2 * DAY - 5 * HOUR])
@pytest.mark.parametrize("place", range(6))
def test_an_operator_takes_every_document_and_notices_nothing(begin, place):
    """Over two days: shifts are closed by Z-reports whose figures are those of the operator."""
    rules, signer = Rules(), Signer(SigningKey(DEFAULT_KEY_ID, PUBLIC_KEY))
    state = decide_hello(None, Hello(register="r", token="t", software="s", profile=PROFILE), NOON, rules).state
    found = list(sold(Scenario(documents=300), place, begin, NOON))
    for each in found:
        document = decode_content(each.content)
        signed = carries_sign(each.kind)
        delivery = Delivery(autonomous=True, autonomous_sign=each.number if signed else None, period=1)
        assert state is not None
        decision = decide_document(state, document, each.content, delivery, NOON, rules, signer, "native")
        assert isinstance(decision.answer, Accepted), (each.number, decision.answer)
        (entry,) = decision.entries
        assert isinstance(entry, DocumentRecorded)
        assert {anomaly.code for anomaly in entry.anomalies} <= {AnomalyCode.PERIOD_UNKNOWN}  # nobody told of it here
        assert (document.number, document.shift, document.issued_at) == (each.number, each.shift, each.issued_at)
        check_carried(document, PROFILE, 203)
        state = decision.state
    days = {each.shift for each in found}
    assert len([each for each in found if each.kind is DocumentKind.CLOSE_SHIFT]) in (len(days) - 1, len(days))
    assert (len(days) > 1) is (NOON - begin > DAY)


def test_there_are_several_shapes_of_basket_and_every_kind_of_document():
    known = baskets(1)
    assert len({len(basket.items) for basket in known}) > 4
    assert len({tuple(payment.kind for payment in basket.payments) for basket in known}) >= 4
    documents = [
        decode_content(each.content)
        for place in range(40)
        for each in sold(Scenario(documents=100), place, NOON - HOUR, NOON)
    ]
    operations = {document.operation for document in documents if isinstance(document, Receipt)}
    assert operations == {Operation.SELL, Operation.SELL_RETURN}
    assert {type(document).__name__ for document in documents} == {"Receipt", "Deposit", "Withdrawal"}


def test_sales_follow_the_hours_of_the_shop():
    day = tuple(1.0 if hour in (9, 18) else 0.0 for hour in range(24))
    scenario = Scenario(day=day, sales_per_hour=100.0, outage_s=86_400.0)
    found = [each for place in range(20) for each in sold(scenario, place, NOON - DAY, NOON)]
    hours = {(each.issued_at // HOUR + 5) % 24 for each in found}
    assert hours == {9, 18}
    assert 20 * 190 < len(found) < 20 * 210


def test_who_must_sell_at_an_hour_without_sales_sells_evenly():
    day = tuple(1.0 if hour == 3 else 0.0 for hour in range(24))
    found = list(sold(Scenario(day=day, documents=10), 0, NOON - HOUR, NOON))
    assert len(found) == 10
    assert list(sold(Scenario(day=day), 0, NOON - HOUR, NOON)) == []


def test_ids_rise():
    found = list(sold(Scenario(documents=200, day=FLAT), 3, NOON - HOUR, NOON))
    ids = [decode_content(each.content).id for each in found]
    assert ids == sorted(set(ids))
