"""The table itself: what it says, and that no state is a trap."""

import pytest

from fiscal.domain.messages import Answer, Request
from fiscal.protocols.base import ANSWERED
from fiscal.session.state import REFUSALS, TABLE, Passage, State, passage_of_answer, passage_of_request
from tests.fiscal.protocols.samples import ANSWERS, HELLO, REFUSED, REQUESTS, SUBMIT, WELCOME

S, P = State, Passage

ALLOWED = {
    S.GREETING: {P.HELLO, P.PING, P.ANSWER, P.REGISTER_END, P.OPERATOR_END, P.BREAK},
    S.WELCOMING: {P.WELCOME, P.REJECTION, P.ANSWER, P.REGISTER_END, P.OPERATOR_END, P.BREAK},
    S.OPEN: {P.PING, P.REQUEST, P.ANSWER, P.REGISTER_END, P.OPERATOR_END, P.BREAK},
    S.FINISHING: {P.WELCOME, P.REJECTION, P.ANSWER, P.OPERATOR_END, P.BREAK},
    S.CLOSED: set(),
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("passage", Passage)
def test_a_cell_is_there_or_not(state, passage):
    assert ((state, passage) in TABLE) == (passage in ALLOWED[state])


@pytest.mark.parametrize("state", State)
def test_every_state_can_be_reached(state):
    reached = {State.GREETING}
    while following := {to for (at, _), to in TABLE.items() if at in reached} - reached:
        reached |= following
    assert state in reached


@pytest.mark.parametrize("state", [state for state in State if state is not State.CLOSED])
def test_every_state_ends_when_the_operator_goes_or_something_breaks(state):
    assert TABLE[state, P.OPERATOR_END] is TABLE[state, P.BREAK] is State.CLOSED


def test_refusals_are_for_empty_cells_and_go_on():
    assert not REFUSALS.keys() & TABLE.keys()
    assert {code for code, _ in REFUSALS.values()} <= ANSWERED


def test_every_request_has_its_passage():
    assert {type(request) for request in REQUESTS} == set(Request.__args__)
    assert {passage_of_request(request) for request in REQUESTS} == {P.HELLO, P.PING, P.REQUEST}


def test_every_answer_has_its_passage():
    assert {type(answer) for answer in ANSWERS} == set(Answer.__args__)
    assert passage_of_answer(type(HELLO), WELCOME) is P.WELCOME
    assert passage_of_answer(type(HELLO), REFUSED) is P.REJECTION
    assert passage_of_answer(type(SUBMIT), REFUSED) is P.ANSWER
