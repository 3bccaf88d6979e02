"""The plan of faults at work, over the control API: read it, give it another, switch single faults on and off.

The rule: a plan here is what it is in a file (:mod:`fiscal.faults.notation`), as JSON or as TOML, and what is read can be
given back as it is. A plan that is not understood to the last key changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any, Final, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from fiscal.domain.limits import CODE_MAX
from fiscal.errors import InvalidValue
from fiscal.faults.effects import Point
from fiscal.faults.notation import KINDS, fault_from_dict, fault_to_dict, plan_from_dict, plan_from_toml
from fiscal.faults.plan import DESCRIPTION_MAX, EFFECTS_MAX, FAULTS_MAX, NO_FAULTS, SEED_MAX, FaultPlan
from ofd_server.core.link import without
from ofd_server.gateways.http.answers import HttpError, json_response
from ofd_server.gateways.http.routes import TOML, Call, Model, Right, Route
from ofd_server.interference import Interference
from ofd_server.service import Service

T = TypeVar("T")

FAULTS: Final = "/control/faults"


class EffectBody(BaseModel):
    """One effect: its kind, and the fields of that kind."""

    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)

    kind: Annotated[str, Field(json_schema_extra={"enum": list(KINDS)})]


class NamelessFault(Model):
    """A fault without its name, which stands in the address."""

    at: Point
    effects: Annotated[list[EffectBody], Field(min_length=1, max_length=EFFECTS_MAX)]
    when: dict[str, Any] | None = None


class FaultBody(NamelessFault):
    """A fault of a plan; without a name it is called "fault-<n>"."""

    name: Annotated[str, Field(min_length=1, max_length=CODE_MAX)] | None = None


class PlanBody(Model):
    """A plan."""

    seed: Annotated[int, Field(ge=0, le=SEED_MAX)] = 0
    description: Annotated[str, Field(max_length=DESCRIPTION_MAX)] = ""
    faults: Annotated[tuple[FaultBody, ...], Field(max_length=FAULTS_MAX)] = ()


class PlanView(TypedDict):
    """The plan at work, with all that has its default written out."""

    seed: int
    description: str
    faults: list[dict[str, Any]]


class Faults:
    """Handlers about faults."""

    def __init__(self, interference: Interference, service: Service) -> None:
        self._interference = interference
        self._service = service

    async def show(self, _call: Call) -> web.StreamResponse:
        """The plan at work."""
        return self._view()

    async def put(self, call: Call) -> web.StreamResponse:
        """Another plan; what is in it as it was before goes on counting."""
        now = self._service.clock.now()
        if isinstance(call.body, str):
            text = call.body
            return self._switch_to(understood(lambda: plan_from_toml(text, now)))
        body: PlanBody = call.body
        return self._switch_to(understood(lambda: plan_from_dict(given(body), now)))

    async def clear(self, _call: Call) -> web.StreamResponse:
        """Everything goes well."""
        return self._switch_to(NO_FAULTS)

    async def switch_on(self, call: Call) -> web.StreamResponse:
        """One fault more, or another in the place of the one that has its name."""
        body: NamelessFault = call.body
        table = {"name": call.path["fault"], **given(body)}
        fault = understood(lambda: fault_from_dict(table, self._service.clock.now()))
        return self._switch_to(understood(lambda: self._interference.plan.with_fault(fault)))

    async def switch_off(self, call: Call) -> web.StreamResponse:
        """One fault less; what is off already stays off."""
        return self._switch_to(without(self._interference.plan, call.path["fault"]))

    def _switch_to(self, plan: FaultPlan) -> web.StreamResponse:
        if plan != self._interference.plan:
            self._interference.switch_to(plan)
        return self._view()

    def _view(self) -> web.StreamResponse:
        return json_response(plan_view(self._interference.plan))


def plan_view(plan: FaultPlan) -> PlanView:
    """A plan as it is shown, and may be given back."""
    return PlanView(seed=plan.seed, description=plan.description, faults=[fault_to_dict(fault) for fault in plan])


def given(body: BaseModel) -> dict[str, Any]:
    """What was said, and nothing beside it; ``null`` is the same as nothing."""
    return body.model_dump(mode="json", exclude_unset=True, exclude_none=True)


def understood(make: Callable[[], T]) -> T:
    """What ``make`` makes of it; its complaint becomes an answer that names the field."""
    try:
        return make()
    except InvalidValue as error:
        raise HttpError(400, "bad_request", error.field[:200], error.rule[:400]) from None
    except RecursionError:
        raise HttpError(400, "bad_request", "body", "is nested too deeply") from None


def fault_routes(interference: Interference, service: Service) -> Iterable[Route]:
    """The addresses about faults."""
    at = Faults(interference, service)

    def route(method: str, path: str, handle: Any, summary: str, **more: Any) -> Route:
        return Route(
            method=method,
            path=path,
            handle=handle,
            summary=summary,
            tag="control",
            right=Right.CONTROL,
            answers={200: PlanView},
            **more,
        )

    one = FAULTS + "/{fault}"
    return (
        route("GET", FAULTS, at.show, "The plan of faults at work"),
        route("PUT", FAULTS, at.put, "Put another plan of faults to work, as JSON or TOML", body=PlanBody, text=TOML),
        route("DELETE", FAULTS, at.clear, "Let everything go well"),
        route("PUT", one, at.switch_on, "Switch one fault on", body=NamelessFault),
        route("DELETE", one, at.switch_off, "Switch one fault off"),
    )
