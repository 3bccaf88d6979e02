"""Frames of the Kazakhstan protocol in words, and without their secrets."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.errors import InvalidValue, RemoteProtocolError
from fiscal.protocols.kz.codes import Command
from fiscal.protocols.kz.frames import serialize_frame
from fiscal.protocols.kz.header import HEADER_SIZE
from fiscal.protocols.kz.messages import parse_request, request_type, response_type, serialize
from fiscal.protocols.kz.transcript import KZ_TRANSCRIPT as KZ
from fiscal.protocols.transcript import HIDDEN

VECTORS = Path(__file__).parents[3] / "vectors/kz"
TOKEN = 123_456_789


def parts(frame):
    return KZ.parse_header(frame[:HEADER_SIZE]), frame[HEADER_SIZE:]


def read(name):
    return bytes.fromhex((VECTORS / f"{name}.hex").read_text())


def framed(message, version=203):
    return serialize_frame(version, 4711, TOKEN, 9, serialize(message))


def login(version=203):
    request = request_type(version)(command=Command.AUTH)
    request.auth.login, request.auth.password = "aigul", "geheim"
    return framed(request, version)


def test_a_ticket_is_told_under_the_names_of_the_schema():
    told = KZ.tell(*parts(read("ticket-request-203")), is_answer=False)
    assert (told.what, told.number, told.register, told.fields["version"]) == ("ticket", 3, "100500", 203)
    ticket = told.fields["ticket"]
    assert (ticket["operation"], ticket["date_time"]) == ("OPERATION_SELL", "2025-11-20T10:05:07")
    assert ticket["amounts"] == {"total": "500.00", "taken": "1000.00", "change": "500.00"}
    assert [item["commodity"]["name"] for item in ticket["items"]] == ["Bread"]
    assert json.loads(json.dumps(told.fields)) == told.fields


def test_its_answer():
    told = KZ.tell(*parts(read("ticket-reply-203")), is_answer=True)
    assert (told.what, told.number, told.register) == ("ticket", 3, "100500")
    assert told.fields["result"] == {"code": "ok", "result_code": 0}
    assert told.fields["ticket"]["ticket_number"] == "9001"
    assert told.fields["ticket"]["qr_code"].startswith("http://")
    assert set(told.fields["ticket"]) == KZ.signs


def test_a_result_that_nobody_knows_is_told_as_its_number():
    response = response_type(202)(command=Command.SYSTEM)
    response.result.result_code = 77
    assert KZ.tell(*parts(framed(response, 202)), is_answer=True).fields["result"] == {"code": "77", "result_code": 77}


def test_what_is_no_message_is_not_told():
    for is_answer in (True, False):
        with pytest.raises(RemoteProtocolError):
            KZ.tell(*parts(serialize_frame(203, 1, 1, 1, b"\xff")), is_answer=is_answer)


@pytest.mark.parametrize("version", [202, 203])
def test_login_and_password_are_neither_told_nor_shown(version):
    frame = login(version)
    assert KZ.tell(*parts(frame), is_answer=False).fields["auth"] == {"login": HIDDEN, "password": HIDDEN}
    hidden = KZ.conceal(*parts(frame), is_answer=False)
    assert b"geheim" not in hidden
    assert b"aigul" not in hidden
    header, body = parts(hidden)
    assert (header.token, header.number, header.body_size) == (0, 9, len(body))
    assert parse_request(version, body).auth.password == HIDDEN


@pytest.mark.parametrize(("name", "is_answer"), [("ticket-request-203", False), ("ticket-reply-203", True)])
def test_of_every_other_frame_only_the_token_is_hidden(name, is_answer):
    frame = read(name)
    assert frame[12:16] != bytes(4)
    assert KZ.conceal(*parts(frame), is_answer=is_answer) == frame[:12] + bytes(4) + frame[16:]


def test_a_request_that_cannot_be_read_may_be_a_login():
    frame = serialize_frame(203, 1, TOKEN, 2, b"\x08\x08geheim\xff")
    hidden = KZ.conceal(*parts(frame), is_answer=False)
    assert hidden == frame[:12] + bytes(4) + frame[16:18] + bytes(9)


@given(st.binary(max_size=40), st.integers(0, 60))
def test_bytes_that_are_no_frame(garbage, cut):
    frame = login()[:cut]
    hidden = KZ.conceal_rest(frame)
    assert len(hidden) == len(frame)
    assert hidden[:12] == frame[:12]
    assert not any(hidden[12:16])
    assert hidden[16:18] == frame[16:18]
    assert not any(hidden[18:])
    if not garbage.startswith(b"\xa2\x81"):
        assert KZ.conceal_rest(garbage) == garbage


def test_every_request_carries_the_token_of_its_device():
    header, body = parts(login())
    assert KZ.holder(header, body) == "4711"
    changed = KZ.with_token(header, body, "42")
    assert parts(changed) == (header._replace(token=42), body)
    for token in ("0", "x", "4294967296"):
        with pytest.raises(InvalidValue, match="token: must be a number"):
            KZ.with_token(header, body, token)


def test_an_answer_tells_the_token_to_use_next():
    header, _ = parts(login())
    assert KZ.next_token(header) == str(TOKEN)
    assert KZ.next_token(header._replace(token=0)) is None
