import json
from dataclasses import replace

import pytest

from fiscal.domain.lifecycle import AutonomousReason, BlockReason, DocumentState, RegisterMode
from fiscal.domain.money import MONEY_MAX
from fiscal.errors import InvalidValue, StorageBusy
from fiscal.time import HOUR
from kkt_client.core.errors import DocumentRefused, KeyReused, NotEnoughCash, RegisterBlocked
from kkt_client.core.events import AnomalyNoted, DocumentMoved, EventsMissed, WentAutonomous
from kkt_client.core.records import AnomalyCode
from kkt_client.core.state import Block, Period
from kkt_client.core.status import RegisterStatus
from kkt_client.core.verifying import Damage, Verdict
from mock_ofd.cli.kkt.views import (
    LIST_HEAD,
    aligned,
    error_json,
    event_json,
    event_line,
    footer,
    list_row,
    paper_json,
    plain,
    status_json,
    status_rows,
    table,
    verdict_json,
    verdict_text,
)
from tests.documents import correction, deposit, void, withdrawal
from tests.fiscal.rendering.samples import AT, OWN_SIGN, RU, SELL, SIGN, Z
from tests.mock_ofd.cli.kkt.papers import DELIVERED, SAVED, X_REPORT, Z_REPORT

TOTAL = "15940.00"
"""What the sample receipt comes to."""

STATUS = RegisterStatus(
    register_id="till-1",
    mode=RegisterMode.ONLINE,
    since=AT,
    connected=False,
    unsent=0,
    oldest_unsent_at=None,
    head=None,
    attempts=0,
    last_error="",
    next_attempt_s=None,
    last_number=8,
    accepted_number=8,
    autonomous_sign=0,
    shift=2,
    shift_opened_at=AT,
    shift_expired=False,
    cash=1_694_991,
    blocks=(),
    period=None,
    unreported=(),
    unfinished=(),
    operator="",
    operator_phone=None,
)


def test_a_receipt_in_json_has_everything_and_can_be_written():
    view = paper_json(DELIVERED)
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
    z, x = paper_json(Z_REPORT), paper_json(X_REPORT)
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


@pytest.mark.parametrize(
    ("paper", "text"),
    [
        (SAVED, "✔☁̸ оформлен автономно, ещё не передан оператору"),
        (DELIVERED, "✔✔☁̸ оформлен автономно, передан оператору"),
        (replace(SAVED, state=DocumentState.DELIVERED), "✔✔ передан оператору"),
        (replace(SAVED, state=DocumentState.REFUSED, refusal="bad_totals: …"), "✔ оператор не принял: bad_totals: …"),
        (Z_REPORT, "✔☁̸ оформлен автономно, ещё не передан оператору"),
        (X_REPORT, ""),
    ],
)
def test_marks_are_said_in_words_too(paper, text):
    assert footer(paper) == text


@pytest.mark.requirement("S3-28", "S3-29", "S3-30")
@pytest.mark.parametrize(
    ("state", "marks"),
    [
        (DocumentState.SAVED, "✔"),
        (DocumentState.DELIVERED, "✔✔"),
        (DocumentState.SAVED_AUTONOMOUS, "✔☁̸"),
        (DocumentState.DELIVERED_AUTONOMOUS, "✔✔☁̸"),
    ],
)
def test_the_marks_stand_in_the_list(state, marks):
    assert list_row(replace(SAVED, state=state))[-1] == marks


@pytest.mark.parametrize(
    ("paper", "name", "total", "signs"),
    [
        (DELIVERED, "ПРОДАЖА", TOTAL, (SIGN, str(OWN_SIGN))),
        (replace(DELIVERED, profile=RU), "ПРИХОД", TOTAL, (SIGN, str(OWN_SIGN))),
        (replace(SAVED, document=deposit(), autonomous_sign=None), "ВНЕСЕНИЕ", "500.00", ("", "")),
        (replace(SAVED, document=withdrawal(), autonomous_sign=None), "ИЗЪЯТИЕ", "200.00", ("", "")),
        (replace(SAVED, document=correction()), "КОРРЕКЦИЯ", "250.00", ("", str(OWN_SIGN))),
        (replace(SAVED, document=void(), autonomous_sign=None), "АННУЛИРОВАНИЕ", "", ("", "")),
        (Z_REPORT, "Z-ОТЧЁТ", "", ("", "")),
    ],
)
def test_every_kind_of_document_has_its_line(paper, name, total, signs):
    assert list_row(paper)[3:7] == (name, total, *signs)


def test_columns_stand_under_each_other():
    text = table(LIST_HEAD, [list_row(DELIVERED), list_row(Z_REPORT)])
    head, first, second = text.splitlines()
    assert first.index("ПРОДАЖА") == second.index("Z-ОТЧЁТ") == head.index("Документ")
    assert text.endswith("✔☁̸\n")


def test_the_status_of_a_register_that_is_well():
    rows = dict(status_rows(STATUS, "Asia/Almaty", "native://127.0.0.1:7790"))
    assert rows["Режим"].startswith("на связи с оператором с 14.03.2026")
    assert rows["Оператор"] == "native://127.0.0.1:7790"
    assert rows["Не передано"] == "0"
    assert rows["Наличных в кассе"] == "16949.91"
    assert rows["Смена"].startswith("№ 2, открыта")
    assert "Блокировка" not in rows
    assert "Без связи" not in rows


def test_the_status_of_a_register_that_is_not():
    period = Period(3, AT, AutonomousReason.UNPAID)
    told = replace(
        STATUS,
        mode=RegisterMode.BLOCKED_AUTONOMOUS,
        unsent=4,
        oldest_unsent_at=AT,
        head=5,
        last_error="there is no answer",
        next_attempt_s=1.5,
        shift_expired=True,
        blocks=(Block(BlockReason.TOO_LONG_AUTONOMOUS, AT, "72 ч"),),
        period=period,
        unreported=(Period(2, AT - HOUR, AutonomousReason.NO_CONNECTION, AT),),
        unfinished=(7, 8),
        operator="Транстелеком",
        operator_phone="1702",
    )
    rows = dict(status_rows(told, "Asia/Almaty", "native://127.0.0.1:7790"))
    assert rows["Режим"].startswith("заблокирована, автономный")
    assert rows["Оператор"] == "native://127.0.0.1:7790 Транстелеком 1702"
    assert "72 ч" in rows["Блокировка"]
    assert "sync" in rows["Блокировка"]
    assert rows["Без связи"].endswith("услуги ОФД не оплачены")
    assert rows["Не сообщено"].startswith("период 2: ")
    assert rows["Не передано"].startswith("4, старейший от 14.03.2026")
    assert rows["Не передано"].endswith("первым № 5")
    assert rows["Не выданы"] == "7, 8"
    assert rows["Последняя ошибка"] == "there is no answer"
    assert rows["Смена"].endswith("старше 24 часов: снимите Z-отчёт")

    view = status_json(told, "native://127.0.0.1:7790")
    assert view["blocks"] == [{"reason": "too_long_autonomous", "since": AT, "text": "72 ч"}]
    assert view["period"] == {"number": 3, "begin": AT, "reason": "unpaid"}
    assert view["unreported"] == [{"number": 2, "begin": AT - HOUR, "reason": "no_connection", "end": AT}]
    assert view["next_attempt_ms"] == 1_500
    assert json.loads(json.dumps(view)) == view


def test_a_shift_that_is_closed():
    rows = dict(status_rows(replace(STATUS, shift_opened_at=None), "Asia/Almaty", ""))
    assert rows["Смена"] == "закрыта"
    assert status_json(STATUS, "")["next_attempt_ms"] is None


def test_every_block_and_mode_has_its_words():
    for reason in BlockReason:
        blocked = replace(STATUS, blocks=(Block(reason, AT, "…"),))
        assert dict(status_rows(blocked, "Asia/Almaty", ""))["Блокировка"]
    for mode in RegisterMode:
        assert dict(status_rows(replace(STATUS, mode=mode), "Asia/Almaty", ""))["Режим"]
    for why in AutonomousReason:
        assert dict(status_rows(replace(STATUS, period=Period(1, AT, why)), "Asia/Almaty", ""))["Без связи"]


def test_names_and_values_stand_in_two_columns():
    assert aligned([("а", "1"), ("длинное", "2")]) == "а        1\nдлинное  2\n"
    assert aligned([]) == ""


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
    assert event_line(moved, "Europe/Moscow") == "14.03.2026 11:03:12  Документ 5: ✔✔"
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
    assert verdict_text(whole) == "цепочка цела: записей 9, документов 4\n"
    assert "запись 6 (Accepted): the hash" in verdict_text(damaged)


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
