"""What a test asks of the operator in the end: did it come, how often, and is everything right?

The rule: an expectation is answered with a verdict, never with an error: ``met`` is for machines, ``text`` says to people
what came instead and where the closest differs. What cannot be meant (a field that no document has) is refused before
anybody waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, Final

from aiohttp import web
from pydantic import Field
from typing_extensions import TypedDict

from fiscal.domain.limits import NUMBER_MAX
from ofd_server.core.expecting import MISSING, NearMiss, check_expected
from ofd_server.core.expecting_notation import expected_from_dict, expected_to_plain
from ofd_server.core.views import plain_map
from ofd_server.gateways.http.answers import json_response
from ofd_server.gateways.http.control_faults import understood
from ofd_server.gateways.http.control_waiting import WITHIN_MAX_S, Waits
from ofd_server.gateways.http.routes import Call, Model, Right, Route

if TYPE_CHECKING:
    from ofd_server.harness.documents import HeldDocument
    from ofd_server.harness.harness import Harness, Outcome

SHOWN: Final = 100
"""Documents and near misses of one answer; ``count`` says how many there are."""

Expected = Annotated[dict[str, Any], Field(max_length=64)]


class Expectation(Model):
    """Documents that the ledger shall hold now: exactly ``count`` (``at_least``: or more), or one or more without it."""

    expected: Expected = Field(default_factory=dict)
    count: Annotated[int, Field(ge=0, le=NUMBER_MAX)] | None = None
    at_least: bool = False


class Wait(Model):
    """Documents to wait for: until there are ``count`` of them or more, at the longest so many seconds."""

    expected: Expected = Field(default_factory=dict)
    count: Annotated[int, Field(ge=1, le=NUMBER_MAX)] = 1
    within_s: Annotated[float, Field(ge=0, le=WITHIN_MAX_S, allow_inf_nan=False)] = 5.0


class DifferenceView(TypedDict):
    """A field that is not as expected; ``found`` is ``null`` where there is none."""

    path: str
    found: Any
    expected: Any
    text: str


class MissView(TypedDict):
    """A document that is not as expected, and in which fields."""

    register: str
    number: int
    kind: str
    differences: list[DifferenceView]


class OutcomeView(TypedDict):
    """``count`` documents are as expected: ``found`` are the first of them, with all their fields. ``misses`` are others,
    the closest first; ``text`` is empty when it is met.
    """

    met: bool
    count: int
    text: str
    found: list[dict[str, Any]]
    misses: list[MissView]


class CheckView(TypedDict):
    """``right`` when the judge found nothing and the operator did not fail; ``judgement`` is that of ``mock-ofd judge
    --json``, ``defects`` are errors inside the operator since the last reset.
    """

    right: bool
    text: str
    defects: list[str]
    judgement: dict[str, Any]


class Verdicts:
    """Handlers that say what came of it."""

    def __init__(self, harness: Callable[[], Harness], waits: Waits) -> None:
        self._harness = harness
        self._waits = waits

    async def expect(self, call: Call) -> web.StreamResponse:
        """Whether the ledger holds it now."""
        body: Expectation = call.body
        expected = _read(body.expected)
        return _view(await self._harness().look_for(expected, body.count, more=body.at_least))

    async def wait(self, call: Call) -> web.StreamResponse:
        """Wait for it; ends early when the client goes or the server stops."""
        body: Wait = call.body
        expected = _read(body.expected)
        harness = self._harness()
        outcome = await self._waits.until(call, harness.await_outcome(expected, body.count, body.within_s))
        return _view(outcome or await harness.look_for(expected, body.count, more=True))

    async def check(self, _call: Call) -> web.StreamResponse:
        """The verdict on everything."""
        from fiscal.judging.report import as_plain, as_text  # noqa: PLC0415 - an operator that nobody judges needs none

        harness = self._harness()
        verdict = await harness.verdict()
        defects = [str(defect) for defect in harness.defects]
        lines = [*(f"the operator failed: {defect}" for defect in defects), *as_text(verdict)]
        view = CheckView(
            right=verdict.is_right and not defects,
            text="\n".join(lines),
            defects=defects,
            judgement=as_plain(verdict),
        )
        return json_response(view)


def _read(given: dict[str, Any]) -> dict[str, Any]:
    """What is expected; :class:`HttpError` 400 names the field that no document has, or the test that is none."""
    expected = understood(lambda: expected_from_dict(given))
    understood(lambda: check_expected(expected))
    return expected


def _view(outcome: Outcome) -> web.StreamResponse:
    view = OutcomeView(
        met=outcome.is_met,
        count=len(outcome.found),
        text=outcome.text,
        found=[dict(held.fields) for held in outcome.found[:SHOWN]],
        misses=[
            _miss(held, miss) for held, miss in islice(zip(outcome.missed, outcome.match.misses, strict=True), SHOWN)
        ],
    )
    return json_response(view)


def _miss(held: HeldDocument, miss: NearMiss) -> MissView:
    return MissView(
        register=held.register,
        number=held.number,
        kind=held.kind.value,
        differences=[
            DifferenceView(
                path=each.path,
                found=None if each.found is MISSING else plain_map(each.found),
                expected=expected_to_plain(each.expected),
                text=str(each),
            )
            for each in miss.differences
        ],
    )


def verdict_routes(harness: Callable[[], Harness], waits: Waits) -> Iterable[Route]:
    """The addresses about what came of it."""
    at = Verdicts(harness, waits)

    def route(method: str, path: str, handle: Any, summary: str, answer: Any, **more: Any) -> Route:
        right = Right.CONTROL
        return Route(
            method=method,
            path=path,
            handle=handle,
            summary=summary,
            tag="control",
            right=right,
            answers={200: answer},
            **more,
        )

    return (
        route(
            "POST", "/control/expect", at.expect, "Does the ledger hold such documents?", OutcomeView, body=Expectation
        ),
        route("POST", "/control/wait", at.wait, "Wait for such documents", OutcomeView, body=Wait),
        route("GET", "/control/check", at.check, "Is everything right, register by register?", CheckView),
    )
