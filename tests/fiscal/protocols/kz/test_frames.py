"""The same bytes, whole, in pieces and one by one: the same frames."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fiscal.errors import LocalProtocolError, RemoteProtocolError
from fiscal.protocols.base import FATAL
from fiscal.protocols.kz.frames import answers, frame_reader, serialize_answer, serialize_frame
from fiscal.protocols.kz.header import BODY_SIZE_MAX, Header

SYSTEM = bytes.fromhex("a281cb00140000009488010015cd5b0702000800")
REFUSAL = bytes.fromhex("a281cb00270000009488010015cd5b070400080112110802120d696e76616c696420746f6b656e")
SYSTEM_HEADER = Header(203, 100500, 123456789, 2, 2)


def cut(stream, sizes):
    """Feed the stream in pieces of these sizes, over and over; the frames, or the error that ended them."""
    reader = frame_reader()
    found = []
    place = turn = 0
    while place < len(stream):
        size = sizes[turn % len(sizes)]
        reader.feed(stream[place : place + size])
        place, turn = place + size, turn + 1
        try:
            while (frame := reader.next_frame()) is not None:
                found.append(frame)
        except RemoteProtocolError as error:
            return [*found, error.code], reader
    return found, reader


@pytest.mark.parametrize("sizes", [[1000], [1], [7], [18], [19, 1]], ids=str)
@pytest.mark.parametrize("trailing", [b"", SYSTEM[:1], SYSTEM[:17], SYSTEM[:18], SYSTEM[:19]], ids=len)
def test_both_directions_in_any_pieces(sizes, trailing):
    frames, reader = cut(SYSTEM + REFUSAL + trailing, sizes)
    assert frames == [(SYSTEM_HEADER, b"\x08\x00"), (Header(203, 100500, 123456789, 4, 21), REFUSAL[18:])]
    assert reader.is_amid_frame == bool(trailing)


def test_a_frame_without_a_body():
    stream = serialize_frame(202, 7, 8, 9, b"")
    assert len(stream) == 18
    assert cut(stream * 2, [1])[0] == [(Header(202, 7, 8, 9, 0), b"")] * 2


def test_what_comes_before_a_broken_header_is_read():
    frames, reader = cut(SYSTEM + b"GET / HTTP/1.1\r\n\r\n", [5])
    assert frames == [(SYSTEM_HEADER, b"\x08\x00"), "bad_magic"]
    assert reader.refused_header == b"GET / HTTP/1.1\r\n\r\n"


def test_the_frame_of_a_request():
    assert serialize_frame(203, 100500, 123456789, 2, b"\x08\x00") == SYSTEM


def test_the_frame_of_its_answer():
    data = serialize_answer(SYSTEM_HEADER, 4000000001, b"\x08\x00\x12\x02\x08\x00")
    ((header, body),), _ = cut(data, [100])
    assert header == Header(203, 100500, 4000000001, 2, 6)
    assert body == b"\x08\x00\x12\x02\x08\x00"
    assert answers(header, SYSTEM_HEADER)


@pytest.mark.parametrize("other", [{"version": 202}, {"device_id": 1}, {"number": 3}])
def test_an_answer_to_something_else(other):
    assert not answers(SYSTEM_HEADER._replace(**other), SYSTEM_HEADER)


def test_we_send_no_larger_one():
    assert len(serialize_frame(203, 1, 1, 1, bytes(BODY_SIZE_MAX))) == BODY_SIZE_MAX + 18
    with pytest.raises(LocalProtocolError):
        serialize_frame(203, 1, 1, 1, bytes(BODY_SIZE_MAX + 1))
    with pytest.raises(LocalProtocolError):
        serialize_answer(SYSTEM_HEADER, 1, bytes(BODY_SIZE_MAX + 1))


sizes = st.lists(st.integers(1, 60), min_size=1, max_size=6)
bodies = st.lists(st.binary(max_size=80), max_size=5)


@given(bodies, sizes, st.binary(max_size=10))
def test_there_and_back(bodies, sizes, trailing):
    sent = [(Header(203, 5, 6, number, len(body)), body) for number, body in enumerate(bodies)]
    stream = b"".join(serialize_frame(203, 5, 6, header.number, body) for header, body in sent)
    frames, reader = cut(stream + trailing, sizes)
    assert frames == sent
    assert reader.is_amid_frame == bool(trailing)


@given(st.binary(max_size=200), sizes)
@example(SYSTEM + b"\x00" * 18, [1])
def test_any_bytes_in_any_pieces(stream, sizes):
    whole, _ = cut(stream, [1000])
    pieces, _ = cut(stream, sizes)
    assert pieces == whole
    if whole and isinstance(whole[-1], str):
        assert whole[-1] in FATAL
