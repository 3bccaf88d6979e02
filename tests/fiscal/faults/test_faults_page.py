"""docs/reference/faults.md says what the code does: its tables are compared, its examples are run."""

import re
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest

from fiscal.faults.effects import POINTS, Point
from fiscal.faults.notation import KINDS, plan_from_toml
from fiscal.faults.plan import Fault, FaultPlan, Selection

PAGE = Path(__file__).parents[3].joinpath("docs/reference/faults.md").read_text(encoding="utf-8")


def rows(heading):
    """The table under this heading, without its head."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line] for line in lines[2:]]


def examples(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def documented_fields(kind):
    def default(field):
        return (
            ""
            if field.default is MISSING
            else {None: " (none)", "": " (empty)"}.get(field.default, f" ({field.default})")
        )

    return ", ".join(f"`{field.name}`{default(field)}" for field in fields(kind)) or "none"


def documented_points(kind):
    allowed = POINTS[kind]
    return "all" if allowed == set(Point) else ", ".join(point for point in Point if point in allowed)


def test_the_table_of_kinds():
    expected = [[f"`{word}`", documented_fields(kind), documented_points(kind)] for word, kind in KINDS.items()]
    assert [row[:3] for row in rows("Kinds of effects")] == expected


def test_the_table_of_points():
    assert [row[0] for row in rows("Points")] == [f"`{point}`" for point in Point]


@pytest.mark.parametrize(("heading", "kind"), [("A plan", FaultPlan), ("A fault", Fault), ("A selection", Selection)])
def test_the_tables_of_keys(heading, kind):
    keys = ["from" if field.name == "since" else field.name for field in fields(kind)]
    assert [row[0] for row in rows(heading)] == [f"`{key}`" for key in keys]


def test_the_toml_and_the_first_python_example_are_the_same_plan():
    space: dict[str, Any] = {}
    exec(examples("python")[0], space)
    (toml,) = examples("toml")
    plan = plan_from_toml(toml)
    assert plan.faults == space["plan"].faults
    assert plan.seed == space["plan"].seed


@pytest.mark.parametrize("example", examples("python")[1:], ids=["operator", "watcher", "gateway", "link"])
def test_the_examples_run(example):
    exec(compile(example, "faults.md", "exec"), {"__name__": "example"})
