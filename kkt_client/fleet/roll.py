"""The documents of one register that sells when it is told to, and what the operator knew of it before.

The rule: a register goes on behind the last document that the operator has of it, so it may take part in as many runs
of load as one likes. What the operator has is not kept: the roll holds the document that it had last and those that it
does not have yet. A fleet of one: its place in the fleet is not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fiscal.domain.document import DocumentKind
from fiscal.domain.lifecycle import AutonomousReason
from fiscal.domain.receipt import Cashier, Operation
from fiscal.domain.register import RegisterProfile
from fiscal.domain.shift import Shift
from fiscal.protocols.content import encode_content
from fiscal.time import Instant, Moment
from kkt_client.core import records
from kkt_client.core.basket import Basket, Sale
from kkt_client.core.dossier import Dossier
from kkt_client.core.issuing import Place, id_after, receipt_of
from kkt_client.fleet.state import FleetState, Slot

CASHIER: Final = Cashier(code=1, name="Кассир")
_ID_SHIFT: Final = 80
"""The time stands in the upper 48 of the 128 bits of an id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """How far the operator knew a register when the run began: its last document, the highest autonomous sign, the shift
    that its next document belongs to, and a number below which its periods may lie.
    """

    number: int = 0
    sign: int = 0
    shift: int = 1
    period: int = 0


STRANGER: Final = Known()
"""A register that the operator has heard of for the first time."""


class Roll:
    """What one register has issued in this run; implements :class:`kkt_client.fleet.state.Memory`.

    :meth:`sell` issues a receipt; :attr:`state` is then told by whoever drives the register.
    """

    def __init__(self, register: str, profile: RegisterProfile, known: Known, now: Instant) -> None:
        self.state = FleetState(register, now)
        self.issued = known.number
        """The number of the last document."""
        self._profile = profile
        self._shift = known.shift
        self._last_id = b""
        self._slots: dict[int, tuple[Slot, Moment]] = {}
        state = self.state
        state.last_number = state.accepted_number = state.adopted_number = known.number
        state.shift = Shift(known.shift)
        state.accepted_shift = known.shift if known.number else 0
        state.autonomous_sign = known.sign
        state.last_period = known.period

    def sell(self, basket: Basket, at: Instant, due: Moment) -> int:
        """Issue a receipt at ``at``, which the register learns of at ``due``; returns its number.

        :class:`fiscal.errors.InvalidValue` for a basket that makes no sense.
        """
        slot = self._slot(basket, at, at, None, None)
        self._slots[slot.number] = slot, due
        return slot.number

    def come_back_with(self, baskets: list[Basket], since: Instant, until: Instant) -> None:
        """Sold without the operator, evenly between these two instants. Before the register begins, and before it sells."""
        state = self.state
        period = state.last_period + 1
        state.apply(records.PeriodBegan(period=period, at=since, reason=AutonomousReason.NO_CONNECTION))
        for index, basket in enumerate(baskets):
            at = since + (until - since) * (index + 1) // (len(baskets) + 1)
            state.autonomous_sign += 1
            slot = self._slot(basket, at, until, period, state.autonomous_sign)
            self._slots[slot.number] = slot, 0.0
            state.put(slot)  # all of them: what is sold meanwhile stands behind the last one

    def accepted(self, number: int) -> None:
        """The operator has this document; the one before it is not needed any more."""
        self._slots.pop(number - 1, None)

    # -------------------------------------------------------------------------------------------------- the memory

    def dossier(self, _place: int, number: int) -> Dossier:
        """The document as it was issued."""
        return self._slots[number][0]

    def content(self, _place: int, number: int) -> bytes | None:
        """Its content, ``None`` when it is not kept any more or was none of this run."""
        kept = self._slots.get(number)
        return None if kept is None else kept[0].content

    def due(self, _place: int, number: int) -> Moment | None:
        """When the register learns of it."""
        kept = self._slots.get(number)
        return None if kept is None else kept[1]

    def _slot(self, basket: Basket, at: Instant, now: Instant, period: int | None, sign: int | None) -> Slot:
        number = self.issued + 1
        # Of now, whenever it was sold: above those that the operator had before this run.
        id_ = id_after(self._last_id, (now << _ID_SHIFT).to_bytes(16, "big"))
        place = Place(id_, number, self._shift, at, CASHIER)
        receipt = receipt_of(Sale(operation=Operation.SELL, basket=basket), place, self._profile)
        self.issued, self._last_id = number, id_
        return Slot(number, encode_content(receipt), DocumentKind.RECEIPT, self._shift, at, period, sign)


__all__ = ["CASHIER", "STRANGER", "Known", "Roll"]
