"""Signs, periods and the limit of three days."""

from typing import Any

import pytest

from fiscal.domain.lifecycle import AutonomousReason, BlockReason
from fiscal.domain.signs import AUTONOMOUS_EPOCH_MS
from fiscal.time import HOUR, SECOND
from kkt_client.core import records
from kkt_client.core.autonomous import block_if_too_long, is_too_long, lose_channel, make_autonomous
from kkt_client.core.basket import CashIn, Closing
from kkt_client.core.issuing import issue
from tests.documents import T0
from tests.kkt_client.core.till import BREAD, CASHIER, NATIVE, Till
from tests.kkt_client.shop import PROFILE

LIMIT = 72 * HOUR
LATE, UNPAID = AutonomousReason.LATE_ANSWER, AutonomousReason.UNPAID


def names(made):
    return [type(record).__name__ for record in made]


@pytest.mark.requirement("S3-16", "S3-17")
def test_signs_follow_the_clock_and_rise_when_it_stands():
    till = Till()
    signs = [till.issue_alone().autonomous_sign]
    till.now -= 1_000  # the clock stands: the next document is of the same second
    signs.append(till.issue_alone().autonomous_sign)
    till.now -= 10_000
    signs.append(till.issue_alone().autonomous_sign)
    till.now += 100_000
    signs.append(till.issue_alone().autonomous_sign)

    first = (T0 + SECOND - AUTONOMOUS_EPOCH_MS) // SECOND
    assert signs == [first, first + 1, first + 2, (till.now - AUTONOMOUS_EPOCH_MS) // SECOND]


def test_only_receipts_and_corrections_have_a_sign():
    till = Till()

    assert till.issue_alone().autonomous_sign is not None
    assert till.issue_alone(CashIn(sum=1)).autonomous_sign is None
    assert till.issue_alone(Closing()).autonomous_sign is None


def test_the_document_in_doubt_goes_first_and_both_get_signs_in_one_commit():
    till = Till()
    doubtful = till.issue()
    draft = issue(till.state, BREAD, CASHIER, till.now + 5_000, till.now.to_bytes(16, "big"), PROFILE, NATIVE)

    made: Any = make_autonomous(till.state, LATE, till.now + 5_000, [draft])

    assert names(made) == ["PeriodBegan", "MadeAutonomous", "Issued", "MadeAutonomous"]
    began, first, _, second = made
    assert began.at == doubtful.issued_at
    assert (first.number, second.number) == (1, 2)
    assert second.sign == first.sign + 1
    assert {first.period, second.period} == {began.period}


def test_a_lost_channel_makes_the_document_in_doubt_autonomous():
    till = Till()
    till.issue()

    assert names(lose_channel(till.state, LATE, till.now)) == ["PeriodBegan", "MadeAutonomous"]


def test_a_lost_channel_without_a_document_on_its_way_is_nothing():
    till = Till()
    assert lose_channel(till.state, LATE, till.now) == []
    till.issue_alone()
    assert lose_channel(till.state, LATE, till.now) == []


def test_a_refused_document_waits_for_a_person_not_for_the_channel():
    till = Till()
    till.issue()
    till.refuse()

    assert lose_channel(till.state, LATE, till.now) == []


@pytest.mark.requirement("S3-23")
def test_a_channel_that_is_lost_while_the_queue_is_sent_begins_another_period():
    till = Till()
    till.issue_alone()
    till.welcome()

    (began,) = lose_channel(till.state, UNPAID, till.now)

    assert began == records.PeriodBegan(period=2, at=till.now, reason=UNPAID)


@pytest.mark.parametrize(("age", "too_long"), [(LIMIT, False), (LIMIT + 1, True)])
def test_three_days_to_the_millisecond(age, too_long):
    till = Till()
    oldest = till.issue_alone()
    till.issue_alone()
    now = oldest.issued_at + age

    assert is_too_long(till.state, now, LIMIT) is too_long
    made: Any = block_if_too_long(till.state, now, LIMIT)
    assert [record.reason for record in made] == [BlockReason.TOO_LONG_AUTONOMOUS] * too_long
    till.write(made)
    assert block_if_too_long(till.state, now, LIMIT) == []


def test_the_limit_looks_at_what_is_unsent_and_autonomous():
    till = Till()
    till.issue()

    assert not is_too_long(till.state, till.now + 2 * LIMIT, LIMIT)
