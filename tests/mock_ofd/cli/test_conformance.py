"""The command: what it refuses, what it prints, and how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mock_ofd.__main__ import run
from mock_ofd.cli.exits import Exit
from mock_ofd.conformance.catalogue import SCENARIOS
from tests.docs.pages import ROOT
from tests.mock_ofd.conformance.players import SHAKY

BRISK = ["--answer-limit", "1", "--retry-ms", "200", "--patience", "3"]
SMALL = ["--only", "online-sale", "--only", "half-*", *BRISK]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--protocol", "ru", "--", "x"], "the protocol 'ru' is not there yet; native and kz are"),
        (["--protocol", "mqtt", "--", "x"], "invalid choice"),
        (["--protocol", "kz"], "name the COMMAND"),
        (["--only", "nothing-of-the-kind", "--", "x"], "there is no scenario 'nothing-of-the-kind'"),
        (["--jobs", "0", "--", "x"], "must be 1 to 64"),
        (["--answer-limit", "0.1", "--", "x"], "must be 0.5 to 60"),
        (["--", "/no/such/driver"], "there is no such command"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["conformance", *arguments]) == Exit.USAGE
    assert complaint in capsys.readouterr().err


def test_the_scenarios_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["conformance", "--list"]) == Exit.OK
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(SCENARIOS)
    assert run(["conformance", "--list", "--json", "--only", "j*"]) == Exit.OK
    assert [each["name"] for each in json.loads(capsys.readouterr().out)] == ["just-in-time", "just-too-late", "jitter"]


def test_a_client_that_passes_ends_with_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    junit, badge = tmp_path / "card.xml", tmp_path / "badge.svg"
    assert run(["conformance", *SMALL, "--junit", str(junit), "--badge", str(badge), "--", *SHAKY]) == Exit.OK
    out, err = capfd.readouterr()
    assert out.splitlines()[-1] == "conforms: 2 passed"
    assert err == ""
    assert b'tests="2" failures="0"' in junit.read_bytes()
    assert "2 of 2" in badge.read_text("utf-8")


def test_a_client_that_fails_is_told_with_its_story(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["conformance", *SMALL, "--json", "--", *SHAKY, "half-is-enough"]) == Exit.FOUND
    card = json.loads(capfd.readouterr().out)
    assert [each["verdict"] for each in card["scenarios"]] == ["passed", "failed"]
    assert "no answer to it had reached the client" in card["scenarios"][1]["text"]
    assert any("[reset]" in line for line in card["scenarios"][1]["story"])


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = tmp_path / "no" / "card.xml"
    arguments = ["--only", "online-sale", *BRISK, "--junit", str(nowhere), "--", *SHAKY]
    assert run(["conformance", *arguments]) == Exit.UNWRITTEN
    assert "cannot be written" in capsys.readouterr().err


def test_a_driver_that_is_none_fails_and_breaks_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--only", "online-sale", "--only", "blocked", *BRISK, "--", sys.executable, "-c", "print('hello')"]
    assert run(["conformance", *arguments]) == Exit.FOUND
    assert "about was answered with something that is no JSON" in capsys.readouterr().out


@pytest.mark.parametrize("page", ["README.md", "docs/index.md", "docs/how-to/conformance.md", "CHANGELOG.md"])
def test_pages_say_how_many_scenarios_there_are(page: str) -> None:
    said = re.findall(r"(\d+) (?:named )?scenarios", (ROOT / page).read_text("utf-8"))
    assert set(said) == {str(len(SCENARIOS))}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, Exit.INTERRUPTED), (signal.SIGTERM, Exit.TERMINATED)])
def test_an_interrupted_run_takes_its_clients_along(tmp_path: Path, number: signal.Signals, code: Exit) -> None:
    mark = tmp_path / "pid"
    driver = f"import os, time, pathlib; pathlib.Path({str(mark)!r}).write_text(str(os.getpid())); time.sleep(60)"
    command = [
        sys.executable,
        "-m",
        "mock_ofd",
        "conformance",
        "--only",
        "online-sale",
        "--",
        sys.executable,
        "-c",
        driver,
    ]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True, cwd=ROOT)
    try:
        for _ in range(300):
            if mark.exists() and mark.read_text():
                break
            time.sleep(0.05)
        running.send_signal(number)
        assert running.wait(20) == code
        with pytest.raises(ProcessLookupError):
            os.kill(int(mark.read_text()), 0)
    finally:
        running.kill()
        running.wait()
