"""The values that are printed."""

from typing import Any

import pytest

from fiscal.domain.document import DocumentKind
from fiscal.domain.lifecycle import DocumentState
from fiscal.errors import InvalidValue
from kkt_client.core import papers
from kkt_client.core.basket import CashIn, Closing
from kkt_client.core.dossier import Dossier, dossiers
from kkt_client.core.papers import Letterhead
from kkt_client.core.receipts import AUTONOMOUS_STATES
from tests.kkt_client.core.till import CASHIER, Till
from tests.kkt_client.shop import PROFILE

HEAD = Letterhead("kkt-1", PROFILE, "https://ofd/r")


def paper(dossier: Dossier, head: Letterhead, unsent: int | None = None) -> Any:
    return papers.paper(dossier, head, unsent)


def online():
    till = Till()
    till.sell()
    return paper(till_dossier(till), HEAD)


def till_dossier(till):
    return dossiers(till.written)[-1]


def alone():
    return paper(Till().issue_alone(), HEAD)


@pytest.mark.requirement("S3-28", "S3-29", "S3-30")
def test_the_marks_of_a_receipt():
    till = Till()
    dossier = till.issue()
    saved = str(paper(dossier, HEAD).marks)
    till.lose()
    autonomous = str(paper(dossier, HEAD).marks)
    till.welcome()
    till.accept()

    assert [saved, autonomous, str(paper(dossier, HEAD).marks), str(online().marks)] == ["✔", "✔☁̸", "✔✔☁̸", "✔✔"]


def test_what_a_receipt_says_of_itself():
    receipt = online()

    assert (receipt.kind, receipt.number, receipt.total, receipt.cashier) == (DocumentKind.RECEIPT, 1, 25_000, CASHIER)
    assert (receipt.autonomous, receipt.delivered, receipt.fiscal_sign) == (False, True, receipt.sign)
    assert receipt.issued_at == receipt.document.issued_at
    assert alone().fiscal_sign == str(alone().autonomous_sign)
    assert paper(Till().issue(), HEAD).fiscal_sign == ""


def test_a_return_names_its_receipt_by_the_sign_that_is_valid():
    delivered, own, unknown = online().as_parent(), alone().as_parent(), paper(Till().issue(), HEAD).as_parent()

    assert (delivered.sign, delivered.autonomous, delivered.rnm, delivered.total) == (
        "700000000001",
        False,
        PROFILE.rnm,
        25_000,
    )
    assert (own.sign, own.autonomous) == (str(alone().autonomous_sign), True)
    assert (unknown.sign, unknown.autonomous) == ("1", False)


def test_only_a_receipt_can_be_returned():
    with pytest.raises(InvalidValue, match="a deposit cannot be returned"):
        paper(Till().issue(CashIn(sum=5)), HEAD).as_parent()


def test_the_marks_of_a_z_report():
    till = Till()
    till.sell()
    till.issue(Closing())
    till.accept()
    report = paper(till_dossier(till), HEAD)

    assert (str(report.marks), report.delivered, report.number) == ("✔✔", True, 2)


def test_autonomous_states_are_those_that_say_so():
    assert {state for state in DocumentState if state.value.endswith("_autonomous")} == AUTONOMOUS_STATES
