"""Every limit on a value of the domain, with its reason, and the annotated types that carry it.

The types are plain ``int`` and ``str`` with marks. Whoever validates at the rim reads the marks, pydantic those of
annotated_types and msgspec its ``Meta``, which say the same; the core trusts what came through the rim and never checks
again.
"""

from __future__ import annotations

from typing import Annotated, Any

from annotated_types import Ge, Le, MaxLen, MinLen
from msgspec import Meta

from fiscal.domain.money import MONEY_MAX, QUANTITY_MAX
from fiscal.time import INSTANT_MAX

ITEMS_MAX = 500
"""Items of a receipt: a weekly shop has under 200; one document stays under the 256 KiB of a native frame."""
MODIFIERS_MAX = 500
"""Discounts and markups among the items of a receipt: one for each at most."""
MARKING_CODES_MAX = 100
"""Marking codes of one line beside the first: a box of a hundred packs."""
PAYMENTS_MAX = 6
"""One row per kind of payment, and there are six kinds."""
TAXES_MAX = 8
"""Rates beside each other on one receipt; no country has more than five."""
SECTIONS_MAX = 100
"""Departments of one shift: each has its own rows in every report, so the state of a register stays small."""
NAME_MAX = 256
"""Characters of a name or an address; the longest field of the Russian format is 256."""
CODE_MAX = 64
"""Characters of a barcode, unit code, section code, telephone number or other short text."""
MARKING_MAX = 256
"""A DataMatrix marking code with its crypto tail has up to 150 characters."""
EMAIL_MAX = 254
"""RFC 5321, path length less the brackets."""
NUMBER_MAX = 2**31 - 1
"""Numbers of documents, shifts, cashiers: the Kazakhstan wire format carries 31 bits."""
AUTONOMOUS_SIGN_MAX = 2**31 - 1
"""An autonomous fiscal sign travels as uint32 limited to 31 bits (Kazakhstan protocol 2.0.2, 1)."""
DOCUMENT_ID_SIZE = 16
"""Bytes of a document id: a UUID."""
REGISTER_ID_MAX = 64
"""Characters of a register's id; it is a part of addresses and file names."""
TOKEN_MAX = 256
"""Characters of a register's token."""


class _Strict:
    """Tells a validator built on pydantic's core to refuse other types instead of converting them.

    "5" is not 5, and 5.0 is not 5: a peer that sends them has a defect that would surface in a sum.
    """

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        schema = handler(source)
        schema["strict"] = True
        return schema


STRICT = _Strict()

Money = Annotated[int, Ge(0), Le(MONEY_MAX), STRICT, Meta(ge=0, le=MONEY_MAX)]
SignedMoney = Annotated[int, Ge(-MONEY_MAX), Le(MONEY_MAX), STRICT, Meta(ge=-MONEY_MAX, le=MONEY_MAX)]
Quantity = Annotated[int, Ge(1), Le(QUANTITY_MAX), STRICT, Meta(ge=1, le=QUANTITY_MAX)]
Count = Annotated[int, Ge(0), Le(NUMBER_MAX), STRICT, Meta(ge=0, le=NUMBER_MAX)]
Number = Annotated[int, Ge(1), Le(NUMBER_MAX), STRICT, Meta(ge=1, le=NUMBER_MAX)]
Rate = Annotated[int, Ge(0), Le(100_000), STRICT, Meta(ge=0, le=100_000)]
"""Thousandths of a percent: 12 % is 12000."""
AutonomousSign = Annotated[int, Ge(1), Le(AUTONOMOUS_SIGN_MAX), STRICT, Meta(ge=1, le=AUTONOMOUS_SIGN_MAX)]
InstantMs = Annotated[int, Ge(0), Le(INSTANT_MAX), STRICT, Meta(ge=0, le=INSTANT_MAX)]
Flag = Annotated[bool, STRICT]
Name = Annotated[str, MinLen(1), MaxLen(NAME_MAX), STRICT, Meta(min_length=1, max_length=NAME_MAX)]
Code = Annotated[str, MinLen(1), MaxLen(CODE_MAX), STRICT, Meta(min_length=1, max_length=CODE_MAX)]
MarkingCode = Annotated[str, MinLen(1), MaxLen(MARKING_MAX), STRICT, Meta(min_length=1, max_length=MARKING_MAX)]
Email = Annotated[str, MinLen(3), MaxLen(EMAIL_MAX), STRICT, Meta(min_length=3, max_length=EMAIL_MAX)]
RegisterId = Annotated[str, MinLen(1), MaxLen(REGISTER_ID_MAX), STRICT, Meta(min_length=1, max_length=REGISTER_ID_MAX)]
Token = Annotated[str, MinLen(1), MaxLen(TOKEN_MAX), STRICT, Meta(min_length=1, max_length=TOKEN_MAX)]
DocumentId = Annotated[
    bytes,
    MinLen(DOCUMENT_ID_SIZE),
    MaxLen(DOCUMENT_ID_SIZE),
    STRICT,
    Meta(min_length=DOCUMENT_ID_SIZE, max_length=DOCUMENT_ID_SIZE),
]
Digest = Annotated[bytes, MinLen(32), MaxLen(32), STRICT, Meta(min_length=32, max_length=32)]
