"""What a person may decide about a register, as decisions on its state.

The rule: asking for what is already so changes nothing and is no error; entries say what changed. Each function gives a
decision for the register's lane: (state or ``None``, now) into :class:`Decision`.
"""

from __future__ import annotations

from collections.abc import Callable

from fiscal.domain.register import RegisterProfile
from fiscal.time import Instant
from ofd_server.core.decide import Decision, token_digest
from ofd_server.core.entries import Entry, ProfileChanged, Registered, Standing, StandingChanged, TokenReset
from ofd_server.core.state import RegisterState, apply, register_from

Order = Callable[[RegisterState | None, Instant], Decision]


def _decided(state: RegisterState, *entries: Entry) -> Decision:
    after = state
    for entry in entries:
        after = apply(after, entry)
    return Decision(None, entries, after)


def is_known(state: RegisterState | None) -> bool:
    """Whether there is such a register: one that was removed is none, although the ledger keeps its documents."""
    return state is not None and state.standing is not Standing.REMOVED


def add(register_id: str, token: str, profile: RegisterProfile | None) -> Order:
    """Make a register known. One that was removed comes back with its history and the new token.

    Nothing is changed when it is known already: the decision then has no entries.
    """

    def decide(state: RegisterState | None, now: Instant) -> Decision:
        if state is None:
            registered = Registered(at=now, token_digest=token_digest(token), profile=profile)
            return Decision(None, (registered,), register_from(register_id, registered))
        if state.standing is not Standing.REMOVED:
            return Decision(None, (), state)
        entries: list[Entry] = [
            StandingChanged(at=now, standing=Standing.GOOD),
            TokenReset(at=now, token_digest=token_digest(token)),
        ]
        if profile is not None and profile != state.profile:
            entries.append(ProfileChanged(at=now, profile=profile))
        return _decided(state, *entries)

    return decide


def reset_token(token: str) -> Order:
    """Give a register another token; sessions that are open stay so until they end."""

    def decide(state: RegisterState | None, now: Instant) -> Decision:
        if state is None or not is_known(state):
            return Decision(None, (), None)
        return _decided(state, TokenReset(at=now, token_digest=token_digest(token)))

    return decide


def set_standing(standing: Standing, reason: str = "") -> Order:
    """Block, stop serving, remove, or put back into good standing."""

    def decide(state: RegisterState | None, now: Instant) -> Decision:
        if state is None or not is_known(state):
            return Decision(None, (), None)
        if state.standing is standing and state.reason == reason:
            return Decision(None, (), state)
        return _decided(state, StandingChanged(at=now, standing=standing, reason=reason))

    return decide


def lift(standing: Standing) -> Order:
    """Back to good standing from this one: unblocking does not pay a bill, and paying does not unblock."""

    def decide(state: RegisterState | None, now: Instant) -> Decision:
        if state is None or not is_known(state):
            return Decision(None, (), None)
        if state.standing is not standing:
            return Decision(None, (), state)
        return _decided(state, StandingChanged(at=now, standing=Standing.GOOD))

    return decide
