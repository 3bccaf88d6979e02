"""The messages as values: their defaults, their limits, and that nothing unknown gets in."""

from typing import Any, get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from fiscal.domain.document import ONLINE
from fiscal.domain.messages import (
    TEXT_MAX,
    TRY_LATER_MAX_MS,
    Accepted,
    Answer,
    AskInformation,
    Blocked,
    Hello,
    Information,
    Noted,
    Ping,
    RefusalCode,
    Refused,
    ReportOfflinePeriod,
    ReportStatus,
    Request,
    SubmitDocument,
    TryLater,
    Welcome,
)
from fiscal.errors import RemoteProtocolError
from fiscal.protocols.values import fields_of, from_map

LEAST: dict[type, dict[str, Any]] = {
    Hello: {"register": "kkm-1", "token": "t", "software": "test"},
    ReportOfflinePeriod: {"number": 1, "begin": 0, "end": 0, "reason": "no_connection"},
    AskInformation: {},
    Ping: {},
    ReportStatus: {"unsent": 0, "mode": "online"},
    Welcome: {"at": 0, "operator": "mock-ofd"},
    Accepted: {"number": 1, "at": 0},
    Refused: {"code": "conflict"},
    TryLater: {"delay_ms": 0},
    Blocked: {"reason": ""},
    Information: {
        "at": 0,
        "last_number": 0,
        "last_shift": 0,
        "shift_opened_at": None,
        "last_autonomous_sign": 0,
    },
    Noted: {"at": 0},
}
by_class = pytest.mark.parametrize("class_", LEAST, ids=lambda class_: class_.__name__)


def test_every_message_is_here():
    assert {*get_args(Request), *get_args(Answer)} == {*LEAST, SubmitDocument}


@by_class
def test_the_least_that_a_message_needs(class_: type[Any]):
    value = TypeAdapter(class_).validate_python(LEAST[class_])
    assert type(value) is class_
    for name, default in fields_of(class_).items():
        if name not in LEAST[class_]:
            assert getattr(value, name) == default


@by_class
def test_each_of_those_is_needed_and_nothing_unknown_is_taken(class_: type[Any]):
    validate = TypeAdapter(class_).validate_python
    for missing in LEAST[class_]:
        with pytest.raises(ValidationError):
            validate({name: value for name, value in LEAST[class_].items() if name != missing})
    with pytest.raises(ValidationError):
        validate({**LEAST[class_], "colour": "red"})


@by_class
def test_a_message_is_frozen(class_: type[Any]):
    value = TypeAdapter(class_).validate_python(LEAST[class_])
    for name in fields_of(class_):
        with pytest.raises(AttributeError):
            setattr(value, name, None)


@pytest.mark.parametrize(
    ("class_", "wrong"),
    [
        (Hello, {"register": ""}),
        (Hello, {"register": "k" * 65}),
        (Hello, {"token": "t" * 257}),
        (Hello, {"last_number": -1}),
        (Hello, {"accepted_number": 2**31}),
        (ReportOfflinePeriod, {"number": 0}),
        (ReportOfflinePeriod, {"reason": "weather"}),
        (ReportStatus, {"mode": "asleep"}),
        (ReportStatus, {"stuck": "x" * (TEXT_MAX + 1)}),
        (Welcome, {"last_digest": bytes(31)}),
        (Welcome, {"last_autonomous_sign": 2**31}),
        (Accepted, {"sign": ""}),
        (Refused, {"code": "no"}),
        (Refused, {"text": "x" * (TEXT_MAX + 1)}),
        (TryLater, {"delay_ms": TRY_LATER_MAX_MS + 1}),
        (TryLater, {"delay_ms": -1}),
        (Information, {"counters": {"cash_sum": 2**53}}),
        (Noted, {"at": "0"}),
    ],
)
def test_beyond_the_limits(class_: type, wrong: dict[str, Any]):
    with pytest.raises(ValidationError):
        TypeAdapter(class_).validate_python({**LEAST[class_], **wrong})


def test_a_zone_that_does_not_exist_is_named():
    taxpayer = {"name": "ТОО", "tax_id": "1"}
    profile = {"taxpayer": taxpayer, "place": "p", "rnm": "1", "serial": "1", "zone": "Nowhere/City"}
    with pytest.raises(RemoteProtocolError) as raised:
        from_map(Hello, {**LEAST[Hello], "profile": profile})
    assert (raised.value.code, raised.value.field) == ("bad_request", "profile.zone")
    assert "must be the name of an IANA time zone" in raised.value.text


def test_nobody_silences_a_register_for_more_than_ten_minutes():
    assert TRY_LATER_MAX_MS == 600_000
    assert TypeAdapter(TryLater).validate_python({"delay_ms": 600_000}).delay_ms == 600_000


def test_a_document_is_online_unless_it_says_otherwise():
    assert SubmitDocument(content=b"").delivery is ONLINE


def test_codes_of_refusals_are_the_words_on_the_wire():
    assert all(code.value == code.name.lower() for code in RefusalCode)
