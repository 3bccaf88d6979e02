"""Native frames: bytes on one side, meaning on the other."""

from typing import Any, get_args

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fiscal.domain.document import Delivery
from fiscal.domain.messages import Answer, Information, Ping, Request, SubmitDocument
from fiscal.domain.money import MONEY_MAX
from fiscal.errors import LocalProtocolError, RemoteProtocolError
from fiscal.protocols.base import Message
from fiscal.protocols.native.codec import NATIVE
from fiscal.protocols.native.header import ANSWER_KINDS, BODY_SIZE_MAX, HEADER_SIZE, Header
from fiscal.protocols.native.messages import KIND_OF, Kind
from tests.fiscal.protocols.samples import ANSWERS, REQUESTS, SUBMIT, SUBMIT_AUTONOMOUS


def parse(frame: bytes) -> Message:
    header = NATIVE.parse_header(frame[:HEADER_SIZE])
    assert header.body_size == len(frame) - HEADER_SIZE
    return NATIVE.parse(header, frame[HEADER_SIZE:])


def refused(kind: int, body: bytes) -> RemoteProtocolError:
    with pytest.raises(RemoteProtocolError) as caught:
        NATIVE.parse(Header(kind >= 0x80, kind, len(body), 1), body)
    return caught.value


@pytest.mark.parametrize("message", [*REQUESTS, *ANSWERS], ids=lambda message: type(message).__name__)
def test_there_and_back(message):
    frame = NATIVE.serialize(message, 7)
    assert parse(frame) == message
    is_answer = bool(KIND_OF[type(message)] & ANSWER_KINDS)
    header = Header(is_answer, KIND_OF[type(message)], len(frame) - HEADER_SIZE, 7)
    assert NATIVE.parse_header(frame[:HEADER_SIZE]) == header


# Without this Hypothesis would take for a value what the signature shows of a default that is made anew each time.
_INFORMATION = st.builds(
    Information,
    counters=st.dictionaries(st.text(), st.integers(-MONEY_MAX, MONEY_MAX), max_size=3),
    profile=...,
    blocked=...,
)
_CLASSES: tuple[type[Any], ...] = tuple(set(get_args(Request | Answer)) - {Information})
_MESSAGES = st.one_of(_INFORMATION, *map(st.from_type, sorted(_CLASSES, key=lambda class_: class_.__name__)))


@given(_MESSAGES, st.integers(1, 2**32 - 1))
def test_any_message_there_and_back(message, number):
    assert parse(NATIVE.serialize(message, number)) == message


@pytest.mark.parametrize("size", [0, 1, 255, 256, 65_535, 65_536, 200_000])
def test_a_document_travels_as_it_is_whatever_its_size(size):
    message = SubmitDocument(content=bytes(range(256)) * (size // 256) + b"x" * (size % 256))
    frame = NATIVE.serialize(message, 1)
    assert frame[HEADER_SIZE:] == msgpack.packb({"content": message.content})
    assert parse(frame) == message


@pytest.mark.parametrize(
    "body",
    [
        msgpack.packb({"content": SUBMIT.content, "delivery": {}}),
        msgpack.packb({"delivery": None, "content": SUBMIT.content}),
        b"\x81\xa7content\xc6" + len(SUBMIT.content).to_bytes(4, "big") + SUBMIT.content,
        b"\xde\x00\x01\xa7content\xc5" + len(SUBMIT.content).to_bytes(2, "big") + SUBMIT.content,
    ],
)
def test_another_packing_is_the_same_document(body):
    assert NATIVE.parse(Header(False, Kind.DOCUMENT, len(body), 1), body) == SUBMIT


def test_delivery_facts_travel_beside_the_content():
    body = NATIVE.serialize(SUBMIT_AUTONOMOUS, 1)[HEADER_SIZE:]
    assert msgpack.unpackb(body) == {
        "content": SUBMIT.content,
        "delivery": {"autonomous": True, "autonomous_sign": 54_310_400, "period": 1},
    }


def test_an_empty_delivery_is_left_out():
    assert NATIVE.serialize(replace(SUBMIT, delivery=Delivery()), 1) == NATIVE.serialize(SUBMIT, 1)


def test_a_message_without_fields_is_an_empty_map():
    assert NATIVE.serialize(Ping(), 1)[HEADER_SIZE:] == b"\x80"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        (b"\x81\xa7content\xc5\x00\x05abc", "body"),
        (b"\x81\xa7content\xc5\x00\x02abc", "body"),
        (b"\x81\xa7content\xc5\x00", "body"),
        (b"\x80", "content"),
        (msgpack.packb({"content": "text"}), "content"),
        (msgpack.packb({"content": None}), "content"),
        (msgpack.packb({"content": b"", "more": 1}), "more"),
        (msgpack.packb({"content": b"", "delivery": []}), "delivery"),
        (msgpack.packb({"content": b"", "delivery": {"autonomous": 1}}), "delivery.autonomous"),
        (msgpack.packb({"content": b"", "delivery": {"autonomous_sign": 2**31}}), "delivery.autonomous_sign"),
        (msgpack.packb({"content": b"", "delivery": {"period": 0}}), "delivery.period"),
    ],
)
def test_a_wrong_document_message(body, field):
    error = refused(Kind.DOCUMENT, body)
    assert (error.code, error.field) == ("bad_request", field)


@pytest.mark.parametrize("kind", [0, 7, 0x7F, 0x80, 0x88, 0xFFFF])
def test_an_unknown_kind(kind):
    error = refused(kind, b"\x80")
    assert str(error) == f"unknown_command: header.kind: 0x{kind:02x} stands for no message"


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.DOCUMENT])
def test_every_body_is_a_map_with_known_fields(kind):
    assert refused(kind, b"\x90").code == "bad_request"
    assert refused(kind, msgpack.packb({"no such field": 1})).code == "bad_request"


def test_what_does_not_fit_is_not_sent():
    size = BODY_SIZE_MAX - len(msgpack.packb({"content": bytes(70_000)})) + 70_000
    assert len(NATIVE.serialize(SubmitDocument(content=bytes(size)), 1)) == 256 * 1024
    with pytest.raises(LocalProtocolError):
        NATIVE.serialize(SubmitDocument(content=bytes(size + 1)), 1)
    counters = {f"{place:0128}": 2**53 - 1 for place in range(2_000)}
    large = Information(
        at=1, last_number=1, last_shift=1, shift_opened_at=None, last_autonomous_sign=0, counters=counters
    )
    with pytest.raises(LocalProtocolError):
        NATIVE.serialize(large, 1)


def test_request_numbers_begin_at_one_and_wrap():
    assert NATIVE.number_after(0) == 1
    assert NATIVE.number_after(1) == 2
    assert NATIVE.number_after(2**32 - 2) == 2**32 - 1
    assert NATIVE.number_after(2**32 - 1) == 1


def test_the_number_in_a_refused_header():
    frame = NATIVE.serialize(Ping(), 7)
    assert NATIVE.number_in(frame[:4] + b"\x09" + frame[5:16]) == 7


# ------------------------------------------------------------------------------------------- a read that is a document


LONG = SubmitDocument(content=bytes(range(256)) * 2)


@pytest.mark.parametrize("size", [256, 300, 65_535])
def test_a_read_that_is_one_document_is_known_at_a_glance(size):
    message = SubmitDocument(content=b"x" * size)
    frame = NATIVE.serialize(message, 2**32 - 1)
    assert NATIVE.document_in(frame, 2**32 - 1) == message == parse(frame)


@pytest.mark.parametrize("message", [*REQUESTS, *ANSWERS], ids=lambda message: type(message).__name__)
def test_other_messages_are_not_taken_for_one(message):
    frame = NATIVE.serialize(message, 2)
    expected = message if message == SUBMIT else None
    assert NATIVE.document_in(frame, 2) == expected


def test_nor_what_is_not_exactly_one_frame_with_this_number():
    frame = NATIVE.serialize(LONG, 2)
    for data in (b"", frame[:-1], frame[:27], frame + b"x", frame + frame, frame[1:]):
        assert NATIVE.document_in(data, 2) is None
    assert NATIVE.document_in(frame, 3) is None
    assert NATIVE.document_in(NATIVE.serialize(SubmitDocument(content=bytes(65_536)), 2), 2) is None
    assert NATIVE.document_in(NATIVE.serialize(SubmitDocument(content=bytes(255)), 2), 2) is None


@given(st.integers(0, len(NATIVE.serialize(LONG, 2)) - 1), st.integers(0, 255))
def test_whatever_byte_is_another_one_it_is_what_parsing_gives_or_nothing(at, byte):
    frame = bytearray(NATIVE.serialize(LONG, 2))
    frame[at] = byte
    data = bytes(frame)
    found = NATIVE.document_in(data, 2)
    if found is not None:
        assert NATIVE.parse_header(data[:HEADER_SIZE]).number == 2
        assert parse(data) == found
