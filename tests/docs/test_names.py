"""What the pages call by name in inline code exists: modules, functions, classes, and files of the repository."""

import importlib
import re
from importlib.util import find_spec
from types import ModuleType

import pytest

from tests.docs.pages import ROOT, all_pages

NAME = re.compile(r"(?:fiscal|kkt_client|mock_ofd|ofd_server)(?:\.\w+)+")
NEVER_IMPORTED = "kkt_client.fleet.locust"
"""Locust changes the process that imports it."""
FILE = re.compile(r"(?:docs|kkt_client|ofd_server|requirements|shared|tests)(?:/[a-z0-9_.-]+)+/?")


def exists(name: str) -> bool:
    """Whether the dotted name is a module, or something inside one; what only instances have counts by annotation."""
    if name.startswith(NEVER_IMPORTED):
        return find_spec(name) is not None
    parts = name.split(".")
    found: object = None
    for split in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:split]))
        except ModuleNotFoundError:
            continue
        rest = parts[split:]
        break
    else:
        return False
    for place, part in enumerate(rest):
        if hasattr(found, part):
            found = getattr(found, part)
            continue
        annotated = part in getattr(found, "__annotations__", {}) or part in getattr(found, "__slots__", ())
        return annotated and not isinstance(found, ModuleType) and place == len(rest) - 1
    return True


@pytest.mark.parametrize("page", all_pages(), ids=lambda page: page.name)
def test_every_name_in_the_page_exists(page):
    named = {code.removesuffix("()") for code in page.code}
    missing = sorted(name for name in named if NAME.fullmatch(name) and not exists(name))
    files = sorted(name for name in named if FILE.fullmatch(name) and not (ROOT / name).exists())
    assert not missing + files


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("fiscal.domain.money", True),
        ("fiscal.domain.money.line_sum", True),
        ("fiscal.domain.receipt.Receipt.total", True),
        ("fiscal.domain.money.line_total", False),
        ("fiscal.domain.coins", False),
    ],
)
def test_a_name_that_is_not_there_is_noticed(name, there):
    assert exists(name) is there
