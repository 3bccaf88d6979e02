"""What the run and its generators say to each other comes through a pipe as it was said, or not at all."""

import os

import msgspec
import pytest

from mock_ofd.load.scenario import SHOP_DAY, Policy, Scenario, scenario_of
from mock_ofd.load.talk import End, Failed, Go, Made, Message, Order, Second, Stop, decode, encode

SCENARIO = Scenario(
    registers=7, outage_s=1_800.0, sales_per_hour=12.5, day=SHOP_DAY, returns="window:2", policy=Policy.FULL
)
ORDER = Order(
    scenario=SCENARIO.plain(), first=3, until=7, folder="/tmp/зал 1", name="generator-1", run="19a", begin=-1, end=2**53
)
SECOND = Second(at_s=0, backlog=9, acknowledged=8, connects=7, put_off=6, connected=5, latency="HIST=")
END = End(
    complete=False, sent=1, acknowledged=2, connects=3, put_off=4, late=5, first_connect=0.0, last_answer=1e-9,
    delay="D", wait="W", errors={'он сказал "нет"': 2}, cpu_s=0.1,
)  # fmt: skip

MESSAGES: dict[str, tuple[Message, bytes]] = {
    "order": (ORDER, b'{"type":"order",'),
    "go": (Go(at=12.000000001, host="::1", port=65_535), b'{"type":"go","at":12.000000001,"host":"::1","port":65535}'),
    "stop": (Stop(), b'{"type":"stop"}'),
    "some are made": (Made(done=3), b'{"type":"made","done":3,"documents":null}'),
    "all are made": (Made(done=3, documents=[1, 0, 2]), b'{"type":"made","done":3,"documents":[1,0,2]}'),
    "second": (SECOND, b'{"type":"second",'),
    "end": (END, b'{"type":"end",'),
    "failed": (Failed(text="two\nlines\r\nand \u2028 one"), b'{"type":"failed",'),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_is_one_line_and_comes_back_as_it_was(name):
    message, begins = MESSAGES[name]
    line = encode(message)
    assert line.startswith(begins)
    assert line.splitlines(keepends=True) == [line]
    assert line.endswith(b"}\n")
    assert decode(line) == message
    assert type(decode(line)) is type(message)


def test_one_after_the_other_through_a_pipe():
    said = [message for message, _ in MESSAGES.values()]
    heard, says = os.pipe()
    with os.fdopen(heard, "rb") as reader, os.fdopen(says, "wb") as writer:
        writer.writelines(encode(message) for message in said)
        writer.close()
        assert [decode(line) for line in reader] == said


def test_a_generator_works_by_the_scenario_of_the_run():
    order = decode(encode(ORDER))
    assert isinstance(order, Order)
    assert scenario_of(order.scenario) == SCENARIO


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"\n", "truncated"),
        (b"Traceback (most recent call last):\n", "malformed"),
        (b'{"type":"stop"} {"type":"stop"}\n', "malformed"),
        (b'{"done":1}\n', "missing required field `type`"),
        (b'{"type":"rest"}\n', "Invalid value 'rest'"),
        (b'{"type":"go","at":1.0,"host":"ofd"}\n', "missing required field `port`"),
        (b'{"type":"go","at":1.0,"host":"ofd","port":"80"}\n', r"Expected `int`, got `str` - at `\$.port`"),
        (b'{"type":"made","done":1.5}\n', r"Expected `int`, got `float` - at `\$.done`"),
        (b'{"type":"made","done":1,"documents":[1,null]}\n', r"got `null` - at `\$.documents\[1\]`"),
        (b'{"type":"failed","text":"\xff"}\n', "utf-8"),
    ],
)
def test_what_is_no_message_is_not_taken_for_one(line, words):
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError), match=words):
        decode(line)
