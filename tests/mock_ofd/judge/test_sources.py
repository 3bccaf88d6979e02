"""What lies in a folder or a file is known by itself: ledgers, fiscal memories, journals."""

import io
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from fiscal.domain.lifecycle import AutonomousReason
from fiscal.errors import ConfigurationError, StorageCorrupt, StorageError
from fiscal.judging.events import What
from fiscal.protocols.content import encode_content
from kkt_client.core import records
from kkt_client.core.records import GENESIS, seal
from kkt_client.storage.sqlite import SqliteFiscalMemory
from mock_ofd.judge.ledger import read_ledger
from mock_ofd.judge.memory import read_memory
from mock_ofd.judge.sources import Sides, is_ledger, is_recording, name_of, read_any
from ofd_server.core.entries import AnomalyCode, Entry
from ofd_server.ports import BatchTimes, Note, NoteKind
from ofd_server.storage.sqlite import SqliteJournal
from tests.contract.books import Book, anomaly, mark, period, recorded, registered
from tests.documents import T0, document_id, receipt, void
from tests.mock_ofd.judge.lines import found, judged

REUSED = anomaly(AnomalyCode.AUTONOMOUS_SIGN_REUSED, 1)
BACKWARDS = anomaly(AnomalyCode.CLOCK_BACKWARDS, 2)


async def ledger(folder):
    """Every entry that the judge looks at, and the notes."""
    book = Book("till-1")
    journal = SqliteJournal.open(folder)
    entries: list[Entry] = [
        registered(),
        recorded(receipt(1)),
        recorded(
            receipt(2, issued_at=T0 + 1), anomalies=(REUSED, BACKWARDS), autonomous=True, autonomous_sign=5, period=1
        ),
        mark(1, 6, 1),
        period(1),
        anomaly(AnomalyCode.CONFLICT, 1, "total: 1 != 2"),
        anomaly(AnomalyCode.SECOND_AUTONOMOUS_SIGN, 2),
        anomaly(AnomalyCode.AUTONOMOUS_SIGN_REUSED, 2),
    ]
    notes = [
        Note("till-1", 1, kind, T0 + place)
        for place, kind in enumerate((NoteKind.LATE, NoteKind.WITHHELD, NoteKind.RESENT))
    ]
    await journal.commit([book.append(*entries)], [*notes, Note("till-1", 2, NoteKind.LATE, T0)])
    await journal.commit([book.add(receipt(3, issued_at=T0 + 2))], (), [BatchTimes(2, 3, T0, T0 + 1, T0 + 77)])
    await journal.close()
    return folder


async def test_a_ledger_as_events(tmp_path):
    heard = list(read_ledger(await ledger(tmp_path)))
    assert [(event.what.value, event.line, event.number) for event in heard] == [
        ("registered", 1, 0),
        ("recorded", 2, 1),
        ("recorded", 3, 2),
        ("noted", 3, 2),
        ("marked", 4, 1),
        ("period_recorded", 5, 0),
        ("conflict", 6, 1),
        ("second_sign", 7, 2),
        ("recorded", 9, 3),
        ("resent", 3, 1),
        ("late", 4, 2),
    ]
    first, second, third = (event for event in heard if event.what is What.RECORDED)
    assert (first.id, first.sign, first.protocol) == (document_id(1).hex(), "100000000001", "native")
    assert (first.at, first.issued_at, first.answered_at, third.answered_at) == (T0 + 100, T0, T0 + 77, None)
    assert (second.autonomous, second.autonomous_sign, second.period) == (True, 5, 1)
    assert {event.source for event in heard} == {"ledger.sqlite", "ledger.sqlite note"}
    assert len(first.digest) == 64


async def write_memory(folder, chain, **altered):
    folder.mkdir(exist_ok=True)
    memory = SqliteFiscalMemory(folder)
    await memory.open()
    sealed, before = [], GENESIS
    for seq, record in enumerate(chain, 1):
        sealed.append(seal(before, seq, record))
        before = sealed[-1].hash
    if altered:
        sealed[-1] = replace(sealed[-1], hash=altered["hash_of_the_last"])
    await memory.append(sealed, {})
    await memory.close()
    return folder


def issued(document, key=None):
    return records.Issued(number=document.number, content=encode_content(document), key=key)


def resolved(decision, number=None, adopted=None):
    return records.Resolved(decision=decision, at=T0, by="Айгуль", why="so", number=number, adopted=adopted)


ALONE = AutonomousReason.NO_CONNECTION
CHAIN = [
    records.Founded(register="till-1", at=T0),
    issued(receipt(1), key="order 7"),
    records.Accepted(number=1, at=T0 + 9, operator_at=T0 + 5, sign="100000000001"),
    records.PeriodBegan(period=1, at=T0, reason=ALONE),
    issued(receipt(2)),
    records.MadeAutonomous(number=2, period=1, reason=ALONE, at=T0, sign=5),
    records.PeriodReported(period=1, at=T0),
    records.Refused(number=2, at=T0, code="bad_totals"),
    resolved(records.Decision.RETRY, 2),
    records.Refused(number=2, at=T0, code="bad_totals"),
    resolved(records.Decision.VOID, 2),
    issued(void(2, id=document_id(2, 1))),
    resolved(records.Decision.RETRY),
    resolved(records.Decision.ADOPT, None, records.Adopted(last_number=7, last_shift=1)),
    resolved(records.Decision.RESEND),
]


async def test_a_fiscal_memory_as_events(tmp_path):
    heard = list(read_memory(await write_memory(tmp_path / "till", CHAIN)))
    assert [(event.what.value, event.line, event.number) for event in heard] == [
        ("issued", 2, 1),
        ("answered", 3, 1),
        ("issued", 5, 2),
        ("autonomous", 6, 2),
        ("period_reported", 7, 0),
        ("refused", 8, 2),
        ("retried", 9, 2),
        ("refused", 10, 2),
        ("voided", 11, 2),
        ("issued", 12, 2),
        ("continued", 14, 7),
    ]
    assert {event.register for event in heard} == {"till-1"}
    assert {event.source for event in heard} == {"till/fiscal-memory.db"}
    assert (heard[0].same_sale, heard[0].id, heard[1].sign) == ("order 7", document_id(1).hex(), "100000000001")
    assert (heard[3].autonomous_sign, heard[3].period, heard[4].period) == (5, 1, 1)
    assert found(judged(heard)) == []


async def test_a_memory_and_a_ledger_speak_of_the_same(tmp_path):
    folder = await write_memory(tmp_path / "till", CHAIN[:3])
    book = Book("till-1")
    journal = SqliteJournal.open(tmp_path / "operator")
    await journal.commit([book.append(registered(), recorded(receipt(1)))])
    await journal.close()
    assert found(judged(read_any(tmp_path))) == []
    altered = [CHAIN[0], issued(receipt(1, total=1)), CHAIN[2]]
    shutil.rmtree(folder)
    await write_memory(folder, altered)
    assert [rule for rule, *_ in found(judged(read_any(tmp_path)))] == ["new_content"]


async def test_a_memory_that_was_changed_is_damaged(tmp_path):
    folder = await write_memory(tmp_path / "till", CHAIN[:3], hash_of_the_last=bytes(32))
    with pytest.raises(StorageCorrupt, match="record 3"):
        list(read_any(folder))


async def test_every_place_is_known_by_what_lies_there(tmp_path):
    (tmp_path / "tills").mkdir()
    memory = await write_memory(tmp_path / "tills" / "one", CHAIN[:3])
    held = await ledger(tmp_path / "operator")
    journal = tmp_path / "till.csv"
    journal.write_text("register,event,number\ntill-1,issued,1\n")
    assert [event.what.value for event in read_any(memory)] == ["issued", "answered"]
    assert list(read_any(memory / "fiscal-memory.db")) == list(read_any(memory)) == list(read_any(tmp_path / "tills"))
    assert list(read_any(held / "ledger.sqlite")) == list(read_any(held)) == list(read_any(tmp_path / "operator"))
    assert [event.what.value for event in read_any(journal)] == ["issued"]
    assert [is_ledger(path) for path in (held, held / "ledger.sqlite", memory, journal)] == [True, True, False, False]


def test_standard_input_is_json_lines(monkeypatch):
    text = '{"register": "t", "event": "sent", "number": 1}\n'
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    (event,) = read_any(Path("-"))
    assert event.place == "stdin:1"


def test_a_pipe_is_read_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    lines = b"".join(b'{"register": "t", "event": "sent", "number": %d}\n' % number for number in range(1, 4))
    holder = os.open(tmp_path / "pipe", os.O_RDWR)
    try:
        os.write(holder, lines)
        heard = read_any(tmp_path / "pipe")
        first = next(heard)
        os.close(holder)
        holder = -1
        assert [first.number, *(event.number for event in heard)] == [1, 2, 3]
        assert first.place == f"{tmp_path / 'pipe'}:1"
    finally:
        if holder >= 0:
            os.close(holder)


def test_a_device_without_an_end_is_no_journal():
    with pytest.raises(ConfigurationError, match=r"^/dev/zero:1: is longer than 65,536 bytes$"):
        list(read_any(Path("/dev/zero")))


def test_what_a_sentence_calls_a_journal():
    assert name_of(Path("shop/till.jsonl")) == "shop/till.jsonl"
    assert name_of(Path("-")) == "stdin"
    assert name_of("postgresql://me:secret@db.example/ledger") == "postgresql://me@db.example/ledger"


def test_what_is_nothing_of_the_kind(tmp_path):
    with pytest.raises(ConfigurationError, match="neither a ledger"):
        read_any(tmp_path)
    with pytest.raises(ConfigurationError, match="no such file"):
        read_any(tmp_path / "gone")
    with pytest.raises(StorageError, match="no fiscal memory"):
        list(read_memory(tmp_path))
    (tmp_path / "fiscal-memory.db").write_bytes(b"no database at all, but long enough to look like one" * 20)
    with pytest.raises(StorageError, match="fiscal-memory"):
        list(read_any(tmp_path))


RECORDED = """\
{"recording": 1, "at": "2026-01-01T00:00:00.000Z", "protocol": "native", "to": "127.0.0.1:7790", "secrets": false}
{"at": "2026-01-01T00:00:00.000Z", "connection": 1, "event": "opened", "from": "register"}
{"at": "2026-01-01T00:00:00.000Z", "connection": 1, "from": "register", "raw": "", "what": "offline_period", \
"number": 1, "register": "till-1", "fields": {"number": 1, "begin": 1, "end": 2}}
{"at": "2026-01-01T00:00:00.001Z", "connection": 1, "from": "operator", "raw": "", "what": "noted", \
"number": 1, "register": "till-1", "fields": {}}
"""
ISSUED = '{"register": "%s", "event": "issued", "number": %d}\n'


@pytest.fixture
def three(tmp_path):
    """A recording of till-1, and journals of till-1 and of till-2."""
    paths = [tmp_path / name for name in ("day.jsonl", "till-1.jsonl", "till-2.jsonl")]
    for path, text in zip(paths, (RECORDED, ISSUED % ("till-1", 1), ISSUED % ("till-2", 1)), strict=True):
        path.write_text(text, "utf-8")
    return paths


def test_what_a_register_did_is_told_by_one_side(three):
    recording, journal, _ = three
    assert [is_recording(path) for path in three] == [True, False, False]
    for first, second in ((recording, journal), (journal, recording)):
        sides = Sides()
        assert list(sides.read(first))
        with pytest.raises(ConfigurationError, match=f"{first.name} and {second.name} both tell what till-1 did: give"):
            list(sides.read(second))


async def test_other_registers_more_files_of_a_side_and_ledgers_go_with_everything(three, tmp_path):
    recording, journal, other = three
    await ledger(tmp_path / "shop")
    for paths in ((recording, other, recording), (journal, other, journal), (recording, tmp_path / "shop")):
        sides = Sides()
        assert all(list(sides.read(path)) for path in paths)
    assert not is_recording("postgresql://db.example/ledger")
    assert not is_recording(tmp_path)
