"""Every journal keeps to what :mod:`ofd_server.ports` says of it, whatever it is made of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec import structs

from fiscal.domain.document import DocumentKind
from fiscal.domain.receipt import Operation
from ofd_server.core.entries import Anomaly, AnomalyCode, DocumentRecorded, Entry, Registered
from ofd_server.core.replay import replay
from ofd_server.ports import (
    Append,
    BatchTimes,
    Committed,
    DocumentFilter,
    Journal,
    NoteKind,
    Outcome,
    Stale,
    StoredEntry,
)
from ofd_server.storage.memory import MemoryJournal
from ofd_server.storage.postgresql import PostgresJournal
from ofd_server.storage.sqlite import SqliteJournal
from tests.contract.books import EVERY_KIND, Book, anomaly, mark, note, period, recorded, registered, times
from tests.contract.ranked import Ranked
from tests.documents import T0, close_shift, correction, deposit, receipt, withdrawal
from tests.postgres import Postgres

Open = Callable[[], Awaitable[Journal]]


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Opens the journal; a durable one can be opened again after it was closed."""
    match request.param:
        case "memory":
            return opens(MemoryJournal)
        case "sqlite":
            return opens(lambda: SqliteJournal.open(tmp_path / "data"))
        case _:
            return opens_at(request.getfixturevalue("postgres_dsn"))


def opens(journal: Callable[[], Journal]) -> Open:
    async def opened() -> Journal:
        return journal()

    return opened


def opens_at(dsn: str) -> Open:
    async def opened() -> Journal:
        return Ranked(await PostgresJournal.open(dsn))

    return opened


@pytest.fixture
async def journal(storage: Open) -> AsyncIterator[Journal]:
    opened = await storage()
    yield opened
    await opened.close()


async def everything(journal: Journal) -> dict[str, Any]:
    """All that can be read of a journal."""
    ids = await journal.registers()
    feed = await journal.entries(None, 0, 10_000)
    found: dict[str, Any] = {
        "registers": ids,
        "feed": list(feed),
        "last_seq": await journal.last_seq(),
        "newest": list(await journal.documents(DocumentFilter(limit=10_000))),
        "oldest": list(await journal.documents(DocumentFilter(after_seq=0, limit=10_000))),
        "anomalies": list(await journal.anomalies(None, None, None, 10_000)),
    }
    for code in AnomalyCode:
        found[code] = list(await journal.anomalies(None, code, None, 10_000))
    for autonomous in (False, True):
        wanted = DocumentFilter(autonomous=autonomous, limit=10_000)
        found[f"autonomous {autonomous}"] = list(await journal.documents(wanted))
    for id_ in ids:
        found[f"{id_} load"] = await journal.load(id_)
        found[f"{id_} version"] = await journal.version(id_)
        found[f"{id_} entries"] = list(await journal.entries(id_, 0, 10_000))
        found[f"{id_} anomalies"] = list(await journal.anomalies(id_, None, None, 10_000))
        for number in range(8):
            found[f"{id_} {number}"] = await journal.document(id_, number)
            found[f"{id_} {number} history"] = await journal.history(id_, number)
            found[f"{id_} {number} period"] = await journal.period(id_, number)
            for sign in (7, 8):
                used = await journal.is_autonomous_sign_used(id_, sign, number)
                found[f"{id_} {number} sign {sign}"] = used
    return found


def numbers(found: Any) -> list[int]:
    return [stored.entry.number for stored in found]


# ------------------------------------------------------------------------------------------------- nothing yet


async def test_an_empty_ledger(journal: Journal):
    assert await journal.load("kkm-1") is None
    assert await journal.version("kkm-1") == 0
    assert await journal.document("kkm-1", 1) is None
    assert await journal.period("kkm-1", 1) is None
    assert not await journal.is_autonomous_sign_used("kkm-1", 7, 0)
    assert list(await journal.registers()) == []
    assert list(await journal.documents(DocumentFilter())) == []
    assert list(await journal.documents(DocumentFilter(register_id="kkm-1"))) == []
    assert list(await journal.entries(None, 0, 10)) == []
    assert list(await journal.entries("kkm-1", 0, 10)) == []
    assert list(await journal.anomalies(None, None, None, 10)) == []
    history = await journal.history("kkm-1", 1)
    assert (history.times, history.notes, history.later) == (None, (), ())
    assert await journal.last_seq() == 0
    assert await journal.is_writable()


async def test_an_empty_batch_keeps_nothing(journal: Journal):
    assert list(await journal.commit([])) == []
    assert await journal.last_seq() == 0


async def test_a_large_batch_is_kept_whole_and_in_its_order(journal: Journal):
    books = [Book(f"kkm-{n}") for n in range(3)]
    batch = [book.register() for book in books]
    for number in range(1, 41):
        batch += [book.add(receipt(number)) for book in books]
        batch.append(books[number % 3].append(mark(number, number)))
    assert list(await journal.commit(batch)) == [Committed(seq) for seq in range(1, len(batch) + 1)]
    for book in books:
        loaded = await journal.load(book.id)
        assert loaded is not None
        assert list(loaded.entries) == book.entries
    kept = [(stored.register_id, stored.entry) for stored in await journal.entries(None, 0, 1_000)]
    assert kept == [(append.register_id, append.entries[0]) for append in batch]


async def test_a_journal_says_whether_it_survives_a_power_cut(journal: Journal):
    assert journal.durable is not isinstance(journal, MemoryJournal)


# --------------------------------------------------------------------------------------------------- appending


async def test_what_is_appended_can_be_read_at_once(journal: Journal):
    book = Book()
    outcomes = await journal.commit([book.register(), book.add(receipt(1)), book.add(deposit(2))])
    assert list(outcomes) == [Committed(1), Committed(2), Committed(3)]
    loaded = await journal.load("kkm-1")
    assert loaded is not None
    assert (loaded.register_id, loaded.snapshot, list(loaded.entries)) == ("kkm-1", None, book.entries)
    assert [(s.seq, s.version) for s in await journal.entries(None, 0, 10)] == [(1, 1), (2, 2), (3, 3)]
    assert await journal.last_seq() == 3
    assert await journal.version("kkm-1") == 3


@pytest.mark.parametrize("entry", EVERY_KIND[1:], ids=lambda entry: type(entry).__name__)
async def test_every_kind_of_entry_is_read_back_as_it_was_written(journal: Journal, entry: Entry):
    book = Book()
    await journal.commit([book.register(), book.append(entry)])
    loaded = await journal.load("kkm-1")
    assert loaded is not None
    assert loaded.entries[1] == entry
    assert type(loaded.entries[1]) is type(entry)
    assert await journal.entries("kkm-1", 1, 10) == [StoredEntry(2, "kkm-1", 2, entry)]


@pytest.mark.parametrize(
    "first", [registered(), registered(last_number=41, last_shift=7), EVERY_KIND[0]], ids=["new", "moved", "named"]
)
async def test_a_registration_is_read_back_as_it_was_written(journal: Journal, first: Registered):
    book = Book("касса № 1")
    await journal.commit([book.append(first)])
    loaded = await journal.load("касса № 1")
    assert loaded is not None
    assert loaded.entries == (first,)
    assert replay("касса № 1", loaded.snapshot, loaded.entries) == book.state


async def test_entries_of_one_append_stand_together(journal: Journal):
    one, two = Book("kkm-1"), Book("kkm-2")
    await journal.commit([one.register(), two.register()])
    batch = [
        one.append(recorded(receipt(1)), anomaly(number=1)),
        two.append(anomaly(), anomaly(), anomaly()),
        one.add(receipt(2)),
    ]
    assert list(await journal.commit(batch)) == [Committed(3), Committed(5), Committed(8)]
    feed = await journal.entries(None, 2, 10)
    assert [(s.seq, s.register_id, s.version) for s in feed] == [
        (3, "kkm-1", 2),
        (4, "kkm-1", 3),
        (5, "kkm-2", 2),
        (6, "kkm-2", 3),
        (7, "kkm-2", 4),
        (8, "kkm-1", 4),
    ]


async def test_registers_are_listed_in_the_order_of_their_registration(journal: Journal):
    ids = ["m", "z", "a", "b2", "b10"]
    await journal.commit([Book(id_).register() for id_ in ids[:2]])
    for id_ in ids[2:]:
        await journal.commit([Book(id_).register()])
    assert list(await journal.registers()) == ids


# ------------------------------------------------------------------------------------------------------- stale


@pytest.mark.parametrize("expected", [0, 1, 3, 99])
async def test_an_append_to_another_version_is_stale_and_leaves_no_trace(journal: Journal, expected: int):
    book = Book()
    await journal.commit([book.register(), book.add(receipt(1))])
    before = await everything(journal)
    wrong = structs.replace(book.add(receipt(2)), expected=expected)
    assert list(await journal.commit([wrong])) == [Stale(2)]
    assert await everything(journal) == before


@pytest.mark.parametrize("expected", [1, 2])
async def test_an_append_to_a_register_that_is_not_there_is_stale(journal: Journal, expected: int):
    append = structs.replace(Book().register(), expected=expected)
    assert list(await journal.commit([append])) == [Stale(0)]
    assert list(await journal.registers()) == []
    assert await journal.load("kkm-1") is None
    assert list(await journal.commit([Book("kkm-2").register(), Book().register()])) == [Committed(1), Committed(2)]
    assert list(await journal.registers()) == ["kkm-2", "kkm-1"]


async def test_a_stale_append_takes_what_rests_on_it_along_and_nothing_else(journal: Journal):
    one, other = Book("kkm-1"), Book("kkm-2")
    await journal.commit([one.register(), other.register(), one.add(receipt(1))])
    behind = Book("kkm-1")
    behind.register()
    batch = [
        other.add(receipt(1)),
        behind.add(deposit(1)),
        behind.add(deposit(2)),
        other.add(receipt(2)),
        behind.append(anomaly(), anomaly()),
        other.add(receipt(3)),
    ]
    outcomes = list(await journal.commit(batch))
    assert outcomes == [Committed(4), Stale(2), Stale(2), Committed(5), Stale(2), Committed(6)]
    assert batch[2].expected == 2, "it fits the version by chance, and rests on what was not kept"
    loaded = await journal.load("kkm-1")
    assert loaded is not None
    assert list(loaded.entries) == one.entries
    assert list(await journal.commit([one.add(receipt(2))])) == [Committed(7)], "the next batch is another matter"


async def test_a_dependent_append_behind_a_stale_one_is_stale_too(journal: Journal):
    book = Book()
    await journal.commit([book.register(), book.add(receipt(1)), book.add(receipt(2))])
    behind = Book()
    behind.register()
    outcomes = list(await journal.commit([behind.add(deposit(1)), behind.append(anomaly(), anomaly())]))
    assert outcomes == [Stale(3), Stale(3)]


async def test_of_two_writers_one_is_committed_and_the_other_is_told_the_version(journal: Journal):
    first, second = Book(), Book()
    await journal.commit([first.register()])
    second.register()
    for number in range(1, 21):
        outcomes: list[list[Outcome]] = [
            list(found)
            for found in await asyncio.gather(
                journal.commit([first.add(receipt(number))]), journal.commit([second.add(deposit(number))])
            )
        ]
        assert [type(found[0]) for found in outcomes].count(Committed) == 1
        assert outcomes[0] == [Stale(number + 1)] or outcomes[1] == [Stale(number + 1)]
        loaded = await journal.load("kkm-1")
        assert loaded is not None
        assert len(loaded.entries) == number + 1
        kept = loaded.entries[-1]
        winner = 0 if isinstance(outcomes[0][0], Committed) else 1
        assert kept == (first, second)[winner].entries[-1]
        # Both read what is kept and go on from there.
        first, second = Book(), Book()
        for book in (first, second):
            book.append(*loaded.entries)


async def test_many_writers_of_many_registers_lose_nothing(journal: Journal):
    books = [Book(f"kkm-{n}") for n in range(8)]

    async def write(book: Book) -> None:
        await journal.commit([book.register()])
        for number in range(1, 11):
            assert [type(found) for found in await journal.commit([book.add(receipt(number))])] == [Committed]

    await asyncio.gather(*map(write, books))
    feed = await journal.entries(None, 0, 1_000)
    assert [stored.seq for stored in feed] == list(range(1, 89))
    for book in books:
        loaded = await journal.load(book.id)
        assert loaded is not None
        assert list(loaded.entries) == book.entries


# --------------------------------------------------------------------------------------------------- snapshots


async def test_a_snapshot_is_where_the_next_load_begins(journal: Journal):
    book = Book()
    await journal.commit([book.register(profile=None), book.add(receipt(1))])
    closing = book.add(close_shift(2))
    assert closing.snapshot
    await journal.commit([closing, book.add(receipt(3, 2)), book.append(anomaly())])
    loaded = await journal.load("kkm-1")
    assert loaded is not None
    assert loaded.snapshot == closing.after
    assert list(loaded.entries) == book.entries[3:]
    assert replay("kkm-1", loaded.snapshot, loaded.entries) == book.state


async def test_the_newest_snapshot_counts_also_within_a_batch(journal: Journal):
    book = Book()
    first = [book.register(), book.add(receipt(1)), book.add(close_shift(2)), book.add(receipt(3, 2))]
    closing = book.add(close_shift(4, 2))
    await journal.commit([*first, closing])
    loaded = await journal.load("kkm-1")
    assert loaded is not None
    assert (loaded.snapshot, loaded.entries) == (closing.after, ())
    assert list(await journal.entries("kkm-1", 0, 10)) != [], "a snapshot replaces no entry"


async def test_a_snapshot_holds_everything_that_a_state_can_hold(journal: Journal):
    book = Book()
    append = structs.replace(book.append(*EVERY_KIND), snapshot=True)
    await journal.commit([append])
    loaded = await journal.load("kkm-1")
    assert loaded is not None
    assert loaded.snapshot == book.state
    assert book.state is not None
    assert book.state.profile is not None
    assert book.state.last_period is not None
    assert type(loaded.snapshot) is type(book.state)


async def test_a_stale_append_leaves_no_snapshot(journal: Journal):
    book = Book()
    await journal.commit([book.register()])
    await journal.commit([structs.replace(book.add(close_shift(1)), expected=9)])
    loaded = await journal.load("kkm-1")
    assert loaded is not None
    assert loaded.snapshot is None


# ----------------------------------------------------------------------------------------------------- history


async def test_the_history_of_a_document(journal: Journal):
    book, other = Book(), Book("kkm-2")
    await journal.commit([book.register(), other.register()])
    await journal.commit([book.add(receipt(1)), book.add(receipt(2)), other.add(receipt(1))])
    notes = [note("kkm-1", 1, NoteKind.LATE, T0 + 9), note("kkm-1", 1, NoteKind.RESENT), note("kkm-2", 1)]
    await journal.commit([book.append(mark(1))], notes, [times(1, 2, T0), times(3, 5, T0 + 50)])
    await journal.commit([book.append(anomaly(number=1)), book.append(anomaly(number=2))], [notes[0]])
    history = await journal.history("kkm-1", 1)
    assert history.times == times(3, 5, T0 + 50)
    assert history.notes == (*notes[:2], notes[0])
    assert [stored.entry for stored in history.later] == [mark(1), anomaly(number=1)]
    assert [stored.seq for stored in history.later] == [6, 7]
    second = await journal.history("kkm-1", 2)
    assert (second.times, second.notes) == (times(3, 5, T0 + 50), ())
    assert [stored.entry for stored in second.later] == [anomaly(number=2)]
    assert (await journal.history("kkm-2", 1)).notes == (notes[2],)


async def test_a_document_whose_times_were_never_written_has_none(journal: Journal):
    book = Book()
    await journal.commit([book.register()])
    await journal.commit([book.add(receipt(1))], (), [times(1, 1)])
    await journal.commit([book.add(receipt(2))])
    assert (await journal.history("kkm-1", 1)).times is None
    await journal.commit([], (), [times(3, 3)])
    assert (await journal.history("kkm-1", 1)).times is None
    assert (await journal.history("kkm-1", 2)).times == times(3, 3)


async def test_what_only_looks_like_a_part_of_a_documents_history(journal: Journal):
    """Periods have numbers too, and so has an anomaly of the register itself."""
    book = Book()
    await journal.commit([book.register(), book.add(receipt(1)), book.append(period(1)), book.append(anomaly())])
    assert (await journal.history("kkm-1", 1)).later == ()


async def test_notes_can_be_written_without_entries(journal: Journal):
    book = Book()
    await journal.commit([book.register(), book.add(receipt(1))])
    assert list(await journal.commit([], [note("kkm-1", 1)], [times(1, 2)])) == []
    history = await journal.history("kkm-1", 1)
    assert (history.notes, history.times) == ((note("kkm-1", 1),), times(1, 2))
    assert await journal.last_seq() == 2


# ----------------------------------------------------------------------------------------- documents and marks


async def test_a_document_has_the_facts_that_were_added_later(journal: Journal):
    book = Book()
    await journal.commit([book.register(), book.add(receipt(1)), book.add(deposit(2)), book.add(receipt(3))])
    await journal.commit([book.append(mark(1, 7, 4)), book.append(mark(2, None, 5))])
    expected = {
        1: recorded(receipt(1), autonomous=True, autonomous_sign=7, period=4),
        2: recorded(deposit(2), autonomous=True, period=5),
        3: recorded(receipt(3)),
    }
    for number, entry in expected.items():
        stored = await journal.document("kkm-1", number)
        assert stored == StoredEntry(number + 1, "kkm-1", number + 1, entry)
    assert [s.entry for s in await journal.documents(DocumentFilter(after_seq=0))] == list(expected.values())
    assert [s.entry for s in await journal.entries("kkm-1", 1, 1)] == [recorded(receipt(1))], "the feed is as it was"
    assert await journal.document("kkm-1", 4) is None
    assert await journal.document("kkm-2", 1) is None


async def test_autonomous_signs_are_found_wherever_they_came_from(journal: Journal):
    one, other = Book(), Book("kkm-2")
    await journal.commit([one.register(), other.register()])
    await journal.commit(
        [
            one.add(receipt(1), autonomous=True, autonomous_sign=7, period=1),
            one.add(receipt(2)),
            one.append(mark(2, 8)),
            other.add(receipt(1), autonomous=True, autonomous_sign=9),
        ]
    )
    table = [
        ("kkm-1", 7, 1, False),
        ("kkm-1", 7, 2, True),
        ("kkm-1", 7, 0, True),
        ("kkm-1", 8, 2, False),
        ("kkm-1", 8, 3, True),
        ("kkm-1", 9, 3, False),
        ("kkm-2", 9, 2, True),
        ("kkm-2", 7, 2, False),
        ("kkm-3", 7, 2, False),
    ]
    for register_id, sign, besides, used in table:
        assert await journal.is_autonomous_sign_used(register_id, sign, besides) is used


async def test_the_last_that_was_recorded_of_a_period(journal: Journal):
    one, other = Book(), Book("kkm-2")
    await journal.commit([one.register(), other.register(), one.append(period(1)), one.append(period(2))])
    await journal.commit([one.append(period(1, T0 + 99_000)), other.append(period(3))])
    assert await journal.period("kkm-1", 1) == period(1, T0 + 99_000)
    assert await journal.period("kkm-1", 2) == period(2)
    assert await journal.period("kkm-1", 3) is None
    assert await journal.period("kkm-2", 3) == period(3)


# ----------------------------------------------------------------------------------------------------- filters


async def shop(journal: Journal) -> None:
    """Two registers, two shifts, every kind of document; sequence numbers in the comments."""
    one, two = Book("kkm-1"), Book("kkm-2")
    await journal.commit([one.register(), two.register()])  # 1, 2
    await journal.commit(
        [
            one.add(receipt(1)),  # 3
            one.add(receipt(2, issued_at=T0 + 10, operation=Operation.BUY)),  # 4
            two.add(deposit(1, issued_at=T0 + 20)),  # 5
            one.add(close_shift(3, issued_at=T0 + 30)),  # 6
            one.add(receipt(4, 2, T0 + 40), autonomous=True, autonomous_sign=7, period=1),  # 7
            two.add(correction(2, issued_at=T0 + 50, operation=Operation.BUY)),  # 8
            one.append(mark(1, 8)),  # 9
            two.add(withdrawal(3, issued_at=T0 + 60), autonomous=True),  # 10
            one.append(anomaly(number=1)),  # 11
            one.add(receipt(5, 2, T0 + 70, operation=Operation.SELL_RETURN)),  # 12
        ]
    )


@pytest.mark.parametrize(
    ("wanted", "seqs"),
    [
        (DocumentFilter(), [12, 10, 8, 7, 6, 5, 4, 3]),
        (DocumentFilter(limit=3), [12, 10, 8]),
        (DocumentFilter(before_seq=8, limit=3), [7, 6, 5]),
        (DocumentFilter(before_seq=3), []),
        (DocumentFilter(after_seq=0), [3, 4, 5, 6, 7, 8, 10, 12]),
        (DocumentFilter(after_seq=5, limit=2), [6, 7]),
        (DocumentFilter(after_seq=5, before_seq=8), [6, 7]),
        (DocumentFilter(after_seq=12), []),
        (DocumentFilter(register_id="kkm-1"), [12, 7, 6, 4, 3]),
        (DocumentFilter(register_id="kkm-2", after_seq=5), [8, 10]),
        (DocumentFilter(register_id="kkm-3"), []),
        (DocumentFilter(kind=DocumentKind.RECEIPT), [12, 7, 4, 3]),
        (DocumentFilter(kind=DocumentKind.VOID), []),
        (DocumentFilter(operation=Operation.BUY), [8, 4]),
        (DocumentFilter(operation=Operation.BUY, kind=DocumentKind.RECEIPT), [4]),
        (DocumentFilter(autonomous=True), [10, 7, 3]),
        (DocumentFilter(autonomous=True, limit=2), [10, 7]),
        (DocumentFilter(autonomous=True, after_seq=3), [7, 10]),
        (DocumentFilter(autonomous=False), [12, 8, 6, 5, 4]),
        (DocumentFilter(autonomous=False, register_id="kkm-1", limit=2), [12, 6]),
        (DocumentFilter(shift=2), [12, 7]),
        (DocumentFilter(number=1), [5, 3]),
        (DocumentFilter(number=1, register_id="kkm-1"), [3]),
        (DocumentFilter(sign="100000000001"), [3]),
        (DocumentFilter(sign="000000000000"), []),
        (DocumentFilter(autonomous_sign=7), [7]),
        (DocumentFilter(autonomous_sign=8), [3]),
        (DocumentFilter(autonomous_sign=8, autonomous=False), []),
        (DocumentFilter(autonomous_sign=9), []),
        (DocumentFilter(issued_from=T0 + 50), [12, 10, 8]),
        (DocumentFilter(issued_until=T0 + 10), [4, 3]),
        (DocumentFilter(issued_from=T0 + 10, issued_until=T0 + 40), [7, 6, 5, 4]),
        (DocumentFilter(issued_from=T0 + 41, issued_until=T0 + 40), []),
    ],
    ids=lambda value: "-".join(map(str, value)) if isinstance(value, list) else "",
)
async def test_documents_by_filter(journal: Journal, wanted: DocumentFilter, seqs: list[int]):
    await shop(journal)
    assert [stored.seq for stored in await journal.documents(wanted)] == seqs


@pytest.mark.parametrize("autonomous", [None, True, False])
@pytest.mark.parametrize("size", [1, 2, 3])
async def test_pages_are_the_whole_cut_up(journal: Journal, autonomous: bool | None, size: int):
    await shop(journal)
    wanted = DocumentFilter(autonomous=autonomous, limit=size)
    whole = list(await journal.documents(replace(wanted, limit=100)))
    pages: list[StoredEntry] = []
    while found := await journal.documents(wanted):
        pages.extend(found)
        wanted = replace(wanted, before_seq=found[-1].seq)
    assert pages == whole
    upwards: list[StoredEntry] = []
    wanted = DocumentFilter(autonomous=autonomous, limit=size, after_seq=0)
    while found := await journal.documents(wanted):
        upwards.extend(found)
        wanted = replace(wanted, after_seq=found[-1].seq)
    assert upwards == whole[::-1]


@pytest.mark.parametrize(
    ("register_id", "after_seq", "limit", "seqs"),
    [
        (None, 0, 4, [1, 2, 3, 4]),
        (None, 4, 3, [5, 6, 7]),
        (None, 11, 10, [12]),
        (None, 12, 10, []),
        ("kkm-1", 0, 10, [1, 3, 4, 6, 7, 9, 11, 12]),
        ("kkm-1", 6, 2, [7, 9]),
        ("kkm-2", 5, 10, [8, 10]),
        ("kkm-3", 0, 10, []),
    ],
)
async def test_the_feed_of_everything(
    journal: Journal, register_id: str | None, after_seq: int, limit: int, seqs: list[int]
):
    await shop(journal)
    assert [stored.seq for stored in await journal.entries(register_id, after_seq, limit)] == seqs


@pytest.mark.parametrize(
    ("register_id", "code", "before_seq", "limit", "seqs"),
    [
        (None, None, None, 10, [8, 6, 5, 4]),
        (None, None, None, 2, [8, 6]),
        (None, None, 6, 10, [5, 4]),
        ("kkm-1", None, None, 10, [8, 5, 4]),
        ("kkm-2", None, None, 10, [6]),
        ("kkm-3", None, None, 10, []),
        (None, AnomalyCode.CONFLICT, None, 10, [8, 5]),
        (None, AnomalyCode.CONFLICT, None, 1, [8]),
        (None, AnomalyCode.CONFLICT, 8, 10, [5]),
        (None, AnomalyCode.VERY_OLD, None, 10, [4]),
        ("kkm-1", AnomalyCode.CLOCK_BACKWARDS, None, 10, [4]),
        ("kkm-2", AnomalyCode.CLOCK_BACKWARDS, None, 10, []),
        (None, AnomalyCode.Z_TOTALS_DIFFER, None, 10, []),
    ],
)
async def test_anomalies_newest_first(
    journal: Journal,
    register_id: str | None,
    code: AnomalyCode | None,
    before_seq: int | None,
    limit: int,
    seqs: list[int],
):
    one, two = Book("kkm-1"), Book("kkm-2")
    noticed = (anomaly(AnomalyCode.CLOCK_BACKWARDS, 2), anomaly(AnomalyCode.VERY_OLD, 2))
    await journal.commit([one.register(), two.register(), one.add(receipt(1))])  # 1, 2, 3
    await journal.commit([one.add(receipt(2), anomalies=noticed), one.append(anomaly(number=1))])  # 4, 5
    await journal.commit([two.append(anomaly(AnomalyCode.MEMORY_BEHIND)), two.append(period())])  # 6, 7
    await journal.commit([one.append(anomaly())])  # 8
    found = await journal.anomalies(register_id, code, before_seq, limit)
    assert [stored.seq for stored in found] == seqs
    for stored in found:
        assert isinstance(stored.entry, Anomaly | DocumentRecorded)


# -------------------------------------------------------------------------------------------- unknown outcomes


async def test_an_append_can_be_found_again(journal: Journal):
    book, other = Book(), Book("kkm-2")
    first = book.register()
    assert await journal.is_committed(first) is None
    await journal.commit([first, other.register()])
    second = book.append(recorded(receipt(1)), anomaly(number=1))
    assert await journal.is_committed(second) is None
    await journal.commit([second])
    third = book.add(receipt(2))
    assert await journal.is_committed(first) == Committed(1)
    assert await journal.is_committed(second) == Committed(3)
    assert await journal.is_committed(third) is None


async def test_what_another_writer_kept_at_that_version_is_not_this_append(journal: Journal):
    ours, theirs = Book(), Book()
    await journal.commit([ours.register()])
    theirs.register()
    await journal.commit([theirs.append(recorded(receipt(1)), anomaly(number=1))])
    assert await journal.is_committed(ours.add(deposit(1))) is None
    same_start = Book()
    same_start.register()
    assert await journal.is_committed(same_start.append(recorded(receipt(1)), anomaly(number=2))) is None


@pytest.mark.parametrize("entry", EVERY_KIND[1:], ids=lambda entry: type(entry).__name__)
async def test_every_kind_of_entry_is_recognised(journal: Journal, entry: Entry):
    book = Book()
    await journal.commit([book.register()])
    append = book.append(entry)
    assert await journal.is_committed(append) is None
    await journal.commit([append])
    assert await journal.is_committed(append) == Committed(2)


# ------------------------------------------------------------------------------------------------------ reopen


@pytest.mark.parametrize("storage", ["sqlite", "postgresql"], indirect=True)
async def test_everything_is_there_when_it_is_opened_again(storage: Open):
    journal = await storage()
    await shop(journal)
    await journal.commit([], [note("kkm-1", 1), note("kkm-2", 2, NoteKind.WITHHELD)], [times(1, 2), times(3, 12)])
    ids = [Book(id_) for id_ in ("z", "a")]
    await journal.commit([book.register() for book in ids])
    before = await everything(journal)
    await journal.close()
    again = await storage()
    assert await everything(again) == before
    assert list(await again.commit([ids[0].add(receipt(1)), Book("b").register()])) == [Committed(15), Committed(16)]
    assert list(await again.commit([structs.replace(ids[1].add(receipt(1)), expected=0)])) == [Stale(1)]
    await again.close()
    third = await storage()
    assert list(await third.registers()) == ["kkm-1", "kkm-2", "z", "a", "b"]
    await third.close()


# -------------------------------------------------------------------------------- one journal against the other


def next_append(book: Book, choice: int, number: int) -> Append:
    """Some append that can follow in this book."""
    if book.state is None:
        return book.append(registered(), *([anomaly()] if choice % 2 else []))
    tape = book.state.tape
    shift = tape.shift.next_number
    match choice:
        case 0:
            return book.add(receipt(tape.last_number + 1, shift))
        case 1:
            sign = (7, 8)[number % 2]
            facts = {"autonomous": True, "autonomous_sign": sign, "period": 1}
            return book.add(receipt(tape.last_number + 1, shift), anomalies=(anomaly(number=number),), **facts)
        case 2:
            return book.add(close_shift(tape.last_number + 1, shift))
        case 3:
            return book.append(period(number, T0 + number))
        case 4:
            return book.append(anomaly(AnomalyCode.CONFLICT, number), anomaly(AnomalyCode.VERY_OLD))
        case _:
            online = [e.number for e in book.entries if isinstance(e, DocumentRecorded) and not e.autonomous]
            marked = {e.number for e in book.entries if hasattr(e, "number") and not isinstance(e, DocumentRecorded)}
            fresh = [n for n in online if n not in marked]
            return book.append(mark(fresh[-1])) if fresh else book.append(period(number))


steps = st.lists(
    st.lists(
        st.tuples(st.sampled_from(("kkm-b", "kkm-a", "kkm-c")), st.integers(0, 5), st.integers(1, 4), st.booleans()),
        max_size=5,
    ),
    max_size=6,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_memory_and_file_tell_the_same(tmp_path_factory: pytest.TempPathFactory, steps: Any):
    folder = tmp_path_factory.mktemp("ledger")
    asyncio.run(compare(opens(lambda: SqliteJournal.open(folder)), steps))


WITHOUT_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
"""Each example has a database of its own, which takes a while to be made."""


@settings(max_examples=8, phases=WITHOUT_SHRINKING, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_memory_and_database_tell_the_same(postgres: Postgres, steps: Any):
    asyncio.run(compare(opens_at(postgres.database()), steps))


async def compare(other: Open, steps: Any) -> None:
    """Both are told the same, and tell the same, also after the other was opened again."""
    memory, file = MemoryJournal(), await other()
    books = {id_: Book(id_) for id_ in ("kkm-a", "kkm-b", "kkm-c")}
    try:
        span: list[BatchTimes] = []
        for step in steps:
            batch: list[Append] = []
            notes = []
            overtaken: set[str] = set()
            for id_, choice, number, stale in step:
                if stale or id_ in overtaken:
                    overtaken.add(id_)
                    behind = Book(id_)
                    batch.append(
                        structs.replace(
                            behind.append(registered(), anomaly()), expected=99 if stale else books[id_].version
                        )
                    )
                else:
                    batch.append(next_append(books[id_], choice, number))
                    notes.append(note(id_, number))
            before = await memory.last_seq()
            assert list(await memory.commit(batch, notes, span)) == list(await file.commit(batch, notes, span))
            after = await memory.last_seq()
            span = [times(before + 1, after)] if after > before else []
            for append in batch:
                assert await memory.is_committed(append) == await file.is_committed(append)
        told = await everything(memory)
        assert told == await everything(file)
        for id_, book in books.items():
            loaded = await file.load(id_)
            if book.state is None:
                assert loaded is None
            else:
                assert loaded is not None
                assert replay(id_, loaded.snapshot, loaded.entries) == book.state
        await file.close()
        file = await other()
        assert told == await everything(file)
    finally:
        await file.close()
