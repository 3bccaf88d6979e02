"""Papers of a register in the states that the shell shows."""

from dataclasses import replace

from fiscal.domain.lifecycle import DocumentState
from fiscal.domain.shift import Report, ReportKind
from fiscal.rendering.values import report_of
from kkt_client.core.receipts import FiscalReceipt, FiscalReport
from tests.fiscal.rendering.samples import AT, CASHIER, KZ, OWN_SIGN, SELL, SIGN, Z

SAVED = FiscalReceipt(
    document=SELL,
    profile=KZ,
    register_id="till-1",
    state=DocumentState.SAVED_AUTONOMOUS,
    autonomous_sign=OWN_SIGN,
    period=2,
    qr="https://ofd.example/r?i=1",
)
DELIVERED = replace(SAVED, state=DocumentState.DELIVERED_AUTONOMOUS, sign=SIGN, key_id="public-1", accepted_at=AT)
Z_REPORT = FiscalReport(
    report=report_of(Z),
    profile=KZ,
    register_id="till-1",
    cashier=CASHIER,
    document=Z,
    state=DocumentState.SAVED_AUTONOMOUS,
    period=2,
    unsent=3,
)
X_REPORT = FiscalReport(
    report=Report(ReportKind.X, 3, AT, AT + 1, {"b": 2, "a": 1}), profile=KZ, register_id="till-1", cashier=CASHIER
)
