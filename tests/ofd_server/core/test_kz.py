"""The order of judgement over the Kazakhstan protocol: the body, the device, token and number, standing."""

from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from fiscal.domain.document import ONLINE, Delivery
from fiscal.domain.register import Taxation
from fiscal.protocols.kz.codes import AdType, Command, ResultCode
from fiscal.protocols.kz.messages import request_type
from fiscal.protocols.kz.service_block import generated_profile
from fiscal.time import HOUR, SECOND
from ofd_server.core.administration import add, lift, reset_token, set_standing
from ofd_server.core.decide import Decision
from ofd_server.core.documents import decide_documents
from ofd_server.core.entries import AnomalyCode, Registered, Standing
from ofd_server.core.kz import KzExchange
from ofd_server.core.kz_answers import KzAnswer
from ofd_server.core.rules import Rules
from tests.documents import T0, deposit, item, receipt
from tests.ofd_server.kz_device import DEVICE, TOKEN, Counter, at_counter, order

V = pytest.mark.parametrize("version", [202, 203])


# ------------------------------------------------------------------------------------------------------------ the body


@V
@pytest.mark.parametrize("token", [TOKEN, 0, 77])
def test_a_body_that_does_not_parse_is_a_protocol_error_whatever_the_token(version, token):
    at = at_counter(version)
    answer = at.ask(b"\xff\xff", token=token, number=5)
    assert (answer.code, answer.token) == (ResultCode.PROTOCOL_ERROR, token)
    assert answer.message.command == Command.RESERVED
    assert at.state is None


BLOCKLESS = [
    Command.TICKET,
    Command.CLOSE_SHIFT,
    Command.REPORT,
    Command.NOMENCLATURE,
    Command.MONEY_PLACEMENT,
    Command.AUTH,
]


@pytest.mark.parametrize("command", BLOCKLESS)
def test_a_command_without_its_block_is_no_message(command):
    at = at_counter()
    answer = at.ask(at.device.body(command))
    assert (answer.code, answer.message.command) == (ResultCode.PROTOCOL_ERROR, command)


def test_a_ticket_without_a_required_field_is_no_message():
    at = at_counter()
    message = request_type(203)()
    message.ParseFromString(at.device.document(receipt()))
    message.ticket.ClearField("operator")
    answer = at.ask(message.SerializePartialToString())
    assert (answer.code, answer.text) == (ResultCode.PROTOCOL_ERROR, "ticket.operator: is required and missing")


@V
@pytest.mark.parametrize(
    ("command", "code"),
    [
        (9, ResultCode.UNSUPPORTED_COMMAND),
        (127, ResultCode.UNSUPPORTED_COMMAND),
        (10, ResultCode.UNKNOWN_COMMAND),
        (90, ResultCode.UNKNOWN_COMMAND),
        (99, ResultCode.UNKNOWN_COMMAND),
    ],
)
def test_commands_that_nobody_serves(version, command, code):
    at = at_counter(version)
    assert at.ask(bytes([8, command]), token=3, number=1).code == code


def test_a_ticket_cannot_be_cancelled_any_more_in_the_newer_version():
    at = at_counter(203)
    at.good(at.device.document(receipt()))
    assert at.ask(at.device.body(Command.CANCEL_TICKET)).code == ResultCode.UNSUPPORTED_COMMAND


def test_the_two_versions_differ_in_what_a_device_says_of_its_owner():
    older, newer = at_counter(202), at_counter(203)
    for at in (older, newer):
        at.good(at.device.body(Command.SYSTEM))
        assert at.state.profile.taxpayer.taxation is Taxation.GENERAL
    body = request_type(202)(
        command=0, service={"reg_info": {"org": {"title": "ИП", "tenantId": 1}}}
    ).SerializeToString()
    # Number 6 is a number in one version and a text in the other: read by the wrong schema it is no value of the field.
    other = at_counter(202)
    other.good(body)
    assert other.state.profile.taxpayer.name == "ИП"


# ---------------------------------------------------------------------------------------------------------- the device


@V
def test_an_unknown_device_is_registered_by_its_first_good_message(version):
    at = at_counter(version)
    answer = at.good(at.device.document(receipt()))
    assert answer.sign.isdigit()
    assert len(answer.sign) == 12
    first, second = at.entries
    assert isinstance(first, Registered)
    assert second is at.documents[0]
    assert at.state.profile.serial == "MOCK0000100500"
    assert answer.token not in (TOKEN, 0)
    assert at.anomalies == []


def test_a_device_that_says_nothing_of_itself_gets_a_profile_made_of_its_id():
    at = at_counter()
    at.good(at.device.body(Command.SYSTEM, service=None))
    assert at.state.profile.rnm == "010100100500"


def test_a_message_that_is_refused_registers_nobody():
    at = at_counter()
    wrong = at.device.document(receipt(total=1))
    assert at.ask(wrong).code == ResultCode.INCORRECT_REQUEST_DATA
    assert at.state is None
    assert at.ask(at.device.document(receipt()), token=TOKEN + 1, number=1).code == ResultCode.OK


def test_nobody_is_registered_with_the_token_zero():
    at = at_counter()
    assert at.ask(at.device.body(Command.SYSTEM), token=0, number=1).code == ResultCode.INVALID_TOKEN
    assert at.state is None


def test_strictly_only_registers_that_a_person_added_are_known():
    at = at_counter(rules=Rules(strict=True))
    assert at.ask(at.device.body(Command.SYSTEM)).code == ResultCode.UNKNOWN_ID
    order(at, add(str(DEVICE), str(TOKEN), None))
    answer = at.good(at.device.body(Command.INFO))
    assert answer.message.service.reg_info.kkm.kkm_id == str(DEVICE)
    assert at.state.profile is not None, "what the device says of itself is kept where nothing was known"


def test_a_removed_register_is_not_known_even_in_open_mode():
    at = at_counter()
    at.good(at.device.body(Command.SYSTEM))
    order(at, set_standing(Standing.REMOVED))
    assert at.ask(at.device.body(Command.SYSTEM)).code == ResultCode.UNKNOWN_ID


@pytest.mark.parametrize("document", [receipt(shift=57), deposit(shift=57)])
def test_a_device_with_a_history_elsewhere_goes_on_with_its_shift(document):
    at = at_counter()
    at.good(at.device.document(document))
    assert at.state.tape.shift.number == 57
    assert not at.state.tape.complete
    assert at.anomalies == [AnomalyCode.CAME_WITH_HISTORY]


# --------------------------------------------------------------------------------------------------- token and number


def known(version: int = 203, **desk: Any) -> Counter:
    """A register after one ticket, number 1: its device holds the token that was issued."""
    at = at_counter(version, **desk)
    at.good(at.device.document(receipt()))
    return at


OTHER = 424242

TABLE = [
    # token, number, command -> code. "last" and "issued" are the tokens, 1 is the number of the last document.
    ("last", 1, "same", ResultCode.OK),
    ("last", 1, "other", ResultCode.INVALID_RETRY_REQUEST),
    ("issued", 1, "same", ResultCode.INVALID_REQUEST_NUMBER),
    ("issued", 1, "other", ResultCode.INVALID_REQUEST_NUMBER),
    ("last", 2, "same", ResultCode.INVALID_TOKEN),
    ("other", 1, "same", ResultCode.INVALID_TOKEN),
    ("other", 2, "same", ResultCode.INVALID_TOKEN),
    ("zero", 2, "same", ResultCode.INVALID_TOKEN),
    ("zero", 1, "same", ResultCode.INVALID_TOKEN),
    ("issued", 2, "same", ResultCode.OK),
    ("issued", 7, "other", ResultCode.OK),
    ("issued", 0, "same", ResultCode.OK),
]


@V
@pytest.mark.parametrize(("token", "number", "command", "code"), TABLE)
def test_the_token_table(version, token, number, command, code):
    at = known(version)
    issued = at.device.token
    tokens = {"last": TOKEN, "issued": issued, "other": OTHER, "zero": 0}
    body = at.device.document(receipt() if command == "same" else deposit())
    before = len(at.documents)
    answer = at.ask(body, token=tokens[token], number=number)
    assert answer.code == code
    is_new = code == ResultCode.OK and token == "issued"
    assert len(at.documents) - before == is_new
    if code != ResultCode.OK:
        assert answer.token == tokens[token], "a refusal carries back the token that it came with"
    elif is_new:
        assert answer.token not in (issued, TOKEN, 0)
    else:
        assert answer.token == issued


@pytest.mark.parametrize(
    ("command", "token", "code"),
    [
        (Command.SYSTEM, "issued", ResultCode.OK),
        (Command.SYSTEM, "last", ResultCode.INVALID_TOKEN),
        (Command.INFO, "last", ResultCode.INVALID_TOKEN),
        (Command.INFO, "issued", ResultCode.OK),
        (Command.SYSTEM, "zero", ResultCode.INVALID_TOKEN),
        (Command.REPORT, "issued", ResultCode.OK),
        (Command.REPORT, "last", ResultCode.OK),
        (Command.REPORT, "other", ResultCode.OK),
        (Command.REPORT, "zero", ResultCode.OK),
    ],
)
def test_questions_want_the_issued_token_and_move_nothing(command, token, code):
    at = known()
    tokens = {"last": TOKEN, "issued": at.device.token, "other": OTHER, "zero": 0}
    blocks = {"report": {"report": 1, "date_time": at.device.block(deposit())["datetime"]}}
    body = at.device.body(command, **(blocks if command == Command.REPORT else {}))
    before = at.state.tape
    # The number of the last document says nothing about a question.
    answer = at.ask(body, token=tokens[token], number=1)
    assert answer.code == code
    assert answer.token == (at.device.token if code == ResultCode.OK else tokens[token])
    assert at.state.tape.exchange == before.exchange


@pytest.mark.parametrize("after", [0, 1])
def test_the_request_number_begins_anew_after_65535_with_0_or_with_1(after):
    at = at_counter()
    at.device.number = 65_535
    at.good(at.device.document(receipt()))
    at.device.number = after
    at.good(at.device.document(receipt(2)))
    at.device.number = after + 1
    at.good(at.device.document(receipt(3)))
    assert [entry.exchange.reqnum for entry in at.documents] == [65_535, after, after + 1]


def test_tokens_are_the_same_for_the_same_history_and_never_repeat_themselves():
    first, second = at_counter(), at_counter()
    tokens: list[list[int]] = [[], []]
    for at, seen in zip((first, second), tokens, strict=True):
        for number in range(1, 40):
            seen.append(at.good(at.device.document(receipt(number))).token)
    assert tokens[0] == tokens[1]
    assert len(set(tokens[0])) == 39
    assert max(tokens[0]) > 2**31, "all 32 bits are used"


def test_after_a_reset_the_new_token_goes_on_with_the_number_kept():
    at = known()
    order(at, reset_token("555"))
    assert at.ask(at.device.document(receipt(2))).code == ResultCode.INVALID_TOKEN
    at.device.token = 555
    at.good(at.device.document(receipt(2)))
    assert len(at.documents) == 2


def test_after_a_reset_a_document_in_doubt_is_not_counted_again():
    at = known()
    order(at, reset_token("555"))
    answer = at.ask(at.device.document(receipt()), token=TOKEN, number=1)
    assert (answer.code, answer.token, answer.sign) == (0, TOKEN, at.documents[0].sign), (
        "nobody has the new one to tell"
    )
    assert at.ask(at.device.document(receipt()), token=555, number=1).code == ResultCode.INVALID_REQUEST_NUMBER
    assert len(at.documents) == 1


# ------------------------------------------------------------------------------------------------------------ standing


def test_an_unpaid_register_gets_no_answer_to_anything():
    at = known()
    order(at, set_standing(Standing.UNPAID))
    for body in (b"\xff", at.device.body(Command.INFO), at.device.document(receipt(2))):
        assert at.said(body) is None
    assert at.said(at.device.document(receipt()), token=TOKEN, number=1) is None
    order(at, lift(Standing.UNPAID))
    at.good(at.device.document(receipt(2)))


@V
@pytest.mark.parametrize(
    ("reason", "shown"), [("Долг за услуги", "Долг за услуги"), ("", "Касса заблокирована оператором")]
)
def test_a_blocked_register_is_told_why(version, reason, shown):
    at = known(version)
    order(at, set_standing(Standing.BLOCKED, reason))
    again = {"token": TOKEN, "number": 1}
    for numbers in ({}, again):
        answer = at.ask(at.device.document(receipt()), **numbers)
        assert (answer.code, answer.outcome) == (ResultCode.BLOCKED, "blocked")
        (ad,) = answer.message.service.ticket_ads
        assert (ad.info.type, ad.text) == (AdType.INFO, shown)
    assert at.ask(at.device.body(Command.SYSTEM)).code == ResultCode.BLOCKED
    assert at.ask(at.device.body(Command.SYSTEM), token=OTHER, number=9).code == ResultCode.INVALID_TOKEN
    order(at, lift(Standing.BLOCKED))
    assert at.ask(at.device.document(receipt()), **again).sign == at.documents[0].sign


# ------------------------------------------------------------------------------------------------ what is ours to tell


def test_what_could_not_be_taken_now_is_asked_for_again():
    at = at_counter()
    body = at.device.document(receipt())
    answer = exchange(at, body).later()
    assert (answer.code, answer.token, answer.outcome) == (
        ResultCode.SERVICE_TEMPORARILY_UNAVAILABLE,
        TOKEN,
        "trylater",
    )
    assert exchange(at, b"\xff").later().code == ResultCode.SERVICE_TEMPORARILY_UNAVAILABLE


def test_a_defect_of_ours_is_an_unknown_error():
    at = at_counter()
    answer = exchange(at, at.device.body(Command.INFO)).failed()
    assert (answer.code, answer.token) == (ResultCode.UNKNOWN_ERROR, TOKEN)
    assert exchange(at, b"\xff").failed().code == ResultCode.UNKNOWN_ERROR


def exchange(at: Counter, body: bytes) -> KzExchange:
    return KzExchange(at.desk, at.header(body), body)


def test_a_body_is_looked_at_once_and_parsed_once():
    at = at_counter()
    one = exchange(at, at.device.document(receipt()))
    one.read()
    seen = one.glanced
    one.read()
    assert seen is not None
    assert (one.glanced, one.request, one.command) == (seen, None, Command.TICKET)
    one.decide(None, at.now, None)
    request = one.request
    one.decide(None, at.now, None)
    one.read()
    assert one.request is request is not None


@V
def test_what_is_submitted_with_others_ends_as_if_it_had_been_decided_alone(version):
    at = known(version)
    body = at.device.document(receipt(2))
    one = exchange(at, body)
    submission = one.submit(at.state, at.now)
    assert submission is not None
    (decision,) = decide_documents((submission,), at.desk.rules, at.desk.signer)
    together, alone = one.conclude(decision), exchange(at, body).decide(at.state, at.now, None)
    assert isinstance(alone, Decision)
    assert (together.entries, together.state) == (alone.entries, alone.state)
    assert _told(together) == _told(alone)


PERIODS = (None, None, (T0, T0 + HOUR), (T0, T0 + 2 * HOUR), (T0 + HOUR, T0))


@given(st.data())
def test_a_day_that_is_submitted_is_one_that_is_decided_alone(data):
    """Whatever of it is seen at a glance; also the tokens, the warnings, the periods and the snapshots are the same."""
    version = data.draw(st.sampled_from((202, 203)))
    at = known(version, full=data.draw(st.sampled_from((False, False, True))))
    for number in range(2, data.draw(st.integers(3, 12))):
        last = at.state.tape.last_autonomous_sign
        sign = data.draw(st.sampled_from((None, None, last + 1, max(last, 1))))
        alone = ONLINE if sign is None else Delivery(autonomous=True, autonomous_sign=sign)
        rate = data.draw(st.sampled_from((None, 0, 12_000, 16_000)))
        sold = receipt(
            number,
            shift=data.draw(st.sampled_from((1, 1, 1, 2))),
            items=(item(data.draw(st.integers(0, 10**9)), rate=rate, discount=data.draw(st.sampled_from((0, 0, 7)))),),
            issued_at=T0 + data.draw(st.integers(0, 3)) * SECOND,
        )
        period = data.draw(st.sampled_from(PERIODS))
        service = data.draw(st.sampled_from((None, at.device.service(period=period), {"get_reg_info": True})))
        body = at.device.document(sold, alone, service=service)
        one = exchange(at, body)
        submission = one.submit(at.state, at.now)
        event(f"at a glance: {one.request is None}, submitted: {submission is not None}")
        if submission is not None:
            (decision,) = decide_documents((submission,), at.desk.rules, at.desk.signer)
            together, decided = one.conclude(decision), exchange(at, body).decide(at.state, at.now, None)
            assert isinstance(decided, Decision)
            assert (together.entries, together.state) == (decided.entries, decided.state)
            assert _told(together) == _told(decided)
        at.ask(body)


def _told(decision: Decision) -> tuple[str, int, int, bytes]:
    answer = decision.answer
    assert isinstance(answer, KzAnswer)
    return answer.outcome, answer.token, answer.code, answer.body


def _no_message(at: Counter) -> bytes:
    return b"\xff"


def _a_question(at: Counter) -> bytes:
    return at.device.body(Command.INFO)


def _a_copy(at: Counter) -> bytes:
    body = at.device.document(receipt(2))
    at.good(body, token=at.device.token)
    return body


def _of_a_blocked_register(at: Counter) -> bytes:
    order(at, set_standing(Standing.BLOCKED, "unpaid rent"))
    return at.device.document(receipt(2))


def _wrong_sums(at: Counter) -> bytes:
    message = request_type(203)()
    message.ParseFromString(at.device.document(receipt(2)))
    message.ticket.amounts.total.bills += 1
    return message.SerializeToString()


@pytest.mark.parametrize("of", [_no_message, _a_question, _a_copy, _of_a_blocked_register, _wrong_sums])
def test_what_is_not_just_a_new_document_is_decided_alone(of):
    at = known()
    one = exchange(at, of(at))
    assert one.submit(at.state, at.now) is None


def test_profiles_of_other_zones_read_times_of_their_own():
    at = at_counter()
    order(at, add(str(DEVICE), str(TOKEN), generated_profile(DEVICE, "Asia/Tokyo")))
    at.good(at.device.document(receipt()))
    assert at.documents[0].document.issued_at == T0 - 4 * HOUR
