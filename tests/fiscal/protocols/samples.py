"""One of everything that goes over a wire, with every field that it can have and with none that it need not."""

from __future__ import annotations

from typing import Final

from fiscal.domain.document import (
    CloseShift,
    Correction,
    CorrectionReason,
    Delivery,
    Deposit,
    Document,
    Void,
    Withdrawal,
)
from fiscal.domain.lifecycle import AutonomousReason, RegisterMode
from fiscal.domain.messages import (
    Accepted,
    Answer,
    AskInformation,
    Blocked,
    Hello,
    Information,
    Noted,
    Ping,
    RefusalCode,
    Refused,
    ReportOfflinePeriod,
    ReportStatus,
    Request,
    SubmitDocument,
    TryLater,
    Welcome,
)
from fiscal.domain.receipt import (
    Cashier,
    Customer,
    Item,
    Operation,
    ParentReceipt,
    Payment,
    PaymentKind,
    Receipt,
    Tax,
    TradeDomain,
)
from fiscal.domain.register import Country, RegisterProfile, Taxation, Taxpayer
from fiscal.protocols.content import encode_content

AT: Final = 1_790_000_000_000
CASHIER: Final = Cashier(code=1, name="Иванова")


def document_id(number: int) -> bytes:
    return bytes.fromhex("01970000000070008000") + number.to_bytes(6, "big")


RECEIPT: Final = Receipt(
    id=document_id(5),
    number=5,
    shift=2,
    issued_at=AT,
    cashier=CASHIER,
    operation=Operation.SELL,
    items=tuple(
        Item(
            name=f"Хлеб бородинский {place}",
            price=15_000,
            quantity=1_000,
            sum=15_000,
            taxes=(Tax(rate=16_000, base=15_000, sum=2_069),),
        )
        for place in range(3)
    ),
    payments=(Payment(kind=PaymentKind.CASH, sum=45_000),),
    total=45_000,
    taken=50_000,
    change=5_000,
)
RETURN: Final = Receipt(
    id=document_id(6),
    number=6,
    shift=2,
    issued_at=AT + 1,
    cashier=CASHIER,
    operation=Operation.SELL_RETURN,
    items=(
        Item(
            name="Молоко",
            price=50_000,
            quantity=2_500,
            sum=125_000,
            section="7",
            unit="112",
            barcode="4870000000017",
            marking_code="0104870000000017215abc",
            discount=5_000,
        ),
        Item(name="Сыр", price=1, quantity=1, sum=0, markup=7),
    ),
    payments=(
        Payment(kind=PaymentKind.CARD, sum=100_000),
        Payment(kind=PaymentKind.MOBILE, sum=20_007),
    ),
    total=120_007,
    discount=1,
    markup=2,
    taxes=(Tax(rate=0, base=120_000, sum=0, inside=False),),
    customer=Customer(email="a@example.org", phone="+77010000000", tax_id="180340008217"),
    domain=TradeDomain.SERVICES,
    parent=ParentReceipt(sign="123456789012", issued_at=AT, total=45_000, rnm="010101010101", autonomous=True),
)
CORRECTION: Final = Correction(
    id=document_id(7),
    number=7,
    shift=2,
    issued_at=AT,
    cashier=CASHIER,
    operation=Operation.BUY,
    payments=(Payment(kind=PaymentKind.ADVANCE, sum=100),),
    total=100,
    reason=CorrectionReason.ORDER,
    corrected_at=AT - 1,
    basis="Предписание 12",
)
DEPOSIT: Final = Deposit(id=document_id(1), number=1, shift=1, issued_at=AT, cashier=CASHIER, sum=1_000_000)
WITHDRAWAL: Final = Withdrawal(id=document_id(2), number=2, shift=1, issued_at=AT, cashier=CASHIER, sum=2)
CLOSE_SHIFT: Final = CloseShift(
    id=document_id(3),
    number=3,
    shift=1,
    issued_at=AT,
    cashier=CASHIER,
    opened_at=AT - 1,
    counters={"revenue": -5, "cash_sum": 999_998},
    withdraw_cash=True,
)
VOID: Final = Void(
    id=document_id(4),
    number=4,
    shift=2,
    issued_at=AT,
    cashier=CASHIER,
    voids=document_id(3),
    by="Петров",
    why="двойной чек",
    refusal="bad_totals",
)
DOCUMENTS: Final[tuple[Document, ...]] = (RECEIPT, RETURN, CORRECTION, DEPOSIT, WITHDRAWAL, CLOSE_SHIFT, VOID)

PROFILE: Final = RegisterProfile(
    taxpayer=Taxpayer(name="ТОО «Алма»", tax_id="180340008217", taxation=Taxation.SIMPLIFIED),
    place="Алматы",
    rnm="010101010101",
    serial="SN-1",
    country=Country.RU,
    zone="Europe/Moscow",
    fn_serial="9999078900001234",
)

SUBMIT: Final = SubmitDocument(content=encode_content(RECEIPT))
SUBMIT_AUTONOMOUS: Final = SubmitDocument(
    content=encode_content(RECEIPT), delivery=Delivery(autonomous=True, autonomous_sign=54_310_400, period=1)
)
HELLO: Final = Hello(register="KZ-0001", token="secret", software="till 1.0")
PERIOD: Final = ReportOfflinePeriod(number=1, begin=AT, end=AT + 60_000, reason=AutonomousReason.NO_CONNECTION)
REQUESTS: Final[tuple[Request, ...]] = (
    HELLO,
    Hello(
        register="KZ-0001",
        token="secret",
        software="till 1.0",
        last_number=5,
        last_shift=2,
        accepted_number=4,
        accepted_shift=2,
        profile=PROFILE,
    ),
    SUBMIT,
    SUBMIT_AUTONOMOUS,
    SubmitDocument(content=encode_content(DEPOSIT), delivery=Delivery(autonomous=True)),
    SubmitDocument(content=encode_content(WITHDRAWAL)),
    PERIOD,
    AskInformation(),
    Ping(),
    ReportStatus(unsent=0, mode=RegisterMode.ONLINE),
    ReportStatus(unsent=2, mode=RegisterMode.BLOCKED_AUTONOMOUS, oldest_unsent_at=AT, stuck="bad_totals"),
    ReportStatus(unsent=1, mode=RegisterMode.AUTONOMOUS, since=AT, head=7, last_error="there is no answer"),
    ReportStatus(
        unsent=1, mode=RegisterMode.BLOCKED, stuck="долг", stuck_code="blocked:by_operator", last_error_code="no_answer"
    ),
)

WELCOME: Final = Welcome(at=AT, operator="mock-ofd")
ACCEPTED: Final = Accepted(number=5, at=AT + 7, sign="123456789012", qr="http://127.0.0.1:8080/r?i=1", key="public-1")
NOTED: Final = Noted(at=AT)
REFUSED: Final = Refused(code=RefusalCode.NUMBER_GAP, field="number", text="5 came, 4 is the next", expected=4)
ANSWERS: Final[tuple[Answer, ...]] = (
    WELCOME,
    Welcome(
        at=AT,
        operator="mock-ofd",
        last_number=5,
        last_digest=bytes(range(32)),
        last_shift=2,
        last_autonomous_sign=54_310_400,
        phone="1702",
    ),
    ACCEPTED,
    Accepted(number=3, at=AT),
    REFUSED,
    Refused(code=RefusalCode.WRONG_TOKEN),
    TryLater(delay_ms=1_000),
    Blocked(reason="by the tax authority"),
    Information(at=AT, last_number=0, last_shift=0, shift_opened_at=None, last_autonomous_sign=0),
    Information(
        at=AT,
        last_number=5,
        last_shift=2,
        shift_opened_at=AT - 1,
        last_autonomous_sign=54_310_400,
        counters={"revenue": 45_000, "cash_sum": 45_000},
        profile=PROFILE,
        blocked=True,
    ),
    NOTED,
)
