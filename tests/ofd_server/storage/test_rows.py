"""Entries as rows and back: nothing is lost on the way, and what is searched for stands in a column of its own."""

from typing import Any

import msgpack
import pytest
from hypothesis import given
from msgspec import structs

from fiscal.domain.receipt import Receipt
from ofd_server.core.entries import AnomalyCode, DocumentRecorded, Entry, MadeAutonomous, PeriodRecorded
from ofd_server.core.state import RegisterState
from ofd_server.storage.rows import COLUMNS, PLAIN, WITH_DETAIL, entry_of, pack_state, row_of, unpack_state
from tests.contract.books import EVERY_KIND, EXCHANGED, PROFILE_RU, Book, anomaly, mark, period, recorded, registered
from tests.documents import T0, close_shift, deposit, receipt, receipts, void


def columns(entry: Entry) -> dict[str, Any]:
    row = row_of(entry, 11, 22, 33, 44)
    assert len(row) in (PLAIN, WITH_DETAIL, len(COLUMNS))
    return dict.fromkeys(COLUMNS) | dict(zip(COLUMNS, row, strict=False))


@pytest.mark.parametrize("entry", EVERY_KIND, ids=lambda entry: type(entry).__name__)
def test_there_and_back(entry: Entry):
    back = entry_of(row_of(entry, 1, 1, 1, 1))
    assert back == entry
    assert type(back) is type(entry)


@given(receipts())
def test_any_receipt_there_and_back(document: Receipt):
    entry = recorded(document)
    assert entry_of(row_of(entry, 1, 1, 1, 1)) == entry


@pytest.mark.parametrize("entry", EVERY_KIND, ids=lambda entry: type(entry).__name__)
def test_every_entry_has_its_places_and_no_other_types_than_sqlite_has(entry: Entry):
    row = columns(entry)
    assert (row["seq"], row["register_no"], row["version"]) == (11, 22, 44)
    assert row["number"] == (entry.number if isinstance(entry, DocumentRecorded) else 33)
    assert {type(value) for value in row.values()} <= {int, str, bytes, bytearray, type(None)}


def test_what_documents_are_searched_by():
    entry = recorded(receipt(5, 2, T0), autonomous=True, autonomous_sign=7, period=3)
    row = columns(entry)
    assert {name: row[name] for name in ("document_kind", "operation", "shift", "issued_at", "total")} == {
        "document_kind": "receipt",
        "operation": "sell",
        "shift": 2,
        "issued_at": T0,
        "total": 10_000,
    }
    assert (row["autonomous"], row["autonomous_sign"], row["period"]) == (1, 7, 3)
    assert (row["sign"], row["key_id"], row["protocol"]) == ("100000000005", "k1", "native")
    assert (row["at"], row["content"], row["flagged"], row["detail"]) == (T0 + 100, entry.content, None, None)
    assert [columns(recorded(document))["operation"] for document in (deposit(), close_shift(), void())] == [None] * 3
    assert columns(recorded(deposit()))["autonomous"] == 0


def test_a_row_ends_before_what_it_has_not():
    plain = recorded(receipt())
    assert len(row_of(plain, 1, 1, 1, 1)) == PLAIN
    exchanged = structs.replace(plain, exchange=EXCHANGED)
    assert len(row_of(exchanged, 1, 1, 1, 1)) == WITH_DETAIL
    for more in ({"autonomous_sign": 7}, {"period": 3}, {"anomalies": (anomaly(),)}):
        for entry in (plain, exchanged):
            whole = structs.replace(entry, **more)
            assert len(row_of(whole, 1, 1, 1, 1)) == len(COLUMNS)
            assert entry_of(row_of(whole, 1, 1, 1, 1)) == whole
    assert entry_of(row_of(exchanged, 1, 1, 1, 1)) == exchanged
    assert len(row_of(registered(), 1, 1, 1, 1)) == len(COLUMNS)


def test_what_later_entries_speak_of():
    assert columns(mark(5, 7, 3)) | {"about": 5, "autonomous_sign": 7, "period": 3} == columns(mark(5, 7, 3))
    assert columns(period(9))["about"] == 9
    assert (columns(anomaly(number=4))["about"], columns(anomaly(number=4))["flagged"]) == (4, 1)
    assert columns(recorded(receipt(), anomalies=(anomaly(),)))["flagged"] == 1
    assert columns(registered())["about"] is None


def test_kinds_have_different_numbers():
    kinds = {type(entry): columns(entry)["kind"] for entry in EVERY_KIND}
    assert len(set(kinds.values())) == len(kinds) == 9
    assert (kinds[DocumentRecorded], kinds[MadeAutonomous], kinds[PeriodRecorded]) == (1, 2, 3)


def states() -> list[RegisterState]:
    book = Book()
    found = []
    for entry in EVERY_KIND:
        book.append(entry)
        assert book.state is not None
        found.append(book.state)
    moved = Book("kkm-2")
    moved.append(registered(profile=PROFILE_RU, last_number=9, last_shift=4), anomaly(AnomalyCode.CAME_WITH_HISTORY))
    assert moved.state is not None
    return [*found, moved.state]


@pytest.mark.parametrize("state", states(), ids=lambda state: f"version {state.version}")
def test_a_state_there_and_back(state: RegisterState):
    packed = pack_state(state)
    assert unpack_state(packed) == state
    assert type(unpack_state(packed).tape) is type(state.tape)
    assert isinstance(msgpack.unpackb(packed), list | dict)
