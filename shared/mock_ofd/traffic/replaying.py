"""Plays the registers' side of a recording again, and compares the answers with those that were recorded.

The rule: requests go out in the order of the recording, each after the answer to the one before it, on connections that
are opened and closed as they were then. Tokens come from whoever plays, from the recording where it has kept them, or,
where a protocol gives a new one with each answer, from the answer before. Bytes that are no frame are sent as they are.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from fiscal.errors import ConfigurationError, InvalidValue, RemoteProtocolError
from fiscal.protocols.recording import Happening, Side
from fiscal.protocols.splitting import Frame, Splitter
from fiscal.protocols.transcript import Told, Transcript
from mock_ofd.traffic.differing import Difference, differences
from mock_ofd.traffic.recording import Line, Recording

UNEXPECTED_WAIT_S: Final = 0.3
"""How long an answer is waited for where none was recorded."""
CHUNK: Final = 65_536


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request with both answers; ``None`` for an answer that did not come."""

    place: int
    connection: int
    register: str | None
    request: Told
    recorded: Told | None
    came: Told | None
    differences: tuple[Difference, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return (self.recorded is None) == (self.came is None) and not self.differences


@dataclass(slots=True)
class _Live:
    """A connection of now."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    splitter: Splitter
    frames: deque[Frame] = field(default_factory=deque)
    is_over: bool = False


class Unreachable(Exception):
    """There is no operator at that address."""


class Replay:
    """One play. ``tokens`` by register, under "" the one of all others; ``ignored`` are names of fields."""

    def __init__(
        self,
        recording: Recording,
        to: tuple[str, int],
        tokens: Mapping[str, str],
        ignored: frozenset[str],
        wait_s: float,
    ) -> None:
        self._recording = recording
        self._transcript: Transcript = recording.transcript
        self._to = to
        self._tokens = dict(tokens)
        self._ignored = ignored
        self._wait_s = wait_s
        self._live: dict[int, _Live] = {}
        self._answers = _answers(recording.lines)
        self._registers: dict[int, str] = {}

    async def run(self) -> list[Exchange]:
        """Play it; every request with its answers. :class:`Unreachable`, or :class:`ConfigurationError` for a token."""
        found = []
        try:
            for line in self._recording.lines:
                exchange = await self._step(line)
                if exchange is not None:
                    found.append(exchange)
        finally:
            for live in self._live.values():
                await _close(live)
        return found

    async def _step(self, line: Line) -> Exchange | None:
        if line.side is not Side.REGISTER:
            return None
        if line.happening is not None:
            if line.happening is not Happening.OPENED and line.connection in self._live:
                await _close(self._live.pop(line.connection))
            return None
        live = self._live.get(line.connection)
        if live is None:
            live = self._live[line.connection] = await self._open()
        frame = self._frame(line)
        live.writer.write(frame)
        with suppress(ConnectionError):
            await live.writer.drain()
        if line.told is None:
            return None
        return await self._exchange(line, line.told, live)

    async def _open(self) -> _Live:
        try:
            reader, writer = await asyncio.open_connection(*self._to)
        except OSError as error:
            raise Unreachable(f"{self._to[0]}:{self._to[1]} cannot be reached: {error}") from error
        return _Live(reader, writer, Splitter(self._transcript))

    # ------------------------------------------------------------------------------------------------- requests

    def _frame(self, line: Line) -> bytes:
        """The bytes of a request, with the token that belongs into it now."""
        size = self._transcript.header_size
        if len(line.raw) < size:
            return line.raw
        try:
            header = self._transcript.parse_header(line.raw[:size])
            holder = self._transcript.holder(header, line.raw[size:])
        except RemoteProtocolError:
            return line.raw
        if holder is None:
            return line.raw
        self._registers[line.connection] = holder
        token = self._tokens.get(holder, self._tokens.get(""))
        if token is None:
            if self._recording.secrets:
                return line.raw
            raise ConfigurationError(
                f"line {line.place}: the token of register {holder} is not in the recording: --token"
            )
        try:
            return self._transcript.with_token(header, line.raw[size:], token)
        except InvalidValue as error:
            raise ConfigurationError(f"--token: {error}") from None

    async def _exchange(self, line: Line, request: Told, live: _Live) -> Exchange:
        recorded = self._answers.get((line.connection, line.place))
        wait = min(self._wait_s, UNEXPECTED_WAIT_S) if recorded is None else self._wait_s
        frame = await self._answer(live, request.number, wait)
        came = None
        if frame is not None:
            came = self._told(frame)
            register = self._registers.get(line.connection)
            token = self._transcript.next_token(frame.header)
            if token is not None and register is not None:
                self._tokens[register] = token
        found: tuple[Difference, ...] = ()
        if recorded is not None and came is not None:
            found = tuple(differences(recorded, came, self._ignored))
        register = request.register or self._registers.get(line.connection)
        return Exchange(line.place, line.connection, register, request, recorded, came, found)

    # -------------------------------------------------------------------------------------------------- answers

    async def _answer(self, live: _Live, number: int, wait: float) -> Frame | None:
        """The answer to the request of this number; others are passed over. ``None`` when it does not come."""
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                while True:
                    while live.frames:
                        frame = live.frames.popleft()
                        if frame.header.number == number:
                            return frame
                    if live.is_over or not await _more(live):
                        return None
        return None

    def _told(self, frame: Frame) -> Told:
        """The answer as a recording would have it, through JSON and back."""
        try:
            told = self._transcript.tell(frame.header, frame.body, is_answer=True)
        except RemoteProtocolError as error:
            return Told("unreadable", frame.header.number, None, {"error": str(error)})
        fields: dict[str, Any] = json.loads(json.dumps(told.fields))
        return told._replace(fields=fields)


async def _more(live: _Live) -> bool:
    """Read on; false when nothing more comes."""
    try:
        data = await live.reader.read(CHUNK)
    except ConnectionError:
        data = b""
    live.is_over = not data
    live.frames.extend(piece for piece in live.splitter.feed(data) if isinstance(piece, Frame))
    return bool(data)


async def _close(live: _Live) -> None:
    live.writer.close()
    with suppress(OSError):
        await live.writer.wait_closed()


def _answers(lines: Sequence[Line]) -> dict[tuple[int, int], Told]:
    """Which answer was recorded for the request in which line: the first behind it with its number."""
    open_requests: dict[tuple[int, int], deque[int]] = {}
    found: dict[tuple[int, int], Told] = {}
    for line in lines:
        if line.told is None:
            continue
        key = (line.connection, line.told.number)
        if line.side is Side.REGISTER:
            open_requests.setdefault(key, deque()).append(line.place)
        elif waiting := open_requests.get(key):
            found[line.connection, waiting.popleft()] = line.told
    return found
