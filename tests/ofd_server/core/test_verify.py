"""Genuine, altered, unknown: a code's claim against a document, and an export against a key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.domain.receipt import Operation
from fiscal.domain.signs import LAYOUT_10, Signer, SigningKey, digest_of, qr_kz, qr_ru
from fiscal.errors import InvalidValue
from fiscal.protocols.content import encode_content
from ofd_server.core.verify import (
    NOT_FOUND,
    QR_MAX,
    Claim,
    Verdict,
    Verification,
    carries,
    claim_of,
    judge,
    judge_first,
    parse_qr,
    unknown,
    verify_export,
)
from tests.documents import T0, receipt
from tests.ofd_server.core.test_views import recorded
from tests.ofd_server.site import PROFILE

SIGN = "123456789012"
TIME = "20260101T120000"
ENTRY = recorded(receipt(), sign=SIGN)


def claim(**given):
    return Claim(**{"sign": SIGN, "register": PROFILE.rnm, "total": 10_000, "time": TIME, **given})


# ----------------------------------------------------------------------------------------------------------- claims


def test_both_countries_codes_are_read():
    kazakh = qr_kz("http://127.0.0.1:8080/r", SIGN, PROFILE.rnm, 10_000, T0, "Asia/Almaty")
    assert parse_qr(kazakh) == parse_qr(kazakh.partition("?")[2]) == claim()
    russian = qr_ru("9999078900001234", 7, SIGN, 10_000, T0, "Asia/Almaty", Operation.SELL)
    assert parse_qr(f" {russian}\n") == claim(register="9999078900001234", number=7)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "qr"),
        ("hello", "qr"),
        ("http://x/r?i=1&f=2&s=3", "qr"),
        ("x" * (QR_MAX + 1), "qr"),
        (f"i=x&f=2&s=3&t={TIME}", "sign"),
        (f"i=&f=2&s=3&t={TIME}", "sign"),
        (f"i={'1' * 65}&f=2&s=3&t={TIME}", "sign"),
        (f"i=１&f=2&s=3&t={TIME}", "sign"),
        (f"i=1&f=&s=3&t={TIME}", "register"),
        (f"i=1&f={'x' * 65}&s=3&t={TIME}", "register"),
        (f"i=1&f=2&s=3.005&t={TIME}", "sum"),
        ("i=1&f=2&s=3&t=2026", "time"),
        ("i=1&f=2&s=3&t=20260101T1200001", "time"),
        (f"t={TIME}&s=3&fn=2&i=x&fp=1&n=1", "number"),
        (f"t={TIME}&s=3&fn=2&i=12345678901&fp=1&n=1", "number"),
    ],
)
def test_what_is_no_claim_is_named(text, field):
    with pytest.raises(InvalidValue) as caught:
        parse_qr(text)
    assert caught.value.field == field


@given(st.text(max_size=60))
def test_any_text_is_a_claim_or_is_refused(text):
    try:
        found = parse_qr(text)
    except InvalidValue:
        return
    assert isinstance(found, Claim)


# --------------------------------------------------------------------------------------------------------- verdicts


@pytest.mark.parametrize(
    ("given_claim", "fields"),
    [
        (claim(), []),
        (claim(time="20260101T1200"), []),
        (claim(number=1), []),
        (claim(total=10_001), ["sum"]),
        (claim(time="20260101T120001"), ["time"]),
        (claim(time="20260101T1201"), ["time"]),
        (claim(number=2), ["number"]),
        (claim(total=1, time="20250101T1200", number=9), ["sum", "time", "number"]),
    ],
)
def test_what_agrees_and_what_does_not(given_claim, fields):
    found = judge(given_claim, "kkm-1", PROFILE, ENTRY)
    assert found.verdict is (Verdict.ALTERED if fields else Verdict.GENUINE)
    assert [reason.field for reason in found.reasons] == fields
    assert (found.register, found.number) == ("kkm-1", 1)


def test_both_figures_are_told():
    (reason,) = judge(claim(total=1), "kkm-1", PROFILE, ENTRY).reasons
    assert (reason.claimed, reason.recorded) == ("0.01", "100.00")
    assert reason.text == "0.01 is claimed, 100.00 is recorded"


def test_a_register_without_a_zone_is_on_universal_time():
    assert judge(claim(time="20260101T070000"), "kkm-1", None, ENTRY).verdict is Verdict.GENUINE


def test_a_wrong_sign_teaches_nothing():
    assert judge(claim(sign="123456789013", total=1), "kkm-1", PROFILE, ENTRY) is NOT_FOUND


@pytest.mark.parametrize(
    ("sign", "own", "asked", "found"),
    [
        (SIGN, None, SIGN, True),
        (SIGN, 7, "7", True),
        (None, 7, "7", True),
        (None, None, "", False),
        (None, None, "None", False),
        (SIGN, 7, "8", False),
        (SIGN, None, "", False),
    ],
)
def test_a_document_carries_two_signs(sign, own, asked, found):
    entry = recorded(receipt(), sign=sign, autonomous=own is not None, autonomous_sign=own)
    assert carries(entry, asked) is found


def test_the_best_of_several_registers_counts():
    genuine = Verification(Verdict.GENUINE, ())
    altered = Verification(Verdict.ALTERED, ())
    assert judge_first([]) is NOT_FOUND
    assert judge_first([NOT_FOUND, altered, NOT_FOUND]) is altered
    assert judge_first([altered, genuine, altered]) is genuine


# ---------------------------------------------------------------------------------------------------------- exports


CONTENT = encode_content(receipt())


@pytest.mark.parametrize("signer", [Signer(SigningKey("k", b"s" * 16)), Signer(SigningKey("k", b"s" * 16), LAYOUT_10)])
def test_an_export_is_judged_by_its_key_alone(signer):
    sign = signer.sign("kkm-1", 1, digest_of(CONTENT))
    assert verify_export("kkm-1", CONTENT, sign, "k", signer).verdict is Verdict.GENUINE
    assert verify_export("kkm-2", CONTENT, sign, "k", signer).verdict is Verdict.ALTERED
    assert verify_export("kkm-1", encode_content(receipt(2)), sign, "k", signer).verdict is Verdict.ALTERED
    assert verify_export("kkm-1", CONTENT, "1" * len(sign), "k", signer).verdict is Verdict.ALTERED


def test_an_export_of_another_key():
    signer = Signer(SigningKey("new", b"n" * 16), earlier=(SigningKey("old", b"o" * 16),))
    old = Signer(SigningKey("old", b"o" * 16)).sign("kkm-1", 1, digest_of(CONTENT))
    assert verify_export("kkm-1", CONTENT, old, "old", signer).verdict is Verdict.GENUINE
    assert verify_export("kkm-1", CONTENT, old, "new", signer).verdict is Verdict.ALTERED
    assert verify_export("kkm-1", CONTENT, old, "lost", signer) == unknown(
        "unknown_key", "the key 'lost' is not known here"
    )


def test_an_export_that_is_no_document():
    found = verify_export("kkm-1", b"\x80", "1", "k", Signer(SigningKey("k", b"s")))
    assert (found.verdict, found.reasons[0].code, found.reasons[0].field) == (Verdict.ALTERED, "not_a_document", "kind")


def test_the_claim_of_texts():
    assert claim_of(SIGN, PROFILE.rnm, "100", TIME) == claim()
