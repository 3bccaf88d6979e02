"""Misfortune by hand: nothing is asked before somebody interferes, and everybody obeys from then on."""

from typing import Any

from fiscal.faults.effects import LoseAnswer, Point
from fiscal.faults.plan import NO_FAULTS, Fault, FaultPlan, Situation
from fiscal.faults.run import FaultRun
from ofd_server.core.link import Link, LinkState
from ofd_server.interference import Interference

SLOW = Link(LinkState.SLOW, 6_000)
PLAN = FaultPlan((Fault(name="other", at=Point.AFTER_COMMIT, effects=(LoseAnswer(),)),))


class Gateways:
    """What the operator's gateways are told."""

    def __init__(self, run=None):
        self.begun: list[Any] = []
        self.severed: list[str] = []
        self.interference = Interference(run, self.begun.append, self.severed.append)


def sell(run, register="r1"):
    return run.applied(Point.AFTER_COMMIT, Situation(register, "native", "document", 0))


def test_while_nobody_interferes_there_is_nothing_to_ask():
    made = Gateways()
    one = made.interference
    assert one.run is None
    assert one.plan == NO_FAULTS
    assert one.link("r1") == Link()
    assert not one.is_answer_to_be_lost("r1")
    one.set_link("r1", Link())
    assert one.run is None
    assert made.begun == []


def test_the_gateways_begin_once():
    made = Gateways()
    made.interference.set_link("r1", SLOW)
    made.interference.set_link("r2", SLOW)
    assert made.begun == [made.interference.run]
    assert made.interference.link("r1") == made.interference.link("r2") == SLOW
    assert made.severed == []


def test_a_cut_severs_what_is_open():
    made = Gateways()
    made.interference.set_link("r1", Link(LinkState.CUT))
    made.interference.set_link("r1", Link(LinkState.CUT))
    assert made.severed == ["r1", "r1"]
    made.interference.set_link("r1", Link())
    assert made.interference.plan == NO_FAULTS


def test_a_plan_that_is_at_work_goes_on_beside_the_links():
    run = FaultRun(PLAN)
    made = Gateways(run)
    made.interference.set_link("r1", SLOW)
    assert made.begun == []
    assert made.interference.run is run
    assert PLAN.faults[0] in run.plan.faults


def test_an_answer_is_lost_as_often_as_somebody_asks():
    one = Gateways().interference
    for _ in range(3):
        one.lose_next_answer("r1")
        one.lose_next_answer("r1")
        assert one.is_answer_to_be_lost("r1")
        assert sell(one.run, "r2") == ()
        assert sell(one.run) == (LoseAnswer(),)
        assert sell(one.run) == ()
        assert not one.is_answer_to_be_lost("r1")


def test_an_answer_that_is_still_to_be_lost_survives_a_change_of_the_link():
    one = Gateways().interference
    one.lose_next_answer("r1")
    one.set_link("r1", SLOW)
    assert one.is_answer_to_be_lost("r1")
    assert one.link("r1") == SLOW
