"""A person's decisions as records: what stood still goes on, and the memory keeps who decided so, and why.

The rule: a decision is recorded together with everything that follows from it, so a crash leaves all of it or nothing.
"""

from __future__ import annotations

from fiscal.domain.lifecycle import BlockReason
from fiscal.domain.messages import Information
from fiscal.domain.receipt import Cashier
from fiscal.time import Instant
from kkt_client.core import records
from kkt_client.core.dossier import Dossier
from kkt_client.core.errors import NothingToResolve
from kkt_client.core.issuing import Draft, void
from kkt_client.core.records import Adopted, Decision, Record
from kkt_client.core.state import RegisterState, refused_head

BETWEEN_MEMORIES = (BlockReason.MEMORY_BEHIND, BlockReason.OPERATOR_BEHIND)


def _refused(state: RegisterState, number: int | None) -> Dossier:
    head = refused_head(state)
    if head is None or number not in (None, head.number):
        what = "no document waits" if number is None else f"document {number} does not wait"
        raise NothingToResolve(f"{what} for a decision")
    return head


def retry(state: RegisterState, by: str, why: str, now: Instant, number: int | None = None) -> list[Record]:
    """Send the refused document again, or look again whether memory and operator agree."""
    if refused_head(state) is None and number is None and any(reason in state.blocks for reason in BETWEEN_MEMORIES):
        return [records.Resolved(decision=Decision.RETRY, at=now, by=by, why=why)]
    head = _refused(state, number)
    return [records.Resolved(decision=Decision.RETRY, at=now, by=by, why=why, number=head.number)]


def give_up(
    state: RegisterState,
    by: str,
    why: str,
    now: Instant,
    cashier: Cashier,
    number: int | None = None,
) -> tuple[list[Record], Draft]:
    """Give the refused document up: a void takes its number, and its place in the queue.

    The void of an autonomous document carries the mark of the same period (S3-27). A protocol that has no message for a
    void has no document numbers either, so nothing is missing there: the void stays in the register's own memory.
    """
    head = _refused(state, number)
    assert head.refusal is not None, "a refused document has its refusal"
    draft = void(head.document, head.refusal.code, by, why, cashier, now)
    made: list[Record] = [
        records.Resolved(decision=Decision.VOID, at=now, by=by, why=why, number=head.number),
        *draft.records,
    ]
    if head.autonomous:
        assert head.period is not None, "an autonomous document has its period"
        assert head.reason is not None, "and its reason"
        mark = records.MadeAutonomous(number=head.number, period=head.period, reason=head.reason, at=now)
        made.append(mark)
    return made, draft


def adopt(state: RegisterState, held: Information, by: str, why: str, now: Instant) -> list[Record]:
    """Go on from what the operator holds, after the memory was lost or restored from a backup (semantics 3.4)."""
    if BlockReason.MEMORY_BEHIND not in state.blocks:
        raise NothingToResolve("the memory is not behind the operator")
    if held.last_number < state.accepted_number:
        figures = f"document {held.last_number}, it accepted {state.accepted_number} before"
        raise NothingToResolve(f"the operator holds only {figures}: there is nothing to go on from")
    adopted = Adopted(
        last_number=held.last_number,
        last_shift=held.last_shift,
        shift_opened_at=held.shift_opened_at,
        last_autonomous_sign=held.last_autonomous_sign,
        counters=dict(held.counters),
    )
    return [records.Resolved(decision=Decision.ADOPT, at=now, by=by, why=why, adopted=adopted)]


def resend(state: RegisterState, by: str, why: str, now: Instant) -> list[Record]:
    """Send the operator again what it has lost; the same documents get their place, the signs that we have stay."""
    if BlockReason.OPERATOR_BEHIND not in state.blocks:
        raise NothingToResolve("the operator is not behind the memory")
    return [records.Resolved(decision=Decision.RESEND, at=now, by=by, why=why)]
