"""``--fail-if 'p99>1s'``: what makes a run fail, besides its verdict. Pure.

The rule: ``METRIC OPERATOR VALUE[UNIT]``, one comparison. A time needs a unit, a figure that was not measured fails (a gate
that nobody can pass is noticed, one that everybody passes is not), and whatever is wrong is told with what there is.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from fiscal.errors import ConfigurationError
from mock_ofd.load.report import Judged, Report
from mock_ofd.load.words import Tongue

TEXT_MAX: Final = 100
"""Characters of an expression: the longest sensible one has thirty."""
DIGITS_MAX: Final = 15
"""Digits of a value before and behind its point: as many as a double tells apart."""


class Dimension(StrEnum):
    """What a figure is of; its units are those of :data:`UNITS`."""

    TIME = "a time"
    SECONDS = "a time of seconds"
    MEMORY = "an amount of memory"
    DOCUMENTS = "a number of documents"
    REGISTERS = "a number of registers"
    NUMBER = "a number"
    RATE = "a number per second"
    SHARE = "a ratio"


_TIMES: Final = {"us": "0.001", "ms": "1", "s": "1000", "min": "60000"}
_LONG: Final = {"us": "0.000001", "ms": "0.001", "s": "1", "min": "60"}
_PART: Final = {"": "1", "%": "0.01"}
UNITS: Final[Mapping[Dimension, Mapping[str, str]]] = {
    Dimension.TIME: _TIMES,
    Dimension.SECONDS: _LONG,
    Dimension.MEMORY: {"KB": "0.001", "MB": "1", "GB": "1000"},
    Dimension.DOCUMENTS: _PART,
    Dimension.REGISTERS: _PART,
    Dimension.NUMBER: {"": "1"},
    Dimension.RATE: {"": "1"},
    Dimension.SHARE: _PART,
}
"""The units of each dimension, and how many of the report's own unit one of them is.

Of documents a per cent is one of a hundred planned, of registers one of a hundred in the fleet.
"""
OPERATORS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure of the report: where it stands there, and what it is of."""

    key: str
    dimension: Dimension
    text: str

    def of(self, report: Report) -> float | None:
        """The figure, in the unit of its key; ``None`` when it was not measured."""
        return _FIGURES[self.key](report) if self.key in _FIGURES else _looked_up(report, self.key)


_FIGURES: Final[Mapping[str, Callable[[Report], float]]] = {
    "undelivered": lambda report: report.documents_planned - report.documents_acknowledged,
    "faulty": lambda report: len(report.faulty),
    "errors": lambda report: sum(report.errors.values()),
}
"""Figures that the report holds as more than a number."""


def _looked_up(report: Report, key: str) -> float | None:
    found: object = report
    for name in key.split("."):
        if found is None:
            return None
        found = getattr(found, name)
    assert found is None or isinstance(found, int | float), key
    return found


_SPREADS: Final = {"": "latency_ms", "latency.": "latency_ms", "delay.": "delay_ms", "wait.": "wait_ms"}
_MEANINGS: Final = {
    "latency_ms": "time of an answer",
    "delay_ms": "delay of a document",
    "wait_ms": "wait of a register",
}
_POINTS: Final = {"p50": "half", "p90": "90 %", "p99": "99 %", "p999": "99.9 %", "max": "all"}


def _spreads() -> Iterable[tuple[str, Metric]]:
    for short, key in _SPREADS.items():
        for point, part in _POINTS.items():
            text = f"{_MEANINGS[key]}, {part} were at most as long"
            yield f"{short}{point}", Metric(f"{key}.{point}", Dimension.TIME, text)


METRICS: Final[Mapping[str, Metric]] = {
    "lost": Metric("lost", Dimension.DOCUMENTS, "documents that were acknowledged and are not in the ledger"),
    "doubled": Metric("doubled", Dimension.DOCUMENTS, "documents more than once in the ledger"),
    "out_of_order": Metric("out_of_order", Dimension.DOCUMENTS, "documents before one that was issued earlier"),
    "late": Metric("late", Dimension.DOCUMENTS, "documents answered after the answer limit"),
    "undelivered": Metric("undelivered", Dimension.DOCUMENTS, "documents planned and not acknowledged"),
    "planned": Metric("documents_planned", Dimension.DOCUMENTS, "documents that there were to deliver"),
    "sent": Metric("documents_sent", Dimension.DOCUMENTS, "documents that left their register"),
    "acknowledged": Metric("documents_acknowledged", Dimension.DOCUMENTS, "documents that were answered"),
    "registers": Metric("registers", Dimension.NUMBER, "registers of the fleet"),
    "faulty": Metric("faulty", Dimension.REGISTERS, "registers with which something is wrong"),
    "errors": Metric("errors", Dimension.NUMBER, "what went wrong on the way and was tried again"),
    "drain": Metric("drain_s", Dimension.SECONDS, "link restored to last answer"),
    "rate": Metric("documents_per_s", Dimension.RATE, "documents acknowledged per second"),
    **dict(_spreads()),
    "queue": Metric("queue_peak", Dimension.NUMBER, "most documents ahead of the operator's commit"),
    "connects": Metric("connects", Dimension.NUMBER, "connections that registers opened"),
    "put_off": Metric("put_off", Dimension.NUMBER, 'answers "come back in N ms"'),
    "cpu": Metric("server.cpu_s", Dimension.SECONDS, "processor time of the operator"),
    "rss": Metric("server.rss_max_mb", Dimension.MEMORY, "most memory of the operator"),
    "echo": Metric("reference.echo_per_s", Dimension.RATE, "messages per second of the bare echo"),
    "ratio": Metric("reference.ratio", Dimension.SHARE, "our rate over that of the bare echo"),
}
"""Every figure that a run can fail by, under its short name; its key in the report is a name for it as well."""
_BY_KEY: Final = {metric.key: metric for metric in METRICS.values()}

_EXPRESSION: Final = re.compile(
    r"\s*(?P<metric>[A-Za-z_][\w.]*)\s*(?P<operator>[<>=!]+)\s*"
    r"(?P<value>[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>[A-Za-z%]*)\s*",
    re.ASCII,
)


class ThresholdError(ConfigurationError):
    """An expression that cannot be judged; the text says what is wrong and what there is."""

    def __init__(self, expression: str, rule: str) -> None:
        shown = expression if len(expression) <= TEXT_MAX else expression[: TEXT_MAX - 1] + "…"
        super().__init__(f"--fail-if {shown!r}: {rule}")
        self.expression = expression
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Threshold:
    """One comparison; ``value`` is in the unit of the metric's key unless it is a part (0.01 is a per cent) of a whole."""

    metric: Metric
    operator: str
    value: float
    is_part: bool
    expression: str

    def judge(self, report: Report) -> Judged:
        """Whether the run fails by this; it does when there is nothing to judge."""
        measured = self.metric.of(report)
        exceeded = measured is None or OPERATORS[self.operator](measured, self._bound(report))
        return Judged(expression=self.expression, measured=measured, exceeded=exceeded)

    def _bound(self, report: Report) -> float:
        if not self.is_part:
            return self.value
        return self.value * (
            report.registers if self.metric.dimension is Dimension.REGISTERS else report.documents_planned
        )


def parse(expression: str) -> Threshold:
    """Read one expression; :class:`ThresholdError` says what is wrong with it."""
    if len(expression) > TEXT_MAX:
        raise ThresholdError(expression, f"is longer than {TEXT_MAX} characters")
    found = _EXPRESSION.fullmatch(expression)
    if found is None:
        raise ThresholdError(
            expression, f"is not METRIC OPERATOR VALUE[UNIT], as in 'p99>1s'; metrics: {', '.join(METRICS)}"
        )
    metric = METRICS.get(found["metric"]) or _BY_KEY.get(found["metric"])
    if metric is None:
        raise ThresholdError(expression, f"there is no metric {found['metric']!r}; metrics: {', '.join(METRICS)}")
    if found["operator"] not in OPERATORS:
        raise ThresholdError(
            expression, f"there is no operator {found['operator']!r}; operators: {' '.join(sorted(OPERATORS))}"
        )
    if any(len(digits) > DIGITS_MAX for digits in found["value"].split(".")):
        raise ThresholdError(expression, f"the value has more than {DIGITS_MAX} digits before or behind its point")
    value, unit = Decimal(found["value"]), found["unit"]
    units = UNITS[metric.dimension]
    if unit not in units and (unit or value):  # nothing is nothing in every unit
        raise ThresholdError(expression, _wrong_unit(found["metric"], metric.dimension, unit))
    is_part = unit == "%" and metric.dimension is not Dimension.SHARE
    return Threshold(metric, found["operator"], float(value * Decimal(units.get(unit, "1"))), is_part, expression)


def _wrong_unit(name: str, dimension: Dimension, unit: str) -> str:
    units = [each or "none" for each in UNITS[dimension]]
    wrong = f"has no unit {unit!r}" if unit else "needs a unit"
    return f"{name} is {dimension} and {wrong}; units: {', '.join(units)}"


def judged(report: Report, thresholds: Iterable[Threshold]) -> Report:
    """The report with what came of these thresholds."""
    return report.model_copy(update={"thresholds": [each.judge(report) for each in thresholds]})


def measured(judged: Judged, tongue: Tongue) -> str:
    """The figure that a threshold was judged by, with its unit."""
    if judged.measured is None:
        return tongue.text("not measured")
    match parse(judged.expression).metric.dimension:
        case Dimension.TIME:
            return tongue.ms(judged.measured)
        case Dimension.SECONDS:
            return tongue.seconds(judged.measured)
        case Dimension.MEMORY:
            return tongue.mb(judged.measured)
        case Dimension.SHARE:
            return tongue.number(judged.measured, 3)
        case _:
            return tongue.number(judged.measured)
