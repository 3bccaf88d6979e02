"""A snapshot is the state in a few figures, and is believed only when it is whole."""

import pytest

from fiscal.domain.lifecycle import BlockReason
from fiscal.domain.signs import digest_of
from fiscal.protocols.values import pack
from kkt_client.core import records, snapshot
from kkt_client.core.basket import CashIn, Closing
from kkt_client.core.state import RegisterState
from tests.documents import T0
from tests.kkt_client.core.till import Till


def lived() -> Till:
    till = Till()
    till.sell(CashIn(sum=100))
    till.issue_alone()
    till.issue_alone(Closing())
    till.welcome()
    till.accept()
    till.accept()
    till.sell()
    till.write([records.BlockBegan(reason=BlockReason.BY_OPERATOR, at=T0, text="долг")])
    return till


def figures(state: RegisterState) -> dict[str, object]:
    return vars(state)


def test_a_state_comes_back_as_it_was():
    state = lived().state

    taken = snapshot.read(snapshot.take(state, 9, b"h" * 32))

    assert taken is not None
    assert (taken.seq, taken.hash) == (9, b"h" * 32)
    assert figures(snapshot.restore(taken)) == figures(state)


def test_a_restored_state_goes_on_like_the_first():
    till, other = lived(), lived()
    taken = snapshot.read(snapshot.take(till.state, 1, b"h" * 32))
    assert taken is not None
    other.state = snapshot.restore(taken)
    for each in (till, other):
        each.write([records.BlockEnded(reason=BlockReason.BY_OPERATOR, at=T0)])
        each.issue_alone()
        each.welcome()
        each.accept()

    assert figures(other.state) == figures(till.state)


def test_a_state_with_a_queue_has_no_snapshot():
    till = Till()
    till.issue()

    with pytest.raises(AssertionError, match="no room for a queue"):
        snapshot.take(till.state, 2, b"h" * 32)


WHOLE = snapshot.take(lived().state, 9, b"h" * 32)


@pytest.mark.parametrize(
    "data",
    [b"", WHOLE[:-1], WHOLE[:40] + b"\x00" + WHOLE[41:], bytes(32) + WHOLE[32:]],
    ids=["none", "cut", "changed", "other check"],
)
def test_a_damaged_snapshot_is_none(data):
    assert snapshot.read(data) is None


def test_a_snapshot_of_another_layout_is_none(monkeypatch):
    monkeypatch.setattr(snapshot, "LAYOUT", 2)

    assert snapshot.read(WHOLE) is None


def test_a_body_that_is_no_snapshot_is_none():
    body = pack({"layout": 1})

    assert snapshot.read(digest_of(body) + body) is None
