"""A recording as a client's journal: what a register did, seen from outside. Here that of the native protocol, and
beside it (:mod:`mock_ofd.judge.kz_traffic`) that of Kazakhstan.

The rule: a frame shows attempts and answers, nothing of what the register made of them. So no answer is judged as late or
unused here, and what a document was before its first attempt is not known. An answer that asks to come later, a block, and
the end of a connection are attempts without an answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from fiscal.domain.messages import RefusalCode
from fiscal.judging.events import Event, What
from fiscal.protocols.recording import Side
from fiscal.protocols.transcript import Told
from mock_ofd.judge.kz_traffic import kz_events_of
from mock_ofd.traffic.recording import Line, Recording, read_recording

_SALES: Final = frozenset(("receipt", "correction", "deposit", "withdrawal"))
_OF_THE_SESSION: Final = frozenset(
    (
        RefusalCode.HELLO_FIRST,
        RefusalCode.SUPERSEDED,
        RefusalCode.UNKNOWN_REGISTER,
        RefusalCode.WRONG_TOKEN,
        RefusalCode.NUMBER_GAP,
    )
)
"""Refusals that say nothing about the document: it may be sent again as it is."""


def read_traffic(path: Path) -> Iterator[Event]:
    """The events of the recording in this file; :class:`ConfigurationError` when it is none."""
    recording = read_recording(path)
    return _READERS[recording.transcript.name](path.name, recording)


def events_of(source: str, recording: Recording) -> Iterator[Event]:
    """What the registers of a recording did, line by line."""
    asked: dict[tuple[int, int], Event] = {}
    for line in recording.lines:
        if line.happening is not None:
            for key in [key for key in asked if key[0] == line.connection]:
                yield from _unanswered(asked.pop(key), line)
        elif line.told is None or line.told.register is None:
            continue
        elif line.side is Side.REGISTER:
            for event in _asked(source, line, line.told, line.told.register):
                asked[line.connection, line.told.number] = event
                if event.what is not What.PERIOD_REPORTED:
                    yield event
        elif (request := asked.pop((line.connection, line.told.number), None)) is not None:
            yield from _answered(request, line, line.told)


def _asked(source: str, line: Line, told: Told, register: str) -> Iterator[Event]:
    """What a request says; the last event is the one that its answer is about."""
    fields = told.fields
    if told.what == "offline_period":
        period, begin, end = (fields.get(name) for name in ("number", "begin", "end"))
        yield Event(What.PERIOD_REPORTED, register, source, line.place, line.at, period=period, begin=begin, end=end)
    document = fields.get("document")
    if told.what != "document" or not isinstance(document, Mapping):
        return
    number, id_ = document["number"], document["id"]
    if document["kind"] == "void":
        yield Event(What.VOIDED, register, source, line.place, line.at, number, document["voids"])
    delivery = fields.get("delivery", {})
    if delivery.get("autonomous"):
        yield Event(
            What.AUTONOMOUS,
            register,
            source,
            line.place,
            line.at,
            number,
            id_,
            autonomous_sign=delivery.get("autonomous_sign"),
            period=delivery.get("period"),
            issued_at=document["issued_at"],
        )
    same = None
    if document["kind"] in _SALES:
        same = _digest({name: value for name, value in document.items() if name not in ("id", "number")})
    yield Event(
        What.SENT,
        register,
        source,
        line.place,
        line.at,
        number,
        id_,
        _digest(document),
        same_sale=same,
        issued_at=document["issued_at"],
    )


def _digest(value: Any) -> str:
    """Equal for equal content; not the digest of the ledger, which is one of other bytes."""
    return "told:" + sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _answered(request: Event, line: Line, told: Told) -> Iterator[Event]:
    here = request._replace(line=line.place, at=None, digest="", same_sale=None)
    if request.what is What.PERIOD_REPORTED:
        if told.what == "noted":
            yield here
    elif told.what == "accepted":
        yield here._replace(what=What.ANSWERED, sign=told.fields.get("sign", ""))
    elif told.what == "refused" and told.fields["code"] not in _OF_THE_SESSION:
        yield here._replace(what=What.REFUSED, text=told.fields["code"])
    else:
        yield from _unanswered(request, line)


def _unanswered(request: Event, line: Line) -> Iterator[Event]:
    if request.what is What.SENT:
        yield request._replace(what=What.UNANSWERED, line=line.place, at=None, digest="", same_sale=None)


_READERS: Final[Mapping[str, Callable[[str, Recording], Iterator[Event]]]] = {
    "native": events_of,
    "kz": kz_events_of,
}
"""Who reads which protocol: there is one for each that can be recorded."""
