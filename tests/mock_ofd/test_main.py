"""``mock-ofd``: which command is run, and what is imported for it."""

import subprocess
import sys

import pytest

import mock_ofd
from mock_ofd.__main__ import COMMANDS, run
from mock_ofd.cli.exits import Exit
from ofd_server.config import VERSION
from tests.mock_ofd.cli.test_serve import environment


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["help"]])
def test_without_a_command_the_commands_are_listed(arguments, capsys):
    assert run(arguments) == 0
    out, err = capsys.readouterr()
    assert err == ""
    for name in COMMANDS:
        assert f"  {name} " in out


@pytest.mark.parametrize("argument", ["--version", "version"])
def test_the_version(argument, capsys):
    assert run([argument]) == 0
    assert capsys.readouterr().out == f"mock-ofd {VERSION}\n"


def test_a_command_that_is_none(capsys):
    assert run(["frobnicate"]) == Exit.USAGE
    out, err = capsys.readouterr()
    assert (out, "there is no command 'frobnicate'" in err) == ("", True)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_tells_about_itself(name, capsys):
    assert run([name, "--help"]) == 0
    assert f"usage: mock-ofd {name}" in capsys.readouterr().out


def imported_by(code):
    """The top-level modules that this code imports."""
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys\n{code}\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))",
        ],
        capture_output=True,
        text=True,
        check=True,
        env=environment(),
    )
    return set(done.stdout.split())


def test_the_server_starts_without_what_other_commands_need():
    code = """
import asyncio, structlog
from ofd_server.app import OfdServer
from mock_ofd.cli import logs, serve
structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
async def start():
    async with OfdServer(http="127.0.0.1:0", native="127.0.0.1:0"):
        serve.parser()
asyncio.run(start())
"""
    found = imported_by(code)
    assert "aiohttp" in found
    assert not found & {"typer", "segno", "prometheus_client", "sqlite3", "kkt_client"}


def test_naming_the_package_imports_neither_side():
    assert not imported_by("import mock_ofd") & {"ofd_server", "kkt_client", "aiohttp", "pydantic"}


def test_both_sides_are_found_when_they_are_asked_for():
    for name in mock_ofd.__all__:
        assert getattr(mock_ofd, name).__name__ == name
    with pytest.raises(AttributeError):
        mock_ofd.nothing  # noqa: B018 - the look-up is the test
