"""Cash put into the drawer and taken out: MoneyPlacementRequest <-> Deposit and Withdrawal.

The rule: the request names neither a document number nor an id; those are :class:`Given` by the operator's ledger.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from fiscal.domain.document import Delivery, Deposit, Withdrawal
from fiscal.protocols.kz.reading import cashier_of, instant_of, money_of
from fiscal.protocols.kz.rules import Finding, Unfit
from fiscal.protocols.kz.writing import Fields, date_time_fields, money_fields, operator_fields

DEPOSIT: Final = 0
WITHDRAWAL: Final = 1


class Given(NamedTuple):
    """What the operator knows of a document and the message does not say.

    ``id`` is above the register's last one, ``number`` the next one of its tape, ``shift`` the current one, ``zone`` the
    IANA name of the register's local time, ``version`` that of the header, 202 or 203.
    """

    id: bytes
    number: int
    shift: int
    zone: str
    version: int


def placement_of(request: Any, given: Given) -> Deposit | Withdrawal | Finding:
    """The document in a MoneyPlacementRequest, or the first rule that it breaks. Raises nothing."""
    try:
        if not request.HasField("operator"):
            raise Unfit("operator_missing", "money_placement.operator", "is missing")
        class_ = Withdrawal if request.operation == WITHDRAWAL else Deposit
        return class_(
            id=given.id,
            number=given.number,
            shift=given.shift,
            issued_at=instant_of(request.datetime, given.zone, "money_placement.datetime"),
            cashier=cashier_of(request.operator, "money_placement.operator"),
            sum=money_of(request.sum, "money_placement.sum"),
        )
    except Unfit as unfit:
        return unfit.finding


def placement_fields(document: Deposit | Withdrawal, delivery: Delivery, zone: str, version: int) -> Fields:
    """The MoneyPlacementRequest of a document; ``version`` is that of the header."""
    fields: Fields = {
        "datetime": date_time_fields(document.issued_at, zone),
        "operation": WITHDRAWAL if isinstance(document, Withdrawal) else DEPOSIT,
        "sum": money_fields(document.sum),
        "is_offline": delivery.autonomous,
        "fr_shift_number": document.shift,
        "operator": operator_fields(document.cashier),
    }
    if version < 203:
        fields["printed_document_number"] = document.number
    return fields


def is_offline(request: Any) -> bool:
    """Whether a MoneyPlacementRequest, CloseShiftRequest or ReportRequest was made without the operator."""
    return bool(request.is_offline)
