"""Operators as processes on one database, registers that go from one to the other, and a link that can be cut."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final, Self

from fiscal.domain.document import ONLINE, Document
from fiscal.domain.messages import Accepted, Hello, SubmitDocument, Welcome
from fiscal.domain.shift import Shift, advance
from fiscal.protocols.content import encode_content
from fiscal.protocols.native.codec import NATIVE
from fiscal.protocols.native.header import HEADER_SIZE
from ofd_server.core.entries import DocumentRecorded
from ofd_server.core.replay import replay
from ofd_server.ports import DocumentFilter, StoredEntry
from ofd_server.storage.postgresql import PostgresJournal
from tests.documents import deposit, receipt

PATIENCE_S: Final = 45.0
"""For a machine that is busy with other things."""
TOKEN: Final = "token"
COMMIT: Final = b"Q\x00\x00\x00\x0bcommit\x00"
"""COMMIT as it goes over the wire."""


@dataclass
class Node:
    """An operator that is ready."""

    process: asyncio.subprocess.Process
    ready: dict[str, Any]

    @property
    def address(self) -> str:
        return str(self.ready["native"])

    @property
    def is_alive(self) -> bool:
        return self.process.returncode is None

    def kill(self) -> None:
        """As by a power cut."""
        with suppress(ProcessLookupError):
            self.process.kill()


@asynccontextmanager
async def node(dsn: str, *options: str) -> AsyncIterator[Node]:
    """``mock-ofd serve`` on this database; it is ended well at the end, if it is alive by then."""
    given = (
        "--storage",
        dsn,
        "--http",
        "127.0.0.1:0",
        "--native",
        "127.0.0.1:0",
        "--kz",
        "off",
        "--log-level",
        "error",
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "mock_ofd", "serve", *given, *options, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield Node(process, json.loads(await process.stdout.readline()))
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), PATIENCE_S)
        if process.returncode is None:
            process.kill()
        await process.wait()


class Proxy:
    """Stands between an operator and its database. ``seen_commit`` is asked at every COMMIT what becomes of it."""

    def __init__(self, port: int) -> None:
        self.seen_commit: Callable[[], str] = lambda: "pass"
        """``pass``; ``lose``: the link breaks before it arrives; ``keep``: it arrives, and the link breaks."""
        self.commits = 0
        self.is_cut = False
        self._port = port
        self._links: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_error: object) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()

    def cut(self) -> None:
        """Every link breaks, and no new one is made until :meth:`heal`."""
        self.is_cut = True
        for writer in tuple(self._links):
            writer.transport.abort()

    def heal(self) -> None:
        self.is_cut = False

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_cut:
            writer.transport.abort()
            return
        there, onward = await asyncio.open_connection("127.0.0.1", self._port)
        both = (writer, onward)
        self._links.update(both)
        try:
            await asyncio.gather(self._forth(reader, onward, both), self._back(there, writer, both))
        finally:
            self._links.difference_update(both)
            for one in both:
                one.transport.abort()

    async def _forth(
        self, reader: asyncio.StreamReader, onward: asyncio.StreamWriter, both: tuple[asyncio.StreamWriter, ...]
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                fate = "pass"
                if data.endswith(COMMIT):
                    self.commits += 1
                    fate = self.seen_commit()
                if fate == "keep":
                    both[0].transport.abort()  # nobody hears how it ended
                if fate != "lose":
                    onward.write(data)
                    await onward.drain()
                if fate != "pass":
                    await asyncio.sleep(0.05 if fate == "keep" else 0)
                    break
        for one in both:
            one.transport.abort()

    async def _back(
        self, there: asyncio.StreamReader, writer: asyncio.StreamWriter, both: tuple[asyncio.StreamWriter, ...]
    ) -> None:
        with suppress(OSError):
            while data := await there.read(65_536):
                writer.write(data)
                await writer.drain()
        for one in both:
            one.transport.abort()


@dataclass
class Link:
    """A connection of a register: ``asked`` is the number of its last request."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    asked: int = 0

    def ask(self, message: Hello | SubmitDocument) -> int:
        self.asked += 1
        self.writer.write(NATIVE.serialize(message, self.asked))
        return self.asked

    def submit(self, made: Document) -> int:
        return self.ask(SubmitDocument(content=encode_content(made), delivery=ONLINE))

    async def answer(self) -> tuple[int, Any]:
        header = NATIVE.parse_header(await self.reader.readexactly(HEADER_SIZE))
        return header.number, NATIVE.parse(header, await self.reader.readexactly(header.body_size))


@dataclass
class Register:
    """Sells ``count`` documents, and sends them in order over whatever node it finds until each has its answer.

    It does not close a connection that it leaves, and sends the same over it once more: what is accepted there must be
    the same.
    """

    id: str
    count: int
    chance: random.Random
    issued: list[Document] = field(default_factory=list)
    answers: dict[int, Accepted] = field(default_factory=dict)
    shift: Shift = field(default_factory=Shift)
    hops: int = 0
    links: list[Link] = field(default_factory=list)
    heard: Counter[str] = field(default_factory=Counter)
    _hearing: list[asyncio.Future[None]] = field(default_factory=list)

    def sell(self) -> None:
        now = time.time_ns() // 1_000_000
        for number in range(1, self.count + 1):
            shift = self.shift.next_number
            made = receipt(number, shift, now) if number % 5 else deposit(number, shift, now)
            self.shift = advance(self.shift, made, ONLINE)
            self.issued.append(made)

    async def deliver(self, addresses: Callable[[], Sequence[str]], stay: int = 10) -> None:
        """Until everything has its answer; after some ``stay`` documents it goes to any node."""
        self.sell()
        try:
            while len(self.answers) < self.count:
                with suppress(OSError, EOFError, TimeoutError):
                    await self._visit(self.chance.choice(addresses()), self.chance.randint(1, 2 * stay))
                self.hops += 1
                await asyncio.sleep(0.01)
        finally:
            for task in self._hearing:
                task.cancel()
            for link in self.links:
                link.writer.transport.abort()

    async def _visit(self, address: str, documents: int) -> None:
        host, _, port = address.rpartition(":")
        link = Link(*await asyncio.open_connection(host, int(port)))
        self.links.append(link)
        link.ask(Hello(register=self.id, token=TOKEN, software="test", last_number=self.count))
        async with asyncio.timeout(5):
            if not isinstance((await link.answer())[1], Welcome):
                return
        pending = [made for made in self.issued if made.number not in self.answers][:documents]
        sent = {link.submit(made): made for made in pending}
        for left in self.links[-2:-1]:  # the connection that it left may still be open
            if not left.writer.transport.is_closing():
                again = {left.submit(made): made for made in pending}
                self._hearing.append(asyncio.ensure_future(self._hear(left, again)))
        hearing = asyncio.ensure_future(self._hear(link, sent))
        self._hearing.append(hearing)
        await asyncio.wait((hearing,), timeout=5)

    async def _hear(self, link: Link, sent: dict[int, Document]) -> None:
        """Until each of these has an answer, or one of them none that counts."""
        waiting = set(sent)
        with suppress(OSError, EOFError):
            while waiting:
                number, answer = await link.answer()
                waiting.discard(number)
                self.heard[type(answer).__name__] += 1
                if not isinstance(answer, Accepted):
                    return
                known = self.answers.setdefault(answer.number, answer)
                assert known == answer, "a document got two answers"


def registers(count: int, documents: int, seed: int) -> list[Register]:
    return [Register(f"kkm-{n}", documents, random.Random(f"{seed}-{n}")) for n in range(count)]


async def judge(dsn: str, sold: Sequence[Register]) -> None:
    """The ledger holds what was issued, once, in its order, with the signs that were given, and adds up."""
    journal = await PostgresJournal.open(dsn)
    try:
        feed = await everything(journal)
        places = [stored.seq for stored in feed]
        assert places == sorted(set(places))
        for register in sold:
            mine = [stored for stored in feed if stored.register_id == register.id]
            assert [stored.version for stored in mine] == list(range(1, len(mine) + 1))
            held = [stored.entry for stored in mine if isinstance(stored.entry, DocumentRecorded)]
            assert [entry.document for entry in held] == register.issued, "lost, doubled or overtaken"
            assert {entry.number: entry.sign for entry in held} == {n: a.sign for n, a in register.answers.items()}
            found = await journal.documents(DocumentFilter(register_id=register.id, after_seq=0, limit=10_000))
            assert [stored.entry for stored in found] == held
            state = replay(register.id, None, [stored.entry for stored in mine])
            assert state.tape.shift == register.shift, "the counters are another sum"
            loaded = await journal.load(register.id)
            assert loaded is not None
            assert replay(register.id, loaded.snapshot, loaded.entries) == state
            assert await journal.version(register.id) == state.version
    finally:
        await journal.close()


async def everything(journal: PostgresJournal) -> list[StoredEntry]:
    found: list[StoredEntry] = []
    while page := await journal.entries(None, found[-1].seq if found else 0, 1_000):
        found.extend(page)
    return found
