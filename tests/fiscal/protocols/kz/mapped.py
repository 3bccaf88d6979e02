"""What the tests of the mapping share: receipts that this wire can carry, and messages made by hand."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st
from msgspec.structs import replace

from fiscal.domain.document import CARRIED_PAYMENTS, ONLINE, Delivery
from fiscal.domain.receipt import (
    Customer,
    Item,
    Modifier,
    ModifierKind,
    Operation,
    ParentReceipt,
    Receipt,
    TradeDomain,
)
from fiscal.protocols.kz.given import Given
from fiscal.protocols.kz.messages import parse_request, request_type, serialize
from fiscal.protocols.kz.tickets import ticket_fields
from tests.documents import T0, document_id, receipts

ZONE: Final = "Asia/Almaty"
VERSIONS: Final = (202, 203)
RETURNS: Final = (Operation.SELL_RETURN, Operation.BUY_RETURN)


def given_of(number: int = 1, version: int = 203) -> Given:
    return Given(document_id(number), number, 1, ZONE, version)


def sent(command: int, version: int, **fields: Any) -> Any:
    """The request of these fields as the operator gets it: written, and read again."""
    return parse_request(version, serialize(request_type(version)(command=command, **fields)))


def ticket(version: int = 203, **fields: Any) -> Any:
    """A TicketRequest, by hand: one loaf for 200.00 in cash, and what the fields say otherwise."""
    made = {
        "operation": 2,
        "date_time": MORNING,
        "operator": {"code": 1, "name": "Айгуль"},
        "items": [loaf()],
        "payments": [{"type": 0, "sum": tenge(200)}],
        "amounts": {"total": tenge(200), "taken": tenge(200), "change": tenge(0)},
    }
    return sent(1, version, ticket={**made, **fields}).ticket


MORNING: Final = {"date": {"year": 2026, "month": 1, "day": 1}, "time": {"hour": 12, "minute": 0, "second": 7}}


def tenge(bills: int, coins: int = 0) -> dict[str, int]:
    return {"bills": bills, "coins": coins}


def loaf(**fields: Any) -> dict[str, Any]:
    """A COMMODITY item."""
    made = {
        "name": "Хлеб",
        "section_code": "1",
        "quantity": 1000,
        "price": tenge(200),
        "sum": tenge(200),
        "measure_unit_code": "796",
    }
    return {"type": 1, "commodity": {key: value for key, value in {**made, **fields}.items() if value is not None}}


def storno(**fields: Any) -> dict[str, Any]:
    """A STORNO_COMMODITY item."""
    return {"type": 2, "storno_commodity": loaf(**fields)["commodity"]}


def changed(kind: int, bills: int, name: str | None = "Акция") -> dict[str, Any]:
    """A MARKUP (3), STORNO_MARKUP (4), DISCOUNT (5) or STORNO_DISCOUNT (6) item."""
    block = {3: "markup", 4: "storno_markup", 5: "discount", 6: "storno_discount"}[kind]
    return {"type": kind, block: {"sum": tenge(bills)} | ({} if name is None else {"name": name})}


def vat(coins: int, percent: int = 12_000, inside: bool = True) -> dict[str, Any]:
    """A tax row; its sum in tiyn."""
    return {
        "tax_type": 100,
        "percent": percent,
        "sum": tenge(*divmod(coins, 100)),
        "is_in_total_sum": inside,
    }


# --------------------------------------------------------------------------------------------------- by chance

_codes: Final = st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=8)
_names: Final = st.text(min_size=1, max_size=8).filter(lambda name: "\x00" not in name)


@st.composite
def _items(draw: st.DrawFn, item: Item, version: int) -> Item:
    extra: dict[str, Any] = {
        "unit": draw(st.sampled_from(("796", "166", "112"))),
        "barcode": draw(st.none() | _codes),
        "marking_code": draw(st.none() | _codes),
    }
    if version >= 203:
        extra["ntin"] = draw(st.none() | _codes)
        if extra["marking_code"] is not None:
            further = draw(st.lists(_codes, max_size=3, unique=True))
            extra["further_codes"] = tuple(code for code in further if code != extra["marking_code"])
    return replace(item, **extra)


@st.composite
def carried_receipts(draw: st.DrawFn, version: int) -> Receipt:
    """Any receipt of kinds that the version has words for; its taxes may still be such as it cannot carry."""
    receipt = draw(receipts(issued_at=T0 + 1000 * draw(st.integers(0, 10**8))))
    payments = tuple(part for part in receipt.payments if part.kind in CARRIED_PAYMENTS["kz"])
    items = [draw(_items(item, version)) for item in receipt.items]
    if draw(st.booleans()):
        items += [
            replace(item, storno=True, discount=0, markup=0, taxes=())
            for item in draw(st.lists(st.sampled_from(items), max_size=2))
        ]
    modifiers = draw(
        st.lists(
            st.builds(
                Modifier,
                kind=st.sampled_from(ModifierKind),
                sum=st.integers(0, 10_000),
                name=_names,
                storno=st.booleans(),
            ),
            max_size=3,
        )
    )
    customer = st.builds(
        Customer, email=st.none() | st.just("a@b.kz"), phone=st.none() | _codes, tax_id=st.none() | _codes
    )
    parent = None
    if version >= 203 and receipt.operation in RETURNS:
        parent = draw(
            st.builds(
                ParentReceipt,
                sign=_codes,
                issued_at=st.integers(0, 10**9).map(lambda second: second * 1000),
                total=st.integers(0, 10**9),
                rnm=_codes,
                autonomous=st.booleans(),
            )
        )
    return replace(
        receipt,
        items=tuple(items),
        payments=payments,
        modifiers=tuple(modifiers),
        customer=draw(st.none() | customer),
        domain=draw(st.sampled_from(TradeDomain)),
        parent=parent,
    )


def over_the_wire(receipt: Receipt, version: int, delivery: Delivery = ONLINE) -> Any:
    """The TicketRequest that the operator gets."""
    return sent(1, version, ticket=ticket_fields(receipt, delivery, ZONE, version)).ticket
