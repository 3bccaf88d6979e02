"""The rows of whatever is to be printed."""

from __future__ import annotations

from fiscal.rendering.receipts import receipt_sheet
from fiscal.rendering.reports import report_sheet
from fiscal.rendering.sheet import Sheet
from fiscal.rendering.values import Printed, PrintedReceipt


def sheet_of(form: Printed) -> Sheet:
    """What stands on the form, whatever shows it. Raises nothing."""
    return receipt_sheet(form) if isinstance(form, PrintedReceipt) else report_sheet(form)
