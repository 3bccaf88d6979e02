"""Native frames in words, and without their secrets."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fiscal.domain.messages import Hello, SubmitDocument
from fiscal.errors import InvalidValue, RemoteProtocolError
from fiscal.protocols.native.codec import NATIVE
from fiscal.protocols.native.header import HEADER_SIZE, serialize_header
from fiscal.protocols.native.messages import Kind
from fiscal.protocols.native.transcript import NATIVE_TRANSCRIPT as NATIVELY
from fiscal.protocols.transcript import HIDDEN
from tests.fiscal.protocols.samples import ACCEPTED, ANSWERS, HELLO, PROFILE, RECEIPT, REQUESTS, SUBMIT, WELCOME


def parts(frame):
    return NATIVELY.parse_header(frame[:HEADER_SIZE]), frame[HEADER_SIZE:]


def told(message, number=7):
    header, body = parts(NATIVE.serialize(message, number))
    return NATIVELY.tell(header, body, is_answer=header.is_answer)


@pytest.mark.parametrize("message", [*REQUESTS, *ANSWERS], ids=lambda message: type(message).__name__)
def test_every_message_can_be_told_and_is_json(message):
    found = told(message)
    assert found.what in {kind.name.lower() for kind in Kind}
    assert found.number == 7
    assert json.loads(json.dumps(found.fields)) == found.fields


def test_a_document_is_told_field_by_field():
    found = told(SUBMIT)
    assert (found.what, found.register) == ("document", None)
    document = found.fields["document"]
    assert (document["kind"], document["number"], document["total"]) == ("receipt", RECEIPT.number, RECEIPT.total)
    assert document["id"] == RECEIPT.id.hex()
    assert "content" not in found.fields


def test_what_is_no_document_is_told_as_bytes():
    assert told(SubmitDocument(content=b"\xc1nothing")).fields == {"document": b"\xc1nothing".hex()}


def test_an_answer_is_told_under_the_names_of_the_protocol():
    assert told(ACCEPTED).fields == {
        "number": 5,
        "at": ACCEPTED.at,
        "sign": "123456789012",
        "qr": "http://127.0.0.1:8080/r?i=1",
        "key": "public-1",
    }
    assert NATIVELY.times | NATIVELY.signs == {"at", "sign", "qr", "key"}


def test_what_is_no_message_is_not_told():
    with pytest.raises(RemoteProtocolError):
        NATIVELY.tell(*parts(serialize_header(Kind.PING, 1, 1) + b"\xc1"), is_answer=False)


def test_the_token_of_a_hello_is_neither_told_nor_shown():
    hello = replace(HELLO, profile=PROFILE)
    frame = NATIVE.serialize(hello, 1)
    found = told(hello)
    assert (found.fields["token"], found.register) == (HIDDEN, "KZ-0001")
    hidden = NATIVELY.conceal(*parts(frame), is_answer=False)
    assert b"secret" not in hidden
    assert NATIVE.parse(*parts(hidden)) == replace(hello, token=HIDDEN)


@pytest.mark.parametrize("message", [SUBMIT, WELCOME], ids=["request", "answer"])
def test_every_other_frame_is_shown_as_it_is(message):
    frame = NATIVE.serialize(message, 9)
    assert NATIVELY.conceal(*parts(frame), is_answer=message is WELCOME) == frame


def test_a_hello_that_is_none_is_blanked_where_the_token_stands():
    body = NATIVE.serialize(HELLO, 1)[HEADER_SIZE:].replace(b"\xa8software", b"\xa8hardware")
    frame = serialize_header(Kind.HELLO, len(body), 1) + body
    hidden = NATIVELY.conceal(*parts(frame), is_answer=False)
    assert hidden == frame.replace(b"secret", b"******")


@pytest.mark.parametrize(
    ("data", "hidden"),
    [
        (b"", b""),
        (b"GET / HTTP/1.1", b"GET / HTTP/1.1"),
        (b"..\xa5token\xa6secret..", b"..\xa5token\xa6******.."),
        (b"..\xa5token\xd9\x06secret..", b"..\xa5token\xd9\x06******.."),
        (b"..\xa5token\xda\x00\x06secret..", b"..\xa5token\xda\x00\x06******.."),
        (b"..\xa5token\xdb\x00\x00\x00\x06secret..", b"..\xa5token\xdb\x00\x00\x00\x06******.."),
        (b"..\xa5token\xa6sec", b"..\xa5token\xa6***"),
        (b"..\xa5token\xa8\xa5token\xa1a..", b"..\xa5token\xa8********.."),
        (b"\xa5token\xa1a\xa5token\xa1b", b"\xa5token\xa1*\xa5token\xa1*"),
        (b"..\xa5token", b"..\xa5token"),
        (b"..\xa5token\x07", b"..\xa5token\x07"),
    ],
)
def test_bytes_that_are_no_frame_are_blanked_as_well_as_it_can_be_done(data, hidden):
    assert NATIVELY.conceal_rest(data) == hidden


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_whatever_bytes_keep_their_length(before, behind):
    data = before + b"\xa5token\xa6secret" + behind
    assert len(NATIVELY.conceal_rest(data)) == len(data)


def test_only_a_hello_carries_a_token():
    assert NATIVELY.holder(*parts(NATIVE.serialize(HELLO, 1))) == "KZ-0001"
    assert NATIVELY.holder(*parts(NATIVE.serialize(SUBMIT, 1))) is None
    assert NATIVELY.next_token(parts(NATIVE.serialize(WELCOME, 1))[0]) is None


def test_a_hello_with_another_token():
    header, body = parts(NATIVE.serialize(HELLO, 3))
    header, body = parts(NATIVELY.with_token(header, body, "новый"))
    assert header.number == 3
    assert NATIVE.parse(header, body) == Hello(register="KZ-0001", token="новый", software="till 1.0")
    for token in ("", "x" * 257):
        with pytest.raises(InvalidValue, match="token: must have 1 to 256"):
            NATIVELY.with_token(header, body, token)
