"""A recording of the Kazakhstan protocol as a client's journal.

The rule: nothing on this wire names a document, but its numbers do. A register gives a document a request number and keeps
it until it has an answer; so a command that makes a document, with the request number of one that waits for its answer,
is that document once more; so is a copy of the one that was answered last, and a late one of any other that was answered,
which has its content, too. What the operator refused, or never
counted because of its token, may come under another number, as long as nobody can have lost an answer to it: then the
same content is the same document. Anything else is a new one. Tokens are not needed for that, so a recording without
secrets shows as much as one with them.

Local times are read as those of one zone: only their distances are judged.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final

from fiscal.judging.events import Event, What
from fiscal.protocols.recording import Happening, Side
from fiscal.protocols.transcript import Told
from fiscal.time import Instant, from_datetime, zone
from mock_ofd.traffic.recording import Line, Recording

_ISSUED: Final[Mapping[str, str]] = {
    "ticket": "date_time",
    "money_placement": "datetime",
    "close_shift": "close_time",
    "cancel_ticket": "",
}
"""Commands that make a document, each with the field that says when it was issued."""
_SALES: Final = frozenset(("ticket", "money_placement"))
_DELIVERY: Final = frozenset(("offline_ticket_number", "is_offline"))
"""Fields of a document's block that say how it came, not what it is."""
_OK: Final = "ok"
_UNANSWERED: Final = frozenset(
    (
        "unknown_id",
        "invalid_token",
        "ssl_is_not_allowed",
        "service_temporarily_unavailable",
        "unknown_error",
    )
)
"""Result codes that say nothing about the document: it may be sent again as it is. ``blocked`` is one of them where it
tells of a block; without that a parameter is missing."""
_NOT_COUNTED: Final = frozenset(("unknown_id", "invalid_token"))
"""Those with which the operator looked at nothing but the numbers."""
_ZONE: Final = zone("Asia/Almaty")

_Numbers = tuple[str, int]
"""The command and the request number."""


@dataclass(slots=True)
class _Paper:
    """A document; ``in_doubt``: an attempt ended without an answer, so it may have been counted."""

    id: str
    digest: str
    in_doubt: bool = False
    answered: bool = False


@dataclass(slots=True)
class _Device:
    """What a register has on its way, and what the operator did not want."""

    waiting: dict[_Numbers, _Paper] = field(default_factory=dict)
    last: tuple[_Numbers, _Paper] | None = None
    answered: dict[tuple[_Numbers, str], _Paper] = field(default_factory=dict)
    unwanted: dict[str, _Paper] = field(default_factory=dict)
    used: dict[_Numbers, int] = field(default_factory=dict)
    periods: dict[Instant, int] = field(default_factory=dict)

    def paper(self, numbers: _Numbers, digest: str) -> _Paper:
        """The document of a request that comes with these."""
        if self.last is not None and self.last[0] == numbers:
            return self.last[1]
        copied = self.answered.get((numbers, digest))
        if copied is not None:
            return copied
        paper = self.waiting.get(numbers) or self.unwanted.pop(digest, None)
        if paper is None:
            times = self.used[numbers] = self.used.get(numbers, 0) + 1
            name = f"{numbers[0]}-{numbers[1]}"
            paper = _Paper(name if times == 1 else f"{name}/{times}", digest)
        self.waiting[numbers] = paper
        return paper

    def accepted(self, numbers: _Numbers, paper: _Paper) -> None:
        self.waiting.pop(numbers, None)
        if not paper.answered:
            paper.answered = True
            self.last = numbers, paper
            self.answered[numbers, paper.digest] = paper

    def unanswered(self, paper: _Paper) -> None:
        paper.in_doubt = True
        self.unwanted.pop(paper.digest, None)

    def not_counted(self, paper: _Paper) -> None:
        """It may come again under other numbers."""
        if not (paper.in_doubt or paper.answered):
            self.unwanted[paper.digest] = paper

    def refused(self, numbers: _Numbers, paper: _Paper) -> None:
        self.waiting.pop(numbers, None)
        self.not_counted(paper)


@dataclass(slots=True)
class _Request:
    """A request that waits for its answer: what it says of a period, and the attempt to deliver its document."""

    device: _Device
    period: Event | None
    numbers: _Numbers
    sent: Event | None
    paper: _Paper | None


def kz_events_of(source: str, recording: Recording) -> Iterator[Event]:
    """What the registers of a recording did, line by line."""
    devices: dict[str, _Device] = {}
    asked: dict[tuple[int, str, int], _Request] = {}
    for line in recording.lines:
        told = line.told
        if line.happening is not None:
            if _is_the_end(line):
                for key in [key for key in asked if key[0] == line.connection]:
                    yield from _unanswered(asked.pop(key), line)
        elif told is None or told.register is None:
            continue
        elif line.side is Side.REGISTER:
            device = devices.setdefault(told.register, _Device())
            request = asked[line.connection, told.register, told.number] = _asked(source, line, told, device)
            if request.sent is not None:
                yield from _autonomous(request.sent, told, request.period)
                yield request.sent
        elif (answered := asked.pop((line.connection, told.register, told.number), None)) is not None:
            yield from _answered(answered, line, told)


def _is_the_end(line: Line) -> bool:
    """Whether no answer can come any more: a register may end its half as soon as it has asked."""
    return line.happening is not Happening.OPENED and (
        line.happening is not Happening.ENDED or line.side is Side.OPERATOR
    )


def _asked(source: str, line: Line, told: Told, device: _Device) -> _Request:
    register = told.register or ""
    event = Event(What.PERIOD_REPORTED, register, source, line.place, line.at)
    request = _Request(device, _period(event, told, device), (told.what, told.number), None, None)
    if told.what in _ISSUED:
        block = told.fields.get(told.what, {})
        content = {name: value for name, value in block.items() if name not in _DELIVERY}
        digest = f"told:{sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()}"
        request.paper = device.paper(request.numbers, digest)
        issued_at = _instant(block.get(_ISSUED[told.what]))
        same = digest if told.what in _SALES else None
        request.sent = event._replace(
            what=What.SENT, id=request.paper.id, digest=digest, same_sale=same, issued_at=issued_at
        )
    return request


def _period(event: Event, told: Told, device: _Device) -> Event | None:
    """The time without the operator that a request tells of; one of no length is none."""
    period = told.fields.get("service", {}).get("offline_period", {})
    begin, end = _instant(period.get("begin_time")), _instant(period.get("end_time"))
    if begin is None or end is None or end <= begin:
        return None
    number = device.periods.setdefault(begin, len(device.periods) + 1)
    return event._replace(period=number, begin=begin, end=end)


def _autonomous(sent: Event, told: Told, period: Event | None) -> Iterator[Event]:
    """The mark of a document; it is of the period that its own message tells of."""
    block = told.fields.get(told.what, {})
    sign = block.get("offline_ticket_number")
    if sign is not None or block.get("is_offline"):
        of = None if period is None else period.period
        yield sent._replace(what=What.AUTONOMOUS, digest="", same_sale=None, autonomous_sign=sign, period=of)


def _instant(text: str | None) -> Instant | None:
    """A local time; ``None`` when it is none of the calendar."""
    try:
        return None if text is None else from_datetime(datetime.fromisoformat(text).replace(tzinfo=_ZONE))
    except (ValueError, OverflowError):
        return None


def _answered(request: _Request, line: Line, told: Told) -> Iterator[Event]:
    code = told.fields["result"]["code"]
    if code == _OK and request.period is not None:
        yield request.period._replace(line=line.place)
    sent, paper, device = request.sent, request.paper, request.device
    if sent is None or paper is None:
        return
    here = sent._replace(line=line.place, at=None, digest="", same_sale=None)
    if code == _OK:
        device.accepted(request.numbers, paper)
        yield here._replace(what=What.ANSWERED, sign=told.fields.get("ticket", {}).get("ticket_number", ""))
    elif code in _NOT_COUNTED:
        device.not_counted(paper)
        yield here._replace(what=What.UNANSWERED, text=code)
    elif code in _UNANSWERED or (code == "blocked" and told.fields.get("service", {}).get("ticket_ads")):
        device.unanswered(paper)
        yield here._replace(what=What.UNANSWERED, text=code)
    else:
        device.refused(request.numbers, paper)
        yield here._replace(what=What.REFUSED, text=code)


def _unanswered(request: _Request, line: Line) -> Iterator[Event]:
    if request.sent is not None and request.paper is not None:
        request.device.unanswered(request.paper)
        yield request.sent._replace(what=What.UNANSWERED, line=line.place, at=None, digest="", same_sale=None)
