"""Real stores, read back: a day is played, then one record of a copy is deleted, doubled, swapped or altered."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from fiscal.domain.document import CloseShift
from fiscal.domain.lifecycle import RegisterMode
from fiscal.protocols.content import decode_content, encode_content
from fiscal.protocols.values import pack
from kkt_client.core import records
from kkt_client.core.records import GENESIS, Sealed, seal, unseal
from kkt_client.keeping import Marks
from kkt_client.ports import MARKS
from kkt_client.storage.sqlite import FILE as MEMORY_FILE
from mock_ofd.demo.books import Figure
from mock_ofd.demo.clock import ShopClock
from mock_ofd.demo.reconcile import Account
from mock_ofd.demo.stores import read_chain, reconcile_stores
from mock_ofd.demo.trouble import OPENS_AT, register_id
from ofd_server.storage.sqlite import FILE_NAME as LEDGER_FILE
from ofd_server.storage.sqlite import SqliteJournal
from tests.mock_ofd.demo.shop_floor import LINES, NUMBER, hurried, operator, register, till

NUMBERS = range(1, 11)
DOCUMENT = 1
"""The kind of a ledger's row that is a document."""
NONE = dict.fromkeys(Figure, 0)


async def play(folder: Path) -> None:
    """A day, part of it without the operator, a Z-report among it; in the end everything is delivered."""
    clock = hurried(ShopClock(OPENS_AT))
    async with operator(folder, clock) as server, register(folder, clock, server.native_address) as opened:
        await till(opened, folder, clock, LINES[:3]).play()
        await opened.low_power(True)
        await till(opened, folder, clock, LINES[:9]).play()
        await opened.low_power(False)
        await opened.sync()
        await till(opened, folder, clock).play()
        assert opened.status().mode is RegisterMode.ONLINE


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    folder = tmp_path_factory.mktemp("played")
    asyncio.run(play(folder))
    return folder


@pytest.fixture
def copied(played, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(played, folder)
    return folder


async def account_of(folder: Path) -> Account:
    journal = SqliteJournal.open(folder / "operator")
    try:
        found = await reconcile_stores({register_id(NUMBER): folder / "register"}, journal)
    finally:
        await journal.close()
    (account,) = found.accounts
    return account


async def figures(folder: Path) -> dict[Figure, int]:
    account = await account_of(folder)
    return {figure: account.count(figure) for figure in Figure}


def only(figure: Figure) -> dict[Figure, int]:
    return NONE | {figure: 1}


def ledger(folder: Path):
    return closing(sqlite3.connect(folder / "operator" / LEDGER_FILE, isolation_level=None))


def rewrite(folder: Path, changed) -> None:
    """Another chain in place of the memory's own, sealed from its first record as if it had always been so."""
    with closing(sqlite3.connect(folder / "register" / MEMORY_FILE, isolation_level=None)) as db:
        for trigger in ("record_is_never_changed", "record_is_never_removed"):
            db.execute(f"drop trigger {trigger}")
        columns = "seq, kind, number, key, body, hash"
        chain = [unseal(Sealed(*row)) for row in db.execute(f"select {columns} from record order by seq")]
        db.execute("delete from record")
        db.execute("drop index record_of_key")  # a doubled record has its key twice
        previous = GENESIS
        for seq, record in enumerate(changed(chain), 1):
            sealed = seal(previous, seq, record)
            row = (sealed.seq, sealed.kind, sealed.number, sealed.key, sealed.body, sealed.hash)
            db.execute(f"insert into record ({columns}) values (?, ?, ?, ?, ?, ?)", row)
            previous = sealed.hash
        db.execute("update beside set value = ? where name = ?", (pack(Marks(seq=seq, hash=previous)), MARKS))


def place_of(number, chain):
    return next(place for place, one in enumerate(chain) if isinstance(one, records.Issued) and one.number == number)


def altered(content: bytes) -> bytes:
    document = decode_content(content)
    return encode_content(structs.replace(document, cashier=structs.replace(document.cashier, name="Некто")))


# ----------------------------------------------------------------------------------------------------- as it was


@pytest.mark.requirement("S3-11", "S3-17", "S3-22", "S3-23", "S3-25")
async def test_a_day_that_was_played_is_clean(played):
    account = await account_of(played)
    assert account.findings == ()
    assert account.damage is None
    facts = account.facts
    assert (facts.documents, facts.receipts, facts.z_reports, facts.waiting) == (10, 6, 2, 0)
    # Behind the third document the register was alone: two receipts, cash out, a purchase, the Z-report.
    assert (facts.autonomous, facts.autonomous_receipts, facts.z_autonomous) == (5, 3, 1)
    assert (facts.periods, facts.late, facts.replayed) == (1, 0, 0)


# ---------------------------------------------------------------------------------------------- the operator's ledger


@pytest.mark.parametrize("number", NUMBERS)
async def test_a_document_that_is_deleted_from_the_ledger_is_lost(copied, number):
    with ledger(copied) as db:
        db.execute("delete from entry where number = ? and kind = ?", (number, DOCUMENT))
    assert await figures(copied) == only(Figure.LOST)


@pytest.mark.parametrize("number", NUMBERS)
async def test_a_document_that_is_copied_in_the_ledger_is_doubled(copied, number):
    with ledger(copied) as db:
        columns = [row[1] for row in db.execute("pragma table_info(entry)")]
        others = ", ".join(column for column in columns if column not in ("seq", "version"))
        db.execute(
            f"insert into entry (seq, version, {others}) select 1000, 1000, {others} from entry "
            "where number = ? and kind = ?",
            (number, DOCUMENT),
        )
    assert await figures(copied) == only(Figure.DOUBLED)


@pytest.mark.parametrize("number", NUMBERS[:-1])
async def test_two_documents_that_change_places_in_the_ledger_are_out_of_order(copied, number):
    with ledger(copied) as db:
        (one, other) = db.execute(
            "select seq, version from entry where number in (?, ?) and kind = ? order by number",
            (number, number + 1, DOCUMENT),
        ).fetchall()
        for (seq, version), (new_seq, new_version) in (((one), (-1, -1)), ((other), one), ((-1, -1), other)):
            change = (new_seq, new_version, seq, version)
            db.execute("update entry set seq = ?, version = ? where seq = ? and version = ?", change)
    assert await figures(copied) == only(Figure.OUT_OF_ORDER)


@pytest.mark.parametrize("number", NUMBERS)
async def test_a_document_that_is_altered_in_the_ledger_is_different(copied, number):
    with ledger(copied) as db:
        where = "where number = ? and kind = ?"
        ((content,),) = db.execute(f"select content from entry {where}", (number, DOCUMENT)).fetchall()
        db.execute(f"update entry set content = ? {where}", (altered(content), number, DOCUMENT))
    assert await figures(copied) == only(Figure.DIFFERENT)


async def test_a_sign_that_is_altered_in_the_ledger_is_different(copied):
    with ledger(copied) as db:
        db.execute("update entry set sign = '512345678901' where number = 2 and kind = ?", (DOCUMENT,))
    assert await figures(copied) == only(Figure.DIFFERENT)


async def test_an_autonomous_sign_that_is_altered_in_the_ledger_is_different(copied):
    with ledger(copied) as db:
        changed = db.execute("update entry set autonomous_sign = 77 where number = 4").rowcount
    assert changed == 1
    assert await figures(copied) == only(Figure.DIFFERENT)


async def test_an_offline_period_that_is_deleted_from_the_ledger_is_lost(copied):
    with ledger(copied) as db:
        assert db.execute("delete from entry where kind = 3").rowcount == 1
    assert await figures(copied) == only(Figure.LOST)


# ------------------------------------------------------------------------------------------------- the fiscal memory


@pytest.mark.parametrize("number", NUMBERS)
async def test_a_document_that_is_deleted_from_the_memory_is_lost(copied, number):
    rewrite(copied, lambda chain: [one for one in chain if chain.index(one) != place_of(number, chain)])
    assert await figures(copied) == only(Figure.LOST)


@pytest.mark.parametrize("number", NUMBERS)
async def test_a_document_that_is_copied_in_the_memory_is_doubled(copied, number):
    rewrite(copied, lambda chain: [*chain, chain[place_of(number, chain)]])
    assert await figures(copied) == only(Figure.DOUBLED)


@pytest.mark.parametrize("number", NUMBERS[:-1])
async def test_two_documents_that_change_places_in_the_memory_are_out_of_order(copied, number):
    def swap(chain):
        one, other = place_of(number, chain), place_of(number + 1, chain)
        chain[one], chain[other] = chain[other], chain[one]
        return chain

    rewrite(copied, swap)
    assert await figures(copied) == only(Figure.OUT_OF_ORDER)


@pytest.mark.parametrize("number", NUMBERS)
async def test_a_document_that_is_altered_in_the_memory_is_different(copied, number):
    def alter(chain):
        place = place_of(number, chain)
        chain[place] = replace(chain[place], content=altered(chain[place].content))
        return chain

    rewrite(copied, alter)
    account = await account_of(copied)
    assert [(finding.figure, finding.number) for finding in account.findings] == [(Figure.DIFFERENT, number)]
    assert account.damage is None  # sealed anew, it is a chain like any other: only the other side knows better


async def test_a_z_report_that_is_altered_on_both_sides_is_different_all_the_same(copied):
    def more_cash(content):
        document = decode_content(content)
        assert isinstance(document, CloseShift)
        return encode_content(structs.replace(document, counters={**document.counters, "revenue": 1}))

    def alter(chain):
        place = place_of(10, chain)
        chain[place] = replace(chain[place], content=more_cash(chain[place].content))
        return chain

    rewrite(copied, alter)
    with ledger(copied) as db:
        ((content,),) = db.execute("select content from entry where number = 10 and kind = 1").fetchall()
        db.execute("update entry set content = ? where number = 10 and kind = 1", (more_cash(content),))
    account = await account_of(copied)
    assert [(finding.figure, finding.number) for finding in account.findings] == [(Figure.DIFFERENT, 10)]
    assert "revenue: the ledger" in account.findings[0].text


# ----------------------------------------------------------------------------------------------------- damaged stores


async def test_a_memory_that_was_changed_without_its_seal_is_damaged_and_the_record_is_named(copied):
    with closing(sqlite3.connect(copied / "register" / MEMORY_FILE, isolation_level=None)) as db:
        db.execute("drop trigger record_is_never_changed")
        ((body,),) = db.execute("select body from record where seq = 4").fetchall()
        db.execute("update record set body = ? where seq = 4", (body.replace("Нан".encode(), "Нон".encode()),))
    account = await account_of(copied)
    assert account.damage is not None
    assert account.damage.startswith("record 4 ")
    assert not account.is_right


async def test_a_record_that_nobody_can_read_ends_the_reading(copied):
    with closing(sqlite3.connect(copied / "register" / MEMORY_FILE, isolation_level=None)) as db:
        db.execute("drop trigger record_is_never_changed")
        db.execute("update record set body = x'c1' where seq = 6")
    memory = await read_chain(copied / "register")
    assert len(memory.chain) == 5
    assert memory.damage is not None
    assert memory.damage.startswith("record 6 ")
    assert memory.counters is None


async def test_a_file_that_is_no_memory_is_a_damage(tmp_path):
    (tmp_path / MEMORY_FILE).write_bytes(b"no database at all" * 100)
    assert (await read_chain(tmp_path)).damage is not None


async def test_a_folder_without_a_memory_is_a_damage(tmp_path):
    assert (await read_chain(tmp_path)).damage is not None


async def test_a_register_that_the_operator_never_met_waits(tmp_path):
    clock = hurried(ShopClock(OPENS_AT))
    async with register(tmp_path, clock, None) as opened:
        await till(opened, tmp_path, clock, LINES[:3]).play()
    account = await account_of(tmp_path)
    assert account.findings == ()
    assert account.facts.waiting == 3


async def test_what_a_customer_has_is_compared_too(copied):
    notes = copied / "register" / "till.jsonl"
    lines = notes.read_text(encoding="utf-8").splitlines()
    changed = [line.replace('"sign": "', '"sign": "9') if '"number": 2,' in line else line for line in lines]
    assert changed != lines
    notes.write_text("\n".join(changed) + "\n", encoding="utf-8")
    assert await figures(copied) == only(Figure.DIFFERENT)
