"""What every form begins and ends with: who trades, what happened to the document, which register it was.

The rule: the marks of S3-18 and the word for a copy are put here and nowhere else, at the top, before any figure.
"""

from __future__ import annotations

from collections.abc import Iterator

from fiscal.domain.lifecycle import DocumentState
from fiscal.domain.register import RegisterProfile
from fiscal.rendering.sheet import Banner, Line, Pair, Row
from fiscal.rendering.values import Printed
from fiscal.rendering.words import AUTONOMOUS, COPY, WORDS, tax_id

_REFUSED = frozenset((DocumentState.REFUSED, DocumentState.REFUSED_AUTONOMOUS))
_VOIDED = frozenset((DocumentState.VOIDED, DocumentState.VOIDED_AUTONOMOUS))


def head(form: Printed) -> Iterator[Row]:
    """The seller and the place, then what must not be overlooked."""
    profile = form.profile
    yield Line(profile.taxpayer.name, centred=True, strong=True)
    yield Line(tax_id(profile.country, profile.taxpayer.tax_id), centred=True)
    yield Line(profile.place, centred=True)
    if form.copy:
        yield Banner(COPY)
    if form.autonomous:
        yield Banner(AUTONOMOUS)
    if form.state in _REFUSED:
        yield Banner("НЕ ПРИНЯТ ОПЕРАТОРОМ")
    if form.state in _VOIDED:
        yield Banner("АННУЛИРОВАН")


def foot(profile: RegisterProfile, operator: str | None) -> Iterator[Row]:
    """Which register it was, and whose operator it reports to."""
    words = WORDS[profile.country]
    yield Pair(words.registration, profile.rnm)
    yield Pair(words.serial, profile.serial)
    if profile.fn_serial:
        yield Pair("ФН", profile.fn_serial)
    if operator:
        yield Pair("ОФД", operator)
