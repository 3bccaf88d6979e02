"""Entries of a ledger as the judge hears them."""

import pytest

from fiscal.domain.lifecycle import AutonomousReason
from fiscal.judging.events import OPERATORS, What
from ofd_server.core.entries import AnomalyCode, PeriodRecorded, Standing, StandingChanged
from ofd_server.ports import StoredEntry
from ofd_server.testimony import events_of, same_sale
from tests.contract.books import anomaly, mark, recorded, registered
from tests.documents import T0, close_shift, deposit, document_id, receipt, void

PERIOD = PeriodRecorded(at=T0, period=3, begin=T0, end=T0 + 5, reason=AutonomousReason.NO_CONNECTION)


def told(entry):
    return list(events_of("ledger", StoredEntry(7, "till-1", 1, entry)))


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (registered(), [What.REGISTERED]),
        (recorded(receipt()), [What.RECORDED]),
        (recorded(receipt(), anomalies=(anomaly(AnomalyCode.CONFLICT),)), [What.RECORDED, What.CONFLICT]),
        (mark(3), [What.MARKED]),
        (PERIOD, [What.PERIOD_RECORDED]),
        (anomaly(AnomalyCode.SECOND_AUTONOMOUS_SIGN), [What.SECOND_SIGN]),
        (anomaly(AnomalyCode.CLOCK_BACKWARDS), [What.NOTED]),
        (anomaly(AnomalyCode.AUTONOMOUS_SIGN_REUSED), []),
        (StandingChanged(at=T0, standing=Standing.BLOCKED), []),
    ],
)
def test_what_an_entry_says(entry, words):
    events = told(entry)
    assert [event.what for event in events] == words
    assert {event.place for event in events} <= {"ledger:7"}
    assert {event.what for event in events} <= OPERATORS


def test_a_document_is_told_with_its_signs_and_its_delivery():
    [event] = told(recorded(receipt(5), autonomous=True, autonomous_sign=77, period=2, protocol="kz"))
    assert (event.number, event.id, event.protocol) == (5, document_id(5).hex(), "kz")
    assert (event.autonomous, event.autonomous_sign, event.period) == (True, 77, 2)
    [marked] = told(mark(5, sign=78, period=2))
    assert (marked.number, marked.autonomous_sign, marked.period) == (5, 78, 2)


def test_what_differs_in_its_number_alone_is_the_same_sale():
    first, second = receipt(1), receipt(2)
    assert same_sale(first) == same_sale(second) is not None
    assert same_sale(first) != same_sale(receipt(2, issued_at=T0 + 1))
    assert same_sale(deposit(1)) == same_sale(deposit(2))
    assert same_sale(deposit(1)) != same_sale(first)
    assert same_sale(close_shift(3)) is same_sale(void()) is None
