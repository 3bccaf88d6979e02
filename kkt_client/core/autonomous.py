"""Work without the operator: who goes autonomous, with which sign, in which period, and for how long.

The rule: an autonomous sign is taken from records that are already durable, and is durable itself before anybody sees
it; so a crash between any two steps never gives one sign to two documents (S3-17, semantics 3.4). Every document that
is not answered yet turns autonomous before another one is issued behind it, so the order of the signs is the order of
the documents.
"""

from __future__ import annotations

from collections.abc import Sequence

from fiscal.domain.document import DocumentKind, carries_sign, kind_of
from fiscal.domain.lifecycle import AutonomousReason, BlockReason
from fiscal.domain.signs import next_autonomous_sign
from fiscal.time import HOUR, Instant
from kkt_client.core import records
from kkt_client.core.issuing import Draft
from kkt_client.core.records import Record
from kkt_client.core.state import RegisterState


def make_autonomous(
    state: RegisterState,
    reason: AutonomousReason,
    now: Instant,
    drafts: Sequence[Draft] = (),
    *,
    channel_lost: bool = True,
) -> list[Record]:
    """The records by which the document in doubt, and then the ``drafts``, become autonomous, in this order.

    The documents of one period share its number. A period begins when the register goes autonomous, and again when
    the channel is lost while the queue is being sent; a document that is issued while the queue is being sent
    (``channel_lost`` is false then) joins the queue of the last period.
    """
    made: list[Record] = []
    waiting: list[tuple[int, DocumentKind]] = []
    began = now
    if state.in_doubt is not None:
        waiting.append((state.in_doubt.number, state.in_doubt.kind))
        began = min(began, state.in_doubt.issued_at)
    waiting.extend((draft.document.number, kind_of(draft.document)) for draft in drafts)
    period = state.last_period
    if state.open_period is None and (channel_lost or not state.is_autonomous):
        period += 1
        made.append(records.PeriodBegan(period=period, at=began, reason=reason))
    issued = {draft.document.number: draft.records for draft in drafts}
    sign = state.autonomous_sign
    for number, kind in waiting:
        made.extend(issued.get(number, ()))
        own = None
        if carries_sign(kind):
            own = sign = next_autonomous_sign(sign, now)
        made.append(records.MadeAutonomous(number=number, period=period, reason=reason, at=now, sign=own))
    return made


def lose_channel(state: RegisterState, reason: AutonomousReason, now: Instant) -> list[Record]:
    """What is recorded when the link breaks or does not come up; nothing when nothing was on its way.

    The document in doubt turns autonomous. A register that was sending its queue begins another period (S3-23).
    """
    sending = state.is_autonomous and state.open_period is None
    if state.in_doubt is None and not sending:
        return []
    return make_autonomous(state, reason, now)


def is_too_long(state: RegisterState, now: Instant, limit_ms: int) -> bool:
    """Whether the oldest unsent autonomous document is older than the limit (72 hours); exactly so old is allowed."""
    oldest = state.oldest_autonomous_at
    return oldest is not None and now - oldest > limit_ms


def block_if_too_long(state: RegisterState, now: Instant, limit_ms: int) -> list[Record]:
    """The record that blocks the register until its queue is sent, when the limit has passed and it is not yet."""
    if BlockReason.TOO_LONG_AUTONOMOUS in state.blocks or not is_too_long(state, now, limit_ms):
        return []
    text = f"{limit_ms // HOUR} ч"
    return [records.BlockBegan(reason=BlockReason.TOO_LONG_AUTONOMOUS, at=now, text=text)]
