"""The golden vectors hold: in both directions, whole and byte by byte, at both ends and at the operator itself."""

from __future__ import annotations

import hashlib
from struct import unpack
from typing import Any

import msgpack
import pytest

from fiscal.domain.document import CARRIED_DOCUMENTS, kind_of
from fiscal.domain.messages import Accepted
from fiscal.domain.signs import DEFAULT_KEY_ID, LAYOUT_12, PUBLIC_KEY, Signer, SigningKey, digest_of
from fiscal.protocols.base import ANSWERED
from fiscal.protocols.content import decode_content, encode_content, same_content
from fiscal.protocols.native.codec import NATIVE
from fiscal.protocols.native.messages import TYPE_OF, Kind
from fiscal.protocols.values import fields_of, is_value
from fiscal.session.connection import Connection
from fiscal.session.events import AnswerReceived, ProtocolBroken, RequestReceived, RequestRejected
from fiscal.session.state import Role
from ofd_server.core.entries import DocumentRecorded
from ofd_server.core.rules import Rules
from ofd_server.service import Service
from ofd_server.storage.memory import MemoryJournal
from tests.fiscal.session.pair import NOW, events, open_operator, open_register
from tests.ofd_server.twins import Figures, ManualClock, idle
from tests.vectors.native_vectors import ANSWERS, DOCUMENTS, REFUSED, SESSION, frame, with_bytes

SIGNER = Signer(SigningKey(DEFAULT_KEY_ID, PUBLIC_KEY), LAYOUT_12)
PARTS = [
    pytest.param(exchange["number"], exchange[side], id=f"{exchange['name']}-{side}")
    for exchange in [*SESSION, *ANSWERS]
    for side in ("request", "answer")
    if side in exchange
]


def named(vectors):
    return [pytest.param(vector, id=vector["name"]) for vector in vectors]


def plain(value: Any) -> Any:
    """A value of ours as a map of what is not left out, written without the codec's help."""
    if is_value(value):
        shown = {}
        for name, default in fields_of(type(value)).items():
            if (part := getattr(value, name)) != default:
                shown[name] = plain(part)
        return shown
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    return value


def parsed(data: bytes) -> Any:
    return NATIVE.parse(NATIVE.parse_header(data[:16]), data[16:])


@pytest.mark.parametrize(("number", "part"), PARTS)
def test_the_bytes_without_our_codec(number, part):
    data = frame(part)
    magic, version, flags, kind, length, request = unpack(">4sBBHII", data[:16])
    assert (magic, version, request) == (b"MOFD", 1, number)
    assert Kind(kind).name.lower() == part["kind"]
    assert flags == (1 if kind >= 0x81 else 0)
    assert length == len(data) - 16
    body = msgpack.unpackb(data[16:])
    assert body == with_bytes(part["body"])
    assert list(body) == list(part["body"])
    if "content" in part:
        assert msgpack.unpackb(body["content"]) == with_bytes(part["content"])
        assert list(msgpack.unpackb(body["content"])) == list(part["content"])


@pytest.mark.parametrize(("number", "part"), PARTS)
def test_bytes_to_meaning_and_back(number, part):
    message = parsed(frame(part))
    assert type(message) is TYPE_OF[Kind[part["kind"].upper()]]
    assert plain(message) == with_bytes(part["body"])
    assert NATIVE.serialize(message, number) == frame(part)


@pytest.mark.parametrize("vector", named(DOCUMENTS))
def test_contents(vector):
    content = bytes.fromhex(vector["content"])
    document = decode_content(content)
    assert msgpack.unpackb(content) == with_bytes(vector["value"])
    shown = {"kind": kind_of(document).value, **plain(document)}
    assert shown == with_bytes(vector["value"])
    assert hashlib.sha256(content).hexdigest() == digest_of(content).hex() == vector["digest"]
    assert (encode_content(document) == content) == (vector["name"] != "deposit-loose")


def test_two_packings_of_one_document():
    one, other = (bytes.fromhex(vector["content"]) for vector in DOCUMENTS if vector["name"].startswith("deposit-"))
    assert one != other
    assert same_content(one, other)


def test_every_kind_of_document_and_of_message_has_a_vector():
    contents = [part["content"] for exchange in SESSION for part in [exchange["request"]] if "content" in part]
    assert {value["kind"] for value in contents} | {v["value"]["kind"] for v in DOCUMENTS} == CARRIED_DOCUMENTS[
        "native"
    ]
    shown = {part.values[1]["kind"] for part in PARTS}  # type: ignore[index]  # a param's second value
    assert shown == {kind.name.lower() for kind in Kind}


@pytest.mark.parametrize("size", [None, 1, 7], ids=["whole", "byte by byte", "in sevens"])
def test_the_session_at_both_ends(size):
    till, ofd = Connection(Role.REGISTER, NATIVE, NOW), Connection(Role.OPERATOR, NATIVE, NOW)

    def carried(data: bytes, target: Connection) -> list[Any]:
        step = size or len(data)
        for place in range(0, len(data), step):
            assert events(target) == []
            target.receive_data(data[place : place + step], NOW)
        return events(target)

    for exchange in SESSION:
        number = exchange["number"]
        request, answer = parsed(frame(exchange["request"])), parsed(frame(exchange["answer"]))
        assert till.send_request(request, NOW) == number
        (data,) = till.data_to_send()
        assert data == frame(exchange["request"])
        assert carried(data, ofd) == [RequestReceived(number, request, NOW)]
        assert ofd.send_answer(number, answer, NOW)
        (data,) = ofd.data_to_send()
        assert data == frame(exchange["answer"])
        assert carried(data, till) == [AnswerReceived(number, answer, NOW)]


async def test_the_operator_answers_the_session_so():
    journal, clock = MemoryJournal(), ManualClock()
    service = Service(journal, clock, SIGNER, Rules(), Figures())
    session = service.session("native", "golden", lambda _: None)
    for exchange in SESSION:
        clock.wall = exchange["now"]
        answers: list[Any] = []
        service.handle(session, parsed(frame(exchange["request"])), answers.append)
        await idle()
        (answer,) = answers
        assert NATIVE.serialize(answer, exchange["number"]) == frame(exchange["answer"]), exchange["name"]
    for number in range(1, 5):
        stored = await journal.document("KZ-0001", number)
        assert stored is not None
        assert isinstance(stored.entry, DocumentRecorded)
        assert stored.entry.anomalies == ()


def test_the_signs_follow_from_number_and_digest():
    signed = []
    for exchange in SESSION:
        answer = parsed(frame(exchange["answer"]))
        if isinstance(answer, Accepted) and answer.sign is not None:
            content = parsed(frame(exchange["request"])).content
            assert SIGNER.verify(answer.sign, "KZ-0001", answer.number, digest_of(content), DEFAULT_KEY_ID)
            signed.append(exchange["name"])
    assert signed == ["receipt", "receipt-again", "autonomous-receipt"]


@pytest.mark.parametrize("size", [None, 1], ids=["whole", "byte by byte"])
@pytest.mark.parametrize("vector", named(REFUSED))
def test_wrong_frames(vector, size):
    if vector["sender"] == "register":
        end = open_operator()
    else:
        end = open_register()
        end.send_request(parsed(bytes.fromhex("4d4f46440100000500000001000000" + "0280")), NOW)
        end.data_to_send()
    data = bytes.fromhex(vector["frame"])
    step = size or len(data)
    for place in range(0, len(data), step):
        end.receive_data(data[place : place + step], NOW)
    (event,) = events(end)
    assert isinstance(event, RequestRejected if vector["code"] in ANSWERED else ProtocolBroken)
    assert (event.error.code, event.error.field) == (vector["code"], vector["field"])
