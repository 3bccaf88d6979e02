"""One register's way through the operator, without a loop and without a journal."""

import asyncio
from typing import Any

import pytest

from fiscal.domain.messages import Ping
from ofd_server.lane import Lane, Session, Waiting, Work
from ofd_server.ports import Append
from tests.contract.books import Book, anomaly, mark
from tests.documents import T0, receipt


def waiting(session: Session | None = None) -> Waiting:
    session = session or Session("native", "peer", lambda reason: None)
    return Waiting(session, Ping(), lambda answer: None, T0, 0.0)


def work(lane: Lane, append: Append) -> Work:
    return Work(lane, append, None, waiting())


def filled() -> tuple[Lane, Book, list[Work]]:
    """A register with documents 1 and 2: document 1 in flight, a mark and document 2 queued."""
    lane, book = Lane("kkm-1"), Book()
    book.register()
    lane.committed = book.state
    works = [work(lane, book.add(receipt(1))), work(lane, book.append(mark(1))), work(lane, book.add(receipt(2)))]
    lane.in_flight, lane.queued = works[:1], works[1:]
    lane.ahead = book.state
    return lane, book, works


@pytest.mark.parametrize(("number", "index"), [(1, 0), (2, 2), (3, None)])
def test_the_work_that_carries_a_document(number: int, index: int | None):
    lane, _, works = filled()
    assert lane.pending(number) is (None if index is None else works[index])


def test_a_mark_is_not_the_document_that_it_marks():
    lane, _, works = filled()
    assert works[1].document is None
    assert works[0].document is not None
    lane.in_flight = []
    assert lane.pending(1) is None


@pytest.mark.parametrize("in_flight", [True, False])
def test_what_is_dropped_takes_everything_with_it_that_was_decided_later(in_flight: bool):
    lane, _, works = filled()
    if not in_flight:
        lane.queued = works
        lane.in_flight = []
    dropped = lane.drop_queued()
    assert dropped == (works[1:] if in_flight else works)
    assert lane.queued == []
    assert lane.ahead == (works[0].append.after if in_flight else lane.committed)
    assert lane.drop_queued() == []


async def test_waiters_are_woken_when_nothing_is_on_its_way():
    lane, _, _ = filled()
    loop = asyncio.get_running_loop()
    waiters: list[asyncio.Future[None]] = [loop.create_future(), loop.create_future()]
    lane.waiters = list(waiters)
    lane.settle()
    lane.in_flight = []
    lane.settle()
    assert not any(waiter.done() for waiter in waiters)
    waiters[0].cancel()
    lane.queued = []
    lane.settle()
    assert [waiter.done() for waiter in waiters] == [True, True]
    assert waiters[1].result() is None
    assert lane.waiters == []
    lane.settle()


def test_lanes_and_works_are_compared_by_identity():
    """Two that look alike are two."""
    things: list[tuple[Any, Any]] = [(Lane("a"), Lane("a")), (waiting(), waiting())]
    lane, book = Lane("a"), Book()
    book.register()
    append = book.append(anomaly())
    things.append((work(lane, append), work(lane, append)))
    for one, other in things:
        assert one != other
        assert len({one, other}) == 2
