"""Seconds of several generators become one, in order; what has ended holds nobody up."""

import pytest

from mock_ofd.load.histogram import Times
from mock_ofd.load.merging import Sums
from mock_ofd.load.result import ServerCost, Tick
from mock_ofd.load.scenario import Scenario
from mock_ofd.load.talk import End, Second
from mock_ofd.load.verdict import Verdict


def encoded(*milliseconds: int) -> str:
    times = Times()
    times.add([value * 1_000 for value in milliseconds])
    return times.encoded()


def second(at_s: int, acknowledged: int) -> Second:
    latency = encoded(*[10] * acknowledged)
    return Second(at_s=at_s, backlog=5, acknowledged=acknowledged, connects=1, put_off=2, connected=3, latency=latency)


def end(**given) -> End:
    usual = {
        "complete": True,
        "sent": 3,
        "acknowledged": 3,
        "connects": 2,
        "put_off": 1,
        "late": 1,
        "first_connect": 100.5,
        "last_answer": 102.0,
        "delay": encoded(1),
        "wait": encoded(2),
        "errors": {"shut": 1},
        "cpu_s": 0.5,
    }
    return End(**{**usual, **given})


def test_a_second_is_told_when_everybody_has_told_it_or_ended():
    ticks: list[Tick] = []
    sums = Sums(2, ticks.append)
    sums.take("a", second(0, 1))
    sums.take("a", second(1, 2))
    assert ticks == []
    sums.take("b", second(0, 3))
    assert [(tick.at_s, tick.acknowledged, tick.backlog, tick.connected) for tick in ticks] == [(0, 4, 10, 6)]
    sums.ended("b")
    assert [(tick.at_s, tick.acknowledged) for tick in ticks] == [(0, 4), (1, 2)]
    assert sums.acknowledged == sums.latency.percentiles().count == 6


def test_a_result_is_the_sum_of_all():
    sums = Sums(2, lambda _tick: None)
    sums.planned, sums.restored = 7, 100.0
    found = sums.result(
        Scenario(),
        [end(), end(acknowledged=4, sent=4, first_connect=101.0, last_answer=104.5, errors={"shut": 2, "other": 1})],
        Verdict(1, 2, 3, ()),
        complete=True,
        has_ledger=True,
        echo=3.5,
        cost=ServerCost(cpu_s=1.0, rss_max_mb=2.0),
    )
    assert (found.documents_planned, found.documents_sent, found.documents_acknowledged) == (7, 7, 7)
    assert (found.lost, found.doubled, found.out_of_order, found.late) == (1, 2, 3, 2)
    assert (found.drain_s, found.documents_per_s) == (4.5, 7 / 4.0)
    assert found.reference is not None
    assert found.reference.ratio == pytest.approx(0.5)
    assert found.errors == {"shut": 3, "other": 1}
    assert found.generator_cpu_s == 1.0
    assert (found.delay_ms.count, found.wait_ms.count) == (2, 2)


def test_what_was_not_measured_is_nothing():
    found = Sums(1, lambda _tick: None).result(
        Scenario(), [], None, complete=False, has_ledger=False, echo=None, cost=None
    )
    assert (found.lost, found.reference, found.server, found.generator_cpu_s) == (None, None, None, None)
    assert (found.documents_acknowledged, found.documents_per_s, found.drain_s) == (0, 0.0, 0.0)
