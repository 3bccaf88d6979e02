"""What the registers of a benchmark send: the same receipt as frames of the real client codec, made before anything is
measured, and composed with nothing but msgpack when it is sent, as a client in another language would.

A frame does not name its register (the session does), so all registers send the same bytes: ids rise within a register,
and that is all the operator asks of them.
"""

from __future__ import annotations

import time
from struct import Struct
from typing import Final

from msgpack import packb

from fiscal.domain.messages import Hello, SubmitDocument
from fiscal.domain.receipt import Cashier, Item, Operation, Payment, PaymentKind, Receipt, Tax
from fiscal.domain.register import RegisterProfile, Taxpayer
from fiscal.domain.taxes import tax_inside
from fiscal.protocols.content import encode_content
from fiscal.protocols.native.codec import NATIVE

GOODS: Final = ("Хлеб бородинский нарезной", "Молоко 3,2 % 1 л", "Яблоки «Апорт», кг")
PRICE: Final = 15_000
VAT: Final = 16_000
TAX: Final = tax_inside(PRICE, VAT)
TAKEN: Final = 50_000
PROFILE: Final = RegisterProfile(
    taxpayer=Taxpayer(name="ТОО «Бенчмарк»", tax_id="240140000011"),
    place="Алматы, ул. Абая, 1",
    rnm="010203040506",
    serial="SN-1",
)


def receipt(number: int, issued_at: int) -> Receipt:
    """A receipt of three items with tax, paid in cash, as a grocery writes it."""
    tax = Tax(rate=VAT, base=PRICE, sum=TAX)
    items = tuple(Item(name=name, price=PRICE, quantity=1_000, sum=PRICE, taxes=(tax,)) for name in GOODS)
    total = PRICE * len(items)
    return Receipt(
        id=number.to_bytes(8, "big") + bytes(8),
        number=number,
        shift=1,
        issued_at=issued_at,
        cashier=Cashier(code=1, name="Айгуль"),
        operation=Operation.SELL,
        items=items,
        payments=(Payment(kind=PaymentKind.CASH, sum=total),),
        total=total,
        taken=TAKEN,
        change=TAKEN - total,
    )


def receipts(count: int, now: int | None = None) -> list[bytes]:
    """Frames of receipts 1 to ``count``, requests 2 and on of a session, issued now unless told otherwise."""
    now = now or time.time_ns() // 1_000_000
    return [
        NATIVE.serialize(SubmitDocument(content=encode_content(receipt(number, now))), number + 1)
        for number in range(1, count + 1)
    ]


_HEADER: Final = Struct(">4sBBHII")


def composed(number: int, issued_at: int) -> bytes:
    """The frame of receipt ``number`` from plain values: byte for byte what :func:`receipts` makes for that time."""
    body = composed_body(number, issued_at)
    return _HEADER.pack(b"MOFD", 1, 0, 2, len(body), number + 1) + body


def composed_body(number: int, issued_at: int) -> bytes:
    """The body of that frame, which is also what goes over HTTP."""
    tax = {"rate": VAT, "base": PRICE, "sum": TAX}
    items = [{"name": name, "price": PRICE, "quantity": 1_000, "sum": PRICE, "taxes": [tax]} for name in GOODS]
    total = PRICE * len(items)
    content = packb(
        {
            "kind": "receipt",
            "id": number.to_bytes(8, "big") + bytes(8),
            "number": number,
            "shift": 1,
            "issued_at": issued_at,
            "cashier": {"code": 1, "name": "Айгуль"},
            "operation": "sell",
            "items": items,
            "payments": [{"kind": "cash", "sum": total}],
            "total": total,
            "taken": TAKEN,
            "change": TAKEN - total,
        }
    )
    body: bytes = packb({"content": content})
    return body


def hello(register: str) -> bytes:
    """The first frame of a session, with the particulars of a shop."""
    return NATIVE.serialize(Hello(register=register, token="t", software="bench", profile=PROFILE), 1)
