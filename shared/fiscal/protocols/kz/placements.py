"""Cash put into the drawer and taken out: MoneyPlacementRequest <-> Deposit and Withdrawal.

The rule: the request names neither a document number nor an id; those are :class:`Given` by the operator's ledger.
"""

from __future__ import annotations

from typing import Any, Final

from fiscal.domain.document import Delivery, Deposit, Withdrawal
from fiscal.protocols.kz.codes import MoneyPlacementType
from fiscal.protocols.kz.given import Given
from fiscal.protocols.kz.reading import cashier_of, instant_of, money_of
from fiscal.protocols.kz.rules import Finding, Unfit
from fiscal.protocols.kz.writing import Fields, date_time_fields, money_fields, operator_fields

_PRINTED_NUMBER_UNTIL: Final = 202
"""printed_document_number is deprecated since 2.0.3."""


def placement_of(request: Any, given: Given) -> Deposit | Withdrawal | Finding:
    """The document in a MoneyPlacementRequest, or the first rule that it breaks. Raises nothing."""
    if not request.HasField("operator"):
        return Finding("operator_missing", "money_placement.operator", "is missing")
    class_ = Withdrawal if request.operation == MoneyPlacementType.WITHDRAWAL else Deposit
    try:
        return class_(
            id=given.id,
            number=given.number,
            shift=given.shift,
            issued_at=instant_of(request.datetime, given.zone, "datetime"),
            cashier=cashier_of(request.operator, "operator"),
            sum=money_of(request.sum, "sum"),
        )
    except Unfit as unfit:
        return unfit.within("money_placement").finding


def placement_fields(document: Deposit | Withdrawal, delivery: Delivery, zone: str, version: int) -> Fields:
    """The MoneyPlacementRequest of a document; ``version`` is that of the header."""
    kind = MoneyPlacementType.WITHDRAWAL if isinstance(document, Withdrawal) else MoneyPlacementType.DEPOSIT
    fields: Fields = {
        "datetime": date_time_fields(document.issued_at, zone),
        "operation": kind,
        "sum": money_fields(document.sum),
        "is_offline": delivery.autonomous,
        "fr_shift_number": document.shift,
        "operator": operator_fields(document.cashier),
    }
    if version <= _PRINTED_NUMBER_UNTIL:
        fields["printed_document_number"] = document.number
    return fields
