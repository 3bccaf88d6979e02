"""What is drawn of a run: which plots there are, and what a point of several seconds stands for."""

import pytest

from mock_ofd.load.charts import POINTS_MAX, Drawing, every, limit_of, moments, told
from mock_ofd.load.plots import Line
from mock_ofd.load.words import Tongue
from tests.mock_ofd.load.books import NOTHING, comparison, foreign, report, storm

ENGLISH = Tongue("en")
OF_RUN = ["backlog", "answers", "latency", "parts", "connects", "queue"]


def plots(made):
    return {plot.name: plot for plot in Drawing(ENGLISH).of_run(made)}


def test_the_plots_of_a_run():
    assert list(plots(report())) == OF_RUN


def test_of_a_foreign_operator_no_queue_is_seen():
    assert list(plots(report(foreign()))) == OF_RUN[:-1]


def test_of_a_run_that_was_stopped_before_its_first_second_nothing_is_drawn():
    nothing = storm(latency_ms=NOTHING, delay_ms=NOTHING, wait_ms=NOTHING, ticks=(), complete=False)
    assert plots(report(nothing)) == {}
    assert list(plots(report(storm(ticks=())))) == ["parts"]


def test_the_values_are_those_of_the_seconds():
    made = report()
    drawn = plots(made)
    assert drawn["backlog"].lines[0].values == [tick.backlog for tick in made.ticks]
    assert drawn["connects"].lines[1].values == [tick.put_off for tick in made.ticks]
    assert drawn["latency"].lines[1].values == [tick.latency_ms.p99 for tick in made.ticks]
    assert drawn["parts"].lines[2].values == list(made.wait_ms.model_dump(exclude={"count"}).values())
    assert drawn["latency"].limit == 5_000
    assert drawn["parts"].limit is None


def test_a_second_without_answers_is_a_gap():
    made = storm(ticks=tuple(tick for tick in storm().ticks[:1]))
    empty = made.ticks[0].__class__(
        at_s=1, backlog=5, acknowledged=0, connects=0, put_off=0, connected=0, queued=None, latency=NOTHING
    )
    drawn = plots(report(storm(ticks=(*made.ticks, empty))))
    assert drawn["latency"].lines[0].values[1] is None
    assert drawn["queue"].lines[0].values[1] is None
    assert drawn["answers"].lines[0].values[1] == 0


@pytest.mark.parametrize(
    ("seconds", "each"), [(1, 1), (POINTS_MAX, 1), (POINTS_MAX + 1, 2), (2 * POINTS_MAX + 1, 3), (0, 1)]
)
def test_long_runs_have_points_of_several_seconds(seconds, each):
    ticks = report(storm(seconds=max(1, seconds))).ticks[:seconds]
    assert every(ticks) == each
    assert len(moments(ticks, each)) <= POINTS_MAX


def test_no_peak_is_smoothed_away():
    ticks = report(storm(seconds=10)).ticks
    found = moments(ticks, 5)
    assert [point.at_s for point in found] == [0, 5]
    assert found[0].backlog == ticks[4].backlog
    assert found[0].queued == max(tick.queued or 0 for tick in ticks[:5])
    assert found[0].p99 == max(tick.latency_ms.p99 or 0.0 for tick in ticks[:5])
    assert found[0].answers == sum(tick.acknowledged for tick in ticks[:5]) / 5


def test_several_runs_side_by_side():
    compared = comparison()
    drawn = {plot.name: plot for plot in Drawing(ENGLISH).of_runs(list(compared.runs.items()))}
    assert list(drawn) == ["backlog", "queue", "answers", "connects", "latency", "waits"]
    assert [line.name for line in drawn["backlog"].lines] == ["none", "full", "paced"]
    assert {len(line.values) for line in drawn["backlog"].lines} == {18}, "the longest has all its seconds"
    assert drawn["backlog"].lines[2].values[12:] == [None] * 6, "the others are over"


def test_several_runs_of_which_nothing_is_known():
    nothing = report(storm(ticks=(), wait_ms=NOTHING))
    assert list(Drawing(ENGLISH).of_runs([("none", nothing)])) == []
    assert list(Drawing(ENGLISH).of_runs([])) == []
    made = report(foreign(wait_ms=NOTHING))
    unseen = made.model_copy(update={"ticks": [tick.model_copy(update={"queued": None}) for tick in made.ticks]})
    assert [plot.name for plot in Drawing(ENGLISH).of_runs([("full", unseen)])] == [
        "backlog",
        "answers",
        "connects",
        "latency",
    ]


def test_in_words():
    lines = [Line("backlog", [10, 70, None, 3]), Line("queue", [None, None])]
    assert told(ENGLISH, lines, str) == "backlog: at most 70, at the end 3; queue: not measured."


@pytest.mark.parametrize(
    ("scenario", "limit"), [({"answer_limit_s": 2.5}, 2_500), ({}, None), ({"answer_limit_s": "x"}, None)]
)
def test_the_limit_is_that_of_the_scenario(scenario, limit):
    assert limit_of(report(storm(scenario=scenario))) == limit


def test_numbers_of_rates():
    (_, answers, *_) = Drawing(ENGLISH).of_run(report())
    assert [answers.number(value) for value in (0, 1.5, 12.0, 8_990.25)] == ["0", "1.5", "12", "8,990.2"]
