"""The report as one page that opens from a disk, without a network and without a script. Pure.

The rule: nothing in the page comes from elsewhere, and nothing in it runs: its own policy allows one style sheet, by its
hash. The verdict stands first and in words; every plot has its figures in a table as well.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from html import escape
from importlib import resources
from typing import Final

from mock_ofd.load import charts, plots
from mock_ofd.load.report import Comparison, Report, Spread, Verdict
from mock_ofd.load.thresholds import measured
from mock_ofd.load.words import NOT_MEASURED, Tongue

FAULTY_SHOWN: Final = 10
"""Registers that are seen at once; the others are behind a fold."""
FAULTY_MAX: Final = 200
"""Registers that the page lists; the JSON report has all of them."""
MARKS: Final = {Verdict.PROVEN: "✔", Verdict.DELIVERED: "✔", Verdict.STOPPED: "■", Verdict.FAILED: "✘"}
_GOOD: Final = (Verdict.PROVEN, Verdict.DELIVERED)
_ALL_OF_THEM: Final = "The JSON report lists all of them."
_SENTENCES: Final = {
    Verdict.PROVEN: "{documents} documents of {registers} registers: every one is in the ledger once, in its order, "
    "and was answered in time.",
    Verdict.DELIVERED: "{documents} documents of {registers} registers: every one was acknowledged in time. "
    "The operator's ledger could not be read.",
    Verdict.STOPPED: "Stopped: {acknowledged} of {documents} documents of {registers} registers were acknowledged, "
    "and nothing was wrong until then.",
    Verdict.FAILED: "Wrong with {documents} documents of {registers} registers: {what}.",
}


def page(report: Report | Comparison, language: str = "en") -> str:
    """The page of a report, or of several side by side."""
    tongue = Tongue(language)
    body = _comparison(report, tongue) if isinstance(report, Comparison) else _single(report, tongue)
    title = tongue.text("Policies compared" if isinstance(report, Comparison) else "Load report")
    return _frame(title, report.version, body, language)


def _frame(title: str, version: str, body: Iterable[str], language: str) -> str:
    style = resources.files("mock_ofd.load").joinpath("page.css").read_text("utf-8")
    policy = f"default-src 'none'; style-src 'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'; base-uri 'none'; form-action 'none'"
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)} · mock-ofd</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f'<header><p class="brand">mock-ofd load</p><p class="soft">{escape(version)}</p></header>\n'
        f"<main>\n<h1>{escape(title)}</h1>\n" + "\n".join(body) + "\n</main>\n</body>\n</html>\n"
    )


def _single(report: Report, tongue: Tongue) -> Iterator[str]:
    yield _verdict(report, tongue)
    yield _tiles(report, tongue)
    yield _thresholds(report, tongue)
    yield _plots(charts.Drawing(tongue).of_run(report), charts.every(report.ticks), tongue)
    yield _faulty(report, tongue)
    yield '<div class="columns"><div>'
    yield _card("Figures", _figures(report, tongue), tongue)
    yield _errors(report, tongue)
    yield "</div><div>"
    yield _card("Times", _times(report, tongue), tongue)
    yield _card("Scenario", _scenario(report), tongue)
    yield _card("Machine", _machine(report, tongue), tongue)
    yield "</div></div>"
    yield _seconds(report, tongue)


def _comparison(compared: Comparison, tongue: Tongue) -> Iterator[str]:
    runs = list(compared.runs.items())
    yield f"<p>{escape(tongue.text('The same storm, from the same seed, under each policy.'))}</p>"
    if not compared.complete:
        text = tongue.text("Stopped before the last policy was through.")
        yield f'<p class="verdict stopped"><strong>{MARKS[Verdict.STOPPED]}</strong> {escape(text)}</p>'
    yield _card("Side by side", _side_by_side(runs, tongue), tongue)
    seconds = max((charts.every(report.ticks) for _, report in runs), default=1)
    yield _plots(charts.Drawing(tongue).of_runs(runs), seconds, tongue)
    for name, report in runs:
        yield f"<h2>{escape(name)}</h2>"
        yield _verdict(report, tongue)
        yield _thresholds(report, tongue)
        yield _faulty(report, tongue)
        yield _errors(report, tongue)
    if runs:
        yield '<div class="columns">'
        yield _card("Scenario", _scenario(runs[0][1], without="policy"), tongue)
        yield _card("Machine", _machine(runs[0][1], tongue), tongue)
        yield "</div>"


# ------------------------------------------------------------------------------------------------------ the verdict


def sentence(report: Report, tongue: Tongue) -> str:
    """The verdict in words."""
    return tongue.text(
        _SENTENCES[report.verdict],
        documents=tongue.number(report.documents_planned),
        registers=tongue.number(report.registers),
        acknowledged=tongue.number(report.documents_acknowledged),
        what=", ".join(_wrongs(report, tongue)),
    )


def _wrongs(report: Report, tongue: Tongue) -> Iterator[str]:
    undelivered = report.documents_planned - report.documents_acknowledged
    for word, count in (
        ("lost", report.lost),
        ("doubled", report.doubled),
        ("overtaken", report.out_of_order),
        ("late", report.late),
        ("not delivered", undelivered),
    ):
        if count:
            yield f"{tongue.text(word)} {tongue.number(count)}"


def _verdict(report: Report, tongue: Tongue) -> str:
    exceeded = any(each.exceeded for each in report.thresholds) and report.verdict is not Verdict.FAILED
    kind = Verdict.FAILED if exceeded else report.verdict
    head = tongue.text("threshold exceeded" if exceeded else report.verdict)
    return (
        f'<p class="verdict {kind}"><strong><span aria-hidden="true">{MARKS[kind]}</span> {escape(head)}</strong> '
        f"{escape(sentence(report, tongue))}</p>"
    )


def _tiles(report: Report, tongue: Tongue) -> str:
    text, number = tongue.text, tongue.number
    figures = (
        ("drained in", tongue.seconds(report.drain_s)),
        ("documents per second", number(report.documents_per_s)),
        ("answers, p99", tongue.ms(report.latency_ms.p99)),
        ("first sign, p50", tongue.ms(report.wait_ms.p50)),
        ("queue ahead of the commit, peak", number(report.queue_peak)),
        ("operator's memory, peak", tongue.mb(report.server.rss_max_mb if report.server else None)),
    )
    told = "".join(f"<div><dt>{escape(text(name))}</dt><dd>{escape(value)}</dd></div>" for name, value in figures)
    return f'<dl class="tiles">{told}</dl>'


def _thresholds(report: Report, tongue: Tongue) -> str:
    if not report.thresholds:
        return ""
    rows = [
        (
            f"<code>{escape(each.expression)}</code>",
            escape(measured(each, tongue)),
            _mark(tongue.text("exceeded" if each.exceeded else "kept"), is_good=not each.exceeded),
        )
        for each in report.thresholds
    ]
    head = [tongue.text(word) for word in ("threshold", "measured", "verdict")]
    return _card("What this run was to fail by", _table(head, rows, numbers=(1,)), tongue)


# ------------------------------------------------------------------------------------------------------ the figures


def _plots(drawn: Iterable[plots.Plot], seconds: int, tongue: Tongue) -> str:
    cards = []
    for plot in drawn:
        legend = "".join(f"<li>{plots.swatch(line.kind)} {escape(line.name)}</li>" for line in plot.lines)
        cards.append(
            f'<section class="card"><h2>{escape(plot.title)}</h2><ul class="legend">{legend}</ul>{plots.draw(plot)}</section>'
        )
    note = tongue.text("Each point is the worst or the mean of {seconds} seconds.", seconds=seconds)
    told = f'<p class="soft">{escape(note)}</p>' if seconds > 1 else ""
    return f'<div class="columns wide">{"".join(cards)}</div>{told}'


_FIGURES: Final[Sequence[tuple[str, Callable[[Report, Tongue], str]]]] = (
    ("registers", lambda report, tongue: tongue.number(report.registers)),
    ("documents", lambda report, tongue: tongue.number(report.documents_planned)),
    ("sent", lambda report, tongue: tongue.number(report.documents_sent)),
    ("acknowledged", lambda report, tongue: tongue.number(report.documents_acknowledged)),
    ("lost", lambda report, tongue: tongue.number(report.lost)),
    ("doubled", lambda report, tongue: tongue.number(report.doubled)),
    ("overtaken", lambda report, tongue: tongue.number(report.out_of_order)),
    ("late", lambda report, tongue: tongue.number(report.late)),
    ("drained in", lambda report, tongue: tongue.seconds(report.drain_s)),
    ("documents per second", lambda report, tongue: tongue.number(report.documents_per_s)),
    ("connections opened", lambda report, tongue: tongue.number(report.connects)),
    ('answers "come back later"', lambda report, tongue: tongue.number(report.put_off)),
    ("queue ahead of the commit, peak", lambda report, tongue: tongue.number(report.queue_peak)),
    (
        "operator's processor time",
        lambda report, tongue: tongue.seconds(report.server.cpu_s if report.server else None),
    ),
    ("operator's memory, peak", lambda report, tongue: tongue.mb(report.server.rss_max_mb if report.server else None)),
    (
        "bare echo, messages per second",
        lambda report, tongue: tongue.number(report.reference.echo_per_s if report.reference else None),
    ),
    (
        "part of a bare echo",
        lambda report, tongue: tongue.number(report.reference.ratio if report.reference else None, 3),
    ),
)


def _figures(report: Report, tongue: Tongue) -> str:
    rows = [(escape(tongue.text(name)), escape(figure(report, tongue))) for name, figure in _FIGURES]
    return _table((), rows, numbers=(1,))


def _times(report: Report, tongue: Tongue) -> str:
    head = ["", tongue.text("half"), "90 %", "99 %", "99.9 %", tongue.text("slowest")]
    rows = [
        (
            _noted(tongue.text(name), tongue.text("{count} measured", count=tongue.number(spread.count))),
            *(escape(tongue.ms(value)) for value in _points(spread)),
        )
        for name, spread in (
            ("time of an answer", report.latency_ms),
            ("delay of a document", report.delay_ms),
            ("wait for the first sign", report.wait_ms),
        )
    ]
    return _table(head, rows, numbers=range(1, 6))


def _points(spread: Spread) -> list[float | None]:
    return [getattr(spread, point) for point in charts.POINTS]


_COMPARED: Final[
    Sequence[tuple[str, Callable[[Report], float | None], Callable[[Tongue], Callable[..., str]], bool]]
] = (
    ("queue ahead of the commit, peak", lambda report: report.queue_peak, lambda tongue: tongue.number, True),
    ("first sign, p50", lambda report: report.wait_ms.p50, lambda tongue: tongue.ms, True),
    ("drained in", lambda report: report.drain_s, lambda tongue: tongue.seconds, True),
    ("answers, p99", lambda report: report.latency_ms.p99, lambda tongue: tongue.ms, True),
    ("slowest", lambda report: report.latency_ms.max, lambda tongue: tongue.ms, True),
    ("late", lambda report: report.late, lambda tongue: tongue.number, True),
    ("documents per second", lambda report: report.documents_per_s, lambda tongue: tongue.number, False),
    ("connections opened", lambda report: report.connects, lambda tongue: tongue.number, True),
    ('answers "come back later"', lambda report: report.put_off, lambda tongue: tongue.number, True),
)
"""What policies are compared by: the figure, how it is written, and whether less is better."""


def _side_by_side(runs: Sequence[tuple[str, Report]], tongue: Tongue) -> str:
    rows = []
    for name, figure, written, is_less_better in _COMPARED:
        values = [figure(report) for _, report in runs]
        measured = [value for value in values if value is not None]
        best = (min if is_less_better else max)(measured, default=None)
        is_told = len(set(measured)) > 1
        cells = [
            f"<strong>{escape(written(tongue)(value))} <span aria-hidden='true'>★</span>"
            f'<span class="unseen">{escape(tongue.text("best"))}</span></strong>'
            if is_told and value == best
            else escape(written(tongue)(value))
            for value in values
        ]
        rows.append((escape(tongue.text(name)), *cells))
    marks = [_mark(tongue.text(report.verdict), is_good=report.verdict in _GOOD) for _, report in runs]
    rows.append((escape(tongue.text("verdict")), *marks))
    head = [tongue.text("policy"), *(name for name, _ in runs)]
    note = f'<p class="soft">{escape(tongue.text("The best of each row is marked."))}</p>'
    return _table(head, rows, numbers=range(1, len(runs) + 1)) + note


# -------------------------------------------------------------------------------------------------------- the lists


def _faulty(report: Report, tongue: Tongue) -> str:
    if not report.faulty:
        return ""
    words = ("register", "sent", "acknowledged", "lost", "doubled", "overtaken", "late", "what is wrong first")
    rows = [
        (
            f"<code>{escape(each.register_id)}</code>",
            *(
                tongue.number(count)
                for count in (
                    each.sent,
                    each.acknowledged,
                    each.lost,
                    each.doubled,
                    each.out_of_order,
                    each.late,
                )
            ),
            escape(each.first),
        )
        for each in report.faulty[:FAULTY_MAX]
    ]
    head = [tongue.text(word) for word in words]
    shown = _table(head, rows[:FAULTY_SHOWN], numbers=range(1, 7))
    left = len(report.faulty) - FAULTY_SHOWN
    if left > 0:
        more = escape(tongue.text("and {count} more", count=tongue.number(left)))
        note = "" if left <= FAULTY_MAX - FAULTY_SHOWN else f'<p class="soft">{escape(tongue.text(_ALL_OF_THEM))}</p>'
        folded = _table(head, rows[FAULTY_SHOWN:], numbers=range(1, 7))
        shown += f"<details><summary>{more}</summary>{folded}{note}</details>"
    return _card("Registers with which something is wrong", shown, tongue)


def _errors(report: Report, tongue: Tongue) -> str:
    if not report.errors:
        return ""
    rows = [(escape(name), tongue.number(count)) for name, count in report.errors.items()]
    table = _table([tongue.text("what happened"), tongue.text("times over")], rows, numbers=(1,))
    return _card("Tried again on the way", table, tongue)


def _scenario(report: Report, without: str = "") -> str:
    told = {name: value for name, value in report.scenario.items() if name != without}
    return _facts((f"<code>{escape(name)}</code>", escape(_value(value))) for name, value in told.items())


def _value(value: object) -> str:
    if value is None:
        return NOT_MEASURED
    if isinstance(value, list) and len(value) > 1 and len(set(map(repr, value))) == 1:
        return f"{len(value)} × {_value(value[0])}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _machine(report: Report, tongue: Tongue) -> str:
    machine = report.machine
    facts = (
        ("processor", machine.cpu),
        ("cores", tongue.number(machine.cores)),
        ("memory", tongue.mb(machine.memory_mb)),
        ("system", machine.system),
        ("interpreter", machine.python),
        ("libraries", ", ".join(f"{name} {version}" for name, version in machine.libraries.items())),
        ("load before the end", tongue.number(machine.load, 2)),
    )
    return _facts((escape(tongue.text(name)), escape(value or NOT_MEASURED)) for name, value in facts)


def _seconds(report: Report, tongue: Tongue) -> str:
    if not report.ticks:
        return ""
    words = ("second", "documents that wait", "answers", "connections", "put off", "connected", "documents ahead")
    seconds = charts.every(report.ticks)
    rows = [
        (
            str(point.at_s),
            *(tongue.number(value) for value in (point.backlog, point.answers, point.connects)),
            *(tongue.number(value) for value in (point.put_off, point.connected, point.queued)),
            *(escape(tongue.ms(value)) for value in (point.p50, point.p99, point.max)),
        )
        for point in charts.moments(report.ticks, seconds)
    ]
    head = [*(tongue.text(word) for word in words), "p50", "p99", tongue.text("slowest")]
    table = _table(head, rows, numbers=range(10))
    return f'<details class="card"><summary>{escape(tongue.text("Second by second"))}</summary>{table}</details>'


# ------------------------------------------------------------------------------------------------------- the pieces


def _mark(word: str, *, is_good: bool) -> str:
    kind, sign = ("good", "✔") if is_good else ("bad", "✘")
    return f'<span class="{kind}"><span aria-hidden="true">{sign}</span> {escape(word)}</span>'


def _noted(word: str, note: str) -> str:
    return f"{escape(word)}<br><small>{escape(note)}</small>"


def _card(title: str, content: str, tongue: Tongue) -> str:
    return f'<section class="card"><h2>{escape(tongue.text(title))}</h2>{content}</section>'


def _facts(facts: Iterable[tuple[str, str]]) -> str:
    return '<dl class="facts">' + "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts) + "</dl>"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Iterable[int]) -> str:
    """A table, perhaps without a head; cells are markup already, the words of the head are not."""
    right = set(numbers)

    def kind(place: int) -> str:
        return ' class="number"' if place in right else ""

    top = "".join(
        f'<th scope="col"{kind(place)}>{escape(word)}</th>' if word else "<td></td>" for place, word in enumerate(head)
    )
    body = "".join(
        f'<tr><th scope="row"{kind(0)}>{row[0]}</th>'
        + "".join(f"<td{kind(place)}>{cell}</td>" for place, cell in enumerate(row) if place)
        + "</tr>"
        for row in rows
    )
    shown = f"<thead><tr>{top}</tr></thead>" if head else ""
    return f'<div class="scroll" tabindex="0" role="group"><table>{shown}<tbody>{body}</tbody></table></div>'
