"""A register's state, with and without a snapshot in the middle of a shift."""

from __future__ import annotations

from msgspec import structs

from fiscal.domain.document import Document
from ofd_server.core.entries import TakenOver
from ofd_server.core.replay import replay
from ofd_server.loading import load_state
from ofd_server.ports import Append, StoredEntry
from ofd_server.storage.memory import MemoryJournal
from tests.contract.books import Book, mark
from tests.documents import T0, close_shift, receipt


class Counting(MemoryJournal):
    """Counts the documents that are asked for."""

    asked = 0

    async def document(self, register_id: str, number: int) -> StoredEntry | None:
        self.asked += 1
        return await super().document(register_id, number)


def kept(append: Append) -> Append:
    return structs.replace(append, snapshot=True)


async def state_is_that_of_everything(journal: MemoryJournal, book: Book) -> None:
    state = await load_state(journal, book.id)
    assert state == book.state == replay(book.id, None, book.entries)


async def test_a_register_that_nobody_knows_has_no_state():
    assert await load_state(MemoryJournal(), "kkm-1") is None


async def test_a_mark_speaks_of_a_document_before_the_snapshot():
    journal, book = Counting(), Book()
    await journal.commit([book.register(), book.add(receipt(1)), book.add(receipt(2))])
    await journal.commit([kept(book.append(TakenOver(at=T0, node="a")))])
    await journal.commit([book.add(receipt(3)), book.append(mark(1, 7)), book.append(mark(3, 8))])
    loaded = await journal.load(book.id)
    assert loaded is not None
    assert loaded.snapshot is not None
    assert replay(book.id, loaded.snapshot, loaded.entries) != book.state, "it needs the document"
    await state_is_that_of_everything(journal, book)
    assert journal.asked == 1


async def test_a_mark_of_a_closed_shift_needs_no_document():
    journal, book = Counting(), Book()
    documents: list[Document] = [receipt(1), close_shift(2, counters={})]
    await journal.commit([book.register(), book.add(documents[0]), kept(book.add(documents[1]))])
    await journal.commit([book.append(mark(1, 7)), book.add(receipt(3, 2))])
    await state_is_that_of_everything(journal, book)
    assert journal.asked == 0


async def test_a_mark_of_a_document_that_the_ledger_does_not_hold_changes_no_counters():
    journal, book = Counting(), Book()
    await journal.commit([book.register(), book.add(receipt(1)), kept(book.append(TakenOver(at=T0, node="a")))])
    await journal.commit([book.append(mark(9, 7))])
    state = await load_state(journal, book.id)
    assert state is not None
    assert state.tape.last_autonomous_sign == 7
    assert journal.asked == 1
