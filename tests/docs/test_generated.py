"""The tables that are made from the code are the code's; every limit has its reason, and its place on the page."""

import re

import pytest

from tests.docs.generated import MARKED, fill, limits_of, modules, table, undefended
from tests.docs.pages import Page, all_pages

LIMITS = Page("docs/reference/limits.md")


@pytest.mark.parametrize("page", all_pages(), ids=lambda page: page.name)
def test_the_tables_are_up_to_date(page):
    assert fill(page.text) == page.text, "run: python -m tests.docs.write"


def test_every_mark_is_closed():
    for page in all_pages():
        opened = len(re.findall("<!-- table: ", page.text))
        assert len(MARKED.findall(page.text)) == opened, page.name


def test_every_limit_is_on_the_page():
    listed = {name for found in MARKED.finditer(LIMITS.text) for name in found["name"].partition(": ")[2].split()}
    with_limits = {name for name in modules() if any(re.search("MAX|MIN|LIMIT", one.name) for one in limits_of(name))}
    assert with_limits - listed == set()


def test_every_limit_gives_its_reason():
    assert [f"{module}.{name}" for module in modules() for name in undefended(module)] == []


def test_a_cell_cannot_break_its_table():
    assert table(["a"], [["1 | 2"]]) == "| a |\n| --- |\n| 1 \\| 2 |"
