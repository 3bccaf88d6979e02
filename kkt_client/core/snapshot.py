"""The state in a few figures, so that opening a memory does not read the register's whole life.

The rule: a snapshot lies outside the chain and proves nothing. It is written only while nothing is under way, names
the record and the hash that it was taken behind, and is believed only if the chain has that hash in that place;
otherwise everything is counted again from the first record. ``verify`` never looks at it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final

from fiscal.domain.lifecycle import BlockReason, RegisterMode
from fiscal.domain.limits import STRICT, Count, Digest, InstantMs, Number, RegisterId, SignedMoney
from fiscal.domain.shift import Shift
from fiscal.domain.signs import digest_of
from fiscal.errors import RemoteProtocolError
from fiscal.protocols.values import from_map, pack, unpack
from kkt_client.core.state import Block, RegisterState

_FORBID: Final[Mapping[str, Any]] = {"extra": "forbid"}

LAYOUT: Final = 1
"""Snapshots of another layout are not read."""

EVERY: Final = 256
"""Records between two snapshots: to fold so many takes some ten milliseconds, to write one less than one."""

_CHECK_SIZE: Final = 32

Blob = Annotated[bytes, STRICT]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    reason: BlockReason
    since: InstantMs
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A quiet state behind record ``seq`` of the chain."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = _FORBID

    layout: Number
    seq: Number
    hash: Digest
    register: RegisterId
    mode: RegisterMode
    mode_since: InstantMs
    last_number: Count
    last_id: Blob
    last_digest: Blob
    last_issued_at: InstantMs
    autonomous_sign: Count
    accepted_number: Count
    accepted_shift: Count
    shift: Count
    shift_opened_at: InstantMs | None
    counters: dict[str, SignedMoney]
    blocks: tuple[_Block, ...]
    last_period: Count
    adopted_number: Count
    resend_through: Count


def take(state: RegisterState, seq: int, hash_: bytes) -> bytes:
    """The quiet state behind this record, as bytes."""
    assert state.is_quiet, "a snapshot has no room for a queue"
    body = pack(
        Snapshot(
            layout=LAYOUT,
            seq=seq,
            hash=hash_,
            register=state.register_id,
            mode=state.mode,
            mode_since=state.mode_since,
            last_number=state.last_number,
            last_id=state.last_id,
            last_digest=state.last_digest,
            last_issued_at=state.last_issued_at,
            autonomous_sign=state.autonomous_sign,
            accepted_number=state.accepted_number,
            accepted_shift=state.accepted_shift,
            shift=state.shift.number,
            shift_opened_at=state.shift.opened_at,
            counters=state.shift.counters,
            blocks=tuple(_Block(reason=b.reason, since=b.since, text=b.text) for b in state.blocks.values()),
            last_period=state.last_period,
            adopted_number=state.adopted_number,
            resend_through=state.resend_through,
        )
    )
    return digest_of(body) + body


def read(data: bytes) -> Snapshot | None:
    """What :func:`take` wrote; ``None`` when it is damaged or of another layout, for it can be made again."""
    check, body = data[:_CHECK_SIZE], data[_CHECK_SIZE:]
    if digest_of(body) != check:
        return None
    try:
        snapshot = from_map(Snapshot, unpack(body, "snapshot"))
    except RemoteProtocolError:
        return None
    return snapshot if snapshot.layout == LAYOUT else None


def restore(snapshot: Snapshot) -> RegisterState:
    """The state that the snapshot was taken of."""
    state = RegisterState()
    state.register_id = snapshot.register
    state.mode = snapshot.mode
    state.mode_since = snapshot.mode_since
    state.last_number = snapshot.last_number
    state.last_id = snapshot.last_id
    state.last_digest = snapshot.last_digest
    state.last_issued_at = snapshot.last_issued_at
    state.autonomous_sign = snapshot.autonomous_sign
    state.accepted_number = snapshot.accepted_number
    state.accepted_shift = snapshot.accepted_shift
    state.shift = state.confirmed = Shift(snapshot.shift, snapshot.shift_opened_at, dict(snapshot.counters))
    state.blocks = {block.reason: Block(block.reason, block.since, block.text) for block in snapshot.blocks}
    state.last_period = snapshot.last_period
    state.adopted_number = snapshot.adopted_number
    state.resend_through = snapshot.resend_through
    return state
