"""Whatever body arrives under a good header, the operator answers it with a code of the protocol, or, when the register
is unpaid, with nothing; no error ever comes out, and what it keeps can be folded again.

Most bodies are good ones with a few bytes changed, cut out, repeated or inserted, or with the value of a field changed:
random bytes rarely get further than the parser.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from hypothesis import given, settings
from hypothesis import strategies as st

from fiscal.domain.document import Delivery
from fiscal.domain.receipt import Operation
from fiscal.protocols.kz.codes import ROTATES, Command, ResultCode
from fiscal.protocols.kz.frames import frame_reader, serialize_answer
from fiscal.protocols.kz.header import Header
from fiscal.protocols.kz.messages import parse_response, request_type
from ofd_server.core.entries import Standing, StandingChanged
from ofd_server.core.state import apply
from tests.documents import T0, close_shift, deposit, item, receipt, withdrawal
from tests.ofd_server.kz_device import Counter, Device, at_counter

VERSIONS = (202, 203)
TEXTS = ("", "x", "я" * 300, "\x00", "0" * 12)
NUMBERS = (0, 1, 2, 7, 99, 100, 127, 2**31 - 1, 2**63 - 1)


def bodies(device: Device) -> list[bytes]:
    """One good body of each kind."""
    lines = (item(rate=16_000, discount=500), item(20_000, section="2"))
    service = device.service(period=(T0, T0 + 90_000), get_reg_info=True, get_binded_taxation=True)
    report = {"report": 0, "date_time": device.block(deposit())["datetime"]}
    return [
        device.document(receipt(items=lines), service=service),
        device.document(receipt(), Delivery(autonomous=True, autonomous_sign=1001)),
        device.document(receipt(operation=Operation.BUY, total=0, items=(item(0),))),
        device.document(deposit()),
        device.document(withdrawal(sum=1)),
        device.document(close_shift(counters={"cash_sum": 5})),
        device.body(Command.CANCEL_TICKET),
        device.body(Command.SYSTEM, service=service),
        device.body(Command.INFO),
        device.body(Command.REPORT, report=report),
        device.body(Command.NOMENCLATURE, nomenclature={"current_version": 0}),
        device.body(Command.AUTH, auth={"login": "a", "password": "b"}),
    ]


BODIES = {version: bodies(Device(version=version)) for version in VERSIONS}


def changed_bytes(draw: st.DrawFn, body: bytes) -> bytes:
    for _ in range(draw(st.integers(1, 4))):
        begin = draw(st.integers(0, len(body)))
        end = min(len(body), begin + draw(st.integers(0, 4)))
        body = body[:begin] + draw(st.binary(max_size=4)) + body[end:]
    return body


def parts(message: Any) -> Iterator[tuple[Any, FieldDescriptor]]:
    """Every field that is set, with the message that it belongs to."""
    for field, value in message.ListFields():
        yield message, field
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            for part in value if field.is_repeated else (value,):
                yield from parts(part)


def changed_field(draw: st.DrawFn, version: int, body: bytes) -> bytes:
    message: Any = request_type(version)()
    message.ParseFromString(body)
    for _ in range(draw(st.integers(1, 3))):
        of, field = draw(st.sampled_from(list(parts(message))))
        if field.is_repeated or field.type == FieldDescriptor.TYPE_MESSAGE or draw(st.booleans()):
            of.ClearField(field.name)
        elif field.type == FieldDescriptor.TYPE_STRING:
            setattr(of, field.name, draw(st.sampled_from(TEXTS)))
        elif field.type == FieldDescriptor.TYPE_ENUM:
            setattr(of, field.name, draw(st.sampled_from([value.number for value in field.enum_type.values])))
        elif field.type != FieldDescriptor.TYPE_BYTES:
            most = {FieldDescriptor.TYPE_BOOL: 1, FieldDescriptor.TYPE_UINT64: 2**63 - 1}.get(field.type, 2**31 - 1)
            setattr(of, field.name, min(draw(st.sampled_from(NUMBERS)), most))
        if not list(parts(message)):
            break
    written: bytes = message.SerializePartialToString()
    return written


@st.composite
def asked(draw: st.DrawFn) -> tuple[int, list[tuple[bytes, int | None, int | None]]]:
    """A version, and requests of one device: their bodies, and the token and number where they are not the device's."""
    version = draw(st.sampled_from(VERSIONS))
    requests = []
    for _ in range(draw(st.integers(1, 6))):
        body = draw(st.sampled_from(BODIES[version]))
        match draw(st.integers(0, 3)):
            case 0:
                body = changed_bytes(draw, body)
            case 1 | 2:
                body = changed_field(draw, version, body)
        is_own = draw(st.integers(0, 3)) > 0
        token = None if is_own else draw(st.sampled_from((0, 1, 123456789, 2**32 - 1)))
        requests.append((body, token, None if is_own else draw(st.integers(0, 3))))
    return version, requests


def unpaid(at: Counter) -> None:
    if at.state is not None:
        entry = StandingChanged(at=T0, standing=Standing.UNPAID)
        at.entries.append(entry)
        at.state = apply(at.state, entry)


@pytest.mark.parametrize("full", [False, True])
@settings(max_examples=250, deadline=None)
@given(dialogue=asked())
def test_every_body_is_answered_in_the_words_of_the_protocol(full, dialogue):
    version, requests = dialogue
    at = at_counter(version, full=full)
    for body, token, number in requests:
        before = at.state, len(at.documents)
        answer = at.said(body, token, number)
        assert answer is not None
        ResultCode(answer.code)
        assert answer.code not in (ResultCode.UNKNOWN_ERROR, ResultCode.SERVICE_TEMPORARILY_UNAVAILABLE)
        if answer.code and before[0] is None:
            assert at.state is None
        if answer.code:
            assert at.state == before[0]
        if len(at.documents) > before[1]:
            assert answer.message.command in ROTATES
            assert at.documents[-1].number == len(at.documents)
    unpaid(at)
    if at.state is not None:
        assert at.said(requests[0][0]) is None


@settings(max_examples=200, deadline=None)
@given(body=st.binary(max_size=300), version=st.sampled_from(VERSIONS))
def test_any_bytes_are_answered(body, version):
    at = at_counter(version)
    answer = at.ask(body)
    header = Header(version, 1, 2, 3, 0)
    frame = serialize_answer(header, answer.token, answer.message.SerializeToString())
    reader = frame_reader()
    found = []
    for byte in frame:
        reader.feed(bytes([byte]))
        found += [whole] if (whole := reader.next_frame()) is not None else []
    ((_, again),) = found
    assert parse_response(version, again) == answer.message
