"""What is told while a run goes on, and of its end."""

import io

import pytest

from mock_ofd.load.html import sentence
from mock_ofd.load.result import Phase, Progress
from mock_ofd.load.telling import (
    FAULTY_MAX,
    HISTORY,
    PLAIN_EVERY_S,
    Gauge,
    Teller,
    duration,
    line,
    tell_comparison,
    tell_report,
)
from mock_ofd.load.thresholds import judged, parse
from mock_ofd.load.words import Tongue
from tests.mock_ofd.load.books import NOTHING, comparison, faulty, foreign, report, storm

STORM = storm()


def progress(tick=None, phase=Phase.STORM, done=10, of=100, latency=STORM.latency_ms):
    return Progress(phase=phase, done=done, of=of, tick=tick, latency=latency)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def gauged(*told):
    gauge = Gauge()
    for each in told:
        gauge.take(each)
    return gauge


def test_the_rate_is_that_of_the_last_seconds():
    ticks = storm(seconds=HISTORY + 5).ticks
    gauge = gauged(*map(progress, ticks))
    assert gauge.rate == pytest.approx(sum(tick.acknowledged for tick in ticks[-HISTORY:]) / HISTORY)
    assert gauged(*map(progress, ticks[:3])).rate == pytest.approx(sum(tick.acknowledged for tick in ticks[:3]) / 3)


def test_how_long_it_will_take():
    first = STORM.ticks[0]
    gauge = gauged(progress(first))
    assert gauge.left_s == pytest.approx(first.backlog / first.acknowledged)


@pytest.mark.parametrize(
    "told",
    [
        [],
        [progress()],
        [progress(phase=Phase.PREPARING)],
        [progress(STORM.ticks[0], phase=Phase.STEADY)],
        [progress(STORM.ticks[0], phase=Phase.JUDGING)],
    ],
)
def test_where_nobody_knows_how_long(told):
    assert gauged(*told).left_s is None


def test_how_long_it_takes_when_nothing_goes_on():
    stuck = STORM.ticks[0].__class__(
        at_s=0, backlog=10, acknowledged=0, connects=0, put_off=0, connected=0, queued=None, latency=NOTHING
    )
    gauge = gauged(progress(stuck, latency=NOTHING))
    assert gauge.left_s is None
    told = line(gauge)
    assert "ahead of the commit" not in told
    assert "p99" not in told


@pytest.mark.parametrize(("done", "of", "part"), [(0, 100, 0.0), (50, 100, 0.5), (120, 100, 1.0), (7, 0, None)])
def test_how_much_is_done(done, of, part):
    assert gauged(progress(done=done, of=of)).part == part


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.2, "0 s"), (59.4, "59 s"), (59.6, "1:00 min"), (185, "3:05 min"), (7_260, "121:00 min")]
)
def test_a_duration(seconds, told):
    assert duration(seconds) == told


@pytest.mark.parametrize("phase", Phase)
def test_every_phase_has_its_words(phase):
    told = line(gauged(progress(phase=phase, done=1, of=4)))
    assert told.endswith(" 25%")
    assert phase.name not in told


def test_one_line_says_all():
    told = line(gauged(progress(STORM.ticks[0])), "paced")
    tick = STORM.ticks[0]
    assert told.startswith(
        f"paced: the storm 10%, backlog {tick.backlog:,}, answers/s {tick.acknowledged:,}, connected "
    )
    for word in ("connects/s", "put off/s", "ahead of the commit", "p50", "p99", "slowest", "left"):
        assert f", {word} " in told


def test_a_log_gets_a_line_every_few_seconds_and_one_for_each_phase():
    stream, now = io.StringIO(), [0.0]
    with Teller(stream, lambda: now[0]) as tell:
        tell(progress(phase=Phase.PREPARING, done=0))
        tell(progress(phase=Phase.PREPARING, done=90))
        for second, tick in enumerate(STORM.ticks):
            now[0] = float(second)
            tell(progress(tick))
    told = stream.getvalue().splitlines()
    assert [each.partition(",")[0] for each in told] == ["making documents 0%", *["the storm 10%"] * 3]
    assert len(STORM.ticks) == 12
    assert PLAIN_EVERY_S == 5.0
    assert "\x1b" not in stream.getvalue()


def test_a_terminal_gets_a_picture_that_goes_away(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Terminal()
    with Teller(stream, lambda: 0.0, "full") as tell:
        tell(progress(phase=Phase.PREPARING, of=0))
        for tick in STORM.ticks:
            tell(progress(tick))
    told = stream.getvalue()
    assert "full: making documents" in told
    assert "full: the storm 10%" in told
    assert "backlog" in told
    assert told.endswith("\x1b[1A\x1b[2K") or "\x1b[2K" in told.rpartition("backlog")[2]


# ------------------------------------------------------------------------------------------------------ the outcome


def told_of(made):
    stream = io.StringIO()
    tell_report(made, stream, sentence(made, Tongue()))
    return stream.getvalue()


def test_the_figures_of_a_run():
    told = told_of(report())
    for fact in (
        "registers                  1,000\n",
        "acknowledged               100,000\n",
        "drained in                 11.8 s\n",
        "operator                   9.51 s of processor time, 212 MB of memory\n",
        "load itself                2.35 s of processor time\n",
        "bare echo                  52,000 messages per second, of which this is 0.410\n",
        "* tried again 3 times: the connection broke\n",
    ):
        assert fact in told
    assert "latency                    p50 " in told
    assert told.split("* ")[-1].count("✔ proven: 100,000 documents of 1,000 registers") == 1


def test_what_was_not_measured():
    told = told_of(report(foreign(wait_ms=NOTHING)))
    assert "lost                       –\n" in told
    assert "wait                       p50 –, p90 –" in told
    assert "operator " not in told.replace("operator's", "")
    assert "bare echo" not in told
    assert "✔ delivered:" in told


def test_registers_with_a_fault_are_named():
    told = told_of(report(faulty(FAULTY_MAX + 2)))
    assert "! load-00000: document 1 was acknowledged and is <not> in the ledger" in told
    assert f"load-{FAULTY_MAX:05d}" not in told
    assert "! and 2 more registers" in told
    assert "✘ failed: Wrong with" in told


def test_thresholds_are_told():
    told = told_of(judged(report(foreign()), [parse("p99>1s"), parse("late<1"), parse("ratio<1")]))
    assert "✔ not p99>1s: 193 ms\n" in told
    assert "✘ late<1: 0\n" in told
    assert "✘ ratio<1: not measured\n" in told


def test_policies_side_by_side():
    stream = io.StringIO()
    compared = comparison()
    runs = {name: judged(made, [parse("late>0")]) for name, made in compared.runs.items()}
    tell_comparison(compared.model_copy(update={"runs": runs}), stream)
    told = [" ".join(each.split()) for each in stream.getvalue().splitlines()]
    assert told[0] == "policy none full paced"
    assert "queue ahead of the commit 91,000 24,000 1,900" in told
    assert "late 4,312 0 0" in told
    assert "verdict ✘ failed ✔ proven ✔ proven" in told
    assert told[-3:] == ["✘ none: late>0: 4,312", "✔ full: not late>0: 0", "✔ paced: not late>0: 0"]
