"""The operator's decisions as tables: a state and a command on one side, an answer and entries on the other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from fiscal.domain.counters import fold
from fiscal.domain.document import COUNTERS_MAX, ONLINE, CloseShift, Delivery, Document, carries_sign, kind_of
from fiscal.domain.lifecycle import AutonomousReason
from fiscal.domain.messages import (
    Accepted,
    Blocked,
    Hello,
    Information,
    Noted,
    RefusalCode,
    Refused,
    ReportOfflinePeriod,
    Welcome,
)
from fiscal.domain.money import MONEY_MAX
from fiscal.domain.receipt import Customer, Operation, Payment, PaymentKind
from fiscal.domain.shift import Shift
from fiscal.domain.signs import Signer, SigningKey, SignLayout, digest_of
from fiscal.protocols.content import encode_content
from fiscal.time import HOUR, MINUTE, SECOND
from ofd_server.core.decide import (
    Decision,
    answer_of_standing,
    decide_hello,
    decide_information,
    decide_period,
    is_token,
    let_go,
    refuse,
    token_digest,
)
from ofd_server.core.documents import FIGURES_SHOWN, accepted, decide_copy, decide_document, qr_text
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
    TakenOver,
)
from ofd_server.core.rules import Rules
from ofd_server.core.state import Period, RegisterState, Tape, apply, register_from
from tests.contract.books import PROFILE, PROFILE_RU, recorded
from tests.documents import (
    T0,
    close_shift,
    correction,
    deposit,
    document_id,
    item,
    receipt,
    receipts,
    tax_of,
    void,
    withdrawal,
)

RULES = Rules(operator_name="ofd", phone="1702", receipt_url="http://ofd/r")
STRICT = Rules(strict=True)
KEY = SigningKey("k1", b"secret")
SIGNER = Signer(KEY)
HELLO = Hello(register="kkm-1", token="t", software="test")
NOW = T0 + SECOND
AUTONOMOUS = Delivery(autonomous=True, autonomous_sign=7, period=1)
MARKED = Delivery(autonomous=True, period=1)


def known(**given: Any) -> RegisterState:
    """A register in good standing without a document; parts of its tape may be given."""
    tape = {name: given.pop(name) for name in Tape.__struct_fields__ if name in given}
    state = register_from("kkm-1", Registered(at=T0, token_digest=token_digest("t")))
    return structs.replace(state, tape=structs.replace(state.tape, **tape), **given)


def opened(number: int = 1, shift: int = 1, **counters: int) -> RegisterState:
    """A register with an open shift, whose last document has this number."""
    return known(
        last_number=number,
        last_id=document_id(number),
        last_digest=b"\x05" * 32,
        last_issued_at=T0,
        shift=Shift(shift, T0, dict(counters)),
    )


def decide(
    state: RegisterState,
    document: Document,
    delivery: Delivery = ONLINE,
    now: int = NOW,
    rules: Rules = RULES,
    signer: Signer = SIGNER,
    sign_known: bool = False,
) -> Decision:
    content = encode_content(document)
    return decide_document(state, document, content, delivery, now, rules, signer, "native", sign_known)


def recorded_of(decision: Decision) -> DocumentRecorded:
    assert len(decision.entries) == 1
    entry = decision.entries[0]
    assert isinstance(entry, DocumentRecorded)
    return entry


def refusal_of(decision: Decision) -> Refused:
    """The refusal, after which nothing has changed."""
    assert isinstance(decision.answer, Refused), decision.answer
    assert decision.entries == ()
    assert decision.answer.text
    return decision.answer


def codes(decision: Decision) -> list[AnomalyCode]:
    return [anomaly.code for anomaly in recorded_of(decision).anomalies]


# ------------------------------------------------------------------------------------------------------ tokens


def test_a_token_is_compared_and_never_kept():
    state = known()
    assert is_token(state, "t")
    assert not is_token(state, "T")
    assert not is_token(state, "")
    assert len(token_digest("t")) == 32
    assert token_digest("t") != digest_of(b"t")


# ------------------------------------------------------------------------------------------------------- hello


def test_open_mode_registers_an_unknown_register_with_the_token_that_it_brings():
    decision = decide_hello(None, structs.replace(HELLO, profile=PROFILE), NOW, RULES)
    assert decision.entries == (Registered(at=NOW, token_digest=token_digest("t"), profile=PROFILE),)
    assert decision.state == register_from("kkm-1", decision.entries[0])
    assert decision.answer == Welcome(at=NOW, operator="ofd", phone="1702")


def test_strict_mode_refuses_it():
    decision = decide_hello(None, HELLO, NOW, STRICT)
    assert refusal_of(decision).code is RefusalCode.UNKNOWN_REGISTER
    assert decision.state is None


@pytest.mark.parametrize("rules", [RULES, STRICT])
def test_a_removed_register_is_refused_in_either_mode(rules: Rules):
    decision = decide_hello(known(standing=Standing.REMOVED), HELLO, NOW, rules)
    assert refusal_of(decision).code is RefusalCode.UNKNOWN_REGISTER
    assert decision.state is None, "nobody is let in with its token"


def test_a_known_register_is_welcome_with_its_own_token_only():
    for rules in (RULES, STRICT):
        assert isinstance(decide_hello(known(), HELLO, NOW, rules).answer, Welcome)
        wrong = decide_hello(known(), structs.replace(HELLO, token="other"), NOW, rules)
        assert (refusal_of(wrong).code, refusal_of(wrong).field) == (RefusalCode.WRONG_TOKEN, "token")


HELLO = Hello(register="kkm-1", token="t", software="test")


def node(name: str) -> Rules:
    return replace(Rules(), node=name)


def test_a_hello_at_another_node_takes_the_register_over():
    state = register_from("kkm-1", Registered(at=T0, token_digest=token_digest("t")))
    first = decide_hello(state, HELLO, T0, node("a"))
    assert first.entries == (TakenOver(at=T0, node="a"),)
    assert isinstance(first.answer, Welcome)
    assert first.state is not None
    assert (first.state.holder, first.state.version) == ("a", 2)
    assert decide_hello(first.state, HELLO, T0, node("a")).entries == ()
    assert decide_hello(first.state, HELLO, T0, node("b")).entries == (TakenOver(at=T0, node="b"),)
    wrong = decide_hello(first.state, structs.replace(HELLO, token="x"), T0, node("b"))
    assert (wrong.entries, wrong.state) == ((), first.state)


def test_a_register_comes_with_its_node_and_an_operator_alone_has_none():
    for name, kinds in (("", [Registered]), ("a", [Registered, TakenOver])):
        decision = decide_hello(None, HELLO, T0, node(name))
        assert [type(entry) for entry in decision.entries] == kinds
        assert decision.state is not None
        assert decision.state.holder == name


@pytest.mark.parametrize("standing", [Standing.BLOCKED, Standing.UNPAID])
def test_who_gets_no_welcome_is_taken_over_all_the_same(standing: Standing):
    state = register_from("kkm-1", Registered(at=T0, token_digest=token_digest("t")))
    state = apply(state, StandingChanged(at=T0, standing=standing, reason="debt"))
    decision = decide_hello(state, HELLO, T0, node("a"))
    assert decision.entries == (TakenOver(at=T0, node="a"),)
    alone = answer_of_standing(state)
    assert alone is not None
    assert decision.answer == alone.answer
    assert decision.state is not None
    assert (decision.state.standing, decision.state.holder) == (standing, "a")


def test_a_register_that_speaks_over_no_session_any_more_lets_its_node_go():
    state = register_from("kkm-1", Registered(at=T0, token_digest=token_digest("t")))
    held = apply(state, TakenOver(at=T0, node="a"))
    noticed = Anomaly(at=T0, code=AnomalyCode.KZ_WARNING, text="x: y")
    decision = Decision(None, (noticed,), apply(held, noticed))
    gone = let_go(decision, T0)
    assert gone.entries == (noticed, TakenOver(at=T0, node=""))
    assert gone.state is not None
    assert (gone.state.holder, gone.state.version) == ("", held.version + 2)
    for kept in (Decision(None, (), held), Decision(None, (), None), Decision(None, (noticed,), apply(state, noticed))):
        assert let_go(kept, T0) is kept


def test_a_document_does_not_change_who_holds_the_register():
    state = apply(register_from("kkm-1", Registered(at=T0, token_digest=b"")), TakenOver(at=T0, node="a"))
    assert apply(state, recorded(receipt(1))).holder == "a"


def test_the_welcome_tells_how_far_the_ledger_goes():
    """Semantics 3.4."""
    state = structs.replace(opened(5, 3), profile=PROFILE)
    state = structs.replace(state, tape=structs.replace(state.tape, last_autonomous_sign=77))
    decision = decide_hello(state, structs.replace(HELLO, last_number=5, last_shift=3), NOW, RULES)
    assert decision == Decision(
        Welcome(
            at=NOW,
            operator="ofd",
            last_number=5,
            last_digest=b"\x05" * 32,
            last_shift=3,
            last_autonomous_sign=77,
            phone="1702",
        ),
        (),
        state,
    )


@pytest.mark.parametrize(("last_number", "behind"), [(4, True), (0, True), (5, False), (6, False)])
def test_a_memory_that_is_behind_is_noticed(last_number: int, behind: bool):
    decision = decide_hello(opened(5), structs.replace(HELLO, last_number=last_number), NOW, RULES)
    assert [getattr(entry, "code", None) for entry in decision.entries] == [AnomalyCode.MEMORY_BEHIND] * behind
    assert decision.state is not None
    assert decision.state.version == 1 + behind
    assert isinstance(decision.answer, Welcome)


def test_other_particulars_are_recorded_once():
    told = structs.replace(HELLO, profile=PROFILE, last_number=0)
    decision = decide_hello(opened(1), told, NOW, RULES)
    assert [type(entry) for entry in decision.entries] == [ProfileChanged, Anomaly]
    assert decision.state is not None
    assert decision.state.profile == PROFILE
    again = decide_hello(decision.state, structs.replace(told, last_number=1), NOW, RULES)
    assert again.entries == ()
    assert decide_hello(decision.state, structs.replace(HELLO, last_number=1), NOW, RULES).entries == (), (
        "silence changes none"
    )


@pytest.mark.parametrize("accepted_number", [0, 41])
def test_a_register_that_others_have_served_counts_on_from_there(accepted_number: int):
    shift = 7 if accepted_number else 0
    hello = structs.replace(HELLO, last_number=45, last_shift=8, accepted_number=accepted_number, accepted_shift=shift)
    decision = decide_hello(None, hello, NOW, RULES)
    assert decision.state is not None
    assert decision.state.tape.last_number == accepted_number
    assert decision.state.tape.complete is (accepted_number == 0)
    assert isinstance(decision.answer, Welcome)
    assert (decision.answer.last_number, decision.answer.last_shift) == (accepted_number, shift)
    anomalies = [entry.code for entry in decision.entries[1:] if isinstance(entry, Anomaly)]
    assert anomalies == ([AnomalyCode.CAME_WITH_HISTORY] if accepted_number else [])
    assert decision.state.version == len(decision.entries)


STANDINGS = [
    (Standing.GOOD, None),
    (Standing.BLOCKED, Decision(Blocked(reason="why"), (), None)),
    (Standing.UNPAID, Decision(None, (), None)),
]


@pytest.mark.parametrize(("standing", "expected"), STANDINGS)
def test_the_answer_to_those_who_are_not_in_good_standing(standing: Standing, expected: Decision | None):
    """Semantics 2.7: blocked is answered as blocked, unpaid is not answered at all."""
    state = known(standing=standing, reason="why")
    decision = answer_of_standing(state)
    if expected is None:
        assert decision is None
    else:
        assert decision == structs.replace(expected, state=state)
        assert decide_hello(state, HELLO, NOW, RULES) == decision


def test_a_removed_register_is_unknown_to_every_request():
    decision = answer_of_standing(known(standing=Standing.REMOVED))
    assert decision is not None
    assert refusal_of(decision).code is RefusalCode.UNKNOWN_REGISTER


def test_the_wrong_token_of_a_blocked_register_is_still_wrong():
    state = known(standing=Standing.BLOCKED, reason="why")
    assert (
        refusal_of(decide_hello(state, structs.replace(HELLO, token="x"), NOW, RULES)).code is RefusalCode.WRONG_TOKEN
    )


def test_a_refusal_records_nothing():
    state = known()
    assert refuse(state, RefusalCode.CONFLICT, "f", "t", 5) == Decision(
        Refused(code=RefusalCode.CONFLICT, field="f", text="t", expected=5), (), state
    )


@pytest.mark.parametrize("blocked", [False, True])
def test_information_is_enough_to_go_on_without_a_memory(blocked: bool):
    state = structs.replace(opened(5, 3, cash_sum=7), profile=PROFILE)
    state = structs.replace(state, standing=Standing.BLOCKED if blocked else Standing.GOOD)
    assert decide_information(state, NOW) == Information(
        at=NOW,
        last_number=5,
        last_shift=3,
        shift_opened_at=T0,
        last_autonomous_sign=0,
        counters={"cash_sum": 7},
        profile=PROFILE,
        blocked=blocked,
    )


# ------------------------------------------------------------------------------------------------ new documents


@pytest.mark.parametrize(
    ("document", "delivery"),
    [
        (receipt(2), ONLINE),
        (receipt(2), AUTONOMOUS),
        (correction(2), ONLINE),
        (correction(2), AUTONOMOUS),
        (deposit(2), ONLINE),
        (deposit(2), MARKED),
        (withdrawal(2), ONLINE),
        (withdrawal(2), MARKED),
        (close_shift(2), ONLINE),
        (close_shift(2), MARKED),
        (void(2, 1), ONLINE),
        (void(2, 9), MARKED),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, Delivery) else str(value.autonomous),
)
def test_a_right_document_is_recorded_and_accepted(document: Document, delivery: Delivery):
    """Receipts and corrections get a sign, the others an acceptance (semantics 2.6)."""
    state = opened(1, cash_sum=100_000)
    decision = decide(state, document, delivery)
    content = encode_content(document)
    signed = carries_sign(kind_of(document))
    sign = SIGNER.sign("kkm-1", 2, digest_of(content)) if signed else None
    entry = recorded_of(decision)
    assert structs.replace(entry, anomalies=()) == DocumentRecorded(
        received_at=NOW,
        content=content,
        document=document,
        kind=kind_of(document),
        digest=digest_of(content),
        protocol="native",
        sign=sign,
        key_id="k1" if signed else None,
        autonomous=delivery.autonomous,
        autonomous_sign=delivery.autonomous_sign,
        period=delivery.period,
    )
    assert decision.state == apply(state, entry)
    assert isinstance(decision.answer, Accepted)
    assert (decision.answer.number, decision.answer.at, decision.answer.sign) == (2, NOW, sign)
    assert (decision.answer.qr is None) is (not signed)
    assert (decision.answer.key is None) is (not signed)


@given(receipts(number=1, operation=Operation.SELL))
def test_any_right_sale_is_accepted(document):
    assert isinstance(decide(known(), document).answer, Accepted)


def test_the_same_document_always_gets_the_same_sign():
    answers = {str(decide(known(), receipt(1), now=T0 + n).answer.sign) for n in range(5)}  # type: ignore[union-attr]
    assert len(answers) == 1


@pytest.mark.parametrize(
    ("number", "expected"), [(1, 3), (2, 3), (4, 3), (99, 3)], ids=["older", "again", "gap", "far ahead"]
)
def test_numbers_have_no_gaps(number: int, expected: int):
    refused = refusal_of(decide(opened(2), receipt(number)))
    assert (refused.code, refused.field, refused.expected) == (RefusalCode.NUMBER_GAP, "number", expected)


@pytest.mark.parametrize("id_", [document_id(0), document_id(1), bytes(16)])
def test_ids_rise(id_: bytes):
    refused = refusal_of(decide(opened(1), receipt(2, id=id_)))
    assert (refused.code, refused.field) == (RefusalCode.ID_ORDER, "id")


@pytest.mark.parametrize("id_", [document_id(1, 1), document_id(2), b"\xff" * 16])
def test_any_id_above_the_last_one_will_do(id_: bytes):
    assert isinstance(decide(opened(1), receipt(2, id=id_)).answer, Accepted)


# -------------------------------------------------------------------------------------------------------- time


@pytest.mark.parametrize(
    ("issued_at", "delivery", "code", "anomalies"),
    [
        (NOW + 5 * MINUTE, ONLINE, None, []),
        (NOW + 5 * MINUTE + 1, ONLINE, RefusalCode.CLOCK_AHEAD, []),
        (NOW + 5 * MINUTE, AUTONOMOUS, None, []),
        (NOW + 5 * MINUTE + 1, AUTONOMOUS, RefusalCode.CLOCK_AHEAD, []),
        (NOW - 96 * HOUR, ONLINE, None, []),
        (NOW - 96 * HOUR - 1, ONLINE, RefusalCode.TOO_OLD, []),
        (NOW - 96 * HOUR, AUTONOMOUS, None, []),
        (NOW - 96 * HOUR - 1, AUTONOMOUS, None, [AnomalyCode.VERY_OLD]),
        (0, AUTONOMOUS, None, [AnomalyCode.VERY_OLD]),
    ],
)
def test_times_far_from_now(issued_at: int, delivery: Delivery, code: RefusalCode | None, anomalies: list[AnomalyCode]):
    """Semantics 6.1: five minutes ahead, and 72 hours and a shift ago; exactly there is in time."""
    told = known(last_period=Period(1, T0, T0, AutonomousReason.NO_CONNECTION))
    decision = decide(told, receipt(issued_at=issued_at), delivery)
    if code is None:
        assert codes(decision) == anomalies
    else:
        assert (refusal_of(decision).code, refusal_of(decision).field) == (code, "issued_at")


def test_a_clock_that_goes_backwards_is_noticed_and_the_document_taken():
    state = opened(1)
    assert codes(decide(state, receipt(2, issued_at=T0 - 1))) == [AnomalyCode.CLOCK_BACKWARDS]
    assert codes(decide(state, receipt(2, issued_at=T0))) == []


@pytest.mark.parametrize(
    ("document", "delivery", "code"),
    [
        (receipt(2, issued_at=T0 + 24 * HOUR), ONLINE, None),
        (receipt(2, issued_at=T0 + 24 * HOUR + 1), ONLINE, RefusalCode.SHIFT_EXPIRED),
        (deposit(2, issued_at=T0 + 24 * HOUR + 1), ONLINE, RefusalCode.SHIFT_EXPIRED),
        (receipt(2, issued_at=T0 + 24 * HOUR + 1), AUTONOMOUS, None),
        (deposit(2, issued_at=T0 + 24 * HOUR + 1), MARKED, None),
        (close_shift(2, issued_at=T0 + 24 * HOUR + 1), ONLINE, None),
        (void(2, issued_at=T0 + 24 * HOUR + 1), ONLINE, None),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else value,
)
def test_a_shift_lasts_24_hours(document: Document, delivery: Delivery, code: RefusalCode | None):
    """Never refused for that reason: what was issued autonomously, and what closes the shift."""
    decision = decide(opened(1), document, delivery, now=T0 + 25 * HOUR)
    if code is None:
        assert isinstance(decision.answer, Accepted)
    else:
        assert (refusal_of(decision).code, refusal_of(decision).field) == (code, "shift")


# ------------------------------------------------------------------------------------------------------- shifts

JOINED = known(last_number=1, last_id=document_id(1), complete=False, shift=Shift(7))
CLOSED = known(last_number=1, last_id=document_id(1), shift=Shift(7))


@pytest.mark.parametrize(
    ("state", "document", "code", "expected"),
    [
        (opened(1, 7), receipt(2, 7), None, None),
        (opened(1, 7), receipt(2, 6), RefusalCode.WRONG_SHIFT, 7),
        (opened(1, 7), receipt(2, 8), RefusalCode.WRONG_SHIFT, 7),
        (opened(1, 7), close_shift(2, 8), RefusalCode.WRONG_SHIFT, 7),
        (CLOSED, receipt(2, 8), None, None),
        (CLOSED, receipt(2, 7), RefusalCode.WRONG_SHIFT, 8),
        (CLOSED, close_shift(2, 7), RefusalCode.WRONG_SHIFT, 8),
        (CLOSED, close_shift(2, 8), RefusalCode.SHIFT_NOT_OPEN, None),
        (JOINED, receipt(2, 7), None, None),
        (JOINED, receipt(2, 8), None, None),
        (JOINED, receipt(2, 6), RefusalCode.WRONG_SHIFT, 8),
        (JOINED, receipt(2, 9), RefusalCode.WRONG_SHIFT, 8),
        (JOINED, close_shift(2, 7), None, None),
        (JOINED, close_shift(2, 8), RefusalCode.SHIFT_NOT_OPEN, None),
        (known(complete=False), receipt(1, 1), None, None),
        (known(), close_shift(1, 1), RefusalCode.SHIFT_NOT_OPEN, None),
        (CLOSED, void(2, 99), None, None),
    ],
)
def test_shifts_follow_each_other(
    state: RegisterState, document: Document, code: RefusalCode | None, expected: int | None
):
    decision = decide(state, document)
    if code is None:
        assert isinstance(decision.answer, Accepted)
    else:
        refused = refusal_of(decision)
        assert (refused.code, refused.field, refused.expected) == (code, "shift", expected)


# ------------------------------------------------------------------------------------------------------ content


@pytest.mark.parametrize(
    ("document", "delivery", "code"),
    [
        (receipt(), MARKED, RefusalCode.AUTONOMOUS_SIGN_MISSING),
        (correction(), MARKED, RefusalCode.AUTONOMOUS_SIGN_MISSING),
        (receipt(), Delivery(autonomous_sign=7), RefusalCode.BAD_REQUEST),
        (deposit(), AUTONOMOUS, RefusalCode.BAD_REQUEST),
        (deposit(), Delivery(autonomous_sign=7), RefusalCode.BAD_REQUEST),
        (void(), AUTONOMOUS, RefusalCode.BAD_REQUEST),
    ],
)
@pytest.mark.requirement("S3-26", "S3-27")
def test_which_documents_carry_an_autonomous_sign(document: Document, delivery: Delivery, code: RefusalCode):
    """S3-26 and S3-27: receipts the sign, the others the mark; neither without reason."""
    refused = refusal_of(decide(known(), document, delivery))
    assert (refused.code, refused.field) == (code, "delivery.autonomous_sign")


def test_sums_that_do_not_agree_are_refused_with_field_and_figures():
    refused = refusal_of(decide(known(), receipt(total=9_999)))
    assert (refused.code, refused.field) == (RefusalCode.BAD_TOTALS, "total")
    assert "99.99" in refused.text
    assert "100.00" in refused.text


@pytest.mark.parametrize(
    ("customer", "profile", "refused"),
    [
        (None, PROFILE, False),
        (Customer(email="a@b.kz"), PROFILE, False),
        (Customer(tax_id=PROFILE.taxpayer.tax_id), None, False),
        (Customer(tax_id="000000000000"), PROFILE, False),
        (Customer(tax_id=PROFILE.taxpayer.tax_id), PROFILE, True),
    ],
)
def test_nobody_sells_to_himself(customer: Customer | None, profile: Any, refused: bool):
    decision = decide(known(profile=profile), receipt(customer=customer))
    if refused:
        answer = refusal_of(decision)
        assert (answer.code, answer.field) == (RefusalCode.SAME_TAXPAYER_AND_CUSTOMER, "customer.tax_id")
    else:
        assert isinstance(decision.answer, Accepted)


CARD = (Payment(kind=PaymentKind.CARD, sum=10_000),)


@pytest.mark.parametrize(
    ("document", "drawer", "enough"),
    [
        (withdrawal(2, sum=100), 100, True),
        (withdrawal(2, sum=101), 100, False),
        (receipt(2, operation=Operation.SELL_RETURN), 10_000, True),
        (receipt(2, operation=Operation.SELL_RETURN), 9_999, False),
        (receipt(2, operation=Operation.BUY), 9_999, False),
        (receipt(2, operation=Operation.BUY, payments=CARD), 0, True),
        (receipt(2, operation=Operation.BUY_RETURN), 0, True),
        (receipt(2), 0, True),
    ],
)
def test_what_is_paid_out_must_lie_in_the_drawer(document: Document, drawer: int, enough: bool):
    decision = decide(opened(1, cash_sum=drawer), document)
    if enough:
        assert isinstance(decision.answer, Accepted)
    else:
        assert (refusal_of(decision).code, refusal_of(decision).field) == (RefusalCode.NOT_ENOUGH_CASH, "payments")


def test_a_drawer_that_we_do_not_know_is_not_judged():
    assert isinstance(decide(JOINED, withdrawal(2, 7, sum=10**9)).answer, Accepted)


def sections(*names: str, price: int = 100) -> tuple[Any, ...]:
    return tuple(item(price, section=name) for name in names)


def names(count: int, prefix: str = "s") -> list[str]:
    return [f"{prefix}{n}" for n in range(count)]


@pytest.mark.parametrize(
    ("held", "operation", "new", "fits"),
    [
        (names(99), Operation.SELL, ["x"], True),
        (names(100), Operation.SELL, ["x"], False),
        (names(100), Operation.SELL, ["s0", "s99"], True),
        (names(100), Operation.BUY_RETURN, ["s0", "s99"], True),
        (names(100), Operation.BUY_RETURN, ["s0", "x"], False),
        (names(49), Operation.SELL, names(51, "x"), True),
        (names(49), Operation.SELL, names(52, "x"), False),
        ([], Operation.SELL, names(100), True),
        ([], Operation.SELL, names(101), False),
        (names(100, "1."), Operation.SELL, ["1.x"], False),
        (names(100, "a.b."), Operation.SELL, ["a.b.0"], True),
    ],
)
@pytest.mark.parametrize("price", [100, 0])
def test_a_shift_has_a_hundred_sections(held: list[str], operation: Operation, new: list[str], fits: bool, price: int):
    state = known()
    for number, start in enumerate(range(0, len(held), 50), 1):
        decision = decide(state, receipt(number, items=sections(*held[start : start + 50], price=price)))
        assert decision.state is not None
        state = decision.state
    number = state.tape.last_number + 1
    document = receipt(number, operation=operation, items=sections(*new, price=price), payments=())
    document = structs.replace(
        document, payments=(Payment(kind=PaymentKind.CARD, sum=document.total),), taken=None, change=None
    )
    decision = decide(state, document)
    if fits:
        assert isinstance(decision.answer, Accepted)
    else:
        assert (refusal_of(decision).code, refusal_of(decision).field) == (RefusalCode.TOO_MANY_SECTIONS, "items")


def test_sections_are_counted_anew_in_every_shift():
    state = known(
        last_number=1,
        last_id=document_id(1),
        shift=Shift(1, None, fold({}, receipt(items=sections(*names(100))), ONLINE)),
    )
    assert isinstance(decide(state, receipt(2, 2, items=sections("x"))).answer, Accepted)


# ---------------------------------------------------------------------------------------------- figures too large


@pytest.mark.parametrize(
    ("counters", "document", "fits"),
    [
        ({"non_nullable.sell": MONEY_MAX - 10_000}, receipt(2), True),
        ({"non_nullable.sell": MONEY_MAX - 9_999}, receipt(2), False),
        ({"cash_sum": MONEY_MAX - 50_000}, deposit(2), True),
        ({"cash_sum": MONEY_MAX - 49_999}, deposit(2), False),
        ({"corrections.sell.sum": MONEY_MAX}, correction(2), False),
        ({"tickets.sell.change_sum": MONEY_MAX - 4}, receipt(2, change=5), False),
        ({"revenue": 10_000 - MONEY_MAX, "cash_sum": 10_000}, receipt(2, operation=Operation.BUY), True),
        ({"revenue": 9_999 - MONEY_MAX, "cash_sum": 10_000}, receipt(2, operation=Operation.BUY), False),
    ],
)
def test_no_figure_outgrows_what_a_z_report_can_say(counters: dict[str, int], document: Document, fits: bool):
    decision = decide(opened(1, **counters), document)
    if fits:
        assert isinstance(decision.answer, Accepted)
    else:
        assert (refusal_of(decision).code, refusal_of(decision).field) == (RefusalCode.BAD_TOTALS, "total")


def test_a_shift_has_no_more_figures_than_a_z_report():
    many = {f"n{n}": 1 for n in range(COUNTERS_MAX - 30)}  # short names: their size has a limit of its own
    assert isinstance(decide(opened(1, **many), receipt(2)).answer, Accepted)
    rates = tuple(item(taxes=tuple(tax_of(10_000, 8 * n + k) for k in range(8))) for n in range(2))
    refused = refusal_of(decide(opened(1, **many), receipt(2, items=rates)))
    assert (refused.code, refused.field) == (RefusalCode.BAD_TOTALS, "taxes")


def test_a_register_whose_numbers_are_used_up():
    few = Signer(KEY, SignLayout(3, 1))
    state = known(last_number=89, last_id=document_id(89))
    refused = refusal_of(decide(state, receipt(90), signer=few))
    assert (refused.code, refused.field) == (RefusalCode.NUMBERS_EXHAUSTED, "number")
    assert isinstance(decide(state, deposit(90), signer=few).answer, Accepted), "what needs no sign has room"


# -------------------------------------------------------------------------------------------------- Z-report


def closing(counters: dict[str, int], **given: Any) -> CloseShift:
    return close_shift(2, counters=counters, **given)


def test_a_z_report_that_says_what_we_count_is_unremarkable():
    figures = {"cash_sum": 5, "tickets.sell.count": 1}
    assert codes(decide(opened(1, **figures), closing(figures))) == []


def test_the_withdrawal_of_the_drawer_belongs_to_the_z_report():
    state = opened(1, cash_sum=5)
    figures = fold({"cash_sum": 5}, close_shift(withdraw_cash=True), ONLINE)
    assert codes(decide(state, closing(figures, withdraw_cash=True))) == []
    assert codes(decide(state, closing({"cash_sum": 5}, withdraw_cash=True))) == [AnomalyCode.Z_TOTALS_DIFFER]


def test_a_z_report_that_differs_is_taken_and_every_difference_named():
    decision = decide(opened(1, cash_sum=5, revenue=7), closing({"cash_sum": 6, "revenue": 7, "x": 1}))
    (noticed,) = recorded_of(decision).anomalies
    assert noticed == Anomaly(
        at=NOW,
        code=AnomalyCode.Z_TOTALS_DIFFER,
        text="cash_sum: ours 5, the register's 6, x: ours 0, the register's 1",
        number=2,
    )
    assert isinstance(decision.answer, Accepted)


@pytest.mark.parametrize("more", [0, 1, 5])
def test_of_many_differences_the_first_are_named(more: int):
    figures = {f"x{n:02}": 1 for n in range(FIGURES_SHOWN + more)}
    (noticed,) = recorded_of(decide(opened(1), closing(figures))).anomalies
    assert noticed.text.count("ours") == FIGURES_SHOWN
    assert noticed.text.endswith(f", and {more} more") is bool(more)


def test_the_first_z_report_of_a_register_with_history_is_believed():
    state = known(last_number=1, complete=False, shift=Shift(1, T0, {"cash_sum": 5}))
    assert codes(decide(state, closing({"cash_sum": 999}))) == []


# ---------------------------------------------------------------------------------------------- what is noticed


@pytest.mark.parametrize(
    ("last_period", "told", "anomalies"),
    [
        (None, None, []),
        (None, 1, [AnomalyCode.PERIOD_UNKNOWN]),
        (2, 1, []),
        (2, 2, []),
        (2, 3, [AnomalyCode.PERIOD_UNKNOWN]),
    ],
)
def test_a_document_of_a_period_that_nobody_told_of(
    last_period: int | None, told: int | None, anomalies: list[AnomalyCode]
):
    period = None if last_period is None else Period(last_period, T0, T0, AutonomousReason.NO_CONNECTION)
    delivery = Delivery(autonomous=True, autonomous_sign=7, period=told)
    assert codes(decide(known(last_period=period), receipt(), delivery)) == anomalies


def test_an_autonomous_sign_that_was_used_before_is_noticed():
    decision = decide(known(last_autonomous_sign=9), receipt(), AUTONOMOUS, sign_known=True)
    assert AnomalyCode.AUTONOMOUS_SIGN_REUSED in codes(decision)
    assert decision.state is not None
    assert decision.state.tape.last_autonomous_sign == 9


def test_all_that_is_noticed_stands_together_with_the_document():
    state = opened(1)
    decision = decide(state, receipt(2, issued_at=0), AUTONOMOUS, sign_known=True)
    assert codes(decision) == [
        AnomalyCode.CLOCK_BACKWARDS,
        AnomalyCode.VERY_OLD,
        AnomalyCode.AUTONOMOUS_SIGN_REUSED,
        AnomalyCode.PERIOD_UNKNOWN,
    ]
    assert {(anomaly.at, anomaly.number) for anomaly in recorded_of(decision).anomalies} == {(NOW, 2)}


# ------------------------------------------------------------------------------------------------------ QR code


@pytest.mark.parametrize(
    ("profile", "document", "text"),
    [
        (None, receipt(), "http://ofd/r?i=S&f=kkm-1&s=100.00&t=20260101T070000"),
        (PROFILE, receipt(), "http://ofd/r?i=S&f=010100000013&s=100.00&t=20260101T120000"),
        (PROFILE, correction(), "http://ofd/r?i=S&f=010100000013&s=250.00&t=20260101T120000"),
        (PROFILE_RU, receipt(5), "t=20260101T100000&s=100.00&fn=9999078900001341&i=5&fp=S&n=1"),
        (PROFILE_RU, correction(5), "t=20260101T100000&s=250.00&fn=9999078900001341&i=5&fp=S&n=1"),
        (
            replace(PROFILE_RU, fn_serial=""),
            receipt(5, operation=Operation.BUY_RETURN),
            "t=20260101T100000&s=100.00&fn=kkm-1&i=5&fp=S&n=4",
        ),
        (PROFILE_RU, deposit(), "http://ofd/r?i=S&f=0000000001033397&s=500.00&t=20260101T100000"),
    ],
)
def test_the_qr_code_has_the_form_of_the_registers_country(profile: Any, document: Document, text: str):
    assert qr_text("kkm-1", profile, document, "S", RULES) == text


# -------------------------------------------------------------------------------------------------------- copies


def held(document: Document, delivery: Delivery = ONLINE) -> tuple[RegisterState, DocumentRecorded]:
    """A register that holds this document, and its entry."""
    decision = decide(known(), document, delivery)
    assert decision.state is not None
    return decision.state, recorded_of(decision)


def copy(
    state: RegisterState,
    stored: DocumentRecorded,
    delivery: Delivery = ONLINE,
    *,
    same: bool = True,
    document: Document | None = None,
    sign_known: bool = False,
) -> Decision:
    difference = "" if same else "total: 1 != 2"
    document = document or stored.document
    return decide_copy(state, stored, same, difference, document, delivery, NOW + 9, RULES, sign_known)


@pytest.mark.parametrize(("first", "again"), [(ONLINE, ONLINE), (AUTONOMOUS, AUTONOMOUS), (AUTONOMOUS, ONLINE)])
def test_the_same_document_gets_the_first_answer_again(first: Delivery, again: Delivery):
    """Semantics 1.2: the same sign, and nothing is recorded."""
    state, stored = held(receipt(), first)
    answer = decide(known(), receipt(), first).answer
    assert copy(state, stored, again) == Decision(answer, (), state)
    assert answer == accepted(stored, state, RULES)


def test_another_document_under_the_number():
    state, stored = held(receipt())
    refused = refusal_of(copy(state, stored, document=receipt(1, id=document_id(1, 1))))
    assert (refused.code, refused.field, refused.expected) == (RefusalCode.NUMBER_TAKEN, "number", 2)


@pytest.mark.parametrize("delivery", [ONLINE, AUTONOMOUS])
def test_another_content_under_the_id_is_a_conflict_and_an_anomaly(delivery: Delivery):
    state, stored = held(receipt())
    decision = copy(state, stored, delivery, same=False)
    anomaly = Anomaly(at=NOW + 9, code=AnomalyCode.CONFLICT, text="total: 1 != 2", number=1)
    assert decision.entries == (anomaly,)
    assert decision.answer == Refused(code=RefusalCode.CONFLICT, field="content", text="total: 1 != 2")
    assert decision.state == structs.replace(state, version=state.version + 1), "nothing else has changed"


def test_a_second_autonomous_sign_is_a_conflict_and_an_anomaly():
    state, stored = held(receipt(), AUTONOMOUS)
    decision = copy(state, stored, structs.replace(AUTONOMOUS, autonomous_sign=8))
    assert [getattr(entry, "code", None) for entry in decision.entries] == [AnomalyCode.SECOND_AUTONOMOUS_SIGN]
    assert isinstance(decision.answer, Refused)
    assert decision.answer.code is RefusalCode.CONFLICT
    assert "7 recorded, 8 came" in decision.answer.text
    assert decision.state == structs.replace(state, version=state.version + 1)


@pytest.mark.parametrize("document", [receipt(), correction(), deposit(), close_shift(2)])
def test_a_document_that_turned_autonomous_keeps_its_sign_and_gets_the_mark(document: Document):
    """Semantics 1.2 and 4.1: the sign given first, the mark beside it, and the shift counts it in the same commit."""
    if isinstance(document, CloseShift):
        state, _ = held(receipt())
        decision = decide(state, document)
        assert decision.state is not None
        state, stored = decision.state, recorded_of(decision)
    else:
        state, stored = held(document)
    delivery = AUTONOMOUS if carries_sign(stored.kind) else MARKED
    decision = copy(state, stored, delivery)
    mark = MadeAutonomous(at=NOW + 9, number=stored.number, autonomous_sign=delivery.autonomous_sign, period=1)
    assert decision.entries == (mark,)
    assert decision.answer == accepted(stored, state, RULES)
    assert decision.state == apply(state, mark, document)
    assert decision.state is not None
    offline = [value for name, value in decision.state.tape.shift.counters.items() if name.endswith("offline_count")]
    assert offline == ([1] if isinstance(document, type(receipt()) | type(deposit())) else [])


@pytest.mark.parametrize(
    ("document", "delivery", "code"),
    [
        (receipt(), MARKED, RefusalCode.AUTONOMOUS_SIGN_MISSING),
        (correction(), MARKED, RefusalCode.AUTONOMOUS_SIGN_MISSING),
        (deposit(), AUTONOMOUS, RefusalCode.BAD_REQUEST),
        (receipt(), Delivery(autonomous_sign=7), RefusalCode.BAD_REQUEST),
    ],
)
def test_the_mark_of_a_copy_is_judged_like_that_of_a_new_document(
    document: Document, delivery: Delivery, code: RefusalCode
):
    state, stored = held(document)
    refused = refusal_of(copy(state, stored, delivery))
    assert (refused.code, refused.field) == (code, "delivery.autonomous_sign")


def test_a_mark_with_a_sign_that_was_used_before_is_noticed():
    state, stored = held(receipt())
    decision = copy(state, stored, AUTONOMOUS, sign_known=True)
    assert [getattr(entry, "code", None) for entry in decision.entries] == [None, AnomalyCode.AUTONOMOUS_SIGN_REUSED]
    assert isinstance(decision.answer, Accepted)
    assert decision.state is not None
    assert decision.state.version == state.version + 2


@pytest.mark.parametrize("next_shift", [False, True])
def test_a_mark_that_comes_after_the_shift_was_closed_is_noticed(next_shift: bool):
    state, stored = held(receipt())
    following = [recorded(close_shift(2))] + ([recorded(receipt(3, 2))] if next_shift else [])
    for entry in following:
        state = apply(state, entry)
    decision = copy(state, stored, AUTONOMOUS)
    assert [getattr(entry, "code", None) for entry in decision.entries] == [None, AnomalyCode.MARK_AFTER_CLOSE]
    assert decision.state is not None
    assert decision.state.tape.shift == state.tape.shift


# ------------------------------------------------------------------------------------------------------- periods

REPORT = ReportOfflinePeriod(number=1, begin=T0, end=T0 + HOUR, reason=AutonomousReason.LATE_ANSWER)
TOLD = PeriodRecorded(at=NOW, period=1, begin=T0, end=T0 + HOUR, reason=AutonomousReason.LATE_ANSWER)


def test_a_period_of_autonomous_work_is_recorded_with_begin_end_and_reason():
    state = known()
    assert decide_period(state, REPORT, None, NOW) == Decision(Noted(at=NOW), (TOLD,), apply(state, TOLD))


def test_told_again_it_is_noted_again_and_recorded_once():
    state = apply(known(), TOLD)
    assert decide_period(state, REPORT, TOLD, NOW + 1) == Decision(Noted(at=NOW + 1), (), state)


@pytest.mark.parametrize(
    "change", [{"end": T0 + 2 * HOUR}, {"reason": AutonomousReason.LOW_POWER}, {"end": T0}], ids=["end", "why", "short"]
)
def test_a_period_whose_end_moved_is_recorded_anew(change: dict[str, Any]):
    state = apply(known(), TOLD)
    decision = decide_period(state, structs.replace(REPORT, **change), TOLD, NOW + 1)
    assert decision.entries == (replace(TOLD, at=NOW + 1, **change),)
    assert decision.answer == Noted(at=NOW + 1)


def test_a_period_whose_begin_moved_is_an_anomaly_too():
    state = apply(known(), TOLD)
    decision = decide_period(state, structs.replace(REPORT, begin=T0 + 1), TOLD, NOW)
    assert [type(entry) for entry in decision.entries] == [Anomaly, PeriodRecorded]
    first = decision.entries[0]
    assert isinstance(first, Anomaly)
    assert first.code is AnomalyCode.PERIOD_CHANGED
    assert decision.state is not None
    assert decision.state.version == state.version + 2


@pytest.mark.parametrize(("end", "right"), [(T0, True), (T0 - 1, False)])
def test_a_period_does_not_end_before_it_begins(end: int, right: bool):
    decision = decide_period(known(), structs.replace(REPORT, end=end), None, NOW)
    if right:
        assert isinstance(decision.answer, Noted)
    else:
        assert (refusal_of(decision).code, refusal_of(decision).field) == (RefusalCode.BAD_REQUEST, "end")


# ---------------------------------------------------------------------------------------------- whatever is asked

deliveries = st.sampled_from((ONLINE, AUTONOMOUS, MARKED, Delivery(autonomous_sign=3)))
any_documents = st.one_of(
    st.builds(receipt, st.integers(1, 3), st.integers(1, 2), st.sampled_from((0, T0 - 1, T0, T0 + 25 * HOUR))),
    st.builds(close_shift, st.integers(1, 3), st.integers(1, 2)),
    st.builds(withdrawal, st.integers(1, 3), st.integers(1, 2)),
    st.builds(void, st.integers(1, 3), st.integers(1, 2)),
    st.builds(correction, st.integers(1, 3), st.integers(1, 2)),
)


@given(st.lists(st.tuples(any_documents, deliveries), max_size=8))
def test_a_decision_changes_its_own_value_only(asked: list[tuple[Document, Delivery]]):
    """What is refused leaves no entry; what is accepted is exactly what its entries make of the state."""
    state = known()
    for document, delivery in asked:
        before = state
        decision = decide(state, document, delivery, now=T0 + 25 * HOUR)
        assert state == before
        assert decision.state is not None
        if isinstance(decision.answer, Refused):
            assert (decision.entries, decision.state) == ((), before)
        else:
            entry = recorded_of(decision)
            assert decision.state == apply(before, entry)
            assert decision.state.version == before.version + 1
            assert decision.state.tape.last_number == document.number == before.tape.last_number + 1
        state = decision.state
