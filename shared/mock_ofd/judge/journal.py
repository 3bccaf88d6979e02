"""A journal that any client can write: JSON Lines, or CSV with a head, one line for each thing that happened.

The rule: what a line must not lack is said in the error with its file and line, and so is what is more than anybody
reads (:mod:`mock_ofd.judge.limits`); columns that are not known here are the client's own business. docs/reference/judge.md is the page for whoever writes one.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from fiscal.errors import ConfigurationError, InvalidValue
from fiscal.judging.events import OPERATORS, Event, What
from fiscal.time import INSTANT_MAX, Instant, from_datetime
from fiscal.wire.given import Bounds, Readable, TooLarge, lines
from mock_ofd.judge.limits import JOURNAL_SIZE_MAX, LINE_MAX, LINES_MAX

WORDS: Final = tuple(what for what in What if what not in OPERATORS)
"""The events of a client's journal."""
OF_PERIODS: Final = (What.PERIOD_REPORTED,)
NUMBER_MAX: Final = 2**63 - 1
"""The largest number: what a ledger keeps."""
BOUNDS: Final = Bounds(LINE_MAX, LINES_MAX, JOURNAL_SIZE_MAX)
BOM: Final = b"\xef\xbb\xbf"


class BadLine(ConfigurationError):
    """A line is none of a journal; the text names its file and number."""


def read_journal(path: Path) -> Iterator[Event]:
    """The events of a file whose name ends in ``.csv``, or of any other one as JSON Lines; :class:`BadLine`."""
    try:
        with path.open("rb") as file:
            rows = csv_rows(file) if path.suffix.lower() == ".csv" else json_rows(file)
            yield from events(path.name if path.is_file() else str(path), rows)
    except OSError as error:
        raise BadLine(f"{path} cannot be read: {error.strerror}") from error


Rows = Iterator[tuple[int, Mapping[str, Any] | str]]
"""Lines by their numbers; a text instead of a line says what is wrong with it."""


class _Texts:
    """Lines as text, one after the other; a row of cells within quotes may take several."""

    def __init__(self, file: Readable) -> None:
        self.place = 0
        self.taken = 0
        self._lines = lines(file, BOUNDS)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.place, line = next(self._lines)
        self.taken += len(line)
        if self.taken > LINE_MAX:
            raise TooLarge(
                f"is longer than {LINE_MAX:,} bytes with the lines before it: a cell was not closed", self.place
            )
        return (line.removeprefix(BOM) if self.place == 1 else line).decode()


def csv_rows(file: Readable) -> Rows:
    """The lines behind the head; an empty cell is as good as none."""
    texts = _Texts(file)
    head: list[str] = []
    try:
        for row in csv.reader(texts):
            texts.taken = 0
            if head and row:
                yield texts.place, {name: value for name, value in zip(head, row, strict=False) if name and value}
            head = head or row
    except TooLarge as error:
        yield error.line, error.rule
    except UnicodeDecodeError as error:
        yield texts.place, f"is no UTF-8: {error.reason}"
    except csv.Error as error:
        yield texts.place, str(error)


def json_rows(file: Readable) -> Rows:
    """One object a line; empty lines are passed over."""
    texts = _Texts(file)
    try:
        for line in texts:
            texts.taken = 0
            if not line.strip():
                continue
            row = json.loads(line)
            yield texts.place, row if isinstance(row, dict) else "must be an object"
    except TooLarge as error:
        yield error.line, error.rule
    except UnicodeDecodeError as error:
        yield texts.place, f"is no UTF-8: {error.reason}"
    except (ValueError, RecursionError) as error:
        yield texts.place, f"is no JSON: {error}"


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
