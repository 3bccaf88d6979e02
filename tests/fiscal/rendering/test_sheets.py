from fiscal.rendering.receipts import receipt_sheet
from fiscal.rendering.reports import report_sheet
from fiscal.rendering.sheets import sheet_of
from fiscal.rendering.values import PrintedReceipt
from tests.fiscal.rendering.samples import FORMS


def test_every_form_has_its_rows():
    for form in FORMS.values():
        expected = receipt_sheet(form) if isinstance(form, PrintedReceipt) else report_sheet(form)
        assert sheet_of(form) == expected
