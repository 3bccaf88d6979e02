"""``--fail-if``: what is read, what is refused and with which words, and what a run fails by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_ofd.load.report import Report
from mock_ofd.load.thresholds import (
    DIGITS_MAX,
    METRICS,
    OPERATORS,
    TEXT_MAX,
    UNITS,
    Dimension,
    ThresholdError,
    judged,
    parse,
)
from tests.mock_ofd.load.books import NOTHING, faulty, foreign, report, storm

TIMES = {"p50": 42.0, "p90": 80.0, "p99": 190.0, "p999": 420.0, "max": 1_000.0}


@pytest.fixture(scope="module")
def known():
    """A report of round figures."""
    made = report(storm(late=3, documents_per_s=8_000.0, drain_s=12.5, queue_peak=1_900, put_off=300, connects=1_017))
    times = made.latency_ms.model_copy(update=TIMES)
    return made.model_copy(update={"latency_ms": times})


@pytest.mark.parametrize(
    ("expression", "exceeded"),
    [
        ("p99>1s", False),
        ("p99>=190ms", True),
        ("p99>190ms", False),
        ("p99>189999us", True),
        ("latency.p99 > 0.1 s", True),
        ("latency_ms.p99<0.19s", False),
        ("latency_ms.p99<=0.19s", True),
        ("max==1s", True),
        ("max!=1s", False),
        ("max<1min", True),
        ("drain>12.4s", True),
        ("drain>12500ms", False),
        ("drain_s>0.2min", True),
        ("drain>0.3min", False),
        ("late>0", True),
        ("late>2%", False),
        ("late>=0.003%", True),
        ("late>0.003%", False),
        ("lost>0", False),
        ("lost!=0%", False),
        ("acknowledged<100%", False),
        ("undelivered>0", False),
        ("sent<100000", False),
        ("planned==100000", True),
        ("registers!=1000", False),
        ("rate<8000", False),
        ("rate<=8000", True),
        ("documents_per_s<8000.5", True),
        ("queue>1899", True),
        ("put_off>300", False),
        ("connects>1000", True),
        ("errors>=3", True),
        ("faulty>0", False),
        ("cpu>9.5s", True),
        ("server.cpu_s>9510ms", False),
        ("rss>0.2GB", True),
        ("rss>212500KB", False),
        ("rss>212MB", True),
        ("ratio<0.45", True),
        ("ratio<41%", False),
        ("reference.ratio<=41%", True),
        ("echo<50000", False),
        ("delay.p50>0", True),
        ("wait.max<0", False),
        ("  p99>1s  ", False),
    ],
)
def test_what_a_run_fails_by(known, expression, exceeded):
    (found,) = judged(known, [parse(expression)]).thresholds
    assert found.expression == expression
    assert found.exceeded is exceeded, found


def test_a_part_of_the_registers():
    made = report(faulty(20))
    assert parse("faulty>=2%").judge(made).exceeded
    assert not parse("faulty>2%").judge(made).exceeded


@pytest.mark.parametrize("expression", ["rss>1GB", "ratio<0", "lost>0", "queue>1", "wait.p50>1s"])
def test_what_was_not_measured_fails(expression):
    found = parse(expression).judge(report(foreign(wait_ms=NOTHING)))
    assert (found.measured, found.exceeded) == (None, True)


def test_several_are_judged_in_their_order(known):
    expressions = ["late>0", "p99>1s", "late>0"]
    found = judged(known, map(parse, expressions)).thresholds
    assert [each.expression for each in found] == expressions
    assert [each.exceeded for each in found] == [True, False, True]


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("", "is not METRIC OPERATOR VALUE[UNIT]"),
        ("p99", "is not METRIC OPERATOR VALUE[UNIT]"),
        ("p99>", "is not METRIC"),
        ("p99>-1s", "is not METRIC"),
        ("p99>1s and late>0", "is not METRIC"),
        ("1s<p99", "is not METRIC"),
        ("p99>1e3s", "is not METRIC"),
        ("p99>nan", "is not METRIC"),
        ("p99>1,5s", "is not METRIC"),
        ("p99>١s", "is not METRIC"),
        ("p95>1s", "there is no metric 'p95'; metrics: lost, doubled"),
        ("latency_ms>1s", "there is no metric 'latency_ms'"),
        ("p99=1s", "there is no operator '='; operators: != < <= == > >="),
        ("p99=>1s", "there is no operator '=>'"),
        ("p99<>1s", "there is no operator '<>'"),
        ("p99>1", "p99 is a time and needs a unit; units: us, ms, s, min"),
        ("p99>1S", "p99 is a time and has no unit 'S'"),
        ("p99>0%", "p99 is a time and has no unit '%'"),
        ("drain>5", "drain is a time of seconds and needs a unit"),
        ("rss>500", "rss is an amount of memory and needs a unit; units: KB, MB, GB"),
        ("rss>500MiB", "has no unit 'MiB'"),
        ("late>5ms", "late is a number of documents and has no unit 'ms'; units: none, %"),
        ("rate<5%", "rate is a number per second and has no unit '%'; units: none"),
        ("queue>1%", "queue is a number and has no unit '%'"),
        ("p99>1234567890123456s", f"more than {DIGITS_MAX} digits"),
        ("p99>0.1234567890123456s", f"more than {DIGITS_MAX} digits"),
        ("p99>1s" + " " * TEXT_MAX, f"is longer than {TEXT_MAX} characters"),
    ],
)
def test_what_is_refused_and_how(expression, words):
    with pytest.raises(ThresholdError) as error:
        parse(expression)
    assert words in str(error.value)
    assert error.value.expression == expression
    assert str(error.value).startswith("--fail-if ")
    assert len(str(error.value)) < 1_000


def test_whoever_names_no_metric_is_told_all():
    with pytest.raises(ThresholdError) as error:
        parse("slow>1s")
    assert all(name in error.value.rule for name in METRICS)


def test_every_number_of_the_report_has_a_metric():
    keys = {metric.key for metric in METRICS.values()}
    plain = {
        name
        for name, field in Report.model_fields.items()
        if field.annotation in (int, float, int | None, float | None)
    }
    assert plain <= keys
    inner = {f"{part}.{name}" for part in ("server", "reference") for name in getattr(report(), part).model_dump()}
    times = {f"{name}.{point}" for name in ("latency_ms", "delay_ms", "wait_ms") for point in TIMES}
    assert inner | times <= keys


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_has_its_figure(name, known):
    assert METRICS[name].of(known) is not None


expressions = st.sampled_from(sorted(METRICS)).flatmap(
    lambda name: st.tuples(
        st.just(name),
        st.sampled_from(sorted(OPERATORS)),
        st.decimals(0, 10**9, places=3),
        st.sampled_from(sorted(UNITS[METRICS[name].dimension])),
        st.sampled_from(["", " ", "  "]),
    )
)


@given(expressions)
def test_every_sensible_expression_is_read_and_means_what_it_says(parts):
    name, operator, value, unit, space = parts
    found = parse(f"{name}{space}{operator}{space}{value}{space}{unit}")
    assert (found.metric, found.operator) == (METRICS[name], operator)
    per = {"us": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "KB": 1e-3, "MB": 1, "GB": 1e3, "": 1, "%": 0.01}[unit]
    own = 1e-3 if found.metric.dimension is Dimension.TIME else 1
    assert found.value == pytest.approx(float(value) * per / own)
    assert found.is_part is (unit == "%" and name != "ratio")


@given(st.text(max_size=TEXT_MAX + 10) | st.from_regex(r"[a-z_.]{1,8} ?[<>=!]{1,3} ?[0-9.]{1,5} ?[a-zA-Z%]{0,3}"))
def test_nothing_else_comes_out_of_reading(text):
    try:
        found = parse(text)
    except ThresholdError:
        return
    assert found.expression == text


@given(expressions)
def test_of_an_operator_and_its_contrary_one_holds(parts):
    name, operator, value, unit, _ = parts
    contrary = {">": "<=", "<": ">=", "==": "!=", ">=": "<", "<=": ">", "!=": "=="}[operator]
    made = report()
    found = [parse(f"{name}{each}{value}{unit}").judge(made).exceeded for each in (operator, contrary)]
    assert sorted(found) == [False, True]
