"""Used bytes are let go, and only pieces are gathered."""

import sys

from fiscal.wire.buffer import ReceiveBuffer


def test_what_comes_whole_is_kept_as_it_came():
    buffer = ReceiveBuffer()
    data = b"whole frame"
    buffer.append(data)
    assert buffer.data is data


def test_pieces_are_gathered():
    buffer = ReceiveBuffer()
    for piece in (b"a", b"b", b"c"):
        buffer.append(piece)
    assert bytes(buffer.data) == b"abc"
    assert isinstance(buffer.data, bytearray)


def test_used_bytes_are_let_go():
    buffer = ReceiveBuffer()
    buffer.append(bytes(60_000))
    buffer.at = 59_990
    buffer.compact()
    assert (len(buffer.data), buffer.at) == (10, 0)
    assert sys.getsizeof(buffer.data) < 100


def test_nothing_is_kept_when_everything_was_used():
    buffer = ReceiveBuffer()
    buffer.append(b"abc")
    buffer.at = 3
    buffer.compact()
    assert (buffer.data, buffer.at) == (b"", 0)


def test_compacting_unused_bytes_copies_nothing():
    buffer = ReceiveBuffer()
    buffer.append(b"ab")
    buffer.append(b"cd")
    data = buffer.data
    buffer.compact()
    assert buffer.data is data
