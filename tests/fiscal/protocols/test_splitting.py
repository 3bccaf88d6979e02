"""Frames out of bytes: in any pieces the same, and no byte is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.protocols.catalogue import TRANSCRIPTS, transcript_named
from fiscal.protocols.native.codec import NATIVE
from fiscal.protocols.splitting import CUT_OFF, Frame, Rest, Splitter
from tests.fiscal.protocols.samples import HELLO, SUBMIT

FRAMES = [NATIVE.serialize(HELLO, 1), NATIVE.serialize(SUBMIT, 2)]


def split(data, sizes, transcript=None):
    splitter = Splitter(transcript or transcript_named("native"))
    found, at, turn = [], 0, 0
    while at < len(data):
        size = sizes[turn % len(sizes)]
        found += splitter.feed(data[at : at + size])
        at, turn = at + size, turn + 1
    return [*found, *splitter.end()]


@pytest.mark.parametrize("sizes", [[10_000], [1], [16], [17, 3]], ids=str)
def test_frames_in_any_pieces(sizes):
    pieces = split(b"".join(FRAMES), sizes)
    assert [piece.data for piece in pieces] == FRAMES
    assert all(isinstance(piece, Frame) and piece.data.endswith(piece.body) for piece in pieces)
    assert [piece.header.number for piece in pieces if isinstance(piece, Frame)] == [1, 2]


def test_what_cannot_be_a_frame_ends_the_frames():
    splitter = Splitter(transcript_named("native"))
    good, bad = splitter.feed(FRAMES[0] + b"GET / HTTP/1.1\r\n\r\n")
    assert isinstance(good, Frame)
    assert isinstance(bad, Rest)
    assert bad.error is not None
    assert (bad.data, bad.error.code) == (b"GET / HTTP/1.1\r\n\r\n", "bad_magic")
    assert splitter.feed(FRAMES[1]) == [Rest(FRAMES[1])]
    assert splitter.end() == []


def test_it_knows_whether_a_frame_has_begun():
    splitter = Splitter(NATIVE)
    assert not splitter.is_amid_frame
    splitter.feed(FRAMES[0][:5])
    assert splitter.is_amid_frame
    splitter.feed(FRAMES[0][5:])
    assert not splitter.is_amid_frame


def test_a_frame_that_does_not_end():
    *_, rest = split(FRAMES[0] + FRAMES[1][:20], [7])
    assert isinstance(rest, Rest)
    assert rest.error is not None
    assert (rest.data, rest.error.code) == (FRAMES[1][:20], CUT_OFF)
    assert "20 bytes" in rest.error.text


@given(st.binary(max_size=200), st.lists(st.integers(1, 50), min_size=1, max_size=5), st.sampled_from(TRANSCRIPTS))
def test_no_byte_is_lost(data, sizes, transcript):
    for stream in (data, FRAMES[0] + data):
        assert b"".join(piece.data for piece in split(stream, sizes, transcript)) == stream
