"""Documents over the Kazakhstan protocol: each kind, each code that refuses one, and everything about repeats."""

from typing import Any

import pytest
from msgspec import structs

from fiscal.domain.document import Annulment, CloseShift, Delivery, Deposit, Withdrawal
from fiscal.domain.messages import RefusalCode, Refused
from fiscal.domain.receipt import Customer, Operation, ParentReceipt, Payment, PaymentKind, Receipt
from fiscal.protocols.content import CONTENT_SIZE_MAX, encode_content
from fiscal.protocols.kz.checksum import checksum_of
from fiscal.protocols.kz.codes import Command, ReportType, ResultCode
from fiscal.protocols.kz.messages import request_type
from fiscal.protocols.kz.qr import PROFILES
from fiscal.time import HOUR, MINUTE, SECOND
from ofd_server.core.documents import Submission, decide_document, decide_documents
from ofd_server.core.entries import AnomalyCode, DocumentRecorded, MadeAutonomous, PeriodRecorded
from ofd_server.core.kz_desk import Checksum
from ofd_server.core.rules import Rules
from tests.documents import T0, annulment, close_shift, deposit, item, receipt, tax_of, withdrawal
from tests.ofd_server.kz_device import TOKEN, Counter, at_counter
from tests.ofd_server.twins import SIGNER

V = pytest.mark.parametrize("version", [202, 203])
AGAIN: Any = {"token": TOKEN, "number": 1}
"""Token and request number of the first message."""
PARENT = ParentReceipt(sign="100000000001", issued_at=T0 - HOUR, total=10_000, rnm="010100100500")


def autonomous(sign: int | None, period: int | None = None) -> Delivery:
    return Delivery(autonomous=True, autonomous_sign=sign, period=period)


def counters(at: Counter) -> dict[str, int]:
    figures: dict[str, int] = at.state.tape.shift.counters
    return figures


# -------------------------------------------------------------------------------------------------------------- new


@V
@pytest.mark.parametrize("operation", list(Operation))
def test_a_ticket_of_each_operation(version, operation):
    at = at_counter(version)
    at.good(at.device.document(deposit(sum=100_000)))
    parent = PARENT if operation.value.endswith("return") else None
    answer = at.good(at.device.document(receipt(2, operation=operation, parent=parent)))
    (_, entry) = at.documents
    assert isinstance(entry.document, Receipt)
    assert (entry.protocol, entry.sign, entry.number) == ("kz", answer.sign, 2)
    assert (entry.document.shift, entry.document.issued_at, entry.received_at) == (1, T0, T0)
    assert answer.message.ticket.qr_code.decode() == (
        f"http://127.0.0.1:8080/r?i={answer.sign}&f=010100100500&s=100.00&t=20260101T120000"
    )
    assert (answer.message.command, answer.outcome) == (Command.TICKET, "accepted")
    assert not answer.message.HasField("service")
    assert counters(at)[f"tickets.{operation}.count"] == 1


@V
def test_cash_goes_in_and_out_and_the_shift_ends(version):
    at = at_counter(version)
    put = at.good(at.device.document(deposit(sum=50_000)))
    assert [field.name for field, _ in put.message.ListFields()] == ["command", "result"]
    at.good(at.device.document(receipt(2)))
    at.good(at.device.document(withdrawal(3, sum=20_000)))
    closed = at.good(at.device.document(close_shift(4, counters=dict(counters(at)))))
    report = closed.message.report
    assert report.report == ReportType.Z
    assert report.zx_report.cash_sum.bills == 400
    assert report.zx_report.checksum == checksum_of(report.zx_report)
    kinds = [type(entry.document) for entry in at.documents]
    assert kinds == [Deposit, Receipt, Withdrawal, CloseShift]
    assert at.anomalies == []
    assert not at.state.tape.shift.is_open
    at.good(at.device.document(receipt(5, 2)))
    assert at.documents[-1].document.shift == 2


@V
@pytest.mark.parametrize("withdraw", [False, True])
def test_a_shift_that_ends_without_a_report_of_the_register_has_the_operators_figures(version, withdraw):
    at = at_counter(version)
    at.good(at.device.document(receipt()))
    block = at.device.block(close_shift(2))
    del block["z_report"]
    block["withdraw_money"] = withdraw
    answer = at.good(at.device.body(Command.CLOSE_SHIFT, close_shift=block))
    assert answer.message.report.zx_report.cash_sum.bills == (0 if withdraw else 100)
    assert at.documents[-1].document.opened_at == T0
    assert at.anomalies == [AnomalyCode.KZ_WARNING]


def test_figures_of_a_register_that_are_not_ours_are_noted():
    at = at_counter()
    at.good(at.device.document(receipt()))
    at.good(at.device.document(close_shift(2, counters={**counters(at), "cash_sum": 1})))
    assert at.anomalies == [AnomalyCode.Z_TOTALS_DIFFER]


def test_the_report_of_a_register_with_a_history_elsewhere_is_believed():
    at = at_counter()
    at.good(at.device.document(receipt(shift=9)))
    told = {**counters(at), "cash_sum": 7_000_000, "non_nullable.sell": 99_000_000}
    at.good(at.device.document(close_shift(2, 9, counters=told)))
    assert at.anomalies == [AnomalyCode.CAME_WITH_HISTORY]
    # What lies in the drawer is known from here on.
    at.good(at.device.document(withdrawal(3, 10, sum=6_999_000)))
    assert at.ask(at.device.document(withdrawal(4, 10, sum=1_001))).code == ResultCode.NOT_ENOUGH_CASH


def test_the_end_of_a_shift_that_began_elsewhere_is_taken_and_believed():
    at = at_counter()
    answer = at.good(at.device.document(close_shift(1, 9, counters={"cash_sum": 7_000_000})))
    assert answer.message.report.zx_report.shift_number == 9
    assert at.anomalies == [AnomalyCode.CAME_WITH_HISTORY]
    at.good(at.device.document(withdrawal(2, 10, sum=7_000_000)))
    assert at.state.tape.shift.number == 10


def test_the_number_of_a_shift_is_ours_and_another_one_is_noted():
    at = at_counter()
    at.good(at.device.document(receipt()))
    at.good(at.device.document(receipt(2, 5)))
    assert at.documents[-1].document.shift == 1
    assert at.documents[-1].anomalies[0].text == "shift_number: ticket.fr_shift_number: is 5, the current shift is 1"


def test_particulars_go_with_any_answer_that_asks_for_them():
    at = at_counter()
    service = at.device.service(get_reg_info=True, get_binded_taxation=True)
    answer = at.good(at.device.document(receipt(), service=service))
    told = answer.message.service
    assert (told.reg_info.kkm.fns_kkm_id, told.binded_taxation.taxation_type) == ("010100100500", 101)
    assert [tax.percent for tax in told.binded_taxation.taxes] == [0, 5_000, 10_000, 16_000]
    assert not told.HasField("last_document_info")


@pytest.mark.parametrize(
    ("profile", "begins"),
    [
        ("kazakhtelecom", "http://consumer.oofd.kz?i="),
        ("transtelecom", "http://ofd1.kz/t/?i="),
        ("kar-tel", "http://consumer.kofd.kz?i="),
    ],
)
def test_the_code_leads_where_the_operators_profile_says(profile, begins):
    at = at_counter(rules=Rules(qr=PROFILES[profile]))
    answer = at.good(at.device.document(receipt()))
    assert answer.message.ticket.qr_code.decode().startswith(begins + answer.sign)


def test_ids_rise_and_stay_below_those_of_the_register_itself():
    at = at_counter()
    for number in range(1, 4):
        at.good(at.device.document(receipt(number)))
    assert [entry.document.id for entry in at.documents] == [number.to_bytes(16, "big") for number in (1, 2, 3)]


# ---------------------------------------------------------------------------------------------------------- refused


def too_little_cash(at: Counter) -> bytes:
    return at.device.document(withdrawal(2, sum=10_001))


def return_of_more_than_the_drawer_has(at: Counter) -> bytes:
    return at.device.document(receipt(2, operation=Operation.SELL_RETURN, parent=PARENT, items=(item(20_000),)))


def after_24_hours(at: Counter) -> bytes:
    at.now = T0 + 24 * HOUR + SECOND
    return at.device.document(receipt(2, issued_at=at.now))


def to_himself(at: Counter) -> bytes:
    customer = Customer(tax_id=at.state.profile.taxpayer.tax_id)
    return at.device.document(receipt(2, customer=customer))


def wrong_total(at: Counter) -> bytes:
    return at.device.document(receipt(2, total=10_005))


def ahead_of_time(at: Counter) -> bytes:
    return at.device.document(receipt(2, issued_at=T0 + 6 * MINUTE))


def no_such_day(at: Counter) -> bytes:
    block = at.device.block(receipt(2))
    block["date_time"]["date"]["day"] = 32
    return at.device.body(Command.TICKET, ticket=block)


def sign_zero(at: Counter) -> bytes:
    return at.device.body(Command.TICKET, ticket={**at.device.block(receipt(2)), "offline_ticket_number": 0})


def no_change_told(at: Counter) -> bytes:
    block = at.device.block(receipt(2))
    del block["amounts"]["taken"]
    return at.device.body(Command.TICKET, ticket=block)


def no_parent(at: Counter) -> bytes:
    return at.device.document(receipt(2, operation=Operation.SELL_RETURN))


def no_cashier(at: Counter) -> bytes:
    block = at.device.block(deposit(2))
    del block["operator"]
    return at.device.body(Command.MONEY_PLACEMENT, money_placement=block)


def nothing_to_close(at: Counter) -> bytes:
    at.good(at.device.document(close_shift(2, counters=dict(counters(at)))))
    return at.device.document(close_shift(3, 2))


REFUSED = [
    (too_little_cash, ResultCode.NOT_ENOUGH_CASH),
    (return_of_more_than_the_drawer_has, ResultCode.NOT_ENOUGH_CASH),
    (after_24_hours, ResultCode.OPEN_SHIFT_TIMEOUT_EXPIRED),
    (to_himself, ResultCode.SAME_TAXPAYER_AND_CUSTOMER),
    (wrong_total, ResultCode.INCORRECT_REQUEST_DATA),
    (ahead_of_time, ResultCode.INCORRECT_REQUEST_DATA),
    (no_such_day, ResultCode.INCORRECT_REQUEST_DATA),
    (sign_zero, ResultCode.INCORRECT_REQUEST_DATA),
    (nothing_to_close, ResultCode.INCORRECT_REQUEST_DATA),
    (no_change_told, ResultCode.BLOCKED),
    (no_parent, ResultCode.BLOCKED),
    (no_cashier, ResultCode.BLOCKED),
]


BOTH = [(version, *row) for row in REFUSED for version in (202, 203) if (version, row[0]) != (202, no_parent)]
"""In both versions; 2.0.2 has no parent."""


@pytest.mark.parametrize(("version", "make", "code"), BOTH)
def test_what_is_refused_moves_neither_token_nor_number(version, make, code):
    at = at_counter(version)
    at.good(at.device.document(receipt()))
    body = make(at)
    before = at.state
    issued = at.device.token
    answer = at.ask(body)
    assert answer.code == code, answer.text
    assert answer.text
    assert (answer.token, answer.outcome) == (issued, "blocked" if code == ResultCode.BLOCKED else "refused")
    assert at.state == before
    # The number was not used up: the corrected request comes with it.
    at.good(
        at.device.document(close_shift(2, counters={})) if before.tape.shift.is_open else at.device.body(Command.INFO)
    )


@V
@pytest.mark.parametrize("document", [receipt(2, issued_at=T0 + 25 * HOUR), deposit(2, issued_at=T0 + 25 * HOUR)])
def test_a_shift_that_is_too_old_never_refuses_what_was_made_without_us(version, document):
    at = at_counter(version)
    at.good(at.device.document(receipt()))
    at.now = T0 + 26 * HOUR
    assert at.ask(at.device.document(document)).code == ResultCode.OPEN_SHIFT_TIMEOUT_EXPIRED
    at.good(at.device.document(document, autonomous(1001 if isinstance(document, Receipt) else None)))
    at.good(at.device.document(close_shift(3, issued_at=at.now, counters=dict(counters(at)))))


@pytest.mark.parametrize(
    ("begin", "end", "code"),
    [
        (24 * HOUR, 26 * HOUR, ResultCode.OK),
        (25 * HOUR + MINUTE, 26 * HOUR, ResultCode.OK),
        (25 * HOUR + 2 * MINUTE, 26 * HOUR, ResultCode.OPEN_SHIFT_TIMEOUT_EXPIRED),
        (HOUR, 25 * HOUR - SECOND, ResultCode.OPEN_SHIFT_TIMEOUT_EXPIRED),
    ],
)
def test_what_is_sent_again_after_an_offline_period_is_not_refused_for_its_shift_either(begin, end, code):
    at = at_counter()
    at.good(at.device.document(receipt()))
    at.now = T0 + 26 * HOUR
    service = at.device.service(T0, (T0 + begin, T0 + end))
    assert at.ask(at.device.document(receipt(2, issued_at=T0 + 25 * HOUR), service=service)).code == code
    assert not at.documents[-1].autonomous


@pytest.mark.parametrize("behind", [0, 1])
def test_whole_seconds_are_no_clock_that_goes_backwards(behind):
    at = at_counter()
    at.good(at.device.document(receipt()))
    at.state = structs.replace(at.state, tape=structs.replace(at.state.tape, last_issued_at=T0 + 999))
    document = receipt(2, issued_at=T0 - behind * SECOND)
    content = encode_content(document)
    submission = Submission(at.state, document, content, Delivery(), T0, "kz", checked=True, whole_seconds=True)
    (decision,) = decide_documents((submission,), Rules(), SIGNER)
    said, (entry,) = decision.answer, decision.entries
    assert not isinstance(said, Refused)
    assert isinstance(entry, DocumentRecorded)
    assert [one.code for one in entry.anomalies] == [AnomalyCode.CLOCK_BACKWARDS] * behind


def test_a_ticket_too_large_for_the_ledger_is_refused_and_leaves_nothing():
    at = at_counter()
    lines = tuple(item(name="\u20b8" * 256) for _ in range(500))
    assert at.ask(at.device.document(receipt(items=lines))).code == ResultCode.INCORRECT_REQUEST_DATA
    assert at.state is None
    at.good(at.device.document(receipt()))


# -------------------------------------------------------------------------------------------------------- autonomous


@V
def test_marks_signs_and_periods_are_those_of_every_other_protocol(version):
    at = at_counter(version)
    at.good(at.device.document(receipt()))
    at.now = T0 + 2 * HOUR
    period = (T0 + MINUTE, T0 + 2 * HOUR)
    service = at.device.service(period=period)
    at.good(at.device.document(receipt(2, issued_at=T0 + 2 * MINUTE), autonomous(1001), service=service))
    at.good(at.device.document(deposit(3, issued_at=T0 + 3 * MINUTE), autonomous(None), service=service))
    (one,) = [entry for entry in at.entries if isinstance(entry, PeriodRecorded)]
    assert (one.period, one.begin, one.end) == (1, *period)
    _, second, third = at.documents
    assert (second.autonomous, second.autonomous_sign, second.period) == (True, 1001, 1)
    assert (third.autonomous, third.autonomous_sign, third.period) == (True, None, 1)
    assert counters(at)["tickets.sell.offline_count"] == 1
    assert counters(at)["placements.deposit.offline_count"] == 1
    assert at.state.tape.last_autonomous_sign == 1001
    assert at.anomalies == []


@pytest.mark.parametrize(
    ("periods", "recorded"),
    [
        ([(0, 0)], []),
        ([(5, 4)], []),
        ([(0, 60)], [(1, 0, 60)]),
        ([(0, 60), (0, 60)], [(1, 0, 60)]),
        ([(0, 60), (0, 120)], [(1, 0, 60)]),
        ([(0, 60), (0, 121)], [(1, 0, 60), (1, 0, 121)]),
        ([(0, 60), (0, 30)], [(1, 0, 60)]),
        ([(0, 60), (90, 100)], [(1, 0, 60), (2, 90, 100)]),
        ([(0, 60), (90, 100), (90, 190)], [(1, 0, 60), (2, 90, 100), (2, 90, 190)]),
    ],
)
@pytest.mark.parametrize("command", [Command.SYSTEM, Command.TICKET])
def test_periods_that_a_register_tells_of(periods, recorded, command):
    at = at_counter()
    for number, (begin, end) in enumerate(periods, 1):
        service = at.device.service(period=(T0 + begin * SECOND, T0 + end * SECOND))
        if command == Command.TICKET:
            at.good(at.device.document(receipt(number), service=service))
        else:
            at.good(at.device.body(Command.SYSTEM, service=service))
    kept = [entry for entry in at.entries if isinstance(entry, PeriodRecorded)]
    assert [(one.period, (one.begin - T0) // SECOND, (one.end - T0) // SECOND) for one in kept] == recorded


def test_a_sign_that_was_used_before_is_noted():
    at = at_counter()
    at.good(at.device.document(receipt(), autonomous(1005)))
    at.good(at.device.document(receipt(2), autonomous(1004)))
    assert at.anomalies == []
    at.good(at.device.document(receipt(3), autonomous(1004)))
    assert at.anomalies == [AnomalyCode.AUTONOMOUS_SIGN_REUSED]


# ------------------------------------------------------------------------------------------------------------ repeats


def sale(at: Counter) -> bytes:
    return at.device.document(receipt())


def purchase(at: Counter) -> bytes:
    return at.device.document(receipt(operation=Operation.BUY, payments=(Payment(kind=PaymentKind.CARD, sum=10_000),)))


def cash_in(at: Counter) -> bytes:
    return at.device.document(deposit())


def sale_with_particulars(at: Counter) -> bytes:
    return at.device.document(receipt(), service=at.device.service(get_reg_info=True))


@V
@pytest.mark.parametrize("make", [sale, purchase, cash_in, sale_with_particulars])
def test_a_repeat_gets_the_same_bytes_and_counts_nothing(version, make):
    at = at_counter(version)
    body = make(at)
    first = at.good(body)
    before = at.state
    for _ in range(3):
        again = at.ask(body, **AGAIN)
        assert (again.message, again.token) == (first.message, first.token)
    assert at.state == before
    assert len(at.documents) == 1


@V
@pytest.mark.parametrize("with_report", [False, True])
def test_a_repeat_of_the_end_of_a_shift_gets_the_same_report(version, with_report):
    at = at_counter(version)
    at.good(at.device.document(receipt()))
    block = at.device.block(close_shift(2, counters=dict(counters(at))))
    if not with_report:
        del block["z_report"]
    body = at.device.body(Command.CLOSE_SHIFT, close_shift=block)
    given = {"token": at.device.token, "number": at.device.number}
    first = at.good(body)
    before = at.state
    again = at.ask(body, **given)
    assert (again.message, again.token) == (first.message, first.token)
    assert at.state == before


def test_a_repeat_after_questions_is_a_repeat_still():
    at = at_counter()
    first = at.good(sale(at))
    at.good(at.device.body(Command.INFO))
    at.good(at.device.body(Command.SYSTEM))
    assert at.ask(sale(at), **AGAIN).message == first.message


def test_a_repeat_of_an_earlier_document_than_the_last_is_none():
    at = at_counter()
    at.good(sale(at))
    at.good(at.device.document(receipt(2)))
    assert at.ask(sale(at), **AGAIN).code == ResultCode.INVALID_TOKEN


@V
def test_a_repeat_with_other_content_gets_the_first_answer_and_is_noted(version):
    at = at_counter(version)
    first = at.good(sale(at))
    other = at.device.document(receipt(items=(item(20_000),)))
    assert at.ask(other, **AGAIN).message == first.message
    assert at.anomalies == [AnomalyCode.CONFLICT]
    assert at.entries[-1].text.startswith("items[0].price: 10000 != 20000; items[0].sum: 10000 != 20000")
    unfit = at.device.body(Command.TICKET, ticket={**at.device.block(receipt()), "items": []})
    assert at.ask(unfit, **AGAIN).message == first.message
    assert at.entries[-1].text == "ticket.items: no commodity is among them"
    assert len(at.documents) == 1


@V
def test_a_repeat_adds_what_the_register_did_meanwhile(version):
    at = at_counter(version)
    first = at.good(sale(at))
    at.now = T0 + 10 * MINUTE
    service = at.device.service(period=(T0, at.now))
    marked = at.device.document(receipt(), autonomous(2001), service=service)
    for _ in range(2):
        assert at.ask(marked, **AGAIN).message == first.message
    added: list[Any] = [entry for entry in at.entries if isinstance(entry, MadeAutonomous | PeriodRecorded)]
    assert [type(entry) for entry in added] == [MadeAutonomous, PeriodRecorded]
    assert (added[0].autonomous_sign, added[0].period) == (2001, 1)
    assert counters(at)["tickets.sell.offline_count"] == 1
    assert at.anomalies == []


def test_a_repeat_with_a_second_sign_is_a_conflict():
    at = at_counter()
    first = at.good(at.device.document(receipt(), autonomous(2001)))
    other = at.device.document(receipt(), autonomous(2002))
    assert at.ask(other, **AGAIN).message == first.message
    assert at.anomalies == [AnomalyCode.SECOND_AUTONOMOUS_SIGN]


def test_a_repeat_whose_sign_another_document_has_is_noted():
    at = at_counter()
    at.good(at.device.document(receipt(), autonomous(2001)))
    token = at.device.token
    at.good(at.device.document(receipt(2)))
    at.ask(at.device.document(receipt(2), autonomous(2001)), token=token, number=2)
    assert at.anomalies == [AnomalyCode.AUTONOMOUS_SIGN_REUSED]


def test_a_repeat_of_which_the_ledger_has_nothing_gets_its_answer_all_the_same():
    at = at_counter()
    first = at.good(sale(at))
    at.find = lambda need: type(at).find(at, need)._replace(document=None)  # type: ignore[method-assign]
    assert at.ask(sale(at), **AGAIN).message == first.message


# -------------------------------------------------------------------------------------------------------- cancelling


def cancel(at: Counter) -> bytes:
    return at.device.body(Command.CANCEL_TICKET)


@pytest.mark.parametrize("sign", [None, 3001])
@pytest.mark.parametrize("operation", [Operation.SELL, Operation.BUY])
def test_the_last_ticket_is_taken_back_and_nothing_is_deleted(operation, sign):
    at = at_counter(202)
    at.good(at.device.document(deposit(sum=100_000)))
    before = counters(at)
    delivery = Delivery() if sign is None else autonomous(sign)
    at.good(at.device.document(receipt(2, operation=operation), delivery))
    answer = at.good(cancel(at))
    assert [field.name for field, _ in answer.message.ListFields()] == ["command", "result"]
    assert [type(entry.document) for entry in at.documents] == [Deposit, Receipt, Annulment]
    assert counters(at) == {**before, f"tickets.{operation}.total_count": 1}
    at.good(at.device.document(receipt(4)))


def test_a_question_may_stand_between_a_ticket_and_its_end():
    at = at_counter(202)
    at.good(sale(at))
    at.good(at.device.body(Command.SYSTEM))
    at.good(at.device.body(Command.INFO))
    at.good(cancel(at))


def closed(at: Counter) -> None:
    at.good(sale(at))
    at.good(at.device.document(close_shift(2, counters=dict(counters(at)))))


def cancelled(at: Counter) -> None:
    at.good(sale(at))
    at.good(cancel(at))


def cash_between(at: Counter) -> None:
    at.good(sale(at))
    at.good(at.device.document(deposit(2)))


@pytest.mark.parametrize("before", [closed, cancelled, cash_between, lambda at: at.good(at.device.body(Command.INFO))])
def test_only_the_very_last_document_can_be_cancelled_and_only_a_ticket(before):
    at = at_counter(202)
    before(at)
    known = at.state
    answer = at.ask(cancel(at))
    assert (answer.code, at.state) == (ResultCode.CANT_CANCEL_TICKET, known)


def test_cancelling_is_under_the_token_table_as_well():
    at = at_counter(202)
    at.good(sale(at))
    assert at.ask(cancel(at), **AGAIN).code == ResultCode.INVALID_RETRY_REQUEST
    token = at.device.token
    first = at.good(cancel(at))
    again = at.ask(cancel(at), token=token, number=2)
    assert (again.message, again.token) == (first.message, first.token)
    assert len(at.documents) == 2


def test_no_register_takes_a_ticket_back_by_a_document_of_its_own():
    at = at_counter(202)
    at.good(sale(at))
    document = annulment(2)
    content = encode_content(document)
    decision = decide_document(at.state, document, content, Delivery(), T0, Rules(), SIGNER, "native")
    assert isinstance(decision.answer, Refused)
    assert (decision.answer.code, decision.answer.field) == (RefusalCode.BAD_REQUEST, "kind")


def test_a_ticket_whose_taking_back_is_too_late_stays():
    at = at_counter(202)
    at.good(sale(at))
    at.now = T0 + 25 * HOUR
    assert at.ask(cancel(at)).code == ResultCode.OPEN_SHIFT_TIMEOUT_EXPIRED


@pytest.mark.parametrize(
    ("begin", "end", "code"),
    [
        (-2 * HOUR, -HOUR, ResultCode.OPEN_SHIFT_TIMEOUT_EXPIRED),
        (HOUR, HOUR, ResultCode.OPEN_SHIFT_TIMEOUT_EXPIRED),
        (-HOUR, 0, ResultCode.OK),
        (HOUR, 25 * HOUR, ResultCode.OK),
    ],
)
def test_a_taking_back_that_is_sent_again_after_an_offline_period_is_never_too_late(begin, end, code):
    at = at_counter(202)
    at.good(sale(at))
    at.now = T0 + 25 * HOUR
    service = at.device.service(T0, (T0 + begin, T0 + end))
    assert at.ask(at.device.body(Command.CANCEL_TICKET, service=service)).code == code
    assert any(isinstance(entry, PeriodRecorded) for entry in at.entries) == (code == ResultCode.OK)


def of_many_rates(rates: int) -> Receipt:
    """A receipt with so many rates of tax in it: nothing else makes a report of as many figures."""
    taxes = [tax_of(10_000, 12_345 + rate) for rate in range(rates)]
    return receipt(items=tuple(item(taxes=tuple(taxes[at : at + 8])) for at in range(0, rates, 8)))


def test_what_takes_a_ticket_back_and_the_report_of_its_shift_always_fit_into_the_ledger():
    at = at_counter(202)
    at.good(at.device.document(of_many_rates(1_600)))
    known, entries = at.state, list(at.entries)
    answer = at.ask(at.device.document(of_many_rates(2_400)))
    assert answer.code == ResultCode.INCORRECT_REQUEST_DATA
    assert "figures of a shift" in answer.text
    assert (at.state, at.entries) == (known, entries)
    at.good(cancel(at))
    at.good(at.device.document(of_many_rates(1_600)))
    at.good(at.device.document(close_shift(4, counters=dict(counters(at)))))
    taken_back, z_report = at.documents[1], at.documents[3]
    assert CONTENT_SIZE_MAX / 2 < len(taken_back.content) < len(z_report.content) < CONTENT_SIZE_MAX


@pytest.mark.parametrize(("full", "code"), [(False, ResultCode.OK), (True, ResultCode.BLOCKED)])
def test_a_taking_back_is_judged_as_strictly_as_every_other_message(full, code):
    at = at_counter(202, full=full)
    at.good(sale(at))
    assert at.ask(at.device.body(Command.CANCEL_TICKET, service=None)).code == code
    assert (AnomalyCode.KZ_WARNING in at.anomalies) is not full


# --------------------------------------------------------------------------------------------------------- strictness


def bare(at: Counter, number: int = 1) -> bytes:
    return at.device.document(receipt(number), service=None)


@V
def test_what_operators_do_not_insist_on_is_noted_once_for_each_register_and_rule(version):
    at = at_counter(version)
    at.good(bare(at))
    at.good(bare(at, 2))
    at.good(at.device.body(Command.SYSTEM, service=None))
    (one,) = [anomaly for entry in at.documents for anomaly in entry.anomalies]
    assert (one.code, one.number, one.text) == (AnomalyCode.KZ_WARNING, 1, "service_missing: service: is missing")
    assert at.anomalies == [AnomalyCode.KZ_WARNING]
    at.good(at.device.body(Command.SYSTEM, service={}))
    rules = [rule for rule in at.state.tape.warned if rule != "service_missing"]
    assert "offline_period_missing" in rules
    assert len(at.anomalies) == 1 + len(rules)


@V
def test_full_strictness_refuses_what_is_otherwise_noted(version):
    at = at_counter(version, full=True)
    assert at.ask(bare(at)).code == ResultCode.BLOCKED
    assert at.ask(at.device.body(Command.SYSTEM, service=None)).code == ResultCode.BLOCKED
    block = at.device.block(receipt())
    block["items"][0]["commodity"]["taxes"] = [
        {"tax_type": 100, "percent": 7_000, "sum": {"bills": 6, "coins": 54}, "is_in_total_sum": True}
    ]
    assert at.ask(at.device.body(Command.TICKET, ticket=block)).code == ResultCode.INCORRECT_REQUEST_DATA
    assert at.state is None
    at.good(at.device.document(receipt()))


@pytest.mark.parametrize(
    ("what", "checksum", "code", "noted"),
    [
        (Checksum.IGNORE, "nonsense", ResultCode.OK, False),
        (Checksum.CHECK, "nonsense", ResultCode.OK, True),
        (Checksum.CHECK, None, ResultCode.OK, True),
        (Checksum.CHECK, "right", ResultCode.OK, False),
        (Checksum.REFUSE, "nonsense", ResultCode.INCORRECT_REQUEST_DATA, False),
        (Checksum.REFUSE, "right", ResultCode.OK, False),
        (Checksum.REFUSE, "no report", ResultCode.OK, True),
    ],
)
def test_the_checksum_of_a_registers_report(what, checksum, code, noted):
    at = at_counter(checksum=what)
    at.good(at.device.document(receipt()))
    message: Any = request_type(203)()
    message.ParseFromString(at.device.document(close_shift(2, counters=dict(counters(at)))))
    report = message.close_shift.z_report
    if checksum == "no report":
        message.close_shift.ClearField("z_report")
    elif checksum is not None:
        report.checksum = checksum_of(report).lower() if checksum == "right" else checksum
    answer = at.ask(message.SerializeToString())
    assert answer.code == code
    assert at.anomalies == [AnomalyCode.KZ_WARNING] * noted
