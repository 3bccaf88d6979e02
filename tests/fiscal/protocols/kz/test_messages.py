"""Bodies to messages of their version, or an error that names the field."""

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fiscal.errors import LocalProtocolError, RemoteProtocolError
from fiscal.protocols.base import ANSWERED
from fiscal.protocols.kz.codes import result_of
from fiscal.protocols.kz.header import Version
from fiscal.protocols.kz.messages import (
    load,
    parse_request,
    parse_response,
    request_type,
    response_type,
    serialize,
)
from tests.fiscal.protocols.kz.test_soundness import fill

VERSIONS = pytest.mark.parametrize("version", [202, 203])


def test_every_served_version_has_its_schema():
    types: set[Any] = {type_of(version) for version in Version for type_of in (request_type, response_type)}
    assert {type_.DESCRIPTOR.full_name for type_ in types} == {
        "kkm.proto.Request",
        "kkm.proto.Response",
        "kz.kazakhtelecom.proto.v203.Request",
        "kz.kazakhtelecom.proto.v203.Response",
    }


@pytest.mark.parametrize("version", [0, 124, 201, 204])
def test_other_versions_have_none(version):
    for function in (load, request_type, response_type):
        with pytest.raises(LocalProtocolError, match=f"version {version} "):
            function(version)


def test_nothing_is_loaded_before_it_is_used():
    script = (
        "import sys; from fiscal.protocols.kz import checksum, codes, frames, header, messages, numbers, reading;"
        "assert 'google.protobuf' not in sys.modules;"
        "messages.load(203); assert 'fiscal.protocols.kz.schema.v203.kkm_pb2' in sys.modules;"
        "assert 'fiscal.protocols.kz.schema.v202.kkm_pb2' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


@VERSIONS
def test_a_request_and_its_answer(version):
    request = request_type(version)(command=5)
    assert serialize(request) == b"\x08\x05"
    assert parse_request(version, b"\x08\x05") == request
    response = response_type(version)(command=5)
    response.result.result_code = 0
    assert serialize(response) == b"\x08\x05\x12\x02\x08\x00"
    assert parse_response(version, b"\x08\x05\x12\x02\x08\x00") == response


@VERSIONS
@pytest.mark.parametrize(
    ("body", "code", "field", "rule"),
    [
        ("", "bad_request", "command", "is required and missing"),
        ("1200", "bad_request", "command", "is required and missing"),
        ("0a0101", "bad_request", "command", "is required and missing"),
        ("08", "bad_request", "body", None),
        ("00", "bad_request", "body", None),
        ("0801127e08", "bad_request", "body", None),
        ("0c", "bad_request", "body", None),
        ("0809", "unknown_command", "command", "is 9, which CommandTypeEnum does not have"),
        ("0863", "unknown_command", "command", "is 99, which CommandTypeEnum does not have"),
        ("08feffffffffffffffff01", "unknown_command", "command", None),
        ("08011200", "bad_request", "ticket.operation", "is required and missing"),
        ("080112020807", "bad_request", "ticket.operation", "is 7, which OperationTypeEnum does not have"),
        ("0808420a0a0361626312032e2eff", "bad_request", "auth.password", "is no UTF-8"),
        ("0803320728ffffffff0f", "bad_request", "body", None),
        (
            "0803320628ffffffff0f",
            "bad_request",
            "service.nomenclature_version",
            "must be at most 2147483647, is 4294967295",
        ),
    ],
)
def test_no_request(version, body, code, field, rule):
    with pytest.raises(RemoteProtocolError) as caught:
        parse_request(version, bytes.fromhex(body))
    assert (caught.value.code, caught.value.field) == (code, field)
    assert rule in {None, caught.value.text}
    assert result_of(caught.value) == (4 if code == "unknown_command" else 3)


@VERSIONS
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("", "command"),
        ("0805", "result"),
        ("08051200", "result.result_code"),
        ("086312020800", "command"),
        ("ff", "body"),
        ("0805120808001204d0d0d0d0", "result.result_text"),
        ("08051207088080808008", "body"),
        ("08051206088080808008", "result.result_code"),
    ],
)
def test_no_answer(version, body, field):
    with pytest.raises(RemoteProtocolError) as caught:
        parse_response(version, bytes.fromhex(body))
    assert (caught.value.code, caught.value.field) == ("bad_answer", field)


def test_a_code_that_nobody_knows_is_a_number_all_the_same():
    assert parse_response(203, bytes.fromhex("080512030899 01".replace(" ", ""))).result.result_code == 153


def test_we_send_nothing_incomplete():
    request = request_type(203)(command=8)
    request.auth.login = "a"
    with pytest.raises(LocalProtocolError, match=r"^Request: auth\.password is required and missing$"):
        serialize(request)


def test_we_send_nothing_out_of_range():
    request = request_type(202)(command=0)
    request.service.nomenclature_version = 2**31
    with pytest.raises(LocalProtocolError, match=r"^Request: service\.nomenclature_version must be at most 2147483647"):
        serialize(request)


# ------------------------------------------------------------------------------------------------- the two versions


def org_of(response):
    return response.service.reg_info.org


def test_number_6_of_the_owner():
    """A tenant of 2.0.2 never becomes an address of 2.0.3, nor the other way round; nothing gets lost either."""
    old = response_type(202)(command=5)
    old.result.result_code = 0
    old.service.reg_info.org.tenantId = 1
    new: Any = response_type(203)(command=5)
    new.result.result_code = 0
    new.service.reg_info.org.address_kz = "Алматы"
    new.service.reg_info.org.tenantId = 1

    read = parse_response(203, serialize(old))
    assert not org_of(read).HasField("address_kz")
    assert not org_of(read).HasField("tenantId")
    assert serialize(read) == serialize(old)

    read = parse_response(202, serialize(new))
    assert not org_of(read).HasField("tenantId")
    assert parse_response(203, serialize(read)) == new


def test_a_quantity_that_only_the_newer_version_holds():
    request = request_type(203)(command=1)
    fill(request)
    request.ticket.items[0].commodity.quantity = 2**40
    body = serialize(request)
    assert parse_request(203, body).ticket.items[0].commodity.quantity == 2**40
    old = request_type(202).FromString(body)
    assert old.ticket.items[0].commodity.quantity == 0  # protobuf cuts what does not fit


@pytest.mark.parametrize(("version", "field"), [(202, "nomenclature.current_version"), (203, None)])
def test_what_only_the_older_version_requires(version, field):
    body = bytes.fromhex("0804 2a05 1203 343630")
    if field is None:
        request: Any = parse_request(version, body)
        assert request.nomenclature.barcode == "460"
    else:
        with pytest.raises(RemoteProtocolError) as caught:
            parse_request(version, body)
        assert caught.value.field == field


@VERSIONS
def test_unknown_fields_are_tolerated_and_kept(version):
    body = bytes.fromhex("f807ff01" + "0805")
    request = parse_request(version, body)
    assert request.command == 5
    assert serialize(request) == bytes.fromhex("0805" + "f807ff01")


# --------------------------------------------------------------------------------------------------------- any bytes


def whole(version, type_of):
    message = type_of(version)(command=1)
    fill(message)
    return serialize(message)


REQUESTS = [(version, whole(version, request_type)) for version in (202, 203)]
RESPONSES = [(version, whole(version, response_type)) for version in (202, 203)]


@pytest.mark.parametrize(("version", "body"), REQUESTS)
def test_a_request_with_everything(version, body):
    assert serialize(parse_request(version, body)) == body


@pytest.mark.parametrize(("version", "body"), RESPONSES)
def test_a_response_with_everything(version, body):
    assert serialize(parse_response(version, body)) == body


def outcome(parse, version, body):
    """The message, or the error; another kind of error ends the test."""
    try:
        message = parse(version, body)
    except RemoteProtocolError as error:
        str(error).encode()
        return error
    assert parse(version, serialize(message)) == message
    return message


@given(st.sampled_from([202, 203]), st.binary(max_size=300))
@example(203, b"")
def test_any_body(version, body):
    request = outcome(parse_request, version, body)
    if isinstance(request, RemoteProtocolError):
        assert request.code in ANSWERED
    response = outcome(parse_response, version, body)
    if isinstance(response, RemoteProtocolError):
        assert response.code == "bad_answer"


changes = st.lists(st.tuples(st.integers(0, 5_000), st.binary(max_size=3), st.integers(0, 3)), min_size=1, max_size=4)


def changed(body, places):
    for place, new, removed in places:
        at = place % (len(body) + 1)
        body = body[:at] + new + body[at + removed :]
    return body


@settings(max_examples=300)
@given(st.sampled_from(REQUESTS), changes, st.sampled_from([202, 203]))
def test_changed_requests(sample, places, version):
    outcome(parse_request, version, changed(sample[1], places))


@settings(max_examples=300)
@given(st.sampled_from(RESPONSES), changes, st.sampled_from([202, 203]))
def test_changed_responses(sample, places, version):
    outcome(parse_response, version, changed(sample[1], places))


@pytest.mark.parametrize(("version", "body"), REQUESTS)
def test_cut_off_anywhere(version, body):
    cut = [outcome(parse_request, version, body[:end]) for end in range(len(body))]
    refused = [isinstance(found, RemoteProtocolError) for found in cut]
    # What ends between two fields of the outermost message is whole: a frame's size alone tells that bytes are missing.
    assert refused[:2] == [True, True]
    assert refused.count(False) == len(request_type(version).DESCRIPTOR.fields) - 1
