"""A state that was read back is the state that was left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ofd_server.core.entries import Entry
from ofd_server.core.replay import replay
from tests.contract.books import EVERY_KIND, Book, anomaly, mark, recorded, registered
from tests.documents import close_shift, deposit, receipt, void

DAY = (
    registered(),
    recorded(receipt(1)),
    recorded(deposit(2)),
    mark(1, 7),
    recorded(close_shift(3)),
    anomaly(),
    recorded(receipt(4, 2)),
    recorded(void(5, 2)),
    mark(4, 8),
    mark(2, None),
    recorded(close_shift(6, 2)),
    recorded(receipt(7, 3)),
)


def test_without_a_snapshot_it_begins_with_the_registration():
    book = Book()
    book.append(*DAY)
    assert replay("kkm-1", None, DAY) == book.state
    assert replay("kkm-1", None, DAY[:1]).version == 1


@pytest.mark.parametrize("cut", [5, 11])
def test_from_the_snapshot_of_a_closed_shift_it_is_the_same(cut: int):
    """5 and 11 are where shifts end, the only places where snapshots are taken."""
    book = Book()
    book.append(*DAY[:cut])
    snapshot = book.state
    book.append(*DAY[cut:])
    assert replay("kkm-1", snapshot, DAY[cut:]) == book.state
    assert replay("kkm-1", snapshot, ()) == snapshot


@given(st.lists(st.sampled_from(EVERY_KIND[1:]), max_size=10))
def test_whatever_the_entries_the_fold_is_the_same(entries: list[Entry]):
    book = Book()
    book.append(registered(), *entries)
    assert replay("kkm-1", None, (registered(), *entries)) == book.state


def test_what_cannot_be_a_registers_ledger():
    with pytest.raises(AssertionError, match="begin with its registration"):
        replay("kkm-1", None, DAY[1:])
    with pytest.raises(AssertionError, match="without entries"):
        replay("kkm-1", None, ())
