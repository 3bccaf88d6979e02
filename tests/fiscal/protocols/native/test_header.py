"""Sixteen bytes, checked before anything is believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.errors import RemoteProtocolError
from fiscal.protocols.base import FATAL, ErrorCode
from fiscal.protocols.native.header import (
    BODY_SIZE_MAX,
    HEADER_SIZE,
    Header,
    number_in,
    parse_header,
    serialize_header,
)

GOOD = bytes.fromhex("4d4f4644 01 00 0002 000001f0 00000007")


def test_the_layout():
    assert parse_header(GOOD) == Header(is_answer=False, kind=2, body_size=0x1F0, number=7)
    assert serialize_header(2, 0x1F0, 7) == GOOD


def test_an_answer_has_its_flag():
    data = serialize_header(0x82, 1, 7)
    assert data == bytes.fromhex("4d4f4644 01 01 0082 00000001 00000007")
    assert parse_header(data).is_answer


@given(st.integers(0, 0xFF), st.integers(0, BODY_SIZE_MAX), st.integers(0, 2**32 - 1))
def test_there_and_back(kind, body_size, number):
    assert parse_header(serialize_header(kind, body_size, number)) == Header(kind >= 0x80, kind, body_size, number)


def changed(at: int, replacement: str) -> bytes:
    new = bytes.fromhex(replacement)
    return GOOD[:at] + new + GOOD[at + len(new) :]


@pytest.mark.parametrize(
    ("data", "code", "number"),
    [
        (changed(0, "474554202f"), "bad_magic", None),  # GET /
        (changed(0, "160301"), "bad_magic", None),  # TLS
        (changed(4, "00"), "unsupported_version", 7),
        (changed(4, "02"), "unsupported_version", 7),
        (changed(5, "02"), "bad_flags", None),
        (changed(5, "80"), "bad_flags", None),
        (changed(5, "01"), "bad_flags", None),
        (changed(6, "0082"), "bad_flags", 7),
        (changed(8, "0003fff1"), "too_large", 7),
        (changed(8, "ffffffff"), "too_large", 7),
    ],
)
def test_a_wrong_header_ends_the_session(data, code, number):
    with pytest.raises(RemoteProtocolError) as caught:
        parse_header(data)
    assert caught.value.code == code
    assert code in FATAL
    assert caught.value.field.startswith("header.")
    assert number_in(data) == number


def test_the_largest_body():
    assert parse_header(changed(8, "0003fff0")).body_size == BODY_SIZE_MAX == 256 * 1024 - HEADER_SIZE


@given(st.binary(min_size=HEADER_SIZE, max_size=HEADER_SIZE))
def test_any_sixteen_bytes(data):
    try:
        header = parse_header(data)
    except RemoteProtocolError as error:
        code = error.code
    else:
        code = ErrorCode.TRUNCATED
        assert 0 <= header.body_size <= BODY_SIZE_MAX
    assert code in FATAL
