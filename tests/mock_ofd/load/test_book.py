"""What registers were told is in the file at once, whoever reads it."""

import pytest

from mock_ofd.load.book import UNTOLD, WITHOUT_SIGN, Book, mark_of


def test_marks_tell_signs_apart():
    signs = [None, "1", "01", "001", "10", "12345678901234567", "123456789012345678", "ab", "١", "0" * 17, "0" * 18]
    marks = [mark_of(sign) for sign in signs]
    assert len(set(marks)) == len(signs)
    assert mark_of(None) == WITHOUT_SIGN
    assert all(UNTOLD < mark < 2**64 for mark in marks)


def test_another_reader_sees_what_was_written(tmp_path):
    path = tmp_path / "book"
    with Book(path, [2, 0, 3], create=True) as book, Book(path, [2, 0, 3]) as other:
        book.marks[4] = mark_of("42")
        book.sent[0], book.late[1], book.second[2] = 2, 1, 7
        assert list(other.first) == [0, 2, 2, 5]
        assert other.marks.tolist() == [0, 0, 0, 0, mark_of("42")]
        assert (other.sent.tolist(), other.late.tolist(), other.second.tolist()) == ([2, 0, 0], [0, 1, 0], [0, 0, 7])
        with pytest.raises(TypeError):
            other.marks[0] = 1


def test_a_book_of_nobody(tmp_path):
    with Book(tmp_path / "book", [], create=True) as book:
        assert book.registers == 0
