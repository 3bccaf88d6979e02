"""Documents of a shop, one of each kind, that the tests of rendering print."""

from __future__ import annotations

from typing import Any, Final

from msgspec import structs

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
from fiscal.domain.lifecycle import DocumentState
from fiscal.domain.money import line_sum
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
    check_receipt,
)
from fiscal.domain.register import Country, RegisterProfile, Taxpayer
from fiscal.domain.shift import Report, ReportKind, Shift, advance
from fiscal.domain.signs import qr_kz, qr_ru
from fiscal.domain.taxes import tax_inside, tax_on_top
from fiscal.rendering.values import Printed, PrintedReceipt, PrintedReport, printed

# Moscow, because its distance to Greenwich is the same in every edition of the time zones.
KZ: Final = RegisterProfile(
    taxpayer=Taxpayer(name="ТОО «Алма Базар»", tax_id="180340008217"),
    place="г. Алматы, ул. Абая, 52, касса 1",
    rnm="010620250301",
    serial="SWK00480001",
    zone="Europe/Moscow",
)
RU: Final = RegisterProfile(
    taxpayer=Taxpayer(name="ООО «Ромашка»", tax_id="7707083893"),
    place="г. Москва, Тверская ул., 1",
    rnm="0000000001012345",
    serial="00106900000001",
    country=Country.RU,
    zone="Europe/Moscow",
    fn_serial="9999078900001234",
)
CASHIER: Final = Cashier(code=1, name="Айгерім Сапарова")
AT: Final = 1_773_475_392_000
"""2026-03-14T08:03:12Z."""
SIGN: Final = "384129077154"
OWN_SIGN: Final = 37_785_792
OPERATOR: Final = "АО «Учебный оператор»"


def item(
    name: str,
    price: int,
    quantity: int = 1_000,
    *,
    rate: int | None = 16_000,
    inside: bool = True,
    discount: int = 0,
    markup: int = 0,
    section: str = "1",
    unit: str = "796",
    marking_code: str | None = None,
) -> Item:
    total = line_sum(price, quantity)
    net = total - discount + markup
    tax_sum = 0 if rate is None else (tax_inside if inside else tax_on_top)(net, rate)
    return Item(
        name=name,
        price=price,
        quantity=quantity,
        sum=total,
        section=section,
        unit=unit,
        discount=discount,
        markup=markup,
        marking_code=marking_code,
        taxes=() if rate is None else (Tax(rate=rate, base=net, sum=tax_sum, inside=inside),),
    )


def receipt(
    number: int,
    *items: Item,
    operation: Operation = Operation.SELL,
    card: int = 0,
    change: int = 0,
    discount: int = 0,
    markup: int = 0,
    taxes: tuple[Tax, ...] = (),
    customer: Customer | None = None,
    parent: ParentReceipt | None = None,
) -> Receipt:
    """A receipt whose sums agree, paid in cash but for what is paid by card."""
    total = sum(it.net for it in items) - discount + markup
    total += sum(tax.sum for it in items for tax in it.taxes if not tax.inside)
    cash = total - card
    payments = [Payment(kind=PaymentKind.CASH, sum=cash)] if cash else []
    if card:
        payments.append(Payment(kind=PaymentKind.CARD, sum=card))
    made = Receipt(
        id=number.to_bytes(16, "big"),
        number=number,
        shift=3,
        issued_at=AT + number * 60_000,
        cashier=CASHIER,
        operation=operation,
        items=items,
        payments=tuple(payments),
        total=total,
        taken=cash + change if cash else None,
        change=change if cash else None,
        discount=discount,
        markup=markup,
        taxes=taxes,
        customer=customer,
        parent=parent,
    )
    assert check_receipt(made) is None
    return made


SELL: Final = receipt(
    17,
    item("Молоко пастеризованное 3,2 % 1 л", 59_000, 2_000),
    item("Масло сливочное «Крестьянское» 72,5 % жирности, в фольге, 180 г", 134_000, discount=13_400),
    item("Алма «Апорт»", 98_000, 1_234, unit="166", section="4"),
    item("Рис «Ақмаржан» мешок 50 кг", 1_234_567, markup=433, section="10"),
    discount=532,
    card=1_000_000,
    change=46_000,
    customer=Customer(tax_id="990640001122", email="a.nurlan@post.example"),
)
MIXED: Final = receipt(
    18,
    item("Газета «Алатау шамшырағы»", 15_000, rate=10_000),
    item("Сигареты", 120_000, marking_code="010460043993125621JgXJ5.T"),
    item("Помощь приюту", 50_000, rate=None, unit="999"),
    item("Доставка", 100_000, rate=5_500, inside=False),
    markup=500,
    card=291_000,
    customer=Customer(),
)
RETURN: Final = receipt(
    19,
    item("Молоко пастеризованное 3,2 % 1 л", 59_000),
    operation=Operation.SELL_RETURN,
    parent=ParentReceipt(sign=SIGN, issued_at=SELL.issued_at, total=SELL.total, rnm=KZ.rnm),
)
RETURN_ELSEWHERE: Final = receipt(
    20,
    item("Хлеб", 29_000),
    operation=Operation.SELL_RETURN,
    parent=ParentReceipt(sign="37785792", issued_at=AT, total=29_000, rnm="010620250302", autonomous=True),
)
WHOLE_TAX: Final = receipt(
    21,
    item("Приём стеклотары", 2_000, 7_500, rate=None),
    operation=Operation.BUY,
    taxes=(Tax(rate=16_000, base=15_000, sum=2_069),),
)
DEPOSIT: Final = Deposit(id=bytes(16), number=1, sum=3_000_000, shift=3, issued_at=AT, cashier=CASHIER)
WITHDRAWAL: Final = Withdrawal(id=bytes(16), number=30, sum=2_500_000, shift=3, issued_at=AT, cashier=CASHIER)
CORRECTION: Final = Correction(
    id=bytes(16),
    number=31,
    shift=3,
    issued_at=AT,
    cashier=CASHIER,
    operation=Operation.SELL,
    payments=(Payment(kind=PaymentKind.CASH, sum=150_000),),
    total=150_000,
    reason=CorrectionReason.OWN,
    corrected_at=AT - 86_400_000,
    basis="Служебная записка № 5 о продаже без применения кассы",
    taxes=(Tax(rate=16_000, base=150_000, sum=20_690),),
)
VOID: Final = Void(
    id=bytes(16),
    number=32,
    shift=3,
    issued_at=AT,
    cashier=CASHIER,
    voids=(17).to_bytes(16, "big"),
    by="Старший кассир Ким",
    why="Оператор не принимает ставку налога",
    refusal="bad_tax_rate",
)


def close_shift() -> CloseShift:
    """The Z-report of the shift that all of these make."""
    shift = Shift(2, None, {"non_nullable.sell": 9_876_543_210, "tickets.sell.total_count": 4_321})
    documents: list[tuple[Document, Delivery]] = [
        (DEPOSIT, Delivery()),
        (SELL, Delivery()),
        (MIXED, Delivery(autonomous=True, autonomous_sign=1, period=1)),
        (RETURN, Delivery()),
        (RETURN_ELSEWHERE, Delivery()),
        (WHOLE_TAX, Delivery()),
        (WITHDRAWAL, Delivery(autonomous=True, period=1)),
        (CORRECTION, Delivery()),
    ]
    for document, delivery in documents:
        shift = advance(shift, document, delivery)
    return CloseShift(
        id=bytes(16),
        number=40,
        shift=3,
        issued_at=AT + 50_000_000,
        cashier=CASHIER,
        opened_at=AT,
        counters=shift.counters,
    )


Z: Final = close_shift()
_S = DocumentState
_LINK = "http://127.0.0.1:8080/r"


def qr_of(document: Receipt, sign: str) -> str:
    return qr_kz(_LINK, sign, KZ.rnm, document.total, document.issued_at, KZ.zone)


def printed_receipt(document: Receipt, *facts: Any, **more: Any) -> PrintedReceipt:
    form = printed(document, *facts, **more)
    assert isinstance(form, PrintedReceipt)
    return form


AUTONOMOUS: Final = printed_receipt(
    SELL,
    KZ,
    _S.SAVED_AUTONOMOUS,
    autonomous_sign=OWN_SIGN,
    qr=qr_of(SELL, str(OWN_SIGN)),
    operator=OPERATOR,
)
DELIVERED_COPY: Final = printed_receipt(
    SELL,
    KZ,
    _S.DELIVERED_AUTONOMOUS,
    sign=SIGN,
    autonomous_sign=OWN_SIGN,
    qr=qr_of(SELL, SIGN),
    copy=True,
    operator=OPERATOR,
)
FORMS: Final[dict[str, Printed]] = {
    "sell": printed(SELL, KZ, _S.DELIVERED, sign=SIGN, qr=qr_of(SELL, SIGN), operator=OPERATOR),
    "sell-autonomous": AUTONOMOUS,
    "sell-autonomous-delivered-copy": DELIVERED_COPY,
    "sell-saved": printed(SELL, KZ, _S.SAVED),
    "mixed-rates": printed(MIXED, KZ, _S.DELIVERED, sign=SIGN, qr=qr_of(MIXED, SIGN)),
    "return": printed(RETURN, KZ, _S.DELIVERED, sign=SIGN, qr=qr_of(RETURN, SIGN)),
    "return-elsewhere": printed(RETURN_ELSEWHERE, KZ, _S.REFUSED_AUTONOMOUS, autonomous_sign=OWN_SIGN),
    "buy": printed(WHOLE_TAX, KZ, _S.DELIVERED, sign=SIGN),
    "sell-russia": printed(
        structs.replace(SELL, customer=Customer(tax_id="7707083893", phone="+70000000000")),
        RU,
        _S.DELIVERED,
        sign="1234567890",
        qr=qr_ru(RU.fn_serial, 17, "1234567890", SELL.total, SELL.issued_at, RU.zone, SELL.operation),
    ),
    "deposit": printed(DEPOSIT, KZ, _S.DELIVERED),
    "withdrawal-autonomous": printed(WITHDRAWAL, KZ, _S.SAVED_AUTONOMOUS),
    "correction": printed(CORRECTION, KZ, _S.VOIDED, sign=SIGN),
    "correction-ordered": printed(
        structs.replace(CORRECTION, reason=CorrectionReason.ORDER), RU, _S.DELIVERED, sign="77"
    ),
    "void": printed(VOID, KZ, _S.DELIVERED),
    "z": printed(Z, KZ, _S.DELIVERED, operator=OPERATOR),
    "z-autonomous": printed(Z, KZ, _S.SAVED_AUTONOMOUS, copy=True),
    "x": PrintedReport(
        report=Report(ReportKind.X, 3, AT, AT + 14_000_000, Z.counters),
        profile=KZ,
        cashier=CASHIER,
        unsent=2,
    ),
    "x-empty": PrintedReport(report=Report(ReportKind.X, 0, None, AT, {}), profile=KZ),
}
"""Every form by the name of its golden files."""


def report(name: str) -> PrintedReport:
    """The report of this name."""
    form = FORMS[name]
    assert isinstance(form, PrintedReport)
    return form
