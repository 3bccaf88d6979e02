"""The pytest of somebody who has this package: its own plugin is found there, and those of its development are not.

The rule: what the development needs beside it (see pyproject.toml) takes seconds to be loaded and is no part of what a
user sees, so a suite that is run as his does without it.
"""

from __future__ import annotations

from importlib.metadata import entry_points

STAY = ("mock_ofd", "asyncio")
"""Ours, and the one for tests that are coroutines, which the pages speak of."""
OPTIONS = tuple(f"-pno:{plugin.name}" for plugin in entry_points(group="pytest11") if plugin.name not in STAY)
