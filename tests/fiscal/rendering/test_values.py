import pytest

from fiscal.domain.lifecycle import DocumentState
from fiscal.domain.shift import ReportKind
from fiscal.rendering.values import (
    PrintedReceipt,
    PrintedReport,
    delivered_state,
    printed,
    report_of,
)
from tests.fiscal.rendering.samples import AT, KZ, SELL, Z


def test_a_z_report_is_printed_as_a_report():
    form = printed(Z, KZ, DocumentState.SAVED_AUTONOMOUS, copy=True, operator="ОФД")
    assert form == PrintedReport(
        report=report_of(Z),
        profile=KZ,
        cashier=Z.cashier,
        number=40,
        state=DocumentState.SAVED_AUTONOMOUS,
        autonomous=True,
        copy=True,
        operator="ОФД",
    )


def test_the_report_inside_a_z_document():
    report = report_of(Z)
    assert (report.kind, report.shift, report.opened_at, report.taken_at) == (
        ReportKind.Z,
        3,
        AT,
        Z.issued_at,
    )
    assert report.counters == Z.counters


@pytest.mark.parametrize("state", DocumentState)
def test_autonomous_is_what_the_state_says(state):
    form = printed(SELL, KZ, state)
    assert isinstance(form, PrintedReceipt)
    assert form.autonomous == state.endswith("_autonomous")


@pytest.mark.parametrize(
    ("autonomous", "state"),
    [(False, DocumentState.DELIVERED), (True, DocumentState.DELIVERED_AUTONOMOUS)],
)
def test_what_is_in_the_ledger_is_delivered(autonomous, state):
    assert delivered_state(autonomous=autonomous) is state
