"""What the operator knows of a document that comes over this wire and the message does not say.

The rule: no message carries a document number or an id. Both are given by the operator's ledger, so the same message,
mapped again with what was given first, is the same document.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from fiscal.domain.document import ONLINE, Delivery
from fiscal.domain.limits import AUTONOMOUS_SIGN_MAX
from fiscal.protocols.kz.rules import Finding


class Given(NamedTuple):
    """The place of a document in the ledger, and how its message is to be read.

    ``id`` is above the register's last one, ``number`` the next one of its tape, ``shift`` the current one, ``zone`` the
    IANA name of the register's local time, ``version`` that of the header: 202 or 203.
    """

    id: bytes
    number: int
    shift: int
    zone: str
    version: int


def delivery_of(block: Any, period: int | None) -> Delivery | Finding:
    """The delivery facts in a TicketRequest, a MoneyPlacementRequest or a CloseShiftRequest. Raises nothing.

    An autonomous ticket carries its sign, the others a mark. ``period`` is the number of the offline period that the
    request's service block tells of.
    """
    try:
        sign = block.offline_ticket_number
    except AttributeError:
        return Delivery(autonomous=True, period=period) if block.is_offline else ONLINE
    if not sign and not block.HasField("offline_ticket_number"):
        return ONLINE
    if not 1 <= sign <= AUTONOMOUS_SIGN_MAX:
        text = f"must be 1 to {AUTONOMOUS_SIGN_MAX}, is {sign}"
        return Finding("limit", "ticket.offline_ticket_number", text)
    return Delivery(autonomous=True, autonomous_sign=sign, period=period)
