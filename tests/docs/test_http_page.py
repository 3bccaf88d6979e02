"""The page of the HTTP interface says what the interface does: codes, events, words of a history, examples."""

import json
import re
from pathlib import Path

from pydantic import TypeAdapter

from fiscal.domain.messages import Accepted
from fiscal.domain.receipt import Receipt, check_receipt
from fiscal.domain.register import RegisterProfile
from fiscal.protocols.content import decode_content
from fiscal.protocols.rest.codec import parse_answer, parse_document
from ofd_server.core.fleet import Lamp
from ofd_server.core.link import LinkState
from ofd_server.core.verify import Verdict
from ofd_server.gateways.http.fleet import COLUMNS
from ofd_server.ports import NoteKind
from tests.docs.pages import ROOT, Page
from tests.ofd_server.gateways.http.test_events import watching
from tests.ofd_server.site import Site

PAGE = Page("docs/reference/http-api.md")
GATEWAY = ROOT / "ofd_server" / "gateways" / "http"


def words(heading, column):
    """Every piece of code in a column of the tables under a heading."""
    return [word for row in PAGE.rows(heading) for word in re.findall("`([^`]+)`", row[column])]


def sources(*paths: Path) -> str:
    return "\n".join(path.read_text("utf-8") for path in paths)


def test_every_code_of_an_error_is_on_the_page():
    text = sources(*GATEWAY.glob("*.py"))
    thrown = set(re.findall(r'(?:HttpError|error_response)\(\s*(?:status|\d{3}), "(\w+)"', text))
    assert thrown == set(words("How it speaks", 1))


def test_every_code_has_the_status_of_the_page():
    text = sources(*GATEWAY.glob("*.py"))
    thrown = set(re.findall(r'(?:HttpError|error_response)\(\s*(\d{3}), "(\w+)"', text))
    listed = {(row[0], code) for row in PAGE.rows("How it speaks") for code in re.findall("`([^`]+)`", row[1])}
    assert thrown <= listed


def test_the_reasons_for_being_stuck():
    text = sources(ROOT / "ofd_server" / "core" / "views.py")
    given = set(re.findall(r'StuckView\(code="(\w+)"', text))
    assert given == set(words("Registers", 0)) - {
        word for word in words("Registers", 0) if word.startswith(("GET", "POST", "DELETE"))
    }


def test_the_words_of_a_history():
    listed = {row[0].strip("`") for row in PAGE.rows("Documents") if " /api/" not in row[0]}
    text = sources(ROOT / "ofd_server" / "core" / "views.py")
    given = set(re.findall(r'HistoryLine\(what="(\w+)"', text)) | {"decided", "committed", "answered"} | set(NoteKind)
    assert given == listed


def test_the_names_of_events():
    listed = {word for row in PAGE.rows("Events") if " /api/" not in row[0] for word in re.findall("`([^`]+)`", row[0])}
    views = sources(ROOT / "ofd_server" / "core" / "views.py")
    service = sources(*(ROOT / "ofd_server" / f"{name}.py" for name in ("service", "deciding")))
    given = set(re.findall(r'"type": "(\w+)"', views)) | set(re.findall(r'Happened\("(\w+)"', service)) | {"gap"}
    assert given - {"committed"} == listed


def test_the_lamps_and_columns_of_the_fleet():
    listed = [row[0].strip("`") for row in PAGE.rows("The fleet") if " /api/" not in row[0]]
    assert listed == [*COLUMNS, *Lamp]


def test_the_states_of_a_link():
    listed = {row[0].strip("`") for row in PAGE.rows("Links") if " /api/" not in row[0]}
    assert listed == set(LinkState)


def test_the_verdicts():
    section = PAGE.section("Verification")
    for verdict in Verdict:
        assert f"`{verdict}`" in section


async def test_the_examples_are_right():
    blocks = {
        next(iter(value)): block.text
        for block in PAGE.blocks
        if block.language == "json"
        for value in [json.loads(block.text)]
    }
    submitted = parse_document(blocks["content"].encode(), "application/json")
    document = decode_content(submitted.content)
    assert isinstance(document, Receipt)
    assert check_receipt(document) is None
    assert submitted.delivery.autonomous
    assert isinstance(parse_answer(blocks["result"].encode(), "application/json"), Accepted)
    TypeAdapter(RegisterProfile).validate_json(blocks["taxpayer"])
    async with Site() as site:
        wrong = await site.get("/api/v1/documents?limit=0")
        assert wrong.json == json.loads(blocks["error"])
        added = await site.post("/api/v1/registers", json={"id": "kkm-1", "profile": json.loads(blocks["taxpayer"])})
        assert added.status == 201
        async with watching(site, "?after=0") as stream:
            assert (await stream.next())[0] == "registered"
