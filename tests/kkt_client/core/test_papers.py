"""What the caller gets, from what is known of a document."""

from dataclasses import replace
from typing import Any

import pytest

from fiscal.domain.document import CorrectionReason
from fiscal.domain.lifecycle import DocumentState
from fiscal.domain.receipt import Operation
from fiscal.domain.register import Country
from fiscal.domain.shift import ReportKind
from kkt_client.core import papers
from kkt_client.core.basket import Amendment, CashIn, Closing
from kkt_client.core.dossier import Dossier
from kkt_client.core.papers import Letterhead, x_report
from kkt_client.core.receipts import FiscalReceipt, FiscalReport
from tests.documents import T0
from tests.kkt_client.core.till import CASHIER, Till
from tests.kkt_client.shop import PROFILE

HEAD = Letterhead("kkt-1", PROFILE, "https://ofd/r")
RUSSIA = Letterhead("kkt-1", replace(PROFILE, country=Country.RU, zone="Europe/Moscow", fn_serial="9999"), "")
AMENDMENT = Amendment(operation=Operation.SELL, total=500, reason=CorrectionReason.OWN, corrected_at=T0, basis="акт")


def paper(dossier: Dossier, head: Letterhead, unsent: int | None = None) -> Any:
    return papers.paper(dossier, head, unsent)


@pytest.mark.requirement("S3-16")
@pytest.mark.parametrize(
    ("head", "text"),
    [
        (HEAD, "https://ofd/r?i={sign}&f=010620250300&s=250.00&t=20260101T120001"),
        (RUSSIA, "t=20260101T100001&s=250.00&fn=9999&i=1&fp={sign}&n=1"),
        (
            replace(RUSSIA, profile=replace(RUSSIA.profile, fn_serial="")),
            "t=20260101T100001&s=250.00&fn=kkt-1&i=1&fp={sign}&n=1",
        ),
    ],
)
def test_the_code_of_an_autonomous_receipt_carries_its_autonomous_sign(head, text):
    dossier = Till().issue_alone()

    assert paper(dossier, head).qr == text.format(sign=dossier.autonomous_sign)


@pytest.mark.requirement("S3-25")
def test_an_answered_receipt_has_the_operators_sign_and_code_beside_its_own():
    till = Till()
    dossier = till.issue_alone()
    till.welcome()
    till.accept("700000000001")

    receipt = paper(dossier, HEAD)

    assert isinstance(receipt, FiscalReceipt)
    assert (receipt.sign, receipt.qr, receipt.autonomous_sign) == (
        "700000000001",
        "qr:700000000001",
        dossier.autonomous_sign,
    )
    assert receipt.state is DocumentState.DELIVERED_AUTONOMOUS
    assert receipt.accepted_at == till.now


@pytest.mark.parametrize("alone", [True, False])
def test_what_gets_no_sign_has_no_code(alone):
    till = Till()
    dossier = till.issue_alone(CashIn(sum=5)) if alone else till.issue(CashIn(sum=5))

    assert paper(dossier, HEAD).qr == ""


def test_a_receipt_whose_answer_is_unknown_has_no_code():
    assert paper(Till().issue(), HEAD).qr == ""


def test_a_correction_has_one():
    assert "s=5.00" in paper(Till().issue_alone(AMENDMENT), HEAD).qr


def test_a_refusal_is_told():
    till = Till()
    dossier = till.issue()
    till.refuse()

    assert paper(dossier, HEAD).refusal == "bad_totals: wrong"


@pytest.mark.requirement("S3-19")
def test_a_z_report_shows_the_figures_that_were_frozen_in_it():
    till = Till()
    till.sell()
    dossier = till.issue_alone(Closing())

    report = paper(dossier, HEAD, unsent=1)

    assert isinstance(report, FiscalReport)
    assert (report.report.kind, report.report.shift, report.number, report.unsent) == (ReportKind.Z, 1, 2, 1)
    assert report.report.counters["tickets.sell.sum"] == 25_000
    assert (report.autonomous, report.delivered, report.issued_at) == (True, False, till.now)


def test_an_x_report_shows_the_shift_and_between_shifts_what_is_carried_over():
    till = Till()
    till.sell()
    during = x_report(till.state, HEAD, CASHIER, T0)
    till.sell(Closing())
    between = x_report(till.state, HEAD, CASHIER, T0)

    assert during.report.counters["tickets.sell.count"] == 1
    assert "tickets.sell.count" not in between.report.counters
    assert between.report.counters["cash_sum"] == 25_000
    assert (during.report.opened_at, between.report.opened_at) == (T0 + 1_000, None)
    assert (during.number, during.state, during.marks, during.autonomous) == (None, None, None, False)
