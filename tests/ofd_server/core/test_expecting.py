"""What is like what is expected, and what the closest thing differs in."""

import re

import pytest

from fiscal.domain.document import DocumentKind
from fiscal.errors import InvalidValue
from ofd_server.core.expecting import KNOWN, MISSING, at, explain, fields, match
from tests.contract.books import recorded
from tests.documents import T0, deposit, receipt

SALE = {
    "kind": "receipt",
    "register": "till-1",
    "operation": "sell",
    "number": 1,
    "total": 250_00,
    "autonomous": False,
    "sign": "123456789012",
    "payments": [{"kind": "cash", "sum": 250_00}],
    "items": [{"name": "Хлеб", "price": 250_00}],
    "taxes": [],
}


def is_like(expected, document=SALE):
    return bool(match(expected, [document]).matched)


@pytest.mark.parametrize(
    "expected",
    [
        {},
        {"total": 250_00},
        {"kind": DocumentKind.RECEIPT},
        {"payments": [{"sum": 250_00}]},
        {"payments": ({"kind": "cash"},)},
        {"payments[0].sum": 250_00, "items[0]": {"name": re.compile("^Хл")}},
        {"taxes": []},
        {"sign": ...},
        {"total": lambda total: total > 100_00},
        {"operation": {"sell", "buy"}},
        {"operation": frozenset((re.compile("return"), "sell"))},
        {"autonomous": False},
    ],
)
def test_what_is_like_it(expected):
    assert is_like(expected)


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ({"payments": [{"sum": 450_00}]}, "payments[0].sum: 25000, expected 45000"),
        ({"payments[1].sum": 1}, "payments[1].sum: nothing, expected 1"),
        ({"payments.sum": 1}, "payments.sum: nothing, expected 1"),
        ({"total": {"sum": 1}}, "total: 25000, expected {'sum': 1}"),
        ({"total": [1]}, "total: 25000, expected [1]"),
        ({"payments": [{}, {}]}, "payments: 1 of them, expected 2"),
        ({"items": [{"name": re.compile("^Мол")}]}, "items[0].name: 'Хлеб', expected like /^Мол/"),
        ({"total": re.compile("250")}, "total: 25000, expected like /250/"),
        ({"operation": {"buy"}}, "operation: 'sell', expected one of 'buy'"),
        ({"period": ...}, "period: nothing, expected anything"),
        ({"number": lambda _number: False}, "number: 1, expected what <lambda> takes"),
        ({"autonomous": 0}, "autonomous: False, expected 0"),
        ({"number": True}, "number: 1, expected True"),
        ({"kind": DocumentKind.DEPOSIT}, "kind: 'receipt', expected 'deposit'"),
        ({"digest": b"\x01"}, r"digest: nothing, expected b'\x01'"),
    ],
)
def test_what_differs(expected, told):
    found = match(expected, [SALE])
    assert not found.matched
    assert str(found.misses[0].differences[0]).startswith(told)


def test_a_value_of_none_is_not_anything():
    assert not is_like({"sign": ...}, {**SALE, "sign": None})
    assert is_like({"sign": None}, {**SALE, "sign": None})


def test_bytes_are_compared_with_the_digits_that_stand_for_them():
    assert is_like({"id": b"\x01\xff"}, {**SALE, "id": "01ff"})


def test_a_long_value_is_cut():
    found = match({"total": list(range(100))}, [SALE])
    assert str(found.misses[0].differences[0]).endswith("...")


# ------------------------------------------------------------------------------------------------------- explaining


def explained(expected, documents, wanted="at least 1"):
    names = [f"{document['kind']} {document['number']}" for document in documents]
    return explain(match(expected, documents), names, wanted)


def test_the_closest_is_the_one_of_the_right_kind():
    """A deposit with the right number is not what somebody meant who expects a receipt."""
    documents = [{**SALE, "total": 1, "number": 7}, {**SALE, "kind": "deposit"}, {**SALE, "register": "till-2"}]
    text = explained({"kind": "receipt", "register": "till-1", "total": 250_00}, documents)
    assert text.splitlines() == [
        "no document is like kind='receipt', register='till-1', total=25000; expected at least 1",
        "3 documents came; the closest differs in total: 1, expected 25000",
        "  receipt 7: total: 1, expected 25000",
        "  receipt 1: register: 'till-2', expected 'till-1'",
        "  deposit 1: kind: 'deposit', expected 'receipt'",
    ]


def test_of_equally_close_ones_the_last_is_told_first():
    misses = match({"total": 3}, [SALE, SALE]).misses
    assert [miss.place for miss in misses] == [1, 0]


def test_few_documents_and_few_differences_are_shown():
    text = explained({"total": 1, "number": 9, "shift": 9, "digest": "x", "id": "y"}, [SALE] * 5)
    assert "and in 2 more" in text
    assert text.splitlines()[-1] == "  and 2 more"


def test_nothing_came():
    assert explained({}, []) == "no document is like anything; expected at least 1\nno document came"


def test_too_many_came():
    text = explained({"total": 250_00}, [SALE] * 5, wanted="1")
    assert text.splitlines() == [
        "5 documents are like total=25000; expected 1",
        *["  receipt 1"] * 3,
        "  and 2 more",
    ]
    assert explained({"total": 250_00}, [SALE], "2").startswith("1 document is like")
    found = match({"total": 250_00}, [SALE, {**SALE, "total": 1}])
    assert "closest" not in explain(found, ["a", "b"], "none", too_many=True)
    assert "closest" in explain(found, ["a", "b"], "2")


def test_a_field_that_no_document_has_is_told_at_once():
    with pytest.raises(InvalidValue, match="did you mean 'total'"):
        match({"totl": 1}, [])
    with pytest.raises(InvalidValue, match=r"they have .*cashier.*"):
        match({"wxyz": 1}, [])
    with pytest.raises(InvalidValue, match="no field ''"):
        match({"": 1}, [])


# ------------------------------------------------------------------------------------------------ real documents


def test_every_field_of_a_document_is_known():
    sale = receipt()
    entry = recorded(sale)
    found = fields(1, "till-1", entry)
    assert found.keys() <= KNOWN
    assert found["register"], found["total"] == ("till-1", sale.total)
    assert found["issued_at"] >= T0
    assert at(found, "items[0].name")
    assert at(found, "items[99].name") is MISSING
    assert fields(1, "till-1", recorded(deposit())).keys() <= KNOWN
