"""The marks that a cashier sees, as one function of a document's state.

✔ (S3-29): saved in the register, not yet with the operator. ✔✔ (S3-28): delivered. Crossed cloud (S3-30): issued
autonomously; it is independent of the ticks and stays after delivery.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fiscal.domain.lifecycle import DocumentState

TICK: Final = "✔"
CLOUD: Final = "☁̸"


@dataclass(frozen=True, slots=True)
class Marks:
    """``ticks`` is 0 (given up), 1 (saved) or 2 (delivered); ``cloud`` tells that it was issued autonomously."""

    ticks: int
    cloud: bool

    def __str__(self) -> str:
        return TICK * self.ticks + (CLOUD if self.cloud else "")


_MARKS: Final[Mapping[DocumentState, Marks]] = {
    DocumentState.SAVED: Marks(1, False),
    DocumentState.SAVED_AUTONOMOUS: Marks(1, True),
    DocumentState.DELIVERED: Marks(2, False),
    DocumentState.DELIVERED_AUTONOMOUS: Marks(2, True),
    DocumentState.REFUSED: Marks(1, False),
    DocumentState.REFUSED_AUTONOMOUS: Marks(1, True),
    DocumentState.VOIDED: Marks(0, False),
    DocumentState.VOIDED_AUTONOMOUS: Marks(0, True),
}


def marks(state: DocumentState) -> Marks:
    """The marks of a document in this state."""
    return _MARKS[state]
