import pytest

from fiscal.domain.lifecycle import DocumentState
from fiscal.domain.receipt import ParentReceipt
from kkt_client import FiscalReceipt
from mock_ofd.demo.books import Slip
from mock_ofd.demo.notebook import FILE, Notebook, agrees
from mock_ofd.demo.shop import PROFILES
from tests.documents import T0, receipt

PARENT = ParentReceipt(sign="500012345678", issued_at=T0, total=36_000, rnm="010620250301", autonomous=True)


def paper(number=7, sign=None, own=None):
    return FiscalReceipt(
        document=receipt(number),
        profile=PROFILES[1],
        register_id="till-1",
        state=DocumentState.SAVED_AUTONOMOUS,
        sign=sign,
        autonomous_sign=own,
    )


def test_what_is_noted_outlives_the_till(tmp_path):
    notes = Notebook(tmp_path)
    notes.begins("1-001", None)
    notes.handed_out("1-001", paper(own=12))
    notes.begins("1-002", PARENT)
    for read in (notes, Notebook(tmp_path)):
        assert read.has_begun("1-002")
        assert not read.has_begun("1-003")
        assert read.parent_of("1-001") is None
        assert read.parent_of("1-002") == PARENT
        assert read.slip("1-001") == Slip("1-001", 7, None, 12)
        assert read.slip("1-002") is None
        assert list(read.slips()) == [Slip("1-001", 7, None, 12)]


@pytest.mark.parametrize("torn", ['{"begins": "1-0', '{"begins": "1-002", "parent": null}'])
def test_a_line_without_its_end_was_never_written(tmp_path, torn):
    Notebook(tmp_path).begins("1-001", None)
    with (tmp_path / FILE).open("a") as file:
        file.write(torn)
    notes = Notebook(tmp_path)
    assert not notes.has_begun("1-002")
    notes.begins("1-003", None)
    notes.begins("1-004", None)
    again = Notebook(tmp_path)
    keys = ("1-001", "1-002", "1-003", "1-004")
    assert [key for key in keys if again.has_begun(key)] == ["1-001", "1-003", "1-004"]


@pytest.mark.parametrize(
    ("slip", "same"),
    [
        (Slip("k", 7, None, 12), True),  # the operator has signed it since
        (Slip("k", 7, "500", 12), True),
        (Slip("k", 7, "501", 12), False),
        (Slip("k", 7, None, 13), False),
        (Slip("k", 8, "500", 12), False),
    ],
)
def test_a_paper_agrees_with_the_slip_when_nothing_that_was_printed_has_changed(slip, same):
    assert agrees(slip, paper(7, "500", 12)) is same
