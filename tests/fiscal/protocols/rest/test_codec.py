"""JSON and msgpack say the same, and whatever else comes is refused."""

import json
import tracemalloc
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.domain.document import Delivery, Document
from fiscal.domain.messages import AskInformation, Ping, SubmitDocument
from fiscal.errors import RemoteProtocolError
from fiscal.protocols.content import CONTENT_SIZE_MAX, decode_content, encode_content
from fiscal.protocols.rest.codec import (
    MediaType,
    media_type,
    parse_answer,
    parse_document,
    parse_request,
    serialize_answer,
    serialize_request,
)
from fiscal.protocols.rest.limits import BODY_SIZE_MAX
from fiscal.protocols.rest.messages import COMMAND_OF
from tests.fiscal.protocols.samples import (
    ANSWERS,
    DEPOSIT,
    DOCUMENTS,
    RECEIPT,
    REQUESTS,
    SUBMIT,
    SUBMIT_AUTONOMOUS,
    VOID,
)

JSON, MSGPACK = MediaType.JSON, MediaType.MSGPACK


def json_of(document: Document, **change: Any) -> dict[str, Any]:
    body = json.loads(serialize_request(SubmitDocument(content=encode_content(document)), JSON))
    content: dict[str, Any] = body["content"]
    return {**content, **change}


def refused(body: bytes, content_type: str = JSON) -> RemoteProtocolError:
    with pytest.raises(RemoteProtocolError) as caught:
        parse_document(body, content_type)
    str(caught.value).encode()  # what is told can be sent
    return caught.value


@pytest.mark.parametrize("form", MediaType)
@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: type(request).__name__)
def test_requests_there_and_back(request_, form):
    assert parse_request(COMMAND_OF[type(request_)], serialize_request(request_, form), form) == request_


@pytest.mark.parametrize("form", MediaType)
@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: type(answer).__name__)
def test_answers_there_and_back(answer, form):
    assert parse_answer(serialize_answer(answer, form), form) == answer


@given(st.from_type(Document))  # type: ignore[arg-type]  # a union is no class, and Hypothesis takes it
def test_any_document_as_json_is_kept_in_the_canonical_form(document):
    message = SubmitDocument(content=encode_content(document))
    assert parse_document(serialize_request(message, JSON), JSON) == message


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: type(document).__name__)
def test_people_can_read_it(document):
    content = json_of(document)
    assert content["id"] == document.id.hex()
    assert content["issued_at"] == document.issued_at


def test_people_can_write_it():
    body = b"""{
        "content": {
            "cashier": {"name": "\\u0418\\u0432\\u0430\\u043d\\u043e\\u0432\\u0430", "code": 1},
            "kind": "deposit",
            "id": "01970000-0000-7000-8000-000000000001",
            "number": 1, "shift": 1, "issued_at": 1790000000000, "sum": 1000000
        },
        "delivery": {"autonomous": true, "period": 1}
    }"""
    message = parse_document(body, "application/json; charset=utf-8")
    assert message.content == encode_content(DEPOSIT)
    assert message.delivery == Delivery(autonomous=True, period=1)


def test_msgpack_content_is_kept_as_it_came():
    theirs = msgpack.packb(dict(reversed(msgpack.unpackb(SUBMIT.content).items())))
    assert parse_document(msgpack.packb({"content": theirs}), MSGPACK).content == theirs
    assert decode_content(theirs) == RECEIPT


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: type(answer).__name__)
def test_an_answer_in_msgpack_is_a_map_in_its_shortest_form(answer):
    written = serialize_answer(answer, MSGPACK)
    entries = msgpack.unpackb(written)
    assert next(iter(entries)) == "result"
    assert msgpack.packb(entries) == written


def test_the_body_of_a_document_is_that_of_the_native_frame():
    assert msgpack.unpackb(serialize_request(SUBMIT_AUTONOMOUS, MSGPACK)) == {
        "content": SUBMIT.content,
        "delivery": {"autonomous": True, "autonomous_sign": 54_310_400, "period": 1},
    }


@pytest.mark.parametrize("request_", [Ping(), AskInformation()])
def test_an_empty_body_is_an_empty_map(request_):
    assert parse_request(COMMAND_OF[type(request_)], b"", "") == request_


@pytest.mark.parametrize(
    ("content_type", "form"),
    [
        ("", JSON),
        ("application/json", JSON),
        ("Application/JSON ; charset=UTF-8", JSON),
        ("application/msgpack", MSGPACK),
        ("application/x-msgpack", MSGPACK),
        ("application/vnd.msgpack", MSGPACK),
    ],
)
def test_media_types(content_type, form):
    assert media_type(content_type) is form


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", ";", "json\ud800" * 50])
def test_an_unknown_media_type(content_type):
    if content_type == ";":
        assert media_type(content_type) is JSON
        return
    error = refused(b"{}", content_type)
    assert (error.code, error.field) == ("bad_media_type", "content-type")


def test_an_unknown_command():
    with pytest.raises(RemoteProtocolError) as caught:
        parse_request("sell", b"", JSON)
    assert str(caught.value) == (
        "unknown_command: command: must be one of hello, document, offline-period, information, ping, status, "
        "is text 'sell'"
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"[", "body"),
        (b"[]", "body"),
        (b"null", "body"),
        (b"{} {}", "body"),
        (b"\xff", "body"),
        (b"\xef\xbb\xbf{}", "body"),
        (b'{"content": NaN}', "body"),
        (b'{"content": -Infinity}', "body"),
        (b'{"content": {"a": 1, "a": 2}}', "body"),
        (b'{"content": ' + b"[" * 100_000, "body"),
        (b'{"content":' * 90_000, "body"),
        (b'{"content": ' + b"9" * 5_000 + b"}", "body"),
        (b"", "content"),
        (b"{}", "content"),
        (b'{"content": null}', "content"),
        (b'{"content": "00"}', "content"),
        (b'{"content": []}', "content"),
        (b'{"content": {}}', "kind"),
    ],
)
def test_bodies_that_are_none(body, field):
    error = refused(body)
    assert (error.code, error.field) == ("bad_request", field)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sum": 1.0}, "sum"),
        ({"sum": 1e400}, "body"),
        ({"sum": "1"}, "sum"),
        ({"sum": 2**53}, "sum"),
        ({"id": "01970000-0000-7000-8000-00000000000"}, "id"),
        ({"id": "01970000-00007000-8000-000000000001"}, "id"),
        ({"id": "0197000000007000800000000000000g"}, "id"),
        ({"id": "0197000000007000800000000000000١"}, "id"),
        ({"id": 5}, "id"),
        ({"id": None}, "id"),
        ({"cashier": {"code": 1, "name": "\ud800"}}, "cashier.name"),
        ({"\ud800": 1}, "body"),
        ({"kind": "\ud800"}, "kind"),
        ({"voids": "0" * 32}, "voids"),
    ],
)
def test_wrong_fields_of_a_document(change, field):
    error = refused(json.dumps({"content": json_of(DEPOSIT, **change)}).encode())
    assert (error.code, error.field) == ("bad_request", field)


def test_a_wrong_id_of_the_voided_document():
    error = refused(json.dumps({"content": json_of(VOID, voids="?")}).encode())
    assert str(error) == "bad_request: voids: must be 32 hexadecimal digits or a UUID, is text '?'"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"content": b"", "more": 1}, "more"),
        ({"content": {}}, "content"),
        ({"content": b"", "delivery": None}, "delivery"),
        ({"content": b"", "delivery": {"period": -1}}, "delivery.period"),
        ({}, "content"),
    ],
)
def test_wrong_msgpack_bodies(body, field):
    error = refused(msgpack.packb(body), MSGPACK)
    assert (error.code, error.field) == ("bad_request", field)


def test_too_large():
    assert refused(b" " * (BODY_SIZE_MAX + 1)).code == "too_large"
    error = refused(msgpack.packb({"content": bytes(CONTENT_SIZE_MAX + 1)}), MSGPACK)
    assert (error.code, error.field) == ("too_large", "content")
    assert len(parse_document(msgpack.packb({"content": bytes(CONTENT_SIZE_MAX)}), MSGPACK).content) == CONTENT_SIZE_MAX


@pytest.mark.parametrize("body", [b"{}", b'{"result": 5}', b'{"result": "ok"}', b'{"result": []}'])
def test_an_answer_without_a_result(body):
    with pytest.raises(RemoteProtocolError) as caught:
        parse_answer(body, JSON)
    assert caught.value.field == "result"


def test_a_digest_is_hexadecimal_text():
    body = b'{"result": "welcome", "at": 1, "operator": "x", "last_digest": "zz"}'
    with pytest.raises(RemoteProtocolError) as caught:
        parse_answer(body, JSON)
    assert str(caught.value) == "bad_request: last_digest: must be 64 hexadecimal digits, is text 'zz'"


@given(st.binary(max_size=200), st.sampled_from(MediaType))
def test_any_bytes(body, form):
    for parse in (
        lambda: parse_document(body, form),
        lambda: parse_request("status", body, form),
        lambda: parse_answer(body, form),
    ):
        try:
            parse()
        except RemoteProtocolError as error:
            str(error).encode()


_JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@given(st.sampled_from(sorted(json_of(RECEIPT))), _JSON_VALUES)
def test_any_value_in_any_field(name, value):
    body = json.dumps({"content": json_of(RECEIPT, **{name: value})}).encode()
    try:
        message = parse_document(body, JSON)
    except RemoteProtocolError as error:
        str(error).encode()
    else:
        decode_content(message.content)


def test_nesting_costs_no_more_than_the_body():
    tracemalloc.start()
    refused(b'{"content": ' + b"[" * 900_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * BODY_SIZE_MAX
