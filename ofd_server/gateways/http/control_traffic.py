"""What passed between registers and the operator, over the control API: frames in words, and which fault struck which.

The rule: nothing is shown twice and nothing is left out unsaid: a record has its place (``seq``), a page begins behind
one, and ``forgotten`` says how many of the first are kept no more. Tokens and passwords are in ``raw`` alone, which is
shown to whoever asks for it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NotRequired

from aiohttp import web
from pydantic import Field
from typing_extensions import TypedDict

from fiscal.domain.limits import CODE_MAX, RegisterId
from fiscal.errors import ConfigurationError
from ofd_server.config import RECORDABLE_MAX, RECORDS_MAX
from ofd_server.gateways.http.answers import HttpError, body_response, json_response
from ofd_server.gateways.http.control_waiting import WITHIN_MAX_S, Waits, seen
from ofd_server.gateways.http.routes import JSON_LINES, Call, Model, Right, Route
from ofd_server.harness.pacing import Pace
from ofd_server.traffic import Frame, Happening, Record, Struck, Traffic

if TYPE_CHECKING:
    from ofd_server.harness.harness import Harness

TRAFFIC: Final = "/control/traffic"
PAGE: Final = 1_000
"""Records of a page when nobody says how many."""
PAGE_MAX: Final = 5_000
"""Records of one page: some megabytes at most."""


class Form(StrEnum):
    """How records are written."""

    JSON = "json"
    JSONL = "jsonl"


class TrafficQuery(Model):
    """Which records: behind ``after``, at most ``limit``, all filters together."""

    after: int = Field(0, ge=0, le=2**53, description="the seq behind which to begin: next of the page before")
    limit: int | None = Field(
        None, ge=1, le=PAGE_MAX, description=f"{PAGE:,} unless it is said; of form=jsonl everything"
    )
    register_id: RegisterId | None = Field(None, alias="register")
    protocol: Annotated[str, Field(max_length=CODE_MAX)] | None = None
    what: Annotated[str, Field(max_length=CODE_MAX)] | None = Field(None, description="frames of this kind only")
    struck: Literal["yes"] | None = Field(None, description="yes: only frames that a fault was applied to")
    raw: Literal["yes"] | None = Field(None, description="yes: with the bytes, and the secrets in them")
    form: Form = Form.JSON


class TrafficWait(TrafficQuery):
    """Which records to wait for: until there are ``count`` of them behind ``after``, at the longest so many seconds."""

    count: int = Field(1, ge=1, le=1_000_000)
    within_s: float = Field(5.0, ge=0, le=WITHIN_MAX_S, allow_inf_nan=False)


class Recorded(Model):
    """How many records are kept, the oldest forgotten first; 0 records nothing more, and keeps what there is."""

    record: int = Field(RECORDS_MAX, ge=0, le=RECORDABLE_MAX)


class RecordedView(TypedDict):
    """``record`` are kept at most, 0 while nothing is recorded; ``kept`` are there now."""

    record: int
    kept: int
    forgotten: int


class FaultView(TypedDict):
    """A fault that was applied, and why."""

    name: str
    point: str
    effects: list[str]
    why: str


class RecordView(TypedDict):
    """One record. ``record`` is ``frame``, ``fault``, ``opened`` or ``closed``; the rest as far as it has it."""

    seq: int
    at: int
    record: str
    protocol: str
    connection: int
    register: str | None
    direction: NotRequired[str]
    what: NotRequired[str]
    number: NotRequired[int | None]
    fields: NotRequired[dict[str, Any]]
    error: NotRequired[str]
    faults: NotRequired[list[FaultView]]
    fault: NotRequired[FaultView]
    peer: NotRequired[str]
    raw: NotRequired[str]


class TrafficView(TypedDict):
    """A page; ``next`` goes into ``after`` for what comes behind it, also later."""

    items: list[RecordView]
    next: int
    forgotten: int


class Awaited(TrafficView):
    """A page of what was waited for; ``met`` when so many came in time."""

    met: bool


class Records:
    """Handlers about traffic."""

    def __init__(self, harness: Callable[[], Harness], waits: Waits) -> None:
        self._harness = harness
        self._waits = waits

    async def show(self, call: Call) -> web.StreamResponse:
        """A page of it."""
        query: TrafficQuery = call.query
        traffic = self._traffic()
        if query.form is Form.JSONL:
            return body_response(await self._recording(traffic, query), JSON_LINES)
        return json_response(_page(traffic, query))

    async def _recording(self, traffic: Traffic, query: TrafficQuery) -> bytes:
        """The lines of a recording; :class:`HttpError` 400 for a protocol that none can be of."""
        records = list(islice(_wanted(traffic, query), query.limit))
        try:
            lines = self._harness().recording_lines(records, query.protocol, secrets=query.raw is not None)
        except ConfigurationError as error:
            raise HttpError(400, "bad_request", "protocol", str(error)) from None
        return b"".join([_line(line) async for line in Pace().over(lines)])

    async def switch(self, call: Call) -> web.StreamResponse:
        """Record from now on, or no more."""
        body: Recorded = call.body
        harness = self._harness()
        harness.record(body.record)
        try:
            traffic = harness.traffic
        except ConfigurationError:
            return json_response(RecordedView(record=0, kept=0, forgotten=0))
        kept = traffic.seq - traffic.forgotten
        return json_response(RecordedView(record=harness.recording, kept=kept, forgotten=traffic.forgotten))

    async def wait(self, call: Call) -> web.StreamResponse:
        """A page of it, when there is enough."""
        query: TrafficWait = call.query
        traffic = self._traffic()
        if not self._harness().recording:
            raise HttpError(409, "not_recorded", "", "nothing is recorded any more: PUT /control/traffic")
        news = asyncio.Event()
        stop = traffic.observe(lambda _record: news.set())

        def is_enough() -> bool:
            return next(islice(_wanted(traffic, query), query.count - 1, None), None) is not None

        try:
            await self._waits.until(call, seen(is_enough, news, query.within_s))
        finally:
            stop()
        return json_response(Awaited(**_page(traffic, query), met=is_enough()))

    async def clear(self, _call: Call) -> web.StreamResponse:
        """Forget it, and begin anew."""
        self._traffic().forget()
        return json_response(TrafficView(items=[], next=0, forgotten=0))

    def _traffic(self) -> Traffic:
        try:
            return self._harness().traffic
        except ConfigurationError:
            text = "no traffic is recorded: PUT /control/traffic, or start the operator with --record 10000"
            raise HttpError(409, "not_recorded", "", text) from None


def _wanted(traffic: Traffic, query: TrafficQuery) -> Iterator[Record]:
    """A place from before everything was forgotten is none: then it begins anew."""
    after = query.after if query.after <= traffic.seq else 0
    return (each for each in traffic.after(after) if _is_wanted(each, query))


def _page(traffic: Traffic, query: TrafficQuery) -> TrafficView:
    limit = query.limit or PAGE
    found = list(islice(_wanted(traffic, query), limit + 1))  # one more tells whether the page reaches the end
    end = found[limit - 1].seq if len(found) > limit else traffic.seq
    views = [_view(record, with_raw=query.raw is not None) for record in found[:limit]]
    return TrafficView(items=views, next=end, forgotten=traffic.forgotten)


def _line(line: dict[str, Any]) -> bytes:
    return json.dumps(line, ensure_ascii=False).encode() + b"\n"


def _is_wanted(record: Record, query: TrafficQuery) -> bool:
    if query.register_id is not None and record.register_id != query.register_id:
        return False
    if query.protocol is not None and record.protocol != query.protocol:
        return False
    if query.what is not None and not (isinstance(record, Frame) and record.what == query.what):
        return False
    return query.struck is None or (isinstance(record, Frame) and bool(record.faults))


def _view(record: Record, *, with_raw: bool) -> RecordView:
    word = "frame" if isinstance(record, Frame) else "fault" if isinstance(record, Struck) else record.turn.value
    view = RecordView(
        seq=record.seq,
        at=record.at,
        record=word,
        protocol=record.protocol,
        connection=record.connection,
        register=record.register_id,
    )
    match record:
        case Frame():
            view["direction"] = record.direction.value
            view["what"] = record.what
            view["number"] = record.number
            view["fields"] = dict(record.fields)
            view["faults"] = [_fault(struck) for struck in record.faults]
            if record.error:
                view["error"] = record.error
            if with_raw:
                view["raw"] = record.raw.hex()
        case Struck():
            view["fault"] = _fault(record)
        case Happening():
            view["peer"] = record.peer
    return view


def _fault(struck: Struck) -> FaultView:
    return FaultView(name=struck.name, point=struck.point, effects=list(struck.effects), why=struck.why)


def traffic_routes(harness: Callable[[], Harness], waits: Waits) -> Iterable[Route]:
    """The addresses about traffic."""
    at = Records(harness, waits)

    def route(method: str, path: str, handle: Any, summary: str, answer: Any, **more: Any) -> Route:
        right = Right.CONTROL
        answers = {200: answer}
        return Route(
            method=method,
            path=path,
            handle=handle,
            summary=summary,
            tag="control",
            right=right,
            answers=answers,
            **more,
        )

    lines = (JSON_LINES,)
    return (
        route(
            "GET", TRAFFIC, at.show, "What passed, frame by frame", TrafficView, query=TrafficQuery, more_media=lines
        ),
        route("PUT", TRAFFIC, at.switch, "Record traffic, or no more", RecordedView, body=Recorded),
        route("DELETE", TRAFFIC, at.clear, "Forget what passed", TrafficView),
        route("GET", TRAFFIC + "/wait", at.wait, "Wait until so much has passed", Awaited, query=TrafficWait),
    )
