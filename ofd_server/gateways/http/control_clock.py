"""The operator's wall clock, over the control API: a day passes while a test waits for nothing.

The rule: only the wall is moved, and it goes on from there; limits run on a clock that nobody moves, so no answer becomes
late and no connection times out. A register has a clock of its own, which the test moves as far.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import Field, StringConstraints
from typing_extensions import TypedDict

from fiscal.errors import InvalidValue
from fiscal.time import DAY, INSTANT_MAX, iso
from ofd_server.clock import MovableClock
from ofd_server.gateways.http.answers import HttpError, json_response
from ofd_server.gateways.http.routes import Call, Model, Right, Route

CLOCK: Final = "/control/clock"
DAYS_MAX: Final = 366 * 100
"""Days of one move: a century is more than any document lives."""
MS_MAX: Final = DAYS_MAX * DAY
"""The same in milliseconds."""

Amount = Annotated[float, Field(ge=-DAYS_MAX * 86_400, le=DAYS_MAX * 86_400, allow_inf_nan=False)]


class Step(Model):
    """By how much to move it, all together; negative is back."""

    days: Annotated[float, Field(ge=-DAYS_MAX, le=DAYS_MAX, allow_inf_nan=False)] = 0
    hours: Amount = 0
    minutes: Amount = 0
    seconds: Amount = 0
    ms: Annotated[int, Field(ge=-MS_MAX, le=MS_MAX)] = 0


class Setting(Model):
    """Where to put it: milliseconds UTC, or a text with a zone as in RFC 3339."""

    to: Annotated[int, Field(ge=0, le=INSTANT_MAX)] | Annotated[str, StringConstraints(min_length=1, max_length=64)]


class ClockView(TypedDict):
    """The time that documents are judged by; ``ahead_ms`` is how far it is ahead of the machine's."""

    now: int
    text: str
    ahead_ms: int


class Clocks:
    """Handlers about the clock."""

    def __init__(self, clock: Callable[[], MovableClock]) -> None:
        self._clock = clock

    async def show(self, _call: Call) -> web.StreamResponse:
        """What time it is."""
        return self._view()

    async def move(self, call: Call) -> web.StreamResponse:
        """Put it forward, or back."""
        step: Step = call.body
        return self._moved("", lambda clock: clock.move(**step.model_dump()))

    async def put(self, call: Call) -> web.StreamResponse:
        """Put it to a time."""
        to = _instant(call.body.to)
        return self._moved("to", lambda clock: clock.set(to))

    async def restore(self, _call: Call) -> web.StreamResponse:
        """The machine's time again."""
        self._clock().reset()
        return self._view()

    def _moved(self, field: str, move: Callable[[MovableClock], Any]) -> web.StreamResponse:
        try:
            move(self._clock())
        except InvalidValue as error:
            raise HttpError(400, "bad_request", field, error.rule) from None
        return self._view()

    def _view(self) -> web.StreamResponse:
        clock = self._clock()
        now = clock.now()
        return json_response(ClockView(now=now, text=iso(now), ahead_ms=clock.ahead_ms))


def _instant(to: int | str) -> int | datetime:
    if isinstance(to, int):
        return to
    try:
        return datetime.fromisoformat(to)
    except ValueError:
        raise HttpError(400, "bad_request", "to", "must be milliseconds, or a time as in RFC 3339") from None


def clock_routes(clock: Callable[[], MovableClock]) -> Iterable[Route]:
    """The addresses about the clock."""
    at = Clocks(clock)

    def route(method: str, path: str, handle: Any, summary: str, **more: Any) -> Route:
        answers = {200: ClockView}
        right = Right.CONTROL
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

    return (
        route("GET", CLOCK, at.show, "What time the operator judges documents by"),
        route("PUT", CLOCK, at.put, "Put the clock to a time", body=Setting),
        route("DELETE", CLOCK, at.restore, "Put the clock back to the machine's time"),
        route("POST", CLOCK + "/move", at.move, "Put the clock forward or back", body=Step),
    )
