"""The file that traffic is written to: JSON Lines, one for each frame, in the order in which they were whole.

The rule: a line is complete by itself, and is in the file when the next one is begun; whoever kills the recorder loses
the line that was being written. Without ``secrets`` no token and no password is in it, neither in words nor in bytes.
docs/reference/recording.md is the page for whoever reads one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TextIO

from fiscal.errors import ConfigurationError, RemoteProtocolError
from fiscal.protocols.catalogue import transcript_named
from fiscal.protocols.splitting import Frame, Piece, Rest
from fiscal.protocols.transcript import Told, Transcript
from fiscal.time import Instant, from_datetime, iso

LAYOUT: Final = 1
"""The version of these lines."""


class Side(StrEnum):
    """Who sent it."""

    REGISTER = "register"
    OPERATOR = "operator"


class Happening(StrEnum):
    """What happened to a connection; the side is the one that did it."""

    OPENED = "opened"
    ENDED = "ended"
    """Nothing more comes from this side."""
    RESET = "reset"
    UNREACHABLE = "unreachable"
    """There was no operator to connect to."""


class Recorder:
    """Writes a recording. ``secrets`` keeps tokens and passwords in it."""

    def __init__(self, file: TextIO, transcript: Transcript, *, to: str, at: Instant, secrets: bool = False) -> None:
        self._file = file
        self._transcript = transcript
        self._secrets = secrets
        self._registers: dict[int, str] = {}
        self._write({"recording": LAYOUT, "at": iso(at), "protocol": transcript.name, "to": to, "secrets": secrets})

    def happened(self, at: Instant, connection: int, what: Happening, side: Side) -> None:
        """Something became of a connection."""
        self._write({"at": iso(at), "connection": connection, "event": what.value, "from": side.value})

    def passed(self, at: Instant, connection: int, side: Side, piece: Piece) -> None:
        """A frame, or something else, has passed."""
        line: dict[str, Any] = {"at": iso(at), "connection": connection, "from": side.value}
        if isinstance(piece, Rest):
            data = piece.data if self._secrets else self._transcript.conceal_rest(piece.data)
            self._write({**line, "raw": data.hex(), **_error(piece.error)})
            return
        is_answer = side is Side.OPERATOR
        line["raw"] = self._shown(piece, is_answer=is_answer).hex()
        try:
            told = self._transcript.tell(piece.header, piece.body, is_answer=is_answer)
        except RemoteProtocolError as error:
            self._write({**line, **_error(error)})
            return
        if told.register is not None:
            self._registers[connection] = told.register
        register = self._registers.get(connection)
        known = {} if register is None else {"register": register}
        self._write({**line, "what": told.what, "number": told.number, **known, "fields": told.fields})

    def _shown(self, frame: Frame, *, is_answer: bool) -> bytes:
        if self._secrets:
            return frame.data
        return self._transcript.conceal(frame.header, frame.body, is_answer=is_answer)

    def _write(self, line: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()


def _error(error: RemoteProtocolError | None) -> dict[str, Any]:
    if error is None:
        return {}
    return {"error": {"code": str(error.code), "field": error.field, "text": error.text}}


# ------------------------------------------------------------------------------------------------------------- reading


@dataclass(frozen=True, slots=True)
class Line:
    """A line behind the first: bytes that passed, with what they say, or something that became of a connection."""

    place: int
    connection: int
    side: Side
    raw: bytes = b""
    told: Told | None = None
    happening: Happening | None = None
    at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording as it was read; ``secrets`` says whether its bytes are those that passed."""

    transcript: Transcript
    to: str
    secrets: bool
    lines: tuple[Line, ...] = field(default=())


def read_recording(path: Path) -> Recording:
    """The recording in this file; :class:`ConfigurationError` with the line that is none of a recording."""
    try:
        with path.open(encoding="utf-8") as file:
            rows = list(_rows(path, file))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from error
    if not rows or rows[0].get("recording") != LAYOUT:
        raise ConfigurationError(f"{path} is no recording of version {LAYOUT}: its first line does not say so")
    head = rows[0]
    lines = []
    for place, row in enumerate(rows[1:], 2):
        try:
            lines.append(_line(place, row))
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigurationError(f"{path}:{place} is no line of a recording: {error}") from error
    transcript = transcript_named(str(head.get("protocol")))
    return Recording(transcript, str(head.get("to")), head.get("secrets") is True, tuple(lines))


def _rows(path: Path, file: TextIO) -> Iterator[dict[str, Any]]:
    texts = file.read().split("\n")
    for place, text in enumerate(texts, 1):
        if not text:
            continue
        try:
            row = json.loads(text)
        except (ValueError, RecursionError) as error:
            if place == len(texts):
                return  # the recorder was killed while it wrote this line
            raise ConfigurationError(f"{path}:{place} is no JSON: {error}") from error
        if not isinstance(row, dict):
            raise ConfigurationError(f"{path}:{place} must be an object")
        yield row


def _line(place: int, row: Mapping[str, Any]) -> Line:
    side, connection = Side(row["from"]), int(row["connection"])
    at = from_datetime(datetime.fromisoformat(row["at"])) if "at" in row else None
    if "event" in row:
        return Line(place, connection, side, happening=Happening(row["event"]), at=at)
    told = None
    if "what" in row:
        told = Told(str(row["what"]), int(row["number"]), row.get("register"), dict(row["fields"]))
    return Line(place, connection, side, bytes.fromhex(row["raw"]), told, at=at)
