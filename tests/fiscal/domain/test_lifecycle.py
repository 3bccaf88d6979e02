"""Both tables, cell by cell: what is written here moves, everything else refuses."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.domain.lifecycle import (
    DOCUMENT_TABLE,
    REGISTER_TABLE,
    AutonomousReason,
    BlockReason,
    DocumentEvent,
    DocumentState,
    IllegalTransition,
    RegisterEvent,
    RegisterMode,
    move_document,
    move_register,
)
from fiscal.errors import LocalProtocolError

DOCUMENT_MOVES = """
saved                 made_autonomous  saved_autonomous
saved                 accepted         delivered
saved                 refused          refused
saved_autonomous      accepted         delivered_autonomous
saved_autonomous      refused          refused_autonomous
refused               retried          saved
refused               voided           voided
refused_autonomous    retried          saved_autonomous
refused_autonomous    voided           voided_autonomous
"""
REGISTER_MOVES = """
online                went_autonomous  autonomous
online                blocked          blocked
autonomous            queue_emptied    online
autonomous            blocked          blocked_autonomous
blocked               unblocked        online
blocked               went_autonomous  blocked_autonomous
blocked_autonomous    queue_emptied    blocked
blocked_autonomous    unblocked        autonomous
"""


def cells(table: str) -> dict[tuple[str, str], str]:
    rows = [line.split() for line in table.strip().splitlines()]
    return {(state, event): target for state, event, target in rows}


@pytest.mark.parametrize(("state", "event"), list(product(DocumentState, DocumentEvent)))
def test_every_cell_of_a_documents_life(state: DocumentState, event: DocumentEvent):
    target = cells(DOCUMENT_MOVES).get((state, event))
    if target is None:
        with pytest.raises(IllegalTransition, match=f"a document that is {state} cannot be {event}"):
            move_document(state, event)
    else:
        assert move_document(state, event) is DocumentState(target)


@pytest.mark.parametrize(("mode", "event"), list(product(RegisterMode, RegisterEvent)))
def test_every_cell_of_a_registers_life(mode: RegisterMode, event: RegisterEvent):
    target = cells(REGISTER_MOVES).get((mode, event))
    if target is None:
        with pytest.raises(IllegalTransition, match=f"a register that is {mode} knows no {event}"):
            move_register(mode, event)
    else:
        assert move_register(mode, event) is RegisterMode(target)


def test_the_tables_have_no_other_cells():
    assert {(str(s), str(e)): str(t) for (s, e), t in DOCUMENT_TABLE.items()} == cells(DOCUMENT_MOVES)
    assert {(str(s), str(e)): str(t) for (s, e), t in REGISTER_TABLE.items()} == cells(REGISTER_MOVES)


def test_an_illegal_move_is_a_defect_of_the_caller():
    assert issubclass(IllegalTransition, LocalProtocolError)


def is_autonomous(state: DocumentState) -> bool:
    return state.endswith("autonomous")


@given(st.lists(st.sampled_from(DocumentEvent), max_size=20))
def test_the_mark_of_autonomy_never_ends(events: list[DocumentEvent]):
    state = DocumentState.SAVED
    for event in events:
        before = state
        try:
            state = move_document(state, event)
        except IllegalTransition:
            continue
        assert is_autonomous(state) or not is_autonomous(before)
        assert is_autonomous(state) == is_autonomous(before) or (event is DocumentEvent.MADE_AUTONOMOUS)


@pytest.mark.parametrize(
    "state",
    [
        DocumentState.DELIVERED,
        DocumentState.DELIVERED_AUTONOMOUS,
        DocumentState.VOIDED,
        DocumentState.VOIDED_AUTONOMOUS,
    ],
)
def test_what_is_delivered_or_given_up_moves_no_more(state: DocumentState):
    assert all(begin is not state for begin, _ in DOCUMENT_TABLE)


@pytest.mark.parametrize("mode", [RegisterMode.AUTONOMOUS, RegisterMode.BLOCKED_AUTONOMOUS])
@pytest.mark.requirement("S3-06")
def test_only_an_empty_queue_ends_autonomous_work(mode: RegisterMode):
    """S3-06: not the return of the connection, but the end of the sending ends it."""
    ends = [event for (begin, event), end in REGISTER_TABLE.items() if begin is mode and "autonomous" not in end]
    assert ends == [RegisterEvent.QUEUE_EMPTIED]


def test_reasons_are_words():
    assert {reason.value for reason in AutonomousReason} >= {
        "no_connection",
        "late_answer",
        "low_power",
        "unpaid",
    }
    assert BlockReason("by_operator") is BlockReason.BY_OPERATOR
