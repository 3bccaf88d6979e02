"""A bent link is a handful of faults in a plan, of one register and no other."""

import pytest

from fiscal.domain.limits import REGISTER_ID_MAX
from fiscal.errors import InvalidValue
from fiscal.faults.effects import Delay, LoseAnswer, Point, Reset
from fiscal.faults.plan import FAULTS_MAX, NO_FAULTS, Fault, FaultPlan, Situation
from fiscal.faults.run import FaultRun
from ofd_server.core.link import SLOW_MS, Link, LinkState, exactly, link_in, lost_answer, with_link, without

CUT = Link(LinkState.CUT)
OTHER = FaultPlan((Fault(name="other", at=Point.AFTER_COMMIT, effects=(LoseAnswer(),)),))


def at(register, command="document"):
    return Situation(register, "native", command, 0)


def test_a_link_is_up_when_nobody_bends_it():
    assert link_in(NO_FAULTS, "r1") == Link() == Link(LinkState.UP)


@pytest.mark.parametrize("link", [CUT, Link(LinkState.SLOW, 7_000), Link()])
def test_what_was_bent_is_read_back_and_goes_with_the_next(link):
    for before in (NO_FAULTS, with_link(OTHER, "r1", CUT), with_link(OTHER, "r1", Link(LinkState.SLOW, 9))):
        plan = with_link(before, "r1", link)
        assert link_in(plan, "r1") == link
        assert link_in(plan, "r2") == Link()
        rest = with_link(plan, "r1", Link())
        assert rest.faults in ((), OTHER.faults)


def test_a_slow_link_is_a_second_over_the_limit_when_nobody_says():
    assert link_in(with_link(NO_FAULTS, "r1", Link(LinkState.SLOW)), "r1") == Link(LinkState.SLOW, SLOW_MS)


def test_a_cut_link_hangs_up_on_its_register_at_the_first_word():
    run = FaultRun(with_link(NO_FAULTS, "r1", CUT))
    assert run.applied(Point.BEFORE_PARSE, at("r1")) == (Reset(),)
    assert run.applied(Point.BEFORE_COMMIT, at("r1", "hello")) == (Reset(),)
    assert run.applied(Point.BEFORE_PARSE, at("r2")) == ()
    assert run.applied(Point.BEFORE_PARSE, at("")) == ()


def test_a_slow_link_delays_every_answer():
    run = FaultRun(with_link(NO_FAULTS, "r1", Link(LinkState.SLOW, 5_500)))
    assert run.applied(Point.AFTER_COMMIT, at("r1", "hello")) == (Delay(5_500),)
    assert run.applied(Point.AFTER_COMMIT, at("r1")) == (Delay(5_500),)


def test_an_answer_is_lost_once_and_only_that_of_a_document():
    fault = lost_answer("r1")
    run = FaultRun(NO_FAULTS.with_fault(fault))
    assert run.applied(Point.AFTER_COMMIT, at("r1", "hello")) == ()
    assert run.times_applied(fault, "r1") == 0
    assert run.applied(Point.AFTER_COMMIT, at("r1")) == (LoseAnswer(),)
    assert run.applied(Point.AFTER_COMMIT, at("r1")) == ()
    assert run.times_applied(fault, "r1") == 1
    assert run.times_applied(fault, "r2") == 0
    assert without(run.plan, fault.name) == NO_FAULTS
    assert without(NO_FAULTS, fault.name) == NO_FAULTS


@pytest.mark.parametrize("name", ["a*", "[a]", "what?", "]", "[!x]*" * 10, "*" * REGISTER_ID_MAX])
def test_an_id_that_looks_like_a_pattern_means_itself_only(name):
    run = FaultRun(with_link(NO_FAULTS, name, CUT))
    assert run.applied(Point.BEFORE_COMMIT, at(name)) == (Reset(),)
    for other in ("a", "ab", "what", "whatx", "y"):
        assert other == name or run.applied(Point.BEFORE_COMMIT, at(other)) == ()
    assert "*" not in exactly(name).replace("[*]", "")


def test_a_full_plan_has_no_room():
    full = FaultPlan(
        tuple(Fault(name=f"f{n}", at=Point.AFTER_COMMIT, effects=(LoseAnswer(),)) for n in range(FAULTS_MAX))
    )
    with pytest.raises(InvalidValue, match="at most"):
        with_link(full, "r1", CUT)
