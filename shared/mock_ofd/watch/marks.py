"""The marks of a document, and the rule of whoever shows them: ✔✔ only for what the operator's ledger holds.

The rule is checked here and not believed: a register that calls a document delivered which the ledger does not hold is
shown as wrong, with one tick.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from fiscal.domain.status import Marks

NOT_HELD: Final = "its register calls it delivered, and the ledger does not hold it"
SIGNS_DIFFER: Final = "its register has another sign than the ledger"

Facts = Mapping[str, Any]


class Judged(NamedTuple):
    """What may be shown, and what is wrong, if something is."""

    marks: Marks
    wrong: str | None = None


def judge(held: Facts | None, own: Facts | None) -> Judged:
    """``held`` is the document as the ledger tells it, ``own`` as its register does; one of them may be missing."""
    given_up = own is not None and own["ticks"] == 0
    cloud = bool((held is not None and held["autonomous"]) or (own is not None and own["cloud"]))
    if held is not None:
        differs = own is not None and own["sign"] and held["sign"] and own["sign"] != held["sign"]
        return Judged(Marks(0 if given_up else 2, cloud), SIGNS_DIFFER if differs else None)
    claims = own is not None and own["ticks"] == 2  # noqa: PLR2004 - two ticks
    return Judged(Marks(0 if given_up else 1, cloud), NOT_HELD if claims else None)
