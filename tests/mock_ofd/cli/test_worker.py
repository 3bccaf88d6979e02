"""One process of several: it takes its settings from standard input, and ends when that ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from mock_ofd.cli.exits import Exit
from tests.mock_ofd.cli.test_serve import WAIT_S, environment

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux spreads connections among processes")

SETTINGS = {"http": "127.0.0.1:0", "native": "off", "kz": "off", "log_level": "error"}


def started(folder: str, line: str) -> subprocess.Popen[str]:
    popen = subprocess.Popen(
        [sys.executable, "-m", "mock_ofd.cli.worker", "3", folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    assert popen.stdin is not None
    popen.stdin.write(line + "\n")
    popen.stdin.flush()
    return popen


def test_it_is_an_operator_until_nobody_is_left_who_would_end_it():
    with TemporaryDirectory() as folder, started(folder, json.dumps(SETTINGS)) as worker:
        assert worker.stdout is not None
        ready = json.loads(worker.stdout.readline())
        assert ready["event"] == "ready"
        assert ready["http"].startswith("127.0.0.1:")
        assert Path(folder, "3.sock").exists()
        out, err = worker.communicate(timeout=WAIT_S)  # closes its standard input
        assert (worker.returncode, out, err) == (0, "", "")
        assert not Path(folder, "3.sock").exists()


def test_what_is_wrong_is_one_line_and_an_exit_code():
    with TemporaryDirectory() as folder:
        line = json.dumps({**SETTINGS, "signing_keys": "/nowhere"})
        with started(folder, line) as worker:
            out, err = worker.communicate(timeout=WAIT_S)
    assert (worker.returncode, out) == (Exit.USAGE, "")
    assert "signing_keys: /nowhere cannot be read" in err
    assert len(err.splitlines()) == 1
