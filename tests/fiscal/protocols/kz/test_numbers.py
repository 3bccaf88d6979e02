"""Which request is new, which is the last one again, and which is wrong: a table, and the chain of a whole life."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.errors import InvalidValue
from fiscal.protocols.kz.codes import ANY_TOKEN, ROTATES, Command, ResultCode
from fiscal.protocols.kz.numbers import (
    NUMBER_MAX,
    RESULT_OF,
    TOKEN_MAX,
    Exchange,
    Verdict,
    accepted,
    follows,
    judge,
    new_token,
    number_after,
    parse_token,
)

NEW, REPLAY = Verdict.NEW, Verdict.REPLAY
RETRY, NUMBER, TOKEN = Verdict.INVALID_RETRY, Verdict.INVALID_NUMBER, Verdict.INVALID_TOKEN

FRESH = Exchange(issued_token=100)
USED = Exchange(issued_token=200, last_token=100, last_number=7, last_command=Command.TICKET)


@pytest.mark.parametrize(
    ("exchange", "command", "token", "number", "verdict"),
    [
        # before the first document nothing can be repeated
        (FRESH, Command.TICKET, 100, 1, NEW),
        (FRESH, Command.TICKET, 100, 0, NEW),
        (FRESH, Command.TICKET, 99, 1, TOKEN),
        (FRESH, Command.SYSTEM, 100, 1, NEW),
        (FRESH, Command.SYSTEM, 99, 1, TOKEN),
        # line 1
        (USED, Command.TICKET, 100, 7, REPLAY),
        # line 2
        (USED, Command.CLOSE_SHIFT, 100, 7, RETRY),
        (USED, Command.MONEY_PLACEMENT, 100, 7, RETRY),
        (USED, Command.CANCEL_TICKET, 100, 7, RETRY),
        # line 3
        (USED, Command.TICKET, 200, 7, NUMBER),
        (USED, Command.CLOSE_SHIFT, 200, 7, NUMBER),
        # line 4
        (USED, Command.TICKET, 100, 8, TOKEN),
        (USED, Command.TICKET, 100, 6, TOKEN),
        (USED, Command.TICKET, 300, 7, TOKEN),
        (USED, Command.TICKET, 300, 8, TOKEN),
        (USED, Command.TICKET, 0, 8, TOKEN),
        (USED, Command.TICKET, 0, 7, TOKEN),
        # line 5: no number but the last one is wrong
        (USED, Command.TICKET, 200, 8, NEW),
        (USED, Command.MONEY_PLACEMENT, 200, 9, NEW),
        (USED, Command.TICKET, 200, 6, NEW),
        (USED, Command.CANCEL_TICKET, 200, 8, NEW),
        # other commands: the issued token, and no look at the number
        (USED, Command.SYSTEM, 200, 8, NEW),
        (USED, Command.INFO, 200, 7, NEW),
        (USED, Command.NOMENCLATURE, 200, 8, NEW),
        (USED, Command.AUTH, 100, 7, TOKEN),
        (USED, Command.INFO, 100, 8, TOKEN),
        (USED, Command.RESERVED, 100, 7, TOKEN),
        (USED, Command.RESERVED, 200, 7, NEW),
        # reports: any token
        (USED, Command.REPORT, 200, 8, NEW),
        (USED, Command.REPORT, 100, 7, NEW),
        (USED, Command.REPORT, 0, 0, NEW),
        # 0 is no token, not even when it was issued by mistake
        (Exchange(0), Command.TICKET, 0, 1, TOKEN),
        (Exchange(0), Command.SYSTEM, 0, 1, TOKEN),
    ],
)
def test_the_table(exchange, command, token, number, verdict):
    assert judge(exchange, command, token, number) is verdict


def test_how_a_refusal_is_answered():
    assert {verdict: code.value for verdict, code in RESULT_OF.items()} == {RETRY: 9, NUMBER: 8, TOKEN: 2}
    assert set(Verdict) - set(RESULT_OF) == {NEW, REPLAY}
    assert RESULT_OF[TOKEN] is ResultCode.INVALID_TOKEN


def test_what_is_kept():
    assert accepted(Command.TICKET, 100, 7, 200) == USED


commands = st.sampled_from(Command)
tokens = st.integers(0, 5)
request_numbers = st.integers(0, 3)
exchanges = st.builds(Exchange, tokens) | st.builds(
    Exchange, tokens, tokens, request_numbers, st.sampled_from(sorted(ROTATES))
)


@given(exchanges, commands, tokens, request_numbers)
def test_nothing_is_replayed_but_the_last_exchange(exchange, command, token, number):
    verdict = judge(exchange, command, token, number)
    same = (token, number, command) == exchange[1:]
    assert (verdict is REPLAY) == same
    if verdict is NEW and command not in ANY_TOKEN:
        assert token == exchange.issued_token != 0
    if command not in ROTATES:
        assert verdict in {NEW, TOKEN}


@given(
    st.lists(st.sampled_from(sorted(ROTATES)), min_size=1, max_size=8),
    st.integers(0, NUMBER_MAX),
    st.sampled_from([0, 1]),
)
def test_a_life_of_documents_each_sent_twice(documents, number, first):
    exchange = Exchange(issued_token=1)
    for issued, command in enumerate(documents, 2):
        number = number_after(number, first)
        token = exchange.issued_token
        assert judge(exchange, command, token, number) is NEW
        exchange = accepted(command, token, number, issued)
        assert judge(exchange, command, token, number) is REPLAY
        assert judge(exchange, command, token, number_after(number)) is TOKEN


@pytest.mark.parametrize(
    ("previous", "number", "is_next"),
    [
        (0, 1, True),
        (1, 2, True),
        (1, 1, False),
        (1, 3, False),
        (2, 1, False),
        (65534, 65535, True),
        (65534, 0, False),
        (65535, 0, True),
        (65535, 1, True),
        (65535, 2, False),
        (65535, 65535, False),
    ],
)
def test_which_number_is_next(previous, number, is_next):
    assert follows(number, previous) is is_next


@given(st.integers(0, NUMBER_MAX), st.sampled_from([0, 1]))
def test_the_next_number_follows(number, first):
    after = number_after(number, first)
    assert 0 <= after <= NUMBER_MAX
    assert follows(after, number)


def test_both_ways_to_begin_anew():
    assert number_after(NUMBER_MAX) == 0
    assert number_after(NUMBER_MAX, 1) == 1


def test_a_token_is_made_of_key_register_and_version():
    token = new_token(b"key", "100500", 7)
    assert token == new_token(b"key", "100500", 7)
    others = {new_token(b"other", "100500", 7), new_token(b"key", "100501", 7), new_token(b"key", "100500", 8)}
    assert token not in others
    assert len(others) == 3


def test_a_token_uses_all_bits():
    assert any(new_token(b"key", "1", version) > 2**31 for version in range(20))


def test_a_token_is_not_one_of_the_old_ones():
    token = new_token(b"key", "100500", 7)
    second = new_token(b"key", "100500", 7, token)
    third = new_token(b"key", "100500", 7, token, second)
    assert len({token, second, third}) == 3


def test_a_token_is_never_zero(monkeypatch):
    drawn = iter([bytes(32), bytes(32), b"\x00\x00\x00\x05" + bytes(28)])
    monkeypatch.setattr("fiscal.protocols.kz.numbers.Mac.digest", lambda *_: next(drawn))
    assert new_token(b"key", "100500", 7) == 5


@given(st.binary(min_size=1), st.text(max_size=64), st.integers(0))
def test_a_token_is_in_range(key, register_id, version):
    assert 1 <= new_token(key, register_id, version) <= TOKEN_MAX


@pytest.mark.parametrize("text", ["1", "123456789", "2952414999", "4294967295", "0000000001"])
def test_a_token_as_text(text):
    assert parse_token(text) == int(text)


@pytest.mark.parametrize(
    "text", ["", "0", "4294967296", "-1", "+1", " 1", "1.0", "abc", "١", "9" * 5000, "00000000001"]
)
def test_no_token(text):
    with pytest.raises(InvalidValue) as caught:
        parse_token(text, "address.token")
    assert (caught.value.field, caught.value.code) == ("address.token", "not_a_token")
