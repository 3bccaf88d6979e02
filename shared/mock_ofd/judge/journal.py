"""A journal that any client can write: JSON Lines, or CSV with a head, one line for each thing that happened.

The rule: what a line must not lack is said in the error with its file and line; columns that are not known here are the
client's own business. docs/reference/judge.md is the page for whoever writes one.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TextIO

from fiscal.errors import ConfigurationError, InvalidValue
from fiscal.judging.events import OPERATORS, Event, What
from fiscal.time import INSTANT_MAX, Instant, from_datetime

WORDS: Final = tuple(what for what in What if what not in OPERATORS)
"""The events of a client's journal."""
OF_PERIODS: Final = (What.PERIOD_REPORTED,)
NUMBER_MAX: Final = 2**63 - 1


class BadLine(ConfigurationError):
    """A line is none of a journal; the text names its file and number."""


def read_journal(path: Path) -> Iterator[Event]:
    """The events of a file whose name ends in ``.csv``, or of any other one as JSON Lines; :class:`BadLine`."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv_rows(file) if path.suffix.lower() == ".csv" else json_rows(file)
            yield from events(path.name, rows)
    except (OSError, UnicodeDecodeError) as error:
        raise BadLine(f"{path} cannot be read: {error}") from error


Rows = Iterator[tuple[int, Mapping[str, Any] | str]]
"""Lines by their numbers; a text instead of a line says what is wrong with it."""


def csv_rows(file: TextIO) -> Rows:
    """The lines behind the head; an empty cell is as good as none."""
    reader = csv.DictReader(file)
    try:
        for row in reader:
            yield reader.line_num, {name: value for name, value in row.items() if name and value}
    except csv.Error as error:
        yield reader.line_num, str(error)


def json_rows(lines: Iterable[str]) -> Rows:
    """One object a line; empty lines are passed over."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield number, f"is no JSON: {error}"
            continue
        yield number, row if isinstance(row, dict) else "must be an object"


def events(source: str, rows: Rows) -> Iterator[Event]:
    """The lines as events; :class:`BadLine` for the first that is none."""
    for number, row in rows:
        if isinstance(row, str):
            raise BadLine(f"{source}:{number}: {row}")
        try:
            yield _event(source, number, row)
        except InvalidValue as error:
            raise BadLine(f"{source}:{number}: {error}") from None


def _event(source: str, line: int, row: Mapping[str, Any]) -> Event:
    what = _what(row)
    register = _text(row, "register")
    if not register:
        raise InvalidValue("register", "is missing")
    read = {name: reader(row, name) for name, reader in _READERS.items() if row.get(name) is not None}
    if what in OF_PERIODS:
        if "period" not in read:
            raise InvalidValue("period", f"is missing; {what} needs it")
    elif not read.get("number") and (what is What.CONTINUED or not read.get("id")):
        raise InvalidValue("number", f"is missing; {what} needs the document's number, or its id")
    key = read.pop("key", None)
    return Event(what, register, source, line, same_sale=key or None, **read)


def _what(row: Mapping[str, Any]) -> What:
    said = row.get("event")
    for what in WORDS:
        if said == what:
            return what
    raise InvalidValue("event", f"must be one of {', '.join(WORDS)}, is {said!r}")


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name, "")
    if isinstance(value, bool | float | list | dict):
        raise InvalidValue(name, "must be a text")
    return str(value)


def _number(row: Mapping[str, Any], name: str) -> int:
    value = row[name]
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len(str(NUMBER_MAX)):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= NUMBER_MAX:
        raise InvalidValue(name, f"must be a whole number from 0, is {row[name]!r}")
    return value


def _instant(row: Mapping[str, Any], name: str) -> Instant:
    """Milliseconds since 1970, or RFC 3339 with a zone."""
    value = row[name]
    if isinstance(value, str) and not value.isdigit():
        try:
            return from_datetime(datetime.fromisoformat(value))
        except (ValueError, OverflowError):
            raise InvalidValue(name, f"must be milliseconds or RFC 3339 with a zone, is {value!r}") from None
    instant = _number(row, name)
    if instant > INSTANT_MAX:
        raise InvalidValue(name, f"is after the year 9999: {instant}")
    return instant


_READERS: Final[Mapping[str, Callable[[Mapping[str, Any], str], Any]]] = {
    "at": _instant,
    "number": _number,
    "id": _text,
    "digest": _text,
    "sign": _text,
    "autonomous_sign": _number,
    "period": _number,
    "key": _text,
    "issued_at": _instant,
    "begin": _instant,
    "end": _instant,
    "text": _text,
}
"""What a line may say beside its register and its event."""
COLUMNS: Final = ("register", "event", *_READERS)
"""Everything that a line may say, in the order of the page."""
