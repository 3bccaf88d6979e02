"""Eighteen bytes, checked before anything is believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.errors import LocalProtocolError, RemoteProtocolError
from fiscal.protocols.base import FATAL, ErrorCode
from fiscal.protocols.kz.header import (
    BODY_SIZE_MAX,
    FRAME_SIZE_MAX,
    HEADER_SIZE,
    KNOWN_VERSIONS,
    Header,
    Version,
    parse_header,
    serialize_header,
)

GOOD = bytes.fromhex("a281 cb00 14000000 94880100 15cd5b07 0200")
"""Device 100500, token 123456789, request 2, a body of 2 bytes."""


def test_the_layout():
    assert HEADER_SIZE == 18
    assert parse_header(GOOD) == Header(version=203, device_id=100500, token=123456789, number=2, body_size=2)
    assert serialize_header(Header(203, 100500, 123456789, 2, 2)) == GOOD


def changed(at: int, replacement: str) -> bytes:
    new = bytes.fromhex(replacement)
    return GOOD[:at] + new + GOOD[at + len(new) :]


def test_numbers_are_unsigned():
    data = changed(8, "ffffffff ffffffff ffff")
    assert parse_header(data) == Header(203, 2**32 - 1, 2**32 - 1, 2**16 - 1, 2)
    assert serialize_header(parse_header(data)) == data


headers = st.builds(
    Header,
    st.sampled_from(Version).map(int),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**16 - 1),
    st.integers(0, BODY_SIZE_MAX),
)


@given(headers)
def test_there_and_back(header):
    assert parse_header(serialize_header(header)) == header


@pytest.mark.parametrize(
    ("data", "code", "field"),
    [
        (changed(0, "81a2"), "bad_magic", "header.appcode"),
        (changed(0, "474554202f"), "bad_magic", "header.appcode"),  # GET /
        (changed(0, "160301"), "bad_magic", "header.appcode"),  # TLS
        (changed(0, "4d4f4644"), "bad_magic", "header.appcode"),  # our own protocol
        (changed(2, "0000"), "unsupported_version", "header.version"),
        (changed(2, "00cb"), "unsupported_version", "header.version"),
        (changed(2, "7c00"), "unsupported_version", "header.version"),
        (changed(2, "cc00"), "unsupported_version", "header.version"),
        (changed(4, "00000000"), "truncated", "header.size"),
        (changed(4, "11000000"), "truncated", "header.size"),
        (changed(4, "01001000"), "too_large", "header.size"),
        (changed(4, "ffffff7f"), "too_large", "header.size"),
        (changed(4, "ffffffff"), "too_large", "header.size"),
    ],
)
def test_a_wrong_header_ends_the_session(data, code, field):
    with pytest.raises(RemoteProtocolError) as caught:
        parse_header(data)
    assert (caught.value.code, caught.value.field) == (code, field)
    assert code in FATAL


def test_what_is_said_of_versions():
    assert KNOWN_VERSIONS == {124: "1.2.4", 202: "2.0.2", 203: "2.0.3", 204: "2.0.4"}
    with pytest.raises(RemoteProtocolError, match=r"must be 202 \(2\.0\.2\) or 203 \(2\.0\.3\), is 205$"):
        parse_header(changed(2, "cd00"))
    with pytest.raises(RemoteProtocolError, match=r"is 204 \(2\.0\.4\), which is not served$"):
        parse_header(changed(2, "cc00"))


def test_the_smallest_and_the_largest_frame():
    assert parse_header(changed(4, "12000000")).body_size == 0
    assert parse_header(changed(4, "00001000")).body_size == BODY_SIZE_MAX == FRAME_SIZE_MAX - 18


def test_we_send_no_larger_one():
    header = Header(203, 1, 1, 1, BODY_SIZE_MAX)
    assert len(serialize_header(header)) == 18
    with pytest.raises(LocalProtocolError, match=f"{BODY_SIZE_MAX + 1} bytes"):
        serialize_header(header._replace(body_size=BODY_SIZE_MAX + 1))


@given(st.binary(min_size=HEADER_SIZE, max_size=HEADER_SIZE))
def test_any_eighteen_bytes(data):
    try:
        header = parse_header(data)
    except RemoteProtocolError as error:
        code = error.code
    else:
        code = ErrorCode.TRUNCATED
        assert serialize_header(header) == data
    assert code in FATAL


@given(st.binary(min_size=14, max_size=14), st.sampled_from([b"\xca\x00", b"\xcb\x00"]))
def test_any_bytes_behind_a_right_beginning(data, version):
    whole = b"\xa2\x81" + version + data
    size = int.from_bytes(data[:4], "little")
    if HEADER_SIZE <= size <= FRAME_SIZE_MAX:
        assert serialize_header(parse_header(whole)) == whole
    else:
        with pytest.raises(RemoteProtocolError):
            parse_header(whole)
