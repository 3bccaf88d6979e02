"""Both sides of a run as a table: what was told, what the ledger holds, what the verdict is."""

import pytest

from mock_ofd.load import verdict
from mock_ofd.load.book import Book, mark_of
from mock_ofd.load.verdict import Kept, Side, judge

SIGNS = {1: "101", 2: "102", 3: "103"}


@pytest.fixture
def side(tmp_path):
    """Two registers of three documents; the first was told of all, the second of none."""
    with Book(tmp_path / "book", [3, 3], create=True) as book:
        for number, sign in SIGNS.items():
            book.marks[number - 1] = mark_of(sign)
        book.sent[0] = 3
        yield Side(book, ["a", "b"])


def kept(*numbers: int, register: str = "a") -> list[Kept]:
    return [Kept(register, number, SIGNS.get(number, "1")) for number in numbers]


@pytest.mark.parametrize(
    ("ledger", "expected", "first"),
    [
        (kept(1, 2, 3), (0, 0, 0), ""),
        (kept(1, 3), (1, 0, 0), "document 2 was accepted with the sign 102, and is not in the ledger"),
        ([], (3, 0, 0), "document 1 was accepted"),
        (kept(1, 2, 2, 3), (0, 1, 0), "document 2 is in the ledger twice"),
        (kept(1, 3, 2), (0, 0, 1), "document 2 stands behind 3 in the ledger"),
        (kept(3, 2, 1), (0, 0, 2), "document 2 stands behind 3"),
        (
            [*kept(1, 2), Kept("a", 3, "999")],
            (1, 0, 0),
            "document 3 was accepted with the sign 103, and is in the ledger with another",
        ),
        ([*kept(1, 2), Kept("a", 3, None)], (1, 0, 0), "document 3"),
        ([*kept(1, 2, 3), Kept("a", 3, "999")], (0, 1, 0), "document 3 is in the ledger twice"),
        (kept(1, 2, 3, 4), (0, 1, 0), "document 4 is in the ledger, and was never issued"),
        ([*kept(1, 2, 3), *kept(1, 2, 1, register="stranger")], (0, 0, 0), ""),
        ([*kept(1, 2, 3), *kept(1, 2, register="b")], (0, 0, 0), ""),
    ],
)
def test_the_ledger_is_held_against_what_was_told(side, ledger, expected, first):
    found = judge([side], ledger)
    assert found is not None
    assert (found.lost, found.doubled, found.out_of_order) == expected
    assert bool(found.faulty) is bool(first)
    if first:
        (faulty,) = found.faulty
        assert faulty.register_id == "a"
        assert (faulty.sent, faulty.acknowledged) == (3, 3)
        assert faulty.first.startswith(first)


def test_without_a_ledger_only_the_registers_own_word_counts(side):
    side.book.second[1] = 2
    side.book.late[0] = 1
    found = judge([side], None)
    assert found is not None
    assert (found.lost, found.doubled, found.out_of_order) == (0, 2, 0)
    assert [(each.register_id, each.first) for each in found.faulty] == [
        ("a", "1 answers came after the limit, or not at all"),
        ("b", "2 documents were accepted under two signs"),
    ]


def test_a_document_that_needs_no_sign_is_told_and_lost_like_any_other(side):
    side.book.marks[3] = mark_of(None)
    found = judge([side], kept(1, 2, 3))
    assert found is not None
    assert found.faulty[0].first == "document 1 was accepted, and is not in the ledger"


def test_progress_is_told_and_may_end_it(side, monkeypatch):
    monkeypatch.setattr(verdict, "TELL_EVERY", 2)
    heard: list[int] = []

    def tell(done: int) -> bool:
        heard.append(done)
        return done < 4

    assert judge([side], kept(1, 2, 3, 1, 2, 3, 1), tell) is None
    assert heard == [2, 4]


def test_only_the_first_faulty_registers_are_listed(side, monkeypatch):
    monkeypatch.setattr(verdict, "FAULTY_MAX", 1)
    side.book.late[0] = side.book.late[1] = 1
    found = judge([side], kept(1, 2, 3))
    assert found is not None
    assert len(found.faulty) == 1
