"""A register of a fleet folds as every register does, without counting, and without reading its documents."""

import pytest

from fiscal.domain.document import DocumentKind, kind_of
from fiscal.domain.lifecycle import AutonomousReason, DocumentState, IllegalTransition, RegisterMode
from fiscal.domain.receipt import Receipt
from fiscal.domain.shift import Shift
from fiscal.protocols.content import encode_content
from kkt_client.core import records
from kkt_client.core.dossier import Dossier
from kkt_client.core.events import CameBack
from kkt_client.fleet.state import FleetState, Slot
from tests.documents import T0, deposit, receipt

NO_DOCUMENT = b"nobody reads this"


def slot(number: int, *, shift: int = 1, period: int | None = 1) -> Slot:
    sign = None if period is None else 100 + number
    return Slot(number, NO_DOCUMENT, DocumentKind.RECEIPT, shift, T0 + number, period, sign)


def accepted(number: int) -> records.Accepted:
    return records.Accepted(number=number, at=T0 + 500, operator_at=T0 + 400, sign=str(number), qr="q", key_id="k")


def numbers(state: FleetState) -> list[int]:
    return [waiting.number for waiting in state.queue]


# ------------------------------------------------------------------------------------------------------------ a slot


@pytest.mark.parametrize("period", [None, 3])
@pytest.mark.parametrize(
    "document", [receipt(number=8, shift=2), deposit(number=8, shift=2)], ids=["receipt", "deposit"]
)
def test_its_particulars_are_what_reading_the_document_would_have_told(document, period):
    content = encode_content(document)
    read = Dossier(records.Issued(number=8, content=content))
    sign = 41 if period and isinstance(document, Receipt) else None
    if period:
        reason = AutonomousReason.NO_CONNECTION
        read.apply(records.MadeAutonomous(number=8, period=period, reason=reason, at=T0, sign=sign))
    told = Slot(8, content, kind_of(document), document.shift, document.issued_at, period, sign)
    for name in (*Dossier.__slots__, "autonomous", "carries_sign", "delivery"):
        if name != "_document":
            assert getattr(told, name) == getattr(read, name), name
    assert told.document == document


def test_it_moves_as_every_document_does():
    waiting = slot(1)
    waiting.apply(accepted(1))
    assert (waiting.state, waiting.sign, waiting.accepted_at) == (DocumentState.DELIVERED_AUTONOMOUS, "1", T0 + 500)
    with pytest.raises(IllegalTransition):
        waiting.apply(accepted(1))


# --------------------------------------------------------------------------------------------------------- the state


def test_it_begins_as_a_register_that_has_sold_nothing():
    state = FleetState("shop", T0)
    assert (state.register_id, state.mode, state.mode_since) == ("shop", RegisterMode.ONLINE, T0)
    assert (state.last_number, state.head, state.is_quiet) == (0, None, True)


def test_what_was_sold_without_the_operator_is_known_by_its_figures():
    state = FleetState("shop", T0)
    state.came_offline(issued=40, shift=3, signs=39, since=T0 + 7)
    assert (state.last_number, state.shift, state.autonomous_sign) == (40, Shift(3), 39)
    assert (state.mode, state.mode_since) == (RegisterMode.AUTONOMOUS, T0 + 7)
    assert state.open_period is not None
    assert (state.open_period.number, state.open_period.begin) == (1, T0 + 7)
    assert state.open_period.reason is AutonomousReason.NO_CONNECTION
    assert numbers(state) == []


@pytest.mark.parametrize(
    ("issued", "put", "waits", "last"),
    [
        (0, [1, 2, 3], [1, 2, 3], 3),
        (0, [1, 3], [1], 3),
        (0, [1, 3, 2], [1, 2], 3),
        (5, [1, 2], [1, 2], 5),
        (5, [4, 5, 6], [4, 5, 6], 6),
        (5, [1, 6], [1], 6),
        (5, [1, 1], [1], 5),
    ],
)
def test_the_queue_has_no_gaps_and_what_is_behind_one_is_issued_all_the_same(issued, put, waits, last):
    state = FleetState("shop", T0)
    state.came_offline(issued, shift=1, signs=issued, since=T0)
    for number in put:
        state.put(slot(number, shift=10 + number))
    assert (numbers(state), state.last_number) == (waits, last)
    assert state.shift == Shift(1 if last == issued else 10 + last)


def test_what_is_accepted_leaves_the_queue_uncounted_and_unread():
    state = FleetState("shop", T0)
    state.came_offline(issued=2, shift=4, signs=2, since=T0)
    state.put(slot(1, shift=4))
    state.put(slot(2, shift=4))
    state.apply(accepted(1))
    assert (numbers(state), state.accepted_number, state.accepted_shift) == ([2], 1, 4)
    state.apply(accepted(2))
    assert (numbers(state), state.accepted_number) == ([], 2)
    assert state.confirmed == Shift()
    with pytest.raises(IllegalTransition):
        state.apply(accepted(2))


def test_it_is_back_when_all_is_delivered_and_the_period_is_reported():
    state = FleetState("shop", T0)
    state.came_offline(issued=1, shift=1, signs=1, since=T0)
    state.put(slot(1))
    state.apply(records.PeriodEnded(period=1, at=T0 + 10))
    state.apply(accepted(1))
    assert state.mode is RegisterMode.AUTONOMOUS
    told = state.apply(records.PeriodReported(period=1, at=T0 + 20))
    assert told == [CameBack(T0 + 20, T0)]
    assert (state.mode, state.is_quiet) == (RegisterMode.ONLINE, True)
    state.put(slot(2, period=None))
    assert state.in_doubt is state.head
    assert not state.queue[0].autonomous
