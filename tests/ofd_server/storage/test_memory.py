"""The journal in memory keeps to the contract of every journal (tests/contract); this is what it has of its own."""

from ofd_server.storage.memory import MemoryJournal
from tests.contract.books import Book
from tests.contract.test_journal import shop


async def test_it_promises_nothing_beyond_the_process():
    assert MemoryJournal().durable is False
    assert MemoryJournal.durable is False


async def test_two_journals_share_nothing():
    one, two = MemoryJournal(), MemoryJournal()
    await one.commit([Book().register()])
    assert await two.load("kkm-1") is None


async def test_whoever_holds_it_sees_the_whole_ledger_in_its_order():
    journal = MemoryJournal()
    await shop(journal)
    assert list(journal.everything()) == list(await journal.entries(None, 0, 100))


async def test_it_can_be_closed_and_still_be_looked_at():
    journal = MemoryJournal()
    await shop(journal)
    await journal.close()
    assert await journal.last_seq() == 12
