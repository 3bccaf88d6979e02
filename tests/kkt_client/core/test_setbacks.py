"""How long a sale keeps trying."""

import pytest

from fiscal.domain.lifecycle import AutonomousReason
from kkt_client.core.saying import Cause, Said
from kkt_client.core.setbacks import PAUSE_FIRST_S, PAUSE_MAX_S, Kind, Knocking, Setback


def setback(kind):
    return Setback(kind, AutonomousReason.NO_CONNECTION, Cause(Said.CONNECTION_LOST, "why"))


@pytest.mark.parametrize("kind", [Kind.LATE, Kind.BLOCKED])
def test_a_limit_and_a_block_are_final(kind):
    assert Knocking(1.0, 5.0).pause(setback(kind), 0.0) is None


def test_the_operators_time_is_kept_by_the_outbox():
    assert Knocking(0.0, 5.0).pause(setback(Kind.LATER), 0.0) == 0.0


def test_a_connection_that_broke_is_made_anew_once_for_free():
    knocking = Knocking(0.0, 5.0)

    assert knocking.pause(setback(Kind.LOST), 0.0) == 0.0
    assert knocking.pause(setback(Kind.LOST), 0.0) is None


def test_a_shut_door_is_knocked_at_with_growing_pauses_for_so_long():
    knocking, now, pauses = Knocking(1.0, 5.0), 0.0, []
    while (pause := knocking.pause(setback(Kind.SHUT), now)) is not None:
        pauses.append(pause)
        now += pause

    assert pauses == [PAUSE_FIRST_S, 0.1, 0.2, PAUSE_MAX_S]
    assert now + PAUSE_MAX_S > 1.0 >= now


@pytest.mark.parametrize(("until", "pause"), [(PAUSE_FIRST_S, PAUSE_FIRST_S), (PAUSE_FIRST_S - 0.001, None)])
def test_nobody_knocks_behind_the_end_of_the_sale(until, pause):
    assert Knocking(1.0, until).pause(setback(Kind.SHUT), 0.0) == pause


def test_a_setback_says_why():
    assert str(setback(Kind.SHUT)) == "why"
