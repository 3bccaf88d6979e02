"""Reading never trusts, writing is canonical."""

import tracemalloc
from types import MappingProxyType
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.domain.document import Delivery
from fiscal.domain.messages import Information, Ping
from fiscal.domain.receipt import Cashier, Receipt
from fiscal.errors import RemoteProtocolError
from fiscal.protocols.values import ERRORS_MAX, as_map, described, from_map, pack, refuse_unknown, unpack

_PACKABLE = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def refused(data: bytes) -> str:
    with pytest.raises(RemoteProtocolError) as caught:
        unpack(data, "body")
    assert (caught.value.code, caught.value.field) == ("bad_request", "body")
    return caught.value.text


@given(st.dictionaries(st.text(), _PACKABLE))
def test_what_msgpack_packs_is_unpacked(value):
    assert unpack(msgpack.packb(value), "body") == value


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x81",
        b"\x80\x80",  # something behind the map
        b"\xc1",  # a byte that msgpack never uses
        b"\x81\x01\x02",  # a number as key
        b"\x81\xa1a\xd4\x05\x00",  # extension types
        b"\x81\xa1a\xc7\x00\x05",
        msgpack.packb({"a": msgpack.Timestamp(1, 1)}),
        b"\x81\xa1a\xa1\xff",  # text that is no UTF-8
        b"\x81\xa1\xff\x01",
        b"\xdf\xff\xff\xff\xff",  # four thousand million entries
        b"\xdd\xff\xff\xff\xff",
        b"\xdb\xff\xff\xff\xff",
        b"\x81\xa1a" * 5_000,
        b"\x81\xa1a" + b"\x91" * 300_000,
    ],
)
def test_hostile_bytes_are_refused(data):
    assert refused(data).startswith("cannot be read: ")


@pytest.mark.parametrize("data", [b"\x82\xa1a\x01\xa1a\x02", b"\x81\xa1a\x82\xa1b\x01\xa1b\x01"])
def test_a_repeated_key_is_refused(data):
    assert refused(data) == "cannot be read: a key stands twice in a map"


@pytest.mark.parametrize(
    ("data", "text"), [(b"\x90", "must be a map, is an array of 0 entries"), (b"\xc0", "must be a map, is nil")]
)
def test_what_is_no_map_is_refused(data, text):
    assert refused(data) == text


def test_a_map_that_nests_deep_is_read_or_refused_and_nothing_else():
    for depth in range(0, 3_000, 100):
        data = b"\x81\xa1a" * depth + b"\x80"
        text = ""
        try:
            unpack(data, "body")
        except RemoteProtocolError as error:
            text = error.text
        assert text == "" or text.startswith("cannot be read: ")
        assert text == "" or depth > 100


def test_announced_arrays_do_not_take_memory():
    nested = b"\xdc\x01\xf4" * 500  # 500 arrays in each other, each of which announces 500 entries
    tracemalloc.start()
    refused(nested)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 1024 * 1024


def test_a_message_that_is_all_wrong_is_not_told_field_by_field():
    wrong = {f"field{place}": 1 for place in range(ERRORS_MAX)}
    with pytest.raises(RemoteProtocolError) as caught:
        from_map(Ping, wrong)
    assert caught.value.field == "field0"
    with pytest.raises(RemoteProtocolError) as caught:
        from_map(Ping, {**wrong, "one more": 1})
    assert (caught.value.field, caught.value.text) == ("body", f"{ERRORS_MAX + 1} fields are wrong or missing")
    with pytest.raises(RemoteProtocolError) as caught:
        from_map(Receipt, {"items": [{}] * 100}, "content")
    assert caught.value.field == "content"


def test_the_path_begins_where_the_map_stands():
    with pytest.raises(RemoteProtocolError) as caught:
        from_map(Delivery, {"autonomous_sign": 0}, "delivery")
    assert str(caught.value) == "bad_request: delivery.autonomous_sign: must be at least 1, is the integer 0"


def test_a_value_that_is_no_map():
    not_a_map: Any = [1]
    with pytest.raises(RemoteProtocolError) as caught:
        from_map(Delivery, not_a_map, "delivery")
    assert str(caught.value) == "bad_request: delivery: must be a map, is an array of 1 entries"


def test_a_rule_without_words_of_ours_is_told_in_pydantics():
    surrogate = "\ud800"
    with pytest.raises(RemoteProtocolError) as caught:
        from_map(Cashier, {"code": 1, "name": surrogate})
    assert caught.value.field == "name"
    caught.value.text.encode()  # what is told can be sent


def test_unknown_names_are_told_so_that_they_can_be_printed():
    refuse_unknown({})
    with pytest.raises(RemoteProtocolError) as caught:
        refuse_unknown({"\ud800\x00": 1})
    assert caught.value.field == "??"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nil"),
        (True, "true"),
        (False, "false"),
        (-5, "the integer -5"),
        (0.5, "the float 0.5"),
        ("x", "text 'x'"),
        ("x" * 41, "text 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… of 41 characters"),
        (b"xy", "binary of 2 bytes"),
        ([1], "an array of 1 entries"),
        ({}, "a map of 0 entries"),
    ],
)
def test_what_came_is_described(value, words):
    assert described(value) == words


def test_a_free_map_is_written_sorted():
    information = Information(
        at=1,
        last_number=0,
        last_shift=0,
        shift_opened_at=None,
        last_autonomous_sign=0,
        counters=MappingProxyType({"b": 1, "a": 2}),
    )
    assert list(msgpack.unpackb(pack(information))["counters"]) == ["a", "b"]
    assert pack(information) == pack(Information(**{**as_map(information), "counters": {"b": 1, "a": 2}}))


def test_a_required_field_is_written_even_when_it_is_nil():
    information = Information(at=1, last_number=0, last_shift=0, shift_opened_at=None, last_autonomous_sign=0)
    assert as_map(information) == {
        "at": 1,
        "last_number": 0,
        "last_shift": 0,
        "shift_opened_at": None,
        "last_autonomous_sign": 0,
    }
