"""What the register needs from the outside: a clock, a memory, a way to the operator, room on the disk.

The rule: a port speaks of documents and records, never of SQL, sockets or files. The simulation fills these ports with
its own clock, links and stores and runs everything above them as it is.
"""

from __future__ import annotations

import errno
import re
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from fiscal.domain.document import Document, DocumentKind
from fiscal.domain.messages import Answer, ReportOfflinePeriod, Request
from fiscal.domain.register import RegisterProfile
from fiscal.errors import NotDelivered
from fiscal.time import Instant, Moment
from kkt_client.core.dossier import Dossier
from kkt_client.core.records import Sealed
from kkt_client.core.saying import Cause, Said


class Clock(Protocol):
    """Two clocks: the wall for documents, the monotonic one for deadlines. Waiting is done on the running loop."""

    def now(self) -> Instant:
        """Milliseconds of UTC."""
        ...

    def monotonic(self) -> Moment:
        """Seconds that never go back."""
        ...


class Ids(Protocol):
    """Where document ids come from."""

    def fresh(self, now: Instant) -> bytes:
        """16 bytes that nobody else has; they rise with ``now``."""
        ...


class DiskSpace(Protocol):
    """How much room there is for the memory."""

    def free(self) -> int:
        """Bytes."""
        ...


# --------------------------------------------------------------------------------------------------------- memory

REGISTRATION: Final = "registration"
SNAPSHOT: Final = "snapshot"
MARKS: Final = "marks"
EXCHANGE: Final = "exchange"
"""What is kept beside the chain, by name."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a memory has when it is opened: how far the chain goes, and what lies beside it."""

    last_seq: int
    beside: Mapping[str, bytes]


class FiscalMemory(Protocol):
    """The fiscal memory: records that are added and never changed, and a few values that lie beside them.

    Call :meth:`open` first. One register uses one memory at a time; :meth:`open` raises :class:`StorageBusy` when
    another process holds it, :class:`StorageCorrupt` when it cannot be read, :class:`StorageError` when a newer
    program wrote it. Every method raises :class:`StorageError` when the storage fails; :meth:`append` raises
    :class:`DiskFull` when there is no room, and then nothing of it was kept and the memory goes on. After any other
    failure the outcome is unknown: the memory refuses to write until it is opened anew.
    """

    async def open(self) -> Kept:
        """Take hold of the memory, and read what it begins with."""
        ...

    async def append(self, records: Sequence[Sealed], beside: Mapping[str, bytes]) -> None:
        """Keep these records, which follow the last one, and these values; durable when it returns, all or nothing."""
        ...

    async def records(self, after: int, limit: int) -> Sequence[Sealed]:
        """At most ``limit`` records behind number ``after``, in their order."""
        ...

    async def of_documents(self, first: int, last: int) -> Sequence[Sealed]:
        """Every record of the documents with these numbers, in the order in which they were written."""
        ...

    async def of_key(self, key: str) -> int | None:
        """The number of the document that was issued under the caller's key."""
        ...

    async def close(self) -> None:
        """Let go of the memory; further calls to this do nothing."""
        ...


# ------------------------------------------------------------------------------------------------------- operator


_ERRNO: Final = re.compile(r"\[Errno (\d+)\]")
_UNREACHABLE: Final = frozenset((errno.EHOSTUNREACH, errno.ENETUNREACH))


def cause_of_connecting(error: OSError, text: str) -> Cause:
    """Why no connection was to be had; ``text`` tells it with the address.

    Where a name has several addresses, one error names what stopped each of them; if that is the same, it is the cause.
    """
    numbers = {error.errno} if error.errno is not None else {int(each) for each in _ERRNO.findall(str(error))}
    match error:
        case socket.gaierror():
            return Cause(Said.HOST_UNKNOWN, text)
        case TimeoutError():
            return Cause(Said.CONNECT_TIMEOUT, text)
    if numbers == {errno.ECONNREFUSED}:
        return Cause(Said.CONNECTION_REFUSED, text)
    if numbers and numbers <= _UNREACHABLE:
        return Cause(Said.HOST_UNREACHABLE, text)
    return Cause(Said.CONNECT_FAILED, text)


class NoConnection(NotDelivered):
    """The operator cannot be reached: connecting failed (``was_open`` is false), or the connection broke.

    ``is_final``: whoever waits need not try again, only time or a person helps.
    """

    def __init__(self, cause: Cause, *, was_open: bool, is_final: bool = False) -> None:
        super().__init__(cause.text)
        self.cause = cause
        self.was_open = was_open
        self.is_final = is_final


UNOPENED: Final = Cause(Said.CONNECTION_LOST, "the connection is not open yet")
"""What a connection says that nobody has opened."""


class AnswerLate(NotDelivered):
    """The answer limit passed without a whole answer; one that comes later is not waited for."""

    def __init__(self) -> None:
        super().__init__("the operator did not answer in time")
        self.cause = Cause(Said.NO_ANSWER, str(self))


class Link(Protocol):
    """One conversation with the operator, one request at a time."""

    @property
    def is_open(self) -> bool:
        """Whether a request can still be made."""
        ...

    async def request(self, request: Request) -> Answer:
        """Ask, and return the answer.

        The answer limit runs from the moment when the last byte was handed to the transport; an answer that is whole
        exactly at its end is in time. :class:`AnswerLate` after it, :class:`NoConnection` when the link breaks or the
        answer is none that fits the request; after either, and after a cancellation, the link is closed.
        """
        ...

    def close(self) -> None:
        """End the conversation at once. May be called again."""
        ...


@dataclass(frozen=True, slots=True)
class Standing:
    """How the register stands when it greets the operator: since when it is without it, and what blocks it."""

    away_since: Instant | None = None
    is_rejected: bool = False
    """Whether the operator did not take its credentials."""


class Notebook(Protocol):
    """What a protocol must not forget between two messages; the memory keeps it as bytes beside its chain.

    The rule: a step changes nothing but says what has to be kept: before the first byte leaves, or together with what
    an answer brought; ``None`` when there is nothing new. It becomes true when :meth:`kept` says that it is durable, so
    after a commit that failed everything is as it was.
    """

    def opened(self, notes: bytes, token: str) -> None:
        """What the memory holds, nothing in a new one; ``token`` is the register's first. :class:`StorageCorrupt`,
        :class:`ConfigurationError` when the token is none of this protocol.
        """
        ...

    def kept(self, notes: bytes) -> None:
        """These notes are durable."""
        ...

    def greeting(self, standing: Standing) -> bytes | None:
        """Before hello."""
        ...

    def asking(self, *, is_blocked: bool) -> bytes | None:
        """Before a question; ``is_blocked``: it is the question whether the operator still blocks the register."""
        ...

    def sending(self, number: int, kind: DocumentKind) -> bytes | None:
        """Before a document."""
        ...

    def foresees(self, behind: Dossier | None) -> None:
        """Before a document: which one is sent next if all goes well, to be made ready while the answer is awaited."""
        ...

    def answered(self, number: int, answer: Answer, behind: Dossier | None) -> bytes | None:
        """With the record of an answer to a document; ``behind`` is the one that waits behind it."""
        ...

    def told(self, period: ReportOfflinePeriod) -> bytes | None:
        """With the record that the operator knows of this period."""
        ...

    def entrusted(self, token: str) -> bytes | None:
        """With another token from a person; :class:`ConfigurationError` when it is none of this protocol."""
        ...


def carries_all(document: Document, profile: RegisterProfile) -> None:
    """A protocol that carries every document as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a protocol demands of a register beside its messages; the defaults demand nothing.

    ``check`` raises :class:`InvalidValue` for a document that cannot be carried, before it gets its number.
    ``reconnect_s`` is the least time from a failed attempt of the background to the next one, and chance adds up to a
    tenth. ``knocks_on``: a sale knocks at a shut door as long as its budget lasts.
    """

    notebook: Notebook | None = None
    check: Callable[[Document, RegisterProfile], None] = carries_all
    reconnect_s: float | None = None
    knocks_on: bool = False


PLAIN: Final = Terms()
"""Those of a protocol that has none."""


class Transport(Protocol):
    """A way to one operator."""

    @property
    def protocol(self) -> str:
        """Its word in the tables of what a protocol carries."""
        ...

    @property
    def content_size_max(self) -> int:
        """Bytes of the largest document that fits into a message."""
        ...

    @property
    def terms(self) -> Terms:
        """What the protocol demands beside messages."""
        ...

    async def connect(self) -> Link:
        """A new link; :class:`NoConnection` when there is none to be had. Cancelling it leaves nothing open."""
        ...

    async def close(self) -> None:
        """Let go of what all links share."""
        ...
