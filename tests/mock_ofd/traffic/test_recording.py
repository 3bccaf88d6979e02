"""The file: what is written is read back, secrets are not in it, and a broken file is named with its line."""

import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fiscal.errors import ConfigurationError, RemoteProtocolError
from fiscal.protocols.catalogue import transcript_named
from fiscal.protocols.native.codec import NATIVE
from fiscal.protocols.native.header import serialize_header
from fiscal.protocols.recording import Happening, Side
from fiscal.protocols.splitting import Rest, Splitter
from fiscal.wire.given import Bounds
from mock_ofd.traffic.recording import Recorder, read_recording
from tests.documents import T0
from tests.fiscal.protocols.samples import ACCEPTED, ANSWERS, HELLO, REQUESTS, SUBMIT

NATIVELY = transcript_named("native")
REGISTER, OPERATOR = Side.REGISTER, Side.OPERATOR


def pieces(data):
    splitter = Splitter(NATIVELY)
    return [*splitter.feed(data), *splitter.end()]


def record(*, secrets=False):
    file = io.StringIO()
    recorder = Recorder(file, NATIVELY, to="127.0.0.1:7790", at=T0, secrets=secrets)
    recorder.happened(T0, 1, Happening.OPENED, REGISTER)
    sent = NATIVE.serialize(HELLO, 1) + NATIVE.serialize(SUBMIT, 2) + serialize_header(5, 1, 3) + b"\xc1"
    for piece in pieces(sent + NATIVE.serialize(HELLO, 4)[:60]):
        recorder.passed(T0 + 1, 1, REGISTER, piece)
    for piece in pieces(NATIVE.serialize(ACCEPTED, 2)):
        recorder.passed(T0 + 2, 1, OPERATOR, piece)
    recorder.passed(T0 + 3, 2, OPERATOR, Rest(b"and more"))
    recorder.happened(T0 + 4, 1, Happening.RESET, OPERATOR)
    return file.getvalue()


@pytest.fixture
def written(tmp_path):
    def written(text, encoding="utf-8"):
        path = tmp_path / "recording.jsonl"
        path.write_bytes(text.encode(encoding))
        return path

    return written


def test_the_lines():
    head, opened, hello, document, broken, cut, answer, more, reset = map(json.loads, record().splitlines())
    assert head == {
        "recording": 1,
        "at": "2026-01-01T07:00:00.000Z",
        "protocol": "native",
        "to": "127.0.0.1:7790",
        "secrets": False,
    }
    assert opened == {"at": head["at"], "connection": 1, "event": "opened", "from": "register"}
    assert (hello["what"], hello["number"], hello["register"], hello["fields"]["token"]) == (
        "hello",
        1,
        "KZ-0001",
        "***",
    )
    assert (document["what"], document["register"], document["from"]) == ("document", "KZ-0001", "register")
    assert bytes.fromhex(document["raw"]) == NATIVE.serialize(SUBMIT, 2)
    assert (broken["error"]["code"], "what" in broken) == ("bad_request", False)
    assert (cut["error"]["code"], len(cut["raw"])) == ("cut_off", 120)
    assert (answer["what"], answer["from"], answer["fields"]["sign"]) == ("accepted", "operator", "123456789012")
    assert more == {"at": "2026-01-01T07:00:00.003Z", "connection": 2, "from": "operator", "raw": b"and more".hex()}
    assert (reset["event"], reset["from"]) == ("reset", "operator")


def test_a_secret_is_in_the_file_only_when_it_is_wanted():
    assert b"secret".hex() not in record()
    assert b"secret".hex() in record(secrets=True)
    assert HELLO.token not in record(secrets=True).replace('"secrets"', ""), "in words it is never told"


@pytest.mark.parametrize("secrets", [True, False])
def test_what_is_written_is_read_back(written, secrets):
    read = read_recording(written(record(secrets=secrets)))
    assert (read.transcript, read.to, read.secrets) == (NATIVELY, "127.0.0.1:7790", secrets)
    assert [line.place for line in read.lines] == list(range(2, 10))
    assert [line.happening for line in read.lines if line.happening] == [Happening.OPENED, Happening.RESET]
    told = [line.told for line in read.lines if line.told]
    assert [(one.what, one.number, one.register) for one in told] == [
        ("hello", 1, "KZ-0001"),
        ("document", 2, "KZ-0001"),
        ("accepted", 2, "KZ-0001"),
    ]
    assert read.lines[2].raw == NATIVE.serialize(SUBMIT, 2)
    assert read.lines[6].raw == b"and more"


def test_a_recorder_that_was_killed_in_its_last_line(written):
    assert len(read_recording(written(record()[:-30])).lines) == 7


HEAD = '{"recording": 1, "protocol": "native", "to": "x"}\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no recording of version 1"),
        ("{}\n", "is no recording of version 1"),
        ('{"recording": 2}\n', "is no recording of version 1"),
        ("what\n{}\n", ":1 is no JSON"),
        (HEAD + "[]\n", ":2 must be an object"),
        (HEAD + "{}\n", ":2 is no line of a recording"),
        (HEAD + '{"connection": 1, "from": "nobody"}\n', ":2 is no line of a recording"),
        (HEAD + '{"connection": 1, "from": "register", "event": "slept"}\n', ":2 is no line of a recording"),
        (HEAD + '{"connection": 1, "from": "register", "raw": "xx"}\n', ":2 is no line of a recording"),
        (HEAD + '{"connection": 1, "from": "register", "raw": "", "what": "x"}\n', ":2 is no line of a recording"),
        (HEAD.replace("native", "gopher"), "nothing tells frames of a protocol 'gopher'"),
    ],
)
def test_what_is_no_recording(written, text, said):
    with pytest.raises(ConfigurationError) as caught:
        read_recording(written(text))
    assert said in str(caught.value)


def test_a_file_that_cannot_be_read(written, tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        read_recording(tmp_path / "gone")
    with pytest.raises(ConfigurationError, match=":1 is no UTF-8"):
        read_recording(written("ночь", "cp1251"))


def test_a_file_that_is_more_than_anybody_reads(written, monkeypatch):
    opened = '{"connection": 1, "from": "register", "event": "opened"}\n'
    assert len(read_recording(written(HEAD + "\n\r\n" + opened)).lines) == 1
    with pytest.raises(ConfigurationError, match=r"/dev/zero:1: is longer than 16,777,216 bytes"):
        read_recording(Path("/dev/zero"))
    monkeypatch.setattr("mock_ofd.traffic.recording.BOUNDS", Bounds(100, 2, 1000))
    with pytest.raises(ConfigurationError, match=":3: is one too many: a file may have 2 lines"):
        read_recording(written(HEAD + opened * 2))
    monkeypatch.setattr("mock_ofd.traffic.recording.BOUNDS", Bounds(100, 9, 150))
    with pytest.raises(ConfigurationError, match=":3: is too much: a file may have 150 bytes"):
        read_recording(written(HEAD + opened * 2))


def test_an_error_is_told_with_its_code():
    file = io.StringIO()
    recorder = Recorder(file, NATIVELY, to="x:1", at=T0)
    recorder.passed(T0, 1, REGISTER, Rest(b"?", RemoteProtocolError("bad_magic", "header.magic", "must be MOFD")))
    assert json.loads(file.getvalue().splitlines()[1])["error"] == {
        "code": "bad_magic",
        "field": "header.magic",
        "text": "must be MOFD",
    }


VECTORS = Path(__file__).parents[2] / "vectors/kz"
GOOD = {
    "native": [NATIVE.serialize(message, 2) for message in (*REQUESTS, *ANSWERS)],
    "kz": [bytes.fromhex(path.read_text()) for path in sorted(VECTORS.glob("*.hex"))],
}


@given(st.sampled_from(sorted(GOOD)), st.data(), st.sampled_from(Side), st.booleans())
@settings(max_examples=400)
def test_nothing_that_passes_stops_the_recorder(protocol, data, side, secrets):
    frame = bytearray(data.draw(st.sampled_from(GOOD[protocol])))
    for _ in range(data.draw(st.integers(0, 4))):
        frame[data.draw(st.integers(0, len(frame) - 1))] = data.draw(st.integers(0, 255))
    file = io.StringIO()
    transcript = transcript_named(protocol)
    recorder = Recorder(file, transcript, to="x:1", at=T0, secrets=secrets)
    splitter = Splitter(transcript)
    for piece in [*splitter.feed(bytes(frame)), *splitter.end()]:
        recorder.passed(T0, 1, side, piece)
    lines = [json.loads(line) for line in file.getvalue().splitlines()]
    assert len(lines) >= 2
    if secrets:
        assert b"".join(bytes.fromhex(line["raw"]) for line in lines[1:]) == frame
