"""Recordings as journals: what a register does wrong shows in what it sends."""

import io
from itertools import count
from pathlib import Path

import pytest
from msgspec.structs import replace

from fiscal.domain.document import Delivery
from fiscal.domain.lifecycle import AutonomousReason
from fiscal.domain.messages import (
    Accepted,
    Blocked,
    Hello,
    Noted,
    RefusalCode,
    Refused,
    ReportOfflinePeriod,
    SubmitDocument,
    TryLater,
    Welcome,
)
from fiscal.errors import ConfigurationError
from fiscal.protocols.catalogue import TRANSCRIPTS, transcript_named
from fiscal.protocols.content import encode_content
from fiscal.protocols.native.codec import NATIVE
from fiscal.protocols.recording import Happening, Side
from fiscal.protocols.splitting import Splitter
from mock_ofd.judge.sources import read_any
from mock_ofd.traffic.recording import Recorder
from tests.documents import T0, close_shift, document_id, receipt, void
from tests.mock_ofd.judge.lines import judged

R, O = Side.REGISTER, Side.OPERATOR  # noqa: E741 - short on purpose: the dialogues below are made of them


class Talk:
    """One connection, as it is written down."""

    def __init__(self):
        self.file = io.StringIO()
        self.recorder = Recorder(self.file, transcript_named("native"), to="x:1", at=T0)
        self.numbers = count(1)
        self.now = T0
        self.connection = 0

    def greet(self, register="till-1"):
        self.connection += 1
        self.numbers = count(1)
        self.ask(Hello(register=register, token="t", software="s"), Welcome(at=1, operator="o"))

    def ask(self, request, answer=None):
        number = next(self.numbers)
        self.passed(R, request, number)
        if answer is not None:
            self.passed(O, answer, number)

    def passed(self, side, message, number):
        self.now += 10
        for piece in Splitter(transcript_named("native")).feed(NATIVE.serialize(message, number)):
            self.recorder.passed(self.now, self.connection, side, piece)

    def hang_up(self, how=Happening.ENDED):
        self.recorder.happened(self.now, self.connection, how, R)

    def submit(self, document, answer=None, **facts):
        delivery = Delivery(autonomous=True, **facts) if facts else Delivery()
        message = SubmitDocument(content=encode_content(document), delivery=delivery)
        self.ask(message, accepted(document) if answer is True else answer)

    def judged(self, tmp_path: Path):
        path = tmp_path / "traffic.jsonl"
        path.write_text(self.file.getvalue())
        return judged(read_any(path))


def accepted(document):
    return Accepted(number=document.number, at=1, sign=f"{document.number:012}")


def sold(number, **given):
    return receipt(number, issued_at=T0 + number, **given)


REFUSAL = Refused(code=RefusalCode.BAD_TOTALS)
PERIOD = ReportOfflinePeriod(number=1, begin=T0, end=T0 + 9, reason=AutonomousReason.NO_CONNECTION)


def right_day(talk):
    talk.greet()
    talk.submit(sold(1), True)
    talk.submit(sold(2))
    talk.hang_up()
    talk.greet()
    talk.ask(PERIOD, Noted(at=1))
    talk.submit(sold(2), True, autonomous_sign=501, period=1)
    talk.submit(close_shift(3, issued_at=T0 + 3), True, period=1)
    talk.submit(sold(4), TryLater(delay_ms=5))
    talk.submit(sold(4), Blocked(reason="unpaid"))
    talk.submit(sold(4), Refused(code=RefusalCode.SUPERSEDED))
    talk.submit(sold(4), REFUSAL)
    talk.submit(void(4, id=document_id(4, 1), voids=document_id(4), issued_at=T0 + 4), True)
    talk.ask(SubmitDocument(content=b"\xc1"), Refused(code=RefusalCode.BAD_REQUEST))
    talk.hang_up()


def overtaking(talk):
    talk.greet()
    talk.submit(sold(1))
    talk.hang_up(Happening.RESET)
    talk.greet()
    talk.submit(sold(2), Refused(code=RefusalCode.NUMBER_GAP, expected=1))
    talk.submit(sold(1), True)
    talk.submit(sold(2), True)


def new_number(talk):
    talk.greet()
    talk.submit(sold(1))
    talk.hang_up()
    talk.greet()
    talk.submit(replace(sold(1), number=2, id=document_id(2)), True)


def new_content(talk):
    talk.greet()
    talk.submit(sold(1))
    talk.submit(sold(1, total=7), Refused(code=RefusalCode.CONFLICT))


def gap(talk):
    talk.greet()
    talk.submit(sold(1), True)
    talk.submit(sold(3), True)


def signs(talk):
    talk.greet()
    talk.ask(PERIOD, Noted(at=1))
    talk.submit(sold(1), True, autonomous_sign=501, period=1)
    talk.submit(sold(2), True, autonomous_sign=501, period=1)


def untold(talk):
    talk.greet()
    talk.ask(PERIOD, TryLater(delay_ms=5))
    talk.submit(sold(1), True, autonomous_sign=501, period=1)


@pytest.mark.parametrize(
    ("say", "found"),
    [
        (right_day, []),
        (overtaking, ["overtake"]),
        (new_number, ["duplicate", "overtake"]),
        (new_content, ["new_content"]),
        (gap, ["gap"]),
        (signs, ["reused_sign"]),
        (untold, ["missing_duration"]),
    ],
)
def test_what_a_recording_shows(tmp_path, say, found):
    talk = Talk()
    say(talk)
    verdict = talk.judged(tmp_path)
    assert [finding.rule for finding in verdict.findings] == found
    assert {account.register for account in verdict.accounts} == {"till-1"}
    for finding in verdict.findings:
        assert all(event.source == "traffic.jsonl" for event in finding.proof)


def test_registers_are_told_apart_by_their_connections(tmp_path):
    talk = Talk()
    gap(talk)
    talk.greet("till-2")
    talk.submit(sold(7), True)
    assert [len(account.findings) for account in talk.judged(tmp_path).accounts] == [1, 0]


def test_whatever_can_be_recorded_can_be_judged(tmp_path):
    path = tmp_path / "traffic.jsonl"
    for transcript in TRANSCRIPTS:
        path.write_text(f'{{"recording": 1, "protocol": "{transcript.name}", "to": "x:1"}}\n')
        assert judged(read_any(path)).is_right
    path.write_text('{"recording": 1, "protocol": "morse", "to": "x:1"}\n')
    with pytest.raises(ConfigurationError, match="'morse'"):
        read_any(path)
