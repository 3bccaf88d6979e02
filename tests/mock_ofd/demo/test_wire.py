from dataclasses import replace

import pytest

from mock_ofd.demo.clock import Pace
from mock_ofd.demo.wire import Assignment, Begin, Finished, Progress, Ready, Said, Stop, decode, encode

PACE = Pace(opens_at=1, closes_at=2, begins=3.25, day_s=20.0)
WHO = Assignment(number=1, folder="/tmp/a b", operator="native://127.0.0.1:1", opens_at=5, lines=("{}", "{}"))


@pytest.mark.parametrize(
    "message",
    [
        WHO,
        replace(WHO, pace=PACE),
        Begin(PACE),
        Stop(),
        Ready(),
        Progress(
            mode="online",
            saved=1,
            delivered=2,
            clouds=3,
            queue=4,
            oldest_ms=None,
            done=5,
            steps=6,
            asked_again=7,
            waits_ms=8,
        ),
        Said("Нет доступа\nк серверу", True),
        Finished(),
        Finished("RegisterBlocked: by_operator"),
    ],
)
def test_every_message_is_one_line_and_comes_back_as_it_was(message):
    line = encode(message)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert decode(line) == message
