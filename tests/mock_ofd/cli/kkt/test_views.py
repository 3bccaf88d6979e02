from dataclasses import replace

import pytest

from fiscal.domain.lifecycle import AutonomousReason, BlockReason, DocumentState, RegisterMode
from fiscal.time import HOUR
from kkt_client.core.events import DocumentMoved
from kkt_client.core.state import Block, Period
from kkt_client.core.status import RegisterStatus
from kkt_client.core.verifying import Damage, Verdict
from mock_ofd.cli.kkt.views import (
    LIST_HEAD,
    aligned,
    event_line,
    footer,
    list_row,
    status_rows,
    table,
    verdict_text,
)
from tests.documents import correction, deposit, void, withdrawal
from tests.fiscal.rendering.samples import AT, OWN_SIGN, RU, SIGN
from tests.kkt_client.core.papers import DELIVERED, SAVED, X_REPORT, Z_REPORT

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
    last_error_code=None,
    block_codes=(),
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


def test_a_shift_that_is_closed():
    rows = dict(status_rows(replace(STATUS, shift_opened_at=None), "Asia/Almaty", ""))
    assert rows["Смена"] == "закрыта"


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


def test_an_event_is_a_line_with_its_time():
    moved = DocumentMoved(AT, 5, SAVED.kind, DocumentState.DELIVERED, SIGN)
    assert event_line(moved, "Europe/Moscow") == "14.03.2026 11:03:12  Документ 5: ✔✔"


def test_a_verdict():
    whole, damaged = Verdict(9, 4), Verdict(5, 2, Damage(6, "Accepted", "the hash does not belong to it"))
    assert verdict_text(whole) == "цепочка цела: записей 9, документов 4\n"
    assert "запись 6 (Accepted): the hash" in verdict_text(damaged)
