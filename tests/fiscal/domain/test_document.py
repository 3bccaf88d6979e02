"""Kinds, identity and what travels where."""

import pytest
from msgspec.structs import fields, replace

from fiscal.domain.document import (
    CARRIED_DOCUMENTS,
    CARRIED_PAYMENTS,
    KIND_OF,
    ONLINE,
    TYPE_OF,
    Delivery,
    Document,
    DocumentKind,
    carries_sign,
    kind_of,
    total_of,
)
from fiscal.domain.receipt import PaymentKind
from tests.documents import (
    ONE_OF_EACH,
    annulment,
    close_shift,
    correction,
    deposit,
    receipt,
    void,
    withdrawal,
)


@pytest.mark.parametrize(
    ("document", "kind", "total", "signed"),
    [
        (receipt(), "receipt", 10_000, True),
        (correction(), "correction", 25_000, True),
        (deposit(), "deposit", 50_000, False),
        (withdrawal(), "withdrawal", 20_000, False),
        (close_shift(), "close_shift", 0, False),
        (void(), "void", 0, False),
        (annulment(), "annulment", 10_000, False),
    ],
)
def test_each_kind(document: Document, kind: str, total: int, signed: bool):
    assert kind_of(document) == kind
    assert total_of(document) == total
    assert carries_sign(DocumentKind(kind)) is signed


def test_every_kind_has_one_class_and_every_class_one_kind():
    assert set(TYPE_OF) == set(DocumentKind) == set(KIND_OF.values())
    assert {TYPE_OF[kind]: kind for kind in DocumentKind} == dict(KIND_OF)
    assert {type(document) for document in ONE_OF_EACH} == set(KIND_OF)


@pytest.mark.parametrize("document", ONE_OF_EACH, ids=lambda document: kind_of(document).value)
def test_a_document_is_frozen_and_equal_by_value(document: Document):
    assert document == replace(document)
    assert document != replace(document, number=2)
    for entry in fields(document):
        with pytest.raises(AttributeError):
            setattr(document, entry.name, None)


@pytest.mark.parametrize("document", ONE_OF_EACH, ids=lambda document: kind_of(document).value)
def test_delivery_facts_lie_outside_the_content(document: Document):
    assert {entry.name for entry in fields(document)}.isdisjoint({"autonomous", "autonomous_sign", "period", "sign"})


def test_online_means_that_there_is_nothing_to_add():
    assert Delivery() == ONLINE == Delivery(autonomous=False, autonomous_sign=None, period=None)


def test_which_protocol_carries_what():
    for protocol in ("native", "http"):
        assert CARRIED_PAYMENTS[protocol] == set(PaymentKind)
        assert CARRIED_DOCUMENTS[protocol] == set(DocumentKind) - {DocumentKind.ANNULMENT}
    assert set(PaymentKind) - CARRIED_PAYMENTS["kz"] == {PaymentKind.ADVANCE}
    assert set(DocumentKind) - CARRIED_DOCUMENTS["kz"] == {
        DocumentKind.CORRECTION,
        DocumentKind.VOID,
        DocumentKind.ANNULMENT,
    }
