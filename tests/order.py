"""How the files of tests are dealt out to several processes: the longest first, and one process more than there are cores.

The rule: most of the long tests wait for others half of the time (a register for its answer, a browser for its page), so
that one process for each core would leave the cores idle; and a file goes to one process whole, so that a long one that
is begun last is what everybody waits for. A run in one process has its tests in their usual order.
"""

from __future__ import annotations

import os
from pathlib import PurePath
from typing import Final

import pytest

LONG: Final = (
    "tests/docs/test_examples.py",
    "tests/mock_ofd/conformance/test_scenarios.py",
    "tests/browser/test_register.py",
    "tests/simulation/test_worlds.py",
    "tests/contract/test_journal.py",
    "tests/mock_ofd/load/test_engine.py",
    "tests/browser/test_fleet.py",
    "tests/browser/test_everybody.py",
    "tests/test_packaging.py",
    "tests/simulation/test_kz_worlds.py",
    "tests/acceptance/test_kz.py",
    "tests/acceptance/test_demo.py",
    "tests/mock_ofd/judge/test_worlds.py",
    "tests/acceptance/test_nodes.py",
    "tests/acceptance/test_kkt_cli.py",
    "tests/mock_ofd/test_pytest_plugin.py",
    "tests/mock_ofd/watch/test_app.py",
    "tests/mock_ofd/demo/test_conductor.py",
    "tests/mock_ofd/demo/test_live.py",
    "tests/mock_ofd/cli/test_processes.py",
    "tests/mock_ofd/cli/test_serve.py",
    "tests/mock_ofd/cli/test_load.py",
    "tests/ofd_server/gateways/http/test_openapi.py",
    "tests/fiscal/protocols/kz/test_tickets.py",
    "tests/acceptance/test_kz_restart.py",
    "tests/interop/test_kz_jvm.py",
    "tests/test_requirements_table.py",
)
"""The files that take ten seconds or more, the longest first. One that is missing here costs time, and nothing else."""
BESIDE: Final = 1
"""Processes beyond the cores. ``make test`` has no more than four of all."""


def place(file: PurePath, root: PurePath) -> int:
    """Where a file of tests stands: one that is not long behind all that are."""
    name = file.relative_to(root).as_posix() if file.is_relative_to(root) else ""
    return LONG.index(name) if name in LONG else len(LONG)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + BESIDE


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False  # it would begin with the files of many tests, which are the short ones


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: place(item.path, config.rootpath))
