"""The operator's decisions: (state, command, now) into (answer, entries).

The rule: a decision touches nothing. Its entries become true when the journal has committed them, and its answer leaves
only then. ``answer`` is ``None`` when the register gets no answer at all (unpaid, semantics 2.7).

Decisions on documents are in :mod:`ofd_server.core.documents`.
"""

from __future__ import annotations

from collections.abc import Iterable
from hmac import compare_digest

from msgspec import Struct

from fiscal.domain.messages import (
    Answer,
    Blocked,
    Hello,
    Information,
    Noted,
    RefusalCode,
    Refused,
    ReportOfflinePeriod,
    Welcome,
)
from fiscal.domain.signs import digest_of
from fiscal.time import Instant, iso
from ofd_server.core.entries import (
    Anomaly,
    AnomalyCode,
    Entry,
    PeriodRecorded,
    ProfileChanged,
    Registered,
    Standing,
    TakenOver,
)
from ofd_server.core.rules import Rules
from ofd_server.core.state import RegisterState, apply, register_from


class OwnAnswer:
    """An answer in a protocol's own form, which only its gateway understands; ``outcome`` is its word in the figures."""

    __slots__ = ("outcome",)

    outcome: str


class Decision(Struct, frozen=True, gc=False):
    """What to answer once ``entries`` are durable, and the state that follows."""

    answer: Answer | OwnAnswer | None
    entries: tuple[Entry, ...]
    state: RegisterState | None


def refuse(
    state: RegisterState | None, code: RefusalCode, field: str, text: str, expected: int | None = None
) -> Decision:
    """A refusal: nothing is recorded."""
    return Decision(Refused(code=code, field=field, text=text, expected=expected), (), state)


def token_digest(token: str) -> bytes:
    """What the ledger keeps of a token: never the token itself."""
    return digest_of(b"token\x00" + token.encode())


def is_token(state: RegisterState, token: str) -> bool:
    """Whether this is the register's token, compared in constant time."""
    return compare_digest(state.token_digest, token_digest(token))


# ---------------------------------------------------------------------------------------------------------- hello


def decide_hello(state: RegisterState | None, hello: Hello, now: Instant, rules: Rules) -> Decision:
    """Who is it? In open mode an unknown register is registered with the token that it brings."""
    if state is None or state.standing is Standing.REMOVED:
        if rules.strict or state is not None:
            return refuse(
                None, RefusalCode.UNKNOWN_REGISTER, "register", f"no register {hello.register!r} is known here"
            )
        return _register(hello, now, rules)
    if not is_token(state, hello.token):
        return refuse(state, RefusalCode.WRONG_TOKEN, "token", "this is not the token of the register")
    entries = _take_over(state, now, rules)
    standing = answer_of_standing(state)
    if standing is not None:
        return Decision(standing.answer, tuple(entries), _after(state, entries))
    if hello.profile is not None and hello.profile != state.profile:
        entries.append(ProfileChanged(at=now, profile=hello.profile))
    if hello.last_number < state.tape.last_number:
        text = f"the register remembers {hello.last_number} documents, the ledger holds {state.tape.last_number}"
        entries.append(Anomaly(at=now, code=AnomalyCode.MEMORY_BEHIND, text=text))
    after = _after(state, entries)
    return Decision(welcome(after, now, rules), tuple(entries), after)


def _take_over(state: RegisterState, now: Instant, rules: Rules) -> list[Entry]:
    """What tells the other nodes that the register's newest session is here; nothing when they know, or there are none."""
    return [TakenOver(at=now, node=rules.node)] if rules.node != state.holder else []


def let_go(decision: Decision, now: Instant) -> Decision:
    """The same decision of a register that speaks over no session any more: one at another node is not to go on."""
    state = decision.state
    if state is None or not state.holder or not decision.entries:
        return decision
    gone = TakenOver(at=now, node="")
    return Decision(decision.answer, (*decision.entries, gone), apply(state, gone))


def _after(state: RegisterState, entries: Iterable[Entry]) -> RegisterState:
    for entry in entries:
        state = apply(state, entry)
    return state


def answer_of_standing(state: RegisterState) -> Decision | None:
    """The answer that a blocked or unpaid register gets to everything; ``None`` for one in good standing."""
    match state.standing:
        case Standing.GOOD:
            return None
        case Standing.BLOCKED:
            return Decision(Blocked(reason=state.reason), (), state)
        case Standing.UNPAID:
            return Decision(None, (), state)
        case _:
            return refuse(state, RefusalCode.UNKNOWN_REGISTER, "register", "the register was removed")


def _register(hello: Hello, now: Instant, rules: Rules) -> Decision:
    registered = Registered(
        at=now,
        token_digest=token_digest(hello.token),
        profile=hello.profile,
        last_number=hello.accepted_number,
        last_shift=hello.accepted_shift,
    )
    state = register_from(hello.register, registered)
    entries = _take_over(state, now, rules)
    if hello.accepted_number:
        text = f"documents 1 to {hello.accepted_number} were accepted by another operator and are not held here"
        entries.append(Anomaly(at=now, code=AnomalyCode.CAME_WITH_HISTORY, text=text))
    state = _after(state, entries)
    return Decision(welcome(state, now, rules), (registered, *entries), state)


def welcome(state: RegisterState, now: Instant, rules: Rules) -> Welcome:
    """What a register is told when it has said who it is."""
    tape = state.tape
    return Welcome(
        at=now,
        operator=rules.operator_name,
        last_number=tape.last_number,
        last_digest=tape.last_digest or None,
        last_shift=tape.shift.number,
        last_autonomous_sign=tape.last_autonomous_sign,
        phone=rules.phone,
    )


def decide_information(state: RegisterState, now: Instant) -> Information:
    """Everything that a register needs to go on after its memory was lost."""
    tape = state.tape
    return Information(
        at=now,
        last_number=tape.last_number,
        last_shift=tape.shift.number,
        shift_opened_at=tape.shift.opened_at,
        last_autonomous_sign=tape.last_autonomous_sign,
        counters=tape.shift.counters,
        profile=state.profile,
        blocked=state.standing is Standing.BLOCKED,
    )


# -------------------------------------------------------------------------------------------------------- periods


def decide_period(
    state: RegisterState, report: ReportOfflinePeriod, known: PeriodRecorded | None, now: Instant
) -> Decision:
    """A report of autonomous work. ``known`` is what was recorded under its number before.

    A period whose end moved is recorded anew: the register reports it at each attempt to come back.
    """
    if report.end < report.begin:
        return refuse(state, RefusalCode.BAD_REQUEST, "end", "a period ends after it begins")
    entry = PeriodRecorded(at=now, period=report.number, begin=report.begin, end=report.end, reason=report.reason)
    if known is not None:
        if (known.begin, known.end, known.reason) == (report.begin, report.end, report.reason):
            return Decision(Noted(at=now), (), state)
        if known.begin != report.begin:
            text = f"period {report.number} began at {iso(known.begin)}, now it is said to begin at {iso(report.begin)}"
            anomaly = Anomaly(at=now, code=AnomalyCode.PERIOD_CHANGED, text=text)
            return Decision(Noted(at=now), (anomaly, entry), apply(apply(state, anomaly), entry))
    return Decision(Noted(at=now), (entry,), apply(state, entry))
