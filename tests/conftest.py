"""What every test has: the table of requirements, and settings that do not depend on the machine."""

import logging

import pytest
import structlog
from hypothesis import settings

from tests import bytecode

pytest_plugins = ["pytester", "tests.order", "tests.postgres", "tests.requirements_table"]

bytecode.keep()

# How long one example takes says something about the machine, nothing about the code.
settings.register_profile("mock-ofd", deadline=None, print_blob=True)
settings.load_profile("mock-ofd")


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """A command that a test ran in this process set up its log, on a standard error that is gone now."""
    root = logging.getLogger()
    strange = [handler for handler in root.handlers if not type(handler).__module__.startswith("_pytest.")]
    if strange:
        for handler in strange:
            root.removeHandler(handler)
            handler.close()
        root.setLevel(logging.WARNING)
    if structlog.is_configured():
        structlog.reset_defaults()
