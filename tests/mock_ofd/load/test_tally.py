"""What one generator counts: each document once, each second by itself, everything at the end."""

import pytest

from fiscal.domain.document import DocumentKind
from fiscal.domain.lifecycle import AutonomousReason
from kkt_client.core.saying import Cause, Said
from kkt_client.core.setbacks import Kind, Setback
from mock_ofd.load import tally
from mock_ofd.load.book import Book, mark_of
from mock_ofd.load.histogram import Times
from mock_ofd.load.sales import Sold
from mock_ofd.load.store import Store
from mock_ofd.load.tally import Counts


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "contents")
    for _ in range(2):
        made.add([Sold(number, DocumentKind.RECEIPT, 1, number * 1_000, b"x") for number in (1, 2)])
    made.seal()
    yield made
    made.close()


@pytest.fixture
def book(tmp_path, store):
    with Book(tmp_path / "book", store.counts(), create=True) as made:
        yield made


@pytest.fixture
def counts(book, store):
    made = Counts(book, store, 5.0)
    made.restored = 10.0
    return made


def times(encoded: str) -> Times:
    found = Times()
    found.merge(encoded)
    return found


def late(text: str = "no answer in time: SubmitDocument") -> Setback:
    return Setback(Kind.LATE, AutonomousReason.LATE_ANSWER, Cause(Said.NO_ANSWER, text))


def test_what_was_told_is_in_the_book_and_in_the_second(counts, book):
    counts.accepted(1, 1, "42", 11.0, 11.2)
    counts.accepted(1, 2, None, 11.3, 11.4)
    second = counts.second(1, connects=3, connected=2)

    assert book.marks.tolist() == [0, 0, mark_of("42"), mark_of(None)]
    assert (second.at_s, second.acknowledged, second.backlog, second.connects, second.connected) == (1, 2, 2, 3, 2)
    found = times(second.latency).percentiles()
    assert found.count == 2
    assert found.max == pytest.approx(200, rel=1e-3)
    assert counts.second(2, connects=3, connected=2).acknowledged == 0

    end = counts.end(complete=True, sent=2, connects=3, cpu_s=0.5)
    assert (end.acknowledged, end.last_answer) == (2, 11.4)
    assert times(end.delay).percentiles().max == pytest.approx(1_400, rel=1e-3)
    assert times(end.wait).percentiles().count == 1


def test_a_second_sign_is_noted_and_the_first_stays(counts, book):
    counts.accepted(0, 1, "42", 11.0, 11.2)
    counts.accepted(0, 1, "42", 11.0, 11.3)
    counts.accepted(0, 1, "43", 11.0, 11.4)
    assert (counts.acknowledged, book.second.tolist(), book.marks[0]) == (1, [1, 0], mark_of("42"))


def test_in_steady_load_the_latency_begins_when_the_document_was_due(counts, store):
    store.due_at = lambda at: 10.0 + at
    counts.accepted(0, 2, "42", 12.0, 12.5)
    assert times(counts.second(0, 0, 0).latency).percentiles().max == pytest.approx(1_500, rel=1e-3)
    counts.set_back(0, late())
    assert times(counts.second(1, 0, 0).latency).percentiles().count == 0


def test_what_has_no_answer_within_the_limit_took_no_less(counts, book):
    counts.set_back(1, late())
    counts.set_back(1, Setback(Kind.SHUT, AutonomousReason.NO_CONNECTION, Cause(Said.CONNECTION_REFUSED, "shut")))
    assert (counts.late, book.late.tolist()) == (1, [0, 1])
    assert times(counts.second(0, 0, 0).latency).percentiles().max == pytest.approx(5_000, rel=1e-3)


def test_the_same_trouble_with_another_document_is_the_same_trouble(counts, monkeypatch):
    monkeypatch.setattr(tally, "ERRORS_MAX", 2)
    for text in ("document 1 is wrong", "document 27 is wrong", "other", "third", "fourth"):
        counts.set_back(0, late(text))
    assert counts.errors == {"document N is wrong": 2, "other": 1, "others": 2}


def test_who_rests_is_counted_once(counts):
    counts.idle(0)
    counts.idle(0)
    counts.stuck(1, "refused_document: 7")
    counts.put_off(0)
    assert (counts.resting, counts.put_offs, dict(counts.errors)) == (2, 1, {"refused_document: N": 1})
