"""Whatever bytes arrive, an operator and a register report events and nothing else: no other error ever comes out.

Random bytes rarely pass the first check, so most examples are valid streams with a few bytes changed, cut out,
repeated or inserted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import structs

from fiscal.errors import RemoteProtocolError
from fiscal.protocols.base import ANSWERED, FATAL, refusal_of
from fiscal.protocols.content import content_difference, decode_content, encode_content
from fiscal.protocols.native.codec import NATIVE
from fiscal.protocols.native.messages import TYPE_OF
from fiscal.session.connection import Connection
from fiscal.session.events import (
    AnswerReceived,
    IdleTimedOut,
    PeerClosed,
    ProtocolBroken,
    RequestReceived,
    RequestRejected,
)
from fiscal.session.limits import SessionLimits
from fiscal.session.state import State
from tests.fiscal.protocols.samples import ACCEPTED, ANSWERS, DOCUMENTS, RECEIPT, REFUSED, REQUESTS, WELCOME
from tests.fiscal.session.pair import NOW, answered, asked, open_operator, open_register, operator

REQUEST_STREAM = asked(1, *REQUESTS)
ANSWER_STREAM = b"".join(answered(number, answer) for number, answer in enumerate(ANSWERS, 1))
CONTENTS = [encode_content(document) for document in DOCUMENTS]

Mutation = Callable[[bytes], bytes]


def at(data: bytes, place: int) -> int:
    return place % (len(data) + 1)


mutations: st.SearchStrategy[Mutation] = st.one_of(
    st.builds(
        lambda place, value: lambda data: data[: at(data, place)] + bytes([value]) + data[at(data, place) + 1 :],
        st.integers(0, 10_000),
        st.integers(0, 255),
    ),
    st.builds(
        lambda place, extra: lambda data: data[: at(data, place)] + extra + data[at(data, place) :],
        st.integers(0, 10_000),
        st.binary(max_size=20),
    ),
    st.builds(
        lambda place, size: lambda data: data[: at(data, place)] + data[at(data, place) + size :],
        st.integers(0, 10_000),
        st.integers(1, 50),
    ),
    st.builds(
        lambda place, size: lambda data: data[: at(data, place) + size] + data[at(data, place) :],
        st.integers(0, 10_000),
        st.integers(1, 50),
    ),
)


def mutated(samples: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    def apply(data: bytes, changes: list[Mutation]) -> bytes:
        for change in changes:
            data = change(data)
        return data

    return st.builds(apply, samples, st.lists(mutations, max_size=4))


pieces = st.lists(st.integers(1, 400), min_size=1, max_size=8)


def outcome(parse: Callable[[], Any]) -> Any:
    """What comes out, value or error; another kind of error ends the test."""
    try:
        return parse()
    except RemoteProtocolError as error:
        return error


def fed(connection: Connection, stream: bytes, sizes: list[int], react: Callable[[Connection], None]) -> None:
    place = turn = 0
    while place < len(stream):
        size = sizes[turn % len(sizes)]
        connection.receive_data(stream[place : place + size], NOW)
        react(connection)
        place, turn = place + size, turn + 1
    connection.receive_eof(NOW)
    react(connection)
    deadline = connection.deadline()
    if deadline is not None:
        connection.handle_deadline(deadline)
        react(connection)
    assert connection.state is State.CLOSED
    assert connection.deadline() is None
    assert all(chunk for chunk in connection.data_to_send()[:-1])


def as_operator(connection: Connection) -> None:
    """Answer everything at once, as a gateway would, and look at each event."""
    while (event := connection.next_event()) is not None:
        match event:
            case RequestReceived(number, message):
                assert type(message) in TYPE_OF.values()
                answer = WELCOME if type(message).__name__ == "Hello" else REFUSED
                connection.send_answer(number, answer, NOW)
            case RequestRejected(number, error):
                assert error.code in ANSWERED
                assert connection.send_answer(number, refusal_of(error), NOW) or connection.state is State.CLOSED
            case ProtocolBroken(error):
                assert error.code in FATAL
                assert connection.state is State.CLOSED
            case other:
                assert isinstance(other, PeerClosed | IdleTimedOut)


def as_register(connection: Connection) -> None:
    while (event := connection.next_event()) is not None:
        match event:
            case AnswerReceived(_, message):
                assert type(message) in TYPE_OF.values()
            case ProtocolBroken(error):
                assert error.code in FATAL
            case other:
                assert isinstance(other, PeerClosed)


@given(st.binary(max_size=400), pieces)
@example(b"MOFD", [1])
def test_random_bytes_at_an_operator(stream, sizes):
    fed(operator(), stream, sizes, as_operator)


@settings(max_examples=400)
@given(mutated(st.just(REQUEST_STREAM)), pieces)
def test_changed_requests_at_an_operator(stream, sizes):
    fed(operator(), stream, sizes, as_operator)


@settings(max_examples=200)
@given(mutated(st.sampled_from([asked(2, request) for request in REQUESTS])), pieces)
def test_one_changed_request_at_an_open_operator(stream, sizes):
    fed(open_operator(), stream, sizes, as_operator)


@settings(max_examples=400)
@given(mutated(st.just(ANSWER_STREAM)), pieces)
def test_changed_answers_at_a_register(stream, sizes):
    till = open_register(SessionLimits(in_flight_max=20))
    for request in REQUESTS:
        if type(request).__name__ != "Hello":
            till.send_request(request, NOW)
    fed(till, stream, sizes, as_register)


@given(st.binary(max_size=300), st.sampled_from(sorted(TYPE_OF)))
def test_any_body_of_any_kind(body, kind):
    header = NATIVE.parse_header(NATIVE.serialize(ACCEPTED if kind > 0x7F else REQUESTS[0], 1)[:16])
    header = structs.replace(header, kind=kind)
    message = outcome(lambda: NATIVE.parse(header, body))
    if isinstance(message, RemoteProtocolError):
        assert message.code in ANSWERED
        str(message).encode()
    else:
        assert NATIVE.parse(header, NATIVE.serialize(message, 1)[16:]) == message


@settings(max_examples=400)
@given(mutated(st.sampled_from(CONTENTS)) | st.binary(max_size=300))
def test_any_content(content):
    document = outcome(lambda: decode_content(content))
    if isinstance(document, RemoteProtocolError):
        assert document.code in ANSWERED
        refusal_of(document)
        str(document).encode()
    else:
        assert decode_content(encode_content(document)) == document
        difference = content_difference(encode_content(RECEIPT), content)
        assert (difference == []) == (document == RECEIPT)
