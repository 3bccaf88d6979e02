"""One document, from its records."""

import pytest

from fiscal.domain.document import ONLINE, Delivery, DocumentKind
from fiscal.domain.lifecycle import AutonomousReason, DocumentState, IllegalTransition
from kkt_client.core import records
from kkt_client.core.basket import CashIn
from kkt_client.core.dossier import Dossier, dossiers
from kkt_client.core.records import Decision
from tests.documents import T0
from tests.kkt_client.core.till import Till

LATE = records.MadeAutonomous(number=1, period=3, reason=AutonomousReason.LATE_ANSWER, at=T0, sign=9)
ACCEPTED = records.Accepted(number=1, at=T0, operator_at=T0 + 1, sign="12", qr="q", key_id="k")
REFUSED = records.Refused(number=1, at=T0, code="bad_totals", field="total", text="wrong")
RETRIED = records.Resolved(decision=Decision.RETRY, at=T0, by="a", why="b", number=1)
VOIDED = records.Resolved(decision=Decision.VOID, at=T0, by="a", why="b", number=1)
ADOPTED = records.Resolved(decision=Decision.ADOPT, at=T0, by="a", why="b", number=1)
ANOMALY = records.Anomaly(code=records.AnomalyCode.SECOND_SIGN, at=T0, text="t", number=1)

_S = DocumentState


def issued(order=None):
    till = Till()
    dossier = till.issue() if order is None else till.issue(order)
    return records.Issued(number=1, content=dossier.content, key="k", basket=bytes(32))


@pytest.mark.parametrize(
    ("history", "state"),
    [
        ([], _S.SAVED),
        ([LATE], _S.SAVED_AUTONOMOUS),
        ([ACCEPTED], _S.DELIVERED),
        ([LATE, ACCEPTED], _S.DELIVERED_AUTONOMOUS),
        ([ANOMALY, ACCEPTED, ANOMALY], _S.DELIVERED),
        ([REFUSED], _S.REFUSED),
        ([LATE, REFUSED], _S.REFUSED_AUTONOMOUS),
        ([REFUSED, RETRIED], _S.SAVED),
        ([LATE, REFUSED, RETRIED, ACCEPTED], _S.DELIVERED_AUTONOMOUS),
        ([REFUSED, VOIDED], _S.VOIDED),
        ([LATE, REFUSED, ADOPTED], _S.VOIDED_AUTONOMOUS),
    ],
)
def test_records_move_a_document_by_the_table(history, state):
    (dossier,) = dossiers([issued(), *history])

    assert dossier.state is state


@pytest.mark.requirement("S3-25")
def test_both_signs_are_kept_beside_each_other():
    (dossier,) = dossiers([issued(), LATE, ACCEPTED])

    assert (dossier.autonomous_sign, dossier.sign, dossier.qr, dossier.key_id) == (9, "12", "q", "k")
    assert (dossier.accepted_at, dossier.operator_at) == (T0, T0 + 1)
    assert (dossier.period, dossier.reason) == (3, AutonomousReason.LATE_ANSWER)


@pytest.mark.parametrize("history", [[ACCEPTED, LATE], [LATE, LATE], [RETRIED], [ACCEPTED, REFUSED]])
def test_a_move_that_does_not_exist_is_refused(history):
    with pytest.raises(IllegalTransition):
        dossiers([issued(), *history])


@pytest.mark.requirement("S3-26", "S3-27")
def test_an_autonomous_receipt_travels_with_its_sign_anything_else_with_the_mark():
    receipt, deposit = Dossier(issued()), Dossier(issued(CashIn(sum=5)))
    assert receipt.delivery == deposit.delivery == ONLINE

    receipt.apply(LATE)
    deposit.apply(records.MadeAutonomous(number=1, period=3, reason=AutonomousReason.LATE_ANSWER, at=T0))

    assert receipt.delivery == Delivery(autonomous=True, autonomous_sign=9, period=3)
    assert deposit.delivery == Delivery(autonomous=True, period=3)
    assert (receipt.carries_sign, deposit.carries_sign) == (True, False)


def test_a_refusal_is_forgotten_when_it_is_tried_again_and_kept_when_it_is_given_up():
    (tried,) = dossiers([issued(), REFUSED, RETRIED])
    (given_up,) = dossiers([issued(), REFUSED, VOIDED])

    assert (tried.refusal, tried.resolved) == (None, RETRIED)
    assert (given_up.refusal, given_up.resolved) == (REFUSED, VOIDED)


def test_a_void_stands_behind_what_it_takes_the_place_of():
    till = Till()
    till.issue()
    till.refuse()
    content = till.state.queue[0].content
    void = records.Issued(number=1, content=content)

    found = dossiers([till.written[1], REFUSED, VOIDED, void, ACCEPTED, records.Founded(register="r", at=T0)])

    assert [dossier.state for dossier in found] == [_S.VOIDED, _S.DELIVERED]


def test_records_of_documents_that_are_not_there_are_passed_over():
    assert dossiers([ACCEPTED]) == []


def test_at_rest_a_document_is_read_from_its_content():
    dossier = Dossier(issued())
    document = dossier.document

    dossier.rest()

    assert dossier.document == document
    assert dossier.document is not document
    assert (dossier.kind, dossier.number, dossier.shift, dossier.issued_at) == (
        DocumentKind.RECEIPT,
        1,
        1,
        document.issued_at,
    )


def test_a_document_that_is_at_hand_is_not_read_again():
    document = Dossier(issued()).document

    assert Dossier(issued(), document).document is document
