"""Journals for the judge: lines as short as they can be told, and a shop that is right by construction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fiscal.judging.events import Event, What
from fiscal.judging.findings import Finding, Verdict
from fiscal.judging.judgement import Judge
from fiscal.time import iso
from mock_ofd.judge.journal import events
from tests.documents import T0

REGISTER = "till-1"


def line(event: str, number: int = 0, **given: Any) -> dict[str, Any]:
    """A line of a client's journal; documents have the id that follows from their number unless another is given."""
    row: dict[str, Any] = {"register": REGISTER, "event": event, **given}
    if number:
        row |= {"number": number, "id": given.get("id", f"id-{number}")}
    return {name: value for name, value in row.items() if value is not None}


def bare(event: str, number: int, **given: Any) -> dict[str, Any]:
    """A line of a client that gives its documents no ids."""
    return line(event, **given) | {"number": number}


def journal(*rows: dict[str, Any] | list[dict[str, Any]], source: str = "till.jsonl") -> list[Event]:
    """The events of these lines, a second after each other unless they say when."""
    flat: list[dict[str, Any]] = []
    for row in rows:
        flat += row if isinstance(row, list) else [row]
    timed = ((place, {"at": T0 + place * 1000, **row}) for place, row in enumerate(flat, 1))
    return list(events(source, timed))


def sale(number: int, **given: Any) -> list[dict[str, Any]]:
    """A sale online."""
    id_ = given.get("id", f"id-{number}")
    return [
        line("issued", number, digest=f"content {number}", **given),
        line("sent", number, id=id_),
        line("answered", number, id=id_, sign=f"{number:012}"),
        line("used", number, id=id_),
    ]


def alone(number: int, sign: int | None, period: int | None) -> list[dict[str, Any]]:
    """A sale without the operator."""
    return [
        line("issued", number, digest=f"content {number}"),
        line("autonomous", number, autonomous_sign=sign, period=period),
    ]


def later(number: int) -> list[dict[str, Any]]:
    """What waited is sent."""
    return [line("sent", number), line("answered", number, sign=f"{number:012}"), line("used", number)]


def recorded(number: int, **given: Any) -> Event:
    """A document in the ledger, as :func:`sale` has it in the journal."""
    given = {
        "source": "ledger.sqlite",
        "line": number,
        "at": T0 + number,
        "id": f"id-{number}",
        "digest": f"content {number}",
        "sign": f"{number:012}",
        "protocol": "native",
        **given,
    }
    return Event(What.RECORDED, REGISTER, number=number, **given)


def entry(what: What, place: int = 99, **given: Any) -> Event:
    """Another entry of the ledger."""
    return Event(what, REGISTER, "ledger.sqlite", place, T0 + place, **given)


def judged(heard: Iterable[Event], **settings: Any) -> Verdict:
    judge = Judge(**settings)
    for event in heard:
        judge.take(event)
    return judge.verdict()


def found(verdict: Verdict) -> list[tuple[str, int, tuple[str, ...]]]:
    """What was found: rule, document, and the places of the proof."""
    return [(finding.rule.value, finding.number, places(finding)) for finding in verdict.findings]


def places(finding: Finding) -> tuple[str, ...]:
    return tuple(
        event.place.replace("ledger.sqlite", "ledger").replace("till.jsonl", "till") for event in finding.proof
    )


def clock(milliseconds: int) -> str:
    """A moment of the day as a line may write it."""
    return iso(T0 + milliseconds)
