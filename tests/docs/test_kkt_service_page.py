"""The page of the register's HTTP interface says what the interface does."""

import json
import re

from kkt_client.core import events
from kkt_client.core.views import snake
from mock_ofd.kkt_service.answers import Issued
from mock_ofd.kkt_service.bodies import BasketBody, LineBody
from tests.docs.kkt_tables import errors, routes
from tests.docs.pages import ROOT, Page
from tests.mock_ofd.kkt_service.till import Till

PAGE = Page("docs/reference/kkt-service.md")
SERVICE = ROOT / "shared" / "mock_ofd" / "kkt_service"


def cells(heading, column=0):
    return [re.findall("`([^`]+)`", row[column]) for row in PAGE.rows(heading)]


def test_every_error_of_the_register_is_on_the_page_with_its_status():
    listed = {(row[0], code) for row in PAGE.rows("Errors") for code in re.findall("`([^`]+)`", row[1])}
    _, rows = errors()
    for status, code in rows:
        assert (status, code.strip("`")) in listed, code


def test_every_error_of_the_service_itself_is_on_the_page():
    text = "\n".join(path.read_text("utf-8") for path in SERVICE.glob("*.py"))
    thrown = set(re.findall(r'HttpError\((\d{3}), "(\w+)"', text)) - {("503", "too_many_viewers")}
    listed = {(row[0], code) for row in PAGE.rows("Errors") for code in re.findall("`([^`]+)`", row[1])}
    assert thrown <= listed


def test_every_name_of_an_order_is_on_the_page():
    tables = PAGE.section("Orders")
    for name in {*LineBody.model_fields, *BasketBody.model_fields}:
        assert f"`{name}`" in tables, name
    assert {name for (name, *_) in cells("What an order answers")} == set(Issued.__annotations__)


def test_every_event_is_on_the_page():
    told = re.findall("`([a-z_]+)`", PAGE.section("Events").partition("Server-sent events:")[2].partition("Each")[0])
    assert set(told) == {snake(class_.__name__) for class_ in events.Event.__args__}


def test_every_tag_has_its_table():
    tags = {route.tag.removeprefix("register: ") for route in routes()}
    assert {f"<!-- table: kkt addresses: {tag} -->" for tag in tags} == set(
        re.findall("<!-- table: kkt addresses: .*-->", PAGE.text)
    )


async def test_the_examples_are_right():
    line, error = (json.loads(block.text) for block in PAGE.blocks if block.language == "json")
    async with Till() as till:
        assert till.service.ready_line().keys() == line.keys()
        await till.post("/deposit", {"sum": 50_000})
        assert (await till.post("/withdraw", {"sum": 100_000})).json == error
