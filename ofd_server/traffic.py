"""What passed between registers and this operator: every frame decoded, every connection, every fault and why.

The rule: whoever overhears tells what he heard and changes nothing; a bounded number of records is kept, the oldest are
forgotten first. A frame is told when its last byte has passed, in both directions as the network carried it: what a
fault took away or bent is missing or bent here too. Tokens and passwords stand in ``raw`` alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from fiscal.domain.messages import Answer, Request
from fiscal.errors import RemoteProtocolError
from fiscal.faults.effects import Point
from fiscal.faults.notation import effect_to_dict
from fiscal.faults.run import Applied
from fiscal.protocols.native.codec import NATIVE
from fiscal.protocols.native.header import HEADER_SIZE
from fiscal.protocols.native.transcript import NATIVE_TRANSCRIPT
from fiscal.protocols.splitting import Piece, Rest, Splitter
from fiscal.protocols.transcript import Transcript
from fiscal.time import Instant, Moment
from ofd_server.config import RECORDS_MAX
from ofd_server.ports import Clock

PENDING_MAX: Final = 1_000
"""Faults whose answers are awaited: one that took its answer waits for ever, so the oldest are given up."""
NO_FRAME: Final = "no frame"
"""The error of bytes behind something by which nobody knows where the next frame begins."""
_BEFORE: Final = (Point.ON_CONNECT, Point.BEFORE_PARSE, Point.BEFORE_COMMIT)


class Direction(StrEnum):
    """Seen from the operator."""

    IN = "in"
    OUT = "out"


class Turn(StrEnum):
    """What became of a connection."""

    OPENED = "opened"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, eq=False)
class Struck:
    """A fault that was applied: its name, the point, what it did, and why it was its turn; to the request ``number``."""

    seq: int
    at: Instant
    moment: Moment
    protocol: str
    connection: int
    register_id: str | None
    number: int | None
    name: str
    point: str
    effects: tuple[str, ...]
    why: str


@dataclass(slots=True, eq=False)
class Frame:
    """A frame that passed, or what was none (``error`` says why).

    ``what`` is its kind in the protocol's own word, ``number`` that of the request it is or answers, ``fields`` what it
    says, without secrets; ``raw`` its bytes as they passed (over HTTP those of the body). ``faults`` are those that were
    applied to it; to a request also those by which its answer was lost or bent. ``moment`` is monotonic.
    """

    seq: int
    at: Instant
    moment: Moment
    protocol: str
    connection: int
    direction: Direction
    register_id: str | None
    what: str
    number: int | None
    fields: Mapping[str, Any]
    raw: bytes = field(repr=False)
    error: str = ""
    faults: list[Struck] = field(default_factory=list)

    @property
    def is_request(self) -> bool:
        """Whether a register sent it."""
        return self.direction is Direction.IN


@dataclass(frozen=True, slots=True, eq=False)
class Happening:
    """A connection was opened or closed."""

    seq: int
    at: Instant
    moment: Moment
    protocol: str
    connection: int
    register_id: str | None
    turn: Turn
    peer: str


Record = Frame | Struck | Happening


class _Line:
    """One connection: what of a frame has passed so far in each direction, and whose it is."""

    __slots__ = ("inward", "number", "outward", "peer", "protocol", "register_id", "transcript")

    def __init__(self, number: int, protocol: str, peer: str, transcript: Transcript) -> None:
        self.number = number
        self.protocol = protocol
        self.peer = peer
        self.transcript = transcript
        self.inward = Splitter(transcript)
        self.outward = Splitter(transcript)
        self.register_id: str | None = None


class Traffic:
    """The records, and the ear that takes them. ``limit`` of them are kept.

    Gateways call :meth:`opened`, :meth:`came`, :meth:`went` and :meth:`closed`; a protocol without frames of its own
    calls :meth:`asked` and :meth:`answered`; a run of faults is given :meth:`struck`.
    """

    def __init__(self, clock: Clock, limit: int = RECORDS_MAX) -> None:
        self._clock = clock
        self._is_on = True
        self._records: deque[Record] = deque(maxlen=limit)
        self._lines: dict[int, _Line] = {}
        self._transcripts: dict[str, Transcript] = {}
        self._connections = 0
        self._requests = 0
        self._pending: deque[Struck] = deque(maxlen=PENDING_MAX)
        self._listeners: list[Callable[[Record], None]] = []
        self.seq = 0
        """How many records there were so far; a record's own ``seq`` counts from 1."""

    # ----------------------------------------------------------------------------------------------------- reading

    @property
    def records(self) -> Sequence[Record]:
        """Everything that is kept, in its order."""
        return tuple(self._records)

    @property
    def frames(self) -> Sequence[Frame]:
        """The frames alone."""
        return tuple(record for record in self._records if isinstance(record, Frame))

    @property
    def forgotten(self) -> int:
        """How many of the first records are kept no more."""
        return self.seq - len(self._records)

    @property
    def limit(self) -> int:
        """How many records are kept; 0 while nothing more is taken."""
        return (self._records.maxlen or 0) if self._is_on else 0

    def keep(self, limit: int) -> None:
        """Keep so many from now on, the newest of what there is; 0: take nothing more, and keep what there is."""
        self._is_on = limit > 0
        if not limit:
            self._lines.clear()
            self._pending.clear()
        elif limit != self._records.maxlen:
            self._records = deque(self._records, limit)

    def after(self, seq: int) -> Iterator[Record]:
        """Records behind this one."""
        return (record for record in self._records if record.seq > seq)

    def observe(self, listener: Callable[[Record], None]) -> Callable[[], None]:
        """Tell ``listener`` of every record from now on; call what comes back to stop."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def clear(self) -> None:
        """Forget everything, also what is on its way over connections that are open."""
        self._records.clear()
        self._lines.clear()
        self._pending.clear()
        self._connections = self._requests = self.seq = 0

    def forget(self) -> None:
        """Forget what passed; connections that are open go on being heard."""
        self._records.clear()
        self._pending.clear()
        self.seq = 0

    # --------------------------------------------------------------------------------------------------- listening

    def learn(self, protocol: str) -> None:
        """Know how frames of this protocol are told: now, because loading it while a register waits takes its time."""
        self._transcripts[protocol] = _transcript(protocol)

    def opened(self, protocol: str, peer: str) -> object:
        """A connection is there; what comes back stands for it."""
        if not self._is_on:
            return None
        self._connections += 1
        if protocol not in self._transcripts:
            self.learn(protocol)
        line = _Line(self._connections, protocol, peer, self._transcripts[protocol])
        self._lines[line.number] = line
        self._turned(line, Turn.OPENED)
        return line

    def came(self, connection: object, data: bytes) -> None:
        """Bytes from the register."""
        if (line := self._known(connection)) is not None:
            for piece in line.inward.feed(data):
                self._passed(line, Direction.IN, piece)

    def went(self, connection: object, data: bytes) -> None:
        """Bytes from the operator."""
        if (line := self._known(connection)) is not None:
            for piece in line.outward.feed(data):
                self._passed(line, Direction.OUT, piece)

    def closed(self, connection: object) -> None:
        """The connection is gone."""
        if (line := self._known(connection)) is None:
            return
        for direction, splitter in ((Direction.IN, line.inward), (Direction.OUT, line.outward)):
            for piece in splitter.end():
                self._passed(line, direction, piece)
        del self._lines[line.number]
        self._turned(line, Turn.CLOSED)

    def asked(
        self, protocol: str, peer: str, register_id: str, request: Request | RemoteProtocolError, raw: bytes
    ) -> object:
        """A whole request of a protocol that has no frames, or why it is none; what comes back stands for it."""
        if not self._is_on:
            return None
        self._requests += 1
        line = _Line(0, protocol, peer, NATIVE_TRANSCRIPT)
        line.register_id = register_id
        if isinstance(request, RemoteProtocolError):
            self._frame(line, Direction.IN, "", self._requests, {}, raw, str(request))
        else:
            self._said(line, Direction.IN, request, self._requests, raw)
        return line, self._requests

    def answered(self, request: object, answer: Answer, raw: bytes) -> None:
        """The answer to it."""
        if request is None or not self._is_on:
            return
        assert isinstance(request, tuple), "asked() gave it"
        line, number = request
        if number <= self._requests:  # otherwise everything was forgotten meanwhile
            self._said(line, Direction.OUT, answer, number, raw)

    def _known(self, connection: object) -> _Line | None:
        """The connection, if it was opened since the last :meth:`clear`, and while somebody listened."""
        if connection is None:
            return None
        assert isinstance(connection, _Line), "opened() gave it"
        return connection if self._lines.get(connection.number) is connection else None

    def _turned(self, line: _Line, turn: Turn) -> None:
        at, moment = self._clock.now(), self._clock.monotonic()
        self._keep(Happening(self.seq + 1, at, moment, line.protocol, line.number, line.register_id, turn, line.peer))

    def _said(self, line: _Line, direction: Direction, message: Request | Answer, number: int, raw: bytes) -> None:
        told = NATIVE_TRANSCRIPT
        data = NATIVE.serialize(message, number)
        is_answer = direction is Direction.OUT
        said = told.tell(told.parse_header(data[:HEADER_SIZE]), data[HEADER_SIZE:], is_answer=is_answer)
        self._frame(line, direction, said.what, number, said.fields, raw)

    def _passed(self, line: _Line, direction: Direction, piece: Piece) -> None:
        if isinstance(piece, Rest):
            self._frame(
                line, direction, "", None, {}, piece.data, NO_FRAME if piece.error is None else str(piece.error)
            )
            return
        is_answer = direction is Direction.OUT
        try:
            told = line.transcript.tell(piece.header, piece.body, is_answer=is_answer)
        except RemoteProtocolError as error:
            self._frame(line, direction, "", piece.header.number, {}, piece.data, str(error))
            return
        if told.register is not None:
            line.register_id = told.register
        self._frame(line, direction, told.what, told.number, told.fields, piece.data)

    def _frame(
        self,
        line: _Line,
        direction: Direction,
        what: str,
        number: int | None,
        fields: Mapping[str, Any],
        raw: bytes,
        error: str = "",
    ) -> None:
        at, moment, seq = self._clock.now(), self._clock.monotonic(), self.seq + 1
        frame = Frame(
            seq, at, moment, line.protocol, line.number, direction, line.register_id, what, number, fields, raw, error
        )
        if direction is Direction.OUT and self._pending:
            for struck in tuple(self._pending):
                if _concerns(struck, frame):
                    frame.faults.append(struck)
                    self._pending.remove(struck)
        self._keep(frame)

    # ------------------------------------------------------------------------------------------------------ faults

    def struck(self, applied: Applied) -> None:
        """A fault was applied: to the request that came last, and if it came behind it, to the answer that goes next."""
        if not self._is_on:
            return
        situation, fault = applied.situation, applied.fault
        frame = self._hit(situation.register, situation.protocol, situation.peer, situation.request)
        line = next((line for line in self._lines.values() if line.peer == situation.peer), None)
        struck = Struck(
            seq=self.seq + 1,
            at=self._clock.now(),
            moment=self._clock.monotonic(),
            protocol=situation.protocol,
            connection=frame.connection if frame is not None else 0 if line is None else line.number,
            register_id=situation.register or (None if frame is None else frame.register_id),
            number=situation.request if frame is None else frame.number,
            name=fault.name,
            point=fault.at.value,
            effects=tuple(map(_told, applied.effects)),
            why=applied.why,
        )
        if frame is not None:
            frame.faults.append(struck)
        if fault.at not in _BEFORE:
            self._pending.append(struck)
        self._keep(struck)

    def _hit(self, register: str, protocol: str, peer: str, number: int | None) -> Frame | None:
        """The request that a situation is about: the last one of its connection, else of its register."""
        lines = {line.number for line in self._lines.values() if line.peer == peer}
        for record in reversed(self._records):
            if not isinstance(record, Frame) or not record.is_request or record.protocol != protocol:
                continue
            if lines and record.connection not in lines:
                continue
            if register and record.register_id != register:
                continue
            if number is None or not lines or record.number == number:
                return record
        return None

    def _keep(self, record: Record) -> None:
        self.seq += 1
        self._records.append(record)
        for listener in tuple(self._listeners):
            listener(record)


def _transcript(protocol: str) -> Transcript:
    if protocol == NATIVE.name:
        return NATIVE_TRANSCRIPT
    from fiscal.protocols.catalogue import transcript_named  # noqa: PLC0415 - who speaks native alone loads no protobuf

    return transcript_named(protocol)


def _concerns(struck: Struck, frame: Frame) -> bool:
    """Whether this answer is the one that the fault was applied to."""
    if struck.protocol != frame.protocol or struck.number not in (None, frame.number):
        return False
    return struck.connection == frame.connection if struck.connection else struck.register_id == frame.register_id


def _told(effect: Any) -> str:
    written = effect_to_dict(effect)
    kind = written.pop("kind")
    inner = ", ".join(f"{name} {value}" for name, value in written.items() if name != "draw")
    return f"{kind} ({inner})" if inner else str(kind)
