"""Tells how a run goes on, and what came of it: a live picture on a terminal, plain lines elsewhere.

The rule: what goes on is told on standard error; standard output carries the outcome and nothing else. Whoever reads a log
gets a line every few seconds, not the picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Self, TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from mock_ofd.load.report import Comparison, Report, Verdict
from mock_ofd.load.result import Phase, Progress, Tick
from mock_ofd.load.thresholds import measured
from mock_ofd.load.words import Tongue

PLAIN_EVERY_S: Final = 5.0
"""Between two lines of a log: a storm of a minute has a dozen."""
HISTORY: Final = 10
"""Seconds whose mean rate tells when it will be over: about two turns of a register's back-off."""
BAR_WIDTH: Final = 44
WIDTH: Final = 100
"""Columns where there is no terminal that says how many it has."""
WORD_WIDTH: Final = 26
FAULTY_MAX: Final = 5
"""Registers that the text names; the reports have more."""

_ENGLISH: Final = Tongue("en")
_WORDS: Final = {
    Phase.PREPARING: "making documents",
    Phase.REFERENCE: "measuring the bare echo",
    Phase.OUTAGE: "the link is down",
    Phase.STORM: "the storm",
    Phase.STEADY: "steady load",
    Phase.JUDGING: "comparing both sides",
}


class Gauge:
    """What can be said of a run from what it has told so far. Pure: time comes in as seconds."""

    def __init__(self) -> None:
        self.progress: Progress | None = None
        self._ticks: list[Tick] = []

    def take(self, progress: Progress) -> None:
        """What was told last."""
        self.progress = progress
        if progress.tick is not None:
            self._ticks = [*self._ticks[-(HISTORY - 1) :], progress.tick]

    @property
    def tick(self) -> Tick | None:
        """The last second that was told."""
        return self._ticks[-1] if self._ticks else None

    @property
    def rate(self) -> float:
        """Documents acknowledged per second, the mean of the last seconds."""
        return sum(tick.acknowledged for tick in self._ticks) / len(self._ticks) if self._ticks else 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds until the backlog is drained, at this rate; ``None`` when nobody can say."""
        tick = self.tick
        if tick is None or self.progress is None or self.progress.phase is not Phase.STORM or not self.rate:
            return None
        return tick.backlog / self.rate

    @property
    def part(self) -> float | None:
        """How much of the phase is done, 0 to 1; ``None`` when nobody knows."""
        progress = self.progress
        return None if progress is None or not progress.of else min(1.0, progress.done / progress.of)

    def facts(self) -> Iterator[tuple[str, str]]:
        """The figures of the moment, each with its word."""
        tick = self.tick
        if tick is None or self.progress is None or self.progress.phase not in (Phase.STORM, Phase.STEADY):
            return
        number, ms = _ENGLISH.number, _ENGLISH.ms
        yield "backlog", number(tick.backlog)
        yield "answers/s", number(tick.acknowledged)
        yield "connected", number(tick.connected)
        yield "connects/s", number(tick.connects)
        yield "put off/s", number(tick.put_off)
        if tick.queued is not None:
            yield "ahead of the commit", number(tick.queued)
        so_far = self.progress.latency
        if so_far is not None and so_far.count:
            yield "p50", ms(so_far.p50)
            yield "p99", ms(so_far.p99)
            yield "slowest", ms(so_far.max)
        if self.left_s is not None:
            yield "left", duration(self.left_s)


def duration(seconds: float) -> str:
    """Whole seconds as a person says them: 42 s, 3:05 min."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60}:{whole % 60:02} min"  # noqa: PLR2004 - a minute's seconds


def heading(gauge: Gauge, label: str = "") -> str:
    """The phase in words, with how much of it is done."""
    assert gauge.progress is not None
    word = _WORDS[gauge.progress.phase]
    done = "" if gauge.part is None else f" {gauge.part:.0%}"
    return f"{f'{label}: ' if label else ''}{word}{done}"


def line(gauge: Gauge, label: str = "") -> str:
    """All of it on one line."""
    return ", ".join([heading(gauge, label), *(f"{word} {value}" for word, value in gauge.facts())])


class Teller:
    """Shows a run while it goes on. Use it as a context manager, and hand it to the run as ``tell``.

    ``now`` is a clock in seconds; ``label`` is put before everything (the policy, when several are compared).
    """

    def __init__(self, stream: TextIO, now: Callable[[], float], label: str = "") -> None:
        self._stream = stream
        self._now = now
        self._label = label
        self._gauge = Gauge()
        self._phase: Phase | None = None
        self._told_at = float("-inf")
        is_terminal = stream.isatty()
        self._live = Live(console=Console(file=stream), auto_refresh=False, transient=True) if is_terminal else None

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def __call__(self, progress: Progress) -> None:
        """Show what was told."""
        self._gauge.take(progress)
        if self._live is not None:
            self._live.update(picture(self._gauge, self._label), refresh=True)
            return
        now = self._now()
        if progress.phase is not self._phase or now - self._told_at >= PLAIN_EVERY_S:
            self._phase, self._told_at = progress.phase, now
            self._stream.write(f"{line(self._gauge, self._label)}\n")
            self._stream.flush()


def picture(gauge: Gauge, label: str) -> Group:
    """The phase, a bar, and the figures of the moment."""
    grid = Table.grid(padding=(0, 2))
    for word, value in gauge.facts():
        grid.add_row(Text(word, "dim"), Text(value, "bold", justify="right"))
    part = gauge.part
    bar = ProgressBar(total=1.0, completed=part or 0.0, width=BAR_WIDTH, pulse=part is None)
    return Group(Text(heading(gauge, label), "bold"), bar, grid)


# ------------------------------------------------------------------------------------------------------ the outcome

_MARKS: Final = {
    Verdict.PROVEN: ("✔", "bold green"),
    Verdict.DELIVERED: ("✔", "bold green"),
    Verdict.STOPPED: ("■", "bold yellow"),
    Verdict.FAILED: ("✘", "bold red"),
}


def tell_report(report: Report, stream: TextIO, sentence: str) -> None:
    """Print a run's figures, and the sentence of its verdict last."""
    console = _console(stream)
    for word, value in _figures(report):
        console.print(Text(f"{word:<{WORD_WIDTH}} {value}"), soft_wrap=True)
    for name, count in report.errors.items():
        console.print(Text(f"* tried again {_ENGLISH.number(count)} times: {name}"), soft_wrap=True)
    for each in report.faulty[:FAULTY_MAX]:
        console.print(Text(f"! {each.register_id}: {each.first}", "bold red"), soft_wrap=True)
    if len(report.faulty) > FAULTY_MAX:
        console.print(Text(f"! and {len(report.faulty) - FAULTY_MAX} more registers", "bold red"))
    _tell_thresholds(report, console)
    mark, style = _MARKS[report.verdict]
    console.print(Text(f"{mark} {report.verdict}: {sentence}", style), soft_wrap=True)


def _figures(report: Report) -> Iterator[tuple[str, str]]:
    number, seconds, mb = _ENGLISH.number, _ENGLISH.seconds, _ENGLISH.mb
    yield "registers", number(report.registers)
    yield "documents planned", number(report.documents_planned)
    yield "sent", number(report.documents_sent)
    yield "acknowledged", number(report.documents_acknowledged)
    yield "lost", number(report.lost)
    yield "doubled", number(report.doubled)
    yield "overtaken", number(report.out_of_order)
    yield "late", number(report.late)
    yield "drained in", seconds(report.drain_s)
    yield "documents per second", number(report.documents_per_s)
    yield "latency", _spread(report, "latency_ms")
    yield "delay", _spread(report, "delay_ms")
    yield "wait", _spread(report, "wait_ms")
    yield "queue ahead of the commit", number(report.queue_peak)
    yield "connections", f"{number(report.connects)}, put off {number(report.put_off)} times"
    if report.server is not None:
        yield "operator", f"{seconds(report.server.cpu_s)} of processor time, {mb(report.server.rss_max_mb)} of memory"
    if report.generator is not None:
        yield "load itself", f"{seconds(report.generator.cpu_s)} of processor time"
    if report.reference is not None:
        echo, ratio = report.reference.echo_per_s, report.reference.ratio
        yield "bare echo", f"{number(echo)} messages per second, of which this is {ratio:.3f}"


def tell_comparison(compared: Comparison, stream: TextIO) -> None:
    """Print what policies are compared by, a column for each."""
    console, tongue = _console(stream), _ENGLISH
    table = Table("policy", box=None, padding=(0, 2, 0, 0))
    for name in compared.runs:
        table.add_column(name, justify="right")
    reports = compared.runs.values()
    for word, values in (
        ("queue ahead of the commit", [tongue.number(report.queue_peak) for report in reports]),
        ("median wait", [tongue.ms(report.wait_ms.p50) for report in reports]),
        ("drained in", [tongue.seconds(report.drain_s) for report in reports]),
        ("latency p99", [tongue.ms(report.latency_ms.p99) for report in reports]),
        ("slowest answer", [tongue.ms(report.latency_ms.max) for report in reports]),
        ("late", [tongue.number(report.late) for report in reports]),
        ("put off", [tongue.number(report.put_off) for report in reports]),
        ("lost", [tongue.number(report.lost) for report in reports]),
        ("doubled", [tongue.number(report.doubled) for report in reports]),
        ("overtaken", [tongue.number(report.out_of_order) for report in reports]),
        ("verdict", [f"{_MARKS[report.verdict][0]} {report.verdict}" for report in reports]),
    ):
        table.add_row(word, *values)
    console.print(table)
    for name, report in compared.runs.items():
        _tell_thresholds(report, console, f"{name}: ")


def _tell_thresholds(report: Report, console: Console, label: str = "") -> None:
    for each in report.thresholds:
        what = measured(each, _ENGLISH)
        if each.exceeded:
            console.print(Text(f"✘ {label}{each.expression}: {what}", "bold red"))
        else:
            console.print(Text(f"✔ {label}not {each.expression}: {what}", "green"))


def _spread(report: Report, name: str) -> str:
    spread = getattr(report, name)
    return ", ".join(f"{point} {_ENGLISH.ms(getattr(spread, point))}" for point in ("p50", "p90", "p99", "p999", "max"))


def _console(stream: TextIO) -> Console:
    return Console(file=stream, width=None if stream.isatty() else WIDTH, highlight=False)
