"""What programs see of a register has every fact, in the forms of the operator's interface."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from fiscal.domain.lifecycle import AutonomousReason, BlockReason, DocumentState, RegisterMode
from fiscal.domain.money import MONEY_MAX
from fiscal.errors import InvalidValue, StorageBusy
from fiscal.time import HOUR
from kkt_client.core.errors import DocumentRefused, KeyReused, NotEnoughCash, RegisterBlocked
from kkt_client.core.events import AnomalyNoted, DocumentMoved, EventsMissed, WentAutonomous
from kkt_client.core.records import AnomalyCode
from kkt_client.core.state import Block, Period, RegisterState
from kkt_client.core.status import status_of
from kkt_client.core.verifying import Damage, Verdict
from kkt_client.core.views import error_json, event_json, paper_json, plain, status_json, verdict_json, word_of
from tests.fiscal.rendering.samples import AT, OWN_SIGN, SELL, SIGN, Z
from tests.kkt_client.core.papers import DELIVERED, SAVED, X_REPORT, Z_REPORT


def test_a_receipt_in_json_has_everything_and_can_be_written():
    view: Any = paper_json(DELIVERED)
    assert view["number"] == SELL.number
    assert view["kind"] == "receipt"
    assert (view["state"], view["marks"]) == ("delivered_autonomous", "✔✔☁̸")
    assert (view["autonomous"], view["delivered"]) == (True, True)
    assert (view["sign"], view["autonomous_sign"]) == (SIGN, OWN_SIGN)
    assert (view["period"], view["accepted_at"], view["refusal"]) == (2, AT, None)
    assert view["total"] == SELL.total
    assert view["document"]["id"] == SELL.id.hex()
    assert view["document"]["operation"] == "sell"
    assert json.loads(json.dumps(view)) == view


def test_a_report_in_json_has_the_same_names():
    z: Any = paper_json(Z_REPORT)
    x: Any = paper_json(X_REPORT)
    assert (z["kind"], z["number"], z["marks"], z["unsent"]) == ("close_shift", Z.number, "✔☁̸", 3)
    assert z["document"]["kind"] == "close_shift"
    assert (x["kind"], x["number"], x["state"], x["marks"], x["document"]) == ("x_report", None, None, None, None)
    assert x["counters"] == {"a": 1, "b": 2}
    assert z.keys() == x.keys()
    assert json.loads(json.dumps(z)) == z


def test_plain_values_go_all_the_way_down():
    assert plain({"a": (b"\x01", AutonomousReason.UNPAID, [Period(1, 2, AutonomousReason.LOW_POWER)])}) == {
        "a": ["01", "unpaid", [{"number": 1, "begin": 2, "reason": "low_power"}]]
    }


def test_the_status_of_a_register_that_waits():
    told = replace(
        status_of(RegisterState(), AT),
        mode=RegisterMode.BLOCKED_AUTONOMOUS,
        next_attempt_s=1.5,
        blocks=(Block(BlockReason.TOO_LONG_AUTONOMOUS, AT, "72 ч"),),
        period=Period(3, AT, AutonomousReason.UNPAID),
        unreported=(Period(2, AT - HOUR, AutonomousReason.NO_CONNECTION, AT),),
    )
    view: Any = status_json(told, "native://127.0.0.1:7790")
    assert (view["operator"], view["mode"]) == ("native://127.0.0.1:7790", "blocked_autonomous")
    assert view["blocks"] == [{"reason": "too_long_autonomous", "since": AT, "text": "72 ч"}]
    assert view["period"] == {"number": 3, "begin": AT, "reason": "unpaid"}
    assert view["unreported"] == [{"number": 2, "begin": AT - HOUR, "reason": "no_connection", "end": AT}]
    assert view["next_attempt_ms"] == 1_500
    assert json.loads(json.dumps(view)) == view


def test_the_status_of_a_register_that_waits_for_nothing():
    view = status_json(status_of(RegisterState(), AT), "")
    assert (view["next_attempt_ms"], view["period"], view["blocks"]) == (None, None, [])


def test_an_event_has_a_word_and_its_facts():
    event = WentAutonomous(AT, AutonomousReason.UNPAID, "Транстелеком", "1702")
    assert event_json(event) == {
        "event": "went_autonomous",
        "at": AT,
        "reason": "unpaid",
        "operator": "Транстелеком",
        "phone": "1702",
        "text": event.text,
    }
    moved = DocumentMoved(AT, 5, SAVED.kind, DocumentState.DELIVERED, SIGN)
    assert event_json(moved)["event"] == "document_moved"
    assert event_json(EventsMissed(AT, 3))["count"] == 3
    assert event_json(AnomalyNoted(AT, AnomalyCode.SECOND_SIGN, "…", 5))["code"] == "second_sign"


def test_a_verdict():
    whole, damaged = Verdict(9, 4), Verdict(5, 2, Damage(6, "Accepted", "the hash does not belong to it"))
    assert verdict_json(whole) == {"whole": True, "records": 9, "documents": 4, "damage": None}
    assert verdict_json(damaged)["damage"] == {
        "record": 6,
        "kind": "Accepted",
        "why": "the hash does not belong to it",
    }


@pytest.mark.parametrize(
    ("error", "code", "facts"),
    [
        (InvalidValue("items[0].price", "is wrong"), "x", {"field": "items[0].price", "text": "is wrong"}),
        (NotEnoughCash(MONEY_MAX, 5), "x", {"needed": MONEY_MAX, "available": 5, "field": ""}),
        (KeyReused("a", 7), "x", {"key": "a", "number": 7}),
        (RegisterBlocked(BlockReason.BY_OPERATOR, "долг", 7), "x", {"reason": "by_operator", "number": 7}),
        (DocumentRefused(7, "bad_totals", "total", "wrong"), "x", {"number": 7, "field": "total"}),
        (StorageBusy("process 5 holds it"), "x", {"text": "process 5 holds it"}),
    ],
)
def test_an_error_has_the_form_of_the_operators_interface(error, code, facts):
    view = error_json(error, code)["error"]
    assert view["code"] == code
    assert facts.items() <= view.items()
    assert json.loads(json.dumps(view)) == view


def test_the_word_of_an_error_is_its_own_else_that_of_its_class():
    assert word_of(DocumentRefused(7, "bad_totals", "total", "wrong")) == "bad_totals"
    assert word_of(StorageBusy("process 5 holds it")) == "storage_busy"
