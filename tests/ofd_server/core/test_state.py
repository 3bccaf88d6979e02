"""The state of a register is the fold of its entries, and moves nowhere else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from fiscal.domain.counters import fold
from fiscal.domain.document import ONLINE, Delivery, Document
from fiscal.domain.lifecycle import AutonomousReason
from fiscal.domain.shift import Shift
from fiscal.time import HOUR
from ofd_server.core.entries import (
    AnomalyCode,
    Entry,
    ProfileChanged,
    Registered,
    Standing,
    StandingChanged,
    TokenReset,
)
from ofd_server.core.state import Period, RegisterState, Tape, apply, register_from
from tests.contract.books import EVERY_KIND, EXCHANGED, PROFILE, PROFILE_RU, anomaly, mark, period, recorded, registered
from tests.documents import T0, close_shift, correction, deposit, document_id, receipt, void, withdrawal


def after(*entries: Entry, state: RegisterState | None = None) -> RegisterState:
    """The state after these entries; the first is the registration unless a state is given."""
    documents: dict[int, Document] = {}
    for entry in entries:
        if state is None:
            assert isinstance(entry, Registered)
            state = register_from("kkm-1", entry)
            continue
        number = getattr(entry, "number", 0)
        about = documents.get(number) if type(entry) is type(mark(1)) else None
        if type(entry) is type(recorded(receipt())):
            documents[number] = entry.document
        state = apply(state, entry, about)
    assert state is not None
    return state


NEW = after(registered())
MOVED = after(registered(last_number=41, last_shift=7))
"""It came with history: shift 7 of another operator may still be open."""


def test_a_new_register():
    tape = Tape(complete=True, shift=Shift(0))
    assert RegisterState("kkm-1", 1, b"\x01" * 32, Standing.GOOD, registered_at=T0, tape=tape) == NEW
    assert after(registered(profile=PROFILE)).profile == PROFILE


def test_a_register_that_came_with_history():
    assert MOVED.tape == Tape(last_number=41, complete=False, shift=Shift(7))
    assert not MOVED.tape.shift.is_open


@pytest.mark.parametrize(
    ("entry", "changes"),
    [
        (anomaly(), {}),
        (TokenReset(at=T0, token_digest=b"\x02" * 32), {"token_digest": b"\x02" * 32}),
        (ProfileChanged(at=T0, profile=PROFILE_RU), {"profile": PROFILE_RU}),
        (
            StandingChanged(at=T0, standing=Standing.BLOCKED, reason="why"),
            {"standing": Standing.BLOCKED, "reason": "why"},
        ),
        (period(3), {"last_period": Period(3, T0, T0 + 60_000, AutonomousReason.NO_CONNECTION)}),
    ],
)
def test_each_entry_changes_its_own_part(entry: Entry, changes: dict[str, Any]):
    assert apply(NEW, entry) == structs.replace(NEW, version=2, **changes)


def test_the_last_exchange_is_known_until_another_one_and_a_reset_takes_its_token():
    first = EXCHANGED._replace(issued=5)
    state = after(registered(), recorded(receipt(), exchange=first))
    assert state.tape.exchange == first
    state = after(recorded(deposit(2)), state=state)
    assert state.tape.exchange == first, "a document over another protocol leaves it"
    state = apply(state, TokenReset(at=T0, token_digest=b"\x02" * 32))
    assert state.tape.exchange == first._replace(issued=None)
    second = EXCHANGED._replace(issued=6, number=3)
    assert after(recorded(deposit(3), exchange=second), state=state).tape.exchange == second


def test_a_warning_is_known_by_the_name_of_its_rule():
    first = anomaly(AnomalyCode.KZ_WARNING, 1, "service_missing: service: is missing")
    second = anomaly(AnomalyCode.KZ_WARNING, 0, "coins: ticket: 100 tiyn are more than a tenge")
    state = after(registered(), recorded(receipt(), anomalies=(anomaly(), first)), second, anomaly())
    assert state.tape.warned == ("service_missing", "coins")


def test_a_register_of_a_later_shift_has_a_history_elsewhere():
    assert after(registered(last_shift=6)).tape == Tape(complete=False, shift=Shift(6))


def test_a_register_becomes_known_once():
    with pytest.raises(AssertionError, match="known once"):
        apply(NEW, registered())


def test_good_standing_takes_the_reason_away():
    blocked = after(StandingChanged(at=T0, standing=Standing.BLOCKED, reason="why"), state=NEW)
    good = after(StandingChanged(at=T0, standing=Standing.GOOD), state=blocked)
    assert (good.standing, good.reason) == (Standing.GOOD, "")


def test_the_last_period_is_the_one_with_the_highest_number():
    told = after(period(1), period(2), period(1, T0 + 99_000), state=NEW)
    assert told.last_period is not None
    assert told.last_period.number == 2
    assert told.version == 4
    longer = after(period(2, T0 + 99_000), state=told)
    assert longer.last_period is not None
    assert longer.last_period.end == T0 + 99_000


# --------------------------------------------------------------------------------------------------- documents


@pytest.mark.parametrize("document", [receipt(), correction(), deposit(), withdrawal()])
def test_a_document_moves_the_tape(document: Document):
    entry = recorded(document)
    moved = apply(NEW, entry)
    assert moved.tape == Tape(
        last_number=1,
        last_id=document_id(1),
        last_digest=entry.digest,
        last_issued_at=T0,
        last_autonomous_sign=0,
        complete=True,
        shift=Shift(1, T0, fold({}, document, ONLINE)),
    )
    assert (moved.version, moved.id, moved.token_digest) == (2, NEW.id, NEW.token_digest)


def test_a_void_takes_a_number_and_nothing_else():
    moved = apply(NEW, recorded(void(1, 1)))
    assert (moved.tape.last_number, moved.tape.last_id) == (1, document_id(1, 1))
    assert moved.tape.shift == NEW.tape.shift


def test_autonomous_signs_are_remembered_by_the_highest():
    signed = after(
        recorded(receipt(1), autonomous=True, autonomous_sign=9),
        recorded(receipt(2), autonomous=True, autonomous_sign=5),
        recorded(receipt(3)),
        state=NEW,
    )
    assert signed.tape.last_autonomous_sign == 9
    assert signed.tape.shift.counters["tickets.sell.offline_count"] == 2
    assert after(recorded(receipt(4)), mark(4, 11), state=signed).tape.last_autonomous_sign == 11
    assert after(mark(3, None), state=signed).tape.last_autonomous_sign == 9


def test_a_z_report_closes_the_shift_with_our_own_figures():
    told = {"cash_sum": 1, "revenue": 2}
    closed = after(recorded(receipt(1)), recorded(close_shift(2, counters=told)), state=NEW)
    assert not closed.tape.shift.is_open
    assert closed.tape.shift.counters == fold({}, receipt(1), ONLINE), "what it told is compared, not believed"


# ------------------------------------------------------------------------------------------------ with history


def test_the_open_shift_of_another_operator_goes_on_here():
    joined = after(recorded(receipt(42, 7, T0 + HOUR)), state=MOVED)
    assert joined.tape.shift == Shift(7, T0 + HOUR, fold({}, receipt(), ONLINE))
    assert not joined.tape.complete
    again = after(recorded(deposit(43, 7, T0 + 2 * HOUR)), state=joined)
    assert again.tape.shift.opened_at == T0 + HOUR


def test_a_shift_that_begins_here_has_the_next_number():
    begun = after(recorded(receipt(42, 8)), state=MOVED)
    assert (begun.tape.shift.number, begun.tape.shift.is_open) == (8, True)
    assert not begun.tape.complete, "the totals since registration are still unknown"


def test_the_first_z_report_is_believed_and_from_then_on_everything_is_known():
    told = {"cash_sum": 700, "non_nullable.sell": 5_000, "tickets.sell.total_count": 40, "revenue": 3}
    at_once = after(recorded(close_shift(42, 7, counters=told)), state=MOVED)
    closed = after(recorded(receipt(42, 7)), recorded(close_shift(43, 7, counters=told)), state=MOVED)
    assert at_once.tape.complete
    assert closed.tape.complete
    assert at_once.tape.shift == closed.tape.shift == Shift(7, None, told)
    opened = after(recorded(receipt(44, 8)), state=closed)
    assert opened.tape.shift.counters["cash_sum"] == 10_700
    assert opened.tape.shift.counters["tickets.sell.total_count"] == 41
    assert opened.tape.shift.counters["start_non_nullable.sell"] == 5_000


def test_a_void_neither_joins_nor_opens_a_shift():
    assert after(recorded(void(42, 7)), state=MOVED).tape.shift == Shift(7)


# ------------------------------------------------------------------------------------------------------- marks


def test_a_mark_counts_in_the_open_shift():
    """Semantics 4.1."""
    online = after(recorded(receipt(1)), state=NEW)
    marked = after(recorded(receipt(1)), mark(1, 7), state=NEW)
    assert marked.tape.shift.counters == {**online.tape.shift.counters, "tickets.sell.offline_count": 1}
    at_once = after(recorded(receipt(1), autonomous=True, autonomous_sign=7), state=NEW)
    assert marked.tape == at_once.tape


@pytest.mark.parametrize(
    "entries",
    [
        (recorded(receipt(1)), recorded(close_shift(2)), mark(1, 7)),
        (recorded(receipt(1)), recorded(close_shift(2)), recorded(receipt(3, 2)), mark(1, 7)),
        (recorded(receipt(1)), recorded(close_shift(2)), mark(2, None)),
    ],
    ids=["closed", "next shift", "of the Z-report"],
)
def test_a_mark_that_comes_too_late_leaves_the_figures_alone(entries: tuple[Entry, ...]):
    before, marked = after(*entries[:-1], state=NEW), after(*entries, state=NEW)
    assert marked.tape.shift == before.tape.shift
    assert marked.version == before.version + 1


def test_a_mark_without_its_document_changes_no_figures():
    before = after(recorded(receipt(1)), state=NEW)
    assert apply(before, mark(1, 7), None).tape.shift == before.tape.shift


@given(st.lists(st.sampled_from(EVERY_KIND[1:]), max_size=12))
def test_every_entry_is_one_version(entries: list[Entry]):
    assert after(*entries, state=NEW).version == 1 + len(entries)


@given(st.lists(st.booleans(), min_size=1, max_size=8), st.data())
def test_marks_make_the_same_figures_as_if_they_had_come_at_once(autonomous: list[bool], data: st.DataObject):
    at_once = after(
        *(
            recorded(receipt(number), autonomous=flag, autonomous_sign=number if flag else None)
            for number, flag in enumerate(autonomous, 1)
        ),
        state=NEW,
    )
    marks: list[Entry] = [mark(number, number) for number, flag in enumerate(autonomous, 1) if flag]
    documents: list[Entry] = [recorded(receipt(number)) for number in range(1, len(autonomous) + 1)]
    late = after(*documents, *data.draw(st.permutations(marks)), state=NEW)
    assert late.tape == at_once.tape
    assert at_once.tape.shift.counters == _folded(autonomous)


def _folded(autonomous: list[bool]) -> dict[str, int]:
    counters: dict[str, int] = {}
    for flag in autonomous:
        counters = fold(counters, receipt(), Delivery(autonomous=flag))
    return counters
