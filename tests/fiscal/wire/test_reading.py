"""Frame, error, or None for "need more": however the stream is cut."""

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.errors import RemoteProtocolError
from fiscal.wire.reading import FrameReader


class Header(NamedTuple):
    body_size: int


def parse_header(data: bytes) -> Header:
    if data[:1] != b"#":
        raise RemoteProtocolError("bad_magic", "header", "must begin with #")
    return Header(data[1])


def frame(body: bytes) -> bytes:
    return b"#%c%s" % (len(body), body)


def bodies(reader: FrameReader[Header]) -> list[bytes]:
    found = []
    while (taken := reader.next_frame()) is not None:
        assert taken[0].body_size == len(taken[1])
        found.append(taken[1])
    return found


def fed(*pieces: bytes) -> tuple[list[bytes], FrameReader[Header]]:
    reader = FrameReader(2, parse_header)
    found = []
    for piece in pieces:
        reader.feed(piece)
        found += bodies(reader)
    return found, reader


STREAM = frame(b"first") + frame(b"") + frame(b"third" * 9)
BODIES = [b"first", b"", b"third" * 9]


def test_whole():
    found, reader = fed(STREAM)
    assert found == BODIES
    assert not reader.is_amid_frame


def test_byte_by_byte():
    found, reader = fed(*(STREAM[at : at + 1] for at in range(len(STREAM))))
    assert found == BODIES
    assert not reader.is_amid_frame


def test_with_trailing_bytes():
    for size in range(1, len(frame(b"abc"))):
        found, reader = fed(STREAM + frame(b"abc")[:size])
        assert found == BODIES
        assert reader.is_amid_frame
        reader.feed(frame(b"abc")[size:] + frame(b"d"))
        assert bodies(reader) == [b"abc", b"d"]


@given(st.lists(st.binary(max_size=20), max_size=8), st.lists(st.integers(1, 30), min_size=1))
def test_in_any_slices(sent, sizes):
    stream = b"".join(map(frame, sent))
    pieces = []
    at = 0
    for size in sizes * (len(stream) + 1):
        if at >= len(stream):
            break
        pieces.append(stream[at : at + size])
        at += size
    assert fed(*pieces)[0] == sent


def test_a_wrong_header_is_an_error_behind_the_frames_before_it():
    reader = FrameReader(2, parse_header)
    reader.feed(frame(b"good") + b"?!")
    assert reader.next_frame() == (Header(4), b"good")
    with pytest.raises(RemoteProtocolError):
        reader.next_frame()
    assert reader.refused_header == b"?!"


def test_bodies_are_bytes_that_nobody_changes():
    found, _ = fed(frame(b"abc")[:3], frame(b"abc")[3:] + b"#")
    assert [type(body) for body in found] == [bytes]


def test_clear_forgets_everything():
    _, reader = fed(frame(b"abc")[:3])
    reader.clear()
    assert not reader.is_amid_frame
    assert reader.next_frame() is None
    reader.feed(frame(b"next"))
    assert bodies(reader) == [b"next"]
