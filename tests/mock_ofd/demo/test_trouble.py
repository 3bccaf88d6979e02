from datetime import time

import pytest

from fiscal.faults.effects import Delay, Point, Reset
from fiscal.faults.plan import Situation
from fiscal.faults.run import Applied
from mock_ofd.demo.script import TakeReport, Trade, shop_day
from mock_ofd.demo.shop import DAY, ZONE_NAME
from mock_ofd.demo.trouble import (
    AT,
    CLOSES_AT,
    CUT,
    CUTS,
    HELD,
    KILLED,
    LATE,
    LOST,
    OPENS_AT,
    ToldFaults,
    at,
    cut_at,
    plan,
    register_id,
    told,
)

NOON = at(time(12))


def asked(register, command="document", now=NOON):
    return Situation(register_id(register), "native", command, now)


def documents_of(register):
    return [step for step in shop_day() if step.register == register and step.do != "x"]


def test_the_shop_is_open_while_anything_happens_in_it():
    moments = [step.instant(DAY, ZONE_NAME) for step in shop_day()]
    assert min(moments) >= OPENS_AT
    assert max(moments) <= CLOSES_AT


@pytest.mark.parametrize("name", [LATE, LOST, HELD])
def test_an_answer_goes_wrong_once_to_a_receipt_of_the_morning(name):
    register, document = AT[name]
    step = documents_of(register)[document - 1]
    assert isinstance(step, Trade)
    assert time(9, 30) < step.at < time(10, 45)
    told_of: list[Applied] = []
    run = ToldFaults(plan(), told_of.append)
    for number in range(1, document):
        assert run.applied(Point.AFTER_COMMIT, asked(register)) == (), number
    assert run.applied(Point.AFTER_COMMIT, asked(register))
    assert run.applied(Point.AFTER_COMMIT, asked(register)) == ()
    assert [told(applied) for applied in told_of] == [told(told_of[0])]
    assert f"register {register}" in (told(told_of[0]) or "")


def test_the_late_answer_is_late_by_the_limit_of_the_operator():
    run = ToldFaults(plan(), lambda applied: None)
    register, document = AT[LATE]
    effects = [run.applied(Point.AFTER_COMMIT, asked(register)) for _ in range(document)]
    assert effects[-1] == (Delay(5_150),)


def test_the_three_registers_are_three_and_only_one_is_killed():
    assert len({register for register, _ in AT.values()}) == 3
    assert AT[HELD][0] == KILLED


@pytest.mark.parametrize("cut", CUTS)
def test_a_cut_hangs_up_on_everybody(cut):
    run = ToldFaults(plan(), lambda applied: None)
    for point in (Point.ON_CONNECT, Point.BEFORE_PARSE):
        assert run.applied(point, asked(1, "", at(cut.since) - 1)) == ()
        assert run.applied(point, asked(1, "", at(cut.since))) == (Reset(),)
        assert run.applied(point, asked(5, "", at(cut.until) - 1)) == (Reset(),)
        assert run.applied(point, asked(1, "", at(cut.until))) == ()


def test_the_little_faults_of_a_cut_are_no_news():
    found: list[Applied] = []
    ToldFaults(plan(), found.append).applied(Point.ON_CONNECT, asked(1, "", at(CUTS[0].since)))
    assert found[0].fault.name.startswith(CUT)
    assert told(found[0]) is None


def test_which_cut_lasts():
    assert cut_at(NOON) is None
    assert cut_at(at(CUTS[0].since)) == CUTS[0]
    assert cut_at(at(CUTS[0].until)) is None
    assert cut_at(at(CUTS[1].until) - 1) == CUTS[1]


def test_every_register_trades_during_a_cut_and_a_shift_ends_in_each():
    for cut in CUTS:
        inside = [step for step in shop_day() if cut.since < step.at < cut.until]
        assert {step.register for step in inside if isinstance(step, Trade)} == {1, 2, 3, 4, 5}
        assert any(isinstance(step, TakeReport) and step.do == "z" for step in inside)
