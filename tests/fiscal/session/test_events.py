"""Events are facts: they do not change, and they are told apart by their fields."""

import pytest

from fiscal.session.events import AnswerReceived, Event, PeerClosed
from tests.fiscal.protocols.samples import NOTED


@pytest.mark.parametrize("class_", Event.__args__, ids=lambda class_: class_.__name__)
def test_an_event_is_frozen_and_small(class_):
    assert class_.__struct_config__.frozen
    assert set(class_.__slots__) == set(class_.__struct_fields__), "it has no room for anything but its fields"


def test_an_event_does_not_change():
    event = AnswerReceived(1, NOTED, 5.0)
    with pytest.raises(AttributeError):
        event.late = True  # type: ignore[misc]  # that is the test


def test_equal_facts_are_equal():
    assert PeerClosed() == PeerClosed()
    assert AnswerReceived(1, NOTED, 5.0) != AnswerReceived(1, NOTED, 5.0, late=True)
