"""A report card: as text for people, as JSON, as JUnit for whoever collects the results of tests, and as a badge.

The rule: every form tells every scenario, with why it did not pass; the stories are the proofs of those that failed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from mock_ofd.conformance.catalogue import GROUPS
from mock_ofd.conformance.running import Outcome, Verdict

SHOWN: Final = 24
"""Lines of a story that the text shows, the last ones."""
MARKS: Final = {Verdict.PASSED: "✔", Verdict.FAILED: "✘", Verdict.NOT_RUN: "–", Verdict.BROKEN: "!"}
_UNPRINTABLE: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def counts(outcomes: Sequence[Outcome]) -> dict[Verdict, int]:
    """How many scenarios ended how."""
    found = Counter(outcome.verdict for outcome in outcomes)
    return {verdict: found[verdict] for verdict in Verdict}


def conforms(outcomes: Sequence[Outcome]) -> bool:
    """Whether nothing failed, and anything was run at all."""
    found = counts(outcomes)
    return not found[Verdict.FAILED] and not found[Verdict.BROKEN] and found[Verdict.PASSED] > 0


def client_of(outcomes: Sequence[Outcome]) -> str:
    """What the client under test calls itself."""
    return next((outcome.client for outcome in outcomes if outcome.client), "the client")


def summary(outcomes: Sequence[Outcome]) -> str:
    """The verdict in one line."""
    found = counts(outcomes)
    told = ", ".join(f"{count} {verdict}" for verdict, count in found.items() if count)
    return f"{'conforms' if conforms(outcomes) else 'does not conform'}: {told or 'nothing was run'}"


# ---------------------------------------------------------------------------------------------------------------- text


def as_text(outcomes: Sequence[Outcome], protocol: str, shown: int = SHOWN) -> Iterator[str]:
    """The lines of the text."""
    yield f"{client_of(outcomes)}, protocol {protocol}"
    by_name = {outcome.scenario.name: outcome for outcome in outcomes}
    for title, scenarios in GROUPS.items():
        here = [by_name[scenario.name] for scenario in scenarios if scenario.name in by_name]
        if here:
            yield ""
            yield title
            for outcome in here:
                yield from _outcome_text(outcome, shown)
    yield ""
    yield summary(outcomes)


def _outcome_text(outcome: Outcome, shown: int) -> Iterator[str]:
    scenario = outcome.scenario
    line = f"  {MARKS[outcome.verdict]} {scenario.name:<24}"
    if outcome.verdict is Verdict.PASSED:
        yield f"{line}{outcome.seconds:6.1f} s"
        return
    if outcome.verdict is Verdict.NOT_RUN:
        yield f"{line}not run: {outcome.text}"
        return
    first, *rest = outcome.text.splitlines() or [""]
    yield f"{line}{first}"
    yield from (f"      {each}" for each in rest)
    yield f"      a client that conforms: {scenario.proves} ({scenario.source})"
    story = outcome.story[-shown:]
    if len(story) < len(outcome.story):
        yield f"      … {len(outcome.story) - len(story)} lines before (--story shows all)"
    yield from (f"      {each}" for each in story)


# ---------------------------------------------------------------------------------------------------------------- JSON


def as_plain(outcomes: Sequence[Outcome], protocol: str) -> dict[str, Any]:
    """The report card as plain values: all of it."""
    return {
        "client": client_of(outcomes),
        "protocol": protocol,
        "conforms": conforms(outcomes),
        "counts": {verdict.value: count for verdict, count in counts(outcomes).items()},
        "scenarios": [
            {
                "name": outcome.scenario.name,
                "verdict": outcome.verdict.value,
                "seconds": round(outcome.seconds, 3),
                "text": outcome.text,
                "proves": outcome.scenario.proves,
                "source": outcome.scenario.source,
                "story": list(outcome.story) if outcome.verdict in (Verdict.FAILED, Verdict.BROKEN) else [],
            }
            for outcome in outcomes
        ],
    }


# --------------------------------------------------------------------------------------------------------------- JUnit


def as_junit(outcomes: Sequence[Outcome], protocol: str) -> bytes:
    """One suite, a case for each scenario; a failure has its story."""
    found = counts(outcomes)
    totals = {
        "tests": str(len(outcomes)),
        "failures": str(found[Verdict.FAILED]),
        "errors": str(found[Verdict.BROKEN]),
        "skipped": str(found[Verdict.NOT_RUN]),
        "time": f"{sum(outcome.seconds for outcome in outcomes):.3f}",
    }
    name = _printable(f"conformance {protocol}: {client_of(outcomes)}")
    root = ET.Element("testsuites", {"name": "mock-ofd conformance", **totals})
    suite = ET.SubElement(root, "testsuite", {"name": name, **totals})
    for outcome in outcomes:
        case = ET.SubElement(
            suite,
            "testcase",
            classname=f"conformance.{protocol}",
            name=outcome.scenario.name,
            time=f"{outcome.seconds:.3f}",
        )
        if outcome.verdict is Verdict.NOT_RUN:
            ET.SubElement(case, "skipped", message=_printable(outcome.text))
        elif outcome.verdict is not Verdict.PASSED:
            kind = "failure" if outcome.verdict is Verdict.FAILED else "error"
            what = ET.SubElement(case, kind, type=outcome.verdict.value, message=_printable(outcome.text))
            what.text = _printable("\n".join(outcome.story))
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _printable(text: str) -> str:
    """Without what XML cannot hold: a client may say anything."""
    return _UNPRINTABLE.sub("\ufffd", text)


# --------------------------------------------------------------------------------------------------------------- badge

GREEN: Final = "#2e7d32"
RED: Final = "#c62828"
_CHARACTER: Final = 6.6
"""Width of a character of 11 px, on the average."""
_BADGE: Final = """<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{label}: {value}">
  <title>{label}: {value}</title>
  <rect width="{width}" height="20" rx="3" fill="#424242"/>
  <path d="M{left} 0h{right}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-{right}z" fill="{colour}"/>
  <g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
    <text x="{label_at}" y="14">{label}</text>
    <text x="{value_at}" y="14">{value}</text>
  </g>
</svg>
"""


def as_badge(outcomes: Sequence[Outcome], protocol: str) -> str:
    """A picture for a README: how many of the scenarios that were run passed."""
    found = counts(outcomes)
    run = len(outcomes) - found[Verdict.NOT_RUN]
    label, value = f"OFD conformance: {protocol}", f"{found[Verdict.PASSED]} of {run}"
    left = round(len(label) * _CHARACTER) + 10
    right = round(len(value) * _CHARACTER) + 10
    return _BADGE.format(
        label=escape(label),
        value=escape(value),
        width=left + right,
        left=left,
        right=right - 3,
        label_at=left / 2,
        value_at=left + right / 2,
        colour=GREEN if conforms(outcomes) else RED,
    )
