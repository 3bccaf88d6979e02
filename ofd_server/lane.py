"""One register's way through the operator: requests in order, decisions ahead of the commit.

The rule (semantics 2.1, 2.2): the requests of one register pass one lane, whatever connection they come by. ``committed``
is what the journal has confirmed, ``ahead`` is what follows from the decisions on top of it. A decision that is dropped
takes everything with it that was decided later.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from fiscal.domain.document import Document
from fiscal.domain.messages import Answer, Request
from fiscal.errors import RemoteProtocolError
from fiscal.time import Instant, Moment
from ofd_server.core.decide import Decision, OwnAnswer
from ofd_server.core.entries import DocumentRecorded, Registered
from ofd_server.core.exchange import Exchange
from ofd_server.core.state import RegisterState
from ofd_server.ports import Append, LastReport

Reply = Callable[[Any], None]
"""Takes the answer: an :data:`Answer`, or to an exchange its own, or :class:`TryLater`; ``None`` means that the register
gets none, now or ever."""


@dataclass(slots=True, eq=False)
class Session:
    """An authenticated conversation. ``close`` is called with the reason when a newer session replaces it."""

    protocol: str
    peer: str
    close: Callable[[str], None]
    register_id: str | None = None
    superseded: bool = False
    forgotten: bool = False
    """The operator was reset since: whatever still comes of this conversation concerns nobody any more."""


Administer = Callable[[RegisterState | None, Instant], Decision]
"""A person's decision about a register: from its state and the time."""


@dataclass(frozen=True, slots=True)
class Administration:
    """Something that a person asks of a register's lane, in its turn among the register's own requests."""

    decide: Administer


class Waiting(Struct, eq=False):
    """A request that came: when its last byte was in, on both clocks, and whom to answer."""

    session: Session
    request: Request | Administration | Exchange
    reply: Reply
    at: Instant
    moment: Moment
    turn: int = 0
    """Its place among everything that came, so that what has to wait again keeps it."""
    document: Document | RemoteProtocolError | None = None
    """What the content of a :class:`SubmitDocument` is, once somebody has looked."""


class Work(Struct, eq=False):
    """A decision on its way to the journal."""

    lane: Lane
    append: Append
    answer: Answer | OwnAnswer | None
    asked: Waiting
    late: bool = False
    copies: list[Waiting] = []

    @property
    def document(self) -> DocumentRecorded | None:
        """The new document among the entries, if there is one."""
        entries = self.append.entries
        first = entries[0]
        if isinstance(first, DocumentRecorded):
            return first
        if isinstance(first, Registered) and len(entries) > 1:
            first = entries[1]  # an unknown register may come with its first document
        return first if isinstance(first, DocumentRecorded) else None


@dataclass(slots=True, eq=False)
class Lane:
    """The state of one register at work. ``busy`` while something about it is being looked up."""

    register_id: str
    committed: RegisterState | None = None
    ahead: RegisterState | None = None
    session: Session | None = None
    loaded: bool = False
    busy: bool = False
    in_flight: list[Work] = field(default_factory=list)
    queued: list[Work] = field(default_factory=list)
    waiting: deque[Waiting] = field(default_factory=deque)
    waiters: list[asyncio.Future[None]] = field(default_factory=list)
    last_report: LastReport | None = None
    known_at: int = 0
    """The turn of the service in which the ledger was last asked, so that what came until then is answered truly."""

    def pending(self, number: int) -> Work | None:
        """The work that carries the document with this number, when it is not committed yet."""
        for work in (*self.in_flight, *self.queued):
            document = work.document
            if document is not None and document.number == number:
                return work
        return None

    def drop_queued(self) -> list[Work]:
        """Take back every decision that was not handed to the journal yet; the caller answers those who asked."""
        dropped, self.queued = self.queued, []
        self.ahead = self.in_flight[-1].append.after if self.in_flight else self.committed
        return dropped

    def settle(self) -> None:
        """Wake whoever waits until nothing of this lane is on its way to the journal."""
        if self.waiters and not self.in_flight and not self.queued:
            waiters, self.waiters = self.waiters, []
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)
