"""Both sides of one register beside each other: what the register was told, and what the ledger holds.

The rule: documents are the same by their id, or else by the operator's sign, or by their number where the journal names
neither and the protocol carries numbers. What the ledger holds before the first and behind the last document that both
sides agree on proves nothing: one of the journals may end earlier.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from fiscal.judging.client_side import ClientSide, Paper, Stage
from fiscal.judging.events import Event, name_of
from fiscal.judging.findings import Finding, Rule
from fiscal.judging.operator_side import OperatorSide

_SHA256: Final = re.compile("[0-9a-f]{64}")
_KZ: Final = "kz"
"""Over this protocol neither ids nor numbers travel: the operator gives its own."""


def compare(client: ClientSide, operator: OperatorSide) -> Iterator[Finding]:
    """What one side says and the other does not."""
    ledger = operator.documents
    by_sign = {event.sign: event for event in ledger.values() if event.sign}
    by_number = {event.number: event for event in ledger.values() if event.protocol != _KZ}
    papers: dict[str, Paper] = {}
    for paper in client.papers.values():
        recorded = _recorded(paper, ledger, by_sign, by_number)
        if recorded is not None:
            papers[recorded.id] = paper
            yield from _differs(paper, recorded)
        elif paper.stage is Stage.ANSWERED and _can_be_known(paper, by_number):
            assert paper.answered is not None, "an answered document has its answer"
            text = f"{name_of(paper.issued)} was accepted, and is not in the ledger"
            proof = (paper.issued,) if paper.issued is paper.answered else (paper.issued, paper.answered)
            yield Finding(Rule.LOST, paper.issued.register, paper.issued.number, text, proof)
    yield from _unused(client, operator, papers)


def _recorded(
    paper: Paper, ledger: dict[str, Event], by_sign: dict[str, Event], by_number: dict[int, Event]
) -> Event | None:
    found = ledger.get(paper.issued.id)
    if found is None and paper.answered is not None and paper.answered.sign:
        return by_sign.get(paper.answered.sign)
    if found is None and not paper.issued.id:
        found = by_number.get(paper.issued.number)
    return found


def _can_be_known(paper: Paper, by_number: dict[int, Event]) -> bool:
    """Whether the ledger would show the document: a cash movement over a protocol without ids cannot be told apart."""
    return bool(by_number) or (paper.answered is not None and paper.answered.sign != "")


def _differs(paper: Paper, recorded: Event) -> Iterator[Finding]:
    issued, answered = paper.issued, paper.answered
    if recorded.id == issued.id and _SHA256.fullmatch(issued.digest) and issued.digest != recorded.digest:
        text = f"{name_of(issued)} has other content in the ledger"
        yield Finding(Rule.NEW_CONTENT, issued.register, issued.number, text, (issued, recorded))
    if answered is not None and answered.sign and answered.sign != recorded.sign:
        text = f"{name_of(issued)} has the sign {recorded.sign} in the ledger, {answered.sign} at the register"
        yield Finding(Rule.OTHER_SIGN, issued.register, issued.number, text, (answered, recorded))


def _unused(client: ClientSide, operator: OperatorSide, papers: dict[str, Paper]) -> Iterator[Finding]:
    """Documents that the operator holds and the register makes nothing of, though it went on behind them."""
    agreed = {id_ for id_, paper in papers.items() if paper.stage is Stage.ANSWERED}
    ledger = list(operator.documents.values())
    places = [place for place, event in enumerate(ledger) if event.id in agreed]
    if not places:
        return
    begin = 0 if client.continued else places[0]
    for event in ledger[begin : places[-1]]:
        if event.id in agreed or event.number <= client.continued:
            continue
        paper = papers.get(event.id)
        if paper is None and event.protocol == _KZ and not event.sign:
            continue
        if paper is None:
            text = f"{name_of(event)} is in the ledger, and the register knows nothing of it"
            yield Finding(Rule.UNUSED_ANSWER, event.register, event.number, text, (event,))
        else:
            text = f"{name_of(event)} is in the ledger, and the register went on without its answer"
            yield Finding(Rule.UNUSED_ANSWER, event.register, event.number, text, (event, paper.waits_since))
