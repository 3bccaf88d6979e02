"""The pytest plugin: an operator of fiscal data in every test that asks for one, clean and ready.

The rule: whoever does not ask pays nothing. Nothing of this software is loaded before the first fixture is asked for,
and the hooks below look at one attribute of a test.

Fixtures: ``ofd``, ``make_ofd``, ``register``, ``make_register``, ``fleet``, ``ofd_clock``; marker: ``ofd``. A test that is a
coroutine function gets the same names, and awaits them. docs/reference/harness.md is the page for who uses it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mock_ofd.harness.stage import Ofd, Scene, Stage, Till
    from ofd_server.clock import MovableClock
    from ofd_server.defects import Defect

MARKER = (
    "ofd(faults, *, seed, strict, storage, ...): what the fixture `ofd` shall be like: a plan of faults or the name of a "
    "misfortune, its seed, whether unknown registers are refused, `memory` or `sqlite`, or any setting of the operator"
)
_SCENE: Any = pytest.StashKey[Any]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)


# ------------------------------------------------------------------------------------------------------------ fixtures


@pytest.fixture(scope="session")
def _ofd_stage() -> Iterator[Stage]:
    """The thread of the operators; one for each process of pytest-xdist."""
    from mock_ofd.harness.stage import Stage  # noqa: PLC0415 - see the rule

    stage = Stage()
    yield stage
    stage.close()


@pytest.fixture
def _ofd_scene(request: pytest.FixtureRequest, _ofd_stage: Stage) -> Iterator[Scene]:
    """What belongs to one test."""
    from mock_ofd.harness.stage import Scene  # noqa: PLC0415

    item = request.node
    scene = Scene(_ofd_stage, lambda: request.getfixturevalue("tmp_path"), is_async=_is_async(item))
    request.getfixturevalue("tmp_path")  # now: nothing can be asked for while the test ends
    item.stash[_SCENE] = scene
    yield scene
    _fail(scene.close())


@pytest.fixture
def ofd(request: pytest.FixtureRequest, _ofd_scene: Scene) -> Ofd:
    """An operator of fiscal data: clean, ready, on free ports. `@pytest.mark.ofd(...)` says what it shall be like."""
    options: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers("ofd"))):
        if len(marker.args) > 1:
            pytest.fail("@pytest.mark.ofd: takes faults, and everything else by its name", pytrace=False)
        options |= {"faults": marker.args[0]} if marker.args else {}
        options |= marker.kwargs
    from fiscal.errors import ConfigurationError, InvalidValue  # noqa: PLC0415 - see the rule

    try:
        return _ofd_scene.ofd(options)
    except (ConfigurationError, InvalidValue) as error:
        pytest.fail(f"@pytest.mark.ofd: {error}", pytrace=False)


@pytest.fixture
def make_ofd(_ofd_scene: Scene) -> Callable[..., Ofd]:
    """Make further operators: `make_ofd(strict=True)` takes what the marker `ofd` takes."""
    return _ofd_scene.make_ofd


@pytest.fixture
def ofd_clock(ofd: Ofd) -> MovableClock:
    """The clock of the operator and of its registers: `ofd_clock.move(hours=24)`. Sockets and limits stay in real time."""
    return ofd.clock


@pytest.fixture
def make_register(ofd: Ofd, _ofd_scene: Scene) -> Callable[..., Till]:
    """Make cash registers at the operator: `make_register("till-7", protocol="kz", settings=RegisterSettings(...))`."""

    def make(register_id: str | None = None, *, ofd: Ofd = ofd, **options: Any) -> Till:
        return _ofd_scene.make_register(ofd, register_id, **options)

    return make


@pytest.fixture
def register(make_register: Callable[..., Till]) -> Till:
    """A cash register at the operator: `register.sell([Line(name="Хлеб", price=250_00)])`."""
    return make_register()


@pytest.fixture
def fleet(make_register: Callable[..., Till]) -> Callable[..., list[Till]]:
    """Many registers at once: `fleet(10)`."""

    def make(count: int, **options: Any) -> list[Till]:
        return [make_register(**options) for _ in range(count)]

    return make


def _is_async(item: Any) -> bool:
    """Whether a test is a coroutine, also one behind hypothesis."""
    function = getattr(item, "obj", None)
    inner = getattr(getattr(function, "hypothesis", None), "inner_test", None)
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(inner)


# --------------------------------------------------------------------------------------------------------------- hooks


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """A test that passed although the operator failed has failed."""
    result = yield
    scene = item.stash.get(_SCENE, None)
    if scene is not None:
        _fail(scene.defects())
    return result


def _fail(defects: list[Defect]) -> None:
    if defects:
        pytest.fail(f"an error inside the operator: {defects[0]}", pytrace=False)  # its own trace is in the report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What passed stands in the report of a test that failed."""
    report = yield
    scene = item.stash.get(_SCENE, None)
    if scene is not None and report.failed:
        report.sections.extend(scene.errors() if report.when == "teardown" else scene.report())
    return report
