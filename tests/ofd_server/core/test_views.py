"""States and entries as plain maps."""

import json
from dataclasses import dataclass

import pytest

from fiscal.domain.document import DocumentKind, kind_of
from fiscal.domain.lifecycle import AutonomousReason, RegisterMode
from fiscal.domain.messages import ReportStatus
from fiscal.domain.shift import SHIFT_MAX_MS
from fiscal.domain.signs import digest_of
from fiscal.protocols.content import encode_content
from ofd_server.core.entries import (
    Anomaly,
    AnomalyCode,
    DocumentRecorded,
    MadeAutonomous,
    PeriodRecorded,
    ProfileChanged,
    Registered,
    Standing,
    StandingChanged,
    TokenReset,
)
from ofd_server.core.replay import replay
from ofd_server.core.views import (
    document_summary,
    document_view,
    entry_view,
    export_view,
    history_lines,
    plain,
    plain_map,
    register_summary,
    register_view,
    why_stuck,
)
from tests.documents import ONE_OF_EACH, T0, receipt
from tests.ofd_server.site import PROFILE

SECRET = b"\x5e" * 32
REGISTERED = Registered(at=T0, token_digest=SECRET, profile=PROFILE)


def recorded(document, **given):
    kind = kind_of(document)
    told = {
        "received_at": T0 + 5,
        "content": encode_content(document),
        "document": document,
        "kind": kind,
        "digest": digest_of(encode_content(document)),
        "protocol": "native",
        "sign": "123" if kind is DocumentKind.RECEIPT else None,
        "key_id": "k" if kind is DocumentKind.RECEIPT else None,
        "autonomous": False,
        "autonomous_sign": None,
        "period": None,
        **given,
    }
    return DocumentRecorded(**told)


def state_after(*entries):
    return replay("kkm-1", None, (REGISTERED, *entries))


def summary(state, report=None, now=T0, **given):
    return register_summary(state, connected=False, report=report, reported_at=T0, now=now, **given)


# ----------------------------------------------------------------------------------------------------- plain values


def test_every_document_becomes_json_and_says_its_kind():
    for document in ONE_OF_EACH:
        written = json.loads(json.dumps(plain_map(document)))
        assert written["kind"] == kind_of(document).value
        assert written["id"] == document.id.hex()
        assert json.loads(json.dumps(document, default=plain)) == written


def test_what_has_no_place_in_json():
    with pytest.raises(TypeError, match="set"):
        plain(set())


def test_a_list_of_values():
    @dataclass
    class Pair:
        one: tuple[object, ...]
        two: dict[str, object]

    assert plain_map(Pair((b"\x01", 2), {"x": b"\xff"})) == {"one": ["01", 2], "two": {"x": "ff"}}


# -------------------------------------------------------------------------------------------------------- registers


def test_a_register_that_has_just_become_known():
    seen = summary(state_after())
    assert seen["shift"] == {"number": 0, "open": False, "opened_at": None, "expires_at": None}
    assert (seen["last_number"], seen["last_issued_at"], seen["reported"], seen["stuck"]) == (0, None, None, [])


def test_a_register_that_has_told_how_it_is_doing():
    report = ReportStatus(
        unsent=2,
        mode=RegisterMode.AUTONOMOUS,
        oldest_unsent_at=T0,
        stuck="x",
        stuck_code="refused:bad_totals",
        last_error_code="what_nobody_knows",
    )
    told = {"at": T0, "mode": "autonomous", "unsent": 2, "oldest_unsent_at": T0, "stuck": "x"}
    codes = {"stuck_code": "refused:bad_totals", "last_error_code": "what_nobody_knows"}
    seen = summary(state_after(), report)["reported"]
    assert seen == {**told, **codes, "since": None, "head": None, "last_error": None}


def test_a_register_at_work():
    state = state_after(recorded(receipt()))
    seen = register_view(
        summary(state),
        state,
        [PeriodRecorded(at=T0, period=3, begin=T0 - 10, end=T0, reason=AutonomousReason.LOW_POWER)],
    )
    assert seen["shift"] == {"number": 1, "open": True, "opened_at": T0, "expires_at": T0 + SHIFT_MAX_MS}
    assert seen["counters"]["cash_sum"] == 10_000
    assert list(seen["counters"]) == sorted(seen["counters"])
    assert seen["periods"] == [{"number": 3, "begin": T0 - 10, "end": T0, "duration_ms": 10, "reason": "low_power"}]
    assert seen["profile"] is PROFILE


def test_nothing_secret_is_in_a_view():
    state = state_after(TokenReset(at=T0, token_digest=SECRET))
    entries = [entry_view(1, "kkm-1", 1, entry) for entry in (REGISTERED, TokenReset(at=T0, token_digest=SECRET))]
    written = json.dumps([register_view(summary(state), state, []), *entries], default=plain)
    assert SECRET.hex() not in written


def test_what_the_register_could_not_do_is_told_with_what_waits():
    report = ReportStatus(
        unsent=2,
        mode=RegisterMode.AUTONOMOUS,
        oldest_unsent_at=T0,
        since=T0 - 1,
        head=7,
        last_error="there is no answer",
    )
    (reason,) = why_stuck(state_after(), report, T0)
    assert reason["code"] == "unsent"
    assert reason["text"].endswith("; the last error was: there is no answer")
    seen = summary(state_after(), report)["reported"]
    assert seen is not None
    assert (seen["since"], seen["head"], seen["last_error"]) == (T0 - 1, 7, "there is no answer")


@pytest.mark.parametrize(
    ("standing", "code"),
    [(Standing.BLOCKED, "blocked"), (Standing.UNPAID, "unpaid"), (Standing.REMOVED, "removed"), (Standing.GOOD, None)],
)
def test_our_own_reasons_come_first(standing, code):
    state = state_after(StandingChanged(at=T0, standing=standing, reason="so"))
    report = ReportStatus(unsent=1, mode=RegisterMode.AUTONOMOUS, oldest_unsent_at=T0, stuck="no paper")
    codes = [reason["code"] for reason in why_stuck(state, report, T0)]
    assert codes == [*([code] if code else []), "reported", "unsent"]


@pytest.mark.parametrize(("age", "codes"), [(SHIFT_MAX_MS, []), (SHIFT_MAX_MS + 1, ["shift_expired"])])
def test_a_shift_is_too_old_after_24_hours(age, codes):
    state = state_after(recorded(receipt()))
    assert [reason["code"] for reason in why_stuck(state, None, T0 + age)] == codes


@pytest.mark.parametrize(
    ("report", "codes"),
    [
        (ReportStatus(unsent=0, mode=RegisterMode.ONLINE), []),
        (ReportStatus(unsent=0, mode=RegisterMode.BLOCKED), ["reported"]),
        (ReportStatus(unsent=0, mode=RegisterMode.BLOCKED_AUTONOMOUS), ["reported"]),
        (ReportStatus(unsent=2, mode=RegisterMode.AUTONOMOUS), []),
        (ReportStatus(unsent=2, mode=RegisterMode.AUTONOMOUS, oldest_unsent_at=T0), ["unsent"]),
        (ReportStatus(unsent=0, mode=RegisterMode.ONLINE, oldest_unsent_at=T0), []),
    ],
)
def test_what_a_register_says_of_itself(report, codes):
    assert [reason["code"] for reason in why_stuck(state_after(), report, T0)] == codes


# -------------------------------------------------------------------------------------------------------- documents


@pytest.mark.parametrize(("came", "late_ms"), [(T0 + 7, 7), (T0 - 7, 0)])
def test_how_late_an_autonomous_document_came(came, late_ms):
    assert document_summary(1, "kkm-1", recorded(receipt()))["late_ms"] is None
    entry = recorded(receipt(), autonomous=True, autonomous_sign=9, period=2, received_at=came)
    seen = document_summary(1, "kkm-1", entry)
    assert (seen["late_ms"], seen["autonomous_sign"], seen["period"]) == (late_ms, 9, 2)


def test_every_kind_of_document_can_be_shown():
    for document in ONE_OF_EACH:
        seen = document_summary(7, "kkm-1", recorded(document))
        assert (seen["seq"], seen["kind"], seen["number"]) == (7, kind_of(document).value, 1)
        assert document_view(seen, recorded(document), 3, None, [])["content"]["number"] == 1
        assert bytes.fromhex(export_view("kkm-1", recorded(document))["content"]) == encode_content(document)


def test_the_life_of_a_document_in_order():
    anomaly = Anomaly(at=T0 + 5, code=AnomalyCode.CLOCK_BACKWARDS, text="x", number=1)
    lines = history_lines(
        recorded(receipt(), anomalies=(anomaly,)),
        (T0 + 6, T0 + 7, T0 + 8),
        [("resent", T0 + 20), ("late", T0 + 8)],
        [
            MadeAutonomous(at=T0 + 21, number=1, autonomous_sign=4, period=None),
            Anomaly(at=T0 + 22, code=AnomalyCode.CONFLICT, text="total", number=1),
            MadeAutonomous(at=T0 + 23, number=1, autonomous_sign=None, period=None),
            REGISTERED,
        ],
    )
    assert [(line["what"], line["at"] - T0, line["text"]) for line in lines] == [
        ("received", 5, "came by native"),
        ("anomaly", 5, "clock_backwards: x"),
        ("decided", 6, ""),
        ("committed", 7, ""),
        ("answered", 8, ""),
        ("late", 8, ""),
        ("resent", 20, ""),
        ("made_autonomous", 21, "autonomous sign 4"),
        ("anomaly", 22, "conflict: total"),
        ("made_autonomous", 23, ""),
    ]


def test_a_life_of_which_only_the_beginning_is_known():
    assert [line["what"] for line in history_lines(recorded(receipt()), None, [], [])] == ["received"]


# ----------------------------------------------------------------------------------------------------------- events


@pytest.mark.parametrize(
    ("entry", "type_", "more"),
    [
        (recorded(receipt()), "document", {"number": 1, "total": 10_000}),
        (MadeAutonomous(at=T0, number=2, autonomous_sign=3, period=4), "made_autonomous", {"autonomous_sign": 3}),
        (
            PeriodRecorded(at=T0, period=5, begin=1, end=3, reason=AutonomousReason.UNPAID),
            "period",
            {"number": 5, "duration_ms": 2},
        ),
        (Anomaly(at=T0, code=AnomalyCode.VERY_OLD, text="x", number=1), "anomaly", {"code": "very_old"}),
        (REGISTERED, "registered", {"profile": plain_map(PROFILE)}),
        (TokenReset(at=T0, token_digest=SECRET), "token_reset", {"at": T0}),
        (ProfileChanged(at=T0, profile=PROFILE), "profile_changed", {"profile": plain_map(PROFILE)}),
        (
            StandingChanged(at=T0, standing=Standing.UNPAID, reason="bill"),
            "standing_changed",
            {"standing": "unpaid", "reason": "bill"},
        ),
    ],
)
def test_every_entry_can_be_told(entry, type_, more):
    told = entry_view(9, "kkm-1", 2, entry)
    assert (told["type"], told["seq"], told["register"], told["version"]) == (type_, 9, "kkm-1", 2)
    assert told.items() >= more.items()
    assert "version" not in entry_view(9, "kkm-1", None, entry)
    json.dumps(told)
