"""An error of ours is written to the log and told to whoever watches."""

import logging

import pytest
import structlog

from ofd_server.defects import Defect, WatchedLog, tell, watch


@pytest.fixture
def heard():
    found: list[Defect] = []
    stop = watch(found.append)
    yield found
    stop()


def test_an_exception_is_told_with_what_it_is_about(heard, capsys):
    log = WatchedLog(__name__)
    nothing: dict[str, int] = {}
    try:
        nothing["till-1"]
    except KeyError:
        log.exception("a request could not be decided", register="till-1", what="x")
    [defect] = heard
    assert str(defect) == "a request could not be decided: register=till-1 what=x KeyError: 'till-1'"
    assert "Traceback" in defect.trace
    assert "KeyError: 'till-1'" in capsys.readouterr().out


def test_an_error_is_one_when_it_comes_with_an_exception(heard):
    log = WatchedLog(__name__)
    log.error("the journal is broken", error="disk full")
    assert heard == []
    log.error("a request failed", exc_info=ValueError("no"), path="/x")
    assert str(heard[0]) == "a request failed: path=/x ValueError: no"


def test_everything_else_is_a_log_as_ever(heard, capsys):
    WatchedLog(__name__).warning("not so good", answer=42)
    assert "not so good" in capsys.readouterr().out
    assert heard == []


def test_a_log_that_somebody_configured_shows_the_error_in_its_own_way(heard):
    structlog.configure(processors=[structlog.processors.JSONRenderer()], cache_logger_on_first_use=False)
    try:
        with structlog.testing.capture_logs() as lines:
            WatchedLog(__name__).error("a request failed", exc_info=ValueError("no"))
    finally:
        structlog.reset_defaults()
    assert isinstance(lines[0]["exc_info"], ValueError)
    assert heard


def test_who_stops_hears_no_more():
    found: list[Defect] = []
    stop = watch(found.append)
    tell(Defect("one", None, {"of": logging.INFO}))
    stop()
    tell(Defect("two", None, {}))
    assert [str(defect) for defect in found] == ["one of=20"]
    assert found[0].trace == ""
