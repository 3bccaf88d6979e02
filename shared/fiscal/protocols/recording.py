"""The lines of a recording of traffic, as values that JSON can hold; docs/reference/recording.md is their page.

The rule: whoever records, between both sides or at the operator, writes these lines and no others, so whoever reads one
recording reads them all. A line is complete by itself. Without ``secrets`` no token and no password is in it, neither in
words nor in bytes.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from enum import StrEnum
from typing import Any, Final

from fiscal.errors import RemoteProtocolError
from fiscal.protocols.splitting import Frame, Piece, Rest
from fiscal.protocols.transcript import Transcript
from fiscal.time import Instant, iso

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


def head_line(transcript: Transcript, *, to: str, at: Instant, secrets: bool) -> dict[str, Any]:
    """The first line. ``to`` is the operator's address."""
    return {"recording": LAYOUT, "at": iso(at), "protocol": transcript.name, "to": to, "secrets": secrets}


def happening_line(at: Instant, connection: int, what: Happening, side: Side) -> dict[str, Any]:
    """Something became of a connection."""
    return {"at": iso(at), "connection": connection, "event": what.value, "from": side.value}


def piece_line(
    transcript: Transcript,
    piece: Piece,
    *,
    at: Instant,
    connection: int,
    side: Side,
    secrets: bool,
    registers: MutableMapping[int, str],
) -> dict[str, Any]:
    """A frame, or something else, has passed. ``registers`` says whose a connection is, and is told of it."""
    line: dict[str, Any] = {"at": iso(at), "connection": connection, "from": side.value}
    if isinstance(piece, Rest):
        data = piece.data if secrets else transcript.conceal_rest(piece.data)
        return {**line, "raw": data.hex(), **_error(piece.error)}
    is_answer = side is Side.OPERATOR
    line["raw"] = _shown(transcript, piece, is_answer=is_answer, secrets=secrets).hex()
    try:
        told = transcript.tell(piece.header, piece.body, is_answer=is_answer)
    except RemoteProtocolError as error:
        return {**line, **_error(error)}
    if told.register is not None:
        registers[connection] = told.register
    register = registers.get(connection)
    known = {} if register is None else {"register": register}
    return {**line, "what": told.what, "number": told.number, **known, "fields": told.fields}


def _shown(transcript: Transcript, frame: Frame, *, is_answer: bool, secrets: bool) -> bytes:
    return frame.data if secrets else transcript.conceal(frame.header, frame.body, is_answer=is_answer)


def _error(error: RemoteProtocolError | None) -> dict[str, Any]:
    if error is None:
        return {}
    return {"error": {"code": str(error.code), "field": error.field, "text": error.text}}
