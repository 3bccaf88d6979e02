"""Words and signs for a terminal."""

import pytest

from fiscal.time import DAY, HOUR, MINUTE, SECOND
from mock_ofd.watch.words import BLOCKS, LOOKS, duration, figure, line, moment, money
from ofd_server.core.fleet import Lamp


@pytest.mark.parametrize(("number", "text"), [(None, "–"), (0, "0"), (999, "999"), (1_234_567, "1 234 567")])
def test_figures(number, text):
    assert figure(number) == text


@pytest.mark.parametrize(("minor", "text"), [(None, "–"), (5, "0,05"), (-5, "-0,05"), (123_456_789, "1 234 567,89")])
def test_money(minor, text):
    assert money(minor) == text


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (-5, "0 ms"),
        (999, "999 ms"),
        (SECOND, "1.0 s"),
        (59_999, "60.0 s"),
        (MINUTE, "1 min 0 s"),
        (MINUTE + 5 * SECOND, "1 min 5 s"),
        (HOUR - 1, "59 min 59 s"),
        (HOUR, "1 h 0 min"),
        (DAY + 3 * HOUR + MINUTE, "1 d 3 h"),
    ],
)
def test_durations(ms, text):
    assert duration(ms) == text


def test_a_moment_of_another_day_has_its_day():
    now = 1_767_250_800_000
    assert moment(None, now) == "–"
    assert moment(now, now).count(":") == 2
    assert "-" not in moment(now, now)
    assert moment(now - 2 * DAY, now).endswith(moment(now - 2 * DAY, now - 2 * DAY))
    assert moment(now - 2 * DAY, now).startswith("2025-12-")


@pytest.mark.parametrize(
    ("values", "width", "text"),
    [
        ([], 4, "    "),
        ([0, 0], 4, "    "),
        ([1, 8], 4, "  ▁█"),
        ([8, 1, 4], 2, "▂█"),
        ([0.01, 100], 2, "▁█"),
        ([5], 0, ""),
    ],
)
def test_a_line_of_blocks(values, width, text):
    assert line(values, width) == text
    assert set(line(values, width)) <= set(BLOCKS)


def test_every_lamp_has_a_shape_and_a_word_of_its_own():
    assert set(LOOKS) == set(Lamp)
    assert len({look.shape for look in LOOKS.values()}) == len(Lamp)
    assert len({look.word for look in LOOKS.values()}) == len(Lamp)
