"""The requirements and the tests that prove them.

A test marked ``@pytest.mark.requirement("S3-13")`` proves S3-13 when it passes. A requirement with a failed
test is not proved, however many others pass; a skipped or expectedly failing test proves nothing.

A mark with an id that is not in ``requirements.toml`` stops every run: nothing would ever count it. With
``--requirements`` the run ends with the table.
"""

import tomllib
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

CATALOGUE = Path(__file__).with_name("requirements.toml")
CONTEXT = "X"
"""The kind of a statement that no software could satisfy: listed, not counted."""


@dataclass(frozen=True, slots=True)
class Requirement:
    id: str
    kind: str
    text: str

    @property
    def counts(self) -> bool:
        return self.kind != CONTEXT


def read_catalogue(path: Path = CATALOGUE) -> dict[str, Requirement]:
    systems = tomllib.loads(path.read_text(encoding="utf-8")).values()
    requirements = [Requirement(**row) for system in systems for row in system["requirements"]]
    catalogue = {requirement.id: requirement for requirement in requirements}
    assert len(catalogue) == len(requirements), f"{path.name} has an id twice"
    return catalogue


@dataclass(slots=True)
class Table:
    """What this run has shown so far."""

    catalogue: dict[str, Requirement]
    ids_by_test: dict[str, set[str]] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)

    def expect(self, test: str, ids: set[str]) -> None:
        self.ids_by_test[test] = ids

    def record(self, report: pytest.TestReport) -> None:
        if report.failed:  # a failed set-up or tear-down too
            self.failed.add(report.nodeid)
        elif report.when == "call" and report.passed and not hasattr(report, "wasxfail"):
            self.passed.add(report.nodeid)

    def proofs(self, requirement_id: str) -> list[str]:
        """Return the tests that prove it: none as soon as one of its tests failed."""
        tests = {test for test, ids in self.ids_by_test.items() if requirement_id in ids}
        return [] if tests & self.failed else sorted(tests & self.passed)

    def lines(self) -> list[str]:
        lines, proved = [], 0
        for requirement in self.catalogue.values():
            proofs = self.proofs(requirement.id)
            proved += requirement.counts and bool(proofs)
            lines.append(f"{requirement.id}  {self._state(requirement, proofs):9}{requirement.text}")
            lines.extend(f"           {test}" for test in _without_parameters(proofs))
        total = sum(requirement.counts for requirement in self.catalogue.values())
        return [*lines, "", f"proved {proved} of {total}"]

    def _state(self, requirement: Requirement, proofs: list[str]) -> str:
        if not requirement.counts:
            return "context"
        if proofs:
            return "proved"
        tests = {test for test, ids in self.ids_by_test.items() if requirement.id in ids}
        return "FAILED" if tests & self.failed else "-"


def _without_parameters(tests: list[str]) -> list[str]:
    """Return one line for the many cases of one test."""
    counts: dict[str, int] = {}
    for test in tests:
        name = test.partition("[")[0]
        counts[name] = counts.get(name, 0) + 1
    return [f"{name} ({count} cases)" if count > 1 else name for name, count in counts.items()]


def _ids(item: pytest.Item, catalogue: dict[str, Requirement]) -> set[str]:
    ids: set[str] = set()
    for mark in item.iter_markers("requirement"):
        if not mark.args or mark.kwargs:
            message = f"{item.nodeid}: a requirement mark takes ids, nothing else"
            raise pytest.UsageError(message)
        ids.update(mark.args)
    if unknown := sorted(str(one) for one in ids if one not in catalogue):
        message = f"{item.nodeid}: no such requirement: {', '.join(unknown)}"
        raise pytest.UsageError(message)
    return ids


_TABLE = pytest.StashKey[Table]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--requirements",
        action="store_true",
        help="end the run with the table of requirements and the tests that prove them",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_TABLE] = Table(read_catalogue())


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    table = config.stash[_TABLE]
    for item in items:
        if ids := _ids(item, table.catalogue):
            table.expect(item.nodeid, ids)


class _Recorder:
    """Hears the reports, which come without the configuration they belong to."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._table.record(report)


def pytest_sessionstart(session: pytest.Session) -> None:
    session.config.pluginmanager.register(_Recorder(session.config.stash[_TABLE]))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, object, object]:
    """Print after the terminal's own summary: the number proved is the last line."""
    result = yield
    if session.config.getoption("--requirements"):
        terminal = session.config.pluginmanager.getplugin("terminalreporter")
        terminal.write_line("")
        for line in session.config.stash[_TABLE].lines():
            terminal.write_line(line)
    return result
