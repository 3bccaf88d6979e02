"""Documents are made once and read back as they were issued."""

import pytest

from fiscal.domain.document import DocumentKind
from mock_ofd.load.sales import Sold
from mock_ofd.load.store import Store

SOLD = [
    Sold(1, DocumentKind.RECEIPT, 1, 1_000, b"one"),
    Sold(2, DocumentKind.CLOSE_SHIFT, 1, 2_500, b"two"),
]
OTHER = [Sold(1, DocumentKind.DEPOSIT, 4, 1_500, b"three")]


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "contents")
    assert [made.add(SOLD), made.add([]), made.add(OTHER)] == [2, 0, 1]
    made.seal()
    yield made
    made.close()


def test_what_was_sold_without_the_operator_is_autonomous(store):
    first, second = store.dossier(0, 1), store.dossier(0, 2)
    assert (first.content, first.kind, first.shift, first.issued_at) == (b"one", DocumentKind.RECEIPT, 1, 1_000)
    assert (first.delivery.autonomous, first.delivery.autonomous_sign, first.delivery.period) == (True, 1, 1)
    assert (second.delivery.autonomous, second.delivery.autonomous_sign) == (True, None)
    assert store.due(0, 1) is None
    assert store.due_until(0) == 3


def test_what_is_sold_with_the_link_up_is_not_and_has_its_moment(store):
    store.begin = 1_000
    store.due_at = lambda at: store.issued[at] / 1_000
    assert not store.dossier(0, 1).autonomous
    assert [store.due(0, 1), store.due(0, 2), store.due(0, 3), store.due(1, 1), store.due(2, 1)] == [
        1.0,
        2.5,
        None,
        None,
        1.5,
    ]
    assert [store.due_until(second) for second in range(3)] == [1, 2, 3]


def test_each_register_has_its_own(store):
    assert store.documents == 3
    assert store.counts() == [2, 0, 1]
    assert [store.last(place) for place in range(3)] == [(2, 1), (0, 0), (1, 4)]
    assert [store.content(0, number) for number in range(4)] == [None, b"one", b"two", None]
    assert store.content(2, 1) == b"three"


def test_a_store_of_nothing_can_be_sealed(tmp_path):
    made = Store(tmp_path / "contents")
    made.seal()
    assert made.documents == 0
    made.close()


def test_an_unfinished_store_can_be_closed(tmp_path):
    made = Store(tmp_path / "contents")
    made.add(OTHER)
    made.close()
