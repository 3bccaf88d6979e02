"""The content of a document: bytes that stay for ever, compared by their meaning."""

from typing import Any

import msgpack
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from fiscal.domain.document import KIND_OF, CloseShift, Deposit, Document
from fiscal.domain.receipt import Receipt
from fiscal.errors import RemoteProtocolError
from fiscal.protocols.content import (
    CONTENT_SIZE_MAX,
    body_of,
    content_difference,
    content_of,
    decode_content,
    document_from_map,
    encode_content,
    read_fast,
    same_content,
)
from fiscal.protocols.values import pack, unpack
from tests.documents import item, receipt, receipts
from tests.fiscal.protocols.samples import (
    CLOSE_SHIFT,
    DEPOSIT,
    DOCUMENTS,
    RECEIPT,
    RETURN,
    WITHDRAWAL,
    document_id,
)


def entries(document: Document) -> dict[str, Any]:
    unpacked: dict[str, Any] = msgpack.unpackb(encode_content(document))
    return unpacked


def refused(content: bytes) -> tuple[str, str]:
    with pytest.raises(RemoteProtocolError) as caught:
        decode_content(content)
    assert caught.value.code == "bad_request"
    assert len(caught.value.field) <= 1024
    assert len(caught.value.text) <= 1024
    return caught.value.field, caught.value.text


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: KIND_OF[type(document)])
def test_there_and_back(document):
    assert decode_content(encode_content(document)) == document


@given(st.from_type(Document))  # type: ignore[arg-type]  # a union is no class, and Hypothesis takes it
def test_any_document_there_and_back(document):
    content = encode_content(document)
    decoded = decode_content(content)
    assert decoded == document
    assert type(decoded) is type(document)
    assert encode_content(decoded) == content


def slowly(content: bytes) -> Document:
    return document_from_map(unpack(content, "content"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: KIND_OF[type(document)])
def test_the_canonical_form_is_read_fast(document):
    assert read_fast(encode_content(document)) == document


@given(st.from_type(Document), st.data())  # type: ignore[arg-type]  # as above
def test_the_fast_reader_takes_nothing_that_the_slow_one_reads_otherwise(document, data):
    content = bytearray(encode_content(document))
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
    altered = bytes(content)
    found = read_fast(altered)
    if found is not None:
        assert found == slowly(altered)


_ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 2**53, 2**64 - 1, 1.0, "", "x" * 257, "vat", b"", bytes(16), [], {}, [{}]]
)


@given(st.from_type(Document), st.data())  # type: ignore[arg-type]  # as above
def test_both_readers_agree_on_every_change_of_a_field(document, data):
    unpacked = entries(document)
    target: Any = unpacked
    while True:
        key = data.draw(st.sampled_from(list(target) if isinstance(target, dict) else range(len(target))))
        if not (isinstance(target[key], dict | list) and target[key] and data.draw(st.booleans())):
            break
        target = target[key]
    target[key] = data.draw(_ODD)
    altered = msgpack.packb(unpacked)
    found = read_fast(altered)
    if found is not None:
        assert found == slowly(altered)
    else:
        expected = outcome(slowly, altered)
        assert outcome(decode_content, altered) == expected


def outcome(read: Any, content: bytes) -> Any:
    try:
        return read(content)
    except RemoteProtocolError as error:
        return error.code, error.field, error.text


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: KIND_OF[type(document)])
def test_a_class_knows_the_word_for_its_kind(document):
    assert type(document).__struct_config__.tag == KIND_OF[type(document)]


def test_the_canonical_form_is_kind_then_the_fields_in_order_without_defaults():
    assert list(entries(DEPOSIT)) == ["kind", "id", "number", "shift", "issued_at", "cashier", "sum"]
    assert entries(RECEIPT)["items"][0] == {
        "name": "Хлеб бородинский 0",
        "price": 15_000,
        "quantity": 1_000,
        "sum": 15_000,
        "taxes": [{"rate": 16_000, "base": 15_000, "sum": 2_069}],
    }


def test_the_canonical_form_sorts_counters():
    other_way_round = replace(CLOSE_SHIFT, counters=dict(reversed(CLOSE_SHIFT.counters.items())))
    assert list(entries(other_way_round)["counters"]) == ["cash_sum", "revenue"]
    assert encode_content(other_way_round) == encode_content(CLOSE_SHIFT)


@given(receipts())
def test_the_fast_writer_writes_as_the_slow_one(document):
    assert encode_content(document) == pack(document)


@pytest.mark.parametrize(
    "field", [{"unit": msgspec.json.decode(b'"796"')}, {"section": msgspec.json.decode(b'"1"')}, {"unit": "166"}]
)
def test_a_default_that_is_another_text_of_the_same_letters_is_left_out_as_well(field):
    line = item(**field)
    assert encode_content(receipt(items=(line, line))) == pack(receipt(items=(line, line)))


def test_another_packing_of_the_same_values_is_the_same_document():
    unpacked = entries(RECEIPT)
    spelled_out = {**dict(reversed(unpacked.items())), "discount": 0, "customer": None, "domain": "trading"}
    theirs = msgpack.packb(spelled_out)
    assert theirs != encode_content(RECEIPT)
    assert decode_content(theirs) == RECEIPT
    assert same_content(encode_content(RECEIPT), theirs)
    assert content_difference(encode_content(RECEIPT), theirs) == []


def test_a_longer_integer_is_the_same_integer():
    theirs = encode_content(replace(DEPOSIT, sum=5)).replace(b"\xa3sum\x05", b"\xa3sum\xcd\x00\x05")
    assert decode_content(theirs) == replace(DEPOSIT, sum=5)


@pytest.mark.parametrize(
    ("ours", "theirs", "difference"),
    [
        (RECEIPT, replace(RECEIPT, total=1, taken=None), ["total: 45000 != 1", "taken: 50000 != absent"]),
        (
            RECEIPT,
            replace(RECEIPT, items=RECEIPT.items[:2]),
            [
                "items[2].name: Хлеб бородинский 2 != absent",
                "items[2].price: 15000 != absent",
                "items[2].quantity: 1000 != absent",
                "items[2].sum: 15000 != absent",
                "items[2].section: 1 != absent",
                "items[2].unit: 796 != absent",
                "items[2].discount: 0 != absent",
                "items[2].markup: 0 != absent",
                "items[2].taxes[0].rate: 16000 != absent",
                "items[2].taxes[0].base: 15000 != absent",
                "items[2].taxes[0].sum: 2069 != absent",
                "items[2].taxes[0].inside: True != absent",
                "items[2].taxes[0].kind: vat != absent",
                "items[2].storno: False != absent",
            ],
        ),
        (DEPOSIT, replace(DEPOSIT, id=document_id(2)), [f"id: {document_id(1).hex()} != {document_id(2).hex()}"]),
        (
            CLOSE_SHIFT,
            replace(CLOSE_SHIFT, counters={"revenue": -5, "more": 1}),
            ["counters.cash_sum: 999998 != absent", "counters.more: absent != 1"],
        ),
        (
            WITHDRAWAL,
            Deposit(**asdict(WITHDRAWAL)),
            ["kind: withdrawal != deposit"],
        ),
    ],
)
def test_a_difference_is_told_by_its_fields(ours, theirs, difference):
    assert content_difference(encode_content(ours), encode_content(theirs)) == difference
    assert not same_content(encode_content(ours), encode_content(theirs))


@pytest.mark.parametrize("compare", [same_content, content_difference])
def test_what_is_no_document_cannot_be_compared(compare):
    with pytest.raises(RemoteProtocolError):
        compare(encode_content(RECEIPT), b"\x80")


@pytest.mark.parametrize("kind", [None, 5, [], {}, b"receipt", "RECEIPT", ""])
def test_an_unknown_kind(kind):
    field, text = refused(msgpack.packb({**entries(DEPOSIT), "kind": kind}))
    assert (field, text) == (
        "kind",
        "must be one of receipt, correction, deposit, withdrawal, close_shift, void, annulment",
    )


def test_no_kind():
    unpacked = entries(DEPOSIT)
    del unpacked["kind"]
    assert refused(msgpack.packb(unpacked))[0] == "kind"


@pytest.mark.parametrize(
    ("change", "field", "text"),
    [
        ({"total": -1}, "total", "must be at least 0, is the integer -1"),
        ({"total": 2**53}, "total", "must be at most 9007199254740991, is the integer 9007199254740992"),
        ({"total": 2**64 - 1}, "total", "must be at most 9007199254740991, is the integer 18446744073709551615"),
        ({"total": 450.0}, "total", "must be an integer, is the float 450.0"),
        ({"total": float("nan")}, "total", "must be an integer, is the float nan"),
        ({"total": "45000"}, "total", "must be an integer, is text '45000'"),
        ({"total": True}, "total", "must be an integer, is true"),
        ({"total": None}, "total", "must be an integer, is nil"),
        ({"number": 0}, "number", "must be at least 1, is the integer 0"),
        ({"issued_at": 2**60}, "issued_at", "must be at most 253402214399999, is the integer 1152921504606846976"),
        ({"id": b"short"}, "id", "must have at least 16 bytes, is binary of 5 bytes"),
        ({"id": bytes(17)}, "id", "must have at most 16 bytes, is binary of 17 bytes"),
        ({"id": "0" * 16}, "id", "must be binary, is text '0000000000000000'"),
        ({"cashier": None}, "cashier", "must be a map, is nil"),
        ({"cashier": {"code": 1, "name": ""}}, "cashier.name", "must have at least 1 characters, is text ''"),
        (
            {"cashier": {"code": 1, "name": "я" * 257}},
            "cashier.name",
            "must have at most 256 characters, is text 'яяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяя… of 257 characters",
        ),
        ({"cashier": {"code": 1, "name": b"x"}}, "cashier.name", "must be text, is binary of 1 bytes"),
        ({"cashier": {"code": 1}}, "cashier.name", "is missing"),
        (
            {"operation": "sale"},
            "operation",
            "must be one of 'sell', 'sell_return', 'buy' or 'buy_return', is text 'sale'",
        ),
        ({"items": []}, "items", "must have at least 1 entries, is an array of 0 entries"),
        ({"items": {}}, "items", "must be an array, is a map of 0 entries"),
        ({"items": [5]}, "items[0]", "must be a map, is the integer 5"),
        (
            {"payments": [{"kind": "cash", "sum": 1}] * 7},
            "payments",
            "must have at most 6 entries, is an array of 7 entries",
        ),
        ({"payments": [{"kind": "gold", "sum": 1}]}, "payments[0].kind", None),
        ({"colour": 5}, "colour", "is no field of this message"),
        ({"colour\n" * 20: 5}, "colour?" * 9 + "…", "is no field of this message"),
        ({b"colour": 5}, None, "is no field of this message"),
    ],
)
def test_a_wrong_field_is_named_with_its_rule(change, field, text):
    told = refused(msgpack.packb({**entries(RECEIPT), **change}))
    assert field in (None, told[0])
    assert text in (None, told[1])


def test_the_path_goes_through_items():
    unpacked = entries(RECEIPT)
    unpacked["items"][2]["taxes"][0]["sum"] = "1"
    assert refused(msgpack.packb(unpacked))[0] == "items[2].taxes[0].sum"


def test_a_wrong_counter_is_named():
    unpacked = entries(CLOSE_SHIFT)
    unpacked["counters"]["cash_sum"] = 1.5
    assert refused(msgpack.packb(unpacked)) == ("counters.cash_sum", "must be an integer, is the float 1.5")


@pytest.mark.parametrize("kind", [Receipt, CloseShift])
def test_a_document_of_one_kind_is_none_of_another(kind):
    unpacked = {**entries(RETURN), "kind": KIND_OF[kind]}
    if kind is Receipt:
        assert decode_content(msgpack.packb(unpacked)) == RETURN
    else:
        refused(msgpack.packb(unpacked))


def test_the_largest_content_is_below_a_frame():
    assert CONTENT_SIZE_MAX == 255 * 1024


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 65_535, 65_536])
def test_a_body_with_nothing_but_a_content(size):
    content = bytes(size)
    body = body_of(content)
    assert body == msgpack.packb({"content": content})
    assert content_of(body) == (content if 256 <= size <= 65_535 else None)


@given(st.binary(min_size=256, max_size=300), st.data())
def test_what_is_cut_out_of_a_body_is_what_unpacking_gives(content, data):
    body = bytearray(body_of(content))
    for _ in range(data.draw(st.integers(0, 2))):
        place = data.draw(st.integers(0, 14))
        body[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    found = content_of(bytes(body))
    if found is not None:
        assert unpack(bytes(body), "body") == {"content": found}
