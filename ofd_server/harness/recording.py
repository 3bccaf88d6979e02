"""Traffic that the operator overheard, as a recording: what ``mock-ofd judge`` and ``mock-ofd replay`` read.

The rule: the lines are those of :mod:`fiscal.protocols.recording`, with ``seq`` and the ``faults`` that were applied as
well, so that nothing that reads recordings has to know where one is from. One recording is of one protocol, and HTTP is
none: it has no frames of its own. Tokens and passwords are in it only when they are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from fiscal.errors import ConfigurationError
from fiscal.protocols.catalogue import TRANSCRIPTS, transcript_named
from fiscal.protocols.recording import Happening, Side, happening_line, head_line, piece_line
from fiscal.protocols.splitting import Piece, Rest, Splitter
from fiscal.protocols.transcript import Transcript
from fiscal.time import Instant
from ofd_server.traffic import NO_FRAME, Direction, Frame, Record, Struck, Turn
from ofd_server.traffic import Happening as Turned

_NAMES: Final = tuple(transcript.name for transcript in TRANSCRIPTS)


def recorded_protocol(records: Iterable[Record], wanted: str | None = None) -> str:
    """Of which protocol a recording of these records is: the ``wanted`` one, or the only one that there is.

    :class:`ConfigurationError` when that cannot be recorded, or when there are several and nobody says which.
    """
    if wanted is not None:
        return transcript_named(wanted).name
    found = sorted({record.protocol for record in records})
    if len(found) > 1:
        raise ConfigurationError(
            f"a recording is of one protocol, and there is traffic of {', '.join(found)}: say which"
        )
    if not found:
        return _NAMES[0]
    return transcript_named(found[0]).name


def lines_of(
    records: Iterable[Record], protocol: str, *, to: str, at: Instant, secrets: bool = False, forgotten: int = 0
) -> Iterator[dict[str, Any]]:
    """The lines, the first one included. ``to`` is the operator's address, ``forgotten`` how many records are missing."""
    transcript = transcript_named(protocol)
    yield {**head_line(transcript, to=to, at=at, secrets=secrets), "forgotten": forgotten}
    for record in records:
        if record.protocol != protocol or isinstance(record, Struck):
            continue
        if isinstance(record, Turned):
            what = Happening.OPENED if record.turn is Turn.OPENED else Happening.ENDED
            yield {**happening_line(record.at, record.connection, what, Side.REGISTER), "seq": record.seq}
        else:
            yield _frame(transcript, record, secrets=secrets)


def _frame(transcript: Transcript, frame: Frame, *, secrets: bool) -> dict[str, Any]:
    line = piece_line(
        transcript,
        _piece(transcript, frame),
        at=frame.at,
        connection=frame.connection,
        side=Side.REGISTER if frame.direction is Direction.IN else Side.OPERATOR,
        secrets=secrets,
        registers={} if frame.register_id is None else {frame.connection: frame.register_id},
    )
    line["seq"] = frame.seq
    if frame.faults:
        line["faults"] = [fault_plain(struck) for struck in frame.faults]
    return line


def fault_plain(struck: Struck) -> dict[str, Any]:
    """A fault that was applied, in plain values."""
    return {"name": struck.name, "point": struck.point, "effects": list(struck.effects), "why": struck.why}


def _piece(transcript: Transcript, frame: Frame) -> Piece:
    """What it was when it passed."""
    if frame.error == NO_FRAME:
        return Rest(frame.raw)
    splitter = Splitter(transcript)
    (piece,) = (*splitter.feed(frame.raw), *splitter.end())
    return piece
