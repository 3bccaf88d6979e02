"""Messages on one side, messages on the other, and what is wrong about the envelope."""

import hashlib
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.domain.limits import NUMBER_MAX
from fiscal.domain.messages import (
    Accepted,
    Blocked,
    Information,
    Noted,
    Ping,
    RefusalCode,
    Refused,
    Request,
    TryLater,
    Welcome,
)
from fiscal.faults.answers import (
    COMMANDS,
    ForeignRefusal,
    Outgoing,
    alter,
    command_of,
    host_effects,
    instead,
    of_another,
    shifted,
)
from fiscal.faults.effects import (
    AnswerOfAnother,
    AskToWait,
    Block,
    Crash,
    Delay,
    DiskFull,
    Effect,
    Refuse,
    SlowFsync,
    Unblock,
    WrongRequestNumber,
    WrongToken,
)

ACCEPTED = Accepted(number=7, at=1_000, sign="123456789012", qr="https://x/?i=123456789012&f=1", key="k1")
NOTED = Noted(at=1_000)


@pytest.mark.parametrize(
    ("effects", "reply"),
    [
        ([], None),
        ([Delay(5), DiskFull(), Crash()], None),
        ([Refuse("number_gap", "no")], Refused(code=RefusalCode.NUMBER_GAP, text="no")),
        ([Refuse("blocked", "unpaid")], Blocked(reason="unpaid")),
        ([Refuse("15", "?")], ForeignRefusal("15", "?")),
        ([AskToWait(3_000)], TryLater(delay_ms=3_000)),
        (
            [WrongToken()],
            Refused(code=RefusalCode.WRONG_TOKEN, field="token", text="the token is not the register's"),
        ),
        ([Delay(5), AskToWait(1), Refuse("conflict")], TryLater(delay_ms=1)),
    ],
)
def test_a_reply_instead_of_asking_the_service(effects, reply):
    assert instead(effects) == reply


@pytest.mark.parametrize(
    ("effects", "outgoing"),
    [
        ([], Outgoing(ACCEPTED)),
        ([Delay(5), Block()], Outgoing(ACCEPTED)),
        ([Refuse("conflict")], Outgoing(Refused(code=RefusalCode.CONFLICT))),
        ([AskToWait(9)], Outgoing(TryLater(delay_ms=9))),
        ([WrongToken()], Outgoing(ACCEPTED, wrong_token=True)),
        ([WrongRequestNumber()], Outgoing(ACCEPTED, number_offset=1)),
        ([WrongRequestNumber(-3), WrongRequestNumber()], Outgoing(ACCEPTED, number_offset=-2)),
        ([AnswerOfAnother(4)], Outgoing(of_another(ACCEPTED, 4), of_another=True)),
        ([AnswerOfAnother(), AskToWait(9)], Outgoing(TryLater(delay_ms=9), of_another=True)),
    ],
)
def test_an_answer_is_altered_after_the_commit(effects, outgoing):
    assert alter(ACCEPTED, effects) == outgoing


def test_a_foreign_refusal_in_our_own_words():
    assert ForeignRefusal("15", "?").plain == Refused(code=RefusalCode.BAD_REQUEST, text="15: ?")
    assert len(ForeignRefusal("15", "x" * 1_024).plain.text) == 1_024


def test_the_answer_of_another_register_has_other_figures_throughout():
    other = of_another(ACCEPTED, 4)
    assert other == Accepted(number=12, at=1_000, sign="123456789015", qr="https://x/?i=123456789015&f=1", key="k1")


@given(st.integers(0, 2**53 - 1), st.integers(0, NUMBER_MAX), st.text(min_size=1, max_size=12))
def test_another_is_never_the_same_and_stays_in_range(draw, number, sign):
    other = of_another(Accepted(number=number, at=0, sign=sign), draw)
    assert isinstance(other, Accepted)
    assert other.sign is not None
    assert other.number != number
    assert 1 <= other.number <= NUMBER_MAX
    assert other.sign != sign
    assert len(other.sign) == len(sign)


@pytest.mark.parametrize(
    ("answer", "other"),
    [
        (Accepted(number=7, at=1), Accepted(number=8, at=1)),
        (Accepted(number=7, at=1, qr="q"), Accepted(number=8, at=1, qr="q")),
        (
            Welcome(at=1, operator="o", last_number=3, last_digest=b"d" * 32),
            Welcome(at=1, operator="o", last_number=4, last_digest=hashlib.sha256(b"d" * 32).digest()),
        ),
        (Welcome(at=1, operator="o"), Welcome(at=1, operator="o", last_number=1)),
        (
            Information(at=1, last_number=3, last_shift=1, shift_opened_at=None, last_autonomous_sign=0),
            Information(at=1, last_number=4, last_shift=1, shift_opened_at=None, last_autonomous_sign=0),
        ),
        (NOTED, NOTED),
        (ForeignRefusal("1"), ForeignRefusal("1")),
    ],
)
def test_what_each_answer_becomes(answer, other):
    assert of_another(answer, 0) == other


def test_what_the_shell_does_itself_keeps_its_order():
    effects: list[Effect] = [Unblock(), Delay(1), SlowFsync(5), Refuse("x"), DiskFull(), Block(), Crash()]
    assert host_effects(effects) == (Unblock(), SlowFsync(5), DiskFull(), Block())


def test_every_request_has_its_word():
    assert set(COMMANDS) == set(get_args(Request))
    assert len(set(COMMANDS.values())) == len(COMMANDS)
    assert command_of(Ping()) == "ping"


@pytest.mark.parametrize(
    ("number", "offset", "first", "last", "expected"),
    [(5, 1, 1, 10, 6), (10, 1, 1, 10, 1), (1, -1, 1, 10, 10), (0, -1, 0, 65_535, 65_535), (7, 2**31 - 1, 1, 10, 4)],
)
def test_a_number_is_shifted_within_its_field(number, offset, first, last, expected):
    assert shifted(number, offset, first, last) == expected
