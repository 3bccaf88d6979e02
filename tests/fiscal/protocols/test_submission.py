"""The fast way and the slow way say the same of every body."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.domain.document import ONLINE, Delivery
from fiscal.domain.messages import Accepted, SubmitDocument
from fiscal.errors import RemoteProtocolError
from fiscal.protocols.submission import body_of_submission, read_acceptance, read_submission
from fiscal.protocols.values import from_map, pack, unpack

SIZES = (0, 1, 255, 256, 257, 65_535, 65_536)
FACTS = (
    ONLINE,
    Delivery(autonomous=True),
    Delivery(autonomous=True, period=3),
    Delivery(autonomous=True, autonomous_sign=2**31 - 1, period=1),
)

deliveries = st.builds(
    Delivery,
    autonomous=st.booleans(),
    autonomous_sign=st.none() | st.integers(1, 2**31 - 1),
    period=st.none() | st.integers(1, 10**6),
)
acceptances = st.builds(
    Accepted,
    number=st.integers(0, 2**31 - 1),
    at=st.integers(0, 2**43),
    sign=st.none() | st.text("0123456789", min_size=1, max_size=12),
    qr=st.none() | st.text(max_size=1_024),
    key=st.none() | st.text(min_size=1, max_size=16),
)


def slow_submission(body: bytes) -> SubmitDocument | None:
    try:
        entries = unpack(body, "body")
        content, delivery = entries.pop("content", None), entries.pop("delivery", {})
        if entries or not isinstance(content, bytes):
            return None
        return SubmitDocument(content=content, delivery=from_map(Delivery, delivery))
    except RemoteProtocolError:
        return None


def slow_acceptance(body: bytes) -> Accepted | None:
    try:
        return from_map(Accepted, unpack(body, "body"))
    except RemoteProtocolError:
        return None


@pytest.mark.parametrize("delivery", FACTS)
@pytest.mark.parametrize("size", SIZES)
def test_the_body_is_what_msgpack_makes_of_the_map(size, delivery):
    message = SubmitDocument(content=bytes(size), delivery=delivery)
    plain = {"content": bytes(size)} if delivery == ONLINE else {"content": bytes(size), "delivery": delivery}
    assert body_of_submission(message) == pack(plain)


@pytest.mark.parametrize("delivery", FACTS)
@pytest.mark.parametrize("size", SIZES)
def test_a_body_of_the_usual_size_is_read_without_a_detour(size, delivery):
    message = SubmitDocument(content=bytes(size), delivery=delivery)
    assert read_submission(body_of_submission(message)) == (message if 256 <= size <= 65_535 else None)


@given(deliveries, st.integers(0, 400))
def test_what_the_fast_way_reads_the_slow_way_reads_too(delivery, size):
    body = body_of_submission(SubmitDocument(content=bytes(size), delivery=delivery))
    assert read_submission(body) in (None, slow_submission(body))


@given(deliveries, st.integers(250, 300), st.data())
def test_altered_bytes_are_read_alike_or_left_to_the_slow_way(delivery, size, data):
    body = bytearray(body_of_submission(SubmitDocument(content=bytes(size), delivery=delivery)))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place] = data.draw(st.integers(0, 255))
    cut = bytes(body[: data.draw(st.integers(0, len(body)))] if data.draw(st.booleans()) else body)
    assert read_submission(cut) in (None, slow_submission(cut))


def test_a_key_that_stands_twice_is_left_to_the_slow_way():
    twice = b"\x82\xaaautonomous\xc3\xaaautonomous\xc2"
    assert read_submission(b"\x82\xa7content\xc5\x01\x00" + bytes(256) + b"\xa8delivery" + twice) is None


@given(acceptances)
def test_an_acceptance_is_read_alike(answer):
    body = pack(answer)
    assert read_acceptance(body) == slow_acceptance(body) == answer


@given(acceptances, st.data())
def test_an_altered_acceptance_is_read_alike_or_left_to_the_slow_way(answer, data):
    body = bytearray(pack(answer))
    body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    assert read_acceptance(bytes(body)) in (None, slow_acceptance(bytes(body)))
