"""What is decided in one look is what a close look decides, and what is not plain is left alone."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from msgspec.structs import replace

from fiscal.domain.document import ONLINE, Delivery, Document
from fiscal.domain.lifecycle import AutonomousReason
from fiscal.domain.messages import Accepted
from fiscal.domain.money import MONEY_MAX
from fiscal.domain.receipt import Customer, Modifier, ModifierKind, Operation, Payment, PaymentKind, Receipt
from fiscal.domain.register import RegisterProfile
from fiscal.domain.shift import SHIFT_MAX_MS
from fiscal.domain.signs import Signer, SigningKey, SignLayout
from fiscal.domain.tally import ALIKE_MAX
from fiscal.protocols.content import encode_content
from fiscal.protocols.kz.qr import PROFILES
from fiscal.time import DAY, HOUR, MINUTE, SECOND
from ofd_server.core.decide import Decision, token_digest
from ofd_server.core.documents import Submission, decide_closely, decide_documents
from ofd_server.core.entries import PeriodRecorded, Registered
from ofd_server.core.plain import decide_plain
from ofd_server.core.rules import Rules
from ofd_server.core.state import RegisterState, apply, register_from
from ofd_server.storage.rows import pack_state, unpack_state
from tests.contract.books import PROFILE, PROFILE_RU
from tests.documents import T0, document_id, item, receipt, tax_of

RULES: Final = Rules(receipt_url="http://ofd/r")
SIGNER: Final = Signer(SigningKey("k1", b"secret"))
FEW_NUMBERS: Final = Signer(SigningKey("k1", b"secret"), SignLayout(3, 1))
"""Room for 89 documents."""
NOW: Final = T0 + SECOND
CARD: Final = PaymentKind.CARD


def known(profile: RegisterProfile | None = PROFILE) -> RegisterState:
    return register_from("kkm-1", Registered(at=T0, token_digest=token_digest("t"), profile=profile))


def closely(
    state: RegisterState,
    document: Document,
    now: int = NOW,
    rules: Rules = RULES,
    signer: Signer = SIGNER,
    delivery: Delivery = ONLINE,
) -> Decision:
    submission = Submission(state, document, encode_content(document), delivery, now, "native")
    return decide_closely((submission,), rules, signer)[0]


def plainly(
    state: RegisterState,
    document: Document,
    now: int = NOW,
    rules: Rules = RULES,
    signer: Signer = SIGNER,
    delivery: Delivery = ONLINE,
) -> Decision | None:
    return decide_plain(state, document, encode_content(document), delivery, now, "native", rules, signer)


def alone(sign: int | None = 7, period: int | None = 1) -> Delivery:
    return Delivery(autonomous=True, autonomous_sign=sign, period=period)


def accepted(state: RegisterState, document: Document, delivery: Delivery = ONLINE) -> RegisterState:
    decision = closely(state, document, delivery=delivery)
    assert isinstance(decision.answer, Accepted)
    assert decision.state is not None
    return decision.state


def opened(profile: RegisterProfile | None = PROFILE) -> RegisterState:
    """A register that has sold in cash, with change and without, and by card."""
    state = known(profile)
    days: tuple[dict[str, Any], ...] = ({"change": 5}, {}, {"payments": (Payment(kind=CARD, sum=10_000),)})
    for number, told in enumerate(days, 1):
        state = accepted(state, receipt(number, items=(item(rate=12_000),), **told))
    return state


def returned() -> RegisterState:
    """The same after its first period alone, with the first document of it."""
    told = PeriodRecorded(at=T0, period=1, begin=T0, end=T0, reason=AutonomousReason.NO_CONNECTION)
    return accepted(apply(OPENED, told), sale(), alone(6))


OPENED: Final = opened()
NEXT: Final = 4


def sale(number: int = NEXT, **given: Any) -> Receipt:
    return receipt(number, items=given.pop("items", (item(rate=12_000),)), **given)


def parted(cash: int, card: int) -> tuple[Payment, ...]:
    return Payment(kind=PaymentKind.CASH, sum=cash), Payment(kind=CARD, sum=card)


def test_a_plain_sale_is_decided_in_one_look():
    document = sale()
    found = plainly(OPENED, document)
    assert found is not None
    assert found == closely(OPENED, document)
    assert found.state is not None
    assert found.state.tape.shift.running, "its figures are not written out yet"


@pytest.mark.parametrize("delivery", [alone(), alone(period=None), Delivery()], ids=repr)
def test_so_is_one_that_was_made_alone(delivery):
    state = returned()
    found = plainly(state, sale(NEXT + 1), delivery=delivery)
    assert found is not None
    assert found == closely(state, sale(NEXT + 1), delivery=delivery)


@pytest.mark.parametrize(
    "delivery",
    [
        alone(sign=None),
        alone(sign=6),
        alone(period=2),
        Delivery(autonomous_sign=7),
        Delivery(period=1),
    ],
    ids=repr,
)
def test_what_is_wrong_with_its_delivery_is_looked_at_closely(delivery):
    assert plainly(returned(), sale(NEXT + 1), delivery=delivery) is None


def test_a_period_that_nobody_told_is_looked_at_closely():
    assert plainly(OPENED, sale(), delivery=alone()) is None


def test_also_of_a_register_that_has_not_said_what_it_is():
    state = opened(None)
    found = plainly(state, sale(), rules=Rules(qr=PROFILES["kazakhtelecom"]))
    assert found is not None
    assert found == closely(state, sale(), rules=Rules(qr=PROFILES["kazakhtelecom"]))


def test_so_is_one_from_several_sections():
    lines = (item(rate=12_000), item(333, section="2"), item(7, rate=12_000))
    state = accepted(OPENED, sale(items=lines))
    found = plainly(state, sale(NEXT + 1, items=lines, change=3))
    assert found is not None
    assert found == closely(state, sale(NEXT + 1, items=lines, change=3))


@pytest.mark.parametrize(
    "given",
    [
        {"items": (item(), item(section="2"))},
        {"items": (item(rate=12_000), item(rate=0))},
        {"items": (item(discount=5, rate=12_000), item(section="2", discount=10_000), item(7, discount=1), item(8))},
        {"items": (item(discount=10_000),), "change": 5},
        {"payments": (Payment(kind=PaymentKind.MOBILE, sum=10_000),)},
        {"payments": parted(4_000, 6_000), "change": 7},
        {"payments": tuple(reversed(parted(10_000, 0)))},
        {"payments": (Payment(kind=CARD, sum=4_000), Payment(kind=PaymentKind.MOBILE, sum=6_000))},
        {"items": (item(10_001, discount=1, rate=0), item(0)), "payments": parted(0, 10_000), "change": 7},
    ],
    ids=repr,
)
def test_so_is_one_that_brings_new_figures(given):
    found = plainly(OPENED, sale(**given))
    assert found is not None
    assert found == closely(OPENED, sale(**given))
    assert found.state is not None
    again = plainly(found.state, sale(NEXT + 1, **given))
    assert again is not None
    assert again == closely(found.state, sale(NEXT + 1, **given))


def test_what_is_not_written_out_yet_is_part_of_a_snapshot():
    state = plainly(OPENED, sale())
    assert state is not None
    assert state.state is not None
    after = closely(OPENED, sale()).state
    assert after is not None
    assert pack_state(state.state) == pack_state(after)
    assert unpack_state(pack_state(state.state)) == state.state


def test_together_with_others_each_gets_his_own():
    documents = [sale(), sale(issued_at=T0 - SECOND), sale(), sale(9)]
    submissions = [
        Submission(OPENED, document, encode_content(document), ONLINE, NOW, "native", sign_known=place == 2)
        for place, document in enumerate(documents)
    ]
    decided = decide_documents(submissions, RULES, SIGNER)
    assert decided == decide_closely(submissions, RULES, SIGNER)
    assert [len(decision.entries) for decision in decided] == [1, 1, 1, 0]


NOT_PLAIN: Final[dict[str, Any]] = {
    "the first of a shift": (known(), receipt(1), {}),
    "of Russia": (opened(PROFILE_RU), sale(), {}),
    "a QR of another operator": (OPENED, sale(), {"rules": Rules(qr=PROFILES["kazakhtelecom"])}),
    "a gap": (OPENED, sale(5), {}),
    "an id that does not rise": (OPENED, sale(id=document_id(3)), {}),
    "another shift": (OPENED, sale(shift=2), {}),
    "before the last one": (OPENED, sale(issued_at=T0 - 1), {}),
    "ahead of the clock": (OPENED, sale(issued_at=NOW + 5 * MINUTE + 1), {}),
    "too old": (OPENED, sale(), {"now": T0 + 96 * HOUR + 1}),
    "an expired shift": (OPENED, sale(issued_at=T0 + SHIFT_MAX_MS + 1), {"now": T0 + DAY}),
    "a buyer": (OPENED, sale(customer=Customer(tax_id=PROFILE.taxpayer.tax_id)), {}),
    "a return": (OPENED, sale(operation=Operation.SELL_RETURN), {}),
    "a modifier": (OPENED, sale(modifiers=(Modifier(kind=ModifierKind.MARKUP, sum=5),)), {}),
    "a discount": (OPENED, sale(discount=5), {}),
    "a markup": (OPENED, sale(markup=5), {}),
    "taxes of the receipt": (OPENED, sale(items=(item(),), taxes=(tax_of(10_000, 12_000),)), {}),
    "a discount that is larger than its line": (OPENED, sale(items=(item(), item(discount=10_001))), {}),
    "a markup of a line": (OPENED, sale(items=(item(markup=5),)), {}),
    "a wrong line": (OPENED, sale(items=(item(sum=9_999),)), {}),
    "a storno": (OPENED, sale(items=(item(), item(), item(storno=True))), {}),
    "two taxes of a line": (OPENED, sale(items=(item(taxes=(tax_of(10_000, 12_000), tax_of(10_000, 0))),)), {}),
    "a tax on top": (OPENED, sale(items=(item(taxes=(tax_of(10_000, 12_000, inside=False),)),)), {}),
    "a wrong total": (OPENED, sale(total=9_999), {}),
    "two payments of one kind": (OPENED, sale(payments=(Payment(kind=CARD, sum=5_000),) * 2), {}),
    "two payments that are too little": (OPENED, replace(sale(), payments=parted(5_000, 4_999), taken=5_000), {}),
    "three payments": (
        OPENED,
        sale(payments=(*parted(5_000, 4_000), Payment(kind=PaymentKind.MOBILE, sum=1_000))),
        {},
    ),
    "no payment": (OPENED, sale(payments=()), {}),
    "a wrong payment": (OPENED, sale(payments=(Payment(kind=CARD, sum=9_999),)), {}),
    "wrong change": (OPENED, sale(taken=10_001, change=0), {}),
    "nothing taken": (OPENED, replace(sale(), taken=None), {}),
    "change to a card": (OPENED, replace(sale(payments=(Payment(kind=CARD, sum=10_000),)), change=0), {}),
    "new figures without room for them": (
        accepted(OPENED, receipt(NEXT, items=tuple(item(section=str(place)) for place in range(2, 71)))),
        sale(NEXT + 1, items=(item(section="71"),)),
        {},
    ),
    "a figure that is too large": (OPENED, sale(items=(item(MONEY_MAX - 20_000, rate=12_000),)), {}),
    "no numbers left": (
        replace(OPENED, tape=replace(OPENED.tape, last_number=89, last_id=document_id(89))),
        sale(90),
        {"signer": FEW_NUMBERS},
    ),
}


@pytest.mark.parametrize("name", NOT_PLAIN)
def test_everything_else_is_left_to_a_close_look(name):
    state, document, given = NOT_PLAIN[name]
    assert plainly(state, document, **given) is None


def test_kinds_of_plain_sales_have_a_limit():
    """As many as a shift keeps apart are counted in one look; one more is written into the figures with all of them."""
    state = known()
    sales: list[dict[str, Any]] = [
        {"items": (item(rate=rate, section=str(section)),)} for rate in (0, 5_000, 12_000) for section in range(1, 12)
    ]
    for number, told in enumerate(sales, 1):
        state = accepted(state, sale(number, **told))
    found = []
    for number, told in enumerate(sales, len(sales) + 1):
        decision = plainly(state, sale(number, **told))
        expected = closely(state, sale(number, **told))
        assert decision in (None, expected)
        found.append(decision is not None)
        after = (decision or expected).state
        assert after is not None
        state = after
    assert found == [True] * ALIKE_MAX + [False]


RATES = st.sampled_from((None, 0, 12_000))
SECTIONS = st.sampled_from(("1", "2"))
PAID = st.sampled_from((PaymentKind.CASH, PaymentKind.CASH, CARD))


@st.composite
def steps(draw: st.DrawFn, number: int, sign: int) -> tuple[Receipt, int, Delivery]:
    """Nearly always a plain sale, when it came, and how."""
    rate, section = draw(RATES), draw(SECTIONS)
    mixed = draw(st.booleans())
    lines = tuple(
        item(
            draw(st.sampled_from((0, 1, 333, 15_000, 2**40))),
            draw(st.sampled_from((1, 500, 1_000, 2_001))),
            draw(RATES) if mixed else rate,
            section=draw(SECTIONS) if mixed else section,
            discount=draw(st.sampled_from((0, 0, 0, 1))),
        )
        for _ in range(draw(st.integers(1, 3)))
    )
    made = receipt(number, items=lines, issued_at=T0 + number * SECOND, change=draw(st.sampled_from((0, 7))))
    if draw(PAID) is CARD:
        made = replace(made, payments=(Payment(kind=CARD, sum=made.total),), taken=None, change=None)
    elif draw(st.booleans()):
        change = made.change or 0
        made = replace(
            made, payments=parted(made.total // 3, made.total - made.total // 3), taken=made.total // 3 + change
        )
    changed: dict[str, Any] = draw(
        st.sampled_from(
            ({},) * 12
            + (
                {"total": made.total + 1},
                {"issued_at": T0 - SECOND},
                {"operation": Operation.BUY_RETURN},
                {"operation": Operation.SELL_RETURN},
                {"number": number + 1},
                {"shift": 2},
                {"discount": 1},
                {"change": 1},
            )
        )
    )
    came = T0 + number * SECOND + draw(st.sampled_from((0, SECOND, -SECOND)))
    delivery = draw(st.sampled_from((ONLINE, alone(sign + 1, None), alone(sign + 1), alone(sign), alone(None))))
    return replace(made, **changed), came, delivery


@given(st.data())
def test_the_same_day_in_one_look_and_looked_at_closely(data):
    quick = slow = known()
    for _ in range(data.draw(st.integers(1, 25))):
        document, now, delivery = data.draw(steps(slow.tape.last_number + 1, slow.tape.last_autonomous_sign))
        expected = closely(slow, document, now, delivery=delivery)
        found = plainly(quick, document, now, delivery=delivery)
        event(f"plain: {found is not None}")
        if found is None:
            found = closely(quick, document, now, delivery=delivery)
        assert found == expected
        assert found.state is not None
        assert expected.state is not None
        quick, slow = found.state, expected.state
    assert unpack_state(pack_state(quick)) == slow
