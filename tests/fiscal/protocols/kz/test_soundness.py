"""The quick look never passes what the long look would refuse."""

from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from hypothesis import given
from hypothesis import strategies as st

from fiscal.protocols.kz.schema.v202 import kkm_pb2 as v202
from fiscal.protocols.kz.schema.v203 import kkm_pb2 as v203
from fiscal.protocols.kz.soundness import (
    LOOKED_INTO_MAX,
    Fault,
    Reader,
    may_be_out_of_range,
    missing_in,
    no_utf8_in,
    out_of_range_in,
    text_check,
    write,
)

MONEY: Any = Reader(v203.Money)
PAIR: Any = Reader(v203.KeyValuePair)
AUTH: Any = Reader(v203.AuthResponse)


# ------------------------------------------------------------------------------------------------------------ numbers


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1))
def test_every_number_out_of_range_is_suspicious(bills, coins):
    message = v203.Money(bills=bills, coins=coins)
    wrong = bills >= 2**63 or coins >= 2**31
    assert (out_of_range_in(message) is not None) == wrong
    assert may_be_out_of_range(message.SerializeToString()) or not wrong
    assert isinstance(write(message), Fault) == wrong


EDGES = [0, 127, 128, 2**14, 2**21, 2**28 - 1, 2**28, 2**31 - 1, 2**31, 2**32 - 1, 2**35, 2**63 - 1, 2**63, 2**64 - 1]


@pytest.mark.parametrize("value", EDGES)
def test_edges_of_a_long_number(value):
    read = MONEY.read(v203.Money(bills=value, coins=1).SerializeToString())
    if value < 2**63:
        assert read == v203.Money(bills=value, coins=1)
    else:
        assert read == Fault("bills", f"must be at most 9223372036854775807, is {value}")


@pytest.mark.parametrize("value", [value for value in EDGES if value < 2**32])
def test_edges_of_a_short_number(value):
    read = MONEY.read(v203.Money(bills=1, coins=value).SerializeToString())
    if value < 2**31:
        assert read == v203.Money(bills=1, coins=value)
    else:
        assert read == Fault("coins", f"must be at most 2147483647, is {value}")


@pytest.mark.parametrize(
    ("encoded", "coins"),
    [
        ("8180808000", 1),  # more bytes than it takes
        ("81808080808080808000", 1),
        ("8180808010", 1),  # more bits than the field has: protobuf cuts them off
        ("818080808020", 1),
        ("8180808018", None),
        ("81808080f8ffffffff01", None),
    ],
)
def test_numbers_written_in_another_form(encoded, coins):
    read = MONEY.read(bytes.fromhex("080110" + encoded))
    if coins is None:
        assert isinstance(read, Fault)
        assert read.field == "coins"
    else:
        assert read == v203.Money(bills=1, coins=coins)


def test_a_signed_number_may_be_negative():
    position = v203.ServiceRequest.SecurityStats.GeoPosition(latitude=-(2**31), longitude=-1)
    written = position.SerializeToString()
    assert may_be_out_of_range(written)
    assert Reader(type(position)).read(written) == position


def test_cyrillic_before_a_low_byte_is_suspicious_and_right():
    ticket = v203.TicketAd(text="Чек\n")
    ticket.info.type, ticket.info.version = 0, 1
    written = ticket.SerializeToString()
    assert may_be_out_of_range(written)
    assert write(ticket) == written


# -------------------------------------------------------------------------------------------------------------- texts


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (b"", True),
        (b"abc", True),
        ("Тоо «Тест» 🧾".encode(), True),
        (b"\x00", True),
        (b"\xff", False),
        (b"\xd0", False),
        (b"\xc0\x80", False),  # zero, too long
        (b"\xed\xa0\x80", False),  # half of a pair
        (b"\xf4\x90\x80\x80", False),  # beyond Unicode
        ("Хлеб".encode("cp1251"), False),
    ],
)
def test_what_is_utf8(text, right):
    body = b"\x0a" + bytes([len(text)]) + text
    read = PAIR.read(body)
    if right:
        assert read == v203.KeyValuePair(key=text.decode())
    else:
        assert read == Fault("key", "is no UTF-8")


def deep(schema):
    """A request with a text in every place of the schema that texts can be in, in either root."""
    request = schema.Request(command=1)
    fill(request)
    response = schema.Response(command=1)
    fill(response)
    return request, response


def fill(message):
    for field in message.DESCRIPTOR.fields:
        value = getattr(message, field.name)
        if field.message_type is not None:
            fill(value.add() if field.is_repeated else value)
        elif field.is_repeated:
            value.append("т" if field.type == FieldDescriptor.TYPE_STRING else 1)
        elif field.type == FieldDescriptor.TYPE_STRING:
            setattr(message, field.name, "т")
        elif field.type == FieldDescriptor.TYPE_BYTES:
            setattr(message, field.name, b"\xff")
        elif field.enum_type is not None:
            setattr(message, field.name, field.enum_type.values[0].number)
        else:
            setattr(message, field.name, 1)


@pytest.mark.parametrize("root", [*deep(v202), *deep(v203)], ids=lambda root: root.DESCRIPTOR.full_name)
def test_every_text_of_the_schema_is_looked_at(root):
    """One letter after the other is broken, and each time the path of its field is found."""
    body = root.SerializeToString()
    reader = Reader(type(root))
    assert reader.read(body) == root
    letter = "т".encode()
    places = [place for place in range(len(body)) if body.startswith(b"\x02" + letter, place)]
    found = set()
    for place in places:
        broken = reader.read(body[: place + 1] + b"\xd1\xd1" + body[place + 3 :])
        assert isinstance(broken, Fault)
        assert broken.rule == "is no UTF-8"
        found.add(broken.field)
    assert len(found) == len(places) > 20


def test_the_check_of_texts_knows_nothing_of_the_rest():
    is_utf8 = text_check(v203.Request.DESCRIPTOR)
    assert is_utf8(b"")
    assert is_utf8(v203.Money(bills=2**64 - 1, coins=2**32 - 1).SerializeToString())


# --------------------------------------------------------------------------------------------------------------- gaps


@pytest.mark.parametrize("root", [*deep(v202), *deep(v203)], ids=lambda root: root.DESCRIPTOR.full_name)
def test_every_required_field_is_looked_for(root):
    reader = Reader(type(root))
    paths = list(required_in(root, ()))
    for path in paths:
        gap = type(root).FromString(root.SerializeToString())
        *outer, name = path
        part = gap
        for step in outer:
            part = getattr(part, step)
            part = part if hasattr(part, "DESCRIPTOR") else part[0]
        part.ClearField(name)
        fault = reader.read(gap.SerializePartialToString())
        assert (fault.field.replace("[0]", ""), fault.rule) == (".".join(path), "is required and missing")
        assert write(gap) == fault
    assert len(paths) > 50


def required_in(message, path):
    """The paths of all required fields of a filled message."""
    for field, value in message.ListFields():
        if field.is_required:
            yield (*path, field.name)
        if field.message_type is not None:
            yield from required_in(value[0] if field.is_repeated else value, (*path, field.name))


def test_the_first_gap_of_many_is_named():
    request = v203.Request(command=1)
    request.ticket.operation = 2
    request.ticket.items.add(type=1)
    item = request.ticket.items.add(type=1)
    item.commodity.section_code = "1"
    assert missing_in(request).field == "ticket.date_time"
    fill(request.ticket.date_time)
    fill(request.ticket.operator)
    fill(request.ticket.amounts)
    assert missing_in(request).field == "ticket.items[1].commodity.quantity"


@pytest.mark.parametrize(("value", "encoded"), [(2, "0802"), (300, "08ac02"), (2**64 - 1, "08ffffffffffffffffff01")])
def test_an_enum_that_is_there_with_a_value_of_another_version(value, encoded):
    read = AUTH.read(bytes.fromhex(encoded))
    assert read == Fault("result", f"is {value}, which ResultTypeEnum does not have", unknown_value=True)


def test_the_last_of_several_values_is_told():
    read = AUTH.read(bytes.fromhex("0802" + "0803"))
    assert isinstance(read, Fault)
    assert read.rule.startswith("is 3,")


def test_the_same_number_in_another_form_is_no_value():
    assert AUTH.read(bytes.fromhex("0a0102")) == Fault("result", "is required and missing")


def test_a_large_message_is_not_looked_into():
    small, large = (bytes.fromhex("0802") + bytes.fromhex("7801") * (size // 2 - 1) for size in (4096, 4098))
    assert AUTH.read(small).unknown_value
    assert len(small) == LOOKED_INTO_MAX
    assert AUTH.read(large) == Fault("result", "is required and missing")


def test_optional_enums_with_unknown_values_are_absent_and_kept():
    written = bytes.fromhex("0800" + "2009")  # OK, and a role 9
    read = AUTH.read(written)
    assert list(read.roles) == []
    assert read.SerializeToString() == written


# ---------------------------------------------------------------------------------------------------------- any bytes


def test_what_is_no_message():
    assert MONEY.read(b"\x08") == Fault("body", "is no kz.kazakhtelecom.proto.v203.Money")
    assert Reader(v202.Money).read(b"\x0b\x0c\x0d") == Fault("body", "is no kkm.proto.Money")


@given(st.binary(max_size=60))
def test_any_bytes(body):
    for reader in (MONEY, PAIR, AUTH):
        read = reader.read(body)
        if not isinstance(read, Fault):
            written = write(read)
            assert isinstance(written, bytes)
            assert reader.read(written) == read


def test_the_long_look_trusts_the_quick_one():
    with pytest.raises(AssertionError):
        missing_in(v203.Money(bills=1, coins=1))
    with pytest.raises(AssertionError):
        no_utf8_in(v203.KeyValuePair(key="a"))
