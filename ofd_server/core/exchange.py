"""An exchange: what a register asks over a protocol that has an order, and words, of its own.

The rule: an exchange goes through the lane of its register like every other request. It decides for itself what its
answer is; what a decision has to know of the ledger it says first (:class:`Need`), and is asked again with what was
found (:class:`Found`).
"""

from __future__ import annotations

from abc import abstractmethod
from typing import NamedTuple

from fiscal.time import Instant
from ofd_server.core.decide import Decision, OwnAnswer
from ofd_server.core.documents import Submission
from ofd_server.core.entries import DocumentRecorded
from ofd_server.core.state import RegisterState


class Need(NamedTuple):
    """What has to be looked up in the ledger before an exchange can be decided.

    ``document`` is the number of a document, ``last_close`` asks for the register's last Z-report, ``sign`` whether this
    autonomous sign was used before. ``resent``: the exchange is one that was answered before.
    """

    document: int | None = None
    last_close: bool = False
    sign: int | None = None
    resent: bool = False


class Found(NamedTuple):
    """What the ledger holds of what was needed."""

    document: DocumentRecorded | None = None
    last_close: DocumentRecorded | None = None
    sign_used: bool = False


class Exchange:
    """A request of a protocol that brings its own rules; ``register_id`` says whose lane it goes through.

    No :class:`abc.ABC`, because it is asked of every request whether it is one, and with those that takes five times as long.
    A type checker sees to it that nothing is missing.
    """

    __slots__ = ("register_id",)

    register_id: str

    @abstractmethod
    def read(self) -> None:
        """Parse what there is to parse, if nobody has yet: done for all that came in one turn before any is decided."""

    @abstractmethod
    def decide(self, state: RegisterState | None, at: Instant, found: Found | None) -> Decision | Need:
        """The decision, or what it needs; never a need again when ``found`` is there."""

    @abstractmethod
    def submit(self, state: RegisterState, at: Instant) -> Submission | None:
        """The document of an exchange with which nothing is special, to be decided together with those of others.

        :meth:`conclude` then makes the decision of it; ``None``: :meth:`decide` has to look at it.
        """

    @abstractmethod
    def conclude(self, decision: Decision) -> Decision:
        """The decision on the exchange whose document was submitted and decided like this."""

    @abstractmethod
    def failed(self) -> OwnAnswer:
        """What the register is told when a defect of ours makes a decision impossible."""
