"""What the operator counts, for Prometheus.

The rule: counting is adding to a list; the text, its names and its library come in when somebody asks for it. So a
document pays under a microsecond, and a server that nobody watches never imports the library.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from prometheus_client import Metric

ANSWER_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Bounds of the answer's latency; 5 s is where a register gives up (S3-13), so it is one of them."""
COMMIT_SECONDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
"""Bounds of a commit's duration: from a memory's to a dying disk's."""
COMMIT_SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
"""Bounds of the decisions in one commit, up to the largest batch."""


class Histogram:
    """How many values fell under each bound, and their sum."""

    __slots__ = ("bounds", "counts", "sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float, times: int = 1) -> None:
        """Count a value; one that equals a bound lies under it."""
        self.counts[bisect_left(self.bounds, value)] += times
        self.sum += value * times

    def buckets(self) -> list[tuple[str, float]]:
        """Cumulative counts by bound, as the exposition format wants them."""
        total = 0
        rows = []
        for bound, count in zip((*self.bounds, float("inf")), self.counts, strict=True):
            total += count
            rows.append(("+Inf" if bound == float("inf") else f"{float(bound)}", float(total)))
        return rows


class PrometheusMetrics:
    """Implements :class:`ofd_server.ports.Metrics`. ``gauges`` are asked for when the text is made."""

    def __init__(self, version: str, gauges: Mapping[str, tuple[str, Callable[[], float]]] | None = None) -> None:
        self.version = version
        self.gauges = dict(gauges or {})
        self.answers: dict[str, int] = {}
        self.answer_seconds = Histogram(ANSWER_SECONDS)
        self.commit_seconds = Histogram(COMMIT_SECONDS)
        self.commit_sizes = Histogram(COMMIT_SIZES)
        self.open_sessions = 0
        self.late_answers = 0
        self.autonomous_documents = 0

    def answered(self, outcome: str, seconds: float, answers: int = 1) -> None:
        """An answer left, or was withheld for good; or so many that came together."""
        self.answers[outcome] = self.answers.get(outcome, 0) + answers
        self.answer_seconds.observe(seconds, answers)

    def committed(self, documents: int, seconds: float) -> None:
        """A batch became durable."""
        self.commit_sizes.observe(documents)
        self.commit_seconds.observe(seconds)

    def late(self) -> None:
        """A commit ended after the answer timeout."""
        self.late_answers += 1

    def autonomous(self) -> None:
        """A document came that was issued without us."""
        self.autonomous_documents += 1

    def sessions(self, change: int) -> None:
        """A session began (1) or ended (-1)."""
        self.open_sessions += change

    def exposition(self) -> tuple[str, bytes]:
        """The text of all figures with its content type, from a registry of our own."""
        from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415 - see the rule above
        from prometheus_client.exposition import CONTENT_TYPE_LATEST  # noqa: PLC0415

        registry = CollectorRegistry()
        registry.register(self)
        return CONTENT_TYPE_LATEST, generate_latest(registry)

    def collect(self) -> Iterator[Metric]:
        """The figures as the library's own values."""
        from prometheus_client.core import (  # noqa: PLC0415 - see the rule above
            CounterMetricFamily,
            GaugeMetricFamily,
            HistogramMetricFamily,
            InfoMetricFamily,
        )

        yield InfoMetricFamily("mock_ofd_build", "The program.", {"version": self.version})
        answers = CounterMetricFamily(
            "mock_ofd_answers", "Answers by outcome; silent is no answer at all.", labels=["outcome"]
        )
        for outcome, count in sorted(self.answers.items()):
            answers.add_metric([outcome], count)
        yield answers
        for name, text, histogram in (
            ("mock_ofd_answer_seconds", "From a request's last byte to its answer.", self.answer_seconds),
            ("mock_ofd_commit_seconds", "Duration of a commit.", self.commit_seconds),
            ("mock_ofd_commit_decisions", "Decisions in a commit.", self.commit_sizes),
        ):
            family = HistogramMetricFamily(name, text)
            family.add_metric([], histogram.buckets(), histogram.sum)
            yield family
        yield CounterMetricFamily(
            "mock_ofd_late_answers", "Commits that ended after the answer timeout.", self.late_answers
        )
        text = "New documents that were issued without the operator."
        yield CounterMetricFamily("mock_ofd_autonomous_documents", text, self.autonomous_documents)
        yield GaugeMetricFamily("mock_ofd_open_sessions", "Conversations with registers.", self.open_sessions)
        for name, (text, read) in sorted(self.gauges.items()):
            yield GaugeMetricFamily(name, text, read())
