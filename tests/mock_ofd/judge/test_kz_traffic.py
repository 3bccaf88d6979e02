"""Recordings of the Kazakhstan protocol as journals: which requests are one document, and what a register does wrong."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fiscal.domain.document import Delivery
from fiscal.protocols.catalogue import transcript_named
from fiscal.protocols.kz.codes import AdType, Command, ResultCode
from fiscal.protocols.kz.frames import serialize_frame
from fiscal.protocols.kz.messages import response_type
from fiscal.protocols.recording import Happening, Side
from fiscal.protocols.splitting import Splitter
from fiscal.time import HOUR, MINUTE, SECOND
from mock_ofd.judge.sources import read_any
from mock_ofd.traffic.recording import Recorder
from tests.documents import T0, close_shift, deposit, receipt
from tests.mock_ofd.judge.lines import judged
from tests.ofd_server.kz_device import DEVICE, Device

R, O = Side.REGISTER, Side.OPERATOR  # noqa: E741 - short on purpose: the dialogues below are made of them
TRY_LATER = ResultCode.SERVICE_TEMPORARILY_UNAVAILABLE
AD: Any = {"service": {"ticket_ads": [{"info": {"type": AdType.INFO, "version": 1}, "text": "Долг"}]}}


class Talk:
    """A device and its operator, as they are written down."""

    def __init__(self, version: int = 203) -> None:
        self.file = io.StringIO()
        self.recorder = Recorder(self.file, transcript_named("kz"), to="x:1", at=T0)
        self.device = Device(version=version)
        self.version = version
        self.connection = 0
        self.signs = 0
        self.now = T0

    def asks(self, number: int, body: bytes, device: int = DEVICE) -> None:
        """A request, over a connection of its own."""
        self.connection += 1
        self.recorder.happened(self.now, self.connection, Happening.OPENED, R)
        self.passed(R, number, body, device)

    def answers(self, number: int, command: int, code: int = 0, device: int = DEVICE, **blocks: Any) -> None:
        fields = {"command": command, "result": {"result_code": code}, **blocks}
        if code == ResultCode.OK and command == Command.TICKET:
            self.signs += 1
            fields["ticket"] = {"ticket_number": f"{self.signs:010}", "qr_code": b"http://x"}
        self.passed(O, number, response_type(self.version)(**fields).SerializeToString(), device)

    def passed(self, side: Side, number: int, body: bytes, device: int = DEVICE) -> None:
        self.now += 10
        for piece in Splitter(transcript_named("kz")).feed(serialize_frame(self.version, device, 7, number, body)):
            self.recorder.passed(self.now, self.connection, side, piece)

    def ends(self, how: Happening = Happening.ENDED, side: Side = O) -> None:
        self.recorder.happened(self.now, self.connection, how, side)

    # ------------------------------------------------------------------------------------------------- documents

    def sell(self, number: int, code: int | None = 0, at: int = 0, sign: int | None = None, **more: Any) -> None:
        """A ticket of this second and its answer; ``None`` is none."""
        delivery = Delivery() if sign is None else Delivery(autonomous=True, autonomous_sign=sign)
        given = {name: more.pop(name) for name in ("answer", "total") if name in more}
        body = self.device.document(
            receipt(issued_at=T0 + at * SECOND, total=given.get("total", 10_000)), delivery, **more
        )
        self.asks(number, body)
        if code is None:
            self.ends()
        else:
            self.answers(number, Command.TICKET, code, **given.get("answer", {}))

    def away(self, begin: int = -HOUR, end: int = HOUR) -> Any:
        return self.device.service(T0, (T0 + begin, T0 + end))

    def judged(self, folder: Path) -> Any:
        path = folder / "traffic.jsonl"
        path.write_text(self.file.getvalue())
        return judged(read_any(path))


def whole_day(talk: Talk) -> None:
    talk.asks(1, talk.device.body(Command.SYSTEM))
    talk.answers(1, Command.SYSTEM)
    talk.sell(2)
    talk.sell(3, None, at=1)
    talk.asks(4, talk.device.body(Command.SYSTEM))
    talk.ends(Happening.RESET)
    talk.asks(4, talk.device.body(Command.SYSTEM, service=talk.away()))
    talk.answers(4, Command.SYSTEM)
    talk.sell(3, at=1, sign=501, service=talk.away())
    body = talk.device.document(deposit(2), Delivery(autonomous=True), service=talk.away())
    talk.asks(5, body)
    talk.answers(5, Command.MONEY_PLACEMENT)
    talk.asks(6, talk.device.document(close_shift(3, issued_at=T0 + 3), Delivery(autonomous=True), service=talk.away()))
    talk.answers(6, Command.CLOSE_SHIFT)
    talk.sell(7, at=5)


def answer_that_was_lost(talk: Talk) -> None:
    talk.sell(1)
    talk.sell(1)
    talk.sell(2, at=1)


def retries(talk: Talk) -> None:
    talk.sell(1, TRY_LATER)
    talk.sell(1, ResultCode.UNKNOWN_ERROR)
    talk.sell(1, ResultCode.BLOCKED, answer=AD)
    talk.sell(1, ResultCode.INVALID_TOKEN)
    talk.sell(1)
    talk.sell(2, at=1)


def other_numbers_after_a_refusal(talk: Talk) -> None:
    talk.sell(1, ResultCode.OPEN_SHIFT_TIMEOUT_EXPIRED)
    talk.asks(2, talk.device.document(close_shift(1, issued_at=T0)))
    talk.answers(2, Command.CLOSE_SHIFT)
    talk.sell(3)
    talk.sell(4, ResultCode.INVALID_TOKEN, at=1)
    talk.sell(5, at=1)
    talk.sell(6, ResultCode.BLOCKED, at=2)
    talk.sell(7, at=3)


def numbers_that_begin_anew(talk: Talk) -> None:
    talk.sell(65_535)
    talk.sell(0, at=1)
    talk.sell(1, at=2)
    talk.sell(65_535, at=3)


def half_closed(talk: Talk) -> None:
    talk.asks(1, talk.device.document(receipt()))
    talk.ends(side=R)
    talk.answers(1, Command.TICKET)
    talk.sell(2, at=1)


def several_devices(talk: Talk) -> None:
    talk.asks(1, talk.device.document(receipt()))
    talk.passed(R, 1, talk.device.document(receipt()), device=2)
    talk.answers(1, Command.TICKET, device=2)
    talk.answers(1, Command.TICKET)


def unread(talk: Talk) -> None:
    talk.asks(1, b"\xff")
    talk.answers(1, Command.RESERVED, ResultCode.PROTOCOL_ERROR)
    talk.answers(9, Command.TICKET)


def no_date(talk: Talk) -> None:
    when = {"date": {"year": 2026, "month": 99, "day": 9}, "time": {"hour": 1, "minute": 1, "second": 1}}
    period = {"begin_time": when, "end_time": when}
    talk.asks(1, talk.device.body(Command.SYSTEM, service=talk.device.service() | {"offline_period": period}))
    talk.answers(1, Command.SYSTEM)


def late_original(talk: Talk) -> None:
    """A copy that was held up in the network comes when its document was answered long ago."""
    talk.sell(1)
    talk.sell(2, None, at=1)
    talk.sell(2, at=1)
    talk.sell(3, at=2)
    talk.sell(2, ResultCode.INVALID_TOKEN, at=1)
    talk.sell(4, at=3)


def taken_back(talk: Talk) -> None:
    talk.sell(1)
    talk.asks(2, talk.device.body(Command.CANCEL_TICKET))
    talk.ends()
    talk.asks(2, talk.device.body(Command.CANCEL_TICKET))
    talk.answers(2, Command.CANCEL_TICKET)
    talk.sell(3, at=1)
    talk.asks(4, talk.device.body(Command.CANCEL_TICKET))
    talk.answers(4, Command.CANCEL_TICKET)


@pytest.mark.parametrize("version", [202, 203])
@pytest.mark.parametrize(
    "say",
    [
        whole_day,
        answer_that_was_lost,
        retries,
        other_numbers_after_a_refusal,
        numbers_that_begin_anew,
        half_closed,
        late_original,
        several_devices,
        unread,
        no_date,
        taken_back,
    ],
)
def test_what_is_right(tmp_path: Path, say: Callable[[Talk], None], version: int) -> None:
    talk = Talk(version)
    say(talk)
    assert [str(finding) for finding in talk.judged(tmp_path).findings] == []


# ----------------------------------------------------------------------------------------------------------- wrong


def another_number_in_doubt(talk: Talk) -> None:
    talk.sell(1, None)
    talk.sell(2)


def another_number_behind_a_lost_answer(talk: Talk) -> None:
    """Some clients draw a number for every attempt: the operator says 2, and they sell the same under the new token."""
    talk.sell(1, None)
    talk.sell(2, ResultCode.INVALID_TOKEN)
    talk.sell(3)


def overtaking(talk: Talk) -> None:
    talk.sell(1, None)
    talk.sell(2, at=1)
    talk.sell(1)


def other_content(talk: Talk) -> None:
    talk.sell(1, None)
    talk.sell(1, total=7)


def signs(talk: Talk) -> None:
    talk.sell(1, sign=501, service=talk.away())
    talk.sell(2, sign=501, at=1, service=talk.away())


def second_sign(talk: Talk) -> None:
    talk.sell(1, None, sign=501, service=talk.away())
    talk.sell(1, sign=502, service=talk.away())


def untold(talk: Talk) -> None:
    talk.sell(1, sign=501, service=talk.away(0, 0))


def told_of_another_time(talk: Talk) -> None:
    talk.asks(1, talk.device.body(Command.SYSTEM, service=talk.away(-3 * HOUR, -MINUTE - SECOND)))
    talk.answers(1, Command.SYSTEM)
    talk.sell(2, sign=501, service=None)


def told_in_vain(talk: Talk) -> None:
    talk.asks(1, talk.device.body(Command.SYSTEM, service=talk.away()))
    talk.answers(1, Command.SYSTEM, TRY_LATER)
    talk.sell(2, sign=501, service=None)


@pytest.mark.parametrize(
    ("say", "found"),
    [
        (another_number_in_doubt, ["duplicate", "overtake"]),
        (another_number_behind_a_lost_answer, ["duplicate", "overtake"]),
        (overtaking, ["overtake"]),
        (other_content, ["new_content"]),
        (signs, ["reused_sign"]),
        (second_sign, ["second_sign"]),
        (untold, ["missing_duration"]),
        (told_of_another_time, ["missing_duration"]),
        (told_in_vain, ["missing_duration"]),
    ],
)
def test_what_is_wrong(tmp_path: Path, say: Callable[[Talk], None], found: list[str]) -> None:
    talk = Talk()
    say(talk)
    verdict = talk.judged(tmp_path)
    assert [finding.rule for finding in verdict.findings] == found
    assert {account.register for account in verdict.accounts} == {str(DEVICE)}


def test_two_absences_are_two(tmp_path: Path) -> None:
    talk = Talk()
    talk.sell(1, at=-7_200, sign=501, service=talk.away(-3 * HOUR, -HOUR))
    talk.sell(2, at=7_200, sign=502, service=talk.away(HOUR, 3 * HOUR))
    assert talk.judged(tmp_path).is_right


def test_a_proof_names_the_lines(tmp_path: Path) -> None:
    talk = Talk()
    overtaking(talk)
    (finding,) = talk.judged(tmp_path).findings
    assert finding.text == "document ticket-2 was sent while document ticket-1 waited"
    assert [event.place for event in finding.proof] == ["traffic.jsonl:4", "traffic.jsonl:6"]
