"""What a register writes over the Kazakhstan protocol, and what an answer means to it."""

import re
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from fiscal.domain.document import ONLINE, Delivery
from fiscal.domain.messages import Accepted, Blocked, RefusalCode, Refused
from fiscal.domain.receipt import Operation, PaymentKind
from fiscal.errors import InvalidValue, LocalProtocolError
from fiscal.protocols.kz.codes import AdType, Command, ResultCode
from fiscal.protocols.kz.messages import parse_request, parse_response, response_type, serialize
from fiscal.protocols.kz.service_block import ad, offline_period_of
from fiscal.time import SECOND
from kkt_client.core.kz_messages import (
    REFUSALS,
    Caller,
    Unanswered,
    check_carried,
    document_answer,
    document_request,
    greeting_refusal_in,
    information_in,
    names_block,
    question,
    refusal_in,
)
from kkt_client.core.outbox import REFUSALS as COURSES
from tests.documents import T0, close_shift, correction, deposit, receipt, withdrawal
from tests.kkt_client.shop import PROFILE

TICKET = Command.TICKET


def caller(version: int = 203) -> Caller:
    return Caller(version, 100500, PROFILE)


def said(command: int = TICKET, code: int = 0, text: str = "", version: int = 203, **blocks: Any) -> Any:
    result: dict[str, Any] = {"result_code": code} | ({"result_text": text} if text else {})
    return parse_response(version, serialize(response_type(version)(command=command, result=result, **blocks)))


def ticket(sign: str = "123", qr: bytes = b"http://ofd/?i=123") -> dict[str, Any]:
    return {"ticket": {"ticket_number": sign, "qr_code": qr}}


# ------------------------------------------------------------------------------------------------------------ writing


@pytest.mark.parametrize("version", [202, 203])
@pytest.mark.parametrize(
    ("document", "command", "block"),
    [
        (receipt(), Command.TICKET, "ticket"),
        (deposit(), Command.MONEY_PLACEMENT, "money_placement"),
        (withdrawal(), Command.MONEY_PLACEMENT, "money_placement"),
        (close_shift(), Command.CLOSE_SHIFT, "close_shift"),
    ],
)
def test_a_document_is_the_block_of_its_command(document, command, block, version):
    sent = document_request(caller(version), document, ONLINE, None)
    request = parse_request(version, sent.body)
    assert (sent.command, request.command) == (command, command)
    assert request.HasField(block)
    assert request.service.reg_info.kkm.kkm_id == "100500"
    assert document_request(caller(version), document, ONLINE, None) == sent, "the same bytes each time"


def test_what_was_issued_alone_says_so():
    alone = Delivery(autonomous=True, autonomous_sign=77, period=1)
    request = parse_request(203, document_request(caller(), receipt(), alone, (T0, T0 + 5 * SECOND)).body)
    assert request.ticket.offline_ticket_number == 77
    assert offline_period_of(request.service, PROFILE.zone) == (T0, T0 + 5 * SECOND)
    marked = Delivery(autonomous=True, period=1)
    assert parse_request(203, document_request(caller(), deposit(), marked, None).body).money_placement.is_offline


def test_a_period_within_one_second_is_one_of_a_second():
    sent = question(caller(), Command.SYSTEM, T0, (T0 + 100, T0 + 900))
    begin, end = offline_period_of(parse_request(203, sent.body).service, PROFILE.zone) or (0, 0)
    assert end - begin == SECOND


@pytest.mark.parametrize(
    ("delivery", "issued_at", "end"),
    [
        (Delivery(autonomous=True, autonomous_sign=7), T0 + 4 * SECOND, T0 + 5 * SECOND),
        (Delivery(autonomous=True, autonomous_sign=7), T0 + 6 * SECOND, T0 + 6 * SECOND),
        (ONLINE, T0 + 6 * SECOND, T0 + 5 * SECOND),
    ],
)
def test_what_is_sold_behind_a_queue_is_of_the_period_that_it_tells(delivery, issued_at, end):
    sent = document_request(caller(), receipt(issued_at=issued_at), delivery, (T0, T0 + 5 * SECOND))
    assert offline_period_of(parse_request(203, sent.body).service, PROFILE.zone) == (T0, end)


def test_a_correction_has_no_message():
    with pytest.raises(LocalProtocolError, match="carries no Correction"):
        document_request(caller(), correction(), ONLINE, None)


CARD = receipt().payments[0]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (replace(receipt(), operation=Operation.SELL_RETURN), "parent_missing"),
        (replace(receipt(), payments=(replace(CARD, kind=PaymentKind.ADVANCE),)), "unknown_value"),
        (replace(receipt(), total=receipt().total + 100, payments=(), taken=None, change=None), "total"),
        (replace(receipt(), cashier=replace(receipt().cashier, code=2**31)), "not_carried"),
        (correction(), "not_carried"),
    ],
)
def test_what_cannot_be_carried_is_known_before_it_gets_a_number(document, code):
    with pytest.raises(InvalidValue) as refused:
        check_carried(document, PROFILE, 203)
    assert refused.value.code == code


@pytest.mark.parametrize("version", [202, 203])
@pytest.mark.parametrize("document", [receipt(), deposit(), withdrawal(), close_shift()])
def test_what_can_be_carried_is_not_objected_to(document, version):
    check_carried(document, PROFILE, version)


# ------------------------------------------------------------------------------------------------------ understanding


def test_an_acceptance_has_the_sign_and_the_code_of_its_answer():
    answer = document_answer(said(**ticket()), TICKET, receipt(5), False, 99)
    assert answer == Accepted(number=5, at=99, sign="123", qr="http://ofd/?i=123")
    assert document_answer(said(**ticket(qr=b"")), TICKET, receipt(5), False, 99) == Accepted(
        number=5, at=99, sign="123"
    )


@pytest.mark.parametrize("document", [deposit(5), close_shift(5)])
def test_what_gets_no_sign_is_accepted_without_one(document):
    command = Command.MONEY_PLACEMENT
    assert document_answer(said(command), command, document, False, 99) == Accepted(number=5, at=99)


@pytest.mark.parametrize(
    ("response", "why"),
    [
        (said(), "without a fiscal sign"),
        (said(**ticket(qr=b"\xff")), "no text"),
        (said(**ticket(sign="")), "empty or too long"),
        (said(**ticket(sign="1" * 1000)), "empty or too long"),
        (said(**ticket(qr=b"x" * 2000)), "empty or too long"),
        (said(Command.REPORT), "command 3 was answered, 1 was asked"),
        (said(Command.REPORT, 13), "command 3 was answered, 1 was asked"),
        (said(Command.RESERVED), "command 127 was answered"),
        (said(code=254, text="позже"), "254 SERVICE_TEMPORARILY_UNAVAILABLE: позже"),
        (said(code=255), "255 UNKNOWN_ERROR"),
    ],
)
def test_what_is_no_answer_leaves_it_open(response, why):
    with pytest.raises(Unanswered, match=why) as open_:
        document_answer(response, TICKET, receipt(), False, 1)
    assert not open_.value.is_final


def test_without_tls_there_is_no_use_in_asking_again():
    with pytest.raises(Unanswered) as open_:
        document_answer(said(code=7), TICKET, receipt(), False, 1)
    assert open_.value.is_final
    answer = document_answer(said(code=7), TICKET, receipt(), True, 1)
    assert answer == Refused(code=RefusalCode.BAD_REQUEST, text="7 SSL_IS_NOT_ALLOWED")


@pytest.mark.parametrize("returning", [False, True])
@pytest.mark.parametrize("code", [code for code in ResultCode if code not in (0, 7, 15, 254, 255)] + [77])
def test_every_other_code_refuses_in_words_of_the_register(code, returning):
    answer = document_answer(said(code=code, text="слово"), TICKET, receipt(), returning, 1)
    assert isinstance(answer, Refused)
    assert answer.code == REFUSALS.get(code, RefusalCode.BAD_REQUEST)
    assert answer.code in COURSES
    assert answer.text.startswith(str(int(code)))
    assert answer.text.endswith(": слово")


def test_an_error_without_its_command_is_an_answer():
    assert isinstance(refusal_in(said(Command.RESERVED, 3), TICKET), Refused)


def test_a_block_shows_what_the_operator_wants_shown():
    ads: dict[str, Any] = {"service": {"ticket_ads": [ad(AdType.OFD, "реклама"), ad(AdType.INFO, "Долг")]}}
    assert refusal_in(said(code=15, text="blocked", **ads), TICKET) == Blocked(reason="Долг")
    assert refusal_in(said(code=15, text="blocked"), TICKET) == Blocked(reason="blocked")
    assert refusal_in(said(code=15), TICKET) == Blocked(reason="15 BLOCKED")
    assert (names_block(said(code=15, **ads)), names_block(said(code=15))) == (True, False)


def test_information_is_what_the_answer_says():
    money = {"bills": 5, "coins": 0}
    now = {"date": {"year": 2026, "month": 1, "day": 1}, "time": {"hour": 0, "minute": 0, "second": 0}}
    report = {
        "report": 1,
        "zx_report": {
            "date_time": now,
            "shift_number": 3,
            "cash_sum": money,
            "revenue": {"sum": money, "is_negative": False},
        },
    }
    service = {"last_document_info": {"fr_shift_number": 2, "printed_document_number": 9}}
    told = information_in(said(Command.INFO, report=report, service=service), 1)
    assert (told.last_number, told.last_shift, told.counters) == (9, 3, {"cash_sum": 500, "revenue": 500})
    bare = information_in(said(Command.INFO, service=service), 1)
    assert (bare.last_number, bare.last_shift, bare.counters) == (9, 2, {})
    assert information_in(said(Command.INFO, report=too_large(report), service=service), 1).counters == {}


def too_large(report: dict[str, Any]) -> dict[str, Any]:
    return report | {"zx_report": report["zx_report"] | {"cash_sum": {"bills": 2**62, "coins": 0}}}


def test_the_page_says_what_each_code_leads_to():
    page = (Path(__file__).parents[3] / "docs/reference/register.md").read_text(encoding="utf-8")
    page = page.partition("## Over the Kazakhstan protocol")[2].partition("## Settings")[0]
    rows = re.findall(r"^\| ([0-9, ]+)(?: and every other)? \| (.+) \|$", page, re.MULTILINE)
    told = {int(code): what for codes, what in rows for code in codes.split(",")}
    for code, refusal in REFUSALS.items():
        word = "rejected_credentials" if COURSES[refusal] == "credentials" else refusal
        assert f"`{word}`" in told[code], code
    assert "`bad_request`" in told[13]
    assert {0, 7, 15, 254, 255} <= told.keys()


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (0, None),
        (1, Refused(code=RefusalCode.UNKNOWN_REGISTER, text="1 UNKNOWN_ID")),
        (2, Refused(code=RefusalCode.WRONG_TOKEN, text="2 INVALID_TOKEN")),
        (3, Blocked(reason="3 PROTOCOL_ERROR")),
        (4, Blocked(reason="4 UNKNOWN_COMMAND")),
        (5, Blocked(reason="5 UNSUPPORTED_COMMAND")),
        (13, Refused(code=RefusalCode.BAD_REQUEST, text="13 INCORRECT_REQUEST_DATA")),
        (15, Blocked(reason="15 BLOCKED")),
        (99, Blocked(reason="99")),
    ],
)
def test_what_stands_against_a_greeting(code, answer):
    assert greeting_refusal_in(said(Command.SYSTEM, code)) == answer
