"""Log lines go to standard error, in one form, without the values of variables."""

import json
import logging

import pytest
import structlog

from mock_ofd.cli.logs import set_up_logs
from ofd_server.config import LogFormat, LogLevel


@pytest.fixture(autouse=True)
def as_before():
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    logging.getLogger("asyncpg.pool").setLevel(logging.NOTSET)
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def fail():
    token = "the-secret-token"
    raise ValueError(f"went wrong after {len(token)} letters")


@pytest.mark.parametrize("form", LogFormat)
def test_a_traceback_does_not_tell_the_values_of_variables(form, capsys):
    set_up_logs(form, LogLevel.INFO)
    try:
        fail()
    except ValueError:
        structlog.get_logger("x").exception("it failed", where="here")
    out, err = capsys.readouterr()
    assert out == ""
    assert "went wrong after 16 letters" in err
    assert "the-secret-token" not in err
    assert "fail" in err


def test_json_is_one_object_a_line(capsys):
    set_up_logs(LogFormat.JSON, LogLevel.INFO)
    structlog.get_logger("x").info("привет", number=1)
    logging.getLogger("aiohttp.server").warning("from %s", "elsewhere")
    first, second = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (first["event"], first["number"], first["level"]) == ("привет", 1, "info")
    assert (second["event"], second["logger"], second["level"]) == ("from elsewhere", "aiohttp.server", "warning")


def test_the_exception_of_a_library_is_told_as_well(capsys):
    set_up_logs(LogFormat.JSON, LogLevel.INFO)
    try:
        fail()
    except ValueError:
        logging.getLogger("asyncio").exception("never retrieved")
    assert "ValueError" in capsys.readouterr().err


def test_a_pool_that_tries_again_says_nothing(capsys):
    set_up_logs(LogFormat.CONSOLE, LogLevel.DEBUG)
    try:
        fail()
    except ValueError:
        logging.getLogger("asyncpg.pool").warning("Failed to restore the pool connection floor", exc_info=True)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("level", "lines"), [(LogLevel.DEBUG, 4), (LogLevel.WARNING, 2), (LogLevel.ERROR, 1)])
def test_less_important_lines_are_left_out(level, lines, capsys):
    set_up_logs(LogFormat.CONSOLE, level)
    log = structlog.get_logger("x")
    for method in (log.debug, log.info, log.warning, log.error):
        method("line")
    logging.getLogger("library").info("not from libraries")
    assert len(capsys.readouterr().err.splitlines()) == lines


def test_a_log_that_has_been_used_follows_to_where_lines_go_now(capsys):
    log = structlog.get_logger("x")
    for word in ("once", "again"):
        set_up_logs(LogFormat.JSON, LogLevel.INFO)
        log.info(word)
        assert word in capsys.readouterr().err
    structlog.reset_defaults()
    log.info("as ever")
    assert "as ever" in capsys.readouterr().out
