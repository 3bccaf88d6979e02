"""What is given is read up to a limit, and one byte beyond at most."""

import io
from itertools import islice

import pytest

from fiscal.errors import InvalidValue
from fiscal.wire.given import Bounds, TooLarge, lines, read_within

WIDE = Bounds(line=100, lines=100, size=100)


class Endless:
    """A device that gives the same for ever, and counts what was asked of it."""

    def __init__(self, piece):
        self.piece = piece
        self.asked = 0

    def read(self, size):
        self.asked += size
        return self.piece * size

    def readline(self, size):
        self.asked += min(size, len(self.piece))
        return self.piece[:size] if self.piece.endswith(b"\n") else self.piece * size


@pytest.mark.parametrize("size", [0, 1, 7, 8])
def test_a_whole_file_within_its_limit(size):
    assert read_within(io.BytesIO(b"x" * size), 8) == b"x" * size


def test_a_file_that_is_larger():
    with pytest.raises(TooLarge, match="file: is larger than 8 bytes") as caught:
        read_within(io.BytesIO(b"x" * 9), 8)
    assert (caught.value.line, caught.value.code) == (0, "too_large")
    assert isinstance(caught.value, InvalidValue)


def test_a_file_without_an_end_is_read_one_byte_beyond_its_limit():
    file = Endless(b"\0")
    with pytest.raises(TooLarge):
        read_within(file, 8)
    assert file.asked == 9


def test_lines_come_with_their_numbers_and_ends():
    assert list(lines(io.BytesIO(b"a\n\nb\r\nc"), WIDE)) == [(1, b"a\n"), (2, b"\n"), (3, b"b\r\n"), (4, b"c")]
    assert list(lines(io.BytesIO(b""), WIDE)) == []


@pytest.mark.parametrize(
    ("data", "bounds", "taken", "said"),
    [
        (b"ab\nabc\n", Bounds(3, 9, 9), 1, "line 2: is longer than 3 bytes"),
        (b"ab\nabc", Bounds(3, 9, 9), 2, ""),
        (b"ab\nabcd", Bounds(3, 9, 9), 1, "line 2: is longer than 3 bytes"),
        (b"\n\n\n", Bounds(9, 2, 9), 2, "line 3: is one too many: a file may have 2 lines"),
        (b"\n\n", Bounds(9, 2, 9), 2, ""),
        (b"abc\nabc\n", Bounds(9, 9, 7), 1, "line 2: is too much: a file may have 7 bytes"),
        (b"abc\nabc\n", Bounds(9, 9, 8), 2, ""),
    ],
)
def test_every_bound_is_kept_to_the_byte(data, bounds, taken, said):
    read = lines(io.BytesIO(data), bounds)
    assert [number for number, _ in islice(read, taken)] == list(range(1, taken + 1))
    if not said:
        assert list(read) == []
        return
    with pytest.raises(TooLarge) as caught:
        next(read)
    assert (str(caught.value), caught.value.line) == (said, taken + 1)


@pytest.mark.parametrize(("piece", "asked"), [(b"\0", 1), (b"\n", 101)])
def test_an_endless_file_of_lines_ends(piece, asked):
    file = Endless(piece)
    with pytest.raises(TooLarge):
        list(lines(file, Bounds(line=1000, lines=100, size=10_000)))
    assert file.asked == asked
