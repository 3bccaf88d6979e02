"""What every ledger in a database is asked alike, and what is judged alike of the rows that come.

The rule: which column a wish is about is said here, once; how a value is written into a question is the database's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from msgspec import structs

from ofd_server.core.entries import AnomalyCode, DocumentRecorded
from ofd_server.ports import DocumentFilter, StoredEntry

Condition = tuple[str, str, Any]
"""Column of the entry, comparison, value."""


def conditions_of(wanted: DocumentFilter) -> Iterator[Condition]:
    """What is wished of a document's own columns; whose it is, and whether it is autonomous, each database knows itself."""
    for column, comparison, value in (
        ("document_kind", "=", None if wanted.kind is None else wanted.kind.value),
        ("operation", "=", None if wanted.operation is None else wanted.operation.value),
        ("shift", "=", wanted.shift),
        ("number", "=", wanted.number),
        ("sign", "=", wanted.sign),
        ("issued_at", ">=", wanted.issued_from),
        ("issued_at", "<=", wanted.issued_until),
        ("seq", "<", wanted.before_seq),
        ("seq", ">", wanted.after_seq),
    ):
        if value is not None:
            yield column, comparison, value


def is_noticed(stored: StoredEntry, code: AnomalyCode | None) -> bool:
    """Whether an anomaly with this code, or any for ``None``, was noticed with this entry."""
    entry = stored.entry
    noticed = entry.anomalies if isinstance(entry, DocumentRecorded) else (entry,)
    return code is None or any(getattr(anomaly, "code", None) is code for anomaly in noticed)


def made_autonomous(stored: StoredEntry, sign: int | None, period: int | None) -> StoredEntry:
    """The document with the mark that was added to it later."""
    entry = stored.entry
    assert isinstance(entry, DocumentRecorded), "only documents turn autonomous"
    return replace(stored, entry=structs.replace(entry, autonomous=True, autonomous_sign=sign, period=period))


__all__ = ["Condition", "conditions_of", "is_noticed", "made_autonomous"]
