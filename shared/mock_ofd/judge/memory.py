"""A fiscal memory of our register as a client's journal.

The rule: it is looked at and not used, also while its register sells. A memory says what was issued and what the
operator answered, nothing of attempts; so attempts are judged by the journals of those who write them down.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from fiscal.domain.signs import digest_of
from fiscal.errors import RemoteProtocolError, StorageCorrupt, StorageError
from fiscal.judging.events import Event, What
from fiscal.protocols.content import decode_content
from kkt_client.core import records
from kkt_client.core.records import Damaged, Decision, Record, Sealed, opened
from kkt_client.storage.sqlite import FILE

_RECORDS: Final = "SELECT seq, kind, number, key, body, hash FROM record ORDER BY seq"


def read_memory(path: Path) -> Iterator[Event]:
    """Every event of the memory in this folder or file; ``StorageError`` when it cannot be read or was changed."""
    file = path / FILE if path.is_dir() else path
    if not file.is_file():
        raise StorageError(f"{file}: there is no fiscal memory")
    return events_of(f"{file.parent.name}/{file.name}" if file.parent.name else file.name, _records(file))


def events_of(source: str, chain: Iterable[tuple[int, Record]]) -> Iterator[Event]:
    """The events of a memory's records, each with its number."""
    register = ""
    for seq, record in chain:
        if isinstance(record, records.Founded):
            register = record.register
        event = _event(register, source, seq, record)
        if event is not None:
            yield event


def _records(file: Path) -> Iterator[tuple[int, Record]]:
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)) as db:
            chain = (Sealed(*row) for row in db.execute(_RECORDS))
            for sealed, record in opened(chain, 0, records.GENESIS):
                yield sealed.seq, record
    except Damaged as damage:
        raise StorageCorrupt(f"{file}: {damage}") from damage
    except sqlite3.Error as error:
        raise StorageError(f"{file}: {error}") from error


def _event(register: str, source: str, seq: int, record: Record) -> Event | None:
    match record:
        case records.Issued():
            return _issued(register, source, seq, record)
        case records.MadeAutonomous():
            return Event(
                What.AUTONOMOUS,
                register,
                source,
                seq,
                record.at,
                record.number,
                autonomous_sign=record.sign,
                period=record.period,
            )
        case records.Accepted():
            return Event(What.ANSWERED, register, source, seq, record.at, record.number, sign=record.sign or "")
        case records.Refused():
            return Event(What.REFUSED, register, source, seq, record.at, record.number, text=record.code)
        case records.PeriodReported():
            return Event(What.PERIOD_REPORTED, register, source, seq, record.at, period=record.period)
        case records.Resolved():
            return _resolved(register, source, seq, record)
        case _:
            return None


def _issued(register: str, source: str, seq: int, record: records.Issued) -> Event:
    try:
        document = decode_content(record.content)
    except RemoteProtocolError as error:
        raise StorageCorrupt(f"{source}: record {seq}: {error}") from error
    return Event(
        What.ISSUED,
        register,
        source,
        seq,
        document.issued_at,
        record.number,
        document.id.hex(),
        digest_of(record.content).hex(),
        same_sale=record.key,
        issued_at=document.issued_at,
    )


def _resolved(register: str, source: str, seq: int, record: records.Resolved) -> Event | None:
    number = record.number or 0
    match record.decision:
        case Decision.VOID:
            return Event(What.VOIDED, register, source, seq, record.at, number)
        case Decision.RETRY if number:
            return Event(What.RETRIED, register, source, seq, record.at, number)
        case Decision.ADOPT if record.adopted is not None:
            return Event(What.CONTINUED, register, source, seq, record.at, record.adopted.last_number)
        case _:
            return None
