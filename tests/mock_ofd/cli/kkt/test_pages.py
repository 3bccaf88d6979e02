"""The reference of the command says what the command does, and the how-to works as it stands."""

import asyncio
import io
import json
import re
import shlex
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import fields
from pathlib import Path

import pytest

from kkt_client.core.views import paper_json
from mock_ofd.__main__ import run
from mock_ofd.cli.exits import Exit
from mock_ofd.cli.kkt.baskets import POSITIONS, GivenBasket, GivenLine, basket_of
from mock_ofd.cli.kkt.command import CODES, COMMANDS
from mock_ofd.cli.kkt.options import PARTICULARS, parser
from mock_ofd.cli.kkt.setup import GivenProfile, SetupFile
from ofd_server import OfdServer
from tests.docs.pages import Page
from tests.kkt_client.core.papers import DELIVERED, Z_REPORT

REFERENCE = Page("docs/reference/kkt-cli.md")
HOW_TO = Page("docs/how-to/register-from-the-shell.md")

NO_ERROR = (Exit.OK, Exit.FAILED, Exit.INTERRUPTED, Exit.TERMINATED)


def first_cells(heading):
    return [row[0].strip("`") for row in REFERENCE.rows(heading)]


def names(type_):
    return sorted(part.name for part in fields(type_))


def test_every_exit_code_is_in_the_table():
    rows = [(int(code), name) for code, name, *_ in REFERENCE.rows("Exit codes")]
    expected = sorted({code for _, code in CODES} | set(NO_ERROR))
    assert rows == [(int(code), code.name) for code in expected]


def test_every_command_is_in_the_table():
    assert sorted(cell.split()[0] for cell in first_cells("Commands")) == sorted(COMMANDS)


def test_every_option_is_on_the_page():
    shown = set(re.findall(r"--[a-z-]+", REFERENCE.text))
    commands = next(action for action in parser()._actions if action.dest == "command")
    known = {
        option
        for made in (parser(), *commands.choices.values())  # type: ignore[union-attr]
        for action in made._actions
        for option in action.option_strings
        if option.startswith("--") and option != "--help"
    }
    assert known - shown == set()


def test_fields_of_items_baskets_and_settings_are_in_their_tables():
    assert sorted(first_cells("Items")) == names(GivenLine)
    assert sorted(first_cells("Basket files")) == names(GivenBasket)
    assert sorted(first_cells("Settings files")) == names(SetupFile)
    (profile,) = [row[1] for row in REFERENCE.rows("Settings files") if row[0] == "`profile`"]
    assert sorted(re.findall(r"`(\w+)`", profile)) == names(GivenProfile) == sorted(PARTICULARS)
    assert ";".join(POSITIONS).upper() in REFERENCE.section("Items")


def test_the_items_on_the_page_are_items():
    (block,) = [block for block in REFERENCE.blocks if "--item" in block.text]
    for option, item in (shlex.split(line) for line in block.text.splitlines()):
        assert option == "--item"
        assert basket_of({}, [item], {}).items


async def test_the_how_to_works_as_it_stands(tmp_path):
    async with OfdServer(http="off", native="127.0.0.1:0") as operator:
        assert operator.native_address is not None
        done = await asyncio.to_thread(follow, tmp_path, operator.native_address)
    assert len(done) > 12
    assert json.loads(done["--json sell --basket basket.json --key order-17"])["paper"]["total"] == 195_000
    assert "ДУБЛИКАТ" in done["show 2 --copy"]
    assert "✔☁̸" in done["list --unsent"]
    assert done["sync"].startswith("передано: ")
    assert "цепочка цела" in done["verify"]
    assert (tmp_path / "receipt.html").is_file()


def follow(folder: Path, address: str) -> dict[str, str]:
    """Do what the page says, in this folder; what each command printed."""
    done: dict[str, str] = {}
    with chdir(folder):
        for block in HOW_TO.blocks:
            if block.info:
                Path(block.info).write_text(block.text, encoding="utf-8")
            for line in block.text.splitlines() if block.language == "console" else ():
                program, *arguments = shlex.split(line.removeprefix("$ ").replace("127.0.0.1:7790", address))
                assert program == "mock-ofd"
                out, err = io.StringIO(), io.StringIO()
                with redirect_stdout(out), redirect_stderr(err):
                    code = run(arguments)
                assert code == Exit.OK, f"{HOW_TO.name}:{block.line}: {line}\n{err.getvalue()}"
                done[" ".join(arguments[3:])] = out.getvalue()
    return done


OUTPUT = "What goes to standard output"


def documented(command):
    """The names that the page promises of a command's JSON."""
    (row,) = [row for row in REFERENCE.rows(OUTPUT) if f"`{command}`" in row[0]]
    return set(re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", row[1])))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A register that has sold, alone."""
    return tmp_path_factory.mktemp("till")


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("setup", ["--operator", "native://127.0.0.1:1"]),
        ("sell", ["--item", "Хлеб;1", "--low-power"]),
        ("z", ["--low-power"]),
        ("x", []),
        ("show", ["1"]),
        ("list", []),
        ("unfinished", []),
        ("status", []),
        ("sync", ["--timeout", "0"]),
        ("verify", []),
    ],
)
def test_the_names_of_json_are_those_on_the_page(folder, command, arguments):
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        run(["kkt", "--data", str(folder), "--json", command, *arguments])
    view = json.loads(out.getvalue())
    assert set(view) == documented(command)


def test_the_names_of_a_paper_are_on_the_page():
    paragraph = next(text for text in REFERENCE.section(OUTPUT).split("\n\n") if text.startswith("A paper has"))
    promised = set(re.findall(r"`(\w+)`", paragraph))
    assert set(paper_json(DELIVERED)) | set(paper_json(Z_REPORT)) == promised
