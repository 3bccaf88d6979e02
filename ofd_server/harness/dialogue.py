"""What passed, as a page for people: who said what and when, and which fault struck whom.

The rule: one line for each frame, from left to right as it went; what a frame says is cut to the width of a line,
because the fields are there for whoever wants all of them. Times are those of the operator's wall clock, an answer also
says how long it took.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from fiscal.time import iso
from ofd_server.traffic import Frame, Happening, Record, Struck, Traffic

SHOWN: Final = 60
"""Records of a report: a failing test is about the last of them."""
WIDTH: Final = 150
"""Characters of a line."""
_FIRST: Final = ("register", "number", "code", "field", "text", "kind", "operation", "total", "payments", "sign")
"""Fields that a line begins with, if the frame has them."""
_INNER: Final = ("document", "delivery", "result", "ticket")
"""What a frame is about: its fields are told as the frame's own."""
_DULL: Final = ("id", "issued_at", "cashier", "qr", "qr_code", "software", "profile", "key", "service")
"""Fields that come last."""


def dialogue(traffic: Traffic, shown: int = SHOWN) -> str:
    """The last ``shown`` records as text; empty when nothing passed."""
    records = traffic.records
    lines = list(_lines(records[-shown:] if shown else ()))
    left_out = traffic.forgotten + len(records) - min(shown, len(records))
    if left_out:
        lines.insert(0, f"... {left_out} earlier records are left out")
    return "\n".join(lines)


def line_of(record: Record) -> str:
    """One record as a line."""
    return next(iter(_lines((record,))))


def _lines(records: Sequence[Record]) -> Iterator[str]:
    asked: dict[tuple[int, int | None], float] = {}
    for record in records:
        when = iso(record.at)[11:23]
        line = f"{record.protocol}#{record.connection}" if record.connection else record.protocol
        head = f"{when} {line} {record.register_id or '?'}"
        match record:
            case Frame():
                if record.is_request:
                    asked[record.connection, record.number] = record.moment
                    yield _cut(f"{head} --> {_said(record)}")
                else:
                    begun = asked.get((record.connection, record.number))
                    took = "" if begun is None else f" [{(record.moment - begun) * 1000:.0f} ms]"
                    yield _cut(f"{head} <-- {_said(record)}", took)
            case Struck():
                yield f"{head}  !  {', '.join(record.effects)}: {record.why}"
            case Happening():
                yield f"{when} {line} {record.turn}"


def _said(frame: Frame) -> str:
    number = "" if frame.number is None else f" {frame.number}"
    if frame.error:
        return f"{frame.what or 'bytes'}{number}: {frame.error} ({len(frame.raw)} bytes)"
    return f"{frame.what}{number} {_fields(frame.fields)}".rstrip()


def _fields(fields: Mapping[str, Any]) -> str:
    flat = {**fields}
    for inner in _INNER:
        if isinstance(flat.get(inner), Mapping):
            flat = {**flat.pop(inner), **flat}
    names = (*(name for name in _FIRST if name in flat), *_others(flat), *(name for name in _DULL if name in flat))
    return " ".join(f"{name}={_value(flat[name])}" for name in names)


def _others(fields: Iterable[str]) -> Iterator[str]:
    return (name for name in fields if name not in _FIRST and name not in _DULL)


def _value(value: Any) -> str:
    return value if isinstance(value, str) and " " not in value else json.dumps(value, ensure_ascii=False)


def _cut(line: str, tail: str = "") -> str:
    room = WIDTH - len(tail)
    return (line if len(line) <= room else f"{line[: room - 3]}...") + tail
