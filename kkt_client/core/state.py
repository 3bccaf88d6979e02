"""What the register knows now: a fold of its records.

The rule: :meth:`RegisterState.apply` is the only place where the state moves, when a record has just become durable
and when a memory is opened again, so both always agree. It needs nothing but the record (and, to save work, the
document that was just issued).

Two invariants make the rest simple, and both are kept by whoever makes the records:

* at most one document is neither autonomous nor answered, and it is the last one (a void that takes the place of the
  head of the queue apart);
* the queue is sent from its head, so the documents before the queue are all with the operator.

``shift`` is the fold of everything issued, ``confirmed`` of everything the operator has accepted. When a document is
given up, ``shift`` is counted again from ``confirmed`` and the queue, so no document of the past has to be read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from fiscal.domain.counters import turned_autonomous
from fiscal.domain.document import ONLINE, Document, Void
from fiscal.domain.lifecycle import (
    AutonomousReason,
    BlockReason,
    IllegalTransition,
    RegisterEvent,
    RegisterMode,
    move_register,
)
from fiscal.domain.shift import Shift, advance
from fiscal.domain.signs import digest_of
from fiscal.time import Instant
from kkt_client.core import records
from kkt_client.core.dossier import REFUSED_STATES, SAVED_STATES, Dossier
from kkt_client.core.events import (
    AnomalyNoted,
    CameBack,
    DocumentMoved,
    Event,
    PersonNeeded,
    WasBlocked,
    WasUnblocked,
    WentAutonomous,
)
from kkt_client.core.records import Decision, Record
from kkt_client.core.saying import Said, about, about_refusal


@dataclass(frozen=True, slots=True)
class Period:
    """An offline period; ``end`` is ``None`` while it lasts."""

    number: int
    begin: Instant
    reason: AutonomousReason
    end: Instant | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """Why the register sells nothing, since when."""

    reason: BlockReason
    since: Instant
    text: str


AUTONOMOUS_MODES = (RegisterMode.AUTONOMOUS, RegisterMode.BLOCKED_AUTONOMOUS)
_NEEDS_PERSON = (BlockReason.MEMORY_BEHIND, BlockReason.OPERATOR_BEHIND, BlockReason.REJECTED_CREDENTIALS)
BLOCKED_MODES = (RegisterMode.BLOCKED, RegisterMode.BLOCKED_AUTONOMOUS)


class RegisterState:
    """The register at one record of its memory."""

    def __init__(self) -> None:
        self.register_id = ""
        self.mode = RegisterMode.ONLINE
        self.mode_since: Instant = 0
        self.last_number = 0
        self.last_id = b""
        self.last_digest = b""
        self.last_issued_at: Instant = 0
        self.autonomous_sign = 0
        """The highest that was ever given; the next one is above it (S3-17)."""
        self.accepted_number = 0
        self.accepted_shift = 0
        self.shift = Shift()
        self.confirmed = Shift()
        self.queue: deque[Dossier] = deque()
        self.blocks: dict[BlockReason, Block] = {}
        self.last_period = 0
        self.open_period: Period | None = None
        self.unreported: deque[Period] = deque()
        """Ended, and the operator has not heard of it yet, oldest first."""
        self.adopted_number = 0
        """What the operator holds up to this number, it holds; our own counters begin behind it."""
        self._given_up = 0
        self.resend_through = 0
        """A person allowed to send the operator again what it lost, up to this number; 0: nobody did."""

    # ---------------------------------------------------------------------------------------------------- reading

    @property
    def head(self) -> Dossier | None:
        """The document that has to go next."""
        return self.queue[0] if self.queue else None

    @property
    def in_doubt(self) -> Dossier | None:
        """The document that is neither autonomous nor answered: handed to the operator, or about to be."""
        last = self.queue[-1] if self.queue else None
        return last if last is not None and last.state in SAVED_STATES and not last.autonomous else None

    @property
    def is_autonomous(self) -> bool:
        return self.mode in AUTONOMOUS_MODES

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is under way, so that the state can be written down in a few figures."""
        return not (self.queue or self.unreported or self.open_period)

    @property
    def oldest_autonomous_at(self) -> Instant | None:
        """When the oldest unsent autonomous document was issued."""
        return next((dossier.issued_at for dossier in self.queue if dossier.autonomous), None)

    # ----------------------------------------------------------------------------------------------------- moving

    def apply(
        self, record: Record, document: Document | None = None, shifts: tuple[Shift, Shift] | None = None
    ) -> list[Event]:
        """Take one more record in, and say what of it is worth telling. ``document`` is the one just issued, and
        ``shifts`` are a shift and what :func:`advance` makes of it by this document, if that is known already.

        :class:`IllegalTransition` when the record cannot follow: the memory is damaged, or a caller is wrong.
        """
        if isinstance(record, records.Issued):
            return self._issued(record, document, shifts)
        return self._MOVES[type(record)](self, record)

    def _founded(self, record: records.Founded) -> list[Event]:
        if self.register_id:
            raise IllegalTransition("a memory is founded once")
        self.register_id = record.register
        self.mode_since = record.at
        return []

    def _issued(
        self, record: records.Issued, document: Document | None, shifts: tuple[Shift, Shift] | None
    ) -> list[Event]:
        dossier = Dossier(record, document)
        document = dossier.document
        if document.number != record.number:
            raise IllegalTransition(f"the content of document {record.number} says {document.number}")
        if isinstance(document, Void):
            self._take_void(dossier)
        else:
            self._take(dossier, document, shifts)
        if record.number == self.last_number:
            self.last_id = document.id
            self.last_digest = digest_of(dossier.content)
            self.last_issued_at = document.issued_at
        return [self._moved(dossier, document.issued_at)]

    def _take(self, dossier: Dossier, document: Document, shifts: tuple[Shift, Shift] | None) -> None:
        if dossier.number != self.last_number + 1 or document.id <= self.last_id:
            raise IllegalTransition(f"document {dossier.number} cannot follow {self.last_number}")
        if self.queue:
            self.queue[-1].rest()
        self.queue.append(dossier)
        self.last_number = dossier.number
        if shifts is not None and shifts[0] is self.shift:
            self.shift = shifts[1]
        else:  # read back, or another document has become autonomous in the same breath
            self.shift = advance(self.shift, document, ONLINE)

    def _take_void(self, dossier: Dossier) -> None:
        """A void takes the number of the head that was given up just before it, and moves no counter."""
        if dossier.number != self._given_up:
            raise IllegalTransition(f"document {dossier.number} was not given up")
        self._given_up = 0
        self.queue.appendleft(dossier)

    def _made_autonomous(self, record: records.MadeAutonomous) -> list[Event]:
        dossier = next((waiting for waiting in reversed(self.queue) if waiting.number == record.number), None)
        if dossier is None:
            raise IllegalTransition(f"document {record.number} does not wait")
        if record.sign is not None and record.sign <= self.autonomous_sign:
            raise IllegalTransition(f"the autonomous sign {record.sign} is not above {self.autonomous_sign}")
        dossier.apply(record)
        self.autonomous_sign = max(self.autonomous_sign, record.sign or 0)
        shift = self.shift
        if shift.is_open and dossier.shift == shift.number:
            self.shift = Shift(shift.number, shift.opened_at, turned_autonomous(shift.counters, dossier.document))
        return [self._moved(dossier, record.at)]

    def _accepted(self, record: records.Accepted) -> list[Event]:
        head = self._head_numbered(record.number)
        head.apply(record)
        self.queue.popleft()
        self.accepted_number = max(self.accepted_number, head.number)
        self.accepted_shift = max(self.accepted_shift, head.shift)
        self._confirm(head)
        return [self._moved(head, record.at), *self._settle(record.at)]

    def _confirm(self, head: Dossier) -> None:
        """Count what the operator has accepted, once it has left the queue."""
        if not self.queue:
            self.confirmed = self.shift
        elif head.number > self.adopted_number:
            self.confirmed = advance(self.confirmed, head.document, head.delivery)

    def _refused(self, record: records.Refused) -> list[Event]:
        head = self._head_numbered(record.number)
        head.apply(record)
        text = f"документ {record.number}: {record.code}: {record.text}"
        return [
            self._moved(head, record.at),
            *self._block(BlockReason.REFUSED_DOCUMENT, record.at, text),
            PersonNeeded(record.at, about_refusal(record.code), text, record.number),
        ]

    def _resolved(self, record: records.Resolved) -> list[Event]:
        match record.decision:
            case Decision.RETRY if record.number is None:
                return [
                    *self._unblock(BlockReason.MEMORY_BEHIND, record.at),
                    *self._unblock(BlockReason.OPERATOR_BEHIND, record.at),
                ]
            case Decision.RESEND:
                self.resend_through = self.accepted_number
                return self._unblock(BlockReason.OPERATOR_BEHIND, record.at)
            case Decision.ADOPT if record.number is None:
                return self._adopted(record)
            case _:
                return self._decided(record)

    def _decided(self, record: records.Resolved) -> list[Event]:
        """A decision about the refused head of the queue."""
        head = self._head_numbered(record.number)
        head.apply(record)
        if head.state not in SAVED_STATES:
            self._given_up = head.number
            self.queue.popleft()
            self._count_again()
        moved = self._moved(head, record.at)
        return [moved, *self._unblock(BlockReason.REFUSED_DOCUMENT, record.at), *self._settle(record.at)]

    def _adopted(self, record: records.Resolved) -> list[Event]:
        took = record.adopted
        if took is None or took.last_number < self.accepted_number:
            raise IllegalTransition("what the operator holds is less than what it accepted")
        if took.last_number > self.last_number:
            self.last_number = took.last_number
            self.last_digest = b""  # nobody here has seen that document
        self.adopted_number = self.accepted_number = took.last_number
        self.accepted_shift = took.last_shift
        self.autonomous_sign = max(self.autonomous_sign, took.last_autonomous_sign)
        self.confirmed = Shift(took.last_shift, took.shift_opened_at, dict(took.counters))
        self._count_again()
        return self._unblock(BlockReason.MEMORY_BEHIND, record.at)

    def _count_again(self) -> None:
        shift = self.confirmed
        for dossier in self.queue:
            if dossier.number > self.adopted_number:
                shift = advance(shift, dossier.document, dossier.delivery)
        self.shift = shift

    def _block_began(self, record: records.BlockBegan) -> list[Event]:
        return self._block(record.reason, record.at, record.text)

    def _block_ended(self, record: records.BlockEnded) -> list[Event]:
        return self._unblock(record.reason, record.at)

    def _noticed(self, record: records.Anomaly) -> list[Event]:
        return [AnomalyNoted(record.at, record.code, record.text, record.number)]

    def _period_began(self, record: records.PeriodBegan) -> list[Event]:
        if self.open_period is not None or record.period != self.last_period + 1:
            raise IllegalTransition(f"period {record.period} cannot begin now")
        self.last_period = record.period
        self.open_period = Period(record.period, record.at, record.reason)
        if self.is_autonomous:
            return []
        self.mode = move_register(self.mode, RegisterEvent.WENT_AUTONOMOUS)
        self.mode_since = record.at
        return [WentAutonomous(record.at, record.reason)]

    def _period_ended(self, record: records.PeriodEnded) -> list[Event]:
        period = self.open_period
        if period is None or record.period != period.number:
            raise IllegalTransition(f"period {record.period} does not last")
        self.unreported.append(Period(period.number, period.begin, period.reason, record.at))
        self.open_period = None
        return []

    def _period_reported(self, record: records.PeriodReported) -> list[Event]:
        if not self.unreported or self.unreported[0].number != record.period:
            raise IllegalTransition(f"period {record.period} is not the next to be reported")
        self.unreported.popleft()
        return self._settle(record.at)

    def _settle(self, at: Instant) -> list[Event]:
        """The autonomous mode ends when everything is with the operator (S3-06)."""
        if not (self.is_autonomous and self.is_quiet):
            return []
        told = self._unblock(BlockReason.TOO_LONG_AUTONOMOUS, at)
        self.mode = move_register(self.mode, RegisterEvent.QUEUE_EMPTIED)
        since, self.mode_since = self.mode_since, at
        return [*told, CameBack(at, since)]

    def _block(self, reason: BlockReason, at: Instant, text: str) -> list[Event]:
        if reason in self.blocks:
            return []
        if not self.blocks:
            self.mode = move_register(self.mode, RegisterEvent.BLOCKED)
        self.blocks[reason] = Block(reason, at, text)
        told: list[Event] = [WasBlocked(at, reason, text)]
        if reason in _NEEDS_PERSON:
            told.append(PersonNeeded(at, about(reason), text))
        return told

    def _unblock(self, reason: BlockReason, at: Instant) -> list[Event]:
        if self.blocks.pop(reason, None) is None or self.blocks:
            return []
        self.mode = move_register(self.mode, RegisterEvent.UNBLOCKED)
        return [WasUnblocked(at)]

    _MOVES: ClassVar[Mapping[type[Record], Callable[[Any, Any], list[Event]]]] = {
        records.Founded: _founded,
        records.MadeAutonomous: _made_autonomous,
        records.Accepted: _accepted,
        records.Refused: _refused,
        records.Resolved: _resolved,
        records.PeriodBegan: _period_began,
        records.PeriodEnded: _period_ended,
        records.PeriodReported: _period_reported,
        records.BlockBegan: _block_began,
        records.BlockEnded: _block_ended,
        records.Anomaly: _noticed,
    }
    """How each record moves the state; :class:`records.Issued` stands apart, because its document may be at hand."""

    def _head_numbered(self, number: int | None) -> Dossier:
        head = self.head
        if head is None or head.number != number:
            raise IllegalTransition(f"document {number} is not the head of the queue")
        return head

    def _moved(self, dossier: Dossier, at: Instant) -> DocumentMoved:
        return DocumentMoved(at, dossier.number, dossier.kind, dossier.state, dossier.sign, dossier.autonomous_sign)


def refused_head(state: RegisterState) -> Dossier | None:
    """The document that the operator refused for good and that waits for a person's decision."""
    head = state.head
    return head if head is not None and head.state in REFUSED_STATES else None


def code_of_block(state: RegisterState, block: Block) -> Said:
    """Why the register sells nothing; where a document was refused, why that was."""
    refusal = None if state.head is None else state.head.refusal
    if block.reason is BlockReason.REFUSED_DOCUMENT and refusal is not None:
        return about_refusal(refusal.code)
    return about(block.reason)
