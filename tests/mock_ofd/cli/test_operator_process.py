"""The operator of a run ends with the run, however that ended."""

import json
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

ENDS_WITHIN_S = 30


@contextmanager
def operator(folder):
    command = (sys.executable, "-P", "-m", "mock_ofd.cli.operator_process", "--native", "127.0.0.1:0")
    process = subprocess.Popen(
        [*command, "--kz", "off", "--http", "off", "--data", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert json.loads(process.stdout.readline())["native"].startswith("127.0.0.1:")
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


@pytest.mark.parametrize("end", ["the run is gone", "a signal"])
def test_it_ends_in_order(tmp_path, end):
    with operator(tmp_path) as process:
        assert process.poll() is None
        if end == "a signal":
            process.send_signal(signal.SIGTERM)
        else:
            process.stdin.close()
        assert process.wait(ENDS_WITHIN_S) == 0
