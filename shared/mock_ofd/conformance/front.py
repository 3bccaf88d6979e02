"""The front of the operator: the address that the client under test is given, with nothing behind it but a relay.

The rule: whole frames go on as they came, unless the fault plan says otherwise; the plan is asked before a request goes on
(``before_commit``) and before its answer does (``after_commit``, ``half_answer``), the same in every protocol. What passed,
and what became of it, is written down in the order in which it happened, with every attempt to connect.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from fiscal.errors import RemoteProtocolError
from fiscal.faults.answers import Reply, instead
from fiscal.faults.effects import (
    Corrupt,
    Effect,
    HalfClose,
    LoseAnswer,
    Point,
    Reset,
    Stall,
    Truncate,
    WrongRequestNumber,
)
from fiscal.faults.line import Line
from fiscal.faults.notation import effect_to_dict
from fiscal.faults.plan import NO_FAULTS, Fault, FaultPlan, Situation
from fiscal.faults.run import FaultRun
from fiscal.faults.wire import Chunk, Ending, Step, bend, passage
from fiscal.protocols.splitting import Frame, Splitter
from fiscal.protocols.transcript import Told
from fiscal.time import Moment
from mock_ofd.conformance.tongue import Paper, Tongue
from ofd_server.accepting import Listener, listen

CHUNK: Final = 65_536
HOST: Final = "127.0.0.1"
DOCUMENT: Final = "document"
"""The word by which a fault selects requests that carry a paper, in every protocol."""
BACKLOG: Final = 100
"""One client is under test; a storm of its attempts waits here."""
_RESET: Final = struct.pack("ii", 1, 0)
MS: Final = 1_000
_LOSSES: Final = (Corrupt, HalfClose, LoseAnswer, Reset, Stall, Truncate, WrongRequestNumber)
"""What is done to an answer so that nobody can read it."""


@dataclass(slots=True)
class Passed:
    """A frame that came by: ``paper`` and ``identity`` of a request that carries one; an answer has those of its request.

    ``fate`` is empty for what went on as it came, else what was done to it.
    """

    at: Moment
    connection: int
    is_answer: bool
    told: Told
    paper: Paper | None = None
    identity: str = ""
    is_accepted: bool = False
    fate: str = ""
    arrives: bool = True
    """Whether its receiver can have taken it for what it is."""

    def says(self) -> str:
        """The frame as a line of a story."""
        arrow = "<-" if self.is_answer else "->"
        what = self.told.what + ("" if self.paper is None else f" {name_of(self.paper)}")
        if self.is_answer:
            code = self.told.fields.get("code") or self.told.fields.get("result", {}).get("code", "")
            what += f": {code}" if code else ""
        elif self.identity:
            what += f" ({self.identity})"
        return f"connection {self.connection} {arrow} {what}" + (f" [{self.fate}]" if self.fate else "")


def name_of(paper: Paper) -> str:
    """What a story calls a paper."""
    return f"sale of {paper / 100:.2f}" if isinstance(paper, int) else paper


@dataclass(slots=True)
class _Connection:
    """One client's connection, and the one to the operator that belongs to it."""

    number: int
    client: asyncio.StreamWriter
    operator: asyncio.StreamWriter
    asked: dict[int, tuple[Moment, Passed]] = field(default_factory=dict)
    filled: set[int] = field(default_factory=set)
    """Requests in whose place the operator got something else."""
    line: Line = field(default_factory=Line)
    timer: asyncio.TimerHandle | None = None

    def abort(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
        for writer in (self.client, self.operator):
            raw = writer.get_extra_info("socket")
            if raw is not None:
                with suppress(OSError):
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()


class Front:
    """The relay of one register. :meth:`start` gives the address; :meth:`stop` ends it.

    ``tell`` hears every line of the story.
    """

    def __init__(self, tongue: Tongue, to: tuple[str, int], answer_limit_ms: int, tell: Callable[[str], None]) -> None:
        self.attempts: list[Moment] = []
        """When the client connected, or tried to while the link was cut."""
        self.passed: list[Passed] = []
        self.moved = asyncio.Event()
        """Set, and made anew, whenever something happened."""
        self._tongue = tongue
        self._to = to
        self._answer_limit_ms = answer_limit_ms
        self._tell = tell
        self._run = FaultRun()
        self._is_cut = False
        self._listener: Listener | None = None
        self._port = 0
        self._open: dict[int, _Connection] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._later: set[asyncio.TimerHandle] = set()

    # ------------------------------------------------------------------------------------------------- the address

    async def start(self) -> tuple[str, int]:
        """Listen; the address."""
        self._listener = await listen(self._protocol, None, host=HOST, port=self._port, backlog=BACKLOG)
        self._port = self._listener.sockets[0].getsockname()[1]
        return HOST, self._port

    def _protocol(self) -> asyncio.StreamReaderProtocol:
        return asyncio.StreamReaderProtocol(asyncio.StreamReader(), self._accept)

    async def stop(self) -> None:
        """Listen no more, and end every connection."""
        self._close_door()
        self.break_connections()
        for timer in self._later:
            timer.cancel()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def shut(self) -> None:
        """Nobody listens any more: whoever connects is refused."""
        self._tell("nobody listens any more")
        self._close_door()
        self.break_connections()

    def _close_door(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.close()

    async def listen_again(self) -> None:
        """At the same address."""
        await self.start()
        self._tell("the operator listens again")

    # ------------------------------------------------------------------------------------------------ misfortune

    def cut(self) -> None:
        """The link is gone: connections are reset, and so is everyone that is made."""
        self._is_cut = True
        self._tell("the link is cut")
        self.break_connections()

    def mend(self) -> None:
        """The link is there again."""
        self._is_cut = False
        self._tell("the link is there again")

    def break_connections(self) -> None:
        """Every connection is reset; new ones are welcome."""
        for connection in tuple(self._open.values()):
            connection.abort()
        self._open.clear()

    def suffer(self, *faults: Fault) -> None:
        """From now on these faults, and no others."""
        plan = FaultPlan(faults) if faults else NO_FAULTS
        self._run.switch_to(plan)
        for fault in faults:
            self._tell(f"from now on: {fault.name}")
        if not faults:
            self._tell("from now on everything goes well")

    # ------------------------------------------------------------------------------------------------- the relay

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._listener is None:  # it was taken in the last moment
            writer.transport.abort()
            return
        loop = asyncio.get_running_loop()
        self.attempts.append(loop.time())
        self._stir()
        task = loop.create_task(self._relay(len(self.attempts), reader, writer))
        self._tasks.add(task)
        task.add_done_callback(partial(self._served, writer))

    def _served(self, writer: asyncio.StreamWriter, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        writer.close()
        self._stir()
        if not task.cancelled() and task.exception() is not None:
            self._tell(f"the relay is broken: {task.exception()!r}")

    async def _relay(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            self._tell(f"connection {number} is reset")
            _Connection(number, writer, writer).abort()
            return
        try:
            operator_reader, operator_writer = await asyncio.open_connection(*self._to)
        except OSError:  # the scenario is over
            return
        connection = self._open[number] = _Connection(number, writer, operator_writer)
        self._stir()
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._listen(connection, reader))
                both.create_task(self._return(connection, operator_reader))
        except* (ConnectionError, RemoteProtocolError):
            connection.abort()
        finally:
            self._open.pop(number, None)
            if connection.timer is not None:
                connection.timer.cancel()
            operator_writer.close()

    async def _listen(self, connection: _Connection, reader: asyncio.StreamReader) -> None:
        """What the client says, until it has no more to say."""
        splitter = Splitter(self._tongue.transcript)
        while data := await reader.read(CHUNK):
            for piece in splitter.feed(data):
                if isinstance(piece, Frame):
                    self._ask(connection, piece)
                else:
                    self._tell(f"connection {connection.number} -> {len(piece.data)} bytes that are no frame")
                    connection.operator.write(piece.data)
        with suppress(OSError):
            connection.operator.write_eof()

    async def _return(self, connection: _Connection, reader: asyncio.StreamReader) -> None:
        """What the operator says, until it has no more to say."""
        splitter = Splitter(self._tongue.transcript)
        while data := await reader.read(CHUNK):
            for piece in splitter.feed(data):
                assert isinstance(piece, Frame), "an operator of ours speaks in frames"
                self._answer(connection, piece)
        if connection.line.deadline() is None:
            with suppress(OSError):
                connection.client.write_eof()

    # ------------------------------------------------------------------------------------------------- requests

    def _ask(self, connection: _Connection, frame: Frame) -> None:
        tongue, now = self._tongue, asyncio.get_running_loop().time()
        try:
            told = tongue.transcript.tell(frame.header, frame.body, is_answer=False)
        except RemoteProtocolError as error:
            self._tell(f"connection {connection.number} -> a frame that cannot be read: {error}")
            connection.operator.write(frame.data)
            return
        paper = tongue.paper_of(told)
        request = Passed(now, connection.number, is_answer=False, told=told, paper=paper)
        if paper is not None:
            request.identity = tongue.identity_of(frame.header, told)
        connection.asked[told.number] = now, request
        effects = self._run.applied(Point.BEFORE_COMMIT, self._situation(request, 0))
        way, other = passage(effects), instead(effects)
        go_on: Callable[[], None] = partial(connection.operator.write, frame.data)
        if not way.goes_on:
            request.fate = "lost" if way.ending is None else way.ending.value
            go_on = partial(self._swallow, connection, frame, way.ending)
        elif other is not None:
            request.fate = "answered by the front"
            go_on = partial(self._refuse, connection, frame, other)
        self._note(request)
        if way.delay_ms:
            self._in(way.delay_ms, go_on)
        else:
            go_on()

    def _swallow(self, connection: _Connection, frame: Frame, ending: Ending | None) -> None:
        self._fill(connection, frame)
        self._end(connection, ending)

    def _fill(self, connection: _Connection, frame: Frame) -> None:
        """The operator gets something else under the number of a request that it does not get, if it counts them."""
        filler = self._tongue.filler(frame.header)
        if filler:
            connection.filled.add(frame.header.number)
            connection.operator.write(filler)

    def _refuse(self, connection: _Connection, frame: Frame, reply: Reply) -> None:
        self._fill(connection, frame)
        data = self._tongue.refusal(frame.header, frame.body, reply)
        splitter = Splitter(self._tongue.transcript)
        for piece in splitter.feed(data):
            assert isinstance(piece, Frame), "a refusal is a frame"
            self._pass_answer(connection, piece, (Chunk(0, data),))

    # -------------------------------------------------------------------------------------------------- answers

    def _answer(self, connection: _Connection, frame: Frame) -> None:
        if frame.header.number in connection.filled:
            connection.filled.discard(frame.header.number)
            return
        told = self._tongue.transcript.tell(frame.header, frame.body, is_answer=True)
        began, request = connection.asked.get(told.number, (asyncio.get_running_loop().time(), None))
        steps: tuple[Step, ...] = (Chunk(0, frame.data),)
        suffered: tuple[Effect, ...] = ()
        if request is not None:
            elapsed_ms = round((asyncio.get_running_loop().time() - began) * MS)
            situation = self._situation(request, elapsed_ms)
            effects = self._run.applied(Point.AFTER_COMMIT, situation)
            half = self._run.applied(Point.HALF_ANSWER, situation)
            suffered = (*effects, *half)
            if any(isinstance(effect, LoseAnswer) for effect in effects):
                steps = ()
            elif effects or half:
                offset = sum(effect.offset for effect in effects if isinstance(effect, WrongRequestNumber))
                data = self._tongue.renumbered(frame.data, offset) if offset else frame.data
                steps = bend(data, effects, half)
        self._pass_answer(connection, frame, steps, suffered)

    def _pass_answer(
        self, connection: _Connection, frame: Frame, steps: Iterable[Step], suffered: tuple[Effect, ...] = ()
    ) -> None:
        told = self._tongue.transcript.tell(frame.header, frame.body, is_answer=True)
        _, request = connection.asked.get(told.number, (0.0, None))
        answer = Passed(
            asyncio.get_running_loop().time(),
            connection.number,
            is_answer=True,
            told=told,
            paper=None if request is None else request.paper,
            identity="" if request is None else request.identity,
            is_accepted=self._tongue.is_accepted(told),
            fate=", ".join(map(_told, suffered)),
            arrives=not any(isinstance(effect, _LOSSES) for effect in suffered),
        )
        self._note(answer)
        connection.line.put(tuple(steps), asyncio.get_running_loop().time())
        self._pump(connection)

    def _pump(self, connection: _Connection) -> None:
        loop = asyncio.get_running_loop()
        for thing in connection.line.take(loop.time()):
            if isinstance(thing, Ending):
                self._end(connection, thing)
            elif not connection.client.transport.is_closing():
                connection.client.write(thing)
        moment = connection.line.deadline()
        connection.timer = None if moment is None else loop.call_at(moment, self._pump, connection)

    def _end(self, connection: _Connection, ending: Ending | None) -> None:
        match ending:
            case Ending.RESET | Ending.CRASH:
                connection.abort()
            case Ending.HALF_CLOSE:
                with suppress(OSError):
                    connection.client.write_eof()
            case _:
                pass  # nothing moves any more

    # ---------------------------------------------------------------------------------------------- small parts

    def _in(self, delay_ms: int, action: Callable[[], None]) -> None:
        self._later.add(asyncio.get_running_loop().call_later(delay_ms / MS, action))

    def _situation(self, request: Passed, elapsed_ms: int) -> Situation:
        command = request.told.what if request.paper is None else DOCUMENT
        return Situation("register", self._tongue.name, command, 0, elapsed_ms, self._answer_limit_ms)

    def _note(self, passed: Passed) -> None:
        self.passed.append(passed)
        self._tell(passed.says())
        self._stir()

    def _stir(self) -> None:
        self.moved.set()
        self.moved = asyncio.Event()


def _told(effect: Effect) -> str:
    """An effect in words: "delay ms 300"."""
    kind, *figures = effect_to_dict(effect).items()
    return " ".join((str(kind[1]), *(f"{name} {value}" for name, value in figures)))


__all__ = ["DOCUMENT", "Front", "Passed", "name_of"]
