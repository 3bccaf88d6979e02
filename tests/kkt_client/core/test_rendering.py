from dataclasses import replace

import pytest

from fiscal.domain.lifecycle import DocumentState
from fiscal.domain.shift import Report, ReportKind
from fiscal.rendering.files import FileKind, render_file
from fiscal.rendering.html import render_html
from fiscal.rendering.text import render_text
from fiscal.rendering.values import PrintedReceipt, PrintedReport, report_of
from kkt_client.core.receipts import FiscalReceipt, FiscalReport
from kkt_client.core.rendering import as_file, as_html, as_text, printed
from tests.fiscal.rendering.samples import AT, CASHIER, KZ, OWN_SIGN, SELL, SIGN, Z

RECEIPT = FiscalReceipt(
    document=SELL,
    profile=KZ,
    register_id="1",
    state=DocumentState.SAVED_AUTONOMOUS,
    autonomous_sign=OWN_SIGN,
    period=1,
    qr="https://ofd.example/r?i=1",
)
DELIVERED = replace(RECEIPT, state=DocumentState.DELIVERED_AUTONOMOUS, sign=SIGN, accepted_at=AT)
Z_REPORT = FiscalReport(
    report=report_of(Z),
    profile=KZ,
    register_id="1",
    cashier=CASHIER,
    document=Z,
    state=DocumentState.SAVED_AUTONOMOUS,
    unsent=3,
)
X_REPORT = FiscalReport(
    report=Report(ReportKind.X, 3, AT, AT + 1, Z.counters),
    profile=KZ,
    register_id="1",
    cashier=CASHIER,
)


def test_a_receipt_becomes_its_form():
    assert printed(DELIVERED, copy=True, operator="ОФД") == PrintedReceipt(
        document=SELL,
        profile=KZ,
        state=DocumentState.DELIVERED_AUTONOMOUS,
        sign=SIGN,
        autonomous_sign=OWN_SIGN,
        qr="https://ofd.example/r?i=1",
        copy=True,
        operator="ОФД",
    )


def test_reports_become_their_forms():
    assert printed(Z_REPORT) == PrintedReport(
        report=Z_REPORT.report,
        profile=KZ,
        cashier=CASHIER,
        number=40,
        state=DocumentState.SAVED_AUTONOMOUS,
        autonomous=True,
        unsent=3,
    )
    assert printed(X_REPORT) == PrintedReport(report=X_REPORT.report, profile=KZ, cashier=CASHIER)


def test_no_link_is_no_code():
    form = printed(replace(RECEIPT, qr=""))
    assert isinstance(form, PrintedReceipt)
    assert form.qr is None


@pytest.mark.requirement("S3-16", "S3-18")
@pytest.mark.parametrize("render", [as_text, as_html])
def test_a_receipt_of_the_register_shows_that_it_is_autonomous_and_its_own_sign(render):
    for paper in (RECEIPT, DELIVERED):
        assert "АВТОНОМНЫЙ" in render(paper)
        assert str(OWN_SIGN) in render(paper)
    assert SIGN in render(DELIVERED)
    assert "АВТОНОМНЫЙ" not in render(replace(DELIVERED, state=DocumentState.DELIVERED))


@pytest.mark.parametrize("paper", [RECEIPT, DELIVERED, Z_REPORT, X_REPORT])
def test_both_renderings_are_those_of_the_form(paper):
    form = printed(paper, copy=True, operator="ОФД")
    assert as_text(paper, 42, copy=True, qr=True, operator="ОФД") == render_text(form, 42, qr=True)
    assert as_html(paper, copy=True, operator="ОФД") == render_html(form)


@pytest.mark.parametrize("kind", FileKind)
@pytest.mark.parametrize("paper", [RECEIPT, DELIVERED, Z_REPORT, X_REPORT])
def test_a_paper_as_a_file_is_its_form_as_a_file(paper, kind):
    form = printed(paper, copy=True, operator="ОФД")
    assert as_file(paper, kind, 32, copy=True, operator="ОФД") == render_file(form, kind, 32)
