"""Entries as rows, for every SQL adapter: the same columns in the same order, and back.

The rule: what a query filters by has a column of its own; everything else of an entry lies in ``detail`` as msgpack.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgpack
from pydantic import TypeAdapter

from fiscal.domain.document import DocumentKind, total_of
from fiscal.domain.signs import digest_of
from fiscal.protocols.content import decode_content
from ofd_server.core.entries import (
    Anomaly,
    DocumentRecorded,
    Entry,
    Exchanged,
    MadeAutonomous,
    PeriodRecorded,
    ProfileChanged,
    Registered,
    StandingChanged,
    TokenReset,
)
from ofd_server.core.state import RegisterState

COLUMNS: Final = (
    "seq",
    "register_no",
    "number",
    "version",
    "kind",
    "at",
    "about",
    "flagged",
    "document_kind",
    "operation",
    "shift",
    "issued_at",
    "total",
    "protocol",
    "autonomous",
    "autonomous_sign",
    "period",
    "sign",
    "key_id",
    "content",
    "detail",
)

KIND_DOCUMENT: Final = 1
KIND_MADE_AUTONOMOUS: Final = 2
KIND_PERIOD: Final = 3
KIND_ANOMALY: Final = 4
_OTHER_KINDS: Final[Mapping[int, type[Any]]] = {
    KIND_PERIOD: PeriodRecorded,
    KIND_ANOMALY: Anomaly,
    5: Registered,
    6: TokenReset,
    7: ProfileChanged,
    8: StandingChanged,
}
_KIND_OF: Final[Mapping[type[Any], int]] = {cls: kind for kind, cls in _OTHER_KINDS.items()}
_ADAPTERS: Final[Mapping[type[Any], TypeAdapter[Any]]] = {cls: TypeAdapter(cls) for cls in _KIND_OF}
_ANOMALIES: Final[TypeAdapter[tuple[Anomaly, ...]]] = TypeAdapter(tuple[Anomaly, ...])
_STATE: Final[TypeAdapter[RegisterState]] = TypeAdapter(RegisterState)

Row = tuple[Any, ...]


def _pack(value: Any) -> bytes:
    packed: bytes = msgpack.packb(value)
    return packed


def row_of(entry: Entry, seq: int, register_no: int, number: int, version: int) -> Row:
    """The entry as values for :data:`COLUMNS`; ``number`` is the register's last document number at this version."""
    if isinstance(entry, DocumentRecorded):
        document = entry.document
        operation = getattr(document, "operation", None)
        detail = None
        exchange = entry.exchange
        if exchange is not None:
            anomalies = _ANOMALIES.dump_python(entry.anomalies) if entry.anomalies else ()
            detail = _pack({"exchange": exchange, "anomalies": anomalies})
        elif entry.anomalies:
            detail = _pack(_ANOMALIES.dump_python(entry.anomalies))
        return (
            seq,
            register_no,
            document.number,
            version,
            KIND_DOCUMENT,
            entry.received_at,
            None,
            1 if entry.anomalies else None,
            entry.kind.value,
            None if operation is None else operation.value,
            document.shift,
            document.issued_at,
            total_of(document),
            entry.protocol,
            1 if entry.autonomous else 0,
            entry.autonomous_sign,
            entry.period,
            entry.sign,
            entry.key_id,
            entry.content,
            detail,
        )
    blank: tuple[None, ...] = (None,) * 7
    if isinstance(entry, MadeAutonomous):
        head = (seq, register_no, number, version, KIND_MADE_AUTONOMOUS, entry.at, entry.number, None)
        return (*head, *blank[:6], None, entry.autonomous_sign, entry.period, None, None, None, None)
    kind = _KIND_OF[type(entry)]
    about = flagged = None
    if isinstance(entry, PeriodRecorded):
        about = entry.period
    elif isinstance(entry, Anomaly):
        about, flagged = entry.number, 1
    detail = _pack(_ADAPTERS[type(entry)].dump_python(entry))
    return (seq, register_no, number, version, kind, entry.at, about, flagged, *(None,) * 12, detail)


def entry_of(row: Row) -> Entry:
    """The entry that :func:`row_of` made this row of."""
    values = dict(zip(COLUMNS, row, strict=True))
    kind = values["kind"]
    detail = values["detail"]
    if kind == KIND_DOCUMENT:
        content = bytes(values["content"])
        noted = () if detail is None else msgpack.unpackb(detail)
        exchange = None
        if isinstance(noted, dict):
            exchange, noted = Exchanged(*noted["exchange"]), noted["anomalies"]
        return DocumentRecorded(
            received_at=values["at"],
            content=content,
            document=decode_content(content),
            kind=DocumentKind(values["document_kind"]),
            digest=digest_of(content),
            protocol=values["protocol"],
            sign=values["sign"],
            key_id=values["key_id"],
            autonomous=bool(values["autonomous"]),
            autonomous_sign=values["autonomous_sign"],
            period=values["period"],
            anomalies=_ANOMALIES.validate_python(noted),
            exchange=exchange,
        )
    if kind == KIND_MADE_AUTONOMOUS:
        return MadeAutonomous(
            at=values["at"],
            number=values["about"],
            autonomous_sign=values["autonomous_sign"],
            period=values["period"],
        )
    cls = _OTHER_KINDS[kind]
    entry: Entry = _ADAPTERS[cls].validate_python(msgpack.unpackb(detail))
    return entry


def pack_state(state: RegisterState) -> bytes:
    """A register's state as a snapshot keeps it."""
    return _pack(_STATE.dump_python(state))


def unpack_state(packed: bytes) -> RegisterState:
    """The state that :func:`pack_state` packed."""
    return _STATE.validate_python(msgpack.unpackb(packed))
