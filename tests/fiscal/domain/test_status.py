"""The marks of S3-28 to S3-30, for every state that a document can have."""

import pytest

from fiscal.domain.lifecycle import DOCUMENT_TABLE, DocumentEvent, DocumentState, move_document
from fiscal.domain.status import CLOUD, TICK, Marks, marks

S = DocumentState
TABLE = [
    (S.SAVED, 1, False, "✔"),
    (S.SAVED_AUTONOMOUS, 1, True, "✔☁̸"),
    (S.DELIVERED, 2, False, "✔✔"),
    (S.DELIVERED_AUTONOMOUS, 2, True, "✔✔☁̸"),
    (S.REFUSED, 1, False, "✔"),
    (S.REFUSED_AUTONOMOUS, 1, True, "✔☁̸"),
    (S.VOIDED, 0, False, ""),
    (S.VOIDED_AUTONOMOUS, 0, True, "☁̸"),
]


@pytest.mark.parametrize(("state", "ticks", "cloud", "text"), TABLE)
@pytest.mark.requirement("S3-28", "S3-29", "S3-30")
def test_the_marks_of_every_state(state: DocumentState, ticks: int, cloud: bool, text: str):
    assert marks(state) == Marks(ticks, cloud)
    assert str(marks(state)) == text


def test_the_table_has_every_state():
    assert [state for state, *_ in TABLE] == list(DocumentState)
    assert TICK + CLOUD == "✔☁̸"


@pytest.mark.requirement("S3-28")
def test_two_ticks_mean_that_the_operator_has_accepted_it():
    accepted = {end for (_, event), end in DOCUMENT_TABLE.items() if event == "accepted"}
    assert {state for state in DocumentState if marks(state).ticks == 2} == accepted


@pytest.mark.requirement("S3-30")
def test_the_cloud_does_not_depend_on_the_ticks_and_stays_after_delivery():
    for (begin, event), end in DOCUMENT_TABLE.items():
        if event is DocumentEvent.MADE_AUTONOMOUS:
            assert (marks(begin).cloud, marks(end).cloud) == (False, True)
            assert marks(begin).ticks == marks(end).ticks
        else:
            assert marks(begin).cloud == marks(end).cloud
    state = move_document(DocumentState.SAVED, DocumentEvent.MADE_AUTONOMOUS)
    assert marks(move_document(state, DocumentEvent.ACCEPTED)) == Marks(2, True)
