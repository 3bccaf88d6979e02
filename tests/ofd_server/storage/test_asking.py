"""What a database is asked for follows from the wish, column by column."""

from __future__ import annotations

from typing import Any

import pytest

from fiscal.domain.document import DocumentKind
from fiscal.domain.receipt import Operation
from ofd_server.core.entries import AnomalyCode, DocumentRecorded, Entry
from ofd_server.ports import DocumentFilter, StoredEntry
from ofd_server.storage.asking import conditions_of, is_noticed, made_autonomous
from tests.contract.books import anomaly, recorded
from tests.documents import T0, receipt

SALE = receipt()
CONFLICT, VERY_OLD = AnomalyCode.CONFLICT, AnomalyCode.VERY_OLD


def kept(entry: Entry) -> StoredEntry:
    return StoredEntry(1, "kkm-1", 1, entry)


@pytest.mark.parametrize(
    ("wanted", "asked"),
    [
        ({}, []),
        ({"kind": DocumentKind.RECEIPT}, [("document_kind", "=", "receipt")]),
        ({"operation": Operation.BUY}, [("operation", "=", "buy")]),
        ({"shift": 0, "number": 7}, [("shift", "=", 0), ("number", "=", 7)]),
        ({"sign": "12"}, [("sign", "=", "12")]),
        ({"issued_from": 0, "issued_until": T0}, [("issued_at", ">=", 0), ("issued_at", "<=", T0)]),
        ({"before_seq": 9}, [("seq", "<", 9)]),
        ({"after_seq": 0, "limit": 5}, [("seq", ">", 0)]),
        ({"register_id": "kkm-1", "autonomous": True, "autonomous_sign": 3}, []),
    ],
    ids=repr,
)
def test_what_is_asked_of_the_columns(wanted: dict[str, Any], asked: list[tuple[str, str, Any]]):
    assert list(conditions_of(DocumentFilter(**wanted))) == asked


@pytest.mark.parametrize(
    ("entry", "code", "is_one"),
    [
        (recorded(SALE), None, True),
        (recorded(SALE), CONFLICT, False),
        (recorded(SALE, anomalies=(anomaly(VERY_OLD), anomaly(CONFLICT))), CONFLICT, True),
        (recorded(SALE, anomalies=(anomaly(VERY_OLD),)), CONFLICT, False),
        (anomaly(CONFLICT), CONFLICT, True),
        (anomaly(VERY_OLD), CONFLICT, False),
    ],
)
def test_what_was_noticed_with_an_entry(entry: Entry, code: AnomalyCode | None, is_one: bool):
    assert is_noticed(kept(entry), code) is is_one


def test_a_mark_that_came_later_is_part_of_its_document():
    marked = made_autonomous(kept(recorded(SALE)), 7, 2).entry
    assert isinstance(marked, DocumentRecorded)
    assert (marked.autonomous, marked.autonomous_sign, marked.period) == (True, 7, 2)
    assert marked.document == recorded(SALE).document
