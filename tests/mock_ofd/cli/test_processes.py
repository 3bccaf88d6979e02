"""``mock-ofd serve --processes``: several operators behind one address, kept running by a process that serves nobody."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from fiscal.errors import ConfigurationError
from mock_ofd.cli import processes
from mock_ofd.cli.exits import Exit
from ofd_server.config import settings_of
from tests.mock_ofd.cli.test_serve import WAIT_S, Process, environment, refused, serving

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux spreads connections among processes")

FREE = ("--http", "127.0.0.1:0", "--native", "127.0.0.1:0", "--kz", "127.0.0.1:0")
NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


def children(process: Process) -> list[int]:
    """The processes that this one has started."""
    pid = process.popen.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def until(so, seconds=WAIT_S):
    end = time.monotonic() + seconds
    while not (found := so()):
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)
    return found


def get(process: Process, path: str) -> str:
    with urlopen(f"http://{process.ready['http']}{path}", timeout=WAIT_S) as response:
        return str(response.read(), "utf-8")


def answered(process: Process) -> dict[str, float]:
    """How many documents each worker has accepted."""
    families = text_string_to_metric_families(get(process, "/metrics"))
    samples = next(family.samples for family in families if family.name == "mock_ofd_answers")
    return {one.labels["worker"]: one.value for one in samples if one.labels["outcome"] == "accepted"}


@contextlib.contextmanager
def watching(process: Process) -> Iterator[socket.socket]:
    """A stream of events, of whichever process gets it."""
    host, _, port = process.ready["http"].rpartition(":")
    with socket.create_connection((host, int(port)), timeout=WAIT_S) as stream:
        stream.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        head = b""
        while b"retry:" not in head:
            head += stream.recv(65_536)
        yield stream


def test_several_processes_are_one_operator(postgres_dsn):
    with serving(*FREE, "--processes", "2", MOCK_OFD_STORAGE=postgres_dsn) as server:
        assert server.ready["processes"] == 2
        assert server.ready["storage"] == "postgresql"
        assert {"http", "native", "kz"} <= server.ready.keys()
        workers = children(server)
        assert len(workers) == 2
        with contextlib.ExitStack() as held:
            streams = [held.enter_context(watching(server)) for _ in range(6)]
            assert server.hello()[0] == 200
            number = 0
            while len(answered(server)) < 2:  # each request is a connection, and the kernel draws who gets it
                number += 1
                assert number < 100
                assert server.sell(number)[0] == 200
            for stream in streams:  # whoever a viewer is connected to, it hears what all have written
                heard = b""
                while heard.count(b"event: document") < number:
                    heard += stream.recv(65_536)
                seqs = [int(line[4:]) for line in heard.splitlines() if line.startswith(b"id: ")]
                assert seqs == sorted(set(seqs))
        accepted = answered(server)
        assert sum(accepted.values()) == number
        assert set(accepted) == {"0", "1"}
        assert "mock_ofd_workers 2.0" in get(server, "/metrics")
        # One dies: the other serves, and it is started again.
        os.kill(workers[0], signal.SIGKILL)
        until(lambda: len(now := children(server)) == 2 and workers[0] not in now and now)
        until(lambda: "mock_ofd_workers 2.0" in get(server, "/metrics"))
        assert workers[1] in children(server)
        assert server.sell(number + 1)[0] == 200
        alive = children(server)
        code, out, err, _ = server.end()
    assert (code, out) == (0, "")
    assert "a process died and is started again" in err
    assert "Traceback" not in err
    assert "s3cret" not in server.line + err
    assert not any(is_alive(pid) for pid in alive)


def test_processes_whose_supervisor_is_killed_end_as_well(postgres_dsn):
    with serving(*FREE, "--processes", "2", MOCK_OFD_STORAGE=postgres_dsn) as server:
        workers = children(server)
        server.popen.kill()
        server.popen.communicate(timeout=WAIT_S)  # its processes hold standard error until they end
        until(lambda: not any(is_alive(pid) for pid in workers))


def test_a_signal_while_they_start_ends_them():
    with socket.create_server(("127.0.0.1", 0)) as silent:  # a database that never answers
        address = f"postgresql://a:b@127.0.0.1:{silent.getsockname()[1]}/c"
        command = [sys.executable, "-m", "mock_ofd", "serve", *FREE, "--processes", "2"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment(MOCK_OFD_STORAGE=address)) as started:
            pid = started.pid
            until(lambda: Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
            started.send_signal(signal.SIGTERM)
            assert started.wait(WAIT_S) == 0
            assert started.communicate()[0] == b""


# ------------------------------------------------------------------------------------------------------ does not start


def test_without_a_database(tmp_path):
    code, err = refused(*FREE, "--processes", "2", "--data", str(tmp_path))
    assert code == Exit.USAGE
    assert "processes: several share a ledger only in a database: give storage" in err


def test_what_is_wrong_is_said_once():
    code, err = refused(*FREE, "--processes", "3", "--storage", NOWHERE)
    assert code == Exit.UNREACHABLE
    assert len(err.splitlines()) == 1
    assert "cannot be reached" in err


def test_an_address_where_somebody_listens():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        code, err = refused(*FREE, "--native", address, "--processes", "2", "--storage", NOWHERE)
    assert code == Exit.ADDRESS
    assert f"native: {address} cannot be listened on" in err


async def test_a_system_that_cannot_spread_connections(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    settings = settings_of(storage=NOWHERE, processes=2)
    with pytest.raises(ConfigurationError, match="only Linux spreads connections"):
        await processes.supervise(settings)


def test_what_a_process_is_told_holds_secrets_and_no_plan_for_several():
    settings = settings_of(storage=NOWHERE, processes=2, api_token="a-long-secret", kz_profile="kar-tel")
    told = json.loads(processes._line_of(settings, {"http": "127.0.0.1:1", "native": "off", "kz": "off"}))
    assert told["api_token"] == "a-long-secret"
    assert told["storage"] == NOWHERE
    assert told["control"] == "off"
    assert "processes" not in told
    again = settings_of(**told)
    assert again.kz_profile == settings.kz_profile
    assert again.http == "127.0.0.1:1"
