"""``mock-ofd record`` and ``mock-ofd replay`` as commands: ready line, file, outcome, exit codes."""

import json
import signal
import socket
import subprocess
import sys

import pytest

from fiscal.errors import ConfigurationError
from fiscal.protocols.native.codec import NATIVE
from mock_ofd.cli import record, replay
from mock_ofd.cli.addresses import host_and_port
from mock_ofd.cli.exits import Exit
from tests.fiscal.protocols.samples import HELLO

LIMIT_S = 30


class Command:
    """``mock-ofd`` as a process that says when it is ready."""

    def __init__(self, *arguments):
        command = [sys.executable, "-m", "mock_ofd", *map(str, arguments)]
        self.child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def __enter__(self):
        assert self.child.stdout is not None
        self.ready = json.loads(self.child.stdout.readline())
        return self

    def __exit__(self, *_):
        self.child.kill()
        self.child.communicate(timeout=LIMIT_S)

    def stop(self):
        self.child.send_signal(signal.SIGTERM)
        return self.child.wait(timeout=LIMIT_S)


def serve():
    return Command("serve", "--native", "127.0.0.1:0", "--http", "off", "--log-level", "error")


def talk(address, *frames):
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=LIMIT_S) as talking:
        for frame in frames:
            talking.sendall(frame)
            assert talking.recv(65_536)


def said(capsys, command, *arguments):
    code = command.main([str(each) for each in arguments])
    spoken = capsys.readouterr()
    return code, spoken.out, spoken.err


def test_a_conversation_is_recorded_and_played_again(tmp_path, capsys, monkeypatch):
    out = tmp_path / "traffic.jsonl"
    with serve() as operator:
        with Command("record", "--to", f"native://{operator.ready['native']}", "--out", out) as recorder:
            assert recorder.ready == {
                "event": "ready",
                "listen": recorder.ready["listen"],
                "to": operator.ready["native"],
                "protocol": "native",
                "out": str(out),
            }
            talk(recorder.ready["listen"], NATIVE.serialize(HELLO, 1))
            assert recorder.stop() == Exit.OK
        assert HELLO.token.encode().hex() not in out.read_text()

        code, text, _ = said(capsys, replay, out, "--token", HELLO.token)
        assert (code, text) == (Exit.OK, "1 request: 1 answered the same, 0 not\n")
        monkeypatch.setenv(replay.TOKEN_VARIABLE, HELLO.token)
        code, text, _ = said(capsys, replay, out, "--time", "--json")
        assert code == Exit.DIFFERENT
        plain = json.loads(text)
        assert (plain["verdict"], plain["requests"], plain["same"]) == ("different", 1, 0)
        assert plain["differing"][0]["differences"][0]["field"] == "at"
        code, text, _ = said(capsys, replay, out, "--token", "KZ-0001=wrong", "--sign")
        assert code == Exit.DIFFERENT
        assert text.splitlines()[0] == "line 3: hello, request 1 of KZ-0001, connection 1"
        assert '  answer: "welcome" recorded, "refused" now' in text
        assert '"wrong_token"' in text
    code, _, err = said(capsys, replay, out)
    assert code == Exit.UNREACHABLE
    assert "cannot be reached" in err


def test_an_answer_that_is_missing_is_told(tmp_path, capsys):
    recording = tmp_path / "traffic.jsonl"
    head = {"recording": 1, "protocol": "native", "to": "127.0.0.1:1", "secrets": True}
    frame = NATIVE.serialize(HELLO, 1).hex()
    line = {"connection": 1, "from": "register", "raw": frame, "what": "hello", "number": 1, "fields": {}}
    recording.write_text(f"{json.dumps(head)}\n{json.dumps(line)}\n")
    with serve() as operator:
        code, text, _ = said(capsys, replay, recording, "--to", operator.ready["native"])
    assert code == Exit.DIFFERENT
    assert "  no answer recorded, welcome now\n  now: {" in text
    assert len(max(text.splitlines(), key=len)) <= replay.SHOWN + 10


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--out", "x"], Exit.USAGE, "--to"),
        (["--to", "nowhere", "--out", "traffic.jsonl"], Exit.USAGE, "--to: must be HOST:PORT, is 'nowhere'"),
        (["--to", "h:1", "--out", "traffic.jsonl", "--protocol", "x"], Exit.USAGE, "known are native, kz"),
        (["--to", "h:1", "--out", "no/traffic.jsonl"], Exit.DATA_UNUSABLE, "No such file or directory"),
        (["--to", "h:1", "--out", "traffic.jsonl", "--listen", "192.0.2.1:1"], Exit.ADDRESS, "--listen: 192.0.2.1:1"),
    ],
)
def test_what_cannot_be_recorded(tmp_path, capsys, monkeypatch, arguments, code, words):
    monkeypatch.chdir(tmp_path)
    got, _, err = said(capsys, record, *arguments)
    assert got == code
    assert words in err


def test_nothing_to_replay(tmp_path, capsys):
    recording = tmp_path / "traffic.jsonl"
    recording.write_text(
        json.dumps({"recording": 1, "protocol": "native", "to": "127.0.0.1:1", "secrets": True}) + "\n"
    )
    assert said(capsys, replay, recording)[:2] == (Exit.NOTHING, "nothing to replay: there is no request\n")
    code, text, _ = said(capsys, replay, recording, "--json", "--allow-empty")
    assert (code, json.loads(text)["verdict"], json.loads(text)["requests"]) == (Exit.OK, "nothing", 0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["gone.jsonl"], "gone.jsonl cannot be read"),
        (["gone.jsonl", "--wait", "0"], "must be above 0"),
        ([], "FILE"),
    ],
)
def test_what_cannot_be_played(tmp_path, capsys, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    code, _, err = said(capsys, replay, *arguments)
    assert code == Exit.USAGE
    assert words in err


@pytest.mark.parametrize(
    ("text", "scheme", "found"),
    [
        ("127.0.0.1:7790", None, ("127.0.0.1", 7790)),
        ("native://ofd.example:7790", "native", ("ofd.example", 7790)),
        ("kz://h:1?id=5&token=6", "kz", ("h", 1)),
        ("kz://h:1/", "kz", ("h", 1)),
        ("[::1]:80", None, ("::1", 80)),
    ],
)
def test_an_address(text, scheme, found):
    assert host_and_port(text, "to", scheme) == found


@pytest.mark.parametrize("text", ["", ":80", "h", "h:", "h:x", "h:65536", "native://h:1", "h:1/x", "h:٣"])
def test_no_address(text):
    with pytest.raises(ConfigurationError, match="to: must be HOST:PORT"):
        host_and_port(text, "to")
