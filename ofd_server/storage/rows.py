"""Entries as rows, for every SQL adapter: the same columns in the same order, and back.

The rule: what a query filters by has a column of its own; everything else of an entry lies in ``detail`` as msgpack.
What few entries have stands at the end, so that a row may end before it: Python's sqlite3 asks every null, and every
``bytes``, whether it would rather be something else, and five nulls took a third of the time of a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgpack
from msgspec import MsgspecError
from msgspec.msgpack import Decoder, Encoder
from msgspec.structs import replace
from pydantic import TypeAdapter

from fiscal.domain.document import DocumentKind, total_of
from fiscal.domain.receipt import Operation, Receipt
from fiscal.domain.signs import digest_of
from fiscal.protocols.content import decode_content
from fiscal.time import Instant
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
    TakenOver,
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
    "document_kind",
    "operation",
    "shift",
    "issued_at",
    "total",
    "protocol",
    "autonomous",
    "sign",
    "key_id",
    "content",
    "detail",
    "about",
    "flagged",
    "autonomous_sign",
    "period",
)
PLAIN: Final = COLUMNS.index("detail")
"""Values of a row with nothing in the columns from there on."""
WITH_DETAIL: Final = PLAIN + 1
"""The same of a document that came over a protocol that numbers its exchanges, which has a detail."""

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
    9: TakenOver,
}
_KIND: Final = COLUMNS.index("kind")
_NO_DOCUMENT: Final = (None,) * (PLAIN - COLUMNS.index("document_kind"))
_DOCUMENT_KINDS: Final[Mapping[str, DocumentKind]] = {kind.value: kind for kind in DocumentKind}
_WORDS: Final[Mapping[str, str]] = {word: word.value for word in (*DocumentKind, *Operation)}
"""The plain text of these: a look-up in an enumeration costs as much as a call."""
_KIND_OF: Final[Mapping[type[Any], int]] = {cls: kind for kind, cls in _OTHER_KINDS.items()}
_ADAPTERS: Final[Mapping[type[Any], TypeAdapter[Any]]] = {cls: TypeAdapter(cls) for cls in _KIND_OF}
_ANOMALIES: Final[TypeAdapter[tuple[Anomaly, ...]]] = TypeAdapter(tuple[Anomaly, ...])
_pack_state: Final = Encoder().encode
_unpack_state: Final = Decoder(RegisterState).decode

Row = tuple[Any, ...]


def _pack(value: Any) -> bytes:
    packed: bytes = msgpack.packb(value)
    return packed


def row_of(entry: Entry, seq: int, register_no: int | str, number: int, version: int) -> Row:
    """The entry as values for :data:`COLUMNS`, or for the first :data:`PLAIN` or :data:`WITH_DETAIL` of them when the
    others would be null.

    ``number`` is the register's last document number at this version, ``register_no`` what stands for it in the table:
    its number, or its id.
    """
    if isinstance(entry, DocumentRecorded):
        document = entry.document
        operation = document.operation if type(document) is Receipt else getattr(document, "operation", None)
        plain = (
            seq,
            register_no,
            document.number,
            version,
            KIND_DOCUMENT,
            entry.received_at,
            _WORDS[entry.kind],
            None if operation is None else _WORDS[operation],
            document.shift,
            document.issued_at,
            document.total if type(document) is Receipt else total_of(document),
            entry.protocol,
            1 if entry.autonomous else 0,
            entry.sign,
            entry.key_id,
            bytearray(entry.content),
        )
        autonomous_sign, period, exchange = entry.autonomous_sign, entry.period, entry.exchange
        detail: bytearray | None = None
        if exchange is not None:
            anomalies = _ANOMALIES.dump_python(entry.anomalies) if entry.anomalies else ()
            detail = bytearray(_pack({"exchange": exchange, "anomalies": anomalies}))
            if not anomalies and autonomous_sign is None and period is None:
                return (*plain, detail)
        elif entry.anomalies:
            detail = bytearray(_pack(_ANOMALIES.dump_python(entry.anomalies)))
        elif autonomous_sign is None and period is None:
            return plain
        return (*plain, detail, None, 1 if entry.anomalies else None, autonomous_sign, period)
    if isinstance(entry, MadeAutonomous):
        head = (seq, register_no, number, version, KIND_MADE_AUTONOMOUS, entry.at)
        return (*head, *_NO_DOCUMENT, None, entry.number, None, entry.autonomous_sign, entry.period)
    kind = _KIND_OF[type(entry)]
    about = flagged = None
    if isinstance(entry, PeriodRecorded):
        about = entry.period
    elif isinstance(entry, Anomaly):
        about, flagged = entry.number, 1
    packed = _pack(_ADAPTERS[type(entry)].dump_python(entry))
    return (seq, register_no, number, version, kind, entry.at, *_NO_DOCUMENT, packed, about, flagged, None, None)


def entry_of(row: Row) -> Entry:
    """The entry that :func:`row_of` made this row of."""
    if row[_KIND] == KIND_DOCUMENT:
        return _document_of(*row)
    values = dict(zip(COLUMNS, row, strict=True))
    kind = values["kind"]
    if kind == KIND_MADE_AUTONOMOUS:
        return MadeAutonomous(
            at=values["at"],
            number=values["about"],
            autonomous_sign=values["autonomous_sign"],
            period=values["period"],
        )
    cls = _OTHER_KINDS[kind]
    entry: Entry = _ADAPTERS[cls].validate_python(msgpack.unpackb(values["detail"]))
    return entry


def _document_of(
    _seq: int,
    _register_no: int | str,
    _number: int,
    _version: int,
    _kind: int,
    at: Instant,
    document_kind: str,
    _operation: str | None,
    _shift: int,
    _issued_at: int,
    _total: int,
    protocol: str,
    autonomous: int,
    sign: str | None,
    key_id: str | None,
    content: bytes,
    detail: bytes | None = None,
    _about: None = None,
    _flagged: int | None = None,
    autonomous_sign: int | None = None,
    period: int | None = None,
) -> DocumentRecorded:
    """A document; the parameters are :data:`COLUMNS`. Whoever reads a ledger spends most of the time here."""
    content = bytes(content)
    anomalies: tuple[Anomaly, ...] = ()
    exchange = None
    if detail is not None:
        noted = msgpack.unpackb(detail)
        if isinstance(noted, dict):
            exchange, noted = Exchanged(*noted["exchange"]), noted["anomalies"]
        anomalies = _ANOMALIES.validate_python(noted)
    return DocumentRecorded(
        at,
        content,
        decode_content(content),
        _DOCUMENT_KINDS[document_kind],
        digest_of(content),
        protocol,
        sign,
        key_id,
        bool(autonomous),
        autonomous_sign,
        period,
        anomalies,
        exchange,
    )


def pack_state(state: RegisterState) -> bytes:
    """A register's state as a snapshot keeps it."""
    tape = state.tape
    settled = tape.shift.settled()
    if settled is not tape.shift:
        state = replace(state, tape=replace(tape, shift=settled))
    return _pack_state(state)


def unpack_state(packed: bytes) -> RegisterState:
    """The state that :func:`pack_state` packed; :class:`ValueError` when it was not."""
    try:
        return _unpack_state(packed)
    except MsgspecError as error:
        raise ValueError(str(error)) from None
