"""How a register is doing, as one value: what a cashier, a dashboard or an exit code is made of."""

from __future__ import annotations

from dataclasses import dataclass

from fiscal.domain.lifecycle import RegisterMode
from fiscal.domain.shift import cash_in_drawer
from fiscal.time import Instant
from kkt_client.core.saying import Cause, Said
from kkt_client.core.state import Block, Period, RegisterState, code_of_block


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterStatus:
    """Money in minor units, instants in milliseconds.

    ``head`` is the document that has to go next and ``attempts`` how often it was sent; ``last_error`` says why that did
    not succeed, in words and as a code; ``next_attempt_s`` is how long
    the register waits before it tries again, ``None`` when it does not wait. ``period`` is the offline period that
    lasts, ``unreported`` those that ended and that the operator has not heard of. ``block_codes`` say each of ``blocks`` as a code. ``unfinished`` are the documents
    whose caller never got an answer. ``cash`` lies in the drawer.
    """

    register_id: str
    mode: RegisterMode
    since: Instant
    connected: bool
    unsent: int
    oldest_unsent_at: Instant | None
    head: int | None
    attempts: int
    last_error: str
    last_error_code: Said | None
    next_attempt_s: float | None
    last_number: int
    accepted_number: int
    autonomous_sign: int
    shift: int
    shift_opened_at: Instant | None
    shift_expired: bool
    cash: int
    blocks: tuple[Block, ...]
    block_codes: tuple[Said, ...]
    period: Period | None
    unreported: tuple[Period, ...]
    unfinished: tuple[int, ...]
    operator: str
    operator_phone: str | None


def status_of(
    state: RegisterState,
    now: Instant,
    *,
    connected: bool = False,
    attempts: int = 0,
    last_error: Cause | None = None,
    next_attempt_s: float | None = None,
    unfinished: tuple[int, ...] = (),
    operator: str = "",
    operator_phone: str | None = None,
) -> RegisterStatus:
    """The status of a register in this state; what the state does not know comes beside it."""
    head = state.head
    return RegisterStatus(
        register_id=state.register_id,
        mode=state.mode,
        since=state.mode_since,
        connected=connected,
        unsent=len(state.queue),
        oldest_unsent_at=None if head is None else head.issued_at,
        head=None if head is None else head.number,
        attempts=attempts,
        last_error="" if last_error is None else last_error.text,
        last_error_code=None if last_error is None else last_error.code,
        next_attempt_s=next_attempt_s,
        last_number=state.last_number,
        accepted_number=state.accepted_number,
        autonomous_sign=state.autonomous_sign,
        shift=state.shift.number,
        shift_opened_at=state.shift.opened_at,
        shift_expired=state.shift.is_expired(now),
        cash=cash_in_drawer(state.shift),
        blocks=tuple(state.blocks.values()),
        block_codes=tuple(code_of_block(state, block) for block in state.blocks.values()),
        period=state.open_period,
        unreported=tuple(state.unreported),
        unfinished=unfinished,
        operator=operator,
        operator_phone=operator_phone,
    )
