"""What the operator knows of one register: the fold of its entries.

State is made anew for every document, so its classes are msgspec's: those are made, and read, fastest.

The rule: :func:`apply` is the only place where a register's state moves, on the way in (a decision) and on the way back
(a reload from the journal), so both always agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from fiscal.domain.counters import turned_autonomous
from fiscal.domain.document import ONLINE, CloseShift, Delivery, Document, Void
from fiscal.domain.lifecycle import AutonomousReason
from fiscal.domain.register import RegisterProfile
from fiscal.domain.shift import Shift, advance
from fiscal.time import Instant
from ofd_server.core.entries import (
    Anomaly,
    AnomalyCode,
    DocumentRecorded,
    Entry,
    Exchanged,
    MadeAutonomous,
    PeriodRecorded,
    ProfileChanged,
    Registered,
    Standing,
    StandingChanged,
    TakenOver,
    TokenReset,
)


@dataclass(frozen=True, slots=True)
class Period:
    """An offline period as the register reported it."""

    number: int
    begin: Instant
    end: Instant
    reason: AutonomousReason


class Tape(Struct, frozen=True, array_like=True, gc=False):
    """What changes with every document, apart from what a person changes now and then.

    ``complete`` is false while the open shift, or the totals since registration, began before we knew the register:
    its next Z-report is then believed instead of compared. ``exchange`` is the last one over a protocol that numbers
    them, ``warned`` are the rules of such a protocol that the register was found to neglect.
    """

    last_number: int = 0
    last_id: bytes = b""
    last_digest: bytes = b""
    last_issued_at: Instant = 0
    last_autonomous_sign: int = 0
    complete: bool = True
    shift: Shift = Shift()
    exchange: Exchanged | None = None
    warned: tuple[str, ...] = ()


class RegisterState(Struct, frozen=True, array_like=True, gc=False):
    """A register at one version of its entries. ``holder`` is the node that its newest session is at, where several share
    a ledger.
    """

    id: str
    version: int
    token_digest: bytes
    standing: Standing = Standing.GOOD
    reason: str = ""
    profile: RegisterProfile | None = None
    registered_at: Instant = 0
    last_period: Period | None = None
    tape: Tape = Tape()
    holder: str = ""


_AUTONOMOUS: Final = Delivery(autonomous=True)
"""All that the counters ask of how a document came; the other way is :data:`ONLINE`."""


def _next_shift(tape: Tape, document: Document, delivery: Delivery) -> Shift:
    if isinstance(document, Void):
        return tape.shift
    if not tape.complete and tape.shift.opened_at is None and document.shift == tape.shift.number:
        # The shift was already open when we first heard of the register.
        opened = Shift(tape.shift.number, document.issued_at, tape.shift.counters)
        return advance(opened, document, delivery)
    return advance(tape.shift, document, delivery)


def _record(state: RegisterState, entry: DocumentRecorded) -> RegisterState:
    tape = state.tape
    document = entry.document
    shift = _next_shift(tape, document, _AUTONOMOUS if entry.autonomous else ONLINE)
    complete = tape.complete
    if not complete and isinstance(document, CloseShift):
        shift = Shift(shift.number, None, dict(document.counters))
        complete = True
    highest, sign = tape.last_autonomous_sign, entry.autonomous_sign
    if sign is not None and sign > highest:
        highest = sign
    exchange = entry.exchange or tape.exchange
    warned = tape.warned
    if entry.anomalies:
        for anomaly in entry.anomalies:
            warned = _warned(warned, anomaly)
    after = Tape(
        document.number, document.id, entry.digest, document.issued_at, highest, complete, shift, exchange, warned
    )
    # As replace(state, version=..., tape=after) would do at a higher cost: this is done for every document.
    return RegisterState(
        state.id,
        state.version + 1,
        state.token_digest,
        state.standing,
        state.reason,
        state.profile,
        state.registered_at,
        state.last_period,
        after,
        state.holder,
    )


def _warned(warned: tuple[str, ...], anomaly: Anomaly) -> tuple[str, ...]:
    """A warning begins with the name of its rule; each is noted once for a register."""
    if anomaly.code is not AnomalyCode.KZ_WARNING:
        return warned
    return (*warned, anomaly.text.partition(":")[0])


def _made_autonomous(state: RegisterState, entry: MadeAutonomous, document: Document | None) -> RegisterState:
    tape = state.tape
    shift = tape.shift
    if document is not None and document.shift == shift.number and shift.is_open:
        shift = Shift(shift.number, shift.opened_at, turned_autonomous(shift.counters, document))
    highest = max(tape.last_autonomous_sign, entry.autonomous_sign or 0)
    tape = replace(tape, shift=shift, last_autonomous_sign=highest)
    return replace(state, version=state.version + 1, tape=tape)


def register_from(register_id: str, entry: Registered) -> RegisterState:
    """The state of a register that has just become known."""
    known = entry.last_number == 0 and entry.last_shift == 0
    tape = Tape(last_number=entry.last_number, complete=known, shift=Shift(number=entry.last_shift))
    return RegisterState(
        register_id,
        1,
        entry.token_digest,
        profile=entry.profile,
        registered_at=entry.at,
        tape=tape,
    )


def apply(state: RegisterState, entry: Entry, document: Document | None = None) -> RegisterState:
    """The state after this entry. ``document`` is the one that a :class:`MadeAutonomous` speaks of."""
    match entry:
        case DocumentRecorded():
            return _record(state, entry)
        case MadeAutonomous():
            return _made_autonomous(state, entry, document)
        case PeriodRecorded():
            period = Period(entry.period, entry.begin, entry.end, entry.reason)
            last = state.last_period
            if last is not None and last.number > period.number:
                period = last  # an earlier one was told again
            return replace(state, version=state.version + 1, last_period=period)
        case Anomaly():
            tape = replace(state.tape, warned=_warned(state.tape.warned, entry))
            return replace(state, version=state.version + 1, tape=tape)
        case TokenReset():
            exchange = state.tape.exchange
            if exchange is not None:
                exchange = exchange._replace(issued=None)
            tape = replace(state.tape, exchange=exchange)
            return replace(state, version=state.version + 1, token_digest=entry.token_digest, tape=tape)
        case ProfileChanged():
            return replace(state, version=state.version + 1, profile=entry.profile)
        case StandingChanged():
            return replace(state, version=state.version + 1, standing=entry.standing, reason=entry.reason)
        case TakenOver():
            return replace(state, version=state.version + 1, holder=entry.node)
        case _:
            raise AssertionError("a register becomes known once")
