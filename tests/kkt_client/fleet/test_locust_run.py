"""A run of Locust with registers in it, in processes of its own: Locust changes the process that imports it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
PATIENCE_S = 90.0
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'shared'}"}


def told(what: str, **more: Any) -> Any:
    command = [sys.executable, "-m", "tests.kkt_client.fleet.locust_runs", what]
    result = subprocess.run(
        command, env=ENVIRONMENT, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE_S, **more
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


# ------------------------------------------------------------------------------------------------------- the options

LISTED = "kkm-1\nkkm-2 own\nkkm-3\nkkm-4 # the last one\n"
CASES: dict[str, tuple[list[str], dict[str, str], int | None, list[Any]]] = {
    "nothing is said": ([], {}, None, [["locust-0-0", "locust"], ["locust-0-1", "locust"], 7]),
    "a worker that has no number yet": ([], {}, -1, [["locust-0-0", "locust"], ["locust-0-1", "locust"], 7]),
    "the third worker": ([], {}, 2, [["locust-2-0", "locust"], ["locust-2-1", "locust"], 7]),
    "names and a token": (
        ["--register-prefix", "chain", "--register-token", "secret", "--backlog", "300"],
        {},
        1,
        [["chain-1-0", "secret"], ["chain-1-1", "secret"], 300],
    ),
    "the same from the environment": (
        [],
        {"MOCK_OFD_REGISTER_PREFIX": "chain", "MOCK_OFD_REGISTER_TOKEN": "secret", "MOCK_OFD_BACKLOG": "300"},
        1,
        [["chain-1-0", "secret"], ["chain-1-1", "secret"], 300],
    ),
    "no backlog, whatever the class says": (
        ["--backlog", "0"],
        {},
        None,
        [["locust-0-0", "locust"], ["locust-0-1", "locust"], 0],
    ),
    "a list": (["--registers", "LIST"], {}, None, [["kkm-1", "locust"], ["kkm-2", "own"], 7]),
    "the share of the second worker": (
        ["--registers", "LIST", "--registers-per-worker", "2", "--register-token", "secret"],
        {},
        1,
        [["kkm-3", "secret"], ["kkm-4", "secret"], 7],
    ),
    "the same from the environment, with a list": (
        [],
        {"MOCK_OFD_REGISTERS": "LIST", "MOCK_OFD_REGISTERS_PER_WORKER": "2"},
        1,
        [["kkm-3", "locust"], ["kkm-4", "locust"], 7],
    ),
    "a share that is too small": (
        ["--registers", "LIST", "--registers-per-worker", "1"],
        {},
        0,
        ["registers: worker 0 has 1 of the list, and one more user wants one"],
    ),
    "two workers and no share": (
        ["--registers", "LIST"],
        {},
        1,
        ["registers: with more than one worker, say how many of the list each has"],
    ),
    "a list that is not there": (
        ["--registers", "NOWHERE"],
        {},
        None,
        ["registers: NOWHERE cannot be read: [Errno 2] No such file or directory: 'NOWHERE'"],
    ),
    "a list that is no text": (
        ["--registers", "BINARY"],
        {},
        None,
        ["registers: BINARY cannot be read: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"],
    ),
    "a list without an end": (
        ["--registers", "/dev/zero"],
        {},
        None,
        ["registers: /dev/zero cannot be read: file: is larger than 67,108,864 bytes"],
    ),
}
"""Options, variables, which worker it is; its first two registers and the backlog (7 by its class), or what is wrong."""


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict[str, str]:
    """What the words in capitals stand for."""
    folder = tmp_path_factory.mktemp("lists")
    (folder / "LIST").write_text(LISTED, "utf-8")
    (folder / "BINARY").write_bytes(b"\xff\xfe")
    return {name: str(folder / name) for name in ("LIST", "BINARY", "NOWHERE")}


@pytest.fixture(scope="module")
def registers(files) -> dict[str, Any]:
    cases = [
        {
            "args": [files.get(arg, arg) for arg in args],
            "environ": {name: files.get(value, value) for name, value in environ.items()},
            "worker": worker,
        }
        for args, environ, worker, _ in CASES.values()
    ]
    return dict(zip(CASES, told("registers", input=json.dumps(cases)), strict=True))


@pytest.mark.parametrize("case", CASES)
def test_options_say_which_registers_belong_to_a_process(registers, files, case):
    expected = CASES[case][-1]
    if isinstance(expected[0], str):
        for name, path in files.items():
            expected = [expected[0].replace(name, path)]
    assert registers[case] == expected


# ----------------------------------------------------------------------------------------------------------- the end

RUNS: dict[str, dict[str, int]] = {
    "everybody_ends": {"end": 2},
    "again": {"end": 2},
    "one_worker_quits": {"end": 1},
    "one_worker_is_gone": {"end": 1},
    "one_worker_never_ends": {"end": 1},
    "only_one_class_takes_its_time": {"end": 2},
    "nothing_runs": {"ended": 0},
    "one_process": {"end": 1},
}
"""What was counted of users that need longer for their end than Locust waits, by what else happened."""


@pytest.fixture(scope="module")
def counted() -> Any:
    return told("runs")


@pytest.mark.parametrize("run", RUNS)
def test_what_is_found_at_the_end_is_counted(counted, run):
    assert counted[run] == RUNS[run]


LOCUSTFILE = """
import os, signal
from locust import User, task
from kkt_client.fleet.locust_run import attend

attend()

class Till(User):
    @task
    def sell(self):
        os.kill(os.getpid(), signal.SIGTERM)

    def on_stop(self):
        failure = ValueError("lost") if self.environment.parsed_options.backlog else None
        self.environment.events.request.fire(
            request_type="end", name="end", response_time=0, response_length=0, exception=failure, context={}
        )
"""


@pytest.mark.parametrize(("backlog", "code"), [("1", 1), ("0", 0)])
def test_locust_itself_fails_by_what_is_found_at_the_end_of_a_run_that_is_ended_from_outside(tmp_path, backlog, code):
    (tmp_path / "locustfile.py").write_text(LOCUSTFILE, "utf-8")
    command = [sys.executable, "-m", "locust", "--headless", "--users", "1", "--backlog", backlog]
    result = subprocess.run(
        command, env=ENVIRONMENT, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )
    assert result.returncode == code, result.stderr
    assert "Traceback" not in result.stderr
