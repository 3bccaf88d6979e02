"""``mock-ofd serve`` as a process: one line when it is ready, one line when it cannot be, and its exit codes."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from mock_ofd.cli.exits import Exit
from mock_ofd.cli.serve import main, parser
from ofd_server.config import ServerSettings
from tests import bytecode
from tests.ofd_server.site import TOKEN, sale
from tests.ports import free_port

FREE = ("--http", "127.0.0.1:0", "--native", "127.0.0.1:0")
WAIT_S = 30
"""For a machine that is busy with other things; nothing here takes a tenth of it."""
STOP_S = 5.0

ROOT = Path(__file__).parents[3]


def environment(**variables):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MOCK_OFD_")}
    path = os.pathsep.join([str(ROOT), str(ROOT / "shared")])
    return {**clean, "PYTHONPATH": path, **bytecode.variables(), **variables}


class Process:
    """A server that is ready."""

    def __init__(self, popen):
        self.popen = popen
        self.line = popen.stdout.readline()
        self.ready = json.loads(self.line)

    def post(self, path, body, content_type="application/json", token=None):
        request = Request(f"http://{self.ready['http']}{path}", body, {"Content-Type": content_type})
        if token is not None:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urlopen(request, timeout=WAIT_S) as response:
                return response.status, json.load(response)
        except HTTPError as error:
            with error:
                return error.code, json.load(error)

    def hello(self):
        told = {"register": "kkm-1", "token": TOKEN, "software": "test"}
        return self.post("/api/v1/registers/kkm-1/hello", json.dumps(told).encode())

    def sell(self, number):
        body = sale(number, issued_at=time.time_ns() // 1_000_000)
        return self.post("/api/v1/registers/kkm-1/documents", body, token=TOKEN)

    def end(self, how=signal.SIGTERM):
        """Exit code, the rest of standard output, standard error, and the seconds that it took."""
        begun = time.monotonic()
        self.popen.send_signal(how)
        out, err = self.popen.communicate(timeout=WAIT_S)
        return self.popen.returncode, out, err, time.monotonic() - begun


@contextmanager
def serving(*arguments, command=("-m", "mock_ofd", "serve"), **variables):
    popen = subprocess.Popen(
        [sys.executable, *command, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(**variables),
    )
    try:
        yield Process(popen)
    finally:
        if popen.poll() is None:
            popen.kill()
            popen.communicate()


def refused(*arguments, **variables):
    """Exit code and standard error of a server that does not start."""
    done = subprocess.run(
        [sys.executable, "-m", "mock_ofd", "serve", *arguments],
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        env=environment(**variables),
        check=False,
    )
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


# -------------------------------------------------------------------------------------------------------------- ready


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_one_line_when_it_is_ready_and_a_clean_end(how):
    with serving(*FREE) as server:
        assert server.ready["event"] == "ready"
        assert server.ready["durable"] is False
        assert server.hello()[0] == 200
        code, out, err, seconds = server.end(how)
    assert (code, out) == (0, "")
    assert seconds < STOP_S
    assert "public key" in err
    assert "Traceback" not in err


def test_a_connection_that_is_open_does_not_hold_the_end():
    with serving(*FREE) as server:
        host, _, port = server.ready["http"].rpartition(":")
        with (
            socket.create_connection((host, int(port))) as idle,
            socket.create_connection((host, int(port))) as watching,
        ):
            idle.sendall(b"GET / HT")
            watching.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            watching.recv(1)
            code, _, _, seconds = server.end()
    assert code == 0
    assert seconds < STOP_S


def test_logs_as_json_on_standard_error():
    with serving(*FREE, "--log-format", "json") as server:
        code, _, err, _ = server.end()
    lines = [json.loads(line) for line in err.splitlines()]
    assert code == 0
    assert {"event", "level", "timestamp"} <= lines[0].keys()


def test_settings_by_variable_and_by_file(tmp_path):
    file = tmp_path / "ofd.toml"
    file.write_text(f'native = "off"\ndata = "{tmp_path / "ledger"}"\n')
    with serving(MOCK_OFD_HTTP="127.0.0.1:0", MOCK_OFD_CONFIG=str(file), MOCK_OFD_HTPP="typo") as server:
        assert server.ready["storage"] == "sqlite"
        assert "native" not in server.ready
        _, _, err, _ = server.end()
    assert "MOCK_OFD_HTPP" in err


def test_a_secret_is_in_no_line(tmp_path):
    with serving(*FREE, "--log-level", "debug", MOCK_OFD_API_TOKEN="a-long-secret") as server:
        assert server.post("/api/v1/registers", b'{"id": "x"}', token="a-long-secret")[0] == 201
        assert server.post("/api/v1/registers", b'{"id": "y"}', token="wrong-secret")[0] == 401
        _, _, err, _ = server.end()
    assert "secret" not in server.line + err


def test_what_was_answered_survives_a_kill(tmp_path):
    with serving(*FREE, "--data", str(tmp_path)) as server:
        server.hello()
        status, first = server.sell(1)
        assert status == 200
        server.end(signal.SIGKILL)
    with serving(*FREE, "--data", str(tmp_path)) as server:
        with urlopen(f"http://{server.ready['http']}/api/v1/registers/kkm-1/documents/1", timeout=WAIT_S) as response:
            assert json.load(response)["sign"] == first["sign"]
        assert server.sell(2)[0] == 200
        assert server.end()[0] == 0


# ------------------------------------------------------------------------------------------------------ does not start


def one_line(err):
    (line,) = err.splitlines()
    return line


def test_an_address_in_use():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        for option in ("--http", "--native"):
            code, err = refused(*FREE, option, address)
            assert code == Exit.ADDRESS
            assert address in one_line(err)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--http", "8080"], "--http: must be HOST:PORT"),
        (["--answer-timeout", "soon"], "--answer-timeout: "),
        (["--config", "/nowhere.toml"], "/nowhere.toml: cannot be read"),
        (["--signing-keys", "/nowhere"], "signing_keys: /nowhere cannot be read"),
    ],
)
def test_a_setting_that_is_wrong(arguments, told):
    code, err = refused(*FREE, *arguments)
    assert code == Exit.USAGE
    assert told in one_line(err)


def test_an_option_that_is_none():
    code, err = refused("--htpp", "x")
    assert code == Exit.USAGE
    assert "--htpp" in err


def test_a_folder_that_another_server_holds(tmp_path):
    with serving(*FREE, "--data", str(tmp_path)):
        code, err = refused(*FREE, "--data", str(tmp_path))
    assert code == Exit.DATA_BUSY
    assert str(tmp_path) in one_line(err)


def test_a_folder_that_holds_no_ledger(tmp_path):
    (tmp_path / "ledger.sqlite").write_bytes(b"no ledger" * 1000)
    code, err = refused(*FREE, "--data", str(tmp_path))
    assert code == Exit.DATA_CORRUPT
    assert "ledger.sqlite" in one_line(err)


def test_a_ledger_of_a_newer_version(tmp_path):
    db = sqlite3.connect(tmp_path / "ledger.sqlite")
    db.execute("pragma user_version = 99")
    db.close()
    code, err = refused(*FREE, "--data", str(tmp_path))
    assert code == Exit.DATA_UNUSABLE
    assert "schema version 99" in one_line(err)


def test_a_folder_that_is_none(tmp_path):
    file = tmp_path / "file"
    file.touch()
    code, err = refused(*FREE, "--data", str(file))
    assert code == Exit.DATA_UNUSABLE
    assert str(file) in one_line(err)


def test_a_database_that_is_not_there():
    address = f"127.0.0.1:{free_port()}"
    code, err = refused(*FREE, "--storage", f"postgresql://ofd:geheim@{address}/ledger")
    assert code == Exit.UNREACHABLE
    assert one_line(err).startswith(f"mock-ofd serve: postgresql://ofd@{address}/ledger cannot be reached: ")
    assert "geheim" not in err


def test_a_database_that_does_not_let_us_in(postgres_dsn):
    code, err = refused(*FREE, MOCK_OFD_STORAGE=postgres_dsn.replace("s3cret", "geheim"))
    assert code == Exit.USAGE
    assert 'password authentication failed for user "operator"' in one_line(err)
    assert "geheim" not in err


def test_a_program_that_cannot_ask_a_database(tmp_path):
    (tmp_path / "asyncpg.py").write_text(
        "raise ModuleNotFoundError('No module named asyncpg', name='asyncpg')", "utf-8"
    )
    path = os.pathsep.join([str(tmp_path), environment()["PYTHONPATH"]])
    code, err = refused(*FREE, "--storage", "postgresql://ofd:geheim@db/ledger", PYTHONPATH=path)
    assert code == Exit.NOT_INSTALLED
    assert "pip install 'mock-ofd[postgresql]'" in one_line(err)


# --------------------------------------------------------------------------------------------------- a disk that fails


BROKEN = """
import sys
from ofd_server.ports import JournalBroken
from ofd_server.storage.memory import MemoryJournal
from mock_ofd.cli.serve import main

commit = MemoryJournal.commit
async def broken(self, batch, notes=(), times=()):
    if any(append.after.tape.last_number for append in batch):
        {failure}
    return await commit(self, batch, notes, times)
MemoryJournal.commit = broken
sys.exit(main(sys.argv[1:]))
"""


def test_a_ledger_that_breaks_ends_the_process_after_its_answers():
    code = BROKEN.format(failure='raise JournalBroken("fsync failed")')
    with serving(*FREE, command=("-c", code)) as server:
        assert server.hello()[0] == 200
        status, answer = server.sell(1)
        assert (status, answer["result"]) == (503, "try_later")
        out, err = server.popen.communicate(timeout=WAIT_S)
        assert (server.popen.returncode, out) == (Exit.LEDGER_BROKEN, "")
    assert "the journal is broken" in err


def test_a_disk_that_never_answers_does_not_hold_the_end():
    code = BROKEN.format(failure="import asyncio, threading; await asyncio.to_thread(threading.Event().wait)")
    with serving(*FREE, command=("-c", code)) as server:
        server.hello()
        host, _, port = server.ready["http"].rpartition(":")
        with socket.create_connection((host, int(port))) as asking:
            body = sale(1, issued_at=time.time_ns() // 1_000_000)
            head = f"POST /api/v1/registers/kkm-1/documents HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
            asking.sendall(
                f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
            )
            time.sleep(0.3)
            code, out, _, seconds = server.end()
    assert (code, out) == (Exit.LEDGER_BROKEN, "")
    assert seconds < STOP_S + 1


# -------------------------------------------------------------------------------------------------------------- options


def test_every_setting_is_an_option_but_the_token():
    options = {option for action in parser()._actions for option in action.option_strings}
    for name in ServerSettings.model_fields:
        assert (f"--{name.replace('_', '-')}" in options) is (name != "api_token")


def test_help_is_no_error(capsys):
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    assert "--answer-timeout" in told
    assert "MOCK_OFD_API_TOKEN" in told


def test_an_option_that_was_not_given_is_not_there():
    assert vars(parser().parse_args([])) == {}
    assert vars(parser().parse_args(["--strict", "--no-withhold-late"])) == {"strict": True, "withhold_late": False}
