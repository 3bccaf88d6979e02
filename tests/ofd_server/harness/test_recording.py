"""The operator's own recording: the lines that a recorder between both sides writes, and what the operator knows beside."""

import io
import json

import pytest

from fiscal.protocols.catalogue import transcript_named
from fiscal.protocols.native.codec import NATIVE
from fiscal.protocols.recording import Happening, Side
from fiscal.protocols.splitting import Splitter
from mock_ofd.traffic.recording import Recorder
from ofd_server.harness.recording import lines_of, recorded_protocol
from ofd_server.traffic import Traffic
from tests.fiscal.protocols.samples import HELLO
from tests.ofd_server.gateways.http.test_links import native
from tests.ofd_server.site import TOKEN, Site
from tests.ofd_server.twins import ManualClock

LATE = {
    "faults": [
        {
            "name": "late",
            "at": "after_commit",
            "effects": [{"kind": "delay", "ms": 1}],
            "when": {"command": "document", "nth": 2},
        }
    ]
}
TALKS = {
    "a hello": (NATIVE.serialize(HELLO, 1),),
    "a body that is none": (NATIVE.serialize(HELLO, 1)[:-1] + b"\xc1",),
    "no frame, and what follows": (b"GET / HTTP/1.1\r\n\r\n", b"and more"),
    "cut off": (NATIVE.serialize(HELLO, 1)[:20],),
}


@pytest.mark.parametrize("talk", TALKS.values(), ids=TALKS)
@pytest.mark.parametrize("secrets", [False, True])
def test_it_is_what_a_recorder_in_between_writes(talk, secrets):
    clock, file = ManualClock(), io.StringIO()
    transcript = transcript_named("native")
    heard = Traffic(clock)
    line = heard.opened("native", "x")
    recorder = Recorder(file, transcript, to="x:1", at=clock.now(), secrets=secrets)
    recorder.happened(clock.now(), 1, Happening.OPENED, Side.REGISTER)
    splitter = Splitter(transcript)
    for data in talk:
        heard.came(line, data)
        for piece in splitter.feed(data):
            recorder.passed(clock.now(), 1, Side.REGISTER, piece)
    heard.closed(line)
    for piece in splitter.end():
        recorder.passed(clock.now(), 1, Side.REGISTER, piece)
    recorder.happened(clock.now(), 1, Happening.ENDED, Side.REGISTER)

    written = [json.loads(row) for row in file.getvalue().splitlines()]
    ours = list(lines_of(heard.records, "native", to="x:1", at=clock.now(), secrets=secrets))
    assert [line.pop("seq") for line in ours[1:]] == [record.seq for record in heard.records]
    assert ours[0].pop("forgotten") == 0
    assert json.loads(json.dumps(ours)) == written
    assert (HELLO.token.encode().hex() in file.getvalue()) is (secrets and "token" in str(talk))


async def test_a_frame_says_which_fault_was_applied_to_it():
    async with Site() as site:
        site.ofd.inflict(LATE)
        async with native(site) as till:
            await till.sell(1)
            await till.sell(2)
        lines = list(site.ofd.harness.recording_lines(site.ofd.harness.traffic.records, None, secrets=False))
        struck = [(line["what"], line["number"], line["faults"][0]["name"]) for line in lines if "faults" in line]
        assert struck == [("document", 3, "late"), ("accepted", 3, "late")]


def test_nothing_is_of_some_protocol():
    assert recorded_protocol(()) == "native"
    assert recorded_protocol((), "kz") == "kz"


async def test_secrets_only_when_they_are_asked_for(tmp_path):
    async with Site() as site, native(site):
        for secrets in (False, True):
            site.ofd.save_recording(tmp_path / "x.jsonl", secrets=secrets)
            text = (tmp_path / "x.jsonl").read_text()
            assert (TOKEN.encode().hex() in text) is secrets
            assert json.loads(text.splitlines()[0])["secrets"] is secrets
