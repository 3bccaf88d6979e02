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
from pathlib import Path
from typing import Any, Final, TextIO

from fiscal.errors import ConfigurationError
from fiscal.protocols.catalogue import transcript_named
from fiscal.protocols.recording import LAYOUT, Happening, Side, happening_line, head_line, piece_line
from fiscal.protocols.splitting import Piece
from fiscal.protocols.transcript import Told, Transcript
from fiscal.time import Instant, from_datetime
from fiscal.wire.given import Bounds, Readable, TooLarge, lines

LINE_MAX: Final = 16 * 1024 * 1024
"""Bytes of a line of a recording: the largest frame, 1 MiB of the Kazakhstan protocol, in hexadecimal digits and in words takes half of it
even with every letter escaped."""
LINES_MAX: Final = 2_000_000
"""Lines of a recording, empty ones too: a request and its answer of a million documents."""
SIZE_MAX: Final = 1024**3
"""Bytes of a recording: some 400,000 documents. All of it is held in memory, where it takes three to four times as much."""
BOUNDS: Final = Bounds(LINE_MAX, LINES_MAX, SIZE_MAX)


class Recorder:
    """Writes a recording. ``secrets`` keeps tokens and passwords in it."""

    def __init__(self, file: TextIO, transcript: Transcript, *, to: str, at: Instant, secrets: bool = False) -> None:
        self._file = file
        self._transcript = transcript
        self._secrets = secrets
        self._registers: dict[int, str] = {}
        self._write(head_line(transcript, to=to, at=at, secrets=secrets))

    def happened(self, at: Instant, connection: int, what: Happening, side: Side) -> None:
        """Something became of a connection."""
        self._write(happening_line(at, connection, what, side))

    def passed(self, at: Instant, connection: int, side: Side, piece: Piece) -> None:
        """A frame, or something else, has passed."""
        self._write(
            piece_line(
                self._transcript,
                piece,
                at=at,
                connection=connection,
                side=side,
                secrets=self._secrets,
                registers=self._registers,
            )
        )

    def _write(self, line: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()


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
    """The recording in this file; :class:`ConfigurationError` with the line that is none of a recording, or too much."""
    head: Mapping[str, Any] = {}
    read = []
    try:
        with path.open("rb") as file:
            for place, row in _rows(path, file):
                if place == 1:
                    head = row
                if head.get("recording") != LAYOUT:
                    break
                if place > 1:
                    read.append(_read(path, place, row))
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    if head.get("recording") != LAYOUT:
        raise ConfigurationError(f"{path} is no recording of version {LAYOUT}: its first line does not say so")
    transcript = transcript_named(str(head.get("protocol")))
    return Recording(transcript, str(head.get("to")), head.get("secrets") is True, tuple(read))


def _rows(path: Path, file: Readable) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        for place, line in lines(file, BOUNDS):
            row = _row(path, place, line)
            if row is not None:
                yield place, row
    except TooLarge as error:
        raise ConfigurationError(f"{path}:{error.line}: {error.rule}") from None


def _row(path: Path, place: int, line: bytes) -> dict[str, Any] | None:
    """The object in a line; none in an empty one, and in one that the recorder was killed in."""
    if not line.strip():
        return None
    try:
        row = json.loads(line.decode())
    except (ValueError, RecursionError) as error:
        if place > 1 and not line.endswith(b"\n"):
            return None
        what = f"is no UTF-8: {error.reason}" if isinstance(error, UnicodeDecodeError) else f"is no JSON: {error}"
        raise ConfigurationError(f"{path}:{place} {what}") from error
    if not isinstance(row, dict):
        raise ConfigurationError(f"{path}:{place} must be an object")
    return row


def _read(path: Path, place: int, row: Mapping[str, Any]) -> Line:
    try:
        return _line(place, row)
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(f"{path}:{place} is no line of a recording: {error}") from error


def _line(place: int, row: Mapping[str, Any]) -> Line:
    side, connection = Side(row["from"]), int(row["connection"])
    at = from_datetime(datetime.fromisoformat(row["at"])) if "at" in row else None
    if "event" in row:
        return Line(place, connection, side, happening=Happening(row["event"]), at=at)
    told = None
    if "what" in row:
        told = Told(str(row["what"]), int(row["number"]), row.get("register"), dict(row["fields"]))
    return Line(place, connection, side, bytes.fromhex(row["raw"]), told, at=at)
