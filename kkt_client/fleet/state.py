"""What a register of a fleet knows, and its documents: the register's own fold without what only a till needs.

The rule: the queue, the mode, the periods and the blocks move as in every register. Counters do not: they are in the
documents already, and nobody asks a register of a fleet for an X-report. Of its documents the head of the line and the
one behind it lie in the queue; the others stay in the :class:`Memory` until their turn.
"""

from __future__ import annotations

from typing import Protocol

from fiscal.domain.document import Document, DocumentKind
from fiscal.domain.lifecycle import AutonomousReason, DocumentState
from fiscal.domain.shift import Shift
from fiscal.time import Instant, Moment
from kkt_client.core import records
from kkt_client.core.dossier import Dossier
from kkt_client.core.state import RegisterState


class Memory(Protocol):
    """Where the documents of a fleet lie; ``place`` is that of a register in it, numbers are those of its documents."""

    def dossier(self, place: int, number: int) -> Dossier:
        """The document as it was issued; there is one, or nobody would ask."""
        ...

    def content(self, place: int, number: int) -> bytes | None:
        """The content of a document, for comparing memories; ``None`` for one that is not there."""
        ...

    def due(self, place: int, number: int) -> Moment | None:
        """When this document is to be sold; ``None`` when there will be none."""
        ...


class Slot(Dossier):
    """A document whose particulars are known without reading its content."""

    __slots__ = ()

    def __init__(
        self,
        number: int,
        content: bytes,
        kind: DocumentKind,
        shift: int,
        issued_at: Instant,
        period: int | None = None,
        autonomous_sign: int | None = None,
    ) -> None:
        """``period`` is that of a document issued without the operator, ``autonomous_sign`` what it was given then."""
        self._document: Document | None = None
        self.content = content
        self.kind = kind
        self.number = number
        self.shift = shift
        self.issued_at = issued_at
        self.key = self.basket = None
        self.state = DocumentState.SAVED if period is None else DocumentState.SAVED_AUTONOMOUS
        self.autonomous_sign = autonomous_sign
        self.period = period
        self.reason = None if period is None else AutonomousReason.NO_CONNECTION
        self.sign = self.qr = self.key_id = None
        self.operator_at = self.accepted_at = None
        self.refusal = self.resolved = None


class FleetState(RegisterState):
    """The register's state, as far as its conversation with the operator depends on it."""

    def __init__(self, register_id: str, at: Instant) -> None:
        super().__init__()
        self.apply(records.Founded(register=register_id, at=at))

    def came_offline(self, issued: int, shift: int, signs: int, since: Instant) -> None:
        """The register has sold without the operator since then: ``issued`` documents, the last one in ``shift``."""
        self.last_number = issued
        self.shift = Shift(shift)
        self.autonomous_sign = signs
        self.apply(records.PeriodBegan(period=1, at=since, reason=AutonomousReason.NO_CONNECTION))

    def put(self, dossier: Dossier) -> None:
        """A document stands behind those that wait; behind some that are in the memory only, it stays there as well."""
        if not self.queue or self.queue[-1].number + 1 == dossier.number:
            self.queue.append(dossier)
        if dossier.number > self.last_number:
            self.last_number = dossier.number
            self.shift = Shift(dossier.shift)

    def _confirm(self, head: Dossier) -> None:
        """Nothing is counted."""


__all__ = ["FleetState", "Memory", "Slot"]
