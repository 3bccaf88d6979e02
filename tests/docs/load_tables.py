"""Tables of the reports of load: their keys, and the figures that a run may fail by; and the file of the schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from mock_ofd.cli.load import OPTIONS, parser
from mock_ofd.load.report import schemas
from mock_ofd.load.thresholds import METRICS, UNITS
from tests.docs.pages import DOCS

SCHEMA: Final = DOCS / "reference" / "load-report.schema.json"
Rows = tuple[list[str], list[list[str]]]


def schema() -> str:
    """The published schema as text."""
    return json.dumps(schemas(), indent=2, ensure_ascii=False) + "\n"


def keys() -> Rows:
    """Every key of a report, those of its parts behind it."""
    return ["key", "type", "meaning"], [list(row) for row in _keys("Report", "")]


def _keys(name: str, before: str) -> Iterator[tuple[str, str, str]]:
    definitions = schemas()["$defs"]
    for key, described in definitions[name]["properties"].items():
        kind, part = _type(described)
        text = described["description"].replace("\n", " ")
        yield f"`{before}{key}`", kind, text
        if part in ("Verdict", None):
            continue
        if part == "Spread" and before + key != "latency_ms":
            continue
        yield from _keys(part, f"{before}{key}{'[]' if kind.startswith('list') else ''}.")


def _type(described: Mapping[str, Any]) -> tuple[str, str | None]:
    """A type in words, and the name of the part that it is made of."""
    if "anyOf" in described:
        (kind, part), *_ = (_type(each) for each in described["anyOf"] if each.get("type") != "null")
        return f"{kind} or null", part
    if "$ref" in described:
        part = described["$ref"].rpartition("/")[2]
        return ("word" if part == "Verdict" else "object"), part
    if described["type"] == "array":
        return "list", _type(described["items"])[1]
    words = {"integer": "whole number", "number": "number", "string": "text", "boolean": "true or false"}
    return words.get(described["type"], "object"), None


def options() -> Rows:
    """Every option that says what is played, with its field of a scenario."""
    helps = {action.dest: action for action in parser()._actions}
    rows = []
    for option, field in OPTIONS.items():
        action = helps[option]
        value = f" {action.metavar}" if action.metavar else ""
        rows.append([f"`{action.option_strings[0]}{value}`", f"`{field}`", str(action.help)])
    return ["option", "field of a scenario", "what it says"], rows


def metrics() -> Rows:
    """What a run may fail by; names of one figure in one row."""
    names: dict[str, list[str]] = {}
    for name, metric in METRICS.items():
        names.setdefault(metric.key, []).append(f"`{name}`")
    metrics = {metric.key: metric for metric in METRICS.values()}
    rows = [
        [
            ", ".join(names[key]),
            f"`{key}`",
            ", ".join(f"`{unit}`" if unit else "none" for unit in UNITS[metric.dimension]),
            metric.text,
        ]
        for key, metric in metrics.items()
    ]
    return ["name", "key of the report", "units", "what it is"], rows
